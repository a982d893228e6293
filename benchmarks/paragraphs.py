"""Near-duplicates among very many paragraphs, beside datasketch and rensa: paragraphs a second, recall, precision."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import measure, peers, report
from benchmarks.pages import SHORTEST, honest_paragraphs, honest_pieces
from detector.audit.passages import alike
from detector.document import WORD

COUNT = 20_000  # paragraphs
PLANTED = 0.05  # share of them that are another one, changed
LEAST = 0.8  # Jaccard index of word triples from which two are near-duplicates
FARTHEST = 0.7  # index that plants go down to, so that some lie below the line
PERMUTATIONS = 128
OWN = "detector (`detector.audit.passages`), pairs compared in full"

Pair = tuple[int, int]
Search = Callable[[Sequence[str]], set[Pair]]
Triples = set[str]


def part(data: Path | None, rounds: int, count: int, passages: int) -> report.Part:
    """The tables. count: paragraphs beside the peers; passages: how many pieces the search is to grow to."""
    rng = random.Random(11)
    paragraphs = honest_paragraphs(data)
    rng.shuffle(paragraphs)
    texts, planted = plant(paragraphs[:count], rng)
    runners, skipped = peers.available({OWN: lambda: _own, **_peers()})
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    found: dict[str, set[Pair]] = {}
    for number in range(rounds):
        for name in measure.rotated(list(runners), number):
            measure.forget()
            began = time.process_time()
            found[name] = runners[name](texts)
            seconds[name].append(time.process_time() - began)
    true = {pair for pair, index in planted.items() if index >= LEAST}
    rows, figures = [], {}
    own = median(seconds[OWN])
    for name, pairs in found.items():
        took = median(seconds[name])
        recall = len(true & pairs) / len(true) if true else None
        right = [_index(texts, pair) >= LEAST for pair in pairs]
        figures[name] = (len(texts) / took, recall)
        rows.append(
            (
                name,
                f"{len(texts) / took:,.0f}",
                "-" if recall is None else f"{recall:.4f}",
                f"{sum(right) / len(right):.3f}" if right else "-",
                f"{len(pairs):,}",
                f"{took / own:.1f}",
            )
        )
    growth, exponent = _growth(data, passages, rounds, rng)
    columns = "search|paragraphs/s|recall of planted pairs|precision of pairs|pairs|x detector"
    text = report.section(
        "Near-duplicates",
        report.table(columns.split("|"), rows),
        f"{len(texts):,} paragraphs of {SHORTEST} words or more ({sum(map(len, texts)) / len(texts):.0f} characters on "
        f"average), text to pairs, tokens and shingles included: word triples, {PERMUTATIONS} permutations. "
        f"{len(planted):,} of them are another one with words exchanged, left out, put in or moved; the {len(true):,} "
        f"pairs of a Jaccard index of {LEAST} or more are those to be found. Precision is the share of reported pairs "
        "that have it. The peers' pairs are what their index answers, as it is usually taken.",
        report.not_there(skipped),
        growth,
    )
    return report.Part(
        text,
        (
            report.Budget("near-duplicates, paragraphs a second", 20_000, figures[OWN][0]),
            report.Budget("near-duplicates, recall of pairs at .8", 0.99, figures[OWN][1]),
            report.Budget("near-duplicates, exponent of growth (1 is linear)", 1.5, exponent, most=True),
        ),
    )


def _own(texts: Sequence[str]) -> set[Pair]:
    return {(pair.earlier, pair.later) for pair in alike(texts, LEAST)}


def _peers() -> dict[str, Callable[[], Search]]:
    return {
        "datasketch MinHashLSH, its own bands": _datasketch,
        "rensa RMinHash + RMinHashLSH, 16 bands": lambda: _rensa(16),
        "rensa RMinHash + RMinHashLSH, 32 bands": lambda: _rensa(32),
    }


def _datasketch() -> Search:
    module = import_module("datasketch")

    def search(texts: Sequence[str]) -> set[Pair]:
        index = module.MinHashLSH(threshold=LEAST, num_perm=PERMUTATIONS)

        def sketch(text: str) -> Any:
            one = module.MinHash(num_perm=PERMUTATIONS)
            one.update_batch([triple.encode() for triple in _triples(text)])
            return one

        return _one_by_one(
            texts, sketch, index.query, lambda k, one: index.insert(k, one, check_duplication=False)
        )

    return search


def _rensa(bands: int) -> Search:
    module = import_module("rensa")

    def search(texts: Sequence[str]) -> set[Pair]:
        index = module.RMinHashLSH(LEAST, PERMUTATIONS, bands)

        def sketch(text: str) -> Any:
            one = module.RMinHash(PERMUTATIONS, 42)
            one.update(list(_triples(text)))
            return one

        return _one_by_one(texts, sketch, index.query, index.insert)

    return search


def _one_by_one(
    texts: Sequence[str],
    sketch: Callable[[str], Any],
    query: Callable[[Any], Sequence[int]],
    insert: Callable[[int, Any], None],
) -> set[Pair]:
    """How a MinHash index is used: each text asks for those before it, and is put in."""
    pairs: set[Pair] = set()
    for k, text in enumerate(texts):
        one = sketch(text)
        pairs.update((earlier, k) for earlier in query(one))
        insert(k, one)
    return pairs


# --- what is searched -----------------------------------------------------------------------------------------------


def plant(paragraphs: Sequence[str], rng: random.Random) -> tuple[list[str], dict[Pair, float]]:
    """The paragraphs with some replaced by others that were changed; the pairs with their Jaccard index."""
    texts = list(paragraphs)
    chosen = rng.sample(range(len(texts)), 2 * math.ceil(PLANTED * len(texts)))
    planted = {}
    for one, two in zip(chosen[::2], chosen[1::2], strict=True):
        texts[two] = changed(texts[one], rng.uniform(FARTHEST, 1), rng)
        pair = min(one, two), max(one, two)
        planted[pair] = _index(texts, pair)
    return texts, planted


def changed(text: str, least: float, rng: random.Random) -> str:
    """The text with words exchanged, left out, put in or moved, as long as its Jaccard index is not under `least`."""
    before, words = _triples(text), text.split()
    while True:
        at, other = rng.randrange(len(words)), rng.randrange(len(words))
        tried = list(words)
        way = rng.choice(("exchange", "leave out", "put in", "move"))
        if way == "exchange":
            tried[at] = words[other]
        elif way == "put in":
            tried.insert(at, words[other])
        else:
            word = tried.pop(at)
            if way == "move":
                tried.insert(other, word)
        if tried != words and _jaccard(before, _triples(" ".join(tried))) < least:
            return " ".join(words)
        words = tried


def _triples(text: str) -> Triples:
    word = WORD.findall(text.lower())
    return {" ".join(triple) for triple in zip(word, word[1:], word[2:], strict=False)}


def _jaccard(one: Triples, two: Triples) -> float:
    return len(one & two) / len(one | two) if one or two else 0.0


def _index(texts: Sequence[str], pair: Pair) -> float:
    return _jaccard(*(_triples(texts[k].replace("’", "'")) for k in pair))


# --- growth ----------------------------------------------------------------------------------------------------------


def _growth(data: Path | None, largest: int, rounds: int, rng: random.Random) -> tuple[str, float | None]:
    """Seconds for ever more pieces, and the exponent that fits them."""
    pieces = honest_pieces(data, largest)
    rng.shuffle(pieces)
    short = largest - len(pieces)
    pieces += [changed(rng.choice(pieces), 0.5, rng) for _ in range(short if data else 0)]
    sizes = [size for size in (10_000, 100_000, 1_000_000) if size <= len(pieces)]
    if len(sizes) < 2:
        return f"Growth was not measured: there are {len(pieces):,} pieces of text.", None
    taken: Mapping[int, list[float]] = {size: [] for size in sizes}
    for number in range(rounds):
        for size in sizes if number % 2 == 0 else sizes[::-1]:
            measure.forget()
            began = time.process_time()
            alike(pieces[:size], LEAST)
            taken[size].append(time.process_time() - began)
    seconds = {size: median(times) for size, times in taken.items()}
    exponent = _slope([math.log(size) for size in sizes], [math.log(seconds[size]) for size in sizes])
    rows = [(f"{size:,}", f"{took:.2f}", f"{size / took:,.0f}") for size, took in seconds.items()]
    return (
        f"The same search over pieces of paragraphs ({SHORTEST} words or more, "
        f"{sum(map(len, pieces)) / len(pieces):.0f} characters on average"
        + (f"; the last {short:,} are others changed" if short > 0 else "")
        + f"); the time grows with the {exponent:.2f}th power of their number.\n\n"
        + report.table(("pieces", "seconds", "pieces/s"), rows),
        exponent,
    )


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    middle, level = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - middle) * (b - level) for a, b in zip(x, y, strict=True))
    return above / sum((a - middle) ** 2 for a in x)
