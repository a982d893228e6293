"""Passages that share most of their word triples are found, and nothing else is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.audit import passages as module
from detector.audit.passages import alike
from detector.document import WORD

WORDS = [a + b for a in "brick moss slate water frost canal".split() for b in "a e i o u y er ing".split()]


def triples(text: str) -> set[tuple[str, ...]]:
    word = WORD.findall(text.lower().replace("’", "'").replace("ʼ", "'"))
    return set(zip(word, word[1:], word[2:], strict=False))


def written(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def with_one_word_changed(rng: random.Random, text: str) -> str:
    words = text.split()
    words[rng.randrange(3, len(words) - 3)] = "otherwise"
    return " ".join(words)


def test_copies_with_a_word_changed_are_found_among_thousands() -> None:
    rng = random.Random(1)
    texts = [written(rng, 40) for _ in range(6000)]  # more than one batch holds
    planted = sorted(rng.sample(range(3000), 100))
    for k in planted:
        texts[k + 3000] = with_one_word_changed(rng, texts[k])
    found = alike(texts)
    assert [(pair.earlier, pair.later) for pair in found] == [(k, k + 3000) for k in planted]
    for earlier, later, jaccard in found:
        one, two = triples(texts[earlier]), triples(texts[later])
        assert jaccard == pytest.approx(len(one & two) / len(one | two))


def test_case_apostrophes_and_punctuation_make_no_difference() -> None:
    one = "Don't walk on the ice before the lock, the children said, until it's thick enough for a horse."
    two = "don’t walk on the ICE before the lock; the children said until itʼs thick enough for a horse"
    assert alike([one, two]) == [(0, 1, 1.0)]


def test_of_many_copies_every_one_is_found_with_another() -> None:
    rng = random.Random(2)
    text = written(rng, 60)
    found = alike([with_one_word_changed(rng, text) for _ in range(300)], least=0.7)
    assert {k for pair in found for k in pair[:2]} == set(range(300))
    assert len(found) < 300 * 20  # and not each with each


def test_a_passage_longer_than_a_batch_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 100)
    long = written(random.Random(3), 500)
    assert alike([long, "short", long]) == [(0, 2, 1.0)]


@settings(deadline=None)
@given(
    st.lists(
        st.text(max_size=40) | st.sampled_from(["a b c d", "A b, c d\ne f", "1.5 mg 3d2", ""]), max_size=12
    )
)
def test_any_text_is_compared_as_its_triples_say(texts: list[str]) -> None:
    said = [triples(t) for t in texts]
    for earlier, later, jaccard in alike(texts, least=0.6):
        assert earlier < later
        one, two = said[earlier], said[later]
        assert jaccard == pytest.approx(len(one & two) / len(one | two))
        assert jaccard >= 0.6


def test_an_index_that_sketches_cannot_tell_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not 0\.3"):
        alike(["a b c"], least=0.3)
