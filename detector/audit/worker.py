"""The process in which pages are read and scored: whatever a page does to it, only that page is lost.

It reads frames from standard input and writes frames to standard output; a frame is a letter, a length of eight bytes
(little endian) and that many bytes.

    in   "S"  settings, JSON, once          "B"  records, an Arrow stream with schema.RECORDS
    out  "U"  up and ready                  "."  one more record is answered
         "R"  rows, an Arrow stream         "E"  JSON with kind and message: it cannot start
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Any, Self

import pyarrow as pa

from detector.audit import page
from detector.errors import DetectorError
from detector.score import Detector
from detector.sources.crawls.record import Record
from detector.sources.reading import Reading

GRACE = (
    10  # seconds from the alarm, which Python code obeys, to the end of the process, which everything obeys
)


@dataclass(frozen=True)
class Settings:
    """How every page of a run is read and judged. seconds, megabytes: what one page may cost."""

    model: str | None = None
    base_rate: float = 0.5
    ignore: tuple[str, ...] = ()
    careful: bool = False
    site: str | None = None
    seconds: int = 60
    megabytes: int = 2_000

    def to_json(self) -> str:
        """As one line."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """What `to_json` wrote."""
        raw = json.loads(text)
        return cls(**{**raw, "ignore": tuple(raw["ignore"])})

    def load(self) -> Detector:
        """The detector they ask for. Raises ModelError."""
        folder = Path(self.model) if self.model else None
        return Detector.load(folder, base_rate=self.base_rate, ignore=self.ignore)

    @property
    def reading(self) -> Reading:
        """How pages are read."""
        return Reading(careful=self.careful, site=self.site)


class OvertimeError(BaseException):
    """The page took too long; nothing that catches Exception on the way may hold it."""


def main() -> int:
    """Answer batches until standard input ends."""
    inlet, outlet = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for the process that can end the run in order
    frames = read_frames(inlet)
    try:
        settings = Settings.from_json(next(frames)[1])
        detector = settings.load()
    except DetectorError as error:
        write_frame(outlet, b"E", json.dumps({"kind": error.kind, "message": str(error)}).encode())
        return 2
    gc.freeze()  # what is loaded stays: to look for garbage in it again and again takes an eighth of reading
    write_frame(outlet, b"U")
    for _, body in frames:
        rows = [page.to_batch([])]
        for batch in pa.ipc.open_stream(body):
            for record in batch.to_pylist():
                rows.append(_answer(record.pop("row"), Record(**_known(record)), detector, settings))
                write_frame(outlet, b".")
        write_frame(outlet, b"R", to_stream(*rows))
    return 0


def _known(record: dict[str, Any]) -> dict[str, Any]:
    return {
        **record,
        "body": record["body"] or b"",
        "form": record["form"] or "",
        "fault": record["fault"] or "unreadable",
    }


def _answer(row: int, record: Record, detector: Detector, settings: Settings) -> pa.RecordBatch:
    """The row of one record; a fault of ours, too much time or memory costs that row's verdict only."""
    limit_memory(settings.megabytes)
    try:
        with in_time(settings.seconds):
            return page.to_batch([page.answer(row, record, detector, settings.reading)])
    except OvertimeError:
        kind, message = (
            "timeout",
            f"took longer than {settings.seconds} s; look at the page, or allow more with --page-seconds",
        )
    except MemoryError:
        kind, message = (
            "memory",
            f"needs more than {settings.megabytes} MB; look at the page, or allow more with --page-memory",
        )
    except Exception as error:  # noqa: BLE001  the row says it, and the run goes on
        kind, message = "internal", f"a fault of detector itself ({type(error).__name__}: {error})"
    return page.to_batch([page.failed(row, record, kind, f"{record.place}: {message}.", detector)])


@contextlib.contextmanager
def in_time(seconds: int) -> Iterator[None]:
    """Raises OvertimeError in Python code, and ends the process where code in C does not listen."""

    def stop(_: int, __: FrameType | None) -> None:
        raise OvertimeError

    faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=_NOWHERE)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


_NOWHERE = os.open(os.devnull, os.O_WRONLY)  # for what faulthandler says when the process is past everything


def limit_memory(megabytes: int) -> None:
    """From now on let allocations beyond what is in use and so much more fail, instead of the machine: to be called
    before each page, because one that took much leaves gaps behind in which the next has no room. Windows has no such
    limit.
    """
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        used, resident = _in_use()
        if resident > LEFT_BEHIND:
            _give_back()
            used, _ = _in_use()
        limit = used + megabytes * 1_000_000
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))


LEFT_BEHIND = (
    500_000_000  # bytes in memory before a page from which the system is given back what is not used
)


def _in_use() -> tuple[int, int]:
    """Bytes of address space, and of memory."""
    import resource

    pages = Path("/proc/self/statm").read_text().split()
    return int(pages[0]) * resource.getpagesize(), int(pages[1]) * resource.getpagesize()


def _give_back() -> None:
    """What the allocator keeps goes back to the system, where it can be told so (glibc)."""
    import ctypes

    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


# --- frames ----------------------------------------------------------------------------------------------------------


def write_frame(to: IO[bytes], letter: bytes, body: bytes = b"") -> None:
    """Write one frame and send it off."""
    to.write(letter + len(body).to_bytes(8, "little") + body)
    to.flush()


def read_frames(source: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Letter and body of each frame until the other side ends, in the middle of a frame too."""
    while len(head := source.read(9)) == 9:
        length = int.from_bytes(head[1:], "little")
        body = source.read(length)
        if len(body) < length:
            return
        yield head[:1], body


def to_stream(*batches: pa.RecordBatch) -> bytes:
    """One batch or more with the same columns as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return bytes(sink.getvalue())


if __name__ == "__main__":
    try:
        code = main()
    except Exception:  # noqa: BLE001  1 is the code of a page that took too long
        code = 70
    sys.exit(code)
