"""Texts that share passages find each other, among what was sent in and in the archive."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

import pytest

from detector.desk.store import ArchivePage, Store
from detector.errors import NotFoundError

LOW, HIGH = -(2**63), 2**63 - 1


def page(
    key: str, *hashes: int, title: str = "Title", text: str = "Text", url: str | None = None
) -> ArchivePage:
    return ArchivePage(key, title, url, text, struct.pack(f"<{len(hashes)}q", *hashes))


def test_texts_are_found_by_what_they_share_the_likeliest_first(store: Store, sender: Any) -> None:
    sent = sender.answered("Sent", hashes=(1, 2, 3, LOW))
    store.add_archive([page("/a", 2, 3, HIGH), page("/b", 7), page("/c", 1)])
    assert store.matches([LOW, HIGH, 1, 2, 3, 3, 99]) == [
        ("submission", sent.id, 4), ("archive", "/a", 3), ("archive", "/c", 1),
    ]  # fmt: skip
    assert [match.id for match in store.matches([LOW, HIGH, 1, 2, 3], 2)] == [sent.id, "/a"]
    assert store.matches([99]) == store.matches([]) == []


def test_hashes_may_be_numbers_of_numpy(store: Store) -> None:
    numpy = pytest.importorskip("numpy")
    store.add_archive([page("/a", 5, LOW)])
    assert store.matches(numpy.array([5, LOW], dtype="<i8")) == [("archive", "/a", 2)]


def test_what_every_page_has_counts_for_little(store: Store) -> None:
    footer = range(100, 140)
    store.add_archive([page("/copy", 1, 2, 3)])
    store.add_archive([page(f"/{n}", *footer) for n in range(300)])
    matches = store.matches([1, 2, 3, *footer], 5)
    assert matches[0] == ("archive", "/copy", 3)
    assert [match.shared for match in matches[1:]] == [40] * 4


def test_a_text_that_came_very_often_is_still_found(store: Store) -> None:
    store.add_archive([page(f"/{n}", 1, 2, 3) for n in range(250)])
    matches = store.matches([1, 2, 3], 10)
    assert len(matches) == 10
    assert {match.shared for match in matches} == {3}


def test_a_page_with_a_known_key_takes_its_place(store: Store) -> None:
    assert store.add_archive([page("/a", 1, text="old"), page("/b", 1)]) == 2
    assert store.add_archive([page("/a", 2, text="new")]) == 1
    assert store.add_archive([page("/c", 3), page("/c", 4, text="last")]) == 2
    assert store.archive_count() == 3
    assert store.text_of("archive", "/a").text == "new"
    assert store.text_of("archive", "/c").text == "last"
    assert store.matches([1]) == [("archive", "/b", 1)]
    assert store.matches([3]) == []


def test_keys_may_be_anything(store: Store) -> None:
    keys = ["/" + "x" * 100_000, "", "\0", "a b\tc", "é", "É", "100%_", "/A", "/a"]
    store.add_archive(page(key, n) for n, key in enumerate(keys))
    assert store.archive_count() == len(keys)
    assert [store.matches([n])[0].id for n in range(len(keys))] == [key.replace("\0", "␀") for key in keys]
    assert store.text_of("archive", "\0").title == "Title"


def test_pages_are_removed_by_the_beginning_of_their_key(store: Store) -> None:
    store.add_archive(page(key, 1) for key in ("/a%b", "/axb", "/A", "/a", "/b"))
    assert store.remove_archive("/a%") == 1
    assert store.remove_archive("/a") == 2
    assert {match.id for match in store.matches([1])} == {"/A", "/b"}
    assert store.remove_archive() == 2
    assert (store.archive_count(), store.matches([1]), store.remove_archive()) == (0, [], 0)


def test_pages_that_were_not_imported_again_can_be_removed(store: Store) -> None:
    store.add_archive([page("/a", 1), page("/b", 1), page("other", 1)])
    began = datetime.now(UTC)
    store.add_archive([page("/a", 1)])
    assert store.remove_archive("/", before=began) == 1
    assert {match.id for match in store.matches([1])} == {"/a", "other"}


def test_submissions_are_no_part_of_the_archive(store: Store, sender: Any) -> None:
    sent = sender.answered("Sent", hashes=(1,))
    assert (store.archive_count(), store.remove_archive(), store.remove_archive("")) == (0, 0, 0)
    assert store.document(sent.id)["text"] == "Sent"
    assert store.matches([1]) == [("submission", sent.id, 1)]
    store.add_archive([page("/a", 1, text="green tea")])
    assert store.search(q="tea").total == 0


def test_another_answer_brings_other_hashes(store: Store, sender: Any) -> None:
    id = sender.answered(hashes=(1, 2)).id
    sender.answer(id, "New", hashes=(2, 3), version="2.0.0")
    assert [len(store.matches([hash])) for hash in (1, 2, 3)] == [0, 1, 1]


def test_the_text_behind_a_match(store: Store, sender: Any) -> None:
    sent = sender.answered("Sent", author="Zoë", title="Tea", url="https://example.org/")
    assert store.text_of("submission", sent.id) == (
        "Tea",
        "https://example.org/",
        "Zoë",
        sent.received,
        "Sent",
    )
    before = datetime.now(UTC)
    store.add_archive([page("/a", title="Old", url="https://example.org/a", text="Archived")])
    title, url, author, received, text = store.text_of("archive", "/a")
    assert (title, url, author, text) == ("Old", "https://example.org/a", "", "Archived")
    assert before <= received <= datetime.now(UTC)
    for kind, id in (("archive", sent.id), ("submission", "/a"), ("archive", "")):
        with pytest.raises(NotFoundError):
            store.text_of(kind, id)  # type: ignore[arg-type]


def test_a_large_archive_is_removed_at_once(store: Store, sender: Any) -> None:
    sent = sender.answered(hashes=(1, 2))
    store.add_archive(page(f"/{n}", 1, n + 10) for n in range(600))
    assert store.remove_archive("/") == 600
    assert store.matches([1, 2, *range(10, 700)]) == [("submission", sent.id, 2)]
