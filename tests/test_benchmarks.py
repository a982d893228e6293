"""The benchmarks run and report; how fast anything is, no test says."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from benchmarks import functions, paragraphs, readability, report
from detector import signals

ROOT = Path(__file__).parent.parent


def test_the_benchmarks_write_their_report(tiny_model: Path, tmp_path: Path, plain_text: str) -> None:
    title, *told = plain_text.split("\n\n")
    body = "".join(f"<p>{p}</p>" for p in told)
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "aeb_bench.html").write_text(f"<title>{title}</title><nav>Home</nav>{body}", "utf-8")
    (pages / "aeb_bench.truth.txt").write_text("\n".join(told), "utf-8")
    (pages / "short.html").write_text("<p>Shops open at nine.</p>", "utf-8")
    (pages / "broken.htm").write_bytes(b"\xff\xfe<p" + bytes(range(256)))
    output = tmp_path / "report.md"
    options = {"--pages": pages, "--model": tiny_model, "--output": output, "--rounds": 1, "--starts": 1}
    options |= {"--seconds": 0, "--paragraphs": 100, "--passages": 100, "--characters": 10_000}
    options |= {"--trove": tmp_path / "no-python"}

    arguments = [str(part) for option in options.items() for part in option]
    command = [sys.executable, "-m", "benchmarks", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert run.returncode == 0, run.stderr
    text = output.read_text("utf-8")
    assert run.stdout == text
    assert "1 of 3 pages a score" in text
    assert str(tmp_path) not in text
    assert str(ROOT) not in text
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert {"detector, all signals", "`detector score FILE`"} < rows
    assert {f"`{name}`" for name in signals.registry()} < rows
    assert {"1", "2", "reading and scoring", paragraphs.OWN, readability.OWN} < rows
    for peer in (
        "trafilatura fast + TF-IDF",
        "bs4 text and links",
        "datatrove",
        "trafilatura default",
        "resiliparse",
        "readability-lxml",
        "datasketch",
        "rensa",
        "textstat",
    ):
        assert any(row.startswith(peer) for row in rows) or f"- skipped: {peer}" in text
    assert (
        "- skipped: datatrove: Gopher repetition, Gopher quality, C4, FineWeb (no-python is not there)"
        in text
    )


def test_every_budget_stands_in_the_summary_with_its_verdict() -> None:
    parts = [
        report.Part(
            report.section("Start", "As it was measured."),
            (
                report.Budget("start", 18, 25.8, most=True),
                report.Budget("pages", 250, 300, goal=400),
                report.Budget("ratio", 4, 6.5, goal=6),
                report.Budget("growth", 1.2, None, most=True),
            ),
        )
    ]
    lines = report.page({}, parts).splitlines()
    assert "| start | at most 18 | 26 | **missed** |" in lines
    assert "| pages | at least 250, goal 400 | 300 | met |" in lines
    assert "| ratio | at least 4, goal 6 | 6.500 | met, goal too |" in lines
    assert "| growth | at most 1.2 | - | not measured |" in lines
    assert "As it was measured." in lines


def test_datatrove_is_asked_round_by_round(tiny_model: Path, tmp_path: Path, plain_text: str) -> None:
    child = ROOT / "benchmarks" / "trove.py"
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps(plain_text) + "\n" + json.dumps("Too short.") + "\n", "utf-8")
    # what datatrove would be: filters that answer True, or False and why not
    package = tmp_path / "datatrove"
    (package / "pipeline").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "pipeline" / "__init__.py").touch()
    (package / "data.py").write_text("class Document:\n    def __init__(self, text, id): self.text = text\n")
    names = ("GopherRepetitionFilter", "GopherQualityFilter", "C4QualityFilter", "FineWebQualityFilter")
    (package / "pipeline" / "filters.py").write_text(
        "class Long:\n    def __init__(self, **options): pass\n"
        "    def filter(self, doc): return len(doc.text) > 99 or (False, 'short')\n"
        + "".join(f"{name} = Long\n" for name in names)
    )

    run = subprocess.run(
        [sys.executable, str(child), str(texts)],
        input="round\nround\n",
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stderr
    ready, *answers = run.stdout.splitlines()
    assert ready == "ready"
    assert [json.loads(answer)["kept"] for answer in answers] == [1, 1]
    assert [len(json.loads(answer)["times"]) for answer in answers] == [2, 2]


def test_a_profile_names_functions_of_the_project(tiny_model: Path, tmp_path: Path, plain_text: str) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "bench.html").write_text(f"<title>Bench</title><p>{plain_text}</p>", "utf-8")
    profile = tmp_path / "profile.md"
    arguments = ["--pages", str(pages), "--model", str(tiny_model), "--profile", str(profile)]
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    text = profile.read_text("utf-8")
    assert run.stdout == text
    assert "(detector/" in text
    assert str(ROOT) not in text
    assert len([line for line in text.splitlines() if line.startswith("| `")]) == functions.SHOWN


def test_plants_are_as_like_as_they_are_said_to_be(plain_text: str) -> None:
    rng = random.Random(3)
    texts = [f"{plain_text} {k}" for k in range(40)]
    changed, planted = paragraphs.plant(texts, rng)
    assert len(changed) == len(texts)
    assert planted
    for (one, two), index in planted.items():
        assert one < two
        assert paragraphs.FARTHEST <= index <= 1
        assert changed[one] != texts[one] or changed[two] != texts[two]


def test_without_pages_there_is_nothing_to_measure(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--pages", str(tmp_path), "--model", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("benchmarks: no page")
