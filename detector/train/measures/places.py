"""Places: how many of those that are there a signal marks, and how many it marks on honest pages."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from detector import signals
from detector.document import Document, Span
from detector.train import fit
from detector.train.fit import CrossFit
from detector.train.measures.shares import wilson
from detector.train.spoil import Mark

HIT = 0.5  # share of a damaged place that a span must cover to have found it


def spans_of(cross: CrossFit, i: int, signal: str) -> tuple[Span, ...]:
    """The places a signal marks on an example, by what was learned without its site."""
    if cross.values[signal][i] <= 0:
        return ()
    document, tables = cross.examples[i].document, cross.fold_tables[int(cross.fold[i])]
    return signals.registry()[signal].measure(document, tables).spans


def by_signal(cross: CrossFit) -> dict[str, Any]:
    """For each signal that marks places of faults: recall of the places that generators damaged, of those that the
    project's own texts quote and of those that readers quoted; and its places in 1,000 words of honest pages.

    A damaged place is found by a span over at least HIT of it, a quoted one by any span that touches it.
    """
    planted: dict[str, list[bool]] = {}
    written: dict[str, list[bool]] = {}
    quoted: dict[str, list[bool]] = {}
    for i, e in enumerate(cross.examples):
        for signal in {m.signal for m in e.marks} & cross.values.keys():
            marks = [m for m in e.marks if m.signal == signal and m.end - m.start > 1]
            spans = spans_of(cross, i, signal)
            if e.family:
                marks = marks[1:] if signal == "stitched" else marks  # the first article is no join
                planted.setdefault(signal, []).extend(_covered(m, spans) for m in marks)
            else:
                row = (written if e.group == "corpus" else quoted).setdefault(signal, [])
                row.extend(any(s.start < m.end and m.start < s.end for s in spans) for m in marks)
    honest, words = _honest(cross)
    found: dict[str, Any] = {}
    for name, kind in ((n, s.KIND) for n, s in signals.registry().items()):
        marked = [len(spans_of(cross, i, name)) for i in honest] if kind != "trust" else []
        if sum(marked) or name in planted or name in written:
            found[name] = {
                "planted": _recall(planted.get(name, [])),
                "written": _recall(written.get(name, [])),
                "quoted": _recall(quoted.get(name, [])),
                "on_honest_pages_per_1000_words": 1000 * sum(marked) / max(1, words),
                "honest_pages": wilson(sum(n > 0 for n in marked), len(marked)),
            }
    return found


def _honest(cross: CrossFit) -> tuple[list[int], int]:
    """Honest pages, and their words."""
    pages = np.flatnonzero(fit.honest(cross)).tolist()
    return pages, sum(len(cross.examples[i].document.tokens) for i in pages)


def _covered(mark: Mark, spans: tuple[Span, ...]) -> bool:
    covered = max((min(s.end, mark.end) - max(s.start, mark.start) for s in spans), default=0)
    return bool(covered >= HIT * (mark.end - mark.start))


def _recall(found: list[bool]) -> dict[str, float]:
    return {"places": len(found), **wilson(sum(found), len(found))}


# --- pasted phrases and swapped words --------------------------------------------------------------------------------


def pasted(cross: CrossFit) -> dict[str, Any]:
    """Pasted phrases found, by style, and phrases wrongly seen in honest pages, per 1,000 words."""
    found: dict[str, list[int]] = {}
    for i, e in enumerate(cross.examples):
        if e.family.startswith("paste"):
            spans = spans_of(cross, i, "injected_anchor")
            row = found.setdefault(e.family, [0, 0])
            row[0] += len(e.marks)
            row[1] += sum(_covered(mark, spans) for mark in e.marks)
    honest, words = _honest(cross)
    wrong = sum(len(spans_of(cross, i, "injected_anchor")) for i in honest)
    return {
        "recall": {k: {"phrases": n, "found": hit / max(1, n)} for k, (n, hit) in sorted(found.items())},
        "false_spans_per_1000_words": 1000 * wrong / max(1, words),
        "honest_words": words,
    }


def swapped(cross: CrossFit) -> dict[str, Any]:
    """Of the words shown on spun pages, how many a spinner had put there; and of its words, how many are shown."""
    shown = right = planted = 0
    for i, e in enumerate(cross.examples):
        if e.family.startswith("spin"):
            spans = spans_of(cross, i, "spun_phrase")
            shown += len(spans)
            right += sum(any(m.start <= s.start < m.end for m in e.marks) for s in spans)
            planted += len(e.marks)
    return {
        "shown": shown,
        "precision": right / max(1, shown),
        "planted": planted,
        "recall": right / max(1, planted),
    }


# --- repeats and stitches --------------------------------------------------------------------------------------------

_QUESTION = re.compile(r"[^\n?]{5,200}\?")
_SUMMARY = re.compile(
    r"(?:in )?(?:summary|conclusions?|key (?:points|messages|facts)|overview)\b", re.IGNORECASE
)


def repeats(cross: CrossFit) -> dict[str, Any]:
    """Repeated passages found; of pages stitched from several articles, how many were cut into the right number; and
    how often honest pages that repeat themselves by their nature are marked as either.
    """
    again: list[bool] = []
    right: list[bool] = []
    several: list[bool] = []
    for i, e in enumerate(cross.examples):
        if e.family == "repeat":
            spans = spans_of(cross, i, "near_duplicate")
            again += [_covered(m, spans) for m in e.marks if m.signal == "near_duplicate"]
        elif e.family == "stitch" and (planted := sum(m.signal == "stitched" for m in e.marks)) > 1:
            counted = articles(e.document, spans_of(cross, i, "stitched"))
            right.append(counted == planted)
            several.append(counted > 1)
    long = cross.scored
    honest = [i for i, e in enumerate(cross.examples) if e.label == 0 and not e.family and long[i]]
    kinds = {i: _kinds(cross.examples[i].document, cross.examples[i].group) for i in honest}
    wrongly = {}
    for kind in ("questions and answers", "with a summary", "leaflets", "all"):
        members = [i for i in honest if kind == "all" or kind in kinds[i]]
        wrongly[kind] = {
            signal: wilson(sum(bool(spans_of(cross, i, signal)) for i in members), len(members))
            for signal in ("near_duplicate", "stitched")
        }
    return {
        "passages_found": _recall(again),
        "stitched_pages": len(right),
        "seen_as_several": _recall(several),
        "articles_right": _recall(right),
        "honest_marked": wrongly,
    }


def articles(document: Document, spans: tuple[Span, ...]) -> int:
    """How many articles the page holds by the joins marked on it: one more than begin after its first paragraph."""
    first = next((b for b in document.blocks if b.kind == "paragraph"), None)
    return 1 + sum(first is None or s.start >= first.end for s in spans)


def _kinds(document: Document, group: str) -> set[str]:
    """What an honest page is by its form: questions asked in lines of their own, a summary announced, a leaflet."""
    lines = [
        document.text[b.start : b.end].strip() for b in document.blocks if b.kind in ("heading", "paragraph")
    ]
    kinds = {"leaflets"} if group == "authority" else set()
    if sum(_QUESTION.fullmatch(line) is not None for line in lines) >= 3:
        kinds.add("questions and answers")
    if any(len(line) < 80 and _SUMMARY.match(line) for line in lines):
        kinds.add("with a summary")
    return kinds
