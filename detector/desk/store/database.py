"""Opening a database, bringing it to the newest schema, and one way in for reading and one for writing."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from platformdirs import user_data_path
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from detector.desk.store import schema
from detector.errors import ConflictError, StoreError

PATIENCE = 60  # seconds to wait for another writer, or for a free connection
_CONNECTIONS = 8  # of one store at once; each takes up to 16 MB for its cache in SQLite
_LOCK = 0x6465_7465_6374  # of the database while it is migrated; any number that nobody else uses
_migrating = threading.Lock()  # Alembic keeps what it works on in module variables

# What SQLite's codes mean for the one who runs the desk
_SQLITE = {
    "BUSY": "is busy with another program; try again, and end what else has it open",
    "LOCKED": "is busy with another program; try again, and end what else has it open",
    "FULL": "cannot grow, the disk is full; make room and try again",
    "CORRUPT": "is damaged; put back a copy made by `detector desk backup`",
    "NOTADB": "is no database of the desk; name another file",
    "CANTOPEN": "cannot be opened; its folder must exist and be writable, or name another file",
    "READONLY": "cannot be written; make the file and its folder writable, or name another file",
    "PERM": "cannot be written; make the file and its folder writable, or name another file",
    "IOERR": "cannot be read or written, the disk reports a fault; look after it, or name another file",
}


class Database:
    """A database of the newest schema. kind: "sqlite" or "postgresql"; place: how messages name it."""

    def __init__(self, url: str | None = None) -> None:
        parsed = _parse(url)
        self.kind = parsed.get_backend_name()
        self.place = _place(parsed)
        self.path = Path(parsed.database or "") if self.kind == "sqlite" else None
        self._engine = _engine(parsed)
        self._writing = self._engine.execution_options(writes=True)
        # one state of the database for all statements of a block, as SQLite gives it anyway
        isolation = {} if self.kind == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        self._reading = self._engine.execution_options(**isolation)
        self._secret = str(parsed.password or "")
        # SQLite has one writer at a time and lets the others poll; those of one process queue here instead
        self._turn = threading.Lock()
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give all connections back. It may be used again afterwards."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database, whatever others write meanwhile."""
        with self._explained(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection inside one transaction, on the disk when the block is left, undone when it raises."""
        with self._explained(), self._in_turn(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self.kind != "sqlite":
            yield
        elif self._turn.acquire(timeout=PATIENCE):
            try:
                yield
            finally:
                self._turn.release()
        else:
            raise StoreError(f"{self.place} {_SQLITE['BUSY']}.")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say in plain words what the driver said; its own text may hold statements, values and a password."""
        try:
            yield
        except IntegrityError:
            raise ConflictError("somebody else wrote the same at the same time; try again.") from None
        except SQLAlchemyError as error:
            raise StoreError(self._explain(error)) from None

    def _explain(self, error: SQLAlchemyError) -> str:
        cause = error.orig if isinstance(error, DBAPIError) else None
        if isinstance(error, sa.exc.TimeoutError):
            return f"{self.place} {_SQLITE['BUSY']}."
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorname", "").removeprefix("SQLITE_").partition("_")[0]
            if code in _SQLITE:
                return f"{self.place} {_SQLITE[code]}."
        said = (str(cause or error).strip().splitlines() or [type(error).__name__])[0]
        if self._secret:
            said = said.replace(self._secret, "***")
        if self.kind == "postgresql" and getattr(cause, "sqlstate", "") is None:
            fix = "start PostgreSQL, or correct address, user and password"
            return f"{self.place} cannot be reached ({said}); {fix}."
        return f"{self.place} does not do what it should ({said}); look at the database, or name another."

    def _migrate(self) -> None:
        """Bring the schema to the newest one, in one transaction; whoever comes meanwhile waits."""
        with self.write() as connection:
            if self.kind == "postgresql":
                if connection.scalar(sa.text("show server_encoding")) != "UTF8":
                    raise StoreError(
                        f"{self.place} does not keep UTF-8; make a database with ENCODING 'UTF8'."
                    )
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            inspector = sa.inspect(connection)
            known: str | None = None
            if inspector.has_table(schema.VERSION_TABLE):
                version = sa.table(schema.VERSION_TABLE, sa.column("version_num", sa.Text))
                known = connection.scalar(sa.select(version.c.version_num))
            elif inspector.get_table_names():
                raise StoreError(
                    f"{self.place} holds tables of another program; give the desk a database of its own."
                )
            if known is not None and known > schema.REVISION:
                raise StoreError(
                    f"{self.place} was written by a newer detector (schema {known}, this one knows {schema.REVISION}); "
                    "install the newest version, or name another database."
                )
            if known != schema.REVISION:
                _upgrade(connection)


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "detector.desk.store:migrations")
    with _migrating:
        command.upgrade(config, "head")


def now() -> datetime:
    """The time, as events have it."""
    return datetime.now(UTC)


# --- addresses -------------------------------------------------------------------------------------------------------


def _parse(url: str | None) -> URL:
    """The address of a database; None is the user's own file."""
    if url is None:
        path = user_data_path("detector", appauthor=False) / "desk.db"
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{path.parent} cannot be made ({error.strerror or error}); name a file with --database."
            ) from None
        return URL.create("sqlite+pysqlite", database=str(path))
    if "://" not in url:
        return URL.create("sqlite+pysqlite", database=url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(
            "the address of the database cannot be read; write postgresql://user:password@host:5432/name, "
            "with what is no letter or digit in the password as %XX, or the path of a file."
        ) from None
    match parsed.drivername.partition("+")[0]:
        case "sqlite":
            return URL.create("sqlite+pysqlite", database=parsed.database)
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise StoreError(
                f"{other}:// is no database the desk knows; use postgresql://..., or the path of a SQLite file."
            )


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or "the database"
    return url.set(drivername="postgresql", password=None, query={}).render_as_string()


def _engine(url: URL) -> sa.Engine:
    try:
        return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    except ModuleNotFoundError:
        raise StoreError("PostgreSQL needs a driver; pip install 'detector[postgres]'.") from None


def _postgresql(url: URL) -> sa.Engine:
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": 10}
    return sa.create_engine(
        url,
        connect_args=patience,
        hide_parameters=True,
        pool_pre_ping=True,  # the server may have been started anew
        pool_size=_CONNECTIONS,
        pool_timeout=PATIENCE,
    )


def _sqlite(url: URL) -> sa.Engine:
    path = Path(url.database or "")
    if url.database in (None, "", ":memory:"):
        raise StoreError("the desk keeps nothing in memory; name a file for its database.")
    try:
        path.touch(mode=0o600)  # what authors send in is nobody else's business
    except FileNotFoundError:
        raise StoreError(f"the folder {path.parent} is missing; make it, or name another file.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        said = getattr(error, "strerror", None) or error
        raise StoreError(f"{path} cannot be written ({said}); name another file for the database.") from None
    if path.is_dir():
        raise StoreError(f"{path} is a folder; name a file in it.")
    engine = sa.create_engine(
        url,
        connect_args={"timeout": PATIENCE, "isolation_level": None},
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        _use_wal(connection)
        # FULL: on the disk before an answer goes out. secure_delete: what is removed is overwritten.
        for setting in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-16384"):
            connection.execute(f"PRAGMA {setting}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # a writer says so at once: one that reads first could find its ground changed and would have to give up
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turn write-ahead logging on, once for a file; two that do it at once must not wait for each other."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
