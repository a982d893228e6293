"""Expertise that nobody can check: a nameless "as a podiatrist, I", invented testers, experts and studies without
a name.

Why it matters
    Google's rater guidelines (January 2025) call exaggerated claims about the author a reason for the lowest rating;
    HON and JAMA ask who wrote a health page and with what qualification. Pages made in bulk borrow authority instead:
    a specialist who speaks in one sentence and is never named, a team that tested for hundreds of hours, studies and
    experts of whom nothing is said but that they agree.

Fires on
    A speaker with a qualification on a page that names no qualified person, more so where the rest of the page is
    impersonal; testing or review by a team that is not named, without a method or a measurement; experts, doctors,
    studies and research without a name, a year, a figure or a link, from the second on in 300 words of a page about
    health. The value is the sum of these; the spans are the words that claim the authority.

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

from detector.document import BODY, Document, Sentence, Span
from detector.patterns import regex
from detector.signals._claims import HEALTHY, claims, cue, sentence_at, speaks_as_business
from detector.signals._cues import Cue, Cues
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "The page claims expertise that nobody can check: no name, no method, no source."

_EXPERTS = (
    "dermatologist doctor physician surgeon nurse nutritionist dietician dietitian dentist orthodontist pharmacist"
    " therapist physiotherapist psychologist psychiatrist trainer aesthetician esthetician beautician practitioner"
    " specialist expert scientist researcher gynaecologist gynecologist cardiologist midwife coach clinician"
    " optometrist audiologist trichologist podiatrist professional"
)
_MANY = (
    "experts expert doctors dermatologists nutritionists dieticians dietitians dentists physicians specialists"
    " scientists researchers pharmacists trainers"
)
_EXPERT = rf"(?:{'|'.join(_EXPERTS.split())})"
_THEY = (
    rf"(?:{'|'.join(_MANY.split())}"
    r"|(?:health|medical|healthcare|skincare|beauty|fitness|sleep) professionals)"
)
_WORK = r"(?:studies|study|research|science|evidence|clinical trials|trials|surveys)"
_CUES = Cues(
    cue(
        "speaker",
        1.0,
        "A qualified person speaks, and the page does not say who it is.",
        "as",
        rf"\bas an? (?:[a-z-]+,? ){{0,4}}?{_EXPERT}"
        r"(?: (?:in|of|with|who|and|for|specializing) (?:[a-z]+ ){0,6}?[a-z]+)?,? (?-i:I)\b(?:['’](?:ve|m|d))?",
        needs=_EXPERTS,
    ),
    cue(
        "speaker",
        1.0,
        "A qualified person speaks, and the page does not say who it is.",
        "my-5",
        r"\bin my (?:\w+ )?(?:years (?:of|as)|clinical practice|medical practice|dermatology practice)\b"
        r"|\bI (?:often |always |usually )?(?:tell|advise|recommend \w+ to) my patients\b",
        needs="practice years patients",
    ),
    cue(
        "tested",
        1.0,
        "Nobody says who tested, how, or what was measured.",
        "our we we've after hundreds",
        r"\bour (?:\w+ )?(?:team(?: of (?:\w+ )?(?:experts|reviewers|specialists|researchers|editors))?|experts"
        r"|editors|reviewers|testers|researchers|specialists|nutritionists|panel)"
        r" (?:has |have )?(?:\w+ly )?(?:tested|tried|reviewed|evaluated|analy[sz]ed|researched|compared|spent)\b"
        r"|\bwe(?:['’]ve| have)? (?:personally |thoroughly |rigorously |carefully |independently )?(?:tested|tried and"
        r" tested|spent (?:\w+ ){1,4}(?:testing|researching|reviewing))\b"
        r"|\bafter (?:\w+ ){0,2}(?:hours|days|weeks|months|years) of (?:\w+ )?(?:testing|research|trial)\b"
        r"|\bhundreds of hours\b",
        needs="tested tried reviewed evaluated analyzed analysed researched testing research compared spent",
    ),
    cue(
        "vague",
        1.0,
        "Nobody can look this up: no name, year or link.",
        f"{_MANY.replace(' ', '-4 ')}-4 professionals-5 studies-4 study-4 research-4 science-4 evidence-4 trials-5"
        " surveys-4 according",
        rf"\b(?:(?:many|most|some|several|numerous|countless|recent|leading|top|medical|health|clinical|scientific"
        rf"|various|all) )*(?:{_THEY} (?:(?:now|also|often|all|generally|widely|highly|strongly) )?(?:agree|say"
        rf"|recommend|suggest|believe|confirm)|{_WORK} (?:(?:has|have|also|even|now|consistently|clearly) )*"
        r"(?:shows?|shown|suggests?|indicates?|indicated|proves?|proven|confirms?|confirmed|found|demonstrates?|demonstrated|reveals?"
        rf"|revealed|supports?))\b|\baccording to (?:\w+ ){{0,2}}?(?:{_THEY}|{_WORK})\b",
        needs="agree agrees say says recommend recommends suggest suggests show shows shown indicate indicates prove"
        " proves proven confirm confirms found believe believes demonstrate demonstrates reveal reveals according"
        " supports",
    ),
    cue(
        "vague",
        1.0,
        "Nobody can look this up: no name, year or link.",
        "recommended-1 trusted-1 approved-1 endorsed doctor dermatologist dentist",
        rf"\b(?:recommended|trusted|approved|endorsed|formulated) by (?:\w+ ){{0,3}}?{_THEY}\b"
        r"|\b(?:doctor|dermatologist|dentist|physician|expert)[- ](?:recommended|approved|formulated|trusted)\b",
    ),
)
# A person with a title or degree, a byline, or a page about its author.
_PERSON = regex(
    r"\b(?:Dr|Prof|Professor|Doctor|Nurse|Sister)\b\.? ?[A-Z][\w'’-]+"
    r"|[A-Z][\w'’-]+,? \(?(?:MD|PhD|DDS|DMD|RN|RD|RDN|DPT|MBBS|BDS|MSc|BSc|DC|ND|LAc|NP|DNP|PA|FRCP|FAAD|Ph\.D"
    r"|M\.D|D\.O|R\.N|R\.D|L\.Ac|D\.C|N\.D)\b"
    r"|\b[Mm]y name is [A-Z]|\bI(?:['’]m| am) [A-Z][a-z]+"
    r"|\b(?:[Ww]ritten|[Rr]eviewed|[Aa]uthored|[Cc]hecked) by:? (?:[A-Z][\w'’-]+ ){1,2}[A-Z]"
)
# What makes an authority one that can be looked up.
_NAMED = regex(
    r"\d|\b[A-Z][\w'’-]+ et al\b|(?<=[a-z,;(] )[A-Z][\w'’-]+ (?:[A-Z]|of [A-Z])|\b[A-Z]{3,}\b|https?://|\]\("
    r"|\b(?:published|journal|university|institute|professor)\b"
)
# What a test is reported with.
_METHOD = regex(
    r"\b(?:measur\w+|method\w*|protocol|criteria|calibrat\w+|compar\w+ (?:with|to|against)|sample|bought|blind"
    r"|laborator\w+|scor\w+|rated|results? (?:were|was)"
    r"|\d+(?:\.\d+)? ?(?:g|kg|mg|ml|mm|cm|%|°C|°F|dB|hours?|days|weeks))\b"
)
# A name makes an authority one that can be looked up, a method makes a test one that can be repeated.
_SETTLES = {"vague": _NAMED, "tested": _METHOD}
_I = frozenset({"i", "i'm", "i've", "i'd", "i'll", "my", "me"})
STRETCH = 300  # words in which vague authorities are counted,
FREE = 1  # and so many of them are free
VAGUE = 0.5  # what each further one counts
IMPERSONAL = 0.004  # share of "I" and "my" below which a page has no speaker
LONG = 100  # words from which that can be said
REACH = 1  # sentences on either side in which a name or method may stand


def measure(document: Document, tables: Tables) -> Evidence:
    """The claims to authority that nobody can check, summed up."""
    kinds: dict[str, list[tuple[Sentence, Span]]] = {"speaker": [], "tested": [], "vague": []}
    settled: dict[tuple[str, int], bool] = {}
    for found, index, span in _claimed(document):
        if (found.kind, index) not in settled:
            settled[found.kind, index] = _near(document, index, _SETTLES.get(found.kind))
        if not settled[found.kind, index]:
            kinds[found.kind].append((document.sentences[index], span))
    speakers, tested, vague = kinds["speaker"], kinds["tested"], kinds["vague"]
    value = 0.0
    spans: list[Span] = []
    if speakers and not _PERSON.search(document.text):
        value += 2.0 if _impersonal(document, len(speakers)) else 0.0 if speaks_as_business(document) else 1.0
        spans += [span for _, span in speakers] if value else []
    if tested:
        value += 1.0
        spans += [span for _, span in tested]
    dense = _densest(vague) if claims(document).health >= HEALTHY else []
    if len(dense) > FREE:
        value += VAGUE * (len(dense) - FREE)
        spans += dense
    return Evidence(value, tuple(spans))


def _claimed(document: Document) -> Iterator[tuple[Cue, int, Span]]:
    """The cues in the page's own statements, with the sentence they stand in."""
    for found, start, end in _CUES.find(document):
        index = sentence_at(document, start)
        if index < 0 or document.blocks[document.sentences[index].block].kind not in BODY:
            continue
        if end > document.sentences[index].end or document.in_quotes(start, end):
            continue
        if document.text[document.sentences[index].end - 1] == "?":
            continue
        yield found, index, Span(start, end, found.says)


def _near(document: Document, index: int, pattern: re.Pattern[str] | None) -> bool:
    """Whether there is such a pattern, and it stands in the sentence or next to it."""
    near = document.sentences[max(0, index - REACH) : index + REACH + 1]
    return pattern is not None and pattern.search(document.text, near[0].start, near[-1].end) is not None


def _impersonal(document: Document, speakers: int) -> bool:
    """Whether nobody says "I" but in the sentences that claim a qualification."""
    words = document.tokens.word
    persons = len(document.tokens.among(_I))
    return len(words) >= LONG and persons - 2 * speakers < IMPERSONAL * len(words)


def _densest(vague: list[tuple[Sentence, Span]]) -> list[Span]:
    """The vague authorities of the stretch that has most of them."""
    first = last = oldest = 0
    for number, (sentence, _) in enumerate(vague, 1):
        while sentence.first - vague[oldest][0].first > STRETCH:
            oldest += 1
        if number - oldest > last - first:
            first, last = oldest, number
    return [span for _, span in vague[first:last]]
