"""A phrase stands in the text far more often than its topic needs, as written for a search engine.

Why it matters
    Google's spam policies name keyword stuffing: words and phrases repeated until they sound unnatural, in lists or in
    running text. Readers notice it as a page that says the whole title where "it" would do. How often honest pages
    repeat the words of their topic is measured: laws and benefit rules, trial reports and textbooks do it most.

Fires on
    The most repeated phrases of two, three and four parts in the densest 300 words, where together they pass what
    honest pages reach. A fixed expression of English ("blood pressure") is one part, a name in capitals does not
    count, nor does that of a disease; a phrase out of the title or a heading counts double. Besides: the title as a
    "sentence" of its own in the middle of a paragraph, a word written joined and apart by turns, a list of search
    queries. The value is the excess over the honest rate (1 for twice as much) plus a half for each of the others.

    Example:
        Kitchen Floor Cleaning Service

        If you need a ⟦kitchen floor cleaning service⟧, this page is about ⟦kitchen floor cleaning service⟧. Many people
        ask where a ⟦kitchen floor cleaning service⟧ is cheap. With a ⟦kitchen floor cleaning service⟧ the stains are
        gone in a day, and ⟦kitchen floor cleaning service⟧ saves your back.

    Example:
        The Blue Slate Roof

        Slate is heavy and lasts for a century. ⟦The blue slate roof.⟧ It is nailed to battens of larch, and a roofer
        replaces single slates without a scaffold.

    Example:
        Most queries end here: ⟦cheap slate roof, slate roof repair near me, how to clean a slate roof, slate roof
        cost, slate roof installers⟧

Quiet on
    A leaflet that has to name its disease, a name repeated in full, parts of a thing listed one by one.

    Example:
        Chronic granulomatous disease

        Chronic granulomatous disease is inherited. People with chronic granulomatous disease have frequent infections.
        About 20 cases of chronic granulomatous disease are found a year. Chronic granulomatous disease is treated with
        antibiotics, and some people with chronic granulomatous disease have a transplant.

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

from collections.abc import Iterator

import numpy as np

from detector.document import BODY, WORD, Document, Span, code_points
from detector.patterns import regex
from detector.signals._phrases import (
    ITEMS,
    LONG,
    LONGEST,
    QUERY,
    STRETCH,
    Phrase,
    is_name,
    is_query_list,
    phrases,
    said,
)
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "habit"
SAYS = "A phrase is repeated far beyond what the topic needs."
TABLES = ("pairs", "word_counts")

# Sum of the three counts per 300 words. Of 4,700 honest pages (sites, authorities, trial reports, textbooks) 0.5 % pass
# it, of no kind more than 4 %; most of those are rules on benefits, which name the benefit in full each time.
HONEST = 24.0
SHORT = 150  # a page with fewer words counts as one of so many
EACH = 0.5  # what a title as a sentence, a list of queries or a word in two spellings adds
TRACES = 6  # of them that count
LINE = 300  # characters of a title that are read
TITLE = 3  # words of the shortest title that is looked for as a sentence
JOINED, WIDEST = 8, 30  # letters of the words that are looked for in two parts
PART = 3  # letters of the shortest part
OFTEN = 3  # times both spellings must stand
MOST = 12  # places of a phrase that are marked

# What a leaflet has to name in full: the last word of the name of a disease.
_DISEASE = regex(
    r"(?:itis|[ao]sis|omas?|a?emias?|path(?:y|ies)|plasias?|troph(?:y|ies)|plegias?|uria|algias?|penia|phobia)$"
    r"|^(?:syndrome|disease|disorder|deficienc(?:y|ies)|cancer|tumou?r|neoplasm|infection|failure|fibrillation"
    r"|malformation|anomaly|diabetes|injury|fracture|allergy|asthma|fever|defect)s?$"
)
_SITE = regex(r"\s+[-|–—·:»]+\s+|:\s")
_LIST = regex(r"[,|\n]")
_LABEL = regex(r"^[^,:]{0,40}:\s+")


def measure(document: Document, tables: Tables) -> Evidence:
    """The excess of the most repeated phrases over honest pages, and the other traces of written-in queries."""
    headings = _headings(document)
    excess, spans = _stuffed(document, tables, headings)
    traces = [
        *_title_sentences(document, headings),
        *_query_lists(document),
        *_two_spellings(document),
    ]
    spans += [span for places in traces for span in places]
    return Evidence(excess + EACH * min(len(traces), TRACES), tuple(spans))


def _headings(document: Document) -> frozenset[str]:
    """The words of the titles and headings, and of the parts that stand before and after the name of a site."""
    title, words, blocks = (document.title or "")[:LINE], document.tokens.word, document.blocks
    lines = [" ".join(WORD.findall(line)).lower().replace("’", "'") for line in {title, *_SITE.split(title)}]
    lines += [
        " ".join(words[first:last])
        for index, (first, last) in document.block_tokens.items()
        if blocks[index].kind not in BODY
    ]
    return frozenset(lines) - {""}


def _stuffed(document: Document, tables: Tables, headings: frozenset[str]) -> tuple[float, list[Span]]:
    """By how much the most repeated phrases pass the honest rate, and their places."""
    repeated = [p for p in phrases(document, tables) if p.units > 1]
    scale = STRETCH / min(STRETCH, max(SHORT, len(document.tokens)))
    diseases = _Diseases(document)
    crowds: dict[int, int] = {}  # the greatest of each number of units
    for phrase in sorted(repeated, key=lambda p: -p.crowd):
        if phrase.units not in crowds and not diseases.named(phrase):
            crowds[phrase.units] = phrase.crowd
    if 2 * sum(crowds.values()) * scale <= HONEST:  # twice, as in a title
        return 0.0, []
    heard = {
        " ".join(words[k : k + size])
        for words in (line.split() for line in headings)
        for size in range(2, LONGEST + 1)
        for k in range(len(words) - size + 1)
    }
    best: dict[
        int, tuple[int, int]
    ] = {}  # strength and, of equally strong ones, the first: against its place
    for number, phrase in sorted(enumerate(repeated), key=lambda p: -p[1].crowd):
        least, titled = best.get(phrase.units, (0, 0)), said(document, phrase) in heard
        if (phrase.crowd * (1 + titled), -number) > least and not diseases.named(phrase):
            strength = phrase.crowd * (titled + (not is_name(document, phrase)))
            best[phrase.units] = max(least, (strength, -number))
    rate = sum(strength for strength, _ in best.values()) * scale
    if rate <= HONEST:
        return 0.0, []
    worst = [repeated[-place] for strength, place in best.values() if strength]
    taken: set[int] = set()
    spans: list[Span] = []
    for phrase in sorted(worst, key=lambda p: (-p.crowd * p.size, p.at)):
        for at in phrase.at[phrase.first : phrase.last]:
            place = range(at, at + phrase.size)
            if taken.isdisjoint(place) and len(spans) < MOST:
                taken.update(place)
                says = f"This phrase stands here {phrase.crowd} times within {STRETCH} words."
                spans.append(document.token_span(at, at + phrase.size, says))
    return rate / HONEST - 1, spans


class _Diseases:
    """Tells phrases that name a disease."""

    def __init__(self, document: Document) -> None:
        self.words = document.tokens.word
        self.known: dict[str, bool] = {}

    def named(self, phrase: Phrase) -> bool:
        """Whether the phrase ends as names of diseases do, at most places, or is the first part of such a name."""
        if self._is_end(self.words[phrase.at[0] + phrase.size - 1]):
            return True
        ends = [
            any(map(self._is_end, self.words[at + phrase.size : at + phrase.size + 2])) for at in phrase.at
        ]
        return 2 * sum(ends) > len(ends)

    def _is_end(self, word: str) -> bool:
        if word not in self.known:
            self.known[word] = _DISEASE.search(word) is not None
        return self.known[word]


def _title_sentences(document: Document, headings: frozenset[str]) -> Iterator[list[Span]]:
    """Sentences inside paragraphs that are a title or heading and nothing else."""
    words, blocks = document.tokens.word, document.blocks
    fits = {line for line in headings if line.count(" ") >= TITLE - 1}
    _, _, first, last, block = document.bounds
    sizes = np.zeros(2 + max((line.count(" ") + 1 for line in fits), default=0), dtype=bool)
    sizes[[line.count(" ") + 1 for line in fits]] = True
    same = np.zeros(len(block) + 1, dtype=bool)  # as the one before
    same[1:-1] = block[1:] == block[:-1]
    able = (sizes.take(last - first, mode="clip") & (same[1:] | same[:-1])).nonzero()[0]
    for start, end, a, b, index in zip(*(column[able].tolist() for column in document.bounds), strict=True):
        if blocks[index].kind == "paragraph" and " ".join(words[a:b]) in fits:
            yield [Span(start, end, "The title again, as if it were a sentence.")]


def _query_lists(document: Document) -> Iterator[list[Span]]:
    """Lists of search queries: every item has a word in common with the others, and no sentence is around them."""
    text, (starts, ends, first, last, block) = document.text, document.bounds
    codes = code_points(text)
    at = ((codes == ord(",")) | (codes == ord("|")) | (codes == ord("\n"))).nonzero()[0]
    marks, size = 1 + at.searchsorted(ends) - at.searchsorted(starts), last - first
    fits = (marks >= ITEMS) & (marks * QUERY <= size) & (size <= LONG * marks)
    fits = fits.nonzero()[0]
    for start, end, index in zip(*(column[fits].tolist() for column in (starts, ends, block)), strict=True):
        if document.blocks[index].kind in BODY:
            label = _LABEL.match(text[start:end])
            start += label.end() if label else 0
            if is_query_list(_LIST.split(text[start:end])):
                yield [Span(start, end, "A list of search queries.")]


def _two_spellings(document: Document) -> Iterator[list[Span]]:
    """The places of the rarer spelling of words that are written joined and apart by turns."""
    tokens = document.tokens
    names = list(tokens.types)
    often = {names[k] for k in (tokens.type_counts >= OFTEN).nonzero()[0].tolist()}
    parts = {
        (word[:cut], word[cut:])
        for word in often
        if JOINED <= len(word) <= WIDEST
        for cut in range(PART, len(word) - PART + 1)
        if word[:cut] in often and word[cut:] in often
    }
    if not parts:
        return
    apart: dict[str, list[int]] = {"".join(pair): [] for pair in parts}
    for k in tokens.among(frozenset(word for word, _ in parts)):
        pair = tuple(tokens.word[k : k + 2])
        if pair in parts:
            apart["".join(pair)].append(k)
    for word, places in sorted(apart.items()):
        rarer, size = min((places, 2), (tokens.among(frozenset((word,))), 1), key=lambda form: len(form[0]))
        if len(rarer) >= OFTEN:
            says = f"“{word}” is written in two ways by turns."
            yield [document.token_span(k, k + size, says) for k in rarer[:MOST]]
