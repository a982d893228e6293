"""Parquet files with a page in every row."""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_END
from typing import Any, BinaryIO

from detector.sources.crawls.record import Record
from detector.sources.crawls.rows import ADDRESSES, CONTENTS, TIMES, breaks_off, page_of

MAGIC = b"PAR1"
_BATCH = 64  # rows; with pages of 20 MB it is the reader's memory that counts
# Bytes of a file up to which columns are read at once: what their pages claim of themselves is checked then, where a
# reader in pieces believes a page that claims to be of a gigabyte.
_WHOLE = 64_000_000


def read_parquet(name: str, stream: BinaryIO) -> Iterator[tuple[int, Record]]:
    """Number and page of every row. A damaged row group costs one row."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    damaged = (pa.ArrowException, OSError, ValueError, OverflowError)
    try:
        piece = 1 << 16 if stream.seek(0, SEEK_END) > _WHOLE else 0  # 0: a column of a group at once
        file = pq.ParquetFile(stream, pre_buffer=False, buffer_size=piece)
        columns = _columns(file.schema_arrow.names)
        groups = file.num_row_groups
        sizes = [file.metadata.row_group(group).num_rows for group in range(groups)]
    except damaged as error:
        yield 0, breaks_off(f"{name}:1", error)
        return
    if columns is None:
        place = f"{name}:1"
        wanted = f"one of {', '.join(CONTENTS)}"
        yield 0, Record(place, place, problem=f"{place}: no column holds pages; name it {wanted}.")
        return
    first = 0
    for group, size in enumerate(sizes):
        number = first
        try:
            for batch in file.iter_batches(_BATCH, row_groups=[group], columns=columns, use_threads=False):
                for row in _rows(batch):
                    yield number, page_of(row, f"{name}:{number + 1}")
                    number += 1
        except damaged as error:
            yield number, breaks_off(f"{name}:{number + 1} (row group {group})", error)
        first += size


def has_pages(names: list[str]) -> bool:
    """Whether a table with such columns holds pages."""
    return _columns(names) is not None


def _columns(names: list[str]) -> list[str] | None:
    """The columns worth reading; None when none holds pages."""
    lower = {name.lower(): name for name in reversed(names)}
    contents = [lower[name] for name in CONTENTS if name in lower]
    if not contents:
        return None
    # the further contents stand in where the first is empty
    return [*contents, *(lower[name] for name in ("id", "title", *ADDRESSES, *TIMES) if name in lower)]


def _rows(batch: Any) -> Iterator[dict[str, Any]]:
    """A row at a time, so that one batch of large pages is not held twice."""
    for index in range(batch.num_rows):
        yield {name: batch.column(name)[index].as_py() for name in batch.schema.names}
