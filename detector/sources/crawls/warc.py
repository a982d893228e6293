"""Web archives: WARC, the text archives made of it (WET), and its forerunner ARC.

A damaged record costs one row. Reading goes on where the next record begins.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from detector.errors import SourceError
from detector.sources.crawls import http
from detector.sources.crawls.packed import (
    DAMAGED,
    GZIP,
    ZSTD,
    ZSTD_DICTIONARY,
    Unpacked,
    packing,
    part,
    raw_unpacked,
)
from detector.sources.crawls.record import Record, iso
from detector.sources.files import LIMIT, clean

if TYPE_CHECKING:
    from fastwarc.stream_io import GzipReader

_AGAIN = "get the file again, or go on without the record"
_WARC_LINE = re.compile(rb"^WARC/\d\.\d+\r?\n(?=WARC-|Content-)", re.MULTILINE)
_ARC_LINE = re.compile(rb"^[a-z]{3,10}:[^\r\n]{1,8000} \d{14,20} [^\s]{1,100} [^\s]{1,15}\r?\n", re.MULTILINE)
_MOST = LIMIT + http.HEADER_LIMIT + 1  # bytes of a record that are read, if it is a page
_ARC_HEADER = re.compile(
    r"(?P<url>\S.*?) \S+ (?P<time>\d{14})\d* (?P<kind>\S+) (?:\d{3} \S+ \S+ \d+ \S+ )?(?P<length>\S+)$"
)
_RESTARTS = 20  # of a file packed as a whole: each time it is unpacked from its beginning
_STEP = 1 << 20
_OVERLAP = 1 << 14  # what is read twice, so that no record line is cut
_NOTES = {
    "warcinfo": "crawler notes",
    "metadata": "crawler notes",
    "arc_header": "crawler notes",
    "request": "requests",
    "revisit": "revisits",
    "continuation": "continued records",
}


class _Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Block:
    """A record of an archive: what its header says, and its content, to be read once.

    kind: its Content-Type. length: of the content in bytes, None where the header says none or nonsense.
    """

    offset: int
    type: str
    url: str
    time: str | None
    kind: str
    length: int | None
    content: _Reader


_Blocks = Callable[[BinaryIO, int, bytes], Iterator[_Block]]


class _BrokenError(Exception):
    """Where the record ends, and so where the next one begins, is not known.

    page: the page of the record, where it is whole all the same.
    """

    def __init__(self, problem: str, page: Record | None = None) -> None:
        super().__init__(problem)
        self.page = page


def read_warc(name: str, stream: BinaryIO, passed_over: Counter[str]) -> Iterator[Record]:
    """The pages of a WARC file, packed or not. `stream` can seek; `name` is what places and messages call it."""
    stream.seek(0)
    head = stream.read(_STEP)
    magic = packing(head)
    if magic is not None and (_several_inside(head, _WARC_LINE) or _second_inside(stream, magic)):
        # packed as a whole: offsets are those of the unpacked file
        stream, magic = raw_unpacked(stream), None
    return _read(name, stream, passed_over, magic, _warc_blocks, _WARC_LINE)


def read_arc(name: str, stream: BinaryIO, passed_over: Counter[str]) -> Iterator[Record]:
    """The pages of an ARC file, packed or not, as `read_warc`."""
    stream.seek(0)
    head = stream.read(_STEP)
    magic = packing(head)
    if magic is not None and (magic != GZIP or _several_inside(head, _ARC_LINE)):
        stream, magic = raw_unpacked(stream), None
    return _read(name, stream, passed_over, magic, _arc_blocks, _ARC_LINE)


def _read(
    name: str,
    stream: BinaryIO,
    passed_over: Counter[str],
    magic: bytes | None,
    blocks: _Blocks,
    line: re.Pattern[bytes],
) -> Iterator[Record]:
    dictionary = _dictionary(stream) if magic == ZSTD else b""
    restarts = _RESTARTS if isinstance(stream, Unpacked) else None
    at: int | None = 0
    unread: int | None = None  # the record after which something could not be read
    while at is not None:
        last, problem, told, url = None, None, False, None
        try:
            for block in blocks(stream, at, dictionary):
                if unread is not None:
                    yield _problem(name, unread, "what follows this record is damaged")
                    unread = None
                last, url = block.offset, clean(block.url) or None
                found = _page(name, block, passed_over)
                told = found is not None and found.problem is not None
                if found is not None:
                    yield found
            break
        except _BrokenError as error:
            if error.page is not None:
                yield error.page
                told = True
            else:
                problem = str(error)
        except DAMAGED as error:
            if last is None:
                last, problem = at, f"the record is damaged ({_short(error)})"
        if problem is not None:
            yield _problem(name, last or 0, problem, url)
        unread = None if told or problem is not None else last
        if restarts is not None and (restarts := restarts - 1) == 0:
            yield _problem(name, last or 0, "too much is damaged; what follows this record is not read")
            return
        at = _next(stream, (last or 0) + 1, magic, line)
    if unread is not None:
        yield _problem(name, unread, "what follows this record is damaged")


def _problem(name: str, offset: int, problem: str, url: str | None = None) -> Record:
    place = f"{name}@{offset}"
    return Record(url or place, place, url=url, problem=f"{place}: {problem}; {_AGAIN}.")


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _page(name: str, block: _Block, passed_over: Counter[str]) -> Record | None:
    """The page of a record, None where it is none. Raises _BrokenError when the record is not whole."""
    if block.length is None:
        raise _BrokenError("the record does not say how long it is")
    if (note := _other(block)) is not None:
        _skip(block)
        passed_over[note] += 1
        return None
    place = f"{name}@{block.offset}"
    url = clean(block.url)
    known: dict[str, Any] = {"id": url or place, "place": place, "url": url or None, "time": block.time}
    content = _content(block)
    short = len(content) < min(block.length, _MOST)
    early = f"the record ends too early, after {len(content):,} of {block.length:,} bytes"
    header: dict[str, str] = {"content-type": block.kind}
    if block.type == "response":
        answer = http.parse(content)
        if short and (answer is None or not http.is_whole(*answer[1:])):
            raise _BrokenError(early)
        if answer is None:
            return Record(**known, problem=f"{place}: the record holds no answer of a web server; {_AGAIN}.")
        status, header, content = answer
        if (note := http.passed_over(status)) is not None:
            passed_over[note] += 1
            return None
    elif short:
        raise _BrokenError(early)
    page = _stored(known, content, header, block.type == "conversion", passed_over)
    if short and page is not None:
        raise _BrokenError(early, page)
    return page


def _stored(
    known: dict[str, Any], content: bytes, header: dict[str, str], text: bool, passed_over: Counter[str]
) -> Record | None:
    """The page that was stored with such a header, None where it is none. text: it has been made plain text."""
    place, url = known["place"], known["url"] or ""
    kind, charset = http.media_type(header.get("content-type", ""))
    problem = f"{place}: {http.TOO_LARGE}." if len(content) > LIMIT else None
    if problem is None:
        try:
            content = http.decoded(content, header, place)
        except SourceError as error:
            problem = str(error)
    form, other = (".txt", None) if text else http.form_of(kind, url, content if problem is None else b"")
    if other is not None:
        passed_over[other] += 1
        return None
    if problem is not None:
        return Record(**known, problem=problem)
    return Record(**known, body=content, form=form or "", charset=charset)


def _other(block: _Block) -> str | None:
    """What people call a record that holds no page, as far as its header tells."""
    if block.type in _NOTES:
        return _NOTES[block.type]
    if block.type not in {"response", "resource", "conversion"}:
        return "records of an unknown type"
    scheme, colon, _ = block.url.partition(":")
    if colon and scheme.lower() not in {"http", "https", "file", "ftp"}:
        return "name look-ups" if scheme.lower() == "dns" else "crawler notes"
    return None


def _content(block: _Block) -> bytes:
    """The content, of one beyond the limit only so much that this shows."""
    parts, size = [], 0
    while size < _MOST and (more := _some(block, _MOST - size)):
        parts.append(more)
        size += len(more)
    return b"".join(parts)


def _skip(block: _Block) -> None:
    size = 0
    while more := _some(block, _STEP):
        size += len(more)
    if size < (block.length or 0):
        raise _BrokenError(f"the record ends too early, after {size:,} of {block.length:,} bytes")


def _some(block: _Block, size: int) -> bytes:
    try:
        return block.content.read(size)
    except DAMAGED as error:
        raise _BrokenError(f"the record is damaged ({_short(error)})") from error


# --- records ------------------------------------------------------------------------------------------------


def _warc_blocks(stream: BinaryIO, at: int, dictionary: bytes) -> Iterator[_Block]:
    from fastwarc.warc import ArchiveIterator

    source, shift = stream, 0
    if dictionary and at:
        source, shift = part(stream, at, front=dictionary), at - len(dictionary)
    source.seek(0 if source is not stream else at)
    for record in ArchiveIterator(source, parse_http=False):
        header = record.headers
        length = (header.get("Content-Length") or "").strip()
        yield _Block(
            record.stream_pos + shift,
            (header.get("WARC-Type") or "").strip().lower(),
            (header.get("WARC-Target-URI") or "").strip("<> \t"),
            iso(header.get("WARC-Date")),
            header.get("Content-Type") or "",
            int(length) if re.fullmatch(r"\d{1,15}", length, re.ASCII) else None,
            cast(_Reader, record.reader),
        )


def _arc_blocks(stream: BinaryIO, at: int, _: bytes) -> Iterator[_Block]:
    source = part(stream, at)
    packed: GzipReader | None = None
    if source.read(3) == GZIP:
        from fastwarc.stream_io import GzipReader

        source.seek(0)
        packed = GzipReader(source)
    else:
        source.seek(0)
    reader: _Reader = packed or source
    while line := _arc_line(reader):
        header = _ARC_HEADER.match(line.decode("utf-8", "replace").rstrip())
        if header is None:
            raise ValueError("no record begins here")
        offset = at + (source.tell() - len(line) if packed is None else packed.frame_start_position() or 0)
        length = int(header["length"]) if re.fullmatch(r"\d{1,15}", header["length"], re.ASCII) else None
        notes = header["url"].startswith("filedesc:")
        content = _Limited(reader, length or 0)
        yield _Block(
            offset,
            "arc_header" if notes else "response",
            header["url"],
            iso(header["time"]),
            header["kind"],
            length,
            content,
        )
        while content.read(_STEP):  # what nobody wanted
            pass


def _arc_line(reader: _Reader) -> bytes:
    """The next line that is not empty, with its end; empty at the end of the archive."""
    line = b""
    while len(line) < _OVERLAP and (character := reader.read(1)):
        line += character
        if character == b"\n":
            if line.strip():
                return line
            line = b""
    return line if line.strip() else b""


class _Limited:
    """So many bytes of a stream."""

    def __init__(self, stream: _Reader, left: int) -> None:
        self._stream, self._left = stream, left

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        return data


def _several_inside(head: bytes, line: re.Pattern[bytes]) -> bool:
    """Whether the first piece that was packed with gzip holds more than one record, as far as it is read here."""
    return head.startswith(GZIP) and len(line.findall(_first_member(head))) > 1


def _second_inside(stream: BinaryIO, magic: bytes) -> bool:
    """Whether the second record is no packed piece of its own."""
    try:
        records = _warc_blocks(stream, 0, b"")
        if next(records, None) is None or (second := next(records, None)) is None:
            return False
    except DAMAGED:
        return False
    stream.seek(second.offset)
    return not stream.read(4).startswith(magic)


def _first_member(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, _STEP)
    except zlib.error:
        return b""


# --- going on after damage ------------------------------------------------------------------------------------


def _next(stream: BinaryIO, at: int, magic: bytes | None, line: re.Pattern[bytes]) -> int | None:
    """Where the first record from `at` on begins that can be told; None: there is none."""
    wanted = line if magic is None else re.compile(re.escape(magic))
    while True:
        piece = _piece(stream, max(0, at - 1), _STEP + _OVERLAP)  # with the line break before
        start = at - max(0, at - 1)
        for found in wanted.finditer(piece, start):
            if found.start() >= _STEP:
                break
            place = at - start + found.start()
            if magic != GZIP or line.match(_first_member(piece[found.start() : found.start() + _OVERLAP])):
                return place
        if len(piece) < _STEP + _OVERLAP:
            return None
        at += _STEP - start


def _piece(stream: BinaryIO, at: int, size: int) -> bytes:
    """So many bytes from some place on, or what is sound of them."""
    parts: list[bytes] = []
    try:
        stream.seek(at)
        while size and (more := stream.read(size)):
            parts.append(more)
            size -= len(more)
    except DAMAGED:
        pass
    return b"".join(parts)


def _dictionary(stream: BinaryIO) -> bytes:
    """The frame in front of zstd records that holds what they share; empty where there is none."""
    stream.seek(0)
    head = stream.read(8)
    if not head.startswith(ZSTD_DICTIONARY):
        return b""
    size = int.from_bytes(head[4:8], "little")
    return head + stream.read(size) if size <= LIMIT else b""
