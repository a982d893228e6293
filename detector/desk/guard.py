"""The door: what every request must show before anything else sees it, and what every answer carries.

Pure ASGI, so that a body is counted as it streams in and no answer is held back.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from detector.desk.config import DeskConfig, host_name

COOKIE = "detector_desk"
OPEN = frozenset({"/login"})  # and /assets/: what somebody without a token may see
SCORING = frozenset({"/v1/score", "/v1/score/file", "/v1/batch", "/v1/submissions", "/v1/submissions/files"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CLIENTS = 10_000  # that are counted at once
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # what people have written stays out of caches; who knows better says so
}
KINDS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "media_type",
    421: "wrong_host",
    422: "invalid",
    429: "too_many",
    500: "internal",
    503: "busy",
}
_log = logging.getLogger("detector.desk")


class Guard:
    """Wraps the desk's application."""

    def __init__(self, app: ASGIApp, config: DeskConfig, model: Callable[[], str]) -> None:
        """model: name and version of the model, "" before it is loaded."""
        self._app = app
        self._config = config
        self._model = model
        self._rate = Rate(config.requests_a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what goes wrong in it ends here, with an answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        begun = False
        left = self._config.max_body

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise self._too_large()
            return message

        async def dressed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if model := self._model():
                    headers["X-Model"] = model.encode("ascii", "replace").decode()
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, counted, dressed)
        except ClientDisconnect:
            return
        except HTTPException as error:
            if not begun:
                await _refuse(error, dressed, scope["path"])
        except Exception as error:
            if begun:
                raise  # half an answer must not look like a whole one
            _log.exception("a fault of detector itself (%s %s)", scope["method"], scope["path"])
            fault = HTTPException(500, f"a fault of detector itself ({type(error).__name__}).")
            await _refuse(fault, dressed, scope["path"])

    def _check(self, scope: Scope) -> None:
        """Raises HTTPException for a request that may not come in; else notes in its state who asks."""
        headers = Headers(scope=scope)
        self._check_host(headers)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()):
            raise HTTPException(400, "the Content-Length header is no number.")
        if int(length) > self._config.max_body:
            raise self._too_large()
        path, method = scope["path"], scope["method"]
        shown, from_cookie = _token(headers)
        # plug-ins of editors have an origin of their own, and what they ask changes nothing
        stateless = path.startswith("/v2/") and not from_cookie
        if method not in SAFE and not stateless:
            _check_origin(headers)
        who = name_of(self._config.tokens, shown)
        if self._config.tokens and who is None and not (path in OPEN or path.startswith("/assets/")):
            if path == "/" and method in SAFE:
                asked = scope["query_string"].decode("latin-1")  # what the page should show afterwards
                query = "?" + urlencode({"to": f"?{asked}"}) if asked else ""
                raise HTTPException(303, "log in first", {"Location": f"/login{query}"})
            challenge = {"WWW-Authenticate": 'Bearer realm="detector desk"'}
            raise HTTPException(
                401, "a token is needed: log in, or send it as `Authorization: Bearer`.", challenge
            )
        if path == "/v2/check" or (method == "POST" and path in SCORING):
            self._rate.count(who or (scope.get("client") or ("",))[0])
        scope.setdefault("state", {})["who"] = who

    def _check_host(self, headers: Headers) -> None:
        """Whoever rebinds a name of his own to this machine calls the desk by that name."""
        given = headers.getlist("host")
        name = host_name(given[0]) if len(given) == 1 else ""
        if not name:
            raise HTTPException(400, "the Host header names no host.")
        if name not in self._config.hosts:
            raise HTTPException(
                421, f"the desk is not called {name[:100]}; start it with --allow-host to call it so."
            )

    def _too_large(self) -> HTTPException:
        size = self._config.max_body / 1_000_000
        return HTTPException(413, f"larger than the limit of {size:g} MB; send less at once.")


class Rate:
    """How much each client may still ask: a bucket that is full after a minute's pause."""

    def __init__(self, a_minute: int) -> None:
        self._a_minute = a_minute
        self._left: dict[str, tuple[float, float]] = {}  # client: requests left, when that was

    def count(self, client: str) -> None:
        """One more request. Raises HTTPException 429 that says when to try again."""
        if not self._a_minute:
            return
        now = time.monotonic()
        if client not in self._left and len(self._left) >= CLIENTS:
            self._left = {name: row for name, row in self._left.items() if now - row[1] < 60}
            if len(self._left) >= CLIENTS:
                self._left.clear()
        left, since = self._left.get(client, (float(self._a_minute), now))
        left = min(self._a_minute, left + (now - since) * self._a_minute / 60)
        self._left[client] = (max(0.0, left - 1), now) if left >= 1 else (left, now)
        if left < 1:
            wait = math.ceil((1 - left) * 60 / self._a_minute)
            message = f"more than {self._a_minute} requests in a minute; try again in {wait} s."
            raise HTTPException(429, message, {"Retry-After": str(wait)})


def name_of(tokens: Mapping[str, str], shown: str) -> str | None:
    """Whose token it is, None for nobody's. All are compared, so that the time it takes tells nothing."""
    given = shown.encode("utf-8", "replace")
    names = [name for name, token in tokens.items() if hmac.compare_digest(token.encode(), given)]
    return names[0] if names else None


def _token(headers: Headers) -> tuple[str, bool]:
    """The token that a request shows, "" for none, and whether it comes from the cookie."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip(), False
    if scheme.lower() == "basic":  # what a client sends that was given http://name:token@host
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2], False
        except ValueError:
            return "", False
    cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    return cookie, bool(cookie)


def _check_origin(headers: Headers) -> None:
    """A page of another site may not change anything here, whatever cookies its reader has."""
    host = headers["host"].strip().lower()
    site = headers.get("sec-fetch-site", "same-origin")
    origins = {urlsplit(origin).netloc.lower() for origin in headers.getlist("origin")}
    if site not in ("same-origin", "none") or origins - {host}:
        raise HTTPException(403, "the request comes from a page of another site.")


def error_body(status: int, message: str, kind: str | None = None) -> dict[str, Mapping[str, str]]:
    """The JSON of every error."""
    return {"error": {"kind": kind or KINDS.get(status, "error"), "message": message}}


async def _refuse(error: HTTPException, send: Send, path: str) -> None:
    if path.startswith("/v2/"):  # LanguageTool answers in plain text, and its clients show nothing else
        kind, body = "text/plain; charset=utf-8", f"Error: {error.detail}".encode()
    else:
        kind = "application/json"
        body = json.dumps(error_body(error.status_code, str(error.detail))).encode()
    headers = {"content-type": kind, "content-length": str(len(body)), **(error.headers or {})}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": error.status_code, "headers": raw})
    await send({"type": "http.response.body", "body": body})
