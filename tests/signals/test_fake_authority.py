"""fake_authority: speakers without a name, tests without a method, studies without a source."""

from __future__ import annotations

import pytest

from detector.document import Document
from detector.signals.fake_authority import measure
from detector.tables import Tables
from detector.verdict import Evidence

ARTICLE = (
    "Chilblains are itchy swellings on toes and fingers that come after cold and damp. The skin turns red, then dark,"
    " and heals within a few weeks. Warm socks and dry shoes are the best treatment, and a cream against the itch can"
    " be bought at any pharmacy. Smoking makes the blood vessels narrow, so the skin gets even less blood. People who"
    " work outdoors should change wet gloves at once and warm the hands slowly, never over a fire. Broken skin needs a"
    " clean dressing, and a doctor should look at toes that stay dark or hurt at night. Children get them as well,"
    " mostly on the ears, and a woollen hat is enough to keep the next winter free of pain."
)
SPEAKER = "As a podiatrist, I see this every winter."


def evidence(*paragraphs: str) -> Evidence:
    return measure(Document.from_text("\n\n".join(paragraphs)), Tables({}))


def test_a_speaker_without_a_name_in_an_impersonal_page() -> None:
    found = evidence(ARTICLE, SPEAKER)
    assert found.value == 2
    assert len(found.spans) == 1


@pytest.mark.parametrize(
    "speaker",
    [
        "As an esthetician, I see this every winter.",
        "As a busy gynaecologist in town, I’ve seen it all winter.",
        "In my clinical practice this is common.",
        "Every autumn I tell my patients about it.",
    ],
)
def test_whoever_speaks_and_however(speaker: str) -> None:
    assert evidence(ARTICLE, speaker).value == 2


@pytest.mark.parametrize(
    "name",
    [
        "Written by Ottilie Marsh, MD.",
        "Dr. Marsh works in Ludlow.",
        "My name is Ottilie Marsh.",
        "Reviewed by Ottilie Jane Marsh.",
        "Ottilie Marsh RN is a nurse.",
    ],
)
def test_a_name_settles_it(name: str) -> None:
    assert evidence(ARTICLE, SPEAKER, name).value == 0


def test_a_personal_page_counts_less_and_a_clinic_not_at_all() -> None:
    personal = "I work alone, and I like my trade. I answer my post on Fridays, and I live over my shop."
    assert evidence(ARTICLE, SPEAKER, personal).value == 1
    assert (
        evidence(ARTICLE, SPEAKER, personal, "Our patients call us on weekdays. We offer home visits.").value
        == 0
    )


@pytest.mark.parametrize(
    "text",
    [
        "As a doctor would tell you, this is common.",
        "“As a doctor, I never smoke,” she said.",
        "She worked as a nurse and as a coach.",
        "As a child, I had them every year.",
    ],
)
def test_other_uses_of_as_are_left_alone(text: str) -> None:
    assert evidence(ARTICLE, text).value == 0


def test_a_team_that_tested_without_a_method() -> None:
    assert evidence(ARTICLE, "Our experts tested dozens of creams so that you do not have to.").value == 1
    assert (
        evidence(ARTICLE, "After hundreds of hours of testing, our team of reviewers has chosen five.").value
        == 1
    )
    assert (
        evidence(ARTICLE, "Our team tested nine creams for 30 days. We measured the water in the skin.").value
        == 0
    )


def test_vague_authorities_count_when_they_pile_up() -> None:
    vague = [
        "Experts agree that wool is best.",
        "Studies show that it works.",
        "Doctors recommend it to everyone.",
    ]
    assert evidence(ARTICLE, vague[0]).value == 0
    two, three = evidence(ARTICLE, *vague[:2]), evidence(ARTICLE, *vague)
    assert 0 < two.value < three.value
    assert len(three.spans) == 3


@pytest.mark.parametrize(
    "named",
    [
        "Studies show that it works (Almy et al. 2003).",
        "A study published in a journal of nursing has found that wool helps.",
        "Researchers at the University of Bergen found that wool helps.",
        "[Studies show](https://example.org/wool) that it works.",
    ],
)
def test_an_authority_that_can_be_looked_up_is_none_of_these(named: str) -> None:
    filler = "Wool is warm. It dries slowly."
    assert evidence(ARTICLE, f"{filler} {named} {filler}", f"{filler} {named} {filler}").value == 0


def test_news_about_researchers_is_left_alone() -> None:
    story = "Researchers say the comet is old. Experts believe that it broke up. Studies show that it is made of ice. "
    assert evidence(story * 3).value == 0
