"""readability: one pass that stays near textstat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Document
from detector.signals.readability import count, ease, grade, measure, syllables
from detector.tables import Tables

TABLES = Tables({})
TEXTS = [
    "The cat sat on the mat. It was warm in the sun. A dog ran past the gate and barked at the postman.",
    "Volcanic islands rise from the ocean floor over millions of years. Erosion wears them down again, and coral reefs"
    " grow around their edges until only a ring remains above the water.",
    "The committee's recommendations concerning municipal infrastructure were implemented incrementally, although"
    " several participating organizations expressed considerable reservations about the financial implications.",
]
TOLERANCE = 2.0  # school grades; textstat hyphenates, this counts vowels


def test_near_textstat() -> None:
    textstat = pytest.importorskip("textstat")
    text = " ".join(TEXTS)
    document = Document.from_text(text)
    assert grade(count(document)) == pytest.approx(textstat.flesch_kincaid_grade(text), abs=TOLERANCE)
    assert ease(count(document)) == pytest.approx(textstat.flesch_reading_ease(text), abs=7 * TOLERANCE)


def test_harder_text_has_a_higher_grade() -> None:
    grades = [measure(Document.from_text(text), TABLES).value for text in TEXTS]
    assert grades == sorted(grades)
    assert len(set(grades)) == 3


@pytest.mark.parametrize(
    ("word", "spoken"),
    [
        ("a", 1),
        ("the", 1),
        ("made", 1),
        ("table", 2),
        ("wanted", 2),
        ("walked", 1),
        ("names", 1),
        ("boxes", 2),
        ("sugar", 2),
        ("xyz", 1),
        ("12", 1),
    ],
)
def test_syllables(word: str, spoken: int) -> None:
    assert syllables([word]).tolist() == [spoken]


@given(st.lists(st.text("abcdegilostxyz'é5", min_size=1, max_size=7)))
def test_a_word_has_its_syllables_whatever_stands_beside_it(words: list[str]) -> None:
    assert syllables(words).tolist() == [int(syllables([word])[0]) for word in words]


def test_no_text_no_grade() -> None:
    document = Document.from_text("")
    assert measure(document, TABLES).value == 0
    assert ease(count(document)) == 0


def test_headings_are_not_sentences() -> None:
    body = TEXTS[1]
    assert count(Document.from_text(f"How Islands Form\n\n{body}")) == count(Document.from_text(body))
