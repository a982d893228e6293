"""Any crawl, opened by its content: the same pages whatever they are kept in, and a clear word when there are none."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detector.document import Document
from detector.errors import SourceError
from detector.sources.crawls import is_live, open_crawl, read_stored

HEAD = '<!DOCTYPE html><html lang="en"><head>{}<title>Café “Lock”</title></head>'
BODY = (
    "<body><nav><a href='/'>Home</a></nav><h1>Café “Lock”</h1><p>Every spring the keeper opens the gate – twice – and"
    ' writes the level of the water <a href="../down?x=1" rel="nofollow">down</a> in his book.</p>'
    "<ul><li>naïve</li><li>coöperation</li></ul><p hidden>nothing</p></body></html>"
)
# name: what the page declares, how it is stored, what the server's header says
PAGES = {
    "utf8": ('<meta charset="utf-8">', "utf-8", ""),
    "header": ("", "iso-8859-15", "; charset=iso-8859-15"),
    "western": ('<meta charset="windows-1252">', "cp1252", ""),
    "undeclared": ("", "cp1252", ""),
}


def html(name: str) -> str:
    page = HEAD.format(PAGES[name][0]) + BODY
    return page.replace("“", '"').replace("”", '"').replace("–", "-") if name == "header" else page


def url(name: str) -> str:
    return f"https://example.org/a/{name}.html"


def as_warc(folder: Path, pack: Callable[[bytes], bytes] = bytes) -> Path:
    out = b""
    for name, (_, charset, header) in PAGES.items():
        block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html{header}\r\n\r\n".encode() + html(name).encode(
            charset
        )
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url(name)}\r\n"
        head += f"Content-Length: {len(block)}\r\n\r\n"
        out += pack(head.encode() + block + b"\r\n\r\n")
    (folder / "crawl").write_bytes(out)
    return folder / "crawl"


def as_folder(folder: Path) -> Path:
    place = folder / "mirror" / "example.org" / "a"
    place.mkdir(parents=True)
    for name, (_, charset, _) in PAGES.items():
        (place / f"{name}.html").write_bytes(html(name).encode(charset))
    return folder / "mirror"


def as_jsonl(folder: Path) -> Path:
    rows = [json.dumps({"url": url(name), "html": html(name)}) for name in PAGES]
    (folder / "crawl").write_text("\n".join(rows))
    return folder / "crawl"


def as_feed(folder: Path) -> Path:
    (folder / "crawl").write_text(json.dumps([{"url": url(name), "body": html(name)} for name in PAGES]))
    return folder / "crawl"


def as_parquet(folder: Path) -> Path:
    pq.write_table(
        pa.table({"url": [url(n) for n in PAGES], "html": [html(n) for n in PAGES]}), folder / "crawl"
    )
    return folder / "crawl"


def as_bytes_in_parquet(folder: Path) -> Path:
    raw = [html(name).encode(PAGES[name][1]) for name in PAGES]
    pq.write_table(pa.table({"url": [url(n) for n in PAGES], "html": raw}), folder / "crawl")
    return folder / "crawl"


STORED: dict[str, Callable[[Path], Path]] = {
    "WARC": as_warc,
    "packed WARC": lambda folder: as_warc(folder, gzip.compress),
    "folder": as_folder,
    "JSON lines": as_jsonl,
    "feed": as_feed,
    "Parquet": as_parquet,
    "bytes in Parquet": as_bytes_in_parquet,
}


def content(document: Any) -> Any:
    assert isinstance(document, Document), document
    return document.text, document.blocks, document.links, document.title, document.url, document.language


@pytest.mark.parametrize("stored", STORED)
def test_the_same_page_is_the_same_document_whatever_it_is_kept_in(stored: str, tmp_path: Path) -> None:
    documents = {r.url: r.read() for _, r in open_crawl([str(STORED[stored](tmp_path))]).records()}
    assert set(documents) == {url(name) for name in PAGES}
    for name in PAGES:
        if name == "header" and stored in {"folder", "bytes in Parquet"}:
            continue  # the charset was in the header alone, which they do not keep
        assert content(documents[url(name)]) == content(Document.from_html(html(name), url(name)))


@pytest.mark.parametrize("stored", STORED)
def test_a_stream_gives_what_the_crawl_gives(stored: str, tmp_path: Path) -> None:
    crawl = open_crawl([str(STORED[stored](tmp_path))])
    expected = list(crawl.records())
    found = []
    for place, file in enumerate(crawl.files):
        with file.path.open("rb") as stream:
            for number, record in read_stored(file.name, stream, kind=file.kind, url=file.url):
                found.append((place << 32 | number, record))
    assert found == expected


class Pipe(io.RawIOBase):
    """A stream that nobody can go back in."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(buffer)


def test_a_stream_need_not_seek(tmp_path: Path) -> None:
    data = as_warc(tmp_path, gzip.compress).read_bytes()
    assert list(read_stored("a", Pipe(data))) == list(read_stored("a", io.BytesIO(data)))  # type: ignore[arg-type]


def test_reading_twice_gives_the_same_and_counts_once(tmp_path: Path) -> None:
    as_warc(tmp_path)
    (tmp_path / "note.txt").write_text("beside")
    crawl = open_crawl([str(tmp_path)])
    assert list(crawl.records()) == list(crawl.records())
    assert crawl.passed_over == {"files beside the archives": 1}


def test_the_order_is_that_of_the_names_and_not_of_the_arguments(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.html"):
        (tmp_path / name).write_text('{"text": "x"}' if name.endswith("l") and "json" in name else "<p>x")
    names = [str(tmp_path / name) for name in ("c.html", "a.jsonl", "b.jsonl", "a.jsonl")]
    crawl = open_crawl(names)
    assert [file.path.name for file in crawl.files] == ["a.jsonl", "b.jsonl", "c.html"]
    assert crawl.kind == "JSON lines, pages"
    assert [row for row, _ in crawl.records()] == [0, 1 << 32, 2 << 32]
    assert list(crawl.records()) == list(open_crawl(names[::-1]).records())


def test_files_are_known_by_size_and_time(tmp_path: Path) -> None:
    path = as_jsonl(tmp_path)
    (file,) = open_crawl([str(path)]).files
    assert (file.name, file.size, file.mtime_ns) == (str(path), path.stat().st_size, path.stat().st_mtime_ns)


def test_the_share_grows_to_one(tmp_path: Path) -> None:
    crawl = open_crawl([str(as_folder(tmp_path))])
    shares = [crawl.share] + [crawl.share for _ in crawl.records()] + [crawl.share]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_list_of_paths(tmp_path: Path) -> None:
    as_warc(tmp_path).rename(tmp_path / "a.warc")
    (tmp_path / "paths.txt").write_text(f"# the crawl\n{tmp_path / 'a.warc'}\n\na.warc\n")
    assert len(list(open_crawl([str(tmp_path / "paths.txt")]).records())) == len(PAGES)
    (tmp_path / "paths.txt").write_text("b.warc.gz\n")
    with pytest.raises(SourceError, match=r"paths.txt, line 1: no such file: b.warc.gz; check the spelling"):
        open_crawl([str(tmp_path / "paths.txt")])
    (tmp_path / "paths.txt").write_text("s3://bucket/b.warc.gz\n")
    with pytest.raises(SourceError, match="no path of this machine"):
        open_crawl([str(tmp_path / "paths.txt")])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.bin", bytes(range(256)), "nothing that a crawl is kept in; give WARC, "),
        ("x.png", b"\x89PNG\r\n\x1a\n" + bytes(20), "nothing that a crawl is kept in"),
        ("x.zip", b"PK\x05\x06" + bytes(18), "nothing that a crawl is kept in"),
        ("x.txt", b"https://e.org/1\nhttps://e.org/2\n", "a list of addresses, and no stored crawl"),
        ("x", b'<?xml version="1.0"?>\n<!-- x --><sitemapindex>', "a sitemap, and no stored crawl"),
    ],
)
def test_what_is_no_stored_crawl_is_refused(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        open_crawl([str(tmp_path / name)])


@pytest.mark.parametrize("name", ["nowhere", "a\0b", "x" * 5000])
def test_what_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match="no such file or folder; check the spelling"):
        open_crawl([name])


def test_an_address_an_empty_folder_and_a_device_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="an address"):
        open_crawl(["https://e.org/sitemap.xml"])
    with pytest.raises(SourceError, match="holds no pages; give WARC"):
        open_crawl([str(tmp_path)])
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        open_crawl(["/dev/null"])


SITEMAP = b"<?xml version='1.0' encoding='UTF-8'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'></urlset>"


@pytest.mark.parametrize(
    ("content", "live"),
    [
        (SITEMAP, True),
        (gzip.compress(SITEMAP), True),
        (b"\xef\xbb\xbf<s:sitemapindex xmlns:s='x'>", True),
        (b"https://e.org/1\r\nhttp://e.org/2\n# why\nsome words\n", True),
        ("https://e.org/1\n".encode("utf-16"), True),
        (b"https://e.org/1.warc.gz\nhttps://e.org/2.warc.gz\n", False),
        (b"Words about https://e.org/1\nand more words.\n", False),
        (b"", False),
        (b"\x1f\x8b\x08broken", False),
        (b'{"url": "https://e.org/1", "text": "x"}\n', False),
    ],
)
def test_what_has_to_be_fetched_is_told_by_its_content(content: bytes, live: bool, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    assert is_live(str(tmp_path / "x")) is live


def test_only_addresses_and_files_are_live(tmp_path: Path) -> None:
    assert is_live("HTTPS://e.org/sitemap.xml")
    for name in (str(tmp_path), "nowhere", "a\0b"):
        assert not is_live(name)


def test_a_damaged_file_among_others_is_a_row_and_no_end(tmp_path: Path) -> None:
    as_warc(tmp_path).rename(tmp_path / "b.warc")
    (tmp_path / "a.warc.gz").write_bytes(b"\x1f\x8b\x08" + b"\xff" * 100)
    (tmp_path / "c.warc").write_bytes(b"nothing of the kind")
    records = [r for _, r in open_crawl([str(tmp_path)]).records()]
    assert [r.problem is None for r in records] == [False, *[True] * len(PAGES), False]
