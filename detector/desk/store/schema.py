"""The tables, as the newest migration leaves them.

submissions   one row for each text that was sent in       contents   its bytes as they came
answers       document (without its text) and verdict      events     its history
texts         what can be found again: the text of a submission, or a page of the archive
found         the words of a submission, for search: an FTS5 table in SQLite, tsvectors in PostgreSQL
traces        (hash, owner): which texts hold a hash       removals   who removed what, and nothing of it
batches, items   documents to score that nobody decides about
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

REVISION = "0001"  # of the newest migration; a test says so
VERSION_TABLE = "desk_schema"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


def clean(text: str) -> str:
    """The text with NUL and lone surrogates, which no database keeps, replaced visibly and one for one."""
    if _UNKEEPABLE.search(text) is None:
        return text
    return _UNKEEPABLE.sub(lambda found: "␀" if found[0] == "\0" else "�", text)


def clean_json(value: Any) -> Any:
    """Plain data with every string in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(inner) for inner in value]
    return value


class Words(TypeDecorator[str]):
    """Text that both databases can hold, and order alike: by code point (PostgreSQL's columns have COLLATE "C")."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Cleaned on the way in."""
        return None if value is None else clean(value)


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as microseconds since 1970 in UTC."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> int | None:
        """As a whole number."""
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, _: Dialect) -> datetime | None:
        """As a time in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Data(TypeDecorator[Any]):
    """Plain data as JSON text; None is NULL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, _: Dialect) -> str | None:
        """As JSON, cleaned."""
        return None if value is None else json.dumps(clean_json(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, _: Dialect) -> Any:
        """What was put in."""
        return None if value is None else json.loads(value)


metadata = sa.MetaData()
_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # the only type that SQLite numbers by itself


def _submission(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        "submission",
        Words,
        sa.ForeignKey("submissions.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("owner", sa.BigInteger, sa.ForeignKey("texts.owner"), nullable=False, unique=True),
    sa.Column("received", Moment, nullable=False),
    sa.Column("changed", Moment, nullable=False),
    sa.Column("stage", Words, nullable=False),
    sa.Column("form", Words, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("author", Words, nullable=False),
    sa.Column("title", Words, nullable=False),
    sa.Column("title_key", Words, nullable=False),  # what titles are ordered by
    sa.Column("url", Words),
    sa.Column("note", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("assignee", Words),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("outcome", Words),
    sa.Column("score", sa.Double),
    sa.Column("words", sa.Integer),
    sa.Column("reason", Words),
    sa.Column("error", Data),
    sa.Column("model", Data),
    sa.Column("sha256", Words, nullable=False),
    sa.Column("key", Words, unique=True),  # sha256 of the Idempotency-Key
    sa.Column("request", Words, nullable=False),  # sha256 of what was sent with it
    sa.Index("submissions_received", "received", "id"),
    sa.Index("submissions_changed", "changed", "id"),
    sa.Index("submissions_title", "title_key", "id"),
    sa.Index("submissions_stage", "stage", "id"),
)

contents = sa.Table(
    "contents",
    metadata,
    _submission(primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("charset", Words),
    sa.Column("url", Words),
)

answers = sa.Table(
    "answers",
    metadata,
    _submission(primary_key=True),
    sa.Column("document", Data, nullable=False),
    sa.Column("verdict", Data, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", _Number, primary_key=True),
    _submission(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("before", Data),
    sa.Column("after", Data),
    sa.Column("undone_at", Moment),
    sa.Column("undone_by", Words),
    sa.Column("signal", Words),
    sa.Column("start", sa.Integer),
    sa.Column("end", sa.Integer),
    sa.Column("quote", Words),
    sa.Column("fingerprint", Words),
    sa.Index("events_submission", "submission", "id"),
    sqlite_autoincrement=True,
)

texts = sa.Table(
    "texts",
    metadata,
    sa.Column("owner", _Number, primary_key=True),
    sa.Column("key", Words),  # of an archive page, as is the rest but text and traces
    sa.Column("digest", Words, unique=True),  # sha256 of the key
    sa.Column("title", Words),
    sa.Column("url", Words),
    sa.Column("received", Moment),
    sa.Column("text", Words, nullable=False),
    sa.Column("traces", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

traces = sa.Table(
    "traces",
    metadata,
    sa.Column("hash", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("owner", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

removals = sa.Table(
    "removals",
    metadata,
    sa.Column("submission", Words, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", Words, nullable=False),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("batch", Words, sa.ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", Data, nullable=False),
    sa.Column("verdict", Data),
)
sa.Index(
    "items_waiting",
    items.c.batch,
    items.c.n,
    sqlite_where=items.c.verdict.is_(None),
    postgresql_where=items.c.verdict.is_(None),
)

# Not in the metadata, for it is made differently in each database; its rows are those of `texts` by their owner.
found = sa.table("found", sa.column("rowid", sa.BigInteger), sa.column("words"))
