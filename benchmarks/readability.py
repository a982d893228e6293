"""The readability formulas beside textstat's: time, and how far the two agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import measure, peers, report
from detector.document import Document
from detector.signals import readability

OWN = "detector: words, sentences, syllables, both formulas"
SHARED = "detector, as part of a verdict: syllables, both formulas"
FORMULAS = {
    "Flesch reading ease": ("flesch_reading_ease", readability.ease),
    "Flesch-Kincaid grade": ("flesch_kincaid_grade", readability.grade),
}
Values = list[float]

_COLUMNS = "formula|mean, detector|mean, textstat|mean difference|median difference|correlation|of ranks"


def part(texts: Sequence[str], rounds: int) -> report.Part:
    """Both tables. texts: the main texts of pages that get a score."""
    runners, skipped = peers.available({OWN: lambda: _own, "textstat": _textstat})
    race = measure.race(runners, texts, rounds)
    documents = [Document.from_text(text) for text in texts]
    for document in documents:
        _values(document)
    shared = measure.race({SHARED: _values}, documents, rounds)
    own = race.seconds(OWN)
    rows = [
        (name, f"{1000 * timed.seconds(name) / len(texts):.3f}", f"{timed.seconds(name) / own:.1f}")
        for name, timed in {OWN: race, SHARED: shared, **dict.fromkeys(list(runners)[1:], race)}.items()
    ]
    agreement = ""
    if "textstat" in runners:
        both = np.array([[_own(text), runners["textstat"](text)] for text in texts])
        agreement = report.table(
            _COLUMNS.split("|"),
            [(formula, *_agreement(*both[:, :, k].T)) for k, formula in enumerate(FORMULAS)],
        )
    text = report.section(
        "Readability",
        report.table(("what", "ms a text", "x detector"), rows),
        agreement,
        f"The main texts of {len(texts)} pages. textstat keeps what it has counted, so that a second formula on the "
        "same text costs it less; its caches are emptied before each round. Differences are absolute; a single page "
        "without full stops is enough to spoil a correlation, not that of ranks. textstat takes points inside numbers "
        "for ends of sentences, and leaves out sentences of one or two words.",
        report.remarks(race, skipped),
    )
    return report.Part(text)


def _values(document: Document) -> Values:
    counts = readability.count(document)
    return [formula(counts) for _, formula in FORMULAS.values()]


def _own(text: str) -> Values:
    return _values(Document.from_text(text))


def _textstat() -> Callable[[str], Values]:
    textstat = import_module("textstat").textstat
    if version("textstat") != "0.7.3":
        raise ImportError("textstat 0.7.3 is the one to compare with")
    formulas = [getattr(textstat, name) for name, _ in FORMULAS.values()]
    return lambda text: [formula(text) for formula in formulas]


def _agreement(ours: measure.Times, theirs: measure.Times) -> tuple[str, ...]:
    apart = np.abs(ours - theirs)
    return (
        f"{ours.mean():.1f}",
        f"{theirs.mean():.1f}",
        f"{apart.mean():.2f}",
        f"{np.median(apart):.2f}",
        _correlation(ours, theirs),
        _correlation(ours.argsort().argsort(), theirs.argsort().argsort()),
    )


def _correlation(ours: NDArray[Any], theirs: NDArray[Any]) -> str:
    if ours.std() == 0 or theirs.std() == 0:
        return "-"
    return f"{np.corrcoef(ours, theirs)[0, 1]:.3f}"
