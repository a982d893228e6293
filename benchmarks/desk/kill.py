"""Submissions while the server is killed again and again: every one must be there once, and be answered."""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.desk.server import Server, texts

SENDERS = 8
PATIENCE = 600  # seconds after which something is wrong


class _Desk:
    """A desk that is killed and started again on the same port and database."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.server = Server(database)
        self.port = self.server.port
        self.killed = 0

    def kill_and_start(self) -> None:
        self.server.kill()
        self.killed += 1
        self.server = Server(self.database, self.port)


def run(options: argparse.Namespace) -> None:
    """Raises ValueError when a submission is lost or doubled."""
    httpx = import_module("httpx")
    posts = texts(options.texts)
    rng = random.Random(options.seed)
    done = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        desk = _Desk(options.database or str(Path(folder) / "desk.db"))
        url = desk.server.url
        tries: Counter[str] = Counter()

        def send(k: int) -> str:
            """Send one post until the desk says it has it; the id it was given."""
            name, deadline = f"post-{k:04}", time.monotonic() + PATIENCE
            body = {"markdown": posts[k % len(posts)], "name": name, "author": f"Author {k % 40}"}
            while time.monotonic() < deadline:
                tries[name] += 1
                try:
                    answer = httpx.post(
                        f"{url}/v1/submissions?wait=0", json=body, headers={"Idempotency-Key": name},
                        timeout=30, trust_env=False,
                    )  # fmt: skip
                    if answer.status_code in (200, 201):
                        return str(answer.json()["id"])
                except httpx.HTTPError:
                    pass
                time.sleep(0.05)
            raise ValueError(f"{name} was not taken in {PATIENCE} seconds")

        def strike() -> None:
            for _ in range(options.kills):
                time.sleep(rng.uniform(0.2, 3.0))
                if done.is_set():
                    return
                desk.kill_and_start()

        striker = threading.Thread(target=strike)
        striker.start()
        with ThreadPoolExecutor(SENDERS) as pool:
            ids = dict(
                zip(range(options.submissions), pool.map(send, range(options.submissions)), strict=True)
            )
        done.set()
        striker.join()
        try:
            problems = _problems(httpx, url, ids, options.submissions)
        finally:
            desk.server.stop()
    if problems:
        raise ValueError("; ".join(problems))
    again = sum(n > 1 for n in tries.values())
    print(
        f"{options.submissions} submissions, the server killed {desk.killed} times, {again} sent more than once: "
        "each is there once and answered"
    )


def _problems(httpx: Any, url: str, ids: dict[int, str], expected: int) -> list[str]:
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        deadline = time.monotonic() + PATIENCE
        while client.get("/v1/submissions/counts").json()["waiting"] and time.monotonic() < deadline:
            time.sleep(0.5)
        rows: list[dict[str, Any]] = []
        after = ""
        while True:
            page = client.get(
                "/v1/submissions", params={"limit": 200, **({"after": after} if after else {})}
            ).json()
            rows += page["items"]
            if not (after := page["next"] or ""):
                break
    names = Counter(row["name"] for row in rows)
    known = {row["id"] for row in rows}
    problems = []
    if len(rows) != expected:
        problems.append(f"{len(rows)} rows for {expected} submissions")
    if doubled := [name for name, n in names.items() if n > 1]:
        problems.append(f"doubled: {', '.join(doubled[:5])}")
    if lost := [k for k, id in ids.items() if id not in known]:
        problems.append(f"told to be taken and lost: {len(lost)}")
    if waiting := [row for row in rows if row["stage"] != "answered" or row["outcome"] is None]:
        problems.append(f"never answered: {len(waiting)}")
    return problems
