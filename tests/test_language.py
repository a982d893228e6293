"""English prose is told from other languages and from what is no prose."""

from __future__ import annotations

from collections import Counter

import pytest

from detector import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the dentist looked at my teeth and said that it would be better to wait for a year", "en"),
        ("my english is not so good but the doctor was very kind and she explain to me all of it", "en"),
        ("el paciente debe tomar la pastilla con un vaso de agua y no con leche para los huesos", "es"),
        ("die haut ist nach der behandlung rot und das ist nicht schlimm für den patienten", "de"),
        (
            "la peau est rouge après le traitement et ce n'est pas grave pour les patients dans une semaine",
            "fr",
        ),
        ("botox price leeds filler price leeds botox offer leeds filler offer leeds", None),
        ("", None),
    ],
)
def test_language(text: str, expected: str | None) -> None:
    code, share = language.detect(text.split())
    assert code == expected
    assert 0 <= share <= 1


def test_how_often_each_word_stands_there_is_enough() -> None:
    words = "the dentist looked at the teeth and the gums of the patient".split()
    assert language.detect(Counter(words)) == language.detect(words) == ("en", pytest.approx(7 / 12))


def test_english_full_of_names_and_queries_is_still_english() -> None:
    words = "cheap slate roof repair harbour town slate roof cost of a slate roof cheap roofers".split()
    assert language.detect(words * 10)[0] == "en"


def test_languages_that_share_small_words_with_english_are_not_taken_for_it() -> None:
    hungarian = "a ház nagy és a kert is szép de a fal nem jó mert a tető be van ázva".split()
    danish = "det er en god dag for os og vi har et hus at bo i ved havet".split()
    for words in (hungarian, danish):
        assert language.detect(words * 5)[0] not in ("en", None)
