"""thin_specifics: the emptiest stretch decides, whatever stands around it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals.thin_specifics import measure
from detector.tables import Tables

TABLES = Tables({})
EMPTY = (
    "A good garden offers many advantages and brings a sense of calm to everyday life. It is important to choose the"
    " right plants, because they can make a real difference to the overall look of the space. With a little care and"
    " attention, anyone can enjoy lasting results and a pleasant atmosphere throughout the year."
)
FULL = (
    "We planted 14 hornbeams along the Coventry road in March 2009. Each cost £6.40 at Barlow's, and nine were lost to"
    " voles in the first winter. Mrs. Adeyemi measured them again last week: the tallest stands at 4.1 m, the others"
    " near 3 m. She cuts them with a Japanese saw in August, which takes her two days."
)


def value(text: str) -> float:
    return measure(Document.from_text(text), TABLES).value


def test_an_empty_page_lacks_nearly_everything() -> None:
    assert value("\n\n".join([EMPTY] * 6)) > 0.9


def test_a_full_page_lacks_nothing() -> None:
    assert value("\n\n".join([FULL.replace("14", str(n)) for n in range(20, 26)])) == 0


def test_details_elsewhere_do_not_fill_an_empty_stretch() -> None:
    empty = "\n\n".join([EMPTY] * 6)
    assert value(f"{empty}\n\n{FULL}\n\n{FULL}") == value(empty)


def test_a_price_table_is_not_prose() -> None:
    rows = "\n".join(f"| Tree {n} | £{n}.50 | {n * 10} cm |" for n in range(1, 30))
    halves = "\n\n".join([EMPTY] * 3)
    assert value(f"{halves}\n\n{rows}\n\n{halves}") == value(f"{halves}\n\n{halves}")


def test_repeating_one_figure_adds_nothing() -> None:
    page = "\n\n".join([EMPTY] * 3)
    repeated = value(page + " It is 30 cm. And 30 cm. Again 30 cm.")
    assert repeated > value(page + " It is 30 cm. And 35 cm. Again 40 cm.")


def test_the_title_gives_no_names() -> None:
    page = f"Hardy Fuchsia Care\n\n{EMPTY} Growing a Fuchsia is like growing any other Fuchsia."
    assert value(page) > 0.2


def test_few_words_have_no_rate() -> None:
    assert value("Plants are nice to have around the house.") == 0


def test_spans_mark_the_emptiest_paragraphs() -> None:
    document = Document.from_text("\n\n".join([FULL] + [EMPTY] * 6))
    spans = measure(document, TABLES).spans
    assert spans
    assert {document.text[s.start : s.end] for s in spans} == {EMPTY}
    assert all("words" in s.says for s in spans)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([EMPTY, FULL, "Short line", "- 3 eggs", ""]), max_size=12))
def test_the_value_is_a_share(paragraphs: list[str]) -> None:
    evidence = measure(Document.from_text("\n\n".join(paragraphs)), TABLES)
    assert 0 <= evidence.value <= 1
    assert evidence.value > 0 or not evidence.spans
