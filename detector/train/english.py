"""Plain honest English, read and counted per source, so that no page is judged by counts that contain its own site."""

from __future__ import annotations

import csv
import lzma
import re
from collections import Counter
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.document import WORD
from detector.tables import EDGE, NUMBER, SPECIAL, UNKNOWN, Array, CountTable, Floats, Ids, Keys, pack

# Half of the words are trial reports and research articles; everyday health English counts more.
WEIGHT = {"jayded/evidence-inference": 0.4, "elifesciences/elife-articles": 0.5}
WORD_FLOOR = 8.0  # weighted count from which a word has an id
LISTED_FLOOR = 1.0  # the same for a word that a thesaurus lists: spinners love words that authors hardly use
LARGEST = 65_500  # words of a vocabulary: ids of words, and a few more, fit into 16 bits
PAIR_FLOOR = 2.0
TRIPLE_FLOOR = 3.0

_WORD_OR_END = re.compile(WORD.pattern + r"|[.!?](?=\s)|\n")
_CURLY = str.maketrans({"’": "'", "ʼ": "'"})
_END = "."


def split_words(text: str) -> list[str]:
    """The words of a text as written, apostrophes straight, with "." for each end of a sentence or line."""
    return [_END if w in "!?.\n" else w for w in _WORD_OR_END.findall(text.translate(_CURLY))]


@dataclass(frozen=True)
class Source:
    """The words of one source as ids, EDGE between sentences, and its n-grams with their counts."""

    name: str
    ids: Ids
    weight: float = 1.0

    @cached_property
    def words(self) -> NDArray[np.int64]:
        """Count of each id."""
        return np.bincount(self.ids)

    @cached_property
    def pairs(self) -> tuple[Keys, NDArray[np.int64]]:
        """Keys and counts of word pairs."""
        return _ngrams(self.ids, 2)

    @cached_property
    def triples(self) -> tuple[Keys, NDArray[np.int64]]:
        """Keys and counts of word triples."""
        return _ngrams(self.ids, 3)


@dataclass(frozen=True)
class English:
    """All sources over one vocabulary.

    capital_share: how often each id starts with a capital inside a sentence, 0 to 255.
    burst: mean count in the documents that have the word at all; topic words come in bursts (Church and Gale,
        "Poisson mixtures", 1995).
    """

    vocabulary: dict[str, int]
    sources: tuple[Source, ...]
    capital_share: NDArray[np.uint8]
    burst: Floats

    def counts(self, left_out: Collection[str] = ()) -> Floats:
        """Weighted count of each word id in all sources but those left out."""
        words = np.zeros(SPECIAL + len(self.vocabulary), dtype=np.float64)
        for source in self.sources:
            if source.name not in left_out:
                words[: len(source.words)] += source.words * source.weight
        return words.astype(np.float32)

    def without(self, left_out: Collection[str], scored: Container[str] = ()) -> dict[str, Array]:
        """The count tables of all sources but those left out, as arrays of a model.

        scored: sources whose pages are scored too. Of such a one a pair or triple counts once when it is decided
        whether it is known at all: else a page would find its own words in the counts, and look plainer than an
        unseen one.
        """
        used = [s for s in self.sources if s.name not in left_out]
        return {
            "word_counts": self.counts(left_out),
            "pairs": _table([(*s.pairs, s.weight, s.name in scored) for s in used], PAIR_FLOOR),
            "triples": _table([(*s.triples, s.weight, s.name in scored) for s in used], TRIPLE_FLOOR),
        }


FILE = "honest_english.txt.xz"


def read(data: Path, *, listed: Container[str] = (), non_commercial: bool = False) -> English:
    """Count data/honest_english.txt.xz. Sources under non-commercial licences stay out unless asked for.

    listed: the words of a thesaurus.

    Takes about a minute and 3 GB for 30 million words.
    """
    with (data / "honest_english.sources.tsv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    with lzma.open(data / FILE, "rt", encoding="utf-8") as file:
        parts = file.read().split("\n\n")
    texts: dict[str, list[str]] = {}
    for row, part in zip(rows, parts, strict=False):
        if non_commercial or "-NC" not in row["licence"]:
            texts.setdefault(row["source"], []).append(part)
    return count(texts, listed=listed)


def count(texts: dict[str, list[str]], *, floor: float = WORD_FLOOR, listed: Container[str] = ()) -> English:
    """Count documents by source name. Words below `floor` are unknown, but for `listed` ones from LISTED_FLOOR."""
    totals: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    seen_in: Counter[str] = Counter()
    lowered: dict[str, list[list[str]]] = {}
    for name in sorted(texts):
        weight = WEIGHT.get(name, 1.0)
        here: Counter[str] = Counter()
        lowered[name] = []
        for text in texts[name]:
            written = split_words(text)
            words = [w.lower() for w in written]
            # after an end of sentence a capital says nothing
            capitals.update(w.lower() for before, w in pairwise(written) if before != _END and w[0].isupper())
            seen_in.update(set(words))
            here.update(words)
            lowered[name].append(words)
        for word, n in here.items():
            totals[word] += n * weight  # type: ignore[assignment]
    del totals[_END]
    raw: Counter[str] = Counter()
    for words in chain.from_iterable(lowered.values()):
        raw.update(words)
    kept = sorted(
        (
            w
            for w, n in totals.items()
            if not w[0].isdigit() and (n >= floor or (n >= LISTED_FLOOR and w.isalpha() and w in listed))
        ),
        key=lambda w: (-totals[w], w),
    )[:LARGEST]
    vocabulary = {w: i for i, w in enumerate(kept, start=SPECIAL)}
    sources = tuple(
        Source(
            name,
            encode([_END, *(w for words in lowered[name] for w in (*words, _END))], vocabulary),
            WEIGHT.get(name, 1.0),
        )
        for name in sorted(lowered)
    )
    share = np.zeros(SPECIAL + len(kept), dtype=np.uint8)
    burst = np.zeros(SPECIAL + len(kept), dtype=np.float32)
    for word, id in vocabulary.items():
        share[id] = round(255 * min(1.0, capitals[word] / raw[word]))
        burst[id] = raw[word] / seen_in[word]
    return English(vocabulary, sources, share, burst)


def encode(words: Sequence[str], vocabulary: dict[str, int]) -> Ids:
    """Ids of lower-case words; numbers are NUMBER, "." is EDGE, the rest UNKNOWN; runs of EDGE are one."""
    get = vocabulary.get
    ids = np.fromiter(
        (EDGE if w == _END else get(w) or (NUMBER if w[0].isdigit() else UNKNOWN) for w in words),
        dtype=np.int32,
        count=len(words),
    )
    repeated = (ids[1:] == EDGE) & (ids[:-1] == EDGE)
    return ids[np.concatenate([[True], ~repeated])] if len(ids) else ids


def _ngrams(ids: Ids, n: int) -> tuple[Keys, NDArray[np.int64]]:
    """Distinct n-grams and their counts; those with an unknown word, or an EDGE in the middle, are left out."""
    windows = [ids[k : len(ids) - n + 1 + k] for k in range(n)]
    valid = np.ones(len(windows[0]), dtype=bool)
    for k, window in enumerate(windows):
        valid &= window != UNKNOWN
        if 0 < k < n - 1:
            valid &= window != EDGE
    return np.unique(pack(*[window[valid] for window in windows]), return_counts=True)


def _table(parts: Sequence[tuple[Keys, NDArray[np.int64], float, bool]], floor: float) -> NDArray[np.uint32]:
    """Counts of n-grams over sources (keys, counts, weight, whether it counts once for the floor)."""
    keys = np.concatenate([k for k, *_ in parts])
    counts = np.concatenate([c * weight for _, c, weight, _ in parts])
    support = np.concatenate([np.minimum(c * weight, 1 if once else np.inf) for _, c, weight, once in parts])
    order = np.argsort(keys, kind="stable")
    keys, counts, support = keys[order], counts[order], support[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    kept = np.add.reduceat(support, first) >= floor
    sums = np.add.reduceat(counts, first)
    return CountTable.build(keys[first][kept], sums[kept].astype(np.float32)).slots
