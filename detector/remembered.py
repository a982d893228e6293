"""What an earlier start has checked and need not be checked again today, while certain files stay as they are.

It is kept in the user's cache folder. Nothing but the time of a start depends on it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

LONGEST = 24 * 60 * 60  # seconds until a check is repeated: a disk may go bad without a file being changed


class Stamp:
    """Remembers a check of certain files under a name.

    Any change of the files that the system knows of makes the check void, and so does one of `said`, a line of text.
    A stamp is made before the check, so that it never covers a change made meanwhile.
    """

    def __init__(self, name: str, said: str, files: Sequence[Path]) -> None:
        paths = "\n".join(map(str, files)).encode("utf-8", "surrogateescape")
        self._state: str | None = None
        with contextlib.suppress(
            OSError, RuntimeError
        ):  # a file is missing, as the check tells; or nobody's home
            # another checkout has a stamp of its own
            self._file = _folder() / f"{name}-{zlib.crc32(paths):08x}"
            self._state = "\n".join([said, *map(_state, files)])

    def holds(self) -> bool:
        """Whether the check was passed, of the same files, not too long ago."""
        if self._state is None:
            return False
        with contextlib.suppress(OSError, ValueError):
            recent = 0 <= time.time() - self._file.stat().st_mtime < LONGEST
            return recent and self._file.read_text("utf-8", "surrogateescape") == self._state
        return False

    def leave(self) -> None:
        """Remember that the check was passed."""
        if self._state is None:
            return
        with contextlib.suppress(OSError):  # a home that cannot be written to costs time only
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(self._state, "utf-8", "surrogateescape")


def _folder() -> Path:
    home = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return (Path(home) if home else Path("~/.cache").expanduser()) / "detector"


def _state(file: Path) -> str:
    """A file as the system tells that it was changed; nobody can set back the time of the last change (ctime)."""
    known = file.stat()
    return f"{file} {known.st_ino} {known.st_size} {known.st_mtime_ns} {known.st_ctime_ns}"
