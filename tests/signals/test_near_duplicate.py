"""Repeats on one page: reworded paragraphs and sentences are paired, honest likeness is left alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document, Span
from detector.signals import near_duplicate
from detector.tables import Tables

TABLES = Tables({})

KETTLE = (
    "Descale the kettle every month with equal parts of vinegar and water. Bring it to the boil, leave"
    " it to stand for"
    " an hour and rinse it twice, or the next pot of tea will taste of pickles."
)
KETTLE_AGAIN = (
    "Every month the kettle should be descaled with equal parts of water and vinegar. Boil it, let it"
    " stand for an"
    " hour and rinse twice, because otherwise the next pot of tea tastes of pickles."
)
TOASTER = (
    "Empty the crumb tray of the toaster before it smokes. Unplug it first, turn it upside down over the"
    " sink and"
    " brush the wires with a dry pastry brush, never with a knife."
)
OVEN = (
    "Line the floor of the oven with a sheet of foil on the day of the roast. Fat that drips on it can"
    " be thrown away"
    " in the morning, while burnt fat on enamel needs soda and patience."
)


LARDER = (
    "apples pears quinces onions leeks turnips swedes carrots beets parsnips walnuts hazels plums prunes figs dates"
    " olives capers beans lentils peas barley oats millet"
).split()


def spans(*paragraphs: str) -> tuple[Document, tuple[Span, ...]]:
    document = Document.from_text("\n\n".join(paragraphs), id="page")
    return document, near_duplicate.measure(document, TABLES).spans


def test_a_reworded_paragraph_is_paired_with_its_first_version() -> None:
    document, found = spans(KETTLE, TOASTER, OVEN, KETTLE_AGAIN)
    texts = {document.text[s.start : s.end] for s in found}
    assert texts == {KETTLE, KETTLE_AGAIN}
    for span in found:
        assert span.partner is not None
        assert span.partner.id == "page"
        assert {
            document.text[span.partner.start : span.partner.end],
            document.text[span.start : span.end],
        } == texts


def test_a_sentence_that_comes_back_is_marked_without_its_paragraph() -> None:
    line = "Never put a hot glass dish on a wet stone counter, however thick the glass is and however dry it looks."
    document, found = spans(f"{TOASTER} {line}", OVEN, f"{line} {KETTLE}")
    assert [document.text[s.start : s.end] for s in found] == [line, line]


def test_a_repeat_with_other_sentence_order_and_other_words_is_found() -> None:
    spun = (
        "Disconnect it first, turn it upside down above the sink and brush the cables with a dry pastry brush, never"
        " with a blade. Vacate the crumb tray of the toaster before it fumes."
    )
    document, found = spans(TOASTER, KETTLE, OVEN, spun)
    assert {document.text[s.start : s.end] for s in found} == {TOASTER, spun}


def test_a_part_of_a_paragraph_that_comes_back_is_found() -> None:
    part = (
        "Empty the crumb tray of the toaster before it burns. Unplug it first, turn it upside down over the basin and"
        " brush the wires with a soft brush."
    )
    document, found = spans(TOASTER, KETTLE, OVEN, part)
    assert part in {document.text[s.start : s.end] for s in found}


def test_a_long_text_without_paragraphs_is_compared_with_itself() -> None:
    between = " ".join(f"Shelf {k} holds {w}." for k, w in enumerate(LARDER))
    document, found = spans(f"{KETTLE} {OVEN} {between} {KETTLE_AGAIN} {OVEN}")
    assert document.text[max(s.end for s in found) - 9 :] == "patience."


def test_one_formula_with_other_figures_is_no_repeat() -> None:
    result = (
        "In {} trials with {} cooks the glaze lasted longer than without soda. The difference was {} weeks at low heat"
        " and {} weeks at high heat, and the quality of the trials was low."
    )
    assert spans(result.format(4, 210, 3, 7), KETTLE, TOASTER, result.format(9, 655, 12, 20), OVEN)[1] == ()


def test_a_line_of_instructions_may_come_back_on_a_long_page() -> None:
    line = "Sign the form on the last page and hand it in at the counter of the hall."
    others = [
        f"{w.capitalize()} are sold by the pound from the stall at gate {k}." for k, w in enumerate(LARDER)
    ]
    assert spans(f"{KETTLE} {line}", *others, TOASTER, f"{OVEN} {line}")[1] == ()


def test_more_repeats_are_worth_more() -> None:
    one = near_duplicate.measure(spans(KETTLE, TOASTER, OVEN, KETTLE_AGAIN)[0], TABLES).value
    two = near_duplicate.measure(spans(KETTLE, TOASTER, OVEN, KETTLE_AGAIN, OVEN)[0], TABLES).value
    assert two > one > 0


def test_paragraphs_on_one_topic_are_no_repeat() -> None:
    assert spans(KETTLE, TOASTER, OVEN)[1] == ()


def test_list_items_built_alike_are_no_repeat() -> None:
    item = "- {} of the kitchen floor with warm water, green soap and a soft brush takes a morning and costs 40 pounds"
    assert spans(*(item.format(w) + "\n" + item.format(w + " twice") for w in ("Washing", "Waxing")))[1] == ()


def test_short_furniture_is_no_repeat() -> None:
    assert (
        spans(KETTLE, "Ring us on Mondays.", TOASTER, "Ring us on Mondays.", OVEN, "Ring us on Mondays.")[1]
        == ()
    )


def test_parallel_entries_side_by_side_are_no_repeat() -> None:
    entry = "The {0} room has a bed for two, a bath with a view of the {1}, a desk and a kettle, and costs {2} a night."
    assert (
        spans(KETTLE, entry.format("red", "harbour", 80), entry.format("blue", "castle hill", 95), OVEN)[1]
        == ()
    )


def test_a_call_with_a_link_may_come_back() -> None:
    call = "Write to us on the [contact page](/contact) and we will ring you back the same evening."
    assert spans(f"{KETTLE} {call}", TOASTER, f"{OVEN} {call}")[1] == ()


def test_a_pulled_quote_may_come_back() -> None:
    words = "“I have never seen a cleaner oven in thirty years of selling kitchens”"
    assert spans(f"{KETTLE} {words}, he said.", TOASTER, f"{OVEN} {words}.")[1] == ()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from([KETTLE, KETTLE_AGAIN, TOASTER, OVEN, "A short line.", "- an item"]), max_size=30
    )
)
def test_spans_lie_in_the_text_and_partners_point_at_marked_places(paragraphs: list[str]) -> None:
    document, found = spans(*paragraphs)
    places = [(s.start, s.end) for s in found]
    assert len(set(places)) == len(places)
    for span in found:
        assert 0 <= span.start < span.end <= len(document.text)
        assert span.partner is not None
        assert (span.partner.start, span.partner.end) in places


def test_a_page_that_only_repeats_itself_is_worse_than_one_with_a_repeat() -> None:
    others = [TOASTER, OVEN]
    once = near_duplicate.measure(Document.from_text("\n\n".join([KETTLE, KETTLE, *others])), TABLES)
    always = near_duplicate.measure(Document.from_text("\n\n".join([KETTLE] * 40)), TABLES)
    assert always.value > 2 * once.value > 0
