"""Keeps a worker process alive and asks it for rows.

A page that crashes the process, hangs or eats memory costs its own row only.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, cast

import pyarrow as pa

from detector.audit.worker import GRACE, Settings, read_frames, to_stream, write_frame
from detector.errors import ModelError, SourceError

WORKER = (sys.executable, "-m", "detector.audit.worker")
START_SECONDS = 180  # that a worker may take to load the model on a busy machine


class Guard:
    """One worker process, started when it is needed and again when a page has ended it."""

    def __init__(self, settings: Settings, command: Sequence[str] = WORKER) -> None:
        """command: starts the worker."""
        self._settings = settings
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._frames: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()

    def rows(self, records: pa.RecordBatch) -> pa.Table:
        """One row of schema.PAGES for each of the records (schema.RECORDS), in their order.

        Raises ModelError when the worker does not start, SourceError when it ends whatever it is given.
        """
        blamed = -1
        while True:
            answered, rows = self._ask(records)
            if rows is not None:
                return rows
            # the worker answers one record after the other: the first without an answer is the one that ended it
            at = min(answered, len(records) - 1)
            if at == blamed:
                problem = "the process that reads pages ends before it has read one"
                raise SourceError(
                    f"{problem}; allow more with --page-memory, or give the machine more memory."
                )
            records, blamed = self._without(records, at), at

    def close(self) -> None:
        """End the worker."""
        if (process := self._process) is not None:
            self._process = None
            process.kill()
            process.wait()
            with contextlib.suppress(OSError):  # what was not sent is lost
                cast(IO[bytes], process.stdin).close()

    def _ask(self, records: pa.RecordBatch) -> tuple[int, pa.Table | None]:
        """How many records were answered, and the rows if all were."""
        inlet, answered = self._start(), 0
        with contextlib.suppress(OSError, queue.Empty):  # the worker is gone, or says nothing any more
            write_frame(inlet, b"B", to_stream(records))
            while frame := self._frames.get(timeout=self._settings.seconds + 2 * GRACE):
                letter, body = frame
                if letter == b"R":
                    return answered, pa.ipc.open_stream(body).read_all()
                answered += 1
        return answered, None

    def _start(self) -> IO[bytes]:
        """The way into a worker that is up."""
        process = self._process
        if process is None or process.poll() is not None:
            self.close()
            process = subprocess.Popen(  # noqa: S603  our own module
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            frames: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()
            threading.Thread(target=_listen, args=(process.stdout, frames), daemon=True).start()
            self._process, self._frames = process, frames
            self._wait_until_up(process)
        return cast(IO[bytes], process.stdin)

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        problem = "a worker does not start; try `detector score` on one page to see why"
        try:
            write_frame(cast(IO[bytes], process.stdin), b"S", self._settings.to_json().encode())
            letter, body = self._frames.get(timeout=START_SECONDS) or (b"", b"")
        except (OSError, queue.Empty):
            letter, body = b"", b""
        if letter == b"U":
            return
        self.close()
        raise ModelError(json.loads(body)["message"] if letter == b"E" else problem)

    def _without(self, records: pa.RecordBatch, at: int) -> pa.RecordBatch:
        """The same records, the one at `at` with a problem instead of a body."""
        process, settings = self._process, self._settings
        kind, says = "timeout", f"took longer than {settings.seconds} s; allow more with --page-seconds"
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(timeout=1)
                if code != 1:  # 1: it ended itself because its time was up
                    cause = f"signal {-code}" if code < 0 else f"exit code {code}"
                    kind, says = (
                        "crash",
                        f"ended the process that read it ({cause}), perhaps for want of memory",
                    )
        self.close()
        record = records.slice(at, 1).to_pylist()[0]
        record |= {
            "body": b"",
            "fault": kind,
            "problem": f"{record['place']}: {says}; look at the page by itself.",
        }
        changed = pa.RecordBatch.from_pylist([record], schema=records.schema)
        parts = [records.slice(0, at), changed, records.slice(at + 1)]
        return pa.Table.from_batches(parts).combine_chunks().to_batches()[0]


def _listen(source: IO[bytes], frames: queue.SimpleQueue[tuple[bytes, bytes] | None]) -> None:
    """Hand on what a worker says; None when it has ended."""
    with source:
        for frame in read_frames(source):
            frames.put(frame)
    frames.put(None)


_GUARDS: dict[Settings, Guard] = {}  # one at most


def guard_of_this_process(settings: Settings) -> Guard:
    """The guard that all chunks of a process share: the model is loaded once. That of other settings is closed."""
    if settings not in _GUARDS:
        while _GUARDS:
            _GUARDS.popitem()[1].close()
        _GUARDS[settings] = Guard(settings)
    return _GUARDS[settings]
