"""Numbers that signals look words up in: how common a word, a word pair or a triple is in plain honest English,
which words can stand for one another, and the learned weights of the text signals. Arrays of the model folder,
mapped into memory, never parsed.
"""

from __future__ import annotations

import math
import mmap
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from detector.errors import ModelError
from detector.patterns import regex

Ids = NDArray[np.int32]
Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]
Array = NDArray[Any]
T = TypeVar("T")

UNKNOWN = 0  # id of every word outside the vocabulary
NUMBER = 1  # id of every token that starts with a digit
EDGE = 2  # id of the place before the first and after the last word of a sentence
SPECIAL = 3  # ids below this are no words

# A .npy file of format 1.0 begins with this; plain numbers only, so that nothing in it could be run.
_HEADER = regex(
    rb"\x93NUMPY\x01\0(..)\{'descr': '([<>|](?:b1|[iu][1248]|f[248]))', 'fortran_order': (False|True), "
    rb"'shape': \(([0-9, ]*)\), \} *\n",
    re.DOTALL,
)


def pack(*ids: NDArray[np.integer[Any]]) -> Keys:
    """One 64-bit key for each n-gram (n <= 3) of ids below 2**21."""
    keys = ids[0].astype(np.uint64)
    for part in ids[1:]:
        keys = (keys << np.uint64(21)) | part.astype(np.uint64)
    return keys


def mix(keys: Keys) -> Keys:
    """Spread 64-bit keys evenly (the finaliser of SplitMix64: Steele, Lea and Flood, OOPSLA 2014)."""
    mixed = keys ^ (keys >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


class CountTable:
    """Counts by 64-bit key in a fixed number of bytes: buckets of four 32-bit slots, 24 bits of fingerprint and
    8 bits of log count each. A key that was never stored reads as 0, but for one in two million, roughly.

    Counts keep 6 % precision: count = 2 ** (code / 12) - 1.
    """

    STEPS = 12.0

    def __init__(self, slots: NDArray[np.uint32]) -> None:
        self.slots = slots
        # a bucket is fetched as one item of 16 bytes, many times faster than as a row of four
        self._buckets = np.ascontiguousarray(slots, dtype=np.uint32).view(np.complex128).ravel()
        self._counts = (np.exp2(np.arange(255, -1, -1) / self.STEPS) - 1).astype(np.float32)

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
        mixed = mix(keys.ravel())
        slots = self._buckets.take(_bucket(mixed, len(self._buckets))).view(np.uint32)
        # of a slot that has this fingerprint, 255 - code is left; of any other more than 255
        sought = (mixed.astype(np.uint32) << np.uint32(8)) | np.uint32(255)
        least = slots[0::4] ^ sought
        for k in (1, 2, 3):
            np.minimum(least, slots[k::4] ^ sought, out=least)
        found: Floats = self._counts.take(least, mode="clip").reshape(keys.shape)
        return found


def _bucket(mixed: Keys, size: int) -> NDArray[np.int64]:
    # the upper 32 bits scaled to 0..size-1 (Lemire, "Fast random integer generation in an interval", 2019)
    bucket = mixed >> np.uint64(32)
    bucket *= np.uint64(size)
    bucket >>= np.uint64(32)
    return bucket.view(np.int64)


def _mapped(file: Path) -> Array:
    """The array in a .npy file, mapped read-only. `np.load` does the same, ten times slower: it parses Python.

    Raises OSError, or ValueError when it is no plain array or not all of it is there.
    """
    with file.open("rb") as opened:
        content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    head = _HEADER.match(content)
    if head is None:
        raise ValueError(f"{file.name} is no plain array")
    length, kind, by_columns, sizes = head.groups()
    shape = [int(size) for size in sizes.split(b",") if size.strip()]
    dtype = np.dtype(kind.decode())
    start = 10 + int.from_bytes(length, "little")
    if start != head.end() or start + math.prod(shape) * dtype.itemsize != len(content):
        raise ValueError(f"{file.name} is not as long as its header says")
    return np.frombuffer(content, dtype, offset=start).reshape(
        shape, order="F" if by_columns == b"True" else "C"
    )


class Tables:
    """The tables of one model.

    vocabulary: word -> id, from 3 on, most frequent first (0, 1 and 2 are UNKNOWN, NUMBER and EDGE).
    arrays: named numpy arrays; each signal that uses one names it in its own file.
    """

    def __init__(self, vocabulary: dict[str, int], arrays: dict[str, Array] | None = None) -> None:
        self.vocabulary = vocabulary
        self.arrays = arrays or {}
        self._made: dict[Callable[[Tables], Any], Any] = {}

    @classmethod
    def load(cls, folder: Path) -> Tables:
        """The tables of a model folder, mapped read-only. Raises ModelError when they are not numpy arrays."""
        try:
            words = (folder / "vocabulary.txt").read_text("utf-8").split("\n")
            arrays = {file.stem: _mapped(file) for file in sorted(folder.glob("*.npy"))}
        except (OSError, ValueError, OverflowError) as error:
            raise ModelError(f"the tables in {folder} cannot be read: {error}") from None
        return cls(dict(zip(words, range(SPECIAL, SPECIAL + len(words)), strict=True)), arrays)

    def save(self, folder: Path) -> None:
        """Write the tables into a model folder."""
        (folder / "vocabulary.txt").write_text("\n".join(self.words), "utf-8")
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    def ids(self, words: Sequence[str]) -> Ids:
        """The id of each word."""
        found = np.fromiter(map(self.vocabulary.get, words, repeat(UNKNOWN)), np.int32, len(words))
        strange: list[int] = np.flatnonzero(found == UNKNOWN).tolist()
        found[np.array([k for k in strange if words[k][0].isdigit()], dtype=np.intp)] = NUMBER
        return found

    def once(self, make: Callable[[Tables], T]) -> T:
        """What a function of a module makes of these tables: made when it is first asked for, then kept."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

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

    def bits(self, ids: Ids) -> Floats:
        """How rare words are in honest English, in bits (-log2 of their share): "the" 4, "collagen" 16, unknown 20."""
        return self._bits.take(np.minimum(ids, len(self._bits) - 1))

    def rarity(self, words: Sequence[str]) -> Floats:
        """The `bits` of words in lower case."""
        return self.bits(self.ids(words))
