"""A review that exists to sell: price, guarantee, "official" shop, hurry and buying orders close together.

Why it matters
    Google's spam policies name thin affiliation; the Federal Trade Commission (16 CFR 255) asks that paid reviews
    say so. Commercial signals set such pages apart from other health pages (Bevendorff et al., ECIR 2024).

Fires on
    Different signs within 300 words: a price per unit or pack, a money-back guarantee, an official website, hurry, a
    discount, an order to buy, a rating, free shipping, a commission, a warning of fakes, tracking links. The value is
    the number of kinds in the densest stretch above two. Spans mark each sign there.

    Example:
        The Drovo wheel is ⟦$49 per⟧ set and comes with a ⟦60-day money-back guarantee⟧. It is sold only on the
        ⟦official website⟧. ⟦Hurry⟧, because stock is short. ⟦Order now⟧ and keep the tyre.

Quiet on
    A shop or clinic that names its prices, a newspaper's test, a page with one offer.

    Example:
        A fitting takes an hour and costs $49 per wheel. Ring us if you want to bring the bicycle in on a Saturday.

Blind spots
    A pitch that only links and praises; pages whose prices stand in pictures.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain

from detector.document import Document, Span
from detector.signals._specifics import Cue, Cues, cue
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "Price, guarantee, hurry and buying orders stand close together, as on a page built to sell through links."

_CUES = Cues(
    cue(
        "price",
        1.0,
        "A price for the pack.",
        "",
        r"[$£€] ?\d[\d.,]*\s?(?:per|/|each|for (?:one|two|three|\d))(?:\s?(?:bottle|jar|pack|unit|tube|box)s?\b)?",
    ),
    cue(
        "guarantee",
        1.0,
        "Money back.",
        "guarantee refund risk questions",
        r"(?:\b\d+[- ]days? )?(?:100% )?\b(?:money[-‑– ]?back guarantee|satisfaction guarantee"
        r"|refund (?:policy|guarantee)|full refund|refund every|risk[- ]free (?:trial|purchase|order|guarantee)"
        r"|no questions asked)\b",
    ),
    cue(
        "official",
        1.0,
        "The “official” shop.",
        "official",
        r"\bofficial (?:web ?site|site|web ?page|store|page|seller|online store)\b",
    ),
    cue(
        "hurry",
        1.0,
        "Hurry is made.",
        "hurry limited lasts last act only ends expires chance flash selling exclusive before",
        r"\bhurry\b|\blimited[- ](?:time|stock|supply|offer)"
        r"|\bwhile (?:supplies|stocks?) lasts?\b|\bact (?:now|fast)\b"
        r"|\btoday only\b|\boffer (?:ends|expires)\b|\blast chance\b|\bflash sale\b|\bselling out\b"
        r"|\bbefore (?:it['’]s gone|stock|prices?)(?: \w+)?|\bexclusive (?:discount|offer|deal|pricing|bonus)",
    ),
    cue(
        "discount",
        1.0,
        "A discount.",
        "off discount discounts deal deals price prices coupon save bonus bonuses",
        r"\b\d{1,2} ?% (?:off|discount)\b|\b(?:bulk|special|huge|big|best|biggest) (?:discounts?|deals?|prices?)\b"
        r"|\bcoupon codes?\b|\bsave (?:up to )?[$£€]\d+|\bfree bonus(?:es)?\b",
    ),
    cue(
        "order",
        1.0,
        "An order to buy.",
        "order buy claim grab check purchase purchased ordered bought now cart click",
        r"\b(?:order|buy) (?:now|today|here|yours?|online|from|on amazon|it (?:now|here))\b|\bclaim (?:your|my|this)\b"
        r"|\bgrab (?:your|yours|a|the)\b|\bcheck (?:the )?(?:latest |current |today['’]s )?price\b"
        r"|\b(?:where|how) to (?:buy|order|purchase)\b|\bcan be (?:purchased|ordered|bought)\b"
        r"|\bget yours now\b"
        r"|\b(?:purchase|order) (?:it |them )?(?:directly |only |exclusively )?(?:from|through|on|via)\b"
        r"|\badd to cart\b"
        r"|\bclick (?:here|the (?:link|button)|below) to (?:buy|order|get|claim|visit)\b",
    ),
    cue(
        "rating",
        1.0,
        "A rating.",
        "5 10 stars",
        r"\b\d(?:\.\d+)?(?: ?/ ?(?:5|10)\b(?![/.]\d)| out of (?:5|10)\b| stars\b)",
    ),
    cue("shipping", 1.0, "Free shipping.", "shipping delivery", r"\bfree (?:\w+ )?(?:shipping|delivery)\b"),
    cue(
        "fakes",
        1.0,
        "A word on fakes, which steers to one shop.",
        "scam scams counterfeit counterfeits fake fakes legit imitations authenticity genuine original authentic",
        r"\b(?:scams?|counterfeits?|fakes?|legit|imitations?|authenticity|(?:original|genuine|authentic) product)\b",
    ),
    cue(
        "commission",
        1.0,
        "A commission.",
        "affiliate amazon qualifying commission commissions",
        r"\b(?:affiliate (?:links?|commissions?|disclosure|products?|marketing)|amazon associate|qualifying purchases"
        r"|earn (?:a |an )?(?:small |affiliate )?commissions?)\b",
    ),
    cue(
        "packs",
        1.0,
        "Packs to choose from.",
        "bottle bottles jar jars month pack package option",
        r"\b(?:one|two|three|six|\d)[- ]?(?:bottles?|jars?|month supply|bottle packs?)\b"
        r"|\b(?:most popular|best value) (?:pack|package|option)\b",
    ),
    cue(
        "verdict",
        1.0,
        "A verdict on what to buy.",
        "cons worth verdict work tested",
        r"\bpros (?:and|&) cons\b|\bis it worth\b|\bworth (?:it|buying|the money|your money)\b|\bfinal verdict\b"
        r"|\bdoes it (?:really )?work\b|\btested by our\b|\bwe tested\b",
    ),
)
_LINK = cue("link", 1.0, "A link that pays whoever placed it.", "", "")
_TRACKED = re.compile(
    r"[?&](?:tag|aff|aff_?id|affid|ref|hop|a_aid|clickid|utm_medium=aff\w*|partner|subid)="
    r"|amzn\.to|clickbank|awin1|shareasale"
    r"|/(?:go|recommends|out)/|anrdoezrs|dpbolvw|jvzoo|digistore24|\bhop\.",
    re.I,
)
STRETCH = 300  # words in which the signs are counted
LINKS = 3  # paid links that count as a sign each
FREE = 2  # kinds that an honest page with something to sell has


def measure(document: Document, tables: Tables) -> Evidence:
    """The kinds of selling signs in the densest stretch, above what honest pages have."""
    starts = document.tokens.start
    places = [
        (bisect_left(starts, start), found.kind, Span(start, end, found.says))
        for found, start, end in chain(_CUES.find(document), _paid(document))
    ]
    if len({kind for _, kind, _ in places}) <= FREE:
        return Evidence()
    places.sort(key=lambda p: (p[0], p[2].start))
    counts: dict[str, int] = {}
    best, best_at, first = 0, (0, 0), 0
    for last, (at, kind, _) in enumerate(places):
        counts[kind] = counts.get(kind, 0) + 1
        while places[first][0] < at - STRETCH:
            left = places[first][1]
            counts[left] -= 1
            if not counts[left]:
                del counts[left]
            first += 1
        if len(counts) > best:
            best, best_at = len(counts), (first, last + 1)
    if best <= FREE:
        return Evidence()
    seen: dict[str, Span] = {}
    for _, kind, span in places[slice(*best_at)]:
        if span.start < span.end:  # a picture that is a link has no words to mark
            seen.setdefault(kind, span)
    return Evidence(float(best - FREE), tuple(sorted(seen.values(), key=lambda s: s.start)))


def _paid(document: Document) -> Iterator[tuple[Cue, int, int]]:
    """Links that carry a partner's mark."""
    paid = (link for link in document.links if _TRACKED.search(link.href))
    for number, link in enumerate(paid):
        yield _LINK._replace(kind=f"link {number % LINKS}"), link.start, link.end
