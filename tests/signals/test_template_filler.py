"""Template filler: stock phrases, restated headings, praise without substance."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals import template_filler
from detector.tables import Tables
from detector.verdict import Evidence

FILLER = (
    "In today's demanding world, choosing the right curtains is more important than ever. Embracing"
    " innovative"
    " fabrics offers countless benefits and can truly elevate your overall experience. Whether you are a"
    " homeowner or"
    " a designer, discovering the perfect solution is an essential step on your journey. By exploring"
    " comprehensive"
    " strategies, you can unlock remarkable potential and achieve meaningful results."
)
WORKSHOP = (
    "Our friendly team has sewn curtains in Hexham since 1974. Modern machines and 310 bolts of linen"
    " let us offer an"
    " exceptional range, and Jean Robson measures your windows at no charge. Lined curtains cost £38 a"
    " metre. Whether"
    " you are after velvet or plain cotton, we deliver within nine days."
)
PLAIN = (
    "Hang the curtains a hand's width above the frame so that no light falls in. Let the cloth touch the"
    " sill, wash it"
    " before you hem it, and press the hem while it is damp. Heavy cloth needs a thick pole with a"
    " bracket in the"
    " middle, or it sags after a winter."
)


STRETCH_OF_SENTENCES = 300 / template_filler.LEAST  # every sentence of the stretch wholly empty


def evidence(text: str) -> Evidence:
    return template_filler.measure(Document.from_text(text), Tables({}))


def test_filler_is_marked_sentence_by_sentence() -> None:
    found = evidence(FILLER)
    assert found.value > 2
    assert len(found.spans) >= 3


def test_whatever_has_a_value_is_shown() -> None:
    slight = "Our overall approach to the curtains in this room is simple and it is truly a good one for the house."
    found = evidence("\n\n".join([slight, PLAIN, WORKSHOP]))
    assert found.value > 0
    assert found.spans


def test_a_real_workshop_may_praise_itself() -> None:
    assert evidence(WORKSHOP).value == 0


def test_plain_advice_is_no_filler() -> None:
    assert evidence(PLAIN).value == 0


def test_honest_text_around_it_does_not_wash_filler_clean() -> None:
    honest = "\n\n".join([PLAIN] * 8)
    assert evidence(f"{honest}\n\n{FILLER}\n\n{honest}").value > 1.5


def test_details_close_by_make_praise_count_less() -> None:
    assert evidence(f"{FILLER}\n\n{PLAIN}").value > evidence(f"{FILLER}\n\n{WORKSHOP}").value


def test_a_heading_said_again_is_marked() -> None:
    again = "The care of velvet curtains matters for anybody who owns velvet curtains."
    text = f"{PLAIN}\n\nCare of Velvet Curtains\n\n{again} {PLAIN}"
    assert [text[s.start : s.end] for s in evidence(text).spans] == [again]


def test_an_answer_may_begin_with_its_question() -> None:
    assert (
        evidence(f"How are velvet curtains washed?\n\nVelvet curtains are washed by hand. {PLAIN}").value == 0
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([FILLER, WORKSHOP, PLAIN, "A Heading Here", "- one item"]), max_size=25))
def test_the_value_is_a_rate_and_does_not_grow_with_length(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    assert evidence(text).value <= STRETCH_OF_SENTENCES
    assert all(0 <= s.start < s.end <= len(text) for s in evidence(text).spans)
