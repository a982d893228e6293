"""What a megabyte of text costs as part of a small, a large or a very large one: no more, if all is well."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from statistics import median

from benchmarks import measure, report
from benchmarks.pages import honest_paragraphs
from detector import language, model, signals
from detector.document import Document
from detector.tables import Tables

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)  # characters
MEASURED = 1_000_000  # characters of texts of a size, so that small ones are as many
FLAT = 1.2
SHARE = 0.02  # of the time of the largest text: a stage of less is not named

Laps = dict[str, float]  # seconds by stage


def part(folder: Path, data: Path | None, largest: int, rounds: int) -> report.Part:
    """Seconds a megabyte for texts of each size up to the largest, and the stages in which they grow."""
    loaded, tables = model.load(folder)
    sizes = [size for size in SIZES if size <= largest] or [largest]
    paragraphs = honest_paragraphs(data)
    random.Random(7).shuffle(paragraphs)
    texts = {size: list(_texts(paragraphs, size)) for size in sizes}
    found: dict[int, list[Laps]] = {size: [] for size in sizes}
    for number in range(rounds):
        for size in sizes if number % 2 == 0 else sizes[::-1]:
            measure.forget()
            found[size].append(_laps(texts[size], loaded, tables))
    stages = list(found[sizes[0]][0])
    per_mb = {
        stage: [median(laps[stage] for laps in found[size]) / _megabytes(texts[size]) for size in sizes]
        for stage in stages
    }
    total = [sum(column) for column in zip(*per_mb.values(), strict=True)]
    uneven = {
        stage: row
        for stage, row in per_mb.items()
        if max(row) > SHARE * total[-1] and max(row) > FLAT * min(row)
    }
    by_growth = sorted(uneven.items(), key=lambda item: min(item[1]) - item[1][-1])
    rows = [_row("reading and scoring", total), *(_row(*item) for item in by_growth)]
    grown = ", ".join(
        f"{stage} by {row[-1] - min(row):.2f}" for stage, row in by_growth if row[-1] > FLAT * min(row)
    )
    names = [f"{size / 1e6:g} MB" if size >= 1e6 else f"{size / 1e3:g} kB" for size in sizes]
    text = report.section(
        "Growth: seconds a megabyte of text",
        report.table(("stage", *names, "worst / best"), rows),
        f"Plain text of honest paragraphs in random order{'' if data else ' (the corpus, over and over)'}, read and "
        f"measured by every signal; of small texts so many that they make {MEASURED / 1e6:g} MB. Below the sum stand "
        f"the stages that differ by more than {FLAT - 1:.0%} and take over {SHARE:.0%} of the time of the largest "
        f"text, those first that grow most: {grown or 'none grows'}.",
    )
    ratio = max(total) / min(total) if len(total) > 1 else None
    return report.Part(
        text, (report.Budget("growth, worst / best of 10 kB to 10 MB", FLAT, ratio, most=True),)
    )


def _texts(paragraphs: Sequence[str], size: int) -> Iterator[str]:
    """Texts of a size, one after the other out of the same paragraphs."""
    rest = cycle(paragraphs)
    for _ in range(max(1, MEASURED // size)):
        text, length = [], 0
        while length < size:
            text.append(next(rest))
            length += len(text[-1]) + 2
        yield "\n\n".join(text)


def _megabytes(texts: Sequence[str]) -> float:
    return sum(map(len, texts)) / 1e6


def _laps(texts: Sequence[str], loaded: model.Model, tables: Tables) -> Laps:
    lap = measure.Laps()
    for text in texts:
        document = lap("reading", Document.from_text, text)
        lap("tokens", getattr, document, "tokens")
        lap("language", language.detect, document.tokens.word)
        lap("sentences", getattr, document, "sentences")
        values = {
            name: lap(f"`{name}`", signal.measure, document, tables).value
            for name, signal in signals.registry().items()
        }
        lap("account", loaded.account, values)
    return {stage: sum(seconds) for stage, seconds in lap.seconds.items()}


def _row(stage: str, values: Sequence[float]) -> tuple[str, ...]:
    ratio = f"{max(values) / min(values):.2f}" if min(values) > 0 else "-"
    return stage, *(f"{value:.3f}" for value in values), ratio
