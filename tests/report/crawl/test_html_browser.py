"""The report of an audit in a real browser: tables, drawer, downloads, keyboard, narrow and dark, and a hostile crawl.

The tests need playwright and Chromium; without them they are skipped.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from detector.audit.compare import compare
from detector.audit.results import Results
from detector.report.crawl.html import write_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Row = dict[str, Any]
MakeRun = Callable[..., Path]
HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\"' \u202egnp"
TEXT = (
    "Keeping bees on a roof 🐝🐝. Before you read on the cheap hive kits page, check that the roof carries eighty "
    "kilograms. In spring the colony grows quickly, so look in each week. As the colony grows fast in spring, look "
    "in weekly, and note what you see in a book that stays dry. "
    + "The rain of that month fell on slate. "
    * 12
)
OUTCOMES = ("reject", "review", "publish", "publish", "unscored")
LOGITS = {"reject": 3.0, "review": 1.0, "publish": -2.0}
PAGES = 400


def span(words: str, says: str = "", *instead: str, partner: Row | None = None) -> Row:
    start = TEXT.index(words)
    return {
        "start": start, "end": start + len(words), "text": words, "says": says, "instead": list(instead),
        "partner": partner,
    }  # fmt: skip


def finding(signal: str, push: float, *spans: Row, says: str = "Says why.") -> Row:
    return {"signal": signal, "value": abs(push), "push": push, "says": says, "spans": list(spans)}


def address(k: int) -> str:
    return f"https://{'abc'[k % 3]}.example/garden/{k}.html"


def page(k: int, name: str = "") -> Row:
    outcome, dice = OUTCOMES[k % 5], random.Random(k)
    other = address(k + 1)
    there = {"id": other, "url": other} | {n: span("the colony grows fast")[n] for n in ("start", "end")}
    here = {"id": address(k), "url": None} | {n: span("the colony grows fast")[n] for n in ("start", "end")}
    pasted = span("on the cheap hive kits page", "Take it out.", "on", "further")
    says = name or "A link phrase stands in a sentence it does not fit."
    findings = [
        finding(
            "spun_sibling", 1.5, span("the colony grows quickly", "Elsewhere in other words.", partner=there)
        ),
        finding("injected_anchor", 0.5 + dice.random(), pasted, says=says),
        finding("near_duplicate", 0.25, span("the colony grows quickly", partner=here)),
        finding("trust", -0.4, span("eighty")),
    ]
    if outcome not in ("reject", "review"):
        findings = []
    logit = LOGITS.get(outcome)
    score = None if logit is None else 1 / (1 + math.exp(-logit - k / 1000))
    failed = (
        {"kind": name or "binary", "message": f"{name} is a picture, not a page"} if k % 10 == 4 else None
    )
    return {
        "id": address(k), "address": address(k)[8:], "url": address(k), "host": address(k)[8:17],
        "place": f"crawl.warc.gz@{k}",
        "time": "2026-11-21T18:00:00Z", "title": name or f"Garden note {k}", "outcome": outcome, "score": score,
        "bias": None if logit is None else logit + k / 1000 - sum(f["push"] for f in findings), "words": 100 + k,
        "language": "en", "reason": "too_short: 3 words of running text" if outcome == "unscored" else None,
        "findings": findings, "error": failed, "text": TEXT,
        "page_outcome": "publish" if k == 0 else outcome, "page_score": 0.25 if k == 0 else score,
    }  # fmt: skip


def member(group: int, row: int, partner: int | None = None) -> Row:
    pieces = [("In spring", "In April", False), ("the colony grows", "the colony grows", True)]
    return {
        "group": group, "row": row, "partner": partner, "likeness": None if partner is None else 0.9,
        "differences": [] if partner is None else [
            {"left": left, "right": right, "same": same} for left, right, same in pieces
        ],
    }  # fmt: skip


SLOTS = [["top layer", "upper layer", "uppermost layer"], ["=York", "Hull"]]
BEES: dict[str, Any] = {
    "groups": [
        {"group": 1, "kind": "spun_sibling", "label": "Bees on roofs", "pages": 3, "hosts": 3, "slots": SLOTS},
        {"group": 2, "kind": "duplicate_title", "label": "Welcome", "pages": 2, "hosts": 2, "slots": []},
    ],
    "members": [member(1, 0), member(1, 1, 0), member(1, 2, 0), member(2, 5), {**member(2, 6, 5), "differences": []}],
    "recurring": [
        {"host": "a.example", "kind": "template", "text": "Bees in … live well.", "pages": 9,
         "slots": [["York", "Hull"]]},
        {"host": "b.example", "kind": "furniture", "text": "Call us today.", "pages": 30, "slots": []},
    ],
}  # fmt: skip


@pytest.fixture
def report(tmp_path: Path, make_run: MakeRun) -> Path:
    results = Results.open(make_run(tmp_path / "run", [page(k) for k in range(PAGES)], **BEES))
    earlier = [{**page(k), "outcome": "publish", "score": 0.1} for k in range(PAGES)]
    old = Results.open(make_run(tmp_path / "old", earlier, groups=[], members=[], recurring=[]))
    path = tmp_path / "report.html"
    write_html(results, path, baseline=compare(results, old))
    return path


class Visit:
    """A report in a browser tab; what the tab complains about and asks for is kept."""

    def __init__(self, browser: Browser, path: Path, hash: str, **options: Any) -> None:
        options.setdefault("viewport", {"width": 1400, "height": 900})
        self.context = browser.new_context(**options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri() + hash)

    def shown(self) -> list[str]:
        """The names in the rows of the table that is open, in their order."""
        rows = self.page.locator(".view:visible .line:visible")
        found = rows.evaluate_all(
            "rows => rows.map(r => [+r.getAttribute('aria-rowindex'), r.querySelector('.title').textContent])"
        )
        return [name for _, name in sorted(found)]

    def status(self, text: str) -> None:
        """Wait until the count says this."""
        self.page.locator(".view:visible .status").get_by_text(text, exact=True).wait_for()


@pytest.fixture
def visit(browser: Browser, report: Path) -> Iterator[Callable[..., Visit]]:
    opened: list[Visit] = []

    def open_report(hash: str = "", path: Path | None = None, **options: Any) -> Visit:
        opened.append(Visit(browser, path or report, hash, **options))
        return opened[-1]

    yield open_report
    for tab in opened:
        assert tab.complaints == []
        assert all(url.startswith(("file:", "blob:")) for url in tab.requests)
        assert len([url for url in tab.requests if url.startswith("file:")]) == 1
        tab.context.close()


# --- the table of pages -----------------------------------------------------------------------------------------------


def test_the_parts_of_the_report_are_a_click_away(visit: Callable[..., Visit]) -> None:
    tab = visit()
    for name, first in (
        ("Pages", "Garden note 395"),
        ("Groups", "Bees on roofs"),
        ("Recurring", "Call us today."),
    ):
        tab.page.get_by_role("link", name=name, exact=True).click()
        tab.page.locator(".view:visible .line").first.wait_for()
        assert tab.shown()[0] == first
        assert tab.page.locator("[aria-current]").inner_text() == name
    tab.page.go_back()
    tab.page.go_back()
    tab.status("400 pages")


def test_figures_of_the_summary_lead_to_their_pages(visit: Callable[..., Visit]) -> None:
    tab = visit()
    tab.page.locator(".tally a", has_text="review").click()
    tab.status("80 of 400 pages shown")
    tab.page.go_back()
    tab.page.locator("#hosts").get_by_role("link", name="b.example").click()
    tab.status("133 of 400 pages shown")
    tab.page.go_back()
    tab.page.get_by_role("link", name="Show them").click()
    tab.status("1 of 400 pages shown")


def test_hosts_are_sorted_by_a_click(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.get_by_role("button", name="Host", exact=True).click()
    assert page.locator("#hosts tbody th a").all_inner_texts() == ["a.example", "b.example", "c.example"]
    page.locator("#hosts").get_by_role("button", name="Pages").click()
    assert page.locator("#hosts tbody td:nth-child(2)").all_inner_texts() == ["134", "133", "133"]
    assert page.locator("#hosts [aria-sort]").get_attribute("aria-sort") == "descending"


def test_filters_narrow_the_table_and_stay_in_the_address(visit: Callable[..., Visit]) -> None:
    tab = visit("#/view=pages")
    tab.status("400 pages")
    tab.page.get_by_role("checkbox", name="reject").check()
    tab.status("80 of 400 pages shown")
    tab.page.locator("#pages select[name=host]").select_option("a.example")
    tab.status("27 of 400 pages shown")
    tab.page.get_by_role("searchbox").fill("NOTE 3 garden")
    tab.status("9 of 400 pages shown")
    assert all("Garden note" in name for name in tab.shown())
    again = visit(f"#{tab.page.url.partition('#')[2]}")
    again.status("9 of 400 pages shown")
    assert again.page.get_by_role("searchbox").input_value() == "NOTE 3 garden"
    assert again.page.get_by_role("checkbox", name="reject").is_checked()
    again.page.get_by_role("button", name="Clear filters").click()
    again.status("400 pages")
    assert again.page.get_by_role("searchbox").input_value() == ""


@pytest.mark.parametrize(
    ("label", "choice", "count"),
    [("Signal", "near_duplicate", 160), ("In a group of", "spun_sibling", 3), ("No score", "binary", 40)],
)
def test_pages_are_found_by_signal_group_and_reason(
    visit: Callable[..., Visit], label: str, choice: str, count: int
) -> None:
    tab = visit("#/view=pages")
    tab.page.locator("#pages .tools").get_by_label(label).select_option(choice)
    tab.status(f"{count} of 400 pages shown")


def test_every_column_sorts_both_ways_and_pages_without_a_value_come_last(
    visit: Callable[..., Visit],
) -> None:
    tab = visit("#/view=pages")
    tab.page.locator("#pages .line").first.wait_for()
    heads = tab.page.locator("#pages [role=columnheader]")
    firsts = []
    for head in heads.all():
        for _ in range(2):
            head.get_by_role("button").click()
            tab.page.wait_for_timeout(50)
            assert head.get_attribute("aria-sort") in ("ascending", "descending")
            assert tab.page.locator("#pages [aria-sort]").count() == 1
            firsts.append(tab.shown()[0])
    assert len(firsts) == 12
    assert {"Garden note 0", "Garden note 399"} <= set(firsts)
    tab.page.get_by_role("button", name="Score").click()
    tab.page.get_by_role("button", name="Score").click()
    tab.page.locator("#pages .grid").press("End")
    assert "too short" in tab.page.locator("#pages .line.active").inner_text()


def test_only_the_rows_in_the_window_are_elements(visit: Callable[..., Visit]) -> None:
    tab = visit("#/view=pages")
    tab.page.locator("#pages .line").first.wait_for()
    before = tab.page.locator("#pages .line").count()
    assert before < 40
    first = tab.shown()[0]
    tab.page.locator("#pages .grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    tab.page.locator('[aria-rowindex="401"]').wait_for()
    assert tab.shown()[0] != first
    assert tab.page.locator("#pages .line").count() == before
    assert tab.page.locator("#pages .grid").get_attribute("aria-rowcount") == "401"


def test_the_table_is_used_by_keyboard(visit: Callable[..., Visit]) -> None:
    tab = visit("#/view=pages&sort=length+up")
    grid = tab.page.locator("#pages .grid")
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "End", "Home", "PageDown", "ArrowUp", "Home", "ArrowDown"):
        grid.press(key)
        assert tab.page.locator(f"#{grid.get_attribute('aria-activedescendant')}.active").is_visible()
    grid.press("Enter")
    assert tab.page.locator("#drawer-h").inner_text() == "Garden note 1"
    assert tab.page.evaluate("document.activeElement.id") == "drawer-h"
    tab.page.keyboard.press("ArrowRight")
    tab.page.locator("#drawer-h", has_text="Garden note 2").wait_for()
    tab.page.keyboard.press("Escape")
    tab.page.locator("dialog").wait_for(state="hidden")
    tab.page.wait_for_function("!location.hash.includes('page=')")
    assert grid.evaluate("grid => document.activeElement === grid")
    grid.press("Enter")
    tab.page.locator("#drawer-h", has_text="Garden note 2").wait_for()


# --- the drawer -------------------------------------------------------------------------------------------------------


def test_the_drawer_shows_the_very_words_and_an_account_that_adds_up(visit: Callable[..., Visit]) -> None:
    page = visit("#/view=pages&page=1").page
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("heading", name="Garden note 1").wait_for()
    found = drawer.locator(".found", has_text="injected anchor")
    assert found.locator("mark").inner_text() == "on the cheap hive kits page"
    context = found.locator(".context").inner_text()
    assert "Before you read on the cheap hive kits page, check that" in context
    assert found.locator(".instead").inner_text() == "Instead: “on” or “further”"
    assert found.locator(".places .says").inner_text() == "Take it out."
    *pushes, total = (
        float(t.replace("−", "-")) for t in drawer.locator(".account .number").all_inner_texts()
    )
    assert sum(pushes) == pytest.approx(total)
    link = drawer.locator("a[target]")
    assert link.get_attribute("href") == address(1)
    assert link.get_attribute("rel") == "noreferrer noopener nofollow"


def test_what_other_pages_changed_is_said(visit: Callable[..., Visit]) -> None:
    page = visit("#/view=pages&page=0").page
    assert page.locator("dialog .why").inner_text() == (
        "By itself this page would be publish, 25\u00a0%. What other pages of the crawl show makes it reject."
    )
    page = visit("#/view=pages&page=9").page
    assert page.locator("dialog .why").inner_text() == "Not scored: 3 words of running text"


def test_a_partner_is_shown_side_by_side_and_opens(visit: Callable[..., Visit]) -> None:
    page = visit("#/view=pages&page=5").page
    found = page.locator(".found", has_text="spun sibling")
    found.locator("summary").click()
    found.locator(".pair").wait_for()
    marked = found.locator(".pair b").all_inner_texts()
    assert marked == ["quickly", "fast"]
    found.locator(".partner a").click()
    page.locator("#drawer-h", has_text="Garden note 6").wait_for()
    page.go_back()
    page.locator("#drawer-h", has_text="Garden note 5").wait_for()
    own = page.locator(".found", has_text="near duplicate")
    assert "on this page" in own.locator(".partner").inner_text()
    own.locator("summary").click()
    own.locator(".pair").wait_for()
    assert own.locator(".pair b").all_inner_texts() == ["quickly", "fast"]


def test_a_group_lists_slots_pages_and_differences(visit: Callable[..., Visit]) -> None:
    tab = visit("#/view=groups")
    tab.page.locator("#groups .line", has_text="Bees on roofs").click()
    drawer = tab.page.get_by_role("dialog")
    drawer.get_by_role("heading", name="Bees on roofs").wait_for()
    assert drawer.locator(".slots li").all_inner_texts() == [
        "top layer / upper layer / uppermost layer", "=York / Hull"
    ]  # fmt: skip
    assert drawer.locator(".members > li").count() == 3
    drawer.locator(".pair").wait_for()
    assert drawer.locator(".pair b").all_inner_texts() == ["In spring", "In April"]
    drawer.locator(".member").last.get_by_role("link").click()
    drawer.get_by_role("heading", name="Garden note 2").wait_for()
    drawer.locator(".grouped summary").click()
    drawer.locator(".grouped .pair").wait_for()
    drawer.get_by_role("link", name="Bees on roofs").click()
    drawer.get_by_role("link", name="Show them in the table").click()
    tab.status("3 of 400 pages shown")
    assert not drawer.is_visible()


def test_recurring_sentences_and_changes_open_too(visit: Callable[..., Visit]) -> None:
    tab = visit("#/view=recurring&kind=template")
    tab.status("1 of 2 sentences shown")
    tab.page.locator("#recurring .line").first.click()
    assert tab.page.locator("dialog .sentence").inner_text() == "Bees in … live well."
    assert tab.page.locator("dialog .slots").inner_text() == "York / Hull"
    tab = visit("#/view=changes&change=worse")
    tab.status("160 of 400 changes shown")
    tab.page.locator("#changes .line:visible").first.click()
    tab.page.locator("#drawer-h").wait_for()


# --- downloads --------------------------------------------------------------------------------------------------------


def download(tab: Visit, name: str) -> str:
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name=name).click()
    return Path(waiting.value.path()).read_bytes().decode("utf-8")


def test_the_rows_that_are_shown_are_downloaded(visit: Callable[..., Visit]) -> None:
    tab = visit("#/view=pages&outcome=reject&host=a.example&sort=length+up", accept_downloads=True)
    tab.status("27 of 400 pages shown")
    head, *rows = download(tab, "Download CSV").removeprefix("\ufeff").splitlines()
    assert head.startswith("url,outcome,score,page_score,title,host")
    assert len(rows) == 27
    assert rows[0].startswith(f"{address(0)},reject,0.9526,0.25,Garden note 0,a.example,100,en,,")
    lines = [json.loads(line) for line in download(tab, "Download JSON lines").splitlines()]
    assert [line["id"] for line in lines] == [address(k) for k in range(0, 400, 15)]
    assert lines[0]["signals"]["spun_sibling"] == 1.5


def test_a_spreadsheet_finds_no_formula(
    visit: Callable[..., Visit], tmp_path: Path, make_run: MakeRun
) -> None:
    rows = [page(2, name) for name in ("=1+1", "+1", "-1", "@x", 'say "no", please')]
    path = tmp_path / "formulas.html"
    write_html(Results.open(make_run(tmp_path / "formulas", rows, groups=[], members=[], recurring=[])), path)
    tab = visit("#/view=pages&sort=length+up", path, accept_downloads=True)
    tab.status("5 pages")
    titles = [row.split(",", 4)[4] for row in download(tab, "Download CSV").splitlines()[1:]]
    for title, begins in zip(
        titles, ("'=1+1,", "'+1,", "'-1,", "'@x,", '"say ""no"", please",'), strict=True
    ):
        assert title.startswith(begins)


# --- nothing gets out, nothing gets in --------------------------------------------------------------------------------


def test_a_hostile_crawl_executes_nothing(
    visit: Callable[..., Visit], tmp_path: Path, make_run: MakeRun
) -> None:
    rows = [
        {**page(k, HOSTILE), "url": f"javascript:window.pwned=1//{k}", "host": HOSTILE, "place": HOSTILE}
        for k in range(10)
    ]
    folder = make_run(
        tmp_path / "hostile",
        rows,
        groups=[{**g, "label": HOSTILE, "slots": [[HOSTILE]]} for g in BEES["groups"]],
        members=BEES["members"],
        recurring=[{**BEES["recurring"][0], "text": HOSTILE, "host": HOSTILE}],
        inputs={"names": [HOSTILE], "kind": HOSTILE, "files": 1, "bytes": 1, "sha256": ""},
    )
    path = tmp_path / "hostile.html"
    write_html(Results.open(folder), path)
    for hash in ("", "#/view=pages", "#/view=pages&page=0", "#/view=pages&page=4", "#/view=groups&group=0",
                 "#/view=recurring&sentence=0", f"#/view=pages&q={HOSTILE}&host={HOSTILE}&sort={HOSTILE}"):  # fmt: skip
        tab = visit(hash, path)
        tab.page.wait_for_timeout(300)
        tab.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        tab.page.wait_for_timeout(100)
        assert tab.page.evaluate("window.pwned") is None
        assert tab.page.locator("img, iframe").count() == 0
        assert tab.page.locator('a[href^="javascript"]').count() == 0
        assert "\u202e" not in tab.page.locator("body").inner_text()
    assert "⟨U+202E⟩gnp" in visit("#/view=pages&page=0", path).page.locator("#drawer-h").inner_text()


def test_a_cut_file_says_so(visit: Callable[..., Visit], report: Path) -> None:
    whole = report.read_text("utf-8")
    report.write_text(whole[: whole.index('id="data-table-0"')], "utf-8")
    page = visit("#/view=pages").page
    assert "cannot be read" in page.locator("#trouble").inner_text()


def test_a_browser_that_cannot_unpack_is_told_what_can(visit: Callable[..., Visit]) -> None:
    tab = visit()
    tab.page.evaluate("delete window.DecompressionStream")
    tab.page.get_by_role("link", name="Pages", exact=True).click()
    assert "too old to unpack" in tab.page.locator("#trouble").inner_text()


# --- how it looks -----------------------------------------------------------------------------------------------------

VIEWS = (
    "", "#/view=pages", "#/view=pages&page=0", "#/view=pages&page=4", "#/view=groups", "#/view=groups&group=0",
    "#/view=recurring", "#/view=recurring&sentence=0", "#/view=changes", "#/view=pages&q=nothing",
)  # fmt: skip


def unfold(page: Page) -> None:
    page.wait_for_timeout(200)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.wait_for_timeout(100)


def test_a_narrow_window_needs_no_sideways_scrolling(visit: Callable[..., Visit]) -> None:
    for hash in VIEWS:
        page = visit(hash, viewport={"width": 390, "height": 844}).page
        unfold(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, hash
        wide = "[...document.querySelectorAll('dialog, .grid, .scroll')].filter(e => e.scrollWidth > e.clientWidth + 1)"
        assert page.evaluate(f"{wide}.length") == 0, hash


def test_a_narrow_table_is_sorted_and_opened(visit: Callable[..., Visit]) -> None:
    tab = visit("#/view=pages", viewport={"width": 390, "height": 844})
    tab.page.get_by_text("Filters and order").click()
    tab.page.get_by_label("Sort").select_option("length up")
    tab.page.locator("#pages-0", has_text="Garden note 0").click()
    assert tab.page.get_by_role("dialog").bounding_box()["width"] == 390  # type: ignore[index]


def test_dark_and_light_are_switched_and_kept(visit: Callable[..., Visit]) -> None:
    for scheme, dark in (("light", False), ("dark", True)):
        page = visit(color_scheme=scheme).page

        def is_dark(page: Page = page) -> bool:
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            return max(map(int, re.findall(r"\d+", paper)[:3])) < 64

        assert is_dark() == dark
        page.locator("#scheme").click()
        assert is_dark() != dark
        page.get_by_role("link", name="Groups", exact=True).click()
        page.locator("#groups .line").first.wait_for()
        assert is_dark() != dark
        again = visit(f"#{page.url.partition('#')[2]}", color_scheme=scheme).page
        again.locator("#groups .line").first.wait_for()
        assert is_dark(again) != dark


def test_without_scripts_the_summary_can_be_read(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False).page
    assert page.locator("nav").is_hidden()
    assert page.get_by_text("need scripts").is_visible()
    assert page.locator("#hosts tbody tr").count() == 3


def test_paper_gets_the_first_rows_of_the_table(visit: Callable[..., Visit]) -> None:
    page = visit("#/view=pages").page
    page.locator("#pages .line").first.wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#pages .line").count() == 300
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#pages .line").count() < 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_nothing(visit: Callable[..., Visit], width: int, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    for hash in VIEWS:
        page = visit(hash, viewport={"width": width, "height": 900}, color_scheme=scheme).page
        unfold(page)
        found = axe.Axe().run(page)
        assert not found.violations_count, f"{hash}: {found.generate_report()}"
