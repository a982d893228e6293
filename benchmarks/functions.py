"""A profile of whole pages by function: what a reader of the code would make faster next."""

from __future__ import annotations

import cProfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType

from benchmarks import measure, report
from benchmarks.pages import ROOT, Page
from detector.document import Document
from detector.score import Detector

SHOWN = 40


def page(folder: Path, pages: Sequence[Page], origin: str) -> str:
    """The functions that take most time of their own between the bytes of the pages and their verdicts, as Markdown."""
    detector = Detector.load(folder)
    detector.score(Document.from_html(pages[0].html))  # first calls import and compile
    measure.forget()
    profiler = cProfile.Profile()
    with profiler:
        for one in pages:
            detector.score(Document.from_html(one.html))
    found = sorted(profiler.getstats(), key=lambda entry: -entry.inlinetime)
    total = sum(entry.inlinetime for entry in found)
    rows = [
        (
            _called(entry.code),
            f"{entry.callcount:,}",
            f"{entry.inlinetime:.3f}",
            f"{entry.inlinetime / total:.1%}",
            f"{entry.totaltime:.3f}",
        )
        for entry in found[:SHOWN]
    ]
    return "\n".join(
        [
            "# Whole pages by function\n",
            "Written by `python -m benchmarks --profile FILE`. cProfile adds to the time of every call of a Python "
            "function: the order is to be\nread, and [README.md](README.md) for how long anything takes.\n",
            f"- date: {datetime.now(UTC).date().isoformat()}",
            f"- machine: {report.machine()}",
            f"- pages: {origin}: {len(pages)}",
            f"- model: {detector.model.name} {detector.model.version}",
            f"- seconds: {total:.2f}\n",
            report.table(("function", "calls", "own seconds", "share", "with what it calls"), rows),
        ]
    )


def _called(code: CodeType | str) -> str:
    """A function by its place in the project, or by its module where it is somebody else's."""
    if isinstance(code, str):
        return f"`{code.strip('<>').replace('|', '/')}`"
    path = Path(code.co_filename)
    ours = path.is_relative_to(ROOT)
    where = (
        f"{path.relative_to(ROOT).as_posix()}:{code.co_firstlineno}"
        if ours
        else f"{path.parent.name}/{path.name}"
    )
    return f"`{code.co_qualname}` ({where})"
