"""Whether a score means what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detector.train.measures import calibration


def drawn(made: Any, logits: np.ndarray, meaning: np.ndarray) -> Any:
    """Pages rejected with the probability that `meaning` says."""
    rng = np.random.default_rng(1)
    labels = (rng.random(len(logits)) < 1 / (1 + np.exp(-meaning))).astype(int)
    return made.cross([made.page(k, int(label)) for k, label in enumerate(labels)], {})


def test_scores_that_mean_what_they_say_have_hardly_an_error(made: Any) -> None:
    logits = np.random.default_rng(0).normal(0, 2, 3000)
    found = calibration.reliability(drawn(made, logits, logits), made.judged(logits))
    assert found["error"] < 0.03
    assert len(found["bins"]) == calibration.BINS
    assert sum(b["pages"] for b in found["bins"]) == found["pages"] == 3000
    assert sum(b["weight"] for b in found["bins"]) == pytest.approx(1)
    assert all(b["low"] <= b["rejected"] <= b["high"] for b in found["bins"])


def test_scores_that_say_too_much_in_the_middle_are_caught(made: Any) -> None:
    logits = np.random.default_rng(0).normal(0, 2, 3000)
    found = calibration.reliability(drawn(made, logits, 3 * np.sign(logits)), made.judged(logits))
    assert found["error"] > 0.05


def test_spoiled_pages_can_be_left_aside(made: Any) -> None:
    pages = [made.page(k, k % 2, family="spin_x" if k % 2 and k < 50 else "") for k in range(100)]
    found = calibration.reliability(made.cross(pages, {}), made.judged(np.arange(100) / 10), spoiled=False)
    assert found["pages"] == 75


def test_each_distribution_adds_up_to_its_group(made: Any) -> None:
    pages = [
        made.page(0, 0),
        made.page(1, 1),
        made.page(2, 1, judged="reject"),
        made.page(3, 1, family="paste_x"),
    ]
    pages += [made.page(4, 1, group="corpus"), made.page(5, 0, group="corpus"), made.page(6, None)]
    found = calibration.distributions(made.cross(pages, {}), made.judged([-9.0, 9, 9, 9, 9, -9, 0]))
    assert set(found) == {
        "honest: editorial", "farms", "judged reject", "spoiled: paste", "own pairs, hollow", "own pairs, good",
    }  # fmt: skip
    assert all(sum(shares) == pytest.approx(1) for shares in found.values())
    assert found["farms"][-1] == found["honest: editorial"][0] == 1
