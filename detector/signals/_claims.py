"""What the health signals share: where a page says that something works on body or mind, where it says what can go
wrong, and whether a sentence is the page's own, unhedged statement. Any topic of health and beauty: the words are
general, and stems stand for all their forms.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from detector.document import BODY, Document, Sentence
from detector.patterns import regex
from detector.signals import _cues

_ENDINGS = " e es ed d s ing ion ions ation ations er ers ement ive ively al ally y ic ics".split(" ")


def _forms(stems: str) -> frozenset[str]:
    """Every form of the stems that an ordinary ending gives; a stem in -y also has -ies and -ied."""
    found = {stem + ending for stem in stems.split() for ending in _ENDINGS}
    return frozenset(found | {s[:-1] + e for s in stems.split() if s[-1] == "y" for e in ("ies", "ied")})


# Verbs of effect; before a thing of body or mind they make a statement of benefit.
_EFFECT = _forms(
    "improv reduc enhanc boost stimulat promot increas reliev relief alleviat restor rejuvenat smooth soften tighten"
    " firm brighten minimi minimiz minimis diminish strengthen support sooth calm nourish hydrat repair heal prevent"
    " combat fight eliminat balanc regulat cleans detoxify detox revitali revitaliz revitalis plump regrow thicken"
    " accelerat melt revers optimi optimiz optimis maximi maximiz rebuild renew refresh regenerat remov eras clear"
    " tackl banish correct treat cur replenish moisturi moisturiz moisturis whiten lighten flush releas loosen relax"
    " protect fortify purify energi energiz energis invigorat curb suppress eas lower fad burn"
)
_BODY = _forms(
    "skin complexion wrinkle line scar pore texture tone collagen elastin hair scalp follicle fat weight metabolism"
    " appetite energy immunity immune circulation digest gut inflammat pain ache stress anxiety mood sleep memory joint"
    " muscle mobility cholesterol hormon libido testosterone health wellness wellbeing vitality recovery toxin symptom"
    " disease volume ag ageing aging teeth tooth gum smile eyesight hearing fatigue stamina bone body brain heart liver"
    " lung kidney blood nerve spine posture acne pigment hyperpigment cellulite puffi swelling redness dryness irritat"
    " tension stiffness soreness headache migraine infection elasticity hydrat glow radiance contour jawline depress"
    " condition illness injury ailment disorder bowel stomach bladder breath cancer diabet arthritis eczema psoriasis"
    " asthma allergy obesity nausea insomnia tumour tumor plaque cavity rash itch wound"
)
_TREATMENT = _forms(
    "treat therap procedur surg inject medicin medicat drug supplement remed cream serum dose dosage tablet capsule"
    " pill laser implant vaccin antibiotic herb herbal extract massag acupunctur chiropract physiotherap prescript"
    " filler botox peel needling microneedling"
)
_CARE = _forms("diet exercis patient doctor dentist dental clinic dermatolog nurs hospital")
_HEALTH = _BODY | _TREATMENT | _CARE
_REACH = 6  # words after the verb in which the thing must stand
_BEFORE = 4  # words before the verb in which it is denied, or claimed with reserve
_DENIAL = frozenset("not no never cannot can't don't doesn't didn't won't isn't aren't without".split())
_RESERVE = frozenset(
    "may might could perhaps possibly potentially sometimes seem seems appear appears suggests"
    " thought believed".split()
)

# What can go wrong, and other words on who should not and how far it goes.
_RISKS = frozenset(
    "risk risks risky complication complications adverse bruise bruises bruising scarring bleeding infection infections"
    " nausea allergic allergy danger dangers dangerous harm harmful swelling soreness irritation discomfort headache"
    " headaches dizziness vomiting diarrhea diarrhoea rash burns overdose toxic fatal".split()
)
_LIMITS = _RISKS | frozenset(
    "contraindicated contraindication contraindications allergies pregnant pregnancy breastfeeding caution unsuitable"
    " drawback drawbacks downside downsides disadvantage disadvantages limitation limitations limits unlikely vary"
    " varies".split()
)
_LIMITING = (_LIMITS - _EFFECT) | {"effects"}  # "side effects"
# What makes a benefit of it again: "reduces the risk of", "without discomfort".
_LESS = regex(
    r"\b(?:reduc|lower|minimi[sz]|decreas|prevent|avoid|cut|without|no|never|free|fewer|less|low|eas|reliev|sooth|treat"
    r"|heal|calm|fight|against|protect|diminish|eliminat|remov|help|alleviat|improv|comfort)\w*\W+(?:\w+\W+){0,4}$",
    re.I,
)

# Before a claim, in its clause: what takes it back.
_NOT = regex(
    r"\b(?:no(?! (?:wonder|doubt|matter|longer|more)\b)|not(?! (?:only|just|to mention)\b)|never|cannot|without|nor"
    r"|neither|none|nobody|nothing(?! but\b)|hardly|rarely|seldom|unlikely|fail(?:s|ed)?|lacks?|instead of"
    r"|rather than|far from|unless|if|whether|beware|avoid|warn\w*|against)\b|n['’]t\b",
    re.I,
)
# Anywhere in the sentence: what makes it somebody else's claim, a doubt or a warning.
_NOT_OURS = regex(
    r"\b(?:myths?|mis(?:conception|leading|information|led)\w*|false(?:ly)?|untrue|claim(?:s|ed|ing)?|so-called"
    r"|alleg\w+|purport\w*|supposed(?:ly)?|scams?|fraud\w*|hoax\w*|quack\w*|bogus|un(?:proven|founded|proved)"
    r"|debunk\w*|illegal\w*|too good to be true|no (?:\w+ ){0,3}(?:evidence|proof|cure)"
    r"|(?:little|weak|limited|poor|lack of|insufficient) (?:\w+ ){0,2}(?:evidence|proof)"
    r"|not (?:recommended|advised|safe)|said|says|told|according to|asked|reported(?:ly)?|wrote)\b",
    re.I,
)
_HEDGED = regex(
    r"\b(?:may|might|could|perhaps|possibly|potential(?:ly)?|seems?|appears?|suggest\w*|likely|believed|thought to"
    r"|in theory|hop(?:e|es|ed|ing)|aim(?:s|ed)?|some (?:people|patients|cases|studies|women|men)|sometimes|often"
    r"|usually|generally|in many cases|depend\w*|var(?:y|ies)|however|although|but(?! also)|limited|temporar\w+"
    r"|would)\b",
    re.I,
)
# A figure with its unit, a study, an authority, a year, a reference number.
_SUPPORT = regex(
    r"\d[\d.,]* ?(?:patients|participants|people|women|men|children|adults|volunteers|trials|studies|cases|mg|mcg|ml"
    r"|(?:weeks?|months?|years?) after)\b"
    r"|(?<!100)(?<!100 )(?:%|percent\b|per cent\b)(?! (?:safe|natural|pure|effective|guarante|organic|off))"
    r"|\b(?:et al|doi|PMID|randomi[sz]ed|placebo|meta-analysis|systematic review|Cochrane|published in|NICE|NHS|CDC"
    r"|WHO)\b|\b(?:University|Institutes?|Journal|College|Academy) of\b|\b(?:19|20)\d\d\b|\[\d{1,3}\]",
)
# How a business speaks of itself on its own page.
_BUSINESS = regex(
    r"\bour (?:\w+ )?(?:team|clinic|practice|office|staff|patients|clients|customers|services?|products?|company"
    r"|doctors?|dentists?|specialists|therapists|studio|shop|store|cent(?:re|er)|treatments?|crew|hospital|members?)\b"
    r"|\b(?:contact|call|visit|email|with|join|at|by|choose|trust|see|from|book) us\b"
    r"|\bwe(?:['’](?:re|ve)| are| offer| provide| use| treat)\b|\bmy (?:practice|clinic|clients|patients)\b"
    r"|\bI (?:offer|provide|treat)\b",
    re.I,
)
SPEAKS = 2  # times it must do so
BEFORE = 70  # characters before a claim in which it may be taken back
HEALTHY = 0.02  # share of words about health from which a page is about it


class Claims(NamedTuple):
    """Indices into `Document.sentences`, in order, of those in which the page

    effects: says that something works on body or mind. reserved: says so with reserve. treatments: names one.
    risks: says what can go wrong. limits: says that, or for whom or how far it does not work.

    health: share of words about health. starts: where each sentence begins, in characters.
    """

    effects: list[int]
    reserved: list[int]
    risks: list[int]
    limits: list[int]
    treatments: list[int]
    health: float
    starts: list[int]


def claims(document: Document) -> Claims:
    """Counted on first use and kept with the document."""
    kept = document.__dict__.get("_claims")
    if not isinstance(kept, Claims):
        kept = document.__dict__["_claims"] = _count(document)
    return kept


def _count(document: Document) -> Claims:
    tokens, sentences, blocks = document.tokens, document.sentences, document.blocks
    words, sentence_of = tokens.word, document.sentence_of
    about = tokens.met(_HEALTH)
    health = sum(int(tokens.type_counts[tokens.types[word]]) for word in about)
    treatments = dict.fromkeys(sentence_of[tokens.among(_TREATMENT & about)].tolist())
    effects: dict[int, bool] = {}
    for i in [] if _BODY.isdisjoint(about) else tokens.among(_EFFECT):
        k = int(sentence_of[i])
        before = words[max(sentences[k].first, i - _BEFORE) : i]
        if (
            k not in effects
            and not _BODY.isdisjoint(words[i + 1 : min(i + 1 + _REACH, sentences[k].last)])
            and ("only" in before or _DENIAL.isdisjoint(before))
        ):
            effects[k] = not _RESERVE.isdisjoint(before)
    risks: dict[int, None] = {}
    limits: dict[int, None] = {}
    for i in tokens.among(_LIMITING):
        if words[i] == "effects" and (not i or words[i - 1] != "side"):
            continue
        k, at = int(sentence_of[i]), tokens.start[i]
        if k not in risks and not _LESS.search(document.text, max(sentences[k].start, at - 60), at):
            limits[k] = None
            if words[i] in _RISKS or words[i] == "effects":
                risks[k] = None
    stated = [k for k in effects if blocks[sentences[k].block].kind in BODY and own(document, sentences[k])]
    return Claims(
        effects=stated,
        reserved=[k for k in stated if effects[k]],
        risks=list(risks),
        limits=list(limits),
        treatments=list(treatments),
        health=health / max(1, len(tokens)),
        starts=[s.start for s in sentences],
    )


def cue(kind: str, weight: float, says: str, words: str, pattern: str, needs: str = "") -> _cues.Cue:
    """A Cue whose spaces are met by line breaks too, as a phrase may run over the end of a line."""
    return _cues.cue(kind, weight, says, words, pattern.replace(" ", r"\s"), needs)


def sentence_at(document: Document, at: int) -> int:
    """The index of the sentence that begins at the character or is the last one to begin before it; -1: none does."""
    return bisect_right(claims(document).starts, at) - 1


def own(document: Document, sentence: Sentence) -> bool:
    """Whether the sentence is a statement and the page's own: no question, quotation, report or warning."""
    text, start, end = document.text, sentence.start, sentence.end
    return (
        text[end - 1] != "?"
        and not _NOT_OURS.search(text, start, end)
        and not document.in_quotes(start, min(end, start + 20))
    )


def denied(document: Document, sentence: Sentence, start: int, end: int) -> bool:
    """Whether the claim at text[start:end] is taken back before it in its clause, or quoted."""
    text, first = document.text, max(sentence.start, start - BEFORE)
    clause = max(first, *(text.rfind(mark, first, start) + 1 for mark in ";:—"))
    return _NOT.search(text, clause, start) is not None or document.in_quotes(start, end)


def hedged(document: Document, sentence: Sentence) -> bool:
    """Whether the sentence says that it need not be so."""
    return _HEDGED.search(document.text, sentence.start, sentence.end) is not None


def supported(document: Document, index: int, reach: int = 1) -> bool:
    """Whether a figure, a study or an authority stands in the sentence or within `reach` sentences of it."""
    near = document.sentences[max(0, index - reach) : index + reach + 1]
    return _SUPPORT.search(document.text, near[0].start, near[-1].end) is not None


def speaks_as_business(document: Document) -> bool:
    """Whether the page is a business speaking of itself ("our clinic", "call us")."""
    found = _BUSINESS.finditer(document.text)
    return sum(1 for _, _ in zip(found, range(SPEAKS), strict=False)) == SPEAKS
