"""Phrases by which a page gives itself away, tried at the few places where a page has one of their words.

A regular expression that begins with alternatives is slow to search for and quick to try at a place. So each phrase
names words of which one must stand in it, and how far from its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import NamedTuple

from detector.document import Document
from detector.patterns import regex

DIGIT = "0-9"
REACH = 100  # characters after the word in which the phrase must end


class Cue(NamedTuple):
    """A phrase to look for.

    words: the words at which it is tried, with the number of words of the phrase that may stand before each.
    signs: where there are no words, the characters with which it begins; DIGIT for words that are figures.
    needs: words of which one must stand somewhere on the page too; none: no such condition.
    A group in the pattern is what must not stand there: "reduces the risk of" is not a word about risks.
    """

    kind: str
    weight: float
    says: str
    pattern: re.Pattern[str]
    words: tuple[tuple[str, int], ...] = ()
    signs: str = ""
    needs: frozenset[str] = frozenset()


def cue(kind: str, weight: float, says: str, words: str, pattern: str, needs: str = "") -> Cue:
    """A Cue from plain strings that does not mind capitals; "price-2" is a word with up to two others before it."""
    split = [word.partition("-") for word in words.split()]
    places = tuple((word, int(before or 0)) for word, _, before in split)
    return Cue(kind, weight, says, regex(pattern, re.IGNORECASE), places, needs=frozenset(needs.split()))


class Cues:
    """Several cues, looked for together."""

    def __init__(self, *cues: Cue) -> None:
        self.by_sign = [c for c in cues if c.signs]
        self.needing = [c for c in cues if c.needs]
        self.by_figure = any(c.signs == DIGIT for c in cues)
        self.by_word: dict[str, list[tuple[int, Cue]]] = {}  # with the number of words before
        for c in cues:
            for word, before in c.words:
                self.by_word.setdefault(word, []).append((before, c))
        self.words = frozenset(self.by_word)

    def find(self, document: Document, known: Container[str] = ()) -> Iterator[tuple[Cue, int, int]]:
        """(cue, start, end) of every phrase: cue by cue where it goes by signs, and else in the order of the text.

        known: kinds that are not looked for, or no longer if it grows meanwhile.
        """
        text, tokens = document.text, document.tokens
        words, starts = tokens.word, tokens.start
        figures = tokens.figures if self.by_figure else []
        for c in self.by_sign:
            for start in (starts[k] for k in figures) if c.signs == DIGIT else _places(c.signs, text):
                if c.kind in known:
                    break
                if m := c.pattern.match(text, start):
                    yield c, start, m.end()
        done: dict[int, int] = {}
        unmet = {id(c) for c in self.needing if not tokens.met(c.needs)}
        for i in tokens.among(self.words):
            for before, c in self.by_word[words[i]]:
                if c.kind in known or id(c) in unmet:
                    continue
                last = int(tokens.ends[i]) + REACH
                for start in starts[i - before if i > before else 0 : i + 1]:
                    found = c.pattern.match(text, start, last)
                    if found and start >= done.get(id(c), 0):
                        done[id(c)] = found.end()
                        if found.lastindex is None:
                            yield c, start, found.end()
                        break


def _places(signs: str, text: str) -> list[int]:
    """Where one of the characters stands: sought one by one, as a class of characters is ten times as slow."""
    found: list[int] = []
    for sign in signs:
        at = text.find(sign)
        while at >= 0:
            found.append(at)
            at = text.find(sign, at + 1)
    return sorted(found)
