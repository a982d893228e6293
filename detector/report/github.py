"""GitHub's workflow commands: what a step prints so that its findings stand as annotations beside the very lines."""

from __future__ import annotations

import heapq
import math
from itertools import count
from typing import Literal, TextIO

from detector.document import Document
from detector.report import Run
from detector.report.ink import clean
from detector.report.places import Page, Region, reasons
from detector.report.words import percent
from detector.verdict import Finding, Outcome, Verdict

Level = Literal["error", "warning", "notice"]
SHOWN = 10  # annotations of a level that GitHub shows of one step
FINDINGS, QUOTES = 5, 3  # of a page, and of each, where places cannot be pointed at but quoted
LEVELS: dict[Outcome, Level] = {"reject": "error", "review": "warning", "publish": "notice"}


class GithubReport:
    """The strongest places of each level, rejected pages first, then one line that sums up.

    Text and Markdown files get an annotation for each place; other pages one, without a line, that quotes their places.
    """

    def __init__(self, out: TextIO, run: Run) -> None:
        self._out = out
        self._run = run
        self._number = count()
        self._left_out = 0
        # heaps, the weakest first; the summary is a notice too
        self._strongest: dict[Level, list[tuple[float, int, str]]] = {
            "error": [],
            "warning": [],
            "notice": [],
        }

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Keep the annotations of one verdict."""
        page = Page(verdict, document, self._run)
        if verdict.error is not None:
            message = verdict.error.message
            named = message if verdict.id in message else f"{verdict.id}: {message}"
            self._keep("warning", math.inf, page, "could not be read", named)
        counting = [finding for finding in reasons(verdict) if not finding.accepted]
        if not counting or verdict.score is None:
            return
        level = LEVELS[verdict.outcome]
        outcome = f"{verdict.outcome}, {percent(verdict.score)}"
        elsewhere: list[Finding] = []
        for finding in counting:
            regions = [page.region(span.start, span.end) for span in finding.spans]
            if not all(regions) or not regions:
                elsewhere.append(finding)
                continue
            for span, region in zip(finding.spans, regions, strict=True):
                says = page.says(finding, span, quote=True)
                self._keep(level, finding.push, page, f"{finding.signal} ({outcome})", says, region)
        if elsewhere:
            lines = [] if page.path is not None else [clean(verdict.url or verdict.id)]
            for finding in elsewhere[:FINDINGS]:
                lines += [
                    f"{finding.signal}: {page.says(finding, None, quote=False)}",
                    *_quotes(page, finding),
                ]
            self._keep(level, elsewhere[0].push, page, outcome, "\n".join(lines))

    def close(self) -> None:
        """Write the annotations."""
        for kept in self._strongest.values():
            for _, _, line in sorted(kept, reverse=True):
                self._out.write(line)
        summary = [self._run.summary()]
        if self._left_out:
            summary.append(f"{self._left_out} weaker annotations are not shown")
        self._out.write(_command("notice", {"title": "detector"}, "; ".join(summary)))

    def _keep(
        self,
        level: Level,
        strength: float,
        page: Page,
        title: str,
        message: str,
        region: Region | None = None,
    ) -> None:
        properties = {} if page.path is None else {"file": page.path}
        if region is not None:
            properties |= {"line": str(region.line), "endLine": str(region.end_line)}
            if region.line == region.end_line:  # GitHub takes columns only within one line
                properties |= {"col": str(region.column), "endColumn": str(region.end_column)}
        item = (strength, -next(self._number), _command(level, {**properties, "title": title}, message))
        kept = self._strongest[level]
        if len(kept) < SHOWN - (level == "notice"):
            heapq.heappush(kept, item)
        else:
            heapq.heappushpop(kept, item)
            self._left_out += 1


def _quotes(page: Page, finding: Finding) -> list[str]:
    """The places of a finding in words, the first of them."""
    quotes = [f"  {page.quote(span.start, span.end)}" for span in finding.spans[:QUOTES]]
    more = len(finding.spans) - len(quotes)
    return [*quotes, f"  and {more} more"] if more else quotes


def _command(name: str, properties: dict[str, str], message: str) -> str:
    """One workflow command; whatever a page says, it stays one line and one command."""
    given = ",".join(
        f"{key}={_data(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in properties.items()
    )
    return f"::{name} {given}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
