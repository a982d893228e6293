"""A small site, once as pages and once on a loopback server, for the tools that crawl it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

BODY = (
    "<h1>The lock at Alder Lane, {n}</h1><p>Every spring the keeper opens the gate {n} times, greases the hinges"
    " and writes the level of the water down. He says “it’s dull work”, but his café is full by noon.</p>"
    '<p>The path to the <a href="/mill?floor=2">old mill</a> is open again since the new railing was set.</p>'
)
LINKS = '<p><a href="/about">About</a> <a href="/list?page=2">More</a> <a href="/dir/">Up</a></p>'


def page(n: int, extra: str = "") -> str:
    """A whole page with a charset of its own, links and letters beyond ASCII."""
    head = f'<meta charset="utf-8"><title>Lock no. {n}</title>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{BODY.format(n=n)}{extra}</body></html>"


SITE = {
    "/": page(1, LINKS),
    "/about": page(2),
    "/list?page=2": page(3),
    "/dir/": page(4),
    "/mill?floor=2": page(5),
}


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        found = SITE.get(self.path)
        if found is None:
            self.send_error(404)
            return
        body = found.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the site on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.fixture
def pages() -> dict[str, str]:
    """The pages of the site by their path."""
    return dict(SITE)
