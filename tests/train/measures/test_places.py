"""Places found, and places wrongly marked."""

from __future__ import annotations

from typing import Any

import pytest

from detector.document import Document, Span
from detector.train.measures import places
from detector.train.spoil import Mark


def test_a_damaged_place_is_found_when_half_of_it_is_covered(made: Any) -> None:
    marks = (Mark(0, 10, "plug"), Mark(20, 30, "plug"), Mark(40, 50, "plug"))
    made.signals({"plug": "place"}, {"0": [Span(5, 15), Span(20, 24)], "1": [Span(0, 4)]})
    pages = [made.page(0, 1, family="plug", marks=marks), made.page(1, 0)]
    found = places.by_signal(made.cross(pages, {"plug": [1, 1]}))["plug"]
    assert (found["planted"]["places"], found["planted"]["count"]) == (3, 1)
    assert found["on_honest_pages_per_1000_words"] == pytest.approx(1000 / 60)
    assert found["honest_pages"]["share"] == 1


def test_a_quoted_place_is_found_by_any_touch_and_readers_stand_apart_from_the_corpus(made: Any) -> None:
    made.signals({"plug": "place"}, {"0": [Span(9, 11)], "1": [Span(90, 99)]})
    quote = (Mark(0, 10, "plug"),)
    pages = [made.page(0, 1, marks=quote, group="corpus"), made.page(1, 1, marks=quote, judged="reject")]
    found = places.by_signal(made.cross(pages, {"plug": [1, 1]}))["plug"]
    assert (found["written"]["count"], found["written"]["places"]) == (1, 1)
    assert (found["quoted"]["count"], found["quoted"]["places"]) == (0, 1)


def test_the_first_of_several_articles_is_no_join(made: Any) -> None:
    marks = (Mark(0, 20, "stitched"), Mark(60, 80, "stitched"))
    made.signals({"stitched": "place"}, {"0": [Span(60, 80)]})
    found = places.by_signal(made.cross([made.page(0, 1, family="stitch", marks=marks)], {"stitched": [1]}))
    assert (found["stitched"]["planted"]["count"], found["stitched"]["planted"]["places"]) == (1, 1)


def test_what_speaks_for_a_page_is_no_false_place(made: Any) -> None:
    made.signals({"trust": "trust"}, {"0": [Span(0, 4)]})
    assert places.by_signal(made.cross([made.page(0, 0)], {"trust": [1]})) == {}


def test_a_signal_that_saw_nothing_is_not_asked_again(made: Any) -> None:
    made.signals({"plug": "place"}, {"0": [Span(0, 4)]})
    assert places.spans_of(made.cross([made.page(0, 0)], {"plug": [0]}), 0, "plug") == ()


def test_articles_are_one_more_than_begin_after_the_first_paragraph() -> None:
    document = Document.from_text("One article begins here.\n\nAnother one here.\n\nA third one here.")
    second, third = (document.text.index(w) for w in ("Another", "A third"))
    assert places.articles(document, ()) == 1
    assert places.articles(document, (Span(second, second + 5), Span(third, third + 5))) == 3
    assert places.articles(document, (Span(0, 5), Span(second, second + 5))) == 2, (
        "the first may be marked too"
    )


def test_honest_pages_that_repeat_by_nature_are_counted_by_their_form(made: Any) -> None:
    questions = "\n\n".join(
        f"Where is the {w}?\n\n{made.text(k, 20)}" for k, w in enumerate(("salt", "oil", "tea"))
    )
    summary = f"{made.text(9, 60)}\n\nIn summary\n\n{made.text(8, 20)}"
    pages = [
        made.page(0, 0, text=questions),
        made.page(1, 0, text=summary),
        made.page(2, 0, group="authority"),
        made.page(3, 1, text=questions),
    ]
    made.signals({"near_duplicate": "place", "stitched": "place"}, {"0": [Span(0, 4)], "3": [Span(0, 4)]})
    every = [1.0] * 4
    found = places.repeats(made.cross(pages, {"near_duplicate": every, "stitched": every}))["honest_marked"]
    assert {kind: s["near_duplicate"]["count"] for kind, s in found.items()} == {
        "all": 1, "questions and answers": 1, "with a summary": 0, "leaflets": 0,
    }  # fmt: skip
    assert found["with a summary"]["stitched"]["high"] < 1, "there is one"


def test_stitched_pages_are_right_when_the_number_of_articles_is(made: Any) -> None:
    text = f"{made.text(0, 60)}\n\n{made.text(1, 60)}\n\n{made.text(2, 60)}"
    starts = [0, text.index("\n\n") + 2, text.rindex("\n\n") + 2]
    marks = tuple(Mark(s, s + 9, "stitched") for s in starts)
    pages = [made.page(k, 1, text=text, family="stitch", marks=marks) for k in range(3)]
    joins = [Span(s, s + 9) for s in starts[1:]]
    made.signals({"near_duplicate": "place", "stitched": "place"}, {"0": joins, "1": joins[:1]})
    found = places.repeats(made.cross(pages, {"near_duplicate": [0] * 3, "stitched": [1] * 3}))
    assert found["stitched_pages"] == 3
    assert (found["articles_right"]["count"], found["seen_as_several"]["count"]) == (1, 2)


def test_pasted_and_swapped_words_are_counted_apart(made: Any) -> None:
    made.signals(
        {"injected_anchor": "place", "spun_phrase": "habit"},
        {"0": [Span(0, 10)], "1": [Span(0, 4), Span(30, 34)]},
    )
    pages = [
        made.page(
            0,
            1,
            family="paste_insert",
            marks=(Mark(0, 10, "injected_anchor"), Mark(50, 60, "injected_anchor")),
        ),
        made.page(1, 1, family="spin_x", marks=(Mark(0, 4, "spun_phrase"),)),
    ]
    cross = made.cross(pages, {"injected_anchor": [1, 0], "spun_phrase": [0, 1]})
    assert places.pasted(cross)["recall"] == {"paste_insert": {"phrases": 2, "found": 0.5}}
    assert places.swapped(cross) == {"shown": 2, "precision": 0.5, "planted": 1, "recall": 1.0}
