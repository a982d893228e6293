"""`python -m benchmarks.desk load | kill | walk`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.desk import kill, load, walk
from detector.errors import DetectorError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the commands; 2 when it cannot."""
    options = _parser().parse_args(argv)
    try:
        options.run(options)
    except (DetectorError, OSError, ValueError, ImportError) as error:
        print(f"benchmarks.desk: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, run, help in (
        ("load", load.run, "many clients at once, then a batch beside people; latency, memory"),
        ("kill", kill.run, "submissions while the server is killed again and again: none lost, none doubled"),
        ("walk", walk.run, "ten Word files, each to its decision and back, in Chromium: clicks and time"),
    ):
        one = commands.add_parser(name, help=help)
        one.add_argument(
            "--texts", metavar="DIR", type=Path, default=Path("corpus/texts"), help="Markdown files"
        )
        one.add_argument("--database", metavar="URL", help="an empty database; default: a new SQLite file")
        one.set_defaults(run=run)
        if name == "load":
            one.add_argument("--clients", metavar="N", type=int, default=50)
            one.add_argument("--seconds", metavar="N", type=int, default=60)
            one.add_argument("--batch", metavar="N", type=int, default=200)
        elif name == "kill":
            one.add_argument("--submissions", metavar="N", type=int, default=500)
            one.add_argument("--kills", metavar="N", type=int, default=10)
            one.add_argument("--seed", metavar="N", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
