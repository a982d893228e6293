"""Texts before batches, and a text that ends its worker costs itself only."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from detector.desk import pool as pools
from detector.desk.intake import Answer, Task
from detector.desk.pool import BusyError, Pool
from detector.desk.worker import DeskSettings
from detector.document import Document
from detector.errors import ModelError, SourceError
from detector.score import Detector

POISONED = (sys.executable, str(Path(__file__).with_name("poison_desk_worker.py")))


@pytest.fixture
def settings(tiny_model: Path) -> DeskSettings:
    return DeskSettings(model=str(tiny_model), seconds=2, megabytes=400, characters=20_000)


@asynccontextmanager
async def running(settings: DeskSettings, workers: int = 1) -> AsyncIterator[Pool]:
    pool = Pool(settings, workers=workers, command=POISONED)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()


def ask(settings: DeskSettings, *tasks: Task) -> list[Answer]:
    """The answers of one worker to tasks one after the other."""

    async def run() -> list[Answer]:
        async with running(settings) as pool:
            return [await pool.score(task) for task in tasks]

    return asyncio.run(run())


def text(content: str, **more: str) -> Task:
    return Task(content.encode(), "text", **more)


def test_a_text_is_answered_as_the_library_answers_it(settings: DeskSettings, plain_text: str) -> None:
    (answer,) = ask(settings, text(plain_text, id="a"))
    document = Document.from_text(plain_text, id="a")
    assert answer.verdict == Detector.load(settings.model).score(document).to_dict(document)
    assert Document.from_dict(answer.document) == document
    assert answer.traces == b""


@pytest.mark.parametrize(
    ("poison", "kind", "says"),
    [
        ("CRASH", "crash", "signal 11"),
        ("LEAVE", "crash", "exit code 0"),
        ("HANG1", "timeout", "longer than 2 s"),
        ("HANG2", "timeout", "longer than 2 s"),
        ("EATS1", "memory", "more than 400 MB"),
        ("FAULT", "internal", "ValueError: a fault"),
    ],
)
def test_a_text_that_does_its_worst_costs_itself_only(
    settings: DeskSettings, plain_text: str, poison: str, kind: str, says: str
) -> None:
    if not poison.startswith("HANG"):
        settings = replace(settings, seconds=60)  # a busy machine may take longer than two to eat the memory
    lost, after = ask(settings, text(poison, id="bad", title="Bad"), text(plain_text))
    assert (lost.verdict["outcome"], lost.verdict["reason"]) == ("unscored", "unreadable")
    assert (lost.verdict["id"], lost.verdict["title"]) == ("bad", "Bad")
    assert lost.verdict["error"]["kind"] == kind
    assert says in lost.verdict["error"]["message"]
    assert Document.from_dict(lost.document).text == ""
    assert after.verdict["outcome"] == "publish"


def test_what_a_library_prints_is_no_answer(settings: DeskSettings, plain_text: str) -> None:
    printed, after = ask(settings, text("PRINT " + plain_text), text(plain_text))
    assert printed.verdict["outcome"] == after.verdict["outcome"] == "publish"


def test_what_cannot_be_read_says_what_to_do(settings: DeskSettings) -> None:
    doc, long, image = ask(
        settings,
        Task(b"x", "file", name="post.doc"),
        text("a " * 20_000),
        Task(b"\x89PNG\r\n\x1a\n", "file", name="post.docx"),
    )
    assert "save it as .docx" in doc.verdict["error"]["message"]
    assert "20,000 characters; split it" in long.verdict["error"]["message"]
    assert {doc.verdict["error"]["kind"], long.verdict["error"]["kind"]} == {"unreadable"}
    assert image.verdict["outcome"] == "unscored"


def test_people_come_before_batches(settings: DeskSettings) -> None:
    async def run() -> list[str]:
        order: list[str] = []
        async with running(settings) as pool:

            async def score(name: str, *, urgent: bool) -> None:
                await pool.score(text("SLOWS", id=name), urgent=urgent)
                order.append(name)

            work = [asyncio.create_task(score(f"batch {n}", urgent=False)) for n in range(3)]
            while not pool.waiting["batch"]:
                await asyncio.sleep(0.01)
            work.append(asyncio.create_task(score("person", urgent=True)))
            await asyncio.gather(*work)
        return order

    assert asyncio.run(run()) == ["batch 0", "person", "batch 1", "batch 2"]


def test_a_batch_never_takes_the_last_worker(settings: DeskSettings, plain_text: str) -> None:
    async def run() -> str:
        async with running(settings, workers=2) as pool:
            hangs = [asyncio.create_task(pool.score(text("HANG1"), urgent=False)) for _ in range(4)]
            await asyncio.sleep(0.1)
            answer = await pool.score(text(plain_text))
            assert not any(hang.done() for hang in hangs)
            for hang in hangs:
                hang.cancel()
            return str(answer.verdict["outcome"])

    assert asyncio.run(run()) == "publish"


def test_who_leaves_is_not_worked_for(settings: DeskSettings, plain_text: str) -> None:
    async def run() -> int:
        async with running(settings) as pool:
            slow = asyncio.create_task(pool.score(text("SLOWS")))
            await asyncio.sleep(0.05)
            left = [asyncio.create_task(pool.score(text("HANG1"))) for _ in range(50)]
            await asyncio.sleep(0.05)
            for task in left:
                task.cancel()
            await pool.score(text(plain_text))
            await slow
            return pool.waiting["waiting"]

    assert asyncio.run(asyncio.wait_for(run(), 60)) == 0


@pytest.mark.parametrize(("limit", "most"), [("LONGEST_QUEUE", 2), ("LARGEST_QUEUE", 12)])
def test_too_many_are_sent_away(
    settings: DeskSettings, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(pools, limit, most)

    async def run() -> None:
        async with running(settings) as pool:
            work = [asyncio.create_task(pool.score(text("SLOWS"))) for _ in range(4)]
            found = await asyncio.gather(*work, return_exceptions=True)
            assert any(isinstance(answer, BusyError) for answer in found)
            assert any(isinstance(answer, Answer) for answer in found)

    asyncio.run(run())


def test_closing_ends_the_processes_and_tells_who_waits(settings: DeskSettings) -> None:
    async def run() -> None:
        before = set(psutil.Process().children())
        pool = Pool(settings, workers=2, command=POISONED)
        await pool.start()
        begun = set(psutil.Process().children()) - before
        assert len(begun) == pool.workers == 2
        work = [asyncio.create_task(pool.score(text("HANG2"), urgent=n % 2 == 0)) for n in range(8)]
        await asyncio.sleep(0.1)
        await pool.close()
        found = await asyncio.gather(*work, return_exceptions=True)
        assert all(isinstance(answer, BusyError) for answer in found)
        with pytest.raises(BusyError):
            await pool.score(text("late"))
        assert not [process for process in begun if process.is_running()]

    asyncio.run(run())


def test_a_worker_that_was_killed_is_replaced(settings: DeskSettings, plain_text: str) -> None:
    async def run() -> str:
        before = set(psutil.Process().children())
        async with running(settings) as pool:
            (worker,) = set(psutil.Process().children()) - before
            worker.kill()
            await asyncio.sleep(0.2)
            return str((await pool.score(text(plain_text))).verdict["outcome"])

    assert asyncio.run(run()) == "publish"


def test_workers_end_when_the_desk_is_killed(settings: DeskSettings, tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from detector.desk.pool import Pool
from detector.desk.worker import DeskSettings

async def run():
    await Pool(DeskSettings(model={settings.model!r}), workers=2).start()
    print("up", flush=True)
    await asyncio.sleep(60)

asyncio.run(run())
"""
    process = psutil.Popen([sys.executable, "-c", code], stdout=-1)
    assert process.stdout.readline() == b"up\n"
    workers = process.children()
    process.kill()
    process.wait()
    process.stdout.close()
    assert len(workers) == 2
    assert psutil.wait_procs(workers, 20)[1] == []


def test_a_model_that_does_not_load_says_so(tmp_path: Path) -> None:
    async def start(command: tuple[str, ...]) -> None:
        await Pool(DeskSettings(model=str(tmp_path)), workers=2, command=command).start()

    with pytest.raises(ModelError, match="model"):
        asyncio.run(start(POISONED))
    with pytest.raises(ModelError, match="does not start"):
        asyncio.run(start((sys.executable, "-c", "")))


def test_word_files_are_written_by_a_worker(settings: DeskSettings, plain_text: str) -> None:
    async def run() -> tuple[bytes, bytes]:
        async with running(settings) as pool:
            answer = await pool.score(text(plain_text))
            made = await pool.word(answer.verdict, answer.document)
            instead = await pool.word(answer.verdict, answer.document, original=b"PK\x03\x04 is no Word file")
            with pytest.raises(SourceError, match="no Word file could be made"):
                await pool.word({}, answer.document)
            return made, instead

    for made in asyncio.run(run()):
        assert made.startswith(b"PK\x03\x04")
