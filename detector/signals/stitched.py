"""Several articles stand in one page: introductions, conclusions and definitions of the topic start over.

Why it matters
    Whoever buys or generates several texts for one phrase and pastes them one after the other gets a page
    that ends and begins again. Google's spam policies name it under scaled content abuse: "stitching or
    combining content from different web pages without adding value". An editor needs to know where the
    joins are.

Fires on
    A place where an article begins although one has already been told: the topic is defined again, the opening
    paragraph comes back in other words, a heading introduces what was introduced, the headings that follow have been
    there, a conclusion stands before it and another one after it, the voice turns to "I". One sign alone is no join.
    Where the model has learned it, also a place where words, topic and form begin anew as they do at the joins of
    articles. Every join is marked and numbered, so that the marks are a map of the articles. The value adds up how
    certain each join is.

    Example:
        Felting is a craft that turns loose wool into dense cloth with water, soap and patient rubbing. It
        needs no loom and no spindle, and for that reason it is one of the oldest ways to make cloth that we
        know of.

        Begin with clean fleece, pulled into thin layers that cross each other. Wet the layers with warm
        soapy water, press the air out and rub in circles until the fibres hold together when you pinch
        them.

        Roll the piece in a bamboo mat for ten minutes, turn it and roll again. It shrinks by a third, so a
        slipper has to begin as something far too large, and the edges have to be kept even from the start.

        In conclusion, felting rewards slow hands. With fleece, soap and a mat, anybody can make sturdy
        cloth at home, and nothing else is needed to start.

        ⟦Introduction to Felting

        Felting, one of the oldest crafts, turns loose wool into dense cloth by means of water, soap and
        rubbing.⟧ It needs neither spindle nor loom, which is why herders on the steppe have lived in felt
        tents for ages.

        Lay thin layers of fleece crosswise and sprinkle them with hot water. Rub softly at first and harder
        later, until nothing slides under your palms any more, and rinse the soap out at the end.

        Conclusion

        In summary, felting is an easy craft for patient people. Fleece, soap and water are all that it
        takes, and the result keeps feet warm for many winters.

Quiet on
    Questions and answers, leaflets with a summary, pages about several treatments with the same small
    headings, a conclusion with an appendix or an advertisement of the author behind it.

    Example:
        What is felting?

        Felting is a craft that turns loose wool into dense cloth with water, soap and patient rubbing. It
        is the oldest way of making cloth and needs no loom.

        Who can learn it?

        Children of six can felt a ball in half an hour. For a hat you need strong wrists and an afternoon,
        and for a tent you need a village.

        Summary

        Felting makes cloth from wool without a loom. You need fleece, soap, water and time, and a mat
        helps.

        About us

        Our workshop by the mill offers courses on Saturdays from March to October. A day costs 45 pounds
        with lunch, and fleece from our own sheep is included in the price.

Blind spots
    Articles on neighbouring topics by one hand; articles of less than 100 words; snippets of a sentence or two, which
    snippet_stitch is for; articles that were cut to fit by hand. A question with somebody else's long answer, or a
    press release with a paragraph about its firm, are two texts too.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property

import numpy as np

from detector.document import Document, Span
from detector.signals._joins import Rows, measured
from detector.signals._network import probability
from detector.signals._repeats import Ints, lexicon, repeats
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "The page seems to be several articles, one after the other."

APART = 100  # words that an article has at least before another one can begin
AHEAD = 60  # words that have to follow for an article to begin
NEEDED = 2.0  # signs that make a join
CERTAIN = 4.0  # signs that make it certain
RESTART = 0.4  # share of telling words that two openings have in common if they may be the same one
AFTERWORD = 250  # words from the beginning of a conclusion within which the next article begins
ADDENDA = 4  # headings that may stand between a conclusion and the next article
VOICE = 150  # words from a join on in which somebody says "I" twice who did not before
OUTLOOK = 8  # headings that are looked at after a join
TERM = 12  # words at the head of a paragraph among which a definition names its term
TITLE = 15  # words at the head of the page that a heading may say again
MOST = 12  # joins that are marked

_CLOSING_HEADING = re.compile(
    r"(?:in |the |our |my |a )?(?:conclusions?|summary|final (?:thoughts?|words?)|closing thoughts|bottom line|"
    r"wrapping (?:it )?up|(?:key )?takeaways?|to sum up)\b"
)
_CLOSING = re.compile(
    r"(?:in (?:conclusion|summary|closing|short|essence)|to (?:sum|wrap|conclude|summari[sz]e)\b|overall|"
    r"all in all|ultimately|in the end)\b"
)
_CLOSES = frozenset("in to overall all ultimately".split())  # what all of these begin with
_SUMMARY = re.compile(r"(?:abstract|summary|key points|at a glance|objectives?|aims?|background)\b")
_INTRODUCING = re.compile(
    r"(?:(?:an? |the )?(?:brief |short |quick )?(?:introduction|intro|overview|background)\b|"
    r"what (?:is|are)\b|understanding\b|getting to know\b|the basics of\b|all about\b|everything you need)"
)
_DEFINITION = re.compile(
    r"((?:[^\W_][\w'’-]*\s+){0,4}[^\W_][\w'’-]*)(?:\s*\([^()\n]*\))?"
    r"(?:,\s+(?:a|an|one|also|often|sometimes|or|known|which)\b|"
    r"\s+(?:is|are)\s+(?:a|an|the|one|any|when)\b|\s+(?:refers? to|involves?|means)\b)"
)
_PERSONS = frozenset("i me my you your yours he him his she her it its we us our they them their".split())
_OWN_VOICE = frozenset({"i", "i'm", "i've", "my"})
# Words near the start of a paragraph that tie it to the one before.
_TIES = frozenset(
    "it its this that these those they them their he him his she her such also however but so then therefore thus"
    " moreover furthermore and or yet still instead likewise similarly meanwhile otherwise nevertheless another other"
    " both either first firstly second secondly third finally lastly next additionally while because since after before"
    " once even though although".split()
)

Sign = tuple[float, str]  # how strongly it speaks for a new article, and how to say it


def measure(document: Document, tables: Tables) -> Evidence:
    """How certain the joins are, taken together, and where they are."""
    page = _Page(document, tables)
    joins = page.joins()
    taken = [page.first[at] for at in sorted(joins)]
    for at, certain in page.learned():
        after = bisect_left(taken, page.first[at])
        if all(abs(page.first[at] - place) >= APART for place in taken[max(0, after - 1) : after + 1]):
            joins[at] = certain, page.reasons(at)
            taken.insert(after, page.first[at])
    number = len(joins) + 1
    spans = [
        (certain, page.span(at, f"Article {k} of {number} seems to start here: {why}."))
        for k, (at, (certain, why)) in enumerate(sorted(joins.items()), 2)
    ]
    spans.sort(key=lambda join: (-join[0], join[1].start))
    return Evidence(sum(certain for certain, _ in spans), tuple(span for _, span in spans[:MOST]))


def places(document: Document, tables: Tables) -> tuple[list[int], Rows]:
    """Where on the page another article may begin (offsets), and what is measured there: a row each."""
    page = _Page(document, tables)
    return [document.tokens.start[page.first[at]] for at in page.places], page.rows()


class _Page:
    """The page as a row of headings and paragraphs, and where the current article began.

    places: the parts that have room before and after them, and a paragraph to open with.
    """

    def __init__(self, document: Document, tables: Tables) -> None:
        ranges = document.block_tokens
        self.document, self.tables = document, tables
        self.first = [first for first, _ in ranges.values()]
        self.last = [last for _, last in ranges.values()]
        self.kind = [document.blocks[i].kind for i in ranges]
        self.is_heading = [kind == "heading" or kind == "title" for kind in self.kind]
        self.opening = self.opening_paragraphs()
        self.places = [
            at
            for at in range(
                bisect_left(self.first, AHEAD), bisect_right(self.first, len(document.tokens) - AHEAD)
            )
            if self.kind[self.opening[at]] == "paragraph" and not self.is_heading[at - 1]
        ]
        self.openings: set[int] = set()
        self.defined = False

    @cached_property
    def headings(self) -> list[int]:
        """The parts that are headings."""
        return [at for at, heading in enumerate(self.is_heading) if heading]

    @cached_property
    def repeated(self) -> dict[int, int]:
        """The headings of several words that have been there, each with the first one that says the same."""
        earliest: dict[str, int] = {}
        first = {at: earliest.setdefault(self.line(at), at) for at in self.headings}
        return {at: one for at, one in first.items() if one < at and " " in self.line(at)}

    @cached_property
    def closings(self) -> list[int]:
        """The parts that are a heading or the first words of a conclusion."""
        return [at for at in range(len(self.first)) if self.closes(at)]

    @cached_property
    def own_voice(self) -> list[int]:
        """The tokens in which somebody speaks of himself."""
        return self.document.tokens.among(_OWN_VOICE)

    @cached_property
    def topic(self) -> frozenset[str]:
        """The three words that tell most of what the page is about."""
        known = lexicon(self.document, self.tables)
        weight = self.document.tokens.type_counts * known.telling
        order = [known.words[i] for i in np.argsort(-weight, kind="stable")[: 3 + len(_PERSONS)].tolist()]
        return frozenset([word for word in order if word not in _PERSONS][:3])

    @cached_property
    def topical(self) -> list[int]:
        """The tokens that are one of these words."""
        return self.document.tokens.among(self.topic)

    @cached_property
    def echoes(self) -> dict[int, list[tuple[int, float]]]:
        """For a part that resembles earlier ones: which ones, and how much."""
        compared = repeats(self.document, self.tables)
        found: dict[int, list[tuple[int, float]]] = {}
        for k in (compared.shared >= RESTART).nonzero()[0].tolist():
            pair = compared.passages[compared.first[k]], compared.passages[compared.second[k]]
            one, two = (bisect_right(self.first, passage[0].first) - 1 for passage in pair)
            if one < two:
                found.setdefault(two, []).append((one, float(compared.shared[k])))
        return found

    @cached_property
    def source(self) -> dict[int, int]:
        """For such a part the first of those that it resembles."""
        return {two: min(one for one, _ in found) for two, found in self.echoes.items()}

    @cached_property
    def title(self) -> frozenset[str]:
        """The first words of the page."""
        return frozenset(self.document.tokens.word[:TITLE])

    def line(self, at: int) -> str:
        """The first words of a part."""
        first = self.first[at]
        return " ".join(self.document.tokens.word[first : min(self.last[at], first + 12)])

    def joins(self) -> dict[int, tuple[float, str]]:
        """The parts that begin another article by the signs: how certain, and why."""
        found: dict[int, tuple[float, str]] = {}
        if not self.places:
            return found
        self.begin(0)
        near = self.near_signs().intersection(self.places)
        for at in range(1, len(self.first)):
            self.pass_by(at - 1)
            if at in near and at > self.begun and self.weight(at) >= NEEDED:
                joined = self.likeliest(at)
                signs = self.signs(joined)
                certain = min(1.0, sum(weight for weight, _ in signs) / CERTAIN)
                found[joined] = certain, ", ".join(says for _, says in signs)
                self.begin(joined)
        return found

    def near_signs(self) -> set[int]:
        """The parts of which `told` can say anything at all: few on most pages."""
        found: set[int] = set()
        for at in self.closings:
            found.update(range(at + 1, bisect_right(self.first, self.first[at] + AFTERWORD)))
        if len(self.repeated) > 1:
            for at in self.repeated:
                k = bisect_left(self.headings, at) - OUTLOOK
                found.update(range(self.headings[k] + 1 if k >= 0 else 0, at + 1))
        if len(self.source) > 1:
            for at in self.source:
                found.update(range(at + 1 - OUTLOOK, at + 1))
        for before, token in zip([-APART, *self.own_voice], self.own_voice, strict=False):
            if token - before >= APART:
                found.update(range(bisect_right(self.first, token - VOICE), bisect_right(self.first, token)))
        return found

    def begin(self, at: int) -> None:
        """From here on another article is told."""
        opening = self.opening[at]
        self.begun = at
        self.circles = 0
        self.openings |= {opening, opening + 1}
        self.defined = self.defined or any(
            map(self.defines, range(opening, min(opening + 2, len(self.first))))
        )

    def pass_by(self, at: int) -> None:
        """The part belongs to the current article: note if it repeats that article itself, as lists of entries do."""
        self.circles += any(one >= self.begun for one, _ in self.echoes.get(at, ()))

    def opening_paragraphs(self) -> list[int]:
        """For each part the paragraph that an article beginning at it opens with: the first part that is no heading."""
        opening = list(range(len(self.first)))
        for at in range(len(self.first) - 2, -1, -1):
            if self.is_heading[at]:
                opening[at] = opening[at + 1]
        return opening

    def closes(self, at: int) -> bool:
        """Whether the part is a heading or the first words of a conclusion."""
        if self.is_heading[at]:
            return _CLOSING_HEADING.match(self.line(at)) is not None
        first = self.document.tokens.word[self.first[at]]
        return first in _CLOSES and self.kind[at] == "paragraph" and _CLOSING.match(self.line(at)) is not None

    def defines(self, at: int) -> bool:
        """Whether the paragraph says what the topic is: "Felting is a", "Felting, also known as"."""
        first = self.first[at]
        named = bisect_left(self.topical, first)
        if self.kind[at] != "paragraph" or named == bisect_left(self.topical, first + TERM):
            return False
        start = self.document.tokens.start[first]
        match = _DEFINITION.match(self.document.text[start : start + 160])
        return match is not None and not self.topic.isdisjoint(match[1].lower().split())

    def learned(self) -> list[tuple[int, float]]:
        """The parts that begin another article as the learned network sees it, likeliest first, and how certain."""
        if not self.places or "join_w1" not in self.tables:
            return []
        floor = float(self.tables.arrays["join_floor"][0])
        likely = probability(self.tables, "join", self.rows())
        order = np.argsort(-likely, kind="stable")
        return [
            (self.places[k], 0.5 + 0.5 * (float(likely[k]) - floor) / (1 - floor))
            for k in order.tolist()
            if likely[k] >= floor
        ]

    def rows(self) -> Rows:
        """What is measured at the places."""
        if not self.places:
            return np.zeros((0, 0), dtype=np.float32)
        at = np.array(self.places)
        first = np.array(self.first)
        return np.hstack([measured(self.document, self.tables, first[at]), self.shape(at, first)])

    def shape(self, at: Ints, first: Ints) -> Rows:
        """How the parts and what stands around them look: heading, first words, end of the part before.

        first: the first token of each part.
        """
        words, size = self.document.tokens.word, len(self.document.tokens)
        openings = [self.opening[k] for k in self.places]
        closing = np.zeros((2, len(first) + 1))
        closing[0, self.closings] = 1.0
        closing[1, self.headings] = closing[0, self.headings]
        concluded = closing[1].cumsum()
        starts = [words[(k := self.first[opening]) : k + 2] for opening in openings]
        length, topical, introducing, titled = zip(*map(self.heading, self.places), strict=True)
        columns = [
            [self.is_heading[k] for k in self.places],
            length,
            topical,
            introducing,
            np.array(openings) - at,
            titled,
            np.searchsorted(self.headings, at) / at,
            closing[0, at - 1],
            concluded[at - 1] > concluded[np.maximum(at - 6, -1)],
            [self.kind[k - 1] == "paragraph" for k in self.places],
            np.log(first[at] - first[at - 1] + 1),
            [not _TIES.isdisjoint(start) for start in starts],
            list(map(self.defines, openings)),
            np.log(first[at]),
            np.log(size - first[at]),
            np.full(len(at), np.log(size)),
        ]
        return np.array(columns, dtype=np.float64).T

    def heading(self, at: int) -> tuple[int, int, bool, float]:
        """Of a heading how many words it has, how many of them name the topic, whether it introduces, and how many of
        them, as a share, the title has too; zeros for a paragraph.
        """
        if not self.is_heading[at]:
            return 0, 0, False, 0.0
        line = self.line(at)
        words, introducing = line.split(), _INTRODUCING.match(line) is not None
        titled = len(self.title.intersection(words)) / max(1, len(words))
        return len(words), len(self.topic.intersection(words)), introducing, titled

    def reasons(self, at: int) -> str:
        """What an editor can see at a join that only the network found."""
        begins = "words and topic begin anew"
        return ", ".join([begins, *(says for _, says in self.starting(at))])

    def signs(self, at: int) -> list[Sign]:
        """What speaks for a new article here.

        One must have been told to its end or be told again, and it must be introduced, but for a page with two
        headings that conclude.
        """
        room = self.first[at] - self.first[self.begun] >= APART
        told = self.told(at) if room else []
        starting = self.starting(at) if told else []
        return told + starting if starting or (told and told[0][0] >= NEEDED) else []

    def weight(self, at: int) -> float:
        """How much speaks for a new article here."""
        return sum(weight for weight, _ in self.signs(at))

    def likeliest(self, at: int) -> int:
        """The likeliest beginning from here on, as an article can have a postscript behind its conclusion."""
        end = bisect_right(self.first, self.first[at] + AFTERWORD)
        near = self.places[bisect_left(self.places, at) : bisect_left(self.places, end)]
        return max(near, key=self.weight)

    def summary_first(self) -> bool:
        """Whether the current article opens with its own summary, as papers do."""
        return any(
            map(_SUMMARY.match, map(self.line, range(self.begun, min(self.begun + 4, len(self.first)))))
        )

    def told(self, at: int) -> list[Sign]:
        """Signs that an article was told to its end, or that it is told again from here on."""
        signs: list[Sign] = []
        done = bisect_left(self.closings, at)
        closing = self.closings[done - 1] if done else -1
        if (
            closing > self.begun
            and self.first[at] - self.first[closing] <= AFTERWORD
            and not self.summary_first()
        ):
            between = bisect_left(self.headings, at) - bisect_right(self.headings, closing)
            weight = (1.0 if self.is_heading[closing] else 0.75) if between <= ADDENDA else 0.5
            says = "a conclusion stands before it"
            if done < len(self.closings) and self.first[self.closings[done]] - self.first[at] >= AHEAD:
                weight += 1.0 if self.is_heading[self.closings[done]] else 0.75
                says += ", another one follows"
            signs.append((weight, says))
        ahead = self.headings[(k := bisect_left(self.headings, at)) : k + OUTLOOK]
        again = sum(self.repeated.get(h, at) < at for h in ahead)
        if again >= 2:
            signs.append((min(1.5, again / 2), "its headings have been there"))
        retold = sum(self.source.get(two, at) < at for two in range(at, at + OUTLOOK))
        retold -= self.circles
        if retold >= 2:
            signs.append((min(1.5, retold / 2), "it tells again what was told"))
        before, here, after = (
            bisect_left(self.own_voice, x)
            for x in (self.first[self.begun], self.first[at], self.first[at] + VOICE)
        )
        if before == here and after - here >= 2:
            signs.append((0.5, "somebody says I now"))
        return signs

    def starting(self, at: int) -> list[Sign]:
        """Signs that an introduction stands here."""
        signs: list[Sign] = []
        opening = self.opening[at]
        if any(_INTRODUCING.match(self.line(k)) for k in range(at, opening)):
            signs.append((0.75, "it is introduced again"))
        elif any(not self.topic.isdisjoint(self.line(k).split()) for k in range(at, opening)):
            signs.append((0.25, "a heading names the topic again"))
        if self.defined and self.defines(opening):
            signs.append((1.0, "the topic is defined again"))
        like = max((like for one, like in self.echoes.get(opening, ()) if one in self.openings), default=0.0)
        if like:
            signs.append((min(1.5, like / (2 * RESTART) * 1.5), "the opening comes back in other words"))
        return signs

    def span(self, at: int, says: str) -> Span:
        """From the first heading of the article to the end of its first sentence."""
        sentences = self.document.sentences
        first = self.first[self.opening[at]]
        sentence = sentences[bisect_left(sentences, first, key=lambda s: s.first)]
        return Span(self.document.tokens.start[self.first[at]], sentence.end, says)
