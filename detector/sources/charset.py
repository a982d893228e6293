"""Bytes to characters: what charset a page or text file is in."""

from __future__ import annotations

import codecs
import re

from detector.patterns import regex

_META_CHARSET = regex(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Python codecs that are no charset of a page, or that are slow or unsafe on hostile bytes.
_NOT_A_CHARSET = {
    "utf-7",
    "idna",
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "mbcs",
    "oem",
}
# What pages mean when they say so (WHATWG Encoding Standard).
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}


def decode(data: bytes, charset: str | None = None) -> str:
    """The characters of a page or text file. Never raises.

    Order of trust: byte order mark, `charset` (the HTTP header), <meta> in the first 4 kB; without any of them valid
    UTF-8 is UTF-8 and everything else windows-1252. A declared charset that the bytes clearly contradict is passed
    over; a UTF-8 character cut off at the very end is tolerated.
    """
    return characters(data, charset)[0]


def characters(data: bytes, charset: str | None) -> tuple[str, bool]:
    """The characters, and whether `data` is exactly their UTF-8."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace"), False
    wide = _utf16_without_bom(data)
    if wide:
        return data.decode(wide, "replace"), False
    meta = _META_CHARSET.search(data, 0, 4096)
    for declared in (charset, meta[1].decode("ascii") if meta else None):
        codec = _codec(declared)
        if codec is None or (declared is not charset and codec.startswith("utf-16")):
            continue  # a <meta> that could be read byte by byte is not in UTF-16
        if codec == "utf-8":
            return _utf8(data, lenient=True) or _western(data)
        try:
            if codec == "cp1252":  # any bytes are text in it; what is UTF-8 as well has been declared wrongly
                return data.decode("utf-8"), True
            return data.decode(codec), False
        except ValueError:  # of which UnicodeError is one
            if codec == "cp1252":
                return _western(data)
    return _utf8(data, lenient=False) or _western(data)


def _western(data: bytes) -> tuple[str, bool]:
    return data.decode("cp1252", "replace"), False


def _codec(name: str | None) -> str | None:
    if not name:
        return None
    try:
        found = codecs.lookup(name.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    if found.name in _NOT_A_CHARSET or not found._is_text_encoding:
        return None
    return _MEANT.get(found.name, found.name)


def _utf8(data: bytes, *, lenient: bool) -> tuple[str, bool] | None:
    """`data` as UTF-8, or None. lenient: a few broken bytes among many good characters are replaced."""
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8"), False
    if not lenient:
        return None
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
    return (text, False) if broken <= whole else None


def _utf16_without_bom(data: bytes) -> str | None:
    """UTF-16 is told by its zero bytes: in mostly Western text every second byte is one."""
    head = data[:400]
    if b"\0" not in head or len(head) < 4:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None
