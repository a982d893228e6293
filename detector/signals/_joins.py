"""What is measured at the places where another article may begin: how far words, topic and opening start anew there.

Cohesion by repeated words in windows on both sides is Hearst's ("TextTiling", Computational Linguistics 23, 1997);
chains of a word from its first to its last place are Morris and Hirst's (Computational Linguistics 17, 1991).
All of it comes from running sums: the cost is linear in the length of the page.
"""

from __future__ import annotations

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from detector.document import Document
from detector.signals._reading import read
from detector.signals._repeats import Ints, Lexicon, lexicon
from detector.tables import Array, Tables

Rows = NDArray[np.float64]

WINDOWS = np.array([[80], [200], [400]])  # words on either side of a place
NEAR = 150  # words whose vocabulary is asked for elsewhere
OPENING = 80  # words of an opening
CHAIN = 250  # words within which a word that comes back hangs together
COHESION = [0, 1, 3, 4, 6, 7, 9, 11]  # columns of ties, topics and chains: they dip at a join


def measured(document: Document, tables: Tables, places: Ints) -> Rows:
    """A row of quantities for each place (a token, ascending, neither the first nor the last)."""
    known = lexicon(document, tables)
    size = len(known.ids)
    telling = known.telling.take(known.ids)
    weight = _sums(telling)
    here = telling.nonzero()[0]  # what tells nothing adds nothing
    ids, worth = known.ids[here], telling[here]
    before = _previous(ids, here)
    fresh = telling.copy()
    fresh[here[before >= 0]] = 0
    fresh = _sums(fresh)
    high = np.minimum(places + WINDOWS, size)
    ahead = np.maximum(weight[high] - weight[places], 1e-9)
    covering = _Covering(places, size)
    *linked, chained = _linked(covering, here, before, worth)
    *topics, topic, opening = _likeness(document, tables, places)
    first, last = _ends(ids, here, len(known.words))
    rows = np.array(
        [
            *chain.from_iterable(
                zip(linked / ahead, topics, (fresh[high] - fresh[places]) / ahead, strict=True)
            ),
            *_chains(covering, known, ids, first, last),
            *_confined(covering, here, worth, first[ids], last[ids]),
            chained,
            topic,
            opening,
            _opened(known, telling, places),
        ]
    ).T
    cohesion = rows[:, COHESION]
    return np.hstack([rows, cohesion - cohesion.mean(axis=0), _dips(cohesion)])


def _sums(values: Array) -> Rows:
    """Running sums, from 0."""
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return sums


class _Covering:
    """The weight of the stretches that hold each place, by running sums over the places alone."""

    def __init__(self, places: Ints, size: int) -> None:
        self.places = places
        self.passed = np.bincount(places + 1, minlength=size + 2).cumsum()  # places that lie before a token

    def __call__(self, first: Ints, last: Ints, weight: Rows) -> Rows:
        """A row for each row of stretches, from first to last token; those that end before they begin are empty."""
        opened = self.passed.take(first, mode="clip")
        closed = np.maximum(opened, self.passed.take(last + 1, mode="clip"))
        slots = len(self.places) + 1
        change = [
            np.bincount(begins, weight, slots) - np.bincount(ends, weight, slots)
            for begins, ends in zip(opened, closed, strict=True)
        ]
        found: Rows = np.cumsum(change, axis=1)[:, :-1]
        return found


def _previous(ids: Ints, here: Ints) -> Ints:
    """For each word (at the token `here`) the token before it that is the same word, -1 for none."""
    # short numbers are sorted in linear time
    order = ids.astype(np.min_scalar_type(int(ids.max(initial=0)))).argsort(kind="stable")
    ranked = ids[order]
    again = (ranked[1:] == ranked[:-1]).nonzero()[0]
    before = np.full(len(ids), -1)
    before[order[again + 1]] = here[order[again]]
    return before


def _linked(covering: _Covering, here: Ints, before: Ints, worth: Rows) -> Rows:
    """The weight of words that stand behind a place and before it too, within each window and within CHAIN."""
    windows = np.array([*WINDOWS, [CHAIN]])
    again = before >= 0
    here, before = here[again], before[again]
    first = np.maximum(before, here - windows) + 1
    return covering(first, np.minimum(here, before + windows), worth[again])


def _likeness(document: Document, tables: Tables, places: Ints) -> list[Rows]:
    """How like the topics are on both sides of each place, in each window and on the whole page; how like the opening
    of the page is to the words behind the place. Zeros where the tables know no topics.
    """
    if "topics" not in tables:
        return [np.zeros(len(places))] * (len(WINDOWS) + 2)
    reading = read(document, tables)
    sums, at = reading.topic_sums, np.append((reading.token >= 0).nonzero()[0], len(reading))
    size = len(at) - 1
    windows = np.array([*WINDOWS, [size]])
    here = sums[at[places]]
    behind = here - sums[at[np.maximum(places - windows, 0)]]
    ahead = sums[at[np.minimum(places + windows, size)]] - here
    start = sums[at[min(OPENING, size)]]
    near = sums[at[np.minimum(places + OPENING, size)]] - here
    return [*_cosine(behind, ahead), _cosine(start, near)]


def _cosine(a: Array, b: Array) -> Array:
    lengths = np.sqrt((a * a).sum(axis=-1)) * np.sqrt((b * b).sum(axis=-1))
    found: Array = (a * b).sum(axis=-1) / (lengths + 1e-9)
    return found


def _ends(ids: Ints, here: Ints, size: int) -> tuple[Ints, Ints]:
    """The first and the last token of each of the words (at the tokens `here`)."""
    first, last = np.zeros((2, size), dtype=np.int64)
    first[ids[::-1]] = here[::-1]
    last[ids] = here
    return first, last


def _chains(covering: _Covering, known: Lexicon, ids: Ints, first: Ints, last: Ints) -> list[Rows]:
    """How many chains of words that come back lead across each place, as shares of those on the smaller side and of
    all; and both shares again with words counting by how often they come back.
    """
    count = np.bincount(ids, minlength=len(known.words))
    back = (count > 1).nonzero()[0]
    ends = np.array([first[back], last[back]])
    begun_until = np.full_like(ends, len(known.ids))
    found: list[Rows] = []
    for worth in (known.telling[back], known.telling[back] * np.sqrt(count[back] - 1)):
        begun, ended = covering(ends + 1, begun_until, worth)
        whole = worth.sum()
        found.append((begun - ended) / (np.minimum(begun, whole - ended) + 1))
        found.append((begun - ended) / (whole + 1e-9))
    return found


def _confined(covering: _Covering, here: Ints, worth: Rows, first: Ints, last: Ints) -> Rows:
    """How much of the words near each place that come back at all come back on this side of it only."""
    back = first < last
    here, worth, first, last = here[back], worth[back], first[back], last[back]
    before, behind = here + NEAR, here - NEAR + 1  # the last place that a word is near to, and the first one
    near = covering(
        np.array([last + 1, behind, here + 1, behind]), np.array([before, first, before, here]), worth
    )
    return near[:2] / (near[2:] + 1e-9)


def _opened(known: Lexicon, telling: Rows, places: Ints) -> Rows:
    """The share of the telling words behind each place that the page opens with."""
    end = np.minimum(places + OPENING, len(known.ids))
    held = np.zeros(len(known.words), dtype=bool)
    held[known.ids[:OPENING]] = True
    tells = telling > 0
    again, all_ = _sums(held[known.ids] & tells), _sums(tells)
    found: Rows = (again[end] - again[places]) / np.maximum(all_[end] - all_[places], 1)
    return found


def _dips(values: Rows) -> Rows:
    """How far each value lies below the smaller one of the peaks before and behind it."""
    peak = np.maximum.accumulate(values, axis=0)
    later = np.maximum.accumulate(values[::-1], axis=0)[::-1]
    found: Rows = np.minimum(peak, later) - values
    return found
