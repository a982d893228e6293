"""The licence of every locked package, and whether it may be used.

A permissive licence needs no decision. For any other one somebody has written down in licences.toml why it is used and
what that asks of those who pass the project on; a package with another licence than the one decided on is a complaint.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from typing import Any

from supply.locked import HERE, LOCKS, read_lock

# Names that packages write where an SPDX identifier is meant.
SPDX = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD-3": "BSD-3-Clause",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "http://www.apache.org/licenses/LICENSE-2.0": "Apache-2.0",
}
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Licensed:
    """A package and its licence; users: the smallest lock that holds it, "base" for what every user gets."""

    name: str
    version: str
    licence: str
    users: str


def stated(name: str) -> str:
    """The licence that an installed package states, as an SPDX expression where that can be told.

    Raises PackageNotFoundError when the package is not installed.
    """
    metadata = distribution(name).metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classified = [
        c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier") or () if c.startswith("License ::")
    ]
    named = [SPDX.get(c, c) for c in classified if c != "OSI Approved"]
    if named:
        return " OR ".join(sorted(set(named)))
    # a field that holds one line names the licence, a longer one is its text
    line = (metadata.get("License") or "").strip()
    if line and "\n" not in line:
        return SPDX.get(line, line)
    return UNKNOWN


def inventory() -> list[Licensed]:
    """All packages of the locks that this system needs. Raises PackageNotFoundError for one that is not installed."""
    smallest = {
        name: lock for lock in LOCKS for name in read_lock(lock)
    }  # the last one, base, is the smallest
    return [
        Licensed(name, str(package.version), stated(name), smallest[name])
        for name, package in sorted(read_lock("test").items())
        if package.needed
    ]


@cache
def _policy() -> Mapping[str, Any]:
    return tomllib.loads((HERE / "licences.toml").read_text("utf-8"))


def decisions() -> Mapping[str, Mapping[str, str]]:
    """What was decided on packages that are under no permissive licence, by package."""
    return {d["package"]: d for d in _policy()["decision"]}


def licence(package: Licensed) -> str:
    """The licence that a package is used under."""
    decision = decisions().get(package.name)
    return decision["licence"] if decision else package.licence


def is_permissive(expression: str) -> bool:
    """Whether an SPDX expression leaves a permissive choice: one of its alternatives holds permissive licences only."""
    allowed = set(_policy()["permissive"])
    flat = expression.replace("(", " ").replace(")", " ")
    return any(
        all(part.strip().split(" WITH ")[0] in allowed for part in re.split(r"\bAND\b", choice))
        for choice in re.split(r"\bOR\b", flat)
    )


def complaints(packages: list[Licensed]) -> list[str]:
    """Packages whose licence nobody has decided on, and decisions that no longer hold."""
    decided = dict(decisions())
    found = []
    for package in packages:
        decision = decided.pop(package.name, None)
        if decision is not None and decision["states"] != package.licence:
            found.append(f"{package.name} states {package.licence!r}, decided on was {decision['states']!r}")
        elif decision is None and not is_permissive(package.licence):
            found.append(
                f"{package.name} {package.version} ({package.users}): {package.licence!r} needs a decision"
            )
        elif decision is not None and decision["users"] != package.users:
            found.append(
                f"{package.name} is in the lock {package.users!r}, decided on was {decision['users']!r}"
            )
    return found + [f"{name} is decided on and in no lock" for name in decided]


def table(packages: list[Licensed]) -> str:
    """The packages with their licences as a Markdown table."""
    rows = [f"| {p.name} | {p.version} | {licence(p)} | {p.users} |" for p in packages]
    return (
        "\n".join(["| package | version | licence | in the lock |", "| --- | --- | --- | --- |", *rows])
        + "\n"
    )
