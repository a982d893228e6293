"""The desk as a process: takes its port, serves until it is told to end, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI

from detector.desk.app import create_app
from detector.desk.config import DeskConfig
from detector.errors import UsageError

PATIENCE = 2  # seconds for answers that are on their way when the desk ends


def serve(
    config: DeskConfig, *, listening: Callable[[str], None], say: Callable[[str], None], debug: bool = False
) -> None:
    """Serve until SIGINT or SIGTERM.

    listening: told the address once there is an answer. say: told of trouble, a line each; debug: with tracebacks.
    Raises UsageError when the port cannot be had, StoreError, ModelError.
    """
    # errors alone: that somebody speaks no HTTP, or sends a broken form, is no trouble of the desk
    logging.basicConfig(handlers=[_Lines(say, debug=debug)], level=logging.ERROR, force=True)
    app = create_app(config)
    served = uvicorn.Config(
        app,
        host=config.host,
        port=config.port,
        lifespan="off",  # it is run here, where its errors can be told
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
    )
    socket = _bind(served)

    async def run() -> None:
        async with app.router.lifespan_context(app):
            await _Server(served, app, listening).serve([socket])

    with contextlib.closing(socket):
        asyncio.run(run())


def _bind(served: uvicorn.Config) -> Any:
    """The socket, before anything is loaded. Raises UsageError when it cannot be had."""
    logging.getLogger("uvicorn.error").disabled = True
    try:
        return served.bind_socket()
    except SystemExit as error:  # uvicorn's way to say so
        cause = error.__context__
        reason = getattr(cause, "strerror", None) or str(cause)
        problem = f"{served.host}:{served.port} cannot be listened on ({reason})"
        hint = "is a desk running already? Give another --port, or 0 for any free one."
        raise UsageError(f"{problem}; {hint}") from None
    finally:
        logging.getLogger("uvicorn.error").disabled = False


class _Server(uvicorn.Server):
    """Says where it listens, and lets go of unfinished work when it is told to end."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, listening: Callable[[str], None]) -> None:
        super().__init__(config)
        self._app = app
        self._listening = listening

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        self._listening(f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/")

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """End; whoever waits for a verdict is told so first."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # who is cut off now knows why
        await self._app.state.desk.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Until the end; a signal that has ended the desk in order has done its work."""
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Lines(logging.Handler):
    """Trouble in one line."""

    def __init__(self, say: Callable[[str], None], *, debug: bool) -> None:
        super().__init__()
        self._say = say
        self._debug = debug

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        message = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and self._debug:
            message = self.format(record)
        elif error is not None:
            message = f"{message}: {type(error).__name__}: {error}"
        self._say(message if self._debug else " ".join(message.split())[:500])
