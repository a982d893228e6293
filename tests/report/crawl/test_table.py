"""CSV: one line a page that every spreadsheet reads, and in which nothing calculates."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import signals
from detector.audit.compare import compare
from detector.audit.results import Results
from detector.report.crawl import export
from detector.report.crawl.table import neutral, plain
from detector.signals import crawl


def table(run: Path, **options: Any) -> list[dict[str, str]]:
    file = run.parent / "pages.csv"
    export(Results.open(run), file, **options)
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def test_golden(
    run: Path, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in (signals, crawl):
        monkeypatch.setattr(folder, "registry", dict)  # a new signal is a new column
    export(Results.open(run), tmp_path / "pages.csv", only=("reject", "unscored"))
    golden("pages.csv", (tmp_path / "pages.csv").read_bytes().decode())


def test_address_first_then_the_verdict(run: Path) -> None:
    rows = table(run)
    assert list(rows[0])[:7] == ["url", "outcome", "score", "title", "words", "language", "host"]
    assert rows[1]["url"] == "https://a.example/spun-1"
    assert (rows[1]["outcome"], float(rows[1]["score"])) == ("reject", pytest.approx(0.952574))
    assert (rows[12]["outcome"], rows[12]["score"], rows[12]["url"]) == (
        "unscored",
        "",
        "https://c.example/short",
    )
    assert rows[14]["error"] == "unreadable: broken.html: this is a picture, not a page"
    assert (rows[14]["url"], rows[14]["id"]) == ("", "broken.html")


def test_the_strongest_reason_with_its_words(run: Path) -> None:
    spun, honest = table(run)[1], table(run)[0]
    assert (spun["finding"], spun["says"]) == ("spun_sibling", "Elsewhere: “upper sheet”")
    assert (spun["quote"], spun["findings"]) == ("topmost sheet", "2")
    assert (honest["finding"], honest["quote"], honest["findings"]) == ("", "", "0")


def test_a_column_for_each_signal(run: Path) -> None:
    rows = table(run)
    assert set(rows[0]) >= {*signals.registry(), *crawl.registry()}
    assert (rows[1]["spun_sibling"], rows[1]["spun_phrase"], rows[1]["plug"]) == ("2.5", "0.75", "")
    assert rows[0]["trust"] == "-1.5"  # a number, and no formula


def test_groups_of_a_page(run: Path) -> None:
    assert table(run)[2]["groups"] == "anchor_ring 4, spun_sibling 1"


def test_titles_that_would_calculate_get_an_apostrophe(run: Path) -> None:
    titles = [row["title"] for row in table(run)]
    assert titles[1] == '\'=HYPERLINK("https://evil.example","Click")'
    assert titles[2:7] == ["'+cmd|' /C calc'!A0", "'-1", "'@x", "'\t=1+2", "'\r=1+2"]
    assert titles[8] == 'Café 日本語 🐝 “quotes”, "straight"\nand a line'


def test_what_changed(make_run: Any, every_page: Any, run: Path, tmp_path: Path) -> None:
    older = every_page[3] | {"outcome": "publish", "findings": every_page[10]["findings"], "text": "other"}
    old = Results.open(make_run(tmp_path / "old", [older, *every_page[4:]], groups=[], members=[]))
    row = table(run, comparison=compare(Results.open(run), old))[3]
    assert [row[name] for name in ("change", "outcome_before", "came", "went", "text_changed")] == [
        "worse",
        "publish",
        "near_duplicate, site_clone",
        "slot_template",
        "yes",
    ]


def test_lines_end_as_the_rfc_says_and_the_mark_is_an_option(run: Path, tmp_path: Path) -> None:
    for name, bom in (("plain.csv", False), ("marked.csv", True), ("marked.csv.gz", True)):
        export(Results.open(run), tmp_path / name, bom=bom)
    unmarked, marked = (tmp_path / "plain.csv").read_bytes(), (tmp_path / "marked.csv").read_bytes()
    assert unmarked.startswith(b"url,")
    assert unmarked.endswith(b"\r\n")
    assert unmarked.count(b"\r\n") == 16
    assert marked == b"\xef\xbb\xbf" + unmarked
    assert gzip.decompress((tmp_path / "marked.csv.gz").read_bytes()) == marked
    assert b"\0" not in unmarked
    assert not {"\x1b", "\u202e"} & set(unmarked.decode())


def test_the_text_is_an_option(run: Path) -> None:
    assert "text" not in table(run)[0]
    assert table(run, with_text=True)[0]["text"].startswith("The words of https://a.example/honest")


@given(st.text() | st.builds(str.__add__, st.sampled_from("=+-@\t\r\n\0＝ \ufeff\ud800"), st.text()))
def test_no_cell_begins_like_a_formula_and_none_loses_a_word(text: str) -> None:
    cell = neutral(text)
    assert cell.strip("\0\x1b \u200b\ufeff\xa0")[:1] not in tuple("=+-@＝＋－＠")
    assert cell[:1] not in ("\t", "\r", "\n")
    assert cell.removeprefix("'") == plain(text).removeprefix("'")
    cell.encode()
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(["first", cell, 1.5])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == ["first", cell, "1.5"]
