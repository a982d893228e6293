"""Tokens, sentences, quotes and shingles: counted once, at offsets that fit the text."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.document import WORD, Block, Document, Link, host_of, word_places


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
@example("\u0149")  # one letter, whose plain form has an apostrophe
def test_tokens_fit_the_text(text: str) -> None:
    tokens = document(text).tokens
    before = 0
    no_apostrophe = {ord(c): None for c in "'’ʼ"}
    for word, start, end in zip(tokens.word, tokens.start, tokens.end, strict=True):
        assert before <= start < end <= len(text)
        written = text[start:end].lower().casefold()
        assert word.casefold().translate(no_apostrophe) == written.translate(no_apostrophe)
        before = end


@given(st.text(max_size=200) | st.text(alphabet=st.sampled_from("ab1٣²ǅß’'.,-_ é漢"), max_size=60))
@example("3d2 50mg b12,5 1.2.3 1,200,x 1990's don't2 ''a'' 1..2 ,5")
@example("\ud800a𝟘𝟙𐐀")
def test_the_words_of_a_text_are_those_of_the_pattern(text: str) -> None:
    starts, ends = word_places(text)
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [m.span() for m in WORD.finditer(text)]


@pytest.mark.parametrize("text", ["İstanbul İ is old", "ΟΔΟΣ ΟΔΟΣ.gr ΣΑΣ", "ʼN DON’T"])
def test_words_are_lower_case_one_by_one(text: str) -> None:
    assert words(text) == [m[0].lower().replace("’", "'").replace("ʼ", "'") for m in WORD.finditer(text)]


def test_the_types_of_a_page_are_its_different_words() -> None:
    tokens = document("Tea or tea and coffee or tea.").tokens
    assert list(tokens.types) == ["tea", "or", "and", "coffee"]
    assert tokens.type_of.tolist() == [0, 1, 0, 2, 3, 1, 0]
    assert tokens.type_counts.tolist() == [3, 2, 1, 1]
    assert tokens.among(frozenset({"or", "coffee", "milk"})) == [1, 4, 5]
    assert tokens.among(frozenset({"milk"})) == []
    assert tokens.met(frozenset({"milk", "tea"})) == {"tea"}
    assert tokens.met(frozenset("tea milk or and coffee cup".split())) == set(tokens.types)
    nothing = document("…").tokens
    assert (nothing.types, nothing.type_counts.tolist(), nothing.among(frozenset({"tea"}))) == ({}, [], [])


@given(st.text(alphabet=st.sampled_from('ab .!?"”’)(\n1,…DrMr'), max_size=300))
def test_sentences_share_out_all_tokens(text: str) -> None:
    d = document(text)
    sentences = d.sentences
    assert [t for s in sentences for t in range(s.first, s.last)] == list(range(len(d.tokens)))
    for s in sentences:
        assert s.start <= d.tokens.start[s.first]
        assert d.tokens.end[s.last - 1] <= s.end <= len(text)
    assert [k for k, s in enumerate(sentences) for _ in range(s.first, s.last)] == d.sentence_of.tolist()


def sentences(text: str) -> list[str]:
    d = document(text)
    return [text[s.start : s.end] for s in d.sentences]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It works. It lasts.", 2),
        ("Dr. Smith came at 5 p.m. on Monday.", 1),
        ("They said they don’t. You can't. It is the nurse's. All three end.", 4),
        ("Take approx. two of the pills, etc. Then rest.", 1),
        ("He won the Prix. Then he left (for good!). And then?! Nothing.", 4),
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
    assert d.in_body.tolist() == [True, True, True]


def test_quotes() -> None:
    text = 'He said “it cures all” and "that is it" but it\'s not.'
    d = document(text)
    assert [text[a:b] for a, b in d.quoted] == ["“it cures all”", '"that is it"']
    inside = text.index("cures")
    assert d.in_quotes(inside, inside + 5)
    assert not d.in_quotes(0, 2)
    assert not d.in_quotes(inside, len(text))


@pytest.mark.parametrize(
    ("text", "count"),
    [('a "b"', 1), ('"b" a', 1), ('5" and 6" long', 0), ("‘so be it’ and ‘x’", 1), ("“a”b“c”", 2)],
)
def test_what_opens_and_closes_a_quotation(text: str, count: int) -> None:
    assert len(document(text).quoted) == count


@given(
    st.text(max_size=30)
    | st.builds(
        "".join,
        st.lists(
            st.sampled_from(
                "http https :// // WWW. www. a.b x-1 é [ ] : 80 @ / ? # \t \n . % ftp mailto:".split(" ")
            )
        ),
    )
)
@example("https://www.www.example.com./a?b")
@example("http://example.com\n")
@example("https://exam\nple.com/")
def test_the_host_of_an_address_is_the_one_that_urlsplit_finds(address: str) -> None:
    try:
        expected = (urlsplit(address.strip()).hostname or "") if "//" in address else ""
    except ValueError:
        expected = ""
    assert host_of(address) == expected.removeprefix("www.").rstrip(".")
    assert Document("d", "", (), (Link(0, 0, address),)).link_hosts == (host_of(address),)


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
        ({"blocks": [[0, 2, "banner\u2028"]]}, "blocks of a kind that does not exist"),
        ({"y" * 5000: 1}, "fields that no document has"),
        ({"id": None}, "must be a string"),
        ({"links": [[0, 1, None, ""]]}, "must be a string"),
        ({"blocks": [[0, 1.5, "paragraph"]]}, "whole number"),
        ({"title": ["Tea"]}, "must be a string"),
    ],
)
def test_data_that_are_no_document_are_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises((ValueError, TypeError), match=said):
        Document.from_dict({**document("A cup.").to_dict(), **changed})


@pytest.mark.parametrize("words", [["tea"], ["tea", "cup", "none"], ["a", "tea", "cup"], []])
def test_long_and_short_texts_tell_alike_where_words_stand(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "A cup of tea, and a pot. Tea for two; a cup for one. Tea!"
    short = Document.from_text(text).tokens.among(frozenset(words))
    monkeypatch.setattr("detector.document._LONG", 0)
    assert Document.from_text(text).tokens.among(frozenset(words)) == short
    assert short == [k for k, word in enumerate(Document.from_text(text).tokens.word) if word in words]
