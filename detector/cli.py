"""The command line: `detector score`, `explain`, `train`, `evaluate`.

Data goes to standard output, progress and messages to standard error. Exit codes: 0; 1 when `--fail-on` is met; 2 for
wrong usage, a named source or a model that cannot be read, output that cannot be written; 130 after ^C; 141 when
the reader of a pipe left early.
"""

from __future__ import annotations

# argparse, not typer or click: the whole of `detector score FILE` may take 18 times `python -c pass`. numpy and the
# HTML parser need 10 of these, `import typer` 4.4, click 2.6, argparse 0.7.
import argparse
import contextlib
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from detector import __version__
from detector.errors import DetectorError, OutputError, SourceError, UsageError

if TYPE_CHECKING:
    from detector.document import Document, Unreadable
    from detector.report.ink import Ink
    from detector.score import Detector
    from detector.verdict import Outcome, Verdict

MET, FAILED, INTERRUPTED, READER_LEFT = 1, 2, 130, 141
# What `--fail-on` stops at, the milder including the worse.
GATES: dict[str, frozenset[str]] = {
    "review": frozenset({"review", "reject"}),
    "reject": frozenset({"reject"}),
}
NARROWEST, WIDEST = 60, 110  # columns; longer lines tire the eye


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Only wrong usage found by argparse leaves by SystemExit, code 2."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser().parse_args(arguments)
    try:
        _prepare(sys.stdout)
        code: int = options.run(options)
        with _writing():
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        _silence(sys.stdout)
        return READER_LEFT
    except KeyboardInterrupt:
        _silence(sys.stdout)
        return INTERRUPTED
    except DetectorError as error:
        if options.debug:
            raise
        _say(str(error))
        _silence(sys.stdout)
        return FAILED
    except Exception as error:  # a user never meets a traceback unasked
        if options.debug:
            raise
        _say(f"this is a fault of detector itself ({_name(error)}); --debug shows where")
        _silence(sys.stdout)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="detector",
        description="Reads a page as a careful editor of a health site would: publish, review or reject, and why.",
        epilog="Exit codes: 0; 1 when --fail-on is met; 2 for wrong usage, or what cannot be read or written.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"detector {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        added.set_defaults(run=run)
        added.add_argument("--debug", action="store_true", help="show where an error came from")
        return added

    score = command("score", _score, "Score pages: publish, review or reject, and why, at the very words.")
    score.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="a file (.html .htm .md .txt .jsonl), a folder, or - for standard input",
    )
    score.add_argument("--format", choices=("text", "json", "jsonl"), default="text", help="default: text")
    score.add_argument("--with-text", action="store_true", help="json, jsonl: add each page's text")
    score.add_argument("--fail-on", choices=tuple(GATES), help="exit with 1 when a page is that, or worse")
    score.add_argument("--model", metavar="PATH", help="a model folder; default: the current model")
    score.add_argument(
        "--base-rate",
        type=float,
        default=0.5,
        metavar="X",
        help="share of pages that deserve rejection; default: 0.5",
    )
    _add_color(score)

    explain = command("explain", _explain, "What a signal finds, why it matters and what it cannot tell.")
    explain.add_argument("signal", nargs="?", metavar="SIGNAL", help="default: the table of all signals")
    _add_color(explain)

    train = command("train", _train, "Train a model and write its folder (needs detector[train]).")
    train.add_argument(
        "--data", metavar="DIR", type=Path, help="the public data, as its data sheet describes it"
    )
    train.add_argument("--corpus", metavar="DIR", type=Path, default=Path("corpus"), help="default: corpus")
    train.add_argument("--name", required=True, help="name of the model, and of its folder")
    train.add_argument("--output", metavar="DIR", type=Path, default=Path("models"), help="default: models")
    train.add_argument(
        "--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="default: all cores"
    )

    evaluate = command("evaluate", _evaluate, "Measure a model beside the baseline (needs detector[train]).")
    evaluate.add_argument(
        "--data", metavar="DIR", type=Path, help="the public data, as its data sheet describes it"
    )
    evaluate.add_argument(
        "--corpus", metavar="DIR", type=Path, default=Path("corpus"), help="default: corpus"
    )
    evaluate.add_argument("--model", metavar="PATH", type=Path, help="default: the current model")
    evaluate.add_argument("--json", metavar="FILE", type=Path, help="write the figures there too")
    return parser


def _add_color(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--color",
        action=argparse.BooleanOptionalAction,
        help="default: when standard output is a terminal and NO_COLOR is not set",
    )


def _score(options: argparse.Namespace) -> int:
    # one page needs no second thread for linear algebra, and starting them takes a third of numpy's import
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from detector.report import open_report
    from detector.score import Detector

    detector = Detector.load(options.model, base_rate=options.base_rate)
    many = _may_be_many(options.sources)
    report = open_report(
        options.format,
        _machine_stream(sys.stdout) if options.format != "text" else sys.stdout,
        many=many,
        with_text=options.with_text,
        color=_wants_color(options.color),
        width=_width(),
        base_rate=options.base_rate,
    )
    inputs = _Inputs(options.sources)
    tally: Counter[Outcome] = Counter()
    unread = 0
    with _progress(options.sources if many else ()) as advance:
        for item in inputs:
            verdict, document = _answer(detector, item, debug=options.debug)
            with _writing():
                report.add(verdict, document)
            tally[verdict.outcome] += 1
            unread += verdict.error is not None
            advance()
    with _writing():
        report.close()
        sys.stdout.flush()
    if many or tally.total() > 1:
        _summarise(tally, unread)
    if inputs.failed:
        return FAILED
    gate = GATES.get(options.fail_on, frozenset())
    return MET if any(tally[outcome] for outcome in tally if outcome in gate) else 0


class _Inputs:
    """The documents of all sources, in order. `failed`: a source that was named could not be read at all."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.failed = False

    def __iter__(self) -> Iterator[Document | Unreadable]:
        from detector.document import Unreadable
        from detector.sources import read_sources

        for name in self._names:
            try:
                for item in read_sources([name], sys.stdin.buffer if sys.stdin else None):
                    if isinstance(item, Unreadable) and item.id == name:
                        self._fail(name, item.message)
                    yield item
            except SourceError as error:
                self._fail(name, str(error))
                yield Unreadable(name, error.kind, str(error))

    def _fail(self, name: str, message: str) -> None:
        self.failed = True
        _say(message if name in message else f"{name}: {message}")


def _answer(
    detector: Detector, item: Document | Unreadable, *, debug: bool
) -> tuple[Verdict, Document | None]:
    """The verdict on one input. A fault of ours on one page costs that page's verdict, never the run."""
    from detector.document import Document, Unreadable

    document = item if isinstance(item, Document) else None
    try:
        return detector.answer(item), document
    except Exception as error:
        if debug:
            raise
        message = f"a fault of detector itself ({_name(error)})"
        _say(f"{item.id}: {message}; --debug shows where")
        return detector.answer(Unreadable(item.id, "internal", message, item.url, item.title)), None


def _explain(options: argparse.Namespace) -> int:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from detector import explain
    from detector.report import manual
    from detector.report.ink import Ink

    ink: Ink = Ink(_wants_color(options.color))
    if options.signal is None:
        lines = manual.table(explain.pages(), ink=ink, width=_width())
    else:
        lines = manual.signal_page(explain.page(options.signal), ink=ink, width=_width())
    with _writing():
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _train(options: argparse.Namespace) -> int:
    with _needs_extra("train"):
        from detector.train import fit

        fit.train(
            data=options.data,
            corpus=options.corpus,
            name=options.name,
            output=options.output,
            jobs=options.jobs,
        )
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    with _needs_extra("train"):
        from detector.train import evaluate

        evaluate.evaluate(data=options.data, corpus=options.corpus, model=options.model, json=options.json)
    return 0


@contextlib.contextmanager
def _needs_extra(extra: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sklearn", "scipy"):
            raise
        raise UsageError(f"this command needs more packages: pip install 'detector[{extra}]'") from None


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Turns what goes wrong while writing into OutputError; a reader that left stays BrokenPipeError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) and not sys.stdout.closed:
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise OutputError(f"standard output cannot be written: {reason}") from error


@contextlib.contextmanager
def _progress(names: Sequence[str]) -> Iterator[Callable[[], None]]:
    """A bar on standard error for many inputs, when a person looks there and no text scrolls by already."""
    if not names or sys.stdout.isatty() or not (sys.stderr and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from detector.sources import count_sources

    columns = (TextColumn("scoring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scoring", total=count_sources(names))
        yield lambda: bar.advance(task)


def _may_be_many(names: Sequence[str]) -> bool:
    """Whether the sources are such that several verdicts may come, however many do: decides the shape of JSON."""
    return len(names) != 1 or names[0].lower().endswith((".jsonl", ".ndjson")) or Path(names[0]).is_dir()


def _summarise(tally: Counter[Outcome], unread: int) -> None:
    from detector.verdict import OUTCOMES

    counts = ", ".join(f"{tally[outcome]} {outcome}" for outcome in OUTCOMES)
    unreadable = f" (of these {unread} could not be read)" if unread else ""
    _say(f"{tally.total()} inputs: {counts}{unreadable}")


def _prepare(out: TextIO | None) -> None:
    """Make standard output UTF-8, whatever the terminal says it is, and never fail on a character."""
    if out is None:
        raise OutputError("standard output is closed")
    if (reconfigure := getattr(out, "reconfigure", None)) is not None:
        reconfigure(encoding="utf-8", errors="replace", newline="\n")


def _machine_stream(out: TextIO) -> TextIO:
    """A lone surrogate has no UTF-8; as a backslash escape it is valid JSON."""
    if (reconfigure := getattr(out, "reconfigure", None)) is not None:
        reconfigure(errors="backslashreplace")
    return out


def _silence(out: TextIO | None) -> None:
    """What is still buffered for a reader that left must not raise once more when Python ends."""
    if out is None:
        return
    try:
        out.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def _wants_color(asked: bool | None) -> bool:
    if asked is not None:
        return asked
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width() -> int:
    return min(max(shutil.get_terminal_size((100, 24)).columns, NARROWEST), WIDEST)


def _say(message: str) -> None:
    """One line on standard error; what names a page may carry control characters."""
    from detector.report.ink import clean

    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"detector: {clean(message)}\n")
            sys.stderr.flush()


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
