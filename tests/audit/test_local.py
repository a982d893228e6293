"""One machine: chunks, parts that are done once, and tables out of core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detector.audit import local, schema
from detector.audit.run import RunFolder, part_name
from detector.audit.worker import Settings
from detector.errors import SourceError
from detector.signals.crawl._likeness import BEGINNING, LONGEST
from detector.signals.crawl._tables import pairs_of, rows
from detector.sources.crawls.record import Record


def records(count: int, size: int = 10) -> Iterator[tuple[int, Record]]:
    for n in range(count):
        yield n, Record(f"{n}", f"crawl:{n}", b"x" * size, ".txt")


def begun(folder: Path) -> RunFolder:
    run = RunFolder(folder / "it's [1] *")
    run.begin({"version": "", "model": {}, "inputs": {}, "options": {}})
    return run


def test_chunks_hold_so_many_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "CHUNK_RECORDS", 4)
    assert [len(chunk) for chunk in local.chunks(records(10))] == [4, 4, 2]
    assert [len(chunk) for chunk in local.chunks(records(8))] == [4, 4]


def test_chunks_hold_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "CHUNK_BYTES", 25)
    assert [len(chunk) for chunk in local.chunks(records(7))] == [3, 3, 1]
    assert [len(chunk) for chunk in local.chunks(records(2, size=1_000))] == [1, 1]


def test_an_empty_crawl_has_one_empty_chunk() -> None:
    (chunk,) = local.chunks(iter(()))
    assert (len(chunk), chunk.schema) == (0, schema.RECORDS)


def test_parts_that_are_there_are_not_made_again(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "CHUNK_RECORDS", 2)
    run, told = begun(tmp_path), []
    local.map_pages(lambda: records(5), run, settings, workers=1, done=told.append)
    assert run.parts() == {0, 1, 2}
    assert told == [2, 2, 1]
    (run.pages / part_name(1)).unlink()
    before = {n: (run.pages / part_name(n)).stat().st_mtime_ns for n in (0, 2)}
    told.clear()
    local.map_pages(lambda: records(5), run, settings, workers=1, done=told.append)
    assert run.parts() == {0, 1, 2}
    assert sum(told) == 5
    assert {n: (run.pages / part_name(n)).stat().st_mtime_ns for n in (0, 2)} == before
    rows = [pq.read_table(run.pages / part_name(n))["row"].to_pylist() for n in range(3)]
    assert rows == [[0, 1], [2, 3], [4]]


def test_tables(tmp_path: Path, settings: Settings) -> None:
    run = begun(tmp_path)
    local.map_pages(lambda: records(3), run, settings, workers=1, done=lambda _: None)
    with local.DuckTables(run, workers=1, megabytes=100) as tables:
        tables.sql("twice", "SELECT row * 2 AS row FROM pages")
        tables.map("mapped", "SELECT row FROM twice ORDER BY row", _more, pa.schema([("row", pa.int64())]))
        (batch,) = tables.fetch("SELECT row FROM mapped ORDER BY row")
        assert batch["row"].to_pylist() == [1, 3, 5]
        tables.save_rows("recurring", schema.RECURRING, [])
    assert pq.read_table(run.path / "recurring.parquet").schema.equals(schema.RECURRING)
    run.forget_work()
    assert not run.work.exists()


def _more(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"row": [row + 1 for row in batch["row"].to_pylist()]})


def test_a_look_across_that_needs_more_memory_says_what_to_do(tmp_path: Path, settings: Settings) -> None:
    run = begun(tmp_path)
    local.map_pages(lambda: records(1), run, settings, workers=1, done=lambda _: None)
    with (
        pytest.raises(SourceError, match=r"needs more than 20 MB; allow more with --join-memory"),
        local.DuckTables(run, workers=1, megabytes=20) as tables,
    ):
        tables.sql("large", "SELECT list(range) AS all_of_them FROM range(20000000)")


def test_of_a_long_page_no_more_goes_to_the_comparison_than_is_compared(tmp_path: Path) -> None:
    run = begun(tmp_path)
    long = {"begins": 0, "ends": 9, "words": 6, "exact": 1, "masked": 1}
    column = schema.PAGES.field("sentences").type
    pages = pa.table(
        {
            "row": [0, 1],
            "id": ["a", "b"],
            "url": [None, "https://b.example/"],
            "text": ["é" * (BEGINNING + 1_000), "short"],
            "sentences": pa.array([[long] * (LONGEST + 50), [long]], type=column),
        }
    )
    pq.write_table(pages, run.pages / part_name(0))
    with local.DuckTables(run, workers=1, megabytes=500) as tables:
        tables.sql("notices", "SELECT 0 AS row, [1] AS hashes")
        tables.sql("met", "SELECT 0 AS earlier, 1 AS later")
        (pair,) = rows(tables, pairs_of(tables, "met"))
    assert (len(pair["earlier_text"]), len(pair["earlier_sentences"])) == (BEGINNING, LONGEST)
    assert (pair["later_text"], len(pair["later_sentences"])) == ("short", 1)
