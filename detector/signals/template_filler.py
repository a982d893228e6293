"""The text is template filler: stock openings and closings, headings restated, praise with nothing specific
around.

Why it matters
    Mass-produced pages fill a template: every section opens with a phrase that fits any topic, says the
    heading again and praises in the abstract. Google's Search Quality Rater Guidelines rate pages of filler
    "Lowest", whoever wrote them; the helpful-content questions ask for substance in place of it. A good
    page may praise itself, but it says with what.

Fires on
    Sentences that are made of praise and abstractions and hold no number, name or person, that open or
    close a text on any topic, or that only say the heading above them again. Numbers and names close by
    make a sentence count less. The value is the sum over the densest 300 words.

    Example:
        Why Houseplants Matter

        ⟦Houseplants matter for many reasons, and it is essential to understand why they matter.⟧ ⟦In
        today's busy world, incorporating greenery into your lifestyle offers numerous benefits and can
        truly enhance your overall wellbeing.⟧ ⟦Whether you are a beginner or an expert, embracing plants is
        an essential step on your journey towards a more balanced and fulfilling life.⟧

        The right plant can transform any space. ⟦By exploring innovative solutions and effective
        strategies, you can unlock the full potential of your home and achieve remarkable results.⟧

Quiet on
    Plain statements, praise that stands among names, prices and figures, a single stock phrase.

    Example:
        The Nursery on Mill Lane

        Our friendly team has raised houseplants since 1987. Modern glasshouses and 14 kinds of compost let
        us grow an exceptional range of ferns, and Ruth Palmer answers your questions on Saturdays. A Boston
        fern costs £9, and repotting is free.

Blind spots
    Filler that is padded with invented figures and names; filler in plain words; languages other than
    English. The words of praise are a list, so that a new fashion in praise is seen only by what it leaves
    out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from detector.document import Document, Sentence, Span
from detector.patterns import regex
from detector.signals._specifics import specifics
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "habit"
SAYS = "Much of this stretch is filler: phrases that fit any topic, with nothing specific in them."

STRETCH = 300  # words over which the value is summed
SHORT = 150  # a page with fewer words counts as one of so many
LEAST = 6  # words of the shortest sentence that is looked at
DENSE = 0.08  # share of hollow words from which a sentence is hollow
NEAR = 60  # words on either side in which details make a sentence less empty
STOCK = 0.5  # a stock phrase, and a heading restated
NEW_WORDS = 5  # longer words that a sentence may add to its heading and still only restate it
EMPTY = 0.3  # score from which a sentence is marked
MOST = 12  # sentences that are marked
FEW = 3  # and of those that score less, if there are no others

# Praise that fits any topic, and abstractions, which count half: stems, with whatever ending makes sense.
_PRAISE = (
    "enhanc boost unlock transform empower elevat optim optimi foster embrac incorporat prioriti"
    " discover navigat"
    " maximi innovat essential crucial vital invaluabl comprehensiv seamless effortless powerful exceptional"
    " remarkabl incredibl amazing ultimat perfect ideal valuabl versatil robust holistic tailor personali"
    " sustainab vibrant meaningful numerous countless myriad truly journey wellbeing wellness lifestyle"
    " fulfill thriv"
    " harmon unparallel unmatch impressiv fantastic balanc overall"
).split()
_ABSTRACT = (
    "promot ensur explor achiev benefit beneficial effectiv potential solution insight strateg importan"
    " aspect"
    " confiden success understand simpl maintain support improv goal quality experienc approach practic"
    " significan"
    " dramatic"
).split()
_ENDINGS = (
    " e es ed d s ing ings ement ements ation ations ive ively ion ions al ally ly ity ize izes ized"
    " izing ise ises"
    " ised ising ze zes zed zing se ses sed sing able le y ies ful fully ness ic ical ce t tly ts ance er ers"
    " gy gies gic ment ments ble bly nce nt ntly"
).split(" ")
_HOLLOW = {
    stem + ending: weight
    for stems, weight in ((_ABSTRACT, 0.5), (_PRAISE, 1.0))
    for stem in stems
    for ending in _ENDINGS
}

_HOLLOW_WORDS = frozenset(_HOLLOW)

# How a text on any topic begins a sentence.
_STOCK = regex(
    r"in (?:today\b|(?:an?|the|our|this) (?:[a-z-]+,? ){0,3}(?:world|age|era|society|landscape|times)\b)"
    r"|whether you\b[^.?!]{0,80}\bor\b"
    r"|when it comes to\b"
    r"|look no further\b"
    r"|let['’]?s (?:take|dive|explore|look|break|find|get|start|discover)\b"
    r"|(?:in )?th(?:is|e following) (?:[a-z-]+ )?(?:article|guide|blog|post)[a-z ]*,? "
    r"(?:we|you|will|explores?|covers?|looks?|takes?|walks?)\b"
    r"|it(?:['’]s| is) (?:also )?(?:important|essential|crucial|vital|worth) (?:to )?(?:not|remember|understand)"
    r"|(?:in (?:conclusion|summary|essence|short)|to sum (?:it )?up|all in all|overall|ultimately),"
    r"|(?:by|with) [a-z]+ing\b[^.?!]{0,80}, you (?:can|will)\b"
    r"|with (?:the right|so many|a little)\b"
    r"|say goodbye\b|are you (?:looking|tired|ready|struggling)\b|have you ever\b"
    r"|understanding (?:the|how|what|your)\b",
    re.IGNORECASE,
)
_OPENING = frozenset(  # words with which `_STOCK` begins
    "in whether when look let let's lets this the it it's to all overall ultimately by with say are have"
    " understanding".split()
)


def measure(document: Document, tables: Tables) -> Evidence:
    """How much filler the densest stretch holds, and the emptiest sentences."""
    found = [(score, s, says) for s, score, says in _scored(document)]
    value = total = 0.0
    oldest = 0
    for score, sentence, _ in found:
        total += score
        while sentence.last - found[oldest][1].first > STRETCH and found[oldest][1] is not sentence:
            total -= found[oldest][0]
            oldest += 1
        value = max(value, total)
    if not found:
        return Evidence()
    ranked = sorted(found, key=lambda f: (-f[0], f[1].start))[:MOST]
    worst = [f for f in ranked if f[0] >= EMPTY] or ranked[:FEW]  # where each adds little, still show where
    size = min(STRETCH, max(SHORT, len(specifics(document).body)))
    return Evidence(value * STRETCH / size, tuple(Span(s.start, s.end, says) for _, s, says in worst))


def _scored(document: Document) -> Iterator[tuple[Sentence, float, str]]:
    """The sentences of the body that are somewhat empty, how much, and why."""
    tokens, sentences, bounds = document.tokens, document.sentences, document.bounds
    # running totals over the tokens: of those in the body, and of praise; over the body: of details
    body = np.concatenate([[0], np.cumsum(document.in_body)])
    weight = np.zeros(len(tokens.types))
    for word in tokens.met(_HOLLOW_WORDS):
        weight[tokens.types[word]] = _HOLLOW[word]
    hollow = np.concatenate([[0.0], np.cumsum(weight[tokens.type_of])])
    sums = specifics(document).sums
    first, after = body[bounds.first], body[bounds.last]
    bare = ((after - first >= LEAST) & (sums[after] == sums[first])).nonzero()[0]
    first, after = first[bare], after[bare]
    praise = hollow[bounds.last[bare]] - hollow[bounds.first[bare]]
    near = sums[np.minimum(body[-1], after + NEAR)] - sums[np.maximum(0, first - NEAR)]
    headed = (bare > 0) & ~document.body[bounds.block[bare - 1]]
    columns = (column.tolist() for column in (bare, praise, near, headed))
    for k, praised, details, is_headed in zip(*columns, strict=True):
        sentence = sentences[k]
        score, says = 0.0, ""
        if praised > max(1.0, DENSE * (sentence.last - sentence.first)):
            score = min(1.0, (praised - 1.0) / 2.0)
            says = "Praise and abstractions, and nothing a reader could check."
        if tokens.word[sentence.first] in _OPENING and _STOCK.match(document.text, sentence.start):
            score, says = score + STOCK, "A stock phrase that opens or closes a text on any topic."
        if is_headed and _restates(document, sentences[k - 1], sentence):
            score, says = score + STOCK, "Says the heading again and adds nothing."
        if score:
            yield sentence, min(1.0, score) / (1.0 + details / 2.0), says


def _restates(document: Document, before: Sentence, sentence: Sentence) -> bool:
    """Whether the sentence before it is a heading of which it says most, and little else."""
    text, words = document.text, document.tokens.word
    if "?" in (text[before.end - 1], text[sentence.end - 1]):
        return False
    heading = {w for w in words[before.first : before.last] if len(w) > 3}
    said = set(words[sentence.first : sentence.last])
    new = sum(len(w) > 4 and w not in _HOLLOW for w in said - heading)
    return len(heading) > 1 and len(heading & said) >= 0.75 * len(heading) and new <= NEW_WORDS
