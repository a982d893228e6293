"""Tokens, sentences, quotes and shingles: counted once, at offsets that fit the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Block, Document


def document(text: str, *blocks: Block) -> Document:
    return Document("d", text, blocks or (Block(0, len(text), "paragraph"),))


def words(text: str) -> list[str]:
    return document(text).tokens.word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t stop", ["don't", "stop"]),
        ("DON'T", ["don't"]),
        ("micro-needle", ["micro", "needle"]),
        ("0.5 mg, 1,200 people", ["0.5", "mg", "1,200", "people"]),
        ("20mg", ["20mg"]),
        ("snake_case", ["snake", "case"]),
        ("Crème brûlée", ["crème", "brûlée"]),
        ("…", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(max_size=300))
def test_tokens_fit_the_text(text: str) -> None:
    tokens = document(text).tokens
    before = 0
    for word, start, end in zip(tokens.word, tokens.start, tokens.end, strict=True):
        assert before <= start < end <= len(text)
        assert word.casefold().replace("'", "") == text[start:end].lower().casefold().translate(
            {ord(c): None for c in "'’ʼ"}
        )
        before = end


@given(st.text(alphabet=st.sampled_from('ab .!?"”’)(\n1,…DrMr'), max_size=300))
def test_sentences_share_out_all_tokens(text: str) -> None:
    d = document(text)
    sentences = d.sentences
    assert [t for s in sentences for t in range(s.first, s.last)] == list(range(len(d.tokens)))
    for s in sentences:
        assert s.start <= d.tokens.start[s.first]
        assert d.tokens.end[s.last - 1] <= s.end <= len(text)


def sentences(text: str) -> list[str]:
    d = document(text)
    return [text[s.start : s.end] for s in d.sentences]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It works. It lasts.", 2),
        ("Dr. Smith came at 5 p.m. on Monday.", 1),
        ("Is it safe? Yes! Use 0.5 mg.", 3),
        ("She said “no.” Then she left.", 2),
        ("A heading without a stop", 1),
        ("", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_only_prose_is_counted_and_holes_are_cut_out() -> None:
    text = "Menu Home\nRead `x = 1` this page\nFooter"
    d = document(
        text,
        Block(0, 9, "furniture"),
        Block(10, 32, "paragraph"),
        Block(15, 22, "code"),
        Block(33, 39, "furniture"),
    )
    assert d.tokens.word == ["read", "this", "page"]
    assert [text[a:b] for a, b in zip(d.tokens.start, d.tokens.end, strict=True)] == ["Read", "this", "page"]
    assert d.block_tokens == {1: (0, 3)}


def test_quotes() -> None:
    text = 'He said “it cures all” and "that is it" but it\'s not.'
    d = document(text)
    assert [text[a:b] for a, b in d.quoted] == ["“it cures all”", '"that is it"']
    inside = text.index("cures")
    assert d.in_quotes(inside, inside + 5)
    assert not d.in_quotes(0, 2)
    assert not d.in_quotes(inside, len(text))


def test_shingles_and_token_span() -> None:
    d = document("one two three four")
    assert d.shingles(0, 4) == {("one", "two", "three"), ("two", "three", "four")}
    assert d.shingles(0, 2) == frozenset()
    span = d.token_span(1, 3, "why", ["instead"])
    assert (d.text[span.start : span.end], span.says, span.instead) == ("two three", "why", ("instead",))


def test_a_document_survives_as_plain_data() -> None:
    page = Document.from_html(
        "<title>Tea</title><h1>Tea</h1><p>A <a href='https://x.example/a' rel=nofollow>cup</a> of tea 🐝.</p>"
        "<ul><li>Green</li></ul>",
        url="https://y.example/tea",
        id="tea",
    )
    assert Document.from_dict(json.loads(json.dumps(page.to_dict()))) == page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"blocks": [[0, 99, "paragraph"]]}, "outside the text"),
        ({"links": [[3, 1, "https://x.example", ""]]}, "outside the text"),
        ({"blocks": [[0, 2, "banner"]]}, "no kinds of block: banner"),
    ],
)
def test_data_that_are_no_document_are_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Document.from_dict({**document("A cup.").to_dict(), **changed})
