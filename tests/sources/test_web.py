"""Web addresses, against real servers on loopback and resolvers that play tricks."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Self
from unittest import mock

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Document
from detector.errors import SourceError
from detector.sources import web
from detector.sources.reading import Reading
from detector.sources.web import Fetched, fetch_page, is_web_address, read_url

HERE = Reading(allow_private=True)
PUBLIC = "93.184.216.34"
PUBLIC_6 = "2606:4700::1111"
WORDS = "The lock keeper at Brindle Mill counts eels on a naïve Sunday and writes their number on a slate. "
PAGE = f"<!doctype html><title>Eels</title><h1>Eels</h1><p>{WORDS * 3}</p>"
Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]


class Site:
    """A web server on loopback: what it answers, and what it was asked."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[tuple[str, Headers]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                status, headers, body = site.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *args: None  # type: ignore[method-assign]  # a reader may hang up
        self.scheme = "http"
        if context:
            self.scheme = "https"
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self.server.server_address[1]

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def url(self, path: str = "/page", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def page(self, path: str = "/page", body: bytes | str = PAGE, status: int = 200, **headers: str) -> str:
        """Puts a page there; header names are written with "_". Returns its address."""
        data = body.encode() if isinstance(body, str) else body
        named = {"Content-Type": "text/html"} | {k.replace("_", "-"): v for k, v in headers.items()}
        self.pages[path] = (status, named, data)
        return self.url(path)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture(autouse=True)
def _fresh() -> None:
    web._robots.clear()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little patience: 0.2 s a step, 0.5 s in all."""
    monkeypatch.setattr(web, "STEP_SECONDS", 0.2)
    monkeypatch.setattr(web, "TOTAL_SECONDS", 0.5)


class Resolver:
    """A resolver that says what the test wants. Public addresses lead to loopback instead of the internet."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[list[str]]] = {}  # the answers in turn; the last one stays
        self.looked_up: list[str] = []
        self.connected: list[str] = []
        look_up, connect = socket.getaddrinfo, socket.create_connection

        def getaddrinfo(host: str, port: int | None, *args: int, **options: int) -> list[object]:
            if host not in self.names:
                return list(look_up(host, port, *args, **options))
            self.looked_up.append(host)
            answers = self.names[host]
            found = answers.pop(0) if len(answers) > 1 else answers[0]
            return [entry for address in found for entry in look_up(address, port, *args, **options)]

        def create_connection(address: tuple[str, int], *args: object, **options: object) -> socket.socket:
            self.connected.append(address[0])
            there = "127.0.0.1" if address[0] in (PUBLIC, PUBLIC_6) else address[0]
            return connect((there, address[1]), *args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr(socket, "create_connection", create_connection)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    return Resolver(monkeypatch)


@pytest.fixture
def raw() -> Iterator[Callable[[Iterable[bytes]], str]]:
    """A server that answers any page with these very bytes, piece by piece, and robots.txt with 404."""
    with ExitStack() as stack:

        def serve(pieces: Iterable[bytes]) -> str:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            done = threading.Event()

            def answer(connection: socket.socket) -> None:
                with connection:
                    try:
                        robots = connection.recv(65536).startswith(b"GET /robots.txt")
                        for piece in [b"HTTP/1.1 404 None\r\n\r\n"] if robots else pieces:
                            connection.sendall(piece)
                            if done.is_set():
                                return
                    except OSError:  # the reader has had enough
                        return

            def accept() -> None:
                workers = []
                while not done.is_set():
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        break
                    workers.append(threading.Thread(target=answer, args=(connection,)))
                    workers[-1].start()
                for worker in workers:
                    worker.join()

            thread = threading.Thread(target=accept)
            thread.start()

            def stop() -> None:
                done.set()
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()

            stack.callback(stop)
            return f"http://127.0.0.1:{listener.getsockname()[1]}/page"

        yield serve


def slowly(pieces: Iterable[bytes], seconds: float = 0.05) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        time.sleep(seconds)


def problem(url: str, reading: Reading = HERE) -> str:
    """What a user is told: one line that begins with the address and ends with a full stop."""
    with pytest.raises(SourceError) as caught:
        read_url(url, reading=reading)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith(web.shown(url))
    assert message.endswith(".")
    return message


# --- pages -------------------------------------------------------------------------------------------------


def test_a_page_is_read_like_a_file_and_knows_its_address(site: Site) -> None:
    url = site.page("/eels?x=1") + "#bridge"
    document = read_url(url, reading=HERE)
    assert document == Document.from_html(PAGE, url=site.url("/eels?x=1"), id=url)
    assert (document.id, document.url, document.title) == (url, site.url("/eels?x=1"), "Eels")


def test_a_page_can_be_fetched_now_and_read_later(site: Site) -> None:
    site.page("/b.md", WORDS, Content_Type="text/plain; charset=latin-1")
    url = site.page("/a", "", 301, Location="/b.md#part")
    found = fetch_page(url, allow_private=True)
    assert found == Fetched(WORDS.encode(), ".md", "latin-1", site.url("/b.md"))
    with pytest.raises(SourceError, match="--allow-private"):
        fetch_page(url, allow_private=False)


@pytest.mark.parametrize(
    ("path", "kind", "source"),
    [
        ("/a", "text/html; charset=utf-8", "html"),
        ("/a.txt", "TEXT/HTML", "html"),
        ("/a", "application/xhtml+xml", "html"),
        ("/a", "text/markdown", "markdown"),
        ("/a", "text/plain", "text"),
        ("/a.md", "text/plain; charset=utf-8", "markdown"),
        ("/a.MD?raw=1", "application/octet-stream", "markdown"),
        ("/a.txt", "", "text"),
        ("/a", "text/html, text/html", "html"),
    ],
)
def test_content_type_then_the_address_say_how_a_page_is_read(
    site: Site, path: str, kind: str, source: str
) -> None:
    body = PAGE if source == "html" else f"Eels\n\n{WORDS}\n"
    document = read_url(site.page(path, body, Content_Type=kind), reading=HERE)
    assert document.source == source
    assert "naïve" in document.text


@pytest.mark.parametrize("kind", ["", "text/plain"])
def test_where_nothing_says_the_kind_the_content_does(site: Site, kind: str) -> None:
    assert read_url(site.page("/a", Content_Type=kind), reading=HERE).source == "html"


@pytest.mark.parametrize(
    ("path", "kind", "ending"),
    [
        ("/a", "application/pdf", ".pdf"),
        ("/a.pdf", "application/octet-stream", ".pdf"),
        ("/a.docx", "application/zip", ".docx"),
        ("/a", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
        ("/a?b=.txt", "application/vnd.oasis.opendocument.text", ".odt"),
        ("/a.doc", "application/octet-stream", ".doc"),
    ],
)
def test_documents_are_told_by_type_or_ending(
    site: Site, monkeypatch: pytest.MonkeyPatch, path: str, kind: str, ending: str
) -> None:
    read = mock.Mock(return_value=Document.from_text(WORDS))
    monkeypatch.setattr(web, "read_bytes", read)
    url = site.page(path, "x", Content_Type=kind)
    read_url(url, reading=HERE)
    read.assert_called_once_with(b"x", ending, url, reading=HERE, url=url, charset=None)


@pytest.mark.parametrize(
    ("encoding", "kind"),
    [
        ("latin-1", "text/html; charset=ISO-8859-1"),
        ("utf-8", 'text/html; foo=bar; Charset="utf-8"'),
        ("cp1252", "text/html; charset=utf-8"),  # the header is wrong
        ("utf-8", "text/html; charset=klingon"),
        ("utf-16", "text/html"),
    ],
)
def test_the_charset_of_the_header_counts_unless_it_is_wrong(site: Site, encoding: str, kind: str) -> None:
    assert "naïve" in read_url(site.page("/a", PAGE.encode(encoding), Content_Type=kind), reading=HERE).text


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("image/png", b"\x89PNG\r\n", "image/png is no page"),
        ("video/mp4", b"\0\0", "video/mp4 is no page"),
        ("application/zip", b"PK\x03\x04", "application/zip is no page"),
        ("application/json", b"{}", "application/json is no page"),
        ("application/octet-stream", bytes(range(256)) * 9, "binary content"),
        ("text/html", bytes(range(256)) * 9, "binary content"),
        ("text/html", b"", "an empty page"),
        ("text/html", b" \r\n\t", "an empty page"),
    ],
)
def test_what_is_no_page_says_so(site: Site, kind: str, body: bytes, says: str) -> None:
    assert says in problem(site.page("/a", body, Content_Type=kind))


@pytest.mark.parametrize(
    ("status", "headers", "says"),
    [
        (404, {}, "no such page (status 404); check the address"),
        (410, {}, "no such page (status 410)"),
        (401, {}, "asks for a login"),
        (403, {}, "save the page and give the file"),
        (429, {"Retry-After": "120"}, "too many requests (status 429); try again after 120 seconds."),
        (429, {"Retry-After": "soon"}, "try again later."),
        (
            503,
            {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"},
            "again after Wed, 21 Oct 2015 07:28:00 GMT.",
        ),
        (500, {}, "the server has a problem (status 500); try again later."),
        (418, {}, "status 418"),
        (206, {}, "status 206"),
        (302, {}, "status 302"),  # without saying where to
        (204, {}, "an empty page"),
    ],
)
def test_every_status_says_what_to_do(site: Site, status: int, headers: Headers, says: str) -> None:
    site.pages["/a"] = (status, headers, b"")
    assert says in problem(site.url("/a"))


def test_a_login_form_is_not_taken_for_the_page(site: Site) -> None:
    form = "<form><p>Members only</p><input name=u><input name=p type='password'></form>"
    assert "asks for a login" in problem(site.page("/members", form))
    assert read_url(site.page("/article", PAGE + f"<p>{WORDS * 5}</p>{form}"), reading=HERE).title == "Eels"


@pytest.mark.parametrize("path", ["/login", "/account/Sign-In?next=/page", "/wp-login.php", "/sso/start"])
def test_a_redirect_to_a_login_page_is_told(site: Site, path: str) -> None:
    site.page(path, PAGE)
    assert "asks for a login" in problem(site.page("/members", "", 302, Location=path))
    assert read_url(site.url(path), reading=HERE).title == "Eels"  # asked for, it is a page like others


def test_a_page_that_sends_readers_on_by_itself_is_read_as_it_is(site: Site) -> None:
    site.page("/other", "<p>elsewhere</p>")
    url = site.page("/a", PAGE + "<meta http-equiv=refresh content='0; url=/other'>", Refresh="0; url=/other")
    assert "eels" in read_url(url, reading=HERE).text
    assert site.paths() == ["/robots.txt", "/a"]


def test_we_say_who_we_are_and_nothing_else(site: Site) -> None:
    site.page("/b")
    read_url(site.page("/a", "", 302, Location="/b", Set_Cookie="id=7; Path=/"), reading=HERE)
    assert site.paths() == ["/robots.txt", "/a", "/b"]
    for _, headers in site.asked:
        assert headers.pop("Connection", "keep-alive") == "keep-alive"
        assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding"}
        assert headers["User-Agent"].startswith("detector/")


# --- addresses ---------------------------------------------------------------------------------------------


def test_an_address_is_told_from_a_path() -> None:
    assert is_web_address("http://a.org")
    assert is_web_address("HTTPS://a.org/b")
    for path in ("a.html", "http.txt", "http:", "folder/http://x", "ftp://a.org/", "-", ""):
        assert not is_web_address(path)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://a.org/", "not a web address"),
        ("file:///etc/passwd", "not a web address"),
        ("a.org", "not a web address"),
        (" http://a.org/", "not a web address"),
        ("http://", "no valid host"),
        ("http:///path", "no valid host"),
        ("http://a.org:0/", "no valid host and port"),
        ("http://a.org:70000/", "no valid host and port"),
        ("http://a.org:x/", "check its spelling"),
        ("http://[::1/", "check its spelling"),
        ("http://1.2.3.999/", "check its spelling"),
        ("http://ä" + "b" * 70 + ".org/", "check its spelling"),
        ("http://a.org/\r\nX: y", "not a web address"),
        ("http://a.org/\u2028", "not a web address"),
        ("http://a.org/" + "x" * 70_000, "check its spelling"),
    ],
)
def test_an_address_that_is_none_says_so(url: str, says: str) -> None:
    assert says in problem(url)


def test_a_password_in_the_address_is_refused_and_never_shown() -> None:
    for url in ("http://ruth:s3cret@127.0.0.1/", "http://ruth:s3c@ret@127.0.0.1/", "ftp://ruth:s3cret@a.org"):
        assert "s3c" not in problem(url)
    assert "user name or password" in problem("http://ruth@127.0.0.1/")


@given(st.text(max_size=40))
def test_any_address_is_answered(text: str) -> None:
    with mock.patch.object(socket, "getaddrinfo", side_effect=socket.gaierror("offline")):
        problem("http://" + text)


def test_an_international_name_and_path_are_written_as_the_web_does(site: Site, resolver: Resolver) -> None:
    resolver.names["xn--bcher-kva.test"] = [["127.0.0.1"]]
    site.page("/%C3%A4%20b?q=%C3%B6")
    url = site.url("/ä b?q=ö", host="Bücher.test")
    document = read_url(url, reading=HERE)
    assert document.id == url
    assert document.url == site.url("/%C3%A4%20b?q=%C3%B6", host="xn--bcher-kva.test")
    assert site.asked[1][1]["Host"] == f"xn--bcher-kva.test:{site.port}"


def test_an_unknown_host_says_so(resolver: Resolver) -> None:
    resolver.names["heron.test"] = [[]]
    assert "no connection" in problem("http://heron.test/")
    with mock.patch.object(socket, "getaddrinfo", side_effect=socket.gaierror(-2, "Name not known")):
        assert "no host heron.test is known; check the spelling" in problem("http://heron.test/")
    assert "no host" in problem(f"http://{'a' * 70}.test/")


def test_nobody_listening_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "no connection (Connection refused); check the address" in problem(f"http://127.0.0.1:{port}/")


# --- no way into private networks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.192", "168.63.129.16", "198.18.0.1",
        "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[fec0::1]", "[2001:db8::1]",
        "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2002:808:808::1]", "[2001:0:1::1]", "[100::1]",
        "localhost", "LocalHost.", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "0177.0.0.1", "127.1", "0",
    ],
)  # fmt: skip
def test_no_private_address_is_read_however_it_is_spelled(host: str) -> None:
    says = "--allow-private"
    try:
        socket.getaddrinfo(host.strip("[]"), None)
    except OSError:  # a spelling that this system's resolver does not know
        says = "no host"
    if host == "0177.0.0.1":  # refused before anybody is asked: zeros in front mean different things
        says = "check its spelling"
    assert says in problem(f"http://{host}:1/", Reading())


@pytest.mark.parametrize(
    "address", ["8.8.8.8", PUBLIC, "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert web._is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_no_private_address_hides_in_another(inner: IPv4Address) -> None:
    number = int(inner)
    assert not web._is_public(IPv6Address(0xFFFF << 32 | number))
    assert not web._is_public(IPv6Address(number))
    assert not web._is_public(IPv6Address(0x2002 << 112 | number << 80))
    assert web._is_public(IPv6Address(0x64FF9B << 96 | number)) == web._is_public(inner)


@pytest.mark.parametrize("answer", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], [PUBLIC, "::1"]])
def test_a_name_with_any_private_address_is_refused(
    site: Site, resolver: Resolver, answer: list[str]
) -> None:
    resolver.names["heron.test"] = [answer]
    site.page()
    assert f"leads to {answer[-1]}, on this machine" in problem(site.url(host="heron.test"), Reading())
    assert site.asked == []
    assert resolver.connected == []


def test_the_address_that_was_checked_is_the_one_that_is_read(site: Site, resolver: Resolver) -> None:
    resolver.names["heron.test"] = [[PUBLIC]]
    site.page()
    url = site.url(host="heron.test")
    assert read_url(url).url == url
    assert set(resolver.connected) == {PUBLIC}  # never a name, which would be looked up again
    assert len(resolver.looked_up) == len(resolver.connected)
    assert {headers["Host"] for _, headers in site.asked} == {f"heron.test:{site.port}"}


def test_an_address_of_the_new_kind_is_read(site: Site, resolver: Resolver) -> None:
    site.page()
    assert read_url(site.url(host=f"[{PUBLIC_6}]")).title == "Eels"
    assert {headers["Host"] for _, headers in site.asked} == {f"[{PUBLIC_6}]:{site.port}"}


def test_a_name_that_changes_its_address_is_refused(site: Site, resolver: Resolver) -> None:
    resolver.names["heron.test"] = [[PUBLIC], ["127.0.0.1"]]
    site.page()
    assert "--allow-private" in problem(site.url(host="heron.test"), Reading())
    assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/secret", "//localhost:{port}/secret"])
def test_a_redirect_into_a_private_network_is_refused(site: Site, resolver: Resolver, target: str) -> None:
    resolver.names["heron.test"] = [[PUBLIC]]
    site.page("/secret")
    site.page("/page", "", 302, Location=target.format(port=site.port))
    message = problem(site.url(host="heron.test"), Reading())
    assert "redirected to http://" in message
    assert "--allow-private" in message
    assert "/secret" not in site.paths()


def test_robots_txt_leads_no_way_into_a_private_network(site: Site, resolver: Resolver) -> None:
    resolver.names["heron.test"] = [[PUBLIC]]
    site.page("/robots.txt", "", 302, Location=site.url("/secret"))
    assert "--allow-private" in problem(site.url(host="heron.test"), Reading())
    assert site.paths() == ["/robots.txt"]


def test_a_dead_address_of_a_name_does_no_harm(site: Site, resolver: Resolver) -> None:
    resolver.names["heron.test"] = [["127.0.0.2", "127.0.0.1"]]
    site.page()
    assert read_url(site.url(host="heron.test"), reading=HERE).title == "Eels"


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert read_url(site.page(), reading=HERE).title == "Eels"


# --- certificates ------------------------------------------------------------------------------------------


@pytest.fixture
def secure(
    monkeypatch: pytest.MonkeyPatch, resolver: Resolver, tmp_path: Path
) -> Iterator[tuple[Site, list[str | None]]]:
    """A site at https://heron.test, and the names that readers asked it for before they trusted it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("heron.test").configure_cert(context)
    web._certificates.cache_clear()
    names: list[str | None] = []
    context.sni_callback = lambda sock, name, context: names.append(name)
    resolver.names["heron.test"] = resolver.names["other.test"] = [[PUBLIC]]
    with Site(context) as site:
        yield site, names
    web._certificates.cache_clear()


def test_the_certificate_is_checked_for_the_name(secure: tuple[Site, list[str | None]]) -> None:
    site, names = secure
    site.page()
    assert read_url(site.url(host="heron.test")).title == "Eels"
    assert set(names) == {"heron.test"}
    assert "certificate is not valid for 'other.test'" in problem(site.url(host="other.test"), Reading())
    assert site.paths() == ["/robots.txt", "/page"]


def test_an_unknown_authority_is_not_trusted(
    secure: tuple[Site, list[str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    web._certificates.cache_clear()
    assert "no connection (unable to get local issuer certificate)" in problem(
        secure[0].url(host="heron.test"), Reading()
    )


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bad_file_of_authorities_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    if content:
        (tmp_path / "authority.pem").write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    web._certificates.cache_clear()
    assert "SSL_CERT_FILE" in problem("https://heron.test/")


def test_a_redirect_may_change_between_http_and_https(
    site: Site, secure: tuple[Site, list[str | None]]
) -> None:
    there = secure[0]
    there.page("/b", "", 301, Location=site.page("/c"))
    url = site.page("/a", "", 301, Location=there.url("/b", host="heron.test"))
    assert read_url(url, reading=HERE).url == site.url("/c")
    assert there.paths() == ["/robots.txt", "/b"]


def test_https_where_nobody_speaks_it_says_so(site: Site) -> None:
    assert "no connection (" in problem(site.url().replace("http:", "https:"))


# --- redirects ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_both_addresses_kept(site: Site, status: int) -> None:
    site.page("/dir/c")
    site.page("/dir/b", "", status, Location="c#part")
    url = site.page("/a", "", status, Location="/dir/b")
    document = read_url(url, reading=HERE)
    assert (document.id, document.url) == (url, site.url("/dir/c"))


def test_redirects_come_to_an_end(site: Site) -> None:
    site.page("/a", "", 302, Location="/b")
    site.page("/b", "", 302, Location="/a#x")
    assert "redirects in a circle" in problem(site.url("/a"))
    for k in range(9):
        site.page(f"/{k}", "", 302, Location=f"/{k + 1}")
    assert "more than 5 redirects" in problem(site.url("/0"))
    site.page("/9")
    assert read_url(site.url("/4"), reading=HERE).title == "Eels"
    assert "/6" in site.paths()


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("file:///etc/passwd", "file: addresses are not read"),
        ("javascript:alert(1)", "javascript: addresses are not read"),
        ("http://ruth:s3cret@127.0.0.1/", "user name or password"),
        ("http://[::1/", "check its spelling"),
    ],
)
def test_a_redirect_to_what_is_no_page_is_refused(site: Site, target: str, says: str) -> None:
    message = problem(site.page("/a", "", 302, Location=target))
    assert says in message
    assert "s3cret" not in message


def test_what_is_wrong_at_the_end_of_a_redirect_says_where_that_is(site: Site) -> None:
    url = site.page("/a", "", 302, Location="/gone")
    assert f"{url}: redirected to {site.url('/gone')}: no such page (status 404)" in problem(url)


# --- time and size -----------------------------------------------------------------------------------------

START = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "pieces",
    [
        slowly([b""], 0.6),
        slowly([START + b"\r\n<p>", b""], 0.3),
        slowly([START + b"\r\n<p>", *repeat(b"x", 40)]),
        slowly([b"HTTP/1.1 200 OK\r\nX: ", *repeat(b"x", 40)]),
        slowly(repeat(b"HTTP/1.1 100 Continue\r\n\r\n", 40)),
    ],
    ids=["silent", "silent after a start", "a trickle", "a trickle of headers", "promises"],
)
def test_a_slow_server_comes_to_an_end(
    raw: Callable[[Iterable[bytes]], str], pieces: Iterable[bytes]
) -> None:
    assert "no answer in time" in problem(raw(pieces))


@pytest.mark.usefixtures("short")
def test_a_slow_robots_txt_takes_the_time_of_the_page(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes the call and never speaks
        assert "no answer in time" in problem(f"http://127.0.0.1:{listener.getsockname()[1]}/page")
        assert "no answer in time" in problem(f"https://127.0.0.1:{listener.getsockname()[1]}/page")


@pytest.mark.usefixtures("short")
def test_a_slow_resolver_comes_to_an_end() -> None:
    slow = threading.Event()
    with mock.patch.object(socket, "getaddrinfo", side_effect=lambda *args, **options: slow.wait(5) and []):
        assert "no answer in time" in problem("http://heron.test/")
        slow.set()


def test_the_size_is_limited_as_sent_and_as_unpacked(
    site: Site, raw: Callable[[Iterable[bytes]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(bytes(3 * web.LIMIT))
    site.page("/bomb", bomb, Content_Encoding="gzip")
    assert "larger than the limit of 20 MB" in problem(site.url("/bomb"))
    monkeypatch.setattr(web, "LIMIT", 1_000_000)
    tracemalloc.start()
    assert "larger than the limit of 1 MB" in problem(site.url("/bomb"))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000  # not unpacked first and measured then
    tracemalloc.stop()
    assert "larger than the limit of 1 MB" in problem(raw(chain([START, b"\r\n"], repeat(b"x" * 65536))))
    nothing = gzip.compress(b"") * 3000  # endless, and never a byte when unpacked
    endless = raw(chain([START + b"Content-Encoding: gzip\r\n\r\n"], repeat(nothing)))
    assert "larger than the limit of 1 MB" in problem(endless)


@pytest.mark.parametrize("packing", ["br", "zstd", "deflate", "gzip, gzip"])
def test_what_cannot_be_unpacked_within_a_limit_is_refused(site: Site, packing: str) -> None:
    message = problem(site.page("/a", b"\0" * 99, Content_Encoding=packing))
    assert f"packed as {packing}, which was not asked for" in message


@pytest.mark.parametrize("packing", ["gzip", "x-gzip", "GZIP"])
def test_a_packed_page_is_unpacked(site: Site, packing: str) -> None:
    parts = gzip.compress(PAGE[:99].encode()) + gzip.compress(PAGE[99:].encode()) + bytes(8)
    assert "eels" in read_url(site.page("/a", parts, Content_Encoding=packing), reading=HERE).text
    assert "an empty page" in problem(site.page("/a", gzip.compress(b""), Content_Encoding=packing))


PACKED = gzip.compress(PAGE.encode())


@pytest.mark.parametrize(
    "answer",
    [
        START + b"Content-Length: 5000\r\n\r\n" + PAGE.encode(),
        START + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<p>We\r\n",
        START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        START + b"Content-Length: -1\r\n\r\n<p>",
        START + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n<p>x",
        START + b"Content-Encoding: gzip\r\n\r\n" + PACKED[:-20],
        START + b"Content-Encoding: gzip\r\nContent-Length: 60\r\n\r\n" + PACKED,
        START + b"Content-Encoding: gzip\r\n\r\n" + PACKED[:-8] + bytes(8),
        START + b"Content-Encoding: gzip\r\n\r\n" + PAGE.encode(),
        START,
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\0" * 9000,
        PAGE.encode(),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000,
    ],
)
def test_what_breaks_off_or_is_no_answer_is_no_page(
    raw: Callable[[Iterable[bytes]], str], answer: bytes
) -> None:
    message = problem(raw([answer]))
    assert "breaks off" in message
    assert len(message) < 400


# --- robots.txt --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /pa", False),
        ("User-agent: *\nDisallow: /\nAllow: /page", True),  # the longer rule counts, not the first
        ("User-agent: *\nAllow: /\nDisallow: /*?private", False),
        ("User-agent: *\nDisallow: /*ge$", True),
        ("User-agent: Detector\nDisallow: /", False),
        ("User-agent: detector/0.1\nDisallow: /", False),
        ("User-agent: somebot\nUser-agent: detector\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: detector\nAllow: /", True),
        ("User-agent: detect\nDisallow: /", True),
        ("User-agent: lie-detector\nDisallow: /\n", True),
        ("\ufeffuser-agent: *\r\ndisallow: / # all\r\n", False),
        ("<!doctype html><p>Not found</p>", True),
        ("", True),
    ],
)
def test_robots_txt_is_obeyed(site: Site, robots: str, allowed: bool) -> None:
    site.page("/robots.txt", robots)
    url = site.page("/page?private")
    if allowed:
        assert read_url(url, reading=HERE).title == "Eels"
    else:
        assert "robots.txt asks programs not to read it; save the page and give the file" in problem(url)
        assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_robots_txt_may_be_read(site: Site, status: int) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /", status)
    assert read_url(site.page(), reading=HERE).title == "Eels"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_site_that_cannot_say_is_left_alone(site: Site, status: int) -> None:
    site.page("/robots.txt", "", status)
    message = problem(site.page())
    assert "its robots.txt, which must be read first" in message
    assert f"status {status}" in message
    site.page("/robots.txt", "")
    assert read_url(site.url(), reading=HERE).title == "Eels"  # a failure is not remembered


def test_robots_txt_is_asked_once_an_hour_and_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page("/b")
    for path in ("/page", "/b"):
        read_url(site.page(path), reading=HERE)
    assert site.paths() == ["/robots.txt", "/page", "/b"]
    web._robots.clear()
    monkeypatch.setattr(web, "ROBOTS_SECONDS", -1.0)
    for path in ("/page", "/b"):
        read_url(site.page(path), reading=HERE)
    assert site.paths()[3:] == ["/robots.txt", "/page", "/robots.txt", "/b"]


def test_where_a_redirect_leads_robots_txt_is_asked_too(site: Site) -> None:
    with Site() as other:
        other.page("/robots.txt", "User-agent: *\nDisallow: /b")
        url = site.page("/a", "", 302, Location=other.page("/b"))
        assert "robots.txt asks programs not to read it" in problem(url)
        assert other.paths() == ["/robots.txt"]


def test_robots_txt_may_be_redirected(site: Site) -> None:
    site.page("/robots.txt", "", 301, Location="/rules")
    site.page("/rules", "User-agent: *\nDisallow: /page")
    assert "robots.txt asks programs" in problem(site.page())


@pytest.mark.parametrize(
    "robots",
    [
        "".join(f"User-agent: a{k}\n" for k in range(15_000))
        + "".join(f"Disallow: /{k}$\n" for k in range(15_000)),
        "".join(f"User-agent : /{k}\n" for k in range(30_000)) + "Disallow: /\n" * 9000,
        "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*a*a*a*ab$\n" * 9000,
        "User-agent:" + " " * 500_000,
        "User-agent: *\n" + "# a long story\n" * 60_000 + "Disallow: /\n",
    ],
    ids=["names times rules", "odd names", "wildcards", "white space", "far too long"],
)
def test_a_hostile_robots_txt_does_no_harm(site: Site, robots: str) -> None:
    site.page("/robots.txt", robots)
    assert read_url(site.page("/" + "a" * 200), reading=HERE).title == "Eels"
