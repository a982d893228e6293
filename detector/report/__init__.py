"""Verdicts on their way out: text for people, JSON for machines.

A report is written as the verdicts come, so that a thousand pages need no more memory than one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TextIO

from detector.document import Document
from detector.verdict import Verdict


class Report(Protocol):
    """What every format offers."""

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Write one verdict; `document` is None for an input that could not be read."""
        ...

    def close(self) -> None:
        """Write what stands at the end. The stream stays open: it is the caller's."""
        ...


FORMATS = ("text", "json", "jsonl")


def open_report(
    format: str,
    out: TextIO,
    *,
    many: bool = False,
    with_text: bool = False,
    color: bool = False,
    width: int = 100,
    base_rate: float = 0.5,
) -> Report:
    """A report of one of FORMATS onto `out`.

    many: whether the inputs may be several, so that `json` is an array and `text` names each page.
    with_text: add each page's whole text (json, jsonl). color, width, base_rate: see `terminal.TextReport`.
    """
    if format == "text":
        from detector.report.terminal import TextReport

        return TextReport(out, color=color, width=width, base_rate=base_rate)
    from detector.report import machine

    rows: dict[str, Callable[[], Report]] = {
        "json": lambda: machine.JsonReport(out, many=many, with_text=with_text),
        "jsonl": lambda: machine.JsonLinesReport(out, with_text=with_text),
    }
    return rows[format]()
