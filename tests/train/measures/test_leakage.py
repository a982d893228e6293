"""What the signals betray of an honest page's origin."""

from __future__ import annotations

from typing import Any

import numpy as np


def test_a_signal_that_names_the_source_is_seen_and_one_of_noise_is_not(made: Any) -> None:
    from detector.train.measures import leakage

    rng = np.random.default_rng(0)
    pages = [made.page(k, 0, f"site{k % 4}") for k in range(400)]
    made.signals({"telling": "description", "noise": "habit"})
    cross = made.cross(pages, {"telling": [k % 4 for k in range(400)], "noise": rng.random(400)})
    found = leakage.leakage(cross, made.judged(rng.normal(size=400)), ["one", "two"] * 200)
    assert found["source"]["chance"] == 0.25
    assert found["source"]["signals"] > 0.95
    assert found["source"]["pushing"] < 0.4
    assert found["source"]["score"] < 0.4
    assert found["topic"]["classes"] == 2
    assert "genre" not in found, "all are of one"
