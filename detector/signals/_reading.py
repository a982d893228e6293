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
    """

    tables: Tables
    ids: Ids
    token: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def is_word(self) -> Bools:
        """Places that hold a word of the vocabulary."""
        return self.ids >= SPECIAL

    @cached_property
    def counts(self) -> Floats:
        """How often the word at each place occurs in honest English."""
        return self.tables.word_counts[self.ids]

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
        # function words say nothing of it: weight by rarity, as in smooth inverse frequency
        # (Arora, Liang and Ma, ICLR 2017)
        share = self.counts / self.tables.total
        weight = np.where(self.is_word, 1e-3 / (1e-3 + share), 0).astype(np.float32)
        weighted: Floats = topic_vectors(self.tables, self.ids) * weight[:, None]
        return weighted

    @cached_property
    def topic_sums(self) -> Floats:
        """Sums of `topics` up to each place: sums[j] - sums[i] is the topic of the stretch i..j - 1."""
        topics = self.topics
        return np.vstack([np.zeros((1, topics.shape[1]), dtype=np.float32), np.cumsum(topics, axis=0)])

    @cached_property
    def elsewhere(self) -> Floats:
        """How often the word of each place stands elsewhere on the page; 0 for EDGE."""
        _, inverse, count = np.unique(self.ids, return_inverse=True, return_counts=True)
        found: Floats = np.where(self.ids == EDGE, 0, count[inverse] - 1).astype(np.float32)
        return found

    @cached_property
    def earlier(self) -> Ints:
        """How often the word of each place stands earlier on the page, 0 for unknown words."""
        order = np.argsort(self.ids, kind="stable")
        ranked = self.ids[order]
        start = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
        rank = np.arange(len(ranked)) - np.repeat(start, np.diff(start, append=len(ranked)))
        found = np.empty(len(ranked), dtype=np.int64)
        found[order] = rank
        found[self.ids == UNKNOWN] = 0
        return found

    def in_body(self, document: Document) -> Bools:
        """Places inside paragraphs, list items and quotes."""
        kinds = np.array([b.kind in BODY for b in document.blocks] or [False])
        owner = np.array(document.tokens.block or [0], dtype=np.int64)
        found: Bools = (self.token >= 0) & kinds[owner[np.maximum(self.token, 0)]]
        return found

    def place_fit(self, words: Ids, at: Ints) -> Floats:
        """How well words (places x words) fit what stands around the places: the expected log2 lift with the two words
        to each side, from `place_words` and `place_contexts`, which know of pairs that were never seen together by
        those that were.
        """
        of_word, of_context = self.tables.arrays["place_words"], self.tables.arrays["place_contexts"]
        around = np.zeros((len(at), of_word.shape[1]), dtype=np.float32)
        for k, offset in enumerate(BESIDE):
            beside = self.ids[np.clip(at + offset, 0, len(self) - 1)]
            known = (beside > 0) & (beside < of_context.shape[1])
            around += of_context[k][np.where(known, beside, 0)] * known[:, None]
        rows = of_word[np.where(words < len(of_word), words, 0)].astype(np.float32)
        found: Floats = np.einsum("ikj,ij->ik", rows, around) * (words < len(of_word))
        return found

    def surroundings(self, at: Ints) -> Floats:
        """The direction of the topic of REACH words to each side of places, without the words there."""
        sums = self.topic_sums
        around = (
            sums[np.minimum(at + REACH + 1, len(self))] - sums[np.maximum(at - REACH, 0)] - self.topics[at]
        )
        length = np.linalg.norm(around, axis=1, keepdims=True)
        direction: Floats = around / (length + 1e-6)
        return direction


def read(document: Document, tables: Tables) -> Reading:
    """The reading of a document with these tables; computed once and kept with the document."""
    kept = document.__dict__.get("_reading")
    if isinstance(kept, Reading) and kept.tables is tables:
        return kept
    ids = tables.ids(document.tokens.word)
    row = [np.array([EDGE], dtype=np.int32)]
    token = [np.array([-1])]
    for sentence in document.sentences:
        row += [ids[sentence.first : sentence.last], row[0]]
        token += [np.arange(sentence.first, sentence.last), token[0]]
    reading = Reading(tables, np.concatenate(row), np.concatenate(token))
    document.__dict__["_reading"] = reading
    return reading


def lift(together: Array, left: Array, right: Array, total: float, doubt: float = 0.5) -> Floats:
    """log2 of observed over expected count, both raised by `doubt`: rare words, of which nothing is known, give 0."""
    expected = left * right / total
    found: Floats = np.log2((together + doubt) / (expected + doubt)).astype(np.float32)
    return found


def topic_vectors(tables: Tables, ids: Ids) -> Floats:
    """Topic vectors (rows of length 1, or 0) of word ids; the table holds the commonest words as 8-bit numbers."""
    table = tables.arrays["topics"]
    known = (ids >= SPECIAL) & (ids < len(table))
    vectors: Floats = table[np.where(known, ids, 0)].astype(np.float32) / 127.0
    return vectors * known[..., None]
