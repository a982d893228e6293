"""Measurements as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np

import detector
from benchmarks import peers
from benchmarks.measure import WALL, Race, Stage
from detector.verdict import ModelId

PACKAGES = (
    "numpy selectolax trafilatura resiliparse beautifulsoup4 lxml readability-lxml textstat scikit-learn datasketch "
    "rensa"
).split()
START = "`detector score FILE`"

_HEAD = """# Benchmarks

Written by `python -m benchmarks`; run it again rather than edit this page. From the root of the checkout:

```sh
pip install -e '.[train]' trafilatura lxml_html_clean resiliparse readability-lxml datasketch rensa
python -m benchmarks --data ../shared/data    # or --pages DIR_OR_TAR; without either the corpus is rendered to HTML
```

`--trove PYTHON` names an interpreter that has datatrove and spacy, which want an environment of their own;
`--passages 1000000` lets the search for near-duplicates grow to so many; `--profile FILE` writes, instead of all this,
a profile by function ([profile.md](profile.md)).

Every contestant gets the bytes of a page and decodes them itself. Contestants take turns in rounds, and medians of the
rounds are shown. Times are processor time of one thread, which other work on the machine disturbs least, unless a
column says wall clock. Bounded caches are emptied before each round. Figures of one run may be compared with each
other, not with those of another machine.
"""


@dataclass(frozen=True)
class Budget:
    """What was asked of a figure, and what was measured (None: it was not). most: it is an upper limit."""

    what: str
    asked: float
    measured: float | None
    goal: float | None = None
    most: bool = False

    def row(self) -> tuple[str, ...]:
        """As a row of the summary."""
        limit, digits = ("at most" if self.most else "at least"), (3 if self.asked < 10 else 0)
        asked = f"{limit} {self.asked:,g}" + (f", goal {self.goal:,g}" if self.goal is not None else "")
        if self.measured is None:
            return self.what, asked, "-", "not measured"
        return self.what, asked, f"{self.measured:,.{digits}f}", self._kept(self.measured)

    def _kept(self, measured: float) -> str:
        def reached(limit: float) -> bool:
            return measured <= limit if self.most else measured >= limit

        if not reached(self.asked):
            return "**missed**"
        return "met" if self.goal is None or not reached(self.goal) else "met, goal too"


class Part(NamedTuple):
    """A section of the report, and the budgets whose figures it has."""

    text: str
    budgets: tuple[Budget, ...] = ()


def page(facts: Mapping[str, str], parts: Sequence[Part]) -> str:
    """The whole report."""
    said = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "versions": ", ".join(_versions()),
        **facts,
    }
    rows = [budget.row() for part in parts for budget in part.budgets]
    summary = section("Budgets", table(("what", "asked", "measured", "verdict"), rows))
    return "\n".join(
        [
            _HEAD,
            *(f"- {name}: {value}" for name, value in said.items()),
            "",
            summary,
            *(part.text for part in parts),
        ]
    )


def machine() -> str:
    """What it was measured on."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def section(title: str, *paragraphs: str) -> str:
    """A heading and what stands under it."""
    return "\n".join([f"## {title}\n", *(p.rstrip("\n") + "\n" for p in paragraphs if p)])


def whole_page(
    race: Race, scored: Sequence[bool], model: ModelId, texts: int, skipped: Mapping[str, str]
) -> Part:
    """Pages a second of each pipeline; `scored` says which pages the detector gives a score."""
    rows = []
    first = race.seconds(next(iter(race.times)))
    for name in race.times:
        cpu, of_pages = race.seconds(name), 1000 * race.page_seconds(name)
        kept = of_pages[list(scored)]
        rows.append(
            (
                name,
                f"{len(scored) / cpu:.0f}",
                f"{len(scored) / race.seconds(name, WALL):.0f}",
                f"{1000 * len(kept) / kept.sum():.0f}" if len(kept) else "-",
                f"{np.median(of_pages):.2f}",
                f"{np.percentile(of_pages, 95):.1f}",
                f"{of_pages.max():.0f}",
                f"{cpu / first:.1f}",
            )
        )
    columns = (
        "pipeline|pages/s|pages/s, wall clock|pages/s, scored pages|median ms|95th ms|slowest ms|x detector"
    )
    text = section(
        "Whole page: HTML bytes to verdict",
        table(columns.split("|"), rows),
        f"Model {model.name} {model.version} ({model.sha256[:12]}). The detector gives {sum(scored)} of {len(scored)} "
        "pages a score; the others are too short, not English or hold no prose, and cost it no signals, which is why "
        f"scored pages have a column of their own. The peers' classifier was trained on {texts} texts; only its "
        f"inference is timed. bs4 parses with {peers.parser()}.",
        remarks(race, skipped),
    )
    times = {name: race.seconds(name) / first for name in race.times}
    return Part(
        text,
        (
            Budget("whole page, pages a second on one core", 250, len(scored) / first, goal=400),
            Budget("whole page, times as fast as trafilatura's pipeline", 4, times.get(peers.FAST), goal=6),
            Budget("whole page, times as fast as bs4's pipeline", 9, times.get(peers.SOUP), goal=14),
        ),
    )


def stages(found: Sequence[Stage], pages: int) -> Part:
    """What each stage of the detector costs."""
    total = sum(s.ms for s in found if not s.part)
    rows = [
        (
            f"… {s.name}" if s.part else s.name,
            f"{s.ms:.3f}",
            f"{s.ms / total:.0%}",
            "" if s.own is None else f"{s.own:.3f}",
            f"{s.slowest:.1f}",
        )
        for s in found
    ]
    ranked = sorted((s for s in found if not s.part), key=lambda s: -s.ms)
    slowest = ", ".join(f"{s.name} {s.ms:.2f}" for s in ranked[:5])
    text = section(
        "Stages of scoring",
        f"Milliseconds a page, mean of {pages} scored pages; all stages together {total:.2f}. "
        f"The five slowest: {slowest}.",
        table(("stage", "ms", "share", "own ms", "slowest page, ms"), rows),
        "In the order in which they run: the first signal that asks for something shared pays for it. `own ms` is the "
        "same call again on the same document, when everything shared and kept is there. Lines with … are part of the "
        "line above them.",
    )
    return Part(text)


def starts(times: Mapping[str, tuple[float, float]], file: str, skipped: Mapping[str, str]) -> Part:
    """Whole processes, beside one that does nothing."""
    wall0, cpu0 = times["`python -c pass`"]
    rows = [
        (name, f"{wall:.0f}", f"{wall / wall0:.1f}", f"{cpu:.0f}", f"{cpu / cpu0:.1f}")
        for name, (wall, cpu) in sorted(times.items(), key=lambda item: item[1])
    ]
    text = section(
        "Start: one small file, whole process",
        table(("process", "ms, wall clock", "x pass", "ms, processor", "x pass"), rows),
        f"FILE is {file}; modules are compiled, nothing is pinned.",
        not_there(skipped),
    )
    return Part(
        text, (Budget("start, times `python -c pass`, wall clock", 18, times[START][0] / wall0, most=True),)
    )


def main_text(
    race: Race, quality: Mapping[str, Sequence[tuple[float, float, float]]], skipped: Mapping[str, str]
) -> Part:
    """Words of the main text found by each extractor, and the time it takes."""
    rows, figures = [], []
    for name, scores in quality.items():
        precision, recall, f1 = (fmean(column) for column in zip(*scores, strict=True))
        figures.append((f1, 1000 * race.seconds(name) / len(scores)))
        held_out = [f1_of_page for _, _, f1_of_page in scores[1::2]]
        rows.append(
            (
                name,
                f"{precision:.3f}",
                f"{recall:.3f}",
                f"{f1:.3f}",
                f"{fmean(held_out):.3f}" if held_out else "-",
                str(sum(score[2] < 0.5 for score in scores)),
                f"{1000 * race.seconds(name) / len(scores):.2f}",
                f"{1000 * np.median(race.page_seconds(name)):.2f}",
            )
        )
    columns = "extractor|precision|recall|F1|F1, held out|pages with F1 < .5|mean ms|median ms"
    text = section(
        "Main text",
        table(columns.split("|"), rows),
        f"{len(next(iter(quality.values())))} annotated pages (article-extraction-benchmark). Precision, recall and F1 "
        "of lower-cased words, each counted as often as it occurs, averaged over pages. The detector was tuned on "
        "every other page; `held out` are those it was not tuned on.",
        remarks(race, skipped),
    )
    default, careful, *_ = figures
    return Part(text, main_text_budgets(default, careful))


def main_text_budgets(
    default: tuple[float | None, float | None] = (None, None),
    careful: tuple[float | None, float | None] = (None, None),
) -> tuple[Budget, ...]:
    """Of F1 and milliseconds a page of both tiers."""
    return (
        Budget("main text, default tier, F1", 0.92, default[0]),
        Budget("main text, default tier, ms a page", 1.2, default[1], most=True),
        Budget("main text, careful tier, F1", 0.95, careful[0]),
        Budget("main text, careful tier, ms a page", 3, careful[1], most=True),
    )


def remarks(race: Race, skipped: Mapping[str, str]) -> str:
    """What was left out, and what failed."""
    failed = "".join(f"\n- {name}: failed on {n} pages, their time counts" for name, n in race.failed.items())
    return not_there(skipped) + failed


def not_there(skipped: Mapping[str, str]) -> str:
    """What was left out, and why."""
    return "\n".join(f"- skipped: {name} ({reason})" for name, reason in skipped.items())


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are numbers."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _versions() -> list[str]:
    found = [f"Python {platform.python_version()}", f"detector {detector.__version__}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found
