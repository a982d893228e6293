"""The Flesch-Kincaid school grade of the page's sentences: a description, never a reason.

Why it matters
    The American Medical Association and the NIH advise grade 6 to 8 for patients (Weiss 2007). Formulas of this kind
    (Flesch 1948, Kincaid 1975) do not tell spam from honest health pages: both lie at grades 9 to 12. The value is
    shown beside the verdict because editors ask for it; its push is 0.

Fires on
    Any running text: the value is the Flesch-Kincaid grade, 0 or more. There are no spans.

    Example:
        Municipal authorities established comprehensive regulations concerning residential construction activities
        throughout metropolitan administrative districts.

Quiet on
    Text without sentences, and text so plain that the formula gives less than grade 0.

    Example:
        The cat sat. The dog ran. We saw it go.

Blind spots
    Syllables are counted as groups of vowels, without a dictionary. On 300 pages of twelve kinds the value lay within
    two grades of textstat, the reference, on seven of ten, half a grade above it at the median. They part where
    textstat takes decimal points for the ends of sentences and where lists without full stops read as one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.document import Document, Ints
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "description"
SAYS = "The school grade (Flesch-Kincaid) that the text asks of its reader."

_VOWEL, _LETTER = "aeiouy", np.arange(256)


def _among(letters: str) -> NDArray[np.bool_]:
    return np.isin(_LETTER, [ord(letter) for letter in letters])


_VOWELS, _BEFORE_E, _BEFORE_ES, _BEFORE_ED = map(
    _among, (_VOWEL, _VOWEL + "l", _VOWEL + "sxzcg", _VOWEL + "td")
)


def syllables(words: Iterable[str]) -> Ints:
    """Syllables of each of the lower-case words, by its groups of vowels."""
    # what is not in Latin-1 is no vowel here either
    codes = np.frombuffer("\n".join(["", "", *words, ""]).encode("latin-1", "replace"), dtype=np.uint8)
    vowel = _VOWELS[codes]
    ends = (codes == ord("\n")).nonzero()[0][1:]
    opens = np.cumsum(vowel[1:] & ~vowel[:-1])
    groups = np.diff(opens[ends - 1])
    third, second, last = (codes[ends[1:] - back] for back in (3, 2, 1))
    # Written and not spoken: a final e (but "table"), the e of a final es or ed (but "wishes", "wanted").
    silent = (last == ord("e")) & (~_BEFORE_E[second] | ((second == ord("l")) & _VOWELS[third]))
    silent |= (second == ord("e")) & (last == ord("s")) & ~_BEFORE_ES[third]
    silent |= (second == ord("e")) & (last == ord("d")) & ~_BEFORE_ED[third]
    found: Ints = np.maximum(1, groups - silent)
    return found


class Counts(NamedTuple):
    """What the formulas need."""

    words: int
    sentences: int
    syllables: int


def count(document: Document) -> Counts:
    """Words, sentences and syllables of the body (paragraphs, list items, quotes)."""
    tokens = document.tokens
    said = np.bincount(tokens.type_of[document.in_body], minlength=len(tokens.types))
    sentences = int(document.body[document.bounds.block].sum())
    return Counts(int(said.sum()), sentences, int(said @ syllables(tokens.types)))


def grade(counts: Counts) -> float:
    """Flesch-Kincaid grade (Kincaid 1975)."""
    if not counts.words:
        return 0.0
    return 0.39 * counts.words / counts.sentences + 11.8 * counts.syllables / counts.words - 15.59


def ease(counts: Counts) -> float:
    """Flesch reading ease (Flesch 1948): about 100 for the plainest text, 0 for the hardest."""
    if not counts.words:
        return 0.0
    return 206.835 - 1.015 * counts.words / counts.sentences - 84.6 * counts.syllables / counts.words


def measure(document: Document, tables: Tables) -> Evidence:
    """The Flesch-Kincaid grade, 0 or more."""
    return Evidence(max(0.0, grade(count(document))))
