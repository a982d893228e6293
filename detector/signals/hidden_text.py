"""Text that the reader does not see, put there for search engines.

Why it matters
    Google's spam policies name hidden text and links: white on white, behind an image, off the screen, in size 0. On
    sites that were broken into it is how pills and casinos get their links. Letters of another script that look like
    Latin ones, and characters without width inside words, hide a text from filters while it looks the same.

Fires on
    In what the page hides: links to other hosts whose anchors are search phrases, or five and more short ones to
    several hosts; a list of search queries; text made of sellers' words. Anywhere: Latin words with letters of another
    script or with invisible characters inside, if there are two different ones; text whose direction is overridden;
    invisible tag characters. The value is one for each such link (no more than three) and stretch, and a half for each
    such word (no more than six).

    Example:
        You can ⟦оrder⟧ these ⟦tаblets⟧ without seeing anybody.

Quiet on
    Menus, share buttons, notices about cookies, labels for screen readers, forms, answers that unfold, leftovers of a
    template; soft hyphens; whole words in another script, units and symbols, emoji that are joined. Long hidden prose:
    one page of the open web in forty holds much of it, behind a paywall or below its end.

    Example:
        The café in Москва sold 20 µm filters for 30 Ω heaters 👩‍⚕️, and co­operation was good.

Blind spots
    What a style sheet, a script or an image hides; hidden text that reads like an article.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter

import numpy as np

from detector.document import WORD, Block, Document, Link, Span
from detector.patterns import regex
from detector.signals._links import outward
from detector.signals._phrases import is_query_list, sold, telling
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "The page holds text that its readers do not see."

LINKS = 3  # hidden links that count
NAMING = 3  # telling words of a label that names where it leads, as "visit our page on ..." does
SHORT = 6  # words of the anchors in a block of links; headlines are longer
PHRASE = 8.0  # bits for sellers from which the anchor of a hidden link is a search phrase
BLOCK, HOSTS = 5, 3  # links and hosts of a hidden block of links
SALES, SALE_WORDS = 1.0, 20  # bits for sellers a word, and words, of hidden sales talk
WORDS = 6  # altered words that count
SHOWN = 20  # places that are marked
FIRST_TAG = "\U000e0000"
LONGEST = 30  # letters shown on either side of a seam

# What sites hide for good reasons in whole paragraphs.
_NOTICE = regex(r"\bcookies?\b|\bconsent\b|\bprivacy\b|\bjavascript\b|[{}<>]|#!", re.IGNORECASE)
_ITEMS = regex(r"[,;|•·\n]")

# Letters of Cyrillic and Greek that look like Latin ones.
_ALIKE = "аеорсухіјѕԁԛԝһАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_WIDTHLESS = "\u200b-\u200d\u2060-\u2064\ufeff"
_ODD = regex(f"[{_ALIKE}{_WIDTHLESS}\u202d\u202e\U000e0000-\U000e007f]")
_SEAM = regex(f"[A-Za-z](?:[{_ALIKE}]|[{_WIDTHLESS}]+(?=[A-Za-z]))|[{_ALIKE}](?=[A-Za-z])")
_LETTERS = regex(rf"(?:[^\W\d_]|[{_WIDTHLESS}]){{0,{LONGEST}}}")
_START = attrgetter("start")
_LATIN = regex("[A-Za-z]")
_TURNS = frozenset("\u202d\u202e")
_TURNED = regex(r"[\u202d\u202e][^\u202c-\u202e\n]{1,200}\u202c?")
# Tag characters stand after a black flag only, where they name a country's part.
_TAGS = regex(r"(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]+")


def measure(document: Document, tables: Tables) -> Evidence:
    """The points of hidden text and of altered words."""
    found: list[tuple[float, Span]] = []
    if odd := frozenset(_ODD.findall("".join(document.beyond_ascii))):
        found += [(0.5 * (rank < WORDS), span) for rank, span in enumerate(_altered(document.text))]
        found += [(1.0, span) for span in _unseen(document.text, odd)]
    if hidden := [b for b in document.blocks if b.kind == "hidden"]:
        found += [*_links(document, tables, hidden), *_texts(document, tables, hidden)]
    found.sort(key=lambda f: (-f[0], f[1].start))
    return Evidence(sum((points for points, _ in found), 0.0), tuple(span for _, span in found[:SHOWN]))


def _altered(text: str) -> list[Span]:
    """Latin words with letters of another script or with invisible characters in them, unless it is one word only."""
    spans: list[Span] = []
    for seam in _seams(text):
        if spans and seam.start() < spans[-1].end:
            continue
        back = text[max(0, seam.start() - LONGEST) : seam.start()][::-1]
        before, after = _LETTERS.match(back), _LETTERS.match(text, seam.end())
        start = seam.start() - (before.end() if before else 0)
        end = after.end() if after else seam.end()
        spans.append(Span(start, end, "Letters of another script, or invisible characters, inside a word."))
    # a slip of the keyboard is always the same word
    return spans if len({text[s.start : s.end] for s in spans}) > 1 else []


def _seams(text: str) -> Iterator[re.Match[str]]:
    """Where a Latin letter and what does not belong into its word meet."""
    at = 0
    for odd in _ODD.finditer(text):
        for start in (odd.start() - 1, odd.start()):
            if start >= at and (seam := _SEAM.match(text, start)):
                yield seam
                at = seam.end()


def _unseen(text: str, odd: frozenset[str]) -> Iterator[Span]:
    for match in _TURNED.finditer(text) if odd & _TURNS else ():
        if _LATIN.search(match.group()):
            yield Span(*match.span(), "The direction of this text is turned round.")
    for match in _TAGS.finditer(text) if max(odd) >= FIRST_TAG else ():
        yield Span(*match.span(), "Invisible tag characters.")


def _links(document: Document, tables: Tables, hidden: list[Block]) -> Iterator[tuple[float, Span]]:
    """Hidden links to other hosts: those with search phrases as anchors, or the block that they are."""
    found = [(link, host, _holder(link, hidden) >= 0) for link, host in outward(document)]
    shown = {host for _, host, inside in found if not inside}
    phrases: list[Link] = []
    others: list[tuple[Link, str]] = []
    for link, host, inside in found:
        # a menu leads where other links of the page lead too
        if not inside or host in shown:
            continue
        words = [m.group().lower() for m in WORD.finditer(document.text, link.start, link.end)]
        content = telling(words)
        named = [w for w in content if w in host]  # a share button says where it leads
        if (
            len(content) > (NAMING if named else 1)
            and "anchor_bits" in tables
            and sold(tables, words) > PHRASE
        ):
            phrases.append(link)
        elif not named and len(content) > 1 and len(words) <= SHORT:
            others.append((link, host))
    for rank, link in enumerate(phrases):
        yield float(rank < LINKS), Span(link.start, link.end, "A hidden link to another site.")
    if document.hosts and len(others) >= BLOCK and len({host for _, host in others}) >= HOSTS:
        yield 1.0, Span(others[0][0].start, others[-1][0].end, f"{len(others)} hidden links to other sites.")


def _holder(link: Link, hidden: list[Block]) -> int:
    """Which of the hidden blocks holds the link, or -1."""
    at = bisect_right(hidden, link.start, key=_START) - 1
    return at if at >= 0 and link.end <= hidden[at].end else -1


def _texts(document: Document, tables: Tables, hidden: list[Block]) -> Iterator[tuple[float, Span]]:
    """Hidden lists of queries and sales talk; what holds links is a menu, or `_links` judges it."""
    text = document.text
    starts, ends = [b.start for b in hidden], np.array([b.end for b in hidden])
    places = np.array([link[:2] for link in document.links], dtype=np.int64).reshape(-1, 2)
    holder = np.searchsorted(starts, places[:, 0], side="right") - 1
    linked = {*holder[places[:, 1] <= ends[holder]].tolist()}
    lines: list[Block] = []  # hidden lines that follow one another: perhaps the items of a list
    for k, block in enumerate([*hidden, None]):
        if lines and (block is None or k in linked or text[lines[-1].end : block.start].strip()):
            if is_query_list([text[b.start : b.end] for b in lines]):
                yield 1.0, Span(lines[0].start, lines[-1].end, "A hidden list of search queries.")
            lines = []
        if block is None or k in linked:
            continue
        lines.append(block)
        inside = text[block.start : block.end]
        if _NOTICE.search(inside):
            continue
        words = [word.lower() for word in WORD.findall(inside)]
        if is_query_list(_ITEMS.split(inside.strip())):
            yield 1.0, Span(block.start, block.end, "A hidden list of search queries.")
        elif (
            "anchor_bits" in tables and len(words) >= SALE_WORDS and sold(tables, words) > SALES * len(words)
        ):
            yield 1.0, Span(block.start, block.end, "Hidden sales talk.")
