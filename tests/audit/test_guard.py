"""A page that crashes its process, hangs or eats memory costs its own row, and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from detector.audit import schema
from detector.audit.guard import Guard
from detector.audit.worker import Settings
from detector.errors import ModelError, SourceError

POISON = (sys.executable, str(Path(__file__).with_name("poison_worker.py")))

# what a page does -> what its row says
HARM = {
    b"CRASH": ("crash", "signal 11"),
    b"LEAVE": ("crash", "exit code 0"),
    b"HANG1": ("timeout", "longer than 1 s"),
    b"HANG2": ("timeout", "longer than 1 s"),
    b"EATS1": ("memory", "more than 300 MB"),
    b"FAULT": ("internal", "ValueError: a fault"),
}


def batch(*bodies: bytes) -> pa.RecordBatch:
    rows = [
        {
            "row": n,
            "id": f"page {n}",
            "place": f"crawl:{n}",
            "body": body,
            "form": ".txt",
            "url": f"https://a.example/{n}",
        }
        for n, body in enumerate(bodies)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=schema.RECORDS)


@pytest.fixture
def guard(settings: Settings) -> Iterator[Callable[..., Guard]]:
    started: list[Guard] = []

    def start(**changed: Any) -> Guard:
        started.append(Guard(replace(settings, **{"seconds": 1, "megabytes": 300, **changed}), POISON))
        return started[-1]

    yield start
    for one in started:
        one.close()


def process(guard: Guard) -> int:
    assert guard._process is not None
    return guard._process.pid


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="signals and limits differ")
def test_a_poisoned_page_costs_one_row(guard: Callable[..., Guard], plain_text: str) -> None:
    good = plain_text.encode()
    bodies = [good, *HARM, good, b"CRASH"]
    rows = guard().rows(batch(*bodies)).to_pylist()
    assert [row["row"] for row in rows] == list(range(len(bodies)))
    for n, (row, body) in enumerate(zip(rows, bodies, strict=True)):
        assert (row["id"], row["url"]) == (f"page {n}", f"https://a.example/{n}")
        if body is good:
            assert row["error"] is None
            assert row["score"] == rows[0]["score"]
            continue
        kind, says = HARM[body]
        assert (row["outcome"], row["reason"], row["error"]["kind"]) == ("unscored", "unreadable", kind)
        assert row["error"]["message"].startswith(f"crawl:{n}: ")
        assert says in row["error"]["message"]


@pytest.mark.skipif(sys.platform != "linux", reason="signals and limits differ")
def test_what_a_page_leaves_behind_takes_no_room_from_the_next(
    guard: Callable[..., Guard], plain_text: str
) -> None:
    good = plain_text.encode()
    rows = guard(seconds=20).rows(batch(good, *[b"KEEPS " + good] * 3, good)).to_pylist()
    assert [row["error"] for row in rows] == [None] * 5


@pytest.mark.parametrize("body", [b"x", None])
def test_a_worker_that_always_ends_is_not_started_for_ever(settings: Settings, body: bytes | None) -> None:
    leave = "import sys, os; sys.stdin.buffer.read(9); os.write(1, b'U' + bytes(8)); sys.exit(1)"
    one = Guard(settings, (sys.executable, "-c", leave))
    with pytest.raises(SourceError, match="--page-memory"):
        one.rows(batch(*([body] if body else [])))
    one.close()


@pytest.mark.skipif(sys.platform != "linux", reason="signals differ")
def test_the_next_chunk_has_a_new_process_and_the_old_one_is_gone(
    guard: Callable[..., Guard], plain_text: str
) -> None:
    one = guard()
    one.rows(batch(plain_text.encode()))
    first = process(one)
    one.rows(batch(plain_text.encode()))
    assert process(one) == first  # the model is loaded once
    one.rows(batch(b"CRASH"))
    assert not alive(first)
    assert one.rows(batch(plain_text.encode())).to_pylist()[0]["error"] is None
    second = process(one)
    one.close()
    assert not alive(second)


def test_what_a_library_prints_is_no_answer(guard: Callable[..., Guard], plain_text: str) -> None:
    (row,) = guard().rows(batch(b"PRINT " + plain_text.encode())).to_pylist()
    assert row["outcome"] != "unscored"


def test_an_empty_chunk(guard: Callable[..., Guard]) -> None:
    assert guard().rows(batch()).num_rows == 0
    assert guard().rows(batch()).schema == schema.PAGES


def test_a_record_with_a_problem_is_answered(guard: Callable[..., Guard]) -> None:
    record = {"row": 7, "id": "x", "place": "a.warc@12", "problem": "a.warc@12: is cut off; fetch it again."}
    (row,) = guard().rows(pa.RecordBatch.from_pylist([record], schema=schema.RECORDS)).to_pylist()
    assert row["error"] == {"kind": "unreadable", "message": "a.warc@12: is cut off; fetch it again."}


def test_a_model_that_does_not_load_says_so(guard: Callable[..., Guard], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model"):
        guard(model=str(tmp_path)).rows(batch(b"x"))


def test_a_worker_that_does_not_start(settings: Settings) -> None:
    with pytest.raises(ModelError, match="does not start"):
        Guard(settings, (sys.executable, "-c", "raise SystemExit(3)")).rows(batch(b"x"))
