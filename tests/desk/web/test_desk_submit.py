"""Posts come in: pasted, dropped, chosen, fetched; each by itself, none lost and none twice."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Route

HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
RICH = (
    '<h1>Bees on roofs</h1><p style="color:red">{text} See <a href="https://hives.example/buy">the hives</a> '
    'and <a href="https://hives.example/how">how to</a>.</p>'
)


def submissions(url: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = httpx.get(
        f"{url}/v1/submissions", params={"sort": "title", "order": "asc"}
    ).json()["items"]
    return items


def original(url: str, id: str) -> str:
    return httpx.get(f"{url}/v1/submissions/{id}/original").text


def test_a_pasted_text_is_read_and_opened(desk: Any, sit_down: Callable[..., Any], plain_text: str) -> None:
    ann = sit_down(desk.url)
    ann.copy(plain_text)
    ann.page.get_by_role("button", name="Add posts").click()
    ann.page.keyboard.press("Control+V")
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_label("Author").fill("Maria Rossi")
    add.get_by_label("Note").fill("Came by mail.")
    add.get_by_label("Title").fill("Bees on roofs")
    assert add.get_by_label("Plain text").is_checked()
    assert add.get_by_label("Rich text").is_hidden()
    add.get_by_role("button", name="Read it").click()
    ann.opened("Bees on roofs")
    assert add.is_hidden()
    assert "by Maria Rossi" in ann.page.locator(".head").inner_text()
    assert "Came by mail." in ann.page.locator(".head .notes").inner_text()
    ann.listed(1)
    (kept,) = submissions(desk.url)
    assert kept["form"] == "text"
    assert original(desk.url, kept["id"]).split() == plain_text.split()


def test_a_rich_paste_keeps_its_links_and_is_shown_as_its_text(
    desk: Any, sit_down: Callable[..., Any], plain_text: str
) -> None:
    ann = sit_down(desk.url)
    ann.copy(f"Bees on roofs\n\n{plain_text} See the hives and how to.", RICH.format(text=plain_text))
    ann.page.get_by_role("button", name="Add posts").click()
    ann.page.keyboard.press("Control+V")
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_text("Links kept: 2.").wait_for()
    assert add.get_by_label("Text", exact=True).input_value().startswith("Bees on roofs")
    assert add.locator("h1, a").count() == 0
    add.get_by_label("Plain text").check()
    add.get_by_text("2 links left out").wait_for()
    add.get_by_label("Rich text").check()
    add.get_by_label("Title").fill("Bees on roofs")
    add.get_by_role("button", name="Read it").click()
    ann.opened("Bees on roofs")
    (kept,) = submissions(desk.url)
    assert kept["form"] == "html"
    assert "https://hives.example/buy" in original(desk.url, kept["id"])


def test_a_paste_that_is_changed_by_hand_is_text_and_so_is_one_into_other_text(
    desk: Any, sit_down: Callable[..., Any], plain_text: str
) -> None:
    ann = sit_down(desk.url)
    ann.copy(plain_text, RICH.format(text=plain_text))
    ann.page.keyboard.press("c")
    add = ann.page.get_by_role("dialog", name="Add posts")
    text = add.get_by_label("Text", exact=True)
    text.press("Control+V")
    add.get_by_text("Links kept").wait_for()
    text.press("End")
    text.press_sequentially(" And one more.")
    add.get_by_text("Changed by hand").wait_for()
    assert add.get_by_label("Plain text").is_checked()
    assert add.get_by_label("Rich text").is_hidden()
    text.press("Control+V")
    assert add.get_by_label("Rich text").is_hidden()
    text.press("Control+A")
    text.press("Control+V")
    add.get_by_text("Links kept").wait_for()
    text.press("Control+A")
    text.press("Backspace")
    assert add.get_by_label("Rich text").is_hidden()


def test_source_is_known_when_it_is_pasted(desk: Any, sit_down: Callable[..., Any], plain_text: str) -> None:
    ann = sit_down(desk.url)
    ann.page.keyboard.press("c")
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_role("button", name="Read it").click()
    add.get_by_text("There is no text yet").wait_for()
    add.get_by_label("Text", exact=True).fill(f"<h1>Bees on roofs</h1><p>{plain_text}</p>")
    assert add.get_by_label("HTML source").is_checked()
    add.get_by_label("Title").fill("Bees on roofs")
    add.get_by_label("Text", exact=True).press("Control+Enter")
    ann.opened("Bees on roofs")
    assert [kept["form"] for kept in submissions(desk.url)] == ["html"]


def test_a_paste_anywhere_is_a_post_and_acts_nowhere(
    desk: Any, sit_down: Callable[..., Any], plain_text: str
) -> None:
    ann = sit_down(desk.url)
    ann.listed(0)
    ann.page.evaluate(
        """([text, html]) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            data.setData("text/html", html);
            document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }""",
        [
            f"{HOSTILE} {plain_text}",
            f"<h1>{HOSTILE}</h1><a href='javascript:window.pwned=1'>x</a><p>{plain_text}</p>",
        ],
    )
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_text("Links kept: 1.").wait_for()
    assert add.locator("img, a").count() == 0
    add.get_by_label("Title").fill(HOSTILE)
    add.get_by_role("button", name="Read it").click()
    ann.opened(HOSTILE)
    ann.first(HOSTILE)
    assert ann.page.evaluate("window.pwned") is None
    assert ann.page.locator("#pane img, #queue img").count() == 0


def files(plain_text: str) -> list[dict[str, Any]]:
    text = {"mimeType": "text/plain", "buffer": plain_text.encode()}
    return [
        {"name": "one.txt", **text},
        {"name": "two.md", **text, "buffer": f"# Two\n\n{plain_text}".encode()},
        {"name": "broken.docx", **text},
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(500)},
        {"name": f"{HOSTILE}.txt".replace("/", "_"), **text},
    ]


def test_several_files_are_read_and_one_that_is_broken_stops_no_other(
    desk: Any, sit_down: Callable[..., Any], plain_text: str
) -> None:
    ann = sit_down(desk.url)
    ann.page.keyboard.press("c")
    ann.page.get_by_role("tab", name="Files").click()
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_label("Author").fill("Maria Rossi")
    given = files(plain_text)
    ann.page.locator("#files").set_input_files(given)
    add.get_by_text("5 of 5 posts done, 2 with an error").wait_for()
    rows = dict(zip([file["name"] for file in given], add.locator("#sent li").all(), strict=True))
    assert rows["one.txt"].locator(".badge").is_visible()
    assert rows["photo.jpg"].locator(".wrong").is_visible()
    assert rows["broken.docx"].locator(".wrong").is_visible()
    assert rows[given[4]["name"]].locator(".label").inner_text() == given[4]["name"]
    assert ann.page.evaluate("window.pwned") is None
    rows["two.md"].get_by_role("link").click()
    ann.page.locator("#pane .head", has_text="two.md").wait_for()
    assert add.is_hidden()
    assert "by Maria Rossi" in ann.page.locator(".head").inner_text()


def test_files_are_dropped_anywhere(desk: Any, sit_down: Callable[..., Any], plain_text: str) -> None:
    ann = sit_down(desk.url)
    ann.listed(0)
    dropped = ann.page.evaluate_handle(
        """text => {
            const data = new DataTransfer();
            for (const name of ["north.txt", "south.txt"]) data.items.add(new File([name + " " + text], name));
            return data;
        }""",
        plain_text,
    )
    ann.page.dispatch_event("body", "dragenter", {"dataTransfer": dropped})
    ann.page.get_by_text("Drop the files").wait_for()
    ann.page.dispatch_event("body", "drop", {"dataTransfer": dropped})
    ann.page.get_by_text("Drop the files").wait_for(state="hidden")
    ann.page.get_by_text("2 of 2 posts done").wait_for()
    assert {kept["name"] for kept in submissions(desk.url)} == {"north.txt", "south.txt"}


def test_a_single_file_is_opened_when_it_has_been_read(
    desk: Any, sit_down: Callable[..., Any], plain_text: str
) -> None:
    ann = sit_down(desk.url)
    ann.page.keyboard.press("c")
    ann.page.get_by_role("tab", name="Files").click()
    ann.page.locator("#files").set_input_files(files(plain_text)[1])
    ann.page.locator("#pane .head", has_text="two.md").wait_for()
    assert ann.page.get_by_role("dialog").count() == 0
    ann.page.keyboard.press("c")
    assert ann.page.locator("#sent").is_hidden()


def test_a_file_that_is_too_large_is_not_even_sent(
    start_desk: Callable[..., Any], sit_down: Callable[..., Any]
) -> None:
    desk = start_desk("--max-body", "1")
    ann = sit_down(desk.url)
    ann.page.keyboard.press("c")
    ann.page.get_by_role("tab", name="Files").click()
    ann.page.locator("#files").set_input_files(
        {"name": "big.txt", "mimeType": "text/plain", "buffer": b"a " * 600_000}
    )
    ann.page.get_by_text("1.2 MB are too much; the desk takes 1 MB.").wait_for()
    assert not [url for url in ann.requests if url.endswith("files")]


def test_what_the_network_loses_is_sent_again_and_kept_once(
    desk: Any, sit_down: Callable[..., Any], plain_text: str
) -> None:
    ann = sit_down(desk.url)
    lost: list[str] = []

    def lose_the_answer(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.request.headers["idempotency-key"])
            if len(lost) == 1:
                route.fetch()  # it arrives, but nobody hears of it
            route.abort()
        else:
            lost.append(route.request.headers["idempotency-key"])
            route.continue_()

    ann.page.route("**/v1/submissions?wait=*", lose_the_answer)
    ann.page.keyboard.press("c")
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_label("Title").fill("Bees on roofs")
    add.get_by_label("Text", exact=True).fill(plain_text)
    add.get_by_role("button", name="Read it").click()
    ann.opened("Bees on roofs")
    assert len(lost) == 3
    assert len(set(lost)) == 1
    assert len(submissions(desk.url)) == 1


def test_what_does_not_go_through_can_be_tried_again(
    desk: Any, sit_down: Callable[..., Any], plain_text: str
) -> None:
    ann = sit_down(desk.url)
    ann.page.route("**/v1/submissions?wait=*", lambda route: route.fulfill(
        status=503, headers={"Retry-After": "0.01"}, json={"error": {"kind": "busy", "message": "Busy just now."}}
    ))  # fmt: skip
    ann.page.keyboard.press("c")
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_label("Title").fill("Bees on roofs")
    add.get_by_label("Text", exact=True).fill(plain_text)
    add.get_by_role("button", name="Read it").click()
    add.get_by_role("button", name="Try again").wait_for()
    assert "Busy just now." in add.locator("#sent li").inner_text()
    add.get_by_role("button", name="Close").click()
    ann.page.get_by_role("button", name="1 post failed").click()
    ann.page.unroute("**/v1/submissions?wait=*")
    add.get_by_role("button", name="Try again").click()
    ann.opened("Bees on roofs")


@pytest.fixture
def site(plain_text: str) -> Iterator[str]:
    """The address of a small web site on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/bees"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if found:
                self.wfile.write(
                    f"<title>Bees</title><main><h1>Bees from afar</h1><p>{plain_text}</p></main>".encode()
                )

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_addresses_are_fetched_one_a_line(
    start_desk: Callable[..., Any], sit_down: Callable[..., Any], site: str
) -> None:
    desk = start_desk("--allow-private")
    ann = sit_down(desk.url)
    ann.page.keyboard.press("c")
    ann.page.get_by_role("tab", name="Paste").press("ArrowLeft")
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_label("Addresses, one a line").fill(f"{site}/bees\n\n{site}/gone\nno address\n{site}/bees")
    add.get_by_role("button", name="Fetch and read").click()
    add.get_by_text("done, 3 with an error").wait_for()
    rows = {row.locator(".label").inner_text(): row for row in add.locator("#sent li").all()}
    assert "404" in rows[f"{site}/gone"].inner_text()
    rows[f"{site}/bees"].get_by_role("link").click()
    ann.page.locator("#pane .head", has_text=f"{site}/bees").wait_for()


def test_a_private_address_is_refused_in_words(desk: Any, sit_down: Callable[..., Any], site: str) -> None:
    ann = sit_down(desk.url)
    ann.page.keyboard.press("c")
    ann.page.get_by_role("tab", name="Addresses").click()
    add = ann.page.get_by_role("dialog", name="Add posts")
    add.get_by_label("Addresses, one a line").fill(f"{site}/bees")
    add.get_by_role("button", name="Fetch and read").click()
    add.locator("#sent .wrong").wait_for()
    assert "--allow-private" in add.locator("#sent .wrong").inner_text()


def test_the_archive_grows_by_files_and_is_emptied(
    desk: Any, sit_down: Callable[..., Any], tmp_path: Path, plain_text: str
) -> None:
    ann = sit_down(desk.url)
    ann.page.get_by_role("button", name="Archive").click()
    archive = ann.page.get_by_role("dialog", name="The archive")
    archive.get_by_text("Nothing is in it yet.").wait_for()
    archive.get_by_label("Pages .html").set_input_files(
        [
            {
                "name": "bees.html",
                "mimeType": "text/html",
                "buffer": f"<h1>Bees</h1><p>{plain_text}</p>".encode(),
            },
            {"name": "more.md", "mimeType": "text/markdown", "buffer": b"# More\n\nOf the same."},
        ]
    )
    archive.get_by_role("button", name="Add the files").click()
    archive.locator(".status", has_text="1 page added, 1 in it now. 1 passed over: more.md").wait_for()
    archive.get_by_role("button", name="Remove the archive").click()
    ann.page.get_by_role("button", name="Remove it").click()
    archive.get_by_text("Nothing is in it yet.").wait_for()
