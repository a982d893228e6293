"""The page says little that could be checked: no numbers, names, doses, prices or dates where an honest page has them.

Why it matters
    Google's "helpful content" questions and the Search Quality Rater Guidelines ask for original, first-hand detail;
    generic text about a topic is what mass production yields. Genuine clinic pages carry about 19 numbers per
    1,000 words, the rejected pages this project started from about 4. One detail counts once per 300 words, so
    repeating a figure or a brand does not help; a price table elsewhere on the page does not count for the prose.

Fires on
    The emptiest 300 words of the body. Details are numbers, names (capitals in mid-sentence that the page does not
    also write small and its title does not already say), counted words ("three", "twice") at half, and persons who
    speak or act ("I", "she", "said") at a quarter. The value is the share of eight details per 300 words that is
    missing, in proportion to the words there are. The spans mark the emptiest paragraphs.

    Example:
        ⟦Choosing the right mattress is an important decision that can affect many areas of everyday life. A good
        mattress offers comfort and support, and it helps the body to recover after a long day. There are many
        options available today, and each of them comes with its own advantages. It is always worth taking the time
        to compare materials and levels of firmness before making a decision that fits personal needs.⟧

Quiet on
    Pages with ordinary amounts of detail, narrative with people in it, recipes.

    Example:
        Our Leeds workshop has rebuilt 214 mattresses since March 2016. Wool costs us £11 a kilo, and a double takes
        9 kg of it, so the filling alone is close to £100. Margaret Hobbs, who sews the borders, needs about two
        hours for each side. Customers from Otley and Ilkley usually wait three weeks, because the ticking is woven
        by hand at a mill in Lancashire and arrives on the first Monday of the month.

Blind spots
    Invented details count like true ones. Plain health advice ("drink water, rest") can be honest and thin at once,
    which is why this is a slope and not a verdict. Names at the start of a sentence are not seen.
"""

from __future__ import annotations

import numpy as np

from detector.document import Document, Span
from detector.signals._specifics import specifics
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "description"
SAYS = "This stretch has no numbers, names, dates or other details that a reader could check."

STRETCH = 300  # words over which the rate is taken
ENOUGH = 8.0  # details in a stretch from which nothing is missing
LEAST_WORDS = 50  # below this there is no rate
PARAGRAPH = 25  # words from which an empty paragraph is worth marking
STEP = 25  # how finely the stretch slides


def measure(document: Document, tables: Tables) -> Evidence:
    """The share of expected details that is missing in the emptiest stretch."""
    found = specifics(document)
    sums, count = found.sums, len(found.body)
    if count < LEAST_WORDS:
        return Evidence()
    size = min(STRETCH, count)
    starts = np.append(np.arange(0, count - size, STEP), count - size)
    held = sums[starts + size] - sums[starts]
    at = int(starts[held.argmin()])
    least = float(held.min())
    value = max(0.0, ENOUGH * size / STRETCH - least) / ENOUGH
    if value == 0.0:
        return Evidence()
    return Evidence(value, _emptiest(document, at, at + size))


def _emptiest(document: Document, first: int, last: int) -> tuple[Span, ...]:
    """The longest paragraphs of the stretch without a detail, at most three."""
    found = specifics(document)
    body, sums, tokens = found.body, found.sums, document.tokens
    spans: list[tuple[float, int, Span]] = []
    for index in dict.fromkeys(tokens.blocks[body[first:last]].tolist()):
        block = document.blocks[index]
        a, stop = np.searchsorted(body, document.block_tokens[index]).tolist()
        b = stop
        if b - a > STRETCH:  # a page in one paragraph: only the stretch itself
            a, b = max(a, first), min(b, last)
        details = float(sums[b] - sums[a])
        if b - a < PARAGRAPH or details * 40 >= b - a:
            continue
        end = block.end if b == stop else tokens.end[body[b - 1]]
        says = f"{b - a} words with hardly a number, name, date, dose or price in them."
        spans.append((details - (b - a) / 100, a, Span(tokens.start[body[a]], end, says)))
    return tuple(span for _, _, span in sorted(spans, key=lambda s: s[:2])[:3])
