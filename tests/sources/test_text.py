"""Plain text: the input stays as it is, and its layout is understood."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Document
from detector.sources.text import read_text

LONG = (
    "The ferry leaves the old pier at a quarter past nine, and Marta, who keeps the tickets in a biscuit tin, "
    "never lets it wait for anybody who is still talking on the stairs."
)


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks if b.kind != "code"]


def test_paragraphs_end_at_blank_lines_whatever_the_line_breaks() -> None:
    for newline in ("\n", "\r\n", "\r"):
        text = newline.join([LONG, "", " \t", LONG])
        document = read_text(text)
        assert document.text == text
        assert kinds(document) == [("paragraph", LONG), ("paragraph", LONG)]


def test_long_lines_are_paragraphs_of_their_own() -> None:
    assert [kind for kind, _ in kinds(read_text(f"{LONG}\n{LONG}\n{LONG}"))] == ["paragraph"] * 3


def test_hard_wrapped_lines_are_joined() -> None:
    wrapped = (
        "The ferry leaves the old pier at a quarter past nine, and\n"
        "Marta, who keeps the tickets in a biscuit tin, never lets\n"
        "it wait for anybody who is still talking on the stairs."
    )
    assert kinds(read_text(wrapped)) == [("paragraph", wrapped)]


def test_headings_stand_over_text_and_the_first_is_the_title() -> None:
    document = read_text(
        f"The Nine O'Clock Ferry\n\n{LONG}\n\nTickets and Tins\n{LONG}\n\nTHE STAIRS\n\n{LONG}"
    )
    assert [(kind, text) for kind, text in kinds(document) if kind != "paragraph"] == [
        ("title", "The Nine O'Clock Ferry"),
        ("heading", "Tickets and Tins"),
        ("heading", "THE STAIRS"),
    ]


@pytest.mark.parametrize(
    "line", ["cheap ferry tickets near me", "It was late.", "Was it late?", "Now, then;"]
)
def test_a_short_line_that_is_no_heading_stays_a_paragraph(line: str) -> None:
    for text in (f"{LONG}\n\n{line}\n\n{LONG}", f"{LONG}\n{line}\n{LONG}"):
        assert ("paragraph", line) in kinds(read_text(text))


def test_the_last_line_heads_nothing() -> None:
    assert kinds(read_text(f"{LONG}\n\nMarta Lund"))[-1] == ("paragraph", "Marta Lund")


@pytest.mark.parametrize("marker", ["- ", "* ", "• ", "1. ", "2) ", "   - ", "a) "])
def test_list_items_begin_after_their_marker(marker: str) -> None:
    document = read_text(f"{LONG}\n\n{marker}Bring a coat\n{marker}Bring a tin\n  of biscuits")
    assert kinds(document)[1:] == [("list_item", "Bring a coat"), ("list_item", "Bring a tin\n  of biscuits")]


@pytest.mark.parametrize("table", ["| Day | Hour |\n| Mon | 9 |", "Day\tHour\tPier\nMon\t9\tOld"])
def test_drawn_tables_are_tables(table: str) -> None:
    assert kinds(read_text(f"{LONG}\n\n{table}")) == [("paragraph", LONG), ("table", table)]


def test_addresses_are_no_words_and_written_links_are_links() -> None:
    document = read_text(
        "Ask [the pier (office)](https://pier.org/a_(b)) or see www.ferry.org/x?y, or write to marta@pier.org."
    )
    assert [(document.text[k.start : k.end], k.href) for k in document.links] == [
        ("the pier (office)", "https://pier.org/a_(b)"),
        ("www.ferry.org/x?y", "http://www.ferry.org/x?y"),
    ]
    assert document.tokens.word == "ask the pier office or see or write to".split()


_PIECES = st.sampled_from(
    ["\n", "\n\n", "\r\n", "- ", "1. ", "| ", "\t", "[a](b)", "www.x.org", "a@b.org", "Word ", "word. "]
)


@given(st.lists(_PIECES | st.text(st.characters(), max_size=20), max_size=40).map("".join))
def test_any_text_stays_unchanged_and_blocks_cover_every_visible_word(text: str) -> None:
    document = read_text(text)
    assert document.text == text
    top = at = 0
    for block in document.blocks:
        assert at <= block.start < block.end <= len(text)
        assert block.start >= top or (block.kind == "code" and block.end <= top)
        top, at = max(top, block.end), block.start
    for link in document.links:
        assert text[link.start : link.end].strip()
    assert document.sentences is not None


@pytest.mark.parametrize(
    "unit", ["[", "[a](", "a@", "www.", "a\n", "-", "\t", "| ", "https://", "a" * 50 + " ", "A "]
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    read_text(unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 20
