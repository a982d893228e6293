"""What a file is, by its content."""

from __future__ import annotations

import mimetypes
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from detector.sources.charset import decode
from detector.sources.crawls import http, tables
from detector.sources.crawls.packed import head_of
from detector.sources.crawls.parquet import MAGIC
from detector.sources.crawls.rows import CONTENTS
from detector.sources.crawls.wacz import DAMAGED_ZIP, is_wacz
from detector.sources.files import (
    FOREIGN_ENDINGS,
    JSONL_ENDINGS,
    NOT_PAGES,
    PAGE_ENDINGS,
    is_binary,
    looks_like_html,
    office_ending,
)

WARC, WET, ARC, WACZ = "WARC", "WET", "ARC", "WACZ"
LINES, ARRAY, PARQUET = "JSON lines", "JSON array", "Parquet"
TABLE, ADDRESSES = "table of pages", "table of addresses"
PAGE = "page"
SITEMAP, LIST, PATHS = "sitemap", "list of addresses", "list of paths"

# Of a file whose content is damaged beyond recognition the ending may still tell that somebody expects pages in it.
_ENDINGS = {".warc": WARC, ".wet": WET, ".arc": ARC, ".wacz": WACZ, ".parquet": PARQUET}
_ENDINGS |= dict.fromkeys(JSONL_ENDINGS, LINES)
_PACKED = frozenset({".gz", ".zst", ".lz4"})
_ZIP = b"PK\x03\x04"
_ROW = re.compile(r"\s*\{\s*[\"}]")
_ARRAY = re.compile(r"\s*\[\s*\{\s*[\"}]")
_CONTENT = re.compile(rf'"(?:{"|".join(CONTENTS)})"\s*:', re.IGNORECASE)
_SITEMAP = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:(?:<!--.{0,2000}?-->|<\?[^>]{0,500}\?>)\s*)*<(?:\w{1,20}:)?(?:urlset|sitemapindex)\b",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+$", re.IGNORECASE)
_ARCHIVE_PATH = re.compile(
    r"\S.*\.(?:w?arc|wet|wacz|jsonl|ndjson|parquet|csv|xlsx)(?:\.(?:gz|zst|lz4))?$", re.IGNORECASE
)


def kind_of(path: Path) -> str | None:
    """What a file is that somebody has named; None when it is nothing a crawl is kept in. Raises OSError."""
    with path.open("rb") as file:
        head, packed = head_of(file)
    kind = _kind(head, path, packed=packed)
    if kind in {TABLE, ADDRESSES} and path.suffix.lower() in PAGE_ENDINGS:
        return PAGE  # a text with a bar in its first line
    return kind or (None if is_binary(head[:8192]) else PAGE)


def kind_inside(path: Path) -> tuple[str | None, str]:
    """What a file of a folder is, or None and what people call it. A file that cannot be opened counts as a page."""
    ending = path.suffix.lower()
    if path.name.lower() == "robots.txt":
        return None, "robots.txt"
    if ending in PAGE_ENDINGS | FOREIGN_ENDINGS:
        return PAGE, ""
    guess = mimetypes.guess_type(path.name)[0] or ""
    if guess.startswith(("image/", "video/", "audio/", "font/")) or guess in {"text/css", "text/javascript"}:
        return None, http.name_of(guess)
    try:
        with path.open("rb") as file:
            head, packed = head_of(file)
    except OSError:
        return (None, "other files") if ending in NOT_PAGES else (PAGE, "")
    kind = _kind(head, path, packed=packed)
    if kind in {LINES, ARRAY} and ending not in JSONL_ENDINGS and not _CONTENT.search(decode(head)):
        kind = None  # a script's settings
    if kind == PAGE and ending in NOT_PAGES - {".php"}:
        kind = None
    if kind is None and not ending and head.strip() and not is_binary(head[:8192]):
        kind = PAGE
    return (None, http.name_of(guess)) if kind in {None, SITEMAP, LIST, PATHS} else (kind, "")


def of_stream(name: str, stream: BinaryIO) -> str:
    """What a stored file is, given as a stream that can be read at any place."""
    path = PurePosixPath(name)
    if path.suffix.lower() in PAGE_ENDINGS | FOREIGN_ENDINGS:
        return PAGE
    head, packed = head_of(stream)
    if head.startswith(_ZIP) and not packed:
        return zip_kind(stream, path) or PAGE
    return _plain(head) or _by_ending(path) or PAGE


def _kind(head: bytes, path: Path, *, packed: bool) -> str | None:
    if head.startswith(_ZIP) and not packed:
        with path.open("rb") as file:
            return zip_kind(file, path)
    return _plain(head) or _by_ending(path)


def _by_ending(path: PurePosixPath | Path) -> str | None:
    endings = [ending.lower() for ending in path.suffixes[-2:]]
    while endings and endings[-1] in _PACKED:
        endings.pop()
    return _ENDINGS.get(endings[-1]) if endings else None


def _plain(head: bytes) -> str | None:
    if head.startswith(MAGIC):
        return PARQUET
    start = head.lstrip(b"\r\n\xef\xbb\xbf ")
    if start.startswith(b"WARC/"):
        return WET if re.search(rb"^WARC-Type:\s*conversion", head, re.MULTILINE | re.IGNORECASE) else WARC
    if start.startswith(b"filedesc:"):
        return ARC
    if office_ending(head, "") is not None:
        return PAGE
    if not start or is_binary(head[:8192]):
        return None
    text = decode(head).removeprefix("\ufeff")
    if _ROW.match(text):
        return LINES
    if _ARRAY.match(text):
        return ARRAY
    if _SITEMAP.match(text):
        return SITEMAP
    if looks_like_html(text):
        return PAGE
    if tables.is_table(text):
        return TABLE if tables.has_pages(text) else ADDRESSES
    return _list(text.splitlines()[:-1] or [text])


def _list(lines: Sequence[str]) -> str | None:
    lines = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")][:100]
    for what, kind in ((_ADDRESS, LIST), (_ARCHIVE_PATH, PATHS)):
        if 2 * sum(what.match(line) is not None for line in lines) > len(lines):
            archives = all(_ARCHIVE_PATH.match(line) for line in lines)
            return PATHS if archives else kind
    return None


def zip_kind(stream: BinaryIO, path: PurePosixPath | Path) -> str | None:
    """What a zip archive is, by the names in it."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except DAMAGED_ZIP:
        return _by_ending(path)
    if "xl/workbook.xml" in names:
        return ADDRESSES
    if any(name.startswith("word/") for name in names) or "content.xml" in names:
        return PAGE
    return WACZ if is_wacz(names) else None
