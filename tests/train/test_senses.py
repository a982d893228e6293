"""Word vectors, classes and places on a small made-up language, where it is known which words are used alike."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from detector.document import Document
from detector.signals import _reading
from detector.signals._reading import BESIDE
from detector.tables import EDGE, SPECIAL, UNKNOWN, Array, Floats, Tables
from detector.train import english, senses
from detector.train.english import English
from detector.train.senses import Factors

ANIMALS = "cat dog horse goat".split()
FOODS = "bread cheese soup apple".split()
COMMON = 130  # words that stand anywhere, as function words do


def language(seed: int, common: int = COMMON) -> str:
    rng = random.Random(seed)
    filler = [f"w{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(common)]
    lines = []
    for _ in range(700):
        lines.append(f"the {rng.choice(ANIMALS)} runs over {rng.choice(filler)} {rng.choice(filler)}.")
        lines.append(f"we eat {rng.choice(FOODS)} with {rng.choice(filler)} {rng.choice(filler)}.")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def counted() -> English:
    return english.count({"a/b": [language(1)]}, floor=1.0)


@pytest.fixture(scope="module")
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(senses, "CONTEXTS", 150)
        patch.setattr(senses, "CLASSES", 60)
        yield


@pytest.fixture(scope="module")
def factors(counted: English, small: None) -> Factors:
    return senses.factors(list(counted.sources), SPECIAL + len(counted.vocabulary))


@pytest.fixture(scope="module")
def wide(factors: Factors) -> Floats:
    return factors.vectors


def test_words_used_alike_are_neighbours(counted: English, wide: Floats) -> None:
    near, cosine = senses.neighbours(wide, 3)
    words = [""] * SPECIAL + list(counted.vocabulary)
    for group in (ANIMALS, FOODS):
        for word in group:
            found = [words[id] for id in near[counted.vocabulary[word]]]
            assert set(found) == set(group) - {word}
    assert (np.diff(cosine, axis=1) <= 0).all(), "nearest first"


def test_vectors_have_length_one_and_no_word_is_its_own_neighbour(wide: Floats) -> None:
    length = np.linalg.norm(wide[SPECIAL:], axis=1)
    assert np.all((np.abs(length - 1) < 1e-3) | (length < 1e-3))
    near, _ = senses.neighbours(wide, 5)
    assert not (near == np.arange(len(near))[:, None]).any()


def test_more_neighbours_than_words_are_not_asked_for(wide: Floats) -> None:
    near, _ = senses.neighbours(wide[:8], 24)
    assert near.shape == (8, 7)


@pytest.mark.parametrize("text", ["", "Dog.", "Dog runs.", "Dog runs far."])
def test_a_source_of_a_few_words_is_no_obstacle(text: str) -> None:
    counted = english.count({"a/b": [language(2, 12)], "c/d": [text]}, floor=1.0)
    found = senses.factors(list(counted.sources), SPECIAL + len(counted.vocabulary))
    assert np.isfinite(found.vectors).all()


@pytest.fixture(scope="module")
def classes(counted: English, wide: Floats) -> dict[str, Array]:
    return senses.classes(wide, counted, list(counted.sources))


def test_words_used_alike_share_a_class_and_classes_know_what_follows(
    counted: English, classes: dict[str, Array]
) -> None:
    of_word = classes["classes"]
    # the commonest words are classes of their own; foods and animals are no commoner than that here
    the, we, eat = (of_word[counted.vocabulary[w]] for w in ("the", "we", "eat"))
    assert len({the, we, eat}) == 3
    joins = classes["class_joins"].astype(np.float32)
    assert joins[we, eat] > 2
    assert joins[eat, we] < 0
    assert np.isfinite(joins).all()
    assert of_word[0] == 0
    assert of_word.max() < senses.CLASSES


def test_classes_are_the_same_every_time(counted: English, wide: Floats, classes: dict[str, Array]) -> None:
    again = senses.classes(wide, counted, list(counted.sources))
    for name, array in classes.items():
        assert (array == again[name]).all(), name


# --- how well a word fits its place ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few() -> tuple[English, Factors]:
    """A language of so few words that nothing is lost in its factors."""
    counted = english.count({"a/b": [language(2, 12)]}, floor=1.0)
    return counted, senses.factors(list(counted.sources), SPECIAL + len(counted.vocabulary))


@pytest.fixture(scope="module")
def tables(few: tuple[English, Factors]) -> Tables:
    counted, found = few
    return Tables(counted.vocabulary, {**counted.without(()), **found.tables()})


def test_the_same_text_gives_the_same_numbers(few: tuple[English, Factors], counted: English) -> None:
    found = few[1]
    again = senses.factors(list(few[0].sources), len(found.words))
    assert (again.vectors == found.vectors).all()
    for name, array in found.tables().items():
        assert (array == again.tables()[name]).all(), name
    first, second = (senses.topics(list(counted.sources), 140) for _ in range(2))
    assert (first == second).all()


def fits(sentence: str, at: str, words: list[str], tables: Tables) -> list[float]:
    """How well each of the words fits where `at` stands."""
    reading = _reading.read(Document.from_text(sentence), tables)
    place = np.flatnonzero(reading.ids == tables.vocabulary[at])[:1]
    return reading.place_fit(tables.ids(words)[None, :], place)[0].tolist()


def test_a_word_fits_where_words_used_alike_stand(tables: Tables) -> None:
    dog, bread = fits("The cat runs over waa wab.", "cat", ["dog", "bread"], tables)
    assert dog > 2 > 0.5 > bread
    dog, bread = fits("We eat soup with waa wab.", "soup", ["dog", "bread"], tables)
    assert bread > 2 > 0.5 > dog


def test_a_word_fits_neighbours_that_it_was_never_seen_with() -> None:
    # "goat" runs, as cats do, and is never said to sleep
    texts = [
        "The cat runs far. The cat sleeps well. The dog runs far. The dog sleeps well.",
        "The goat runs far.",
    ]
    texts += ["We eat bread now. We eat soup now. We have eaten."]
    counted = english.count({"a/b": texts * 20}, floor=1.0)
    found = senses.factors(list(counted.sources), SPECIAL + len(counted.vocabulary))
    tables = Tables(counted.vocabulary, {**counted.without(()), **found.tables(2)})
    goat, soup = fits("The cat sleeps well.", "cat", ["goat", "soup"], tables)
    assert goat > soup + 1


def test_fit_is_what_the_factors_say_up_to_rounding(few: tuple[English, Factors], tables: Tables) -> None:
    factors = few[1]
    reading = _reading.read(Document.from_text("We eat bread with waa wab. The dog runs over wac."), tables)
    width = factors.tables()["place_words"].shape[1]
    words, contexts = factors.words[:, :width], factors.contexts[:, :width].reshape(len(BESIDE), -1, width)
    at = np.flatnonzero(reading.ids >= SPECIAL)
    own = reading.ids[at]
    found = reading.place_fit(np.stack([own, own[::-1]], axis=1), at)
    assert found.shape == (len(at), 2)
    for place, row, pair in zip(at, found, zip(own, own[::-1], strict=True), strict=True):
        # beyond the ends of the page there are more edges of sentences
        beside = reading.ids[np.clip(place + np.array(BESIDE), 0, len(reading) - 1)]
        around = contexts[np.arange(len(BESIDE)), beside].sum(axis=0)
        assert row == pytest.approx([float(words[id] @ around) for id in pair], abs=0.15)


def test_of_unknown_words_and_neighbours_nothing_is_said(tables: Tables) -> None:
    cut = Tables(tables.vocabulary, {**tables.arrays, "place_words": tables.arrays["place_words"][:20]})
    reading = _reading.read(Document.from_text("We eat bread with waa wab."), cut)
    at, last = np.array([3]), SPECIAL + len(cut.vocabulary) - 1
    # the last word is too rare for a row of its own
    assert reading.place_fit(np.array([[UNKNOWN, last]], dtype=np.int32), at).tolist() == [[0, 0]]
    strange = _reading.read(Document.from_text("Zz yy xx vv uu."), cut)
    assert strange.place_fit(cut.ids(["bread"])[:, None], at).tolist() == [[0]]


def test_the_ends_of_a_page_are_places_too(tables: Tables) -> None:
    reading = _reading.read(Document.from_text("Dog."), tables)
    assert reading.ids.tolist() == [EDGE, tables.vocabulary["dog"], EDGE]
    assert np.isfinite(reading.place_fit(reading.ids[:, None], np.arange(3))).all()


# --- stand-ins -------------------------------------------------------------------------------------------------------


def test_a_word_that_may_stand_for_many_says_little_for_each() -> None:
    often, first, second, never = range(SPECIAL, SPECIAL + 4)
    found = np.zeros((SPECIAL + 4, 3), dtype=np.uint16)
    found[first, 0] = found[second, 0] = found[never, 0] = often
    counts = np.full(SPECIAL + 4, 100.0, dtype=np.float32)
    tables = senses.stand_ins(counts, found)
    assert (tables["stand_ins"] == found).all()
    spread = tables["stand_in_spread"]
    assert spread[often] == pytest.approx(np.log2(3), abs=0.01)
    assert spread[first] == spread[never] == 0, "no word is likelier for standing for nothing"
    assert not spread[:SPECIAL].any(), "an empty place is no word"


def test_rare_words_that_stand_for_usual_ones_are_what_a_program_writes() -> None:
    usual, rare, alone = range(SPECIAL, SPECIAL + 3)
    found = np.zeros((SPECIAL + 3, 2), dtype=np.uint16)
    found[rare, 0], found[usual, 0] = usual, rare
    counts = np.array([5000, 5000, 5000, 4095, 3, 15], dtype=np.float32)
    prior = senses.stand_ins(counts, found)["stand_in_prior"].astype(float)
    assert prior[rare] == pytest.approx(12 - 2, abs=0.01)
    assert prior[usual] == pytest.approx(2 - 12, abs=0.01)
    assert prior[alone] == pytest.approx(-4, abs=0.01), "a program never writes it"
    assert np.isfinite(prior).all()


def test_words_never_counted_give_finite_numbers() -> None:
    found = np.full((SPECIAL + 2, 2), SPECIAL, dtype=np.uint16)
    for array in senses.stand_ins(np.zeros(SPECIAL + 2, dtype=np.float32), found).values():
        assert np.isfinite(array).all()
