"""Measures what a training run is worth, on pages and families that the measured model never saw."""

from __future__ import annotations

import json as json_
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from detector import signals
from detector.signals._reading import read
from detector.train import additive, card, fit
from detector.train import data as data_
from detector.train.data import FOLDS
from detector.train.fit import CrossFit, Judged, say

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]

RESAMPLES = 1000
GROUP_CAP = 300  # pages of one honest group among the negatives
HIT = 0.5  # share of a planted phrase that a span must cover to have found it


def evaluate(
    *,
    data: Path | None,
    corpus: Path,
    pages: Sequence[Path] = (),
    model: Path | None = None,
    json: Path | None = None,
) -> None:
    """Train again out of fold, print every figure, and write them to `json` where given.

    model: a model folder whose stored figures are compared with the new ones (default: the current model).
    """
    from detector.model import current_model

    cross = fit.cross_fit(corpus, data, pages)
    found = figures(cross, fit.judge(cross))
    print(card.page(found))  # noqa: T201  the figures are what the command is for
    if json is not None:
        json.write_text(json_.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8")
    stored = (model or current_model()) / "metrics.json"
    if stored.exists():
        before = json_.loads(stored.read_text("utf-8"))
        same = {k: v for k, v in before.items() if k != "model"} == json_.loads(json_.dumps(found))
        say(f"these figures {'are' if same else 'are NOT'} those of {stored}")


def figures(cross: CrossFit, judged: Judged) -> dict[str, Any]:
    """All figures of a run as plain data; `card.page` says them in words."""
    base = baseline(cross)
    found: dict[str, Any] = {
        "pages": _counts(cross),
        "thresholds": {"review": judged.review, "reject": judged.reject},
        "honest": honest_groups(cross, judged),
        "sources": by_source(cross, judged),
        "families": by_family(cross, judged, base),
        "spans": {"injected_anchor": pasted_spans(cross), "spun_phrase": spun_spans(cross)},
        "corpus": corpus_pages(cross, judged),
        "calibration_error": calibration_error(cross, judged),
        "known_triples": known_triples(cross),
        "firing": firing(cross),
    }
    if any(e.judged for e in cross.examples):
        found["judged"] = judged_pages(cross, judged, base)
        found["agreement"] = agreement(cross, judged)
    found["worth"] = worth(cross, judged)
    return found


def _counts(cross: CrossFit) -> dict[str, int]:
    real = [e for e in cross.examples if not e.family]
    return {
        "honest": sum(e.label == 0 for e in real),
        "rejected": sum(e.label == 1 for e in real),
        "spoiled": len(cross.examples) - len(real),
        "sites": len({e.source for e in real}),
    }


# --- the baseline ----------------------------------------------------------------------------------------------------


def baseline(cross: CrossFit) -> Doubles:
    """Out-of-fold log-odds of TF-IDF over words and pairs with logistic regression, an afternoon's work, on the
    same folds and the same real pages; spoiled pages are scored, not learned.
    """
    say("the TF-IDF baseline on the same folds")
    texts = [data_.plain_text(e.document) for e in cross.examples]
    real = np.array([not e.family for e in cross.examples]) & fit.scored(cross) & (cross.label >= 0)
    logits = np.zeros(len(texts))
    for f in range(FOLDS):
        seen, held = np.flatnonzero(real & (cross.fold != f)), np.flatnonzero(cross.fold == f)
        if not len(held):  # of the corpus alone, without public data
            continue
        words = TfidfVectorizer(
            ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=200_000, dtype=np.float32
        )
        x = words.fit_transform([texts[i] for i in seen])
        model = LogisticRegression(C=10, max_iter=200, class_weight="balanced").fit(x, cross.label[seen])
        logits[held] = model.decision_function(words.transform([texts[i] for i in held]))
    return logits


# --- pages judged by reading -----------------------------------------------------------------------------------------


def judged_pages(cross: CrossFit, judged: Judged, base: Doubles) -> dict[str, Any]:
    """Reject against accept on the pages judged by reading, beside the baseline, with intervals by resampling sites.

    Recall is at 1 % false alarms among accepted judged pages pooled with honest ones, at most GROUP_CAP of a group.
    Pages too short to be scored count as not found.
    """
    verdict = np.array([e.judged if not e.family else "" for e in cross.examples])
    pool = _pool(cross)
    negatives = np.flatnonzero(pool | (verdict == "accept"))
    positives = np.flatnonzero(verdict == "reject")
    accepted = np.flatnonzero(verdict == "accept")
    site = np.array([e.source for e in cross.examples])
    short = ~fit.scored(cross)

    def figures_of(
        logits: Doubles, pos: NDArray[np.int64], acc: NDArray[np.int64], neg: NDArray[np.int64]
    ) -> tuple[float, float]:
        line = np.quantile(logits[neg], 0.99, method="higher")
        both = np.concatenate([pos, acc])
        auc = roc_auc_score(np.isin(both, pos), logits[both]) if len(pos) and len(acc) else np.nan
        return float(auc), float((logits[pos] > line).mean()) if len(pos) else np.nan

    ours, theirs = judged.logits.copy(), base.copy()
    ours[short] = theirs[short] = -99.0
    point, base_point = (
        figures_of(ours, positives, accepted, negatives),
        figures_of(theirs, positives, accepted, negatives),
    )
    rng = np.random.default_rng(0)
    involved = np.concatenate([positives, negatives])
    sites = np.unique(site[involved])
    members = {s: np.flatnonzero(site == s) for s in sites}
    kinds = [np.isin(np.arange(len(site)), k) for k in (positives, accepted, negatives)]
    draws: list[tuple[float, float, float, float]] = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([members[s] for s in rng.choice(sites, len(sites))])
        pos, acc, neg = (chosen[k[chosen]] for k in kinds)
        if len(pos) and len(acc):
            draws.append((*figures_of(ours, pos, acc, neg), *figures_of(theirs, pos, acc, neg)))
    table = np.array(draws)

    def summary(value: float, column: Doubles) -> dict[str, float]:
        low, high = np.quantile(column, [0.025, 0.975])
        return {"value": value, "low": float(low), "high": float(high)}

    review = np.flatnonzero(verdict == "review")
    return {
        "pages": {
            "reject": len(positives),
            "accept": len(accepted),
            "review": len(review),
            "negatives": len(negatives),
        },
        "sites": len(sites),
        "auc": summary(point[0], table[:, 0]),
        "recall_at_1_percent": summary(point[1], table[:, 1]),
        "baseline_auc": summary(base_point[0], table[:, 2]),
        "baseline_recall_at_1_percent": summary(base_point[1], table[:, 3]),
        "auc_difference": summary(point[0] - base_point[0], table[:, 0] - table[:, 2]),
        "recall_difference": summary(point[1] - base_point[1], table[:, 1] - table[:, 3]),
        "outcomes": {
            v: _outcomes(judged, np.flatnonzero(verdict == v), short) for v in ("reject", "review", "accept")
        },
    }


def _pool(cross: CrossFit) -> Bools:
    """Honest pages for the negatives: at most GROUP_CAP of each file's genre, chosen by a fixed draw."""
    able = fit.honest(cross)
    rng = np.random.default_rng(0)
    chosen = np.zeros(len(able), dtype=bool)
    groups = np.array([e.group for e in cross.examples])
    for group in np.unique(groups[able]):
        members = np.flatnonzero(able & (groups == group))
        chosen[rng.permutation(members)[:GROUP_CAP]] = True
    return chosen


def _outcomes(judged: Judged, at: NDArray[np.int64], short: Bools) -> dict[str, int]:
    logits, unscored = judged.logits[at], short[at]
    return {
        "reject": int(((logits >= judged.reject) & ~unscored).sum()),
        "review": int(((logits >= judged.review) & (logits < judged.reject) & ~unscored).sum()),
        "publish": int(((logits < judged.review) & ~unscored).sum()),
        "unscored": int(unscored.sum()),
    }


# --- honest pages ----------------------------------------------------------------------------------------------------


def honest_groups(cross: CrossFit, judged: Judged) -> dict[str, Any]:
    """Shares of honest pages rejected, and flagged (review or reject), by group, with Wilson intervals.

    The thresholds a page is held against were chosen without the half of the folds it is in.
    """
    able = fit.honest(cross)
    groups = np.array([e.group for e in cross.examples])
    rejected, flagged = np.zeros(len(able), dtype=bool), np.zeros(len(able), dtype=bool)
    for half in (0, 1):
        chosen_on, reported = able & (cross.fold % 2 != half), able & (cross.fold % 2 == half)
        reject, review = fit.thresholds(judged.logits[chosen_on], groups[chosen_on].tolist())
        rejected |= reported & (judged.logits >= reject)
        flagged |= reported & (judged.logits >= review)
    found = {"all": _shares(rejected, flagged, able)}
    for group in sorted(set(groups[able])):
        found[group] = _shares(rejected, flagged, able & (groups == group))
    return found


def _shares(rejected: Bools, flagged: Bools, among: Bools) -> dict[str, Any]:
    n = int(among.sum())
    return {
        "pages": n,
        "rejected": wilson(int((rejected & among).sum()), n),
        "flagged": wilson(int((flagged & among).sum()), n),
    }


def wilson(k: int, n: int, z: float = 1.96) -> dict[str, float]:
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


# --- by source, by way of spoiling -----------------------------------------------------------------------------------


def by_source(cross: CrossFit, judged: Judged) -> dict[str, Any]:
    """For each source its pages and how many were rejected and flagged by the model that never saw it."""
    found: dict[str, Any] = {}
    able = fit.scored(cross) & np.array([not e.family for e in cross.examples]) & (cross.label >= 0)
    for label, side in ((1, "rejectable"), (0, "honest")):
        rows: dict[str, list[int]] = {}
        for i in np.flatnonzero(able & (cross.label == label)):
            source = cross.examples[i].source
            row = rows.setdefault("corpus" if source.startswith("corpus/") else source, [0, 0, 0])
            row[0] += 1
            row[1] += int(judged.logits[i] >= judged.reject)
            row[2] += int(judged.logits[i] >= judged.review)
        found[side] = {s: {"pages": n, "rejected": r, "flagged": f} for s, (n, r, f) in sorted(rows.items())}
    return found


def by_family(cross: CrossFit, judged: Judged, base: Doubles) -> dict[str, Any]:
    """Recall of pages spoiled by families that the model never saw, at the thresholds, and of the baseline at the
    false alarms that our review threshold gives.
    """
    able = fit.honest(cross)
    flags = float((judged.logits[able] >= judged.review).mean())
    line = np.quantile(base[able], 1 - flags)
    found = {}
    families = np.array([e.family for e in cross.examples])
    for family in sorted(set(families) - {""}):
        here = families == family
        found[family] = {
            "pages": int(here.sum()),
            "rejected": float((judged.logits[here] >= judged.reject).mean()),
            "flagged": float((judged.logits[here] >= judged.review).mean()),
            "baseline_flagged": float((base[here] > line).mean()),
        }
    return found


def corpus_pages(cross: CrossFit, judged: Judged) -> dict[str, Any]:
    """The pairs written for this project: hollow pages found, good pages flagged, pairs in the right order."""
    rows = {
        e.id: float(judged.logits[i])
        for i, e in enumerate(cross.examples)
        if e.group == "corpus" and not e.family
    }
    hollow = [v for id, v in rows.items() if id.endswith(".hollow")]
    good = [v for id, v in rows.items() if id.endswith(".good")]
    pairs = [
        (rows[id], rows[id.replace(".hollow", ".good")])
        for id in rows
        if id.endswith(".hollow") and id.replace(".hollow", ".good") in rows
    ]
    return {
        "hollow": len(hollow),
        "hollow_flagged": sum(v >= judged.review for v in hollow),
        "hollow_rejected": sum(v >= judged.reject for v in hollow),
        "good": len(good),
        "good_flagged": sum(v >= judged.review for v in good),
        "pairs": len(pairs),
        "pairs_in_order": sum(h > g for h, g in pairs),
    }


# --- spans -----------------------------------------------------------------------------------------------------------


def pasted_spans(cross: CrossFit) -> dict[str, Any]:
    """Pasted phrases found, by style, and phrases wrongly seen in honest pages, per 1,000 words."""
    measure = signals.registry()["injected_anchor"].measure
    found: dict[str, list[int]] = {}
    for e, f in zip(cross.examples, cross.fold, strict=True):
        if not e.family.startswith("paste"):
            continue
        spans = measure(e.document, cross.fold_tables[int(f)]).spans
        row = found.setdefault(e.family, [0, 0])
        for mark in e.marks:
            row[0] += 1
            covered = max((min(s.end, mark.end) - max(s.start, mark.start) for s in spans), default=0)
            row[1] += covered >= HIT * (mark.end - mark.start)
    wrong = words = 0
    for i in np.flatnonzero(fit.honest(cross)):
        e = cross.examples[i]
        if cross.values["injected_anchor"][i] > 0:
            wrong += len(measure(e.document, cross.fold_tables[int(cross.fold[i])]).spans)
        words += len(e.document.tokens)
    return {
        "recall": {k: {"phrases": n, "found": hit / max(1, n)} for k, (n, hit) in sorted(found.items())},
        "false_spans_per_1000_words": 1000 * wrong / max(1, words),
        "honest_words": words,
    }


def spun_spans(cross: CrossFit) -> dict[str, Any]:
    """Of the words shown on spun pages, how many a spinner had put there; and of its words, how many are shown."""
    measure = signals.registry()["spun_phrase"].measure
    shown = right = planted = 0
    for e, f in zip(cross.examples, cross.fold, strict=True):
        if e.family.startswith("spin"):
            spans = measure(e.document, cross.fold_tables[int(f)]).spans
            shown += len(spans)
            right += sum(any(m.start <= s.start < m.end for m in e.marks) for s in spans)
            planted += len(e.marks)
    return {
        "shown": shown,
        "precision": right / max(1, shown),
        "planted": planted,
        "recall": right / max(1, planted),
    }


# --- honesty checks --------------------------------------------------------------------------------------------------


def calibration_error(cross: CrossFit, judged: Judged, bins: int = 10) -> float:
    """Mean gap between score and share of rejected pages in equal-count bins, pages weighted as in training."""
    able = np.flatnonzero((cross.label >= 0) & fit.scored(cross))
    score = 1 / (1 + np.exp(-judged.logits[able]))
    weight = fit.page_weights([cross.examples[i] for i in able])
    label = cross.label[able]
    parts = np.array_split(np.argsort(score, kind="stable"), bins)
    gaps = [
        abs(np.average(score[p], weights=weight[p]) - np.average(label[p], weights=weight[p])) for p in parts
    ]
    return float(np.average(gaps, weights=[weight[p].sum() for p in parts]))


def known_triples(cross: CrossFit) -> dict[str, float]:
    """Share of word triples that the counts know: of honest pages as they are scored out of fold, and with the
    tables that ship. A large gap between the two is a leak of pages into their own counts.
    """
    pages = np.flatnonzero(fit.honest(cross))[::7]
    shares: dict[str, list[float]] = {"out_of_fold": [], "shipped": []}
    for i in pages:
        document = cross.examples[i].document
        for name, tables in (
            ("out_of_fold", cross.fold_tables[int(cross.fold[i])]),
            ("shipped", cross.tables),
        ):
            shares[name].append(float((read(document, tables).triple_counts > 0).mean()))
    return {name: float(np.mean(s)) for name, s in shares.items()}


def firing(cross: CrossFit) -> dict[str, Any]:
    """How often each signal sees anything, out of fold: on honest pages, on those of the group where it does so most,
    and on rejected pages.
    """
    able = fit.honest(cross)
    bad = (cross.label == 1) & fit.scored(cross) & np.array([not e.family for e in cross.examples])
    groups = np.array([e.group for e in cross.examples])
    large = [g for g in sorted(set(groups[able])) if (able & (groups == g)).sum() >= additive.GROUP]
    found = {}
    for name, v in cross.values.items():
        shares = {g: float((v[able & (groups == g)] > 0).mean()) for g in large}
        most = max(shares, key=lambda g: shares[g], default="")
        found[name] = {
            "honest": float((v[able] > 0).mean()),
            "pages": int(able.sum()),
            "most_in": most,
            "most": shares.get(most, 0.0),
            "rejected": float((v[bad] > 0).mean()),
        }
    return found


# --- what each signal is worth, and whether readers agree with the account -------------------------------------------


def worth(cross: CrossFit, judged: Judged) -> dict[str, dict[str, float]]:
    """What is lost when the additive model is fitted without a signal: `loss`, the mean log-loss out of fold in
    thousandths of a nat, which no threshold blurs; and with thresholds chosen anew, shares (0 to 1) of pages flagged
    among those rejected by readers, real farms, pages spoiled on purpose, and hollow pages of the corpus.
    """
    say("the worth of each signal")
    kinds = signals.registry()
    names = [n for n in cross.values if kinds[n].KIND != "description"]
    with threadpool_limits(
        1
    ):  # small fits side by side: threads inside each would only get in each other's way
        without = Parallel(n_jobs=2, prefer="threads")(
            delayed(_flagged)(cross, [o for o in names if o != n]) for n in names
        )
    before = _shares_flagged(cross, judged)
    return {"all": before} | {
        n: {k: (after[k] - before[k]) * (1 if k == "loss" else -1) for k in before}
        for n, after in zip(names, without, strict=True)
    }


def _flagged(cross: CrossFit, names: list[str]) -> dict[str, float]:
    return _shares_flagged(cross, fit.judge(cross, names))


def _shares_flagged(cross: CrossFit, judged: Judged) -> dict[str, float]:
    flagged = (judged.logits >= judged.review) & fit.scored(cross)
    real = np.array([not e.family for e in cross.examples])
    own = np.array([e.group == "corpus" for e in cross.examples])
    parts = {
        "judged": np.array([e.judged == "reject" for e in cross.examples]) & real,
        "farms": (cross.label == 1) & real & ~own,
        "spoiled": ~real,
        "hollow": (cross.label == 1) & real & own,
    }
    shares = {name: float(flagged[part].mean()) if part.any() else 0.0 for name, part in parts.items()}
    return {"loss": 1000 * _log_loss(cross, judged)} | shares


def _log_loss(cross: CrossFit, judged: Judged) -> float:
    """Of all judged pages, weighted as in training."""
    able = np.flatnonzero((cross.label >= 0) & fit.scored(cross))
    margin = np.where(cross.label[able] == 1, 1.0, -1.0) * judged.logits[able]
    weight = fit.page_weights([cross.examples[i] for i in able])
    return float(np.average(np.logaddexp(0, -margin), weights=weight))


# What readers call a signal of ours, where the words differ (see the guide they judged by).
CALLED = {
    "snippet_stitch": {"stitched", "scrape_debris"},
    "thin_specifics": {"template_filler"},
    "contradicted_claim": {"unsupported_claim"},
    "hidden_text": {"hidden_or_link_list"},
    "link_profile": {"hidden_or_link_list"},
}
WORDINGS = frozenset({"wording_spam", "wording_honest"})  # no reader has a name for these
AGREEMENT_PAGES = 40


def agreement(cross: CrossFit, judged: Judged) -> dict[str, Any]:
    """Of AGREEMENT_PAGES pages that readers rejected, drawn by a hash of their id, how often the strongest finding, and
    the strongest apart from the learned wording, is one that the reader named; how often the account names any of his;
    and how many of the places he quoted some finding touches. Accounts are those of the models that never saw the page.
    """
    rejected = [
        i
        for i in np.flatnonzero(fit.scored(cross))
        if cross.examples[i].judged == "reject" and not cross.examples[i].family
    ]
    drawn = sorted(rejected, key=lambda i: sha256(cross.examples[i].id.encode()).digest())[:AGREEMENT_PAGES]
    first = first_apart = named = quotes = touched = 0
    for i in drawn:
        e, fold = cross.examples[i], int(cross.fold[i])
        curves = judged.of_fold[fold].curves
        pushes = {n: curve(float(cross.values[n][i])) for n, curve in curves.items()}
        ranked = [n for n in sorted(pushes, key=lambda n: -pushes[n]) if pushes[n] > 0]
        agrees = [bool(e.named & CALLED.get(n, {n})) for n in ranked]
        apart = [a for n, a in zip(ranked, agrees, strict=True) if n not in WORDINGS]
        first += agrees[:1] == [True]
        first_apart += apart[:1] == [True]
        named += any(agrees)
        spans = [
            s
            for n in ranked
            for s in signals.registry()[n].measure(e.document, cross.fold_tables[fold]).spans
        ]
        quotes += len(e.marks)
        touched += sum(any(s.start < m.end and m.start < s.end for s in spans) for m in e.marks)
    n = len(drawn)
    return {
        "pages": n,
        "strongest_named": wilson(first, n),
        "strongest_apart_from_wording_named": wilson(first_apart, n),
        "any_named": wilson(named, n),
        "quotes_touched": wilson(touched, quotes),
        "quotes": quotes,
    }
