"""A model that does not fit the code is refused; that one fits is remembered until it or the code changes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from detector import canaries, model, signals
from detector.document import Document
from detector.errors import ModelError
from detector.score import Detector
from detector.tables import Tables
from detector.verdict import Evidence

Measured = list[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setattr("sys.platform", "linux")
    return folder


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measured:
    """What the signal trust has been asked to measure, by id of the document."""
    asked: Measured = []
    trust = signals.registry()["trust"]
    measure = trust.measure

    def counted(document: Document, tables: Tables) -> Evidence:
        asked.append(document.id)
        return measure(document, tables)

    monkeypatch.setattr(trust, "measure", counted)
    return asked


def load(folder: Path) -> None:
    Detector.load(folder)


def test_canaries_are_measured_once_for_a_model_and_a_state_of_the_code(
    tiny_model: Path, home: Path, measured: Measured
) -> None:
    load(tiny_model)
    assert measured == ["canary"]
    load(tiny_model)
    assert measured == ["canary"]
    assert len(list(home.rglob("fits-*"))) == 1


@pytest.fixture
def touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module of the code that can be changed."""
    file = tmp_path / "signal.py"
    file.write_text("1\n", "utf-8")
    monkeypatch.setattr(canaries, "_files", lambda: [file])
    return file


@pytest.mark.parametrize(
    "change",
    [
        lambda file, home: file.write_text("10\n", "utf-8"),
        lambda file, home: os.utime(file, ns=(1, 1)),
        lambda file, home: [stamp.write_text("", "ascii") for stamp in home.rglob("fits-*")],
        lambda file, home: [stamp.write_bytes(b"\xff\x00") for stamp in home.rglob("fits-*")],
        lambda file, home: [stamp.unlink() for stamp in home.rglob("fits-*")],
    ],
    ids=["other code", "other time", "emptied", "damaged", "deleted"],
)
def test_what_is_remembered_holds_for_the_same_code_only(
    tiny_model: Path, home: Path, measured: Measured, touched: Path, change: Callable[[Path, Path], object]
) -> None:
    load(tiny_model)
    change(touched, home)
    load(tiny_model)
    assert measured == ["canary", "canary"]


def test_another_model_is_tried_itself(tiny_model: Path, home: Path, plain_text: str) -> None:
    load(tiny_model)
    raw = json.loads((tiny_model / "model.json").read_text("utf-8"))
    content = {**raw["content"], "canaries": [{"text": plain_text, "values": {"trust": 1234.5}}]}
    model.write(tiny_model, name=raw["name"], version=raw["version"], content=content)
    for _ in range(2):  # a refusal is not remembered as a fit
        with pytest.raises(ModelError, match="trust measures something else now"):
            load(tiny_model)


def test_a_home_that_cannot_be_written_to_costs_time_only(
    tiny_model: Path, home: Path, measured: Measured
) -> None:
    home.write_text("a file, no folder", "utf-8")
    load(tiny_model)
    load(tiny_model)
    assert measured == ["canary", "canary"]


def test_every_module_that_decides_on_values_is_looked_at() -> None:
    files = canaries._files()
    assert all(file.is_file() for file in files)
    assert {f"{name}.py" for name in signals.registry()} <= {file.name for file in files}
