"""Word (.docx) and OpenDocument (.odt) files: their XML is rewritten as HTML, which `html` reads.

So the same page has the same blocks, links and offsets whichever way it comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape
from itertools import chain, groupby
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

from detector.document import Document, host_of
from detector.patterns import regex
from detector.sources.html import read_html
from detector.sources.package import PROTECTED, Package, Relations


def read_docx(data: bytes, *, id: str, url: str | None = None) -> Document:
    """A Word document as a Document: the blocks in their order, foot- and endnotes last.

    Tracked insertions are text; deletions, comments, tables of contents, page headers and footers are not.
    id: how results name it. url: where it was published. Raises SourceError with what to do when the file is damaged,
    protected, too large or something else.
    """
    package = Package(data, id)
    of_package = package.relations("")
    main = _target(of_package, "officeDocument") or "word/document.xml"
    text = package.tree(main)
    if text.tag != "w:document":
        package.refuse_kind()
    of_main = package.relations(main)
    styles = _word_styles(package.tree(_target(of_main, "styles")))
    blocks = _WordText(styles, of_main).read(text)
    for part in filter(None, (_target(of_main, "footnotes"), _target(of_main, "endnotes"))):
        blocks += _WordText(styles, package.relations(part)).read(package.tree(part))
    title = _own_title(package.tree(_target(of_package, "core-properties")))
    return replace(read_html(_html(blocks), id=id, url=url, title=title), source="docx")


def read_odt(data: bytes, *, id: str, url: str | None = None) -> Document:
    """An OpenDocument text as a Document; see `read_docx`."""
    package = Package(data, id)
    mimetype = package.whole("mimetype")
    if "content.xml" not in package or (mimetype and b"opendocument.text" not in mimetype):
        package.refuse_kind()
    if b"encryption-data" in package.whole("META-INF/manifest.xml"):
        package.refuse(PROTECTED)
    styles, content = package.tree("styles.xml"), package.tree("content.xml")
    pages = {
        _colour(page.get("fo:background-color", "")) for page in styles.iter("style:page-layout-properties")
    }
    fill = "white" if pages <= {"", "white"} else ""
    blocks = _OdfText(_odf_styles(styles, content)).read(content, fill)
    title = _own_title(package.tree("meta.xml"))
    return replace(read_html(_html(blocks), id=id, url=url, title=title), source="odt")


def _child(element: Element, tag: str) -> Element | None:
    return next((child for child in element if child.tag == tag), None)


def _target(relations: Relations, kind: str) -> str | None:
    return next((target for found, target in relations.values() if found == kind), None)


# Titles that a program gives when nobody has.
_NO_TITLE = regex(
    r"microsoft word\b.*|untitled.*|(?:new )?(?:microsoft )?(?:word )?doc(?:ument)?[ ()\d]*"
    r"|.*\.(?:docx?|docm|dotx?|dotm|odt|ott|rtf|txt)|",
    re.IGNORECASE,
)


def _own_title(properties: Element) -> str | None:
    """The title in the document's properties, where somebody gave it one."""
    title = " ".join((next(properties.iter("dc:title"), properties).text or "").split())
    return None if _NO_TITLE.fullmatch(title) else title


# --- what text looks like ----------------------------------------------------------------------------------

# What a style, paragraph or run says of itself as far as it matters here; what it does not say it inherits.
# based (on a style), kind, colour, fill: str; first_level, listed, joined (to the next), bold, vanish, tiny: bool
_Look = dict[str, Any]
_Styles = dict[str, _Look]

_STYLE_NAMES = {
    "title": regex(r"title"),
    "heading": regex(r"heading\d?|subtitle"),
    "list_item": regex(r"list(?:bullet|number)\d?"),
    "quote": regex(r"(?:intense)?quote|quotations?|blocktext|blockquote"),
    "code": regex(r"(?:source)?code|(?:html)?preformatted(?:text)?"),
    "contents": regex(r"(?:toc|contents)(?:heading|\d)|tableof(?:figures|authorities)"),
}
_WHITE = regex(r"(?:f[a-f]){3}|white")


def _named(style: str) -> _Look:
    """What the name of a built-in style says. Word translates it on the screen, not in the file."""
    name = style.lower().replace("_20_", "").replace(" ", "")
    kind = next((kind for kind, names in _STYLE_NAMES.items() if names.fullmatch(name)), None)
    return {"kind": kind, "first_level": name == "heading1"} if kind else {}


def _styled(styles: _Styles, name: str) -> _Look:
    """What a style says, itself or by what it is based on."""
    look: _Look = {}
    for _ in range(20):  # no honest chain is longer, and a hostile one may be a ring
        own = styles[name] if name in styles else _named(name.rpartition(":")[2])
        look = own | look
        name = own.get("based", "")
        if not name:
            break
    return look


def _colour(value: str) -> str:
    """A colour to compare with others; "" for none and for whatever is usual."""
    value = value.lower().lstrip("#")
    if value in ("auto", "none", "transparent"):
        return ""
    return "white" if _WHITE.fullmatch(value) else value


# --- paragraphs to HTML ------------------------------------------------------------------------------------

_TAGS = {"title": "h2", "heading": "h2", "list_item": "li", "quote": "blockquote", "code": "pre"}
_HEADING_CHARACTERS, _HEADING_WORDS = 150, 14
_BOLD_LINES = 4  # so many in a row are a list or a notice, and head nothing
_SENTENCE_CLOSED = regex(r"[.!?;,:…][\"'”’)\]]*$")
_BREAK = "\v"  # a line break among the words: no XML can contain this character


class _Run(NamedTuple):
    """Words in one look."""

    text: str
    href: str | None
    hidden: bool
    bold: bool


class _Around(NamedTuple):
    """What is around a piece of text."""

    look: _Look
    runs: list[_Run] | None = None  # of the paragraph it belongs to
    href: str | None = None
    alone: bool = True  # in no list or table
    fill: str = "white"  # the colour behind it, "" where that is not known

    def add(self, text: str | None) -> None:
        """Adds words to the paragraph."""
        if not text or self.runs is None:
            return
        if text.isspace():  # space has no look of its own, so that it cuts no link and no bold line in two
            self.runs.extend(run._replace(text=text) for run in self.runs[-1:])
            return
        colour = self.look.get("colour")
        camouflaged = bool(colour) and colour == (self.look.get("fill") or self.fill)
        hidden = camouflaged or self.look.get("vanish", False) or self.look.get("tiny", False)
        self.runs.append(_Run(text, self.href, hidden, self.look.get("bold", False)))


class _Block(NamedTuple):
    """A paragraph, or a tag around paragraphs."""

    kind: str
    html: str
    hidden: bool = False
    first_level: bool = False
    bold_line: bool = False  # looks like a heading made by hand


def _block(runs: list[_Run], look: _Look, *, alone: bool) -> Iterator[_Block]:
    """A paragraph as a block; none when it has no words or belongs to a table of contents."""
    text = "".join([run.text for run in runs]).strip()
    kind = look.get("kind", "paragraph")
    if not text or kind == "contents":
        return
    if kind in ("list_item", "quote", "paragraph") and "listed" in look:
        kind = "list_item" if look["listed"] else "paragraph" if kind == "list_item" else kind
    bold_line = (
        kind == "paragraph"
        and alone
        and all(run.bold for run in runs)
        and len(text) <= _HEADING_CHARACTERS
        and len(text.split()) <= _HEADING_WORDS
        and _BREAK not in text
        and not _SENTENCE_CLOSED.search(text)
    )
    line_break = "\n" if kind == "code" else "<br>"
    html: list[str] = []
    for href, linked in groupby(runs, key=lambda run: run.href):
        html.append(f'<a href="{escape(href)}">' if href else "")
        for hidden, same in groupby(linked, key=lambda run: run.hidden):
            words = escape("".join([run.text for run in same])).replace(_BREAK, line_break)
            html.append(f"<span hidden>{words}</span>" if hidden else words)
        html.append("</a>" if href else "")
    hidden = all(run.hidden for run in runs)
    yield _Block(kind, "".join(html), hidden, look.get("first_level", False), bold_line)


def _html(blocks: list[_Block]) -> str:
    """The blocks as a piece of a web page with one title, and headings where short bold lines stand over text."""
    kinds = [block.kind for block in blocks]
    at = 0
    for bold_line, group in groupby(blocks, key=lambda block: block.bold_line):
        stop = at + len(list(group))
        if bold_line and stop < len(blocks) and stop - at < _BOLD_LINES:
            kinds[at:stop] = ["heading"] * (stop - at)
        at = stop
    seen = [(k, block) for k, block in enumerate(blocks) if not block.hidden]
    titles = [k for k, _ in seen if kinds[k] == "title"]
    titles += [k for k, block in seen if kinds[k] == "heading" and block.first_level]
    titles += [k for k, block in seen[:1] if kinds[k] == "heading" and block.bold_line]
    parts: list[str] = []
    for k, (block, kind) in enumerate(zip(blocks, kinds, strict=True)):
        tag = "h1" if titles[:1] == [k] else _TAGS.get(kind, "p")
        hidden = " hidden" if block.hidden else ""
        parts.append(block.html if kind == "tag" else f"<{tag}{hidden}>{block.html}</{tag}>")
    return "".join(parts)


def _address(href: str) -> str | None:
    """Where a link leads; None inside the document. Google Docs exports links by way of its own redirection."""
    href = href.strip()
    try:
        parts = urlsplit(href)
        if host_of(href) == "google.com" and parts.path == "/url":
            href = parse_qs(parts.query).get("q", [href])[0]
    except ValueError:  # "http://[" and the like
        pass
    return None if not href or href.startswith("#") else href


# --- Word --------------------------------------------------------------------------------------------------

_OFF = ("0", "false", "off")
_INSTRUCTION = regex(r'\s*HYPERLINK\s+(?:"([^"]*)"|([^\s"\\]\S*))', re.IGNORECASE)
_WORD_CHARACTERS = dict.fromkeys(("w:tab", "w:ptab", "w:sym"), " ") | {
    "w:br": _BREAK, "w:cr": _BREAK, "w:noBreakHyphen": "-",
}  # fmt: skip
_WORD_TAGS = {"w:tbl": "table", "w:tr": "tr", "w:tc": "td"}
_WORD_DROPPED = frozenset("w:del w:moveFrom w:pPr w:rPr w:sdtPr w:tblPr w:trPr w:tcPr w:sectPr".split())


def _word_look(properties: Element | None, styles: _Styles) -> _Look:
    """What Word's properties of a style, paragraph, run or cell say."""
    look: _Look = {}
    for element in () if properties is None else properties:
        tag, value = element.tag, element.get("w:val", "")
        if tag in ("w:pStyle", "w:rStyle"):
            look |= _styled(styles, value)
        elif tag == "w:outlineLvl":  # 9 is body text
            look["kind"] = "paragraph" if value == "9" else "heading"
            look["first_level"] = value == "0"
        elif tag == "w:numPr":
            look["listed"] = all(e.get("w:val") != "0" for e in element.iter("w:numId"))
        elif tag == "w:framePr":  # a dropped capital is a paragraph of its own
            look["joined"] = element.get("w:dropCap", "none") != "none"
        elif tag == "w:rPr":  # of the mark at the end of the paragraph: deleted, it divides nothing
            look |= {"joined": True} if any(mark.tag in ("w:del", "w:moveFrom") for mark in element) else {}
        elif tag == "w:b":
            look["bold"] = value not in _OFF
        elif tag == "w:vanish":
            look["vanish"] = value not in _OFF
        elif tag == "w:sz":  # in half points
            look["tiny"] = value in ("0", "1", "2")
        elif tag == "w:color":
            look["colour"] = _colour(value)
        elif tag in ("w:shd", "w:highlight"):
            look["fill"] = _colour(element.get("w:fill", value))
    return look


def _word_styles(part: Element) -> _Styles:
    styles: _Styles = {}
    for style in part.iter("w:style"):
        look = _word_look(_child(style, "w:pPr"), styles) | _word_look(_child(style, "w:rPr"), styles)
        based, name = _child(style, "w:basedOn"), _child(style, "w:name")
        look["based"] = based.get("w:val", "") if based is not None else ""
        # the name says more than the level: headings of contents have none
        styles[style.get("w:styleId", "")] = look | _named(name.get("w:val", "") if name is not None else "")
    return styles


class _Field:
    """A field of Word's: an instruction, then its result, each in any number of runs."""

    def __init__(self, href: str | None) -> None:
        self.instruction: list[str] = []
        self.is_over = False
        self.href = href


class _WordText:
    """Reads the running text of a part."""

    def __init__(self, styles: _Styles, relations: Relations) -> None:
        self._blocks: list[_Block] = []
        self._styles = styles
        self._relations = relations
        self._fields: list[_Field] = []  # open ones
        self._joined: list[_Run] = []  # what goes on in the next paragraph

    def read(self, part: Element) -> list[_Block]:
        self._walk(part, _Around({}, fill="white" if _child(part, "w:background") is None else ""))
        self._blocks += _block(self._joined, {}, alone=True)
        return self._blocks

    def _walk(self, elements: Iterable[Element], around: _Around) -> None:
        for element in elements:
            tag = element.tag
            if tag == "w:t":
                self._words(element.text, around)
            elif tag in _WORD_CHARACTERS:
                self._words(_WORD_CHARACTERS[tag], around)
            elif tag == "w:r":
                look = around.look | _word_look(_child(element, "w:rPr"), self._styles)
                self._walk(element, around._replace(look=look))
            elif tag == "w:p":
                self._paragraph(element, around)
            elif tag in ("w:hyperlink", "w:fldSimple"):
                self._walk(element, around._replace(href=self._href(element) or around.href))
            elif tag in ("w:fldChar", "w:instrText"):
                self._field(element)
            elif tag in _WORD_TAGS:
                self._table(element, around)
            elif tag == "w:txbxContent":
                self._walk(element, _Around({}, fill=""))
            elif tag == "mc:AlternateContent":  # the same content twice
                self._walk(element[:1], around)
            elif tag not in _WORD_DROPPED and not _is_contents(element):
                self._walk(element, around)

    def _paragraph(self, element: Element, around: _Around) -> None:
        if self._fields and not self._fields[-1].is_over:
            self._fields.pop()  # an instruction that nobody ended
        look = _word_look(_child(element, "w:pPr"), self._styles)
        runs, self._joined = self._joined, []
        self._walk(element, around._replace(runs=runs, look=look))
        if look.get("joined"):
            self._joined = runs
        else:
            self._blocks += _block(runs, look, alone=around.alone)

    def _words(self, text: str | None, around: _Around) -> None:
        field = self._fields[-1] if self._fields else None
        if field is None:
            around.add(text)
        elif field.is_over:
            around._replace(href=field.href or around.href).add(text)

    def _href(self, link: Element) -> str | None:
        if instruction := link.get("w:instr"):
            return _instructed(instruction)
        return _address(self._relations.get(link.get("r:id", ""), ("", ""))[1])

    def _field(self, element: Element) -> None:
        step = element.get("w:fldCharType")
        field = self._fields[-1] if self._fields else None
        if step == "begin":
            self._fields.append(_Field(field.href if field else None))
        elif field and step == "separate":
            field.is_over, field.href = True, _instructed("".join(field.instruction)) or field.href
        elif field and step == "end":
            self._fields.pop()
        elif field:
            field.instruction.append(element.text or "")

    def _table(self, element: Element, around: _Around) -> None:
        tag = _WORD_TAGS[element.tag]
        if tag == "td":
            cell = _word_look(_child(element, "w:tcPr"), self._styles)
            around = around._replace(alone=False, fill=cell.get("fill", ""))
        self._blocks.append(_Block("tag", f"<{tag}>"))
        self._walk(element, around)
        self._blocks.append(_Block("tag", f"</{tag}>"))


def _instructed(instruction: str) -> str | None:
    """The address in the instruction of a HYPERLINK field."""
    match = _INSTRUCTION.match(instruction)
    return _address(match[1] or match[2] or "") if match else None


def _is_contents(element: Element) -> bool:
    properties = _child(element, "w:sdtPr")
    galleries = () if properties is None else properties.iter("w:docPartGallery")
    return any(gallery.get("w:val") == "Table of Contents" for gallery in galleries)


# --- OpenDocument ------------------------------------------------------------------------------------------

_TINY = regex(r"(?:0|0?\.\d+|1(?:\.0+)?)pt")
_HEAVY = ("bold", "600", "700", "800", "900")
_ODF_CHARACTERS = {"text:s": " ", "text:tab": " ", "text:line-break": _BREAK}
_ODF_TAGS = {
    "text:list": "ul", "text:list-item": "li",
    "table:table": "table", "table:table-row": "tr", "table:table-cell": "td",
}  # fmt: skip
_ODF_DROPPED = frozenset(
    "office:annotation office:forms svg:desc svg:title text:hidden-text text:note-citation text:script"
    " table:covered-table-cell text:table-of-content text:tracked-changes".split()
)


def _odf_styles(*parts: Element) -> _Styles:
    """The styles as "family:name": a name may come again in another family."""
    styles: _Styles = {}
    for style in chain.from_iterable(part.iter("style:style") for part in parts):
        family, name = style.get("style:family", ""), style.get("style:name", "")
        look: _Look = {"based": f"{family}:{style.get('style:parent-style-name', '')}"} | _named(name)
        for properties in style:
            if weight := properties.get("fo:font-weight"):
                look["bold"] = weight in _HEAVY
            if display := properties.get("text:display"):
                look["vanish"] = display == "none"
            if size := properties.get("fo:font-size"):
                look["tiny"] = _TINY.fullmatch(size) is not None
            for key, attribute in (("colour", "fo:color"), ("fill", "fo:background-color")):
                if value := properties.get(attribute):
                    look[key] = _colour(value)
        styles[f"{family}:{name}"] = look
    return styles


class _OdfText:
    """Reads the running text of a document."""

    def __init__(self, styles: _Styles) -> None:
        self._blocks: list[_Block] = []
        self._notes: list[_Block] = []
        self._styles = styles

    def read(self, content: Element, fill: str) -> list[_Block]:
        self._walk(content, _Around({}, fill=fill))
        return self._blocks + self._notes

    def _walk(self, element: Element, around: _Around) -> None:
        around.add(element.text)
        for child in element:
            self._element(child, around)
            around.add(child.tail)

    def _element(self, element: Element, around: _Around) -> None:
        tag = element.tag
        if tag in _ODF_CHARACTERS:
            around.add(_ODF_CHARACTERS[tag])
        elif tag in ("text:p", "text:h"):
            self._paragraph(element, around)
        elif tag == "text:span":
            self._walk(element, around._replace(look=around.look | self._look("text", element)))
        elif tag == "text:a":
            href = _address(element.get("xlink:href", ""))
            self._walk(element, around._replace(href=href or around.href))
        elif tag in _ODF_TAGS:
            self._boxed(element, _ODF_TAGS[tag], around)
        elif tag == "text:section" and element.get("text:display") == "none":
            self._boxed(element, "div hidden", around)
        elif tag in ("drawing:text-box", "drawing:custom-shape"):
            self._walk(element, _Around({}, fill=""))
        elif tag == "text:note-body":
            blocks, self._blocks = self._blocks, self._notes
            self._walk(element, _Around({}))
            self._blocks = blocks
        elif tag not in _ODF_DROPPED:
            self._walk(element, around)

    def _paragraph(self, element: Element, around: _Around) -> None:
        look = self._look("paragraph", element)
        if element.tag == "text:h" and look.get("kind") != "title":
            look |= {"kind": "heading", "first_level": element.get("text:outline-level") == "1"}
        runs: list[_Run] = []
        self._walk(element, around._replace(runs=runs, look=look))
        self._blocks += _block(runs, look, alone=around.alone)

    def _boxed(self, element: Element, tag: str, around: _Around) -> None:
        if tag == "td":
            around = around._replace(fill=self._look("table-cell", element).get("fill", ""))
        self._blocks.append(_Block("tag", f"<{tag}>"))
        self._walk(element, around._replace(alone=around.alone and tag.startswith("div")))
        self._blocks.append(_Block("tag", f"</{tag.split()[0]}>"))

    def _look(self, family: str, element: Element) -> _Look:
        name = element.get("text:style-name") or element.get("table:style-name", "")
        return _styled(self._styles, f"{family}:{name}")
