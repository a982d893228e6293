"""A page read with the tables at hand: word ids in sentence order, counts of neighbours, the sense of the surroundings.

Computed once per document and shared by the signals that ask whether words fit their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detector.document import BODY, Document
from detector.tables import EDGE, SPECIAL, UNKNOWN, Array, Floats, Ids, Tables, pack

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BESIDE = (-2, -1, 1, 2)  # the neighbours that say how well a word fits
REACH = 12  # words to each side that make the surroundings of a word


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
        known = self.ids < len(self.tables.arrays["topics"])
        weighted = _topics(self.tables, self.ids * known)
        weighted *= (self.tables.once(_weights).take(self.ids) * known)[:, None]
        return weighted

    @cached_property
    def topic_sums(self) -> Floats:
        """Sums of `topics` up to each place: sums[j] - sums[i] is the topic of the stretch i..j - 1."""
        topics = self.topics
        sums = np.zeros((len(topics) + 1, topics.shape[1]), dtype=np.float32)
        # two columns at once, as the parts of a complex number: the same sums in half of the time
        lanes = np.complex64 if topics.shape[1] % 2 == 0 else np.float32
        np.cumsum(topics.view(lanes), axis=0, out=sums[1:].view(lanes))
        return sums

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
        kinds = np.array([b.kind in BODY for b in document.blocks] or [False])
        found: Bools = (self.token >= 0) & kinds.take(self.block)
        return found

    def place_fit(self, words: Ids, at: Ints) -> Floats:
        """How well words (places x words) fit what stands around the places: the expected log2 lift with the two words
        to each side, from `place_words` and `place_contexts`, which know of pairs that were never seen together by
        those that were.
        """
        of_word, of_context = self.tables.arrays["place_words"], self.tables.once(_contexts)
        around = np.zeros((len(at), of_word.shape[1]), dtype=np.float32)
        for context, offset in zip(of_context, BESIDE, strict=True):
            beside = self.ids.take(at + offset, mode="clip")
            around += context.take(beside * (beside < len(context)), axis=0)
        known = words < len(of_word)
        rows = of_word.take(words * known, axis=0).astype(np.float32)
        found: Floats = np.einsum("ikj,ij->ik", rows, around) * known
        return found

    def surroundings(self, at: Ints) -> Floats:
        """The direction of the topic of REACH words to each side of places, without the words there."""
        sums = self.topic_sums
        around = sums.take(at + REACH + 1, axis=0, mode="clip")
        around -= sums.take(at - REACH, axis=0, mode="clip")
        around -= self.topics.take(at, axis=0)
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


def _weights(tables: Tables) -> Floats:
    """How much each word says of a topic, by word id."""
    # function words say nothing of it: weight by rarity, as in smooth inverse frequency
    # (Arora, Liang and Ma, ICLR 2017)
    weights: Floats = (1e-3 / (1e-3 + tables.word_counts / tables.total)).astype(np.float32)
    weights[:SPECIAL] = 0
    return weights


def _contexts(tables: Tables) -> Floats:
    """`place_contexts`, where the unknown word counts for nothing."""
    contexts: Floats = tables.arrays["place_contexts"].astype(np.float32)
    contexts[:, UNKNOWN] = 0
    return contexts
