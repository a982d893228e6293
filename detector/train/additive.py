"""The additive model: one curve per signal, fitted together, calibrated; thresholds from a false-alarm contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from detector.model import SURELY, Curve
from detector.tables import Array

Doubles = NDArray[np.float64]

KNOTS = 7
PENALTY = 1e-4

# The false-alarm contract on honest pages: share of all, share of any group of GROUP pages or more.
GROUP = 100
REJECT_ALL, REJECT_GROUP = 0.01, 0.02
# Sites that took no part in the choice draw more rejections than those that did: the line is drawn with room to spare.
ROOM = 0.75
REVIEW_ALL, REVIEW_GROUP = 0.05, 0.08


class Account(NamedTuple):
    """Log-odds of many pages. full: of bias and all pushes; faults: without those that speak for a page; alone: of the
    bias and the strongest of the certain faults only.
    """

    full: Doubles
    faults: Doubles
    alone: Doubles

    def of(self, pages: Array) -> Account:
        """The same of some of the pages: their numbers, or a mask."""
        return Account(self.full[pages], self.faults[pages], self.alone[pages])

    @property
    def highest(self) -> Doubles:
        """The highest line for `review` that each page still reaches."""
        return np.maximum(self.full, self.alone - SURELY)

    def logits(self, review: float) -> Doubles:
        """What `Model.account` makes of it: trust takes no page below `review` that one certain fault brings there."""
        room = self.alone - review - SURELY
        return np.where(room >= 0, np.maximum(self.full, self.faults - room), self.full)


@dataclass(frozen=True)
class Additive:
    """bias and curves: log-odds = bias + sum of curve(value)."""

    bias: float
    curves: dict[str, Curve]

    def logits(self, values: Mapping[str, Doubles]) -> Doubles:
        """Log-odds of many pages from columns of values."""
        total = np.full(len(next(iter(values.values()))), self.bias)
        for name, curve in self.curves.items():
            total += np.interp(values[name], curve.knots, curve.pushes)
        return total

    def account(self, values: Mapping[str, Doubles], certain: Sequence[str]) -> Account:
        """The parts of the log-odds of many pages; certain: see `Model`."""
        pushes = {n: np.interp(values[n], c.knots, c.pushes) for n, c in self.curves.items()}
        none = np.zeros(len(next(iter(values.values()))))
        faults = self.bias + sum((np.maximum(p, 0) for p in pushes.values()), none)
        trust = sum((np.minimum(p, 0) for p in pushes.values()), none)
        strongest = np.maximum.reduce([none, *(pushes[n] for n in certain if n in pushes)])
        return Account(faults + trust, faults, self.bias + strongest)

    def reaching(self, line: float, certain: Sequence[str]) -> Additive:
        """The model where each of the certain faults, at its strongest, brings a page to the log-odds `line` alone."""
        curves = dict(self.curves)
        for name in curves.keys() & set(certain):
            knots, pushes = curves[name]
            curves[name] = Curve(knots, (*pushes[:-1], max(pushes[-1], round(line - self.bias + 1e-6, 6))))
        return Additive(self.bias, curves)

    def scaled(self, slope: float, shift: float) -> Additive:
        """The model whose log-odds are slope * log-odds + shift: still an account that adds up."""
        curves = {n: Curve(c.knots, tuple(slope * p for p in c.pushes)) for n, c in self.curves.items()}
        return Additive(slope * self.bias + shift, curves)


def fit(
    values: Mapping[str, Doubles],
    kinds: Mapping[str, str],
    labels: Array,
    weight: Array,
    held_down: Mapping[str, float] | None = None,
    offset: Doubles | None = None,
) -> Additive:
    """Fit all curves together by penalised logistic regression on ramps between knots.

    Ramps of faults (kinds "place", "habit") may only rise, those of trust only fall, so that no curve contradicts
    its signal; value 0 pushes 0. Descriptions get no curve. held_down: by how much more than others the ramps of a
    signal are penalised. offset: log-odds that are known already, to which the curves add; there is no bias then.
    """
    names = [n for n in sorted(values) if kinds[n] != "description" and (values[n] > 0).sum() >= 30]
    if not names:
        return Additive(0.0, {})
    knots = {n: _knots(values[n]) for n in names}
    blocks = [_ramps(values[n], knots[n]) for n in names]
    constant = np.full((len(labels), 1), 1.0 if offset is None else 0.0)
    x = np.hstack([*blocks, constant])
    known = np.zeros(len(labels)) if offset is None else offset
    signs = np.concatenate(
        [
            np.full(b.shape[1], -1.0 if kinds[n] == "trust" else 1.0)
            for n, b in zip(names, blocks, strict=True)
        ]
    )
    factors = held_down or {}
    penalty = PENALTY * np.concatenate(
        [np.full(b.shape[1], factors.get(n, 1.0)) for n, b in zip(names, blocks, strict=True)]
    )
    y = np.where(labels == 1, 1.0, -1.0)
    w = weight / weight.sum()

    def loss(beta: Doubles) -> tuple[float, Doubles]:
        margin = y * (known + x @ beta)
        value = float((w * np.logaddexp(0, -margin)).sum()) + float((penalty * beta[:-1] ** 2).sum()) / 2
        slope = -(w * y / (1 + np.exp(np.clip(margin, -500, 500))))
        gradient = x.T @ slope
        gradient[:-1] += penalty * beta[:-1]
        return value, gradient

    bounds = [(0, None) if s > 0 else (None, 0) for s in signs] + [(None, None)]
    beta = minimize(
        loss, np.zeros(x.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 2000}
    ).x
    curves: dict[str, Curve] = {}
    at = 0
    for name, block in zip(names, blocks, strict=True):
        steps = np.round(beta[at : at + block.shape[1]], 6)
        at += block.shape[1]
        if np.any(steps):
            curves[name] = Curve((0.0, *knots[name]), (0.0, *np.cumsum(steps).tolist()))
    return Additive(float(beta[-1]), curves)


def _knots(values: Doubles) -> tuple[float, ...]:
    seen = values[values > 0]
    points = np.unique(np.round(np.quantile(seen, np.linspace(0.1, 0.97, KNOTS)), 6))
    return tuple(points[points > 0].tolist()) or (float(seen.max()),)


def _ramps(values: Doubles, knots: tuple[float, ...]) -> Doubles:
    edges = (0.0, *knots)
    columns = [np.clip((values - a) / (b - a), 0, 1) for a, b in pairwise(edges)]
    return np.stack(columns, axis=1)


def calibration(logits: Doubles, labels: Array, weight: Array) -> tuple[float, float]:
    """Slope and shift that make held-out log-odds honest (Platt, 1999)."""
    model = LogisticRegression(C=1e6).fit(logits[:, None], labels, sample_weight=weight)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def threshold(logits: Doubles, groups: Sequence[str], share_all: float, share_group: float) -> float:
    """The lowest log-odds that at most `share_all` of honest pages, and `share_group` of any large group, reach."""
    names = np.array(groups)
    sets = [(logits, share_all)]
    sets += [(logits[names == g], share_group) for g in sorted(set(groups)) if (names == g).sum() >= GROUP]
    lowest = -np.inf
    for pages, share in sets:
        allowed = int(np.floor(share * len(pages)))
        ranked = np.sort(pages)[::-1]
        # the next page above the allowed number must stay below
        lowest = max(lowest, float(np.nextafter(ranked[allowed], np.inf)))
    return lowest
