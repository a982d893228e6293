"""snippet_stitch: cut sentences among strangers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals.snippet_stitch import measure
from detector.tables import Tables

TABLES = Tables({})
WHOLE = [
    "The tram line was closed in 1962 and turned into a path.",
    "Its bridges are still in use, and one of them is painted blue.",
    "People walk there on Sundays, which is what it was built for.",
    "Anyone who wants to can join them at the old depot.",
]
CUT = [
    "Most cities replaced their trams with the.",
    "Tickets were sold by conductors and.",
    "Rails made of steel are harder than your.",
    "Some of the oldest trams were drawn by horses because.",
]


def value(*sentences: str) -> float:
    return measure(Document.from_text(" ".join(sentences)), TABLES).value


def test_whole_sentences_are_quiet() -> None:
    assert value(*WHOLE) == 0


def test_particles_end_sentences_in_english() -> None:
    assert value("This is the seat she sat on.", "Nobody knows what it was made of or whom it was for.") == 0


def test_cuts_are_marked_and_more_cuts_weigh_more() -> None:
    text = " ".join([WHOLE[0], CUT[0], WHOLE[1], CUT[1]])
    evidence = measure(Document.from_text(text), TABLES)
    assert [text[s.start : s.end] for s in evidence.spans] == [CUT[0], CUT[1]]
    assert value(WHOLE[0], CUT[0]) < evidence.value < value(*CUT, *WHOLE)


def test_honest_text_around_does_not_dilute() -> None:
    padding = " ".join(WHOLE * 30)
    collage = " ".join([CUT[0], WHOLE[0], CUT[1], CUT[2]])
    assert value(padding, collage, padding) >= 3


def test_quoted_speech_may_break_off() -> None:
    assert value('He said: "I only wanted to see the." Then the line went dead.') == 0


def test_a_long_page_without_a_comma() -> None:
    plain = "Trams run on rails of steel. Conductors sold tickets on board. Horses drew the first cars. "
    assert value(plain * 15) > 0
    assert value((plain + "On Sundays, people walk. ") * 15) == 0
    assert value(plain * 3) == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WHOLE + CUT), max_size=20))
def test_no_strong_cut_no_value(sentences: list[str]) -> None:
    assert (value(*sentences) > 0) == any(s in CUT for s in sentences)
