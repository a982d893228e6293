"""README and docs/ say what the program does: commands parse; the example, tables and pages are what the code gives.

UPDATE_GOLDEN=1 writes what is generated anew.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from detector import cli, explain, model
from detector.report import SCHEMA

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md"))]
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

EXAMPLE = re.compile(r"<!-- example: (?P<command>[^\n]+) -->\n```text\n(?P<body>.*?)```\n", re.DOTALL)


def commands(*documents: Path) -> list[str]:
    """Every `detector` command of the documents, in blocks and inside sentences."""
    text = "\n".join(d.read_text("utf-8") for d in documents).replace("\\\n", " ")
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


@pytest.mark.parametrize("command", commands(*DOCUMENTS))
def test_every_command_is_one_that_exists(command: str) -> None:
    cli._parser().parse_args(shlex.split(command))


def test_the_readme_shows_the_main_commands() -> None:
    assert {c.split()[0] for c in commands(README)} >= {"score", "explain", "train", "evaluate"}


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


def test_speed_is_what_the_benchmarks_last_showed() -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    facts = re.findall(r"^- (?:date|machine|rounds): (.*)$", page, re.MULTILINE)
    budgets = page.partition("\n## Budgets\n")[2].partition("\n## ")[0].strip()
    assert len(facts) == 3
    assert budgets.count("\n") > 10
    compare(*block("speed"), f"\n{budgets}\n\n{facts[0]}, {facts[1]}, rounds: {facts[2]}.\n\n")


def test_every_option_of_score_is_explained() -> None:
    text = "\n".join(d.read_text("utf-8") for d in DOCUMENTS)
    parser = cli._parser().parse_args(["score", "x"])  # exists; its options are those of the help
    assert parser.sources == ["x"]
    done = subprocess.run(
        [sys.executable, "-m", "detector", "score", "--help"], capture_output=True, check=True, cwd=ROOT
    )
    options = set(re.findall(r"(?<![\w-])--(?!no-|help|debug)[a-z-]+", done.stdout.decode()))
    assert {o for o in options if o not in text} <= {"--color", "--config"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text("utf-8")):
        assert "://" in target or (document.parent / target).exists(), target


# --- docs/: the pages that are written by the code -------------------------------------------------------------------


def signals_page() -> str:
    """docs/signals.md: the docstrings of all signals."""
    parts = [
        "# The signals\n\nWritten from the docstrings in `detector/signals/`, which are their tests too: what stands"
        " between ⟦ and ⟧ is\nexactly what is marked. `detector explain SIGNAL` prints a page of this.\n",
        explain.markdown_table() + "\n",
    ]
    for page in explain.pages():
        parts.append(f"## {page.signal}\n\n{page.summary}\n")
        for heading, body in page.sections.items():
            parts.append(f"**{heading}**\n\n{_markdown(body)}\n")
    return "\n".join(parts)


def _markdown(section: str) -> str:
    """A docstring's section: paragraphs as they are, examples as blocks."""
    lines: list[str] = []
    inside = False
    for line in section.splitlines():
        example = line.strip() == "Example:"
        if inside and line.strip() and not line.startswith(" "):
            inside = False
            lines += ["```", ""]
        if example:
            lines += (["```", ""] if inside else []) + ["```text"]
            inside = True
        else:
            lines.append(line.removeprefix("    ") if inside else line)
    return (
        "\n".join([*lines, *(["```"] if inside else [])])
        .replace("\n\n```\n", "\n```\n")
        .replace("```text\n\n", "```text\n")
    )


def verdict_page() -> str:
    """docs/verdict.md: the fields of a verdict, from the schema."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    lines = [
        "# A verdict as JSON",
        "",
        "Written from the schema, which `detector schema` prints: one such object for every input, the same in `json`,",
        "`jsonl`, reports and the library (`Verdict.to_dict`). Offsets count Unicode characters, half open.",
        "",
        "| field | type | |",
        "| --- | --- | --- |",
        *_fields(schema, schema, ""),
    ]
    return "\n".join(lines) + "\n"


def _fields(schema: dict[str, Any], part: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, field in part.get("properties", {}).items():
        kinds = [_resolved(schema, kind) for kind in field.get("anyOf", [field])]
        kind = " or ".join(dict.fromkeys(_kind(k) for k in kinds))
        says = " ".join(dict.fromkeys(filter(None, (k.get("description", "") for k in (field, *kinds)))))
        yield f"| `{prefix}{name}` | {kind} | {says} |"
        for inner in kinds:
            if "items" in inner:
                yield from _fields(schema, _resolved(schema, inner["items"]), f"{prefix}{name}[].")
            else:
                yield from _fields(schema, inner, f"{prefix}{name}.")


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    target: Any = schema
    for step in part["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return {**target, **{k: v for k, v in part.items() if k != "$ref"}}


def _kind(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " or ".join(f"`{json.dumps(v)}`" for v in part["enum"])
    if "const" in part:
        return f"`{json.dumps(part['const'])}`"
    kind = part.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


@pytest.mark.parametrize(("name", "written"), [("signals.md", signals_page), ("verdict.md", verdict_page)])
def test_the_generated_pages_are_up_to_date(name: str, written: Callable[[], str]) -> None:
    path = ROOT / "docs" / name
    if UPDATE:
        path.write_text(written(), "utf-8")
    assert path.read_text("utf-8") == written(), "UPDATE_GOLDEN=1 writes it anew"
