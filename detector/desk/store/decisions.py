"""What editors do with a submission: every step is kept with who and when, and can be taken back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from detector.desk.store.database import now
from detector.desk.store.queries import change, get, live, log, reindex, to_event
from detector.desk.store.rows import STATES, Event, EventKind, FeedbackKind, State, Submission
from detector.desk.store.schema import clean, events
from detector.desk.store.search import Search
from detector.errors import ConflictError, UsageError

_DECISIONS: tuple[EventKind, ...] = ("state", "assignee", "author")  # columns of a submission
_UNDOABLE: tuple[EventKind, ...] = (*_DECISIONS, "note", "fine", "missed", "letter")
_END = 2**31  # places lie before it


class Decisions(Search):
    """States, notes, feedback and letters, and the history of them."""

    def decide(
        self,
        id: str,
        who: str,
        *,
        state: State | None = None,
        assignee: str | None = None,
        author: str | None = None,
        version: int | None = None,
    ) -> Submission:
        """Change what is given, and nothing where it is so already. assignee: "" for nobody.

        version: of the submission that the decision was made on; ConflictError when it has another by now.
        Raises NotFoundError, and UsageError for an unknown state.
        """
        if state is not None and state not in STATES:
            raise UsageError(f"there is no state {state!r}; use {', '.join(STATES)}.")
        with self.write() as connection:
            known = get(connection, id, lock=True)
            if version is not None and version != known.version:
                raise ConflictError(
                    "somebody changed this submission meanwhile; look at it again, then decide."
                )
            given: dict[EventKind, str | None] = {"state": state, "author": author, "assignee": assignee}
            wanted: dict[EventKind, Any] = {
                k: clean(value) for k, value in given.items() if value is not None
            }
            if assignee == "":
                wanted["assignee"] = None
            at = now()
            changed = {kind: value for kind, value in wanted.items() if value != getattr(known, kind)}
            for kind, value in changed.items():
                log(connection, id, who, kind, at, before=getattr(known, kind), after=value)
            if changed:
                change(connection, id, at, version=known.version + 1, **changed)
            if "author" in changed:
                reindex(connection, id)
            return get(connection, id)

    def add_note(self, id: str, who: str, text: str) -> Event:
        """Keep an editor's note. Raises NotFoundError."""
        return self._note(id, who, "note", after=text)

    def feedback(
        self,
        id: str,
        who: str,
        *,
        kind: FeedbackKind,
        signal: str | None = None,
        start: int = 0,
        end: int = 0,
        quote: str = "",
        fingerprint: str = "",
        note: str = "",
    ) -> Event:
        """Keep what an editor says of the findings.

        kind: "fine", this finding is no fault; "missed", here is a fault that nobody marked. start, end: in characters
        of the document's text; 0, 0 for a finding without a place. Raises NotFoundError, UsageError.
        """
        if kind not in ("fine", "missed") or not 0 <= start <= end < _END:
            raise UsageError(
                "feedback is fine or missed, and its place goes from a start to an end after it."
            )
        place = {"signal": signal, "start": start, "end": end, "quote": quote, "fingerprint": fingerprint}
        return self._note(id, who, kind, after=note, **place)

    def set_letter(self, id: str, who: str, text: str) -> Event:
        """Keep the answer to the author as the editor wrote it. Raises NotFoundError."""
        return self._note(id, who, "letter", after=text)

    def _note(self, id: str, who: str, kind: EventKind, **told: Any) -> Event:
        """Keep what changes no column of the submission."""
        with self.write() as connection:
            get(connection, id, lock=True)
            if kind == "letter":
                told["before"] = _letter(connection, id)
            at = now()
            change(connection, id, at)
            added = log(connection, id, who, kind, at, **told)
            if kind == "note":
                reindex(connection, id)
            return added

    def letter(self, id: str) -> str | None:
        """The answer to the author; None when nobody wrote one. Raises NotFoundError."""
        with self.read() as connection:
            get(connection, id)
            return _letter(connection, id)

    def undo(self, id: str, who: str, event: int | None = None) -> Event:
        """Take back the newest step that was not taken back, or the one that is named; the event that says so.

        Both stay in the history. Raises NotFoundError, and ConflictError when there is nothing to take back: none is
        left, the one named is taken back already, or what it changed was changed again.
        """
        with self.write() as connection:
            known = get(connection, id, lock=True)
            steps = [to_event(row) for row in connection.execute(live(id, *_UNDOABLE))]
            undone = next((step for step in reversed(steps) if event in (None, step.id)), None)
            if undone is None or _is_buried(undone, steps):
                raise ConflictError(
                    "there is nothing to undo, or somebody changed it again; look at the history."
                )
            at = now()
            connection.execute(
                sa.update(events).where(events.c.id == undone.id).values(undone_at=at, undone_by=who)
            )
            if undone.kind in _DECISIONS:
                change(connection, id, at, version=known.version + 1, **{undone.kind: undone.before})
            else:
                change(connection, id, at)
            if undone.kind in ("author", "note"):
                reindex(connection, id)
            before = {"event": undone.id, "kind": undone.kind, "value": undone.after}
            return log(connection, id, who, "undo", at, before=before, after=undone.before)

    def events(self, id: str) -> list[Event]:
        """The history, oldest first. Raises NotFoundError."""
        statement = sa.select(events).where(events.c.submission == id).order_by(events.c.id)
        with self.read() as connection:
            get(connection, id)
            return [to_event(row) for row in connection.execute(statement)]


def _is_buried(step: Event, steps: list[Event]) -> bool:
    """Whether a later step stands on this one, so that it cannot be taken back alone."""
    return step.kind in (*_DECISIONS, "letter") and any(
        later.kind == step.kind and later.id > step.id for later in steps
    )


def _letter(connection: sa.Connection, id: str) -> str | None:
    letters = connection.execute(live(id, "letter")).all()
    return letters[-1].after if letters else None
