"""What a page leaves behind for comparing it with others: hashes of its sentences, shingles, marks, and its links.

All hashes are 64 bits of BLAKE2b, mixed by odd multipliers: the same on every machine, so that workers agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from detector.disguise import Undone
from detector.document import BODY, WORD, Document, host_of
from detector.language import FUNCTION_WORDS
from detector.signals._repeats import lexicon
from detector.tables import Tables
from detector.verdict import Verdict

SKETCH = 64  # smallest hashes kept of a set: a bottom-k sketch (Cohen, "Size-estimation framework", 1997)
SHINGLE = 3  # words
SENTENCE = 6  # words of the shortest sentence whose return means anything
MARK_BITS = 12.5  # a word of so many bits is a term, a name or a number: what spinners leave alone
NAME_BITS = 9.0  # the same for a word with a capital inside a sentence
ANCHOR = 12  # words of the longest phrase that is taken for an anchor

Hashes = NDArray[np.uint64]

_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_SLOT = np.uint64(0x27D4EB2F165667C5)  # stands for whatever was put into a slot
_SHIFT = np.uint64(29)


@dataclass(frozen=True)
class Anchor:
    """A phrase with which a page points outside: linked, or pasted in plain text (target is then "").

    target is the host, address where it leads in its plainest form. fits: share of its telling words that the rest
    of the page has too. named: it names its target's host.
    """

    start: int
    end: int
    phrase: str
    target: str
    address: str
    fits: float
    named: bool


@dataclass(frozen=True)
class Sketch:
    """A page as others are compared with it.

    starts, ends: offsets of its sentences of SENTENCE words or more; words: their lengths; exact: hash of their words;
    masked: the same with what is likely to be a slot's content left open (names, figures, words of the page's title);
    shingles, marks: bottom-k sketches of its word triples, and of pairs of neighbouring marks.
    """

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    words: NDArray[np.int32]
    exact: Hashes
    masked: Hashes
    shingles: Hashes
    marks: Hashes
    anchors: tuple[Anchor, ...]


@lru_cache(maxsize=200_000)
def hash_of(word: str) -> int:
    """64 bits for a word."""
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def sketch(document: Document, tables: Tables, verdict: Verdict, undone: Undone | None = None) -> Sketch:
    """The sketch of a page that was scored, as it is read.

    undone: the way back from the document to the text as written, to which all offsets lead; None where they are one.
    """
    known = lexicon(document, tables)
    if not len(known.ids):
        none, no_hash = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint64)
        return Sketch(none, none, none, no_hash, no_hash, no_hash, no_hash, ())
    bits = tables.rarity(known.words).astype(np.float64)
    hashes = np.array([hash_of(word) for word in known.words], dtype=np.uint64)[known.ids]
    capital, digit = _looks(document)
    opening = np.zeros(len(hashes), dtype=bool)
    opening[[s.first for s in document.sentences]] = True
    named = capital & ~opening
    titled = _title_words(document, known.words, known.telling)[known.ids]
    starts, ends, words, exact, masked = _sentences(document, hashes, named | digit | titled)
    pasted = [(s.start, s.end) for f in verdict.findings if f.signal == "injected_anchor" for s in f.spans]
    if undone:
        pasted = [undone.read(*place) for place in pasted]
    anchors = _anchors(document, known.words, known.ids, known.telling, pasted)
    if undone:
        places = [undone.written(*place) for place in zip(starts.tolist(), ends.tolist(), strict=True)]
        starts, ends = np.array(places, dtype=np.int32).reshape(-1, 2).T
        anchors = tuple(
            replace(a, start=start, end=end)
            for a in anchors
            for start, end in (undone.written(a.start, a.end),)
        )
    marks = digit | (bits[known.ids] >= MARK_BITS) | (named & (bits[known.ids] >= NAME_BITS))
    return Sketch(
        starts,
        ends,
        words,
        exact,
        masked,
        _bottom(_grams(hashes, SHINGLE)),
        _bottom(_pairs(hashes[marks])),
        anchors,
    )


def _looks(document: Document) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each token whether it begins with a capital, and whether with a figure."""
    text = document.text
    first = [text[at] for at in document.tokens.start]
    return (
        np.array([c.isupper() for c in first], dtype=bool),
        np.array([c.isdigit() for c in first], dtype=bool),
    )


def _title_words(document: Document, words: list[str], telling: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which words of the page its title, its first heading or its address consist of, apart from glue."""
    first = [document.text[b.start : b.end] for b in document.blocks if b.kind in ("title", "heading")][:1]
    address = (document.url or "").partition("//")[2].partition("/")[2]
    said = " ".join([document.title or "", *first, address]).lower()
    title = Document.from_text(said.replace("_", " ")).tokens.word
    in_title = set(title)
    return np.array([w in in_title for w in words], dtype=bool) & (telling > 0)


def _mixed(hashes: Hashes) -> Hashes:
    mixed: Hashes = (hashes ^ (hashes >> _SHIFT)) * _ODD[1]
    return mixed


def _grams(hashes: Hashes, size: int) -> Hashes:
    if len(hashes) < size:
        return np.zeros(0, dtype=np.uint64)
    total = np.zeros(len(hashes) - size + 1, dtype=np.uint64)
    for k in range(size):
        total += _mixed(hashes[k : len(hashes) - size + 1 + k] * _ODD[k])
    return _mixed(total)


def _pairs(marks: Hashes) -> Hashes:
    """Neighbouring marks, and those with one between: an exchanged word costs few of them."""
    near, far = (
        _mixed(_mixed(marks[:-k] * _ODD[0]) + marks[k:]) if len(marks) > k else marks[:0] for k in (1, 2)
    )
    return np.concatenate([near, far])


def _bottom(hashes: Hashes) -> Hashes:
    hashes = np.sort(hashes)  # np.unique takes fifteen times as long
    found: Hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]][:SKETCH]
    return found


def _sentences(
    document: Document, hashes: Hashes, slots: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], Hashes, Hashes]:
    """Offsets, lengths, exact and masked hashes of the sentences that are long enough."""
    long = [s for s in document.sentences if s.last - s.first >= SENTENCE]
    kinds = document.blocks
    long = [s for s in long if kinds[s.block].kind in BODY]
    offsets = np.array([(s.start, s.end) for s in long], dtype=np.int32).reshape(-1, 2)
    tokens = np.array([(s.first, s.last) for s in long], dtype=np.int64).reshape(-1, 2)
    masked = np.where(slots, _SLOT, hashes)
    kept = np.ones(len(hashes), dtype=bool)
    kept[1:] = ~(slots[1:] & slots[:-1])  # a slot of two words is one slot
    return (
        offsets[:, 0],
        offsets[:, 1],
        (tokens[:, 1] - tokens[:, 0]).astype(np.int32),
        _hashed_ranges(hashes, tokens, np.ones(len(hashes), dtype=bool)),
        _hashed_ranges(masked, tokens, kept),
    )


def _hashed_ranges(hashes: Hashes, ranges: NDArray[np.int64], kept: NDArray[np.bool_]) -> Hashes:
    """One hash for the kept tokens of each range, in their order."""
    if not len(ranges):
        return np.zeros(0, dtype=np.uint64)
    number = np.concatenate(([0], np.cumsum(kept)))
    found = np.zeros(len(ranges), dtype=np.uint64)
    for k, (first, last) in enumerate(ranges.tolist()):
        inside = hashes[first:last][kept[first:last]]
        place = (number[first:last][kept[first:last]] - number[first]).astype(np.uint64)
        found[k] = _mixed(inside * (place * _ODD[0] | np.uint64(1))).sum(dtype=np.uint64)
    return found


def _anchors(
    document: Document,
    words: list[str],
    ids: NDArray[np.int64],
    telling: NDArray[np.float64],
    pasted: Sequence[tuple[int, int]],
) -> tuple[Anchor, ...]:
    """The phrases with which the running text points outside: its links, and what looks pasted in plain text."""
    pointed = [
        (link.start, link.end, host_of(link.href), plain_address(link.href))
        for link in document.links
        if link.end > link.start and not document.is_own(link.href)
    ]
    linked = {(start, end) for start, end, *_ in pointed}
    pointed += [(*place, "", "") for place in pasted if place not in linked]
    if not pointed:
        return ()
    tokens = document.tokens
    at = np.array(tokens.start, dtype=np.int64)
    count = np.bincount(ids, minlength=len(words))
    found = []
    for start, end, target, address in sorted(pointed):
        first, last = np.searchsorted(at, (start, end)).tolist()
        if not 0 < last - first <= ANCHOR or document.blocks[tokens.block[first]].kind not in BODY:
            continue
        inside = np.bincount(ids[first:last], minlength=len(words))
        elsewhere = [telling[i] for i in ids[first:last] if count[i] > inside[i]]
        tells = telling[ids[first:last]].sum()
        phrase = tokens.word[first:last]
        named = _names(document.text[start:end], phrase, target)
        fits = float(sum(elsewhere) / tells) if tells > 0 else 1.0
        found.append(Anchor(start, end, " ".join(phrase), target, address, fits, named))
    return tuple(found)


def _names(written: str, phrase: list[str], target: str) -> bool:
    """Whether an anchor is the name of its target: written like one, with a word of the host or its initials."""
    said = [word for word in WORD.findall(written) if word.lower() not in FUNCTION_WORDS]
    if not all(word[0].isupper() for word in said):
        return False  # "cbd oil for dogs" names nobody, whatever the host is called
    host = target.replace("-", "").replace(".", "")
    initials = "".join(word[0] for word in phrase if word not in FUNCTION_WORDS)
    short = len(initials) > 1 and initials in target.split(".")
    return short or any(len(word) >= 3 and word in host for word in phrase)


_TRACKING = re.compile(
    r"(?:utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|_ga|phpsessid|jsessionid|sessionid|sid)=", re.IGNORECASE
)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)


def plain_address(url: str) -> str:
    """An address without what does not change the page: scheme, "www.", index.html, tracking, fragment, last slash."""
    rest = url.partition("#")[0].partition("//")[2] or url
    path, _, query = rest.partition("?")
    host, slash, path = path.partition("/")
    kept = [part for part in query.split("&") if part and not _TRACKING.match(part)]
    path = _INDEX.sub("/", slash + path).rstrip("/")
    return host.lower().removeprefix("www.") + path + ("?" + "&".join(sorted(kept)) if kept else "")
