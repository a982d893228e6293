"""The whole of an audit: every page answered, then the look across them; here on one machine."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from detector import __version__
from detector.audit.across import Engine, look_across
from detector.audit.local import CHUNK_BYTES, CHUNK_RECORDS, DuckTables, Rows, map_pages
from detector.audit.run import RunFolder
from detector.audit.worker import Settings
from detector.signals.crawl._tables import rows


class StoredFile(Protocol):
    """A file of a crawl; name, size in bytes and time of change pin it."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def mtime_ns(self) -> int: ...


class Inputs(Protocol):
    """What pins a crawl."""

    @property
    def kind(self) -> str: ...
    @property
    def files(self) -> Sequence[StoredFile]: ...


class Crawl(Inputs, Protocol):
    """What is audited; see `detector.sources.crawls.Crawl`."""

    @property
    def passed_over(self) -> Mapping[str, int]: ...

    def records(self) -> Rows:
        """All records, always in the same order."""
        ...


def audit(
    crawl: Crawl,
    output: Path,
    settings: Settings,
    *,
    workers: int,
    megabytes: int,
    mapped: Callable[[int], None],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Run it, or go on with it; returns what run.json says at the end.

    megabytes: that the joins may take before they go to disk. mapped: is told of pages that are answered.
    Raises UsageError when another run's results lie in `output`, OutputError when it cannot be written.
    """
    run = begin(
        crawl, output, settings, engine="local", options={"chunk": [CHUNK_RECORDS, CHUNK_BYTES]}, say=say
    )
    if run.info["state"] == "done":
        return run.info
    started = time.monotonic()
    try:
        map_pages(crawl.records, run, settings, workers=workers, done=mapped)
    except KeyboardInterrupt:
        run.note(seconds_mapping=round(run.info.get("seconds_mapping", 0) + time.monotonic() - started, 1))
        raise
    run.note(
        passed_over=dict(sorted(crawl.passed_over.items())),
        seconds_mapping=round(run.info.get("seconds_mapping", 0) + time.monotonic() - started, 1),
    )
    return finish(run, DuckTables(run, workers=workers, megabytes=megabytes), settings, say=say)


def begin(
    crawl: Inputs,
    output: Path,
    settings: Settings,
    *,
    engine: str,
    options: Mapping[str, Any],
    say: Callable[[str], None],
) -> RunFolder:
    """The folder of a run that begins, goes on or, with the state "done", is finished already.

    options: of the engine, which decide what lies in a part.
    Raises ModelError, UsageError and OutputError as `audit` does.
    """
    detector = settings.load()  # a model that does not load must say so before anything is written
    run = RunFolder(output)
    model, thresholds = detector.model, detector.thresholds
    goes_on = run.begin(
        {
            "version": __version__,
            "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
            "inputs": inputs_of(crawl),
            "options": {**_judging(settings), **options},
        }
    )
    if run.info["state"] == "done":
        say(f"{output} is finished already; `detector export {output} FILE` writes it out.")
        return run
    if goes_on:
        say(f"going on with {output}: {len(run.parts())} parts are there")
    run.note(
        thresholds={"review": thresholds.review, "reject": thresholds.reject},
        started=run.info.get("started") or _now(),
        engine=engine,
    )
    return run


def finish(
    run: RunFolder, engine: AbstractContextManager[Engine], settings: Settings, *, say: Callable[[str], None]
) -> dict[str, Any]:
    """Look across the pages; returns what run.json says at the end."""
    say("looking across the pages")
    joining = time.monotonic()
    with engine as tables:
        groups = look_across(tables, settings)
        counts = {r["outcome"]: r["n"] for r in rows(tables, _COUNTS)}
    run.forget_work()
    run.note(
        state="done",
        counts=counts,
        groups=groups,
        finished=_now(),
        seconds_across=round(time.monotonic() - joining, 1),
    )
    return run.info


NAMES = 20  # of files that run.json lists
_COUNTS = "SELECT outcome, count(*) AS n FROM scored_again GROUP BY outcome ORDER BY outcome"


def inputs_of(crawl: Inputs) -> dict[str, Any]:
    """What pins a crawl: its kind, how many files it has, and a digest over their names, sizes and times of change."""
    digest = hashlib.sha256()
    for file in crawl.files:
        digest.update(f"{file.name}\0{file.size}\0{file.mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return {
        "kind": crawl.kind,
        "files": len(crawl.files),
        "bytes": sum(file.size for file in crawl.files),
        "names": [file.name for file in crawl.files[:NAMES]],
        "sha256": digest.hexdigest(),
    }


def _judging(settings: Settings) -> dict[str, Any]:
    """What decides a verdict. What a page may cost does not: a run may go on with more memory than it began with."""
    return {
        "base_rate": settings.base_rate,
        "ignore": sorted(settings.ignore),
        "careful": settings.careful,
        "site": settings.site,
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
