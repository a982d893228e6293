"""health_evidence: which questions of the instruments a page about a treatment answers, and where."""

from __future__ import annotations

import pytest

from detector.document import Document
from detector.signals.health_evidence import CHECKS, measure
from detector.tables import Tables
from detector.verdict import Evidence

BARE = (
    "Copper bandages\n\n"
    "The bandage relieves joint pain in the knee. It reduces swelling after sport and warms the skin. Wash it by hand"
    " and let it dry in the shade.\n\n"
)
MET = {
    "author": "Written by Petra Holm",
    "qualified": "The text was read by Dr Petra Holm in Aarhus.",
    "sources": "It follows a review by Karlsson et al. on knees.",
    "date": "Last updated: 3 March 2021",
    "interests": "The work was funded by the county.",
    "aims": "This leaflet explains how to wear the bandage.",
    "benefits": "The bandage relieves joint pain in the knee.",
    "mechanism": "It works by pressing on the tissue.",
    "risks": "Some people get a mild rash under it.",
    "exclusions": "It should not be used on broken skin.",
    "untreated": "A sprain often gets better on its own.",
    "living": "Most people return to work after two days.",
    "alternatives": "Other treatments include ice and rest.",
    "decision": "Talk to your doctor about the knee.",
    "complements": "It is not a substitute for medical advice.",
    "doubt": "It is not known how much the copper adds.",
    "evidence": "In a trial with 64 patients it reduced pain by a third.",
    "tone": "It may also ease stiffness of the joint.",
}
JUDGED_BY_NONE = "Boil the noodles for nine minutes. Drain them, add the sauce and serve at once with cheese."


def evidence(text: str) -> tuple[Document, Evidence]:
    document = Document.from_text(text)
    return document, measure(document, Tables({}))


def says(text: str) -> list[str]:
    return [span.says for span in evidence(text)[1].spans]


def test_every_check_is_tried() -> None:
    assert MET.keys() == {check.name for check in CHECKS}


@pytest.mark.parametrize("name", MET)
def test_a_check_that_is_met_marks_its_sentence(name: str) -> None:
    check = next(check for check in CHECKS if check.name == name)
    document, found = evidence(f"{BARE}{MET[name]}\n\nThe end of it.")
    places = [document.text[s.start : s.end] for s in found.spans if check.met in s.says]
    assert len(places) == 1
    assert places[0].strip(" .") in MET[name] or name == "benefits"


@pytest.mark.parametrize("name", [name for name in MET if name != "benefits"])
def test_a_check_lowers_the_count_by_itself(name: str) -> None:
    bare, more = evidence(BARE)[1], evidence(f"{BARE}{MET[name]}\n\nThe end of it.")[1]
    assert bare.value == len(CHECKS) - 1
    assert more.value <= bare.value - 1


def test_a_page_that_answers_everything_misses_nothing() -> None:
    found = evidence(BARE + "\n\n".join(MET.values()))[1]
    assert found.value == 0
    assert not any(check.missing and check.missing in s.says for check in CHECKS for s in found.spans)


def test_what_is_missing_stands_where_an_editor_would_mend_it() -> None:
    document, found = evidence(BARE)
    places = {document.text[s.start : s.end]: s.says for s in found.spans}
    assert places.keys() == {"Copper bandages", "The bandage relieves joint pain in the knee."}
    assert "No author is named (JAMA authorship)." in places["Copper bandages"]
    assert "No risk is named for this (DISCERN 11)." in places["The bandage relieves joint pain in the knee."]


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("What are the side effects?", "risks"),
        ("It reduces the risk of swelling.", "risks"),
        ("Palm reading should not be used as a substitute for anything.", "exclusions"),
        ("I'm Too Tired", "author"),
        ("By The Numbers", "author"),
        ("*Golden Sunrise*", "author"),
        ("— Green Tea for beginners", "author"),
        ("If you are pregnant, congratulations to both of you.", "exclusions"),
        ("The GMC was founded in an age of gas light.", "qualified"),
        ("Offer expires March 3, 2021", "date"),
        ("This article is for educational purposes only.", "aims"),
        ("Yeast may increase gas.", "tone"),
    ],
)
def test_near_misses(text: str, check: str) -> None:
    met = next(c.met for c in CHECKS if c.name == check)
    assert not any(met in s for s in says(f"{BARE}{text}\n\nThe end of it."))


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("*By Petra Holm*", "author"),
        ("By *Petra Holm*, who fits them.", "author"),
        ("**Author:** Petra Holm", "author"),
        ("*Petra Holm is a nurse in Aarhus.*", "author"),
        ("— Petra Holm, MRCGP", "author"),
        ("_Petra Holm, our practice nurse_", "author"),
        ("Petra Holm MBBS MRCGP saw the patients.", "qualified"),
        ("Our doctor is on the register (GMC 1234567).", "qualified"),
        ("Petra Holm is a registered dietitian in Aarhus.", "qualified"),
        ("If you are pregnant, skip this one.", "exclusions"),
        ("If you're breastfeeding, ask before you buy it.", "exclusions"),
        ("Skip it altogether if you have thin skin.", "exclusions"),
        ("Pregnant women should avoid tight ones.", "exclusions"),
    ],
)
def test_other_ways_of_saying_it(text: str, check: str) -> None:
    met = next(c.met for c in CHECKS if c.name == check)
    assert any(met in s for s in says(f"{BARE}{text}\n\nThe end of it."))


def test_a_list_of_references_or_a_link_to_an_authority_is_a_source() -> None:
    met = next(c.met for c in CHECKS if c.name == "sources")
    assert any(met in s for s in says(f"{BARE}References\n\nA book on knees. It is in the library."))
    assert any(met in s for s in says(f"{BARE}See [the rules](https://www.knees.gov/rules) on this."))
    assert not any(met in s for s in says(f"{BARE}See [our shop](https://www.knees.example/buy) for this."))


def test_pages_about_other_things_get_nothing() -> None:
    for text in (JUDGED_BY_NONE, f"{JUDGED_BY_NONE} Written by Petra Holm. The side effects are mild."):
        found = evidence(text)[1]
        assert found.value == 0
        assert not found.spans


@pytest.mark.parametrize(
    "line",
    [
        "Sources: a guideline of 2022; a review of 2021.",
        "**References:** the trial of 2019",
        "- Source: a handbook",
    ],
)
def test_a_line_that_names_its_sources_counts_as_a_list_of_them(line: str) -> None:
    page = Document.from_markdown(f"{BARE}{line}\n")
    said = " ".join(span.says for span in measure(page, Tables({})).spans)
    assert "Gives a source" in said
    assert "No source is given" not in said
