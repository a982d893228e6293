"""What is found when a topic or a way of spoiling is left out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from detector.signals import _wording
from detector.train import learn
from detector.train.measures import holdout


def spoiled_and_honest(made: Any) -> Any:
    """Honest pages, and pages spoiled in two ways, each seen by a signal of its own."""
    rng = np.random.default_rng(0)
    pages = [made.page(k, 0) for k in range(300)]
    pages += [made.page(k, 1, f"site{k - 300}", family="spin_one") for k in range(300, 400)]
    pages += [made.page(k, 1, f"site{k - 400}", family="spin_two") for k in range(400, 500)]
    pages += [made.page(k, 1) for k in range(500, 600)]
    noise = rng.random(600) * 0.1
    one, two = noise.copy(), noise[::-1].copy()
    one[300:400] += 1
    two[400:500] += 1
    two[500:] += 0.5
    made.signals({"one": "place", "two": "place"})
    return made.cross(pages, {"one": one, "two": two})


def test_a_way_of_spoiling_that_only_its_own_pages_teach_is_lost_when_left_out(made: Any) -> None:
    cross = spoiled_and_honest(made)
    logits = np.where(cross.label == 1, 3.0, -3.0)
    found = holdout.families(cross, made.judged(logits))
    assert found["spin_one"]["known"]["share"] == 1
    assert found["spin_one"]["left_out"]["share"] < 0.2, "nothing else shows what signal one means"
    assert found["spin_two"]["left_out"]["share"] > 0.9, "real pages show what signal two means"
    assert found["spin_one"]["pages"] == found["spin_two"]["pages"] == 100


def test_schemes_learn_the_wording_without_the_page(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wording, "BUCKETS", 16)
    monkeypatch.setattr(
        learn,
        "wording_columns",
        lambda document, tables: np.array([[sum(map(ord, w)) % 16] * 2 for w in document.tokens.word]),
    )
    # each topic has a word of its own for spam: without the topic nobody knows it
    word = {0: "bread", 1: "stone"}
    pages, topic = [], []
    for k in range(240):
        bad = k % 4 == 0
        text = f"{word[k % 2 if not bad else k // 4 % 2]} " * 30 if bad else ""
        pages.append(made.page(k, int(bad), text=text + made.text(k, 60)))
        topic.append(f"topic {k // 4 % 2}")
    made.signals({"wording_spam": "habit", "wording_honest": "trust"})
    cross = made.cross(pages, {"wording_spam": [0.0] * 240, "wording_honest": [0.0] * 240})
    found = holdout.schemes(cross, made.judged([0.0] * 240), topic)
    assert list(found) == ["plain", "source", "topic"]
    assert found["plain"]["farms"]["at_1_percent"]["share"] > 0.9
    assert found["topic"]["farms"]["at_1_percent"]["share"] < found["plain"]["farms"]["at_1_percent"]["share"]
    assert "auc" not in found["plain"], "no page was judged by reading"
    assert Counter(topic)["topic 0"] == 120
