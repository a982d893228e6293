"""The detector, the baseline and other people's tools on the very same pages, in one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from detector.train import data
from detector.train.fit import CrossFit, Judged, say
from detector.train.measures import peers
from detector.train.measures.pairs import Page
from detector.train.measures.shares import Bools, Doubles, Ints, line, wilson

OF_A_FAMILY, OF_FARMS = 25, 300  # pages of a way of spoiling, and of all farms, that everybody reads
ALLOWED = {"at_1_percent": 0.01, "at_0_1_percent": 0.001}
RATES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.35, 0.5)
OURS, BASELINE = "detector", "TF-IDF"

Sets = dict[str, Ints]  # name -> rows of the contest


def contest(
    cross: CrossFit,
    judged: Judged,
    base: Doubles,
    negatives: Bools,
    unseen: Sequence[Page],
    unseen_logits: Mapping[str, Doubles],
) -> dict[str, Any]:
    """Recall at equal false alarms of all that score pages, and what filters drop beside what the detector finds at
    the same false alarms.

    negatives: examples that nobody may flag. unseen_logits: of the unseen pairs, by the detector and the baseline.
    """
    members = _members(cross, negatives)
    examples = np.unique(np.concatenate(list(members.values())))
    row = {int(i): k for k, i in enumerate(examples)}
    sets = {name: np.array([row[int(i)] for i in at], dtype=np.int64) for name, at in members.items()}
    for name, hollow in (("hollow, unseen", True), ("good, unseen", False)):
        at = [len(examples) + k for k, page in enumerate(unseen) if bool(page.fault) == hollow]
        sets |= {name: np.array(at, dtype=np.int64)} if at else {}
    short = ~cross.scored[examples]
    by: dict[str, Doubles] = {}
    for name, logits in ((OURS, judged.logits), (BASELINE, base)):
        by[name] = np.concatenate([np.where(short, -99.0, logits[examples]), unseen_logits[name]])
    texts = [data.plain_text(cross.examples[i].document) for i in examples]
    texts += [data.plain_text(page.document) for page in unseen]
    say(f"other tools on {len(texts):,} pages")
    theirs, skipped = peers.scores(texts)
    for name, why in skipped.items():
        say(f"without {name}: {why}")
    scorers = by | {n: s for n, s in theirs.items() if n in peers.SCORERS}
    filters = {n: s for n, s in theirs.items() if n in peers.FILTERS}
    if filters:
        filters["any of the four"] = np.max(list(filters.values()), axis=0)
    return {
        "pages": {name: len(at) for name, at in sets.items()},
        "scorers": {name: _recall(scores, sets) for name, scores in scorers.items()},
        "curves": {"rates": list(RATES)} | {name: _curves(scores, sets) for name, scores in scorers.items()},
        "filters": {name: _dropped(drops > 0, by[OURS], sets) for name, drops in filters.items()},
        "skipped": skipped,
    }


def _members(cross: CrossFit, negatives: Bools) -> Sets:
    """The examples of each set: honest pages, and kinds of rejectable ones."""
    rng = np.random.default_rng(0)
    real = np.array([not e.family for e in cross.examples])
    own = np.array([e.group == "corpus" for e in cross.examples])
    verdict = np.array([e.judged if r else "" for e, r in zip(cross.examples, real, strict=True)])
    family = np.array([e.family for e in cross.examples])
    farms = rng.permutation(np.flatnonzero((cross.label == 1) & real & ~own & (verdict == "")))[:OF_FARMS]
    sets: Sets = {
        "honest": np.flatnonzero(negatives),
        "judged reject": np.flatnonzero(verdict == "reject"),
        "judged accept": np.flatnonzero(verdict == "accept"),
        "farms": np.sort(farms),
    }
    for name in sorted(set(family) - {""}):
        kind = f"spoiled: {name.split('_')[0]}"
        chosen = np.flatnonzero(family == name)[:OF_A_FAMILY]
        sets[kind] = np.concatenate([sets.get(kind, np.zeros(0, dtype=np.int64)), chosen])
    sets["hollow, own pairs"] = np.flatnonzero(own & real & (cross.label == 1))
    sets["good, own pairs"] = np.flatnonzero(own & real & (cross.label == 0))
    return {name: at for name, at in sets.items() if len(at)}


def rejectable(name: str) -> bool:
    """Whether the pages of a set are to be found, rather than left alone."""
    return not name.startswith(("honest", "good", "judged accept"))


def _recall(scores: Doubles, sets: Sets) -> dict[str, Any]:
    honest = scores[sets["honest"]]
    found: dict[str, Any] = {
        name: {
            share: wilson(int((scores[at] > line(honest, allowed)).sum()), len(at))
            for share, allowed in ALLOWED.items()
        }
        for name, at in sets.items()
        if name != "honest"
    }
    if "judged reject" in sets and "judged accept" in sets:
        both = np.concatenate([sets["judged reject"], sets["judged accept"]])
        found["auc"] = float(roc_auc_score(np.isin(both, sets["judged reject"]), scores[both]))
    return found


def _curves(scores: Doubles, sets: Sets) -> dict[str, list[float]]:
    """For each set to be found the share found at each of the RATES of false alarms."""
    honest = scores[sets["honest"]]
    return {
        name: [float((scores[at] > line(honest, rate)).mean()) for rate in RATES]
        for name, at in sets.items()
        if rejectable(name)
    }


def _dropped(drops: Bools, ours: Doubles, sets: Sets) -> dict[str, Any]:
    """The share of each set that a filter drops, and the share that we find when we flag as many honest pages."""
    false_alarms = float(drops[sets["honest"]].mean())
    threshold = line(ours[sets["honest"]], false_alarms)
    return {
        name: {
            "dropped": wilson(int(drops[at].sum()), len(at)),
            OURS: wilson(int((ours[at] > threshold).sum()), len(at)),
        }
        for name, at in sets.items()
    }
