"""Paragraphs or sentences of the page repeat each other, word for word or reworded.

Why it matters
    A writer says a thing once. Pages that are filled to a length, shuffled from snippets or stitched from several
    versions of one article say it again with half of the words changed. Google's spam policies name "stitching or
    combining content from different web pages without adding value" under scaled content abuse. Passages are
    compared by containment (Broder, "On the resemblance and containment of documents", 1997), weighted by how telling
    each word is, because the words of the topic come back in every honest paragraph; their sentences by the longest
    sequence of words in common, because whoever exchanges words leaves the others in their order.

Fires on
    Paragraphs of which about half was said before, in two sentences or more or in a long one, whatever their order
    and with up to half of the words exchanged; and sentences that come back word for word, from 40 words on a page in
    all (fewer on a short one). Both places are marked and name each other. The value is the likeness of the five
    worst repeats, a short one counting less, and the share of the page's words that were said before.

    Example:
        ⟦Compost needs a steady balance of green kitchen scraps and dry brown leaves. Turning the heap every
        fortnight lets oxygen reach the middle, keeps the microbes warm and stops sour smells from building
        up.⟧

        A wooden bin with slatted sides is easy to build from three pallets. Leave the front open, so that a
        fork fits in, and stand it on bare soil where worms can find their way up.

        ⟦A steady balance of green kitchen scraps and brown leaves is what compost needs. Turn the heap each
        fortnight to let oxygen into the middle, which keeps microbes warm and prevents sour smells.⟧

    Example:
        Slate roofs last for generations when the nails are copper. ⟦A loose slate should be put back before
        the first hard frost of winter.⟧

        Gutters fill up with moss on the north side of the house, and water then runs down behind the fascia
        boards.

        Ladders belong on firm ground with a second person at the foot. ⟦Any loose slate should be put back
        before the first hard frost of winter.⟧

Quiet on
    Paragraphs about the same thing that say something new, results told with one formula and other figures, list
    items and tables built alike, pulled quotes, a line or two of instructions that come back, short furniture such as
    a call with a link to book.

    Example:
        The barn owl hunts over rough grassland at dusk. It listens for voles with ears set at different
        heights, so that it can strike in complete darkness, and swallows its catch whole.

        A pair of barn owls nests in a hollow tree or a box under the rafters. The female lays four to seven
        eggs in April, two days apart, and sits on them for a month while the male brings food.

        Road verges are dangerous for barn owls, because the voles that live there draw them down to the
        height of lorries. Hedges of three metres beside the road lift their flight above the traffic.

Blind spots
    A repeat in wholly other words, which needs meaning rather than words; repeats shorter than a sentence of eight
    words; repeats in lists and tables, which honest price lists are full of. Texts that show a passage before and
    after it was edited do repeat it, and forms repeat their instructions word for word: both are marked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain

from detector.document import Document, Partner, Sentence, Span
from detector.signals._repeats import REWORDED, SAME, Echo, repeats
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "Paragraphs or sentences of this page repeat each other."

ENOUGH = 4.0  # words above chance that a repeat has in common
SHARE = 0.45  # share of a paragraph that says nothing new
LONG = 120  # words of a paragraph that has room for more than a repeat
ONE = 30  # words of a sentence that is a repeat on its own
CALL = 25  # words that a call with a link can have
FULL = 40  # words from which a repeat counts in full
VERBATIM = 0.9  # likeness from which a repeat was copied, as leaflets do with a line or two
PART = 1 / 8  # share of a short page from which copied lines count, of a longer one FULL words
WORST = 5  # repeats that make up the value
MOST = 12  # repeats that are marked
PAGE = 15  # what a page that only repeats itself counts on top
SHORT_PAGE = 100  # words; of a shorter page one repeat would be too large a share


def measure(document: Document, tables: Tables) -> Evidence:
    """The likeness of the worst repeats, and the two places of each."""
    compared = repeats(document, tables)
    retold: dict[int, list[Echo]] = {}
    for echo in chain.from_iterable(compared.echoes.values()):
        if not _is_call(document, echo.later):
            retold.setdefault(echo.later.block, []).append(echo)
    found = [echoes for echoes in retold.values() if _says_nothing_new(document, echoes)]
    known = {echoes[0].later.block for echoes in found}
    copied = [echoes for echoes in found if _likeness(echoes) >= VERBATIM]
    copied += [
        [echo]
        for echo in chain(compared.alone, *retold.values())
        if echo.later.block not in known and _is_sentence(document, echo)
    ]
    found = [echoes for echoes in found if _likeness(echoes) < VERBATIM]
    if sum(map(_words, found + copied)) >= min(FULL, PART * len(document.tokens)):
        found += copied
    found.sort(key=lambda echoes: (-_strength(echoes), echoes[0].later.start))
    spans: dict[tuple[int, int], Span] = {}
    for echoes in found[:MOST]:
        block = max(echoes, key=lambda e: e.later.last - e.later.first).earlier.block
        earlier = _stretch(document, [e.earlier for e in echoes if e.earlier.block == block])
        later = _stretch(document, [e.later for e in echoes])
        spans.setdefault(earlier, _span(document, earlier, later))
        spans.setdefault(later, _span(document, later, earlier))
    again = sum(map(_words, found)) / max(SHORT_PAGE, len(document.tokens))
    return Evidence(sum(map(_strength, found[:WORST])) + PAGE * again, tuple(spans.values()))


def _words(echoes: Sequence[Echo]) -> int:
    """How many words were said before."""
    return sum(e.later.last - e.later.first for e in echoes)


def _likeness(echoes: Sequence[Echo]) -> float:
    """The mean likeness of the sentences, longer ones counting more."""
    return sum(e.likeness * (e.later.last - e.later.first) for e in echoes) / _words(echoes)


def _strength(echoes: Sequence[Echo]) -> float:
    """The likeness, less for a short repeat."""
    return _likeness(echoes) * min(1.0, _words(echoes) / FULL)


def _says_nothing_new(document: Document, echoes: Sequence[Echo]) -> bool:
    """Whether enough of a paragraph was said before for it to be a repeat."""
    words = _words(echoes)
    above = (_likeness(echoes) - REWORDED) * words
    first, last = document.block_tokens[echoes[0].later.block]
    enough = above >= ENOUGH if len(echoes) > 1 else above >= 2 * ENOUGH and words >= ONE
    return enough and words >= SHARE * min(LONG, last - first)


def _is_sentence(document: Document, echo: Echo) -> bool:
    """Whether a sentence came back nearly word for word, and not as somebody's words pulled out as a quotation."""
    here = echo.later
    quoted = document.in_quotes(here.start, document.tokens.end[here.last - 1])
    return echo.likeness >= SAME and not quoted and not _is_call(document, here)


def _is_call(document: Document, here: Sentence) -> bool:
    """Whether the sentence is a short one with a link in it, such as a call to ring."""
    at = bisect_left(document.links, here.start, key=lambda link: link.end)
    linked = at < len(document.links) and document.links[at].start < here.end
    return linked and here.last - here.first < CALL


def _stretch(document: Document, sentences: Sequence[Sentence]) -> tuple[int, int]:
    """The place of the sentences of a paragraph: all of it if they are the most of it."""
    block = sentences[0].block
    first, last = document.block_tokens[block]
    if len(sentences) > 1 and 2 * sum(s.last - s.first for s in sentences) >= last - first:
        return document.tokens.start[first], document.blocks[block].end
    return min(s.start for s in sentences), max(s.end for s in sentences)


def _span(document: Document, here: tuple[int, int], there: tuple[int, int]) -> Span:
    """The place `here`, with `there` as its partner."""
    opening = " ".join(document.text[slice(*there)].split()[:6])
    says = f"Says again what stands {'earlier' if there < here else 'later'} on the page: “{opening} …”"
    return Span(*here, says, (), Partner(document.id, document.url, *there))
