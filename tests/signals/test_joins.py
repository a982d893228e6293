"""What is measured where another article may begin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals._joins import _Covering, measured
from detector.tables import Tables

TABLES = Tables({})
SAILS = "The topsail takes the wind above the mast and the jib swings the bow through stays. "
BREAD = "A sour dough rises overnight under its cloth until the loaf fits the oven. "


def rows(text: str, places: list[int]) -> np.ndarray:
    return measured(Document.from_text(text), TABLES, np.array(places))


def test_fewer_words_hang_together_where_the_subject_changes() -> None:
    text = SAILS * 6 + BREAD * 6
    change = SAILS.count(" ") * 6
    linked = rows(text, [change - 40, change, change + 40])[:, 0]
    assert linked[1] == linked.min() < linked[0]


def test_an_opening_that_comes_back_is_measured() -> None:
    text = SAILS * 7 + BREAD * 7 + SAILS * 7
    bread, again = SAILS.count(" ") * 7, (SAILS.count(" ") + BREAD.count(" ")) * 7
    opening = rows(text, [bread, again])[:, 18]
    assert opening[1] > opening[0]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["sail", "loaf", "the", "12", "don't"]), min_size=3, max_size=80), st.data())
def test_every_place_has_finite_numbers(words: list[str], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(1, len(words) - 1), min_size=1, unique=True))
    found = rows(" ".join(words), sorted(places))
    assert len(found) == len(places)
    assert np.isfinite(found).all()


@given(st.data())
def test_running_sums_over_the_places_are_sums_over_stretches(data: st.DataObject) -> None:
    size = 30
    places = sorted(data.draw(st.sets(st.integers(1, size - 1), min_size=1)))
    stretches = data.draw(st.lists(st.tuples(st.integers(-9, 40), st.integers(-9, 40)), min_size=1))
    first, last = np.array(stretches).T
    weight = np.arange(1.0, len(stretches) + 1)
    found = _Covering(np.array(places), size)(first[None], last[None], weight)
    wanted = [weight[(first <= place) & (place <= last)].sum() for place in places]
    assert found.tolist() == [wanted]
