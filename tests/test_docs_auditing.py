"""docs/auditing.md names options, endings, columns and kinds that the program has, and all of them."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("duckdb")
import pyarrow as pa

from detector.audit import schema
from detector.report.crawl import ENDINGS
from detector.signals import crawl

PAGE = (Path(__file__).parents[1] / "docs" / "auditing.md").read_text("utf-8")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
ELSEWHERE = {
    "--debug",
    "--help",
    "--master",
    "--config",
}  # explained with the other commands, or docs/spark.md


@cache
def options(command: str) -> frozenset[str]:
    """The options that a command's help lists."""
    done = subprocess.run(
        [sys.executable, "-m", "detector", command, "--help"], capture_output=True, check=True, text=True
    )
    return frozenset(OPTION.findall(done.stdout))


def columns_after(heading: str) -> set[str]:
    """The names in the first column of the table below a bold word."""
    table = PAGE.partition(f"**{heading}**")[2].partition("| --- | --- |\n")[2].partition("\n\n")[0]
    return {name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.split("|")[1])}


def test_every_option_named_exists() -> None:
    known = options("audit") | options("export")
    assert set(OPTION.findall(PAGE)) <= known


def test_what_a_user_of_audits_needs_is_explained() -> None:
    named = set(OPTION.findall(PAGE))
    of_pages = {"--base-rate", "--careful", "--no-careful", "--site", "--model", "--no-config"}
    assert (options("audit") | options("export")) - named <= ELSEWHERE | of_pages


def test_the_endings_are_those_of_the_exports() -> None:
    table = PAGE.partition("## Exports")[2].partition("\n\n```sh")[0]
    named = {
        name for line in table.splitlines()[4:] for name in re.findall(r"`(\.[\w.]+)`", line.split("|")[1])
    }
    assert named == set(ENDINGS)


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("verdicts", schema.VERDICTS),
        ("groups", schema.GROUPS),
        ("members", schema.MEMBERS),
        ("recurring", schema.RECURRING),
    ],
)
def test_every_column_is_explained(heading: str, columns: pa.Schema) -> None:
    assert columns_after(heading) == set(columns.names)


def test_every_signal_of_a_crawl_is_explained() -> None:
    table = PAGE.partition("## The five signals")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(crawl.registry())
