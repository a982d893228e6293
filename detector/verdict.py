"""What the detector answers: evidence from signals, findings with their push, and the verdict that adds them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from detector.document import Document, Partner, Span, Unreadable

Outcome = Literal["publish", "review", "reject", "unscored"]
OUTCOMES: tuple[Outcome, ...] = ("publish", "review", "reject", "unscored")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one signal measured on one document.

    value: finite and >= 0; 0 means nothing was seen and pushes exactly 0.
    spans: where it was seen, in characters of `Document.text`, strongest first.
    """

    value: float = 0.0
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the account: `push` is the signed contribution to the score in log-odds.

    accepted: who says that it is all right ("baseline", "comment on line 3: our own clinic"); it then pushes 0.
    """

    signal: str
    value: float
    push: float
    says: str
    spans: tuple[Span, ...] = ()
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelId:
    """Which model spoke: name, semantic version, sha256 over its files."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which a page is `review` or `reject`."""

    review: float
    reject: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an input could not be read: a word for machines and a sentence for people."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one document.

    score: calibrated probability (0 to 1) that a careful editor would reject the page, for equal shares of
        publishable and rejectable pages; None when unscored.
    bias, findings: `bias + sum(push) == logit(score)` to 1e-6.
    reason: why the page is unscored, or `low_confidence` for a page of 50 to 119 words; else None.
    """

    id: str
    url: str | None
    title: str | None
    outcome: Outcome
    score: float | None
    bias: float | None
    findings: tuple[Finding, ...]
    words: int
    language: str | None
    model: ModelId
    thresholds: Thresholds
    reason: str | None = None
    error: Failure | None = None

    @classmethod
    def unread(cls, item: Unreadable, model: ModelId, thresholds: Thresholds) -> Verdict:
        """The answer for what could not be read: unscored, with the error."""
        return cls(
            id=item.id,
            url=item.url,
            title=item.title,
            outcome="unscored",
            score=None,
            bias=None,
            findings=(),
            words=0,
            language=None,
            model=model,
            thresholds=thresholds,
            reason="unreadable",
            error=Failure(item.kind, item.message),
        )

    def to_dict(self, document: Document | None = None, *, with_text: bool = False) -> dict[str, Any]:
        """The verdict as plain data (see the README for the fields).

        document: gives each span its `text`; without it spans carry offsets only (`text` is then null).
        with_text: add the document's whole text under `text`.
        """
        text = document.text if document is not None else None
        row: dict[str, Any] = {
            "id": self.id,
            "url": self.url,
            "title": self.title,
            "outcome": self.outcome,
            "score": self.score,
            "bias": self.bias,
            "words": self.words,
            "language": self.language,
            "reason": self.reason,
            "findings": [
                {
                    "signal": f.signal,
                    "value": f.value,
                    "push": f.push,
                    "says": f.says,
                    "spans": [
                        {
                            "start": s.start,
                            "end": s.end,
                            "text": None if text is None else text[s.start : s.end],
                            "says": s.says,
                            "instead": list(s.instead),
                            "partner": None
                            if s.partner is None
                            else {
                                "id": s.partner.id,
                                "url": s.partner.url,
                                "start": s.partner.start,
                                "end": s.partner.end,
                            },
                        }
                        for s in f.spans
                    ],
                }
                for f in self.findings
            ],
            "thresholds": {"review": self.thresholds.review, "reject": self.thresholds.reject},
            "model": {"name": self.model.name, "version": self.model.version, "sha256": self.model.sha256},
            "error": None if self.error is None else {"kind": self.error.kind, "message": self.error.message},
        }
        if with_text:
            row["text"] = text
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_dict` made; by whom a finding was accepted stands in its `says` alone.

        Raises KeyError or TypeError for anything else.
        """
        findings = tuple(
            Finding(
                f["signal"],
                f["value"],
                f["push"],
                f["says"],
                tuple(
                    Span(
                        s["start"],
                        s["end"],
                        s["says"],
                        tuple(s["instead"]),
                        None if s["partner"] is None else Partner(**s["partner"]),
                    )
                    for s in f["spans"]
                ),
            )
            for f in row["findings"]
        )
        fields = {name: row[name] for name in cls.__dataclass_fields__}
        return cls(
            **{
                **fields,
                "findings": findings,
                "model": ModelId(**row["model"]),
                "thresholds": Thresholds(**row["thresholds"]),
                "error": None if row["error"] is None else Failure(**row["error"]),
            }
        )
