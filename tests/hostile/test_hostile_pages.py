"""Hostile pages of every kind are answered, within the limits, and every answer keeps its promises.

They are read in a process of their own: a hang, a crash in C or too much memory must not take the tests along. Here
they are small, and reports are written for few of them; `python -m fuzz hostile` reads the large ones.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.hostile import GENERATORS, Case, cases

ROOT = Path(__file__).parents[2]
SCALES = dict.fromkeys(GENERATORS, 0.02) | {"lines": 0.005}
SECONDS = 900  # for all; the limit of one page ends it much earlier

READ = f"""
from itertools import chain
from detector.audit.worker import Settings
from fuzz.answers import answers
from fuzz.hostile import cases, of_name
small = (case for name, scale in {SCALES}.items() for case in cases(name, scale=scale))
made = chain(small, of_name(["lines-6120"], 0.05))  # half a megabyte of words of one letter, in less than a gigabyte
for answer in answers(made, Settings(seconds=60, megabytes=1000), every=100):
    print(answer, flush=True)
"""


@pytest.fixture(scope="module")
def answered() -> dict[str, str]:
    """What became of each case, by its name."""
    run = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    lines = [line.split("\t") for line in run.stdout.splitlines()]
    found = {name: f"{kind}: {says}" for kind, *_, name, says in lines}
    return found | {"end": f"{run.returncode} {run.stderr[-2000:]}"}


@pytest.fixture(scope="module")
def made() -> dict[str, list[Case]]:
    """The cases of each generator, as small as they come."""
    return {name: list(cases(name, scale=0.001)) for name in GENERATORS}


@pytest.mark.parametrize("name", GENERATORS)
def test_every_hostile_page_is_answered(
    name: str, answered: dict[str, str], made: dict[str, list[Case]]
) -> None:
    names = [case.name for case in made[name]]
    assert names
    assert len(names) == len(set(names))
    without = [case for case in names if case not in answered]
    assert not without, f"the process ended at {without[0]}: {answered['end']}"
    assert [f"{case}: {answered[case]}" for case in names if not answered[case].startswith("ok: ")] == []


@pytest.mark.parametrize("name", GENERATORS)
def test_the_same_seed_makes_the_same_pages(name: str, made: dict[str, list[Case]]) -> None:
    assert made[name] == list(cases(name, scale=0.001))


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("bombs-zip.docx", "unpacks to more than the limit"),
        ("bombs-gzip", "unpacks to more than the limit"),
        ("bombs-gzip-thrice", "binary content"),
        ("entities-laughs.docx", "declares a document type"),
        ("entities-laughs-sitemap", "declares a document type"),
        ("entities-outside-sitemap", "declares a document type"),
        ("bombs-members", "files"),
    ],
)
def test_a_bomb_is_named_and_not_unpacked(case: str, says: str, answered: dict[str, str]) -> None:
    assert says in answered[case]
