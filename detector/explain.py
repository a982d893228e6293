"""The documentation of a signal, read from the docstring of its file.

The command line, the table in the README and the contract test of the signals all read it here. A docstring is

    One sentence that names what the page shows.

    Why it matters
        What it means for a reader, and where that is known from.

    Fires on
        What is found, with examples; ⟦ and ⟧ enclose exactly the characters that the spans must cover.

        Example:
            A sentence with ⟦the very words⟧ in it.

    Quiet on
        What must not be found, with examples without marks.

    Blind spots
        What it cannot tell.

An example of a signal of a crawl holds several pages, each under a line with its address.
"""

from __future__ import annotations

import difflib
import inspect
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, Protocol

from detector import signals
from detector.errors import UsageError

HEADINGS = ("Why it matters", "Fires on", "Quiet on", "Blind spots")
OPEN, CLOSE = "⟦", "⟧"

_EXAMPLE = re.compile(r"( *)Example:\s*")
_MARK = re.compile(f"[{OPEN}{CLOSE}]")
_ADDRESS = re.compile(r"^https?://\S+$\n?", re.MULTILINE)

Kind = Literal["place", "habit", "trust", "description", "crawl"]
Spans = tuple[tuple[int, int], ...]


class Signal(Protocol):
    """What the documentation needs of a signal, of a page or of a crawl."""

    __doc__: str | None

    @property
    def KIND(self) -> Kind:  # noqa: N802
        """What its value means."""
        ...


@dataclass(frozen=True, slots=True)
class ExamplePage:
    """A page of an example of several, with the stretches of its text that must be marked."""

    url: str
    text: str
    spans: Spans


@dataclass(frozen=True, slots=True)
class Example:
    """A short text on which the signal fires, or stays quiet.

    spans: the marked stretches of `text` as (start, end), in order; a signal must return exactly these.
    """

    kind: Literal["fires", "quiet"]
    text: str
    spans: Spans

    @property
    def pages(self) -> tuple[ExamplePage, ...]:
        """The pages, each of which follows a line with its address; none where no such line stands."""
        found = list(_ADDRESS.finditer(self.text))
        ends = [*(address.start() for address in found[1:]), len(self.text)][: len(found)]
        return tuple(
            ExamplePage(
                address.group().strip(),
                self.text[address.end() : end].rstrip("\n"),
                tuple(
                    (a - address.end(), b - address.end()) for a, b in self.spans if address.end() <= a < end
                ),
            )
            for address, end in zip(found, ends, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Page:
    """What a signal's docstring says. `sections`: the text under each heading of HEADINGS, in that order."""

    signal: str
    kind: Kind
    summary: str
    sections: dict[str, str]
    examples: tuple[Example, ...]


@cache
def known() -> Mapping[str, Signal]:
    """All signals by id: those of a page, then those of a crawl, both in alphabetical order."""
    from detector.signals import crawl

    across = crawl.registry()
    return MappingProxyType({**signals.registry(), **{name: across[name] for name in sorted(across)}})


def page(name: str) -> Page:
    """The documentation of one signal. Raises UsageError for a name that no signal has."""
    signal = signals.registry().get(name) or known().get(name)  # scoring a page loads nothing of a crawl
    if signal is None:
        near = difflib.get_close_matches(name, known(), n=1)
        hint = f"did you mean '{near[0]}'?" if near else "`detector explain` lists them"
        raise UsageError(f"there is no signal '{name}': {hint}")
    try:
        summary, sections = parse(signal.__doc__ or "")
    except ValueError as error:
        raise ValueError(f"the documentation of {name}: {error}") from None
    shown = (*examples("fires", sections["Fires on"]), *examples("quiet", sections["Quiet on"]))
    return Page(name, signal.KIND, summary, sections, shown)


def pages() -> list[Page]:
    """The documentation of every signal, in the order of `known`."""
    return [page(name) for name in known()]


def markdown_table() -> str:
    """Every signal with its kind and what it finds, as the README shows them."""
    rows = [f"| `{p.signal}` | {p.kind} | {p.summary} |" for p in pages()]
    return "\n".join(["| signal | kind | what it finds |", "| --- | --- | --- |", *rows])


def parse(docstring: str) -> tuple[str, dict[str, str]]:
    """Summary and sections of a docstring. Raises ValueError when a heading is missing or out of order."""
    lines = inspect.cleandoc(docstring).splitlines()
    places = [i for i, line in enumerate(lines) if line in HEADINGS]
    if tuple(lines[i] for i in places) != HEADINGS:
        raise ValueError(f"a signal's docstring needs the headings {', '.join(HEADINGS)}, in this order")
    sections = {
        lines[start]: textwrap.dedent("\n".join(lines[start + 1 : end])).strip("\n")
        for start, end in zip(places, [*places[1:], len(lines)], strict=True)
    }
    return " ".join(lines[: places[0]]).strip(), sections


def unmark(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Text without its ⟦ ⟧ and the stretches they enclosed, in the order of their ends; marks may nest.

    Raises ValueError when a mark has no partner.
    """
    pieces: list[str] = []
    opened: list[int] = []
    spans: list[tuple[int, int]] = []
    length = at = 0
    for mark in _MARK.finditer(marked):
        pieces.append(marked[at : mark.start()])
        length += mark.start() - at
        at = mark.end()
        if mark.group() == OPEN:
            opened.append(length)
        elif opened:
            spans.append((opened.pop(), length))
        else:
            raise ValueError(f"{CLOSE} without {OPEN} in: {marked[:60]}")
    if opened:
        raise ValueError(f"{OPEN} without {CLOSE} in: {marked[:60]}")
    return "".join(pieces) + marked[at:], tuple(spans)


def examples(kind: Literal["fires", "quiet"], section: str) -> list[Example]:
    """The blocks that stand indented under a line `Example:`."""
    lines = section.splitlines()
    found: list[Example] = []
    for i, line in enumerate(lines):
        heading = _EXAMPLE.fullmatch(line)
        if heading is None:
            continue
        margin = len(heading[1])
        block: list[str] = []
        for inside in lines[i + 1 :]:
            if inside.strip() and len(inside) - len(inside.lstrip(" ")) <= margin:
                break
            block.append(inside)
        text, spans = unmark(textwrap.dedent("\n".join(block)).strip("\n"))
        found.append(Example(kind, text, spans))
    return found
