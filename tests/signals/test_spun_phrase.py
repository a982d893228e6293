"""Spun text: seen where a program swapped synonyms, not where a person wrote plainly, clumsily or technically."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals.spun_phrase import TABLES as NEEDED
from detector.signals.spun_phrase import measure
from detector.tables import Tables

# Honest paragraphs, and the same ones with synonyms swapped as a careless program swaps them.
PAIRS = [
    (
        "Your doctor will check your blood pressure at every visit. High blood pressure has no symptoms, so most people"
        " do not know that they have it. If your blood pressure stays high, it can damage the heart, the kidneys and"
        " the small blood vessels in the eyes. Eating less salt, losing weight and regular exercise all help to bring"
        " it down, and many people also need to take medicine every day for the rest of their lives.",
        "Your physician will inspect your blood coercion at every sojourn. Lofty blood coercion has no manifestations,"
        " so most folks do not know that they own it. If your blood coercion remains lofty, it can harm the soul, the"
        " kidneys and the diminutive blood ships in the eyes. Devouring less salt, shedding heaviness and customary"
        " workout all assist to convey it down, and numerous folks likewise require to seize remedy every day for the"
        " slumber of their lives.",
    ),
    (
        "After the operation a nurse will help you to sit up and walk a few steps. You may feel sick from the"
        " anaesthetic, and the wound will be sore for about two weeks. Take the painkillers that you were given, keep"
        " the wound clean and dry, and do not lift heavy things. Call the hospital if you have a high temperature, if"
        " the wound becomes red and swollen, or if the pain gets worse instead of better.",
        "After the procedure a caretaker will assist you to perch up and stroll a few stages. You may sense ill from"
        " the numbing, and the laceration will be tender for about two fortnights. Seize the agony slayers that you"
        " were bestowed, preserve the laceration spotless and arid, and do not hoist weighty objects. Summon the"
        " infirmary if you possess a tall warmth, if the laceration turns crimson and bloated, or if the agony obtains"
        " worse rather of superior.",
    ),
    (
        "Most children have eczema on the face, behind the knees and in the folds of the elbows. The skin is dry and"
        " itchy, and scratching makes it worse. Use a plain moisturiser several times a day, even when the skin looks"
        " clear, and wash with lukewarm water instead of soap. During a flare the doctor may give you a steroid cream,"
        " which you put on once a day until the red patches have gone. Used in this way it is safe for young children.",
        "Most youngsters own eczema on the visage, after the knees and in the creases of elbows. The hide is parched"
        " and irritable, and scraping creates it worse. Utilise a simple cream numerous instances a day, even when the"
        " hide peers unclouded, and bathe with tepid liquid rather of cleanser. Amid a blaze the physician may provide"
        " you a steroid lotion, which you place on once a day until the scarlet spots have departed. Utilised in this"
        " manner it is secure for youthful youngsters.",
    ),
    (
        "Drink plenty of water before and after the treatment, and do not smoke for at least two weeks. Healthy skin"
        " heals quickly, but smoking slows the blood flow and makes scars more likely. Use a sunscreen with a high"
        " factor every morning, because new skin burns easily in the sun. Most people go back to work the next day and"
        " see the full result after about three months, when the swelling has gone down.",
        "Sip bounty of liquid prior and following the remedy, and do not fume for at slightest two weeks. Wholesome"
        " hide mends swiftly, but fuming lags the blood stream and creates blemishes more probable. Utilise a sunblock"
        " with a lofty element each dawn, since fresh hide singes effortlessly in the sunlight. Most folks travel back"
        " to toil the following day and behold the complete outcome after about three months, when the puffiness has"
        " vanished down.",
    ),
]

CLUMSY = (
    "I am nurse since eleven years and I come from Portugal. In my first winter in Leeds I did not understood what the"
    " patients say to me, because they speak very fast and with a strong accent. My colleague Sheila she helped me a"
    " lot, she wrote for me the words on small papers. Now I explain to the new ones how we make the bandage and how"
    " often must be changed. When the wound smells bad you have to tell it to the doctor the same day. It is not"
    " difficult work but you need to have patience with old people and with yourself also."
)

trained = pytest.mark.usefixtures("_trained")


@pytest.fixture
def _trained(tables: Tables) -> None:
    if missing := set(NEEDED) - tables.arrays.keys():
        pytest.skip(f"the current model has no {', '.join(sorted(missing))}")


@pytest.mark.parametrize("text", [spun for _, spun in PAIRS])
def test_without_trained_tables_nothing_is_seen(text: str) -> None:
    evidence = measure(Document.from_text(text), Tables({}))
    assert (evidence.value, evidence.spans) == (0, ())


@trained
@pytest.mark.parametrize(("honest", "spun"), PAIRS, ids=["pressure", "operation", "eczema", "skin"])
def test_a_spun_paragraph_weighs_more_than_its_honest_original(
    honest: str, spun: str, tables: Tables
) -> None:
    before, after = (measure(Document.from_text(t), tables) for t in (honest, spun))
    assert after.value > before.value
    assert len(after.spans) > len(before.spans)


@trained
def test_most_spun_paragraphs_show_several_places(tables: Tables) -> None:
    shown = [len(measure(Document.from_text(spun), tables).spans) for _, spun in PAIRS]
    assert sum(n >= 3 for n in shown) >= 3, shown


@trained
def test_the_usual_word_is_shown_where_one_is_known(tables: Tables) -> None:
    shown = [s for _, spun in PAIRS for s in measure(Document.from_text(spun), tables).spans]
    assert sum(bool(s.instead) for s in shown) >= len(shown) / 2
    for span in shown:
        assert span.says
        assert all(word in tables.vocabulary for word in span.instead)


@trained
def test_most_marked_words_are_swapped_ones(tables: Tables) -> None:
    right = wrong = 0
    for honest, spun in PAIRS:
        kept = set(Document.from_text(honest).tokens.word)
        for span in measure(Document.from_text(spun), tables).spans:
            if spun[span.start : span.end].lower() in kept:
                wrong += 1
            else:
                right += 1
    assert right >= 3 * wrong


@trained
@pytest.mark.parametrize("text", [*(honest for honest, _ in PAIRS), CLUMSY])
def test_honest_and_clumsy_english_weighs_little(text: str, tables: Tables) -> None:
    least = min(measure(Document.from_text(spun), tables).value for _, spun in PAIRS)
    assert measure(Document.from_text(text), tables).value < least


@trained
def test_headings_and_short_list_items_are_not_asked(tables: Tables) -> None:
    heads = "\n\n".join(f"# {line}" for line in PAIRS[0][1].split(". "))
    items = "\n".join(f"- {' '.join(words)}" for words in zip(*[iter(PAIRS[1][1].split())] * 4, strict=False))
    assert measure(Document.from_markdown(heads), tables).spans == ()
    assert measure(Document.from_markdown(items), tables).spans == ()


@trained
@settings(deadline=None, max_examples=40)
@given(
    words=st.lists(
        st.sampled_from([*PAIRS[0][1].split(), *PAIRS[2][1].split(), "\n\n", "–", "“x”", "😀", "3.5", "Çé"]),
        max_size=120,
    )
)
def test_spans_are_single_words_of_the_text_whatever_it_is(words: list[str], tables: Tables) -> None:
    document = Document.from_text(" ".join(words))
    evidence = measure(document, tables)
    assert math.isfinite(evidence.value)
    assert evidence.value >= 0
    starts, ends = set(document.tokens.start), set(document.tokens.end)
    for span in evidence.spans:
        assert span.start in starts
        assert span.end in ends
        assert document.text[span.start : span.end].strip()
