"""The title is printed again in the body, a third time, or in capitals, or its words are dropped into sentences.

Why it matters
    Article spinners and blog networks paste the title into the template and into the text, so that it
    stands there two, three or four times. Google's Search Quality Rater Guidelines count such copied page
    furniture as filler; readers see it at once. An honest page prints its title twice at most: as the
    page's title and as its heading.

Fires on
    A line that says the title again, in the same or nearly the same words, after the page title and one
    heading; a copy in capitals beside one in ordinary letters; a title of any length, line after line; a line
    of six words or more that stands there three times. The value counts the extra copies, longer titles more,
    at most four. Templates that put the words of the web address into their slots drop the little words: three
    words of the title in a row that it does not have so, at three places or more, count half a copy each.

    Example:
        SEVEN QUIET WAYS TO KEEP SLUGS AWAY FROM YOUNG LETTUCE

        ⟦Seven Quiet Ways To Keep Slugs Away From Young Lettuce⟧

        ⟦Seven quiet ways to keep slugs away from young lettuce⟧

        Slugs feed at night and hide under boards by day. Lift the boards in the morning and carry the slugs
        off.

Quiet on
    The page title and one heading that repeats it, short titles that come back as a label, sections that
    share a heading, running text that mentions what the page is about.

    Example:
        How to Prune an Old Apple Tree in Winter

        An old apple tree should be pruned in winter, when you can see its branches. Take out dead wood
        first, then whatever rubs, and stop when a quarter of the crown is gone.

Blind spots
    A title that comes back in other words; a whole title woven into sentences, which keyword stuffing covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from detector.document import WORD, Document, Span
from detector.patterns import regex
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "The title is printed again in the text."

LEAST = 4  # words of the shortest title that can be repeated
LONG = 8  # words from which a copy counts in full
LINE = 6  # words of the shortest other line that can stand there three times
MOST = 30  # words of the longest line that can be a title
SAME = 0.85  # share of words that two titles have in common
COPIES = 4  # extra copies that make up the value
SLOT_WORDS = 3  # words of the title that stand in for a name
LITTLE_BITS = 9.0  # a word of so few bits is a little one
SLOTS = 3  # places where they do, that are no accident
SLOT = 0.5  # what one of them counts
_SITE = regex(r"\s+[|–—»·-]\s+|\s*\|\s*")  # "Title | Site"

Words = tuple[str, ...]


def measure(document: Document, tables: Tables) -> Evidence:
    """The extra copies of the title, and lines that stand there three times."""
    words, blocks, text = document.tokens.word, document.blocks, document.text
    lines: dict[Words, list[int]] = {}
    for index, (first, last) in document.block_tokens.items():
        if LEAST <= last - first <= MOST:
            lines.setdefault(tuple(words[first:last]), []).append(index)
    first_line = next(iter(document.block_tokens), None)
    titles = list(_titles(document.title))
    own = {line: frozenset(line) for line in titles}
    for line, found in lines.items():
        if found[0] == first_line or blocks[found[0]].kind == "title":
            own[line] = frozenset(line)
    copies = sorted({at for line, found in lines.items() if _among(line, own) for at in found})
    marks = [(strength, at, "The title again.") for strength, at in _extra(document, copies)]
    body = _body_start(document)
    for line, found in lines.items():
        # a line that comes first in the body is a heading or a "back to the top", not a title
        if (
            len(found) > 2
            and len(line) >= LINE
            and found[0] < body
            and found[0] not in copies
            and _bare(document, found[0])
        ):
            marks += [(0.25, at, f"The same line stands here {len(found)} times.") for at in found[1:]]
    doubled = set(_doubled(document))
    marks += [
        (1.0, at, "The title again, line after line.") for at in doubled.difference(m[1] for m in marks)
    ]
    marks.sort(key=lambda m: (-m[0], m[1]))
    slots = _slots(document, tables, titles[0] if titles else ())
    value = SLOT * min(COPIES, len(slots))
    spans = [
        document.token_span(first, last, "Words of the title dropped into a sentence as if they were a name.")
        for first, last in slots
    ]
    for rank, (strength, at, says) in enumerate(marks):
        first, last = document.block_tokens[at]
        if rank < COPIES:
            value += strength * (1.0 if at in doubled else min(1.0, (last - first) / LONG))
        start = document.tokens.start[first]
        end = start + len(text[start : blocks[at].end].rstrip())
        spans.append(Span(start, end, says))
    return Evidence(value, tuple(spans))


def _titles(title: str | None) -> Iterator[Words]:
    """The words of the page's title, with and without the name of the site around it."""
    for part in (title, *_SITE.split(title)) if title else ():
        found = tuple(_words(part))
        if len(found) >= LEAST:
            yield found


def _words(line: str) -> list[str]:
    """The words of a line as `Document.tokens` has them."""
    return [m.group().lower().replace("’", "'") for m in WORD.finditer(line)]


def _among(line: Words, titles: dict[Words, frozenset[str]]) -> bool:
    """Whether the line says one of the titles, but for a word."""
    if line in titles:
        return True
    here = set(line)
    return any(len(here & said) >= SAME * max(len(here), len(said)) for said in titles.values())


def _extra(document: Document, copies: list[int]) -> list[tuple[float, int]]:
    """(strength, block) of the copies beyond the title and the one heading that may say it again
    above the text."""
    shouted = [document.text[document.blocks[at].start : document.blocks[at].end].isupper() for at in copies]
    if any(shouted) and not all(shouted):
        return [(1.0, at) for at in copies[1:]]
    again = 2 if len(copies) > 1 and copies[1] < _body_start(document) else 1
    return [(1.0 if rank > 1 else 0.5, at) for rank, at in enumerate(copies) if rank >= again]


def _doubled(document: Document) -> Iterator[int]:
    """Blocks that say the title, short or long, beside a block that says it, but for the title and one heading."""
    words, tokens = document.tokens.word, document.block_tokens
    title = _words(document.title or "") or next((words[first:last] for first, last in tokens.values()), [])
    says = [last - first == len(title) and words[first:last] == title for first, last in tokens.values()]
    if len(title) > MOST or sum(says) < 2:
        return
    for place, ((before, one), (at, two)) in enumerate(pairwise(zip(tokens, says, strict=True))):
        if one and two:
            if place > 1 or not says[0]:
                yield before
            if place > 0:
                yield at


def _slots(document: Document, tables: Tables, title: Words) -> list[tuple[int, int]]:
    """Places (first, last token) where words of the title stand in a row without the little words between them, as in
    a name made from a web address; none for less than SLOTS of them."""
    glue = [bits < LITTLE_BITS for bits in tables.rarity(title)] if title else []
    kept = [k for k, little in enumerate(glue) if not little]
    names = {
        tuple(title[k] for k in kept[at : at + SLOT_WORDS])
        for at in range(len(kept) - SLOT_WORDS + 1)
        if kept[at + SLOT_WORDS - 1] - kept[at] >= SLOT_WORDS
    }
    tokens, text = document.tokens, document.text
    found = [
        (at, at + SLOT_WORDS)
        for at in tokens.among(frozenset(name[0] for name in names))
        if tuple(row := tokens.word[at : at + SLOT_WORDS]) in names
        and " ".join(row) == text[tokens.start[at] : tokens.end[at + SLOT_WORDS - 1]].lower()
    ]
    return found if len(found) >= SLOTS else []


def _body_start(document: Document) -> int:
    """The first block that is longer than a title."""
    tokens = document.block_tokens
    return next((i for i, (first, last) in tokens.items() if last - first > MOST), len(document.blocks))


def _bare(document: Document, at: int) -> bool:
    """Whether the block is a bare line, neither sentence nor question nor label."""
    block = document.blocks[at]
    line = document.text[block.start : block.end].rstrip()
    return block.kind != "list_item" and not line.endswith((".", "?", "!", ":"))
