"""Measures what a training run is worth, on pages and families that the measured model never saw."""

from __future__ import annotations

import json as json_
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from detector import signals
from detector.score import Detector
from detector.signals._reading import read
from detector.train import additive, card, fit, gate
from detector.train import data as data_
from detector.train.data import FOLDS
from detector.train.fit import CrossFit, Judged, say
from detector.train.measures import (
    calibration,
    challengers,
    contest,
    evasion,
    holdout,
    leakage,
    pairs,
    places,
    slices,
)
from detector.train.measures.shares import Bools, Doubles, Ints, line, wilson

RESAMPLES = 1000
GROUP_CAP = 300  # pages of one honest group among the negatives


def evaluate(
    *,
    data: Path | None,
    corpus: Path,
    pages: Sequence[Path] = (),
    moby: Path | None = None,
    model: Path | None = None,
    json: Path | None = None,
    floors: Path | None = None,
) -> bool:
    """Train again out of fold, print every figure, and write them to `json` where given.

    model: a model folder whose stored figures are compared with the new ones (default: the current model).
    floors: a file of floors; returns whether the new figures keep them (see `gate`).
    """
    from detector.model import current_model

    kept = gate.read(floors) if floors is not None else None
    cross = fit.cross_fit(corpus, data, pages, moby)
    found = figures(cross, fit.judge(cross), corpus, data)
    print(card.page(found))  # noqa: T201  the figures are what the command is for
    if json is not None:
        json.write_text(json_.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8")
    stored = (model or current_model()) / "metrics.json"
    if stored.exists():
        before = json_.loads(stored.read_text("utf-8"))
        same = {k: v for k, v in before.items() if k != "model"} == json_.loads(json_.dumps(found))
        say(f"these figures {'are' if same else 'are NOT'} those of {stored}")
    if kept is None:
        return True
    results = gate.held(kept, {gate.STORED: found})
    say("\n" + "\n".join(map(str, results)))
    return all(r.kept for r in results)


def figures(
    cross: CrossFit, judged: Judged, corpus: Path | None = None, data: Path | None = None
) -> dict[str, Any]:
    """All figures of a run as plain data; `card.page` says them in words.

    corpus: where the pairs lie that nothing is learned from, and what is known of the language of pages; data: more of
    the latter.
    """
    unseen = pairs.read(corpus / UNSEEN) if corpus is not None else []
    background = slices.backgrounds(corpus, data) if corpus is not None else {}
    base, base_unseen = baseline(cross, [data_.plain_text(page.document) for page in unseen])
    topic = slices.topics(cross)
    found: dict[str, Any] = {
        "pages": _counts(cross),
        "thresholds": {"review": judged.review, "reject": judged.reject},
        "honest": slices.honest_groups(cross, judged),
        "plain_english": slices.plain_english(cross, judged, background),
        "slices": slices.slices(cross, judged, topic, background),
        "sources": slices.by_source(cross, judged),
        "families": by_family(cross, judged, base),
        "spans": {"injected_anchor": places.pasted(cross), "spun_phrase": places.swapped(cross)},
        "places": places.by_signal(cross),
        "repeats": places.repeats(cross),
        "corpus": corpus_pages(cross, judged),
        "reliability": {
            "all": calibration.reliability(cross, judged),
            "real": calibration.reliability(cross, judged, spoiled=False),
        },
        "distributions": calibration.distributions(cross, judged),
        "known_triples": known_triples(cross),
        "firing": firing(cross),
    }
    found["calibration_error"] = found["reliability"]["all"]["error"]
    ours = pairs.logits(Detector(judged.model(judged.additive), cross.tables), unseen)
    if unseen:
        found["unseen"] = unseen_pairs(cross, judged, unseen, ours, base, base_unseen)
    if any(e.judged for e in cross.examples):
        found["judged"] = judged_pages(cross, judged, base)
        found["agreement"] = agreement(cross, judged)
        found["evasion"] = evasion.evasion(cross, judged, negatives(cross))
    found["contest"] = contest.contest(
        cross, judged, base, negatives(cross), unseen, {contest.OURS: ours, contest.BASELINE: base_unseen}
    )
    if fit.honest(cross).sum() >= ENOUGH:
        found["left_out"] = holdout.families(cross, judged)
        found["schemes"] = holdout.schemes(cross, judged, topic)
        found["challengers"] = challengers.challengers(cross, judged, base)
        found["leakage"] = leakage.leakage(cross, judged, topic)
    found["worth"] = worth(cross, judged)
    return found


UNSEEN = "unseen"  # folder of the corpus
ENOUGH = 1000  # honest pages from which it makes sense to leave out more of them, and to ask what they betray


def _counts(cross: CrossFit) -> dict[str, int]:
    real = [e for e in cross.examples if not e.family]
    return {
        "honest": sum(e.label == 0 for e in real),
        "rejected": sum(e.label == 1 for e in real),
        "spoiled": len(cross.examples) - len(real),
        "sites": len({e.source for e in real}),
    }


# --- the baseline ----------------------------------------------------------------------------------------------------


def baseline(cross: CrossFit, unseen: Sequence[str] = ()) -> tuple[Doubles, Doubles]:
    """Log-odds of TF-IDF over words and pairs with logistic regression, an afternoon's work: out of fold of every
    example, by the same folds and the same real pages; and of texts that are in no fold, learned from all real pages.

    Spoiled pages are scored, not learned.
    """
    say("the TF-IDF baseline on the same folds")
    texts = [data_.plain_text(e.document) for e in cross.examples]
    real = slices.real(cross) & cross.scored & (cross.label >= 0)
    held = {f: np.flatnonzero(cross.fold == f) for f in range(FOLDS)}
    asked = {
        f: [texts[i] for i in at] for f, at in held.items() if len(at)
    }  # the corpus alone leaves a fold empty
    if unseen:
        asked[FOLDS] = list(unseen)
    found = Parallel(n_jobs=2)(
        delayed(_tfidf)([texts[i] for i in seen], cross.label[seen], asked[f])
        for f in asked
        for seen in (np.flatnonzero(real & (cross.fold != f)),)
    )
    logits = np.zeros(len(texts))
    by_fold = dict(zip(asked, found, strict=True))
    for f in by_fold.keys() & held.keys():
        logits[held[f]] = by_fold[f]
    return logits, by_fold.get(FOLDS, np.zeros(0))


def _tfidf(texts: Sequence[str], labels: Ints, asked: Sequence[str]) -> Doubles:
    words = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=200_000, dtype=np.float32
    )
    x = words.fit_transform(texts)
    with threadpool_limits(1):
        model = LogisticRegression(C=10, max_iter=200, class_weight="balanced").fit(x, labels)
    logits: Doubles = model.decision_function(words.transform(asked))
    return logits


# --- pairs that nothing is learned from ------------------------------------------------------------------------------


def unseen_pairs(
    cross: CrossFit,
    judged: Judged,
    unseen: Sequence[pairs.Page],
    ours: Doubles,
    base: Doubles,
    base_unseen: Doubles,
) -> dict[str, Any]:
    """What the model that ships says of the pairs, and the baseline, which may flag and reject as many honest pages."""
    honest = fit.honest(cross)
    review, reject = (
        line(base[honest], float((judged.logits[honest] >= t).mean())) for t in (judged.review, judged.reject)
    )
    above = np.nextafter([review, reject], np.inf)  # the baseline flags what lies above its line
    return {
        **pairs.figures(unseen, ours, review=judged.review, reject=judged.reject),
        "baseline": pairs.figures(unseen, base_unseen, review=above[0], reject=above[1]),
    }


# --- pages judged by reading -----------------------------------------------------------------------------------------


def negatives(cross: CrossFit) -> Bools:
    """Accepted judged pages pooled with honest ones, at most GROUP_CAP of a group."""
    accepted: Bools = np.array([e.judged == "accept" and not e.family for e in cross.examples])
    return _pool(cross) | accepted


MEASURES = ("auc", "recall_at_1_percent", "recall_at_0_1_percent")


def judged_pages(cross: CrossFit, judged: Judged, base: Doubles) -> dict[str, Any]:
    """Reject against accept on the pages judged by reading, beside the baseline, with intervals by resampling sites.

    Recall is at 1 % and 0.1 % false alarms among the negatives. Pages too short to be scored count as not found.
    """
    verdict = np.array([e.judged if not e.family else "" for e in cross.examples])
    kinds = (verdict == "reject", verdict == "accept", negatives(cross))
    site = np.array([e.source for e in cross.examples])
    short = ~cross.scored

    def figures_of(logits: Doubles, pos: Ints, acc: Ints, neg: Ints) -> tuple[float, ...]:
        both = np.concatenate([pos, acc])
        auc = roc_auc_score(np.isin(both, pos), logits[both]) if len(pos) and len(acc) else np.nan
        recall = [
            float((logits[pos] > line(logits[neg], allowed)).mean()) if len(pos) else np.nan
            for allowed in (0.01, 0.001)
        ]
        return float(auc), *recall

    ours, theirs = judged.logits.copy(), base.copy()
    ours[short] = theirs[short] = -99.0
    rng = np.random.default_rng(0)
    members = {s: np.flatnonzero(site == s) for s in np.unique(site[kinds[0] | kinds[2]])}
    sites = sorted(members)
    draws: list[tuple[float, ...]] = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([members[s] for s in rng.choice(sites, len(sites))])
        drawn = [chosen[k[chosen]] for k in kinds]
        if len(drawn[0]) and len(drawn[1]):
            draws.append((*figures_of(ours, *drawn), *figures_of(theirs, *drawn)))
    positives, accepted, negative = (np.flatnonzero(k) for k in kinds)
    point = (
        *figures_of(ours, positives, accepted, negative),
        *figures_of(theirs, positives, accepted, negative),
    )
    table, half = np.array(draws), len(MEASURES)

    def summary(value: float, column: Doubles) -> dict[str, float]:
        low, high = np.quantile(column, [0.025, 0.975])
        return {"value": value, "low": float(low), "high": float(high)}

    found: dict[str, Any] = {
        "pages": {
            "reject": len(positives),
            "accept": len(accepted),
            "review": int((verdict == "review").sum()),
            "negatives": len(negative),
        },
        "sites": len(sites),
        "outcomes": {
            v: _outcomes(judged, np.flatnonzero(verdict == v), short) for v in ("reject", "review", "accept")
        },
    }
    for k, name in enumerate(MEASURES):
        found[name] = summary(point[k], table[:, k])
        found[f"baseline_{name}"] = summary(point[half + k], table[:, half + k])
        difference = "auc_difference" if name == "auc" else name.replace("recall", "recall_difference")
        found[difference] = summary(point[k] - point[half + k], table[:, k] - table[:, half + k])
    found["recall_difference"] = found.pop("recall_difference_at_1_percent")
    return found


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


def _outcomes(judged: Judged, at: Ints, short: Bools) -> dict[str, int]:
    logits, unscored = judged.logits[at], short[at]
    return {
        "reject": int(((logits >= judged.reject) & ~unscored).sum()),
        "review": int(((logits >= judged.review) & (logits < judged.reject) & ~unscored).sum()),
        "publish": int(((logits < judged.review) & ~unscored).sum()),
        "unscored": int(unscored.sum()),
    }


# --- by way of spoiling ---------------------------------------------------------------------------------------------


def by_family(cross: CrossFit, judged: Judged, base: Doubles) -> dict[str, Any]:
    """Recall of pages spoiled by families that the model never saw, at the thresholds, and of the baseline at the
    false alarms that our review threshold gives.
    """
    able = fit.honest(cross)
    flags = float((judged.logits[able] >= judged.review).mean())
    threshold = line(base[able], flags)
    found = {}
    families = np.array([e.family for e in cross.examples])
    for family in sorted(set(families) - {""}):
        here = families == family
        found[family] = {
            "pages": int(here.sum()),
            "rejected": float((judged.logits[here] >= judged.reject).mean()),
            "flagged": float((judged.logits[here] >= judged.review).mean()),
            "flagged_interval": wilson(int((judged.logits[here] >= judged.review).sum()), int(here.sum())),
            "baseline_flagged": float((base[here] > threshold).mean()),
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


# --- honesty checks --------------------------------------------------------------------------------------------------


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
    bad = (cross.label == 1) & cross.scored & np.array([not e.family for e in cross.examples])
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
    flagged = (judged.logits >= judged.review) & cross.scored
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
    able = np.flatnonzero((cross.label >= 0) & cross.scored)
    margin = np.where(cross.label[able] == 1, 1.0, -1.0) * judged.logits[able]
    weight = fit.page_weights([cross.examples[i] for i in able])
    return float(np.average(np.logaddexp(0, -margin), weights=weight))


# What readers call a signal of ours, where the words differ (see the guide they judged by).
CALLED = {
    "snippet_stitch": {"stitched", "scrape_debris"},
    "thin_specifics": {"template_filler"},
    "hollow_prose": {"template_filler", "thin_specifics"},
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
        for i in np.flatnonzero(cross.scored)
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
