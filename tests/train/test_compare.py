"""Two models side by side: what editors decided, what was measured, what signals push."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="needs detector[train]")

from detector import model
from detector.document import Document
from detector.train.compare import Change, Comparison, compare
from detector.train.data import Example
from detector.train.fit import OwnPage


def logit(p: float) -> float:
    return math.log(p / (1 - p))


@pytest.fixture
def stricter(tiny_model: Path, tmp_path: Path) -> Path:
    """The small model, once more: it starts higher and pushes plugs harder."""
    folder = tmp_path / "stricter"
    shutil.copytree(tiny_model, folder)
    content = json.loads((folder / "model.json").read_text("utf-8"))["content"]
    content["bias"] += 3
    content["curves"]["plug"]["pushes"] = [0, 2, 5]
    model.write(folder, name="stricter", version="1.2.3", content=content)
    (folder / "metrics.json").write_text(json.dumps({"judged": {"auc": {"value": 0.9}}}), "utf-8")
    return folder


def own(id: str, text: str, label: int | None, score: float) -> OwnPage:
    return OwnPage(Example(Document.from_text(text, id=id), "own/x", "own", label), logit(score))


def test_the_new_model_is_judged_by_what_it_said_without_having_seen_the_page(
    tiny_model: Path, stricter: Path, plain_text: str, tmp_path: Path
) -> None:
    pages = [own("a", plain_text, 0, 0.1), own("b", plain_text, 1, 0.9), own("c", "Too short.", 1, 0.9)]
    found = compare(tiny_model, stricter, pages, tmp_path)
    assert [(page.id, page.decided, page.new) for page in found.pages] == [
        ("a", "publish", "publish"),
        ("b", "reject", "reject"),
        ("c", "reject", "unscored"),
    ]
    assert {page.old for page in found.pages[:2]} == {"publish"}
    assert [page.id for page in found.changed] == ["b"]


def test_what_changes_can_be_read(tiny_model: Path, stricter: Path, plain_text: str, tmp_path: Path) -> None:
    pages = [own("a", plain_text, 0, 0.1), own("b", plain_text, 1, 0.9)]
    text = "\n".join(compare(tiny_model, stricter, pages, tmp_path).lines())
    assert text.startswith("tiny (in use) and stricter (just trained)")
    assert "1 of them get another outcome:\n  publish -> reject, editors: reject" in text
    assert "pages judged by reading: AUC" in text
    line = next(line for line in text.splitlines() if line.strip().startswith("plug"))
    assert line.split() == ["plug", "3.00", "5.00"]


def test_long_lists_say_how_much_is_left_out() -> None:
    pages = [Change(str(k), f"Page\n{k}", "reject", "publish", "review") for k in range(40)]
    lines = list(Comparison("old", "new", pages, [], []).lines())
    assert "  and 10 more" in lines
    assert all("\n" not in line for line in lines)


def test_it_is_plain_data_too(tiny_model: Path, stricter: Path, tmp_path: Path) -> None:
    found: dict[str, Any] = json.loads(json.dumps(compare(tiny_model, stricter, [], tmp_path).to_dict()))
    assert found["figures"] == [{"name": "pages judged by reading: AUC", "old": None, "new": 0.9}]
    assert {"signal": "plug", "old": 3.0, "new": 5.0} in found["pushes"]
