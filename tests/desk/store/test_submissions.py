"""What was sent in is kept, answered, found again as it came, and removed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from detector.desk.store import FORMS, Store, open_store
from detector.errors import ConflictError, NotFoundError


def test_what_is_sent_in_is_kept_as_it_came(store: Store) -> None:
    content = bytes(range(256)) * 3
    before = datetime.now(UTC)
    sent = store.add(
        content,
        form="file",
        name="Tea & more.docx",
        author="Zoë",
        title="Tea",
        note="For June, please.",
        url="https://example.org/",
    )
    assert before - timedelta(seconds=1) < sent.received <= datetime.now(UTC)
    assert sent.received.tzinfo is UTC
    assert (sent.stage, sent.state, sent.version, sent.notes) == ("waiting", "new", 1, 0)
    assert (sent.outcome, sent.score, sent.words, sent.error, sent.model) == (None,) * 5
    assert (sent.author, sent.title, sent.note) == ("Zoë", "Tea", "For June, please.")
    assert sent.sha256 == hashlib.sha256(content).hexdigest()
    assert store.get(sent.id) == sent
    kept = store.content(sent.id)
    assert (kept.bytes, kept.form, kept.name, kept.charset) == (content, "file", "Tea & more.docx", None)
    assert kept.url == "https://example.org/"
    (event,) = store.events(sent.id)
    assert (event.kind, event.who, event.at) == ("received", "Zoë", sent.received)


def test_every_form_can_be_sent_in(store: Store) -> None:
    assert tuple(store.add(b"x", form=form, name="a").form for form in FORMS) == FORMS


def test_a_submission_is_plain_data_for_the_api(sender: Any) -> None:
    row = sender.answered().to_dict()
    assert datetime.fromisoformat(row["received"]) == sender.store.get(row["id"]).received
    assert list(row) == [
        "id", "received", "changed", "stage", "form", "name", "author", "title", "url", "note", "state", "assignee",
        "version", "outcome", "score", "words", "reason", "error", "model", "notes", "sha256",
    ]  # fmt: skip
    assert row["model"] == {"name": "tiny", "version": "1.0.0", "sha256": "of 1.0.0"}


def test_25_megabytes_are_kept(store: Store) -> None:
    content = os.urandom(25_000_000)
    assert store.content(store.add(content, form="file", name="big.docx").id).bytes == content


def test_ids_sort_by_time(sender: Any) -> None:
    ids = [sender.send().id for _ in range(20)]
    assert ids == sorted(ids)


# --- the sender's own mark ---------------------------------------------------------------------------------------


def test_the_same_request_sent_again_is_the_same_submission(sender: Any) -> None:
    first = sender.send("Tea.", key="a key of any length " * 1_000, title="Tea")
    assert sender.send("Tea.", key="a key of any length " * 1_000, title="Tea") == first
    assert sender.send("Tea.").id != first.id
    assert sender.store.search().total == 2


def test_a_mark_with_other_content_is_refused(sender: Any) -> None:
    sender.send("Tea.", key="k")
    with pytest.raises(ConflictError, match="Idempotency-Key"):
        sender.send("Coffee.", key="k")
    sender.store.add(b"", form="url", name="a", url="https://example.org/1", key="u")
    with pytest.raises(ConflictError):
        sender.store.add(b"", form="url", name="a", url="https://example.org/2", key="u")


def test_a_page_that_was_fetched_meanwhile_is_still_the_same_request(store: Store) -> None:
    asked: dict[str, Any] = {"form": "url", "name": "tea", "url": "https://example.org/tea", "key": "k"}
    sent = store.add(b"", **asked)
    store.fetched(sent.id, b"<p>Tea", ".html", "utf-8", "https://example.org/tea/")
    assert store.add(b"", **asked).id == sent.id


def test_threads_that_send_the_same_get_one_submission(store: Store) -> None:
    def send(n: int) -> str:
        return store.add(b"Tea.", form="text", name="a", key=f"key {n % 5}").id

    with ThreadPoolExecutor(16) as threads:
        ids = list(threads.map(send, range(80)))
    assert len(set(ids)) == 5
    assert store.search().total == 5


def test_threads_do_everything_at_once(sender: Any) -> None:
    store = sender.store

    def work(n: int) -> None:
        id = sender.answered(f"Text {n}", hashes=(1, 2, n)).id
        store.add_note(id, "Ada", "A note.")
        store.decide(id, "Ada", state="accepted")
        store.search(q="text", sort="score")
        store.matches([1, 2, n])
        store.undo(id, "Bob")

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(work, range(60)))
    assert store.counts()["states"]["new"] == 60
    assert store.search(q="note", limit=100).total == 60


# --- answers -----------------------------------------------------------------------------------------------------


def test_what_waits_is_listed_oldest_first_until_it_is_answered(sender: Any) -> None:
    ids = [sender.send(f"Text {n}").id for n in range(4)]
    assert [row.id for row in sender.store.waiting(3)] == ids[:3]
    sender.answer(ids[1])
    assert [row.id for row in sender.store.waiting(10)] == [ids[0], ids[2], ids[3]]


def test_an_answer_is_kept_with_its_document(sender: Any) -> None:
    sent = sender.send("Tea is good.")
    store = sender.store
    document = {
        "text": "Tea is good.",
        "blocks": [[0, 12, "paragraph"]],
        "links": [[0, 3, "/tea", ""]],
        "title": "Tea",
    }
    verdict = sender.verdict(score=0.25, title="Tea", reason="low_confidence")
    store.answer(sent.id, document=document, verdict=verdict, traces=None)
    assert store.document(sent.id) == document
    assert store.verdict(sent.id) == verdict
    row = store.get(sent.id)
    assert (row.stage, row.outcome, row.score, row.words) == ("answered", "publish", 0.25, 3)
    assert (row.title, row.reason, row.model) == ("Tea", "low_confidence", verdict["model"])
    assert row.changed > sent.changed
    assert row.version == sent.version  # an editor who reads it already may go on
    event = store.events(sent.id)[-1]
    assert (event.kind, event.who) == ("answered", "detector")
    assert event.after == {"outcome": "publish", "score": 0.25, "model": verdict["model"]}


def test_the_senders_title_stays(sender: Any) -> None:
    assert sender.answer(sender.send(title="Mine").id, title="Found").title == "Mine"
    assert sender.answer(sender.send().id, title="Found").title == "Found"


def test_a_text_without_a_title_is_known_by_its_first_heading(sender: Any) -> None:
    text = "By Ann.\n\nTea  and\nits uses\n\nTea is good."
    at = text.index("Tea  and")
    document = {"text": text, "blocks": [[0, 7, "paragraph"], [at, at + 17, "heading"]], "links": []}
    sent = sender.send(text)
    sender.store.answer(sent.id, document=document, verdict=sender.verdict(title=None))
    assert sender.store.get(sent.id).title == "Tea and its uses"


def test_what_has_no_answer_yet_says_so(sender: Any) -> None:
    id = sender.send().id
    for ask in (sender.store.document, sender.store.verdict):
        with pytest.raises(NotFoundError, match="no verdict yet"):
            ask(id)


def test_a_newer_answer_stays(sender: Any) -> None:
    id = sender.send().id
    sender.answer(id, score=0.1, version="1.10.0")
    assert sender.answer(id, score=0.9, version="1.9.0").score == 0.1  # of an older desk that came late
    assert sender.answer(id, score=0.9, version="1.10.0").score == 0.1  # of another desk with the same model
    assert sender.answer(id, score=0.6, version="2.0.0").score == 0.6
    assert [event.kind for event in sender.store.events(id)] == ["received", "answered", "answered"]


def test_an_error_gives_way_to_any_answer(sender: Any) -> None:
    id = sender.send().id
    error = {"kind": "timeout", "message": "took too long"}
    assert sender.answer(id, score=None, error=error).error == error
    again = sender.answer(id, score=0.2)
    assert (again.error, again.score, again.outcome) == (None, 0.2, "publish")


def test_a_fetched_page_is_kept_until_it_is_answered(store: Store, sender: Any) -> None:
    sent = store.add(b"", form="url", name="example.org/tea", url="https://example.org/tea")
    assert store.content(sent.id).bytes == b""
    store.fetched(sent.id, b"<p>Tea", ".html", "windows-1252", "https://example.org/tea/")
    kept = store.content(sent.id)
    assert (kept.bytes, kept.form, kept.name) == (b"<p>Tea", "url", ".html")
    assert (kept.charset, kept.url) == ("windows-1252", "https://example.org/tea/")
    row = store.get(sent.id)
    assert (row.name, row.url) == ("example.org/tea", "https://example.org/tea")
    assert row.sha256 == hashlib.sha256(b"<p>Tea").hexdigest()
    sender.answer(sent.id)
    store.fetched(sent.id, b"<p>Coffee", ".html", None, "https://example.org/tea/")
    assert store.content(sent.id).bytes == b"<p>Tea"


# --- any text ----------------------------------------------------------------------------------------------------


def test_nul_and_lone_surrogates_are_replaced_visibly_wherever_they_stand(store: Store, sender: Any) -> None:
    odd, seen = "a\0b\ud800c😀", "a␀b�c😀"
    assert len(odd) == len(seen)  # places in the text stay true
    sent = store.add(
        odd.encode("utf-8", "surrogatepass"),
        form="text",
        name=odd,
        author=odd,
        note=odd,
        title=odd,
        url=odd,
        key=odd,
    )
    assert (
        store.add(odd.encode("utf-8", "surrogatepass"), form="text", name=odd, url=odd, key=odd).id == sent.id
    )
    assert (sent.name, sent.author, sent.note, sent.title, sent.url) == (seen,) * 5
    finding = {"signal": odd, "spans": [{"start": 0, "end": 1, "text": odd}], odd: (odd, None, 1.5, True)}
    store.answer(sent.id, document={"text": odd, "x": odd}, verdict=sender.verdict(findings=[finding]))
    assert store.document(sent.id) == {"text": seen, "x": seen}
    (found,) = store.verdict(sent.id)["findings"]
    assert found == {
        "signal": seen,
        "spans": [{"start": 0, "end": 1, "text": seen}],
        seen: [seen, None, 1.5, True],
    }
    store.decide(sent.id, odd, assignee=odd)
    assert store.decide(sent.id, odd, assignee=odd).version == 2  # it is so already
    store.add_note(sent.id, odd, odd)
    store.set_letter(sent.id, odd, odd)
    store.feedback(sent.id, odd, kind="missed", signal=odd, quote=odd, fingerprint=odd, note=odd)
    assert store.letter(sent.id) == seen
    last = store.events(sent.id)[-1]
    assert (last.who, last.signal, last.quote, last.fingerprint, last.after) == (seen,) * 5
    assert store.counts()["assignees"] == {seen: 1}
    assert store.search(assignee=odd, author=odd, q=odd).total == 1
    for ask in (store.get, store.content, store.document, store.events, store.letter):
        with pytest.raises(NotFoundError):
            ask(odd)


def test_texts_may_be_long(sender: Any) -> None:
    words = " ".join(f"{n:x}é" for n in range(150_000))
    id = sender.answered(words, title="t" * 10_000, author="a" * 10_000, name="n" * 10_000).id
    assert sender.store.document(id)["text"] == words
    assert [row.id for row in sender.store.search(q="1a2be", author="a" * 10_000, sort="title").items] == [id]


# --- removing, and what is learned -------------------------------------------------------------------------------


def test_what_is_removed_is_gone(sender: Any) -> None:
    store = sender.store
    gone, stays = (sender.answered("Green tea.", hashes=(1, 2, 3), key=f"k{n}") for n in range(2))
    store.add_note(gone.id, "Ada", "Weigh it.")
    store.set_letter(gone.id, "Ada", "Dear author")
    store.remove(gone.id, "Ada")
    asks: list[Callable[[str], Any]] = [
        store.get, store.content, store.document, store.verdict, store.events, store.letter,
        lambda id: store.remove(id, "Ada"), lambda id: store.text_of("submission", id),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(NotFoundError):
            ask(gone.id)
    assert [row.id for row in store.search(q="green").items] == [stays.id]
    assert [match.id for match in store.matches([1, 2, 3])] == [stays.id]
    assert store.search(q="weigh").total == 0
    again = sender.send("Green tea.", key="k0")
    assert again.id != gone.id


def test_no_word_of_what_is_removed_stays_in_the_file(make_database: Callable[[str], str]) -> None:
    path = make_database("sqlite")
    with open_store(path) as store:
        for n in range(30):
            store.add(b"x", form="text", name=f"Other {n}", note="These words stay where they are.")
        text = "Rhubarbarous sentences stand here. " * 300
        id = store.add(text.encode(), form="text", name="rhubarbarous.txt", author="Rhubarbara").id
        store.answer(id, document={"text": text}, verdict={"model": {}, "title": "Rhubarbaric"})
        store.add_note(id, "Ada", "rhubarbarous")
        store.remove(id, "Ada")
    content = Path(path).read_bytes().lower()
    assert b"stay where they" in content
    assert b"rhubarb" not in content


def test_lessons_are_decided_submissions_with_the_feedback_that_stands(sender: Any) -> None:
    store = sender.store
    first = sender.answered("Green tea.")
    sender.answered("Not decided.")
    waits = sender.send("Not answered.")
    store.decide(waits.id, "Ada", state="rejected")
    fine = store.feedback(first.id, "Ada", kind="fine", signal="plug", start=0, end=5, quote="Green")
    store.feedback(first.id, "Ada", kind="missed", start=6, end=9, quote="tea")
    store.undo(first.id, "Ada")
    second = sender.answered("Black tea.")
    for id in (second.id, first.id):
        store.decide(id, "Ada", state="accepted")
    one, two = store.lessons()
    assert [one.submission.id, two.submission.id] == [first.id, second.id]
    assert one.submission.state == "accepted"
    assert one.document["text"] == "Green tea."
    assert one.verdict == store.verdict(first.id)
    assert one.content.bytes == b"Green tea."
    assert one.feedback == (fine,)
    assert two.feedback == ()


def test_a_submission_removed_while_lessons_are_read_is_left_out(sender: Any) -> None:
    ids = [sender.answered(f"Text {n}").id for n in range(3)]
    for id in ids:
        sender.store.decide(id, "Ada", state="rejected")
    lessons = sender.store.lessons()
    assert next(lessons).submission.id == ids[0]
    sender.store.remove(ids[1], "Ada")
    assert [lesson.submission.id for lesson in lessons] == [ids[2]]
