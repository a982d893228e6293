"""The pictures of the card: whole SVG, from the figures alone, readable without colour."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from detector import model
from detector.train.measures import plots
from detector.train.measures.shares import wilson

SHARE = {"places": 9, **wilson(4, 9)}
BIN = {"pages": 5, "score": 0.4, "rejected": 0.5, "low": 0.3, "high": 0.7, "weight": 0.1}
FIGURES: dict[str, Any] = {
    "thresholds": {"review": 0.4, "reject": 2.2},
    "reliability": {k: {"pages": 1234, "error": 0.0312, "bins": [BIN, {**BIN, "score": 0.8}]} for k in ("all", "real")},
    "distributions": {"honest: q&a": [0.9, 0.1], "farms": [0.0, 1.0]},
    "places": {"plug": {"planted": SHARE, "written": SHARE, "quoted": {"places": 0, **wilson(0, 0)}}},
    "contest": {
        "pages": {"honest": 100, "judged reject": 7, "farms": 8},
        "scorers": {"TF-IDF": {}, "detector": {}, "slop-guard": {}},
        "curves": {
            "rates": [0.001, 0.01, 0.1],
            **{n: {"judged reject": [0.1, 0.5, 0.9], "farms": [0, 0, 1]} for n in ("TF-IDF", "detector", "slop-guard")},
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("name", plots.all_plots(FIGURES))
def test_a_picture_is_well_formed_and_says_what_it_is(name: str) -> None:
    root = ElementTree.fromstring(plots.all_plots(FIGURES)[name])
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("aria-label")
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


def test_nothing_stands_outside_of_a_picture() -> None:
    for picture in plots.all_plots(FIGURES).values():
        root = ElementTree.fromstring(picture)
        for element in root.iter():
            for name, size in (("x", "width"), ("y", "height")):
                assert 0 <= float(element.get(name, 0)) <= float(root.get(size, 0)), element.attrib


def test_names_from_the_data_are_escaped() -> None:
    assert "honest: q&amp;a" in plots.distributions(FIGURES)


def test_the_order_of_the_figures_changes_nothing() -> None:
    again = json.loads(json.dumps(FIGURES, sort_keys=True))
    assert plots.all_plots(again) == plots.all_plots(FIGURES)


def test_the_detector_comes_first_and_lines_differ_by_more_than_colour() -> None:
    assert plots.in_order(["slop-guard", "TF-IDF", "detector"], plots.CONTESTANTS) == [
        "detector", "TF-IDF", "slop-guard",
    ]  # fmt: skip
    picture = plots.recall(FIGURES)
    assert all(f"stroke-dasharray='{dash}'" in picture for dash in plots.DASHES[1:3])


def test_only_what_was_measured_is_drawn() -> None:
    assert plots.all_plots({"thresholds": {}}) == {}


def test_the_pictures_in_the_tree_are_those_of_the_figures() -> None:
    if not (model.models_folder() / "CURRENT").is_file():
        pytest.skip("there is no current model")
    folder: Path = model.current_model()
    drawn = plots.all_plots(json.loads((folder / "metrics.json").read_text("utf-8")))
    assert {p.name: p.read_text("utf-8") for p in folder.glob("*.svg")} == drawn
