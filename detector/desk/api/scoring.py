"""How the desk is, one verdict at a time, and batches."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response, UploadFile
from fastapi.concurrency import run_in_threadpool

from detector import __version__
from detector.desk.api import shapes
from detector.desk.api.common import AtDesk, Desk, Id, answer, errors, takes_files, takes_json
from detector.desk.config import DeskConfig
from detector.desk.inbox import task_of
from detector.desk.intake import Task, plain_name
from detector.sources.files import LIMIT

routes = APIRouter(prefix="/v1")
_VERDICT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The verdict.",
        "content": {"application/json": {"schema": {"$ref": shapes.VERDICT}}},
    }
}


@routes.get("/health", responses=errors(), response_model=shapes.Health, tags=["desk"])
def health(desk: AtDesk) -> Response:
    """How the desk is, which model judges, and how much waits."""
    model = desk.pool.model
    return answer(
        {
            "status": "ok",
            "version": __version__,
            "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
            "database": desk.store.kind,
            "queue": dict(desk.pool.waiting),
            "workers": desk.pool.workers,
        }
    )


@routes.post("/score", dependencies=[takes_json], responses=_VERDICT | errors(415, 429), tags=["score"])
async def score(asked: shapes.ToScore, desk: AtDesk) -> Response:
    """The verdict on one text, which is kept nowhere."""
    row = asked.model_dump()
    check_length(row, desk.config)
    return await _scored(task_of(row), desk, with_text=asked.with_text)


@routes.post("/score/file", dependencies=[takes_files], responses=_VERDICT | errors(415, 429), tags=["score"])
async def score_file(file: UploadFile, desk: AtDesk, with_text: Annotated[bool, Query()] = False) -> Response:
    """The verdict on one file, which is kept nowhere: .docx .odt .pdf .html .md .txt."""
    content = await file.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise HTTPException(413, f"larger than the limit of {LIMIT // 1_000_000} MB; split it.")
    name = plain_name(file.filename or "")
    return await _scored(Task(content, "file", name=name, id=name), desk, with_text=with_text)


async def _scored(task: Task, desk: Desk, *, with_text: bool) -> Response:
    found = await desk.inbox.score(task)
    text = {"text": found.document["text"] if found.verdict["error"] is None else None} if with_text else {}
    return answer(found.verdict | text)


@routes.post(
    "/batch",
    status_code=202,
    dependencies=[takes_json],
    responses=errors(415, 429),
    response_model=shapes.Batch,
    tags=["score"],
)
async def begin_batch(asked: shapes.ToBatch, desk: AtDesk) -> Response:
    """Take up to a thousand texts; they are judged when nobody waits for anything else."""
    rows = [document.model_dump(exclude_none=True) for document in asked.documents]
    if len(rows) > desk.config.max_batch:
        raise HTTPException(
            413, f"more than {desk.config.max_batch} documents; send them in several batches."
        )
    for n, row in enumerate(rows):
        check_length(row, desk.config, f"documents[{n}]: ")
        task_of(row)
    batch = await run_in_threadpool(desk.store.add_batch, rows)
    desk.inbox.wake()
    return answer(batch.to_dict(), 202, {"Location": f"/v1/batch/{batch.id}"})


@routes.get("/batch/{id}", responses=errors(404), response_model=shapes.BatchResults, tags=["score"])
def read_batch(
    id: Id,
    desk: AtDesk,
    offset: Annotated[int, Query(ge=0, le=shapes.LARGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """How far a batch is, and the verdicts from `offset` on, in order; null for what is not judged yet."""
    batch = desk.store.batch(id)
    items = desk.store.batch_items(id, offset, limit)
    return answer({**batch.to_dict(), "results": [item.verdict for item in items]})


@routes.delete("/batch/{id}", responses=errors(404), response_model=shapes.Batch, tags=["score"])
def cancel_batch(
    id: Id,
    desk: AtDesk,
    remove: Annotated[bool, Query(description="Remove it for good, with its texts and verdicts.")] = False,
) -> Response:
    """Judge no more of a batch; what is judged stays until it is removed."""
    batch = desk.store.cancel_batch(id)
    if remove:
        desk.store.remove_batch(id)
    return answer(batch.to_dict())


def check_length(row: dict[str, Any], config: DeskConfig, place: str = "") -> None:
    """Raises HTTPException for a text that is longer than the desk takes. HTML has as much again for its markup."""
    for form, most in (("text", 1), ("markdown", 1), ("html", 5)):
        if len(row.get(form) or "") > most * config.max_text:
            raise HTTPException(
                413,
                f"{place}{form} is longer than the limit of {most * config.max_text:,} characters; split it.",
            )
