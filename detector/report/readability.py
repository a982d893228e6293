"""The readability panel: the classic formulas beside a verdict, as textstat computes them."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

from detector.document import BODY, Document

NEVER_A_REASON = (
    "This describes the text and is never a reason: honest and rejected pages read alike by these formulas, "
    "and nothing here counts in the score."
)
_TOO_LONG = re.compile(r"(\S{100})\S+")
_CLOSED = (".", "!", "?", "…", ".”", "!”", "?”", '."', '!"', '?"')


@dataclass(frozen=True, slots=True)
class Readability:
    """Counts of the body (paragraphs, list items, quotes), and formulas with a word on how to read each of them."""

    words: int
    sentences: int
    syllables: int
    formulas: tuple[tuple[str, float, str], ...]  # name, value, how to read it


def readability(document: Document) -> Readability | None:
    """What textstat, the reference, says of the document's body; None where that has no words."""
    # nobody wrote what is longer, and the syllables of one such word of 10 MB take half a minute
    body = _TOO_LONG.sub(r"\1", " ".join(_sentences(document)))
    with warnings.catch_warnings():
        # textstat 0.7.3 imports pkg_resources, which announces its end, and leaves its list of easy words open
        warnings.simplefilter("ignore")
        return _measure(body)


def _measure(body: str) -> Readability | None:
    import textstat

    words = textstat.lexicon_count(body)
    if not words:
        return None
    sentences = textstat.sentence_count(body)
    formulas = [
        ("Flesch reading ease", textstat.flesch_reading_ease(body), "100 is plain, 0 is hard"),
        ("Flesch-Kincaid", textstat.flesch_kincaid_grade(body), "school grade"),
        ("Gunning fog", textstat.gunning_fog(body), "school grade"),
    ]
    if sentences >= 3:  # textstat answers 0 below
        formulas.append(("SMOG", textstat.smog_index(body), "school grade"))
    found = Readability(words, sentences, textstat.syllable_count(body), tuple(formulas))
    textstat.set_lang("en_US")  # forgets the page: each of its functions keeps the last 128 texts
    return found


def _sentences(document: Document) -> list[str]:
    """The body block by block, without markup and hidden stretches; what ends without a full stop gets one."""
    pieces: dict[int, list[str]] = {}
    for index, start, end in document.prose_pieces():
        if document.blocks[index].kind in BODY:
            pieces.setdefault(index, []).append(document.text[start:end])
    blocks = (" ".join("".join(parts).split()) for parts in pieces.values())
    return [block if block.endswith(_CLOSED) else f"{block}." for block in blocks if block]
