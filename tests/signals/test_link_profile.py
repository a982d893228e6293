"""Links out of the text: search phrases as anchors, and the links that authors make."""

from __future__ import annotations

import dataclasses

import pytest

from detector.document import Document
from detector.signals._reading import read
from detector.signals.link_profile import TABLES, measure
from detector.tables import Tables
from detector.verdict import Evidence

BEFORE = "Compost warms up when it is turned, and worms do the rest. In a dry summer it wants water. "
AFTER = " Leaves from the lime tree rot within a year, those of the walnut need two."
PHRASE = "affordable dental implants in Boston"
URL = "https://garden.example/compost"


@pytest.fixture(autouse=True)
def _needs_words_of_sellers(tables: Tables) -> None:
    if any(name not in tables for name in TABLES):
        pytest.skip("the model does not know the words of sellers")


def of(
    sentence: str, tables: Tables, url: str | None = URL, site: str | None = None
) -> tuple[Evidence, list[str]]:
    """The evidence on a page of HTML with this sentence, and the anchors it marks."""
    document = Document.from_html(f"<p>{BEFORE}{sentence}{AFTER}</p>", url=url)
    document = dataclasses.replace(document, site=site)
    evidence = measure(document, tables)
    assert all(s.says for s in evidence.spans)
    return evidence, [document.text[s.start : s.end] for s in evidence.spans]


def link(anchor: str, href: str = "https://smile.example/implants", rel: str = "") -> str:
    return f'<a href="{href}"{f" rel={rel!r}" if rel else ""}>{anchor}</a>'


@pytest.mark.parametrize("url", [URL, None])
def test_a_search_phrase_in_a_sentence(url: str | None, tables: Tables) -> None:
    evidence, anchors = of(f"Many neighbours look for {link(PHRASE)} and stir the heap.", tables, url)
    assert evidence.value > 0.5
    assert anchors == [PHRASE]


def test_the_same_in_markdown_and_plain_text(tables: Tables) -> None:
    text = f"{BEFORE}Many neighbours look for [{PHRASE}](https://smile.example/implants) and stir the heap.{AFTER}"
    for document in (Document.from_markdown(text), Document.from_text(text)):
        (span,) = measure(document, tables).spans
        assert document.text[span.start : span.end] == PHRASE


def test_nofollow_and_sponsored_halve_it(tables: Tables) -> None:
    followed = of(f"Many look for {link(PHRASE)} and stir the heap.", tables)[0].value
    for rel in ("nofollow", "sponsored noopener", "UGC"):
        assert (
            of(f"Many look for {link(PHRASE, rel=rel)} and stir the heap.", tables)[0].value == followed / 2
        )


def test_a_common_phrase_that_leads_to_a_strangers_home_page(tables: Tables) -> None:
    home = of(f"It helps to {link('sharpen old shears', 'https://zornel.example/')} in the shed.", tables)[
        0
    ].value
    deep = of(
        f"It helps to {link('sharpen old shears', 'https://zornel.example/how/12')} in the shed.", tables
    )[0].value
    assert home > deep == 0


@pytest.mark.parametrize(
    "sentence",
    [
        f"The council has {link('measured the heat', 'https://zornel.example/report')} of forty heaps.",
        f"The {link('Zornel Compost Society', 'https://zornel.example/')} keeps worms for its members.",
        f"The {link('zornel compost', 'https://zornel-compost.example/')} people keep worms for members.",
        f"See {link('https://zornel.example/worms', 'https://zornel.example/worms')} for pictures of them.",
        f"She wrote {link('“Cheap Dental Implants Online”', 'https://zornel.example/b')} as a joke on us.",
        f"A study found {link(PHRASE, 'https://dental.uni.example.edu/implants')} to be rare in gardens.",
        f"A study found {link(PHRASE, 'https://health.example.gov/implants')} to be rare in gardens.",
        f"We also sell {link(PHRASE, 'https://shop.garden.example/implants')} to people with worms.",
        f"We also sell {link(PHRASE, '/implants')} to people with worms.",
        f"Write to {link('our cheap dental desk', 'mailto:desk@smile.example')} about it now.",
    ],
)
def test_links_that_authors_make(sentence: str, tables: Tables) -> None:
    assert of(sentence, tables)[0] == Evidence()


def test_a_button_on_a_line_of_its_own_is_a_label(tables: Tables) -> None:
    html = f"<p>{BEFORE}{AFTER}</p><p>{link('Book a cheap appointment online now')}</p>"
    assert measure(Document.from_html(html, url=URL), tables) == Evidence()


def test_whose_page_it_is_can_be_said(tables: Tables) -> None:
    sentence = f"Many neighbours look for {link(PHRASE, 'https://www.smileplace.example/implants')} and stir."
    assert of(sentence, tables, url=None)[0].value > 0
    assert of(sentence, tables, url=None, site="smileplace.example")[0].value == 0
    assert of(sentence, tables, url=None, site="Smile Place")[0].value == 0


def test_one_host_with_several_phrases_counts_more_where_the_own_host_is_known(tables: Tables) -> None:
    other = "cheap teeth whitening near me"
    sentence = (
        f"Some want {link(PHRASE)} and some want {link(other, 'https://smile.example/white')} in spring."
    )
    known, unknown = (of(sentence, tables, url)[0].value for url in (URL, None))
    assert known == pytest.approx(unknown + 0.5)
    assert of(f"Some want {link(PHRASE)} and some want {link(PHRASE)} in spring.", tables)[0].value <= unknown


def test_one_link_more_never_weighs_less_and_five_are_enough(tables: Tables) -> None:
    links = [link(PHRASE, f"https://s{n}.example/x") for n in range(9)]
    values = [
        of(f"Some ask about {' and '.join(links[:n])} in spring.", tables)[0].value for n in range(1, 10)
    ]
    assert values == sorted(values)
    assert values[4] == values[8]


def test_the_place_of_a_word_in_the_reading_is_as_expected(tables: Tables) -> None:
    document = Document.from_text(f"A heading\n\n{BEFORE}\n\n- one item\n- another\n\n{AFTER}")
    reading = read(document, tables)
    for number, sentence in enumerate(document.sentences):
        for token in range(sentence.first, sentence.last):
            assert reading.token[token + number + 1] == token
