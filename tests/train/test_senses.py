"""Word vectors and classes on a small made-up language, where it is known which words are used alike."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from detector.tables import SPECIAL, Array, Floats
from detector.train import english, senses
from detector.train.english import English

ANIMALS = "cat dog horse goat".split()
FOODS = "bread cheese soup apple".split()
COMMON = 130  # words that stand anywhere, as function words do


def language(seed: int) -> str:
    rng = random.Random(seed)
    filler = [f"w{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(COMMON)]
    lines = []
    for _ in range(700):
        lines.append(f"the {rng.choice(ANIMALS)} runs over {rng.choice(filler)} {rng.choice(filler)}.")
        lines.append(f"we eat {rng.choice(FOODS)} with {rng.choice(filler)} {rng.choice(filler)}.")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def counted() -> English:
    return english.count({"a/b": [language(1)]}, floor=1.0)


@pytest.fixture(scope="module")
def small() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(senses, "CONTEXTS", 150)
        patch.setattr(senses, "CLASSES", 60)
        yield


@pytest.fixture(scope="module")
def wide(counted: English, small: None) -> Floats:
    return senses.vectors(list(counted.sources), SPECIAL + len(counted.vocabulary))


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


def test_the_same_text_gives_the_same_numbers(counted: English, wide: Floats) -> None:
    again = senses.vectors(list(counted.sources), SPECIAL + len(counted.vocabulary))
    assert (again == wide).all()
    first, second = (senses.topics(list(counted.sources), len(wide)) for _ in range(2))
    assert (first == second).all()


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


def test_stand_ins_are_known_words_and_never_the_word_itself(
    counted: English, wide: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senses, "wordnet", lambda vocabulary: {})
    table = senses.stand_ins(counted, *senses.neighbours(wide, 24))
    size = SPECIAL + len(counted.vocabulary)
    assert table.shape == (size, senses.STAND_INS)
    assert not (table[SPECIAL:] == np.arange(SPECIAL, size)[:, None]).any()
    assert table.max() < size
    dog = table[counted.vocabulary["dog"]]
    assert {counted.vocabulary[w] for w in ("cat", "horse", "goat")} <= set(dog.tolist())


def test_wordnet_where_it_is_not_installed(tmp_path: Path) -> None:
    assert senses.wordnet({"cat": 3}, tmp_path) == {}


def test_words_of_one_synset_can_stand_for_one_another(tmp_path: Path) -> None:
    for part in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"data.{part}").write_text("  1 a licence\n", "latin-1")
    row = "00001740 03 n 03 car 0 auto 0 motor_car 0 000 | a vehicle\n"
    (tmp_path / "data.noun").write_text("  1 a licence\n" + row, "latin-1")
    assert senses.wordnet({"car": 3, "auto": 4, "tree": 5}, tmp_path) == {3: [4], 4: [3]}
