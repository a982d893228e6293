"""The signals: one file each. The folder listing is the registry; the file name is the id everywhere.

A signal module has a docstring (its documentation and its tests: see tests/test_contract_signals.py), and

    KIND    "place" (strength of the worst places), "habit" (rate in the densest stretch), "trust" (pushes towards
            publish) or "description" (shown, never a reason: push 0)
    SAYS    one sentence that a finding of this signal says to an editor
    measure(document, tables) -> Evidence

Signals that only a crawl shows live in `detector.signals.crawl`, which scoring a page does not load.

A signal measures and never judges: weights and thresholds live in the model folder only.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, cast

from detector.document import Document
from detector.tables import Tables
from detector.verdict import Evidence

Kind = Literal["place", "habit", "trust", "description"]


class Signal(Protocol):
    """What every module in this folder offers."""

    __name__: str
    __doc__: str | None
    KIND: Kind
    SAYS: str

    def measure(self, document: Document, tables: Tables) -> Evidence:
        """What this signal sees on the document: one number and the places."""
        ...


@cache
def registry() -> dict[str, Signal]:
    """All signals by id, in alphabetical order. Modules that start with an underscore are shared helpers."""
    names = sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py"))
    return {name: cast(Signal, importlib.import_module(f"{__name__}.{name}")) for name in names}
