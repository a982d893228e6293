"""Hostile pages read one after the other in this process, each within the limits of time and memory of an audit."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from detector.audit.worker import OvertimeError, Settings, in_time, limit_memory
from fuzz.child import place_of
from fuzz.hostile import Case
from fuzz.targets import detector, read_case


@dataclass(frozen=True)
class Answer:
    """What became of one page. seconds: of CPU. fault: it broke a promise or a limit, and `says` tells where."""

    name: str
    size: int
    seconds: float
    fault: bool
    says: str

    def __str__(self) -> str:
        """As one line of five columns."""
        return f"{'FAULT' if self.fault else 'ok'}\t{self.seconds:.2f} s\t{self.size:,}\t{self.name}\t{self.says}"


def answers(cases: Iterable[Case], limits: Settings, *, every: int = 1) -> Iterator[Answer]:
    """The answer to every case; reports are written for one in `every`.

    What C code does not survive ends the process: whoever reads the answers runs this in another one.
    """
    detector()
    read_case(".txt", b"loads what is loaded when it is needed")
    for number, case in enumerate(cases):
        limit_memory(limits.megabytes)
        began = time.process_time()
        try:
            with in_time(limits.seconds):
                fault, says = False, read_case(case.ending, case.data, reports=number % every == 0)
        except OvertimeError as error:
            fault, says = True, f"took longer than {limits.seconds} s ({place_of(error)})"
        except Exception as error:  # noqa: BLE001  that is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault, says = True, f"{place_of(error)} ({where.name}): {str(error)[:300]}"
        yield Answer(
            case.name, len(case.data), time.process_time() - began, fault, " ".join(says.split())[:300]
        )
