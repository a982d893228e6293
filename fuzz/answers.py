"""Hostile pages read one after the other in this process, each within the limits of time and memory of an audit."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from detector.audit.worker import OvertimeError, Settings, in_time, limit_memory
from fuzz.child import place_of
from fuzz.hostile import Case
from fuzz.targets import CHECKS, detector, read_case


@dataclass(frozen=True)
class Answer:
    """What became of one page. seconds: of CPU, to the verdict; checks: of the checks and reports that followed.
    kind: "limit", when it took too much, which in an audit costs it the verdict; "FAULT", when it broke a promise.
    """

    name: str
    size: int
    seconds: float
    checks: float
    kind: Literal["ok", "limit", "FAULT"]
    says: str

    def __str__(self) -> str:
        """As one line of six columns."""
        return (
            f"{self.kind}\t{self.seconds:.2f} s\t{self.checks:.2f} s\t{self.size:,}\t{self.name}\t{self.says}"
        )


def answers(cases: Iterable[Case], limits: Settings, *, every: int = 1) -> Iterator[Answer]:
    """The answer to every case; reports are written for one in `every`. The limits are those of the way to the
    verdict, and of each check and report after it, which have more memory: they hold a page several times.

    What C code does not survive ends the process: whoever reads the answers runs this in another one.
    """
    detector()
    read_case(".txt", b"loads what is loaded when it is needed")
    for number, case in enumerate(cases):
        steps: list[float] = []
        kind: Literal["ok", "limit", "FAULT"] = "ok"
        try:
            within = partial(_within, limits, steps)
            says = read_case(case.ending, case.data, reports=number % every == 0, within=within)
        except OvertimeError as error:
            kind, says = "limit", f"over {limits.seconds} s ({place_of(error, but=1)})"  # but what stopped it
        except MemoryError as error:
            kind, says = (
                "limit",
                f"over {limits.megabytes} MB, checks {CHECKS} times that ({place_of(error)})",
            )
        except Exception as error:  # noqa: BLE001  that is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind, says = "FAULT", f"{place_of(error)} ({where.name}): {str(error)[:300]}"
        said = " ".join(says.split())[:300]
        yield Answer(case.name, len(case.data), steps[0], sum(steps[1:]), kind, said)


@contextlib.contextmanager
def _within(limits: Settings, steps: list[float], share: int) -> Iterator[None]:
    """One step within the limits; what it took is added to `steps`."""
    limit_memory(share * limits.megabytes)
    began = time.process_time()
    try:
        with in_time(limits.seconds):
            yield
    finally:
        steps.append(time.process_time() - began)
