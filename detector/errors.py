"""Errors a user can meet. Each message says what is wrong and what to do; none is shown as a traceback."""

from __future__ import annotations


class DetectorError(Exception):
    """Base of all errors of the project. `kind` is the word machines read, `str(error)` the sentence people read.

    It is one line, whatever the names in it hold: an address may contain characters that end a line.
    """

    kind = "error"

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))


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
