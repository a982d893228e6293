"""What the tests of the store share: submissions in a few words."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from detector.desk.store import Store, Submission


class Sender:
    """Sends texts in, and answers for the detector."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def send(self, text: str = "A plain text.", **more: Any) -> Submission:
        """A submission that waits."""
        return self.store.add(text.encode(), **{"form": "text", "name": "post.txt"} | more)

    def verdict(self, score: float | None = 0.7, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
        """A verdict as the detector gives it, as far as the store looks at it."""
        outcome = (
            "unscored"
            if score is None
            else "reject"
            if score >= 0.8
            else "review"
            if score >= 0.5
            else "publish"
        )
        model = {"name": "tiny", "version": version, "sha256": f"of {version}"}
        told = {"outcome": outcome, "score": score, "words": 3, "title": None, "reason": None, "error": None}
        return {**told, "model": model, "findings": [], **more}

    def answer(
        self, id: str, text: str = "A plain text.", *, hashes: tuple[int, ...] = (), **more: Any
    ) -> Submission:
        """The submission with a verdict; more: of the verdict."""
        document = {
            "text": text,
            "blocks": [[0, len(text), "paragraph"]],
            "links": [],
            "title": more.get("title"),
        }
        traces = struct.pack(f"<{len(hashes)}q", *hashes)
        self.store.answer(id, document=document, verdict=self.verdict(**more), traces=traces)
        return self.store.get(id)

    def answered(
        self, text: str = "A plain text.", *, hashes: tuple[int, ...] = (), **more: Any
    ) -> Submission:
        """A new submission with a verdict; score: of the verdict, more: of the submission."""
        score = more.pop("score", 0.7)
        return self.answer(self.send(text, **more).id, text, hashes=hashes, score=score)


@pytest.fixture
def sender(store: Store) -> Sender:
    """Sends to the store."""
    return Sender(store)


@pytest.fixture
def run_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a Python of its own: run_python(code, *arguments); what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-c", code, *arguments]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()
