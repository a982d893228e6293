"""Where the desk keeps what was sent in, found and decided: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

from detector.desk.store.rows import (
    FORMS,
    SORTS,
    STATES,
    ArchivePage,
    Batch,
    BatchItem,
    BatchState,
    Content,
    Event,
    EventKind,
    FeedbackKind,
    Form,
    Lesson,
    Original,
    OwnerKind,
    Page,
    Shared,
    Sort,
    Stage,
    State,
    Submission,
)
from detector.desk.store.store import Store, open_store

__all__ = [
    "FORMS", "SORTS", "STATES", "ArchivePage", "Batch", "BatchItem", "BatchState", "Content", "Event", "EventKind",
    "FeedbackKind", "Form", "Lesson", "Original", "OwnerKind", "Page", "Shared", "Sort", "Stage", "State", "Store",
    "Submission", "open_store",
]  # fmt: skip
