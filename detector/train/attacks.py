"""What somebody who has read our README does to a page that he wants published: attacks by name and strength.

Each keeps the page readable, or nearly so, and is a function of a target and a random generator, so that one seed gives
one page. None draws anything from elsewhere: honest text comes with the target.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from detector.document import BODY, Block, BlockKind, Document, Link, Span
from detector.train.spoil import Substitute, like

Edit = tuple[int, int, str]  # text[start:end] becomes this


@dataclass(frozen=True)
class Target:
    """A page, and what its sender has at hand.

    marked: places that the report shows as faults; anchors: those of them that are pasted phrases; honest: the
    paragraphs of honest pages of other people, the page most like it first; substitute: what a thesaurus offers for a
    word.
    """

    document: Document
    marked: tuple[Span, ...]
    anchors: tuple[Span, ...]
    honest: tuple[tuple[str, ...], ...]
    substitute: Substitute


Attack = Callable[[Target, random.Random], Document]


# --- changing a document ---------------------------------------------------------------------------------------------


def edited(document: Document, edits: Iterable[Edit]) -> Document:
    """The document with replacements that do not overlap; blocks and links move along and take in what is put at their
    edges. Those of which nothing is left are gone.
    """
    ordered = sorted(edits)
    text = document.text
    pieces: list[str] = []
    starts: list[int] = []
    moved: list[tuple[int, int, int]] = []  # old end, new start, new end of each edit
    at = size = 0
    for start, end, new in ordered:
        pieces += [text[at:start], new]
        size += start - at
        starts.append(start)
        moved.append((end, size, size + len(new)))
        size += len(new)
        at = end
    whole = "".join([*pieces, text[at:]])

    def place(offset: int, k: int) -> int:
        """The offset when the edits before k are made."""
        if k == 0:
            return offset
        old, begin, end = moved[k - 1]
        return end + offset - old if offset >= old else begin + min(offset - starts[k - 1], end - begin)

    def both(start: int, end: int) -> tuple[int, int]:
        first = place(start, bisect_right(starts, start - 1))
        return first, max(first, place(end, bisect_right(starts, end)))

    blocks = tuple(
        Block(start, end, b.kind)
        for b in document.blocks
        for start, end in (both(b.start, b.end),)
        if start < end
    )
    links = tuple(
        Link(start, end, a.href, a.rel)
        for a in document.links
        for start, end in (both(a.start, a.end),)
        if start < end or a.start == a.end
    )
    return replace(document, text=whole, blocks=blocks, links=links)


def inserted(document: Document, at: int, parts: Sequence[str], kind: BlockKind = "paragraph") -> Document:
    """The document with more blocks before the block that starts at `at`, or, where none does, at its end."""
    parts = [part for part in parts if part]
    if not parts:
        return document
    inside = any(b.start == at for b in document.blocks)
    text, before = document.text, "" if inside or not document.text else "\n\n"
    at = at if inside else len(text)
    blocks: list[Block] = []
    size = at + len(before)
    for part in parts:
        blocks.append(Block(size, size + len(part), kind))
        size += len(part) + 2
    new = before + "\n\n".join(parts) + ("\n\n" if inside else "")

    def on(offset: int) -> int:
        return offset + len(new) * (offset >= at)

    first = [b for b in document.blocks if b.start < at]
    rest = [Block(on(b.start), on(b.end), b.kind) for b in document.blocks if b.start >= at]
    links = tuple(
        Link(a.start + len(new), a.end + len(new), a.href, a.rel) if a.start >= at else a
        for a in document.links
    )
    return replace(document, text=text[:at] + new + text[at:], blocks=(*first, *blocks, *rest), links=links)


def _words(
    document: Document, within: Sequence[Span] | None = None, shortest: int = 1
) -> list[tuple[int, int]]:
    """Words of the prose of at least so many letters, of all of it or within spans, as (start, end)."""
    tokens = document.tokens
    found = [
        (start, end) for start, end in zip(tokens.start, tokens.end, strict=True) if end - start >= shortest
    ]
    if within is None:
        return found
    spans = sorted((s.start, s.end) for s in within)
    reach: list[int] = []  # how far the spans that begin up to here reach
    for _, end in spans:
        reach.append(max(end, reach[-1] if reach else 0))
    begins = [start for start, _ in spans]

    def inside(start: int, end: int) -> bool:
        k = bisect_right(begins, end - 1)
        return k > 0 and reach[k - 1] > start

    return [w for w in found if inside(*w)]


def _some(words: list[tuple[int, int]], share: float, rng: random.Random) -> list[tuple[int, int]]:
    return words if share >= 1 else [w for w in words if rng.random() < share]


def as_it_is(target: Target, _: random.Random) -> Document:
    """The page unchanged."""
    return target.document


# --- letters ---------------------------------------------------------------------------------------------------------

CYRILLIC = dict(zip("aceijopsxyABCEHKMOPTX", "асеіјорѕхуАВСЕНКМОРТХ", strict=True))
GREEK = dict(zip("ouvABEHIKMNOPTXYZ", "ουνΑΒΕΗΙΚΜΝΟΡΤΧΥΖ", strict=True))
WIDE = {chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F) if chr(c).isalpha()}
BOLD = {chr(97 + k): chr(0x1D5EE + k) for k in range(26)} | {chr(65 + k): chr(0x1D5D4 + k) for k in range(26)}
SMALL = dict(zip("agiltoevrn", "ɑɡıӏτօеνгп", strict=True))
DIGITS = dict(zip("oleiastOIAEBS", "0131457014385", strict=True))
ACCENTED = dict(zip("aeiouncy", "áéíóúñçý", strict=True))


def alike(
    target: Target, rng: random.Random, *, table: Mapping[str, str], letters: int, share: float = 0
) -> Document:
    """Put letters that look alike into the marked words, or into a share of all: so many letters of each, 0 for all."""
    document = target.document
    words = _words(document, None if share else target.marked)
    edits: list[Edit] = []
    for start, end in _some(words, share or 1, rng):
        places = [k for k in range(start, end) if document.text[k] in table]
        chosen = rng.sample(places, min(len(places), letters)) if letters else places
        edits += [(k, k + 1, table[document.text[k]]) for k in chosen]
    return edited(document, edits)


def unseen(target: Target, rng: random.Random, *, characters: str, share: float = 0) -> Document:
    """Put one of these characters, which nobody sees, into each marked word, or into a share of all words."""
    document = target.document
    words = _words(document, None if share else target.marked, shortest=2)
    edits = []
    for start, end in _some(words, share or 1, rng):
        at = rng.randrange(start + 1, end)
        edits.append((at, at, rng.choice(characters)))
    return edited(document, edits)


def mistyped(target: Target, rng: random.Random, *, share: float) -> Document:
    """Mistype a share of the words: two letters change places, one is lost or doubled, or the key beside it is hit."""
    document = target.document
    edits = []
    for start, end in _some(_words(document, shortest=4), share, rng):
        at = rng.randrange(start + 1, end - 1)
        pair = document.text[at : at + 2]
        slips = (pair[::-1], pair[1], pair[0] + pair, _BESIDE.get(pair[0].lower(), pair[0]) + pair[1])
        edits.append((at, at + 2, rng.choice(slips)))
    return edited(document, edits)


_BESIDE = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioposdfghjklkxcvbnmn", strict=True))


# --- typography ------------------------------------------------------------------------------------------------------


def marks(target: Target, rng: random.Random, *, table: Mapping[str, str], share: float = 1) -> Document:
    """Put one mark of punctuation for another, or none, wherever it stands in prose, or in a share of the places."""
    document = target.document
    edits = [
        (k, k + 1, table[document.text[k]])
        for _, start, end in document.prose_pieces()
        for k in range(start, end)
        if document.text[k] in table and not document.text[k - 1 : k].isdigit()
    ]
    return edited(document, edits if share >= 1 else [e for e in edits if rng.random() < share])


TYPOGRAPHIC = {"'": "’", '"': "”", "-": "–", "…": "..."}


def cased(target: Target, _: random.Random, *, case: Callable[[str], str], within: bool = False) -> Document:
    """Write all words, or those marked, in another case."""
    document = target.document
    words = _words(document, target.marked if within else None)
    return edited(document, [(a, b, case(document.text[a:b])) for a, b in words])


def quoted(target: Target, _: random.Random) -> Document:
    """Put every paragraph and list item into quotation marks, as if somebody else said it."""
    document = target.document
    edits: list[Edit] = []
    for block in document.blocks:
        if block.kind in BODY and block.end > block.start:
            edits += [(block.start, block.start, "“"), (block.end, block.end, "”")]
    return edited(document, edits)


def apart(target: Target, _: random.Random) -> Document:
    """Give every sentence of a paragraph a paragraph of its own."""
    document = target.document
    blocks: list[Block] = []
    cuts: dict[int, list[tuple[int, int]]] = {}
    for sentence in document.sentences:
        cuts.setdefault(sentence.block, []).append((sentence.start, sentence.end))
    for k, block in enumerate(document.blocks):
        if block.kind == "paragraph" and len(cuts.get(k, ())) > 1:
            blocks += [Block(max(block.start, a), min(block.end, b), "paragraph") for a, b in cuts[k]]
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(sorted(blocks, key=lambda b: b.start)))


# --- more text -------------------------------------------------------------------------------------------------------


def padded(
    target: Target, rng: random.Random, *, where: str, times: float, fitting: bool = False
) -> Document:
    """Put honest pages after the text, before it or between its paragraphs, `times` as many words as it has.

    fitting: those that share most words with the page, else any.
    """
    document = target.document
    needed = times * len(document.tokens)
    pages = target.honest if fitting else rng.sample(target.honest, len(target.honest))
    chosen: list[str] = []
    for paragraph in chain.from_iterable(pages):
        if needed <= 0:
            break
        chosen.append(paragraph)
        needed -= len(paragraph.split())
    if where == "after":
        return inserted(document, -1, chosen)
    starts = [b.start for b in document.blocks if b.kind == "paragraph"]
    if where == "before" or not starts:
        return inserted(document, starts[0] if starts else -1, chosen)
    for k in reversed(range(len(starts))):  # from the end, so that the other places stay where they are
        share = slice(k * len(chosen) // len(starts), (k + 1) * len(chosen) // len(starts))
        document = inserted(document, starts[k], chosen[share])
    return document


PRICES = (
    "First visit, 45 minutes",
    "Follow-up, 30 minutes",
    "Course of six",
    "Blood panel, 12 values",
    "Home visit",
)
ANSWERS = (
    "Medically reviewed by {name}, MD, on {day} March {year}.",
    "Possible side effects: nausea (4%), headache (2.1%), rash (0.6%). Do not take it if you are pregnant.",
    "Sources: {other} et al. ({year}), doi: 10.1016/j.jhin.{year}.0{day}; PMID: 2{day}48{day}05.",
    "We paid for the products ourselves. A dose of 500 mg was taken for 12 weeks by 84 people aged 21 to 64.",
)
_NAMES = ("Helen Varga", "Tom Adeyemi", "Ruth Lindqvist", "Paul Okafor")


def with_figures(target: Target, rng: random.Random, *, kind: BlockKind, answers: bool = False) -> Document:
    """Paste a price list at the end, as a table or as list items; with `answers`, a reviewer, risks and sources too."""
    rows = [f"{row}: ${rng.randrange(35, 420)}.{rng.choice(('00', '50'))}" for row in PRICES]
    document = inserted(target.document, -1, ["\n".join(rows)] if kind == "table" else rows, kind)
    if not answers:
        return document
    values = {
        "name": rng.choice(_NAMES),
        "other": rng.choice(_NAMES).split()[1],
        "day": rng.randrange(10, 29),
        "year": rng.randrange(2012, 2022),
    }
    return inserted(document, -1, [line.format(**values) for line in ANSWERS])


# --- what is marked --------------------------------------------------------------------------------------------------

PHRASE = 12  # words of a place that can be taken out; longer ones are paragraphs


def as_proposed(target: Target, _: random.Random) -> Document:
    """Write the first of the forms that the report proposes, where it proposes any."""
    edits = [(s.start, s.end, s.instead[0]) for s in _apart(target.marked) if s.instead]
    return edited(target.document, [(a, b, like(target.document.text[a:b], new)) for a, b, new in edits])


def reworded(target: Target, rng: random.Random, *, share: float) -> Document:
    """Put what a thesaurus offers for a share of the words that are marked."""
    document = target.document
    edits = []
    for start, end in _some(_words(document, target.marked, shortest=4), share, rng):
        old = document.text[start:end]
        new = target.substitute(old.lower(), rng)
        if new:
            edits.append((start, end, like(old, new)))
    return edited(document, edits)


def cut(target: Target, _: random.Random) -> Document:
    """Take out every marked phrase."""
    document = target.document
    return edited(document, [(s.start, s.end, "") for s in _apart(_phrases(document, target.marked))])


def moved(target: Target, _: random.Random, *, sentence: str = "{}") -> Document:
    """Take anchors of links and pasted phrases out of their sentences; each gets a paragraph of its own at the end."""
    document = target.document
    prose = [(start, end) for _, start, end in document.prose_pieces()]
    linked = [
        Span(a.start, a.end)
        for a in document.links
        if a.end > a.start and any(start <= a.start and a.end <= end for start, end in prose)
    ]
    places = _apart(_phrases(document, [*target.anchors, *linked]))
    lines = [sentence.format(document.text[s.start : s.end].strip()) for s in places]
    targets = {(a.start, a.end): a for a in document.links}
    kept = replace(
        document,
        links=tuple(
            a for a in document.links if not any(s.start < a.end and a.start < s.end for s in places)
        ),
    )
    done = inserted(edited(kept, [(s.start, s.end, "") for s in places]), -1, lines)
    added: list[Link] = []
    at = len(done.text)
    for place, line in reversed(list(zip(places, lines, strict=True))):
        if not line:
            continue
        at -= len(line)
        if link := targets.get((place.start, place.end)):
            shift = at + sentence.index("{")
            words = document.text[place.start : place.end].strip()
            added.append(Link(shift, shift + len(words), link.href, link.rel))
        at -= 2
    return replace(done, links=tuple(sorted([*done.links, *added], key=lambda a: (a.start, a.end))))


def _phrases(document: Document, spans: Iterable[Span]) -> list[Span]:
    return [s for s in spans if s.end > s.start and len(document.text[s.start : s.end].split()) <= PHRASE]


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, without those that overlap an earlier one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.end > span.start and (not kept or span.start >= kept[-1].end):
            kept.append(span)
    return kept


# --- all of them -----------------------------------------------------------------------------------------------------

WIDTHLESS, SOFT, JOINERS = "\u200b\u200c\u2060\ufeff", "\u00ad", "\u034f\ufe0f\u180e"

ATTACKS: dict[str, dict[str, Attack]] = {
    "letters that look alike": {
        "Cyrillic, one in each marked word": partial(alike, table=CYRILLIC, letters=1),
        "Cyrillic, all that there are in marked words": partial(alike, table=CYRILLIC, letters=0),
        "Cyrillic and Greek, in a third of all words": partial(
            alike, table=CYRILLIC | GREEK, letters=1, share=1 / 3
        ),
        "full width, marked words": partial(alike, table=WIDE, letters=0),
        "mathematical, marked words": partial(alike, table=BOLD, letters=0),
        "phonetic and Armenian, one in each marked word": partial(alike, table=SMALL, letters=1),
        "accents, one in each marked word": partial(alike, table=ACCENTED, letters=1),
        "digits, one in each marked word": partial(alike, table=DIGITS, letters=1),
    },
    "invisible characters": {
        "without width, in marked words": partial(unseen, characters=WIDTHLESS),
        "without width, in every word": partial(unseen, characters=WIDTHLESS, share=1),
        "soft hyphens, in marked words": partial(unseen, characters=SOFT),
        "soft hyphens, in a third of all words": partial(unseen, characters=SOFT, share=1 / 3),
        "soft hyphens, in every word": partial(unseen, characters=SOFT, share=1),
        "joiners and selectors, in marked words": partial(unseen, characters=JOINERS),
    },
    "pasted specifics": {
        "a table of prices": partial(with_figures, kind="table"),
        "a list of prices": partial(with_figures, kind="list_item"),
        "prices, reviewer, risks and sources": partial(with_figures, kind="list_item", answers=True),
    },
    "honest text after": {
        "half as much": partial(padded, where="after", times=0.5),
        "as much": partial(padded, where="after", times=1),
        "as much, on the topic": partial(padded, where="after", times=1, fitting=True),
        "three times as much": partial(padded, where="after", times=3),
    },
    "honest text before": {
        "half as much": partial(padded, where="before", times=0.5),
        "as much": partial(padded, where="before", times=1),
        "as much, on the topic": partial(padded, where="before", times=1, fitting=True),
        "three times as much": partial(padded, where="before", times=3),
    },
    "honest text between": {
        "as much": partial(padded, where="between", times=1),
        "as much, on the topic": partial(padded, where="between", times=1, fitting=True),
        "three times as much": partial(padded, where="between", times=3),
    },
    "typing errors": {
        "in 2 % of the words": partial(mistyped, share=0.02),
        "in 5 %": partial(mistyped, share=0.05),
        "in 15 %": partial(mistyped, share=0.15),
    },
    "punctuation": {
        "curly quotes and dashes": partial(marks, table=TYPOGRAPHIC),
        "commas left out": partial(marks, table={",": ""}),
        "half of the full stops become commas": partial(marks, table={".": ","}, share=0.5),
        "full stops left out": partial(marks, table={".": ""}),
    },
    "capitals": {
        "none": partial(cased, case=str.lower),
        "on every word": partial(cased, case=str.title),
        "only, in marked words": partial(cased, case=str.upper, within=True),
        "only": partial(cased, case=str.upper),
    },
    "quotation and layout": {
        "every paragraph quoted": quoted,
        "a paragraph for every sentence": apart,
    },
    "what is marked": {
        "as proposed": as_proposed,
        "half of its words from a thesaurus": partial(reworded, share=0.5),
        "all of its words from a thesaurus": partial(reworded, share=1),
        "phrases taken out": cut,
    },
    "links moved": {
        "to lines at the end": moved,
        "to sentences at the end": partial(moved, sentence="For more, see {}."),
    },
}

# --- the same for honest reasons -------------------------------------------------------------------------------------

NAMES = (
    "Дмитрий Соколов",
    "Ελένη Παππά",
    "אברהם כהן",
    "محمد علي",
    "Nguyễn Thị Hồng",
    "李小龍",
    "Στέφανος Κάππος",
    "Анна Орлова",
)
FORMULAS = (
    "β-carotene",
    "α-tocopherol",
    "ω-3",
    "25 µg",
    "γ-GT",
    "TGF-β1",
    "αvβ3",
    "µ-opioid",
    "H₂O",
    "CD4⁺",
    "Δ9-THC",
    "κB",
)
SOUNDS = ("/ˌdɪsˈpniːə/", "/ˈɛkzɪmə/", "(ˈæzmə)", "/səˈraɪəsɪs/")


def hyphenated(target: Target, _: random.Random) -> Document:
    """Soft hyphens between the syllables of every long word, as typesetting programs put them."""
    document = target.document
    edits = [
        (k, k, "\u00ad") for start, end in _words(document, shortest=8) for k in range(start + 3, end - 3, 3)
    ]
    return edited(document, edits)


def with_terms(target: Target, rng: random.Random, *, terms: Sequence[str], around: str = "{}") -> Document:
    """Name one of these in brackets at the end of every third sentence."""
    document = target.document
    places = [
        document.tokens.end[s.last - 1] for s in document.sentences if document.blocks[s.block].kind in BODY
    ]
    return edited(document, [(at, at, f" ({around.format(rng.choice(terms))})") for at in places[::3]])


def after_breaks(target: Target, _: random.Random, *, character: str) -> Document:
    """A character without width at the start of every paragraph and after every link, as editors leave it."""
    document = target.document
    places = {b.start for b in document.blocks if b.kind in BODY} | {a.end for a in document.links}
    return edited(document, [(at, at, character) for at in sorted(places)])


def ligatures(target: Target, _: random.Random) -> Document:
    """fi, fl and ff as one letter each, as old PDF files have them."""
    document = target.document
    edits = []
    for start, end in _words(document):
        k = start
        while k < end - 1:
            one = _LIGATURES.get(document.text[k : k + 2])
            edits += [(k, k + 2, one)] if one else []
            k += 2 if one else 1
    return edited(document, edits)


_LIGATURES = {"fi": "ﬁ", "fl": "ﬂ", "ff": "ﬀ"}

HARMLESS: dict[str, Attack] = {
    "as it is": as_it_is,
    "soft hyphens in every long word": hyphenated,
    "names in Cyrillic, Greek, Hebrew, Arabic, Vietnamese, Chinese": partial(with_terms, terms=NAMES),
    "names between marks of direction": partial(with_terms, terms=NAMES, around="\u200e{}\u200e"),
    "Greek letters in names of substances": partial(with_terms, terms=FORMULAS),
    "pronunciation": partial(with_terms, terms=SOUNDS),
    "joined emoji": partial(with_terms, terms=("👩\u200d⚕️", "👨\u200d👩\u200d👧")),
    "spaces without width after paragraphs and links": partial(after_breaks, character="\u200b"),
    "byte order marks before paragraphs": partial(after_breaks, character="\ufeff"),
    "ligatures": ligatures,
    "curly quotes and dashes": partial(marks, table=TYPOGRAPHIC),
    "a table of prices": partial(with_figures, kind="table"),
    "a list of prices": partial(with_figures, kind="list_item"),
    "a paragraph for every sentence": apart,
    "typing errors in 2 % of the words": partial(mistyped, share=0.02),
    "every paragraph quoted": quoted,
}
