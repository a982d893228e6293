"""What the routes share: the parts of the desk, answers and errors, and who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from detector.desk.api.shapes import Error
from detector.desk.config import LONGEST_WHO, DeskConfig
from detector.desk.guard import error_body
from detector.desk.importer import Importer
from detector.desk.inbox import Inbox
from detector.desk.intake import one_line
from detector.desk.pool import Pool
from detector.desk.store import Store
from detector.errors import DetectorError
from detector.tables import Tables

STATUS = {"not_found": 404, "conflict": 409, "unreadable": 422, "usage": 422}  # of an error; else 503
_ID = re.compile(r"[0-9a-f-]{1,64}")


@dataclass
class Desk:
    """The parts of a running desk. tables: of the model that judges."""

    config: DeskConfig
    tables: Tables
    pool: Pool
    store: Store
    inbox: Inbox
    importer: Importer

    async def close(self) -> None:
        """Let go of all work; what is not answered waits in the store."""
        await self.importer.close()
        await self.inbox.close()
        await self.pool.close()


# what requests depend on is async: for what is not, the framework goes to another thread


async def desk_of(request: Request) -> Desk:
    """The desk that a request has come to."""
    desk = request.app.state.desk
    if not isinstance(desk, Desk):
        raise HTTPException(503, "the desk has not started yet.", {"Retry-After": "1"})
    return desk


async def known_id(id: str) -> str:
    """An id as it can be; whatever else it is, there is no such thing."""
    if not _ID.fullmatch(id):
        raise HTTPException(404, f"there is no {id[:100]!r}.")
    return id


AtDesk: TypeAlias = Annotated[Desk, Depends(desk_of)]
Id: TypeAlias = Annotated[str, Depends(known_id)]


def takes(*types: str) -> Any:
    """A dependency: the body must be of one of the media types."""

    async def check(request: Request) -> None:
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in types:
            raise HTTPException(415, f"the body must be {' or '.join(types)}.")

    return Depends(check)


takes_json = takes("application/json")
takes_files = takes("multipart/form-data")


def who_asks(request: Request, given: str | None) -> str:
    """Who does something: the name of the token, or where there are no tokens the name that was given."""
    if (name := request.state.who) is not None:
        return str(name)
    name = one_line(given or "")
    if not 0 < len(name) <= LONGEST_WHO:
        raise HTTPException(422, f"say who does it: `who`, 1 to {LONGEST_WHO} characters.")
    return name


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route for its description, with those that every route can have."""
    return {
        status: {"model": Error, "description": MEANINGS[status]}
        for status in sorted({*EVERYWHERE, *statuses})
    }


EVERYWHERE = (400, 401, 403, 413, 421, 422, 500, 503)
MEANINGS = {
    400: "The request is broken.",
    401: "A token is needed.",
    403: "The request comes from a page of another site.",
    404: "There is no such thing.",
    409: "Somebody has changed it meanwhile, or there is nothing to undo.",
    413: "The body or the text is too large.",
    415: "The body is of another media type.",
    421: "The desk is not called by that name.",
    422: "What was sent cannot be understood.",
    429: "Too many requests; Retry-After says when to try again.",
    500: "A fault of the desk itself.",
    503: "The desk or its database is busy, or about to end.",
}


def answer(row: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as it is: the rows are ours, nothing of them need be checked again."""
    return JSONResponse(row, status, headers)


def refuse(error: DetectorError) -> Response:
    """The answer for an error of the project."""
    status = STATUS.get(error.kind, 503)
    headers = {"Retry-After": "5"} if status == 503 else None
    return JSONResponse(error_body(status, str(error), error.kind), status, headers)


def attachment(body: bytes, name: str, media_type: str = "application/octet-stream") -> Response:
    """A file that a browser saves and never shows."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " .-_()") else "_" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(body, media_type=media_type, headers={"Content-Disposition": disposition})
