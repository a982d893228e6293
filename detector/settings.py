"""Defaults from a file: `detector.toml`, or `[tool.detector]` in pyproject.toml. The command line wins over them.

The file is looked for in the working directory and the folders above it, up to the root of the repository. A
detector.toml wins over a pyproject.toml beside it; a pyproject.toml without [tool.detector] is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from detector.errors import UsageError
from detector.report import FORMATS

if TYPE_CHECKING:
    from detector.verdict import Outcome

LIMIT = 10_000_000  # bytes of a file of settings
LONGEST_SAID = 300  # characters of a file that a message repeats
# What `fail-on` stops at, the milder including the worse.
GATES: dict[str, frozenset[Outcome]] = {
    "review": frozenset({"review", "reject"}),
    "reject": frozenset({"reject"}),
}
# Must be said on the command line, and why.
NOT_IN_FILES = {
    "allow-private": "whoever can change the file could make detector fetch from inside your network; "
    "say --allow-private on the command line"
}


class Settings(NamedTuple):
    """What may be set for `detector score`. Every field is a key of the file and a long option, with hyphens."""

    ignore: tuple[str, ...] = ()
    site: str | None = None
    format: str = "text"
    fail_on: str | None = None
    base_rate: float = 0.5
    careful: bool = False
    baseline: Path | None = None
    model: Path | None = None
    with_text: bool = False
    allow_comments: bool = False


def find(folder: Path) -> Path | None:
    """The file that holds for commands run in `folder`, if there is one."""
    for place in (folder, *folder.parents):
        own, project = place / "detector.toml", place / "pyproject.toml"
        if _holds(own.is_file):
            return own
        if _holds(project.is_file) and _table(project) is not None:
            return project
        if _holds((place / ".git").exists):
            break
    return None


def read(file: Path) -> dict[str, Any]:
    """The settings in a file, checked, by field; paths are taken from the file's folder.

    Raises UsageError that names the file, the key and what it may be.
    """
    table = _table(file)
    if table is None:
        raise UsageError(f"{file}: has no [tool.detector]; write one, or name a detector.toml.")
    return {
        key.replace("-", "_"): check(key, value, file.parent, f"{file}: ") for key, value in table.items()
    }


def check(key: str, value: object, folder: Path, where: str) -> Any:
    """The value of a key, as its field holds it; `where` begins the message of the UsageError for a wrong one."""
    if key in NOT_IN_FILES:
        raise UsageError(f"{where}{key} may not be set in a file: {NOT_IN_FILES[key]}.")
    if key not in _KEYS:
        import difflib

        near = difflib.get_close_matches(key.replace("_", "-"), _KEYS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"{where}there is no key {_short(key)!r}; {hint}There are {', '.join(_KEYS)}.")
    try:
        checked = _KEYS[key](value)
    except (ValueError, UsageError) as error:
        raise UsageError(f"{where}{key}: {_short(str(error))}") from None
    return folder / checked if isinstance(checked, Path) else checked


def _short(said: str) -> str:
    """What a file has put into a message, of which it may be any length, as a part of one line."""
    line = " ".join(said.split())
    return line if len(line) <= LONGEST_SAID else f"{line[:LONGEST_SAID]}…"


def describe(settings: Settings, origins: Mapping[str, str]) -> str:
    """The settings as the lines of a detector.toml; comments say where each comes from."""
    lines = []
    for name, value in settings._asdict().items():
        key = name.replace("_", "-")
        if value is None:
            lines.append(f"# {key} is not set")
        else:
            shown = (
                list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
            )
            lines.append(f"{key} = {json.dumps(shown, ensure_ascii=False)}  # {origins.get(name, 'default')}")
    return "\n".join(lines)


def _table(file: Path) -> Mapping[str, object] | None:
    """What the file says to detector; None for a pyproject.toml that says nothing to it."""
    try:
        with file.open("rb") as handle:
            data = handle.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be read ({error.strerror}); check the path, or say --no-config."
        ) from error
    if len(data) > LIMIT:
        raise UsageError(f"{file}: larger than {LIMIT // 1_000_000} MB; that cannot be a file of settings.")
    project = file.name == "pyproject.toml"
    if project and b"detector" not in data:
        return None
    import tomllib  # only where a file has to be read: it takes longer than a small page

    try:
        table: dict[str, Any] | None = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}: not valid TOML ({error}); mend it, or say --no-config.") from error
    if project and table is not None:
        tool = table.get("tool")
        table = tool.get("detector") if isinstance(tool, dict) else None
        if table is not None and not isinstance(table, dict):
            raise UsageError(f"{file}: tool.detector must be a table; write [tool.detector].")
    return table


def _holds(test: Callable[[], bool]) -> bool:
    try:
        return test()
    except OSError:  # a folder above that may not be looked into
        return False


# --- one reader for each kind of value -------------------------------------------------------------------------------


def _signals(value: object) -> tuple[str, ...]:
    from detector.score import known_signals

    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ValueError('must be a list of signals, as in ["readability", "plug"].')
    known_signals(value)
    return tuple(dict.fromkeys(value))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a string that is not empty.")
    return value


def _path(value: object) -> Path:
    return Path(_text(value))


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false.")
    return value


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise ValueError(f"must be a number between 0 and 1, not {value!r}.")
    return float(value)


def _one_of(*choices: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {value!r}.")
        return str(value)

    return read


_KEYS: dict[str, Callable[[object], Any]] = {
    "ignore": _signals,
    "site": _text,
    "format": _one_of(*FORMATS),
    "fail-on": _one_of(*GATES),
    "base-rate": _share,
    "careful": _flag,
    "baseline": _path,
    "model": _path,
    "with-text": _flag,
    "allow-comments": _flag,
}
