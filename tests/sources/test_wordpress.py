"""The client for WordPress sites against servers that a real WordPress is not: broken, hostile, or somewhere else.

tests/wordpress tries it on a real one.
"""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from detector.errors import SourceError, UsageError
from detector.sources import web
from detector.sources import wordpress as module
from detector.sources.wordpress import Kind, Post, WordPress

PASSWORD = "abcd efgh ijkl mnop qrst uvwx"
INDEX = {"name": "Mill", "namespaces": ["wp/v2"], "authentication": {"application-passwords": {}}}
ME = {"id": 7, "capabilities": {"edit_posts": True, "edit_others_posts": True, "moderate_comments": True}}
KIND = Kind("post", "posts", "wp/v2/posts", False, {})
POST = Post(
    KIND, 12, "pending", "2026-03-01T10:00:00", "https://mill.example/?p=12", 3, "Eels", "<p>Nine.</p>"
)


class Asked(NamedTuple):
    method: str
    path: str
    host: str
    login: str | None


class Server:
    """A web server on loopback that answers as a WordPress does unless a test says otherwise.

    answers: by path, (status, headers, body); a str or dict is a body with status 200.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, Any] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(size)
                path = self.path.partition("?")[0]
                outer.asked.append(
                    Asked(self.command, self.path, self.headers["Host"], self.headers["Authorization"])
                )
                status, headers, body = outer.answer(path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def do_DELETE(self) -> None:
                self.answer()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *args: None  # type: ignore[method-assign]  # a reader may hang up
        self.scheme = "https" if context else "http"
        if context:
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self.server.server_address[1]
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self.answers = {
            "/": (200, {"Link": f'<{self.url}/wp-json/>; rel="https://api.w.org/"'}, b"<title>Mill</title>"),
            "/wp-json/": INDEX,
            "/wp-json/wp/v2/users/me": ME,
        }
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        found = self.answers.get(path, (404, {}, {"code": "rest_no_route", "message": "No route."}))
        status, headers, body = found if isinstance(found, tuple) else (200, {}, found)
        if isinstance(body, str):
            body = body.encode()
        return status, headers, body if isinstance(body, bytes) else json.dumps(body).encode()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def logins(self) -> list[str]:
        """The hosts that were shown a password."""
        return [asked.host for asked in self.asked if asked.login]


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    running: list[Server] = []

    def call(context: ssl.SSLContext | None = None) -> Server:
        running.append(Server(context))
        return running[-1]

    yield call
    for server in running:
        server.stop()


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    return start()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """names("mill.example", ...) lets names lead to this machine."""

    def call(*known: str) -> None:
        look_up = web._look_up

        def answer(host: str, seconds: float) -> list[str]:
            return ["127.0.0.1"] if host in known else look_up(host, seconds)

        monkeypatch.setattr(web, "_look_up", answer)

    return call


def connect(address: str, *, user: str = "edith", password: str = PASSWORD, **options: bool) -> WordPress:
    return WordPress(address, user, password, **{"allow_private": True, **options})


def problem(address: str, **options: Any) -> str:
    """What a user is told: one line that ends with a full stop, and no password."""
    with pytest.raises(SourceError) as caught:
        connect(address, **options)
    return checked(caught.value)


def checked(error: Exception) -> str:
    message = str(error)
    assert message.endswith(".")
    assert "\n" not in message
    secret = base64.b64encode(f"edith:{PASSWORD}".encode()).decode()
    assert PASSWORD not in message
    assert secret not in message
    return message


# --- finding the API ---------------------------------------------------------------------------------------------


def test_the_password_is_shown_only_once_the_api_is_found(server: Server) -> None:
    connect(server.url)
    paths = [(asked.path.partition("?")[0], asked.login is not None) for asked in server.asked]
    assert paths == [("/", False), ("/wp-json/", True), ("/wp-json/wp/v2/users/me", True)]
    secret = base64.b64encode(f"edith:{PASSWORD}".encode()).decode()
    assert server.asked[-1].login == f"Basic {secret}"


@pytest.mark.parametrize(
    "front",
    [
        (200, {"Link": '<{url}/wp-json/>; rel="https://api.w.org/", <{url}/x>; rel=shortlink'}, b""),
        (200, {"Link": '</wp-json/>; title="A, B"; rel=https://api.w.org/'}, b""),
        (200, {}, "<html><head><link rel='https://api.w.org/' href='{url}/wp-json/' /></head>"),
        (200, {}, '<LINK href="/wp-json/" rel="https://api.w.org/">'),
        (
            200,
            {"Link": "<https://mill.example/>; rel=canonical"},
            "nothing is said, and the usual place does",
        ),
        (404, {}, "a front page that is none"),
    ],
)
def test_the_api_is_where_the_front_page_says(server: Server, front: tuple[int, dict[str, str], Any]) -> None:
    status, headers, body = front
    body = body.replace("{url}", server.url) if isinstance(body, str) else body
    server.answers["/"] = (status, {k: v.replace("{url}", server.url) for k, v in headers.items()}, body)
    assert connect(server.url).user == "edith"


def test_a_site_in_a_folder_is_found_there(server: Server) -> None:
    for path in ("/", "/wp-json/", "/wp-json/wp/v2/users/me"):
        server.answers["/blog" + path] = server.answers.pop(path)
    server.answers["/blog/"] = (200, {"Link": '</blog/wp-json/>; rel="https://api.w.org/"'}, b"")
    server.answers["/blog"] = (301, {"Location": "/blog/"}, b"")
    connect(f"{server.url}/blog")
    server.answers["/blog/"] = (200, {}, b"")
    connect(f"{server.url}/blog")


def test_an_address_without_a_scheme_is_meant_to_be_encrypted(server: Server) -> None:
    assert "no connection" in problem(f"127.0.0.1:{server.port}")  # nobody speaks TLS there
    assert server.logins() == []


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "no valid host"),
        ("https://", "no valid host"),
        ("ftp://mill.example", "not a web address"),
        ("https://edith:secret@mill.example", "a user name or password stands in the address"),
        ("https://mill.example\n.evil", "not a web address"),
    ],
)
def test_what_is_no_address_is_said(address: str, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        connect(address)


def test_where_there_is_no_wordpress_that_is_said(server: Server) -> None:
    server.answers = {"/": "<h1>Shop</h1>"}
    assert "no WordPress REST API is found there" in problem(server.url)
    server.answers["/wp-json/"] = "<h1>Shop</h1>"
    assert "no WordPress REST API is found there" in problem(server.url)
    assert server.logins() == []


# --- whom the password is shown ----------------------------------------------------------------------------------


def test_plain_http_over_a_network_is_refused_before_the_password_is_sent(
    server: Server, names: Callable[..., None]
) -> None:
    names("mill.example")
    server.answers["/"] = (200, {"Link": '</wp-json/>; rel="https://api.w.org/"'}, b"")
    address = f"http://mill.example:{server.port}"
    assert "the password would travel in the clear" in problem(address)
    assert server.logins() == []
    connect(address, insecure=True)
    assert server.logins() == [f"mill.example:{server.port}"] * 2


def test_an_encrypted_address_that_leads_to_an_open_one_is_refused(
    start: Callable[..., Server], names: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mill.example").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(web, "_certificates", lambda: trusting)
    names("mill.example")
    secure = start(context)
    address = f"https://mill.example:{secure.port}"
    secure.answers["/"] = (302, {"Location": f"http://mill.example:{secure.port}/open"}, b"")
    problem(address)
    assert secure.logins() == []
    # behind a proxy, a site may take itself for http; the scheme that was asked for stays
    said = f'<http://mill.example:{secure.port}/wp-json/>; rel="https://api.w.org/"'
    secure.answers["/"] = (200, {"Link": said}, b"")
    assert connect(address).host == "mill.example"


def test_certificates_are_checked(start: Callable[..., Server], names: Callable[..., None]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("mill.example").configure_cert(context)
    names("mill.example")
    secure = start(context)
    assert "certificate" in problem(f"https://mill.example:{secure.port}")
    assert secure.asked == []


@pytest.mark.parametrize("where", ["redirect", "header", "page"])
def test_another_host_never_gets_the_password(
    start: Callable[..., Server], names: Callable[..., None], where: str
) -> None:
    names("mill.example", "evil.example")
    mill, evil = start(), start()
    there = f"http://evil.example:{evil.port}"
    evil.answers["/"] = (200, {"Link": f'<{there}/wp-json/>; rel="https://api.w.org/"'}, b"")
    mill.answers["/"] = {
        "redirect": (301, {"Location": there + "/"}, b""),
        "header": (200, {"Link": f'<{there}/wp-json/>; rel="https://api.w.org/"'}, b""),
        "page": (200, {}, f'<link rel="https://api.w.org/" href="{there}/wp-json/">'.encode()),
    }[where]
    assert there in problem(f"http://mill.example:{mill.port}", insecure=True)
    assert mill.logins() == evil.logins() == []


@pytest.mark.parametrize("port", ["same host, other port"])
def test_another_port_is_another_site(start: Callable[..., Server], port: str) -> None:
    one, other = start(), start()
    one.answers["/"] = (301, {"Location": other.url + "/"}, b"")
    assert f"leads to {other.url}" in problem(one.url)
    assert other.logins() == []


def test_with_and_without_www_is_one_site(server: Server, names: Callable[..., None]) -> None:
    names("mill.example", "www.mill.example")
    there = f"http://www.mill.example:{server.port}"
    front = server.answers["/"]

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if path == "/" and not server.asked[-1].host.startswith("www."):
            return 301, {"Location": there + "/"}, b""
        return Server.answer(server, path)

    server.answers["/"] = (200, {"Link": f'<{there}/wp-json/>; rel="https://api.w.org/"'}, front[2])
    server.answer = answer  # type: ignore[method-assign]
    assert connect(f"http://mill.example:{server.port}", insecure=True).host == "www.mill.example"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_api_is_not_followed_elsewhere(start: Callable[..., Server], status: int) -> None:
    one, other = start(), start()
    wordpress = connect(one.url)
    for path in ("/wp-json/wp/v2/posts/12", "/wp-json/wp/v2/comments"):
        one.answers[path] = (status, {"Location": other.url + path}, b"")
    for act in (
        lambda: wordpress.read(KIND, 12),
        lambda: wordpress.move(POST, "draft"),
        lambda: wordpress.move(POST, "trash"),
        lambda: wordpress.write_note(POST, "REJECT", None),
    ):
        with pytest.raises(SourceError, match="where the password is not sent") as caught:
            act()
        assert other.url in checked(caught.value)
    assert other.asked == []


def test_this_machine_and_private_networks_must_be_allowed(server: Server) -> None:
    assert "allow that with --allow-private" in problem(server.url, allow_private=False)
    assert server.asked == []


@pytest.mark.parametrize("user", ["", "edith:admin"])
def test_a_user_name_that_would_garble_the_login_is_refused(user: str) -> None:
    with pytest.raises(UsageError, match="no colon"):
        connect("https://mill.example", user=user)


# --- what else may answer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "answer", "says"),
    [
        ("/", (503, {"Retry-After": "600"}, b"Briefly unavailable"), "try again after 600 seconds"),
        ("/", (401, {"WWW-Authenticate": "Basic"}, b""), "asks for a password of its own"),
        ("/", (301, {"Location": "/"}, b""), "redirects in a circle"),
        ("/wp-json/", (401, {"WWW-Authenticate": "Basic"}, b""), "asks for a password of its own"),
        ("/wp-json/", (403, {}, b"<h1>Blocked</h1>"), "something else than JSON (status 403)"),
        ("/wp-json/", (200, {}, b"<h1>Coming soon</h1>"), "something else than JSON (status 200)"),
        ("/wp-json/", (200, {}, b"<br><b>Warning</b>: x in y.php\n{}"), "something else than JSON"),
        ("/wp-json/", (200, {}, b"[" * 100_000), "something else than JSON"),
        ("/wp-json/", (200, {}, b"7" * 10_000), "something else than JSON"),
        ("/wp-json/", (200, {}, b"null"), "something else than JSON"),
        ("/wp-json/", (500, {}, b"<b>Fatal error</b>"), "the server has a problem (status 500)"),
        ("/wp-json/", (429, {"Retry-After": "7"}, b""), "too many requests (status 429); try again after 7"),
        ("/wp-json/", {"namespaces": ["oembed/1.0"]}, "its REST API is switched off"),
        ("/wp-json/", {"namespaces": ["wp/v2"], "authentication": []}, "takes no application passwords"),
        ("/wp-json/", [1, 2], "its REST API is switched off"),
        ("/wp-json/wp/v2/users/me", {"capabilities": []}, "answers otherwise than WordPress does"),
        ("/wp-json/wp/v2/users/me", [], "answers otherwise than WordPress does"),
        (
            "/wp-json/wp/v2/users/me",
            (
                401,
                {},
                {
                    "code": "incorrect_password",
                    "message": "<strong>Error:</strong> The\npassword \x1b[31m is",
                },
            ),
            "edith and this application password are not accepted",
        ),
        (
            "/wp-json/wp/v2/users/me",
            (401, {}, {"code": "application_passwords_disabled_for_user", "message": "Not for you."}),
            "takes no application password from edith (Not for you).",
        ),
        (
            "/wp-json/wp/v2/users/me",
            (403, {}, {"code": "rest_forbidden", "message": "x" * 9999}),
            "edith may not do that: xxx",
        ),
        ("/wp-json/wp/v2/users/me", (400, {}, {"code": {}, "message": [], "data": "x"}), "WordPress answers"),
    ],
)
def test_every_other_answer_is_one_clear_line(server: Server, path: str, answer: Any, says: str) -> None:
    server.answers[path] = answer
    message = problem(server.url)
    assert says in message
    assert len(message) < 700


def test_an_answer_without_end_is_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 100_000)
    server.answers["/wp-json/"] = b'{"a": "' + b"x" * 2_000_000 + b'"}'
    assert "an answer larger than the limit" in problem(server.url)


def test_a_front_page_without_end_is_looked_at_as_far_as_it_matters(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRONT_BYTES", 100_000)
    server.answers["/"] = b"x" * 3_000_000
    connect(server.url)


def test_a_server_that_does_not_answer_is_not_waited_for(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    wordpress = connect(server.url)
    monkeypatch.setattr(web, "STEP_SECONDS", 0.2)
    monkeypatch.setattr(web, "TOTAL_SECONDS", 0.5)
    done = threading.Event()
    slow = Server.answer

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        done.wait(20)
        return slow(server, path)

    server.answer = answer  # type: ignore[method-assign]
    try:
        with pytest.raises(web.NoAnswerError, match="no answer in time"):
            wordpress.read(KIND, 12)
    finally:
        done.set()


def test_a_server_that_is_gone_is_said(server: Server) -> None:
    wordpress = connect(server.url)
    server.stop()
    try:
        with pytest.raises(web.NoAnswerError, match="no connection"):
            wordpress.read(KIND, 12)
    finally:  # for the fixture
        server.server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.thread = threading.Thread(target=server.server.serve_forever, args=(0.01,))
        server.thread.start()


def test_a_list_that_never_ends_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    wordpress = connect(server.url)
    again = [{"id": n, "modified_gmt": "2026-03-01T10:00:00"} for n in range(module.PAGE)]
    server.answers["/wp-json/wp/v2/posts"] = again  # whatever is asked for
    assert wordpress.waiting(KIND, ["pending"]) == list(range(module.PAGE))
    monkeypatch.setattr(module, "MOST_POSTS", 250)
    fresh = iter(range(10**9))

    def call(*args: object) -> list[dict[str, int]]:
        return [{"id": next(fresh)} for _ in range(module.PAGE)]

    monkeypatch.setattr(wordpress, "_call", call)
    assert len(wordpress.waiting(KIND, ["pending"])) == 300


def test_a_note_that_is_not_held_is_told_of(server: Server) -> None:
    wordpress = connect(server.url)
    server.answers["/wp-json/wp/v2/comments"] = {"id": 3, "status": "approved"}
    with pytest.raises(SourceError, match="does not say that the note is held back"):
        wordpress.write_note(POST, "REJECT", None)


def test_a_move_that_did_not_happen_is_told_of(server: Server) -> None:
    wordpress = connect(server.url)
    server.answers["/wp-json/wp/v2/posts/12"] = {"id": 12, "status": "publish"}
    for status in ("draft", "trash"):
        with pytest.raises(SourceError, match=f"does not say that the post is {status} now"):
            wordpress.move(POST, status)


def test_nothing_is_ever_deleted_for_good(server: Server) -> None:
    wordpress = connect(server.url)
    server.answers["/wp-json/wp/v2/posts/12"] = {"id": 12, "status": "trash"}
    wordpress.move(POST, "trash")
    last = server.asked[-1]
    assert last.method == "DELETE"
    assert "force" not in last.path


def test_a_note_needs_the_password_to_be_valid(server: Server) -> None:
    wordpress = connect(server.url)
    other = connect(server.url, password="another one")
    respelled = connect(server.url, password=PASSWORD.replace(" ", ""))
    seals = [one._seal(POST, "REJECT") for one in (wordpress, other, respelled)]
    assert seals[0] == seals[2] != seals[1]


JSON = st.recursive(
    st.sampled_from(["posts", "edit_posts", None, True])
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from("id slug rest_base supports editor notes capabilities status content raw rendered title"
                        " author link modified_gmt public name x edit_posts".split()),
        inner, max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


@given(answer=JSON)
def test_whatever_json_comes_is_read_or_refused(answer: Any) -> None:
    """No answer, however odd, is a fault of ours."""
    wordpress = object.__new__(WordPress)
    wordpress.user, wordpress._names, wordpress._id, wordpress._key = "edith", {}, 7, b"key"
    wordpress._as_comment, wordpress.can = False, {}
    wordpress._call = lambda *args: answer  # type: ignore[method-assign]
    for act in (
        lambda: wordpress.may("edit_posts", wordpress.kind("posts")),
        lambda: wordpress.may("edit_posts", module._kind({"slug": "post", "capabilities": answer})),
        lambda: wordpress.waiting(KIND, ["pending"]),
        lambda: wordpress.read(KIND, 12).document(author=wordpress.author(POST), site="mill.example"),
        lambda: wordpress.note(POST),
        lambda: wordpress.changed(POST),
        wordpress.destinations,
        lambda: wordpress.move(POST, "draft"),
        lambda: wordpress.write_note(POST, "REJECT", None),
    ):
        with contextlib.suppress(SourceError):
            act()


@given(text=st.text(max_size=200))
def test_a_note_is_known_again_whatever_it_says(text: str) -> None:
    wordpress = object.__new__(WordPress)
    wordpress._id, wordpress._key, wordpress._as_comment = 7, b"key", False
    kept: list[dict[str, Any]] = []

    def call(method: str, route: str, params: object, content: dict[str, str] | None = None) -> Any:
        if content is None:
            return kept
        # as WordPress keeps it: entities by number, other spaces
        stored = content["content"].replace("&amp;", "&#038;").replace("\r", "").strip()
        kept[:] = [{"id": 3, "author": 7, "status": "hold", "content": {"raw": stored}}]
        return kept[0]

    wordpress._call = call  # type: ignore[method-assign]
    wordpress.write_note(POST, text, None)
    note = wordpress.note(POST)
    assert note is not None
    assert note.is_valid
    assert wordpress.says(note, POST, text)
    assert not wordpress.says(note, POST, text + " more")


@given(address=st.from_regex(r"[^\n]{0,40}", fullmatch=True))
def test_what_a_page_names_as_its_api_is_an_address_or_nothing(address: str) -> None:
    page = f'<link rel="https://api.w.org/" href="{address}">'.encode("utf-8", "replace")
    found = module._said(httpx.Headers(), page, httpx.URL("https://mill.example/"))
    assert found is None or found.scheme in ("http", "https")
