"""Whether the links and the found phrases of a text belong in it: what was measured, and each sentence without them.

The test is the one editors make: take the words out and read the sentence again. A sentence that misses nothing never
needed them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.document import Document, Sentence
from detector.language import FUNCTION_WORDS
from detector.report.layout import Shown, one_line
from detector.report.page import LinkRow
from detector.report.words import where
from detector.signals import injected_anchor
from detector.signals._network import probability
from detector.signals._reading import read
from detector.signals._repeats import lexicon
from detector.tables import Tables

# Signals that speak of links, by the places they mark.
SPEAK = ("injected_anchor", "link_profile", "plug", "affiliate_pitch", "hidden_text")
# Share of an anchor's telling words that stand elsewhere in the text. On 427 pages of honest sites 54 in 100 links in
# running text reach it, of search phrases put into the same pages 1 in 100.
FITS = 0.5
# Log-odds of the network behind `injected_anchor` for the one stretch of words, where the signal takes the worst of a
# page. With model health-4, 2 in 100 of those links reach it, whose pages it may have been trained on, and 76 in 100 of
# such phrases, which it never saw.
PASTED = 0.0
REST = 3  # words a sentence must have beside the phrase to be judged without it
AROUND = 300  # characters of a sentence shown on either side of a phrase, and looked for among markup:
REACH = 2_000
LONG = 30_000  # words up to which sentences are measured; at more the editor would wait for seconds
TOPIC = 6  # words that say what a text is about

Answer = Literal["yes", "no", "unclear", "–"]
Ints = NDArray[np.int64]


class Reason(NamedTuple):
    """A sentence. signal: in words, where one found it; place: the link to its mark."""

    says: str
    signal: str = ""
    place: str = ""


class Fit(NamedTuple):
    """Whether a link's words fit where they stand, and why; "–" where the question does not arise."""

    answer: Answer
    why: list[Reason]


class Phrase(NamedTuple):
    """text[start:end] in its sentence. place: the link to its mark."""

    start: int
    end: int
    place: str
    around: Sentence


class Trial(NamedTuple):
    """A sentence with a phrase, in three parts, and without it. place: the link to the phrase; name: where that is."""

    place: str
    name: str
    before: str
    phrase: str
    after: str
    without: str
    why: list[Reason]


class Elsewhere(NamedTuple):
    """How many words of a phrase tell something, and how many of them stand elsewhere in the text and in the paragraph.

    share: the second by how much they tell.
    """

    telling: int
    text: int
    paragraph: int
    share: float


class Links:
    """The links and found phrases of a document. shown: the findings, with their places.

    tables: of the model that judged the text; without them nothing is measured, and what was found still shows.
    """

    def __init__(self, document: Document, shown: Sequence[Shown], tables: Tables | None) -> None:
        self._document = document
        self._tables = tables if tables is not None and "word_counts" in tables else None
        self._places = [
            place for one in shown if one.signal in SPEAK for place in one.places if not place.fine
        ]
        self._pieces = list(document.prose_pieces())

    def fit(self, row: LinkRow) -> Fit:
        """Whether a link fits."""
        start, end = row.link.start, row.link.end
        why = self._found(start, end)
        first, last = self._tokens(start, end)
        if why:
            return Fit("no", [*why, *self._measured(first, last)])
        if row.belongs not in ("external", "unknown"):
            return Fit("–", [])
        around = self._sentence(first, last)
        if around is None:
            return Fit("–", [Reason("Not in running text." if row.anchor else "It has no words.")])
        if around.last - around.first < last - first + REST:
            return Fit("unclear", [Reason("It stands alone, with no sentence around it.")])
        known = self._elsewhere(first, last)
        fits = known is not None and known.share >= FITS and not self._pasted(first, last)
        return Fit("yes" if fits else "unclear", self._measured(first, last))

    def phrases(self, rows: Sequence[LinkRow]) -> list[Phrase]:
        """The links out, and what was found pasted without a link, of running text and in its order."""
        links = [
            (row.link.start, row.link.end, row.place)
            for row in rows
            if row.belongs in ("external", "unknown") and not row.hidden
        ]
        pasted = [
            (place.start, place.end, f"#{place.id}")
            for place in self._places
            if place.shown.signal == "injected_anchor"
            and not any(start < place.end and place.start < end for start, end, _ in links)
        ]
        found = ((*phrase, self._sentence(*self._tokens(*phrase[:2]))) for phrase in sorted(links + pasted))
        return [Phrase(start, end, place, around) for start, end, place, around in found if around]

    def trial(self, phrase: Phrase) -> Trial:
        """The sentence with the phrase and without it."""
        start, end, place, around = phrase
        low, high = max(around.start, start - REACH), min(around.end, end + REACH)
        before, after = self.prose(low, start), self.prose(end, high)
        if low > around.start or len(before) > AROUND:
            before = f"… {before[-AROUND:].partition(' ')[2]}"
        if high < around.end or len(after) > AROUND:
            after = f"{after[:AROUND].rpartition(' ')[0]} …"
        return Trial(
            place,
            where(self._document, start),
            before,
            self.prose(start, end),
            after,
            without(before, after),
            [*self._found(start, end), *self._measured(*self._tokens(start, end))],
        )

    def _found(self, start: int, end: int) -> list[Reason]:
        """What the signals say of text[start:end]."""
        return [
            Reason(
                next((span.says for span in place.spans if span.says), place.shown.finding.says),
                place.shown.name,
                f"#{place.id}",
            )
            for place in self._places
            if place.start < end and start < place.end
        ]

    def _measured(self, first: int, last: int) -> list[Reason]:
        """What was measured of tokens[first:last], in words."""
        known = self._elsewhere(first, last)
        if known is None:
            return []
        says = []
        if not known.telling:
            says.append("Its words do not tell what they lead to.")
        else:
            says.append(_counted(known))
        if self._pasted(first, last):
            says.append("It joins its sentence as pasted phrases do.")
        return [Reason(one) for one in says]

    # --- where it stands

    def _tokens(self, start: int, end: int) -> tuple[int, int]:
        """The tokens of text[start:end], half open."""
        starts = self._document.tokens.start
        return bisect_left(starts, start), bisect_left(starts, end)

    def _sentence(self, first: int, last: int) -> Sentence | None:
        """The sentence of the tokens; of more than one, from the first to the last."""
        sentences = self._document.sentences
        if first >= last:
            return None
        one, other = (
            sentences[bisect_right(sentences, at, key=lambda s: s.first) - 1] for at in (first, last - 1)
        )
        return Sentence(one.start, other.end, one.first, other.last, one.block)

    def prose(self, start: int, end: int) -> str:
        """text[start:end] on one line, without markup and hidden stretches."""
        at = max(0, bisect_right(self._pieces, start, key=lambda piece: piece[1]) - 1)
        parts = []
        before = self._pieces[at][0] if self._pieces else 0
        for block, low, high in self._pieces[at:]:
            if low >= end:
                break
            parts += [" "] * (block != before) + [self._document.text[max(low, start) : min(high, end)]]
            before = block
        return re.sub(r"\s+", " ", "".join(parts))

    # --- what can be measured

    def topic(self, first: int, last: int) -> list[str]:
        """The words that tell most of what tokens[first:last] are about."""
        if self._tables is None:
            return []
        known = lexicon(self._document, self._tables)
        ids = known.ids[first:last]
        weight = np.bincount(ids, minlength=len(known.words)) * known.telling
        order = [known.words[k] for k in np.argsort(-weight, kind="stable").tolist() if weight[k] > 1]
        return [word for word in order if word not in FUNCTION_WORDS][:TOPIC]

    @cached_property
    def _counts(self) -> tuple[Ints, NDArray[np.float64], Ints] | None:
        """The word of each token; for each word how much it tells, and how often it stands in the text."""
        if self._tables is None:
            return None
        known = lexicon(self._document, self._tables)
        return known.ids, known.telling, np.bincount(known.ids, minlength=len(known.words))

    def _elsewhere(self, first: int, last: int) -> Elsewhere | None:
        """None where nothing is known of words, and for no words at all."""
        if self._counts is None or first >= last:
            return None
        ids, telling, count = self._counts
        words, times = np.unique(ids[first:last], return_counts=True)
        words, times = words[telling[words] > 0], times[telling[words] > 0]
        if not len(words):
            return Elsewhere(0, 0, 0, 0.0)
        low, high = self._document.block_tokens[self._document.tokens.block[first]]
        near = np.array([np.count_nonzero(ids[low:high] == word) for word in words])
        back = count[words] > times
        share = float(telling[words][back].sum() / telling[words].sum())
        return Elsewhere(len(words), int(back.sum()), int((near > times).sum()), share)

    @cached_property
    def _strengths(self) -> dict[tuple[int, int], float]:
        """Stretches of tokens that might have been put in, and how much they look it, in log-odds."""
        if self._tables is None or "anchor_w1" not in self._tables or len(self._document.tokens) > LONG:
            return {}
        reading = read(self._document, self._tables)
        found = injected_anchor.candidates(self._document, reading)
        if not len(found.first):
            return {}
        p = probability(self._tables, "anchor", found.features)
        odds = np.log(p / (1 - p + 1e-9)).tolist()
        ends = zip(reading.token[found.first].tolist(), reading.token[found.last - 1].tolist(), strict=True)
        return {(first, last + 1): strength for (first, last), strength in zip(ends, odds, strict=True)}

    def _pasted(self, first: int, last: int) -> bool:
        return self._strengths.get((first, last), PASTED - 1) >= PASTED


def _counted(known: Elsewhere) -> str:
    """The counts as a sentence."""
    if known.telling == 1:
        there = "also in the same paragraph" if known.paragraph else "not in the same paragraph"
        return f"Its one telling word stands {f'elsewhere in the text, {there}' if known.text else 'nowhere else'}."
    if not known.text:
        return f"None of its {known.telling} telling words stands elsewhere in the text."
    stand = "stands" if known.text == 1 else "stand"
    near = known.paragraph or "none"
    return (
        f"{known.text} of its {known.telling} telling words {stand} elsewhere, {near} in the same paragraph."
    )


_PAIRS = re.compile(r"\(\s*\)|\[\s*\]|“\s*”|‘\s*’|\"\s*\"")


def without(before: str, after: str) -> str:
    """What is left of a sentence, joined as a writer would: one space, none before a comma, no empty brackets."""
    left = _PAIRS.sub("", before + after)
    return one_line(re.sub(r"\s+(?=[,.;:!?…)\]”’])", "", left))
