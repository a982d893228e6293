"""`python -m benchmarks.desk.similar`: what the desk finds again of a text, how fast, and what that is no copy.

Texts are public ones of many sources. Settings were chosen on queries from the sources in CHOSEN_ON alone; the figures
to go by are those of the others (`--half held`). Nothing is learned, so the archive holds both.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import lzma
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.crawl import spin as clauses
from benchmarks.crawl.text import blocks_of
from detector.desk.similar import Match, find, traces
from detector.desk.similar.compare import Text, compared, groups
from detector.desk.store import ArchivePage, Store, open_store
from detector.document import Document
from detector.model import current_model
from detector.tables import Tables
from detector.train import spoil, thesaurus

CORPUS = Path(__file__).parents[2] / "corpus"
CHOSEN_ON = frozenset(
    """jayded/evidence-inference abachaa/MedQuAD suraj-deshmukh/BBC-Dataset-News-Classification llm_rehabai
    health_marketing_genuine_2 philschatz/biology-book GSA/digitalgov.gov cochrane doctor_qa""".split()
)
MORE = (
    "spam/llm_rehabai spam/llm_vitalguide spam/pr_newsworthy spam/farm_mostquestion spam/farm_vitalhealthhub"
    " spam/fastdetect_llm.human spam/bino_pubmed.human legit/health_marketing_genuine legit/cochrane"
    " legit/health_marketing_genuine_2 legit/medquad legit/doctor_qa legit/gov_docs legit/borderline_clinic_seo"
).split()
LONGEST = 1_500  # words of a text that are taken
RATES = (0.08, 0.15, 0.25)  # share of the words that a spinner exchanges

Spinner = Callable[[str, float, random.Random], str]


class Piece(NamedTuple):
    """A text, and whose it is."""

    source: str
    text: str


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk.similar", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public data")
    parser.add_argument("--pages", type=int, default=20_000, help="of the archive; default: 20000")
    parser.add_argument("--queries", type=int, default=200, help="of each kind; default: 200")
    parser.add_argument("--half", choices=("chosen", "held"), default="held")
    parser.add_argument("--thesaurus", type=Path, help="the Moby Thesaurus, a spinner more")
    parser.add_argument("--database", help="default: SQLite in a temporary folder")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(argv)
    pieces = read(options.data)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(options.database or str(Path(folder) / "desk.db")) as store,
    ):
        Measurement(store, pieces, options).run()
    return 0


def read(data: Path) -> list[Piece]:
    """The texts of the data folder, each once."""
    found: dict[str, Piece] = {}
    with (
        (data / "honest_english.sources.tsv").open(encoding="utf-8") as table,
        lzma.open(data / "honest_english.txt.xz", "rt", encoding="utf-8") as english,
    ):
        for row in csv.DictReader(table, delimiter="\t"):
            paragraphs = []
            for line in english:
                if not line.strip():
                    break
                paragraphs.append(line.strip())
            found[row["id"] if len(row["id"]) > 1 else row["document"]] = Piece(
                row["source"], _cut(paragraphs)
            )
    for name in MORE:
        with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                found.setdefault(row["id"], Piece(name.split("/")[1], _cut(row["text"].split("\n\n"))))
    return [piece for piece in found.values() if len(piece.text.split()) >= 80]


def _cut(paragraphs: list[str]) -> str:
    words = 0
    for k, paragraph in enumerate(paragraphs):
        words += len(paragraph.split())
        if words > LONGEST:
            return "\n\n".join(paragraphs[: k + 1])
    return "\n\n".join(paragraphs)


def spinners(moby: Path | None) -> dict[str, Spinner]:
    """Unlike spinners: of tables by hand, of thesauri as far as they are there, and one that turns clauses round."""
    tables = Tables.load(current_model())
    hand = spoil.dictionary_spinner(spoil.read_table(CORPUS / "synonyms.tsv"))
    phrases = spoil.read_table(CORPUS / "phrasetable.tsv")
    related = thesaurus.read(moby).related(tables.vocabulary)

    def of(kind: str) -> spoil.Substitute:
        @cache
        def known(word: str) -> list[str]:
            id = tables.vocabulary.get(word, 0)
            return [tables.word(other) for other in related[kind].get(id, ()) if id > 200 and other < 30_000]

        return lambda word, rng: rng.choice(known(word)) if known(word) else None

    found: dict[str, Spinner] = {
        "by hand": lambda text, rate, rng: spoil.spin(text, hand, rate, rng, "", phrases).text,
        # it counts content words, which are about half of all
        "clauses": lambda text, rate, rng: "\n\n".join(
            block.text for block in clauses.spin(blocks_of(text), min(0.95, 2 * rate), rng)[0]
        ),
    }
    for kind, name in (("synonyms", "WordNet"), ("listed", "Moby")):
        if related[kind]:
            found[name] = lambda text, rate, rng, kind=kind: spoil.spin(text, of(kind), rate, rng, "").text  # type: ignore[misc]
    if related["listed"]:
        found["translation"] = lambda text, rate, rng: spoil.translate(text, of("listed"), rate, rng, "").text
    return found


class Measurement:
    """An archive in a store, and what is found in it."""

    def __init__(self, store: Store, pieces: list[Piece], options: argparse.Namespace) -> None:
        self.store, self.pieces, self.options = store, pieces, options
        self.rng = random.Random(options.seed)
        order = list(range(len(pieces)))
        self.rng.shuffle(order)
        self.archived, self.rest = order[: options.pages], order[options.pages :]
        half = [k for k in order if (pieces[k].source in CHOSEN_ON) == (options.half == "chosen")]
        inside = set(self.archived)
        self.asked = [k for k in half if k in inside and len(pieces[k].text.split()) > 250][: options.queries]
        self.others = [k for k in half if k not in inside]
        self.hosts = [k for k in self.others if 300 < len(pieces[k].text.split()) < 1200]

    def run(self) -> None:
        """Fill the archive, then measure one thing after the other."""
        self._fill()
        rows = {f"copied, {size} words": self._copied(size) for size in (40, 80, 160)}
        for name, spin in spinners(self.options.thesaurus).items():
            for rate in RATES:
                rows[f"respun, {name}, {rate:.0%}"] = self._respun(spin, rate)
            rows[f"80 words respun, {name}, 15%"] = self._copied(80, lambda t, s=spin: s(t, 0.15, self.rng))  # type: ignore[misc]
            rows[f"160 words respun, {name}, 25%"] = self._copied(160, lambda t, s=spin: s(t, 0.25, self.rng))  # type: ignore[misc]
        print("\n| query | found | first | likeness, median | called copied | CPU ms, median | 95 % |")
        print("|---|---|---|---|---|---|---|")
        for name, queries in rows.items():
            print(f"| {name} | {self._recall(queries)} |", flush=True)
        self._different()
        self._on_the_same_topic()

    def _fill(self) -> None:
        words = size = 0
        spent = 0.0

        def pages() -> Iterator[ArchivePage]:
            nonlocal words, size, spent
            for k in self.archived:
                document = Document.from_text(self.pieces[k].text)
                words += len(document.tokens)
                began = time.process_time()
                hashes = traces(document)
                spent += time.process_time() - began
                size += len(hashes) // 8
                yield ArchivePage(str(k), "", None, document.text, hashes)

        began = time.perf_counter()
        self.store.add_archive(pages())
        print(f"{len(self.archived):,} pages, {words:,} words in {time.perf_counter() - began:.0f} s")
        print(f"traces: {1000 * size / words:.0f} and {1e6 * spent / words:.2f} ms for 1,000 words")

    def _find(self, text: str) -> tuple[list[Match], float]:
        document = Document.from_text(text)
        id = self.store.add(b"", form="text", name="").id
        verdict = {"model": {"name": "", "version": "", "sha256": ""}}
        self.store.answer(id, document=document.to_dict(), verdict=verdict, traces=traces(document))
        began = (
            time.process_time()
        )  # of this process: what else runs here does not count, nor what a server does
        found = find(self.store, id)
        spent = time.process_time() - began
        self.store.remove(id, "benchmark")
        return found, spent

    def _inside(self, text: str, n: int) -> str:
        """A text between the paragraphs of another one."""
        host = self.pieces[self.hosts[n % len(self.hosts)]].text.split("\n\n")
        at = self.rng.randrange(len(host) + 1)
        return "\n\n".join([*host[:at], text, *host[at:]])

    def _copied(self, size: int, reword: Callable[[str], str] = str) -> list[tuple[int, str]]:
        found = []
        for n, k in enumerate(self.asked):
            words = self.pieces[k].text.split(" ")
            at = self.rng.randrange(max(1, len(words) - size))
            found.append((k, self._inside(reword(" ".join(words[at : at + size])), n)))
        return found

    def _respun(self, spin: Spinner, rate: float) -> list[tuple[int, str]]:
        return [(k, spin(self.pieces[k].text, rate, self.rng)) for k in self.asked]

    def _recall(self, queries: list[tuple[int, str]]) -> str:
        likeness, times = [], []
        first = copied = 0
        for true, text in queries:
            matches, spent = self._find(text)
            times.append(1000 * spent)
            # the data have some texts twice
            right = [m for m in matches if self.pieces[int(m.id)].text[:200] == self.pieces[true].text[:200]]
            if right:
                likeness.append(right[0].likeness)
                first += right[0] is matches[0]
                copied += right[0].how == "copied"
        times.sort()
        return " | ".join(
            [
                f"{len(likeness)}/{len(queries)} ({len(likeness) / len(queries):.3f})",
                f"{first / len(queries):.2f}",
                f"{statistics.median(likeness or [0]):.2f}",
                f"{copied}",
                f"{statistics.median(times):.0f}",
                f"{times[int(0.95 * len(times))]:.0f}",
            ]
        )

    def _different(self) -> None:
        """Texts that the archive does not have: what is found for them, by source."""
        print("\n| source of the queries | texts | any match | .1 or more | .1 or more in another source |")
        print("|---|---|---|---|---|")
        by_source: dict[str, list[int]] = defaultdict(list)
        for k in self.others:
            by_source[self.pieces[k].source].append(k)
        total: Counter[str] = Counter()
        for source, members in sorted(by_source.items(), key=lambda item: -len(item[1])):
            counted: Counter[str] = Counter()
            for k in members[: self.options.queries]:
                matches, _ = self._find(self.pieces[k].text)
                alike = [m for m in matches if m.likeness >= 0.1]
                counted["texts"] += 1
                counted["any"] += bool(matches)
                counted["alike"] += bool(alike)
                counted["elsewhere"] += any(self.pieces[int(m.id)].source != source for m in alike)
            total.update(counted)
            if counted["texts"] >= 20:
                print(
                    f"| {source} | "
                    + " | ".join(str(counted[c]) for c in ("texts", "any", "alike", "elsewhere"))
                    + " |"
                )
        print(
            "| all | " + " | ".join(str(total[c]) for c in ("texts", "any", "alike", "elsewhere")) + " |",
            flush=True,
        )

    def _on_the_same_topic(self) -> None:
        """Texts beside those of other sources that speak most of the same, whatever brings them together."""
        import numpy as np
        from sklearn.feature_extraction.text import TfidfVectorizer

        asked = self.others[: 2 * self.options.queries]
        vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=2)
        archive = vectorizer.fit_transform(self.pieces[k].text for k in self.archived)
        near = vectorizer.transform(self.pieces[k].text for k in asked) @ archive.T
        counted: Counter[str] = Counter()
        for row, k in enumerate(asked):
            text = Text(Document.from_text(self.pieces[k].text))
            likeness = near[row].toarray()[0]
            others = [self.archived[j] for j in np.argsort(-likeness)[:200].tolist()]
            for j in [j for j in others if self.pieces[j].source != self.pieces[k].source][:5]:
                other = Text(Document.from_text(self.pieces[j].text))
                found = compared(text, other, groups(text, other))
                counted["pairs"] += 1
                counted["any"] += found is not None
                counted["alike"] += found is not None and found.likeness >= 0.1
        print(
            f"\nnearest five of other sources by topic: {counted['pairs']} pairs,"
            f" {counted['any']} with a passage, {counted['alike']} at .1 or more"
        )


if __name__ == "__main__":
    sys.exit(main())
