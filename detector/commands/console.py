"""Standard output, standard error and files of results, for programs and people at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from detector.errors import OutputError

NARROWEST, WIDEST = 60, 110  # columns; longer lines tire the eye


def prepare(out: TextIO | None) -> None:
    """Make standard output UTF-8, whatever the terminal says it is, and never fail on a character."""
    if out is None:
        raise OutputError("standard output is closed")
    if (reconfigure := getattr(out, "reconfigure", None)) is not None:
        reconfigure(encoding="utf-8", errors="replace", newline="\n")


@contextlib.contextmanager
def destination(path: Path | None, *, errors: str) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name when all is written; until then an older one stays as it is.

    errors: what becomes of a character that has no UTF-8 (half a surrogate pair). Raises OutputError.
    """
    if path is None:
        if (reconfigure := getattr(sys.stdout, "reconfigure", None)) is not None:
            reconfigure(errors=errors)
        yield sys.stdout
        return
    with writing(str(path)):
        if path.is_dir():
            raise OutputError(f"{path} cannot be written: it is a folder; name a file in it.")
        # a device or a pipe is written to; a file in its place would be no device
        special = path.exists() and not path.is_file()
        target = Path(os.path.realpath(path))  # a link goes on pointing to its file
        written = path if special else target.with_name(f".{target.name}.{os.getpid()}.new")
        out = written.open("w", encoding="utf-8", errors=errors, newline="\n")
    try:
        yield out
        with writing(str(path)):
            out.close()
            if not special:
                if target.exists():
                    shutil.copymode(target, written)
                written.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            out.close()
        if not special:
            with contextlib.suppress(OSError):
                written.unlink()
        raise


@contextlib.contextmanager
def writing(name: str = "standard output") -> Iterator[None]:
    """Turns what goes wrong while writing into OutputError; a reader that left stays BrokenPipeError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) and not sys.stdout.closed:
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise OutputError(f"{name} cannot be written: {reason}") from error


def silence(out: TextIO | None) -> None:
    """What is still buffered for a reader that left must not raise once more when Python ends."""
    if out is None:
        return
    try:
        out.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def say(message: str) -> None:
    """One line on standard error; what names a page may carry control characters."""
    from detector.report.ink import clean

    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"detector: {clean(message)}\n")
            sys.stderr.flush()


def wants_color(asked: bool | None) -> bool:
    """Whether to write in colour: as asked, else when a person looks at standard output and has not said NO_COLOR."""
    if asked is not None:
        return asked
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns to fill."""
    return min(max(shutil.get_terminal_size((100, 24)).columns, NARROWEST), WIDEST)
