"""A small finished run, written by hand: every outcome, several hosts, groups of every kind, and harmful text."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from detector.audit import schema
from detector.document import host_of

MODEL = {"name": "tiny", "version": "1.0.0", "sha256": "0" * 64}
THRESHOLDS = {"review": 0.5, "reject": 0.8}
PARTS = 5  # rows of a part, so that a run has several

Row = dict[str, Any]


def place(
    text: str, start: int = 0, says: str = "", instead: Sequence[str] = (), partner: Row | None = None
) -> Row:
    """A span with its words."""
    return {
        "start": start, "end": start + len(text), "text": text, "says": says, "instead": list(instead),
        "partner": partner,
    }  # fmt: skip


def finding(signal: str, push: float, says: str, *spans: Row) -> Row:
    return {"signal": signal, "value": abs(push), "push": push, "says": says, "spans": list(spans)}


def page(
    address: str, outcome: str = "publish", *findings: Row, title: str | None = "A page", **fields: Any
) -> Row:
    """A verdict that adds up; `address` is its url, or its id where it is none."""
    url = address if "//" in address else None
    total = sum(f["push"] for f in findings)
    goal = {"publish": -2.0, "review": 1.0, "reject": 3.0}.get(outcome, 0.0)
    scored = outcome != "unscored"
    row = {
        "id": address,
        "address": address.partition("//")[2].removeprefix("www.") or address,
        "url": url,
        "host": host_of(url or ""),
        "place": f"crawl/part.warc.gz@{len(address)}" if url else address,
        "time": "2026-11-21T18:00:00Z" if url else None,
        "title": title,
        "outcome": outcome,
        "score": 1 / (1 + math.exp(-goal)) if scored else None,
        "bias": goal - total if scored else None,
        "words": 300 if scored else 0,
        "language": "en" if scored else None,
        "reason": None if scored else "too_short: 3 words of running text",
        "findings": list(findings),
        "error": None,
        "text": f"The words of {address}, and café 🐝.",
    }
    row |= {"page_outcome": row["outcome"], "page_score": row["score"]}
    return row | fields


A, B, C = "https://a.example", "https://www.b.example", "https://c.example"


def _on(url: str, start: int, end: int) -> Row:
    return {"id": url, "url": url, "start": start, "end": end}


PAGES: list[Row] = [
    page(f"{A}/honest", "publish", finding("trust", -1.5, "Somebody answers for it.", place("Dr Weiß"))),
    page(
        f"{A}/spun-1",
        "reject",
        finding(
            "spun_sibling",
            2.5,
            "The same article stands elsewhere in other words.",
            place("topmost sheet", 14, "Elsewhere: “upper sheet”", ["top sheet"], _on(f"{A}/spun-2", 20, 31)),
            place("=1+1", 40),
        ),
        finding("spun_phrase", 0.75, "A wrong word.", place("rapid {0} meal", 60, "Odd.", ["fast meal", "quick meal"])),
        finding("readability", 0.0, "The school grade.", place("words", 5)),
        title='=HYPERLINK("https://evil.example","Click")',
        page_outcome="review",
        page_score=0.6,
    ),
    page(
        f"{A}/spun-2",
        "reject",
        finding("spun_sibling", 2.4, "The same article stands elsewhere in other words.",
                place("upper sheet", 20, partner=_on(f"{A}/spun-1", 14, 27))),
        title="+cmd|' /C calc'!A0",
    ),
    page(
        f"{B}/clone?a=1&b=2",
        "review",
        finding("site_clone", 1.25, "A page that stands elsewhere too.",
                place("x" * 40_000, 0, partner=_on(f"{B}/clone?a=2", 0, 40_000))),
        finding("near_duplicate", 0.5, "Told twice.",
                place("told once", 3, partner={"id": f"{B}/clone?a=1&b=2", "url": None, "start": 50, "end": 60})),
        title="-1",
    ),
    page(f"{B}/clone?a=2", "review", finding("site_clone", 1.25, "A page that stands elsewhere too."), title="@x"),
    page(f"{B}/tab", "publish", title="\t=1+2"),
    page(f"{B}/return", "publish", title="\r=1+2"),
    page(f"{B}/controls", "publish", title="bell\x07, nul\x00, escape\x1b[31m, bidi\u202e, _x0041_, \ufffe"),
    page(f"{C}/ünï/日本語/🐝", "publish", title="Café 日本語 🐝 “quotes”, \"straight\"\nand a line"),
    page(f"{C}/long", "publish", title="é🐝" * 20_000),
    page(f"{C}/paris", "review", finding("slot_template", 1.1, "A slot.", place("Paris", 9)), title="Bees in Paris"),
    page(f"{C}/rome", "review", finding("slot_template", 1.1, "A slot.", place("Rome", 9)), title="Bees in Rome"),
    page(f"{C}/short", "unscored", title=None),
    page("folder/sub dir/page.html", "reject", finding("anchor_ring", 3.5, "One target is pushed from many pages.",
                                                       place("best hive kits", 7)), title=None),
    page("broken.html", "unscored", title=None, text=None, reason="unreadable",
         error={"kind": "unreadable", "message": "broken.html: this is a picture, not a page"}),
]  # fmt: skip

GROUPS: list[Row] = [
    {"group": 1, "kind": "spun_sibling", "label": "Top sheets", "pages": 2, "hosts": 1,
     "slots": [["topmost sheet", "upper sheet"], ["one", "two", "three", "four", "five", "six"]]},
    {"group": 2, "kind": "site_clone", "label": "=clone", "pages": 2, "hosts": 1, "slots": []},
    {"group": 3, "kind": "slot_template", "label": "Bees in …", "pages": 3, "hosts": 2, "slots": [["Paris", "Rome"]]},
    {"group": 4, "kind": "anchor_ring", "label": "best hive kits → kits.example", "pages": 2, "hosts": 2, "slots": []},
    {"group": 5, "kind": "duplicate_title", "label": "A page", "pages": 2, "hosts": 2, "slots": []},
]  # fmt: skip


def _member(
    group: int, row: int, partner: int | None = None, likeness: float | None = None, *pieces: Row
) -> Row:
    return {"group": group, "row": row, "partner": partner, "likeness": likeness, "differences": list(pieces)}


def _piece(left: str, right: str | None = None) -> Row:
    return {"left": left, "right": left if right is None else right, "same": right is None}


MEMBERS: list[Row] = [
    _member(1, 1),
    _member(1, 2, 1, 0.91, _piece("Lift the"), _piece("upper sheet", "topmost sheet"), _piece("at noon.")),
    _member(2, 3),
    _member(2, 4, 3, 1.0),
    _member(3, 10),
    _member(3, 11, 10, 0.97, _piece("Bees in"), _piece("Rome", "Paris"), _piece("=now", "")),
    _member(3, 13, 10, 0.5),
    _member(4, 13),
    _member(4, 2, 13),
    _member(5, 0),
    _member(5, 5, 0),
]
RECURRING: list[Row] = [
    {"host": "a.example", "kind": "furniture", "text": "=Call us today", "pages": 3, "slots": []},
    {"host": "c.example", "kind": "template", "text": "Bees in … live well.", "pages": 2, "slots": [["Paris", "Rome"]]},
]  # fmt: skip


# What the joins need of a page, and no report reads.
_BLANK: Row = {
    field.name: [] if pa.types.is_list(field.type) else "" if pa.types.is_string(field.type) else 0
    for field in schema.PAGES
    if not field.nullable and field.name not in schema.VERDICTS.names
}


def make_run(
    folder: Path,
    pages: Sequence[Row] = PAGES,
    *,
    groups: Sequence[Row] = GROUPS,
    members: Sequence[Row] = MEMBERS,
    recurring: Sequence[Row] = RECURRING,
    **info: Any,
) -> Path:
    """A finished run in `folder`, as `detector audit` leaves it; `info` changes what run.json says."""
    for name in ("pages", "verdicts"):
        (folder / name).mkdir(parents=True)
    rows = [{**_BLANK, **page, "row": number} for number, page in enumerate(pages)]
    for part, first in enumerate(range(0, max(1, len(rows)), PARTS)):
        some = rows[first : first + PARTS]
        name = f"part-{part:06}.parquet"
        parquet.write_table(pa.Table.from_pylist(some, schema.PAGES), folder / "pages" / name)
        parquet.write_table(pa.Table.from_pylist(some, schema.VERDICTS), folder / "verdicts" / name)
    for name, found, columns in (
        ("groups", groups, schema.GROUPS),
        ("members", members, schema.MEMBERS),
        ("recurring", recurring, schema.RECURRING),
    ):
        parquet.write_table(pa.Table.from_pylist(list(found), columns), folder / f"{name}.parquet")
    outcomes = [p["outcome"] for p in pages]
    run = {
        "version": "0.1.0",
        "model": MODEL,
        "thresholds": THRESHOLDS,
        "inputs": {
            "kind": "WARC",
            "files": 1,
            "bytes": 12_345,
            "names": ["crawl/part.warc.gz"],
            "sha256": "0" * 64,
        },
        "options": {},
        "engine": "local",
        "state": "done",
        "counts": {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))},
        "passed_over": {"image/png": 2},
        "started": "2026-11-21T18:00:00Z",
        "finished": "2026-11-21T18:00:09Z",
        "seconds": 9.0,
    }
    (folder / "run.json").write_text(json.dumps(run | info), "utf-8")
    return folder


@pytest.fixture(name="make_run")
def _make_run() -> Callable[..., Path]:
    return make_run


@pytest.fixture
def every_page() -> list[Row]:
    """The pages of the small run."""
    return PAGES


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of the small run."""
    return make_run(tmp_path / "run")


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare with a file in golden/; UPDATE_GOLDEN=1 writes it anew."""

    def compare(name: str, written: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(written.encode())
        assert written.encode() == path.read_bytes()

    return compare
