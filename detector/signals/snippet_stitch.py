"""Fragments of other pages glued together: sentences cut in the middle, next to sentences they have nothing to do with.

Why it matters
    Google's spam policies name "stitching or combining content from different web pages" as scaled content abuse.
    Every fragment was written by a person, so that wording alone does not give it away; the cuts do, because a search
    result ends after so many letters and not after a thought.

Fires on
    Sentences with a full stop after a word that cannot end one ("the", "and", "your"; beside such a cut also "of",
    "to", "with"), and pages of 200 words or more with hardly a comma. The value is the sum of the cuts in the worst
    25 sentences, raised by the share of neighbours there that have no word and no pronoun in common. The spans are
    the cut sentences.

    Example:
        Most kayaks are made of polyethylene. ⟦Paddlers who are new to the sport often prefer your.⟧ The river Wye
        has a long season. ⟦Store the boat on its side, because the hull can be dented by the.⟧ Roof racks differ.

Quiet on
    Sentences that end in a particle ("the chair she sat on", "what it is for"), a single slip, quoted speech.

    Example:
        A kayak is the boat most people begin with. Nobody needs a licence on the Wye, which is what the season is
        for. Vitamin A. has nothing to do with it.

Blind spots
    Collages cut at full stops only. Pages without sentences, and lists of titles.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from detector.document import Document, Sentence, Span
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "Sentences are cut off in the middle and glued to others, as in pages made from search results."

# How surely a sentence that ends in the word was cut there; the uncertain ones count beside a certain one only.
_CUT = {
    **dict.fromkeys("the a an and or as your my our their its because than if but every".split(), 1.0),
    **dict.fromkeys("to of for with at which".split(), 0.5),
    **dict.fromkeys("is are can in by from was will may".split(), 0.25),
}
_CUT_WORDS = frozenset(_CUT)
# Words near the start of a sentence that tie it to the one before.
_TIES = frozenset(
    "it its this that these those they them he his him she her their such also however but so then therefore and i we"
    " you your our my another both either instead".split()
)
STRETCH = 25  # sentences
LEAST_WORDS = 5  # words of a sentence that can have been cut
BARE_WORDS = 200  # words in which a page that is no collage has a comma
STEM = 6  # letters that must agree for two words to be the same


def measure(document: Document, tables: Tables) -> Evidence:
    """The cuts in the worst stretch, raised by what its neighbours lack in common."""
    tokens, words, text = document.tokens, document.tokens.word, document.text
    paragraph = np.array([kind == "paragraph" for _, _, kind in document.blocks], dtype=bool)
    prose = paragraph[document.bounds.block].nonzero()[0]
    can_end = np.zeros(len(tokens.types), dtype=bool)
    can_end[[tokens.types[word] for word in tokens.met(_CUT_WORDS)]] = True
    last = document.bounds.last[prose] - 1
    cuts: list[tuple[int, float]] = []
    for k in can_end[tokens.type_of[last]].nonzero()[0].tolist():
        s = document.sentences[prose[k]]
        start, end = tokens.start[s.last - 1], tokens.end[s.last - 1]
        plain = text[start - 1].isspace() and text[start].islower() and text[end : s.end] == "."
        if plain and s.last - s.first >= LEAST_WORDS and not document.in_quotes(start, end):
            cuts.append((k, _CUT[words[s.last - 1]]))
    bare = _without_commas(document)
    if not bare and all(weight < 1.0 for _, weight in cuts):
        return Evidence()
    best, at, first, running = 0.0, 0, 0, 0.0
    for k, weight in cuts:
        running += weight
        while cuts[first][0] <= k - STRETCH:
            running -= cuts[first][1]
            first += 1
        if running > best:
            best, at = running, max(0, k - STRETCH + 1)
    spans = [
        Span(s.start, s.end, f"The sentence is cut off after “{words[s.last - 1]}”.")
        for s in (document.sentences[prose[k]] for k, _ in sorted(cuts, key=lambda cut: -cut[1])[:8])
    ]
    best += len(bare)
    spans += bare
    worst = [document.sentences[k] for k in prose[at : at + STRETCH].tolist()]
    return Evidence(best * (1.0 + 2.0 * _strangers(document, worst)), tuple(spans))


def _without_commas(document: Document) -> list[Span]:
    """The longest paragraph, if the page's paragraphs have hardly a comma: what search results lose on the way."""
    text = document.text
    longest: tuple[int, Span] | None = None
    total = commas = 0
    for index, (first, last) in document.block_tokens.items():
        block = document.blocks[index]
        if block.kind != "paragraph":
            continue
        total += last - first
        commas += text.count(",", block.start, block.end)
        if commas * BARE_WORDS > len(document.tokens):  # as in any text
            return []
        if longest is None or last - first > longest[0]:
            longest = (
                last - first,
                Span(block.start, block.end, "Not a comma here, nor in the rest of the page."),
            )
    if longest is None or total < BARE_WORDS or commas * BARE_WORDS > total:
        return []
    return [longest[1]]


def _strangers(document: Document, sentences: Sequence[Sentence]) -> float:
    """The share of neighbouring sentences that have nothing in common but the page's own subject."""
    words = document.tokens.word
    subject = {w[:STEM] for w in words[:12]}
    pairs = strange = 0
    for a, b in pairwise(sentences):
        if a.block == b.block:
            pairs += 1
            here, there = ({w[:STEM] for w in words[s.first : s.last] if len(w) > 4} for s in (a, b))
            strange += here.isdisjoint(there - subject) and _TIES.isdisjoint(words[b.first : b.first + 8])
    return strange / pairs if pairs else 0.0
