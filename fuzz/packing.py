"""Shapes that bytes cannot be mutated into: what is packed is fuzzed unpacked, and packed again before it is read.

A zip archive is written as its parts, each under a line `=== NAME`, so that a change to one letter of its XML is one
letter of the input and never a wrong checksum. What begins as an archive does is left as it is.
"""

from __future__ import annotations

import gzip
import re
import warnings
import zipfile
from io import BytesIO

_PART = re.compile(rb"^=== (!?)([^\n]{0,200})\n", re.MULTILINE)
_RECORD = re.compile(rb"(?=^WARC/1)", re.MULTILINE)
WHEN = (2026, 1, 1, 0, 0, 0)  # of whatever stands in an archive
PACKINGS = b"-gmzl"  # as it is, gzip as a whole, gzip by record, zstd, lz4


def zipped(data: bytes) -> bytes:
    """The archive that the parts make; the data unchanged where it is an archive already."""
    if data.startswith(b"PK"):
        return data
    out = BytesIO()
    pieces = _PART.split(data)
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # two parts of one name are worth a try
        for stored, name, content in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            info = zipfile.ZipInfo(name.decode("utf-8", "replace").replace("\0", "?") or "?", WHEN)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, content.removesuffix(b"\n"))
    return out.getvalue()


def parts(archive: bytes) -> bytes:
    """An archive as its parts; "!" before a name says that the part is not packed."""
    found = []
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        for info in opened.infolist():
            mark = b"!" if info.compress_type == zipfile.ZIP_STORED else b""
            found.append(b"=== " + mark + info.filename.encode() + b"\n" + opened.read(info) + b"\n")
    return b"".join(found)


def packed(data: bytes) -> bytes:
    """The data packed as its first byte says (one of PACKINGS)."""
    how, data = data[:1], data[1:]
    if how == b"g":
        return gzip.compress(data, 1, mtime=0)
    if how == b"m":
        return b"".join(gzip.compress(record, 1, mtime=0) for record in _RECORD.split(data) if record)
    if how in (b"z", b"l"):
        import pyarrow

        codec = pyarrow.Codec("zstd" if how == b"z" else "lz4")
        return bytes(codec.compress(data, asbytes=True))
    return data
