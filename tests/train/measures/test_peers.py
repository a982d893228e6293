"""Other people's tools are used where they are installed, and named where they are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from detector.train.measures import peers


def test_what_is_not_installed_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}\nand more", name=name)

    monkeypatch.setattr(peers, "import_module", missing)
    found, skipped = peers.scores(["a text"])
    assert found == {}
    assert skipped.keys() == peers.SCORERS.keys() | peers.FILTERS.keys()
    assert skipped["slop-guard"] == "No module named 'slop_guard'"


def _length() -> Callable[[str], float]:
    return lambda text: float(len(text))


def test_scores_come_in_the_order_of_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "SCORERS", {"length": _length})
    monkeypatch.setattr(peers, "FILTERS", {})
    monkeypatch.setattr(peers, "CHUNK", 2)
    monkeypatch.setattr(peers, "JOBS", 1)
    found, skipped = peers.scores(["aaa", "b", "", "cc", "dddd"])
    assert found["length"].tolist() == [3, 1, 0, 2, 4]
    assert skipped == {}


@pytest.mark.parametrize("name", [*peers.SCORERS, *peers.FILTERS])
def test_an_installed_tool_answers_with_a_number(name: str) -> None:
    try:
        score = (peers.SCORERS | peers.FILTERS)[name]()
        assert np.isfinite(score(peers.PROBE * 20))
    except ImportError as error:
        pytest.skip(str(error))
