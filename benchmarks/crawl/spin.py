"""A spinner of its own: a hand-written inventory of synonyms, other sentence openings, clauses turned round.

It shares neither inventory nor code with the generators that the model is trained with (`detector.train`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from benchmarks.crawl.text import LINK, Block, Blocks, sentences

_HERE = Path(__file__).parent
_WORD = re.compile(r"(?<![\w'’-])[A-Za-z]{2,}(?![\w'’])")
_NUMBERS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "twelve": "12",
}  # fmt: skip
_DIGITS = {digits: word for word, digits in _NUMBERS.items()}
_OPENINGS = (
    "In fact, ", "What is more, ", "As it happens, ", "To be sure, ", "On top of that, ", "Put simply, ",
    "Of course, ", "As a matter of fact, ", "In many cases, ", "By and large, ", "In the same vein, ", "All in all, ",
)  # fmt: skip
_DROPPED = re.compile(
    r"^(?:However|In addition|Also|Moreover|Furthermore|In fact|Of course|Therefore|For example|Overall),\s+"
)
_CLAUSE = re.compile(
    r"^(If|When|While|Although|Because|After|Before|Once|Since|Unless|As)\s([^,;:]{12,110}),\s([^;:]{15,170})\.$"
)
_TRAILING = re.compile(r"^([^,;:]{15,150}?),?\s(if|when|because|although|unless|while)\s([^,;:]{10,110})\.$")
_PHRASES = (
    ("long-term", "long term"), ("short-term", "short term"), ("well-known", "well known"), ("follow-up", "follow up"),
    ("side effects", "side-effects"), ("health care", "healthcare"), ("check-up", "checkup"), ("do not", "don't"),
    ("does not", "doesn't"), ("is not", "isn't"), ("it is", "it's"), ("you are", "you're"), ("cannot", "can not"),
    ("such as", "like"), ("as well as", "along with"), ("in order to", "so as to"), ("due to", "owing to"),
    ("according to", "as stated by"), ("more than", "over"), ("less than", "under"), ("at least", "no fewer than"),
    ("a lot of", "plenty of"), ("can be", "may be"), ("of the", "of this"), ("in the", "within the"),
    ("with a", "having a"), ("for the", "for this"), ("there are", "there exist"), ("has been", "was"),
    ("have been", "were"), ("that are", "which are"), ("who have", "that have"), ("will be", "is going to be"),
)  # fmt: skip
# What no reader would call a content word.
STOP = frozenset(
    """a about above after again all am an and any are as at be because been before being below between both but by can
    could did do does doing down during each few for from further had has have having he her here hers him his how i if
    in into is it its just may me might more most must my no nor not of off on once only or other our out over own same
    shall she should so some such than that the their them then there these they this those through to too under until
    up very was we were what when where which while who whom why will with would you your yours""".split()
)


@cache
def inventory() -> dict[str, tuple[str, ...]]:
    """Word form -> what may stand instead, in the same form."""
    found: dict[str, set[str]] = {}
    irregular = dict(_irregular())
    for line in (_HERE / "synonyms.txt").read_text("utf-8").splitlines():
        kind, _, members = line.partition(": ")
        words = members.split("|")
        forms = [_forms(kind, word, irregular) for word in words]
        for word, own in zip(words, forms, strict=True):
            if " " in word or "-" in word:
                continue  # a phrase replaces, it is not replaced
            for at, form in enumerate(own):
                others = {other[at] for other in forms} - {form}
                found.setdefault(form, set()).update(others)
    return {word: tuple(sorted(others)) for word, others in sorted(found.items())}


def _irregular() -> list[tuple[str, tuple[str, str]]]:
    lines = (_HERE / "irregular.txt").read_text("utf-8").splitlines()
    return [(base, (past, done)) for base, past, done in (line.split() for line in lines)]


def _forms(kind: str, phrase: str, irregular: dict[str, tuple[str, str]]) -> list[str]:
    """The forms of a word in a fixed order: nouns two, verbs five, others one. Of a phrase the first word changes."""
    first, space, rest = phrase.partition(" ")
    if kind == "n":
        head, link, tail = phrase.partition(" of ")  # "course of care": the head takes the plural
        return [phrase, _plural(head) + link + tail]
    if kind == "v":
        past, done = irregular.get(first, (_ed(first), _ed(first)))
        return [form + space + rest for form in (first, _plural(first), _ing(first), past, done)]
    return [phrase]


def _plural(word: str) -> str:
    for one, many in (
        ("man", "men"),
        ("person", "people"),
        ("child", "children"),
        ("life", "lives"),
        ("analysis", "analyses"),
    ):
        if word.endswith(one) and not word.endswith("human"):
            return word[: -len(one)] + many
    if word.endswith(("s", "x", "ch", "sh", "z")) or word == "go":
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _doubled(word: str) -> str:
    short = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", word) is not None
    return word + word[-1] if short or word in ("begin", "permit", "forget") else word


def _ed(word: str) -> str:
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ied"
    return _doubled(word) + "ed"


def _ing(word: str) -> str:
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return ("dy" if word == "die" else word[:-1]) + "ing"
    return _doubled(word) + "ing"


def spin(blocks: Blocks, rate: float, rng: random.Random) -> tuple[Blocks, float]:
    """Another wording of a text, and the share of its content words that were replaced.

    rate: the wanted share; it is reached as far as the inventory knows the words.
    """
    table = inventory()
    found = [w for b in blocks for w in _WORD.findall(LINK.sub(r"\1", b.text)) if w.lower() not in STOP]
    known = sum(w.lower() in table for w in found)
    chance = min(0.95, rate * len(found) / known) if known else 0.0
    habit: dict[str, str] = {}  # spinners choose anew each time, but often the same
    replaced = 0

    def other(match: re.Match[str]) -> str:
        nonlocal replaced
        word = match[0]
        options = table.get(word.lower())
        if not options or rng.random() >= chance or (word[0].isupper() and _in_sentence(match)):
            return word
        if word.lower() not in habit or rng.random() < 0.5:
            habit[word.lower()] = rng.choice(options)
        replaced += word.lower() not in STOP
        return _like(word, habit[word.lower()])

    spun = tuple(
        Block(
            b.kind,
            b.text if b.kind == "code" else _rebuilt(b, lambda text: _WORD.sub(other, text), rng, rate),
        )
        for b in blocks
    )
    return spun, replaced / max(1, len(found))


def _in_sentence(match: re.Match[str]) -> bool:
    """A capital in the middle of a sentence is a name's."""
    before = match.string[: match.start()].rstrip()
    return bool(before) and before[-1] not in '.!?:"“•'


def _like(word: str, other: str) -> str:
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[0].upper() + other[1:] if word[0].isupper() else other


def _rebuilt(block: Block, reword: Callable[[str], str], rng: random.Random, rate: float) -> str:
    if "](" in block.text or block.kind == "h2":
        return reword(block.text) if "](" not in block.text else block.text
    parts = [_restructured(s, rng, rate) if block.kind == "p" else s for s in sentences(block.text)]
    text = " ".join(reword(part) for part in parts)
    for one, other in _PHRASES:
        if rng.random() < rate:
            text = text.replace(f" {one} ", f" {other} ")
    return re.sub(r"\b(a) ([aeiouAEIOU])", r"an \2", re.sub(r"\b([Aa])n ([^aeiouhAEIOUH\W])", r"\1 \2", text))


def _restructured(sentence: str, rng: random.Random, rate: float) -> str:
    """Now and then another opening, the clauses the other way round, or a number in words."""
    if rng.random() < rate:
        if match := _CLAUSE.match(sentence):
            opening, clause, main = match.groups()
            return f"{main[0].upper()}{main[1:]} {opening.lower()} {clause}."
        if match := _TRAILING.match(sentence):
            main, opening, clause = match.groups()
            return f"{opening.title()} {clause}, {main[0].lower() if not main.startswith('I ') else 'I'}{main[1:]}."
    if rng.random() < rate / 2:
        if _DROPPED.match(sentence):
            rest = _DROPPED.sub("", sentence)
            return rest[0].upper() + rest[1:]
        word = sentence.split()[0]
        if word.lower() in STOP:
            first = sentence if word == "I" else sentence[0].lower() + sentence[1:]
            return rng.choice(_OPENINGS) + first
    if rng.random() < 0.15:
        return re.sub(
            r"\b(two|three|four|five|six|seven|eight|nine|ten|twelve)\b(?!-)",
            lambda m: _NUMBERS[m[1]],
            sentence,
        )
    if rng.random() < 0.1:
        return re.sub(
            r"(?<![\d.,$£€-])\b([2-9]|10|12)\b(?![\d.,%:-]|\.\d)", lambda m: _DIGITS[m[1]], sentence
        )
    return sentence
