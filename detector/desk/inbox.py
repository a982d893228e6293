"""What waits is answered: submissions as they come, batches behind them, and after a restart what was left over.

The database knows what waits; nothing here must be remembered when the process ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar, cast

from detector.desk.config import DeskConfig
from detector.desk.intake import Answer, Task, text_of
from detector.desk.pool import BusyError, Pool
from detector.desk.store import BatchItem, Store, Submission
from detector.errors import DetectorError, NotFoundError, SourceError
from detector.sources.web import fetch_page

FETCHES = 4  # pages fetched at once
LEFT_OVER = 100  # submissions taken up at once after a restart
AT_ONCE = 4  # texts given to the pool for each worker, so that none waits for the database
PAUSE = 15.0  # seconds between looks for what waits and nobody is at

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("detector.desk")


class Inbox:
    """Answers what the store says waits. Open it once the pool runs, close it before."""

    def __init__(self, config: DeskConfig, store: Store, pool: Pool) -> None:
        self._config = config
        self._store = store
        self._pool = pool
        self._most = AT_ONCE * pool.workers
        # people wait for nobody's batch; and texts are taken out of the database when it is their turn, or thousands
        # would fill the memory
        self._fetches = {urgent: asyncio.Semaphore(FETCHES) for urgent in (True, False)}
        self._turns = {urgent: asyncio.Semaphore(self._most) for urgent in (True, False)}
        self._working: dict[str, asyncio.Task[None]] = {}  # submissions
        self._items: dict[tuple[str, int], asyncio.Task[None]] = {}  # of batches
        self._given_up: set[str | tuple[str, int]] = set()  # what only makes trouble
        self._more = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Take up what was left over, and whatever comes."""
        self.wake()
        self._loops = [asyncio.create_task(self._look_around()), asyncio.create_task(self._answer_batches())]

    async def close(self) -> None:
        """Let go of everything that is not answered yet."""
        tasks = [*self._loops, *self._working.values(), *self._items.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self) -> None:
        """Look for batches: one has come."""
        self._more.set()

    def take(self, submission: Submission, *, urgent: bool = True) -> asyncio.Task[None]:
        """Begin to answer a submission that waits; the task ends when it is answered, or has to wait longer."""
        if (task := self._working.get(submission.id)) is None:
            task = asyncio.create_task(self._answer(submission, urgent=urgent))
            self._working[submission.id] = task
            task.add_done_callback(lambda _: self._working.pop(submission.id, None))
        return task

    async def answered(self, submission: Submission, seconds: float) -> Submission:
        """The submission, answered if that takes no longer than that."""
        task = self.take(submission)
        await asyncio.wait([task], timeout=seconds)
        return await asyncio.to_thread(self._store.get, submission.id) if task.done() else submission

    async def score(self, task: Task, *, urgent: bool = True) -> Answer:
        """The answer for a text, or for the page at the address in `task.url` if it is of that form."""
        if task.form == "url":
            try:
                task = await self._fetched(task, urgent=urgent)
            except SourceError as error:
                return self._pool.unread(task, error)
        return await self._pool.score(task, urgent=urgent)

    async def _fetched(self, task: Task, *, urgent: bool) -> Task:
        """The task with the page in it. Raises SourceError."""
        async with self._fetches[urgent]:
            page = await _in_daemon(fetch_page, task.url or "", allow_private=self._config.allow_private)
        return replace(task, content=page.body, name=f"page{page.ending}", url=page.url, charset=page.charset)

    async def _answer(self, submission: Submission, *, urgent: bool) -> None:
        """Answer a submission; a fault with one ends nothing else, it goes on waiting."""
        try:
            answer = await self._fetch(submission, urgent=urgent) if submission.form == "url" else None
            if answer is None:
                async with self._turns[urgent]:
                    task = await asyncio.to_thread(self._task, submission)
                    answer = await self._pool.score(task, urgent=urgent)
            await asyncio.to_thread(
                self._store.answer,
                submission.id,
                document=answer.document,
                verdict=answer.verdict,
                traces=answer.traces,
            )
        except (NotFoundError, BusyError):
            pass  # removed meanwhile; or it waits for the next look, or the next start
        except DetectorError as error:
            _log.error("submission %s waits: %s", submission.id, error)
        except Exception:  # noqa: BLE001  said, and the desk goes on
            self._given_up.add(submission.id)
            _log.exception("submission %s waits until the desk starts again", submission.id)

    async def _fetch(self, submission: Submission, *, urgent: bool) -> Answer | None:
        """Fetch the page of an address, once: it is kept as it came. The answer where there is no page to read."""
        task = await asyncio.to_thread(self._task, submission)
        if task.content:
            return None
        try:
            page = await self._fetched(task, urgent=urgent)
        except SourceError as error:
            return self._pool.unread(task, error)
        url = page.url or ""
        await asyncio.to_thread(self._store.fetched, task.id, page.content, page.name, page.charset, url)
        return None

    def _task(self, submission: Submission) -> Task:
        """What is to be read of a submission."""
        content = self._store.content(submission.id)
        return Task(
            content=content.bytes,
            form=content.form,
            name=content.name,
            id=submission.id,
            title=submission.title or None,
            url=content.url or submission.url,
            charset=content.charset,
            traces=True,
        )

    async def _look_around(self) -> None:
        """Take up what waits and nobody is at: left over from before the start, or from a moment of trouble.

        What comes meanwhile goes first.
        """
        while True:
            known = self._working.keys() | self._given_up
            try:
                waiting = await asyncio.to_thread(self._store.waiting, LEFT_OVER + len(known))
            except DetectorError as error:
                _log.error("what waits goes on waiting: %s", error)
                waiting = []
            if left := [submission for submission in waiting if submission.id not in known]:
                await asyncio.wait([self.take(submission, urgent=False) for submission in left])
            else:
                await asyncio.sleep(PAUSE)
                self.wake()

    async def _answer_batches(self) -> None:
        """The items of batches, in the order they came, as the workers get through them."""
        while True:
            await self._more.wait()
            self._more.clear()
            known = self._items.keys() | self._given_up
            try:
                items = await asyncio.to_thread(self._store.waiting_items, self._most + len(known))
            except DetectorError as error:
                _log.error("batches wait: %s", error)
                continue
            for item in items:
                if (item.batch, item.n) not in known and len(self._items) < self._most:
                    self._begin(item)

    def _begin(self, item: BatchItem) -> None:
        key = (item.batch, item.n)

        def done(_: asyncio.Task[None]) -> None:
            del self._items[key]
            if len(self._items) <= self._most // 2:  # for each the database would be asked too often
                self._more.set()

        self._items[key] = asyncio.create_task(self._answer_item(item))
        self._items[key].add_done_callback(done)

    async def _answer_item(self, item: BatchItem) -> None:
        try:
            answer = await self.score(task_of(item.document, str(item.n)), urgent=False)
            row = answer.verdict
            if item.document.get("with_text"):
                row["text"] = answer.document["text"]
            await asyncio.to_thread(self._store.answer_item, item.batch, item.n, row)
        except (NotFoundError, BusyError):
            pass  # removed meanwhile, or the desk ends
        except DetectorError as error:
            _log.error("text %d of batch %s waits: %s", item.n, item.batch, error)
            await asyncio.sleep(PAUSE)
        except Exception:  # noqa: BLE001  said, and the batch goes on
            self._given_up.add((item.batch, item.n))
            _log.exception("text %d of batch %s waits until the desk starts again", item.n, item.batch)


async def _in_daemon(function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """What a function gives, called in a thread that the process does not wait for when it ends."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(value: T | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(cast(T, value))

    def call() -> None:
        value, problem = None, None
        try:
            value = function(*args, **options)
        except Exception as error:  # noqa: BLE001  raised where it is waited for
            problem = error
        with contextlib.suppress(RuntimeError):  # nobody is there any more
            loop.call_soon_threadsafe(tell, value, problem)

    threading.Thread(target=call, daemon=True).start()
    return await answer


def task_of(row: Mapping[str, Any], id: str = "") -> Task:
    """The task that a document of the API describes; id: what it is called where it has no name of its own.

    Raises SourceError when it does not hold exactly one content.
    """
    form, content = text_of(row)
    return Task(
        content=b"" if form == "url" else content.encode("utf-8", "replace"),
        form=form,
        id=row.get("id") or id,
        title=row.get("title"),
        url=content if form == "url" else None,
        site=row.get("site"),
    )
