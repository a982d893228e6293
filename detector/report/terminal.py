"""A verdict as text for people: the outcome, the account that adds up, and every finding at its place on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from detector.document import PROSE, Document, Span
from detector.report.ink import (
    BOLD,
    CLOSE,
    CYAN,
    DIM,
    GREEN,
    OPEN,
    RED,
    UNDERLINE,
    YELLOW,
    Ink,
    clean,
    hang,
    wrap,
)
from detector.report.words import meaning, percent, shown_pushes, signed, where, why_unscored
from detector.score import CONFIDENT_WORDS
from detector.verdict import Finding, Outcome, Verdict

PLACES = 4  # of a finding that are quoted; the others are counted
AROUND = 70  # characters of the page quoted on either side of a place
LONG = 260  # a longer place is quoted by its beginning and its end

_OUTCOME_INK: dict[Outcome, tuple[str, ...]] = {
    "publish": (BOLD, GREEN),
    "review": (BOLD, YELLOW),
    "reject": (BOLD, RED),
    "unscored": (BOLD,),
}


class TextReport:
    """Verdicts as text, one after the other.

    color: ANSI colours. width: columns to fill. base_rate: share of pages that deserve rejection, which is
    what the score has been computed for; it is named in the sentence that says what the score means.
    """

    def __init__(self, out: TextIO, *, color: bool = False, width: int = 100, base_rate: float = 0.5) -> None:
        self._out = out
        self._ink = Ink(color)
        self._width = width
        self._base_rate = base_rate
        self._empty = True

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Write one verdict."""
        if not self._empty:
            self._out.write("\n" + self._ink("─" * self._width, DIM) + "\n\n")
        self._empty = False
        lines = render(verdict, document, ink=self._ink, width=self._width, base_rate=self._base_rate)
        self._out.write("\n".join(lines) + "\n")
        self._out.flush()

    def close(self) -> None:
        """Nothing stands at the end."""


def render(
    verdict: Verdict, document: Document | None, *, ink: Ink, width: int, base_rate: float = 0.5
) -> list[str]:
    """The lines of one verdict."""
    lines = _head(verdict, ink, width)
    if verdict.score is None or verdict.bias is None:
        return lines + wrap(why_unscored(verdict), width)
    score = percent(verdict.score)
    lines += wrap(meaning(verdict, score, base_rate), width)
    if verdict.reason == "low_confidence":
        note = f"Low confidence: {verdict.words} words; from {CONFIDENT_WORDS} on a verdict rests on enough text."
        lines += [ink(line, YELLOW) for line in wrap(note, width)]
    shown = shown_pushes(verdict.bias, verdict.findings)
    lines += ["", *_account(verdict.findings, shown, score, ink, width)]
    if document is not None:
        for finding, push in zip(verdict.findings, shown[1:], strict=True):
            if finding.spans or finding.accepted:
                lines += ["", *_finding(finding, push, document, ink, width)]
    return lines


def _head(verdict: Verdict, ink: Ink, width: int) -> list[str]:
    outcome = verdict.outcome.upper()
    score = "" if verdict.score is None else percent(verdict.score)
    name = clean(verdict.url or verdict.id)
    label = "  ".join(part for part in (outcome, score) if part) + "  "
    lines = [label + wrap(name or "-", width - len(label))[0]]
    lines[0] = ink(outcome, *_OUTCOME_INK[verdict.outcome]) + ink(lines[0][len(outcome) :], BOLD)
    if verdict.title and clean(verdict.title):
        lines += [ink(line, BOLD) for line in wrap(clean(verdict.title), width)]
    return lines


def _account(
    findings: Sequence[Finding], shown: Sequence[int], score: str, ink: Ink, width: int
) -> list[str]:
    """The table of pushes; it ends in the sum, and what that is as a score."""
    rows = [("bias", shown[0], "Where every page starts.")]
    rows += [(f.signal, s, f.says) for f, s in zip(findings, shown[1:], strict=True) if f.push]
    names = max(len(name) for name, _, _ in rows)
    lines = [ink("How the score adds up, in log-odds", BOLD)]
    for name, push, says in rows:
        wrapped = wrap(clean(says), width - names - 13)
        label = f"  {signed(push)}  {name:<{names}}  "
        first, *others = hang(label, wrapped or [""])
        lines.append((ink(label, *_push_ink(push)) + first[len(label) :]).rstrip())
        lines += others
    lines.append("  -------")
    lines.append(ink(f"  {signed(sum(shown))}  = {score}", BOLD))
    return lines


def _finding(finding: Finding, push: int, document: Document, ink: Ink, width: int) -> list[str]:
    """What a finding says, then its places, each quoted within the words around it."""
    weight = signed(push).strip() if finding.push else "not counted"
    heading = wrap(f"{finding.signal} ({weight})  {clean(finding.says)}", width)
    length = len(finding.signal)
    lines = [ink(heading[0][:length], BOLD, *_push_ink(push)) + heading[0][length:], *heading[1:]]
    places = _without_mirrored(finding.spans, document)
    for span in places[:PLACES]:
        lines += _place(span, document, ink, width)
    if len(places) > PLACES:
        more = len(places) - PLACES
        lines.append(ink(f"  and {more} more place{'s' if more > 1 else ''}", DIM))
    return lines


def _place(span: Span, document: Document, ink: Ink, width: int) -> list[str]:
    lines = _quote(f"  {where(document, span.start)}: ", document, span.start, span.end, ink, width)
    partner = span.partner
    if partner is not None and partner.id == document.id:
        label = f"    and {where(document, partner.start)}: "
        lines += _quote(label, document, partner.start, partner.end, ink, width)
    elif partner is not None:
        lines += hang("    and on ", wrap(clean(partner.url or partner.id), width - 11))
    notes = [clean(span.says)] if span.says else []
    if span.instead:
        notes.append("Instead: " + " or ".join(f"“{clean(form)}”" for form in span.instead))
    if notes:
        lines += [ink(line, DIM) for line in hang("    ", wrap(" ".join(notes), width - 4))]
    return lines


def _quote(label: str, document: Document, start: int, end: int, ink: Ink, width: int) -> list[str]:
    lines = ink.highlight(wrap(excerpt(document, start, end), width - len(label)), UNDERLINE, CYAN)
    return hang(label, lines)


def excerpt(document: Document, start: int, end: int) -> str:
    """text[start:end] between the marks OPEN and CLOSE, in the words around it that stand in the same block."""
    text = document.text
    block = next((b for b in document.blocks if b.start <= start < b.end and b.kind in PROSE), None)
    low, high = (block.start, max(block.end, end)) if block else (start, end)
    left = max(low, start - AROUND)
    while low < left < start and not text[left - 1].isspace():
        left += 1
    right = min(high, end + AROUND)
    while end < right < high and not text[right].isspace():
        right -= 1
    middle = clean(text[start:end])
    if len(middle) > LONG:
        middle = f"{middle[: LONG * 2 // 3].rsplit(' ', 1)[0]} … {middle[-LONG // 4 :].split(' ', 1)[-1]}"
    before, after = clean(text[left:start]), clean(text[end:right])
    return "".join(
        (
            "… " if left > low else "",
            before,
            " " if before and text[start - 1].isspace() else "",
            f"{OPEN}{middle}{CLOSE}",
            " " if after and text[end].isspace() else "",
            after,
            " …" if right < high else "",
        )
    )


def _without_mirrored(spans: Sequence[Span], document: Document) -> list[Span]:
    """Spans without those that were already shown as the partner of another."""
    kept: list[Span] = []
    shown: set[tuple[int, int]] = set()
    for span in spans:
        if span.partner is None or (span.start, span.end) not in shown:
            kept.append(span)
            if span.partner is not None and span.partner.id == document.id:
                shown.add((span.partner.start, span.partner.end))
    return kept


def _push_ink(push: int) -> tuple[str, ...]:
    return (RED,) if push > 0 else (GREEN,) if push < 0 else ()
