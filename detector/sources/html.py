"""Web pages: bytes to text, and one walk over the parsed tree that gives text, blocks and links with exact offsets."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, cast
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from detector.document import Block, BlockKind, Document, Link

# --- bytes to characters -----------------------------------------------------------------------------------

_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Python codecs that are no charset of a page, or that are slow or unsafe on hostile bytes.
_NOT_A_CHARSET = {
    "utf-7",
    "idna",
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "mbcs",
    "oem",
}
# What pages mean when they say so (WHATWG Encoding Standard).
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}


def decode(data: bytes, charset: str | None = None) -> str:
    """The characters of a page or text file. Never raises.

    Order of trust: byte order mark, `charset` (the HTTP header), <meta> in the first 4 kB; without any of them valid
    UTF-8 is UTF-8 and everything else windows-1252. A declared charset that the bytes clearly contradict is passed
    over; a UTF-8 character cut off at the very end is tolerated.
    """
    return _decode(data, charset)[0]


def _decode(data: bytes, charset: str | None) -> tuple[str, bool]:
    """The characters, and whether `data` is exactly their UTF-8."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace"), False
    wide = _utf16_without_bom(data)
    if wide:
        return data.decode(wide, "replace"), False
    meta = _META_CHARSET.search(data, 0, 4096)
    for declared in (charset, meta[1].decode("ascii") if meta else None):
        codec = _codec(declared)
        if codec is None or (declared is not charset and codec.startswith("utf-16")):
            continue  # a <meta> that could be read byte by byte is not in UTF-16
        if codec == "utf-8":
            return _utf8(data, lenient=True) or _western(data)
        try:
            return _western(data) if codec == "cp1252" else (data.decode(codec), False)
        except ValueError:  # of which UnicodeError is one
            continue
    return _utf8(data, lenient=False) or _western(data)


def _western(data: bytes) -> tuple[str, bool]:
    return data.decode("cp1252", "replace"), False


def _codec(name: str | None) -> str | None:
    if not name:
        return None
    try:
        found = codecs.lookup(name.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    if found.name in _NOT_A_CHARSET or not found._is_text_encoding:
        return None
    return _MEANT.get(found.name, found.name)


def _utf8(data: bytes, *, lenient: bool) -> tuple[str, bool] | None:
    """`data` as UTF-8, or None. lenient: a few broken bytes among many good characters are replaced."""
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8"), False
    if not lenient:
        return None
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
    return (text, False) if broken <= whole else None


def _utf16_without_bom(data: bytes) -> str | None:
    """UTF-16 is told by its zero bytes: in mostly Western text every second byte is one."""
    head = data[:400]
    if b"\0" not in head or len(head) < 4:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


# --- hostile pages -----------------------------------------------------------------------------------------

_MANY_TAGS = 6000  # below this no nesting can hurt; a page with more has its nesting counted first
_MAX_DEPTH = 256
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>?")
_VOID = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li td tr th option".split()
)


def _limit_nesting(data: bytes) -> bytes:
    """Drops start tags nested too deep: the parser takes quadratic time on 200,000 open <div>."""
    if len(data) < 3 * _MANY_TAGS or data.count(b"<") <= _MANY_TAGS:
        return data
    depth = 0
    kept: list[bytes] = []
    at = 0
    for match in _TAG.finditer(data):
        if match[2].lower() in _VOID:
            continue
        if match[1]:
            depth = max(0, depth - 1)
            continue
        depth += 1
        if depth > _MAX_DEPTH:
            kept.append(data[at : match.start()])
            at = match.end()
    kept.append(data[at:])
    return b" ".join(kept)


# --- the walk ----------------------------------------------------------------------------------------------

_PROBE = LexborHTMLParser("")


def _tag_ids(names: str) -> dict[int, str]:
    return {_PROBE.create_node(name).tag_id: name for name in names.split()}


# What the walk does with an element; everything not named here makes a block of its own, as a browser's div does.
_DROPPED, _INLINE, _ANCHOR, _HOLE, _BREAK, _HEAD, _CONTEXT, _BOX = range(8)
_TEXT_TAG = 2  # lexbor's number for text; 4 is a comment
_ROLE: dict[int, int] = {_TEXT_TAG: _DROPPED, 4: _DROPPED}
_ROLE |= dict.fromkeys(
    _tag_ids(
        "script style template svg noscript iframe object embed canvas audio video math select datalist textarea"
        " input img picture source track map progress meter frameset"
    ),
    _DROPPED,
)
_ROLE |= dict.fromkeys(
    _tag_ids(
        "b i u s em strong span font small big sub sup abbr acronym cite q dfn code kbd samp var mark time label ins"
        " del tt strike bdi bdo data ruby rb rt rp wbr nobr center"
    ),
    _INLINE,
)
_ROLE |= dict.fromkeys(_tag_ids("a"), _ANCHOR)
_ROLE |= dict.fromkeys(_tag_ids("br"), _BREAK)
_HEAD_NAMES = _tag_ids("title meta link base")
_ROLE |= dict.fromkeys(_HEAD_NAMES, _HEAD)
_NAMES = _tag_ids("li dt dd tr td th h1 h2 h3 h4 h5 h6 blockquote pre html body")
_ROLE |= dict.fromkeys(_NAMES, _CONTEXT)
(_HTML,), (_BODY,) = _tag_ids("html"), _tag_ids("body")
_ROOTS = {_HTML, _BODY}

_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|text-indent\s*:\s*-\d{4}"
    r"|(?:left|top)\s*:\s*-\d{4}",
    re.IGNORECASE,
)
_COLOURS = re.compile(r"(?:^|;)\s*(color|background(?:-color)?)\s*:\s*([^;!]+)", re.IGNORECASE)

Attributes = dict[str, str | None]
_Anchor = tuple[str, str]  # href, rel


class _Context(NamedTuple):
    """The boxes that decide what kind of block a text is; 0 where there is none around it."""

    item: int = 0
    row: int = 0
    cell: int = 0
    quote: int = 0
    heading: int = 0
    h1: bool = False
    pre: int = 0
    hidden: int = 0


_NO_CONTEXT = _Context()


# A block as the walk finds it, before furniture is told from main text:
# start, end, kind, box, characters inside links, is a first-level heading.
_Piece = tuple[int, int, BlockKind, int, int, bool]


class _Page:
    """What the walk collects. Boxes are the elements that make blocks (div, li, td); box 0 is the whole page."""

    def __init__(self) -> None:
        self.parts: list[str] = []  # the text, block by block
        self.pieces: list[_Piece] = []
        self.holes: list[Block] = []  # hidden stretches inside blocks
        self.links: list[tuple[int, int, _Anchor]] = []
        self.parents: list[int] = [0]  # of each box
        self.tags: list[int] = [0]
        self.attributes: list[Attributes] = [{}]
        self.title: str | None = None
        self.og_title: str | None = None
        self.base: str | None = None
        self.canonical: str | None = None
        self.language: str | None = None


# Marks the walk leaves between the strings of a block; an opened link is marked by its (href, rel).
_CLOSE_LINK, _OPEN_HOLE, _CLOSE_HOLE, _NEW_LINE, _END = range(5)
_Mark = tuple[int, int | _Anchor]  # how many strings stand before it, and what it is


def _walk(root: LexborNode) -> _Page:  # noqa: C901  one flat loop: calls for each of 2,000 nodes would double its time
    """One pass over the tree, without recursion."""
    page = _Page()
    parents, tags, attributes_of = page.parents, page.tags, page.attributes
    line: list[str] = []  # the strings of the block being read
    marks: list[_Mark] = []
    block = _BlockWriter(page, line, marks)
    write = block.write
    role_of = _ROLE.get
    box = 0
    context = _NO_CONTEXT
    anchor: _Anchor | None = None
    in_hole = False

    stack: list[tuple[LexborNode, int, int, _Context]] = []  # element, its role, box and context around it
    node: LexborNode | None = root
    while node is not None:
        tag = node.tag_id
        while tag == _TEXT_TAG:  # by far the most frequent nodes, most of them white space
            raw = node.text_content or ""
            if not raw.isspace():
                line.append(raw)
            elif line:
                line.append(raw if context.pre else " ")
            following = node.next
            if following is None:
                break
            node = following
            tag = node.tag_id
        role = role_of(tag, _BOX)
        child = None
        if role == _DROPPED:
            pass
        elif role >= _CONTEXT:
            if line or marks:
                write(box, context, anchor, in_hole)
            child = node.child
            if child is not None:
                stack.append((node, role, box, context))
                parents.append(box)
                box = len(tags)
                tags.append(tag)
                attributes = node.attributes
                attributes_of.append(attributes)
                if role == _CONTEXT:
                    context = _within(context, tag, box)
                    if tag == _HTML:
                        page.language = attributes.get("lang") or attributes.get("xml:lang")
                if (
                    ("style" in attributes or "hidden" in attributes or "aria-hidden" in attributes)
                    and not context.hidden
                    and tag not in _ROOTS
                    and _hidden(attributes)
                ):
                    context = context._replace(hidden=box)
        elif role == _INLINE:
            child = node.child
            if child is not None:
                attributes = node.attributes
                if attributes and not in_hole and _hidden(attributes):
                    in_hole = True
                    marks.append((len(line), _OPEN_HOLE))
                    stack.append((node, _HOLE, box, context))
                else:
                    stack.append((node, _INLINE, box, context))
        elif role == _ANCHOR:
            child = node.child
            if child is not None:
                attributes = node.attributes
                href = attributes.get("href")
                if href is not None and anchor is None:
                    anchor = (href, attributes.get("rel") or "")
                    marks.append((len(line), anchor))
                    stack.append((node, _ANCHOR, box, context))
                else:
                    stack.append((node, _INLINE, box, context))
        elif role == _BREAK:
            if line:
                marks.append((len(line), _NEW_LINE))
        elif role == _HEAD:
            _read_head(page, tag, node)

        if child is not None:
            node = child
            continue
        following = node.next
        while following is None and stack:
            node, role, around, context_around = stack.pop()
            if role >= _CONTEXT:
                if line or marks:
                    write(box, context, anchor, in_hole)
                box, context = around, context_around
            elif role == _ANCHOR:
                marks.append((len(line), _CLOSE_LINK))
                anchor = None
            elif role == _HOLE:
                marks.append((len(line), _CLOSE_HOLE))
                in_hole = False
            following = node.next
        node = following
    write(box, context, None, False)
    return page


def _within(context: _Context, tag: int, box: int) -> _Context:
    """The context inside an element that changes it."""
    item, row, cell, quote, heading, h1, pre, hidden = context
    name = _NAMES[tag]
    if name in ("li", "dt", "dd"):
        item = box
    elif name == "tr":
        row = box
    elif name in ("td", "th"):
        cell = box
    elif name == "blockquote":
        quote = box
    elif name == "pre":
        pre = box
    elif tag in _ROOTS:
        return context
    else:
        heading, h1 = box, name == "h1"
    return _Context(item, row, cell, quote, heading, h1, pre, hidden)


def _hidden(attributes: Attributes) -> bool:
    """Whether a reader cannot see the element, as far as its own attributes tell."""
    style = attributes.get("style")
    if style:
        if _HIDING_STYLE.search(style):
            return True
        if "background" in style and "color" in style:
            colours = {name.lower()[:5]: value.strip().lower() for name, value in _COLOURS.findall(style)}
            if len(colours) == 2 and colours["color"] == colours["backg"]:
                return True
    return "hidden" in attributes or attributes.get("aria-hidden") == "true"


def _read_head(page: _Page, tag: int, node: LexborNode) -> None:
    name = _HEAD_NAMES[tag]
    if name == "title":
        page.title = page.title or " ".join(node.text().split()) or None
        return
    attributes = node.attributes
    if name == "meta":
        what, content = attributes.get("property") or attributes.get("name"), attributes.get("content")
        if what == "og:title" and content:
            page.og_title = " ".join(content.split())
        elif what == "og:url" and content:
            page.canonical = page.canonical or content.strip()
    elif name == "base":
        page.base = page.base or attributes.get("href")
    elif (attributes.get("rel") or "").lower() == "canonical" and attributes.get("href"):
        page.canonical = attributes["href"]


# A longer cell is no cell of data but a piece of layout, a longer list item a paragraph.
_CELL_CHARACTERS = 250
_ITEM_CHARACTERS = 600


class _BlockWriter:
    """Turns the strings and marks of one block into text, a piece and its links."""

    def __init__(self, page: _Page, line: list[str], marks: list[_Mark]) -> None:
        self.page = page
        self.line = line
        self.marks = marks
        self.length = 0  # of the text so far
        self.row = self.list = 0  # what the last block belonged to

    def write(self, box: int, context: _Context, anchor: _Anchor | None, in_hole: bool) -> None:
        """Ends the block; an anchor or hidden element that is still open goes on in the next one."""
        line, marks = self.line, self.marks
        links: Sequence[tuple[int, int, _Anchor]] = ()
        holes: Sequence[tuple[int, int]] = ()
        if not line:
            text = ""
        elif context.pre or (marks and not self._one_link()):
            text, links, holes = self._marked(keep_space=context.pre > 0)
        else:
            text = " ".join("".join(line).split())
            if marks:
                links = ((0, len(text), cast(_Anchor, marks[0][1])),)
        if marks:
            marks.clear()
            if anchor:
                marks.append((0, anchor))
            if in_hole:
                marks.append((0, _OPEN_HOLE))
        line.clear()
        if not text:
            return
        size = len(text)
        page = self.page
        if context is _NO_CONTEXT:
            kind: BlockKind = "paragraph"
            row = listing = 0
        else:
            kind, row, listing = self._kind(context, size)
        start = self.length
        if start:
            if row and row == self.row:
                separator = "\t"
            elif listing and listing == self.list:
                separator = "\n"
            else:
                separator = "\n\n"
            page.parts.append(separator)
            start += len(separator)
        self.row, self.list = row, listing
        self.length = end = start + size
        page.parts.append(text)
        linked = 0
        for first, last, to in links:
            linked += last - first
            page.links.append((start + first, start + last, to))
        if holes and kind != "hidden":
            page.holes.extend(Block(start + first, start + last, "hidden") for first, last in holes)
        page.pieces.append((start, end, kind, box, linked, context.h1))

    def _one_link(self) -> bool:
        """Whether the block is one link and nothing else, as most blocks of menus and lists are."""
        marks, line = self.marks, self.line
        if len(marks) != 2 or marks[0][0] or marks[1][1] != _CLOSE_LINK or not isinstance(marks[0][1], tuple):
            return False
        end = marks[1][0]
        return end > 0 and (end == len(line) or (end == len(line) - 1 and line[end] == " "))

    def _kind(self, context: _Context, size: int) -> tuple[BlockKind, int, int]:
        """The kind of the block, and the table row and the list or table it belongs to (0: none)."""
        parents = self.page.parents
        if context.hidden:
            return "hidden", 0, 0
        if context.heading:
            return "heading", 0, 0
        if context.pre:
            return "code", 0, 0
        if context.cell > context.item and size < _CELL_CHARACTERS:
            return "table", context.row, parents[context.row]
        if context.item and size < _ITEM_CHARACTERS:
            return "list_item", 0, parents[context.item]
        return ("quote" if context.quote else "paragraph"), 0, 0

    def _marked(
        self, *, keep_space: bool
    ) -> tuple[str, list[tuple[int, int, _Anchor]], list[tuple[int, int]]]:
        """The block's text with its links and holes; white space is collapsed unless `keep_space`."""
        links: list[tuple[int, int, _Anchor]] = []
        holes: list[tuple[int, int]] = []
        out: list[str] = []
        size = at = 0
        space = ""  # what divides the last word from the next
        link: _Anchor | None = None
        link_at = hole_at = -1  # -1: begins with the next word
        in_hole = False
        for stop, mark in (*self.marks, (len(self.line), _END)):
            raw = "".join(self.line[at:stop])
            at = stop
            words = raw if keep_space else " ".join(raw.split())
            if words:
                if size and not keep_space:
                    space = space or (" " if raw[0].isspace() else "")
                    out.append(space)
                    size += len(space)
                link_at = size if link_at < 0 else link_at
                hole_at = size if hole_at < 0 else hole_at
                out.append(words)
                size += len(words)
                space = " " if raw[-1].isspace() else ""
            elif raw and not space:
                space = " "
            if mark == _NEW_LINE:
                space = "\n"
            elif isinstance(mark, tuple):
                link, link_at = mark, -1
            elif mark == _OPEN_HOLE:
                in_hole, hole_at = True, -1
            if mark in (_CLOSE_LINK, _END) and link:
                if 0 <= link_at < size:
                    links.append((link_at, size, link))
                link = None
            if mark in (_CLOSE_HOLE, _END) and in_hole:
                if 0 <= hole_at < size:
                    holes.append((hole_at, size))
                in_hole = False
        return "".join(out), links, holes


# --- main text or furniture --------------------------------------------------------------------------------

_FURNITURE_TAGS = _tag_ids("nav footer aside button menu dialog")
(_ASIDE,) = _tag_ids("aside")
_PARAGRAPH_TAGS = _NAMES.keys() - _ROOTS | _tag_ids("p").keys()
_FURNITURE_ROLES = frozenset(
    ("navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu", "menubar")
)
_AWAY = re.compile(
    r"nav(?!al)|menu|crumb|foot|side-?bar|cookie|consent|shar(?:e|ing)|social|related|recommend|comment|disqus"
    r"|newsletter|subscri|promo|advert|sponsor|popup|modal|pagin|widget|byline|author|copyright|banner|skip"
    r"|toolbar|rail|outbrain|taboola|trending|popular|login|search|screen-reader|sr-only|visually-?hidden|btn|button|tags?\b",
    re.IGNORECASE,
)
_HERE = re.compile(r"article|body|content|entry|main|page\b|post\b|text\b|story", re.IGNORECASE)


# Tuned on half of the article benchmark, checked on the other half (tests/sources/test_html.py says how).
_PROSE_CHARACTERS = 60  # a block from this length on, with under a third of it in links, reads like prose
_COVERED = 0.75  # the main box is widened until it holds this share of the prose outside furniture
_TOO_LITTLE = 0.1  # a choice that keeps less than this share of the prose was wrong
_SHORT_PAGE = 600  # characters; with less text than this there is nothing to choose from


def _named_furniture(tag: int, attributes: Attributes) -> bool:
    """Whether the element's own tag, role, class or id says that it holds no main text."""
    if tag in _FURNITURE_TAGS:
        return True
    if not attributes:
        return False
    if attributes.get("role") in _FURNITURE_ROLES:
        return True
    name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return len(name) > 1 and _says_furniture(name)


@lru_cache(maxsize=8192)
def _says_furniture(name: str) -> bool:
    name = name[:200]
    return _AWAY.search(name) is not None and _HERE.search(name) is None


class _Sums(NamedTuple):
    """Characters of each box with everything inside it, and of each piece if it reads like prose."""

    sizes: list[int]
    linked: list[int]
    prose: list[int]
    piece_prose: list[int]


def _sums(page: _Page) -> _Sums:
    parents = page.parents
    count = len(parents)
    sizes, linked, prose = [0] * count, [0] * count, [0] * count
    piece_prose = []
    for start, end, kind, box, in_links, _ in page.pieces:
        size = end - start
        sizes[box] += size
        linked[box] += in_links
        if size < _PROSE_CHARACTERS or in_links * 3 >= size or kind == "hidden":
            size = 0
        prose[box] += size
        piece_prose.append(size)
    for k in range(count - 1, 0, -1):  # a box comes after the one around it
        if sizes[k]:
            around = parents[k]
            sizes[around] += sizes[k]
            linked[around] += linked[k]
            prose[around] += prose[k]
    return _Sums(sizes, linked, prose, piece_prose)


def _furniture_boxes(page: _Page, sums: _Sums) -> list[bool]:
    """For each box whether its name, or the name of one around it, says furniture."""
    sizes, prose = sums.sizes, sums.prose
    tags, parents = page.tags, page.parents
    most = 0.5 * prose[0]  # no name makes furniture of what holds most of the page's prose
    asides = sum([prose[k] for k in range(1, len(tags)) if tags[k] == _ASIDE])
    furniture = [False] * len(tags)
    for k in range(1, len(tags)):
        if sizes[k]:
            furniture[k] = furniture[parents[k]] or (
                prose[k] <= most
                and (tags[k] != _ASIDE or asides <= most)
                and _named_furniture(tags[k], page.attributes[k])
            )
    return furniture


def _main_box(page: _Page, sums: _Sums, furniture: list[bool]) -> int:
    """The box that holds the main text; the whole page (0) when there is no prose to tell by.

    As in readability, paragraphs vote for the boxes around them, less from box to box, and links take votes away.
    """
    parents, tags = page.parents, page.tags
    votes = [0.0] * len(parents)
    good = [0] * len(parents)  # prose outside furniture
    for size, piece in zip(sums.piece_prose, page.pieces, strict=True):
        at = piece[3]
        if not size or furniture[at]:
            continue
        good[at] += size
        if tags[at] in _PARAGRAPH_TAGS:  # a paragraph is no container, the box around it is
            at = parents[at]
        share = float(size)
        for _ in range(5):
            votes[at] += share
            if not at:
                break
            share *= 0.8
            at = parents[at]
    voted = [(vote * (1 - sums.linked[k] / sums.sizes[k]), -k) for k, vote in enumerate(votes) if vote]
    if not voted:
        return 0
    for k in range(len(parents) - 1, 0, -1):
        if good[k]:
            good[parents[k]] += good[k]
    best = -max(voted)[1]
    while best and good[best] < _COVERED * good[0]:  # a page in sections has its prose in several boxes
        best = parents[best]
    return best


def _main_text(page: _Page) -> list[bool]:
    """For each piece whether it belongs to the main text."""
    sums = _sums(page)
    furniture = _furniture_boxes(page, sums)
    if sums.sizes[0] < _SHORT_PAGE:
        return [not furniture[box] for _, _, _, box, _, _ in page.pieces]
    main = _main_box(page, sums, furniture)
    inside = [main == 0] * len(page.parents)
    inside[main] = True
    for k in range(main + 1, len(inside)):
        if inside[page.parents[k]]:
            inside[k] = True
    keep = [
        inside[box] and not furniture[box] and linked * 2 <= end - start
        for start, end, _, box, linked, _ in page.pieces
    ]
    kept = sum([size for size, is_main in zip(sums.piece_prose, keep, strict=True) if is_main])
    if kept < _TOO_LITTLE * sums.prose[0]:
        return [size > 0 for size in sums.piece_prose]
    first = keep.index(True) if True in keep else 0
    if first:  # the headings right over the main text may stand in a box of their own
        for k in range(first - 1, max(-1, first - 3), -1):
            start, end, kind, box, linked, _ = page.pieces[k]
            if kind != "heading" or furniture[box] or linked * 2 > end - start:
                break
            keep[k] = True
    return keep


_WHOLE_PAGE = re.compile(rb"<(?:!doctype|html|head|body|title)\b", re.IGNORECASE)


_TEMPLATE_CODE = re.compile(
    r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}"
    r"|@(?:include|extends|section|endsection|yield|stack|push|endpush|csrf|endif|foreach|endforeach)\b(?:\([^()\n]{0,300}\))?"
)


def read_html(
    html: str | bytes,
    *,
    url: str | None = None,
    charset: str | None = None,
    id: str | None = None,
    title: str | None = None,
    careful: bool = False,
) -> Document:
    """A web page as a Document: blocks in page order, furniture and hidden text marked as such, links with offsets.

    html: the page or a fragment of one; bytes are decoded as `decode` says. url: where it was published; without it
    the page's own <base>, canonical link or og:url. id: how results name it; without it the url, else "html".
    title: its title; without it <title>, else og:title.
    """
    if isinstance(html, bytes):
        decoded, is_utf8 = _decode(html, charset)
        data = html if is_utf8 else decoded.encode("utf-8", "replace")
    else:
        data = html.encode("utf-8", "replace")
    root = LexborHTMLParser(_limit_nesting(data)).root
    if root is None:
        return Document(id or url or "html", "", (), url=url, source="html")
    page = _walk(root)
    text = "".join(page.parts)
    # without the tags of a page it is a guest post or an article's body: somebody has taken the page away
    keep = _main_text(page) if _WHOLE_PAGE.search(data) else [True] * len(page.pieces)
    title_at = _title(page.pieces, keep)
    blocks = [
        Block(start, end, kind if kept or kind == "hidden" else "furniture")
        for kept, (start, end, kind, _, _, _) in zip(keep, page.pieces, strict=True)
    ]
    if title_at >= 0:
        blocks[title_at] = Block(blocks[title_at].start, blocks[title_at].end, "title")
    # code of a page template that was published unrendered is nobody's prose
    page.holes += [Block(*m.span(), "code") for m in _TEMPLATE_CODE.finditer(text)]
    if page.holes:
        blocks = sorted(blocks + page.holes, key=lambda b: (b.start, -b.end))
    base = url or page.base or page.canonical
    if base:
        join = _joiner(_join(base, page.base) if page.base else base)
        links = tuple([Link(start, end, join(href), rel) for start, end, (href, rel) in page.links])
    else:
        links = tuple([Link(start, end, href, rel) for start, end, (href, rel) in page.links])
    return Document(
        id or url or "html",
        text,
        tuple(blocks),
        links,
        title=title or page.title or page.og_title,
        url=base,
        language=page.language,
        source="html",
    )


def _title(pieces: list[_Piece], keep: list[bool]) -> int:
    """Index of the piece that is the page's title, or -1."""
    anywhere = -1
    for k, (_, _, kind, _, _, h1) in enumerate(pieces):
        if h1:
            if keep[k]:
                return k
            if anywhere < 0 and kind != "hidden":
                anywhere = k
    return anywhere


def _joiner(base: str) -> Callable[[str], str]:
    """A quick urljoin: most links of a page are absolute or start with a slash."""
    head, mark, rest = base.partition("://")
    scheme, origin = head + ":", head + mark + rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]

    def join(href: str) -> str:
        if href.startswith(("https://", "http://")):
            return href
        if mark and href.startswith("/") and "/." not in href:
            return scheme + href if href.startswith("//") else origin + href
        return _join(base, href.strip())

    return join


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # "http://[" and the like
        return href
