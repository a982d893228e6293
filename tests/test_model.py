"""The model folder: what does not fit is refused, with the reason; what is computed adds up."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import model, signals
from detector.errors import ModelError, UsageError
from detector.model import Curve, Model, logit, sigmoid
from detector.score import Detector
from detector.verdict import ModelId, Thresholds

Content = dict[str, object]


def rewrite(folder: Path, **changes: object) -> None:
    """Change the numbers of a model and sign it again, as a new training run would."""
    raw = json.loads((folder / "model.json").read_text("utf-8"))
    model.write(folder, name=raw["name"], version=raw["version"], content={**raw["content"], **changes})


def edit(folder: Path, **changes: object) -> None:
    """Change fields of model.json without signing it."""
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def test_loads_what_was_written(tiny_model: Path) -> None:
    detector = Detector.load(tiny_model)
    assert (detector.model.name, detector.model.version) == ("tiny", "1.2.3")
    assert len(detector.model.sha256) == 64
    assert detector.thresholds == Thresholds(0.5, 0.8)


def test_the_same_content_has_the_same_digest(tiny_model: Path) -> None:
    before = Detector.load(tiny_model).model.sha256
    rewrite(tiny_model)
    assert Detector.load(tiny_model).model.sha256 == before
    rewrite(tiny_model, bias=-0.25)
    assert Detector.load(tiny_model).model.sha256 != before


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no readable model\.json"):
        Detector.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b"{}", b'{"format": 1}', b'{"format": 1, "files": 3}']
)
def test_damaged_model_json(tiny_model: Path, content: bytes) -> None:
    (tiny_model / "model.json").write_bytes(content)
    with pytest.raises(ModelError):
        Detector.load(tiny_model)


def test_another_format(tiny_model: Path) -> None:
    edit(tiny_model, format=99)
    with pytest.raises(ModelError, match="has format 99, this version reads 2"):
        Detector.load(tiny_model)


def test_changed_numbers(tiny_model: Path) -> None:
    raw = json.loads((tiny_model / "model.json").read_text("utf-8"))
    edit(tiny_model, content={**raw["content"], "bias": 5})
    with pytest.raises(ModelError, match="changed after training"):
        Detector.load(tiny_model)


def test_damaged_table(tiny_model: Path) -> None:
    with (tiny_model / "vocabulary.txt").open("ab") as file:
        file.write(b"\nword")
    with pytest.raises(ModelError, match=r"vocabulary\.txt does not have the sha256"):
        Detector.load(tiny_model)


def test_a_table_damaged_after_the_model_was_found_whole(tiny_model: Path) -> None:
    Detector.load(tiny_model)
    path = tiny_model / "vocabulary.txt"
    before, content = path.stat(), path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # as an archive does that is unpacked
    with pytest.raises(ModelError, match=r"vocabulary\.txt does not have the sha256"):
        Detector.load(tiny_model)
    path.write_bytes(content)
    Detector.load(tiny_model)


def test_a_model_found_whole_is_not_hashed_again(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Detector.load(tiny_model)
    monkeypatch.setattr(model, "verify", lambda *_: pytest.fail("hashed again"))
    Detector.load(tiny_model)


def test_a_damaged_model_is_refused_every_time(tiny_model: Path) -> None:
    (tiny_model / "vocabulary.txt").write_bytes(b"word")
    for _ in range(2):
        with pytest.raises(ModelError, match="sha256"):
            Detector.load(tiny_model)


@pytest.mark.parametrize(
    "changes",
    [{"sha256": 3}, {"sha256": None}, {"files": {"\0": ""}}, {"files": {"../x": "0"}}, {"files": [1]}],
)
def test_a_model_json_with_fields_of_the_wrong_kind(tiny_model: Path, changes: dict[str, object]) -> None:
    edit(tiny_model, **changes)
    with pytest.raises(ModelError):
        Detector.load(tiny_model)


def test_missing_table(tiny_model: Path) -> None:
    (tiny_model / "vocabulary.txt").unlink()
    with pytest.raises(ModelError, match=r"vocabulary\.txt is missing"):
        Detector.load(tiny_model)


def test_an_array_that_was_added_is_refused(tiny_model: Path) -> None:
    Detector.load(tiny_model)  # and remembered as whole
    np.save(tiny_model / "anchor_more.npy", np.zeros(3))
    with pytest.raises(ModelError, match=r"anchor_more\.npy is no part of the model"):
        Detector.load(tiny_model)


def test_description_files_are_not_part_of_the_model(tiny_model: Path) -> None:
    (tiny_model / "card.md").write_text("# Card\n", "utf-8")
    Detector.load(tiny_model)


def test_a_canary_names_the_signal_that_changed(tiny_model: Path, plain_text: str) -> None:
    rewrite(tiny_model, canaries=[{"text": plain_text, "values": {"gone": 0.0, "trust": 1234.5}}])
    with pytest.raises(ModelError, match=r"gone, trust measure something else now"):
        Detector.load(tiny_model)


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, 2.0, math.nan])
def test_impossible_base_rate(tiny_model: Path, share: float) -> None:
    with pytest.raises(UsageError, match="base rate"):
        Detector.load(tiny_model, base_rate=share)


def small(bias: float = -0.5, review: float = 0.5) -> Model:
    """A model of a certain fault, one that is not, and two signals that speak for a page."""
    curves = {
        "habit": Curve((0.0, 1.0), (0.0, 2.0)),
        "fault": Curve((0.0, 1.0, 4.0), (0.0, 1.5, 30.0)),
        "trust": Curve((0.0, 1.0), (0.0, -9.0)),
        "care": Curve((0.0, 1.0), (0.0, -3.0)),
    }
    return Model(ModelId("m", "1", "0" * 64), bias, curves, ("fault",), Thresholds(review, 0.99))


SEEN = st.floats(0, 1e6) | st.floats(0, 2)


@given(fault=SEEN, habit=SEEN, trust=SEEN, care=SEEN, bias=st.floats(-12, 12))
def test_the_account_adds_up(fault: float, habit: float, trust: float, care: float, bias: float) -> None:
    values = {"fault": fault, "habit": habit, "trust": trust, "care": care, "unknown": 7.0}
    score, pushes = small(bias).account(values)
    assert 1e-6 - 1e-12 <= score <= 1 - 1e-6 + 1e-12
    assert bias + math.fsum(pushes.values()) == pytest.approx(logit(score), abs=1e-6)
    assert pushes["unknown"] == 0


@given(fault=SEEN, habit=SEEN, trust=SEEN, care=SEEN, bias=st.floats(-6, 6), review=st.floats(0.05, 0.95))
def test_what_a_certain_fault_brings_to_review_stays_there(
    fault: float, habit: float, trust: float, care: float, bias: float, review: float
) -> None:
    model = small(bias, review)
    alone, _ = model.account({"fault": fault})
    whole, _ = model.account({"fault": fault, "habit": habit, "trust": trust, "care": care})
    if alone > review + 1e-6:
        assert whole >= review
    elif alone < review - 1e-6:  # then all that speaks for the page counts in full
        free, _ = model.account({"fault": fault, "habit": habit})
        if 1e-5 < free < 1 - 1e-5 and whole > 1e-5:
            against = model.curves["trust"](trust) + model.curves["care"](care)
            assert logit(whole) - logit(free) == pytest.approx(against, abs=1e-6)


@given(fault=st.floats(0, 2), more=st.floats(0, 2), trust=st.floats(0, 1))
def test_more_of_a_certain_fault_never_helps_a_page(fault: float, more: float, trust: float) -> None:
    less, _ = small().account({"fault": fault, "trust": trust})
    worse, _ = small().account({"fault": fault + more, "trust": trust})
    assert worse >= less - 1e-9


def test_nothing_seen_pushes_nothing() -> None:
    assert small().account({"fault": 0.0, "trust": 0.0}) == (sigmoid(-0.5), {"fault": 0.0, "trust": 0.0})


@given(a=st.floats(0, 10), b=st.floats(0, 10))
def test_a_curve_of_a_fault_never_falls(a: float, b: float) -> None:
    curve = small().curves["fault"]
    low, high = sorted((a, b))
    assert curve(low) <= curve(high)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.9])
def test_base_rate_moves_scores_and_keeps_outcomes(share: float) -> None:
    plain, shifted = small(), small().with_base_rate(share)
    for fault in (0.0, 0.3, 0.6, 1.0, 1.4, 2.0):
        before, _ = plain.account({"fault": fault})
        after, _ = shifted.account({"fault": fault})
        assert logit(after) - logit(before) == pytest.approx(logit(share))
        assert (before >= 0.5, before >= 0.99) == (
            after >= shifted.thresholds.review,
            after >= shifted.thresholds.reject,
        )


@pytest.mark.skipif(not (model.models_folder() / "CURRENT").is_file(), reason="a checkout without a model")
def test_any_certain_fault_at_its_strongest_holds_a_page_in_review_with_the_model_that_ships() -> None:
    ships, _ = model.load()
    praise = {name: 1e9 for name, signal in signals.registry().items() if signal.KIND == "trust"}
    assert ships.certain
    for name in ships.certain:
        score, _ = ships.account({name: 1e9, **praise})
        assert score >= ships.thresholds.review, name
