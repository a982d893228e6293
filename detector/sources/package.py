"""The zip archives that word processors write: their XML parts, unpacked within limits and read without surprises.

The parser is Python's own expat, which fetches nothing; a document type, the way to entity bombs, is refused.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from detector.errors import SourceError

_LIMIT = 30_000_000  # bytes of unpacked XML in one document
_MEMBERS = 10_000  # files in one archive, most of them pictures
_ELEMENTS = 1_000_000  # in one XML part
_DEPTH = 128
_CHUNK = 1 << 20  # bytes unpacked at a time
_OLE = b"\xd0\xcf\x11\xe0"
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
PROTECTED = "is protected by a password; save it without one"
_SAVE_AGAIN = "open it in Word or LibreOffice and save it again"

# What else comes as an archive, told by its type or the beginning of a member's name.
_BARE = f"without text or with another ending; {_SAVE_AGAIN}"
_KINDS = (
    ("opendocument.text", f"is an OpenDocument text (.odt) {_BARE}"),
    ("opendocument.", "is an OpenDocument file of another kind; save its text as .odt or .docx"),
    ("epub", "is an e-book; unpack it and give the folder of its pages"),
    ("xl/", "is an Excel workbook; save its text as .docx"),
    ("ppt/", "is a PowerPoint presentation; save its text as .docx"),
    ("Index/", "is an Apple Pages document; export it as Word (.docx)"),
    ("word/", f"is a Word document (.docx) {_BARE}"),
    ("", "is an archive without a document in it; unpack it and give the folder"),
)

_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/1999/xlink": "xlink",
    "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0": "fo",
    "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0": "svg",
} | {
    f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0": name
    for name in ("drawing", "office", "style", "table", "text")
}


@lru_cache(maxsize=4096)
def _short(name: str) -> str:
    """A name with its usual prefix, whichever prefix and edition of the standard the file uses."""
    space, _, local = name.rpartition(" ")
    return f"{_PREFIXES.get(space, '?')}:{local}" if space else local


# By id: the last word of the relation's type, and a part of the package or an address.
Relations = dict[str, tuple[str, str]]


class Package:
    """The parts of a zip archive, counted while they are unpacked. Nothing is written to disk."""

    def __init__(self, data: bytes, id: str) -> None:
        self._id = id
        self._unpacked = 0
        if data.startswith(_OLE):
            self.refuse("is protected by a password or an old .doc; save it as .docx without a password")
        if not data.startswith(b"PK"):
            self.refuse(
                "is neither .docx nor .odt inside; save it as one, or give it the ending of what it is"
            )
        if data.count(b"PK\x01\x02") > _MEMBERS:
            self.refuse(f"holds more than {_MEMBERS:,} files; copy its text into a new document")
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except _DAMAGED as error:
            self.refuse(f"is damaged or cut off ({error}); get the file again", error)
        self._names = frozenset(self._zip.namelist())

    def __contains__(self, part: str) -> bool:
        return part in self._names

    def refuse(self, why: str, cause: Exception | None = None) -> NoReturn:
        raise SourceError(f"{self._id}: {why}.") from cause

    def refuse_kind(self) -> NoReturn:
        """Refuses an archive that is not what it should be, and says what it is."""
        mimetype = self.whole("mimetype").decode("ascii", "replace")
        names = self._names
        self.refuse(
            next(says for mark, says in _KINDS if mark in mimetype or any(n.startswith(mark) for n in names))
        )

    def whole(self, part: str) -> bytes:
        """The bytes of a part, none where it is missing."""
        return b"".join(self._chunks(part)) if part in self else b""

    def tree(self, part: str | None) -> Element:
        """The root of an XML part, an empty element where it is missing."""
        if part is None or part not in self:
            return Element("missing")
        builder = TreeBuilder()
        depth = elements = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth, elements
            depth, elements = depth + 1, elements + 1
            if depth > _DEPTH or elements > _ELEMENTS:
                self.refuse(f"{part!r} has more elements or deeper nesting than people write; {_SAVE_AGAIN}")
            builder.start(_short(name), {_short(key): value for key, value in attributes.items()})

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            builder.end(_short(name))

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = builder.data
        try:
            for chunk in self._chunks(part):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an unknown encoding
            self.refuse(f"{part!r} is broken XML ({error}); {_SAVE_AGAIN}", error)
        return builder.close()

    def relations(self, part: str) -> Relations:
        """What `part` ("" is the package) refers to."""
        folder, name = posixpath.split(part)
        found: Relations = {}
        for relation in self.tree(posixpath.join(folder, "_rels", f"{name}.rels")).iter("rel:Relationship"):
            kind, target = posixpath.basename(relation.get("Type", "")), relation.get("Target", "")
            if kind != "hyperlink":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[relation.get("Id", "")] = (kind, target)
        return found

    def _refuse_doctype(self, *_: object) -> None:
        self.refuse(f"declares a document type, as attacks do and documents do not; {_SAVE_AGAIN}")

    def _chunks(self, part: str) -> Iterator[bytes]:
        try:
            info = self._zip.getinfo(part)
            if info.flag_bits & 1:
                self.refuse(PROTECTED)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                self.refuse(f"is packed as no word processor packs; {_SAVE_AGAIN}")
            with self._zip.open(info) as member:
                while chunk := member.read(_CHUNK):  # the size in the header may lie
                    self._unpacked += len(chunk)
                    if self._unpacked > _LIMIT:
                        self.refuse(f"unpacks to more than the limit of {_LIMIT // 1_000_000} MB; split it")
                    yield chunk
        except _DAMAGED as error:
            self.refuse(f"is damaged ({part!r}: {error}); get the file again", error)
