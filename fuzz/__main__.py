"""Fuzzing by hand: `python -m fuzz list | run | try | hostile | export`, from the root of the checkout."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from fuzz.child import SLOW
from fuzz.targets import TARGETS, Target


def main(argv: Sequence[str] | None = None) -> int:
    """0, or 1 where `try` meets a fault."""
    options = _parser().parse_args(argv)
    return int(options.do(options) or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, do: object, says: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=says)
        made.set_defaults(do=do)
        return made

    command("list", _list, "the targets")
    made = command("run", _run, "fuzz targets, one after the other")
    made.add_argument(
        "targets", nargs="*", metavar="TARGET", help="default: all; `reader`, `signal` and `whole` name kinds"
    )
    made.add_argument("--seconds", type=float, default=120, help="for each target; default: 120")
    made.add_argument("--rounds", type=int, default=1, help="over all targets; default: 1")
    made.add_argument(
        "--corpus", type=Path, required=True, metavar="DIR", help="inputs, faults and ledger; runs add up"
    )
    made = command("try", _try, "read one file as a target does, without instruments")
    made.add_argument("target", choices=TARGETS, metavar="TARGET")
    made.add_argument("files", nargs="+", type=Path, metavar="FILE")
    made = command("hostile", _hostile, "write hostile pages as files, or read them within limits")
    made.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="generators, or beginnings of the names of cases; default: all",
    )
    made.add_argument("--write", type=Path, metavar="DIR", help="write them there instead of reading them")
    made.add_argument("--scale", type=float, default=1, help="how large they are; default: 1, lines of 10 MB")
    made = command("settle", _settle, "try all finds again; those without a fault become inputs")
    made.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    made = command(
        "export", _export, "take the fewest inputs that reach the same, and the ledger, into the repository"
    )
    made.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    return parser


def _list(_: argparse.Namespace) -> None:
    for target in TARGETS.values():
        print(f"{target.name:28} {target.kind:7} {target.says}")


def chosen(names: Sequence[str]) -> list[Target]:
    """Targets by name or kind, all when none is named."""
    unknown = [n for n in names if n not in TARGETS and n not in ("reader", "signal", "whole")]
    if unknown:
        sys.exit(f"fuzz: there is no target {unknown[0]}; `python -m fuzz list` lists them.")
    return [t for t in TARGETS.values() if not names or t.name in names or t.kind in names]


def _run(options: argparse.Namespace) -> None:
    from fuzz.corpus import restore
    from fuzz.run import run

    options.corpus.mkdir(parents=True, exist_ok=True)
    restore(options.corpus)
    for _ in range(options.rounds):
        run(
            chosen(options.targets),
            options.corpus.resolve(),
            options.seconds,
            lambda text: print(text, flush=True),
        )


def _try(options: argparse.Namespace) -> int:
    faults = 0
    for seed in TARGETS[options.target].seeds():
        TARGETS[options.target](seed)  # loads what is loaded when it is needed
    for file in options.files:
        began = time.process_time()
        try:
            TARGETS[options.target](file.read_bytes())
            says = "fine" if time.process_time() - began <= SLOW else "slow"
            faults += says == "slow"
        except Exception as error:  # noqa: BLE001  that is what is looked for
            faults += 1
            says = "".join(traceback.format_exception(error, limit=-3))
        print(f"{file}: {time.process_time() - began:.2f} s, {says}")
    return min(faults, 1)


def _hostile(options: argparse.Namespace) -> int:
    from detector.audit.worker import Settings
    from fuzz.answers import answers
    from fuzz.hostile import of_name

    found = of_name(options.names, options.scale)
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        for case in found:
            (options.write / f"{case.name}{case.ending}").write_bytes(case.data)
        return 0
    faults = 0
    for answer in answers(found, Settings()):
        faults += answer.kind == "FAULT"
        print(answer, flush=True)
    return min(faults, 1)


def _settle(options: argparse.Namespace) -> None:
    from fuzz.run import settle

    settle(options.corpus.resolve(), print)


def _export(options: argparse.Namespace) -> None:
    from fuzz.corpus import export

    export(options.corpus.resolve(), list(TARGETS.values()), lambda text: print(text, flush=True))


if __name__ == "__main__":
    sys.exit(main())
