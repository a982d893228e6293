"""An audit killed again and again, and one left in peace: the same rows? `python -m benchmarks.crawl kill`."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

TABLES = ("pages", "verdicts", "groups", "members", "recurring")


def run(options: argparse.Namespace) -> None:
    """Raises ValueError when the two runs differ."""
    with tempfile.TemporaryDirectory(dir=options.scratch, prefix="kill-") as scratch:
        calm, torn = Path(scratch) / "calm", Path(scratch) / "torn"
        start = time.monotonic()
        _finish(_command(options, calm))
        whole = time.monotonic() - start
        print(f"undisturbed: {whole:.0f} s, {_parts(calm)} parts", flush=True)
        killed = _torn(options, torn, whole)
        problems = [problem for name in TABLES if (problem := difference(calm, torn, name))]
    if killed < options.kills:
        problems.append(f"only {killed} of {options.kills} kills met a running audit: use a larger crawl")
    if problems:
        raise ValueError("; ".join(problems))
    print(f"killed {killed} times and resumed: all rows of {', '.join(TABLES)} are equal")


def _command(options: argparse.Namespace, output: Path) -> list[str]:
    base = [sys.executable, "-m", "detector", "audit", *map(str, options.crawl), "--output", str(output)]
    return [*base, "--workers", str(options.workers), "--no-config"]


def _finish(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"the audit ended with {done.returncode}: {done.stderr[-600:]}")


def _torn(options: argparse.Namespace, output: Path, whole: float) -> int:
    """Kill the process group at random moments, each time going on; the last time it may finish."""
    rng = random.Random(options.seed)
    killed = 0
    for number in range(options.kills):
        # What is left is done in less and less time; starting takes about two seconds each time.
        pause = rng.uniform(0.3, max(2.0, whole * 1.6 / options.kills))
        process = subprocess.Popen(
            _command(options, output),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(pause)
            print(f"kill {number + 1}: it was done before {pause:.1f} s", flush=True)
            if process.returncode:
                raise ValueError(f"a resumed audit ended with {process.returncode}")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            print(
                f"kill {number + 1}: after {pause:.1f} s, {_parts(output)} parts, {_state(output)}",
                flush=True,
            )
    _finish(_command(options, output))
    return killed


def _parts(output: Path) -> int:
    return len(list((output / "pages").glob("part-*.parquet")))


def _state(output: Path) -> str:
    try:
        return str(json.loads((output / "run.json").read_text("utf-8")).get("state"))
    except OSError:
        return "nothing written yet"


def difference(one: Path, other: Path, name: str) -> str | None:
    """How a table of two runs differs, row for row; None where it does not."""
    left, right = _rows(one, name), _rows(other, name)
    if len(left) != len(right):
        return f"{name}: {len(left):,} rows undisturbed, {len(right):,} after the kills"
    for number, (row, twin) in enumerate(zip(left, right, strict=True)):
        if row != twin:
            columns = [key for key in row if row[key] != twin[key]]
            return f"{name}: row {number:,} differs in {', '.join(columns)}"
    return None


def _rows(output: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a table in an order of their own."""
    parquet = import_module("pyarrow.parquet")
    files = sorted((output / name).glob("*.parquet")) or [output / f"{name}.parquet"]
    rows = [row for file in files for row in parquet.read_table(file).to_pylist()]
    keys = [
        key for key in ("group", "row", "partner", "host", "kind", "text", "place") if rows and key in rows[0]
    ]
    return sorted(rows, key=lambda row: [str(row[key]).zfill(20) for key in keys])
