"""What is planned and said before and around a cluster; none is started here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from detector.audit import spark
from detector.audit.spark import STRIPES, Unit, addresses, plan
from detector.errors import OutputError, SourceError, UsageError
from detector.sources.crawls import StoredFile, open_crawl


def files(*sizes: int) -> list[StoredFile]:
    return [
        StoredFile(f"{k}.warc", Path(f"/crawl/{k}.warc"), size, k, "WARC") for k, size in enumerate(sizes)
    ]


def places(units: list[Unit]) -> Counter[int]:
    return Counter(unit.first + k for unit in units for k in range(len(unit.files)))


def test_every_file_is_read_once_and_a_large_one_in_stripes() -> None:
    given = files(10, 20, 90_000_000, 5, 1_000, 40_000_000, 3)
    units = plan(given, stripes=STRIPES)
    assert [unit.part for unit in units] == list(range(len(units)))
    assert places(units) == {0: 1, 1: 1, 2: STRIPES, 3: 1, 4: 1, 5: STRIPES, 6: 1}
    assert all(unit.files == tuple(given[unit.first : unit.first + len(unit.files)]) for unit in units)
    assert {unit.stripe for unit in units if unit.first == 2} == set(range(STRIPES))


def test_files_that_are_handed_over_stay_whole() -> None:
    units = plan(files(90_000_000, 5, 40_000_000), stripes=0)
    assert places(units) == {0: 1, 1: 1, 2: 1}


def test_a_folder_of_many_pages_makes_parts_of_many() -> None:
    units = plan(files(*[30_000] * 20_000), stripes=STRIPES)
    assert places(units) == dict.fromkeys(range(20_000), 1)
    assert len(units) < 400


def test_the_parts_of_a_crawl_have_its_records_and_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "PART_BYTES", (500, 5_000))
    monkeypatch.setattr(spark, "CHUNK_RECORDS", 3)
    lines = "".join(f'{{"url": "https://a.example/{k}", "text": "page {k}"}}\n' for k in range(50))
    (tmp_path / "a.jsonl").write_text(lines, "utf-8")
    (tmp_path / "b é.html").write_text("<p>one", "utf-8")
    (tmp_path / "c.html").write_text("<p>two", "utf-8")
    crawl = open_crawl([str(tmp_path)])
    units = [Unit.from_json(unit.to_json()) for unit in plan(crawl.files, stripes=STRIPES)]
    assert len(units) > 2
    found = [pair for unit in units for pair in unit.records(Counter())]
    assert sorted(found, key=lambda pair: pair[0]) == list(crawl.records())


def test_addresses_come_from_the_command_line_and_from_lists(tmp_path: Path) -> None:
    listed = tmp_path / "paths.txt"
    listed.write_text(
        "# of March\ns3a://b/2.warc.gz\n\nhdfs://n:9000/1.warc.gz\ns3a://b/2.warc.gz\n", "utf-8"
    )
    assert addresses([str(listed), "s3a://b/0.warc"]) == [
        "s3a://b/2.warc.gz",
        "hdfs://n:9000/1.warc.gz",
        "s3a://b/0.warc",
    ]
    assert addresses([str(tmp_path)]) == []


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["s3a://b/1.warc", "here.warc"], "all by paths or all by addresses"),
        (["https://a.example/"], "--engine local"),
    ],
)
def test_what_cannot_be_one_crawl(names: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        addresses(names)


class Py4JError(Exception):
    """As py4j raises it."""


Py4JError.__module__ = "py4j.protocol"


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("... ModuleNotFoundError: No module named 'detector'\n\tat org.apache", SourceError, "cannot import detector"),
        ("Traceback\n  File x\ndetector.errors.OutputError: /out is full.\n\tat java", OutputError, "/out is full."),
        ("java.lang.OutOfMemoryError: Java heap space\n\tat java.base", SourceError, "spark.executor.memory"),
        ("[PATH_NOT_FOUND] Path does not exist: s3a://b/x. SQLSTATE: 4", SourceError, "s3a://b/x: no such"),
        ("An error\nCaused by: java.io.IOException: odd\n\tat java.base/x", SourceError, "IOException: odd; what"),
        ("Job 3 cancelled because Stage was lost\n\tat org.apache", SourceError, "Job 3 cancelled"),
    ],
)  # fmt: skip
def test_what_spark_raises_is_told_in_one_sentence(
    text: str, kind: type[Exception], says: str, tmp_path: Path
) -> None:
    told = spark._told(Py4JError(text), tmp_path / "no log")
    assert isinstance(told, kind)
    assert says in str(told)
    assert "\n" not in str(told)
    assert "\tat " not in str(told)


def test_faults_of_our_own_are_not_blamed_on_spark(tmp_path: Path) -> None:
    assert spark._told(KeyError("x"), tmp_path / "no log") is None


def run(tmp_path: Path, *options: str, **environment: str) -> str:
    """What the command says before it ends with exit code 2."""
    page = tmp_path / "page.html"
    page.write_text("<p>A page.", "utf-8")
    command = [sys.executable, "-m", "detector", "audit", str(page), "--no-config", "--engine", "spark"]
    found = subprocess.run(
        [*command, "--output", str(tmp_path / "out"), *options],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert found.returncode == 2, found.stderr
    assert found.stderr.count("\n") == 1, found.stderr
    return found.stderr


def test_without_java_it_says_what_to_install(tmp_path: Path) -> None:
    assert "install Java 17" in run(tmp_path, PATH="/nowhere", JAVA_HOME=str(tmp_path))


def test_a_master_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    assert "no master answers there" in run(tmp_path, "--master", "spark://127.0.0.1:1")


def test_a_folder_that_spark_would_take_for_a_pattern_is_refused(tmp_path: Path) -> None:
    assert "name another folder" in run(tmp_path, "--output", str(tmp_path / "out[1]"))
