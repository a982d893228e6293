"""The site's own archive, with which submissions are compared."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from detector.desk.api import shapes
from detector.desk.api.common import AtDesk, Desk, answer, errors, takes
from detector.desk.importer import lay_out
from detector.errors import ConflictError
from detector.sources.web import address

routes = APIRouter(prefix="/v1/archive", tags=["archive"])
_FILES = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": shapes.Sitemap.model_json_schema()},
            "multipart/form-data": {"schema": _FILES},
        },
    }
}


@routes.get("", responses=errors(), response_model=shapes.Archive)
def count(desk: AtDesk) -> Response:
    """How many pages are known, and how far the last import is."""
    job = desk.importer.job
    return answer({"pages": desk.store.archive_count(), "job": None if job is None else vars(job)})


@routes.post(
    "",
    dependencies=[takes("application/json", "multipart/form-data")],
    responses=errors(409, 415) | {202: {"model": shapes.Job, "description": "A sitemap is being read."}},
    response_model=shapes.Job,
    openapi_extra=_BODY,
)
async def add(request: Request, desk: AtDesk) -> Response:
    """Add pages of the own site: files, zip archives of them, or those that a sitemap lists."""
    if request.headers["content-type"].lower().startswith("application/json"):
        return await _add_sitemap(await request.body(), desk)
    async with request.form() as form:
        uploads = [upload for upload in form.getlist("file") if isinstance(upload, UploadFile)]
        if not uploads:
            raise HTTPException(422, "file: choose at least one.")
        given = [(upload.filename or "", upload.file) for upload in uploads]
        folder, sources = await run_in_threadpool(lay_out, given)
    try:
        job, task = desk.importer.begin(sources, folder)
    except ConflictError:
        await run_in_threadpool(folder.cleanup)
        raise
    await asyncio.wait([task])
    if job.state == "failed":
        raise HTTPException(422, job.message)
    return answer(vars(job))


async def _add_sitemap(body: bytes, desk: Desk) -> Response:
    try:
        asked = shapes.Sitemap.model_validate_json(body)
    except ValidationError as error:
        problems: list[Any] = error.errors()
        raise RequestValidationError([{**p, "loc": ("body", *p["loc"])} for p in problems]) from None
    url = str(address(asked.sitemap.strip()))
    job, _ = desk.importer.begin({url: url})
    return answer(vars(job), 202, {"Location": "/v1/archive"})


@routes.delete("", responses=errors(), response_model=shapes.Removed)
def forget(desk: AtDesk) -> Response:
    """Forget all of them."""
    return answer({"removed": desk.store.remove_archive()})
