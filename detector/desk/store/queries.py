"""What more than one part of the store does to a submission inside its own transaction."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from detector.desk.store import words
from detector.desk.store.rows import Event, EventKind, Submission
from detector.desk.store.schema import clean, events, submissions, texts
from detector.errors import NotFoundError

_OWN = {"owner", "title_key", "key", "request"}  # columns that are nobody else's business
_NOTES = (
    sa.select(sa.func.count())
    .select_from(events)
    .where(events.c.submission == submissions.c.id, events.c.kind == "note", events.c.undone_at.is_(None))
    .scalar_subquery()
    .label("notes")
)
SUBMISSION = sa.select(*(column for column in submissions.c if column.name not in _OWN), _NOTES)
_TITLE_KEY = 200  # characters by which titles are ordered; an index of PostgreSQL takes no long ones


def new_id(at: datetime) -> str:
    """32 hexadecimal digits that sort by time (milliseconds, a 7, microseconds) and cannot be guessed."""
    milliseconds, microseconds = divmod(int(at.timestamp() * 1_000_000), 1_000)
    return f"{milliseconds:012x}7{microseconds:03x}{secrets.token_hex(8)}"


def digest(text: str) -> str:
    """A short name for a text of any length."""
    return hashlib.sha256(clean(text).encode()).hexdigest()


def title_key(title: str) -> str:
    """What titles are ordered by."""
    return title.casefold()[:_TITLE_KEY]


def get(connection: sa.Connection, id: str, *, lock: bool = False) -> Submission:
    """The submission; lock: nobody else changes it until the transaction ends. Raises NotFoundError."""
    statement = SUBMISSION.where(submissions.c.id == id)
    if lock:  # SQLite has one writer at a time anyway
        statement = statement.with_for_update(of=submissions)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError("there is no such submission; it may have been removed.")
    return Submission(**row._mapping)


def change(connection: sa.Connection, id: str, at: datetime, **values: Any) -> None:
    """Set columns of a submission."""
    connection.execute(sa.update(submissions).where(submissions.c.id == id).values(changed=at, **values))


def log(connection: sa.Connection, id: str, who: str, kind: EventKind, at: datetime, **told: Any) -> Event:
    """Add to the history. told: the other fields of the event."""
    row = {"submission": id, "at": at, "who": who, "kind": kind, **told}
    return to_event(connection.execute(sa.insert(events).values(row).returning(events)).one())


def to_event(row: sa.Row[Any]) -> Event:
    """A row of `events`."""
    return Event(**row._mapping)


def live(id: str, *kinds: EventKind) -> sa.Select[Any]:
    """The events of these kinds that were not undone, oldest first."""
    return (
        sa.select(events)
        .where(events.c.submission == id, events.c.kind.in_(kinds), events.c.undone_at.is_(None))
        .order_by(events.c.id)
    )


def owner_of(connection: sa.Connection, id: str) -> int:
    """The number under which the text of a submission is found again."""
    owner: int = connection.execute(sa.select(submissions.c.owner).where(submissions.c.id == id)).scalar_one()
    return owner


def reindex(connection: sa.Connection, id: str) -> None:
    """Let search find the submission by all that is said in it and of it."""
    columns = submissions.c
    owner, *said = connection.execute(
        sa.select(
            texts.c.owner,
            columns.title,
            columns.author,
            columns.name,
            columns.url,
            columns.note,
            texts.c.text,
        )
        .join(submissions, columns.owner == texts.c.owner)
        .where(columns.id == id)
    ).one()
    notes = [row.after for row in connection.execute(live(id, "note"))]
    words.index(connection, owner, "\n".join(part for part in (*said, *notes) if part))
