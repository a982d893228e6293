"""What the project is made of is locked, licensed and listed; and the checks can fail."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from supply import __main__ as supply
from supply import bill, licences, locked, weaknesses
from supply.licences import Licensed
from supply.locked import Package


def test_the_locks_give_what_pyproject_asks_for() -> None:
    assert locked.stale() == []


def test_a_requirement_that_no_lock_gives_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = locked.PROJECT.read_text("utf-8").replace('"numpy>=1.26"', '"numpy>=999", "left-pad"')
    (tmp_path / "pyproject.toml").write_text(changed, "utf-8")
    monkeypatch.setattr(locked, "PROJECT", tmp_path / "pyproject.toml")
    said = " ".join(locked.stale())
    assert "numpy>=999 is asked for, the lock has" in said
    assert "left-pad is asked for, the lock does not have it" in said


@pytest.mark.parametrize("line", ["numpy>=1", "numpy==2.0"])
def test_a_lock_pins_every_package_with_its_hashes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    (tmp_path / "base.lock").write_text(f"{line}\n", "utf-8")
    monkeypatch.setattr(locked, "HERE", tmp_path)
    with pytest.raises(ValueError, match="not one version with its hashes"):
        locked.read_lock("base")


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("(MIT OR GPL-2.0-only) AND MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("LGPL-3.0-only", False),
        ("unknown", False),
    ],
)
def test_a_licence_is_permissive_when_it_leaves_such_a_choice(expression: str, fine: bool) -> None:
    assert licences.is_permissive(expression) == fine


def decided() -> list[Licensed]:
    """Packages that satisfy the decisions that are written down."""
    return [
        Licensed(name, "1", decision["states"], decision["users"])
        for name, decision in licences.decisions().items()
    ]


def test_decisions_hold_for_the_package_the_licence_and_the_use_they_name() -> None:
    packages = decided()
    assert licences.complaints(packages) == []
    assert licences.complaints(packages[1:]) == [f"{packages[0].name} is decided on and in no lock"]
    assert (
        "decided on was"
        in licences.complaints([*packages[1:], replace(packages[0], licence="GPL-3.0-only")])[0]
    )
    assert "decided on was" in licences.complaints([*packages[:-1], replace(packages[-1], users="base")])[0]
    stranger = Licensed("stranger", "2.0", "GPL-3.0-only", "base")
    assert licences.complaints([*packages, stranger]) == [
        "stranger 2.0 (base): 'GPL-3.0-only' needs a decision"
    ]


def test_every_decision_has_its_reason_and_no_gpl_reaches_a_user() -> None:
    for name, decision in licences.decisions().items():
        assert len(decision["why"]) > 20, name
        if decision["users"] != "test":
            assert not decision["licence"].startswith("GPL"), name


def test_the_bill_lists_what_users_install_with_hashes_and_licences() -> None:
    content = json.loads(bill.FILE.read_text("utf-8"))
    listed = {c["name"]: c for c in content["components"]}
    needed = {name: p for name, p in locked.read_lock("full").items() if p.needed}
    assert {name: c["version"] for name, c in listed.items()} == {
        n: str(p.version) for n, p in needed.items()
    }
    for component in listed.values():
        assert component["externalReferences"][0]["hashes"]
        assert component["licenses"][0]["expression"]
    references = {c["bom-ref"] for c in content["components"]}
    assert all({*d["dependsOn"]} <= references for d in content["dependencies"])
    required = {name for name, c in listed.items() if c["scope"] == "required"}
    assert required == {name for name, p in locked.read_lock("base").items() if p.needed}


def advisory(package: str = "Jinja2", **affected: Any) -> dict[str, Any]:
    return {
        "id": "PYSEC-1",
        "summary": "Escapes nothing",
        "affected": [{"package": {"ecosystem": "PyPI", "name": package}, **affected}],
    }


def between(*events: dict[str, str], type: str = "ECOSYSTEM") -> list[dict[str, Any]]:
    return [{"type": type, "events": list(events)}]


@pytest.mark.parametrize(
    ("affected", "holds"),
    [
        ({"versions": ["3.1.0"]}, True),
        ({"versions": ["3.1"]}, True),
        ({"versions": ["3.1.1"]}, False),
        ({"ranges": between({"introduced": "0"})}, True),
        ({"ranges": between({"introduced": "0"}, {"fixed": "3.1.0"})}, False),
        ({"ranges": between({"introduced": "0"}, {"fixed": "3.1.1"})}, True),
        ({"ranges": between({"introduced": "0"}, {"last_affected": "3.1.0"})}, True),
        ({"ranges": between({"introduced": "0"}, {"last_affected": "3.0.9"})}, False),
        (
            {
                "ranges": between(
                    {"introduced": "0"}, {"fixed": "2.0"}, {"introduced": "3.0"}, {"fixed": "4.0"}
                )
            },
            True,
        ),
        ({"ranges": between({"introduced": "0"}, type="GIT")}, False),
        ({"versions": ["a version of old"]}, False),
    ],
)
def test_an_advisory_holds_for_its_versions_only(
    tmp_path: Path, affected: dict[str, Any], holds: bool
) -> None:
    (tmp_path / "one.json").write_text(json.dumps(advisory(**affected)), "utf-8")
    package = Package("jinja2", Version("3.1.0"), frozenset(), needed=True)
    found, read = weaknesses.known({"jinja2": package}, tmp_path)
    assert read == 1
    assert [w.id for w in found] == ["PYSEC-1"] * holds


def test_weaknesses_are_read_from_a_zip_file_and_change_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "all.zip"
    with zipfile.ZipFile(database, "w") as archive:
        archive.writestr(
            "a.json", json.dumps(advisory(ranges=between({"introduced": "0"}, {"fixed": "999"})))
        )
        archive.writestr(
            "b.json", json.dumps({**advisory(versions=["0"]), "withdrawn": "2026-01-01T00:00:00Z"})
        )
        archive.writestr("c.json", json.dumps(advisory("another", ranges=between({"introduced": "0"}))))
    assert supply.main(["weaknesses", str(database)]) == 1
    out, err = capsys.readouterr()
    assert "jinja2" in out
    assert "PYSEC-1, Escapes nothing; fixed in 999" in out
    assert "3 advisories read, 1 hold" in err


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken"])
def test_what_is_no_database_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "all.zip").write_bytes(content)
    assert supply.main(["weaknesses", str(tmp_path / "all.zip")]) == 2
    assert supply.main(["weaknesses", str(tmp_path / "nowhere.zip")]) == 2
    (tmp_path / "empty").mkdir()
    assert supply.main(["weaknesses", str(tmp_path / "empty")]) == 2
    assert "Traceback" not in capsys.readouterr().err
