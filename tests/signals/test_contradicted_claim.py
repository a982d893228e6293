"""contradicted_claim: every row of the table fires on what it is about, and on nothing said with care."""

from __future__ import annotations

import re

import pytest

from detector.document import Document
from detector.signals._contradictions import ROWS
from detector.signals.contradicted_claim import measure
from detector.tables import Tables
from detector.verdict import Evidence

FIRES = {
    "needling called non-invasive": "Microneedling is a popular non-invasive procedure.",
    "injection called non-invasive": "Botox injections are quick and non-invasive.",
    "laser hair removal called permanent": "Our diode laser gives permanent hair removal in six visits.",
    "laser said to remove hair for good": "The IPL lamp permanently removes unwanted hair.",
    "filler called permanent": "Hyaluronic acid fillers give permanent results.",
    "whitening called permanent": "Teeth whitening gives you a permanent bright smile with permanent results.",
    "scars said to vanish": "The gel completely removes acne scars.",
    "breast implants said to last for life": "Breast implants last forever.",
    "no downtime after ablative treatment": "A deep chemical peel means no downtime.",
    "chemical-free": "This cream is 100% chemical-free.",
    "sunscreen said to block everything": "Rub in a waterproof sunscreen.",
    "facility called FDA-approved": "Each bottle is made in an FDA approved facility.",
    "supplement called FDA-approved": "It is an FDA-approved dietary supplement.",
    "cosmetic called FDA-approved": "Try our FDA-approved moisturizer.",
    "exosomes called FDA-approved": "We use FDA-approved exosomes.",
    "CBD product called FDA-approved": "Buy FDA-approved CBD gummies.",
    "compounded drug called FDA-approved": "Our compounded semaglutide is FDA-approved.",
    "homeopathic product called approved or proven": "Homeopathic drops are clinically proven.",
    "HCG for weight loss": "HCG drops melt stored fat.",
    "cure for diabetes": "The root cures type 2 diabetes.",
    "cure for a skin disease": "This oil will cure your psoriasis.",
    "cure for arthritis": "It is the only natural cure for arthritis.",
    "cure for asthma or COPD": "The herb can cure asthma.",
    "cure for herpes or HIV": "The drops cure herpes: a permanent cure for herpes.",
    "cure for endometriosis or PCOS": "A diet that cures PCOS.",
    "cure for dementia, Parkinson's or MS": "Coconut oil reverses dementia.",
    "cure for autism": "The protocol cured autism.",
    "natural cure for cancer": "Soursop tea cures cancer.",
    "weight loss without diet or exercise": "Lose weight without diet or exercise.",
    "weight loss by something worn or rubbed in": "The slimming patch melts away the fat.",
    "fat or carbohydrates blocked": "The pill blocks the absorption of fat.",
    "foot pads that draw out toxins": "Foot pads draw out toxins overnight.",
    "cleanse that removes toxins": "A juice cleanse flushes toxins.",
    "antibiotics against viruses": "Antibiotics kill viruses.",
    "vitamin C against colds": "Vitamin C prevents colds.",
    "vaccines and autism": "Vaccines cause autism.",
    "medicine without side effects": "Botox has no side effects.",
    "cosmetic intervention without risk": "Liposuction is completely safe.",
    "retinoids in pregnancy": "Retinol is perfectly safe during pregnancy.",
    "sunbeds called safe": "Indoor tanning is a safe way to get colour.",
    "ear candles": "Ear candling removes wax and toxins.",
    "teething necklaces": "Amber teething necklaces soothe sore gums.",
    "colloidal silver as a remedy": "Colloidal silver kills every germ.",
    "radiofrequency microneedling at home": "Try RF microneedling at home.",
    "needle-free filler pens": "A hyaluron pen gives you full lips.",
    "filler or toxin injected by oneself": "How to inject lip fillers yourself.",
    "black salve": "Black salve removes moles.",
    "chlorine dioxide or bleach as a remedy": "Chlorine dioxide cures malaria.",
    "concentrated hydrogen peroxide by mouth": "Drink three drops of food grade hydrogen peroxide.",
    "medicine to be stopped or replaced": "With this natural formula you can throw away your insulin.",
}
QUIET = [
    "Microneedling is minimally invasive.",
    "Microneedling is not non-invasive.",
    "LED light is a non-invasive alternative to microneedling.",
    "We offer Botox, fillers and non-invasive skin tightening.",
    "Radiofrequency microneedling is not for use at home.",
    "Lasers give permanent hair reduction, electrolysis permanent hair removal.",
    "Fillers can cause permanent damage to the eye.",
    "The results of lip fillers are not permanent.",
    "Permanent fillers made of silicone are hard to remove.",
    "Our facility is registered with the FDA.",
    "No supplement is FDA-approved.",
    "Minoxidil is an FDA-approved cream for hair loss.",
    "There is no cure for diabetes, and nobody cures arthritis.",
    "Can psoriasis be cured?",
    "Researchers hope to find a cure for Alzheimer's.",
    "The scientists cured diabetes in mice.",
    "Claims that a tea cures cancer are false.",
    "“It cures cancer,” says the label.",
    "Surgery can cure early cancer.",
    "People can reverse type 2 diabetes if they lose weight early.",
    "The diet may put type 2 diabetes into remission.",
    "Vaccines do not cause autism.",
    "The study that said vaccines cause autism was retracted.",
    "Antibiotics do not work against viruses.",
    "Antibiotics cure bacterial infections.",
    "Most patients on metformin have no side effects.",
    "Every operation has risks, and liposuction is never risk-free.",
    "Retinol is not safe during pregnancy.",
    "Do not stop taking your medication without asking your doctor.",
    "Talk to your doctor before you stop taking your medicine and try a supplement.",
    "You cannot lose weight without diet or exercise.",
    "People with diabetes inject insulin themselves at home.",
    "Liver and kidneys remove toxins from the blood.",
    "Use a water-resistant sunscreen.",
    "Bleach kills viruses on surfaces.",
]


def evidence(text: str, title: str | None = None) -> Evidence:
    return measure(Document.from_text(text, title=title), Tables({}))


def test_every_row_is_tried() -> None:
    assert {row.name for row in ROWS} == FIRES.keys()


@pytest.mark.parametrize("name", FIRES)
def test_a_row_fires_and_says_who_contradicts(name: str) -> None:
    row = next(row for row in ROWS if row.name == name)
    text = f"This was on the page. {FIRES[name]} Then it went on."
    found = evidence(text)
    assert found.value == row.weight
    span = found.spans[0]
    assert text[span.start : span.end] in FIRES[name]
    assert row.source in span.says
    assert row.date in span.says
    assert span.instead == row.instead


@pytest.mark.parametrize("text", QUIET)
def test_quiet(text: str) -> None:
    found = evidence(f"This was on the page. {text} Then it went on.")
    assert found.value == 0
    assert not found.spans


def test_the_subject_may_be_the_topic_of_the_page() -> None:
    text = "It is a non-invasive treatment that takes an hour."
    assert evidence(text).value == 0
    assert evidence(text, title="Microneedling in Leeds").value == 1
    assert evidence("Microneedling is done with a pen. " * 4 + text).value == 1


def test_a_row_counts_once_and_rows_add_up() -> None:
    one, other = "The root cures diabetes.", "Sunbeds are safe."
    assert evidence(f"{one} Yes, it cures diabetes.").value == 1
    assert len(evidence(f"{one} Yes, it cures diabetes.").spans) == 2
    assert evidence(f"{one} {other}").value == 2


def test_the_worst_comes_first() -> None:
    text = (
        "This cream is chemical-free. Drink food grade hydrogen peroxide every day, just drink 35% peroxide."
    )
    weights = [2.0, 0.5]
    assert evidence(text).value == sum(weights)
    assert "gut" in evidence(text).spans[0].says


def test_a_phrase_may_run_over_the_end_of_a_line() -> None:
    assert evidence("They sell it by the box, and soursop\ntea cures\ncancer in a week.").value == 2


def test_rows_are_written_in_full() -> None:
    for row in ROWS:
        assert row.says.endswith("."), row.name
        assert row.source, row.name
        assert re.fullmatch(r"(?:\d{4}(?:-\d\d)?)?", row.date), row.name
        assert row.jurisdiction in ("", "US", "UK", "EU", "AU"), row.name
        assert row.words == row.words.lower(), row.name
        assert row.weight in (0.5, 1.0, 2.0), row.name
    assert len({row.name for row in ROWS}) == len(ROWS)
