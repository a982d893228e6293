"""Imports point one way, scoring needs neither the trainer nor the network, and start-up stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import detector

PACKAGE = Path(detector.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# From the words everybody speaks to the command line. A room may import rooms of lower rank, and itself.
RANKS = {
    "errors": 0, "patterns": 0, "document": 0, "verdict": 0, "language": 0, "tables": 0,
    "disguise": 0, "remembered": 0,
    "sources": 1, "signals": 1, "model": 1,
    "canaries": 2,
    "score": 3, "explain": 3, "acceptance": 4,
    "audit": 5, "report": 5,
    "train": 6, "settings": 6,
    "desk": 7, "commands": 8, "cli": 9, "__main__": 10,
}  # fmt: skip
# Doors that open upwards on purpose, inside functions: the library's front door and `Document.from_...`.
DOORS = {("__init__", "document"), ("__init__", "score"), ("__init__", "verdict"), ("document", "sources")}
NETWORK = {"aiohttp", "ftplib", "http", "httpx", "requests", "socket", "ssl", "urllib.request", "urllib3"}
TRAINING = {"scipy", "sklearn"}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function; imports for the type checker do not count."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def within(module: str, roots: set[str]) -> bool:
    return any(module == root or module.startswith(root + ".") for root in roots)


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(PACKAGE)) for p in FILES])
def test_imports_point_one_way(path: Path) -> None:
    here = room(path)
    for module in imports(path):
        if not within(module, {"detector"}):
            continue
        there = [*module.split("."), "__init__"][1]
        if (
            there not in RANKS or there == here or (here, there) in DOORS
        ):  # `from detector import __version__`
            continue
        low, high = RANKS[there], RANKS[here]
        words = here in RANKS and high == low == 0
        assert low < high or words, f"{here} must not import {there}"


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(PACKAGE)) for p in FILES])
def test_only_train_learns_and_only_sources_fetch(path: Path) -> None:
    for module in imports(path):
        assert room(path) == "train" or not within(module, TRAINING), module
        assert room(path) == "sources" or not within(module, NETWORK), module
        assert not within(module, {"pickle", "dill", "cloudpickle", "marshal", "shelve"}), module


def modules_after(code: str) -> set[str]:
    """What a fresh Python has loaded after running the code."""
    show = "; import sys; sys.stderr.write(' '.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, check=True)
    return set(run.stderr.split())


def test_importing_the_package_is_light() -> None:
    loaded = modules_after("import detector")
    assert not loaded & {
        "numpy",
        "selectolax",
        "sklearn",
        "http.client",
        "urllib.request",
        "detector.document",
    }


def test_importing_the_library_needs_no_trainer_and_no_client() -> None:
    loaded = modules_after("from detector import Detector, Document, Verdict")
    assert not loaded & {
        "sklearn",
        "scipy",
        "duckdb",
        "pyarrow",
        "detector.signals.crawl",
        "http.client",
        "urllib.request",
        "requests",
        "httpx",
        "rich",
        "textstat",
    }


def test_signals_are_explained_without_the_packages_of_an_audit() -> None:
    loaded = modules_after("from detector.cli import main; assert main(['explain', 'spun_sibling']) == 0")
    assert not loaded & {"duckdb", "pyarrow", "rapidfuzz", "detector.audit"}


def test_scoring_a_file_loads_only_what_it_needs(
    tiny_model: Path, tmp_path: Path, plain_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no file of settings lies
    page = tmp_path / "page.txt"
    page.write_text(plain_text, "utf-8")
    command = ["score", str(page), "--model", str(tiny_model)]
    loaded = modules_after(f"from detector.cli import main; assert main({command!r}) == 0")
    heavy = {"sklearn", "scipy", "textstat", "rich", "joblib", "bs4", "typer", "click", "http.client", "urllib.request",
             "asyncio", "multiprocessing", "pkg_resources", "email", "tomllib", "difflib", "jinja2", "httpx", "lxml",
             "detector.acceptance", "detector.sources.web",
             "duckdb", "pyarrow", "rapidfuzz", "detector.signals.crawl", "detector.audit"}  # fmt: skip
    assert not loaded & heavy
