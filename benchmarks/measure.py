"""Clocks. Times are measured and reported, never judged.

The clock of record is the processor time of this process: on a machine that does other work it varies far less than
the time on the wall, which is kept beside it.
"""

from __future__ import annotations

import functools
import gc
import os
import re
import resource
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser

from benchmarks import THREADS
from benchmarks.pages import ROOT, Page
from detector import language, model, signals
from detector.document import Document
from detector.sources.charset import decode
from detector.tables import Tables

Times = NDArray[np.float64]
P = ParamSpec("P")
T = TypeVar("T")
CPU, WALL = 0, 1


@contextmanager
def pinned(core: int | None) -> Iterator[int | None]:
    """This process on one core (default: the last it may use); yields it, or None where the system cannot do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    before = os.sched_getaffinity(0)
    chosen = max(before) if core is None else core
    os.sched_setaffinity(0, {chosen})
    try:
        yield chosen
    finally:
        os.sched_setaffinity(0, before)


def forget() -> None:
    """Empty every bounded cache, whoever's: a page must not be quick because an earlier round has seen it."""
    for thing in gc.get_objects():
        if type(thing) is functools._lru_cache_wrapper and thing.cache_info().maxsize is not None:
            thing.cache_clear()
    gc.collect()


# --- pages -----------------------------------------------------------------------------------------------------------


@dataclass
class Race:
    """times[contestant][round, page] = (processor seconds, wall seconds); pages that a contestant failed on."""

    times: dict[str, Times]
    failed: Counter[str]

    def seconds(self, name: str, clock: int = CPU) -> float:
        """Time for all pages: the median of the rounds."""
        return float(np.median(self.times[name][..., clock].sum(axis=1)))

    def page_seconds(self, name: str) -> Times:
        """Time of each page: the median of the rounds."""
        found: Times = np.median(self.times[name][..., CPU], axis=0)
        return found


def race(contestants: Mapping[str, Callable[[T], object]], items: Sequence[T], rounds: int) -> Race:
    """Every contestant takes every item (a page, a text) once in each round; the order of the contestants rotates."""
    found = Race({name: np.zeros((rounds, len(items), 2)) for name in contestants}, Counter())
    for run in contestants.values():
        run(items[0])  # first calls import and compile
    for number in range(rounds):
        for name in rotated(list(contestants), number):
            forget()
            run = contestants[name]
            for k, item in enumerate(items):
                cpu, wall = time.process_time(), time.perf_counter()
                try:
                    run(item)
                except Exception:  # noqa: BLE001  a peer that chokes on a page is a result
                    found.failed[name] += number == 0
                found.times[name][number, k] = time.process_time() - cpu, time.perf_counter() - wall
    return found


def rotated(names: list[T], number: int) -> list[T]:
    """The names in the order of a round."""
    k = number % len(names)
    return names[k:] + names[:k]


# --- stages ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """A stage of scoring, in milliseconds a page.

    own: with everything that stages share already computed; None for what is not a signal. part: contained in the
    stage above it. slowest: the page that took longest.
    """

    name: str
    ms: float
    slowest: float
    own: float | None = None
    part: bool = False


def profile(folder: Path, pages: Sequence[Page], rounds: int) -> list[Stage]:
    """The stages between bytes and verdict, in the order in which they run, on pages that get a score."""
    loaded, tables = model.load(folder)
    laps = Laps()
    for _ in range(rounds):
        forget()
        for page in pages:
            _lap_page(laps, page.html, loaded, tables)

    def stage(name: str, lap: str, again: str | None = None, *, part: bool = False) -> Stage:
        times = laps.of_pages(lap, rounds)
        own = fmean(laps.of_pages(again, rounds)) if again else None
        return Stage(name, fmean(times), max(times), own, part)

    return [
        stage("HTML: decode, parse, walk, main text", "page"),
        stage("decode alone", "decode", part=True),
        stage("parse alone (lexbor)", "parse", part=True),
        stage("tokens", "tokens"),
        stage("language", "language"),
        stage("sentences", "sentences"),
        *(stage(f"`{name}`", f"first {name}", f"again {name}") for name in signals.registry()),
        stage("account: curves, trust, sum", "account"),
    ]


def _lap_page(laps: Laps, html: bytes, loaded: model.Model, tables: Tables) -> None:
    text = laps("decode", decode, html)
    laps("parse", LexborHTMLParser, text.encode("utf-8", "replace"))
    document = laps("page", Document.from_html, html)
    laps("tokens", getattr, document, "tokens")
    laps("language", language.detect, document.tokens.word)
    laps("sentences", getattr, document, "sentences")
    values = {}
    for name, signal in signals.registry().items():
        values[name] = laps(f"first {name}", signal.measure, document, tables).value
    for name, signal in signals.registry().items():
        laps(f"again {name}", signal.measure, document, tables)
    laps("account", loaded.account, values)


class Laps:
    """Processor seconds of each call, by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def __call__(self, stage: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        started = time.process_time()
        result = work(*args, **kwargs)
        self.seconds.setdefault(stage, []).append(time.process_time() - started)
        return result

    def of_pages(self, stage: str, rounds: int) -> list[float]:
        """Milliseconds of each page: the median of the rounds."""
        medians: list[float] = (
            1000 * np.median(np.reshape(self.seconds[stage], (rounds, -1)), axis=0)
        ).tolist()
        return medians


# --- main text -------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"\w+")


def agreement(found: str, truth: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the words, each counted as often as it occurs, in lower case."""
    a, b = Counter(_WORD.findall(found.lower())), Counter(_WORD.findall(truth.lower()))
    both = (a & b).total()
    if not both:
        return 0.0, 0.0, 0.0
    return both / a.total(), both / b.total(), 2 * both / (a.total() + b.total())


# --- whole processes -------------------------------------------------------------------------------------------------


def starts(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, tuple[float, float]]:
    """Milliseconds of whole processes as (wall, processor time): medians of interleaved runs after one to warm up."""
    left_out = {"PYTHONDONTWRITEBYTECODE", *THREADS}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name in rotated(list(commands), number):
            before, wall = _children(), time.perf_counter()
            subprocess.run(commands[name], cwd=ROOT, env=environment, check=True, capture_output=True)
            times[name].append((time.perf_counter() - wall, _children() - before))
    return {
        name: (1000 * median(wall for wall, _ in taken[1:]), 1000 * median(cpu for _, cpu in taken[1:]))
        for name, taken in times.items()
    }


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
