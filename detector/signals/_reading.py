"""A page read with the tables at hand: word ids in sentence order, counts of neighbours, the sense of the surroundings.

Computed once per document and shared by the signals that ask whether words fit their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detector.document import Document
from detector.tables import EDGE, SPECIAL, Array, Floats, Ids, Tables, pack

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

REACH = 6  # words to each side that make the surroundings of a word


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
    def vectors(self) -> Floats:
        """The sense vector of each place, length 1, or 0 where the word has none."""
        return senses(self.tables, self.ids)

    @cached_property
    def surroundings(self) -> Floats:
        """The direction of the mean vector of up to REACH content words on each side, without the word itself."""
        weight = self._content_weight
        weighted = self.vectors * weight[:, None]
        sums = np.vstack([np.zeros((1, weighted.shape[1]), dtype=np.float32), np.cumsum(weighted, axis=0)])
        at = np.arange(len(self))
        mean = sums[np.minimum(at + REACH + 1, len(self))] - sums[np.maximum(at - REACH, 0)] - weighted
        return mean / (np.linalg.norm(mean, axis=1, keepdims=True) + 1e-6)

    @cached_property
    def _content_weight(self) -> Floats:
        # function words say nothing of the topic: weight by rarity, as in smooth inverse frequency
        # (Arora, Liang and Ma, ICLR 2017)
        share = self.counts / self.tables.total
        weight: Floats = np.where(self.is_word, 1e-3 / (1e-3 + share), 0).astype(np.float32)
        return weight


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
    """log2 of observed over expected count, both raised by `doubt` so that rare words, of which nothing is known, give 0."""
    expected = left * right / total
    found: Floats = np.log2((together + doubt) / (expected + doubt)).astype(np.float32)
    return found


def senses(tables: Tables, ids: Ids) -> Floats:
    """Sense vectors (rows of length 1, or 0) of word ids; the table holds the commonest words as 8-bit numbers."""
    table = tables.arrays.get("senses")
    if table is None:
        return np.zeros((*ids.shape, 1), dtype=np.float32)
    known = (ids >= SPECIAL) & (ids < len(table))
    vectors: Floats = table[np.where(known, ids, 0)].astype(np.float32) / 127.0
    return vectors * known[..., None]
