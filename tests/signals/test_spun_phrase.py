"""Spun text: seen where a program swapped synonyms, not where a person wrote plainly, clumsily or technically."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.signals import spun_phrase
from detector.signals._reading import BESIDE, read
from detector.signals.spun_phrase import TABLES as NEEDED
from detector.signals.spun_phrase import measure
from detector.tables import EDGE, SPECIAL, Array, CountTable, Floats, Tables, pack
from detector.verdict import Evidence

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


@trained
def test_a_page_that_weighs_nothing_shows_nothing(tables: Tables) -> None:
    for text in (CLUMSY, "", "Call us.", *(honest for honest, _ in PAIRS)):
        evidence = measure(Document.from_text(text), tables)
        assert evidence.value > 0 or evidence.spans == ()


# --- measures, on tables of a few words ------------------------------------------------------------------------------

COMMON = [f"zz{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(spun_phrase.COMMON - SPECIAL)]
COUNTED = "bakers knead strong dough before sunrise while their ovens slowly warm the dark narrow kitchen"
SWAPPED = {"mighty": "strong", "batter": "dough", "dawn": "sunrise"}


@pytest.fixture(scope="module")
def few() -> Tables:
    """Tables that know one sentence, said a hundred times, and three rare words for words of it."""
    words = COUNTED.split()
    vocabulary = {w: id for id, w in enumerate([*COMMON, *words, *SWAPPED], start=SPECIAL)}
    size = SPECIAL + len(vocabulary)
    row = np.array([EDGE, *(vocabulary[w] for w in words), EDGE], dtype=np.int32)
    counts = np.full(size, 100.0, dtype=np.float32)
    counts[[vocabulary[w] for w in SWAPPED]] = 3
    inventory = np.zeros((size, 8), dtype=np.uint16)
    for odd, usual in SWAPPED.items():
        inventory[vocabulary[odd], 0] = vocabulary[usual]
    hundred = np.full(len(row), 100.0, dtype=np.float32)
    arrays: dict[str, Array] = {
        "word_counts": counts,
        "pairs": CountTable.build(pack(row[:-1], row[1:]), hundred[1:], load=0.1).slots,
        "triples": CountTable.build(pack(row[:-2], row[1:-1], row[2:]), hundred[2:], load=0.1).slots,
        "stand_ins": inventory,
        "stand_in_spread": np.zeros(size, dtype=np.float16),
        "stand_in_prior": (np.arange(size) / 64).astype(np.float16),
        "place_words": np.ones((size, 2), dtype=np.int8),
        "place_contexts": np.ones((len(BESIDE), size, 2), dtype=np.float32),
        "topics": np.zeros((size, 2), dtype=np.int8),
        "classes": np.zeros(size, dtype=np.uint8),
        "class_joins": np.zeros((1, 1), dtype=np.float16),
        "class_triples": np.zeros((1, 1, 1), dtype=np.int8),
    }
    return Tables(vocabulary, arrays)


def rows_of(text: str, tables: Tables) -> dict[str, tuple[Floats, str]]:
    """Of each word that is asked about: its row, and the word that would fit better ("" if there is none)."""
    document = Document.from_text(text)
    reading = read(document, tables)
    at = spun_phrase.places(document, reading)
    rows, best = spun_phrase.features(reading, at)
    return {
        document.tokens.word[reading.token[place]]: (row, tables.word(id) if id else "")
        for place, row, id in zip(at, rows, best.tolist(), strict=True)
    }


def test_the_word_that_honest_english_has_there_is_found(few: Tables) -> None:
    found = rows_of(COUNTED.replace("strong", "mighty").replace("sunrise", "dawn") + ".", few)
    assert {word: best for word, (_, best) in found.items() if best} == {
        "mighty": "strong",
        "dawn": "sunrise",
    }


def test_a_swapped_word_is_likelier_to_have_been_another_one(few: Tables) -> None:
    in_place = rows_of(COUNTED.replace("strong", "mighty") + ".", few)["mighty"][0]
    # the same word where none of its stand-ins would be at home
    elsewhere = rows_of("Ovens warm narrow mighty bakers while kitchen sunrise slowly.", few)["mighty"][0]
    assert in_place[spun_phrase.RATIO] > elsewhere[spun_phrase.RATIO] + 3


def test_names_of_measures_are_those_of_their_columns(few: Tables) -> None:
    found = rows_of("Bakers knead mighty dough qqq batter sunrise while zzaa ovens.", few)
    for word, (row, _) in found.items():
        id = few.vocabulary.get(word, 0)
        assert row[spun_phrase.USUAL] == pytest.approx(np.log2(few.word_counts[id] + 1))
        assert row[spun_phrase.PRIOR] == pytest.approx(id / 64, abs=0.01)
        assert row[spun_phrase.TOPIC] == row[spun_phrase.CLASS_GAIN] == 0
    beside = {word for word, (row, _) in found.items() if row[spun_phrase.BESIDE_UNKNOWN]}
    assert beside == {"dough", "batter"} & found.keys()
    # "sunrise while" is counted, "while zzaa" is not, though both are common
    assert found["while"][0][spun_phrase.WEAKER_JOIN] < -1 < found["sunrise"][0][spun_phrase.WEAKER_JOIN]
    at_home = rows_of(COUNTED.replace("kitchen", "batter") + ".", few)["batter"][0]
    assert at_home[spun_phrase.AROUND] > found["batter"][0][spun_phrase.AROUND]


def test_asked_are_words_that_nobody_set_between_these_neighbours(few: Tables) -> None:
    assert rows_of(COUNTED + ".", few) == {}
    found = rows_of(COUNTED.replace("ovens", "dawn") + ".", few)
    assert found.keys() == {"their", "dawn", "slowly"}


def test_the_commonest_words_numbers_and_short_sentences_are_not_asked(few: Tables) -> None:
    found = rows_of("Zzaa mighty 12 zzab batter zzac 5,000 dawn. Mighty kitchen warm.", few)
    assert found.keys() == {"mighty", "batter", "dawn"}
    assert rows_of("Mighty kitchen warm. Batter knead slowly.", few) == {}


def test_what_the_page_is_about_is_asked_only_at_first(few: Tables) -> None:
    document = Document.from_text("Kitchen dawn slowly mighty warm dough. " * 5)
    at = spun_phrase.places(document, read(document, few))
    assert len(at) == 6 * spun_phrase.OFTEN


def test_looked_at_closely_is_a_share_of_the_places_and_of_a_long_page_no_more(
    few: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spun_phrase, "FEWEST", 1)
    reading = read(document := Document.from_text(MANY), few)
    at = spun_phrase.places(document, reading)
    odd, home = spun_phrase.oddest(reading, at)
    assert len(odd) == round(spun_phrase.SHARE * len(at))
    assert set(odd.tolist()) < set(at.tolist())
    monkeypatch.setattr(spun_phrase, "SHARE", 1.0)
    assert home < spun_phrase.oddest(reading, at)[1]
    monkeypatch.undo()
    monkeypatch.setattr(spun_phrase, "FEWEST", 1)
    monkeypatch.setattr(spun_phrase, "SPREAD", len(at) // 2)
    assert len(spun_phrase.oddest(reading, at)[0]) == round(spun_phrase.SHARE * (len(at) // 2))


def test_english_as_it_was_counted_is_plainer_than_other_english(few: Tables) -> None:
    words = COUNTED.split()
    plain, jumbled, strange = (
        spun_phrase.plainness(read(Document.from_text(text + "."), few))
        for text in (COUNTED, " ".join(sorted(words)), " ".join(f"q{w}" for w in words))
    )
    assert (plain[:3] > jumbled[:3]).all()
    assert plain[3] == jumbled[3] > strange[3]
    assert (plain[1:] == 1).all()


@pytest.mark.parametrize("text", ["", "1", "Word.", "\n\n"])
def test_plainness_of_next_to_nothing_is_a_number(few: Tables, text: str) -> None:
    assert np.isfinite(spun_phrase.plainness(read(Document.from_text(text), few))).all()


@given(
    p=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60),
    seed=st.integers(0, 99),
)
def test_measures_of_a_page_are_numbers_whatever_its_places_are(p: list[float], seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(len(p), 44)).astype(np.float32)
    found = spun_phrase.page_features(np.zeros(4, dtype=np.float32), rows, np.array(p, dtype=np.float32))
    assert np.isfinite(found).all()
    once = spun_phrase.page_features(
        np.zeros(4, dtype=np.float32), rows[:1], np.array(p[:1], dtype=np.float32)
    )
    assert found.shape == once.shape, "however long the page"


@given(st.lists(st.floats(0, 8, width=16), max_size=40), st.integers(1, 50))
def test_the_densest_stretch_of_a_page(excess: list[float], window: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spun_phrase, "WINDOW", window)
        found = spun_phrase.densest(np.array(excess, dtype=np.float32))
    stretches = [sum(excess[k : k + window]) for k in range(max(1, len(excess) - window + 1))]
    assert found == pytest.approx(max(stretches))


# --- from measures to what is shown ----------------------------------------------------------------------------------

MANY = " ".join(f"{a} {b}" for a, b in zip(COUNTED.split(), reversed(COUNTED.split()), strict=True)) + ". "


def with_networks(few: Tables, place: float, page: float, quiet: float) -> Tables:
    """Tables whose networks give each place and each page the same log-odds."""

    def network(name: str, width: int, odds: float) -> dict[str, Array]:
        shapes = {"mean": width, "scale": width, "w1": (width, 1), "b1": 1, "w2": (1, 1)}
        arrays = {f"{name}_{k}": np.zeros(shape, dtype=np.float32) for k, shape in shapes.items()}
        return {**arrays, f"{name}_b2": np.array([odds], dtype=np.float32)}

    rows = next(iter(rows_of(MANY, few).values()))[0][None, :]
    width = len(spun_phrase.page_features(np.zeros(4, dtype=np.float32), rows, np.ones(1, dtype=np.float32)))
    networks = network("spun", rows.shape[1], place) | network("spun_page", width, page)
    line = {"spun_quiet": np.array([quiet], dtype=np.float32)}
    return Tables(few.vocabulary, {**few.arrays, **networks, **line})


def test_a_page_weighs_what_it_has_above_the_level_of_honest_pages(few: Tables) -> None:
    document = Document.from_text(MANY)
    assert measure(document, with_networks(few, 0, 5, 1.5)).value == pytest.approx(3.5, abs=1e-3)
    for page in (1.4, -4):
        assert measure(document, with_networks(few, 3, page, 1.5)) == Evidence()


def test_a_page_whose_oddest_words_are_at_home_weighs_nothing(few: Tables) -> None:
    document = Document.from_text(MANY)
    reading = read(document, few)
    _, home = spun_phrase.oddest(reading, spun_phrase.places(document, reading))
    sure = with_networks(few, 3, 5, 0)
    for level, weighs in ((home - 0.1, False), (home + 0.1, True)):
        leveled = Tables(few.vocabulary, {**sure.arrays, "spun_home": np.array([level], dtype=np.float32)})
        assert (measure(document, leveled).value > 0) is weighs


def test_a_page_of_too_few_places_weighs_nothing(few: Tables) -> None:
    text = "Kitchen dawn slowly mighty warm dough kitchen."
    assert 0 < len(rows_of(text, few)) < spun_phrase.FEWEST
    assert measure(Document.from_text(text), with_networks(few, 3, 5, 0)) == Evidence()


def test_only_places_that_are_likely_swapped_are_shown(few: Tables) -> None:
    document = Document.from_text(MANY)
    unsure = measure(document, with_networks(few, 0.8, 5, 0))  # 0.69
    assert (unsure.value > 0, unsure.spans) == (True, ())
    sure = measure(document, with_networks(few, 0.9, 5, 0))  # 0.71
    assert len(sure.spans) >= spun_phrase.FEWEST


def test_no_more_places_are_shown_than_anybody_reads(few: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spun_phrase, "SHARE", 1.0)
    rng = np.random.default_rng(0)
    strange = ["".join(chr(97 + k) for k in rng.integers(0, 26, 9)) for _ in range(3 * spun_phrase.MANY)]
    document = Document.from_text(" ".join(strange) + ".")
    assert len(measure(document, with_networks(few, 3, 5, 0)).spans) == spun_phrase.MANY


def test_a_place_is_explained_by_the_usual_word(few: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spun_phrase, "SHARE", 1.0)
    text = COUNTED.replace("strong", "mighty").replace("ovens", "qqq") + ". " + MANY
    document = Document.from_text(text)
    spans = measure(document, with_networks(few, 3, 5, 0)).spans
    said = {text[s.start : s.end]: (s.says, s.instead) for s in spans}
    assert said["mighty"] == ("“mighty” is odd here.", ("strong",))
    assert said["qqq"] == ("“qqq” is odd here.", ())
