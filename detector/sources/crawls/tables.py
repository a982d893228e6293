"""Tables of addresses, CSV and Excel, with the pages in a column or as files beside them.

Screaming Frog's crawler exports such tables ("Internal: HTML") and, as "All Page Source", a file per page whose name is
made of the address: original_https_www.example.org_a_b.html, or rendered_... for the page after its scripts have run.
"""

from __future__ import annotations

import csv
import re
import warnings
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from detector.sources.charset import decode
from detector.sources.crawls import http
from detector.sources.crawls.folder import read_page
from detector.sources.crawls.packed import head_of, unpacked
from detector.sources.crawls.record import Record
from detector.sources.crawls.rows import ADDRESSES, CONTENTS, breaks_off, page_of
from detector.sources.files import LIMIT, clean

_NAMES = frozenset({*ADDRESSES, "adresse", "dirección", "indirizzo"})  # in the crawler's languages
_STATUS = re.compile(
    r"(?:http[\s_-]*)?status[\s_-]*code|status|code http|código de (?:estado|respuesta)|codice di stato"
)
_TYPE = re.compile(r"content[\s_-]*type|type de contenu|inhaltstyp|tipo de contenido|tipo di contenuto")
_ABOVE = 5  # lines that may stand above the header
_DELIMITERS = ",;\t|"
_XLSX_LIMIT = 500_000_000  # bytes unpacked: a workbook's strings are held in memory
_WORD = re.compile(r"[^\W_]+")
_PREFIX = re.compile(r"(original|rendered)_(?=https?_)", re.IGNORECASE)
_SEPARATORS = re.compile(r"[/:?*\"<>|\\]+")
_CUT = 100  # characters of an address that a file name keeps at least
_LONGEST_NAME = 255  # and at most
_TRIED = 1000  # rows


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table below its header. cells: by column, in lower case. problem: why it cannot be read."""

    number: int
    cells: dict[str, Any]
    problem: Record | None = None

    @property
    def url(self) -> str:
        return next((str(self.cells[name]).strip() for name in _NAMES if self.cells.get(name)), "")


def is_table(head: str) -> bool:
    """Whether a text begins as a table of addresses, or of pages, does."""
    return _layout(head) is not None


def read_table(name: str, stream: BinaryIO) -> Iterator[Row]:
    """The rows of a CSV file, packed or not, or of the first sheet of an Excel workbook that holds addresses."""
    head, _ = head_of(stream)
    rows = _xlsx(stream) if head.startswith(b"PK") else _csv(stream, decode(head))
    columns: list[str] | None = None
    number = 0
    try:
        for number, cells in rows:
            if columns is None:
                names = [str(cell or "").strip().lower() for cell in cells]
                columns = names if _is_header(names) else None
                if columns is None and number > _ABOVE:
                    raise ValueError("no column named URL or Address")
            elif any(cell not in (None, "") for cell in cells):
                # the first of two columns of one name counts
                yield Row(number, dict(reversed(list(zip(columns, cells, strict=False)))))
    except Exception as error:  # noqa: BLE001  readers of workbooks raise whatever damaged XML leads to
        yield Row(number + 1, {}, breaks_off(f"{name}:{number + 1}", error))


def has_pages(head: str) -> bool:
    """Whether the table holds pages and not only their addresses."""
    layout = _layout(head)
    return layout is not None and not layout[1].isdisjoint(CONTENTS)


def read_pages(name: str, stream: BinaryIO, passed_over: Counter[str]) -> Iterator[Record]:
    """The pages of a table that holds them."""
    for row in read_table(name, stream):
        if row.problem is not None:
            yield row.problem
        elif (other := _other(row)) is not None:
            passed_over[other] += 1
        else:
            yield page_of({"url": row.url or None} | row.cells, f"{name}:{row.number}")


class StoredPages:
    """Files of pages, to be found by the addresses of the pages.

    Names are compared by their letters and digits, since every program replaces other characters in its own way.
    """

    def __init__(self, files: Iterable[tuple[str, Path, str | None]]) -> None:
        """files: name, path, and the address where a mirror tells it."""
        self._files: dict[str, list[tuple[str, Path]]] = defaultdict(list)
        for name, path, url in files:
            last = _PREFIX.sub("", PurePosixPath(name).name)
            keys = {_key(last), _key(_stem(last)), _key(_stem(name))} | ({_key(url)} if url else set())
            for key in keys - {""}:
                self._files[key].append((name, path))

    def find(self, url: str) -> tuple[str, Path] | None:
        """Name and path of the file, None where none fits."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        bare = f"{parts.netloc}{parts.path}"
        asked = f"?{parts.query}" if parts.query else ""
        for full in (f"{parts.scheme}://{bare}{asked}", bare + asked, f"{parts.scheme}://{bare}", bare):
            key = _key(full)
            found = self._files.get(key) or self._files.get(_key(_stem(full)))
            if not found and len(key) > _CUT:
                longest = min(len(key) - 1, _LONGEST_NAME)
                cut = (self._files.get(key[:length]) for length in range(longest, _CUT - 1, -1))
                found = next((files for files in cut if files), None)
            if found:
                return min(found, key=lambda file: _unlike(file[0], url))
        return None

    def fits(self, name: str, stream: BinaryIO) -> bool:
        """Whether the first rows of a table name some of the pages."""
        return any(self.find(row.url) for row in islice(read_table(name, stream), _TRIED) if row.url)

    def read(self, name: str, stream: BinaryIO, passed_over: Counter[str]) -> Iterator[Record]:
        """The stored page of every row of a table."""
        for row in read_table(name, stream):
            if row.problem is not None:
                yield row.problem
            elif (other := _other(row)) is not None:
                passed_over[other] += 1
            elif row.url:
                yield self._page(clean(row.url), f"{name}:{row.number}")

    def _page(self, url: str, row: str) -> Record:
        found = self.find(url)
        if found is None:
            problem = f"{row}: no stored page for {url[:200]}; save the page source of the same crawl beside the table."
            return Record(url, row, url=url, problem=problem)
        file, path = found
        try:
            with path.open("rb") as stream:
                return read_page(file, stream, url, id=url)
        except OSError as error:
            problem = f"{file}: cannot be read ({error.strerror}); check its permissions."
            return Record(url, file, url=url, problem=problem)


def _key(text: str) -> str:
    return "_".join(_WORD.findall(unquote(text).lower()))


def _stem(name: str) -> str:
    return re.sub(r"\.x?html?$", "", name, flags=re.IGNORECASE)


def _unlike(name: str, url: str) -> tuple[bool, bool, str]:
    """Orders files that fit an address: as the scripts left the page first, then by the very characters."""
    last = PurePosixPath(name).name
    exact = _SEPARATORS.sub("_", unquote(url)).strip("_")
    same = _stem(unquote(_PREFIX.sub("", last))).strip("_") == exact
    return not same, not last.lower().startswith("rendered_"), name


def _other(row: Row) -> str | None:
    """What people call the answer of a row that is no page; None for a page or where the table does not say."""
    said = (str(cell) for name, cell in row.cells.items() if _STATUS.fullmatch(name))
    status = next(
        (int(float(cell)) for cell in said if re.fullmatch(r"\d{1,3}(?:\.0)?", cell, re.ASCII)), 200
    )
    if (note := http.passed_over(status)) is not None:
        return note
    kind = next((str(cell) for name, cell in row.cells.items() if cell and _TYPE.fullmatch(name)), None)
    return http.form_of(http.media_type(kind)[0], row.url)[1] if kind else None


# --- rows -----------------------------------------------------------------------------------------------------


def _is_header(names: Sequence[str]) -> bool:
    return not _NAMES.isdisjoint(names) or ("id" in names and not set(CONTENTS).isdisjoint(names))


def _layout(head: str) -> tuple[str, set[str]] | None:
    """The delimiter and the columns in lower case; None when the text is no table of addresses or pages."""
    for line in head.removeprefix("\ufeff").splitlines()[:_ABOVE]:
        delimiter = max(_DELIMITERS, key=line.count)
        try:
            names = [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter), [])]
        except csv.Error:
            return None
        if _is_header(names) and (len(names) > 1 or names == ["address"] or names == ["url"]):
            return delimiter, set(names)
    return None


def _csv(stream: BinaryIO, head: str) -> Iterator[tuple[int, Sequence[Any]]]:
    layout = _layout(head)
    raw = unpacked(stream)
    mark = raw.read(2)
    raw.seek(0)
    encoding = "utf-16" if mark in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    csv.field_size_limit(LIMIT)
    text = TextIOWrapper(raw, encoding, "replace", newline="")
    reader = csv.reader(iter(lambda: text.readline(LIMIT), ""), delimiter=layout[0] if layout else ",")
    try:
        while True:
            number = reader.line_num + 1
            if (cells := next(reader, None)) is None:
                return
            yield number, cells
    except csv.Error as error:
        raise ValueError(f"{error}; is a quotation mark not closed?") from error
    finally:
        text.detach()  # or it would close a file that is not its own


def _xlsx(stream: BinaryIO) -> Iterator[tuple[int, Sequence[Any]]]:
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > _XLSX_LIMIT:
            raise ValueError("the workbook unpacks to more than 500 MB; save it as .csv")
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as part:
                    if b"<!DOCTYPE" in part.read(2000):
                        raise ValueError("the workbook defines entities; save it as .csv")
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that nobody needs here
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = enumerate(sheet.iter_rows(values_only=True), 1)
            above = list(islice(rows, _ABOVE))
            if any(_is_header([str(cell or "").strip().lower() for cell in cells]) for _, cells in above):
                yield from above
                yield from rows
                return
    raise ValueError("no column named URL or Address")
