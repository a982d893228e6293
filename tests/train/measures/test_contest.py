"""Everybody on the same pages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detector.document import Document
from detector.train.measures import contest, peers
from detector.train.measures.pairs import Page


@pytest.fixture
def field(made: Any) -> Any:
    """200 honest pages, 20 judged, 40 of farms, 30 spoiled in three ways, ten of the corpus, one too short."""
    pages = [made.page(k, 0) for k in range(200)]
    pages += [made.page(k, k % 2, judged="reject" if k % 2 else "accept") for k in range(200, 220)]
    pages += [made.page(k, 1) for k in range(220, 260)]
    pages += [made.page(k, 1, family=f"paste_{k % 3}") for k in range(260, 290)]
    pages += [made.page(k, k % 2, group="corpus") for k in range(290, 300)]
    pages += [made.page(300, 1, text="Too short.", judged="reject")]
    return made.cross(pages, {})


def unseen(made: Any) -> list[Page]:
    return [Page(Document.from_text(made.text(k)), "p", "plug" if k % 2 else "") for k in range(4)]


def run(field: Any, made: Any, monkeypatch: pytest.MonkeyPatch, theirs: dict[str, Any]) -> dict[str, Any]:
    ours = np.where(field.label == 1, 5.0, np.arange(301) / 100)
    base = np.random.default_rng(0).random(301)
    monkeypatch.setattr(peers, "scores", lambda texts: (
        {n: make(len(texts)) for n, make in theirs.items()}, {"C4": "No module named 'datatrove'"}
    ))  # fmt: skip
    negatives = (field.label == 0) & np.array([e.group == "editorial" for e in field.examples])
    logits = {contest.OURS: np.array([-9.0, 9, -9, 9]), contest.BASELINE: np.zeros(4)}
    return contest.contest(field, made.judged(ours), base, negatives, unseen(made), logits)


def test_recall_is_at_the_same_false_alarms_for_all(
    field: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run(field, made, monkeypatch, {"slop-guard": np.zeros})
    ours = found["scorers"]["detector"]
    assert ours["farms"]["at_1_percent"]["share"] == 1
    assert found["scorers"]["TF-IDF"]["farms"]["at_1_percent"]["share"] < 1
    assert found["scorers"]["slop-guard"]["farms"]["at_1_percent"]["share"] == 0, (
        "all alike: nothing stands out"
    )
    assert ours["judged accept"]["at_1_percent"]["share"] <= 0.2
    assert ours["hollow, unseen"]["at_0_1_percent"]["count"] == 2
    assert ours["auc"] > 0.9


def test_a_page_too_short_to_be_scored_is_not_found(
    field: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run(field, made, monkeypatch, {})
    assert found["pages"]["judged reject"] == 11
    assert found["scorers"]["detector"]["judged reject"]["at_1_percent"]["count"] == 10


def test_a_filter_stands_beside_what_we_find_at_its_own_false_alarms(
    field: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_tenth = {"Gopher quality": lambda n: (np.arange(n) % 10 == 0).astype(float), "C4": np.zeros}
    found = run(field, made, monkeypatch, every_tenth)
    gopher = found["filters"]["Gopher quality"]
    assert gopher["honest"]["dropped"]["share"] == pytest.approx(0.1, abs=0.01)
    assert gopher["honest"]["detector"]["share"] <= gopher["honest"]["dropped"]["share"]
    assert gopher["farms"]["detector"]["share"] == 1
    both = found["filters"]["any of the four"]
    assert both["honest"]["dropped"] == gopher["honest"]["dropped"]


def test_without_other_tools_the_contest_is_held_and_says_so(
    field: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run(field, made, monkeypatch, {})
    assert set(found["scorers"]) == {"detector", "TF-IDF"}
    assert found["filters"] == {}
    assert found["skipped"] == {"C4": "No module named 'datatrove'"}


def test_curves_rise_with_the_false_alarms(field: Any, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    curves = run(field, made, monkeypatch, {})["curves"]
    for name in ("detector", "TF-IDF"):
        assert "honest" not in curves[name]
        for shares in curves[name].values():
            assert len(shares) == len(curves["rates"])
            assert shares == sorted(shares)


def test_ways_of_spoiling_are_kinds_and_each_way_has_its_pages(
    field: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest, "OF_A_FAMILY", 4)
    assert run(field, made, monkeypatch, {})["pages"]["spoiled: paste"] == 12
