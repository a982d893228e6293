"""The reading pane: what editors said of findings, links with and without their words, several articles, and safety."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from detector.acceptance import fingerprint
from detector.desk.links import without
from detector.desk.reader import find_quote, fragment
from detector.document import Block, Document, Link, Partner, Span
from detector.model import sigmoid
from detector.report.layout import visible
from detector.tables import Tables
from detector.verdict import Failure, Finding, ModelId, Thresholds, Verdict

TEXT = """# Keeping bees on a flat roof

A hive on a roof needs shade at noon. Before you read on the [cheap beehive kits](https://kits.example/buy) page, check that the roof carries eighty kilograms.

In spring the colony grows quickly, so look into the hive once a week and give it room. The county has [measured the roofs](https://county.example/roofs) of every village, and hives stand on nine of them.

Neighbours worry about stings. Ours got a jar of honey each. For honest hive tools near you nobody has complained in six years.

In summer the colony grows quickly, so look into the hive every week and make sure that it has room.
"""  # noqa: E501  a paragraph is a line
DOCUMENT = Document.from_markdown(TEXT, id="bees.md")
AT = "2026-11-21T21:30:00+00:00"


def span(words: str, says: str = "", instead: tuple[str, ...] = (), partner: str | None = None) -> Span:
    start = TEXT.index(words)
    other = None
    if partner:
        other = Partner("bees.md", None, TEXT.index(partner), TEXT.index(partner) + len(partner))
    return Span(start, start + len(words), says, instead, other)


FIRST, LAST = "In spring the colony grows quickly", "In summer the colony grows quickly"
FINDINGS = (
    Finding("link_profile", 1.3, 1.7, "Search phrases.", (span("cheap beehive kits", "A search phrase as a link."),)),
    Finding("near_duplicate", 1.2, 1.1, "Twins.", (span(FIRST, "Twice.", (), LAST), span(LAST, "Twice.", (), FIRST))),
    Finding("injected_anchor", 0.9, 0.8, "Pasted.", (span("honest hive tools near you", "Take them out."),)),
    Finding("hollow_prose", 0.1, 0.3, "Nothing here can be checked."),
    Finding("spun_phrase", 0.2, 0.2, "Odd words.", (span("look into the hive once", "Odd.", ("look in", "check")),)),
    Finding("trust", 2.0, -0.4, "Somebody answers for this.", (span("eighty kilograms"),)),
)  # fmt: skip


def verdict(findings: tuple[Finding, ...] = FINDINGS, bias: float | None = -0.7, **more: Any) -> Verdict:
    total = None if bias is None else bias + sum(f.push for f in findings)
    fields: dict[str, Any] = {
        "id": "bees.md",
        "url": None,
        "title": None,
        "outcome": "review",
        "score": None if total is None else sigmoid(total),
        "bias": bias,
        "findings": findings,
        "words": 130,
        "language": "en",
        "model": ModelId("tiny", "1.0.0", "0" * 64),
        "thresholds": Thresholds(0.55, 0.9),
    }
    return Verdict(**{**fields, **more})


def said(kind: str, words: str = "", signal: str | None = None, **more: Any) -> dict[str, Any]:
    """An event, as the API gives it."""
    start = TEXT.index(words) if words else 0
    return {
        "id": 7,
        "at": AT,
        "who": "Ann",
        "kind": kind,
        "after": "",
        "undone_at": None,
        "signal": signal,
        "start": start,
        "end": start + len(words),
        "quote": words,
        "fingerprint": "",
        **more,
    }


def fine(words: str, signal: str, **more: Any) -> dict[str, Any]:
    return said("fine", words, signal, **more)


def pane(
    *events: dict[str, Any],
    answer: Verdict | None = None,
    document: Document = DOCUMENT,
    tables: Tables | None = None,
) -> LexborHTMLParser:
    return LexborHTMLParser(
        fragment({"id": "0abc"}, answer or verdict(), document, list(events), tables=tables)
    )


def texts(page: LexborHTMLParser | LexborNode, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


# --- account, places, notes -----------------------------------------------------------------------------------------


def test_the_account_adds_up() -> None:
    *pushes, total = (float(push.replace("−", "-")) for push in texts(pane(), ".account td.number"))
    assert sum(pushes) == pytest.approx(total)


def test_account_place_and_note_lead_to_each_other() -> None:
    page = pane()
    for line in page.css(".account a.signal"):
        place = page.css_first(line.attributes["href"] or "")
        assert place.tag == "mark"
        note = page.css_first(f"#{place.attributes['data-note']}")
        assert page.css_first(note.css_first("a.ref").attributes["href"] or "").tag == "mark"
        assert (
            page.css_first(note.css_first("a.up").attributes["href"] or "").css_first("a").text()
            == line.text()
        )
    ids = [node.id for node in page.css("[id]")]
    assert len(ids) == len(set(ids))


def test_honest_forms_and_pairs_are_shown() -> None:
    page = pane()
    assert texts(page, ".note .instead") == ["Instead: “look in” or “check”"]
    (pair,) = page.css(".pair")
    assert texts(pair, "b") == ["the colony grows quickly"] * 2


def test_every_block_says_where_its_text_begins() -> None:
    for block in pane().css(".words [data-start]"):
        start = int(block.attributes["data-start"] or -1)
        for number in block.css(".ref"):
            number.decompose()
        text = block.text()
        assert TEXT[start : start + len(text)] == text


def test_an_unscored_text_says_why_and_is_shown() -> None:
    answer = verdict((), None, outcome="unscored", reason="not_english: reads as 'de'", language="de")
    page = pane(answer=answer)
    assert texts(page, ".why") == ["Not scored: reads as 'de'."]
    assert page.css_first(".words").attributes["lang"] == "de"
    assert not page.css(".readability")
    nothing = verdict((), None, outcome="unscored", reason="unreadable", error=Failure("binary", "a picture"))
    assert "a picture" in pane(answer=nothing, document=Document("x", "", ())).text()


# --- what editors say -----------------------------------------------------------------------------------------------


def test_faults_can_be_called_fine_and_trust_needs_not() -> None:
    page = pane()
    asked = {button.attributes["data-fine"] for button in page.css("button[data-fine]")}
    assert asked == {"link_profile", "near_duplicate", "injected_anchor", "hollow_prose", "spun_phrase"}
    (whole,) = page.css('button[data-fine="hollow_prose"]')
    assert (whole.attributes["data-start"], whole.attributes["data-end"]) == ("0", "0")
    assert texts(page, "button[data-all]") == ["All 2 are fine"]
    for button in page.css(".note button[data-fine]"):
        start, end = (int(button.attributes[f"data-{name}"] or 0) for name in ("start", "end"))
        label = button.attributes["aria-label"] or ""
        assert TEXT[start:end][:20] in label
        assert label.startswith(button.text())


def test_a_place_that_was_called_fine_says_by_whom_and_when_and_can_be_taken_back() -> None:
    page = pane(fine(FIRST, "near_duplicate", id=12))
    mark, other = page.css('.words mark[data-signal="near_duplicate"][id]')
    assert "fine" in (mark.attributes["class"] or "").split()
    assert "fine" not in (other.attributes["class"] or "").split()
    (settled,) = page.css(".note .settled")
    assert "Fine, says Ann, 21 November 2026, 21:30 UTC" in " ".join(settled.text().split())
    assert settled.css_first("time").attributes["datetime"] == AT
    assert settled.css_first("button").attributes["data-undo"] == "12"
    assert texts(page, "button[data-all]") == ["The other one is fine"]
    assert not page.css("tr.fine")


def test_what_is_fine_altogether_is_struck_out_of_the_account_and_the_rest_is_added_up() -> None:
    page = pane(fine("cheap beehive kits", "link_profile"), said("fine", signal="hollow_prose"))
    assert texts(page, "tr.fine .signal") == ["link profile", "hollow prose"]
    left = sigmoid(-0.7 + sum(f.push for f in FINDINGS if f.signal not in ("link_profile", "hollow_prose")))
    assert texts(page, ".spared") == [f"Without what was called fine: {left * 100:.0f} %"]


def test_a_whole_finding_that_was_called_fine_is_fine_in_all_its_places() -> None:
    page = pane(said("fine", signal="near_duplicate"))
    assert len(page.css("mark.fine[id]")) == 2
    assert texts(page, "tr.fine .signal") == ["near duplicate"]


def test_a_place_is_known_again_by_its_words() -> None:
    """A newer version of the text has it elsewhere."""
    event = fine("cheap beehive kits", "link_profile")
    event["fingerprint"] = fingerprint(DOCUMENT, "link_profile", FINDINGS[0].spans[0])
    moved = {**event, "start": 3, "end": 9}
    assert len(pane(moved).css("mark.fine")) == 1
    assert not pane({**moved, "fingerprint": ""}).css("mark.fine")


def test_what_was_taken_back_is_not_shown() -> None:
    page = pane(fine(FIRST, "near_duplicate", undone_at=AT), said("missed", "shade at noon", undone_at=AT))
    assert not page.css(".settled")
    assert not page.css("mark.missed")


def test_what_was_missed_is_marked_in_the_text_with_who_and_what() -> None:
    page = pane(
        said("missed", "hives stand on nine of them", "unsupported_claim", after="Who counted?", id=3),
        said("missed", "shade at noon", after="", id=4),
    )
    assert texts(page, "mark.missed") == ["shade at noon", "hives stand on nine of them"]
    assert [" ".join(n.text().split()).partition(" Undo")[0][2:] for n in page.css(".note.missed")] == [
        "missed Marked by Ann, 21 November 2026, 21:30 UTC",
        "missed unsupported claim: Who counted? Marked by Ann, 21 November 2026, 21:30 UTC",
    ]
    assert [b.attributes["data-undo"] for b in page.css(".note.missed button")] == ["4", "3"]
    assert page.css_first('[data-filter="missed"]') is not None


def test_two_editors_can_mark_the_same_words() -> None:
    page = pane(
        said("missed", "shade at noon", "plug", id=3),
        said("missed", "shade at noon", after="No.", who="Bo", id=4),
    )
    (note,) = page.css(".note.missed")
    assert [b.attributes["data-undo"] for b in note.css("button")] == ["3", "4"]
    assert "Marked by Ann" in note.text()
    assert "Marked by Bo" in note.text()


def test_the_faults_that_can_be_missed_are_those_a_text_can_have() -> None:
    kinds = [option.attributes["value"] for option in pane().css("dialog option")]
    assert kinds[0] == ""
    assert {"injected_anchor", "spun_phrase", "near_duplicate", "plug"} <= set(kinds)
    assert not {"trust", "readability", "site_clone"} & set(kinds)


def test_only_what_changed_changes() -> None:
    """The script exchanges the parts that differ: a judgement must not touch the other rows."""

    def parts(page: LexborHTMLParser) -> dict[str, str]:
        return {node.attributes["data-part"] or "": node.html or "" for node in page.css("[data-part]")}

    before, after = parts(pane()), parts(pane(fine(FIRST, "near_duplicate")))
    changed = [name for name in before if before[name] != after[name]]
    row = str(DOCUMENT.text.index(FIRST))
    assert before.keys() == after.keys()
    assert changed == ["account", row]


def test_a_text_of_too_many_pieces_is_shown_as_far_as_a_browser_can() -> None:
    document = Document.from_html(f"<main><ul>{'<li>one two three</li>' * 20_000}</ul><p>The end.</p></main>")
    end = document.text.index("The end.")
    places = (Span(0, 3, "Here.", (), Partner(document.id, None, end, end + 3)), Span(end, end + 3, "There."))
    page = pane(
        said("missed", id=1, start=end, end=end + 3),
        document=document,
        answer=verdict((Finding("near_duplicate", 1.0, 1.0, "Says.", places),)),
    )
    assert len(page.css(".row")) == 12_000
    assert texts(page, ".note .says") == ["Here."]
    assert "The text goes on for" in page.css_first(".caution").text()
    assert "Export" in page.css_first(".caution").text()


def test_a_very_long_text_is_shown_at_once_and_says_what_was_not_measured() -> None:
    page = pane(answer=verdict(words=40_000))
    assert not page.css(".readability")
    assert "more than 30,000 words" in page.css_first("article > .quiet").text()
    assert not pane().css("article > .quiet")


# --- links ----------------------------------------------------------------------------------------------------------


def rows(page: LexborHTMLParser) -> dict[str, tuple[str, list[str]]]:
    found = {}
    for row in page.css("table.links tbody tr"):
        name, *_ = texts(row, "td bdi")
        found[name] = (row.css_first(".fit > b").text(), texts(row, ".fit p"))
    return found


def test_a_link_that_a_signal_speaks_of_does_not_fit() -> None:
    answer, why = rows(pane())["cheap beehive kits"]
    assert answer == "no"
    assert why == ["link profile: A search phrase as a link."]


def test_a_link_whose_finding_was_called_fine_is_judged_without_it() -> None:
    answer, _ = rows(pane(fine("cheap beehive kits", "link_profile")))["cheap beehive kits"]
    assert answer == "unclear"


def test_without_tables_nothing_is_claimed_of_words() -> None:
    assert rows(pane())["measured the roofs"] == ("unclear", [])


@pytest.fixture
def counted(tables: Tables) -> Tables:
    if "word_counts" not in tables:
        pytest.skip("needs a model")
    return tables


def test_where_the_words_of_a_link_stand_elsewhere_is_counted(counted: Tables) -> None:
    found = rows(pane(tables=counted))
    assert found["cheap beehive kits"][0] == "no"
    assert any("telling words" in why for why in found["cheap beehive kits"][1])
    answer, why = rows(
        pane(
            tables=counted,
            document=Document.from_markdown(
                TEXT.replace("measured the roofs", "hives and stings"), id="bees.md"
            ),
            answer=verdict(()),
        )
    )["hives and stings"]
    assert answer == "yes"
    assert why[0].startswith("2 of its 2 telling words stand elsewhere, 1 in the same paragraph.")


def test_a_phrase_put_into_a_sentence_is_known_by_how_it_joins_it(counted: Tables) -> None:
    plain = "The lamp stood on the table by the window, and my aunt read there every night until the oil ran out. "
    text = (
        plain * 3
        + "She kept a list of the books [buy cheap desk lamps online](https://lamps.example/) on the back of the door."
    )
    page = pane(document=Document.from_markdown(text), answer=verdict(()), tables=counted)
    (found,) = page.css(".trial .found")
    assert "joins its sentence as pasted phrases do" in found.text()


def test_own_pages_labels_and_links_without_words_are_not_judged() -> None:
    document = Document.from_html(
        '<main><p>We tell more on <a href="/bees">the page about bees</a> of this site, which is long.</p>'
        '<p><a href="https://shop.example/x">Order hives</a></p>'
        '<p>A picture stands <a href="https://pictures.example/"><img src="x.png"></a> between these many words.</p>'
        '<table><tr><td><a href="https://table.example/">In a table</a></td><td>1</td></tr></table></main>',
        url="https://own.example/a",
    )
    found = {
        cells[0]: cells[-1]
        for row in pane(document=document, answer=verdict(())).css("table.links tbody tr")
        if (cells := texts(row, "td"))
    }
    assert found["the page about bees"] == "–"
    assert found["Order hives"] == "unclearIt stands alone, with no sentence around it."
    assert found["In a table"] == "–Not in running text."


def test_each_link_out_and_each_found_phrase_is_shown_with_and_without_its_words() -> None:
    trials = pane().css(".trial")
    shown = [texts(trial, "blockquote p[dir]") for trial in trials]
    assert shown == [
        [
            "Before you read on the cheap beehive kits page, check that the roof carries eighty kilograms.",
            "Before you read on the page, check that the roof carries eighty kilograms.",
        ],
        [
            "The county has measured the roofs of every village, and hives stand on nine of them.",
            "The county has of every village, and hives stand on nine of them.",
        ],
        [
            "For honest hive tools near you nobody has complained in six years.",
            "For nobody has complained in six years.",
        ],
    ]
    assert [texts(trial, "blockquote b") for trial in trials] == [
        ["cheap beehive kits"],
        ["measured the roofs"],
        ["honest hive tools near you"],
    ]
    page = pane()
    for link in page.css(".trial .who a"):
        assert page.css_first(link.attributes["href"] or "") is not None


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ("rest on the ", " helps", "rest on the helps"),
        ("We like honey", ", and wax", "We like honey, and wax"),
        ("We like ", ".", "We like."),
        ("The hive (see ", ") is old", "The hive (see) is old"),
        ("The hive (", ") is old", "The hive is old"),
        ("He said “", "” twice", "He said twice"),
        ("", " stands alone", "stands alone"),
        ("", "", ""),
    ],
)
def test_what_is_left_of_a_sentence_reads_as_a_writer_would_join_it(
    before: str, after: str, left: str
) -> None:
    assert without(before, after) == left


def test_of_an_endless_sentence_only_what_is_near_the_words_is_shown() -> None:
    words = "one of the words of a sentence that has no end " * 2_000
    link = '<a href="https://x.example/{}">a link out of it</a> '
    document = Document.from_html(
        f"<main><p>{''.join(words + link.format(k) for k in range(9))}{words}</p></main>"
    )
    trials = pane(document=document, answer=verdict(())).css(".trial")
    assert len(trials) == 9
    assert all(len(trial.text()) < 2_000 for trial in trials)


def test_hidden_words_of_a_sentence_stand_in_no_comparison() -> None:
    document = Document.from_html(
        '<main><p>The hive needs <span style="display:none">cheap pills</span> shade and '
        '<a href="https://x.example/">a bowl of water</a> close by in summer.</p></main>'
    )
    (trial,) = pane(document=document, answer=verdict(())).css(".trial")
    assert "cheap pills" not in trial.text()


# --- several articles -----------------------------------------------------------------------------------------------


def test_the_articles_of_a_stitched_text_stand_side_by_side() -> None:
    joins = Finding(
        "stitched", 3.0, 2.0, "Several articles.", (span("Neighbours worry about stings."), span(LAST))
    )
    page = pane(answer=verdict((joins,)))
    assert texts(page, ".articles h3") == ["3 articles, side by side"]
    assert texts(page, ".articles .who") == [
        "Article 1, line 1 65 words",
        "Article 2, line 7 23 words",
        "Article 3, line 9 20 words",
    ]
    assert "the colony grows quickly, so look into the hive" in texts(page, ".articles li:last-child b")[0]
    for link in page.css(".articles a"):
        assert page.css_first(link.attributes["href"] or "").tag == "mark"


def test_a_join_that_was_called_fine_divides_nothing() -> None:
    joins = Finding("stitched", 3.0, 2.0, "Several articles.", (span(LAST),))
    assert not pane(fine(LAST, "stitched"), answer=verdict((joins,))).css(".articles")


# --- a selection ----------------------------------------------------------------------------------------------------


def test_the_nearest_of_repeated_words_is_meant() -> None:
    text = "one two. " * 50
    assert find_quote(text, "one two.", near=100) == (99, 107)
    assert find_quote(text, "one two.") == (0, 8)
    assert find_quote(text, "three") is None
    assert find_quote(text, "  \n ") is None


@given(st.text(max_size=60), st.data())
def test_whatever_was_selected_is_found_where_it_stands(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    words = text[start:end].strip()
    shown = re.sub(r"\s+", lambda gap: data.draw(st.sampled_from([" ", "\n", "\n\n\t"])), visible(words))
    if not shown.split():
        return
    found = find_quote(text, shown, near=start)
    assert found is not None
    assert "".join(visible(text[slice(*found)]).split()) == "".join(shown.split())
    assert abs(found[0] - start) <= len(text[start:]) - len(text[start:].lstrip())


def test_hostile_quotes_are_words_and_cost_no_time() -> None:
    text = ("a" * 50 + " ") * 20_000
    assert find_quote(text, "(a+)+$ [x ⟨U+FFFFFF⟩ ⟨U+202E⟩") is None
    assert find_quote(text, "a " * 5_000 + "b") is None
    assert find_quote("a" * 1_000_000, "a" * 20_000, near=500_000) == (500_000, 520_000)


# --- nothing gets out, nothing gets in ------------------------------------------------------------------------------

HOSTILE = (
    "</p><script>alert(1)</script><img src=x onerror=alert(1)>\"' onclick='x' \u202egnp \x00 {{ 7*7 }}\ud800"
)


def test_a_hostile_submission_is_text() -> None:
    text = (HOSTILE + " words of it ") * 9
    document = Document(HOSTILE, text, (Block(0, len(text), "paragraph"),), (Link(3, 9, HOSTILE, HOSTILE),))
    places = (Span(3, 60, HOSTILE, (HOSTILE,), Partner("other", HOSTILE, 0, 3)),)
    answer = verdict(
        (Finding("plug", 1.0, 1.0, HOSTILE, places), Finding(HOSTILE, 1.0, 0.5, HOSTILE, places))
    )
    events = [
        fine("", HOSTILE, who=HOSTILE, start=3, end=60),
        {**said("missed", signal=HOSTILE, who=HOSTILE, after=HOSTILE), "start": 70, "end": 90},
    ]
    written = fragment({"id": "0abc"}, answer, document, events)
    page = LexborHTMLParser(written)
    assert not page.css("script, img, iframe, object, [onclick], [onerror], [style], style")
    assert "\u202e" not in written
    assert "\x00" not in written
    assert len(page.css("mark.missed")) >= 1
    for link in page.css("a"):
        assert (link.attributes["href"] or "").startswith("#")


@pytest.mark.parametrize("make", [Document.from_text, Document.from_markdown, Document.from_html])
@settings(deadline=None)  # the first one reads the documentation of the signals
@given(text=st.text("ab#*-> |`[](<p>)\n.", max_size=120), start=st.integers(0, 130), end=st.integers(0, 130))
def test_any_text_with_any_places_can_be_read(
    make: Callable[..., Document], text: str, start: int, end: int
) -> None:
    document = make(text)
    low, high = sorted((min(start, len(document.text)), min(end, len(document.text))))
    places = (Span(low, high),)
    findings = tuple(
        Finding(signal, 1.0, 0.5, "Says.", places) for signal in ("injected_anchor", "stitched", "plug")
    )
    event = {**said("missed"), "start": low, "end": high}
    page = pane(event, answer=verdict(findings), document=document)
    for link in page.css("a"):
        assert page.css(f'[id="{(link.attributes["href"] or "")[1:]}"]'), link.html
