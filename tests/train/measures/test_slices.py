"""Figures of parts of the pages."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from detector.train.data import Example
from detector.train.measures import slices


def honest(made: Any, count: int = 200, **fields: Any) -> list[Example]:
    return [made.page(k, 0, **fields) for k in range(count)]


def test_thresholds_come_from_the_other_half_of_the_folds(made: Any) -> None:
    pages = honest(made)
    fold = [k % 2 for k in range(200)]
    logits = [
        5.0 + k / 1000 if f else k / 1000 for k, f in enumerate(fold)
    ]  # one half lies high above the other
    rejected, flagged = slices.decisions(made.cross(pages, {}, fold), made.judged(logits))
    assert flagged[1::2].all(), "held against thresholds of the low half"
    assert rejected[1::2].all()
    assert not flagged[::2].any()


def test_honest_groups_add_up_to_all(made: Any) -> None:
    pages = honest(made, 150) + [made.page(k, 0, group="marketing") for k in range(150, 260)]
    found = slices.honest_groups(made.cross(pages, {}), made.judged(np.linspace(-3, 3, 260)))
    assert found["all"]["pages"] == found["editorial"]["pages"] + found["marketing"]["pages"] == 260
    assert found["all"]["flagged"]["count"] == sum(
        found[g]["flagged"]["count"] for g in ("editorial", "marketing")
    )


def test_slices_hold_both_sides_and_leave_out_what_is_too_small_to_say_anything(made: Any) -> None:
    pages = honest(made, 60) + [made.page(k, 1, group="farm") for k in range(60, 90)]
    pages += [made.page(k, 1, group="tiny") for k in range(90, 95)]
    pages += [made.page(k, 0, text=made.text(k, 700)) for k in range(95, 120)]
    pages.append(made.page(120, 0, family="spin_x"))
    logits = [-1.0] * 60 + [3.0] * 35 + [-1.0] * 26
    topic = ["bread"] * 121
    found = slices.slices(made.cross(pages, {}), made.judged(logits), topic, {"3": "learners"})
    assert set(found["genre"]) == {"editorial", "farm"}
    assert list(found["length"]) == ["50 to 119 words", "600 to 1199 words"]
    assert found["topic"]["bread"]["honest"]["pages"] == 85, "spoiled pages are no real ones"
    assert found["topic"]["bread"]["rejectable"]["flagged"]["share"] == 1
    assert found["language"] == {}, "one page is too few"


def test_pages_of_learners_and_for_them_are_one_figure(made: Any) -> None:
    pages = honest(made, 40, group="essays") + [made.page(k, 0, group="simplified") for k in range(40, 80)]
    pages += [made.page(k, 0, group="corpus") for k in range(80, 120)]
    found = slices.plain_english(
        made.cross(pages, {}), made.judged([0.0] * 120), {"100": slices.LEARNER, "101": "others"}
    )
    assert found["pages"] == 81


def test_topics_bring_together_pages_that_share_words(made: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(slices, "TOPICS", 2)
    pages = [made.page(k, 0, text="bread garden letter " * 20 + made.text(k, 8)) for k in range(10)]
    pages += [made.page(k, 0, text="stone river table " * 20 + made.text(k, 8)) for k in range(10, 20)]
    pages.append(made.page(99, 1, family="spin_x", origin="15"))
    cross = made.cross(pages, {})
    topic = slices.topics(cross)
    assert len(set(topic[:10])) == len(set(topic[10:])) == 1
    assert topic[0] != topic[10]
    assert set(topic[0].split(", ")) == {"bread", "garden", "letter"}
    assert slices.topics(cross) == topic


def test_language_backgrounds_are_what_labels_and_public_files_say(tmp_path: Path) -> None:
    corpus, legit = tmp_path / "corpus", tmp_path / "data" / "legit"
    corpus.mkdir()
    legit.mkdir(parents=True)
    rows = [{"id": "a", "voice": "non-native nurse"}, {"id": "b", "voice": "second-language English, strict"}]
    rows.append({"id": "c", "voice": "blunt, British"})
    (corpus / "labels.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    public = [
        {"id": "d", "subgenre": "TOEFL"},
        {"id": "e", "subgenre": "elsewhere"},
        {"id": "f", "text": "x"},
    ]
    with gzip.open(legit / "essays.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(map(json.dumps, public)) + "\n")
    found = slices.backgrounds(corpus, tmp_path / "data")
    assert {id for id, b in found.items() if b == slices.LEARNER} == {"a", "b", "d"} == set(found)
    assert slices.backgrounds(corpus, None).keys() == {"a", "b"}


def test_pages_of_the_project_are_one_source(made: Any) -> None:
    pages = [made.page(0, 0, "corpus/a"), made.page(1, 0, "corpus/b"), made.page(2, 1, "farm")]
    found = slices.by_source(made.cross(pages, {}), made.judged([-1.0, 1.0, 3.0]))
    assert found["honest"] == {"corpus": {"pages": 2, "rejected": 0, "flagged": 1}}
    assert found["rejectable"] == {"farm": {"pages": 1, "rejected": 1, "flagged": 1}}
