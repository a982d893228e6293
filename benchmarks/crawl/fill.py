"""Pages of slot templates: hand-written skeletons into which towns, products, conditions and names are dropped."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.crawl.text import Block, Blocks, blocks_of

_HERE = Path(__file__).parent
_SLOT = re.compile(r"\{([a-z]+)(\d?)(?:\.(\w+))?\}")
_NUMBERS = {"n": (3, 14), "n2": (15, 60), "n3": (200, 9000), "n4": (5, 45), "kcal": (180, 620)}
_PRICES = {"price": (9, 95), "price2": (96, 190), "price3": (400, 1900), "price4": (2000, 3900)}
_YEARS = {"year": (2018, 2024), "year2": (1985, 2015)}


@dataclass(frozen=True)
class Template:
    """A skeleton. key: the slots whose values tell its pages apart; hosts: how many sites its pages stand on.

    draw: 0, or about which share of the pool's sentences ("~ ...") a page draws, in an order of its own.
    unique: each page has a paragraph that no other page has.
    """

    id: str
    title: str
    lines: tuple[str, ...]
    key: tuple[str, ...]
    hosts: int
    draw: float
    unique: bool

    @property
    def slotted(self) -> float:
        """Share of its sentences that hold a slot."""
        parts = [s for line in self.lines for s in re.split(r"(?<=[.!?])\s+", line) if s != "{unique}"]
        return sum(_SLOT.search(s) is not None for s in parts) / len(parts)


@cache
def templates() -> tuple[Template, ...]:
    """The templates of templates.txt."""
    found = []
    for part in (_HERE / "templates.txt").read_text("utf-8").split("=== ")[1:]:
        head, title, *lines = part.strip().split("\n")
        id, *options = [o.strip() for o in head.split(";")]
        said = dict(o.split("=") for o in options)
        found.append(
            Template(
                id,
                title.removeprefix("# "),
                tuple(lines),
                tuple(said["key"].split(",")),
                int(said.get("hosts", "1")),
                float(said.get("draw", "0")),
                "{unique}" in lines,
            )
        )
    return tuple(found)


@cache
def _fillers() -> dict[str, tuple[str, ...]]:
    lines = (_HERE / "fillers.txt").read_text("utf-8").splitlines()
    return {
        name: tuple(values.strip().split("|")) for name, _, values in (line.partition(":") for line in lines)
    }


def pages(
    template: Template, count: int, rng: random.Random, unique: Callable[[], str]
) -> list[tuple[str, Blocks, dict[str, str]]]:
    """(title, blocks, slot values) of `count` pages, no two with the same values of the key slots."""
    made: list[tuple[str, Blocks, dict[str, str]]] = []
    seen: set[tuple[str, ...]] = set()
    while len(made) < count:
        values = _Values(rng)
        key = tuple(values.of(slot) for slot in template.key)
        if key in seen:
            continue
        seen.add(key)
        lines = [unique() if line == "{unique}" else values.fill(line) for line in _drawn(template, rng)]
        title = values.fill(template.title)
        made.append((title, blocks_of("\n".join(lines)), dict(values.given)))
    return made


def _drawn(template: Template, rng: random.Random) -> list[str]:
    """The lines of a page: pool sentences are drawn, shuffled and made into paragraphs."""
    lines: list[str] = []
    pool: list[str] = []
    for line in (*template.lines, ""):
        if line.startswith("~ "):
            pool.append(line[2:])
            continue
        if pool:
            share = min(0.8, max(0.6, rng.gauss(template.draw, 0.05)))
            chosen = rng.sample(pool, max(3, round(share * len(pool))))
            while chosen:
                size = rng.randint(2, 4)
                lines.append(" ".join(chosen[:size]))
                chosen = chosen[size:]
            pool = []
        if line:
            lines.append(line)
    return lines


class _Values:
    """The slot values of one page: a slot has the same value wherever it stands."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.given: dict[str, str] = {}

    def of(self, slot: str) -> str:
        if slot not in self.given:
            self.given[slot] = self._new(slot)
        return self.given[slot]

    def _new(self, slot: str) -> str:
        rng, fillers = self._rng, _fillers()
        if bounds := _NUMBERS.get(slot) or _YEARS.get(slot):
            return str(rng.randint(*bounds))
        if bounds := _PRICES.get(slot):
            return f"${rng.randint(*bounds):,}"
        kind = slot.rstrip("0123456789")
        if kind in ("doctor", "name"):
            name = f"{rng.choice(fillers['first'])} {rng.choice(fillers['last'])}"
            return f"Dr {name}" if kind == "doctor" else name
        if kind == "product":
            if rng.random() < 0.4:
                return rng.choice(fillers["productthing"]).capitalize()
            return rng.choice(fillers["productfirst"]) + rng.choice(fillers["productlast"])
        taken = {self.given.get(kind), *(self.given.get(f"{kind}{i}") for i in (2, 3))}
        return rng.choice([value for value in fillers[kind] if value not in taken])

    def fill(self, line: str) -> str:
        def value(match: re.Match[str]) -> str:
            return _form(self.of(match[1] + match[2]), match[3])

        return _SLOT.sub(value, line)


def _form(value: str, form: str | None) -> str:
    """t: with a capital; l: in lower case; a: with an article; p: plural; at, pt: both with a capital."""
    if form is None:
        return value
    if form == "l":
        return value.lower()
    if form.startswith("a"):
        value = f"{'an' if value[0].lower() in 'aeiou' else 'a'} {value}"
    elif form.startswith("p"):
        value += "es" if value.endswith(("s", "x", "ch")) else "s"
    return value[0].upper() + value[1:] if form.endswith("t") else value


def unique_paragraphs(texts: Sequence[Blocks]) -> Callable[[], str]:
    """Gives another paragraph of the texts with every call."""
    found: list[Block] = [
        b for blocks in texts for b in blocks if b.kind == "p" and 25 <= len(b.text.split()) <= 90
    ]
    return lambda: found.pop().text
