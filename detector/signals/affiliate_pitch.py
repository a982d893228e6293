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
from detector.patterns import regex
from detector.signals._cues import Cue, Cues, cue
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "Price, guarantee, hurry and buying orders stand close together, as on a page built to sell through links."

_CUES = Cues(
    Cue(
        "price",
        1.0,
        "A price for the pack.",
        regex(
            r"[$£€] ?\d[\d.,]*\s?(?:per|/|each|for (?:one|two|three|\d))(?:\s?(?:bottle|jar|pack|unit|tube|box)s?\b)?"
        ),
        signs="$£€",
    ),
    cue(
        "guarantee",
        1.0,
        "Money back.",
        "money-4 moneyback-4 satisfaction-4 refund-4 full-4 risk-4 questions-5",
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
        "hurry limited lasts-2 last-2 act only-1 ends-1 expires-1 chance-1 sale-1 selling gone-2 stock-1"
        " price-1 prices-1 exclusive",
        r"\bhurry\b|\blimited[- ](?:time|stock|supply|offer)"
        r"|\bwhile (?:supplies|stocks?) lasts?\b|\bact (?:now|fast)\b"
        r"|\btoday only\b|\boffer (?:ends|expires)\b|\blast chance\b|\bflash sale\b|\bselling out\b"
        r"|\bbefore (?:it['’]s gone|stock|prices?)(?: \w+)?|\bexclusive (?:discount|offer|deal|pricing|bonus)",
    ),
    cue(
        "discount",
        1.0,
        "A discount.",
        "off-1 discount-1 discounts-1 deal-1 deals-1 price-1 prices-1 coupon save bonus-1 bonuses-1",
        r"\b\d{1,2} ?% (?:off|discount)\b|\b(?:bulk|special|huge|big|best|biggest) (?:discounts?|deals?|prices?)\b"
        r"|\bcoupon codes?\b|\bsave (?:up to )?[$£€]\d+|\bfree bonus(?:es)?\b",
    ),
    cue(
        "order",
        1.0,
        "An order to buy.",
        "order-2 buy-2 purchase-2 claim grab check purchased-2 ordered-2 bought-2 yours-1 cart-2 click",
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
        "5-3 10-3 stars-1",
        r"\b\d(?:\.\d+)?(?: ?/ ?(?:5|10)\b(?![/.]\d)| out of (?:5|10)\b| stars\b)",
    ),
    cue(
        "shipping", 1.0, "Free shipping.", "shipping-2 delivery-2", r"\bfree (?:\w+ )?(?:shipping|delivery)\b"
    ),
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
        "affiliate amazon qualifying commission-3 commissions-3",
        r"\b(?:affiliate (?:links?|commissions?|disclosure|products?|marketing)|amazon associate|qualifying purchases"
        r"|earn (?:a |an )?(?:small |affiliate )?commissions?)\b",
    ),
    cue(
        "packs",
        1.0,
        "Packs to choose from.",
        "bottle-1 bottles-1 jar-1 jars-1 month-1 pack-2 package-2 option-2",
        r"\b(?:one|two|three|six|\d)[- ]?(?:bottles?|jars?|month supply|bottle packs?)\b"
        r"|\b(?:most popular|best value) (?:pack|package|option)\b",
    ),
    cue(
        "verdict",
        1.0,
        "A verdict on what to buy.",
        "cons-2 worth-2 verdict-1 work-3 tested-1",
        r"\bpros (?:and|&) cons\b|\bis it worth\b|\bworth (?:it|buying|the money|your money)\b|\bfinal verdict\b"
        r"|\bdoes it (?:really )?work\b|\btested by our\b|\bwe tested\b",
    ),
)
_LINK = cue("link", 1.0, "A link that pays whoever placed it.", "", "")
_TRACKED = regex(
    r"[?&](?:tag|aff|aff_?id|affid|ref|hop|a_aid|clickid|utm_medium=aff\w*|partner|subid)="
    r"|amzn\.to|clickbank|awin1|shareasale"
    r"|/(?:go|recommends|out)/|anrdoezrs|dpbolvw|jvzoo|digistore24|\bhop\.",
    re.I,
)
# Every such link has one of these, and most pages have none of them.
_MARKS = (
    "amzn.to clickbank awin1 shareasale /go/ /recommends/ /out/ anrdoezrs dpbolvw jvzoo digistore24 hop."
).split()
_QUERY_MARKS = "tag= ?aff &aff =aff ref= hop= a_aid= clickid= partner= subid=".split()
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
    addresses = {link.href for link in document.links}
    every = "\n".join(addresses).lower()
    queries = "\n".join([address for address in addresses if "=" in address]).lower()
    marks = [mark for mark in _MARKS if mark in every] + [mark for mark in _QUERY_MARKS if mark in queries]
    number = 0
    for link in document.links if marks else ():
        if any(mark in link.href.lower() for mark in marks) and _TRACKED.search(link.href):
            yield _LINK._replace(kind=f"link {number % LINKS}"), link.start, link.end
            number += 1
