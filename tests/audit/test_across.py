"""What only shows across pages: groups, partners, slots, furniture, and every page's account made anew."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from detector.audit.results import Results
from detector.signals import crawl
from detector.sources.crawls.record import Record

KINDS = {
    "site_clone": "clone",
    "slot_template": "template",
    "spun_sibling": "sibling",
    "anchor_ring": "ring",
    "duplicate_title": "title",
}


def group(results: Results, kind: str) -> dict[str, Any]:
    (found,) = [g for g in results.groups() if g["kind"] == kind]
    return found


def findings(results: Results, kind: str) -> dict[str, dict[str, Any]]:
    """The findings of a crawl signal, by the address of the page."""
    return {
        row["url"]: {**f, "text": row["text"], "title": row["title"]}
        for row in results.rows(with_text=True)
        for f in row["findings"]
        if f["signal"] == kind
    }


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_planted_is_found_and_nothing_else(kind: str, audited: Results, pages: list[Any]) -> None:
    planted = [p.url for p in pages if p.kind == KINDS[kind]]
    found = group(audited, kind)
    assert [m["url"] for m in audited.members(found["group"])] == planted
    assert found["pages"] == len(planted)
    assert found["hosts"] == len({url.split("/")[2] for url in planted})
    assert sorted(findings(audited, kind)) == sorted(planted)


def test_the_largest_group_comes_first(audited: Results) -> None:
    groups = audited.groups()
    assert [g["group"] for g in groups] == [1, 2, 3, 4, 5]
    assert [g["pages"] for g in groups] == sorted((g["pages"] for g in groups), reverse=True)
    assert {g["kind"]: g["label"] for g in groups}["anchor_ring"] == "sheds.example"
    assert {g["kind"]: g["label"] for g in groups}["slot_template"] == "Physiotherapy in Wexham"


@pytest.mark.parametrize("kind", ["site_clone", "slot_template", "spun_sibling"])
def test_every_page_names_its_partner_and_shows_both_texts(kind: str, audited: Results) -> None:
    rows = {row["row"]: row for row in audited.rows(with_text=True)}
    members = audited.members(group(audited, kind)["group"])
    known = {m["row"] for m in members}
    for member in members:
        page, partner = rows[member["row"]], rows[member["partner"]]
        assert member["partner"] in known - {member["row"]}
        (finding,) = [f for f in page["findings"] if f["signal"] == kind]
        assert finding["spans"]
        for span in finding["spans"]:
            assert page["text"][span["start"] : span["end"]] == span["text"]
            there = span["partner"]
            assert (there["id"], there["url"]) == (partner["id"], partner["url"])
            assert 0 <= there["start"] < there["end"] <= len(partner["text"])
        for difference in member["differences"]:  # shortened, in the words of the pages
            assert set(difference["left"].split()) <= {*page["text"].split(), "…"}
            assert set(difference["right"].split()) <= {*partner["text"].split(), "…"}
            assert difference["same"] or difference["left"] != difference["right"]


def test_a_clone_says_how_like_it_is(audited: Results) -> None:
    first, second, third = audited.members(group(audited, "site_clone")["group"])
    assert first["likeness"] == second["likeness"] == 1
    assert (first["partner"], second["partner"]) == (second["row"], first["row"])
    assert 0.9 < third["likeness"] < 1


def test_what_is_exchanged_is_shown_as_an_exchange(audited: Results) -> None:
    members = audited.members(group(audited, "spun_sibling")["group"])
    changed = [(d["left"].strip(), d["right"].strip()) for d in members[0]["differences"] if not d["same"]]
    assert ("lasts", "endures") in changed
    spans = findings(audited, "spun_sibling")["https://pan0.example/iron.html"]["spans"]
    assert any("Here “lasts”, there “endures”" in span["says"] for span in spans)


def test_slots_list_what_stands_in_them(audited: Results) -> None:
    towns = {"Wexham", "Oldcastle", "Harrow Hill", "Pinner", "Ashby", "Kirkby"}
    assert towns in [set(slot) for slot in group(audited, "slot_template")["slots"]]
    slots = group(audited, "spun_sibling")["slots"]
    assert any({"lasts", "endures", "survives"} == {value.split()[0] for value in slot} for slot in slots)


def test_furniture_is_told_from_a_template(audited: Results) -> None:
    kinds = {row["text"]: (row["kind"], row["host"], row["pages"]) for row in audited.recurring()}
    notice = "Our practice on the harbour is open from Monday to Friday between eight and six."
    assert kinds.pop(notice) == ("furniture", "practice.example", 6)
    assert len(kinds) == 4
    assert set(kinds.values()) == {("template", "physio.example", 6)}
    for row in audited.recurring():
        assert bool(row["slots"]) == (row["kind"] == "template")


def test_an_anchor_is_marked_where_it_stands(audited: Results) -> None:
    for finding in findings(audited, "anchor_ring").values():
        assert [s["text"] for s in finding["spans"]] == ["cheap garden sheds"]
        assert "sheds.example" in finding["spans"][0]["says"]
        assert "(5 pages on 3 sites)" in finding["says"]


def test_values_are_doublings(audited: Results) -> None:
    for kind, pages in (("site_clone", 3), ("slot_template", 6), ("spun_sibling", 3), ("anchor_ring", 5)):
        for finding in findings(audited, kind).values():
            assert finding["value"] == pytest.approx(math.log2(pages))


def test_every_account_adds_up(audited: Results) -> None:
    for row in audited.rows():
        if row["score"] is None:
            assert row["outcome"] == "unscored"
            assert row["findings"] == []
            continue
        total = row["bias"] + sum(f["push"] for f in row["findings"])
        assert total == pytest.approx(math.log(row["score"] / (1 - row["score"])), abs=1e-6)
        strengths = [abs(f["push"]) for f in row["findings"]]
        assert strengths == sorted(strengths, reverse=True)
        review, reject = row["thresholds"]["review"], row["thresholds"]["reject"]
        assert (row["score"] >= reject) == (row["outcome"] == "reject")
        assert (row["score"] < review) == (row["outcome"] == "publish")


def test_a_page_that_shares_nothing_keeps_its_verdict(audited: Results, pages: list[Any]) -> None:
    for row, page in zip(audited.rows(), pages, strict=True):
        if page.kind in KINDS.values():
            assert row["score"] > row["page_score"]
        else:
            assert (row["outcome"], row["score"]) == (row["page_outcome"], row["page_score"])


# --- single cases -----------------------------------------------------------------------------------------------------

TEXT = """The bench by the canal

Every Tuesday my neighbour Harold walks to the bench by the canal and counts the boats. Last week there were nine,
and two of them were painted green. He writes the number in a small notebook that his daughter gave him in 2011.
On the way home he buys bread from the bakery on Mill Street, where a rye loaf is kept for him on the top shelf.
"""

Look = Callable[..., Results]


def record(number: int, url: str, text: str = TEXT) -> Record:
    return Record(f"page {number}", f"crawl:{number}", text.encode(), ".txt", url)


def kinds(results: Results) -> list[list[str]]:
    return [[f["signal"] for f in row["findings"] if f["signal"] in KINDS] for row in results.rows()]


def test_spellings_of_one_address_are_one_page(look: Look) -> None:
    spellings = ("https://a.example/p", "http://www.a.example/p/", "https://a.example/p?utm_source=x#top")
    results = look([record(n, url) for n, url in enumerate(spellings)])
    assert [f["value"] for row in results.rows() for f in row["findings"] if f["signal"] == "site_clone"] == [
        0,
        0,
        0,
    ]
    assert [row["score"] for row in results.rows()] == [row["page_score"] for row in results.rows()]


def test_a_copy_at_another_address_counts(look: Look) -> None:
    results = look([record(0, "https://a.example/p"), record(1, "https://a.example/q")])
    assert kinds(results) == [["site_clone"], ["site_clone"]]


@pytest.mark.parametrize("name", crawl.registry())
def test_what_is_ignored_is_neither_shown_nor_counted(name: str, look: Look) -> None:
    pages = [record(n, f"https://a{n}.example/p") for n in range(2)]
    results = look(pages, ignore=(name,))
    assert kinds(results) == [[], []] if name == "site_clone" else [["site_clone"], ["site_clone"]]
    assert [g["kind"] for g in results.groups()] == ([] if name == "site_clone" else ["site_clone"])


def test_all_crawl_signals_can_be_ignored(look: Look) -> None:
    results = look([record(n, f"https://a{n}.example/p") for n in range(2)], ignore=tuple(crawl.registry()))
    assert kinds(results) == [[], []]
    assert results.groups() == []


def test_many_copies_are_one_group(look: Look) -> None:
    results = look([record(n, f"https://a{n}.example/p") for n in range(40)])
    (found,) = results.groups()
    assert (found["pages"], found["hosts"]) == (40, 40)
    values = [f["value"] for row in results.rows() for f in row["findings"] if f["signal"] == "site_clone"]
    assert values == pytest.approx([math.log2(40)] * 40)


def test_pages_that_cannot_be_read_stay_in_the_crawl(look: Look) -> None:
    broken = Record("x", "crawl:1", problem="crawl:1: gone; look for it.", url="https://a.example/x")
    results = look([record(0, "https://a.example/p"), broken, record(2, "https://b.example/p")])
    first, error, last = results.rows()
    assert error["error"] == {"kind": "unreadable", "message": "crawl:1: gone; look for it."}
    assert (error["outcome"], error["score"], error["page_outcome"]) == ("unscored", None, "unscored")
    assert next(f["signal"] for f in first["findings"]) == "site_clone"
    assert last["outcome"] == first["outcome"]


def test_a_title_with_a_quotation_mark_and_an_emoji(look: Look) -> None:
    title = 'It\'s 👩‍👩‍👧 "here"'
    other = """Rain fell on the market all morning, and the cheese seller wrapped her wheels in wax cloth. Nobody bought
    plums. At noon a brass band came down from the station, eleven men and a girl with a tuba, and played until the
    church clock stopped them. Then everyone drank soup from paper cups and went home early that day."""
    given = [
        Record(f"{n}", f"crawl:{n}", f"# {title}\n\n{text}".encode(), ".md", f"https://a.example/{n}")
        for n, text in enumerate((TEXT, other))
    ]
    found = findings(look(given), "duplicate_title")
    assert [[(s["text"], s["start"]) for s in f["spans"]] for f in found.values()] == [
        [(title, 2)],
        [(title, 2)],
    ]
