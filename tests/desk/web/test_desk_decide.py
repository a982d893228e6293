"""What an editor does with a submission: decide, assign, note, undo, compare, answer, take it away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest


@pytest.fixture
def bees(desk: Any, submit: Callable[..., Any]) -> Any:
    """A desk with two submissions; `desk.id` is that of the one called Bees."""
    submit(desk.url, "Apples", author="Maria Rossi")
    desk.id = submit(desk.url, "Bees", author="Jan Novak", name="bees")["id"]
    return desk


def stored(desk: Any) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{desk.url}/v1/submissions/{desk.id}").json()
    return found


def as_ben(desk: Any, **change: Any) -> None:
    httpx.patch(f"{desk.url}/v1/submissions/{desk.id}", json={"who": "Ben", **change}).raise_for_status()


def test_the_name_is_asked_for_once_and_can_be_changed(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}", who="")
    ann.opened("Bees")
    ann.page.get_by_role("button", name="Reject").click()
    asked = ann.page.get_by_role("dialog", name="Who is at the desk?")
    asked.get_by_role("button", name="Cancel").click()
    assert stored(bees)["state"] == "new"
    ann.page.get_by_role("button", name="Reject").click()
    asked.get_by_role("button", name="Save").click()
    asked.get_by_text("please fill it in").wait_for()
    asked.get_by_label("Your name").fill("  Zoë 🐝  ")
    asked.get_by_label("Your name").press("Enter")
    ann.told("Rejected")
    assert stored(bees)["events"][-1]["who"] == "Zoë 🐝"
    ann.page.reload()
    ann.opened("Bees")
    ann.page.get_by_role("button", name="Accept").click()
    ann.told("Accepted")
    ann.page.get_by_role("button", name="Zoë 🐝").click()
    asked.get_by_label("Your name").fill("Ann")
    asked.get_by_role("button", name="Save").click()
    ann.page.get_by_role("button", name="You are Ann").wait_for()


def test_a_decision_is_kept_shown_and_taken_back(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}")
    ann.listed(2)
    decision = ann.page.get_by_role("group", name="Decision")
    assert decision.get_by_role("button").all_inner_texts() == ["Accept", "Needs edits", "Reject"]
    decision.get_by_role("button", name="Accept").click()
    ann.told("Accepted")
    ann.listed(1)
    assert stored(bees)["state"] == "accepted"
    assert decision.get_by_role("button", name="Accepted").get_attribute("aria-pressed") == "true"
    ann.page.locator(".toast").get_by_role("button", name="Undo").click()
    ann.told("Taken back: the decision.")
    ann.listed(2)
    assert stored(bees)["state"] == "new"
    for key, state in (("e", "Needs edits"), ("r", "Rejected"), ("a", "Accepted"), ("b", "New")):
        ann.page.keyboard.press(key)
        ann.page.locator(".head .state").get_by_text(state, exact=True).wait_for()
    ann.page.keyboard.press("Control+z")
    ann.page.locator(".head .state").get_by_text("Accepted", exact=True).wait_for()
    ann.page.get_by_role("tab", name="History").click()
    history = ann.page.get_by_role("tabpanel", name="History")
    assert history.locator("li").count() == 9
    assert "took back the decision" in history.locator("li").first.inner_text()
    assert history.locator("li.undone").count() == 2
    history.get_by_role("button", name="Undo the last change").click()
    ann.page.locator(".head .state").get_by_text("Rejected", exact=True).wait_for()


def test_it_is_given_to_somebody(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}")
    ann.opened("Bees")
    assigned = ann.page.locator(".head").get_by_label("Assigned to")
    ann.page.keyboard.press("i")
    ann.told("Given to Ann")
    assigned.locator("option:checked", has_text="Ann").wait_for(state="attached")
    assigned.select_option("somebody else…")
    ann.page.get_by_label("Name", exact=True).fill("Ben")
    ann.page.get_by_role("button", name="Assign").click()
    ann.told("Given to Ben")
    assigned.locator("option:checked", has_text="Ben").wait_for(state="attached")
    ann.page.locator("#queue .posts li", has_text="Bees").get_by_text("Ben").wait_for()
    assigned.select_option("somebody else…")
    ann.page.get_by_role("button", name="Cancel").click()
    assert assigned.input_value() == "Ben"
    assigned.select_option("nobody")
    ann.told("Assigned to nobody")
    assert stored(bees)["assignee"] is None


def test_notes_and_the_author_are_written_down(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}")
    ann.opened("Bees")
    ann.page.keyboard.press("w")
    note = ann.page.locator(".head").get_by_label("Note", exact=True)
    note.fill("Asked for sources.\nTwice.")
    note.press("Control+z")
    note.fill("Asked for sources.\nTwice.")
    note.press("Control+Enter")
    ann.told("Note kept.")
    ann.page.locator(".head .notes", has_text="Ann, just now: Asked for sources.").wait_for()
    ann.page.locator("#queue .posts li", has_text="Bees").get_by_text("1 note").wait_for()
    ann.page.keyboard.press("u")
    ann.told("Taken back: a note.")
    ann.page.locator(".head .notes", has_text="Asked").wait_for(state="hidden")
    ann.page.get_by_role("button", name="Jan Novak").click()
    ann.page.get_by_role("dialog").get_by_label("Author").fill("Jana Nováková")
    ann.page.get_by_role("button", name="Save").click()
    ann.page.locator("#queue .posts li", has_text="Bees").get_by_text("Jana Nováková").wait_for()


def test_who_comes_second_is_told_and_asked(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}")
    ann.opened("Bees")
    ann.page.route("**/counts", lambda route: route.abort())  # nothing is heard of Ben
    as_ben(bees, state="rejected")
    ann.page.get_by_role("button", name="Accept").click()
    clash = ann.page.get_by_role("alert").filter(has_text="Ben was quicker")
    clash.wait_for()
    assert "moved it from New to Rejected" in clash.inner_text()
    assert "Yours, “Accepted”, has not been kept." in clash.inner_text()
    clash.get_by_role("button", name="Leave it so").click()
    assert clash.is_hidden()
    assert stored(bees)["state"] == "rejected"
    as_ben(bees, assignee="Ben")
    ann.page.get_by_role("button", name="Needs edits").click()
    clash.wait_for()
    ann.page.unroute("**/counts")  # what cannot be asked for would be said in place of what was done
    clash.get_by_role("button", name="Do it all the same").click()
    ann.told("Needs edits")
    assert stored(bees)["state"] == "needs_edits"
    assert stored(bees)["assignee"] == "Ben"


def test_texts_like_it_are_shown_side_by_side(
    desk: Any, sit_down: Callable[..., Any], submit: Callable[..., Any], plain_text: str
) -> None:
    submit(desk.url, "The first", author="Maria Rossi", text=plain_text)
    id = submit(desk.url, "The second", author="Jan Novak", text=f"{plain_text}\n\nSigned, somebody else.")[
        "id"
    ]
    ann = sit_down(desk.url, f"/?open={id}")
    tab = ann.page.get_by_role("tab", name="Similar 1")
    tab.click()
    similar = ann.page.get_by_role("tabpanel", name="Similar")
    match = similar.locator(".match", has_text="The first")
    match.get_by_text("another name").wait_for()
    assert "Maria Rossi" in match.inner_text()
    left, right = match.locator(".pair").first.locator("blockquote").all_inner_texts()
    assert " ".join(plain_text.split())[:60] in " ".join(left.split())
    assert " ".join(plain_text.split())[:60] in " ".join(right.split())
    match.get_by_role("link", name="The first").click()
    ann.opened("The first")
    ann.page.go_back()
    ann.opened("The second")


def test_nothing_like_it_is_said(bees: Any, sit_down: Callable[..., Any], submit: Callable[..., Any]) -> None:
    id = submit(
        bees.url, "Elms", text="Elms grow by the river, and nobody knows who planted them there. " * 3
    )["id"]
    ann = sit_down(bees.url, f"/?open={id}&tab=similar")
    ann.page.get_by_text("Nothing like it has been submitted before").wait_for()


def test_the_letter_is_edited_saved_and_copied(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}&tab=letter")
    letter = ann.page.get_by_label("To the author")
    ann.page.get_by_text("A draft from what was found").wait_for()
    draft = letter.input_value()
    assert "Jan" in draft
    letter.fill(f"{draft}\nPS: the bees say hello.")
    ann.page.get_by_text("Changed, not saved yet.").wait_for()
    ann.page.get_by_role("link", name="Apples").click()
    ann.opened("Apples")
    ann.page.go_back()
    ann.opened("Bees")
    ann.page.get_by_text("Changed, not saved yet.").wait_for()
    assert letter.input_value().endswith("hello.")
    letter.press("Control+s")
    ann.told("Letter saved.")
    ann.page.get_by_text("Saved.", exact=True).wait_for()
    assert stored(bees)["letter"].endswith("hello.")
    ann.page.get_by_role("button", name="Copy").click()
    ann.told("Letter copied.")
    assert ann.page.evaluate("navigator.clipboard.readText()").endswith("hello.")
    letter.fill("Something else.")
    ann.page.get_by_role("button", name="Take my changes back").click()
    assert letter.input_value().endswith("hello.")
    ann.page.get_by_role("tab", name="History").click()
    ann.page.get_by_role("tabpanel", name="History").get_by_text("saved the letter").wait_for()
    ann.page.get_by_role("button", name="Undo the last change").click()
    ann.told("Taken back: the letter.")
    ann.page.get_by_role("tab", name="Letter").click()
    ann.page.get_by_text("A draft from what was found").wait_for()


def test_a_draft_follows_the_decision(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}&tab=letter")
    letter = ann.page.get_by_label("To the author")
    ann.page.get_by_text("A draft from what was found").wait_for()
    before = letter.input_value()
    with ann.page.expect_response("**/letter") as waiting:
        ann.page.get_by_role("button", name="Reject").click()
    after = waiting.value.json()["text"]
    assert after != before
    ann.told("Rejected")
    ann.page.locator("#panel-letter:not([aria-busy])").wait_for()
    assert letter.input_value() == after


@pytest.mark.parametrize(
    ("name", "begins"),
    [("Word, with comments", b"PK"), ("Report, HTML", b"<!doctype html>"), ("Verdict, JSON", b"{")],
)
def test_it_is_exported(bees: Any, sit_down: Callable[..., Any], name: str, begins: bytes) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}")
    ann.opened("Bees")
    ann.page.get_by_text("Export").click()
    with ann.page.expect_download() as waiting:
        ann.page.get_by_role("link", name=name).click()
    assert Path(waiting.value.path()).read_bytes().lower().lstrip().startswith(begins.lower())
    assert ann.page.get_by_role("link", name=name).is_hidden()
    if begins == b"{":
        assert json.loads(Path(waiting.value.path()).read_bytes())


def test_the_original_is_downloaded_as_it_came(
    bees: Any, sit_down: Callable[..., Any], plain_text: str
) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}")
    ann.opened("Bees")
    ann.page.get_by_text("More", exact=True).click()
    ann.page.keyboard.press("Escape")
    assert ann.page.get_by_role("link", name="Original").is_hidden()
    ann.page.keyboard.press("Enter")
    with ann.page.expect_download() as waiting:
        ann.page.get_by_role("link", name="Original").click()
    assert waiting.value.suggested_filename == "bees.txt"
    assert plain_text.strip() in Path(waiting.value.path()).read_text("utf-8")


def test_it_is_deleted_only_when_that_is_confirmed(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}")
    ann.listed(2)
    for answer in ("Cancel", "Delete for good"):
        ann.page.get_by_text("More", exact=True).click()
        ann.page.get_by_role("button", name="Delete…").click()
        asked = ann.page.get_by_role("dialog", name="Delete it for good?")
        assert "“Bees”" in asked.inner_text()
        asked.get_by_role("button", name=answer).click()
    ann.told("Deleted.")
    ann.listed(1)
    ann.page.get_by_text("Nothing is open").wait_for()
    assert httpx.get(f"{bees.url}/v1/submissions/{bees.id}").status_code == 404


def test_what_the_desk_refuses_is_said_in_its_words(bees: Any, sit_down: Callable[..., Any]) -> None:
    ann = sit_down(bees.url, f"/?open={bees.id}")
    ann.opened("Bees")
    ann.page.keyboard.press("u")
    ann.told(
        httpx.post(f"{bees.url}/v1/submissions/{bees.id}/undo", json={"who": "Ann"}).json()["error"][
            "message"
        ]
    )


def test_what_cannot_be_read_says_why(desk: Any, sit_down: Callable[..., Any]) -> None:
    answer = httpx.post(
        f"{desk.url}/v1/submissions/files", files={"file": ("bees.docx", b"no zip at all")}, timeout=60
    )
    id = answer.json()["items"][0]["id"]
    ann = sit_down(desk.url, f"/?open={id}")
    ann.page.get_by_text("It could not be read:").wait_for()
    ann.page.get_by_role("tab", name="Similar").click()
    ann.page.get_by_text("What could not be read cannot be compared.").wait_for()
