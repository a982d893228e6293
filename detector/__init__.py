"""Reads a page as a careful editor of a health site would: publish, review or reject, and why, at the very words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detector.document import Document
    from detector.score import Detector
    from detector.verdict import Verdict

__all__ = ["Detector", "Document", "Verdict"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Lazy, so that `import detector` costs next to nothing and pulls in neither numpy nor a parser.
    if name == "Detector":
        from detector.score import Detector

        return Detector
    if name == "Document":
        from detector.document import Document

        return Document
    if name == "Verdict":
        from detector.verdict import Verdict

        return Verdict
    raise AttributeError(f"module 'detector' has no attribute {name!r}")
