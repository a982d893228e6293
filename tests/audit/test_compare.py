"""Two runs side by side: each page is paired, and named for what became of it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detector.audit.compare import KINDS, Change, Comparison, compare, summary_lines
from detector.audit.results import Results
from detector.errors import SourceError

_made = runpy.run_path(str(Path(__file__).parents[1] / "report" / "crawl" / "conftest.py"))
page, finding, make_run = _made["page"], _made["finding"], _made["make_run"]

A = "https://a.example"
LOW = page(A)["score"]
Compared = Callable[..., Comparison]


@pytest.fixture
def compared(tmp_path: Path) -> Compared:
    """The comparison of two lists of pages, the later first."""

    def run(new: list[Any], old: list[Any], **info: Any) -> Comparison:
        folders = [
            make_run(tmp_path / name, pages, groups=[], members=[], recurring=[], **given)
            for name, pages, given in (("new", new, {}), ("old's", old, info))
        ]
        return compare(*(Results.open(folder) for folder in folders))

    return run


def kinds(comparison: Comparison) -> dict[str, str]:
    return {change.key.removeprefix(A): change.kind for change in comparison.changes()}


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        ("publish", "publish", "same"),
        ("reject", "publish", "fixed"),
        ("review", "publish", "fixed"),
        ("publish", "review", "worse"),
        ("unscored", "reject", "worse"),
        ("review", "reject", "worse"),
        ("reject", "review", "changed"),
        ("reject", "unscored", "changed"),
        ("publish", "unscored", "changed"),
        ("unscored", "publish", "changed"),
        ("reject", "reject", "same"),
    ],
)
def test_outcomes(compared: Compared, before: str, now: str, kind: str) -> None:
    comparison = compared([page(f"{A}/x", now)], [page(f"{A}/x", before)])
    (change,) = comparison.changes()
    assert (change.kind, change.outcome_before, change.outcome) == (kind, before, now)


def test_pages_that_came_and_went(compared: Compared) -> None:
    comparison = compared(
        [page(f"{A}/both"), page(f"{A}/new")], [page(f"{A}/gone"), page(f"{A}/both"), page("gone.html")]
    )
    assert list(comparison.changes()) == [
        Change("same", f"{A}/both", 0, 1, "publish", "publish", LOW, LOW, [], [],
               False),
        Change("new", f"{A}/new", 1, None, "publish", None, LOW, None, [], [], False),
        Change("gone", f"{A}/gone", None, 0, None, "publish", None, LOW, [], [], False),
        Change("gone", "gone.html", None, 2, None, "publish", None, LOW, [], [], False),
    ]  # fmt: skip
    assert comparison.counts == dict.fromkeys(KINDS, 0) | {"same": 1, "new": 1, "gone": 2}


def test_the_same_outcome_with_another_score_text_or_other_signals(compared: Compared) -> None:
    spun, plug = (finding(name, 1.0, "Says.") for name in ("spun_phrase", "plug"))
    weak = finding("wording_spam", 0.05, "Says.")
    new = [
        page(f"{A}/score", score=0.2),
        page(f"{A}/hair", score=0.1201),
        page(f"{A}/text", text="rewritten"),
        page(f"{A}/signals", "reject", spun, finding("trust", -1.0, "Says.")),
        page(f"{A}/weak", "reject", spun, weak),
        page(f"{A}/unread", "unscored", text=None),
    ]
    old = [
        page(f"{A}/score", score=0.1),
        page(f"{A}/hair", score=0.12),
        page(f"{A}/text"),
        page(f"{A}/signals", "reject", plug),
        page(f"{A}/weak", "reject", spun),
        page(f"{A}/unread", "unscored", text=None),
    ]
    comparison = compared(new, old)
    found = {change.key.removeprefix(A): change for change in comparison.changes()}
    assert {key: change.kind for key, change in found.items() if change.kind != "same"} == {
        "/score": "changed",
        "/text": "changed",
        "/signals": "changed",
    }
    assert (found["/signals"].came, found["/signals"].went) == (["spun_phrase"], ["plug"])
    assert [key for key, change in found.items() if change.text_changed] == ["/text"]


def test_a_page_that_can_no_longer_be_read_has_other_words(compared: Compared) -> None:
    (change,) = compared([page(f"{A}/x", "unscored", text=None)], [page(f"{A}/x")]).changes()
    assert (change.kind, change.text_changed) == ("changed", True)


def test_an_address_that_stands_there_twice_is_paired_in_order(compared: Compared) -> None:
    twice = [page(f"{A}/x", "publish"), page(f"{A}/x", "reject")]
    changes = compared([*twice, page(f"{A}/x")], twice).changes()
    assert [(change.row, change.old_row, change.kind) for change in changes] == [
        (0, 0, "same"),
        (1, 1, "same"),
        (2, None, "new"),
    ]


def test_the_order_of_a_crawl_and_the_form_of_an_address_do_not_matter(compared: Compared) -> None:
    new = [page(f"{A}/x"), page(f"{A}/y"), page("z.html")]
    old = [
        page("z.html"),
        page("https://www.a.example/y", text=new[1]["text"]),
        page("http://a.example/x", text=new[0]["text"]),
    ]
    assert set(kinds(compared(new, old)).values()) == {"same"}


def test_some_kinds_only_and_two_readers_at_a_time(compared: Compared) -> None:
    comparison = compared([page(f"{A}/{n}") for n in range(5)], [page(f"{A}/{n}") for n in range(3)])
    one, two = comparison.changes("new"), comparison.changes()
    assert next(one).key == f"{A}/3"
    assert next(two).key == f"{A}/0"
    assert [change.key for change in one] == [f"{A}/4"]
    assert len(list(two)) == 4


def test_pages_that_a_gate_has_not_met_before(compared: Compared) -> None:
    new = [
        page(f"{A}/{name}", name.partition("-")[0])
        for name in ("reject-was", "reject-now", "review-now", "reject-new")
    ]
    old = [page(f"{A}/reject-was", "reject"), page(f"{A}/reject-now", "review"), page(f"{A}/review-now")]
    comparison = compared(new, old)
    assert comparison.newly({"reject"}) == 2
    assert comparison.newly({"review", "reject"}) == 2
    assert comparison.newly(()) == 0


def test_another_model_is_said_loudly(compared: Compared) -> None:
    pages = [page(f"{A}/x")]
    model = {"name": "older", "version": "0.9.0", "sha256": "1" * 64}
    lines = summary_lines(compared(pages, pages, model=model))
    assert lines[0].startswith(
        "WARNING: The two runs were judged by different models, older 0.9.0 (11111111) and tiny 1.0.0 (00000000)"
    )


def test_other_thresholds_are_said_too(compared: Compared) -> None:
    pages = [page(f"{A}/x")]
    lines = summary_lines(compared(pages, pages, thresholds={"review": 0.4, "reject": 0.8}))
    assert lines[0].startswith("WARNING: The two runs have different thresholds")


def test_the_summary_counts_and_names_what_got_worse(compared: Compared) -> None:
    spun = finding("spun_phrase", 1.0, "Says.")
    new = [page(f"{A}/{n}", "reject", spun) for n in range(12)] + [page(f"{A}/fine")]
    old = [page(f"{A}/{n}") for n in range(12)]
    lines = summary_lines(compared(new, old))
    assert lines[0] == (
        "Compared with the run of 2026-11-21T18:00:00Z: 1 new, 12 worse, 0 fixed, 0 changed, 0 gone, 0 same"
    )
    assert lines[1] == f"  worse: publish -> reject  {A}/0 (spun_phrase)"
    assert len(lines) == 12
    assert lines[-1] == "  and 2 more that got worse"


def test_a_damaged_run_is_named(tmp_path: Path) -> None:
    new, old = (Results.open(make_run(tmp_path / name, [page(f"{A}/x")])) for name in ("new", "old"))
    (tmp_path / "old" / "pages" / "part-000000.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(SourceError, match=r"old: the run cannot be compared \(.+\); audit that crawl again"):
        compare(new, old)


def test_nothing_is_written_into_the_working_directory(
    compared: Compared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    comparison = compared([page(f"{A}/{n}") for n in range(100)], [])
    assert len(list(comparison.changes())) == 100
    assert not list((tmp_path / "here").iterdir())
