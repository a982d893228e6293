"""Articles joined on one page."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from detector.document import Document
from detector.signals import stitched
from detector.tables import Tables
from detector.verdict import Evidence

TABLES = Tables({})

FIRST = """Beeswax is a natural wax that honeybees sweat out in flakes and shape into comb. People have \
used it for candles, for polish and for sealing jars since before anybody wrote things down.

The cappings that are cut off at harvest give the cleanest wax. Melt them in a pan that stands in hot \
water, pour the wax through an old stocking and let it set slowly under a towel.

For polish, stir one part of wax into three parts of turpentine away from any flame. Rub it in with a \
woollen rag, wait a night and brush the table until it shines like a chestnut.

In conclusion, beeswax is a humble stuff with a hundred uses. Save your cappings and you will never buy \
polish again."""

SECOND = """Introduction to Beeswax

Beeswax, also known as cera alba, is a natural wax that honeybees sweat out and shape into comb. For \
thousands of years people have made candles and polish with it.

Cleaning the Wax

Clean wax comes from the cappings of the harvest. They are melted over hot water, poured through cloth \
and left to set slowly, so that the dirt sinks to the bottom of the block.

Conclusion

To sum up, beeswax is worth saving. Whoever keeps bees has polish, candles and a sealed jar for nothing \
at all, and the smell of summer in the workshop as well."""


def evidence(text: str) -> Evidence:
    return stitched.measure(Document.from_text(text), TABLES)


def test_the_join_is_marked_where_the_second_article_begins() -> None:
    text = f"{FIRST}\n\n{SECOND}"
    found = evidence(text)
    assert len(found.spans) == 1
    assert text[found.spans[0].start :].startswith("Introduction to Beeswax")
    assert found.spans[0].says.startswith("Article 2 of 2 seems to start here")


def test_every_join_is_marked_and_adds_to_the_value() -> None:
    twice, thrice = evidence(f"{FIRST}\n\n{SECOND}"), evidence(f"{FIRST}\n\n{SECOND}\n\n{FIRST}")
    assert sorted(s.says[:14] for s in thrice.spans) == ["Article 2 of 3", "Article 3 of 3"]
    assert thrice.value > twice.value


def test_single_line_breaks_hide_no_join() -> None:
    text = f"{FIRST}\n\n{SECOND}".replace("\n\n", "\n")
    assert [text[s.start :].split("\n")[0] for s in evidence(text).spans] == ["Introduction to Beeswax"]


def test_an_article_without_headings_that_begins_again_is_a_join() -> None:
    bare = "\n\n".join(p for p in SECOND.split("\n\n") if len(p) > 40)
    text = f"{FIRST}\n\n{bare}"
    assert [text[s.start :][:22] for s in evidence(text).spans] == ["Beeswax, also known as"]


def test_one_article_has_no_join() -> None:
    assert evidence(FIRST).value == 0
    assert evidence(SECOND).value == 0


def test_a_conclusion_may_be_followed_by_an_appendix() -> None:
    appendix = (
        "Further Reading\n\nThe county association prints a leaflet on wax and candles, and its library"
        " lends a solar"
        " melter to members in June and July. Meetings are held on the first Tuesday of the month in the"
        " village"
        " hall.\n\nAbout the Writer\n\nRuth Amsel has kept eleven hives above the river since 1998. She"
        " sells candles"
        " at the Saturday market and teaches children to roll them from sheets of comb."
    )
    assert evidence(f"{FIRST}\n\n{appendix}").value == 0


def test_questions_and_answers_are_no_articles() -> None:
    questions = "\n\n".join(
        f"What is {thing}?\n\n{thing.capitalize()} is a {kind} that beekeepers {use}. Ask at the hall on"
        f" the first"
        f" Tuesday if you would like to try {thing} yourself before you buy any, and bring gloves along"
        f" with you."
        for thing, kind, use in (
            ("propolis", "brown resin", "scrape from the frames in autumn"),
            ("royal jelly", "white food", "hardly ever take from a hive"),
            ("pollen", "yellow dust", "catch in a trap below the entrance"),
            ("comb honey", "slab of sealed comb", "cut out and sell in a box"),
            ("mead", "wine of honey", "leave alone for two winters"),
        )
    )
    assert evidence(questions).value == 0


def test_treatments_with_the_same_small_headings_are_no_articles() -> None:
    page = "\n\n".join(
        f"{name}\n\n{name} suits {who}. We do it in the front room on {day}.\n\nWhat It Costs\n\nThe"
        f" first visit is"
        f" {price} pounds and lasts an hour.\n\nHow To Prepare\n\nEat something light and wear"
        f" {clothes}, please."
        for name, who, day, price, clothes in (
            ("Deep massage", "runners with hard calves", "Mondays", 45, "shorts"),
            ("Cupping", "people who sit at a desk", "Tuesdays", 40, "a vest"),
            ("Stretching", "dancers and climbers", "Fridays", 30, "loose trousers"),
            ("Hot stones", "anybody who is cold in winter", "Saturdays", 60, "what you like"),
            ("Foot care", "walkers before a long path", "Sundays", 25, "open shoes"),
        )
    )
    assert evidence(page).value == 0


def network(log_odds: float, floor: float) -> Tables:
    """A model that takes every place for the beginning of an article with these log-odds."""
    columns = stitched.places(Document.from_text(f"{FIRST}\n\n{SECOND}"), TABLES)[1].shape[1]
    arrays = {
        "join_mean": np.zeros(columns),
        "join_scale": np.ones(columns),
        "join_w1": np.zeros((columns, 2)),
        "join_b1": np.zeros(2),
        "join_w2": np.zeros((2, 1)),
        "join_b2": np.array([log_odds]),
        "join_floor": np.array([floor]),
    }
    return Tables({}, {name: value.astype(np.float32) for name, value in arrays.items()})


def test_what_the_model_has_learned_adds_joins_that_are_far_enough_apart() -> None:
    document = Document.from_text(f"{FIRST}\n\n{FIRST.replace('eeswax', 'amp oil')}\n\n{FIRST}")
    found = stitched.measure(document, network(2.0, 0.5)).spans
    first = [document.text[: s.start].count(" ") for s in sorted(found, key=lambda s: s.start)]
    assert len(found) >= 2
    assert all(b - a >= stitched.APART - 10 for a, b in pairwise(first))
    assert all(f"of {len(found) + 1} seems to start here: " in s.says for s in found)


def test_places_below_the_floor_are_no_joins() -> None:
    document = Document.from_text(FIRST)
    assert stitched.measure(document, network(0.0, 0.9)).value == 0


def test_every_place_has_a_row_of_finite_numbers() -> None:
    document = Document.from_text(f"{FIRST}\n\n{SECOND}")
    starts, rows = stitched.places(document, TABLES)
    assert len(starts) == len(rows) > 0
    assert np.isfinite(rows).all()
    assert document.text[starts[-1] :].startswith(("Introduction", "Cleaning", "Beeswax", "Clean wax"))


def test_a_short_page_has_no_places() -> None:
    assert stitched.places(Document.from_text("Beeswax burns with a clear flame."), TABLES)[0] == []
