"""The site's own archive, and the hashes by which texts find each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from detector.desk.store.database import Database, now
from detector.desk.store.queries import digest
from detector.desk.store.rows import ArchivePage, Original, OwnerKind, Shared
from detector.desk.store.schema import clean, submissions, texts, traces
from detector.errors import NotFoundError

_CHUNK = 100  # pages of one transaction
_MANY = 500  # texts whose hashes are found sooner by going through all there are
_HOLDERS = 200  # texts that are looked at for one hash, the newest


class Archive(Database):
    """What was published before, and what was sent in before, as partners for a text."""

    def add_archive(self, pages: Iterable[ArchivePage]) -> int:
        """Keep pages; one with a known key takes its place. How many were given."""
        given = 0
        source = iter(pages)
        while chunk := list(islice(source, _CHUNK)):
            given += len(chunk)
            # in one order, so that two imports at a time do not wait for each other
            newest = sorted({digest(page.key): page for page in chunk}.items())
            with self.write() as connection:
                _forget(connection, texts.c.digest.in_([name for name, _ in newest]))
                for name, page in newest:
                    row = {
                        "key": page.key,
                        "digest": name,
                        "title": page.title,
                        "url": page.url,
                        "text": page.text,
                    }
                    kept = sa.insert(texts).values(received=now(), traces=b"", **row).returning(texts.c.owner)
                    keep_traces(connection, connection.execute(kept).scalar_one(), page.traces)
        return given

    def archive_count(self) -> int:
        """How many pages the archive holds."""
        pages = sa.select(sa.func.count()).select_from(texts).where(texts.c.key.is_not(None))
        with self.read() as connection:
            return connection.execute(pages).scalar_one()

    def remove_archive(self, prefix: str | None = None, *, before: datetime | None = None) -> int:
        """Delete pages: those whose key begins with `prefix`, that were imported before a time, or all of them.

        How many there were.
        """
        fits: sa.ColumnElement[bool] = texts.c.key.is_not(None)
        if prefix:
            fits &= sa.func.substr(texts.c.key, 1, len(prefix)) == clean(prefix)
        if before is not None:
            fits &= texts.c.received < before
        with self.write() as connection:
            return _forget(connection, fits)

    def matches(self, hashes: Sequence[int], limit: int = 50) -> list[Shared]:
        """Texts that hold some of the hashes, the likeliest first; the text they come from is among them.

        A hash weighs the less the more texts hold it, so that a footer on every page counts for nearly nothing;
        of each hash the 200 newest texts are looked at. shared: how many hashes were found in a text.
        """
        asked = sorted({int(hash) for hash in hashes})
        if not asked:
            return []
        with self.read() as connection:
            rows = connection.execute(_holders(_rows(connection, asked), limit)).all()
        return [
            Shared("archive" if row.id is None else "submission", row.id or row.key, row.shared)
            for row in rows
        ]

    def text_of(self, kind: OwnerKind, id: str) -> Original:
        """The text behind a match. Raises NotFoundError."""
        if kind == "submission":
            columns = submissions.c
            statement = (
                sa.select(columns.title, columns.url, columns.author, columns.received, texts.c.text)
                .join(texts, texts.c.owner == columns.owner)
                .where(columns.id == id)
            )
        else:
            columns = texts.c
            statement = sa.select(
                columns.title, columns.url, sa.literal("").label("author"), columns.received, columns.text
            ).where(columns.digest == digest(id))
        with self.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise NotFoundError("there is no such text; it may have been removed.")
        return Original(*row)


def keep_traces(connection: sa.Connection, owner: int, hashes: bytes) -> None:
    """Let these hashes, little-endian int64, and no others lead to a text."""
    known = connection.execute(sa.select(texts.c.traces).where(texts.c.owner == owner)).scalar_one()
    if known:
        # by what the text remembers of them: an index by owner would be as large as the table itself
        gone = traces.c.hash.in_(sa.select(_rows(connection, _numbers(known)).c.value))
        connection.execute(sa.delete(traces).where(traces.c.owner == owner, gone))
    connection.execute(sa.update(texts).where(texts.c.owner == owner).values(traces=hashes))
    if hashes:
        held = sa.select(_rows(connection, _numbers(hashes)).c.value, sa.literal(owner, sa.BigInteger))
        connection.execute(sa.insert(traces).from_select(["hash", "owner"], held))


def _numbers(hashes: bytes) -> list[int]:
    numbers: list[int] = np.unique(np.frombuffer(hashes, "<i8")).tolist()
    return numbers


def _forget(connection: sa.Connection, fits: sa.ColumnElement[bool]) -> int:
    owners = sa.select(texts.c.owner).where(fits)
    found = connection.scalars(owners).all()
    if len(found) > _MANY:
        connection.execute(sa.delete(traces).where(traces.c.owner.in_(owners)))
    else:
        for owner in found:
            keep_traces(connection, owner, b"")
    connection.execute(sa.delete(texts).where(fits))
    return len(found)


def _rows(connection: sa.Connection, numbers: list[int]) -> sa.TableValuedAlias:
    """The numbers as a table with one column, `value`; sent as one parameter, for they are many."""
    value = sa.column("value", sa.BigInteger)
    if connection.dialect.name == "postgresql":
        several = sa.func.unnest(sa.cast(numbers, ARRAY(sa.BigInteger)))
        return several.table_valued(value, name="asked").render_derived()
    return sa.func.json_each(json.dumps(numbers)).table_valued(value, name="asked")


def _holders(asked: sa.TableValuedAlias, limit: int) -> sa.Select[Any]:
    """Texts by the weight of the hashes that they hold."""
    oldest = (
        sa.select(traces.c.owner)
        .where(traces.c.hash == asked.c.value)
        .order_by(traces.c.owner.desc())
        .limit(1)
        .offset(_HOLDERS - 1)
        .scalar_subquery()
    )
    since = sa.select(asked.c.value.label("hash"), sa.func.coalesce(oldest, 0).label("owner")).cte("since")
    held = (
        sa.select(traces.c.owner, sa.func.count().over(partition_by=traces.c.hash).label("holders"))
        .join(since, (traces.c.hash == since.c.hash) & (traces.c.owner >= since.c.owner))
        .cte("held")
    )
    weight = sa.func.sum(sa.literal(1.0, sa.Double) / held.c.holders)
    strongest = (
        sa.select(held.c.owner, sa.func.count().label("shared"), weight.label("weight"))
        .group_by(held.c.owner)
        .order_by(weight.desc(), held.c.owner.desc())
        .limit(limit)
        .cte("strongest")
    )
    return (
        sa.select(submissions.c.id, texts.c.key, strongest.c.shared)
        .join(texts, texts.c.owner == strongest.c.owner)
        .outerjoin(submissions, submissions.c.owner == strongest.c.owner)
        .order_by(strongest.c.weight.desc(), strongest.c.owner.desc())
    )
