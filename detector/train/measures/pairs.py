"""Pairs that nothing is learned from (corpus/unseen/): a hollow and a good page on one topic, as a user scores them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detector.document import Document
from detector.model import logit
from detector.score import Detector
from detector.train.measures.shares import Doubles, decided, wilson


@dataclass(frozen=True)
class Page:
    """A page of a pair: fault is the main one of a rejected page, "" for one to publish."""

    document: Document
    pair: str
    fault: str


def read(folder: Path) -> list[Page]:
    """The pages of a folder laid out as the corpus is (labels.jsonl, texts/); none where there is no such folder.

    Pages labelled `review` belong to neither side and are left out.
    """
    labels = folder / "labels.jsonl"
    if not labels.is_file():
        return []
    pages = []
    for line in labels.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["verdict"] in ("publish", "reject"):
            text = (folder / "texts" / f"{row['id']}.md").read_text("utf-8")
            fault = row["ways"][0] if row["verdict"] == "reject" else ""
            pages.append(Page(Document.from_markdown(text, id=row["id"]), row["pair"], fault))
    return pages


def logits(detector: Detector, pages: Sequence[Page]) -> Doubles:
    """Log-odds of each page as a user gets them; -99 for one that is not scored."""
    scores = [detector.score(page.document).score for page in pages]
    return np.array([-99.0 if s is None else logit(min(max(s, 1e-6), 1 - 1e-6)) for s in scores])


def measured(detector: Detector, pages: Sequence[Page]) -> dict[str, Any]:
    """What a detector says of the pages: see `figures`."""
    review, reject = (logit(t) for t in (detector.thresholds.review, detector.thresholds.reject))
    return figures(pages, logits(detector, pages), review=review, reject=reject)


def figures(pages: Sequence[Page], value: Doubles, *, review: float, reject: float) -> dict[str, Any]:
    """Shares of hollow pages, by main fault too, and of good ones that are rejected and flagged, and the pairs in which
    the hollow page stands above the good one.
    """
    faults = np.array([page.fault for page in pages])
    rejected, flagged = value >= reject, value >= review
    best: dict[tuple[str, bool], float] = {}
    for page, v in zip(pages, value.tolist(), strict=True):
        # of several texts on a side the hardest one counts
        key, choose = (page.pair, bool(page.fault)), min if page.fault else max
        best[key] = choose(best.get(key, v), v)
    both = [pair for pair, hollow in best if hollow and (pair, False) in best]
    return {
        "pairs": len(both),
        "in_order": wilson(sum(best[p, True] > best[p, False] for p in both), len(both)),
        "hollow": decided(rejected, flagged, faults != ""),
        "good": decided(rejected, flagged, faults == ""),
        "by_fault": {f: decided(rejected, flagged, faults == f) for f in sorted(set(faults) - {""})},
    }
