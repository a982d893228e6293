"""The words everybody speaks: a document, its blocks and links, spans of its text, and what is counted once and shared.

`Document.text` is the one coordinate system. Every offset counts its characters (Unicode code points), half open.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from detector.patterns import regex

Ints = NDArray[np.int64]
BlockKind = Literal[
    "title", "heading", "paragraph", "list_item", "quote", "table", "code", "furniture", "hidden"
]

# Kinds whose words are the page's own running text. The others stay in `text` but are never counted as prose.
PROSE: frozenset[str] = frozenset({"title", "heading", "paragraph", "list_item", "quote"})
# Prose that makes statements: what a rate per 300 words is taken over.
BODY: frozenset[str] = frozenset({"paragraph", "list_item", "quote"})


# Blocks, links and sentences are named tuples: made by the hundred for a page, several times faster than dataclasses.
# So are other small records: a dataclass takes a millisecond to define at every start.


class Block(NamedTuple):
    """A stretch of the page of one kind.

    Blocks come in the order of the text. They do not overlap, with one exception: a `code` or `hidden` block
    inside a prose block takes its characters out of the prose (Markdown markup, link targets, inline code).
    """

    start: int
    end: int
    kind: BlockKind


class Link(NamedTuple):
    """A link whose anchor stands at text[start:end]; href as written (resolved against the base where one is known)."""

    start: int
    end: int
    href: str
    rel: str = ""


class Unreadable(NamedTuple):
    """An input that could not become a document; it is answered with an `unscored` verdict that carries the error."""

    id: str
    kind: str
    message: str
    url: str | None = None
    title: str | None = None


class Partner(NamedTuple):
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


class Sentence(NamedTuple):
    """A sentence: text[start:end], made of tokens[first:last], inside blocks[block]."""

    start: int
    end: int
    first: int
    last: int
    block: int


class Bounds(NamedTuple):
    """The fields of all sentences, in order, as arrays."""

    start: Ints
    end: Ints
    first: Ints
    last: Ints
    block: Ints


_LONG = 20_000  # tokens from which no question about a word looks at all of them


class Tokens:
    """The words of the prose, in order, as parallel lists; and as arrays, for what is counted over a whole page.

    word: lower case, apostrophes made straight, so that typography tells nothing apart.
    starts, ends: offsets in `Document.text`. blocks: indices into `Document.blocks`.
    """

    def __init__(self, word: list[str], starts: Ints, ends: Ints, blocks: Ints) -> None:
        self.word = word
        self.starts = starts
        self.ends = ends
        self.blocks = blocks

    def __len__(self) -> int:
        return len(self.word)

    @cached_property
    def start(self) -> list[int]:
        """`starts` as a list, for looking up one at a time."""
        found: list[int] = self.starts.tolist()
        return found

    @cached_property
    def end(self) -> list[int]:
        """`ends` as a list."""
        found: list[int] = self.ends.tolist()
        return found

    @cached_property
    def block(self) -> list[int]:
        """`blocks` as a list."""
        found: list[int] = self.blocks.tolist()
        return found

    @cached_property
    def _numbered(self) -> tuple[dict[str, int], Ints]:
        number: defaultdict[str, int] = defaultdict()
        number.default_factory = number.__len__
        ids = np.fromiter(map(number.__getitem__, self.word), dtype=np.int64, count=len(self.word))
        return dict(number), ids

    @property
    def types(self) -> dict[str, int]:
        """The different words, numbered in the order in which they first come."""
        return self._numbered[0]

    @property
    def type_of(self) -> Ints:
        """For each token the number of its word in `types`."""
        return self._numbered[1]

    @cached_property
    def type_counts(self) -> Ints:
        """How often each of the `types` stands there."""
        return np.bincount(self.type_of, minlength=len(self.types))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each of the page's words stands there."""
        return dict(zip(self.types, self.type_counts.tolist(), strict=True))

    def met(self, words: frozenset[str] | set[str]) -> AbstractSet[str]:
        """Those of the words that the page has."""
        types = self.types
        return words.intersection(types) if len(words) > len(types) else types.keys() & words

    @cached_property
    def figures(self) -> list[int]:
        """The tokens that begin with a digit; none begins with what sorts before one."""
        return self.among(frozenset([word for word in self.types if word < ":"]))

    def among(self, words: frozenset[str] | set[str]) -> list[int]:
        """The tokens that are one of the words, in order. Costs next to nothing on a page that has none of them."""
        number = self.types
        met = [number[word] for word in self.met(words)]
        if not met:
            return []
        found: list[int]
        if len(self) < _LONG:
            wanted = np.zeros(len(number), dtype=bool)
            wanted[met] = True
            found = wanted[self.type_of].nonzero()[0].tolist()
            return found
        order, ends = self._by_type
        places = [
            order[end - count : end] for end, count in zip(ends[met], self.type_counts[met], strict=True)
        ]
        found = np.sort(np.concatenate(places)).tolist()
        return found

    @cached_property
    def _by_type(self) -> tuple[Ints, Ints]:
        """The tokens, those of a word side by side and in order; and where in this row each word ends."""
        # short numbers are sorted in linear time
        order = self.type_of.astype(np.min_scalar_type(len(self.types))).argsort(kind="stable")
        return order, np.cumsum(self.type_counts)


# A word: letters and digits, joined by single apostrophes ("don't"), points or commas between digits ("0.5", "1,200").
# Hyphens divide, so that "micro-needle" and "micro needle" count alike.
WORD = re.compile(r"\d+(?:[.,]\d+)*(?:[^\W\d_]+)?|[^\W_]+(?:['’ʼ][^\W_]+)*")
_BLANK, _APOSTROPHE, _COMMA, _POINT, _ZERO, _A = b" ',.0a"


def _folded(character: str) -> int:
    """What a character can be in a word, as one byte: letters in lower case, from "a" on; digits; what may join them;
    or a space. Of letters and digits beyond Latin-1, which few English pages have, only that they are such.
    """
    if not character.isalnum():
        return ord(character) if character in "'.," else _BLANK
    if character < "Ā":
        return ord(character.lower())
    return _ZERO if character.isdecimal() else _A


_LATIN = bytes(map(_folded, map(chr, range(0x100))))
_NOWHERE = np.zeros(0, dtype=np.int64)
_PART = 200_000  # characters of a long text that are read at once: larger arrays cost more for each of them


def code_points(text: str) -> NDArray[np.uint32]:
    """The characters of a text as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


class _Words:
    """The words of a text, those that `WORD` finds, by arithmetic over the whole text.

    starts, ends: their offsets. inside: for each character whether it is part of one.
    """

    def __init__(self, text: str) -> None:
        straight = text.replace("’", "'")
        self.text = text
        self.folded = np.frombuffer(straight.encode("latin-1", "replace").translate(_LATIN), dtype=np.uint8)
        self.far = _NOWHERE  # letters and digits beyond Latin-1
        self.touching = _NOWHERE  # where words meet without a gap
        if not straight.isascii():
            self._look_far(code_points(straight))
        number = self.folded - _ZERO < 10
        inside = number | (self.folded >= _A)
        apart, between = self.folded[1:-1], inside[:-2] & inside[2:]
        number[1:-1] |= ((apart == _POINT) | (apart == _COMMA)) & number[:-2] & number[2:]
        inside[1:-1] |= ((apart == _APOSTROPHE) & between) | number[1:-1]
        closed = np.concatenate([[False], inside, [False]])
        edges = (closed[1:] != closed[:-1]).nonzero()[0]
        self.inside, self.starts, self.ends = inside, edges[::2], edges[1::2]
        # where figures and letters meet, a stretch can be several words: "50mg" is one, "3d2" is two
        mixed = ((number[1:] != number[:-1]) & inside[1:] & inside[:-1]).nonzero()[0]
        if len(mixed):
            self._divide(self._holding(mixed))

    def _look_far(self, codes: NDArray[np.uint32]) -> None:
        far = (codes > 0xFF).nonzero()[0]
        if any(chr(code).isalnum() for code in set(codes[far].tolist())):
            distinct, which = np.unique(codes[far], return_inverse=True)
            kinds = np.array([_folded(chr(code)) for code in distinct.tolist()], dtype=np.uint8)[which]
            self.folded = self.folded.copy()
            self.folded[far] = kinds
            self.far = far[kinds != _BLANK]

    def _divide(self, odd: Ints) -> None:
        """Divides those of these stretches that are several words."""
        found = [
            m.span()
            for start, end in zip(self.starts[odd].tolist(), self.ends[odd].tolist(), strict=True)
            for m in WORD.finditer(self.text, start, end)
        ]
        if len(found) > len(odd):
            more = np.array(found)
            self.starts = np.sort(np.concatenate([np.delete(self.starts, odd), more[:, 0]]))
            self.ends = np.sort(np.concatenate([np.delete(self.ends, odd), more[:, 1]]))
            steps = np.zeros(len(self.text) + 1, dtype=np.int8)
            steps[self.starts] += 1
            steps[self.ends] -= 1
            self.inside = steps[:-1].cumsum().astype(bool)
            self.touching = self.ends[:-1][self.ends[:-1] == self.starts[1:]]

    def _holding(self, places: Ints) -> Ints:
        """The words that hold these characters."""
        held = np.searchsorted(self.starts, places, side="right") - 1
        found: Ints = held[np.append(True, held[1:] != held[:-1])]
        return found

    def lower(self) -> list[str]:
        """The words in lower case, apostrophes made straight."""
        letters = np.maximum(self.folded * self.inside, _BLANK)
        if len(self.touching):
            letters = np.insert(letters, self.touching, _BLANK)
        said = letters.tobytes().decode("latin-1").split()
        for k in self._holding(self.far).tolist() if len(self.far) else ():
            word = self.text[self.starts[k] : self.ends[k]].lower()
            said[k] = word.replace("’", "'").replace("ʼ", "'")
        return said


def word_places(text: str) -> tuple[Ints, Ints]:
    """Where the words of a text begin and end: those that `WORD` finds."""
    words = _Words(text)
    return words.starts, words.ends


# The end of a sentence: a mark, closing quotes, then white space before what can open a new one; no abbreviation.
_SENTENCE_END = re.compile(
    r"[.!?…][\"'”’)\]]*(?=\s+[\"'“‘(\[]?([^\W_]))"
    + "".join(
        rf"(?<!\b(?:{names})\.)"  # of one length each, as looking back demands
        for names in (
            r"(?<![^\W_]['’])[A-Za-z]",  # but the "t" of "don't"
            "Dr|Mr|Ms|St|Jr|Sr|vs|al|ca|cf|No|pp|Co|Mt",
            "Drs|Mrs|etc|Fig|Vol|Inc|Ltd|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec",
            "Prof|dept|Sept",
            "approx",
        )
    )
)
# Each begins with its mark, so that the search can run from mark to mark.
_QUOTED = regex(r"“[^“”\n]{1,600}”|‘[^‘’\n]{2,300}’(?![^\W_])|\"(?<![^\W_]\")[^\"\n]{1,600}\"(?![^\W_])")

_HOST = regex(r"(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}", re.IGNORECASE)


# The usual address, of which nothing but the host need be read.
_PLAIN = re.compile(r"https?://([a-z0-9.-]+)(?=[/?#]|\Z)")


def host_of(address: str) -> str:
    """The host of a web address in lower case, without "www." and port; "" where it has none."""
    if plain := _PLAIN.match(address):
        host = plain[1]
    elif "//" not in address:
        return ""
    else:
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
        """A web page. `charset` is what the HTTP header said; see `sources.charset.decode` for the order of trust.

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
        if not set(row) <= cls.__dataclass_fields__.keys():
            raise ValueError("there are fields that no document has")
        said = [row["id"], row["text"], row.get("source", "")]
        said += [row[name] for name in ("title", "url", "language", "site") if row.get(name) is not None]
        said += [word for _, _, *words in row["links"] for word in words]
        if not all(isinstance(value, str) for value in said):
            raise TypeError("a field that must be a string is something else")
        size = len(row["text"])
        blocks = tuple(Block(start, end, kind) for start, end, kind in row["blocks"])
        links = tuple(Link(start, end, href, rel) for start, end, href, rel in row["links"])
        places = [(b.start, b.end) for b in blocks] + [(a.start, a.end) for a in links]
        if not all(isinstance(at, int) for place in places for at in place):
            raise TypeError("a place must be a whole number")
        if not all(0 <= start <= end <= size for start, end in places):
            raise ValueError("a block or link lies outside the text")
        if not {b.kind for b in blocks} <= set(get_args(BlockKind)):
            raise ValueError("there are blocks of a kind that does not exist")
        return cls(**{**row, "blocks": blocks, "links": links})

    def __getstate__(self) -> dict[str, object]:
        # what is cached can be computed again; workers are sent the fields alone
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}

    @cached_property
    def beyond_ascii(self) -> frozenset[str]:
        """The characters of the text that are not ASCII: a handful on an English page."""
        if self.text.isascii():
            return frozenset()
        codes = code_points(self.text)
        return frozenset(codes[codes > 0x7F].tobytes().decode("utf-32-le", "surrogatepass"))

    @cached_property
    def tokens(self) -> Tokens:
        """The words of the prose: title, headings, paragraphs, list items, quotes."""
        pieces = list(self.prose_pieces())
        passed = np.cumsum([end - start for _, start, end in pieces], dtype=np.int64) // _PART
        cuts = [0, *((passed[1:] != passed[:-1]).nonzero()[0] + 1).tolist(), len(pieces)]
        words: list[str] = []
        places = []
        for part in (pieces[a:b] for a, b in pairwise(cuts)):
            found = _Words("\n".join([self.text[start:end] for _, start, end in part]))
            words += found.lower()
            # from the joined pieces back to the text
            index, first, last = np.array(part, dtype=np.int64).reshape(-1, 3).T
            joined = np.cumsum(last - first + 1) - (last - first + 1)
            held = np.diff(np.searchsorted(found.starts, joined), append=len(found.starts))
            moved = (first - joined).repeat(held)
            places.append(np.stack([found.starts + moved, found.ends + moved, index.repeat(held)]))
        return Tokens(words, *np.concatenate(places, axis=1))

    def prose_pieces(self) -> Iterator[tuple[int, int, int]]:
        """(block index, start, end) of prose, with code and hidden stretches inside prose blocks cut out."""
        holes = [b for b in self.blocks if b.kind == "code" or b.kind == "hidden"]
        hole_starts = [b.start for b in holes]
        for index, (at, end, kind) in enumerate(self.blocks):
            if kind not in PROSE:
                continue
            if holes:
                start = at
                k = max(0, bisect_right(hole_starts, start) - 1)
                while k < len(holes) and holes[k].start < end:
                    hole = holes[k]
                    if hole.end > at and hole.start >= start:
                        if hole.start > at:
                            yield index, at, hole.start
                        at = max(at, hole.end)
                    k += 1
            if at < end:
                yield index, at, end

    @cached_property
    def block_tokens(self) -> dict[int, tuple[int, int]]:
        """For each prose block with words: its tokens as (first, last), half open."""
        blocks = self.tokens.blocks
        if not len(blocks):
            return {}
        cuts = [0, *((blocks[1:] != blocks[:-1]).nonzero()[0] + 1).tolist(), len(blocks)]
        return dict(zip(blocks[cuts[:-1]].tolist(), pairwise(cuts), strict=True))

    @cached_property
    def body(self) -> NDArray[np.bool_]:
        """For each block whether it is a paragraph, list item or quote."""
        return np.array([kind in BODY for _, _, kind in self.blocks], dtype=bool)

    @cached_property
    def in_body(self) -> NDArray[np.bool_]:
        """For each token whether it stands in a paragraph, list item or quote."""
        return self.body[self.tokens.blocks]

    @cached_property
    def bounds(self) -> Bounds:
        """Sentences of the prose, in order; a heading or list item without a full stop is one sentence."""
        starts, ends, blocks = self.tokens.starts, self.tokens.ends, self.tokens.blocks
        if not len(starts):
            return Bounds(starts, ends, starts, ends, blocks)
        block_ends = np.array([end for _, end, _ in self.blocks], dtype=np.int64)
        found = [at for mark in _SENTENCE_END.finditer(self.text) for at in (mark.end(), mark.end(1))]
        cuts, opens = np.array(found, dtype=np.int64).reshape(-1, 2).T
        stops = np.searchsorted(starts, cuts)
        inside = (opens <= block_ends[blocks[stops - 1]]) & (stops > 0)
        closing = np.append((blocks[1:] != blocks[:-1]).nonzero()[0], len(blocks) - 1)
        # where the sentences end, by the token after it: each block closes one, unless a mark of its own does there
        closed = np.zeros(len(starts) + 1, dtype=np.int64)
        closed[closing + 1] = block_ends[blocks[closing]]
        closed[stops[inside][::-1]] = cuts[inside][::-1]
        last = closed.nonzero()[0]
        first = np.append(0, last[:-1])
        return Bounds(starts[first], np.maximum(closed[last], ends[last - 1]), first, last, blocks[first])

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences one by one."""
        columns = (column.tolist() for column in self.bounds)
        return tuple(map(tuple.__new__, repeat(Sentence), zip(*columns, strict=True)))

    @cached_property
    def sentence_of(self) -> Ints:
        """For each token the index of its sentence in `sentences`."""
        _, _, first, last, _ = self.bounds
        return np.arange(len(first)).repeat(last - first)

    @cached_property
    def quoted(self) -> tuple[tuple[int, int], ...]:
        """Stretches (start, end) inside quotation marks: somebody else's words, not the page's own claim."""
        return tuple([m.span() for m in _QUOTED.finditer(self.text)])

    @cached_property
    def link_hosts(self) -> tuple[str, ...]:
        """For each of `links` its `host_of`."""
        return tuple([host_of(link.href) for link in self.links])

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
        return not host or self.owns(host)

    def owns(self, host: str) -> bool:
        """Whether a host is one of the page's own, or below or above one."""
        return any(host == own or host.endswith("." + own) or own.endswith("." + host) for own in self.hosts)

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
        return Span(int(self.tokens.starts[first]), int(self.tokens.ends[last - 1]), says, tuple(instead))
