"""What is accepted: known again after edits elsewhere, never wider than it was meant, and never silent."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.acceptance import Acceptance, Baseline, Record, fingerprint
from detector.document import Document, Span
from detector.errors import UsageError
from detector.verdict import Evidence, Finding, ModelId, Thresholds, Verdict

HEAD = "The bench by the canal"
FIRST = "Every Tuesday Harold walks to the best bench deals page and counts the boats."
SECOND = "On the way home he buys bread, and the best bench deals page keeps a loaf back for him."
TEXT = f"# {HEAD}\n\n{FIRST}\n\n{SECOND}\n"
PHRASE = "best bench deals"


def markdown(text: str, id: str = "canal.md") -> Document:
    return Document.from_markdown(text, id=id)


def spans(text: str, words: str = PHRASE) -> tuple[Span, ...]:
    return tuple(Span(m.start(), m.end()) for m in re.finditer(re.escape(words), text))


def verdict(document: Document, *findings: Finding) -> Verdict:
    model, thresholds = ModelId("m", "1", "0" * 64), Thresholds(0.5, 0.8)
    return Verdict(document.id, None, None, "reject", 0.9, -1.0, findings, 130, "en", model, thresholds)


def baseline(tmp_path: Path, document: Document, *findings: Finding) -> Baseline:
    """What one run accepts, as a later run reads it."""
    record = Record()
    record.add(verdict(document, *findings), document)
    path = tmp_path / "accepted.json"
    with path.open("w", encoding="utf-8") as out:
        record.write(out)
    return Baseline(path)


def plug(spans: Iterable[Span], push: float = 1.0) -> Finding:
    return Finding("plug", 2.0, push, "says", tuple(spans))


def accepted(
    document: Document, found: tuple[Span, ...], baseline: Baseline | None = None, *, comments: bool = False
) -> tuple[str, ...]:
    """Who accepts the signal `plug` with these places."""
    acceptance = Acceptance(baseline, comments=comments, say=pytest.fail)
    return acceptance(document, {"plug": Evidence(2.0, found)}).get("plug", ())


def place(text: str, at: int = 0, signal: str = "plug") -> str:
    return fingerprint(markdown(text), signal, spans(text)[at])


# Fingerprints


@pytest.mark.parametrize(
    "edited",
    [
        TEXT.replace(HEAD, "Boats"),
        "---\ntitle: x\n---\n\nAnother paragraph before it.\n\n" + TEXT,
        TEXT.replace(SECOND, "Gone."),
        TEXT.replace("counts the boats", "counts all of them"),
        TEXT.replace("Tuesday Harold", "Wednesday"),
        TEXT.replace(" the best", "\nThe  best"),
        TEXT.replace("\n", "\r\n"),
    ],
)
def test_an_edit_elsewhere_changes_no_place(edited: str) -> None:
    assert place(edited) == place(TEXT)


def test_typography_tells_no_place_apart() -> None:
    assert place("He said it's the best bench deals.") == place("He said it’s the best bench deals.")


@pytest.mark.parametrize(
    "edited",
    [TEXT.replace("walks to the", "walks to their"), TEXT.replace("page and", "pages and")],
)
def test_the_words_beside_it_belong_to_it(edited: str) -> None:
    assert place(edited) != place(TEXT)


def test_the_same_words_elsewhere_and_another_signal_are_other_places() -> None:
    assert len({place(TEXT, 0), place(TEXT, 1), place(TEXT, 0, "spun_phrase")}) == 3


def test_words_of_the_next_block_are_no_context() -> None:
    one, other = (markdown(f"{PHRASE}\n\n{after}\n") for after in ("Then this.", "Then that."))
    assert fingerprint(one, "plug", Span(0, 16)) == fingerprint(other, "plug", Span(0, 16))


@settings(deadline=None)
@given(text=st.text(max_size=200), start=st.integers(0, 200), length=st.integers(1, 50))
def test_every_place_has_a_fingerprint(text: str, start: int, length: int) -> None:
    if start < len(text):
        document = markdown(text)
        found = fingerprint(document, "plug", Span(start, min(len(text), start + length)))
        assert re.fullmatch("[0-9a-f]{20}", found)


# The baseline


def test_all_places_accepted(tmp_path: Path) -> None:
    document = markdown(TEXT)
    known = baseline(tmp_path, document, plug(spans(TEXT)))
    moved = "New start.\n\n" + TEXT
    assert accepted(document, spans(TEXT), known) == ("baseline",)
    assert accepted(markdown(moved), spans(moved), known) == ("baseline",)
    assert accepted(document, spans(TEXT)[:1], known) == ("baseline",)
    assert list(known.complaints()) == []


def test_one_new_place_keeps_the_finding(tmp_path: Path) -> None:
    document = markdown(TEXT)
    known = baseline(tmp_path, document, plug(spans(TEXT)[:1]))
    assert accepted(document, spans(TEXT), known) == ()


def test_the_same_place_once_more_is_new(tmp_path: Path) -> None:
    twice = f"{FIRST}\n\n{FIRST}\n"
    known = baseline(tmp_path, markdown(FIRST), plug(spans(FIRST)))
    assert accepted(markdown(twice), spans(twice), known) == ()


def test_another_page_or_signal_is_not_accepted(tmp_path: Path) -> None:
    document = markdown(TEXT)
    known = baseline(tmp_path, document, plug(spans(TEXT)))
    assert accepted(markdown(TEXT, "other.md"), spans(TEXT), known) == ()
    acceptance = Acceptance(known, comments=False, say=pytest.fail)
    assert acceptance(document, {"spun_phrase": Evidence(2.0, spans(TEXT))}) == {}


def test_a_finding_without_places_goes_by_signal_and_page(tmp_path: Path) -> None:
    document = markdown(TEXT)
    known = baseline(tmp_path, document, plug(()))
    assert accepted(document, (), known) == ("baseline",)
    assert accepted(markdown(TEXT, "other.md"), (), known) == ()
    assert accepted(document, spans(TEXT), known) == ()
    with_places = baseline(tmp_path, document, plug(spans(TEXT)))
    assert accepted(document, (), with_places) == ()


def test_only_what_speaks_for_rejection_is_written(tmp_path: Path) -> None:
    document = markdown(TEXT)
    record = Record()
    findings = (
        plug(spans(TEXT)[:1]),
        Finding("spun_phrase", 1.0, 0.0, "says", spans(TEXT), ("baseline",)),
        Finding("trust", 1.0, -1.0, "says", spans(TEXT)),
        Finding("readability", 1.0, 0.0, "says", spans(TEXT)),
    )
    record.add(verdict(document, *findings), document)
    out = io.StringIO()
    record.write(out)
    written = json.loads(out.getvalue())
    assert set(written["pages"]["canal.md"]) == {"plug", "spun_phrase"}
    assert written["pages"]["canal.md"]["plug"] == [{"place": place(TEXT), "text": PHRASE}]


def test_the_file_is_stable(tmp_path: Path) -> None:
    documents = [markdown(TEXT, id) for id in ("b.md", "a.md", "ü.md")]

    def written(order: Iterable[Document], turn: Callable[[tuple[Span, ...]], Iterable[Span]]) -> str:
        record = Record()
        for document in order:
            record.add(verdict(document, plug(turn(spans(TEXT)))), document)
        out = io.StringIO()
        record.write(out)
        return out.getvalue()

    first = written(documents, tuple)
    assert first == written(reversed(documents), reversed)
    assert "ü.md" in first
    assert "\n" in first


def test_stale_entries_and_pages_that_were_not_met(tmp_path: Path) -> None:
    document = markdown(TEXT)
    known = baseline(tmp_path, document, plug(spans(TEXT)))
    (nothing_met,) = known.complaints()
    assert "none of its 1 pages is among the inputs" in nothing_met
    accepted(document, spans(TEXT)[:1], known)
    (stale,) = known.complaints()
    assert "1 accepted place is no longer found" in stale
    accepted(document, spans(TEXT)[1:], known)
    assert list(known.complaints()) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "no baseline"),
        ("{", "no baseline"),
        ("[]", "another shape"),
        ("{}", "another shape"),
        ('{"format": 2, "pages": {}}', "its format is 2, this version reads 1"),
        ('{"format": 1, "pages": []}', "another shape"),
        ('{"format": 1, "pages": {"a": {"plug": [1]}}}', "another shape"),
        ('{"format": 1, "pages": {"a": {"plug": [{}]}}}', "another shape"),
        ('{"format": 1, "pages": {"a": ["plug"]}}', "another shape"),
        ("[" * 100_000, "another shape"),
        ("\udcff", "no baseline"),
    ],
)
def test_a_file_that_is_no_baseline(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "accepted.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=problem) as error:
        Baseline(path)
    assert str(path) in str(error.value)


def test_a_baseline_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--write-baseline writes one"):
        Baseline(tmp_path / "none.json")


# Comments on the page


def commented(comment: str, before: str = "", after: str = "") -> Document:
    return markdown(f"# {HEAD}\n\n{before}{comment}\n{FIRST}\n\n{SECOND}\n{after}")


def by_comment(document: Document, at: slice = slice(0, 1)) -> tuple[str, ...]:
    return accepted(document, spans(document.text)[at], comments=True)


@pytest.mark.parametrize(
    ("comment", "who"),
    [
        ("<!-- detector: accept plug -->", "comment on line 3"),
        ("<!--detector:accept plug-->", "comment on line 3"),
        ("<!-- detector: accept spun_phrase , plug -->\n", "comment on line 3"),
        ("<!-- detector: accept plug -- our own shop -->", "comment on line 3: our own shop"),
        ("<!-- detector: accept plug because they\nsell benches -->", "comment on line 3: they sell benches"),
        ("<!-- a note -->\n\n<!-- detector: accept plug -->\n\n\n", "comment on line 5"),
        ("<!-- detector: accept plug -->\n<!-- detector: accept spun_phrase -->\n\n", "comment on line 3"),
        ("<!-- detector: accept plug -->\n\n<!-- a note -->\n\n", "comment on line 3"),
    ],
)
def test_a_comment_accepts_the_next_block(comment: str, who: str) -> None:
    document = commented(comment)
    assert by_comment(document) == (who,)
    assert by_comment(document, slice(1, 2)) == ()
    assert by_comment(document, slice(0, 2)) == ()


def test_a_comment_in_a_sentence_speaks_of_the_rest_of_its_block() -> None:
    text = f"{FIRST}\n<!-- detector: accept plug -->\n{SECOND}\n"
    assert by_comment(markdown(text)) == ()
    assert by_comment(markdown(text), slice(1, 2)) == ("comment on line 2",)


def test_two_comments_accept_two_places() -> None:
    text = f"<!-- detector: accept plug -->\n{FIRST}\n\n<!-- detector: accept plug -->\n- {SECOND}\n"
    assert by_comment(markdown(text), slice(0, 2)) == ("comment on line 1", "comment on line 4")


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_comment_for_the_page(where: str) -> None:
    line = "\n<!-- detector: accept-page plug because it is ours -->\n\n"
    document = commented("", **{where: line})
    assert len(by_comment(document, slice(0, 2))) == 1
    assert len(accepted(document, (), comments=True)) == 1
    assert accepted(commented("<!-- detector: accept plug -->"), (), comments=True) == ()


def test_comment_and_baseline_together(tmp_path: Path) -> None:
    document = commented("<!-- detector: accept plug -->")
    first, second = spans(document.text)
    known = baseline(tmp_path, document, plug([second]))
    assert accepted(document, (first, second), known, comments=True) == ("comment on line 3", "baseline")
    assert accepted(document, (second,), known, comments=True) == ("baseline",)


@pytest.mark.parametrize(
    "shown",
    [
        "```\n<!-- detector: accept plug -->\n```\n",
        "~~~ html\n\n<!-- detector: accept-page plug -->\n~~~\n",
        "    <!-- detector: accept-page plug -->\n",
        "Write `<!-- detector: accept-page plug -->` before it.\n",
        "<!-- so: <!-- detector: accept-page plug -->\n",
        "---\n<!-- detector: accept-page plug -->\na: b\n---\n",
    ],
)
def test_a_comment_that_is_shown_to_readers_is_none(shown: str) -> None:
    assert by_comment(markdown(f"{shown}\n{FIRST}\n")) == ()


def test_other_documents_have_no_comments() -> None:
    text = f"<!-- detector: accept-page plug -->\n\n{FIRST}"
    assert accepted(Document.from_text(text), spans(text), comments=True) == ()


def notes(document: Document, *, comments: bool) -> list[str]:
    said: list[str] = []
    found = Acceptance(None, comments=comments, say=said.append)(document, {"plug": Evidence(1.0, ())})
    assert not found
    return said


def test_a_comment_that_is_not_honoured_is_said_in_one_line() -> None:
    line = "<!-- detector: accept plug -->\n\n"
    (note,) = notes(commented(line), comments=False)
    assert note.startswith(
        "canal.md: the page itself asks to accept what is found on it (a comment on line 3)"
    )
    assert "--allow-comments" in note
    (note,) = notes(commented(line, after=line * 30), comments=False)
    assert "31 comments, the first on line 3" in note
    assert notes(commented("<!-- detectors: accept plug -->"), comments=False) == []


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("<!-- detector: acept plug -->", "not understood"),
        ("<!-- detector: accept -->", "not understood"),
        ("<!-- detector: accept plug our own -->", "not understood"),
        ("<!-- detector: accept all -->", "no signal 'all'"),
        ("<!-- detector: accept plug, plugg -->", "no signal 'plugg'; did you mean plug"),
    ],
)
def test_a_comment_that_means_nothing_has_no_effect_and_is_said(comment: str, problem: str) -> None:
    (note,) = notes(commented(comment), comments=True)
    assert "the comment on line 3" in note
    assert problem in note


def test_ten_thousand_comments_are_no_burden() -> None:
    text = "<!-- detector: accept plug -->\n\n" * 10_000 + "<!-- detector: " * 10_000 + FIRST
    assert accepted(markdown(text), spans(text), comments=True) == ()
