"""The queue: filters, search, order, keys, the address, many submissions, and what others do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\" ' \u202egnp"
TITLES = ["Apples", "Bees", "Cellars", "Drains", "Elms"]


def decide(url: str, id: str, **change: Any) -> None:
    httpx.patch(f"{url}/v1/submissions/{id}", json={"who": "Ben", **change}).raise_for_status()


@pytest.fixture
def garden(desk: Any, submit: Callable[..., Any]) -> Any:
    """A desk with five submissions: Bees is Ben's, Cellars and Drains are decided, Elms is too short."""
    ids = {}
    for k, title in enumerate(TITLES):
        fields = {"text": "Elms are tall."} if title == "Elms" else {}
        ids[title] = submit(desk.url, title, author=f"Author {k % 2}", **fields)["id"]
    decide(desk.url, ids["Bees"], assignee="Ben")
    decide(desk.url, ids["Cellars"], state="accepted")
    decide(desk.url, ids["Drains"], state="rejected")
    desk.ids = ids
    return desk


def test_states_are_tabs_with_counts_and_stand_in_the_address(
    garden: Any, sit_down: Callable[..., Any]
) -> None:
    ann = sit_down(garden.url)
    ann.listed(3)
    assert ann.titles() == ["Elms", "Bees", "Apples"]
    states = ann.page.get_by_role("navigation", name="States")
    states.get_by_text("5").wait_for()
    links = [" ".join(text.split()) for text in states.get_by_role("link").all_inner_texts()]
    assert links == ["3 New", "0 Needs edits", "1 Accepted", "1 Rejected", "5 All"]
    states.get_by_role("link", name="Accepted").click()
    ann.listed(1)
    assert ann.titles() == ["Cellars"]
    assert "Accepted" in states.locator("[aria-current]").inner_text()
    states.get_by_role("link", name="Needs edits").click()
    ann.page.get_by_text("Nothing is under Needs edits.").wait_for()
    ann.page.go_back()
    ann.listed(1)
    ann.page.go_back()
    ann.listed(3)
    again = sit_down(garden.url, "/?state=all")
    again.listed(5)


def test_search_outcome_and_editor_narrow_the_queue(garden: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(garden.url, "/?state=all")
    ann.listed(5)
    search = ann.page.get_by_role("searchbox")
    search.press_sequentially("ceLLars about")
    ann.listed(1)
    assert ann.titles() == ["Cellars"]
    assert "q=ceLLars+about" in ann.page.url
    ann.page.get_by_role("link", name="New").click()
    ann.page.get_by_text("Nothing under New fits.").wait_for()
    ann.page.get_by_role("link", name="Look in all states").click()
    ann.listed(1)
    ann.page.get_by_role("button", name="Clear filters").click()
    ann.listed(5)
    assert search.input_value() == ""
    ann.page.get_by_label("Outcome").select_option("Not scored")
    ann.listed(1)
    assert ann.titles() == ["Elms"]
    ann.page.get_by_label("Outcome").select_option("Outcome")
    ann.listed(5)
    ann.page.get_by_label("Assigned to", exact=True).first.select_option("Ben")
    ann.listed(1)
    assert ann.titles() == ["Bees"]
    again = sit_down(garden.url, ann.page.url.removeprefix(garden.url))
    again.listed(1)
    assert again.page.get_by_label("Assigned to", exact=True).first.input_value() == "Ben"


@pytest.mark.parametrize("words", ["' OR 1=1 --", '" * NEAR(', "%", "_", HOSTILE, "\\", "a" * 200])
def test_whatever_is_searched_for_is_only_words(
    garden: Any, sit_down: Callable[..., Any], words: str
) -> None:
    ann = sit_down(garden.url, "/?state=all")
    ann.listed(5)
    with ann.page.expect_response("**/v1/submissions?*q=*") as waiting:
        ann.page.get_by_role("searchbox").fill(words)
    assert waiting.value.ok
    ann.listed(waiting.value.json()["total"])
    assert ann.page.evaluate("window.pwned") is None
    ann.page.get_by_role("button", name="Clear filters").click()
    ann.listed(5)


def test_the_order_is_chosen(garden: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(garden.url, "/?state=all")
    ann.listed(5)
    for order, first in (
        ("Title, A to Z", "Apples"),
        ("Oldest first", "Apples"),
        ("Newest first", "Elms"),
        ("Last changed first", "Drains"),
    ):
        ann.page.get_by_label("Order").select_option(order)
        ann.first(first)
    ann.page.get_by_label("Order").select_option("Worst score first")
    ann.page.locator("#queue .posts li:last-child", has_text="Elms").wait_for()


def test_the_queue_is_used_by_keys_alone(garden: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(garden.url, "/?state=all&sort=title-asc")
    ann.listed(5)
    ann.page.keyboard.press("j")
    ann.page.keyboard.press("j")
    ann.page.keyboard.press("j")
    ann.page.keyboard.press("k")
    focused = "document.activeElement.querySelector('.title')?.textContent"
    assert ann.page.evaluate(focused) == "Bees"
    ann.page.keyboard.press("Enter")
    ann.opened("Bees")
    assert ann.page.evaluate("document.activeElement.tagName") == "H2"
    assert ann.page.locator("#queue .posts [aria-current]").inner_text().count("Bees") == 1
    ann.page.keyboard.press("j")
    assert ann.page.evaluate(focused) == "Cellars"
    ann.page.keyboard.press("Enter")
    ann.opened("Cellars")
    ann.page.go_back()
    ann.opened("Bees")
    ann.page.keyboard.press("Escape")
    ann.page.get_by_text("Nothing is open").wait_for()
    assert ann.page.evaluate(focused) == "Bees"
    ann.page.keyboard.press("/")
    ann.page.keyboard.type("jkaer?")
    assert ann.page.get_by_role("searchbox").input_value() == "jkaer?"
    ann.page.keyboard.press("Escape")
    ann.page.keyboard.press("?")
    ann.page.get_by_role("dialog", name="Help").wait_for()
    ann.page.get_by_label("Single keys do something").uncheck()
    ann.page.keyboard.press("Escape")
    ann.page.keyboard.press("c")
    ann.page.keyboard.press("?")
    assert ann.page.get_by_role("dialog").count() == 0
    ann.page.reload()
    ann.page.keyboard.press("c")
    assert ann.page.get_by_role("dialog").count() == 0


def test_an_address_opens_its_submission_and_its_tab(garden: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(garden.url, f"/?open={garden.ids['Drains']}&tab=history")
    ann.opened("Drains")
    ann.page.get_by_role("tabpanel", name="History").get_by_text("Rejected").wait_for()
    assert ann.page.title() == "Drains · Desk"
    gone = sit_down(garden.url, f"/?open={'0' * 32}")
    gone.page.get_by_text("There is no such submission").wait_for()
    gone.page.get_by_role("link", name="Back to the queue").click()
    gone.page.get_by_text("Nothing is open").wait_for()


def test_what_comes_in_and_is_done_elsewhere_appears_by_itself(
    garden: Any, sit_down: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    ann = sit_down(garden.url, f"/?open={garden.ids['Apples']}")
    ann.listed(3)
    ann.opened("Apples")
    submit(garden.url, "Figs")
    ann.listed(4)
    assert ann.titles()[0] == "Figs"
    decide(garden.url, garden.ids["Apples"], state="needs_edits")
    ann.listed(3)
    ann.page.locator(".head .state", has_text="Needs edits").wait_for()


def test_a_page_that_nobody_sees_asks_for_nothing(garden: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(garden.url)
    ann.listed(3)
    with ann.page.expect_request("**/counts"):
        pass
    ann.page.evaluate(
        """() => {
            Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    ann.requests.clear()
    ann.page.evaluate("new Promise(resolve => setTimeout(resolve, 6000))")  # more than the time between looks
    assert ann.requests == []
    ann.page.evaluate("delete document.visibilityState")
    with ann.page.expect_request("**/counts"):
        ann.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_desk_that_has_stopped_is_said_to_be(garden: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(garden.url)
    ann.listed(3)
    ann.page.route("**/counts", lambda route: route.abort())
    ann.page.get_by_text("The desk does not answer. Is it still running?").wait_for()
    ann.page.unroute("**/counts")
    ann.page.get_by_text("The desk does not answer").wait_for(state="hidden")


def test_many_submissions_come_as_they_are_scrolled_to(
    desk: Any, sit_down: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    for k in range(120):
        submit(desk.url, f"Post {k:03}", text=f"Post {k} is short.", wait=0)
    ann = sit_down(desk.url, "/?sort=title-asc")
    ann.listed(120)
    rows = ann.page.locator("#queue .posts li")
    assert rows.count() < 120
    while rows.count() < 120:
        before = rows.count()
        rows.last.scroll_into_view_if_needed()
        rows.nth(before).wait_for(state="attached")
    assert ann.titles() == [f"Post {k:03}" for k in range(120)]
    ann.page.get_by_text("Show more").wait_for(state="hidden")


def test_hostile_words_are_shown_as_words(
    desk: Any, sit_down: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    id = submit(desk.url, HOSTILE, author=HOSTILE, name=HOSTILE, note=HOSTILE)["id"]
    decide(desk.url, id, assignee="<b>Ben</b>")
    httpx.post(f"{desk.url}/v1/submissions/{id}/notes", json={"who": "<i>Ben</i>", "text": HOSTILE})
    for tab in ("text", "similar", "letter", "history"):
        ann = sit_down(desk.url, f"/?open={id}&tab={tab}")
        ann.page.locator("#pane h2", has_text="window.pwned").wait_for()
        ann.page.locator(".head .notes", has_text="<i>Ben</i>").wait_for()
        ann.listed(1)
        assert ann.page.evaluate("window.pwned") is None
        assert ann.page.locator("#pane img, #queue img, #pane i, #queue b b").count() == 0
        assert "\u202e" not in ann.page.locator("body").inner_text()
