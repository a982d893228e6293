"""Submissions: in, found, read, and out again as files."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Header, Query, Request, Response, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from detector.desk import reader
from detector.desk.api import shapes
from detector.desk.api.common import (
    AtDesk,
    Desk,
    Id,
    answer,
    attachment,
    errors,
    takes_files,
    takes_json,
    who_asks,
)
from detector.desk.api.scoring import check_length
from detector.desk.guard import error_body
from detector.desk.intake import one_line, plain_name, text_of
from detector.desk.store import Submission
from detector.document import Document
from detector.errors import ConflictError
from detector.report.page import HtmlReport
from detector.sources.files import FOREIGN_ENDINGS, LIMIT, clean
from detector.sources.web import address
from detector.verdict import Verdict

routes = APIRouter(tags=["submissions"])
ENDINGS = {"text": ".txt", "html": ".html", "markdown": ".md"}  # of what was pasted, when it is saved
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for the verdict.")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same key gives the same submission again, whatever went wrong on the way.",
    ),
]
Outcome = Literal["publish", "review", "reject", "unscored"]


@routes.post(
    "/v1/submissions",
    status_code=201,
    dependencies=[takes_json],
    responses=errors(409, 415, 429)
    | {200: {"model": shapes.Submission, "description": "Submitted before, with the same key."}},
    response_model=shapes.Submission,
)
async def submit(
    asked: shapes.ToSubmit, request: Request, desk: AtDesk, wait: Wait = 5, idempotency_key: Key = None
) -> Response:
    """Submit a text, or the address of a page. It is kept before it is answered, whatever happens then."""
    row = asked.model_dump()
    check_length(row, desk.config)
    form, content = text_of(row)
    if form == "url":
        content = str(address(content.strip()))
    began = datetime.now(UTC)
    submission = await run_in_threadpool(
        desk.store.add,
        b"" if form == "url" else content.encode(),
        form=form,
        name=asked.name,
        author=asked.author,
        url=content if form == "url" else None,
        title=asked.title or "",
        note=asked.note,
        key=_key(request, idempotency_key),
    )
    submission = await _answered(submission, desk, wait)
    status = 201 if submission.received >= began else 200
    return answer(submission.to_dict(), status, {"Location": f"/v1/submissions/{submission.id}"})


@routes.post(
    "/v1/submissions/files",
    status_code=201,
    dependencies=[takes_files],
    responses=errors(415, 429),
    response_model=shapes.Taken,
)
async def submit_files(
    request: Request,
    desk: AtDesk,
    file: list[UploadFile],
    author: Annotated[str, Form(max_length=300)] = "",
    note: Annotated[str, Form(max_length=10_000)] = "",
    wait: Wait = 0,
    idempotency_key: Key = None,
) -> Response:
    """Submit files: .docx .odt .pdf .html .md .txt. Each is taken or refused by itself."""
    taken: list[Submission | dict[str, Any]] = []
    for n, upload in enumerate(file):
        name = plain_name(upload.filename or "")
        content = await upload.read(LIMIT + 1)
        if (problem := _problem(name, content)) is not None:
            taken.append({"name": name, **error_body(422, problem, "unreadable")})
            continue
        try:
            submission = await run_in_threadpool(
                desk.store.add,
                content,
                form="file",
                name=name,
                author=one_line(author),
                note=clean(note),
                key=_key(request, idempotency_key and f"{idempotency_key}:{n}"),
            )
        except ConflictError as error:
            taken.append({"name": name, **error_body(409, str(error), error.kind)})
            continue
        taken.append(submission)
        if submission.stage == "waiting":
            desk.inbox.take(submission)
    return answer(
        {
            "items": [
                (await _answered(item, desk, wait)).to_dict() if isinstance(item, Submission) else item
                for item in taken
            ]
        },
        201,
    )


def _problem(name: str, content: bytes) -> str | None:
    """Why a file cannot be read, where its name and size tell."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in FOREIGN_ENDINGS:
        return f"{ending} files cannot be read; save it as .docx, .odt, .html or .txt."
    if len(content) > LIMIT:
        return f"larger than the limit of {LIMIT // 1_000_000} MB; split it."
    return None if content.strip() else "an empty file; choose it again."


async def _answered(submission: Submission, desk: Desk, wait: float) -> Submission:
    if submission.stage == "answered":
        return submission
    return await desk.inbox.answered(submission, wait)


def _key(request: Request, given: str | None) -> str | None:
    """The key as the store knows it: nobody comes upon somebody else's submission by it."""
    return None if given is None else f"{request.state.who or ''}\n{clean(given)}"


@routes.get("/v1/submissions", responses=errors(), response_model=shapes.Submissions)
def search(
    desk: AtDesk,
    q: Annotated[str, Query(max_length=500, description="Words that must all stand somewhere in it.")] = "",
    state: Annotated[list[shapes.State] | None, Query()] = None,
    outcome: Annotated[list[Outcome] | None, Query()] = None,
    assignee: Annotated[str | None, Query(max_length=300)] = None,
    author: Annotated[str | None, Query(max_length=300)] = None,
    sort: Literal["received", "changed", "score", "title"] = "received",
    order: Literal["asc", "desc"] = "desc",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
) -> Response:
    """The queue: submissions that fit everything that is asked."""
    page = desk.store.search(
        q=q,
        state=state or (),
        outcome=outcome or (),
        assignee=assignee,
        author=author,
        sort=sort,
        descending=order == "desc",
        limit=limit,
        after=after,
    )
    return answer(page.to_dict())


@routes.get("/v1/submissions/counts", responses=errors(), response_model=shapes.Counts)
def counts(desk: AtDesk) -> Response:
    """How many submissions there are of each kind."""
    return answer(desk.store.counts())


@routes.get("/v1/submissions/{id}", responses=errors(404), response_model=shapes.WholeSubmission)
def one(id: Id, desk: AtDesk) -> Response:
    """A submission with its verdict, its history and its letter."""
    submission = desk.store.get(id)
    return answer(
        {
            **submission.to_dict(),
            "verdict": desk.store.verdict(id) if submission.stage == "answered" else None,
            "events": [event.to_dict() for event in desk.store.events(id)],
            "letter": desk.store.letter(id),
        }
    )


@routes.delete("/v1/submissions/{id}", status_code=204, responses=errors(404))
def remove(
    id: Id, request: Request, desk: AtDesk, who: Annotated[str | None, Query(max_length=300)] = None
) -> Response:
    """Remove a submission and everything about it, for good."""
    desk.store.remove(id, who_asks(request, who))
    return Response(status_code=204)


@routes.get(
    "/submissions/{id}/read",
    responses=errors(404, 409) | {200: {"description": "HTML.", "content": {"text/html": {}}}},
    response_class=Response,
    tags=["desk"],
)
def read(id: Id, desk: AtDesk) -> Response:
    """The text with its findings, as the desk's page shows it: a fragment of HTML."""
    submission, verdict, document, events = whole(id, desk)
    page = reader.fragment(
        submission,
        Verdict.from_dict(verdict),
        document,
        events,
        tables=desk.tables,
        base_rate=desk.config.base_rate,
    )
    return HTMLResponse(page)


@routes.get(
    "/v1/submissions/{id}/original",
    responses=errors(404)
    | {200: {"description": "The bytes as they came.", "content": {"application/octet-stream": {}}}},
    response_class=Response,
)
def original(id: Id, desk: AtDesk) -> Response:
    """What was submitted, as it came; of an address, the page that was fetched."""
    content = desk.store.content(id)
    ending = ENDINGS.get(content.form, "")
    name = content.name or id
    if not name.lower().endswith(ending):
        name += ending
    return attachment(content.bytes, plain_name(name) or id)


@routes.get(
    "/v1/submissions/{id}/export",
    responses=errors(404, 409)
    | {
        200: {
            "description": "A file to save.",
            "model": shapes.Export,
            "content": {"application/json": {}, "text/html": {}, WORD: {}},
        }
    },
    response_class=Response,
)
async def export(id: Id, desk: AtDesk, format: Literal["docx", "html", "json"] = "docx") -> Response:
    """A submission with its findings: as a Word file with comments, as a page, or as data."""
    submission, verdict, document, events = await run_in_threadpool(whole, id, desk)
    name = PurePosixPath(plain_name(submission["name"] or submission["title"] or "")).stem[:100] or id
    if format == "json":
        row = {"submission": submission, "verdict": verdict | {"text": document.text}, "events": events}
        return answer(row, headers={"Content-Disposition": f'attachment; filename="{id}.json"'})
    if format == "html":
        page = await run_in_threadpool(_page, Verdict.from_dict(verdict), document, desk)
        return attachment(page.encode(), f"{name}.html", "text/html; charset=utf-8")
    content = await run_in_threadpool(desk.store.content, id)
    is_word = content.form == "file" and content.name.lower().endswith(".docx")
    word = await desk.pool.word(
        verdict,
        document.to_dict(),
        original=content.bytes if is_word else b"",
        events=events,
        base_rate=desk.config.base_rate,
    )
    return attachment(word, f"{name}.docx", WORD)


def _page(verdict: Verdict, document: Document, desk: Desk) -> str:
    out = StringIO()
    report = HtmlReport(out, base_rate=desk.config.base_rate)
    report.add(verdict, document)
    report.close()
    return out.getvalue()


def whole(id: str, desk: Desk) -> tuple[dict[str, Any], dict[str, Any], Document, list[dict[str, Any]]]:
    """A submission, its verdict, its document and its history. Raises ConflictError while it waits."""
    submission = desk.store.get(id)
    if submission.stage == "waiting":
        raise ConflictError("it is not read yet; try again in a moment.")
    document = Document.from_dict(desk.store.document(id))
    return (
        submission.to_dict(),
        desk.store.verdict(id),
        document,
        [e.to_dict() for e in desk.store.events(id)],
    )
