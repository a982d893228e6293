"""PDF: letters placed on pages become text, blocks and links in reading order.

PDFium finds the letters. It is C++ that nothing inside the process can interrupt, so all reading happens in a child
process under limits of time and memory: a hostile file costs one clear message, never the run.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import hypot
from pathlib import Path
from statistics import median
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
    except ValueError as error:  # no answer: stopped at a limit, or PDFium fell over
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
# Units are points; y grows upwards; pages are turned as the reader sees them.

_Area = tuple[float, float, float, float]  # left, bottom, right, top
_Span = tuple[int, int, str]  # start, end, address of a link
_Cell = tuple[float, float]  # left, right


class _Tag(NamedTuple):
    """The element of the file's structure tree that a letter stands in; Word and browsers write such trees.

    number: one for each block, in reading order. row: the table row around it, else 0. level: of a heading, else 0.
    """

    kind: BlockKind = "paragraph"
    number: int = 0
    row: int = 0
    level: int = 0
    is_label: bool = False  # the bullet or number of a list item


class _Style(NamedTuple):
    """What the letters of one text object share."""

    size: float
    bold: bool
    kind: BlockKind  # hidden and furniture for sure, else paragraph
    unseen: bool  # drawn without ink, as the words under a scanned page are
    tag: _Tag | None


class _Letter(NamedTuple):
    text: str
    left: float
    right: float
    base: float  # the height it stands on
    apart: bool  # PDFium sees a space or a new line before it
    kind: BlockKind
    style: _Style


@dataclass(slots=True)
class _Piece:
    """Letters of one kind on one line, without a wide gap. first: the width of the first word."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    first: float
    kind: BlockKind
    tag: _Tag | None
    links: list[_Span]


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
_UNKNOWN = frozenset(map(chr, [*range(32), *range(0x7F, 0xA0), *range(0xE000, 0xF900), 0xFFFD]))
_WHITE = 250  # of 255, in red, green and blue
_TREE_DEPTH = 100  # real trees have about ten levels
_TAGS: dict[str, BlockKind] = {
    "P": "paragraph", "Div": "paragraph", "Caption": "paragraph", "BlockQuote": "quote",
    "LI": "list_item", "LBody": "list_item", "TD": "table", "TH": "table",
}  # fmt: skip


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
    characters = letters = unknown = 0
    pictures = False
    for number in range(len(pdf)):
        try:
            reader = _PageReader(pdf, number, pypdfium2.raw)
            pages.append(reader.read())
            pictures = pictures or (not reader.letters and reader.has_pictures())
        except pypdfium2.PdfiumError as error:
            raise SourceError(f"page {number + 1} is damaged; {_NEW_COPY}") from error
        letters, unknown = letters + reader.letters, unknown + reader.unknown
        characters += sum(len(piece.text) for piece in pages[-1].pieces)
        if characters > _CHARACTERS:
            raise SourceError(f"has more than {_CHARACTERS:,} characters; split it")
    if not letters:
        raise SourceError(f"holds {'pictures of pages and ' if pictures else ''}no text; run OCR first")
    if unknown > _UNREADABLE * letters:
        raise SourceError("its letters cannot be read, the fonts do not say which they are; run OCR first")
    title = " ".join(pdf.get_metadata_value("Title").split())
    return pages, None if _MADE_UP_TITLE.fullmatch(title) else title or None


class _PageReader:
    """Asks PDFium for the letters of one page, and counts them."""

    def __init__(self, pdf: Any, number: int, raw: Any) -> None:
        self.pdf, self.raw, self.page = pdf, raw, pdf[number]
        self.text = self.page.get_textpage()
        self.turn: int = self.page.get_rotation()
        self.area = self._turned(*self.page.get_bbox())
        self.letters = self.unknown = 0
        self.styles: dict[bytes, _Style] = {}

    def read(self) -> _Page:
        letters = self._letters()
        unseen = sum(letter.style.unseen for letter in letters)
        if unseen < len(letters) and not (2 * unseen > len(letters) and self.has_pictures()):
            letters = [one._replace(kind="hidden") if one.style.unseen else one for one in letters]
        links = list(self._links())
        pieces: list[_Piece] = []
        run: list[_Letter] = []
        for letter in letters:
            if run and _is_apart(run[-1], letter):
                pieces += _piece(run, links)
                run = []
            run.append(letter)
        pieces += _piece(run, links)
        if 2 * sum(letter.style.tag is not None for letter in letters) < len(letters):
            for piece in pieces:  # a tree that leaves most of the page out is of no help
                piece.tag = None
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
                left, right = sorted((area.left, area.right))
                bottom, top = sorted((area.bottom, area.top))
                yield self._turned(left, bottom, right, top), address.value.decode("utf-8", "replace").strip()

    def _letters(self) -> list[_Letter]:
        raw, text = self.raw, self.text.raw
        left_edge, bottom_edge, right_edge, top_edge = self.area
        box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        found: list[_Letter] = []
        apart = False
        half = ""  # the first half of a letter beyond the basic plane
        for at in range(self.text.count_chars()):
            if raw.FPDFText_IsGenerated(text, at):
                apart = True
                continue
            letter = half + chr(raw.FPDFText_GetUnicode(text, at))
            half = letter if "\ud800" <= letter < "\udc00" and not half else ""
            if half:
                continue
            raw.FPDFText_GetLooseCharBox(text, at, box)
            raw.FPDFText_GetCharOrigin(text, at, x, y)
            left, _, right, _ = self._turned(box.left, box.bottom, box.right, box.top)
            _, base, _, _ = self._turned(x.value, y.value, x.value, y.value)
            style = self._style(at, x.value, y.value)
            if letter == "\x02" and raw.FPDFText_IsHyphen(text, at) == 1:  # at the end of a line
                letter = "-"
            elif not letter.isspace():
                letter = letter.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                self.letters += 1
                self.unknown += raw.FPDFText_HasUnicodeMapError(text, at) == 1 or letter in _UNKNOWN
                if letter < " ":
                    continue
            inside = left_edge <= (left + right) / 2 <= right_edge and bottom_edge <= base <= top_edge
            kind = style.kind if inside else "hidden"
            found.append(_Letter(_LIGATURES.get(letter, letter), left, right, base, apart, kind, style))
            apart = False
        return found

    def _style(self, at: int, x: float, y: float) -> _Style:
        """The style of letter `at`, which stands at x, y."""
        raw, text = self.raw, self.text.raw
        drawn = raw.FPDFText_GetTextObject(text, at)
        key = bytes(drawn)  # where it lies in memory
        if key in self.styles:
            return self.styles[key]
        matrix, flags, name = raw.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(200)
        raw.FPDFText_GetMatrix(text, at, matrix)
        raw.FPDFText_GetFontInfo(text, at, name, 200, flags)
        mode = raw.FPDFTextObj_GetTextRenderMode(drawn)
        size = raw.FPDFText_GetFontSize(text, at) * hypot(matrix.c, matrix.d)
        along, up, _, _ = self._turned(matrix.a, matrix.b, matrix.a, matrix.b)
        kind: BlockKind = "paragraph"
        if size < 1 or (mode == raw.FPDF_TEXTRENDERMODE_FILL and self._has_no_contrast(at, x, y)):
            kind = "hidden"
        elif along <= 0 or abs(up) > 0.1 * along:
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

    def _has_no_contrast(self, at: int, x: float, y: float) -> bool:
        """Whether letter `at` is clear as glass, or white with nothing darker than paper under it."""
        red, green, blue, opaque = (ctypes.c_uint() for _ in range(4))
        self.raw.FPDFText_GetFillColor(self.text, at, red, green, blue, opaque)
        if not opaque.value or min(red.value, green.value, blue.value) < _WHITE:
            return not opaque.value
        return not any(
            left <= x <= right and bottom <= y <= top for left, bottom, right, top in self._grounds
        )

    @cached_property
    def _grounds(self) -> list[_Area]:
        """The areas of pictures and of whatever is filled with a colour, as they stand in the file."""
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

    @cached_property
    def _tags(self) -> dict[int, _Tag]:
        """What the structure tree says of the page's marked content, by its number."""
        raw = self.raw
        found: dict[int, _Tag] = {}
        tree = raw.FPDF_StructTree_GetForPage(self.page)
        if not tree:
            return found
        name = ctypes.create_string_buffer(64)
        count = raw.FPDF_StructTree_CountChildren(tree)
        waiting = [
            (raw.FPDF_StructTree_GetChildAtIndex(tree, at), _Tag(), 0) for at in reversed(range(count))
        ]
        number = 0
        while waiting:
            element, around, depth = waiting.pop()
            if not element or depth > _TREE_DEPTH:
                continue
            number += 1
            size = raw.FPDF_StructElement_GetType(element, name, len(name))
            tag = _within(around, name.raw[: max(0, size - 2)].decode("utf-16-le", "replace"), number)
            for at in reversed(range(raw.FPDF_StructElement_CountChildren(element))):
                content = raw.FPDF_StructElement_GetChildMarkedContentID(element, at)
                if content < 0:
                    waiting.append((raw.FPDF_StructElement_GetChildAtIndex(element, at), tag, depth + 1))
                elif tag.number:
                    found[content] = tag
        raw.FPDF_StructTree_Close(tree)
        return found


def _within(around: _Tag, name: str, number: int) -> _Tag:
    """The tag of what stands in an element called `name`, itself inside `around`."""
    if around.level:
        return around
    if re.fullmatch(r"H[1-6]?|Title", name):
        return _Tag("heading", number, level=int(name[1:]) if name[1:].isdigit() else 1)
    if name == "TR":
        return around._replace(row=number)
    if name == "Lbl":
        return around._replace(number=number, is_label=True)
    kind = _TAGS.get(name)
    if kind is None:
        return around
    if kind == "paragraph":
        return around._replace(number=number)
    return _Tag(kind, number, around.row if kind == "table" else 0)


def _is_apart(last: _Letter, letter: _Letter) -> bool:
    """Whether the letter begins a new piece: in another block or line, after a wide gap, hidden where `last` is not."""
    size = max(last.style.size, letter.style.size)
    if letter.kind != last.kind or letter.style.tag != last.style.tag:
        return True
    if abs(letter.base - last.base) > 0.6 * size:
        return True
    gap = (letter.left - last.right) / size
    if letter.style is last.style:  # one text object: spaces of a justified line grow wider than any guess
        return not -1.5 < gap < 3
    return not -1.5 < gap < (1.5 if last.text.isspace() or letter.text.isspace() else 0.5)


def _piece(run: list[_Letter], links: list[tuple[_Area, str]]) -> list[_Piece]:
    """The letters as one piece with single spaces; none if there is nothing but space."""
    inked = [letter for letter in run if not letter.text.isspace()]
    if not inked:
        return []
    sizes = Counter(letter.style.size for letter in inked)
    size = max(sizes, key=lambda one: sizes[one])
    base = next(letter.base for letter in inked if letter.style.size == size)
    near = [(area, href) for area, href in links if area[1] <= base + 0.3 * size <= area[3]]
    text = ""
    word_end = edge = 0.0  # right edges: of the first word, of the last letter
    found: list[_Span] = []
    apart = False
    for letter in run:
        apart = apart or (letter.apart and letter.text not in ",.;:!?")
        if letter.text.isspace():
            apart = True
        elif letter.text != "\u00ad" or letter is run[-1]:
            if apart and text:
                text += " "
                word_end = word_end or edge
            apart = False
            middle, edge = (letter.left + letter.right) / 2, letter.right
            href = next((href for area, href in near if area[0] <= middle <= area[2]), "")
            if href:
                goes_on = found and found[-1][2] == href and found[-1][1] >= len(text) - 1
                start = found.pop()[0] if goes_on else len(text)
                found.append((start, len(text) + len(letter.text), href))
            text += letter.text
    left, right = inked[0].left, inked[-1].right
    bold = sum(letter.style.bold for letter in inked) > 0.9 * len(inked)
    spans = [(*_whole_words(text, start, end), href) for start, end, href in found]
    first, tag, kind = (word_end or right) - left, run[0].style.tag, run[0].kind
    return [_Piece(text, left, right, base, size, bold, first, kind, tag, [s for s in spans if s[0] < s[1]])]


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The place of an anchor without slips: a word belongs to it if at least half of its letters do."""
    for word in re.finditer(r"[^\W_]+", text):
        inside = 2 * (min(end, word.end()) - max(start, word.start())) >= word.end() - word.start()
        if word.start() < start < word.end():
            start = word.start() if inside else word.end()
        if word.start() < end < word.end():
            end = word.end() if inside else word.start()
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


# --- reading order -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """Pieces side by side on a line of a column that reaches from `left` to `right`."""

    pieces: list[_Piece]
    page: int
    left: float = 0.0
    right: float = 0.0

    @property
    def main(self) -> _Piece:
        return max(self.pieces, key=lambda piece: len(piece.text))


_DOT = "[•◦▪▫‣⁃∙●○■□◆◇►▸➢➤\uf000-\uf0ff]"
_MARK = re.compile(rf"(?:{_DOT}(?!{_DOT})|(?:[-*o·]|\(?\d{{1,2}}[.)]|\(?[a-z]\))(?=\s|$))\s*")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE
)
_WORDS = re.compile(r"[^\W\d_]{2}.*[^\W\d_]{2}")  # the bullets of two pages may well stand at the same place
_MARGIN = 0.12  # of the page's height, above and below
_NUMBER_MARGIN = 0.08
_EDGE = 0.05  # of it; printers and typesetters keep this free of running text


def _mark_furniture(pages: list[_Page], body: float) -> None:
    """Marks what stands in the margin of several pages at the same place, page numbers, and lone small print at the
    edge. body: the size of the running text."""

    def edge(page: _Page, piece: _Piece) -> float:
        """How near the end of the page, in its heights; negative at the top."""
        up, down = piece.base - page.bottom, page.top - piece.base
        return (up if up < down else -down) / (page.top - page.bottom)

    def place(page: _Page, piece: _Piece) -> tuple[object, ...]:
        return re.sub(r"\d+", "0", piece.text), round(edge(page, piece) * 500), round(piece.size)

    seen = Counter(where for page in pages for where in {place(page, piece) for piece in page.pieces})
    for page in pages:
        bases = sorted({piece.base for piece in page.pieces})
        crowded = {base for pair in pairwise(bases) if pair[1] - pair[0] < 2.5 * body for base in pair}
        tagged = any(piece.tag for piece in page.pieces)
        lines = set()
        for piece in page.pieces:
            near = abs(edge(page, piece))
            repeated = seen[place(page, piece)] >= max(2, len(pages) / 5) and _WORDS.search(piece.text)
            number = near < _NUMBER_MARGIN and _PAGE_NUMBER.fullmatch(piece.text)
            lone = near < _EDGE and piece.base not in crowded and piece.size < 0.97 * body
            if number or lone or (near < _MARGIN and (repeated or (tagged and not piece.tag))):
                lines.add(piece.base)
        for piece in page.pieces:
            if piece.kind == "paragraph" and piece.base in lines:
                piece.kind = "furniture"


def _columns(pieces: list[_Piece], page: int) -> Iterator[list[_Row]]:
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


def _rows(pieces: list[_Piece], page: int) -> list[_Row]:
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
    return rows


# --- blocks ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A block in the making. row: the number of the table row it is a cell of, else 0."""

    kind: BlockKind
    lines: list[_Piece]
    row: int = 0


_CELL_CHARACTERS = 250  # as on web pages, a longer cell is layout
_HEADING_CHARACTERS = 200
_LARGE = 1.1  # of the body's size
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’)\]]*$")


def _blocks(pages: list[_Page]) -> list[_Draft]:
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

    def add_tagged(self, pieces: list[_Piece]) -> None:
        """The blocks of a page that the file itself tells."""
        by_tag: dict[_Tag, list[_Piece]] = {}
        for piece in pieces:
            if piece.tag and not (piece.tag.is_label and _MARK.fullmatch(piece.text)):
                by_tag.setdefault(piece.tag, []).append(piece)
        for at, (tag, lines) in enumerate(sorted(by_tag.items(), key=lambda one: one[0].number)):
            over = (
                self.drafts[-1] if self.drafts and not at else None
            )  # perhaps it goes on from the last page
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
            tops = [draft for draft in headings if draft.lines[0].size > 0.97 * largest]
        if tops and (len(tops) == 1 or tops[0] is self.drafts[0]):
            tops[0].kind = "title"

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
        mark = _MARK.match(first.text)
        if self.last and self._goes_on(self.last, row, mark):
            self.drafts[-1].lines += row.pieces
        elif mark and (re.match(_DOT, mark[0]) or not self._stands_out(row.main)):
            _cut_mark(first)
            self.drafts.append(_Draft("list_item", row.pieces))
        else:
            self.drafts.append(_Draft("paragraph", row.pieces))

    def _stands_out(self, piece: _Piece) -> bool:
        """Whether it looks like a heading, whose number is part of it."""
        return piece.size > _LARGE * self.size or (piece.bold and not self.bold)

    def _goes_on(self, last: _Row, row: _Row, mark: re.Match[str] | None) -> bool:
        """Whether the row goes on with the block that `last` stands in."""
        draft, above, below = self.drafts[-1], last.main, row.main
        full = _is_full(last, row, last.right)
        if abs(above.size - below.size) > 0.08 * above.size or (above.bold != below.bold and not full):
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


def _cut_mark(piece: _Piece) -> None:
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
        ):  # one more line of a cell, of the row above or, set in its middle, of the row below
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

_BROKEN_WORD = re.compile(r"([^\W_]+)[-\u00ad]$")
_NO_SPACE_AFTER = re.compile(r"\S[-–—/]$")


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
    links: list[_Span] = []
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


def _joined(draft: _Draft, words: _Words) -> tuple[str, list[_Span]]:
    """The lines of a block as one text, and the places of its links in it."""
    text = ""
    links: list[_Span] = []
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
