"""What the store holds and gives out, as plain frozen rows. `to_dict` is the JSON of the HTTP API."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

Form = Literal["text", "html", "markdown", "file", "url"]
State = Literal["new", "needs_edits", "accepted", "rejected"]
Stage = Literal["waiting", "answered"]
Sort = Literal["received", "changed", "score", "title"]
FeedbackKind = Literal["fine", "missed"]
EventKind = Literal[
    "received", "answered", "state", "assignee", "author", "note", "fine", "missed", "letter", "undo"
]
BatchState = Literal["running", "done", "cancelled"]
OwnerKind = Literal["submission", "archive"]

FORMS: tuple[Form, ...] = ("text", "html", "markdown", "file", "url")
STATES: tuple[State, ...] = ("new", "needs_edits", "accepted", "rejected")
SORTS: tuple[Sort, ...] = ("received", "changed", "score", "title")


class _Row:
    """A row that becomes JSON: times as ISO 8601 in UTC, everything else as it is."""

    def to_dict(self) -> dict[str, Any]:
        """The row as plain data."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()  # type: ignore[call-overload]
        }


@dataclass(frozen=True)
class Submission(_Row):
    """A text that somebody sent in, what was found in it in short, and what was decided.

    id: sorts by the time it came. received, changed: aware, UTC. name: of the file, or what the sender called it.
    url: as it was given. note: what the sender wrote with it. assignee: None when it is nobody's.
    version: counts the changes of state, assignee and author. outcome, score, words, reason, model: None while
    it waits; error: {kind, message} where it could not be read. notes: how many editors' notes stand at it.
    sha256: of the content, for an address that of the page once it was fetched.
    """

    id: str
    received: datetime
    changed: datetime
    stage: Stage
    form: Form
    name: str
    author: str
    title: str
    url: str | None
    note: str
    state: State
    assignee: str | None
    version: int
    outcome: str | None
    score: float | None
    words: int | None
    reason: str | None
    error: dict[str, str] | None
    model: dict[str, str] | None
    notes: int
    sha256: str


@dataclass(frozen=True)
class Event(_Row):
    """Something that was done to a submission; the history keeps all of them, in the order of `id`.

    before, after: what it changed, as JSON values:
        received    after {"form", "name"}                     answered  after {"outcome", "score", "model"}
        state, assignee, author, letter   the old and the new value
        note        after: its text                            fine, missed  after: the editor's remark, perhaps ""
        undo        before {"event": id, "kind", "value": what it had become}, after: what was put back
    undone_at, undone_by: set when it was taken back. signal, start, end, quote, fingerprint: of fine and missed only,
    places in characters of the document's text (0, 0 for a finding without a place).
    """

    id: int
    submission: str
    at: datetime
    who: str
    kind: EventKind
    before: Any = None
    after: Any = None
    undone_at: datetime | None = None
    undone_by: str | None = None
    signal: str | None = None
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True)
class Content:
    """The bytes as they came, or as they were fetched. name: its ending says what they are, for a file and for a page.

    charset, url: what the web server said, and where the page stood in the end; url may also be given by the sender.
    """

    bytes: bytes
    form: Form
    name: str
    charset: str | None
    url: str | None


@dataclass(frozen=True)
class Page:
    """One page of a search: total counts all that fit; next: what to give as `after` for more, None at the end."""

    items: list[Submission]
    total: int
    next: str | None

    def to_dict(self) -> dict[str, Any]:
        """The page as plain data."""
        return {"items": [item.to_dict() for item in self.items], "total": self.total, "next": self.next}


@dataclass(frozen=True)
class Lesson:
    """A decided submission with all that can be learned from: feedback are its live fine and missed events."""

    submission: Submission
    document: dict[str, Any]
    verdict: dict[str, Any]
    content: Content
    feedback: tuple[Event, ...]


@dataclass(frozen=True)
class Batch(_Row):
    """A batch of documents to score. done: how many are answered."""

    id: str
    total: int
    done: int
    state: BatchState


@dataclass(frozen=True)
class BatchItem:
    """One document of a batch as it was asked, and its verdict; None while it waits."""

    batch: str
    n: int
    document: dict[str, Any]
    verdict: dict[str, Any] | None


@dataclass(frozen=True)
class ArchivePage:
    """A page of the site's own archive. key: what names it, mostly its address or path.

    traces: little-endian int64, the hashes by which the text is found again.
    """

    key: str
    title: str
    url: str | None
    text: str
    traces: bytes


class Shared(NamedTuple):
    """A text that shares hashes with the one asked for. id: of the submission, or the key of the archive page."""

    kind: OwnerKind
    id: str
    shared: int


class Original(NamedTuple):
    """The text behind a match. author: "" for an archive page, whose `received` is when it was imported."""

    title: str
    url: str | None
    author: str
    received: datetime
    text: str
