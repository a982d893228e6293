"""JSON and JSON lines: always valid, one object for every input."""

from __future__ import annotations

import io
import json

import pytest

from detector.document import Unreadable
from detector.report import FORMATS, open_report
from detector.verdict import Failure, ModelId, Thresholds, Verdict


def verdict(id: str) -> Verdict:
    failed = Unreadable(id, "empty", "there is no text: “” \u2028")
    return Verdict(
        id=failed.id,
        url=None,
        title=None,
        outcome="unscored",
        score=None,
        bias=None,
        findings=(),
        words=0,
        language=None,
        model=ModelId("m", "1", "0" * 64),
        thresholds=Thresholds(0.5, 0.8),
        reason="unreadable",
        error=Failure(failed.kind, failed.message),
    )


def written(format: str, ids: list[str], *, many: bool) -> str:
    out = io.StringIO()
    report = open_report(format, out, many=many)
    for name in ids:
        report.add(verdict(name), None)
    report.close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("ids", "many", "expected"),
    [
        (["a"], False, "a"),
        (["a"], True, ["a"]),
        (["a", "b"], False, ["a", "b"]),
        (["a", "b", "c"], True, ["a", "b", "c"]),
        ([], True, []),
    ],
)
def test_json(ids: list[str], many: bool, expected: object) -> None:
    found = json.loads(written("json", ids, many=many))
    assert ([row["id"] for row in found] if isinstance(found, list) else found["id"]) == expected


@pytest.mark.parametrize("many", [False, True])
def test_json_lines(many: bool) -> None:
    lines = written("jsonl", ["a", "b"], many=many).split("\n")
    assert [json.loads(line)["id"] for line in lines[:-1]] == ["a", "b"]
    assert lines[-1] == ""


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_answers_an_unreadable_input(format: str) -> None:
    assert "there is no text" in written(format, ["a"], many=False)
