"""The folder of a run: what it pins, which parts are done, how files come into it whole or not at all.

OUT/run.json      what ran, on what, with which model and options; a different run refuses to go on in it
OUT/fetched/      the pages of a sitemap or a list of addresses, as they were fetched
OUT/pages/        one Parquet file for each chunk of records, schema.PAGES: what a page is by itself
OUT/verdicts/     the same pages when all of the crawl is known, schema.VERDICTS
OUT/groups.parquet, members.parquet, recurring.parquet    what only shows across pages
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from detector.errors import OutputError, UsageError

FORMAT = 1
LOCK = ".lock"
FETCHED = "fetched"  # where pages are kept that were fetched for the run
_LEFT = re.compile(r"\.(?:run\.json|.+\.parquet)\.\d+\.new")  # of a run that was cut off; see `whole`
_PINNED = ("format", "version", "model", "inputs", "options")
_WHAT = {
    "format": "the layout of the folder",
    "version": "the version of detector",
    "model": "the model",
    "inputs": "the files of the crawl",
    "options": "the options",
}


class RunFolder:
    """OUT. Raises OutputError when it cannot be written, UsageError when another run's results lie in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pages = path / "pages"
        self.verdicts = path / "verdicts"
        self.work = path / ".work"  # of the joins; nothing in it outlives them
        self.info: dict[str, Any] = {}

    def begin(self, pinned: Mapping[str, Any]) -> bool:
        """Start a run or go on with the same one; True when it goes on. pinned: model, inputs, options, version."""
        pinned = json.loads(json.dumps({"format": FORMAT, **pinned}))
        if "?" in str(self.path):
            raise UsageError(f"{self.path}: DuckDB takes no path with a question mark; name another folder.")
        with _in(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            known = _read(self.path / "run.json")
            if known is None and any(
                file.name not in (FETCHED, LOCK) and not _LEFT.fullmatch(file.name)
                for file in self.path.iterdir()
            ):
                raise UsageError(f"{self.path} holds other files; name a new or an empty folder.")
            self._lock()
            if known is not None and (
                changed := [name for name in _PINNED if known.get(name) != pinned[name]]
            ):
                what = " and ".join(_WHAT[name] for name in changed)
                problem = f"{self.path} holds a run that differs in {what}"
                raise UsageError(f"{problem}; name another folder, or delete this one.")
            self.info = known or {**pinned, "state": "mapping"}
            if known is None:
                self.note()  # first of all: what lies beside it is then known to be ours
            for folder in (self.path, self.pages, self.verdicts):
                folder.mkdir(exist_ok=True)
                for left in folder.iterdir():
                    if _LEFT.fullmatch(left.name):
                        left.unlink()
            shutil.rmtree(self.work, ignore_errors=True)
        return known is not None

    def _lock(self) -> None:
        """Keep other runs out as long as this one is in use; the lock goes with the process, however that ends."""
        if sys.platform == "win32":
            return
        import fcntl

        held = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        weakref.finalize(self, os.close, held)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"another audit writes to {self.path}; wait for it, or name another folder."
            ) from None
        except OSError:  # a file system without locks
            return

    def note(self, **facts: Any) -> None:
        """Write run.json with these facts added."""
        self.info |= facts
        with _in(self.path), whole(self.path / "run.json") as file:
            file.write_text(json.dumps(self.info, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def forget_work(self) -> None:
        """Delete the tables of the joins."""
        shutil.rmtree(self.work, ignore_errors=True)

    def parts(self) -> set[int]:
        """Numbers of the chunks that are done."""
        return {number_of(file) for file in self.pages.glob("part-*.parquet")}


def part_name(number: int) -> str:
    """The file of a chunk."""
    return f"part-{number:06d}.parquet"


def number_of(file: Path) -> int:
    """The chunk of a file."""
    return int(file.stem.removeprefix("part-"))


def write_table(table: pa.Table, path: Path) -> None:
    """Write a Parquet file that is there whole or not at all."""
    with _in(path), whole(path) as file:
        pq.write_table(table, file, compression="zstd")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file to write beside `path`; it takes that name when it is complete and on the disk."""
    file = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        yield file
        with file.open("rb+") as written:
            os.fsync(written.fileno())
        file.replace(path)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


@contextmanager
def _in(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror or error}); name another folder."
        ) from error


def _read(file: Path) -> dict[str, Any] | None:
    try:
        known = json.loads(file.read_text("utf-8"))
        if not isinstance(known, dict):
            raise ValueError("no object")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise UsageError(f"{file} is damaged ({error}); delete its folder, or name another one.") from error
    return known
