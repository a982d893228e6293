"""Every page with everything that is known of it, for programs: JSON lines and Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from detector.report.crawl.rows import Pages

BATCH = 1_000  # rows that are Python objects at a time
GROUP = 10_000  # rows of a Parquet row group


def write_jsonl(pages: Pages, out: TextIO, *, with_text: bool = False) -> None:
    """The contract's object a line, with what the crawl adds; with_text adds the page's text."""
    for row in _whole(pages, with_text):
        out.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def write_parquet(pages: Pages, path: Path, *, with_text: bool = False) -> None:
    """The same as one Parquet file, compressed with zstd, written row group by row group."""
    import pyarrow as pa
    from pyarrow import parquet

    rows = _whole(pages, with_text)
    schema = _schema(pages, with_text)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        held: list[Any] = []
        while batch := list(islice(rows, BATCH)):
            held.append(pa.RecordBatch.from_pylist(batch, schema))
            if len(held) * BATCH >= GROUP:
                writer.write_table(pa.Table.from_batches(held, schema))
                held = []
        if held:
            writer.write_table(pa.Table.from_batches(held, schema))


def _whole(pages: Pages, with_text: bool) -> Iterator[dict[str, Any]]:
    names = (*pages.fields, "text") if with_text else pages.fields
    return ({name: row[name] for name in names} for row in pages.rows(with_text=with_text))


def _schema(pages: Pages, with_text: bool) -> Any:
    """The types of the run's own columns, and of those that a file beside the run has to say for itself."""
    import pyarrow as pa

    stored = pages.results.sql("SELECT * FROM verdicts LIMIT 0").schema
    types = {
        **{field.name: field.type for field in stored},
        "thresholds": pa.struct([("review", pa.float64()), ("reject", pa.float64())]),
        "model": pa.struct([("name", pa.string()), ("version", pa.string()), ("sha256", pa.string())]),
        "change": pa.string(),
        "outcome_before": pa.string(),
        "score_before": pa.float64(),
        "came": pa.list_(pa.string()),
        "went": pa.list_(pa.string()),
        "text_changed": pa.bool_(),
        "text": pa.string(),
    }
    names = (*pages.fields, "text") if with_text else pages.fields
    return pa.schema([(name, types[name]) for name in names])
