"""Live crawls, against real servers on loopback that refuse, stumble, redirect and change their pages."""

from __future__ import annotations

import errno
import gzip
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from warcio.archiveiterator import ArchiveIterator

from detector import __version__
from detector.document import Document
from detector.errors import OutputError, SourceError
from detector.sources.crawls import fetched, live
from detector.sources.crawls.fetched import DATABASE, records
from detector.sources.crawls.live import Fetched, Politeness, fetch
from detector.sources.crawls.record import Record

PUBLIC = "93.184.216.34"
QUICK = Politeness(delay=0, backoff=0.001, allow_private=True)
Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]


def page(name: str) -> bytes:
    return f"<!doctype html><title>{name}</title><p>The lock keeper counts {name} on a slate, naïve as he is.".encode()


class Site:
    """A web server on loopback with the pages that a test puts there; what it was asked, when, and how many at once."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Callable[[Headers], Answer]] = {}
        self.asked: list[tuple[str, Headers]] = []
        self.times: list[float] = []
        self.at_once: Counter[str] = Counter()  # by the name the host was called
        self.most_at_once: Counter[str] = Counter()
        self.lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.headers["Host"].partition(":")[0]
                with site.lock:
                    site.asked.append((self.path, dict(self.headers)))
                    site.times.append(time.monotonic())
                    for key in (name, "all"):
                        site.at_once[key] += 1
                        site.most_at_once[key] = max(site.most_at_once[key], site.at_once[key])
                answer = site.pages.get(self.path, (404, {}, b""))
                status, headers, body = answer if isinstance(answer, tuple) else answer(dict(self.headers))
                with site.lock:
                    for key in (name, "all"):
                        site.at_once[key] -= 1
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *args: None  # type: ignore[method-assign]  # a reader may hang up
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

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def put(self, path: str, body: bytes | None = None, status: int = 200, **headers: str) -> str:
        """Puts a page there; header names are written with "_". Returns its address."""
        named = {"Content-Type": "text/html"} | {k.replace("_", "-"): v for k, v in headers.items()}
        self.pages[path] = (status, named, page(path) if body is None else body)
        return self.url(path)

    def robots(self, text: str) -> None:
        self.put("/robots.txt", text.encode())

    def paths(self) -> list[str]:
        """What was asked, but for robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What names lead to; all others under .test are unknown. The public address is answered from loopback."""
    known: dict[str, str] = {}
    look_up, connect = socket.getaddrinfo, socket.create_connection

    def getaddrinfo(host: str, *args: object, **options: object) -> object:
        if host.endswith(".test") and host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return look_up(known.get(host, host), *args, **options)  # type: ignore[arg-type]

    def create_connection(address: tuple[str, int], *args: object, **options: object) -> socket.socket:
        there = "127.0.0.1" if address[0] == PUBLIC else address[0]
        return connect((there, address[1]), *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    return known


class Run:
    """A folder to fetch into, with a list of addresses beside it."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "fetched"
        self.list = folder / "list.txt"
        self.said: list[str] = []
        self.done: list[tuple[int, int | None]] = []

    def fetch(self, *urls: str, options: Politeness = QUICK, again: bool = False) -> Fetched:
        """Fetches a list of these addresses; without any, the list as it is."""
        if urls:
            self.list.write_text("\n".join(urls), "utf-8")
        return self.of(str(self.list), options=options, again=again)

    def of(self, *names: str, options: Politeness = QUICK, again: bool = False) -> Fetched:
        """Fetches what these lists name."""
        return fetch(
            names,
            self.store,
            options=options,
            say=self.said.append,
            progress=lambda done, total: self.done.append((done, total)),
            again=again,
        )

    def records(self) -> list[Record]:
        rows = list(records(self.store))
        assert [row for row, _ in rows] == list(range(len(rows)))
        return [record for _, record in rows]

    def problem(self, k: int = 0) -> str:
        """Why a row has no page: one line that begins with its address and ends with a full stop."""
        record = self.records()[k]
        assert record.problem is not None
        assert record.problem.isprintable()
        assert record.problem.startswith(record.place)
        assert record.problem.endswith(".")
        assert record.body == b""
        return record.problem

    def stored(self, kind: str = "response") -> list[str]:
        """The addresses of all WARC records of a kind, as a program of others reads them."""
        found = []
        for path in sorted(self.store.glob("*.warc.gz")):
            with path.open("rb") as file:
                for record in ArchiveIterator(file, check_digests="raise"):
                    record.content_stream().read()
                    if record.rec_type == kind:
                        found.append(record.rec_headers["WARC-Target-URI"])
        return found


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def sitemap(*urls: str) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>{url}</loc></url>' for url in urls)}</urlset>".encode()


def index(*urls: str) -> bytes:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{url}</loc></sitemap>' for url in urls)}</sitemapindex>".encode()


# --- pages and rows ----------------------------------------------------------------------------------------


def test_every_address_is_one_row_in_the_order_of_the_list(run: Run, site: Site) -> None:
    urls = [
        site.put("/eels"),
        site.put("/gone", b"", 404),
        "heron.test/no-scheme",
        site.put("/picture", b"\x89PNG" * 9, Content_Type="image/png"),
        site.put("/moved", b"", 301, Location="/eels"),
        site.put("/empty", b""),
        "http://127.0.0.1:1/closed",
    ]
    summary = run.fetch(*urls)
    found = run.records()
    assert [record.id for record in found] == urls
    assert [record.url for record in found] == [*urls[:2], None, urls[3], urls[0], *urls[5:]]
    assert [record.body for record in found] == [page("/eels"), b"", b"", b"", page("/eels"), b"", b""]
    says = ["status 404", "not a web address", "image/png is no page", "an empty page", "no connection"]
    for k, words in zip((1, 2, 3, 5, 6), says, strict=True):
        assert words in run.problem(k)
    assert (summary.rows, summary.pages, summary.problems, summary.changed) == (7, 2, 5, 2)
    assert summary.files == [run.store / "fetched-00001.warc.gz"]
    assert run.done[-1] == (7, 7)


def test_a_stored_page_is_read_like_one_that_was_never_stored(run: Run, site: Site) -> None:
    body = "<p>The naïve keeper</p>".encode("latin-1")
    url = site.put(
        "/a", gzip.compress(body), Content_Encoding="gzip", Content_Type="text/html; charset=latin-1"
    )
    text = site.put("/b", b"# Eels\n\nThe keeper counts **eels**.", Content_Type="text/markdown")
    run.fetch(url, text)
    first, second = run.records()
    assert (first.body, first.charset, first.form) == (body, "latin-1", ".html")
    assert first.read() == Document.from_html(body.decode("latin-1"), url=url, id=url)
    document = second.read()
    assert isinstance(document, Document)
    assert document == Document.from_markdown("# Eels\n\nThe keeper counts **eels**.", url=text, id=text)
    assert first.time is not None
    assert first.time.endswith("Z")


def test_we_say_who_we_are_and_keep_no_cookies(run: Run, site: Site) -> None:
    run.fetch(*[site.put(f"/{k}", Set_Cookie="a=b") for k in range(2)])
    for _, headers in site.asked:
        assert headers["User-Agent"] == f"detector/{__version__}"
        assert not headers.keys() & {"Cookie", "Referer"}


def test_the_warc_files_are_read_by_others_and_begun_anew_when_full(
    run: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetched, "FILE_BYTES", 1000)
    urls = [site.put(f"/{k}") for k in range(5)]
    summary = run.fetch(*urls)
    assert len(summary.files) > 1
    assert run.stored() == urls
    assert len(run.stored("warcinfo")) == len(summary.files)
    assert [record.body for record in run.records()] == [page(f"/{k}") for k in range(5)]


def test_rows_can_be_read_from_the_middle(run: Run, site: Site) -> None:
    run.fetch(*[site.put(f"/{k}") for k in range(4)])
    assert [(row, record.body) for row, record in records(run.store, first=2)] == [
        (2, page("/2")),
        (3, page("/3")),
    ]


def test_an_address_named_twice_is_asked_once_and_counted(run: Run, site: Site) -> None:
    url = site.put("/a")
    summary = run.fetch(url, url + "#part", url.replace("http:", "HTTP:"), "", "# a comment", site.put("/b"))
    assert summary.passed_over == {"addresses named twice": 2}
    assert site.paths() == ["/a", "/b"]
    assert [record.id for record in run.records()] == [url, site.url("/b")]


# --- politeness --------------------------------------------------------------------------------------------


def test_robots_txt_is_asked_once_and_obeyed(run: Run, site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /private")
    run.fetch(site.put("/a"), site.put("/private/b"), site.put("/c"))
    assert [path for path, _ in site.asked] == ["/robots.txt", "/a", "/c"]
    assert "robots.txt asks programs not to read it" in run.problem(1)


def test_a_site_whose_robots_txt_cannot_be_read_is_left_alone(run: Run, site: Site) -> None:
    site.put("/robots.txt", b"", 503)
    run.fetch(*[site.put(f"/{k}") for k in range(3)])
    assert [path for path, _ in site.asked] == ["/robots.txt"] * live.TRIES
    assert "its robots.txt, which must be read first" in run.problem(2)


def test_robots_txt_may_be_redirected_to_a_host_that_redirects_back(
    run: Run, site: Site, names: dict[str, str]
) -> None:
    names |= {"a.test": "127.0.0.1", "b.test": "127.0.0.1"}
    with Site() as other:
        site.put("/robots.txt", b"", 301, Location=other.url("/rules", "b.test"))
        other.put("/robots.txt", b"", 301, Location=site.url("/rules", "a.test"))
        for there in (site, other):
            there.put("/rules", b"User-agent: *\nDisallow: /private")
            there.put("/a")
        run.fetch(site.url("/a", "a.test"), other.url("/a", "b.test"), other.url("/private", "b.test"))
    assert [record.body for record in run.records()] == [page("/a"), page("/a"), b""]


@pytest.mark.parametrize(
    ("robots", "delay", "least"),
    [("", 0.1, 0.1), ("User-agent: *\nCrawl-delay: 0.2", 0.05, 0.2), ("Crawl-delay: x", 0.1, 0.1)],
)
def test_a_pause_is_kept_between_two_requests(
    run: Run, site: Site, robots: str, delay: float, least: float
) -> None:
    site.robots(robots)
    site.put("/0", b"", 302, Location="/1")
    run.fetch(*[site.url("/0"), site.put("/1")], options=Politeness(delay=delay, allow_private=True))
    assert len(site.times) == 4
    assert all(b - a >= least for a, b in zip(site.times, site.times[1:], strict=False))


def test_a_very_long_pause_is_said_and_bounded(run: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LONGEST_DELAY", 0.1)
    site.robots("User-agent: detector\nCrawl-delay: 86400")
    run.fetch(site.put("/a"), site.put("/b"))
    assert run.said == ["127.0.0.1 asks for 86400 s between two pages; 0.1 s are kept."]
    assert site.paths() == ["/a", "/b"]


def test_a_host_gets_one_request_at_a_time_and_so_many_hosts_at_once(
    run: Run, site: Site, names: dict[str, str]
) -> None:
    hosts = [f"{letter}.test" for letter in "abcdef"]
    names |= dict.fromkeys(hosts, "127.0.0.1")

    def slow(_: Headers) -> Answer:
        time.sleep(0.02)
        return 200, {"Content-Type": "text/html"}, page("slow")

    site.pages |= {f"/{k}": slow for k in range(4)}
    site.pages["/moved"] = (302, {"Location": site.url("/0", "a.test")}, b"")
    urls = [site.url(f"/{k}", host) for k in range(4) for host in hosts] + [site.url("/moved", "f.test")]
    options = Politeness(delay=0, hosts=3, allow_private=True)
    assert run.fetch(*urls, options=options).pages == len(urls)
    together = site.most_at_once.pop("all")
    assert 1 < together <= 3
    assert set(site.most_at_once.values()) == {1}
    assert [record.id for record in run.records()] == urls


def turns(*answers: Answer) -> Callable[[Headers], Answer]:
    """Gives one answer after the other, and the last one for good."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


GOOD: Answer = (200, {"Content-Type": "text/html"}, page("good"))


@pytest.mark.parametrize("as_date", [False, True])
def test_who_asks_for_time_gets_it(run: Run, site: Site, as_date: bool) -> None:
    until = 0.0

    def busy_at_first(_: Headers) -> Answer:
        nonlocal until
        if until:
            return GOOD if time.time() >= until else (500, {}, b"too early")
        until = int(time.time()) + 2 if as_date else time.time() + 1
        return 429, {"Retry-After": formatdate(until, usegmt=True) if as_date else "1"}, b""

    site.pages["/a"] = busy_at_first
    assert run.fetch(site.url("/a")).pages == 1
    assert site.paths() == ["/a", "/a"]


def test_who_asks_for_more_time_than_we_have_is_given_up(run: Run, site: Site) -> None:
    site.pages["/0"] = (503, {"Retry-After": "3600"}, b"")
    run.fetch(*[site.url(f"/{k}") for k in range(4)])
    assert site.paths() == ["/0"]
    assert "try again after 3600 seconds" in run.problem(0)
    assert "wants to be left alone for more than 120 s" in run.problem(3)
    assert len(run.said) == 1


@pytest.mark.parametrize("after", ["", "soon", "-5", "Mon, 99 Foo 2026", "٣", "1" * 500])
def test_an_odd_wish_for_time_does_no_harm(run: Run, site: Site, after: str) -> None:
    site.pages["/a"] = turns((502, {"Retry-After": after.encode().decode("latin-1")}, b""), GOOD)
    assert run.fetch(site.url("/a")).pages == (0 if len(after) > 99 else 1)


@pytest.mark.parametrize("status", sorted(live.BUSY))
def test_what_may_pass_is_tried_three_times(run: Run, site: Site, status: int) -> None:
    site.pages |= {"/a": (status, {}, b""), "/b": turns((status, {}, b""), (status, {}, b""), GOOD)}
    run.fetch(site.url("/a"), site.url("/b"))
    assert site.paths() == ["/a"] * 3 + ["/b"] * 3
    assert f"status {status}" in run.problem(0)
    assert run.records()[1].body == page("good")


def test_an_answer_that_breaks_off_is_tried_again(run: Run, site: Site) -> None:
    site.pages["/a"] = turns((200, {"Content-Type": "text/html", "Content-Length": "9999"}, b"<p>"), GOOD)
    run.fetch(site.url("/a"), site.put("/b", b"", 500))
    assert run.records()[0].body == page("good")
    assert site.paths() == ["/a", "/a", "/b"]


def test_a_host_that_fails_ten_times_in_a_row_is_given_up(
    run: Run, site: Site, names: dict[str, str]
) -> None:
    names["well.test"] = "127.0.0.1"
    site.pages |= {f"/{k}": (503, {}, b"") for k in range(12)}
    site.put("/well")
    urls = [site.url(f"/{k}") for k in range(12)]
    summary = run.fetch(*urls, site.url("/well", "well.test"))
    assert (summary.rows, summary.pages) == (13, 1)
    assert len([path for path in site.paths() if path != "/well"]) == 10
    assert "status 503" in run.problem(0)
    assert "failed 10 times in a row and was given up for this run" in run.problem(11)
    site.pages |= dict.fromkeys(site.pages, GOOD)
    assert run.fetch(again=True).pages == 13


def test_pauses_grow_with_every_failure(run: Run, site: Site) -> None:
    site.pages["/a"] = (503, {}, b"")
    run.fetch(site.url("/a"), options=Politeness(delay=0, backoff=0.1, allow_private=True))
    _, first, second, third = site.times
    assert second - first >= 0.1
    assert third - second >= 0.2


# --- the guarded network -----------------------------------------------------------------------------------


def test_nobody_leads_us_into_a_private_network(run: Run, site: Site, names: dict[str, str]) -> None:
    names |= {"public.test": PUBLIC, "private.test": "127.0.0.1"}
    secret = site.put("/secret")
    site.put("/a", b"", 302, Location=secret)
    options = Politeness(delay=0)
    run.fetch(site.url("/a", "public.test"), site.url("/secret", "private.test"), secret, options=options)
    assert "/secret" not in site.paths()
    for k in range(3):
        assert (
            "leads to 127.0.0.1, on this machine or in a private network; allow that with --allow-private"
            in (run.problem(k))
        )
    with pytest.raises(SourceError, match="--allow-private"):
        run.of(site.put("/sitemap.xml", sitemap(secret)), options=options)


@pytest.mark.parametrize(
    ("location", "says"),
    [("/loop", "redirects in a circle"), ("file:///etc/passwd", "file: addresses are not read"),
     ("/wp-login.php", "asks for a login")],
)  # fmt: skip
def test_redirects_that_lead_to_no_page_say_so(run: Run, site: Site, location: str, says: str) -> None:
    site.put("/wp-login.php")
    site.put("/loop", b"", 302, Location="/a")
    run.fetch(site.put("/a", b"", 302, Location=location))
    assert says in run.problem()


def test_robots_txt_is_asked_where_a_redirect_leads(run: Run, site: Site) -> None:
    with Site() as other:
        other.robots("User-agent: *\nDisallow: /b")
        run.fetch(site.put("/a", b"", 302, Location=other.put("/b")))
        assert other.paths() == []
    assert "redirected to" in run.problem()


# --- sitemaps ----------------------------------------------------------------------------------------------


def test_an_index_of_packed_and_nested_sitemaps_is_read_in_order(run: Run, site: Site) -> None:
    pages = [site.put(f"/{k}") for k in range(5)]
    site.put("/one.xml.gz", gzip.compress(sitemap(*pages[:2])), Content_Type="application/gzip")
    site.put("/two.txt", "\n".join(pages[2:4]).encode(), Content_Type="text/plain")
    site.put("/inner.xml", index(site.url("/two.txt"), site.url("/outer.xml"), site.url("/one.xml.gz")))
    site.put("/three.xml", sitemap(pages[4]), Content_Type="text/xml")
    outer = site.put(
        "/outer.xml", index(site.url("/one.xml.gz"), site.url("/inner.xml"), site.url("/three.xml"))
    )
    summary = run.of(outer)
    assert [record.id for record in run.records()] == pages
    assert summary.passed_over == {"sitemaps named twice": 2}


def test_a_sitemap_speaks_for_its_own_host_only(run: Run, site: Site, names: dict[str, str]) -> None:
    names |= {"heron.test": "127.0.0.1", "www.heron.test": "127.0.0.1", "otter.test": "127.0.0.1"}
    mine = [site.put("/a").replace("127.0.0.1", host) for host in ("heron.test", "www.heron.test")]
    data = sitemap(*mine, site.url("/a", "otter.test"))
    site.put("/inner.xml", data)
    site.put("/index.xml", index(site.url("/inner.xml", "heron.test"), site.url("/inner.xml", "otter.test")))
    summary = run.of(site.url("/index.xml", "heron.test"))
    assert [record.id for record in run.records()] == mine
    assert summary.passed_over == {"addresses on other hosts": 1, "sitemaps on other hosts": 1}
    run.list.write_bytes(data)  # a file lies on no host
    assert run.fetch().rows == 3


def test_indexes_are_followed_so_deep_and_no_deeper(run: Run, site: Site) -> None:
    for k in range(6):
        site.put(
            f"/{k}.xml",
            index(site.url(f"/{k + 1}.xml"), site.put(f"/pages{k}.xml", sitemap(site.put(f"/{k}")))),
        )
    summary = run.of(site.url("/0.xml"))
    assert [record.id for record in run.records()] == [site.url(f"/{k}") for k in (2, 1, 0)]
    assert summary.passed_over == {"sitemaps more than 3 indexes deep": 2}


def test_a_bad_sitemap_among_good_ones_is_said_and_counted(run: Run, site: Site) -> None:
    good = site.put("/good.xml", sitemap(site.put("/a")))
    broken = site.put("/broken.xml", sitemap(site.put("/b"))[:-5])
    bomb = site.put("/bomb.xml", b'<!DOCTYPE urlset [<!ENTITY a "b">]>' + sitemap("&a;"))
    summary = run.of(site.put("/index.xml", index(site.url("/gone.xml"), good, broken, bomb)))
    assert [record.id for record in run.records()] == [site.url("/a"), site.url("/b")]
    assert summary.passed_over == {"sitemaps that cannot be read": 2, "lists that break off": 1}
    assert [note.partition(": ")[0] for note in run.said] == [site.url("/gone.xml"), broken, bomb]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 404, "no such page"),
        (b"<!doctype html><title>Hello</title>", 200, "a web page, no sitemap"),
        (b"<urlset/>", 200, "names no page to fetch"),
        (b"Nothing here, sorry.", 200, "names no page to fetch; write addresses as"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><urlset/>', 200, "DOCTYPE"),
        (sitemap("https://otter.test/a"), 200, "names no page to fetch; addresses on other hosts: 1"),
    ],
)
def test_a_sitemap_that_cannot_be_used_is_an_error(
    run: Run, site: Site, body: bytes, status: int, says: str
) -> None:
    url = site.put("/sitemap.xml", body, status)
    with pytest.raises(SourceError, match=says) as caught:
        run.of(url)
    assert str(caught.value).startswith(url)


def test_robots_txt_counts_for_the_sitemap_too(run: Run, site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /sitemap")
    with pytest.raises(SourceError, match=r"robots\.txt asks programs"):
        run.of(site.put("/sitemap.xml", sitemap(site.put("/a"))))


def test_a_sitemap_too_large_is_refused(run: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LIMIT", 1_000_000)
    with pytest.raises(SourceError, match="larger than the limit of 1 MB"):
        run.of(site.put("/sitemap.xml", b" " * 2_000_000))


def test_a_list_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    for name in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(SourceError, match="cannot be read"):
            run.of(str(name))


# --- a second run ------------------------------------------------------------------------------------------


def test_a_second_run_asks_nothing_that_is_stored(run: Run, site: Site) -> None:
    run.fetch(site.put("/a"), site.url("/gone"))
    before = run.records()
    site.asked.clear()
    assert run.fetch().changed == 0
    assert site.asked == []
    assert run.records() == before


def test_asked_again_only_what_has_changed_is_sent(run: Run, site: Site) -> None:
    def tagged(tag: str, name: str) -> Callable[[Headers], Answer]:
        headers = {
            "ETag": f'"{tag}"',
            "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT",
            "Content-Type": "text/html",
        }
        return lambda asked: (
            (304, headers, b"") if asked.get("If-None-Match") == f'"{tag}"' else (200, headers, page(name))
        )

    site.pages |= {"/same": tagged("1", "same"), "/other": tagged("1", "old")}
    urls = [site.url("/same"), site.url("/other"), site.put("/plain"), site.url("/gone")]
    site.put("/moved", b"", 302, Location="/same")
    run.fetch(*urls, site.url("/moved"))
    site.asked.clear()
    site.pages["/other"] = tagged("2", "new")
    site.put("/gone")
    summary = run.fetch(again=True)
    assert (summary.rows, summary.pages, summary.changed) == (5, 5, 2)
    bodies = [page("same"), page("new"), page("/plain"), page("/gone"), page("same")]
    assert [record.body for record in run.records()] == bodies
    conditional = {path: headers.get("If-None-Match") for path, headers in site.asked}
    assert conditional["/same"] == '"1"'
    assert conditional["/moved"] is None  # its page has a tag, the redirect has none
    assert dict(site.asked)["/same"]["If-Modified-Since"] == "Sat, 21 Nov 2026 10:00:00 GMT"
    assert run.stored("revisit") == [site.url("/same"), site.url("/plain"), site.url("/same")]
    assert len(run.stored()) == 6


def test_a_page_that_fails_and_comes_back_is_not_sent_twice(run: Run, site: Site) -> None:
    site.put("/a", ETag='"1"')
    run.fetch(site.url("/a"))
    site.put("/a", b"", 500)
    run.fetch(again=True)
    assert "status 500" in run.problem()
    site.put("/a", b"", 304)
    assert run.fetch(again=True).changed == 0
    assert run.records()[0].body == page("/a")


def test_nothing_changed_where_nothing_is_known_is_no_page(run: Run, site: Site) -> None:
    run.fetch(site.put("/a", b"", 304))
    assert "status 304" in run.problem()


def test_a_list_that_has_changed_is_read_anew(run: Run, site: Site) -> None:
    a, b, c = (site.put(path) for path in ("/a", "/b", "/c"))
    run.fetch(a, b)
    run.fetch(c, b)
    assert [record.id for record in run.records()] == [c, b]
    assert site.paths() == ["/a", "/b", "/c"]
    site.put("/sitemap.xml", sitemap(a))
    run.of(site.url("/sitemap.xml"))
    site.put("/sitemap.xml", sitemap(a, b))
    assert run.of(site.url("/sitemap.xml")).rows == 1  # read once
    assert run.of(site.url("/sitemap.xml"), again=True).rows == 2


def test_a_list_that_can_no_longer_be_read_leaves_the_store_as_it_was(run: Run, site: Site) -> None:
    url = site.put("/sitemap.xml", sitemap(site.put("/a")))
    run.of(url)
    site.put("/sitemap.xml", b"", 500)
    with pytest.raises(SourceError, match="status 500"):
        run.of(url, again=True)
    assert [record.body for record in run.records()] == [page("/a")]


# --- crashes -----------------------------------------------------------------------------------------------

_FETCH = """
import sys
from pathlib import Path
from detector.sources.crawls.live import Politeness, fetch
fetch([sys.argv[1]], Path(sys.argv[2]), options=Politeness(delay=0.01, allow_private=True), say=print)
"""


@pytest.mark.parametrize(("how", "after"), [(signal.SIGKILL, 3), (signal.SIGKILL, 70), (signal.SIGINT, 20)])
def test_a_killed_run_goes_on_where_it_stopped(run: Run, site: Site, how: signal.Signals, after: int) -> None:
    urls = [site.put(f"/{k}", page(str(k)) * 50) for k in range(120)]
    run.list.write_text("\n".join(urls))
    with subprocess.Popen(
        [sys.executable, "-c", _FETCH, str(run.list), str(run.store)], stderr=subprocess.DEVNULL
    ) as process:
        while len(site.paths()) < after and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(how)
        process.wait(20)
    assert process.returncode != 0
    with pytest.raises(SourceError, match="not everything has been fetched; start the same run again"):
        run.records()
    before = len(site.paths())
    summary = run.fetch()
    assert (summary.rows, summary.pages) == (120, 120)
    assert sorted(run.stored()) == sorted(urls)
    assert [record.body for record in run.records()] == [page(str(k)) * 50 for k in range(120)]
    assert len(site.paths()) - 120 <= 33  # what was not on the disk yet is asked again, nothing else
    assert before < 120


def test_a_second_look_that_was_cut_short_is_not_begun_anew(
    run: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = [site.put(f"/{k}") for k in range(50)]
    run.fetch(*urls)

    def interrupt(done: int, total: int | None) -> None:
        if done == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch([str(run.list)], run.store, options=QUICK, say=print, progress=interrupt, again=True)
    site.asked.clear()
    assert run.fetch(again=True).pages == 50
    assert site.paths() == [f"/{k}" for k in range(32, 50)]
    assert len(run.stored("revisit")) == 50


def test_half_a_record_is_cut_off(run: Run, site: Site) -> None:
    a, b = site.put("/a"), site.put("/b")
    (warc,) = run.fetch(a).files
    whole = warc.read_bytes()
    warc.write_bytes(whole + whole[: len(whole) // 2])
    run.fetch(a, b)
    assert warc.read_bytes().startswith(whole)
    assert run.stored() == [a, b]
    assert site.paths() == ["/a", "/b"]


@pytest.mark.parametrize("left", [0, 100, None])
def test_what_is_lost_of_a_file_is_fetched_again(run: Run, site: Site, left: int | None) -> None:
    urls = [site.put(f"/{k}", ETag='"1"') for k in range(3)]
    (warc,) = run.fetch(*urls).files
    if left is None:
        warc.write_bytes(warc.read_bytes()[:-9])  # in the middle of the last page
    else:
        warc.write_bytes(warc.read_bytes()[:left])
    site.asked.clear()
    assert run.fetch().pages == 3
    assert site.paths() == (["/2"] if left is None else ["/0", "/1", "/2"])
    assert run.stored() == urls


def test_a_missing_or_damaged_file_costs_the_rows_in_it(run: Run, site: Site) -> None:
    (warc,) = run.fetch(site.put("/a"), site.put("/b")).files
    data = bytearray(warc.read_bytes())
    data[-60] ^= 0xFF
    warc.write_bytes(data)
    assert run.records()[0].body == page("/a")
    assert "the stored page is damaged; fetch it again" in run.problem(1)
    warc.unlink()
    assert "the stored page is damaged" in run.problem(0)


def test_two_runs_do_not_share_a_store(run: Run, site: Site) -> None:
    run.fetch(site.put("/a"))
    with fetched.Store(run.store), pytest.raises(SourceError, match="another run is fetching into it"):
        run.fetch()


def test_a_full_disk_says_so_and_the_run_goes_on_later(
    run: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = [site.put(f"/{k}") for k in range(4)]
    write = fetched.WARCWriter.write_record

    def fails(self: object, record: object) -> None:
        write(self, record)
        if len(site.paths()) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(fetched.WARCWriter, "write_record", fails)
        with pytest.raises(OutputError, match="No space left on device"):
            run.fetch(*urls)
    assert run.fetch().pages == 4
    assert run.stored() == urls


def test_a_folder_that_cannot_be_used_says_so(run: Run, site: Site, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nothing has been fetched"):
        list(records(tmp_path))
    run.store.write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        run.fetch(site.put("/a"))
    run.store.unlink()
    run.store.mkdir()
    (run.store / DATABASE).write_text("no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(SourceError, match="damaged"):
        run.fetch()
    with pytest.raises(SourceError, match="damaged"):
        run.records()


# --- size --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("names")
def test_memory_does_not_grow_with_the_list(run: Run) -> None:
    run.list.write_text("".join(f"http://host{k % 10}.test/{k}\n" for k in range(10_000)))
    tracemalloc.start()
    summary = run.fetch()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (summary.rows, summary.problems) == (10_000, 10_000)
    assert peak < 15_000_000
    assert "no host host9.test is known" in run.problem(9999)
    with sqlite3.connect(run.store / DATABASE) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    db.close()
