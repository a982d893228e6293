"""How the desk looks and who may come in: narrow, dark, without a mouse, with a screen reader, with a token."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

LONG = "Anunbrokenwordthatgoesonandon" * 8


@pytest.fixture
def full(desk: Any, submit: Callable[..., Any], plain_text: str) -> Any:
    """A desk with something of everything; `desk.paths` are the views of its page."""
    submit(desk.url, "The first", author="Maria Rossi", text=plain_text)
    submit(desk.url, "Elms", text="Elms are tall.")
    broken = httpx.post(
        f"{desk.url}/v1/submissions/files",
        params={"wait": 30},
        files={"file": ("bees.docx", b"no zip")},
        timeout=60,
    ).json()["items"][0]["id"]
    id = submit(
        desk.url,
        f"The second {LONG}",
        author=LONG,
        name=f"{LONG[:200]}.txt",
        note="Came by mail.",
        text=f"{plain_text} More.",
    )["id"]
    at = f"{desk.url}/v1/submissions/{id}"
    for state in ("accepted", "needs_edits"):
        httpx.patch(at, json={"who": "Ben", "state": state, "assignee": LONG[:80]}).raise_for_status()
    httpx.post(f"{at}/notes", json={"who": "Ben", "text": f"See {LONG}."}).raise_for_status()
    httpx.post(f"{at}/undo", json={"who": "Ann"}).raise_for_status()
    httpx.post(f"{at}/notes", json={"who": "Ben", "text": f"See {LONG}."}).raise_for_status()
    tabs = [f"/?state=all&open={id}&tab={tab}" for tab in ("text", "similar", "letter", "history")]
    desk.paths = ["/", "/?state=rejected", "/?q=nothing", f"/?open={broken}", f"/?open={'0' * 32}", *tabs]
    return desk


DIALOGS = {
    "paste": ("Add posts", "Paste"),
    "files": ("Add posts", "Files"),
    "addresses": ("Add posts", "Addresses"),
    "archive": ("Archive",),
    "help": ("Help",),
    "name": ("You are Ann",),
}


def show(page: Page, button: str, tab: str | None = None) -> None:
    page.get_by_role("button", name=button).click()
    if tab:
        page.get_by_role("tab", name=tab).click()


def settle(page: Page) -> None:
    """Wait until everything that was asked for is there, and unfold it."""
    page.locator("#queue .status:not(:empty)").wait_for(state="attached")
    page.locator("[aria-busy=true]").wait_for(state="detached")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(d => { d.open = true; })")
    page.evaluate("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_nothing(full: Any, sit_down: Callable[..., Any], width: int, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    look = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}

    def check(page: Page, name: str) -> None:
        settle(page)
        found = axe.Axe().run(page)
        assert not found.violations_count, f"{name}: {found.generate_report()}"

    ann = sit_down(full.url, **look)
    for path in full.paths:
        ann.page.goto(f"{full.url}{path}")
        check(ann.page, path)
    ann.page.goto(f"{full.url}/")
    for name, clicks in DIALOGS.items():
        settle(ann.page)
        show(ann.page, *clicks)
        check(ann.page, name)
        ann.page.keyboard.press("Escape")
    ann.page.goto(f"{full.url}{full.paths[-1]}")
    settle(ann.page)
    ann.page.locator("summary", has_text="Export").click()
    check(ann.page, "export")
    ann.page.keyboard.press("Escape")
    ann.page.keyboard.press("w")
    ann.page.keyboard.type("Fine.")
    ann.page.keyboard.press("Control+Enter")
    ann.told("Note kept.")
    check(ann.page, "toast")


@pytest.mark.parametrize("width", [320, 390])
def test_a_narrow_window_needs_no_sideways_scrolling(
    full: Any, sit_down: Callable[..., Any], width: int
) -> None:
    ann = sit_down(full.url, viewport={"width": width, "height": 700})

    def check(name: str) -> None:
        settle(ann.page)
        boxes = "document.documentElement, ...document.querySelectorAll('dialog[open], #pane, #queue, #queue .scroll')"
        wide = "e.checkVisibility() && e.scrollWidth > e.clientWidth + 1"
        assert ann.page.evaluate(f"[{boxes}].filter(e => {wide}).map(e => e.id || e.tagName)") == [], name

    for path in full.paths:
        ann.page.goto(f"{full.url}{path}")
        check(path)
    ann.page.goto(f"{full.url}/")
    for name, clicks in DIALOGS.items():
        settle(ann.page)
        show(ann.page, *clicks)
        check(name)
        ann.page.keyboard.press("Escape")


def test_narrow_the_queue_and_a_submission_take_turns(full: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(full.url, "/?state=all&sort=title-asc", viewport={"width": 390, "height": 800})
    ann.listed(4)
    ann.page.get_by_role("link", name="Elms").click()
    ann.opened("Elms")
    assert ann.page.locator("#queue").is_hidden()
    ann.page.get_by_role("button", name="Accept").click()
    ann.told("Accepted")
    ann.page.get_by_role("button", name="Next").click()
    ann.opened("The first")
    ann.page.keyboard.press("k")
    ann.opened("Elms")
    ann.page.get_by_role("link", name="← Queue").click()
    ann.listed(4)
    assert ann.page.locator("#pane").is_hidden()


def test_dark_is_dark_and_light_is_light(full: Any, sit_down: Callable[..., Any]) -> None:
    for scheme, dark in (("light", False), ("dark", True)):
        ann = sit_down(full.url, color_scheme=scheme)
        paper = ann.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (max(map(int, re.findall(r"\d+", paper)[:3])) < 64) == dark


def test_nothing_moves_for_whoever_wants_it_still_and_forced_colours_keep_what_is_chosen(
    full: Any, sit_down: Callable[..., Any]
) -> None:
    ann = sit_down(full.url, full.paths[-1], reduced_motion="reduce", forced_colors="active")
    settle(ann.page)
    assert ann.page.evaluate("document.getAnimations().length") == 0
    chosen, other = (
        ann.page.locator(f"#show-{name}").evaluate("tab => getComputedStyle(tab).borderBottomColor")
        for name in ("history", "text")
    )
    assert chosen != other


def test_all_of_it_is_reached_by_tab_and_focus_is_seen(full: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(full.url, full.paths[-4])
    settle(ann.page)
    ann.page.locator(".skip").focus()
    seen = [ann.page.locator(".skip").inner_text()]
    for _ in range(60):
        ann.page.keyboard.press("Tab")
        name, ring = ann.page.evaluate(
            """() => [document.activeElement.textContent.trim().slice(0, 40) || document.activeElement.name,
                getComputedStyle(document.activeElement).outlineStyle]"""
        )
        assert ring != "none", name
        seen.append(name)
        if name == "Reject":
            break
    for name in ("To the submission", "Add posts", "q", "Export", "Text", "Accept", "Reject"):
        assert any(name in one for one in seen), name
    ann.page.locator(".skip").focus()
    ann.page.keyboard.press("Enter")
    assert ann.page.evaluate("document.activeElement.tagName") == "H2"


def test_a_token_lets_in_and_gives_the_name(
    start_desk: Callable[..., Any], sit_down: Callable[..., Any], tmp_path: Path, submit: Callable[..., Any]
) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("Ann 0123456789abcdef\nBen fedcba9876543210\n", "utf-8")
    desk = start_desk("--token-file", str(tokens))
    ann = sit_down(desk.url, "/", who="")
    field = ann.page.get_by_label("Your token")
    field.fill("nobody's token 12345")
    field.press("Enter")
    ann.page.get_by_role("alert").get_by_text("nobody's token").wait_for()
    field.fill("0123456789abcdef")
    ann.page.get_by_role("button", name="Come in").click()
    ann.listed(0)
    ann.page.get_by_role("button", name="You are Ann").wait_for()
    answer = ann.context.request.post(
        f"{desk.url}/v1/submissions?wait=30", data={"text": "Elms are tall.", "title": "Elms"}
    )
    assert answer.ok
    ann.page.get_by_role("link", name="Elms").click()
    ann.opened("Elms")
    ann.page.keyboard.press("a")
    ann.told("Accepted")
    assert answer.json()["id"] in ann.page.url
    ann.page.get_by_role("tab", name="History").click()
    ann.page.get_by_role("tabpanel", name="History").get_by_text(
        "Ann moved it from New to Accepted"
    ).wait_for()
    ann.page.get_by_role("button", name="You are Ann").click()
    ann.page.get_by_role("button", name="Log out").click()
    field.wait_for()
    ann.page.goto(
        f"{desk.url}/?state=accepted&open={answer.json()['id']}"
    )  # an address somebody has passed on
    field.fill("0123456789abcdef")
    field.press("Enter")
    ann.opened("Elms")


def test_the_door_leads_nowhere_else(
    start_desk: Callable[..., Any], sit_down: Callable[..., Any], tmp_path: Path
) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("Ann 0123456789abcdef\n", "utf-8")
    desk = start_desk("--token-file", str(tokens))
    for to in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"):
        ann = sit_down(desk.url, f"/login?to={to}", who="")
        ann.page.get_by_label("Your token").fill("0123456789abcdef")
        ann.page.keyboard.press("Enter")
        ann.listed(0)
        assert ann.page.url == f"{desk.url}/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_door(
    start_desk: Callable[..., Any], sit_down: Callable[..., Any], tmp_path: Path, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    tokens = tmp_path / "tokens"
    tokens.write_text("Ann 0123456789abcdef\n", "utf-8")
    desk = start_desk("--token-file", str(tokens))
    ann = sit_down(desk.url, "/", who="", color_scheme=scheme, viewport={"width": 320, "height": 600})
    ann.page.get_by_label("Your token").fill("wrong")
    ann.page.get_by_role("button", name="Come in").click()
    ann.page.get_by_role("alert").get_by_text("nobody's token").wait_for()
    found = axe.Axe().run(ann.page)
    assert not found.violations_count, found.generate_report()
    assert ann.page.evaluate("document.documentElement.scrollWidth") <= 320
