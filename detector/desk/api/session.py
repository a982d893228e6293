"""In and out of the desk with a token, for browsers."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from detector.desk.api import shapes
from detector.desk.api.common import AtDesk, takes_json
from detector.desk.guard import COOKIE, name_of

LASTS = 30 * 86_400  # seconds

routes = APIRouter(include_in_schema=False)  # who is no browser sends his token with each request


@routes.post("/login", status_code=204, dependencies=[takes_json])
def log_in(asked: shapes.Login, request: Request, desk: AtDesk) -> Response:
    """Give the browser a cookie for a token."""
    if not desk.config.tokens:
        raise HTTPException(404, "this desk has no tokens; everybody who reaches it may come in.")
    if name_of(desk.config.tokens, asked.token) is None:
        raise HTTPException(401, "that is nobody's token; copy it whole.")
    response = Response(status_code=204)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, asked.token, LASTS, httponly=True, samesite="strict", secure=secure)
    return response


@routes.post("/logout", status_code=204)
def log_out() -> Response:
    """Take the cookie back."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
