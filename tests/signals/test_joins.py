"""What is measured where another article may begin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals import _joins
from detector.signals._joins import NEAR, WINDOWS, _Returning, measured
from detector.signals._repeats import Lexicon
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
    opening = rows(text, [bread, again])[:, 13]
    assert opening[1] > opening[0]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["sail", "loaf", "the", "12", "don't"]), min_size=3, max_size=80), st.data())
def test_every_place_has_finite_numbers(words: list[str], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(1, len(words) - 1), min_size=1, unique=True))
    found = rows(" ".join(words), sorted(places))
    assert len(found) == len(places)
    assert np.isfinite(found).all()


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=400), st.data())
def test_what_is_held_across_a_place_is_what_counting_finds(words: list[int], data: st.DataObject) -> None:
    places = sorted(data.draw(st.sets(st.integers(1, len(words) - 1), min_size=1)))
    ids, worth = np.array(words), np.arange(1.0, 7)
    count = np.bincount(ids, minlength=6)
    worth[count < 2] = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_joins, "PIECE", 16)
        found = _Returning(Lexicon([], ids, worth), worth, count, np.array(places)).held()
    for row, span in enumerate(int(span) for span in [*WINDOWS[:, 0], _joins.CHAIN]):
        for place, value in zip(places, found[row], strict=True):
            pairs = (
                (max((k for k in range(at) if words[k] == words[at]), default=-span), at)
                for at in range(place, min(place + span, len(words)))
            )
            assert value == sum(worth[words[at]] for one, at in pairs if place - span <= one < place)
    for place, ending, beginning in zip(places, *found[-2:], strict=True):
        before, behind = words[:place], words[place:]
        assert ending == sum(worth[word] for word in before[-NEAR:] if word not in behind)
        assert beginning == sum(worth[word] for word in behind[:NEAR] if word not in before)
