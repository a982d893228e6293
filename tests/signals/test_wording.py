"""Learned wording: one page leans to one side only, by its densest stretch, and without a model to none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals import _wording, wording_honest, wording_spam
from detector.signals._reading import read
from detector.tables import SPECIAL, Tables

HONEST = (
    "We measured the wound every Tuesday for twelve weeks. Of the 41 patients nine dropped out, two of them because of"
    " pain. The nurse changed the dressing on alternate days and wrote down its colour and smell. I was surprised how"
    " little the size told us in the first month; in the second it fell by a third."
)
SPAM = (
    "Look no further than our amazing range! Discover the best ways to unlock your full potential now. Whether you are"
    " a beginner or an expert, there is something for everyone. In today's fast-paced world, it is important to take"
    " care of yourself, and these incredible tips will help you to achieve your goals in no time."
)
WORDS = "we measured the wound every discover amazing best tips".split()


def tiny(bias: float = 0.0) -> Tables:
    """Tables in which a few words lean to one side, the words "discover amazing best tips" to spam."""
    vocabulary = {w: k for k, w in enumerate(WORDS, start=SPECIAL)}
    size = SPECIAL + len(vocabulary)
    tables = Tables(vocabulary, {"wording_mask": np.arange(size, dtype=np.uint16)})
    weights = np.zeros(_wording.BUCKETS, dtype=np.float16)
    for word in WORDS:
        column = _wording.columns(read(Document.from_text(word), tables))[1, 0]
        weights[column] = 1 if word in WORDS[5:] else -1
    arrays = {**tables.arrays, "wording_weights": weights, "wording_bias": np.array([bias], dtype=np.float32)}
    return Tables(vocabulary, arrays)


def both(text: str, tables: Tables) -> tuple[float, float]:
    document = Document.from_text(text)
    return wording_spam.measure(document, tables).value, wording_honest.measure(document, tables).value


def test_without_trained_tables_nothing_is_seen() -> None:
    assert both(SPAM, Tables({})) == (0, 0)
    assert both(HONEST, Tables({})) == (0, 0)


def test_the_side_that_the_words_lean_to() -> None:
    spam, honest = both("discover amazing best tips. " * 10, tiny())
    assert spam > 0 == honest
    spam, honest = both("we measured the wound every. " * 10, tiny())
    assert honest > 0 == spam


def test_a_spammy_stretch_is_not_diluted_by_honest_text_around_it() -> None:
    stretch = "discover amazing best tips. " * 80
    alone = both(stretch, tiny())[0]
    hidden = both(
        "we measured the wound every. " * 400 + stretch + "we measured the wound every. " * 400, tiny()
    )[0]
    assert hidden == pytest.approx(alone, rel=0.05)


def test_spans_show_words_of_the_side_that_won(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wording, "CONTENT", 3)  # the vocabulary is tiny
    text = "we measured the wound every day. " * 3 + "discover amazing best tips. " * 30
    spans = wording_spam.measure(Document.from_text(text), tiny()).spans
    assert spans
    assert len(spans) <= _wording.SHOWN
    for span in spans:
        assert set(text[span.start : span.end].lower().split()) & set(WORDS[5:])


def test_function_words_alone_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wording, "CONTENT", 1000)  # every word of the vocabulary is one
    evidence = wording_spam.measure(Document.from_text("discover amazing best tips. " * 30), tiny())
    assert evidence.value > 0
    assert evidence.spans == ()


def test_a_page_of_a_few_words_has_no_wording() -> None:
    assert both("discover amazing best tips", tiny()) == (0, 0)


def test_the_current_model_leans_the_right_way(tables: Tables) -> None:
    if missing := set(wording_spam.TABLES) - tables.arrays.keys():
        pytest.skip(f"the current model has no {', '.join(sorted(missing))}")
    spam, honest = both(SPAM, tables), both(HONEST, tables)
    assert spam[0] - spam[1] > honest[0] - honest[1]
    assert min(spam) == min(honest) == 0


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*WORDS, "zebra", "\n\n", "7", "😀", "Discover", "."]), max_size=400))
def test_one_side_at_most_speaks_and_offsets_are_valid(words: list[str]) -> None:
    document = Document.from_text(" ".join(words))
    tables = tiny(0.1)
    found = [s.measure(document, tables) for s in (wording_spam, wording_honest)]
    assert min(e.value for e in found) == 0
    for evidence in found:
        assert math.isfinite(evidence.value)
        assert evidence.value >= 0
        for span in evidence.spans:
            assert 0 <= span.start < span.end <= len(document.text)
