"""JSON lines and Parquet: the contract's object, complete, and what the crawl adds."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pyarrow import parquet

from detector.audit.compare import compare
from detector.audit.results import Results
from detector.report import SCHEMA
from detector.report.crawl import data, export
from detector.report.crawl.rows import CHANGE_FIELDS, FIELDS

CRAWL = {"row", "host", "place", "time", "page_outcome", "page_score"}


def exported(run: Path, name: str, **options: Any) -> Path:
    file = run.parent / name
    export(Results.open(run), file, **options)
    return file


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n")[:-1]]


def test_golden(run: Path, golden: Callable[[str, str], None]) -> None:
    rows = exported(run, "p.jsonl").read_text("utf-8").split("\n")
    golden("pages.jsonl", "\n".join(row for row in rows if len(row) < 5_000))


def test_a_line_is_the_contracts_object_and_what_the_crawl_adds(run: Path) -> None:
    check = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    rows = lines(exported(run, "p.jsonl"))
    assert [row["row"] for row in rows] == list(range(15))
    for row in rows:
        assert set(row) - CRAWL == set(FIELDS) - CRAWL
        check.validate({name: value for name, value in row.items() if name not in CRAWL})


def test_what_a_page_says_comes_back_unchanged(run: Path, every_page: Any) -> None:
    rows = lines(exported(run, "p.jsonl", with_text=True))
    assert [row["title"] for row in rows] == [page["title"] for page in every_page]
    assert [row["text"] for row in rows] == [page["text"] for page in every_page]
    assert [row["findings"] for row in rows] == [page["findings"] for page in every_page]


def test_packed_it_is_the_same(run: Path) -> None:
    packed, open_ = exported(run, "p.jsonl.gz"), exported(run, "p.jsonl")
    assert gzip.decompress(packed.read_bytes()) == open_.read_bytes()


@pytest.mark.parametrize("with_text", [False, True])
def test_parquet_holds_the_same_rows(run: Path, with_text: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "BATCH", 2)
    monkeypatch.setattr(data, "GROUP", 4)
    file = parquet.ParquetFile(exported(run, "p.parquet", with_text=with_text))
    assert file.metadata.num_row_groups == 4
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert file.read().to_pylist() == lines(exported(run, "p.jsonl", with_text=with_text))


def test_parquet_of_a_comparison(make_run: Any, every_page: Any, run: Path, tmp_path: Path) -> None:
    old = Results.open(make_run(tmp_path / "old", every_page[3:], groups=[], members=[]))
    file = exported(run, "p.parquet", comparison=compare(Results.open(run), old))
    table = parquet.read_table(file)
    assert tuple(table.column_names) == (*FIELDS, *CHANGE_FIELDS)
    assert table["change"].to_pylist() == ["new"] * 3 + ["same"] * 12
