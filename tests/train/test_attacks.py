"""Attacks: pages as somebody would change them who knows the detector."""

from __future__ import annotations

import random
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Document, Link, Span
from detector.train import attacks
from detector.train.attacks import ATTACKS, HARMLESS, Attack, Target

TEXT = (
    "The harbour at night\n\nBoats come back before ten, and the cranes stand still. Nobody works on the pier then."
    '\n\nThe ferry leaves at six. Cheap paint sells in the shop by the gate, and "it\'s open" until noon.'
)
HONEST = (("A long paragraph about ropes and knots that somebody else wrote.", "And one about sails."),)


def target_of(text: str = TEXT, *marked: str, links: tuple[Link, ...] = ()) -> Target:
    document = Document.from_text(text, id="page")
    spans = tuple(Span(text.index(m), text.index(m) + len(m)) for m in marked)
    if links:
        document = Document("page", document.text, document.blocks, links)
    return Target(document, spans, spans, HONEST, lambda word, _: {"cheap": "inexpensive"}.get(word))


def made(kind: str, strength: str, target: Target) -> Document:
    return ATTACKS[kind][strength](target, random.Random(0))


EVERY = [(f"{kind}: {s}", a) for kind, strengths in ATTACKS.items() for s, a in strengths.items()]
EVERY += list(HARMLESS.items())


@pytest.mark.parametrize(("name", "attack"), EVERY, ids=[name for name, _ in EVERY])
def test_an_attacked_page_is_still_a_document_and_the_same_each_time(name: str, attack: Attack) -> None:
    target = target_of(TEXT, "Cheap paint", "Nobody works on the pier then.")
    first, second = (attack(target, random.Random(name)) for _ in range(2))
    assert first == second
    size = len(first.text)
    assert all(0 <= b.start < b.end <= size for b in first.blocks)
    assert [b.start for b in first.blocks] == sorted(b.start for b in first.blocks)
    assert all(a.end <= b.start for a, b in pairwise(first.blocks))
    assert first.tokens.start == sorted(first.tokens.start)
    assert attack(target_of(""), random.Random(0)).tokens is not None


@given(st.data())
def test_what_is_not_edited_stays_and_blocks_keep_their_words(data: st.DataObject) -> None:
    document = target_of().document
    words = list(zip(document.tokens.start, document.tokens.end, strict=True))
    chosen = data.draw(st.lists(st.sampled_from(words), unique=True))
    new = data.draw(st.sampled_from(["x", "longer than it was", ""]))
    done = attacks.edited(document, [(a, b, new) for a, b in chosen])
    expected = "".join(
        new if (a, b) in chosen else document.text[a:b]
        for a, b in [
            piece
            for (_, end), following in pairwise([(0, 0), *words, (len(document.text),) * 2])
            for piece in ((end, following[0]), following)
        ]
    )
    assert done.text == expected
    kept = [
        [document.text[a:b] for a, b in words if block.start <= a < block.end and (a, b) not in chosen]
        for block in document.blocks
    ]
    if new:
        for block, theirs in zip(done.blocks, kept, strict=True):
            assert all(word in done.text[block.start : block.end] for word in theirs)


def test_blocks_of_which_nothing_is_left_are_gone() -> None:
    document = target_of().document
    title = document.blocks[0]
    done = attacks.edited(document, [(title.start, title.end, "")])
    assert len(done.blocks) == len(document.blocks) - 1


def test_letters_look_alike_and_only_marked_words_change() -> None:
    done = made(
        "letters that look alike", "Cyrillic, one in each marked word", target_of(TEXT, "Cheap paint")
    )
    assert len(done.text) == len(TEXT)
    changed = [k for k, (a, b) in enumerate(zip(TEXT, done.text, strict=True)) if a != b]
    at = TEXT.index("Cheap paint")
    assert len(changed) == 2
    assert all(
        at <= k < at + len("Cheap paint") and "CYRILLIC" in unicodedata.name(done.text[k]) for k in changed
    )


def test_words_that_only_look_alike_read_the_same_to_people() -> None:
    for strength in ("full width, marked words", "mathematical, marked words"):
        done = made("letters that look alike", strength, target_of(TEXT, "Cheap paint"))
        assert unicodedata.normalize("NFKC", done.text) == TEXT


def test_nobody_sees_characters_without_width() -> None:
    done = made("invisible characters", "soft hyphens, in marked words", target_of(TEXT, "Cheap paint"))
    assert done.text.count("\u00ad") == 2
    assert done.text.replace("\u00ad", "") == TEXT


def test_honest_text_stands_where_it_was_put() -> None:
    after = made("honest text after", "as much", target_of())
    assert after.text.startswith(TEXT)
    assert after.text.endswith("And one about sails.")
    before = made("honest text before", "as much", target_of())
    assert before.text.endswith(TEXT.split("\n\n", 1)[1])
    assert [b.kind for b in before.blocks].count("paragraph") == 4
    between = made("honest text between", "as much", target_of())
    assert between.text.index("ropes") < between.text.index("Boats") < between.text.index("sails")


def test_a_table_is_no_prose_and_a_list_is() -> None:
    plain = len(target_of().document.tokens)
    assert len(made("pasted specifics", "a table of prices", target_of()).tokens) == plain
    assert len(made("pasted specifics", "a list of prices", target_of()).tokens) > plain


def test_marked_phrases_are_taken_out_and_reworded() -> None:
    target = target_of(TEXT, "Cheap paint")
    assert made("what is marked", "phrases taken out", target).text == TEXT.replace("Cheap paint", "")
    reworded = made("what is marked", "all of its words from a thesaurus", target)
    assert reworded.text == TEXT.replace("Cheap", "Inexpensive")


def test_what_the_report_proposes_is_written() -> None:
    target = target_of()
    at = TEXT.index("Cheap")
    marked = (Span(at, at + 5, "", ("low-priced",)),)
    target = Target(target.document, marked, (), (), target.substitute)
    assert made("what is marked", "as proposed", target).text == TEXT.replace("Cheap", "Low-priced")


def test_a_link_leaves_its_sentence_and_keeps_its_address() -> None:
    at = TEXT.index("Cheap paint")
    link = Link(at, at + len("Cheap paint"), "https://paint.example/", "nofollow")
    for strength, line in (
        ("to lines at the end", "Cheap paint"),
        ("to sentences at the end", "For more, see Cheap paint."),
    ):
        done = made("links moved", strength, target_of(TEXT, links=(link,)))
        assert done.text.endswith("\n\n" + line)
        (kept,) = done.links
        assert (done.text[kept.start : kept.end], kept.href, kept.rel) == ("Cheap paint", link.href, link.rel)
        assert done.text.count("Cheap paint") == 1


def test_every_sentence_gets_a_paragraph() -> None:
    document = target_of().document
    done = made("quotation and layout", "a paragraph for every sentence", target_of())
    assert done.text == document.text
    assert len(done.sentences) == len(document.sentences)
    assert len({s.block for s in done.sentences}) == len(done.sentences)
