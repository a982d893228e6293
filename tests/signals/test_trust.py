"""trust: different kinds of marks, in prose, not on one pasted line."""

from __future__ import annotations

import pytest

from detector.document import Document
from detector.signals.trust import measure
from detector.tables import Tables

TABLES = Tables({})
FILLER = (
    "Bees find their way by the sun and by marks in the land. A forager that comes home dances on the comb, and the"
    " others follow her with their feelers. On dull days the hive stays quiet, and the guards at the entrance have"
    " little to do. Nobody has to feed them in a mild autumn, as ivy flowers late and gives a rich, bitter honey."
    " Some keepers leave it all to the colony, and others take a share and give sugar in return, which is cheaper."
    " The wax is drawn out in sheets, cut, and sold to people who make candles or polish, or it goes back to the hive."
)
MARKS = {
    "author": "This page was written by Ingrid Solheim, PhD, for beginners.",
    "source": "See the review by Tanaka et al. (2012) for the older trials.",
    "risk": "The most common side effects are swelling and itching around the sting.",
    "exclusion": "The balm is not suitable for children under three, or on broken skin.",
    "date": "The text was checked in February 2018 by the editors.",
    "price": "A jar costs £7.50 at the gate, and the jar can be brought back.",
    "figure": "In one survey 38% of colonies had mites, and 120 people answered.",
    "disclosure": "The survey was funded by the county and by the keepers themselves.",
}


def value(*paragraphs: str) -> float:
    return measure(Document.from_text("\n\n".join(paragraphs)), TABLES).value


@pytest.mark.parametrize("mark", [m for m in MARKS if m not in ("date", "price")])
def test_each_kind_counts(mark: str) -> None:
    document = Document.from_text(FILLER + "\n\n" + MARKS[mark])
    evidence = measure(document, TABLES)
    assert 0 < evidence.value <= 1
    assert len(evidence.spans) == 1
    assert evidence.spans[0].says


def test_different_kinds_add_up() -> None:
    paragraphs = [text for mark in MARKS.values() for text in (mark, FILLER)]
    assert value(*paragraphs) == pytest.approx(5.5)
    assert value(*paragraphs) <= 8


def test_dates_and_prices_count_beside_others_only() -> None:
    cheap = [MARKS["date"], FILLER, MARKS["price"], FILLER]
    assert value(*cheap) == 0
    assert value(*cheap, MARKS["risk"]) == 1
    assert value(*cheap, MARKS["risk"], FILLER, MARKS["source"]) == 2.5


def test_the_same_kind_counts_once() -> None:
    assert value(MARKS["risk"], FILLER, MARKS["risk"], FILLER, MARKS["risk"]) == value(MARKS["risk"], FILLER)


def test_one_pasted_line_is_not_trust() -> None:
    assert value(FILLER + " " + " ".join(MARKS.values())) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "As an expert, I recommend this to everyone.",
        "Studies show that it works, and doctors agree.",
        "Experts say it is safe. Our specialists have years of experience.",
        "Dr. Honey is the name of the brand.",
    ],
)
def test_authority_without_a_name_is_none(text: str) -> None:
    assert value(FILLER, text) == 0


def test_a_link_to_an_authority_is_a_source() -> None:
    assert value(FILLER, "The rules are [on this page](https://www.hives.gov/rules) in full.") == 1
    assert value(FILLER, "The rules are [on this page](https://www.hives.example/rules) in full.") == 0


def test_lowering_a_risk_is_a_benefit() -> None:
    assert value(FILLER, "It reduces the risk of stings and of swelling.") == 0
    assert value(FILLER, "Minimizing the complications is a matter of time.") == 0
    assert value(FILLER, "There is a risk of stings and of swelling.") == 1


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (
            "The risks are "
            + "swelling, itching, redness and soreness, " * 2
            + "and so on and so forth for days.",
            None,
        ),
        ("It is not suitable for anyone with a fever (above 38.5) or a rash.", None),
        (
            "It is not recommended for people who take warfarin or any other medicine that thins the blood (see the"
            " list at the end of the leaflet, please).",
            None,
        ),
        ("The risk of a scar is 2.5 in a thousand.", "risk of a scar is 2.5 in a thousand"),
        ("It costs £5k and 40 patients had it.", "40 patients"),
    ],
)
def test_a_mark_cuts_no_word_and_no_bracket(text: str, marked: str | None) -> None:
    document = Document.from_text(f"{FILLER}\n\n{text}")
    spans = measure(document, TABLES).spans
    assert spans
    for span in spans:
        found, after = document.text[span.start : span.end], document.text[span.end : span.end + 1]
        assert not (found[-1].isalnum() and after.isalnum())
        assert found.count("(") == found.count(")")
        assert marked is None or found == marked
