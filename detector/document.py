"""The words everybody speaks: a document, its blocks and links, spans of its text, and what is counted once and shared.

`Document.text` is the one coordinate system. Every offset counts its characters (Unicode code points), half open.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

BlockKind = Literal[
    "title", "heading", "paragraph", "list_item", "quote", "table", "code", "furniture", "hidden"
]

# Kinds whose words are the page's own running text. The others stay in `text` but are never counted as prose.
PROSE: frozenset[str] = frozenset({"title", "heading", "paragraph", "list_item", "quote"})
# Prose that makes statements: what a rate per 300 words is taken over.
BODY: frozenset[str] = frozenset({"paragraph", "list_item", "quote"})


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the page of one kind.

    Blocks come in the order of the text. They do not overlap, with one exception: a `code` or `hidden` block
    inside a prose block takes its characters out of the prose (Markdown markup, link targets, inline code).
    """

    start: int
    end: int
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Link:
    """A link whose anchor stands at text[start:end]; href as written (resolved against the base where one is known)."""

    start: int
    end: int
    href: str
    rel: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An input that could not become a document; it is answered with an `unscored` verdict that carries the error."""

    id: str
    kind: str
    message: str
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """The other place of a pair: on the same page, or on another one (`id`, `url` name it)."""

    id: str
    url: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text that shows a finding.

    says: one sentence for the margin; instead: honest forms, best first; partner: the other place of a pair.
    """

    start: int
    end: int
    says: str = ""
    instead: tuple[str, ...] = ()
    partner: Partner | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: text[start:end], made of tokens[first:last], inside blocks[block]."""

    start: int
    end: int
    first: int
    last: int
    block: int


class Tokens:
    """The words of the prose, in order, as parallel lists.

    word: lower case, apostrophes made straight, so that typography tells nothing apart.
    start, end: offsets in `Document.text`. block: index into `Document.blocks`.
    """

    __slots__ = ("block", "end", "start", "word")

    def __init__(self, word: list[str], start: list[int], end: list[int], block: list[int]) -> None:
        self.word = word
        self.start = start
        self.end = end
        self.block = block

    def __len__(self) -> int:
        return len(self.word)


# A word: letters and digits, joined by single apostrophes ("don't"), points or commas between digits ("0.5", "1,200").
# Hyphens divide, so that "micro-needle" and "micro needle" count alike.
WORD = re.compile(r"\d+(?:[.,]\d+)*(?:[^\W\d_]+)?|[^\W_]+(?:['’ʼ][^\W_]+)*")
_CURLY = str.maketrans({"’": "'", "ʼ": "'"})

# The end of a sentence: a mark, closing quotes, then white space before what can open a new one.
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s+[\"'“‘(\[]?[^\W_])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|Dr|Drs|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|al|approx|ca|cf|No|Fig|Vol|pp|Inc|Ltd|Co|Mt|dept"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|a\.m|p\.m|Ph\.D|M\.D|U\.S|U\.K))\.$"
)
_QUOTED = re.compile(r"“[^“”\n]{1,600}”|‘[^‘’\n]{2,300}’(?![^\W_])|(?<![^\W_])\"[^\"\n]{1,600}\"(?![^\W_])")

_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}", re.IGNORECASE)


def host_of(address: str) -> str:
    """The host of a web address in lower case, without "www." and port; "" where it has none."""
    if "//" not in address:
        return ""
    try:
        host = urlsplit(address.strip()).hostname or ""
    except ValueError:  # "http://[" and the like
        return ""
    return host.removeprefix("www.").rstrip(".")


@dataclass(frozen=True)
class Document:
    """A page as the detector reads it. Build one with `from_html`, `from_text`, `from_markdown` or `from_file`.

    id: how results name it. url: where it was published, if known. title: the page's own title, if it has one
    apart from the text. language: declared by the source ("en"), a hint only. source: "html", "markdown", "text", ...
    site: whose page it is, a host or the name of a business, where somebody has said so (`--site`).
    """

    id: str
    text: str
    blocks: tuple[Block, ...]
    links: tuple[Link, ...] = ()
    title: str | None = None
    url: str | None = None
    language: str | None = None
    source: str = "text"
    site: str | None = None

    @staticmethod
    def from_html(
        html: str | bytes,
        url: str | None = None,
        charset: str | None = None,
        *,
        id: str | None = None,
        careful: bool = False,
    ) -> Document:
        """A web page. `charset` is what the HTTP header said; see `sources.html.decode` for the order of trust.

        careful: by the slower tier of extraction, as `--careful` says on the command line.
        """
        from detector.sources.html import read_html

        return read_html(html, url=url, charset=charset, id=id, careful=careful)

    @staticmethod
    def from_text(
        text: str, url: str | None = None, *, title: str | None = None, id: str | None = None
    ) -> Document:
        """Plain text; `Document.text` is the input unchanged."""
        from detector.sources.text import read_text

        return read_text(text, url=url, title=title, id=id)

    @staticmethod
    def from_markdown(
        text: str, url: str | None = None, *, title: str | None = None, id: str | None = None
    ) -> Document:
        """Markdown; `Document.text` is the input unchanged, markup and front matter are left out of the tokens."""
        from detector.sources.markdown import read_markdown

        return read_markdown(text, url=url, title=title, id=id)

    @staticmethod
    def from_file(path: str | Path) -> Document:
        """A file, read by what its content and its ending say. Raises SourceError when it cannot be read."""
        from detector.sources.files import read_file

        return read_file(path)

    def to_dict(self) -> dict[str, Any]:
        """The document as plain data, for JSON; `from_dict` reads it."""
        return {
            "id": self.id,
            "text": self.text,
            "blocks": [[b.start, b.end, b.kind] for b in self.blocks],
            "links": [[link.start, link.end, link.href, link.rel] for link in self.links],
            "title": self.title,
            "url": self.url,
            "language": self.language,
            "source": self.source,
            "site": self.site,
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Document:
        """The document that `to_dict` made. Raises ValueError, KeyError or TypeError for anything else."""
        size = len(row["text"])
        blocks = tuple(Block(start, end, kind) for start, end, kind in row["blocks"])
        links = tuple(Link(start, end, href, rel) for start, end, href, rel in row["links"])
        places = [(b.start, b.end) for b in blocks] + [(a.start, a.end) for a in links]
        if not all(0 <= start <= end <= size for start, end in places):
            raise ValueError("a block or link lies outside the text")
        if unknown := {b.kind for b in blocks} - set(get_args(BlockKind)):
            raise ValueError(f"no kinds of block: {', '.join(sorted(unknown))}")
        return cls(**{**row, "blocks": blocks, "links": links})

    def __getstate__(self) -> dict[str, object]:
        # what is cached can be computed again; workers are sent the fields alone
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}

    @cached_property
    def tokens(self) -> Tokens:
        """The words of the prose: title, headings, paragraphs, list items, quotes."""
        words: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        owners: list[int] = []
        text = self.text
        for index, start, end in self.prose_pieces():
            for match in WORD.finditer(text, start, end):
                words.append(match.group())
                starts.append(match.start())
                ends.append(match.end())
                owners.append(index)
        # one pass over the joined words is far cheaper than lower() and translate() per word
        joined = "\n".join(words).lower().translate(_CURLY)
        lowered = joined.split("\n") if words else []
        if len(lowered) != len(words):  # a word that lower-cases into a line break does not exist; stay safe
            lowered = [w.lower().translate(_CURLY) for w in words]
        return Tokens(lowered, starts, ends, owners)

    def prose_pieces(self) -> Iterator[tuple[int, int, int]]:
        """(block index, start, end) of prose, with code and hidden stretches inside prose blocks cut out."""
        holes = [b for b in self.blocks if b.kind == "code" or b.kind == "hidden"]
        hole_starts = [b.start for b in holes]
        for index, block in enumerate(self.blocks):
            if block.kind not in PROSE:
                continue
            at = block.start
            if holes:
                k = max(0, bisect_right(hole_starts, block.start) - 1)
                while k < len(holes) and holes[k].start < block.end:
                    hole = holes[k]
                    if hole.end > at and hole.start >= block.start:
                        if hole.start > at:
                            yield index, at, hole.start
                        at = max(at, hole.end)
                    k += 1
            if at < block.end:
                yield index, at, block.end

    @cached_property
    def block_tokens(self) -> dict[int, tuple[int, int]]:
        """For each prose block with words: its tokens as (first, last), half open."""
        ranges: dict[int, tuple[int, int]] = {}
        for i, block in enumerate(self.tokens.block):
            first, _ = ranges.get(block, (i, i))
            ranges[block] = (first, i + 1)
        return ranges

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Sentences of the prose, in order; a heading or list item without a full stop is one sentence."""
        found: list[Sentence] = []
        tokens = self.tokens
        for index, (first, last) in self.block_tokens.items():
            block = self.blocks[index]
            cuts = [m.end() for m in _SENTENCE_END.finditer(self.text, block.start, block.end)]
            at = first
            sentence_start = tokens.start[first]
            for cut in cuts:
                head = self.text[max(block.start, cut - 8) : cut]
                if head.endswith(".") and _ABBREVIATION.search(head):
                    continue
                stop = bisect_right(tokens.start, cut - 1, at, last)
                if stop > at:
                    found.append(Sentence(sentence_start, max(cut, tokens.end[stop - 1]), at, stop, index))
                    at = stop
                    if at < last:
                        sentence_start = tokens.start[at]
            if at < last:
                found.append(Sentence(sentence_start, max(block.end, tokens.end[last - 1]), at, last, index))
        return tuple(found)

    @cached_property
    def quoted(self) -> tuple[tuple[int, int], ...]:
        """Stretches (start, end) inside quotation marks: somebody else's words, not the page's own claim."""
        return tuple(m.span() for m in _QUOTED.finditer(self.text))

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The page's own hosts, without "www.": of its address, and of `site` where that is one. Empty: unknown."""
        found = {host_of(self.url or "")}
        if self.site and _HOST.fullmatch(self.site.strip()):
            found.add(host_of(f"https://{self.site.strip()}"))
        return frozenset(found - {""})

    def is_own(self, href: str) -> bool:
        """Whether a link stays on the page's own site: relative, or to one of its hosts or a host below or above it."""
        host = host_of(href)
        return not host or any(
            host == own or host.endswith("." + own) or own.endswith("." + host) for own in self.hosts
        )

    def in_quotes(self, start: int, end: int) -> bool:
        """Whether text[start:end] lies wholly inside quotation marks."""
        at = bisect_right(self.quoted, (start, len(self.text) + 1)) - 1
        return at >= 0 and self.quoted[at][0] <= start and end <= self.quoted[at][1]

    def shingles(self, first: int, last: int, size: int = 3) -> frozenset[tuple[str, ...]]:
        """The word n-grams of tokens[first:last] as a set."""
        words = self.tokens.word[first:last]
        return frozenset(zip(*(words[k:] for k in range(size)), strict=False))

    def token_span(self, first: int, last: int, says: str = "", instead: Iterable[str] = ()) -> Span:
        """The span that covers tokens[first:last]."""
        return Span(self.tokens.start[first], self.tokens.end[last - 1], says, tuple(instead))
