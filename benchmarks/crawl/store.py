"""A crawl on disk: WARC files, a folder as a mirroring tool leaves it, JSON lines, Parquet; and the truth beside it."""

from __future__ import annotations

import base64
import gzip
import json
import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.crawl.plan import Page

Write = Callable[[str, str, str], None]  # (url, path in a mirror, html)

PAGES_OF_A_WARC = 2000
ROWS_OF_A_GROUP = 500  # Parquet
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


def write(pages: Iterable[Page], folder: Path, formats: Iterable[str], seed: int) -> None:
    """Write the pages in this order in every format, and truth/."""
    (folder / "truth").mkdir(parents=True)
    taken: set[str] = set()
    with ExitStack() as open_files:
        writers = [open_files.enter_context(FORMATS[name](folder, seed)) for name in formats]
        truth = open_files.enter_context((folder / "truth" / "truth.jsonl").open("w", encoding="utf-8"))
        raw = open_files.enter_context((folder / "truth" / "texts.jsonl.gz").open("wb"))
        packed = open_files.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0))
        for page in pages:
            html, file = page.render(seed), mirror_path(page.url, taken)
            for one in writers:
                one(page.url, file, html)
            row = {
                "url": page.url, "file": file, "kind": page.kind, "group": page.group, "role": page.role,
                "partners": page.partners, "changed": page.changed, "source": page.source,
            }  # fmt: skip
            truth.write(json.dumps(row, ensure_ascii=False) + "\n")
            text = json.dumps({"url": page.url, "title": page.title, "text": page.prose}, ensure_ascii=False)
            packed.write(text.encode() + b"\n")


def mirror_path(url: str, taken: set[str]) -> str:
    """Where a mirroring tool stores a page: host/path, queries in the name, endings adjusted, twins numbered."""
    parts = urlsplit(url)
    path = parts.path + ("index.html" if parts.path.endswith("/") else "")
    path += f"?{parts.query}" if parts.query else ""
    if not path.endswith((".html", ".htm")):
        path += ".html"
    wanted, number = f"{parts.netloc}{path}", 0
    while wanted.lower() in taken:
        number += 1
        stem, _, ending = f"{parts.netloc}{path}".rpartition(".")
        wanted = f"{stem}.{number}.{ending}"
    taken.add(wanted.lower())
    return wanted


@contextmanager
def _folder(folder: Path, seed: int) -> Iterator[Write]:
    del seed

    def one(url: str, file: str, html: str) -> None:
        del url
        path = folder / "folder" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(html.encode())

    yield one


@contextmanager
def _jsonl(folder: Path, seed: int) -> Iterator[Write]:
    del seed
    with (folder / "crawl.jsonl").open("w", encoding="utf-8") as file:

        def one(url: str, _: str, html: str) -> None:
            file.write(json.dumps({"id": url, "url": url, "html": html}, ensure_ascii=False) + "\n")

        yield one


@contextmanager
def _parquet(folder: Path, seed: int) -> Iterator[Write]:
    del seed
    pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")
    schema = pa.schema([("url", pa.string()), ("html", pa.string())])
    with pq.ParquetWriter(folder / "crawl.parquet", schema, compression="zstd") as file:
        rows: list[dict[str, str]] = []

        def flush() -> None:
            file.write_table(pa.Table.from_pylist(rows, schema))
            rows.clear()

        def one(url: str, _: str, html: str) -> None:
            rows.append({"url": url, "html": html})
            if len(rows) == ROWS_OF_A_GROUP:
                flush()

        yield one
        if rows:
            flush()


@contextmanager
def _warc(folder: Path, seed: int) -> Iterator[Write]:
    """Requests and responses as a crawler writes them, with a few images and missing pages between."""
    writer_of = import_module("warcio.warcwriter").WARCWriter
    headers_of = import_module("warcio.statusandheaders").StatusAndHeaders
    (folder / "warc").mkdir()
    rng = random.Random(f"warc {seed}")
    stack, count, writer = ExitStack(), 0, None

    def record(url: str, kind: str, status: str, fields: list[tuple[str, str]], body: bytes) -> None:
        assert writer is not None
        second = count * 2
        stamp = f"2026-10-{1 + second // 86400:02}T{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}Z"
        said = {
            "WARC-Date": stamp,
            "WARC-Record-ID": f"<urn:uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}>",
        }
        http = headers_of(status, fields, protocol="" if kind == "request" else "HTTP/1.1")
        made = writer.create_warc_record(url, kind, BytesIO(body), http_headers=http, warc_headers_dict=said)
        writer.write_record(made)
        made.raw_stream.close()  # a temporary file by now

    def start() -> Any:
        stack.close()
        name = f"crawl-{count // PAGES_OF_A_WARC:05}.warc.gz"
        made = writer_of(stack.enter_context((folder / "warc" / name).open("wb")), gzip=True)
        info = made.create_warcinfo_record(
            name, {"software": "benchmarks.crawl", "format": "WARC File Format 1.0"}
        )
        info.rec_headers.replace_header(
            "WARC-Record-ID", f"<urn:uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}>"
        )
        info.rec_headers.replace_header("WARC-Date", "2026-10-01T00:00:00Z")
        made.write_record(info)
        return made

    def one(url: str, _: str, html: str) -> None:
        nonlocal count, writer
        if count % PAGES_OF_A_WARC == 0:
            writer = start()
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        record(
            url,
            "request",
            f"GET {target} HTTP/1.1",
            [("Host", parts.netloc), ("User-Agent", "benchmark/1.0")],
            b"",
        )
        record(url, "response", "200 OK", [("Content-Type", "text/html; charset=utf-8")], html.encode())
        root = f"https://{parts.netloc}"
        if rng.random() < 0.06:
            record(f"{root}/img/{count}.gif", "response", "200 OK", [("Content-Type", "image/gif")], _PIXEL)
        if rng.random() < 0.03:
            lost = b"<html><head><title>Not found</title></head><body><h1>Not found</h1></body></html>"
            record(f"{root}/lost-{count}", "response", "404 Not Found", [("Content-Type", "text/html")], lost)
        count += 1

    with stack:
        yield one
        stack.close()


FORMATS = {"warc": _warc, "folder": _folder, "jsonl": _jsonl, "parquet": _parquet}
