"""Which stretches of a page share their telling words: the comparison behind repeated paragraphs and"
" restarts.


A word tells more the rarer it is in plain English and the fewer stretches of the page hold it, so that the
topic's own words count little. Every word meets at most LAG later stretches: the cost is linear in the
length of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from detector.document import Document, Sentence
from detector.tables import Tables

LAG = 4  # in how many later stretches a word or a pair of words is looked for
GLUE_BITS = 6.0  # a word of so few bits ("the", "is") tells nothing
RARE_BITS = 14.0  # a word of so many bits tells as much as a word can
OTHERS = 8  # stretches that a page is taken to have besides its own, so that few of them do not decide

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lexicon:
    """The page's words as numbers: ids[i] is the word of token i, telling[id] is 0 for glue and 1 for a"
    " rare word."""

    words: list[str]
    ids: Ints
    telling: Floats


def lexicon(document: Document, tables: Tables) -> Lexicon:
    """The lexicon of the document, made on first use and kept with it."""
    kept = document.__dict__.get("_lexicon")
    if isinstance(kept, tuple) and kept[0] is tables:
        found: Lexicon = kept[1]
        return found
    words = document.tokens.word
    number = {word: i for i, word in enumerate(dict.fromkeys(words))}
    ids = np.fromiter(map(number.__getitem__, words), dtype=np.int64, count=len(words))
    bits = tables.rarity(list(number)).astype(np.float64)
    found = Lexicon(list(number), ids, np.clip((bits - GLUE_BITS) / (RARE_BITS - GLUE_BITS), 0.0, 1.0))
    document.__dict__["_lexicon"] = (tables, found)
    return found


@dataclass(frozen=True)
class Pairs:
    """Pairs of stretches that share words: stretch first[k] comes before second[k], likeness 0 to 1."""

    first: Ints
    second: Ints
    likeness: Floats


NONE = Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


def compare(document: Document, tables: Tables, *groups: Sequence[tuple[int, int]]) -> list[Pairs]:
    """The likeness (weighted Jaccard over telling words and neighbouring telling words) of token stretches.

    Each group of stretches is compared within itself; all of them take one pass.
    """
    stretches = list(chain.from_iterable(groups))
    if len(stretches) < 2:
        return [NONE] * len(groups)
    known = lexicon(document, tables)
    size, count = len(known.words), len(stretches)
    sizes = np.array([len(group) for group in groups])
    group = np.arange(len(groups)).repeat(sizes)
    lengths = np.array([last - first for first, last in stretches])
    owner = np.arange(count).repeat(lengths)
    word = np.concatenate([known.ids[first:last] for first, last in stretches])
    tells = known.telling[word] > 0
    owner, word = owner[tells], word[tells]
    together = owner[1:] == owner[:-1]
    pair = (word[:-1] * size + word[1:] + size)[together]
    # one key for each word or pair and its stretch; a group's keys are apart from those of the others
    apart = size * (size + 1) * count
    keys = np.concatenate((word * count + owner, pair * count + owner[:-1][together]))
    keys += apart * np.concatenate((group[owner], group[owner[:-1][together]]))
    keys.sort()
    keys = keys[_changes(keys)]
    feature, owner = np.divmod(keys, count)
    begins = _changes(feature)
    holders = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=holders[:-1])
    holders[-1:] = len(feature) - begins[-1:]
    kind = feature[begins] % (size * (size + 1))
    left, right = np.divmod(kind - size, size)
    telling = known.telling
    worth = np.where(kind < size, telling[kind % size], np.minimum(telling[left], telling[right]))
    weight = (worth * np.log2((sizes[group[owner[begins]]] + OTHERS) / holders)).repeat(holders)
    total = np.bincount(owner, weights=weight, minlength=count)
    shared = (holders > 1).repeat(holders)
    feature, owner, weight = feature[shared], owner[shared], weight[shared]
    met, common = [], []
    for lag in range(1, LAG + 1):
        same = (feature[lag:] == feature[:-lag]).nonzero()[0]
        met.append(owner[same] * count + owner[same + lag])
        common.append(weight[same])
    keys = np.concatenate(met)
    if not len(keys):
        return [NONE] * len(groups)
    order = keys.argsort()
    keys = keys[order]
    begins = _changes(keys)
    both = np.add.reduceat(np.concatenate(common)[order], begins)
    first, second = np.divmod(keys[begins], count)
    likeness = both / (total[first] + total[second] - both)
    ends = np.cumsum(sizes)
    cuts = np.searchsorted(first, np.concatenate(([0], ends)))  # the pairs come sorted by their first stretch
    return [
        Pairs(first[a:b] - offset, second[a:b] - offset, likeness[a:b])
        for a, b, offset in zip(cuts[:-1].tolist(), cuts[1:].tolist(), (ends - sizes).tolist(), strict=True)
    ]


def _changes(values: Ints) -> Ints:
    """Where a sorted array takes a new value."""
    new = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new.nonzero()[0]


PARAGRAPH = 25  # words of the shortest paragraph that is compared
SENTENCE = 8  # words of the shortest sentence that is compared


@dataclass(frozen=True)
class Repeats:
    """The paragraphs (by block) and sentences of the running text, and how alike they are."""

    paragraphs: list[int]
    alike: Pairs  # of positions in `paragraphs`
    sentences: list[Sentence]
    same: Pairs  # of positions in `sentences`


def repeats(document: Document, tables: Tables) -> Repeats:
    """The document compared with itself, once for all signals."""
    kept = document.__dict__.get("_repeats")
    if isinstance(kept, tuple) and kept[0] is tables:
        found: Repeats = kept[1]
        return found
    ranges, blocks = document.block_tokens, document.blocks
    running = [i for i in ranges if blocks[i].kind == "paragraph"]  # a pulled quote repeats on purpose
    inside = frozenset(running)
    long = [i for i in running if ranges[i][1] - ranges[i][0] >= PARAGRAPH]
    sentences = [s for s in document.sentences if s.last - s.first >= SENTENCE and s.block in inside]
    alike, same = compare(document, tables, [ranges[i] for i in long], [(s.first, s.last) for s in sentences])
    found = Repeats(long, alike, sentences, same)
    document.__dict__["_repeats"] = (tables, found)
    return found
