"""Web addresses: one page, fetched politely and safely.

Politely: robots.txt is asked first, the page once, under our own name, with neither cookies nor a referrer.
Safely: time and size are bounded, and there is no way into private networks. Names are looked up in one place,
`_Network`, which checks every address and connects to the very address it checked, so that a name cannot answer
differently a second time. The HTTP layer above it keeps the name, for the Host header and the certificate.
Proxies of the environment are not used: a proxy would look names up elsewhere, where nothing checks them.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from gzip import GzipFile
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import PurePosixPath
from typing import IO, Any

import httpcore
import httpx
from protego import Protego

from detector import __version__
from detector.document import Document
from detector.errors import SourceError
from detector.patterns import regex
from detector.sources.charset import decode
from detector.sources.files import (
    FOREIGN_ENDINGS,
    FORMS,
    HTML_ENDINGS,
    LIMIT,
    OFFICE_ENDINGS,
    PAGE_ENDINGS,
    SAYS_LITTLE,
    is_binary,
    read_bytes,
)
from detector.sources.reading import DEFAULT, Reading

STEP_SECONDS = 10.0  # to connect, or to wait for the next bytes
TOTAL_SECONDS = 30.0  # for the page with its redirects and its robots.txt, however steadily bytes arrive
DOWNLOAD_SECONDS = 3600.0  # for an archive
MAX_REDIRECTS = 5
ROBOTS_BYTES = 512_000  # RFC 9309 wants so much of a robots.txt read; the rest is passed over
ROBOTS_SECONDS = 3600.0  # how long its rules are kept
PRODUCT = "detector"  # the name that robots.txt can call us by

_HEADERS = [
    ("User-Agent", f"{PRODUCT}/{__version__}"),
    ("Accept", "text/html, application/xhtml+xml, */*;q=0.5"),
    ("Accept-Language", "en, *;q=0.5"),
    ("Accept-Encoding", "gzip"),  # can be unpacked within a limit; what comes packed otherwise is refused
]
_SCHEME = regex(r"https?://", re.IGNORECASE)
_CHARSET = regex(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_LOGIN = "it asks for a login; log in with a browser, save the page and give the file."
_LOGIN_NAME = regex(r"(?:wp-)?(?:log|sign)[-_]?[io]n(?:\.\w{2,5})?|sso|auth|authenticate", re.IGNORECASE)
_PASSWORD_FIELD = regex(rb"<input\b[^<>]{0,500}?\btype\s?=\s?[\"']?password\b", re.IGNORECASE)


def is_web_address(name: str) -> bool:
    """Whether a source is named by a web address, not by a path."""
    return _SCHEME.match(name) is not None


def read_url(url: str, *, reading: Reading = DEFAULT) -> Document:
    """The page at a web address as a Document: `id` is the address as given, `url` where its redirects ended.

    It is read like a file, of the kind that its Content-Type names, then the ending of its address, then its content.
    Takes 30 seconds at most; raises SourceError with what to do. Addresses of this machine and of private networks
    are refused unless `reading.allow_private`.
    """
    page = fetch_page(url, allow_private=reading.allow_private)
    document = read_bytes(page.body, page.ending, url, reading=reading, url=page.url, charset=page.charset)
    turn_away_login(page.body, document)
    return document


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it was sent, not yet read. ending, charset: as in `Page`. url: where its redirects ended."""

    body: bytes
    ending: str
    charset: str | None
    url: str


def fetch_page(url: str, *, allow_private: bool) -> Fetched:
    """What stands at a web address, for those who read it elsewhere or later. Limits and errors as in `read_url`."""
    try:
        asked = address(url)
        with (
            open_pool(allow_private=allow_private) as pool,
            _open(pool, asked, ask_robots=True) as (final, response),
        ):
            page = take_page(asked, final, response)
    except SourceError as error:
        raise SourceError(f"{shown(url)}: {error}") from error
    return Fetched(page.body, page.ending, page.charset, str(final))


def turn_away_login(body: bytes, document: Document) -> None:
    """Raises SourceError when what was fetched, and read as `document`, is a login page and not the page behind it."""
    if _PASSWORD_FIELD.search(body) and len(document.tokens) < 100:
        raise SourceError(f"{shown(document.id)}: {_LOGIN}")


@dataclass(frozen=True, slots=True)
class Page:
    """What an answer holds: the bytes without packing, the file `ending` to read them by, "" to go by the content."""

    body: bytes
    ending: str
    charset: str | None


def take_page(asked: httpx.URL, final: httpx.URL, response: httpcore.Response) -> Page:
    """The page that an answer holds. Raises SourceError when it holds none, if possible before the body is sent.

    asked, final: where redirects began and ended.
    """
    headers = httpx.Headers(response.headers)
    if response.status not in (200, 203, 204):
        raise SourceError(refusal(response.status, headers))
    if final != asked and _names_login(final) and not _names_login(asked):
        raise SourceError(_LOGIN)
    kind, _, parameters = headers.get("content-type", "").partition(";")
    ending = _ending(kind.split(",")[0].strip().lower(), final.path)
    body = _body(response, headers)
    if not body.strip():
        raise SourceError("an empty page; open it in a browser to see what it needs.")
    if ending in HTML_ENDINGS and is_binary(body[:8192]):
        ending = ""  # the header is wrong, the content decides
    charset = _CHARSET.search(parameters)
    return Page(body, ending, charset[1] if charset else None)


def shown(url: str) -> str:
    """An address as messages show it: one line, no password, not endless."""
    clean = re.sub(r"//[^/?#]*@", "//", "".join(c if c.isprintable() else "\ufffd" for c in url))
    return clean if len(clean) <= 200 else clean[:199] + "…"


def address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """A checked address without fragment, host in ASCII, path and query percent-encoded. Raises SourceError."""
    if base is None and not (is_web_address(text) and text.isprintable()):
        raise SourceError("not a web address; write it as https://example.org/page.")
    try:
        url = (base.join(text) if base else httpx.URL(text)).copy_with(fragment=None)
        host = url.host  # what stands for a name in other letters ("xn--") may stand for none
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError("not a web address that can be read; check its spelling.") from error
    if url.scheme not in ("http", "https"):
        raise SourceError(f"{url.scheme[:20]}: addresses are not read, only http: and https:.")
    if not host or not 0 < (443 if url.port is None else url.port) < 65536:
        raise SourceError("the address has no valid host and port; check its spelling.")
    if url.userinfo:
        raise SourceError("a user name or password stands in the address; leave it out, or save the page.")
    return url


def _names_login(url: httpx.URL) -> bool:
    """Whether an address names a login page: login.example.org, /account/signin, /wp-login.php."""
    return any(map(_LOGIN_NAME.fullmatch, [url.host.split(".")[0], *url.path.split("/")]))


# --- the network: who may be reached, and for how long -----------------------------------------------------


class UnreachableError(SourceError):
    """Nobody answers there, or nobody may be asked: the same for a page and for the robots.txt of its site."""


class NoAnswerError(UnreachableError):
    """Nobody answers for now."""


class BrokenAnswerError(SourceError):
    """An answer that breaks off or is none; another try may bring it whole."""


class _Network(httpcore.NetworkBackend):
    """Looks a name up once, checks all its addresses, connects to one of those, and ends when the time is up."""

    def __init__(self, *, allow_private: bool, seconds: float) -> None:
        self._allow_private = allow_private
        self._end = time.monotonic() + seconds

    def left(self, seconds: float | None) -> float:
        """At most `seconds` and what is left of the time for the page. Raises ReadTimeout when nothing is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if seconds is None else min(left, seconds)

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **options: Any
    ) -> httpcore.NetworkStream:
        addresses = _look_up(host, self.left(timeout))
        for address in addresses:
            if not self._allow_private and not _is_public(ip_address(address)):
                raise UnreachableError(
                    f"leads to {address}, on this machine or in a private network; allow that with --allow-private."
                )
        failed: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                tcp = httpcore.SyncBackend().connect_tcp(address, port, self.left(timeout), *args, **options)
                return _Stream(tcp, self.left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class _Stream(httpcore.NetworkStream):
    """A connection whose every step gets the time that is `left`, so that no trickle of bytes goes on for ever."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[float | None], float]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Stream(secure, self._left)


def _look_up(host: str, seconds: float) -> list[str]:
    """The addresses of a name, asked for in a thread of its own: the system's resolver keeps no time limit."""
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answer.set_result(list(dict.fromkeys(str(address[0]) for *_, address in found)))
        except (OSError, ValueError) as error:  # ValueError: a name that cannot be encoded
            problem = f"no host {host[:100]} is known; check the spelling, and your connection ({error})."
            passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            answer.set_exception((NoAnswerError if passing else UnreachableError)(problem))

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout from error


# What Python's own tables do not call private, or not in every version: protocol assignments, 6to4 relays and
# addresses, Teredo, documentation, and a cloud's address of its own services in the public range.
_NOT_PUBLIC = "192.0.0.0/24 192.88.99.0/24 168.63.129.16/32 2001::/23 2002::/16 3fff::/20".split()
_NOT_PUBLIC_NETWORKS = [ip_network(network) for network in _NOT_PUBLIC]
_UNICAST = ip_network("2000::/3")  # all of IPv6 that is given to the internet at large
_NAT64 = ip_network("64:ff9b::/96")  # IPv4 as seen from a network that has none


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the public internet."""
    if address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if not address.is_global or address.is_multicast or any(address in net for net in _NOT_PUBLIC_NETWORKS):
        return False
    return address.version == 4 or address in _UNICAST


def download(url: str, to: IO[bytes], *, limit: int, allow_private: bool = False) -> None:
    """Write what stands at an address to a file, as it comes: for archives of public data, not for pages.

    limit: bytes. Takes an hour at most. Raises SourceError with what to do; `to` then holds a part.
    """
    try:
        with (
            open_pool(allow_private=allow_private, seconds=DOWNLOAD_SECONDS) as pool,
            _open(pool, address(url), ask_robots=False) as (_, response),
        ):
            if response.status != 200:
                raise SourceError(refusal(response.status, httpx.Headers(response.headers)))
            size = 0
            for chunk in response.iter_stream():
                size += len(chunk)
                if size > limit:
                    raise SourceError(f"larger than the limit of {limit // 1_000_000} MB.")
                to.write(chunk)
    except SourceError as error:
        raise SourceError(f"{shown(url)}: {error}") from error


def open_pool(*, allow_private: bool, seconds: float | None = None) -> httpcore.ConnectionPool:
    """Connections into the guarded network that end when the time is up: TOTAL_SECONDS if nothing is said."""
    network = _Network(allow_private=allow_private, seconds=TOTAL_SECONDS if seconds is None else seconds)
    return httpcore.ConnectionPool(ssl_context=_certificates(), network_backend=network)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom certificates are checked against: certifi's authorities, or those of SSL_CERT_FILE. Loading takes 20 ms."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        problem = f"the file or folder that SSL_CERT_FILE or SSL_CERT_DIR names cannot be used ({error})"
        raise SourceError(f"{problem}; correct or unset it.") from error


# --- requests and answers ----------------------------------------------------------------------------------


Opened = AbstractContextManager[tuple[httpx.URL, httpcore.Response]]


def _open(pool: httpcore.ConnectionPool, url: httpx.URL, *, ask_robots: bool) -> Opened:
    """Where all redirects end, and the answer there. Raises SourceError."""

    def ask(url: httpx.URL) -> AbstractContextManager[httpcore.Response]:
        if ask_robots:
            _ask_robots(pool, url)
        return request(pool, url)

    return follow(url, ask)


@contextmanager
def follow(
    url: httpx.URL, ask: Callable[[httpx.URL], AbstractContextManager[httpcore.Response]]
) -> Iterator[tuple[httpx.URL, httpcore.Response]]:
    """Where all redirects end, and the answer there, when every address on the way is asked by `ask`.

    Raises SourceError, of the very kind that `ask` raises.
    """
    seen: list[httpx.URL] = []
    try:
        while True:
            with ask(url) as response:
                target = httpx.Headers(response.headers).get("location")
                if response.status not in (301, 302, 303, 307, 308) or target is None:
                    yield url, response
                    return
            seen.append(url)
            url = address(target, url)
            if url in seen:
                raise SourceError(
                    "redirects in a circle; open it in a browser, save the page and give the file."
                )
            if len(seen) > MAX_REDIRECTS:
                raise SourceError(f"more than {MAX_REDIRECTS} redirects; give the address where they end.")
    except SourceError as error:
        if not seen:
            raise
        raise type(error)(f"redirected to {shown(str(url))}: {error}") from error


@contextmanager
def request(
    pool: httpcore.ConnectionPool, url: httpx.URL, more: Sequence[tuple[str, str]] = ()
) -> Iterator[httpcore.Response]:
    """One GET, with `more` headers. Whatever fails on the way, also while the body is read, is a SourceError."""
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    headers = [("Host", url.netloc.decode()), *_HEADERS, *more]
    seconds = dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)
    try:
        with pool.stream("GET", target, headers=headers, extensions={"timeout": seconds}) as response:
            yield response
    except httpcore.TimeoutException as error:
        problem = f"no answer in time ({STEP_SECONDS:g} s for a step, {TOTAL_SECONDS:g} s in all)"
        raise NoAnswerError(f"{problem}; try again later.") from error
    except httpcore.ConnectError as error:
        cause = error.args[0] if error.args else None
        why = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None) or error
        raise NoAnswerError(f"no connection ({why}); check the address, or try again later.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        problem = f"the answer is broken or breaks off ({str(error)[:120]})"
        raise BrokenAnswerError(f"{problem}; check the address, or try again later.") from error


def _body(response: httpcore.Response, headers: httpx.Headers) -> bytes:
    """The whole body, unpacked. Raises SourceError when it breaks off, or is too large packed or unpacked."""
    packing = headers.get("content-encoding", "").strip().lower()
    if "," in packing or packing in {"br", "zstd", "deflate", "compress"}:
        raise SourceError(
            f"packed as {packing[:20]}, which was not asked for; save the page and give the file."
        )
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > LIMIT:
            break
    if 0 < len(body) <= LIMIT and packing in {"gzip", "x-gzip"}:
        try:
            body = bytearray(GzipFile(fileobj=BytesIO(body)).read(LIMIT + 1))
        except (EOFError, OSError, zlib.error) as error:
            problem = "the answer breaks off or is damaged (gzip); try again later."
            raise BrokenAnswerError(problem) from error
    if len(body) > LIMIT:
        raise SourceError(f"larger than the limit of {LIMIT // 1_000_000} MB; save the part that matters.")
    return bytes(body)


def _ending(kind: str, path: str) -> str:
    """How to read a page: the file ending that its Content-Type stands for, else that of its address, else ""."""
    if kind in FORMS:
        return FORMS[kind]
    ending = PurePosixPath(path).suffix.lower()
    if kind in SAYS_LITTLE or ending in OFFICE_ENDINGS:
        return ending if ending in PAGE_ENDINGS | FOREIGN_ENDINGS else ""
    raise SourceError(f"{shown(kind)} is no page to read; give a web page, text, .docx, .odt or .pdf.")


_RETRY_AFTER = regex(r"(\d{1,7})|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


def refusal(status: int, headers: httpx.Headers) -> str:
    """What a status other than success means for whoever wants the page."""
    when = _RETRY_AFTER.fullmatch(headers.get("retry-after", "").strip())
    again = "later" if when is None else f"after {when[0]}" + (" seconds" if when[1] else "")
    if status in (404, 410):
        return f"no such page (status {status}); check the address."
    if status in (401, 402, 403, 407):
        return (
            f"it asks for a login or turns programs away (status {status}); save the page and give the file."
        )
    if status == 429:
        return f"too many requests (status 429); try again {again}."
    if status >= 500:
        return f"the server has a problem (status {status}); try again {again}."
    return f"no page but status {status}; open the address in a browser, save the page and give the file."


# --- robots.txt --------------------------------------------------------------------------------------------

_robots: dict[str, tuple[float, str]] = {}  # address of a robots.txt: when to ask again, its rules
_AGENT = regex(
    r"^[^\S\n]*user(?:[^\S\n]*|-)agent(?:[^\S\n]*:)?[^\S\n]*([^\s#]+).*", re.IGNORECASE | re.MULTILINE
)


def _ask_robots(pool: httpcore.ConnectionPool, url: httpx.URL) -> None:
    """Raises SourceError when the site's robots.txt asks us not to read `url`, or cannot be read (RFC 9309)."""
    where = robots_address(url)
    until, rules = _robots.get(str(where), (0.0, ""))
    if until < time.monotonic():
        rules = read_robots(_open(pool, where, ask_robots=False))
        if len(_robots) >= 256:
            _robots.clear()
        _robots[str(where)] = (time.monotonic() + ROBOTS_SECONDS, rules)
    obey(Protego.parse(rules), url)


def robots_address(url: httpx.URL) -> httpx.URL:
    """Where the robots.txt of an address's site stands."""
    return url.copy_with(raw_path=b"/robots.txt")


def obey(rules: Protego, url: httpx.URL) -> None:
    """Raises SourceError when the rules ask us not to read `url`.

    They are Protego's and not urllib.robotparser's, which takes the first rule that fits and knows no wildcards.
    """
    if not rules.can_fetch(str(url), PRODUCT):
        raise SourceError("its robots.txt asks programs not to read it; save the page and give the file.")


def read_robots(opened: Opened) -> str:
    """The rules of a site, "" where it has none, from its robots.txt. Raises SourceError when nobody can say."""
    try:
        with opened as (_, response):
            headers = httpx.Headers(response.headers)
            if 400 <= response.status < 500 and response.status != 429:
                return ""
            if response.status not in (200, 203, 204):
                raise SourceError(refusal(response.status, headers))
            text = decode(_body(response, headers)[:ROBOTS_BYTES], "utf-8")
    except UnreachableError:
        raise
    except SourceError as error:
        raise type(error)(f"its robots.txt, which must be read first: {error}") from error
    return _AGENT.sub(_group, "\n".join(text.splitlines()))


def _group(line: re.Match[str]) -> str:
    # other programs are all one to us: thousands of names times thousands of rules would take the parser hours
    name = line[1].partition("/")[0].lower()
    return f"User-agent: {name if name in ('*', PRODUCT) else 'other'}"
