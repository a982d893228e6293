"""The report of an audit as a file: what stands in it, that it is bounded, and that nothing of a page can act in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import math
import re
from collections.abc import Callable
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from detector.audit.compare import compare
from detector.audit.results import Results
from detector.report.crawl import html
from detector.report.crawl.html import ASSETS, write_html

Row = dict[str, Any]
MakeRun = Callable[..., Path]
HOSTILE = (
    "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\"' \u202egnp {{ 7*7 }} <!--"
)
TEXT = (
    "Keeping bees on a roof 🐝. Before you read on the cheap hive kits page, check that the roof carries eighty "
    "kilograms. In spring the colony grows quickly, so look in each week. As the colony grows fast in spring, look "
    "in weekly, and note what you see in a book that stays dry. "
    + "The rain of that month fell on slate. "
    * 40
)


def span(words: str, says: str = "", *instead: str, text: str = TEXT, partner: Row | None = None) -> Row:
    start = text.index(words)
    return {
        "start": start, "end": start + len(words), "text": words, "says": says, "instead": list(instead),
        "partner": partner,
    }  # fmt: skip


def finding(signal: str, push: float, *spans: Row, says: str = "Says why.") -> Row:
    return {"signal": signal, "value": abs(push), "push": push, "says": says, "spans": list(spans)}


def page(address: str, outcome: str, *findings: Row, **fields: Any) -> Row:
    url = address if "//" in address else None
    logit = {"publish": -2.0, "review": 1.0, "reject": 3.0}.get(outcome)
    score = None if logit is None else 1 / (1 + math.exp(-logit))
    row = {
        "id": address, "address": address.partition("//")[2] or address, "url": url,
        "host": url.split("/")[2] if url else "", "place": "crawl.warc.gz@0",
        "time": "2026-11-21T18:00:00Z", "title": f"Page {address[-2:]}", "outcome": outcome, "score": score,
        "bias": None if logit is None else logit - sum(f["push"] for f in findings), "words": 300,
        "language": "en", "reason": None, "findings": list(findings), "error": None, "text": TEXT,
        "page_outcome": outcome, "page_score": score,
    }  # fmt: skip
    return row | fields


A, B = "https://a.example", "https://b.example"
SPUN = finding(
    "spun_sibling", 2.5, span("In spring", "Elsewhere: “In April”.", "In spring",
                              partner={"id": f"{B}/2", "url": f"{B}/2", "start": 10, "end": 20})
)  # fmt: skip
PASTED = finding(
    "injected_anchor", 1.25, span("on the cheap hive kits page", "Take it out.", "on", "further")
)
TWICE = finding(
    "near_duplicate", 0.5, span("the colony grows quickly", partner={"id": f"{A}/1", "url": None,
                                                                     **{k: span("the colony grows fast")[k]
                                                                        for k in ("start", "end")}})
)  # fmt: skip
PAGES = [
    page(f"{A}/1", "reject", SPUN, PASTED, TWICE, finding("trust", -0.4, span("eighty")), page_outcome="review",
         page_score=0.6),
    page(f"{B}/2", "reject", SPUN),
    page(f"{A}/3", "publish", finding("readability", 0.0), title="Slate roofs"),
    page(f"{A}/4", "review", PASTED, title=None, reason="low_confidence"),
    page(f"{B}/5", "unscored", reason="too_short: 3 words of running text", words=3),
    page("x.html", "unscored", reason="unreadable", text=None, title=None,
         error={"kind": "binary", "message": "x.html: this is a picture, not a page"}),
]  # fmt: skip
SLOTS = [["In spring", "In April"], ["quickly", "fast"]]
GROUPS = [
    {"group": 7, "kind": "spun_sibling", "label": "Bees on roofs", "pages": 2, "hosts": 2, "slots": SLOTS},
    {"group": 9, "kind": "duplicate_title", "label": "Page", "pages": 2, "hosts": 1, "slots": []},
]
PIECES = [
    {"left": "In April", "right": "In spring", "same": False},
    {"left": "the", "right": "the", "same": True},
]
MEMBERS = [
    {"group": 7, "row": 0, "partner": None, "likeness": None, "differences": []},
    {"group": 7, "row": 1, "partner": 0, "likeness": 0.91, "differences": PIECES},
    {"group": 9, "row": 0, "partner": None, "likeness": None, "differences": []},
    {"group": 9, "row": 2, "partner": 0, "likeness": None, "differences": []},
]
RECURRING = [
    {
        "host": "a.example",
        "kind": "template",
        "text": "Bees in … live well.",
        "pages": 2,
        "slots": [["York", "Hull"]],
    }
]
BEES: dict[str, Any] = {"groups": GROUPS, "members": MEMBERS, "recurring": RECURRING}


@pytest.fixture
def results(tmp_path: Path, make_run: MakeRun) -> Results:
    return Results.open(make_run(tmp_path / "bees", PAGES, **BEES))


def written(results: Results, **options: Any) -> str:
    out = io.StringIO()
    write_html(results, out, **options)
    return out.getvalue()


def unpack(report: str, name: str) -> Any:
    packed = re.search(rf'id="data-{name}">([\w+/=]*)</script>', report)
    assert packed
    return json.loads(gzip.decompress(base64.b64decode(packed[1])))


def texts(node: LexborHTMLParser | LexborNode, selector: str) -> list[str]:
    return [" ".join(found.text().split()) for found in node.css(selector)]


# --- the summary ------------------------------------------------------------------------------------------------------


def test_the_summary_can_be_read_without_scripts(results: Results) -> None:
    summary = LexborHTMLParser(written(results)).css_first("#summary")
    assert texts(summary, ".tally a") == ["2 reject", "1 review", "1 publish", "2 unscored"]
    assert texts(summary, ".raised") == [
        "The look across pages changed the outcome of 1 page: 1 from review to reject. Show them"
    ]
    rows = {tuple(texts(row, "th, td")) for row in summary.css("table tr")}
    assert ("injected anchor", "2", "1") in rows
    assert ("Spun siblings", "1 group") in rows
    assert ("Recurring sentences: template", "1") in rows
    assert {("too short", "1"), ("binary", "1"), ("image/png", "2")} <= rows
    assert any(row[:6] == ("a.example", "3", "1", "1", "1", "0") for row in rows)
    assert not any(
        "readability" in row[0] or "trust" in row[0] for row in rows
    )  # they do not speak for rejection
    assert "Of low confidence, for want of words: 1 page." in summary.text()


def test_what_was_audited_and_with_which_model_is_named(results: Results) -> None:
    summary = LexborHTMLParser(written(results)).css_first("#summary").text()
    assert "crawl/part.warc.gz" in summary
    assert "12.3 kB" in summary
    assert (
        "21 November 2026, 18:00, 9 s · model tiny 1.0.0 · review from 50\u00a0%, reject from 80\u00a0%"
        in summary
    )


def test_the_histogram_counts_every_scored_page_in_the_colour_of_its_outcome(results: Results) -> None:
    svg = LexborHTMLParser(written(results)).css_first("svg.histogram")
    assert texts(svg, "g > title") == [
        "1 page from 10.0 to 12.5 %", "1 page from 72.5 to 75.0 %", "2 pages from 95.0 to 97.5 %"
    ]  # fmt: skip
    assert [bar.attributes["class"] for bar in svg.css("rect")] == ["publish", "review", "reject"]
    assert texts(svg, ".threshold + .tick") == ["review 50 %", "reject 80 %"]


def test_a_run_without_pages_is_a_report_too(tmp_path: Path, make_run: MakeRun) -> None:
    empty = Results.open(make_run(tmp_path / "empty", [], groups=[], members=[], recurring=[]))
    report = LexborHTMLParser(written(empty))
    assert texts(report, "h1") == ["Audit of 0 pages"]
    assert "No page has a score." in report.css_first("#summary").text()


# --- the packed data --------------------------------------------------------------------------------------------------


def test_every_page_is_in_the_table_in_the_order_of_the_crawl(results: Results) -> None:
    report = written(results)
    ids, titles, urls, hosts, outcomes, scores, alone, before, lengths, _, reasons, signals, groups = unpack(
        report, "table-0"
    )
    meta = unpack(report, "meta")
    assert urls == [f"{A}/1", f"{B}/2", f"{A}/3", f"{A}/4", f"{B}/5", ""]
    assert ids == [None] * 5 + ["x.html"]  # only where it is not the address
    assert titles[2:4] == ["Slate roofs", ""]
    assert [meta["hosts"][host] for host in hosts] == [
        ["a.example", 3], ["b.example", 2], ["a.example", 3], ["a.example", 3], ["b.example", 2], ["", 1]
    ]  # fmt: skip
    assert [meta["outcomes"][o] for o in outcomes] == [p["outcome"] for p in PAGES]
    assert scores[0] == pytest.approx(0.9526)
    assert scores[4:] == [None, None]
    assert alone == [0.6, None, None, None, None, None]
    assert before == [meta["outcomes"].index("review"), -1, -1, -1, -1, -1]
    assert lengths[4] == 3
    assert [r if r < 0 else meta["reasons"][r][0] for r in reasons] == [-1, -1, -1, -1, "too_short", "binary"]
    named = [meta["signals"][code][0] for code in signals[0][::2]]
    assert named == ["spun_sibling", "injected_anchor", "near_duplicate"]
    assert signals[0][1::2] == [250, 125, 50]
    assert groups == [[0, 1], [0], [1], [], [], []]


def test_places_are_quoted_with_the_words_around_them(results: Results) -> None:
    report = written(results)
    _, time, why, bias, findings, passages = unpack(report, "pages-0")[0]
    assert time == "2026-11-21T18:00:00Z"
    assert why is None
    assert bias + sum(push for _, _, push, *_ in findings) == 300
    for offset, text in passages:
        assert TEXT[offset : offset + len(text)] == text
    (start, end, says, instead, partner), *_ = findings[1][4]
    quoted = "".join(text for _, text in passages)
    assert TEXT[start:end] == "on the cheap hive kits page"
    assert "Before you read on the cheap hive kits page, check that the roof" in quoted
    assert (says, instead, partner) == ("Take it out.", ["on", "further"], None)
    assert findings[0][4][0][4] == [f"{B}/2", f"{B}/2", 10, 20]
    other = findings[2][4][0][4]  # on the same page: without its name, and quoted too
    assert other[:2] == [None, None]
    assert TEXT[other[2] : other[3]] == "the colony grows fast"
    assert "the colony grows fast" in quoted


def test_an_unreadable_page_keeps_its_reason(results: Results) -> None:
    details = unpack(written(results), "pages-0")[5]
    assert details[2] == "x.html: this is a picture, not a page"
    assert details[4:] == [[], []]


def test_what_is_quoted_of_a_page_is_bounded(tmp_path: Path, make_run: MakeRun) -> None:
    text = " ".join(f"word{k}" for k in range(40_000))
    spans = [span(f"word{k}", text=text) for k in range(1000, 9000, 50)]
    long = {**span("word1", text=text), "end": len(text), "text": text}
    findings = [finding("long", 2, long), *(finding(f"signal_{k}", 1.0, *spans) for k in range(20))]
    rows = [page(f"{A}/1", "reject", *findings, text=text, title="t" * 9_000)]
    report = written(Results.open(make_run(tmp_path / "big", rows, groups=[], members=[], recurring=[])))
    *_, found, passages = unpack(report, "pages-0")[0]
    for _, _, _, _, places, more in found:
        assert len(places) <= html.PLACES
        assert len(places) + more in (1, 160)
    assert sum(len(passage) for _, passage in passages) <= 4 * html.QUOTED["reject"]
    assert len(unpack(report, "table-0")[1][0]) <= html.TITLE
    assert all(places for *_, places, _ in found)  # each finding is shown before one is shown twice


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=20), st.integers(0, 3_000))
def test_passages_hold_the_places_that_were_taken(ends: list[tuple[int, int]], room: int) -> None:
    text = "ab c🐝 d\n" * 100
    passages = html._Passages(text, room)
    spans = [{"start": min(pair), "end": max(pair), "partner": None} for pair in ends]
    taken = [s for s in spans if passages.take(s, "x")]
    stretches = [(start, start + len(words)) for start, words in passages.written()]
    assert all(
        text[start:end] == words
        for (start, end), (_, words) in zip(stretches, passages.written(), strict=True)
    )
    assert all(one[1] < other[0] for one, other in pairwise(stretches))
    assert sum(end - start for start, end in stretches) <= room
    for each in taken:
        end = min(each["end"], each["start"] + html.LONGEST, len(text))
        assert any(one <= min(each["start"], len(text)) and end <= other for one, other in stretches)


def test_groups_name_their_slots_their_pages_and_what_differs(results: Results) -> None:
    report = written(results)
    assert unpack(report, "groups") == [
        ["spun_sibling", "Bees on roofs", 2, 2, SLOTS, 0, 0], ["duplicate_title", "Page", 2, 1, [], 0, 1]
    ]  # fmt: skip
    spun, titles = unpack(report, "members-0")
    assert spun == [[0, None, None, []], [1, 0, 0.91, [["In April", "In spring", 0], ["the", "the", 1]]]]
    assert titles == [[0, None, None, []], [2, 0, None, []]]


def test_recurring_sentences_name_host_and_slots(results: Results) -> None:
    report = written(results)
    [[kind, text, host, pages, slots]] = unpack(report, "recurring")
    assert (kind, text, pages, slots) == ("template", "Bees in … live well.", 2, [["York", "Hull"]])
    assert unpack(report, "meta")["hosts"][host][0] == "a.example"


def test_changes_since_an_earlier_run_are_counted_and_listed(
    results: Results, tmp_path: Path, make_run: MakeRun
) -> None:
    earlier = [
        {**PAGES[0], "outcome": "publish", "score": 0.2},
        PAGES[2],
        page(f"{A}/gone", "publish", text="Other words."),
    ]
    old = Results.open(make_run(tmp_path / "old", earlier, groups=[], members=[], recurring=[]))
    report = written(results, baseline=compare(results, old))
    changes = {(change, url, number) for change, url, number, *_ in unpack(report, "changes")}
    assert {("worse", f"{A}/1", 0), ("new", f"{B}/2", 1), ("gone", f"{A}/gone", None)} <= changes
    assert not any(change == "same" for change, *_ in changes)
    summary = LexborHTMLParser(report)
    assert ["Worse", "1"] in [texts(row, "th, td") for row in summary.css(".panel tr")]
    assert texts(summary, "nav a")[-1] == "Changes"
    assert "Changes" not in texts(LexborHTMLParser(written(results)), "nav a")


def test_many_pages_come_in_blocks(
    tmp_path: Path, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "BLOCK", 4)
    monkeypatch.setattr(html, "COLUMNS", 6)
    rows = [page(f"{A}/{k:02}", "publish") for k in range(14)]
    report = written(Results.open(make_run(tmp_path / "many", rows, groups=[], members=[], recurring=[])))
    meta = unpack(report, "meta")
    assert (meta["pages"], meta["block"], meta["tables"]) == (14, 4, 3)
    assert [len(unpack(report, f"pages-{k}")) for k in range(4)] == [4, 4, 4, 2]
    urls = chain.from_iterable(unpack(report, f"table-{k}")[2] for k in range(3))
    assert list(urls) == [row["url"] for row in rows]


def test_twice_the_same_run_gives_the_same_bytes(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_html(results, path)
    assert path.read_text("utf-8") == written(results)


# --- nothing gets out, nothing gets in --------------------------------------------------------------------------------


def test_a_hostile_crawl_is_text(tmp_path: Path, make_run: MakeRun) -> None:
    rows = [
        page(f"{A}/1", "reject", finding(HOSTILE, 1.0, says=HOSTILE), id=HOSTILE, title=HOSTILE, host=HOSTILE,
             url=f"javascript:{HOSTILE}", place=HOSTILE),
        page(f"{A}/2", "unscored", reason=HOSTILE, error={"kind": HOSTILE, "message": HOSTILE}),
    ]  # fmt: skip
    folder = make_run(
        tmp_path / "hostile",
        rows,
        groups=[{**GROUPS[0], "kind": HOSTILE, "label": HOSTILE, "slots": [[HOSTILE]]}],
        members=[],
        recurring=[{**RECURRING[0], "kind": HOSTILE, "text": HOSTILE, "host": HOSTILE}],
        inputs={"names": [HOSTILE], "kind": HOSTILE, "files": 1, "bytes": 1, "sha256": ""},
        passed_over={HOSTILE: 1},
        options={"site": HOSTILE},
        started=HOSTILE,
    )
    report = written(Results.open(folder))
    assert "<script>window" not in report
    page_ = LexborHTMLParser(report)
    blocks = page_.css("script")
    assert [block.attributes.get("type") for block in blocks] == [None] + ["application/octet-stream"] * (
        len(blocks) - 1
    )
    assert all(re.fullmatch(r"[\w+/=]*", block.text()) for block in blocks[1:])
    assert not page_.css("img, iframe, object, embed, link, base, form, [src], [style], [action]")
    for node in page_.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name != "href" or (value or "").startswith("#"), node.html
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", report)


def test_the_policy_allows_this_style_and_this_script_only(results: Results) -> None:
    report = LexborHTMLParser(written(results))
    policy = report.css_first('meta[http-equiv="Content-Security-Policy"]').attributes["content"] or ""
    for tag in ("style", "script"):
        content = report.css_first(tag).text(deep=True)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_nothing_is_fetched_and_no_data_becomes_markup() -> None:
    style = (ASSETS / "crawl.css").read_text("utf-8")
    script = "".join((ASSETS / f"{part}.js").read_text("utf-8") for part in html.SCRIPT)
    script = script.replace("http://www.w3.org/2000/svg", "").replace('["http:", "https:"]', "")
    for content in (style, script):
        assert not re.search(
            r"https?:|url\(|@import|\bfetch\(|XMLHttp|sendBeacon|localStorage|import\(", content
        )
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|srcdoc", script
    )


def test_colours_are_those_of_the_page_report() -> None:
    rules = (ASSETS / "crawl.css").read_text("utf-8")
    named = set(re.findall(r"var\(--([\w-]+)\)", rules)) - {"columns", "row"}
    known = (ASSETS.parents[1] / "assets" / "report.css").read_text("utf-8")
    assert all(f"--{name}:" in known for name in named)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)|rgb|hsl", rules)
