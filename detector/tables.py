"""Numbers that signals look words up in: how common a word, a word pair or a triple is in plain honest English,
which words can stand for one another, and the learned weights of the text signals. Arrays of the model folder,
mapped into memory, never parsed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.errors import ModelError

Ids = NDArray[np.int32]
Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]
Array = NDArray[Any]

UNKNOWN = 0  # id of every word outside the vocabulary
NUMBER = 1  # id of every token that starts with a digit
EDGE = 2  # id of the place before the first and after the last word of a sentence
SPECIAL = 3  # ids below this are no words


def pack(*ids: Ids) -> Keys:
    """One 64-bit key for each n-gram (n <= 3) of ids below 2**21."""
    keys = np.zeros(np.broadcast_shapes(*(part.shape for part in ids)), dtype=np.uint64)
    for part in ids:
        keys = (keys << np.uint64(21)) | part.astype(np.uint64)
    return keys


def mix(keys: Keys) -> Keys:
    """Spread 64-bit keys evenly (the finaliser of SplitMix64: Steele, Lea and Flood, OOPSLA 2014)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


class CountTable:
    """Counts by 64-bit key in a fixed number of bytes: buckets of four 32-bit slots, 24 bits of fingerprint and
    8 bits of log count each. A key that was never stored reads as 0, but for one in two million, roughly.

    Counts keep 6 % precision: count = 2 ** (code / 12) - 1.
    """

    STEPS = 12.0

    def __init__(self, slots: NDArray[np.uint32]) -> None:
        self.slots = slots
        self._decoded = (np.exp2(np.arange(256) / self.STEPS) - 1).astype(np.float32)

    @classmethod
    def build(cls, keys: Keys, counts: Floats, *, load: float = 0.65) -> CountTable:
        """A table of the given counts; in an overfull bucket the largest four stay."""
        size = max(1, int(len(keys) / (4 * load)))
        codes = np.clip(np.rint(np.log2(counts.astype(np.float64) + 1) * cls.STEPS), 1, 255).astype(np.uint32)
        mixed = mix(keys)
        bucket = _bucket(mixed, size)
        order = np.lexsort((keys, -codes.astype(np.int64), bucket))
        bucket = bucket[order]
        rank = np.arange(len(bucket)) - np.searchsorted(bucket, bucket)
        kept = rank < 4
        slots = np.zeros((size, 4), dtype=np.uint32)
        prints = (mixed[order] & np.uint64(0xFFFFFF)).astype(np.uint32)
        slots[bucket[kept], rank[kept]] = (prints[kept] << np.uint32(8)) | codes[order][kept]
        return cls(slots)

    def __getitem__(self, keys: Keys) -> Floats:
        """The count of each key, 0 where it was never seen."""
        mixed = mix(keys)
        rows = self.slots[_bucket(mixed, len(self.slots))]
        prints = (mixed & np.uint64(0xFFFFFF)).astype(np.uint32)
        codes = np.where((rows >> np.uint32(8)) == prints[..., None], rows & np.uint32(255), np.uint32(0))
        found: Floats = self._decoded[codes.max(axis=-1)]
        return found


def _bucket(mixed: Keys, size: int) -> NDArray[np.int64]:
    # the upper 32 bits scaled to 0..size-1 (Lemire, "Fast random integer generation in an interval", 2019)
    return (((mixed >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)).astype(np.int64)


@dataclass(frozen=True)
class Tables:
    """The tables of one model.

    vocabulary: word -> id, from 3 on, most frequent first (0, 1 and 2 are UNKNOWN, NUMBER and EDGE).
    arrays: named numpy arrays; each signal that uses one names it in its own file.
    """

    vocabulary: dict[str, int]
    arrays: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Tables:
        """The tables of a model folder, mapped read-only. Raises ModelError when they are not numpy arrays."""
        try:
            words = (folder / "vocabulary.txt").read_text("utf-8").split("\n")
            arrays = {
                p.stem: np.load(p, mmap_mode="r", allow_pickle=False) for p in sorted(folder.glob("*.npy"))
            }
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(f"the tables in {folder} cannot be read: {error}") from None
        return cls(dict(zip(words, range(SPECIAL, SPECIAL + len(words)), strict=True)), arrays)

    def save(self, folder: Path) -> None:
        """Write the tables into a model folder."""
        (folder / "vocabulary.txt").write_text("\n".join(self.words), "utf-8")
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    def ids(self, words: Sequence[str]) -> Ids:
        """The id of each word."""
        get = self.vocabulary.get
        return np.array([get(w) or (NUMBER if w[0].isdigit() else UNKNOWN) for w in words], dtype=np.int32)

    @cached_property
    def words(self) -> list[str]:
        """The vocabulary in the order of its ids; `words[id - SPECIAL]` is the word."""
        return list(self.vocabulary)

    def word(self, id: int) -> str:
        """The word of an id."""
        return self.words[id - SPECIAL]

    def __contains__(self, name: object) -> bool:
        return name in self.arrays

    @cached_property
    def word_counts(self) -> Floats:
        """Weighted count of each word id in honest English; zeros where nothing was counted."""
        nothing = np.zeros(SPECIAL + len(self.vocabulary))
        return np.asarray(self.arrays.get("word_counts", nothing), dtype=np.float32)

    @cached_property
    def total(self) -> float:
        """Number of words counted."""
        return float(self.word_counts.sum()) or 1.0

    @cached_property
    def pairs(self) -> CountTable:
        """Counts of two words that stand together."""
        return CountTable(self.arrays.get("pairs", np.zeros((1, 4), dtype=np.uint32)))

    @cached_property
    def triples(self) -> CountTable:
        """Counts of three words that stand together."""
        return CountTable(self.arrays.get("triples", np.zeros((1, 4), dtype=np.uint32)))

    @cached_property
    def _bits(self) -> Floats:
        if "word_counts" not in self.arrays:
            return np.full(SPECIAL, 20.0, dtype=np.float32)
        bits = -np.log2((self.word_counts + 1.0) / self.total)
        bits[UNKNOWN] = 20.0
        bits[NUMBER] = 8.0
        return np.asarray(bits, dtype=np.float32)

    def rarity(self, words: Sequence[str]) -> Floats:
        """How rare each word is in honest English, in bits (-log2 of its share): "the" 4, "collagen" 16, unknown 20."""
        bits: Floats = self._bits[np.minimum(self.ids(words), len(self._bits) - 1)]
        return bits
