"""Whether a model still fits the code: its canaries, a few short texts, must measure what they measured in training.

Measuring them takes as long as scoring a page. That model and code fit is therefore remembered in the user's cache
folder until either changes; nothing but the time of a start depends on it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from detector import __version__, signals
from detector.document import Document
from detector.errors import ModelError
from detector.model import Model
from detector.tables import Tables
from detector.verdict import Evidence

# What decides on the values of a text: these modules, and all of the signals.
MODULES = ("document.py", "tables.py", "sources/text.py")


def try_canaries(model: Model, tables: Tables) -> None:
    """Raise ModelError when a signal no longer measures what it measured when the model was trained."""
    stamp, fingerprint = _stamp(model), _fingerprint(model)
    with contextlib.suppress(OSError, ValueError):
        if stamp.read_text("ascii") == fingerprint:
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
    with contextlib.suppress(OSError):  # a home that cannot be written to costs time only
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(fingerprint, "ascii")


def _stamp(model: Model) -> Path:
    """Where it is remembered with which code a model fits."""
    home = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    folder = Path(home) if home else Path("~/.cache").expanduser()
    return folder / "detector" / f"fits-{model.id.sha256[:32]}"


def _fingerprint(model: Model) -> str:
    """Names the model and the code: versions, and the files of the signals as Python itself tells that one changed."""
    said = hashlib.sha256(f"{model.id.sha256} {__version__} {sys.version} {np.__version__}".encode())
    for file in _files():
        known = file.stat()
        said.update(f"\n{file} {known.st_size} {known.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return said.hexdigest()


def _files() -> Iterator[Path]:
    here = Path(__file__).parent
    yield from (here / name for name in MODULES)
    yield from sorted((here / "signals").glob("*.py"))


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
