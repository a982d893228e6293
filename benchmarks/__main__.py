"""Runs every benchmark and writes the report: `python -m benchmarks`, from the root of the checkout."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tarfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from benchmarks import extraction, measure, peers, report
from benchmarks.pages import CORPUS, PAGES_OF_DATA, Page, corpus_pages, labelled_texts, read_pages
from detector import model
from detector.document import Document
from detector.errors import DetectorError
from detector.score import Detector

# What the start of `detector score FILE` stands beside: a Python that does nothing, and bare imports.
IMPORTS = {
    "`python -c pass`": (),
    "`import numpy, selectolax.lexbor`": ("numpy", "selectolax.lexbor"),
    "`import bs4, textstat, sklearn.linear_model`": ("bs4", "textstat", "sklearn.linear_model"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write the report and print it; 2 when there is nothing to measure with or on."""
    options = _parser().parse_args(argv)
    warnings.simplefilter("ignore")  # what peers deprecate or suspect is theirs
    try:
        text = _run(options)
        options.output.write_text(text, "utf-8")
    except (DetectorError, OSError, tarfile.TarError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    print(text, end="")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--data", metavar="DIR", type=Path, help="the public data: pages, texts for the peers"
    )
    parser.add_argument(
        "--pages",
        metavar="PATH",
        type=Path,
        help=f"a folder or tar file of NAME.html; default: {PAGES_OF_DATA} of --data, else the corpus as HTML",
    )
    parser.add_argument("--model", metavar="PATH", type=Path, help="default: the current model")
    parser.add_argument("--rounds", metavar="N", type=_count, default=5, help="over all pages; default: 5")
    parser.add_argument("--starts", metavar="N", type=_count, default=15, help="of each process; default: 15")
    parser.add_argument("--core", metavar="N", type=int, help="the core to stay on; default: the last")
    parser.add_argument("--output", metavar="FILE", type=Path, default=Path(__file__).with_name("README.md"))
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _run(options: argparse.Namespace) -> str:
    pages, origin = _pages(options)
    if not pages:
        raise FileNotFoundError(f"no page NAME.html in {origin}")
    folder = options.model or model.current_model()
    load_before = os.getloadavg()[0]
    with measure.pinned(options.core) as core:
        whole, stages = _whole_page(options, folder, pages)
        main_text = extraction.section(pages, options.rounds)
    start = _start(options)
    facts = {
        "pages": f"{origin}: {len(pages)}, on average {sum(len(p.html) for p in pages) / len(pages) / 1000:.0f} kB",
        "rounds": f"{options.rounds} over all pages, {options.starts} starts of each process",
        "pinned": "no, this system cannot" if core is None else "to one core, but for the starts",
        "load average": f"{load_before:.1f} before, {os.getloadavg()[0]:.1f} after",
    }
    return report.page(facts, [whole, stages, start, main_text])


def _pages(options: argparse.Namespace) -> tuple[list[Page], str]:
    """The pages, and what they are."""
    path = options.pages
    if path is None and options.data is not None and (options.data / PAGES_OF_DATA).is_file():
        path = options.data / PAGES_OF_DATA
    if path is None:
        return corpus_pages(), "the texts of `corpus/` rendered to HTML (no real pages: see `--pages`)"
    return read_pages(path), f"`{path.name}`"


def _whole_page(options: argparse.Namespace, folder: Path, pages: Sequence[Page]) -> tuple[str, str]:
    detector = Detector.load(folder)
    _say(f"{len(pages)} pages, model {detector.model.name}: training the peers' classifier")
    texts, labels = labelled_texts(options.data)
    runners, skipped = peers.available(peers.pipelines(detector, texts, labels))
    _say(f"whole page: {options.rounds} rounds of {len(runners)} pipelines")
    race = measure.race(runners, pages, options.rounds)
    verdicts = [detector.score(Document.from_html(page.html)) for page in pages]
    scored = [verdict.outcome != "unscored" for verdict in verdicts]
    whole = report.whole_page(race, scored, detector.model, len(texts), skipped)
    if not any(scored):
        return whole, report.section("Stages of scoring", "Not measured: no page gets a score.")
    _say(f"stages: {options.rounds} rounds of {sum(scored)} scored pages")
    kept = [page for page, is_scored in zip(pages, scored, strict=True) if is_scored]
    return whole, report.stages(measure.profile(folder, kept, options.rounds), len(kept))


def _start(options: argparse.Namespace) -> str:
    file = min((CORPUS / "texts").glob("*.md"))
    # what the installed command runs
    score = ["-c", "import sys; from detector.cli import main; sys.exit(main())", "score", str(file)]
    if options.model:
        score += ["--model", str(options.model.absolute())]
    commands = {"`detector score FILE`": [sys.executable, *score]}
    skipped = {}
    for name, modules in IMPORTS.items():
        missing = [m for m in modules if importlib.util.find_spec(m.partition(".")[0]) is None]
        if missing:
            skipped[name] = f"not installed: {', '.join(missing)}"
        else:
            commands[name] = [sys.executable, "-c", f"import {', '.join(modules)}" if modules else "pass"]
    _say(f"starts: {options.starts} of {len(commands)} processes")
    times = measure.starts(commands, options.starts)
    return report.starts(times, f"`{file.name}` ({file.stat().st_size / 1000:.1f} kB)", skipped)


def _say(message: str) -> None:
    print(f"benchmarks: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
