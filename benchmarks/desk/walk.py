"""Ten guest posts as Word files, from the file to the decision and back as a Word file with comments, in a browser."""

from __future__ import annotations

import argparse
import json
import runpy
import shutil
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.desk.server import Server, quantiles

POSTS = Path("tests/desk/posts")
BUTTON = {"publish": "Accept", "review": "Needs edits", "reject": "Reject"}
STATE = {"Accept": "accepted", "Needs edits": "needs_edits", "Reject": "rejected"}
ARGUMENTS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync".split()


def run(options: argparse.Namespace) -> None:
    """Prints the figures as JSON. Raises ValueError where something does not come out as it should."""
    make = runpy.run_path(str(POSTS / "make.py"))["make"]
    office = runpy.run_path(str(POSTS / "libreoffice.py"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "posts").mkdir()
        files = list(make(folder / "posts"))
        server = Server(options.database or str(folder / "desk.db"))
        try:
            figures = _walk(server.url, files, folder)
        finally:
            server.stop()
        marked = sorted((folder / "marked").glob("*.docx"))
        if office["SOFFICE"]:
            (folder / "office").mkdir()
            figures["comments LibreOffice shows"] = {
                file.stem: len(office["comments"](file))
                for file in office["convert"](marked, "fodt", folder / "office")
            }
    print(json.dumps(figures, indent=1))


class _Editor:
    """Somebody whose clicks are counted."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.clicks = 0

    def click(self, what: Any) -> None:
        what.click()
        self.clicks += 1


def _walk(url: str, files: list[Path], folder: Path) -> dict[str, Any]:
    api = import_module("playwright.sync_api")
    (folder / "marked").mkdir()
    with api.sync_playwright() as playwright:
        path = shutil.which("chromium") or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = browser.new_context(
            base_url=url, viewport={"width": 1400, "height": 900}, accept_downloads=True
        )
        context.add_init_script("localStorage['desk.who'] ??= 'Ada'")
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(url)
        posts = [_one(_Editor(page), file, folder) for file in files]
        browser.close()
    return {
        "posts": posts,
        "clicks a post": sorted({post["clicks"] for post in posts}),
        "file to verdict on the screen": quantiles([post.pop("seconds_to_verdict") for post in posts]),
        "file to decision and marked file": quantiles([post.pop("seconds_in_all") for post in posts]),
    }


def _one(editor: _Editor, file: Path, folder: Path) -> dict[str, Any]:
    page = editor.page
    start = time.monotonic()
    editor.click(page.get_by_role("button", name="Add posts"))
    add = page.get_by_role("dialog", name="Add posts")
    editor.click(add.get_by_role("tab", name="Files"))
    with page.expect_file_chooser() as chooser:
        editor.click(add.get_by_text("Choose files"))
    with page.expect_response(lambda r: "/v1/submissions/files" in r.url) as answer:
        chooser.value.set_files(str(file))
    (sent,) = answer.value.json()["items"]
    if add.is_visible():
        row = add.locator("#sent li", has_text=file.name).first
        editor.click(row.get_by_role("link").or_(row.get_by_role("button")).first)
    page.wait_for_function("id => location.href.includes(id)", arg=sent["id"])
    page.locator("#pane .head").get_by_text(file.name).first.wait_for()
    page.locator("#pane .rows").first.wait_for()
    seen = time.monotonic() - start
    outcome = page.request.get(f"/v1/submissions/{sent['id']}").json()["outcome"]
    button = BUTTON[outcome]
    with page.expect_response(lambda r: r.request.method == "PATCH"):
        editor.click(page.locator("#pane").get_by_role("button", name=button, exact=True))
    editor.click(page.locator("#pane").get_by_text("Export", exact=False).first)
    with page.expect_download() as download:
        editor.click(page.get_by_role("link", name="Word, with comments"))
    target = folder / "marked" / f"{file.stem}.docx"
    download.value.save_as(str(target))
    now = page.request.get(f"/v1/submissions/{sent['id']}").json()
    if now["state"] != STATE[button]:
        raise ValueError(f"{file.name}: is {now['state']} after {button}")
    return {
        "post": file.stem,
        "outcome": outcome,
        "clicks": editor.clicks,
        "seconds_to_verdict": seen,
        "seconds_in_all": time.monotonic() - start,
    }
