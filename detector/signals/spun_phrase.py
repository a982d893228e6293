"""A wrong word in a place where honest English has another one: what synonym spinners leave behind.

Why it matters
    Spinners swap words for synonyms so that a copied article passes for a new one; what they cannot keep is which
    words stand together. In research papers such "tortured phrases" have exposed thousands of fakes (Cabanac, Labbé
    and Magazinov, "Tortured phrases", arXiv 2107.06751, 2021). That a word is rare in its place proves nothing:
    honest specialists and learners of English write rare pairs all the time. The contrast does: a near synonym would
    be at home between the same neighbours, and this word is not.

Fires on
    Pages with many such places. For each word in its place a table of thesaurus and distributional neighbours says
    which words may have stood there; how likely these are, against the word that stands there, is read from counts of
    words, of pairs and triples and of word classes, from what usually stands beside what, and from the topic around
    (a likelihood ratio, weighed by a small network that was trained on honest text spun by unlike spinners). A second
    one reads the whole page: pages far from plain health English are improbable everywhere, with or without a spinner.
    Marked are the places that are most likely swapped, with the usual word where one is known.

Quiet on
    Plain, clumsy and non-native English, technical vocabulary, words that the page repeats because they are its
    subject, headings, lists of short items, names.

Blind spots
    Fixed expressions replaced by other fixed expressions word by word correct; spinners that exchange a word in a
    hundred, or only by words that are used alike; fields whose vocabulary plain health English does not have.
"""

from __future__ import annotations

import numpy as np

from detector.document import Document
from detector.signals._network import probability
from detector.signals._reading import Bools, Ints, Reading, lift, read, topic_vectors
from detector.tables import EDGE, SPECIAL, UNKNOWN, Floats, Tables, pack
from detector.verdict import Evidence

KIND = "habit"
SAYS = "Words stand where honest English has others: the text reads as if a program had swapped synonyms."

TABLES = (
    "word_counts", "pairs", "triples", "stand_ins", "stand_in_spread", "stand_in_prior", "place_words",
    "place_contexts", "topics", "classes", "class_joins", "class_triples", "spun_w1", "spun_page_w1",
)  # fmt: skip

COMMON = 90  # ids below this are function words and the like; spinners leave them alone


SENTENCE = 6  # words of the shortest sentence that gives enough context
OFTEN = 2  # occurrences from which a word is the page's own subject, however odd


def places(document: Document, reading: Reading) -> Ints:
    """The places of the row worth asking about: content words of body sentences, numbers aside.

    A word that comes back again and again is what the page is about: only its first OFTEN places are asked.
    """
    ids = reading.ids
    edge = np.flatnonzero(ids == EDGE)
    length = np.diff(edge, append=len(ids)) - 1
    long = np.repeat(length >= SENTENCE, np.diff(edge, append=len(ids)))
    # a word that honest English has between the very same neighbours is in its place
    known = (
        np.concatenate([[False], reading.triple_counts > 0, [False]])
        if len(ids) > 2
        else np.zeros(len(ids), bool)
    )
    asked = ~known & (
        ((ids >= COMMON) | (ids == UNKNOWN)) & long & reading.in_body(document) & (reading.earlier < OFTEN)
    )
    found: Ints = np.flatnonzero(asked)
    return found


FINALISTS = 4  # stand-ins of a place that are looked at closely


def features(reading: Reading, at: Ints) -> tuple[Floats, Ints]:
    """One row of measures for each place, and the word that would fit there best (its id, 0 where none does better)."""
    tables, ids, total = reading.tables, reading.ids, reading.tables.total
    a, counts, last = tables.arrays, tables.word_counts, len(ids) - 1
    word, left, right = ids[at], ids[at - 1], ids[at + 1]
    before, after = ids[np.maximum(at - 2, 0)], ids[np.minimum(at + 2, last)]
    usual = np.log2(counts[word] + 1)
    # the word that stands there
    lift_left = np.where((word == UNKNOWN) | (left == UNKNOWN), 0, reading.pair_lift[at - 1])
    lift_right = np.where((word == UNKNOWN) | (right == UNKNOWN), 0, reading.pair_lift[at])
    triples = np.concatenate([reading.triple_counts, np.zeros(3, dtype=np.float32)])
    triple_left = _bits(np.where(at >= 2, triples[np.maximum(at - 2, 0)], 0))
    triple_mid = _bits(triples[at - 1])
    triple_right = _bits(np.where(at + 2 <= last, triples[at], 0))
    word_score = lift_left + lift_right + usual
    word_triples = 0.5 * (triple_mid + 0.5 * triple_left + 0.5 * triple_right + 2)
    # the words that may have stood there: how likely each is between these neighbours, and to be swapped for this one
    inventory, spread = a["stand_ins"], a["stand_in_spread"]
    known = np.minimum(word, len(inventory) - 1)
    other = inventory[known].astype(np.int32)
    none = other < SPECIAL
    count_other = counts[other]
    pairs_left, pairs_right = (
        tables.pairs[pack(left[:, None], other)],
        tables.pairs[pack(other, right[:, None])],
    )
    other_left = np.where(
        (left == UNKNOWN)[:, None], 0, lift(pairs_left, counts[left][:, None], count_other, total)
    )
    other_right = np.where(
        (right == UNKNOWN)[:, None], 0, lift(pairs_right, counts[right][:, None], count_other, total)
    )
    scores = np.where(none, -30, other_left + other_right + np.log2(count_other + 1) - spread[other])
    # the likeliest few, by longer stretches too
    row = np.arange(len(at))
    top = np.argpartition(-scores, FINALISTS - 1, axis=1)[:, :FINALISTS]
    finalist = other[row[:, None], top]
    their_left = _bits(tables.triples[pack(before[:, None], left[:, None], finalist)])
    their_mid = _bits(tables.triples[pack(left[:, None], finalist, right[:, None])])
    their_right = _bits(tables.triples[pack(finalist, right[:, None], after[:, None])])
    closer = scores[row[:, None], top] + 0.5 * (their_mid + 0.5 * their_left + 0.5 * their_right + 2)
    pick = closer.argmax(axis=1)
    best, of_all = finalist[row, pick], top[row, pick]
    fits = reading.place_fit(np.column_stack([word, finalist]), at)
    place, their_place = fits[:, 0], fits[:, 1:]
    their_usual = np.log2(counts[finalist] + 1) - spread[finalist]
    around = reading.surroundings(at)
    fit = np.einsum("ij,ij->i", around, topic_vectors(tables, word))
    their_fit = np.einsum("ij,ij->i", around, topic_vectors(tables, best))
    on_page = np.bincount(ids, minlength=len(counts))
    on_page[:SPECIAL] = 0
    # word classes hold where the words themselves were never counted together
    classes, joins, deep = a["classes"], a["class_joins"].astype(np.float32), a["class_triples"]
    of_place = classes[np.minimum(ids, len(classes) - 1)]
    class_before, class_left, class_word = of_place[np.maximum(at - 2, 0)], of_place[at - 1], of_place[at]
    class_right, class_best = of_place[at + 1], classes[best]
    join_left, join_right = joins[class_left, class_word], joins[class_word, class_right]
    deep_mid = deep[class_left, class_word, class_right].astype(np.float32) / 16
    columns = [
        _log_sum(scores) - word_score,
        _log_sum(closer) - word_score - word_triples,
        a["stand_in_prior"][known],
        scores[row, of_all] - word_score,
        other_left[row, of_all] - lift_left,
        other_right[row, of_all] - lift_right,
        lift_left,
        lift_right,
        np.minimum(lift_left, lift_right),
        np.log2(reading.pair_counts[at - 1] + 1),
        np.log2(reading.pair_counts[at] + 1),
        triple_left,
        triple_mid,
        triple_right,
        their_mid[row, pick],
        their_left[row, pick],
        their_right[row, pick],
        np.log2(np.minimum(pairs_left, pairs_right)[row, of_all] + 1),
        join_left,
        join_right,
        joins[class_left, class_best] + joins[class_best, class_right] - join_left - join_right,
        deep[class_before, class_left, class_word].astype(np.float32) / 16,
        deep_mid,
        deep[class_left, class_best, class_right].astype(np.float32) / 16 - deep_mid,
        usual,
        np.log2(counts[best] + 1),
        np.log2(counts[left] + 1),
        np.log2(counts[right] + 1),
        fit,
        their_fit - fit,
        word == UNKNOWN,
        left == EDGE,
        right == EDGE,
        (left == UNKNOWN) | (right == UNKNOWN),
        np.minimum(reading.elsewhere[at], 5),
        np.minimum(on_page[best], 5),
        _share_around(reading.pair_counts > 0, at),
        (~none).sum(axis=1),
        best < SPECIAL,
        place,
        their_place[row, pick] - place,
        their_place.max(axis=1) - place,
        (their_place + their_usual).max(axis=1) - place - usual,
        (closer + their_place).max(axis=1) - word_score - word_triples - place,
    ]
    better = scores[row, of_all] > word_score
    # a word is proposed where it is known to go with what stands on both sides
    seen = np.minimum(pairs_left, pairs_right)[row, of_all] > 0
    rows = np.stack([np.asarray(c, dtype=np.float32) for c in columns], axis=1)
    return rows, np.where(better & seen, best, 0)


RATIO, PRIOR, WEAKER_JOIN, USUAL, TOPIC, BESIDE_UNKNOWN, AROUND, CLASS_GAIN = 0, 2, 8, 24, 28, 33, 36, 20


def plainness(reading: Reading) -> Floats:
    """How near a page is to the English that was counted: lift of its pairs, shares of known pairs, triples, words."""
    words = reading.is_word[:-1] & reading.is_word[1:]
    found: Floats = np.array(
        [
            reading.pair_lift[words].mean() if words.any() else 0.0,
            (reading.pair_counts[words] > 0).mean() if words.any() else 0.0,
            (reading.triple_counts > 0).mean() if len(reading) > 2 else 0.0,
            (reading.ids != UNKNOWN).mean(),
        ],
        dtype=np.float32,
    )
    return found


def page_features(plain: Floats, rows: Floats, p: Floats) -> Floats:
    """One row of measures of a whole page: its `plainness`, and what its places and their probabilities sum up to."""
    odds = np.log(p / (1 - p + 1e-9) + 1e-9)
    over = np.maximum(odds, 0)
    ranked = np.sort(p)[::-1]
    ratio = rows[:, RATIO]
    dense = densest(over)
    found: Floats = np.array(
        [
            dense,
            np.log1p(dense),
            over.mean(),
            p.mean(),
            *((p > line).mean() for line in (0.3, 0.5, 0.7, 0.9)),
            np.log(len(p)),
            *plain,
            ratio.mean(),
            np.maximum(ratio, 0).mean(),
            *((ratio > line).mean() for line in (3, 6, 10)),
            rows[:, PRIOR].mean(),
            rows[:, WEAKER_JOIN].mean(),
            (rows[:, WEAKER_JOIN] < -2).mean(),
            ranked[:10].mean(),
            ranked[min(20, len(p) - 1)],
            rows[:, BESIDE_UNKNOWN].mean(),
            rows[:, TOPIC].mean(),
            rows[:, USUAL].mean(),
            np.log(p + 0.01).mean(),
            odds.mean(),
            ratio.std(),
            rows[:, AROUND].mean(),
            rows[:, CLASS_GAIN].mean(),
        ],
        dtype=np.float32,
    )
    return found


def _bits(counts: Floats) -> Floats:
    found: Floats = np.log2(counts + np.float32(0.5))
    return found


def _log_sum(bits: Floats) -> Floats:
    """log2 of the sum of the numbers of each row that are given as log2."""
    most = bits.max(axis=1)
    found: Floats = most + np.log2(np.exp2(bits - most[:, None]).sum(axis=1))
    return found


NEARBY = 9  # pairs to each side


def _share_around(yes: Bools, at: Ints) -> Floats:
    """The share of neighbouring pairs of which something is so, those of the place itself left out."""
    sums = np.concatenate([[0], np.cumsum(yes)])
    first, last = np.maximum(at - NEARBY, 0), np.minimum(at + NEARBY, len(yes))
    own = yes[at - 1].astype(np.int64) + yes[np.minimum(at, len(yes) - 1)]
    found: Floats = ((sums[last] - sums[first] - own) / np.maximum(last - first - 2, 1)).astype(np.float32)
    return found


WINDOW = 140  # places; about 300 words of prose
FEWEST = 8  # places that a page must have
SHOWN = 0.7  # probability from which a place is shown: four in five of those are swapped
MANY = 40


def measure(document: Document, tables: Tables) -> Evidence:
    """Log-odds that a spinner went over the page, above the level that few honest pages reach."""
    if "spun_page_w1" not in tables:
        return Evidence()
    reading = read(document, tables)
    at = places(document, reading)
    if len(at) < FEWEST:
        return Evidence()
    rows, honest = features(reading, at)
    p = probability(tables, "spun", rows)
    value = strength(plainness(reading), rows, p, tables) - float(tables.arrays["spun_quiet"][0])
    if value <= 0:
        return Evidence()
    shown = [k for k in np.argsort(-p, kind="stable")[:MANY] if p[k] >= SHOWN]
    spans = []
    for k in shown:
        token = int(reading.token[at[k]])
        instead = (tables.word(int(honest[k])),) if honest[k] >= SPECIAL else ()
        word = document.tokens.word[token]
        spans.append(document.token_span(token, token + 1, f"“{word}” is odd here.", instead))
    return Evidence(value, tuple(spans))


def strength(plain: Floats, rows: Floats, p: Floats, tables: Tables) -> float:
    """Log-odds that a spinner went over the page."""
    whole = probability(tables, "spun_page", page_features(plain, rows, p)[None, :])
    return float(np.log(whole[0] / (1 - whole[0] + 1e-9)))


def densest(excess: Floats) -> float:
    """The largest sum over WINDOW neighbouring places (over all of them on a short page)."""
    if len(excess) <= WINDOW:
        return float(excess.sum())
    sums = np.concatenate([[0.0], np.cumsum(excess, dtype=np.float64)])
    return float((sums[WINDOW:] - sums[:-WINDOW]).max())
