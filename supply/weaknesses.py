"""Known weaknesses of locked packages, from a copy of the OSV database on disk: nothing is asked of any server.

The copy is what osv.dev offers for download for PyPI, `all.zip`, or a folder of its JSON files; see
https://google.github.io/osv.dev/data/ and, for the format, https://ossf.github.io/osv-schema/.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from supply.locked import Package


@dataclass(frozen=True)
class Weakness:
    """An advisory that holds for a locked version; fixed: versions from which it no longer does."""

    package: str
    version: str
    id: str
    summary: str
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        cure = f"fixed in {', '.join(self.fixed)}" if self.fixed else "no fixed version is known"
        return f"{self.package} {self.version}: {self.id}, {self.summary or 'no summary'}; {cure}"


def advisories(path: Path) -> Iterator[Mapping[str, Any]]:
    """Every advisory of a zip file or folder. Raises OSError, ValueError or zipfile.BadZipFile for anything else."""
    if path.is_dir():
        for file in sorted(path.rglob("*.json")):
            yield json.loads(file.read_bytes())
    else:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield json.loads(archive.read(name))


def known(locked: Mapping[str, Package], database: Path) -> tuple[list[Weakness], int]:
    """The weaknesses of the locked packages, and how many advisories were read."""
    found, read = [], 0
    for advisory in advisories(database):
        read += 1
        if advisory.get("withdrawn"):
            continue
        for affected in advisory.get("affected", ()):
            about = affected.get("package", {})
            package = locked.get(canonicalize_name(about.get("name", "")))
            if about.get("ecosystem") == "PyPI" and package is not None and _holds(affected, package.version):
                fixed = (e["fixed"] for r in affected.get("ranges", ()) for e in r["events"] if "fixed" in e)
                later = tuple(f for f in fixed if (v := _version(f)) is None or v > package.version)
                summary = advisory.get("summary", "")
                found.append(Weakness(package.name, str(package.version), advisory["id"], summary, later))
    return found, read


def _holds(affected: Mapping[str, Any], version: Version) -> bool:
    """Whether an advisory's versions hold this one: listed, or in a range of versions."""
    if any(_version(v) == version for v in affected.get("versions", ())):
        return True
    return any(_within(r["events"], version) for r in affected.get("ranges", ()) if r["type"] == "ECOSYSTEM")


def _within(events: list[Mapping[str, str]], version: Version) -> bool:
    """The last event at or below the version decides; a range is open from `introduced` on."""
    open_, at = False, None
    for event in events:
        ((what, text),) = event.items()
        bound = Version("0") if text == "0" else _version(text)
        if bound is None or what == "limit":
            continue
        reached = version > bound if what == "last_affected" else version >= bound
        if reached and (at is None or bound >= at):
            open_, at = what == "introduced", bound
    return open_


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:  # of the days before PEP 440
        return None
