"""WARC, WET and ARC: what is a page, what is passed over, and what damage costs."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastwarc.stream_io import BrotliWriter, Lz4Writer, ZstdWriter, zstd_train_dictionary_from_samples
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from detector.sources.crawls import Record, open_crawl, read_stored
from detector.sources.files import LIMIT

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "warc"
HTML = "<!DOCTYPE html><html><body><p>The gate at Alder Lane squeaks in the wind, page {}.</p></body></html>"


def response(
    url: str = "http://example.org/",
    body: bytes = HTML.format(0).encode(),
    header: str = "Content-Type: text/html",
    *,
    status: str = "200 OK",
    type: str = "response",
    length: object = None,
) -> bytes:
    """One record as it stands in an archive."""
    block = f"HTTP/1.1 {status}\r\n{header}\r\n\r\n".encode() + body
    lines = [
        "WARC/1.0",
        f"WARC-Type: {type}",
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2026-11-21T18:00:00Z",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(block) if length is None else length}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def read(data: bytes, name: str = "a.warc") -> tuple[list[Record], Counter[str]]:
    passed_over: Counter[str] = Counter()
    found = list(read_stored(name, io.BytesIO(data), passed_over=passed_over))
    assert [number for number, _ in found] == list(range(len(found)))
    return [record for _, record in found], passed_over


def one(data: bytes, name: str = "a.warc") -> Record:
    (record,), _ = read(data, name)
    return record


def many(count: int = 6) -> list[bytes]:
    return [
        response(
            f"http://example.org/{i}", HTML.format(i).encode() + bytes(f"<!-- {i * 7919} -->" * 9, "ascii")
        )
        for i in range(count)
    ]


# --- what is a page -------------------------------------------------------------------------------------------


def write_warcio(*, packed: bool) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    http = StatusAndHeaders(
        "200 OK", [("Content-Type", "text/html; charset=iso-8859-1")], protocol="HTTP/1.1"
    )
    stored = writer.create_warc_record(
        "http://example.org/a",
        "response",
        payload=io.BytesIO("<p>café</p>".encode("latin-1")),
        http_headers=http,
        warc_headers_dict={"WARC-Date": "2026-11-21T18:00:00Z"},
    )
    asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "example.org")], is_http_request=True)
    writer.write_request_response_pair(
        writer.create_warc_record("http://example.org/a", "request", http_headers=asked), stored
    )
    writer.write_record(
        writer.create_warc_record(
            "http://example.org/b.txt",
            "resource",
            payload=io.BytesIO(b"Plain words."),
            warc_content_type="text/plain",
        )
    )
    writer.write_record(
        writer.create_revisit_record(
            "http://example.org/a", "sha1:A", "http://example.org/a", "2026-11-21T18:00:00Z"
        )
    )
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile")  # warcio's own
@pytest.mark.parametrize("packed", [False, True])
def test_a_warc_that_warcio_has_written(packed: bool) -> None:
    (first, second), passed_over = read(write_warcio(packed=packed), "a.warc.gz" if packed else "a.warc")
    assert (first.id, first.url, first.form, first.charset) == (
        "http://example.org/a",
        "http://example.org/a",
        ".html",
        "iso-8859-1",
    )
    assert first.time == "2026-11-21T18:00:00Z"
    assert first.read().text.strip() == "café"  # type: ignore[union-attr]
    assert (second.form, second.body) == (".txt", b"Plain words.")
    assert passed_over == {"crawler notes": 1, "requests": 1, "revisits": 1}


def packed_with(writer: Any, **options: Any) -> Callable[[list[bytes]], bytes]:
    """Every record as a piece of its own."""

    def pack(records: list[bytes]) -> bytes:
        out = io.BytesIO()
        stream = writer(out, **options)
        for record in records:
            stream.write(record)
            stream.finish()
        stream.close()
        return out.getvalue()

    return pack


def pack_zstd_with_dictionary(records: list[bytes]) -> bytes:
    shared = zstd_train_dictionary_from_samples(many(300), 4000)
    return packed_with(ZstdWriter, dictionary=shared, compress_dictionary_frame=True)(records)


pack_lz4, pack_zstd, pack_brotli = (packed_with(w) for w in (Lz4Writer, ZstdWriter, BrotliWriter))
PACKERS: dict[str, Callable[[list[bytes]], bytes]] = {
    "plain": b"".join,
    "gz": lambda records: b"".join(gzip.compress(record) for record in records),
    "gz as a whole": lambda records: gzip.compress(b"".join(records)),
    "zst": pack_zstd,
    "zst with a dictionary": pack_zstd_with_dictionary,
    "zst as a whole": lambda records: pack_zstd([b"".join(records)]),
    "lz4": pack_lz4,
    "lz4 as a whole": lambda records: pack_lz4([b"".join(records)]),
}


@pytest.mark.parametrize("packer", PACKERS)
def test_however_it_is_packed_the_pages_are_the_same(packer: str) -> None:
    expected, _ = read(b"".join(many()))
    data = PACKERS[packer](many())
    records, _ = read(data, "crawl")  # no ending that could tell
    assert [(r.id, r.body, r.form, r.time) for r in records] == [
        (r.id, r.body, r.form, r.time) for r in expected
    ]
    places = [int(record.place.removeprefix("crawl@")) for record in records]
    assert places == sorted(set(places)), "every record has its own place"
    if packer in {"gz", "zst", "lz4"}:  # where to look for it
        assert HTML.format(3).encode() in read(data[places[3] :])[0][0].body


@pytest.mark.parametrize(
    ("header", "packed"),
    [
        (
            "Transfer-Encoding: chunked",
            lambda b: b"%x;note=1\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (9, b[:9], len(b) - 9, b[9:]),
        ),
        ("Transfer-Encoding: chunked", lambda b: b),  # the crawler has put them together
        ("Content-Encoding: gzip", gzip.compress),
        ("Content-Encoding: x-gzip", gzip.compress),
        ("Content-Encoding: gzip", lambda b: b),  # the crawler has unpacked it
        ("Content-Encoding: deflate", zlib.compress),
        ("Content-Encoding: deflate", lambda b: zlib.compress(b)[2:-4]),
        ("Content-Encoding: br", lambda b: pack_brotli([b])),
        ("Content-Encoding: zstd", lambda b: pack_zstd([b])),
        ("Content-Encoding: gzip, br", lambda b: pack_brotli([gzip.compress(b)])),
        ("Content-Encoding: identity", lambda b: b),
        (
            "Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
            lambda b: b"%X\r\n%s\r\n0\r\n\r\n" % (len(gzip.compress(b)), gzip.compress(b)),
        ),
    ],
)
def test_what_the_server_did_to_the_body_is_undone(header: str, packed: Callable[[bytes], bytes]) -> None:
    body = HTML.format("with more words than fit a small chunk").encode()
    record = one(response(body=packed(body), header=f"Content-Type: text/html\r\n{header}"))
    assert (record.problem, record.body) == (None, body)


@pytest.mark.parametrize("name", ["gzip", "br", "deflate", "zstd"])
def test_a_damaged_body_is_a_row_that_says_so(name: str) -> None:
    broken = b"\x1f\x8b\x08\x00" + bytes(range(256)) * 2
    record = one(response(body=broken, header=f"Content-Type: text/html\r\nContent-Encoding: {name}"))
    assert record.problem == f"a.warc@0: the page is packed ({name}) and damaged; crawl it again."
    assert (record.id, record.body) == ("http://example.org/", b"")


@pytest.mark.parametrize(
    ("url", "header", "form"),
    [
        ("http://e.org/", "Content-Type: text/html; charset=utf-8", ".html"),
        ("http://e.org/", "Content-Type: application/xhtml+xml", ".html"),
        ("http://e.org/", "Content-Type: TEXT/HTML,text/plain", ".html"),
        ("http://e.org/", "X: no type", ""),
        ("http://e.org/a.md", "Content-Type: text/markdown", ".md"),
        ("http://e.org/a.txt", "Content-Type: text/plain", ".txt"),
        ("http://e.org/a", "Content-Type: text/plain", ""),
        ("http://e.org/a", "Content-Type: application/pdf", ".pdf"),
        ("http://e.org/a.docx", "Content-Type: application/zip", ".docx"),
        ("http://e.org/a.pdf?v=1", "Content-Type: application/octet-stream", ".pdf"),
        ("http://[broken/", "Content-Type: text/html", ".html"),
        ("<http://e.org/>", "Content-Type: text/html", ".html"),
    ],
)
def test_pages_of_every_type(url: str, header: str, form: str) -> None:
    record = one(response(url, header=header))
    assert (record.form, record.problem) == (form, None)
    assert record.url == url.strip("<>")


@pytest.mark.parametrize(
    ("record", "what"),
    [
        (response(status="301 Moved"), "redirects"),
        (response(status="404 Not Found"), "errors (404)"),
        (response(status="206 Partial Content"), "answers without a page (206)"),
        (response(header="Content-Type: image/png", body=b"\x89PNG"), "images"),
        (response(header="Content-Type: text/css"), "style sheets"),
        (response(header="Content-Type: application/javascript"), "scripts"),
        (response(header="Content-Type: application/rss+xml"), "data (JSON, XML, ...)"),
        (response(header="Content-Type: application/octet-stream", body=bytes(99)), "other files"),
        (response(header="Content-Type: font/woff2"), "fonts"),
        (response("http://e.org/robots.txt", header="Content-Type: text/plain"), "robots.txt"),
        (response(type="request"), "requests"),
        (response(type="revisit"), "revisits"),
        (response(type="metadata"), "crawler notes"),
        (response(type="continuation"), "continued records"),
        (response(type="invention"), "records of an unknown type"),
        (response("dns:example.org"), "name look-ups"),
        (response("metadata://gnu.org/x", type="resource"), "crawler notes"),
    ],
)
def test_what_is_no_page_is_counted_in_plain_words(record: bytes, what: str) -> None:
    assert read(record) == ([], {what: 1})


def test_a_wet_file_gives_its_text(tmp_path: Path) -> None:
    block = "Café words.\nAnd <b> more.".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://e.org/\r\nContent-Type: text/plain\r\n"
    )
    record = f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"
    notes = response(type="warcinfo")
    (tmp_path / "crawl").write_bytes(gzip.compress(notes) + gzip.compress(record))
    crawl = open_crawl([str(tmp_path / "crawl")])
    assert crawl.kind == "WET"
    ((_, found),) = crawl.records()
    assert found.read().text == "Café words.\nAnd <b> more."  # type: ignore[union-attr]


# --- ARC --------------------------------------------------------------------------------------------------------


def arc(packed: bool, last: str = "") -> bytes:
    info = b"1 0 Test\nURL IP-address Archive-date Content-type Archive-length\n"
    block = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + HTML.format("of old").encode()
    )
    records = [
        b"filedesc://a.arc 0.0.0.0 20140216050221 text/plain %d\n%s\n" % (len(info), info),
        b"http://e.org/with a space 1.2.3.4 20140216050221 text/html %d\n%s\n" % (len(block), block),
        b"http://e.org/v2 1.2.3.4 20140216050222 text/html 200 - - 17 a.arc %d\n%s\n" % (len(block), block),
        last.encode(),
    ]
    return b"".join(gzip.compress(r) if packed and r else r for r in records)


@pytest.mark.parametrize("packed", [False, True])
def test_an_arc_file(packed: bool) -> None:
    (first, second), passed_over = read(arc(packed), "a.arc")
    assert (first.url, first.time, first.form) == (
        "http://e.org/with a space",
        "2014-02-16T05:02:21Z",
        ".html",
    )
    assert (second.url, second.body) == ("http://e.org/v2", HTML.format("of old").encode())
    assert passed_over == {"crawler notes": 1}
    assert first.place < second.place


def test_an_arc_packed_as_a_whole() -> None:
    records, _ = read(gzip.compress(arc(packed=False)), "a.arc.gz")
    assert [record.url for record in records] == ["http://e.org/with a space", "http://e.org/v2"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_broken_arc_record_costs_one_row(packed: bool) -> None:
    records, _ = read(
        arc(packed, "http://e.org/cut 1.2.3.4 20140216050221 text/html 500\nHTTP/1.1 200 OK\r\n"), "a.arc"
    )
    assert [record.problem is None for record in records] == [True, True, False]
    assert "ends too early" in str(records[2].problem)


# --- damage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packer", ["gz", "zst", "lz4", "zst with a dictionary", "plain"])
def test_a_damaged_record_costs_one_row_and_the_next_is_read(packer: str) -> None:
    pieces = many()
    if packer == "plain":
        pieces[2] = pieces[2].replace(b"WARC/1.0", b"WXRC/1.0")
        data = b"".join(pieces)
    else:
        data = PACKERS[packer](pieces)
        places = [int(r.place.split("@")[1]) for r in read(data)[0]]
        broken = bytearray(data)
        for at in range(places[2] + 12, places[3] - 2):
            broken[at] = 0xFF
        data = bytes(broken)
    records, _ = read(data)
    assert [r.url for r in records if r.problem is None] == [
        f"http://example.org/{i}" for i in (0, 1, 3, 4, 5)
    ]
    (problem,) = (r.problem for r in records if r.problem is not None)
    assert problem.startswith("a.warc@")
    assert problem.endswith("; get the file again, or go on without the record.")


@pytest.mark.parametrize("packer", ["plain", "gz", "gz as a whole", "zst", "lz4"])
def test_a_file_that_ends_in_the_middle_gives_its_good_records(packer: str) -> None:
    data = PACKERS[packer](many())
    records, _ = read(data[: len(data) - (20 if packer == "gz as a whole" else 60)])
    good = [r.url for r in records if r.problem is None]
    assert good == [f"http://example.org/{i}" for i in range(5)]
    assert len(records) == 6
    assert records[5].problem is not None


@pytest.mark.parametrize("length", ["", "-5", "many", "9" * 40, "10"])
def test_a_record_without_a_sound_length_costs_one_row(length: str) -> None:
    pieces = many(3)
    pieces[1] = response("http://example.org/1", length=length)
    records, _ = read(b"".join(pieces))
    assert [r.url for r in records if r.problem is None] == ["http://example.org/0", "http://example.org/2"]
    assert sum(r.problem is not None for r in records) == 1


def test_a_length_that_swallows_the_next_record_hides_it_only_to_the_end() -> None:
    pieces = many(3)
    pieces[1] = response("http://example.org/1", length=10**9)
    records, _ = read(b"".join(pieces))
    assert [(r.url, r.problem is None) for r in records] == [
        ("http://example.org/0", True),
        ("http://example.org/1", False),
        ("http://example.org/2", True),
    ]


def test_an_answer_that_is_none_is_a_row() -> None:
    block = b"<p>no header at all</p>"
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://e.org/\r\nContent-Length: {len(block)}\r\n\r\n"
    record = one(head.encode() + block + b"\r\n\r\n")
    assert "holds no answer of a web server" in str(record.problem)


def test_a_page_beyond_the_limit_is_a_row_and_not_memory() -> None:
    big = response("http://example.org/big", bytes(b"<p>words " * (LIMIT // 8)))
    packed = gzip.compress(b"<p>" + bytes(2 * LIMIT))
    bomb = response("http://example.org/bomb", packed, "Content-Type: text/html\r\nContent-Encoding: gzip")
    image = response("http://example.org/i", bytes(LIMIT + 9), "Content-Type: image/png")
    records, passed_over = read(
        gzip.compress(big, 1) + gzip.compress(bomb) + gzip.compress(image, 1) + gzip.compress(many(1)[0])
    )
    assert [r.problem and r.problem.partition(": ")[2] for r in records[:2]] == [
        "larger than the limit of 20 MB; split it."
    ] * 2
    assert [r.url for r in records if r.problem is None] == ["http://example.org/0"]
    assert passed_over == {"images": 1}


def test_a_file_packed_as_a_whole_with_much_damage_is_given_up() -> None:
    pieces = [piece.replace(b"WARC/1.0", b"WXRC/1.0") if n % 2 else piece for n, piece in enumerate(many(80))]
    records, _ = read(gzip.compress(b"".join(pieces)))
    assert sum(r.problem is None for r in records) == 20
    assert "too much is damaged" in str(records[-1].problem)


def test_a_bomb_instead_of_a_record_is_one_row() -> None:
    records, _ = read(gzip.compress(many(1)[0]) + gzip.compress(bytes(100_000_000)), "a.warc.gz")
    assert [r.problem is None for r in records] == [True, False]


GZIPPED = PACKERS["gz"](many(4))
PLAIN = b"".join(many(4))


@settings(max_examples=150, deadline=None)
@given(
    data=st.sampled_from(
        [
            GZIPPED,
            PLAIN,
            PACKERS["lz4"](many(4)),
            PACKERS["zst"](many(4)),
            arc(packed=True),
            arc(packed=False),
        ]
    ),
    flips=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 255)), max_size=5),
    end=st.integers(0, 10**9) | st.none(),
)
def test_damaged_archives_never_raise(data: bytes, flips: list[tuple[int, int]], end: int | None) -> None:
    broken = bytearray(data[: None if end is None else end % (len(data) + 1)])
    for at, value in flips:
        if broken:
            broken[at % len(broken)] = value
    for _, record in read_stored("a.warc.gz", io.BytesIO(bytes(broken))):
        record.read()
        assert (record.problem is None) or not record.body


# --- archives of others ---------------------------------------------------------------------------------------

# pages, rows with a problem
EXPECTED = {
    "chatnoir-resiliparse_block-sized-records.warc": (0, 0),
    "chatnoir-resiliparse_block-sized-records.warc.gz": (0, 0),
    "chatnoir-resiliparse_block-sized-records.warc.lz4": (0, 0),
    "chatnoir-resiliparse_clipped.warc.gz": (0, 1),
    "chatnoir-resiliparse_clueweb-quirk.warc.gz": (29, 0),
    "chatnoir-resiliparse_warcfile.warc": (16, 0),
    "chatnoir-resiliparse_warcfile.warc.gz": (16, 0),
    "chatnoir-resiliparse_warcfile.warc.lz4": (16, 0),
    "warcio_bad.arc": (0, 4),
    "warcio_example-bad-non-chunked.warc.gz": (1, 0),
    "warcio_example-bad.warc.gz.bad": (1, 0),
    "warcio_example-digest.warc": (0, 0),
    "warcio_example-iana.org-chunked.warc": (1, 0),
    "warcio_example-resource.warc.gz": (1, 0),
    "warcio_example-space-in-target-uri.warc.gz": (0, 0),
    "warcio_example-space-in-url.arc": (1, 0),
    "warcio_example-trunc.warc": (0, 1),
    "warcio_example-wget-bad-target-uri.warc.gz": (1, 0),
    "warcio_example-wrong-chunks.warc.gz": (1, 0),
    "warcio_example.arc": (1, 0),
    "warcio_example.arc.gz": (1, 0),
    "warcio_example.warc": (1, 0),
    "warcio_example.warc.gz": (1, 0),
    "warcio_post-test.warc.gz": (0, 0),
}


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
@pytest.mark.parametrize("name", EXPECTED)
def test_archives_of_others_are_read_or_answered(name: str) -> None:
    crawl = open_crawl([str(SHARED / name)])
    records = [record for _, record in crawl.records()]
    problems = [record.problem for record in records if record.problem is not None]
    assert (len(records) - len(problems), len(problems)) == EXPECTED[name]
    assert all(f"{name}@" in problem for problem in problems), "file and place are named"
    assert records or crawl.passed_over, "whatever is in it is counted"
    for record in records:
        record.read()


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
def test_the_same_archive_packed_three_ways_gives_the_same_pages() -> None:
    found = []
    for ending in ("warc", "warc.gz", "warc.lz4"):
        crawl = open_crawl([str(SHARED / f"chatnoir-resiliparse_warcfile.{ending}")])
        found.append([(r.id, r.body, r.form, r.charset, r.time) for _, r in crawl.records()])
    assert found[0] == found[1] == found[2]
