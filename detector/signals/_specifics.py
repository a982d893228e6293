"""What several signals count once per document and share: the concrete details of its body (numbers, names, the
people who speak), and a fast search for phrases by one of their words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from detector.document import BODY, Document

# A capital in mid-sentence: what stands before it cannot end a sentence or open a line.
_CAPITAL = re.compile(r"[A-Z](?<=[a-z,;)(&] [A-Z])[^\W_]+")
_NUMBER = re.compile(r"\d(?<![^\W_]\d)(?<!\d[.,]\d)")

_COUNTED = frozenset(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy"
    " eighty ninety hundred thousand half twice".split()
)
_PEOPLE = frozenset("i i'm i've i'd my me he she his her him said".split())
_WEIGHT = dict.fromkeys(_COUNTED, 0.5) | dict.fromkeys(_PEOPLE, 0.25)
NEAR = 300  # a detail that was given within so many words is no new detail


@dataclass(frozen=True)
class Specifics:
    """The concrete details of a page's body (paragraphs, list items, quotes).

    words: every word of the prose, once. body: indices of the body tokens, in order. sums: running total of
    detail over the body, one longer than body.
    """

    words: frozenset[str]
    body: list[int]
    sums: list[float]


def specifics(document: Document) -> Specifics:
    """The details of the document, counted on first use and kept with it."""
    kept = document.__dict__.get("_specifics")
    if not isinstance(kept, Specifics):
        kept = document.__dict__["_specifics"] = _count(document)
    return kept


def _count(document: Document) -> Specifics:
    tokens, text, blocks = document.tokens, document.text, document.blocks
    words, starts = tokens.word, tokens.start
    body: list[int] = []
    known = set((document.title or "").lower().split())
    openings = set()
    for index, (first, last) in document.block_tokens.items():
        if blocks[index].kind in BODY:
            body.extend(range(first, last))
            openings.add(starts[first])
        else:
            known.update(words[first:last])
    # a word that the page also writes in lower case, or that a heading already says, names nothing new
    capitals = {m.start(): m[0].lower() for m in _CAPITAL.finditer(text)}
    candidates = set(capitals.values()) - known
    known |= {words[i] for i, w in enumerate(words) if w in candidates and text[starts[i]] >= "a"}
    marked = {at for at, word in capitals.items() if word in candidates and word not in known}
    # the number that opens a list item says nothing
    marked.update({m.start() for m in _NUMBER.finditer(text)} - openings)
    hits = {i: _WEIGHT[word] for i, word in enumerate(words) if word in _WEIGHT}
    for at in marked:
        i = bisect_left(starts, at)
        if i < len(starts) and starts[i] == at:
            hits[i] = 1.0
    weights = [0.0] * len(body)
    seen: dict[str, int] = {}
    for i in sorted(hits):
        at = bisect_left(body, i)
        if at == len(body) or body[at] != i:
            continue
        if hits[i] == 1.0:
            if at - seen.get(words[i], -NEAR) >= NEAR:
                weights[at] = 1.0
            seen[words[i]] = at
        else:
            weights[at] = hits[i]
    return Specifics(frozenset(words), body, [0.0, *accumulate(weights)])


class Cue(NamedTuple):
    """A phrase to look for: only around one of its words, or in the whole text if it names none.

    A group in the pattern is what must not stand there: "reduces the risk of" is not a word about risks.
    """

    kind: str
    weight: float
    words: frozenset[str]
    pattern: re.Pattern[str]
    says: str


def cue(kind: str, weight: float, says: str, words: str, pattern: str) -> Cue:
    """A Cue from plain strings; the pattern does not mind capitals where it looks around words."""
    return Cue(kind, weight, frozenset(words.split()), re.compile(pattern, re.I if words else 0), says)


class Cues:
    """Several cues, looked for in one pass over the words."""

    BEFORE, AFTER = 60, 100  # characters around the word in which the phrase must stand

    def __init__(self, *cues: Cue) -> None:
        self.anywhere = [c for c in cues if not c.words]
        self.by_word: dict[str, list[Cue]] = {}
        for c in cues:
            for word in c.words:
                self.by_word.setdefault(word, []).append(c)

    def find(self, document: Document) -> Iterator[tuple[Cue, int, int]]:
        """(cue, start, end) of every phrase, cue by cue where it has no words and else in the order of the text."""
        tokens, text, by_word = document.tokens, document.text, self.by_word
        for c in self.anywhere:
            for m in c.pattern.finditer(text):
                if m.lastindex is None:
                    yield c, m.start(), m.end()
        done: dict[Cue, int] = {}
        for i in [i for i, word in enumerate(tokens.word) if word in by_word]:
            for c in by_word[tokens.word[i]]:
                start = max(done.get(c, 0), tokens.start[i] - self.BEFORE)
                for m in c.pattern.finditer(text, start, tokens.end[i] + self.AFTER):
                    done[c] = m.end()
                    if m.lastindex is None:
                        yield c, m.start(), m.end()
