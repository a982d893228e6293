"""Pages for the archive come in through a process of their own: they are read there, whatever they do.

It is told everything on standard input, so that no list of processes shows a password, and answers on standard output.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Literal

from detector.desk.config import DeskConfig
from detector.desk.intake import plain_name
from detector.errors import ConflictError, DetectorError, SourceError

COMMAND = (sys.executable, "-m", "detector.desk.importer")
UNPACKED = 500_000_000  # bytes of all files in an uploaded archive


@dataclass
class Job:
    """An import, and what came of it. removed: pages that the source had before and has no longer.

    passed_over: what was not taken, and why. message: why it failed.
    """

    job: str
    state: Literal["running", "done", "failed"] = "running"
    added: int = 0
    removed: int = 0
    passed_over: list[str] = field(default_factory=list)
    message: str = ""


class Importer:
    """Imports pages, one job at a time."""

    def __init__(self, config: DeskConfig, database: str) -> None:
        self._settings = {
            "database": database,
            "careful": config.careful,
            "allow_private": config.allow_private,
            "megabytes": config.megabytes,
        }
        self._running: asyncio.Task[None] | None = None
        self._count = 0
        self.job: Job | None = None

    def begin(
        self, sources: Mapping[str, str], folder: TemporaryDirectory[str] | None = None
    ) -> tuple[Job, asyncio.Task[None]]:
        """Import sources, each under the name by which it is known.

        folder: where they lie, removed at the end. Raises ConflictError when another import is running.
        """
        if self._running is not None and not self._running.done():
            raise ConflictError("pages are being imported already; wait until that is done.")
        self._count += 1
        self.job = Job(str(self._count))
        self._running = asyncio.create_task(self._import(self.job, sources, folder))
        return self.job, self._running

    async def close(self) -> None:
        """End an import that is running; what it has added stays."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _import(
        self, job: Job, sources: Mapping[str, str], folder: TemporaryDirectory[str] | None
    ) -> None:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            out, _ = await process.communicate(json.dumps(self._settings | {"sources": sources}).encode())
            with contextlib.suppress(ValueError):
                vars(job).update(json.loads(out))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            if job.state == "running":
                job.state, job.message = (
                    "failed",
                    "the process that read the pages has ended; try fewer at once.",
                )
            if folder is not None:
                await asyncio.to_thread(folder.cleanup)


def lay_out(uploads: Iterable[tuple[str, BinaryIO]]) -> tuple[TemporaryDirectory[str], dict[str, str]]:
    """A folder with the files, and for the path of each the name it came by. Raises SourceError for a zip bomb."""
    folder: TemporaryDirectory[str] = TemporaryDirectory(prefix="detector-archive-")
    sources: dict[str, str] = {}
    try:
        for number, (name, stream) in enumerate(uploads):
            plain = plain_name(name) or "page"
            path = Path(folder.name) / str(number) / plain
            path.parent.mkdir()
            with path.open("wb") as out:
                copyfileobj(stream, out)
            if _unpacked(path) > UNPACKED:
                raise SourceError(f"{plain}: unpacks to more than {UNPACKED // 1_000_000} MB; split it.")
            sources[str(path)] = plain
    except BaseException:
        folder.cleanup()
        raise
    return folder, sources


def _unpacked(path: Path) -> int:
    """Bytes of all files in a zip archive; 0 for anything else."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(file.file_size for file in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return 0


def main() -> None:
    """Import what standard input says, and say what came of it."""
    from detector.audit.worker import limit_memory

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for the desk, which ends this process
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    told = json.load(sys.stdin)
    limit_memory(told["megabytes"])
    try:
        row = _imported(told)
    except DetectorError as error:
        row = {"state": "failed", "message": str(error)}
    except Exception as error:  # noqa: BLE001  the answer says it
        row = {"state": "failed", "message": f"a fault of detector itself ({type(error).__name__}: {error})."}
    with answer:
        json.dump(row, answer)


def _imported(told: Mapping[str, Any]) -> dict[str, Any]:
    """What an import did; a source that cannot be read costs the others nothing, one that is alone raises."""
    from detector.desk.similar import import_archive
    from detector.desk.store import open_store
    from detector.sources import Reading

    reading = Reading(careful=told["careful"], allow_private=told["allow_private"])
    sources: dict[str, str] = told["sources"]
    added = removed = 0
    passed_over: list[str] = []
    with open_store(told["database"]) as store:
        for path, name in sources.items():
            called = {path: name} if path != name else {}
            try:
                done = import_archive(store, [path], reading=reading, called=called)
            except SourceError as error:
                message = str(error).replace(path, name)
                if len(sources) == 1:
                    raise SourceError(message) from error
                passed_over.append(message)
                continue
            added, removed = added + done.added, removed + done.removed
            passed_over += [line.replace(path, name) for line in done.passed_over]
    return {"state": "done", "added": added, "removed": removed, "passed_over": passed_over}


if __name__ == "__main__":
    main()
