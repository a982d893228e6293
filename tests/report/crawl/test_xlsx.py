"""The workbook: opened again with another library, it says what the run says, and nothing in it acts."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from detector.audit.compare import compare
from detector.audit.results import Results
from detector.report.crawl import export, xlsx


def opened(run: Path, **options: Any) -> Any:
    file = run.parent / "book.xlsx"
    export(Results.open(run), file, **options)
    return openpyxl.load_workbook(file)


def rows(sheet: Any) -> list[dict[str, Any]]:
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_sheets_with_frozen_headers_and_filters(run: Path) -> None:
    book = opened(run)
    assert book.sheetnames == ["Summary", "Pages", "Findings", "Groups", "Members", "Hosts", "Recurring"]
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet["A1"].font.bold
        assert all(sheet.column_dimensions[letter].width >= 8 for letter in "ABC"[: sheet.max_column])
    assert book["Pages"].auto_filter.ref.startswith("A1:")
    assert book["Pages"].auto_filter.ref.endswith("16")


def test_nothing_is_a_formula_or_a_link(run: Path) -> None:
    book = opened(run, with_text=True)
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type in ("s", "n", "inlineStr"), cell.value
                assert cell.hyperlink is None
    titles = [row["title"] for row in rows(book["Pages"])]
    assert titles[1] == '=HYPERLINK("https://evil.example","Click")'
    assert titles[2:5] == ["+cmd|' /C calc'!A0", "-1", "@x"]
    with zipfile.ZipFile(run.parent / "book.xlsx") as parts:
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name)
            assert b"TargetMode" not in parts.read(name)


def test_numbers_are_numbers(run: Path) -> None:
    page = rows(opened(run)["Pages"])[1]
    assert (page["score"], page["words"], page["spun_sibling"]) == (pytest.approx(0.952574), 300, 2.5)


def test_what_excel_refuses_is_left_out_or_cut(run: Path) -> None:
    book = opened(run)
    titles = [row["title"] for row in rows(book["Pages"])]
    assert titles[7].startswith("bell, nul, escape[31m, bidi")
    for long in (titles[9], rows(book["Findings"])[4]["text"]):
        assert 32_000 < len(long.encode("utf-16-le")) // 2 <= 32_767
        assert long.endswith("…")
    assert titles[8] == 'Café 日本語 🐝 “quotes”, "straight" and a line'


def test_outcomes_are_words_and_colours(run: Path) -> None:
    cells = [line[1] for line in opened(run)["Pages"].iter_rows(min_row=2)]
    colours = {cell.value: cell.fill.start_color.rgb for cell in cells}
    assert set(colours) == {"publish", "review", "reject", "unscored"}
    assert len(set(colours.values())) == 4


def test_a_row_for_every_place(run: Path) -> None:
    places = rows(opened(run)["Findings"])
    assert len(places) == 10
    first = places[0]
    assert (first["url"], first["signal"], first["text"]) == (
        "https://a.example/spun-1",
        "spun_sibling",
        "topmost sheet",
    )
    assert (first["says"], first["instead"]) == ("Elsewhere: “upper sheet”", "top sheet")
    assert first["partner"] == "https://a.example/spun-2"
    assert "trust" not in {place["signal"] for place in places}


def test_groups_with_their_pages_side_by_side(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MEMBERS", 3)
    book = opened(run)
    groups = rows(book["Groups"])
    members = rows(book["Members"])
    spun = next(group for group in groups if group["kind"] == "spun_sibling")
    assert spun["slots"] == "topmost sheet / upper sheet; one / two / three / four / five / …"
    assert len(members) == 11
    assert list(dict.fromkeys(m["group"] for m in members)) == [group["group"] for group in groups]
    pair = [member for member in members if member["group"] == 1]
    assert (pair[0]["partner"], pair[1]["partner"]) == (None, "https://a.example/spun-1")
    assert pair[1]["text"] == "Lift the ⟦upper sheet⟧ at noon."
    assert pair[1]["partner_text"] == "Lift the ⟦topmost sheet⟧ at noon."


def test_hosts_and_recurring_sentences(run: Path) -> None:
    book = opened(run)
    hosts = {row["host"]: row for row in rows(book["Hosts"])}
    assert (hosts["b.example"]["pages"], hosts["b.example"]["review"]) == (5, 2)
    assert hosts["(no address)"]["pages"] == 2
    assert [row["text"] for row in rows(book["Recurring"])] == ["=Call us today", "Bees in … live well."]


def test_a_table_longer_than_a_sheet_goes_on_in_another(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 7)
    book = opened(run)
    assert [name for name in book.sheetnames if name.startswith("Pages")] == ["Pages", "Pages 2", "Pages 3"]
    ids = [row["id"] for name in ("Pages", "Pages 2", "Pages 3") for row in rows(book[name])]
    assert len(ids) == len(set(ids)) == 15
    assert book["Pages 2"].freeze_panes == "B2"


def test_the_summary_says_what_ran_and_when(
    run: Path, make_run: Any, every_page: Any, tmp_path: Path
) -> None:
    model = {"name": "older", "version": "0.1", "sha256": "1" * 64}
    old = Results.open(make_run(tmp_path / "old", every_page[2:], groups=[], members=[], model=model))
    book = opened(run, comparison=compare(Results.open(run), old))
    told = {row["about"]: row["value"] for row in rows(book["Summary"])}
    assert (told["pages"], told["pages: reject"], told["change: new"]) == (15, 3, 2)
    assert told["model"].startswith("tiny 1.0.0")
    assert "different models" in told["WARNING"]
    assert book.properties.created == datetime(2026, 11, 21, 18, 0, 9)  # noqa: DTZ001  openpyxl drops the zone
