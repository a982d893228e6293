"""Main text: which of a page's words are the article, by both tiers of the detector and by the usual libraries.

    python -m benchmarks.extraction --data ../shared/data

prints one table, out of one run: precision, recall and F1 of words, means over the annotated pages, and the time of a
page. The detector was tuned on every other page; the table says how it does on those it was not tuned on.
"""

from __future__ import annotations

import argparse
import sys
import tarfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import measure, peers, report
from benchmarks.pages import PAGES_OF_DATA, Page, read_pages
from detector.sources.html import read_html

_NO_ARTICLE = ("furniture", "hidden", "title")  # the annotated pages do not count the title either


def tier(*, careful: bool) -> peers.Extractor:
    """What a tier of the detector takes for the article's body."""

    def text(html: bytes) -> str:
        document = read_html(html, careful=careful)
        return "\n".join(document.text[b.start : b.end] for b in document.blocks if b.kind not in _NO_ARTICLE)

    return text


def contestants() -> dict[str, Callable[[], peers.Extractor]]:
    """Both tiers, and the libraries that are installed."""
    return {
        "detector, default tier (blocks, links, hidden text too)": lambda: tier(careful=False),
        "detector, careful tier": lambda: tier(careful=True),
        **peers.extractors(),
    }


def part(pages: Sequence[Page], rounds: int) -> report.Part:
    """The table over the pages whose article people have marked."""
    marked = [page for page in pages if page.truth]
    if not marked:
        return report.Part(
            report.section("Main text", "Not measured: none of these pages is an annotated `aeb_*` page."),
            report.main_text_budgets(),
        )
    runners, skipped = peers.available(contestants())
    quality = {
        name: [measure.agreement(run(page.html), page.truth or "") for page in marked]
        for name, run in runners.items()
    }
    race = measure.race(runners, [page.html for page in marked], rounds)
    return report.main_text(race, quality, skipped)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; 2 when there is nothing to measure on."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.extraction",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", metavar="DIR", type=Path, help=f"holds {PAGES_OF_DATA}")
    parser.add_argument(
        "--pages", metavar="PATH", type=Path, help="a folder or tar file of NAME.html instead"
    )
    parser.add_argument("--rounds", metavar="N", type=int, default=5, help="over all pages; default: 5")
    options = parser.parse_args(argv)
    if options.pages is None and options.data is None:
        parser.error("give --data or --pages")
    warnings.simplefilter("ignore")  # what peers deprecate or suspect is theirs
    try:
        pages = read_pages(options.pages or options.data / PAGES_OF_DATA)
    except (OSError, tarfile.TarError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    with measure.pinned(None):
        print(part(pages, max(1, options.rounds)).text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
