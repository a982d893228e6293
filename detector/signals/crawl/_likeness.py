"""How two pages resemble each other: copied, told in other words, or cut from one pattern.

Pages are compared by their longer sentences (`detector.audit.schema.SENTENCE`), in whatever order these stand. What
both have verbatim is set apart first: a notice that every page of a site carries makes no two of them siblings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from detector.document import WORD
from detector.language import FUNCTION_WORDS

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcode

LONGEST = 400  # sentences of a page that are compared, of
BEGINNING = 400_000  # its first characters
ALIKE = 0.4  # share of the telling words from which one sentence may be another one in other words
OWN = 0.4  # likeness of what is the pages' own, from which what looks like a notice may be the text itself
FEW_NAMES = 3  # in what was retold, below which nothing is to be said about them
FEW = 4  # words that a spinner exchanges at a time
MOST = 100_000_000  # words of one sentence times those of another: text without full stops is compared as a whole
COMMON = 12  # sentences that hold a word: one that more of them hold leads nowhere
_CURLY = str.maketrans({"’": "'", "ʼ": "'"})


@dataclass(frozen=True)
class Sentence:
    """A sentence: its two hashes; its words in lower case, their offsets in the page's text, and which are names or
    figures, by the look of them."""

    begins: int
    ends: int
    exact: int
    masked: int
    word: list[str]
    start: list[int]
    end: list[int]
    name: list[bool]

    @cached_property
    def telling(self) -> list[str]:
        """Without the words that hold sentences together."""
        return [w for w in self.word if w not in FUNCTION_WORDS]


class Page:
    """A page of the crawl as it is compared.

    text, sentences: all, or as much as is compared; each sentence a dictionary with begins, ends, words, exact, masked.
    notices: `exact` of those that stand on many pages of its site; they are set aside unless the page is mostly made of
    them.
    """

    def __init__(
        self, text: str, sentences: Sequence[dict[str, Any]], notices: Iterable[int] | None = None
    ) -> None:
        self.text = text
        self._given = [s for s in sentences[:LONGEST] if s["ends"] <= min(len(text), BEGINNING)]
        self._notices = frozenset(notices or ())

    @cached_property
    def whole(self) -> list[Sentence]:
        """Its longer sentences, in order, notices included."""
        found = []
        for s in self._given:
            matches = list(WORD.finditer(self.text, s["begins"], s["ends"]))
            found.append(
                Sentence(
                    s["begins"],
                    s["ends"],
                    s["exact"],
                    s["masked"],
                    [m.group().lower().translate(_CURLY) for m in matches],
                    [m.start() for m in matches],
                    [m.end() for m in matches],
                    [(k > 0 and m[0][0].isupper()) or m[0][0].isdigit() for k, m in enumerate(matches)],
                )
            )
        return found

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Its own longer sentences, in order."""
        own = [s for s in self.whole if s.exact not in self._notices]
        enough = 2 * sum(len(s.word) for s in own) >= sum(len(s.word) for s in self.whole)
        return own if enough else self.whole

    @cached_property
    def triples(self) -> frozenset[tuple[str, ...]]:
        """The word triples of its own sentences, across their ends."""
        return _triples(self.sentences)

    @cached_property
    def all_triples(self) -> frozenset[tuple[str, ...]]:
        """The word triples of all sentences."""
        return self.triples if self.sentences == self.whole else _triples(self.whole)

    @cached_property
    def words(self) -> int:
        """How many words all sentences have."""
        return sum(len(s.word) for s in self.sentences)


def _triples(sentences: Sequence[Sentence]) -> frozenset[tuple[str, ...]]:
    word = [w for s in sentences for w in s.word]
    return frozenset(zip(word, word[1:], word[2:], strict=False))


def _jaccard(one: frozenset[tuple[str, ...]], two: frozenset[tuple[str, ...]]) -> float:
    common = len(one & two)
    union = len(one) + len(two) - common
    return common / union if union else 0.0


@dataclass(frozen=True)
class Likeness:
    """How like two pages are.

    jaccard: of the word triples without the notices of their sites; with them where it is OWN already: a text that one
    site has many times looks like a notice of it. rest: share of the shorter page that is not verbatim on both.
    retold: share of this rest that the other page has in other words. swaps: different exchanges of words in it.
    repeated: share of the exchanged words that go back to exchanges made twice or more, as in a slot. level: share of
    the changed words that were exchanged a few for about as many, as spinners do and editors do not. kept: share of
    the names and figures in what was retold that the other page has too: with few, it is about something else.
    """

    jaccard: float
    rest: float
    retold: float
    swaps: int
    repeated: float
    level: float
    kept: float


def likeness(one: Page, two: Page) -> Likeness:
    """Compare two pages."""
    jaccard = _jaccard(one.triples, two.triples)
    if jaccard >= OWN:
        jaccard = max(jaccard, _jaccard(one.all_triples, two.all_triples))
    verbatim = {s.exact for s in one.sentences} & {s.exact for s in two.sentences}
    left, right = ([s for s in page.sentences if s.exact not in verbatim] for page in (one, two))
    rest = min(sum(len(s.word) for s in left), sum(len(s.word) for s in right))
    shorter = min(one.words, two.words)
    told = changed = level = names = kept = 0
    swaps: Counter[tuple[str, ...]] = Counter()
    for a, b in alike(left, right):
        told += min(len(a.word), len(b.word))
        names += sum(a.name)
        for op in opcodes(a.word, b.word):
            if op.tag == "equal":
                kept += sum(a.name[op.src_start : op.src_end])
                continue
            gone, come = a.word[op.src_start : op.src_end], b.word[op.dest_start : op.dest_end]
            changed += len(gone) + len(come)
            if 0 < len(gone) <= FEW and 0 < len(come) <= FEW:
                level += len(gone) + len(come)
                swaps[" ".join(gone), " ".join(come)] += 1
    exchanged = sum(n * len(gone.split()) for (gone, _), n in swaps.items())
    repeated = sum(n * len(gone.split()) for (gone, _), n in swaps.items() if n > 1)
    return Likeness(
        jaccard,
        rest / shorter if shorter else 0.0,
        min(1.0, told / rest) if rest else 0.0,
        len(swaps),
        repeated / exchanged if exchanged else 0.0,
        level / changed if changed else 0.0,
        kept / names if names >= FEW_NAMES else 1.0,
    )


def alike(left: Sequence[Sentence], right: Sequence[Sentence]) -> Iterator[tuple[Sentence, Sentence]]:
    """Each sentence of `left` with the one of `right` that tells the same, cut from one pattern or in other words."""
    from rapidfuzz.distance import Indel

    holders: dict[str | int, list[int]] = {}
    for k, s in enumerate(right):
        holders.setdefault(s.masked, []).append(k)
        for word in set(s.telling):
            holders.setdefault(word, []).append(k)
    taken: set[int] = set()
    for s in left:
        met: Counter[int] = Counter()
        for word in dict.fromkeys(
            s.telling
        ):  # in their order: of equals, the first met is taken, in every process
            if len(known := holders.get(word, ())) <= COMMON:
                met.update(known)
        for k in holders.get(s.masked, ()):
            met[k] += len(s.word)
        for k, _ in met.most_common(3):
            other = right[k]
            same = other.masked == s.masked
            if k in taken or len(s.word) * len(other.word) > MOST:
                continue
            if same or Indel.normalized_similarity(s.telling, other.telling) >= ALIKE:
                taken.add(k)
                yield s, other
                break


def opcodes(left: Sequence[str], right: Sequence[str]) -> list[Opcode]:
    """What to do with the words on the left to get those on the right; what goes where others come is one exchange."""
    from rapidfuzz.distance import Indel
    from rapidfuzz.distance import Opcode as Step

    found = list(Indel.opcodes(left, right))
    joined: list[Opcode] = []
    for op in found:
        before = joined[-1] if joined else None
        if before is not None and op.tag != "equal" and before.tag != "equal":
            joined[-1] = Step("replace", before.src_start, op.src_end, before.dest_start, op.dest_end)
        else:
            joined.append(op)
    return joined
