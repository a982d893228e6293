"""A page's running text as blocks, and the exact likeness of two texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

GRAM = 3  # words; the likeness of two texts is the Jaccard index of their word triples

_WORD = re.compile(r"\w+(?:['’]\w+)*")
LINK = re.compile(r"\[([^\[\]]{1,200})\]\(([^()\s]{1,500})\)")
_ITEM = re.compile(r"^\s{0,6}(?:[-*+•]|\d{1,2}[.)])\s+")
_MARKS = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)")
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]?\s+(?=[\"“‘(]?[A-Z0-9])")
HEADING_WORDS = 12  # a line without a full stop that is no longer than this, before a paragraph, is a heading


class Block(NamedTuple):
    """A heading ("h2"), paragraph ("p"), list item ("li") or quotation ("quote"); links as [anchor](address)."""

    kind: str
    text: str


Blocks = tuple[Block, ...]


def blocks_of(text: str) -> Blocks:
    """Blocks of plain text or of light Markdown: an empty line or a line break ends a block."""
    lines = [line.strip() for line in text.replace("\r", "").split("\n")]
    lines = [line for line in lines if re.search(r"\w", line)]
    found = []
    for i, line in enumerate(lines):
        plain = _MARKS.sub("", line.replace("![", "["))
        if plain.startswith("#"):
            found.append(Block("h2", plain.lstrip("# ").rstrip("# ")))
        elif plain.startswith(">"):
            found.append(Block("quote", plain.lstrip("> ")))
        elif plain.startswith("|"):
            found.append(Block("li", " ".join(plain.strip("|").split("|"))))
        elif _ITEM.match(plain):
            found.append(Block("li", _ITEM.sub("", plain)))
        elif is_heading(plain) and i + 1 < len(lines) and not is_heading(lines[i + 1]):
            found.append(Block("h2", plain))
        else:
            found.append(Block("p", plain))
    return tuple(b for b in found if re.search(r"\w", b.text))


def is_heading(line: str) -> bool:
    """Whether a line looks like a heading: short, and no sentence."""
    return len(line.split()) <= HEADING_WORDS and line[-1:] not in '.!?;:,”"'


def plain(text: str) -> str:
    """The text without its link targets."""
    return LINK.sub(r"\1", text)


def prose(blocks: Iterable[Block]) -> str:
    """What a reader reads: one block a line."""
    return "\n".join(plain(block.text) for block in blocks)


def words(text: str) -> list[str]:
    """Words in lower case."""
    return [w.replace("’", "'") for w in _WORD.findall(text.lower())]


def grams(text: str, size: int = GRAM) -> frozenset[tuple[str, ...]]:
    """The set of runs of `size` words."""
    found = words(text)
    return frozenset(zip(*(found[i:] for i in range(size)), strict=False))


def jaccard(one: str, other: str) -> float:
    """Share of the word triples of both texts that they have in common; 0 where a text has none."""
    left, right = grams(one), grams(other)
    return len(left & right) / len(left | right) if left and right else 0.0


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, split at full stops before a capital."""
    return [s for s in _SENTENCE.split(text) if s]


def with_text(blocks: Sequence[Block], at: int, text: str) -> Blocks:
    """The blocks with the text of one of them changed; left out where nothing remains."""
    changed = (Block(blocks[at].kind, text),) if text.strip() else ()
    return (*blocks[:at], *changed, *blocks[at + 1 :])
