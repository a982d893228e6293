"""Runs every benchmark and writes the report: `python -m benchmarks`, from the root of the checkout."""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import sys
import tarfile
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from benchmarks import (
    extraction,
    functions,
    growth,
    measure,
    memory,
    paragraphs,
    peers,
    readability,
    ready,
    report,
    workers,
)
from benchmarks.pages import CORPUS, PAGES_OF_DATA, Page, corpus_pages, labelled_texts, read_pages
from detector import model
from detector.document import PROSE, Document
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
        text = _profile(options) if options.profile else _run(options)
        (options.profile or options.output).write_text(text, "utf-8")
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
    parser.add_argument(
        "--trove", metavar="PYTHON", type=Path, help="an interpreter that has datatrove and spacy"
    )
    parser.add_argument(
        "--seconds", metavar="N", type=float, default=10, help="of each process, when two take turns with one"
    )
    parser.add_argument(
        "--paragraphs",
        metavar="N",
        type=_count,
        default=paragraphs.COUNT,
        help="to search for near-duplicates",
    )
    parser.add_argument(
        "--passages",
        metavar="N",
        type=_count,
        default=100_000,
        help="that this search grows to; up to 1000000",
    )
    parser.add_argument(
        "--characters", metavar="N", type=_count, default=growth.SIZES[-1], help="of the largest text"
    )
    parser.add_argument("--profile", metavar="FILE", type=Path, help="write a profile by function and end")
    parser.add_argument("--output", metavar="FILE", type=Path, default=Path(__file__).with_name("README.md"))
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _run(options: argparse.Namespace) -> str:
    pages, origin = _pages(options)
    folder = options.model or model.current_model()
    load_before = os.getloadavg()[0]
    with measure.pinned(options.core) as core:
        parts = _on_one_core(options, folder, pages)
    _say("two processes")
    parts.insert(2, workers.part(folder, pages, options.seconds, options.rounds))
    parts.append(_start(options))
    facts = {
        "pages": f"{origin}: {len(pages)}, on average {sum(len(p.html) for p in pages) / len(pages) / 1000:.0f} kB",
        "rounds": f"{options.rounds} over all pages, {options.starts} starts of each process",
        "pinned": "no, this system cannot"
        if core is None
        else "to one core, but for starts and two processes",
        "load average": f"{load_before:.1f} before, {os.getloadavg()[0]:.1f} after",
    }
    return report.page(facts, parts)


def _profile(options: argparse.Namespace) -> str:
    pages, origin = _pages(options)
    with measure.pinned(options.core):
        return functions.page(options.model or model.current_model(), pages, origin)


def _pages(options: argparse.Namespace) -> tuple[list[Page], str]:
    """The pages, and what they are."""
    path = options.pages
    if path is None and options.data is not None and (options.data / PAGES_OF_DATA).is_file():
        path = options.data / PAGES_OF_DATA
    if path is None:
        return corpus_pages(), "the texts of `corpus/` rendered to HTML (no real pages: see `--pages`)"
    if not (pages := read_pages(path)):
        raise FileNotFoundError(f"no page NAME.html in {path}")
    return pages, f"`{path.name}`"


def _on_one_core(options: argparse.Namespace, folder: Path, pages: Sequence[Page]) -> list[report.Part]:
    rounds = options.rounds
    detector = Detector.load(folder)
    _say(f"{len(pages)} pages, model {detector.model.name}: training the peers' classifier")
    texts, labels = labelled_texts(options.data)
    trained = cache(lambda: peers.classifier(texts, labels))
    runners, skipped = peers.available(peers.pipelines(lambda: detector, trained))
    gc.freeze()  # as commands and workers do with what they loaded; the peers gain as much
    _say(f"whole page: {rounds} rounds of {len(runners)} pipelines")
    race = measure.race(runners, [page.html for page in pages], rounds)
    documents = [Document.from_html(page.html) for page in pages]
    scored = [_is_scored(detector, document) for document in documents]
    kept = [page for page, is_scored in zip(pages, scored, strict=True) if is_scored]
    proses = [_prose(document) for document, is_scored in zip(documents, scored, strict=True) if is_scored]
    proses = [text for text in proses if _is_scored(detector, Document.from_text(text))]

    def of_scored(title: str, measured: Callable[[], report.Part]) -> report.Part:
        _say(f"{title}: {rounds} rounds of {len(proses)} scored pages")
        return (
            measured()
            if proses
            else report.Part(report.section(title, "Not measured: no page gets a score."))
        )

    whole = report.whole_page(race, scored, detector.model, len(texts), skipped)
    ready_text = of_scored(ready.TITLE, lambda: ready.part(detector, proses, rounds, options.trove))
    stages = of_scored(
        "Stages of scoring", lambda: report.stages(measure.profile(folder, kept, rounds), len(kept))
    )
    formulas = of_scored("Readability", lambda: readability.part(proses, rounds))
    _say("main text")
    main_text = extraction.part(pages, rounds)
    _say("near-duplicates")
    near = paragraphs.part(options.data, rounds, options.paragraphs, options.passages)
    _say("growth")
    grown = growth.part(folder, options.data, options.characters, rounds)
    _say("memory")
    held = memory.part(folder, trained() if len(runners) > 1 else None, pages, list(runners))
    return [whole, ready_text, stages, main_text, near, grown, formulas, held]


def _is_scored(detector: Detector, document: Document) -> bool:
    return detector.score(document).outcome != "unscored"


def _prose(document: Document) -> str:
    """The main text as plain text, a paragraph for each block."""
    return "\n\n".join(document.text[b.start : b.end] for b in document.blocks if b.kind in PROSE)


def _start(options: argparse.Namespace) -> report.Part:
    file = min((CORPUS / "texts").glob("*.md"))
    # what the installed command runs
    score = ["-c", "import sys; from detector.cli import main; sys.exit(main())", "score", str(file)]
    if options.model:
        score += ["--model", str(options.model.absolute())]
    commands = {report.START: [sys.executable, *score]}
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
