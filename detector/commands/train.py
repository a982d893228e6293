"""`detector train`: a model from the corpus, public data, a user's judged pages, and what was decided at the desk."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from detector import model
from detector.commands import console
from detector.errors import ModelError, UsageError
from detector.train import fit

FEW = 50  # decisions, below which little can be learned


def train(options: argparse.Namespace) -> int:
    """Train. The model is used at once; with decisions of the desk it is compared first. Returns the exit code."""
    if options.with_desk is None:
        if options.replace is not None:
            raise UsageError("--replace goes with --with-desk; without it the new model is used at once")
        trained = _trained(options, options.pages)
        fit.use(trained.folder)
        return 0
    from detector.train.compare import compare

    old = _in_use(options)
    with tempfile.TemporaryDirectory() as folder:
        lessons = Path(folder) / "desk.jsonl"
        _write_lessons(options.with_desk, lessons)
        trained = _trained(options, [*options.pages, lessons])
    comparison = compare(old, trained.folder, trained.own, options.corpus)
    with console.writing():
        sys.stdout.write("\n".join(comparison.lines()) + "\n")
        sys.stdout.flush()
    if options.replace or (options.replace is None and _asked(comparison.new)):
        fit.use(trained.folder)
        console.say(f"{comparison.new} is used from now on; {comparison.old} stays in {old}")
    else:
        console.say(
            f"{comparison.old} stays in use; to use the other: --model {trained.folder}, or its name in "
            f"{options.output / 'CURRENT'}"
        )
    return 0


def _trained(options: argparse.Namespace, pages: list[Path]) -> fit.Trained:
    return fit.train(
        data=options.data,
        corpus=options.corpus,
        pages=pages,
        moby=options.thesaurus,
        name=options.name,
        output=options.output,
        jobs=options.jobs,
    )


def _in_use(options: argparse.Namespace) -> Path:
    """The folder of the model that is in use; it must not be overwritten by the one that is compared with it."""
    current = options.output / "CURRENT"
    try:
        folder = (
            options.output / current.read_text("utf-8").strip()
            if current.is_file()
            else model.current_model()
        )
    except ModelError as error:
        raise UsageError(f"{error}; without a model in use there is nothing to compare with.") from error
    if (options.output / options.name).resolve() == folder.resolve():
        raise UsageError(
            f"{options.name} is the model in use; give the new one another --name, so that it is kept"
        )
    return folder


def _write_lessons(database: str, to: Path) -> None:
    from detector.desk import lessons
    from detector.desk.store import open_store

    with open_store(database) as store, to.open("w", encoding="utf-8", newline="\n") as out:
        counts = lessons.write(store, out)
    if not counts.decided:
        raise UsageError("nothing was decided at the desk yet; accept or reject submissions first")
    console.say(str(counts))
    if counts.accepted + counts.rejected < FEW:
        console.say(f"fewer than {FEW} decisions teach little: look closely at what changes")


def _asked(name: str) -> bool:
    """Whether somebody at the terminal wants the new model."""
    if not (sys.stdin and sys.stdin.isatty()):
        return False
    sys.stderr.write(f"Use {name} from now on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
