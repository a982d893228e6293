"""Documents in, verdicts out: what is not scored says why, what is scored adds up and points at real places."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector import signals
from detector.document import Document, Unreadable
from detector.errors import UsageError
from detector.model import logit
from detector.score import Accept, Detector
from detector.tables import Tables
from detector.verdict import Evidence, Verdict

FRENCH = "le chat dort dans la maison et les enfants jouent avec une balle pour le plaisir du jour " * 6
KEYWORDS = "skin cream price buy serum glow mask peel acne tone face lotion " * 8


@pytest.fixture
def detector(tiny_model: Path) -> Detector:
    return Detector.load(tiny_model)


def check(verdict: Verdict, document: Document) -> None:
    """What holds of every verdict."""
    if verdict.outcome == "unscored":
        assert verdict.score is None
        assert verdict.bias is None
        assert verdict.reason
        assert not verdict.findings
        return
    assert verdict.score is not None
    assert verdict.bias is not None
    assert verdict.bias + math.fsum(f.push for f in verdict.findings) == pytest.approx(
        logit(verdict.score), abs=1e-6
    )
    for finding in verdict.findings:
        assert finding.spans or finding.push or finding.accepted
        assert finding.says
        assert math.isfinite(finding.value)
        assert finding.value >= 0
        for span in finding.spans:
            assert 0 <= span.start < span.end <= len(document.text)
    assert [abs(f.push) for f in verdict.findings] == sorted(
        (abs(f.push) for f in verdict.findings), reverse=True
    )
    review, reject = verdict.thresholds.review, verdict.thresholds.reject
    expected = "reject" if verdict.score >= reject else "review" if verdict.score >= review else "publish"
    assert verdict.outcome == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "too_short: 0 words"),
        ("A few words only.", "too_short: 4 words"),
        ("One.", "too_short: 1 word of"),
        (FRENCH, "not_english: reads as 'fr'"),
        (KEYWORDS, "no_prose"),
        ("the of and a to in is it for with " * 40, "no_prose"),
    ],
)
def test_unscored(detector: Detector, text: str, reason: str) -> None:
    document = Document.from_text(text)
    verdict = detector.score(document)
    assert verdict.outcome == "unscored"
    assert (verdict.reason or "").startswith(reason)
    check(verdict, document)


def test_a_page_of_tables_is_no_prose(detector: Detector) -> None:
    rows = "".join(f"<tr><td>Treatment number {i}</td><td>{i * 10} pounds</td></tr>" for i in range(60))
    verdict = detector.score(Document.from_html(f"<html><body><table>{rows}</table></body></html>"))
    assert (verdict.reason or "").startswith("no_prose")


def test_low_confidence(detector: Detector, plain_text: str) -> None:
    short = detector.score(Document.from_text(" ".join(plain_text.split()[:80])))
    assert 50 <= short.words < 120
    assert short.reason == "low_confidence"
    assert short.score is not None
    assert detector.score(Document.from_text(plain_text)).reason is None


def test_an_unreadable_input_is_answered(detector: Detector) -> None:
    verdict = detector.answer(
        Unreadable("row-7", "binary", "this is a picture", "https://example.org/a", "A")
    )
    assert (verdict.id, verdict.url, verdict.title) == ("row-7", "https://example.org/a", "A")
    assert verdict.outcome == "unscored"
    assert verdict.error is not None
    assert verdict.error.kind == "binary"


def test_one_verdict_for_every_input_in_order(detector: Detector, plain_text: str) -> None:
    inputs = [
        Document.from_text(plain_text, id="a"),
        Unreadable("b", "empty", "nothing there"),
        Document.from_text("", id="c"),
    ]
    assert [v.id for v in detector.score_many(inputs)] == ["a", "b", "c"]


def test_scoring_twice_gives_the_same_verdict(detector: Detector, plain_text: str) -> None:
    assert detector.score(Document.from_text(plain_text)) == detector.score(Document.from_text(plain_text))


# What is ignored, what is accepted


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two signals that shout and one that trusts, on every page but the model's canary."""
    for name, value in (("plug", 3.0), ("template_filler", 2.0), ("trust", 1.0)):
        signal = signals.registry()[name]

        def measure(document: Document, tables: Tables, quiet=signal.measure, value=value) -> Evidence:  # type: ignore[no-untyped-def]
            return quiet(document, tables) if document.id == "canary" else Evidence(value)

        monkeypatch.setattr(signal, "measure", measure)


def pushes(verdict: Verdict) -> dict[str, float]:
    return {f.signal: f.push for f in verdict.findings}


def test_an_ignored_signal_is_neither_measured_nor_listed(
    tiny_model: Path, plain_text: str, loud: None
) -> None:
    document = Document.from_text(plain_text)
    every = Detector.load(tiny_model)
    fewer = Detector.load(tiny_model, ignore=["plug", "readability"])
    assert fewer.measure(document).keys() == every.measure(document).keys() - {"plug", "readability"}
    verdict = fewer.score(document)
    check(verdict, document)
    assert pushes(verdict) == {k: v for k, v in pushes(every.score(document)).items() if k != "plug"}
    assert verdict.bias == every.score(document).bias


def test_an_unknown_signal_to_ignore_is_named_with_its_neighbours(tiny_model: Path) -> None:
    with pytest.raises(UsageError, match=r"no signal 'wording_span'; did you mean wording_spam"):
        Detector.load(tiny_model, ignore=["wording_span"])
    with pytest.raises(UsageError, match="detector explain"):
        Detector.load(tiny_model, ignore=["qqq"])


def test_an_accepted_finding_is_listed_and_pushes_nothing(
    tiny_model: Path, plain_text: str, loud: None
) -> None:
    document = Document.from_text(plain_text)
    before = Detector.load(tiny_model).score(document)
    verdict = Detector.load(tiny_model, accept=lambda *_: {"plug": ("baseline", "a comment")}).score(document)
    check(verdict, document)
    assert before.outcome == "reject"
    assert verdict.outcome != "reject"
    assert pushes(verdict) == {**pushes(before), "plug": 0.0}
    (plug,) = (f for f in verdict.findings if f.signal == "plug")
    assert plug.accepted == ("baseline", "a comment")
    assert plug.says == f"{signals.registry()['plug'].SAYS} (accepted: baseline; a comment)"
    assert plug.value == 3.0


def test_only_what_speaks_for_rejection_can_be_accepted(
    tiny_model: Path, plain_text: str, loud: None
) -> None:
    asked: list[str] = []
    accept: Accept = lambda _, evidence: asked.extend(evidence) or {}  # noqa: E731
    Detector.load(tiny_model, accept=accept).score(Document.from_text(plain_text))
    assert {"plug", "template_filler"} <= set(asked)
    assert not {"trust", "readability"} & set(asked)


_PIECES = st.sampled_from(
    [
        "We measured the room twice on Monday, and it was 4.2 metres wide.",
        "This is the best and most amazing product for everyone.",
        "In conclusion, it is important to note that there are many benefits.",
        "# A heading\n\n",
        "\n\n",
        "- one item\n- another item\n",
        "“Quoted words” and 'more of these'.",
        "[a link](https://example.org/page)",
        "<b>bold</b>",
        "|a|b|\n|-|-|\n|1|2|\n",
        "```\ncode\n```\n",
        "THE SAME TITLE AGAIN",
    ]
)
_TEXTS = st.lists(st.one_of(_PIECES, _PIECES, st.text(max_size=40)), max_size=40).map(" ".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_TEXTS, kind=st.sampled_from(["text", "markdown", "html"]))
def test_every_verdict_adds_up_and_every_offset_is_valid(detector: Detector, text: str, kind: str) -> None:
    read = {"text": Document.from_text, "markdown": Document.from_markdown, "html": Document.from_html}[kind]
    document = read(text)
    check(detector.score(document), document)


@pytest.mark.parametrize("hide", ["\u00ad", "\u200b", "\u034f"])
def test_a_disguised_page_is_measured_as_people_read_it(tiny_model: Path, plain_text: str, hide: str) -> None:
    detector = Detector.load(tiny_model)
    plain_text = re.sub(r"(?<!\n)\n(?!\n)", " ", plain_text)  # lines that are wrapped would grow too long
    hidden = re.sub(r"([a-z]{2})(?=[a-z]{2})", rf"\1{hide}", plain_text)
    plain, written = (detector.measure(Document.from_text(t, id="page")) for t in (plain_text, hidden))
    for name, evidence in plain.items():
        if name != "hidden_text":
            assert written[name].value == evidence.value, name
            found = [hidden[s.start : s.end].replace(hide, "") for s in written[name].spans]
            assert found == [plain_text[s.start : s.end] for s in evidence.spans], name
