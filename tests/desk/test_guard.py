"""What every request must show at the door, and what every answer carries."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from detector.desk import guard
from detector.desk.config import DeskConfig, host_name, is_loopback, read_tokens
from detector.desk.guard import COOKIE, Guard, Rate
from detector.errors import UsageError

HOST = "127.0.0.1:8765"
TOKEN, OTHER = "0123456789abcdef", "fedcba9876543210"
OPEN = DeskConfig(max_body=1000)
LOCKED = replace(OPEN, tokens={"Ruth": TOKEN, "Sam": OTHER})


async def echo(request: Request) -> JSONResponse:
    if request.url.path == "/fault":
        raise ValueError("a fault")
    return JSONResponse({"who": request.state.who, "bytes": len(await request.body())})


class Client:
    """Calls a guarded application."""

    def __init__(self, config: DeskConfig, headers: dict[str, str]) -> None:
        every = ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]
        guarded = Middleware(Guard, config=config, model=lambda: "tiny 1.2.3")
        self._app = Starlette(routes=[Route("/{path:path}", echo, methods=every)], middleware=[guarded])
        self._headers = headers

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            there = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=there, base_url=f"http://{HOST}", headers=self._headers
            ) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


def client(config: DeskConfig = OPEN, **headers: str) -> Client:
    return Client(config, headers)


# --- the host ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8765", 200),
        ("localhost", 200),
        ("LOCALHOST:99", 200),
        ("[::1]:8765", 200),
        ("desk.example:443", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:8765", 421),
        ("127.0.0.1@evil.example", 400),
        ("evil.example/127.0.0.1", 400),
        ("", 400),
        ("[::1", 400),
        ("localhost:port", 400),
    ],
)
def test_the_desk_answers_only_to_its_names(host: str, status: int) -> None:
    answer = client(replace(OPEN, allow_hosts=("Desk.Example",))).get("/", headers={"Host": host})
    assert answer.status_code == status


def test_whoever_calls_it_otherwise_is_told_what_to_do() -> None:
    error = client().get("/", headers={"Host": "evil.example"}).json()["error"]
    assert (error["kind"], "--allow-host" in error["message"]) == ("wrong_host", True)


@given(st.text(max_size=40))
def test_any_host_is_a_name_or_none(host: str) -> None:
    assert host_name(host) == host_name(host).lower()


# --- other sites -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": f"http://{HOST}"}, 200),
        ({"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),  # another program of this machine
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
@pytest.mark.parametrize("cookie", [{}, {"Cookie": f"{COOKIE}={TOKEN}"}])
def test_a_page_of_another_site_changes_nothing(
    headers: dict[str, str], cookie: dict[str, str], status: int
) -> None:
    desk = client(LOCKED if cookie else OPEN, **cookie)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert desk.request(method, "/v1/submissions/1", headers=headers).status_code == status
    assert desk.get("/v1/submissions/1", headers=headers).status_code == 200


def test_a_plug_in_may_have_texts_checked_but_not_with_a_readers_cookie() -> None:
    extension = {"Origin": "chrome-extension://abc", "Sec-Fetch-Site": "cross-site"}
    assert client().post("/v2/check", headers=extension).status_code == 200
    assert client(LOCKED, Authorization=f"Bearer {TOKEN}").post("/v2/check", headers=extension).is_success
    assert client(LOCKED, Cookie=f"{COOKIE}={TOKEN}").post("/v2/check", headers=extension).status_code == 403


# --- tokens ------------------------------------------------------------------------------------------------


def basic(token: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{token}".encode()).decode()


@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ({"Authorization": f"Bearer {TOKEN}"}, "Ruth"),
        ({"Authorization": f"bearer  {OTHER}"}, "Sam"),
        ({"Authorization": basic(OTHER)}, "Sam"),
        ({"Cookie": f"a=b; {COOKIE}={TOKEN}"}, "Ruth"),
        ({}, None),
        ({"Authorization": "Bearer "}, None),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, None),
        ({"Authorization": f"Bearer {TOKEN}x"}, None),
        ({"Authorization": "Basic é"}, None),
        ({"Authorization": f"Digest {TOKEN}"}, None),
        ({"Cookie": f"{COOKIE}=Ruth"}, None),
    ],
)
def test_a_token_says_who_asks(headers: dict[str, str], who: str | None) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = client(LOCKED).get("/v1/submissions", headers=encoded)
    if who:
        assert answer.json()["who"] == who
    else:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["error"]["kind"] == "unauthorized"


def test_without_a_token_only_the_way_in_is_open() -> None:
    desk = client(LOCKED)
    assert desk.get("/login").status_code == desk.get("/assets/desk.css").status_code == 200
    assert desk.post("/login", json={}).status_code == 200
    answer = desk.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    shared = desk.get("/?open=a%26b&state=all")
    assert shared.headers["Location"] == "/login?to=%3Fopen%3Da%2526b%26state%3Dall"
    for path in (
        "/openapi.json",
        "/v1/health",
        "/v2/check",
        "/assets",
        "/loginx",
        "/login/",
        "/submissions/1/read",
    ):
        assert desk.get(path).status_code == 401, path


def test_who_is_known_only_by_his_token() -> None:
    assert client().get("/", headers={"Authorization": f"Bearer {TOKEN}"}).json()["who"] is None


# --- size --------------------------------------------------------------------------------------------------


async def pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


def test_a_body_may_be_so_large_and_no_larger() -> None:
    assert client().post("/", content=b"x" * 1000).json()["bytes"] == 1000
    for content in (b"x" * 1001, pieces(1100)):
        answer = client().post("/", content=content)
        assert (answer.status_code, "limit of 0.001 MB" in answer.text) == (413, True)
    assert client().post("/", content=pieces(1000)).json()["bytes"] == 1000


@pytest.mark.parametrize("length", ["-1", "1e3", "１", "a"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    answer = client().post("/", headers={"Content-Length": length.encode()}, content=b"x")
    assert answer.status_code == 400


# --- how often ---------------------------------------------------------------------------------------------


def test_a_client_may_ask_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(guard.time, "monotonic", lambda: now)
    desk = client(replace(LOCKED, rate=3), Authorization=f"Bearer {TOKEN}")
    assert [desk.post("/v1/score").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = desk.post("/v1/score")
    assert refused.headers["Retry-After"] == "20"
    assert "try again in 20 s" in refused.json()["error"]["message"]
    assert desk.get("/v1/submissions").status_code == 200  # looking is free
    other = {"Authorization": f"Bearer {OTHER}"}
    assert desk.post("/v1/submissions", headers=other).status_code == 200
    now += 20
    assert [desk.post("/v2/check").status_code for _ in range(2)] == [200, 429]


def test_clients_of_languagetool_are_refused_in_its_way() -> None:
    refused = Client(LOCKED, {}).request("POST", "/v2/check")
    assert refused.status_code == 401
    assert refused.headers["Content-Type"].startswith("text/plain")
    assert refused.text.startswith("Error: ")


def test_who_may_ask_how_often_unasked() -> None:
    assert DeskConfig().requests_a_minute == 0
    assert LOCKED.requests_a_minute == 120
    assert replace(LOCKED, rate=0).requests_a_minute == 0
    assert replace(OPEN, rate=7).requests_a_minute == 7


def test_counting_strangers_takes_no_more_memory_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "CLIENTS", 10)
    rate = Rate(5)
    for n in range(1000):
        rate.count(str(n))
    assert len(rate._left) <= 10


# --- answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/fault"])
def test_every_answer_is_dressed(path: str) -> None:
    headers = client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Model"] == "tiny 1.2.3"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_refusal_is_dressed_too() -> None:
    assert "Content-Security-Policy" in client().get("/", headers={"Host": "evil.example"}).headers


def test_a_fault_is_answered_and_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    answer = client().get("/fault")
    assert (answer.status_code, answer.json()["error"]["kind"]) == (500, "internal")
    assert "GET /fault" in caplog.text


# --- settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example", "10.0.0.1"])
def test_an_open_desk_listens_to_this_machine_only(host: str) -> None:
    with pytest.raises(UsageError, match="--token-file"):
        DeskConfig(host=host)
    assert not is_loopback(host)
    assert DeskConfig(host=host, tokens={"Ruth": TOKEN}).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_loopback_needs_no_token(host: str) -> None:
    assert host in DeskConfig(host=host).hosts


def test_listening_everywhere_is_no_name() -> None:
    assert DeskConfig(host="0.0.0.0", tokens={"Ruth": TOKEN}).hosts == {"localhost", "127.0.0.1", "::1"}


def test_tokens_are_in_no_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert TOKEN not in repr(LOCKED)


def test_a_file_of_tokens(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"# who\n\nRuth  {TOKEN}\nSam the Second {OTHER}\n")
    assert read_tokens(path) == {"Ruth": TOKEN, "Sam the Second": OTHER}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("Ruth short", ":1: a token has at least 16"),
        (f"{TOKEN}", ":1: write a name"),
        (f"Ruth {TOKEN}\nRuth {OTHER}", ":2: that name or token stands there already"),
        (f"Ruth {TOKEN}\nSam {TOKEN}", ":2: that name or token stands there already"),
        ("# nobody", "holds no token"),
        ("Ruth 0123456789abcdeé", "plain ASCII"),
    ],
)
def test_a_bad_file_of_tokens_says_where(tmp_path: Path, lines: str, says: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(lines, "utf-8")
    with pytest.raises(UsageError) as caught:
        read_tokens(path)
    assert says in str(caught.value)
    with pytest.raises(UsageError, match="cannot be read"):
        read_tokens(tmp_path / "nowhere")
