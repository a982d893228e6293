"""A business or product that the article has nothing to do with is recommended in passing.

Why it matters
    Google's spam policies name guest posts and third-party content made to promote somebody ("site reputation
    abuse", "link spam"); editors' rules for contributors forbid it. The plug survives when the link is taken out:
    a name, where to find it, what it will do for you, and the call to get in touch, all in the third person.

Fires on
    A name that stands in one part of the page only, not in its title or address, in a sentence or next to one that
    speaks for it: what it does for the reader, praise, a place, number or address, a call to get in touch.
    The value is the number of different signs around the name. The span goes from the first sign to the last.

    Example:
        Gutters collect leaves and seeds all year round. When they overflow, water runs down the wall and finds its
        way into the plaster. Clearing them in spring and autumn prevents most of the damage.

        A ladder on soft ground is dangerous, and a gutter scoop costs little. Wear gloves, because screws and metal
        edges cut easily.

        ⟦If your gutters need attention, B & T Roofline in Dayton, OH specializes in old houses. The staff will give
        your walls a dry winter. Call them before the autumn to book a free inspection.⟧

Quiet on
    A business on its own page, which speaks as "we" or has its name throughout or in the title; hospitals,
    authorities and charities named as sources or places to turn to.

    Example:
        Gutters collect leaves and seeds all year round. At Hollis Roofline we clear them twice a year for families
        in Dayton. Our crew brings its own ladders.

        Call us today on 555 0142 to book a free inspection. Hollis Roofline is open on Saturdays, and we do
        tiles and chimneys too.

    Example:
        People who are worried about asbestos in an old roof can contact the Health and Safety Executive, which
        keeps a list of licensed firms. The University of Leeds has published a guide to the older materials.

Blind spots
    A page that is nothing but a plug has no article around it. A name in lower case, a bare link and a plug that
    never asks for anything are left to the other signals.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cache, cached_property, partial

from detector.document import BODY, Document, Sentence, Span, host_of
from detector.patterns import regex
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "A business or product from outside is recommended inside an article on something else."

# Capitalised words and initials in a row: "R & B Motors", "Lake Dental Studio".
_NAME = regex(r"[A-Z][\w'’]*(?:(?: & | and (?=[A-Z]\w* [A-Z])|[ -])[A-Z][\w'’]*){1,5}")
_PUBLIC = regex(
    r"\b(?:National|Federal|University|Hospital|Society|Association|Foundation|Institutes?|Department|Ministry|Council|"
    r"Administration|Agency|College|Academy|Trust|Committee|Organi[sz]ation|Authority|Bureau|Commission|Executive|"
    r"Government|Library|Journal|School|Charity|Church|Embassy|Centers for|Service|Alliance|Network|Congress|Court)\b"
)
# The kinds of signs; each is looked for in the sentences around a call or an offer that have one of its words.
_SIGNS: tuple[tuple[str, frozenset[str], re.Pattern[str]], ...] = (
    (
        "offer",
        frozenset(
            "help assist guide provide offer give make take get work provides offers specialize specialise specializes"
            " specialises specializing specialising deliver delivers".split()
        ),
        regex(
            r"\b(?:they|it|he|she|who|which|that|team|experts?|staff|specialists?|[A-Z]\w+)"
            r"(?:’ll|'ll| can| will| could) (?:also )?(?:help|assist|guide|provide|offer|give|make|take|get|work with)"
            r"(?= you\b| your\b)"
            r"|\b(?:provides?|offers?|speciali[sz](?:es?|ing)|delivers?)"
            r" (?:this|these|such|in|a (?:wide|full)|the (?:best|finest)|high|top|expert|quality|custom\w*|free)\b"
        ),
    ),
    (
        "contact",
        frozenset("contact call visit reach get check speak talk turn head look consult".split()),
        regex(
            r"\b(?:contact|call|visit|reach out to|get in touch with|check out|speak (?:to|with)|talk to|turn to"
            r"|head (?:over )?to|look no further than|consult) (?:them\b|their\b|the (?:team|experts?"
            r"|professionals|specialists|staff|office)\b|(?:the )?(?-i:(?=[A-Z])(?!I\b)))",
            re.I,
        ),
    ),
    (
        "book",
        frozenset(
            "consultation appointment inspection visit quote estimate assessment evaluation session demo call table"
            " room lesson tour".split()
        ),
        regex(
            r"\b(?:schedule|book|request|arrange)\w* (?:a|an|your)(?: \w+){0,2} (?:consultation|appointment|inspection"
            r"|visit|quote|estimate|assessment|evaluation|session|demo|call|table|room|lesson|tour)\b",
            re.I,
        ),
    ),
    (
        "need",
        frozenset("if looking interested ready those".split()),
        regex(
            r"\bif (?:you|your)\b|\b(?:are you|you['’]re) (?:looking|interested|ready)\b|\bfor those (?:looking|who)\b",
            re.I,
        ),
    ),
    (
        "praise",
        frozenset(
            "trusted leading reputable renowned premier rated best experienced skilled winning go".split()
        ),
        regex(
            r"\b(?:trusted|leading|reputable|renowned|premier|top-rated|best|experienced|skilled|award-winning|go-to)\b"
            r"(?= (?:[\w-]+ ){0,4}?(?:like|such as|at|in|is|for|from)\b)",
            re.I,
        ),
    ),
)
# Where a business is found is one more sign.
_WHERE = regex(
    r"\b(?:in|near|serving|across) [A-Z][\w.]+(?: [A-Z][\w.]+)?, ?[A-Z][\w.]+"
    r"|\(?\b\d{3,5}\)?[ .-]\d{3}[ .-]?\d{3,4}\b|\b(?:https?://|www\.)\S{4,}"
    r"|\b[a-z\d-]{3,}\.(?:com|net|shop|store|biz|co\.uk|io|clinic|health)\b"
)
# Words with which a page speaks as the business it is about.
_OWN = regex(
    r"\b(?:contact|call|visit|email|text|with|join|at|by|choose|trust|see|from) us\b|\bmy (?:practice|clinic|clients)\b"
    r"|\bour (?:\w+ )?(?:team|clinic|practice|office|staff|patients|clients|customers|services?|products?|company"
    r"|doctors?|dentists?|specialists|experts|therapists|studio|shop|store|centre|center|website|newsletter|location"
    r"|facility|program|treatments?|crew|hospital|members?)\b"
    r"|\bwe(?:['’](?:re|ll|ve)| are| offer| provide| can| will| have| use| also)\b|\bI (?:offer|provide|treat|am a)\b",
    re.I,
)
# In each of these stands one of five words, which are found much faster; "us" with another word before it.
_VOICE = regex(r"[uUoOmMwWiI](?:(?<=[uU])[sS]|(?<=[oO])[uU][rR]|(?<=[mM])[yY]|(?<=[wW])[eE]|(?<=[iI]))\b")
_BEFORE_US = (2, 3, 4, 5, 6, 7)  # letters of that word
_SMALL = regex(r"[a-z]+")
_ASKS = frozenset(
    "contact call visit schedule book request provide provides offer offers specializes specialises reach touch"
    " consult".split()
)
BEFORE, AFTER = 2, 2  # sentences around the call or offer in which the name and the other signs may stand
BLOCKS = 2  # blocks in which a name from outside may stand
ENOUGH = 2  # kinds of signs around one name


def measure(document: Document, tables: Tables) -> Evidence:
    """The most kinds of signs around a name that stands in one part of the page only."""
    found: list[tuple[int, Span]] = []
    text, places = document.text, list(_around(document))
    if not places:
        return Evidence()
    signs, place = cache(partial(_signs, document)), cache(partial(_WHERE.search, text))
    names: _Names | None = None
    for around in places:
        start, end = around[0].start, around[-1].end
        kinds = frozenset[str]().union(*map(signs, around))
        if not kinds or not _NAME.search(text, start, end):
            continue
        placed = [s for s in around if place(s.start, s.end)]
        strength = len(kinds) + bool(placed)
        if strength < ENOUGH or any(_voices(text, start, end)):
            continue
        names = names or _Names(document)
        name = names.foreign(around)
        if name is None or names.own_page:
            continue
        marked = [s for s in around if signs(s) or s in placed or name in text[s.start : s.end]]
        says = f"“{name}” is named here only, with an offer or a call to get in touch."
        span = Span(marked[0].start, marked[-1].end, says)
        if found and found[-1][1].end >= span.start:
            before, earlier = found.pop()
            span = Span(min(earlier.start, span.start), max(earlier.end, span.end), earlier.says)
            strength = max(before, strength)
        found.append((strength, span))
    found.sort(key=lambda f: -f[0])
    return Evidence(float(found[0][0]) if found else 0.0, tuple(span for _, span in found[:5]))


def _around(document: Document) -> Iterator[list[Sentence]]:
    """Body sentences that ask or offer, each with those next to it, no further than the neighbouring block."""
    sentences, blocks = document.sentences, document.blocks
    asking = document.tokens.among(_ASKS)
    for k in dict.fromkeys(document.sentence_of[asking].tolist()):
        if blocks[sentences[k].block].kind in BODY:
            near = sentences[max(0, k - BEFORE) : k + AFTER + 1]
            yield [s for s in near if abs(s.block - sentences[k].block) <= 2 and blocks[s.block].kind in BODY]


def _signs(document: Document, sentence: Sentence) -> frozenset[str]:
    """The kinds of signs in one sentence."""
    text, start, end = document.text, sentence.start, sentence.end
    words = document.tokens.word[sentence.first : sentence.last]
    return frozenset(
        kind
        for kind, needed, pattern in _SIGNS
        if not needed.isdisjoint(words) and pattern.search(text, start, end)
    )


def _voices(text: str, start: int, end: int) -> Iterator[bool]:
    """True for each time that text[start:end] speaks as the business that it is about."""
    for voice in _VOICE.finditer(text, start, end):
        at = voice.start()
        begins = [at - size - 1 for size in _BEFORE_US] if text[at] in "uU" else [at]
        own = next(filter(None, (_OWN.match(text, k, end) for k in begins if k >= start)), None)
        if own:
            start = own.end()
            yield True


class _Names:
    """The names of a page: in how many blocks each stands, and whether the page belongs to one of them."""

    def __init__(self, document: Document) -> None:
        text = document.text
        self.document = document
        starts = [b.start for b in document.blocks]
        places = {(_key(m[0]), bisect_right(starts, m.start())) for m in _NAME.finditer(text)}
        self.blocks = Counter(key for key, _ in places)
        self.host = host_of(document.url or "").replace("-", "")
        titles = [text[b.start : b.end] for b in document.blocks if b.kind == "title"]
        self.title = " ".join([document.title or "", *titles]).lower()

    @cached_property
    def small(self) -> frozenset[str]:
        """What the page writes in lower case."""
        return frozenset(_SMALL.findall(self.document.text))

    @cached_property
    def own_page(self) -> bool:
        """Whether the page speaks as a business throughout."""
        text = self.document.text
        return sum(_voices(text, 0, len(text))) >= max(3, len(self.document.tokens) / 250)

    def foreign(self, around: list[Sentence]) -> str | None:
        """A name in these sentences that the rest of the page does not know."""
        text, openings = self.document.text, {s.start for s in around}
        for match in _NAME.finditer(text, around[0].start, around[-1].end):
            name = match[0]
            first, _, rest = name.partition(" ")
            if match.start() in openings and first.lower() in self.small:
                name = rest
            joined = name.lower().replace(" ", "").replace("&", "")
            known = name.lower() in self.title or (self.host and joined in self.host)
            if " " in name and not known and not _PUBLIC.search(name) and self.blocks[_key(name)] <= BLOCKS:
                return name
        return None


def _key(name: str) -> str:
    return " ".join(name.split()[-2:])
