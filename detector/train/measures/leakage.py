"""What the signals betray of where an honest page comes from and what it is about: the less, the better."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from detector import signals
from detector.train import data, fit
from detector.train.fit import CrossFit, Judged

ENOUGH = 20  # pages of a source, topic or genre that are asked for
SPLITS = 5


def leakage(cross: CrossFit, judged: Judged, topic: list[str]) -> dict[str, Any]:
    """How well source, topic and genre of an honest page are told from the score alone, from the signals that push,
    from all signals, and, for comparison, from its words: balanced accuracy over pages dealt at random into SPLITS.

    Blind guessing reaches `chance`.
    """
    able = np.flatnonzero(fit.honest(cross))
    kinds = signals.registry()
    pushing = [n for n in cross.values if kinds[n].KIND != "description"]
    columns = {
        "score": judged.logits[able, None],
        "pushing": np.log1p(np.stack([cross.values[n][able] for n in pushing], axis=1)),
        "signals": np.log1p(np.stack([cross.values[n][able] for n in cross.values], axis=1)),
    }
    counter = TfidfVectorizer(min_df=3, max_features=30_000, dtype=np.float32)
    words = counter.fit_transform(data.plain_text(cross.examples[i].document) for i in able)
    targets = {
        "source": [cross.examples[i].source for i in able],
        "topic": [topic[i] for i in able],
        "genre": [cross.examples[i].group for i in able],
    }
    found: dict[str, Any] = {}
    for name, classes in targets.items():
        sizes = Counter(classes)
        kept = np.array([sizes[c] >= ENOUGH for c in classes])
        y = np.array(classes)[kept]
        if len(set(y)) < 2:  # the corpus alone is one genre, and each of its pairs a source
            continue
        deal = StratifiedKFold(SPLITS, shuffle=True, random_state=0)
        numbers = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300, class_weight="balanced"))
        with threadpool_limits(1):
            told = {
                k: float(balanced_accuracy_score(y, cross_val_predict(numbers, x[kept], y, cv=deal)))
                for k, x in columns.items()
            }
            told["words"] = float(
                balanced_accuracy_score(y, cross_val_predict(ComplementNB(), words[kept], y, cv=deal))
            )
        found[name] = {"classes": len(set(y)), "pages": len(y), "chance": 1 / len(set(y)), **told}
    return found
