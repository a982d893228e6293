"""`python -m benchmarks.crawl make | measure | speed | kill`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crawl import kill, make, measure, speed
from detector.errors import DetectorError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the commands; 2 when it cannot."""
    options = _parser().parse_args(argv)
    try:
        options.run(options)
    except (DetectorError, OSError, ValueError, ImportError) as error:
        print(f"benchmarks.crawl: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl", description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("make", help="write a crawl with known plants")
    one.add_argument("--data", metavar="DIR", type=Path, help="the public data; default: the corpus alone")
    one.add_argument("--pages", metavar="N", type=int, default=20_000)
    one.add_argument("--to", metavar="DIR", type=Path, required=True)
    one.add_argument("--formats", default="warc,folder,jsonl,parquet")
    one.add_argument("--seed", metavar="N", type=int, default=1)
    one.set_defaults(run=make.run)

    one = commands.add_parser(
        "measure", help="what a finished audit found of the plants, beside plain MinHash"
    )
    one.add_argument("output", metavar="OUT", type=Path, help="the folder of the audit")
    one.add_argument("truth", metavar="TRUTH", type=Path, help="the crawl's folder, or its truth/")
    one.add_argument(
        "--report", metavar="FILE", type=Path, help="all figures and what is to be read, as JSON"
    )
    one.add_argument("--no-minhash", action="store_true", help="leave out plain MinHash")
    one.set_defaults(run=measure.run)

    one = commands.add_parser("speed", help="pages a second, memory and time of the join, beside datatrove")
    one.add_argument("crawl", metavar="DIR", type=Path, help="a crawl that `make` wrote, with its JSON lines")
    one.add_argument(
        "--to", metavar="FILE", type=Path, required=True, help="JSON; what it holds of other crawls is kept"
    )
    one.add_argument("--workers", metavar="N,N", default="1,2")
    one.add_argument("--contestants", metavar="NAME,NAME", default="audit,datatrove")
    one.add_argument("--datatrove-python", metavar="FILE", type=Path, default=Path(sys.executable))
    one.add_argument(
        "--scratch", metavar="DIR", type=Path, help="for the results of the runs; default: the system's"
    )
    one.set_defaults(run=speed.run)

    one = commands.add_parser(
        "kill", help="kill an audit at random moments, resume it, compare with one left in peace"
    )
    one.add_argument("crawl", metavar="CRAWL", type=Path, nargs="+")
    one.add_argument("--kills", metavar="N", type=int, default=10)
    one.add_argument("--workers", metavar="N", type=int, default=2)
    one.add_argument("--seed", metavar="N", type=int, default=1)
    one.add_argument(
        "--scratch", metavar="DIR", type=Path, help="for the results of the runs; default: the system's"
    )
    one.set_defaults(run=kill.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
