"""A desk to measure: started, watched, killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any

MB = 1_000_000
START = 120  # seconds that a server may take to listen


class Server:
    """A `detector desk` in a process group of its own."""

    def __init__(self, database: str, port: int = 0) -> None:
        command = [sys.executable, "-m", "detector", "desk", "--port", str(port), "--database", database]
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
        )
        self.url, self.said = "", ""
        self._up = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        self._up.wait(START)
        if not self.url:
            raise ValueError(f"the desk does not start: {self.said[-500:]}")

    def _listen(self) -> None:
        for line in self.process.stderr or ():
            self.said += line
            if found := re.search(r"http://[\w.:\[\]]+", line):
                self.url = found[0]
                self._up.set()
        self._up.set()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """kill -9 of the whole group."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it as ^C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def memory(self) -> float:
        """What the server and its workers hold, in MB, shared pages counted once where the system tells."""
        psutil = import_module("psutil")
        one = psutil.Process(self.process.pid)
        total = 0.0
        for process in (one, *one.children(recursive=True)):
            said = process.memory_full_info()
            total += getattr(said, "pss", said.rss) / MB
        return total


class MemoryWatch(threading.Thread):
    """Looks at the memory of a server every second: `seen` is (seconds, MB)."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._stop_it = threading.Event()
        self.seen: list[tuple[float, float]] = []

    def run(self) -> None:
        """Until stopped."""
        start = time.monotonic()
        while not self._stop_it.wait(1):
            self.seen.append((time.monotonic() - start, self._server.memory()))

    def stop(self) -> list[tuple[float, float]]:
        """What was seen."""
        self._stop_it.set()
        self.join()
        return self.seen


def texts(folder: Path) -> list[str]:
    """The texts that are sent. Raises ValueError where there are none."""
    found = [path.read_text("utf-8") for path in sorted(folder.glob("*.md"))]
    if not found:
        raise ValueError(f"{folder} holds no .md files; name a folder with --texts")
    return found


def quantiles(values: list[float]) -> dict[str, Any]:
    """Number, and median, 95th percentile and largest in milliseconds."""
    ordered = sorted(values)
    if not ordered:
        return {"n": 0}
    at = {
        name: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
        for name, share in (("p50", 0.5), ("p95", 0.95))
    }
    return {
        "n": len(ordered),
        **{name: round(1000 * value) for name, value in {**at, "max": ordered[-1]}.items()},
    }
