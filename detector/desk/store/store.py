"""The store: everything that the desk keeps, through one door."""

from __future__ import annotations

from pathlib import Path

from detector.desk.store.archive import Archive
from detector.desk.store.backup import backup
from detector.desk.store.batches import Batches
from detector.desk.store.decisions import Decisions


class Store(Decisions, Batches, Archive):
    """All of the desk's database. Threads may share it; every method is one transaction, on the disk when it returns.

    kind: "sqlite" or "postgresql". Raises StoreError when the database cannot be used, NotFoundError and
    ConflictError as the methods say; close it, or use it in a `with`.
    """

    def backup(self, path: str | Path) -> None:
        """Copy everything into one SQLite file, which `open_store` opens; the desk may go on meanwhile."""
        backup(self, Path(path))


def open_store(url: str | None = None) -> Store:
    """The store at a path, "sqlite:////abs/desk.db" or "postgresql://..."; None: desk.db in the user's data folder.

    A new database is set up and an older one brought to the newest schema; several processes may do so at once.
    Raises StoreError, which says what to do.
    """
    return Store(url)
