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
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from detector.document import Document, code_points
from detector.signals._network import probability
from detector.signals._reading import Bools, Ints, Reading, lift, read
from detector.tables import EDGE, SPECIAL, UNKNOWN, Array, Floats, Tables, pack
from detector.verdict import Evidence

KIND = "place"
SAYS = "A link phrase or search query is pasted into the text where it does not fit."

TABLES = (
    "word_counts", "pairs", "triples", "topics", "classes", "class_joins", "class_triples", "class_share",
    "capital_share", "anchor_bits", "anchor_screen", "anchor_w1",
)  # fmt: skip

SHORTEST, LONGEST = 2, 8  # words of a phrase inside a sentence
WHOLE = 12  # words of a phrase that is a paragraph of its own
LOOSE = 1.0  # log2 lift below which two neighbours may have been put together by somebody else
LIST_ITEM = 14  # words of the shortest list item that is read as prose
CONTENT = 100  # ids from here on are content words, roughly
REST = 4  # words of a sentence that must be left without the phrase
BESIDE = 15  # words to each side that make the surroundings of a phrase
MARGIN = WHOLE + BESIDE + 1  # places to each side of a piece that are looked at with it
FUNCTION = 60  # ids below this are function words
LENGTHS = np.arange(SHORTEST, LONGEST + 1)
PIECE = 4096  # places looked at together: what is measured of them stays in the cache, however long the page


# A line with a web address, a path or an e-mail address is a reference or a credit.
_ADDRESS = re.compile(r"\w\.(?:com|org|net|edu|gov|co|io|uk|us|au|info|example)\b|[/@]")


# Brackets, quotes, slashes, bullets and line breaks, across which no phrase is pasted; two hyphens are a dash too.
_BREAKS = '()[]{}"“”„«»:;/|<>•●*=\n\r—–'
_BREAKING = np.isin(np.arange(ord(max(_BREAKS)) + 2), [ord(mark) for mark in _BREAKS])
_CAPITALS = np.array([chr(code).isupper() for code in range(0x530)] + [False])


@dataclass(frozen=True)
class Candidates:
    """Stretches that might be pasted: places first..last - 1, inside one sentence; a row of measures for each."""

    first: Ints
    last: Ints
    features: Floats


def candidates(document: Document, reading: Reading) -> Candidates:
    """Every stretch of 2 to 8 words inside a sentence of body text, and whole sentences of up to 12."""
    found = list(stretches(document, reading))
    return Candidates(
        np.concatenate([part.first for part in found]),
        np.concatenate([part.last for part in found]),
        np.concatenate([part.features for part in found]),
    )


def stretches(document: Document, reading: Reading, *, screened: bool = False) -> Iterator[Candidates]:
    """All candidates piece by piece; screened: only those that the network need be asked about."""
    page = Page(document, reading)
    for low in range(0, len(reading), PIECE):
        piece = Piece(page, low)
        first, last = piece.stretches(screened=screened)
        if len(first) or not screened:
            yield Candidates(first + piece.offset, last + piece.offset, piece.measures(first, last))


def _blocks(document: Document, reading: Reading) -> tuple[Bools, Bools]:
    """For each place of the row: whether it stands in body text other than short list items, which are labels and
    instructions by nature; and whether in a paragraph as short as a line, without an address.
    """
    flags = np.zeros((2, max(1, len(document.blocks))), dtype=bool)
    flags[0, : len(document.body)] = document.body
    size = np.bincount(document.tokens.blocks, minlength=flags.shape[1])
    for k in (flags[0] & (size < LIST_ITEM)).nonzero()[0].tolist():
        block = document.blocks[k]
        if block.kind == "list_item":
            flags[0, k] = False
        elif block.kind == "paragraph" and size[k] <= WHOLE:
            flags[1, k] = not _ADDRESS.search(document.text, block.start, block.end)
    body, alone = flags.take(reading.block, axis=1) & (reading.token >= 0)
    return body, alone


def _written(document: Document, reading: Reading) -> tuple[Bools, Bools, Bools]:
    """For each place of the row: whether anything but a space follows the word, whether no phrase reaches across what
    follows, whether the word starts with a capital.

    EDGE, whose token is -1, is taken for the last word as to what follows: no space.
    """
    codes, starts, ends = code_points(document.text), document.tokens.starts, document.tokens.ends
    breaking = _BREAKING.take(codes, mode="clip")
    if "--" in document.text:
        breaking[:-1] |= (codes[:-1] == ord("-")) & (codes[1:] == ord("-"))
    breaks = breaking.nonzero()[0]
    marked, broken = np.ones((2, max(1, len(starts))), dtype=bool)
    marked[:-1] = (starts[1:] != ends[:-1] + 1) | (codes[ends[:-1]] != ord(" "))
    gaps = marked[:-1].nonzero()[0]
    broken[:] = False
    broken[gaps] = breaks.searchsorted(ends[gaps]) < breaks.searchsorted(starts[gaps + 1])
    initials = codes[starts]
    capital = np.append(_CAPITALS.take(initials, mode="clip"), False)  # of EDGE
    for code in set(initials[initials >= len(_CAPITALS)].tolist()):
        capital[:-1] |= (initials == code) & chr(code).isupper()
    return marked.take(reading.token), broken.take(reading.token), capital.take(reading.token)


class Page:
    """What is known of each place and each sentence of a page, and what is usual on it."""

    def __init__(self, document: Document, reading: Reading) -> None:
        self.reading = reading
        ids, tables = reading.ids, reading.tables
        self.body, self.alone = _blocks(document, reading)
        self.marked, self.broken, self.capital = _written(document, reading)
        self.edge = ids == EDGE
        # what the words are: those that sellers paste rather than authors write, new ones, names
        self.of_words = np.ascontiguousarray(tables.once(_of_words).take(ids, axis=0).T)
        shape, content, function, unknown, usual = self.of_words[3:]
        new = content * (reading.elsewhere == 0)
        self.new_usual = float(new.sum()) / max(1.0, float(content.sum()))
        odd = np.maximum(self.capital - usual, 0)
        self.words = np.array([shape, content, new, self.capital, function, unknown, odd])
        # sentence k stands between edges[k] and edges[k + 1]
        edges = self.edge.nonzero()[0]
        self.sentence = self.edge.cumsum() - 1
        self.start, self.size = edges + 1, np.zeros_like(edges)
        self.size[:-1] = edges[1:] - self.start[:-1]
        heads = self.start[:-1]
        self.capital_page = float(self.capital[heads].mean()) if len(heads) else 1.0
        self.shape, self.lift = np.zeros((2, len(edges)), dtype=np.float32)
        if len(heads):
            self.shape[:-1] = np.add.reduceat(shape, heads) - shape[edges[1:]]
            lift = reading.pair_lift
            self.lift[:-1] = np.add.reduceat(lift, edges[:-1]) - lift[edges[:-1]] - lift[edges[1:] - 1]
        self.topic = reading.topic_sums[-1] if len(ids) <= PIECE else _topic(reading)


def _of_words(tables: Tables) -> Floats:
    """A row for each word id: how common it is, log2; how much oftener it stands at the head, at the tail and anywhere
    in pasted phrases than in honest text, log2; whether it is a content word, a function word, unknown; how often it
    starts with a capital.
    """
    a, ids = tables.arrays, np.arange(len(tables.word_counts))
    unknown = ids == UNKNOWN
    usual = a["capital_share"].take(ids, mode="clip") / np.float32(255)
    usual[UNKNOWN] = 1.0  # an unknown word with a capital is a name
    columns = [
        np.log2(tables.word_counts + 1),
        *(a[name].take(ids, mode="clip") for name in ("anchor_heads", "anchor_tails", "anchor_bits")),
        (ids >= CONTENT) | unknown,
        (ids >= SPECIAL) & (ids < FUNCTION),
        unknown,
        usual,
    ]
    return np.stack(columns, axis=1, dtype=np.float32, casting="unsafe")


def _joins(tables: Tables) -> Floats:
    """A row for each pair of word classes: how much oftener than by chance they stand together, in honest text and
    beyond that in pasted phrases, log2.
    """
    pairs = [tables.arrays[name].ravel() for name in ("class_joins", "anchor_grammar")]
    return np.stack(pairs, axis=1, dtype=np.float32)


def _topic(reading: Reading) -> Floats:
    """The topic of a long page: the sum over its words, each as often as it stands there."""
    times = np.bincount(reading.ids)
    words = times.nonzero()[0]
    found: Floats = times[words] @ Reading(reading.tables, words.astype(np.int32), words, words).topics
    return found


class Piece:
    """The stretches that begin at PIECE places of a page, and what is measured of them.

    Places are counted from `offset`: there is a margin to both sides. at: what is known of the cut before each place,
    found once for all stretches that begin or end there: how well it joins (rows 0 to 8), 1, sums up to it (10 to 22),
    the word after it as the head of a phrase (23 to 26), the word before it as the tail (27 and 28).
    """

    def __init__(self, page: Page, low: int) -> None:
        reading, a = page.reading, page.reading.tables.arrays
        self.offset = begin = max(0, low - MARGIN)
        self.low, self.high = low - begin, low - begin + PIECE
        self.page, self.here = page, slice(begin, low + PIECE + MARGIN)
        here = self.here
        self.ids, self.counts = reading.ids[here], reading.counts[here]
        self.edge, self.sentence, self.capital = page.edge[here], page.sentence[here], page.capital[here]
        n, unknown = len(self.ids), self.ids == UNKNOWN
        self.pair_lift = reading.pair_lift[here][: n - 1]
        # how well words join at a cut; the same by word classes, which hold where the words themselves were never
        # counted together
        word_class = a["classes"].take(self.ids, mode="clip").astype(np.int64)
        self.word_class, self.classes = word_class, len(a["class_joins"])
        around = np.concatenate([word_class[:1], word_class, word_class[-1:]])
        class_triple = self.class_triples(around[:-2], word_class, around[2:])
        triples = np.log2(reading.triple_counts[here][: n - 2] + 1)
        log_counts, heads, tails = page.of_words[:3, here]
        joins = np.empty((3, n - 1), dtype=np.float32)
        joins[0] = self.pair_lift
        class_pair = word_class[:-1] * self.classes + word_class[1:]
        self.joins = reading.tables.once(_joins)
        joins[1:] = self.joins.take(class_pair, axis=0).T
        # of a long page anew for each piece, of others for all signals together
        if len(reading) > PIECE:
            reading = Reading(reading.tables, self.ids, reading.token[here], reading.block[here])
        self.topic_sums = reading.topic_sums
        # the longest stretches may be asked for beyond the last place
        self.at = at = np.zeros((29, n + LONGEST), dtype=np.float32)
        at[0, 1:n] = joins[0] * ~(unknown[:-1] | unknown[1:])
        at[1, 2:n], at[2, 1 : n - 1] = triples, triples
        at[3, 1:n] = joins[1]
        at[4, 1:n], at[5, :n] = class_triple[:-1], class_triple
        at[6, 1:n], at[7, :n] = log_counts[:-1], log_counts
        at[8, 1:n] = page.marked[here][:-1]
        at[9] = 1
        # what the words are; what holds words together, up to the word after the cut and up to the one before it
        np.cumsum(page.words[:, here][:, :-1], axis=1, out=at[10:17, 1:n])
        np.cumsum(joins, axis=1, out=at[17:20, 1:n])
        at[20:23, 1:n] = at[17:20, : n - 1]
        opens = self.edge[:-1]
        at[23, :n], at[24, :n] = heads, self.joins[2 * self.classes :].take(word_class, axis=0)[:, 1]
        at[25, 1:n], at[26, 1:n] = (opens & ~self.capital[1:]) * page.capital_page, opens & self.capital[1:]
        at[27, 1:n], at[28, :n] = tails[:-1], self.edge

    def stretches(self, *, screened: bool) -> tuple[Ints, Ints]:
        """The first place of each candidate and the one after its last."""
        page, here, n = self.page, self.here, len(self.ids)
        place = np.arange(n)
        # nothing is pasted between words that are often seen together: only loose joins can be an edge
        special = self.ids < SPECIAL
        loose = np.ones(n + LONGEST, dtype=bool)
        loose[1:n] = (page.reading.pair_counts[here][: n - 1] == 0) | (self.pair_lift < LOOSE)
        loose[1:n] |= special[:-1] | special[1:] | page.marked[here][:-1]
        inside = page.body[here] & loose[:n]
        inside[: self.low] = inside[self.high :] = False
        stop = np.where(page.broken[here], place + 1, np.where(self.edge, place, n))
        words = np.minimum.accumulate(stop[::-1])[::-1] - place  # that can be had without a break
        size = page.size.take(self.sentence)
        # a stretch leaves enough of a sentence around it to be judged by, or is the whole line of a paragraph
        room = np.minimum(words, size - REST) * inside
        fits = (room >= LENGTHS[:, None]) & _at_last(np.broadcast_to(loose, (len(LENGTHS), len(loose))))
        heads = self.edge[:-1].nonzero()[0] + 1
        heads = heads[page.alone[here][heads] & inside[heads]]
        lines = heads[(words[heads] == size[heads]) & (size[heads] >= SHORTEST)]
        long = size[lines] > LONGEST
        fits[size[lines[~long]] - SHORTEST, lines[~long]] = True
        if screened:
            begins, ends = page.reading.tables.arrays["anchor_screen"] @ self.at
            fits &= begins[:, :n] + _at_last(ends) > 0
        length, first = fits.nonzero()
        last = first + length + SHORTEST
        lines = lines[long]
        return np.concatenate([first, lines]), np.concatenate([last, lines + size[lines]])

    def measures(self, first: Ints, last: Ints) -> Floats:
        """A row of measures for each stretch first..last - 1."""
        page = self.page
        length = (last - first).astype(np.float32)
        joined = np.maximum(length - 1, 1)
        sentence = self.sentence[first]
        beside = page.size[sentence] - length
        at_first, at_last = self.at.take(first, axis=1), self.at.take(last, axis=1)
        left, left_1, left_2, class_left, class_left_1, class_left_2 = at_first[:6]
        count_before, count_head, mark_before = at_first[6:9]
        right, right_1, right_2, class_right, class_right_1, class_right_2 = at_last[:6]
        count_tail, count_after, mark_after = at_last[6:9]
        least = np.minimum(left, right)
        bridge, bridge_deep, class_bridge, class_bridge_deep = self.bridges(first, last)
        inner, class_inner, grammar_inner = at_last[20:23] - at_first[17:20]
        head, grammar_head, small_start, capital_start = at_first[23:27]
        tail = at_last[27]
        rest_lift = (page.lift[sentence] - inner) / np.maximum(beside, 1)
        shape, contents, new_words, capitals, functions, unknowns = at_last[10:16] - at_first[10:16]
        shape_mean = shape / length
        shape_rest = (page.shape[sentence] - shape) / np.maximum(np.minimum(beside, 30), 1)
        at_start, at_end = self.edge[first - 1], self.edge[last]
        odd_inside = at_last[16] - self.at[16, first + at_start]
        columns = [
            left,
            right,
            bridge,
            least,
            bridge - np.maximum(left, right),
            inner / joined,
            left_1,
            left_2,
            right_1,
            right_2,
            class_left,
            class_right,
            class_bridge,
            class_bridge - np.minimum(class_left, class_right),
            class_inner / joined,
            class_left_1,
            class_right_2,
            class_bridge_deep,
            class_left_2,
            class_right_1,
            bridge_deep,
            rest_lift,
            least - rest_lift,
            grammar_inner,
            grammar_inner / joined,
            grammar_head,
            shape_mean,
            head,
            tail,
            shape_rest,
            shape,
            *self.topics(first, last),
            new_words,
            new_words / np.maximum(contents, 1) - page.new_usual,
            contents,
            capitals / length,
            odd_inside,
            small_start,
            capital_start,
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
        tables = self.page.reading.tables
        # two places to each side
        beside = np.array(
            [np.maximum(first - 2, 0), first - 1, last, np.minimum(last + 1, len(self.ids) - 1)]
        )
        ids, classes = self.ids.take(beside), self.word_class.take(beside)
        before, after = self.counts.take(beside[1:3])
        pair = lift(tables.pairs[pack(ids[1], ids[2])], before, after, tables.total)
        pair *= (ids[1:3] != UNKNOWN).all(axis=0)
        triple = tables.triples[pack(ids[:2], ids[1:3], ids[2:])].max(axis=0)
        class_pair = self.joins.take(classes[1] * self.classes + classes[2], axis=0)[:, 0]
        class_triple = self.class_triples(classes[:2], classes[1:3], classes[2:]).max(axis=0)
        return pair, np.log2(triple + 1), class_pair, class_triple

    def class_triples(self, one: Ints, two: Ints, three: Ints) -> Floats:
        """How much oftener words of these classes stand together than two of them would have it, log2."""
        table = self.page.reading.tables.arrays["class_triples"].ravel()
        found: Floats = table.take((one * self.classes + two) * self.classes + three).astype(np.float32)
        found /= 16
        return found

    def topics(self, first: Ints, last: Ints) -> tuple[Floats, Floats, Floats]:
        """How near the topic of the stretch is to that of its surroundings and to the page's; how strong it is."""
        sums = self.topic_sums
        phrase = sums.take(last, axis=0) - sums.take(first, axis=0)
        around = sums.take(last + BESIDE, axis=0, mode="clip") - sums.take(
            first - BESIDE, axis=0, mode="clip"
        )
        strength = _length(phrase)
        near, page = (
            np.einsum("ij,ij->i", phrase, other) / (strength * _length(other) + 1e-6)
            for other in (around - phrase, self.page.topic - phrase)
        )
        return near, page, strength


def at_cuts(rows: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Of rows of measures the length, and what they hold of `Piece.at`: at the first cut (its rows 0 to 8, 23 to 26),
    at the last (0 to 8, 27, 28), and the differences of the sums between them.
    """
    first = rows[:, [0, 6, 7, 10, 15, 18, 49, 47, 51, 27, 25, 39, 40]]
    last = rows[:, [1, 8, 9, 11, 19, 16, 48, 50, 52, 28, 42]]
    sums, length = rows[:, [30, 36, 34, 37, 44, 45, 5, 14, 23]], rows[:, [46]]
    sums[:, 3:6] *= length
    sums[:, 6:8] *= length - 1
    return length, first, last, sums


def screen(first: Floats, last: Floats, between: Floats, bias: Floats) -> Floats:
    """The table `anchor_screen` of weights for what `at_cuts` tells, a row for each of LENGTHS: a stretch passes if its
    first cut and its last come to more than 0 together.

    It is the first stage of a cascade (Viola and Jones, CVPR 2001). Of the stretches of pages that it was not fitted
    on one in 27 passes; of 656 phrases that are seen without it four are lost.
    """
    table = np.zeros((2, len(LENGTHS), 29), dtype=np.float32)
    table[0, :, :9], table[0, :, 23:27], table[0, :, 9] = first[:9], first[9:], bias
    table[1, :, :9], table[1, :, 27:] = last[:9], last[9:]
    table[0, :, 10:16], table[1, :, 10:16] = -between[:, :6], between[:, :6]
    table[0, :, 17:20], table[1, :, 20:23] = -between[:, 6:], between[:, 6:]
    return table


def _at_last(of_cut: Array) -> Array:
    """What is known of each cut, by the first place of the stretches that end there: a row for each of LENGTHS."""
    down, right = of_cut.strides
    shape = len(LENGTHS), of_cut.shape[1] - LONGEST
    return as_strided(of_cut[:, SHORTEST:], shape, (down + right, right), writeable=False)


def _length(vectors: Floats) -> Floats:
    found: Floats = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return found


MANY = 12  # spans shown
WORST = 3  # places that make the value


def measure(document: Document, tables: Tables) -> Evidence:
    """The strength of the three worst pasted phrases: log-odds above the level that honest pages reach."""
    if "anchor_screen" not in tables:
        return Evidence()
    reading = read(document, tables)
    found: list[tuple[float, int, int]] = []
    for part in stretches(document, reading, screened=True):
        p = probability(tables, "anchor", part.features)
        strength = np.log(p / (1 - p + 1e-9)) - np.float32(tables.arrays["anchor_floor"][0])
        seen = strength > 0
        found += zip(*(x[seen].tolist() for x in (strength, part.first, part.last)), strict=True)
    chosen = best_apart(found)
    spans = tuple(
        document.token_span(
            int(reading.token[first]),
            int(reading.token[last - 1]) + 1,
            "A line that reads like a search query or a link label, standing alone in the text."
            if reading.ids[first - 1] == EDGE == reading.ids[last]
            else "Take these words out and the sentence reads better.",
        )
        for _, first, last in chosen
    )
    return Evidence(sum(strength for strength, *_ in chosen[:WORST]), spans)


def best_apart(found: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """The strongest stretches that do not overlap: strength, first, last."""
    chosen: list[tuple[float, int, int]] = []
    for stretch in sorted(found, key=lambda stretch: -stretch[0]):
        _, first, last = stretch
        if all(last <= a or b <= first for _, a, b in chosen):
            chosen.append(stretch)
            if len(chosen) == MANY:
                break
    return chosen
