"""What a page leaves behind for comparing it: offsets that fit, hashes that agree where texts do."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from detector.audit import sketch as module
from detector.audit.sketch import SENTENCE, SKETCH, Sketch, hash_of, sketch
from detector.disguise import undone
from detector.document import Document, Span
from detector.tables import Tables
from detector.verdict import Finding, ModelId, Thresholds, Verdict

NO_VERDICT = Verdict(
    "x", None, None, "publish", 0.1, 0.0, (), 100, "en", ModelId("m", "1", "0"), Thresholds(0.5, 0.8), None
)
PAGE = (
    "# {title}\n\n{first}\n\nMoss holds the water, and in winter frost breaks even the best slate on a roof."
)


def of(text: str, tables: Tables, url: str | None = None) -> Sketch:
    return sketch(Document.from_markdown(text, url=url), tables, NO_VERDICT)


def same(one: Sketch, other: Sketch) -> bool:
    names = ("starts", "ends", "words", "exact", "masked", "shingles", "marks")
    return (
        all(np.array_equal(getattr(one, n), getattr(other, n)) for n in names)
        and one.anchors == other.anchors
    )


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(
    st.text(max_size=400)
    | st.lists(
        st.sampled_from(
            ["The", "bench", "by", "Ülm", "is", "4.5", "👩‍👩‍👧", "[a b](http://x.example)", ".", "\n\n", "# "]
        )
    ).map(" ".join)
)
def test_offsets_fit_any_text(tables: Tables, text: str) -> None:
    document = Document.from_markdown(text)
    found = sketch(document, tables, NO_VERDICT)
    assert len(found.starts) == len(found.ends) == len(found.words) == len(found.exact) == len(found.masked)
    assert all(
        0 <= start < end <= len(document.text) for start, end in zip(found.starts, found.ends, strict=True)
    )
    assert all(found.words >= SENTENCE)
    for hashes in (found.shingles, found.marks):
        assert len(hashes) <= SKETCH
        assert list(hashes) == sorted(set(hashes.tolist()))
    for anchor in found.anchors:
        assert 0 <= anchor.start < anchor.end <= len(document.text)
        assert 0 <= anchor.fits <= 1
    assert same(found, sketch(Document.from_markdown(text), tables, NO_VERDICT))


def test_hashes_are_the_same_in_every_process() -> None:
    code = "from detector.audit.sketch import hash_of; print(hash_of('collagen'), hash_of('\\u00fc'))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [str(hash_of("collagen")), str(hash_of("ü"))]


STORM = "When a storm lifts the tiles, our crew in {} comes within a day."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (STORM.format("Leeds"), STORM.format("York")),
        (STORM.format("Leeds"), STORM.format("Milton Keynes")),
        (
            "We have mended 120 roofs in this county since the year 1994.",
            "We have mended 85 roofs in this county since the year 2003.",
        ),
    ],
)
def test_a_slot_changes_the_exact_hash_and_not_the_masked_one(one: str, other: str, tables: Tables) -> None:
    a, b = (of(PAGE.format(title="Roofs", first=text), tables) for text in (one, other))
    assert a.exact[0] != b.exact[0]
    assert a.masked[0] == b.masked[0]
    assert (a.exact[1], a.masked[1]) == (b.exact[1], b.masked[1])


def test_words_of_the_title_and_the_address_are_slots(tables: Tables) -> None:
    sentence = "Our people will mend your {} and take the rubbish away with them."
    a, b = (
        of(PAGE.format(title=f"Mending {w}", first=sentence.format(w)), tables)
        for w in ("gutters", "chimneys")
    )
    assert a.exact[0] != b.exact[0]
    assert a.masked[0] == b.masked[0]
    plain = [
        of(
            PAGE.format(title="Prices", first=sentence.format(word)),
            tables,
            url=f"https://a.example/{word}.html",
        )
        for word in ("gutters", "chimneys")
    ]
    assert plain[0].masked[0] == plain[1].masked[0]


def test_other_words_in_the_same_order_make_another_sentence(tables: Tables) -> None:
    a, b, c = (
        of(PAGE.format(title="Roofs", first=text), tables)
        for text in (
            "A good ladder costs more than a cheap one and lasts longer.",
            "A cheap ladder costs more than a good one and lasts longer.",
            "A good ladder costs less than a cheap one and lasts longer.",
        )
    )
    assert len({int(s.masked[0]) for s in (a, b, c)}) == 3


def test_case_and_quotes_make_no_difference(tables: Tables) -> None:
    a, b = (
        of(PAGE.format(title="Roofs", first=text), tables)
        for text in (
            "It’s the gutter that leaks, not the roof above it.",
            "It's the GUTTER that leaks, not the roof above it.",
        )
    )
    assert a.exact[0] == b.exact[0]


def test_shared_shingles_say_how_much_two_pages_share(tables: Tables, plain_text: str) -> None:
    copy = of(plain_text + "\n\nOne more line stands here.", tables)
    page = of(plain_text, tables)
    other = of(
        PAGE.format(title="Roofs", first="Slate is heavy, so look at the beams before you buy any of it."),
        tables,
    )
    shared = len(set(page.shingles.tolist()) & set(copy.shingles.tolist()))
    assert shared > 0.8 * SKETCH
    assert not set(page.shingles.tolist()) & set(other.shingles.tolist())


def test_a_text_without_words(tables: Tables) -> None:
    for text in ("", "…", "\n\n\n", "# \n\n---"):
        found = of(text, tables)
        assert len(found.exact) == len(found.shingles) == len(found.marks) == len(found.anchors) == 0


# --- anchors ---------------------------------------------------------------------------------------------------------

LINKED = (
    "The bowline is a knot for loops. Sailors like the [{}]({}) on cold days, and so do I when it rains hard."
)


def anchors(phrase: str, target: str, tables: Tables) -> tuple[module.Anchor, ...]:
    return of(LINKED.format(phrase, target), tables, url="https://knots.example/bowline").anchors


def test_a_link_to_another_host_is_an_anchor(tables: Tables) -> None:
    (anchor,) = anchors("cheap garden sheds", "https://www.sheds.example/all/?utm_source=x", tables)
    assert (anchor.phrase, anchor.target, anchor.address) == (
        "cheap garden sheds",
        "sheds.example",
        "sheds.example/all",
    )
    assert not anchor.named
    assert anchor.fits < 0.5


def test_a_link_within_the_site_is_none(tables: Tables) -> None:
    assert anchors("cheap garden sheds", "https://knots.example/sheds", tables) == ()
    assert anchors("cheap garden sheds", "/sheds", tables) == ()


@pytest.mark.parametrize(
    ("phrase", "target", "named"),
    [
        ("Rope Society", "https://ropesociety.example/", True),
        ("World Health Organization", "https://www.who.example/", True),
        ("cheap sheds online", "https://cheapsheds.example/", False),
        ("Cheap sheds online", "https://cheapsheds.example/", False),
    ],
)
def test_an_anchor_may_name_its_target(phrase: str, target: str, named: bool, tables: Tables) -> None:
    (anchor,) = anchors(phrase, target, tables)
    assert anchor.named is named


def test_an_anchor_about_the_page_fits(tables: Tables) -> None:
    (anchor,) = anchors("bowline knot for sailors", "https://elsewhere.example/", tables)
    assert anchor.fits > 0.6


def test_a_phrase_pasted_into_plain_text_is_an_anchor_without_a_target(tables: Tables) -> None:
    document = Document.from_text(
        "Sailors like the cheap garden sheds on cold days, and so do I when it rains hard."
    )
    span = Span(17, 35)
    assert document.text[span.start : span.end] == "cheap garden sheds"
    verdict = replace(NO_VERDICT, findings=(Finding("injected_anchor", 1.0, 1.0, "", (span,)),))
    (anchor,) = sketch(document, tables, verdict).anchors
    assert (anchor.phrase, anchor.target, anchor.start, anchor.end) == ("cheap garden sheds", "", 17, 35)


def test_a_pasted_phrase_in_disguise_is_an_anchor_where_it_is_written(tables: Tables) -> None:
    written = "Sailors like the ch\u0435ap gard\u200ben sheds on cold days, and so do I when it rains hard."
    found = undone(Document.from_text(written), dict.fromkeys(["cheap", "garden"]))
    assert found is not None
    span = Span(17, 36)
    verdict = replace(NO_VERDICT, findings=(Finding("injected_anchor", 1.0, 1.0, "", (span,)),))
    (anchor,) = sketch(found.document, tables, verdict, found).anchors
    assert (anchor.phrase, written[anchor.start : anchor.end]) == ("cheap garden sheds", written[17:36])
