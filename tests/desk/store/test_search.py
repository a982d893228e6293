"""Editors find submissions by words, state and outcome, in an order of their choice, page by page."""

from __future__ import annotations

import base64
import itertools
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.desk.store import SORTS, Sort, Store, Submission
from detector.errors import UsageError


def found(store: Store, q: str) -> set[str]:
    return {row.name for row in store.search(q=q).items}


@pytest.fixture
def tea(sender: Any) -> Store:
    """Two texts, in which everything that can be searched is said."""
    one = sender.answered(
        "Green tea cures nothing. Naïve readers, O'Neill says, paid 3.40 for it.",
        name="tea-final.docx", author="Zoë Müller", title="On Tea", note="Please publish in June",
    )  # fmt: skip
    sender.store.add_note(one.id, "Ada", "Check the dosage")
    other = sender.store.add(b"", form="url", name="coffee", url="https://www.example.org/best-coffee")
    sender.answer(other.id, "Coffee and TEA compared.")
    return sender.store  # type: ignore[no-any-return]


def test_words_are_found_wherever_they_stand(tea: Store) -> None:
    first, second = "tea-final.docx", "coffee"
    expected = {
        "": {first, second},
        "  ?! ": {first, second},
        "tea": {first, second},
        "green": {first},
        "GREEN tea": {first},
        "tea green": {first},
        "green coffee": set(),
        "gre nothi": {first},  # beginnings, as they are typed
        "reen": set(),
        "zoe muller": {first},
        "Zoë MÜLLER": {first},
        "naive": {first},
        "o'neill": {first},
        "3.40": {first},
        "tea-final.docx": {first},
        "june": {first},
        "dosage": {first},
        "https://www.example.org/best-coffee": {second},
        "compared": {second},
    }
    assert {q: found(tea, q) for q in expected} == expected
    assert {q: tea.search(q=q).total for q in expected} == {q: len(names) for q, names in expected.items()}


def test_nothing_in_a_question_is_more_than_words(tea: Store) -> None:
    for q in (
        "'; DROP TABLE submissions; --", "' OR '1'='1", '" OR "1"="1', "tea' & !'green", "tea:*", "tea*", '"tea',
        "green NOT tea NEAR(coffee)", "words:tea", "{green tea} : x", "^green", "-green", "(tea", "tea)", "%", "_",
        "\\", "tea\\", "tea' | 'x", "a\0b", "\ud800", "😀", "\u202etea", "x" * 100_000, "x " * 10_000, "AND", "OR NOT",
        "<->", "$1", "%s", ":q", "?",
    ):  # fmt: skip
        assert found(tea, q) <= {"tea-final.docx", "coffee"}
        assert tea.search().total == 2


@given(q=st.text(max_size=60))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_question_has_an_answer(tea: Store, q: str) -> None:
    assert tea.search(q=q, author=None).total <= 2
    assert tea.search(author=q or "x", assignee=q).total <= 2


@given(word=st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_word_of_any_language_is_found(sender: Any, word: str) -> None:
    id = sender.store.add(b"", form="text", name="a", note=f"so {word}, then").id
    assert id in {row.id for row in sender.store.search(q=word.casefold(), limit=1000).items}


def test_what_fits_all_filters_is_listed(sender: Any) -> None:
    store = sender.store
    ids = [sender.answered(f"Text {n}", score=n / 10, author=f"author {n % 2}").id for n in range(10)]
    store.decide(ids[9], "Ada", state="rejected", assignee="Bob")
    store.decide(ids[0], "Ada", state="accepted")
    waits = sender.send().id

    def listed(**filters: Any) -> list[str]:
        page = store.search(descending=False, **filters)
        assert page.total == len(page.items)
        return [row.id for row in page.items]

    assert listed() == [*ids, waits]
    assert listed(state=["rejected"]) == [ids[9]]
    assert listed(state=["rejected", "accepted"]) == [ids[0], ids[9]]
    assert listed(outcome=["reject"]) == ids[8:]
    assert listed(outcome=["publish"], state=["new"]) == ids[1:5]
    assert listed(assignee="Bob") == [ids[9]]
    assert listed(assignee="") == [*ids[:9], waits]
    assert listed(author="author 1", q="text") == ids[1::2]
    assert listed(author="Author 1") == []
    assert listed(outcome=["nonsense"], state=["nonsense"]) == []


def test_counts(sender: Any) -> None:
    store = sender.store
    assert store.counts() == {
        "states": {"new": 0, "needs_edits": 0, "accepted": 0, "rejected": 0},
        "outcomes": {"publish": 0, "review": 0, "reject": 0, "unscored": 0},
        "assignees": {},
        "waiting": 0,
    }
    for score, state in ((0.9, "rejected"), (0.9, "new"), (None, "accepted"), (0.1, "needs_edits")):
        store.decide(sender.answered(score=score).id, "Ada", state=state, assignee="Bob")
    sender.send()
    assert store.counts() == {
        "states": {"new": 2, "needs_edits": 1, "accepted": 1, "rejected": 1},
        "outcomes": {"publish": 1, "review": 0, "reject": 2, "unscored": 1},
        "assignees": {"Bob": 4},
        "waiting": 1,
    }


# --- order and pages -------------------------------------------------------------------------------------------------


def test_pages_show_everything_once_and_in_order(sender: Any) -> None:
    store = sender.store
    dice = random.Random(7)
    titles = ["", "a", "B", "a", "É", "e", "z" * 300, "Z" * 300 + "!", "日本", "😀", "ab", "a b"]
    ids = [
        sender.answered("Text", score=dice.choice([None, 0.0, 0.25, 1.0]), title=title).id for title in titles
    ]
    ids += [sender.send(title="b").id for _ in range(2)]
    for n in (3, 11, 0):
        store.add_note(ids[n], "Ada", "changed")
    rows = [store.get(id) for id in ids]
    for sort, descending, limit in itertools.product(SORTS, (True, False), (1, 3, 14, 100)):
        keys: dict[Sort, Callable[[Submission], Any]] = {
            "received": lambda row: row.received,
            "changed": lambda row: row.changed,
            "score": lambda row: row.score if row.score is not None else -1 if descending else 2,  # noqa: B023
            "title": lambda row: row.title.casefold()[:200],
        }
        expected = sorted(rows, key=lambda row: (keys[sort](row), row.id), reverse=descending)
        page = store.search(sort=sort, descending=descending, limit=limit)
        seen = page.items
        while page.next is not None:
            assert (page.total, len(page.items)) == (14, limit)
            page = store.search(sort=sort, descending=descending, limit=limit, after=page.next)
            seen = seen + page.items
        assert seen == expected


def test_a_page_stays_in_its_place_when_something_comes(sender: Any) -> None:
    ids = [sender.send().id for _ in range(6)]
    first = sender.store.search(limit=2)
    sender.send()
    sender.store.remove(ids[4], "Ada")  # the last of the first page
    second = sender.store.search(limit=2, after=first.next)
    assert [row.id for row in (*first.items, *second.items)] == [ids[5], ids[4], ids[3], ids[2]]


def test_a_page_holds_at_least_one_and_not_too_many(sender: Any) -> None:
    sender.send()
    sender.send()
    for limit in (-5, 0, 1):
        assert len(sender.store.search(limit=limit).items) == 1
    assert len(sender.store.search(limit=10**30).items) == 2


def test_a_page_is_plain_data_for_the_api(sender: Any) -> None:
    rows = [sender.send() for _ in range(2)]
    page = sender.store.search(limit=1)
    assert page.to_dict() == {"items": [rows[1].to_dict()], "total": 2, "next": page.next}


def test_a_mark_that_is_none_is_refused(sender: Any) -> None:
    store = sender.store
    sender.send()
    sender.send()
    mark = store.search(limit=1).next
    assert mark is not None
    store.search(after=mark)
    for sort, descending in (("received", False), ("score", True), ("title", True), ("changed", True)):
        with pytest.raises(UsageError, match="first page"):
            store.search(after=mark, sort=sort, descending=descending)
    wrong: list[Any] = [
        None, 5, "x", [], ["received", True], ["received", True, "x", "y"], ["received", True, 10**30, "y"],
        ["received", True, 1, 2], ["received", True, 1.5, "x"], ["received", True, True, "x"],
        ["received", True, 1, "x", 1], {"a": 1},
    ]  # fmt: skip
    marks = [base64.urlsafe_b64encode(json.dumps(row).encode()).decode() for row in wrong]
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    for bad in ("", "x", "é", "\ud800", mark[:-3], mark + "x", "=", deep, *marks):
        with pytest.raises(UsageError, match="first page"):
            store.search(after=bad)
    odd = base64.urlsafe_b64encode(json.dumps(["title", True, "a\0\ud800", "b\0"]).encode()).decode()
    assert store.search(after=odd, sort="title").total == 2


def test_an_unknown_order_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="received, changed, score, title"):
        store.search(sort="author")  # type: ignore[arg-type]
