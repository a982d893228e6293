"""Every step of an editor is kept with who and when, changes what it should, and can be taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from detector.desk.store import STATES, Event, Store
from detector.errors import ConflictError, DetectorError, NotFoundError, UsageError


def kinds(store: Store, id: str) -> list[str]:
    return [event.kind for event in store.events(id)]


def test_a_decision_changes_the_submission_and_is_kept(sender: Any) -> None:
    store, sent = sender.store, sender.send()
    row = store.decide(sent.id, "Ada", state="needs_edits", assignee="Bob")
    assert (row.state, row.assignee, row.version) == ("needs_edits", "Bob", sent.version + 1)
    assert row.changed > sent.changed
    assert row == store.get(sent.id)
    state, assignee = store.events(sent.id)[1:]
    assert (state.kind, state.who, state.before, state.after) == ("state", "Ada", "new", "needs_edits")
    assert (assignee.kind, assignee.before, assignee.after) == ("assignee", None, "Bob")
    assert state.at == assignee.at == row.changed


def test_what_is_so_already_is_no_step(sender: Any) -> None:
    sent = sender.send()
    store = sender.store
    assert store.decide(sent.id, "Ada", state="new", assignee="") == sent
    assert kinds(store, sent.id) == ["received"]


def test_an_assignee_can_be_taken_away(sender: Any) -> None:
    store, id = sender.store, sender.send().id
    store.decide(id, "Ada", assignee="Bob")
    assert store.decide(id, "Ada", assignee="").assignee is None
    store.undo(id, "Ada")
    assert store.get(id).assignee == "Bob"


def test_an_author_can_be_corrected(sender: Any) -> None:
    store, id = sender.store, sender.send(author="Zoe").id
    store.decide(id, "Ada", author="Chloe")
    assert store.search(q="chloe").total == store.search(author="Chloe").total == 1
    assert store.search(q="zoe").total == 0
    store.undo(id, "Ada")
    assert store.get(id).author == "Zoe"
    assert (store.search(q="zoe").total, store.search(q="chloe").total) == (1, 0)


def test_who_decides_on_something_old_is_told(sender: Any) -> None:
    store, sent = sender.store, sender.answered()
    store.add_note(sent.id, "Bob", "A note changes nothing that is decided.")
    row = store.decide(sent.id, "Ada", state="accepted", version=sent.version)
    with pytest.raises(ConflictError, match="meanwhile"):
        store.decide(sent.id, "Bob", state="rejected", version=sent.version)
    assert store.get(sent.id).state == "accepted"
    store.decide(sent.id, "Bob", state="rejected", version=row.version)
    store.undo(sent.id, "Bob")
    with pytest.raises(ConflictError):  # it is accepted again, but by another way
        store.decide(sent.id, "Ada", state="new", version=row.version)


def test_one_of_two_who_decide_at_once_wins(sender: Any) -> None:
    store, sent = sender.store, sender.send()

    def decide(n: int) -> bool:
        try:
            store.decide(sent.id, f"editor {n}", state=STATES[1 + n % 3], version=sent.version)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(decide, range(12))) == 1
    assert kinds(store, sent.id) == ["received", "state"]


def test_an_unknown_state_is_refused(sender: Any) -> None:
    with pytest.raises(UsageError, match="needs_edits"):
        sender.store.decide(sender.send().id, "Ada", state="lost")


def test_notes_are_counted(sender: Any) -> None:
    store, id = sender.store, sender.send().id
    note = store.add_note(id, "Ada", "Ask for sources.\nThen again.")
    store.add_note(id, "Bob", "Done.")
    assert (note.kind, note.who, note.after) == ("note", "Ada", "Ask for sources.\nThen again.")
    assert store.get(id).notes == 2
    assert store.events(id)[1] == note
    store.undo(id, "Ada")
    assert store.get(id).notes == store.search().items[0].notes == 1


def test_feedback_is_kept_with_its_place(sender: Any) -> None:
    store, id = sender.store, sender.answered("Green tea cures.").id
    event = store.feedback(
        id, "Ada", kind="missed", signal="claim", start=6, end=9, quote="tea", fingerprint="f00", note="See?"
    )
    assert (event.kind, event.signal, event.start, event.end) == ("missed", "claim", 6, 9)
    assert (event.quote, event.fingerprint, event.after) == ("tea", "f00", "See?")
    plain = store.feedback(id, "Ada", kind="fine", signal="readability")
    assert (plain.start, plain.end, plain.quote, plain.after) == (0, 0, "", "")
    assert store.events(id)[-2:] == [event, plain]


def test_feedback_without_sense_is_refused(sender: Any) -> None:
    id = sender.send().id
    for wrong in ({"start": -1}, {"start": 5, "end": 4}, {"end": 2**31}, {"end": 10**30}, {"kind": "note"}):
        with pytest.raises(UsageError):
            sender.store.feedback(id, "Ada", **{"kind": "fine"} | wrong)
    assert kinds(sender.store, id) == ["received"]


def test_the_newest_letter_counts(sender: Any) -> None:
    store, id = sender.store, sender.send().id
    assert store.letter(id) is None
    store.set_letter(id, "Ada", "Dear author")
    second = store.set_letter(id, "Bob", "")
    assert (second.before, second.after) == ("Dear author", "")
    assert store.letter(id) == ""
    store.undo(id, "Ada")
    assert store.letter(id) == "Dear author"
    store.undo(id, "Ada")
    assert store.letter(id) is None


def test_every_step_can_be_taken_back_and_stays_in_the_history(sender: Any) -> None:
    store = sender.store
    sent = sender.answered()
    store.decide(sent.id, "Ada", state="accepted", assignee="Bob", author="Cy")
    store.add_note(sent.id, "Ada", "Note")
    store.set_letter(sent.id, "Ada", "Letter")
    store.feedback(sent.id, "Ada", kind="fine", signal="plug")
    store.feedback(sent.id, "Ada", kind="missed", start=1, end=2)
    steps = store.events(sent.id)[2:]
    for step in reversed(steps):
        undo = store.undo(sent.id, "Dee")
        assert (undo.kind, undo.who, undo.after) == ("undo", "Dee", step.before)
        assert undo.before == {"event": step.id, "kind": step.kind, "value": step.after}
    history = store.events(sent.id)
    assert [event.id for event in history] == sorted(event.id for event in history)
    for step, known in zip(steps, history[2:], strict=False):
        assert (known.id, known.after, known.undone_by) == (step.id, step.after, "Dee")
        assert known.undone_at is not None
    now = store.get(sent.id)
    assert (now.state, now.assignee, now.author, now.notes) == (sent.state, sent.assignee, sent.author, 0)
    with pytest.raises(ConflictError, match="nothing to undo"):
        store.undo(sent.id, "Dee")
    assert (store.letter(sent.id), store.get(sent.id).outcome) == (None, sent.outcome)


def test_one_step_can_be_named(sender: Any) -> None:
    store, id = sender.store, sender.answered().id
    first = store.feedback(id, "Ada", kind="fine", signal="plug")
    store.decide(id, "Ada", state="accepted")
    store.undo(id, "Ada", first.id)
    assert [event.undone_by for event in store.events(id) if event.kind in ("fine", "state")] == ["Ada", None]
    with pytest.raises(ConflictError):  # a second click
        store.undo(id, "Ada", first.id)
    with pytest.raises(ConflictError):
        store.undo(id, "Ada", 10**30)


def test_a_step_that_others_stand_on_cannot_be_taken_out(sender: Any) -> None:
    store, id = sender.store, sender.send().id
    store.decide(id, "Ada", state="needs_edits")
    under = store.events(id)[-1]
    store.decide(id, "Bob", state="accepted")
    with pytest.raises(ConflictError, match="again"):
        store.undo(id, "Ada", under.id)
    assert store.get(id).state == "accepted"


def test_two_who_undo_at_once_take_back_two_steps(sender: Any) -> None:
    store, id = sender.store, sender.send().id
    for n in range(6):
        store.add_note(id, "Ada", f"Note {n}")
    with ThreadPoolExecutor(6) as threads:
        undone = list(threads.map(lambda n: store.undo(id, f"editor {n}").before["event"], range(6)))
    assert len(set(undone)) == 6
    assert store.get(id).notes == 0


def test_what_is_not_there_is_not_found(store: Store) -> None:
    for work in (
        lambda: store.get("x"),
        lambda: store.decide("x", "Ada", state="accepted"),
        lambda: store.add_note("x", "Ada", "Note"),
        lambda: store.feedback("x", "Ada", kind="fine"),
        lambda: store.set_letter("x", "Ada", "Letter"),
        lambda: store.undo("x", "Ada"),
        lambda: store.events("x"),
        lambda: store.answer("x", document={}, verdict={}),
        lambda: store.fetched("x", b"", "", None, ""),
    ):
        with pytest.raises(NotFoundError, match="no such submission"):
            work()


# --- any sequence of steps ---------------------------------------------------------------------------------------

WORDS = st.text(max_size=8).filter(lambda text: text.isprintable())  # what is cleaned is tested elsewhere


class Model:
    """A submission as it should be: fields by name, and the steps that can be taken back."""

    def __init__(self, author: str) -> None:
        self.fields: dict[str, Any] = {"state": "new", "assignee": None, "author": author, "letter": None}
        self.notes: list[str] = []
        self.version = 1
        self.steps: list[tuple[str, Any]] = []

    def set(self, name: str, value: Any) -> bool:
        if name != "letter" and self.fields[name] == value:
            return False
        self.steps.append((name, self.fields[name]))
        self.fields[name] = value
        return True

    def undo(self) -> None:
        name, before = self.steps.pop()
        if name == "note":
            self.notes.pop()
        elif name in self.fields:
            self.fields[name] = before
            self.version += name != "letter"


class Editing(RuleBasedStateMachine):
    store: Store
    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, Model] = {}

    @rule(target=sent, author=WORDS)
    def send(self, author: str) -> str:
        id = self.store.add(b"Tea.", form="text", name="a", author=author).id
        self.models[id] = Model(author)
        return id

    @rule(
        id=sent,
        state=st.none() | st.sampled_from(STATES),
        assignee=st.none() | WORDS,
        author=st.none() | WORDS,
        old=st.booleans(),
    )
    def decide(self, id: str, state: Any, assignee: str | None, author: str | None, old: bool) -> None:
        model = self.models[id]
        if old:
            with pytest.raises(ConflictError):
                self.store.decide(id, "Ada", state=state, version=model.version - 1)
            return
        self.store.decide(id, "Ada", state=state, assignee=assignee, author=author, version=model.version)
        steps = [
            model.set("state", state) if state else False,
            model.set("author", author) if author is not None else False,
            model.set("assignee", assignee or None) if assignee is not None else False,
        ]
        model.version += any(steps)

    @rule(id=sent, text=WORDS)
    def note(self, id: str, text: str) -> None:
        self.store.add_note(id, "Ada", text)
        self.models[id].notes.append(text)
        self.models[id].steps.append(("note", None))

    @rule(id=sent, text=WORDS)
    def letter(self, id: str, text: str) -> None:
        self.store.set_letter(id, "Ada", text)
        self.models[id].set("letter", text)

    @rule(id=sent)
    def fine(self, id: str) -> None:
        self.store.feedback(id, "Ada", kind="fine", signal="plug")
        self.models[id].steps.append(("fine", None))

    @rule(id=sent)
    def undo(self, id: str) -> None:
        model = self.models[id]
        if not model.steps:
            with pytest.raises(ConflictError):
                self.store.undo(id, "Bob")
            return
        self.store.undo(id, "Bob")
        model.undo()

    @invariant()
    def it_is_as_it_should_be(self) -> None:
        for id, model in self.models.items():
            row, events = self.store.get(id), self.store.events(id)
            live = [
                event
                for event in events
                if event.undone_at is None and event.kind not in ("received", "undo")
            ]
            assert {
                "state": row.state, "assignee": row.assignee, "author": row.author, "letter": self.store.letter(id),
            } == model.fields  # fmt: skip
            assert (row.version, row.notes) == (model.version, len(model.notes))
            assert [event.after for event in live if event.kind == "note"] == model.notes
            assert [event.kind for event in live] == [name for name, _ in model.steps]


def test_whatever_editors_do_the_history_and_the_submission_agree(store: Store) -> None:
    def machine() -> Editing:
        editing = Editing()
        editing.store = store
        return editing

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_events_are_plain_data_for_the_api(sender: Any) -> None:
    store, id = sender.store, sender.send().id
    store.add_note(id, "Ada", "Note")
    undone: Event = store.events(id)[-1]
    store.undo(id, "Bob")
    row = store.events(id)[1].to_dict()
    assert row["undone_by"] == "Bob"
    assert isinstance(row["undone_at"], str)
    assert {name: row[name] for name in ("id", "submission", "who", "kind", "after")} == {
        "id": undone.id, "submission": id, "who": "Ada", "kind": "note", "after": "Note",
    }  # fmt: skip
    assert issubclass(ConflictError, DetectorError)
