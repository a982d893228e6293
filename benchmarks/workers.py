"""Whole pages with two processes against one: what the second one adds, on the wall's clock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from benchmarks import measure, report
from benchmarks.pages import Page
from detector.document import Document
from detector.score import Detector

_work: list[tuple[Detector, list[bytes]]] = []  # of a process


def part(folder: Path, pages: Sequence[Page], seconds: float, rounds: int) -> report.Part:
    """One and two processes in turn, each with the same work, which takes one at least so many seconds."""
    html = [page.html for page in pages]
    times: dict[str, list[float]] = {"1": [], "2": []}
    with ProcessPoolExecutor(2, get_context("spawn"), _start, (folder, html)) as pool:
        _run(pool, 1, 2)  # both start, import and load
        once = min(_run(pool, 1, 1) for _ in range(2))
        passes = max(1, round(seconds / once + 0.5))
        for number in range(rounds):
            for name in measure.rotated(["1", "2"], number):
                times[name].append(_run(pool, passes, int(name)))
    speed = {name: int(name) * passes * len(html) / median(times[name]) for name in times}
    ratio = speed["2"] / speed["1"]
    rows = [
        (name, f"{speed[name]:.0f}", f"{median(times[name]):.1f}", f"{speed[name] / speed['1']:.2f}")
        for name in times
    ]
    text = report.section(
        "Whole page, two processes",
        report.table(("processes", "pages/s, wall clock", "seconds", "x one"), rows),
        f"Each process reads and scores all pages {passes} times over; medians of {rounds} rounds in turn. Nothing "
        "is pinned.",
    )
    return report.Part(text, (report.Budget("whole page, two processes, times one", 1.9, ratio),))


def _run(pool: ProcessPoolExecutor, passes: int, processes: int) -> float:
    """Seconds until every process has done its passes."""
    began = time.perf_counter()
    for done in [pool.submit(_score, passes) for _ in range(processes)]:
        done.result()
    return time.perf_counter() - began


def _start(folder: Path, html: list[bytes]) -> None:
    """In each process, before it is asked."""
    _work.append((Detector.load(folder), html))


def _score(passes: int) -> None:
    """In a process."""
    detector, html = _work[0]
    for _ in range(passes):
        measure.forget()
        for page in html:
            detector.score(Document.from_html(page))
