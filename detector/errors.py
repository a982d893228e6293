"""Errors a user can meet. Each message says what is wrong and what to do; none is shown as a traceback."""

from __future__ import annotations

_LONGEST = 1_500  # characters of a message; what to do stands at its end


def one_line(message: str) -> str:
    """A message whatever the names in it hold: an address may have kilobytes, and characters that end a line."""
    line = " ".join(message.splitlines())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 3]} … {line[-_LONGEST // 2 :]}"


class DetectorError(Exception):
    """Base of all errors of the project. `kind` is the word machines read, `str(error)` the sentence people read:
    one line.
    """

    kind = "error"

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class UsageError(DetectorError):
    """The call is wrong: an unknown option, format or signal. Exit code 2."""

    kind = "usage"


class SourceError(DetectorError):
    """A source cannot be read: missing, binary, broken, too large. Exit code 2 when it was named on the
    command line; an answered row when it is one of many."""

    kind = "unreadable"


class ModelError(DetectorError):
    """The model is missing, damaged or does not fit this version of the code. Exit code 2."""

    kind = "model"


class OutputError(DetectorError):
    """The result cannot be written where it was asked for. Exit code 2."""

    kind = "output"


class StoreError(DetectorError):
    """The desk's database cannot be opened, read or written. Exit code 2."""

    kind = "store"


class NotFoundError(StoreError):
    """There is no such submission, batch or letter."""

    kind = "not_found"


class ConflictError(StoreError):
    """Somebody else changed it meanwhile, or there is nothing to undo."""

    kind = "conflict"
