"""A backup is one file that holds everything, made while the desk is at work, and opens like any other."""

from __future__ import annotations

import os
import sqlite3
import stat
import struct
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from detector.desk.store import ArchivePage, Store, open_store
from detector.errors import StoreError


def test_a_backup_holds_everything(store: Store, sender: Any, tmp_path: Path) -> None:
    first = sender.answered("Green tea \0 here.", hashes=(1, 2, -5), score=None, author="Zoë", key="k1")
    second = sender.send("Waits.", title="Later")
    store.add_note(first.id, "Ada", "Weigh it.")
    store.decide(first.id, "Ada", state="rejected", assignee="Bob")
    store.undo(first.id, "Cy")
    store.set_letter(first.id, "Ada", "Dear author")
    store.remove(sender.send("Gone.").id, "Ada")
    batch = store.add_batch([{"text": "a"}, {"text": "b"}])
    store.answer_item(batch.id, 1, {"score": 0.5})
    store.add_archive([ArchivePage("/a", "Old", None, "Archived", struct.pack("<2q", 2, 9))])
    file = tmp_path / "copy.db"
    store.backup(file)
    with open_store(str(file)) as copy:
        for id in (first.id, second.id):
            assert copy.get(id) == store.get(id)
            assert copy.content(id) == store.content(id)
            assert copy.events(id) == store.events(id)
        assert copy.document(first.id) == store.document(first.id)
        assert copy.verdict(first.id) == store.verdict(first.id)
        assert copy.letter(first.id) == "Dear author"
        for q in ("green zoe weigh", "later", "gone"):
            assert copy.search(q=q) == store.search(q=q)
        assert copy.matches([1, 2, -5, 9]) == store.matches([1, 2, -5, 9])
        assert copy.text_of("archive", "/a") == store.text_of("archive", "/a")
        assert copy.batch_items(batch.id) == store.batch_items(batch.id)
        assert copy.counts() == store.counts()
        # and the desk can go on in it
        assert copy.add(b"Green tea \0 here.", form="text", name="x", key="k1").id == first.id
        assert copy.add_note(first.id, "Ada", "More").id > store.events(first.id)[-1].id
        assert copy.add(b"New", form="text", name="x").id > second.id


def test_a_backup_is_one_file_for_its_owner_alone(store: Store, sender: Any, tmp_path: Path) -> None:
    sender.answered()
    file = tmp_path / "copies" / "copy.db"
    file.parent.mkdir()
    store.backup(str(file))
    assert [path.name for path in file.parent.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name == "nt"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_backup_takes_the_place_of_an_older_one(store: Store, sender: Any, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    store.backup(file)
    sender.send()
    store.backup(file)
    with open_store(str(file)) as copy:
        assert copy.search().total == 1


def test_a_backup_is_of_one_moment(store: Store, sender: Any, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            store.add_note(sender.answered("Text").id, "Ada", "Note")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            store.backup(tmp_path / f"{n}.db")
    finally:
        done.set()
        writer.join()
    for n in range(3):
        with open_store(str(tmp_path / f"{n}.db")) as copy:
            rows = copy.search(limit=1000).items
            assert copy.search(q="post").total == len(rows)
            for row in rows:
                kinds = [event.kind for event in copy.events(row.id)]
                assert kinds == ["received", "answered", "note"][: len(kinds)]
                assert row.stage == ("answered" if len(kinds) > 1 else "waiting")


def test_a_backup_that_cannot_be_written_leaves_what_was_there(store: Store, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for where in (tmp_path / "missing" / "copy.db", tmp_path / "folder", Path("/proc/copy.db")):
        with pytest.raises(StoreError, match=r"cannot be written .*name another file"):
            store.backup(where)
    assert not [path for path in tmp_path.rglob("*") if ".new" in path.name]


def test_the_database_is_not_copied_onto_itself(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "desk.db")) as store:
        with pytest.raises(StoreError, match="itself"):
            store.backup(tmp_path / "." / "desk.db")
        assert store.search().total == 0
