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

import numpy as np

from detector.document import Document
from detector.signals._network import probability
from detector.signals._reading import Ints, Reading, lift, read
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


_BREAK = re.compile(r"[()\[\]{}\"“”„«»:;/|<>•●*=\n\r]|--|—|–")


@dataclass(frozen=True)
class Candidates:
    """Stretches of the row that might be pasted: places first..last - 1, inside one sentence, and their measures."""

    first: Ints
    last: Ints
    features: Floats


def candidates(document: Document, reading: Reading) -> Candidates:
    """Every stretch of 2 to 8 words inside a sentence of body text, and whole sentences of up to 12."""
    ids = reading.ids
    n = len(ids)
    body = reading.in_body(document) & _in_long_blocks(document, reading)
    edge = np.flatnonzero(ids == EDGE)
    which = np.searchsorted(edge, np.arange(n), side="right")
    sentence_start = edge[which - 1] + 1
    sentence_end = edge[np.minimum(which, len(edge) - 1)]
    firsts, lasts = [], []
    # nothing is pasted between words that are often seen together: only loose joins can be an edge
    marked_after, broken_after = _gaps(document, reading)
    loose = np.concatenate([[True], (reading.pair_counts == 0) | (reading.pair_lift < LOOSE), [True]])
    loose[1:-1] |= (ids[:-1] < SPECIAL) | (ids[1:] < SPECIAL) | (marked_after[:-1] > 0)
    inside = np.flatnonzero(body & loose[:-1])
    for length in range(SHORTEST, LONGEST + 1):
        first = inside[inside + length <= sentence_end[inside]]
        first = first[loose[first + length]]
        firsts.append(first)
        lasts.append(first + length)
    starts = np.unique(sentence_start[inside]) if len(inside) else np.zeros(0, dtype=np.int64)
    long = starts[(sentence_end[starts] - starts > LONGEST) & (sentence_end[starts] - starts <= WHOLE)]
    firsts.append(long)
    lasts.append(sentence_end[long])
    first, last = np.concatenate(firsts), np.concatenate(lasts)
    broken = _running(broken_after)
    unbroken = broken[last - 1] == broken[first]
    first, last = first[unbroken], last[unbroken]
    # a stretch is the whole line of a paragraph, or leaves enough of a sentence around it to be judged by
    whole = sentence_end[first] - sentence_start[first]
    kept = ((last - first == whole) & _alone(document, reading, first)) | (whole >= last - first + REST)
    first, last = first[kept], last[kept]
    return Candidates(
        first, last, _features(document, reading, first, last, sentence_start, sentence_end, marked_after)
    )


def _in_long_blocks(document: Document, reading: Reading) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Leaves out short list items: labels and instructions by nature."""
    ranges = document.block_tokens
    long = np.array(
        [
            b.kind != "list_item" or (k in ranges and ranges[k][1] - ranges[k][0] >= LIST_ITEM)
            for k, b in enumerate(document.blocks)
        ]
        or [True]
    )
    owner = np.array(document.tokens.block or [0], dtype=np.int64)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = long[owner[np.maximum(reading.token, 0)]]
    return found


def _gaps(document: Document, reading: Reading) -> tuple[Floats, Floats]:
    """For each place of the row: whether anything but a space follows the word, and whether that is a bracket, quote,
    slash, bullet or line break, across which no phrase is pasted.
    """
    text, start, end = document.text, document.tokens.start, document.tokens.end
    between = [text[e:s] for e, s in zip(end, start[1:], strict=False)]
    marked = np.array([gap != " " for gap in between] + [True], dtype=np.float32)
    broken = np.array(
        [gap != " " and _BREAK.search(gap) is not None for gap in between] + [False], dtype=np.float32
    )
    at = np.maximum(reading.token, 0)
    is_word = reading.token >= 0
    if not len(start):
        return np.ones(len(at), dtype=np.float32), np.zeros(len(at), dtype=np.float32)
    return np.where(is_word, marked[at], 1), np.where(is_word, broken[at], 0)


def _alone(document: Document, reading: Reading, first: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the sentence is a paragraph of its own (not a list item: those are labels by nature)."""
    single = np.array(
        [
            b.kind == "paragraph" and k in document.block_tokens and _one_sentence(document, k)
            for k, b in enumerate(document.blocks)
        ]
        or [False]
    )
    owner = np.array(document.tokens.block or [0], dtype=np.int64)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = single[owner[np.maximum(reading.token[first], 0)]]
    return found


def _one_sentence(document: Document, block: int) -> bool:
    first, last = document.block_tokens[block]
    at = document.blocks[block]
    return last - first <= WHOLE and not _ADDRESS.search(document.text, at.start, at.end)


def _features(
    document: Document,
    reading: Reading,
    first: Ints,
    last: Ints,
    sentence_start: Ints,
    sentence_end: Ints,
    marked_after: Floats,
) -> Floats:
    tables, ids, total = reading.tables, reading.ids, reading.tables.total
    a = tables.arrays
    n = len(ids)
    before, after, head, tail = ids[first - 1], ids[np.minimum(last, n - 1)], ids[first], ids[last - 1]
    length = (last - first).astype(np.float32)
    counts = tables.word_counts
    # how well the edges join, and how well the neighbours would join without the stretch
    left = np.where((before == UNKNOWN) | (head == UNKNOWN), 0, reading.pair_lift[first - 1])
    right = np.where(
        (tail == UNKNOWN) | (after == UNKNOWN), 0, reading.pair_lift[np.minimum(last - 1, n - 2)]
    )
    bridge = np.where(
        (before == UNKNOWN) | (after == UNKNOWN),
        0,
        lift(tables.pairs[pack(before, after)], counts[before], counts[after], total),
    )
    pair_sums = _running(reading.pair_lift)
    inner = (pair_sums[last - 1] - pair_sums[first]) / np.maximum(length - 1, 1)
    triples = np.log2(np.concatenate([reading.triple_counts, np.zeros(3, dtype=np.float32)]) + 1)
    # the same by word classes, which hold where the words themselves were never counted together
    word_class = a["classes"][np.minimum(ids, len(a["classes"]) - 1)].astype(np.int64)
    joins = a["class_joins"].astype(np.float32)
    class_before, class_after = word_class[first - 1], word_class[np.minimum(last, n - 1)]
    class_head, class_tail = word_class[first], word_class[last - 1]
    class_left, class_right = joins[class_before, class_head], joins[class_tail, class_after]
    class_bridge = joins[class_before, class_after]
    class_inner_sums = _running(joins[word_class[:-1], word_class[1:]])
    class_inner = (class_inner_sums[last - 1] - class_inner_sums[first]) / np.maximum(length - 1, 1)
    deep = a["class_triples"]
    two_before = word_class[np.maximum(first - 2, 0)]
    two_after = word_class[np.minimum(last + 1, n - 1)]
    class_left_deep = deep[two_before, class_before, class_head].astype(np.float32) / 16
    class_right_deep = deep[class_tail, class_after, two_after].astype(np.float32) / 16
    class_bridge_deep = (
        np.maximum(
            deep[two_before, class_before, class_after], deep[class_before, class_after, two_after]
        ).astype(np.float32)
        / 16
    )
    second, before_tail = word_class[np.minimum(first + 1, n - 1)], word_class[last - 2]
    class_head_deep = deep[class_before, class_head, second].astype(np.float32) / 16
    class_tail_deep = deep[before_tail, class_tail, class_after].astype(np.float32) / 16
    two_left, two_right = ids[np.maximum(first - 2, 0)], ids[np.minimum(last + 1, n - 1)]
    bridge_deep = np.log2(
        np.maximum(
            tables.triples[pack(two_left, before, after)], tables.triples[pack(before, after, two_right)]
        )
        + 1
    )
    sentence_first, sentence_last = sentence_start[first], sentence_end[first]
    outside = (
        pair_sums[sentence_last - 1] - pair_sums[sentence_first] - (pair_sums[last - 1] - pair_sums[first])
    )
    rest_lift = outside / np.maximum(sentence_last - sentence_first - length, 1)
    # what the phrase is: words that sellers paste rather than authors write
    shape = a["anchor_bits"][np.minimum(ids, len(a["anchor_bits"]) - 1)].astype(np.float32)
    shape_sums = _running(shape)
    shape_mean = (shape_sums[last] - shape_sums[first]) / length
    shape_edges = a["anchor_heads"][np.minimum(head, len(a["anchor_heads"]) - 1)].astype(np.float32)
    shape_tails = a["anchor_tails"][np.minimum(tail, len(a["anchor_tails"]) - 1)].astype(np.float32)
    grammar = a["anchor_grammar"].astype(np.float32)
    grammar_sums = _running(grammar[word_class[:-1], word_class[1:]])
    grammar_inner = grammar_sums[last - 1] - grammar_sums[first]
    grammar_head = grammar[2, class_head]
    around_words = np.minimum(sentence_end[first] - sentence_start[first] - length, 30)
    rest = shape_sums[sentence_end[first]] - shape_sums[sentence_start[first]] - shape_mean * length
    shape_rest = rest / np.maximum(around_words, 1)
    # whether it leaves the topic of its surroundings
    sums = reading.topic_sums
    phrase = sums[last] - sums[first]
    near_topic = _cosine(phrase, sums[np.minimum(last + 15, n)] - sums[np.maximum(first - 15, 0)] - phrase)
    page_topic = _cosine(phrase, sums[-1][None, :] - phrase)
    coherence = np.linalg.norm(phrase, axis=1)
    content = (ids >= CONTENT) | (ids == UNKNOWN)
    content_sums = _running(content.astype(np.float32))
    contents = np.maximum(content_sums[last] - content_sums[first], 0)
    new_sums = _running((content & (reading.elsewhere == 0)).astype(np.float32))
    new_words = new_sums[last] - new_sums[first]
    new_usual = float((content & (reading.elsewhere == 0)).sum()) / max(1.0, float(content.sum()))
    # how it is written
    capital, usual = _capitals(document, reading)
    odd = (capital - usual) * (reading.token >= 0)
    at_start = first == sentence_start[first]
    odd_sums = _running(np.maximum(odd, 0))
    odd_inside = odd_sums[last] - odd_sums[np.minimum(first + at_start, last)]
    capital_sums = _running(capital)
    capital_share = (capital_sums[last] - capital_sums[first]) / length
    lower_start = at_start & (capital[first] == 0)
    sentence_heads = np.flatnonzero(ids[:-1] == EDGE) + 1
    capital_page = float(capital[sentence_heads[sentence_heads < n]].mean()) if len(sentence_heads) else 1.0
    at_end = last == sentence_end[first]
    function = (ids >= SPECIAL) & (ids < 60)
    function_sums = _running(function.astype(np.float32))
    function_share = (function_sums[last] - function_sums[first]) / length
    unknown_sums = _running((ids == UNKNOWN).astype(np.float32))
    # authors set off by commas what they insert themselves
    mark_before, mark_after = marked_after[first - 1], marked_after[last - 1]
    columns = [
        left,
        right,
        bridge,
        np.minimum(left, right),
        bridge - np.maximum(left, right),
        inner,
        triples[np.maximum(first - 2, 0)],
        triples[first - 1],
        triples[last - 2],
        triples[np.minimum(last - 1, n - 1)],
        class_left,
        class_right,
        class_bridge,
        class_bridge - np.minimum(class_left, class_right),
        class_inner,
        class_left_deep,
        class_right_deep,
        class_bridge_deep,
        class_head_deep,
        class_tail_deep,
        bridge_deep,
        rest_lift,
        np.minimum(left, right) - rest_lift,
        grammar_inner,
        grammar_inner / np.maximum(length - 1, 1),
        grammar_head,
        shape_mean,
        shape_edges,
        shape_tails,
        shape_rest,
        shape_mean * length,
        near_topic,
        page_topic,
        coherence,
        new_words,
        new_words / np.maximum(contents, 1) - new_usual,
        contents,
        capital_share,
        odd_inside,
        lower_start * capital_page,
        (capital[first] > 0) & at_start,
        at_start,
        at_end,
        at_start & at_end,
        function_share,
        (unknown_sums[last] - unknown_sums[first]) / length,
        length,
        np.log2(counts[head] + 1),
        np.log2(counts[tail] + 1),
        np.log2(counts[before] + 1),
        np.log2(counts[after] + 1),
        mark_before,
        mark_after,
    ]
    return np.stack([np.asarray(c, dtype=np.float32) for c in columns], axis=1)


def _cosine(a: Floats, b: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->i", a, b) / (
        np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1) + 1e-6
    )
    return found


def _running(x: Floats) -> Floats:
    """Sums up to each place: sums[j] - sums[i] is the sum of x[i:j]."""
    return np.concatenate([[0.0], np.cumsum(x, dtype=np.float64)]).astype(np.float32)


def _capitals(document: Document, reading: Reading) -> tuple[Floats, Floats]:
    """For each place: 1 where the word starts with a capital, and how often it does in honest English."""
    text, start = document.text, document.tokens.start
    written = np.array([text[s].isupper() for s in start] or [False], dtype=np.float32)
    capital: Floats = np.where(reading.token >= 0, written[np.maximum(reading.token, 0)], 0).astype(
        np.float32
    )
    table = reading.tables.arrays["capital_share"]
    usual: Floats = (table[np.minimum(reading.ids, len(table) - 1)] / np.float32(255)).astype(np.float32)
    usual[reading.ids == UNKNOWN] = 1.0  # an unknown word with a capital is a name
    return capital, usual


MANY = 12  # spans shown
WORST = 3  # places that make the value


def measure(document: Document, tables: Tables) -> Evidence:
    """The strength of the three worst pasted phrases: log-odds above the level that honest pages reach."""
    if "anchor_w1" not in tables:
        return Evidence()
    reading = read(document, tables)
    found = candidates(document, reading)
    if not len(found.first):
        return Evidence()
    p = probability(tables, "anchor", found.features)
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
