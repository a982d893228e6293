"""A process that is killed at any moment loses nothing that it has said is kept, and keeps nothing twice."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from detector.desk.store import Store, open_store

Run = Callable[..., "subprocess.Popen[str]"]

# Four threads send texts, each with its mark, and say what is kept; some are answered and decided on the way.
SEND = """
import sys, struct, threading
from itertools import count
from detector.desk.store import open_store
store, numbers, speaks = open_store(sys.argv[1]), count(int(sys.argv[2])), threading.Lock()
model = {"name": "m", "version": "1", "sha256": "0"}
def send():
    while True:
        n = next(numbers)
        text = f"Text {n}. " * 50
        id = store.add(text.encode(), form="text", name=f"{n}.txt", key=f"key {n}").id
        with speaks:
            print("added", n, id, flush=True)
        if n % 2:
            verdict = {"outcome": "review", "score": 0.5, "words": 2, "model": model}
            store.answer(id, document={"text": text}, verdict=verdict, traces=struct.pack("<2q", 7, n))
            store.add_note(id, "Ada", "Note")
            with speaks:
                print("noted", n, id, flush=True)
for _ in range(4):
    threading.Thread(target=send, daemon=True).start()
threading.Event().wait()
"""

# Ends the process as a power cut does, right before the statement that holds the words.
DIE = """
import os, signal, sys
import sqlalchemy as sa
from detector.desk.store import open_store
@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)
store = open_store(sys.argv[1])
store.add(b"Tea.", form="text", name="a", key="k")
"""


def test_nothing_that_was_said_to_be_kept_is_lost_or_doubled(database_url: str, run_python: Run) -> None:
    said: dict[str, dict[int, str]] = {"added": {}, "noted": {}}
    for life in range(3):
        process = run_python(SEND, database_url, str(life * 10_000))
        assert process.stdout is not None
        for _ in range(40):
            line = process.stdout.readline().split()
            assert line, process.communicate()
            said[line[0]][int(line[1])] = line[2]
        process.kill()
        for line in map(str.split, process.communicate()[0].splitlines()):
            if len(line) == 3 and len(line[2]) == 32:
                said[line[0]][int(line[1])] = line[2]
    with open_store(database_url) as store:
        _check(store, said["added"], said["noted"])


def _check(store: Store, added: dict[int, str], noted: dict[int, str]) -> None:
    assert len(added) >= 60
    for n, id in added.items():
        assert store.content(id).bytes == f"Text {n}. ".encode() * 50
    for n, id in noted.items():
        assert (store.get(id).notes, store.get(id).stage) == (1, "answered")
        assert store.document(id)["text"] == f"Text {n}. " * 50
        assert id in {match.id for match in store.matches([n])}
    # the senders did not hear of the last ones, and send everything again
    again = {
        n: store.add(f"Text {n}. ".encode() * 50, form="text", name="x", key=f"key {n}").id for n in added
    }
    assert again == added
    rows, after = [], None
    while after is not None or not rows:
        page = store.search(limit=1000, after=after)
        rows, after = rows + page.items, page.next
        if after is None:
            break
    names = [row.name for row in rows]
    assert len(names) == len(set(names)) == store.search(q="txt").total
    assert {row.id for row in rows} >= set(added.values())
    assert (
        store.counts()["waiting"] == sum(row.stage == "waiting" for row in rows) == len(store.waiting(10_000))
    )
    for row in rows:
        assert store.content(row.id).bytes
        assert store.events(row.id)[0].kind == "received"


@pytest.mark.parametrize("words", ["CREATE TABLE traces", "found", "INSERT INTO events"])
def test_a_process_that_dies_half_way_leaves_nothing_half_done(
    database_url: str, run_python: Run, words: str
) -> None:
    process = run_python(DIE, database_url, words)
    process.communicate(timeout=120)
    assert process.returncode == -9
    with open_store(database_url) as store:
        assert store.search().total == 0
        store.add(b"Tea.", form="text", name="a", key="k")
        assert store.search(q="a").total == 1
