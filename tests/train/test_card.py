"""The card and the table of the README say what the figures say."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from detector import model
from detector.train import card


def share(count: int, pages: int) -> dict[str, float]:
    return {"count": count, "share": count / pages, "low": 0.0, "high": 0.5}


def interval(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def at_both(one: float, tenth: float) -> dict[str, Any]:
    both = {"at_1_percent": one, "at_0_1_percent": tenth}
    return {k: {"count": 1, "share": v, "low": v - 0.05, "high": v + 0.05} for k, v in both.items()}


def outcome(pages: int, rejected: int, flagged: int) -> dict[str, Any]:
    return {"pages": pages, "rejected": share(rejected, pages), "flagged": share(flagged, pages)}


def found(count: int, places: int) -> dict[str, Any]:
    return {"places": places, **share(count, max(1, places))}


SETS = ("judged reject", "farms")
PAIRS: dict[str, Any] = {
    "pairs": 53,
    "in_order": share(48, 53),
    "hollow": outcome(53, 11, 37),
    "good": outcome(53, 0, 2),
    "by_fault": {"plug": outcome(7, 1, 3)},
}
BIN = {"pages": 864, "score": 0.412, "rejected": 0.433, "low": 0.391, "high": 0.476, "weight": 0.1}
FIGURES: dict[str, Any] = {
    "model": {"name": "dozen", "version": "1.2.3", "sha256": "abcdef0123456789" * 4},
    "pages": {"honest": 1234, "rejected": 567, "spoiled": 89, "sites": 42},
    "thresholds": {"review": 0.1, "reject": 1.2},
    "judged": {
        "pages": {"reject": 31, "accept": 62, "review": 7, "negatives": 2345},
        "sites": 19,
        "auc": interval(0.951),
        "baseline_auc": interval(0.872),
        "auc_difference": interval(0.079),
        "recall_at_1_percent": interval(0.643),
        "baseline_recall_at_1_percent": interval(0.321),
        "recall_at_0_1_percent": interval(0.412),
        "baseline_recall_at_0_1_percent": interval(0.123),
        "recall_difference_at_0_1_percent": interval(0.289),
        "recall_difference": interval(0.322),
        "outcomes": {
            v: {"reject": 1, "review": 2, "publish": 3, "unscored": 4} for v in ("reject", "accept", "review")
        },
    },
    "honest": {
        "all": {"pages": 1200, "rejected": share(9, 1200), "flagged": share(48, 1200)},
        "marketing": {"pages": 300, "rejected": share(3, 300), "flagged": share(15, 300)},
    },
    "families": {
        "paste_insert": {"pages": 10, "rejected": 0.3, "flagged": 0.6, "baseline_flagged": 0.2},
        "paste_ending": {"pages": 30, "rejected": 0.1, "flagged": 0.2, "baseline_flagged": 0.0},
        "stitch": {"pages": 20, "rejected": 0.5, "flagged": 0.9, "baseline_flagged": 0.1},
    },
    "spans": {
        "injected_anchor": {
            "recall": {"paste_insert": {"phrases": 15, "found": 0.4}},
            "false_spans_per_1000_words": 0.0712,
            "honest_words": 654321,
        },
        "spun_phrase": {"shown": 100, "precision": 0.83, "planted": 1500, "recall": 0.22},
    },
    "corpus": {
        "hollow": 59, "hollow_flagged": 31, "hollow_rejected": 17, "good": 58, "good_flagged": 2,
        "pairs": 57, "pairs_in_order": 53,
    },
    "calibration_error": 0.0284,
    "known_triples": {"out_of_fold": 0.41, "shipped": 0.47},
    "firing": {
        "plug": {"honest": 0.012, "rejected": 0.34, "pages": 1200, "most_in": "marketing", "most": 0.023},
        "readability": {"honest": 1.0, "rejected": 1.0, "pages": 1200, "most_in": "marketing", "most": 1.0},
    },
    "worth": {
        "all": {"loss": 386.2, "judged": 0.8, "farms": 0.9, "spoiled": 0.5, "hollow": 0.7},
        "plug": {"loss": 4.13, "judged": 0.012, "farms": 0.0, "spoiled": -0.004, "hollow": 0.031},
    },
    "agreement": {
        "pages": 40, "strongest_named": share(31, 40), "strongest_apart_from_wording_named": share(34, 40),
        "any_named": share(36, 40), "quotes_touched": share(68, 166), "quotes": 166,
    },
    "sources": {
        "rejectable": {"farm/x": {"pages": 5, "rejected": 4, "flagged": 5}},
        "honest": {"clinic/y": {"pages": 6, "rejected": 0, "flagged": 1}},
    },
    "contest": {
        "pages": {"honest": 2345, "judged reject": 31, "farms": 44},
        "scorers": {
            "detector": {s: at_both(0.75, 0.55) for s in SETS} | {"auc": 0.951},
            "TF-IDF": {s: at_both(0.65, 0.25) for s in SETS} | {"auc": 0.872},
        },
        "curves": {"rates": [0.001, 0.1], "detector": {s: [0.1, 1] for s in SETS}, "TF-IDF": {s: [0, 1] for s in SETS}},
        "filters": {"C4": {s: {"dropped": share(1, 8), "detector": share(6, 8)} for s in ("honest", *SETS)}},
        "skipped": {"slop-guard": "No module named 'slop_guard'"},
    },
    "unseen": {**PAIRS, "baseline": {**PAIRS, "hollow": outcome(53, 3, 29)}},
    "plain_english": outcome(812, 2, 17),
    "left_out": {"spin_one": {"pages": 40, "known": share(22, 40), "left_out": share(18, 40)}},
    "schemes": {
        "plain": {"farms": at_both(0.91, 0.71), "auc": 0.981},
        "source": {"farms": at_both(0.81, 0.61), "auc": 0.951},
        "topic": {"farms": at_both(0.86, 0.66), "auc": 0.961},
    },
    "places": {
        "plug": {
            "planted": found(85, 210), "written": found(7, 39), "quoted": found(0, 0),
            "on_honest_pages_per_1000_words": 0.0331, "honest_pages": share(15, 1000),
        },
    },
    "repeats": {
        "passages_found": found(241, 302), "stitched_pages": 211, "seen_as_several": found(21, 211),
        "articles_right": found(13, 211),
        "honest_marked": {"all": {"near_duplicate": share(34, 1000), "stitched": share(2, 1000)}},
    },
    "reliability": {
        "all": {"pages": 8639, "error": 0.0284, "bins": [BIN]},
        "real": {"pages": 6156, "error": 0.0411, "bins": [BIN]},
    },
    "distributions": {"farms": [0.0, 1.0]},
    "leakage": {
        "source": {
            "classes": 20, "pages": 4092, "chance": 0.05, "score": 0.1, "pushing": 0.24, "signals": 0.39, "words": 0.75,
        },
    },
    "slices": {
        "length": {
            "120 to 299 words": {"honest": outcome(1453, 2, 49)}, "50 to 119 words": {"honest": outcome(341, 0, 6)},
        },
        "language": {},
    },
}  # fmt: skip


def without(*keys: str) -> dict[str, Any]:
    figures = copy.deepcopy(FIGURES)
    for key in keys:
        del figures[key]
    return figures


@pytest.mark.parametrize(
    "said",
    [
        "`dozen` 1.2.3, sha256 `abcdef0123456789`",
        "1,234 honest and 567 rejected pages of 42 sites",
        "| AUC, reject against accept | 0.951 (0.941 to 0.961) | 0.872 (0.862 to 0.882) |",
        "| marketing | 300 | 3 = 1.0% (0.0% to 50.0%) |",
        "| paste_ending | 30 | 0.10 | 0.20 | 0.00 |",
        "0.071 in 1,000 words, counted on 654,321 honest words",
        "31 of 59 hollow pages flagged, 17 rejected; 2 of 58 good pages flagged",
        "Calibration error 0.028",
        "0.41 out of fold, 0.47 with the tables that ship",
        "| plug | 1.2% | 2.3% (marketing) | 34.0% | +4.1 | +1.2 | +0.0 | -0.4 | +3.1 |",
        "| readability | 100.0% | 100.0% (marketing) | 100.0% | description |",
        "| the strongest finding is a fault the reader named | 31 = 77.5%",
        "places the reader quoted (166) that a finding touches | 68 = 41.0%",
        "| farm/x (rejectable) | 5 | 4 | 5 |",
        "| clinic/y (honest) | 6 | 0 | 1 |",
        "| recall at 0.1 % | 0.412 (0.402 to 0.422) | 0.123 (0.113 to 0.133) | 0.289",
        "| judged reject | 31 | 0.70 to 0.80 | 0.75 / 0.55 | 0.65 / 0.25 |",
        "| farms | 0.12 / 0.75 |",
        "Not installed where this was measured: slop-guard.",
        "53 pairs of `corpus/unseen/`",
        "| main fault: plug | 7 | 1 = 14.3%",
        "| hollow pages | 53 | 11 = 20.8% (0.0% to 50.0%) | 37 = 69.8% (0.0% to 50.0%) | 29 = 54.7%",
        "Of 812 honest pages by learners of English or for them",
        "| spin_one | 40 | 22 = 55.0% (0.0% to 50.0%) | 18 = 45.0%",
        "no page of the site was seen (all other figures here) | 0.951 | 0.81 / 0.61 |",
        "| plug | 0.40 (0.00 to 0.50) of 210 | 0.18 (0.00 to 0.50) of 39 |  | 0.033 | 1.5% |",
        "on 13 = 6.2% (0.0% to 50.0%) the number of articles is right",
        "| 864 | 0.412 | 0.433 (0.391 to 0.476) |",
        "Error 0.028; on 6,156 pages without the spoiled ones 0.041.",
        "| source | 20 | 4092 | 0.05 | 0.10 | 0.24 | 0.39 | 0.75 |",
        "| 50 to 119 words | honest | 341 | 0 = 0.0% (0.0% to 50.0%) | 6 = 1.8% (0.0% to 50.0%) | | 120 to 299",
    ],
)
def test_the_card_says_the_figures(said: str) -> None:
    assert said in " ".join(card.page(FIGURES).split("\n"))


def test_the_card_says_what_the_model_is_not_for() -> None:
    assert "does not say who or what wrote" in " ".join(card.page(FIGURES).split())


def test_the_card_is_the_same_wherever_the_figures_come_from() -> None:
    assert card.page(json.loads(json.dumps(FIGURES, sort_keys=True))) == card.page(FIGURES)


def test_a_folder_gets_figures_card_and_every_picture_that_the_card_shows(tmp_path: Path) -> None:
    card.write(tmp_path, FIGURES)
    text = (tmp_path / "card.md").read_text("utf-8")
    assert json.loads((tmp_path / "metrics.json").read_text("utf-8")) == json.loads(json.dumps(FIGURES))
    shown = set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text))
    assert shown == {p.name for p in tmp_path.glob("*.svg")} == {
        "recall.svg", "places.svg", "reliability.svg", "distributions.svg",
    }  # fmt: skip


def test_the_table_weighs_families_of_a_kind_by_their_pages() -> None:
    assert "| spoiled pages flagged: phrases pasted, 40 pages | 0.30; TF-IDF 0.05 |" in card.summary(FIGURES)


def test_the_table_says_false_alarms_beside_what_is_found() -> None:
    table = card.summary(FIGURES)
    assert "| honest pages wrongly rejected / flagged, 1,200 pages | 9 = 0.8% (" in table
    assert "31/59, 2/58, 53/57" in table
    assert "0.071" in table
    assert (
        "learned from: hollow flagged, good flagged, order right (53 pairs) | 37/53, 2/53, 48/53; TF-IDF 29/53"
        in table
    )
    assert "| of them by learners of English or for them, 812 pages | 2 = 0.2% (" in table


@pytest.mark.parametrize("text", [card.page(FIGURES), card.summary(FIGURES)])
def test_every_table_has_as_many_cells_in_each_row(text: str) -> None:
    previous = 0
    for line in text.splitlines():
        cells = line.count("|") if line.startswith("|") else 0
        assert cells in (0, previous) or not previous, line
        previous = cells


def test_a_model_of_the_corpus_alone_has_a_card_too() -> None:
    figures = without("judged", "agreement", "model")
    figures = json.loads(json.dumps(figures, sort_keys=True))
    assert "judged by reading" not in card.page(figures)
    assert "AUC" not in card.summary(figures)


def test_the_card_in_the_tree_is_that_of_its_figures() -> None:
    if not (model.models_folder() / "CURRENT").is_file():
        pytest.skip("there is no current model")
    folder: Path = model.current_model()
    figures = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert (folder / "card.md").read_text("utf-8") == card.page(figures)
    assert figures["model"]["sha256"] == model.load(folder)[0].id.sha256
