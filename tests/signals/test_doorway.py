"""A place, product or query in the slots of a template: what gives the slot away on a single page."""

from __future__ import annotations

import pytest

from detector.document import Document
from detector.signals.doorway import measure
from detector.tables import Tables
from detector.verdict import Evidence


def of(text: str, tables: Tables) -> tuple[Evidence, list[str]]:
    document = Document.from_text(text)
    evidence = measure(document, tables)
    assert all(s.says for s in evidence.spans)
    return evidence, [document.text[s.start : s.end] for s in evidence.spans]


def town(times: int, place: str = "Ottermouth") -> str:
    said = " ".join(f"Our piano tuner in {place} comes on day {n} of the week." for n in range(times))
    return f"Piano Tuner in {place}\n\nA piano drifts in winter. {said}"


def test_the_town_of_the_title_again_and_again(tables: Tables) -> None:
    assert of(town(2), tables)[0].value == 0
    three, spans = of(town(3), tables)
    assert three.value > 0
    assert spans == ["in Ottermouth"] * 3
    assert of(town(6), tables)[0].value > three.value


def test_a_town_of_two_words_is_marked_whole(tables: Tables) -> None:
    assert set(of(town(3, "Cold Otter"), tables)[1]) == {"in Cold Otter"}


def test_headings_count_double(tables: Tables) -> None:
    page = "Piano Tuner in Ottermouth\n\nFind a piano tuner here.\n\n{}\n\nA piano drifts in winter."
    heading = "Why a Piano Tuner in Ottermouth\n\nStrings stretch.\n\nCost of a Piano Tuner in Ottermouth"
    assert of(page.format("Why a Tuner\n\nStrings stretch.\n\nCosts"), tables)[0].value == 0
    assert of(page.format(heading), tables)[0].value > 0


def test_a_report_on_a_place_that_is_no_slot(tables: Tables) -> None:
    text = (
        "Piano Makers Leave Ottermouth\n\nIn Ottermouth the last factory closed in May. People in Ottermouth are angry."
        " Shops in Ottermouth stay empty, and the council will meet on Friday."
    )
    assert of(text, tables)[0].value == 0


def test_a_month_is_no_place(tables: Tables) -> None:
    said = " ".join(f"Piano lessons in September cost {n}." for n in range(5))
    assert of(f"Piano Lessons in September\n\n{said}", tables)[0].value == 0


def test_a_query_as_a_noun(tables: Tables) -> None:
    text = (
        "Best Way to Tune a Piano\n\nThe best way to tune a piano has a long history. Many ask about best way to tune a"
        " piano every day."
    )
    evidence, spans = of(text, tables)
    assert evidence.value > 0
    assert [s.lower() for s in spans] == ["best way to tune a piano"] * 2


def test_a_query_that_is_quoted_or_asked_once_is_fine(tables: Tables) -> None:
    text = (
        "How to Tune a Piano\n\nPeople write to us “how to tune a piano” and “how to tune a piano at home” often."
        " In this guide you learn how to tune a piano with a lever."
    )
    assert of(text, tables)[0].value == 0


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("We proudly serve Ottermouth, Cold Otter, Brenley, Sarle, Upwick and Dunnet.", True),
        ("Surrounding areas such as Ottermouth, Cold Otter, Brenley, Sarle and Upwick are welcome.", True),
        ("The trio played in Ottermouth, Cold Otter, Brenley, Sarle, Upwick and Dunnet.", False),
        ("We serve soup, bread, cheese, olives, figs and nuts.", False),
        ("We serve Ottermouth and Brenley.", False),
    ],
)
def test_lists_of_places_served(sentence: str, found: bool, tables: Tables) -> None:
    assert (of(f"A piano drifts in winter. {sentence}", tables)[0].value > 0) is found


def test_one_sentence_with_several_names_in_its_slot(tables: Tables) -> None:
    names = ("Ottermouth", "Brenley", "Cold Sarle")
    said = [
        f"Our tuners in {name} look after your piano all year round. Note {n}."
        for n, name in enumerate(names)
    ]
    evidence, spans = of("\n\n".join(said), tables)
    assert evidence.value > 0
    assert spans == list(names)
    assert of("\n\n".join(said[:2]), tables)[0].value == 0


def test_the_wrong_article_at_words_of_the_title(tables: Tables) -> None:
    text = "Upright Piano Advice\n\nYou want a advice that lasts. Get a advice now."
    evidence, spans = of(text, tables)
    assert (evidence.value > 0, spans) == (True, ["a advice", "a advice"])
    assert of(text.replace("a advice", "an advice"), tables)[0].value == 0
    assert of(text.replace("Advice\n", "Care\n"), tables)[0].value == 0


def test_a_product_named_in_full_in_every_sentence(tables: Tables) -> None:
    said = " ".join(f"With Zorvex Prime the piano sounds {tone}." for tone in "abcdefghijklmnopq")
    evidence, spans = of(f"Zorvex Prime Review\n\n{said}", tables)
    assert evidence.value > 0
    assert set(spans) == {"Zorvex Prime"}
