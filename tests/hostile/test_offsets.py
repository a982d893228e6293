"""Offsets of whatever text: every reader's blocks, links, words and sentences lie in the text and in order."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.sources.fragment import meant
from fuzz.checks import check_document
from fuzz.mutate import MARKS, ODD

PIECES = (
    *MARKS,
    *(mark for mark in ODD if "\x00" not in mark),
    *"Dr. Amara's café e.g. 0.5 1,200 “so it is” don’t www.mill.example/a_(b) ann@mill.example".split(),
    *(
        "[a](b)",
        "![",
        "](",
        "[1]: x",
        "```",
        "{{ x }}",
        "<!--",
        "-->",
        "> ",
        "- ",
        "# ",
        "| a | b |",
        "|---|",
    ),
    *(
        "<p>",
        "</p>",
        "<b>",
        "<a href='/x'>",
        "</a>",
        "<td>",
        "<li>",
        "<span hidden>",
        "<pre>",
        "<br><br>",
        "&amp;",
        "[b]",
    ),
)
pieces = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join)
hostile = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@hostile
@given(pieces)
def test_text(text: str) -> None:
    document = Document.from_text(text)
    assert document.text == text
    check_document(document)


@hostile
@given(pieces)
def test_markdown(text: str) -> None:
    document = Document.from_markdown(text)
    assert document.text == text
    check_document(document)


@hostile
@given(pieces, st.booleans())
def test_html(text: str, careful: bool) -> None:
    check_document(Document.from_html(text, careful=careful))
    check_document(Document.from_html(f"<!doctype html><title>a</title><body><main>{text}", careful=careful))


@hostile
@given(pieces)
def test_a_mended_fragment(text: str) -> None:
    check_document(Document.from_html(meant(text)))


@hostile
@given(st.binary(max_size=300), st.sampled_from([None, "utf-16", "utf-7", "zlib", "x\x00", "iso-2022-jp"]))
def test_bytes_of_any_kind(data: bytes, charset: str | None) -> None:
    check_document(Document.from_html(data, charset=charset))


@hostile
@given(pieces, st.lists(st.tuples(st.integers(-5, 400), st.integers(-5, 400)), max_size=4))
def test_offsets_outside_the_text_are_no_document(text: str, places: list[tuple[int, int]]) -> None:
    row = Document.from_text(text).to_dict() | {
        "blocks": [[start, end, "paragraph"] for start, end in places]
    }
    inside = all(0 <= start <= end <= len(text) for start, end in places)
    if not inside:
        with pytest.raises(ValueError, match="outside the text"):
            Document.from_dict(row)
