"""The JSON schema of a verdict: it admits every kind of real verdict, nothing else, and says what the README says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from detector.document import Document, Unreadable
from detector.report import SCHEMA
from detector.score import Detector
from detector.verdict import Verdict

README = Path(__file__).parents[2] / "README.md"
RULES = json.loads(SCHEMA.read_text("utf-8"))
FRENCH = "le chat dort dans la maison et les enfants jouent avec une balle pour le plaisir du jour " * 6


def problems(row: object) -> list[str]:
    return [error.message for error in Draft202012Validator(RULES).iter_errors(row)]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(RULES)
    assert RULES["$schema"].endswith("2020-12/schema")
    assert RULES["$id"].startswith("urn:")


@pytest.fixture
def verdicts(tiny_model: Path, plain_text: str) -> dict[str, tuple[Verdict, Document | None]]:
    """Real verdicts, of every kind."""
    detector = Detector.load(tiny_model)
    accepting = Detector.load(tiny_model, base_rate=0.01, accept=lambda _, e: dict.fromkeys(e, ("baseline",)))
    repeats = plain_text + "\n\n" + plain_text.replace("nine", "ten")
    documents = {
        "publish": Document.from_text(plain_text, url="https://example.org/a", title="A bench"),
        "low_confidence": Document.from_text(" ".join(plain_text.split()[:80])),
        "repeats": Document.from_markdown(repeats, id="repeats.md"),
        "too_short": Document.from_text("A few words."),
        "not_english": Document.from_text(FRENCH),
        "no_prose": Document.from_html(
            "<table>" + "<tr><td>Treatment</td><td>10 pounds</td></tr>" * 60 + "</table>"
        ),
    }
    found: dict[str, tuple[Verdict, Document | None]] = {
        name: (detector.score(document), document) for name, document in documents.items()
    }
    found["accepted"] = (accepting.score(documents["repeats"]), documents["repeats"])
    found["unreadable"] = (
        detector.answer(Unreadable("x", "binary", "a picture", "https://a.org", "A")),
        None,
    )
    return found


def test_it_admits_every_verdict(verdicts: dict[str, tuple[Verdict, Document | None]]) -> None:
    for verdict, document in verdicts.values():
        for row in (verdict.to_dict(document), verdict.to_dict(document, with_text=True), verdict.to_dict()):
            assert problems(json.loads(json.dumps(row))) == []
    shown = json.dumps([v.to_dict(d) for v, d in verdicts.values()])
    assert '"partner": {' in shown
    assert "(accepted: baseline)" in shown
    assert {v.outcome for v, _ in verdicts.values()} >= {"publish", "unscored"}


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"outcome": "maybe"},
        {"outcome": "unscored"},
        {"score": None},
        {"score": 1.2},
        {"bias": None},
        {"findings": None},
        {"words": -1},
        {"model": {"name": "m", "version": "1"}},
        {"error": {"kind": "x", "message": "y"}},
        {"findings": [{"signal": "plug"}]},
    ],
)
def test_it_admits_nothing_else(
    verdicts: dict[str, tuple[Verdict, Document | None]], change: dict[str, Any]
) -> None:
    row = verdicts["publish"][0].to_dict()
    assert problems({**row, **change})
    for key in row:
        assert problems({k: v for k, v in row.items() if k != key})


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Every property in the order of a row, those of findings and places in their place."""
    for name, rules in schema.get("properties", {}).items():
        yield name, rules
        inner = [rules, rules.get("items", {}), *rules.get("anyOf", [])]
        for other in inner:
            pointed = RULES["$defs"][other["$ref"].rsplit("/", 1)[1]] if "$ref" in other else other
            yield from properties(pointed)


def test_every_field_is_described() -> None:
    for name, rules in properties(RULES):
        assert rules.get("description", "").endswith("."), name


def test_the_fields_come_in_the_order_of_a_row(verdicts: dict[str, tuple[Verdict, Document | None]]) -> None:
    verdict, document = verdicts["repeats"]
    row = verdict.to_dict(document, with_text=True)
    assert list(RULES["properties"]) == list(row)
    assert list(RULES["$defs"]["finding"]["properties"]) == list(row["findings"][0])
    (span, *_) = (s for f in row["findings"] for s in f["spans"] if s["partner"])
    assert list(RULES["$defs"]["span"]["properties"]) == list(span)
    assert list(RULES["$defs"]["partner"]["properties"]) == list(span["partner"])


def test_the_readme_says_the_same() -> None:
    shown = re.search(r"### A verdict as JSON\n.*?```text\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert shown, "the README shows no verdict"
    of_partner = list(RULES["$defs"]["partner"]["properties"])
    names = [name for name, _ in properties(RULES)]
    at = names.index("partner")
    assert names[at + 1 : at + 1 + len(of_partner)] == of_partner
    del names[at + 1 : at + 1 + len(of_partner)]
    assert re.findall(r'"(\w+)"', shown[1]) == names[:-1]  # the last, `text`, comes with --with-text alone
