"""Figures of parts of the pages: groups, sources, topics, lengths, language backgrounds."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from detector.tables import SPECIAL
from detector.train import fit
from detector.train.fit import CrossFit, Judged
from detector.train.measures.shares import Bools, decided

TOPICS = 12
SMALLEST = 20  # pages that a slice must have to be shown
LENGTHS = (50, 120, 300, 600, 1200)  # words from which the next bin begins
# Groups whose pages, as a whole, were written by learners or for them.
PLAIN = frozenset({"essays", "simplified"})


def decisions(cross: CrossFit, judged: Judged) -> tuple[Bools, Bools]:
    """Which examples are rejected, and which flagged, by thresholds chosen on the half of the folds they are not in."""
    able = fit.honest(cross)
    groups = np.array([e.group for e in cross.examples])
    rejected, flagged = np.zeros(len(able), dtype=bool), np.zeros(len(able), dtype=bool)
    for half in (0, 1):
        chosen_on, reported = able & (cross.fold % 2 != half), cross.scored & (cross.fold % 2 == half)
        if not chosen_on.any():  # of the corpus alone, one half may hold all good pages
            continue
        account = judged.account
        reject, review = fit.thresholds(account.of(chosen_on), groups[chosen_on].tolist())
        rejected |= reported & (account.logits(review) >= reject)
        flagged |= reported & (account.highest >= review)
    return rejected, flagged


def honest_groups(cross: CrossFit, judged: Judged) -> dict[str, Any]:
    """Shares of honest pages rejected and flagged, of all and by group."""
    able = fit.honest(cross)
    groups = np.array([e.group for e in cross.examples])
    rejected, flagged = decisions(cross, judged)
    found = {"all": decided(rejected, flagged, able)}
    for group in sorted(set(groups[able])):
        found[group] = decided(rejected, flagged, able & (groups == group))
    return found


def by_source(cross: CrossFit, judged: Judged) -> dict[str, Any]:
    """For each source its pages and how many were rejected and flagged by the model that never saw it."""
    found: dict[str, Any] = {}
    able = cross.scored & real(cross) & (cross.label >= 0)
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


def real(cross: CrossFit) -> Bools:
    """Pages as they were found, not spoiled on purpose."""
    return np.array([not e.family for e in cross.examples])


# --- slices ----------------------------------------------------------------------------------------------------------


def slices(
    cross: CrossFit, judged: Judged, topic: list[str], background: Mapping[str, str]
) -> dict[str, Any]:
    """By genre, topic, length and language background: what happens to honest and to rejectable real pages.

    topic: of each example. background: language background by id of a page, where known.
    """
    rejected, flagged = decisions(cross, judged)
    able = real(cross) & cross.scored
    names = {
        "genre": np.array([e.group for e in cross.examples]),
        "topic": np.array(topic),
        "length": np.array([_length(len(e.document.tokens)) for e in cross.examples]),
        "language": np.array([background.get(e.id, "") for e in cross.examples]),
    }
    found: dict[str, Any] = {}
    for dimension, values in names.items():
        rows: dict[str, Any] = {}
        for value in sorted(set(values[able]) - {""}, key=_in_order):
            here = able & (values == value)
            sides = {
                side: decided(rejected, flagged, here & (cross.label == label))
                for side, label in (("honest", 0), ("rejectable", 1))
                if (here & (cross.label == label)).sum() >= SMALLEST
            }
            if sides:
                rows[value] = sides
        found[dimension] = rows
    return found


def plain_english(cross: CrossFit, judged: Judged, background: Mapping[str, str]) -> dict[str, Any]:
    """Honest pages by learners of English or for them, together: how many are rejected and flagged."""
    rejected, flagged = decisions(cross, judged)
    theirs = np.array([e.group in PLAIN or background.get(e.id) == LEARNER for e in cross.examples])
    return decided(rejected, flagged, theirs & real(cross) & (cross.label == 0) & cross.scored)


def _length(words: int) -> str:
    at = int(np.searchsorted(LENGTHS, words, side="right"))
    if at == len(LENGTHS):
        return f"{LENGTHS[-1]} words or more"
    return f"{LENGTHS[at - 1] if at else 0} to {LENGTHS[at] - 1} words"


def _in_order(value: str) -> tuple[int, str]:
    number = re.match(r"\d+", value)
    return int(number[0]) if number else 0, value


def topics(cross: CrossFit) -> list[str]:
    """The topic of each example: real pages in TOPICS clusters by the words they share (k-means over TF-IDF, reduced),
    each named by its three most telling words. A spoiled page has the topic of the page it was made from.

    Words are those of the vocabulary of plain English: names of sites and sellers name no topic.
    """
    pages = [e for e in cross.examples if not e.family]
    vocabulary = [w for w, id in cross.tables.vocabulary.items() if id >= SPECIAL + 150 and w.isalpha()]
    count = min(TOPICS, max(1, len(pages) // 2))
    counter = TfidfVectorizer(
        analyzer=_words, vocabulary=vocabulary[:20_000], sublinear_tf=True, dtype=np.float32
    )
    with threadpool_limits(1):  # sums in one order, so that two runs give the same clusters
        x = counter.fit_transform([e.document.tokens.word for e in pages])
        size = min(50, min(x.shape) - 1)
        reduced = normalize(TruncatedSVD(size, random_state=0).fit_transform(x))
        cluster = KMeans(count, n_init=4, random_state=0).fit_predict(reduced)
    everywhere = np.asarray(x.mean(axis=0)).ravel()
    telling = [np.asarray(x[cluster == k].mean(axis=0)).ravel() - everywhere for k in range(count)]
    words = counter.get_feature_names_out()
    names = [", ".join(words[np.argsort(-t, kind="stable")[:3]]) for t in telling]
    named = {e.id: names[k] for e, k in zip(pages, cluster, strict=True)}
    return [named[e.origin or e.id] for e in cross.examples]


def _words(words: list[str]) -> list[str]:
    return words


# --- language backgrounds --------------------------------------------------------------------------------------------

LEARNER = "learners of English"
_SUBGENRES = {
    "TOEFL": LEARNER,
    "CollegeEssay": "students in the United States",
    "HewlettStudentEssay": "students in the United States",
    "onestop_ele": "simplified, elementary",
    "onestop_int": "simplified, intermediate",
    "onestop_adv": "simplified, advanced",
}


def backgrounds(corpus: Path, data: Path | None) -> dict[str, str]:
    """The language background of pages by id, for those of which it is known: from the voices that the corpus names,
    and from the kinds that the public files of essays and of simplified news name.
    """
    found: dict[str, str] = {}
    for line in (corpus / "labels.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if re.search(r"non-native|second-language", row["voice"]):
            found[row["id"]] = LEARNER
    for path in sorted((data / "legit").glob("*.jsonl.gz")) if data is not None else ():
        for line in gzip.decompress(path.read_bytes()).decode("utf-8").split("\n"):
            if '"subgenre"' in line:
                row = json.loads(line)
                if (kind := row["subgenre"]) in _SUBGENRES:
                    found[row["id"]] = _SUBGENRES[kind]
    return found
