"""The lock files: which version of each package is installed, and the sha256 of every file it may come from."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HERE = Path(__file__).parent
PROJECT = HERE.parent / "pyproject.toml"
# lock file -> the extras whose packages it holds; later ones take the versions of the first
LOCKS = {
    "test": ("test",),
    "full": ("audit", "desk", "postgres", "spark", "train"),
    "base": (),
}


@dataclass(frozen=True)
class Package:
    """One locked package. needed: whether this system and this Python need it at all."""

    name: str
    version: Version
    hashes: frozenset[str]
    needed: bool


def lock_file(name: str) -> Path:
    """The file of a lock."""
    return HERE / f"{name}.lock"


def read_lock(name: str) -> dict[str, Package]:
    """The packages of a lock by canonical name. Raises ValueError for a line that pins nothing or has no hash."""
    found = {}
    for line in _lines(lock_file(name).read_text("utf-8")):
        stated, *options = re.split(r"\s+--hash=", line)
        requirement = Requirement(stated)
        pins = [s.version for s in requirement.specifier if s.operator == "=="]
        if len(pins) != 1 or not options:
            raise ValueError(f"{name}.lock: not one version with its hashes: {line[:100]}")
        needed = requirement.marker is None or requirement.marker.evaluate()
        package = Package(
            canonicalize_name(requirement.name), Version(pins[0]), frozenset(map(str.strip, options)), needed
        )
        # one package may be locked at several versions, for several systems: this one's counts
        if needed or package.name not in found:
            found[package.name] = package
    return found


def _lines(text: str) -> Iterator[str]:
    """Logical lines: comments left out, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return (line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#"))


def requirements(extras: tuple[str, ...]) -> list[Requirement]:
    """What pyproject.toml asks for with these extras; the project's own extras are followed."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    open_, seen, found = list(extras), set(), [Requirement(r) for r in project["dependencies"]]
    while open_:
        extra = open_.pop()
        if extra in seen:
            continue
        seen.add(extra)
        for requirement in map(Requirement, project["optional-dependencies"][extra]):
            if requirement.name == project["name"]:
                open_ += requirement.extras
            else:
                found.append(requirement)
    return found


def stale() -> list[str]:
    """What pyproject.toml asks for and a lock does not give; and where locks disagree."""
    complaints = []
    locks = {name: read_lock(name) for name in LOCKS}
    for name, extras in LOCKS.items():
        for requirement in requirements(extras):
            package = locks[name].get(canonicalize_name(requirement.name))
            environment = {**default_environment(), "extra": ""}
            if requirement.marker is not None and not requirement.marker.evaluate(environment):
                continue
            if package is None or package.version not in requirement.specifier:
                has = f"has {package.version}" if package else "does not have it"
                complaints.append(f"{name}.lock: {requirement} is asked for, the lock {has}")
        for package in locks[name].values():
            other = locks["test"].get(package.name)
            if other != package:
                complaints.append(f"{name}.lock and test.lock differ in {package.name}")
    return complaints


def write_locks(upgrade: bool) -> None:
    """Resolve all locks anew with uv. Versions stay where they still fit, but for `upgrade`."""
    for name, extras in LOCKS.items():
        command = ["uv", "pip", "compile", str(PROJECT), "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate"]
        command += ["--no-header", "--quiet", "--output-file", str(lock_file(name))]
        command += [f"--extra={extra}" for extra in extras]
        if name != "test":
            command += ["--constraint", str(lock_file("test"))]
        if upgrade:
            command.append("--upgrade")
        subprocess.run(command, check=True)
