"""Words in disguise, undone: a text as people read it, where letters only look like Latin ones or nobody sees them.

Signals measure what a reader reads. So letters of other alphabets inside Latin words, letters in typefaces of their
own (full width, mathematical, ligatures), digits and accents that stand for letters, and characters without width are
undone before anything is measured; the places that are found are given in the text as it was written.

Letters that look alike: Unicode Technical Standard 39 (Unicode Security Mechanisms), and what NFKC maps to Latin ones.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import chain, islice, pairwise
from typing import AnyStr, NamedTuple

import numpy as np

from detector.document import Block, Document, Ints, Link, Span
from detector.patterns import regex

# In English nothing depends on these: hyphens that show only at the end of a line, spaces and marks without width.
_IDLE = "\u00ad\u034f\u180b-\u180e\u200b\u2060-\u2064\ufeff"
# These do something between other letters and signs, but nothing between two Latin letters.
_JOINING = (
    "\u0300-\u036f\u115f\u1160\u17b4\u17b5\u200c-\u200f\u202a-\u202e\u2066-\u2069\u3164\ufe00-\ufe0f\uffa0"
)
_JOINING += "\U000e0000-\U000e01ef"
_PAIRS = (
    "аaАAвBВBеeЕEкkКKмmМMнhНHоoОOрpРPсcСCтtТTуyУYхxХXіiІIјjЈJѕsЅSһhҺHԁdԛqԝwӏlгrпnѵvԍG"
    "αaΑAΒBεeΕEΖZηnΗHιiΙIκkΚKΜMνvΝNοoΟOρpΡPτtΤTυuΥYχxΧXωw"
    "օoսuոnհhցgɑaɡgɩiıiʏyʀrɴnʟlʙbɢgʜhɪiᴀaᴄcᴅdᴇeᴊjᴋkᴍmᴏoᴘpꜱsᴛtᴜuᴠvᴡwᴢz"
)
_LOOKS = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_LATIN = f"A-Za-z\u00c0-\u024f{''.join(_LOOKS)}"
_UNSEEN = regex(f"[{_IDLE}]+|(?<=[{_LATIN}])[{_JOINING}{_IDLE}]+(?=[^\\W\\d_])")
_MAY_BE_UNSEEN = regex(f"[{_JOINING}{_IDLE}]")
# The rest of a word with other than ASCII letters, from the first of these on.
_FOREIGN = regex(r"[^\x00-\x7f\W_][^\W_]*")
_DIGITS, _L_FOR_1 = str.maketrans("0134578", "oieastb"), str.maketrans("0134578", "oleastb")
# Words with digits among their letters. "5mg", "14th" and "7in" begin with one, and prove nothing.
_MIXED = regex(r"(?=\d*[A-Za-z])[A-Za-z]*[0134578][A-Za-z0134578]*")
_CLEAR = regex(r"[^\W\d_]|\d[A-Za-z]{4}")
# Text as letters and such digits, to count those that touch in the way that proves something.
_SHAPE = "".join(
    "a" if k < 128 and chr(k).isalpha() else "1" if chr(k) in "0134578" else " " for k in range(256)
).encode()
_TOUCHING = re.compile(rb"1(?:(?<=a1)|aaaa)")
# The rest of such a word, from the first digit beside a letter on.
_BESIDE = regex(rb"1(?:(?<=a1)|(?=a))[a1]*")
_BROKEN = regex("[âÂÃ]")
DIGITS = 0.4  # share of digits in a word that proves something
SEVERAL = 3  # words with digits or accents that prove it for all of a page: one may be a name or a slip

Edit = tuple[int, int, str]  # text[start:end] becomes this


class Undone(NamedTuple):
    """A document without disguises, and the way back: at each place of `new` the text as written was at `old`."""

    document: Document
    new: list[int]
    old: list[int]

    def span(self, span: Span) -> Span:
        """The span where it stands in the text as it was written."""
        start, end = self.written(span.start, span.end)
        partner = span.partner
        if partner is not None and partner.id == self.document.id:
            first, last = self.written(partner.start, partner.end)
            partner = partner._replace(start=first, end=last)
        return replace(span, start=start, end=end, partner=partner)

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the document stands in the text as it was written."""
        return _stretch(self.new, self.old, start, end)

    def read(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the text as it was written stands in the document."""
        return _stretch(self.old, self.new, start, end)


def undone(document: Document, known: Mapping[str, object]) -> Undone | None:
    """The document as it is read; None where nothing is in disguise, as on nearly every page.

    known: words of plain English: a digit or an accent is a disguise only of one of these.
    """
    edits = sorted(_edits(document.text, document.beyond_ascii, known))
    if not edits:
        return None
    text = document.text
    pieces: list[str] = []
    new, old = [0], [0]
    at = size = 0
    for start, end, plain in edits:
        pieces += [text[at:start], plain]
        size += start - at
        new += [size, size + len(plain)]
        old += [start, end]
        size += len(plain)
        at = end
    pieces.append(text[at:])
    new.append(size + len(text) - at)
    old.append(len(text))
    blocks, links = document.blocks, document.links
    here, there = np.array(old), np.array(new)
    places = np.array([place[:2] for place in chain(blocks, links)], dtype=np.int64).reshape(-1, 2)
    starts, ends = (_read(here, there, at) for at in places.T)
    more = slice(len(blocks), None)
    blocks = tuple(map(Block, starts, ends, [block.kind for block in blocks]))
    links = tuple(
        Link(start, end, link.href, link.rel)
        for start, end, link in zip(starts[more], ends[more], links, strict=True)
    )
    return Undone(replace(document, text="".join(pieces), blocks=blocks, links=links), new, old)


def _read(here: Ints, there: Ints, at: Ints) -> list[int]:
    """`_along` for many offsets."""
    k = np.searchsorted(here, at, side="right") - 1
    after = np.minimum(k + 1, len(here) - 1)
    inside = np.maximum(there[k], there[after] - (there[after] > there[k]))
    found: list[int] = np.minimum(there[k] + at - here[k], inside).tolist()
    return found


def _stretch(here: list[int], there: list[int], start: int, end: int) -> tuple[int, int]:
    """A stretch on the other side."""
    first = _along(here, there, start)
    return first, first if end <= start else _along(here, there, end - 1) + 1


def _along(here: list[int], there: list[int], offset: int) -> int:
    """The offset on the other side; inside what was exchanged it stays inside."""
    k = bisect_right(here, offset) - 1
    if k + 1 == len(here):
        return there[k]
    return min(there[k] + offset - here[k], max(there[k], there[k + 1] - (there[k + 1] > there[k])))


def _edits(text: str, beyond: frozenset[str], known: Mapping[str, object]) -> Iterator[Edit]:
    """What to exchange, in any order, without overlap. beyond: the characters of the text that are not ASCII."""
    bare, unseen = text, list(_unseen(text)) if _MAY_BE_UNSEEN.search("".join(beyond)) else []
    if unseen:  # words are looked at without what nobody sees
        yield from ((start, end, "") for start, end in unseen)
        kept = pairwise([0, *chain.from_iterable(unseen), len(text)])
        bare = "".join([text[start:end] for start, end in islice(kept, 0, None, 2)])
    foreign = list(_words(_FOREIGN.finditer(bare), bare)) if any(map(str.isalnum, beyond)) else []
    # asked once for each different word: pages in other alphabets have thousands of them
    plain = {word: _plain(word, known) for word in {word for _, word in foreign}}
    accented = [word for word, letters in plain.items() if list(word) == letters]
    shape = bare.encode("ascii", "replace").translate(_SHAPE)
    hints = len(_TOUCHING.findall(shape))
    digits: list[tuple[int, str]] = []
    if len(accented) + hints >= SEVERAL:  # as many words may prove it
        if hints:
            digits = [
                (start, word)
                for start, word in _words(_BESIDE.finditer(shape), bare)
                if _MIXED.fullmatch(word) and not bare[start + len(word) : start + len(word) + 1].isalnum()
            ]
        guesses = {word: _bare(word, known) for word in accented}
        guesses |= {word: _spelt(word, known) for word in {word for _, word in digits}}
        if sum(bool(guess) and _proves(word) for word, guess in guesses.items()) >= SEVERAL:
            plain |= {word: list(guess) for word, guess in guesses.items() if guess}
    places = _kept(len(text), unseen)
    for start, word in chain(foreign, digits):
        letters = plain.get(word)
        if letters is None or list(word) == letters:
            continue
        for k, (old, new) in enumerate(zip(word, letters, strict=True), start):
            if old != new:
                at = int(places[k]) if unseen else k
                yield at, at + 1, new


def _unseen(text: str) -> Iterator[tuple[int, int]]:
    """The stretches that nobody sees."""
    at = 0
    for candidate in _MAY_BE_UNSEEN.finditer(text):
        if candidate.start() >= at and (found := _UNSEEN.match(text, candidate.start())):
            at = found.end()
            yield found.span()


def _kept(size: int, cut: list[tuple[int, int]]) -> Ints:
    """Which of so many characters are left without those that are cut."""
    left = np.ones(size if cut else 0, dtype=bool)
    for start, end in cut:
        left[start:end] = False
    return left.nonzero()[0]


def _words(rests: Iterable[re.Match[AnyStr]], text: str) -> Iterator[tuple[int, str]]:
    """Where words begin whose rests these are, and the words."""
    for found in rests:
        start = found.start()
        while start and text[start - 1].isalnum():
            start -= 1
        yield start, text[start : found.end()]


def _proves(word: str) -> bool:
    return _CLEAR.match(word) is not None and sum(map(str.isdigit, word)) <= DIGITS * len(word)


def _spelt(word: str, known: Mapping[str, object]) -> str:
    """The word in which digits stand for letters, "" for any other. A name in capitals ("TIM3") is one."""
    if word.upper() == word or word.lower() in known:
        return ""
    read = (word.translate(table) for table in (_DIGITS, _L_FOR_1))
    return next((plain for plain in read if plain.lower() in known), "")


def _bare(word: str, known: Mapping[str, object]) -> str:
    """The word on which accents were put, "" for any other. Of text that was decoded wrongly (â, Ã) it is none."""
    if word.lower() in known or _BROKEN.search(word):
        return ""
    plain = "".join(map(_base, word))
    return plain if plain.isascii() and plain.lower() in known else ""


@cache
def _base(letter: str) -> str:
    """The letter without its accents."""
    return unicodedata.normalize("NFD", letter)[0]


def _plain(word: str, known: Mapping[str, object]) -> list[str]:
    """What each letter of a word looks like."""
    letters = [c if c.isascii() else _typeface(c) for c in word]
    if len(word) > 1 and all(c.isascii() or c in _LOOKS for c in letters):
        latin = [_LOOKS.get(c, c) for c in letters]
        # a name in Cyrillic or Greek may be made of such letters alone
        if any(map(str.isascii, letters)) or "".join(latin).lower() in known:
            return latin
    return letters


@cache
def _typeface(letter: str) -> str:
    """The Latin letters that a letter in a typeface of its own or a ligature stands for, or the letter."""
    if letter.isalpha() and unicodedata.decomposition(letter).startswith(("<font>", "<wide>", "<compat>")):
        plain = unicodedata.normalize("NFKC", letter)
        if plain.isascii() and plain.isalpha():
            return plain
    return letter
