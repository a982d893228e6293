"""The process in which submissions are read, judged and written as Word files: whatever one does, only it is lost.

Frames as in `detector.audit.worker`. Everything hostile is parsed here, and nothing else happens here.

    in   "S"  settings, JSON, once
         "J"  a job, JSON; "B" follows with its bytes
    out  "U"  up and ready, JSON with model and thresholds        "E"  JSON with kind and message: it cannot start
         "D"  the document, JSON       "T"  its traces            "V"  the verdict, JSON: the end of an answer
         "W"  a Word file: the end of an answer                   "F"  JSON with kind and message: no answer
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import IO, Any

from detector.audit.worker import (
    OvertimeError,
    Settings,
    in_time,
    limit_memory,
    read_frames,
    write_frame,
)
from detector.desk.intake import Task, read
from detector.document import Document
from detector.errors import DetectorError, SourceError
from detector.score import Detector
from detector.verdict import Verdict


@dataclass(frozen=True)
class DeskSettings(Settings):
    """How every text is read and judged. characters: of the longest text that is."""

    characters: int = 1_000_000


def main() -> int:
    """Answer jobs until standard input ends."""
    inlet, outlet = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for the process that can end the desk in order
    frames = read_frames(inlet)
    try:
        settings = DeskSettings.from_json(next(frames)[1])
        detector = settings.load()
    except DetectorError as error:
        _write(outlet, b"E", {"kind": error.kind, "message": str(error)})
        return 2
    gc.freeze()  # what is loaded stays: to look for garbage in it again and again takes an eighth of reading
    _write(outlet, b"U", {"model": asdict(detector.model), "thresholds": asdict(detector.thresholds)})
    for (_, job), (_, body) in zip(frames, frames, strict=False):
        for letter, answer in _answers(json.loads(job), body, detector, settings):
            write_frame(outlet, letter, answer)
    return 0


def _answers(
    job: dict[str, Any], body: bytes, detector: Detector, settings: DeskSettings
) -> list[tuple[bytes, bytes]]:
    """The frames that answer one job; a fault of ours, too much time or memory costs that job only."""
    limit_memory(settings.megabytes)
    try:
        with in_time(settings.seconds):
            if job.pop("do") == "word":
                return [(b"W", _word(body, **job))]
            return list(_judge(Task(content=body, **job), detector, settings))
    except DetectorError as error:
        kind, message = error.kind, str(error)
    except OvertimeError:
        kind, message = "timeout", f"it took longer than {settings.seconds} s to read; split it."
    except MemoryError:
        kind, message = "memory", f"it needs more than {settings.megabytes} MB to be read; split it."
    except Exception as error:  # noqa: BLE001  the answer says it, and the desk goes on
        kind, message = "internal", f"a fault of detector itself ({type(error).__name__}: {error})."
    return [(b"F", _json({"kind": kind, "message": message}))]


def _judge(task: Task, detector: Detector, settings: DeskSettings) -> Iterator[tuple[bytes, bytes]]:
    document = read(task, settings.reading)
    if len(document.text) > settings.characters:
        problem = f"longer than the limit of {settings.characters:,} characters; split it."
        raise SourceError(f"{len(document.text):,} characters, {problem}")
    verdict = detector.score(document)
    yield b"D", _json(document.to_dict())
    if task.traces:
        from detector.desk.similar import traces

        yield b"T", traces(document)
    yield b"V", _json(verdict.to_dict(document))


def _word(original: bytes, *, verdict: dict[str, Any], document: dict[str, Any], **how: Any) -> bytes:
    from detector.report.word import write_word

    out = BytesIO()
    read = Document.from_dict(document)
    write_word(Verdict.from_dict(verdict), read, out, original=original or None, **how)
    return out.getvalue()


def _json(row: dict[str, Any]) -> bytes:
    # half a surrogate pair has no UTF-8; as an escape it is valid JSON
    return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()


def _write(to: IO[bytes], letter: bytes, row: dict[str, Any]) -> None:
    write_frame(to, letter, _json(row))


if __name__ == "__main__":
    try:
        code = main()
    except Exception:  # noqa: BLE001  1 is the code of a text that took too long
        code = 70
    sys.exit(code)
