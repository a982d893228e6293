"""Guest posts as they come: HTML pasted from Word, Google Docs, WordPress or e-mail becomes the HTML that was meant."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser

from detector.patterns import regex

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import NavigableString, PageElement

_LONGEST = 500_000  # characters without pictures, and
_MOST_TAGS = 6_000  # tags and line breaks: nobody pastes more, and a hostile fragment would take minutes
_MOST_OPEN = 300  # elements that are never closed
_PICTURE = regex(r"data:[a-z/+.-]{1,40};base64,[A-Za-z0-9+/=]*")

# What clean markup has none of; a fragment without it is left alone.
_SIGNS = regex(
    r"mso|<o:p|<st1:|docs-internal-guid|font-(?:size|weight)|symbol|wingdings|<(?:b|strong)\b|/url\?|safelinks\."
    r"|facebook\.com/l\.php|\[/?[a-z*]|&(?:amp;)?lt;/?[a-z]|<br[^<>]{0,40}>(?:\s|&nbsp;){0,40}<br|gmail_|moz-"
    r"|type=[\"']?cite|divrplyfwdmsg|signature|[•▪◦‣·]|>\s{0,40}--\s{0,40}<|[^>\s][ \t\r]*\n[ \t\r]*\n"
    r"|\A[^<]{0,300}[\"'/]>",
    re.IGNORECASE,
)


def meant(fragment: str) -> str:
    """A fragment as the clean HTML that its author saw in the editor; itself where nothing needs mending."""
    bare = _PICTURE.sub("", fragment)
    if len(bare) > _LONGEST or not _SIGNS.search(bare):
        return fragment
    text = _shortcodes(_bulletin_board(_unescaped(bare)))
    if text.count("<") + text.count("\n") > _MOST_TAGS or _never_closed(text) > _MOST_OPEN:
        return fragment
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    nested = LexborHTMLParser(text).html or ""  # and closed, as a browser does it
    try:
        soup = BeautifulSoup(nested, "html.parser")
    except ParserRejectedMarkup:  # "<![" in <plaintext> and the like, which stands there unescaped
        return fragment
    before = str(soup)
    for mend in (_office, _mail, _pseudo_lists, _paragraphs, _pseudo_headings, _links):
        mend(soup)
    after = str(soup)
    return fragment if text == bare and after == before else after


# Tags that must be closed: br and hr cannot be, and browsers close p, li and cells themselves.
_MUST_CLOSE = regex(r"<(/?)(?!(?:br|hr|img|p|li|t[rdh]|d[td])\b)[a-z]", re.IGNORECASE)


def _never_closed(text: str) -> int:
    """About how many elements are never closed: each would lie in the one before."""
    closing = _MUST_CLOSE.findall(text)
    return len(closing) - 2 * closing.count("/")


# --- the characters --------------------------------------------------------------------------------------------

_TAG = regex(r"</?[a-z]", re.IGNORECASE)
_ESCAPED_TAG = regex(
    r"&(?:amp;)?lt;/?(?:p|div|h[1-6]|[ou]l|li|br|a|b|i|strong|em|span|blockquote)\b[^<>&]{0,300}"
    r"(?:&(?!(?:amp;)?[gl]t;)[^<>&]{0,300}){0,9}&(?:amp;)?gt;",
    re.IGNORECASE,
)
_END_OF_A_TAG = regex(
    r"\s{0,80}[^<>=]{0,80}?(?:[\w-]{1,20}=(?:\"[^\"<>]{0,500}\"|'[^'<>]{0,500}')\s*){1,20}/?>"
)


def _unescaped(fragment: str) -> str:
    """Tags that were escaped once or twice too often are tags again; the end of a tag at the very start is dropped."""
    for _ in range(2):
        escaped = len(_ESCAPED_TAG.findall(fragment))
        if escaped < 2 or escaped <= 2 * len(_TAG.findall(fragment)):
            break
        fragment = html.unescape(fragment)
    cut = _END_OF_A_TAG.match(fragment)
    return fragment[cut.end() :] if cut else fragment


_LINK_CODE = regex(r"\[url(?:=[\"']?([^\]\"'\s<>]{1,2000})[\"']?)?\]([^\[\]]{0,2000})\[/url\]", re.IGNORECASE)
_TAG_CODE = regex(r"\[(/?)(b|i|u|s|quote|list|\*|h[1-6]|center|p)(?:=[^\]\n]{0,80})?\]", re.IGNORECASE)
_NO_WORDS_CODE = regex(
    r"\[img[^\]\n]{0,200}\][^\[\]\n]{0,2000}\[/img\]|\[/?(?:size|color|font)(?:=[^\]\n]{0,80})?\]",
    re.IGNORECASE,
)
_OTHERWISE_CALLED = {"quote": "blockquote", "list": "ul", "*": "li", "center": "div"}


def _bulletin_board(text: str) -> str:
    """[url=...], [b], [list] and their like as tags."""
    if "[/" not in text:
        return text
    closed = {name.lower() for slash, name in _TAG_CODE.findall(text) if slash}
    if "list" in closed:
        closed.add("*")

    def link(found: re.Match[str]) -> str:
        address = html.escape(html.unescape(found[1] or found[2]).strip())
        return f'<a href="{address}">{found[2]}</a>'

    def tag(found: re.Match[str]) -> str:
        name = found[2].lower()
        return f"<{found[1]}{_OTHERWISE_CALLED.get(name, name)}>" if name in closed else found[0]

    return _TAG_CODE.sub(tag, _NO_WORDS_CODE.sub("", _LINK_CODE.sub(link, text)))


_SHORTCODE = regex(r"\[(/?)([a-z][a-z0-9_-]{1,40})(?:\s[^\[\]=]{1,40}=[^\[\]]{0,1000})?\s{0,5}/?\]")
_ALONE = frozenset("gallery embed playlist audio video".split())


def _shortcodes(text: str) -> str:
    """Without WordPress shortcodes; what stands between two of a pair stays, a caption as a caption.

    One that is left open stays: somebody has copied it from a page where it went wrong.
    """
    closed = {name for slash, name in _SHORTCODE.findall(text) if slash}

    def plain(found: re.Match[str]) -> str:
        slash, name = found.groups()
        if name == "caption" and name in closed:
            return "</figcaption></figure>" if slash else "<figure><figcaption>"
        return "" if name in closed or name in _ALONE else found[0]

    return _SHORTCODE.sub(plain, text)


# --- the tree --------------------------------------------------------------------------------------------------

_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BLOCKS = _HEADINGS | frozenset(
    (
        "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form header"
        " hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
    ).split()
)

# These walk the tree themselves: what the library's own searches compile for every call takes longer than the search.


def _tags(soup: Tag, *names: str) -> Iterator[Tag]:
    """All such elements; those that are taken out meanwhile are passed over."""
    from bs4.element import Tag

    wanted = frozenset(names)
    found = [
        node for node in soup.descendants if isinstance(node, Tag) and (not wanted or node.name in wanted)
    ]
    # not tag.decomposed: a tag takes the name for that of a child, and searches all that is in it
    return (tag for tag in found if "_decomposed" not in vars(tag))


def _strings(soup: Tag) -> list[NavigableString]:
    """All texts and comments, in order."""
    from bs4.element import NavigableString

    return [node for node in soup.descendants if isinstance(node, NavigableString)]


def _is_in(tag: Tag, names: frozenset[str]) -> bool:
    """Whether one of the elements around has such a name."""
    return any(around.name in names for around in tag.parents)


def _lines(soup: Tag) -> list[Tag]:
    """The paragraphs and boxes that hold words and links, and no boxes of their own."""
    return [
        tag for tag in _tags(soup, "p", "div") if not any(map(_is_block, tag.descendants)) and _has_words(tag)
    ]


def _has_words(node: PageElement) -> bool:
    return bool(node.get_text().strip())


def _style(tag: Tag) -> str:
    return f"{tag.get('style') or ''} {tag.get('face') or ''}".lower()


def _name(tag: Tag) -> str:
    return " ".join([str(name or "") for name in [*tag.get_attribute_list("class"), tag.get("id")]]).lower()


_WORD_STYLES = {
    "msotitle": "h1",
    "msosubtitle": "h2",
    "msoquote": "blockquote",
    "msointensequote": "blockquote",
}
_WORD_STYLES |= {f"msoheading{level}": f"h{level}" for level in range(1, 7)}


def _office(soup: BeautifulSoup) -> None:
    """Takes out elements of Word's own and the bullets it draws for programs without lists; obeys its styles."""
    from bs4.element import Comment

    for tag in _tags(soup):
        prefix, colon, _ = tag.name.partition(":")
        if colon and prefix in ("o", "st1"):
            tag.unwrap()
        elif colon or tag.name == "xml":
            tag.decompose()
    for comment in _strings(soup):
        if not isinstance(comment, Comment) or "supportLists" not in comment:
            continue
        bullet = list(takewhile(lambda node: not isinstance(node, Comment), comment.next_siblings))
        end = (bullet or [comment])[-1].next_sibling
        if isinstance(end, Comment) and "endif" in end:
            for node in bullet:
                node.extract()
    for tag in _tags(soup, "p", "div"):
        for name in _name(tag).split():
            tag.name = _WORD_STYLES.get(name, tag.name)


_SIGNATURE = regex(r"gmail_signature|moz-signature|\bsignature\b")
_ANSWERED = regex(r"gmail_quote|gmail_extra|moz-cite-prefix|divrplyfwdmsg|outlookmessageheader")
_HEADER_LINES = regex(r"From:.{1,200}?(?:Sent|Date):.{1,200}?Subject:", re.DOTALL)
_SIGNATURE_CHARACTERS = 600


def _mail(soup: BeautifulSoup) -> None:
    """Takes out the sender's signature and the mail that was answered; of a forwarded post only the frame."""
    whole = len(soup.get_text())
    for tag in _tags(soup):
        name = _name(tag)
        if _SIGNATURE.search(name) and len(tag.get_text()) < _SIGNATURE_CHARACTERS:
            tag.decompose()
        elif _ANSWERED.search(name) or (tag.name == "blockquote" and tag.get("type") == "cite"):
            if 2 * len(tag.get_text()) > whole:
                tag.unwrap()
            else:
                tag.decompose()
    for line in _lines(soup):
        words = line.get_text().strip()
        if words == "--" or _HEADER_LINES.match(words):
            rest = [line, *line.next_siblings]
            if sum(len(part.get_text()) for part in rest) < max(_SIGNATURE_CHARACTERS, whole / 2):
                for part in rest:
                    part.extract()
            break


_ITEM = frozenset({"li"})
_BULLET = regex(r"\s*[•▪◦‣·§]\s*")
_DRAWN_BULLET = regex(r"\s*(?:[•▪◦‣·§ovØü*–-]|\(?(?:\d{1,3}|[a-z])[.)])\s*")
_DRAWN = regex(r"symbol|wingdings|mso-list:\s*ignore")


def _pseudo_lists(soup: BeautifulSoup) -> None:
    """Makes lists of the paragraphs that only look like items, and takes out the bullets that are drawn or typed."""
    lines = [line for line in _lines(soup) if not _is_in(line, _ITEM)]
    firsts = [next(words for words in _strings(line) if _has_words(words)) for line in lines]
    typed = [False, *(_BULLET.match(first) is not None for first in firsts), False]
    listing: Tag | None = None
    for k, (line, first) in enumerate(zip(lines, firsts, strict=True), 1):
        sure = _is_word_item(line, first)
        if not sure and not (typed[k] and (typed[k - 1] or typed[k + 1])):
            continue
        if sure and _DRAWN_BULLET.fullmatch(first):
            first.extract()
        elif typed[k]:
            first.replace_with(_BULLET.sub("", first, count=1))
        if listing is None or line.find_previous_sibling() is not listing:
            listing = soup.new_tag("ul")
            line.insert_before(listing)
        listing.append(line.extract())
        line.name = "li"


def _is_word_item(line: Tag, first: PageElement) -> bool:
    """Whether Word says that the paragraph is an item, or its first words are a bullet out of a font of symbols."""
    if "msolist" in _name(line) or "mso-list:l" in _style(line).replace(" ", ""):
        return True
    if not _DRAWN_BULLET.fullmatch(first.get_text()):
        return False
    for around in first.parents:
        if around is line:
            break
        if _DRAWN.search(_style(around)):
            return True
    return False


_LETTERS = frozenset({"span", "font", "b", "strong", "i", "em", "u"})  # tags that say how letters look
_BLANK_LINE = regex(r"\n[ \t\r]*\n\s*")
_HIDING = regex(r"display|visibility|font-size:\s*0(?![.\d])|opacity|position|text-indent|color")


def _paragraphs(soup: BeautifulSoup) -> None:
    """Two breaks in a row divide paragraphs, and so does a blank line where WordPress keeps no plain <p>."""
    for inner in list(_tags(soup, "br", *_BLOCKS)):
        around = inner.parent
        while around is not None and around.name in _LETTERS and not _HIDING.search(_style(around)):
            outer = around.parent
            around.unwrap()
            around = outer
    blank_lines = all(tag.attrs for tag in _tags(soup, "p"))
    for container in list(_tags(soup, "p", "div", "body", "td", "th", "blockquote", "section", "article")):
        if blank_lines and container.name != "p":
            _break_at_blank_lines(soup, container)
        runs: list[list[PageElement]] = [[]]
        divided = False
        breaks = 0
        for node in container.children:
            if _is_block(node):
                runs += [[node], []]
                breaks = 0
                continue
            breaks = breaks + 1 if _is_break(node) else 0 if _has_words(node) else breaks
            if breaks == 2 and any(map(_has_words, runs[-1])):
                divided = True
                runs.append([])
            runs[-1].append(node)
        if divided:
            _make_paragraphs(soup, container, runs)


def _is_block(node: PageElement) -> bool:
    return getattr(node, "name", None) in _BLOCKS


def _is_break(node: PageElement) -> bool:
    return getattr(node, "name", None) == "br"


def _break_at_blank_lines(soup: BeautifulSoup, container: Tag) -> None:
    from bs4.element import NavigableString

    for node in list(container.children):
        if type(node) is NavigableString and _BLANK_LINE.search(node):
            first, *others = _BLANK_LINE.split(node)
            node.insert_before(first)
            for part in others:
                node.insert_before(soup.new_tag("br"), soup.new_tag("br"), part)
            node.extract()


def _make_paragraphs(soup: BeautifulSoup, container: Tag, runs: list[list[PageElement]]) -> None:
    """Makes each run of a container's words and links a paragraph of its own."""
    for run in runs:
        for node in run:  # always the container's first, which is found at once
            node.extract()
    for run in runs:
        if run and not _is_block(run[0]) and any(map(_has_words, run)):
            paragraph = soup.new_tag("p")
            paragraph.extend(run)
            container.append(paragraph)
        else:
            container.extend(run)
    if container.name == "p":  # which holds no paragraphs
        container.name = "div"


_SIZE = regex(r"font-size:\s*(\d{1,4}(?:\.\d{1,4})?)(pt|px|r?em|%)")
_PIXELS = {"pt": 4 / 3, "px": 1.0, "em": 16.0, "rem": 16.0, "%": 0.16}
_WEIGHT = regex(r"font-weight:\s*(\w+)")
_FIRST_LETTER = regex(r"[^\W_]")
_NO_PLACE_FOR_HEADINGS = _HEADINGS | {"li", "td", "th", "a"}
_HEADING_CHARACTERS = 120
_LARGER = 1.15  # than most of the text
_MOSTLY_BOLD = 0.3  # of the text: then bold type is no sign of a heading


def _pseudo_headings(soup: BeautifulSoup) -> None:
    """Makes headings of short paragraphs that are set in bold or larger type from end to end."""
    for line in _lines(soup):
        _divide_from_heading(soup, line)
    lines = [line for line in _lines(soup) if not _is_in(line, _NO_PLACE_FOR_HEADINGS)]
    looks = [_look(line) for line in lines]
    sizes: Counter[float] = Counter()
    for line, (size, _) in zip(lines, looks, strict=True):
        sizes[size] += len(line.get_text())
    usual = max(sizes, key=sizes.__getitem__, default=0.0)
    headings = [
        line
        for line, (size, bold) in zip(lines, looks, strict=True)
        if (bold or size >= _LARGER * usual) and _could_be_heading(line)
    ]
    end = next((words for words in reversed(_strings(soup)) if _has_words(words)), soup)
    if sum(len(line.get_text()) for line in headings) <= _MOSTLY_BOLD * len(soup.get_text()):
        for line in headings:
            if all(line is not around for around in end.parents):  # nothing stands under the last one
                line.name = "h2"


def _could_be_heading(line: Tag) -> bool:
    """Whether the words alone may be a heading: a search query in bold type or a link label is none."""
    text = line.get_text().strip()
    letter = _FIRST_LETTER.search(text)
    return (
        letter is not None
        and not letter[0].islower()
        and len(text) <= _HEADING_CHARACTERS
        and text[-1] not in ".,;!…"
        and line.name != "a"
        and not any(_tags(line, "a"))
    )


def _divide_from_heading(soup: BeautifulSoup, line: Tag) -> None:
    """Gives a paragraph of its own to a bold first line over a longer text."""
    first = next((tag for tag in _tags(line, "b", "strong") if tag.parent is line), None)
    parts = [node for node in line.children if _is_break(node) or _has_words(node)]
    if (
        first is not None
        and len(parts) > 2
        and parts[0] is first
        and _is_break(parts[1])
        and _could_be_heading(first)
        and len(line.get_text()) > 3 * len(first.get_text())
    ):
        heading = soup.new_tag("p")
        line.insert_before(heading)
        heading.append(first.extract())
        parts[1].extract()


def _look(line: Tag) -> tuple[float, bool]:
    """The type size of a paragraph's first words, in pixels, and whether all its words are bold."""
    size, bold = 0.0, True
    for words in _strings(line):
        if not _has_words(words):
            continue
        weight = ""
        for around in words.parents:
            style = _style(around)
            if not size and (found := _SIZE.search(style)):
                size = float(found[1]) * _PIXELS[found[2]]
            if not weight and (found := _WEIGHT.search(style)):
                weight = found[1]
            elif not weight and around.name in ("b", "strong"):
                weight = "bold"
            if around is line:
                break
        bold = bold and (weight in ("bold", "bolder") or (weight.isdecimal() and int(weight) >= 600))
    return size or _PIXELS["em"], bold


# Who counts the clicks on a link, and under which names their addresses carry the one that was meant.
_REDIRECT = regex(
    r"\.(?:google\.[a-z]{2,3}(?:\.[a-z]{2})?/url|facebook\.com/l\.php|safelinks\.protection\.outlook\.com/.*)"
)
_TARGETS = ("q", "url", "u")


def _links(soup: BeautifulSoup) -> None:
    """Gives links the address that a redirect leads to."""
    for tag in soup.find_all("a", href=True):
        try:
            address = urlsplit(str(tag["href"]).strip())
            asked = parse_qs(address.query)
        except ValueError:  # "http://[" and the like
            continue
        if _REDIRECT.search(f".{address.hostname}{address.path}"):
            targets = [asked[key][0] for key in _TARGETS if key in asked]
            tag["href"] = next((target for target in targets if target.startswith("http")), str(tag["href"]))
