"""What the desk's decisions teach: pages to train on, and where editors and model disagree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TextIO

from detector.desk.store import Lesson, State, Store
from detector.document import host_of

# What a decision says of the page, in the words of a verdict. A page that needs edits is neither good nor bad: nothing
# is learned from it as a whole, but from what was marked in it.
DECIDED: dict[State, str] = {"accepted": "publish", "rejected": "reject", "needs_edits": "review"}
SHOWN = 30  # pages that are listed for people


@dataclass(frozen=True)
class Counts:
    """How much there is to learn from. fine, missed: places."""

    accepted: int = 0
    rejected: int = 0
    needs_edits: int = 0
    fine: int = 0
    missed: int = 0

    @property
    def decided(self) -> int:
        """Decisions of all kinds."""
        return self.accepted + self.rejected + self.needs_edits

    def __str__(self) -> str:
        return (
            f"{self.decided} decisions of the desk: {self.accepted} accepted, {self.rejected} rejected, "
            f"{self.needs_edits} need edits; {self.fine} findings called fine, {self.missed} faults marked"
        )


def write(store: Store, out: TextIO) -> Counts:
    """Write what was decided as JSON lines that `detector train --pages` reads (`train.data.read_own`).

    What one author sent stands under one `site`, so that no page is judged by what was learned from another of his.
    """
    counts: Counter[str] = Counter()
    for lesson in store.lessons():
        row = _row(lesson)
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
        counts[lesson.submission.state] += 1
        counts["missed"] += len(row["quotes"])
        counts["fine"] += sum(bool(q["text"]) for q in row["fine"])
    return Counts(**counts)


def _row(lesson: Lesson) -> dict[str, Any]:
    sent = lesson.submission
    quotes = [
        {"signal": event.signal, "text": event.quote}
        for event in lesson.feedback
        if event.kind == "missed" and event.signal and event.quote
    ]
    fine = [
        {"signal": event.signal, "text": event.quote or ""}
        for event in lesson.feedback
        if event.kind == "fine"
    ]
    # where every place of a finding is fine, the finding is: training reads an empty place as that
    named = {q["signal"] for q in fine if not q["text"]}
    fine += [{"signal": signal, "text": ""} for signal in sorted(_fine_signals(lesson) - named)]
    return {
        "id": sent.id,
        "document": lesson.document,
        "verdict": DECIDED[sent.state],
        "site": sent.author.casefold().strip() or host_of(sent.url or "") or sent.id,
        "quotes": quotes,
        "fine": fine,
    }


def _fine_signals(lesson: Lesson) -> set[str]:
    """Signals all of whose places an editor called fine, or whose finding as a whole."""
    called = {(e.signal, e.start, e.end) for e in lesson.feedback if e.kind == "fine"}
    return {
        finding["signal"]
        for finding in lesson.verdict["findings"]
        if (finding["signal"], 0, 0) in called
        or (
            finding["spans"]
            and all((finding["signal"], s["start"], s["end"]) in called for s in finding["spans"])
        )
    }


class Disagreement(NamedTuple):
    """A submission that editors decided otherwise than the model advised. strongest: signals, in the model's order."""

    id: str
    title: str
    author: str
    decided: str
    outcome: str
    score: float
    strongest: list[str]


class SignalRecord(NamedTuple):
    """What editors made of a signal: findings that pushed, on decided pages; of these called fine; faults they marked
    themselves; and what was decided on the pages it pushed towards rejection."""

    signal: str
    findings: int
    fine: int
    missed: int
    accepted: int
    rejected: int


@dataclass(frozen=True)
class Report:
    """Where editors and model disagree. met: how often a decision met an outcome."""

    counts: Counts
    met: dict[tuple[str, str], int]
    disagreements: list[Disagreement]
    signals: list[SignalRecord]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "counts": vars(self.counts),
            "met": [{"decided": d, "outcome": o, "count": n} for (d, o), n in sorted(self.met.items())],
            "disagreements": [d._asdict() for d in self.disagreements],
            "signals": [s._asdict() for s in self.signals],
        }

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield str(self.counts)
        yield ""
        outcomes = ("publish", "review", "reject", "unscored")
        yield f"  {'editors':14}" + "".join(f"{outcome:>10}" for outcome in outcomes)
        for decided in ("accepted", "needs_edits", "rejected"):
            cells = "".join(f"{self.met.get((decided, outcome), 0):>10}" for outcome in outcomes)
            yield f"  {decided.replace('_', ' '):14}{cells}"
        yield ""
        yield f"{len(self.disagreements)} decided the other way" + (":" if self.disagreements else ".")
        for d in self.disagreements[:SHOWN]:
            name = " ".join((d.title or d.id).split())[:50]
            why = ", ".join(s.replace("_", " ") for s in d.strongest) or "nothing that counts"
            yield f"  {d.decided:9} though {d.outcome:8}{d.score:4.0%}  {name} ({why})"
        if len(self.disagreements) > SHOWN:
            yield f"  and {len(self.disagreements) - SHOWN} more (--format json lists all)"
        if self.signals:
            yield ""
            head = ("findings", "fine", "missed", "accepted", "rejected")
            yield f"  {'signal':22}" + "".join(f"{name:>10}" for name in head)
            for record in self.signals:
                yield f"  {record.signal:22}" + "".join(f"{n:>10}" for n in record[1:])
            yield ""
            yield "  findings: that pushed towards rejection; accepted, rejected: of the pages they stood on"


def disagreements(store: Store) -> Report:
    """Hold what the model advised against what was decided. The model is the one that scored the submission."""
    lessons = list(store.lessons())
    met: Counter[tuple[str, str]] = Counter()
    others: list[Disagreement] = []
    for lesson in lessons:
        sent, verdict = lesson.submission, lesson.verdict
        outcome = str(verdict["outcome"])
        met[sent.state, outcome] += 1
        if (sent.state, outcome) in (("accepted", "reject"), ("accepted", "review"), ("rejected", "publish")):
            strongest = [f["signal"] for f in verdict["findings"] if f["push"] > 0][:3]
            others.append(
                Disagreement(
                    sent.id, sent.title, sent.author, sent.state, outcome, verdict["score"], strongest
                )
            )
    # the model's surest errors first
    others.sort(key=lambda d: -d.score if d.decided == "accepted" else d.score - 1)
    return Report(_counts(lessons), dict(met), others, list(_records(lessons)))


def _counts(lessons: Iterable[Lesson]) -> Counts:
    counts: Counter[str] = Counter()
    for lesson in lessons:
        counts[lesson.submission.state] += 1
        counts.update(event.kind for event in lesson.feedback)
    return Counts(**counts)


def _records(lessons: Iterable[Lesson]) -> Iterator[SignalRecord]:
    counts: dict[str, Counter[str]] = {}
    for lesson in lessons:
        fine = _fine_signals(lesson)
        for finding in lesson.verdict["findings"]:
            if finding["push"] > 0:
                count = counts.setdefault(finding["signal"], Counter())
                count.update(["findings", lesson.submission.state])
                count["fine"] += finding["signal"] in fine
        for event in lesson.feedback:
            if event.kind == "missed" and event.signal:
                counts.setdefault(event.signal, Counter())["missed"] += 1
    columns = ("findings", "fine", "missed", "accepted", "rejected")
    rows = [SignalRecord(signal, *(count[c] for c in columns)) for signal, count in counts.items()]
    # those that editors correct most first
    yield from sorted(rows, key=lambda r: (-(r.fine + r.missed), -r.findings, r.signal))
