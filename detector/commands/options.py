"""Options that several commands have: each is described once.

What a file of settings may set as well has no default here, so that the options given can be told.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from detector.settings import GATES


def count(text: str) -> int:
    """A whole number from 1 on."""
    return _whole(text, 1)


def number(text: str) -> int:
    """A whole number from 0 on."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"must be a whole number from {least} on, not {text!r}")
    return int(text)


def file(name: str) -> Path | None:
    """A file to write to; "-" is standard output."""
    return None if name == "-" else Path(name)


def add_flag(parser: argparse._ActionsContainer, name: str, help: str) -> None:
    """A flag that a file of settings may set, and that can be taken back."""
    parser.add_argument(name, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=help)


def add_color(parser: argparse._ActionsContainer) -> None:
    """--color"""
    parser.add_argument(
        "--color",
        action=argparse.BooleanOptionalAction,
        help="default: when standard output is a terminal and NO_COLOR is not set",
    )


def add_fail_on(parser: argparse._ActionsContainer, more: str = "") -> None:
    """--fail-on"""
    parser.add_argument(
        "--fail-on",
        choices=tuple(GATES),
        default=argparse.SUPPRESS,
        help=f"exit with 1 when a page is that, or worse{more}",
    )


def add_allow_private(parser: argparse._ActionsContainer) -> None:
    """--allow-private: never in a file of settings, whose author may be a stranger."""
    parser.add_argument(
        "--allow-private", action="store_true", help="fetch from this machine and private networks too"
    )


def add_reading(parser: argparse._ActionsContainer) -> None:
    """How pages are read: --careful, --site."""
    add_flag(parser, "--careful", "take the main text out of web pages more slowly and a little better")
    parser.add_argument(
        "--site",
        metavar="NAME|HOST",
        default=argparse.SUPPRESS,
        help="whose pages they are: a site may advertise itself, a guest post no third party",
    )


def add_judging(parser: argparse._ActionsContainer) -> None:
    """How pages are judged: --ignore, --model, --base-rate."""
    parser.add_argument(
        "--ignore",
        action="append",
        metavar="SIGNAL",
        default=argparse.SUPPRESS,
        help="do not measure this signal; may be repeated, or a list with commas",
    )
    parser.add_argument(
        "--model",
        metavar="PATH",
        default=argparse.SUPPRESS,
        help="a model folder; default: the current model",
    )
    parser.add_argument(
        "--base-rate",
        type=float,
        metavar="X",
        default=argparse.SUPPRESS,
        help="share of pages that deserve rejection; default: 0.5",
    )


def add_workers(parser: argparse._ActionsContainer, cores: int) -> None:
    """--workers"""
    parser.add_argument(
        "--workers", metavar="N", type=count, default=cores, help="processes; default: all cores"
    )


def add_settings(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Which file of settings holds: --config, --no-config; returned is their group."""
    group = parser.add_argument_group(
        "settings", "Defaults stand in detector.toml or [tool.detector] of pyproject.toml."
    )
    which = group.add_mutually_exclusive_group()
    which.add_argument("--config", metavar="FILE", type=Path, help="read this file of settings")
    which.add_argument("--no-config", action="store_true", help="read none")
    return group
