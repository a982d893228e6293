"""A place, product or search query has been dropped into the slots of a template.

Why it matters
    Google's spam policies name doorways: pages made for one query or one town each, which differ in little else. Their
    sisters are seen in a crawl only, but a single page shows the slot: the town of the title comes back with the
    service in full where a person would write "here", and the query is used as if it were a noun.

Fires on
    The place of the title after "in", "near" and the like, close to another word of the title, three times or more in
    300 words; those in headings count double. A search query out of the title inside other sentences, twice or more.
    A list of five or more places that are served. One sentence with three or more names by turns in its slot. "A"
    before a vowel at words of the title, twice. A product or person of the title named in full in nearly every
    sentence. The value is a half for each mention beyond what honest pages have, for each list, sentence and name.

    Example:
        Emergency Glazier in Tarnbury

        Anyone who needs a glazier ⟦in Tarnbury⟧ can call at night. A glazier ⟦in Tarnbury⟧ repairs a shop window
        within hours. Prices of a glazier ⟦in Tarnbury⟧ depend on the size of the pane.

    Example:
        How to Cut Glass at Home

        Many people overlook the importance of ⟦how to cut glass at home⟧ in daily life. A wheel cutter is all it
        takes. The history of ⟦how to cut glass at home⟧ is long.

    Example:
        A pane is measured twice and cut once. We proudly serve ⟦Tarnbury, Ilmer, Cold Norden, Upwick, Sarle and
        Denholt⟧ from our yard.

    Example:
        Panes are cut to size while you wait. Our glaziers in ⟦Tarnbury⟧ are ready to mend your window today. Bring the
        measures. Our glaziers in ⟦Ilmer⟧ are ready to mend your window today. Frames are oak. Our glaziers in ⟦Cold
        Norden⟧ are ready to mend your window today.

    Example:
        Affordable Glass Repair

        We offer ⟦a affordable⟧ visit. Ask for ⟦a affordable⟧ pane.

Quiet on
    A business that says where it is; a report on a country; a guide that names its subject once.

    Example:
        Halden Glass, Glaziers in Tarnbury

        Halden Glass has been in Tarnbury since 1961. Our workshop is behind the station, and we cut panes while you
        wait. Two of our glaziers learned the trade in Murano. How to cut glass at home is a question that we
        answer at the counter: buy a good wheel, and do not press.

Blind spots
    A doorway that mentions its town once or twice, as its sisters give away in a crawl; pages in lower case; places
    in the middle of a business's name, which honest pages repeat as often.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter

from detector.document import BODY, WORD, Document, Span
from detector.patterns import regex
from detector.signals._phrases import GLUE, STRETCH, crowd, is_name, phrases, said
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "A place, product or search query stands in the slots of a template."

STEP = 0.5  # what each further mention, query or list adds
FEW = 2  # mentions of a place that an honest page has
TITLE = 300  # characters of a title that are read
NAMED = 13  # full mentions of a name within STRETCH words that honest pages reach, on rare occasion
NEAR = 6  # words between a place and the other word of the title
QUERY = 3  # words of the shortest query
ROOM = 2  # words that a sentence has around a query at least
FRAMES = 3  # fillings of the same sentence
FRAME = 6  # words of the sentence outside its slot
MOST = 12  # places marked

_WHERE = frozenset("in near around across throughout serving outside within".split())
_MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
# How a search query begins that no noun does.
_ASKS = frozenset(
    "how what when where why who which can does do is are should best top cheap cheapest affordable".split()
)
_ENDS = regex(r"\s+[-|–—·:»]+\s+|[:?!|]\s|[?!]$")
_PLACE = r"[A-Z][\w'’-]{0,30}[a-z](?:\s[A-Z][\w'’-]{0,30}[a-z]){0,2}"
_PLACES = regex(rf"{_PLACE}(?:,\s{_PLACE}){{3,}},?\s(?:and\s)?{_PLACE}")
_COMMAS = regex(r",(?=(?:\s[A-Z][\w\s'’-]{1,98},){2}\s[A-Z])")  # which any such list has, and few sentences
_SERVED = regex(
    r"\b(?:serv(?:e|es|ing)|nearby|surrounding|neighbou?ring|suburbs?|areas?|residents"
    r"|(?:patients|clients|customers|families) (?:from|in|across|of))\b",
    re.IGNORECASE,
)
_START = attrgetter("start")
_VOWEL = regex(r"[aeio](?!ne\b|nce\b|u|w)[a-z]{2}")


def measure(document: Document, tables: Tables) -> Evidence:
    """Half a point for each mention of a slot's value that an honest page would not need."""
    titles = _titles(document)
    words = [m.group() for title in titles for m in WORD.finditer(title)]
    title = frozenset(word.lower() for word in words if len(word) > 2) - GLUE
    at = document.tokens.among(title)
    places, mentions = _place(document, words, at)
    queries = _queries(document, titles)
    articles = _wrong_articles(document, title)
    others = [*_served(document), *_skeletons(document), *_names(document, tables, titles)]
    points = max(0, mentions - FEW) + max(0, len(queries) - 1) + max(0, len(articles) - 1) + len(others)
    spans = [
        *(places if mentions > FEW else ()),
        *(queries if len(queries) > 1 else ()),
        *(articles if len(articles) > 1 else ()),
        *(span for found in others for span in found),
    ]
    return Evidence(STEP * points, tuple(spans))


def _titles(document: Document) -> list[str]:
    """The title of the page and its first heading."""
    text, blocks = document.text, document.blocks
    lines = [text[b.start : b.end] for b in blocks if b.kind == "title"]
    if not lines:
        lines = [text[b.start : b.end] for b in blocks if b.kind == "heading"][:1]
    return [line[:TITLE] for line in (document.title, *lines) if line]


def _place(document: Document, title: list[str], at: list[int]) -> tuple[list[Span], int]:
    """The mentions of the title's place near another word of the title, and their number: those in the densest stretch,
    and those in headings once more.

    title: the words of the title. at: the tokens that are one of them.
    """
    text, tokens, blocks = document.text, document.tokens, document.blocks
    words, start, block = tokens.word, tokens.start, tokens.block
    names = {w.lower() for w in title if w[0].isupper() and not w.isupper()} - GLUE - _MONTHS
    if not any(words[k - 1] in _WHERE and words[k] in names for k in at):
        return [], 0
    names -= {words[k] for k in at if text[start[k]].islower()}
    found: dict[str, dict[int, int]] = {}
    for k in at:
        if words[k] not in names or not k or words[k - 1] not in _WHERE or blocks[block[k]].kind == "title":
            continue
        end = k + 1
        while end < len(words) and words[end] in names and text[tokens.end[end - 1] : start[end]] == " ":
            end += 1
        around = at[bisect_left(at, k - NEAR) : bisect_left(at, end + NEAR)]
        if block[k - 1] == block[k] and any(
            block[n] == block[k] and not k <= n < end and words[n] != words[k] for n in around
        ):
            found.setdefault(words[k], {})[k] = end
    best, shown = 0, list[Span]()
    for mentions in found.values():
        first, last = crowd(places := list(mentions))
        headings = [k for k in places if blocks[block[k]].kind == "heading"]
        if last - first + len(headings) > best:
            best = last - first + len(headings)
            says = f"The place of the title with another of its words, {len(places)} times."
            chosen = sorted({*places[first:last], *headings})[:MOST]
            shown = [document.token_span(k - 1, mentions[k], says) for k in chosen]
    return shown, best


def _skeletons(document: Document) -> Iterator[list[Span]]:
    """The same sentence three times or more with another name in its slot."""
    text, tokens = document.text, document.tokens
    _, ends, begins, lasts, blocks = document.bounds
    long = ((lasts - begins > FRAME) & document.body[blocks]).nonzero()[0]
    opening = tokens.type_of[begins[long]] * len(tokens.types) + tokens.type_of[begins[long] + 1]
    order = opening.argsort(kind="stable")
    ranked = opening[order]
    often = (ranked[FRAMES - 1 :] == ranked[: 1 - FRAMES]).nonzero()[0]
    openings: dict[int, list[int]] = {}
    for k in sorted({k for step in range(FRAMES) for k in order[often + step].tolist()}):
        openings.setdefault(int(opening[k]), []).append(int(long[k]))
    for alike in openings.values():
        frames: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = {}
        for first, last, end in zip(
            begins[alike].tolist(), lasts[alike].tolist(), ends[alike].tolist(), strict=True
        ):
            if text[tokens.end[first] : end].islower():
                continue
            slot = [k for k in range(first + 1, last) if text[tokens.start[k]].isupper()]
            if slot and slot[-1] - slot[0] == len(slot) - 1 and last - first - len(slot) >= FRAME:
                frame = (*tokens.word[first : slot[0]], "", *tokens.word[slot[-1] + 1 : last])
                frames.setdefault(frame, {}).setdefault(tuple(tokens.word[k] for k in slot), slot)
        for slots in frames.values():
            if len(slots) >= FRAMES:
                says = f"The same sentence stands here with {len(slots)} different names."
                yield [document.token_span(slot[0], slot[-1] + 1, says) for slot in slots.values()][:MOST]


def _queries(document: Document, titles: list[str]) -> list[Span]:
    """Search queries out of the title that stand inside longer sentences of the body."""
    tokens = document.tokens
    asked = set()
    for title in titles:
        for part in _ENDS.split(title):
            query = tuple(word.lower() for word in WORD.findall(part))
            if len(query) >= QUERY and query[0] in _ASKS:
                asked.add(query)
    found = []
    for number, query in enumerate(sorted(asked)):
        size = len(query)
        for k in tokens.among(frozenset(query[:1])):
            if tuple(tokens.word[k : k + size]) == query:
                s = document.sentences[document.sentence_of[k]]
                whole = k + size <= s.last and s.last - s.first > size + ROOM
                if whole and document.blocks[s.block].kind in BODY:
                    found.append((s.first, number, k, size))
    says = "A search query of the title stands where a noun would."
    spans = [document.token_span(k, k + size, says) for _, _, k, size in sorted(found)]
    return [span for span in spans if not document.in_quotes(span.start, span.end)]


def _wrong_articles(document: Document, title: frozenset[str]) -> list[Span]:
    """Words of the title with "a" before them that ask for "an"."""
    tokens, text = document.tokens, document.text
    vowels = frozenset(word for word in title if _VOWEL.match(word))
    return [
        document.token_span(k - 1, k + 1, "The words of the title do not fit the sentence.")
        for k in tokens.among(vowels)
        if k and tokens.word[k - 1] == "a" and text[tokens.end[k - 1] : tokens.start[k]] == " "
    ]


def _served(document: Document) -> Iterator[list[Span]]:
    """Lists of places that are served, in prose."""
    text, sentences = document.text, document.sentences
    at = (bisect_right(sentences, m.start(), key=_START) - 1 for m in _COMMAS.finditer(text))
    for k in dict.fromkeys(at):
        s = sentences[k] if k >= 0 else None
        if s and document.blocks[s.block].kind in BODY:
            for match in _PLACES.finditer(text, s.start, s.end):
                if _SERVED.search(text, s.start, s.end):
                    yield [Span(*match.span(), "A list of neighbouring places, as for a search engine.")]


def _names(document: Document, tables: Tables, titles: list[str]) -> Iterator[list[Span]]:
    """Names of the title that nearly every sentence says in full."""
    heard = f" {' | '.join(' '.join(WORD.findall(title)) for title in titles)} ".lower()
    for phrase in phrases(document, tables):
        if phrase.crowd > NAMED and f" {said(document, phrase)} " in heard and is_name(document, phrase):
            says = f"The name of the title in full, {phrase.crowd} times within {STRETCH} words."
            places = phrase.at[phrase.first : phrase.last][:MOST]
            yield [document.token_span(at, at + phrase.size, says) for at in places]
            return
