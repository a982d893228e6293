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
from detector.signals._repeats import Ints, Lexicon, in_order, lexicon
from detector.tables import Array, Tables

Rows = NDArray[np.float64]

WINDOWS = np.array([[80], [200]])  # words on either side of a place
CHAIN = 250  # words within which a word that comes back hangs together
NEAR = 150  # words whose vocabulary is asked for elsewhere
OPENING = 80  # words of an opening
COHESION = [0, 1, 2, 3, 4, 6]  # rows of ties, topics and chains: they dip at a join
PIECE = 4096  # tokens or places that are looked at together, so that what is made of them stays in the cache


def measured(document: Document, tables: Tables, places: Ints) -> Rows:
    """A row of quantities for each place (a token, ascending, neither the first nor the last)."""
    known = lexicon(document, tables)
    count = document.tokens.type_counts
    tells, returns = known.telling > 0, known.telling * (count > 1)
    opens = np.zeros(len(tells))
    opens[known.ids[:OPENING]] = 1
    sums = np.zeros((4, len(known.ids) + 1))
    by_word = np.array([known.telling, returns, tells, tells * opens])
    np.cumsum(by_word.take(known.ids, axis=1), axis=1, out=sums[:, 1:])
    at = sums.take(places, axis=1)
    ahead = sums[0].take(places + WINDOWS, mode="clip") - at[0]
    near = at[1] - sums[1].take(places - NEAR, mode="clip"), sums[1].take(places + NEAR, mode="clip") - at[1]
    _, _, telling, again = sums.take(places + OPENING, axis=1, mode="clip") - at
    words = _Returning(known, returns, count, places)
    held = words.held()
    topics = _likeness(document, tables, places)
    rows = np.array(
        [
            *(held[: len(WINDOWS)] / np.maximum(ahead, 1e-9)),
            *topics[: len(WINDOWS)],
            *words.chains(),
            *(held[-2:] / (np.array(near) + 1e-9)),
            held[len(WINDOWS)],
            *topics[len(WINDOWS) :],
            again / np.maximum(telling, 1),
        ]
    )
    cohesion = rows[COHESION]
    return np.concatenate([rows, cohesion - cohesion.mean(axis=1)[:, None], _dips(cohesion)]).T


class _Returning:
    """The words that come back on the page, and the stretches of it that they hold together."""

    def __init__(self, known: Lexicon, worth: Rows, count: Ints, places: Ints) -> None:
        """worth, count: what each word of the page weighs, nothing if it does not come back, and how often it comes."""
        self.worth, self.count = worth, count
        self.here = worth.take(known.ids).nonzero()[0]
        self.ids = known.ids[self.here]
        self.first, self.last = np.zeros((2, len(worth)), dtype=np.int64)
        self.first[self.ids[::-1]] = self.here[::-1]
        self.last[self.ids] = self.here
        self.slots = len(places) + 1
        self.until = np.bincount(places, minlength=len(known.ids)).cumsum()  # places up to each token

    def before(self) -> Ints:
        """For each of the tokens the one before it that is the same word; the token itself if there is none."""
        order = in_order(self.ids, len(self.worth))
        found = np.empty_like(self.here)
        found[order[1:]] = self.here[order[:-1]]
        first = self.first[self.ids]
        return np.where(first < self.here, found, first)

    def held(self) -> Rows:
        """The weight of words that stand behind each place and before it too, within each window and within CHAIN; and
        of those among NEAR words before and behind it that stand on this side of it only.
        """
        spans = np.array([*WINDOWS, [CHAIN]])
        rows = len(spans) + 2
        change = np.zeros((rows, self.slots))
        prior = self.before()
        for k in range(0, len(prior), PIECE):
            here, before, ids = (x[k : k + PIECE] for x in (self.here, prior, self.ids))
            first, last, worth = self.first[ids], self.last[ids], self.worth[ids]
            # most words stand twice in one paragraph, or again nearby
            apart = (self.until[before] < self.until[here]).nonzero()[0]
            ending, beginning = (last - here < NEAR).nonzero()[0], (here - first < NEAR).nonzero()[0]
            one, two = before[apart], here[apart]
            # each stretch reaches from behind one token to another one
            begin = [*np.maximum(one, two - spans), last[ending], here[beginning] - NEAR]
            end = [*np.minimum(two, one + spans), here[ending] + NEAR, first[beginning]]
            opened = self.until.take(np.concatenate(begin), mode="clip")
            closed = np.maximum(opened, self.until.take(np.concatenate(end), mode="clip"))
            low = int(opened.min())
            width = int(closed.max()) + 1 - low
            row = np.arange(-low, rows * width - low, width).repeat([len(x) for x in begin])
            weight = np.concatenate([np.tile(worth[apart], len(spans)), worth[ending], worth[beginning]])
            more = np.bincount(opened + row, weight, rows * width)
            more -= np.bincount(closed + row, weight, rows * width)
            change[:, low : low + width] += more.reshape(rows, width)
        found: Rows = change.cumsum(axis=1)[:, :-1]
        return found

    def chains(self) -> list[Rows]:
        """How many chains of words that come back lead across each place, as shares of those on the smaller side and
        of all; and both shares again with words counting by how often they come back.
        """
        back = self.worth.nonzero()[0]
        worth = self.worth[back]
        first, last = self.until.take(self.first[back]), self.until.take(self.last[back])
        found: list[Rows] = []
        for weight in (worth, worth * np.sqrt(self.count[back] - 1)):
            begun, ended = (np.bincount(at, weight, self.slots).cumsum()[:-1] for at in (first, last))
            whole = weight.sum()
            found.append((begun - ended) / (np.minimum(begun, whole - ended) + 1))
            found.append((begun - ended) / (whole + 1e-9))
        return found


def _likeness(document: Document, tables: Tables, places: Ints) -> Rows:
    """How like the topics are on both sides of each place, in each window and on the whole page; how like the opening
    of the page is to the words behind the place. Zeros where the tables know no topics.
    """
    found = np.zeros((len(WINDOWS) + 2, len(places)))
    if "topics" not in tables:
        return found
    reading, sentence, size = read(document, tables), document.sentence_of, len(document.tokens)

    def until(token: Ints) -> Array:
        # a reading has an EDGE before each sentence
        return reading.until(token + sentence.take(token, mode="clip") + 1)

    windows = np.array([*WINDOWS, [size]])
    start = until(np.array([min(OPENING, size)]))
    step = PIECE // start.shape[1]
    for k in range(0, len(places), step):
        at = places[k : k + step]
        here = until(at)
        behind = here - until(np.maximum(at - windows, 0))
        ahead = until(np.minimum(at + windows, size)) - here
        near = until(np.minimum(at + OPENING, size)) - here
        found[:-1, k : k + step] = _cosine(behind, ahead)
        found[-1, k : k + step] = _cosine(start, near)
    return found


def _cosine(a: Array, b: Array) -> Array:
    found: Array = _dot(a, b) / (np.sqrt(_dot(a, a)) * np.sqrt(_dot(b, b)) + 1e-9)
    return found


def _dot(a: Array, b: Array) -> Array:
    found: Array = np.einsum("...i,...i->...", a, b)
    return found


def _dips(values: Rows) -> Rows:
    """How far each value lies below the smaller one of the peaks before and behind it."""
    peak = np.maximum.accumulate(values, axis=1)
    later = np.maximum.accumulate(values[:, ::-1], axis=1)[:, ::-1]
    found: Rows = np.minimum(peak, later) - values
    return found
