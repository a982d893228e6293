"""Packed streams, told by their first bytes and unpacked piece by piece."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast

GZIP, ZSTD, LZ4 = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18"
ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"  # a frame in front of the others that holds what they share
# What readers of damaged data raise.
DAMAGED = (OSError, EOFError, ValueError, zlib.error)

_HEAD = 1 << 16


def packing(head: bytes) -> bytes | None:
    """The mark of gzip, zstd or lz4 that a stream begins with; None: it is not packed."""
    if head.startswith(ZSTD_DICTIONARY):
        return ZSTD
    return next((magic for magic in (GZIP, ZSTD, LZ4) if head.startswith(magic)), None)


def unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream as it was before it was packed, or itself. Reading may raise one of DAMAGED."""
    raw = raw_unpacked(stream)
    return BufferedReader(raw, _HEAD) if isinstance(raw, RawIOBase) else raw


def raw_unpacked(stream: BinaryIO) -> BinaryIO:
    """As `unpacked`, for readers that take less than they ask for: nothing in front of a damaged place is lost."""
    stream.seek(0)
    magic = packing(stream.read(4))
    stream.seek(0)
    return stream if magic is None else cast(BinaryIO, Unpacked(stream, magic))


def head_of(stream: BinaryIO) -> tuple[bytes, bool]:
    """The first 64 kB, unpacked as far as they are sound, and whether they were packed; the stream is rewound."""
    stream.seek(0)
    head = stream.read(_HEAD)
    found = head
    if (magic := packing(head)) is not None:
        plain = unpacked(stream)
        found = b""
        try:
            while len(found) < _HEAD and (more := plain.read(512)):
                found += more
        except DAMAGED:
            pass  # what came before the damage tells enough
    stream.seek(0)
    return found, magic is not None


def seekable(stream: BinaryIO) -> BinaryIO:
    """The stream, or a copy of it on disk that can be read at any place."""
    if stream.seekable():
        return stream
    copy: IO[bytes] = TemporaryFile()  # noqa: SIM115  closed with the last reference
    copyfileobj(stream, copy, 1 << 20)
    copy.seek(0)
    return cast(BinaryIO, copy)


def part(stream: BinaryIO, start: int, size: int | None = None, front: bytes = b"") -> BinaryIO:
    """`front`, and behind it `size` bytes of the stream (None: all) from `start` on, as a stream of its own."""
    if size is None:
        size = max(0, stream.seek(0, SEEK_END) - start)
    return BufferedReader(_Part(stream, start, size, front), _HEAD)


class _Part(RawIOBase):
    def __init__(self, stream: BinaryIO, start: int, size: int, front: bytes) -> None:
        self._stream, self._start, self._front = stream, start, front
        self._size = len(front) + size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._at = max(0, offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = max(0, min(len(buffer), self._size - self._at))
        if self._at < len(self._front):
            data = self._front[self._at : self._at + wanted]
        else:
            self._stream.seek(self._start + self._at - len(self._front))
            data = self._stream.read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class Unpacked(RawIOBase):
    """What packed data were, as a stream that can go back, by beginning again."""

    def __init__(self, stream: BinaryIO, magic: bytes) -> None:
        self._stream, self._magic = stream, magic
        self._begin()

    def _begin(self) -> None:
        from fastwarc.stream_io import Lz4Reader, ZstdReader

        self._stream.seek(0)
        self._at = 0
        self._read: Callable[[int], bytes]
        if self._magic == GZIP:  # of the two readers of gzip the one that tells an early end
            self._read = gzip.GzipFile(fileobj=self._stream).read1
        else:
            self._read = (ZstdReader if self._magic == ZSTD else Lz4Reader)(self._stream).read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        if whence == SEEK_CUR:
            offset += self._at
        elif whence == SEEK_END:
            while self.read(_HEAD):
                pass
            offset += self._at
        if offset < self._at:
            self._begin()
        while self._at < offset and self.read(min(_HEAD, offset - self._at)):
            pass
        return self._at
