"""A Word document made from a document's text: headings, lists, quotes, tables and links as Word has them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.table import CT_Tbl
from docx.shared import Inches, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from detector.document import PROSE, Block, Document, Link
from detector.errors import SourceError
from detector.report.layout import one_line
from detector.report.word.file import Remark, WordFile
from detector.report.word.places import Stretch, fit

_STYLES = {"title": "Title", "heading": "Heading 2", "list_item": "List Bullet", "quote": "Quote"}
_ROWS, _COLUMNS = 200, 20  # of a table; a larger one becomes paragraphs
_MOST = 200_000  # paragraphs and links of a file
_LONGEST_RUN = 1_000_000  # characters; a text of ten times as many is refused by parsers of XML
_LINKS = 1_000  # different addresses that become links
_LONGEST_LINK = 2_000  # characters
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_GREY, _BLUE = RGBColor(0x80, 0x80, 0x80), RGBColor(0x05, 0x63, 0xC1)
_CELL = re.compile(r"[^|\n]*[^|\s][^|\n]*")
_DASHES = re.compile(r"[\s|:-]*")


def make(document: Document, remarks: Sequence[Remark], author: str) -> tuple[WordFile, list[Stretch]]:
    """A file of the document's blocks, and the stretches of `Document.text` that stand in it, in their order.

    Furniture and hidden text are left out but where a remark is about them. Raises SourceError for too many blocks.
    """
    too_many = (
        f"{document.id}: has more than the limit of paragraphs, cells and links of a Word file; split it."
    )
    if len(document.blocks) + len(document.links) > _MOST:
        raise SourceError(too_many)
    writer = _Writer(document, remarks, author)
    try:
        file = WordFile(writer.save(), document.id)
    except SourceError as error:  # its own limits, of elements and of bytes
        raise SourceError(too_many) from error
    del file.pieces[: writer.titled]  # a title from elsewhere is no part of the text
    return file, writer.written


class _Writer:
    """Writes blocks. written: see `make`. titled: begins with a title that is no part of the text."""

    def __init__(self, document: Document, remarks: Sequence[Remark], author: str) -> None:
        self._docx = docx.Document()
        self._body: Any = self._docx.element.body
        self._styles = {style.name: style.style_id for style in self._docx.styles}
        about = self._docx.core_properties
        about.title, about.author, about.comments = fit(document.title or "")[:255], fit(author)[:255], ""
        self._document = document
        self._markup = document.source == "markdown"
        self._starts = sorted(remark.start for remark in remarks)
        self._ends = sorted(remark.end for remark in remarks)
        self._links = sorted(document.links, key=lambda link: (link.start, link.end))
        self._link_starts = [link.start for link in self._links]
        self._addresses: dict[str, str] = {}
        self._holes: list[Block] = []
        outer: list[Block] = []
        for block in document.blocks:
            (self._holes if outer and block.start < outer[-1].end else outer).append(block)
        self._hole_starts = [hole.start for hole in self._holes]
        self.written: list[Stretch] = []
        title = one_line(document.title or "")
        self.titled = bool(title) and all(block.kind != "title" for block in outer)
        if self.titled:
            self._paragraph("Title").add_run(fit(title))
        self._write(outer)

    def save(self) -> bytes:
        """The document as a file."""
        self._body.append(self._body.sectPr)
        file = BytesIO()
        self._docx.save(file)
        return file.getvalue()

    def _write(self, blocks: Sequence[Block]) -> None:
        text = self._document.text
        rows: list[list[Stretch]] = []
        end = 0
        for block in blocks:
            between = text[end : block.start]
            if block.kind != "table" or self._markup or "\n\n" in between:
                self._table(rows)
                rows = []
            if block.kind == "table" and self._markup:
                self._table(_markdown_rows(text, block))
            elif block.kind == "table":
                if not rows or "\n" in between:
                    rows.append([])
                rows[-1].append((block.start, block.end))
            elif self._is_shown(block):
                paragraph = self._paragraph(_STYLES.get(block.kind, "Normal"))
                for start, stop in self._without_markup(block):
                    self._runs(paragraph, start, stop, grey=block.kind in ("furniture", "hidden"))
            end = block.end
        self._table(rows)

    def _paragraph(self, style: str) -> Paragraph:
        """A new paragraph at the end. (`add_paragraph` looks through all others each time.)"""
        element = self._body.makeelement(qn("w:p"))
        element.style = self._styles[style]
        self._body.append(element)
        return Paragraph(element, self._docx._body)

    def _is_shown(self, block: Block) -> bool:
        if block.kind in PROSE or (block.kind == "code" and not self._markup):
            return True
        return bisect_left(self._starts, block.end) > bisect_right(self._ends, block.start)

    def _without_markup(self, block: Block) -> Iterator[Stretch]:
        """The block, of Markdown without its marks; inline code, entities and addresses stay."""
        at = block.start
        for hole in self._holes_in(block.start, block.end) if self._markup else ():
            yield at, hole.start
            inside = self._document.text[hole.start : hole.end]
            if inside.startswith("`"):
                ticks = len(inside) - len(inside.lstrip("`"))
                yield hole.start + ticks, hole.end - ticks
            elif inside.startswith("&"):
                yield hole.start, hole.end
            else:
                for link in self._links_in(hole.start, hole.end):
                    if hole.start <= link.start and link.end <= hole.end:
                        yield link.start, link.end
            at = hole.end
        yield at, block.end

    def _holes_in(self, start: int, end: int) -> list[Block]:
        return self._holes[bisect_left(self._hole_starts, start) : bisect_left(self._hole_starts, end)]

    def _links_in(self, start: int, end: int) -> list[Link]:
        first = max(0, bisect_left(self._link_starts, start) - 1)
        links = self._links[first : bisect_left(self._link_starts, end)]
        return [link for link in links if link.end > start]

    def _table(self, rows: Sequence[Sequence[Stretch]]) -> None:
        columns = max(map(len, rows), default=0)
        if 0 < columns <= _COLUMNS and len(rows) <= _ROWS:
            element = CT_Tbl.new_tbl(len(rows), columns, Inches(6))
            self._body.append(element)
            table = Table(element, self._docx._body)
            table.style = "Table Grid"
            for line, row in zip(table.rows, rows, strict=True):
                for cell, (start, end) in zip(line.cells, row, strict=False):
                    self._runs(cell.paragraphs[0], start, end)
            return
        for row in rows:
            paragraph = self._paragraph("Normal")
            for start, end in row:
                self._runs(paragraph, start, end)
                paragraph.add_run("\t")

    def _runs(self, paragraph: Any, start: int, end: int, *, grey: bool = False) -> None:
        """Writes text[start:end], its links as links and what is hidden in it grey."""
        links = self._links_in(start, end)
        hidden = [hole for hole in self._holes_in(start, end) if hole.kind == "hidden"]
        hidden_starts = [hole.start for hole in hidden]
        edges = {edge for link in links for edge in (link.start, link.end)}
        edges |= {edge for hole in hidden for edge in (hole.start, hole.end)}
        edges.update(range(start, end, _LONGEST_RUN))
        inside = (edge for edge in edges if start < edge < end)
        for first, last in pairwise(sorted({start, end, *inside})):
            words = self._document.text[first:last]
            run = paragraph.add_run(fit(re.sub(r"\s*\n\s*", " ", words) if self._markup else words))
            self.written.append((first, last))
            at = bisect_right(hidden_starts, first) - 1
            if grey or (at >= 0 and first < hidden[at].end):
                run.font.color.rgb = _GREY
            for link in self._links_in(first, first + 1):
                if link.start <= first < link.end:
                    self._link(run, link.href.strip())
                    break

    def _link(self, run: Any, href: str) -> None:
        """Makes a run a link, where the address is one of the web or of mail."""
        if not _ADDRESS.fullmatch(href) or len(href) > _LONGEST_LINK or fit(href) != href:
            return
        if href not in self._addresses:
            if len(self._addresses) == _LINKS:
                return
            self._addresses[href] = run.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        run.font.underline, run.font.color.rgb = True, _BLUE
        element = run._r
        link = element.makeelement(qn("w:hyperlink"), {qn("r:id"): self._addresses[href]})
        element.addprevious(link)
        link.append(element)


def _markdown_rows(text: str, table: Block) -> list[list[Stretch]]:
    """The cells of a Markdown table, line by line, without the line of dashes."""
    lines = [line.span() for line in re.compile(r"[^\n]+").finditer(text, table.start, table.end)]
    return [
        [cell.span() for cell in _CELL.finditer(text, *line)]
        for line in lines
        if not _DASHES.fullmatch(text, *line)
    ]
