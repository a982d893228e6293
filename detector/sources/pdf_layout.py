"""The pieces of text that stand on the pages of a PDF become blocks in reading order, and the blocks become text.

Units are points; y grows upwards; pages are turned as the reader sees them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from detector.document import BlockKind
from detector.patterns import regex

Span = tuple[int, int, str]  # start, end, address of a link
_Cell = tuple[float, float]  # left, right


class Tag(NamedTuple):
    """The element of the file's structure tree that a letter stands in; Word and browsers write such trees.

    number: one for each block, in reading order. row: the table row around it, else 0. level: of a heading, else 0.
    """

    kind: BlockKind = "paragraph"
    number: int = 0
    row: int = 0
    level: int = 0
    is_label: bool = False  # the bullet or number of a list item


@dataclass(slots=True)
class Piece:
    """Letters of one kind on one line, without a wide gap. first: the width of the first word."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    first: float
    kind: BlockKind
    tag: Tag | None
    links: list[Span]


class Page(NamedTuple):
    bottom: float
    top: float
    pieces: list[Piece]


def laid_out(pages: list[Page]) -> dict[str, object]:
    """The text of the pages, its blocks (start, end, kind) and its links (start, end, address)."""
    return _write(_blocks(pages))


# --- reading order -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """Pieces side by side on a line of a column that reaches from `left` to `right`."""

    pieces: list[Piece]
    page: int
    left: float = 0.0
    right: float = 0.0
    opens: bool = False  # the indented first line of a paragraph

    @property
    def main(self) -> Piece:
        return max(self.pieces, key=lambda piece: len(piece.text))


_DOT = "[•◦▪▫‣⁃∙●○■□◆◇►▸➢➤\uf000-\uf0ff]"
_MARK = regex(rf"(?:{_DOT}(?!{_DOT})|(?:[-*o·]|\(?\d{{1,2}}[.)]|\(?[a-z]\))(?=\s|$))\s*")
_NUMBER = regex(r"\(?\w+[.)]")
_PAGE_NUMBER = regex(r"\W*(?:page\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
_WORDS = regex(r"[^\W\d_]{2}.*[^\W\d_]{2}")  # the bullets of two pages may well stand at the same place
_MARGIN = 0.12  # of the page's height, above and below
_NUMBER_MARGIN = 0.08
_EDGE = 0.05  # of it; printers and typesetters keep this free of running text


def _mark_furniture(pages: list[Page], body: float) -> None:
    """Marks what stands in the margin of several pages at the same place, page numbers, and lone small print at the
    edge. body: the size of the running text."""

    def edge(page: Page, piece: Piece) -> float:
        """How near the end of the page, in its heights; negative at the top."""
        up, down = piece.base - page.bottom, page.top - piece.base
        return (up if up < down else -down) / (page.top - page.bottom)

    def place(page: Page, piece: Piece) -> tuple[object, ...]:
        return re.sub(r"\d+", "0", piece.text), round(edge(page, piece) * 500), round(piece.size)

    seen = Counter(where for page in pages for where in {place(page, piece) for piece in page.pieces})
    for page in pages:
        bases = sorted({piece.base for piece in page.pieces})
        crowded = {base for pair in pairwise(bases) if pair[1] - pair[0] < 2.5 * body for base in pair}
        tagged = any(piece.tag for piece in page.pieces)
        lines = set()
        for piece in page.pieces:
            near = abs(edge(page, piece))
            repeated = seen[place(page, piece)] >= max(2, 0.4 * len(pages)) and _WORDS.search(piece.text)
            number = near < _NUMBER_MARGIN and _PAGE_NUMBER.fullmatch(piece.text)
            lone = near < _EDGE and piece.base not in crowded and piece.size < 0.97 * body
            if number or lone or (near < _MARGIN and (repeated or (tagged and not piece.tag))):
                lines.add(piece.base)
        for piece in page.pieces:
            if piece.kind == "paragraph" and piece.base in lines:
                piece.kind = "furniture"


def _columns(pieces: list[Piece], page: int) -> Iterator[list[_Row]]:
    """The columns of a page: files draw them one after the other, so one ends where the next piece stands higher up
    and nothing drawn before stands above, below or in the same place."""
    start = 0
    for at, (last, piece) in enumerate(pairwise(pieces), 1):
        if piece.base > last.base + 6 * piece.size and all(
            other.right <= piece.left or piece.right <= other.left
            for other in pieces[start:at]
            if other.base < piece.base + piece.size
        ):
            yield _rows(pieces[start:at], page)
            start = at
    yield _rows(pieces[start:], page)


def _rows(pieces: list[Piece], page: int) -> list[_Row]:
    """The pieces of a column line by line; a bullet or number joins the words that it stands before."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: -one.base):
        if lines and abs(lines[-1][0].base - piece.base) < 0.4 * max(lines[-1][0].size, piece.size):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    rows = []
    for line in lines:
        line.sort(key=lambda one: one.left)
        joined = line[:1]
        for piece in line[1:]:
            last = joined[-1]
            gap = piece.left - last.right
            if gap > 0.5 * piece.size and not (_MARK.fullmatch(last.text) and gap < 6 * piece.size):
                joined.append(piece)
                continue
            at = len(last.text) + 1
            last.text += " " + piece.text
            last.links += [(start + at, end + at, href) for start, end, href in piece.links]
            last.right, last.bold, last.size = piece.right, piece.bold, piece.size
        rows.append(_Row(joined, page))
    usual = median(piece.size for piece in pieces) if pieces else 0.0
    whole = [row.main for row in rows if len(row.pieces) == 1 and row.main.size < 1.1 * usual] or pieces
    left = min((piece.left for piece in whole), default=0.0)
    right = max((piece.right for piece in whole), default=0.0)
    for row in rows:
        row.left, row.right = left, right
    for above, below in pairwise(rows):
        inside = left + 0.8 * above.main.size
        near = above.main.base - below.main.base < 1.6 * above.main.size
        above.opens = near and above.pieces[0].left > inside > below.pieces[0].left
    return rows


# --- blocks ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A block in the making. row: the number of the table row it is a cell of, else 0."""

    kind: BlockKind
    lines: list[Piece]
    row: int = 0


_CELL_CHARACTERS = 250  # as on web pages, a longer cell is layout
_HEADING_CHARACTERS = 200
_LARGE = 1.1  # of the body's size
_SENTENCE_END = regex(r"[.!?:…][\"'”’)\]]*$")


def _blocks(pages: list[Page]) -> list[_Draft]:
    """The blocks of all pages in reading order; what stands beside the text follows the block its page ends in."""
    weights: Counter[tuple[float, bool]] = Counter()
    for page in pages:
        for piece in page.pieces:
            weights[round(piece.size, 1), piece.bold] += len(piece.text) * (piece.kind == "paragraph")
    (size, bold), _ = weights.most_common(1)[0]
    _mark_furniture(pages, size)
    plain = [[piece for piece in page.pieces if piece.kind == "paragraph"] for page in pages]
    columns = [
        list(_columns([piece for piece in pieces if not piece.tag], number))
        for number, pieces in enumerate(plain)
    ]
    builder = _Builder(size, bold, _leading([rows for page in columns for rows in page]))
    beside: list[tuple[int, list[_Draft]]] = []
    for number, page in enumerate(pages):
        builder.add_tagged(plain[number])
        for rows in columns[number]:
            builder.add_column(rows)
        furniture = [piece for piece in page.pieces if piece.kind == "furniture"]
        hidden = [piece for piece in page.pieces if piece.kind == "hidden"]
        drafts = [_Draft("furniture", row.pieces) for row in _rows(furniture, number)]
        beside.append((len(builder.drafts), [*drafts, _Draft("hidden", hidden)]))
    builder.name_kinds()
    for at, drafts in reversed(beside):
        builder.drafts[at:at] = drafts
    return [draft for draft in builder.drafts if draft.lines]


def _leading(columns: list[list[_Row]]) -> float:
    """The distance of the lines inside a paragraph, in sizes of their letters: the smallest that is usual."""
    steps = Counter(
        round((above.main.base - below.main.base) / below.main.size, 1)
        for rows in columns
        for above, below in pairwise(rows)
        if abs(above.main.size - below.main.size) < 0.05 * below.main.size
        and len(above.pieces) == len(below.pieces) == 1
    )
    usual = [step for step, count in steps.items() if 0.9 <= step < 2.5 and count > 0.15 * steps.total()]
    return min(usual, default=1.2) + 0.05


class _Builder:
    """Puts rows together to blocks. size, bold: of the running text. leading: see `_leading`."""

    def __init__(self, size: float, bold: bool, leading: float) -> None:
        self.size, self.bold, self.leading = size, bold, leading
        self.drafts: list[_Draft] = []
        self.last: _Row | None = None
        self.table_rows = 0

    def add_tagged(self, pieces: list[Piece]) -> None:
        """The blocks of a page that the file itself tells."""
        by_tag: dict[Tag, list[Piece]] = {}
        for piece in pieces:
            if piece.tag and not (piece.tag.is_label and _MARK.fullmatch(piece.text)):
                by_tag.setdefault(piece.tag, []).append(piece)
        before = self.drafts[-1] if self.drafts else None  # its paragraph may go on from the last page
        for tag, lines in sorted(by_tag.items(), key=lambda one: one[0].number):
            over, before = before, None
            if over and over.kind == tag.kind != "heading" and _is_cut(over.lines[-1].text, lines[0].text):
                over.lines += lines
                continue
            if tag.kind == "list_item":
                _cut_mark(lines[0])
            self.drafts.append(_Draft(tag.kind, lines, tag.row))
        if by_tag:
            self.last = None

    def add_column(self, rows: list[_Row]) -> None:
        """The blocks of a column, told by type, distance and edges."""
        self._narrow(rows)
        at = 0
        while at < len(rows):
            end = _table_end(rows, at)
            if end > at:
                self._add_table(rows[at:end])
                self.last = None
            else:
                end = at + 1
                self._add(rows[at])
                self.last = rows[at]
            at = end

    def name_kinds(self) -> None:
        """Headings, the title and layout that looked like a table, once all blocks are known."""
        for draft in self.drafts:
            if draft.kind == "paragraph" and self._is_heading(draft):
                draft.kind = "heading"
            elif draft.kind == "table" and sum(len(piece.text) for piece in draft.lines) > _CELL_CHARACTERS:
                draft.kind = "paragraph"
        headings = [draft for draft in self.drafts if draft.kind == "heading"]
        levels = [draft.lines[0].tag.level if draft.lines[0].tag else 0 for draft in headings]
        if any(levels):
            tops = [draft for draft, level in zip(headings, levels, strict=True) if level == 1][:1]
        else:
            largest = max((draft.lines[0].size for draft in headings), default=0)
            tops = [draft for draft in headings if draft.lines[0].size > 0.97 * largest > _LARGE * self.size]
            if len(tops) != 1:
                tops = [draft for draft in headings[:1] if draft is self.drafts[0]]
        for draft in tops:
            draft.kind = "title"

    def _is_heading(self, draft: _Draft) -> bool:
        text = " ".join(piece.text for piece in draft.lines)
        if len(text) > _HEADING_CHARACTERS or not re.search(r"[^\W_]", text):
            return False
        if draft.lines[0].size > _LARGE * self.size:
            return len(text) < _HEADING_CHARACTERS / 2 or not _SENTENCE_END.search(text)
        bold = not self.bold and all(piece.bold for piece in draft.lines)
        return bold and not text[0].islower() and not text.endswith((".", ",", ";"))

    def _add(self, row: _Row) -> None:
        first = row.pieces[0]
        is_number = _NUMBER.fullmatch(first.text)  # alone on a line it ends a sentence
        mark = None if is_number else _MARK.match(first.text)
        if self.last and self._goes_on(self.last, row, mark):
            self.drafts[-1].lines += row.pieces
        elif mark and (re.match(_DOT, mark[0]) or not self._stands_out(row.main)):
            _cut_mark(first)
            self.drafts.append(_Draft("list_item", row.pieces))
        else:
            self.drafts.append(_Draft("paragraph", row.pieces))

    def _stands_out(self, piece: Piece) -> bool:
        """Whether it looks like a heading, whose number is part of it."""
        return piece.size > _LARGE * self.size or (piece.bold and not self.bold)

    def _goes_on(self, last: _Row, row: _Row, mark: re.Match[str] | None) -> bool:
        """Whether the row goes on with the block that `last` stands in."""
        draft, above, below = self.drafts[-1], last.main, row.main
        full = _is_full(last, row, last.right)
        if abs(above.size - below.size) > 0.08 * above.size or (above.bold != below.bold and not full):
            return False
        if row.opens and draft.kind == "paragraph":
            return False
        large = above.size > _LARGE * self.size
        gap = above.base - below.base
        left = row.pieces[0].left
        if row.page != last.page or gap <= 0:  # on the next page, or in the next column
            if large or mark or above.bold != below.bold:
                return False
            indented = draft.kind != "list_item" and left > row.left + 0.8 * below.size
            ended = indented or not full or _SENTENCE_END.search(above.text)
            return not ended or _is_cut(above.text, below.text)
        if gap > (1.5 if large else 1.15) * self.leading * above.size:
            return False
        if large:
            return True
        if mark and (draft.kind == "list_item" or re.match(_DOT, mark[0])):
            return False
        long = last.pieces[-1].right - last.left > 0.6 * (last.right - last.left)
        if not full and not (long and _is_cut(above.text, below.text)):
            return False
        if draft.kind == "list_item":
            return left > draft.lines[0].left - 0.5 * below.size
        return abs(left - last.pieces[0].left) < 0.8 * below.size or draft.lines[0] is last.pieces[0]

    def _narrow(self, rows: list[_Row]) -> None:
        """Sets a nearer right edge for lines that all end before the column does: beside a picture, in a quote."""
        start = 0
        for at in range(1, len(rows) + 1):
            if at < len(rows):
                above, below = rows[at - 1].main, rows[at].main
                if above.base - below.base < 1.15 * self.leading * above.size and above.size == below.size:
                    continue
            chunk, start = rows[start:at], at
            right = max(row.pieces[-1].right for row in chunk)
            pairs = list(pairwise(chunk))
            wide = sum(_is_full(above, below, above.right) for above, below in pairs)
            near = sum(_is_full(above, below, right) for above, below in pairs)
            left, width = chunk[0].pieces[0].left, chunk[0].right - chunk[0].left
            is_quote = left > chunk[0].left + self.size and right - left > 0.6 * width
            if (len(pairs) > 1 or is_quote) and wide < 0.3 * len(pairs) and near > 0.7 * len(pairs):
                for row in chunk:
                    row.right = right

    def _add_table(self, rows: list[_Row]) -> None:
        """The cells of a table row by row; lines that stand close together are one row."""
        columns: list[_Cell] = []
        for row in rows:
            columns = _fit(columns, row)
        if len(columns) == 1:  # pieces that overlap: one column is no table
            for row in rows:
                self._add(row)
                self.last = row
            return
        sides = [[p for row in rows for p in row.pieces if left <= p.left < right] for left, right in columns]
        if all(len(side) > 3 and median(len(piece.text) for piece in side) > 25 for side in sides):
            for side in sides:  # columns of running text that were drawn line by line
                self.add_column(_rows(side, rows[0].page))
            return
        gaps = [above.main.base - below.main.base for above, below in pairwise(rows)]
        near = min(gaps) * 1.1 if max(gaps) > 1.25 * min(gaps) else 0.0
        lines: list[list[_Row]] = []
        for row, gap in zip(rows, [0.0, *gaps], strict=True):
            if lines and (gap < near if near else row.pieces[0].left > columns[0][1]):
                lines[-1].append(row)
            else:
                lines.append([row])
        for line in lines:
            self.table_rows += 1
            for left, right in columns:
                cell = [piece for row in line for piece in row.pieces if left <= piece.left < right]
                if cell:
                    self.drafts.append(_Draft("table", cell, self.table_rows))


def _cut_mark(piece: Piece) -> None:
    """Takes the bullet or number of a list item away."""
    mark = _MARK.match(piece.text)
    cut = mark.end() if mark else 0
    piece.text = piece.text[cut:]
    piece.links = [(max(0, start - cut), end - cut, href) for start, end, href in piece.links if end > cut]


def _is_cut(above: str, below: str) -> bool:
    """Whether a sentence goes on from one line to the next."""
    return below[0].islower() and not _SENTENCE_END.search(above)


def _is_full(row: _Row, below: _Row, right: float) -> bool:
    """Whether a line ends because the next word did not fit before the edge at `right`."""
    last = row.pieces[-1]
    return last.text.endswith(("-", "\u00ad")) or right - last.right < below.pieces[0].first + last.size


def _table_end(rows: list[_Row], at: int) -> int:
    """Where the table that begins at rows[at] ends; `at` if none does."""
    columns: list[_Cell] = []
    full = 0
    for k in range(at, len(rows)):
        row, size = rows[k], rows[k].main.size
        above = rows[k - 1].main.base - row.main.base if k > at else 0.0
        if (
            len(row.pieces) == 1
        ):  # one more line of a cell of the row above, or the first of one of the row below
            after = rows[k + 1] if k + 1 < len(rows) else row
            near = 1.5 if k > at or row.main.left > after.pieces[0].right else 1.05
            close = len(after.pieces) > 1 and row.main.base - after.main.base < near * size
            belongs = close or (k > at and above < (4 if row.main.left > columns[0][1] else 1.5) * size)
        else:
            belongs = above < 4 * size
        columns = _fit(columns, row)
        if not columns or not belongs:
            return k if full > 1 else at
        full += len(row.pieces) > 1
    return len(rows) if full > 1 else at


def _fit(columns: list[_Cell], row: _Row) -> list[_Cell]:
    """The columns of a table with the pieces of one more row; none if the white stripes between them are broken."""
    found = columns
    for piece in row.pieces:
        near = piece.size / 2
        over = [cell for cell in found if piece.left - near < cell[1] and cell[0] < piece.right + near]
        if len(over) > 1 or (over and over[0] not in columns):
            return []
        left, right = over[0] if over else (piece.left, piece.right)
        found = [cell for cell in found if cell not in over]
        found.append((min(left, piece.left), max(right, piece.right)))
    return sorted(found)


# --- text --------------------------------------------------------------------------------------------------

_BROKEN_WORD = regex(r"([^\W_]+)[-\u00ad]$")
_NO_SPACE_AFTER = regex(r"\S[-–—/]$")


class _Words:
    """What the document itself tells about hyphens at the ends of its lines."""

    def __init__(self, drafts: list[_Draft]) -> None:
        lines = [piece.text for draft in drafts for piece in draft.lines]
        whole = re.sub(r"\S+[-\u00ad]\n\S+", " ", "\n".join(lines)).lower()
        self.words = set(re.findall(r"[^\W_]+(?:-[^\W_]+)*", whole)) | set(re.findall(r"[^\W_]+", whole))
        ends = sum(1 for line in lines if _BROKEN_WORD.search(line))
        self.divided = ends > 0.04 * len(lines)  # compounds alone end about one line in a hundred

    def keeps_hyphen(self, head: str, tail: str) -> bool:
        """Whether the hyphen between the end of a line and the next one belongs to the word."""
        head, low = head.lower(), tail.lower()
        if tail != low or head.isdigit() or len(head) == 1:
            return True
        if head + low in self.words:
            return False
        return f"{head}-{low}" in self.words or not self.divided or low in self.words


def _write(drafts: list[_Draft]) -> dict[str, object]:
    """The text, its blocks and links."""
    words = _Words(drafts)
    parts: list[str] = []
    blocks: list[tuple[int, int, BlockKind]] = []
    links: list[Span] = []
    length = 0
    before: _Draft | None = None
    for draft in drafts:
        text, found = _joined(draft, words)
        if not text:
            continue
        if before:
            is_list = before.kind == draft.kind and draft.kind in ("table", "list_item")
            between = "\t" if draft.row and before.row == draft.row else "\n" if is_list else "\n\n"
            parts.append(between)
            length += len(between)
        parts.append(text)
        blocks.append((length, length + len(text), draft.kind))
        links += [(length + start, length + end, href) for start, end, href in found]
        length += len(text)
        before = draft
    return {"text": "".join(parts), "blocks": blocks, "links": links}


def _joined(draft: _Draft, words: _Words) -> tuple[str, list[Span]]:
    """The lines of a block as one text, and the places of its links in it."""
    text = ""
    links: list[Span] = []
    for piece in draft.lines:
        broken = _BROKEN_WORD.search(text)
        tail = re.match(r"[^\W_]+", piece.text)
        if broken and tail:
            if text.endswith("\u00ad") or not words.keeps_hyphen(broken[1], tail[0]):
                text = text[:-1]
        elif text and not _NO_SPACE_AFTER.search(text):
            text += " "
        at = len(text)
        links = [(start, min(end, at), href) for start, end, href in links]  # a hyphen may have gone
        for start, end, href in piece.links:
            if start == 0 and links and links[-1][1] >= at - 1 and links[-1][2] == href:
                links[-1] = links[-1][0], at + end, href
            else:
                links.append((at + start, at + end, href))
        text += piece.text
    return text, links
