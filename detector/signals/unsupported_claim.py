"""Claims of effect or safety stand without source, figure or limit; benefits pile up and no risk is named.

Why it matters
    The US Federal Trade Commission asks "competent and reliable scientific evidence" for every health claim (Health
    Products Compliance Guidance, 2022-12); DISCERN asks a page for its sources, the risks of each treatment and what
    is uncertain; the UK's GMC forbids doctors to call cosmetic treatment free of risk. Cures, guarantees and
    "clinically proven" with nothing behind them are what regulators fine.

Fires on
    Strong claims in the page's own voice: cures, guaranteed, permanent or immediate results, proof without a name,
    safety without limit, wonders, success for everybody, melting fat, flushed toxins, boosted immunity; praise of the
    effect counts half. A figure, study or authority in the same or a neighbouring sentence leaves a quarter. Where an
    article makes such a claim, its plain benefits count too, if there are many for each risk or limit it names. The
    value is the sum over the densest 300 words above what an honest page has: one claim, and more the more limits it
    names. The spans are the clauses of the claims.

    Example:
        The herb brackenwort has been used for a long time. ⟦It cures arthritis for good⟧, and ⟦it is clinically
        proven.⟧ ⟦The tea is 100% safe⟧, and ⟦it works for everyone.⟧ ⟦It flushes toxins out of the body⟧; rest comes
        to body and mind.

Quiet on
    A business that says plainly what its treatments are for; claims with their study, doubts, denials, questions,
    quotations, a person's own story; pages about something other than health.

    Example:
        Brackenwort tea may ease stiff joints a little. In a trial with 120 patients it was no better than black tea,
        and there is no evidence that it cures arthritis. "It works for everyone," says the packet, but side effects
        such as nausea and headache are common, and nobody can guarantee relief.

Blind spots
    Claims in pictures, in roundabout words and in invented testimonials. Whether a claim is true is not known here
    (see contradicted_claim); a figure close by counts as support, even if invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from detector.document import BODY, Document, Sentence, Span
from detector.patterns import regex
from detector.signals._claims import (
    HEALTHY,
    claims,
    cue,
    denied,
    hedged,
    own,
    sentence_at,
    speaks_as_business,
    supported,
)
from detector.signals._cues import Cues
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "habit"
SAYS = "Strong claims of effect or safety stand here without a source, a figure, a risk or a limit."

STRETCH = 300  # words over which claims are summed
SHORT = 250  # a page with fewer words counts as one of so many
FREE = 1.25  # what an honest page may claim in one stretch,
LIMITED = 0.5  # and more for each place where it names a limit
AROUND = 150  # within so many words of the stretch,
AT_MOST = 4  # up to so many
WITH_SUPPORT = 0.25  # what is left of a claim with a figure or a source close by
ANY = 0.5  # strong claims from which an article's plain benefits count too:
PILE = 4.0  # so many in a stretch
BALANCE = 2.0  # and more than so many for each limit on the page (and one);
PER_PILE = 1.5  # so much more than that counts as one strong claim,
HIGHEST = 2.0  # up to so many
PER_SENTENCE = 2.0  # what a sentence can count
STATEMENT = 4  # words from which a heading can be one
MOST = 12  # claims that are marked

_RESULT = (
    r"(?:results?|relief|weight loss|fat loss|improvement|solution|success|outcomes?|effects?|removal|reduction"
    r"|cure|fix|change|growth)"
)
_AWAY = (
    r"(?:heals?|revers(?:es?|ing)|eliminat(?:es?|ing)|banish(?:es)?|get(?:s|ting)? rid of|ends?|stops?|removes?"
    r"|destroys?|wipes? out|erases?|clears?|cures?)"
)
_FOR_GOOD = r"(?:forever|for ever|permanently|for good|once and for all|completely|for life)"
_ILLS = (
    r"(?:\w*aches?|pains?|wrinkles?|lines|scars?|inflammation|pressure|swelling|acne|spots|colds?|stress|fatigue"
    r"|fat)"
)
_CUES = Cues(
    cue(
        "cure",
        1.0,
        "A cure is promised, without a source or a limit.",
        "cure-1 cures curing cured heal heals end ends stop stops remove removes destroy destroys wipe erase erases"
        " clear clears reverse reverses reversing eliminate eliminates eliminating banish banishes get gets getting"
        " permanently completely totally",
        r"\b(?:(?:can|will|to|that|which|it|and|naturally|completely|permanently) cure|cures(?! of)|curing"
        r"|cure (?:for|all|your|any)|cured (?:with|by|completely|permanently|naturally)"
        rf"|{_AWAY} (?:\w+ ){{1,5}}{_FOR_GOOD}|(?:permanently|completely|totally) {_AWAY})\b",
    ),
    cue(
        "cure",
        1.0,
        "An illness or blemish is said to vanish.",
        "vanish-5 vanishes-5 disappear-5 disappears-5 melt-5 melts-5 dissolve-5 dissolves-5 gone-5",
        rf"\b{_ILLS} (?:simply |just |will |can |quickly |soon |are |is )*(?:melts? away|vanish(?:es)?|disappears?"
        r"|dissolves?|gone)\b",
    ),
    cue(
        "guarantee",
        1.0,
        "An outcome is guaranteed.",
        "guarantee guarantees guaranteed-3 guaranteeing",
        rf"\bguarante(?:es?|ed|eing) (?:\w+ ){{0,4}}{_RESULT}\b|\bguaranteed to\b|\b{_RESULT} (?:is|are) guaranteed\b"
        r"|\bguarantees? (?:that )?(?:you(?:['’]ll| will| can)|your)\b",
    ),
    cue(
        "permanent",
        1.0,
        "A permanent effect is promised.",
        "permanent permanently lifelong everlasting last lasts",
        rf"\b(?:permanent(?:ly)?|lifelong|everlasting) (?:\w+ ){{0,2}}{_RESULT}\b|\blasts? (?:forever|a lifetime)\b",
    ),
    cue(
        "proof",
        1.0,
        "Proof is claimed, and none is named.",
        "proven-1 tested-1 backed-1 validated-1 approved-1 formulated-1 supported",
        r"\b(?:clinically|scientifically|medically|dermatologically|doctor)[- ](?:proven|tested|backed"
        r"|validated|approved|formulated)\b|\bproven (?:to|results?|formula|ingredients|solution|way|method)\b"
        r"|\b(?:backed|supported|proven|validated) by (?:\w+ ){0,2}(?:science|research|studies|scientists)\b"
        r"|\bscience[- ]backed\b",
    ),
    cue(
        "safety",
        1.0,
        "Safety is promised without a limit.",
        "safe-3 safely side-5 harmless-3 painless-3 risk-5 risks-5 effective-3 100",
        r"\b(?:no|zero|without|free (?:of|from)) (?:\w+ ){0,3}side[- ]effects?\b"
        r"|\b(?:no|zero|without|free (?:of|from)) (?:(?:any|known|real|associated|health) )*risks?\b"
        r"|\b(?:100 ?%|100 percent|100 per cent|completely|totally|perfectly|absolutely|entirely|fully|utterly)"
        r" (?:safe|painless|harmless|natural|effective|(?:risk|pain)[- ]free|guaranteed)\b"
        r"|\bsafe (?:for|to use (?:for|by|on)) (?:everyone|everybody|anyone|all|any|every)\b"
        r"|\bsafe(?:,| and)(?: \w+,?){0,2}(?: and)? effective\b(?! (?:use|care|practice|exercise)\b)"
        r"|\bsafely and effectively\b",
    ),
    cue(
        "safety",
        0.5,
        "Recovery is said to take no time.",
        "downtime-4 recovery-4",
        r"\b(?:no|zero|without(?: any)?|little to no) (?:\w+ )?(?:downtime|recovery (?:time|period))\b",
    ),
    cue(
        "wonder",
        1.0,
        "A wonder is promised.",
        "miracle miraculous magic magical wonder breakthrough revolutionary groundbreaking ground secret",
        r"\b(?:miracle|miraculous|magic(?:al)?|wonder|breakthrough|revolutionary|ground-?breaking|secret)[- ]"
        r"(?:\w+ ){0,2}(?:cure|drug|pill|formula|ingredient|solution|remedy|treatment|product|herb|plant|food|cream"
        r"|results?|drink|oil|supplement|way|procedure|therapy|approach|discovery|method|technique|blend|trick)s?\b",
    ),
    cue(
        "speed",
        1.0,
        "A quick effect is promised.",
        "instant instantly-7 overnight-7 immediate immediately-7 rapid rapidly fast quick minutes-12 hours-12 days-12",
        r"\b(?:instant|immediate|overnight|rapid|fast|quick)(?:ly)? (?:\w+ )?(?:results|weight loss|fat loss)\b"
        r"|\b(?:instant(?:ly)?|overnight) (?:\w+ )?(?:relief|cure|glow|lift|transformation)\b"
        r"|\b(?:works?|see|feel|lose|disappears?|vanish(?:es)?|gone) (?:\w+ ){0,6}(?:instantly|overnight|immediately"
        r"|(?:with)?in (?:just |only |as little as )?(?:\d+|a few|one|two|three|seven|ten) (?:minutes|hours"
        r"|days))\b",
    ),
    cue(
        "everybody",
        1.0,
        "It is said to work for everybody.",
        "everyone-4 everybody-4 anyone-4 anybody-4 skin-5 body-5",
        r"\b(?:works?|effective|suitable|suited|perfect|ideal|beneficial|helps?|benefits?|recommended|right)"
        r" (?:\w+ ){0,3}(?:everyone|everybody|anyone|anybody|any (?:skin|body)|all (?:skin|body) types)\b"
        r"|\b(?:everyone|everybody|anyone|anybody) (?:can|will|should) (?:benefit|enjoy|see|lose|achieve|feel)\b",
    ),
    cue(
        "fat",
        1.0,
        "Fat is said to melt.",
        "fat-4 pounds-4 inches-4 belly-4",
        r"\b(?:melt|blast|torch|incinerat|dissolv)(?:e?s|ing|e)? (?:\w+[ -]){0,3}(?:fat|pounds|inches|belly)\b"
        r"|\bfat[- ](?:burning|melting|blasting) (?:formula|supplement|pill|power|properties|ingredient|drink|tea"
        r"|hormone|furnace|secret|machine|effect)s?\b"
        r"|\bburn(?:s|ing)? (?:\w+[ -]){0,3}fat (?:fast|faster|while|without|even|around the clock|effortlessly)\b",
    ),
    cue(
        "poison",
        1.0,
        "Poison is said to leave the body.",
        "toxin-5 toxins-5 detoxify detoxifies detoxifying",
        r"\b(?:flush|eliminat|remov|rid|clear|releas|draw|expel|purg|cleans|drain)(?:e?s|ing|e)? (?:\w+ ){0,4}"
        r"toxins?\b|\bdetoxif(?:y|ies|ying) (?:\w+ ){0,2}(?:body|liver|skin|blood|system|colon|organs)\b",
    ),
    cue(
        "immunity",
        1.0,
        "Immunity is said to rise.",
        "immune-4 immunity-4",
        r"\b(?:boost|strengthen|supercharg|enhanc)(?:e?s|ing|e)? (?:\w+ ){0,3}immun\w+\b",
    ),
    cue(
        "outcome",
        0.5,
        "An outcome is promised to every reader.",
        "you you'll goodbye-1",
        r"\byou(?: will|['’]ll) (?:\w+ ){0,2}?(?:notice|see|enjoy|achieve|look|feel|experience|lose|get|have|love)"
        r" (?:\w+,? ){0,5}?(?:skin|hair|results?|difference|younger|energy|confident|rejuvenated|healthier|pain[- ]free"
        r"|smoother|brighter|improvements?|glow|weight|pounds|smile|complexion|years)\b"
        r"|\bsay goodbye to (?:\w+ ){0,4}?(?:skin|hair|pain|wrinkles|lines|fat|weight|acne|scars?|discomfort|stress"
        r"|circles|spots|cellulite|fatigue|aches?)\b",
    ),
    cue(
        "praise",
        0.5,
        "The effect is praised, with nothing to check it by.",
        "effective-1 potent-1 powerful-1 beneficial-1 results-3 result-3 benefits-5 benefit-3 effects-3 effectiveness-3"
        " efficacy-3 transformation-3 transformations-3 improvement-3 improvements-3 solution-3 remedy-1 answer-1",
        r"\b(?:highly|incredibly|extremely|remarkably|extraordinarily) (?:effective|potent|powerful|beneficial)\b"
        r"|\b(?:remarkable|dramatic|incredible|amazing|stunning|impressive|outstanding|extraordinary|transformative"
        r"|spectacular|phenomenal|unparalleled|life-changing|astonishing|exceptional|unbeatable|unmatched"
        r"|maximum|visible|noticeable|long[- ]lasting|lasting) (?:\w+ )?(?:results?|benefits?|effects?|effectiveness"
        r"|efficacy|transformations?|improvements?|solution)\b"
        r"|\b(?:numerous|countless|myriad|multitude|host|wealth|plethora|wide range|array|endless|abundance)(?: of)?"
        r" (?:\w+ ){0,2}benefits\b|\b(?:perfect|ultimate|ideal) (?:solution|remedy|answer|cure)\b",
    ),
)
# Words of a person's story, which claims nothing of others.
_STORY = frozenset("i i'm i've i'd my me he she his her him".split())
# Where a clause begins: after a mark, or after a comma before what can stand alone.
_CLAUSE = regex(
    r"[;:()—–][\s,]*|,\s+(?:and|but|so)\s+(?=\w+\s+\w+\s+\w)|,\s+(?=(?:while|which|because|since)\b)"
)


class _Claim(NamedTuple):
    """A claim: the token at which its sentence begins, what it counts, and its clause."""

    at: int
    weight: float
    span: Span


def measure(document: Document, tables: Tables) -> Evidence:
    """Claims in the densest stretch above what an honest page has."""
    known = claims(document)
    if known.health < HEALTHY:
        return Evidence()
    strong, plain = list(_strong(document)), list(_plain(document))
    most, first, last = _densest(document, strong)
    extra = 0.0
    if most >= ANY and _densest(document, plain)[0] >= PILE and not speaks_as_business(document):
        extra = min(HIGHEST, max(0.0, len(plain) / (len(known.limits) + 1) - BALANCE) / PER_PILE)
    places = (document.sentences[k].first for k in known.limits)
    limits = sum(first - AROUND <= at <= last + AROUND for at in places)
    value = most + extra - FREE - LIMITED * min(AT_MOST, limits)
    if value <= 0:
        return Evidence()
    shown = sorted(strong, key=lambda c: -c.weight) + (plain if extra else [])
    reasons: dict[tuple[int, int], dict[str, None]] = {}
    for claim in shown[:MOST]:
        reasons.setdefault((claim.span.start, claim.span.end), {})[claim.span.says] = None
    return Evidence(value, tuple(Span(*place, " ".join(says)) for place, says in reasons.items()))


def _strong(document: Document) -> Iterator[_Claim]:
    """Strong claims that the page makes itself, one of a kind for each sentence."""
    stated: dict[int, bool] = {}
    weights: dict[int, float] = {}
    seen: set[tuple[int, str]] = set()
    for found, start, end in _CUES.find(document):
        index = sentence_at(document, start)
        sentence = document.sentences[index]
        if (index, found.kind) in seen or index < 0 or end > sentence.end:
            continue
        if index not in stated:
            stated[index] = _is_stated(document, sentence)
        if not stated[index] or denied(document, sentence, start, end):
            continue
        seen.add((index, found.kind))
        weight = found.weight * (WITH_SUPPORT if supported(document, index) else 1.0)
        weight = min(weight, PER_SENTENCE - weights.get(index, 0.0))
        weights[index] = weights.get(index, 0.0) + weight
        yield _Claim(sentence.first, weight, _clause(document, sentence, start, end, found.says))


def _is_stated(document: Document, sentence: Sentence) -> bool:
    """Whether the page says the sentence itself, of everybody and without a hedge; a heading of some words may too."""
    kind, words = document.blocks[sentence.block].kind, document.tokens.word[sentence.first : sentence.last]
    if kind not in BODY and not (kind == "heading" and len(words) >= STATEMENT):
        return False
    return _STORY.isdisjoint(words) and own(document, sentence) and not hedged(document, sentence)


def _plain(document: Document) -> Iterator[_Claim]:
    """Sentences that say something works, without figure or source."""
    for index in claims(document).effects:
        if not supported(document, index):
            s = document.sentences[index]
            yield _Claim(
                s.first, 1.0, Span(s.start, s.end, "A benefit, and hardly a risk or limit on the page.")
            )


def _densest(document: Document, found: list[_Claim]) -> tuple[float, int, int]:
    """What the claims sum up to in their densest stretch, as a rate per 300 words, and its first and last claim."""
    found = sorted(found, key=lambda c: c.at)
    most, first, last, total, oldest = 0.0, 0, 0, 0.0, 0
    for claim in found:
        total += claim.weight
        while claim.at - found[oldest].at > STRETCH:
            total -= found[oldest].weight
            oldest += 1
        if total > most:
            most, first, last = total, found[oldest].at, claim.at
    return most * STRETCH / min(STRETCH, max(SHORT, len(document.tokens))), first, last


def _clause(document: Document, sentence: Sentence, start: int, end: int, says: str) -> Span:
    """The part of the sentence between punctuation that holds text[start:end]."""
    cuts = [m.span() for m in _CLAUSE.finditer(document.text, sentence.start, sentence.end)]
    before = max((b for _, b in cuts if b <= start), default=sentence.start)
    after = min((a for a, _ in cuts if a >= end), default=sentence.end)
    return Span(before, after, says)
