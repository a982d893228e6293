"""What one text has of another: passages that were copied, and passages told again in other words, side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from detector.desk.similar.fingerprint import in_a_row
from detector.document import Document
from detector.signals.crawl._likeness import Sentence, alike, opcodes

RUN = 6  # words in a row that are looked at
HELD = 8  # places of the other text that a run is tried at
COVERED = 0.8  # share of a sentence in runs from which it is copied
PIECE = 100  # words of a sentence that are compared at a time
GAP = 8  # words between two places that belong together
EVIDENCE = 16  # words that are the same in a passage beyond those that are not
QUOTED = 0.9  # share of a passage in quotation marks from which it is a quotation
COPIED = 0.9  # share of the same words from which a passage is copied
LONGEST = 200  # words after which a passage is divided, to be read
SHOWN = 40  # passages

_CLOSING = re.compile(r"[.!?…,;:\"'”’)\]]+")

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Piece:
    """A stretch of both texts; one side may be empty. same: the same words stand on both."""

    left: str
    right: str
    same: bool


@dataclass(frozen=True)
class Passage:
    """A place of this text, left = text[start:end], and the one it corresponds to in the other, right.

    pieces: both sides cut where they differ; put together they are `left` and `right` again.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    left: str
    right: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Comparison:
    """What a text has of another one.

    likeness: share of its words in the passages, 0 to 1. copied: these are nearly word for word. passages: the longest.
    """

    likeness: float
    copied: bool
    passages: tuple[Passage, ...]


class Text:
    """A document as it is compared: the words of its running text with their places, and its sentences."""

    def __init__(self, document: Document) -> None:
        tokens = document.tokens
        self.text, self.word, self.start, self.end = document.text, tokens.word, tokens.start, tokens.end
        self.grams: list[int] = in_a_row(self.word, RUN).tolist()
        self.sentences = [
            _sentence(self.word, first, min(first + PIECE, s.last))
            for s in document.sentences
            for first in range(s.first, s.last, PIECE)
        ]
        self._document = document

    @cached_property
    def places(self) -> dict[int, list[int]]:
        """Where each gram stands."""
        found: dict[int, list[int]] = {}
        for at, gram in enumerate(self.grams):
            found.setdefault(gram, []).append(at)
        return found

    def without(self, ranges: Iterable[tuple[int, int]]) -> list[Sentence]:
        """The sentences that do not lie in ranges of tokens for COVERED or more of their words."""
        covered = np.zeros(len(self.word) + 1, dtype=np.int64)
        for first, last in ranges:
            covered[first + 1 : last + 1] = 1
        until = covered.cumsum().tolist()
        return [s for s in self.sentences if until[s.ends] - until[s.begins] < COVERED * (s.ends - s.begins)]

    @cached_property
    def quoted(self) -> Mask:
        """Which words stand in quotation marks, or in a block that is a quotation."""
        document = self._document
        places = zip(self.start, self.end, strict=True)
        found = np.fromiter((document.in_quotes(a, b) for a, b in places), dtype=bool, count=len(self.word))
        for block, (first, last) in document.block_tokens.items():
            if document.blocks[block].kind == "quote":
                found[first:last] = True
        return found


def _sentence(word: Sequence[str], first: int, last: int) -> Sentence:
    """A sentence with its tokens, first to last, in place of its offsets."""
    words = list(word[first:last])
    return Sentence(first, last, 0, hash(tuple(words)), words, [], [], [])


@dataclass(frozen=True)
class Part:
    """Tokens of this text and of the other that correspond, half open. same: how many words are the same."""

    first: int
    last: int
    there: int
    there_last: int
    same: int
    retold: bool


Group = list[Part]


def groups(left: Text, right: Text) -> list[Group]:
    """What corresponds in two texts, in the order of `left`: parts that follow one another in both make a group.

    Only groups with more in common than chance brings about are given.
    """
    found: list[Group] = []
    for part in _parts(left, right):
        before = found[-1][-1] if found else None
        if (
            before is not None
            and part.first - before.last <= GAP
            and 0 <= part.there - before.there_last <= GAP
        ):
            found[-1].append(part)
        else:
            found.append([part])
    return [group for group in found if _evidence(group) >= EVIDENCE]


def _evidence(group: Group) -> int:
    """How many more words are the same than are not."""
    there = sum(p.there_last - p.there for p in group)
    return 2 * sum(p.same for p in group) - max(size_of([group]), there)


def compared(left: Text, right: Text, found: Sequence[Group]) -> Comparison | None:
    """What `groups` found, for people; None where nothing was found, or mere quotations."""
    own = [group for group in found if not _is_quotation(group, left.quoted)]
    if not own:
        return None
    words = size_of(own)
    shown = sorted((g for group in own for g in _divided(group)), key=lambda g: g[0].first - g[-1].last)
    return Comparison(
        words / len(left.word),
        sum(p.same for group in own for p in group) >= COPIED * words,
        tuple(_passage(left, right, group) for group in sorted(shown[:SHOWN], key=lambda g: g[0].first)),
    )


def size_of(found: Iterable[Group]) -> int:
    """How many words of this text correspond."""
    return sum(p.last - p.first for group in found for p in group)


def _is_quotation(group: Group, quoted: Mask) -> bool:
    return sum(int(quoted[p.first : p.last].sum()) for p in group) >= QUOTED * size_of([group])


def _parts(left: Text, right: Text) -> Iterator[Part]:
    """What corresponds, in the order of this text: runs of words, cut where sentences end, and retold sentences."""
    runs = list(_runs(left, right))
    here = left.without((at, at + size) for at, _, size in runs)
    there = right.without((to, to + size) for _, to, size in runs)
    retold = {a.begins: b for a, b in alike(here, there)}
    k = 0
    for s in left.sentences:
        copied = []
        while k < len(runs) and runs[k][0] < s.ends:
            at, to, size = runs[k]
            first, last = max(at, s.begins), min(at + size, s.ends)
            copied.append(Part(first, last, to + first - at, to + last - at, last - first, retold=False))
            if at + size > s.ends:
                break
            k += 1
        if (other := retold.get(s.begins)) is not None:
            same = sum(op.src_end - op.src_start for op in opcodes(s.word, other.word) if op.tag == "equal")
            whole = [Part(s.begins, s.ends, other.begins, other.ends, same, retold=True)]
            # half a sentence may have been taken, and the rest put to it
            if not copied or _evidence(whole) >= _evidence(copied):
                copied = whole
        yield from copied


def _runs(left: Text, right: Text) -> Iterator[tuple[int, int, int]]:
    """The longest stretches of words in a row that both have: where here, where there, how many words."""
    held: dict[int, list[int]] = {}
    for to, gram in enumerate(right.grams):
        if gram in left.places:
            places = held.setdefault(gram, [])
            if len(places) < HELD:
                places.append(to)
    here, there = left.word, right.word
    after = there_after = 0
    for at in sorted(chain.from_iterable(left.places[gram] for gram in held)):
        if at < after:
            continue
        best = size = 0
        for to in held[left.grams[at]]:
            n = 0
            while at + n < len(here) and to + n < len(there) and here[at + n] == there[to + n]:
                n += 1
            if n > size or (n == size and best < there_after <= to):  # of equals the one that goes on
                best, size = to, n
        if size >= RUN:
            yield at, best, size
            after, there_after = at + size, best + size


def _divided(group: Group) -> Iterator[Group]:
    """A passage in pieces that can be read side by side."""
    piece: Group = []
    for part in group:
        if piece and part.last - piece[0].first > LONGEST:
            yield piece
            piece = []
        piece.append(part)
    yield piece


def _passage(left: Text, right: Text, group: Group) -> Passage:
    start, other_start = left.start[group[0].first], right.start[group[0].there]
    end, other_end = _end(left, group[-1].last), _end(right, group[-1].there_last)
    pieces: list[Piece] = []
    at, other_at = start, other_start
    for last, there_last, same in _joined(_steps(left, right, group)):
        to = end if last == group[-1].last else left.start[last]
        other_to = other_end if there_last == group[-1].there_last else right.start[there_last]
        pieces.append(Piece(left.text[at:to], right.text[other_at:other_to], same))
        at, other_at = to, other_to
    return Passage(
        start,
        end,
        other_start,
        other_end,
        left.text[start:end],
        right.text[other_start:other_end],
        tuple(pieces),
    )


def _end(text: Text, last: int) -> int:
    """Where the token before `last` ends, with the marks that close it."""
    closing = _CLOSING.match(text.text, text.end[last - 1])
    end = closing.end() if closing else text.end[last - 1]
    return min(end, text.start[last]) if last < len(text.start) else end


def _steps(left: Text, right: Text, group: Group) -> Iterator[tuple[int, int, bool]]:
    """Up to which token of each text the same words stand, or other ones."""
    at, there = group[0].first, group[0].there
    for part in group:
        if part.first > at or part.there > there:
            yield part.first, part.there, False
        at, there = part.last, part.there_last
        if not part.retold:
            yield part.last, part.there_last, True
            continue
        for op in opcodes(left.word[part.first : part.last], right.word[part.there : part.there_last]):
            yield part.first + op.src_end, part.there + op.dest_end, op.tag == "equal"


def _joined(steps: Iterator[tuple[int, int, bool]]) -> Iterator[tuple[int, int, bool]]:
    before: tuple[int, int, bool] | None = None
    for step in steps:
        if before is not None and before[2] != step[2]:
            yield before
        before = step
    if before is not None:
        yield before
