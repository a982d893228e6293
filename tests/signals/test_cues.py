"""Phrases that are tried at their words only are those that a search through the text would find."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from detector.document import Document
from detector.signals._cues import DIGIT, Cue, Cues, cue

CUES = Cues(
    cue("sale", 1.0, "", "now-1 today-2", r"\b(?:buy now|on sale today|sale today)\b"),
    cue("risk", 1.0, "", "risk-2", r"\b(cuts the )?risk\b"),
    Cue("price", 1.0, "", re.compile(r"\$\d+"), signs="$"),
    Cue("dose", 1.0, "", re.compile(r"\d+ mg\b"), signs=DIGIT),
)


def found(text: str, *known: str) -> list[tuple[str, str]]:
    return [(c.kind, text[start:end]) for c, start, end in CUES.find(Document.from_text(text), known)]


def test_a_phrase_is_found_from_its_beginning_and_once() -> None:
    assert found("The lamp is On Sale today. Buy now!") == [("sale", "On Sale today"), ("sale", "Buy now")]


def test_what_must_not_stand_there_is_no_find() -> None:
    assert found("A lamp cuts the risk. The risk is small.") == [("risk", "risk")]


def test_signs_and_figures_come_before_words() -> None:
    assert found("Buy now 20 mg for $15.") == [("price", "$15"), ("dose", "20 mg"), ("sale", "Buy now")]


def test_a_kind_that_is_known_is_not_looked_for() -> None:
    assert found("Buy now 20 mg for $15.", "sale", "price") == [("dose", "20 mg")]


def test_a_phrase_can_need_another_word_on_the_page() -> None:
    cues = Cues(cue("sale", 1.0, "", "now-1", r"\bbuy now\b", needs="lamp lamps"))
    assert not list(cues.find(Document.from_text("Buy now.")))
    assert len(list(cues.find(Document.from_text("Buy now. The lamps are new.")))) == 1


@given(st.lists(st.sampled_from("buy now on sale today the risk cuts $5 7 mg lamp.".split()), max_size=30))
def test_no_phrase_is_missed(words: list[str]) -> None:
    text = " ".join(words)
    for kind, pattern in (("sale", r"\b(?:buy now|on sale today|sale today)\b"), ("dose", r"\b\d+ mg\b")):
        there = [text[m.start() : m.end()] for m in re.finditer(pattern, text)]
        assert [said for which, said in found(text) if which == kind] == there
