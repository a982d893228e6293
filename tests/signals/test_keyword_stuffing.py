"""Phrases repeated for search engines: what counts, where it is marked, and what honest pages may repeat."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals.keyword_stuffing import measure
from detector.tables import Tables

PHRASE = "kitchen floor cleaning service"
FILLER = (
    "The ribbon dries out when the lid stays open.",
    "Oil the carriage rail twice a year.",
    "A bent key is straightened with two pliers.",
    "Dust settles under the space bar.",
    "The bell rings eight characters before the margin.",
    "Rubber rollers harden with age.",
)


@pytest.fixture(autouse=True)
def _needs_counts(tables: Tables) -> None:
    if "pairs" not in tables:
        pytest.skip("the model has no counts")


def other(sentences: int) -> str:
    """Sentences that have nothing to do with one another."""
    rng = Random(5)
    pool = "river lamp quarry violin ferry almond harvest mitten copper lantern orchard pebble".split()
    return " ".join(
        f"The {' and the '.join(rng.sample(pool, 3))} met in {1700 + n}." for n in range(sentences)
    )


def page(times: int, *, phrase: str = PHRASE, title: str = "") -> str:
    """A page with `times` sentences that say the phrase in full."""
    said = [f"{FILLER[k % 6]} We met the {phrase} in May." for k in range(times)]
    return "\n\n".join([title, " ".join(said)] if title else [" ".join(said)])


def test_more_repeats_weigh_more(tables: Tables) -> None:
    few, many, most = (measure(Document.from_text(page(n)), tables).value for n in (2, 11, 17))
    assert few == 0
    assert 0 < many < most


def test_every_span_is_the_phrase_and_says_how_often(tables: Tables) -> None:
    document = Document.from_text(page(12))
    evidence = measure(document, tables)
    assert {document.text[s.start : s.end] for s in evidence.spans} == {PHRASE}
    assert all("12 times" in s.says for s in evidence.spans)


def test_what_the_title_says_counts_double(tables: Tables) -> None:
    plain = measure(Document.from_text(page(12)), tables).value
    titled = measure(Document.from_text(page(12, title=PHRASE.title())), tables).value
    assert titled > plain + 0.5


def test_a_name_may_be_repeated(tables: Tables) -> None:
    assert measure(Document.from_text(page(12, phrase=PHRASE.title())), tables).value == 0


def test_a_disease_has_to_be_named(tables: Tables) -> None:
    for name in ("chronic inner ear disease", "slow muscle fibre dystrophy"):
        assert measure(Document.from_text(page(12, phrase=name, title=f"What is {name}?")), tables).value == 0


def test_honest_text_around_it_does_not_decide(tables: Tables) -> None:
    alone = measure(Document.from_text(page(18)), tables).value
    inside = measure(Document.from_text(f"{page(18)}\n\n{other(60)}"), tables).value
    assert inside == pytest.approx(alone, rel=0.1)
    assert measure(Document.from_text(other(60)), tables).value == 0


def test_repeats_far_apart_do_not_count(tables: Tables) -> None:
    text = "\n\n".join(f"The {PHRASE} is open.\n\n{part}" for part in other(480).split("3.")[:12])
    assert measure(Document.from_text(text), tables).value == 0


def test_the_title_as_a_sentence_is_found_inside_a_paragraph_only(tables: Tables) -> None:
    inside = (
        "Slate Roof Cleaning Costs\n\nMoss holds water. Slate roof cleaning costs. Use a soft brush on it."
    )
    document = Document.from_text(inside)
    (span,) = measure(document, tables).spans
    assert document.text[span.start : span.end] == "Slate roof cleaning costs."
    alone = "Slate Roof Cleaning Costs\n\nMoss holds water. Use a soft brush on it."
    assert measure(Document.from_text(alone), tables).value == 0


def test_a_list_of_queries_is_told_from_a_list_of_things(tables: Tables) -> None:
    queries = "slate roof cost, cheap slate roof, slate roof repair near me, best slate roof company"
    things = "It needs copper nails, larch battens, lead flashing, ridge tiles and a slater's hammer."
    assert measure(Document.from_text(f"A roof lasts.\n\n{queries}"), tables).value > 0
    assert measure(Document.from_text(f"A roof lasts.\n\n{things}"), tables).value == 0


def test_one_word_in_two_spellings_by_turns(tables: Tables) -> None:
    text = (
        "Woodturning is quiet work, and wood turning needs light. Some learn wood turning late. A course of"
        " woodturning lasts a week; woodturning tools last a life. In the shed, wood turning makes chips."
    )
    document = Document.from_text(text)
    spans = measure(document, tables).spans
    assert [document.text[s.start : s.end] for s in spans] == ["wood turning"] * 3
    once = text.replace("wood turning", "it")
    assert measure(Document.from_text(once), tables).value == 0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.sampled_from([*FILLER, f"The {PHRASE} is here.", "x, y | z\n", "Ünïcode – „Wörter“ 🎉"]),
        max_size=60,
    )
)
def test_spans_lie_in_the_text(tables: Tables, parts: list[str]) -> None:
    document = Document.from_text("\n\n".join(parts))
    evidence = measure(document, tables)
    assert evidence.value >= 0
    assert all(0 <= s.start < s.end <= len(document.text) and s.says for s in evidence.spans)
