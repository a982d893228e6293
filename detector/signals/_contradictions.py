"""Claims that a regulator, a guideline or a systematic review contradicts: the table of contradicted_claim.py.

All rows were checked in November 2026. A source without a date is a web page that bears none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from detector.patterns import regex


def _pattern(written: str) -> re.Pattern[str]:
    # a phrase may run over the end of a line
    return regex(written.replace(" ", r"\s"), re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One contradicted claim.

    words: any of these must stand in a sentence before its patterns are tried (lower case; hyphens divide).
    claim: what is said; a group in it is what is marked. subject: what it is said of, in the same sentence or, where
    `topic`, what the page is about. unless: words in the sentence that make it something else. hedge: "may", "some
    people" and the like in the sentence lift the claim. weight: 1, half for loose wording, 2 for advice that can maim.
    says: what is wrong. source, date (year-month where known), jurisdiction (where it is law there only): who says so.
    instead: words that could stand in place of those marked.
    """

    name: str
    words: str
    claim: str
    says: str
    source: str
    date: str = ""
    jurisdiction: str = ""
    subject: str = ""
    topic: bool = False
    unless: str = ""
    hedge: bool = False
    weight: float = 1.0
    instead: tuple[str, ...] = ()

    # Compiled when a page has one of the words: most rows never are.
    @cached_property
    def claims(self) -> re.Pattern[str]:
        return _pattern(self.claim)

    @cached_property
    def subjects(self) -> re.Pattern[str]:
        return _pattern(self.subject)

    @cached_property
    def excuses(self) -> re.Pattern[str]:
        return _pattern(self.unless)

    @property
    def reason(self) -> str:
        """What is wrong, who says so, since when and where."""
        origin = ", ".join(part for part in (self.source, self.date, self.jurisdiction) if part)
        return f"{self.says} ({origin})"


# A cure, said of an illness that follows.
_CURE = (
    r"\b(?:can|will|to|that|which|it|and|naturally|completely|permanently|helps?) cure|\bcures|\bcuring|\bcured"
    r"|\b(?:natural|permanent|complete|only|the|a|miracle|herbal) cure for"
)
# What makes it a hope or a study.
_HOPED = (
    r"\b(?:mice|mouse|rats?|research\w*|scientists?|trials?|one day|foundation|charity|fund\w*|hope|society"
    r"|search)\b"
)

ROWS = (
    # How a procedure is called.
    Row(
        name="needling called non-invasive",
        words="invasive noninvasive",
        claim=(
            r"(\bnon[- ]?invasive) (?:and \w+ |, \w+ )?(?:\w+ ){0,3}(?:treatments?|procedures?|solutions?|way|"
            r"options?|methods?|therap(?:y|ies)|approach|techniques?)\b"
        ),
        subject=r"\b(?:micro[- ]?needling|collagen induction|derma[- ]?(?:rolling|rollers?|pens?|stamp)|mesotherapy)\b",
        unless=(
            r"\b(?:alternatives?|unlike|compared|versus|rather|other|others|combin\w+|before|pair\w+|patch(?:es)?)"
            r"\b"
        ),
        topic=True,
        says="Needles puncture the skin: what goes through the surface of the body is invasive.",
        instead=("minimally invasive",),
        source="Regulation (EU) 2017/745 on medical devices, Article 2(6)",
        date="2017-04",
        jurisdiction="EU",
    ),
    Row(
        name="injection called non-invasive",
        words="invasive noninvasive",
        claim=(
            r"\b(?:botox|botulinum toxin|(?:dermal |lip |cheek )?fillers?|injectables|mesotherapy|PRP|liposuction|"
            r"micro[- ]?needling|thread lifts?)\b(?: \([^)]{1,40}\))?(?: (?:injections?|treatments?|therapy|"
            r"procedures?))? (?:is|are|offers?|provides?) (?:\w+ ){0,3}?(non[- ]?invasive)\b"
        ),
        unless=r"\b(?:alternatives?|than)\b",
        says="A needle or cannula goes through the skin: that is invasive, if only slightly.",
        instead=("minimally invasive",),
        source="Regulation (EU) 2017/745 on medical devices, Article 2(6)",
        date="2017-04",
        jurisdiction="EU",
    ),
    Row(
        name="laser hair removal called permanent",
        words="permanent permanently",
        claim=r"(\bpermanent (?:laser )?(?:hair[- ]removal|removal of (?:\w+ ){0,3}hair))\b",
        subject=r"\b(?:lasers?|IPL|intense pulsed light|diode|alexandrite)\b",
        unless=r"\b(?:electrolysis|reduction|FDA)\b",
        topic=True,
        says="Lasers reduce hair for the long term: makers may claim permanent reduction, not removal.",
        instead=(
            "permanent hair reduction",
            "long-term hair reduction",
        ),
        source="FDA, Laser Facts",
        date="2008-02",
        jurisdiction="US",
    ),
    Row(
        name="laser said to remove hair for good",
        words="permanently forever",
        claim=(
            r"\bpermanently remov(?:es?|ing) (?:\w+ ){0,3}hairs?\b"
            r"|\bremov(?:es?|ing) (?:\w+ ){0,3}hairs? (?:permanently|forever)\b"
        ),
        subject=r"\b(?:lasers?|IPL|intense pulsed light|diode|alexandrite)\b",
        unless=r"\b(?:electrolysis|reduc\w+|FDA)\b",
        topic=True,
        says="Lasers reduce hair for the long term: makers may claim permanent reduction, not removal.",
        source="FDA, Laser Facts",
        date="2008-02",
        jurisdiction="US",
    ),
    Row(
        name="filler called permanent",
        words="permanent permanently",
        claim=(
            r"(\bpermanent(?:ly)?) (?:\w+ ){0,2}?(?:results?|solution|effects?|fix|remov\w+|eras\w+|eliminat\w+|"
            r"fill\w*|plump\w*|correct\w*|volume|improve\w*)\b"
        ),
        subject=(
            r"\b(?:hyaluronic|juv[eé]derm|restylane|(?:dermal|lip|cheek|facial) fillers?|botox|botulinum|dysport|"
            r"xeomin|wrinkle injections?)\b"
        ),
        unless=(
            r"\b(?:semi|PMMA|silicone|surgery|surgical|implants?|alternatives?|than|unlike|side effects?|damage|"
            r"scar\w*)\b"
        ),
        topic=True,
        says="This wears off: botulinum toxin in about four months, hyaluronic acid filler in about six to twelve.",
        instead=("temporary", "temporarily"),
        source="FDA, FDA-Approved Dermal Fillers; package leaflet of Vistabel",
    ),
    Row(
        name="whitening called permanent",
        words="permanent permanently forever",
        claim=r"(\bpermanent(?:ly)?) (?:\w+ ){0,2}?(?:whit\w+|results?|bright\w+|solution)\b",
        subject=r"\b(?:teeth|tooth)[- ](?:whitening|bleaching)|\bwhiten\w* (?:\w+ )?(?:teeth|tooth|smile)",
        unless=r"\b(?:veneers?|crowns?|implants?|stains?|damage|makeup)\b",
        topic=True,
        weight=0.5,
        says="Whitening fades: it lasts from a few months to about three years.",
        instead=("lasting",),
        source="NHS, Teeth whitening",
    ),
    Row(
        name="scars said to vanish",
        words="completely permanently totally forever entirely",
        claim=(
            r"(\b(?:completely|permanently|totally|entirely) (?:remov|eras|eliminat|get rid)\w*(?: of)?) (?:\w+ )"
            r"{0,4}(?:scars?|stretch[- ]marks?)\b|\b(?:remov|eras|eliminat)\w* (?:\w+ ){0,4}(?:scars?|stretch[- "
            r"]marks?) (?:completely|permanently|totally|forever|entirely)\b"
        ),
        hedge=True,
        says="No treatment removes a scar or stretch mark altogether; it can fade.",
        instead=("fade",),
        source="NHS, Scars; American Academy of Dermatology, Stretch marks",
    ),
    Row(
        name="breast implants said to last for life",
        words="forever lifetime permanent life",
        claim=(
            r"\b(?:breast )?implants? (?:\w+ ){0,3}?((?:last|stay|remain)s? (?:forever|a lifetime|for life)|"
            r"(?:are|is) permanent)\b"
        ),
        subject=r"\bbreasts?\b",
        unless=r"\b(?:dental|tooth|teeth)\b",
        topic=True,
        says="Breast implants are not lifetime devices.",
        source="FDA, boxed warning on breast implants",
        date="2021-10",
        jurisdiction="US",
    ),
    Row(
        name="no downtime after ablative treatment",
        words="downtime recovery",
        claim=r"\b(?:no|zero|without(?: any)?) (?:downtime|recovery (?:time|period))\b",
        subject=(
            r"\b(?:(?<!non-)(?<!non )ablative|CO2 laser|carbon dioxide laser|deep (?:chemical )?peels?|phenol "
            r"peels?|dermabrasion|face ?lifts?|liposuction|tummy tucks?|rhinoplasty)\b"
        ),
        unless=(
            r"\b(?:alternatives?|unlike|compared|non[- ]ablative|instead|than|micro[- ]?dermabrasion|laser "
            r"lipo\w*|without (?:surgery|the))\b"
        ),
        says="The skin heals for one to three weeks after these.",
        source="American Academy of Dermatology, Chemical peels; Laser treatment for scars",
    ),
    Row(
        name="chemical-free",
        words="chemical chemicals",
        claim=(
            r"\b(?:100 ?% |completely |totally |entirely )?chemical[- ]free\b|\bfree (?:of|from) (?:all |any )"
            r"?chemicals\b"
        ),
        subject=(
            r"\b(?:product|cream|serum|lotion|shampoo|soap|sunscreen|skin ?care|formula|ingredients?|supplement|"
            r"treatment|peel|cosmetic|make-?up|oil)s?\b"
        ),
        unless=r"\b(?:harmful|harsh|toxic|added|synthetic|such as|like)\b",
        weight=0.5,
        says="Everything is made of chemicals, water too; what is left out can be named.",
        source="Royal Society of Chemistry, statement on “100 % chemical free”",
        date="2008-10",
    ),
    Row(
        name="sunscreen said to block everything",
        words="waterproof sweatproof sunblock block blocks protection",
        claim=(
            r"\b(waterproof|sweat-?proof) (?:\w+ )?(?:sunscreens?|sun ?cream|SPF)\b|\b(?:sunscreens?|sun ?cream|"
            r"sunblock) (?:\w+ ){0,4}?(?:blocks? (?:all|100 ?%)|(?:100 ?%|complete|total|all[- ]day) protection)"
        ),
        weight=0.5,
        says="No sunscreen is waterproof or blocks everything; it may be water-resistant for 40 or 80 minutes.",
        instead=("water-resistant",),
        source="FDA, final rule on sunscreen labelling (76 FR 35620)",
        date="2011-06",
        jurisdiction="US",
    ),
    # Approved, though it is not.
    Row(
        name="facility called FDA-approved",
        words="fda",
        claim=(
            r"(\bFDA[- ](?:approved|certified)|\bapproved by the FDA)(?:,? (?:and )?(?:GMP|cGMP)[- ]?\w*)?,? "
            r"(?:\w+[- ]){0,2}?(?:facilit(?:y|ies)|labs?|laborator(?:y|ies)|manufactur\w+|plants?|factor(?:y|ies)|"
            r"compan(?:y|ies)|cent(?:er|re)s?)\b|\bfacilit(?:y|ies) (?:that )?(?:is|are|which is) (?:FDA[- "
            "]approved|approved by the FDA)"
        ),
        says="The FDA does not approve facilities; it registers and inspects them.",
        instead=("FDA-registered",),
        source="FDA, Is It Really “FDA Approved”?",
        date="2022-05",
        jurisdiction="US",
    ),
    Row(
        name="supplement called FDA-approved",
        words="fda",
        claim=(
            r"(\bFDA[- ]approved) (?:\w+[- ]){0,2}?(?:supplements?|vitamins?|gummies|herbs?|herbal|probiotics?|"
            r"fat burners?|detox|weight[- ]loss (?:supplements?|gummies)|male enhancement)\b|\b(?:supplements?|"
            r"gummies|capsules|herbal \w+|vitamins?) (?:\w+ ){0,3}?(?:is|are|has been|have been) (?:\w+ )"
            r"?(?:FDA[- ]approved|approved by the FDA)\b"
        ),
        unless=r"\b(?:CBD|cannabidiol|homeopathic)\b",
        says="Dietary supplements are not approved by the FDA before they are sold.",
        source="FDA, Is It Really “FDA Approved”?",
        date="2022-05",
        jurisdiction="US",
    ),
    Row(
        name="cosmetic called FDA-approved",
        words="fda",
        claim=(
            r"(\bFDA[- ]approved) (?:\w+[- ]){0,2}?(?:cosmetics?|skin ?care|moisturi[sz]ers?|make-?up|shampoos?|"
            r"cleansers?|beauty products?|anti-?aging (?:cream|serum)s?)\b"
        ),
        says="Cosmetics are not approved by the FDA, colour additives apart.",
        source="FDA, Is It Really “FDA Approved”?",
        date="2017-01",
        jurisdiction="US",
    ),
    Row(
        name="exosomes called FDA-approved",
        words="exosome exosomes",
        claim=(
            r"(\bFDA[- ]approved) (?:\w+ ){0,2}?exosomes?\b|\bexosomes? (?:\w+ ){0,4}?(?:is|are) (?:FDA[- "
            "]approved|approved by the FDA)"
        ),
        says="There is no FDA-approved exosome product.",
        source="FDA, Public Safety Notification on Exosome Products",
        date="2019-12",
        jurisdiction="US",
    ),
    Row(
        name="CBD product called FDA-approved",
        words="cbd cannabidiol",
        claim=(
            r"(\bFDA[- ]approved) (?:CBD|cannabidiol) (?:oils?|gummies|tinctures?|creams?|products?|capsules|"
            r"supplements?)\b|\bCBD (?:\w+ ){0,3}?(?:is|are) (?:FDA[- ]approved|approved by the FDA)"
        ),
        unless=r"\bEpidiolex\b",
        says="The FDA has approved one medicine with CBD, on prescription, and no oil or gummy.",
        source="FDA, What You Need to Know About Products Containing Cannabis, Including CBD",
        date="2020-03",
        jurisdiction="US",
    ),
    Row(
        name="compounded drug called FDA-approved",
        words="compounded",
        claim=(
            r"\bcompounded (?:semaglutide|tirzepatide|GLP-1|medications?|drugs?)(?: \w+){0,4}? (?:is|are) (FDA[- "
            r"]approved|approved by the FDA|generic)|(\bFDA[- ]approved) compounded\b"
        ),
        says="Compounded drugs are not approved by the FDA.",
        source="FDA, Is It Really “FDA Approved”?",
        date="2022-05",
        jurisdiction="US",
    ),
    Row(
        name="homeopathic product called approved or proven",
        words="homeopathic homeopathy homoeopathy homoeopathic",
        claim=(
            r"\bhom(?:o?)eopath\w+ (?:\w+ ){0,5}?((?:is|are|has been|have been) (?:\w+ )?(?:FDA[- ]approved|"
            r"(?:clinically |scientifically )?proven|highly effective|effective (?:for|in|against)))|\bhom(?:o?)"
            r"eopath\w+ (?:\w+ ){0,3}?(?:can |will )?cures?\b"
        ),
        hedge=True,
        says="For no condition is homeopathy reliably known to work, and no such product is FDA-approved.",
        source="National Health and Medical Research Council, Statement on Homeopathy",
        date="2015-03",
        jurisdiction="AU",
    ),
    Row(
        name="HCG for weight loss",
        words="hcg",
        claim=(
            r"\bHCG (?:\w+ ){0,6}?(?:burns?|melts?|loses?|weight loss|drops|lose weight|release[sd]? (?:\w+ )?fat)"
            r"\b"
        ),
        unless=r"\b(?:pregnan\w+|fertility|hormone test|level|levels|blood test)\b",
        says="There is no substantial evidence that it takes weight off, and it is not approved for that.",
        source="FDA and FTC, warning letters on HCG weight-loss products",
        date="2011-12",
        jurisdiction="US",
    ),
    # Cures for what cannot be cured.
    Row(
        name="cure for diabetes",
        words="cure cures cured curing reverse reverses reversing",
        claim=(
            rf"({_CURE}|\b(?:permanently|completely) revers(?:es?|ing))"
            r" (?:your |the |type [12I]+ |all |any )*diabetes\b"
            r"|\b(revers(?:es?|ing)) (?:your |type [12I]+ )*diabetes"
            r" (?:naturally|permanently|for good|in \d+ (?:days|weeks))"
        ),
        unless=(
            r"\b(?:mice|mouse|rats?|research\w*|scientists?|trials?|transplant\w*|one day|foundation|charity|"
            r"fund\w*|hope|gestational)\b"
        ),
        hedge=True,
        says="Diabetes can be managed, and type 2 can go into remission; no product cures it.",
        source="FDA and FTC, warning letters on products said to cure diabetes",
        date="2021-09",
    ),
    Row(
        name="cure for a skin disease",
        words="cure cures cured curing",
        claim=rf"({_CURE}) (?:your |the |all |any |chronic |even )*(?:psoriasis|eczema|atopic dermatitis|rosacea)\b",
        unless=_HOPED,
        hedge=True,
        says="It comes and goes and can be controlled; there is no cure.",
        source="WHO, Global report on psoriasis; NHS, Atopic eczema, Rosacea",
        date="2016",
    ),
    Row(
        name="cure for arthritis",
        words="cure cures cured curing",
        claim=rf"({_CURE}) (?:your |the |all |any |chronic |even |\w+ pain and )*(?:(?:osteo|rheumatoid |psoriatic )"
        r"?arthritis|fibromyalgia|lupus)\b",
        unless=r"\b(?:research\w*|scientists?|trials?|one day|foundation|charity|septic|search)\b",
        hedge=True,
        says="Treatment can ease it and slow it down; there is no cure.",
        source="NHS, Arthritis; Fibromyalgia; Lupus",
    ),
    Row(
        name="cure for asthma or COPD",
        words="cure cures cured curing",
        claim=rf"({_CURE}) (?:your |the |all |any |chronic |even )*(?:asthma|COPD|emphysema)\b",
        unless=_HOPED,
        hedge=True,
        says="It can be controlled with the right inhalers, not cured.",
        source="WHO, fact sheets on asthma and on COPD",
        date="2017-11",
    ),
    Row(
        name="cure for herpes or HIV",
        words="cure cures cured curing",
        claim=rf"({_CURE}) (?:your |the |all |any |genital |even )*(?:herpes|cold sores|HIV|AIDS)\b",
        unless=(
            r"\b(?:research\w*|scientists?|trials?|one day|foundation|charity|transplant\w*|patients?|search|man|"
            r"woman|baby)\b"
        ),
        hedge=True,
        says="The virus stays in the body; medicines keep it down and do not cure.",
        source="WHO, fact sheets on herpes simplex virus and on HIV",
        date="2023-04",
    ),
    Row(
        name="cure for endometriosis or PCOS",
        words="cure cures cured curing reverse reverses",
        claim=rf"({_CURE}|\bpermanently reverses?) (?:your |the |all |any )*(?:endometriosis|PCOS|polycystic)",
        unless=_HOPED,
        hedge=True,
        says="There is no known cure; treatment controls the symptoms.",
        source="WHO, fact sheets on endometriosis and on polycystic ovary syndrome",
        date="2023-06",
    ),
    Row(
        name="cure for dementia, Parkinson's or MS",
        words="cure cures cured curing reverses reverse",
        claim=rf"({_CURE}|\breverses) (?:your |the |all |any |even )*(?:dementia|alzheimer\w*|parkinson\w*|multiple "
        r"sclerosis)\b",
        unless=_HOPED,
        hedge=True,
        says="There is no cure; medicines can ease symptoms or slow it down.",
        source="WHO, fact sheets on dementia, Parkinson disease and multiple sclerosis",
        date="2023-08",
    ),
    Row(
        name="cure for autism",
        words="cure cures cured curing reverses",
        claim=(
            r"(\b(?:can|will|to|that|which|it|and|naturally|completely) cure|\bcures|\bcuring|\bcured|"
            r"\b(?:natural|permanent|complete|only|the|a|miracle) cure for|\breverses) (?:your |the |child\w* )"
            r"*autism\b"
        ),
        unless=_HOPED,
        says="Autism has no cure, and products sold as one have harmed children.",
        source="FDA, Products and Therapies that Claim to Treat Autism",
        date="2019-04",
    ),
    Row(
        name="natural cure for cancer",
        words="cancer cancers tumors tumours",
        claim=(
            r"(\b(?:can |will |to )?(?:cures?|curing|reverses?|melts? away|dissolves?)|\b(?:natural|alternative|"
            r"hidden|the|miracle|herbal) cure for) (?:your |the |all |any |most |stage \w+ |\w+ )?(?:cancers?|"
            r"tumou?rs?)\b"
        ),
        subject=(
            r"\b(?:herb\w*|supplements?|oils?|juice|tea|diet|turmeric|cannabis|CBD|baking soda|vitamins?|apricot|"
            r"laetrile|soursop|graviola|mushrooms?|alkaline|natural\w*|remed(?:y|ies)|root|seeds?|garlic|ginger|"
            r"honey|detox|fasting)\b"
        ),
        unless=(
            r"\b(?:mice|mouse|rats?|research\w*|scientists?|trials?|one day|foundation|charity|chemotherapy "
            r"(?:can|may)|society|surgery|radiotherapy)\b"
        ),
        hedge=True,
        weight=2.0,
        says="No herb, oil, diet or supplement cures cancer, and patients who wait for one lose time.",
        source="FDA, Products Claiming to “Cure” Cancer Are a Cruel Deception",
        date="2017-04",
        jurisdiction="US",
    ),
    # Effects that are not there.
    Row(
        name="weight loss without diet or exercise",
        words="exercise exercising dieting diet eating eat",
        claim=(
            r"\b(?:without (?:any )?(?:dieting|diets?|exercis\w+|changing (?:your |what you )(?:diet|eat\w*))(?: "
            r"(?:or|and|nor) (?:dieting|diets?|exercis\w+))?|no (?:diet(?:ing|s)?|exercise) (?:or|and|nor|and no) "
            "(?:diet(?:ing|s)?|exercise)(?: (?:needed|required|necessary))?|(?:while |and still |keep )"
            r"?eat(?:ing)? (?:whatever|anything|what|all the foods?) you (?:want|like|love))\b"
        ),
        subject=r"\b(?:weight|fat|pounds|kilos?|slim\w*|belly|inches|stone)\b",
        unless=r"\b(?:surgery|liposuction|cool\w+|body contouring|gain\w*|regain\w*)\b",
        says="No product causes substantial weight loss without eating less or moving more.",
        source="FTC, Gut Check: A Reference Guide for Media on Spotting False Weight-Loss Claims",
        date="2014-01",
        jurisdiction="US",
    ),
    Row(
        name="weight loss by something worn or rubbed in",
        words="patch patches cream creams gel wrap wraps belt rub ring insoles earrings",
        claim=(
            r"\b(?:slimming|weight[- ]loss|fat[- ](?:burning|melting)|detox|slim) (?:patch(?:es)?|creams?|gels?|"
            r"wraps?|belts?|rings?|insoles|earrings)\b[^.;]{0,80}?(\b(?:burn|melt|dissolv|shed|los|remov|break)"
            r"\w* (?:\w+ ){0,4}(?:fat|weight|pounds|inches|kilos))\b"
        ),
        says="Nothing worn on the body or rubbed into the skin causes substantial weight loss.",
        source="FTC, Gut Check: A Reference Guide for Media on Spotting False Weight-Loss Claims",
        date="2014-01",
        jurisdiction="US",
    ),
    Row(
        name="fat or carbohydrates blocked",
        words="blocks block blocking blocker",
        claim=(
            r"\bblock(?:s|ing)? (?:the )?(?:absorption of )?(?:dietary )?(?:fats?|carbs|carbohydrates?|calories)"
            r"(?: (?:from being absorbed|absorption))?\b"
        ),
        subject=r"\b(?:supplements?|pills?|capsules?|gummies|formula|extract|garcinia|tea|kidney bean)\b",
        unless=r"\borlistat|prescription\b",
        says="No supplement blocks enough fat or calories to make anybody slim.",
        source="FTC, Gut Check: A Reference Guide for Media on Spotting False Weight-Loss Claims",
        date="2014-01",
        jurisdiction="US",
    ),
    Row(
        name="foot pads that draw out toxins",
        words="foot feet",
        claim=(
            r"\b(?:foot (?:pads?|patch(?:es)?|baths?|soaks?|detox)|detox foot \w+)\b[^.;]{0,80}?(\b(?:draw|pull|"
            r"remov|flush|extract|absorb|eliminat|rid|releas)\w* (?:\w+ ){0,4}(?:toxins?|impurities|heavy metals|"
            r"metals))\b"
        ),
        says="Nothing comes out through the soles; sellers of such pads were banned from the trade.",
        source="FTC v. Xacta 3000 (Kinoki foot pads)",
        date="2010-11",
        jurisdiction="US",
    ),
    Row(
        name="cleanse that removes toxins",
        words="toxins toxin",
        claim=(
            r"(\b(?:flush|remov|eliminat|rid|clear|cleans|purg|expel|draw|pull|get rid)\w*(?: of)? (?:\w+ )"
            r"{0,5}toxins?)\b"
        ),
        subject=(
            r"\b(?:detox\w*|(?:colon|liver|juice|body|master|gut) cleans\w*|cleanses?\b|colonics?|colonic|ear "
            r"candl\w*|cupping|ionic)"
        ),
        unless=(
            r"\b(?:botulinum|botox|dialysis|kidneys? (?:filter|remove)|tetanus|bacterial|alcohol|withdrawal|"
            r"opioids?|rehab\w*|addiction)\b"
        ),
        hedge=True,
        weight=0.5,
        says="There is no compelling research that detoxes or cleanses remove toxins; liver and kidneys do.",
        source="NCCIH, “Detoxes” and “Cleanses”: What You Need To Know",
    ),
    Row(
        name="antibiotics against viruses",
        words="antibiotics antibiotic",
        claim=(
            r"\bantibiotics? (?:\w+ ){0,2}?((?:can |will |also )?(?:cures?|treats?|kills?|clears?|works? (?:on|"
            r"against|for)|fights?|helps? with)) (?:\w+ ){0,3}?(?:viruses|viral infections?|the flu|flu|influenza|"
            r"(?:common |a )?colds?)\b"
        ),
        unless=r"\b(?:bacteri\w+|pneumonia|secondary)\b",
        says="Antibiotics act on bacteria; they do nothing against viruses such as colds and flu.",
        source="CDC, Get Smart: Know When Antibiotics Work",
        date="2013-02",
    ),
    Row(
        name="vitamin C against colds",
        words="vitamin",
        claim=(
            r"\bvitamin C (?:\w+ ){0,3}?((?:can |will )?(?:prevents?|cures?|stops?|wards? off)) (?:\w+ )"
            r"{0,3}?colds?\b"
        ),
        hedge=True,
        weight=0.5,
        says="Taken regularly it does not lower the number of colds in the general population.",
        source="Cochrane review, Hemilä and Chalker (CD000980)",
        date="2013-01",
    ),
    Row(
        name="vaccines and autism",
        words="autism autistic",
        claim=(
            r"\bvaccin\w+ (?:\w+ ){0,3}?((?:can |do |does )?cause[sd]?|lead to|(?:is|are) (?:linked to|the cause "
            r"of|responsible for)) (?:\w+ ){0,2}?autis\w+"
        ),
        unless=(
            r"\b(?:study|studies|research\w*|theor(?:y|ies)|fears?|concerns?|retracted|believe[ds]?|idea|link "
            r"between|parents|conspir\w+|Wakefield)\b"
        ),
        weight=2.0,
        says="Measles, mumps and rubella vaccines were not followed by more autism in studies of 1.2 million children.",
        source="Cochrane review, Di Pietrantonj and others (CD004407)",
        date="2021-11",
    ),
    # Safe, though it is not.
    Row(
        name="medicine without side effects",
        words="side effects",
        claim=(
            r"(\b(?:no|zero|without(?: any)?|free (?:of|from)) (?:(?!the\b)\w+ )?side[- ]effects?)\b(?! (?:of|"
            "that|associated|from|seen))"
        ),
        subject=(
            r"\b(?:botox|botulinum|semaglutide|ozempic|wegovy|mounjaro|tirzepatide|isotretinoin|accutane|"
            "roaccutane|finasteride|minoxidil|tretinoin|antibiotics?|steroids?|statins?|antidepressants?|viagra|"
            r"sildenafil|cialis|tadalafil|phentermine|metformin|insulin)\b"
        ),
        unless=(
            r"\b(?:alternatives?|unlike|instead|natural\w*|than|compared|rather|better than|as effective|generic "
            r"\w+ without|had|experienced|reported|herbal|supplement|avoid\w*|in case|people|patients|some|most)\b"
        ),
        says="Every effective medicine can have side effects, although not everybody gets them.",
        source="EMA, product information template (QRD), package leaflet, section 4",
        date="2016-02",
        jurisdiction="EU",
    ),
    Row(
        name="cosmetic intervention without risk",
        words="risk risks safe",
        claim=(
            r"(\b(?:risk[- ]free|(?:completely|totally|entirely|100 ?%|absolutely) (?:safe|risk[- ]free)|(?:no|"
            r"zero|without(?: any)?) risks?))\b(?! (?:trial|consultation|guarantee|purchase|order|factors?|"
            "assessment|of (?:infection|needles)))"
        ),
        subject=(
            r"\b(?:cosmetic (?:surgery|procedure)|plastic surgery|liposuction|lipo|breast (?:implants?|"
            "augmentation|enlargement)|face ?lift|rhinoplasty|nose job|tummy tuck|hair transplants?|dermal "
            "fillers?|lip fillers?|fillers|botox|micro[- ]?needling|chemical peels?|laser (?:treatment|hair "
            r"removal|resurfacing|peel|facial)|thread lift|gastric (?:sleeve|bypass|balloon))\b"
        ),
        unless=(
            r"\b(?:alternatives?|unlike|compared|at risk|non-?surgical (?:option|alternative)|minimi[sz]\w*|"
            r"reduc\w*|virtually|associated with surgery|without the|instead)\b"
        ),
        topic=True,
        says="Doctors must not call a cosmetic intervention free of risk.",
        source="GMC, Guidance for doctors who offer cosmetic interventions",
        date="2016-06",
        jurisdiction="UK",
    ),
    Row(
        name="retinoids in pregnancy",
        words="retinol retinoid retinoids tretinoin isotretinoin adapalene tazarotene accutane",
        claim=(
            r"\b(?:retinol|retinoids?|tretinoin|isotretinoin|adapalene|tazarotene|accutane) (?:\w+ ){0,4}?(?:is|"
            r"are) (?:\w+ )?(safe (?:to use |for use )?(?:during|in|while|for) (?:pregnan\w+|expect\w+))"
        ),
        weight=2.0,
        says="Retinoids can harm the unborn child: by mouth never, on the skin not in pregnancy either.",
        source="EMA, Updated measures for pregnancy prevention during retinoid use",
        date="2018-03",
        jurisdiction="EU",
    ),
    Row(
        name="sunbeds called safe",
        words="tanning sunbed sunbeds solarium",
        claim=(
            r"\b(?:indoor tanning|tanning beds?|sunbeds?|solariums?) (?:\w+ ){0,3}?((?:is|are) (?:\w+ )?(?:safe|"
            r"safer|healthy|good for)|(?:a |the )?(?:safe|safer|healthy) (?:way|alternative))\b"
        ),
        says="Sunbeds raise the risk of skin cancer; the trade may not call them safe.",
        source="FTC, settlement with the Indoor Tanning Association",
        date="2010-01",
        jurisdiction="US",
    ),
    Row(
        name="ear candles",
        words="candle candles candling",
        claim=(
            r"\bear candl(?:e|es|ing) (?:\w+ ){0,5}?((?:remov|draw|pull|clean|extract|reliev|clear|suck)\w* "
            r"(?:\w+ ){0,4}(?:wax|earwax|toxins?|impurities|sinus\w*|debris)|(?:is|are) (?:\w+ )?(?:safe|"
            r"effective))\b"
        ),
        says="Ear candles have no proven benefit, and have burned ears and pierced eardrums.",
        source="FDA, Ear Candles: Risk of Serious Injuries",
        date="2010-02",
        jurisdiction="US",
    ),
    Row(
        name="teething necklaces",
        words="teething",
        claim=(
            r"\b(?:amber|baltic|teething) (?:\w+ )?(?:necklaces?|bracelets?|beads|jewell?ery) (?:\w+ )"
            r"{0,4}?((?:reliev|sooth|eas|calm|reduc|help)\w* |(?:is|are) (?:\w+ )?safe)"
        ),
        weight=2.0,
        says="Teething jewellery has strangled and choked children, and is not shown to relieve anything.",
        source="FDA, safety communication on teething necklaces and bracelets",
        date="2018-12",
        jurisdiction="US",
    ),
    Row(
        name="colloidal silver as a remedy",
        words="colloidal silver",
        claim=(
            r"\bcolloidal silver (?:\w+ ){0,5}?((?:can |will )?(?:cure|treat|kill|boost|heal|fight|prevent|"
            r"support)\w*|(?:is|are) (?:\w+ )?(?:safe|effective|natural antibiotic))\b|\b(?:take|drink|spray) "
            r"(?:\w+ ){0,3}colloidal silver\b"
        ),
        says="Silver is not recognised as safe or effective for any disease, and can turn the skin grey for good.",
        source="FDA, final rule on OTC drug products containing colloidal silver (64 FR 44653)",
        date="1999-08",
        jurisdiction="US",
    ),
    # Advice that can maim or kill.
    Row(
        name="radiofrequency microneedling at home",
        words="needling microneedling radiofrequency",
        claim=(
            r"\b(?:radio[- ]?frequency|RF) (?:\w+ )?micro[- ]?needling\b[^.;]{0,80}?(\b(?:at|from) home|\bhome[- "
            r"](?:use|device|kit)\w*|\bDIY\b|\bon (?:yourself|your own))|(\b(?:at[- ]home|home|DIY)) (?:radio[- "
            r"]?frequency|RF) (?:\w+ )?micro[- ]?needling\b"
        ),
        weight=2.0,
        says="This is a medical procedure and not for home: burns, scars and nerve damage were reported.",
        source="FDA, safety communication on radiofrequency microneedling",
        date="2025-10",
        jurisdiction="US",
    ),
    Row(
        name="needle-free filler pens",
        words="pen pens needle needleless",
        claim=(
            r"\b(?:hyaluron(?:ic)?(?: acid)? pens?|(?:needle[- ]?(?:free|less)|no[- ]needle) (?:lip |dermal )"
            r"?(?:fillers?|filler pens?|injectors?))\b(?: \w+){0,6}? ((?:is|are|offers?|gives?|delivers?|"
            "provides?|lets?|allows?|plumps?) )"
        ),
        weight=2.0,
        says="These pens are not approved for filler and have injured skin, lips and eyes for good.",
        source="FDA, Do Not Use Needle-Free Devices for Injection of Dermal Fillers",
        date="2021-10",
        jurisdiction="US",
    ),
    Row(
        name="filler or toxin injected by oneself",
        words="inject injecting diy yourself self",
        claim=(
            r"\b(?:inject(?:ing)? (?:your(?:self|\sown)|(?:\w+ ){1,4}(?:yourself|at home))|self[- ]inject\w*|DIY|"
            r"at[- ]home)\b"
        ),
        subject=r"\b(?:(?:lip|dermal|cheek|facial) fillers?|fillers?|botox|botulinum|dysport|filler injections?)\b",
        unless=(
            r"\b(?:alternatives?|instead of|masks?|creams?|serums?|facials?|peels?|skin ?care|results like|like "
            r"botox|botox[- ]like|care|aftercare|after|consult\w*|visits?|service|doctor|nurse|comes? to)\b"
        ),
        weight=2.0,
        says="Fillers and toxin are for licensed professionals: a blocked vessel can blind.",
        source="FDA, Do Not Use Needle-Free Devices for Injection of Dermal Fillers",
        date="2021-10",
        jurisdiction="US",
    ),
    Row(
        name="black salve",
        words="salve cansema bloodroot",
        claim=(
            r"\b(?:black salve|bloodroot (?:salve|paste)|cansema)\b(?: \w+){0,6}? ((?:remov|cur|treat|kill|draw|"
            r"destroy|heal|get)\w* (?:\w+ ){0,4}(?:moles?|cancers?|warts?|skin tags?|tumou?rs?|lesions?|growths?))"
            r"\b"
        ),
        weight=2.0,
        says="Black salve destroys skin, and a cancer under it can grow on unseen.",
        source="FDA, Do Not Use: Black Salve Is Dangerous",
        date="2020-10",
        jurisdiction="US",
    ),
    Row(
        name="chlorine dioxide or bleach as a remedy",
        words="mms chlorine chlorite bleach miracle",
        claim=(
            r"\b(?:miracle mineral (?:solution|supplement)|MMS|chlorine dioxide|sodium chlorite|bleach)\b(?: \w+)"
            r"{0,8}? ((?:can |will )?(?:cure|treat|heal|detox|cleans|eliminat)\w*) (?:\w+ ){0,4}(?:cancer|autism|"
            r"HIV|AIDS|malaria|hepatitis|flu|covid\w*|infections?|diseases?|parasites?|the body)\b|\b(?:drink|"
            r"take|ingest|swallow)(?:ing)? (?:\w+ ){0,4}(?:miracle mineral|MMS\b|chlorine dioxide|sodium chlorite)"
        ),
        unless=r"\b(?:surfaces?|water (?:treatment|supply)|teeth|disinfect\w*|pools?)\b",
        weight=2.0,
        says="This is bleach: swallowing it has caused liver failure and life-threatening loss of blood pressure.",
        source="FDA, warning on Miracle Mineral Solution",
        date="2019-08",
        jurisdiction="US",
    ),
    Row(
        name="concentrated hydrogen peroxide by mouth",
        words="peroxide",
        claim=(
            r"\b(?:drink|take|ingest|swallow|drops of|sip)(?:ing)? (?:\w+ ){0,5}(?:food[- ]grade |35 ?% )"
            r"(?:hydrogen )?peroxide\b|\b(?:food[- ]grade|35 ?%) (?:hydrogen )?peroxide (?:\w+ ){0,5}?((?:cure|"
            r"treat|heal|kill)\w*|internally|by mouth)\b"
        ),
        weight=2.0,
        says="Peroxide of this strength burns the gut and can kill.",
        source="FDA, warning on 35 percent hydrogen peroxide",
        date="2006-07",
        jurisdiction="US",
    ),
    Row(
        name="medicine to be stopped or replaced",
        words="medication medications medicine medicines insulin inhaler inhalers meds prescriptions drugs",
        claim=(
            r"\b(?:throw (?:away|out)|ditch|toss|stop (?:taking|using)|quit|get off|come off|say goodbye to|"
            r"replace[sd]?|no longer need|never need|free yourself from|eliminates? the need for) (?:\w+ )"
            r"{0,2}?(?:your |all |those |any )?(?:\w+ )?(?:medications?|medicines?|insulin|inhalers?|meds|"
            r"prescriptions|prescription drugs|statins?)\b"
        ),
        subject=(
            r"\b(?:supplements?|formula|gummies|capsules|drops|herb\w*|natural\w*|remed(?:y|ies)|oil|tea|diet|"
            r"program|method|protocol|detox|juice|secret)\b"
        ),
        unless=(
            r"\b(?:I|my|he|she|they|doctors?|physicians?|prescriber|GP|pharmacist|nurse|consult\w*|talk|should|"
            r"pregnan\w*|unless|side effects?|surgery|told|advice|supervision|can cause|if you)\b"
        ),
        hedge=True,
        weight=2.0,
        says="“Replaces your medicine” is a mark of fraud: stopping a prescribed medicine needs the prescriber.",
        source="FDA, Beware of Illegally Marketed Diabetes Treatments",
        date="2016",
        jurisdiction="US",
    ),
)
