"""Fits the learned signals: swapped words, pasted phrases, wording. Each fit returns arrays for `Tables`."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from detector.document import Document
from detector.signals import _wording, injected_anchor, spun_phrase
from detector.signals._network import probability
from detector.signals._reading import read
from detector.tables import NUMBER, SPECIAL, UNKNOWN, Array, Floats, Tables
from detector.train.english import English, encode, split_words
from detector.train.spoil import Mark

HIDDEN = 24
EPOCHS = 16


def network(
    rows: Floats, labels: Array, weight: Array, name: str, hidden: int = HIDDEN, members: int = 1
) -> dict[str, Array]:
    """A small network that tells labels apart, as arrays for `signals._network.probability`.

    members: networks of different random starts whose log-odds are averaged; side by side they are one network.
    """
    mean, scale = rows.mean(axis=0), 1 / (rows.std(axis=0) + 1e-6)
    x = np.clip((rows - mean) * scale, -6, 6)
    fitted = []
    for seed in range(members):
        model = MLPClassifier((hidden,), alpha=1e-3, batch_size=2048, max_iter=EPOCHS, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of passes is wanted
            model.fit(x, labels, sample_weight=weight)
        fitted.append(model)
    arrays = {
        "mean": mean,
        "scale": scale,
        "w1": np.hstack([m.coefs_[0] for m in fitted]),
        "b1": np.concatenate([m.intercepts_[0] for m in fitted]),
        "w2": np.vstack([m.coefs_[1] for m in fitted]) / members,
        "b2": np.mean([m.intercepts_[1] for m in fitted], axis=0),
    }
    return {f"{name}_{key}": value.astype(np.float32) for key, value in arrays.items()}


# --- swapped words ---------------------------------------------------------------------------------------------------


def spun_rows(document: Document, tables: Tables, marks: Sequence[Mark]) -> tuple[Floats, NDArray[np.int8]]:
    """Measures of each place of a page, and whether a generator put the word there."""
    reading = read(document, tables)
    at = spun_phrase.places(document, reading)
    if not len(at):
        return np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.int8)
    rows, _ = spun_phrase.features(reading, at)
    start = np.array(document.tokens.start)[reading.token[at]]
    return rows, inside(start, [m for m in marks if m.signal == "spun_phrase"])


def inside(start: Array, marks: Sequence[Mark]) -> NDArray[np.int8]:
    """1 for each offset that lies in a mark."""
    found = np.zeros(len(start), dtype=np.int8)
    for mark in marks:
        found[(start >= mark.start) & (start < mark.end)] = 1
    return found


def spun_strength(rows: Floats, arrays: dict[str, Array]) -> float:
    """What `spun_phrase` sums up for a page, from its rows."""
    if len(rows) < 8:
        return 0.0
    p = probability(Tables({}, arrays), "spun", rows)
    return spun_phrase.densest(np.maximum(np.log(p / (1 - p + 1e-9)), 0))


# --- pasted phrases --------------------------------------------------------------------------------------------------


def anchor_shapes(
    phrases: Iterable[str], english: English, word_counts: Floats, shared: dict[str, Array]
) -> dict[str, Array]:
    """How much oftener each word stands in pasted phrases (and at their head and tail) than in honest text, log2;
    and the same for two neighbouring word classes (`anchor_grammar`; row 2 is the head of a phrase).
    """
    size = SPECIAL + len(english.vocabulary)
    share = (word_counts + 1) / float(word_counts.sum() + size)
    share[UNKNOWN], share[NUMBER] = 0.03, 0.02
    everywhere, heads, tails = np.zeros(size), np.zeros(size), np.zeros(size)
    of_word, joins, class_share = shared["classes"], shared["class_joins"], shared["class_share"]
    follows = np.zeros(joins.shape)
    for phrase in phrases:
        ids = encode([w.lower() for w in split_words(phrase)], english.vocabulary)
        ids = ids[ids != 2]
        if len(ids):
            np.add.at(everywhere, ids, 1 / len(ids) ** 0.5)
            heads[ids[0]] += 1
            tails[ids[-1]] += 1
            row = of_word[np.concatenate([[2], ids])]
            np.add.at(follows, (row[:-1], row[1:]), 1)

    def bits(found: Array, doubt: float) -> Array:
        ratio = (found + doubt * share) / ((found.sum() + doubt) * share)
        clipped: Array = np.clip(np.log2(ratio), -4, 8).astype(np.float16)
        return clipped

    usual = np.exp2(joins.astype(np.float64)) * class_share[None, :]
    usual[2] = class_share  # inside a sentence any word may be the head
    usual /= usual.sum(axis=1, keepdims=True)
    seen = (follows + 8 * usual) / (follows.sum(axis=1, keepdims=True) + 8)
    return {
        "anchor_grammar": np.log2(seen / usual).astype(np.float16),
        "anchor_bits": bits(everywhere, 200.0),
        "anchor_heads": bits(heads, 100.0),
        "anchor_tails": bits(tails, 100.0),
    }


def anchor_rows(
    document: Document, tables: Tables, marks: Sequence[Mark], rng: np.random.Generator, *, keep: int = 150
) -> tuple[Floats, NDArray[np.int8], NDArray[np.float32]]:
    """Measures of stretches of a page: the pasted ones (1), and others (0), `keep` of those by chance.

    Stretches that overlap a pasted one without being it count for little: the whole phrase is to win, not its parts.
    """
    reading = read(document, tables)
    found = injected_anchor.candidates(document, reading)
    if not len(found.first):
        return np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.int8), np.zeros(0, dtype=np.float32)
    start = np.array(document.tokens.start)[reading.token[found.first]]
    end = np.array(document.tokens.end)[reading.token[found.last - 1]]
    label = np.zeros(len(start), dtype=np.int8)
    touch = np.zeros(len(start), dtype=bool)
    for mark in marks:
        if mark.signal == "injected_anchor":
            label[(start == mark.start) & (end == mark.end)] = 1
            touch |= (start < mark.end) & (end > mark.start)
    near = touch & (label == 0)
    chance = rng.random(len(start))
    far_share = keep / max(1, int((~touch).sum()))
    kept = (label == 1) | (near & (chance < 0.4)) | (~touch & (chance < far_share))
    weight = np.where(label == 1, 6.0, np.where(near, 0.5, 1.0)).astype(np.float32)
    return found.features[kept], label[kept], weight[kept]


def hard_rows(document: Document, tables: Tables, *, keep: int = 40) -> Floats:
    """The stretches of an honest page that look most pasted to a first network."""
    found = injected_anchor.candidates(document, read(document, tables))
    if not len(found.first):
        return np.zeros((0, 0), dtype=np.float32)
    return found.features[np.argsort(-strength(found.features, tables), kind="stable")[:keep]]


def strength(rows: Floats, tables: Tables) -> Floats:
    """Log-odds of stretches to be pasted."""
    p = probability(tables, "anchor", rows)
    odds: Floats = np.log(p / (1 - p + 1e-9))
    return odds


# --- wording ---------------------------------------------------------------------------------------------------------


def wording_mask(english: English, *, common: int = 8000, bursty: float = 1.9) -> NDArray[np.uint16]:
    """For each id the id it counts as: names, rare words and words that come in bursts (topics) become one of three."""
    size = SPECIAL + len(english.vocabulary)
    ids = np.arange(size)
    rank = ids - SPECIAL
    mask = ids.copy()
    # a common word is often said twice by chance: only what exceeds the expectation for its frequency is a burst
    order = np.clip(rank, 1, None)
    expected = np.interp(
        np.log(order), np.log(np.arange(1, size - SPECIAL + 1)), _running_median(english.burst[SPECIAL:])
    )
    topical = (rank >= 150) & (english.burst > expected * bursty / 1.5)
    mask[rank >= common] = size
    mask[topical] = size + 1
    mask[english.capital_share > 128] = size + 2
    mask[:SPECIAL] = ids[:SPECIAL]
    return mask.astype(np.uint16)


def _running_median(x: Floats, reach: int = 200) -> Floats:
    padded = np.pad(x, reach, mode="edge")
    centres = np.arange(0, len(x), 50)
    medians = np.array([np.median(padded[c : c + 2 * reach + 1]) for c in centres], dtype=np.float32)
    smooth: Floats = np.interp(np.arange(len(x)), centres, medians).astype(np.float32)
    return smooth


def wording_columns(document: Document, tables: Tables) -> NDArray[np.int32]:
    """The hashed features of each place of a page: what `fit_wording` counts."""
    return _wording.columns(read(document, tables))


def fit_wording(
    pages: Sequence[NDArray[np.int32]],
    labels: Sequence[int],
    weight: Sequence[float],
    *,
    strength: float = 10.0,
) -> dict[str, Array]:
    """Weights of words and pairs from pages cut into stretches of 300 words."""
    indptr: list[int] = [0]
    indices: list[int] = []
    values: list[float] = []
    y: list[int] = []
    w: list[float] = []
    for columns, label, trust in zip(pages, labels, weight, strict=True):
        stretches = [columns[k : k + _wording.STRETCH] for k in range(0, len(columns), _wording.STRETCH)]
        stretches = [s for s in stretches if len(s) >= 60 or len(stretches) == 1]
        for stretch in stretches:
            counted = Counter(stretch.ravel().tolist())
            indices += counted.keys()
            values += [n / len(stretch) for n in counted.values()]
            indptr.append(len(indices))
            y.append(label)
            w.append(trust / len(stretches))
    matrix = (
        sparse.csr_matrix((values, indices, indptr), shape=(len(y), _wording.BUCKETS), dtype=np.float64)
        * SCALE
    )
    model = LogisticRegression(C=strength, max_iter=400, tol=1e-5)
    model.fit(matrix, y, sample_weight=np.array(w))
    return {
        "wording_weights": (model.coef_[0] * SCALE).astype(np.float16),
        "wording_bias": model.intercept_[:1].astype(np.float32),
    }


SCALE = 30.0  # brings shares of words near 1, so that one penalty fits all
