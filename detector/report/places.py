"""Places as programs that show files want them: the path of the file, lines and columns; and what to say there."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from detector.document import Document, Span
from detector.report import Run
from detector.report.ink import clean
from detector.sources.charset import decode
from detector.verdict import Finding, Verdict

QUOTED = 160  # characters of a place that a message quotes


class Region(NamedTuple):
    """A stretch of a file. Lines and columns count from 1, columns characters; the end is the column after the last."""

    line: int
    column: int
    end_line: int
    end_column: int


class Page:
    """A scored page and the file it lies in.

    file: its path, None when it was no file of its own. path: the same for other programs, with slashes and relative
    to the checkout (GITHUB_WORKSPACE) or the working directory where it lies in that, else absolute.
    """

    def __init__(self, verdict: Verdict, document: Document | None, run: Run) -> None:
        self.verdict = verdict
        self.document = document
        self.file = run.locate(verdict.id)
        self.path = relative(self.file) if self.file is not None else None

    @cached_property
    def _line_starts(self) -> list[int]:
        """Offsets of the lines; empty unless the document's text is what the file holds, character by character."""
        if self.document is None or self.file is None or self.document.source not in ("text", "markdown"):
            return []
        try:
            same = decode(self.file.read_bytes()) == self.document.text
        except OSError:
            same = False
        return [0, *(m.end() for m in re.finditer("\n", self.document.text))] if same else []

    def region(self, start: int, end: int) -> Region | None:
        """Where text[start:end] lies in the file; None where that is not certain."""
        starts = self._line_starts
        if not starts:
            return None
        first, last = bisect_right(starts, start), bisect_right(starts, end - 1)
        return Region(first, start - starts[first - 1] + 1, last, end - starts[last - 1] + 1)

    def quote(self, start: int, end: int) -> str:
        """The words text[start:end] in quotation marks, on one line, a long stretch by its beginning."""
        words = clean(self.words(start, end))
        return f"“{words}”" if len(words) <= QUOTED else f"“{words[:QUOTED].rsplit(' ', 1)[0]} …”"

    def words(self, start: int, end: int) -> str:
        """The words text[start:end]; "" where they are not at hand."""
        return self.document.text[start:end] if self.document is not None else ""

    def says(self, finding: Finding, span: Span | None, *, quote: bool) -> str:
        """What to tell about one place of a finding, or about a finding that has none."""
        parts = [clean(finding.says)]
        if span is not None:
            parts.append(clean(span.says))
            if span.instead:
                parts.append("Instead: " + " or ".join(f"“{clean(form)}”" for form in span.instead) + ".")
            if quote:
                parts.append(self.quote(span.start, span.end))
        return " ".join(part for part in parts if part)


def reasons(verdict: Verdict) -> list[Finding]:
    """The findings that speak for rejection, the accepted among them; trust and descriptions do not."""
    return [f for f in verdict.findings if f.push > 0 or f.accepted]


def relative(file: Path) -> str:
    """The path of a file as other programs want it; see `Page.path`."""
    here, file = Path.cwd(), Path(os.path.abspath(file))  # noqa: PTH100  a link is named as the link
    workspace = os.environ.get("GITHUB_WORKSPACE")
    for base in (Path(workspace), here) if workspace else (here,):
        if file.is_relative_to(base):
            return file.relative_to(base).as_posix()
    return file.as_posix()
