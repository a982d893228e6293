"""The JSON of the API: what may be sent, which is checked, and what is answered, which is described."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, WithJsonSchema

from detector.desk.config import LONGEST_WHO
from detector.desk.intake import one_line
from detector.report import SCHEMA
from detector.sources.files import clean

LARGEST = 2**31 - 1  # of the numbers that both databases take


def _clean(value: object) -> object:
    return clean(value).replace("\0", "\ufffd") if isinstance(value, str) else value


Words: TypeAlias = Annotated[str, BeforeValidator(_clean)]
Content: TypeAlias = Annotated[Words, Field(min_length=1, pattern=r"\S")]
Line: TypeAlias = Annotated[Words, AfterValidator(one_line)]
Short: TypeAlias = Annotated[Line, Field(max_length=300)]
_WHO = f"At most {LONGEST_WHO} characters. Needed where the desk has no tokens; else the token's name counts."
Who: TypeAlias = Annotated[Short | None, Field(description=_WHO)]
State: TypeAlias = Literal["new", "needs_edits", "accepted", "rejected"]
VERDICT = "#/components/schemas/Verdict"
Verdict: TypeAlias = Annotated[dict[str, Any], WithJsonSchema({"$ref": VERDICT})]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_CONTENTS = ("text", "markdown", "html", "url")
# `null` is the same as leaving it out
_ONE_OF: dict[str, JsonValue] = {
    "oneOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in _CONTENTS]
}


class _Contents(_Asked):
    """Exactly one of text, markdown, html and url."""

    model_config = ConfigDict(json_schema_extra=_ONE_OF)

    text: Content | None = Field(None, description="Plain text.")
    markdown: Content | None = None
    html: Content | None = Field(None, description="A web page, or a fragment as it comes from a clipboard.")
    url: Annotated[Content, Field(max_length=4000)] | None = Field(
        None, description="Of a page to be fetched."
    )
    title: Short | None = Field(None, description="The title, where it does not stand in the text.")


class ToScore(_Contents):
    """A text to be judged, of exactly one of the four forms."""

    id: Annotated[Line, Field(max_length=1000)] | None = Field(
        None, description="What the verdict is called."
    )
    site: Short | None = Field(None, description="Whose page it is, a host or the name of a business.")
    with_text: bool = Field(False, description="Put the text into the verdict, in which the offsets count.")


class ToBatch(_Asked):
    """Texts to be judged one after the other."""

    documents: list[ToScore] = Field(min_length=1)


class ToSubmit(_Contents):
    """A text that is submitted, of exactly one of the four forms."""

    author: Short = ""
    name: Annotated[Line, Field(max_length=255)] = Field("", description="What the sender calls it.")
    note: Annotated[Words, Field(max_length=10_000)] = Field("", description="What the sender says with it.")


class Change(_Asked):
    """What is decided; what is left out stays as it is. An assignee or author of "" is nobody."""

    who: Who = None
    state: State | None = None
    assignee: Short | None = None
    author: Short | None = None
    version: int | None = Field(
        None,
        ge=0,
        le=LARGEST,
        description="Of the submission as it was seen: refused if it has changed since.",
    )


class Note(_Asked):
    """A note of an editor."""

    who: Who = None
    text: Words = Field(min_length=1, max_length=10_000)


class Feedback(_Asked):
    """An editor's correction: a finding that is no fault ("fine"), or a fault that nobody marked ("missed").

    The place is text[start:end]; or it is the `quote` that stands nearest to the character `near`.
    """

    who: Who = None
    kind: Literal["fine", "missed"]
    signal: Annotated[Words, Field(max_length=100, pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    start: int | None = Field(None, ge=0, le=LARGEST)
    end: int | None = Field(None, ge=0, le=LARGEST)
    quote: Annotated[Words, Field(max_length=20_000)] = ""
    near: int = Field(0, ge=0, le=LARGEST)
    note: Annotated[Words, Field(max_length=10_000)] = ""


class ByWhom(_Asked):
    """Who does it."""

    who: Who = None


class ToUndo(ByWhom):
    """What is taken back. event: a note or a correction, by its id; without it the newest change of all."""

    event: int | None = Field(None, ge=1, le=LARGEST)


class ToAnswer(_Asked):
    """A letter to the author."""

    who: Who = None
    text: Words = Field(max_length=100_000)


class Sitemap(_Asked):
    """Where the pages of an archive are listed."""

    sitemap: Annotated[Words, Field(max_length=4000, pattern=r"^\s*[Hh][Tt][Tt][Pp][Ss]?://")]


class Login(_Asked):
    """What opens the desk in a browser."""

    token: Annotated[Words, Field(max_length=1000)]


# --- answers, for the description alone --------------------------------------------------------------------


class ErrorIs(BaseModel):
    """What went wrong."""

    kind: str = Field(description="A word for programs.")
    message: str = Field(description="A sentence for people: what is wrong, and what to do.")


class Error(BaseModel):
    """Every answer that is none."""

    error: ErrorIs


class Model(BaseModel):
    """Which model judged."""

    name: str
    version: str
    sha256: str


class Queue(BaseModel):
    """Texts that no worker has begun."""

    waiting: int
    batch: int


class Health(BaseModel):
    """How the desk is."""

    status: Literal["ok"]
    version: str
    model: Model
    database: Literal["sqlite", "postgresql"]
    queue: Queue
    workers: int


class Batch(BaseModel):
    """How far a batch is."""

    id: str
    total: int
    done: int
    state: Literal["running", "done", "cancelled"]


class BatchResults(Batch):
    """How far a batch is, and its verdicts in order; null for what is not judged yet."""

    results: list[Verdict | None]


class Submission(BaseModel):
    """A text that was submitted, what came of it, and what was decided."""

    id: str
    received: str = Field(json_schema_extra={"format": "date-time"})
    changed: str = Field(json_schema_extra={"format": "date-time"})
    stage: Literal["waiting", "answered"]
    form: Literal["text", "html", "markdown", "file", "url"]
    name: str
    author: str
    title: str
    url: str | None
    note: str
    state: State
    assignee: str | None
    version: int
    outcome: Literal["publish", "review", "reject", "unscored"] | None
    score: float | None
    words: int | None
    reason: str | None
    error: ErrorIs | None
    model: Model | None
    notes: int
    sha256: str


class Event(BaseModel):
    """Something that was done to a submission."""

    id: int
    submission: str
    at: str = Field(json_schema_extra={"format": "date-time"})
    who: str
    kind: Literal[
        "received", "answered", "state", "assignee", "author", "note", "fine", "missed", "letter", "undo"
    ]
    before: Any
    after: Any
    undone_at: str | None
    undone_by: str | None
    signal: str | None = None
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    fingerprint: str | None = None


class WholeSubmission(Submission):
    """A submission with its verdict, its history and the letter that was written, if one was."""

    verdict: Verdict | None
    events: list[Event]
    letter: str | None


class Submissions(BaseModel):
    """One page of the queue. next: give it as `after` for more."""

    items: list[Submission]
    total: int
    next: str | None


class Refused(BaseModel):
    """A file that was not taken."""

    name: str
    error: ErrorIs


class Taken(BaseModel):
    """What became of each file, in order."""

    items: list[Submission | Refused]


class Counts(BaseModel):
    """How many submissions there are of each kind."""

    states: dict[str, int]
    outcomes: dict[str, int]
    assignees: dict[str, int]
    waiting: int


class Letter(BaseModel):
    """The letter to the author; draft: made just now from the findings, and kept nowhere."""

    text: str
    draft: bool


class Piece(BaseModel):
    """A stretch of two passages."""

    left: str
    right: str
    same: bool


class Passage(BaseModel):
    """Where two texts say the same."""

    start: int
    end: int
    other_start: int
    other_end: int
    left: str
    right: str
    pieces: list[Piece]


class Match(BaseModel):
    """Another text that this one resembles. likeness: the share of this text that stands there."""

    kind: Literal["submission", "archive"]
    id: str
    title: str
    url: str | None
    author: str
    received: str
    likeness: float
    how: Literal["copied", "reworded"]
    passages: list[Passage]


class Matches(BaseModel):
    """Texts that a submission resembles, strongest first."""

    matches: list[Match]


class Job(BaseModel):
    """An import, and what came of it. removed: pages that the source had before and has no longer.

    passed_over: what was not taken, and why. message: why it failed.
    """

    job: str
    state: Literal["running", "done", "failed"]
    added: int
    removed: int
    passed_over: list[str]
    message: str


class Archive(BaseModel):
    """How many pages of the own site are known, and the last import."""

    pages: int
    job: Job | None


class Removed(BaseModel):
    """How many were removed."""

    removed: int


class Export(BaseModel):
    """A submission as it is exported; the verdict holds the text."""

    submission: Submission
    verdict: Verdict | None
    events: list[Event]


def verdict_schema() -> dict[str, Any]:
    """The schemas of a verdict and of its parts, by their names among an OpenAPI document's components."""
    schema = json.loads(
        SCHEMA.read_text("utf-8")
        .replace("#/$defs/finding", "#/components/schemas/Finding")
        .replace("#/$defs/span", "#/components/schemas/Span")
        .replace("#/$defs/partner", "#/components/schemas/Partner")
    )
    parts = {name.capitalize(): part for name, part in schema.pop("$defs").items()}
    return {
        "Verdict": {key: value for key, value in schema.items() if key not in ("$schema", "$id")},
        **parts,
    }


def demand_who(schema: dict[str, Any]) -> None:
    """Make the OpenAPI document say that `who` is needed, as it is where no token tells."""
    who = {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_WHO,
        "pattern": r"\S",
        "description": "Who does it.",
    }
    for shape in schema["components"]["schemas"].values():
        if shape.get("additionalProperties") is False and "who" in shape["properties"]:
            shape["properties"]["who"] = who
            shape["required"] = [*shape.get("required", ()), "who"]
    for path in schema["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "who":
                    parameter.update(required=True, schema=who)
