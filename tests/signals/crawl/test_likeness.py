"""How two pages resemble each other, and what is shown of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.audit.sketch import sketch
from detector.document import Document
from detector.signals.crawl._likeness import FEW, Likeness, Page, alike, likeness, opcodes
from detector.signals.crawl._places import SHOWN, Pair
from detector.tables import Tables
from detector.verdict import ModelId, Thresholds, Verdict

NO_VERDICT = Verdict(
    "x", None, None, "publish", 0.1, 0.0, (), 100, "en", ModelId("m", "1", "0"), Thresholds(0.5, 0.8), None
)
ARTICLE = """A cast iron pan endures for generations when you dry it after every wash. My aunt bought hers long ago
and fries pancakes in it each Sunday before church. She rubs it with a drop of oil while the metal is
still warm. New pans come with a coat that must be baked for an hour. Tomatoes attack the seasoning, so
simmer your ragout in enamel."""
SPUN = """A cast iron pan survives for generations when you wipe it after any wash. My aunt acquired hers long ago
and cooks pancakes in it every Sunday before church. She smears it with a bead of oil while the metal is
yet warm. New pans arrive with a coat that has to be baked for sixty minutes. Tomatoes harm the
seasoning, so stew your ragout in enamel."""
OTHER = """The barn owl hunts by ear along the hedges of our valley and stays inside when rain falls. Its feathers
are soft and soak within minutes. Farmers put boxes under the roof, because old barns are sold and
turned into flats."""


def page(text: str, tables: Tables) -> Page:
    found = sketch(Document.from_text(text), tables, NO_VERDICT)
    columns = zip(found.starts, found.ends, found.words, found.exact, found.masked, strict=True)
    names = ("begins", "ends", "words", "exact", "masked")
    return Page(text, [dict(zip(names, map(int, values), strict=True)) for values in columns])


def like(one: str, other: str, tables: Tables) -> Likeness:
    return likeness(page(one, tables), page(other, tables))


WORDS = st.sampled_from(
    "the pan a of warm oil She iron rubs 7 Leeds over every morning coat . ! \n\n".split(" ")
)
TEXTS = st.lists(WORDS, max_size=80).map(" ".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_likeness_of_any_two_texts(tables: Tables, one: str, other: str) -> None:
    there, back = like(one, other, tables), like(other, one, tables)
    assert there.jaccard == back.jaccard
    assert there.rest == back.rest
    for found in (there, back):
        for value in (found.jaccard, found.rest, found.retold, found.repeated, found.level):
            assert 0 <= value <= 1
        assert found.swaps >= 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_places_of_any_two_texts(tables: Tables, one: str, other: str) -> None:
    pair = Pair(page(one, tables), page(other, tables))
    for place in (*pair.copied_places(), *pair.retold_places("{here} {there}")):
        assert 0 <= place.begins < place.ends <= len(one)
        assert 0 <= place.there_begins < place.there_ends <= len(other)
    for slot in pair.slots(context=True):
        assert other[slot.at :].split()[0].startswith(slot.there.split()[0])
    for difference in pair.differences():
        assert difference.same or difference.left != difference.right


def test_a_text_and_itself(tables: Tables) -> None:
    found = like(ARTICLE, ARTICLE, tables)
    assert (found.jaccard, found.rest, found.retold, found.swaps) == (1, 0, 0, 0)


def test_exchanged_words_are_told_again(tables: Tables) -> None:
    found = like(ARTICLE, SPUN, tables)
    assert found.jaccard < 0.5
    assert found.rest > 0.9
    assert found.retold > 0.9
    assert found.level > 0.9
    assert found.swaps >= 10
    assert found.repeated == 0


def test_the_order_of_the_sentences_does_not_matter(tables: Tables) -> None:
    turned = " ".join(f"{s.strip()}." for s in reversed(SPUN.replace("\n", " ").rstrip(".").split(". ")))
    assert like(ARTICLE, turned, tables).retold > 0.9


def test_texts_on_other_things_share_nothing(tables: Tables) -> None:
    found = like(ARTICLE, OTHER, tables)
    assert (found.jaccard, found.retold, found.swaps) == (0, 0, 0)


def test_the_same_exchange_again_and_again_is_a_slot(tables: Tables) -> None:
    text = "In {0} we mend roofs at every hour. Ring our {0} crew when it rains hard. The best of {0} trust our slate."
    found = like(text.format("Leeds"), text.format("York"), tables)
    assert found.repeated == 1
    assert found.retold == 1


def test_a_summary_is_not_told_again(tables: Tables) -> None:
    found = like(
        ARTICLE,
        "Wash the pan, dry it well and bake the coat. Cook your tomatoes elsewhere, in enamel.",
        tables,
    )
    assert found.retold < 0.5


def test_no_sentences(tables: Tables) -> None:
    for one, other in (("", ""), ("", ARTICLE), ("Too short.", ARTICLE)):
        found = like(one, other, tables)
        assert (found.jaccard, found.rest, found.retold, found.swaps) == (0, 0, 0, 0)


def test_sentences_find_their_own(tables: Tables) -> None:
    left, right = page(ARTICLE, tables), page(SPUN, tables)
    pairs = list(alike(left.sentences, right.sentences))
    assert [(left.sentences.index(a), right.sentences.index(b)) for a, b in pairs] == [
        (n, n) for n in range(5)
    ]


def test_an_exchange_is_one_step() -> None:
    steps = opcodes("a b c d e".split(), "a x y d z".split())
    assert [(s.tag, s.src_start, s.src_end, s.dest_start, s.dest_end) for s in steps] == [
        ("equal", 0, 1, 0, 1),
        ("replace", 1, 3, 1, 3),
        ("equal", 3, 4, 3, 4),
        ("replace", 4, 5, 4, 5),
    ]


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_steps_cover_both_sides(left: list[str], right: list[str]) -> None:
    steps = opcodes(left, right)
    assert [w for s in steps for w in left[s.src_start : s.src_end]] == left
    assert [w for s in steps for w in right[s.dest_start : s.dest_end]] == right
    for s in steps:
        assert (s.tag == "equal") == (left[s.src_start : s.src_end] == right[s.dest_start : s.dest_end])


# --- what is shown --------------------------------------------------------------------------------


def test_retold_places_name_the_exchange(tables: Tables) -> None:
    found = Pair(page(ARTICLE, tables), page(SPUN, tables)).retold_places("“{here}” for “{there}”")
    assert found[0].says == "“endures” for “survives”; “dry” for “wipe”; “every” for “any”."
    assert ARTICLE[found[0].begins : found[0].ends].startswith("A cast iron pan endures")
    assert SPUN[found[0].there_begins : found[0].there_ends].startswith("A cast iron pan survives")


def test_copied_places_join_neighbours(tables: Tables) -> None:
    more = "Nobody knows why she never told us about the second pan in the cellar."
    (place,) = Pair(page(f"{more}\n\n{ARTICLE}", tables), page(ARTICLE, tables)).copied_places()
    assert (place.there_begins, place.there_ends) == (0, len(ARTICLE))
    assert f"{more}\n\n{ARTICLE}"[place.begins : place.ends] == ARTICLE


def test_slots_with_the_next_word(tables: Tables) -> None:
    slots = Pair(page(ARTICLE, tables), page(SPUN, tables)).slots(context=True)
    assert ("survives for", "endures for") in {(s.there, s.here) for s in slots}
    plain = Pair(page(ARTICLE, tables), page(SPUN, tables)).slots(context=False)
    assert ("survives", "endures") in {(s.there, s.here) for s in plain}
    assert all(len(s.here.split()) <= FEW for s in plain)


def test_long_agreement_is_shortened(tables: Tables) -> None:
    (stretch,) = Pair(page(ARTICLE, tables), page(ARTICLE, tables)).differences()
    assert stretch.same
    assert stretch.left == stretch.right
    assert " … " in stretch.left
    assert len(stretch.left) <= SHOWN + 3


def test_of_a_page_of_megabytes_only_the_beginning_is_compared(tables: Tables) -> None:
    beginning = " ".join(f"Row {n} of the table names the pan and its owner." for n in range(300))
    one, two = (
        page(f"{beginning} {word * 100_000}. {beginning}", tables) for word in ("warm oil ", "old barn ")
    )
    assert len(one.whole) == len(two.whole) == 300
    assert likeness(one, two).jaccard == 1


def test_sentences_too_long_to_be_laid_beside_each_other_are_not(tables: Tables) -> None:
    one, two = (page(f"{first} {'the pan of oil ' * 4_000} {first}.", tables) for first in ("warm", "cold"))
    assert list(alike(one.sentences, two.sentences)) == []
    assert likeness(one, two).retold == 0


@pytest.mark.parametrize("count", [2_000])
def test_very_long_pages_are_compared_in_part(count: int, tables: Tables) -> None:
    text = " ".join(f"Row {n} of the table names the pan and its owner number {n * 7}." for n in range(count))
    assert like(text, text, tables).jaccard == 1
