"""Shares of pages, always with their number and an interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def wilson(k: float, n: float, z: float = 1.96) -> dict[str, float]:
    """k of n as a share, with the 95 % interval of Wilson (1927)."""
    if n == 0:
        return {"count": 0, "share": 0.0, "low": 0.0, "high": 1.0}
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return {
        "count": k,
        "share": p,
        "low": float(max(0.0, centre - half)),
        "high": float(min(1.0, centre + half)),
    }


def share(chosen: Bools, among: Bools) -> dict[str, float]:
    """The share of the pages `among` that are chosen."""
    return wilson(int((chosen & among).sum()), int(among.sum()))


def decided(rejected: Bools, flagged: Bools, among: Bools) -> dict[str, Any]:
    """Number of pages, and the shares rejected and flagged (review or reject)."""
    return {
        "pages": int(among.sum()),
        "rejected": share(rejected, among),
        "flagged": share(flagged, among),
    }


def line(scores: Doubles, allowed: float) -> float:
    """The score that at most the share `allowed` of the pages exceeds."""
    return float(np.quantile(scores, 1 - allowed, method="higher"))
