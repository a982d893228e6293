"""What a text leaves behind: enough to find it again by a few sentences of it, the same everywhere, and not much."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.desk.similar import traces
from detector.desk.similar.fingerprint import GUARANTEED, fingerprint, rows
from detector.document import Document

WORDS = "kettle harbour slate lantern copper meadow drizzle basket orchard pebble thimble saddle cedar plaster".split()
LITTLE = (
    "the of and to in is that for was on with as by at from or an have not but they which you were".split()
)


def words(count: int, seed: int) -> list[str]:
    """So many words in no order, a third of them little ones."""
    rng = random.Random(seed)
    return [
        rng.choice(LITTLE) if rng.random() < 0.35 else rng.choice(WORDS) + str(rng.randrange(99))
        for _ in range(count)
    ]


def hashes(text: str) -> set[int]:
    return set(np.frombuffer(traces(Document.from_text(text)), dtype="<i8").tolist())


@settings(deadline=None)
@given(
    before=st.integers(0, 120),
    after=st.integers(0, 120),
    longer=st.integers(0, 40),
    seed=st.integers(0, 10_000),
)
def test_passages_of_the_guaranteed_length_are_never_missed(
    before: int, after: int, longer: int, seed: int
) -> None:
    passage = words(GUARANTEED + longer, seed)
    one = words(before, seed + 1) + passage + words(after, seed + 2)
    other = words(after, seed + 3) + passage + words(before, seed + 4)
    assert set(fingerprint(one)) & set(fingerprint(other))


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(GUARANTEED, 90), st.integers(0, 10_000))
def test_rows_of_a_passage_are_among_those_of_its_text(first: int, size: int, seed: int) -> None:
    text = words(200, seed)
    assert set(rows(text[first : first + size])) <= set(fingerprint(text))


def test_a_text_with_every_noun_exchanged_leaves_traces_in_common() -> None:
    text = words(300, 1)
    rng = random.Random(2)
    spun = [word if word in LITTLE else rng.choice(WORDS) + "ish" for word in text]
    assert not set(rows(text)) & set(rows(spun))
    assert len(set(fingerprint(text)) & set(fingerprint(spun))) >= 8


def test_texts_that_have_nothing_in_common_leave_nothing_in_common() -> None:
    assert not hashes(" ".join(words(2_000, 1))) & hashes(" ".join(words(2_000, 2)))


def test_case_punctuation_paragraphs_and_apostrophes_make_no_difference() -> None:
    plain = "he said it does not matter and she said that it doesn't matter to the others who were there"
    dressed = "He said: “It does not matter” –\n\nand SHE said that it doesn’t matter, to the others (who were there)."
    assert traces(Document.from_text(plain)) == traces(Document.from_text(dressed))


def test_only_running_text_counts() -> None:
    shown = "<p>" + " ".join(words(80, 1)) + "</p>"
    more = shown + f"<p style='display:none'>{' '.join(words(80, 2))}</p><nav>{' '.join(words(80, 3))}</nav>"
    page = "<!doctype html><title>A page</title><body><main>{}</main></body>"
    assert traces(Document.from_html(page.format(shown))) == traces(Document.from_html(page.format(more)))


def test_texts_too_short_for_a_passage_leave_nothing() -> None:
    for text in ("", " \n\n ", "One.", "Four words are few", "…!?—"):
        assert traces(Document.from_text(text)) == b""
    assert traces(Document.from_text("five words are just enough")) != b""


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_leaves_sorted_hashes_each_once(text: str) -> None:
    found = np.frombuffer(traces(Document.from_text(text)), dtype="<i8")
    assert (np.diff(found) > 0).all()


def test_letters_of_all_scripts_and_halves_of_characters_are_words_too() -> None:
    for text in (
        "и в мае мы сидели у реки и смотрели",
        "naïve café 😀 zoë\u0301 touché déjà vu",
        "broken \ud83d pair of halves here",
    ):
        assert traces(Document.from_text(text))


def test_about_a_sixth_of_the_words_and_no_more_however_long() -> None:
    for size in (1_000, 100_000):
        assert 0.1 < len(fingerprint(words(size, 5))) / size < 0.25
    assert len(fingerprint(["again"] * 100_000)) == 1


def test_another_process_says_the_same() -> None:
    code = (
        "from detector.desk.similar import traces; from detector.document import Document;"
        f"print(traces(Document.from_text({' '.join(words(60, 9))!r})).hex())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {traces(Document.from_text(" ".join(words(60, 9)))).hex() + "\n"}


def test_leaving_traces_loads_neither_the_store_nor_what_reads_archives() -> None:
    code = "import sys, detector.desk.similar; sys.stderr.write(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stderr.split()
    assert not {"sqlalchemy", "rapidfuzz", "pyarrow", "httpx", "fastwarc", "detector.desk.store"} & set(
        loaded
    )
