"""Runs of the fuzzers: each target in a process of its own, for so many seconds, one after the other."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from fuzz.child import HANG, STARTED
from fuzz.ledger import Ledger, Tally
from fuzz.targets import Target

ROOT = Path(__file__).parents[1]
_STATISTIC = re.compile(r"^stat::(\w+):\s+(\d+)", re.MULTILINE)
_PULSE = re.compile(r"^#(\d+)\s.*?\bft: (\d+)", re.MULTILINE)
_NEW = re.compile(r"^#\d+\s+NEW\b", re.MULTILINE)  # its own count has inputs that were only made smaller too
_LEAST = 10  # seconds that are worth another start


def sow(target: Target, corpus: Path) -> None:
    """Put the inputs to begin with into a corpus."""
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)


def fuzz(target: Target, folder: Path, seconds: float, say: Callable[[str], None] = print) -> Tally:
    """Fuzz one target for about so many seconds of wall time; a process that a find has ended is started again."""
    corpus, faults = folder / "inputs" / target.name, folder / "faults" / target.name
    sow(target, corpus)
    faults.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > _LEAST or not tally.starts:
        log = (
            folder / "logs" / f"{target.name}-{os.getpid()}.log"
        )  # its own: another run's would be counted twice
        log.parent.mkdir(exist_ok=True)
        with log.open("wb") as out:
            child = subprocess.Popen(
                _command(target, folder, f"-max_total_time={max(1, int(left))}", str(corpus)),
                stdout=out, stderr=out, cwd=ROOT,
            )  # fmt: skip
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        text = log.read_text("utf-8", "replace")
        tally += _tally(text, usage.ru_utime + usage.ru_stime)
        if child.returncode:
            say(f"{target.name}: ended with code {child.returncode}; see {log} and {faults}")
            if STARTED not in text:
                break
    tally.corpus = sum(1 for _ in corpus.iterdir())
    return tally


def _command(target: Target, folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "fuzz.child", target.name, str(folder / "faults" / target.name), *more]


def _tally(log: str, cpu: float) -> Tally:
    """What one process has done, as libFuzzer says at its end, or as far as it came."""
    said = {name: int(value) for name, value in _STATISTIC.findall(log)}
    pulses = _PULSE.findall(log)
    start = re.search(rf"^{STARTED} ([\d.]+) s", log, re.MULTILINE)
    return Tally(
        executions=said.get("number_of_executed_units", int(pulses[-1][0]) if pulses else 0),
        new_paths=len(_NEW.findall(log)),
        cpu_seconds=max(0.0, cpu - float(start[1])) if start else 0.0,
        features=max((int(ft) for _, ft in pulses), default=0),
        starts=1,
    )


def run(targets: Iterable[Target], folder: Path, seconds: float, say: Callable[[str], None] = print) -> None:
    """Fuzz the targets in their order and add up what was done in the folder's ledger."""
    for target in targets:
        tally = fuzz(target, folder, seconds, say)
        ledger = Ledger.read(folder / "ledger.json")  # anew each time: another run may have written it
        ledger.add(target.name, tally)
        ledger.write(folder / "ledger.json")
        found = sum(1 for path in (folder / "faults" / target.name).iterdir() if is_find(path))
        say(
            f"{target.name}: {tally.executions:,} executions, {tally.new_paths} new paths, {tally.cpu_seconds:.0f} s; "
            f"{found} finds"
        )


def is_find(path: Path) -> bool:
    """Whether a file of a folder of faults is an input that showed one."""
    return path.suffix == ".input" or path.name.startswith(("crash-", "oom-", "timeout-", "leak-"))


def settle(folder: Path, say: Callable[[str], None]) -> None:
    """Put finds that are read without a fault now among the inputs, and say which are open."""
    for find in sorted(path for path in (folder / "faults").glob("*/*") if is_find(path)):
        name = find.parent.name
        tried = [sys.executable, "-m", "fuzz", "try", name, str(find)]
        try:
            is_open = (
                subprocess.run(tried, cwd=ROOT, capture_output=True, timeout=2 * HANG, check=False).returncode
                != 0
            )
        except subprocess.TimeoutExpired:
            is_open = True
        if is_open:
            say(f"open: {find}")
            continue
        data = find.read_bytes()
        (folder / "inputs" / name / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
        find.unlink()
        find.with_suffix(".txt").unlink(missing_ok=True)


def merge(target: Target, folder: Path, into: Path, size: int) -> None:
    """Write the fewest inputs that reach what the corpus reaches, each of at most `size` bytes."""
    into.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        _command(target, folder, "-merge=1", f"-max_len={size}", str(into), str(folder / "inputs" / target.name)),
        check=True, capture_output=True, cwd=ROOT,
    )  # fmt: skip
