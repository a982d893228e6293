"""The prose is fluent and says nothing: general words that could stand on any health page, and no detail.

Why it matters
    Google's "helpful content" questions and the Search Quality Rater Guidelines ask what a page adds that others do
    not; text that is made in quantity is correct, polished and empty. No single sentence of it is at fault, and no list
    of phrases catches it. What tells it from plain honest writing is the make-up of its words: which kinds of words
    (by what can stand in their place), how rare and how topical (topic words come in bursts: Church and Gale, "Poisson
    mixtures", 1995; Rennie and Jaakkola, 2005), and how few details.

Fires on
    Pages about health whose emptiest 300 words are of that make-up. Weights of word classes, of bands of rarity and of
    the hundred commonest words are learned from pages in which an editor marked filler or missing detail, against the
    honest page on the same topic and honest pages of every kind, and never from the page's own site. A clear page of
    advice with few numbers has conditions, actions and things in it, and is none. The spans are the sentences that
    weigh most and hold no number, name or person; the first says what the stretch around it lacks.

Quiet on
    Pages with details; plain patient leaflets, opinion, stories, recipes; pages that are not about health.

Blind spots
    Filler between honest details that come within 300 words. Filler about plants, money or software. Lyrical
    emptiness and filler in the style of a textbook, of which few were seen. Invented details count like true ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.document import BODY, Document, Span
from detector.signals._claims import claims
from detector.signals._reading import read
from detector.signals._specifics import specifics
from detector.tables import EDGE, NUMBER, Floats, Ids, Tables
from detector.verdict import Evidence

TABLES = ("hollow_words", "hollow_thin")
KIND = "habit"
SAYS = "Fluent and general: this stretch could stand on any page and gives the reader nothing to use."

STRETCH = 300  # words over which the mean is taken
ENOUGH = 8.0  # details in a stretch from which nothing is missing
LEAST_WORDS = 50  # below this there is no mean
SHORT = 200  # a page with fewer words counts as one of so many: a few words prove little
FLOOR = 3.0  # log-odds from which the value counts
HEALTHY = (
    0.01,
    0.03,
)  # share of words about health up to which a page is not judged, and from which it is in full
SHORTEST = 7  # words of the shortest sentence that is marked
MOST = 8  # sentences that are marked
GENERAL = "General words, and too few details around them."
_CONDITIONS = frozenset("if unless until except whereas otherwise".split())


class Words(NamedTuple):
    """The body of a page as the measure reads it.

    ids: of its words, in order. detail: what each says that can be checked (see `_specifics`).
    token: the index of each in `Document.tokens`.
    """

    ids: Ids
    detail: Floats
    token: NDArray[np.int64]


def words(document: Document, tables: Tables) -> Words:
    """The words of paragraphs, list items and quotes."""
    reading = read(document, tables)
    kept = reading.in_body(document) & (reading.ids != EDGE)
    return Words(
        reading.ids[kept],
        specifics(document).details.astype(np.float32),
        reading.token[kept],
    )


def missing(details: Floats, size: int) -> Floats:
    """The share of the details expected in stretches of `size` words that is missing."""
    found: Floats = np.maximum(0, 1 - details * (STRETCH / (ENOUGH * size))).astype(np.float32)
    return found


def measure(document: Document, tables: Tables) -> Evidence:
    """The log-odds of the emptiest stretch to be hollow, and its emptiest sentences."""
    low, high = HEALTHY
    if any(name not in tables for name in TABLES) or len(document.tokens) < LEAST_WORDS:
        return Evidence()
    about = min(1.0, (claims(document).health - low) / (high - low))
    if about <= 0 or len(specifics(document).body) < LEAST_WORDS:
        return Evidence()
    page = words(document, tables)
    weight = tables.arrays["hollow_words"][page.ids].astype(np.float32)
    thin, bias = tables.arrays["hollow_thin"].tolist()
    size = min(STRETCH, len(weight))
    odds = bias + _sums(weight, size) / max(size, SHORT) + thin * missing(_sums(page.detail, size), size)
    at = int(odds.argmax())
    value = about * (float(odds[at]) - FLOOR)
    if value <= 0:
        return Evidence()
    return Evidence(value, _emptiest(document, page, weight, at, at + size))


def _sums(values: Floats, size: int) -> Floats:
    """The sum over each stretch of `size` neighbours."""
    running = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    found: Floats = running[size:] - running[:-size]
    return found


def _emptiest(document: Document, page: Words, weight: Floats, first: int, last: int) -> tuple[Span, ...]:
    """The sentences of the stretch without a detail that weigh most, in order; the first says what is missing.

    Where every sentence has a detail, the heaviest one is marked.
    """
    start, stop = int(page.token[first]), int(page.token[last - 1]) + 1
    inside = [
        s
        for s in document.sentences
        if document.blocks[s.block].kind in BODY and s.last > start and s.first < stop
    ]
    # every body word is in one sentence
    places = np.searchsorted(page.token, [(s.first, s.last) for s in inside]).tolist()
    heavy = sorted(
        ((float(weight[a:b].sum()), s, b - a) for s, (a, b) in zip(inside, places, strict=True)),
        key=lambda e: (-e[0], e[1].start),
    )
    bare = {s.first for s, (a, b) in zip(inside, places, strict=True) if not page.detail[a:b].any()}
    chosen = [e for e in heavy if e[0] > 0 and e[2] >= SHORTEST and e[1].first in bare][:MOST] or heavy[:1]
    lacks = _lacks(document, page, first, last)
    spans: list[Span] = []
    for _, sentence, count in sorted(chosen, key=lambda e: e[1].start):
        says = f"{count} words without a number, name or person." if sentence.first in bare else GENERAL
        spans.append(Span(sentence.start, sentence.end, says if spans else says + lacks))
    return tuple(spans)


def _lacks(document: Document, page: Words, first: int, last: int) -> str:
    """What the stretch has none of, as a sentence after a space; "" where it has some of everything."""
    known = claims(document)
    said = {document.tokens.word[i] for i in page.token[first:last].tolist()}
    start, end = document.tokens.start[page.token[first]], document.tokens.end[page.token[last - 1]]
    numbers = page.ids[first:last] == NUMBER
    has = {
        "figure": bool(numbers.any()),
        "name": bool((page.detail[first:last][~numbers] == 1).any()),
        "risk or limit": any(start <= known.starts[k] < end for k in known.limits),
        "condition": not _CONDITIONS.isdisjoint(said),
    }
    lacking = [name for name, there in has.items() if not there]
    return f" The {last - first} words here have no {', no '.join(lacking)}." if lacking else ""
