"""affiliate_pitch: many selling signs close together, not a shop that names its price."""

from __future__ import annotations

import pytest

from detector.document import Document
from detector.signals.affiliate_pitch import measure
from detector.tables import Tables

TABLES = Tables({})
FILLER = (
    "The kettle stands on a ring of steel and has a handle of oak. It holds enough for four cups of tea. "
    * 20
)
PITCH = (
    "The Brumo kettle costs $59 per unit and comes with a 90-day money-back guarantee. It is available on the official"
    " website only, so beware of counterfeits. Hurry, this exclusive offer will not last. Order now and get free"
    " shipping. We rate it 4.8/5."
)


def value(text: str) -> float:
    return measure(Document.from_text(text), TABLES).value


def test_a_pitch_fires_and_marks_its_signs() -> None:
    document = Document.from_text(PITCH)
    evidence = measure(document, TABLES)
    assert evidence.value >= 5
    marked = [document.text[s.start : s.end] for s in evidence.spans]
    assert "official website" in marked
    assert "Order now" in marked


def test_text_around_it_changes_nothing() -> None:
    assert value(f"{FILLER}\n\n{PITCH}\n\n{FILLER}") == value(PITCH)


def test_signs_far_apart_do_not_add_up() -> None:
    sentences = [s + "." for s in PITCH.split(". ")]
    assert value(f"\n\n{FILLER * 2}\n\n".join(sentences)) < value(PITCH) / 2


@pytest.mark.parametrize(
    "text",
    [
        "We mend kettles while you wait. A new ring costs $12 per kettle, and we give a full refund if it leaks."
        " Call us on Mondays.",
        "Our spring offer: 10% off all repairs in May. Free delivery within the town. We look forward to your visit.",
        "The paper tested nine kettles. The cheapest cost £14 and got 3 out of 5, the best £80. None was worth it.",
        "The council's official website lists the rules. Order forms are at the desk. The fee is $5 per box.",
    ],
)
def test_honest_business_is_quiet(text: str) -> None:
    assert value(text) == 0


def test_links_that_pay_count_where_links_are_there() -> None:
    text = "We tested the Brumo kettle, rated 4/5. It is [at the shop]({})."
    paid = value(text.format("https://shop.example/k?tag=tea-20"))
    assert paid > value(text.format("https://shop.example/kettle")) == 0
