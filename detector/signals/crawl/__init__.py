"""The signals that only a crawl shows: one file each, beside those of a single page.

A crawl signal has a docstring like any signal, whose examples hold several pages, each under a line with its address
and read as Markdown: a heading is its title, links are written out. Such pages may be shorter than what is scored.
KIND is "crawl", SAYS the sentence of its finding, AFTER the signals whose tables it reads. `across(tables)` makes the
table that carries its name, a row for each page and group:

    row         a page on which it is seen
    first       the first page of the group that belongs together
    label       what names the group among those with the same first page; "" where nothing is needed
    partner     the page it is to be compared with, null where nothing is compared
    likeness    0 to 1, to the partner, or null
    value       finite and >= 0: what the model weighs

Where pages have partners, `compare(page, partner)` gives the places (`_places.Comparison`); else `places(tables)`, if
there is one, is a query for row, label, begins, ends, says.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Literal, Protocol, cast

from detector.signals.crawl._tables import Tables


class CrawlSignal(Protocol):
    """What every module in this folder offers; `compare`, `places` and AFTER only where they are needed."""

    __name__: str
    __doc__: str | None
    KIND: Literal["crawl"]
    SAYS: str

    def across(self, tables: Tables) -> None:
        """Make the table of what it sees."""
        ...


@cache
def registry() -> dict[str, CrawlSignal]:
    """All crawl signals by id, each behind those whose tables it reads."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    found = {name: cast(CrawlSignal, importlib.import_module(f"{__name__}.{name}")) for name in names}
    ordered: dict[str, CrawlSignal] = {}
    while len(ordered) < len(found):
        for name, signal in found.items():
            if name not in ordered and all(other in ordered for other in getattr(signal, "AFTER", ())):
                ordered[name] = signal
    return ordered
