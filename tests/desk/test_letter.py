"""The draft of the letter to an author."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("docx", reason="needs detector[desk]")

from detector import explain
from detector.desk.letter import ADVICE, draft
from detector.document import Document

TEXT = """The bench by the canal

Harold counts the boats on Tuesdays. Last week there were nine.

cheap hire cars The baker keeps a loaf back for him.

On Tuesdays Harold counts boats.
"""
DOCUMENT = Document.from_text(TEXT, id="s1")
NEVER = re.compile(r"\b(?:spam|AI|A\.I\.|scores?|models?|algorithm|machine|robot|generated|spun|plagiari\w+|detector|"
                   r"log-odds|probability|percent|cheat\w*|lazy|bad|poor|stupid|fake)\b|%", re.IGNORECASE)  # fmt: skip


def finding(signal: str, *words: str, push: float = 2.0, **more: Any) -> dict[str, Any]:
    spans = [
        {"start": TEXT.index(w), "end": TEXT.index(w) + len(w), "text": w, "says": "Reads as if spun by a model.",
         "instead": [], "partner": None} | more
        for w in words
    ]  # fmt: skip
    return {"signal": signal, "value": 1.0, "push": push, "says": "Mass-produced, 97 % spam.", "spans": spans}


def verdict(*findings: dict[str, Any], outcome: str = "review", **more: Any) -> dict[str, Any]:
    return {"id": "s1", "outcome": outcome, "score": 0.97, "reason": None, "findings": list(findings)} | more


def event(kind: str, signal: str | None, words: str = "", **more: Any) -> dict[str, Any]:
    start = TEXT.index(words) if words else 0
    return {"kind": kind, "signal": signal, "start": start, "end": start + len(words), "quote": words} | more


def letter(*findings: dict[str, Any], **options: Any) -> str:
    submission = {"author": "Ruth Palmer", "title": "The bench", "state": "new"} | options.pop(
        "submission", {}
    )
    return draft(submission, verdict(*findings, **options.pop("verdict", {})), DOCUMENT, **options)


def points(text: str) -> list[str]:
    return re.findall(r"^\d+\. (.*)$", text, re.MULTILINE)


def test_every_signal_has_its_advice() -> None:
    assert ADVICE.keys() == explain.known().keys()
    for advice in ADVICE.values():
        assert advice.wrong.endswith(".")
        assert "please" in advice.do.lower()
    assert len({advice.wrong for advice in ADVICE.values()}) == len(ADVICE)


@pytest.mark.parametrize("signal", sorted(ADVICE))
@pytest.mark.parametrize("state", ["new", "needs_edits", "accepted", "rejected"])
def test_no_letter_speaks_of_scores_or_models_or_accuses(signal: str, state: str) -> None:
    says = (
        "A regulator says otherwise."
        if signal == "contradicted_claim"
        else "Reads as if spun by a model, 97 %."
    )
    text = letter(finding(signal, "nine", says=says), submission={"state": state})
    assert not NEVER.search(text), NEVER.search(text)
    assert ADVICE[signal].do in text or (state == "accepted" and not ADVICE[signal].quotes)


def test_a_letter_from_greeting_to_name() -> None:
    text = letter(finding("injected_anchor", "cheap hire cars"), submission={"assignee": "Ann"})
    assert text == (
        "Dear Ruth,\n\n"
        "Thank you for sending us “The bench”. We would like to publish it, and some places need your hand first. "
        "Could you go through the list below and send us a new version?\n\n"
        "1. Paragraph 3, “cheap hire cars”. These words do not belong to the sentences around them. Please take them "
        "out; the text reads better without them.\n\n"
        "If you see any of this differently, please tell us; we may have read a place in a way that you did not mean. "
        "We look forward to the new version.\n\n"
        "With kind regards,\nAnn\n"
    )


@pytest.mark.parametrize(
    ("state", "outcome", "says"),
    [
        ("accepted", "reject", "would like to publish it. Before"),
        ("needs_edits", "publish", "send us a new version"),
        ("rejected", "publish", "sorry to say"),
        ("new", "publish", "would like to publish it. Before"),
        ("new", "review", "send us a new version"),
        ("new", "reject", "sorry to say"),
    ],
)
def test_the_tone_follows_the_decision_and_the_outcome_until_there_is_one(
    state: str, outcome: str, says: str
) -> None:
    assert says in letter(finding("plug", "nine"), submission={"state": state}, verdict={"outcome": outcome})


def test_without_anything_to_correct_it_is_a_short_thank_you() -> None:
    slight = (finding("plug", "nine", push=0.2), finding("wording_spam", "nine"), finding("stitched"))
    text = letter(*slight, verdict={"outcome": "publish"})
    assert "There is nothing that you need to change." in text
    assert not points(text)


def test_a_decision_against_the_text_without_findings_needs_no_list() -> None:
    assert "does not fit what we publish at the moment" in letter(submission={"state": "rejected"})


@pytest.mark.parametrize(
    ("author", "greeting"),
    [
        ("Ruth Palmer", "Dear Ruth,"),
        ("Palmer, Ruth", "Dear Ruth,"),
        ("Dr. Ruth Palmer", "Dear Dr. Palmer,"),
        ("Jean-Luc", "Dear Jean-Luc,"),
        ("Siân O’Neill", "Dear Siân,"),
        ("ruth@example.org", "Hello,"),
        ("The Wellness Team", "Hello,"),
        ("https://example.org", "Hello,"),
        ("Ruth\r\nBcc: all@example.org", "Hello,"),
        ("", "Hello,"),
        (None, "Hello,"),
    ],
)
def test_the_author_is_greeted_by_first_name_where_there_is_one(author: str | None, greeting: str) -> None:
    assert letter(submission={"author": author}).splitlines()[0] == greeting


def test_six_points_at_most_the_strongest_first() -> None:
    signals = [
        "plug",
        "doorway",
        "stitched",
        "spun_phrase",
        "hollow_prose",
        "trust",
        "hidden_text",
        "fake_authority",
    ]
    told = points(letter(*(finding(s, "nine", push=1.0 + n) for n, s in enumerate(signals))))
    assert [ADVICE[signal].do in point for signal, point in zip(signals[:1:-1], told, strict=True)] == [
        True
    ] * 6


def test_places_are_quoted_short_with_their_paragraphs() -> None:
    long = TEXT[TEXT.index("Harold") :]
    (point,) = points(letter(finding("hollow_prose", long, "nine", "baker", "loaf", "boats.")))
    assert point.startswith("Paragraph 2, “Harold counts")
    assert "…”; paragraph 2, “nine”; paragraph 3, “baker”; and 2 more places like these. This part" in point


def test_a_better_word_and_the_other_place_of_a_pair_are_named() -> None:
    (spun,) = points(letter(finding("spun_phrase", "nine", instead=["ten", "two"])))
    assert "“nine” (perhaps “ten”)" in spun
    first, second = "Harold counts the boats", "On Tuesdays Harold counts boats"
    pair = finding("near_duplicate", first, second)
    for span, other in zip(pair["spans"], (second, first), strict=True):
        span["partner"] = {"id": "s1", "url": None, "start": TEXT.index(other), "end": TEXT.index(other) + 3}
    (point,) = points(letter(pair))
    assert point.startswith(
        "Paragraph 2, “Harold counts the boats” (and again in paragraph 4). The text says"
    )
    pair["spans"][0]["partner"]["id"] = "another page"
    assert "again" not in points(letter(pair))[0].partition(";")[0]


def test_a_contradicted_claim_is_told_with_who_contradicts_it() -> None:
    (point,) = points(letter(finding("contradicted_claim", "nine", says="The agency counts ten (2024).")))
    assert "say something else. The agency counts ten (2024). Please" in point


def test_what_an_editor_calls_fine_is_left_out_and_what_was_missed_comes_first() -> None:
    plug = finding("plug", "nine", "baker")
    fine = event("fine", "plug", "baker")
    assert "baker" not in letter(plug, feedback=[fine])
    assert not points(letter(plug, feedback=[fine, event("fine", "plug", "nine")]))
    assert not points(letter(plug, feedback=[event("fine", "plug")]))
    assert not points(letter(finding("plug"), feedback=[event("fine", "plug")]))
    assert "baker" in letter(plug, feedback=[{**fine, "undone_at": "2026-01-01"}])
    assert "baker" in letter(plug, feedback=[event("fine", "doorway", "baker")])
    missed = [event("missed", None, "loaf", note="Which loaf?"), event("missed", "doorway", "boats")]
    told = points(letter(plug, feedback=missed))
    assert (
        told[0]
        == "Paragraph 3, “loaf”. This place needs another look. Which loaf? Please go over it once more."
    )
    assert ADVICE["doorway"].do in told[1]
    assert ADVICE["plug"].do in told[2]


def match(**more: Any) -> dict[str, Any]:
    passage = {"start": TEXT.index("Last week"), "end": TEXT.index("nine")}
    return {"kind": "archive", "title": "Boats", "url": "https://a.example/boats", "author": "Sam", "likeness": 0.5,
            "how": "copied", "passages": [passage]} | more  # fmt: skip


def test_a_published_text_that_is_alike_is_named() -> None:
    (point,) = points(letter(matches=[match(kind="submission", likeness=0.9, title="Secret"), match()]))
    assert point.startswith(
        "A large part of it stands word for word in “Boats” (https://a.example/boats), for instance paragraph 2, "
        "“Last week there were”. We publish what is new"
    )
    assert not NEVER.search(point)


def test_what_somebody_else_sent_is_not_given_away() -> None:
    text = letter(matches=[match(kind="submission", title="Secret", url=None, how="reworded", likeness=0.9)])
    assert "Nearly all of it is told in much the same way in another text that we have" in text
    assert "Secret" not in text
    assert "Sam" not in text
    own = letter(matches=[match(kind="submission", title="Mine", author="Ruth Palmer", likeness=0.1)])
    assert "Some of it stands word for word in what you sent us before, “Mine”" in own


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("too_short: 12 words of running text, at least 50 are needed", "too short for us to judge"),
        ("not_english: reads as 'de'", "in English only"),
        ("no_prose: only tables", "hardly any running text"),
        ("unreadable", "could not open it"),
        (None, "could not open it"),
    ],
)
def test_a_text_that_could_not_be_judged_is_asked_for_again(reason: str | None, says: str) -> None:
    assert says in letter(verdict={"outcome": "unscored", "score": None, "reason": reason})


def test_a_hostile_title_stays_on_its_line_and_shows_nothing_unseen() -> None:
    title = "A title\r\n\r\nBcc: all@example.org\n\x00\x1b[31m\u202e" + "x" * 5000
    lines = letter(submission={"title": title}).splitlines()
    assert lines[2].startswith("Thank you for sending us “A title Bcc: all@example.org")
    assert len(lines[2]) < 500
    assert all(line.isprintable() for line in lines)


def test_the_title_is_the_one_on_the_page_where_nobody_gave_another() -> None:
    page = Document.from_markdown("# The *bench*\n\nHarold counts the boats.")
    assert "sending us “The *bench*”" in draft({"title": ""}, verdict(), page)
    assert "sending us your article" in draft({}, verdict(), Document.from_text("harold counts the boats."))


@given(st.text(), st.text(), st.text(), st.integers(0, 300), st.integers(0, 300))
def test_whatever_stands_in_it_a_letter_is_plain_text_and_the_same_each_time(
    title: str, author: str, note: str, start: int, end: int
) -> None:
    odd = finding("plug", "nine", start=start, end=end)
    missed = event("missed", note, note=note) | {"start": end, "end": start}
    submission = {"title": title, "author": author, "assignee": note}
    once, again = (
        letter(odd, submission=submission, feedback=[missed], matches=[match(title=note)]) for _ in "ab"
    )
    assert once == again
    assert all(line.isprintable() for line in once.splitlines())
    assert once.endswith("\n")
