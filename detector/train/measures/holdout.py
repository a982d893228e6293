"""What else can be held out: topics, spinners and ways of pasting, beside the sources that every figure holds out."""

from __future__ import annotations

from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from detector import signals
from detector.signals import _wording
from detector.tables import Array
from detector.train import additive, fit, learn
from detector.train.fit import CrossFit, Judged, say
from detector.train.measures.shares import Bools, Doubles, Ints, line, wilson

PARTS = 6  # of the pages that a model is learned without; with twelve topics, two at a time


def schemes(cross: CrossFit, judged: Judged, topic: list[str]) -> dict[str, Any]:
    """The same pages scored by models that know their site, that know no page of their site, and that know no page of
    their topic.

    The learned wording and the additive model are fitted anew for each scheme. What knows of no site or topic (counts
    of plain English, the networks for swapped words and pasted phrases, learned from honest pages that were spoiled on
    purpose) stays as it is without the page's site.
    """
    say("pages dealt at random, and topics left out")
    pages = {e.id: i for i, e in enumerate(cross.examples) if not e.family}
    by_chance = np.random.default_rng(0).integers(0, PARTS, len(pages))
    dealt = dict(zip(pages, by_chance.tolist(), strict=True))
    number = {t: k % PARTS for k, t in enumerate(sorted(set(topic)))}
    parts = {
        "plain": np.array([dealt[e.origin or e.id] for e in cross.examples]),
        "topic": np.array([number[t] for t in topic]),
    }
    columns = [learn.wording_columns(e.document, cross.tables) for e in cross.examples]
    found = {"source": standing(cross, judged.logits)}
    for name, part in parts.items():
        values = cross.values | _wording_without(cross, columns, part)
        found[name] = standing(cross, _refitted(cross, part, values))
    return {name: found[name] for name in ("plain", "source", "topic")}


def _wording_without(cross: CrossFit, columns: list[Array], part: Ints) -> dict[str, Doubles]:
    """The wording signals of every example, learned without the pages of its part."""
    usable = [
        i
        for i, e in enumerate(cross.examples)
        if not e.family and e.label is not None and len(columns[i]) >= 60
    ]

    every = sorted(set(part.tolist()))
    learned = Parallel(n_jobs=2)(
        delayed(learn.fit_wording)(
            [columns[i] for i in seen], [e.label or 0 for e in examples], fit.source_weights(examples)
        )
        for p in every
        for seen in ([i for i in usable if part[i] != p],)
        for examples in ([cross.examples[i] for i in seen],)
    )
    arrays = dict(zip(every, learned, strict=True))
    lean = np.zeros(len(columns))
    for i, c in enumerate(columns):
        if len(c) >= 20:
            a = arrays[int(part[i])]
            weights = a["wording_weights"][c].astype(np.float32).sum(axis=1)
            lean[i] = _wording.heaviest_stretch(weights) + float(a["wording_bias"][0])
    return {"wording_spam": np.maximum(0, lean), "wording_honest": np.maximum(0, -lean)}


def _refitted(
    cross: CrossFit, part: Ints, values: dict[str, Doubles], without: Bools | None = None
) -> Doubles:
    """Calibrated log-odds of every example by an additive model that was fitted on the other parts, and on none of the
    examples `without`.
    """
    kinds = {n: s.KIND for n, s in signals.registry().items()}
    usable = (cross.label >= 0) & cross.scored
    learned = usable if without is None else usable & ~without
    every = sorted(set(part.tolist()))

    def fitted(p: int) -> additive.Additive:
        rows = np.flatnonzero(learned & (part != p))
        weight = fit.page_weights([cross.examples[i] for i in rows])
        return additive.fit(
            {n: v[rows] for n, v in values.items()}, kinds, cross.label[rows], weight, fit.HELD_DOWN
        )

    with threadpool_limits(1):
        models = Parallel(n_jobs=2, prefer="threads")(delayed(fitted)(p) for p in every)
    raw = np.zeros(len(cross.examples))
    for p, model in zip(every, models, strict=True):
        here = np.flatnonzero(part == p)
        raw[here] = model.logits({n: v[here] for n, v in values.items()})
    rows = np.flatnonzero(usable)
    slope, shift = additive.calibration(
        raw[rows], cross.label[rows], fit.page_weights([cross.examples[i] for i in rows])
    )
    return slope * raw + shift


def standing(cross: CrossFit, logits: Doubles) -> dict[str, Any]:
    """AUC on the pages judged by reading, and what is found at 1 % and 0.1 % of honest pages."""
    scored = cross.scored
    logits = np.where(scored, logits, -99.0)
    honest = logits[fit.honest(cross)]
    real = np.array([not e.family for e in cross.examples])
    own = np.array([e.group == "corpus" for e in cross.examples])
    verdict = np.array([e.judged if not e.family else "" for e in cross.examples])
    sets = {
        "judged": verdict == "reject",
        "farms": (cross.label == 1) & real & ~own,
        "hollow": (cross.label == 1) & real & own,
        "spoiled": ~real,
    }
    found: dict[str, Any] = {
        name: {
            share: wilson(int((logits[at] > line(honest, allowed)).sum()), int(at.sum()))
            for share, allowed in (("at_1_percent", 0.01), ("at_0_1_percent", 0.001))
        }
        for name, at in sets.items()
        if at.any()
    }
    both = np.isin(verdict, ("reject", "accept"))
    if len(set(verdict[both])) == 2:
        found["auc"] = float(roc_auc_score(verdict[both] == "reject", logits[both]))
    return found


# --- ways of spoiling ------------------------------------------------------------------------------------------------


def families(cross: CrossFit, judged: Judged) -> dict[str, Any]:
    """For each way of spoiling the share of its pages flagged by the usual models, whose weights were fitted with
    pages of that way from other sites, and by models fitted without a single page of it.

    Every model leaves out one way of each kind (one spinner, one way of pasting, one of printing titles) and one fold.
    """
    say("ways of spoiling left out")
    family = np.array([e.family for e in cross.examples])
    kinds: dict[str, list[str]] = {}
    for name in sorted(set(family) - {""}):
        kinds.setdefault(name.split("_")[0], []).append(name)
    most = max((len(names) for names in kinds.values()), default=0)
    flagged: dict[str, list[bool]] = {}
    honest = fit.honest(cross)
    allowed = float((judged.logits[honest] >= judged.review).mean())
    for turn in range(most):
        # a fold's spoiled pages know one spinner only: every turn leaves out another way of every kind
        without = {names[turn % len(names)] for names in kinds.values()}
        logits = _refitted(cross, cross.fold, cross.values, np.isin(family, sorted(without)))
        threshold = line(logits[honest], allowed)
        for name in sorted(without):
            flagged.setdefault(name, (logits[family == name] > threshold).tolist())
    return {
        name: {
            "pages": len(there),
            "known": wilson(int((judged.logits[family == name] >= judged.review).sum()), len(there)),
            "left_out": wilson(sum(there), len(there)),
        }
        for name, there in sorted(flagged.items())
    }
