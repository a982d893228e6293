"""What the detector is measured beside on the same pages: slop-guard, and datatrove's four filters, where installed.

Each is made by a function that imports what it needs, so that one whose packages are missing is left out and named:
pip install slop-guard 'datatrove[processing]' spacy
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

import numpy as np
from joblib import Parallel, delayed

from detector.train.measures.shares import Doubles

PROBE = "One plain sentence after the other says that the parts are there and that they work."
CHUNK, JOBS = 200, 2  # texts that a worker is given at a time, and workers

Scorer = Callable[[str], float]  # a text to a number: the higher, the worse


def _slop_guard() -> Scorer:
    """0 (clean) to 100."""
    analyze = import_module("slop_guard").analyze_text
    return lambda text: 100.0 - float(analyze(text)["score"])


def _datatrove(module: str, name: str) -> Callable[[], Scorer]:
    """1 for a text that the filter drops, 0 for one that it keeps."""

    def make() -> Scorer:
        document = import_module("datatrove.data").Document
        keeps = getattr(import_module(f"datatrove.pipeline.filters.{module}"), name)().filter

        def score(text: str) -> float:
            kept = keeps(document(text=text, id=""))  # a filter may change the document: each gets its own
            return 0.0 if kept is True else 1.0

        return score

    return make


SCORERS: dict[str, Callable[[], Scorer]] = {"slop-guard": _slop_guard}
FILTERS: dict[str, Callable[[], Scorer]] = {
    "Gopher quality": _datatrove("gopher_quality_filter", "GopherQualityFilter"),
    "Gopher repetition": _datatrove("gopher_repetition_filter", "GopherRepetitionFilter"),
    "C4": _datatrove("c4_filters", "C4QualityFilter"),
    "FineWeb": _datatrove("fineweb_quality_filter", "FineWebQualityFilter"),
}


def scores(texts: Sequence[str]) -> tuple[dict[str, Doubles], dict[str, str]]:
    """What each peer that works here says of each text, and of the others the reason why they are left out."""
    found: dict[str, Doubles] = {}
    skipped: dict[str, str] = {}
    for name, make in (SCORERS | FILTERS).items():
        try:
            make()(PROBE)
        except (ImportError, OSError) as error:  # a package, a library or a data file that is not there
            skipped[name] = str(error).strip().splitlines()[0]
            continue
        parts = [texts[k : k + CHUNK] for k in range(0, len(texts), CHUNK)]
        found[name] = np.concatenate(Parallel(n_jobs=JOBS)(delayed(_all)(name, part) for part in parts))
    return found, skipped


def _all(name: str, texts: Sequence[str]) -> Doubles:
    scorer = (SCORERS | FILTERS)[name]()
    return np.array([scorer(text) if text.strip() else 0.0 for text in texts])
