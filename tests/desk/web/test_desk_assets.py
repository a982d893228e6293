"""The files of the desk's page: right types, asked for again, nothing inline, nothing from elsewhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

fastapi = pytest.importorskip("fastapi", reason="needs detector[desk]")

from detector.desk import web  # noqa: E402

MODULES = [name for name in web.assets() if name.endswith(".js")]
TEMPLATES = sorted(web.ASSETS.glob("*.jinja"))


Get = Callable[..., httpx.Response]


@pytest.fixture
def get() -> Get:
    """Asks an application of these routes alone: get("/", name="value of a header")."""
    app = fastapi.FastAPI()
    app.include_router(web.router(1_000_000, lambda _: '<b>"Ann"</b>'))

    async def ask(path: str, headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
            return await client.get(path, headers=headers)

    return lambda path, **headers: asyncio.run(
        ask(path, {k.replace("_", "-"): v for k, v in headers.items()})
    )


@pytest.mark.parametrize("name", sorted(web.assets()))
def test_a_file_has_its_type_and_is_sent_again_only_when_it_has_changed(get: Get, name: str) -> None:
    first = get(f"/assets/{name}")
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    assert first.headers["content-type"].startswith(kinds[name.rpartition(".")[2]])
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    again = get(f"/assets/{name}", if_none_match=f'"other", W/{tag}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert get(f"/assets/{name}", if_none_match='"other"').content == first.content


@pytest.mark.parametrize("name", ["web.py", "..%2fweb.py", "desk.html.jinja", "nothing.js", "%2e%2e/web.py"])
def test_no_other_file_is_served(get: Get, name: str) -> None:
    assert get(f"/assets/{name}").status_code == 404


def test_the_page_names_who_has_come_in_and_is_not_kept(get: Get) -> None:
    page = get("/")
    assert 'data-who="&lt;b&gt;&#34;Ann&#34;&lt;/b&gt;"' in page.text
    assert 'data-max-body="1000000"' in page.text
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not re.search(r"<[^>]+\s(style|on\w+)\s*=", source)
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"""(src|href|action)=["'](https?:)?//""", source)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_that_is_imported_is_served(name: str) -> None:
    source = web.assets()[name].body.decode()
    for module in re.findall(r"""(?:from|import) "\./([\w.]+)\"""", source):
        assert module in MODULES
    writes = re.search(r"(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source)
    assert name == "read.js" or not writes  # which shows what the server has drawn and escaped


def test_what_the_page_shows_by_its_id_is_there_once() -> None:
    for path in TEMPLATES:
        found = re.findall(r'\sid="([^"{]+)"', path.read_text("utf-8"))
        assert len(found) == len(set(found))
