"""The contract of the signals, checked on every file in detector/signals: the docstring is the test.

The examples of "Fires on" must give exactly the marked spans, those of "Quiet on" nothing at all; values are finite and
>= 0; the same text gives the same evidence; and the time grows no faster than the text.

A signal that reads trained tables names them in `TABLES`. Its examples run where the model has these tables; it may do
without examples where they would depend on the training.
"""

from __future__ import annotations

import contextlib
import gc
import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from detector import explain, signals
from detector.document import Document
from detector.explain import Example
from detector.signals import Signal
from detector.tables import Tables
from detector.verdict import Evidence

NAMES = list(signals.registry())
SMALL, LARGE = 100_000, 400_000  # characters
STEEPEST = 8.0  # times the time for four times the text; linear is 4, quadratic 16

# For signals without examples.
PROSE = "The ferry was late, so we had tea on the pier. A man with two dogs told us about the storm of 1987."

every_signal = pytest.mark.parametrize("name", NAMES)


def examples() -> Iterator[object]:
    for name in NAMES:
        with contextlib.suppress(ValueError):  # `test_is_documented` says what is wrong
            for number, example in enumerate(explain.page(name).examples):
                yield pytest.param(name, example, id=f"{name}-{example.kind}-{number}")


def trained(name: str) -> frozenset[str]:
    """The tables of the model that a signal cannot do without."""
    return frozenset(getattr(signals.registry()[name], "TABLES", ()))


def check(evidence: Evidence, document: Document) -> None:
    assert math.isfinite(evidence.value)
    assert evidence.value >= 0
    for span in evidence.spans:
        assert 0 <= span.start < span.end <= len(document.text)


@every_signal
def test_is_documented(name: str) -> None:
    page = explain.page(name)
    assert page.summary.endswith(".")
    for heading, body in page.sections.items():
        assert body, heading
    if not trained(name):
        assert {e.kind for e in page.examples} == {"fires", "quiet"}, "both sections need an example"
    assert page.kind in ("place", "habit", "trust", "description")
    assert signals.registry()[name].SAYS.endswith(".")


@pytest.mark.parametrize(("name", "example"), list(examples()))
def test_example(name: str, example: Example, tables: Tables) -> None:
    if missing := trained(name) - tables.arrays.keys():
        pytest.skip(f"the model has no {', '.join(sorted(missing))}")
    document = Document.from_text(example.text)
    evidence = signals.registry()[name].measure(document, tables)
    check(evidence, document)
    found = sorted(document.text[s.start : s.end] for s in evidence.spans)
    assert found == sorted(document.text[start:end] for start, end in example.spans)
    assert sorted((s.start, s.end) for s in evidence.spans) == sorted(example.spans)
    if example.kind == "quiet":
        assert evidence.value == 0
    elif signals.registry()[name].KIND != "description":
        assert evidence.value > 0


@every_signal
@pytest.mark.parametrize("text", ["", "word", "Word.\n", "\n\n", "0", "…"])
def test_next_to_nothing(name: str, text: str, tables: Tables) -> None:
    document = Document.from_text(text)
    check(signals.registry()[name].measure(document, tables), document)


@every_signal
def test_the_same_text_gives_the_same_evidence(name: str, tables: Tables) -> None:
    for example in explain.page(name).examples:
        first, second = (
            signals.registry()[name].measure(Document.from_text(example.text), tables) for _ in range(2)
        )
        assert first == second


@every_signal
def test_time_is_linear(name: str, tables: Tables) -> None:
    text = "\n\n".join(example.text for example in explain.page(name).examples) or PROSE
    small = large = math.inf
    with threadpool_limits(1):  # threads that wait for a busy core take CPU time as well
        for _ in range(3):  # in turn, so that a slow moment of the machine slows both
            small = min(small, _seconds(signals.registry()[name], text, SMALL, tables))
            large = min(large, _seconds(signals.registry()[name], text, LARGE, tables))
    assert large < STEEPEST * max(small, 0.002), f"{small:.4f} s for 100 kB, {large:.4f} s for 400 kB"


def _seconds(signal: Signal, text: str, size: int, tables: Tables) -> float:
    """CPU time on the text repeated to `size` characters, without what all signals share."""
    document = Document.from_text(f"{text}\n\n" * (size // len(text) + 1))
    _ = document.tokens, document.sentences, document.block_tokens, document.quoted
    gc.collect()
    started = time.process_time()
    signal.measure(document, tables)
    return time.process_time() - started


def test_the_folder_is_the_registry() -> None:
    folder = Path(signals.__file__).parent
    files = {p.stem for p in folder.glob("*.py") if not p.stem.startswith("_")}
    assert set(signals.registry()) == files
