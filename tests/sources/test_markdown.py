"""Markdown: offsets fit the file, and markup is no word."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import PROSE, Document
from detector.sources.markdown import read_markdown


def kinds(document: Document) -> list[tuple[str, str]]:
    """The blocks that are not inside others."""
    found = []
    top = 0
    for block in document.blocks:
        if block.start >= top:
            found.append((block.kind, document.text[block.start : block.end]))
            top = block.end
    return found


def links(document: Document) -> list[tuple[str, str]]:
    return [(document.text[k.start : k.end], k.href) for k in document.links]


def words(text: str) -> list[str]:
    return read_markdown(text).tokens.word


def test_blocks_carry_their_kind() -> None:
    document = read_markdown(
        "# Bread #\n\nFlour and\nwater.\n\nOven\n----\n\n- knead\n* wait\n  an hour\n1. bake\n\n> Rye is\n> best.\n\n"
        "| a | b |\n|---|:-:|\n| 1 | 2 |\n\n```sh\nrun it\n```\n\n    indented\n\nEnd.\n"
    )
    assert kinds(document) == [
        ("title", "Bread"),
        ("paragraph", "Flour and\nwater."),
        ("heading", "Oven"),
        ("list_item", "knead"),
        ("list_item", "wait\n  an hour"),
        ("list_item", "bake"),
        ("quote", "Rye is\n> best."),
        ("table", "| a | b |\n|---|:-:|\n| 1 | 2 |"),
        ("code", "```sh\nrun it\n```"),
        ("code", "indented"),
        ("paragraph", "End."),
    ]


@pytest.mark.parametrize(
    "text",
    ['---\ntitle: "Rye bread"\ndate: 2020\n---\nFlour.\n', "+++\r\ntitle = 'Rye bread'\r\n+++\r\nFlour.\r\n"],
)
def test_front_matter_is_code_and_names_the_title(text: str) -> None:
    document = read_markdown(text)
    assert document.title == "Rye bread"
    assert document.tokens.word == ["flour"]
    assert document.text == text
    assert read_markdown(text, title="Given").title == "Given"


def test_text_between_two_rules_is_no_front_matter() -> None:
    assert words("---\nFlour and water\n---\nmore") == ["flour", "and", "water", "more"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold** and _soft_ and ~~gone~~", "bold and soft and gone"),
        ("run `rm -rf` now", "run now"),
        ("``a ` b`` word", "word"),
        ("one <b class='x'>two</b> <!-- no --> three", "one two three"),
        ("<!-- no\n\nno -->\n\nyes", "yes"),
        ("hi {{ site.name }} and {% include x.html %} you{: .big}", "hi and you"),
        ("see ![a loaf](loaf.png) here", "see here"),
        ("salt &amp; water &nbsp;", "salt water"),
        (r"5 \* 3 \[no\](link)", "5 3 no link"),
        ("claim[^1]\n\n[^1]: source here", "claim source here"),
        ("- [x] done", "done"),
        ('[gallery ids="1,2"] tail', "tail"),
        ("write a@b.org or https://c.org/x. Bye", "write or bye"),
        ("***\n\nword", "word"),
        ("snake_case stays", "snake case stays"),
    ],
)
def test_markup_is_no_word(text: str, expected: str) -> None:
    assert words(text) == expected.split()


def test_links_of_every_style() -> None:
    document = read_markdown(
        'A [rye **loaf**](/rye "Rye"), [wheat][w], [oat][], [spelt], <https://b.org>, [![img](i.png)](/pic) '
        "[p](a_(b)) [none].\n\n[w]: /wheat\n[Oat]: <https://o.org>\n[spelt]: /spelt 'S'\n"
    )
    assert links(document) == [
        ("rye **loaf**", "/rye"),
        ("wheat", "/wheat"),
        ("oat", "https://o.org"),
        ("spelt", "/spelt"),
        ("https://b.org", "https://b.org"),
        ("![img](i.png)", "/pic"),
        ("p", "a_(b)"),
    ]
    assert document.tokens.word == "a rye loaf wheat oat spelt p none".split()


_PIECES = st.sampled_from(
    [
        *"# @- @> @1. @```@`@**@_@[@]@](@)@![@<!--@-->@<b>@{{@}}@{%@%}@    @www.x.org@\\".split("@"),
        *[
            "\n",
            "\n\n",
            "\r\n",
            "\t",
            "---\n",
            "+++\n",
            "===\n",
            "[a]: b\n",
            "a@b.org",
            "| a | b |\n|---|---|\n",
        ],
    ]
)


@given(st.lists(_PIECES | st.text(st.characters(), max_size=10), max_size=60).map("".join))
@settings(max_examples=300)
def test_any_text_stays_unchanged_and_offsets_hold(text: str) -> None:
    document = read_markdown(text)
    assert document.text == text
    top = at = 0
    for block in document.blocks:
        assert at <= block.start < block.end <= len(text)
        if block.start < top:
            assert block.kind == "code"
            assert block.end <= top
        elif block.kind in PROSE:
            assert text[block.start : block.end].strip()
        top, at = max(top, block.end), block.start
    for link in document.links:
        assert 0 <= link.start < link.end <= len(text)
    assert document.tokens is not None


@pytest.mark.parametrize(
    "unit",
    [
        *"[ ] ![ [a]( [a][ ` <a <!-- {{ {% {: * _ **a > - # \\ &a a@ [^ www.".split(),
        *["` ``", "> > ", "a\n", "[a]: b\n", "| - |\n", "    a\n", "```\n", "[x y=", "*a _b "],
    ],
)
def test_hostile_markdown_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    read_markdown(unit * (300_000 // len(unit)))
    assert time.process_time() - started < 20
