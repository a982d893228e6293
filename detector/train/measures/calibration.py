"""Whether a score means what it says, and how scores are spread."""

from __future__ import annotations

from typing import Any

import numpy as np

from detector.train import additive, fit
from detector.train.fit import CrossFit, Judged
from detector.train.measures.shares import Doubles, wilson

BINS = 10
EDGES = 20  # bars of a distribution, over scores from 0 to 1


def reliability(cross: CrossFit, judged: Judged, *, spoiled: bool = True) -> dict[str, Any]:
    """Score against share of rejected pages in BINS equal-count bins of out-of-fold pages, weighted as in training,
    so that both labels weigh the same. The error is the mean gap.

    The two numbers of the calibration are fitted on one half of the folds and measured on the other. Without `spoiled`
    only pages as they were found are counted.
    """
    real = np.array([not e.family for e in cross.examples])
    able = np.flatnonzero((cross.label >= 0) & cross.scored & (real | spoiled))
    weight = fit.page_weights([cross.examples[i] for i in able])
    label, half = cross.label[able], cross.fold[able] % 2
    logits = judged.logits[able].copy()
    for side in (0, 1):
        here, other = half == side, half != side
        if here.any() and len(set(label[other])) == 2:
            slope, shift = additive.calibration(judged.logits[able[other]], label[other], weight[other])
            logits[here] = slope * judged.logits[able[here]] + shift
    score = 1 / (1 + np.exp(-logits))
    bins = []
    for part in np.array_split(np.argsort(score, kind="stable"), BINS):
        if len(part):
            w = weight[part]
            share = float(np.average(label[part], weights=w))
            pages = float(w.sum() ** 2 / (w**2).sum())  # as many equal ones would say as much (Kish, 1965)
            bins.append(
                {
                    "pages": len(part),
                    "score": float(np.average(score[part], weights=w)),
                    "rejected": share,
                    "low": wilson(share * pages, pages)["low"],
                    "high": wilson(share * pages, pages)["high"],
                    "weight": float(w.sum() / weight.sum()),
                }
            )
    return {
        "pages": len(able),
        "error": sum(b["weight"] * abs(b["score"] - b["rejected"]) for b in bins),
        "bins": bins,
    }


def distributions(cross: CrossFit, judged: Judged) -> dict[str, list[float]]:
    """For honest groups and kinds of rejectable pages the share of their scores in each twentieth from 0 to 1."""
    honest = fit.honest(cross)
    sets: dict[str, list[int]] = {}
    for i in np.flatnonzero(cross.scored):
        e = cross.examples[i]
        if e.family:
            name = f"spoiled: {e.family.split('_')[0]}"
        elif e.group == "corpus":
            name = "own pairs, hollow" if e.label == 1 else "own pairs, good"
        elif honest[i]:
            name = f"honest: {e.group}"
        elif e.label == 1:
            name = "judged reject" if e.judged else "farms"
        else:
            continue
        sets.setdefault(name, []).append(int(i))
    scores: Doubles = 1 / (1 + np.exp(-judged.logits))
    return {
        name: (np.histogram(scores[at], EDGES, (0, 1))[0] / len(at)).round(4).tolist()
        for name, at in sorted(sets.items())
    }
