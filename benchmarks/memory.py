"""Memory of whole pipelines, each in a process of its own that reads and scores one page after the other.

    python -m benchmarks.memory PIPELINE PAGES MODEL CLASSIFIER

is such a process: it prints what it held at most after its start and after all pages, in MB.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import peers
from benchmarks.pages import ROOT, Page

if TYPE_CHECKING:
    from benchmarks.report import Part

MB = 1_000_000
NAMES = {"own": peers.OWN, "fast": peers.FAST, "soup": peers.SOUP}


def part(folder: Path, classifier: Any, pages: Sequence[Page], names: Sequence[str]) -> Part:
    """The table of the pipelines called `names`; classifier: what the peers have been trained to."""
    from benchmarks import report  # not in the processes that are measured

    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        trained = Path(scratch) / "classifier.joblib"
        import_module("joblib").dump(classifier, trained)
        texts = Path(scratch) / "pages"
        texts.mkdir()
        for number, page in enumerate(pages):
            (texts / f"{number:06}.html").write_bytes(page.html)
        for short, name in NAMES.items():
            if name not in names:
                continue
            command = [
                sys.executable,
                "-m",
                "benchmarks.memory",
                short,
                str(texts),
                str(folder.absolute()),
                str(trained),
            ]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            figures = run.stdout.split() if run.returncode == 0 else ["failed", "failed"]
            rows.append((name, *figures))
    text = report.section(
        "Memory",
        report.table(("pipeline", "started and loaded, peak MB", "all pages scored, peak MB"), rows),
        f"Resident memory of a process at most: when it has imported and loaded what it needs, and when it has scored "
        f"the {len(pages)} pages one after the other. Files mapped into memory (the detector's tables) count as far as "
        "they were touched.",
    )
    return report.Part(text)


def main(pipeline: str, pages: str, model: str, classifier: str) -> None:
    """Be the process that is measured."""
    warnings.simplefilter("ignore")  # what peers deprecate or suspect is theirs
    run = peers.pipelines(
        lambda: import_module("detector.score").Detector.load(model),
        lambda: import_module("joblib").load(classifier),
    )[NAMES[pipeline]]()
    started = peak()
    for page in sorted(Path(pages).iterdir()):
        try:
            run(page.read_bytes())
        except Exception:  # noqa: BLE001  what it fails on is told where it is timed
            continue
    print(f"{started:.0f} {peak():.0f}")


def peak() -> float:
    """What this process has held at most, in MB."""
    try:  # what getrusage tells may be that of the process that started this one
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")) / MB
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MB


if __name__ == "__main__":
    main(*sys.argv[1:])
