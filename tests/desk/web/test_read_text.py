"""A submission is read and judged: ways between account, places and notes, what is fine, what was missed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from detector import model
from detector.acceptance import fingerprint
from detector.document import Document, Span

TWICE = (
    "Every second Tuesday the ferry to the islands leaves at nine, takes forty cars and carries the post for six"
    " villages. Whoever has no ticket waits at the red hut until the captain waves.",
    "Each second Tuesday the ferry to the islands leaves at nine, takes forty cars and brings the post for six"
    " villages. Whoever has no ticket stands at the red hut until the captain waves.",
)
PLUG = (
    "If you need a cabin, the friendly team at Brightwater Ferry Tours in Austin, Texas offers the best rooms around."
    " Call them today to book a free consultation."
)
PAGE = f"""<h1>Ferries of the north 🐝</h1>
<p>The same words stand here: the same words stand here, and the same words stand here. Bees 🐝🐝 travel free.</p>
<p>{TWICE[0]}</p>
<p>My aunt sold tickets there until 1987, and she kept a list of everybody who came back too late.</p>
<p dir="rtl">تغادر العبارة في التاسعة وتعود في المساء.</p>
<p>A zero\u200bwidth mark and \u202eturned\u202c letters,
<span style="display:none">cheap</span> and more of the harbour.</p>
<ul><li>Gulls follow the boat to the last buoy</li><li>Dogs stay on deck</li></ul>
<p>{PLUG}</p>
<table><tr><th>Boat</th><th>Cars</th></tr><tr><td>Elsa</td><td>40</td></tr></table>
<p>In winter the ice closes the sound for a month, and the villages are alone. See
<a href="https://harbour.example/ice">the ice chart of the harbour</a> before you plan to go there.</p>
<p>{TWICE[1]}</p>
<p>Nobody has drowned since the lamps were put up along the pier in the autumn of 1962.</p>
"""

# Selects the n-th place of some words in the text that the pane shows, numbers of notes left out.
SELECT = """([words, nth]) => {
  const nodes = [], starts = [];
  let text = "";
  for (const block of document.querySelectorAll(".words [data-start]")) {
    const walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      if (walk.currentNode.parentElement.closest(".ref")) continue;
      nodes.push(walk.currentNode);
      starts.push(text.length);
      text += walk.currentNode.data;
    }
    text += "\\n";
  }
  let at = -1;
  for (let k = 0; k < nth; k += 1) at = text.indexOf(words, at + 1);
  if (at < 0) throw new Error(`not on the page: ${words}`);
  const place = (offset) => {
    const k = starts.findLastIndex((start) => start <= offset);
    return [nodes[k], Math.min(offset - starts[k], nodes[k].data.length)];
  };
  const range = document.createRange();
  range.setStart(...place(at));
  range.setEnd(...place(at + words.length));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def whole(url: str, id: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{url}/v1/submissions/{id}").json()
    return found


def judgements(url: str, id: str) -> list[dict[str, Any]]:
    return [e for e in whole(url, id)["events"] if e["kind"] in ("fine", "missed") and not e["undone_at"]]


def document(url: str, id: str) -> Document:
    text = httpx.get(f"{url}/v1/submissions/{id}/export", params={"format": "json"}).json()["verdict"]["text"]
    return Document.from_text(text)


@pytest.fixture
def read(desk: Any, sit_down: Callable[..., Any], submit: Callable[..., Any]) -> Callable[..., Any]:
    """Opens a page at the desk: read(html, width=...) gives the editor, whose `id` is that of the submission."""

    def open_page(html: str = PAGE, *, at: Any = desk, **options: Any) -> Any:
        row = submit(at.url, "Ferries", html=html)
        ann = sit_down(at.url, f"/?open={row['id']}", **options)
        ann.id = row["id"]
        ann.page.locator(".read").wait_for()
        return ann

    return open_page


def select(ann: Any, words: str, nth: int = 1) -> None:
    ann.page.evaluate(SELECT, [words, nth])


def mark_missed(ann: Any, signal: str = "", note: str = "") -> None:
    dialog = ann.page.get_by_role("dialog", name="Missed this")
    dialog.wait_for()
    dialog.get_by_label("Kind of fault").select_option(signal)
    dialog.get_by_label("Note").fill(note)
    dialog.get_by_role("button", name="Mark it").click()
    dialog.wait_for(state="hidden")
    ann.told("Marked.")


def seen(ann: Any, selector: str) -> bool:
    box, size = ann.page.locator(selector).first.bounding_box(), ann.page.viewport_size
    return box is not None and 0 <= box["y"] < size["height"]


# --- from the account to the words and back -------------------------------------------------------------------------


def test_account_place_note_and_back_by_mouse_and_by_keyboard(read: Callable[..., Any]) -> None:
    page = read(viewport={"width": 1400, "height": 500}).page
    page.locator(".account a.signal", has_text="plug").click()
    mark = page.locator('mark.here[data-signal="plug"]')
    mark.wait_for()
    assert page.evaluate("document.activeElement.matches('.words a.ref')")
    page.keyboard.press("Enter")
    page.locator(".note.here").wait_for()
    assert page.locator(".note.here").get_attribute("data-signal") == "plug"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the number, then the name
    page.keyboard.press("Enter")
    page.locator("#r-f-plug.here").wait_for()
    page.go_back()
    page.locator(".note.here").wait_for()
    page.go_back()
    mark.wait_for()
    mark.click(position={"x": 5, "y": 5})
    page.locator(".note.here").wait_for()


def test_a_pair_can_be_gone_to_and_left(read: Callable[..., Any]) -> None:
    ann = read(viewport={"width": 1400, "height": 500})
    ann.page.locator('.note[data-signal="near_duplicate"] a', has_text="side by side").first.click()
    ann.page.locator(".pair.here").wait_for()
    assert seen(ann, ".pair.here")
    ann.page.locator(".pair .who a").last.click()
    ann.page.locator('mark.here[data-signal="near_duplicate"]').wait_for()
    assert seen(ann, "mark.here")


def test_keys_step_through_the_findings_that_are_shown(read: Callable[..., Any]) -> None:
    ann = read(viewport={"width": 1400, "height": 500})
    page = ann.page
    order = page.locator(".words mark[id]:not(.off)").evaluate_all("marks => marks.map(m => m.id)")
    assert len(order) >= 4
    for k, mark in enumerate([*order, order[0]]):
        page.keyboard.press("n")
        page.locator(f"#{mark}.here").wait_for()
        assert seen(ann, f"#{mark}")
        assert page.locator(".read .at").inner_text().startswith(f"{k % len(order) + 1} of {len(order)}")
    page.keyboard.press("p")
    page.locator(f"#{order[-1]}.here").wait_for()
    assert page.locator(".note-form").is_hidden()  # which the same key opens elsewhere
    page.locator('[data-filter="plug"]').uncheck()
    page.get_by_role("button", name="Next finding").click()
    page.locator(".read .at").get_by_text(f"1 of {len(order) - 1}").wait_for()
    page.locator("#q").focus()
    page.keyboard.press("p")
    assert page.locator("#q").input_value() == "p"
    assert page.locator(".read .at").inner_text().startswith("1 of")


def test_single_keys_can_be_turned_off(read: Callable[..., Any]) -> None:
    page = read().page
    page.keyboard.press("?")
    page.get_by_label("Single keys do something").uncheck()
    page.get_by_role("dialog", name="Help").get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    page.keyboard.press("m")
    assert page.locator(".here, dialog[open]").count() == 0


def test_marks_of_a_signal_can_be_turned_off_and_the_way_to_a_place_turns_them_on(
    read: Callable[..., Any],
) -> None:
    page = read().page
    box = page.locator('[data-filter="plug"]')
    box.uncheck()
    assert page.locator('.note[data-signal="plug"]').is_hidden()
    page.locator(".account a.signal", has_text="plug").click()
    page.locator('.note[data-signal="plug"]').wait_for()
    assert box.is_checked()


# --- this is fine ---------------------------------------------------------------------------------------------------


def test_a_place_is_called_fine_where_it_stands_and_nothing_jumps(read: Callable[..., Any]) -> None:
    ann = read(viewport={"width": 1400, "height": 600})
    page = ann.page
    note = page.locator('.note[data-signal="plug"]')
    note.scroll_into_view_if_needed()
    before = note.bounding_box()["y"]
    note.get_by_role("button", name="This is fine").click()
    note.get_by_text("Fine, says Ann").wait_for()
    ann.told("Called fine.")
    assert note.bounding_box()["y"] == pytest.approx(before, abs=2)
    assert page.evaluate("document.activeElement.textContent") == "Undo"
    assert page.locator('mark.fine[data-signal="plug"]').count() >= 1
    assert page.locator("tr.fine .signal").inner_text() == "plug"
    assert "Without what was called fine" in page.locator(".account tfoot").inner_text()
    (event,) = judgements(ann.url, ann.id)
    text = document(ann.url, ann.id)
    assert (event["who"], event["signal"]) == ("Ann", "plug")
    assert text.text[event["start"] : event["end"]] == PLUG == event["quote"]
    (span,) = next(f for f in whole(ann.url, ann.id)["verdict"]["findings"] if f["signal"] == "plug")["spans"]
    assert (event["start"], event["end"]) == (span["start"], span["end"])
    assert len(event["fingerprint"]) == len(fingerprint(text, "plug", Span(span["start"], span["end"])))


def test_fine_is_kept_for_everybody_and_an_older_one_can_be_taken_back(
    read: Callable[..., Any], sit_down: Callable[..., Any]
) -> None:
    ann = read()
    ann.page.locator('.note[data-signal="plug"]').get_by_role("button", name="This is fine").click()
    ann.told("Called fine.")
    httpx.post(f"{ann.url}/v1/submissions/{ann.id}/notes", json={"who": "Bo", "text": "Looked at it."})
    bo = sit_down(ann.url, f"/?open={ann.id}", who="Bo")
    note = bo.page.locator('.note[data-signal="plug"]')
    note.get_by_text("Fine, says Ann").wait_for()
    note.get_by_role("button", name="Undo").click()
    note.get_by_role("button", name="This is fine").wait_for()
    assert judgements(ann.url, ann.id) == []
    kept = [e["kind"] for e in whole(ann.url, ann.id)["events"] if e["undone_at"] is None]
    assert "note" in kept
    assert "fine" not in kept


def test_all_places_of_a_finding_are_called_fine_at_once(read: Callable[..., Any]) -> None:
    ann = read()
    ann.page.get_by_role("button", name="All are fine: near duplicate").click()
    ann.told("2 places called fine.")
    assert ann.page.locator('mark.fine[id][data-signal="near_duplicate"]').count() == 2
    assert {e["signal"] for e in judgements(ann.url, ann.id)} == {"near_duplicate"}
    assert len(judgements(ann.url, ann.id)) == 2


def test_by_keyboard_alone_a_finding_is_called_fine_and_taken_back(read: Callable[..., Any]) -> None:
    ann = read()
    page = ann.page
    page.keyboard.press("n")
    signal = page.locator("mark.here").get_attribute("data-signal")
    page.keyboard.press("f")
    ann.told("Called fine.")
    assert [e["signal"] for e in judgements(ann.url, ann.id)] == [signal]
    page.keyboard.press("f")
    page.locator(".read .settled").first.wait_for(state="detached")
    assert judgements(ann.url, ann.id) == []


def test_what_the_line_at_the_foot_takes_back_is_drawn_where_it_stands(read: Callable[..., Any]) -> None:
    ann = read(viewport={"width": 1400, "height": 600})
    note = ann.page.locator('.note[data-signal="plug"]')
    note.scroll_into_view_if_needed()
    note.get_by_role("button", name="This is fine").click()
    note.get_by_text("Fine, says Ann").wait_for()
    before = ann.page.locator("#pane").evaluate("pane => pane.scrollTop")
    ann.page.locator(".toast").get_by_role("button", name="Undo").click()
    note.get_by_role("button", name="This is fine").wait_for()
    assert ann.page.locator("#pane").evaluate("pane => pane.scrollTop") == pytest.approx(before, abs=2)
    assert judgements(ann.url, ann.id) == []


# --- missed this ----------------------------------------------------------------------------------------------------


SELECTIONS = [
    ("the same words stand here", 2),  # of three
    ("travel free", 1),  # behind emoji, which are two units for the browser and one character for the text
    ("free.\n" + TWICE[0][:30], 1),  # over two paragraphs, into a mark
    ("captain waves.\nMy aunt", 1),  # over the end of a mark and the number behind it
    ("تغادر العبارة", 1),
    ("zero⟨U+200B⟩width", 1),  # as the page spells it out
    ("and ⟨U+202E⟩turned⟨U+202C⟩ letters", 1),
    ("buoy\nDogs stay", 1),
    ("Cars\nElsa", 1),
    (PLUG[60:], 1),
    ("here: the same words stand here, and", 1),  # over the end of what has been marked before
]


def test_selected_words_are_found_where_they_stand(read: Callable[..., Any]) -> None:
    ann = read()
    text = document(ann.url, ann.id).text
    for count, (words, nth) in enumerate(SELECTIONS, 1):
        select(ann, words, nth)
        ann.page.locator(".float").wait_for()
        ann.page.keyboard.press("m")
        mark_missed(ann, "spun_phrase", f"Odd, {count}.")
        event = judgements(ann.url, ann.id)[-1]
        plain = (
            words.replace("⟨U+200B⟩", "\u200b").replace("⟨U+202E⟩", "\u202e").replace("⟨U+202C⟩", "\u202c")
        )
        assert event["quote"].split() == plain.split()
        assert text[event["start"] : event["end"]] == event["quote"]
        at = -1
        for _ in range(nth):
            at = text.index(plain.partition("\n")[0], at + 1)
        assert event["start"] == at
        assert (event["who"], event["signal"], event["after"]) == ("Ann", "spun_phrase", f"Odd, {count}.")
        said = ann.page.locator(".note.missed").get_by_text(f"spun phrase: Odd, {count}.")
        said.wait_for()
    assert ann.page.locator(".note.missed").get_by_text("Marked by Ann").count() == len(SELECTIONS)


def test_a_button_beside_the_selection_marks_it_without_moving_the_text(read: Callable[..., Any]) -> None:
    ann = read(viewport={"width": 1400, "height": 600})
    page = ann.page
    row = page.locator(".row", has_text="My aunt sold tickets")
    row.scroll_into_view_if_needed()
    before = row.bounding_box()["y"]
    select(ann, "sold tickets there")
    float_ = page.locator(".float")
    float_.wait_for()
    box = float_.bounding_box()
    assert row.bounding_box()["y"] < box["y"] < row.bounding_box()["y"] + row.bounding_box()["height"] + 40
    float_.click()
    dialog = page.get_by_role("dialog", name="Missed this")
    assert dialog.get_by_label("The words").input_value() == "sold tickets there"
    mark_missed(ann)
    assert page.locator("mark.missed").inner_text().startswith("sold tickets there")
    assert row.bounding_box()["y"] == pytest.approx(before, abs=2)
    assert float_.is_hidden()
    (event,) = judgements(ann.url, ann.id)
    assert event["signal"] is None
    page.locator(".note.missed").get_by_role("button", name="Undo").click()
    page.locator("mark.missed").first.wait_for(state="detached")
    assert judgements(ann.url, ann.id) == []


def test_words_can_be_typed_and_words_that_do_not_stand_there_are_asked_for_again(
    read: Callable[..., Any],
) -> None:
    ann = read()
    page = ann.page
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog", name="Missed this")
    dialog.get_by_label("The words").fill("no such words")
    dialog.get_by_role("button", name="Mark it").click()
    dialog.get_by_role("alert").get_by_text("text").wait_for()
    assert judgements(ann.url, ann.id) == []
    dialog.get_by_label("The words").fill("Dogs  stay")
    mark_missed(ann, "plug")
    (event,) = judgements(ann.url, ann.id)
    assert event["quote"] == "Dogs stay"
    page.keyboard.press("m")
    dialog.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_what_is_folded_and_filtered_stays_so_when_something_is_judged(read: Callable[..., Any]) -> None:
    ann = read()
    page = ann.page
    page.locator('[data-filter="near_duplicate"]').uncheck()
    page.locator(".account .about summary").first.click()
    page.locator('.note[data-signal="plug"]').get_by_role("button", name="This is fine").click()
    ann.told("Called fine.")
    assert not page.locator('[data-filter="near_duplicate"]').is_checked()
    assert page.locator('.note[data-signal="near_duplicate"]').first.is_hidden()
    assert page.locator(".account .about").first.evaluate("d => d.open")


# --- how it looks ---------------------------------------------------------------------------------------------------


def test_axe_finds_nothing(read: Callable[..., Any]) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    ann = read()
    page = ann.page
    page.locator('.note[data-signal="plug"]').get_by_role("button", name="This is fine").click()
    ann.told("Called fine.")
    select(ann, "sold tickets there")
    page.keyboard.press("m")
    mark_missed(ann, "plug", "Who?")
    page.locator("#says").evaluate("line => line.replaceChildren()")
    unfold(page)
    page.keyboard.press("n")
    for dialog in (False, True):
        if dialog:
            page.keyboard.press("m")
        for width in (1400, 390):
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                found = axe.Axe().run(page)
                assert not found.violations_count, (width, scheme, found.generate_report())


def unfold(page: Any) -> None:
    page.locator(".read details").evaluate_all("boxes => boxes.forEach(box => box.open = true)")
    page.locator("[data-filter]").evaluate_all("boxes => boxes.forEach(box => box.checked || box.click())")


def test_notes_stand_beside_the_text_where_there_is_room_and_nothing_needs_sideways_scrolling(
    read: Callable[..., Any],
) -> None:
    page = read().page
    unfold(page)
    for width, beside in ((1400, True), (700, False), (390, False), (320, False)):
        page.set_viewport_size({"width": width, "height": 844})
        words = page.locator(".row:has(.note) .words").first.bounding_box()
        note = page.locator(".row .note").first.bounding_box()
        assert (note["x"] >= words["x"] + words["width"]) == beside
        assert (note["y"] >= words["y"] + words["height"]) != beside
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#pane").evaluate("pane => pane.scrollWidth <= pane.clientWidth")


def test_forced_colours_keep_places_apart(read: Callable[..., Any]) -> None:
    page = read(forced_colors="active").page
    line = page.locator(".words mark:not(.off)").first.evaluate("m => getComputedStyle(m).textDecorationLine")
    assert line == "underline"
    assert page.locator(".judge").first.evaluate("b => getComputedStyle(b).borderTopStyle") == "solid"


def test_nothing_of_a_hostile_page_runs(read: Callable[..., Any]) -> None:
    evil = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
    escaped = evil.replace("<", "&lt;")
    ann = read(
        PAGE + f'<p>{escaped} <a href="javascript:window.pwned=1">{escaped}</a> stands in this sentence.</p>'
    )
    page = ann.page
    select(ann, "window.pwned=1</script>")
    page.keyboard.press("m")
    mark_missed(ann, "", evil)
    assert evil in page.locator(".note.missed").inner_text()
    assert page.evaluate("window.pwned") is None
    assert (
        page.locator(".read :is(script, img, [style])").count() <= 1
    )  # the button beside the selection is placed


# --- with the model that ships --------------------------------------------------------------------------------------


def test_with_the_current_model_links_are_judged_and_read_without_their_words(
    start_desk: Callable[..., Any], read: Callable[..., Any]
) -> None:
    if not (model.models_folder() / "CURRENT").is_file():
        pytest.skip("needs a model")
    desk = start_desk("--model", str(model.current_model()))
    page = read(
        PAGE.replace(
            "Nobody has drowned",
            'Nobody who reads on the <a href="https://shop.example/">cheap garden furniture online</a> page has'
            " drowned",
        ),
        at=desk,
    ).page
    row = page.locator("table.links tbody tr", has_text="cheap garden furniture online")
    assert row.locator(".fit b").inner_text().lower() == "no"
    assert "None of its" in row.locator(".fit").inner_text()
    row.locator("a").first.click()
    page.locator(".anchor.here").wait_for()
    trial = page.locator(".trial", has_text="cheap garden furniture online")
    assert "Nobody who reads on the page has drowned" in trial.locator("blockquote").last.inner_text()
    assert "The ice chart" not in page.locator(".trial").first.locator("blockquote").last.inner_text()
