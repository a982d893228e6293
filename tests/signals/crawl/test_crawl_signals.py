"""What the crawl signals must tell apart, beyond the examples in their docstrings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detector import score
from detector.sources.crawls.record import Record

Look = Callable[..., Any]
CORPUS = Path(__file__).parents[3] / "corpus" / "texts"
SUBJECTS = "rope owls bread trees bees tiles boats clocks cheese paths".split()


@pytest.fixture(autouse=True)
def no_least_number_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "MIN_WORDS", 1)


def record(n: int, url: str, text: str, title: str | None = None) -> Record:
    return Record(
        f"{n}", f"crawl:{n}", (f"# {title}\n\n" if title else "").encode() + text.encode(), ".md", url
    )


def firing(results: Any, name: str) -> list[int]:
    return [n for n, row in enumerate(results.rows()) if any(f["signal"] == name for f in row["findings"])]


def essay(subject: str) -> str:
    """A short text of its own for each subject: three sentences of a page of the corpus."""
    file = sorted(CORPUS.glob("*.good.md"))[7 * SUBJECTS.index(subject)]
    sentences = [
        s for s in re.findall(r"[A-Z][^.!?\n#*|_\[]{40,200}[.!?]", file.read_text("utf-8")) if s.isascii()
    ]
    return " ".join(sentences[:3])


def test_the_essays_have_nothing_in_common(look: Look) -> None:
    pages = [record(n, f"https://s{n}.example/", essay(s)) for n, s in enumerate(SUBJECTS)]
    for row in look(pages).rows():
        assert not {f["signal"] for f in row["findings"]} & {
            "site_clone",
            "spun_sibling",
            "anchor_ring",
            "duplicate_title",
        }


# --- rings --------------------------------------------------------------------------------


def ring(
    hosts: int, pages: int, anchor: str = "cheap garden sheds", target: str = "https://sheds.example/"
) -> list[Record]:
    return [
        record(
            n,
            f"https://s{n % hosts}.example/{n}",
            f"{essay(s)} Look at the [{anchor}]({target}) when you can.",
        )
        for n, s in enumerate(SUBJECTS[:pages])
    ]


@pytest.mark.parametrize(
    ("hosts", "pages", "fires"), [(3, 5, True), (5, 5, True), (2, 5, False), (4, 4, False)]
)
def test_a_ring_has_five_pages_on_three_sites(hosts: int, pages: int, fires: bool, look: Look) -> None:
    assert firing(look(ring(hosts, pages)), "anchor_ring") == (list(range(pages)) if fires else [])


@pytest.mark.parametrize(
    ("anchor", "target"),
    [
        ("Garden Sheds", "https://gardensheds.example/"),  # its name
        ("sheds", "https://shop.example/"),  # one word says too little
        ("cheap garden sheds", "/sheds"),  # of the site itself
    ],
)
def test_no_ring(anchor: str, target: str, look: Look) -> None:
    assert firing(look(ring(5, 8, anchor, target)), "anchor_ring") == []


def test_read_more_points_everywhere(look: Look) -> None:
    pages = [
        record(
            n,
            f"https://s{n}.example/",
            f"{essay(s)} Those who like this can [read more here](https://t{n % 4}.example/).",
        )
        for n, s in enumerate(SUBJECTS)
    ]
    assert firing(look(pages), "anchor_ring") == []


# --- titles --------------------------------------------------------------------------------


def test_titles_count_within_a_site(look: Look) -> None:
    pages = [record(n, f"https://s.example/{n}", essay(s), "All we know") for n, s in enumerate(SUBJECTS[:2])]
    pages.append(record(2, "https://other.example/", essay(SUBJECTS[2]), "All we know"))
    assert firing(look(pages), "duplicate_title") == [0, 1]


def test_copies_are_no_duplicate_titles(look: Look) -> None:
    text = f"{essay('rope')} {essay('owls')}"
    results = look([record(n, f"https://s.example/{n}", text, "All we know") for n in range(2)])
    assert firing(results, "site_clone") == [0, 1]
    assert firing(results, "duplicate_title") == []


def test_one_page_under_two_addresses_has_no_duplicate_title(look: Look) -> None:
    pages = [
        record(0, "https://s.example/a", essay("rope"), "All we know"),
        record(1, "https://s.example/a/?utm_source=x", essay("owls"), "All we know"),
    ]
    assert firing(look(pages), "duplicate_title") == []


# --- templates --------------------------------------------------------------------------------

FIXED = (
    "Families in {0} have trusted our ladders for twenty years. When a storm lifts your tiles in {0}, our crew is "
    "there within a day. Every roof in {0} gets a free look in spring."
)


@pytest.mark.parametrize(("pages", "fires"), [(5, True), (3, False)])
def test_a_template_has_several_pages(pages: int, fires: bool, look: Look) -> None:
    towns = ("Leeds", "York", "Hull", "Bath", "Ely")[:pages]
    given = [
        record(n, f"https://roof.example/{t.lower()}", f"{FIXED.format(t)} {essay(s)[:120]}", f"Roofs in {t}")
        for n, (t, s) in enumerate(zip(towns, SUBJECTS, strict=False))
    ]
    assert firing(look(given), "slot_template") == (list(range(pages)) if fires else [])


def test_a_notice_makes_no_template(look: Look) -> None:
    notice = "Our practice on the harbour is open from Monday to Friday. We never sell what you tell us to anybody."
    given = [record(n, f"https://s.example/{n}", f"{essay(s)} {notice}") for n, s in enumerate(SUBJECTS)]
    results = look(given)
    for name in ("slot_template", "site_clone", "spun_sibling"):
        assert firing(results, name) == []
    assert {r["kind"] for r in results.recurring()} == {"furniture"}
