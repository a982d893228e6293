"""Figures of a training run, and the command that measures them again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.cli import main
from detector.document import Document
from detector.train import card, evaluate, fit
from detector.train.measures.pairs import Page


@pytest.fixture
def judged_by_reading(made: Any) -> Any:
    """300 honest pages, 40 rejected and 40 accepted by readers, on sites of four pages each."""
    pages = [made.page(k, 0, f"site{k // 4}") for k in range(300)]
    pages += [
        made.page(k, k % 2, f"farm{k // 4}", judged="reject" if k % 2 else "accept", group="farm")
        for k in range(300, 380)
    ]
    return made.cross(pages, {})


def test_readers_and_model_are_compared_at_the_same_false_alarms(judged_by_reading: Any, made: Any) -> None:
    rng = np.random.default_rng(0)
    good = np.where(judged_by_reading.label == 1, 4.0, 0.0) + rng.normal(size=380)
    bad = rng.normal(size=380)
    found = evaluate.judged_pages(judged_by_reading, made.judged(good), bad)
    assert found["pages"] == {"reject": 40, "accept": 40, "review": 0, "negatives": 340}
    assert found["auc"]["value"] > 0.97 > 0.7 > found["baseline_auc"]["value"]
    for name in evaluate.MEASURES:
        assert found[name]["low"] <= found[name]["value"] <= found[name]["high"]
    assert found["recall_at_0_1_percent"]["value"] <= found["recall_at_1_percent"]["value"]
    assert found["auc_difference"]["value"] == pytest.approx(
        found["auc"]["value"] - found["baseline_auc"]["value"]
    )
    assert {"recall_difference", "recall_difference_at_0_1_percent"} <= found.keys()


def test_the_baseline_learns_the_real_pages_and_no_page_of_the_fold(made: Any) -> None:
    bread, stone = "bread garden letter " * 30, "stone river table " * 30
    pages = [made.page(k, k % 2, text=stone if k % 2 else bread) for k in range(40)]
    pages.append(made.page(40, 1, text=bread, family="spin_x"))
    logits, unseen = evaluate.baseline(made.cross(pages, {}), [bread, stone])
    assert (logits[:40][1::2] > 0).all()
    assert (logits[:40][::2] < 0).all()
    assert logits[40] < 0, "a spoiled page is scored, not learned"
    assert unseen[0] < 0 < unseen[1]


def test_pairs_are_held_against_a_baseline_that_flags_as_many_honest_pages(made: Any) -> None:
    pages = [made.page(k, 0) for k in range(100)]
    judged = made.judged([k / 10 for k in range(100)], review=9.0, reject=9.8)
    pair = [Page(Document.from_text("x", id=i), "a", fault) for i, fault in (("h", "plug"), ("g", ""))]
    found = evaluate.unseen_pairs(
        made.cross(pages, {}),
        judged,
        pair,
        np.array([9.5, 9.0]),
        np.arange(100.0),
        np.array([99.5, 89.0]),
    )
    assert (found["hollow"]["flagged"]["count"], found["good"]["flagged"]["count"]) == (1, 1)
    assert found["baseline"]["hollow"]["rejected"]["count"] == 1
    assert found["baseline"]["good"]["flagged"]["count"] == 0, "ten of 100 honest pages lie above"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Lets `evaluate` find these figures without training."""
    monkeypatch.setattr(fit, "cross_fit", lambda corpus, data, pages, moby: "cross")
    monkeypatch.setattr(fit, "judge", lambda cross: "judged")
    monkeypatch.setattr(evaluate, "figures", lambda cross, judged, corpus, data: {"auc": 0.9})
    monkeypatch.setattr(card, "page", lambda found: f"figures: {found}")
    (tmp_path / "metrics.json").write_text('{"auc": 0.9, "model": {"name": "m"}}', "utf-8")
    return ["evaluate", "--model", str(tmp_path), "--json", str(tmp_path / "out.json")]


def test_figures_are_printed_written_and_compared(
    measured: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(measured) == 0
    printed = capsys.readouterr()
    assert printed.out == "figures: {'auc': 0.9}\n"
    assert "these figures are those of" in printed.err
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == {"auc": 0.9}


@pytest.mark.parametrize(("floor", "code", "says"), [(">= 0.8", 0, "kept"), (">= 0.95", 1, "BROKEN")])
def test_new_figures_can_be_held_against_the_floors(
    measured: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], floor: str, code: int, says: str
) -> None:
    floors = tmp_path / "floors.toml"
    floors.write_text(f'[stored]\nauc = "{floor}"\n[unseen]\npairs = ">= 9"\n', "utf-8")
    assert main([*measured, "--gate", str(floors)]) == code
    assert f"{says:8}stored: auc" in capsys.readouterr().err


def test_floors_that_cannot_be_read_are_said_before_the_long_run(
    measured: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "cross_fit", lambda *_: pytest.fail("began"))
    assert main([*measured, "--gate", str(tmp_path / "none.toml")]) == 2
