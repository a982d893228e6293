"""A wrong word in a place where honest English has another one: what synonym spinners leave behind.

Why it matters
    Spinners swap words for synonyms so that a copied article passes for a new one; what they cannot keep is which
    words stand together. In research papers such "tortured phrases" have exposed thousands of fakes (Cabanac, Labbé
    and Magazinov, "Tortured phrases", arXiv 2107.06751, 2021). That a word is rare in its place proves nothing:
    honest specialists and learners of English write rare pairs all the time. The contrast does: a near synonym would
    be at home between the same neighbours, and this word is not.

Fires on
    Pages with many such places. Looked at are those of a page (of a long one a sample, evenly spread) whose words go
    worst with their neighbours. For each word in its place a table of thesaurus and distributional neighbours says
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
from detector.tables import EDGE, SPECIAL, UNKNOWN, Floats, Ids, Tables, pack
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
    ids, first, last = reading.ids, document.bounds.first, document.bounds.last
    length = last - first
    asked = np.append(False, (length >= SENTENCE).repeat(length + 1))
    asked &= ((ids >= COMMON) | (ids == UNKNOWN)) & reading.in_body(document)
    # a word that honest English has between the very same neighbours is in its place
    asked[1:-1] &= reading.triple_counts == 0
    at = asked.nonzero()[0]
    # by word, and by place among those of a word
    keys = (ids.take(at).astype(np.int64) << 32) | at
    keys.sort()
    word = keys >> 32
    often = np.zeros(len(keys), dtype=bool)
    often[OFTEN:] = (word[OFTEN:] == word[:-OFTEN]) & (word[OFTEN:] != UNKNOWN)
    found: Ints = np.sort(keys[~often] & 0xFFFFFFFF)
    return found


SPREAD = 600  # places of a page that are considered, evenly spread over it
SHARE = 0.3  # of them that are looked at closely


def oddest(reading: Reading, at: Ints) -> tuple[Ints, float]:
    """The share of the places whose words are least at home, by what the words beside them and a random swap would
    make of it: nearly all swapped words that could be told are among them. And how much they are at home, on average.
    """
    if len(at) > SPREAD:
        at = at[np.linspace(0, len(at) - 1, SPREAD).astype(np.intp)]
    lifts = reading.pair_lift
    home = lifts.take(at - 1) + lifts.take(at)
    home -= reading.tables.arrays["stand_in_prior"].take(reading.ids.take(at))
    kept = max(FEWEST, round(SHARE * len(at)))
    least = np.argpartition(home, kept - 1)[:kept]
    return np.sort(at[least]), float(home[least].mean())


FINALISTS = 3  # stand-ins of a place that are looked at closely
NEVER = -30  # log2 of the odds of no word at all


def features(reading: Reading, at: Ints) -> tuple[Floats, Ints]:
    """One row of measures for each place, and the word that would fit there best (its id, 0 where none does better)."""
    tables, total = reading.tables, reading.tables.total
    a, counts, usual_of = tables.arrays, tables.word_counts, tables.once(_usual)
    ids = reading.ids.take(at + np.arange(-2, 3)[:, None], mode="clip")
    before, left, word, right, after = ids
    strange_left, strange, strange_right = ids[1:4] == UNKNOWN
    usual_left, usual, usual_right = usual_of.take(ids[1:4])
    # the word that stands there
    sides = at + np.array([[-1], [0]])
    lift_left, lift_right = np.where(
        strange | [strange_left, strange_right], 0, reading.pair_lift.take(sides)
    )
    nothing = np.zeros(2, dtype=np.float32)
    triples = np.concatenate([nothing, reading.triple_counts, nothing])
    triple_left, triple_mid, triple_right = _bits(triples.take(at + np.arange(3)[:, None]))
    word_score = lift_left + lift_right + usual
    word_triples = 0.5 * (triple_mid + 0.5 * triple_left + 0.5 * triple_right + 2)
    # the words that may have stood there: how likely each is between these neighbours, and to be swapped for this one
    inventory = a["stand_ins"]
    known = np.minimum(word, len(inventory) - 1)
    other = inventory.take(known, axis=0).astype(np.intp)
    each = np.ones(other.shape[1], dtype=np.float32)
    number = (other >= SPECIAL) @ each
    odds, pairs = _odds(tables, left, other, right)
    # the likeliest few, by longer stretches too
    places = np.arange(len(at))
    top = np.argpartition(-odds, FINALISTS - 1, axis=1)[:, :FINALISTS].T + places * other.shape[1]
    finalist, pairs = other.take(top), pairs.reshape(2, -1).take(top, axis=1)
    lifts = lift(pairs, counts.take([left, right])[:, None], counts.take(finalist), total)
    lifts *= ~np.array([strange_left, strange_right])[:, None]
    spread = a["stand_in_spread"].take(finalist).astype(np.float32)
    their_usual = usual_of.take(finalist) - spread
    score = np.where(
        finalist < SPECIAL, np.float32(NEVER), lifts.sum(axis=0) + usual_of.take(finalist) - spread
    )
    stretches = np.stack(
        [pack(before, left, finalist), pack(left, finalist, right), pack(finalist, right, after)]
    )
    their_left, their_mid, their_right = theirs = _bits(tables.triples[stretches])
    closer = score + 0.5 * (their_mid + 0.5 * their_left + 0.5 * their_right + 2)
    pick = closer.argmax(axis=0) * len(at) + places
    best, best_score = finalist.take(pick), score.take(pick)
    best_left, best_right = lifts.reshape(2, -1).take(pick, axis=1)
    best_pairs = pairs.reshape(2, -1).take(pick, axis=1)
    best_triples = theirs.reshape(3, -1).take(pick, axis=1)
    weaker_pair = best_pairs.min(axis=0)
    place, *others = reading.place_fit(np.vstack([word, finalist]).T, at).T
    their_place = np.array(others)
    around = reading.surroundings(at)
    fit, their_fit = np.einsum("ij,kij->ki", around, topic_vectors(tables, np.stack([word, best])))
    # word classes hold where the words themselves were never counted together
    class_before, class_left, class_word, class_right = a["classes"].take(ids[:4])
    class_best = a["classes"].take(best)
    join_left, join_right, their_join_left, their_join_right = a["class_joins"][
        [class_left, class_word, class_left, class_best], [class_word, class_right, class_best, class_right]
    ].astype(np.float32)
    deep_left, deep_mid, their_deep = (
        a["class_triples"][
            [class_before, class_left, class_left],
            [class_left, class_word, class_best],
            [class_word, class_right, class_right],
        ].astype(np.float32)
        / 16
    )
    columns = [
        np.log2(odds @ each) - word_score,
        _log_sum(closer) - word_score - word_triples,
        a["stand_in_prior"].take(known),
        best_score - word_score,
        best_left - lift_left,
        best_right - lift_right,
        lift_left,
        lift_right,
        np.minimum(lift_left, lift_right),
        *np.log2(reading.pair_counts.take(sides) + 1),
        triple_left,
        triple_mid,
        triple_right,
        best_triples[1],
        best_triples[0],
        best_triples[2],
        np.log2(weaker_pair + 1),
        join_left,
        join_right,
        their_join_left + their_join_right - join_left - join_right,
        deep_left,
        deep_mid,
        their_deep - deep_mid,
        usual,
        usual_of.take(best),
        usual_left,
        usual_right,
        fit,
        their_fit - fit,
        strange,
        left == EDGE,
        right == EDGE,
        strange_left | strange_right,
        np.minimum(reading.elsewhere.take(at), 5),
        np.minimum(reading.times(best), 5),
        _share_around(reading.pair_counts > 0, at),
        number,
        best < SPECIAL,
        place,
        their_place.take(pick) - place,
        their_place.max(axis=0) - place,
        (their_place + their_usual).max(axis=0) - place - usual,
        (closer + their_place).max(axis=0) - word_score - word_triples - place,
    ]
    rows = np.concatenate(columns, dtype=np.float32, casting="unsafe").reshape(len(columns), -1).T
    # a word is proposed where it is known to go with what stands on both sides
    return rows, np.where((best_score > word_score) & (weaker_pair > 0), best, 0)


def _odds(tables: Tables, left: Ids, other: Ints, right: Ids) -> tuple[Floats, Floats]:
    """How likely each word of `other` (places x words) is between the neighbours of its place, and to have been
    swapped for the word that stands there; and how often it stands beside either of them.
    """
    # `lift` of both sides, but as odds instead of bits: their logarithm is needed of a few only
    counts, half, beside = tables.word_counts, np.float32(0.5), np.stack([left, right])
    pairs = tables.pairs[np.stack([pack(left[:, None], other), pack(other, right[:, None])])]
    expected = (counts.take(beside) / np.float32(tables.total))[:, :, None] * counts.take(other)
    expected += half
    more = pairs + half
    more /= expected
    np.copyto(more, 1, where=(beside == UNKNOWN)[:, :, None])
    odds: Floats = tables.once(_swapped).take(other)
    odds *= more[0]
    odds *= more[1]
    np.copyto(odds, 2.0**NEVER, where=other < SPECIAL)
    return odds, pairs


def _usual(tables: Tables) -> Floats:
    """How usual each word is, by word id: log2 of its count."""
    return np.log2(tables.word_counts + 1)


def _swapped(tables: Tables) -> Floats:
    """How usual each word is in the place of one of those that it may stand for, by word id: a share of its count."""
    return np.exp2(tables.once(_usual) - tables.arrays["stand_in_spread"].astype(np.float32))


RATIO, PRIOR, WEAKER_JOIN, CLASS_GAIN, USUAL, TOPIC, BESIDE_UNKNOWN, AROUND = 0, 2, 8, 20, 24, 28, 33, 36


def plainness(reading: Reading) -> Floats:
    """How near a page is to the English that was counted: lift of its pairs, shares of known pairs, triples, words."""
    words = reading.is_word[:-1] & reading.is_word[1:]
    number = max(1, int(np.count_nonzero(words)))
    found: Floats = np.array(
        [
            (reading.pair_lift @ words) / number,
            np.count_nonzero(words & (reading.pair_counts > 0)) / number,
            np.count_nonzero(reading.triple_counts) / max(1, len(reading) - 2),
            np.count_nonzero(reading.ids) / len(reading),  # UNKNOWN is 0
        ],
        dtype=np.float32,
    )
    return found


def page_features(plain: Floats, rows: Floats, p: Floats) -> Floats:
    """One row of measures of a whole page: its `plainness`, and what its places and their probabilities sum up to."""
    odds = np.log(p / (1 - p + 1e-9) + 1e-9)
    over = np.maximum(odds, 0)
    ranked = np.sort(p)[::-1]
    ratio, prior, weaker, unknown, topic, usual, around, gain = rows.T[
        [RATIO, PRIOR, WEAKER_JOIN, BESIDE_UNKNOWN, TOPIC, USUAL, AROUND, CLASS_GAIN]
    ]
    dense = densest(over)
    mean = np.array([
        over, p, *(p > line for line in (0.3, 0.5, 0.7, 0.9)), ratio, np.maximum(ratio, 0),
        *(ratio > line for line in (3, 6, 10)), prior, weaker, weaker < -2, unknown, topic, usual,
        np.log(p + 0.01), odds, around, gain,
    ], dtype=np.float32).mean(axis=1)  # fmt: skip
    found: Floats = np.concatenate(
        [
            [dense, np.log1p(dense)],
            mean[:6],
            [np.log(len(p))],
            plain,
            mean[6:14],
            [ranked[:10].mean(), ranked[min(20, len(p) - 1)]],
            mean[14:19],
            [ratio.std()],
            mean[19:],
        ],
        dtype=np.float32,
    )
    return found


def _bits(counts: Floats) -> Floats:
    found: Floats = np.log2(counts + np.float32(0.5))
    return found


def _log_sum(bits: Floats) -> Floats:
    """log2 of the sum of the numbers of each column that are given as log2."""
    most = bits.max(axis=0)
    found: Floats = most + np.log2(np.exp2(bits - most).sum(axis=0))
    return found


NEARBY = 9  # pairs to each side


def _share_around(yes: Bools, at: Ints) -> Floats:
    """The share of neighbouring pairs of which something is so, those of the place itself left out."""
    sums = np.zeros(len(yes) + 1, dtype=np.int64)
    np.cumsum(yes, out=sums[1:])
    first, last = np.maximum(at - NEARBY, 0), np.minimum(at + NEARBY, len(yes))
    others = sums.take(last) - sums.take(first) - yes.take(at - 1) - yes.take(at, mode="clip")
    found: Floats = (others / np.maximum(last - first - 2, 1)).astype(np.float32)
    return found


WINDOW = 42  # places; about 300 words of prose
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
    at, home = oddest(reading, at)
    # of a page whose oddest words are at home no swap is to be seen, however closely one looks
    if "spun_home" in tables and home > tables.arrays["spun_home"][0]:
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
