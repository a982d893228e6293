"""An Excel workbook for people: summary, pages, the places of findings, groups side by side, hosts.

Rows go to the disk as they come (XlsxWriter's constant memory). Whatever a page says is a string: never a formula, a
link or a number. A table longer than a sheet goes on in a further one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from detector.report.crawl.rows import Pages, reasons
from detector.report.crawl.table import Cell, Column, Style, page_columns, plain

ROWS = 1_048_576  # of a sheet, the header among them
CHARACTERS = 32_767  # of a cell
MEMBERS = 10_000  # of groups that are held at a time
VALUES = 5  # of a slot that are shown

# Told apart in print and by the colour-blind too: light blue, light orange, dark red with white letters; and the word.
_OUTCOMES: dict[str, dict[str, Any]] = {
    "publish": {"bg_color": "#DCE9F5", "font_color": "#10324F"},
    "review": {"bg_color": "#FFD98A", "font_color": "#3D2B00"},
    "reject": {"bg_color": "#9C2A10", "font_color": "#FFFFFF", "bold": True},
    "unscored": {"bg_color": "#E6E6E6", "font_color": "#333333", "italic": True},
}
_STYLES: dict[Style, str] = {
    "text": "@",
    "count": "#,##0",
    "score": "0.000",
    "push": "+0.00;-0.00;0",
    "outcome": "@",
}
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def write_xlsx(pages: Pages, path: Path, *, with_text: bool = False) -> None:
    """The whole workbook."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "use_zip64": True,
    }
    results = pages.results
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"title": "Audit of a crawl", "created": _finished(results.info)})
        book = _Book(workbook)
        book.table("Summary", _SUMMARY, _summary(pages), filtered=False)
        book.table("Pages", page_columns(pages, with_text=with_text), pages.rows(with_text=with_text))
        book.table("Findings", _FINDINGS, _places(pages))
        book.table("Groups", _GROUPS, results.groups())
        book.table("Members", _MEMBERS, _members(pages))
        book.table("Hosts", _HOSTS, results.hosts())
        book.table("Recurring", _RECURRING, results.recurring())


class _Book:
    """A workbook with its formats."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._header = workbook.add_format({"bold": True, "bottom": 2, "bg_color": "#F2F2F2"})
        self._formats = {
            style: workbook.add_format({"num_format": code, "valign": "top"})
            for style, code in _STYLES.items()
        }
        self._outcomes = {
            outcome: workbook.add_format({"num_format": "@", "valign": "top", **look})
            for outcome, look in _OUTCOMES.items()
        }

    def table(
        self, name: str, columns: Sequence[Column], rows: Iterable[dict[str, Any]], *, filtered: bool = True
    ) -> None:
        """A sheet with a frozen header and filters, and more sheets where one is too short: "Pages 2"."""
        sheet = self._sheet(name, columns)
        number, at = 1, 0
        for row in rows:
            if at == ROWS - 1:
                self._close(sheet, columns, at, filtered)
                number, at = number + 1, 0
                sheet = self._sheet(f"{name} {number}", columns)
            at += 1
            for place, column in enumerate(columns):
                self._write(sheet, at, place, column.style, column.value(row))
        self._close(sheet, columns, at, filtered)

    def _sheet(self, name: str, columns: Sequence[Column]) -> Any:
        sheet = self._workbook.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.name, self._header)
        return sheet

    def _close(self, sheet: Any, columns: Sequence[Column], last: int, filtered: bool) -> None:
        if filtered:
            sheet.autofilter(0, 0, last, len(columns) - 1)

    def _write(self, sheet: Any, row: int, column: int, style: Style, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        if not isinstance(cell, str):
            sheet.write_number(row, column, cell, self._formats[style])
            return
        look = self._outcomes.get(cell) if style == "outcome" else None
        sheet.write_string(row, column, _cell(cell), look or self._formats["text"])


def _cell(text: str) -> str:
    """Text as a cell takes it: on one line, without control characters, cut where Excel would refuse the file."""
    text = " ".join(plain(text[: 2 * CHARACTERS]).split())
    if len(text) > CHARACTERS // 2 and len(text.encode("utf-16-le")) // 2 > CHARACTERS:
        kept = text.encode("utf-16-le")[: 2 * (CHARACTERS - 1)].decode("utf-16-le", "ignore")
        return f"{kept}…"
    return text


def _of(name: str, key: str, width: int = 12, style: Style = "text") -> Column:
    return Column(name, lambda row: row[key], width, style)


def _finished(info: dict[str, Any]) -> datetime:
    """When the run ended, so that the same run gives the same file."""
    try:
        return datetime.fromisoformat(str(info.get("finished")))
    except ValueError:
        return _EPOCH


_SUMMARY = [_of("about", "about", 28), Column("value", lambda row: row["value"], 70, "count")]


def _summary(pages: Pages) -> Iterator[dict[str, Any]]:
    """What ran, on what, and what came of it."""
    results = pages.results
    info = results.info
    hosts = results.hosts()
    lines: list[tuple[str, Cell]] = [("pages", len(results))]
    lines += [(f"pages: {outcome}", sum(host[outcome] for host in hosts)) for outcome in _OUTCOMES]
    lines += [("hosts", len(hosts)), ("groups across pages", len(results.groups()))]
    if pages.comparison is not None:
        lines += [("WARNING", warning) for warning in pages.comparison.warnings]
        since = pages.comparison.old.info.get("started")
        lines.append(("compared with the run of", str(since)))
        lines += [(f"change: {kind}", count) for kind, count in pages.comparison.counts.items()]
    model, thresholds = info["model"], info["thresholds"]
    lines += [
        ("model", f"{model['name']} {model['version']} (sha256 {model['sha256']})"),
        ("review from a score of", f"{thresholds['review']:.3f}"),
        ("reject from a score of", f"{thresholds['reject']:.3f}"),
        ("score", "chance that a careful editor would reject the page, if half of all pages deserved it"),
        (
            "Findings",
            "places of signals that speak for rejection; a .jsonl or .parquet export has all of them",
        ),
        ("⟦ ⟧", "encloses what differs between a page and its partner"),
    ]
    inputs = info["inputs"]
    lines += [(f"input: {inputs['kind']}", ", ".join(inputs["names"])), ("input: files", inputs["files"])]
    lines += [(f"passed over: {what}", count) for what, count in (info.get("passed_over") or {}).items()]
    lines += [(name, str(info[name])) for name in ("engine", "started", "finished") if info.get(name)]
    return ({"about": about, "value": value} for about, value in lines)


_FINDINGS = [
    _of("url", "url", 50),
    _of("outcome", "outcome", 10, "outcome"),
    _of("signal", "signal", 17),
    _of("push", "push", 8, "push"),
    _of("text", "text", 60),
    _of("says", "says", 50),
    _of("finding", "finding", 50),
    _of("instead", "instead", 20),
    _of("partner", "partner", 40),
    _of("start", "start", 9, "count"),
    _of("end", "end", 9, "count"),
    _of("id", "id", 25),
]
_NOWHERE = {"text": None, "says": None, "instead": (), "partner": None, "start": None, "end": None}


def _places(pages: Pages) -> Iterator[dict[str, Any]]:
    """Every place of a finding that speaks for rejection, and those findings that have none."""
    for row in pages.rows():
        for finding in reasons(row):
            for span in finding["spans"] or (_NOWHERE,):
                partner = span["partner"] or {}
                yield {
                    "url": row["url"],
                    "id": row["id"],
                    "outcome": row["outcome"],
                    "signal": finding["signal"],
                    "push": finding["push"],
                    "finding": finding["says"],
                    "text": span["text"],
                    "says": span["says"],
                    "instead": " / ".join(span["instead"] or ()),
                    "partner": partner.get("url") or partner.get("id"),
                    "start": span["start"],
                    "end": span["end"],
                }


def _slots(row: dict[str, Any]) -> str:
    """What was put into the slots of a group, the most common first: "top layer / upper layer; one / two"."""
    slots = row["slots"] or ()
    return "; ".join(
        " / ".join(values[:VALUES]) + (" / …" if len(values) > VALUES else "") for values in slots
    )


_GROUPS = [
    _of("group", "group", 8, "count"),
    _of("kind", "kind", 17),
    _of("label", "label", 60),
    _of("pages", "pages", 8, "count"),
    _of("hosts", "hosts", 8, "count"),
    Column("slots", _slots, 80),
]
_RECURRING = [
    _of("host", "host", 25),
    _of("kind", "kind", 12),
    _of("pages", "pages", 8, "count"),
    _of("text", "text", 80),
    Column("slots", _slots, 60),
]
_HOSTS = [
    Column("host", lambda row: row["host"] or "(no address)", 35),
    _of("pages", "pages", 9, "count"),
    _of("publish", "publish", 9, "count"),
    _of("review", "review", 9, "count"),
    _of("reject", "reject", 9, "count"),
    _of("unscored", "unscored", 9, "count"),
    _of("mean_score", "mean_score", 11, "score"),
]


def _side(side: str) -> Column:
    """The text of a page or of its partner, with what differs between ⟦ and ⟧."""

    def words(row: dict[str, Any]) -> str:
        pieces = row["differences"] or ()
        return " ".join(
            piece[side] if piece["same"] else f"⟦{piece[side]}⟧" for piece in pieces if piece[side]
        )

    return Column({"left": "text", "right": "partner_text"}[side], words, 60)


_MEMBERS = [
    _of("group", "group", 8, "count"),
    _of("kind", "kind", 17),
    _of("outcome", "outcome", 10, "outcome"),
    _of("url", "url", 45),
    _of("title", "title", 35),
    _of("likeness", "likeness", 9, "score"),
    _of("partner", "partner_page", 45),
    _side("left"),
    _side("right"),
    _of("id", "id", 25),
]


def _members(pages: Pages) -> Iterator[dict[str, Any]]:
    """The pages of every group, the groups in the order of their sheet; some groups are asked for at a time."""
    held: list[int] = []
    pending = 0
    for group in pages.results.groups():
        held.append(group["group"])
        pending += group["pages"]
        if pending >= MEMBERS:
            yield from _members_of(pages, held)
            held, pending = [], 0
    if held:
        yield from _members_of(pages, held)


def _members_of(pages: Pages, groups: Sequence[int]) -> Iterator[dict[str, Any]]:
    numbers = ", ".join(str(int(group)) for group in groups)
    found = pages.results.sql(
        f"""
        SELECT m."group", g.kind, v.outcome, v.url, v.title, v.id, m.likeness, m.differences,
               coalesce(p.url, p.id) AS partner_page
        FROM members m JOIN groups g USING ("group") JOIN verdicts v USING (row)
        LEFT JOIN verdicts p ON p.row = m.partner
        WHERE m."group" IN ({numbers})
        ORDER BY list_position([{numbers}]::BIGINT[], m."group"), m.partner NULLS FIRST, m.row
        """  # noqa: S608  numbers only
    )
    for batch in found.to_batches(1_000):
        yield from batch.to_pylist()
