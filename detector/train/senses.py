"""What words mean and what can stand for them, computed from honest English: sense vectors, word classes, stand-ins.

All of it comes from sources that hold no page we ever score, so that nothing leaks from a page into its own verdict.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD

from detector.tables import SPECIAL, Array, Floats, Ids
from detector.train.english import English, Source

WORDS = 20_000  # the commonest words get a vector
CONTEXTS = 3_000
OFFSETS = (-2, -1, 1, 2)
WIDE, NARROW = 200, 64  # dimensions to find neighbours with, and classes with
TOPICS, PASSAGE = 48, 60  # dimensions of topic vectors; words of a passage
CLASSES = 128
OWN = 34  # the commonest words are classes of their own: of, and, with join differently
CLASSED = 5_000  # the commonest words shape the classes
STAND_INS = 24
NEIGHBOURS, CLOSE = 10, 0.45  # how many distributional neighbours may stand in, and from which cosine
WORDNET = Path("/usr/share/wordnet")  # Debian's wordnet-base


def vectors(sources: list[Source], words: int = WORDS) -> Floats:
    """Word vectors from positive pointwise mutual information with neighbours, by place, reduced by SVD.

    Method: Levy, Goldberg and Dagan, "Improving distributional similarity", TACL 2015 (context smoothing .75,
    shifted PPMI, eigenvalue weight .5). Rows are of length 1.
    """
    table = sparse.csr_matrix((words, len(OFFSETS) * CONTEXTS), dtype=np.float32)
    for source in sources:
        ids = source.ids.astype(np.int64)
        for k, offset in enumerate(OFFSETS):
            centre, context = ids[2:-2], ids[2 + offset : len(ids) - 2 + offset]
            used = (centre < words) & (centre >= SPECIAL) & (context < CONTEXTS) & (context != 0)
            weight = np.full(int(used.sum()), source.weight, dtype=np.float32)
            table = (
                table
                + sparse.coo_matrix(
                    (weight, (centre[used], context[used] + k * CONTEXTS)), shape=table.shape
                ).tocsr()
            )
    positive = _positive_pmi(table)
    svd = TruncatedSVD(min(WIDE, min(table.shape) - 1), n_iter=4, random_state=0).fit(positive)
    return _oriented(positive, svd)


def _positive_pmi(table: sparse.csr_matrix) -> sparse.csr_matrix:
    rows = np.asarray(table.sum(axis=1)).ravel() + 1e-9
    columns = np.asarray(table.sum(axis=0)).ravel() + 1e-9
    smoothed = columns**0.75
    smoothed /= smoothed.sum()
    cells = table.tocoo()
    pmi = np.log(cells.data / rows[cells.row] / smoothed[cells.col]) - 0.5
    kept = pmi > 0
    return sparse.coo_matrix((pmi[kept], (cells.row[kept], cells.col[kept])), shape=table.shape).tocsr()


def _oriented(positive: sparse.csr_matrix, svd: TruncatedSVD) -> Floats:
    found = (positive @ svd.components_.T) / np.sqrt(svd.singular_values_ + 1e-9)
    # the sign of a singular vector is arbitrary; fix it so that two runs agree
    found *= np.sign(svd.components_[np.arange(len(svd.components_)), np.abs(svd.components_).argmax(axis=1)])
    return _unit(found.astype(np.float32))


def _eight_bits(rows: Floats) -> NDArray[np.int8]:
    return np.rint(_unit(rows) * 127).astype(np.int8)


def topics(sources: list[Source], words: int = WORDS) -> NDArray[np.int8]:
    """Topic vectors: what words occur in the same passage of PASSAGE words, wherever; reduced, length 1, 8 bits.

    Where `vectors` says what can stand in a place, these say what is being talked about.
    """
    first, last = 100, min(100 + CONTEXTS, words)  # the commonest words are in every passage
    table = sparse.csr_matrix((words, last - first), dtype=np.float32)
    for source in sources:
        ids = source.ids.astype(np.int64)
        passage = np.arange(len(ids)) // PASSAGE
        used = (ids >= SPECIAL) & (ids < words)
        occurs = sparse.coo_matrix(
            (np.ones(int(used.sum()), dtype=np.float32), (passage[used], ids[used])),
            shape=(int(passage[-1]) + 1, words),
        ).tocsr()
        occurs.data[:] = 1
        table = table + (occurs.T @ occurs[:, first:last]) * np.float32(source.weight)
    positive = _positive_pmi(table)
    svd = TruncatedSVD(min(TOPICS, min(table.shape) - 1), n_iter=4, random_state=0).fit(positive)
    return _eight_bits(_oriented(positive, svd))


def neighbours(wide: Floats, count: int) -> tuple[Ids, Floats]:
    """The ids and cosines of each word's nearest words, nearest first."""
    size = len(wide)
    count = min(count, size - 1)
    near = np.zeros((size, count), dtype=np.int32)
    cosine = np.zeros((size, count), dtype=np.float32)
    for start in range(0, size, 1000):
        block = wide[start : start + 1000] @ wide.T
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -1
        block[:, :SPECIAL] = -1
        top = np.argpartition(-block, count - 1, axis=1)[:, :count]
        value = np.take_along_axis(block, top, axis=1)
        order = np.lexsort((top, -value), axis=1)
        near[start : start + 1000] = np.take_along_axis(top, order, axis=1)
        cosine[start : start + 1000] = np.take_along_axis(value, order, axis=1)
    return near, cosine


def classes(wide: Floats, english: English, sources: list[Source]) -> dict[str, Array]:
    """Word classes (k-means of the vectors), and how well two and three classes join.

    class_joins[a, b]: log2 lift of class b after class a; class_triples[a, b, c]: log2 lift, times 16, of c after b
    given a, against c alone. Class 0 is the unknown, 1 numbers, 2 the edge of a sentence.
    """
    size = SPECIAL + len(english.vocabulary)
    narrow = _unit(wide[:, :NARROW])
    # fitted on common words, whose vectors are sure; the others go to the nearest class
    means = KMeans(CLASSES - 4 - OWN, random_state=0, n_init=2).fit(narrow[SPECIAL + OWN : CLASSED])
    of_word = np.full(size, 3, dtype=np.uint8)  # 3: rare words without a vector
    of_word[:SPECIAL] = np.arange(SPECIAL)
    of_word[SPECIAL : SPECIAL + OWN] = np.arange(OWN) + 4
    of_word[SPECIAL + OWN : len(wide)] = means.predict(narrow[SPECIAL + OWN :]) + 4 + OWN
    pairs = np.zeros((CLASSES, CLASSES))
    triples = np.zeros(CLASSES**3)
    for source in sources:
        row = of_word[source.ids].astype(np.int64)
        joined = np.bincount(row[:-1] * CLASSES + row[1:], minlength=CLASSES**2)
        pairs += source.weight * joined.reshape(CLASSES, CLASSES)
        keys = (row[:-2] * CLASSES + row[1:-1]) * CLASSES + row[2:]
        triples += source.weight * np.bincount(keys, minlength=CLASSES**3)
    deep = triples.reshape(CLASSES, CLASSES, CLASSES)
    total = pairs.sum()
    one = pairs.sum(axis=0)
    joins = np.log2((pairs + 1) / (np.outer(pairs.sum(axis=1), one) / total + 1))
    expected = pairs[:, :, None] * one[None, None, :] / total
    deep_lift = np.log2((deep + 1) / (expected + 1))
    return {
        "classes": of_word,
        "class_share": ((one + 1) / (total + CLASSES)).astype(np.float32),
        "class_joins": joins.astype(np.float16),
        "class_triples": np.clip(np.rint(deep_lift * 16), -127, 127).astype(np.int8),
    }


def stand_ins(english: English, near: Ids, cosine: Floats) -> NDArray[np.uint16]:
    """For each word the ids of words that might stand in its place, 0 where there are fewer than STAND_INS."""
    table = np.zeros((SPECIAL + len(english.vocabulary), STAND_INS), dtype=np.uint16)
    related = wordnet(english.vocabulary)
    for word in range(SPECIAL, len(table)):
        found: list[int] = []
        if word < len(near):
            close = cosine[word, :NEIGHBOURS] >= CLOSE
            found = near[word, :NEIGHBOURS][close].tolist()
        found += [other for other in related.get(word, ()) if other not in found]
        table[word, : len(found[:STAND_INS])] = found[:STAND_INS]
    return table


def wordnet(vocabulary: dict[str, int], folder: Path = WORDNET) -> dict[int, list[int]]:
    """Words that share a synset, by id; empty where WordNet is not installed (Princeton WordNet 3, free licence)."""
    related: dict[int, set[int]] = {}
    for part in ("noun", "verb", "adj", "adv"):
        file = folder / f"data.{part}"
        if not file.exists():
            return {}
        for line in file.read_text("latin-1").splitlines():
            if line.startswith("  "):
                continue
            cells = line.split(" ")
            members = [cells[4 + 2 * k].split("(")[0].lower() for k in range(int(cells[3], 16))]
            ids = [vocabulary[w] for w in members if w in vocabulary]
            for word in ids:
                related.setdefault(word, set()).update(other for other in ids if other != word)
    return {word: sorted(others) for word, others in related.items()}


def _unit(rows: Floats) -> Floats:
    scaled: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
    return scaled
