"""Counts of plain English. What is left out is really left out: a page must not vouch for its own words."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest

from detector.tables import EDGE, NUMBER, SPECIAL, UNKNOWN, CountTable, Tables, pack
from detector.train import english
from detector.train.english import English, encode, split_words

TEXTS = {
    "a/one": ["The cat sat. The cat sat on the mat.", "The dog saw the cat in 1999."],
    "b/two": ["A zebra ran far. A zebra ran far. A zebra ran far away from Oslo.", "We saw Oslo."],
}


@pytest.fixture(scope="module")
def counted() -> English:
    return english.count(TEXTS, floor=1.0)


def tables(counted: English, *left_out: str) -> Tables:
    return Tables(counted.vocabulary, counted.without(left_out))


def count_of(tables: Tables, phrase: str) -> float:
    """How often words stand together: "." is the edge of a sentence."""
    row = encode(phrase.split(), tables.vocabulary)
    if len(row) == 1:
        return float(tables.word_counts[row[0]])
    table: CountTable = tables.pairs if len(row) == 2 else tables.triples
    return float(table[pack(*(row[k : k + 1] for k in range(len(row))))][0])


def test_the_commonest_word_comes_first_and_ties_go_by_alphabet(counted: English) -> None:
    words = list(counted.vocabulary)
    assert words[0] == "the"
    assert list(counted.vocabulary.values()) == list(range(SPECIAL, SPECIAL + len(words)))
    counts = tables(counted).word_counts[SPECIAL:]
    assert (np.diff(counts) <= 0).all()
    ranked = sorted(zip(-counts, words, strict=True))
    assert [w for _, w in ranked] == words


def test_rare_words_and_numbers_get_no_id() -> None:
    counted = english.count(TEXTS, floor=3.0)
    assert "mat" not in counted.vocabulary
    assert "1999" not in counted.vocabulary
    assert "zebra" in counted.vocabulary


def test_a_rare_word_that_a_thesaurus_lists_gets_an_id_all_the_same() -> None:
    listed = {"mat", "1999", "unsaid", "dog's"}
    texts = {**TEXTS, "c/three": ["The dog's bone."]}
    counted = english.count(texts, floor=3.0, listed=listed)
    assert "mat" in counted.vocabulary
    assert not {"1999", "unsaid", "dog's", "dog"} & counted.vocabulary.keys()
    assert set(counted.vocabulary) == {*english.count(texts, floor=3.0).vocabulary, "mat"}
    assert list(counted.vocabulary)[-1] == "mat", "the commonest still come first"


def test_a_listed_word_of_a_source_with_little_weight_is_not_enough() -> None:
    name = next(iter(english.WEIGHT))
    counted = english.count({name: ["A mat."], **TEXTS}, floor=3.0, listed={"mat", "away"})
    assert counted.counts()[counted.vocabulary["mat"]] == pytest.approx(1 + english.WEIGHT[name])
    alone = english.count({name: ["A mat."], "x/y": ["A cat."]}, floor=1.0, listed={"mat"})
    assert "mat" not in alone.vocabulary


def test_a_vocabulary_keeps_the_commonest_words_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = list(english.count(TEXTS, floor=1.0).vocabulary)
    monkeypatch.setattr(english, "LARGEST", 6)
    assert list(english.count(TEXTS, floor=1.0, listed={"mat"}).vocabulary) == whole[:6]


def test_ids_of_the_largest_vocabulary_and_of_what_masks_them_fit_into_16_bits() -> None:
    assert SPECIAL + english.LARGEST + 3 <= 1 << 16


def test_counts_are_those_of_the_text(counted: English) -> None:
    every = tables(counted)
    assert count_of(every, "the") == 5
    assert count_of(every, "the cat") == pytest.approx(3, rel=0.06)
    assert count_of(every, "a zebra ran") == pytest.approx(3, rel=0.06)
    assert count_of(every, "cat the") == 0


def test_sentences_begin_and_end_at_an_edge_and_nothing_joins_across(counted: English) -> None:
    every = tables(counted)
    assert count_of(every, ". the") == pytest.approx(3, rel=0.06)
    assert count_of(every, "far .") == pytest.approx(2, rel=0.06)
    assert count_of(every, "sat the") == 0
    edge, cat = EDGE, counted.vocabulary["sat"]
    for source in counted.sources:
        row = source.ids
        assert row[0] == row[-1] == edge
        assert not ((row[1:] == edge) & (row[:-1] == edge)).any()
        assert cat in row or source.name != "a/one"


def test_pairs_and_triples_below_their_floor_are_not_kept(counted: English) -> None:
    every = tables(counted)
    assert count_of(every, "from oslo") == 0, "once is below the floor of pairs"
    assert count_of(every, "the cat sat") == 0, "twice is below the floor of triples"


@pytest.mark.parametrize(
    "phrase", ["zebra", "oslo", "a zebra", "zebra ran", "ran far", "a zebra ran", "zebra ran far"]
)
def test_a_source_left_out_leaves_nothing_of_its_own(counted: English, phrase: str) -> None:
    assert count_of(tables(counted), phrase) > 0
    assert count_of(tables(counted, "b/two"), phrase) == 0
    assert count_of(tables(counted, "a/one"), phrase) > 0


def test_what_is_left_is_the_count_of_the_others(counted: English) -> None:
    alone = english.count({"a/one": TEXTS["a/one"]}, floor=1.0)
    left = tables(counted, "b/two")
    for word in alone.vocabulary:
        assert count_of(left, word) == count_of(tables(alone), word)
    assert count_of(left, "the cat") == count_of(tables(alone), "the cat")
    # the words that nobody else has keep their id, with nothing counted
    zebra = counted.vocabulary["zebra"]
    assert left.word_counts[zebra] == 0
    assert left.rarity(["zebra"])[0] > left.rarity(["the"])[0]


def test_the_words_are_counted_alike_with_their_pairs_and_alone(counted: English) -> None:
    for left_out in ((), ("b/two",), ("a/one", "b/two")):
        words = counted.counts(left_out)
        assert words.dtype == np.float32
        assert len(words) == SPECIAL + len(counted.vocabulary)
        assert len(left_out) == 2 or (words == counted.without(left_out)["word_counts"]).all()
    assert not counted.counts(("a/one", "b/two")).any()


def test_a_pair_that_only_one_scored_source_has_is_not_known(counted: English) -> None:
    plain, wary = tables(counted), Tables(counted.vocabulary, counted.without((), {"b/two"}))
    for phrase in ("a zebra", "zebra ran", "a zebra ran"):
        assert count_of(plain, phrase) > 0
        assert count_of(wary, phrase) == 0, "said thrice, by one site that is scored itself"
    assert count_of(wary, "zebra") == count_of(plain, "zebra"), "words are counted as ever"
    assert count_of(wary, "the cat") == count_of(plain, "the cat"), "other sources vouch as ever"


def test_a_pair_of_several_scored_sources_is_known_and_counts_in_full() -> None:
    shared = {f"s/{k}": ["Peas grow well. Peas grow well."] for k in range(3)}
    counted = english.count(shared, floor=1.0)
    found = Tables(counted.vocabulary, counted.without((), shared.keys()))
    assert count_of(found, "peas grow") == pytest.approx(6, rel=0.06)
    assert count_of(found, "peas grow well") == pytest.approx(6, rel=0.06)
    two = Tables(counted.vocabulary, counted.without(("s/0",), shared.keys()))
    assert count_of(two, "peas grow") == pytest.approx(4, rel=0.06)
    assert count_of(two, "peas grow well") == 0, "two sites are below the floor of triples"


def test_a_source_with_little_weight_counts_little() -> None:
    name = next(iter(english.WEIGHT))
    counted = english.count({name: ["Peas grow."] * 10, "x/y": ["Peas rot."] * 10}, floor=1.0)
    every = tables(counted)
    assert count_of(every, "rot") == 10
    assert count_of(every, "grow") == pytest.approx(10 * english.WEIGHT[name])


def test_capitals_inside_sentences_tell_names(counted: English) -> None:
    share = counted.capital_share
    assert share[counted.vocabulary["oslo"]] == 255
    assert share[counted.vocabulary["the"]] == 0, "a capital after the end of a sentence says nothing"


def test_topic_words_come_in_bursts(counted: English) -> None:
    assert counted.burst[counted.vocabulary["zebra"]] == 3
    assert counted.burst[counted.vocabulary["oslo"]] == 1


def test_words_of_a_text() -> None:
    assert split_words("It’s 0.5 ml, isn't it?\nYes.") == [
        "It's",
        "0.5",
        "ml",
        "isn't",
        "it",
        ".",
        ".",
        "Yes",
    ]
    found = encode(["it's", ".", ".", "0.5", "who"], {"it's": 3}).tolist()
    assert found == [3, EDGE, NUMBER, UNKNOWN]


def test_sources_under_non_commercial_licences_stay_out(tmp_path: Path) -> None:
    rows = "source\tlicence\nx/free\tCC BY 4.0\nx/not\tCC BY-NC 4.0\n"
    (tmp_path / "honest_english.sources.tsv").write_text(rows, "utf-8")
    with lzma.open(tmp_path / "honest_english.txt.xz", "wt", encoding="utf-8") as file:
        file.write(
            "Peas grow in rows beside leeks. "
            + "Peas grow in rows. " * 9
            + "\n\n"
            + "Beans climb up poles. " * 10
        )
    assert "beans" not in english.read(tmp_path).vocabulary
    assert {"peas", "beans"} <= english.read(tmp_path, non_commercial=True).vocabulary.keys()
    assert "leeks" not in english.read(tmp_path).vocabulary
    assert "leeks" in english.read(tmp_path, listed={"leeks"}).vocabulary
