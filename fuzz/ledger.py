"""What all runs together have done, target by target: a JSON file that adds up."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass
class Tally:
    """What was done for one target.

    executions: inputs read. new_paths: inputs that reached something new and were kept. cpu_seconds: of fuzzing,
    without starting. features: the most that libFuzzer counted as reached. corpus: inputs that there are. starts: of
    the process.
    """

    executions: int = 0
    new_paths: int = 0
    cpu_seconds: float = 0.0
    features: int = 0
    corpus: int = 0
    starts: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.executions + other.executions,
            self.new_paths + other.new_paths,
            round(self.cpu_seconds + other.cpu_seconds, 1),
            max(self.features, other.features),
            other.corpus or self.corpus,
            self.starts + other.starts,
        )


class Ledger:
    """The tallies of all targets."""

    def __init__(self, tallies: dict[str, Tally]) -> None:
        self.tallies = tallies

    @classmethod
    def read(cls, path: Path) -> Self:
        """The ledger in a file, an empty one where there is none."""
        if not path.exists():
            return cls({})
        return cls({name: Tally(**row) for name, row in json.loads(path.read_text("utf-8")).items()})

    def write(self, path: Path) -> None:
        """Write the file as a whole, or leave the old one."""
        rows = {name: asdict(self.tallies[name]) for name in sorted(self.tallies)}
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
        beside.replace(path)

    def add(self, name: str, tally: Tally) -> None:
        """Add what a run has done for a target."""
        self.tallies[name] = self.tallies.get(name, Tally()) + tally
