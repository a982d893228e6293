"""A phrase stands in the text far more often than its topic needs, as written for a search engine.

Why it matters
    Google's spam policies name keyword stuffing: words and phrases repeated until they sound unnatural, in lists or in
    running text. Readers notice it as a page that says the whole title where "it" would do. How often honest pages
    repeat the words of their topic is measured: laws and benefit rules, trial reports and textbooks do it most.

Fires on
    The most repeated phrases of two, three and four parts in the densest 300 words, where together they pass what
    honest pages reach. A fixed expression of English ("blood pressure") is one part; a name in capitals does not
    count, a phrase out of the title or a heading counts double. Besides: the title as a "sentence" of its own in the
    middle of a paragraph, a word written joined and apart by turns, a list of search queries. The value is the excess
    over the honest rate (1 for twice as much) plus a half for each of the others.

    Example:
        Quiet Garden Shredder Rental

        If you need ⟦quiet garden shredder rental⟧, this page is about ⟦quiet garden shredder rental⟧. Many people
        ask where ⟦quiet garden shredder rental⟧ is cheap. With ⟦quiet garden shredder rental⟧ the hedge is gone in a
        day, and ⟦quiet garden shredder rental⟧ saves a trip to the tip.

    Example:
        The Blue Slate Roof

        Slate is heavy and lasts for a century. ⟦The blue slate roof.⟧ It is nailed to battens of larch, and a roofer
        replaces single slates without a scaffold.

    Example:
        Most queries end here: ⟦cheap slate roof, slate roof repair near me, how to clean a slate roof, slate roof
        cost, slate roof installers⟧

Quiet on
    A leaflet that has to name its subject, a name repeated in full, parts of a thing listed one by one.

    Example:
        Slate roofs

        A slate roof lasts for a century if somebody looks after it. Slates slip when the nails rust. A roofer pulls
        the nail with a ripper and hangs the slate on a strip of copper. The roof of the chapel on Holm Street was
        done in 1904, and the slates are still good; the battens are not. The roofers of the Holm Street Slate Company
        charge by the hour. They mend gutters, lead valleys, chimney flashings, ridge tiles and gable boards too.

Blind spots
    A single word repeated, which honest pages do as often; keywords scattered thinly over a long page; stuffing in
    headings and menus only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from detector.document import BODY, WORD, Document, Span
from detector.signals._phrases import GLUE, STRETCH, Phrase, is_name, phrases, said
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "habit"
SAYS = "A phrase is repeated far beyond what the topic needs."
TABLES = ("pairs", "word_counts")

# Sum of the three counts per 300 words. Of 4,700 honest pages (sites, authorities, trial reports, textbooks) 0.3 % pass
# it, of no kind more than 4 % (rules on benefits, which name the benefit in full each time).
HONEST = 26.0
SHORT = 150  # a page with fewer words counts as one of so many
EACH = 0.5  # what a title as a sentence, a list of queries or a third use of the other spelling adds
TITLE = 3  # words of the shortest title that is looked for as a sentence
JOINED = 8  # letters of the shortest word that is looked for in two parts
PART = 3  # letters of the shortest part
OFTEN = 3  # times both spellings must stand
ITEMS = 4  # queries in the shortest list
QUERY, LONG = 2.5, 8  # words of the queries of a list on average, and of the longest
MOST = 12  # places of a phrase that are marked

_SITE = re.compile(r"\s+[-|–—·:»]+\s+|:\s")
_LIST = re.compile(r"\s*[,|\n]\s*")
_LABEL = re.compile(r"^[^,:]{0,40}:\s+")


def measure(document: Document, tables: Tables) -> Evidence:
    """The excess of the most repeated phrases over honest pages, and the other traces of written-in queries."""
    headings = _headings(document)
    excess, spans = _stuffed(document, tables, headings)
    others = [*_title_sentences(document, headings), *_query_lists(document), *_two_spellings(document)]
    return Evidence(excess + EACH * len(others), (*spans, *others))


def _headings(document: Document) -> frozenset[str]:
    """The words of the titles and headings, and of the parts that stand before and after the name of a site."""
    title, blocks = document.title or "", document.blocks
    lines = [" ".join(WORD.findall(line)).lower().replace("’", "'") for line in (title, *_SITE.split(title))]
    for index, (first, last) in document.block_tokens.items():
        if blocks[index].kind not in BODY:
            lines.append(" ".join(document.tokens.word[first:last]))
    return frozenset(lines) - {""}


def _stuffed(document: Document, tables: Tables, headings: frozenset[str]) -> tuple[float, list[Span]]:
    """By how much the most repeated phrases pass the honest rate, and their places."""
    heard = f" {' | '.join(headings)} "
    best: dict[int, tuple[int, Phrase]] = {}
    for phrase in phrases(document, tables):
        if phrase.units > 1 and 2 * phrase.crowd > best.get(phrase.units, (0, phrase))[0]:
            weight = (not is_name(document, phrase)) + (f" {said(document, phrase)} " in heard)
            if weight * phrase.crowd > best.get(phrase.units, (0, phrase))[0]:
                best[phrase.units] = (weight * phrase.crowd, phrase)
    size = min(STRETCH, max(SHORT, len(document.tokens)))
    rate = sum(strength for strength, _ in best.values()) * STRETCH / size
    if rate <= HONEST:
        return 0.0, []
    taken: set[int] = set()
    spans: list[Span] = []
    for strength, phrase in sorted(best.values(), key=lambda b: (-b[1].crowd * b[1].size, b[1].at)):
        for at in phrase.at[phrase.first : phrase.last]:
            place = range(at, at + phrase.size)
            if strength and taken.isdisjoint(place) and len(spans) < MOST:
                taken.update(place)
                says = f"This phrase stands here {phrase.crowd} times within {STRETCH} words."
                spans.append(document.token_span(at, at + phrase.size, says))
    return rate / HONEST - 1, spans


def _title_sentences(document: Document, headings: frozenset[str]) -> Iterator[Span]:
    """Sentences inside paragraphs that are a title or heading and nothing else."""
    words, blocks = document.tokens.word, document.blocks
    fits = {line for line in headings if line.count(" ") >= TITLE - 1}
    longest = max((line.count(" ") + 1 for line in fits), default=0)
    sentences = document.sentences
    for k, s in enumerate(sentences):
        if TITLE <= s.last - s.first <= longest and blocks[s.block].kind == "paragraph":
            alone = not any(sentences[n].block == s.block for n in (k - 1, k + 1) if 0 <= n < len(sentences))
            if not alone and " ".join(words[s.first : s.last]) in fits:
                yield Span(s.start, s.end, "The title again, as if it were a sentence.")


def _query_lists(document: Document) -> Iterator[Span]:
    """Lists of search queries: every item has a word in common with the others, and no sentence is around them."""
    text = document.text
    for s in document.sentences:
        if s.last - s.first < QUERY * ITEMS:
            continue
        marks = (
            1
            + text.count(",", s.start, s.end)
            + text.count("|", s.start, s.end)
            + text.count("\n", s.start, s.end)
        )
        fits = QUERY * marks <= s.last - s.first <= LONG * marks
        if marks >= ITEMS and fits and document.blocks[s.block].kind in BODY:
            label = _LABEL.match(text[s.start : s.end])
            start = s.start + (label.end() if label else 0)
            if _is_query_list(_LIST.split(text[start : s.end])):
                yield Span(start, s.end, "A list of search queries.")


def _is_query_list(items: list[str]) -> bool:
    if len(items) < ITEMS:
        return False
    worded = [[m.group().lower() for m in WORD.finditer(item)] for item in items]
    sizes = [len(words) for words in worded]
    # a query has words enough to be one and no figures; a sentence has longer parts and an "and" before the last
    joined = any("and" in words or "or" in words for words in worded)
    figures = sum(words[0][0].isdigit() for words in worded if words)
    if max(sizes) > LONG or sum(sizes) < QUERY * len(items) or joined or 2 * figures > len(items):
        return False
    held = Counter(word for words in worded for word in {*words} - GLUE if len(word) > 2)
    return len(set(map(tuple, worded))) >= ITEMS and max(held.values(), default=0) >= 0.8 * len(items)


def _two_spellings(document: Document) -> Iterator[Span]:
    """Places of the rarer spelling of a word that is written joined and apart by turns, from the third on."""
    tokens = document.tokens
    count = Counter(tokens.word)
    parts = {
        (word[:cut], word[cut:])
        for word, times in count.items()
        if times >= OFTEN and len(word) >= JOINED
        for cut in range(PART, len(word) - PART + 1)
        if count[word[:cut]] >= OFTEN and count[word[cut:]] >= OFTEN
    }
    apart: dict[str, list[int]] = {}
    for k, pair in enumerate(pairwise(tokens.word) if parts else ()):
        if pair in parts:
            apart.setdefault("".join(pair), []).append(k)
    for word, places in apart.items():
        if len(places) >= OFTEN:
            together = [k for k, w in enumerate(tokens.word) if w == word]
            rarer, size = min((places, 2), (together, 1), key=lambda form: len(form[0]))
            for k in rarer[OFTEN - 1 :]:
                yield document.token_span(k, k + size, "Two spellings of the same word by turns.")
