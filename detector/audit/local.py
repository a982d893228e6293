"""One machine: joblib processes map the pages, DuckDB joins them, out of core."""

from __future__ import annotations

import glob
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from detector.audit.guard import guard_of_this_process
from detector.audit.run import RunFolder, part_name, whole, write_table
from detector.audit.schema import MEMBERS, RECORDS, VERDICTS
from detector.audit.worker import Settings, to_stream
from detector.errors import SourceError
from detector.signals.crawl._tables import Function
from detector.sources.crawls.record import Record

CHUNK_RECORDS = 200
CHUNK_BYTES = 8_000_000
JOIN_ROWS = 500  # pairs of pages that are compared in one go
LOST_WORKERS = 3  # that a run stands without a chunk done in between

SAVED = {"members": MEMBERS, "verdicts": VERDICTS}

Rows = Iterable[tuple[int, Record]]


def map_pages(
    records: Callable[[], Rows],
    run: RunFolder,
    settings: Settings,
    *,
    workers: int,
    done: Callable[[int], None],
) -> None:
    """Answer all records and write the parts that are not there yet. `done` is told how many pages each part has.

    records: reads the crawl from its beginning, in the same order each time.
    Raises what reading or writing raises, and SourceError when the machine ends one worker after the other.
    """
    lost = 0
    while True:
        known = run.parts()
        todo = (
            (number, chunk)
            for number, chunk in enumerate(chunks(records()))
            if _is_new(number, chunk, known, lost, done)
        )
        parallel = Parallel(
            n_jobs=workers,
            return_as="generator_unordered",
            pre_dispatch="n_jobs + 1",
            initializer=_leave_interrupts,
        )
        try:
            for pages in parallel(
                delayed(_write_part)(to_stream(chunk), settings, run.pages / part_name(number))
                for number, chunk in todo
            ):
                lost = 0
                done(pages)
        except TerminatedWorkerError as error:  # the machine ran out of memory, or somebody killed it
            lost += 1
            if lost > LOST_WORKERS:
                problem = "the processes that read pages are ended from outside, one after the other"
                raise SourceError(f"{problem}; say --workers 1, or give the machine more memory.") from error
        else:
            return


def _is_new(
    number: int, chunk: pa.RecordBatch, known: set[int], lost: int, done: Callable[[int], None]
) -> bool:
    """Whether a chunk is still to be done; what an earlier run has done is told once."""
    if number in known and not lost:
        done(len(chunk))
    return number not in known


def chunks(records: Rows) -> Iterator[pa.RecordBatch]:
    """Records in chunks of so many, or of so many bytes: the same for the same crawl. One chunk of an empty one."""
    rows: list[dict[str, object]] = []
    size, empty = 0, True
    for row, record in records:
        rows.append({"row": row, **{name: getattr(record, name) for name in RECORDS.names[1:]}})
        size += len(record.body)
        if len(rows) == CHUNK_RECORDS or size >= CHUNK_BYTES:
            yield pa.RecordBatch.from_pylist(rows, schema=RECORDS)
            rows, size, empty = [], 0, False
    if rows or empty:
        yield pa.RecordBatch.from_pylist(rows, schema=RECORDS)


def _leave_interrupts() -> None:
    """^C is for the process that can end the run in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _write_part(records: bytes, settings: Settings, path: Path) -> int:
    """In a process of joblib's: answer a chunk and write its part."""
    batch = pa.ipc.open_stream(records).read_next_batch()
    write_table(guard_of_this_process(settings).rows(batch), path)
    return len(batch)


class DuckTables:
    """Tables of one run in a DuckDB file: what does not fit into memory goes to disk. Use as a context manager."""

    explode, collect, slice = "unnest", "list", "list_slice"

    def __init__(self, run: RunFolder, *, workers: int, megabytes: int) -> None:
        self._run, self._folder = run, run.work
        self._folder.mkdir(parents=True)
        self._workers, self._megabytes = workers, megabytes
        self._connection = duckdb.connect(
            str(self._folder / "tables.duckdb"),
            config={
                "memory_limit": f"{megabytes}MB",
                "temp_directory": str(self._folder),
                "threads": workers,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        self.view("pages", run.pages)

    def __enter__(self) -> DuckTables:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._connection.close()
        # as duckdb says it, or pyarrow for it
        if error is not None and "Out of Memory Error" in str(error):
            raise SourceError(
                f"the look across the pages needs more than {self._megabytes} MB; allow more with --join-memory:"
                " the same command goes on where it stopped."
            ) from error

    def view(self, name: str, folder: Path, files: str = "*.parquet") -> None:
        """Call the Parquet files of a folder a table."""
        where = f"{glob.escape(str(folder))}/{files}".replace("'", "''")
        self._connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{where}')")

    def sql(self, name: str, query: str) -> None:
        """Make the table `name` of a query."""
        self._connection.execute(f"CREATE TABLE {name} AS {query}")

    def map(self, name: str, query: str, function: Function, schema: pa.Schema) -> None:
        """Make the table `name` of what `function` makes of the query's batches."""
        file = self._folder / f"{name}.parquet"
        batches = self._connection.cursor().sql(query).to_arrow_reader(JOIN_ROWS)
        made = Parallel(
            n_jobs=self._workers,
            return_as="generator",
            pre_dispatch="2 * n_jobs",
            initializer=_leave_interrupts,
        )(delayed(_apply)(function, to_stream(batch)) for batch in batches)
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for stream in made:
                writer.write_table(pa.ipc.open_stream(stream).read_all())
        self.view(name, file.parent, file.name)

    def fetch(self, query: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query, batch by batch."""
        yield from self._connection.cursor().sql(query).to_arrow_reader(10_000)

    def save(self, name: str, query: str, renamed: Mapping[str, str] | None = None) -> None:
        """Write a query's rows to the run's folder, in their order; columns that SQL could not call so are renamed."""
        path = (
            self._run.path / "verdicts" / part_name(0)
            if name == "verdicts"
            else self._run.path / f"{name}.parquet"
        )
        batches = self._connection.cursor().sql(query).to_arrow_reader(2_000)
        names = [(renamed or {}).get(column, column) for column in batches.schema.names]
        schema = SAVED[name]
        with whole(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in batches:
                table = pa.Table.from_batches([batch]).rename_columns(names)
                writer.write_table(table.select(schema.names).cast(schema))

    def save_rows(self, name: str, schema: pa.Schema, found: Iterable[dict[str, Any]]) -> None:
        """Write rows to the run's folder."""
        write_table(pa.Table.from_pylist(list(found), schema=schema), self._run.path / f"{name}.parquet")


def _apply(function: Function, stream: bytes) -> bytes:
    return to_stream(function(pa.ipc.open_stream(stream).read_next_batch()))
