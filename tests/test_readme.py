"""The README says what the program does: its commands parse, its example and tables are what the code gives.

UPDATE_GOLDEN=1 writes the example and the tables anew.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from detector import cli, explain, model

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

EXAMPLE = re.compile(r"<!-- example: (?P<command>[^\n]+) -->\n```text\n(?P<body>.*?)```\n", re.DOTALL)


def commands() -> list[str]:
    """Every `detector` command of the README, in blocks and inside sentences."""
    text = README.read_text("utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    lines += [" ".join(code.split()) for code in re.findall(r"(?<!`)`(detector [^`]+)`(?!`)", text)]
    lines += re.findall(r"<!-- example: (.+?) -->", text)
    found: list[str] = []
    for line in lines:
        words = shlex.split(line, comments=True)
        start = 0
        for k, word in enumerate([*words, "|"]):
            if word in ("|", "&&", ">", ";"):
                if start < k and Path(words[start]).name == "detector":
                    found.append(shlex.join(words[start + 1 : k]))
                start = k + 1
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("command", commands())
def test_every_command_is_one_that_exists(command: str) -> None:
    cli._parser().parse_args(shlex.split(command))


def test_the_readme_shows_the_main_commands() -> None:
    assert {c.split()[0] for c in commands()} >= {"score", "explain", "train", "evaluate"}


def compare(start: int, end: int, expected: str) -> None:
    """The stretch of the README must be the expected text; with UPDATE_GOLDEN=1 it becomes it."""
    text = README.read_text("utf-8")
    if UPDATE:
        README.write_text(text[:start] + expected + text[end:], "utf-8")
    else:
        assert text[start:end] == expected, "UPDATE_GOLDEN=1 writes it anew"


def block(name: str) -> tuple[int, int]:
    """The stretch between <!-- name --> and <!-- /name -->."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README.read_text("utf-8"), re.DOTALL)
    assert found, f"the README has no block {name}"
    return found.span(1)


def current() -> Path:
    if not (model.models_folder() / "CURRENT").is_file():
        pytest.skip("there is no current model")
    return model.current_model()


def test_the_example_is_what_the_command_prints() -> None:
    current()
    found = EXAMPLE.search(README.read_text("utf-8"))
    assert found, "the README has no example"
    done = subprocess.run(
        [sys.executable, "-m", "detector", *shlex.split(found["command"])[1:]],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    compare(*found.span("body"), done.stdout.decode("utf-8"))


def test_the_table_of_signals_is_that_of_the_docstrings() -> None:
    compare(*block("signals"), f"\n{explain.markdown_table()}\n\n")


def test_the_figures_are_those_of_the_current_model() -> None:
    card = pytest.importorskip("detector.train.card")
    figures = json.loads((current() / "metrics.json").read_text("utf-8"))
    compare(*block("figures"), f"\n{card.summary(figures)}\n\n")
