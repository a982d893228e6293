"""The text report: golden files, width, and nothing that a hostile page could do to a terminal.

After a wanted change: `UPDATE_GOLDEN=1 pytest tests/report`, then read the difference.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Block, Document, Partner, Span
from detector.model import logit
from detector.report.ink import CLOSE, OPEN, Ink, clean
from detector.report.terminal import TextReport, excerpt, render
from detector.report.words import percent, shown_pushes, where
from detector.verdict import Failure, Finding, ModelId, Outcome, Thresholds, Verdict

GOLDEN = Path(__file__).parent / "golden"

TEXT = """Keeping bees on a flat roof

A hive on a roof needs shade at noon and a bowl of water close by. Before you read on the cheap beehive kits page, check
that the roof carries eighty kilograms, which is what a full hive weighs in August.

In spring the colony grows quickly, so look into the hive once a week and give it room.

Neighbours worry about stings. Ours got a jar of honey each, and nobody has complained in six years.

As the colony grows fast in spring, open the hive every week and make sure that it has room.
"""


def span(words: str, says: str = "", instead: tuple[str, ...] = (), partner: str | None = None) -> Span:
    start = TEXT.index(words)
    other = None
    if partner:
        at = TEXT.index(partner)
        other = Partner("bees.md", None, at, at + len(partner))
    return Span(start, start + len(words), says, instead, other)


def page(source: str = "markdown") -> Document:
    blocks = [Block(m.start(), m.end(), "paragraph") for m in re.finditer(r"\S(?:.|\n(?!\n))*", TEXT)]
    return Document("bees.md", TEXT, tuple(blocks), title="Keeping bees on a flat roof", source=source)


FIRST, LAST = "In spring the colony grows quickly", "As the colony grows fast in spring"
FINDINGS = (
    Finding(
        "near_duplicate",
        1.2,
        1.684,
        "Two passages say the same in other words.",
        (span(FIRST, "Told twice.", partner=LAST), span(LAST, "Told twice.", partner=FIRST)),
    ),
    Finding(
        "injected_anchor",
        0.9,
        1.204,
        "A link phrase stands in a sentence it does not fit.",
        (
            span(
                "on the cheap beehive kits page",
                "The sentence reads on without these words.",
                ("on", "further"),
            ),
        ),
    ),
    Finding(
        "trust", 2.0, -0.4149, "Somebody answers for this page.", tuple(span(w) for w in TEXT.split()[20:27])
    ),
    Finding("thin_specifics", 0.1, 0.333, "Nothing here can be checked."),
    Finding(
        "readability",
        7.7,
        0.0,
        "The school grade that the text asks of its reader.",
        (span("eighty kilograms"),),
    ),
)


def verdict(
    outcome: Outcome, bias: float | None = -0.75, findings: tuple[Finding, ...] = FINDINGS, **more: object
) -> Verdict:
    total = None if bias is None else bias + sum(f.push for f in findings)
    score = None if total is None else 1 / (1 + 2.718281828459045**-total)
    fields: dict[str, object] = {
        "id": "bees.md",
        "url": None,
        "title": "Keeping bees on a flat roof",
        "outcome": outcome,
        "score": score,
        "bias": bias,
        "findings": findings,
        "words": 1243,
        "language": "en",
        "model": ModelId("tiny", "1.0.0", "0" * 64),
        "thresholds": Thresholds(0.55, 0.9),
    }
    return Verdict(**{**fields, **more})  # type: ignore[arg-type]


def unscored(**fields: object) -> Verdict:
    return verdict("unscored", None, (), **fields)


VERDICTS: dict[str, tuple[Verdict, Document | None]] = {
    "review": (verdict("review"), page()),
    "publish": (
        verdict("publish", -3.0, (), words=80, reason="low_confidence", url="https://example.org/bees"),
        page(),
    ),
    "too_short": (unscored(reason="too_short: 12 words of running text, at least 50 are needed"), page()),
    "unreadable": (
        unscored(title=None, reason="unreadable", error=Failure("binary", "this is a picture, not a page")),
        None,
    ),
}


@pytest.mark.parametrize("color", [False, True], ids=["plain", "color"])
@pytest.mark.parametrize("name", VERDICTS)
def test_golden(name: str, color: bool) -> None:
    out = io.StringIO()
    report = TextReport(out, color=color, width=88)
    report.add(*VERDICTS[name])
    report.close()
    path = GOLDEN / f"{name}{'.color' if color else ''}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(out.getvalue(), "utf-8", newline="\n")
    assert out.getvalue() == path.read_text("utf-8")


@pytest.mark.parametrize("width", [60, 80, 110])
@pytest.mark.parametrize("name", VERDICTS)
def test_lines_fit(name: str, width: int) -> None:
    for line in render(*VERDICTS[name], ink=Ink(False), width=width):
        assert len(line) <= width, line


def test_several_verdicts_are_told_apart() -> None:
    out = io.StringIO()
    report = TextReport(out, width=40)
    report.add(*VERDICTS["too_short"])
    report.add(*VERDICTS["unreadable"])
    assert out.getvalue().count("─" * 40) == 1


def test_base_rate_is_named() -> None:
    lines = " ".join(render(*VERDICTS["review"], ink=Ink(False), width=200, base_rate=0.05))
    assert "if 5 % of all pages deserved it" in lines


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\x00 bell\r\nline \ue000mark\ue001 end"


def test_a_hostile_page_cannot_act_on_the_terminal() -> None:
    text = (HOSTILE + " words ") * 5
    document = Document(HOSTILE, text, (Block(0, len(text), "paragraph"),), title=HOSTILE, url=HOSTILE)
    evil = Span(3, 60, HOSTILE, (HOSTILE,), Partner("other", HOSTILE, 0, 3))
    finding = Finding("plug", 1.0, 1.0, HOSTILE, (evil, Span(5, 20, "", (), Partner(HOSTILE, None, 0, 9))))
    answers = (
        verdict("reject", findings=(finding,), id=HOSTILE, title=HOSTILE, url=HOSTILE, language="en"),
        unscored(id=HOSTILE, title=HOSTILE, reason="unreadable", error=Failure("x", HOSTILE)),
    )
    for answer in answers:
        for line in render(answer, document, ink=Ink(False), width=80):
            assert line.isprintable(), line


@given(st.text(max_size=200))
def test_clean_text_is_one_harmless_line(text: str) -> None:
    cleaned = clean(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ue000\ue001]", cleaned)


@given(st.text(alphabet="ab \n", min_size=1, max_size=400), st.data())
def test_an_excerpt_shows_the_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quoted = excerpt(Document("d", text, (Block(0, len(text), "paragraph"),)), start, end)
    inside = quoted[quoted.index(OPEN) + 1 : quoted.index(CLOSE)]
    if len(clean(text[start:end])) <= 200:
        assert inside == clean(text[start:end])


def test_places() -> None:
    assert where(page(), TEXT.index("Neighbours")) == "line 8"
    assert where(page("html"), TEXT.index("Neighbours")) == "paragraph 4"


@given(st.floats(-8, 8), st.lists(st.floats(-6, 6), max_size=20))
def test_the_printed_column_adds_up(bias: float, pushes: list[float]) -> None:
    findings = tuple(Finding("s", 1.0, push, "") for push in pushes)
    shown = shown_pushes(bias, findings)
    assert abs(sum(shown) - 100 * (bias + sum(pushes))) <= 0.5 + 1e-6
    for printed, exact in zip(shown, (bias, *pushes), strict=True):
        assert abs(printed - 100 * exact) <= 1 + 1e-6


def test_nothing_is_certain() -> None:
    assert percent(0.999) == "over 99 %"
    assert percent(0.001) == "under 1 %"
    assert percent(0.5) == "50 %"


def test_the_sum_is_the_score() -> None:
    answer, _ = VERDICTS["review"]
    assert answer.score is not None
    assert sum(shown_pushes(answer.bias or 0, answer.findings)) == round(100 * logit(answer.score))


@pytest.mark.parametrize("lines", [["a", "b"], [f"a{OPEN}b", f"c{CLOSE}d", "e"]])
def test_colour_ends_with_every_line(lines: list[str]) -> None:
    for line in Ink(True).highlight(lines, "4"):
        assert line.count("\x1b[4m") == line.count("\x1b[0m")
