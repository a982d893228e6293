"""A desk as its users have it: a real server process on loopback, with a database of its own, SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from detector.desk.store import Store

pytest.importorskip("fastapi", reason="needs detector[desk]")


class Desk:
    """A running `detector desk`. url: its address without the last slash; said: what it wrote on standard error."""

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


def _postgres_programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps it out of the PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((p.parent for p in installed), key=lambda p: float(p.parent.name), default=None)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of an empty database on a PostgreSQL server, whose user may make others: what DETECTOR_TEST_POSTGRES
    names, or a server of its own, which listens on nothing but a socket in its folder and ends with the tests."""
    pytest.importorskip("psycopg", reason="needs detector[postgres]")
    if named := os.environ.get("DETECTOR_TEST_POSTGRES"):
        yield named
        return
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="desk-pg-", ignore_cleanup_errors=True) as folder:
        other: dict[str, Any] = {}
        if os.geteuid() == 0:  # as whom PostgreSQL refuses to run
            pwd = pytest.importorskip("pwd")
            user = next(u for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody"))
            os.chown(folder, user.pw_uid, user.pw_gid)
            other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}

        def run(program: str, *options: str) -> None:
            command = [programs / program, "--pgdata", f"{folder}/data", *options]
            done = subprocess.run(command, capture_output=True, text=True, timeout=180, **other)
            assert done.returncode == 0, f"{done.stdout}{done.stderr}"

        run("initdb", "--username=desk", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        settings = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=200"
        run("pg_ctl", "start", "--wait", "--log", f"{folder}/log", "--options", settings)
        yield f"postgresql://desk@/postgres?host={folder}"
        run("pg_ctl", "stop", "--mode=immediate")


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes empty databases: make_database("sqlite" or "postgresql") gives the address of another one.

    In PostgreSQL it is a schema, which is made and gone in no time and is all that such a connection sees.
    """
    made: list[str] = []

    def make(kind: str) -> str:
        name = f"desk_{uuid.uuid4().hex}"
        if kind == "sqlite":
            return str(tmp_path / f"{name}.db")
        server = request.getfixturevalue("postgres_url")
        _on(server, f"CREATE SCHEMA {name}")
        made.append(name)
        return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{name}"

    yield make
    for name in made:
        _on(request.getfixturevalue("postgres_url"), f"DROP SCHEMA {name} CASCADE")


def _on(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, make_database: Callable[[str], str]) -> str:
    """An empty database, once of each kind."""
    return make_database(request.param)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, once in each kind of database."""
    from detector.desk.store import open_store

    with open_store(database_url) as store:
        yield store
