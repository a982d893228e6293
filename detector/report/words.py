"""What all reports say in the same words: a probability, the sum of pushes, why a page is not scored, a place."""

from __future__ import annotations

from collections.abc import Sequence

from detector.document import PROSE, Document
from detector.report.ink import clean
from detector.verdict import Finding, Verdict

_LANGUAGES = {"en": "English"}


def percent(share: float) -> str:
    """A probability for people; 100 % and 0 % are never claimed."""
    if share > 0.99:
        return "over 99 %"
    return "under 1 %" if share < 0.01 else f"{share * 100:.0f} %"


def shown_pushes(bias: float, findings: Sequence[Finding]) -> list[int]:
    """Bias and pushes in hundredths, rounded so that the column adds up to the rounded sum."""
    shown: list[int] = []
    total, before = 0.0, 0
    for push in (bias, *(f.push for f in findings)):
        total += push
        shown.append(round(total * 100) - before if push else 0)
        before += shown[-1]
    return shown


def why_unscored(verdict: Verdict) -> str:
    if verdict.error is not None:
        return f"Could not be read: {clean(verdict.error.message)}"
    _, colon, sentence = (verdict.reason or "").partition(": ")
    return f"Not scored: {clean(sentence if colon else verdict.reason or 'no reason given')}."


def meaning(verdict: Verdict, score: str, base_rate: float) -> str:
    share = "half" if base_rate == 0.5 else percent(base_rate)
    language = _LANGUAGES.get(verdict.language or "", verdict.language or "unknown language")
    return (
        f"{score.capitalize()} is the chance that a careful editor would reject this page, if {share} "
        f"of all pages deserved it. Review from {percent(verdict.thresholds.review)}, "
        f"reject from {percent(verdict.thresholds.reject)}. "
        f"{verdict.words:,} words, {language}, model {verdict.model.name} {verdict.model.version}."
    )


def where(document: Document, offset: int) -> str:
    """A place as people count: the line of a text file, else the paragraph of the page (headings and items count)."""
    if document.source in ("text", "markdown"):
        return f"line {document.text.count(chr(10), 0, offset) + 1}"
    return f"paragraph {sum(1 for b in document.blocks if b.kind in PROSE and b.start <= offset)}"


def signed(hundredths: int) -> str:
    return f"{hundredths / 100:+7.2f}".replace("-", "−")
