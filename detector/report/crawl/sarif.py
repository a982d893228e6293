"""SARIF of a crawl: a result for every place that speaks for rejection, at the address of its page.

What a page holds is no file with lines, so there are no regions: each message quotes the words.
"""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, TextIO
from urllib.parse import quote

from detector import signals
from detector.document import Span
from detector.report import Run
from detector.report.crawl.rows import Pages, verdict_of
from detector.report.places import Page
from detector.report.sarif import SarifReport
from detector.signals import crawl
from detector.verdict import Finding

_CRAWL = "CRAWL"


def write_sarif(pages: Pages, out: TextIO) -> None:
    """The log; pages that are gone have no results."""
    # a run of another version may know other signals; their results have no rule
    report = _CrawlReport(out, Run(), signals.registry() | crawl.registry())
    for row in pages.rows():
        if row.get("change") != "gone":
            report.add_row(row)
    report.close()


class _CrawledPage(Page):
    """A page whose spans bring their words, and whose text is not at hand."""

    def __init__(self, row: dict[str, Any]) -> None:
        super().__init__(verdict_of(row), None, Run())
        self._words = {
            (span["start"], span["end"]): span["text"]
            for finding in row["findings"]
            for span in finding["spans"]
        }

    def words(self, start: int, end: int) -> str:
        return self._words.get((start, end)) or ""


class _CrawlReport(SarifReport):
    """The report of `detector score`, for the rows of a crawl."""

    bases: ClassVar[dict[str, Any]] = {
        _CRAWL: {"description": {"text": "The crawl that was audited; places are named as it names them."}}
    }

    def add_row(self, row: dict[str, Any]) -> None:
        """Keep the results of one row."""
        self._row = row
        self.add_page(_CrawledPage(row))

    def _file(self, page: Page) -> dict[str, str]:  # noqa: ARG002  the row says it
        return {"uri": quote(self._row["place"]), "uriBaseId": _CRAWL}

    def _identity(self, page: Page, finding: Finding, span: Span) -> dict[str, Any]:
        """Known again in later runs by the page, the signal and the words, wherever in the page they stand."""
        words = " ".join(page.words(span.start, span.end).split()).lower()
        key = "\n".join((page.verdict.url or page.verdict.id, finding.signal, words))
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:20]
        return {"partialFingerprints": {"words/v1": digest}}

    def _result(self, page: Page, finding: Finding, span: Span | None) -> dict[str, Any]:
        result = super()._result(page, finding, span)
        if "change" in self._row:
            new = self._row["change"] == "new" or finding.signal in self._row["came"]
            result["baselineState"] = (
                "new" if new else "updated" if self._row["text_changed"] else "unchanged"
            )
        return result
