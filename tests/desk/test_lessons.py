"""What was decided at the desk becomes pages to learn from, and a report of where editors and model disagree."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest

from detector.desk import lessons
from detector.desk.store import State, Store
from detector.document import Document, Span
from detector.errors import UsageError
from detector.score import Detector
from detector.verdict import Failure, Finding, ModelId, Outcome, Thresholds, Verdict

TEXT = "Tea\n\nGreen tea cures colds at once, and best tea shop online is near. Drink it while it is hot."


def place(words: str) -> Span:
    at = TEXT.index(words)
    return Span(at, at + len(words), "Odd.")


CLAIM, PHRASE = place("cures colds"), place("best tea shop online")
FINDINGS = (
    Finding("unsupported_claim", 1.0, 1.2, "A claim.", (CLAIM,)),
    Finding("injected_anchor", 1.0, 0.8, "A phrase.", (PHRASE, place("near"))),
    Finding("trust", 1.0, -0.5, "A name."),
)


def send(
    store: Store,
    author: str,
    state: State | None = None,
    outcome: Outcome = "reject",
    score: float | None = 0.9,
    findings: tuple[Finding, ...] = FINDINGS,
) -> str:
    sent = store.add(TEXT.encode(), form="text", name="tea.txt", author=author)
    document = Document.from_text(TEXT, id=sent.id, title="Tea")
    verdict = Verdict(
        sent.id, None, "Tea", outcome, score, None if score is None else 0.0, findings, 18, "en",
        ModelId("tiny", "1", "0"), Thresholds(0.5, 0.8), error=Failure("binary", "no text") if score is None else None,
    )  # fmt: skip
    store.answer(sent.id, document=document.to_dict(), verdict=verdict.to_dict(document))
    if state:
        store.decide(sent.id, "Ada", state=state)
    return sent.id


def feedback(store: Store, id: str, kind: Any, signal: str | None, span: Span | None = None) -> None:
    start, end = (span.start, span.end) if span else (0, 0)
    store.feedback(id, "Ada", kind=kind, signal=signal, start=start, end=end, quote=TEXT[start:end])


def written(store: Store) -> tuple[lessons.Counts, list[dict[str, Any]]]:
    out = io.StringIO()
    counts = lessons.write(store, out)
    return counts, [json.loads(line) for line in out.getvalue().splitlines()]


def test_decisions_and_marks_become_labelled_pages(store: Store) -> None:
    one, other = send(store, "Ann Lee", "rejected"), send(store, " ann lee ", "accepted")
    send(store, "Bob")  # not decided
    feedback(store, one, "fine", "unsupported_claim", CLAIM)
    feedback(store, one, "missed", "plug", PHRASE)
    feedback(store, other, "fine", "injected_anchor", PHRASE)
    counts, rows = written(store)
    assert (counts.decided, counts.accepted, counts.rejected, counts.fine, counts.missed) == (2, 1, 1, 2, 1)
    first, second = sorted(rows, key=lambda row: row["verdict"], reverse=True)
    assert (first["id"], first["verdict"], second["verdict"]) == (one, "reject", "publish")
    assert first["site"] == second["site"] == "ann lee"
    assert first["quotes"] == [{"signal": "plug", "text": "best tea shop online"}]
    # its only place is fine, so all of that finding is; of the other finding one place is not
    assert first["fine"] == [
        {"signal": "unsupported_claim", "text": "cures colds"},
        {"signal": "unsupported_claim", "text": ""},
    ]
    assert second["fine"] == [{"signal": "injected_anchor", "text": "best tea shop online"}]


def test_training_reads_what_the_desk_writes(store: Store, tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="needs detector[train]")
    from detector.train.data import read_own

    id = send(store, "", "needs_edits")
    feedback(store, id, "missed", "injected_anchor", PHRASE)
    file = tmp_path / "desk.jsonl"
    with file.open("w", encoding="utf-8") as out:
        lessons.write(store, out)
    (example,) = read_own(file)
    assert (example.id, example.label, example.source) == (id, None, f"own/{id}")
    assert [TEXT[m.start : m.end] for m in example.marks] == ["best tea shop online"]


def test_what_was_taken_back_teaches_nothing(store: Store) -> None:
    id = send(store, "Ann", "rejected")
    feedback(store, id, "missed", "plug", PHRASE)
    store.undo(id, "Ada")
    assert written(store)[1][0]["quotes"] == []
    store.undo(id, "Ada")
    assert written(store)[1] == []


def test_where_editors_and_model_disagree(store: Store) -> None:
    sure = send(store, "Ann", "accepted", "reject", 0.97)
    mild = send(store, "Bob", "accepted", "review", 0.6)
    missed = send(store, "Cy", "rejected", "publish", 0.1, ())
    send(store, "Di", "rejected", "reject", 0.9)
    send(store, "Ed", "rejected", "unscored", None, ())
    feedback(store, sure, "fine", "unsupported_claim", CLAIM)
    feedback(store, missed, "missed", "plug", PHRASE)
    report = lessons.disagreements(store)
    assert report.met[("accepted", "reject")] == 1
    assert report.met[("rejected", "unscored")] == 1
    assert [d.id for d in report.disagreements] == [sure, missed, mild]
    records = {r.signal: r for r in report.signals}
    assert records["unsupported_claim"][1:] == (3, 1, 0, 2, 1)
    assert records["plug"][1:] == (0, 0, 1, 0, 0)
    assert "trust" not in records, "it never speaks against a page"
    text = "\n".join(report.lines())
    assert "accepted  though reject   97%  Tea (unsupported claim, injected anchor)" in text
    assert json.loads(json.dumps(report.to_dict()))["counts"]["fine"] == 1


def test_nothing_decided_is_a_report_too(store: Store) -> None:
    send(store, "Ann")
    report = lessons.disagreements(store)
    assert next(report.lines()).startswith("0 decisions of the desk")
    assert report.disagreements == []


# --- detector train --with-desk --------------------------------------------------------------------------------------


@pytest.fixture
def trained(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A models folder with a model in use, and a training that gives the same model under another name."""
    pytest.importorskip("sklearn", reason="needs detector[train]")
    import shutil

    from detector.train import data, fit

    models = tmp_path / "models"
    shutil.copytree(tiny_model, models / "old")
    (models / "CURRENT").write_text("old\n", "utf-8")
    given: dict[str, Any] = {"models": models}

    def train(**options: Any) -> fit.Trained:
        given["pages"] = [e for file in options["pages"] for e in data.read_own(file)]
        shutil.copytree(tiny_model, models / options["name"])
        return fit.Trained(models / options["name"], [fit.OwnPage(e, 3.0) for e in given["pages"]])

    monkeypatch.setattr(fit, "train", train)
    return given


def run(models: Path, database: str, **changed: Any) -> int:
    from detector.commands.train import train

    options = {
        "with_desk": database, "replace": None, "output": models, "name": "new", "pages": [], "data": None,
        "corpus": models, "thesaurus": None, "jobs": 1, **changed,
    }  # fmt: skip
    return train(argparse.Namespace(**options))


def test_a_model_taught_by_the_desk_is_compared_before_it_replaces_the_old(
    trained: dict[str, Any], store: Store, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    id = send(store, "Ann", "rejected")
    models = trained["models"]
    assert run(models, database_url) == 0  # nobody at a terminal says yes
    assert [(e.id, e.label) for e in trained["pages"]] == [(id, 1)]
    out, err = capsys.readouterr()
    assert "(in use)" in out
    assert "1 decisions of the desk: 0 accepted, 1 rejected" in err
    assert "fewer than 50 decisions teach little" in err
    assert "stays in use" in err
    assert (models / "CURRENT").read_text("utf-8") == "old\n"
    assert run(models, database_url, name="newer", replace=True) == 0
    assert (models / "CURRENT").read_text("utf-8") == "newer\n"
    assert Detector.load(models / "old").model.name == "tiny", "the old model is kept"


def test_the_model_in_use_is_never_overwritten(
    trained: dict[str, Any], store: Store, database_url: str
) -> None:
    send(store, "Ann", "rejected")
    with pytest.raises(UsageError, match="give the new one another --name"):
        run(trained["models"], database_url, name="old")


def test_nothing_decided_trains_nothing(trained: dict[str, Any], store: Store, database_url: str) -> None:
    send(store, "Ann")
    with pytest.raises(UsageError, match="nothing was decided"):
        run(trained["models"], database_url)
