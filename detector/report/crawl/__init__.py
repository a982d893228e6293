"""Exports of a finished audit, chosen by the ending of the file: for people, spreadsheets, programs and code hosts.

Every export reads the run as it goes and takes its name when it is complete; until then an older file stays as it is.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from detector.errors import OutputError, UsageError
from detector.report.crawl.rows import Pages

if TYPE_CHECKING:
    from detector.audit.compare import Comparison
    from detector.audit.results import Results

ENDINGS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".xlsx", ".parquet", ".sarif", ".html")


def ending(path: Path) -> str:
    """Which of ENDINGS a file has. Raises UsageError for another one."""
    name = path.name.lower()
    for known in ENDINGS:
        if name.endswith(known):
            return known
    has = f"unknown ending {path.suffix!r}" if path.suffix else "a file without an ending"
    raise UsageError(f"{path}: {has}; use {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")


def export(
    results: Results,
    path: Path,
    *,
    comparison: Comparison | None = None,
    with_text: bool = False,
    bom: bool = False,
    only: Collection[str] = (),
) -> None:
    """Write the pages of a run to one file.

    comparison: with an earlier run (`audit.compare.compare`): a column `change` and what was before.
    with_text: add each page's text (not .sarif, .html). bom: mark a .csv as UTF-8 for Excel.
    only: outcomes to keep (not .html, which filters itself).
    Raises UsageError for an unknown ending, OutputError for a place that cannot be written.
    """
    kind = ending(path)
    pages = Pages(results, comparison, only)
    _spare(results, path)
    with _completed(path) as written:
        if kind == ".xlsx":
            from detector.report.crawl.xlsx import write_xlsx

            write_xlsx(pages, written, with_text=with_text)
        elif kind == ".parquet":
            from detector.report.crawl.data import write_parquet

            write_parquet(pages, written, with_text=with_text)
        elif kind == ".html":
            from detector.report.crawl.html import write_html

            write_html(results, written, baseline=comparison)
        else:
            # half a surrogate pair has no UTF-8; as a backslash escape it is valid JSON
            errors = "replace" if kind.startswith(".csv") else "backslashreplace"
            encoding = "utf-8-sig" if bom and kind.startswith(".csv") else "utf-8"
            with _text(written, encoding, errors, packed=kind.endswith(".gz")) as out:
                _writer(kind, with_text)(pages, out)


def _writer(kind: str, with_text: bool) -> Callable[[Pages, TextIO], None]:
    """What writes a format that is text."""
    if kind == ".sarif":
        from detector.report.crawl.sarif import write_sarif

        return write_sarif
    if kind.startswith(".csv"):
        from detector.report.crawl.table import write_csv

        return lambda pages, out: write_csv(pages, out, with_text=with_text)
    from detector.report.crawl.data import write_jsonl

    return lambda pages, out: write_jsonl(pages, out, with_text=with_text)


def _spare(results: Results, path: Path) -> None:
    """Raise OutputError where the file would take the place of a part of the run, or be taken for one."""
    if path.suffix.lower() == ".parquet" and path.resolve().is_relative_to(results.folder.resolve()):
        raise OutputError(
            f"{path} cannot be written: it lies among the run's own Parquet files; name a file elsewhere."
        )


@contextlib.contextmanager
def _completed(path: Path) -> Iterator[Path]:
    """Where to write a file that takes its name when all is written. Raises OutputError."""
    if path.is_dir():
        raise OutputError(f"{path} cannot be written: it is a folder; name a file in it.")
    if path.exists() and not path.is_file():
        raise OutputError(f"{path} cannot be written: it is no file; name one.")
    target = Path(os.path.realpath(path))  # a link goes on pointing to its file
    written = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        written.touch()
        yield written
        if target.exists():
            shutil.copymode(target, written)
        written.replace(target)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            written.unlink()


@contextlib.contextmanager
def _text(path: Path, encoding: str, errors: str, *, packed: bool) -> Iterator[TextIO]:
    """A text file whose line ends stay as they are written; packed with neither a name nor a date in it."""
    with contextlib.ExitStack() as stack:
        raw: Any = stack.enter_context(path.open("wb"))
        if packed:
            raw = stack.enter_context(
                gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0)
            )
        yield stack.enter_context(io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline=""))
