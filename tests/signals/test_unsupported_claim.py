"""unsupported_claim: strong claims count where nothing stands behind them, and plain ones where no risk is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals import unsupported_claim
from detector.tables import Tables
from detector.verdict import Evidence

# Health enough to be looked at, and without a claim.
LEAFLET = (
    "Gallstones are small stones that form in the gallbladder, a pouch under the liver. Most people who have them never"
    " know. A stone that moves can block a duct, and then the pain sits under the ribs and lasts for hours. The doctor"
    " presses on the belly, takes blood and looks with ultrasound. Tablets against the pain and a few days of light"
    " food are the first treatment. An operation through small cuts takes about an hour, and the patient goes home the"
    " next day. Ask the nurse when the stitches come out, and call the clinic if you have a fever or yellow skin."
)
CLAIMS = [
    "Garnet tea cures gallstones for good.",
    "The capsules are clinically proven.",
    "They are 100% safe and have no side effects.",
    "The treatment works for everyone.",
    "It boosts your immune system and flushes toxins from the liver.",
    "Results are guaranteed.",
    "This revolutionary treatment gives instant results.",
    "Pain simply vanishes.",
]
BENEFITS = [
    "Garnet water improves circulation.",
    "It strengthens the joints and calms the nerves.",
    "It reduces inflammation in every joint.",
    "It stimulates collagen and smooths the skin.",
    "It relieves headaches and soothes the stomach.",
    "It regulates the metabolism and lowers cholesterol.",
    "It restores energy and improves sleep.",
    "It nourishes hair and scalp.",
]


def evidence(text: str) -> Evidence:
    return unsupported_claim.measure(Document.from_text(text), Tables({}))


def test_strong_claims_are_marked_clause_by_clause() -> None:
    text = f"{LEAFLET}\n\n{' '.join(CLAIMS)}"
    found = evidence(text)
    assert found.value > 4
    marked = [text[s.start : s.end] for s in found.spans]
    assert "The treatment works for everyone." in marked
    assert all(s.says for s in found.spans)
    assert len({(s.start, s.end) for s in found.spans}) == len(found.spans)


def test_one_claim_is_free() -> None:
    for claim in CLAIMS[:2]:
        assert evidence(f"{LEAFLET} {claim}").value == 0


@pytest.mark.parametrize(
    "text",
    [
        LEAFLET,
        # denied, doubted, asked, quoted, reported
        f"{LEAFLET} No tea cures gallstones. Nothing is 100% safe. Nobody can guarantee results.",
        f"{LEAFLET} It may cure gallstones for good, and it might be completely safe.",
        f"{LEAFLET} Does it cure gallstones for good? Is it 100% safe? Are results guaranteed?",
        f'{LEAFLET} "It cures gallstones for good." "It is 100% safe." "It works for everyone."',
        f"{LEAFLET} Sellers claim that it cures gallstones and is 100% safe. It is a myth that it works for everyone.",
        # a story of one person
        f"{LEAFLET} My pain is gone. He says it cured his liver, and I felt instant relief.",
    ],
)
def test_quiet(text: str) -> None:
    found = evidence(text)
    assert found.value == 0
    assert not found.spans


def test_a_study_next_to_it_takes_most_of_a_claim_away() -> None:
    bare = f"{LEAFLET} The capsules are clinically proven. They are completely safe."
    backed = bare + " In a randomized trial with 240 patients 3 % had nausea."
    assert evidence(bare).value > 0
    assert evidence(backed).value == 0


def test_limits_around_it_buy_room() -> None:
    claims = " ".join(CLAIMS[1:4])
    limits = (
        "Bleeding and infection are possible. Pregnant women need advice. The drawbacks are listed below."
    )
    assert evidence(f"{LEAFLET} {claims} {limits}").value < evidence(f"{LEAFLET} {claims}").value


def test_honest_text_far_away_does_not_wash_claims_clean() -> None:
    claims = " ".join(CLAIMS)
    far = "\n\n".join([LEAFLET] * 8)
    assert evidence(f"{far}\n\n{claims}\n\n{far}").value > 5


def test_an_article_that_only_praises_piles_up() -> None:
    article = (
        f"Garnet water has countless benefits. {' '.join(BENEFITS)} It has incredible effects on the body."
    )
    assert evidence(f"{article}\n\n{LEAFLET}").value > 0
    assert evidence(f"{article} The risks are burns, infection and scarring. Swelling is common.").value == 0


def test_a_business_may_list_what_its_treatments_do() -> None:
    own = "Visit us on Mondays. Our clinic is on the second floor."
    article = f"Massage has countless benefits. {' '.join(BENEFITS)}"
    assert evidence(f"{article}\n\n{LEAFLET} {own}").value == 0


def test_other_topics_are_left_alone() -> None:
    text = (
        "The roof is guaranteed for life, and the paint lasts forever. It works for everyone, is completely safe and"
        " gives instant results. " + "The gutter runs along the wall to the barrel by the shed. " * 12
    )
    assert evidence(text).value == 0


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([LEAFLET, *CLAIMS, *BENEFITS, "A Heading Here", "- one item"]), max_size=30))
def test_spans_lie_in_the_text(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    found = evidence(text)
    assert all(0 <= s.start < s.end <= len(text) for s in found.spans)
    assert (found.value > 0) == bool(found.spans)
