"""The desk's workers: people's texts before batches, and a text that ends its worker costs itself only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple, cast

from detector.audit.worker import GRACE
from detector.desk.intake import Answer, Task
from detector.desk.worker import DeskSettings
from detector.document import Document, Unreadable
from detector.errors import DetectorError, ModelError, SourceError
from detector.verdict import ModelId, Thresholds, Verdict

WORKER = (sys.executable, "-m", "detector.desk.worker")
START_SECONDS = 180  # that a worker may take to load the model on a busy machine
OVERTIME = 1  # exit code of a worker that ended itself because a text took too long
# Urgent jobs that may wait, and their bytes; who comes then is sent away instead of kept waiting.
LONGEST_QUEUE = 1000
LARGEST_QUEUE = 500_000_000

Frames = dict[bytes, bytes]


class BusyError(DetectorError):
    """The desk has too much to do, or is about to end. What was submitted waits in its database."""

    kind = "busy"


class LostError(DetectorError):
    """A text could not be read or judged: it hung, crashed, ate memory, or is none."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class _Job:
    """What a worker is asked, and who waits for the answer."""

    head: bytes
    body: bytes
    urgent: bool
    answer: asyncio.Future[Frames]


class Pool:
    """Worker processes that read and judge texts. Start it, ask it, close it; all in one event loop.

    Batches never take the last free worker where there are several, so that a person waits for nobody's batch.
    """

    def __init__(self, settings: DeskSettings, *, workers: int, command: Sequence[str] = WORKER) -> None:
        """command: starts a worker."""
        self._settings = settings
        self._workers = [_Worker(settings, command) for _ in range(max(1, workers))]
        self._at_work: list[asyncio.Task[None]] = []
        self._urgent: deque[_Job] = deque()
        self._batch: deque[_Job] = deque()
        self._batch_running = 0
        self._changed = asyncio.Condition()
        self._closed = True
        self._ready: Mapping[str, Any] = {}

    async def start(self) -> None:
        """Start the workers and wait until they are up. Raises ModelError."""
        try:
            # all of them, or one that is still starting could not be ended
            up = await asyncio.gather(*(worker.up() for worker in self._workers), return_exceptions=True)
            for ready in up:
                if isinstance(ready, BaseException):
                    raise ready
                self._ready = ready.ready
        except BaseException:
            await asyncio.gather(*(worker.end() for worker in self._workers))
            raise
        self._closed = False
        self._at_work = [asyncio.create_task(self._work(worker)) for worker in self._workers]

    async def close(self) -> None:
        """End the workers now. Whoever still waits for an answer gets BusyError."""
        self._closed = True
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        await asyncio.gather(*(worker.end() for worker in self._workers))
        for job in (*self._urgent, *self._batch):
            _fail(job, _ENDING)
        self._urgent.clear()
        self._batch.clear()

    @property
    def model(self) -> ModelId:
        """Which model judges, once the pool has started."""
        return ModelId(**self._ready["model"])

    @property
    def workers(self) -> int:
        """How many processes."""
        return len(self._workers)

    @property
    def waiting(self) -> Mapping[str, int]:
        """How many jobs no worker has begun: "waiting" of people, "batch" of batches."""
        return {"waiting": len(self._urgent), "batch": len(self._batch)}

    async def score(self, task: Task, *, urgent: bool = True) -> Answer:
        """The answer for a text: unscored with an error for one that cannot be read, whatever it does.

        Raises BusyError when too many wait already, or the pool is closed.
        """
        head = asdict(replace(task, content=b"")) | {"do": "judge"}
        del head["content"]
        try:
            frames = await self._ask(head, task.content, urgent=urgent)
        except LostError as error:
            return self.unread(task, error)
        return Answer(json.loads(frames[b"D"]), json.loads(frames[b"V"]), frames.get(b"T", b""))

    async def word(
        self, verdict: Mapping[str, Any], document: Mapping[str, Any], *, original: bytes = b"", **how: Any
    ) -> bytes:
        """A Word file with the findings as comments: `detector.report.word.write_word`, in a worker.

        original: the author's own .docx; one that cannot be used is left aside. Raises BusyError, and SourceError.
        """
        head = {"do": "word", "verdict": verdict, "document": document, **how}
        try:
            try:
                frames = await self._ask(head, original)
            except LostError:
                if not original:
                    raise
                frames = await self._ask(head, b"")
        except LostError as error:
            raise SourceError(f"no Word file could be made: {error}") from error
        return frames[b"W"]

    async def _ask(self, head: Mapping[str, Any], body: bytes, *, urgent: bool = True) -> Frames:
        if self._closed:
            raise _ENDING
        waiting = sum(len(job.body) for job in self._urgent)
        if urgent and (len(self._urgent) >= LONGEST_QUEUE or waiting + len(body) > LARGEST_QUEUE):
            raise BusyError("too many texts wait to be read; try again in a minute.")
        answer: asyncio.Future[Frames] = asyncio.get_running_loop().create_future()
        job = _Job(json.dumps(head).encode(), body, urgent, answer)
        (self._urgent if urgent else self._batch).append(job)
        async with self._changed:
            self._changed.notify()
        return await answer

    async def _work(self, worker: _Worker) -> None:
        """Give one worker one job after the other."""
        while True:
            job = await self._next()
            try:
                frames = await worker.ask(job.head, job.body)
                if not job.answer.done():
                    job.answer.set_result(frames)
            except asyncio.CancelledError:
                _fail(job, _ENDING)
                raise
            except Exception as error:  # noqa: BLE001  whoever waits gets it, and the worker's next job is done
                _fail(job, error)
            finally:
                if not job.urgent:
                    self._batch_running -= 1
                    async with self._changed:
                        self._changed.notify()

    async def _next(self) -> _Job:
        async with self._changed:
            while True:
                while self._urgent:
                    if not (job := self._urgent.popleft()).answer.done():
                        return job
                while self._batch and self._batch_running < max(1, len(self._workers) - 1):
                    if not (job := self._batch.popleft()).answer.done():
                        self._batch_running += 1
                        return job
                await self._changed.wait()

    def unread(self, task: Task, error: DetectorError) -> Answer:
        """The answer for a text that could not be read or judged."""
        id, title = task.id or task.url or task.name or "text", task.title or None
        item = Unreadable(id, error.kind, str(error), url=task.url, title=title)
        verdict = Verdict.unread(item, self.model, Thresholds(**self._ready["thresholds"]))
        document = Document(id, "", (), title=title, url=task.url, site=task.site)
        return Answer(document.to_dict(), verdict.to_dict())


_ENDING = BusyError("the desk is about to end; what was submitted waits until it runs again.")


def _fail(job: _Job, error: Exception) -> None:
    if not job.answer.done():
        job.answer.set_exception(error)
        job.answer.exception()  # nobody may be there any more to hear it


class _Process(NamedTuple):
    """A worker that is up, and what it says of itself."""

    process: asyncio.subprocess.Process
    inlet: asyncio.StreamWriter
    outlet: asyncio.StreamReader
    ready: Mapping[str, Any]

    async def send(self, *frames: tuple[bytes, bytes]) -> None:
        """Send frames. Raises OSError when the process has ended."""
        self.inlet.writelines(letter + len(body).to_bytes(8, "little") + body for letter, body in frames)
        await self.inlet.drain()

    async def frame(self) -> tuple[bytes, bytes]:
        """Letter and body of the next frame. Raises EOFError (IncompleteReadError) when the process ends before."""
        head = await self.outlet.readexactly(9)
        return head[:1], await self.outlet.readexactly(int.from_bytes(head[1:], "little"))

    async def end(self) -> None:
        """End it, at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        self.inlet.close()


class _Worker:
    """One process, started when it is needed and again when a text has ended it."""

    def __init__(self, settings: DeskSettings, command: Sequence[str]) -> None:
        self._settings = settings
        self._command = command
        self._process: _Process | None = None

    async def up(self) -> _Process:
        """The process, started if need be. Raises ModelError when it does not start."""
        if self._process is not None and self._process.process.returncode is None:
            return self._process
        await self.end()
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # one text needs no second thread
        )
        inlet, outlet = cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout)
        self._process = begun = _Process(process, inlet, outlet, {})
        letter, body = b"", b""
        with contextlib.suppress(OSError, EOFError, TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                await begun.send((b"S", self._settings.to_json().encode()))
                letter, body = await begun.frame()
        if letter != b"U":
            await self.end()
            problem = "a worker does not start; try `detector score` on one page to see why."
            raise ModelError(json.loads(body)["message"] if letter == b"E" else problem)
        self._process = begun._replace(ready=json.loads(body))
        return self._process

    async def ask(self, head: bytes, body: bytes) -> Frames:
        """The frames of one answer. Raises LostError when there is none, ModelError when no worker starts."""
        process = await self.up()
        frames: Frames = {}
        try:
            async with asyncio.timeout(self._settings.seconds + 2 * GRACE):
                await process.send((b"J", head), (b"B", body))
                while not frames.keys() & {b"V", b"W", b"F"}:
                    letter, content = await process.frame()
                    frames[letter] = content
        except (OSError, EOFError, TimeoutError) as error:
            raise await self._post_mortem(process) from error
        except BaseException:
            await self.end()  # it would answer what nobody asks any more
            raise
        if (fault := frames.get(b"F")) is not None:
            lost = LostError(**json.loads(fault))
            if lost.kind == "memory":
                await self.end()  # what is left to it may not do for the next one
            raise lost
        return frames

    async def _post_mortem(self, process: _Process) -> LostError:
        code = OVERTIME
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                code = await process.process.wait()
        await self.end()
        if code == OVERTIME:  # or it said nothing any more
            return LostError("timeout", f"it took longer than {self._settings.seconds} s to read; split it.")
        cause = f"signal {-code}" if code < 0 else f"exit code {code}"
        says = f"it ended the process that read it ({cause}), perhaps for want of memory"
        return LostError("crash", f"{says}; save it in another format.")

    async def end(self) -> None:
        """End the process, at once."""
        if (process := self._process) is not None:
            self._process = None
            await process.end()
