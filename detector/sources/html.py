"""Web pages: one walk over the parsed tree that gives text, blocks and links with exact offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from itertools import accumulate, islice
from typing import NamedTuple, cast
from urllib.parse import urljoin

import numpy as np
from selectolax.lexbor import LexborHTMLParser, LexborNode

from detector.document import Block, BlockKind, Document, Link
from detector.sources.charset import characters

# --- hostile pages -----------------------------------------------------------------------------------------

_MANY_TAGS = 10_000  # below this no nesting can hurt; a page with more has its nesting counted first
_MAX_DEPTH = 256
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>?")
_WINDOW = 4096  # bytes; a tag that goes on for one may have thousands of attributes
_LONG_TAG = re.compile(rb"<[a-zA-Z][a-zA-Z0-9]{0,30}([^<>]*)")
_MANY_ATTRIBUTES = 1000
_VOID = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li td tr th option".split()
)
# The "/" or first letter of every tag that nests.
_NESTING = re.compile(rb"<(?=/?[a-zA-Z])(?!/?(?i:%s)(?![a-zA-Z0-9]))(.)" % b"|".join(sorted(_VOID)))


def _tamed(data: bytes) -> bytes:
    """Without start tags nested too deep and attributes beyond number: the parser takes quadratic time on either."""
    data = _without_crowds(data)
    if (
        len(data) < 3 * _MANY_TAGS
        or np.count_nonzero(np.frombuffer(data, np.uint8) == ord("<")) <= _MANY_TAGS
        or _deepest(data) <= _MAX_DEPTH
    ):
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


def _deepest(data: bytes) -> int:
    """How many elements at most are open at once."""
    first = np.frombuffer(b"".join(_NESTING.findall(data)), np.uint8)
    open_ = np.cumsum(np.where(first == ord("/"), -1, 1))
    surplus = np.minimum(np.minimum.accumulate(open_), 0)  # end tags that close nothing
    return int((open_ - surplus).max(initial=0))


def _without_crowds(data: bytes) -> bytes:
    """Takes the attributes from tags that have very many; only tags that go on for a whole window are looked at."""
    kept: list[bytes] = []
    done = 0
    for at in range(_WINDOW, len(data), _WINDOW):
        if data.find(b">", at, at + _WINDOW) >= 0 or data.find(b"<", at, at + _WINDOW) >= 0:
            continue
        start = data.rfind(b"<", at - _WINDOW, at)
        if start <= data.rfind(b">", at - _WINDOW, at) or not (tag := _LONG_TAG.match(data, start)):
            continue
        if sum(map(tag[1].count, (b" ", b"\n", b"\t", b"/", b'"', b"'"))) > 2 * _MANY_ATTRIBUTES:
            kept.append(data[done : tag.start(1)])
            done = tag.end()
    return b"".join([*kept, data[done:]]) if kept else data


# --- what a reader sees ------------------------------------------------------------------------------------

_PROBE = LexborHTMLParser("")


def _tag_ids(names: str) -> dict[int, str]:
    return {_PROBE.create_node(name).tag_id: name for name in names.split()}


Attributes = dict[str, str | None]

# The colon comes first, so that a search can leap from one to the next, then what a value that hides begins with.
_HIDING = re.compile(
    r":(?=\s*[nh0ric-])(?:(?<=display:)\s*none|(?<=visibility:)\s*hidden|(?<=opacity:)\s*0(?![.\d]*[1-9])|(?<=left:)\s*-\d{4}"
    r"|(?<=top:)\s*-\d{4}|(?<=text-indent:)\s*-\d{3}|(?<=font-size:)\s*0(?![.\d]*[1-9])|(?<=clip:)\s*rect\(\s*[01]"
    r"|(?<=clip-path:)\s*(?:inset\((?:50|100)%|circle\(0)|(?<![\w-]height:)(?<=height:)\s*0(?:px)?\s*(?:[;!}]|$))"
)
_PLAIN_COLOUR = (
    r"\s*(#[0-9a-f]{3,8}|rgba?\([^)]{5,40}\)|(?!inherit|initial|transparent|none)[a-z]{3,25})\s*(?:[;!}]|$)"
)
_BACKGROUND = re.compile(r"background(?:-color)?:" + _PLAIN_COLOUR)
_TEXT_COLOUR = re.compile(r"(?<![\w-])color:" + _PLAIN_COLOUR)
_MOVING = re.compile(r"transition|transform|animation|will-change")


def _hides(style: str, *, shy: bool = False) -> bool:
    """Whether declarations, in lower case and without space before colons, keep a text from the reader.

    shy: opacity does not count, which mostly waits for a script to show the text.
    """
    for found in _HIDING.finditer(style):
        what = style[max(0, found.start() - 4) : found.start()]
        if (shy and what == "city") or (what in ("city", "lity") and _MOVING.search(style)):
            continue  # opacity or visibility of what fades in when the reader comes to it
        if what == "ight" and "overflow" not in style:
            continue  # what is higher than its box shows all the same, unless it is cut off
        return True
    if "background" not in style:
        return False
    background, colour = _BACKGROUND.search(style), _TEXT_COLOUR.search(style)
    return background is not None and colour is not None and background[1] == colour[1]


_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE_SELECTOR = re.compile(r"[.#]?-?[a-zA-Z_][\w-]*")
_SHOWING = re.compile(
    r"display:\s*(?!none)|visibility:\s*visible|opacity:\s*(?:1|0?\.[1-9])|(?:left|top|height|clip|font-size|text-indent):"
)


class _Sheet:
    """What the page's own <style> elements hide by rules for a single class, id or tag, and show nowhere else."""

    def __init__(self) -> None:
        self.parts: list[_Rules] = []
        self.classes: set[str] = set()  # names in rules that hide
        self.ids: set[str] = set()
        self.tags: set[int] = set()
        self.hides_any = False
        self.innocent: set[str | None] = {None}  # class attributes without such a name
        self.known: dict[str, bool] = {}  # names that have been looked up
        self.looks = 0  # through one sheet each

    def add(self, css: str) -> None:
        """Reads one more <style> element."""
        if len(css) > _SHEET_CHARACTERS:
            return
        part = _Rules(css)
        self.parts.append(part)
        self.known.clear()
        if hidden := part.hidden():
            self.hides_any = True
            self.classes.update([name[1:] for name in hidden if name[0] == "."])
            self.ids.update([name[1:] for name in hidden if name[0] == "#"])
            self.tags.update([tag for tag, name in _STYLED.items() if name in hidden])
            self.innocent.intersection_update({None})

    def names(self, tag: int, attributes: Attributes) -> list[str]:
        """What an element is called in rules that hide."""
        names: list[str] = []
        if (called := attributes.get("class")) not in self.innocent:
            classes = (called or "").split()
            if self.classes.isdisjoint(classes):
                self.innocent.add(called)
            else:
                names = ["." + name for name in classes if name in self.classes]
        if (id := attributes.get("id")) in self.ids:
            names.append(f"#{id}")
        if tag in self.tags:
            names.append(_STYLED[tag])
        return names

    def hides(self, name: str) -> bool:
        """Whether a rule for all screens hides the name and no other shows it, as for a script or a small screen."""
        if name not in self.known:
            says: set[bool] = set()
            if len(self.known) < _LOOK_UPS and self.looks < _LOOKS:
                self.looks += len(self.parts)
                says = {hidden for part in self.parts for hidden in part.say(name)}
            self.known[name] = says == {True}
        return self.known[name]


class _Rules:
    """The rules of one <style> element."""

    def __init__(self, css: str) -> None:
        css = css.encode("latin-1", "replace").decode("latin-1")  # much faster to search
        css = _COMMENT.sub("", css) if "/*" in css else css
        self.text = css.replace(" :", ":") if " :" in css else css

    @cached_property
    def rules(self) -> list[str]:
        return self.text.split("}")

    @cached_property
    def ends(self) -> list[int]:
        """Where the rules end in the text."""
        return list(accumulate([len(rule) + 1 for rule in self.rules]))

    @cached_property
    def opened(self) -> list[int]:
        """For each rule how many braces are open in it: 2 inside @media."""
        counts = [rule.count("{") for rule in self.rules]
        return [total - k for k, total in enumerate(accumulate(counts))]

    def hidden(self) -> set[str]:
        """The names that rules hide."""
        places = [match.start() for match in _HIDING.finditer(self.text)]
        rules = {bisect_right(self.ends, place) for place in places}
        for match in _BACKGROUND.finditer(self.text):  # hides words of the same colour
            k = bisect_right(self.ends, match.start())
            if self.rules[k].count(match[1]) > 1:
                rules.add(k)
        return {name for k in rules for name in _hidden_names(self.rules[k])}

    def say(self, name: str) -> Iterator[bool]:
        """For each rule about the name True if it hides it, False if it shows it; others are passed over."""
        at = self.text.find(name)
        while at >= 0:
            end = at + len(name)
            if not _NAME_GOES_ON.match(self.text, end) and (
                name[0] in ".#" or self.text[at - 1 : at] in _APART
            ):
                k = bisect_right(self.ends, at)
                selectors, _, style = self.rules[k].rpartition("{")
                if name in _hidden_names(self.rules[k]):
                    if self.opened[k] == 1:
                        yield True
                elif _SHOWING.search(style) and any(name in part for part in _styled(selectors)):
                    yield False
            at = self.text.find(name, end)


_APART = {"", " ", "\n", "\t", ",", ">", "}", "+", "~"}  # what stands before the name of a tag
_NAME_GOES_ON = re.compile(r"[\w-]")


def _styled(selectors: str) -> list[str]:
    """Of each selector what it says about the element itself, without those around it."""
    return ["".join(part.replace(">", " ").split()[-1:]) for part in selectors.split(",")]


_SHEET_CHARACTERS = 20_000  # a longer <style> element is compiled for a whole site: nobody hides words in it
_LOOK_UPS = 200  # names a page; each takes a look through all sheets
_LOOKS = 20_000  # a page; one with a sheet for every paragraph would take the square of them
_STYLED = _tag_ids("a b i p u em li ul ol div font span small strong section h1 h2 h3 h4 h5 h6")


def _hidden_names(rule: str) -> list[str]:
    """The single classes (".x"), ids ("#x") and tags that a rule hides."""
    selectors, _, style = rule.rpartition("{")
    if not _hides(style):
        return []
    return [name for part in selectors.split(",") if _SIMPLE_SELECTOR.fullmatch(name := part.strip())]


# What is read aloud only, what opens over the page, and what opens in its text; grouped by first letter to be quick.
_HELPER = re.compile(
    r"assistive|element-invisible|hidden-?visually|offscreen|s(?:r-only|creen-?reader)|visually-?hidden"
)
_OVERLAY = re.compile(
    r"co(?:okie|nsent)|d(?:ialog|rawer|rop-?down)|lightbox|m(?:odal|enu)|o(?:ff-?canvas|verlay)|pop-?up"
)
_OPENED = re.compile(
    r"a(?:ccordion|nswer)|c(?:arousel|ollaps)|expand|faq|more-?(?:text|content)|panel|read-?more|s(?:lid(?:e|ing)|poiler)"
    r"|\btabs?\b|t(?:ab-?(?:pane|content|item|body)|oggle)"
)
_NEAR = 8  # so many elements around one may say that it is opened


class _Sight:
    """Which elements are hidden when the page opens, and what they are."""

    def __init__(self, page: _Page, data: bytes, *, shy: bool) -> None:
        self.page = page
        self.data = data
        self.shy = shy
        self.sheet = _Sheet()
        self.styles: dict[str, bool] = {}  # whether they hide

    def kind(self, tag: int, attributes: Attributes, around: int) -> BlockKind:
        """hidden; furniture for what opens over the page or is only read aloud; else paragraph.

        around: the box around the element.
        """
        if tag in _ROOTS or not self._starts_hidden(tag, attributes):
            return "paragraph"
        signs = _signs(attributes)
        if signs & _READ_ALOUD:
            return "furniture"
        for _ in range(_NEAR):
            if self.page.tags[around] in _ROOTS:
                break
            signs |= _signs(self.page.attributes[around])
            around = self.page.parents[around]
        if signs & _OVER:
            return "furniture"
        if signs & _OPENS or ((id := attributes.get("id")) and id in self.targets):
            return "paragraph"
        return "hidden"

    def _starts_hidden(self, tag: int, attributes: Attributes) -> bool:
        if style := attributes.get("style"):
            if style not in self.styles:
                self.styles[style] = _hides(style.lower().replace(" :", ":"), shy=self.shy)
            if self.styles[style]:
                return True
        if "hidden" in attributes:
            return attributes["hidden"] != "until-found"
        if attributes.get("aria-hidden") == "true":
            return True
        return any(self.sheet.hides(name) for name in self.sheet.names(tag, attributes))

    @cached_property
    def targets(self) -> set[str]:
        """The ids that links and buttons of the page lead to: href="#id", data-target="#id", aria-controls="id"."""
        named = [found[1] for found in islice(_FRAGMENT.finditer(self.data), _MENTIONS)]
        controlled = self.data.split(b"aria-controls=", _MENTIONS)[1:]
        named += [found[1] for text in controlled if (found := _TARGET.match(text))]
        return {name.decode("utf-8", "replace") for name in named}


_MENTIONS = 20_000  # of ids that are looked at
_TARGET = re.compile(rb"[\"']{0,9}([^\"' >]{1,200})[\"' >]")
_FRAGMENT = re.compile(rb"#(?:(?<==#)|(?<==[\"']#))[\"']{0,9}([^\"' >#]{1,200})[\"' >]")
_READ_ALOUD, _OVER, _OPENS = 1, 2, 4


def _signs(attributes: Attributes) -> int:
    """What the names and the role of an element say about how it is shown."""
    return _signs_of(*[(attributes.get(key) or "")[:_NAME_CHARACTERS] for key in ("class", "id", "role")])


@lru_cache(maxsize=8192)
def _signs_of(classes: str, id: str, role: str) -> int:
    name = _name(classes, id)
    both = f"{name} {role}"
    return (
        (_READ_ALOUD if _HELPER.search(name) else 0)
        | (_OVER if _OVERLAY.search(both) else 0)
        | (_OPENS if _OPENED.search(both) else 0)
    )


_NAME_CHARACTERS = 200


def _name(classes: str | None, id: str | None) -> str:
    """What the page's author calls an element, in lower case and cut."""
    return f"{classes or ''} {id or ''}"[:_NAME_CHARACTERS].lower()


# --- the walk ----------------------------------------------------------------------------------------------

# What the walk does with an element; everything not named here makes a block of its own, as a browser's div does.
_DROPPED, _BREAK, _HEAD, _STYLE, _INLINE, _QUOTED, _HOLE, _ANCHOR, _HIDDEN_ANCHOR, _CONTEXT, _BOX = range(11)
_TEXT_TAG = 2  # lexbor's number for text; 4 is a comment
_ROLE: dict[int, int] = {_TEXT_TAG: _DROPPED, 4: _DROPPED}
_ROLE |= dict.fromkeys(
    _tag_ids(
        "script template svg noscript iframe object embed canvas audio video math select datalist textarea"
        " input img picture source track map progress meter frameset"
    ),
    _DROPPED,
)
_ROLE |= dict.fromkeys(
    _tag_ids(
        "b i u s em strong span font small big sub sup abbr acronym cite dfn code kbd samp var mark time label ins"
        " del tt strike bdi bdo data ruby rb rt rp wbr nobr center"
    ),
    _INLINE,
)
_ROLE |= dict.fromkeys(_tag_ids("q"), _QUOTED)
_ROLE |= dict.fromkeys(_tag_ids("a"), _ANCHOR)
_ROLE |= dict.fromkeys(_tag_ids("br"), _BREAK)
_ROLE |= dict.fromkeys(_tag_ids("style"), _STYLE)
_HEAD_NAMES = _tag_ids("title meta link base")
_ROLE |= dict.fromkeys(_HEAD_NAMES, _HEAD)
_ITEMS = _tag_ids("li dt dd")
_NAMES = _ITEMS | _tag_ids("tr td th h1 h2 h3 h4 h5 h6 blockquote pre html body")
_ROLE |= dict.fromkeys(_NAMES, _CONTEXT)
_TAGS = max(_ROLE) + 1  # higher numbers are of elements that HTML does not know
_ROLES = [_ROLE.get(tag, _BOX) for tag in range(_TAGS)]
(_HTML,), (_BODY,) = _tag_ids("html"), _tag_ids("body")
_ROOTS = {_HTML, _BODY}

_Anchor = tuple[str, str]  # href, rel

# A longer cell is no cell of data but a piece of layout, a longer list item a paragraph.
_CELL_CHARACTERS = 250
_ITEM_CHARACTERS = 600
_ANY_LENGTH = 1 << 62


class _Context(NamedTuple):
    """What the elements around a text make of its block."""

    kind: BlockKind = "paragraph"
    limit: int = _ANY_LENGTH  # a block of this length or more is of the kind
    longer: BlockKind = "paragraph"
    listing: int = 0  # the box of its list or table
    row: int = 0  # the boxes of its row
    cell: int = 0  # and cell


_PLAIN, _CODE = _Context(), _Context("code")
_CONTEXTS = {name: _Context("heading") for name in "h2 h3 h4 h5 h6".split()} | {
    "h1": _Context("title"),  # until it is known which of them is the page's title
    "pre": _CODE,
    "blockquote": _Context("quote", longer="quote"),
}
_UNSEEN: dict[BlockKind, _Context] = {"hidden": _Context("hidden"), "furniture": _Context("furniture")}
_FINAL = {"hidden", "furniture", "code"}  # kinds that nothing inside changes

# A block as the walk finds it, before furniture is told from main text: start, end, kind, box, characters in links.
_Piece = tuple[int, int, BlockKind, int, int]


class _Page:
    """What the walk collects. Boxes are the elements that make blocks (div, li, td); box 0 is the whole page."""

    def __init__(self) -> None:
        self.parts: list[str] = []  # the text, block by block
        self.length = 0  # of the text
        self.pieces: list[_Piece] = []
        self.cells: list[tuple[int, _Context]] = []  # pieces in table cells
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


# Marks the walk leaves between the strings of the page; an opened link is marked by its (href, rel).
_CLOSE_LINK, _OPEN_HOLE, _CLOSE_HOLE, _NEW_LINE, _END = range(5)
_Mark = int | _Anchor
_MARK = "\0"  # stands for a mark among the strings: the parser leaves none in a page


class _Found:
    """The strings of all blocks as the parser has them, with a mark after each block and wherever a link begins."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self.marks: list[_Mark] = []
        self.blocks: list[tuple[int, int, _Context]] = []  # the number of marks before its end, box, context
        self.code: dict[int, str] = {}  # of blocks whose white space counts: their strings


def _walk(root: LexborNode, data: bytes, *, shy: bool = False) -> _Page:  # noqa: C901  one flat loop: calls for each of 2,000 nodes would double its time
    """One pass over the tree, without recursion.

    data: what the tree was parsed from. shy: hide only what no script can be meant to show.
    """
    page = _Page()
    parents, tags, attributes_of = page.parents, page.tags, page.attributes
    found = _Found()
    strings, marks, blocks = found.strings, found.marks, found.blocks
    sight = _Sight(page, data, shy=shy)
    sheet, kind_of = sight.sheet, sight.kind
    hidden_ids, hidden_tags, innocent = sheet.ids, sheet.tags, sheet.innocent
    items: dict[int, _Context] = {}  # of the items of each list
    box = 0
    context = _PLAIN
    anchor: _Anchor | None = None
    in_hole = sheet_hides = False
    begun = False  # whether the block being read has strings
    start = 0  # of its strings
    kind: BlockKind

    stack: list[tuple[LexborNode, int, int, _Context]] = []  # element, its role, box and context around it
    node: LexborNode | None = root
    while node is not None:
        tag = node.tag_id
        if tag == _TEXT_TAG:  # by far the most frequent nodes, most of them white space
            if begun:
                strings.append(node.text_content or "")
            elif not node.is_empty_text_node:
                raw = node.text_content or ""
                if not raw.isspace():
                    strings.append(raw)
                    begun = True
        else:
            role = _ROLES[tag] if tag < _TAGS else _BOX
            if role >= _INLINE:
                if begun and role >= _CONTEXT:
                    if context is _CODE:
                        found.code[len(blocks)] = "".join(strings[start:])
                    strings.append(_MARK)
                    blocks.append((len(marks), box, context))
                    marks.append(_END)
                    begun = False
                    start = len(strings)
                    if anchor is not None or in_hole:
                        _go_on(strings, marks, anchor, in_hole)
                child = node.first_child
                if child is not None:
                    attributes = node.attributes
                    hides = attributes and (
                        "style" in attributes or "hidden" in attributes or "aria-hidden" in attributes
                    )
                    if hides or (
                        sheet_hides
                        and (
                            tag in hidden_tags
                            or attributes.get("id") in hidden_ids
                            or (attributes.get("class") not in innocent and sheet.names(tag, attributes))
                        )
                    ):
                        kind = kind_of(tag, attributes, box)
                    else:
                        kind = "paragraph"
                    if role < _CONTEXT:
                        if kind == "hidden" and not in_hole:
                            in_hole = True
                            strings.append(_MARK)
                            marks.append(_OPEN_HOLE)
                            role = _HIDDEN_ANCHOR if role == _ANCHOR else _HOLE
                        if role >= _ANCHOR:
                            if anchor is None and "href" in attributes:
                                anchor = (attributes["href"] or "", attributes.get("rel") or "")
                                strings.append(_MARK)
                                marks.append(anchor)
                            else:
                                role = _HOLE if role == _HIDDEN_ANCHOR else _INLINE
                        elif role == _QUOTED:
                            strings.append("“")
                            begun = True
                        stack.append((node, role, box, context))
                    else:
                        stack.append((node, role, box, context))
                        parents.append(box)
                        around = box
                        box = len(tags)
                        tags.append(tag)
                        attributes_of.append(attributes)
                        if (role == _CONTEXT or kind != "paragraph") and context.kind not in _FINAL:
                            if kind in _UNSEEN:
                                context = _UNSEEN[kind]
                            elif tag in _ITEMS:
                                if around not in items:
                                    items[around] = _Context(
                                        "list_item", _ITEM_CHARACTERS, context.longer, around
                                    )
                                context = items[around]
                            else:
                                context = _within(context, _NAMES[tag], box, parents)
                    node = child
                    continue
            elif role == _DROPPED:
                pass
            elif role == _HEAD:
                _read_head(page, _HEAD_NAMES[tag], node)
            elif role == _BREAK:
                if begun:
                    strings.append(_MARK)
                    marks.append(_NEW_LINE)
            elif not shy and (css := node.first_child) is not None:
                sheet.add(css.text_content or "")
                sheet_hides = sheet.hides_any

        following = node.next
        while following is None and stack:
            node, role, around, context_around = stack.pop()
            if role >= _CONTEXT:
                if begun:
                    if context is _CODE:
                        found.code[len(blocks)] = "".join(strings[start:])
                    strings.append(_MARK)
                    blocks.append((len(marks), box, context))
                    marks.append(_END)
                    begun = False
                    start = len(strings)
                    if anchor is not None or in_hole:
                        _go_on(strings, marks, anchor, in_hole)
                box, context = around, context_around
            elif role == _QUOTED:
                strings.append("”")
                begun = True
            elif role != _INLINE:
                if role >= _ANCHOR:
                    strings.append(_MARK)
                    marks.append(_CLOSE_LINK)
                    anchor = None
                if role != _ANCHOR:
                    strings.append(_MARK)
                    marks.append(_CLOSE_HOLE)
                    in_hole = False
            following = node.next
        node = following
    strings.append(_MARK)
    blocks.append((len(marks), box, context))
    marks.append(_END)
    if tags[1:2] == [_HTML]:
        page.language = attributes_of[1].get("lang") or attributes_of[1].get("xml:lang")
    _write(page, found)
    _tell_layout(page)
    return page


def _go_on(strings: list[str], marks: list[_Mark], anchor: _Anchor | None, in_hole: bool) -> None:
    """A link or hidden element around two blocks goes on in the second."""
    if anchor is not None:
        strings.append(_MARK)
        marks.append(anchor)
    if in_hole:
        strings.append(_MARK)
        marks.append(_OPEN_HOLE)


def _within(context: _Context, name: str, box: int, parents: list[int]) -> _Context:
    """The context inside an element that changes it."""
    if name in ("td", "th"):
        return _Context("table", _CELL_CHARACTERS, context.longer, parents[context.row], context.row, box)
    if name == "tr":
        return context._replace(row=box)
    return _CONTEXTS.get(name, context)


def _tell_layout(page: _Page) -> None:
    """Tables that only place paragraphs side by side are no data: their cells are paragraphs."""
    if not page.cells:
        return
    pieces = page.pieces
    blocks = Counter([cell.cell for _, cell in page.cells])
    prose = set()  # cells with several blocks, one of which reads like prose
    for k, cell in page.cells:
        if blocks[cell.cell] > 1:
            start, end, _, _, linked = pieces[k]
            if end - start >= _PROSE_CHARACTERS and linked * 3 < end - start:
                prose.add((cell.listing, cell.cell))
    paragraphs = Counter([listing for listing, _ in prose])
    rows = Counter([listing for listing, _ in {(cell.listing, cell.row) for _, cell in page.cells}])
    layout = set()
    for listing, count in rows.items():
        role = page.attributes[page.parents[listing]].get("role")
        if 2 * paragraphs[listing] >= count or role in ("presentation", "none"):
            layout.add(listing)
    for k, cell in page.cells if layout else ():
        start, end, kind, box, linked = pieces[k]
        if kind == "table" and cell.listing in layout:
            pieces[k] = start, end, cell.longer, box, linked


def _read_head(page: _Page, name: str, node: LexborNode) -> None:
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


def _write(page: _Page, found: _Found) -> None:
    """Turns the blocks found into text, pieces and links."""
    parts, pieces, page_links = page.parts, page.pieces, page.links
    length = 0
    last_row = last_listing = 0
    strings = _collapsed(found.strings)
    marks = found.marks
    first = 0
    code = found.code
    for number, (last, box, context) in enumerate(found.blocks):
        links: Sequence[tuple[int, int, _Anchor]] = ()
        holes: Sequence[tuple[int, int]] = ()
        if code and number in code:
            text, links, holes = _marked(code[number].split(_MARK), marks[first : last + 1], keep_space=True)
        elif first == last:
            text = strings[last].strip()
        elif (  # one link and nothing else, as most blocks of menus and lists
            last - first == 2
            and marks[first + 1] == _CLOSE_LINK
            and strings[first] in _NO_WORDS
            and strings[last] in _NO_WORDS
        ):
            text = strings[first + 1].strip()
            links = ((0, len(text), cast(_Anchor, marks[first])),) if text else ()
        else:
            text, links, holes = _marked(strings[first : last + 1], marks[first : last + 1], keep_space=False)
        first = last + 1
        if not text:
            continue
        kind, limit, longer, listing, row, cell = context
        size = len(text)
        if cell:
            page.cells.append((len(pieces), context))
        if size >= limit:
            kind = longer
            row = listing = 0
        if length:
            if not listing or listing != last_listing:
                separator = "\n\n"
            elif row and row == last_row:
                separator = "\t"
            else:
                separator = "\n"
            parts.append(separator)
            length += len(separator)
        last_row = row
        last_listing = listing
        start = length
        length += size
        parts.append(text)
        linked = 0
        for begin, end, to in links:
            linked += end - begin
            page_links.append((start + begin, start + end, to))
        if holes and kind != "hidden":
            page.holes.extend([Block(start + begin, start + end, "hidden") for begin, end in holes])
        pieces.append((start, length, kind, box, linked))
    page.length = length


_NO_WORDS = ("", " ")
_RUN_OF_SPACES = re.compile("  +")
_OTHER_SPACES = [space for space in map(chr, range(0x3001)) if space.isspace() and space != " "]


def _collapsed(strings: list[str]) -> list[str]:
    """What stands between the marks, with white space collapsed: of all at once, far quicker than one by one."""
    text = "".join(strings)
    for space in _OTHER_SPACES:
        if space in text:
            text = text.replace(space, " ")
    return _RUN_OF_SPACES.sub(" ", text).split(_MARK)


def _marked(
    strings: list[str], marks: list[_Mark], *, keep_space: bool
) -> tuple[str, list[tuple[int, int, _Anchor]], list[tuple[int, int]]]:
    """A block's text with its links and holes, from its strings and the mark after each.

    White space has been collapsed within the strings, and is between them unless `keep_space`.
    """
    links: list[tuple[int, int, _Anchor]] = []
    holes: list[tuple[int, int]] = []
    out: list[str] = []
    size = 0
    space = ""  # what divides the last word from the next
    link: _Anchor | None = None
    link_at = hole_at = -1  # -1: begins with the next word
    in_hole = False
    for raw, mark in zip(strings, marks, strict=True):
        words = raw if keep_space else raw.strip()
        if words:
            if size and not keep_space:
                space = space or (" " if raw[0] == " " else "")
                out.append(space)
                size += len(space)
            if link_at < 0:
                link_at = size
            if hole_at < 0:
                hole_at = size
            out.append(words)
            size += len(words)
            space = " " if raw[-1] == " " else ""
        elif raw and not space:
            space = " "
        if isinstance(mark, tuple):
            link, link_at = mark, -1
        elif mark == _NEW_LINE:
            space = "\n"
        elif mark == _OPEN_HOLE:
            in_hole, hole_at = True, -1
        else:
            if link and mark != _CLOSE_HOLE:
                if 0 <= link_at < size:
                    links.append((link_at, size, link))
                link = None
            if in_hole and mark != _CLOSE_LINK:
                if 0 <= hole_at < size:
                    holes.append((hole_at, size))
                in_hole = False
    return "".join(out), links, holes


# --- main text or furniture --------------------------------------------------------------------------------

_FURNITURE_TAGS = _tag_ids("nav footer aside button menu dialog figcaption")
(_ASIDE,), (_ARTICLE,) = _tag_ids("aside"), _tag_ids("article")
_SECTIONS = _tag_ids("article section").keys()
_PARAGRAPH_TAGS = _NAMES.keys() - _ROOTS | _tag_ids("p").keys()
_FURNITURE_ROLES = frozenset(
    ("navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu", "menubar")
)
# For names in lower case and grouped by first letter: a pattern that ignores case takes ten times as long.
_AWAY = re.compile(
    r"a(?:dvert|uthor)|b(?:tn|utton|yline)|c(?:aption|ookie|omment|onsent|opyright|redit|rumb)|disqus|foot|login|m(?:enu|odal)"
    r"|n(?:av(?!al)|ewsletter)|outbrain|p(?:romo|opup|agin|opular)|r(?:elated|ecommend|ail)"
    r"|s(?:ide-?(?:bar|panel)|har(?:e|ing)|ocial|ubscri|ponsor|kip|earch|creen-reader|r-only)|t(?:oolbar|aboola|rending|ags?\b)"
    r"|visually-?hidden"
)
# Words for places with links and buttons: such a name is wrong for what mostly reads like prose.
_NAVIGATION = {
    "nav",
    "menu",
    "crumb",
    "btn",
    "button",
    "pagin",
    "search",
    "login",
    "skip",
    "toolbar",
    "tag",
    "tags",
    "rail",
}
_ATTACHED = {"author", "caption", "credit"}  # belong to the article when they have a heading of their own
_APPARATUS = re.compile(
    _AWAY.pattern
    + r"|carousel|d(?:ate-?line|ek\b)|gallery|lightbox|meta\b|s(?:lideshow|tandfirst|ub-?(?:head|title))|time-?stamp"
)
_HERE = re.compile(r"article|body|content|e(?:ntry|mbed)|main|p(?:age|ost)\b|text\b(?!-)|story")

# Tuned on half of the article benchmark, checked on the other half (tests/sources/test_html.py says how).
_PROSE_CHARACTERS = 60  # a block from this length on, with under a third of it in links, reads like prose
_MUCH_PROSE = 250  # characters that no menu or breadcrumb has
_COVERED = 0.75  # the main box is widened until it holds this share of the prose outside furniture
_TOO_LITTLE = 0.1  # a choice that keeps less than this share of the prose was wrong
_SHORT_PAGE = 600  # characters; with less text than this there is nothing to choose from
_SECTION_LINKS = 0.3  # a section with a larger share of its text in links is navigation
_HEADLINE_CHARACTERS = 25  # a link of this length is the headline of another page,
_TEASER_CHARACTERS = 700  # which takes no more with the words that go with it
_TEASERS = 3  # and comes in lists


class _Sums(NamedTuple):
    """Of each box, with everything inside it: characters, characters in links, characters that read like prose,
    whether it has a heading, boxes with text right inside it. Of each piece: its characters if it reads like prose."""

    sizes: list[int]
    linked: list[int]
    prose: list[int]
    headed: list[bool]
    inner: list[int]
    piece_prose: list[int]


def _sums(page: _Page) -> _Sums:
    parents = page.parents
    count = len(parents)
    sizes, linked, prose, inner = [0] * count, [0] * count, [0] * count, [0] * count
    headed = [False] * count
    piece_prose = []
    for start, end, kind, box, in_links in page.pieces:
        size = end - start
        sizes[box] += size
        linked[box] += in_links
        if kind == "heading" or kind == "title":
            headed[box] = True
        if size < _PROSE_CHARACTERS or in_links * 3 >= size or kind in _UNSEEN:
            size = 0
        prose[box] += size
        piece_prose.append(size)
    for k in range(count - 1, 0, -1):  # a box comes after the one around it
        if sizes[k]:
            around = parents[k]
            sizes[around] += sizes[k]
            linked[around] += linked[k]
            prose[around] += prose[k]
            inner[around] += 1
            if headed[k]:
                headed[around] = True
    return _Sums(sizes, linked, prose, headed, inner, piece_prose)


@lru_cache(maxsize=8192)
def _says(classes: str, id: str, in_body: bool) -> str:
    """The word in an element's name that says furniture, unless main text is called something after or beside it.

    in_body: the page says itself where the article is, so that only what may stand in one is looked for.
    """
    away = _APPARATUS if in_body else _AWAY
    name = _name(classes, id)
    if not away.search(name):
        return ""
    word = ""
    for part in name.split():
        last = 0
        for found in away.finditer(part):
            last = found.end()
            word = found[0] if word in _ATTACHED or not word else word
        if _HERE.search(part, last):
            return ""
    return word


def _furniture_boxes(page: _Page, sums: _Sums, in_body: bool) -> list[bool]:
    """For each box whether its tag, role or name, or that of one around it, says furniture."""
    sizes, _, prose, headed, _, _ = sums
    tags, parents = page.tags, page.parents
    most = 0.5 * prose[0]  # no name makes furniture of what holds most of the page's prose
    asides = sum([prose[k] for k in range(1, len(tags)) if tags[k] == _ASIDE])
    furniture = [False] * len(tags)
    authors: set[int] = set()  # boxes about the author that belong to the article
    for k in range(1, len(tags)):
        if not sizes[k]:
            continue
        around = parents[k]
        if furniture[around]:
            furniture[k] = True
        elif prose[k] <= most:
            tag, attributes = tags[k], page.attributes[k]
            if tag in _FURNITURE_TAGS:
                furniture[k] = tag != _ASIDE or asides <= most
            elif attributes:
                if attributes.get("role") in _FURNITURE_ROLES:
                    furniture[k] = True
                elif word := _says(
                    (attributes.get("class") or "")[:_NAME_CHARACTERS],
                    (attributes.get("id") or "")[:_NAME_CHARACTERS],
                    in_body,
                ):
                    furniture[k] = not (
                        (word in _ATTACHED and (headed[k] or around in authors))
                        or (word in _NAVIGATION and prose[k] >= max(_MUCH_PROSE, sizes[k] / 2))
                    )
                    if word == "author" and not furniture[k]:
                        authors.add(k)
        if around in authors:
            authors.add(k)
    _mark_teasers(page, sums, furniture)
    return furniture


def _mark_teasers(page: _Page, sums: _Sums, furniture: list[bool]) -> None:
    """Adds to the furniture lists of linked headlines, each with the words that go with it."""
    parents, sizes = page.parents, sums.sizes
    teasers: set[int] = set()
    for start, end, _, box, linked in page.pieces:
        if end - start >= _HEADLINE_CHARACTERS and linked >= 0.9 * (end - start):
            for _ in range(4):
                if box in teasers or sizes[box] > _TEASER_CHARACTERS:
                    break
                teasers.add(box)
                box = parents[box]
    lists = {
        around
        for around, count in Counter([parents[k] for k in teasers]).items()
        if count >= _TEASERS and count >= 0.6 * sums.inner[around] and 2 * sums.prose[around] <= sums.prose[0]
    }
    if lists:
        for k in range(1, len(parents)):
            if furniture[parents[k]] or (k in teasers and parents[k] in lists):
                furniture[k] = True


def _main_box(page: _Page, sums: _Sums, furniture: list[bool]) -> int:
    """The box that holds the main text; the whole page (0) when there is no prose to tell by.

    As in readability, paragraphs vote for the boxes around them, less from box to box, and links take votes away.
    """
    parents, tags = page.parents, page.tags
    votes = [0.0] * len(parents)
    good = [0] * len(parents)  # prose outside furniture
    for size, piece in zip(sums.piece_prose, page.pieces, strict=True):
        if not size:
            continue
        at = piece[3]
        if furniture[at]:
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


def _inside(page: _Page, sums: _Sums, main: int, *, sections: bool) -> list[bool]:
    """For each box whether it belongs to the main box.

    sections: whether sections with a heading that stand beside it belong to it as well, unless it is in an <article>.
    """
    tags, parents = page.tags, page.parents
    beside: dict[int, set[int]] = {}  # for each box around the main box the tags of such sections inside it
    at = main if sections else 0
    while at and tags[at] != _ARTICLE:
        beside[parents[at]] = {tags[at], *(_SECTIONS if tags[at] in _SECTIONS else ())}
        at = parents[at]
    inside = [main == 0] * len(parents)
    inside[main] = True
    for k in range(1, len(parents)):
        around = parents[k]
        if inside[around]:
            inside[k] = True
        elif (
            around in beside
            and k not in beside
            and k != main
            and sums.headed[k]
            and tags[k] in beside[around]
        ):
            inside[k] = sums.linked[k] <= _SECTION_LINKS * sums.sizes[k]
    return inside


# How schema.org data say that the page is an article.
_ARTICLE_DATA = re.compile(rb'"@type"\s*:\s*\[?\s*"(?:[A-Za-z]*Article|BlogPosting|Report)"')


def _article_body(page: _Page, data: bytes) -> int | None:
    """The box that the page itself calls an article's body; 0 if it only says that it is an article, None if not."""
    marked = [k for k, found in enumerate(page.attributes) if found.get("itemprop") == "articleBody"]
    return marked[0] if marked else 0 if _ARTICLE_DATA.search(data) else None


def _main_text(page: _Page, body: int | None = None) -> list[bool]:
    """For each piece whether it belongs to the main text. body: what `_article_body` says, where it was asked."""
    sums = _sums(page)
    furniture = _furniture_boxes(page, sums, body is not None)
    if sums.sizes[0] < _SHORT_PAGE:
        return [not furniture[box] for _, _, _, box, _ in page.pieces]
    main = _main_box(page, sums, furniture)
    if body and 2 * sums.prose[body] >= sums.prose[main]:
        main = body
    inside = _inside(page, sums, main, sections=body is None)
    keep = [
        inside[box]
        and not furniture[box]
        and (linked * 2 <= end - start or end - start - linked >= _PROSE_CHARACTERS)
        for start, end, _, box, linked in page.pieces
    ]
    kept = sum([size for size, is_main in zip(sums.piece_prose, keep, strict=True) if is_main])
    if kept < _TOO_LITTLE * sums.prose[0]:
        return [size > 0 for size in sums.piece_prose]
    for first in range(1, len(keep)):
        if keep[first] and not keep[first - 1]:
            _keep_headings(page, keep, furniture, first)
    return keep


def _keep_headings(page: _Page, keep: list[bool], furniture: list[bool], first: int) -> None:
    """Keeps two headings right over a stretch of main text that begins with piece `first`, in whatever box they are."""
    for k in range(first - 1, max(-1, first - 3), -1):
        start, end, kind, box, linked = page.pieces[k]
        if kind not in ("heading", "title") or furniture[box] or linked * 2 > end - start:
            break
        keep[k] = True


_PULL_QUOTES = 50  # looked for on a page
_PULL_QUOTE_CHARACTERS = 30


def _leave_out_pull_quotes(pieces: list[_Piece], keep: list[bool], text: str) -> None:
    """A quote that stands inside a paragraph of the page as well is an ornament."""
    quotes = [k for k, piece in enumerate(pieces) if piece[2] == "quote" and keep[k]][:_PULL_QUOTES]
    if quotes:
        blocks = Counter([text[piece[0] : piece[1]] for piece in pieces])
        for k in quotes:
            said = text[pieces[k][0] : pieces[k][1]]
            words = said.strip('“”"')
            if len(words) >= _PULL_QUOTE_CHARACTERS and text.count(words) > blocks[said]:
                keep[k] = False


_WHOLE_PAGE = re.compile(rb"<(?:!doctype|html|head|body|title)\b", re.IGNORECASE)
_PASTED = (
    b"<!--StartFragment",
    b"urn:schemas-microsoft-com:office:word",
)  # a post that came as a page of its own


_DIRECTIVE = re.compile(
    r"@(?:include|extends|section|endsection|yield|stack|push|endpush|csrf|endif|foreach|endforeach)\b"
)
_TEMPLATE_CODE = re.compile(
    rf"\{{\{{[^{{}}]{{0,500}}\}}\}}|\{{%[^{{}}]{{0,500}}%\}}|{_DIRECTIVE.pattern}(?:\([^()\n]{{0,300}}\))?"
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
        decoded, is_utf8 = characters(html, charset)
        data = html if is_utf8 else decoded.encode("utf-8", "replace")
    else:
        data = html.encode("utf-8", "replace")
    data = _tamed(data)
    whole = _WHOLE_PAGE.search(data) is not None and not any(sign in data[:2000] for sign in _PASTED)
    if not whole:  # a guest post or an article's body: somebody has taken the page away
        from detector.sources.fragment import meant  # brings a parser that pages do without

        data = meant(data.decode("utf-8", "replace")).encode("utf-8", "replace")
    root = LexborHTMLParser(data).root
    if root is None:
        return Document(id or url or "html", "", (), url=url, source="html")
    page = _walk(root, data)
    if 2 * sum([end - start for start, end, kind, _, _ in page.pieces if kind == "hidden"]) > page.length:
        page = _walk(root, data, shy=True)  # nobody hides most of a page: a script shows it
    text = "".join(page.parts)
    if whole:
        keep = _main_text(page, _article_body(page, data) if careful else None)
        _leave_out_pull_quotes(page.pieces, keep, text)
    else:
        keep = [True] * len(page.pieces)
    blocks = _blocks(page.pieces, keep)
    # code of a page template that was published unrendered is nobody's prose
    if "{" in text or _DIRECTIVE.search(text):
        page.holes += [Block(*m.span(), "code") for m in _TEMPLATE_CODE.finditer(text)]
    if page.holes:
        blocks = sorted(blocks + page.holes, key=lambda b: (b.start, -b.end))
    base = url or page.base or page.canonical
    join = _joiner(_join(base, page.base) if base and page.base else base)
    links = [
        (start, end, href if href.startswith("https://") else join(href), rel)
        for start, end, (href, rel) in page.links
    ]
    return Document(
        id or url or "html",
        text,
        tuple(blocks),
        tuple(map(_LINK, links)),
        title=title or page.title or page.og_title,
        url=base,
        language=page.language,
        source="html",
    )


# Make a Link or Block of a tuple, in half the time of a call of the class.
_LINK, _BLOCK = partial(tuple.__new__, Link), partial(tuple.__new__, Block)


def _blocks(pieces: list[_Piece], keep: list[bool]) -> list[Block]:
    """The pieces as blocks. The first <h1> of the main text is the title, or the first of all; others are headings."""
    titles = [k for k, piece in enumerate(pieces) if piece[2] == "title"]
    title = next((k for k in titles if keep[k]), titles[0] if titles else -1)
    blocks = list(
        map(
            _BLOCK,
            [
                (start, end, kind if kept or kind == "hidden" else "furniture")
                for kept, (start, end, kind, _, _) in zip(keep, pieces, strict=True)
            ],
        )
    )
    for k in titles:
        start, end, _ = pieces[k][:3]
        blocks[k] = Block(start, end, "title" if k == title else "heading" if keep[k] else "furniture")
    return blocks


def _joiner(base: str | None) -> Callable[[str], str]:
    """A quick urljoin: most links of a page are absolute or start with a slash, and others come again."""
    if not base:
        return str
    head, mark, rest = base.partition("://")
    scheme, origin = head + ":", head + mark + rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]

    known: dict[str, str] = {}

    def join(href: str) -> str:
        if href.startswith("http://"):
            return href
        if href.startswith("#") and len(href) > 1 and href.isprintable() and href[-1] != " ":
            return join("#").removesuffix("#") + href
        if mark and href.startswith("/") and "/." not in href:
            return scheme + href if href.startswith("//") else origin + href
        if href not in known:
            known[href] = _join(base, href.strip())
        return known[href]

    return join


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # "http://[" and the like
        return href
