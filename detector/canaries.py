"""Whether a model still fits the code: its canaries, a few short texts, must measure what they measured in training.

Measuring them takes as long as scoring a page. That model and code fit is therefore remembered until either changes.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from detector import __version__, signals
from detector.document import Document
from detector.errors import ModelError
from detector.model import Model
from detector.remembered import Stamp
from detector.tables import Tables
from detector.verdict import Evidence

# What decides on the values of a text: these modules, and all of the signals.
MODULES = ("document.py", "tables.py", "sources/text.py")


def try_canaries(model: Model, tables: Tables) -> None:
    """Raise ModelError when a signal no longer measures what it measured when the model was trained."""
    code = f"{model.id.sha256} {__version__} {sys.version!r} {np.__version__}"
    stamp = Stamp(f"fits-{model.id.sha256[:32]}", code, _files())
    if stamp.holds():
        return
    for canary in model.canaries:
        document = Document.from_text(canary.text, id="canary")
        changed = _changed(canary.values, _measured(document, tables))
        if changed:
            raise ModelError(
                f"model {model.id.name} does not fit this version of the code: "
                f"{', '.join(changed)} measure{'s' if len(changed) == 1 else ''} something else now. "
                "Train it again."
            )
    stamp.leave()


def _files() -> list[Path]:
    here = Path(__file__).parent
    return [*(here / name for name in MODULES), *sorted((here / "signals").glob("*.py"))]


def _measured(document: Document, tables: Tables) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for name, signal in signals.registry().items():
        # tables of another version can fail in any way; the canary then names the signal
        with contextlib.suppress(Exception):
            found[name] = signal.measure(document, tables)
    return found


def _changed(expected: Mapping[str, float], measured: Mapping[str, Evidence]) -> list[str]:
    """Ids of signals that are gone, or whose value differs from the expected one by more than rounding."""
    return [
        name
        for name, value in expected.items()
        if name not in measured or abs(measured[name].value - value) > 1e-4 * max(1.0, abs(value))
    ]
