"""Live crawls: the pages that a sitemap or a list of addresses names, fetched politely and stored.

Politely: robots.txt is asked first; a host gets one request at a time, with a pause in between as long as it wishes;
what may pass is tried again, ever more slowly; a host that does not recover is left alone. On a second run only what
has changed is sent again. Safely: every request goes through the guarded network of `detector.sources.web`.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryFile
from typing import IO, TypeVar

import httpcore
import httpx
from protego import Protego

from detector.errors import SourceError
from detector.sources import web
from detector.sources.crawls import StoredFile
from detector.sources.crawls.fetched import Answer, Due, Store, counts, written
from detector.sources.crawls.fetched import records as fetched_records
from detector.sources.crawls.record import Record
from detector.sources.crawls.sitemap import LIMIT, read_list

TRIES = 3  # of one address
FAILURES = 10  # in a row, after which a host is given up
BUSY = frozenset({429, 502, 503, 504})
LONGEST_DELAY = 60.0  # seconds of a Crawl-delay that are kept
LONGEST_WAIT = 120.0  # seconds of a Retry-After that are waited for
SITEMAP_SECONDS = 300.0
DEEPEST = 3  # indexes within indexes; the protocol allows none
MOST_SITEMAPS = 50_000  # of one run, as many as the protocol allows one index

_MOST_RULES = 256  # sites whose robots.txt is remembered
_MOST_TURNS = 10_000  # hosts whose pauses are remembered
_T = TypeVar("_T")


@dataclass(frozen=True)
class Politeness:
    """How hosts are treated.

    delay: seconds between two requests to a host. hosts: how many are asked at the same time. backoff: seconds after
    a failure, doubled with each that follows. allow_private: this machine and private networks may be asked.
    """

    delay: float = 1.0
    hosts: int = 8
    backoff: float = 2.0
    allow_private: bool = False


@dataclass(frozen=True)
class Fetched:
    """What a store holds after a run: rows = pages + problems; of the pages this run found `changed` new or other.

    passed_over: what is on no row, and how often. files: the WARC files.
    """

    rows: int
    pages: int
    problems: int
    changed: int
    passed_over: dict[str, int]
    files: list[Path]


class FetchedCrawl:
    """A crawl that was fetched, as `detector.sources.crawls.Crawl` is one that was stored. Make one with `crawl`."""

    kind = "fetched pages"

    def __init__(self, store: Path, fetched: Fetched) -> None:
        self._store = store
        self._rows = fetched.rows
        self._done = 0
        self.passed_over = fetched.passed_over
        # files only grow: their size says which state of them is read
        self.files = tuple(
            StoredFile(path.name, path, path.stat().st_size, 0, self.kind) for path in fetched.files
        )

    @property
    def share(self) -> float:
        """How much of it has been read, 0 to 1."""
        return self._done / max(1, self._rows)

    def records(self) -> Iterator[tuple[int, Record]]:
        """Every address of the lists in their order: its page, or why there is none."""
        for row, record in fetched_records(self._store):
            self._done = row + 1
            yield row, record


def crawl(
    names: Sequence[str],
    store: Path,
    *,
    options: Politeness,
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None],
    again: bool = False,
) -> FetchedCrawl:
    """Fetch what is missing, see `fetch`, and read it as a crawl."""
    return FetchedCrawl(store, fetch(names, store, options=options, say=say, progress=progress, again=again))


def fetch(
    names: Sequence[str],
    store: Path,
    *,
    options: Politeness = Politeness(),
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None] = lambda *_: None,
    again: bool = False,
) -> Fetched:
    """Store every page that sitemaps or lists name, by web address or as files: what is missing, or all `again`.

    say: is told in one line what a user should know; by any thread, never by two at a time.
    progress: rows done, rows in all (None while lists are read).
    again: ask for every page, also those that failed; those that have not changed are not sent a second time.
    A run that was cut short goes on where it stopped. Raises SourceError when a list cannot be read or names no page,
    OutputError when the store cannot be written. Must not be called twice at a time for the same store.
    """
    with written(store), Store(store) as kept:
        client = _Client(options, say)
        listed = json.dumps([_version(name) for name in names])
        afresh = again and kept.get("state") != "again"  # a second look that was cut short is not begun anew
        try:
            if afresh or kept.get("listed") != listed:
                with kept.listing():
                    reader = _Lists(kept, client, say, progress)
                    for name in names:
                        reader.read(name)
                    if kept.count("host is not null") == 0:
                        left = "".join(f"; {what}: {times}" for what, times in reader.passed_over.items())
                        problem = f"{', '.join(map(web.shown, names))}: names no page to fetch{left}"
                        raise SourceError(f"{problem}; write addresses as https://example.org/page.")
                    if afresh:
                        kept.ask_all_again()
                    kept.put("listed", listed)
                    kept.put("passed_over", json.dumps(reader.passed_over))
                    kept.put("state", "again" if afresh else "fetching")
            changed = _fetch_due(kept, client, options, progress)
        finally:
            client.stop()
        kept.put("state", "done")
        kept.commit()
        rows, problems = kept.count(), kept.count("problem is not null")
        passed_over = counts(kept.get("passed_over"))
        return Fetched(rows, rows - problems, problems, changed, passed_over, kept.files())


def _version(name: str) -> list[str | int]:
    """What tells a list from another one, or from what it was before."""
    if web.is_web_address(name):
        return [name]
    try:
        found = Path(name).stat()
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    return [str(Path(name).resolve()), found.st_size, found.st_mtime_ns]


def _unreadable(name: str, error: OSError | ValueError) -> SourceError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return SourceError(f"{name}: cannot be read ({reason}); check the path and its permissions.")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- lists -------------------------------------------------------------------------------------------------


class _Lists:
    """Puts the addresses that sitemaps and lists name on the store's list, each once."""

    def __init__(
        self,
        store: Store,
        client: _Client,
        say: Callable[[str], None],
        progress: Callable[[int, int | None], None],
    ) -> None:
        self.passed_over: Counter[str] = Counter()
        self._store = store
        self._client = client
        self._say = say
        self._progress = progress
        self._row = 0
        self._seen: set[str] = set()  # addresses of sitemaps

    def read(self, name: str) -> None:
        """Reads the list that a user named. Raises SourceError when it cannot be read."""
        if web.is_web_address(name):
            try:
                self._sitemap(web.address(name), 0)
            except SourceError as error:
                raise SourceError(f"{web.shown(name)}: {error}") from error
        else:
            try:
                with Path(name).open("rb") as file:
                    packed = file.read(2) == b"\x1f\x8b"
                    file.seek(0)
                    self._take(name, file, None, 0, limit=LIMIT if packed else None)
            except (OSError, ValueError) as error:
                raise _unreadable(name, error) from error
            except SourceError as error:
                raise SourceError(f"{name}: {error}") from error

    def _sitemap(self, url: httpx.URL, depth: int) -> None:
        """Reads a sitemap at its address, unless that has been done."""
        if str(url) in self._seen:
            self.passed_over["sitemaps named twice"] += 1
            return
        if len(self._seen) >= MOST_SITEMAPS:
            self.passed_over[f"sitemaps after the first {MOST_SITEMAPS}"] += 1
            return
        self._seen.add(str(url))
        with TemporaryFile() as file:
            final = self._client.download(url, file)
            file.seek(0)
            # by the protocol a sitemap speaks for its own host only
            self._take(str(url), file, {_site(url), _site(final)}, depth, limit=LIMIT)

    def _take(
        self, name: str, file: IO[bytes], sites: set[str] | None, depth: int, *, limit: int | None
    ) -> None:
        """Takes what a list names on `sites`, everything for None. What it breaks off with is said, not raised."""
        nested: list[str] = []
        taken = 0
        try:
            for entry in read_list(file, limit=limit):
                taken += 1
                if not entry.is_sitemap:
                    self._address(entry.address, sites)
                elif len(nested) < MOST_SITEMAPS:
                    nested.append(entry.address)
                else:
                    self.passed_over[f"sitemaps after the first {MOST_SITEMAPS}"] += 1
        except SourceError as error:
            if not taken:
                raise
            self._say(f"{web.shown(name)}: {error} The {taken} addresses before that are taken.")
            self.passed_over["lists that break off"] += 1
        for address in nested:
            self._nested(address, sites, depth + 1)

    def _nested(self, address: str, sites: set[str] | None, depth: int) -> None:
        if depth > DEEPEST:
            self.passed_over[f"sitemaps more than {DEEPEST} indexes deep"] += 1
            return
        try:
            url = web.address(address)
            if sites is not None and _site(url) not in sites:
                self.passed_over["sitemaps on other hosts"] += 1
                return
            self._sitemap(url, depth)
        except SourceError as error:
            self._say(f"{web.shown(address)}: {error} The sitemap is left out.")
            self.passed_over["sitemaps that cannot be read"] += 1

    def _address(self, written: str, sites: set[str] | None) -> None:
        try:
            url = web.address(written)
        except SourceError as error:
            added = self._store.add(self._row, web.shown(written), web.shown(written), None, str(error))
        else:
            if sites is not None and _site(url) not in sites:
                self.passed_over["addresses on other hosts"] += 1
                return
            added = self._store.add(self._row, str(url), written, url.host)
        if not added:
            self.passed_over["addresses named twice"] += 1
            return
        self._row += 1
        if self._row % 1000 == 0:
            self._progress(self._row, None)


def _site(url: httpx.URL) -> str:
    return url.host.removeprefix("www.")


# --- pages -------------------------------------------------------------------------------------------------


def _fetch_due(
    store: Store, client: _Client, options: Politeness, progress: Callable[[int, int | None], None]
) -> int:
    """Ask for all that is due, one address of a host at a time. How many pages were new or had changed."""
    total, done = store.count(), store.count("not due")
    progress(done, total)
    hosts = store.hosts_due()
    asked: SimpleQueue[Due | None] = SimpleQueue()
    answers: SimpleQueue[Answer] = SimpleQueue()
    threads = [
        threading.Thread(target=_work, args=(client, asked, answers), daemon=True)
        for _ in range(max(1, options.hosts))
    ]
    for thread in threads:
        thread.start()
    changed = busy = 0
    saved = time.monotonic()
    while True:
        while busy < len(threads) and (host := next(hosts, None)) is not None:
            asked.put(store.next_due(host))
            busy += 1
        if not busy:
            break
        try:
            answer = answers.get(timeout=1)
        except Empty:
            pass
        else:
            changed += store.keep(answer)
            done += 1
            if answer.given_up is not None:
                done += store.give_up(answer.due.host, answer.given_up, answer.time)
            progress(done, total)
            following = store.next_due(answer.due.host)
            if following is None:
                busy -= 1
            else:
                asked.put(following)
        if store.waiting and (store.waiting >= 32 or time.monotonic() - saved > 1):
            store.commit()
            saved = time.monotonic()
    for _ in threads:
        asked.put(None)
    for thread in threads:
        thread.join()
    return changed


def _work(client: _Client, asked: SimpleQueue[Due | None], answers: SimpleQueue[Answer]) -> None:
    while (due := asked.get()) is not None:
        try:
            answer = _ask(client, due)
        except _StoppedError:
            return
        except SourceError as error:
            answer = Answer(due, _now(), problem=str(error), given_up=client.given_up(due.host))
        except Exception as error:  # noqa: BLE001 - whatever one address does, the others are still to be asked
            problem = f"cannot be fetched ({type(error).__name__}); save the page and give the file."
            answer = Answer(due, _now(), problem=problem)
        answers.put(answer)


def _ask(client: _Client, due: Due) -> Answer:
    """The page at an address, or that it has not changed. Raises SourceError when there is none."""
    url = web.address(due.key)
    validators = [("If-None-Match", due.etag), ("If-Modified-Since", due.modified)]
    known = [(name, value) for name, value in validators if value is not None]

    def more(hop: httpx.URL) -> list[tuple[str, str]]:
        return known if str(hop) == due.url else []

    def once() -> Answer:
        with client.open(url, more) as (final, response):
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
            reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
            sent = Answer(due, _now(), response.status, reason, str(final), headers)
            if response.status == 304 and more(final):
                return sent
            page = web.take_page(url, final, response)
        return Answer(
            due, sent.time, sent.status, reason, sent.url, headers, page.body, page.ending, page.charset
        )

    return client.patiently(once)


# --- the client: whose turn it is, and what robots.txt says ------------------------------------------------


class _StoppedError(Exception):
    """The run ends."""


class _BusyError(SourceError):
    """The host asks us to come back later."""


_PASSING = (web.NoAnswerError, web.BrokenAnswerError, _BusyError)


@dataclass
class _Turn:
    """When a host may be asked: by one thread at a time, and not before `next` (monotonic seconds)."""

    delay: float
    next: float = 0.0
    failures: int = 0  # in a row
    given_up: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class _Rules:
    """The robots.txt of a site once it has been read, or why it cannot be."""

    rules: Protego | None = None
    problem: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Client:
    """Asks hosts in turn. Used by all threads of a run.

    A thread may hold the rules of one site while it waits for a turn, never the other way round.
    """

    def __init__(self, options: Politeness, say: Callable[[str], None]) -> None:
        self._options = options
        self._say = say
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._turns: dict[str, _Turn] = {}
        self._rules: dict[str, _Rules] = {}

    def stop(self) -> None:
        """Nothing more is asked."""
        self._end.set()

    def open(
        self,
        url: httpx.URL,
        more: Callable[[httpx.URL], Sequence[tuple[str, str]]] = lambda _: (),
        seconds: float | None = None,
    ) -> web.Opened:
        """Where all redirects end, and the answer there. more: headers for an address on the way."""

        def ask(hop: httpx.URL) -> AbstractContextManager[httpcore.Response]:
            self._obey(hop)
            return self._request(hop, more(hop), seconds)

        return web.follow(url, ask)

    def patiently(self, do: Callable[[], _T]) -> _T:
        """What `do` gives, which is tried again when what hinders it may pass; the host's turn keeps the pauses."""
        for _ in range(TRIES - 1):
            try:
                return do()
            except _PASSING:
                pass
        return do()

    def download(self, url: httpx.URL, to: IO[bytes]) -> httpx.URL:
        """Write a sitemap to a file. Where it was found."""

        def once() -> httpx.URL:
            to.seek(0)
            to.truncate()
            with self.open(url, seconds=SITEMAP_SECONDS) as (final, response):
                if response.status != 200:
                    raise SourceError(web.refusal(response.status, httpx.Headers(response.headers)))
                for chunk in response.iter_stream():
                    to.write(chunk)
                    if to.tell() > LIMIT:
                        raise SourceError(f"larger than the limit of {LIMIT // 1_000_000} MB; split it.")
            return final

        return self.patiently(once)

    def _tell(self, note: str) -> None:
        with self._lock:
            self._say(note)

    def given_up(self, host: str) -> str | None:
        """Why a host is no longer asked."""
        return self._turn(host).given_up

    def _turn(self, host: str) -> _Turn:
        with self._lock:
            if len(self._turns) > _MOST_TURNS:
                now = time.monotonic()
                self._turns = {
                    name: turn for name, turn in self._turns.items() if turn.lock.locked() or turn.next > now
                }
            return self._turns.setdefault(host, _Turn(self._options.delay))

    @contextmanager
    def _request(
        self, url: httpx.URL, more: Sequence[tuple[str, str]], seconds: float | None
    ) -> Iterator[httpcore.Response]:
        """One GET when it is our turn. Raises SourceError."""
        turn = self._turn(url.host)
        with turn.lock:
            if turn.given_up is not None:
                raise SourceError(turn.given_up)
            if self._end.wait(max(0.0, turn.next - time.monotonic())):
                raise _StoppedError
            try:
                with (
                    web.open_pool(allow_private=self._options.allow_private, seconds=seconds) as pool,
                    web.request(pool, url, more) as response,
                ):
                    if response.status in BUSY:
                        headers = httpx.Headers(response.headers)
                        turn.next = time.monotonic() + _retry_after(headers)
                        raise _BusyError(web.refusal(response.status, headers))
                    yield response
                turn.failures = 0
            except _PASSING as error:
                self._failed(turn, url.host, error)
                raise
            except SourceError:
                turn.failures = 0  # no page, but an answer
                raise
            finally:
                turn.next = max(turn.next, time.monotonic() + turn.delay)

    def _failed(self, turn: _Turn, host: str, error: SourceError) -> None:
        """Lets a host recover, or gives it up."""
        turn.failures += 1
        now = time.monotonic()
        if turn.next - now > LONGEST_WAIT:
            turn.given_up = f"{host} wants to be left alone for more than {LONGEST_WAIT:g} s: {error}"
        elif turn.failures >= FAILURES:
            turn.given_up = (
                f"{host} failed {FAILURES} times in a row and was given up for this run; last: {error}"
            )
        if turn.given_up is not None:
            self._tell(turn.given_up)
            return
        pause = min(LONGEST_DELAY, self._options.backoff * 2.0 ** (turn.failures - 1))
        turn.next = max(turn.next, now + pause * random.uniform(1, 1.5))

    def _obey(self, url: httpx.URL) -> None:
        """Raises SourceError when robots.txt, which is asked once a run, forbids an address or cannot be read."""
        where = web.robots_address(url)
        with self._lock:
            site = self._rules.pop(str(where), None) or _Rules()
            self._rules[str(where)] = site  # the last one now
            if len(self._rules) > _MOST_RULES:
                del self._rules[next(iter(self._rules))]
        with site.lock:
            if site.rules is None and site.problem is None:
                try:
                    site.rules = Protego.parse(self.patiently(lambda: self._read_robots(where)))
                except SourceError as error:
                    site.problem = str(error)
                else:
                    self._keep_delay(site.rules, url.host)
            if site.rules is None:
                raise SourceError(site.problem or "")
            web.obey(site.rules, url)

    def _read_robots(self, where: httpx.URL) -> str:
        return web.read_robots(web.follow(where, lambda hop: self._request(hop, (), None)))

    def _keep_delay(self, rules: Protego, host: str) -> None:
        """A Crawl-delay longer than ours is kept."""
        wished = rules.crawl_delay(web.PRODUCT)
        turn = self._turn(host)
        if wished is None or not wished > turn.delay:
            return
        if wished > LONGEST_DELAY:
            self._tell(f"{host} asks for {wished:g} s between two pages; {LONGEST_DELAY:g} s are kept.")
        turn.delay = max(turn.delay, min(wished, LONGEST_DELAY))
        turn.next = max(turn.next, time.monotonic() + turn.delay)


def _retry_after(headers: httpx.Headers) -> float:
    """The seconds that a Retry-After asks for, 0 when there is none to understand."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return max(0.0, when.replace(tzinfo=when.tzinfo or UTC).timestamp() - time.time())
