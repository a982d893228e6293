"""Gets the public pages that corpus/sources.toml names and writes them as `detector train --data` reads them.

Every repository comes as one archive at the commit named. Of it only the files listed in corpus/sources/ are read,
never unpacked to disk; a file whose digest is not the listed one is left out and counted.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from bs4 import BeautifulSoup

from detector.errors import SourceError, UsageError
from detector.sources import web
from detector.sources.charset import decode

ARCHIVES = "https://codeload.github.com/{repository}/tar.gz/{commit}"
ARCHIVE_LIMIT = 4_000_000_000  # bytes of a packed repository
FILE_LIMIT = 200_000_000  # bytes of one file in it


@dataclass(frozen=True)
class Page:
    """One page of a source: a file, or one row of a file. digest: "sha256:...", "git:..." or "-" for unknown."""

    path: str
    row: str
    id: str
    digest: str


@dataclass(frozen=True)
class Source:
    """One table of sources.toml with its pages; `data` and `side` name the file that they go to."""

    data: str
    side: str
    repository: str
    commit: str
    licence: str
    reader: str
    fields: tuple[str, ...]
    pages: tuple[Page, ...]


@dataclass
class Count:
    """What became of the pages of a data file."""

    pages: int = 0
    got: int = 0
    changed: int = 0  # another digest than the listed one
    missing: int = 0  # not in the archive, or nothing to read in it


def sources(corpus: Path) -> list[Source]:
    """The public sources that corpus/sources.toml names. Raises SourceError when it or a list is missing or damaged."""
    file = corpus / "sources.toml"
    if not file.exists():
        raise SourceError(f"{file}: there is none; run this in a checkout of detector, or name its corpus/.")
    try:
        tables = tomllib.loads(file.read_text("utf-8"))["source"]
        return [_source(corpus, table) for table in tables]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(f"{file}: cannot be read ({error}); get the file again.") from error


def _source(corpus: Path, table: dict[str, Any]) -> Source:
    listed = (corpus / "sources" / f"{table['data']}.tsv").read_text("utf-8").splitlines()
    lines = [line for line in listed if line.split("\t", 1)[0] == table["repository"]]
    if hashlib.sha256(("\n".join(lines) + "\n").encode()).hexdigest() != table["sha256"]:
        raise ValueError(f"sources/{table['data']}.tsv is not the list that sources.toml was written for")
    rows = [line.split("\t")[1:] for line in lines]
    return Source(
        data=table["data"],
        side=table["side"],
        repository=table["repository"],
        commit=table["commit"],
        licence=table["licence"],
        reader=table["reader"],
        fields=tuple(table.get("fields", ())),
        pages=tuple(Page(*path.partition("#")[::2], id, digest) for path, id, digest in rows),
    )


def fetch(
    names: Sequence[str],
    *,
    corpus: Path,
    to: Path,
    mirror: str | None = None,
    allow_private: bool = False,
    say: Callable[[str], None],
) -> dict[str, Count]:
    """Get the sources of the data files `names` (default: all) and write them under `to`; what became of each.

    mirror: an address or a folder that holds OWNER/NAME/COMMIT.tar.gz, in place of GitHub. allow_private: it may be on
    this machine or in a private network. A data file that is there and complete is not fetched again; a repository that
    cannot be got is said and costs its own pages only. Raises UsageError for a name that sources.toml does not have.
    """
    wanted: dict[str, list[Source]] = {}
    for source in sources(corpus):
        wanted.setdefault(source.data, []).append(source)
    if unknown := [n for n in names if n not in wanted]:
        raise UsageError(f"no source is called {', '.join(unknown)}; there are {', '.join(sorted(wanted))}")
    counts = {}
    for name in names or sorted(wanted):
        counts[name] = _fetch_file(name, wanted[name], to, mirror, allow_private, say)
    return counts


def _fetch_file(
    name: str,
    sources: list[Source],
    to: Path,
    mirror: str | None,
    allow_private: bool,
    say: Callable[[str], None],
) -> Count:
    file = to / sources[0].side / f"{name}.jsonl.gz"
    count = Count(pages=sum(len(s.pages) for s in sources))
    if file.exists() and _rows(file) == count.pages:
        say(f"{name}: all {count.pages} pages are there")
        count.got = count.pages
        return count
    rows = []
    for source in sources:
        try:
            with _archive(source, mirror, allow_private) as archive:
                rows += list(_read(source, archive, count))
        except (SourceError, tarfile.TarError, EOFError, OSError) as error:
            say(f"{name}: {source.repository} cannot be had ({error})")
    count.got = len(rows)
    count.missing = count.pages - count.got - count.changed
    if rows:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        # no time stamp in the header: the same pages give the same bytes
        with fresh.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as out:
            for row in sorted(rows, key=lambda r: str(r["id"])):
                out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        fresh.replace(file)
    say(f"{name}: {count.got} of {count.pages} pages, {count.changed} changed, {count.missing} missing")
    return count


def _rows(file: Path) -> int:
    try:
        with gzip.open(file) as lines:
            return sum(1 for _ in lines)
    except (OSError, EOFError):
        return -1


@contextmanager
def _archive(source: Source, mirror: str | None, allow_private: bool) -> Iterator[tarfile.TarFile]:
    """The repository at its commit, opened for one pass."""
    place = f"{source.repository}/{source.commit}.tar.gz"
    if mirror is not None and not web.is_web_address(mirror):
        with tarfile.open(Path(mirror) / place, "r|gz") as archive:
            yield archive
        return
    address = (
        f"{mirror.rstrip('/')}/{quote(place)}"
        if mirror is not None
        else ARCHIVES.format(repository=source.repository, commit=source.commit)
    )
    with tempfile.TemporaryFile() as file:
        web.download(address, file, limit=ARCHIVE_LIMIT, allow_private=allow_private)
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r|gz") as archive:
            yield archive


def _read(source: Source, archive: tarfile.TarFile, count: Count) -> Iterator[dict[str, Any]]:
    """The rows of a source's pages, in the order of the archive."""
    pages: dict[str, list[Page]] = {}
    for page in source.pages:
        pages.setdefault(page.path, []).append(page)
    parts: dict[str, list[tuple[str, str]]] = {}  # of pages that are folders
    for member in archive:
        path = member.name.partition("/")[2]  # the archive's own top folder
        folder = path.rpartition("/")[0]
        if source.reader == "folder" and folder in pages and path.endswith(".md"):
            if (content := _content(archive, member)) is not None:
                parts.setdefault(folder, []).append((path, decode(content)))
        elif path in pages and (content := _content(archive, member)) is not None:
            for page in pages[path]:
                if not _is_as_listed(content, page.digest):
                    count.changed += 1
                elif row := _row(source, page, content):
                    yield row
    for folder, files in sorted(parts.items()):
        text = "\n\n".join(content for _, content in sorted(files))
        yield _described(source, pages[folder][0], "markdown", text)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    file: IO[bytes] | None = archive.extractfile(member) if member.isfile() else None
    return file.read(FILE_LIMIT) if file is not None else None


def _is_as_listed(content: bytes, digest: str) -> bool:
    kind, _, value = digest.partition(":")
    if kind == "sha256":
        return hashlib.sha256(content).hexdigest() == value
    if kind == "git":
        header = f"blob {len(content)}\0".encode()
        return hashlib.sha1(header + content, usedforsecurity=False).hexdigest() == value
    return digest == "-"


# Code of the server in a page's source: it never reaches a reader.
_SERVER_CODE = re.compile(r"<\?(?:php|=).*?(?:\?>|\Z)|\A---\r?\n.*?\n---\r?\n", re.DOTALL)


def _row(source: Source, page: Page, content: bytes) -> dict[str, Any] | None:
    text = decode(content)
    if source.reader == "html":
        return _described(source, page, "html", _SERVER_CODE.sub("", text))
    if source.reader == "markdown":
        return _described(source, page, "markdown", text)
    if source.reader == "text":
        return _described(source, page, "text", text)
    try:
        found = _paragraphs(source, page, text)
    except (ValueError, IndexError, KeyError, TypeError):
        return None
    return _described(source, page, "text", "\n\n".join(found)) if found else None


def _paragraphs(source: Source, page: Page, text: str) -> list[str]:
    """The text of the fields that sources.toml names, of one row of a file or of the whole file."""
    if source.reader == "xml":
        # the forgiving reader of HTML knows no entities that could grow; its names are in lower case
        elements = BeautifulSoup(text, "html.parser").find_all([field.lower() for field in source.fields])
        return [words for e in elements if (words := e.get_text().strip())]
    number = int(re.sub(r"\D", "", page.row)) if page.row else 0
    if source.reader == "lines":
        return [text.split("\n")[number]]
    row: Any = json.loads(text.split("\n")[number] if source.reader == "jsonl" else text)
    if isinstance(row, list):
        row = row[number]
    return [_one(row[field], number) for field in source.fields]


def _one(value: Any, number: int) -> str:
    """A field's text; where all rows stand in one list, the row's own."""
    return str(value[number] if isinstance(value, list) else value)


def _described(source: Source, page: Page, kind: str, text: str) -> dict[str, Any]:
    row = f"#{page.row}" if page.row else ""
    return {
        "id": page.id,
        kind: text,
        "source": f"github:{source.repository}@{source.commit}:{page.path}{row}",
        "license": source.licence,
    }


def missing(corpus: Path, data: Path | None) -> list[str]:
    """The data files of sources.toml that `data` does not hold: what a model trained without them has not seen."""
    if not (corpus / "sources.toml").exists():  # somebody's own corpus
        return []
    known = {(s.side, s.data) for s in sources(corpus)}
    return [
        name
        for side, name in sorted(known)
        if data is None or not (data / side / f"{name}.jsonl.gz").exists()
    ]
