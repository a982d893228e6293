"""Parquet: a page in every row."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.sources.crawls import Record, open_crawl, read_stored
from detector.sources.files import LIMIT

PAGE = "<!DOCTYPE html><html><body><p>The gate at Alder Lane squeaks, café {}.</p></body></html>"


def write(columns: dict[str, Any], **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def read(data: bytes, name: str = "a.parquet") -> list[tuple[int, Record]]:
    return list(read_stored(name, io.BytesIO(data)))


def columns(count: int = 6) -> dict[str, Any]:
    return {
        "url": [f"https://e.org/{n}" for n in range(count)],
        "html": [PAGE.format(n) for n in range(count)],
        "noise": list(range(count)),
    }


def test_rows_are_pages(tmp_path: Path) -> None:
    when = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    found = read(write({**columns(2), "id": ["a", None], "date": [when, None]}))
    assert [(n, r.id, r.url, r.time, r.place) for n, r in found] == [
        (0, "a", "https://e.org/0", "2026-01-02T03:04:05Z", "a.parquet:1"),
        (1, "https://e.org/1", "https://e.org/1", None, "a.parquet:2"),
    ]
    assert found[1][1].read() == Document.from_html(PAGE.format(1), "https://e.org/1", id="https://e.org/1")


@pytest.mark.parametrize("name", ["html", "HTML", "content", "Body", "text", "markdown"])
def test_columns_by_their_usual_names(name: str) -> None:
    ((_, record),) = read(write({"URL": ["https://e.org/"], name: ["plain words, no markup"]}))
    assert record.url == "https://e.org/"
    assert record.read().text.strip() == "plain words, no markup"  # type: ignore[union-attr]


def test_bytes_as_the_server_sent_them() -> None:
    raw = '<html><head><meta charset="windows-1252"></head><body><p>café “x”</p></body></html>'.encode(
        "cp1252"
    )
    ((_, record),) = read(write({"url": ["https://e.org/"], "html": [raw]}))
    assert record.body == raw
    assert record.read().text.strip() == "café “x”"  # type: ignore[union-attr]


def test_a_folder_of_parts_in_order(tmp_path: Path) -> None:
    for part in (1, 0):
        (tmp_path / f"part-{part}.parquet").write_bytes(
            write({"url": [f"https://e.org/{part}"], "text": ["x"]})
        )
    crawl = open_crawl([str(tmp_path)])
    assert crawl.kind == "Parquet"
    assert [(row, r.url) for row, r in crawl.records()] == [
        (0, "https://e.org/0"),
        (1 << 32, "https://e.org/1"),
    ]


def test_a_damaged_row_group_costs_one_row_and_the_others_keep_their_numbers() -> None:
    data = bytearray(write(columns(), row_group_size=2, use_dictionary=False))
    start = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(1).column(1).data_page_offset
    data[start : start + 20] = b"\xff" * 20
    found = read(bytes(data))
    assert [n for n, r in found if r.problem is None] == [0, 1, 4, 5]
    ((number, problem),) = ((n, r.problem) for n, r in found if r.problem is not None)
    assert number == 2
    assert str(problem).startswith("a.parquet:3 (row group 1): the file cannot be read from here on")


def test_a_file_cut_short_is_one_row() -> None:
    ((_, record),) = read(write(columns())[:-20])
    assert str(record.problem).startswith("a.parquet:1: the file cannot be read from here on")


def test_a_page_that_claims_to_be_of_a_gigabyte_costs_no_memory() -> None:
    data = bytearray(write({"html": ["<p>One", "<p>Two"]}, use_dictionary=False, compression="NONE"))
    start = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).column(0).data_page_offset
    data[start + 5 : start + 13] = b"\xc6\xd3\xea\xfb\xea\xff\xea\xf9"  # its packed size, over what follows
    before = pa.default_memory_pool().max_memory()
    ((_, record),) = read(bytes(data))
    assert "the file cannot be read from here on" in str(record.problem)
    assert pa.default_memory_pool().max_memory() < max(before, 100_000_000)


def test_a_file_that_lost_its_middle_is_one_row() -> None:
    data = write(
        {"html": [f"{PAGE} {n * 7919}" for n in range(500)]}, use_dictionary=False, compression="NONE"
    )
    ((_, record),) = read(data[:100] + data[-1_000:])
    assert "the file cannot be read from here on" in str(record.problem)


def test_a_file_without_pages_says_which_columns_are_wanted() -> None:
    ((_, record),) = read(write({"url": ["https://e.org/"], "n": [1]}))
    assert "no column holds pages; name it one of html, " in str(record.problem)


def test_a_cell_beyond_the_limit_is_one_row() -> None:
    found = read(write({"url": ["a", "b"], "html": [b"x" * (LIMIT + 1), b"<p>y"]}))
    assert found[0][1].problem == "a.parquet:1: larger than the limit of 20 MB; split it."
    assert found[1][1].body == b"<p>y"


GOOD = write(columns(), row_group_size=3)


@settings(max_examples=60, deadline=None)
@given(
    flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4),
    end=st.integers(0, len(GOOD)),
)
def test_damaged_files_never_raise(flips: list[tuple[int, int]], end: int) -> None:
    broken = bytearray(GOOD if end % 2 else GOOD[:end])
    for at, value in flips:
        if broken:
            broken[at % len(broken)] = value
    for _, record in read(bytes(broken)):
        record.read()
