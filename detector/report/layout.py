"""A page as the HTML report shows it: its blocks as rows, the places of findings marked in them, notes beside them."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from markupsafe import Markup, escape

from detector import explain
from detector.document import PROSE, Block, Document, Partner, Span
from detector.errors import UsageError
from detector.report import words
from detector.report.manual import KINDS
from detector.report.words import shown_pushes, where
from detector.verdict import Finding, Verdict

STRONGEST = 4  # findings that are marked in the text at first; the reader turns on the others
LONG = 240  # characters; a longer place is tinted and bracketed, since underlining it all hides the text
EXCERPT = 60  # characters of a place that a note quotes
TOOLTIP = 300  # characters of an address in a tooltip
PAIRS = 12  # shown side by side
COMPARED = 400  # words of each text of a pair

# What a reader cannot see, or what turns the reading direction round: controls, marks without width, lone surrogates,
# tags. Joiners and soft hyphens belong to honest text.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with the characters that act or hide spelled out: "⟨U+202E⟩"."""
    return UNSEEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def one_line(text: str) -> str:
    """The text on one line, its white space runs made one space."""
    return " ".join(text.split())


def shorten(text: str, length: int) -> str:
    """The beginning of the text, on one line of at most `length` characters."""
    text = one_line(text)
    return text if len(text) <= length else f"{text[: length - 2].rsplit(' ', 1)[0]} …"


def signed(hundredths: int) -> str:
    """A push for people: "+1.66"."""
    return words.signed(hundredths).strip() if hundredths else "0.00"


# --- findings, their places and notes -------------------------------------------------------------------------------


@dataclass(slots=True)
class Shown:
    """A finding as the report shows it.

    push: in hundredths of log-odds, rounded so that the account adds up. on: marked in the text at first.
    kind, kind_says, summary: what the documentation says of the signal. places: in the order of the text.
    fine: start and end of the spans that an editor has called no fault.
    """

    finding: Finding
    push: int
    kind: str
    kind_says: str
    summary: str
    on: bool = False
    places: list[Place] = field(default_factory=list)
    fine: Collection[tuple[int, int]] = ()

    @property
    def signal(self) -> str:
        return self.finding.signal

    @property
    def name(self) -> str:
        """The signal's id in words."""
        return self.signal.replace("_", " ")

    @property
    def open(self) -> list[Span]:
        """The spans that nobody has called fine."""
        return [span for span in self.finding.spans if (span.start, span.end) not in self.fine]

    @property
    def weight(self) -> str:
        """The push for people."""
        return signed(self.push) if self.finding.push else "not counted"


@dataclass(slots=True)
class Place:
    """A stretch of the text that one signal marks; spans on the same stretch share it, a mere partner has none."""

    id: str
    shown: Shown
    start: int
    end: int
    spans: list[Span] = field(default_factory=list)
    note: Note = field(init=False)

    @property
    def fine(self) -> bool:
        """Whether an editor has called all of it no fault."""
        return bool(self.spans) and all((span.start, span.end) in self.shown.fine for span in self.spans)


@dataclass(slots=True)
class Note:
    """What one signal says beside one row: one sentence for all its places there, or one for each (`says` is "")."""

    id: str
    number: int
    shown: Shown
    says: str
    items: list[Item] = field(default_factory=list)


class Item(NamedTuple):
    """One place of a note. partner: link ("" to another page) and name of the other place; pair: both side by side.

    start, end: of the span, as the finding has it.
    """

    href: str
    words: str
    says: str
    instead: tuple[str, ...]
    partner: tuple[str, str] | None
    pair: str
    start: int
    end: int


class Pair(NamedTuple):
    """Two places that say the same; each with its link, its name and its text, in which shared words are marked."""

    id: str
    shown: Shown
    sides: list[tuple[str, str, Markup]]


@dataclass(slots=True)
class Row:
    """A block, a run of furniture and hidden blocks (kind "run"), or of the cells of a table (kind "table").

    where: line or paragraph, as `words.where` counts; 0 has none. holes: start, end and class of markup and
    hidden text inside. texts: each block as HTML.
    """

    kind: str
    where: int
    blocks: list[Block]
    holes: list[tuple[int, int, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    texts: list[Markup] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.blocks[0].start

    @property
    def end(self) -> int:
        return self.blocks[-1].end


def show_findings(verdict: Verdict) -> list[Shown]:
    """The findings in the order of the verdict; the few strongest that have places are on."""
    pushes = shown_pushes(verdict.bias or 0.0, verdict.findings)[1:]
    shown = [
        Shown(f, push, *about_signal(f.signal)) for f, push in zip(verdict.findings, pushes, strict=True)
    ]
    marked = sorted((s for s in shown if s.push and s.finding.spans), key=lambda s: -abs(s.push))
    for strong in marked[:STRONGEST]:
        strong.on = 10 * abs(strong.push) >= abs(marked[0].push)
    return shown


@cache
def about_signal(signal: str) -> tuple[str, str, str]:
    """Kind of a signal, the kind in words, and its summary."""
    try:
        page = explain.page(signal)
    except UsageError:  # a signal of another version
        return "place", KINDS["place"], ""
    look = "place" if page.kind == "crawl" else page.kind  # both mark places
    return look, KINDS[page.kind], page.summary


class View:
    """A document with findings laid out for the report. key: what the HTML ids of its parts begin with.

    shown: the findings, whose `places` are filled in here.
    """

    def __init__(self, document: Document, shown: Sequence[Shown], key: str) -> None:
        self._document = document
        self._key = key
        self.counts_lines = document.source in ("text", "markdown")
        self.rows = _rows(document)
        self._starts = [row.start for row in self.rows]
        self._blocks = [block for row in self.rows for block in row.blocks]
        self._places: dict[tuple[str, int, int], Place] = {}
        for finding in shown if self.rows else ():
            for span in finding.finding.spans:
                self._place(finding, span.start, span.end).spans.append(span)
                for partner in self._partner(span):
                    self._place(finding, partner.start, partner.end)
        for place in self._in_order():
            if place.spans:
                place.shown.places.append(place)
        self._compared: dict[tuple[str, ...], Pair] = {}
        self._pairs: dict[frozenset[str], Pair] = {}
        self._compare_pairs()
        self._annotate()
        self._write()

    @property
    def pairs(self) -> list[Pair]:
        """What is shown side by side: once, however often the same two texts stand on the page."""
        return list(self._compared.values())

    @property
    def groups(self) -> Iterator[tuple[bool, list[Row]]]:
        """The rows in order, those of one list together: whether it is a list, and its rows."""
        for is_list, rows in groupby(self.rows, lambda row: row.kind == "list_item"):
            yield is_list, list(rows)

    def cells(self, row: Row) -> list[list[Markup]]:
        """The cells of a table, line by line."""
        lines: list[list[Markup]] = []
        end = row.start
        for block, text in zip(row.blocks, row.texts, strict=True):
            if not lines or "\n" in self._document.text[end : block.start]:
                lines.append([])
            lines[-1].append(text)
            end = block.end
        return lines

    def describe(self, row: Row) -> str:
        """What a run of furniture and hidden blocks holds, in words."""
        text = self._document.text
        parts = []
        for kind, name in (("furniture", "Page furniture"), ("hidden", "Hidden from readers")):
            inside = [text[b.start : b.end] for b in row.blocks if b.kind == kind]
            if inside:
                count = sum(len(part.split()) for part in inside)
                parts.append(f"{name}, {count:,} word{'s' if count != 1 else ''}")
        return f"{'; '.join(parts)}: {shorten(text[row.start : row.end], EXCERPT)}"

    def _in_order(self) -> list[Place]:
        return sorted(self._places.values(), key=attrgetter("start", "end"))

    def _row(self, offset: int) -> Row:
        return self.rows[max(0, bisect_right(self._starts, offset) - 1)]

    def _place(self, shown: Shown, start: int, end: int) -> Place:
        """The place of a signal on text[start:end]; where nothing of that is shown, the character next to it."""
        at = max(0, bisect_right(self._blocks, start, key=attrgetter("start")) - 1)
        block, *following = self._blocks[at : at + 2]
        start = max(start, block.start)
        if start >= block.end:
            begins = [b.start for b in following if b.start < end]
            start = begins[0] if begins else block.end - 1
        end = min(max(end, start + 1), len(self._document.text))
        key = (shown.signal, start, end)
        if key not in self._places:
            self._places[key] = Place(f"{self._key}-m{len(self._places) + 1}", shown, start, end)
        return self._places[key]

    def _partner(self, span: Span) -> list[Partner]:
        """The other place, when it is on this page."""
        return [span.partner] if span.partner is not None and span.partner.id == self._document.id else []

    def _others(self, place: Place) -> Iterator[Place]:
        for span in place.spans:
            for partner in self._partner(span):
                yield self._place(place.shown, partner.start, partner.end)

    def _compare_pairs(self) -> None:
        text = self._document.text
        for place in self._in_order():
            for other in self._others(place):
                both = frozenset((place.id, other.id))
                if len(both) < 2 or both in self._pairs:
                    continue
                sides = sorted((place, other), key=attrgetter("start", "end"))
                texts = (place.shown.signal, *(one_line(text[side.start : side.end]) for side in sides))
                if texts not in self._compared and len(self._compared) < PAIRS:
                    self._compared[texts] = Pair(
                        f"{self._key}-c{len(self._compared) + 1}",
                        place.shown,
                        [
                            (f"#{side.id}", where(self._document, side.start), words)
                            for side, words in zip(sides, compare(*texts[1:]), strict=True)
                        ],
                    )
                if texts in self._compared:
                    self._pairs[both] = self._compared[texts]

    def _annotate(self) -> None:
        """Gives each row its notes, one for each signal. Numbers go in reading order; those that are on come first."""
        beside: dict[tuple[int, str], list[Place]] = {}
        for place in self._in_order():
            if place.spans:
                beside.setdefault((self._row(place.start).start, place.shown.signal), []).append(place)
        turns = sorted(beside.values(), key=lambda places: not places[0].shown.on)
        numbers = {id(places): number for number, places in enumerate(turns, 1)}
        for (start, _), places in beside.items():
            shown, number = places[0].shown, numbers[id(places)]
            says = {span.says for place in places for span in place.spans}
            common = (says.pop() or shown.finding.says) if len(says) == 1 else ""
            note = Note(f"{self._key}-n{number}", number, shown, common)
            for place in places:
                place.note = note
                note.items += [self._item(place, span, common) for span in place.spans]
                for other in self._others(place):
                    if not other.spans:
                        other.note = note
            self._row(start).notes.append(note)

    def _item(self, place: Place, span: Span, common: str) -> Item:
        partner: tuple[str, str] | None = None
        pair: Pair | None = None
        if span.partner is not None:
            partner = ("", one_line(span.partner.url or span.partner.id))
        for here in self._partner(span):
            other = self._place(place.shown, here.start, here.end)
            partner = (f"#{other.id}", where(self._document, other.start))
            pair = self._pairs.get(frozenset((place.id, other.id)))
        return Item(
            f"#{place.id}",
            shorten(self._document.text[place.start : place.end], EXCERPT),
            "" if common else span.says or place.shown.finding.says,
            span.instead,
            partner,
            f"#{pair.id}" if pair else "",
            span.start,
            span.end,
        )

    def _write(self) -> None:
        """Gives each row its text as HTML."""
        layers = [_mark(place) for place in self._in_order()]
        for row in self.rows:
            layers += [Layer(start, end, f'<span class="{escape(kind)}">') for start, end, kind in row.holes]
        # a page may have a million links, and `Markup.format` is slow
        for k, link in enumerate(self._document.links, 1):
            attributes = f'class="anchor" title="{escape(visible(shorten(link.href, TOOLTIP)))}"'
            first = f'<span id="{self._key}-a{k}" {attributes}>'
            layers.append(Layer(link.start, link.end, f"<span {attributes}>", first))
        pen = Pen(self._document.text, layers)
        for row in self.rows:
            row.texts = [pen.write(block.start, block.end) for block in row.blocks]


def _mark(place: Place) -> Layer:
    """The mark of a place, followed by the number of its note."""
    shown, note = place.shown, place.note
    says = next((span.says for span in place.spans if span.says), shown.finding.says)
    look = shown.kind + ("" if shown.on else " off") + (" fine" if place.fine else "")
    attributes = Markup('class="{}{}" data-signal="{}" data-note="{}" title="{}"').format(
        look,
        " long" if place.end - place.start > LONG else "",
        visible(shown.signal),
        note.id,
        visible(one_line(f"{shown.name}: {says}")),
    )
    number = Markup('<a class="ref {}" href="#{}" data-signal="{}" aria-label="Note {}, {}">{}</a>').format(
        look, note.id, visible(shown.signal), note.number, visible(shown.name), note.number
    )
    first = Markup('<mark id="{}" {}>').format(place.id, attributes)
    return Layer(place.start, place.end, Markup("<mark {}>").format(attributes), first, "</mark>", number)


def compare(one: str, other: str) -> tuple[Markup, Markup]:
    """Two texts with the runs of two or more words that both have, in the same order, marked."""
    words = [text.split()[: COMPARED + 1] for text in (one, other)]
    first, second = ([re.sub(r"\W", "", word).casefold() for word in side[:COMPARED]] for side in words)
    runs = difflib.SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    runs = [run for run in runs if run.size >= 2]
    a, b = (
        _emphasise(side, [(start, start + run.size) for start, run in zip(starts, runs, strict=True)])
        for side, starts in zip(words, ([r.a for r in runs], [r.b for r in runs]), strict=True)
    )
    return a, b


def _emphasise(words: list[str], runs: list[tuple[int, int]]) -> Markup:
    if len(words) > COMPARED:
        words[COMPARED:] = ["…"]
    pieces: list[Markup] = []
    for (_, before), (start, end) in pairwise([(0, 0), *runs, (len(words), len(words))]):
        pieces += [
            escape(visible(" ".join(words[before:start]))),
            Markup("<b>{}</b>").format(visible(" ".join(words[start:end]))) if start < end else Markup(""),
        ]
    return Markup(" ").join(piece for piece in pieces if piece)


# --- the text in rows -----------------------------------------------------------------------------------------------

_RUNS = {"furniture": "run", "hidden": "run", "table": "table"}


def _rows(document: Document) -> list[Row]:
    """The blocks in order, runs of one kind together, and what stands between the blocks."""
    rows: list[Row] = []
    text = document.text
    paragraph = 0
    for block in document.blocks:
        if block.end <= block.start:
            continue
        if rows and block.start < rows[-1].end:
            look = "unseen" if block.kind == "hidden" else "markup"
            rows[-1].holes.append((block.start, min(block.end, rows[-1].end), look))
            continue
        start = _between(rows, text, block.start)
        paragraph += block.kind in PROSE
        kind = _RUNS.get(block.kind, block.kind)
        if start == block.start and kind in ("run", "table") and rows and rows[-1].kind == kind:
            rows[-1].blocks.append(block)
            continue
        holes = [(start, block.start, "markup")] if start < block.start else []
        number = paragraph if block.kind in PROSE else 0
        rows.append(Row(kind, number, [block._replace(start=start)], holes))
    _between(rows, text, len(text))
    if document.source in ("text", "markdown"):
        line, at = 1, 0
        for row in rows:
            line += text.count("\n", at, row.start)
            row.where, at = line, row.start
    return rows


def _between(rows: list[Row], text: str, end: int) -> int:
    """Puts the markup between the last row and `end`, where a block starts, where it belongs.

    What follows the row on its last line is part of that row, and lines of their own become a row. What stands on the
    line of the next block (a list marker) is part of the next row: returned is where that begins.
    """
    start = rows[-1].end if rows else 0
    is_last = end == len(text)
    line = text.find("\n", start, end)
    if line < 0:
        own, rest = (end if is_last and rows else start), (end if is_last else start)
    else:
        own = line if rows else start
        rest = end if is_last else text.rfind("\n", start, end) + 1
    before, alone, after = (_trim(text, *pair) for pair in ((start, own), (own, rest), (rest, end)))
    if before[0] < before[1]:
        rows[-1].holes.append((*before, "markup"))
        rows[-1].blocks[-1] = rows[-1].blocks[-1]._replace(end=before[1])
    if alone[0] < alone[1]:
        rows.append(Row("code", 0, [Block(*alone, "code")]))
    return after[0] if after[0] < after[1] else end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """text[start:end] without the white space around it."""
    inside = text[start:end]
    return end - len(inside.lstrip()), start + len(inside.rstrip())


# --- overlapping marks ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Layer:
    """An element over text[start:end], as HTML; where two cross, one is cut in pieces.

    first: opens the first piece, which carries the id. after: follows the last piece on the row where it begins.
    """

    start: int
    end: int
    open: str
    first: str | None = None
    close: str = "</span>"
    after: str = ""


class Pen:
    """Writes stretches of a text, in its order, inside the layers that cover them."""

    def __init__(self, text: str, layers: Iterable[Layer]) -> None:
        self._text = text
        self._layers = sorted((x for x in layers if x.start < x.end), key=lambda x: (x.start, -x.end))
        self._next = 0
        self._live: list[Layer] = []

    def write(self, start: int, end: int) -> Markup:
        """text[start:end] as HTML."""
        while self._next < len(self._layers) and self._layers[self._next].start < end:
            self._live.append(self._layers[self._next])
            self._next += 1
        self._live = [layer for layer in self._live if layer.end > start]
        begins: dict[int, list[Layer]] = {}
        for layer in self._live:
            begins.setdefault(max(layer.start, start), []).append(layer)
        cuts = sorted({start, end, *begins, *(min(layer.end, end) for layer in self._live)})
        out: list[str] = []
        stack: list[Layer] = []
        for at, following in pairwise(cuts):
            crossing = _close(stack, at, out)
            for layer in sorted((*crossing, *begins.get(at, ())), key=lambda x: -x.end):
                out.append(layer.first or layer.open)
                layer.first = None
                stack.append(layer)
            out.append(escape(visible(self._text[at:following])))
        for layer in reversed(stack):
            out += [layer.close, layer.after]
            layer.after = ""
        return Markup("".join(out))  # noqa: S704  each piece is an element of ours or escaped


def _close(stack: list[Layer], at: int, out: list[str]) -> list[Layer]:
    """Closes the layers that end at `at` and those opened after them; returns the latter: they must open again."""
    lowest = next((k for k, layer in enumerate(stack) if layer.end <= at), len(stack))
    crossing: list[Layer] = []
    while len(stack) > lowest:
        layer = stack.pop()
        out.append(layer.close)
        if layer.end > at:
            crossing.append(layer)
        else:
            out.append(layer.after)
            layer.after = ""
    return crossing
