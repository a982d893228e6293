"""Pasted phrases: the whole phrase is marked, and nothing on the same page without it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals import injected_anchor
from detector.signals._reading import read
from detector.signals.injected_anchor import LONGEST, REST, SHORTEST, at_cuts, candidates, measure, stretches
from detector.signals.injected_anchor import TABLES as NEEDED
from detector.tables import Tables

# {} stands where something is pasted; taken out, the page is an honest one.
PAGE = """Looking after a sprained ankle

A sprained ankle swells because small blood vessels tear when the ligament is stretched. Rest the foot for two days and
put ice on it for fifteen minutes, four times a day, with a towel between the ice and the skin. {first}Most people can
put some weight on the foot again after the third day.

Start to move the ankle as soon as the pain allows. Draw the letters of the alphabet with your toes, then stand on the
injured leg while you brush {second}your teeth. A physiotherapist can show you how to tape the joint before you go back
to football or running.
{third}
See a doctor if you cannot take four steps, if the bone hurts when you press on it, or if the swelling has not gone
down after ten days. An X-ray shows whether anything is broken. Old sprains that give way again and again sometimes need
an operation, but exercises for balance help most people."""

PASTED = [
    ("second", "Buy Knee Braces Online", "{} "),
    ("third", "best running shoes for flat feet women", "\n{}\n"),
    ("third", "how much does botox cost near me", "\n{}\n"),
    ("first", "cheap car insurance quotes online has been shown to help. ", "{}"),
    ("second", "click here for more information", "{} "),
    ("second", "emergency dentist Manchester", "{} "),
    ("third", "order weight loss pills online", "\n{}\n"),
]
HONEST = [
    (Path(__file__).parents[2] / "corpus" / "texts" / f"{name}.good.md").read_text("utf-8")
    for name in ("magnesium", "hip-replacement-recovery", "yoga-for-seniors")
]
FOUND = 4  # of these: what is learned is not certain


def filled(place: str = "", phrase: str = "") -> str:
    return PAGE.format(**{"first": "", "second": "", "third": "", **({place: phrase} if place else {})})


def pasted(place: str, phrase: str, frame: str) -> tuple[str, int, int]:
    """A page with a phrase, and where the phrase stands; of a pasted sentence only what was for sale counts."""
    text = filled(place, frame.format(phrase))
    sold = phrase.split(" has been")[0].strip()
    return text, text.index(sold), text.index(sold) + len(sold)


trained = pytest.mark.usefixtures("_trained")


@pytest.fixture
def _trained(tables: Tables) -> None:
    if missing := set(NEEDED) - tables.arrays.keys():
        pytest.skip(f"the current model has no {', '.join(sorted(missing))}")


def found(text: str, tables: Tables) -> list[str]:
    return [text[s.start : s.end] for s in measure(Document.from_text(text), tables).spans]


def test_without_trained_tables_nothing_is_seen() -> None:
    for case in PASTED:
        evidence = measure(Document.from_text(pasted(*case)[0]), Tables({}))
        assert (evidence.value, evidence.spans) == (0, ())


@trained
def test_most_pasted_phrases_are_marked_whole_and_no_word_more(tables: Tables) -> None:
    exact = []
    for case in PASTED:
        text, start, end = pasted(*case)
        spans = [(s.start, s.end) for s in measure(Document.from_text(text), tables).spans]
        exact.append((start, end) in spans)
    missed = [case[1] for case, hit in zip(PASTED, exact, strict=True) if not hit]
    assert sum(exact) >= FOUND, f"missed: {missed}"


@trained
def test_nothing_but_the_phrase_is_marked(tables: Tables) -> None:
    before = set(found(filled(), tables))
    wrong = []
    for case in PASTED:
        text, start, end = pasted(*case)
        for span in measure(Document.from_text(text), tables).spans:
            beside = span.end <= start or end <= span.start
            if beside and text[span.start : span.end] not in before:
                wrong.append(text[span.start : span.end])
    # in 3,000 words; the model card says how many honest words there are to a false span
    assert len(wrong) <= 1, wrong


@trained
def test_the_page_without_the_phrase_has_nothing_in_its_place(tables: Tables) -> None:
    text = filled()
    for place in ("skin. Most", "brush your", "running.\n\nSee"):
        at = text.index(place)
        for span in measure(Document.from_text(text), tables).spans:
            assert span.end <= at or at + len(place) <= span.start, text[span.start : span.end]


@trained
def test_honest_pages_of_a_thousand_words_have_hardly_a_false_span(tables: Tables) -> None:
    wrong = found(filled(), tables) + [w for page in HONEST for w in found(page, tables)]
    assert len(wrong) <= 1, wrong


@trained
def test_a_pasted_line_makes_the_page_weigh_more(tables: Tables) -> None:
    spoiled, clean = filled("third", "\norder weight loss pills online\n"), filled()
    assert (
        measure(Document.from_text(spoiled), tables).value > measure(Document.from_text(clean), tables).value
    )


@trained
def test_the_margin_tells_a_line_of_its_own_from_words_inside_a_sentence(tables: Tables) -> None:
    text, start, _ = pasted("third", "order weight loss pills online", "\n{}\n")
    (span,) = [s for s in measure(Document.from_text(text), tables).spans if s.start == start]
    assert "standing alone" in span.says


@trained
@pytest.mark.parametrize(
    "line",
    [
        "Contact us",
        "- Book an appointment\n- Opening hours\n- About us\n- Find a clinic near you",
        "## Where to buy ankle supports",
        pytest.param(
            "Dr Miriam Holt and Peter van der Berg wrote this leaflet for St Anne's Hospital in Leeds.",
            marks=pytest.mark.xfail(strict=False, reason="a firm with its town is at the very level"),
        ),
        "1. Sit on a chair.\n2. Lift the heel.\n3. Hold for five seconds.\n4. Repeat ten times.",
        "See also www.footcare.example/sprains",
    ],
)
def test_labels_headings_names_and_instructions_are_quiet(line: str, tables: Tables) -> None:
    text = filled("third", f"\n{line}\n")
    document = Document.from_markdown(text)
    at = text.index(line)
    seen = [s for s in measure(document, tables).spans if s.start < at + len(line) and at < s.end]
    assert [text[s.start : s.end] for s in seen] == []


@trained
def test_a_phrase_weighs_the_same_at_the_end_of_a_long_page(tables: Tables) -> None:
    spoiled = filled("third", "\norder weight loss pills online\n")
    document = Document.from_text("\n\n".join([*HONEST * 6, spoiled]))
    assert len(document.tokens) > injected_anchor.PIECE
    assert "order weight loss pills online" in found(document.text, tables)


@trained
@pytest.mark.parametrize("size", [1, 29, 300])
def test_a_page_read_in_pieces_measures_what_it_does_in_one(
    size: int, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = Document.from_text(filled("third", "\norder weight loss pills online\n"))
    whole = candidates(document, read(document, tables))
    monkeypatch.setattr(injected_anchor, "PIECE", size)
    pieces = candidates(document, read(document, tables))
    one, other = (np.lexsort((c.last, c.first)) for c in (whole, pieces))
    assert (whole.first[one] == pieces.first[other]).all()
    assert (whole.last[one] == pieces.last[other]).all()
    assert pieces.features[other] == pytest.approx(whole.features[one], rel=1e-3, abs=1e-3)


@trained
def test_the_screen_drops_most_stretches_and_what_is_pasted_is_found_as_without_it(tables: Tables) -> None:
    everything = np.zeros_like(tables.arrays["anchor_screen"])
    everything[:, :, 9] = 1
    without = Tables(tables.vocabulary, {**tables.arrays, "anchor_screen": everything})
    for case in PASTED:
        document = Document.from_text(pasted(*case)[0])
        all_, some = (
            [s for part in stretches(document, read(document, t), screened=True) for s in part.first]
            for t in (without, tables)
        )
        assert len(some) < len(all_) / 2
        assert measure(document, tables).spans == measure(document, without).spans


@trained
def test_the_screen_can_be_worked_out_from_the_measures(tables: Tables) -> None:
    document = Document.from_text(HONEST[0])
    (whole,) = stretches(document, read(document, tables))
    (kept,) = stretches(document, read(document, tables), screened=True)
    length, first, last, sums = at_cuts(whole.features)
    begins, ends = tables.arrays["anchor_screen"][:, np.minimum(length[:, 0], LONGEST).astype(int) - SHORTEST]
    score = begins[:, 9] + (begins[:, [*range(9), *range(23, 27)]] * first).sum(axis=1)
    score += (ends[:, [*range(9), 27, 28]] * last).sum(axis=1)
    score += (ends[:, [*range(10, 16), *range(20, 23)]] * sums).sum(axis=1)
    expected = (score > 0) | (length[:, 0] > LONGEST)
    passed = {*zip(kept.first.tolist(), kept.last.tolist(), strict=True)}
    found = [pair in passed for pair in zip(whole.first.tolist(), whole.last.tolist(), strict=True)]
    sure = np.abs(score) > 1e-3
    assert (np.array(found) == expected)[sure].all()


@trained
@settings(deadline=None, max_examples=40)
@given(
    marks=st.lists(st.sampled_from([" ", ", ", " (", ") ", " – ", "--", " - ", "/", ": ", "; ", "\n", ". "])),
    words=st.lists(st.sampled_from(PAGE.split()), min_size=8, max_size=60),
)
def test_stretches_lie_inside_a_sentence_and_reach_across_no_bracket_or_break(
    marks: list[str], words: list[str], tables: Tables
) -> None:
    marks = [*marks, *[" "] * len(words)]
    document = Document.from_text("".join(word + mark for word, mark in zip(words, marks, strict=False)))
    reading = read(document, tables)
    seen = candidates(document, reading)
    assert len(seen.features) == len(seen.first)
    for first, last in zip(seen.first, seen.last, strict=True):
        tokens = reading.token[first:last]
        assert len(tokens) >= SHORTEST
        inside = document.text[document.tokens.start[tokens[0]] : document.tokens.end[tokens[-1]]]
        assert not any(mark in inside for mark in ("(", ")", "–", "--", "/", ":", ";", "\n"))
        (sentence,) = {
            k for k, s in enumerate(document.sentences) for token in tokens if s.first <= token < s.last
        }
        size = document.sentences[sentence].last - document.sentences[sentence].first
        assert len(tokens) == size or (len(tokens) <= LONGEST and len(tokens) <= size - REST)


@trained
@settings(deadline=None, max_examples=40)
@given(
    words=st.lists(
        st.sampled_from(
            [
                *PAGE.split()[:80],
                "buy",
                "Cheap",
                "online",
                "near me",
                "\n\n",
                "–",
                "(",
                ")",
                "😀",
                "1.",
                "Çé",
                ".",
            ]
        ),
        max_size=120,
    )
)
def test_spans_are_words_of_the_text_and_never_overlap(words: list[str], tables: Tables) -> None:
    document = Document.from_text(" ".join(words))
    evidence = measure(document, tables)
    assert math.isfinite(evidence.value)
    assert evidence.value >= 0
    starts, ends = set(document.tokens.start), set(document.tokens.end)
    at = 0
    for span in sorted(evidence.spans, key=lambda s: s.start):
        assert at <= span.start < span.end
        assert span.start in starts
        assert span.end in ends
        at = span.end
