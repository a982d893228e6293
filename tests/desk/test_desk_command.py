"""`detector desk` as people start it, end it and ask for its parts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from detector.cli import main

TOKEN = "0123456789abcdef"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the command says and how it ends."""
    return subprocess.run(
        [sys.executable, "-m", "detector", "desk", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )


def one_line(said: str) -> str:
    """The one line that was said."""
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    return said


# --- listening ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_listens_until_it_is_told_to_end(start_desk: Callable[..., Any], number: signal.Signals) -> None:
    desk = start_desk()
    assert httpx.get(f"{desk.url}/").status_code == 200
    desk.process.send_signal(number)
    assert desk.process.wait(30) == 0
    desk.stop()
    assert desk.said == [f"detector desk: {desk.url}/\n"]


def test_it_ends_while_it_works(start_desk: Callable[..., Any], plain_text: str) -> None:
    desk = start_desk()
    documents = [{"text": f"{plain_text * 5} {n}"} for n in range(200)]
    httpx.post(f"{desk.url}/v1/batch", json={"documents": documents}).raise_for_status()
    told: list[int] = []

    def submit() -> None:
        for _ in range(100):
            try:
                answer = httpx.post(f"{desk.url}/v1/submissions", json={"text": plain_text}, timeout=30)
                told.append(answer.status_code)
            except httpx.TransportError:
                return

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(told) < 4:
        threads[0].join(0.01)
    desk.process.send_signal(signal.SIGINT)
    assert desk.process.wait(30) == 0
    for thread in threads:
        thread.join()
    desk.stop()
    assert set(told) <= {201, 503}
    assert desk.said == [f"detector desk: {desk.url}/\n"]


def test_a_port_that_is_taken_is_said(tiny_model: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run("--port", port, "--database", str(tmp_path / "desk.db"))
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be listened on" in one_line(done.stderr)
    assert "--port" in done.stderr
    assert not (tmp_path / "desk.db").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--host", "0.0.0.0"), "--token-file"),
        (("--host", "192.0.2.1", "--token-file", "TOKENS"), "cannot be listened on"),
        (("--host", "nowhere.invalid", "--token-file", "TOKENS"), "cannot be listened on"),
        (("--token-file", "nowhere"), "nowhere: cannot be read"),
        (("--model", "nowhere", "--database", "desk.db"), "nowhere"),
        (("--database", "."), "."),
        (("--database", "mysql://localhost/desk"), "postgresql"),
        (("--ignore", "nothing_such"), "there is no signal 'nothing_such'"),
        (("--base-rate", "7"), "base"),
    ],
)
def test_what_cannot_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "TOKENS").write_text(f"Ruth {TOKEN}\n")
    done = run("--port", "0", *arguments)
    assert done.returncode == 2
    assert says in one_line(done.stderr)


@pytest.mark.parametrize(
    "option", [("--port", "70000"), ("--workers", "0"), ("--rate", "-1"), ("--max-body", "x")]
)
def test_wrong_usage_is_told_at_once(option: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["desk", *option])
    assert caught.value.code == 2
    assert option[0] in capsys.readouterr().err


def test_with_tokens_only_their_owners_come_in(start_desk: Callable[..., Any], tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"# editors\nRuth {TOKEN}\n")
    desk = start_desk("--token-file", str(tokens), "--allow-host", "desk.example", "--rate", "2")
    assert httpx.get(f"{desk.url}/v1/health").status_code == 401
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"{desk.url}/v1/health", headers=bearer).status_code == 200
    assert httpx.get(f"{desk.url}/", headers=bearer | {"Host": "desk.example"}).status_code == 200
    assert httpx.get(f"{desk.url}/", headers=bearer | {"Host": "other.example"}).status_code == 421
    codes = [
        httpx.post(f"{desk.url}/v1/score", json={"text": "a"}, headers=bearer).status_code for _ in range(3)
    ]
    assert codes == [200, 200, 429]
    with httpx.Client(base_url=desk.url) as browser:
        assert browser.get("/").headers["Location"] == "/login"
        assert browser.get("/login").status_code == 200
        assert browser.post("/login", json={"token": TOKEN}).status_code == 204
        assert "Ruth" in browser.get("/").text
        assert browser.post("/logout").status_code == 204
        assert browser.get("/").status_code == 303


def test_settings_of_a_file_count(
    start_desk: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain_text: str
) -> None:
    (tmp_path / "detector.toml").write_text('ignore = ["trust"]\n')
    monkeypatch.chdir(tmp_path)
    desk = start_desk()
    found = httpx.post(f"{desk.url}/v1/score", json={"text": plain_text}).json()["findings"]
    assert "trust" not in {finding["signal"] for finding in found}


# --- its parts ---------------------------------------------------------------------------------------------


@pytest.fixture
def filled(start_desk: Callable[..., Any], tmp_path: Path, plain_text: str) -> str:
    """A database with a decided submission."""
    desk = start_desk()
    post = httpx.post(f"{desk.url}/v1/submissions", json={"text": plain_text, "title": "Bench"}).json()
    change = {"who": "Ruth", "state": "rejected"}
    httpx.patch(f"{desk.url}/v1/submissions/{post['id']}", json=change).raise_for_status()
    return str(tmp_path / "desk.db")


def test_a_backup_is_a_desk(
    filled: str, start_desk: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.db"
    assert main(["desk", "backup", str(copy), "--database", filled]) == 0  # while the desk runs
    assert str(copy) in one_line(capsys.readouterr().err)
    (post,) = httpx.get(f"{start_desk(database=str(copy)).url}/v1/submissions").json()["items"]
    assert (post["title"], post["state"]) == ("Bench", "rejected")
    assert main(["desk", "--database", filled, "backup", str(tmp_path / "no" / "copy.db")]) == 2
    assert "copy.db" in one_line(capsys.readouterr().err)


def test_the_environment_names_the_database(filled: str, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "copy.db"), DETECTOR_DATABASE=filled).returncode == 0


def test_where_editors_and_model_disagree(filled: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["desk", "disagreements", "--database", filled]) == 0
    assert "1 rejected" in capsys.readouterr().out
    assert main(["desk", "--database", filled, "disagreements", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [row["title"] for row in report["disagreements"]] == ["Bench"]


def test_pages_of_the_own_site_come_and_go(
    tmp_path: Path, plain_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database, pages = str(tmp_path / "desk.db"), tmp_path / "site"
    pages.mkdir()
    (pages / "bench.html").write_text(f"<title>Bench</title><p>{plain_text}")
    (pages / "empty.html").write_text("<p>hm")
    assert main(["desk", "archive", str(pages), "--database", database]) == 0
    said = capsys.readouterr().err
    assert "1 pages added; the archive holds 1." in said
    assert "empty.html" in said
    assert main(["desk", "archive", str(tmp_path / "nowhere"), "--database", database]) == 2
    assert "nowhere" in one_line(capsys.readouterr().err)
    assert main(["desk", "remove-archive", "--database", database]) == 0
    assert "1 pages removed" in capsys.readouterr().err


def test_without_its_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package, extra in (
        ("uvicorn", "desk"),
        ("fastapi", "desk"),
        ("pyarrow", "desk"),
        ("psycopg", "postgres"),
    ):

        def missing(options: object, name: str = package) -> int:
            raise ModuleNotFoundError(name=name)

        monkeypatch.setattr("detector.commands.desk.desk", missing)
        assert main(["desk"]) == 2
        assert f"pip install 'detector[{extra}]'" in one_line(capsys.readouterr().err)


def test_the_command_line_stays_light() -> None:
    code = "import sys; from detector.cli import _parser; _parser(); print(' '.join(sys.modules))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    assert not loaded & {"fastapi", "uvicorn", "sqlalchemy", "webbrowser", "asyncio", "detector.desk"}
