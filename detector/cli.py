"""The command line: `detector score`, `audit`, `export`, `desk`, `wordpress`, `explain`, `schema`, `train` and so on.

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
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from detector import __version__
from detector.commands import console
from detector.commands import options as shared
from detector.errors import DetectorError, UsageError
from detector.report import FORMATS, SCHEMA

_Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_Run: TypeAlias = Callable[[argparse.Namespace], int]
_Describe: TypeAlias = Callable[[argparse.ArgumentParser], None]

BROKEN, FAILED, INTERRUPTED, READER_LEFT = 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Only wrong usage found by argparse leaves by SystemExit, code 2."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser(*arguments[:1]).parse_args(arguments)
    try:
        console.prepare(sys.stdout)
        code: int = options.run(options)
        with console.writing():
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        console.silence(sys.stdout)
        return READER_LEFT
    except KeyboardInterrupt:
        console.silence(sys.stdout)
        return INTERRUPTED
    except DetectorError as error:
        if options.debug:
            raise
        console.say(str(error))
        console.silence(sys.stdout)
        return FAILED
    except Exception as error:  # a user never meets a traceback unasked
        if options.debug:
            raise
        named = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        console.say(f"this is a fault of detector itself ({named}); --debug shows where")
        console.silence(sys.stdout)
        return FAILED


def _parser(asked: str = "") -> argparse.ArgumentParser:
    """The parser of all commands; of one alone when it is known which, for each takes its part of a start."""
    parser = argparse.ArgumentParser(
        prog="detector",
        description="Reads a page as a careful editor of a health site would: publish, review or reject, and why.",
        epilog="Exit codes: 0; 1 when --fail-on is met; 2 for wrong usage, or what cannot be read or written.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"detector {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in [asked] if asked in _COMMANDS else _COMMANDS:
        _add_command(commands, name, *_COMMANDS[name])
    return parser


def _add_command(to: _Parsers, name: str, help: str, run: _Run | None, describe: _Describe) -> None:
    """Add a command; one without `run` only holds others."""
    added = to.add_parser(name, help=help, description=help, allow_abbrev=False)
    if run is not None:
        added.set_defaults(run=run)
        added.add_argument("--debug", action="store_true", help="show where an error came from")
    describe(added)


def _add_score(score: argparse.ArgumentParser) -> None:
    score.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="a web address, a file (.html .htm .md .txt .docx .odt .pdf .jsonl), a folder, or - for standard input",
    )
    out = score.add_argument_group("what comes out")
    out.add_argument("--format", choices=FORMATS, default=argparse.SUPPRESS, help="default: text")
    out.add_argument(
        "--output", metavar="FILE", type=shared.file, help="write there; default: standard output"
    )
    shared.add_flag(out, "--with-text", "json, jsonl: add each page's text")
    shared.add_fail_on(out)
    shared.add_color(out)

    reading = score.add_argument_group("how pages are read")
    shared.add_reading(reading)
    shared.add_allow_private(reading)

    judging = score.add_argument_group("how they are judged")
    shared.add_judging(judging)
    judging.add_argument(
        "--baseline",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="accept the findings that this file lists: they are shown and count no longer",
    )
    judging.add_argument(
        "--write-baseline", metavar="FILE", type=Path, help="write this run's findings there, as accepted"
    )
    shared.add_flag(
        judging,
        "--allow-comments",
        "honour <!-- detector: accept SIGNAL --> in Markdown; an author may have written it",
    )

    shared.add_settings(score).add_argument(
        "--show-config", action="store_true", help="print the settings and where each comes from, and stop"
    )


def _add_audit(audit: argparse.ArgumentParser) -> None:
    from detector.commands.audit import add_arguments

    add_arguments(audit)


def _add_export(export: argparse.ArgumentParser) -> None:
    from detector.commands.export import add_arguments

    add_arguments(export)


def _add_desk(desk: argparse.ArgumentParser) -> None:
    from detector.commands.desk import add_arguments

    add_arguments(desk)


def _add_wordpress(wordpress: argparse.ArgumentParser) -> None:
    from detector.commands.wordpress import add_arguments

    add_arguments(wordpress)


def _add_explain(explain: argparse.ArgumentParser) -> None:
    explain.add_argument("signal", nargs="?", metavar="SIGNAL", help="default: the table of all signals")
    shared.add_color(explain)


def _add_nothing(_: argparse.ArgumentParser) -> None:
    """A command without options of its own."""


def _add_train(train: argparse.ArgumentParser) -> None:
    _add_data(train)
    _add_pages(train)
    train.add_argument("--name", required=True, help="name of the model, and of its folder")
    train.add_argument("--output", metavar="DIR", type=Path, default=Path("models"), help="default: models")
    train.add_argument(
        "--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="default: all cores"
    )
    train.add_argument(
        "--with-desk",
        metavar="DB",
        help="learn from what editors decided at the desk too, and say what changes before it replaces the model",
    )
    train.add_argument(
        "--replace",
        action=argparse.BooleanOptionalAction,
        help="with --with-desk: use the new model from now on, or do not; default: ask",
    )


def _add_evaluate(evaluate: argparse.ArgumentParser) -> None:
    _add_data(evaluate)
    _add_pages(evaluate)
    evaluate.add_argument("--model", metavar="PATH", type=Path, help="default: the current model")
    evaluate.add_argument("--json", metavar="FILE", type=Path, help="write the figures there too")
    evaluate.add_argument(
        "--gate", metavar="FILE", type=Path, help="exit with 1 if a floor of that file is broken"
    )


def _add_gate(gate: argparse.ArgumentParser) -> None:
    gate.add_argument(
        "floors", nargs="?", metavar="FILE", type=Path, default=Path("models/floors.toml"),
        help="default: models/floors.toml",
    )  # fmt: skip
    gate.add_argument("--model", metavar="PATH", type=Path, help="default: the current model")
    gate.add_argument("--corpus", metavar="DIR", type=Path, default=Path("corpus"), help="default: corpus")
    gate.add_argument("--data", metavar="DIR", type=Path, help="the public data: honest pages to measure")
    gate.add_argument("--examples", metavar="DIR", type=Path, help="text files that must be flagged")


def _add_corpus(corpus: argparse.ArgumentParser) -> None:
    parts = corpus.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_command(parts, "fetch", "Get the public pages that corpus/sources.toml names.", _fetch, _add_fetch)


def _add_fetch(fetch: argparse.ArgumentParser) -> None:
    fetch.add_argument("names", nargs="*", metavar="NAME", help="a data file; default: all of them")
    fetch.add_argument("--corpus", metavar="DIR", type=Path, default=Path("corpus"), help="default: corpus")
    fetch.add_argument("--to", metavar="DIR", type=Path, default=Path("data"), help="default: data")
    fetch.add_argument(
        "--mirror", metavar="URL_OR_DIR", help="take OWNER/NAME/COMMIT.tar.gz from there; default: GitHub"
    )
    shared.add_allow_private(fetch)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", metavar="DIR", type=Path, help="the public data, as its data sheet describes it"
    )
    parser.add_argument("--corpus", metavar="DIR", type=Path, default=Path("corpus"), help="default: corpus")


def _add_pages(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--thesaurus",
        metavar="FILE",
        type=Path,
        help="the Moby Thesaurus as text: more words that spinners use (docs/training.md says where it is)",
    )
    parser.add_argument(
        "--pages",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="your own judged pages, JSON lines with a `verdict` each; may be repeated",
    )


def _score(options: argparse.Namespace) -> int:
    from detector.commands.score import score

    return score(options)


def _audit(options: argparse.Namespace) -> int:
    with _needs_extra("audit"):
        from detector.commands.audit import audit

        return audit(options)


def _export(options: argparse.Namespace) -> int:
    with _needs_extra("audit"):
        from detector.commands.export import export

        return export(options)


def _desk(options: argparse.Namespace) -> int:
    with _needs_extra("desk"):
        from detector.commands.desk import desk

        return desk(options)


def _wordpress(options: argparse.Namespace) -> int:
    from detector.commands.wordpress import wordpress

    return wordpress(options)


def _schema(_: argparse.Namespace) -> int:
    with console.writing():
        sys.stdout.write(SCHEMA.read_text("utf-8"))
    return 0


def _explain(options: argparse.Namespace) -> int:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from detector import explain
    from detector.report import manual
    from detector.report.ink import Ink

    ink = Ink(console.wants_color(options.color))
    if options.signal is None:
        lines = manual.table(explain.pages(), ink=ink, width=console.width())
    else:
        lines = manual.signal_page(explain.page(options.signal), ink=ink, width=console.width())
    with console.writing():
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _train(options: argparse.Namespace) -> int:
    with _needs_extra("train"):
        from detector.commands.train import train

        return train(options)


def _fetch(options: argparse.Namespace) -> int:
    from detector.train import fetch

    counts = fetch.fetch(
        options.names,
        corpus=options.corpus,
        to=options.to,
        mirror=options.mirror,
        allow_private=options.allow_private,
        say=console.say,
    )
    return FAILED if any(count.got == 0 for count in counts.values()) else 0


def _evaluate(options: argparse.Namespace) -> int:
    with _needs_extra("train"):
        from detector.train import evaluate

        kept = evaluate.evaluate(
            data=options.data,
            corpus=options.corpus,
            pages=options.pages,
            moby=options.thesaurus,
            model=options.model,
            json=options.json,
            floors=options.gate,
        )
    return 0 if kept else BROKEN


def _gate(options: argparse.Namespace) -> int:
    with _needs_extra("train"):
        from detector.train import gate

        results = gate.gate(
            options.floors,
            model=options.model,
            corpus=options.corpus,
            data=options.data,
            examples=options.examples,
        )
    with console.writing():
        sys.stdout.write("".join(f"{result}\n" for result in results))
    return 0 if all(result.kept for result in results) else BROKEN


_COMMANDS: dict[str, tuple[str, _Run | None, _Describe]] = {
    "score": ("Score pages: publish, review or reject, and why, at the very words.", _score, _add_score),
    "audit": ("Judge a crawl: every page, and what only shows across them.", _audit, _add_audit),
    "export": ("Write a finished audit out: .html .xlsx .csv .jsonl .parquet .sarif.", _export, _add_export),
    "desk": ("The editor's desk: screen guest posts in the browser, and over HTTP.", _desk, _add_desk),
    "wordpress": (
        "Score the posts that wait on a WordPress site, and note what was found.", _wordpress, _add_wordpress,
    ),
    "explain": ("What a signal finds, why it matters and what it cannot tell.", _explain, _add_explain),
    "schema": ("Print the JSON schema of a verdict, as --format json and jsonl write it.", _schema, _add_nothing),
    "train": ("Train a model and write its folder (needs detector[train]).", _train, _add_train),
    "evaluate": ("Measure a model beside the baseline (needs detector[train]).", _evaluate, _add_evaluate),
    "gate": ("Hold a model against its floors, without training; 1 if one is broken.", _gate, _add_gate),
    "corpus": ("Manage the data that models learn from.", None, _add_corpus),
}  # fmt: skip

_PACKAGES = {
    "train": ("sklearn", "scipy", "threadpoolctl"),
    "audit": ("duckdb", "fastwarc", "openpyxl", "pyarrow", "rapidfuzz", "warcio", "xlsxwriter"),
    "desk": ("alembic", "docx", "fastapi", "multipart", "platformdirs", "pydantic", "python_multipart", "sqlalchemy",
             "starlette", "uvicorn"),
    "spark": ("pandas", "pyspark"),
    "postgres": ("psycopg",),
}  # fmt: skip
_INSIDE = {
    "train": (),
    "audit": ("spark",),
    "desk": ("audit", "postgres"),
}  # extras that part of a command may need


@contextlib.contextmanager
def _needs_extra(extra: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        lacking = [name for name in (extra, *_INSIDE[extra]) if missing in _PACKAGES[name]]
        if not lacking:
            raise
        # the extra of a command holds that of its parts, but for what only some need
        needed = lacking[0] if lacking[0] in ("spark", "postgres") else extra
        raise UsageError(f"this command needs more packages: pip install 'detector[{needed}]'") from None
