"""Checks on very many documents what every verdict promises: the account adds up, and every offset is valid.

    python -m benchmarks.invariants --data ../shared/data --documents 10000

scores every page of a data folder (text and HTML) and `--documents` made-up ones, and prints the counts.
Ends with code 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import math
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joblib import Parallel, delayed

from detector import Detector, Document
from detector.verdict import Verdict

TOLERANCE = 1e-6


def broken(verdict: Verdict, document: Document) -> str | None:
    """The promise a verdict breaks, or None."""
    for finding in verdict.findings:
        for span in finding.spans:
            if not 0 <= span.start < span.end <= len(document.text):
                return f"offset of {finding.signal}: {span.start}..{span.end} of {len(document.text)}"
            if span.partner and not 0 <= span.partner.start < span.partner.end <= len(document.text):
                return f"partner of {finding.signal}"
    for block in document.blocks:
        if not 0 <= block.start <= block.end <= len(document.text):
            return f"block {block}"
    if verdict.score is None or verdict.bias is None:
        return (
            None if verdict.outcome == "unscored" and verdict.reason and not verdict.findings else "no score"
        )
    total = verdict.bias + sum(f.push for f in verdict.findings)
    wanted = math.log(verdict.score / (1 - verdict.score))
    return None if abs(total - wanted) <= TOLERANCE else f"the account gives {total}, the score {wanted}"


def pages(file: Path) -> Iterator[Document]:
    """The documents of one file of a data folder."""
    opener = gzip.open if file.suffix == ".gz" else lzma.open
    with opener(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if "html" in row:
                yield Document.from_html(row["html"], id=row["id"])
            else:
                yield Document.from_text(row["text"], id=row["id"], title=row.get("title"))


def check(file: Path) -> tuple[Counter[str], list[str]]:
    """Outcomes of a file's pages, and the promises they break."""
    detector = Detector.load()
    outcomes: Counter[str] = Counter()
    faults = []
    for document in pages(file):
        verdict = detector.score(document)
        outcomes[verdict.outcome] += 1
        if fault := broken(verdict, document):
            faults.append(f"{file.name} {document.id}: {fault}")
    return outcomes, faults


def made_up(count: int) -> tuple[Counter[str], list[str]]:
    """The same for `count` documents that hypothesis makes of ordinary words, odd characters, lists and markup."""
    detector = Detector.load()
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    common = "the of and to in a is that for it was on with as be by this are from or your skin".split()
    word = st.sampled_from(
        [*common, "collagen", "Buy", "cheap", "2019", "5 mg", "Dr.", "café", "naïve"]
    ) | st.text(min_size=1, max_size=12)
    gap = st.sampled_from(
        [" "] * 12 + [". ", "\n\n", ", ", "\n- ", "\n# ", " (", ") ", " “", "” ", "\r\n", "\u200b"]
    )
    text = st.lists(st.tuples(word, gap), min_size=40, max_size=160).map(
        lambda ps: "".join(a + b for a, b in ps)
    )
    makers = (Document.from_text, Document.from_markdown, Document.from_html)

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(text=text, maker=st.sampled_from(makers))
    def each(text: str, maker: object) -> None:
        document = maker(text)  # type: ignore[operator]
        verdict = detector.score(document)
        outcomes[verdict.outcome] += 1
        if fault := broken(verdict, document):
            faults.append(f"made up: {fault}: {text!r}")

    each()
    return outcomes, faults


def main() -> int:
    """Run the check; 1 when a promise is broken."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, help="folder of public data")
    options.add_argument("--documents", type=int, default=1000, help="how many made-up documents")
    chosen = options.parse_args()
    files = []
    if chosen.data:
        files = [*sorted(chosen.data.glob("*/*.jsonl.gz")), *sorted(chosen.data.glob("raw_html*.jsonl.xz"))]
    results = Parallel(n_jobs=2)([delayed(made_up)(chosen.documents), *(delayed(check)(f) for f in files)])
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    for found, broken_here in results:
        outcomes.update(found)
        faults += broken_here
    print(f"{outcomes.total():,} documents: {dict(sorted(outcomes.items()))}; promises broken: {len(faults)}")
    for fault in faults[:20]:
        print(" ", fault[:300])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
