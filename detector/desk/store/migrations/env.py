"""Run by Alembic: the migrations happen inside the transaction of whoever opens the store."""

from __future__ import annotations

from alembic import context

from detector.desk.store import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    version_table=schema.VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
