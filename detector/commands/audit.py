"""`detector audit`: a crawl in, a folder of results out."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from detector.commands import options as shared
from detector.commands.console import say, writing
from detector.commands.score import chosen_settings
from detector.errors import UsageError
from detector.report.layout import shorten
from detector.settings import GATES

MET = 1  # exit code: --fail-on is met
HOST = 60  # characters of a host on a line
EVERY = 15.0  # seconds between lines of progress where nobody sees a bar
GROUPS = {
    "site_clone": "near-clones",
    "slot_template": "slot templates",
    "spun_sibling": "spun siblings",
    "anchor_ring": "anchor rings",
    "duplicate_title": "duplicate titles",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "crawl",
        nargs="+",
        metavar="CRAWL",
        help="a folder or wget mirror, .warc .arc .wet .wacz, .jsonl, .parquet, .csv or .xlsx with stored pages, "
        "a list of such files, or to be fetched: a sitemap or a list of addresses",
    )
    parser.add_argument("--output", metavar="OUT", type=Path, required=True, help="the folder of the results")
    work = parser.add_argument_group("how it is done")
    work.add_argument("--engine", choices=("local", "spark"), default="local", help="default: local")
    work.add_argument("--master", metavar="URL", help="spark: the cluster; default: local[*]")
    shared.add_workers(work, os.cpu_count() or 1)
    work.add_argument(
        "--resume", action="store_true", help="go on with a run that was cut off; this is what happens anyway"
    )
    work.add_argument(
        "--page-seconds",
        metavar="S",
        type=shared.count,
        default=60,
        help="that one page may take; default: 60",
    )
    work.add_argument(
        "--page-memory",
        metavar="MB",
        type=shared.count,
        default=2000,
        help="that one page may take; default: 2000",
    )
    work.add_argument(
        "--join-memory", metavar="MB", type=shared.count, default=2000,
        help="that the look across pages takes before it goes to disk; default: 2000",
    )  # fmt: skip
    fetching = parser.add_argument_group("how sitemaps and lists of addresses are fetched")
    fetching.add_argument(
        "--delay",
        metavar="S",
        type=_seconds,
        default=1.0,
        help="seconds between two pages of a host; default: 1",
    )
    fetching.add_argument(
        "--hosts", metavar="N", type=shared.count, default=8, help="hosts at once; default: 8"
    )
    fetching.add_argument(
        "--store", metavar="DIR", type=Path, help="where the pages are kept; default: OUT/fetched"
    )
    fetching.add_argument(
        "--refetch",
        action="store_true",
        help="ask again for what an earlier run has kept in --store; unchanged pages are not sent again",
    )
    shared.add_allow_private(fetching)
    judging = parser.add_argument_group("how pages are read and judged")
    shared.add_reading(judging)
    shared.add_judging(judging)
    after = parser.add_argument_group("what comes of it")
    after.add_argument(
        "--baseline", dest="earlier", metavar="OLD", type=Path, help="compare with the run in that folder"
    )
    shared.add_fail_on(after, "; with --baseline: newly")
    shared.add_settings(parser)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"must be seconds between 0 and 3600, not {text!r}")
    return seconds


def audit(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    chosen, _ = chosen_settings(options)
    from detector.audit.audit import audit as run
    from detector.audit.results import Results
    from detector.audit.worker import Settings as PageSettings

    settings = PageSettings(
        model=str(chosen.model.resolve()) if chosen.model else None,
        base_rate=chosen.base_rate,
        ignore=chosen.ignore,
        careful=chosen.careful,
        site=chosen.site,
        seconds=options.page_seconds,
        megabytes=options.page_memory,
    )
    earlier = Results.open(options.earlier) if options.earlier else None  # before the work begins
    if options.engine == "spark":
        from detector.audit.spark import audit as run_spark

        run_spark(options.crawl, options.output, settings, master=options.master, say=say)
    else:
        crawl = _crawl(options)
        try:
            with _progress(crawl) as mapped:
                run(crawl, options.output, settings, workers=options.workers, megabytes=options.join_memory,
                    mapped=mapped, say=say)  # fmt: skip
        except KeyboardInterrupt:
            say("stopped; the same command goes on where it stopped")
            raise
    results = Results.open(options.output)
    lines = summary(results)
    gate = GATES.get(chosen.fail_on or "", frozenset())
    met = sum(results.info["counts"].get(outcome, 0) for outcome in gate)
    if earlier is not None:
        from detector.audit.compare import compare, summary_lines

        comparison = compare(results, earlier)
        lines += ["", *summary_lines(comparison)]
        met = comparison.newly(gate)
    with writing():
        sys.stdout.write("\n".join(lines) + "\n")
    if met:
        say(f"--fail-on {chosen.fail_on}: {_of(met, 'page')}{' newly' if earlier is not None else ''}")
    return MET if met else 0


def _of(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _crawl(options: argparse.Namespace) -> Any:
    """What the command names, opened; fetched first where it has to be."""
    from detector.sources import crawls

    live = [name for name in options.crawl if crawls.is_live(name)]
    if options.refetch and (options.output / "run.json").exists():
        problem = f"--refetch needs a run of its own, and {options.output} holds one already"
        raise UsageError(f"{problem}; name a new --output, and say --store for where the pages are kept.")
    if not live and (options.refetch or options.store):
        raise UsageError(
            "--refetch and --store are for sitemaps and lists of addresses; this crawl is stored."
        )
    if not live:
        return crawls.open_crawl(options.crawl)
    if len(live) < len(options.crawl):
        raise UsageError(
            "a crawl is either fetched or read; name sitemaps and lists of addresses in a run of their own."
        )
    from detector.audit.run import FETCHED
    from detector.sources.crawls import live as fetching

    politeness = fetching.Politeness(
        delay=options.delay, hosts=options.hosts, allow_private=options.allow_private
    )
    with _fetching() as progress:
        return fetching.crawl(
            live,
            options.store or options.output / FETCHED,
            options=politeness,
            say=say,
            progress=progress,
            again=options.refetch,
        )


@contextmanager
def _fetching() -> Iterator[Callable[[int, int | None], None]]:
    """A line now and then on standard error while pages are fetched."""
    told = time.monotonic()

    def tell(done: int, total: int | None) -> None:
        nonlocal told
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            say(f"{done:,} of {total:,} addresses fetched" if total else f"{done:,} addresses listed")

    yield tell


@contextmanager
def _progress(crawl: Any) -> Iterator[Callable[[int], None]]:
    """A bar on standard error where a person looks, else a line now and then: pages, rate, time left."""
    started, pages = time.monotonic(), 0

    def state() -> str:
        seconds = max(0.001, time.monotonic() - started)
        share = crawl.share
        left = f", about {_duration(seconds / share - seconds)} left" if 0.005 < share < 1 else ""
        return f"{pages:,} pages, {pages / seconds:.0f} a second, {share:.0%} read{left}"

    if not (sys.stderr and sys.stderr.isatty()):
        told = started

        def tell(more: int) -> None:
            nonlocal pages, told
            pages += more
            if time.monotonic() - told >= EVERY:
                told = time.monotonic()
                say(state())

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=1.0)

        def move(more: int) -> None:
            nonlocal pages
            pages += more
            bar.update(task, completed=crawl.share, description=state())

        yield move


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes} min"
        if hours
        else f"{minutes} min"
        if minutes > 1
        else f"{60 * minutes + seconds} s"
    )


def summary(results: Any) -> list[str]:
    """What came of a run, for a terminal."""
    info = results.info
    counts = info["counts"]
    total = sum(counts.values())
    lines = [
        f"{total:,} pages: "
        + ", ".join(f"{counts.get(o, 0):,} {o}" for o in ("publish", "review", "reject", "unscored"))
    ]
    if moved := results.sql("SELECT count(*) AS n FROM verdicts WHERE outcome <> page_outcome")["n"][
        0
    ].as_py():
        lines.append(f"{moved:,} of them were judged otherwise for what only shows across pages")
    if errors := results.sql("SELECT count(*) AS n FROM verdicts WHERE error IS NOT NULL")["n"][0].as_py():
        lines.append(f"{errors:,} could not be read; each says why")
    if passed := info.get("passed_over"):
        lines.append(
            "passed over: "
            + ", ".join(f"{n:,} {what}" for what, n in sorted(passed.items(), key=lambda i: -i[1]))
        )
    for kind, name in GROUPS.items():
        groups = results.sql(
            f"SELECT count(*) AS n, sum(pages) AS pages FROM groups WHERE kind = '{kind}'"
        ).to_pylist()[0]
        if groups["n"]:
            lines.append(f"{name}: {_of(groups['n'], 'group')}, {_of(int(groups['pages']), 'page')}")
    worst = [h for h in results.hosts()[:5] if h["reject"] or h["review"]]
    if worst:
        lines.append("hosts with the most rejected pages:")
        lines += [
            f"  {shorten(h['host'] or '(no address)', HOST)}: {h['reject']:,} reject, {h['review']:,} review"
            f" of {h['pages']:,}"
            for h in worst
        ]
    lines.append(
        f"detector export {results.folder} report.html  writes it out (.html .xlsx .csv .jsonl .parquet .sarif)"
    )
    return lines
