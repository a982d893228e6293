"""Editors in a real browser, at a real desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PATIENCE = 30_000  # milliseconds: other tests may be using the machine


class Editor:
    """Somebody with the desk open in a browser of their own; what the page complains about and asks for is kept."""

    def __init__(self, browser: Browser, url: str, path: str, who: str, **options: Any) -> None:
        options = {"viewport": {"width": 1400, "height": 900}, "accept_downloads": True} | options
        self.url = url
        self.context: BrowserContext = browser.new_context(**options)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        if who:
            self.context.add_init_script(f"localStorage['desk.who'] ??= {who!r}")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.set_default_navigation_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{url}{path}")

    def titles(self) -> list[str]:
        """The queue as it is shown."""
        return self.page.locator("#queue .posts .title").all_text_contents()

    def listed(self, count: int, word: str = "submission") -> None:
        """Wait until the queue says that it holds so many."""
        says = f"{count:,} {word}{'' if count == 1 else 's'}"
        self.page.locator("#queue .status").get_by_text(says, exact=True).wait_for()

    def first(self, title: str) -> None:
        """Wait until that submission stands first in the queue."""
        row = self.page.locator("#queue .posts li:first-child .title")
        row.filter(has_text=re.compile(f"^{re.escape(title)}$")).wait_for()

    def opened(self, title: str) -> None:
        """Wait until that submission is open."""
        self.page.locator("#pane h2").get_by_text(title).wait_for()

    def told(self, message: str) -> None:
        """Wait until the page has said that."""
        self.page.locator(".toast").get_by_text(message).wait_for()

    def copy(self, text: str, html: str | None = None) -> None:
        """Put this into the clipboard, as another program does."""
        elsewhere = self.context.new_page()
        elsewhere.route("**/*", lambda route: route.fulfill(body="<p>elsewhere", content_type="text/html"))
        elsewhere.goto(f"{self.url}/elsewhere")
        elsewhere.evaluate(
            """([text, html]) => navigator.clipboard.write([new ClipboardItem(
                Object.fromEntries(Object.entries({"text/plain": text, "text/html": html})
                    .filter(([, value]) => value !== null)
                    .map(([type, value]) => [type, new Blob([value], {type})])))])""",
            [text, html],
        )
        elsewhere.close()
        self.page.bring_to_front()

    def leave(self) -> None:
        """Close the browser; nothing may have gone wrong in it, or have been asked of anybody else."""
        self.context.close()
        # an answer such as 409 is said by the page; the browser says it too
        assert [c for c in self.complaints if not c.startswith("Failed to load resource")] == []
        assert [url for url in self.requests if not url.startswith((f"{self.url}/", "blob:", "data:"))] == []


@pytest.fixture
def sit_down(browser: Browser) -> Iterator[Callable[..., Editor]]:
    """Opens the desk for an editor: sit_down(desk.url, "/?state=all", who="Ann")."""
    editors: list[Editor] = []

    def open_desk(url: str, path: str = "/", *, who: str = "Ann", **options: Any) -> Editor:
        editors.append(Editor(browser, url, path, who, **options))
        return editors[-1]

    yield open_desk
    for editor in editors:
        editor.leave()


@pytest.fixture
def submit(plain_text: str) -> Callable[..., dict[str, Any]]:
    """Submits over HTTP: submit(desk.url, "A title", author=...); the text says something of its own."""

    def post(url: str, title: str, *, wait: int = 30, **fields: Any) -> dict[str, Any]:
        body = {"title": title, **fields}
        if not body.keys() & {"text", "html", "markdown", "url"}:
            body["text"] = f"{plain_text}\n\nAll of this is about {title}.\n"
        answer = httpx.post(f"{url}/v1/submissions", json=body, params={"wait": wait}, timeout=60)
        assert answer.status_code == 201, answer.text
        submission: dict[str, Any] = answer.json()
        return submission

    return post
