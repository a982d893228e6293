"""Batches: documents to score that nobody decides about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from detector.desk.store.database import Database, now
from detector.desk.store.queries import new_id
from detector.desk.store.rows import Batch, BatchItem, BatchState
from detector.desk.store.schema import batches, items
from detector.errors import NotFoundError


class Batches(Database):
    """Documents that wait for a verdict together."""

    def add_batch(self, documents: Sequence[dict[str, Any]]) -> Batch:
        """Keep documents to score, as they were asked; on the disk when this returns."""
        id = new_id(now())
        with self.write() as connection:
            connection.execute(sa.insert(batches).values(id=id, total=len(documents), cancelled=False))
            if documents:
                rows = [{"batch": id, "n": n, "document": document} for n, document in enumerate(documents)]
                connection.execute(sa.insert(items), rows)
            return _batch(connection, id)

    def batch(self, id: str) -> Batch:
        """How far it is. Raises NotFoundError."""
        with self.read() as connection:
            return _batch(connection, id)

    def batch_items(self, id: str, offset: int = 0, limit: int = 100) -> list[BatchItem]:
        """Documents of a batch in their order, answered or not. Raises NotFoundError."""
        with self.read() as connection:
            total = _batch(connection, id).total
            first = min(max(offset, 0), total)
            last = min(first + max(limit, 0), total)
            statement = sa.select(items).where(items.c.batch == id, items.c.n >= first, items.c.n < last)
            return [BatchItem(**row._mapping) for row in connection.execute(statement.order_by(items.c.n))]

    def answer_item(self, batch: str, n: int, verdict: dict[str, Any]) -> None:
        """Keep the verdict of a document; one that stands already stays. Raises NotFoundError."""
        one = (items.c.batch == batch) & (items.c.n == n)
        with self.write() as connection:
            changed = connection.execute(
                sa.update(items).where(one, items.c.verdict.is_(None)).values(verdict=verdict)
            )
            if not changed.rowcount and connection.execute(sa.select(items.c.n).where(one)).first() is None:
                raise NotFoundError("there is no such document in a batch; the batch may have been removed.")

    def cancel_batch(self, id: str) -> Batch:
        """Score no more of it; what is answered stays. Raises NotFoundError."""
        with self.write() as connection:
            connection.execute(sa.update(batches).where(batches.c.id == id).values(cancelled=True))
            return _batch(connection, id)

    def waiting_items(self, limit: int = 100) -> list[BatchItem]:
        """Documents without a verdict, of batches that nobody cancelled, oldest first."""
        statement = (
            sa.select(items)
            .join(batches, batches.c.id == items.c.batch)
            .where(items.c.verdict.is_(None), batches.c.cancelled.is_(False))
            .order_by(items.c.batch, items.c.n)
            .limit(limit)
        )
        with self.read() as connection:
            return [BatchItem(**row._mapping) for row in connection.execute(statement)]

    def remove_batch(self, id: str) -> None:
        """Delete a batch with all that is in it. Raises NotFoundError."""
        with self.write() as connection:
            if not connection.execute(sa.delete(batches).where(batches.c.id == id)).rowcount:
                raise NotFoundError(_MISSING)


_MISSING = "there is no such batch; it may have been removed."


def _batch(connection: sa.Connection, id: str) -> Batch:
    row = connection.execute(sa.select(batches).where(batches.c.id == id)).one_or_none()
    if row is None:
        raise NotFoundError(_MISSING)
    waiting = connection.execute(
        sa.select(sa.func.count()).select_from(items).where(items.c.batch == id, items.c.verdict.is_(None))
    ).scalar_one()
    state: BatchState = "done" if not waiting else "cancelled" if row.cancelled else "running"
    return Batch(id, row.total, row.total - waiting, state)
