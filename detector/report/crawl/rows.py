"""The pages of a finished audit as every export takes them: in the order of the crawl, those that were asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from detector.document import Partner, Span
from detector.verdict import Failure, Finding, ModelId, Thresholds, Verdict

if TYPE_CHECKING:
    from detector.audit.compare import Change, Comparison
    from detector.audit.results import Results

# The contract's verdict, then what the crawl adds.
FIELDS = (
    "id", "url", "title", "outcome", "score", "bias", "words", "language", "reason", "findings", "thresholds",
    "model", "error", "row", "host", "place", "time", "page_outcome", "page_score",
)  # fmt: skip
# What a comparison with an earlier run adds.
CHANGE_FIELDS = ("change", "outcome_before", "score_before", "came", "went", "text_changed")


class Pages:
    """The rows of a run.

    comparison: with an earlier run; every row then says what changed, and the pages that are gone stand at the end,
        as the earlier run saw them and without a row number of their own.
    only: outcomes to keep; empty for all.
    """

    def __init__(
        self, results: Results, comparison: Comparison | None = None, only: Collection[str] = ()
    ) -> None:
        self.results = results
        self.comparison = comparison
        self._only = frozenset(only)

    @property
    def fields(self) -> tuple[str, ...]:
        """What a row holds, in order; `text` comes after these."""
        return FIELDS if self.comparison is None else (*FIELDS, *CHANGE_FIELDS)

    def rows(self, *, with_text: bool = False) -> Iterator[dict[str, Any]]:
        """One object a page, as `Results.rows`; memory flat in the size of the crawl."""
        every = self._all(with_text)
        return (row for row in every if row["outcome"] in self._only) if self._only else every

    def _all(self, with_text: bool) -> Iterator[dict[str, Any]]:
        if self.comparison is None:
            yield from self.results.rows(with_text=with_text)
            return
        changes = self.comparison.changes()
        for row, change in zip(self.results.rows(with_text=with_text), changes, strict=False):
            yield row | _changed(change)
        gone = next(changes, None)
        if gone is None:
            return
        for row in self.comparison.old.rows(with_text=with_text):
            if row["row"] == gone.old_row:
                yield row | {"row": None} | _changed(gone)
                gone = next(changes, None)
                if gone is None:
                    return


def _changed(change: Change) -> dict[str, Any]:
    return {
        "change": change.kind,
        "outcome_before": change.outcome_before,
        "score_before": change.score_before,
        "came": change.came,
        "went": change.went,
        "text_changed": change.text_changed,
    }


def reasons(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings that speak for rejection, strongest first; trust and descriptions do not."""
    return [finding for finding in row["findings"] if finding["push"] > 0]


def verdict_of(row: dict[str, Any]) -> Verdict:
    """A row as the verdict that it was."""
    return Verdict(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        outcome=row["outcome"],
        score=row["score"],
        bias=row["bias"],
        findings=tuple(_finding(finding) for finding in row["findings"]),
        words=row["words"],
        language=row["language"],
        model=ModelId(**row["model"]),
        thresholds=Thresholds(**row["thresholds"]),
        reason=row["reason"],
        error=Failure(**row["error"]) if row["error"] else None,
    )


def _finding(found: dict[str, Any]) -> Finding:
    spans = tuple(
        Span(
            span["start"],
            span["end"],
            span["says"] or "",
            tuple(span["instead"] or ()),
            Partner(**span["partner"]) if span["partner"] else None,
        )
        for span in found["spans"]
    )
    return Finding(found["signal"], found["value"], found["push"], found["says"], spans)
