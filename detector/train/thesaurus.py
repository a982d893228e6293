"""What thesauri say of words: which can stand for which, in the same inflected form.

Spinners take their words from thesauri, so the words that may have stood in a place are found there too. Two are read
where they are at hand, at training time only: WordNet (Princeton, free licence; Debian's wordnet-base) and the Moby
Thesaurus (Grady Ward, public domain). What ships is a table of numbers (`senses.stand_ins`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from detector.errors import SourceError
from detector.tables import SPECIAL, Ids

WORDNET = Path("/usr/share/wordnet")  # Debian's wordnet-base

PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
# Endings and what a base form has instead, by part of speech (the detachment rules of WordNet's morphy), and the
# name of the form.
ENDINGS = {
    "n": (
        ("s", "", "s"), ("ses", "s", "s"), ("xes", "x", "s"), ("zes", "z", "s"), ("ches", "ch", "s"),
        ("shes", "sh", "s"), ("men", "man", "s"), ("ies", "y", "s"),
    ),
    "v": (
        ("s", "", "s"), ("ies", "y", "s"), ("es", "e", "s"), ("es", "", "s"), ("ed", "e", "ed"), ("ed", "", "ed"),
        ("ied", "y", "ed"), ("ing", "e", "ing"), ("ing", "", "ing"),
    ),
    "a": (("er", "", "er"), ("est", "", "est"), ("er", "e", "er"), ("est", "e", "est"), ("ier", "y", "er"),
          ("iest", "y", "est")),
    "r": (),
}  # fmt: skip
_DOUBLING = ("ed", "ing", "er", "est")  # stop, stopped

Lemma = tuple[str, str]  # base form, part of speech
Related = dict[Lemma, set[str]]


@dataclass(frozen=True)
class Thesauri:
    """Base forms and what they can be exchanged for, by resource; empty where no thesaurus is installed.

    synonyms: words of one sense (WordNet). kin: words of a wider, narrower or similar sense (WordNet). listed: words
    that stand under one another's headword, whatever the part of speech (Moby).
    """

    lemmas: Mapping[str, Collection[str]] = field(default_factory=dict)
    irregular: Mapping[str, Collection[Lemma]] = field(default_factory=dict)
    synonyms: Related = field(default_factory=dict)
    kin: Related = field(default_factory=dict)
    headwords: Mapping[str, Collection[str]] = field(default_factory=dict)

    @property
    def resources(self) -> tuple[str, ...]:
        """The thesauri that were found."""
        found = (("wordnet", self.synonyms), ("moby", self.headwords))
        return tuple(name for name, words in found if words)

    def __contains__(self, word: object) -> bool:
        """Whether a thesaurus knows the word, perhaps inflected."""
        return isinstance(word, str) and (word in self.listed or any(True for _ in self.analyses(word)))

    @cached_property
    def listed(self) -> dict[str, set[str]]:
        """Moby's entries read both ways."""
        both: dict[str, set[str]] = defaultdict(set)
        for head, others in self.headwords.items():
            for other in others:
                both[head].add(other)
                both[other].add(head)
        return dict(both)

    def analyses(self, word: str) -> Iterator[tuple[str, str, str]]:
        """Base form, part of speech and form of a word, all that are possible."""
        for part, lemmas in self.lemmas.items():
            if word in lemmas:
                yield word, part, ""
            for ending, instead, form in ENDINGS[part]:
                if not word.endswith(ending) or len(word) <= len(ending) + 1:
                    continue
                stem = word[: -len(ending)]
                if stem + instead in lemmas:
                    yield stem + instead, part, form
                if ending in _DOUBLING and len(stem) > 2 and stem[-1] == stem[-2] and stem[:-1] in lemmas:
                    yield stem[:-1], part, form
        for base, part in self.irregular.get(word, ()):
            yield base, part, _irregular_form(word, part)

    def related(self, vocabulary: Mapping[str, int]) -> dict[str, dict[int, Ids]]:
        """By kind (synonyms, kin, listed): the ids of words of the vocabulary that can stand for each word, sorted.

        Only words in the same form stand for one another: "vessels" for "ships", not "vessel".
        """
        forms = {word: set(self.analyses(word)) for word in vocabulary}
        having: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for word, found in forms.items():
            for form in found:
                having[form].append(vocabulary[word])
        by_lemma = {
            "synonyms": self.synonyms,
            "kin": self.kin,
            "listed": self._listed_lemmas(),
        }
        tables: dict[str, dict[int, Ids]] = {}
        for kind, others in by_lemma.items():
            table: dict[int, Ids] = {}
            for word, id in vocabulary.items():
                found_ids = {
                    other_id
                    for base, part, form in forms[word]
                    for other in others.get((base, part), ())
                    for other_id in having.get((other, part, form), ())
                }
                if kind == "listed":
                    found_ids.update(vocabulary[o] for o in self.listed.get(word, ()) if o in vocabulary)
                found_ids.discard(id)
                if found_ids:
                    table[id] = np.array(sorted(found_ids), dtype=np.int32)
            tables[kind] = table
        return tables

    def _listed_lemmas(self) -> Related:
        return {
            (head, part): {o for o in others if o in lemmas}
            for head, others in self.listed.items()
            for part, lemmas in self.lemmas.items()
            if head in lemmas
        }


def _irregular_form(word: str, part: str) -> str:
    if part == "n":
        return "s"
    if part == "v":
        return "ing" if word.endswith("ing") else "s" if word.endswith("s") else "ed"
    return "est" if word.endswith("est") else "er"


def read(moby: Path | None = None, wordnet: Path = WORDNET) -> Thesauri:
    """The thesauri that are at hand.

    moby: a text file, one headword a line with its words after it, separated by commas (the file `words.txt` of the
    npm package `moby`). wordnet: the folder of WordNet's database files. Raises SourceError when a file named by the
    user cannot be read.
    """
    headwords: dict[str, list[str]] = {}
    if moby is not None:
        try:
            lines = moby.read_text("latin-1").splitlines()
        except OSError as error:
            raise SourceError(f"{moby}: cannot be read ({error.strerror}); check the path.") from error
        for line in lines:
            head, *others = (w.strip().lower() for w in line.split(","))
            headwords[head] = others
    if not (wordnet / "data.noun").exists():
        # endings as in WordNet, of whatever part of speech
        return Thesauri(dict.fromkeys(PARTS.values(), headwords.keys()), {}, {}, {}, headwords)
    try:
        return _with_wordnet(wordnet, headwords)
    except OSError as error:
        raise SourceError(
            f"{error.filename}: cannot be read ({error.strerror}); install WordNet again."
        ) from error


def _with_wordnet(wordnet: Path, headwords: Mapping[str, Collection[str]]) -> Thesauri:
    lemmas: dict[str, set[str]] = {}
    irregular: dict[str, list[Lemma]] = defaultdict(list)
    synonyms: Related = defaultdict(set)
    kin: Related = defaultdict(set)
    for name, part in PARTS.items():
        lemmas[part] = {line.split(" ", 1)[0] for line in _entries(wordnet / f"index.{name}")}
        for line in (wordnet / f"{name}.exc").read_text("latin-1").splitlines():
            word, *bases = line.split()
            irregular[word] += [(base, part) for base in bases]
        _read_senses(_entries(wordnet / f"data.{name}"), part, synonyms, kin)
    return Thesauri(lemmas, dict(irregular), dict(synonyms), dict(kin), headwords)


def _entries(file: Path) -> list[str]:
    # lines that begin with two blanks are the licence
    return [line for line in file.read_text("latin-1").splitlines() if not line.startswith("  ")]


_NEAR = frozenset("@ ~ & $ ^ *".split())  # wider, narrower, similar, grouped, see also, entailed


def _read_senses(lines: Iterable[str], part: str, synonyms: Related, kin: Related) -> None:
    members: dict[str, list[str]] = {}
    pointers: dict[str, list[str]] = {}
    for line in lines:
        cells = line.split(" ")
        words = int(cells[3], 16)
        members[cells[0]] = [cells[4 + 2 * k].split("(")[0].lower() for k in range(words)]
        at = 4 + 2 * words
        several = [cells[at + 1 + 4 * k : at + 4 + 4 * k] for k in range(int(cells[at]))]
        pointers[cells[0]] = [
            to for kind, to, of in several if kind in _NEAR and of.replace("s", "a") == part
        ]
    for sense, words_ in members.items():
        for word in words_:
            synonyms[word, part].update(w for w in words_ if w != word)
            for other in pointers[sense]:
                kin[word, part].update(members.get(other, ()))


def nearest(
    related: Mapping[str, Mapping[int, Ids]], near: Ids, likeness: np.ndarray, counts: np.ndarray, room: int
) -> np.ndarray:
    """For each word id the ids of the words most likely to have stood in its place, best first, 0 where there are none.

    related: what `Thesauri.related` gives. near: distributional neighbours of the commonest words. likeness: their
    vectors, rows of length 1. counts: of each word in honest English: a spinner puts rare words for usual ones.
    """
    size = len(counts)
    table = np.zeros((size, room), dtype=np.uint16)
    usual = 0.05 * np.log2(counts + 1)
    trust = {"synonyms": 0.5, "listed": 0.3}
    for id in range(SPECIAL, size):
        score: dict[int, float] = {}
        for kind, points in trust.items():
            for other in related.get(kind, {}).get(id, ()):
                score[int(other)] = score.get(int(other), 0.0) + points
        for other in related.get("kin", {}).get(id, ()):
            score.setdefault(int(other), 0.1)
        # a word that was never seen among common neighbours has no vector, and so no neighbours
        for other in near[id] if id < len(near) and likeness[id].any() else ():
            score.setdefault(int(other), 0.0)
        if not score:
            continue
        ids = np.fromiter(score, dtype=np.int64, count=len(score))
        points_ = np.fromiter(score.values(), dtype=np.float64, count=len(score)) + usual[ids]
        if id < len(likeness):
            known = ids < len(likeness)
            points_[known] += likeness[ids[known]] @ likeness[id]
        best = np.lexsort((ids, -points_))[:room]
        table[id, : len(best)] = ids[best]
    return table
