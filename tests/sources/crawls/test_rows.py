"""JSON lines and scrapers' feeds."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document, Unreadable
from detector.sources.crawls import Record, open_crawl, read_stored
from detector.sources.files import LIMIT, read_row

PAGE = "<!DOCTYPE html><html><body><p>The gate at Alder Lane squeaks, café.</p></body></html>"


def read(data: bytes | str, name: str = "feed.jsonl") -> list[Record]:
    data = data if isinstance(data, bytes) else data.encode()
    return [record for _, record in read_stored(name, io.BytesIO(data))]


def one(row: Any) -> Record:
    (record,) = read(json.dumps(row))
    return record


def text_of(record: Record) -> str:
    document = record.read()
    assert isinstance(document, Document), document
    return document.text.strip()


@pytest.mark.parametrize("content", [{"html": PAGE}, {"markdown": "# Gate"}, {"text": "A gate."}])
def test_a_row_of_ours_reads_as_it_does_elsewhere(content: dict[str, str]) -> None:
    row = {"id": "a", "url": "https://e.org/a", "title": "T", **content}
    record = one(row)
    assert (record.id, record.url, record.title, record.place) == (
        "a",
        "https://e.org/a",
        "T",
        "feed.jsonl:1",
    )
    assert record.read() == read_row(json.dumps(row).encode(), "feed.jsonl:1")


@pytest.mark.parametrize("key", ["html", "body", "content", "Body", "raw_content"])
def test_feeds_call_a_page_by_many_names(key: str) -> None:
    record = one({"link": "https://e.org/a", key: PAGE})
    assert (record.id, record.url) == ("https://e.org/a", "https://e.org/a")
    document = record.read()
    assert isinstance(document, Document)
    assert (document.source, document.id, document.url) == ("html", "https://e.org/a", "https://e.org/a")


def test_what_is_no_markup_is_text() -> None:
    assert one({"url": "https://e.org/a", "content": "a < b, and on."}).read().text == "a < b, and on."  # type: ignore[union-attr]


def test_the_page_itself_counts_and_not_what_was_made_of_it() -> None:
    record = one({"url": ["https://e.org/a"], "html": None, "body": [PAGE], "text": "less"})
    assert (record.url, text_of(record)) == ("https://e.org/a", "The gate at Alder Lane squeaks, café.")


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05Z"),
        ("2026-01-02 03:04:05", "2026-01-02T03:04:05Z"),
        ("20260102030405", "2026-01-02T03:04:05Z"),
        ("2026-01-02", "2026-01-02T00:00:00Z"),
        ("soon", None),
        (5, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_times_are_told_in_utc(time: object, expected: str | None) -> None:
    assert one({"url": "https://e.org/", "text": "x", "timestamp": time}).time == expected


def test_every_line_that_is_not_blank_has_its_row() -> None:
    lines = [
        '{"text": "a"}',
        "",
        "bad",
        "[1]",
        "[" * 100_000,
        '{"url": 5, "text": "b"}',
        '{"id": 7, "text": "c"}',
        "{}",
    ]
    records = read(("\n".join(lines)).encode() + b'\n{"text": "\xff"}\n{"id": "\\ud800", "text": "\\udc00"}')
    assert [r.place for r in records] == [f"feed.jsonl:{n}" for n in (1, 3, 4, 5, 6, 7, 8, 9, 10)]
    answers = [r.read() for r in records]
    assert [isinstance(a, Document) for a in answers] == [
        True,
        False,
        False,
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    for answer in answers:
        if isinstance(answer, Unreadable):
            assert answer.message.startswith("feed.jsonl:")
    assert (records[5].id, records[8].id) == ("7", "\ufffd")
    assert [r.id for r in records] == [a.id for a in answers]


def test_a_row_beyond_the_limit_is_answered_and_not_held() -> None:
    long = b'{"url": "https://e.org/a", "text": "' + b"a" * (LIMIT + 5) + b'"}\n'
    first, second = read(long + b'{"text": "b"}')
    assert first.problem == "feed.jsonl:1: larger than the limit of 20 MB; split it."
    assert (first.body, text_of(second)) == (b"", "b")


def test_letters_that_grow_when_escaped_still_fit() -> None:
    row = json.dumps({"url": "https://e.org/", "body": "é" * (LIMIT // 4)}, ensure_ascii=False)
    (record,) = read(row)
    assert record.problem is None
    assert len(json.loads(record.body)["text"]) == LIMIT // 4


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: gzip.compress(data)[:-9]])
def test_packed_lines_and_where_they_break_off(pack: Any) -> None:
    data = b"\n".join(json.dumps({"text": f"row {n}"}).encode() for n in range(20_000))
    records = read(pack(data), "feed.jsonl.gz")
    good = [r for r in records if r.problem is None]
    assert text_of(good[100]) == "row 100"
    if len(good) < 20_000:
        assert "cannot be read from here on" in str(records[-1].problem)


def test_a_feed_that_is_one_array() -> None:
    rows = [{"url": f"https://e.org/{n}", "html": PAGE, "deep": [{"a": [1.5, None]}]} for n in range(3)]
    records = read(json.dumps(rows, indent=1), "feed.json")
    assert [(r.id, r.place) for r in records] == [
        (f"https://e.org/{n}", f"feed.json[{n + 1}]") for n in range(3)
    ]
    assert {text_of(r) for r in records} == {"The gate at Alder Lane squeaks, café."}


@pytest.mark.parametrize(
    "rest",
    [
        '{"text": "cut',
        "x",
        '{"a":' * 100_000,
        "[" * 100_000,
        '{"text": "' + "a" * 600_000 + '"}]',
    ],
)
def test_an_array_that_breaks_off_gives_what_came_before(rest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.sources.crawls.rows._Bounded.MOST", 200_000)
    first, second = read('[{"url": "https://e.org/", "text": "a"},' + rest, "feed.json")
    assert text_of(first) == "a"
    assert str(second.problem).startswith("feed.json[2]: the file cannot be read from here on (")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.jsonl", "a.json", "a.csv", "a"]))
def test_any_bytes_are_answered(data: bytes, name: str) -> None:
    for start in (b"", b'{"text": "a"}\n', b'[{"text": "a"},', b"url,html\n"):
        for record in read(start + data, name):
            record.read()


SPIDER = """
import scrapy

class Pages(scrapy.Spider):
    name = "pages"
    custom_settings = {"ROBOTSTXT_OBEY": False, "TELNETCONSOLE_ENABLED": False}

    def parse(self, response):
        yield {"url": response.url, "title": response.css("title::text").get(), "body": response.text}
        yield from response.follow_all(css="a", callback=self.parse)
"""


@pytest.mark.skipif(importlib.util.find_spec("scrapy") is None, reason="needs scrapy")
def test_feeds_that_scrapy_has_written(server: str, pages: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "spider.py").write_text(SPIDER + f'    start_urls = ["{server}/"]\n')
    command = [sys.executable, "-m", "scrapy", "runspider", "spider.py", "-L", "ERROR"]
    feeds = ["feed.jsonl", "feed.json", "feed.csv"]
    for feed in feeds:
        command += ["-o", feed]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    for feed in feeds:
        found = {record.url: record.read() for _, record in open_crawl([str(tmp_path / feed)]).records()}
        assert set(found) == {server + path for path in pages}
        for path, html in pages.items():
            expected = Document.from_html(html, server + path, id=server + path)
            assert found[server + path] == expected, feed
