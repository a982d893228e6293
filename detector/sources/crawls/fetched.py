"""What has been fetched: pages as WARC files, and a small database that says of every address where its page lies.

    fetched.sqlite              the list of addresses in its order; of each its page's place, or why there is none
    fetched-00001.warc.gz ...   the answers as they came, WARC 1.1; 1 GB and then the next

Both only grow. A page counts when the database has it, and the database is told when the WARC file is on the disk; what
a killed process left beyond that is cut off when the next one begins.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from detector import __version__
from detector.errors import OutputError, SourceError
from detector.sources.crawls.record import Record

DATABASE = "fetched.sqlite"
FILE_BYTES = 1_000_000_000  # of a WARC file, after which the next is begun
UNCHANGED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

# row: place in the list, null when it is no longer on it. key: the address without fragment, as it is asked for, or
# whatever stands on the list in place of an address; then host is null. due: to be asked in this run.
# time: last asked; stored: when the page that file, offset and length name was sent.
_TABLES = """
create table if not exists page (
    key text primary key, row integer, id text not null, host text, due integer not null, problem text, status integer,
    time text, url text, form text, charset text, etag text, modified text, digest text, stored text,
    file integer, offset integer, length integer
) without rowid;
create index if not exists page_row on page (row) where row is not null;
create index if not exists page_due on page (host, row) where due and row is not null;
create table if not exists file (number integer primary key, size integer not null);
create table if not exists info (name text primary key, value text not null) without rowid;
"""


class Due(NamedTuple):
    """An address to be asked, with what a conditional request needs when its page is stored."""

    key: str
    host: str
    url: str | None = None  # where redirects ended
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking an address: a page (`body` is given), nothing new, or a `problem`."""

    due: Due
    time: str
    status: int | None = None
    reason: str = ""
    url: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = None
    form: str = ""
    charset: str | None = None
    problem: str | None = None
    given_up: str | None = None  # why no other page of the host is asked for


class Store:
    """The folder while it is written to, by one process at a time. Use it within `written`.

    Whoever leaves it by an error leaves what came after the last commit behind: a record may have been cut short.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._out: BinaryIO | None = None
        self._number = 0
        self.waiting = 0  # answers that a crash would lose
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / DATABASE, isolation_level=None, timeout=0)
        try:
            self._db.execute("pragma locking_mode = exclusive")
            self._db.execute("begin exclusive")
            self._db.execute("commit")
            self._db.executescript(_TABLES)
            self._db.execute("begin")
            self._repair()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.commit()
        finally:
            self._db.close()
            if self._out is not None:
                self._out.close()

    def commit(self) -> None:
        """What was kept so far outlives a crash."""
        if self._out is not None:
            self._out.flush()
            os.fsync(self._out.fileno())
            self._db.execute("replace into file values (?, ?)", (self._number, self._out.tell()))
        self._db.execute("commit")
        self._db.execute("begin")
        self.waiting = 0

    def _repair(self) -> None:
        """Cuts off what no commit knows; what is lost of files is due again."""
        for number, size in self._db.execute("select number, size from file order by number").fetchall():
            path = self._folder / _name(number)
            there = path.stat().st_size if path.is_file() else 0
            if there < size:
                lost = "file = ? and offset + length > ?"
                self._db.execute(
                    f"update page set due = 1, file = null, etag = null, modified = null, digest = null where {lost}",  # noqa: S608
                    (number, there),
                )
                kept = self._db.execute("select max(offset + length) from page where file = ?", (number,))
                size = kept.fetchone()[0] or 0
                self._db.execute("replace into file values (?, ?)", (number, size))
                if self.get("state") == "done":
                    self.put("state", "fetching")
            if there > size:
                os.truncate(path, size)
            self._number = number

    # --- the list ------------------------------------------------------------------------------------------

    def get(self, name: str) -> str | None:
        found = self._db.execute("select value from info where name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def put(self, name: str, value: str) -> None:
        self._db.execute("replace into info values (?, ?)", (name, value))

    @contextmanager
    def listing(self) -> Iterator[None]:
        """While the list is written anew; the old one stays when that fails."""
        self.commit()
        try:
            self._db.execute("update page set row = null where row is not null")
            yield
        except BaseException:
            self._db.execute("rollback")
            self._db.execute("begin")
            raise
        self.commit()

    def add(self, row: int, key: str, id: str, host: str | None, problem: str | None = None) -> bool:
        """Puts an address on the list. False when it stands there already."""
        added = self._db.execute(
            "insert into page (key, row, id, host, due, problem) values (?, ?, ?, ?, ?, ?)"
            " on conflict (key) do update set row = excluded.row, id = excluded.id where row is null",
            (key, row, id, host, host is not None, problem),
        )
        return added.rowcount > 0

    def ask_all_again(self) -> None:
        self._db.execute("update page set due = 1 where row is not null and host is not null")

    def hosts_due(self) -> Iterator[str]:
        """The hosts with pages to be asked, in the order of the list."""
        self._db.execute("create temp table if not exists due_host (host text)")
        self._db.execute("delete from due_host")
        self._db.execute(
            "insert into due_host select host from page where due and row is not null group by host order by min(row)"
        )
        for (host,) in self._db.execute("select host from due_host order by rowid"):
            yield host

    def next_due(self, host: str) -> Due | None:
        found = self._db.execute(
            "select key, host, url, etag, modified from page where due and row is not null and host = ?"
            " order by row limit 1",
            (host,),
        ).fetchone()
        return None if found is None else Due(*found)

    def count(self, where: str = "true") -> int:
        """How many rows of the list fulfil a condition on their columns."""
        found = self._db.execute(f"select count(*) from page where row is not null and ({where})")  # noqa: S608
        return int(found.fetchone()[0])

    def files(self) -> list[Path]:
        numbers = self._db.execute("select number from file where size > 0 order by number")
        return [self._folder / _name(number) for (number,) in numbers]

    # --- the answers ---------------------------------------------------------------------------------------

    def keep(self, answer: Answer) -> bool:
        """Writes an answer down. True when it brings a page that is new or has changed."""
        self.waiting += 1
        new = False
        if answer.problem is None and answer.body is not None:
            new = self._keep_page(answer, answer.body)
        elif answer.problem is None:
            digest, url, stored = self._db.execute(
                "select digest, url, stored from page where key = ?", (answer.due.key,)
            ).fetchone()
            self._revisit(answer, UNCHANGED, digest, url, stored)
        self._db.execute(
            "update page set due = 0, problem = ?, status = ?, time = ? where key = ?",
            (answer.problem, answer.status, answer.time, answer.due.key),
        )
        return new

    def give_up(self, host: str, problem: str, time: str) -> int:
        """Says of all pages of a host that are still due why they are not asked for. How many these are."""
        self.waiting += 1
        return self._db.execute(
            "update page set due = 0, problem = ?, status = null, time = ? where due and row is not null and host = ?",
            (problem, time, host),
        ).rowcount

    def _keep_page(self, answer: Answer, body: bytes) -> bool:
        named = {name.lower(): value for name, value in reversed(answer.headers)}
        writer = self._writer()
        record = writer.create_warc_record(
            answer.url,
            "response",
            payload=BytesIO(body),
            length=len(body),
            http_headers=_http(answer, len(body)),
            warc_headers_dict={"WARC-Date": answer.time},
        )
        digest = record.rec_headers.get_header("WARC-Payload-Digest")
        known = self._db.execute(
            "select url, stored from page where key = ? and digest = ? and url = ? and file is not null",
            (answer.due.key, digest, answer.url),
        ).fetchone()
        if known is not None:
            self._revisit(answer, writer.REVISIT_PROFILE_1_1, digest, *known)
        else:
            out = writer.out
            offset = out.tell()
            writer.write_record(record)
            self._db.execute(
                "update page set file = ?, offset = ?, length = ?, digest = ?, stored = ? where key = ?",
                (self._number, offset, out.tell() - offset, digest, answer.time, answer.due.key),
            )
        self._db.execute(
            "update page set url = ?, form = ?, charset = ?, etag = ?, modified = ? where key = ?",
            (
                answer.url,
                answer.form,
                answer.charset,
                named.get("etag"),
                named.get("last-modified"),
                answer.due.key,
            ),
        )
        return known is None

    def _revisit(self, answer: Answer, profile: str, digest: str, url: str, stored: str) -> None:
        writer = self._writer()
        record = writer.create_revisit_record(
            answer.url,
            digest,
            url,
            stored,
            http_headers=_http(answer, 0),
            warc_headers_dict={"WARC-Date": answer.time},
        )
        record.rec_headers.replace_header("WARC-Profile", profile)
        writer.write_record(record)

    def _writer(self) -> Any:
        """Writes at the end of the last WARC file, or of the next one when that is full."""
        if self._out is not None and self._out.tell() >= FILE_BYTES:
            self.commit()
            self._out.close()
            self._out = None
            self._number += 1
        if self._out is not None:
            return WARCWriter(self._out, gzip=True, warc_version="1.1")
        self._number = max(1, self._number)
        known = self._db.execute("select size from file where number = ?", (self._number,)).fetchone()
        path = self._folder / _name(self._number)
        self._out = path.open("r+b" if known and known[0] else "wb")
        self._out.seek(0, os.SEEK_END)
        writer = WARCWriter(self._out, gzip=True, warc_version="1.1")
        if self._out.tell() == 0:
            software = {"software": f"detector/{__version__}", "format": "WARC File Format 1.1"}
            writer.write_record(writer.create_warcinfo_record(path.name, software))
        return writer


def _name(number: int) -> str:
    return f"fetched-{number:05d}.warc.gz"


def _http(answer: Answer, length: int) -> StatusAndHeaders:
    """The HTTP header as it came, but for what no longer holds: the body is stored whole and without packing."""
    headers = []
    for name, value in answer.headers:
        if name.lower() in ("content-encoding", "transfer-encoding", "content-length"):
            name = f"X-Crawl-{name}"
        headers.append((name, value))
    headers.append(("Content-Length", str(length)))
    return StatusAndHeaders(f"{answer.status} {answer.reason}".strip(), headers, protocol="HTTP/1.1")


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Whatever hinders writing, as an error that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SourceError(f"{folder}: another run is fetching into it; wait until it is done.") from error
        raise OutputError(f"{folder}: cannot be written ({error}); check space and permissions.") from error
    except sqlite3.DatabaseError as error:
        raise SourceError(
            f"{folder / DATABASE}: damaged ({error}); delete the folder to fetch all again."
        ) from error
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be written ({error.strerror or error}); check space and permissions."
        ) from error


def records(folder: Path, *, first: int = 0) -> Iterator[tuple[int, Record]]:
    """Every row of the list in its order, from row `first` on: the page that is stored, or why there is none.

    Raises SourceError when nothing has been fetched into the folder, or not all of it.
    """
    path = folder / DATABASE
    if not path.is_file():
        raise SourceError(f"{folder}: nothing has been fetched into it.")
    with closing(sqlite3.connect(path)) as db, closing(_Files(folder)) as files:
        try:
            state = db.execute("select value from info where name = 'state'").fetchone()
            if state is None or state[0] != "done":
                raise SourceError(f"{folder}: not everything has been fetched; start the same run again.")
            rows = db.execute(
                "select row, id, key, host, problem, time, url, form, charset, file, offset, length from page"
                " where row >= ? order by row",
                (first,),
            )
            for row, *columns in rows:
                yield row, _record(files, *columns)
        except sqlite3.Error as error:
            raise SourceError(
                f"{path}: damaged or in use ({error}); fetch again when no run uses it."
            ) from error


def _record(
    files: _Files,
    id: str,
    key: str,
    host: str | None,
    problem: str | None,
    time: str | None,
    url: str | None,
    form: str | None,
    charset: str | None,
    file: int | None,
    offset: int,
    length: int,
) -> Record:
    if problem is not None or file is None:
        page = url or (key if host is not None else None)
        shown = key if len(key) <= 200 else key[:199] + "…"
        return Record(id, shown, url=page, time=time, problem=f"{shown}: {problem or 'not fetched.'}")
    place = f"{_name(file)}@{offset}"
    try:
        body = files.body(file, offset, length)
    except (OSError, EOFError, zlib.error, ArchiveLoadFailed, StopIteration, ValueError):
        return Record(
            id, place, url=url, time=time, problem=f"{place}: the stored page is damaged; fetch it again."
        )
    return Record(id, place, body, form or "", url, time, charset=charset)


class _Files:
    """The WARC files of a folder, one open at a time: the rows follow each other in them, more or less."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._file: BinaryIO | None = None

    def body(self, number: int, offset: int, length: int) -> bytes:
        if self._file is None or number != self._number:
            self.close()
            self._file = (self._folder / _name(number)).open("rb")
            self._number = number
        self._file.seek(offset)
        data = self._file.read(length)
        record = next(iter(ArchiveIterator(BytesIO(data), check_digests=True)))
        body: bytes = record.content_stream().read()
        if len(data) < length or not record.digest_checker.passed:
            raise ValueError("not the page that was stored")
        return body

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def counts(text: str | None) -> dict[str, int]:
    """What was passed over, as the database keeps it."""
    return dict(json.loads(text)) if text else {}
