"""A verdict as plain data: the fields of the contract, all of them, always."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from detector.document import Document, Partner, Span
from detector.verdict import Failure, Finding, ModelId, Thresholds, Verdict

TEXT = "One plain line. Another plain line."
FIELDS = ["id", "url", "title", "outcome", "score", "bias", "words", "language", "reason", "findings", "thresholds",
          "model", "error"]  # fmt: skip


def verdict(**changes: object) -> Verdict:
    span = Span(0, 9, "says", ("honest form",), Partner("other", "https://example.org/b", 3, 7))
    fields = {
        "id": "a.txt",
        "url": None,
        "title": None,
        "outcome": "review",
        "score": 0.62,
        "bias": -0.5,
        "findings": (Finding("near_duplicate", 1.0, 0.99, "Repeats itself.", (span,)),),
        "words": 130,
        "language": "en",
        "model": ModelId("tiny", "1.0.0", "0" * 64),
        "thresholds": Thresholds(0.5, 0.8),
    }
    return Verdict(**{**fields, **changes})  # type: ignore[arg-type]


def test_fields() -> None:
    row = verdict().to_dict(Document.from_text(TEXT))
    assert list(row) == FIELDS
    assert row["model"] == {"name": "tiny", "version": "1.0.0", "sha256": "0" * 64}
    assert row["thresholds"] == {"review": 0.5, "reject": 0.8}
    assert row["findings"] == [
        {
            "signal": "near_duplicate",
            "value": 1.0,
            "push": 0.99,
            "says": "Repeats itself.",
            "spans": [
                {
                    "start": 0,
                    "end": 9,
                    "text": "One plain",
                    "says": "says",
                    "instead": ["honest form"],
                    "partner": {"id": "other", "url": "https://example.org/b", "start": 3, "end": 7},
                }
            ],
        }
    ]
    assert json.loads(json.dumps(row)) == row


def test_with_text() -> None:
    assert verdict().to_dict(Document.from_text(TEXT), with_text=True)["text"] == TEXT
    assert verdict().to_dict(with_text=True)["text"] is None


def test_without_the_document_spans_carry_offsets_only() -> None:
    (span,) = verdict().to_dict()["findings"][0]["spans"]
    assert (span["start"], span["end"], span["text"]) == (0, 9, None)


def test_findings_and_error_are_always_there() -> None:
    failed = verdict(
        outcome="unscored", score=None, bias=None, findings=(), error=Failure("empty", "no text")
    )
    row = failed.to_dict()
    assert row["findings"] == []
    assert row["error"] == {"kind": "empty", "message": "no text"}
    assert verdict().to_dict()["error"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"url": "https://example.org/a", "title": "A page", "reason": "low_confidence"},
        {
            "outcome": "unscored",
            "score": None,
            "bias": None,
            "findings": (),
            "error": Failure("empty", "no text"),
        },
    ],
)
def test_a_verdict_survives_as_plain_data(changes: dict[str, object]) -> None:
    before = verdict(**changes)
    document = Document.from_text(TEXT)
    for row in (before.to_dict(), before.to_dict(document, with_text=True)):
        assert Verdict.from_dict(json.loads(json.dumps(row))) == before


def test_who_accepted_a_finding_is_kept_in_words() -> None:
    (finding,) = verdict().findings
    accepted = replace(finding, says="Repeats itself. (accepted: baseline)", accepted=("baseline",))
    (after,) = Verdict.from_dict(verdict(findings=(accepted,)).to_dict()).findings
    assert after == replace(accepted, accepted=())


@pytest.mark.parametrize("row", [{}, {**verdict().to_dict(), "findings": None}])
def test_what_is_no_verdict_is_refused(row: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError)):
        Verdict.from_dict(row)
