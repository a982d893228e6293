"""What several signals count once per document and share: the concrete details of its body (numbers, names, the
people who speak).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.document import Document, Ints, code_points
from detector.patterns import regex

Codes = NDArray[np.uint32]

_COUNTED = frozenset(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy"
    " eighty ninety hundred thousand half twice".split()
)
_PEOPLE = frozenset("i i'm i've i'd my me he she his her him said".split())
# What can stand before the space before a capital in mid-sentence: it neither ends a sentence nor opens a line.
_MID_SENTENCE = np.isin(np.arange(129), [ord(mark) for mark in "abcdefghijklmnopqrstuvwxyz,;)(&"])
_FIGURE = regex(r"\d(?<![^\W_]\d)(?<!\d[.,]\d)")
NEAR = 300  # a detail that was given within so many words is no new detail


class Specifics(NamedTuple):
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
    first = codes[tokens.starts]
    found = np.concatenate([_names(document, codes, first), _figures(document, codes, first)])
    at, word = place[found], tokens.type_of[found]
    order = np.lexsort((at, word))
    at, word = at[order], word[order]
    details[at[:1]] = 1
    details[at[1:]] = (at[1:] - at[:-1] >= NEAR) | (word[1:] != word[:-1])
    return Specifics(tokens.types.keys(), body, details, np.concatenate([[0.0], np.cumsum(details)]))


def _names(document: Document, codes: Codes, first: Codes) -> Ints:
    """Body tokens with a capital in mid-sentence that name something new: the page does not also write the word in
    lower case, and neither its title nor a heading says it.
    """
    tokens, in_body = document.tokens, document.in_body
    known = np.zeros(len(tokens.types) + 1, dtype=bool)  # the last: of a word that never stands alone
    known[tokens.type_of[~in_body | (first >= ord("a"))]] = True
    title = set((document.title or "").lower().split())
    capital = ((first >= ord("A")) & (first <= ord("Z")) & in_body & (tokens.starts > 1)).nonzero()[0]
    space = tokens.starts[capital] - 1
    capital = capital[(codes[space] == ord(" ")) & _MID_SENTENCE[np.minimum(codes[space - 1], 128)]]
    if 2 * len(capital) > len(tokens):  # where nearly every word has a capital it names nothing
        return np.zeros(0, dtype=np.int64)
    names, new = list(tokens.types), np.zeros(len(tokens.types), dtype=bool)
    new[tokens.type_of[capital]] = True
    for k in new.nonzero()[0].tolist():
        name = names[k].partition("'")[0]
        new[k] = len(name) > 1 and name not in title and not known[tokens.types.get(name, -1)]
    named: Ints = capital[new[tokens.type_of[capital]]]
    return named


def _figures(document: Document, codes: Codes, first: Codes) -> Ints:
    """Body tokens that are numbers; the one that opens a list item says nothing."""
    tokens, text = document.tokens, document.text
    figure = ((first >= ord("0")) & (first <= ord("9")) | (first >= 0x660)) & document.in_body
    figure[:1] = False
    figure[1:] &= tokens.blocks[1:] == tokens.blocks[:-1]
    found = figure.nonzero()[0]
    # most stand after a space and are of plain digits; the others are looked at
    sure = (codes[tokens.starts[found] - 1] == ord(" ")) & (first[found] <= ord("9"))
    sure[[k for k in (~sure).nonzero()[0].tolist() if _FIGURE.match(text, tokens.start[found[k]])]] = True
    figures: Ints = found[sure]
    return figures
