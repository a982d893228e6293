"""Batches are kept until somebody removes them, answered item by item, and can be cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from detector.desk.store import Store
from detector.errors import NotFoundError

DOCUMENTS: list[dict[str, Any]] = [
    {"id": f"doc {n}", "text": f"Text {n}\0", "with_text": False} for n in range(5)
]


def test_a_batch_is_answered_item_by_item(store: Store) -> None:
    batch = store.add_batch(DOCUMENTS)
    assert batch.to_dict() == {"id": batch.id, "total": 5, "done": 0, "state": "running"}
    assert [item.n for item in store.waiting_items(3)] == [0, 1, 2]
    store.answer_item(batch.id, 1, {"outcome": "review", "score": 0.5})
    store.answer_item(batch.id, 0, {"outcome": "reject"})
    assert [item.n for item in store.waiting_items(10)] == [2, 3, 4]
    items = store.batch_items(batch.id, 0, 3)
    assert [item.verdict for item in items] == [
        {"outcome": "reject"},
        {"outcome": "review", "score": 0.5},
        None,
    ]
    assert items[2].document == {"id": "doc 2", "text": "Text 2␀", "with_text": False}
    assert [item.n for item in store.batch_items(batch.id, 4, 100)] == [4]
    assert store.batch_items(batch.id, 5, 100) == []
    assert store.batch(batch.id).done == 2
    for n in (2, 3, 4):
        store.answer_item(batch.id, n, {})
    assert (store.batch(batch.id).done, store.batch(batch.id).state) == (5, "done")
    assert store.cancel_batch(batch.id).state == "done"


def test_a_verdict_stays(store: Store) -> None:
    batch = store.add_batch(DOCUMENTS)
    store.answer_item(batch.id, 0, {"score": 1})
    store.answer_item(batch.id, 0, {"score": 2})
    assert store.batch_items(batch.id)[0].verdict == {"score": 1}


def test_a_cancelled_batch_waits_for_nothing(store: Store) -> None:
    first, second = store.add_batch(DOCUMENTS), store.add_batch(DOCUMENTS[:1])
    assert [item.batch for item in store.waiting_items(6)] == [first.id] * 5 + [second.id]
    store.answer_item(first.id, 0, {})
    assert store.cancel_batch(first.id).to_dict() == {
        "id": first.id,
        "total": 5,
        "done": 1,
        "state": "cancelled",
    }
    assert [item.batch for item in store.waiting_items()] == [second.id]
    assert store.batch_items(first.id)[0].verdict == {}
    store.answer_item(first.id, 1, {})  # it was being scored when it was cancelled
    assert store.batch(first.id).done == 2


def test_a_batch_can_be_removed(store: Store) -> None:
    batch, other = store.add_batch(DOCUMENTS), store.add_batch([])
    assert (other.total, other.state) == (0, "done")
    store.remove_batch(batch.id)
    for work in (
        lambda: store.batch(batch.id),
        lambda: store.batch_items(batch.id),
        lambda: store.cancel_batch(batch.id),
        lambda: store.remove_batch(batch.id),
        lambda: store.answer_item(batch.id, 0, {}),
        lambda: store.answer_item(other.id, 0, {}),
        lambda: store.batch("\0"),
    ):
        with pytest.raises(NotFoundError, match="batch"):
            work()
    assert store.waiting_items() == []


def test_a_thousand_documents_are_a_batch(store: Store) -> None:
    batch = store.add_batch([{"text": "x" * 5_000}] * 1_000)
    assert len(store.batch_items(batch.id, 0, 1_000)) == batch.total == 1_000
    assert len(store.waiting_items(10)) == 10


def test_a_page_of_items_may_be_asked_for_anyhow(store: Store) -> None:
    batch = store.add_batch(DOCUMENTS)
    assert len(store.batch_items(batch.id, 0, 10**30)) == 5
    assert store.batch_items(batch.id, 10**30, 10) == []
    assert len(store.batch_items(batch.id, -3, 10)) == 5
    assert store.batch_items(batch.id, 0, 0) == []
