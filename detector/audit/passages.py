"""Which of very many passages are nearly the same, word for word: those that share most of their word triples.

Made for paragraphs by the million. Everything is arithmetic over whole batches of passages: a passage is kept as its
SKETCH smallest hashes of word triples, those that share half of their sketches are compared in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.audit.sketch import SHINGLE, Hashes, _grams
from detector.document import word_places
from detector.signals.crawl._tables import LAG

SKETCH = 16  # two of a Jaccard index of .8 share about 13 of them, and hardly ever fewer than half
BATCH = 200_000  # characters of text that are taken at a time: what fits into a processor's cache

Ints = NDArray[np.int64]

_ROW = np.uint64(52)  # bits of a hash in a key, whose others are the passage's place in its batch
_PLACE = np.uint64(64 - 52)  # and how many those are
_HASH = np.uint64((1 << 52) - 1)
_ROWS = 1 << 12
_BASE = 0x9E3779B97F4A7C15  # odd, so that it can be divided by


class Alike(NamedTuple):
    """Two passages by their positions, and the Jaccard index of their word triples."""

    earlier: int
    later: int
    jaccard: float


def alike(passages: Sequence[str], least: float = 0.8) -> list[Alike]:
    """The pairs of passages whose word triples have a Jaccard index of `least` (.6 to 1) or more, in order.

    Linear in the length of all passages: each hash brings a passage together with the LAG before it that have it
    too, so that of many copies each is found with its neighbours. Passages of fewer than SHINGLE words are like none.
    Raises ValueError for an index under .6, below which sketches would miss too many.
    """
    if not 0.6 <= least <= 1:
        raise ValueError(f"passages are compared from a Jaccard index of .6 up to 1, not {least}")
    kept = [_smallest(keys, rows.start) for rows, keys in _keys(passages)]
    if not kept:
        return []
    row, value = (np.concatenate(column) for column in zip(*kept, strict=True))
    earlier, later = _meet(row, value, len(passages))
    found: list[Alike] = []
    step = _ROWS // 2 - 1
    for at in range(0, len(earlier), step):
        one, two = earlier[at : at + step], later[at : at + step]
        jaccard = _jaccard(passages, one, two)
        near = jaccard >= least
        found += map(Alike, one[near].tolist(), two[near].tolist(), jaccard[near].tolist())
    return found


def _keys(passages: Sequence[str]) -> Iterator[tuple[range, Hashes]]:
    """Batch by batch: which passages, and the different triples of each as sorted keys, its place before the hash."""
    rest, done = iter(passages), 0
    while batch := _batch(rest):
        text = "\n".join(batch)
        starts, ends = word_places(text)
        hashes = _hashes(text, starts, ends)
        begins = np.cumsum([0] + [len(passage) + 1 for passage in batch[:-1]])
        place = np.searchsorted(begins, starts, side="right").astype(np.uint64) - np.uint64(1)
        whole = place[SHINGLE - 1 :] == place[: len(place) - SHINGLE + 1]
        keys = (place[SHINGLE - 1 :] << _ROW | _grams(hashes, SHINGLE) >> _PLACE)[whole]
        keys.sort()
        yield range(done, done + len(batch)), keys[_begins(keys)]
        done += len(batch)


def _batch(rest: Iterator[str]) -> list[str]:
    """The next passages in lower case, with straight apostrophes."""
    batch: list[str] = []
    size = 0
    for passage in islice(rest, _ROWS):
        batch.append(passage.replace("’", "'").replace("ʼ", "'").lower())
        size += len(batch[-1])
        if size >= BATCH:
            break
    return batch


def _hashes(text: str, starts: Ints, ends: Ints) -> Hashes:
    """A hash for each word: a polynomial of its characters, as the difference of two sums over the text."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    powers = _powers(_BASE, len(codes))
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * powers, out=sums[1:])
    found: Hashes = (sums[ends] - sums[starts]) * _powers(pow(_BASE, -1, 1 << 64), len(codes))[starts]
    return found


def _powers(base: int, count: int) -> Hashes:
    powers = np.full(count, base, dtype=np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _smallest(keys: Hashes, first: int) -> tuple[Ints, Hashes]:
    """The sketches of a batch whose first passage is `first`: (passage, hash) of the SKETCH smallest of each."""
    place = (keys >> _ROW).astype(np.int64)
    rank = np.arange(len(keys)) - np.searchsorted(place, place)
    kept = rank < SKETCH
    return place[kept] + first, keys[kept] & _HASH


def _meet(row: Ints, value: Hashes, count: int) -> tuple[Ints, Ints]:
    """The pairs of passages, in order, that share half of the smaller sketch."""
    size = np.bincount(row, minlength=count)
    order = value.argsort(kind="stable")  # passages stay in their order
    row, value = row[order], value[order]
    met = []
    for lag in range(1, LAG + 1):
        same = (value[lag:] == value[:-lag]).nonzero()[0]
        met.append(row[same] * count + row[same + lag])
    pairs = np.concatenate(met)
    pairs.sort()
    begins = _begins(pairs)
    shared = np.diff(np.append(begins, len(pairs)))
    earlier, later = np.divmod(pairs[begins], count)
    enough = 2 * shared >= np.minimum(size[earlier], size[later])
    return earlier[enough], later[enough]


def _begins(values: Ints | Hashes) -> Ints:
    """Where a sorted array takes a new value (`np.unique` takes ten times as long on many small arrays)."""
    new = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new.nonzero()[0]


def _jaccard(passages: Sequence[str], earlier: Ints, later: Ints) -> NDArray[np.float64]:
    """The Jaccard index of all triples of pairs of passages, of which fewer than _ROWS may be different."""
    known, which = np.unique(np.concatenate([earlier, later]), return_inverse=True)
    one, two = which[: len(earlier)], which[len(earlier) :]
    batches = _keys([passages[k] for k in known.tolist()])
    keys = np.concatenate([keys + (np.uint64(rows.start) << _ROW) for rows, keys in batches])
    begins = np.searchsorted(keys, np.arange(len(known) + 1).astype(np.uint64) << _ROW)
    size = np.diff(begins)
    # every triple of the one, looked up among those of the other
    pair = np.arange(len(one)).repeat(size[one])
    within = np.arange(len(pair)) - (np.cumsum(size[one]) - size[one])[pair]
    wanted = keys[begins[one][pair] + within] & _HASH | two[pair].astype(np.uint64) << _ROW
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    common = np.bincount(pair, weights=keys[at] == wanted, minlength=len(one))
    jaccard: NDArray[np.float64] = common / (size[one] + size[two] - common)
    return jaccard
