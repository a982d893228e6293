"""What could take the additive model's place is measured on the same folds, and never sees the page it judges."""

from __future__ import annotations

from typing import Any

import numpy as np

from detector.train.measures import challengers

ADDITIVE, TREES, WORDS = (
    "additive",
    "boosted trees over the same signals",
    "additive, TF-IDF as one more signal",
)


def a_cross(made: Any, seen: bool) -> Any:
    """Half honest, half bad; `one` shows it, or shows only which page it is."""
    rng = np.random.default_rng(0)
    pages = [made.page(k, k % 2) for k in range(400)]
    fault = np.array([float(k % 2) for k in range(400)]) if seen else np.zeros(400)
    made.signals({"one": "place"})
    return made.cross(pages, {"one": fault + rng.random(400)}), np.array([k % 2 for k in range(400)])


def test_what_the_signals_show_every_challenger_finds(made: Any) -> None:
    cross, _ = a_cross(made, seen=True)
    found = challengers.challengers(cross, made.judged(cross.values["one"]), np.zeros(400))
    assert list(found) == [ADDITIVE, TREES, WORDS]
    assert all(f["farms"]["at_1_percent"]["share"] > 0.8 for f in found.values())


def test_words_help_only_the_challenger_that_reads_them(made: Any) -> None:
    cross, bad = a_cross(made, seen=False)
    found = challengers.challengers(cross, made.judged(cross.values["one"]), np.where(bad == 1, 4.0, -4.0))
    assert found[WORDS]["farms"]["at_1_percent"]["share"] > 0.9
    assert found[TREES]["farms"]["at_1_percent"]["share"] < 0.1, (
        "noise learned from other pages finds nothing"
    )
