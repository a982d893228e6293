"""Expertise that nobody can check: a nameless "as a dermatologist, I", invented testers, experts and studies without
a name.

Why it matters
    Google's rater guidelines (January 2025) call exaggerated claims about the author a reason for the lowest rating;
    HON and JAMA ask who wrote a health page and with what qualification. Pages made in bulk borrow authority instead:
    a specialist who speaks in one sentence and is never named, a team that tested for hundreds of hours, studies and
    experts of whom nothing is said but that they agree.

Fires on
    A speaker with a qualification on a page that names no qualified person, more so where the rest of the page is
    impersonal; testing or review by a team that is not named, without a method or a measurement; experts, doctors,
    studies and research without a name, a year, a figure or a link, from the third on in 300 words. The value is the
    sum of these; the spans are the words that claim the authority.

    Example:
        A good mattress supports the back and keeps the hips level. ⟦As a sleep specialist, I⟧ recommend a firm core.
        ⟦Our experts tested⟧ dozens of models so that readers don't have to. The cover should be washed twice a year.

Quiet on
    A qualified person who is named, a clinic's own staff, tests with their method, sources with a name, year or link,
    one loose "studies show", news about researchers.

    Example:
        As a sleep specialist, I recommend a firm core. I have worked in Leeds since 2009, and my patients taught me
        more than any book. Written by Anna Holt, MD. We tested twelve mattresses for six weeks and measured how far a
        60 kg dummy sank in. Studies show that firm mattresses are cooler.

Blind spots
    Whether a named person exists. Invented names with invented titles pass for names; real experts who write without
    giving theirs are caught.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from detector.document import BODY, Document, Sentence, Span
from detector.signals._claims import cue, own, sentence_at, speaks_as_business
from detector.signals._specifics import Cues
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "The page claims expertise that nobody can check: no name, no method, no source."

_EXPERT = (
    r"(?:dermatologist|doctor|physician|surgeon|nurse|nutritionist|dieti[ct]ian|dentist|orthodontist|pharmacist|therapist"
    r"|physiotherapist|psychologist|psychiatrist|trainer|aesthetician|esthetician|beautician|practitioner|specialist"
    r"|expert|scientist|researcher|gyn(?:a)?ecologist|cardiologist|midwife|coach|(?:health|medical|skincare|beauty"
    r"|fitness|sleep) professional|clinician|optometrist|audiologist|trichologist|podiatrist)"
)
