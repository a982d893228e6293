"""The corpus in the repository: the fewest inputs of each target that reach what all runs have reached.

`restore` puts it where runs begin, `export` takes what they found back, and the ledger with it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import accumulate
from pathlib import Path

from fuzz.ledger import Ledger, Tally
from fuzz.run import is_find, merge
from fuzz.targets import TARGETS, Target

HERE = Path(__file__).parent
ARCHIVE = HERE / "corpus.tar.xz"
LEDGER = HERE / "ledger.json"
README = HERE / "README.md"
LARGEST = 4096  # bytes of one input that is kept
SHARE = 120_000  # bytes of one target's inputs, before they are packed
_TABLE = ("<!-- ledger -->\n", "<!-- /ledger -->\n")


def stored(archive: Path = ARCHIVE) -> Iterator[tuple[str, bytes]]:
    """Target and content of every input that is kept."""
    if not archive.exists():
        return
    with tarfile.open(archive) as opened:
        for member in opened:
            file = opened.extractfile(member)
            if file is not None:
                yield Path(member.name).parent.name, file.read()


def restore(folder: Path) -> None:
    """Begin a new folder of runs with the inputs and the ledger of the repository, so that runs add up."""
    if (folder / "ledger.json").exists():
        return
    for name, data in stored():
        inputs = folder / "inputs" / name
        inputs.mkdir(parents=True, exist_ok=True)
        (inputs / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
    if LEDGER.exists():
        shutil.copy(LEDGER, folder / "ledger.json")


def export(folder: Path, targets: Sequence[Target], say: Callable[[str], None]) -> None:
    """Write archive, ledger and table of the repository from a folder of runs."""
    chosen: list[tuple[str, bytes]] = []
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(os.cpu_count()) as pool:
        kept = pool.map(lambda target: _least(target, folder, Path(temporary) / target.name), targets)
        for target, inputs in zip(targets, kept, strict=True):
            say(f"{target.name}: {len(inputs)} inputs reach what all reach")
            ends = accumulate(map(len, inputs))
            chosen += [(target.name, data) for data, end in zip(inputs, ends, strict=True) if end <= SHARE]
    _pack(chosen)
    ledger = Ledger.read(folder / "ledger.json")
    ledger.write(LEDGER)
    document(ledger, {path.parent.name for path in (folder / "faults").glob("*/*") if is_find(path)})
    say(f"{ARCHIVE.name}: {ARCHIVE.stat().st_size:,} bytes, {len(chosen)} inputs")


def _least(target: Target, folder: Path, into: Path) -> list[bytes]:
    """The fewest inputs of a target that reach what all reach, small ones first."""
    if (folder / "inputs" / target.name).is_dir():
        merge(target, folder, into, LARGEST)
    return sorted((path.read_bytes() for path in into.glob("*")), key=lambda data: (len(data), data))


def _pack(chosen: Sequence[tuple[str, bytes]]) -> None:
    """The same inputs give the same archive."""
    with tarfile.open(ARCHIVE, "w:xz", preset=9) as archive:
        for name, data in sorted(chosen):
            member = tarfile.TarInfo(f"{name}/{hashlib.sha1(data, usedforsecurity=False).hexdigest()}")
            member.size = len(data)
            archive.addfile(member, BytesIO(data))


def document(ledger: Ledger, with_finds: set[str]) -> None:
    """Write the table of the README anew."""
    head, _, rest = README.read_text("utf-8").partition(_TABLE[0])
    tail = rest.partition(_TABLE[1])[2]
    README.write_text(head + _TABLE[0] + table(ledger, with_finds) + _TABLE[1] + tail, "utf-8")


def table(ledger: Ledger, with_finds: set[str]) -> str:
    """The ledger as Markdown."""
    rows = [
        "| target | what | executions | CPU minutes | new paths | inputs | open finds |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    total = Tally()
    for name, target in TARGETS.items():
        tally = ledger.tallies.get(name, Tally())
        total += tally
        rows.append(_row(f"`{name}`", target.says, tally, "yes" if name in with_finds else "none"))
    total.corpus = sum(tally.corpus for tally in ledger.tallies.values())
    rows.append(_row("**all**", "", total, f"{len(with_finds)} targets" if with_finds else "none"))
    return "\n".join(rows) + "\n"


def _row(name: str, says: str, tally: Tally, finds: str) -> str:
    minutes = f"{tally.cpu_seconds / 60:.1f}"
    return f"| {name} | {says} | {tally.executions:,} | {minutes} | {tally.new_paths:,} | {tally.corpus:,} | {finds} |"
