"""The process that fuzzes one target: libFuzzer chooses the inputs, by what they reach in `detector`.

A fault that Python can raise, or an input that takes too long, is kept and the run goes on; each place in the code is
kept once, with its smallest input. What ends the process (a crash in C, memory, a hang) libFuzzer keeps.
"""

from __future__ import annotations

import hashlib
import resource
import shlex
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

SLOW = (
    2.0  # seconds of CPU for one input; the code is instrumented and takes two to four times as long as usual
)
HANG = 30  # seconds after which the process is ended
GROWTH = 1000  # megabytes above what it takes to load everything
STARTED = "fuzz: started after"


class Faults:
    """A folder with the inputs that broke a promise."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._smallest = {path.stem: path.stat().st_size for path in folder.glob("*.input")}

    def keep(self, kind: str, place: str, says: str, data: bytes) -> None:
        """Keep an input, unless there is a smaller one for the same place."""
        name = f"{kind}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
        if len(data) < self._smallest.get(name, sys.maxsize):
            self._smallest[name] = len(data)
            (self._folder / f"{name}.input").write_bytes(data)
            (self._folder / f"{name}.txt").write_text(f"{place}\n\n{says}\n", "utf-8", "backslashreplace")


def place_of(error: BaseException, *, but: int = 0) -> str:
    """The kind of an error and where in our own code it came up, not counting the last `but` calls."""
    frames = traceback.extract_tb(error.__traceback__)
    frames = frames[: len(frames) - but]
    ours = [f for f in frames if "/detector/" in f.filename or f.filename.endswith("checks.py")]
    at = (ours or list(frames))[-1]
    return f"{type(error).__name__} {'/'.join(Path(at.filename).parts[-2:])}:{at.lineno} {at.name}"


def watched(read: Callable[[bytes], None], faults: Faults) -> Callable[[bytes], None]:
    """`read` so that it never raises and faults are kept."""

    def timed(data: bytes) -> float:
        began = time.process_time()
        try:
            read(data)
        except Exception as error:  # noqa: BLE001  every one is a find
            faults.keep("raise", place_of(error), "".join(traceback.format_exception(error)), data)
        return time.process_time() - began

    def one_input(data: bytes) -> None:
        spent = timed(data)
        if spent > SLOW:
            spent = min(spent, timed(data))  # the first time something may have been loaded
        if spent > SLOW:
            faults.keep("slow", "more than 2 s", f"{spent:.2f} s of CPU, {len(data)} bytes", data)

    return one_input


def dictionary(words: list[str]) -> str:
    """Words as libFuzzer reads them."""
    short = dict.fromkeys(raw for word in words if 0 < len(raw := word.encode("utf-8", "replace")) <= 60)
    return "".join(f'"{"".join(f"{chr(92)}x{byte:02X}" for byte in raw)}"\n' for raw in short)


def main() -> None:
    """`python -m fuzz.child TARGET FAULTS FLAG... CORPUS`; ends as libFuzzer does."""
    name, folder, *flags = sys.argv[1:]
    import atheris

    atheris.instrument_imports(
        include=["detector"]
    ).__enter__()  # for good: readers import others when needed
    warnings.simplefilter("ignore")  # of libraries; thousands of lines for hostile input
    from fuzz.mutate import Mutator
    from fuzz.targets import TARGETS

    target = TARGETS[name]
    one_input = watched(target, Faults(Path(folder)))
    for seed in target.seeds():
        one_input(seed)  # loads whatever is loaded when it is needed
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    words = list(target.words())
    if entries := dictionary(words):  # libFuzzer ends at an empty one
        (Path(folder) / "words.dict").write_text(entries, "ascii")
        flags = [f"-dict={folder}/words.dict", *flags]
    again = shlex.join([sys.executable, "-m", "fuzz.child", name, folder])  # a merge starts this process anew
    argv = [again, f"-max_len={target.limit}", f"-timeout={HANG}", f"-rss_limit_mb={base + GROWTH}",
            f"-artifact_prefix={folder}/", "-print_final_stats=1", "-reload=0", *flags]  # fmt: skip
    change = Mutator(words)

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        if target.text and seed % 2:
            return change(data, size, seed)
        return bytes(atheris.Mutate(data, size))

    print(f"{STARTED} {time.process_time():.1f} s, {base} MB", file=sys.stderr, flush=True)
    atheris.Setup(argv, one_input, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
