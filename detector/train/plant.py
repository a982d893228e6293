"""Crawls spoiled on purpose: copies, patterns with slots, spun siblings and pushed links among honest pages.

A planted page takes over the host and the standing of an honest one. What is planted here teaches weights; what tests
and benchmarks plant is made elsewhere, by other means.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from detector.document import WORD
from detector.language import FUNCTION_WORDS
from detector.train.spoil import like

Spin = Callable[[str, float, random.Random], str]

_SENTENCE = re.compile(r"(?<=[.!?]) +(?=[A-Z])")
SLOT_WORDS = 3  # words of a text that become slots
OFTEN = 3  # times that such a word stands in it


@dataclass(frozen=True)
class Planted:
    """A page to be.

    text: Markdown where it has links; empty where nothing is to stand in its place any more. place: the number of the
    honest page whose place it takes, or beside which it stands on the same host (`beside`). kind: what was done.
    spam: whether an editor would reject it.
    """

    text: str
    place: int
    kind: str
    spam: bool
    beside: bool = False


def plant(texts: Sequence[str], spin: Spin, phrases: Sequence[str], rng: random.Random) -> Iterator[Planted]:
    """Planted pages in place of the honest ones: each place is used once; the texts stand in a random order."""
    free = iter(range(len(texts)))
    for kind, sizes in PLAN:
        for size in sizes:
            # the first place is the original's
            places = [place for place, _ in zip(free, range(size + 1), strict=False)]
            if len(places) == size + 1:
                yield from _KINDS[kind](texts, places, spin, phrases, rng)


def _copies(
    texts: Sequence[str], places: list[int], _: Spin, __: Sequence[str], rng: random.Random
) -> Iterator[Planted]:
    """The same text on other hosts, a few sentences less, a few words changed; the original stays."""
    original = texts[places[0]]
    yield Planted(original, places[0], "original", spam=False)
    for place in places[1:]:
        yield Planted(_edited(original, rng), place, "clone", spam=True)


def _versions(
    texts: Sequence[str], places: list[int], _: Spin, __: Sequence[str], rng: random.Random
) -> Iterator[Planted]:
    """The same text twice on one host, as a version to print or under a second heading: nobody's fault."""
    yield Planted(texts[places[0]], places[0], "original", spam=False)
    yield Planted(_edited(texts[places[0]], rng), places[0], "version", spam=False, beside=True)


def _pattern(
    texts: Sequence[str], places: list[int], _: Spin, __: Sequence[str], ____: random.Random
) -> Iterator[Planted]:
    """A text whose most frequent words are slots, filled on each page with the words of another."""
    yield Planted("", places[0], "original", spam=False)
    slots = _frequent(texts[places[0]])
    for place in places[1:]:
        fillers = [*_frequent(texts[place]), "another", "matter", "place"]
        text = texts[places[0]]
        for slot, filler in zip(slots, fillers, strict=False):
            pieces = re.split(rf"\b({re.escape(slot)})\b", text, flags=re.IGNORECASE)
            text = "".join(like(piece, filler) if k % 2 else piece for k, piece in enumerate(pieces))
        yield Planted(text, place, "pattern", spam=True)


def _siblings(
    texts: Sequence[str], places: list[int], spin: Spin, _: Sequence[str], rng: random.Random
) -> Iterator[Planted]:
    """A text spun again and again; in half of the cases it stands there itself."""
    original, rate = texts[places[0]], rng.choice((0.15, 0.25, 0.35))
    shown = rng.random() < 0.5
    yield Planted(original if shown else "", places[0], "original", spam=False)
    for place in places[1:]:
        yield Planted(spin(original, rate, rng), place, "sibling", spam=True)


def _ring(
    texts: Sequence[str], places: list[int], _: Spin, phrases: Sequence[str], rng: random.Random
) -> Iterator[Planted]:
    """Links with one phrase, or one of two, to one target, in the texts of many."""
    anchors = rng.sample(phrases, rng.choice((1, 1, 2)))
    target = f"https://www.{'-'.join(WORD.findall(anchors[0].lower())[:2])}-{places[0]}.example/"
    for place in places[1:]:
        sentences = _SENTENCE.split(texts[place])
        at = rng.randrange(len(sentences))
        words = sentences[at].split(" ")
        middle = rng.randrange(len(words) + 1)
        words.insert(middle, f"[{rng.choice(anchors)}]({target})")
        sentences[at] = " ".join(words)
        yield Planted(" ".join(sentences), place, "ring", spam=True)


_KINDS = {"clone": _copies, "version": _versions, "pattern": _pattern, "sibling": _siblings, "ring": _ring}
# What is planted, and how many pages beside the original each group has.
PLAN: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("ring", (5, 6, 8, 12, 20) * 6),
    ("pattern", (4, 5, 8, 12, 30) * 5),
    ("sibling", (1, 1, 2, 4, 8) * 16),
    ("clone", (1, 1, 1, 2, 3, 7) * 16),
    ("version", (1,) * 120),
)


def _edited(text: str, rng: random.Random) -> str:
    """A text with up to two sentences less and up to three words in capitals: what copying does to it."""
    sentences = _SENTENCE.split(text)
    for _ in range(rng.randrange(3)):
        if len(sentences) > 8:
            del sentences[rng.randrange(len(sentences))]
    words = " ".join(sentences).split(" ")
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(words))
        words[at] = words[at].upper()
    return " ".join(words)


def _frequent(text: str) -> list[str]:
    """The words that a text says most often, apart from those that hold sentences together."""
    counts: dict[str, int] = {}
    for match in WORD.finditer(text.lower()):
        word = match.group()
        if len(word) > 3 and word not in FUNCTION_WORDS:
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in ranked[:SLOT_WORDS] if counts[word] >= OFTEN]
