"""A copy of a store in one SQLite file, made while the desk is at work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from detector.desk.store import schema
from detector.desk.store.database import Database
from detector.desk.store.queries import reindex
from detector.errors import StoreError

_FEW = 4  # rows held in memory at a time: what was sent in may be large
_ROWS = {"traces": 10_000}


def backup(database: Database, path: Path) -> None:
    """Write the file, whole or not at all. Raises StoreError."""
    from detector.audit.run import whole  # it brings packages that only a backup needs

    try:
        if database.path is not None and path.exists() and path.samefile(database.path):
            raise StoreError(f"{path} is the database itself; name another file for its copy.")
        with whole(path) as file:
            file.touch(mode=0o600)
            if database.kind == "sqlite":
                _copy_file(database, file)
            else:
                _copy_rows(database, file)
            with closing(sqlite3.connect(file)) as copy:
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    except (OSError, sqlite3.Error) as error:
        said = getattr(error, "strerror", None) or error
        raise StoreError(f"{path} cannot be written ({said}); name another file for the copy.") from error


def _copy_file(database: Database, file: Path) -> None:
    with database.read() as connection, closing(sqlite3.connect(file)) as copy:
        source: Any = connection.connection.driver_connection
        source.backup(copy)


def _copy_rows(database: Database, file: Path) -> None:
    """As of one moment, whatever is written meanwhile. Both databases keep the same values, so they go over raw."""
    with Database(str(file)) as copy, copy.write() as into, database.read() as connection:
        source = connection.execution_options(stream_results=True)
        for table in schema.metadata.sorted_tables:
            ordered = sa.select(table).order_by(*table.primary_key)
            rows = source.exec_driver_sql(str(ordered.compile(source)))
            insert = str(sa.insert(table).compile(into))
            for some in rows.partitions(_ROWS.get(table.name, _FEW)):
                into.exec_driver_sql(insert, [tuple(row) for row in some])
        for id in into.scalars(sa.select(schema.submissions.c.id)).all():
            reindex(into, id)
