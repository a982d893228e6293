"""The site's own archive comes to the desk: whatever holds pages is read, and each page kept to be found again.

A source that is imported again takes the place of what it was: pages that it no longer names are removed, those that
it names but that cannot be read this time stay as they were, and while it is read the old ones are still found. One
that cannot be read at all changes nothing.
"""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from detector.desk.similar.fingerprint import GUARANTEED, traces
from detector.document import Document, Unreadable
from detector.errors import NotFoundError, SourceError
from detector.sources import read_sources
from detector.sources.reading import DEFAULT, Reading

if TYPE_CHECKING:
    from detector.desk.store import ArchivePage, Store
    from detector.sources.crawls.live import Politeness
    from detector.sources.crawls.record import Record

CHUNK = 50  # pages that are written at a time: whoever submits a text in the meantime does not wait
EVERY = 10.0  # seconds between lines of progress
TOLD = 1_000  # pages passed over that are told one by one
ZIP_BYTES = 4_000_000_000
ZIP_FILES = 200_000
TITLE = 300  # characters

_WEB = re.compile(r"https?://", re.IGNORECASE)
_SITEMAP = re.compile(r"sitemap|\.(?:xml|txt)(?:\.gz)?(?:$|[?#])", re.IGNORECASE)


@dataclass(frozen=True)
class Imported:
    """What an import did. added: pages that the archive now has of these sources; removed: pages that they no longer
    name; passed_over: what was not taken, and why, a line each."""

    added: int
    removed: int
    passed_over: tuple[str, ...]


class _Crawl(Protocol):
    """A crawl that is stored, or was fetched."""

    @property
    def share(self) -> float: ...
    @property
    def passed_over(self) -> Mapping[str, int]: ...
    def records(self) -> Iterator[tuple[int, Record]]: ...


@dataclass
class _Notes:
    """What is told at the end."""

    lines: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, line: str) -> None:
        if len(self.lines) < TOLD:
            self.lines.append(line)
        else:
            self.more += 1

    def told(self) -> tuple[str, ...]:
        return (*self.lines, f"and {self.more:,} more") if self.more else tuple(self.lines)


def import_archive(
    store: Store,
    sources: Sequence[str],
    *,
    reading: Reading = DEFAULT,
    say: Callable[[str], None] = lambda _: None,
    called: Mapping[str, str] | None = None,
    fetched: Path | None = None,
    politeness: Politeness | None = None,
) -> Imported:
    """Bring the pages of sources into the archive: a folder, a file or zip archive of pages, WARC and whatever else
    `detector.sources.crawls` knows, the address of a page, and, fetched politely, a sitemap or a list of addresses.

    say: is told in one line how far it is, and what a user should know. called: names of sources whose paths are only
    for now, as of uploads. fetched: a folder where fetched pages stay, so that next time only what has changed is sent;
    without it nothing stays. Raises SourceError with what to do when a source cannot be read; those before it are
    imported then. Of a source that was cut short the new pages are there, and the old ones too.
    """
    notes = _Notes()
    added = removed = 0
    for source in sources:
        prefix = prefix_of((called or {}).get(source, source), named=source in (called or {}))
        began = datetime.now(UTC)
        with closing(_pages(source, reading, say, fetched, politeness, notes)) as pages:
            added += _import(store, prefix, source, pages, notes)
        removed += store.remove_archive(prefix, before=began)
    return Imported(added, removed, notes.told())


def prefix_of(source: str, *, named: bool = False) -> str:
    """What the keys of a source's pages begin with in the archive, and those of no other source.

    named: it is a name that `import_archive` was told, and no path.
    """
    return f"{source if named or _WEB.match(source) else Path(source).resolve()}\t"


def _import(
    store: Store, prefix: str, source: str, pages: Iterator[Document | Unreadable], notes: _Notes
) -> int:
    """Keep the pages of one source; how many the archive has of it now."""
    texts: set[bytes] = set()
    keys: set[bytes] = set()

    def kept() -> Iterator[ArchivePage]:
        for page in pages:
            # where a file lies does not name its pages
            key = prefix + re.sub(rf"^{re.escape(source)}(?=$|:\d)", lambda _: Path(source).name, page.id)
            if isinstance(page, Unreadable):
                notes.add(page.message)
                if (old := _old(store, key)) is not None:
                    keys.add(_digest(key))
                    yield old
                continue
            text = _prose(page)
            if len(page.tokens) < GUARANTEED:
                notes.add(f"{page.id}: hardly any text.")
            elif _digest(text) in texts:
                notes.add(f"{page.id}: the same text as another page.")
            else:
                texts.add(_digest(text))
                keys.add(_digest(key))
                yield _archived(key, _title(page), page.url, text, traces(page))

    # by pieces, so that no transaction is open while a page is read or fetched
    rest = kept()
    while chunk := list(islice(rest, CHUNK)):
        store.add_archive(chunk)
    return len(keys)


def _old(store: Store, key: str) -> ArchivePage | None:
    """A page as the archive has it, to be kept."""
    try:
        known = store.text_of("archive", key)
    except NotFoundError:
        return None
    return _archived(key, known.title, known.url, known.text, traces(Document.from_text(known.text)))


def _archived(key: str, title: str, url: str | None, text: str, hashes: bytes) -> ArchivePage:
    # the store, and SQLAlchemy with it, is loaded when a page comes
    from detector.desk.store import ArchivePage

    return ArchivePage(key, title, url, text, hashes)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _prose(document: Document) -> str:
    """The running text, a paragraph for each block: without menus, hidden text and markup."""
    blocks: dict[int, list[str]] = {}
    for index, start, end in document.prose_pieces():
        blocks.setdefault(index, []).append(document.text[start:end].strip())
    return "\n\n".join(" ".join(pieces) for pieces in blocks.values())


def _title(document: Document) -> str:
    title = document.title or next(
        (document.text[b.start : b.end] for b in document.blocks if b.kind in ("title", "heading")), ""
    )
    return (" ".join(title.split()) or document.id)[:TITLE]


# --- what sources hold ------------------------------------------------------------------------------------------


def _pages(
    source: str,
    reading: Reading,
    say: Callable[[str], None],
    fetched: Path | None,
    politeness: Politeness | None,
    notes: _Notes,
) -> Generator[Document | Unreadable, None, None]:
    from detector.sources import crawls

    if _WEB.match(source) and not _SITEMAP.search(source):
        yield from read_sources([source], reading=reading)
    elif crawls.is_live(source):
        from detector.sources.crawls import live

        options = politeness or live.Politeness(allow_private=reading.allow_private)
        with TemporaryDirectory() if fetched is None else nullcontext(fetched) as folder:
            own = Path(folder) / _digest(source).hex()
            asked = _told(source, say)
            crawl = live.crawl([source], own, options=options, say=say, progress=asked, again=True)
            yield from _documents(source, crawl, reading, say, notes)
    elif _is_zip(source):
        with TemporaryDirectory() as folder:
            _unzip(source, folder, notes)
            yield from _documents(source, crawls.open_crawl([folder]), reading, say, notes)
    else:
        yield from _documents(source, crawls.open_crawl([source]), reading, say, notes)


def _told(source: str, say: Callable[[str], None]) -> Callable[[int, int | None], None]:
    """Progress of fetching, in a line now and then."""
    next_line = time.monotonic() + EVERY

    def progress(done: int, total: int | None) -> None:
        nonlocal next_line
        if time.monotonic() >= next_line:
            next_line = time.monotonic() + EVERY
            say(f"{source}: {done:,} addresses" + (f" of {total:,} asked" if total else " listed"))

    return progress


def _documents(
    source: str, crawl: _Crawl, reading: Reading, say: Callable[[str], None], notes: _Notes
) -> Iterator[Document | Unreadable]:
    next_line = time.monotonic() + EVERY
    for number, (_, record) in enumerate(crawl.records(), 1):
        yield record.read(reading)
        if time.monotonic() >= next_line:
            next_line = time.monotonic() + EVERY
            say(f"{source}: {number:,} pages, {crawl.share:.0%}")
    for what, times in crawl.passed_over.items():
        notes.add(f"{source}: {times:,} {what}")


def _is_zip(source: str) -> bool:
    """Whether it is a zip archive of files, and nothing else that is packed in one."""
    from detector.sources.crawls import kinds

    path = Path(source)
    try:
        return path.is_file() and zipfile.is_zipfile(path) and kinds.kind_of(path) is None
    except (OSError, ValueError):
        return False


def _unzip(source: str, folder: str, notes: _Notes) -> None:
    """Put the files of a zip archive into a folder. Raises SourceError when it is damaged or too large."""
    from detector.sources.crawls.wacz import DAMAGED_ZIP

    try:
        with zipfile.ZipFile(source) as archive:
            files = [
                f for f in archive.infolist() if not f.is_dir() and not f.filename.startswith("__MACOSX/")
            ]
            if len(files) > ZIP_FILES or sum(f.file_size for f in files) > ZIP_BYTES:
                limits = f"{ZIP_FILES:,} files and {ZIP_BYTES // 1_000_000_000} GB"
                raise SourceError(f"{source}: unpacks to more than {limits}; give it in parts.")
            for file in files:
                try:
                    archive.extract(file, folder)
                except DAMAGED_ZIP as error:
                    notes.add(f"{source}/{file.filename}: cannot be unpacked ({error}).")
    except DAMAGED_ZIP as error:
        raise SourceError(f"{source}: a damaged zip archive ({error}); get it again.") from error
