"""A link phrase, call to buy or search query pasted where it does not fit its sentence; found in plain text too.

Why it matters
    Links are sold by the phrase: "anchors" are pasted into other people's articles, over words or between them, and
    stay behind when the markup is lost. Search engines call it a link scheme (Google Search Essentials, spam policies:
    link spam); editors ask whether the sentence would read better without the link.

Fires on
    Stretches of two to eight words inside a sentence, and paragraphs of up to twelve words, that are shaped like a
    label, a call to buy or a query, join badly at their edges, while their neighbours would join well without them,
    and leave the topic around them. A small network, trained on phrases of many sellers pasted into honest pages,
    weighs these measures; the whole phrase is marked. The value is the strength of the three worst places.

Quiet on
    Labels and buttons in lists, headings, page furniture; names, titles of works and references; imperative
    instructions ("wash at 60 degrees"); lines with a web address.

Blind spots
    Phrases that fit: "dental implants" linked in a sentence about dental implants. Brand names alone. Pages written
    wholly without capitals, where a pasted query looks like any sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detector.document import BODY, Document, code_points
from detector.signals._network import probability
from detector.signals._reading import Bools, Ints, Reading, lift, read
from detector.tables import EDGE, SPECIAL, UNKNOWN, Floats, Tables, pack
from detector.verdict import Evidence

KIND = "place"
SAYS = "A link phrase or search query is pasted into the text where it does not fit."

TABLES = (
    "word_counts", "pairs", "triples", "topics", "classes", "class_joins", "class_triples", "class_share",
    "capital_share", "anchor_bits", "anchor_w1",
)  # fmt: skip

SHORTEST, LONGEST = 2, 8  # words of a phrase inside a sentence
WHOLE = 12  # words of a phrase that is a paragraph of its own
LOOSE = 1.0  # log2 lift below which two neighbours may have been put together by somebody else
LIST_ITEM = 14  # words of the shortest list item that is read as prose
CONTENT = 100  # ids from here on are content words, roughly
REST = 4  # words of a sentence that must be left without the phrase


# A line with a web address, a path or an e-mail address is a reference or a credit.
_ADDRESS = re.compile(r"\w\.(?:com|org|net|edu|gov|co|io|uk|us|au|info|example)\b|[/@]")


# Brackets, quotes, slashes, bullets and line breaks, across which no phrase is pasted; two hyphens are a dash too.
_BREAKS = '()[]{}"“”„«»:;/|<>•●*=\n\r—–'
_BREAKING = np.isin(np.arange(ord(max(_BREAKS)) + 2), [ord(mark) for mark in _BREAKS])
_CAPITALS = np.array([chr(code).isupper() for code in range(0x530)] + [False])


@dataclass(frozen=True)
class Candidates:
    """Stretches of the row that might be pasted: places first..last - 1, inside one sentence, and their measures."""

    first: Ints
    last: Ints
    measures: Measures

    @cached_property
    def features(self) -> Floats:
        """A row of measures for each stretch."""
        return self.measures(self.first, self.last)


def candidates(document: Document, reading: Reading) -> Candidates:
    """Every stretch of 2 to 8 words inside a sentence of body text, and whole sentences of up to 12."""
    ids = reading.ids
    n = len(ids)
    body, alone = _blocks(document, reading)
    marked, broken = _gaps(document, reading)
    is_edge = ids == EDGE
    edge, which = is_edge.nonzero()[0], is_edge.cumsum()
    start = edge[which - 1] + 1
    end = edge.take(which, mode="clip")
    # nothing is pasted between words that are often seen together: only loose joins can be an edge
    special = ids < SPECIAL
    loose = np.ones(n + 1, dtype=bool)
    loose[1:-1] = (reading.pair_counts == 0) | (reading.pair_lift < LOOSE)
    loose[1:-1] |= special[:-1] | special[1:] | marked[:-1]
    inside = (body & loose[:-1]).nonzero()[0]
    begins, ends = start[inside], end[inside]
    breaks = np.append(broken.nonzero()[0], n)
    unbroken = np.minimum(ends, breaks[breaks.searchsorted(inside)] + 1)
    # a stretch leaves enough of a sentence around it to be judged by, or is the whole line of a paragraph
    reach = np.minimum(unbroken, inside + (ends - begins - REST))
    line = np.where(alone[inside] & (inside == begins) & (unbroken == ends), ends, -1)
    lasts = np.vstack([inside + np.arange(SHORTEST, LONGEST + 1)[:, None], line])
    found = (lasts <= reach) | (lasts == line)
    found[-1] = line > inside + LONGEST
    found &= loose.take(lasts, mode="clip")
    row, at = found.nonzero()
    first, last = inside[at], lasts[row, at]
    return Candidates(first, last, Measures(document, reading, start, end, marked))


def _blocks(document: Document, reading: Reading) -> tuple[Bools, Bools]:
    """For each place of the row: whether it stands in body text other than short list items, which are labels and
    instructions by nature; and whether in a paragraph as short as a line, without an address.
    """
    flags = np.zeros((2, max(1, len(document.blocks))), dtype=bool)
    for k, (first, last) in document.block_tokens.items():
        block, size = document.blocks[k], last - first
        flags[0, k] = block.kind in BODY and (block.kind != "list_item" or size >= LIST_ITEM)
        if block.kind == "paragraph" and size <= WHOLE:
            flags[1, k] = not _ADDRESS.search(document.text, block.start, block.end)
    body, alone = flags.take(reading.block, axis=1) & (reading.token >= 0)
    return body, alone


def _gaps(document: Document, reading: Reading) -> tuple[Bools, Bools]:
    """For each place of the row: whether anything but a space follows the word, and whether no phrase reaches across.

    EDGE, whose token is -1, is taken for the last word: no space follows.
    """
    codes = code_points(document.text)
    ends, starts = document.tokens.ends[:-1], document.tokens.starts[1:]
    breaking = _BREAKING.take(codes, mode="clip")
    breaking[:-1] |= (codes[:-1] == ord("-")) & (codes[1:] == ord("-"))
    breaks = breaking.nonzero()[0]
    of_token = np.ones((2, max(1, len(document.tokens))), dtype=bool)
    of_token[0, :-1] = (starts != ends + 1) | (codes[ends] != ord(" "))
    of_token[1, :-1] = breaks.searchsorted(ends) < breaks.searchsorted(starts)
    of_token[1, -1] = False
    marked, broken = of_token[:, reading.token]
    return marked, broken


class Measures:
    """What is measured of a stretch: all that depends on one place of the row is found once, for all stretches.

    start, end: the sentence around each place. marked: where anything but a space follows.
    """

    def __init__(self, document: Document, reading: Reading, start: Ints, end: Ints, marked: Bools) -> None:
        ids, a = reading.ids, reading.tables.arrays
        n = len(ids)
        unknown, edge = ids == UNKNOWN, ids == EDGE
        self.reading, self.edge, self.marked, self.start, self.end = reading, edge, marked, start, end
        # how well words join at a cut, before each place; the same by word classes, which hold where the words
        # themselves were never counted together
        word_class = a["classes"].take(ids, mode="clip").astype(np.int64)
        self.word_class, self.classes = word_class, len(a["class_joins"])
        self.around = np.concatenate([word_class[:1], word_class, word_class[-1:]])
        class_pair = word_class[:-1] * self.classes + word_class[1:]
        class_join = a["class_joins"].ravel().take(class_pair).astype(np.float32)
        class_triple = self.class_triples(self.around[:-2], word_class, self.around[2:])
        triples = np.log2(np.append(reading.triple_counts, np.zeros(3, dtype=np.float32)) + 1)
        log_counts = reading.tables.once(_log_counts).take(ids)
        self.cuts = np.zeros((9, n), dtype=np.float32)
        self.cuts[0, 1:] = np.where(unknown[:-1] | unknown[1:], 0, reading.pair_lift)
        here = np.arange(n)
        self.cuts[1] = triples.take(here - 2, mode="clip")
        self.cuts[2] = triples.take(here - 1, mode="clip")
        self.cuts[3, 1:] = class_join
        self.cuts[4, 1:], self.cuts[5] = class_triple[:-1], class_triple
        self.cuts[6, 1:], self.cuts[7] = log_counts[:-1], log_counts
        self.cuts[8, 1:] = marked[:-1]
        # what holds words together
        self.grammar = reading.tables.once(_grammar)
        grammar = self.grammar.ravel().take(class_pair)
        self.pairs = _running(np.array([reading.pair_lift, class_join, grammar]))
        # what the words are: those that sellers paste rather than authors write, new ones, names
        content = (ids >= CONTENT) | unknown
        new = content & (reading.elsewhere == 0)
        self.new_usual = float(new.sum()) / max(1.0, float(content.sum()))
        self.capital, usual = _capitals(document, reading)
        odd = np.maximum((self.capital - usual) * ~edge, 0)
        shape = a["anchor_bits"].take(ids, mode="clip")
        function = (ids >= SPECIAL) & (ids < 60)
        self.words = _running(
            np.array([shape, content, new, self.capital, function, unknown, odd], dtype=np.float32)
        )
        heads = edge[:-1].nonzero()[0] + 1
        self.capital_page = float(self.capital[heads].mean()) if len(heads) else 1.0

    def __call__(self, first: Ints, last: Ints) -> Floats:
        """A row of measures for each stretch first..last - 1."""
        reading, pairs, words = self.reading, self.pairs, self.words
        ids, a = reading.ids, reading.tables.arrays
        length = (last - first).astype(np.float32)
        joins = np.maximum(length - 1, 1)
        start, end = self.start[first], self.end[first]
        size = end - start
        (
            left,
            left_1,
            left_2,
            class_left,
            class_left_1,
            class_left_2,
            count_before,
            count_head,
            mark_before,
        ) = self.cuts.take(first, axis=1)
        (
            right,
            right_1,
            right_2,
            class_right,
            class_right_1,
            class_right_2,
            count_tail,
            count_after,
            mark_after,
        ) = self.cuts.take(last, axis=1)
        least = np.minimum(left, right)
        bridge, bridge_deep, class_bridge, class_bridge_deep = self.bridges(first, last)
        inner, class_inner, grammar_inner = pairs.take(last - 1, axis=1) - pairs.take(first, axis=1)
        rest_lift = (pairs[0, end - 1] - pairs[0, start] - inner) / np.maximum(size - length, 1)
        until = words.take(last, axis=1)
        shape, contents, new_words, capitals, functions, unknowns, _ = until - words.take(first, axis=1)
        shape_mean = shape / length
        shape_rest = words[0, end] - words[0, start] - shape_mean * length
        shape_rest = shape_rest / np.maximum(np.minimum(size - length, 30), 1)
        at_start, at_end = self.edge[first - 1], self.edge[last]
        odd_inside = until[-1] - words[-1, np.minimum(first + at_start, last)]
        small = self.capital[first] == 0
        columns = [
            left,
            right,
            bridge,
            least,
            bridge - np.maximum(left, right),
            inner / joins,
            left_1,
            left_2,
            right_1,
            right_2,
            class_left,
            class_right,
            class_bridge,
            class_bridge - np.minimum(class_left, class_right),
            class_inner / joins,
            class_left_1,
            class_right_2,
            class_bridge_deep,
            class_left_2,
            class_right_1,
            bridge_deep,
            rest_lift,
            least - rest_lift,
            grammar_inner,
            grammar_inner / joins,
            self.grammar[2, self.word_class[first]],
            shape_mean,
            a["anchor_heads"].take(ids[first], mode="clip"),
            a["anchor_tails"].take(ids[last - 1], mode="clip"),
            shape_rest,
            shape_mean * length,
            *_topics(reading, first, last),
            new_words,
            new_words / np.maximum(contents, 1) - self.new_usual,
            contents,
            capitals / length,
            odd_inside,
            (at_start & small) * self.capital_page,
            at_start & ~small,
            at_start,
            at_end,
            at_start & at_end,
            functions / length,
            unknowns / length,
            length,
            count_head,
            count_tail,
            count_before,
            count_after,
            mark_before,  # authors set off by commas what they insert themselves
            mark_after,
        ]
        rows = np.empty((len(columns), len(first)), dtype=np.float32)
        for row, column in zip(rows, columns, strict=True):
            row[:] = column
        return rows.T

    def bridges(self, first: Ints, last: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """How well the neighbours would join without the stretch: two words, three words, and both by classes."""
        reading, around = self.reading, self.around
        tables, ids, word_class = reading.tables, reading.ids, self.word_class
        before, after = ids[first - 1], ids[last]
        counts = reading.counts[first - 1], reading.counts[last]
        pair = lift(tables.pairs[pack(before, after)], *counts, tables.total)
        pair[(before == UNKNOWN) | (after == UNKNOWN)] = 0
        two_before, two_after = ids[np.maximum(first - 2, 0)], ids.take(last + 1, mode="clip")
        triple = np.maximum(
            tables.triples[pack(two_before, before, after)], tables.triples[pack(before, after, two_after)]
        )
        class_before, class_after = word_class[first - 1], word_class[last]
        class_pair = tables.arrays["class_joins"].ravel().take(class_before * self.classes + class_after)
        class_triple = np.maximum(
            self.class_triples(around[first - 1], class_before, class_after),
            self.class_triples(class_before, class_after, around[last + 2]),
        )
        return pair, np.log2(triple + 1), class_pair.astype(np.float32), class_triple

    def class_triples(self, one: Ints, two: Ints, three: Ints) -> Floats:
        """How much oftener words of these classes stand together than two of them would have it, log2."""
        table = self.reading.tables.arrays["class_triples"].ravel()
        found: Floats = table.take((one * self.classes + two) * self.classes + three).astype(np.float32)
        found /= 16
        return found


def _topics(reading: Reading, first: Ints, last: Ints) -> tuple[Floats, Floats, Floats]:
    """How near the topic of the stretch is to that of its surroundings and to that of the page; how strong it is."""
    sums = reading.topic_sums
    phrase = sums.take(last, axis=0) - sums.take(first, axis=0)
    around = sums.take(last + 15, axis=0, mode="clip") - sums.take(first - 15, axis=0, mode="clip") - phrase
    strength = _length(phrase)
    near, page = (
        np.einsum("ij,ij->i", phrase, other) / (strength * _length(other) + 1e-6)
        for other in (around, sums[-1] - phrase)
    )
    return near, page, strength


def _length(vectors: Floats) -> Floats:
    found: Floats = np.sqrt((vectors * vectors).sum(axis=1))
    return found


def _grammar(tables: Tables) -> Floats:
    """How much oftener one word class follows another in pasted phrases than in honest text, log2."""
    found: Floats = tables.arrays["anchor_grammar"].astype(np.float32)
    return found


def _log_counts(tables: Tables) -> Floats:
    """How common each word is, log2."""
    found: Floats = np.log2(tables.word_counts + 1)
    return found


def _running(x: Floats) -> Floats:
    """Sums up to each place: sums[:, j] - sums[:, i] are those of x[:, i:j]."""
    sums = np.zeros((len(x), x.shape[1] + 1), dtype=np.float32)
    sums[:, 1:] = x.cumsum(axis=1, dtype=np.float64)
    return sums


def _capitals(document: Document, reading: Reading) -> tuple[Floats, Floats]:
    """For each place: 1 where the word starts with a capital, and how often it does in honest English."""
    initials = code_points(document.text)[document.tokens.starts]
    written = np.append(_CAPITALS.take(initials, mode="clip"), False)  # the token of EDGE is -1
    for code in set(initials[initials >= len(_CAPITALS)].tolist()):
        written[:-1] |= (initials == code) & chr(code).isupper()
    table = reading.tables.arrays["capital_share"]
    usual: Floats = (table.take(reading.ids, mode="clip") / np.float32(255)).astype(np.float32)
    usual[reading.ids == UNKNOWN] = 1.0  # an unknown word with a capital is a name
    return written[reading.token].astype(np.float32), usual


MANY = 12  # spans shown
WORST = 3  # places that make the value
PIECE = 4096  # candidates measured at once, so that a long page takes no more memory than that


def measure(document: Document, tables: Tables) -> Evidence:
    """The strength of the three worst pasted phrases: log-odds above the level that honest pages reach."""
    if "anchor_w1" not in tables:
        return Evidence()
    reading = read(document, tables)
    found = candidates(document, reading)
    if not len(found.first):
        return Evidence()
    pieces = [slice(k, k + PIECE) for k in range(0, len(found.first), PIECE)]
    p = np.concatenate(
        [probability(tables, "anchor", found.measures(found.first[k], found.last[k])) for k in pieces]
    )
    strength: Floats = np.log(p / (1 - p + 1e-9)) - np.float32(tables.arrays["anchor_floor"][0])
    chosen = best_apart(found, strength)
    if not chosen:
        return Evidence()
    spans = tuple(
        document.token_span(
            int(reading.token[found.first[k]]),
            int(reading.token[found.last[k] - 1]) + 1,
            "Take these words out and the sentence reads better."
            if not _whole(reading, found, k)
            else "A line that reads like a search query or a link label, standing alone in the text.",
        )
        for k in chosen[:MANY]
    )
    return Evidence(float(sum(strength[k] for k in chosen[:WORST])), spans)


def best_apart(found: Candidates, strength: Floats) -> list[int]:
    """Candidates of positive strength that do not overlap, strongest first."""
    taken: list[tuple[int, int]] = []
    chosen: list[int] = []
    positive = np.flatnonzero(strength > 0)
    for k in positive[np.argsort(-strength[positive], kind="stable")]:
        first, last = int(found.first[k]), int(found.last[k])
        if all(last <= a or b <= first for a, b in taken):
            taken.append((first, last))
            chosen.append(int(k))
    return chosen


def _whole(reading: Reading, found: Candidates, k: int) -> bool:
    return bool(
        reading.ids[found.first[k] - 1] == EDGE and reading.ids[min(found.last[k], len(reading) - 1)] == EDGE
    )
