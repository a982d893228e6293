"""What an opaque model would gain: boosted trees over the same signals, and the additive model with TF-IDF beside them.

The additive model stays as long as what it loses is small: its account adds up, and an editor can argue with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from detector import signals
from detector.train import additive, fit
from detector.train.fit import CrossFit, Judged, say
from detector.train.measures.holdout import standing
from detector.train.measures.shares import Doubles, Ints


def challengers(cross: CrossFit, judged: Judged, base: Doubles) -> dict[str, Any]:
    """AUC and what is found at 1 % and 0.1 % of honest pages, by the model and two that could take its place.

    All are fitted on the same pages without each fold. base: out-of-fold log-odds of TF-IDF, as in `baseline`.
    """
    say("challengers: boosted trees, and TF-IDF as one more signal")
    return {
        "additive": standing(cross, judged.logits),
        "boosted trees over the same signals": standing(cross, _each_fold(cross, _boosted)),
        "additive, TF-IDF as one more signal": standing(cross, _each_fold(cross, _with_words, base)),
    }


def _each_fold(cross: CrossFit, fitted: Any, *more: Doubles) -> Doubles:
    """Log-odds of every example by what `fitted` learns without its fold."""
    usable = (cross.label >= 0) & cross.scored
    logits = np.zeros(len(cross.examples))
    folds = sorted(set(cross.fold.tolist()))
    with threadpool_limits(1):
        parts = Parallel(n_jobs=2, prefer="threads")(
            delayed(fitted)(
                cross, np.flatnonzero(usable & (cross.fold != f)), np.flatnonzero(cross.fold == f), *more
            )
            for f in folds
        )
    for f, part in zip(folds, parts, strict=True):
        logits[cross.fold == f] = part
    return logits


def _boosted(cross: CrossFit, seen: Ints, held: Ints) -> Doubles:
    """Gradient-boosted trees over every signal, descriptions too (Friedman, "Greedy function approximation", 2001)."""
    x = np.stack(list(cross.values.values()), axis=1)
    weight = fit.page_weights([cross.examples[i] for i in seen])
    trees = HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=30, l2_regularization=1.0
    )
    odds: Doubles = (
        trees.fit(x[seen], cross.label[seen], sample_weight=weight).decision_function(x[held]).astype(float)
    )
    return odds


def _with_words(cross: CrossFit, seen: Ints, held: Ints, base: Doubles) -> Doubles:
    kinds = {n: s.KIND for n, s in signals.registry().items()} | {"words_bad": "habit", "words_good": "trust"}
    values = {**cross.values, "words_bad": np.maximum(base, 0), "words_good": np.maximum(-base, 0)}
    model = additive.fit(
        {n: v[seen] for n, v in values.items()},
        kinds,
        cross.label[seen],
        fit.page_weights([cross.examples[i] for i in seen]),
        fit.HELD_DOWN,
    )
    return model.logits({n: v[held] for n, v in values.items()})
