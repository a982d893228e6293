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
from functools import cached_property
from math import hypot
from pathlib import Path
from typing import Any, NamedTuple

from detector.document import Block, BlockKind, Document, Link
from detector.errors import SourceError
from detector.patterns import regex
from detector.sources.pdf_layout import Page, Piece, Span, Tag, laid_out

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
        answer: dict[str, object] = {"title": title} | laid_out(pages)
    except SourceError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


# --- letters on pages --------------------------------------------------------------------------------------
# Units are points; y grows upwards; pages are turned as the reader sees them.

_Area = tuple[float, float, float, float]  # left, bottom, right, top


class _Style(NamedTuple):
    """What the letters of one text object share."""

    size: float
    bold: bool
    kind: BlockKind  # hidden and furniture for sure, else paragraph
    unseen: bool  # drawn without ink, as the words under a scanned page are
    tag: Tag | None


class _Letter(NamedTuple):
    text: str
    left: float
    right: float
    base: float  # the height it stands on
    apart: bool  # PDFium sees a space or a new line before it
    kind: BlockKind
    style: _Style


_MADE_UP_TITLE = regex(
    r"untitled.*|\(?(?:anonymous|unspecified)\)?|microsoft (?:word|powerpoint|office).*|powerpoint presentation"
    r"|(?:document|slide|page|title) ?\d*|about:.*|\w+://.*|.*\.(?:docx?|odt|rtf|pdf|html?|md|txt|tex|indd|pages|pptx?)",
    re.IGNORECASE,
)
_BOLD_NAME = regex(r"bold|black|heavy|demi", re.IGNORECASE)
_LIGATURES = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", "ff fi fl ffi ffl st st".split(), strict=True))
_UNKNOWN = frozenset(map(chr, [*range(32), *range(0x7F, 0xA0), *range(0xE000, 0xF900), 0xFFFD]))
_WHITE = 250  # of 255, in red, green and blue
_TREE_DEPTH = 100  # real trees have about ten levels
_TAGS: dict[str, BlockKind] = {
    "P": "paragraph", "Div": "paragraph", "Caption": "paragraph", "BlockQuote": "quote",
    "LI": "list_item", "LBody": "list_item", "TD": "table", "TH": "table",
}  # fmt: skip


def _read(data: bytes) -> tuple[list[Page], str | None]:
    """The letters of all pages, and the title. Raises SourceError without the name of the file."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise SourceError("is protected by a password; save it without") from error
        if error.err_code == pypdfium2.raw.FPDF_ERR_SUCCESS:
            raise SourceError(f"has no pages; {_NEW_COPY}") from error
        raise SourceError(f"damaged, or protected in an unknown way; {_NEW_COPY}") from error
    if len(pdf) > _PAGES:
        raise SourceError(f"has {len(pdf)} pages, more than the limit of {_PAGES}; split it")
    pages: list[Page] = []
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
    title = ""
    with suppress(UnicodeDecodeError):
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

    def read(self) -> Page:
        letters = self._letters()
        unseen = sum(letter.style.unseen for letter in letters)
        if unseen < len(letters) and not (2 * unseen > len(letters) and self.has_pictures()):
            letters = [one._replace(kind="hidden") if one.style.unseen else one for one in letters]
        links = list(self._links())
        pieces: list[Piece] = []
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
        return Page(self.area[1], self.area[3], pieces)

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
    def _tags(self) -> dict[int, Tag]:
        """What the structure tree says of the page's marked content, by its number."""
        raw = self.raw
        found: dict[int, Tag] = {}
        tree = raw.FPDF_StructTree_GetForPage(self.page)
        if not tree:
            return found
        name = ctypes.create_string_buffer(64)
        count = raw.FPDF_StructTree_CountChildren(tree)
        waiting = [(raw.FPDF_StructTree_GetChildAtIndex(tree, at), Tag(), 0) for at in reversed(range(count))]
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


def _within(around: Tag, name: str, number: int) -> Tag:
    """The tag of what stands in an element called `name`, itself inside `around`."""
    if around.level:
        return around
    if re.fullmatch(r"H[1-6]?|Title", name):
        return Tag("heading", number, level=int(name[1:]) if name[1:].isdigit() else 1)
    if name == "TR":
        return around._replace(row=number)
    if name == "Lbl":
        return around._replace(number=number, is_label=True)
    kind = _TAGS.get(name)
    if kind is None:
        return around
    if kind == "paragraph":
        return around._replace(number=number)
    return Tag(kind, number, around.row if kind == "table" else 0)


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


def _piece(run: list[_Letter], links: list[tuple[_Area, str]]) -> list[Piece]:
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
    found: list[Span] = []
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
    return [Piece(text, left, right, base, size, bold, first, kind, tag, [s for s in spans if s[0] < s[1]])]


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


if __name__ == "__main__":
    _serve()
