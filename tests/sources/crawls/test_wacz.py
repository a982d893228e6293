"""WACZ: web archives in a zip."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import struct
import subprocess
import sys
import uuid
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.sources.crawls import Record, open_crawl, read_stored

PAGE = b"<!DOCTYPE html><html><body><p>The gate at Alder Lane squeaks.</p></body></html>"


def archive(*names: str) -> bytes:
    """A packed WARC file with a page of each name."""
    out = b""
    for name in names:
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
        head = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://e.org/{name}\r\n"
        head += f"WARC-Date: 2026-11-21T18:00:00Z\r\nWARC-Record-ID: <urn:uuid:{uuid.UUID(int=len(out))}>\r\n"
        head += "Content-Type: application/http; msgtype=response\r\n"
        out += gzip.compress(f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n")
    return out


def wacz(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive as the specification wants it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
        file.writestr("pages/pages.jsonl", json.dumps({"format": "json-pages-1.0"}) + "\n")
        file.writestr("datapackage.json", json.dumps({"profile": "data-package", "wacz_version": "1.1.1"}))
    return out.getvalue()


def read(data: bytes) -> tuple[list[Record], Counter[str]]:
    passed_over: Counter[str] = Counter()
    return [r for _, r in read_stored("a.wacz", io.BytesIO(data), passed_over=passed_over)], passed_over


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_archives_inside_are_read_in_order(method: int) -> None:
    members = {
        "archive/b.warc.gz": archive("3"),
        "archive/a.warc.gz": archive("1", "2"),
        "indexes/index.cdx.gz": b"x",
    }
    records, _ = read(wacz(members, method))
    assert [r.url for r in records] == [f"https://e.org/{n}" for n in (1, 2, 3)]
    assert all(r.body == PAGE for r in records)
    assert records[2].place == "a.wacz/archive/b.warc.gz@0"


def test_archives_in_archives() -> None:
    inner = wacz({"archive/a.warc.gz": archive("1")})
    for _ in range(2):
        inner = wacz({"inner.wacz": inner})
    records, _ = read(inner)
    assert [r.place for r in records] == ["a.wacz/inner.wacz/inner.wacz/archive/a.warc.gz@0"]
    for _ in range(3):
        inner = wacz({"inner.wacz": inner})
    ((record),), _ = read(inner)
    assert "too deep" in str(record.problem)


def test_one_damaged_archive_costs_one_row() -> None:
    good = wacz({"archive/a.warc.gz": archive("1"), "archive/b.warc.gz": archive("2")})
    at = good.index(archive("1"))
    broken = good[: at + 15] + b"\xff" * 60 + good[at + 75 :]
    records, _ = read(broken)
    assert [(r.url, r.problem is None) for r in records][-1] == ("https://e.org/2", True)
    assert len(records) == 2


def test_a_protected_archive_says_so() -> None:
    data = bytearray(wacz({"archive/a.warc.gz": archive("1")}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    ((record),), _ = read(bytes(data))
    assert "protected by a password" in str(record.problem)


def test_sizes_that_cannot_be_are_refused(tmp_path: Path) -> None:
    data = bytearray(wacz({"archive/a.warc.gz": archive("1")}, zipfile.ZIP_DEFLATED))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 4_000_000_000)
    ((record),), _ = read(bytes(data))
    assert "sizes do not fit" in str(record.problem)


def test_a_zip_cut_short_is_one_row_by_its_ending(tmp_path: Path) -> None:
    (tmp_path / "a.wacz").write_bytes(wacz({"archive/a.warc.gz": archive("1")})[:-30])
    ((_, record),) = open_crawl([str(tmp_path / "a.wacz")]).records()
    assert "cannot be read from here on" in str(record.problem)


GOOD = wacz({"archive/a.warc.gz": archive("1", "2")}, zipfile.ZIP_DEFLATED)


@settings(max_examples=60, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_archives_never_raise(flips: list[tuple[int, int]]) -> None:
    broken = bytearray(GOOD)
    for at, value in flips:
        broken[at] = value
    for record in read(bytes(broken))[0]:
        record.read()


@pytest.mark.skipif(importlib.util.find_spec("wacz") is None, reason="needs the wacz package")
def test_an_archive_that_py_wacz_has_written(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(archive("1", "2"))
    command = [sys.executable, "-m", "wacz.main", "create", "-o", "a.wacz", "a.warc.gz"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    crawl = open_crawl([str(tmp_path / "a.wacz")])
    assert crawl.kind == "WACZ"
    assert [r.url for _, r in crawl.records()] == ["https://e.org/1", "https://e.org/2"]
