"""The desk's application in this process, asked without a network; what needs one starts a real desk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from detector.desk.app import create_app
from detector.desk.config import DeskConfig


class Api:
    """A running application. `ask` and the methods named after HTTP's give the answer; `app` is the application."""

    def __init__(self, config: DeskConfig) -> None:
        self.app = create_app(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._lifespan = self.app.router.lifespan_context(self.app)
        self._do(self._lifespan.__aenter__())

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            there = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=there, base_url="http://127.0.0.1:8765") as client:
                return await client.request(method, path, **more)

        answer: httpx.Response = self._do(ask())
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def submit(self, text: str, **more: Any) -> dict[str, Any]:
        """Submits a text and waits for its verdict."""
        answer = self.post("/v1/submissions", json={"text": text, **more}, params={"wait": 60})
        assert answer.status_code == 201, answer.text
        row: dict[str, Any] = answer.json()
        assert row["stage"] == "answered"
        return row

    def submit_file(self, name: str, content: bytes, **fields: str) -> dict[str, Any]:
        """Submits a file and waits for its verdict."""
        upload = {"file": (name, content, "application/octet-stream")}
        answer = self.post("/v1/submissions/files", files=upload, data=fields, params={"wait": 60})
        assert answer.status_code == 201, answer.text
        (row,) = answer.json()["items"]
        return dict(row)

    def close(self) -> None:
        self._do(self._lifespan.__aexit__(None, None, None))
        self._do(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def make_api(_tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Api]]:
    """Makes applications: make_api(tokens=...); the small model of the tests judges."""
    running: list[Api] = []

    def make(**settings: Any) -> Api:
        database = str(tmp_path_factory.mktemp("desk") / "desk.db")
        config = DeskConfig(**{"database": database, "model": str(_tiny), "workers": 1, **settings})
        running.append(Api(config))
        return running[-1]

    yield make
    for api in running:
        api.close()


@pytest.fixture(scope="module")
def api(make_api: Callable[..., Api]) -> Api:
    """One application for all tests of a file."""
    return make_api()
