"""What words mean and what can stand for them, computed from honest English: sense vectors, word classes, stand-ins.

All of it comes from sources that hold no page we ever score, so that nothing leaks from a page into its own verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD

from detector.signals._reading import BESIDE
from detector.tables import SPECIAL, Array, Floats, Ids
from detector.train.english import English, Source

WORDS = 20_000  # the commonest words get a vector
CONTEXTS = 3_000
WIDE, NARROW = 200, 64  # dimensions to find neighbours with, and classes with
TOPICS, PASSAGE = 48, 60  # dimensions of topic vectors; words of a passage
CLASSES = 128
OWN = 34  # the commonest words are classes of their own: of, and, with join differently
CLASSED = 5_000  # the commonest words shape the classes
FIT = 64  # dimensions that say how well a word fits its neighbours
STAND_INS, NEIGHBOURS = (
    32,
    16,
)  # words that may have stood in a place; how many of them distributional at most


@dataclass(frozen=True)
class Factors:
    """What stands beside what, by place, in few numbers: pmi[word, context] is about words[word] @ contexts[context].

    words: one row for each word id. contexts: one for each neighbour id at each of BESIDE, one after the other.
    strength: the singular value of each column.
    """

    words: Floats
    contexts: Floats
    strength: Floats

    @cached_property
    def vectors(self) -> Floats:
        """Word vectors that are near for words with the same neighbours; rows of length 1.

        Method: Levy, Goldberg and Dagan, "Improving distributional similarity", TACL 2015 (context smoothing .75,
        shifted PPMI, eigenvalue weight .5).
        """
        return _unit(self.words / np.sqrt(self.strength + 1e-9))

    def tables(self, width: int = FIT) -> dict[str, Array]:
        """How well any word fits any neighbours, seen together or not: `place_words` and `place_contexts`."""
        words, contexts = self.words[:, :width], self.contexts[:, :width]
        scale = np.abs(words).max(axis=0) / 127 + 1e-9
        shaped = (contexts * scale).reshape(len(BESIDE), -1, words.shape[1])
        return {
            "place_words": np.rint(words / scale).astype(np.int8),
            "place_contexts": shaped.astype(np.float32),  # half as many bytes would cost a millisecond a page
        }


def factors(sources: list[Source], words: int = WORDS) -> Factors:
    """Positive pointwise mutual information of words and their neighbours by place, reduced by SVD."""
    contexts = min(CONTEXTS, words)
    table = sparse.csr_matrix((words, len(BESIDE) * contexts), dtype=np.float32)
    for source in sources:
        ids = source.ids.astype(np.int64)
        for k, offset in enumerate(BESIDE):
            centre = ids[2:-2]
            context = ids[2 + offset :][: len(centre)]  # of one word there is no centre
            used = (centre < words) & (centre >= SPECIAL) & (context < contexts) & (context != 0)
            weight = np.full(int(used.sum()), source.weight, dtype=np.float32)
            table = (
                table
                + sparse.coo_matrix(
                    (weight, (centre[used], context[used] + k * contexts)), shape=table.shape
                ).tocsr()
            )
    positive = _positive_pmi(table)
    svd = TruncatedSVD(min(WIDE, min(table.shape) - 1), n_iter=4, random_state=0).fit(positive)
    sign = _signs(svd)
    return Factors(
        ((positive @ svd.components_.T) * sign).astype(np.float32),
        (svd.components_.T * sign).astype(np.float32),
        svd.singular_values_.astype(np.float32),
    )


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
    found = (positive @ svd.components_.T) / np.sqrt(svd.singular_values_ + 1e-9) * _signs(svd)
    return _unit(found.astype(np.float32))


def _signs(svd: TruncatedSVD) -> NDArray[np.float64]:
    # the sign of a singular vector is arbitrary; fix it so that two runs agree
    rows = np.arange(len(svd.components_))
    signs: NDArray[np.float64] = np.sign(svd.components_[rows, np.abs(svd.components_).argmax(axis=1)])
    return signs


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


def stand_ins(counts: Floats, found: NDArray[np.uint16]) -> dict[str, Array]:
    """Beside the stand-ins of each word (`thesaurus.nearest`), what is asked of them at every place:

    stand_in_spread: log2 of how many words a word may stand for. stand_in_prior: log2 of how much oftener a program
    that swaps words at random would write a word than authors do.
    """
    times = np.bincount(found.ravel().astype(np.int64), minlength=len(found)).astype(np.float64)
    times[:SPECIAL] = 1
    spread = np.log2(np.maximum(times, 1))
    share = np.where(found >= SPECIAL, counts[found] / np.exp2(spread)[found], 0).sum(axis=1)
    prior = np.log2(share + 1) - np.log2(counts + 1)
    return {
        "stand_ins": found,
        "stand_in_spread": spread.astype(np.float16),
        "stand_in_prior": prior.astype(np.float16),
    }


def _unit(rows: Floats) -> Floats:
    scaled: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
    return scaled
