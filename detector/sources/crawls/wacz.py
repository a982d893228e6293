"""WACZ: a zip archive with WARC files in its folder "archive", or with further WACZ files."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from detector.sources.crawls.packed import part
from detector.sources.crawls.record import Record
from detector.sources.crawls.rows import breaks_off
from detector.sources.crawls.warc import read_warc

# What zipfile raises for damaged, unknown and protected archives.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
_DEPTH = 3
_PIECE = 1 << 20
_RATIO = 1000  # deflate cannot do more
_NESTED = 50_000_000_000  # bytes of a file inside that are copied to disk


def is_wacz(names: list[str]) -> bool:
    """Whether a zip archive with such names is one."""
    return any(_is_warc(name) or name.lower().endswith(".wacz") for name in names)


def read_wacz(name: str, stream: BinaryIO, passed_over: Counter[str], depth: int = 0) -> Iterator[Record]:
    """The pages of all WARC files inside, in the order of their names."""
    try:
        archive = zipfile.ZipFile(stream)
    except DAMAGED_ZIP as error:
        yield breaks_off(name, error)
        return
    for inside in sorted(archive.infolist(), key=lambda member: member.filename):
        nested = inside.filename.lower().endswith(".wacz")
        if inside.is_dir() or not (nested or _is_warc(inside.filename)):
            continue
        place = f"{name}/{inside.filename}"
        if nested and depth == _DEPTH:
            yield breaks_off(place, ValueError("archives inside archives, too deep"))
            continue
        try:
            opened = _open(stream, archive, inside)
        except DAMAGED_ZIP as error:
            yield breaks_off(place, error)
            continue
        with opened:
            if nested:
                yield from read_wacz(place, opened, passed_over, depth + 1)
            else:
                yield from read_warc(place, opened, passed_over)


def _is_warc(name: str) -> bool:
    return name.startswith("archive/") and ".warc" in name.lower()


def _open(stream: BinaryIO, archive: zipfile.ZipFile, inside: zipfile.ZipInfo) -> BinaryIO:
    """A file inside as a stream that can be read at any place: where it lies, or a copy on disk if it is packed."""
    if inside.flag_bits & 1:
        raise ValueError("it is protected by a password")
    if inside.compress_type == zipfile.ZIP_STORED:
        stream.seek(inside.header_offset)
        names = struct.unpack("<HH", stream.read(30)[26:])
        return part(stream, inside.header_offset + 30 + sum(names), inside.file_size)
    if inside.file_size > min(_NESTED, _RATIO * inside.compress_size + _PIECE):
        raise ValueError("its sizes do not fit each other")
    copy = cast(BinaryIO, TemporaryFile())  # noqa: SIM115  the caller closes it
    try:
        with archive.open(inside) as packed:
            while piece := packed.read(_PIECE):
                copy.write(piece)
    except DAMAGED_ZIP:
        if not copy.tell():
            copy.close()
            raise
    return copy  # what is sound of it: its own reader sees where it breaks off
