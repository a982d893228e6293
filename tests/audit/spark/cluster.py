"""A real standalone Spark cluster on this machine alone: one master and its workers, each a process of its own.

    python tests/audit/spark/cluster.py --workers 2 --cores 1

prints the master's address for `detector audit --engine spark --master` and the ids of the workers' processes, and ends
the cluster at ^C, or with its standard input where that is a pipe.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HOST = "127.0.0.1"
SECONDS = 120  # until all of it must be up


class Cluster(NamedTuple):
    """master: its address, spark://…; workers: their processes, each the first of its group."""

    master: str
    workers: tuple[subprocess.Popen[bytes], ...]

    def kill(self, number: int) -> None:
        """End a worker and all it has started, as a machine ends that loses its power."""
        _end(self.workers[number], signal.SIGKILL)


def missing() -> str:
    """What a cluster needs and is not there; "" where nothing is."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed"
    home = os.environ.get("JAVA_HOME")
    return "" if shutil.which(f"{home}/bin/java" if home else "java") else "there is no Java"


@contextlib.contextmanager
def cluster(folder: Path, *, workers: int = 2, cores: int = 1, megabytes: int = 1_500) -> Iterator[Cluster]:
    """Start one, and end every process of it at the end. folder: for its logs and what its workers unpack.

    cores, megabytes: of each worker. Raises RuntimeError with the end of the log when it does not come up.
    """
    port = _free_port()
    master = f"spark://{HOST}:{port}"
    started: list[subprocess.Popen[bytes]] = []
    try:
        given = ["--host", HOST, "--port", str(port), "--webui-port", "0"]
        started.append(_start(folder, "master", "master.Master", *given))
        _wait(started, folder, "master", "I have been elected leader")
        for k in range(1, workers + 1):
            given = ["--host", HOST, "--webui-port", "0", "--cores", str(cores), "--memory", f"{megabytes}m"]
            given += ["--work-dir", str(folder / f"work-{k}"), master]
            started.append(_start(folder, f"worker-{k}", "worker.Worker", *given))
        for k in range(1, workers + 1):
            _wait(started, folder, f"worker-{k}", "Successfully registered with master")
        yield Cluster(master, tuple(started[1:]))
    finally:
        for process in reversed(started):
            _end(process, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _start(folder: Path, name: str, what: str, *arguments: str) -> subprocess.Popen[bytes]:
    import pyspark

    home = Path(pyspark.__file__).parent
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}", *arguments]
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST, "SPARK_NO_DAEMONIZE": "1"}
    environment |= {"SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": f"-Djava.io.tmpdir={folder}"}
    environment["SPARK_LOCAL_DIRS"] = str(folder / "scratch")
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def _wait(started: list[subprocess.Popen[bytes]], folder: Path, name: str, sign: str) -> None:
    log, until = folder / f"{name}.log", time.monotonic() + SECONDS
    while sign not in (said := log.read_text("utf-8", "replace")):
        if time.monotonic() > until or any(process.poll() is not None for process in started):
            raise RuntimeError(f"the {name} of the cluster does not come up:\n{said[-2000:]}")
        time.sleep(0.2)


def _end(process: subprocess.Popen[bytes], with_signal: int) -> None:
    """End a process and its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, with_signal)
    process.wait()


def main() -> int:
    """Run one until somebody ends it."""
    parser = argparse.ArgumentParser(description="A Spark cluster on this machine.")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cores", type=int, default=1, help="of each worker")
    parser.add_argument("--memory", type=int, default=4_000, metavar="MB", help="of each worker")
    options = parser.parse_args()
    if lacking := missing():
        sys.exit(f"{lacking}; a cluster needs both, see docs/spark.md")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        tempfile.TemporaryDirectory(prefix="detector-cluster-") as folder,
        contextlib.suppress(KeyboardInterrupt),
        cluster(Path(folder), workers=options.workers, cores=options.cores, megabytes=options.memory) as up,
    ):
        print(up.master, *(worker.pid for worker in up.workers), flush=True)
        if stat.S_ISFIFO(os.fstat(0).st_mode):
            sys.stdin.read()  # whoever has started it is gone when this ends
        else:
            signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
