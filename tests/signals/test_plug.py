"""plug: a business from outside, named once, with an offer and a way to reach it."""

from __future__ import annotations

import pytest

from detector.document import Document
from detector.signals.plug import measure
from detector.tables import Tables

TABLES = Tables({})
ARTICLE = (
    "Old pianos lose their pitch when the air in the room changes. The pins sit in a block of maple, and when the wood"
    " swells or shrinks, the strings follow.\n\n"
    "A tuner sets the middle octave first and works outwards from there. An hour is usually enough, longer after a"
    " move. The felt on the hammers hardens with use and can be softened with needles.\n\n"
)
PLUGS = [
    "If your piano needs a tuner, K & L Strings in Albany, NY specialises in uprights. Their staff will give your keys"
    " an even touch. Get in touch with them to arrange a visit.",
    "Are you ready for a tuner? Harmony Piano Works offers expert tuning in your own home. Call their team on"
    " 555-201-4400.",
    "It pays to book a session with a skilled tuner at Fenwick Keyboards, who will make your bass ring. Visit"
    " www.fenwickkeys.com for details.",
]


@pytest.mark.parametrize("plug", PLUGS)
def test_a_plug_at_the_end_of_an_article(plug: str) -> None:
    document = Document.from_text(ARTICLE + plug)
    evidence = measure(document, TABLES)
    assert evidence.value >= 3
    assert len(evidence.spans) == 1
    assert evidence.spans[0].start >= len(ARTICLE)


@pytest.mark.parametrize("plug", PLUGS)
def test_a_plug_in_the_middle_counts_as_well(plug: str) -> None:
    document = Document.from_text(ARTICLE + plug + "\n\n" + ARTICLE.replace("Old", "Grand"))
    assert measure(document, TABLES).value >= 3


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE,
        # the page is the business's own
        f"{ARTICLE}At Harmony Piano Works our team tunes uprights and grands. We offer tuning at home. Contact us in"
        " autumn to arrange a visit, or visit our studio in Albany, NY.",
        # the name runs through the page
        f"Harmony Piano Works was founded in 1981.\n\n{ARTICLE}Harmony Piano Works tunes grands.\n\nIf you need help,"
        " Harmony Piano Works offers expert tuning. Call them on 555-201-4400.",
        # public bodies
        f"{ARTICLE}If you are looking for training, contact the National Association of Tuners at 555-201-4400, which"
        " keeps a list of teachers. They will give you a name.",
        # a name without an offer
        f"{ARTICLE}Bartolomeo Cristofori built the first piano in Florence. Visitors can see one of his in New York.",
        # an offer without a name
        f"{ARTICLE}If you need a tuner, ask a music teacher. They will give you a name. Arrange a visit in autumn.",
    ],
)
def test_quiet(text: str) -> None:
    evidence = measure(Document.from_text(text), TABLES)
    assert evidence.value == 0
    assert not evidence.spans


def test_the_name_in_the_address_of_the_page_is_its_own() -> None:
    text = ARTICLE + PLUGS[1]
    assert measure(Document.from_text(text, url="https://other.example/a"), TABLES).value >= 3
    assert measure(Document.from_text(text, url="https://www.harmony-piano-works.com/a"), TABLES).value == 0


def test_the_name_in_the_title_is_its_own() -> None:
    assert (
        measure(Document.from_text(ARTICLE + PLUGS[1], title="Harmony Piano Works: prices"), TABLES).value
        == 0
    )
