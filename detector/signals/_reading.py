"""A page read with the tables at hand: word ids in sentence order, counts of neighbours, the sense of the surroundings.

Computed once per document and shared by the signals that ask whether words fit their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detector.document import Document
from detector.tables import EDGE, SPECIAL, UNKNOWN, Array, Floats, Ids, Tables, pack

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BESIDE = (-2, -1, 1, 2)  # the neighbours that say how well a word fits
REACH = 12  # words to each side that make the surroundings of a word
LONG = 131_072  # places of a page whose topics are summed up as a whole; of longer ones STEP by STEP
STEP = 16
RUN = 16  # places whose topics are summed up side by side with those of other runs


@dataclass(frozen=True)
class Reading:
    """The prose as one row of ids: EDGE, first sentence, EDGE, second sentence, EDGE, ...

    ids: the row. token: for each place of the row its index in `Document.tokens`, -1 for EDGE.
    block: the index in `Document.blocks` of the block it lies in; EDGE belongs to the sentence before it.
    """

    tables: Tables
    ids: Ids
    token: Ints
    block: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def is_word(self) -> Bools:
        """Places that hold a word of the vocabulary."""
        return self.ids >= SPECIAL

    @cached_property
    def counts(self) -> Floats:
        """How often the word at each place occurs in honest English."""
        return self.tables.word_counts.take(self.ids)

    @cached_property
    def pair_counts(self) -> Floats:
        """pair_counts[i]: how often ids[i], ids[i + 1] stand together in honest English."""
        if len(self) < 2:
            return np.zeros(0, dtype=np.float32)
        return self.tables.pairs[pack(self.ids[:-1], self.ids[1:])]

    @cached_property
    def triple_counts(self) -> Floats:
        """triple_counts[i]: how often ids[i], ids[i + 1], ids[i + 2] stand together."""
        if len(self) < 3:
            return np.zeros(0, dtype=np.float32)
        return self.tables.triples[pack(self.ids[:-2], self.ids[1:-1], self.ids[2:])]

    @cached_property
    def pair_lift(self) -> Floats:
        """pair_lift[i]: log2 of how much oftener ids[i], ids[i + 1] stand together than chance would have it."""
        return lift(self.pair_counts, self.counts[:-1], self.counts[1:], self.tables.total)

    @cached_property
    def topics(self) -> Floats:
        """The topic vector of each place, weighted by how much the word says of a topic."""
        return self.tables.once(_weighted_topics).take(self.ids, axis=0, mode="clip")

    @cached_property
    def topic_sums(self) -> Floats:
        """Sums of `topics` up to each place: sums[j] - sums[i] is the topic of the stretch i..j - 1."""
        topics = self.topics
        size, width = len(topics), topics.shape[1]
        runs = np.zeros((size // RUN + 1, RUN, width), dtype=np.float32)
        sums: Floats = runs.reshape(-1, width)[: size + 1]
        sums[1:] = topics
        # in all runs at once, which is faster than one place after the other; then from run to run
        for k in range(1, RUN):
            runs[:, k] += runs[:, k - 1]
        runs[1:] += runs[:-1, -1:].cumsum(axis=0)
        return sums

    def until(self, at: Ints) -> Floats:
        """The topic of all that stands before each place `at`, which may lie outside the page."""
        if len(self) <= LONG:
            return self.topic_sums.take(at, axis=0, mode="clip")
        # of a long page only what is asked for: its `topic_sums` would take more memory than a page may
        at = np.clip(at, 0, len(self))
        runs, which = np.unique(at // STEP, return_inverse=True)
        inside = self._topics_at(runs[:, None] * STEP + np.arange(-1, STEP - 1))
        inside[:, 0] = self._step_sums.take(runs, axis=0)
        inside.cumsum(axis=1, out=inside)
        found: Floats = inside[which.reshape(at.shape), at % STEP]
        return found

    @cached_property
    def _step_sums(self) -> Floats:
        """The topic of all that stands before every STEP-th place."""
        pieces = [
            self._topics_at(np.arange(low, low + LONG))
            .reshape(-1, STEP, self.tables.arrays["topics"].shape[1])
            .sum(axis=1)
            for low in range(0, len(self), LONG)
        ]
        before: Floats = np.concatenate(
            [np.zeros((1, self.tables.arrays["topics"].shape[1])), *pieces]
        ).cumsum(axis=0)
        return before.astype(np.float32)

    def _topics_at(self, places: Ints) -> Floats:
        """The topic vectors of some places, 0 beyond the page."""
        ids = np.append(self.ids, EDGE).take(np.minimum(places, len(self)), mode="clip")
        return self.tables.once(_weighted_topics).take(ids, axis=0, mode="clip")

    @cached_property
    def _by_word(self) -> tuple[Ints, Ints, Ints]:
        """All places, those of a word side by side and in order; where each word begins there; how often it stands."""
        keys = (self.ids.astype(np.int64) << 32) | np.arange(len(self))
        keys.sort()  # numbers are sorted many times faster than indices by their numbers
        word = keys >> 32
        begins = np.flatnonzero(np.concatenate([[True], word[1:] != word[:-1]]))
        return keys & 0xFFFFFFFF, begins, np.diff(begins, append=len(self))

    @cached_property
    def elsewhere(self) -> Floats:
        """How often the word of each place stands elsewhere on the page; 0 for EDGE."""
        order, _, times = self._by_word
        found = np.empty(len(self), dtype=np.float32)
        found[order] = np.repeat(times - 1, times)
        found[self.ids == EDGE] = 0
        return found

    def times(self, words: Ids) -> Ints:
        """How often each of these words of the vocabulary stands on the page, 0 for any other id."""
        order, begins, times = self._by_word
        distinct = self.ids.take(order.take(begins))
        nearest = np.minimum(distinct.searchsorted(words), len(distinct) - 1)
        found: Ints = times.take(nearest) * ((distinct.take(nearest) == words) & (words >= SPECIAL))
        return found

    def in_body(self, document: Document) -> Bools:
        """Places inside paragraphs, list items and quotes."""
        return np.append(document.in_body, False).take(self.token)  # the token of EDGE is -1

    def place_fit(self, words: Ids, at: Ints) -> Floats:
        """How well words (places x words) fit what stands around the places: the expected log2 lift with the two words
        to each side, from `place_words` and `place_contexts`, which know of pairs that were never seen together by
        those that were.
        """
        of_word, of_context = self.tables.arrays["place_words"], self.tables.once(_contexts)
        size = len(of_context) // len(BESIDE)
        beside = self.ids.take(np.add.outer(BESIDE, at), mode="clip")
        beside *= beside < size
        beside += size * np.arange(len(BESIDE), dtype=np.int32)[:, None]
        around = of_context.take(beside, axis=0).sum(axis=0)
        known = words < len(of_word)
        rows = of_word.take(words * known, axis=0).astype(np.float32)
        found: Floats = np.einsum("ikj,ij->ik", rows, around) * known
        return found

    def surroundings(self, at: Ints) -> Floats:
        """The direction of the topic of REACH words to each side of places, without the words there."""
        around = self.until(at + REACH + 1) - self.until(at - REACH)
        around -= self._topics_at(at)
        around /= np.linalg.norm(around, axis=1, keepdims=True) + 1e-6
        return around


def type_ids(document: Document, tables: Tables) -> Ids:
    """The ids of the page's different words, `document.tokens.types`; looked up once and kept with the document."""
    kept = document.__dict__.get("_type_ids")
    if not (isinstance(kept, tuple) and kept[0] is tables):
        kept = document.__dict__["_type_ids"] = (tables, tables.ids(list(document.tokens.types)))
    found: Ids = kept[1]
    return found


def read(document: Document, tables: Tables) -> Reading:
    """The reading of a document with these tables; computed once and kept with the document."""
    kept = document.__dict__.get("_reading")
    if isinstance(kept, Reading) and kept.tables is tables:
        return kept
    tokens, bounds = document.tokens, document.bounds
    # the sentences part the tokens: sentence k stands k + 1 places further on
    length = bounds.last - bounds.first
    here = np.arange(len(tokens))
    at = here + np.arange(1, len(length) + 1).repeat(length)
    size = len(tokens) + len(length) + 1
    ids, token = np.full(size, EDGE, dtype=np.int32), np.full(size, -1)
    ids[at], token[at] = type_ids(document, tables).take(tokens.type_of), here
    block = np.append(0, bounds.block).repeat(np.append(1, length + 1))
    reading = Reading(tables, ids, token, block)
    document.__dict__["_reading"] = reading
    return reading


def lift(together: Array, left: Array, right: Array, total: float, doubt: float = 0.5) -> Floats:
    """log2 of observed over expected count, both raised by `doubt`: rare words, of which nothing is known, give 0."""
    expected = left * right / total
    found: Floats = np.log2((together + doubt) / (expected + doubt)).astype(np.float32)
    return found


def topic_vectors(tables: Tables, ids: Ids) -> Floats:
    """Topic vectors (rows of length 1, or 0) of word ids; the table holds the commonest words as 8-bit numbers."""
    known = (ids >= SPECIAL) & (ids < len(tables.arrays["topics"]))
    return _topics(tables, ids * known) * known[..., None]


def _topics(tables: Tables, ids: Ids) -> Floats:
    vectors: Floats = tables.arrays["topics"].take(ids, axis=0).astype(np.float32)
    vectors /= 127.0
    return vectors


def _weighted_topics(tables: Tables) -> Floats:
    """The topic vector of each word id, weighted by how much the word says of a topic; the last is 0, of all others."""
    known, width = tables.arrays["topics"].shape
    vectors = np.zeros((known + 1, width), dtype=np.float32)
    vectors[SPECIAL:known] = tables.arrays["topics"][SPECIAL:]
    # function words say nothing of it: weight by rarity, as in smooth inverse frequency
    # (Arora, Liang and Ma, ICLR 2017)
    weights = 1e-3 / (1e-3 + tables.word_counts[SPECIAL:known] / tables.total)
    vectors[SPECIAL:known] *= weights[:, None] / 127
    return vectors


def _contexts(tables: Tables) -> Floats:
    """`place_contexts`, one after the other, where the unknown word counts for nothing."""
    contexts: Floats = tables.arrays["place_contexts"].astype(np.float32)
    contexts[:, UNKNOWN] = 0
    return contexts.reshape(-1, contexts.shape[-1])
