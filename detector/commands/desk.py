"""`detector desk`: the editor's page and the HTTP API; its database, its archive and its lessons."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from detector.commands import options as shared
from detector.commands.console import say, writing
from detector.commands.score import chosen_settings

if TYPE_CHECKING:
    from detector.desk.config import DeskConfig


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command, and its parts."""
    listening = parser.add_argument_group("where it listens, and whom it lets in")
    listening.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    listening.add_argument(
        "--port", metavar="N", type=_port, default=8765, help="default: 8765; 0: any free one"
    )
    listening.add_argument(
        "--token-file",
        metavar="FILE",
        type=Path,
        help="lines `NAME TOKEN`: who may come in; needed to listen on anything but this machine",
    )
    listening.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="a name the desk may be called by, as behind a proxy; may be repeated",
    )
    listening.add_argument(
        "--rate",
        metavar="N",
        type=shared.number,
        help="texts a minute from each client, 0: any number; default: 120, but any number on this machine "
        "without tokens",
    )
    listening.add_argument(
        "--max-body", metavar="MB", type=shared.count, default=25, help="of one request; default: 25"
    )
    listening.add_argument("--open", action="store_true", help="open the page in a browser")

    work = parser.add_argument_group("how pages are read and judged")
    shared.add_workers(work, os.cpu_count() or 1)
    shared.add_reading(work)
    shared.add_judging(work)
    shared.add_allow_private(work)
    shared.add_settings(parser)
    parser.add_argument(
        "--database",
        metavar="FILE|URL",
        default=os.environ.get("DETECTOR_DATABASE") or None,
        help="a file, or postgresql://...; default: DETECTOR_DATABASE of the environment, else desk.db in your "
        "data folder",
    )
    parser.set_defaults(part=_serve)

    parts = parser.add_subparsers(title="instead of listening", metavar="COMMAND")

    def part(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        added = parts.add_parser(name, help=help, description=help, allow_abbrev=False)
        added.set_defaults(part=run)
        # what stands before the name of the part counts too
        added.add_argument("--database", metavar="FILE|URL", default=argparse.SUPPRESS, help="as of the desk")
        added.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        return added

    backup = part("backup", _backup, "Copy the database to a file, while the desk runs or not.")
    backup.add_argument("file", metavar="FILE", type=Path)
    archive = part("archive", _archive, "Add pages of your own site, to compare submissions with.")
    archive.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="a folder, a file, a sitemap, or a crawl of any kind"
    )
    archive.add_argument(
        "--allow-private", action="store_true", default=argparse.SUPPRESS,
        help="fetch from this machine and private networks too",
    )  # fmt: skip
    part("remove-archive", _remove_archive, "Forget all pages of the archive.")
    disagreements = part("disagreements", _disagreements, "Where editors and the model disagree.")
    disagreements.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"must be a port, 0 to 65535, not {text!r}")
    return int(text)


def desk(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    code: int = options.part(options)
    return code


def _serve(options: argparse.Namespace) -> int:
    """Listen until somebody ends it."""
    import threading
    import webbrowser

    from detector.desk.serve import serve

    def listening(address: str) -> None:
        sys.stderr.write(f"detector desk: {address}\n")
        sys.stderr.flush()
        if options.open:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    serve(_config(options), listening=listening, say=say, debug=options.debug)
    return 0


def _config(options: argparse.Namespace) -> DeskConfig:
    from detector.desk.config import DeskConfig, read_tokens

    chosen, _ = chosen_settings(options)
    return DeskConfig(
        host=options.host,
        port=options.port,
        database=options.database,
        model=str(chosen.model.resolve()) if chosen.model else None,
        base_rate=chosen.base_rate,
        site=chosen.site,
        ignore=chosen.ignore,
        careful=chosen.careful,
        allow_private=options.allow_private,
        workers=options.workers,
        tokens=read_tokens(options.token_file) if options.token_file else {},
        allow_hosts=tuple(options.allow_host),
        rate=options.rate,
        max_body=options.max_body * 1_000_000,
    )


def _backup(options: argparse.Namespace) -> int:
    from detector.desk.store import open_store

    with open_store(options.database) as store, writing(str(options.file)):
        store.backup(options.file)
    say(f"{options.file} holds the whole desk; `detector desk --database {options.file}` opens it.")
    return 0


def _archive(options: argparse.Namespace) -> int:
    from detector.desk.similar import import_archive
    from detector.desk.store import open_store
    from detector.sources import Reading

    chosen, _ = chosen_settings(options)
    reading = Reading(chosen.careful, options.allow_private, chosen.site)
    with open_store(options.database) as store:
        imported = import_archive(store, options.sources, reading=reading, say=say)
        pages = store.archive_count()
    for line in imported.passed_over:
        say(line)
    gone = f", {imported.removed} removed that are there no longer" if imported.removed else ""
    say(f"{imported.added} pages added{gone}; the archive holds {pages}.")
    return 0


def _remove_archive(options: argparse.Namespace) -> int:
    from detector.desk.store import open_store

    with open_store(options.database) as store:
        say(f"{store.remove_archive()} pages removed from the archive.")
    return 0


def _disagreements(options: argparse.Namespace) -> int:
    from detector.desk.lessons import disagreements
    from detector.desk.store import open_store

    with open_store(options.database) as store:
        report = disagreements(store)
    _print(json.dumps(report.to_dict(), indent=2) if options.format == "json" else "\n".join(report.lines()))
    return 0


def _print(text: str) -> None:
    with writing():
        sys.stdout.write(text + "\n")
