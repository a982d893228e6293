"""Keep and check what the project is made of: `python -m supply lock | write | check | weaknesses`."""

from __future__ import annotations

import argparse
import difflib
import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import detector
from supply import bill, licences, locked, weaknesses

TABLE = locked.HERE / "licences.md"
INTRODUCTION = """# Licences of all locked packages

Written by `python -m supply write`. What is not plainly permissive is decided on in [licences.toml](licences.toml),
with the reason. base: installed with detector; full: with one of its extras; test: on developers' machines only.

"""


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all is well, 1 when a check has complaints, 2 when it could not be made."""
    parser = argparse.ArgumentParser(prog="python -m supply", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    lock = commands.add_parser("lock", help="resolve the locks anew, with uv")
    lock.add_argument("--upgrade", action="store_true", help="take the newest versions")
    commands.add_parser(
        "write", help="write licences.md and sbom.cdx.json for the locks, as they are installed"
    )
    commands.add_parser("check", help="complain of stale locks, undecided licences, a stale table or bill")
    weak = commands.add_parser("weaknesses", help="compare the locks with a copy of the OSV database")
    weak.add_argument("database", type=Path, help="all.zip of PyPI, or a folder of advisories")
    options = parser.parse_args(argv)
    try:
        if options.command == "lock":
            locked.write_locks(options.upgrade)
            complaints = locked.stale()
        elif options.command == "weaknesses":
            complaints = _weaknesses(options.database)
        else:
            complaints = _written(write=options.command == "write")
    except PackageNotFoundError as error:
        return _cannot(f"{error.name} is not installed: pip install --require-hashes -r supply/test.lock")
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, subprocess.CalledProcessError) as error:
        return _cannot(str(error))
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


def _cannot(why: str) -> int:
    print(f"supply: {why}", file=sys.stderr)
    return 2


def _written(*, write: bool) -> list[str]:
    """Write the table and the bill, or complain of those that are not what would be written."""
    packages = licences.inventory()
    contents = {
        TABLE: INTRODUCTION + licences.table(packages),
        bill.FILE: bill.as_text(bill.bill(packages, "detector", detector.__version__)),
    }
    complaints = locked.stale() + licences.complaints(packages)
    for path, content in contents.items():
        if write:
            path.write_text(content, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != content:
            old = path.read_text("utf-8").splitlines() if path.exists() else []
            changed = [d for d in difflib.ndiff(old, content.splitlines()) if d[0] in "+-"][:4]
            complaints.append(f"{path.name} is stale, run `python -m supply write`: {json.dumps(changed)}")
    return complaints


def _weaknesses(database: Path) -> list[str]:
    found, read = weaknesses.known(locked.read_lock("test"), database)
    if not read:
        raise ValueError(f"{database} holds no advisory")
    print(f"{read:,} advisories read, {len(found)} hold for a locked version", file=sys.stderr)
    return [str(weakness) for weakness in found]


if __name__ == "__main__":
    sys.exit(main())
