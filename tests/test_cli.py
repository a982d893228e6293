"""The command line as its user meets it: what is printed where, and the exit code."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import detector
from detector import cli, signals, sources
from detector.document import Document, Span
from detector.report import FORMATS
from detector.score import Detector
from detector.sources import Reading
from detector.tables import Tables
from detector.verdict import Evidence

POINTLESS = "Shops open at nine."


class Run(NamedTuple):
    code: int
    out: str
    err: str


Score = Callable[..., Run]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run a command in this process, on real file descriptors."""

    def call(*arguments: str | Path, stdin: bytes = b"") -> Run:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with os.fdopen(os.dup(1), "w", encoding="latin-1") as out:
            monkeypatch.setattr("sys.stdout", out)
            try:
                code = cli.main([str(a) for a in arguments])
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else 0
        captured = capfd.readouterr()
        return Run(code, captured.out, captured.err)

    return call


@pytest.fixture
def score(run: Callable[..., Run], tiny_model: Path) -> Score:
    def call(*arguments: str | Path, stdin: bytes = b"") -> Run:
        return run("score", "--model", tiny_model, *arguments, stdin=stdin)

    return call


@pytest.fixture
def page(tmp_path: Path, plain_text: str) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(plain_text, "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path, plain_text: str) -> Path:
    """Three pages: a good one, one too short, a good one."""
    path = tmp_path / "pages"
    path.mkdir()
    for name, text in (("a.txt", plain_text), ("b.txt", POINTLESS), ("c.md", plain_text)):
        (path / name).write_text(text, "utf-8")
    return path


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that shouts on every page but the model's canary."""
    measure = signals.registry()["plug"].measure

    def loud(document: Document, tables: Tables) -> Evidence:
        return measure(document, tables) if document.id == "canary" else Evidence(100.0)

    monkeypatch.setattr(signals.registry()["plug"], "measure", loud)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that shouts wherever Harold is named, but not at the model's canary."""
    measure = signals.registry()["plug"].measure

    def loud(document: Document, tables: Tables) -> Evidence:
        if document.id == "canary":
            return measure(document, tables)
        found = tuple(Span(m.start(), m.end()) for m in re.finditer("Harold", document.text))
        return Evidence(100.0 if found else 0.0, found)

    monkeypatch.setattr(signals.registry()["plug"], "measure", loud)


def real(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own."""
    command = [sys.executable, "-m", "detector", *map(str, arguments)]
    return subprocess.run(command, capture_output="stdout" not in options, timeout=60, **options)  # type: ignore[call-overload,no-any-return]


# What is printed


def test_text(score: Score, page: Path) -> None:
    code, out, err = score(page)
    assert (code, err) == (0, "")
    assert out.startswith("PUBLISH  ")
    assert str(page) in out
    assert "How the score adds up" in out
    assert "\x1b" not in out


def test_json_of_one_source_is_one_object(score: Score, page: Path) -> None:
    code, out, err = score(page, "--format", "json")
    row = json.loads(out)
    assert (code, err) == (0, "")
    assert row["id"] == str(page)
    assert row["outcome"] == "publish"
    assert row["model"]["name"] == "tiny"
    assert "text" not in row


def test_json_of_a_folder_is_an_array(score: Score, folder: Path) -> None:
    _, out, err = score(folder, "--format", "json")
    assert [row["id"] for row in json.loads(out)] == ["a.txt", "b.txt", "c.md"]
    assert err == "detector: 3 inputs: 2 publish, 0 review, 0 reject, 1 unscored\n"


def test_json_of_no_rows_is_an_empty_array(score: Score, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("\n\n", "utf-8")
    assert score(tmp_path / "none.jsonl", "--format", "json") == Run(
        0, "[]\n", "detector: 0 inputs: 0 publish, 0 review, 0 reject, 0 unscored\n"
    )


def test_jsonl(score: Score, folder: Path, page: Path) -> None:
    _, out, _ = score(folder, page, "--format", "jsonl")
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["a.txt", "b.txt", "c.md", str(page)]


def test_with_text(score: Score, page: Path, plain_text: str) -> None:
    _, out, _ = score(page, "--format", "jsonl", "--with-text")
    row = json.loads(out)
    assert row["text"] == plain_text
    for finding in row["findings"]:
        for span in finding["spans"]:
            assert span["text"] == plain_text[span["start"] : span["end"]]


def test_standard_input(score: Score, plain_text: str) -> None:
    code, out, _ = score("-", "--format", "json", stdin=plain_text.encode())
    assert code == 0
    assert json.loads(out)["outcome"] == "publish"


@pytest.mark.parametrize("rows", [2, 3])
def test_rows_on_standard_input_are_an_array(score: Score, rows: int) -> None:
    lines = "".join(json.dumps({"id": str(i), "text": POINTLESS}) + "\n" for i in range(rows))
    _, out, err = score("-", "--format", "json", stdin=lines.encode())
    assert [row["id"] for row in json.loads(out)] == [str(i) for i in range(rows)]
    assert f"{rows} inputs" in err


def test_output_is_utf_8_whatever_the_terminal_says(score: Score, page: Path) -> None:
    page.write_text(page.read_text("utf-8") + "\nCafé “Zoë”, 漢字.\n", "utf-8")
    _, out, _ = score(page, "--format", "jsonl", "--with-text")
    assert "Café “Zoë”, 漢字." in json.loads(out)["text"]


def test_a_lone_surrogate_stays_valid_json(score: Score, tmp_path: Path, plain_text: str) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"id": "x", "text": plain_text + "\ud800 end"}) + "\n", "utf-8")
    code, out, _ = score(rows, "--format", "jsonl", "--with-text")
    assert code == 0
    assert [row["id"] for row in map(json.loads, out.splitlines())] == ["x"]
    assert score(rows).code == 0


def test_color(score: Score, page: Path) -> None:
    assert "\x1b[" in score(page, "--color").out
    assert "\x1b[" not in score(page, "--no-color").out


def test_base_rate_moves_the_score(score: Score, page: Path) -> None:
    rare, even = (json.loads(score(page, "--format", "json", "--base-rate", x).out) for x in ("0.01", "0.5"))
    assert rare["score"] < even["score"]
    assert rare["outcome"] == even["outcome"]


def test_version(run: Callable[..., Run]) -> None:
    assert run("--version") == Run(0, f"detector {detector.__version__}\n", "")


def test_schema(run: Callable[..., Run], score: Score, page: Path) -> None:
    code, out, err = run("schema")
    assert (code, err) == (0, "")
    assert list(json.loads(score(page, "--format", "json").out)) == [
        name for name in json.loads(out)["properties"] if name != "text"
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format(score: Score, folder: Path, format: str, fault: None) -> None:
    code, out, err = score(folder, "--format", format, "--fail-on", "reject")
    assert code == 1
    assert "a.txt" in out
    assert err == "detector: 3 inputs: 0 publish, 0 review, 2 reject, 1 unscored\n"


def test_sarif_and_github_point_into_the_files_of_a_folder(
    score: Score, folder: Path, places: None, plain_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    row = {"id": "c.md", "text": plain_text + "The end."}  # a row may bear the name of a file, and is none
    (folder / "rows.jsonl").write_text(json.dumps(row), "utf-8")
    (run,) = json.loads(score("pages", "--format", "sarif").out)["runs"]
    found = [r["locations"][0]["physicalLocation"] for r in run["results"]]
    assert [place["artifactLocation"]["uri"] for place in found[::2]] == [
        "pages/a.txt",
        "pages/c.md",
        "pages/c.md",
    ]
    assert found[0]["region"]["startLine"] == 3
    assert ["region" in place for place in found[::2]] == [True, True, False]
    assert (
        "::error file=pages/a.txt,line=3,endLine=3,col=28,endColumn=34,"
        in score("pages", "--format", "github").out
    )


def test_sarif_tells_how_the_run_ended(score: Score, page: Path, fault: None) -> None:
    def invocation(*arguments: str | Path) -> object:
        (run,) = json.loads(score(*arguments, "--format", "sarif", "--fail-on", "review").out)["runs"]
        return {k: run["invocations"][0][k] for k in ("exitCode", "executionSuccessful")}

    assert invocation(page) == {"exitCode": 1, "executionSuccessful": True}
    assert invocation(page, "nowhere.txt") == {"exitCode": 2, "executionSuccessful": False}


# Output into a file


def test_output_goes_to_a_file(score: Score, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    path.write_text("old", "utf-8")
    path.chmod(0o640)
    code, out, err = score(folder, "--format", "jsonl", "--output", path)
    assert (code, out) == (0, "")
    assert "3 inputs" in err
    assert [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()] == [
        "a.txt",
        "b.txt",
        "c.md",
    ]
    assert path.stat().st_mode & 0o777 == 0o640
    assert "\x1b" not in path.read_text("utf-8")
    assert score(folder, "--output", "-").out.startswith("PUBLISH")


def test_the_last_report_is_no_page_of_the_folder(score: Score, folder: Path) -> None:
    for _ in range(2):
        done = score(folder, "--format", "html", "--output", folder / "report.html")
        assert done.err.startswith("detector: 3 inputs")
    assert score(folder).err.startswith("detector: 4 inputs")


def test_an_output_that_fails_leaves_the_old_one(
    score: Score, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out" / "verdicts.json"
    path.parent.mkdir()
    path.write_text("old", "utf-8")
    monkeypatch.setattr("detector.report.machine.JsonReport.close", lambda self: 1 / 0)
    assert score(page, "--format", "json", "--output", path).code == 2
    assert [p.name for p in path.parent.iterdir()] == ["verdicts.json"]
    assert path.read_text("utf-8") == "old"


def test_output_through_a_link(score: Score, page: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert score(page, "--output", tmp_path / "link").code == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text("utf-8").startswith("PUBLISH")


@pytest.mark.parametrize("name", ["/dev/null", "/dev/full"])
def test_output_to_a_device(score: Score, page: Path, name: str) -> None:
    if not Path(name).is_char_device():
        pytest.skip(f"needs {name}")
    code, _, err = score(page, "--output", name)
    assert Path(name).is_char_device()
    if name == "/dev/full":
        assert (code, err) == (2, "detector: /dev/full cannot be written: No space left on device\n")
    else:
        assert (code, err) == (0, "")


@pytest.mark.parametrize("option", ["--output", "--write-baseline"])
@pytest.mark.parametrize(
    ("name", "problem"),
    [("page.txt", "is a source"), ("pages", "is a folder"), ("no/such/file", "No such file or directory")],
)
def test_where_nothing_can_be_written(
    score: Score, page: Path, folder: Path, tmp_path: Path, option: str, name: str, problem: str
) -> None:
    before = page.read_bytes()
    code, out, err = score(page, option, tmp_path / name)
    assert (code, out) == (2, "")  # before any work is done
    assert problem in err
    assert err.count("\n") == 1
    assert page.read_bytes() == before


def test_report_and_baseline_are_two_files(score: Score, page: Path, tmp_path: Path) -> None:
    assert "name two files" in score(page, "--output", tmp_path / "x", "--write-baseline", tmp_path / "x").err


# What is ignored, what is accepted


def outcome(run: Run) -> str:
    found: str = json.loads(run.out)["outcome"]
    return found


def test_ignore(score: Score, page: Path, fault: None) -> None:
    found = score(page, "--format", "json", "--ignore", "readability, plug", "--ignore", "stitched")
    assert outcome(found) == "publish"
    assert '"plug"' not in found.out
    code, out, err = score(page, "--ignore", "plugg")
    assert (code, out) == (2, "")
    assert err == "detector: --ignore: there is no signal 'plugg'; did you mean plug?\n"


def test_a_baseline_and_its_life(score: Score, page: Path, tmp_path: Path, places: None) -> None:
    accepted = tmp_path / "accepted.json"
    assert score(page, "--fail-on", "review", "--write-baseline", accepted).code == 1
    later = ("--format", "json", "--fail-on", "review", "--baseline", accepted)
    done = score(page, *later)
    assert (done.code, done.err, outcome(done)) == (0, "", "publish")
    assert "(accepted: baseline)" in done.out

    page.write_text("One more line.\n\n" + page.read_text("utf-8"), "utf-8")
    assert score(page, *later).code == 0
    page.write_text(page.read_text("utf-8") + "\nHarold again.\n", "utf-8")
    assert score(page, *later).code == 1

    page.write_text(page.read_text("utf-8").replace("Harold", "Arnold"), "utf-8")
    done = score(page, *later)
    assert done.code == 0
    assert (
        done.err
        == f"detector: {accepted}: 2 accepted places are no longer found; --write-baseline writes it anew.\n"
    )
    assert "none of its 1 pages is among the inputs" in score("-", *later, stdin=b"x").err

    assert score(page, "--baseline", accepted, "--write-baseline", accepted) == Run(0, score(page).out, "")
    assert json.loads(accepted.read_text("utf-8")) == {"format": 1, "pages": {}}


def test_a_baseline_that_is_missing_unless_it_is_being_written(
    score: Score, page: Path, tmp_path: Path
) -> None:
    name = tmp_path / "accepted.json"
    code, out, err = score(page, "--baseline", name)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--write-baseline writes one" in err
    assert score(page, "--baseline", name, "--write-baseline", name).code == 0
    assert score(page, "--baseline", name).code == 0


def test_comments_count_only_when_they_are_allowed(score: Score, folder: Path, places: None) -> None:
    page = folder / "c.md"
    text = page.read_text("utf-8").replace(
        "Every Tuesday", "<!-- detector: accept plug because he is real -->\nEvery Tuesday"
    )
    page.write_text(text.replace("and Harold stays", "and he stays"), "utf-8")
    code, out, err = score(page, "--fail-on", "review")
    assert code == 1
    assert "the page itself asks to accept" in err
    code, out, err = score(page, "--fail-on", "review", "--allow-comments")
    assert (code, err) == (0, "")
    assert "(accepted: comment on line 3: he is real)" in " ".join(out.split())


# Settings


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of pages as the working directory, with settings."""
    monkeypatch.chdir(folder)
    (folder / "detector.toml").write_text('fail-on = "review"\nignore = ["stitched"]\n', "utf-8")
    return folder


def test_settings_come_from_the_nearest_file(score: Score, project: Path, fault: None) -> None:
    assert score("a.txt").code == 1
    assert score("a.txt", "--no-config").code == 0
    (project / "other.toml").write_text("careful = true\n", "utf-8")
    assert score("a.txt", "--config", "other.toml").code == 0
    (project / "detector.toml").unlink()
    (project / "pyproject.toml").write_text('[tool.detector]\nfail-on = "reject"\n', "utf-8")
    assert score("a.txt").code == 1


def test_the_command_line_wins_and_ignore_adds(score: Score, project: Path, fault: None) -> None:
    (project / "detector.toml").write_text('format = "jsonl"\nwith-text = true\nignore = ["plug"]\n', "utf-8")
    row = json.loads(score("a.txt", "--ignore", "readability").out)
    assert (row["outcome"], bool(row["text"])) == ("publish", True)
    assert not {"plug", "readability"} & {f["signal"] for f in row["findings"]}
    assert "text" not in json.loads(score("a.txt", "--no-with-text").out)
    assert score("a.txt", "--format", "text").out.startswith("PUBLISH")


def test_paths_are_taken_from_the_file(
    score: Score, project: Path, places: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "detector.toml").write_text('fail-on = "review"\nbaseline = "accepted.json"\n', "utf-8")
    assert score("a.txt", "--write-baseline", project / "accepted.json").code == 1
    assert score("a.txt").code == 0
    (project / "below").mkdir()
    monkeypatch.chdir(project / "below")
    assert score(project / "a.txt").err.startswith(
        f"detector: {project / 'accepted.json'}: none of its 1 pages"
    )


@pytest.mark.parametrize("text", ["fail_on = 'review'", "format = 1", "allow-private = true", "x ="])
def test_wrong_settings_stop_the_run(score: Score, project: Path, text: str) -> None:
    (project / "detector.toml").write_text(text, "utf-8")
    code, out, err = score("a.txt")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"detector: {project / 'detector.toml'}: ")
    assert score("a.txt", "--no-config").code == 0


def test_show_config(run: Callable[..., Run], project: Path) -> None:
    code, out, err = run("score", "--show-config", "--careful", "--ignore", "plug")
    assert (code, err) == (0, "")
    assert f'fail-on = "review"  # {project / "detector.toml"}\n' in out
    assert f'ignore = ["stitched", "plug"]  # {project / "detector.toml"} and the command line\n' in out
    assert "careful = true  # the command line\n" in out
    assert "base-rate = 0.5  # default\n" in out


def test_how_pages_are_read(score: Score, page: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Reading] = []
    original = sources.read_sources

    def read(names: list[str], stdin: object, reading: Reading) -> object:
        seen.append(reading)
        return original(names, None, reading)

    monkeypatch.setattr(sources, "read_sources", read)
    (project / "detector.toml").write_text("careful = true\nsite = 'example.org'\n", "utf-8")
    score(page)
    score(page, "--no-careful", "--allow-private", "--site", "The Clinic")
    assert seen == [Reading(True, False, "example.org"), Reading(False, True, "The Clinic")]


# Every input answered


def test_every_row_of_a_file_is_answered(score: Score, tmp_path: Path, plain_text: str) -> None:
    rows: list[bytes] = [
        json.dumps({"id": "good", "text": plain_text}).encode(),
        b"",
        b"not json",
        json.dumps({"id": "empty", "text": ""}).encode(),
        b"\xff\xfe\x00\x01",
        json.dumps({"id": "nothing"}).encode(),
        json.dumps({"id": "french", "text": "le chat dort dans la maison et les enfants " * 20}).encode(),
        json.dumps({"id": "html", "html": f"<p>{plain_text}</p>"}).encode(),
        json.dumps(["a", "list"]).encode(),
    ]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(rows) + b"\n")
    code, out, err = score(path, "--format", "jsonl")
    answers = {row["id"]: row for row in map(json.loads, out.splitlines())}
    assert code == 0
    assert answers["good"]["outcome"] == answers["html"]["outcome"] == "publish"
    assert answers["empty"]["outcome"] == answers["french"]["outcome"] == "unscored"
    assert answers["nothing"]["error"] is not None
    assert "(of these 4 could not be read)" in err


def test_a_fault_of_a_signal_costs_one_page(
    score: Score, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Detector.answer

    def answer(self: Detector, item: object) -> object:
        if getattr(item, "id", "") == "a.txt" and isinstance(item, Document):
            raise ZeroDivisionError("division by zero")
        return original(self, item)  # type: ignore[arg-type]

    monkeypatch.setattr(Detector, "answer", answer)
    code, out, err = score(folder, "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row["outcome"] for row in rows] == ["unscored", "unscored", "publish"]
    assert rows[0]["error"]["kind"] == "internal"
    assert "Traceback" not in err
    with pytest.raises(ZeroDivisionError):
        score(folder, "--debug")


# Exit codes


def test_a_bad_page_alone_is_no_error(score: Score, page: Path, fault: None) -> None:
    code, out, _ = score(page, "--format", "json")
    assert (code, json.loads(out)["outcome"]) == (0, "reject")


@pytest.mark.parametrize("gate", ["review", "reject"])
def test_fail_on(score: Score, page: Path, gate: str, fault: None) -> None:
    assert score(page, "--fail-on", gate).code == 1


def test_fail_on_a_good_page(score: Score, page: Path, folder: Path) -> None:
    assert score(page, "--fail-on", "review").code == 0
    assert score(folder, "--fail-on", "review").code == 0


def test_a_named_source_that_is_missing(score: Score, page: Path, tmp_path: Path) -> None:
    code, out, err = score(tmp_path / "nowhere.txt", page, "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 2
    assert [row["outcome"] for row in rows] == ["unscored", "publish"]
    assert rows[0]["error"] is not None
    assert "nowhere.txt" in err
    assert "Traceback" not in err


def test_an_unreadable_source_weighs_more_than_the_gate(
    score: Score, page: Path, tmp_path: Path, fault: None
) -> None:
    assert score(tmp_path / "nowhere.txt", page, "--fail-on", "review").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["score"],
        ["scores", "x"],
        ["score", ""],
        ["score", "x", "--format", "xml"],
        ["score", "x", "--form", "json"],
        ["score", "x", "--fail-on", "publish"],
        ["score", "x", "--base-rate", "often"],
        ["score", "x", "--base-rate", "0"],
        ["score", "x", "--model", "no-such-folder"],
        ["score", "x", "--config", "no-such-file"],
        ["score", "x", "--config", "a", "--no-config"],
        ["score", "x", "--site", ""],
        ["explain", "no_such_signal"],
        ["train"],
    ],
)
def test_wrong_usage(run: Callable[..., Run], arguments: list[str]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err
    assert "Traceback" not in err


def test_a_damaged_model(score: Score, page: Path, tiny_model: Path) -> None:
    (tiny_model / "vocabulary.txt").write_bytes(b"changed")
    code, out, err = score(page)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "sha256" in err


def test_an_unexpected_error_is_one_line(run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.explain.pages", lambda: 1 / 0)
    code, out, err = run("explain")
    assert (code, out) == (2, "")
    assert (
        err
        == "detector: this is a fault of detector itself (ZeroDivisionError: division by zero); --debug shows where\n"
    )
    with pytest.raises(ZeroDivisionError):
        run("explain", "--debug")


def test_interrupted(run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("detector.explain.pages", interrupt)
    assert run("explain") == Run(130, "", "")


def test_training_without_scikit_learn_says_what_to_install(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def needs_more(**options: object) -> None:
        import sklearn.linear_model  # noqa: F401

    pytest.importorskip("sklearn")
    monkeypatch.setattr("detector.train.fit.train", needs_more)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    code, _, err = run("train", "--name", "x")
    assert code == 2
    assert "pip install 'detector[train]'" in err


@pytest.mark.parametrize(("command", "work"), [("train", "fit.train"), ("evaluate", "evaluate.evaluate")])
def test_the_thesaurus_is_handed_to_training_and_evaluation(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, work: str
) -> None:
    pytest.importorskip("sklearn")
    from detector.train.fit import Trained

    given: dict[str, object] = {}
    done = Trained(tmp_path / "x", []) if command == "train" else True
    monkeypatch.setattr(f"detector.train.{work}", lambda **options: given.update(options) or done)
    name = ("--name", "x") if command == "train" else ()
    assert run(command, *name, "--thesaurus", "words.txt").code == 0
    assert given["moby"] == Path("words.txt")
    assert run(command, *name).code == 0
    assert given["moby"] is None


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_thesaurus_that_cannot_be_read(run: Callable[..., Run], tmp_path: Path, command: str) -> None:
    pytest.importorskip("sklearn")
    name = ("--name", "x") if command == "train" else ()
    code, out, err = run(command, *name, "--thesaurus", tmp_path / "no.txt")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"detector: {tmp_path / 'no.txt'}: cannot be read")
    assert "Traceback" not in err


# As a process of its own


def test_process(tiny_model: Path, page: Path) -> None:
    done = real("score", page, "--model", tiny_model, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 0
    assert done.stdout.decode("utf-8").startswith("PUBLISH")
    assert done.stderr == b""


def test_a_reader_that_leaves_early_is_no_error_message(tiny_model: Path, folder: Path) -> None:
    for i in range(40):
        (folder / f"more-{i}.txt").write_text(POINTLESS * 50, "utf-8")
    command = [sys.executable, "-m", "detector", "score", folder, "--model", tiny_model, "--format", "jsonl"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_interrupted_while_it_waits_for_input(tiny_model: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "detector",
        "score",
        "-",
        "--model",
        str(tiny_model),
        "--format",
        "jsonl",
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a shell gives what it starts in the background a SIGINT that is ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(json.dumps({"id": "first", "text": POINTLESS}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == "first"  # rows stream
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk(tiny_model: Path, page: Path, format: str) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "detector", "score", page, "--model", tiny_model, "--format", format]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(b"detector: standard output cannot be written")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that can close a stream")
def test_closed_output(tiny_model: Path, page: Path) -> None:
    command = [
        "sh",
        "-c",
        'exec "$@" >&-',
        "sh",
        sys.executable,
        "-m",
        "detector",
        "score",
        page,
        "--model",
        tiny_model,
    ]
    done = subprocess.run(command, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (2, b"detector: standard output is closed\n")


def on_a_terminal(command: list[str], **environment: str) -> str:
    """What a command writes when standard output and standard error are a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    env = {**clean, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side is gone
                break
            if not piece:
                break
            written += piece
        os.close(ours)
        assert process.wait(timeout=60) == 0
    return written.decode("utf-8")


def test_colour_on_a_terminal_unless_no_color_is_set(tiny_model: Path, page: Path) -> None:
    command = [sys.executable, "-m", "detector", "score", str(page), "--model", str(tiny_model)]
    assert "\x1b[" in on_a_terminal(command)
    assert "\x1b[" not in on_a_terminal(command, NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(command, TERM="dumb")


def test_a_bar_shows_progress_where_a_person_looks(tiny_model: Path, folder: Path) -> None:
    quiet = [sys.executable, "-m", "detector", "score", str(folder), "--model", str(tiny_model)]
    shown = on_a_terminal(["sh", "-c", 'exec "$@" >/dev/null', "sh", *quiet])
    assert "scoring" in shown
    assert "3 inputs: 2 publish" in shown
    assert "scoring" not in on_a_terminal(quiet)


# explain


def test_explain_lists_every_signal(run: Callable[..., Run]) -> None:
    code, out, _ = run("explain")
    assert code == 0
    for name in signals.registry():
        assert f"\n{name} " in "\n" + out


@pytest.mark.parametrize("name", signals.registry())
def test_explain_one(run: Callable[..., Run], name: str) -> None:
    code, out, _ = run("explain", name)
    assert code == 0
    for heading in (name, "Why it matters", "Fires on", "Quiet on", "Blind spots"):
        assert heading in out


def test_explain_suggests_a_name(run: Callable[..., Run]) -> None:
    assert "did you mean 'readability'?" in run("explain", "readibility").err
