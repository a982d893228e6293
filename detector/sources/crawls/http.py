"""What a web server answered, as crawlers keep it: status, header and body in one piece."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from detector.errors import SourceError
from detector.sources.crawls.packed import DAMAGED
from detector.sources.files import (
    FOREIGN_ENDINGS,
    FORMS,
    LIMIT,
    OFFICE_ENDINGS,
    PAGE_ENDINGS,
    SAYS_LITTLE,
    is_binary,
    office_ending,
)

HEADER_LIMIT = 1 << 16  # bytes
TOO_LARGE = f"larger than the limit of {LIMIT // 1_000_000} MB; split it"

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b", re.IGNORECASE)
_BODY = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)

_OTHERS = (
    ("image/", "images"),
    ("video/", "video and audio"),
    ("audio/", "video and audio"),
    ("font", "fonts"),
    ("css", "style sheets"),
    ("javascript", "scripts"),
    ("ecmascript", "scripts"),
    ("json", "data (JSON, XML, ...)"),
    ("xml", "data (JSON, XML, ...)"),
    ("csv", "data (JSON, XML, ...)"),
)


def parse(block: bytes) -> tuple[int, dict[str, str], bytes] | None:
    """Status, header by lower-case name, and what follows it; None when the block is no answer of a web server."""
    status = _STATUS.match(block)
    if status is None:
        return None
    end = _BODY.search(block)
    header: dict[str, str] = {}
    for line in block[: end.start() if end else len(block)].decode("latin-1").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            header.setdefault(name.strip().lower(), value.strip())
    return int(status[1]), header, block[end.end() :] if end else b""


def is_whole(header: dict[str, str], body: bytes) -> bool:
    """Whether the body is as long as the server said, which a crawler may not have counted right."""
    length = header.get("content-length", "")
    return re.fullmatch(r"[1-9]\d{0,14}", length) is not None and int(length) <= len(body)


def passed_over(status: int) -> str | None:
    """What people call an answer that is no page; None for a page."""
    if status == 200:
        return None
    if 300 <= status < 400:
        return "redirects"
    return f"errors ({status})" if status >= 400 else f"answers without a page ({status})"


def media_type(header: str) -> tuple[str, str | None]:
    """The type in lower case and the charset of a Content-Type."""
    kind, _, parameters = header.partition(";")
    charset = _CHARSET.search(parameters)
    return kind.split(",")[0].strip().lower(), charset[1] if charset else None


def name_of(kind: str) -> str:
    """What people call files of that type."""
    return next((words for sign, words in _OTHERS if sign in kind), "other files")


def form_of(kind: str, url: str, body: bytes = b"") -> tuple[str, None] | tuple[None, str]:
    """How a page of that type is read (".html", "" for: by its content), or what people call it where it is no page."""
    if kind in FORMS:
        form = FORMS[kind]
        # where the header is wrong, the content decides
        return ("" if form == ".html" and is_binary(body[:8192]) else form), None
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        path = ""
    if path == "/robots.txt":
        return None, "robots.txt"
    ending = PurePosixPath(path).suffix.lower()
    if ending in OFFICE_ENDINGS or (kind in SAYS_LITTLE and ending in PAGE_ENDINGS | FOREIGN_ENDINGS):
        return ending, None
    if kind not in SAYS_LITTLE:
        return None, name_of(kind)
    if is_binary(body[:8192]) and office_ending(body, "") is None:
        return None, "other files"
    return "", None


def decoded(body: bytes, header: dict[str, str], place: str) -> bytes:
    """The body without chunks and packing. Raises SourceError when it is damaged or too large.

    Many crawlers unpack what they store and leave the header as it was; then the body is taken as it is.
    """
    if "chunked" in header.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    for name in reversed([n.strip().lower() for n in header.get("content-encoding", "").split(",")]):
        if name in {"", "identity", "none"} or not body:
            continue
        whole = _unpack(body, name)
        if whole is None:
            if not is_binary(body[:8192]):
                break
            raise SourceError(f"{place}: the page is packed ({name[:20]}) and damaged; crawl it again.")
        body = whole
    if len(body) > LIMIT:
        raise SourceError(f"{place}: {TOO_LARGE}.")
    return body


def _unchunked(body: bytes) -> bytes:
    """Chunks put together; what comes after a broken one is kept as it is."""
    parts: list[bytes] = []
    at = 0
    while (chunk := _CHUNK.match(body, at)) is not None:
        size = int(chunk[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[chunk.end() : chunk.end() + size])
        at = chunk.end() + size
        at += 2 if body[at : at + 2] == b"\r\n" else 1 if body[at : at + 1] == b"\n" else 0
    parts.append(body[at:])
    return b"".join(parts)


def _unpack(body: bytes, name: str) -> bytes | None:
    """At most a byte more than the limit; None when it cannot be unpacked."""
    from fastwarc.stream_io import BrotliReader, ZstdReader

    try:
        if name in {"br", "zstd"}:
            return (BrotliReader if name == "br" else ZstdReader)(BytesIO(body)).read(LIMIT + 1)
        if name in {"gzip", "x-gzip"}:
            return _inflate(body, 31)
        if name == "deflate":  # most servers send a zlib stream, some a bare one
            return _inflate(body, 15) or _inflate(body, -15)
    except DAMAGED:
        pass
    return None


def _inflate(body: bytes, window: int) -> bytes | None:
    unpack = zlib.decompressobj(window)
    try:
        whole = unpack.decompress(body, LIMIT + 1)
    except zlib.error:
        return None
    return whole if unpack.eof or len(whole) > LIMIT else None
