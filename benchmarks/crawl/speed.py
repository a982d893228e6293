"""Pages a second, memory and time of the join of an audit, beside datatrove: `python -m benchmarks.crawl speed`.

Each call measures one crawl and adds its figures to a JSON file, so that sizes can be run one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

PAUSE = 0.5  # seconds between two looks at the memory
MB = 1_000_000


def watched(command: Sequence[str], log: Path) -> dict[str, Any]:
    """Run a command to its end: wall clock, processor time, and the most memory that its processes held together.

    Pages that processes share are counted for each of them in `rss_mb` and once in `pss_mb` (where the system tells).
    Raises ValueError with the end of its messages when it fails.
    """
    psutil = import_module("psutil")
    start = time.monotonic()
    with log.open("wb") as told:
        process = psutil.Popen(list(command), stdout=told, stderr=subprocess.STDOUT)
        peak = {"rss_mb": 0.0, "pss_mb": 0.0}
        while process.poll() is None:
            for name, value in _memory(psutil, process).items():
                peak[name] = max(peak[name], value)
            time.sleep(PAUSE)
    if process.returncode != 0:
        raise ValueError(
            f"{' '.join(command[:4])} ... ended with {process.returncode}: {log.read_text('utf-8', 'replace')[-600:]}"
        )
    return {
        "seconds": round(time.monotonic() - start, 1),
        **{name: round(value) for name, value in peak.items()},
    }


def _memory(psutil: Any, process: Any) -> dict[str, float]:
    """Of a process and all that it started, in MB."""
    total = {"rss_mb": 0.0, "pss_mb": 0.0}
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return total
    for one in family:
        try:
            said = one.memory_full_info()
        except psutil.Error:  # it has just ended
            continue
        total["rss_mb"] += said.rss / MB
        total["pss_mb"] += getattr(said, "pss", said.rss) / MB
    return total


def audit(crawl: Path, pages: int, workers: int, folder: Path) -> dict[str, Any]:
    """One audit of a crawl in an empty folder."""
    output = folder / f"out-{workers}"
    command = [
        sys.executable,
        "-m",
        "detector",
        "audit",
        str(crawl),
        "--output",
        str(output),
        "--workers",
        str(workers),
        "--no-config",
    ]
    seen = watched(command, folder / f"audit-{workers}.log")
    info = json.loads((output / "run.json").read_text("utf-8"))
    size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    shutil.rmtree(output)
    return {
        **seen,
        "pages/s": round(pages / seen["seconds"], 1),
        "seconds_mapping": info.get("seconds_mapping"),
        "seconds_across": info.get("seconds_across"),
        "output_mb": round(size / MB, 1),
    }


def datatrove(python: Path, crawl: Path, pages: int, workers: int, folder: Path) -> dict[str, Any]:
    """datatrove's extraction, filters and MinHash on the same pages; or why it was left out."""
    if shutil.which(str(python)) is None:
        return {"skipped": f"{python} is not there"}
    if subprocess.run(
        [str(python), "-c", "import datatrove, trafilatura, spacy"], capture_output=True, check=False
    ).returncode:
        return {"skipped": f"{python} has no datatrove, trafilatura and spacy"}
    work = folder / f"datatrove-{workers}"
    work.mkdir()
    log = folder / f"datatrove-{workers}.log"
    seen = watched(
        [str(python), str(Path(__file__).with_name("trove.py")), str(crawl), str(work), str(workers)], log
    )
    told = json.loads(log.read_text("utf-8", "replace").strip().splitlines()[-1])
    shutil.rmtree(work)
    return {**seen, "pages/s": round(pages / seen["seconds"], 1), "stages": told}


def run(options: argparse.Namespace) -> None:
    """Measure one crawl with each number of workers; figures of other crawls in the file are kept."""
    crawl = options.crawl / "crawl.jsonl"
    pages = json.loads((options.crawl / "crawl.json").read_text("utf-8"))["pages"]
    known = json.loads(options.to.read_text("utf-8")) if options.to.exists() else {"machine": {}, "runs": []}
    known["machine"] = {
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    with tempfile.TemporaryDirectory(dir=options.scratch, prefix="speed-") as scratch:
        for workers in [int(n) for n in options.workers.split(",")]:
            for name in options.contestants.split(","):
                load = round(os.getloadavg()[0], 1)
                if name == "datatrove":
                    figures = datatrove(options.datatrove_python, crawl, pages, workers, Path(scratch))
                else:
                    figures = audit(crawl, pages, workers, Path(scratch))
                row = {"what": name, "pages": pages, "workers": workers, "load_before": load, **figures}
                same = ("what", "pages", "workers")
                known["runs"] = [r for r in known["runs"] if any(r[k] != row[k] for k in same)] + [row]
                options.to.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
                print(f"{name}: {pages:,} pages, {workers} workers: {json.dumps(figures)}", flush=True)
    print(table(known["runs"]), end="")


def table(runs: Sequence[dict[str, Any]]) -> str:
    """All figures as Markdown."""
    lines = [
        "| what | pages | workers | seconds | pages/s | mapping s | across s | peak MB, PSS | peak MB, RSS |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in sorted(runs, key=lambda r: (r["what"], r["pages"], r["workers"])):
        if "skipped" in row:
            lines.append(
                f"| {row['what']} | {row['pages']:,} | {row['workers']} | left out: {row['skipped']} | | | | | |"
            )
            continue
        stages = row.get("stages", {}).get("seconds", {})
        first = row.get("seconds_mapping") or round(stages.get("extract", 0) + stages.get("filters", 0), 1)
        then = row.get("seconds_across") or round(
            sum(stages.get(n, 0) for n in ("signatures", "buckets", "clusters")), 1
        )
        lines.append(
            f"| {row['what']} | {row['pages']:,} | {row['workers']} | {row['seconds']} "
            f"| {row['pages/s']} | {first} | {then} | {row['pss_mb']:,} | {row['rss_mb']:,} |"
        )
    return "\n".join(lines) + "\n"
