"""Which passages of a page tell again what another one told: the comparison behind repeated paragraphs and restarts.

Two passages are compared where they share telling words. A word tells more the rarer it is in plain English and the
fewer passages of the page hold it, so that the topic's own words count little. Whether one sentence is another in other
words is then a matter of order: whoever exchanges words leaves the others where they were, little ones included.
Every word meets at most LAG later passages: the cost is linear in the length of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.document import Document, Sentence
from detector.signals._reading import type_ids
from detector.tables import Tables

LAG = 4  # in how many later passages a word is looked for
GLUE_BITS = 6.0  # a word of so few bits ("the", "is") tells nothing
RARE_BITS = 14.0  # a word of so many bits tells as much as a word can
OTHERS = 8  # passages that a page is taken to have besides its own, so that few of them do not decide

PIECE = 4096  # words that are looked at together, so that what is made of them stays in the cache

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Pairs(NamedTuple):
    """Pairs of ranges by their positions, by the second and then the first one, and the share of words they share."""

    first: Ints
    second: Ints
    shared: Floats


@dataclass(frozen=True)
class Lexicon:
    """The page's words as numbers: ids[i] is the word of token i, telling[id] is 0 for glue and 1 for a rare word."""

    words: list[str]
    ids: Ints
    telling: Floats


def lexicon(document: Document, tables: Tables) -> Lexicon:
    """The lexicon of the document, made on first use and kept with it."""
    kept = document.__dict__.get("_lexicon")
    if isinstance(kept, tuple) and kept[0] is tables:
        found: Lexicon = kept[1]
        return found
    words = list(document.tokens.types)
    bits = tables.bits(type_ids(document, tables)).astype(np.float64)
    telling = np.clip((bits - GLUE_BITS) / (RARE_BITS - GLUE_BITS), 0.0, 1.0)
    found = Lexicon(words, document.tokens.type_of, telling)
    document.__dict__["_lexicon"] = (tables, found)
    return found


def in_order(numbers: Ints, most: int) -> Ints:
    """What sorts numbers from 0 to `most`, equal ones as they stand, in linear time: by 16 bits and 16 more."""
    order = numbers.astype(np.uint16).argsort(kind="stable")
    if most > 0xFFFF:
        order = order[(numbers[order] >> 16).astype(np.uint16).argsort(kind="stable")]
    return order


def _meetings(known: Lexicon, *groups: tuple[Ints, float]) -> list[Pairs]:
    """The pairs of token ranges, both of one group, that share telling words.

    groups: ranges in order (rows of first and last, half open), and how much of the smaller one its pairs share.
    """
    sizes = np.array([len(ranges) for ranges, _ in groups])
    count, size = int(sizes.sum()), len(known.words)
    word, owner = _held(known, [ranges for ranges, _ in groups])
    begins = _changes(word)
    holders = np.append(begins[1:], len(word)) - begins
    rare = np.log2((sizes[word[begins] // size] + OTHERS) / holders)
    weight = (known.telling[word[begins] % size] * rare).repeat(holders)
    total = np.bincount(owner, weight, count)
    least = np.array([share for _, share in groups]).repeat(sizes)
    shared = (holders > 1).repeat(holders)
    # before the first word stand as many as one can look back
    word = np.concatenate([np.full(LAG, -1), word[shared]])
    owner = np.concatenate([np.zeros(LAG, dtype=np.int64), owner[shared]])
    weight = np.concatenate([np.zeros(LAG), weight[shared]])
    order = in_order(owner[LAG:], count) + LAG
    held_by = owner[order]
    cuts = dict.fromkeys(np.searchsorted(held_by, held_by[::PIECE]).tolist())  # no range is cut apart
    pairs = [Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))]
    for begin, end in pairwise([*cuts, len(order)]):
        here = order[begin:end]
        before = here - np.arange(1, LAG + 1)[:, None]
        same = word[before] == word[here]
        earlier = before[same]
        common = weight[earlier]
        first, second = owner[earlier], np.broadcast_to(held_by[begin:end], same.shape)[same]
        whole = np.minimum(total[first], total[second])
        keys = second * count + first
        # most pairs do not share enough even together with all others of their slot
        slot = keys % (4 * len(keys) + 1)
        near = (np.bincount(slot, common)[slot] > 0.999 * least[second] * whole).nonzero()[0]
        near = near[keys[near].argsort()]
        begins = _changes(keys[near])
        one = near[begins]
        share = np.add.reduceat(common[near], begins) / whole[one]
        one, share = one[share >= least[second[one]]], share[share >= least[second[one]]]
        pairs.append(Pairs(first[one], second[one], share))
    first, second, shares = map(np.concatenate, zip(*pairs, strict=True))
    ends = np.cumsum(sizes)
    return [
        Pairs(first[a:b] - offset, second[a:b] - offset, shares[a:b])
        for (a, b), offset in zip(
            pairwise([0, *np.searchsorted(second, ends).tolist()]), (ends - sizes).tolist(), strict=True
        )
    ]


def _held(known: Lexicon, groups: Sequence[Ints]) -> tuple[Ints, Ints]:
    """The telling words of ranges, and the range of each: sorted by word and then by range, each pair once.

    Words and ranges of a group are numbered on behind those of the group before, and so are apart from them.
    """
    token = known.telling.take(known.ids).nonzero()[0]
    token = token[in_order(known.ids[token], len(known.words))]
    ids = known.ids[token]
    words, owners, passed = [], [], 0
    for number, ranges in enumerate(groups):
        edges = np.concatenate([[0], ranges.ravel(), [len(known.ids)]])
        lengths = edges[1:] - edges[:-1]
        stretch = np.arange(len(lengths)).repeat(lengths)[token]
        inside = (stretch & 1).nonzero()[0]  # every other stretch lies between two ranges
        words.append(ids[inside] + number * len(known.words))
        owners.append((stretch[inside] >> 1) + passed)
        passed += len(ranges)
    word, owner = np.concatenate(words), np.concatenate(owners)
    new = np.ones(len(word), dtype=bool)
    np.logical_or(word[1:] != word[:-1], owner[1:] != owner[:-1], out=new[1:])
    return word[new], owner[new]


def _changes(values: Ints) -> Ints:
    """Where a sorted array takes a new value."""
    new = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new.nonzero()[0]


PASSAGE = 20  # words of the shortest passage that is compared
LONGEST = 120  # words of a paragraph from which it is more than one passage
SENTENCE = 8  # words of the shortest sentence that is looked for on its own
COMPARED = 100  # words of a sentence that are compared
MEET = 0.2  # share of the telling words from which two passages may tell the same
PARTNERS = 2  # earlier passages that a passage can have been mixed from
REWORDED = 0.45  # likeness from which a sentence of two such passages is another one in other words
SAME = 0.75  # likeness from which two sentences are the same wherever they stand


@dataclass(frozen=True, slots=True)
class Echo:
    """A sentence that says again what an earlier one said. likeness: share of words left in their order, 0 to 1."""

    earlier: Sentence
    later: Sentence
    likeness: float


@dataclass(frozen=True)
class Repeats:
    """The passages of the running text, which of them have words in common, and which sentences come back.

    passages: sentences of one paragraph, first to last. first, second, shared: pairs of positions in `passages` and
    the share of the telling words they have in common, from MEET on. echoes: by position of the later passage;
    `alone` holds those of sentences that come back nearly word for word where their passages do not meet.
    """

    passages: list[tuple[Sentence, ...]]
    first: Ints
    second: Ints
    shared: Floats
    echoes: dict[int, list[Echo]]
    alone: list[Echo]


def repeats(document: Document, tables: Tables) -> Repeats:
    """The document compared with itself, once for all signals."""
    kept = document.__dict__.get("_repeats")
    if isinstance(kept, tuple) and kept[0] is tables:
        found: Repeats = kept[1]
        return found
    found = _compared(document, tables)
    document.__dict__["_repeats"] = (tables, found)
    return found


def _compared(document: Document, tables: Tables) -> Repeats:
    blocks = document.blocks  # a pulled quote repeats on purpose, and price lists are built alike
    running = [s for s in document.sentences if blocks[s.block].kind == "paragraph"]
    passages = list(_passages(running))
    sentences = [s for s in running if s.last - s.first >= SENTENCE]
    if len(passages) < 2 and len(sentences) < 2:
        nothing = np.zeros(0, dtype=np.int64)
        return Repeats(passages, nothing, nothing, np.zeros(0), {}, [])
    (first, second, shared), alike = _meetings(
        lexicon(document, tables),
        (np.array([(p[0].first, p[-1].last) for p in passages], dtype=np.int64), MEET),
        (np.array([(s.first, s.last) for s in sentences], dtype=np.int64), SAME),
    )
    compare = _Order(document.tokens.word)
    echoes: dict[int, list[Echo]] = {}
    partners: dict[int, list[int]] = {}
    likest = np.lexsort((-shared.round(9), second))
    for later, earlier in zip(second[likest].tolist(), first[likest].tolist(), strict=True):
        partners.setdefault(later, []).append(earlier)
    for later, met in partners.items():
        told = [s for k in met[:PARTNERS] if _apart(passages[k], passages[later]) for s in passages[k]]
        found = [echo for s in passages[later] if (echo := compare.likest(told, s, REWORDED))]
        if found:
            echoes[later] = found
    known = {echo.later for found in echoes.values() for echo in found}
    alone: dict[Sentence, Echo] = {}
    for one, two in zip(alike.first.tolist(), alike.second.tolist(), strict=True):
        said = sentences[two]
        if said not in known and said not in alone and (echo := compare.likest([sentences[one]], said, SAME)):
            alone[said] = echo
    return Repeats(passages, first, second, shared, echoes, list(alone.values()))


def _passages(sentences: list[Sentence]) -> Iterator[tuple[Sentence, ...]]:
    """The paragraphs, long ones in pieces, without those that are too short to tell anything."""
    piece: list[Sentence] = []
    for s in sentences:
        if piece and (s.block != piece[0].block or s.last - piece[0].first > LONGEST):
            if piece[-1].last - piece[0].first >= PASSAGE:
                yield tuple(piece)
            piece = []
        piece.append(s)
    if piece and piece[-1].last - piece[0].first >= PASSAGE:
        yield tuple(piece)


def _apart(earlier: tuple[Sentence, ...], later: tuple[Sentence, ...]) -> bool:
    """Whether two passages are no neighbours in one paragraph, where sentences are built alike on purpose."""
    return earlier[-1].block != later[0].block or later[0].first - earlier[-1].last >= LONGEST


class _Order:
    """Compares sentences by the longest sequence of words that both have in this order."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.bags: dict[int, frozenset[str]] = {}  # by the first token of the sentence
        self.figures: dict[int, set[str]] = {}

    def likest(self, told: Sequence[Sentence], later: Sentence, least: float) -> Echo | None:
        """The likest of the earlier sentences, if it is alike enough."""
        best, at = least, None
        said = self.compared(later)
        for s in told:
            both = min(s.last - s.first, COMPARED) + len(said)
            # what two sentences have in common is no more than the shorter one, and than the words of both
            if 2 * min(both - len(said), len(said)) < best * both or 2 * self.common(s, said) < best * both:
                continue
            like = 2 * _longest_common(self.compared(s), said) / both
            if like >= best and not self.differ(s, later):
                best, at = like, s
        return Echo(at, later, best) if at else None

    def compared(self, s: Sentence) -> list[str]:
        """The words of a sentence that are compared."""
        return self.words[s.first : min(s.last, s.first + COMPARED)]

    def common(self, s: Sentence, said: list[str]) -> int:
        """How many of the words stand in the sentence, in whatever order."""
        bag = self.bags.get(s.first)
        if bag is None:
            bag = self.bags[s.first] = frozenset(self.compared(s))
        return sum(map(bag.__contains__, said))

    def differ(self, *pair: Sentence) -> bool:
        """Whether each sentence has a figure of its own, and so says something else."""
        for s in pair:
            if s.first not in self.figures:
                self.figures[s.first] = {word for word in self.words[s.first : s.last] if word[0].isdigit()}
        one, two = (self.figures[s.first] for s in pair)
        return not (one <= two or two <= one)


def _longest_common(one: list[str], two: list[str]) -> int:
    """The length of the longest sequence of words that both have in this order (LCS)."""
    places: dict[str, int] = {}
    for k, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << k
    # one bit for each word of `one`, cleared where the sequence grows: Hyyrö, "Bit-parallel LCS-length computation
    # revisited", 2004
    free = full = (1 << len(one)) - 1
    for word in two:
        here = free & places.get(word, 0)
        if here:
            free = (free + here | free - here) & full
    return len(one) - free.bit_count()
