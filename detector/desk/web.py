"""What a browser opens: the desk's page, the way in, and the files both are made of.

Nothing is inline and nothing comes from elsewhere, so that the strictest content security policy holds. The page is
empty of data: its scripts ask the API and write what they get as text nodes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from detector import __version__, report

ASSETS = Path(__file__).parent / "assets"
REPORT = Path(report.__file__).parent
# how a page's data becomes text nodes is written once, in the report of an audit; here it is a module
SHARED = "make, visible, count, plural, words, percent, outward, sideBySide"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class Asset(NamedTuple):
    """A file as it is sent. etag: a digest of the body in quotation marks."""

    body: bytes
    type: str
    etag: str


def router(max_body: int, who: Callable[[Request], str | None] = lambda _: None) -> APIRouter:
    """GET /, GET /login and GET /assets/NAME.

    max_body: bytes a request may have; larger files are told so before they are sent.
    who: the name that the token of a request stands for; None where the desk has no tokens, and each editor says
        a name. POST /login is the API's.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def desk(request: Request) -> Response:
        page = _template("desk.html.jinja").render(
            who=who(request) or "", max_body=max_body, version=__version__
        )
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    @routes.get("/login")
    def login() -> Response:
        return HTMLResponse(_template("login.html.jinja").render(), headers={"Cache-Control": "no-store"})

    @routes.get("/assets/{name}")
    def asset(name: str, request: Request) -> Response:
        found = assets().get(name)
        if found is None:
            raise HTTPException(404, "there is no such file")
        # asked for again each time: an upgrade must not leave half of the old scripts in a browser
        headers = {"ETag": found.etag, "Cache-Control": "no-cache"}
        if found.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(found.body, media_type=found.type, headers=headers)

    return routes


@cache
def assets() -> dict[str, Asset]:
    """The files by the names they are served under."""
    elements = (REPORT / "crawl/assets/elements.js").read_text("utf-8")
    bodies = {path.name: path.read_bytes() for path in sorted(ASSETS.iterdir()) if path.suffix in TYPES} | {
        "report.css": (REPORT / "assets/report.css").read_bytes(),
        "elements.js": f"{elements}\nexport {{ {SHARED} }};\n".encode(),
    }
    return {
        name: Asset(body, TYPES[Path(name).suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        for name, body in bodies.items()
    }


def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
