"""The readability panel: textstat's figures of the body, and nothing else of the page."""

from __future__ import annotations

import subprocess
import sys

import pytest
import textstat

from detector.document import Block, Document
from detector.report.readability import NEVER_A_REASON, readability

PROSE = (
    "The bench by the canal was painted green in the spring. Nine boats went by on Tuesday, and two of them carried "
    "timber to the mill. Harold counted every one and wrote the number in his notebook."
)


def test_the_figures_are_those_of_the_reference() -> None:
    found = readability(Document.from_text(PROSE))
    assert found is not None
    assert (found.words, found.sentences) == (textstat.lexicon_count(PROSE), 3)
    assert found.syllables == textstat.syllable_count(PROSE)
    values = {name: value for name, value, _ in found.formulas}
    assert values == {
        "Flesch reading ease": textstat.flesch_reading_ease(PROSE),
        "Flesch-Kincaid": textstat.flesch_kincaid_grade(PROSE),
        "Gunning fog": textstat.gunning_fog(PROSE),
        "SMOG": textstat.smog_index(PROSE),
    }


def test_markup_headings_and_furniture_are_not_read() -> None:
    plain = readability(Document.from_text(PROSE))
    marked = PROSE.replace("the canal", "[the **canal**](https://example.org/a.b.c?d=e)")
    assert (
        readability(Document.from_markdown(f"# A heading\n\n{marked}\n\n```\ncode. code. code.\n```\n"))
        == plain
    )
    page = f"Home Contact\n\n{PROSE}"
    blocks = (Block(0, 12, "furniture"), Block(14, len(page), "paragraph"))
    assert readability(Document("d", page, blocks)) == plain


def test_items_without_full_stops_are_sentences_of_their_own() -> None:
    found = readability(
        Document.from_markdown(
            "- steel kettles boil fast\n- glass kettles look good\n- iron ones last long\n"
        )
    )
    assert found is not None
    assert found.sentences == 3


def test_too_few_sentences_for_smog_give_no_smog() -> None:
    found = readability(Document.from_text("The bench by the canal was painted green in the spring."))
    assert found is not None
    assert [name for name, _, _ in found.formulas] == ["Flesch reading ease", "Flesch-Kincaid", "Gunning fog"]


def test_of_a_word_without_end_only_the_beginning_is_read() -> None:
    short, endless = (readability(Document.from_text(f"{PROSE} {'la' * n}")) for n in (50, 500_000))
    assert short == endless  # the syllables of a megabyte alone take seconds


@pytest.mark.parametrize("text", ["", " \n\n ", "…", "***\n\n---", "!!! ???"])
def test_a_page_without_words_has_no_panel(text: str) -> None:
    assert readability(Document.from_text(text)) is None


def test_pages_are_not_kept() -> None:
    readability(Document.from_text(PROSE))
    assert textstat.textstat.lexicon_count.cache_info().currsize == 0
    assert textstat.textstat.flesch_kincaid_grade.cache_info().currsize == 0


def test_the_reference_is_loaded_when_a_panel_is_wanted() -> None:
    code = "import detector.report.readability, sys; sys.exit('textstat' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_loading_the_reference_says_nothing() -> None:
    code = f"""
from detector.document import Document
from detector.report.readability import readability
assert readability(Document.from_text({PROSE!r}))
"""
    run = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=True
    )
    assert "pkg_resources" not in run.stderr


def test_the_panel_says_that_it_is_no_reason() -> None:
    assert "never a reason" in NEVER_A_REASON
