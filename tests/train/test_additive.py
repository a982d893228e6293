"""The additive model: curves that agree with their signals, thresholds that keep the false-alarm contract."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.model import Model, logit, sigmoid
from detector.train import additive
from detector.train.additive import Additive, Doubles
from detector.verdict import ModelId, Thresholds

KINDS = {"fault": "place", "habit": "habit", "care": "trust", "noise": "place", "shape": "description"}


def pages(seed: int, number: int = 600) -> tuple[dict[str, Doubles], Doubles]:
    """Made-up pages: "fault" and "habit" speak for rejection, "care" against, "noise" says nothing."""
    rng = np.random.default_rng(seed)
    label = (rng.random(number) < 0.5).astype(float)
    sparse = rng.random((5, number)) < 0.6
    values = {
        "fault": rng.gamma(1 + 2 * label) * sparse[0],
        "habit": rng.gamma(1 + label) * sparse[1],
        "care": rng.gamma(2 - label) * sparse[2],
        "noise": rng.gamma(1.0, size=number) * sparse[3],
        "shape": rng.gamma(1 + 5 * label) * sparse[4],
    }
    return values, label


def fitted(seed: int) -> tuple[Additive, dict[str, Doubles], Doubles]:
    values, label = pages(seed)
    return additive.fit(values, KINDS, label, np.ones(len(label))), values, label


@pytest.mark.parametrize("seed", range(3))
def test_faults_only_rise_trust_only_falls_and_nothing_seen_pushes_nothing(seed: int) -> None:
    model, _, _ = fitted(seed)
    for name, curve in model.curves.items():
        assert curve.knots[0] == curve.pushes[0] == 0
        assert (np.diff(curve.knots) > 0).all()
        steps = np.diff(curve.pushes)
        assert (steps <= 0).all() if KINDS[name] == "trust" else (steps >= 0).all()
    assert {"fault", "habit", "care"} <= model.curves.keys()
    assert "shape" not in model.curves, "a description is never a reason, however well it would predict"


def test_trust_that_goes_with_rejection_gets_no_say() -> None:
    values, label = pages(0)
    model = additive.fit({"care": values["fault"]}, {"care": "trust"}, label, np.ones(len(label)))
    assert "care" not in model.curves


def test_a_signal_seen_on_a_handful_of_pages_gets_no_curve() -> None:
    values, label = pages(0)
    values["rare"] = np.zeros(len(label))
    values["rare"][:29] = 1.0
    model = additive.fit(values, {**KINDS, "rare": "place"}, label, np.ones(len(label)))
    assert "rare" not in model.curves


def test_the_model_tells_the_two_sides_apart_and_says_the_same_twice() -> None:
    model, values, label = fitted(4)
    logits = model.logits(values)
    assert logits[label == 1].mean() > logits[label == 0].mean() + 1
    again, _, _ = fitted(4)
    assert again == model


def test_log_odds_are_bias_plus_curves() -> None:
    model, values, _ = fitted(5)
    logits = model.logits(values)
    for page in (0, 17, 599):
        total = model.bias + sum(curve(float(values[n][page])) for n, curve in model.curves.items())
        assert logits[page] == pytest.approx(total, abs=1e-9)


def test_what_ships_says_of_a_page_what_was_measured_of_it() -> None:
    model, values, _ = MODEL
    certain = ("fault",)
    for review in (-1.0, 0.5, 1.5):
        final = model.reaching(review, certain)
        ships = Model(
            ModelId("", "", ""), final.bias, final.curves, certain, Thresholds(sigmoid(review), 0.99)
        )
        account = final.account(values, certain)
        found = account.logits(review)
        assert found != pytest.approx(account.full) or review > 1, "trust is held back on some of these pages"
        for page in range(200):
            score, _ = ships.account({n: float(v[page]) for n, v in values.items()})
            assert logit(score) == pytest.approx(found[page], abs=1e-6)
            assert (score >= ships.thresholds.review) == (account.highest[page] >= review)


def test_a_certain_fault_at_its_strongest_reaches_review_alone() -> None:
    model, values, _ = MODEL
    far = model.bias + 50
    final = model.reaching(far, ("fault", "unheard"))
    strongest = {n: np.full(1, 1e9 if n == "fault" else 0.0) for n in values}
    assert final.account(strongest, ("fault",)).alone[0] >= far
    assert model.reaching(-99.0, ("fault",)) == model, "a fault that is strong enough keeps its curve"


@settings(deadline=None, max_examples=25)
@given(slope=st.floats(0.1, 3), shift=st.floats(-4, 4))
def test_calibration_moves_every_page_alike_and_keeps_the_account(slope: float, shift: float) -> None:
    model, values, _ = MODEL
    moved = model.scaled(slope, shift)
    assert moved.logits(values) == pytest.approx(slope * model.logits(values) + shift, abs=1e-9)
    for curve in moved.curves.values():
        assert curve(0.0) == 0


MODEL = fitted(6)


def test_calibration_finds_the_true_log_odds() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(scale=2, size=20_000)
    label = rng.random(20_000) < 1 / (1 + np.exp(-true))
    slope, shift = additive.calibration(true * 4 - 3, label.astype(int), np.ones(20_000))
    assert slope == pytest.approx(0.25, rel=0.05)
    assert shift == pytest.approx(0.75, abs=0.1)


# --- thresholds ------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=6),
    shares=st.sampled_from(
        [(additive.REJECT_ALL, additive.REJECT_GROUP), (additive.REVIEW_ALL, additive.REVIEW_GROUP)]
    ),
    ties=st.booleans(),
)
def test_thresholds_keep_the_false_alarm_contract(
    seed: int, sizes: list[int], shares: tuple[float, float], ties: bool
) -> None:
    rng = np.random.default_rng(seed)
    logits = np.concatenate([rng.normal(loc=rng.normal(), size=n) for n in sizes])
    logits = np.round(logits, 1) if ties else logits
    groups = [f"group {k}" for k, n in enumerate(sizes) for _ in range(n)]
    line = additive.threshold(logits, groups, *shares)
    flagged = logits >= line
    assert flagged.mean() <= shares[0]
    for k, n in enumerate(sizes):
        if n >= additive.GROUP:
            assert flagged[np.array(groups) == f"group {k}"].mean() <= shares[1]


def test_a_threshold_is_no_higher_than_the_contract_asks() -> None:
    logits = np.arange(1000.0)
    line = additive.threshold(logits, ["all"] * 1000, 0.05, 0.06)
    assert (logits >= line).sum() == 50


def test_one_bad_group_raises_the_threshold_for_all() -> None:
    calm, loud = np.linspace(-3, 0, 900), np.linspace(0, 3, 100)
    logits = np.concatenate([calm, loud])
    groups = ["calm"] * 900 + ["loud"] * 100
    line = additive.threshold(logits, groups, 0.05, 0.02)
    assert (loud >= line).sum() == 2
    assert additive.threshold(logits, ["one"] * 1000, 0.05, 0.05) < line
