"""A small cross-fit made by hand, for the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from detector import signals
from detector.document import Document
from detector.score import MIN_WORDS
from detector.tables import Tables
from detector.train import additive
from detector.train.data import Example
from detector.train.fit import CrossFit, Judged
from detector.verdict import Evidence, Span

WORDS = "water bread garden window letter road stone river table winter paper light".split()


def sentence_of(number: int, words: int = 60) -> str:
    """Running text of so many words, another one for every number."""
    rng = np.random.default_rng(number)
    return " ".join(rng.choice(WORDS, words)) + "."


def page(number: int, label: int | None, source: str = "", text: str = "", **fields: Any) -> Example:
    """An example; without a source it has one of its own."""
    fields = {"group": "editorial" if label == 0 else "farm"} | fields
    document = Document.from_text(text or sentence_of(number), id=str(number))
    return Example(document, source or f"site{number}", label=label, **fields)


def cross_of(
    examples: Sequence[Example],
    values: Mapping[str, Sequence[float]],
    fold: Sequence[int] | None = None,
) -> CrossFit:
    """A cross-fit over the examples, dealt to ten folds in turn."""
    folds = np.array(fold if fold is not None else [k % 10 for k in range(len(examples))])
    vocabulary = {word: 200 + k for k, word in enumerate(WORDS)}
    tables = Tables(vocabulary, {})
    columns = {name: np.array(column, dtype=float) for name, column in values.items()}
    return CrossFit(
        SimpleNamespace(examples=list(examples)),  # type: ignore[arg-type]
        list(examples),
        folds,
        columns,
        np.array([len(e.document.tokens) >= MIN_WORDS for e in examples], dtype=bool),
        dict.fromkeys(range(10), tables),
        tables,
    )


def judged_of(logits: Sequence[float], review: float = 0.0, reject: float = 2.0) -> Judged:
    """What an additive model is said to have said."""
    model = additive.Additive(0.0, {})
    return Judged(account_of(logits), [model] * 10, model, review, reject)


def account_of(logits: Sequence[float]) -> additive.Account:
    """Log-odds of pages for which nothing speaks, and that have no certain fault."""
    full = np.array(logits, dtype=float)
    return additive.Account(full, full, np.full(len(full), -np.inf))


@dataclass(frozen=True)
class Made:
    """Makers of small cross-fits, for tests that measure figures."""

    monkeypatch: pytest.MonkeyPatch
    page = staticmethod(page)
    cross = staticmethod(cross_of)
    judged = staticmethod(judged_of)
    text = staticmethod(sentence_of)

    def signals(self, kinds: Mapping[str, str], spans: Mapping[str, Sequence[Span]] | None = None) -> None:
        """Let the registry hold signals of these kinds, all of which mark `spans` (by document id)."""

        def measure(document: Document, tables: Tables) -> Evidence:
            return Evidence(1.0, tuple((spans or {}).get(document.id, ())))

        found = {name: SimpleNamespace(KIND=kind, measure=measure) for name, kind in kinds.items()}
        self.monkeypatch.setattr(signals, "registry", lambda: found)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Makers of small cross-fits."""
    return Made(monkeypatch)
