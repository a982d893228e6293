"""Titles printed too often."""

from __future__ import annotations

import pytest

from detector.document import Document
from detector.signals import repeated_title
from detector.tables import Tables
from detector.verdict import Evidence

TITLE = "Nine Things Your Grandmother Knew About Darning Socks"
PROSE = (
    "A darning mushroom holds the sock open while the needle goes over and under. Work from the sound"
    " cloth inwards,"
    " leave small loops at the turns, and use wool of the same weight as the sock itself."
)


def evidence(*blocks: str, title: str | None = None) -> Evidence:
    return repeated_title.measure(Document.from_text("\n\n".join(blocks), title=title), Tables({}))


def marked(*blocks: str, title: str | None = None) -> list[str]:
    text = "\n\n".join(blocks)
    return [text[s.start : s.end] for s in evidence(*blocks, title=title).spans]


def test_title_and_one_heading_are_one_title() -> None:
    assert evidence(TITLE, PROSE, title=TITLE).value == 0
    assert evidence(TITLE, TITLE, PROSE).value == 0
    assert evidence(TITLE, PROSE, title=f"{TITLE} | The Mending Shop").value == 0


def test_a_third_copy_is_marked() -> None:
    assert marked(TITLE, TITLE, TITLE, PROSE) == [TITLE]


def test_a_copy_in_the_body_is_marked() -> None:
    assert marked(TITLE, PROSE, TITLE, PROSE) == [TITLE]
    assert marked(TITLE, PROSE, TITLE, PROSE, title=f"{TITLE} | The Mending Shop") == [TITLE]


def test_capitals_beside_ordinary_letters_count_at_once() -> None:
    assert marked(TITLE.upper(), TITLE, PROSE) == [TITLE]
    assert evidence(TITLE.upper(), TITLE, TITLE, PROSE).value > evidence(TITLE, TITLE, TITLE, PROSE).value


def test_a_page_all_in_capitals_shouts_and_repeats_nothing() -> None:
    assert evidence(TITLE.upper(), PROSE.upper()).value == 0


def test_a_title_with_one_word_changed_is_the_same_title() -> None:
    nearly = TITLE.replace("Nine", "Ten")
    assert marked(TITLE, PROSE, nearly, PROSE) == [nearly]


def test_a_line_above_the_text_printed_three_times_is_marked_but_the_first() -> None:
    line = "Free Wool Delivery Across The Northern Counties"
    assert marked(TITLE, line, PROSE, line, PROSE, line, PROSE) == [line, line]


def test_a_line_that_comes_back_inside_the_text_is_no_title() -> None:
    line = "Back To The List Of All Chapters"
    assert marked(TITLE, PROSE, line, PROSE, line, PROSE, line, PROSE) == []


@pytest.mark.parametrize("again", ["Darning", "Darning socks", "How do I start?"])
def test_short_labels_may_come_back(again: str) -> None:
    assert evidence(TITLE, again, PROSE, again, PROSE, again, PROSE).value == 0


def test_a_title_mentioned_in_a_sentence_is_no_copy() -> None:
    assert evidence(TITLE, f"{PROSE} This is what I call {TITLE}, and it is all true.").value == 0
