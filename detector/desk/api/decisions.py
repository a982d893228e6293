"""What editors decide about a submission, note, correct and answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from detector.acceptance import NOWHERE, fingerprint
from detector.desk import letter, similar
from detector.desk.api import shapes
from detector.desk.api.common import AtDesk, Id, answer, errors, takes_json, who_asks
from detector.desk.api.submissions import whole
from detector.desk.reader import find_quote
from detector.document import Document, Span

routes = APIRouter(prefix="/v1/submissions/{id}", tags=["decisions"])


@routes.patch(
    "", dependencies=[takes_json], responses=errors(404, 409, 415), response_model=shapes.Submission
)
def change(id: Id, asked: shapes.Change, request: Request, desk: AtDesk) -> Response:
    """Decide: set the state, who looks after it, who wrote it."""
    who = who_asks(request, asked.who)
    changed = desk.store.decide(
        id, who, state=asked.state, assignee=asked.assignee, author=asked.author, version=asked.version
    )
    return answer(changed.to_dict())


@routes.post(
    "/notes",
    status_code=201,
    dependencies=[takes_json],
    responses=errors(404, 415),
    response_model=shapes.Event,
)
def note(id: Id, asked: shapes.Note, request: Request, desk: AtDesk) -> Response:
    """Add a note for the other editors."""
    return answer(desk.store.add_note(id, who_asks(request, asked.who), asked.text).to_dict(), 201)


@routes.post(
    "/feedback",
    status_code=201,
    dependencies=[takes_json],
    responses=errors(404, 409, 415),
    response_model=shapes.Event,
)
def feedback(id: Id, asked: shapes.Feedback, request: Request, desk: AtDesk) -> Response:
    """Say that a finding is no fault, or mark a fault that was missed; later models learn from both."""
    who = who_asks(request, asked.who)
    if asked.kind == "fine" and asked.signal is None:
        raise HTTPException(422, "say which finding is fine: `signal`.")
    _, _, document, _ = whole(id, desk)
    start, end = _place(asked, document)
    known_as = NOWHERE
    if asked.signal and end > start:
        known_as = fingerprint(document, asked.signal, Span(start, end))
    event = desk.store.feedback(
        id,
        who,
        kind=asked.kind,
        signal=asked.signal,
        start=start,
        end=end,
        quote=document.text[start:end],
        fingerprint=known_as,
        note=asked.note,
    )
    return answer(event.to_dict(), 201)


def _place(asked: shapes.Feedback, document: Document) -> tuple[int, int]:
    """The place that is meant. Raises HTTPException where there is none."""
    if asked.start is not None and asked.end is not None:
        nowhere = asked.kind == "fine" and asked.start == asked.end == 0  # a finding without a place
        if not (nowhere or asked.start < asked.end <= len(document.text)):
            raise HTTPException(422, "start and end name no place in the text.")
        return asked.start, asked.end
    if not asked.quote.strip():
        if asked.kind == "fine":
            return 0, 0
        raise HTTPException(422, "say where: `start` and `end`, or the words as `quote`.")
    if (found := find_quote(document.text, asked.quote, asked.near)) is None:
        raise HTTPException(422, "those words do not stand in the text; mark them again.")
    return found


@routes.post("/undo", dependencies=[takes_json], responses=errors(404, 409, 415), response_model=shapes.Event)
def undo(id: Id, asked: shapes.ToUndo, request: Request, desk: AtDesk) -> Response:
    """Take the last change back, or the one that is named; the history keeps both."""
    return answer(desk.store.undo(id, who_asks(request, asked.who), asked.event).to_dict())


@routes.get("/similar", responses=errors(404), response_model=shapes.Matches)
def look_alikes(id: Id, desk: AtDesk) -> Response:
    """Texts that it resembles, of the archive and of earlier submissions, with the passages."""
    return answer({"matches": _matches(id, desk)})


@routes.get("/letter", responses=errors(404, 409), response_model=shapes.Letter)
def read_letter(id: Id, desk: AtDesk) -> Response:
    """The letter to the author: what an editor has written, else a draft made from the findings."""
    if (text := desk.store.letter(id)) is not None:
        return answer({"text": text, "draft": False})
    submission, verdict, document, events = whole(id, desk)
    corrections = [e for e in events if e["kind"] in ("fine", "missed") and e["undone_at"] is None]
    draft = letter.draft(submission, verdict, document, matches=_matches(id, desk), feedback=corrections)
    return answer({"text": draft, "draft": True})


@routes.put("/letter", dependencies=[takes_json], responses=errors(404, 415), response_model=shapes.Letter)
def write_letter(id: Id, asked: shapes.ToAnswer, request: Request, desk: AtDesk) -> Response:
    """Keep the letter as an editor has written it."""
    desk.store.set_letter(id, who_asks(request, asked.who), asked.text)
    return answer({"text": asked.text, "draft": False})


def _matches(id: str, desk: AtDesk) -> list[dict[str, Any]]:
    return [match.to_dict() for match in similar.find(desk.store, id)]
