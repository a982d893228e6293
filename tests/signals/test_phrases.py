"""Repeated phrases and search queries, as the signals share them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals._phrases import (
    GLUE,
    LEAST,
    LONGEST,
    MOST_UNITS,
    STRETCH,
    crowd,
    is_query_list,
    phrases,
    said,
)
from detector.tables import Tables

NONE = Tables({})
WORDS = st.sampled_from("maple kettle storm the of violin and quarry lamp.".split())


def test_a_phrase_is_found_with_its_places() -> None:
    text = "We like maple syrup cake here. She baked a maple syrup cake today. Try the maple syrup cake now."
    document = Document.from_text(text)
    found = {said(document, p): p for p in phrases(document, NONE)}
    assert set(found) == {"maple syrup", "syrup cake", "maple syrup cake"}
    assert len(found["maple syrup cake"].at) == found["maple syrup cake"].crowd == 3


def test_headings_labels_and_sentence_ends_divide() -> None:
    labels = "Maple syrup\n\n" * 4
    across = "We stirred the maple. Syrup is sticky on the spoon. " * 4
    for text in (labels, across):
        document = Document.from_text(text)
        assert "maple syrup" not in {said(document, p) for p in phrases(document, NONE)}


def test_they_are_computed_once() -> None:
    document = Document.from_text("The maple syrup cake is good. " * 5)
    assert phrases(document, NONE) is phrases(document, NONE)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=150))
def test_every_place_says_the_phrase(words: list[str]) -> None:
    document = Document.from_text(" ".join(words))
    for phrase in phrases(document, NONE):
        spoken = {tuple(document.tokens.word[k : k + phrase.size]) for k in phrase.at}
        assert len(spoken) == 1
        assert len(phrase.at) >= LEAST
        assert 2 <= phrase.size <= LONGEST
        assert 1 <= phrase.units <= MOST_UNITS
        assert not {said(document, phrase).split()[k] for k in (0, -1)} & GLUE


@given(st.lists(st.integers(0, 2000), max_size=40).map(sorted))
def test_a_crowd_is_the_most_places_that_a_stretch_holds(places: list[int]) -> None:
    first, last = crowd(places)
    most = max((sum(p <= q < p + STRETCH for q in places) for p in places), default=0)
    assert last - first == most
    assert all(q - p < STRETCH for p, q in pairwise(places[first:last][:: max(1, last - first - 1)]))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["cheap oak table", "oak table repair", "oak table near me", "how to oil an oak table"], True),
        (["cheap oak table", "oak table repair", "oak table near me"], False),
        (["oak", "ash", "elm", "lime"], False),
        (["2 oak tables here", "3 oak tables here", "4 oak tables here", "5 oak tables here"], False),
        (["cheap oak table", "oak table repair", "oak table near me", "and an oak table"], False),
        (["cheap oak table", "cheap oak table", "cheap oak table", "cheap oak table"], False),
        ([""], False),
        (["", "", "", ""], False),
    ],
)
def test_what_a_list_of_queries_is(items: list[str], expected: bool) -> None:
    assert is_query_list(items) is expected
