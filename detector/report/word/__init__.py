"""A verdict as a Word document with comments at the very words.

The author's own file is kept as it is but for the comments; without one a document is made from the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from detector.document import PROSE, Document, Span
from detector.report.layout import Shown, shorten, show_findings
from detector.report.word.file import Remark, WordFile
from detector.report.word.made import make
from detector.report.word.places import QUOTED, Places
from detector.report.words import meaning, percent, shown_pushes, signed, why_unscored
from detector.verdict import Verdict


def write_word(
    verdict: Verdict | Mapping[str, Any],
    document: Document,
    out: BinaryIO,
    *,
    original: bytes | None = None,
    author: str = "detector",
    when: datetime | None = None,
    events: Iterable[Mapping[str, Any]] = (),
    base_rate: float = 0.5,
) -> None:
    """Writes a .docx onto `out` in which each place that speaks against the page, or describes it, has a comment.

    original: the .docx that `document` was read from. author, when (aware; None leaves it out): of the comments.
    events: what editors marked, as the desk tells it; "fine" and "missed" that are not undone count. base_rate: the
    share of pages that deserve rejection, which the score assumes. Raises SourceError when `original` cannot be used;
    nothing is written then.
    """
    if not isinstance(verdict, Verdict):
        verdict = Verdict.from_dict(dict(verdict))
    remarks = _remarks(verdict, document, events, author)
    summary = Remark(0, 0, author, _summary(verdict, base_rate))
    if original is None:
        file, written = make(document, remarks, author)
    else:
        file, written = WordFile(original, document.id), [(0, len(document.text))]
    file.comment(summary, remarks, Places(document, written, file.pieces), when)
    file.write(out)


def _remarks(
    verdict: Verdict, document: Document, events: Iterable[Mapping[str, Any]], author: str
) -> list[Remark]:
    """What is said of each place, in the order of the text, an outer place before those inside."""
    found: dict[tuple[str, int, int], Remark] = {}
    for shown in show_findings(verdict):
        if shown.finding.push > 0 or shown.kind == "description":
            for span in shown.finding.spans:
                key = (shown.signal, span.start, span.end)
                remark = found.setdefault(key, Remark(span.start, span.end, author, [shown.name]))
                remark.lines += [line for line in _says(shown, span, document) if line not in remark.lines]
    for event in events:
        if not event.get("undone_at"):
            _hear(event, found, len(document.text))
    return sorted(found.values(), key=lambda remark: (remark.start, -remark.end))


def _says(shown: Shown, span: Span, document: Document) -> Iterator[str]:
    yield span.says or shown.finding.says
    if span.instead:
        yield f"Instead: {' or '.join(f'“{form}”' for form in span.instead)}"
    partner = span.partner
    if partner is not None and partner.id == document.id:
        words = shorten(document.text[partner.start : partner.end], QUOTED)
        yield f"The same is said in paragraph {paragraph(document, partner.start)}: “{words}”"
    elif partner is not None:
        yield f"The same is said at {partner.url or partner.id}"


def _hear(event: Mapping[str, Any], found: dict[tuple[str, int, int], Remark], length: int) -> None:
    """Adds to the remarks what an editor marked."""
    who, signal = str(event.get("who") or "an editor"), str(event.get("signal") or "")
    end = min(max(int(event.get("end") or 0), 0), length)
    start = min(max(int(event.get("start") or 0), 0), end)
    note = [str(event["note"])] if event.get("note") else []
    name = signal.replace("_", " ")
    if event.get("kind") == "fine":
        said = [f"Marked as fine by {who}.", *note]
        about = [
            remark
            for (of, first, last), remark in found.items()
            if of == signal and (start == end or (first < end and start < last))
        ]
        for remark in about:
            remark.lines += said
        if not about:
            found[f"{signal} fine", start, end] = Remark(start, end, who, [name or "fine", *said])
    elif event.get("kind") == "missed":
        key = (f"{signal} missed by {who}", start, end)
        found[key] = Remark(start, end, who, [name or "missed", *note, f"Marked by {who}."])


def _summary(verdict: Verdict, base_rate: float) -> list[str]:
    """Outcome, score and account; or why there is no score."""
    if verdict.score is None or verdict.bias is None:
        return [verdict.outcome.upper(), why_unscored(verdict)]
    score = percent(verdict.score)
    shown = shown_pushes(verdict.bias, verdict.findings)
    rows = [("bias", "Where every page starts.", shown[0])]
    rows += [
        (finding.signal.replace("_", " "), finding.says, push)
        for finding, push in zip(verdict.findings, shown[1:], strict=True)
        if finding.push
    ]
    return [
        f"{verdict.outcome.upper()} {score}",
        meaning(verdict, score, base_rate),
        "How the score adds up, in log-odds:",
        *(f"{signed(push).strip()} {name}: {says}" for name, says, push in rows),
        f"{signed(sum(shown)).strip()} = {score}",
    ]


def paragraph(document: Document, offset: int) -> int:
    """The number of the paragraph at an offset; headings and list items count, as in the other reports."""
    return sum(1 for block in document.blocks if block.kind in PROSE and block.start <= offset)
