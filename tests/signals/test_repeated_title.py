"""Titles printed too often."""

from __future__ import annotations

import numpy as np
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


def test_a_short_title_that_stands_there_line_after_line_is_found() -> None:
    assert marked("Darning", "Darning", "Darning", PROSE) == ["Darning"]
    assert marked(PROSE, "Darning", "Darning", PROSE, title="Darning") == ["Darning", "Darning"]


def test_a_short_title_may_be_a_heading_and_come_back_as_a_label() -> None:
    assert marked("Darning", "Darning", PROSE, "Darning", PROSE, title="Darning") == []


def counted(*little: str) -> Tables:
    """Tables of an English in which only these words are common."""
    words = [*little, "mend", "linen", "sheets", "winter", "before"]
    counts = [0.0, 0.0, 0.0, *([1e6] * len(little)), *([1.0] * 5)]
    return Tables({w: k for k, w in enumerate(words, 3)}, {"word_counts": np.array(counts, dtype=np.float32)})


def test_words_of_the_title_in_the_slots_of_a_template_are_found() -> None:
    text = "\n\n".join(
        f"{opening} mend linen winter {rest}"
        for opening, rest in (
            ("The fundamentals of", "matter to everybody."),
            ("When it comes to", "there is much to consider."),
            ("Paying attention to", "leads to better results."),
        )
    )
    title = "How to Mend the Linen for the Winter"
    found = repeated_title.measure(Document.from_text(text, title=title), counted("to", "the", "for", "how"))
    assert [text[s.start : s.end] for s in found.spans] == ["mend linen winter"] * 3
    assert found.value > 0


def test_words_that_the_title_has_in_a_row_may_be_a_name() -> None:
    text = "\n\n".join(
        f"Mend linen sheets before {what}." for what in ("they tear", "the fair", "frost", "you sell")
    )
    document = Document.from_text(text, title="How to Mend Linen Sheets for the Winter")
    assert repeated_title.measure(document, counted("to", "the", "for", "how")).value == 0
