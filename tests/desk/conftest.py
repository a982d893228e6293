"""A desk as its users have it: a real server process on loopback, with a database of its own."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs detector[desk]")


class Desk:
    """A running `detector desk`; `url` is its address without the last slash, `said` what it wrote on standard error."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "detector", "desk", "--port", "0", *arguments],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.said: list[str] = []
        self.url = ""
        self._up = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._up.wait(120)
        assert self.url, "".join(self.said)

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.search(r"http://\S+?(?=/?\s*$)", line):
                self.url = found[0]
                self._up.set()
        self._up.set()

    def stop(self) -> None:
        """End it as a user does."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.kill()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()
        self._listener.join(20)
        if self.process.stderr is not None:
            self.process.stderr.close()


@pytest.fixture
def start_desk(tmp_path: Path, tiny_model: Path) -> Iterator[Callable[..., Desk]]:
    """Starts desks: start_desk(*options, database=...). The small model of the tests judges."""
    running: list[Desk] = []

    def start(*options: str, database: str | None = None) -> Desk:
        where = database or str(tmp_path / "desk.db")
        running.append(Desk("--database", where, "--model", str(tiny_model), "--workers", "1", *options))
        return running[-1]

    yield start
    for desk in running:
        desk.stop()


@pytest.fixture
def desk(start_desk: Callable[..., Desk]) -> Desk:
    """One running desk."""
    return start_desk()
