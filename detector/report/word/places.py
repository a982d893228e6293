"""Where the words of a document stand in the Word file it was read from.

The file's words are read in the order of `sources.office` and aligned with `Document.text`, so that a sentence that
stands twice is found at its own place.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice
from typing import Any, NamedTuple

from detector.document import Document
from detector.report.layout import shorten

QUOTED = 160  # characters of a place that a comment quotes
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What XML 1.0 has no way to write.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Stretch = tuple[int, int]
Tree = Any  # an element of lxml, which has no types


def fit(text: str) -> str:
    """The text with the characters that XML cannot carry spelled out: "⟨U+0000⟩"."""
    return _UNFIT.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


# --- the words of the file ------------------------------------------------------------------------------------------


class Piece(NamedTuple):
    """Words of the file in one element (w:t, or a hyphen).

    paragraph: where they stand. holder: the run that holds the note or text box they stand in; aside: which of both.
    """

    element: Tree
    text: str
    paragraph: Tree
    holder: Tree | None
    aside: str


class _Within(NamedTuple):
    """What is around an element."""

    words: list[Piece] | None = None  # of the paragraph
    paragraph: Tree | None = None
    run: Tree | None = None  # the outermost
    holder: Tree | None = None
    aside: str = ""


class Reader:
    """Reads words: those of a text box before the paragraph that holds it, those of notes when they are read.

    space: the namespace of WordprocessingML in the file, in braces.
    """

    def __init__(self, space: str) -> None:
        self.pieces: list[Piece] = []
        self._w = space
        self._notes: dict[tuple[str, str], Tree] = {}
        self._fields: list[bool] = []  # of each open one, whether its instruction is over

    def read(self, part: Tree) -> None:
        """The running text."""
        self._walk(part, _Within())

    def read_notes(self, part: Tree, kind: str) -> None:
        """Notes of a kind, "footnote" or "endnote", after the text that refers to them."""
        for note in part.iterchildren(f"{self._w}{kind}"):
            holder = self._notes.get((kind, note.get(f"{self._w}id")))
            self._walk(note, _Within(holder=holder, aside="note"))

    def _walk(self, elements: Iterable[Tree], within: _Within) -> None:
        for element in elements:
            if not isinstance(element.tag, str):  # a comment or an instruction
                continue
            space, brace, name = element.tag.rpartition("}")
            name = name if space + brace == self._w else ""
            if name in ("t", "noBreakHyphen"):
                self._add(element, within)
            elif name == "r":
                self._walk(element, within._replace(run=element if within.run is None else within.run))
            elif name == "p":
                self._paragraph(element, within)
            elif name in ("footnoteReference", "endnoteReference"):
                key = (name.removesuffix("Reference"), element.get(f"{self._w}id"))
                self._notes.setdefault(key, within.run if within.holder is None else within.holder)
            elif name in ("fldChar", "instrText"):
                self._field(element.get(f"{self._w}fldCharType"))
            elif name == "txbxContent":
                holder = within.run if within.holder is None else within.holder
                self._walk(element, _Within(None, None, within.run, holder, within.aside or "text box"))
            elif element.tag == f"{_MC}AlternateContent":  # the same content twice
                self._walk(element[:1], within)
            elif name not in ("del", "moveFrom") and not self._is_contents(element):
                self._walk(element, within)

    def _paragraph(self, element: Tree, within: _Within) -> None:
        if self._fields and not self._fields[-1]:
            self._fields.pop()  # an instruction that nobody ended
        words: list[Piece] = []
        self._walk(element, within._replace(words=words, paragraph=element))
        self.pieces += words

    def _add(self, element: Tree, within: _Within) -> None:
        text = (element.text or "") if element.tag.endswith("}t") else "-"
        in_run = element.getparent().tag == f"{self._w}r"
        if within.words is not None and in_run and text.strip() and all(self._fields[-1:]):
            within.words.append(Piece(element, text, within.paragraph, within.holder, within.aside))

    def _field(self, step: str | None) -> None:
        if step == "begin":
            self._fields.append(False)
        elif self._fields and step == "separate":
            self._fields[-1] = True
        elif self._fields and step == "end":
            self._fields.pop()

    def _is_contents(self, element: Tree) -> bool:
        galleries = element.iterfind(f"{self._w}sdtPr//{self._w}docPartGallery")
        return any(gallery.get(f"{self._w}val") == "Table of Contents" for gallery in galleries)


# --- the document's words among them --------------------------------------------------------------------------------


class Anchor(NamedTuple):
    """Words of the file, from a character of one piece to before a character of another."""

    first: Piece
    start: int
    last: Piece
    end: int


class Places:
    """Finds stretches of a document's text in a file. White space differs in both and counts nowhere.

    written: the stretches of the text that are looked for in the file. pieces: the file's words in their order.
    """

    def __init__(self, document: Document, written: Sequence[Stretch], pieces: Sequence[Piece]) -> None:
        self._document = document
        self._pieces = pieces
        self._ranks, ours = _squeezed(document.text, written)
        texts = ["".join(piece.text.split()) for piece in pieces]
        self._starts = [0, *accumulate(map(len, texts))]
        self._runs = align(ours, "".join(texts))
        self._run_starts = [here for here, _, _ in self._runs]

    def title(self) -> Anchor | Tree | None:
        """The title, else the first paragraph with words; None where there is none."""
        for block in self._document.blocks:
            if block.kind == "title" and (place := self.find(block.start, block.end)[0]) is not None:
                return place
        return next((piece.paragraph for piece in self._pieces if not piece.aside), None)

    def find(self, start: int, end: int) -> tuple[Anchor | Tree | None, str]:
        """Where a comment on text[start:end] goes, and what it has to say about that ("" where it is at the words).

        At the words; else around the run that holds the note or text box they stand in; else around the paragraph
        where a part of them was found, or of their block. None: nowhere.
        """
        end = min(max(end, start + 1), len(self._document.text))
        start = min(start, end)
        quote = f"“{shorten(self._document.text[start:end], QUOTED)}”"
        anchor, whole = self._find(start, end)
        if anchor is not None and whole:
            first, last = anchor.first, anchor.last
            if not first.aside and not last.aside:
                return anchor, ""
            if first.holder is not None and first.holder is last.holder:
                return first.holder, f"In the {first.aside} here: {quote}"
        blocks = [(b.start, b.end) for b in self._document.blocks if b.start < end and start < b.end]
        for stretch in ((start, end), *blocks):
            anchor, _ = self._find(*stretch)
            if anchor is not None:
                piece = anchor.first
                element = piece.holder if piece.aside else piece.paragraph
                if element is not None:
                    return element, f"These words could not be marked by themselves; they stand here: {quote}"
        return None, quote

    def _find(self, start: int, end: int) -> tuple[Anchor | None, bool]:
        """Where text[start:end] is, as far as it was found, and whether that is all of it in one stretch."""
        first, last = self._ranks[start], self._ranks[end]
        k = max(0, bisect_right(self._run_starts, first) - 1)
        if first == last:  # nothing but white space
            return None, False
        found = [
            (there + max(first - here, 0), there + min(last - here, size))
            for here, there, size in self._runs[k : bisect_left(self._run_starts, last)]
            if first < here + size
        ]
        if not found:
            return None, False
        begin, stop = found[0][0], found[-1][1]
        anchor = Anchor(*self._at(begin), *self._at(stop - 1, after=True))
        return anchor, len(found) == 1 and stop - begin == last - first

    def _at(self, offset: int, *, after: bool = False) -> tuple[Piece, int]:
        """The piece that holds a character, and the offset of that, or after it, in the piece."""
        k = bisect_right(self._starts, offset) - 1
        piece = self._pieces[k]
        letters = (at for at, letter in enumerate(piece.text) if not letter.isspace())
        return piece, next(islice(letters, offset - self._starts[k], None)) + after


def _squeezed(text: str, written: Sequence[Stretch]) -> tuple[list[int], str]:
    """The written stretches without white space, and for each offset of `text` how much of that stands before it."""
    sizes = [0] * (len(text) + 1)
    parts: list[str] = []
    for start, end in written:
        for at in range(start, end):
            if not text[at].isspace():
                parts.append(fit(text[at]))
                sizes[at + 1] = len(parts[-1])
    return list(accumulate(sizes)), "".join(parts)


_KEY = 24  # characters by which two texts find together again
_TRIES = 4_000


def align(ours: str, theirs: str) -> list[tuple[int, int, int]]:
    """The stretches that both texts have, in order: where they begin in each, and how long they are.

    Both are nearly always equal. Where they part, they go on where least is passed over in both.
    """
    runs: list[tuple[int, int, int]] = []
    i = j = 0
    tries = _TRIES
    while i < len(ours) and j < len(theirs):
        if size := _common(ours, i, theirs, j):
            runs.append((i, j, size))
            i, j = i + size, j + size
            continue
        best, step = len(ours) + len(theirs), (0, 0)
        ahead = 0
        while ahead < best and i + ahead < len(ours) and tries:
            tries -= 1
            there = theirs.find(ours[i + ahead : i + ahead + _KEY], j) - j
            if 0 <= there < best - ahead:
                best, step = ahead + there, (ahead, there)
            ahead += 1 + ahead // 8  # what this jumps over is won back below
        if step == (0, 0):
            break
        back = 0
        while back < min(step) and ours[i + step[0] - back - 1] == theirs[j + step[1] - back - 1]:
            back += 1
        i, j = i + step[0] - back, j + step[1] - back
    return runs


def _common(one: str, i: int, other: str, j: int) -> int:
    """How many characters from one[i] and other[j] on are the same."""
    size, step = 0, 1 << 16
    while step:
        part = one[i + size : i + size + step]
        if len(part) == step and other.startswith(part, j + size):
            size += step
        else:
            step //= 2
    return size
