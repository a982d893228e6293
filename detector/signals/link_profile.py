"""Links in the text whose anchors are what their targets want to be found for, not what the sentence is about.

Why it matters
    Google's link spam policy names links with optimized anchors in articles and guest posts, and asks for `nofollow`
    or `sponsored` on paid ones. An author links a source, a name, a title or half a sentence; a paid link carries the
    search phrase of whoever pays, often to a home page, often several to one host.

Fires on
    A link out of running text whose anchor is made of the words that sellers paste as links rather than of those that
    authors write (as counted for the signal of pasted phrases), the sooner if it shares neither topic nor words with
    the page; and an anchor of common words that leads to the home page of somebody whom it does not name. `rel`
    nofollow, ugc or sponsored halves a link. The value is the sum over the five worst. Where the page's own host is
    known, a host that is linked with different such anchors adds a half for each further one.

    Example:
        Tomatoes want sun and a stake. Many gardeners order [⟦affordable dental implants in Boston⟧](https://zornel.example/)
        and then tie the stems loosely with raffia.

Quiet on
    Titles, names and half sentences that are linked; sources: authorities, universities, journals; the page's own
    pages; a label, button or address on a line of its own.

    Example:
        Tomatoes want sun, and the county has [measured the soil](https://zornel.example/reports/soil-2019) in every
        village. The [Zornel Seed Library](https://zornel.example/) keeps older kinds, the
        [guide to blight](https://extension.example.edu/blight) has pictures.

        [Order seeds](https://zornel.example/shop)

Blind spots
    Paid links with the name of the payer as anchor; links without an address in the text. Without an address of the
    page, or `--site`, every absolute link counts as a link out, and nothing is said about hosts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np

from detector.document import Document, Link, Span
from detector.patterns import regex
from detector.signals._links import outward
from detector.signals._phrases import sold, telling
from detector.signals._reading import Reading, read
from detector.tables import Floats, Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "Links in the text carry search phrases of those they lead to."
TABLES = ("anchor_bits", "topics", "word_counts", "pairs")

SHORTEST, LONGEST = 2, 10  # words of an anchor that can be a search phrase
ROOM = 3  # words that the sentence has around it at least
# Bits by which the words of an anchor favour sellers over authors; honest links into the open web pass the first once
# in 100, the second once in 20.
PASTED, STRAYED = 8.0, 4.0
UNLIKE = 0.3  # cosine below which an anchor has nothing of the topic of its surroundings, and of the page
REACH = 15  # words to each side that are its surroundings
MOST = 1.5  # what one anchor can be worth
KEYWORD = 6  # words of the longest phrase that leads to a home page; half sentences are longer
HOME = 0.5  # what a common phrase that leads to a stranger's home page is worth
AGAIN = 0.5  # what each further anchor to the same host adds
PLAIN = 0.25  # strength from which an anchor counts as one of those
WORST = 5  # links that make the value
SHOWN = 20  # links that are marked

# Whose pages are sources.
_SOURCE = regex(
    r"(?:^|\.)(?:gov|edu|mil|int|ac|gob|gouv|govt|nhs)(?:\.[a-z]{2})?$|(?:^|\.)(?:doi|wikipedia|wikimedia|pubmed|orcid)\.org$"
)
_RELEASED = frozenset(("nofollow", "sponsored", "ugc"))
_ADDRESS = regex(r"https?:|www\.|\.[a-z]{2,4}(?:/|$)|@", re.IGNORECASE)
_TITLE = regex(r"[\"“«].+[\"”»]|^['‘].+['’]$", re.DOTALL)
_SIGNS = regex(r"[^a-z0-9]+")


class _Anchor(NamedTuple):
    """A link whose anchor reads like a search phrase; `pasted` and `home` are what that is worth."""

    link: Link
    host: str
    words: tuple[str, ...]
    pasted: float
    home: float
    released: bool

    @property
    def strength(self) -> float:
        return (self.pasted + self.home) * (0.5 if self.released else 1.0)


def measure(document: Document, tables: Tables) -> Evidence:
    """The worst links out of the running text."""
    if not document.links or any(name not in tables for name in TABLES):
        return Evidence()
    found = _anchors(document, tables)
    found.sort(key=lambda a: (-a.strength, a.link.start))
    value = sum(a.strength for a in found[:WORST])
    if document.hosts:
        phrases = {(a.host, a.words) for a in found if a.strength >= PLAIN}
        value += AGAIN * (len(phrases) - len({host for host, _ in phrases}))
    return Evidence(value, tuple(Span(a.link.start, a.link.end, _says(a)) for a in found[:SHOWN]))


def _says(anchor: _Anchor) -> str:
    what = "A search phrase as a link" if anchor.pasted else "A common phrase as a link to a home page"
    return f"{what}: {anchor.host}{'' if anchor.released else ', without nofollow'}."


def _anchors(document: Document, tables: Tables) -> list[_Anchor]:
    """The links out of running text that read like search phrases."""
    text, tokens, sentences = document.text, document.tokens, document.sentences
    starts, types, counts = tokens.start, tokens.types, tokens.type_counts
    found = []
    for link, host in outward(document):
        first, last = bisect_left(starts, link.start), bisect_left(starts, link.end)
        if not SHORTEST <= last - first <= LONGEST or _is_theirs(document, host) or _SOURCE.search(host):
            continue
        anchor = text[link.start : link.end]
        if _ADDRESS.search(anchor) or _TITLE.search(anchor):
            continue
        at = int(document.sentence_of[first])
        sentence = sentences[at]
        if sentence.last - sentence.first < last - first + ROOM:
            continue  # a label, button or line of its own
        words = tuple(tokens.word[first:last])
        content = telling(words)
        if len(content) < SHORTEST or _names(content, words, host):
            continue
        new = all(counts[types[w]] <= words.count(w) for w in content)
        row = first + at + 1  # a reading has an EDGE before each sentence
        pasted = _pasted(document, tables, words, row if new else None)
        common = len(words) <= KEYWORD and anchor[:1].islower() and not any(w in host for w in content)
        home = HOME * (common and _is_home(link.href))
        if pasted or home:
            found.append(
                _Anchor(link, host, words, pasted, home, not _RELEASED.isdisjoint(link.rel.lower().split()))
            )
    return found


def _is_theirs(document: Document, host: str) -> bool:
    """Whether the host bears the name of the business whose page somebody said this is."""
    if not document.site:
        return False
    name = _SIGNS.sub("", document.site.lower())
    return len(name) > 3 and name in _SIGNS.sub("", host)


def _names(content: list[str], words: tuple[str, ...], host: str) -> bool:
    """Whether the anchor is the name of the host and no more."""
    plain = _SIGNS.sub("", host)
    return all(w in plain for w in content) or "".join(words) in plain


def _is_home(href: str) -> bool:
    parts = urlsplit(href)
    return parts.path in ("", "/") and not parts.query and not parts.fragment


def _pasted(document: Document, tables: Tables, words: tuple[str, ...], row: int | None) -> float:
    """How much the words read like what sellers paste, 0 to MOST.

    row: their first place in the reading, if the page says none of them elsewhere.
    """
    total = sold(tables, words)
    if total <= STRAYED:
        return 0.0
    strays = row is not None and _strays(read(document, tables), row, row + len(words))
    return min(MOST, max(0.0, total / (STRAYED if strays else PASTED) - 1))


def _strays(reading: Reading, start: int, end: int) -> bool:
    """Whether the topic of the places start..end is neither that of their surroundings nor that of the page."""
    begin, first, last, stop, whole = reading.until(
        np.array([start - REACH, start, end, end + REACH, len(reading)])
    )
    anchor = last - first
    near = stop - begin - anchor
    return bool(anchor.any()) and max(_cosine(anchor, near), _cosine(anchor, whole - anchor)) < UNLIKE


def _cosine(a: Floats, b: Floats) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-6))
