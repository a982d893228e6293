"""PDF: letters placed on pages become text, blocks and links in reading order.

PDFium finds the letters. It is C++ that nothing inside the process can interrupt, so the whole reading happens in a
child process under limits of time and memory: a hostile file costs one clear message, never the run.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import hypot
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

from detector.document import Block, BlockKind, Document, Link
from detector.errors import SourceError

_SECONDS = 60  # for one file
_MEMORY = 1 << 30  # bytes of the child's address space, where the system can limit it
_PAGES = 500
_CHARACTERS = 5_000_000
_UNREADABLE = 0.3  # share of letters that the fonts do not explain
_NEW_COPY = "open it in a PDF reader and print it to a new PDF"


def read_pdf(data: bytes, *, id: str, url: str | None = None) -> Document:
    """A PDF as a Document: paragraphs joined over lines, columns and pages, links with the offsets of their anchors.

    Running headers, footers and page numbers are furniture; text that nobody sees is hidden. title: the metadata's,
    unless a program made it up. Raises SourceError with what to do: protected, damaged, scanned, over a limit.
    """
    if b"%PDF-" not in data[:1024]:
        raise SourceError(f"{id}: {'no PDF' if data else 'empty'}; check that it is the right file.")
    if not re.search(rb"startxref|%%EOF", data[-4096:]):
        raise SourceError(f"{id}: a PDF that ends too early; get the file again.")
    # The child finds modules where this process does, but never in the working directory by chance (-P).
    path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", "detector.sources.pdf"],
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            env=os.environ | {"PYTHONPATH": path},
            check=False,
        )
        answer = json.loads(child.stdout)
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"{id}: takes longer than {_SECONDS} s to read; {_NEW_COPY}.") from error
    except ValueError as error:  # no answer: killed at a limit, or PDFium fell over
        raise SourceError(f"{id}: damaged, or needs too much memory or time; {_NEW_COPY}.") from error
    if "error" in answer:
        raise SourceError(f"{id}: {answer['error']}.")
    blocks = tuple(Block(*block) for block in answer["blocks"])
    links = tuple(Link(*link) for link in answer["links"])
    return Document(id, answer["text"], blocks, links, title=answer["title"], url=url, source="pdf")


def _serve() -> None:
    """The child: the file on standard input, the answer as JSON on standard output."""
    with suppress(ImportError, ValueError, OSError):  # not every system has these limits
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))  # even if the parent has gone
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        pages, title = _read(sys.stdin.buffer.read())
        answer: dict[str, object] = {"title": title} | _write(_blocks(pages))
    except SourceError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


# --- letters on pages --------------------------------------------------------------------------------------
# Units are points; y grows upwards, pages are turned as the reader sees them.


@dataclass(slots=True)
class _Piece:
    """A stretch of one line without a wide gap; `base` is the height it stands on, `first` its first word's width."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    first: float
    kind: BlockKind  # hidden and furniture for sure, else paragraph
    links: list[tuple[int, int, str]]
    tag: _Tag | None


class _Tag(NamedTuple):
    """The element of the structure tree that a letter belongs to, where the file has one (Word and browsers write it).

    number: the same for all letters of one block. row: the table row around it, or 0. level: of a heading, or 0.
    """

    kind: BlockKind
    number: int
    row: int = 0
    level: int = 0
    is_label: bool = False  # the bullet or number of a list item


class _Style(NamedTuple):
    """What the letters of one text object share."""

    size: float
    bold: bool
    kind: BlockKind
    unseen: bool  # drawn without ink, as the words under a scanned page are
    tag: _Tag | None


class _Letter(NamedTuple):
    text: str
    left: float
    right: float
    base: float
    style: _Style
    kind: BlockKind
    apart: bool  # PDFium sees a space or a new line before it


_Area = tuple[float, float, float, float]  # left, bottom, right, top


class _Page(NamedTuple):
    bottom: float
    top: float
    pieces: list[_Piece]


_MADE_UP_TITLE = re.compile(
    r"untitled.*|\(?(?:anonymous|unspecified)\)?|microsoft (?:word|powerpoint|office).*|powerpoint presentation"
    r"|(?:document|slide|page|title) ?\d*|about:.*|\w+://.*|.*\.(?:docx?|odt|rtf|pdf|html?|md|txt|tex|indd|pages|pptx?)",
    re.IGNORECASE,
)
_BOLD_NAME = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_LIGATURES = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", "ff fi fl ffi ffl st st".split(), strict=True))
_UNKNOWN = re.compile("[\x00-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_WHITE = 250  # of 255, in red, green and blue


def _read(data: bytes) -> tuple[list[_Page], str | None]:
    """The letters of all pages, and the title. Raises SourceError without the name of the file."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise SourceError("is protected by a password; save it without") from error
        raise SourceError(f"damaged, or protected in an unknown way; {_NEW_COPY}") from error
    if not len(pdf):
        raise SourceError(f"has no pages; {_NEW_COPY}")
    if len(pdf) > _PAGES:
        raise SourceError(f"has {len(pdf)} pages, more than the limit of {_PAGES}; split it")
    pages: list[_Page] = []
    size = letters = unknown = 0
    pictures = False
    for number in range(len(pdf)):
        try:
            reader = _PageReader(pdf, number, pypdfium2.raw)
            pages.append(reader.read())
            pictures = pictures or (not reader.letters and reader.has_pictures())
        except pypdfium2.PdfiumError as error:
            raise SourceError(f"page {number + 1} is damaged; {_NEW_COPY}") from error
        size += sum(len(piece.text) for piece in pages[-1].pieces)
        letters, unknown = letters + reader.letters, unknown + reader.unknown
        if size > _CHARACTERS:
            raise SourceError(f"has more than {_CHARACTERS:,} characters; split it")
    if not letters:
        raise SourceError(f"holds {'pictures of pages and ' if pictures else ''}no text; run OCR first")
    if unknown > _UNREADABLE * letters:
        raise SourceError("its letters cannot be read, the fonts do not say which they are; run OCR first")
    title = " ".join(pdf.get_metadata_value("Title").split())
    return pages, None if _MADE_UP_TITLE.fullmatch(title) else title or None


_DEPTH = 100  # of a structure tree; those of real files have about ten levels
_KINDS: dict[str, BlockKind] = {
    "P": "paragraph", "LI": "list_item", "LBody": "list_item", "TD": "table", "TH": "table", "BlockQuote": "quote",
    "Quote": "quote", "Caption": "paragraph", "Div": "paragraph",
}  # fmt: skip


class _PageReader:
    """Asks PDFium for the letters of one page, and counts them."""

    def __init__(self, pdf: Any, number: int, raw: Any) -> None:
        self.pdf, self.raw, self.page = pdf, raw, pdf[number]
        self.text = self.page.get_textpage()
        self.turn: int = self.page.get_rotation()
        self.area = self._turned(*self.page.get_cropbox())
        self.letters = self.unknown = 0
        self.elements = number << 32  # so that no two pages share a number
        self.styles: dict[int | None, _Style] = {}

    def read(self) -> _Page:
        links = list(self._links())
        pieces: list[_Piece] = []
        run: list[_Letter] = []
        for letter in self._letters():
            if run and _parted(run, letter):
                pieces += _piece(run, links)
                run = []
            run.append(letter)
        pieces += _piece(run, links)
        return _Page(self.area[1], self.area[3], pieces)

    def has_pictures(self) -> bool:
        pictures = self.page.get_objects(filter=[self.raw.FPDF_PAGEOBJ_IMAGE], max_depth=5)
        return next(pictures, None) is not None

    def _turned(self, left: float, bottom: float, right: float, top: float) -> _Area:
        """A rectangle of the file as the reader sees it."""
        if self.turn == 90:
            return bottom, -right, top, -left
        if self.turn == 180:
            return -right, -top, -left, -bottom
        if self.turn == 270:
            return -top, left, -bottom, right
        return left, bottom, right, top

    def _links(self) -> Iterator[tuple[_Area, str]]:
        raw = self.raw
        link, position, area = raw.FPDF_LINK(), ctypes.c_int(), raw.FS_RECTF()
        while raw.FPDFLink_Enumerate(self.page, position, link):
            action = raw.FPDFLink_GetAction(link)
            size = raw.FPDFAction_GetURIPath(self.pdf, action, None, 0)
            if size > 1 and raw.FPDFLink_GetAnnotRect(link, area):
                address = ctypes.create_string_buffer(size)
                raw.FPDFAction_GetURIPath(self.pdf, action, address, size)
                (left, right), (bottom, top) = (
                    sorted((area.left, area.right)),
                    sorted((area.bottom, area.top)),
                )
                yield self._turned(left, bottom, right, top), address.value.decode("utf-8", "replace").strip()

    def _letters(self) -> list[_Letter]:
        raw, text, edge = self.raw, self.text, self.area
        box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        found: list[_Letter] = []
        apart = False
        half = ""  # the first half of a letter beyond the basic plane
        for at in range(text.count_chars()):
            if raw.FPDFText_IsGenerated(text, at):
                apart = True
                continue
            letter = half + chr(raw.FPDFText_GetUnicode(text, at))
            half = letter if len(letter) == 1 and "\ud800" <= letter < "\udc00" else ""
            if half:
                continue
            raw.FPDFText_GetLooseCharBox(text, at, box)
            raw.FPDFText_GetCharOrigin(text, at, x, y)
            left, _, right, _ = self._turned(box.left, box.bottom, box.right, box.top)
            _, base, _, _ = self._turned(x.value, y.value, x.value, y.value)
            style = self._style(at, x.value, y.value)
            if raw.FPDFText_IsHyphen(text, at) == 1:
                letter = "-"
            elif not letter.isspace():
                letter = letter.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                self.letters += 1
                if raw.FPDFText_HasUnicodeMapError(text, at) == 1 or _UNKNOWN.match(letter):
                    self.unknown += 1
                if letter < " ":
                    continue
            inside = edge[0] <= (left + right) / 2 <= edge[2] and edge[1] <= base + style.size / 2 <= edge[3]
            kind = style.kind if inside else "hidden"
            found.append(_Letter(_LIGATURES.get(letter, letter), left, right, base, style, kind, apart))
            apart = False
        unseen = sum(letter.style.unseen for letter in found)
        is_scan = unseen == len(found) or (2 * unseen > len(found) and self.has_pictures())
        if unseen and not is_scan:
            found = [letter._replace(kind="hidden") if letter.style.unseen else letter for letter in found]
        return found

    def _style(self, at: int, x: float, y: float) -> _Style:
        """The style of letter `at`, which stands at x, y."""
        raw, text = self.raw, self.text
        drawn = raw.FPDFText_GetTextObject(text, at)
        key = ctypes.cast(drawn, ctypes.c_void_p).value
        if key in self.styles:
            return self.styles[key]
        matrix, flags, name = raw.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(200)
        red, green, blue, opaque = (ctypes.c_uint() for _ in range(4))
        raw.FPDFText_GetMatrix(text, at, matrix)
        raw.FPDFText_GetFontInfo(text, at, name, 200, flags)
        raw.FPDFText_GetFillColor(text, at, red, green, blue, opaque)
        mode = raw.FPDFTextObj_GetTextRenderMode(drawn)
        size = raw.FPDFText_GetFontSize(text, at) * hypot(matrix.c, matrix.d)
        kind: BlockKind = "paragraph"
        if size < 1:
            kind = "hidden"
        elif mode in (raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP) and (
            not opaque.value
            or (min(red.value, green.value, blue.value) >= _WHITE and not self._has_ground(x, y))
        ):
            kind = "hidden"
        elif not self._is_level(matrix.a, matrix.b):
            kind = "furniture"  # a watermark across the page, a note up its margin
        bold = (
            raw.FPDFText_GetFontWeight(text, at) >= 600
            or mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE
            or _BOLD_NAME.search(name.value.decode("latin-1")) is not None
        )
        unseen = mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
        tag = self._tags.get(raw.FPDFPageObj_GetMarkedContentID(drawn))
        self.styles[key] = _Style(size, bold, kind, unseen, tag)
        return self.styles[key]

    def _is_level(self, x: float, y: float) -> bool:
        """Whether letters that run in this direction of the file stand upright before the reader."""
        along, up, _, _ = self._turned(x, y, x, y)
        return along > 0 and abs(up) < 0.1 * along

    def _has_ground(self, x: float, y: float) -> bool:
        """Whether something darker than paper lies where a white letter stands."""
        return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in self._grounds)

    @cached_property
    def _tags(self) -> dict[int, _Tag]:
        """What the structure tree says of the page's marked content, by its number."""
        raw, found = self.raw, {}
        name = ctypes.create_string_buffer(64)
        tree = raw.FPDF_StructTree_GetForPage(self.page)
        count = raw.FPDF_StructTree_CountChildren(tree) if tree else 0
        outside = _Tag("paragraph", 0)
        waiting = [(raw.FPDF_StructTree_GetChildAtIndex(tree, at), outside, 0) for at in range(count)]
        while waiting:
            element, around, depth = waiting.pop()
            if not element or depth > _DEPTH:
                continue
            size = raw.FPDF_StructElement_GetType(element, name, len(name))
            self.elements += 1
            tag = _within(around, name.raw[: max(0, size - 2)].decode("utf-16-le", "replace"), self.elements)
            for at in range(raw.FPDF_StructElement_CountChildren(element)):
                content = raw.FPDF_StructElement_GetChildMarkedContentID(element, at)
                if content >= 0:
                    found[content] = tag
                else:
                    waiting.append((raw.FPDF_StructElement_GetChildAtIndex(element, at), tag, depth + 1))
        if tree:
            raw.FPDF_StructTree_Close(tree)
        return found

    @cached_property
    def _grounds(self) -> list[_Area]:
        raw = self.raw
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        red, green, blue, opaque = (ctypes.c_uint() for _ in range(4))
        areas: list[_Area] = []
        for drawn in self.page.get_objects(max_depth=1):
            if drawn.type == raw.FPDF_PAGEOBJ_PATH:
                raw.FPDFPath_GetDrawMode(drawn, fill, stroke)
                raw.FPDFPageObj_GetFillColor(drawn, red, green, blue, opaque)
                if not fill.value or min(red.value, green.value, blue.value) >= _WHITE:
                    continue
            if drawn.type != raw.FPDF_PAGEOBJ_TEXT:
                areas.append(drawn.get_bounds())
        return areas


def _within(around: _Tag, name: str, number: int) -> _Tag:
    """The tag of what stands in an element called `name` inside `around`."""
    if re.fullmatch(r"H[1-6]?|Title", name):
        return _Tag("heading", number, level=int(name[1:]) if name[1:].isdigit() else 1)
    if around.kind == "heading":
        return around
    if name == "TR":
        return around._replace(row=number)
    if name == "Lbl" and around.kind == "list_item":
        return around._replace(number=number, is_label=True)
    kind = _KINDS.get(name)
    if kind is None:
        return around
    if kind == "paragraph" and around.number:
        return around._replace(number=number)
    return _Tag(kind, number, around.row if kind == "table" else 0)


def _parted(run: list[_Letter], letter: _Letter) -> bool:
    """Whether the letter begins a new piece: on another line, after a wide gap, or hidden where the run is not."""
    last = run[-1]
    size = max(last.style.size, letter.style.size)
    if (
        letter.kind != last.kind
        or letter.style.tag != last.style.tag
        or abs(letter.base - last.base) > 0.6 * size
    ):
        return True
    gap = letter.left - last.right
    typed = last.text.isspace() or letter.text.isspace()  # in justified lines it grows wider than any guess
    return gap > (3 if typed else 1.5) * size or gap < -1.5 * size


def _piece(run: list[_Letter], links: list[tuple[_Area, str]]) -> list[_Piece]:
    """The letters as one piece with single spaces; none if there is nothing but space."""
    inked = [letter for letter in run if not letter.text.isspace()]
    if not inked:
        return []
    sizes = Counter(letter.style.size for letter in inked)
    size = max(sizes, key=lambda one: sizes[one])
    base = next(letter.base for letter in inked if letter.style.size == size)
    near = [link for link in links if link[0][1] <= base + 0.3 * size <= link[0][3]]
    text = ""
    first = edge = 0.0  # right edges of the first word, and of the last letter
    found: list[tuple[int, int, str]] = []
    apart = False
    for letter in run:
        apart = apart or letter.apart or letter.text.isspace()
        if letter.text.isspace() or (letter.text == "\u00ad" and letter is not run[-1]):
            continue
        if apart and text:
            text += " "
            first = first or edge
        apart = False
        middle = (letter.left + letter.right) / 2
        href = next((href for area, href in near if area[0] <= middle <= area[2]), None)
        if href is not None:
            start = found.pop()[0] if found and found[-1][1:] == (len(text.rstrip()), href) else len(text)
            found.append((start, len(text) + len(letter.text), href))
        text += letter.text
        edge = letter.right
    left, right = inked[0].left, inked[-1].right
    bold = sum(letter.style.bold for letter in inked) > 0.9 * len(inked)
    return [
        _Piece(
            text, left, right, base, size, bold, (first or right) - left, run[0].kind, found, run[0].style.tag
        )
    ]


# --- reading order -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """Pieces side by side on a line of a column that reaches from `left` to `right`."""

    pieces: list[_Piece]
    left: float
    right: float
    page: int

    @property
    def main(self) -> _Piece:
        return max(self.pieces, key=lambda piece: len(piece.text))


_MARK = re.compile(r"(?:[•◦▪▫‣⁃∙●○■□◆◇►▸➢➤\uf000-\uf0ff]|(?:[-–*o·]|\(?\d{1,2}[.)]|\(?[a-z]\))(?=\s|$))\s*")
_BULLET = re.compile(r"[^\w\s(*–-]")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE
)
_MARGIN = 0.12  # of the page's height, above and below


def _mark_furniture(pages: list[_Page], body: float) -> None:
    """Marks what stands in the margin of several pages at the same place, page numbers, and small type at the edge."""

    def place(page: _Page, piece: _Piece) -> tuple[object, ...] | None:
        height = (page.top - page.bottom) * _MARGIN
        above, below = page.top - piece.base, piece.base - page.bottom
        if min(above, below) > height:
            return None
        return re.sub(r"\d+", "0", piece.text), above < below, round(min(above, below)), round(piece.size)

    seen = Counter(
        where for page in pages for where in {place(page, piece) for piece in page.pieces} if where
    )
    often = max(2, len(pages) / 5)
    for page in pages:
        lines = set()
        for piece in page.pieces:
            where = place(page, piece)
            edge = min(page.top - piece.base, piece.base - page.bottom) / (page.top - page.bottom)
            if where and (
                seen[where] >= often
                or (edge < 0.08 and _PAGE_NUMBER.fullmatch(piece.text))
                or (edge < 0.05 and piece.size < 0.8 * body)
            ):
                lines.add(round(piece.base))
        for piece in page.pieces:
            if piece.kind == "paragraph" and round(piece.base) in lines:
                piece.kind = "furniture"


def _rows(pieces: Iterable[_Piece], left: float, right: float, page: int) -> list[_Row]:
    """The pieces of a column line by line; a bullet or number joins the words that it stands before."""
    lines: list[list[_Piece]] = []
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
            if gap > 1.5 * piece.size and not (_MARK.fullmatch(last.text) and gap < 6 * piece.size):
                joined.append(piece)
                continue
            at = len(last.text) + 1
            last.text += " " + piece.text
            last.links += [(start + at, end + at, href) for start, end, href in piece.links]
            last.right, last.bold, last.size = piece.right, piece.bold, piece.size
        rows.append(_Row(joined, left, right, page))
    return rows


def _columns(pieces: list[_Piece]) -> Iterator[tuple[list[_Piece], float, float]]:
    """Columns in reading order with their edges; a line across all columns parts those above from those below."""
    if not pieces:
        return
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    gutter = _gutter(pieces)
    if gutter is None:
        yield pieces, left, right
        return
    across: list[_Piece] = []
    before: list[_Piece] = []
    after: list[_Piece] = []
    for piece in sorted(pieces, key=lambda one: -one.base):
        if piece.left < gutter < piece.right:
            yield from _columns(before)
            yield from _columns(after)
            before, after = [], []
            across.append(piece)
            continue
        if across:
            yield across, left, right
            across = []
        (before if piece.right <= gutter else after).append(piece)
    yield from _columns(before)
    yield from _columns(after)
    if across:
        yield across, left, right


def _gutter(pieces: list[_Piece]) -> float | None:
    """Where a white stripe parts two columns of running text; None if there is none."""
    best: tuple[int, float] | None = None
    size = median(piece.size for piece in pieces)
    for x in {round(piece.right) for piece in pieces}:
        before = [piece for piece in pieces if piece.right <= x + 1]
        after = [piece for piece in pieces if piece.left >= x + 0.6 * size]
        both = len(before) + len(after)
        if (
            (best and both <= best[0])
            or both < 0.4 * len(pieces)
            or not (_is_column(before) and _is_column(after))
        ):
            continue
        spans = [(min(p.base for p in side), max(p.base for p in side)) for side in (before, after)]
        shared = min(top for _, top in spans) - max(bottom for bottom, _ in spans)
        if shared > 0.5 * min(top - bottom for bottom, top in spans):
            best = both, (max(p.right for p in before) + min(p.left for p in after)) / 2
    return best[1] if best else None


def _is_column(pieces: list[_Piece]) -> bool:
    """Whether these are lines of running text, and not cells or labels."""
    if len(pieces) < 4 or median(len(piece.text) for piece in pieces) < 25:
        return False
    widths = [piece.right - piece.left for piece in pieces]
    return median(widths) > 0.55 * max(widths)


# --- blocks ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A block in the making. `row` numbers the table row it is a cell of."""

    kind: BlockKind
    lines: list[_Piece]
    row: int = 0


_CELL_CHARACTERS = 250  # as on web pages, a longer cell is layout
_HEADING_CHARACTERS = 200
_LARGE = 1.1  # of the body's size
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’)\]]*$")


def _blocks(pages: list[_Page]) -> list[_Draft]:
    """The blocks of all pages in reading order."""
    weights: Counter[tuple[float, bool]] = Counter()
    for page in pages:
        for piece in page.pieces:
            weights[round(piece.size, 1), piece.bold] += len(piece.text) * (piece.kind == "paragraph")
    (size, bold), _ = weights.most_common(1)[0]
    _mark_furniture(pages, size)
    columns = [
        [_rows(found, left, right, number) for found, left, right in _columns(page.plain())]
        for number, page in enumerate(pages)
    ]
    builder = _Builder(size, bold, _leading([rows for page in columns for rows in page]))
    for number, page in enumerate(pages):
        builder.add_tagged([piece for piece in page.pieces if piece.kind == "paragraph" and piece.tag], number)
        for rows in columns[number]:
            builder.add_column(rows)
    asides = [_asides(page) for page in pages]
    return builder.finished(asides)


def _asides(page: _Page) -> list[_Draft]:
    """What is not part of the running text, line by line; all that is hidden together."""
    furniture = [piece for piece in page.pieces if piece.kind == "furniture"]
    hidden = [piece for piece in page.pieces if piece.kind == "hidden"]
    drafts = [_Draft("furniture", row.pieces) for row in _rows(furniture, 0, 0, 0)]
    return [*drafts, _Draft("hidden", hidden)] if hidden else drafts


def _leading(columns: list[list[_Row]]) -> float:
    """The distance of the lines inside a paragraph, in sizes of their letters: the smallest that is usual."""
    steps = Counter(
        round((above.main.base - below.main.base) / below.main.size, 1)
        for rows in columns
        for above, below in pairwise(rows)
        if abs(above.main.size - below.main.size) < 0.05 * below.main.size
    )
    usual = [step for step, count in steps.items() if 0.9 <= step < 2.5 and count > 0.15 * steps.total()]
    return min(usual, default=1.2) + 0.05


class _Builder:
    """Puts rows together to blocks. size, bold: of the running text. leading: see `_leading`."""

    def __init__(self, size: float, bold: bool, leading: float) -> None:
        self.size, self.bold, self.leading = size, bold, leading
        self.drafts: list[_Draft] = []
        self.ends: dict[int, int] = {}  # for each page how many blocks it and those before it begin
        self.last: _Row | None = None
        self.table_rows = 0

    def add_column(self, rows: list[_Row]) -> None:
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
            self.ends[rows[at].page] = len(self.drafts)
            at = end

    def add_tagged(self, pieces: list[_Piece], page: int) -> None:
        """The blocks of a page whose structure the file itself tells."""
        by_tag: dict[_Tag, list[_Piece]] = {}
        for piece in sorted(pieces, key=lambda one: one.tag.number if one.tag else 0):
            if piece.tag and not (piece.tag.is_label and _MARK.fullmatch(piece.text)):
                by_tag.setdefault(piece.tag, []).append(piece)
        first = True
        for tag, lines in by_tag.items():
            last = self.drafts[-1] if self.drafts else None
            if first and last and last.kind == tag.kind != "heading" and _is_cut(last.lines[-1].text, lines[0].text):
                last.lines += lines
            else:
                self.drafts.append(_Draft(tag.kind, lines, tag.row))
            first = False
        self.ends[page] = len(self.drafts)
        self.last = None

    def finished(self, asides: list[list[_Draft]]) -> list[_Draft]:
        """All blocks; what stands beside the text of a page follows the block in which the page ends."""
        top = max((draft.lines[0].size for draft in self.drafts if draft.row == 0), default=0)
        for draft in self.drafts:
            if draft.kind == "paragraph" and self._is_heading(draft):
                draft.kind = "heading"
        largest = [d for d in self.drafts if d.kind == "heading" and d.lines[0].size > 0.97 * top]
        if largest and (len(largest) == 1 or largest[0] is self.drafts[0]):
            largest[0].kind = "title"
        found: list[_Draft] = []
        at = 0
        for page, beside in enumerate(asides):
            end = self.ends.get(page, at)
            found += self.drafts[at:end] + beside
            at = end
        return found

    def _is_heading(self, draft: _Draft) -> bool:
        text = " ".join(piece.text for piece in draft.lines)
        if len(text) > _HEADING_CHARACTERS or not re.search(r"[^\W_]", text):
            return False
        if draft.lines[0].size > _LARGE * self.size:
            return len(text) < _HEADING_CHARACTERS / 2 or not _SENTENCE_END.search(text)
        bold = not self.bold and all(piece.bold for piece in draft.lines)
        return bold and not text[0].islower() and not text.endswith((".", ",", ";"))

    def _add(self, row: _Row) -> None:
        mark = _MARK.match(row.pieces[0].text)
        if self.last and self._goes_on(self.last, row, mark):
            self.drafts[-1].lines += row.pieces
        elif mark and not self._stands_out(row):
            cut = mark.end()
            first = row.pieces[0]
            first.text = first.text[cut:]
            first.links = [
                (max(0, start - cut), end - cut, href) for start, end, href in first.links if end > cut
            ]
            self.drafts.append(_Draft("list_item", [*row.pieces]))
        else:
            self.drafts.append(_Draft("paragraph", [*row.pieces]))
        self.last = row

    def _stands_out(self, row: _Row) -> bool:
        """Whether a row looks like a heading, whose number is part of it."""
        return row.main.size > _LARGE * self.size or (row.main.bold and not self.bold)

    def _goes_on(self, last: _Row, row: _Row, mark: re.Match[str] | None) -> bool:
        """Whether the row goes on with the block that `last` stands in."""
        draft = self.drafts[-1]
        above, below = last.main, row.main
        full = _is_full(last, row, last.right)
        if abs(above.size - below.size) > 0.08 * above.size or (above.bold != below.bold and not full):
            return False
        large = above.size > _LARGE * self.size
        gap = above.base - below.base
        indent = row.pieces[0].left - last.pieces[0].left
        if row.page != last.page or gap <= 0:  # on the next page, or in the next column
            if large or mark:
                return False
            return _is_cut(above.text, below.text) or (
                full and (draft.kind == "list_item" or row.pieces[0].left < row.left + 0.8 * below.size)
            )
        if gap > (1.5 if large else 1.15) * self.leading * above.size:
            return False
        if large:
            return True
        if not full or (mark and (draft.kind == "list_item" or _BULLET.match(mark[0]))):
            return False
        if draft.kind == "list_item":
            return row.pieces[0].left > draft.lines[0].left - 0.5 * below.size
        return abs(indent) < 0.8 * below.size or draft.lines[0] is last.pieces[0]

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
            if len(pairs) > 1 and sum(_is_full(a, b, a.right) for a, b in pairs) < 0.3 * len(pairs):
                if sum(_is_full(a, b, right) for a, b in pairs) > 0.7 * len(pairs):
                    for row in chunk:
                        row.right = right

    def _add_table(self, rows: list[_Row]) -> None:
        """The cells of a table row by row; lines that stand close together are one row."""
        columns: list[tuple[float, float]] = []
        for piece in sorted(
            [p for row in rows if len(row.pieces) > 1 for p in row.pieces], key=lambda p: p.left
        ):
            if columns and piece.left < columns[-1][1]:
                columns[-1] = columns[-1][0], max(columns[-1][1], piece.right)
            else:
                columns.append((piece.left, piece.right))
        gaps = [above.main.base - below.main.base for above, below in pairwise(rows)]
        near = min(gaps) * 1.1 if max(gaps) > 1.25 * min(gaps) else 0.0
        cells: list[_Piece] = []
        lines: list[list[_Row]] = []
        for row, gap in zip(rows, [0.0, *gaps], strict=True):
            if lines and (gap < near or row.pieces[0].left > columns[0][1]):
                lines[-1].append(row)
            else:
                lines.append([row])
        for line in lines:
            self.table_rows += 1
            for left, right in columns:
                cells = [p for row in line for p in row.pieces if left <= p.left < right]
                if cells:
                    long = sum(len(p.text) for p in cells) > _CELL_CHARACTERS
                    self.drafts.append(_Draft("paragraph" if long else "table", cells, self.table_rows))


def _is_cut(above: str, below: str) -> bool:
    """Whether a sentence goes on from one line to the next."""
    return below[0].islower() and not _SENTENCE_END.search(above)


def _is_full(row: _Row, below: _Row, right: float) -> bool:
    """Whether a line ends because the next word did not fit before the edge at `right`."""
    last = row.pieces[-1]
    return (
        last.text.endswith(("-", "\u00ad")) or right - last.right < below.pieces[0].first + 0.25 * last.size
    )


def _table_end(rows: list[_Row], at: int) -> int:
    """Where the table that begins at rows[at] ends; `at` if none does."""
    if len(rows[at].pieces) < 2:
        return at
    last, full = rows[at], 1
    end = at + 1
    for row in rows[at + 1 :]:
        gap = rows[end - 1].main.base - row.main.base
        if gap > 4 * row.main.size:
            break
        if len(row.pieces) > 1 and _in_line(last, row):
            last = row
            full += 1
        elif gap > 1.5 * row.main.size or not all(
            any(cell.left - 1 <= piece.left and piece.right <= cell.right + 1 for cell in last.pieces)
            for piece in row.pieces
        ):
            break
        end += 1
    return end if full > 1 else at


def _in_line(above: _Row, below: _Row) -> bool:
    """Whether at least two cells stand under cells: by their left edges, right edges or middles."""
    near = 0.5 * below.main.size
    return 2 <= sum(
        any(
            abs(a.left - b.left) < near
            or abs(a.right - b.right) < near
            or abs(a.left + a.right - b.left - b.right) < 2 * near
            for a in above.pieces
        )
        for b in below.pieces
    )


# --- text --------------------------------------------------------------------------------------------------

_BROKEN_WORD = re.compile(r"([^\W_]+)[-\u00ad]$")
_NO_SPACE_AFTER = re.compile(r"\S[-–—/]$")


class _Words:
    """What the document itself tells about hyphens at the ends of its lines."""

    def __init__(self, drafts: list[_Draft]) -> None:
        lines = [piece.text for draft in drafts for piece in draft.lines]
        whole = re.sub(r"\S+[-\u00ad]\n\S+", " ", "\n".join(lines)).lower()
        self.words = set(re.findall(r"[^\W_]+(?:-[^\W_]+)*", whole)) | set(re.findall(r"[^\W_]+", whole))
        ends = sum(1 for line in lines if _BROKEN_WORD.search(line))
        self.divided = ends > 0.03 * len(lines)  # compounds alone end about one line in a hundred

    def keeps_hyphen(self, head: str, tail: str) -> bool:
        """Whether the hyphen between the end of a line and the next one belongs to the word."""
        head, low = head.lower(), tail.lower()
        if tail != low or head.isdigit():
            return True
        if head + low in self.words:
            return False
        return f"{head}-{low}" in self.words or not self.divided or low in self.words


def _write(drafts: list[_Draft]) -> dict[str, object]:
    """The text, its blocks and links."""
    words = _Words(drafts)
    parts: list[str] = []
    blocks: list[tuple[int, int, BlockKind]] = []
    links: list[tuple[int, int, str]] = []
    length = 0
    before: _Draft | None = None
    for draft in drafts:
        text, found = _joined(draft, words)
        if not text:
            continue
        if before:
            same_kind = before.kind == draft.kind
            if draft.row and before.row == draft.row:
                between = "\t"
            else:
                between = "\n" if same_kind and draft.kind in ("table", "list_item") else "\n\n"
            parts.append(between)
            length += len(between)
        parts.append(text)
        blocks.append((length, length + len(text), draft.kind))
        links += [(length + start, length + end, href) for start, end, href in found]
        length += len(text)
        before = draft
    return {"text": "".join(parts), "blocks": blocks, "links": links}


def _joined(draft: _Draft, words: _Words) -> tuple[str, list[tuple[int, int, str]]]:
    """The lines of a block as one, without the mark of a list item; the places of its links in it."""
    text = ""
    links: list[tuple[int, int, str]] = []
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


if __name__ == "__main__":
    _serve()
