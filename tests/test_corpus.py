"""The corpus keeps its own rules: every text labelled, every quote in its text, and the unseen pairs really unseen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[1] / "corpus"
FOLDERS = [CORPUS, CORPUS / "unseen"]
RUN = 15  # words in a row that two texts may not share; set phrases, as of commissions earned, are shorter


def labels(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "labels.jsonl").read_text("utf-8").splitlines()]


def texts(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in (folder / "texts").glob("*.md")}


@pytest.mark.parametrize("folder", FOLDERS, ids=["corpus", "unseen"])
def test_every_text_has_one_label(folder: Path) -> None:
    ids = [row["id"] for row in labels(folder)]
    assert sorted(ids) == sorted(texts(folder))
    for row in labels(folder):
        assert {"id", "topic", "pair", "verdict", "genre", "voice"} <= row.keys(), row["id"]
        assert row["verdict"] in ("publish", "review", "reject")
        assert row["verdict"] != "reject" or (row["ways"] and row["quotes"]), row["id"]


@pytest.mark.parametrize("folder", FOLDERS, ids=["corpus", "unseen"])
def test_every_quote_stands_in_its_text(folder: Path) -> None:
    written = texts(folder)
    lost = [
        (row["id"], quote["text"])
        for row in labels(folder)
        for quote in row.get("quotes", ())
        if quote["text"] not in written[row["id"]]
    ]
    assert lost == []


def test_the_unseen_pairs_share_no_wording_with_what_is_learned() -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-z0-9']+", text.lower())
        return {tuple(words[k : k + RUN]) for k in range(len(words) - RUN + 1)}

    learned = set().union(*map(runs, texts(CORPUS).values()))
    shared = {id: found for id, text in texts(CORPUS / "unseen").items() if (found := runs(text) & learned)}
    assert shared == {}


def test_a_pair_is_either_learned_from_or_unseen() -> None:
    assert not {row["pair"] for row in labels(CORPUS)} & {row["pair"] for row in labels(CORPUS / "unseen")}
