"""The desk as one application: the store, the workers, the routes, and the guard around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.middleware import Middleware
from starlette.routing import compile_path

from detector import __version__
from detector.desk import languagetool, web
from detector.desk.api import archive, decisions, scoring, session, shapes, submissions
from detector.desk.api.common import Desk, refuse
from detector.desk.config import DeskConfig
from detector.desk.guard import Guard, error_body
from detector.desk.importer import Importer
from detector.desk.inbox import Inbox
from detector.desk.pool import Pool
from detector.desk.store import Store, open_store
from detector.desk.worker import DeskSettings
from detector.errors import DetectorError
from detector.model import current_model
from detector.tables import Tables


def create_app(config: DeskConfig, store: Store | None = None) -> FastAPI:
    """The application; its lifespan opens the store, starts the workers and takes up what waits.

    store: used instead of the one that the config names, and left open. Starting raises StoreError and ModelError.
    """
    pool = Pool(
        DeskSettings(
            model=config.model,
            base_rate=config.base_rate,
            ignore=config.ignore,
            careful=config.careful,
            site=config.site,
            seconds=config.seconds,
            megabytes=config.megabytes,
            characters=config.max_text,
        ),
        workers=config.workers,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        used = store if store is not None else await run_in_threadpool(open_store, config.database)
        try:
            await pool.start()
            desk = Desk(
                config=config,
                tables=await run_in_threadpool(Tables.load, Path(config.model or current_model())),
                pool=pool,
                store=used,
                inbox=Inbox(config, used, pool),
                importer=Importer(config, config.database or str(used.path)),
            )
            desk.inbox.open()
            app.state.desk = desk
            try:
                yield
            finally:
                await desk.close()
        finally:
            app.state.desk = None
            if store is None:
                await run_in_threadpool(used.close)

    def model() -> str:
        return f"{pool.model.name} {pool.model.version}" if app.state.desk is not None else ""

    app = FastAPI(
        title="detector desk",
        version=__version__,
        description="Screens guest posts: publish, review or reject, and why, at the very words.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        middleware=[Middleware(Guard, config=config, model=model)],
    )
    app.state.desk = None
    for routes in (scoring, submissions, decisions, archive, session):
        app.include_router(routes.routes)
    app.include_router(languagetool.router(pool, config))
    app.include_router(web.router(config.max_body, _name))
    app.exception_handler(DetectorError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(AnyHTTPException)(_error)
    app.openapi = lambda: _openapi(app, config)  # type: ignore[method-assign]
    return app


def _name(request: Request) -> str | None:
    name: str | None = request.state.who
    return name


async def _refused(_: Request, error: DetectorError) -> Response:
    return refuse(error)


async def _invalid(_: Request, error: RequestValidationError) -> Response:
    """What is wrong first, and where; never what was sent, which may be anything."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return JSONResponse(error_body(422, f"the body is no valid JSON ({first['ctx']['error']})."), 422)
    where = ".".join(str(part) for part in first["loc"][1:]) or "the body"
    return JSONResponse(error_body(422, f"{where[:200]}: {first['msg']}."), 422)


async def _error(request: Request, error: AnyHTTPException) -> Response:
    message, headers = str(error.detail), error.headers
    if (error.status_code, message) == (404, "Not Found"):  # what the framework says
        message = f"there is nothing at {request.url.path[:200]}."
    elif error.status_code == 405 and (methods := _methods(request)):
        allowed = ", ".join(methods)
        message, headers = f"{request.url.path[:200]} takes {allowed}.", {"Allow": allowed}
    return JSONResponse(error_body(error.status_code, message), error.status_code, headers)


def _methods(request: Request) -> list[str]:
    """What may be asked of the address of a request: the framework names the methods of one route only."""
    paths = request.app.openapi()["paths"]
    for path in sorted(paths, key=lambda path: "{" in path):
        if compile_path(path)[0].match(request.url.path):
            return sorted(method.upper() for method in paths[path])
    return []


def _openapi(app: FastAPI, config: DeskConfig) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schema["components"]["schemas"] |= shapes.verdict_schema()
        if not config.tokens:
            shapes.demand_who(schema)
        app.openapi_schema = schema
    return app.openapi_schema
