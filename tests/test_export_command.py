"""`detector export`: a finished run as files."""

from __future__ import annotations

import argparse
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from detector.commands.export import add_arguments, export
from detector.errors import OutputError, SourceError, UsageError

_made = runpy.run_path(str(Path(__file__).parent / "report" / "crawl" / "conftest.py"))
make_run, PAGES = _made["make_run"], _made["PAGES"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run")  # type: ignore[no-any-return]


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return export(parser.parse_args([str(argument) for argument in arguments]))


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_several_files_at_a_time(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / name for name in ("p.jsonl", "p.csv.gz", "p.xlsx", "p.parquet", "p.sarif")]
    assert run(out, *files) == 0
    assert all(file.stat().st_size > 500 for file in files)
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.rpartition(" is written.")[0] for line in told.err.splitlines()] == [
        f"detector: {file}" for file in files
    ]


def test_options_reach_the_files(out: Path, tmp_path: Path) -> None:
    assert (
        run(out, tmp_path / "p.jsonl", tmp_path / "p.csv", "--with-text", "--bom", "--only", "Reject, review")
        == 0
    )
    rows = lines(tmp_path / "p.jsonl")
    assert {row["outcome"] for row in rows} == {"reject", "review"}
    assert rows[0]["text"].startswith("The words of")
    assert (tmp_path / "p.csv").read_bytes().startswith(b"\xef\xbb\xbfurl,")


def test_a_baseline_is_summed_up_and_makes_a_column(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = make_run(tmp_path / "old", PAGES[1:], groups=[], members=[], recurring=[])
    assert run(out, tmp_path / "p.jsonl", "--baseline", old) == 0
    assert "1 new, 0 worse, 0 fixed, 0 changed, 0 gone, 14 same" in capsys.readouterr().err
    assert [row["change"] for row in lines(tmp_path / "p.jsonl")] == ["new", *["same"] * 14]


def test_wrong_words_are_told_before_anything_is_written(out: Path, tmp_path: Path) -> None:
    good = tmp_path / "p.jsonl"
    with pytest.raises(UsageError, match=r"unknown ending '\.xls'; use \.jsonl"):
        run(out, good, tmp_path / "p.xls")
    with pytest.raises(UsageError, match="'bad' is no outcome; use publish, review, reject, unscored"):
        run(out, good, "--only", "reject,bad")
    with pytest.raises(SourceError, match="nowhere"):
        run(tmp_path / "nowhere", good)
    with pytest.raises(SourceError, match="nowhere"):
        run(out, good, "--baseline", tmp_path / "nowhere")
    assert not good.exists()


def test_a_place_that_cannot_be_written(out: Path, tmp_path: Path) -> None:
    (tmp_path / "p.csv").mkdir()
    with pytest.raises(OutputError, match="it is a folder"):
        run(out, tmp_path / "p.csv")
