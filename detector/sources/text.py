"""Plain text: blocks, headings, list items and links found in the text as it stands. No character is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from detector.document import PROSE, Block, BlockKind, Document, Link
from detector.patterns import regex

_NEWLINE = regex(r"\r\n|\n|\r")
LIST_MARKER = regex(r"[ \t]*(?:[-*+•‣▪◦·–]|\(?\d{1,3}[.)]|\(?[a-zA-Z][)])[ \t]+(?=\S)")
_TABLE_LINE = regex(r"\s*\||[^|]+\|[^|]+\||[^\t]*\S\t+\S[^\t]*\t+\S")
_SENTENCE_CLOSED = regex(r"[.!?;,…][\"'”’)\]]*$")
_FIRST_WORD = regex(r"\S+")
_FIRST_LETTER = regex(r"[^\W_]")

# Longest line that can be the work of a hard wrap; longer lines are whole paragraphs.
_WIDEST_WRAP = 120
_HEADING_WORDS = 14
# So many heading-like lines in a row are a list without markers.
_RUN_OF_LINES = 4


class Line(NamedTuple):
    """text[start:end] without its line break; `content` is where its first visible character stands."""

    start: int
    content: int
    end: int  # after the last visible character

    @property
    def blank(self) -> bool:
        return self.content >= self.end


def lines_of(text: str) -> Iterator[Line]:
    """The lines of `text`, whatever its line breaks."""
    start = 0
    for found in _NEWLINE.finditer(text):
        yield _line(text, start, found.start())
        start = found.end()
    yield _line(text, start, len(text))


def _line(text: str, start: int, stop: int) -> Line:
    raw = text[start:stop]
    content = len(raw) - len(raw.lstrip())
    return Line(start, start + content, start + max(content, len(raw.rstrip())))


def read_text(
    text: str, *, url: str | None = None, title: str | None = None, id: str | None = None
) -> Document:
    """Plain text as a Document; `Document.text` is `text` unchanged.

    `[anchor](address)` counts as a link; addresses and e-mail addresses are taken out of the words by `code` blocks.
    id: how results name it; without it the url, else "text".
    """
    blocks = _headings(text, list(_blocks(text)))
    holes: list[tuple[int, int]] = []
    links: list[Link] = []
    at = 0
    for start, address, end, href in _written_links(text):
        mark_addresses(text, at, start, holes, links)
        links.append(Link(start + 1, address, href))
        holes += [(start, start + 1), (address, end)]
        at = end
    mark_addresses(text, at, len(text), holes, links)
    return Document(
        id or url or "text",
        text,
        with_holes(blocks, holes),
        tuple(links),
        title=title,
        url=url,
        source="text",
    )


def _blocks(text: str) -> Iterator[Block]:
    chunk: list[Line] = []
    for line in chain(lines_of(text), [Line(len(text), len(text), len(text))]):
        if not line.blank:
            chunk.append(line)
        elif chunk:
            yield from _chunk_blocks(text, chunk)
            chunk = []


def _chunk_blocks(text: str, chunk: list[Line]) -> Iterator[Block]:
    """The blocks of lines that no blank line divides."""
    width = max(line.end - line.start for line in chunk)
    wrapped = width <= _WIDEST_WRAP
    at = 0
    while at < len(chunk):
        first = chunk[at]
        stop = at + 1
        kind: BlockKind = "paragraph"
        start = first.content
        marker = LIST_MARKER.match(text, first.start, first.end)
        if _TABLE_LINE.match(text, first.start, first.end):
            kind = "table"
            while stop < len(chunk) and _TABLE_LINE.match(text, chunk[stop].start, chunk[stop].end):
                stop += 1
        else:
            if marker:
                kind, start = "list_item", marker.end()
            while stop < len(chunk) and wrapped and _continues(text, chunk[stop - 1], chunk[stop], width):
                stop += 1
        yield Block(start, chunk[stop - 1].end, kind)
        at = stop


def _continues(text: str, line: Line, following: Line, width: int) -> bool:
    """Whether a hard wrap, and not the writer, divides the two lines."""
    if LIST_MARKER.match(text, following.start, following.end) or _TABLE_LINE.match(
        text, following.start, following.end
    ):
        return False
    word = _FIRST_WORD.match(text, following.content, following.end)
    room = width - (line.end - line.start)
    fits = word is not None and word.end() - word.start() + 1 <= room
    if not fits:
        return True
    if _SENTENCE_CLOSED.search(text, max(line.start, line.end - 8), line.end):
        return False
    return text[following.content].islower()


def _headings(text: str, blocks: list[Block]) -> list[Block]:
    """Gives short lines that stand over text the kind heading, the first of them before any prose title."""
    like = [b.kind == "paragraph" and _looks_like_heading(text, b) for b in blocks]
    found: list[Block] = []
    prose_seen = title_seen = False
    at = 0
    while at < len(blocks):
        stop = at
        while stop < len(blocks) and like[stop]:
            stop += 1
        run = range(at, stop)
        listing = len(run) >= _RUN_OF_LINES
        for k in run:
            block = blocks[k]
            stands_over = k + 1 < len(blocks)
            is_title = not prose_seen and not title_seen and k == at
            if stands_over and (is_title or not listing or k == stop - 1):
                title_seen = title_seen or is_title
                block = Block(block.start, block.end, "title" if is_title else "heading")
            found.append(block)
        if stop < len(blocks):
            found.append(blocks[stop])
            prose_seen = True
        at = stop + 1
    return found


def _looks_like_heading(text: str, block: Block) -> bool:
    if block.end - block.start > 150:
        return False
    line = text[block.start : block.end]
    if _NEWLINE.search(line) or len(line.split()) > _HEADING_WORDS or _SENTENCE_CLOSED.search(line):
        return False
    letter = _FIRST_LETTER.search(line)
    return letter is not None and not letter[0].islower() and "](" not in line and "://" not in line


# --- links and addresses written in running text, shared with Markdown ---------------------------------------------

_WRITTEN_LINK = regex(
    r"\[([^\[\]\r\n]{1,300})\]\([ \t]*([^\s()<>]{1,2000}(?:\([^\s()<>]{0,300}\)[^\s()<>]{0,300})?)[ \t]*\)"
)
_ADDRESS = regex(r"(?<![^\W_])(?:https?://|www\.)[^\s<>\"“”\[\]{}|\\^`]+", re.IGNORECASE)
_MAIL_BEFORE = regex(r"[\w.+%-]+$")
_MAIL_AFTER = regex(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")


def _written_links(text: str) -> Iterator[tuple[int, int, int, str]]:
    """(position of "[", position of "]", end of ")", address) of each [anchor](address)."""
    if "](" in text:
        for match in _WRITTEN_LINK.finditer(text):
            yield match.start(), match.end(1), match.end(), match[2]


def mark_addresses(text: str, start: int, end: int, holes: list[tuple[int, int]], links: list[Link]) -> None:
    """Adds a hole for every bare web or e-mail address in text[start:end], and a Link for every web address."""
    for match in _ADDRESS.finditer(text, start, end):
        written = match[0].rstrip(".,;:!?'’*_~")
        if written.endswith(")") and written.count("(") < written.count(")"):
            written = written.rstrip(").,;:!?'’*_~")
        if len(written) < 5:
            continue
        stop = match.start() + len(written)
        holes.append((match.start(), stop))
        links.append(Link(match.start(), stop, written if "://" in written else "http://" + written))
    at = text.find("@", start, end)
    while at >= 0:
        after = _MAIL_AFTER.match(text, at + 1, end)
        if after:
            window = max(start, at - 64)
            before = _MAIL_BEFORE.search(text[window:at])
            if before:
                holes.append((window + before.start(), after.end()))
        at = text.find("@", at + 1, end)


def with_holes(blocks: list[Block], holes: list[tuple[int, int]]) -> tuple[Block, ...]:
    """`blocks` with a nested `code` block for every hole inside prose, in the order of the text."""
    if not holes:
        return tuple(blocks)
    merged: list[list[int]] = []
    for start, end in sorted(holes):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        elif end > start:
            merged.append([start, end])
    found: list[Block] = []
    at = 0
    for block in blocks:
        found.append(block)
        if block.kind not in PROSE:
            continue
        while at < len(merged) and merged[at][1] <= block.start:
            at += 1
        k = at
        while k < len(merged) and merged[k][0] < block.end:
            start, end = max(merged[k][0], block.start), min(merged[k][1], block.end)
            if start < end:
                found.append(Block(start, end, "code"))
            k += 1
    return tuple(found)
