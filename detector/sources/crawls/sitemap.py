"""Lists of web addresses: sitemaps, indexes of sitemaps, and text with one address a line; packed with gzip or not.

They are told apart by content. Nothing is fetched here, and memory stays flat however long a list is.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from gzip import GzipFile
from typing import IO, NamedTuple
from xml.parsers import expat

from detector.errors import SourceError
from detector.sources.files import is_binary, looks_like_html

LIMIT = 200_000_000  # bytes unpacked, four times what the protocol allows one sitemap
LONGEST = 70_000  # characters of an address; what is longer is none
DEEPEST = 40  # elements within elements

_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Entry(NamedTuple):
    """An address as it is written in a list, and whether it names another sitemap instead of a page."""

    address: str
    is_sitemap: bool = False


def read_list(file: IO[bytes], *, limit: int | None = LIMIT) -> Iterator[Entry]:
    """The addresses of a list in its order. limit: bytes of what is not packed, None for none.

    Raises SourceError when it is no list or breaks off; what stands before the break has then been given.
    """
    reader = io.BufferedReader(_Bounded(file.read, limit))
    for _ in range(2):  # a packed file, and perhaps a server that packed it again
        if reader.peek(2).startswith(_GZIP):
            reader = io.BufferedReader(_Bounded(GzipFile(fileobj=reader).read, LIMIT))
    head = reader.peek(8192)[:8192]
    text = head.decode(_encoding(head), "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        if looks_like_html(text):
            raise SourceError("a web page, no sitemap; give the address of the sitemap itself.")
        yield from _Sitemap().read(reader)
    elif is_binary(head):
        raise SourceError("neither a sitemap nor text; give sitemap XML, or text with one address a line.")
    else:
        lines = io.TextIOWrapper(reader, _encoding(head), "replace")
        while line := lines.readline(LONGEST):
            if (address := line.strip()) and not address.startswith("#"):
                yield Entry(address)


def _encoding(head: bytes) -> str:
    return "utf-16" if head.startswith(_UTF16) else "utf-8-sig"


class _Bounded(io.RawIOBase):
    """A file that ends with a SourceError when it is damaged or gives more bytes than the limit."""

    def __init__(self, read: Callable[[int], bytes], limit: int | None) -> None:
        self._read = read
        self._limit = limit
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._read(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            raise SourceError(f"it is damaged or breaks off ({error}); get it again.") from error
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise SourceError(f"larger than the limit of {(self._limit or 0) // 1_000_000} MB; split it.")
        buffer[: len(data)] = data
        return len(data)


class _Sitemap:
    """Reads sitemap XML as it comes. A document type is refused: no sitemap needs one, entity bombs do."""

    def __init__(self) -> None:
        self._path: list[
            str
        ] = []  # local names of the elements that are open: prefixes are used freely in the wild
        self._text = ""
        self._found: list[Entry] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, file: IO[bytes]) -> Iterator[Entry]:
        data = file.read(65536).lstrip()  # blanks before the declaration are a frequent mistake
        while True:
            problem: SourceError | None = None
            try:
                self._parser.Parse(data, not data)
            except SourceError as error:
                problem = error
            except (expat.ExpatError, LookupError, ValueError) as error:  # LookupError: an unknown encoding
                problem = SourceError(f"broken XML ({error}); correct the sitemap.")
            yield from self._found
            self._found.clear()
            if problem is not None:
                raise problem
            if not data:
                return
            data = file.read(65536)

    def _doctype(self, *_: object) -> None:
        raise SourceError("it declares a document type (DOCTYPE), which is not read; take that line out.")

    def _start(self, tag: str, _: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._path and name not in ("urlset", "sitemapindex"):
            raise SourceError(f"<{name[:40]}> is no sitemap; give one with <urlset> or <sitemapindex>.")
        if len(self._path) >= DEEPEST:
            raise SourceError("elements nested too deep for a sitemap.")
        self._path.append(name)
        self._text = ""

    def _characters(self, text: str) -> None:
        if self._path[-1] == "loc" and len(self._text) < LONGEST:
            self._text += text

    def _end(self, _: str) -> None:
        inner = self._path.pop()
        outer = self._path[-1] if self._path else ""
        # <image:loc> and the like stand in elements of their own
        if inner == "loc" and outer in ("url", "sitemap") and (address := self._text.strip()):
            self._found.append(Entry(address, outer == "sitemap"))
        self._text = ""
