"""What the learned signals learn, on a made-up language in which it is known what goes with what."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from detector.document import Document
from detector.signals import hollow_prose, spun_phrase
from detector.signals._network import probability
from detector.signals._reading import read
from detector.signals._wording import STRETCH
from detector.signals.injected_anchor import LONGEST, SHORTEST, WHOLE, at_cuts
from detector.tables import SPECIAL, Floats, Tables
from detector.train import english, learn, senses, spoil, thesaurus
from detector.train.learn import SpunPage
from detector.train.spoil import Mark, Spoiled

# --- networks --------------------------------------------------------------------------------------------------------


def apart(seed: int, count: int = 400) -> tuple[Floats, np.ndarray, Floats]:
    """Rows of two measures that tell two labels apart, and one that does not."""
    rng = np.random.default_rng(seed)
    label = (np.arange(count) % 2).astype(np.int8)
    rows = rng.normal(size=(count, 3)).astype(np.float32)
    rows[:, 0] += 3 * label
    rows[:, 1] -= 3 * label
    return rows, label, np.ones(count, dtype=np.float32)


def test_a_network_tells_labels_apart_that_it_never_saw() -> None:
    arrays = learn.network(*apart(1), "toy", 4, epochs=200, batch=50)
    assert all(name.startswith("toy_") and a.dtype == np.float32 for name, a in arrays.items())
    rows, label, _ = apart(2)
    p = probability(Tables({}, arrays), "toy", rows)
    assert ((p > 0.5) == label).mean() > 0.95


def test_members_of_a_network_say_the_mean_of_what_each_says() -> None:
    rows, label, weight = apart(3, 100)
    together = learn.network(rows, label, weight, "toy", 4, members=2)
    first = learn.network(rows, label, weight, "toy", 4)
    assert together["toy_w1"].shape == (3, 8)
    assert (together["toy_w1"][:, :4] == first["toy_w1"]).all()

    def odds(arrays: dict[str, np.ndarray]) -> Floats:
        p = probability(Tables({}, arrays), "toy", rows).astype(np.float64)
        return np.log(p / (1 - p))  # type: ignore[no-any-return]

    second = {
        **together,
        "toy_w1": together["toy_w1"][:, 4:],
        "toy_b1": together["toy_b1"][4:],
        "toy_w2": together["toy_w2"][4:] * 2,
        "toy_b2": together["toy_b2"] * 2 - first["toy_b2"],
    }
    assert odds(together) == pytest.approx((odds(first) + odds(second)) / 2, abs=1e-3)


def test_the_same_rows_give_the_same_network() -> None:
    one, two = (learn.network(*apart(4, 60), "toy", 4, members=2) for _ in range(2))
    assert all((one[name] == two[name]).all() for name in one)


def test_a_measure_that_never_changes_does_no_harm() -> None:
    rows, label, weight = apart(5, 60)
    rows[:, 2] = 7
    p = probability(Tables({}, learn.network(rows, label, weight, "toy", 4)), "toy", rows)
    assert np.isfinite(p).all()


# --- swapped words ---------------------------------------------------------------------------------------------------

FILLERS = [f"w{a}{b}" for a in "aeiou" for b in "bdfgklmn"]
TIMES = range(10)
ADJECTIVES, NOUNS = [f"good{chr(97 + k)}" for k in TIMES], [f"thing{chr(97 + k)}" for k in TIMES]
ODD = {word: f"odd{word}" for word in (*ADJECTIVES, *NOUNS)}


def line(rng: random.Random, *, odd: bool = False) -> str:
    """A sentence in which each noun has the adjectives that go with it; with a rare word among words of any kind."""
    filler = iter(rng.sample(FILLERS, 9))
    words = []
    for _ in range(2):
        k = rng.choice(TIMES)
        words += [next(filler), ADJECTIVES[(k + rng.choice((0, 1))) % len(TIMES)], NOUNS[k], next(filler)]
    if odd:
        words += [rng.choice(list(ODD.values())), next(filler)]
    return " ".join(words).capitalize() + "."


def article(seed: int) -> str:
    rng = random.Random(seed)
    return "\n\n".join(" ".join(line(rng) for _ in range(4)) for _ in range(4))


def spun(seed: int) -> Spoiled:
    table = {word: [odd] for word, odd in ODD.items()}
    return spoil.spin(article(seed), spoil.dictionary_spinner(table), 0.2, random.Random(seed), "spin_toy")


@pytest.fixture(scope="module")
def tables() -> Iterator[Tables]:
    """What is learned before the networks are."""
    rng = random.Random(0)
    text = " ".join(line(rng, odd=k % 6 == 0) for k in range(1500))
    counted = english.count({"a/b": [text]}, floor=1.0)
    sources, size = list(counted.sources), SPECIAL + len(counted.vocabulary)
    id = counted.vocabulary
    related = {"synonyms": {id[o]: np.array([id[w]], dtype=np.int32) for w, o in ODD.items()}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spun_phrase, "COMMON", SPECIAL)
        patch.setattr(senses, "CLASSES", 48)
        found = senses.factors(sources, size)
        none = np.zeros((0, 0), dtype=np.int32)
        stand_ins = thesaurus.nearest(related, none, found.vectors[:0], counted.counts(), senses.STAND_INS)
        yield Tables(
            id,
            {
                **counted.without(()),
                **found.tables(),
                **senses.classes(found.vectors, counted, sources),
                **senses.stand_ins(counted.counts(), stand_ins),
                "topics": np.zeros((size, 4), dtype=np.int8),
                "capital_share": counted.capital_share,
            },
        )


@pytest.fixture(scope="module")
def pages(tables: Tables) -> list[SpunPage]:
    """Sixty honest pages and sixty spun ones."""
    found = []
    for seed in range(60):
        found.append(learn.spun_page(Document.from_text(article(seed)), tables, (), ""))
        done = spun(1000 + seed)
        found.append(learn.spun_page(Document.from_text(done.text), tables, done.marks, "toy"))
    assert None not in found
    return [page for page in found if page]


@pytest.fixture(scope="module")
def trained(tables: Tables, pages: list[SpunPage]) -> Tables:
    return Tables(tables.vocabulary, {**tables.arrays, **learn.fit_spun(pages)})


def test_a_page_keeps_what_the_signal_measures_and_what_was_swapped(tables: Tables) -> None:
    done = spun(7)
    document = Document.from_text(done.text)
    page = learn.spun_page(document, tables, (*done.marks, Mark(0, 40, "injected_anchor")), "toy")
    assert page is not None
    reading = read(document, tables)
    at, home = spun_phrase.oddest(reading, spun_phrase.places(document, reading))
    rows, _ = spun_phrase.features(reading, at)
    assert (page.kind, page.home) == ("toy", home)
    assert page.rows == pytest.approx(rows, rel=2e-3, abs=1e-3)
    assert (page.plain == spun_phrase.plainness(reading)).all()
    words = [document.tokens.word[reading.token[k]] for k in at]
    assert page.swapped.tolist() == [word.startswith("odd") for word in words]


def test_a_page_with_too_few_places_is_none(tables: Tables) -> None:
    text = line(random.Random(3))
    assert learn.spun_page(Document.from_text(text), tables, (), "") is None
    assert learn.spun_page(Document.from_text(""), tables, (), "") is None


def test_swapped_words_are_told_from_others_on_pages_never_seen(tables: Tables, trained: Tables) -> None:
    done = spun(5000)
    page = learn.spun_page(Document.from_text(done.text), tables, done.marks, "toy")
    honest = learn.spun_page(Document.from_text(article(5001)), tables, (), "")
    assert page is not None
    assert honest is not None
    swapped = np.concatenate([page.swapped, honest.swapped]) == 1
    p = probability(trained, "spun", np.concatenate([page.rows, honest.rows]).astype(np.float32))
    assert p[swapped].min() > p[~swapped].max()


def test_few_honest_pages_show_anything_and_spun_ones_do(trained: Tables) -> None:
    honest = [spun_phrase.measure(Document.from_text(article(k)), trained).value for k in range(3000, 3040)]
    swapped = [
        spun_phrase.measure(Document.from_text(spun(k).text), trained).value for k in range(4000, 4020)
    ]
    assert np.mean([value > 0 for value in honest]) <= 0.15
    assert min(swapped) > max(honest)


def test_the_swapped_words_are_shown_with_the_usual_ones(trained: Tables) -> None:
    done = spun(6000)
    document = Document.from_text(done.text)
    evidence = spun_phrase.measure(document, trained)
    marked = {(m.start, m.end) for m in done.marks}
    assert len(evidence.spans) >= len(marked) / 2
    assert {(s.start, s.end) for s in evidence.spans} <= marked
    right = [s for s in evidence.spans if s.instead == (document.text[s.start : s.end].lower()[3:],)]
    assert len(right) >= len(evidence.spans) / 2
    assert all("is odd here" in s.says for s in right)


def test_the_line_is_drawn_so_that_few_of_the_honest_pages_pass_it(
    pages: list[SpunPage], trained: Tables
) -> None:
    strengths = []
    for page in pages:
        rows = page.rows.astype(np.float32)
        if not page.kind:
            p = probability(trained, "spun", rows)
            strengths.append(spun_phrase.strength(page.plain, rows, p, trained))
    over = np.array(strengths) > float(trained.arrays["spun_quiet"][0])
    assert over.mean() <= 1 - learn.QUIET + 1 / len(over)


def test_spun_pages_are_looked_at_closely_and_many_honest_ones_are_not(
    pages: list[SpunPage], trained: Tables
) -> None:
    level = float(trained.arrays["spun_home"][0])
    assert all(page.home < level for page in pages if page.kind)
    assert np.mean([page.home > level for page in pages if not page.kind]) == pytest.approx(
        learn.AT_HOME, abs=0.02
    )


def test_what_lies_in_a_mark_begins_in_it() -> None:
    marks = [Mark(3, 5, "x"), Mark(9, 10, "x")]
    assert learn.inside(np.arange(12), marks).tolist() == [0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0]
    assert learn.inside(np.arange(2), []).tolist() == [0, 0]


# --- pasted phrases --------------------------------------------------------------------------------------------------


def stretches(count: int) -> tuple[Floats, np.ndarray]:
    """Rows of measures, and whether they look pasted: the less their ends are joined to what stands beside them."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(count, 53)).astype(np.float32)
    rows[:, 46] = rng.integers(SHORTEST, WHOLE + 1, count)  # the length
    return rows, rows[:, :2].sum(axis=1) < -3.5


def passes(screen: Floats, rows: Floats) -> np.ndarray:
    length, first, last, between = at_cuts(rows)
    begins, ends = screen[:, length[:, 0].astype(int) - SHORTEST]
    score = begins[:, 9] + (begins[:, [*range(9), *range(23, 27)]] * first).sum(axis=1)
    score += (ends[:, [*range(9), 27, 28]] * last).sum(axis=1)
    score += (ends[:, [*range(10, 16), *range(20, 23)]] * between).sum(axis=1)
    return score > 0  # type: ignore[no-any-return]


def test_the_screen_keeps_what_is_seen_as_pasted_and_drops_most_of_the_rest() -> None:
    rows, seen = stretches(40_000)
    screen = learn.anchor_screen(rows, seen)
    assert (screen.shape, screen.dtype) == ((2, LONGEST - SHORTEST + 1, 29), np.float32)
    short = rows[:, 46] <= LONGEST  # longer ones are not screened
    passed = passes(screen, rows[short])
    assert (~passed[seen[short]]).sum() <= 1 + learn.LOST * seen[short].sum()
    assert passed[~seen[short]].mean() < 0.1
    assert (screen == learn.anchor_screen(rows, seen)).all()


@pytest.mark.parametrize("seen", [False, True])
def test_where_the_network_tells_nothing_apart_everything_passes(seen: bool) -> None:
    rows, _ = stretches(200)
    rows = rows[rows[:, 46] <= LONGEST]
    assert passes(learn.anchor_screen(rows, np.full(len(rows), seen)), rows).all()


def test_a_screen_comes_with_the_network() -> None:
    rows, seen = stretches(300)
    arrays = learn.fit_anchor(rows, seen.astype(np.int8), np.ones(len(rows), dtype=np.float32))
    assert {"anchor_w1", "anchor_b2", "anchor_mean", "anchor_screen"} <= arrays.keys()


# --- hollow prose ----------------------------------------------------------------------------------------------------

SIZE = SPECIAL + 300


@pytest.fixture
def masked() -> Tables:
    """Tables of 300 words: the 20 commonest and others, of seven classes; one word each rare, of a topic, a name."""
    counts = np.r_[[50, 50, 50], np.full(20, 4000.0), np.full(280, 10.0)].astype(np.float32)
    mask = np.arange(SIZE)
    mask[-3:] = SIZE, SIZE + 1, SIZE + 2
    classes = (np.arange(SIZE) % 7).astype(np.uint8)
    arrays = {"word_counts": counts, "wording_mask": mask.astype(np.uint16), "classes": classes}
    return Tables({f"v{k}": SPECIAL + k for k in range(300)}, arrays)


def test_a_word_counts_as_its_class_its_rarity_and_if_common_as_itself(masked: Tables) -> None:
    kinds = learn.hollow_kinds(masked).toarray()
    assert kinds.shape[0] == SIZE
    assert set(np.unique(kinds)) == {0, 1}
    own = kinds.sum(axis=1) == 3
    assert own.tolist() == [SPECIAL <= id < SPECIAL + learn.OWN_WEIGHT for id in range(SIZE)]
    assert (kinds[~own].sum(axis=1) == 2).all()
    first = kinds[:, :7]
    assert (first.argmax(axis=1) == masked.arrays["classes"]).all()


def test_words_of_one_class_and_rarity_count_alike_and_special_ones_apart(masked: Tables) -> None:
    kinds = learn.hollow_kinds(masked).toarray()
    assert (kinds[200] == kinds[207]).all()
    assert (kinds[200] != kinds[201]).any(), "another class"
    assert (kinds[SPECIAL, 7:-100] != kinds[200, 7:-100]).any(), "a commoner word"
    general, *others = kinds[[200, SIZE - 3, SIZE - 2, SIZE - 1, 0, 1, 2]][:, 7:-100]
    assert len({tuple(row) for row in (general, *others)}) == 7, "rare, topic, name, unknown, number, edge"


def page_of(ids: np.ndarray, details: float = 0.0) -> hollow_prose.Words:
    detail = np.zeros(len(ids), dtype=np.float32)
    detail[: int(details)] = 1
    return hollow_prose.Words(ids.astype(np.int32), detail, np.arange(len(ids)))


Fit = Callable[..., dict[str, np.ndarray]]


@pytest.fixture
def hollow(masked: Tables) -> Fit:
    """Fits pages whose words are of one class where they are hollow, of another where not (or `alike`)."""

    def fit(
        weight: float = 1.0, details: tuple[int, int] = (0, 0), words: int = 300, *, alike: bool = False
    ) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(0)
        pages, labels = [], []
        for number in range(40):
            label = number % 2
            ids = SPECIAL + 105 + rng.integers(0, 25, words) * 7 + (0 if alike else label)
            pages.append(page_of(ids, details[label]))
            labels.append(label)
        return learn.fit_hollow(pages, labels, [weight] * 40, masked)

    return fit


def test_words_of_hollow_pages_weigh_more_also_those_never_seen(hollow: Fit) -> None:
    found = hollow()
    weight = found["hollow_words"].astype(np.float32)
    assert weight.shape == (SIZE,)
    assert weight[SPECIAL + 106] > 1 > -1 > weight[SPECIAL + 105]
    # seen in no page, of the class of those that were
    assert weight[SPECIAL + 106 - 7] > weight[SPECIAL + 105 - 7]


def test_missing_detail_weighs_where_it_tells_them_apart(hollow: Fit) -> None:
    assert hollow(details=(8, 0), alike=True)["hollow_thin"][0] > 1
    assert abs(hollow(details=(4, 4), alike=True)["hollow_thin"][0]) < 0.2


def test_only_the_proportion_of_trust_counts(hollow: Fit) -> None:
    once, often = hollow(), hollow(weight=9.0)
    assert once["hollow_words"] == pytest.approx(often["hollow_words"], abs=0.02)


def test_pages_too_short_for_a_stretch_are_learned_from_whole(hollow: Fit) -> None:
    assert np.isfinite(hollow(words=20)["hollow_words"]).all()
    long = hollow(words=2 * STRETCH + 30)
    assert long["hollow_words"][SPECIAL + 106] > long["hollow_words"][SPECIAL + 105]
