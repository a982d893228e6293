"""What is measured at the places where another article may begin: how far words, topic and opening start anew there.

Cohesion by repeated words in windows on both sides is Hearst's ("TextTiling", Computational Linguistics 23, 1997);
chains of a word from its first to its last place are Morris and Hirst's (Computational Linguistics 17, 1991).
All of it comes from running sums: the cost is linear in the length of the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.document import Document
from detector.signals._reading import read
from detector.signals._repeats import Ints, Lexicon, lexicon
from detector.tables import Tables

Rows = NDArray[np.float64]

WINDOWS = (80, 200, 400)  # words on either side of a place
NEAR = 150  # words whose vocabulary is asked for elsewhere
OPENING = 80  # words of an opening
CHAIN = 250  # words within which a word that comes back hangs together
COHESION = [
    0,
    1,
    3,
    4,
    6,
    7,
    9,
    11,
]  # columns of ties and topics in the windows, and of chains: they dip at a join


def measured(document: Document, tables: Tables, places: Ints) -> Rows:
    """A row of quantities for each place (a token, ascending, neither the first nor the last)."""
    known = lexicon(document, tables)
    ids, size = known.ids, len(known.ids)
    telling = known.telling[ids]
    weight = _sums(telling)
    before = _previous(ids)
    topic = _topics(document, tables)
    fresh = _sums(np.where(before < 0, telling, 0.0))
    columns: list[Rows] = []
    for window in WINDOWS:
        low, high = np.maximum(places - window, 0), np.minimum(places + window, size)
        ahead = np.maximum(weight[high] - weight[places], 1e-9)
        columns += [
            _linked(before, telling, window)[places] / ahead,
            _cosine(topic[places] - topic[low], topic[high] - topic[places]),
            (fresh[high] - fresh[places]) / ahead,
        ]
    columns += _chains(known, places)
    columns += _confined(known, places)
    columns.append(_linked(before, telling, CHAIN)[places])
    columns.append(_cosine(topic[places], topic[size] - topic[places]))
    columns += _opening(known, telling, topic, places)
    rows = np.array(columns).T
    cohesion = rows[:, COHESION]
    return np.hstack([rows, cohesion - cohesion.mean(axis=0), _dips(cohesion)])


def _sums(values: Rows) -> Rows:
    """Running sums along the first axis, from 0."""
    return np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])


def _previous(ids: Ints) -> Ints:
    """For each token the one before it that is the same word, -1 for none."""
    order = np.argsort(ids, kind="stable")
    again = ids[order[1:]] == ids[order[:-1]]
    before = np.full(len(ids), -1)
    before[order[1:][again]] = order[:-1][again]
    return before


def _linked(before: Ints, telling: Rows, window: int) -> Rows:
    """For each place the weight of words within the window behind it that stand within the window before it too."""
    here = np.arange(len(before))
    first = np.maximum(before + 1, here - window + 1)
    last = np.minimum(here, before + window)
    tied = (before >= 0) & (first <= last)
    size = len(before) + 2
    opened = np.bincount(first[tied], weights=telling[tied], minlength=size)
    closed = np.bincount(last[tied] + 1, weights=telling[tied], minlength=size)
    found: Rows = np.cumsum(opened - closed)
    return found


def _topics(document: Document, tables: Tables) -> Rows:
    """Running sums of the topics of the words; zeros where the tables know none."""
    if "topics" not in tables:
        return np.zeros((len(document.tokens) + 1, 1))
    reading = read(document, tables)
    sums: Rows = reading.topic_sums[np.append(np.flatnonzero(reading.token >= 0), len(reading))]
    return sums


def _cosine(a: Rows, b: Rows) -> Rows:
    found: Rows = (a * b).sum(axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1) + 1e-9)
    return found


def _ends(known: Lexicon) -> tuple[Ints, Ints]:
    """The first and the last token of each word of the page."""
    here = np.arange(len(known.ids))
    first, last = np.empty(len(known.words), dtype=np.int64), np.empty(len(known.words), dtype=np.int64)
    first[known.ids[::-1]] = here[::-1]
    last[known.ids] = here
    return first, last


def _chains(known: Lexicon, places: Ints) -> list[Rows]:
    """How many chains of words that come back lead across each place, as shares of those on the smaller side and of
    all; and the first share again with words counting by how often they come back.
    """
    ids, size = known.ids, len(known.ids)
    count = np.bincount(ids, minlength=len(known.words))
    first, last = _ends(known)
    back = count > 1
    found: list[Rows] = []
    for worth in (known.telling, known.telling * np.sqrt(np.maximum(count - 1, 0))):
        begun, ended = (
            _sums(np.bincount(at[back], weights=worth[back], minlength=size).astype(np.float64))[places]
            for at in (first, last)
        )
        whole = worth[back].sum()
        found.append((begun - ended) / (np.minimum(begun, whole - ended) + 1))
        found.append((begun - ended) / (whole + 1e-9))
    return found


def _confined(known: Lexicon, places: Ints) -> list[Rows]:
    """How much of the words near each place that come back at all come back on this side of it only."""
    ids, size = known.ids, len(known.ids)
    telling = known.telling[ids]
    first, last = _ends(known)
    back = np.where(first[ids] < last[ids], telling, 0.0)
    sums = _sums(back)
    sides: list[list[float]] = [[], []]
    for place in places.tolist():
        low, high = max(0, place - NEAR), min(size, place + NEAR)
        ends = (back[low:place] * (last[ids[low:place]] < place)).sum()
        begins = (back[place:high] * (first[ids[place:high]] >= place)).sum()
        sides[0].append(float(ends / (sums[place] - sums[low] + 1e-9)))
        sides[1].append(float(begins / (sums[high] - sums[place] + 1e-9)))
    return [np.array(side) for side in sides]


def _opening(known: Lexicon, telling: Rows, topic: Rows, places: Ints) -> list[Rows]:
    """How much the words behind each place are those that the page opens with: by topic, and the share of words."""
    size = len(known.ids)
    high = np.minimum(places + OPENING, size)
    start = min(OPENING, size)
    held = np.zeros(len(known.words))
    held[known.ids[:start]] = 1.0
    tells = (telling > 0).astype(np.float64)
    again, all_ = _sums(held[known.ids] * tells), _sums(tells)
    return [
        _cosine(np.broadcast_to(topic[start], topic[places].shape), topic[high] - topic[places]),
        (again[high] - again[places]) / np.maximum(all_[high] - all_[places], 1),
    ]


def _dips(values: Rows) -> Rows:
    """How far each value lies below the smaller one of the peaks before and behind it."""
    peak = np.maximum.accumulate(values, axis=0)
    later = np.maximum.accumulate(values[::-1], axis=0)[::-1]
    found: Rows = np.minimum(peak, later) - values
    return found
