"""`detector audit` as its user meets it: what is printed, exit codes, and runs that are cut off and go on."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("duckdb")

from detector import cli
from detector.audit import local
from detector.audit.audit import CHUNK_RECORDS
from detector.audit.results import Results

CORPUS = Path(__file__).parents[1] / "corpus" / "texts"
PAGES = 24
CHUNK = 3  # records, so that a small crawl has several parts


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Audit = Callable[..., Ran]


@pytest.fixture
def crawl(tmp_path: Path, plain_text: str) -> Path:
    """Pages of their own, two that are copies, and a row that is no page."""
    file = tmp_path / "feed.jsonl"
    texts = [page.read_text("utf-8")[:1_500] for page in sorted(CORPUS.glob("*.good.md"))[: PAGES - 3]]
    rows = [
        {"id": f"p{n}", "url": f"https://h{n % 4}.example/{n}", "text": text} for n, text in enumerate(texts)
    ]
    rows += [{"id": f"copy{n}", "url": f"https://c{n}.example/", "text": plain_text} for n in range(2)]
    file.write_text("\n".join([*map(json.dumps, rows), "{no row"]) + "\n", "utf-8")
    return file


@pytest.fixture
def audit(
    tmp_path: Path, tiny_model: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Audit:
    """Run the command in this process, with one worker and small chunks."""
    monkeypatch.chdir(tmp_path)
    assert CHUNK_RECORDS > CHUNK  # what run.json pins, here as in COMMAND
    monkeypatch.setattr(local, "CHUNK_RECORDS", CHUNK)

    def call(*arguments: str | Path, workers: int = 1, model: Path = tiny_model) -> Ran:
        command = ["audit", *map(str, arguments), "--workers", str(workers), "--model", str(model)]
        try:
            code = cli.main(command)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
        captured = capfd.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


def rows(out: Path) -> list[dict[str, Any]]:
    return list(Results.open(out).rows(with_text=True))


def test_a_run(audit: Audit, crawl: Path, tmp_path: Path) -> None:
    ran = audit(crawl, "--output", "out")
    assert ran.code == 0
    found = rows(tmp_path / "out")
    assert [row["id"] for row in found[:2]] == ["p0", "p1"]
    assert len(found) == PAGES
    assert ran.out.startswith(f"{PAGES} pages: ")
    assert "1 could not be read; each says why" in ran.out
    assert "near-clones: 1 group" in ran.out
    assert "detector export out report.html" in ran.out
    assert ran.err.splitlines() == ["detector: looking across the pages"]
    assert sorted(f.name for f in (tmp_path / "out").iterdir()) == [".lock",
        "groups.parquet", "members.parquet", "pages", "recurring.parquet", "run.json", "verdicts",
    ]  # fmt: skip
    info = json.loads((tmp_path / "out" / "run.json").read_text())
    assert info["state"] == "done"
    assert sum(info["counts"].values()) == PAGES


def test_a_finished_run_says_so(audit: Audit, crawl: Path, tmp_path: Path) -> None:
    first = audit(crawl, "--output", "out")
    before = {f: f.stat().st_mtime_ns for f in (tmp_path / "out").rglob("*.parquet")}
    again = audit(crawl, "--output", "out", "--resume")
    assert again.code == 0
    assert "out is finished already; `detector export out FILE` writes it out" in again.err
    assert again.out == first.out
    assert {f: f.stat().st_mtime_ns for f in (tmp_path / "out").rglob("*.parquet")} == before


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--base-rate", "0.2"), "the options"),
        (("--ignore", "plug"), "the options"),
        (("--site", "clinic.example"), "the options"),
    ],
)
def test_another_run_does_not_mix(option: tuple[str, str], says: str, audit: Audit, crawl: Path) -> None:
    assert audit(crawl, "--output", "out").code == 0
    ran = audit(crawl, "--output", "out", *option)
    assert ran.code == 2
    assert (
        ran.err
        == f"detector: out holds a run that differs in {says}; name another folder, or delete this one.\n"
    )


def test_a_changed_crawl_does_not_mix(audit: Audit, crawl: Path) -> None:
    assert audit(crawl, "--output", "out").code == 0
    crawl.write_text(crawl.read_text() + '{"id": "new", "text": "More."}\n')
    assert "differs in the files of the crawl" in audit(crawl, "--output", "out").err


def test_another_model_does_not_mix(audit: Audit, crawl: Path, tiny_model: Path, tmp_path: Path) -> None:
    assert audit(crawl, "--output", "out").code == 0
    from detector import model

    other = tmp_path / "other"
    other.mkdir()
    for file in tiny_model.iterdir():
        if file.name != "model.json":
            (other / file.name).write_bytes(file.read_bytes())
    content = json.loads((tiny_model / "model.json").read_text())["content"]
    model.write(other, name="tiny", version="1.2.4", content=content | {"bias": -0.4})
    assert "differs in the model" in audit(crawl, "--output", "out", model=other).err


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["nowhere"], "no such file or folder"),
        (["empty"], "holds no pages"),
        (["junk.bin"], "nothing that a crawl is kept in"),
        (["empty", "--output", "file"], "holds no pages"),
        (["feed.jsonl", "--output", "file"], "cannot be written"),
        (["feed.jsonl", "--output", "file/below"], "cannot be written"),
        (["feed.jsonl", "--output", "full"], "holds other files"),
        (["feed.jsonl", "--ignore", "site_clones"], "did you mean site_clone"),
        (["feed.jsonl", "--base-rate", "2"], "between 0 and 1"),
        (["feed.jsonl", "--workers", "0"], "must be a whole number from 1 on"),
        (["feed.jsonl", "--page-memory", "many"], "--page-memory"),
        (["feed.jsonl", "--baseline", "nowhere"], "no results of an audit there"),
    ],
)
def test_wrong_usage_is_one_line(
    given: list[str], says: str, audit: Audit, crawl: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "junk.bin").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_bytes(b"x")
    ran = audit(*given, *([] if "--output" in given else ["--output", "out"]))
    assert ran.code == 2
    assert ran.out == ""
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "out").exists()


def test_a_crawl_without_any_page(audit: Audit, tmp_path: Path) -> None:
    warc = "WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:x>\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    (tmp_path / "a.warc").write_bytes(warc.encode())
    ran = audit("a.warc", "--output", "out")
    assert ran.code == 0
    assert ran.out.startswith("0 pages")
    assert rows(tmp_path / "out") == []


@pytest.mark.parametrize(("gate", "code"), [("review", 1), ("reject", 0)])
def test_fail_on(gate: str, code: int, audit: Audit, crawl: Path, tmp_path: Path) -> None:
    assert audit(crawl, "--output", "out", "--fail-on", gate).code == code
    outcomes = {row["outcome"] for row in rows(tmp_path / "out")}
    assert "review" in outcomes
    assert "reject" not in outcomes
    assert audit(crawl, "--output", "out", "--fail-on", gate).code == code  # of a run that is finished too


def test_ignored_crawl_signals(audit: Audit, crawl: Path, tmp_path: Path) -> None:
    assert "were judged otherwise" in audit(crawl, "--output", "all").out
    ran = audit(crawl, "--output", "out", "--ignore", "site_clone,slot_template")
    assert ran.code == 0
    assert "near-clones" not in ran.out
    assert "were judged otherwise" not in ran.out
    for row in rows(tmp_path / "out"):
        assert row["outcome"] == row["page_outcome"]


def test_settings_of_a_file(audit: Audit, crawl: Path, tmp_path: Path) -> None:
    (tmp_path / "detector.toml").write_text('ignore = ["site_clone"]\nfail-on = "review"\nbase-rate = 0.3\n')
    ran = audit(crawl, "--output", "out")
    info = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (info["options"]["ignore"], info["options"]["base_rate"]) == (["site_clone"], 0.3)
    assert ran.code == 0  # without the copies no page is for review
    assert audit(crawl, "--output", "other", "--no-config", "--fail-on", "review").code == 1


# --- runs that are cut off -------------------------------------------------------------------------------------------

# The command with small chunks.
COMMAND = f"import sys; from detector.audit import audit, local; local.CHUNK_RECORDS = {CHUNK}; " + (
    "from detector.cli import main; sys.exit(main())"
)
unix = pytest.mark.skipif(os.name != "posix", reason="process groups")


@contextlib.contextmanager
def started(crawl: Path, out: Path, model: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in a process group of its own, with two workers."""
    command = [sys.executable, "-c", COMMAND, "audit", str(crawl), "--output", str(out)]
    process = subprocess.Popen(
        [*command, "--workers", "2", "--model", str(model)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=crawl.parent,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def group_is_empty(leader: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, 0)
        return False
    return True


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def parts(out: Path) -> int:
    return len(list((out / "pages").glob("part-*.parquet")))


@unix
def test_killed_at_any_moment_it_goes_on(audit: Audit, crawl: Path, tiny_model: Path, tmp_path: Path) -> None:
    assert audit(crawl, "--output", "whole").code == 0
    chosen = random.Random(5)
    out = tmp_path / "out"
    for moment in (0, 1, 3, 6):
        with started(crawl, out, tiny_model) as process:
            wait_for(lambda at=moment: parts(out) >= at or process.poll() is not None, 60)
            time.sleep(chosen.uniform(0, 0.3))
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            assert wait_for(lambda: group_is_empty(process.pid), 10)
    kept = parts(out)
    ran = audit(crawl, "--output", "out")
    assert ran.code == 0
    assert f"going on with out: {kept} parts are there" in ran.err or "finished already" in ran.err
    assert rows(out) == rows(tmp_path / "whole")
    for table in ("groups", "members", "recurring"):
        query = f"SELECT * FROM {table}"
        assert (
            Results.open(out).sql(query).to_pylist()
            == Results.open(tmp_path / "whole").sql(query).to_pylist()
        )


@unix
def test_interrupted_it_ends_in_order_and_goes_on(
    audit: Audit, crawl: Path, tiny_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with started(crawl, out, tiny_model) as process:
        assert wait_for(lambda: parts(out) > 0, 60)
        os.killpg(process.pid, signal.SIGINT)
        text, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Traceback" not in err
        assert text == ""
        assert wait_for(lambda: group_is_empty(process.pid), 10)
    assert json.loads((out / "run.json").read_text())["state"] == "mapping"
    ran = audit(crawl, "--output", "out")
    assert ran.code == 0
    assert len(rows(out)) == PAGES
