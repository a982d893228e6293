"""What several signals count once per document and share: the concrete details of its body (numbers, names, the
people who speak).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.document import Document, Ints, code_points
from detector.patterns import regex

_COUNTED = frozenset(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy"
    " eighty ninety hundred thousand half twice".split()
)
_PEOPLE = frozenset("i i'm i've i'd my me he she his her him said".split())
# What can stand before the space before a capital in mid-sentence: it neither ends a sentence nor opens a line.
_MID_SENTENCE = np.isin(np.arange(129), [ord(mark) for mark in "abcdefghijklmnopqrstuvwxyz,;)(&"])
_FIGURE = regex(r"\d(?<![^\W_]\d)(?<!\d[.,]\d)")
NEAR = 300  # a detail that was given within so many words is no new detail


@dataclass(frozen=True)
class Specifics:
    """The concrete details of a page's body (paragraphs, list items, quotes).

    words: every word of the prose, once. body: indices of the body tokens, in order. details: what each of these says.
    sums: running total of the details, one longer.
    """

    words: AbstractSet[str]
    body: Ints
    details: NDArray[np.float64]
    sums: NDArray[np.float64]


def specifics(document: Document) -> Specifics:
    """The details of the document, counted on first use and kept with it."""
    kept = document.__dict__.get("_specifics")
    if not isinstance(kept, Specifics):
        kept = document.__dict__["_specifics"] = _count(document)
    return kept


def _count(document: Document) -> Specifics:
    tokens, in_body = document.tokens, document.in_body
    place = np.cumsum(in_body) - 1  # of each body token in the body
    body = in_body.nonzero()[0]
    details = np.zeros(len(body))
    for weight, words in ((0.5, _COUNTED), (0.25, _PEOPLE)):
        said = np.array(tokens.among(words), dtype=np.int64)
        details[place[said[in_body[said]]]] = weight
    codes = code_points(document.text)
    found = np.sort(np.concatenate([_names(document, codes), _figures(document, codes)]))
    seen: dict[int, int] = {}
    for at, word in zip(place[found].tolist(), tokens.type_of[found].tolist(), strict=True):
        details[at] = at - seen.get(word, -NEAR) >= NEAR
        seen[word] = at
    return Specifics(tokens.types.keys(), body, details, np.concatenate([[0.0], np.cumsum(details)]))


def _names(document: Document, codes: NDArray[np.uint32]) -> Ints:
    """Body tokens with a capital in mid-sentence that name something new: the page does not also write the word in
    lower case, and neither its title nor a heading says it.
    """
    tokens, in_body = document.tokens, document.in_body
    first = codes[tokens.starts]
    known = np.zeros(len(tokens.types) + 1, dtype=bool)  # the last: of a word that never stands alone
    known[tokens.type_of[~in_body | (first >= ord("a"))]] = True
    title = set((document.title or "").lower().split())
    capital = ((first >= ord("A")) & (first <= ord("Z")) & in_body & (tokens.starts > 1)).nonzero()[0]
    space = tokens.starts[capital] - 1
    capital = capital[(codes[space] == ord(" ")) & _MID_SENTENCE[np.minimum(codes[space - 1], 128)]]
    if 2 * len(capital) > len(tokens):  # where nearly every word has a capital it names nothing
        return np.zeros(0, dtype=np.int64)
    new = []
    for i in capital.tolist():
        name = tokens.word[i].partition("'")[0]
        if len(name) > 1 and name not in title and not known[tokens.types.get(name, -1)]:
            new.append(i)
    return np.array(new, dtype=np.int64)


def _figures(document: Document, codes: NDArray[np.uint32]) -> Ints:
    """Body tokens that are numbers; the one that opens a list item says nothing."""
    tokens, text = document.tokens, document.text
    first = codes[tokens.starts]
    figure = ((first >= ord("0")) & (first <= ord("9")) | (first >= 0x660)) & document.in_body
    figure[[opening for opening, _ in document.block_tokens.values()]] = False
    found = [i for i in figure.nonzero()[0].tolist() if _FIGURE.match(text, tokens.start[i])]
    return np.array(found, dtype=np.int64)
