"""The HTML report: golden files, nothing that a hostile page could do, and its behaviour in a real browser.

After a wanted change: `UPDATE_GOLDEN=1 pytest tests/report`, then read the difference. The browser tests need
playwright and Chromium; without them they are skipped.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser, LexborNode

from detector.document import Block, Document, Link, Partner, Span
from detector.report import layout
from detector.report.layout import STRONGEST, Layer, Pen, View, compare, show_findings, visible
from detector.report.page import ASSETS, HtmlReport
from detector.verdict import Failure, Finding, ModelId, Outcome, Thresholds, Verdict

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

GOLDEN = Path(__file__).parent / "golden"

TEXT = """# Keeping bees on a *flat* roof

A hive on a roof needs shade at noon and a bowl of water close by. Before you read on the [cheap beehive kits](https://kits.example/buy) page, check that the roof carries eighty kilograms.

In spring the colony grows quickly, so look into the hive once a week and give it room.

- A veil costs 20 pounds
- Gloves are a matter of taste

Neighbours worry about stings. Ours got a jar of honey each, and nobody has complained in six years.

In summer the colony grows quickly, so look into the hive every week and make sure that it has room.
"""  # noqa: E501  a paragraph is a line
DOCUMENT = replace(Document.from_markdown(TEXT, title="Keeping bees on a flat roof", id="bees.md"))

KINDS = {"trust": "trust", "thin_specifics": "habit", "wording": "habit", "readability": "description"}


def span(words: str, says: str = "", instead: tuple[str, ...] = (), partner: str | None = None) -> Span:
    start = TEXT.index(words)
    other = None
    if partner:
        at = TEXT.index(partner)
        other = Partner("bees.md", None, at, at + len(partner))
    return Span(start, start + len(words), says, instead, other)


FIRST = "In spring the colony grows quickly, so look into the hive once a week and give it room."
LAST = "In summer the colony grows quickly, so look into the hive every week and make sure that it has room."
FINDINGS = (
    Finding(
        "near_duplicate",
        1.2,
        1.684,
        "Two passages say the same in other words.",
        (span(FIRST, "Told twice.", partner=LAST), span(LAST, "Told twice.", partner=FIRST)),
    ),
    Finding(
        "injected_anchor",
        0.9,
        1.204,
        "A link phrase stands in a sentence it does not fit.",
        (
            span(
                "on the [cheap beehive kits", "The sentence reads on without these words.", ("on", "further")
            ),
        ),
    ),
    Finding(
        "trust",
        2.0,
        -0.4149,
        "Somebody answers for this page.",
        (span("eighty kilograms"), span("20 pounds"), span("six years")),
    ),
    Finding("thin_specifics", 0.1, 0.333, "Nothing here can be checked."),
    Finding(
        "wording", 0.1, 0.05, "The wording is worn.", (span("beehive kits](https://kits.example/buy) page"),)
    ),
    Finding("readability", 7.7, 0.0, "The school grade.", (span("Neighbours worry about stings."),)),
)


def verdict(
    outcome: Outcome, bias: float | None = -0.75, findings: tuple[Finding, ...] = FINDINGS, **more: object
) -> Verdict:
    total = None if bias is None else bias + sum(f.push for f in findings)
    score = None if total is None else 1 / (1 + 2.718281828459045**-total)
    fields: dict[str, object] = {
        "id": "bees.md",
        "url": None,
        "title": "Keeping bees on a flat roof",
        "outcome": outcome,
        "score": score,
        "bias": bias,
        "findings": findings,
        "words": 1243,
        "language": "en",
        "model": ModelId("tiny", "1.0.0", "0" * 64),
        "thresholds": Thresholds(0.55, 0.9),
    }
    return Verdict(**{**fields, **more})  # type: ignore[arg-type]


def unscored(**fields: object) -> Verdict:
    return verdict("unscored", None, (), **{"language": None, **fields})


Answer = tuple[Verdict, Document | None]
REVIEW: Answer = (verdict("review"), DOCUMENT)
PUBLISH: Answer = (
    verdict("publish", -3.0, (), words=80, reason="low_confidence", url="https://example.org/bees"),
    DOCUMENT,
)
TOO_SHORT: Answer = (
    unscored(reason="too_short: 12 words of running text, at least 50 are needed"),
    Document.from_text("Bees need shade."),
)
UNREADABLE: Answer = (
    unscored(
        id="bees.png",
        title=None,
        reason="unreadable",
        error=Failure("binary", "this is a picture, not a page"),
    ),
    None,
)


@pytest.fixture(autouse=True)
def _steady_documentation(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the signals' own documentation says may change without changing the report."""
    monkeypatch.setattr(
        layout,
        "about_signal",
        lambda signal: (KINDS.get(signal, "place"), "a kind of sign", f"What {signal} finds."),
    )


def report(*answers: Answer, many: bool = False, base_rate: float = 0.5) -> str:
    out = io.StringIO()
    page = HtmlReport(out, many=many, base_rate=base_rate)
    for answer in answers:
        page.add(*answer)
    page.close()
    return out.getvalue()


def tree(*answers: Answer, **options: Any) -> LexborHTMLParser:
    return LexborHTMLParser(report(*answers, **options))


def texts(page: LexborHTMLParser | LexborNode, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("review", [REVIEW]),
        ("publish", [PUBLISH]),
        ("too_short", [TOO_SHORT]),
        ("unreadable", [UNREADABLE]),
        ("many", [PUBLISH, REVIEW, UNREADABLE]),
    ],
)
def test_golden(name: str, answers: list[Answer]) -> None:
    written = report(*answers)
    for tag in ("style", "script"):  # they have tests of their own
        written = re.sub(rf"<{tag}>.*?</{tag}>", f"<{tag}></{tag}>", written, flags=re.DOTALL)
    written = re.sub(r"sha256-[\w+/=]+", "sha256-", written)
    path = GOLDEN / f"{name}.html"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(written, "utf-8", newline="\n")
    assert written == path.read_text("utf-8")


# --- the account ----------------------------------------------------------------------------------------------------


def test_the_account_adds_up() -> None:
    page = tree(REVIEW)
    *pushes, total = (float(push.replace("−", "-")) for push in texts(page, ".account td.number"))
    assert sum(pushes) == pytest.approx(total)
    assert texts(page, ".account tfoot th") == ["log-odds, which is 89 %"]


def test_each_bar_begins_where_the_one_above_ended() -> None:
    bars = [
        (float(bar.attributes["x"] or 0), float(bar.attributes["width"] or 0), bar.attributes["class"])
        for bar in tree(REVIEW).css(".account tbody rect")
    ]
    ends = [(x + width, x) if look == "up" else (x, x + width) for x, width, look in bars]
    for (end, _), (_, begin) in pairwise(ends):
        assert begin == pytest.approx(end, abs=0.15)


def test_a_line_of_the_account_leads_to_its_first_place() -> None:
    page = tree(REVIEW)
    for link in page.css(".account a.signal"):
        place = page.css_first(link.attributes["href"] or "")
        assert place.tag == "mark"
        assert place.attributes["data-signal"] == link.text().replace(" ", "_")


def test_what_does_not_count_is_said_to_be_not_counted() -> None:
    page = tree(REVIEW)
    assert texts(page, ".uncounted .signal") == ["readability"]
    assert "readability" not in texts(page, ".account table .signal")
    assert texts(page, '.note[data-signal="readability"] .weight') == ["not counted"]


def test_the_base_rate_is_named() -> None:
    assert "if 5 % of all pages deserved it" in report(REVIEW, base_rate=0.05)


def test_the_documentation_of_a_signal_is_at_hand() -> None:
    page = tree(REVIEW)
    assert "What near_duplicate finds." in texts(page, ".about p")
    assert page.css_first(".note b").attributes["title"] == "What injected_anchor finds."


@pytest.mark.parametrize(
    ("answer", "why"), [(TOO_SHORT, "Not scored: 12 words"), (UNREADABLE, "Could not be read")]
)
def test_an_unscored_page_says_why(answer: Answer, why: str) -> None:
    page = tree(answer)
    assert page.css_first("p.why").text().startswith(why)
    assert not page.css(".account")


# --- marks and notes ------------------------------------------------------------------------------------------------


def test_overlapping_places_each_know_their_finding() -> None:
    page = tree(REVIEW)
    marked = {
        signal: "".join(m.text() for m in page.css(f'mark[data-signal="{signal}"]'))
        for signal in ("injected_anchor", "wording")
    }
    # the numbers of notes stand inside the text of outer marks
    assert re.sub(r"\d", "", marked["injected_anchor"]) == "on the [cheap beehive kits"
    assert re.sub(r"\d", "", marked["wording"]) == "beehive kits](https://kits.example/buy) page"
    assert texts(page, 'mark[data-signal="injected_anchor"] mark[data-signal="wording"]') == ["beehive kits"]


def test_notes_and_places_lead_to_each_other() -> None:
    page = tree(REVIEW)
    for number in page.css(".words a.ref"):
        note = page.css_first(number.attributes["href"] or "")
        assert note.css_first("a.ref").text() == number.text()
        place = page.css_first(note.css_first("a.ref").attributes["href"] or "")
        assert place.attributes["data-note"] == note.id
    ids = [node.id for node in page.css("[id]")]
    assert len(ids) == len(set(ids))


def test_an_honest_form_is_shown() -> None:
    assert texts(tree(REVIEW), ".note .instead") == ["Instead: “on” or “further”"]


def test_a_repeated_passage_links_to_its_other_place_and_to_both_side_by_side() -> None:
    page = tree(REVIEW)
    first = page.css_first('.note[data-signal="near_duplicate"]')
    there, beside = first.css(".partner a")
    assert there.text() == "line 12"
    assert page.css_first(there.attributes["href"] or "").text().startswith("In summer")
    pair = page.css_first(beside.attributes["href"] or "")
    assert texts(pair, ".who a") == ["Line 5", "Line 12"]
    assert "the colony grows quickly, so look into the hive" in [b.text() for b in pair.css("b")]


def test_a_partner_without_a_finding_of_its_own_is_marked_too() -> None:
    finding = replace(FINDINGS[0], spans=FINDINGS[0].spans[:1])
    page = tree((verdict("review", findings=(finding,)), DOCUMENT))
    assert [m.text()[:9] for m in page.css("mark")] == ["In spring", "In summer"]
    assert len(page.css(".note")) == 1


def test_a_partner_on_another_page_is_named_and_not_linked() -> None:
    elsewhere = Span(0, 10, "Copied.", (), Partner("other", "https://example.org/other", 0, 10))
    page = tree((verdict("review", findings=(replace(FINDINGS[0], spans=(elsewhere,)),)), DOCUMENT))
    assert texts(page, ".note .partner") == ["The other place: on https://example.org/other"]
    assert not page.css(".note .partner a")


def test_the_strongest_few_are_marked_at_first() -> None:
    findings = tuple(
        Finding(f"signal_{k}", 1.0, 2.0 - k / 10, "Says.", (Span(k * 3, k * 3 + 2),)) for k in range(9)
    )
    weak = Finding("weak", 1.0, 0.01, "Says.", (Span(40, 42),))
    shown = show_findings(verdict("reject", findings=(*findings, weak)))
    assert [s.signal for s in shown if s.on] == [f"signal_{k}" for k in range(STRONGEST)]
    assert not any(s.on for s in show_findings(verdict("publish", findings=(replace(weak, push=0.0),))))
    page = tree((verdict("reject", findings=(*findings, weak)), DOCUMENT))
    for element in page.css("[data-signal]"):
        is_off = "off" in (element.attributes["class"] or "").split()
        assert is_off == (element.attributes["data-signal"] not in [f"signal_{k}" for k in range(STRONGEST)])


@given(st.integers(-5, 700), st.integers(-5, 700))
def test_every_place_can_be_gone_to(start: int, end: int) -> None:
    finding = replace(FINDINGS[1], spans=(Span(start, end),))
    page = tree((verdict("review", findings=(finding,)), DOCUMENT))
    for link in page.css("a"):
        assert page.css(f'[id="{(link.attributes["href"] or "")[1:]}"]'), link.html


def test_places_on_a_page_without_text_do_no_harm() -> None:
    for text, blocks in (("", ()), ("   ", ()), ("\n", (Block(0, 0, "paragraph"),))):
        assert "REVIEW" in report((verdict("review"), Document("bees.md", text, blocks))).upper()


@st.composite
def _layers(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]], list[int]]:
    text = draw(st.text("ab <&\"'\n", min_size=1, max_size=60))
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=4))
    return text, draw(st.lists(places, max_size=8)), sorted({0, *cuts, len(text)})


@given(_layers())
def test_crossing_layers_cover_exactly_their_characters(
    drawn: tuple[str, list[tuple[int, int]], list[int]],
) -> None:
    text, places, cuts = drawn
    layers = [
        Layer(start, end, Markup(f"<i data-k={k}>"), Markup(f"<i id={k} data-k={k}>"), "</i>", f"<u>{k}</u>")
        for k, (start, end) in enumerate(places)
    ]
    pen = Pen(text, layers)
    written = "".join(pen.write(start, end) for start, end in pairwise(cuts))
    covered: list[set[int]] = []
    stack: list[int] = []
    shown = ""
    for tag, number, words in re.findall(
        r"<(i|/i|u)(?: id=\d+)?(?: data-k=)?(\d*)>(?:\d+</u>)?([^<]*)", ">" + written
    ):
        if tag == "i":
            stack.append(int(number))
        elif tag == "/i":
            stack.pop()
        characters = html.unescape(words)
        covered += [set(stack)] * len(characters)
        shown += characters
    leading = html.unescape(re.match(r"[^<]*", written)[0])  # type: ignore[index]
    covered = [set()] * len(leading) + covered  # type: ignore[assignment]
    assert leading + shown == text
    assert not stack
    for at, numbers in enumerate(covered):
        assert numbers == {k for k, (start, end) in enumerate(places) if start <= at < end}
    for k, (start, end) in enumerate(places):
        assert written.count(f"<i id={k} ") == written.count(f"<u>{k}</u>") == (start < end)


# --- the text -------------------------------------------------------------------------------------------------------


def shown_text(document: Document) -> str:
    rows = View(document, [], "p1").rows
    return html.unescape(re.sub(r"<[^>]*>", "", "".join(text for row in rows for text in row.texts)))


@given(st.text("ab#*-> |`[]()\n", max_size=120))
def test_every_character_of_a_markdown_file_is_shown_once(text: str) -> None:
    assert "".join(shown_text(Document.from_markdown(text)).split()) == "".join(text.split())


@given(st.text("ab#*-•> |1.\r\n", max_size=120))
def test_every_character_of_a_text_file_is_shown_once(text: str) -> None:
    assert "".join(shown_text(Document.from_text(text)).split()) == "".join(text.split())


PAGE = """<title>Kettles</title><nav><a href="/">Home</a> <a href="https://shop.example/x">Shop</a></nav><main>
<h1>Kettles</h1><p>Nine kettles boiled a litre <span style="display:none">cheap kettles here</span> in May.<br>Slowly.
<a href="https://other.example/?a=1&amp;b=2" rel="nofollow sponsored">A long review</a></p>
<div style="display:none"><p>Buy <a href="https://spam.example">kettles online</a> now</p></div>
<blockquote><p>It sings, said my neighbour.</p></blockquote><ul><li>Steel</li><li>Glass</li></ul>
<table><tr><th>Kettle</th><th>Seconds</th></tr><tr><td>A</td><td>151</td></tr></table><pre>boil(k)</pre>
<p>The last one <a href="javascript:alert(1)">stuck</a> twice, and <a href="/tests">its handle</a> was warm.</p></main>
<footer>All rights reserved</footer>"""


def kettles(url: str | None = "https://kettles.example/a") -> Answer:
    return verdict("publish", findings=()), Document.from_html(PAGE, url=url, id="kettles")


def test_blocks_look_like_what_they_are() -> None:
    page = tree(kettles())
    assert texts(page, ".words h4.title") == ["Kettles"]
    assert texts(page, ".words blockquote") == ["It sings, said my neighbour."]
    assert texts(page, ".words .list_item") == ["Steel", "Glass"]
    assert [texts(row, "td") for row in page.css(".words table tr")] == [["Kettle", "Seconds"], ["A", "151"]]
    assert texts(page, ".words .code") == ["not read as prose boil(k)"]


def test_furniture_and_hidden_text_are_folded_and_named() -> None:
    page = tree(kettles())
    assert texts(page, ".words .run summary") == [
        "Page furniture, 2 words: Home Shop",
        "Hidden from readers, 4 words: Buy kettles online now",
        "Page furniture, 3 words: All rights reserved",
    ]
    assert texts(page, ".words .paragraph .unseen") == ["cheap kettles here"]
    assert not page.css(".run[open]")


def test_folded_text_with_a_strong_finding_is_open() -> None:
    _, document = kettles()
    assert document is not None
    at = document.text.index("kettles online")
    finding = Finding("hidden_text", 1.0, 2.0, "Says.", (Span(at, at + 14),))
    page = tree((verdict("reject", findings=(finding,)), document))
    assert texts(page, ".run[open] mark") == ["kettles online"]


def test_markup_is_dimmed_and_stays() -> None:
    page = tree(REVIEW)
    assert texts(page, ".markup")[:3] == ["#", "*", "*"]
    assert page.css_first(".words h4").text().startswith("# Keeping bees on a *flat* roof")


def test_rows_are_counted_as_places_are_named() -> None:
    assert texts(tree(REVIEW), ".where") == ["1", "3", "5", "7", "8", "10", "12"]
    assert [w for w in texts(tree(kettles()), ".where") if w] == ["1", "2", "3", "4", "5", "6"]


def test_text_in_another_language_is_marked_as_such() -> None:
    document = Document.from_text("Dies ist ein Text. " * 20)
    page = tree((unscored(reason="not_english: reads as 'de'", language="de"), document))
    assert page.css_first(".words").attributes["lang"] == "de"
    assert page.css_first("html").attributes["lang"] == "en"
    assert "lang" not in tree(REVIEW).css_first(".words").attributes


def test_links_are_listed_as_text() -> None:
    page = tree(kettles())
    rows = [
        tuple(" ".join(c.text().split()) for c in row.css("td")) for row in page.css("table.links tbody tr")
    ]
    assert rows == [
        ("A long review", "https://other.example/?a=1&b=2", "external", "nofollow sponsored"),
        ("kettles online hidden", "https://spam.example", "external", "–"),
        ("stuck", "javascript:alert(1)", "javascript", "–"),
        ("its handle", "https://kettles.example/tests", "own", "–"),
        ("Home", "https://kettles.example/", "own", "–"),
        ("Shop", "https://shop.example/x", "external", "–"),
    ]
    assert texts(page, "section > details > summary") == ["2 links in page furniture"]
    for link in page.css("table.links a"):
        assert page.css_first(link.attributes["href"] or "").text() == link.text()


def test_without_a_host_nobody_says_whose_a_link_is() -> None:
    page = tree(kettles(url=None))
    assert texts(page, "table.links tbody tr:first-child td:nth-child(3)")[0] == "unknown"


def test_readability_is_shown_for_english_only() -> None:
    page = tree(REVIEW)
    assert "never a reason" in page.css_first(".readability").text()
    assert not tree((unscored(reason="not_english", language="de"), DOCUMENT)).css(".readability")


def test_compared_texts_share_runs_of_words_in_any_case() -> None:
    one, other = compare("The <b>Colony</b> grows very fast", "the <B>colony</B> grows, not so very fast <i>")
    assert one == "<b>The &lt;b&gt;Colony&lt;/b&gt; grows</b> <b>very fast</b>"
    assert other == "<b>the &lt;B&gt;colony&lt;/B&gt; grows,</b> not so <b>very fast</b> &lt;i&gt;"


# --- several pages --------------------------------------------------------------------------------------------------


def test_several_pages_have_an_index_with_the_worst_first() -> None:
    page = tree(PUBLISH, UNREADABLE, REVIEW, many=True)
    assert texts(page, ".tally label")[:-1] == ["1 publish", "1 review", "1 unscored"]
    rows = [
        texts(LexborHTMLParser(f"<table>{row.html}</table>"), "td, th") for row in page.css(".pages tbody tr")
    ]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("3", "review", "89 %"),
        ("1", "publish", "5 %"),
        ("2", "unscored", "–"),
    ]
    assert rows[0][4] == "near duplicate +1.68 · injected anchor +1.21 · trust −0.42"
    assert "Could not be read" in rows[2][4]
    assert [article.id for article in page.css("main > article")] == ["p1", "p2", "p3"]
    assert len(page.css("article > details")) == 3
    for row in page.css(".pages tbody a"):
        assert page.css_first(row.attributes["href"] or "").tag == "article"


def test_a_second_page_makes_an_index_whatever_was_expected() -> None:
    assert len(tree(REVIEW, PUBLISH, many=False).css(".pages tbody tr")) == 2
    assert not tree(REVIEW, many=False).css(".pages")
    assert len(tree(REVIEW, many=True).css(".pages tbody tr")) == 1


def test_no_page_at_all_is_a_page_too() -> None:
    assert texts(tree(many=True), "h1") == ["0 pages, as a careful editor would see them"]


def test_ids_of_several_pages_differ() -> None:
    ids = [node.id for node in tree(REVIEW, REVIEW, kettles(), many=True).css("[id]")]
    assert len(ids) == len(set(ids))


# --- nothing gets out, nothing gets in ------------------------------------------------------------------------------

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"' onclick='x' \u202egnp.exe\u2066 \x00\x1b[31m"
    " \ud800 \u200b javascript:alert(1) {{ 7*7 }} </style> <!-- &lt;b&gt;"
)


def hostile() -> Answer:
    text = (HOSTILE + " words ") * 5
    document = Document(
        HOSTILE,
        text,
        (Block(0, len(text), "paragraph"),),
        (Link(3, 9, HOSTILE, HOSTILE),),
        title=HOSTILE,
        url=HOSTILE,
    )
    places = (
        Span(3, 60, HOSTILE, (HOSTILE,), Partner("other", HOSTILE, 0, 3)),
        Span(5, 20, "", (), Partner(HOSTILE, None, 0, 9)),
    )
    findings = (Finding(HOSTILE, 1.0, 1.0, HOSTILE, places), Finding("plug", 1.0, 0.0, HOSTILE, places))
    model = ModelId(HOSTILE, HOSTILE, HOSTILE)
    answer = verdict("reject", findings=findings, id=HOSTILE, title=HOSTILE, url=HOSTILE, model=model)
    return answer, document


@pytest.mark.parametrize("many", [False, True])
def test_a_hostile_page_is_text(many: bool) -> None:
    failed = unscored(id=HOSTILE, title=HOSTILE, reason="unreadable", error=Failure(HOSTILE, HOSTILE))
    answers = [hostile(), (failed, None)] if many else [hostile()]
    written = report(*answers)
    page = LexborHTMLParser(written)
    assert len(page.css("script")) == len(page.css("style")) == 1
    assert not page.css(
        "img, iframe, object, embed, link, base, form, video, audio, source, [src], [style], [action]"
    )
    for node in page.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name not in ("href", "xlink:href") or (value or "").startswith("#"), node.html
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", written
    )
    assert "⟨U+202E⟩gnp.exe" in page.css_first(".heading").text()
    assert "{{ 7*7 }}" in page.css_first(".heading").text()


def test_the_policy_allows_this_style_and_this_script_only() -> None:
    page = tree(REVIEW)
    policy = page.css_first('meta[http-equiv="Content-Security-Policy"]').attributes["content"] or ""
    for tag in ("style", "script"):
        content = page.css_first(tag).text(deep=True)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_nothing_is_fetched() -> None:
    for asset in ("report.css", "report.js"):
        content = (ASSETS / asset).read_text("utf-8")
        assert not re.search(
            r"https?:|//\w|url\(|@import|fetch|XMLHttp|innerHTML|eval|sendBeacon|storage", content, re.I
        )


@given(st.text(st.characters(exclude_categories=())))
def test_visible_text_has_nothing_that_acts(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not re.search(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f]", shown
    )
    assert visible(shown) == shown


@pytest.mark.parametrize("text", ["soft\u00adhyphen", "👩\u200d🔬", "tab\tand\nline", "é", "עברית"])
def test_honest_characters_stay(text: str) -> None:
    assert visible(text) == text


# --- colours --------------------------------------------------------------------------------------------------------

CSS = (ASSETS / "report.css").read_text("utf-8")
KIND_NAMES = ("place", "habit", "trust", "description")
# text colour, what it stands on, least contrast (WCAG 2.2 AA: 4.5 for text, 3 for lines and borders that say something)
PAIRS = [
    *(("ink", on, 4.5) for on in ("paper", "card", "same", *(f"{kind}-tint" for kind in KIND_NAMES))),
    *(("quiet", on, 4.5) for on in ("paper", "card", *(f"{kind}-tint" for kind in KIND_NAMES))),
    *(("link", on, 4.5) for on in ("paper", "card", *(f"{kind}-tint" for kind in KIND_NAMES))),
    *(("on-badge", outcome, 4.5) for outcome in ("publish", "review", "reject", "unscored")),
    *((outcome, "paper", 4.5) for outcome in ("publish", "review", "reject")),
    *((kind, on, 3) for kind in KIND_NAMES for on in ("paper", "card", f"{kind}-tint")),
    ("unscored", "card", 3),
    ("review", "card", 3),
]


def _schemes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    named = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in (light, dark)]
    assert named[0].keys() == named[1].keys()
    return {"light": named[0], "dark": named[1]}


def _luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "on", "least"), PAIRS)
def test_contrast(scheme: str, text: str, on: str, least: float) -> None:
    colours = _schemes()[scheme]
    low, high = sorted((_luminance(colours[text]), _luminance(colours[on])))
    assert (high + 0.05) / (low + 0.05) >= least


def test_every_colour_has_a_name_and_every_name_is_used() -> None:
    rules = re.sub(r":root \{.*?\}", "", CSS, flags=re.DOTALL)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)|rgb|hsl", rules)
    assert set(re.findall(r"var\(--([\w-]+)\)", rules)) == set(_schemes()["light"])


def test_kinds_differ_by_more_than_colour() -> None:
    lines = {
        kind: re.search(
            rf"^mark{'' if kind == 'place' else '.' + kind} \{{[^}}]*underline( dotted| double| dashed)?",
            CSS,
            re.M,
        )
        for kind in KIND_NAMES
    }
    assert len({match and match[1] for match in lines.values()}) == len(KIND_NAMES)


# --- in a browser ---------------------------------------------------------------------------------------------------


class Visit:
    """A report in a browser tab; what the tab complains about and asks for is kept."""

    def __init__(self, browser: Browser, path: Path, **options: Any) -> None:
        options.setdefault("viewport", {"width": 1400, "height": 900})
        self.context = browser.new_context(**options)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def seen(self, selector: str) -> bool:
        """Whether the element is in the window."""
        box = self.page.locator(selector).bounding_box()
        size = self.page.viewport_size
        return box is not None and size is not None and 0 <= box["y"] < size["height"]


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    opened: list[Visit] = []

    def open_report(*answers: Answer, **options: Any) -> Visit:
        path = tmp_path / "report.html"
        path.write_text(report(*answers), "utf-8")
        opened.append(Visit(browser, path, **options))
        return opened[-1]

    yield open_report
    for tab in opened:
        assert tab.complaints == []
        assert all(url.startswith("file:") for url in tab.requests)
        assert len(tab.requests) == 1
        tab.context.close()


def test_a_note_leads_to_its_place_and_back(visit: Any) -> None:
    page = visit(REVIEW, viewport={"width": 1400, "height": 400}).page
    tab = page.locator
    mark = '.words mark[data-signal="near_duplicate"]'
    tab(f"{mark} + .ref").first.click()
    note = page.url.split("#")[1]
    assert tab(f"#{note}").evaluate("e => e.matches('.note:target')")
    tab(f"#{note} a.ref").click()
    assert tab(mark).first.evaluate("e => e.matches(':target')")
    tab(mark).last.click(position={"x": 5, "y": 5})
    assert tab(".note:target").get_attribute("data-signal") == "near_duplicate"
    assert page.url.split("#")[1] != note


def test_everything_can_be_reached_by_keyboard(visit: Any) -> None:
    page = visit(REVIEW).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.className + '|' + document.activeElement.tagName"))
    kinds = {entry.split("|")[1] for entry in reached}
    assert {"A", "INPUT", "SUMMARY"} <= kinds
    page.locator(".words a.ref").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".note:target").count() == 1


def test_a_line_of_the_account_turns_its_marks_on(visit: Any) -> None:
    page = visit(REVIEW, viewport={"width": 1400, "height": 500}).page
    assert page.locator('.note[data-signal="readability"]').is_hidden()
    page.get_by_role("link", name="readability", exact=True).click()
    assert page.locator('.note[data-signal="readability"]').is_visible()
    assert page.locator('[data-filter="readability"]').is_checked()
    assert page.locator("mark:target").get_attribute("data-signal") == "readability"


def test_the_filter_turns_marks_and_notes_off_and_on(visit: Any) -> None:
    page = visit(REVIEW).page
    box = page.locator('[data-filter="near_duplicate"]')
    mark = page.locator('mark[data-signal="near_duplicate"]').first
    note = page.locator('.note[data-signal="near_duplicate"]').first
    painted = mark.evaluate("e => getComputedStyle(e).backgroundColor")
    box.uncheck()
    assert note.is_hidden()
    assert mark.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert page.locator('.ref[data-signal="near_duplicate"]').first.is_hidden()
    assert page.locator('.note[data-signal="injected_anchor"]').is_visible()
    box.check()
    assert note.is_visible()
    assert mark.evaluate("e => getComputedStyle(e).backgroundColor") == painted


def test_notes_stand_beside_the_text_where_there_is_room_and_below_where_not(visit: Any) -> None:
    for width, beside in ((1400, True), (390, False)):
        page = visit(REVIEW, viewport={"width": width, "height": 844}).page
        words = page.locator(".row:has(.note) .words").first.bounding_box()
        note = page.locator(".row .note:visible").first.bounding_box()
        assert (note["x"] >= words["x"] + words["width"]) == beside
        assert (note["y"] >= words["y"] + words["height"]) != beside


@pytest.mark.parametrize(
    "answers", [[REVIEW], [kettles()], [hostile()], [PUBLISH, REVIEW, hostile(), UNREADABLE]]
)
def test_a_narrow_window_needs_no_sideways_scrolling(visit: Any, answers: list[Answer]) -> None:
    page = visit(*answers, viewport={"width": 320, "height": 640}).page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate("document.querySelectorAll('[data-filter]').forEach(box => box.checked || box.click())")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_dark_scheme_is_dark(visit: Any) -> None:
    page = visit(REVIEW, color_scheme="dark").page
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", paper)[:3])) < 64


def test_without_scripts_everything_can_be_read(visit: Any) -> None:
    page = visit(REVIEW, java_script_enabled=False).page
    assert page.locator(".filters").is_hidden()
    for note in page.locator(".note").all():
        assert note.is_visible()
    painted = page.locator('mark[data-signal="readability"]').first
    assert painted.is_visible()


def test_an_address_opens_the_page_it_names(visit: Any) -> None:
    tab = visit(*[PUBLISH] * 30, REVIEW, viewport={"width": 1400, "height": 500})
    tab.page.locator('.pages a[href="#p31"]').click()
    assert tab.page.locator("#p31 > details").evaluate("d => d.open")
    assert tab.seen("#p31 h2")
    tab.page.locator("#p31 .account a.signal").first.click()
    assert tab.seen("#p31 mark:target")


def test_the_index_filters_and_sorts(visit: Any) -> None:
    page = visit(PUBLISH, REVIEW, UNREADABLE, kettles()).page

    def shown() -> list[str]:
        return [row.locator("td").first.inner_text() for row in page.locator(".pages tbody tr:visible").all()]

    assert shown() == ["2", "4", "1", "3"]
    page.locator('.tally [data-outcome="publish"]').uncheck()
    assert shown() == ["2", "3"]
    assert page.locator("article:visible").count() == 2
    assert page.locator("#left").inner_text() == "2 of 4 pages shown"
    page.locator('.tally [data-outcome="publish"]').check()
    page.locator("#find").fill("NEAR dup")
    assert shown() == ["2"]
    page.locator("#find").fill("")
    page.get_by_role("button", name="#").click()
    assert page.locator("th[aria-sort]").inner_text().startswith("#")
    assert shown() == ["4", "3", "2", "1"]
    page.get_by_role("button", name="#").click()
    assert shown() == ["1", "2", "3", "4"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize(
    "answers", [[REVIEW], [kettles()], [PUBLISH, REVIEW, UNREADABLE]], ids=["review", "html", "many"]
)
def test_axe_finds_nothing(visit: Any, answers: list[Answer], width: int, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    page = visit(*answers, viewport={"width": width, "height": 900}, color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate("document.querySelectorAll('[data-filter]').forEach(box => box.checked || box.click())")
    found = axe.Axe().run(page)
    assert not found.violations_count, found.generate_report()
