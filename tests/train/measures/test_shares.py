"""Shares carry their number and an honest interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.train.measures import shares


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(k_of_n: tuple[int, int]) -> None:
    found = shares.wilson(*k_of_n)
    assert 0 <= found["low"] <= found["share"] + 1e-12
    assert found["share"] - 1e-12 <= found["high"] <= 1
    assert found["count"] == k_of_n[0]


def test_the_interval_is_that_of_the_textbook() -> None:
    found = shares.wilson(10, 100)
    assert (found["low"], found["high"]) == pytest.approx((0.0552, 0.1744), abs=1e-4)


def test_no_pages_say_nothing() -> None:
    assert shares.wilson(0, 0) == {"count": 0, "share": 0.0, "low": 0.0, "high": 1.0}


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=200), st.floats(0.0005, 0.9))
def test_no_more_than_the_allowed_share_lies_above_the_line(scores: list[float], allowed: float) -> None:
    values = np.array(scores)
    assert (values > shares.line(values, allowed)).mean() <= allowed + 1e-12


def test_pages_apart_from_those_asked_about_are_not_counted() -> None:
    rejected = np.array([True, False, True])
    found = shares.decided(rejected, rejected | True, np.array([True, True, False]))
    assert (found["pages"], found["rejected"]["count"], found["flagged"]["count"]) == (2, 1, 2)
