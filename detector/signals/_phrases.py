"""The phrases of two to six words that the running text of a page repeats, and what makes a phrase a search query.

Repeated phrases are computed once per document and shared by the signals that ask how often a page says the same thing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.document import BODY, WORD, Document
from detector.signals._reading import read
from detector.tables import SPECIAL, Tables

LEAST = 3  # times a phrase must stand in the text to be one that repeats
LONGEST = 6  # words
SENTENCE, ITEM = 5, 8  # words of the shortest sentence and list item that are running text
BOUND = 5.0  # bits from which two neighbours are a fixed expression of English, one unit and no two
MOST_UNITS = 4

# The closed classes of English: a phrase neither begins nor ends with one of them.
GLUE = frozenset(
    "a about above after again against all along also although am among an and another any anyone are around"
    " as at be because been before behind being below between both but by can can't cannot could did do does"
    " doesn't doing don't down during each either else even ever every few for from further had has have"
    " having he her here hers him his how however i i'd i'll i'm i've if in instead into is isn't it it's its"
    " itself just like many may me might more most much must my neither never no nor not now of off often on"
    " once one only or other others our ours out over own per rather s same shall she should since so some"
    " still such t than that that's the their them then there there's these they they're this those through"
    " thus to together too toward towards under until up upon us very via was we we're well were what what's"
    " when where whether which while who whom whose why will with within without won't would yet you you'll"
    " you're you've your yours yourself".split()
)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Phrase(NamedTuple):
    """A phrase that repeats: `at` holds the first tokens of its places, `size` its words.

    units: its parts, where a fixed expression counts as one, at most MOST_UNITS. crowd: the most places within STRETCH
    words of running text, `first` and `last` (half open) are the range of `at` that they are.
    """

    size: int
    units: int
    at: tuple[int, ...]
    first: int
    last: int

    @property
    def crowd(self) -> int:
        return self.last - self.first


STRETCH = 300  # words of running text within which places are a crowd


def phrases(document: Document, tables: Tables) -> tuple[Phrase, ...]:
    """The repeated phrases of the document's running text, found on first use and kept with it."""
    kept = document.__dict__.get("_phrases")
    if not (isinstance(kept, tuple) and kept[0] is tables):
        kept = document.__dict__["_phrases"] = (tables, tuple(_repeated(document, tables)))
    found: tuple[Phrase, ...] = kept[1]
    return found


def _repeated(document: Document, tables: Tables) -> Iterator[Phrase]:
    """The phrases, shortest first. A phrase can repeat only where it does without its last word, so that few places are
    left after the first round.
    """
    tokens = document.tokens
    running = _running(document)
    fit = _edges(document)[tokens.type_of]
    starts = (fit & running).nonzero()[0]
    place = running.cumsum()
    beyond = np.full(LONGEST, -1)  # what stands after the last token belongs to no sentence
    owner = np.concatenate([document.sentence_of, beyond])
    ids = np.concatenate([tokens.type_of, beyond]).astype(np.uint64)
    lift = read(document, tables).pair_lift
    key, units = ids[starts], np.ones(len(starts), dtype=np.int64)
    for size in range(2, LONGEST + 1):
        last = starts + (size - 1)
        inside = (owner[last] == owner[starts]).nonzero()[0]
        # a rolling hash names the n-gram that begins at each place
        key = key[inside] * np.uint64(0x9E3779B97F4A7C15) + ids[last[inside]]
        order = key.argsort(kind="stable")
        key = key[order]
        alike = (key[LEAST - 1 :] == key[: 1 - LEAST]).nonzero()[0]
        if not len(alike):
            return
        repeat = np.zeros(len(key), dtype=bool)
        for k in range(LEAST):
            repeat[alike + k] = True
        key, kept = key[repeat], inside[order[repeat]]
        starts, last = starts[kept], last[kept]
        # the last word begins a new unit unless it is bound to the one before; a reading has an EDGE before sentences
        units = units[kept] + (fit[last] & (lift[last + owner[last]] < BOUND))
        at, places, parts = starts.tolist(), place[starts].tolist(), units.tolist()
        cuts = [0, *((key[1:] != key[:-1]).nonzero()[0] + 1).tolist(), len(key)]
        whole = fit[last].tolist()
        for begin, end in pairwise(cuts):
            if whole[begin]:
                first, final = crowd(places[begin:end])
                yield Phrase(size, min(MOST_UNITS, parts[begin]), tuple(at[begin:end]), first, final)


def _edges(document: Document) -> Bools:
    """For each of the page's words whether it can be the edge of a repeated phrase."""
    words, counts = list(document.tokens.types), document.tokens.type_counts
    found = np.zeros(len(words), dtype=bool)
    often = (counts >= LEAST).nonzero()[0].tolist()
    found[[k for k in often if len(word := words[k]) > 1 and word not in GLUE and not word[0].isdigit()]] = (
        True
    )
    return found


def _running(document: Document) -> Bools:
    """For each token whether its sentence is running text and no label."""
    least = {kind: ITEM if kind == "list_item" else SENTENCE for kind in BODY}
    need = np.array([least.get(block.kind, len(document.text) + 1) for block in document.blocks])
    first, last, block = document.bounds[2:]
    found: Bools = (last - first >= need[block]).repeat(last - first)
    return found


def crowd(places: Sequence[int]) -> tuple[int, int]:
    """The range (half open) of the most of these ascending places within STRETCH words."""
    if places and places[-1] - places[0] < STRETCH:
        return 0, len(places)
    best = (0, 0)
    oldest = 0
    for k, place in enumerate(places):
        while place - places[oldest] >= STRETCH:
            oldest += 1
        if k + 1 - oldest > best[1] - best[0]:
            best = (oldest, k + 1)
    return best


def is_name(document: Document, phrase: Phrase) -> bool:
    """Whether most of the phrase's telling words are written with a capital."""
    text, tokens = document.text, document.tokens
    written = [
        text[tokens.start[k]].isupper()
        for at in phrase.at
        for k in range(at, at + phrase.size)
        if tokens.word[k] not in GLUE
    ]
    return 2 * sum(written) >= len(written)


def said(document: Document, phrase: Phrase) -> str:
    """The words of the phrase with single spaces."""
    return " ".join(document.tokens.word[phrase.at[0] : phrase.at[0] + phrase.size])


def telling(words: Iterable[str]) -> list[str]:
    """The words, in lower case, that say what a phrase is about."""
    return [w for w in words if len(w) > 2 and w not in GLUE and not w[0].isdigit()]


def sold(tables: Tables, words: Sequence[str]) -> float:
    """Bits by which the words, in lower case, are those that sellers paste as links rather than those authors write."""
    bits = tables.arrays["anchor_bits"]
    ids = tables.ids(words)
    return float(bits[ids[(ids >= SPECIAL) & (ids < len(bits))]].astype(np.float32).sum())


ITEMS = 4  # queries in the shortest list
QUERY, LONG = 2.5, 8  # words of the queries of a list on average, and of the longest


def is_query_list(items: Sequence[str]) -> bool:
    """Whether the items of a list are search queries: nearly all have a word in common, and none is a sentence."""
    # a sentence has an "and" before its last item
    if len(items) < ITEMS or any(" and " in item or " or " in item for item in items):
        return False
    worded = [[word.lower() for word in WORD.findall(item)] for item in items]
    sizes = [len(words) for words in worded]
    if max(sizes) > LONG or sum(sizes) < QUERY * len(items):
        return False
    # a query holds no figures
    figures = sum(words[0][0].isdigit() for words in worded if words)
    if 2 * figures > len(items) or any("and" in words or "or" in words for words in worded):
        return False
    held = Counter(word for words in worded for word in {*telling(words)})
    return len(set(map(tuple, worded))) >= ITEMS and max(held.values(), default=0) >= 0.8 * len(items)
