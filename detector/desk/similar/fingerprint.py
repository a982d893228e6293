"""What a text leaves behind by which it is found again: hashes of words in a row, chosen by winnowing.

Winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003)
keeps the smallest hash of every window, so that two texts with GUARANTEED words in a row in common keep one in common,
wherever these stand. A spinner leaves few words in a row; but it exchanges nouns, verbs and adjectives, and leaves the
little words between them in their order: runs of these alone are kept as well (Stamatatos, "Plagiarism detection using
stopword n-grams", JASIST 2011). No model is asked: a text leaves the same behind whatever model judges it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.audit.sketch import hash_of
from detector.document import Document
from detector.language import FUNCTION_WORDS

SHINGLE = 5  # words in a row
WINDOW = 20  # places, of which the smallest hash is kept
GUARANTEED = SHINGLE + WINDOW - 1  # words in a row that two texts cannot share unseen
LITTLE = 8  # function words in a row, whatever stands between them
LITTLE_WINDOW = 8

Hashes = NDArray[np.uint64]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MORE = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(29)


def traces(document: Document) -> bytes:
    """What `detector.desk.store` keeps of a document: its fingerprint as little-endian int64.

    About 160 hashes for 1,000 words. The same words leave the same in every process, on every machine.
    """
    return np.array(fingerprint(document.tokens.word), dtype="<i8").tobytes()


def fingerprint(words: Sequence[str]) -> list[int]:
    """The hashes of a text's words as signed 64 bits, each once; linear in its length."""
    little = [word for word in words if word in FUNCTION_WORDS]
    runs = _winnowed(in_a_row(little, LITTLE), LITTLE_WINDOW)
    return sorted({*rows(words), *_signed(runs)})


def rows(words: Sequence[str]) -> list[int]:
    """The part of a fingerprint that is of words in a row: those of a passage are among those of its text."""
    return _signed(_winnowed(in_a_row(words, SHINGLE), WINDOW))


def in_a_row(words: Sequence[str], size: int) -> Hashes:
    """One hash for each `size` neighbours."""
    hashes = np.fromiter(map(hash_of, words), dtype=np.uint64, count=len(words))
    count = max(0, len(hashes) - size + 1)
    total = np.full(count, size, dtype=np.uint64)
    for k in range(size):
        total = (total ^ hashes[k : k + count]) * _ODD
        total ^= total >> _SHIFT
    mixed: Hashes = total * _MORE
    mixed ^= mixed >> _SHIFT
    return mixed


def _winnowed(hashes: Hashes, window: int) -> Hashes:
    """The smallest hash of each window; one at least where there are any."""
    if not len(hashes):
        return hashes
    windows = np.lib.stride_tricks.sliding_window_view(hashes, min(window, len(hashes)))
    smallest: Hashes = windows.min(axis=1)
    return smallest


def _signed(hashes: Hashes) -> list[int]:
    found: list[int] = np.unique(hashes).view(np.int64).tolist()
    return found
