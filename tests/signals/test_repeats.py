"""The page compared with itself: which sentences come back in other words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Document
from detector.signals import _repeats
from detector.signals._repeats import Repeats, in_order, repeats
from detector.tables import Tables

TABLES = Tables({})
OAR = "Feather the oar as it leaves the water and drop it cleanly at the catch. Keep both wrists low throughout."
OAR_AGAIN = "Feather each oar when it leaves the water and lower it cleanly at the catch. Hold both wrists low always."
HULL = "A clinker hull of larch planks swells tight in a week afloat. Caulking is wasted on it before the month of May."


def compared(*paragraphs: str) -> Repeats:
    return repeats(Document.from_text("\n\n".join(paragraphs)), TABLES)


def test_sentences_in_other_words_are_paired_in_their_order() -> None:
    found = compared(OAR, HULL, OAR_AGAIN)
    assert list(found.echoes) == [2]
    first, second = found.echoes[2]
    assert first.earlier.start == 0
    assert first.earlier.end <= second.earlier.start
    assert 0.45 <= first.likeness < 1


def test_a_copy_is_wholly_alike() -> None:
    assert [e.likeness for e in compared(OAR, HULL, OAR).echoes[2]] == [1.0, 1.0]


def test_passages_without_words_in_common_do_not_meet() -> None:
    assert compared(OAR, HULL).echoes == {}


def test_a_long_paragraph_is_several_passages() -> None:
    assert len(compared(" ".join([OAR, HULL] * 8)).passages) > 1


def test_two_figures_of_their_own_make_two_statements() -> None:
    tide = "At the bar the spring tide runs {} knots and leaves {} feet of water above the sand at noon. Mind it well."
    assert len(compared(tide.format(3, 9), HULL, tide.format(3, 9)).echoes[2]) == 2
    assert [
        e.later.last - e.later.first for e in compared(tide.format(3, 9), HULL, tide.format(5, 14)).echoes[2]
    ] == [3]


def test_a_page_of_a_few_words_is_not_compared() -> None:
    assert compared("Mind the boom.").passages == []


def test_passages_of_nothing_but_glue_do_not_meet() -> None:
    glue = Tables({"it": 3, "is": 4}, {"word_counts": np.array([0, 0, 0, 50, 50], dtype=np.float32)})
    found = repeats(Document.from_text("\n\n".join(["It is " * 12] * 3)), glue)
    assert len(found.passages) == 3
    assert not len(found.shared)


def test_a_long_page_is_compared_like_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    paragraphs = [OAR, HULL, OAR_AGAIN, f"{HULL} {OAR}", HULL, OAR]
    whole = compared(*paragraphs)
    monkeypatch.setattr(_repeats, "PIECE", 8)
    pieces = compared(*paragraphs)
    assert whole.first.tolist() == pieces.first.tolist()
    assert whole.second.tolist() == pieces.second.tolist()
    assert np.allclose(whole.shared, pieces.shared)
    assert whole.echoes == pieces.echoes


@given(st.lists(st.integers(0, 200_000)))
def test_large_numbers_are_put_in_order_and_equal_ones_stay_as_they_stand(numbers: list[int]) -> None:
    order = in_order(np.array(numbers, dtype=np.int64), 200_000)
    assert order.tolist() == sorted(range(len(numbers)), key=numbers.__getitem__)
