"""Exports as a whole: the ending chooses, a file is complete or not there, and the same run gives the same bytes."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from detector.audit.compare import compare
from detector.audit.results import Results
from detector.errors import OutputError, UsageError
from detector.report.crawl import ENDINGS, data, export

BUT_HTML = [ending for ending in ENDINGS if ending != ".html"]


@pytest.mark.parametrize("ending", BUT_HTML)
def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path, ending: str) -> None:
    files = [tmp_path / f"{name}{ending}" for name in ("one", "two")]
    for file in files:
        export(Results.open(run), file)
    first, second = (file.read_bytes() for file in files)
    assert len(first) > 500
    assert first == second


def test_an_unknown_ending_names_those_that_are_known(run: Path, tmp_path: Path) -> None:
    message = re.escape("unknown ending '.xls'; use .jsonl, .jsonl.gz, .csv")
    with pytest.raises(UsageError, match=message):
        export(Results.open(run), tmp_path / "pages.xls")
    with pytest.raises(UsageError, match="a file without an ending"):
        export(Results.open(run), tmp_path / "pages")


def test_endings_may_be_capitals(run: Path, tmp_path: Path) -> None:
    export(Results.open(run), tmp_path / "every_page.CSV.GZ")
    assert gzip.decompress((tmp_path / "every_page.CSV.GZ").read_bytes()).startswith(
        b"url,outcome,score,title,"
    )


def test_a_place_that_cannot_be_written_is_told(run: Path, tmp_path: Path) -> None:
    results = Results.open(run)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match="it is a folder; name a file in it"):
        export(results, tmp_path / "folder.csv")
    with pytest.raises(OutputError, match=r"pages\.xlsx cannot be written: No such file or directory"):
        export(results, tmp_path / "missing" / "pages.xlsx")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(OutputError, match="it is no file"):
        export(results, tmp_path / "pipe.csv")


def test_the_run_is_never_overwritten(run: Path) -> None:
    before = (run / "members.parquet").read_bytes()
    for name in ("members.parquet", "verdicts/part-000000.parquet", "pages/new.parquet"):
        with pytest.raises(OutputError, match="among the run's own Parquet files"):
            export(Results.open(run), run / name)
    assert (run / "members.parquet").read_bytes() == before
    export(Results.open(run), run / "report.csv")  # anything else may lie beside it


def test_until_all_is_written_the_older_file_stays(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Iterator[Any]:
        yield {}
        raise OSError(28, "No space left on device")

    file = tmp_path / "pages.jsonl"
    file.write_text("older")
    monkeypatch.setattr(data, "_whole", broken)
    with pytest.raises(OutputError, match=r"pages\.jsonl cannot be written: No space left on device"):
        export(Results.open(run), file)
    assert file.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pages.jsonl", "run"]


def test_a_link_goes_on_pointing_to_its_file(run: Path, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("older")
    (tmp_path / "real.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to("real.csv")
    export(Results.open(run), tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text("utf-8").startswith("url,")
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("ending", BUT_HTML)
def test_a_run_without_pages_is_exported(make_run: Any, tmp_path: Path, ending: str) -> None:
    empty = make_run(tmp_path / "empty", [], groups=[], members=[], recurring=[])
    export(Results.open(empty), tmp_path / f"empty{ending}")
    assert (tmp_path / f"empty{ending}").is_file()


def test_only_some_outcomes(run: Path, tmp_path: Path) -> None:
    export(Results.open(run), tmp_path / "p.jsonl", only=("reject", "unscored"))
    lines = (tmp_path / "p.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["row"] for line in lines] == [1, 2, 12, 13, 14]


def test_a_comparison_is_a_column_and_what_is_gone_stands_at_the_end(
    make_run: Any, every_page: Any, run: Path, tmp_path: Path
) -> None:
    gone = every_page[0] | {"id": "gone.html", "address": "gone.html", "url": None}
    old = make_run(
        tmp_path / "old",
        [every_page[1] | {"outcome": "publish"}, gone, *every_page[2:]],
        groups=[],
        members=[],
    )
    results = Results.open(run)
    export(results, tmp_path / "p.jsonl", comparison=compare(results, Results.open(old)), with_text=True)
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text("utf-8").splitlines()]
    assert [row["change"] for row in rows] == ["new", "worse", *["same"] * 13, "gone"]
    assert [row["row"] for row in rows] == [*range(15), None]
    assert (rows[1]["outcome_before"], rows[1]["outcome"]) == ("publish", "reject")
    assert (rows[-1]["id"], rows[-1]["text"], rows[0]["outcome_before"]) == ("gone.html", gone["text"], None)
