"""Docstrings read as documentation: headings, sections, examples and their marks."""

from __future__ import annotations

import pytest

from detector import explain
from detector.cli import main
from detector.errors import UsageError
from detector.explain import Example, ExamplePage, parse, unmark
from detector.score import known_signals
from detector.signals import crawl

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


def test_an_example_of_several_pages() -> None:
    (example,) = explain.examples(
        "fires",
        """What a crawl shows.

Example:
    https://a.example/one
    # Title
    First ⟦page⟧.
    http://b.example/two
    ⟦Second⟧ page, which links to https://c.example/ in a ⟦line⟧.""",
    )
    assert example.pages == (
        ExamplePage("https://a.example/one", "# Title\nFirst page.", ((14, 18),)),
        ExamplePage(
            "http://b.example/two",
            "Second page, which links to https://c.example/ in a line.",
            ((0, 6), (52, 56)),
        ),
    )
    for page in example.pages:
        assert [page.text[a:b] for a, b in page.spans] in (["page"], ["Second", "line"])


def test_an_example_of_one_page_has_no_addresses() -> None:
    assert Example("fires", "One text.", ()).pages == ()


@pytest.mark.parametrize("name", crawl.registry())
def test_signals_of_a_crawl_are_explained_too(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert f"\n{name} " in capsys.readouterr().out
    assert main(["explain", name]) == 0
    out = capsys.readouterr().out
    assert "of a crawl" in out.splitlines()[0]
    assert all(heading in out for heading in explain.HEADINGS)
    assert f"| `{name}` | crawl |" in explain.markdown_table()


def test_signals_of_a_crawl_can_be_ignored() -> None:
    assert known_signals(["site_clone", "plug"]) == {"site_clone", "plug"}
    with pytest.raises(UsageError, match="did you mean spun_sibling"):
        known_signals(["spun_siblings"])
    with pytest.raises(UsageError, match="did you mean 'anchor_ring'"):
        explain.page("anchor_rings")
