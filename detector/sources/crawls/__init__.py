"""Crawls: whatever a crawler has stored, found by content, as records in an order that never changes.

crawl = open_crawl(["crawl/"])
for row, record in crawl.records():
    document = record.read()
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from detector.errors import SourceError
from detector.sources.crawls import folder as folders
from detector.sources.crawls import kinds, rows, tables, warc
from detector.sources.crawls.packed import DAMAGED, seekable
from detector.sources.crawls.parquet import read_parquet
from detector.sources.crawls.record import Record
from detector.sources.crawls.wacz import read_wacz
from detector.sources.files import LIMIT, exists, walk

__all__ = ["Crawl", "Record", "StoredFile", "is_live", "open_crawl", "read_stored"]

_WEB = re.compile(r"https?://", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9]{1,9}://", re.IGNORECASE)
_STORED_PAGE = "stored page"  # read through the table that names it
_ARCHIVES = frozenset({kinds.WARC, kinds.WET, kinds.ARC, kinds.WACZ})
_KNOWN = (
    "WARC, ARC, WET, WACZ, JSON lines, Parquet, a table of addresses with its pages, or a folder of pages"
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a crawl.

    name: as results and messages call it. size in bytes. kind: one of `kinds`. url: of a page in a mirror.
    """

    name: str
    path: Path
    size: int
    mtime_ns: int
    kind: str
    url: str | None = None


class Crawl:
    """The inputs of an audit. Make one with `open_crawl`.

    kind: what it is, for messages. files: all that is read, in the order of their names. passed_over: how many things
    were no page, by what people call them; complete when `records` has come to its end.
    """

    def __init__(self, kind: str, files: Sequence[StoredFile], passed_over: Counter[str]) -> None:
        self.kind = kind
        self.files = tuple(files)
        self.passed_over = Counter(passed_over)
        self._found = Counter(passed_over)
        self._total = sum(file.size for file in self.files) or 1
        self._done = 0
        self._open: BinaryIO | None = None
        self._pages: tables.StoredPages | None = None

    @property
    def share(self) -> float:
        """How much of the input has been read, 0 to 1, by its bytes."""
        try:
            here = self._open.tell() if self._open is not None else 0
        except ValueError:  # closed meanwhile
            here = 0
        return min(1.0, (self._done + here) / self._total)

    def records(self) -> Iterator[tuple[int, Record]]:
        """Every page, and every input that should be one and cannot be read.

        The row is the place of its file in `files` << 32 | its number in the file: the same for the same input.
        """
        self.passed_over = Counter(self._found)
        self._done = 0
        for place, file in enumerate(self.files):
            if file.kind != _STORED_PAGE:
                for number, record in self._records(file):
                    yield place << 32 | number, record
                self._done += file.size
        self._done = self._total

    def _records(self, file: StoredFile) -> Iterator[tuple[int, Record]]:
        try:
            with file.path.open("rb") as stream:
                self._open = stream
                if file.kind == kinds.ADDRESSES:
                    yield from enumerate(self._table(file, stream))
                else:
                    yield from _read(file.kind, file.name, stream, file.url, self.passed_over)
        except OSError as error:
            problem = f"{file.name}: cannot be read ({error.strerror or error}); check its permissions."
            yield 0, Record(file.name, file.name, url=file.url, problem=problem)
        finally:
            self._open = None

    def _table(self, file: StoredFile, stream: BinaryIO) -> Iterator[Record]:
        if self._pages is None:
            self._pages = _stored_pages(self.files)
        return self._pages.read(file.name, stream, self.passed_over)


def open_crawl(names: Sequence[str]) -> Crawl:
    """A crawl from files and folders, or from lists of their paths.

    Raises SourceError with what to do when something named does not exist, is nothing a crawl is kept in, or is empty.
    """
    files: dict[Path, StoredFile] = {}
    passed_over: Counter[str] = Counter()
    for name in names:
        for file in _files(name, passed_over, alone=len(names) == 1):
            files.setdefault(file.path, file)
    found = sorted(files.values(), key=lambda file: PurePosixPath(file.name).parts)
    found = _with_tables(found, passed_over)
    if not found:
        raise SourceError(f"{' '.join(names)}: holds no pages; give {_KNOWN}.")
    return Crawl(_name_of(found), found, passed_over)


def is_live(name: str) -> bool:
    """Whether it names pages that must be fetched: an address, a sitemap or a list of addresses. Never raises."""
    if _WEB.match(name):
        return True
    try:
        return Path(name).is_file() and kinds.kind_of(Path(name)) in {kinds.SITEMAP, kinds.LIST}
    except (OSError, ValueError):
        return False


def read_stored(
    name: str,
    stream: BinaryIO,
    *,
    kind: str | None = None,
    url: str | None = None,
    passed_over: Counter[str] | None = None,
) -> Iterator[tuple[int, Record]]:
    """Number and record of every page in one stored file, the same as its `Crawl` gives. Never raises for its content.

    kind, url: as its `StoredFile` says; without a kind the content decides. passed_over: where to count what is no
    page.
    """
    counted: Counter[str] = Counter() if passed_over is None else passed_over
    whole = stream
    try:
        whole = seekable(stream)
        yield from _read(kind or kinds.of_stream(name, whole), name, whole, url, counted)
    except OSError as error:
        problem = f"{name}: cannot be read ({error.strerror or error}); check its permissions."
        yield 0, Record(name, name, url=url, problem=problem)
    finally:
        if whole is not stream:
            whole.close()


def _read(
    kind: str, name: str, stream: BinaryIO, url: str | None, passed_over: Counter[str]
) -> Iterator[tuple[int, Record]]:
    stream.seek(0)
    if kind == kinds.PARQUET:
        return read_parquet(name, stream)
    return enumerate(_records(kind, name, stream, url, passed_over))


def _records(
    kind: str, name: str, stream: BinaryIO, url: str | None, passed_over: Counter[str]
) -> Iterator[Record]:
    try:
        if kind in {kinds.WARC, kinds.WET}:
            yield from warc.read_warc(name, stream, passed_over)
        elif kind == kinds.ARC:
            yield from warc.read_arc(name, stream, passed_over)
        elif kind == kinds.WACZ:
            yield from read_wacz(name, stream, passed_over)
        elif kind == kinds.LINES:
            yield from rows.read_lines(name, stream)
        elif kind == kinds.ARRAY:
            yield from rows.read_array(name, stream)
        elif kind == kinds.TABLE:
            yield from tables.read_pages(name, stream, passed_over)
        elif kind == kinds.ADDRESSES:
            problem = f"{name}: a table without pages in it; give it with the folder of its stored pages."
            yield Record(name, name, problem=problem)
        else:
            yield folders.read_page(name, stream, url)
    except DAMAGED as error:  # of the disk or the network: readers answer for damaged content themselves
        yield rows.breaks_off(name, error)


# --- which files ------------------------------------------------------------------------------------------------


def _files(name: str, passed_over: Counter[str], *, alone: bool) -> Iterator[StoredFile]:
    if _WEB.match(name):
        raise SourceError(f"{name}: an address, and no stored crawl; give files or a folder.")
    if not exists(name):
        raise SourceError(f"{name}: no such file or folder; check the spelling.")
    path = Path(name)
    if not path.is_dir() and not path.is_file():
        raise SourceError(f"{name}: neither a file nor a folder; save the crawl to a file first.")
    if path.is_dir():
        yield from _in_folder(path, "" if alone else name, passed_over)
        return
    try:
        kind = kinds.kind_of(path)
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror}); check its permissions.") from error
    if kind == kinds.PATHS:
        for listed in _listed(path):
            yield from _files(listed, passed_over, alone=False)
    elif kind in {kinds.SITEMAP, kinds.LIST}:
        raise SourceError(f"{name}: a {kind}, and no stored crawl; its pages would have to be fetched.")
    elif kind is None:
        raise SourceError(f"{name}: nothing that a crawl is kept in; give {_KNOWN}.")
    else:
        yield _stored(path, name, kind)
        if kind == kinds.ADDRESSES and alone:
            beside = list(_in_folder(path.parent, str(path.parent), Counter()))
            yield from (file for file in beside if file.kind == kinds.PAGE)


def _stored(path: Path, name: str, kind: str, url: str | None = None) -> StoredFile:
    name = os.fsencode(name).decode(
        "utf-8", "replace"
    )  # of another encoding: results are UTF-8 and name it too
    try:
        status = path.stat()
        return StoredFile(name, path, status.st_size, status.st_mtime_ns, kind, url)
    except OSError:  # gone, or a link to nowhere: its row will say so
        return StoredFile(name, path, 0, 0, kind, url)


def _listed(path: Path) -> Iterator[str]:
    """The paths in a list, as they are or from where the list lies."""
    with path.open("rb") as file:
        for number, line in enumerate(file.read(LIMIT).decode("utf-8-sig", "replace").splitlines(), 1):
            name = line.strip()
            if not name or name.startswith("#"):
                continue
            if _ELSEWHERE.match(name):
                raise SourceError(
                    f"{path}, line {number}: {name[:200]} is no path of this machine; copy the file here."
                )
            beside = path.parent / name
            if not exists(name) and not exists(str(beside)):
                raise SourceError(f"{path}, line {number}: no such file: {name[:200]}; check the spelling.")
            if Path(name).resolve() != path.resolve():
                yield name if exists(name) else str(beside)


def _in_folder(folder: Path, prefix: str, passed_over: Counter[str]) -> Iterator[StoredFile]:
    """The files of a folder that hold pages. Where there are web archives, these are the crawl."""
    paths, twins = folders.without_twins(list(walk(folder, folders.leave_out)))
    found: list[StoredFile] = []
    other: Counter[str] = Counter({"second versions of a page": twins})
    root = folder.resolve().name
    for path in paths:
        kind, what = kinds.kind_inside(path)
        if kind is None:
            other[what] += 1
            continue
        inside = path.relative_to(folder)
        url = folders.address_of((root, *inside.parts)) if kind == kinds.PAGE else None
        name = (PurePosixPath(prefix) / inside.as_posix()).as_posix() if prefix else inside.as_posix()
        found.append(_stored(path, name.removesuffix(".orig") if kind == kinds.PAGE else name, kind, url))
    if any(file.kind in _ARCHIVES for file in found):
        other["files beside the archives"] += sum(file.kind not in _ARCHIVES for file in found)
        found = [file for file in found if file.kind in _ARCHIVES]
    passed_over.update(+other)
    yield from found


def _with_tables(files: list[StoredFile], passed_over: Counter[str]) -> list[StoredFile]:
    """Where a table of addresses fits pages, these are read through it; other such tables are no part of the crawl."""
    given = [file for file in files if file.kind == kinds.ADDRESSES]
    rest = [file for file in files if file.kind != kinds.ADDRESSES]
    if not given:
        return files
    pages = _stored_pages(rest)
    fitting = [file for file in given if _fits(pages, file)]
    if not fitting:
        if not rest or len(given) == len(files):
            raise SourceError(
                f"{given[0].name}: a table of addresses without their pages; give it with the folder of stored pages."
            )
        passed_over["tables without pages"] += len(given)
        return rest
    table = max(fitting, key=lambda file: (file.size, file.name))  # the one that tells most
    if len(given) > 1:
        passed_over["further tables"] += len(given) - 1
    through = [
        StoredFile(file.name, file.path, file.size, file.mtime_ns, _STORED_PAGE, file.url)
        if file.kind == kinds.PAGE
        else file
        for file in rest
    ]
    return sorted([*through, table], key=lambda file: PurePosixPath(file.name).parts)


def _stored_pages(files: Sequence[StoredFile]) -> tables.StoredPages:
    pages = (file for file in files if file.kind in {kinds.PAGE, _STORED_PAGE})
    return tables.StoredPages((file.name, file.path, file.url) for file in pages)


def _fits(pages: tables.StoredPages, table: StoredFile) -> bool:
    try:
        with table.path.open("rb") as stream:
            return pages.fits(table.name, stream)
    except DAMAGED:
        return False


def _name_of(files: Sequence[StoredFile]) -> str:
    """What people call a crawl of such files."""
    found = {file.kind for file in files}
    if kinds.ADDRESSES in found:
        return "table with stored pages"
    if found == {kinds.PAGE}:
        if len(files) == 1:
            return "page"
        return "wget mirror" if any(file.url for file in files) else "folder"
    names = sorted("pages" if kind == kinds.PAGE else kind for kind in found)
    return names[0] if len(names) == 1 else ", ".join(names)
