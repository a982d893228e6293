"""`detector export`: a finished audit as files, each in the format that its ending says."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from detector.commands.console import say
from detector.errors import UsageError
from detector.verdict import OUTCOMES

if TYPE_CHECKING:
    from detector.audit.compare import Comparison
    from detector.audit.results import Results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("run_folder", metavar="OUT", type=Path, help="the folder that `detector audit` wrote")
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help=".jsonl .jsonl.gz .csv .csv.gz .xlsx .parquet .sarif or .html, by its ending",
    )
    parser.add_argument(
        "--with-text", action="store_true", help="add each page's text (.jsonl, .csv, .xlsx, .parquet)"
    )
    parser.add_argument("--bom", action="store_true", help=".csv: begin with a byte order mark, for Excel")
    parser.add_argument(
        "--baseline", metavar="OLD", type=Path, help="say what changed since the run in this folder"
    )
    parser.add_argument(
        "--only",
        metavar="OUTCOMES",
        default="",
        help="keep pages of these outcomes, as in reject,review; .html has all and filters itself",
    )


def export(options: argparse.Namespace) -> int:
    """Run the command and return its exit code. Raises UsageError, SourceError, OutputError."""
    from detector.report.crawl import ending, export

    for file in options.files:  # before the work begins, so that none is in vain
        ending(file)
    only = _outcomes(options.only)

    from detector.audit.results import Results

    results = Results.open(options.run_folder)
    comparison = _comparison(results, options.baseline) if options.baseline else None
    for file in options.files:
        export(
            results,
            file,
            comparison=comparison,
            with_text=options.with_text,
            bom=options.bom,
            only=only,
        )
        say(f"{file} is written.")
    return 0


def _outcomes(named: str) -> frozenset[str]:
    """The outcomes of a list with commas. Raises UsageError for another word."""
    words = [word.strip().lower() for word in named.split(",") if word.strip()]
    for word in words:
        if word not in OUTCOMES:
            raise UsageError(f"--only: {word!r} is no outcome; use {', '.join(OUTCOMES)}.")
    return frozenset(words)


def _comparison(results: Results, old: Path) -> Comparison:
    """The comparison with an earlier run, summed up on standard error."""
    from detector.audit.compare import compare, summary_lines
    from detector.audit.results import Results

    comparison = compare(results, Results.open(old))
    for line in summary_lines(comparison):
        say(line)
    return comparison
