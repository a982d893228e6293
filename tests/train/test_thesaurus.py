"""Thesauri of a few lines: which words they let stand for which, in which form, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.errors import SourceError
from detector.tables import SPECIAL, Ids
from detector.train import thesaurus
from detector.train.thesaurus import Thesauri

LICENCE = "  1 Whoever has a copy may make another.  \n"
# Words of a sense and what it points to (kind, sense, part of speech), by number; laid out as WordNet's files are.
Sense = tuple[Sequence[str], Sequence[tuple[str, int, str]]]
SENSES: Mapping[str, tuple[str, Mapping[int, Sense]]] = {
    "noun": (
        "n",
        {
            1: (("boat",), [("~", 2, "n"), ("!", 3, "n"), ("+", 1, "v")]),
            2: (("ferry", "Ferryboat", "car_ferry"), [("@", 1, "n")]),
            3: (("island", "isle"), []),
            4: (("knife", "blade"), []),
            5: (("child", "kid"), []),
        },
    ),
    "verb": (
        "v",
        {
            1: (("halt", "stop"), [("$", 2, "v")]),
            2: (("rest", "pause"), []),
            3: (("carry", "convey"), []),
            4: (("take", "grab"), []),
        },
    ),
    "adj": (
        "a",
        {1: (("big", "large"), [("&", 2, "a")]), 2: (("vast(a)", "huge"), [("&", 1, "a")])},
    ),
    "adv": ("r", {1: (("fast", "quickly"), [])}),
}
IRREGULAR = {
    "noun": "knives knife\nchildren child\n",
    "verb": "taken take\ntaking take\ntook take\n",
    "adj": "biggest big\n",
    "adv": "",
}
MOBY = "boat,vessel,skiff\nhalt,standstill\nsoup,Broth, potage\n"


def write_wordnet(folder: Path) -> Path:
    """The database files of a WordNet of a dozen senses."""
    folder.mkdir()
    for name, (part, senses) in SENSES.items():
        data, words = [LICENCE], set[str]()
        for number, (members, pointers) in senses.items():
            # a satellite of an adjective has a letter of its own
            own = "s" if name == "adj" and number > 1 else part
            inside = " ".join(f"{word} 0" for word in members)
            to = "".join(f"{kind} {other:08} {of} 0000 " for kind, other, of in pointers)
            frames = "01 + 08 00 " if part == "v" else ""
            row = (
                f"{number:08} 03 {own} {len(members):02x} {inside} {len(pointers):03} {to}{frames}| said so\n"
            )
            data.append(row)
            words.update(w.split("(")[0].lower() for w in members)
        rows = [f"{w} {part} 1 0 1 0 00000001  \n" for w in sorted(words)]
        (folder / f"data.{name}").write_text("".join(data), "latin-1")
        (folder / f"index.{name}").write_text("".join([LICENCE, *rows]), "latin-1")
        (folder / f"{name}.exc").write_text(IRREGULAR[name], "latin-1")
    return folder


@pytest.fixture
def moby(tmp_path: Path) -> Path:
    file = tmp_path / "moby.txt"
    file.write_text(MOBY, "latin-1")
    return file


@pytest.fixture
def both(tmp_path: Path, moby: Path) -> Thesauri:
    return thesaurus.read(moby, write_wordnet(tmp_path / "wordnet"))


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    return tmp_path / "nowhere"


Ask = Callable[[str, str, Collection[str]], set[str]]


@pytest.fixture
def stands_for(both: Thesauri) -> Ask:
    """The words, among those given, that a kind of relation offers for a word."""

    def ask(kind: str, word: str, others: Collection[str]) -> set[str]:
        words = sorted({word, *others})
        found = both.related({w: k for k, w in enumerate(words, start=SPECIAL)})[kind]
        return {words[id - SPECIAL] for id in found.get(words.index(word) + SPECIAL, ())}

    return ask


# --- what is at hand -------------------------------------------------------------------------------------------------


def test_what_is_at_hand_is_named(both: Thesauri, moby: Path, nowhere: Path) -> None:
    assert both.resources == ("wordnet", "moby")
    assert thesaurus.read(moby, nowhere).resources == ("moby",)
    assert thesaurus.read(None, nowhere).resources == ()


def test_without_a_thesaurus_nothing_is_known(nowhere: Path) -> None:
    none = thesaurus.read(None, nowhere)
    assert "boat" not in none
    assert none.related({"boat": 3, "ferry": 4}) == {"synonyms": {}, "kin": {}, "listed": {}}
    assert "boat" not in Thesauri()


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, nowhere: Path, name: str) -> None:
    with pytest.raises(SourceError, match="cannot be read") as caught:
        thesaurus.read(tmp_path / name, nowhere)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "word", ["boat", "ferries", "knives", "stopped", "vessel", "skiff", "broth", "biggest"]
)
def test_a_word_is_known_in_any_form_and_on_either_side_of_a_list(both: Thesauri, word: str) -> None:
    assert word in both


@pytest.mark.parametrize("word", ["harbour", "Whoever", "1", "", "s", "ing", 7])
def test_other_words_are_not_known(both: Thesauri, word: object) -> None:
    assert word not in both


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "analysis"),
    [
        ("boat", ("boat", "n", "")),
        ("boats", ("boat", "n", "s")),
        ("ferries", ("ferry", "n", "s")),
        ("knives", ("knife", "n", "s")),
        ("children", ("child", "n", "s")),
        ("stops", ("stop", "v", "s")),
        ("stopping", ("stop", "v", "ing")),
        ("stopped", ("stop", "v", "ed")),
        ("paused", ("pause", "v", "ed")),
        ("carries", ("carry", "v", "s")),
        ("carried", ("carry", "v", "ed")),
        ("took", ("take", "v", "ed")),
        ("taking", ("take", "v", "ing")),
        ("larger", ("large", "a", "er")),
        ("bigger", ("big", "a", "er")),
        ("biggest", ("big", "a", "est")),
        ("quickly", ("quickly", "r", "")),
    ],
)
def test_an_inflected_word_leads_to_its_base_form(
    both: Thesauri, word: str, analysis: tuple[str, str, str]
) -> None:
    assert analysis in set(both.analyses(word))


@given(st.text(alphabet="abdeginoprst", max_size=9))
def test_a_base_form_is_always_one_that_the_thesaurus_has(word: str) -> None:
    lemmas = {"n": {"boat", "ass"}, "v": {"stop", "trade"}, "a": {"big"}, "r": {"so"}}
    for base, part, _ in Thesauri(lemmas, {"dosed": [("so", "r")]}).analyses(word):
        assert base in lemmas[part]


@pytest.mark.parametrize(
    ("kind", "word", "others", "expected"),
    [
        ("synonyms", "island", {"isle", "isles", "boat"}, {"isle"}),
        ("synonyms", "islands", {"isle", "isles"}, {"isles"}),
        ("synonyms", "knives", {"blade", "blades"}, {"blades"}),
        ("synonyms", "took", {"grab", "grabbed", "grabbing"}, {"grabbed"}),
        ("synonyms", "carries", {"convey", "conveys"}, {"conveys"}),
        ("synonyms", "bigger", {"large", "larger", "largest"}, {"larger"}),
        ("synonyms", "fast", {"quickly", "huge"}, {"quickly"}),
        ("kin", "boats", {"ferry", "ferries", "island", "islands"}, {"ferries"}),
        ("kin", "stopped", {"rested", "resting", "halted"}, {"rested"}),
        ("kin", "large", {"vast", "huge"}, {"vast", "huge"}),
        ("kin", "huge", {"big", "vast"}, {"big"}),
        ("listed", "boats", {"ferries", "boat"}, set()),
        ("listed", "boat", {"vessel", "skiff", "standstill"}, {"vessel", "skiff"}),
        ("listed", "vessel", {"boat", "skiff"}, {"boat"}),
        ("listed", "broth", {"soup", "potage"}, {"soup"}),
    ],
)
def test_words_stand_for_one_another_in_the_same_form(
    stands_for: Ask, kind: str, word: str, others: set[str], expected: set[str]
) -> None:
    assert stands_for(kind, word, others) == expected


def test_an_opposite_or_another_part_of_speech_is_no_kin(stands_for: Ask) -> None:
    assert stands_for("kin", "boat", {"island", "halt", "ferry"}) == {"ferry"}


def test_only_words_of_the_vocabulary_are_offered_each_once_and_never_for_themselves(both: Thesauri) -> None:
    vocabulary = {"boat": 5, "vessel": 3, "ferry": 9, "ferryboat": 4, "halt": 7}
    for table in both.related(vocabulary).values():
        for id, others in table.items():
            assert id not in others
            assert sorted(set(others.tolist())) == others.tolist()
            assert {id, *others.tolist()} <= set(vocabulary.values())
    assert both.related(vocabulary)["synonyms"][9].tolist() == [4]


def test_without_wordnet_the_endings_of_listed_words_are_known_all_the_same(
    moby: Path, nowhere: Path
) -> None:
    moby.write_text("boat,vessel\nvessel,jug\n", "latin-1")
    alone = thesaurus.read(moby, nowhere)
    assert alone.related({"boats": 3, "vessels": 4, "vessel": 5})["listed"] == {3: [4], 4: [3]}


# --- the likeliest ones ----------------------------------------------------------------------------------------------

A, B, C, D, E, F = range(SPECIAL, SPECIAL + 6)
NO_NEAR = np.zeros((0, 0), dtype=np.int32)
NO_VECTORS = np.zeros((0, 2), dtype=np.float32)
COUNTS = np.full(SPECIAL + 6, 100.0, dtype=np.float32)


def ids(*found: int) -> Ids:
    return np.array(found, dtype=np.int32)


def best(row: np.ndarray) -> list[int]:
    return [id for id in row.tolist() if id]


def test_a_synonym_comes_before_a_listed_word_before_kin_and_two_votes_before_one() -> None:
    related = {"synonyms": {A: ids(B, C)}, "listed": {A: ids(B, D)}, "kin": {A: ids(E)}}
    table = thesaurus.nearest(related, NO_NEAR, NO_VECTORS, COUNTS, 6)
    assert best(table[A]) == [B, C, D, E]
    assert not table[B:].any()
    assert not table[:SPECIAL].any()


def test_only_the_best_are_kept() -> None:
    related = {"synonyms": {A: ids(B)}, "kin": {A: ids(C, D)}}
    table = thesaurus.nearest(related, NO_NEAR, NO_VECTORS, COUNTS, 2)
    assert table.shape == (len(COUNTS), 2)
    assert best(table[A]) == [B, C], "the rest goes by id"


def test_of_two_synonyms_the_usual_word_is_the_likelier() -> None:
    counts = COUNTS.copy()
    counts[B], counts[C] = 10, 10_000
    table = thesaurus.nearest({"synonyms": {A: ids(B, C)}}, NO_NEAR, NO_VECTORS, counts, 4)
    assert best(table[A]) == [C, B]


def test_words_used_alike_are_the_likelier_and_count_without_any_thesaurus() -> None:
    vectors = np.zeros((len(COUNTS), 2), dtype=np.float32)
    vectors[A], vectors[C], vectors[D] = (1, 0), (0.8, 0.6), (0, 1)
    near = np.zeros((len(COUNTS), 1), dtype=np.int32)
    near[A], near[D] = C, B
    table = thesaurus.nearest({"synonyms": {A: ids(D)}}, near, vectors, COUNTS, 4)
    assert best(table[A]) == [C, D]
    assert best(table[D]) == [B]


def test_words_too_rare_for_a_vector_are_weighed_by_the_thesaurus_alone() -> None:
    vectors = np.zeros((B + 1, 2), dtype=np.float32)
    vectors[A], vectors[B] = (1, 0), (1, 0)
    related = {"synonyms": {F: ids(A, E), A: ids(F, B)}}
    table = thesaurus.nearest(related, np.zeros((B + 1, 0), dtype=np.int32), vectors, COUNTS, 4)
    assert best(table[F]) == [A, E]
    assert best(table[A]) == [B, F]
