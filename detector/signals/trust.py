"""Marks of a page somebody answers for: a named author with a qualification, sources, risks, dates, prices, limits.

Why it matters
    Google's rater guidelines weigh experience, expertise and trust; the HON code and DISCERN (Charnock 1999) ask of
    health pages who wrote it, from which sources, when, how sure, and what can go wrong. Farms seldom bother with
    more than one of these.

Fires on
    Eight kinds of marks, each counted once: author, source, risk, exclusion, figure, disclosure, date, price. At most
    two kinds count per 100 words, so that a pasted line is not trust. The value is their weighted sum; dates and
    prices, which farms print more often than clinics, count a quarter and only beside two other kinds.

    Example:
        Written by ⟦Helen Varga, RN⟧ after the trial by ⟦Olsen et al. (2014)⟧, in which the floors were polished daily.

Quiet on
    Claims to authority without a name ("experts agree", "as a specialist, I"), and pages without any mark.

    Example:
        As an expert, I recommend beeswax to everyone. Studies show that it works, and doctors agree that it is safe.
        Last updated in March 2020. Only $19 a tin.

Blind spots
    Nobody checks whether the author exists or the study says so. Invented doctors with a byline earn one point.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain
from operator import attrgetter

from detector.document import BODY, Document, Span
from detector.patterns import regex
from detector.signals._cues import DIGIT, Cue, Cues, cue
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "trust"
SAYS = "Somebody answers for this page: author, sources, risks, dates or prices are given."

_MONTH = (
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_DEGREES = (
    "md phd dds dmd rn rd rdn dpt mbbs bds msc bsc frcs frcp faad facs facc mrcp mrcgp lcsw lmt cpm cnm pharmd aprn"
    " mcsp lac"
)
_PERSON = r"[A-Z][\w'’-]+ (?:[A-Z]\.? )?[A-Z][\w'’-]+"
_AUTHORITY = regex(r"https?://[\w.-]+\.(?:gov|edu|nhs\.uk|ac\.uk|int|europa\.eu)\b", re.I)


_LINK = cue("source", 1.0, "A link to an authority or a university.", "", "")
_CUES = Cues(
    cue(
        "author",
        0.5,
        "A named person with a qualification.",
        f"{_DEGREES.replace(' ', '-6 ')}-6 d-7 dr prof professor",
        rf"\b(?-i:(?:Dr\b\.?|Prof\b\.?|Professor) {_PERSON}"
        rf"|{_PERSON}, (?:{_DEGREES.upper().replace(' ', '|')}|Ph\.?D|M\.D|D\.O|Pharm\.?D|M\.?Sc|B\.?Sc|D\.D\.S)\b)",
    ),
    cue(
        "source",
        1.0,
        "A source that can be looked up.",
        "et-3 pmid doi",
        r"\b(?-i:[A-Z])[\w'’-]+ et al\b\.?,? \(?(?:19|20)\d\d\)?|\bdoi:? ?10\.\d{4,5}/[^\s\])]+|\bPMID:? ?\d+",
    ),
    Cue(
        "source",
        1.0,
        "A source that can be looked up.",
        regex(r"[12][09]\d\d(?:;|: ?\d+ ?\() ?\d{1,4}(?: ?\(\d+\))?: ?\d+"),
        signs=DIGIT,
    ),
    cue(
        "risk",
        1.0,
        "What can go wrong is said.",
        "effects-5 effect-5 complications-4 complication-4 risks-4 risk-4 events-5 event-5 reactions-5 reaction-5",
        r"\b((?:reduc|lower|minimi[sz]|decreas|prevent|avoid|cut)\w* (?:\w+ ){0,3}?)?(?:side[- ]effects?|complications?"
        r"|adverse (?:events?|effects?|reactions?)|risks?)"
        r" (?:\w+ ){0,3}?(?:include|are|is|of|such as|may|can)\b(?:[^.\n]|\.(?=\d)){4,90}",
    ),
    cue(
        "exclusion",
        1.0,
        "Who should not, or when to stop, is said.",
        "not-1 contraindicated 911-1 999-1",
        r"\b(?:should not (?:be (?:used|taken|given)|use|take|have)|do not (?:use|take|give)|not (?:suitable"
        r"|recommended|advised|safe) (?:for|if|in)|contraindicated|call (?:911|999))\b[^.\n]{0,90}",
    ),
    cue(
        "date",
        0.25,
        "A date.",
        "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august"
        " september october november december",
        rf"{_MONTH}\.? (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d\b",
    ),
    Cue("price", 0.25, "A price.", regex(r"[$£€] ?\d(?:[\d,.]*\d)?"), signs="$£€"),
    Cue(
        "figure",
        1.0,
        "A figure or dose that can be checked.",
        regex(
            r"\d(?<![\w.,]\d)[\d,.]* ?(?:(?:%|percent|per cent)"
            r" (?:of|fewer|more|less|lower|higher|CI|reduction|increase)\b"
            r"|(?:patients|participants|people|women|men|children|trials|studies|adults|cases"
            r"|mg|mcg|µg|ml|mL|IU|mmHg)\b)"
        ),
        signs=DIGIT,
    ),
    cue(
        "disclosure",
        0.5,
        "Interests or a registration are disclosed.",
        "conflict conflicts funded grant-3 grants-3 competing licence license registration gdc gmc hcpc",
        r"\b(?:conflicts? of interest|funded by|supported by (?:a )?grants?|competing interests?|(?-i:GDC|GMC|HCPC)"
        r"|(?:licen[cs]e|registration) (?:no|number))\b[^.\n]{0,80}",
    ),
)
_REST_OF_WORD = regex(r"(?<=\w)(?:['’-]?\w){1,40}")
_BRACKET = regex(r"[()\[\]]")
_CLOSING = regex(r"[^\n()\[\]]{0,80}[)\]]")
ZONE = 100  # words in which at most
PER_ZONE = 2  # kinds count
CHEAP = frozenset({"date", "price"})  # which every farm prints: they count only
BESIDE = 2  # or more of the other kinds


def measure(document: Document, tables: Tables) -> Evidence:
    """The kinds of marks in the prose, weighted."""
    zones: dict[int, int] = {}
    seen: dict[str, Span] = {}
    value = cheap = 0.0
    for mark, start, end in chain(_linked(document), _CUES.find(document, seen)):
        if mark.kind in seen or not _in_prose(document, start):
            continue
        zone = bisect_right(document.tokens.start, start) // ZONE
        if zones.get(zone, 0) < PER_ZONE:
            zones[zone] = zones.get(zone, 0) + 1
            if mark.kind in CHEAP:
                cheap += mark.weight
            else:
                value += mark.weight
            seen[mark.kind] = Span(start, _whole(document.text, start, end), mark.says)
    if len(seen.keys() - CHEAP) < BESIDE:
        seen = {kind: span for kind, span in seen.items() if kind not in CHEAP}
        cheap = 0.0
    return Evidence(value + cheap, tuple(sorted(seen.values(), key=lambda s: s.start)))


def _linked(document: Document) -> Iterator[tuple[Cue, int, int]]:
    """Links to authorities and universities."""
    # "www." is not part of a host
    hosts = {host for host in set(document.link_hosts) if _AUTHORITY.match(f"http://www.{host}")}
    for link, host in zip(document.links, document.link_hosts, strict=True) if hosts else ():
        if host in hosts and link.start < link.end and _AUTHORITY.match(link.href):
            yield _LINK, link.start, link.end


def _whole(text: str, start: int, end: int) -> int:
    """Where text[start:end] ends if it may cut neither a word nor a pair of brackets in two."""
    if rest := _REST_OF_WORD.match(text, end):
        end = rest.end()
    opened: list[int] = []
    for bracket in _BRACKET.finditer(text, start, end):
        if bracket[0] in "([":
            opened.append(bracket.start())
        elif opened:
            opened.pop()
    if opened:
        closing = _CLOSING.match(text, end) if len(opened) == 1 else None
        end = closing.end() if closing else opened[0]
    return start + len(text[start:end].rstrip(" \t,;:-–—"))


def _in_prose(document: Document, at: int) -> bool:
    """Whether the character belongs to a paragraph, list item or quote; holes in one count as part of it."""
    blocks = document.blocks
    index = bisect_right(blocks, at, key=attrgetter("start")) - 1
    while index > 0 and blocks[index].kind == "code" and at < blocks[index - 1].end:
        index -= 1
    return index >= 0 and blocks[index].kind in BODY and at < blocks[index].end
