"""Pairs that nothing is learned from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from detector.document import Document
from detector.score import Detector
from detector.train.measures import pairs


def page(pair: str, fault: str) -> pairs.Page:
    return pairs.Page(Document.from_text("x", id=f"{pair}.{fault or 'good'}"), pair, fault)


def test_hollow_pages_count_by_their_main_fault_and_good_ones_apart() -> None:
    pages = [page("a", "plug"), page("a", ""), page("b", "doorway"), page("b", "")]
    found = pairs.figures(pages, np.array([3.0, -1.0, 0.5, 1.0]), review=0.0, reject=2.0)
    assert found["pairs"] == 2
    assert found["in_order"]["count"] == 1
    assert (found["hollow"]["pages"], found["hollow"]["flagged"]["count"]) == (2, 2)
    assert (found["good"]["flagged"]["count"], found["good"]["rejected"]["count"]) == (1, 0)
    assert {f: s["rejected"]["count"] for f, s in found["by_fault"].items()} == {"doorway": 0, "plug": 1}


def test_of_several_pages_on_a_side_the_hardest_decides_the_order() -> None:
    pages = [page("a", "plug"), page("a", "doorway"), page("a", "")]
    found = pairs.figures(pages, np.array([3.0, -2.0, -1.0]), review=0.0, reject=2.0)
    assert (found["pairs"], found["in_order"]["count"]) == (1, 0)


def test_a_text_without_its_partner_is_no_pair() -> None:
    found = pairs.figures([page("a", "plug"), page("b", "")], np.array([1.0, 1.0]), review=0.0, reject=2.0)
    assert found["pairs"] == 0


def folder_of(tmp_path: Path, text: str) -> Path:
    (tmp_path / "texts").mkdir()
    rows = []
    for id, verdict in (("a.good", "publish"), ("a.hollow", "reject"), ("a.odd", "review")):
        rows.append(
            {"id": id, "pair": "a", "verdict": verdict}
            | ({"ways": ["plug", "doorway"]} if verdict == "reject" else {})
        )
        (tmp_path / "texts" / f"{id}.md").write_text(text, "utf-8")
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    return tmp_path


def test_the_folder_is_laid_out_as_the_corpus_is(tmp_path: Path, plain_text: str) -> None:
    found = pairs.read(folder_of(tmp_path, plain_text))
    assert [(p.document.id, p.pair, p.fault) for p in found] == [
        ("a.good", "a", ""),
        ("a.hollow", "a", "plug"),
    ]


def test_a_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert pairs.read(tmp_path / "unseen") == []


def test_pages_are_scored_as_a_user_scores_them(tiny_model: Path, plain_text: str) -> None:
    detector = Detector.load(tiny_model)
    pages = [
        pairs.Page(Document.from_text(plain_text), "a", ""),
        pairs.Page(Document.from_text("Short."), "a", "plug"),
    ]
    found = pairs.logits(detector, pages)
    score = detector.score(pages[0].document).score
    assert score is not None
    assert 1 / (1 + np.exp(-found[0])) == score or abs(1 / (1 + np.exp(-found[0])) - score) < 1e-9
    assert found[1] == -99, "too short to be scored: never flagged"
    assert pairs.measured(detector, pages)["hollow"]["flagged"]["count"] == 0
