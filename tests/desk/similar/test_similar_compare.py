"""What one text has of another: the very words of both side by side, and nothing that chance or quotations explain."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.desk.similar.compare import LONGEST, Comparison, Passage, Text, compared, groups
from detector.document import Document

TEA = (
    "Water for green tea should never boil, because great heat turns the leaves bitter within a minute. "
    "Let the kettle stand for three minutes with its lid open before you pour. "
    "A second cup from the same leaves is often better than the first, and a third does no harm."
)
SPUN = (
    "Water for green tea must never boil, since great warmth turns the leaves acrid within a minute. "
    "Allow the kettle to stand for three minutes with its cover open before you pour. "
    "A second mug from the same leaves is frequently better than the first, and a third does no damage."
)
CANAL = (
    "Every Tuesday Harold walks down to the canal and counts the boats that wait at the lock. "
    "Last week there were nine of them, two painted green, and one had a goat on deck. "
    "He writes the number into a notebook that his daughter gave him when he retired."
)
BREAD = (
    "The baker on Mill Street keeps back a rye loaf for everybody who ever mended her shutters. "
    "It costs three pounds forty now, which most of us think is fair for what it is. "
    "On Saturdays the queue reaches the post office, and nobody seems to mind the wait."
)


def between(left: str | Document, right: str | Document) -> Comparison | None:
    """The comparison of two texts."""
    one, two = (Text(t if isinstance(t, Document) else Document.from_text(t)) for t in (left, right))
    return compared(one, two, groups(one, two))


def check(comparison: Comparison, left: str, right: str) -> None:
    """Everything shown stands where it is said to stand, and nothing is shown twice."""
    assert 0 < comparison.likeness <= 1
    at = 0
    for passage in comparison.passages:
        assert at <= passage.start < passage.end <= len(left)
        at = passage.end
        assert passage.left == left[passage.start : passage.end]
        assert passage.right == right[passage.other_start : passage.other_end]
        assert "".join(piece.left for piece in passage.pieces) == passage.left
        assert "".join(piece.right for piece in passage.pieces) == passage.right
        for piece in passage.pieces:
            words = [Document.from_text(side).tokens.word for side in (piece.left, piece.right)]
            if piece.same:
                assert words[0] == words[1] != []
        for one, two in zip(passage.pieces, passage.pieces[1:], strict=False):
            assert one.same != two.same


def swaps(passage: Passage) -> list[tuple[str, str]]:
    return [(piece.left.strip(), piece.right.strip()) for piece in passage.pieces if not piece.same]


def test_a_copied_paragraph_is_shown_word_for_word() -> None:
    left, right = f"{CANAL}\n\n{TEA}", f"{TEA}\n\n{BREAD}"
    found = between(left, right)
    assert found is not None
    check(found, left, right)
    (passage,) = found.passages
    assert passage.left == passage.right == TEA
    assert [piece.same for piece in passage.pieces] == [True]
    assert found.copied
    assert found.likeness == len(TEA.split()) / len(left.split())


def test_a_reworded_paragraph_shows_what_was_exchanged() -> None:
    left, right = f"{CANAL}\n\n{SPUN}", f"{TEA}\n\n{BREAD}"
    found = between(left, right)
    assert found is not None
    check(found, left, right)
    assert not found.copied
    (passage,) = found.passages
    assert passage.left == SPUN
    assert passage.right == TEA
    assert ("must", "should") in swaps(passage)
    assert ("acrid", "bitter") in swaps(passage)
    assert ("mug", "cup") in swaps(passage)


def test_half_a_sentence_that_was_taken_is_found() -> None:
    taken = (
        "because great heat turns the leaves bitter within a minute. Let the kettle stand for three minutes"
    )
    left = f"{CANAL} My aunt never listens, {taken} if she can be brought to it at all."
    found = between(left, f"{BREAD}\n\n{TEA}")
    assert found is not None
    check(found, left, f"{BREAD}\n\n{TEA}")
    assert found.passages[0].left == taken


def test_paragraphs_in_another_order_are_found_each() -> None:
    left, right = f"{TEA}\n\n{CANAL}", f"{CANAL}\n\n{BREAD}\n\n{TEA}"
    found = between(left, right)
    assert found is not None
    check(found, left, right)
    assert [p.left for p in found.passages] == [TEA, CANAL]
    assert found.likeness == 1


def test_a_paragraph_that_stands_twice_is_found_twice() -> None:
    left = f"{TEA}\n\n{CANAL}\n\n{TEA}"
    found = between(left, f"{BREAD}\n\n{TEA}")
    assert found is not None
    check(found, left, f"{BREAD}\n\n{TEA}")
    assert [p.left for p in found.passages] == [TEA, TEA]


def test_texts_on_one_subject_are_not_alike() -> None:
    mine = (
        "My own green tea is a quick affair: water just off the boil, leaves in a brown pot, three minutes by the oven "
        "clock. The second cup goes to the neighbour. Whoever wants it stronger takes more leaves, never more time."
    )
    assert between(mine, TEA) is None


def test_a_stock_phrase_is_no_passage() -> None:
    phrase = "if you have any questions, please ask your doctor or pharmacist."
    assert between(f"{TEA} So {phrase} {CANAL}", f"{BREAD} And {phrase}") is None


def test_quotations_are_nobodys_copy() -> None:
    quoted = f"The old handbook says: “{TEA[:180]}” {CANAL}"
    assert between(quoted, f"{BREAD}\n\n{TEA}") is None
    block = Document.from_html(f"<p>{CANAL}</p><blockquote><p>{TEA}</p></blockquote><p>{BREAD}</p>")
    assert between(block, f"{TEA}\n\nNothing else is here.") is None


def test_quotation_marks_around_a_few_words_hide_nothing() -> None:
    found = between(f"{CANAL}\n\n{TEA.replace('great heat', '“great heat”')}", f"{BREAD}\n\n{TEA}")
    assert found is not None
    assert found.copied


def test_links_headings_and_furniture_between_do_not_hide_a_copy() -> None:
    first, second, third = TEA.split(". ")
    page = Document.from_html(
        f"<title>Tea</title><h1>Tea</h1><p>{first}.</p><nav><a href=/>Home</a> <a href=/a>All</a></nav>"
        f"<p>{second.replace('kettle', '<a href=/kettle>kettle</a>')}. {third}</p><p>{CANAL}</p>"
    )
    found = between(page, f"{BREAD}\n\n{TEA}")
    assert found is not None
    assert found.copied
    assert found.likeness > 0.4


def test_a_long_copy_is_divided_to_be_read() -> None:
    rng = random.Random(3)
    names = [f"name{n}" for n in range(400)]
    text = " ".join(
        f"The {rng.choice(names)} met {rng.choice(names)} by the {rng.choice(names)} at noon."
        for _ in range(120)
    )
    found = between(text, f"{BREAD}\n\n{text}")
    assert found is not None
    check(found, text, f"{BREAD}\n\n{text}")
    assert found.likeness == 1
    assert len(found.passages) > 3
    assert all(len(p.left.split()) <= LONGEST for p in found.passages)


def test_texts_without_a_full_stop_or_of_one_word_come_to_an_end() -> None:
    long = " ".join(f"word{n % 977}" for n in range(60_000))
    found = between(long, long)
    assert found is not None
    assert found.likeness > 0.99
    assert between("again " * 50_000, "again " * 50_000) is not None
    assert between("again " * 50_000, long) is None


def test_empty_and_short_texts_resemble_nothing() -> None:
    for left, right in (("", ""), ("", TEA), (TEA, ""), ("Tea.", "Tea."), ("…", "…")):
        assert between(left, right) is None


SENTENCES = [s.strip() + "." for text in (TEA, SPUN, CANAL, BREAD) for s in text.split(". ") if s.strip(" .")]
ODD = [
    "😀 zoë\u0301",
    "“",
    "\u200bno",
    "e.g. 3.5 mg",
    "𝒷ig",
    "İstanbul",
    "ﬁne",
    "\n\n",
    "- ",
    "# ",
    "**it’s**",
]


@given(
    st.lists(st.sampled_from(SENTENCES + ODD), max_size=14),
    st.lists(st.sampled_from(SENTENCES + ODD), max_size=14),
    st.sampled_from(["text", "markdown"]),
)
@settings(max_examples=150, deadline=None)
def test_what_is_shown_stands_in_both_texts(left: list[str], right: list[str], form: str) -> None:
    read = Document.from_text if form == "text" else Document.from_markdown
    one, two = read(" ".join(left)), read("\n\n".join(right))
    found = between(one, two)
    if found is not None:
        check(found, one.text, two.text)


@given(st.randoms(use_true_random=False), st.floats(0, 0.6))
@settings(max_examples=60, deadline=None)
def test_what_is_shown_of_damaged_copies_stands_in_both_texts(rng: random.Random, rate: float) -> None:
    words = f"{TEA}\n\n{CANAL}\n\n{BREAD}".split(" ")
    for k, word in enumerate(words):
        if rng.random() < rate:
            words[k] = rng.choice(["", "odd", "very odd", word.upper(), word + word, "odd.\n\nVery"])
    left, right = " ".join(words), f"{CANAL}\n\n{BREAD}\n\n{TEA}"
    found = between(left, right)
    if found is not None:
        check(found, left, right)
