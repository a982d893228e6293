"""The prose as one row of word ids: where its words stand in the document, and what is counted of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import BODY, Document
from detector.signals import _reading
from detector.signals._reading import Reading, read
from detector.tables import EDGE, NUMBER, SPECIAL, UNKNOWN, Array, Tables

WORDS = ["bread", "dough", "oven", "flour", "baker"]
PIECES = [*WORDS, "zebra", "12", "Bread.", "Oven!", "\n\n", "\n\n# ", "\n- ", "\n> "]


def counted(topics: int = 4) -> Tables:
    """Tables of a few words; the last one has no topic."""
    size = SPECIAL + len(WORDS)
    vectors = np.arange((size - 1) * topics, dtype=np.int8).reshape(size - 1, topics)
    arrays: dict[str, Array] = {"word_counts": np.arange(size, dtype=np.float32), "topics": vectors}
    return Tables({w: id for id, w in enumerate(WORDS, start=SPECIAL)}, arrays)


texts = st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)


def reading_of(text: str, tables: Tables) -> tuple[Document, Reading]:
    document = Document.from_markdown(text)
    return document, read(document, tables)


def test_sentences_stand_between_edges() -> None:
    _, reading = reading_of("Bread dough. Baker 12 zebra.", counted())
    assert reading.ids.tolist() == [EDGE, 3, 4, EDGE, 7, NUMBER, UNKNOWN, EDGE]
    assert reading.token.tolist() == [-1, 0, 1, -1, 2, 3, 4, -1]


def test_no_words_are_one_edge() -> None:
    document, reading = reading_of("", counted())
    assert reading.ids.tolist() == [EDGE]
    assert reading.in_body(document).tolist() == [False]
    assert reading.topic_sums.shape == (2, 4)


@settings(deadline=None)
@given(texts)
def test_each_word_has_one_place_which_knows_its_block(text: str) -> None:
    document, reading = reading_of(text, counted())
    tokens = document.tokens
    here = reading.token >= 0
    assert reading.token[here].tolist() == list(range(len(tokens)))
    assert (reading.ids[~here] == EDGE).all()
    assert (~here).sum() == len(document.sentences) + 1
    assert reading.block[here].tolist() == tokens.block
    kinds = [document.blocks[b].kind in BODY for b in tokens.block]
    assert reading.in_body(document)[here].tolist() == kinds
    assert not reading.in_body(document)[~here].any()


@settings(deadline=None)
@given(texts)
def test_how_often_a_word_stands_on_the_page_and_elsewhere(text: str) -> None:
    _, reading = reading_of(text, counted())
    ids = reading.ids.tolist()
    times = Counter(ids)
    elsewhere = [0 if id == EDGE else times[id] - 1 for id in ids]
    assert reading.elsewhere.tolist() == elsewhere
    words = np.arange(SPECIAL + len(WORDS), dtype=np.int32)
    assert reading.times(words).tolist() == [times[id] if id >= SPECIAL else 0 for id in words.tolist()]


@pytest.mark.parametrize("topics", [3, 4])
def test_the_topic_of_a_stretch_is_the_difference_of_sums(topics: int) -> None:
    _, reading = reading_of("Bread dough oven. Baker flour zebra 12 bread.", counted(topics))
    sums = reading.topic_sums
    assert sums.shape == (len(reading) + 1, topics)
    assert sums[6] - sums[2] == pytest.approx(reading.topics[2:6].sum(axis=0))
    # what is no word, or has no topic, says nothing
    assert not reading.topics[(reading.ids < SPECIAL) | (reading.ids == SPECIAL + 4)].any()
    assert reading.topics[1].any()


def test_topics_of_a_long_page_are_those_of_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _, reading = reading_of("The cat sat on 4 mats by the sea. Then it left. " * 40, counted())
    at = np.random.default_rng(0).integers(-50, len(reading) + 50, (3, 70))
    expected = reading.until(at)
    monkeypatch.setattr(_reading, "LONG", 128)
    assert reading.until(at) == pytest.approx(expected, abs=1e-4)
    assert reading.until(np.array([0, len(reading)])) == pytest.approx(reading.topic_sums[[0, -1]], abs=1e-4)


def test_a_reading_is_made_once_for_each_model() -> None:
    document = Document.from_text("Bread dough.")
    one, other = counted(), Tables({})
    assert read(document, one) is read(document, one)
    assert read(document, other).ids.tolist() == [EDGE, UNKNOWN, UNKNOWN, EDGE]
