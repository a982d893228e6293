"""One line a page for spreadsheets: the columns that CSV and Excel share, and CSV itself.

A page's title may begin like a formula. In a CSV, which has no types, such a cell gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TextIO

from detector import signals
from detector.report.crawl.rows import Pages, reasons
from detector.signals import crawl

Cell = str | int | float | None
Style = Literal["text", "count", "score", "push", "outcome"]

# What no cell may carry: what XML and most readers of CSV refuse, and what turns the reading direction round.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
# What makes a spreadsheet calculate, also in full width and behind blanks; tab and line ends are dropped on opening.
_FORMULA = re.compile(r"[\t\r\n]|[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]")


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it says of a row, and how a sheet shows it (width in characters)."""

    name: str
    value: Callable[[dict[str, Any]], Cell]
    width: int = 12
    style: Style = "text"


def plain(text: str) -> str:
    """Text without control characters; tabs and line ends stay."""
    return _REFUSED.sub("", text)


def neutral(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = plain(text)
    return f"'{text}" if _FORMULA.match(text) else text


def write_csv(pages: Pages, out: TextIO, *, with_text: bool = False) -> None:
    """RFC 4180 with CRLF; `out` must leave line ends as they are written."""
    writer = csv.writer(out, lineterminator="\r\n")
    columns = page_columns(pages, with_text=with_text)
    writer.writerow(column.name for column in columns)
    for row in pages.rows(with_text=with_text):
        cells = (column.value(row) for column in columns)
        writer.writerow(neutral(cell) if isinstance(cell, str) else cell for cell in cells)


def page_columns(pages: Pages, *, with_text: bool = False) -> list[Column]:
    """What is said of a page: the verdict, its strongest reason, where it lies; then each signal's push."""
    groups = _groups(pages)
    columns = [
        Column("url", _field("url"), 50),
        Column("outcome", _field("outcome"), 10, "outcome"),
        Column("score", _rounded("score"), 8, "score"),
        Column("title", _field("title"), 45),
        Column("words", _field("words"), 8, "count"),
        Column("language", _field("language"), 9),
        Column("host", _field("host"), 25),
        Column("reason", _field("reason"), 20),
        Column("error", _error, 20),
        Column("finding", lambda row: _strongest(row).get("signal"), 17),
        Column("says", _says, 50),
        Column("quote", lambda row: _place(row).get("text"), 50),
        Column("findings", lambda row: len(reasons(row)), 9, "count"),
        Column("groups", lambda row: groups.get(row["row"]), 20),
        Column("page_outcome", _field("page_outcome"), 13, "outcome"),
        Column("page_score", _rounded("page_score"), 10, "score"),
        Column("id", _field("id"), 25),
        Column("place", _field("place"), 25),
        Column("time", _field("time"), 21),
    ]
    if pages.comparison is not None:
        columns[4:4] = [
            Column("change", _field("change"), 9),
            Column("outcome_before", _field("outcome_before"), 14, "outcome"),
            Column("score_before", _rounded("score_before"), 12, "score"),
            Column("came", lambda row: ", ".join(row["came"]), 20),
            Column("went", lambda row: ", ".join(row["went"]), 20),
            Column("text_changed", lambda row: "yes" if row["text_changed"] else "no", 12),
        ]
    columns += [Column(name, _push(name), 12, "push") for name in _signals(pages)]
    if with_text:
        columns.append(Column("text", _field("text"), 60))
    return columns


def _signals(pages: Pages) -> list[str]:
    """All signals of this version, so that every export has the same columns, and those that only the run knows."""
    query = "SELECT DISTINCT unnest(findings).signal AS name FROM verdicts"
    found = pages.results.sql(query).column("name").to_pylist()
    return sorted({*signals.registry(), *crawl.registry(), *found})


def _groups(pages: Pages) -> dict[int, str]:
    """Which groups a page is in: "site_clone 12, duplicate_title 40", by row."""
    query = 'SELECT m.row, g.kind, g."group" FROM members m JOIN groups g USING ("group") ORDER BY ALL'
    found: defaultdict[int, list[str]] = defaultdict(list)
    for batch in pages.results.sql(query).to_batches(10_000):
        for row, kind, group in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            found[row].append(f"{kind} {group}")
    return {row: ", ".join(names) for row, names in found.items()}


def _field(name: str) -> Callable[[dict[str, Any]], Cell]:
    return lambda row: row[name]


def _rounded(name: str) -> Callable[[dict[str, Any]], Cell]:
    return lambda row: None if row[name] is None else round(row[name], 6)


def _push(signal: str) -> Callable[[dict[str, Any]], Cell]:
    return lambda row: next((round(f["push"], 4) for f in row["findings"] if f["signal"] == signal), None)


def _error(row: dict[str, Any]) -> Cell:
    return f"{row['error']['kind']}: {row['error']['message']}" if row["error"] else None


def _strongest(row: dict[str, Any]) -> dict[str, Any]:
    return next(iter(reasons(row)), {})


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return next(iter(_strongest(row).get("spans", ())), {})


def _says(row: dict[str, Any]) -> Cell:
    """The strongest reason as a sentence: of its first place where that says more."""
    return _place(row).get("says") or _strongest(row).get("says")
