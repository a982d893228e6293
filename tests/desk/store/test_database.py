"""Databases are found, set up and brought up to date by whoever comes first; what is wrong with one is said plainly."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import detector.desk.store
from detector.desk.store import Store, database, open_store, schema
from detector.errors import ConflictError, NotFoundError, StoreError

Make = Callable[[str], str]
Run = Callable[..., "subprocess.Popen[str]"]


# --- which database --------------------------------------------------------------------------------------------------


def test_without_an_address_it_is_in_the_users_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setattr(database, "user_data_path", lambda name, appauthor: home / "share" / name)
    with open_store() as store:
        id = store.add(b"x", form="text", name="a").id
    file = home / "share" / "detector" / "desk.db"
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0  # nobody else reads what authors send
    for address in (str(file), f"sqlite:///{file}"):
        with open_store(address) as store:
            assert store.get(id).name == "a"
            assert (store.kind, store.place) == ("sqlite", str(file))


@pytest.mark.parametrize("name", ["a b?c=d#e%41.db", "ä:x.db", "'.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_store(name).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_closed_store_leaves_one_file(make_database: Make) -> None:
    path = Path(make_database("sqlite"))
    with open_store(str(path)) as store:
        store.add(b"x" * 10_000, form="text", name="a")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_is_added_is_on_the_disk(make_database: Make) -> None:
    with open_store(make_database("sqlite")) as store, store.write() as connection:
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                    ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")}  # fmt: skip
    assert settings == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 60_000,
    }  # fmt: skip


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_by_any_name(make_database: Make, scheme: str) -> None:
    url = make_database("postgresql").replace("postgresql", scheme, 1)
    with open_store(url) as store:
        assert store.kind == "postgresql"
        assert store.place.startswith("postgresql://desk@")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://desk:s3cret@localhost/desk", "mysql:// is no database the desk knows"),
        ("mongodb+srv://desk:s3cret@localhost/desk", "mongodb"),
        ("postgresql://desk:s3cret@localhost:port/desk", "%XX"),
        ("postgresql://desk:s3cret@[::1/desk", "%XX"),
        ("://", "%XX"),
        ("sqlite://", "name a file"),
        (":memory:", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("", "name a file"),
        ("/nowhere/at/all/desk.db", "the folder /nowhere/at/all is missing"),
        ("/", "/ is a folder; name a file in it"),
        ("a\0b.db", "name another"),
        ("postgresql://desk:s3cret@127.0.0.1:1/desk", "cannot be reached"),
        ("postgresql://desk@127.0.0.1:1/desk?password=s3cret", "cannot be reached"),
        (
            "postgresql://desk:s3cret@127.0.0.1:1/desk?nonsense=s3cret",
            "postgresql://desk:***@127.0.0.1:1/desk",
        ),
    ],
)
def test_what_cannot_be_opened_is_said_without_the_password(address: str, says: str) -> None:
    with pytest.raises(StoreError) as error:
        open_store(address)
    message = str(error.value)
    assert says in message
    assert "\n" not in message
    assert "s3cret" not in message


def test_a_server_that_refuses_is_said_without_the_password(make_database: Make) -> None:
    url = make_database("postgresql").replace("desk@", "nobody-here:s3cret%25@", 1)
    with pytest.raises(StoreError, match=r"cannot be reached .*correct address, user and password") as error:
        open_store(url)
    assert "s3cret" not in str(error.value)


def test_a_missing_driver_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match="pip install"):
        open_store("postgresql://desk@localhost/desk")


def test_a_database_in_another_encoding_is_refused(postgres_url: str) -> None:
    with closing(_connect(postgres_url)) as connection:
        connection.execute("CREATE DATABASE desk_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
        try:
            with pytest.raises(StoreError, match="UTF8"):
                open_store(urlsplit(postgres_url)._replace(path="/desk_latin").geturl())
        finally:
            connection.execute("DROP DATABASE desk_latin WITH (FORCE)")


def _connect(url: str) -> Any:
    import psycopg

    return psycopg.connect(url, autocommit=True)


# --- damage and trouble ------------------------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear author, " * 1_000)
    with pytest.raises(StoreError, match="no database of the desk"):
        open_store(str(file))
    assert file.read_text() == "Dear author, " * 1_000


def test_a_database_of_another_program_is_left_alone(database_url: str) -> None:
    address = database_url if "://" in database_url else f"sqlite:///{database_url}"
    engine = sa.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE bookmarks (x INTEGER)"))
    with pytest.raises(StoreError, match="another program"):
        open_store(database_url)
    assert sa.inspect(engine).get_table_names() == ["bookmarks"]
    engine.dispose()


def test_a_damaged_file_is_said(make_database: Make) -> None:
    path = Path(make_database("sqlite"))
    with open_store(str(path)) as store:
        ids = [store.add(b"x" * 50_000, form="text", name="a").id for _ in range(5)]
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged.*backup"), open_store(str(path)) as store:
        store.content(ids[2])


def test_a_full_disk_is_said_and_nothing_is_half_kept(make_database: Make) -> None:
    def limit(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute("PRAGMA max_page_count=100")

    with open_store(make_database("sqlite")) as store:
        store.close()  # so that the limit holds for all connections from here
        sa.event.listen(store._engine, "connect", limit)
        with pytest.raises(StoreError, match="disk is full"):
            store.add(b"x" * 1_000_000, form="text", name="a")
        assert store.search().total == 0
        store.add(b"x", form="text", name="a")


def test_a_busy_database_is_said(make_database: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    path = make_database("sqlite")
    with open_store(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        id = store.add(b"x", form="text", name="a").id
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="busy"):
            store.add_note(id, "Ada", "Note")
        assert store.get(id).notes == 0  # who reads does not wait
        other.execute("COMMIT")
        store.add_note(id, "Ada", "Note")


def test_threads_queue_and_do_not_wait_for_ever(make_database: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    with open_store(make_database("sqlite")) as store:
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with store.write():
                held.set()
                done.wait(30)

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(30)
        with pytest.raises(StoreError, match="busy"):
            store.add(b"x", form="text", name="a")
        done.set()
        holder.join()
        store.add(b"x", form="text", name="a")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    file = folder / "desk.db"
    open_store(str(file)).close()
    file.chmod(0o400)
    folder.chmod(0o500)
    code = "import sys; from detector.desk.store import open_store; from detector.errors import StoreError\n" \
           "try: open_store(sys.argv[1])\nexcept StoreError as error: print(error)"  # fmt: skip
    try:
        if _root():  # whom no mode of a file stops
            file = Path("/sys/desk.db")
        said = subprocess.run(
            [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True
        )
    finally:
        folder.chmod(0o700)
    assert "cannot be written" in said.stdout, said


def _root() -> bool:
    import os

    return hasattr(os, "geteuid") and os.geteuid() == 0


def test_a_server_that_was_started_anew_is_no_trouble(make_database: Make) -> None:
    url = make_database("postgresql")
    with open_store(url) as store:
        id = store.add(b"x", form="text", name="a").id
        with closing(_connect(url)) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert store.get(id).name == "a"


def test_what_fails_leaves_nothing_behind(store: Store, sender: Any) -> None:
    id = sender.answered("Green tea.", hashes=(1,)).id
    before = (store.get(id), store.events(id), store.document(id))

    class Stop(Exception):  # noqa: N818
        pass

    def work() -> None:
        with store.write() as connection:
            connection.execute(sa.delete(schema.events))
            connection.execute(sa.update(schema.submissions).values(state="rejected"))
            raise Stop

    with pytest.raises(Stop):
        work()
    assert (store.get(id), store.events(id), store.document(id)) == before


# --- the schema --------------------------------------------------------------------------------------------------


def test_the_migrations_make_the_tables_that_the_code_knows(store: Store) -> None:
    def differ(context: MigrationContext, *columns: Any) -> bool:
        *_, there, known = columns
        order = ' COLLATE "C"' if store.kind == "postgresql" and isinstance(known, schema.Words) else ""
        return str(there.compile(context.dialect)) != str(known.compile(context.dialect)) + order

    with store.read() as connection:
        options = {"version_table": schema.VERSION_TABLE, "compare_type": differ}
        context = MigrationContext.configure(connection, opts=options)
        differences = [
            difference
            for difference in compare_metadata(context, schema.metadata)
            # `found` is made by hand
            if not (difference[0].startswith("remove_") and difference[1].name.startswith("found"))
        ]
        assert differences == []
        version = connection.scalar(sa.text(f"SELECT version_num FROM {schema.VERSION_TABLE}"))
    scripts = ScriptDirectory(str(Path(detector.desk.store.__file__).parent / "migrations"))
    assert version == schema.REVISION == scripts.get_current_head()


def test_the_migrations_are_numbered(tmp_path: Path) -> None:
    # a newer schema is told by its number being larger
    scripts = ScriptDirectory(str(Path(detector.desk.store.__file__).parent / "migrations"))
    numbers = [script.revision for script in scripts.walk_revisions()][::-1]
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_a_newer_database_is_refused(database_url: str) -> None:
    def set_version(version: str) -> None:
        with store.write() as connection:
            connection.execute(sa.text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '{version}'"))

    with open_store(database_url) as store:
        id = store.add(b"x", form="text", name="a").id
        set_version("0999")
        with pytest.raises(StoreError, match=r"newer detector \(schema 0999.*install the newest version"):
            open_store(database_url)
        set_version(schema.REVISION)
    with open_store(database_url) as store:
        assert store.get(id).name == "a"


def test_threads_may_open_it_at_once(database_url: str) -> None:
    def work(_: int) -> str:
        with open_store(database_url) as store:
            return store.add(b"x", form="text", name="a").id

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(work, range(6)))) == 6


OPEN = """
import sys
from detector.desk.store import open_store
sys.stdin.readline()
with open_store(sys.argv[1]) as store:
    print(store.add(b"x", form="text", name="a", key=sys.argv[2]).id)
"""


def test_processes_may_open_it_at_once(database_url: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", OPEN, database_url, str(n % 2)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(4)
    ]  # fmt: skip
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120) for process in started]
    assert [error for _, error in said] == [""] * 4
    assert len({out for out, _ in said}) == 2
    with open_store(database_url) as store:
        assert store.search().total == 2


def test_errors_are_of_one_family(store: Store) -> None:
    with pytest.raises(NotFoundError) as error:
        store.get("x")
    assert (error.value.kind, ConflictError.kind, StoreError.kind) == ("not_found", "conflict", "store")
