"""Signals and model together: a document in, a verdict out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from detector import disguise, language, model, signals
from detector.canaries import try_canaries
from detector.document import Document, Unreadable
from detector.errors import UsageError
from detector.tables import Tables
from detector.verdict import Evidence, Finding, ModelId, Outcome, Thresholds, Verdict

MIN_WORDS = 50  # below this nothing honest can be said
FEWEST_DIFFERENT = 20  # words that running text of that length has at least
AS_WRITTEN = frozenset({"hidden_text"})  # signals that look for disguises
CONFIDENT_WORDS = 120  # below this the verdict says `low_confidence`

# Given a document and the evidence that pushes towards rejection: the signals that are accepted there, and by whom.
Accept = Callable[[Document, Mapping[str, Evidence]], Mapping[str, tuple[str, ...]]]


class Detector:
    """Scores documents with one model. Make one with `Detector.load()` and use it for many documents.

    >>> detector = Detector.load()
    >>> verdict = detector.score(Document.from_text(text))
    """

    def __init__(
        self, model: model.Model, tables: Tables, *, ignore: Iterable[str] = (), accept: Accept | None = None
    ) -> None:
        ignored = known_signals(ignore)
        self._model = model
        self._tables = tables
        self._signals = {name: s for name, s in signals.registry().items() if name not in ignored}
        self._accept = accept

    @classmethod
    def load(
        cls,
        folder: str | Path | None = None,
        *,
        base_rate: float = 0.5,
        ignore: Iterable[str] = (),
        accept: Accept | None = None,
    ) -> Detector:
        """The current model, or the one in `folder`, for pages of which `base_rate` deserve rejection.

        ignore: signals that are not measured, push nothing and are not listed; bias and the others stay as they are.
        accept: says which findings somebody has accepted (`detector.acceptance`); they are listed and push 0.
        Raises ModelError when the model is missing or damaged, or when a signal no longer measures what it measured
        when the model was trained; UsageError for a base rate outside 0 to 1 or a signal that does not exist.
        """
        if not 0 < base_rate < 1:
            raise UsageError(f"the base rate must lie between 0 and 1, not {base_rate}")
        loaded, tables = model.load(folder)
        if base_rate != 0.5:
            loaded = loaded.with_base_rate(base_rate)
        try_canaries(loaded, tables)
        return cls(loaded, tables, ignore=ignore, accept=accept)

    @property
    def model(self) -> ModelId:
        """Which model speaks."""
        return self._model.id

    @property
    def thresholds(self) -> Thresholds:
        """Scores from which a page is `review` or `reject`."""
        return self._model.thresholds

    @property
    def tables(self) -> Tables:
        """What was counted over text, for those who compare pages."""
        return self._tables

    @property
    def signals(self) -> Mapping[str, signals.Signal]:
        """The signals that are measured, by id: all but the ignored ones."""
        return self._signals

    def score(self, document: Document) -> Verdict:
        """The verdict on one document. Never raises for what the document contains."""
        return self.judge(as_read(document, self._tables))

    def judge(self, page: AsRead) -> Verdict:
        """The verdict on a document that was read already."""
        document = page.written
        words, spoken = len(page.document.tokens), page.language
        if page.unscored is not None:
            return self._verdict(document, spoken, words, "unscored", reason=page.unscored)
        evidence = page.measured(self._signals, self._tables)
        values = {name: e.value for name, e in evidence.items()}
        score, pushes = self._model.account(values)
        accepted: Mapping[str, tuple[str, ...]] = {}
        if self._accept is not None:
            accepted = self._accept(document, {name: e for name, e in evidence.items() if pushes[name] > 0})
            score, pushes = self._model.account({**values, **dict.fromkeys(accepted, 0.0)})
        findings = sorted(
            (
                self._finding(name, e, pushes[name], accepted.get(name, ()))
                for name, e in evidence.items()
                if e.spans or pushes[name] != 0 or name in accepted
            ),
            key=lambda f: (-abs(f.push), f.signal),
        )
        outcome = self._outcome(score)
        reason = "low_confidence" if words < CONFIDENT_WORDS else None
        return self._verdict(
            document, spoken, words, outcome, score=score, findings=tuple(findings), reason=reason
        )

    def account(self, values: Mapping[str, float]) -> tuple[float, dict[str, float], Outcome]:
        """Score, push of each signal and outcome for the signals' values.

        For those who add what a page alone cannot show.
        """
        score, pushes = self._model.account(values)
        return score, pushes, self._outcome(score)

    def _outcome(self, score: float) -> Outcome:
        if score >= self.thresholds.reject:
            return "reject"
        return "review" if score >= self.thresholds.review else "publish"

    def measure(self, document: Document) -> dict[str, Evidence]:
        """What every signal sees on the document, without judging it."""
        return as_read(document, self._tables).measured(self._signals, self._tables)

    def _finding(self, name: str, evidence: Evidence, push: float, accepted: tuple[str, ...]) -> Finding:
        says = self._signals[name].SAYS
        if accepted:
            says = f"{says} (accepted: {'; '.join(accepted)})"
        return Finding(name, evidence.value, push, says, evidence.spans, accepted)

    def answer(self, item: Document | Unreadable) -> Verdict:
        """The one answer for an input: a verdict, or `unscored` with the error for what could not be read."""
        if isinstance(item, Document):
            return self.score(item)
        return Verdict.unread(item, self.model, self.thresholds)

    def score_many(self, documents: Iterable[Document | Unreadable]) -> Iterator[Verdict]:
        """Verdicts in the order of the input, one for every item."""
        for document in documents:
            yield self.answer(document)

    def _verdict(
        self,
        document: Document,
        spoken: str | None,
        words: int,
        outcome: Outcome,
        *,
        score: float | None = None,
        findings: tuple[Finding, ...] = (),
        reason: str | None = None,
    ) -> Verdict:
        return Verdict(
            id=document.id,
            url=document.url,
            title=document.title,
            outcome=outcome,
            score=score,
            bias=None if score is None else self._model.bias,
            findings=findings,
            words=words,
            language=spoken,
            model=self.model,
            thresholds=self.thresholds,
            reason=reason,
        )


def known_signals(names: Iterable[str]) -> frozenset[str]:
    """The names as a set. Raises UsageError with the nearest names for one that no signal has, of a page or a crawl."""
    found = frozenset(names)
    if not (unknown := found - signals.registry().keys()):
        return found
    from detector.signals import crawl  # scoring alone needs nothing of it

    known = signals.registry().keys() | crawl.registry().keys()
    for name in sorted(unknown - known):
        import difflib

        near = difflib.get_close_matches(name, sorted(known), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`detector explain` lists them."
        raise UsageError(f"there is no signal '{name}'; {hint}")
    return found


class AsRead(NamedTuple):
    """A document as people read it, without disguises.

    language: what it reads as, None where it is no prose. unscored: why it gets no score, None for one that does.
    """

    written: Document
    undone: disguise.Undone | None
    language: str | None
    unscored: str | None

    @property
    def document(self) -> Document:
        """What is read."""
        return self.undone.document if self.undone else self.written

    def measured(self, asked: Mapping[str, signals.Signal], tables: Tables) -> dict[str, Evidence]:
        """What every signal sees, with the places in the document as it is written."""
        if self.undone is None:
            return {name: signal.measure(self.written, tables) for name, signal in asked.items()}
        found: dict[str, Evidence] = {}
        for name, signal in asked.items():
            if name in AS_WRITTEN:
                found[name] = signal.measure(self.written, tables)
            else:
                evidence = signal.measure(self.undone.document, tables)
                found[name] = Evidence(evidence.value, tuple(map(self.undone.span, evidence.spans)))
        return found


def as_read(document: Document, tables: Tables) -> AsRead:
    """The document as it is read, and whether it can be scored."""
    undone = disguise.undone(document, tables.vocabulary)
    read = undone.document if undone else document
    spoken, share = language.detect(read.tokens.counts)
    return AsRead(document, undone, spoken, _why_unscored(spoken, share, read))


def _why_unscored(spoken: str | None, english: float, document: Document) -> str | None:
    words = len(document.tokens)
    if words < MIN_WORDS:
        others = sum(b.end - b.start for b in document.blocks if b.kind in ("table", "furniture", "code"))
        if others > 200:
            return "no_prose: only tables, links or page furniture"
        counted = "1 word" if words == 1 else f"{words} words"
        return f"too_short: {counted} of running text, at least {MIN_WORDS} are needed"
    if spoken == "en":
        different = len(document.tokens.types)
        if different >= FEWEST_DIFFERENT:
            return None
        return f"no_prose: {words:,} words, but no more than {different} different ones"
    if spoken is None:
        return (
            f"no_prose: {english:.0%} function words, running English has over {language.ENGLISH_SHARE:.0%}"
        )
    return f"not_english: reads as '{spoken}'"
