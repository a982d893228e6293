"""Generators of spoiled text: the marks are the truth that everything learned rests on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import WORD, Document
from detector.train import spoil
from detector.train.spoil import Mark, Spoiled

TABLE = {"morning": ["forenoon"], "bread": ["loaf", "baked goods"], "warm": ["tepid"], "dough": ["batter"]}
PHRASES = ["qq order zz now", "Xx Yy Shop", "zzz near qqq"]
TEXT = """A morning at the bakery

Every morning the baker lifts the dough from its basket, cuts it with a blade and slides it into the oven. The bread
needs forty minutes, and while it bakes he sweeps the floor and opens the shutters on the street.

By seven the first people come. They buy warm bread for breakfast, ask after his mother, and take the newspaper along.
He knows most of them by name, and those he does not know he greets as if he did. Nobody has to wait for long.

On Sundays the shop stays shut. The dough rests in the cold, and so does he; in the evening he feeds the starter."""

texts = st.lists(
    st.lists(
        st.sampled_from("the bread is warm. Morning dough, and a BREAD Warm! seven".split()), max_size=60
    ),
    max_size=6,
).map(lambda paragraphs: "\n\n".join(" ".join(words) for words in paragraphs))
seeds = st.integers(0, 10_000)


def rest(spoiled: Spoiled) -> list[str]:
    """The pieces of the text outside the marks."""
    pieces, at = [], 0
    for mark in spoiled.marks:
        pieces.append(spoiled.text[at : mark.start])
        at = mark.end
    return [*pieces, spoiled.text[at:]]


def stands_in_order(pieces: list[str], original: str) -> bool:
    """Whether the pieces stand in the original, one after the other, from its beginning to its end."""
    at = 0
    for piece in pieces:
        found = original.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return original.startswith(pieces[0]) and original.endswith(pieces[-1])


def check_marks(spoiled: Spoiled) -> None:
    at = 0
    for mark in spoiled.marks:
        assert at <= mark.start < mark.end <= len(spoiled.text)
        at = mark.end


# --- spinners --------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(text=texts, rate=st.floats(0, 1), seed=seeds)
def test_marks_lie_exactly_over_the_swapped_words(text: str, rate: float, seed: int) -> None:
    done = spoil.spin(text, spoil.dictionary_spinner(TABLE), rate, random.Random(seed), "spin")
    check_marks(done)
    new = {n for wrong in TABLE.values() for n in wrong}
    for mark in done.marks:
        assert done.text[mark.start : mark.end].lower() in new
        assert mark.signal == "spun_phrase"
    assert stands_in_order(rest(done), text)


def test_a_full_rate_swaps_all_that_the_spinner_knows() -> None:
    done = spoil.spin(TEXT, spoil.dictionary_spinner(TABLE), 1.0, random.Random(1), "spin")
    assert len(done.marks) == sum(m.group().lower() in TABLE for m in WORD.finditer(TEXT))


def test_fixed_expressions_are_swapped_whole_and_not_twice() -> None:
    phrases = {"warm bread": ["tepid loaf"]}
    done = spoil.spin(TEXT, spoil.dictionary_spinner(TABLE), 1.0, random.Random(1), "spin", phrases)
    assert "tepid loaf for breakfast" in done.text
    assert "tepid loaf" in [done.text[m.start : m.end] for m in done.marks]
    check_marks(done)


def test_a_rate_of_nothing_changes_nothing() -> None:
    done = spoil.spin(TEXT, spoil.dictionary_spinner(TABLE), 0.0, random.Random(1), "spin")
    assert done == Spoiled(TEXT, (), "spin")


# --- translation there and back

NOTHING = spoil.dictionary_spinner({})
SMALL = ("the", "a", "an", "in", "on", "at", "for", "of", "to", "with", "from", "by", "about")


@settings(deadline=None)
@given(text=texts, rate=st.floats(0, 1), seed=seeds)
def test_of_a_translated_text_only_substitutes_are_marked(text: str, rate: float, seed: int) -> None:
    done = spoil.translate(text, spoil.dictionary_spinner(TABLE), rate, random.Random(seed), "spin")
    check_marks(done)
    new = {n for wrong in TABLE.values() for n in wrong}
    assert {done.text[m.start : m.end].lower() for m in done.marks} <= new
    assert {m.signal for m in done.marks} <= {"spun_phrase"}
    assert sum(done.text.lower().count(n) for n in new) == len(done.marks)


@pytest.mark.parametrize("seed", range(8))
def test_a_translator_has_one_word_for_a_word_wherever_it_stands(seed: int) -> None:
    table = {"baker": ["breadman", "pastryman", "ovenman"], "shop": ["mart", "stall"]}
    text = "The baker left the shop. Another shop has a baker. No baker, no shop; a baker sleeps in his shop."
    done = spoil.translate(text, spoil.dictionary_spinner(table), 1.0, random.Random(seed), "spin")
    put = {done.text[m.start : m.end] for m in done.marks}
    assert len(done.marks) == 8
    assert len(put & {"breadman", "pastryman", "ovenman"}) == 1
    assert len(put & {"mart", "stall"}) == 1


@pytest.mark.parametrize("rate", [0.3, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_translator_loses_articles_and_mistakes_prepositions_and_nothing_else(
    seed: int, rate: float
) -> None:
    done = spoil.translate(TEXT, NOTHING, rate, random.Random(seed), "spin")
    assert done.marks == ()
    assert done.text != TEXT

    def others(text: str) -> list[str]:
        return sorted(w for w in (m.group().lower() for m in WORD.finditer(text)) if w not in SMALL)

    assert others(done.text) == others(TEXT)
    if rate == 1:
        kept = [m.group() for m in WORD.finditer(done.text)]
        assert not {"the", "a", "an"} & set(kept), "those that begin a sentence stay"
        assert kept.count("The") >= 2


def test_a_translator_turns_clauses_round() -> None:
    text = "It was cold. When the ovens had cooled down, the whole family sat in the kitchen. Nobody spoke."
    turned = "It was cold. The whole family sat in the kitchen, when the ovens had cooled down. Nobody spoke."
    found = {spoil.translate(text, NOTHING, 0.0, random.Random(seed), "spin").text for seed in range(20)}
    assert found == {text, turned}


def test_a_translation_at_a_rate_of_nothing_swaps_nothing() -> None:
    done = spoil.translate(TEXT, spoil.dictionary_spinner(TABLE), 0.0, random.Random(1), "spin_translation")
    assert done == Spoiled(TEXT, (), "spin_translation")


# --- capitals


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("bread", "loaf", "loaf"),
        ("Bread", "loaf", "Loaf"),
        ("BREAD", "loaf", "LOAF"),
        ("A", "one", "One"),
        ("bread", "Loaf", "Loaf"),
        ("Warm bread", "tepid loaf", "Tepid loaf"),
    ],
)
def test_a_swapped_word_keeps_the_capitals(old: str, new: str, expected: str) -> None:
    assert spoil.like(old, new) == expected


@settings(deadline=None)
@given(old=st.text(min_size=1), new=st.text())
def test_capitals_never_fail_on_any_letter(old: str, new: str) -> None:
    assert spoil.like(old, new).lower() == new.lower() or not new.isascii()


# --- pasters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", spoil.STYLES)
@pytest.mark.parametrize("seed", range(12))
def test_marks_lie_exactly_over_the_pasted_phrases(style: str, seed: int) -> None:
    done = spoil.paste(TEXT, PHRASES, style, random.Random(seed), 3)
    assert len(done.marks) == 3
    assert done.family == f"paste_{style}"
    check_marks(done)
    known = {p.lower() for p in PHRASES}
    for mark in done.marks:
        assert done.text[mark.start : mark.end].lower() in known
    assert sum(done.text.lower().count(p) for p in known) == 3


@pytest.mark.parametrize("style", ["insert", "paragraph", "ending"])
@pytest.mark.parametrize("seed", range(6))
def test_take_a_pasted_phrase_out_and_the_original_is_back(style: str, seed: int) -> None:
    done = spoil.paste(TEXT, PHRASES, style, random.Random(seed), 2)
    assert "".join("".join(rest(done)).split()) == "".join(TEXT.split())


@settings(deadline=None)
@given(text=texts, style=st.sampled_from(spoil.STYLES), seed=seeds, count=st.integers(1, 4))
def test_words_around_a_pasted_phrase_are_the_original_ones(
    text: str, style: str, seed: int, count: int
) -> None:
    done = spoil.paste(text, PHRASES, style, random.Random(seed), count)
    check_marks(done)
    assert {done.text[m.start : m.end].lower() for m in done.marks} <= {p.lower() for p in PHRASES}
    words = [m.group() for piece in rest(done) for m in WORD.finditer(piece)]
    original = iter(m.group() for m in WORD.finditer(text))
    assert all(word in original for word in words), "a word that was neither there nor pasted"


def test_where_each_style_pastes() -> None:
    for seed in range(10):
        done = spoil.paste(TEXT, PHRASES, "paragraph", random.Random(seed))
        (mark,) = done.marks
        assert done.text[mark.start - 2 : mark.start] == "\n\n"
        assert done.text[mark.end : mark.end + 2] in ("\n\n", "\n", "") or done.text[mark.end] == "\n"
        done = spoil.paste(TEXT, PHRASES, "ending", random.Random(seed))
        (mark,) = done.marks
        assert done.text[mark.end : mark.end + 1] in (".", "\n", ",", "")
        done = spoil.paste(TEXT, PHRASES, "insert", random.Random(seed))
        (mark,) = done.marks
        assert done.text[mark.start - 1].isspace()
        assert done.text[mark.end] == " "


def test_a_text_without_room_is_left_alone() -> None:
    assert spoil.paste("Too short to paste into.", PHRASES, "insert", random.Random(0)).marks == ()


# --- repeats, stitches, titles ---------------------------------------------------------------------------------------


def reword(word: str, rng: random.Random) -> str | None:
    return spoil.dictionary_spinner(TABLE)(word, rng)


@pytest.mark.parametrize("seed", range(8))
def test_a_repeated_paragraph_is_marked_whole_and_stands_after_its_original(seed: int) -> None:
    text = (
        TEXT.replace("\n", " ").replace("  ", "\n\n") + "\n\n" + " ".join(f"word{k}" for k in range(45)) + "."
    )
    done = spoil.repeat(text, reword, random.Random(seed))
    assert done.marks
    paragraphs = done.text.split("\n\n")
    for mark in done.marks:
        again = done.text[mark.start : mark.end]
        assert again in paragraphs
        assert mark.signal == "near_duplicate"
    kept = [p for p in paragraphs if p in text.split("\n\n")]
    assert list(dict.fromkeys(kept)) == text.split("\n\n"), "the original is whole and in its order"


@pytest.mark.parametrize("seed", range(8))
def test_a_stitch_marks_where_each_article_begins(seed: int) -> None:
    other = TEXT.replace("baker", "miller").replace("bread", "flour")
    done = spoil.stitch([TEXT, other], "Bread", random.Random(seed))
    assert [m.signal for m in done.marks] == ["stitched"]
    before, after = done.text[: done.marks[0].start], done.text[done.marks[0].start :]
    assert "flour" not in before
    assert "flour" in after
    assert "bread" not in after.split("\n\n", 1)[1]


@pytest.mark.parametrize("seed", range(8))
def test_a_title_is_printed_three_times_and_the_last_two_are_marked(seed: int) -> None:
    title = "A morning at the bakery"
    done = spoil.print_title_again(TEXT, title, random.Random(seed))
    assert [done.text[m.start : m.end] for m in done.marks] == [title, title]
    assert done.text.lower().count(title.lower()) == 3
    assert done.text.endswith("he feeds the starter.")


# --- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["spin", "translate", "paste", "repeat", "stitch", "title"])
def test_a_seed_decides_everything(way: str) -> None:
    def run(seed: int) -> Spoiled:
        rng = random.Random(seed)
        if way == "spin":
            return spoil.spin(TEXT, reword, 0.05, rng, "spin")
        if way == "translate":
            return spoil.translate(TEXT, reword, 0.2, rng, "spin")
        if way == "paste":
            return spoil.paste(TEXT, PHRASES, "replace", rng, 2)
        if way == "repeat":
            return spoil.repeat(TEXT, reword, rng)
        if way == "stitch":
            return spoil.stitch([TEXT, TEXT], "Bread", rng)
        return spoil.print_title_again(TEXT, "A morning at the bakery", rng)

    assert run(3) == run(3)
    assert len({run(seed).text for seed in range(12)}) > 1


def test_tables_and_phrases_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "table.tsv").write_text(
        "warm\ttepid|lukewarm\nno tab here\nwarm bread\ttepid loaf\n", "utf-8"
    )
    assert spoil.read_table(tmp_path / "table.tsv") == {
        "warm": ["tepid", "lukewarm"],
        "warm bread": ["tepid loaf"],
    }
    (tmp_path / "shop.txt").write_text("# a shop\nxx yy\n\nzz\n", "utf-8")
    assert spoil.read_phrases(tmp_path) == {"shop": ["xx yy", "zz"]}


def test_the_project_tables_swap_a_word_for_another_one() -> None:
    corpus = Path(__file__).parents[2] / "corpus"
    for name in ("synonyms.tsv", "phrasetable.tsv"):
        for honest, wrong in spoil.read_table(corpus / name).items():
            assert wrong, honest
            assert honest == honest.lower()
            assert honest not in wrong
            assert all(w == w.strip() and w for w in wrong), honest


def test_marks_are_plain_data() -> None:
    assert Mark(1, 2, "stitched") == Mark(1, 2, "stitched")


# --- links that stay, and what nobody sees ---------------------------------------------------------------------------


@given(seeds)
def test_a_phrase_pasted_as_a_link_has_a_target(seed: int) -> None:
    done = spoil.link(TEXT, PHRASES, "insert", random.Random(seed), 2)
    check_marks(done)
    assert len(done.links) == len(done.marks) > 0
    assert all(target.startswith("https://") for target in done.links)


@given(seeds)
def test_what_is_hidden_stands_on_a_page_that_else_is_the_same(seed: int) -> None:
    done = spoil.hide(TEXT, PHRASES, random.Random(seed))
    document = Document.from_html(done.text)
    hidden = [document.text[b.start : b.end] for b in document.blocks if b.kind == "hidden"]
    assert any(phrase in inside for inside in hidden for phrase in PHRASES)
    assert document.tokens.word == Document.from_text(TEXT).tokens.word


@given(seeds)
def test_disguised_words_are_marked_and_the_rest_is_as_it_was(seed: int) -> None:
    done = spoil.disguise(TEXT, random.Random(seed))
    check_marks(done)
    assert done.marks
    assert stands_in_order(rest(done), TEXT)
    assert not any(done.text[m.start : m.end].isascii() for m in done.marks)
