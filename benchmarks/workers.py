"""Whole pages with two processes against one: what the second one adds, on the wall's clock."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
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
    works: dict[str, Callable[[int], None]] = {"pages": _score, "sums": _add}
    times: dict[tuple[str, int], list[float]] = {(work, n): [] for work in works for n in (1, 2)}
    with ProcessPoolExecutor(2, get_context("spawn"), _start, (folder, html)) as pool:
        _run(pool, _score, 1, 2)  # both start, import and load
        passes = {
            name: max(1, round(seconds / min(_run(pool, work, 1, 1) for _ in range(2)) + 0.5))
            for name, work in works.items()
        }
        for number in range(rounds):
            for name, processes in measure.rotated(list(times), number):
                times[name, processes].append(_run(pool, works[name], passes[name], processes))
    typical = {key: median(found) for key, found in times.items()}
    ratio = {work: 2 * typical[work, 1] / typical[work, 2] for work in works}
    rows = [
        (str(n), f"{n * passes['pages'] * len(html) / typical['pages', n]:.0f}", f"{typical['pages', n]:.1f}")
        for n in (1, 2)
    ]
    text = report.section(
        "Whole page, two processes",
        report.table(("processes", "pages/s, wall clock", "seconds"), rows),
        f"Two processes do {ratio['pages']:.2f} times the work of one. Each reads and scores all pages "
        f"{passes['pages']} times over; medians of {rounds} rounds in turn. Nothing is pinned. Sums of whole numbers, "
        f"which touch no memory, show what the second core is worth here at that moment: {ratio['sums']:.2f}.",
    )
    return report.Part(text, (report.Budget("whole page, two processes, times one", 1.9, ratio["pages"]),))


def _run(pool: ProcessPoolExecutor, work: Callable[[int], None], passes: int, processes: int) -> float:
    """Seconds until every process has done its passes."""
    began = time.perf_counter()
    for done in [pool.submit(work, passes) for _ in range(processes)]:
        done.result()
    return time.perf_counter() - began


def _start(folder: Path, html: list[bytes]) -> None:
    """In each process, before it is asked."""
    _work.append((Detector.load(folder), html))
    gc.freeze()  # as the workers of an audit do


def _score(passes: int) -> None:
    """In a process."""
    detector, html = _work[0]
    for _ in range(passes):
        measure.forget()
        for page in html:
            detector.score(Document.from_html(page))


def _add(passes: int) -> None:
    """In a process."""
    for _ in range(passes):
        sum(range(20_000_000))
