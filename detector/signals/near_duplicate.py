"""Paragraphs or sentences of the page repeat each other, word for word or reworded.

Why it matters
    A writer says a thing once. Pages that are filled to a length, shuffled from snippets or stitched from
    several versions of one article say it again with half of the words changed. Google's spam policies name
    "stitching or combining content from different web pages without adding value" under scaled content
    abuse; resemblance of shingles is Broder's measure ("On the resemblance and containment of documents",
    1997), here weighted by how telling each word is, because the words of the topic come back in every
    honest paragraph.

Fires on
    Paragraphs of 25 words or more that share about a third of their telling words and word pairs, and
    sentences of eight words or more that come back nearly word for word. Both places are marked and name
    each other. The value is the likeness of the five worst pairs, a pair of short places counting less, and
    the share of the page's words that were said before.

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
    Paragraphs about the same thing that say something new, list items and tables built alike, pulled quotes,
    short furniture such as a call with a link to book, parallel entries that stand side by side.

    Example:
        The barn owl hunts over rough grassland at dusk. It listens for voles with ears set at different
        heights, so that it can strike in complete darkness, and swallows its catch whole.

        A pair of barn owls nests in a hollow tree or a box under the rafters. The female lays four to seven
        eggs in April, two days apart, and sits on them for a month while the male brings food.

        Road verges are dangerous for barn owls, because the voles that live there draw them down to the
        height of lorries. Hedges of three metres beside the road lift their flight above the traffic.

Blind spots
    A repeat in wholly other words, which needs meaning rather than words; repeats shorter than a sentence
    of eight words; repeats in lists and tables, which honest price lists are full of.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np

from detector.document import Document, Partner, Span
from detector.signals._repeats import Pairs, repeats
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "Paragraphs or sentences of this page repeat each other."

ALIKE = 0.25  # paragraphs from this likeness on restate each other
NEXT_ALIKE = 0.6  # paragraphs side by side are often built alike on purpose
SAME = 0.7  # sentences from this likeness on are the same sentence
FULL = 40  # words from which a repeat counts in full
WORST = 5  # pairs that make up the value
MOST = 12  # pairs that are marked
PAGE = 15  # what a page that only repeats itself counts on top
SHORT_PAGE = 100  # words; of a shorter page one repeat would be too large a share


class Place(NamedTuple):
    """A paragraph or sentence: its tokens and its characters."""

    first: int
    last: int
    start: int
    end: int

    @property
    def words(self) -> int:
        """How many words it has."""
        return self.last - self.first


Repeat = tuple[float, Place, Place]  # strength, the earlier place, the later place


def measure(document: Document, tables: Tables) -> Evidence:
    """The likeness of the worst pairs, and the two places of each."""
    compared = repeats(document, tables)
    blocks, ranges, starts = document.blocks, document.block_tokens, document.tokens.start
    paragraphs = [Place(*ranges[i], starts[ranges[i][0]], blocks[i].end) for i in compared.paragraphs]
    found = _repeats(paragraphs, compared.alike, ALIKE, NEXT_ALIKE)
    known = sorted(later for _, _, later in found)
    sentences = [Place(s.first, s.last, s.start, s.end) for s in compared.sentences]
    found += [
        repeat
        for repeat in _repeats(sentences, compared.same, SAME, SAME)
        if not _inside(repeat[2], known) and not any(_furniture(document, place) for place in repeat[1:])
    ]
    found.sort(key=lambda r: (-r[0], r[1], r[2]))
    spans: dict[Place, Span] = {}
    for _, earlier, later in found[:MOST]:
        spans.setdefault(earlier, _span(document, earlier, later))
        spans.setdefault(later, _span(document, later, earlier))
    again = sum(later.words for _, _, later in found) / max(SHORT_PAGE, len(document.tokens))
    return Evidence(sum(strength for strength, _, _ in found[:WORST]) + PAGE * again, tuple(spans.values()))


def _repeats(places: list[Place], met: Pairs, alike: float, next_alike: float) -> list[Repeat]:
    """The places that repeat an earlier one, each later one once, strongest likeness first."""
    enough = np.where(met.second - met.first == 1, next_alike, alike)
    kept = np.flatnonzero(met.likeness >= enough)
    found: dict[Place, Repeat] = {}
    for k in kept[np.lexsort((met.first[kept], -met.likeness[kept]))].tolist():
        one, two = places[met.first[k]], places[met.second[k]]
        found.setdefault(
            two, (float(met.likeness[k]) * min(1.0, one.words / FULL, two.words / FULL), one, two)
        )
    return list(found.values())


def _inside(place: Place, known: list[Place]) -> bool:
    """Whether the place lies in one of the known places (sorted, apart from one another)."""
    at = bisect_right(known, place.start, key=lambda p: p.start) - 1
    return at >= 0 and place.end <= known[at].end


def _furniture(document: Document, place: Place) -> bool:
    """Whether the sentence is a call with a link in it or somebody's words pulled out as a quotation."""
    at = bisect_left(document.links, place.start, key=lambda link: link.end)
    linked = at < len(document.links) and document.links[at].start < place.end
    return linked or document.in_quotes(place.start, document.tokens.end[place.last - 1])


def _span(document: Document, here: Place, there: Place) -> Span:
    """The place `here`, with `there` as its partner."""
    opening = " ".join(document.text[there.start : there.end].split()[:6])
    says = f"Says again what stands {'earlier' if there < here else 'later'} on the page: “{opening} …”"
    return Span(here.start, here.end, says, (), Partner(document.id, document.url, there.start, there.end))
