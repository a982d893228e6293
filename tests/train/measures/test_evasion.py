"""What is still found of pages that were changed to get past the detector."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from detector.document import Document
from detector.model import Curve
from detector.train import additive, attacks
from detector.train.fit import CrossFit, Judged
from detector.train.measures import evasion
from detector.verdict import Evidence

FLAGGED = "paint"  # the word that the only signal of these tests looks for


def text_of(word: str, number: int) -> str:
    """Running text with the word in it, another one for every number."""
    lines = "by the gate", "on a bench", "in our shed", "at noon", "for them all", "with some rope", "or not"
    return " ".join(f"The man of house {number} left the {word} and a coat {line}." for line in lines)


@pytest.fixture
def crossed(made: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[CrossFit, Judged]:
    """Two rejected pages, one spoiled, five honest ones, and a model that sees nothing but one word."""

    def measure(document: Document, tables: object) -> Evidence:
        del tables
        return Evidence(float(FLAGGED in document.tokens.word), ())

    registry = {"sells": SimpleNamespace(KIND="place", SAYS="", measure=measure)}
    monkeypatch.setattr("detector.signals.registry", lambda: registry)
    monkeypatch.setattr(evasion, "Parallel", lambda **_: lambda tasks: [f(*a, **k) for f, a, k in tasks])
    examples = [
        made.page(0, 1, text=text_of(FLAGGED, 0), judged="reject"),
        made.page(1, 1, text=text_of("rope", 1), judged="reject"),
        made.page(2, 1, text=text_of(FLAGGED, 2), family="link"),
        *(made.page(k, 0, text=text_of("sail", k)) for k in range(3, 8)),
    ]
    cross = made.cross(examples, {"sells": [1, 0, 1, 0, 0, 0, 0, 0]}, fold=[0] * 8)
    cross = replace(cross, material=SimpleNamespace(synonyms={}), fold_tables={0: cross.tables})
    model = additive.Additive(-1.0, {"sells": Curve((0.0, 1.0), (0.0, 4.0))})
    account = model.account(cross.values, ())
    return cross, Judged(account, [model], model, 0.0, 2.0)


def measured(
    crossed: tuple[CrossFit, Judged], attack: attacks.Attack, monkeypatch: pytest.MonkeyPatch
) -> Any:
    cross, judged = crossed
    monkeypatch.setattr(evasion, "ATTACKS", {"letters": {"strong": attack}})
    monkeypatch.setattr(evasion, "HARMLESS", {"as it is": attacks.as_it_is, "the same": attack})
    return evasion.evasion(cross, judged, cross.label == 0)


def respelt(target: attacks.Target, _: object) -> Document:
    return attacks.edited(
        target.document,
        [
            (a, b, "point")
            for a, b, w in zip(
                *(getattr(target.document.tokens, n) for n in ("start", "end", "word")), strict=True
            )
            if w == FLAGGED
        ],
    )


def test_what_an_attack_hides_is_lost(crossed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(crossed, respelt, monkeypatch)
    judged = found["judged"]
    assert judged["pages"] == 2
    assert judged["clean"]["found"]["count"] == 1
    attacked = judged["attacks"]["letters"]["strong"]
    assert attacked["found"]["count"] == 0
    assert attacked["lost"]["value"] == 0.5
    assert attacked["changed"] == 1
    assert (attacked["rejected"]["count"], attacked["flagged"]["count"]) == (0, 0)
    assert judged["best of all"] == attacked
    assert found["spoiled"]["attacks"]["letters"]["strong"]["lost"]["value"] == 1.0


def test_an_attack_that_changes_nothing_loses_nothing(crossed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(crossed, attacks.as_it_is, monkeypatch)["judged"]
    assert found["attacks"]["letters"]["strong"] == found["clean"]
    assert found["clean"]["lost"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_a_page_that_is_no_longer_scored_counts_as_not_found(
    crossed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def emptied(target: attacks.Target, _: object) -> Document:
        return Document.from_text("Nothing.", id=target.document.id)

    attacked = measured(crossed, emptied, monkeypatch)["judged"]["attacks"]["letters"]["strong"]
    assert (attacked["unscored"], attacked["found"]["count"]) == (2, 0)


def test_honest_pages_are_counted_apart(crossed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def sold(target: attacks.Target, _: object) -> Document:
        return attacks.inserted(target.document, -1, ["Some paint is left."])

    harmless = measured(crossed, sold, monkeypatch)["harmless"]
    assert (harmless["as it is"]["pages"], harmless["as it is"]["flagged"]["count"]) == (5, 0)
    assert harmless["the same"]["rejected"]["count"] == 5


def test_honest_text_comes_from_pages_that_the_model_did_not_see(
    crossed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cross, judged = crossed
    long = " ".join(["harbour"] * 30) + "."
    honest = cross.examples[3]
    document = Document.from_text(f"{long}\n\n{text_of('sail', 3)}", id="3")
    cross.examples[3] = replace(honest, document=document, label=0)
    cross.examples[4] = replace(cross.examples[4], document=document)
    cross.fold[4] = 1
    seen: list[tuple[tuple[str, ...], ...]] = []

    def asked(target: attacks.Target, _: object) -> Document:
        seen.append(target.honest)
        return target.document

    monkeypatch.setattr(evasion.fit, "honest", lambda cross: np.array([k in (3, 4) for k in range(8)]))
    tables = {0: cross.tables, 1: cross.tables}
    judged = replace(judged, of_fold=judged.of_fold * 2)
    measured((replace(cross, fold_tables=tables), judged), asked, monkeypatch)
    assert len(seen[0]) == 1, "the page of the other fold is not at hand"
