"""The texts a model learns from: nothing of a page may stand on both sides of a split, and every label has its text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document, Link
from detector.errors import SourceError
from detector.train import data
from detector.train.data import FOLDS, Example
from detector.train.spoil import Mark, Spoiled

CORPUS = Path(__file__).parents[2] / "corpus"
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (CORPUS / "labels.jsonl").read_text("utf-8").splitlines()
]
TEXTS = {path.stem: path.read_text("utf-8") for path in sorted((CORPUS / "texts").glob("*.md"))}


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return data.read_corpus(CORPUS)


# --- corpus/ ---------------------------------------------------------------------------------------------------------


def test_every_label_has_its_text_and_every_text_its_label() -> None:
    ids = [row["id"] for row in ROWS]
    assert len(set(ids)) == len(ids), "a text is labelled twice"
    assert sorted(set(ids) - TEXTS.keys()) == [], "labels without a text"
    assert sorted(TEXTS.keys() - set(ids)) == [], "texts without a label"


def test_every_label_says_what_a_reader_needs() -> None:
    for row in ROWS:
        assert row.keys() >= {"id", "topic", "pair", "verdict", "genre", "voice"}, row["id"]
        assert row["verdict"] in ("publish", "review", "reject"), row["id"]
        if row["verdict"] == "reject":
            assert row["ways"], row["id"]
            assert row["quotes"], row["id"]


def test_every_quote_stands_in_its_text() -> None:
    lost = [
        (row["id"], quote["text"])
        for row in ROWS
        for quote in row.get("quotes", ())
        if quote["text"] not in TEXTS[row["id"]]
    ]
    assert lost == []


def test_no_text_is_a_placeholder_and_no_two_are_the_same() -> None:
    assert [id for id, text in TEXTS.items() if len(text.split()) < 60] == []
    assert len(set(TEXTS.values())) == len(TEXTS)


def test_both_texts_of_a_pair_are_in_one_fold(examples: list[Example]) -> None:
    fold_of = data.folds(examples, CORPUS / "folds.json")
    by_pair: dict[str, set[int]] = {}
    for row, example in zip(ROWS, examples, strict=True):
        by_pair.setdefault(row["pair"], set()).add(fold_of[example.source])
    assert {pair for pair, folds in by_pair.items() if len(folds) > 1} == set()


def test_marks_cover_the_quotes(examples: list[Example]) -> None:
    for row, example in zip(ROWS, examples, strict=True):
        assert example.id == row["id"]
        assert example.label == (row["verdict"] == "reject")
        assert [example.document.text[m.start : m.end] for m in example.marks] == [
            quote["text"] for quote in row.get("quotes", ())
        ]


# --- folds -----------------------------------------------------------------------------------------------------------


def page(source: str, number: int = 0, label: int | None = 0, text: str = "Some text.") -> Example:
    return Example(Document.from_text(text, id=f"{source}/{number}"), source, "group", label)


@pytest.mark.parametrize(("source", "fold"), [("", 0), ("a/b", 2), ("corpus/rosacea", 5), ("owner/name", 1)])
def test_the_fold_of_a_new_source_is_the_same_for_ever(source: str, fold: int) -> None:
    assert data.hashed_fold(source) == fold


@given(st.text(max_size=40))
def test_every_name_has_a_fold(source: str) -> None:
    assert 0 <= data.hashed_fold(source) < FOLDS


def test_a_written_fold_wins_over_the_hash(tmp_path: Path) -> None:
    written = tmp_path / "folds.json"
    other = (data.hashed_fold("a/b") + 1) % FOLDS
    written.write_text(json.dumps({"a/b": other}), "utf-8")
    pages = [page("a/b"), page("c/d")]
    assert data.folds(pages, written) == {"a/b": other, "c/d": data.hashed_fold("c/d")}
    assert data.folds(pages, None)["a/b"] == data.hashed_fold("a/b")
    assert data.folds(pages, tmp_path / "missing.json") == data.folds(pages, None)


def test_written_folds_are_valid() -> None:
    written = json.loads((CORPUS / "folds.json").read_text("utf-8"))
    assert all(isinstance(fold, int) and 0 <= fold < FOLDS for fold in written.values())


@settings(deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 30), min_size=1, max_size=25))
def test_balanced_folds_keep_a_source_together_and_spread_the_rest(sizes: dict[str, int]) -> None:
    pages = [page(source, k) for source, size in sizes.items() for k in range(size)]
    assigned = data.balanced_folds(pages)
    assert assigned.keys() == sizes.keys()
    load = [sum(size for source, size in sizes.items() if assigned[source] == fold) for fold in range(FOLDS)]
    assert max(load) - min(load) <= max(sizes.values())
    assert data.balanced_folds(pages[::-1]) == assigned


def test_the_site_of_a_repository_is_its_name() -> None:
    assert data.source_name("github:owner/name@abc123:path/to/page.html") == "owner/name"
    assert data.source_name("medquad") == "medquad"


# --- spoiled pages, phrases ------------------------------------------------------------------------------------------


def test_a_spoiled_page_stays_with_the_site_it_was_made_from() -> None:
    origin = page("a/b", 3)
    marks = (Mark(0, 4, "spun_phrase"),)
    spoiled = data.spoiled_example(origin, Spoiled("Sole text.", marks, "spin_x"), 7)
    assert (spoiled.source, spoiled.group, spoiled.origin) == ("a/b", "group", origin.id)
    assert (spoiled.label, spoiled.family, spoiled.marks) == (1, "spin_x", marks)
    assert spoiled.id != origin.id


def test_a_spoiled_page_may_be_a_web_page_or_keep_its_links() -> None:
    origin = page("a/b", 3)
    hidden = Spoiled(
        "<p>Seen.</p><p hidden>Unseen.</p>", (Mark(0, 1, "hidden_text"),), "hide_block", html=True
    )
    assert "hidden" in {b.kind for b in data.spoiled_example(origin, hidden, 1).document.blocks}
    pasted = Spoiled(
        "Buy tea now.", (Mark(0, 7, "injected_anchor"),), "link", links=("https://tea.example/",)
    )
    assert data.spoiled_example(origin, pasted, 1).document.links == (Link(0, 7, "https://tea.example/"),)


def test_plain_text_is_prose_alone_in_paragraphs() -> None:
    document = Document.from_markdown("# Bread\n\nFlour and *water*.\n\n```\ncode()\n```\n\n- salt\n")
    plain = data.plain_text(document)
    assert plain.startswith(("# Bread\n\nFlour", "Bread\n\nFlour"))
    assert "code()" not in plain


def linked(source: str, anchors: list[str], label: int) -> Example:
    text, links = "", []
    for anchor in anchors:
        links.append(Link(len(text), len(text) + len(anchor), "https://shop.example/x"))
        text += anchor + " and "
    document = Document(source, text, (), tuple(links))
    return Example(document, source, "group", label)


def test_pasted_phrases_are_read_from_rejected_pages_of_the_fold_alone() -> None:
    pages = [
        linked("bad/one", ["buy our thing", "one", "a b c d e f g h i"], 1),
        linked("good/two", ["see this study"], 0),
        linked("bad/three", ["cheap hats online"], 1),
    ]
    found = data.seen_phrases(pages, {"bad/one": 1, "good/two": 1, "bad/three": 2})
    assert found == {1: ["buy our thing"], 2: ["cheap hats online"]}


def test_one_site_cannot_fill_the_list_of_phrases() -> None:
    many = [f"phrase number {k}" for k in range(40)]
    found = data.seen_phrases([linked("bad/one", many, 1)], {"bad/one": 0}, of_one_site=5)
    assert len(found[0]) == 5
    assert found == data.seen_phrases([linked("bad/one", many[::-1], 1)], {"bad/one": 0}, of_one_site=5)


def test_a_name_of_the_site_is_no_shortcut() -> None:
    text = "Squats build strength.\nSource: example.org\nImage source: Pix\nRest between sets."
    assert "Source" not in data._without_shortcuts(text, "farm_misc")
    assert "Rest between sets." in data._without_shortcuts(text, "farm_misc")


# --- a user's own pages ----------------------------------------------------------------------------------------------


def own(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "judged.jsonl"
    path.write_text("\n\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), "utf-8")
    return path


def test_own_pages_are_split_by_site(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        {"id": "a", "text": "One page.", "verdict": "reject", "site": "north"},
        {"id": "b", "html": "<p>Two.</p>", "verdict": "publish", "url": "https://www.clinic.example/b"},
        {"id": "c", "markdown": "Three.", "verdict": "review"},
    )
    found = [(e.id, e.source, e.label, e.group) for e in data.read_own(path)]
    assert found == [
        ("a", "own/north", 1, data.OWN),
        ("b", "own/clinic.example", 0, data.OWN),
        ("c", "own/judged", None, data.OWN),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": "a", "text": "One."}, ':1: `verdict` must be "publish", "review" or "reject"'),
        ({"id": "a", "verdict": "reject"}, ":1: has no content"),
        ("{broken", ":1: not valid JSON"),
    ],
)
def test_an_own_page_that_cannot_be_used_stops_the_training(tmp_path: Path, row: object, said: str) -> None:
    with pytest.raises(SourceError, match=re.escape(said)):
        data.read_own(own(tmp_path, row))


def test_own_pages_that_are_missing_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        data.read_own(tmp_path / "none.jsonl")


DOCUMENT = Document.from_text(
    "Tea\n\nGreen tea cures colds at once. Drink it hot.\n\nVisit best tea shop online now.", id="d"
)


def test_a_page_of_the_desk_keeps_what_its_editor_saw(tmp_path: Path) -> None:
    row = {
        "id": "d",
        "document": DOCUMENT.to_dict(),
        "verdict": "reject",
        "site": "Ann",
        "quotes": [{"signal": "injected_anchor", "text": "best tea shop online"}],
        "fine": [{"signal": "unsupported_claim", "text": "cures colds"}, {"signal": "trust", "text": ""}],
    }
    (example,) = data.read_own(own(tmp_path, row))
    assert example.document == DOCUMENT
    assert [(DOCUMENT.text[m.start : m.end], m.signal) for m in (*example.marks, *example.fine)] == [
        ("best tea shop online", "injected_anchor"),
        ("cures colds", "unsupported_claim"),
        ("", "trust"),
    ]
    ((paragraph, marks),) = data.judged_paragraphs(example, "injected_anchor")
    assert paragraph.text == "Visit best tea shop online now."
    assert [paragraph.text[m.start : m.end] for m in marks] == ["best tea shop online"]
    ((paragraph, marks),) = data.judged_paragraphs(example, "unsupported_claim")
    assert (paragraph.text, marks) == ("Green tea cures colds at once. Drink it hot.", ())
    assert list(data.judged_paragraphs(example, "trust")) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"document": {"text": "x"}}, ":1: `document` is none"),
        ({"document": []}, ":1: `document` is none"),
        ({"quotes": [3]}, ":1: `quotes` and `fine` are lists"),
        ({"fine": [{"text": "tea"}]}, ":1: `quotes` and `fine` are lists"),
    ],
)
def test_a_damaged_page_of_the_desk_stops_the_training(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    row = {"id": "d", "document": DOCUMENT.to_dict(), "verdict": "publish", **changed}
    with pytest.raises(SourceError, match=re.escape(said)):
        data.read_own(own(tmp_path, row))
