"""The desk's first schema.

What the tables are for stands in `schema.py`. Types are written out here: this step must stay as it is when they
change there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make all tables."""
    _texts()
    op.create_table(
        "submissions",
        sa.Column("id", _WORDS, primary_key=True),
        sa.Column("owner", sa.BigInteger, sa.ForeignKey("texts.owner"), nullable=False, unique=True),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("stage", _WORDS, nullable=False),
        sa.Column("form", _WORDS, nullable=False),
        sa.Column("name", _WORDS, nullable=False),
        sa.Column("author", _WORDS, nullable=False),
        sa.Column("title", _WORDS, nullable=False),
        sa.Column("title_key", _WORDS, nullable=False),
        sa.Column("url", _WORDS),
        sa.Column("note", _WORDS, nullable=False),
        sa.Column("state", _WORDS, nullable=False),
        sa.Column("assignee", _WORDS),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("outcome", _WORDS),
        sa.Column("score", sa.Double),
        sa.Column("words", sa.Integer),
        sa.Column("reason", _WORDS),
        sa.Column("error", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("sha256", _WORDS, nullable=False),
        sa.Column("key", _WORDS, unique=True),
        sa.Column("request", _WORDS, nullable=False),
    )
    for name in ("received", "changed", "stage"):
        op.create_index(f"submissions_{name}", "submissions", [name, "id"])
    op.create_index("submissions_title", "submissions", ["title_key", "id"])
    op.create_table(
        "contents",
        _submission(primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("name", _WORDS, nullable=False),
        sa.Column("charset", _WORDS),
        sa.Column("url", _WORDS),
    )
    op.create_table(
        "answers",
        _submission(primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", _NUMBER, primary_key=True),
        _submission(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", _WORDS, nullable=False),
        sa.Column("kind", _WORDS, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("undone_at", sa.BigInteger),
        sa.Column("undone_by", _WORDS),
        sa.Column("signal", _WORDS),
        sa.Column("start", sa.Integer),
        sa.Column("end", sa.Integer),
        sa.Column("quote", _WORDS),
        sa.Column("fingerprint", _WORDS),
        sqlite_autoincrement=True,
    )
    op.create_index("events_submission", "events", ["submission", "id"])
    op.create_table(
        "removals",
        sa.Column("submission", _WORDS, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", _WORDS, nullable=False),
    )
    op.create_table(
        "batches",
        sa.Column("id", _WORDS, primary_key=True),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
    )
    op.create_table(
        "items",
        sa.Column("batch", _WORDS, sa.ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text),
    )
    waiting = sa.text("verdict IS NULL")
    op.create_index("items_waiting", "items", ["batch", "n"], sqlite_where=waiting, postgresql_where=waiting)


def _texts() -> None:
    op.create_table(
        "texts",
        sa.Column("owner", _NUMBER, primary_key=True),
        sa.Column("key", _WORDS),
        sa.Column("digest", _WORDS, unique=True),
        sa.Column("title", _WORDS),
        sa.Column("url", _WORDS),
        sa.Column("received", sa.BigInteger),
        sa.Column("text", _WORDS, nullable=False),
        sa.Column("traces", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "traces",
        sa.Column("hash", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "sqlite":
        # The words come divided and folded already, and are asked for one by one: nothing else need be kept of them.
        op.execute(
            "CREATE VIRTUAL TABLE found USING fts5(words, tokenize='ascii', detail='none', columnsize=0)"
        )
    else:
        op.execute("CREATE TABLE found (rowid bigint PRIMARY KEY, words tsvector NOT NULL)")
        # a submission is read far more often than it is written: no list of words that wait to be sorted in
        op.execute("CREATE INDEX found_words ON found USING gin (words) WITH (fastupdate = off)")


def _submission(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        "submission",
        _WORDS,
        sa.ForeignKey("submissions.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )
