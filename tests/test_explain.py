"""Docstrings read as documentation: headings, sections, examples and their marks."""

from __future__ import annotations

import pytest

from detector import explain
from detector.explain import Example, parse, unmark

DOCSTRING = """A short summary
over two lines.

Why it matters
    Because.

Fires on
    Some things.

    Example:
        First ⟦marked⟧ line

        and another ⟦one⟧.

    More prose.

    Example:
        Second.

Quiet on
    Other things.

    Example:
        Nothing.

Blind spots
    Many.
"""


def test_sections() -> None:
    summary, sections = parse(DOCSTRING)
    assert summary == "A short summary over two lines."
    assert tuple(sections) == explain.HEADINGS
    assert sections["Blind spots"] == "Many."
    assert sections["Fires on"].startswith("Some things.\n\nExample:\n    First")


def test_examples() -> None:
    _, sections = parse(DOCSTRING)
    first, second = explain.examples("fires", sections["Fires on"])
    assert first == Example("fires", "First marked line\n\nand another one.", ((6, 12), (31, 34)))
    assert second == Example("fires", "Second.", ())


@pytest.mark.parametrize("heading", explain.HEADINGS)
def test_a_missing_heading(heading: str) -> None:
    with pytest.raises(ValueError, match="needs the headings"):
        parse(DOCSTRING.replace(heading, "Something else"))


@pytest.mark.parametrize(
    ("marked", "text", "spans"),
    [
        ("plain", "plain", ()),
        ("⟦all⟧", "all", ((0, 3),)),
        ("a⟦b⟧c⟦d⟧", "abcd", ((1, 2), (3, 4))),
        ("⟦out ⟦in⟧⟧", "out in", ((4, 6), (0, 6))),
    ],
)
def test_marks(marked: str, text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert unmark(marked) == (text, spans)


@pytest.mark.parametrize("marked", ["⟦open", "close⟧", "⟧⟦"])
def test_a_mark_without_a_partner(marked: str) -> None:
    with pytest.raises(ValueError, match="without"):
        unmark(marked)
