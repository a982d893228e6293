"""Words in disguise are read as people read them, and found where they were written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.disguise import undone
from detector.document import Document, Link, Partner, Span

KNOWN = dict.fromkeys(
    "botox injection weight cream order tablets official file late flu the of a cheap now".split()
)


def read(text: str) -> str:
    found = undone(Document.from_text(text), KNOWN)
    return found.document.text if found else text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("оrder tаblets", "order tablets"),  # Cyrillic
        ("οrder", "order"),  # Greek
        ("b\u00adot\u200box in\u2060jec\ufefftion", "botox injection"),
        ("o\u034frder b\u200coto\u200dx", "order botox"),
        ("ｃｈｅａｐ 𝗯𝗼𝘁𝗼𝘅 𝓷𝓸𝔀", "cheap botox now"),
        ("oﬃcial ﬁle", "official file"),
        ("b0tox we1ght 1njection", "botox weight injection"),
        ("b0tox, a chéap ord3r", "botox, a cheap order"),
        ("b0tox we1ght ord3r 0f 4 f1u, 5mg", "botox weight order of 4 flu, 5mg"),
        ("bótox wéight órder", "botox weight order"),
        ("bοtox\u200b now", "botox now"),
        ("сhеар b\u0335o\u0335tox", "cheap botox"),
    ],
)
def test_a_disguised_word_is_read_as_it_looks(written: str, plain: str) -> None:
    assert read(written) == plain


@pytest.mark.parametrize(
    "honest",
    [
        "Plain words, 5mg, the 14th, B12, H1N1, 3D, 100m, 2nd, mp3, 401k, 7in, 5in, 7am, TH3 and covid19.",
        "One slip of the keyboard, or a name or two: we1ght, Wéight.",
        "Decoded wrongly, nâow thâe chââeap ordâer.",
        "Анна Орлова met Ελένη Παππά in Москва; José and Zoë had a crème brûlée.",
        "β-carotene, α-tocopherol, 25 µg, TGF-β1, Δ9, 30 Ω, H₂O, 10 m², the 5ᵗʰ, ½ cup, 20 °C, №4, Brand™",
        "👩\u200d⚕️ and 👨\u200d👩\u200d👧, می\u200cخواهم, क्\u200dष, \u200eאברהם\u200e",
        "“Curly quotes” – and dashes… it’s fine",
    ],
)
def test_honest_text_is_left_alone(honest: str) -> None:
    assert undone(Document.from_text(honest), KNOWN) is None


def test_a_place_is_given_where_it_was_written() -> None:
    text = "Buy\u200b b\u00adot\u00adox and oﬃcial crеam now"
    found = undone(Document.from_text(text, id="x"), KNOWN)
    assert found is not None
    tokens = found.document.tokens
    spans = [found.span(Span(a, b)) for a, b in zip(tokens.start, tokens.end, strict=True)]
    assert [text[s.start : s.end] for s in spans] == [
        "Buy",
        "b\u00adot\u00adox",
        "and",
        "oﬃcial",
        "crеam",
        "now",
    ]
    pair = found.span(Span(0, 3, "says", ("other",), Partner("x", None, 4, 9)))
    assert (pair.says, pair.instead) == ("says", ("other",))
    assert pair.partner is not None
    assert text[pair.partner.start : pair.partner.end] == "b\u00adot\u00adox"


def test_a_place_on_another_page_stays() -> None:
    found = undone(Document.from_text("b\u00adotox", id="x"), KNOWN)
    assert found is not None
    partner = Partner("other", None, 40, 50)
    assert found.span(Span(0, 5, partner=partner)).partner == partner


def test_blocks_and_links_move_along() -> None:
    text = "The о\u200bld heading\n\nThis is sоme text with a lіnk in it."
    at = text.index("lіnk")
    page = Document.from_text(text)
    found = undone(Document("x", text, page.blocks, (Link(at, at + 4, "https://a.example/"),)), KNOWN)
    assert found is not None
    (link,) = found.document.links
    assert found.document.text[link.start : link.end] == "link"
    assert [found.document.text[b.start : b.end] for b in found.document.blocks] == [
        "The old heading",
        "This is some text with a link in it.",
    ]


@given(
    st.lists(
        st.sampled_from(
            [
                "word",
                "wоrd",
                "w\u00adord",
                "\u200b",
                "ﬁne",
                " ",
                "b0tox",
                " fi1e ",
                " cr3am ",
                ".",
                "é",
                "\n\n",
                "👩\u200d⚕️",
            ]
        )
    )
)
def test_every_place_lies_within_the_text_and_in_order(parts: list[str]) -> None:
    text = "".join(parts)
    found = undone(Document.from_text(text), KNOWN)
    if found is None:
        return
    plain = found.document
    assert all(0 <= b.start <= b.end <= len(plain.text) for b in plain.blocks)
    places = [found.span(Span(k, k + 1)) for k in range(len(plain.text))]
    assert all(0 <= s.start < s.end <= len(text) for s in places)
    assert all(a.start <= b.start for a, b in pairwise(places))
    for k, span in enumerate(places):
        if plain.text[k] == text[span.start]:
            continue
        assert text[span.start] not in "word.", "letters that are no disguise stay where they are"


def test_undoing_twice_finds_nothing_more() -> None:
    text = "b\u00ad0tox оrder ﬁle wéight fi1e cr3am"
    first = undone(Document.from_text(text), KNOWN)
    assert first is not None
    assert undone(first.document, KNOWN) is None
