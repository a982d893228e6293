"""Verdicts on their way out: text and HTML for people, JSON, SARIF and GitHub's annotations for machines.

A report is written as the verdicts come, so that a thousand pages need no more memory than one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:  # the command line asks for the formats before it knows whether a page will be read
    from detector.document import Document
    from detector.verdict import Verdict

FORMATS = ("text", "json", "jsonl", "html", "sarif", "github")
SCHEMA = Path(__file__).with_name("verdict.schema.json")  # of one verdict as JSON


class Report(Protocol):
    """What every format offers."""

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Write one verdict; `document` is None for an input that could not be read."""
        ...

    def close(self) -> None:
        """Write what stands at the end. The stream stays open: it is the caller's."""
        ...


class Run:
    """What a report may ask about the run that it reports on; this one knows nothing.

    source: the source now being read, as the user named it.
    """

    source = ""

    def locate(self, id: str) -> Path | None:  # noqa: ARG002  a run that knows more looks it up
        """The file that the page `id`, the last one read, is; None for a row of a file, an address, standard input."""
        return None

    def summary(self) -> str:
        """How many inputs came to which outcome, in words."""
        return ""

    @property
    def exit_code(self) -> int:
        """The code that the command ends with, as far as it has come."""
        return 0


def open_report(
    format: str,
    out: TextIO,
    *,
    many: bool = False,
    with_text: bool = False,
    color: bool = False,
    width: int = 100,
    base_rate: float = 0.5,
    run: Run | None = None,
) -> Report:
    """A report of one of FORMATS onto `out`.

    many: whether the inputs may be several, so that `json` is an array and `text` names each page.
    with_text: add each page's whole text (json, jsonl). color, width, base_rate: see `terminal.TextReport`.
    run: tells sarif and github in which files the places lie.
    """
    if format == "text":
        from detector.report.terminal import TextReport

        return TextReport(out, color=color, width=width, base_rate=base_rate)
    if format == "html":
        from detector.report.page import HtmlReport

        return HtmlReport(out, many=many, base_rate=base_rate)
    if format == "sarif":
        from detector.report.sarif import SarifReport

        return SarifReport(out, run or Run())
    if format == "github":
        from detector.report.github import GithubReport

        return GithubReport(out, run or Run())
    from detector.report import machine

    rows: dict[str, Callable[[], Report]] = {
        "json": lambda: machine.JsonReport(out, many=many, with_text=with_text),
        "jsonl": lambda: machine.JsonLinesReport(out, with_text=with_text),
    }
    return rows[format]()
