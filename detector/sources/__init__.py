"""How pages get in: addresses, files, folders, JSON lines and standard input become documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from detector.document import Document, Unreadable
from detector.errors import SourceError
from detector.patterns import regex
from detector.sources.charset import decode
from detector.sources.files import (
    FOREIGN_ENDINGS,
    JSONL_ENDINGS,
    LIMIT,
    NOT_PAGES,
    PAGE_ENDINGS,
    exists,
    is_binary,
    lines_of,
    looks_like_html,
    read_bytes,
    read_file,
    read_jsonl,
    walk,
)
from detector.sources.reading import DEFAULT, Reading

__all__ = ["Reading", "count_sources", "read_sources"]

_WEB = regex(r"https?://", re.IGNORECASE)  # `web` itself, and the HTTP client with it, is loaded when needed
_JSON_ROW = regex(rb"(?:\xef\xbb\xbf)?\s*\{\s*[\"}]")


def read_sources(
    names: Sequence[str], stdin: BinaryIO | None = None, reading: Reading = DEFAULT
) -> Iterator[Document | Unreadable]:
    """The documents of `names` in order: web addresses, files, .jsonl files, folders (recursive) or "-" for `stdin`.

    Raises SourceError before the first document when a name does not exist or a folder holds no page, and for a single
    named file or address that cannot be read; one bad source among several is an Unreadable in its place.
    """
    for name in names:
        if name == "-":
            if stdin is None:
                raise SourceError("-: there is no standard input to read.")
        elif _WEB.match(name):
            continue
        elif not exists(name):
            raise SourceError(f"{name}: no such file or folder; check the spelling.")
        elif Path(name).is_dir() and next(_pages(Path(name)), None) is None:
            raise SourceError(
                f"{name}: the folder holds no pages (.html .htm .md .txt .docx .odt .pdf .jsonl)."
            )
    found = chain.from_iterable(_read(name, stdin, reading, alone=len(names) == 1) for name in names)
    if reading.site is None:
        return found
    return (replace(d, site=reading.site) if isinstance(d, Document) else d for d in found)


def count_sources(names: Sequence[str]) -> int | None:
    """About how many documents `read_sources` will give, cheaply and for a progress bar; None when nobody can know."""
    total = 0
    for name in names:
        if _WEB.match(name):
            total += 1
            continue
        if name == "-" or not exists(name):
            return None
        path = Path(name)
        for file in walk(path) if path.is_dir() else (path,):
            ending = file.suffix.lower()
            if ending in JSONL_ENDINGS:
                total += _about_lines(file)
            elif not path.is_dir() or ending in PAGE_ENDINGS | FOREIGN_ENDINGS or not ending:
                total += 1
    return total


def _about_lines(path: Path) -> int:
    """The number of lines, judged by the first megabyte."""
    try:
        with path.open("rb") as handle:
            head = handle.read(1_000_000)
        lines = head.count(b"\n") or 1
        return max(1, round(lines * path.stat().st_size / max(1, len(head))))
    except OSError:
        return 1


def _read(
    name: str, stdin: BinaryIO | None, reading: Reading, *, alone: bool
) -> Iterator[Document | Unreadable]:
    if name == "-":
        yield from _standard_input(stdin or BytesIO(), reading)
    elif _WEB.match(name):
        yield _address(name, reading, alone=alone)
    elif (path := Path(name)).is_dir():
        for page in _pages(path):
            yield from _file(page, page.relative_to(path).as_posix(), reading)
    else:
        yield from _file(path, name, reading, alone=alone)


def _address(url: str, reading: Reading, *, alone: bool) -> Document | Unreadable:
    from detector.sources.web import read_url

    try:
        return read_url(url, reading=reading)
    except SourceError as error:
        if alone:
            raise
        plain = re.sub(r"//[^/?#]*@", "//", url)  # a password in the address goes nowhere
        return Unreadable(plain, error.kind, str(error), url=plain)


def _file(path: Path, id: str, reading: Reading, *, alone: bool = False) -> Iterator[Document | Unreadable]:
    try:
        if path.suffix.lower() in JSONL_ENDINGS:
            with path.open("rb") as handle:
                yield from read_jsonl(lines_of(handle), id, reading=reading)
        else:
            yield read_file(path, id=id, reading=reading)
    except SourceError as error:
        if alone:
            raise
        yield Unreadable(id, error.kind, str(error))
    except OSError as error:
        message = f"{id}: cannot be read ({error.strerror}); check its permissions."
        if alone:
            raise SourceError(message) from error
        yield Unreadable(id, SourceError.kind, message)


def _pages(folder: Path) -> Iterator[Path]:
    return (path for path in walk(folder) if _is_page(path))


def _is_page(path: Path) -> bool:
    """By its ending, or, where that says nothing, by its content."""
    ending = path.suffix.lower()
    if ending in PAGE_ENDINGS or ending in FOREIGN_ENDINGS or ending in JSONL_ENDINGS:
        return True
    try:
        with path.open("rb") as handle:
            head = handle.read(4096)
    except OSError:
        return not ending
    if not head.strip() or is_binary(head):
        return False
    if looks_like_html(decode(head)):
        return ending not in NOT_PAGES or ending == ".php"
    return not ending


def _standard_input(stdin: BinaryIO, reading: Reading) -> Iterator[Document | Unreadable]:
    first = b""
    while len(first) <= LIMIT and (line := stdin.readline(LIMIT + 2)):
        first += line
        if line.strip():
            break
    if _JSON_ROW.match(first):
        yield from read_jsonl(chain(first.splitlines(keepends=True), lines_of(stdin)), "-", reading=reading)
        return
    data = first + stdin.read(max(0, LIMIT + 1 - len(first)))
    yield read_bytes(data, "", "-", reading=reading)
