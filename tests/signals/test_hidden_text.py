"""Text that readers do not see: what is meant for search engines, and what sites hide for their readers' sake."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals.hidden_text import measure
from detector.tables import Tables
from detector.verdict import Evidence

STEW = (
    "<p>"
    + "The stew simmers for two hours on a low flame, and the lid stays on so that no juice is lost. " * 6
    + "</p>"
)


def of(
    html: str, tables: Tables, url: str | None = "https://kitchen.example/stew"
) -> tuple[Evidence, list[str]]:
    document = Document.from_html(
        f"<html><body><article><h1>Stew</h1>{STEW}{html}</article></body></html>", url=url
    )
    evidence = measure(document, tables)
    assert all(s.says for s in evidence.spans)
    return evidence, [document.text[s.start : s.end] for s in evidence.spans]


@pytest.fixture
def sellers(tables: Tables) -> Tables:
    if "anchor_bits" not in tables:
        pytest.skip("the model does not know the words of sellers")
    return tables


@pytest.mark.parametrize("url", ["https://kitchen.example/stew", None])
def test_hidden_links_with_search_phrases(url: str | None, sellers: Tables) -> None:
    html = (
        '<div style="display:none"><a href="https://pills.example/">buy cheap pills online without prescription</a>'
        ' <a href="https://slots.example/">best online casino bonus</a></div>'
    )
    evidence, spans = of(html, sellers, url)
    assert evidence.value == 2
    assert spans == ["buy cheap pills online without prescription", "best online casino bonus"]


def test_a_hidden_stretch_inside_a_sentence(sellers: Tables) -> None:
    html = (
        '<p>Serve it hot<span style="font-size:0"> with <a href="https://loans.example/">payday loans online no credit'
        " check</a></span> and eat.</p>"
    )
    assert of(html, sellers)[0].value == 1


def test_a_hidden_block_of_links_to_many_hosts_needs_to_know_the_own_host() -> None:
    anchors = "".join(f'<a href="https://h{n}.example/x">woollen sofa cushion</a> ' for n in range(6))
    html = f'<div style="display:none">{anchors}</div>'
    assert of(html, Tables({}))[0].value == 1
    assert of(html, Tables({}), url=None)[0].value == 0


def test_a_hidden_list_of_queries_in_one_line_or_many() -> None:
    queries = [
        "replica watches sale",
        "cheap replica watches online",
        "buy replica watches",
        "best replica watches store",
    ]
    line = f'<p style="position:absolute;left:-9999px">{", ".join(queries)}</p>'
    lines = '<ul style="display:none">' + "".join(f"<li>{q}</li>" for q in queries) + "</ul>"
    assert of(line, Tables({}))[0].value == 1
    assert of(lines, Tables({}))[0].value == 1


def test_hidden_sales_talk(sellers: Tables) -> None:
    html = (
        '<p style="color:#fff;background:#fff">cheap loans online fast payday loans no credit check same day'
        " payday loans best rates apply now cheap personal loans bad credit instant approval online</p>"
    )
    assert of(html, sellers)[0].value == 1


@pytest.mark.parametrize(
    "html",
    [
        '<nav style="display:none"><a href="/beef">Beef recipes</a> <a href="/lamb">Lamb recipes</a></nav>',
        '<nav style="display:none"><a href="https://shop.kitchen.example/pans">Cheap pans online</a></nav>',
        '<span class="sr-only">Skip to content</span><button aria-hidden="true">Close menu</button>',
        "<div hidden><p>You can freeze the stew for three months, but let it cool first and leave it room.</p></div>",
        '<div style="display:none">'
        + "We use cookies to improve this site and to show content that you like. " * 12
        + "</div>",
        '<div style="display:none">{"component": "ad", "insert": "3", "name": "native inline injected"}</div>',
        '<label style="display:none" for="q">Search this site</label>',
        '<div style="display:none">'
        + "<p>Barley grows behind the old mill until the late summer.</p>" * 40
        + "</div>",
        '<div style="display:none"><a href="https://www.facebook.com/stew">Visit our Facebook page</a></div>',
        '<div style="display:none">Share on <a href="https://social.example/share?u=1">Social button</a></div>',
        '<a href="https://partner.example/">Partner</a><ul style="display:none"><li><a href="https://partner.example/x">'
        "cheap payday loans online</a></li></ul>",
    ],
)
def test_what_sites_hide_for_good_reasons(html: str, tables: Tables) -> None:
    assert of(html, tables)[0] == Evidence()


def text(written: str) -> tuple[Evidence, list[str]]:
    document = Document.from_text(written)
    evidence = measure(document, Tables({}))
    return evidence, [written[s.start : s.end] for s in evidence.spans]


def test_letters_of_another_script_inside_words() -> None:
    evidence, spans = text("You get ch\u0435ap p\u0456lls and \u0430spirin h\u0435re.")
    assert spans == ["ch\u0435ap", "p\u0456lls", "\u0430spirin", "h\u0435re"]
    assert evidence.value == 2


def test_characters_without_width_inside_words() -> None:
    assert text("You get ch\u200bea\u200bp pi\ufeffl\u2060ls here.")[1] == [
        "ch\u200bea\u200bp",
        "pi\ufeffl\u2060ls",
    ]


def test_one_word_alone_is_a_slip() -> None:
    assert text("\u0421olumn one. Another \u0421olumn.")[0] == Evidence()


@pytest.mark.parametrize(
    "written",
    [
        "Hotels in \u041c\u043e\u0441\u043a\u0432\u0430 and \u041a\u0438\u0435\u0432 are full, say \u03b1 and \u03a9.",
        "It took 20 \u03bcm and 30 \u03a9, TNF\u03b1 and IFN\u03b3 rose, NF\u03baB too.",
        "A doctor \U0001f469\u200d\u2695\ufe0f.",
        "Flag \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.",
        "Co\u00adoperation and re\u00adcovery are broken softly.",
        "\u0915\u094d\u200d\u0937 and \u0645\u06cc\u200c\u0631\u0648\u0645 are words.",
        "\ufeffThe first line starts with a mark.\u200b \u200bThe next as well.",
        "\u202bHebrew\u202c is embedded.",
    ],
)
def test_honest_use_of_the_same_characters(written: str) -> None:
    assert text(written)[0] == Evidence()


def test_turned_and_invisible_text() -> None:
    assert text("The code is \u202eegassem a\u202c here.")[0].value == 1
    assert text("Plain.\U000e0062\U000e0075\U000e0079 More.")[0].value == 1


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab \u0430\u0435\u200b\u202e\u202c\U000e0041\U0001f3f4.\n\u00e9", max_size=80))
def test_spans_lie_in_the_text_and_do_not_overlap_words(written: str) -> None:
    evidence, _ = text(written)
    assert all(0 <= s.start < s.end <= len(written) for s in evidence.spans)
    assert (evidence.value == 0) == (not evidence.spans)
