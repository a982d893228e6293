"""Markdown: blocks, links and clean words, with offsets that fit the file. No character is changed.

markdown-it-py and its like give lines, not columns, and rewrite the text; here markup characters become `code` blocks
inside the prose instead. Everything is one or two linear passes, so hostile input costs no more than honest input.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from detector.document import Block, BlockKind, Document, Link
from detector.patterns import regex
from detector.sources.text import Line, lines_of, mark_addresses, with_holes

_FRONT = regex(r"\ufeff?(---|\+\+\+)[ \t]*$")
_FRONT_TITLE = regex(r"^title[ \t]*[:=][ \t]*(.+?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_FENCE = regex(r" {0,3}(`{3,}|~{3,})")
_ATX = regex(r" {0,3}(#{1,6})(?:[ \t]+|$)")
_ATX_CLOSE = regex(r"[ \t]+#+$")
_SETEXT = regex(r" {0,3}(=+|-+)$")
_RULE = regex(r" {0,3}(?:\*[ \t]*){3,}$| {0,3}(?:-[ \t]*){3,}$| {0,3}(?:_[ \t]*){3,}$")
_QUOTE = regex(r" {0,3}>[ \t]?")
_ITEM = regex(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+(?:\[[ xX]\][ \t]+)?|$)")
_DELIMITER_ROW = regex(r"[ \t|:-]*-[ \t|:-]*$")
_DEFINITION = regex(r" {0,3}\[([^\[\]]{1,300})\]:[ \t]*<?([^\s<>]+)>?")
_FOOTNOTE = regex(r" {0,3}\[\^[^\[\]]{1,100}\]:[ \t]*")


class _Prose(NamedTuple):
    start: int
    end: int
    kind: BlockKind
    lines: list[tuple[int, int]]  # line starts to content: quote marks and indents inside the block


def read_markdown(
    text: str, *, url: str | None = None, title: str | None = None, id: str | None = None
) -> Document:
    """Markdown as a Document; `Document.text` is `text` unchanged.

    Markup, front matter, raw HTML, template code and link addresses are `code` blocks, so that they are no words.
    title: the page's title; without it the front matter's. id: how results name it; without it the url, else
    "markdown".
    """
    lines = list(lines_of(text))
    blocks: list[Block] = []
    first, front_title = _front_matter(text, lines, blocks)
    holes: list[tuple[int, int]] = []
    references = _cut_blocks(text, lines, first, blocks, holes)
    links: list[Link] = []
    for block in blocks:
        if block.kind not in ("code", "table"):
            _inline(text, block.start, block.end, references, holes, links)
    return Document(
        id or url or "markdown",
        text,
        with_holes(blocks, holes),
        tuple(sorted(links, key=lambda link: (link.start, link.end))),
        title=title or front_title,
        url=url,
        source="markdown",
    )


def _front_matter(text: str, lines: list[Line], blocks: list[Block]) -> tuple[int, str | None]:
    """The first line after the front matter, and the title it names."""
    head = _FRONT.match(text, lines[0].start, lines[0].end)
    if not head:
        return 0, None
    for k in range(1, len(lines)):
        if text[lines[k].start : lines[k].end] == head[1]:
            inside = text[lines[0].end : lines[k].start]
            if k > 1 and not re.search(r"^[ \t]*[\w\"'.-]+[ \t]*[:=\]]|^[ \t]*[\[#-]", inside, re.MULTILINE):
                return 0, None  # two rules with text between them
            blocks.append(Block(lines[0].start, lines[k].end, "code"))
            named = _FRONT_TITLE.search(inside)
            return k + 1, named[1].strip("\"'") or None if named else None
    return 0, None


def _cut_blocks(  # noqa: C901  one branch for each kind of line, in the order in which Markdown gives them precedence
    text: str, lines: list[Line], first: int, blocks: list[Block], holes: list[tuple[int, int]]
) -> dict[str, str]:
    """Appends the blocks of lines[first:]; returns the link definitions."""
    references: dict[str, str] = {}
    open_at = -1  # start of the paragraph, item or quote being read
    open_end = 0
    open_kind: BlockKind = "paragraph"
    in_list = False
    blank_before = True
    titled = False

    def close() -> None:
        nonlocal open_at
        if 0 <= open_at < open_end:
            blocks.append(Block(open_at, open_end, open_kind))
        open_at = -1

    def heading(start: int, end: int, level: int) -> None:
        nonlocal titled
        if start < end:
            blocks.append(Block(start, end, "title" if level == 1 and not titled else "heading"))
            titled = titled or level == 1

    at = first
    while at < len(lines):
        line = lines[at]
        start, end = line.start, line.end
        at += 1
        if line.blank:
            close()
            blank_before = True
            continue
        indent = len(text[start : line.content].expandtabs(4))
        after_blank, blank_before = blank_before, False
        fence = _FENCE.match(text, start, end)
        if fence:
            close()
            mark = fence[1]
            stop = at
            while stop < len(lines):
                closing = _FENCE.match(text, lines[stop].start, lines[stop].end)
                if closing and closing[1].startswith(mark) and closing.end() == lines[stop].end:
                    break
                stop += 1
            last = min(stop, len(lines) - 1)
            blocks.append(Block(line.content, max(end, lines[last].end), "code"))
            at = stop + 1
            continue
        if text.startswith("<!--", line.content):
            over = text.find("-->", line.content)
            if over < 0:
                over = len(text)  # nothing closes it: everything after is comment, as in a browser
            if over > end:
                close()
                while at < len(lines) and lines[at].start <= over:
                    at += 1
                blocks.append(Block(line.content, max(end, lines[at - 1].end), "code"))
                continue
        if indent >= 4 and open_at < 0 and not in_list and not _ITEM.match(text, start, end):
            blocks.append(Block(line.content, end, "code"))
            continue
        atx = _ATX.match(text, start, end)
        if atx:
            close()
            in_list = False
            closing_marks = _ATX_CLOSE.search(text, atx.end(), end)
            heading(atx.end(), closing_marks.start() if closing_marks else end, len(atx[1]))
            continue
        setext = _SETEXT.match(text, start, end)
        if setext and open_at >= 0 and open_kind == "paragraph":
            open_start, open_stop = open_at, open_end
            open_at = -1
            heading(open_start, open_stop, 1 if setext[1][0] == "=" else 2)
            continue
        if _RULE.match(text, start, end) or (setext and setext[1][0] == "="):
            close()
            continue
        definition = _DEFINITION.match(text, start, end)
        if definition and not definition[1].startswith("^") and open_at < 0:
            references.setdefault(_label(definition[1]), definition[2])
            blocks.append(Block(line.content, end, "code"))
            continue
        if (
            at < len(lines)
            and "|" in text[start:end]
            and "|" in text[lines[at].start : lines[at].end]
            and _DELIMITER_ROW.match(text, lines[at].start, lines[at].end)
        ):
            close()
            while at < len(lines) and not lines[at].blank and "|" in text[lines[at].start : lines[at].end]:
                at += 1
            blocks.append(Block(line.content, lines[at - 1].end, "table"))
            continue
        content = line.content
        kind: BlockKind = "paragraph"
        quote = _QUOTE.match(text, start, end)
        while quote:
            content = quote.end()
            kind = "quote"
            quote = _QUOTE.match(text, content, end)
        if content >= end:
            close()
            continue
        item = _ITEM.match(text, content if kind == "quote" else start, end)
        footnote = _FOOTNOTE.match(text, start, end)
        if item and item.end() < end:
            close()
            open_at, open_kind, in_list = item.end(), "list_item" if kind == "paragraph" else "quote", True
        elif item:
            close()
            in_list = True
            continue
        elif footnote and footnote.end() < end:
            close()
            open_at, open_kind = footnote.end(), "paragraph"
        elif open_at < 0:
            if after_blank and indent == 0:
                in_list = False
            open_at, open_kind = content, kind
        elif kind == "quote" and open_kind != "quote":
            close()
            open_at, open_kind = content, kind
        elif content > start:
            holes.append((start, content))
        open_end = end
    close()
    return references


# --- inside a block ------------------------------------------------------------------------------------------------

_BACKTICKS = regex(r"`+")
_MARKUP = regex(
    r"(?P<escape>\\(?=[!-/:-@\[-`{-~]))"
    r"|(?P<pair><!--|\{\{|\{%)"
    r"|(?P<autolink><(?:https?://|mailto:)[^\s<>]{1,2000}>)"
    r"|(?P<tag></?[A-Za-z][^<>]{0,4000}>)"
    r"|(?P<attributes>\{[:#.][^{}\n]{0,300}\})"
    r"|(?P<shortcode>\[/?[a-z][a-z0-9_-]{2,40}(?:[ \t]+[a-z_-]{1,40}=[^\[\]\n]{0,500})\])"
    r"|(?P<entity>&(?:[a-zA-Z]{2,10}|\#\d{1,6}|\#x[0-9a-fA-F]{1,6});)"
    r"|(?P<footnote>\[\^[^\[\]\s]{1,100}\])"
    r"|(?P<open>!?\[)|(?P<close>\])"
    r"|(?P<marks>\*+|~~+|==+|(?<![^\W_])_+(?=\S)|(?<=\S)_+(?![^\W_]))",
    re.DOTALL,
)
_CLOSERS = {"<!--": "-->", "{{": "}}", "{%": "%}"}
_LONGEST_TEMPLATE = 2000  # characters; what closes later than this was never meant to close this
_TARGET = regex(
    r"\(\s*(?:<(?P<pointed>[^<>\n]{0,2000})>|(?P<plain>[^\s()]{0,2000}(?:\([^\s()]{0,300}\)[^\s()]{0,300}){0,5}))"
    r"(?:\s+(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?\s*\)(?:\{[^{}\n]{0,200}\})?"
)
_REFERENCE = regex(r"[ \t]?\[([^\[\]]{0,300})\]")


def _label(written: str) -> str:
    return " ".join(written.lower().split())


def _inline(
    text: str,
    start: int,
    end: int,
    references: dict[str, str],
    holes: list[tuple[int, int]],
    links: list[Link],
) -> None:
    """Adds the markup of text[start:end] to `holes` and its links to `links`."""
    code = _code_spans(text, start, end)
    found: list[tuple[int, int]] = list(code)
    opened: list[tuple[int, int, bool]] = []  # start and end of "[" or "![", is an image
    closes: dict[str, int] = {}  # where each closer comes next
    next_code = 0
    at = start
    while match := _MARKUP.search(text, at, end):
        while next_code < len(code) and code[next_code][1] <= match.start():
            next_code += 1
        if next_code < len(code) and code[next_code][0] <= match.start():
            at = code[next_code][1]
            continue
        at = match.end()
        group = match.lastgroup
        if group == "open":
            opened.append((match.start(), match.end(), match[0][0] == "!"))
        elif group == "close":
            if opened:
                at = _close_bracket(text, match.start(), end, opened.pop(), references, found, links)
        elif group == "escape":
            found.append(match.span())
            at += 1
        elif group == "pair":
            stop = _end_of_pair(text, match[0], at, end, closes)
            if stop:
                found.append((match.start(), stop))
                at = stop
        elif group == "autolink":
            found.append(match.span())
            if not match[0].startswith("<mailto"):
                links.append(Link(match.start() + 1, match.end() - 1, match[0][1:-1]))
        else:
            found.append(match.span())
    found.sort()
    bare_from = start
    for hole_start, hole_end in [
        *found,
        (end, end),
    ]:  # addresses in code or link targets are no links of their own
        if hole_start > bare_from:
            mark_addresses(text, bare_from, hole_start, holes, links)
        bare_from = max(bare_from, hole_end)
    holes.extend(found)


def _end_of_pair(text: str, opener: str, at: int, end: int, closes: dict[str, int]) -> int:
    """Where a comment or template tag ends, 0 if it does not. Each closer is looked for once, however many openers."""
    closer = _CLOSERS[opener]
    if closes.get(closer, -1) < at:
        place = text.find(closer, at, end)
        closes[closer] = place if place >= 0 else end
    stop = closes[closer] + len(closer)
    return stop if stop <= end and stop - at <= _LONGEST_TEMPLATE else 0


def _close_bracket(
    text: str,
    close: int,
    end: int,
    opener: tuple[int, int, bool],
    references: dict[str, str],
    found: list[tuple[int, int]],
    links: list[Link],
) -> int:
    """Makes a link or image of text[opener:close] if what follows says so; where to read on."""
    open_start, open_end, image = opener
    href: str | None = None
    stop = close + 1
    target = _TARGET.match(text, close + 1, end)
    if target:
        href = target["pointed"] if target["pointed"] is not None else target["plain"]
        stop = target.end()
    else:
        reference = _REFERENCE.match(text, close + 1, end)
        if reference:
            label = reference[1] or text[open_end : min(close, open_end + 300)]
            href = references.get(_label(label))
            stop = reference.end()
        if href is None and close - open_end <= 300:
            href = references.get(_label(text[open_end:close]))
            stop = close + 1
    if href is None:
        return close + 1
    if image:
        found.append((open_start, stop))
    else:
        found += [(open_start, open_end), (close, stop)]
        if open_end < close:
            links.append(Link(open_end, close, href))
    return stop


def _code_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """`code`: each run of backticks with the next run of the same length."""
    runs = [m.span() for m in _BACKTICKS.finditer(text, start, end)]
    later: dict[int, list[int]] = {}
    for k in range(len(runs) - 1, -1, -1):
        later.setdefault(runs[k][1] - runs[k][0], []).append(k)
    spans: list[tuple[int, int]] = []
    k = 0
    while k < len(runs):
        same = later[runs[k][1] - runs[k][0]]
        while same and same[-1] <= k:
            same.pop()
        if same:
            spans.append((runs[k][0], runs[same[-1]][1]))
            k = same[-1]
        k += 1
    return spans
