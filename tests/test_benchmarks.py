"""The benchmarks run and report; how fast anything is, no test says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from detector import signals

ROOT = Path(__file__).parent.parent


def test_the_benchmarks_write_their_report(tiny_model: Path, tmp_path: Path, plain_text: str) -> None:
    title, *paragraphs = plain_text.split("\n\n")
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "aeb_bench.html").write_text(f"<title>{title}</title><nav>Home</nav>{body}", "utf-8")
    (pages / "aeb_bench.truth.txt").write_text("\n".join(paragraphs), "utf-8")
    (pages / "short.html").write_text("<p>Shops open at nine.</p>", "utf-8")
    (pages / "broken.htm").write_bytes(b"\xff\xfe<p" + bytes(range(256)))
    report = tmp_path / "report.md"
    options = {"--pages": pages, "--model": tiny_model, "--output": report, "--rounds": 1, "--starts": 1}

    arguments = [str(part) for option in options.items() for part in option]
    command = [sys.executable, "-m", "benchmarks", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert run.returncode == 0, run.stderr
    text = report.read_text("utf-8")
    assert run.stdout == text
    assert "1 of 3 pages a score" in text
    assert str(tmp_path) not in text
    assert str(ROOT) not in text
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert {"detector, all signals", "`detector score FILE`"} < rows
    assert {f"`{name}`" for name in signals.registry()} < rows
    for peer in ("trafilatura fast + TF-IDF", "trafilatura default", "resiliparse", "readability-lxml"):
        assert any(row.startswith(peer) for row in rows) or f"- skipped: {peer}" in text


def test_without_pages_there_is_nothing_to_measure(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--pages", str(tmp_path), "--model", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("benchmarks: no page")
