"""Evasion: what is still found of rejectable pages when their senders know the detector and change them accordingly.

Each attack of `detector.train.attacks` is made on the pages that readers rejected, and on pages spoiled on purpose.
What scores the changed page is what scored the clean one: the models that never saw its site. The level of 1 % false
alarms and the thresholds are those of clean honest pages; nobody sets them anew for an attack. Honest text that is put
beside a page comes from honest pages of the same fold, which that model did not see either.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from detector import model
from detector.score import Detector
from detector.train import fit, spoil
from detector.train.attacks import ATTACKS, HARMLESS, Attack, Target, as_it_is
from detector.train.data import Example
from detector.train.fit import CrossFit, Judged, say
from detector.train.measures.shares import Bools, Doubles, Ints, decided, line, wilson
from detector.verdict import Verdict

ALLOWED = 0.01
UNSCORED = -99.0
OF_A_FAMILY = 6  # pages of each way of spoiling
HONEST_PAGES = 300  # honest pages, each of which is changed in every way of HARMLESS
SHORTEST, LONGEST = 30, 250  # words of an honest paragraph that is put beside a page
RESAMPLES = 1000
LONG = 6  # letters beyond which a word tells a topic
SAME = 0.9  # of its long words, from which an honest page is the page itself
CLEAN, HONEST = ("", ""), "honest"

Kinds = Mapping[str, Mapping[str, Attack]]
Rows = dict[tuple[str, str], dict[int, float]]  # kind of attack and strength -> log-odds of each example


def evasion(cross: CrossFit, judged: Judged, negatives: Bools) -> dict[str, Any]:
    """Recall at 1 % false alarms and at the thresholds, clean and under each attack, of pages rejected by readers and
    of spoiled pages; and what happens to honest pages that hold the like for honest reasons.

    negatives: the honest pages that set the level.
    """
    say("pages under attack")
    rejected = np.array([e.judged == "reject" and not e.family for e in cross.examples])
    chosen = {"judged": np.flatnonzero(rejected), "spoiled": _spoiled(cross)}
    honest = _drawn(cross, np.flatnonzero(negatives), HONEST_PAGES)
    attacked = {int(i) for at in chosen.values() for i in at}
    parts = Parallel(n_jobs=2, max_nbytes=None)(
        delayed(_of_fold)(
            [(i, cross.examples[i]) for i in sorted(attacked) if cross.fold[i] == fold],
            [(i, cross.examples[i]) for i in honest.tolist() if cross.fold[i] == fold],
            _honest_pages(cross, fold),
            Detector(judged.model(judged.of_fold[fold]), cross.fold_tables[fold]),
            cross.material.synonyms,
        )
        for fold in sorted(cross.fold_tables)
    )
    rows: Rows = {}
    for part in parts:
        for key, found in part.items():
            rows.setdefault(key, {}).update(found)
    level = line(judged.logits[negatives], ALLOWED)
    figures: dict[str, Any] = {"level": level}
    for name, at in chosen.items():
        if len(at):
            figures[name] = _figures(cross, judged, rows, at, level)
    figures["harmless"] = _harmless(judged, rows, honest)
    return figures


def _spoiled(cross: CrossFit) -> Ints:
    """Some pages of each way of spoiling."""
    families = np.array([e.family for e in cross.examples])
    found = [_drawn(cross, np.flatnonzero(families == f), OF_A_FAMILY) for f in sorted(set(families) - {""})]
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def _drawn(cross: CrossFit, among: Ints, number: int) -> Ints:
    """So many of the examples, by a hash of their id."""
    ranked = sorted(among.tolist(), key=lambda i: sha256(cross.examples[i].id.encode()).digest())
    return np.array(sorted(ranked[:number]), dtype=np.int64)


def _honest_pages(cross: CrossFit, fold: int) -> list[tuple[str, ...]]:
    """The paragraphs of each honest page of a fold."""
    found: list[tuple[str, ...]] = []
    for i in np.flatnonzero(fit.honest(cross) & (cross.fold == fold)):
        document = cross.examples[i].document
        texts = (document.text[b.start : b.end] for b in document.blocks if b.kind == "paragraph")
        found.append(tuple(t for t in texts if SHORTEST <= len(t.split()) <= LONGEST))
    return [page for page in found if page]


def _of_fold(
    pages: Sequence[tuple[int, Example]],
    honest: Sequence[tuple[int, Example]],
    others: Sequence[tuple[str, ...]],
    detector: Detector,
    synonyms: Mapping[str, Sequence[str]],
) -> Rows:
    """Log-odds of the pages, clean and under each attack, and of honest ones with harmless changes, by one model."""
    rows: Rows = {}
    words = [_long(w for t in page for w in t.lower().split()) for page in others]
    work: list[tuple[int, Example, Kinds]] = [(i, e, {"": {"": as_it_is}, **ATTACKS}) for i, e in pages]
    work += [(i, e, {HONEST: HARMLESS}) for i, e in honest]
    for i, example, kinds in work:
        own = _long(example.document.tokens.word)
        # the page itself, which may be an honest one, is nobody else's
        among = [k for k, theirs in enumerate(words) if len(own & theirs) < SAME * len(theirs)]
        among.sort(key=lambda k: -len(own & words[k]) / (len(own) + len(words[k])))
        clean = detector.score(example.document)
        target = _target(example, clean, tuple(others[k] for k in among), synonyms)
        for kind, attacks in kinds.items():
            for strength, attack in attacks.items():
                document = attack(target, random.Random(f"{example.id} {kind} {strength}"))
                verdict = clean if document == example.document else detector.score(document)
                rows.setdefault((kind, strength), {})[i] = log_odds(verdict)
    return rows


def _long(words: Iterable[str]) -> frozenset[str]:
    return frozenset(w for w in words if len(w) > LONG)


def _target(
    example: Example,
    clean: Verdict,
    others: tuple[tuple[str, ...], ...],
    synonyms: Mapping[str, Sequence[str]],
) -> Target:
    found = [f for f in clean.findings if f.push > 0]
    return Target(
        example.document,
        tuple(s for f in found for s in f.spans),
        tuple(s for f in found if f.signal == "injected_anchor" for s in f.spans),
        others,
        spoil.dictionary_spinner(synonyms),
    )


def log_odds(verdict: Verdict) -> float:
    """The score in log-odds; UNSCORED for a page that is not scored."""
    return UNSCORED if verdict.score is None else model.logit(verdict.score)


def _figures(cross: CrossFit, judged: Judged, rows: Rows, at: Ints, level: float) -> dict[str, Any]:
    """Recall of the pages `at`, clean and under each attack, and what each attack loses."""
    clean = _column(rows, CLEAN, at)
    draws = _resampled(np.array([cross.examples[i].source for i in at]))

    def found(logits: Doubles) -> dict[str, Any]:
        lost = (clean > level).astype(float) - (logits > level)
        low, high = np.quantile([lost[d].mean() for d in draws], [0.025, 0.975])
        return {
            "found": wilson(int((logits > level).sum()), len(at)),
            "lost": {"value": float(lost.mean()), "low": float(low), "high": float(high)},
            "changed": int((logits != clean).sum()),
            "unscored": int((logits == UNSCORED).sum()),
            **decided(logits >= judged.reject, logits >= judged.review, np.ones(len(at), dtype=bool)),
        }

    attacks = {
        kind: {strength: found(_column(rows, (kind, strength), at)) for strength in strengths}
        for kind, strengths in ATTACKS.items()
    }
    # whoever can try them all sends the one that works best
    best = np.min([_column(rows, key, at) for key in rows if key[0] in ATTACKS], axis=0)
    return {"pages": len(at), "clean": found(clean), "attacks": attacks, "best of all": found(best)}


def _column(rows: Rows, key: tuple[str, str], at: Ints) -> Doubles:
    return np.array([rows[key][int(i)] for i in at])


def _resampled(site: np.ndarray[Any, Any]) -> list[Ints]:
    """Draws of pages by whole sites."""
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(site == s) for s in np.unique(site)]
    return [
        np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))])
        for _ in range(RESAMPLES)
    ]


def _harmless(judged: Judged, rows: Rows, at: Ints) -> dict[str, Any]:
    """Honest pages rejected and flagged with each change of HARMLESS."""
    columns = {name: _column(rows, (HONEST, name), at) for name in HARMLESS}
    every = np.ones(len(at), dtype=bool)
    return {
        name: decided(logits >= judged.reject, logits >= judged.review, every)
        | {"unscored": int((logits == UNSCORED).sum())}
        for name, logits in columns.items()
    }
