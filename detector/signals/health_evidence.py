"""What DISCERN, JAMA, HON and QUEST ask of a page about a treatment: each check with its sentence, or where it is
missing.

Why it matters
    DISCERN (Charnock 1999), the JAMA benchmarks (Silberg 1997), the HON code and QUEST (Robillard 2018) are how health
    information is judged by hand: who wrote it, from what, when, who pays; what the treatment does, what can go wrong,
    what else there is, what is not known. They are shown to the editor as a list. Honest pages fail many of them too,
    so this is a description and never a reason: its push is 0.

Fires on
    Pages about health that say of a treatment what it does, for good or ill. Each check that is met marks the first
    sentence that meets it; those not met stand at the title (author, qualification, sources, date, interests) or at
    the first sentence that claims a benefit (risks, who should not, evidence, alternatives, doubt, decision). Checks
    at one place share a span. The value is the number of checks not met, of eighteen.

    Example:
        ⟦Heat belts for back pain⟧

        ⟦A heat belt relieves muscle pain by warming the tissue.⟧ It soothes stiff muscles in the morning. ⟦Its
        side effects are redness and burns.⟧ ⟦Do not use it if you are pregnant.⟧ Wear it over a thin shirt. ⟦Other
        options are a hot bath and gentle movement.⟧ ⟦Talk to your doctor about what suits you.⟧

Quiet on
    Pages that are not about treatments, whatever they lack.

    Example:
        Boiling an egg

        Put the egg into boiling water and wait for eight minutes. A fresh egg sinks, an old one floats. Rinse it under
        cold water.

Blind spots
    A sentence can meet a check and be wrong. Authors, dates and interests in pictures, in markup or on another page of
    the site are not seen. The checks know English wordings only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from detector.document import BODY, Document, Sentence, Span
from detector.patterns import regex
from detector.signals._claims import HEALTHY, claims, cue, hedged, supported
from detector.signals._cues import Cues
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "description"
SAYS = "What DISCERN, JAMA, HON and QUEST ask of a page about a treatment, and where it is."

BENEFITS = 2  # sentences that say what a treatment does, from which the page is about one;
TREATMENTS = 4  # or so many that name a treatment,
OF_ALL = 0.1  # and such a share of all, if a benefit or a risk is named too


class Check(NamedTuple):
    """One question of the instruments: what the margin says where it is met, and where it is not ("" : nothing)."""

    name: str
    met: str
    missing: str


_AT_TITLE = (
    Check("author", "Names its author (JAMA authorship).", "No author is named (JAMA authorship)."),
    Check(
        "qualified",
        "Names a qualified person (HON authority).",
        "Nobody's qualification is given (HON authority).",
    ),
    Check("sources", "Gives a source (JAMA attribution).", "No source is given (JAMA attribution)."),
    Check("date", "Gives a date (JAMA currency).", "No date is given (JAMA currency)."),
    Check(
        "interests",
        "Says who pays or gains (JAMA disclosure).",
        "Nothing says who pays or gains (JAMA disclosure).",
    ),
    Check("aims", "Says what it is about (DISCERN 1).", ""),
)
_AT_CLAIM = (
    Check("benefits", "Says what it is good for (DISCERN 10).", ""),
    Check("mechanism", "Says how it works (DISCERN 9).", ""),
    Check("risks", "Names a risk (DISCERN 11).", "No risk is named for this (DISCERN 11)."),
    Check("exclusions", "Says who should not (DISCERN 11).", "Nothing says who should not (DISCERN 11)."),
    Check("untreated", "Says what happens without treatment (DISCERN 12).", ""),
    Check("living", "Says what it means for daily life (DISCERN 13).", ""),
    Check("alternatives", "Names other choices (DISCERN 14).", "No other choice is named (DISCERN 14)."),
    Check(
        "decision",
        "Sends the reader to a professional (DISCERN 15).",
        "Sends nobody to a professional (DISCERN 15).",
    ),
    Check("complements", "Says that it replaces no visit (QUEST complementarity).", ""),
    Check("doubt", "Says what is not certain (DISCERN 8).", "Nothing is called uncertain (DISCERN 8)."),
    Check(
        "evidence",
        "A figure or study stands by it (QUEST attribution).",
        "No figure or study (QUEST attribution).",
    ),
    Check("tone", "Claims with reserve (QUEST tone).", "Nothing is claimed with reserve (QUEST tone)."),
)
CHECKS = (*_AT_TITLE, *_AT_CLAIM)

_HELPER = (
    r"(?:doctors?|GP|physicians?|dermatologists?|dentists?|pharmacists?|nurses?|midwife|surgeons?|specialists?"
    r"|therapists?|physiotherapists?|(?:health ?care|medical|health) (?:professionals?|providers?|practitioners?|team)"
    r"|psychologists?|provider|clinician|optometrist|practitioner|consultant)"
)
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_DATE = (
    rf"(?:{_MONTH}\.? (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\.?,? (?:19|20)\d\d"
    r"|(?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]?\d[./][0-3]?\d[./](?:19|20)\d\d)"
)
_NAME = (
    r"(?!(?:The|Our|Your|An?|This|My|All)\b|\w+ (?:Editor|Team|Staff))(?:(?:Dr|Prof)\.? )?[A-Z][\w'’-]+"
    r" (?:[A-Z]\.? )?[A-Z][\w'’-]+"
)
_DEGREE = (
    r"(?:MD|PhD|RN|RD|RDN|DDS|DMD|MBBS|MB BS|MBChB|BMBS|BDS|BSc|MSc|BScN|DPT|DNP|NP|DC|LAc|FRCP|FRCS|FRACGP|FRCGP"
    r"|MRCGP|MRCP|MRCS|MRCPsych|MRCOG|MPharm|PharmD|MCSP|FAAD|FACS|RGN|APRN|PA-C)"
)
_REGISTER = r"(?:GMC|GDC|NMC|HCPC|GPhC|GOC|GOsC|GCC|AHPRA|NMBI)"
_MARKUP = r"[*_]{0,3}"  # emphasis of Markdown
# Bylines and dates may stand outside the prose. The first pattern finds candidates fast, the second looks closely.
_BYLINE = (
    regex(
        r"[Bb]y:?[*_]{0,3} (?=[*_]{0,3}[A-Z])|Authors?:[*_]{0,3} (?=[*_]{0,3}[A-Z])|I['’]m (?=[A-Z])|I am (?=[A-Z])"
        r"|[Mm]y name is (?=[A-Z])|^(?:[*_]{1,3}|[—–] ?)(?=[A-Z])",
        re.MULTILINE,
    ),
    regex(
        r"(?:\b(?:[Ww]ritten|[Rr]eviewed|[Aa]uthored|[Pp]osted|[Pp]ublished|[Ee]dited)(?: and (?:medically )?\w+)? by:?"
        rf"|^[\W_]*[Bb]y:?|\bAuthors?:|\b[Mm]y name is){_MARKUP} {_MARKUP}{_NAME}\b"
        rf"|\b(?:I['’]m|I am) {_NAME}(?=,| and | \()"
        # a line in italics or after a dash that names a person and what he is
        rf"|^(?:[*_]{{1,3}}|[—–] ?){_NAME}{_MARKUP},? (?:{_DEGREE}|(?:[\w-]+ ){{0,4}}?{_HELPER})(?![^\W_])",
        re.MULTILINE,
    ),
)
_DATED = (
    regex(r"[12][09]\d\d"),
    regex(
        r"\b(?:[Uu]pdated?|[Rr]eview(?:ed)?|[Pp]ublished|[Pp]osted|[Mm]odified|[Cc]hecked|[Ww]ritten|[Vv]ersion|[Dd]ate)"
        rf"\b[^\n.]{{0,40}}?\b{_DATE}\b"
        rf"|^(?![^\n]{{0,80}}(?:[Ee]xpire|[Oo]ffer|[Uu]ntil|[Cc]opyright|©|[Ss]ince|[Bb]orn|\?))[^\n]{{0,40}}\b{_DATE}\b[^\n]{{0,20}}$",
        re.MULTILINE,
    ),
)
AROUND = 60  # characters before and after a candidate
_SOURCE_LINE = regex(r"[*_]*(?:sources?|references?|based on|adapted from)[*_]*\s*:[*_]*\s*\w", re.I)
_REFERENCES = regex(r"\W*(?:References|Sources|Bibliography|Further reading)\W*", re.IGNORECASE)
_AUTHORITY = regex(
    r"https?://[\w.-]*(?:\.gov|\.edu|nhs\.uk|\.ac\.uk|who\.int|europa\.eu|doi\.org|cochrane\w*\.(?:org|com))\b",
    re.I,
)
_STUDY = regex(
    r"\b(?:stud(?:y|ies)|trials?|reviews?|research\w*|meta-analys[ei]s|survey|randomi[sz]ed|placebo|participants"
    r"|patients|volunteers|et al|journal)\b",
    re.IGNORECASE,
)
_FIGURE = regex(r"\d{2}|\d ?%|\d[.,]\d")
_HARM = (
    r"(?:bruis\w+|scarring|bleeding|infections?|nausea|swelling|soreness|irritation|discomfort|headaches?|dizz\w+"
    r"|vomiting|diarrh\w+|rash|burns|harm|overdose|redness|pain)"
)
_RISK = regex(
    r"\bside[- ]effects?\b|\bcomplications?\b|\badverse\b|\ballergic reactions?\b|\brisks? (?:include|are|of)\b"
    r"|\b(?:some|common|rare|there is|there are|a small)(?:\s\w+){0,3}\srisks?\b"
    rf"|\b(?:may|can|could|might)(?:\s[\w,]+){{0,4}}?\s{_HARM}\b"
    rf"|\b(?:temporary|mild|slight|minor|some)(?:\s\w+)?\s{_HARM}\b"
    rf"|\b{_HARM}(?:\s[\w,]+){{0,3}}?\s(?:is|are) (?:common|rare|possible|normal|likely|unusual|uncommon|usual|mild)\b",
    re.IGNORECASE,
)
# The name of the check, words of which one must stand in the sentence, and what must stand there.
_WORDED = (
    (
        "qualified",
        "dr prof professor md phd rn rd rdn dds dmd mbbs mb mbchb bmbs bds bsc msc bscn dpt np dnp dc frcp frcs fracgp"
        " frcgp mrcgp mrcp mrcs mrcpsych mrcog mpharm pharmd mcsp faad facs rgn aprn pa lac gmc gdc nmc hcpc gphc goc"
        " gosc gcc ahpra nmbi registered",
        r"(?-i:\b(?:Dr|Prof|Professor)\b\.? [A-Z][\w'’-]+"
        rf"|[A-Z][\w'’.-]+ [A-Z][\w'’-]+{_MARKUP},? {_MARKUP}\(?{_DEGREE}\b"
        rf"|\b{_REGISTER}\b[^.\n]{{0,20}}?\d{{4,}}|\b[Rr]egistered with the {_REGISTER}\b"
        rf"|[A-Z][\w'’.-]+ [A-Z][\w'’-]+{_MARKUP},? {_MARKUP}(?:is )?(?:an? )?registered (?:\w+ )?"
        r"(?:nurse|midwife|dietitian|dietician|nutritionist|pharmacist|podiatrist|physiotherapist|osteopath|psychologist"
        r"|optometrist|dental (?:nurse|hygienist))\b)",
    ),
    (
        "sources",
        "et doi pmid journal lancet bmj according cochrane guideline guidelines guidance recommends says advises",
        r"(?-i:\b[A-Z][\w'’-]+ et al\b)|\bdoi:? ?10\.\d{4,5}|\bPMID:? ?\d+"
        r"|\b(?:in|by) (?:the |a )?(?:\w+ ){0,4}journal of (?-i:[A-Z])|\bjournal of (?-i:[A-Z])[^.\n]{0,60}\d"
        r"|\bthe (?-i:Lancet|BMJ)\b"
        r"|\baccording to (?:the |a |an )?(?-i:(?:[A-Z][\w'’&.]+ (?:of |for |on |and )?){2}|NHS|CDC|WHO|FDA|NIH|NICE)"
        r"|\b(?-i:Cochrane) (?:review|collaboration|library)"
        r"|\b(?-i:NICE|AAD|WHO|CDC|NHS|FDA) (?:guidelines?|guidance|recommends?|says|advises)",
    ),
    (
        "interests",
        "conflict conflicts funded sponsored affiliate commission advertorial disclosure financial paid grant grants"
        " competing",
        r"\b(?:(?:no|any|declares?|disclos\w+) (?:\w+ ){0,3}(?:conflicts? of|competing) interests?"
        r"|(?:conflicts? of|competing) interests?(?::| to declare)|funded by|sponsored (?:post|content)"
        r"|(?:article|post|page|guide|video) (?:is|was) sponsored"
        r"|affiliate (?:links?|disclosure)|earn (?:a |an )?(?:small )?(?:affiliate )?commission|advertorial"
        r"|paid (?:for by|partnership|promotion)|supported by (?:a |an )?(?:\w+ )?grants?"
        r"|financial (?:disclosures?|interests?|relationships?)|disclosures?:)",
    ),
    (
        "aims",
        "page leaflet guide article booklet factsheet sheet post blog section information",
        r"\b(?:this|the following) (?:\w+ ){0,2}?(?:page|leaflet|guide|article|booklet|fact ?sheet|post|blog|section"
        r"|information) (?:explains?|tells?|covers?|describes?"
        r"|is (?:about|for (?!\w+ (?:and \w+ )?purposes)|intended|meant|aimed)|aims?|gives?"
        r"|looks at|will (?:\w+ )?(?:explain|tell|cover|discuss|explore|look|walk|give)|discusses|explores?|answers?)"
        r"|\bin this (?:\w+ ){0,2}?(?:page|guide|article|post|blog|leaflet),? (?:we|I|you)(?:['’]ll| will| explain"
        r"| look| cover| discuss| explore)",
    ),
    (
        "mechanism",
        "by acts blocks stimulates triggers relaxes",
        r"\bworks? (?:\w+ ){0,2}?by (?:\w+ly )?\w+ing\b"
        r"|\b(?:relieves?|treats?|helps?|reduces?|improves?|lowers?|eases?|prevents?|stimulates?|controls?|destroys?"
        r"|removes?|triggers?|causes?) (?:\w+ ){1,6}?by (?:\w+ly )?\w+ing\b"
        r"|\bby \w+ing [^.,\n]{3,80}, (?:it|this)\b|\bacts (?:on|by)\b"
        r"|\b(?:blocks|stimulates|triggers|relaxes) (?:the|your|certain|nerve) (?:\w+ ){0,4}?"
        r"(?:muscles?|nerves?|cells?|enzymes?|receptors?|hormones?|collagen|signals?|production|response|blood|body"
        r"|skin|immune|brain|chemicals?|messages?|points?)\b",
    ),
    (
        "exclusions",
        "not cannot can't don't never shouldn't isn't aren't contraindicated unsuitable pregnant breastfeeding avoid"
        " avoided unsafe allergic skip",
        r"\b(?:should not|shouldn['’]t|must not) (?:\w+ )?"
        r"(?:be (?:used|taken|given|done|performed)(?! as a substitute)|use|take|have (?:it|this|the treatment|surgery"
        r"|treatment)|undergo|receive)\b"
        r"|\b(?:do not|don['’]t|never) (?:use|take|apply) [^.\n]{0,60}?\b(?:if|when|while|unless)\b"
        r"|\b(?:not|isn['’]t|aren['’]t) (?:be )?(?:suitable|recommended|advised|safe|appropriate|right) (?:for|if|in"
        r"|during|when) (?:\w+ ){0,2}?(?:you|people|patients|women|men|children|anyone|everyone|everybody|those"
        r"|pregnan\w+|babies|infants|adults|who|with)\b|\bcontraindicated\b|\bunsuitable for\b"
        r"|(?:\b(?:not|avoid|unless|before|tell|ask|check|consult|talk|speak|careful|caution)\b|n['’]t\b)[^.\n]{0,80}?"
        r"\bif you(?:['’]re| are) (?:pregnant|breast ?feeding|allergic)"
        r"|\bskip (?:\w+ ){1,4}if you(?:['’]re| are| have| take)\b"
        r"|\bif you(?:['’]re| are| could be) (?:\w+ )?(?:pregnant|breast ?feeding|allergic)\b[^.\n]{0,60}?"
        r"(?:\b(?:skip|avoid|do not|never|leave (?:it|this)|wait|ask|tell|check|speak|talk|see|not)\b|n['’]t\b)"
        r"|\b(?:pregnant|breast ?feeding) (?:women|people|mothers|patients|readers)\b[^.\n]{0,40}?"
        r"\b(?:should|must) (?:not|avoid|skip|ask|wait)\b"
        r"|\b(?:avoid(?:ed)?|unsafe) [^.\n]{0,50}?\b(?:pregnan\w+|breast ?feeding|if you have|allergic)\b",
    ),
    (
        "untreated",
        "untreated without nothing own itself themselves treatment treated",
        r"\b(?:(?:left|if|when|goes) untreated|untreated \w+ (?:can|may|could|will)|without (?:any )?treatment"
        r"|if (?:\w+ ){0,3}?(?:do nothing|not treated|isn['’]t treated)"
        r"|do(?:es)? not (?:always )?need (?:any )?treatment|no treatment is (?:needed|necessary|required)"
        r"|(?:gets?|get) better (?:\w+ ){0,3}?(?:on (?:its|their) own|by (?:itself|themselves)|without)"
        r"|(?:go(?:es)?|clears?|heals?|resolves?|disappears?) (?:away |up )?(?:\w+ )?(?:on (?:its|their) own"
        r"|by (?:itself|themselves)))\b",
    ),
    (
        "living",
        "life lives activities activity routine routines living work school sports driving drive",
        r"\b(?:improv|maintain|enjoy|resum|continu|keep|return|restor|help|affect)\w* (?:\w+ ){0,4}?"
        r"(?:quality of life|(?:daily|everyday|day-to-day) (?:life|lives|activit(?:y|ies)|living|tasks|routines?))\b"
        r"|\b(?:return|go back|get back|back) to (?:work|school|sports?|driving|(?:your |their |his |her )?(?:normal"
        r"|usual|daily|everyday|regular) (?:\w+ ){0,2}(?:life|activit(?:y|ies)|routines?|duties|exercise))\b"
        r"|\b(?:time|days?|weeks?) off work\b|\b(?:not|never|able to|cannot|can['’]t) drive\b",
    ),
    (
        "alternatives",
        "alternatives options option choices treatments therapies medicines procedures instead",
        r"\balternatives (?:are|include|to (?:surgery|medic\w+|drugs|treatment|injections|antibiotics|steroids?))\b"
        r"|\bother (?:\w+ )?(?:treatments?|options|choices|therapies|medicines"
        r"|procedures) (?:are|include|for|such as)\b"
        r"|\b(?:treatment |surgical |several |different |two |three |many |various )options (?:include|are|available)\b"
        r"|\binstead of (?:surgery|medication|medicines?|tablets|drugs|injections)\b"
        r"|\btreatments (?:include|range from)\b",
    ),
    (
        "decision",
        "talk speak discuss ask decide consult talking speaking see tell contact inform",
        r"\b(?:talk|speak|talking|speaking|discuss|decide)\b(?: (?:it|this|them|these|any|the|your|all) ?(?:\w+ )"
        r"{0,4}?)?"
        rf" ?(?:with|to) (?:your|a|an|the|our) (?:\w+ ){{0,2}}?{_HELPER}\b"
        rf"|\b(?:ask|consult|tell|contact|see|inform) (?:with )?(?:your|a|an) (?:\w+ ){{0,2}}?{_HELPER}\b",
    ),
    (
        "complements",
        "substitute replace replacement informational",
        r"\b(?:not|never|no|isn['’]t) (?:\w+ ){0,6}?(?:substitute|replacement) for (?:\w+ ){0,3}?(?:advice|care"
        r"|treatment|diagnosis|consultation|visit|doctor|physician|medic\w+)\b"
        r"|\b(?:does not|doesn['’]t|not (?:intended|meant|designed) to|should not) (?:be used to )?replace"
        r" (?:\w+ ){0,3}?(?:advice|care|treatment|diagnosis|doctor|visit|medic\w+)\b"
        r"|\bfor (?:general |educational |your )?(?:and )?informational (?:and \w+ )?(?:purposes )?only\b",
    ),
    (
        "doubt",
        "known clear unclear unknown understood evidence research studies vary varies guarantee guaranteed certain"
        " proven know knows everyone",
        r"\b(?:not|isn['’]t|aren['’]t|never) (?:yet |fully |well |completely |entirely |always )*(?:known|clear|certain"
        r"|proven|understood|been (?:proven|shown|studied))\b"
        r"|\b(?:is|are|remains?|still|was) (?:still |largely |not )?(?:unclear|unknown)\b"
        r"|\bmore (?:\w+ )?(?:research|studies|evidence|trials) (?:is|are|needed)"
        r"|\b(?:no|little|limited|weak|mixed|insufficient|not enough|lack of|poor) (?:\w+ ){0,3}?(?:evidence|research"
        r"|proof)\b|\bevidence (?:\w+ ){0,3}?(?:limited|weak|mixed|lacking|low|uncertain)\b"
        r"|\b(?:results?|effects?|outcomes?|responses?|benefits?|success) (?:\w+ ){0,4}?var(?:y|ies)\b"
        r"|\b(?:not|[a-z]+n['’]t) (?:\w+ ){0,3}?(?:for|help|suit) everyone\b|\b(?:no|not|cannot|[a-z]+n['’]t) (?:be )?"
        r"guaranteed?\b|\b(?:do not|don['’]t|nobody) (?:really |yet |fully )?knows? (?:\w+ )?(?:why|how|what|whether|if"
        r"|exactly|for sure)\b",
    ),
)
_CUES = Cues(*(cue(name, 1.0, "", words, pattern) for name, words, pattern in _WORDED))


def measure(document: Document, tables: Tables) -> Evidence:
    """The checks not met, as a number; where each is met or missing."""
    if not _is_about_treatment(document):
        return Evidence()
    met = _met(document)
    notes: dict[tuple[int, int], list[str]] = {}
    for check in CHECKS:
        if check.name in met:
            notes.setdefault(met[check.name], []).append(check.met)
    for sentence, checks in ((_title(document), _AT_TITLE), (_claim(document), _AT_CLAIM)):
        for check in checks:
            if check.missing and check.name not in met:
                notes.setdefault((sentence.start, sentence.end), []).append(check.missing)
    spans = (Span(*place, " ".join(says)) for place, says in sorted(notes.items()))
    return Evidence(float(len(CHECKS) - len(met)), tuple(spans))


def _is_about_treatment(document: Document) -> bool:
    """Whether the page is about health and says what a treatment does, for good or ill."""
    known = claims(document)
    named = len(known.treatments) >= max(TREATMENTS, OF_ALL * len(document.sentences))
    speaks = len(known.effects) >= BENEFITS or (named and bool(known.effects or known.risks))
    return known.health >= HEALTHY and speaks


def _met(document: Document) -> dict[str, tuple[int, int]]:
    """Where each check is met first: the sentence, or the line of the author and of the date."""
    known, sentences = claims(document), document.sentences
    met = dict(_listed(document)) | dict(_cued(document))
    for name, patterns in (("author", _BYLINE), ("date", _DATED)):
        if place := _near(document, *patterns):
            met[name] = place
    risks = (k for k in known.risks if _says_risk(document, sentences[k]))
    found = {
        "benefits": next(iter(known.effects), None),
        "risks": next(risks, None),
        "evidence": next((k for k in known.effects if _has_evidence(document, sentences[k])), None),
        "tone": next(iter(known.reserved), None),
    }
    for name, index in found.items():
        if index is not None:
            met[name] = (sentences[index].start, sentences[index].end)
    return met


def _listed(document: Document) -> Iterator[tuple[str, tuple[int, int]]]:
    """A list of references, or a link to an authority or a university."""
    for link in document.links:
        if link.start < link.end and _AUTHORITY.match(link.href):
            yield "sources", (link.start, link.end)
    for block in document.blocks:
        heads = block.kind == "heading" and _REFERENCES.fullmatch(document.text, block.start, block.end)
        if heads or (block.kind in BODY and _SOURCE_LINE.match(document.text, block.start, block.end)):
            yield "sources", (block.start, block.end)


def _has_evidence(document: Document, sentence: Sentence) -> bool:
    """Whether the sentence has a figure, and a study or people behind it."""
    text, place = document.text, (sentence.start, sentence.end)
    return _STUDY.search(text, *place) is not None and _FIGURE.search(text, *place) is not None


def _says_risk(document: Document, sentence: Sentence) -> bool:
    """Whether the sentence says what the treatment can do to somebody, and is not just about a risky thing."""
    body = document.blocks[sentence.block].kind in BODY and document.text[sentence.end - 1] != "?"
    return body and _RISK.search(document.text, sentence.start, sentence.end) is not None


def _near(document: Document, candidate: re.Pattern[str], whole: re.Pattern[str]) -> tuple[int, int] | None:
    """The first place where the whole pattern stands around a candidate; "By the sea" is a heading and no byline."""
    text, blocks = document.text, document.blocks
    for found in candidate.finditer(text):
        first = max(0, found.start() - AROUND)
        line = text.rfind("\n", first, found.start()) + 1
        match = whole.search(text, max(line, first), found.end() + AROUND)
        if match:
            block = blocks[max(0, bisect_right(blocks, match.start(), key=attrgetter("start")) - 1)]
            if block.kind not in ("title", "heading") or not match[0].lower().startswith("by"):
                return match.span()
    return None


def _cued(document: Document) -> Iterator[tuple[str, tuple[int, int]]]:
    """The sentences that meet the checks found by their words, one for each."""
    tokens, text, by_word = document.tokens, document.text, _CUES.by_word
    tried: set[tuple[str, int]] = set()
    done: set[str] = set()
    for i in tokens.among(_CUES.words):
        index = int(document.sentence_of[i])
        sentence = document.sentences[index]
        if document.blocks[sentence.block].kind not in BODY or text[sentence.end - 1] == "?":
            continue
        for _, wanted in by_word[tokens.word[i]]:
            if wanted.kind in done or (wanted.kind, index) in tried:
                continue
            tried.add((wanted.kind, index))
            if wanted.pattern.search(text, sentence.start, sentence.end):
                done.add(wanted.kind)
                yield wanted.kind, (sentence.start, sentence.end)


def _title(document: Document) -> Sentence:
    """Where an editor looks for author and date: the title, else the first line."""
    titles = (s for s in document.sentences if document.blocks[s.block].kind == "title")
    return next(titles, document.sentences[0])


def _claim(document: Document) -> Sentence:
    """The sentence that an editor would mend: the first benefit without reserve or figure, else the first benefit,
    else the first that names a treatment."""
    known, sentences = claims(document), document.sentences
    bare = (k for k in known.effects if not hedged(document, sentences[k]) and not supported(document, k))
    return sentences[next(bare, (known.effects or known.treatments)[0])]
