"""Ready text to a verdict, beside datatrove's quality filters, which run in a process of their own and take turns."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import measure, report
from detector.document import Document
from detector.score import Detector

TITLE = "Ready text: main text to verdict"
OWN = "detector, all signals"
TROVE = "datatrove: Gopher repetition, Gopher quality, C4, FineWeb"


def part(detector: Detector, texts: Sequence[str], rounds: int, python: Path | None) -> report.Part:
    """The table. texts: the main texts of pages that get a score; python: an interpreter that has datatrove."""
    reason = "no interpreter named by `--trove`" if python is None else _missing(python)
    times = {OWN: np.zeros((rounds, len(texts), 2))}
    kept = {
        OWN: sum(detector.score(Document.from_text(text)).outcome == "publish" for text in texts),
    }
    if reason or python is None:
        for number in range(rounds):
            times[OWN][number] = _own(detector, texts)
    else:
        times[TROVE] = np.zeros_like(times[OWN])
        with _trove(python, texts) as trove:
            for number in range(rounds):
                for name in measure.rotated([OWN, TROVE], number):
                    if name == OWN:
                        times[OWN][number] = _own(detector, texts)
                    else:
                        answer = _round(trove)
                        times[TROVE][number], kept[TROVE] = answer["times"], answer["kept"]
    return _report(measure.Race(times, Counter()), kept, len(texts), {TROVE: reason} if reason else {})


def _own(detector: Detector, texts: Sequence[str]) -> list[tuple[float, float]]:
    measure.forget()
    found = []
    for text in texts:
        cpu, wall = time.process_time(), time.perf_counter()
        detector.score(Document.from_text(text))
        found.append((time.process_time() - cpu, time.perf_counter() - wall))
    return found


def _missing(python: Path) -> str:
    """Why datatrove cannot be asked; "" when it can."""
    if shutil.which(python) is None:
        return f"{python.name} is not there"
    asked = subprocess.run([python, "-c", "import datatrove, spacy"], capture_output=True, check=False)
    return f"{python.name} has no datatrove and spacy" if asked.returncode else ""


@contextmanager
def _trove(python: Path, texts: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """datatrove's process, when it has loaded all it needs."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.jsonl"
        file.write_text("".join(json.dumps(text) + "\n" for text in texts), "utf-8")
        command = [str(python), str(Path(__file__).with_name("trove.py").absolute()), str(file)]
        with subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            _answer(process, "ready")
            yield process
            process.communicate()  # no more requests: it ends


def _round(process: subprocess.Popen[str]) -> Any:
    assert process.stdin is not None
    process.stdin.write("round\n")
    process.stdin.flush()
    return json.loads(_answer(process, "{"))


def _answer(process: subprocess.Popen[str], beginning: str) -> str:
    """Its next line that begins so; what it may say besides is passed over."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(beginning):
            return line
    raise OSError("datatrove's process has ended")


def _report(race: measure.Race, kept: dict[str, int], count: int, skipped: dict[str, str]) -> report.Part:
    own = race.seconds(OWN)
    rows = [
        (
            name,
            f"{count / race.seconds(name):.0f}",
            f"{1000 * race.seconds(name) / count:.2f}",
            f"{1000 * np.median(race.page_seconds(name)):.2f}",
            f"{kept[name]} of {count}",
            f"{race.seconds(name) / own:.1f}",
        )
        for name in race.times
    ]
    text = report.section(
        TITLE,
        report.table("pipeline|pages/s|mean ms|median ms|published or kept|x detector".split("|"), rows),
        f"The main texts of the {count} pages that get a score, as plain text. datatrove's filters run one after the "
        "other, as in its pipelines: one that drops a text is the last to see it. They take rounds in turn with the "
        "detector, in a process of their own on the same core, and tell their own processor time.",
        report.not_there(skipped),
    )
    ratio = race.seconds(TROVE) / own if TROVE in race.times else None
    return report.Part(text, (report.Budget("ready text, times as fast as datatrove's filters", 12, ratio),))
