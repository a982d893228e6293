"""hollow_prose: general words and no detail, on a page about health; shown at the emptiest sentences."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals import hollow_prose
from detector.tables import SPECIAL, Tables
from detector.verdict import Evidence

EMPTY = (
    "A good treatment supports the skin and offers many benefits to the patient. It is important to choose a treatment"
    " that is right for the skin, because every skin is different and every patient is different. With the right care"
    " the skin is healthy, and a healthy skin is a benefit that is important to every patient."
)
FULL = (
    "I gave 14 patients of Dr Okoro a cream with 5 mg of zinc in March 2009. Each jar cost £6.40 at Barlow's in Leeds,"
    " and nine of the 14 got a rash within 20 minutes. She stopped the cream if the skin burnt, and rang Mrs Adeyemi on"
    " 3 May."
)
GARDEN = (
    "A good garden supports the house and offers many benefits to the owner. It is important to choose a garden that is"
    " right for the house, because every house is different and every owner is different. With the right care the"
    " garden is lovely, and a lovely garden is a benefit that is important to every owner."
)
GENERAL = "good treatment supports offers many benefits important right every different care benefit is lovely".split()


def trained(of_words: float = 20.0, bias: float = -5.0) -> Tables:
    """Tables in which some general words weigh, and every other word is unknown and weighs nothing."""
    vocabulary = {w: k for k, w in enumerate(GENERAL, start=SPECIAL)}
    weights = np.zeros(SPECIAL + len(vocabulary), dtype=np.float16)
    weights[SPECIAL:] = of_words
    thin = np.array([4.0, bias], dtype=np.float32)
    return Tables(vocabulary, {"hollow_words": weights, "hollow_thin": thin})


def measure(*paragraphs: str, tables: Tables | None = None) -> tuple[Document, Evidence]:
    document = Document.from_text("\n\n".join(paragraphs))
    return document, hollow_prose.measure(document, tables or trained())


def test_general_words_without_a_detail_are_hollow() -> None:
    assert measure(*[EMPTY] * 5)[1].value > 1


def test_details_fill_it() -> None:
    assert measure(*[FULL] * 5)[1].value == 0
    assert measure(*[EMPTY, FULL] * 3)[1].value < measure(*[EMPTY] * 6)[1].value


def test_honest_text_around_it_does_not_wash_it_clean() -> None:
    alone, among = (
        measure(*page)[1].value for page in ([EMPTY] * 8, [*[FULL] * 6, *[EMPTY] * 8, *[FULL] * 6])
    )
    assert among > 0.9 * alone


def test_other_subjects_are_not_judged() -> None:
    assert measure(*[GARDEN] * 6)[1] == Evidence()


def test_a_few_words_prove_little() -> None:
    assert measure(EMPTY)[1].value < measure(*[EMPTY] * 4)[1].value / 2


def test_nothing_is_said_without_a_model() -> None:
    assert measure(*[EMPTY] * 5, tables=Tables({}))[1] == Evidence()


def test_spans_are_sentences_without_a_detail_and_the_first_says_what_is_missing() -> None:
    document, found = measure(FULL, *[EMPTY] * 6)
    marked = [document.text[s.start : s.end] for s in found.spans]
    assert 0 < len(marked) <= hollow_prose.MOST
    assert all(text in EMPTY and text.endswith(".") for text in marked)
    assert "no figure, no name, no risk or limit, no condition" in found.spans[0].says
    assert all("here have no" not in s.says for s in found.spans[1:])


def test_what_is_there_is_not_called_missing() -> None:
    risky = EMPTY + " There is a risk of burns, and it is not for you if the skin is thin."
    assert "risk" not in measure(*[risky] * 5)[1].spans[0].says
    assert "condition" not in measure(*[risky] * 5)[1].spans[0].says


def test_a_push_is_always_shown() -> None:
    detailed = "The skin of 3 patients is important and every good benefit is right and different, said Anna."
    document, found = measure(*[detailed] * 20, tables=trained(of_words=60.0))
    assert found.value > 0
    assert [document.text[s.start : s.end] for s in found.spans] == [detailed]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([EMPTY, FULL, GARDEN, "Skin care", "- 3 eggs", ""]), max_size=12))
def test_any_page_has_a_finite_value_and_spans_if_it_has_one(paragraphs: list[str]) -> None:
    document, found = measure(*paragraphs)
    assert math.isfinite(found.value)
    assert found.value >= 0
    assert bool(found.spans) == (found.value > 0)
    assert all(0 <= s.start < s.end <= len(document.text) for s in found.spans)
