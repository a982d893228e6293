"""A claim that a regulator, a guideline or a systematic review contradicts, with the source and its date.

Why it matters
    Google's rater guidelines give the lowest rating to health pages that contradict expert consensus or can harm. The
    ASA, the FTC and the FDA act on the same sentences again and again: needles called non-invasive, supplements called
    FDA-approved, cures for what has none, weight loss without diet, advice to inject or swallow what maims.

Fires on
    The claims of a small table (`_contradictions.py`, checked in November 2026): what is said and what it is said of
    must stand in one sentence, or the page must be about it. The value is the sum of the rows found, each once: 1, half
    for loose wording, 2 for advice that can maim or kill. Spans say what is wrong, who says so and since when, and
    offer an honest form where there is one.

    Example:
        Mesotherapy is a ⟦non-invasive⟧ treatment. Our gummies come from an ⟦FDA-approved⟧ facility and have helped
        thousands. The oil ⟦cures⟧ psoriasis.

Quiet on
    The same words denied, doubted, asked, quoted or reported; the honest form; what the table does not name.

    Example:
        Mesotherapy is minimally invasive, and it is not a non-invasive treatment. Our gummies come from an
        FDA-registered facility. No oil cures psoriasis, and "cures psoriasis" on a label is false. Can diabetes be
        cured?

Blind spots
    Only what the table knows, in wordings it knows. Law differs by country: a row names where it is law, and the rest
    of the world may allow the claim. Sources change: the rows are as old as their check.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detector.document import BODY, Document, Sentence, Span
from detector.signals._claims import denied, hedged, own
from detector.signals._contradictions import ROWS, Row
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "description"
SAYS = "A regulator, guideline or systematic review contradicts this claim."

MENTIONS = 3  # of the subject, and
PER_WORDS = 200  # one in so many words, from which the page is about it,
LOOKED_AT = 200_000  # in so many characters at its beginning
LONGEST = 600  # characters of a sentence that are looked at around the word

_STATES = BODY | {"heading", "title"}
_BY_WORD: dict[str, list[Row]] = {}
for _row in ROWS:
    for _word in _row.words.split():
        _BY_WORD.setdefault(_word, []).append(_row)
_WORDS = frozenset(_BY_WORD)


def measure(document: Document, tables: Tables) -> Evidence:
    """The rows that the page contradicts."""
    found = sorted(_found(document), key=lambda f: (-f[0].weight, f[1].start))
    weights = {row.name: row.weight for row, _ in found}
    return Evidence(float(sum(weights.values())), tuple(span for _, span in found))


def _found(document: Document) -> Iterator[tuple[Row, Span]]:
    """The contradicted claims, one of a row in each sentence."""
    tokens = document.tokens
    about: dict[str, bool] = {}
    seen: set[tuple[str, int]] = set()
    marked: set[tuple[int, int]] = set()
    for i in tokens.among(_WORDS):
        index = int(document.sentence_of[i])
        sentence = document.sentences[index]
        if document.blocks[sentence.block].kind not in _STATES:
            continue
        for row in _BY_WORD[tokens.word[i]]:
            if (row.name, index) in seen:
                continue
            seen.add((row.name, index))
            span = _claim(document, sentence, row, tokens.start[i])
            if span is None or (span.start, span.end) in marked:
                continue
            if row.subject and not row.subjects.search(document.text, sentence.start, sentence.end):
                if row.name not in about:
                    about[row.name] = row.topic and _is_about(document, row)
                if not about[row.name]:
                    continue
            marked.add((span.start, span.end))
            yield row, span


def _claim(document: Document, sentence: Sentence, row: Row, at: int) -> Span | None:
    """What the row looks for around the word at text[at], if the sentence says it and stands by it."""
    text, first, last = document.text, max(sentence.start, at - LONGEST), min(sentence.end, at + LONGEST)
    match = row.claims.search(text, first, last)
    if match is None or (row.unless and row.excuses.search(text, first, last)):
        return None
    start, end = next((match.span(k + 1) for k, part in enumerate(match.groups()) if part), match.span())
    if denied(document, sentence, start, end) or not own(document, sentence):
        return None
    if row.hedge and hedged(document, sentence):
        return None
    return Span(start, end, row.reason, row.instead)


def _is_about(document: Document, row: Row) -> bool:
    """Whether the page is about the subject of the row: its title names it, or the text again and again."""
    titles = [document.text[b.start : b.end] for b in document.blocks if b.kind == "title"]
    if any(row.subjects.search(title) for title in (*titles, document.title or "")):
        return True
    mentions = sum(1 for _ in row.subjects.finditer(document.text, 0, LOOKED_AT))
    words = np.searchsorted(document.tokens.starts, LOOKED_AT)
    return mentions >= max(MENTIONS, int(words) / PER_WORDS)
