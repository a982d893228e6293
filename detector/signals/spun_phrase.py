"""A wrong word in a place where honest English has another one: what synonym spinners leave behind.

Why it matters
    Spinners swap words for synonyms so that a copied article passes for a new one; what they cannot keep is which
    words stand together. In research papers such "tortured phrases" have exposed thousands of fakes (Cabanac, Labbé
    and Magazinov, "Tortured phrases", arXiv 2107.06751, 2021). That a word is rare in its place proves nothing:
    honest specialists and learners of English write rare pairs all the time. The contrast does: a near synonym would
    be at home between the same neighbours, and this word is not.

Fires on
    Stretches of about 300 words with many such places. Each place is measured by how well the word and its best
    stand-in join their neighbours, by counts of words, of pairs and triples and of word classes, and by the topic
    around it; a small network, trained on honest text spun by unlike spinners, turns that into a probability. Marked
    are the places that are most likely swapped, with the usual word where one is known.

Quiet on
    Plain, clumsy and non-native English, technical vocabulary, words that the page repeats because they are its
    subject, headings, lists of short items, names.

Blind spots
    Fixed expressions replaced by other fixed expressions word by word correct; spinners that exchange a word in a
    hundred; fields whose vocabulary plain health English does not have.
"""

from __future__ import annotations

import numpy as np

from detector.document import Document
from detector.signals._network import probability
from detector.signals._reading import Ints, Reading, lift, read, topic_vectors
from detector.tables import EDGE, SPECIAL, UNKNOWN, Floats, Tables, pack
from detector.verdict import Evidence

KIND = "habit"
SAYS = "Words stand where honest English has others: the text reads as if a program had swapped synonyms."

TABLES = ("word_counts", "pairs", "triples", "stand_ins", "topics", "classes", "class_joins", "spun_w1")

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


def features(reading: Reading, at: Ints) -> tuple[Floats, Ints]:
    """One row of measures for each place, and the word that would fit there best (its id)."""
    tables, ids, total = reading.tables, reading.ids, reading.tables.total
    word, left, right = ids[at], ids[at - 1], ids[at + 1]
    inventory = tables.arrays["stand_ins"]
    other = np.where(
        (word < len(inventory))[:, None], inventory[np.minimum(word, len(inventory) - 1)], 0
    ).astype(np.int32)
    none = other < SPECIAL
    counts = tables.word_counts
    count_left, count_right, count_word, count_other = (
        counts[left],
        counts[right],
        counts[word],
        counts[other],
    )
    blank = (word == UNKNOWN) | (left == UNKNOWN)
    lift_left = np.where(blank, 0, reading.pair_lift[at - 1])
    blank_right = (word == UNKNOWN) | (right == UNKNOWN)
    lift_right = np.where(blank_right, 0, reading.pair_lift[at])
    pairs_left = tables.pairs[pack(left[:, None], other)]
    pairs_right = tables.pairs[pack(other, right[:, None])]
    other_left = np.where(
        (left == UNKNOWN)[:, None], 0, lift(pairs_left, count_left[:, None], count_other, total)
    )
    other_right = np.where(
        (right == UNKNOWN)[:, None], 0, lift(pairs_right, count_right[:, None], count_other, total)
    )
    gain = np.where(none, -9, other_left + other_right - (lift_left + lift_right)[:, None])
    best = gain.argmax(axis=1)
    row = np.arange(len(at))
    honest = other[row, best]
    honest_triple = tables.triples[pack(left, honest, right)]
    around = reading.surroundings(at)
    fit = np.einsum("ij,ij->i", around, topic_vectors(tables, word))
    fit_honest = np.einsum("ij,ij->i", around, topic_vectors(tables, honest))
    triples = reading.triple_counts
    last = len(ids) - 1
    triple_before = np.where(at >= 2, triples[np.maximum(at - 2, 0)], 0)
    triple_around = triples[at - 1]
    triple_after = np.where(at + 2 <= last, triples[np.minimum(at, len(triples) - 1)], 0)
    page = float(np.mean(reading.pair_lift[reading.is_word[:-1] & reading.is_word[1:]])) if len(at) else 0.0
    second = np.partition(gain, -2, axis=1)[:, -2] if gain.shape[1] > 1 else gain[:, 0]
    # word classes hold where the words themselves were never counted together
    word_class = tables.arrays["classes"][np.minimum(ids, len(tables.arrays["classes"]) - 1)]
    joins = tables.arrays["class_joins"].astype(np.float32)
    class_left, class_right = (
        joins[word_class[at - 1], word_class[at]],
        joins[word_class[at], word_class[at + 1]],
    )
    honest_class = tables.arrays["classes"][honest]
    class_gain = (
        joins[word_class[at - 1], honest_class]
        + joins[honest_class, word_class[at + 1]]
        - class_left
        - class_right
    )
    columns = [
        class_left,
        class_right,
        class_gain,
        lift_left,
        lift_right,
        np.minimum(lift_left, lift_right),
        np.log2(reading.pair_counts[at - 1] + 1),
        np.log2(reading.pair_counts[at] + 1),
        np.log2(triple_before + 1),
        np.log2(triple_around + 1),
        np.log2(triple_after + 1),
        gain[row, best],
        second,
        (other_left[row, best] - lift_left),
        (other_right[row, best] - lift_right),
        np.log2(honest_triple + 1),
        np.log2(np.minimum(pairs_left, pairs_right)[row, best] + 1),
        np.log2(count_word + 1),
        np.log2(counts[honest] + 1),
        np.log2(count_left + 1),
        np.log2(count_right + 1),
        fit,
        fit_honest - fit,
        (word == UNKNOWN).astype(np.float32),
        (left == EDGE).astype(np.float32),
        (right == EDGE).astype(np.float32),
        np.full(len(at), page),
        np.minimum(reading.elsewhere[at], 5),
    ]
    return np.stack(columns, axis=1).astype(np.float32), np.where(gain[row, best] > 0, honest, 0)


WINDOW = 140  # places; about 300 words of prose
SHOWN = 0.7  # probability from which a place is shown
MANY = 40


def measure(document: Document, tables: Tables) -> Evidence:
    """Sum of the log-odds of swapped words in the densest 300 words, above what honest pages show."""
    if "spun_w1" not in tables:
        return Evidence()
    reading = read(document, tables)
    at = places(document, reading)
    if len(at) < 8:
        return Evidence()
    rows, honest = features(reading, at)
    p = probability(tables, "spun", rows)
    excess = np.maximum(np.log(p / (1 - p + 1e-9)), 0)
    value = densest(excess) - float(tables.arrays["spun_quiet"][0])
    if value <= 0:
        return Evidence()
    shown = [k for k in np.argsort(-p, kind="stable")[:MANY] if p[k] >= SHOWN]
    spans = []
    for k in shown:
        token = int(reading.token[at[k]])
        instead = (tables.word(int(honest[k])),) if honest[k] >= SPECIAL else ()
        word = document.tokens.word[token]
        says = f'"{word}" is odd here' + (f'; usual: "{instead[0]}"' if instead else "")
        spans.append(document.token_span(token, token + 1, says, instead))
    return Evidence(value, tuple(spans))


def densest(excess: Floats) -> float:
    """The largest sum over WINDOW neighbouring places (over all of them on a short page)."""
    if len(excess) <= WINDOW:
        return float(excess.sum())
    sums = np.concatenate([[0.0], np.cumsum(excess, dtype=np.float64)])
    return float((sums[WINDOW:] - sums[:-WINDOW]).max())
