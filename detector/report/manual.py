"""The documentation of signals for the terminal: the table of all, the page of one."""

from __future__ import annotations

from collections.abc import Sequence

from detector.explain import Page, unmark
from detector.report.ink import BOLD, CLOSE, CYAN, DIM, OPEN, UNDERLINE, Ink, hang, wrap

KINDS = {
    "place": "a place: the strength of the worst places, one is enough",
    "habit": "a habit: a rate in its densest stretch of about 300 words",
    "trust": "trust: pushes towards publish",
    "description": "a description: shown, never a reason",
    "crawl": "of a crawl: it shows only across pages",
}


def table(pages: Sequence[Page], *, ink: Ink, width: int) -> list[str]:
    """Every signal with its kind and what it finds."""
    names = max(len(p.signal) for p in pages)
    kinds = max(len(p.kind) for p in pages)
    lines: list[str] = []
    for p in pages:
        label = f"{p.signal:<{names}}  {p.kind:<{kinds}}  "
        first, *others = hang(label, wrap(p.summary, width - len(label)))
        lines += [ink(p.signal, BOLD) + first[len(p.signal) :], *others]
    return lines


def signal_page(page: Page, *, ink: Ink, width: int) -> list[str]:
    """One signal's page; in the examples the expected words are highlighted."""
    lines = [*hang(ink(page.signal, BOLD) + "  ", [f"({KINDS[page.kind]})"]), *wrap(page.summary, width)]
    for heading, body in page.sections.items():
        lines += ["", ink(heading, BOLD)]
        lines += ink.highlight(["  " + line if line else "" for line in _marked(body)], UNDERLINE, CYAN)
    return [ink(line, DIM) if line.strip() == "Example:" else line for line in lines]


def _marked(section: str) -> list[str]:
    unmark(section)  # a mark without a partner would colour the rest of the screen
    return section.replace("⟦", OPEN).replace("⟧", CLOSE).splitlines()
