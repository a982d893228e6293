"""A real cluster of one master and two workers gives what one machine gives, whatever happens to a worker or a page."""

from __future__ import annotations

import gzip
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from detector.audit.results import Results

SCRIPT = Path(__file__).with_name("cluster.py")
TEXTS = Path(__file__).parents[3] / "corpus" / "texts"
LACKING = runpy.run_path(str(SCRIPT))["missing"]()
SECONDS = 400  # a machine may be busy

pytestmark = pytest.mark.skipif(bool(LACKING), reason=LACKING)

TOWNS = ("Ashby", "Bellmoor", "Carrick", "Dunmere", "Elmsworth", "Fairhaven")
PATTERN = """Our workshop in {0} mends clocks of every age. Families from {0} bring us the clock of a grandmother, and
we tell them on the first day what it will cost. Two of our nine menders live in {0} and open the door at eight. The
oldest clock that {0} ever sent us was built in 1771 and had lost both of its weights. We drove to {0} and hung it up
again, and it has been on time since the spring. Whoever lives far from {0} may send the clock in a box of straw."""
SWAPS = (
    ("walks", "strolls"), ("counts", "tallies"), ("small", "little"), ("buys", "purchases"), ("gave", "handed"),
    ("repaired", "mended"), ("would not", "refused to"), ("thinks", "believes"), ("freezes", "ices over"),
    ("throw", "hurl"), ("stays", "remains"), ("misses", "longs for"), ("told", "informed"), ("keeps", "holds"),
)  # fmt: skip


def warc(pages: list[tuple[str, str]]) -> bytes:
    """Pages (address, HTML) as packed records."""
    found = b""
    for url, html in pages:
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
        head += "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
        head += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
        found += gzip.compress(head.encode() + answer + b"\r\n\r\n", 1)
    return found


def page(title: str, text: str) -> str:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    head = f"<html><head><title>{title}</title></head>"
    return f"{head}<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three archives with copies, a template, siblings in other words, a page nobody can read in time, a damage."""
    plain = runpy.run_path(str(Path(__file__).parents[2] / "conftest.py"))["PLAIN"]
    retold = plain
    for word, other in SWAPS:
        retold = retold.replace(f" {word} ", f" {other} ")
    texts = [file.read_text("utf-8") for file in sorted(TEXTS.glob("*.md"))[:36]]
    endless = " ".join(
        f"On day {k} house {k % 977} counted {k * 7919 % 1009} boats in the harbour." for k in range(120_000)
    )
    pages = [
        *((f"https://s{k % 5}.example/{k}", page(f"Page {k}", text)) for k, text in enumerate(texts)),
        *((f"https://copy{k}.example/", page("Copied", texts[0])) for k in range(4)),
        *(
            (f"https://{town.lower()}.example/", page(f"Clocks {town}", PATTERN.format(town)))
            for town in TOWNS
        ),
        ("https://one.example/canal", page("The bench", plain)),
        ("https://two.example/canal", page("The bench", retold)),
    ]
    folder = tmp_path_factory.mktemp("crawl")
    pages.insert(20, ("https://endless.example/", page("Endless", endless)))
    for k in range(3):
        (folder / f"{k}.warc.gz").write_bytes(warc(pages[k::3]) + (b"no record" if k == 1 else b""))
    return folder


@dataclass(frozen=True)
class Running:
    """A cluster: its master's address, and its workers' processes, each with a group of its own."""

    master: str
    workers: list[int]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Running]:
    command = [sys.executable, str(SCRIPT), "--memory", "1500"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        master, *workers = process.stdout.readline().split()
        yield Running(master, [int(worker) for worker in workers])
        process.stdin.close()
        assert process.wait(60) == 0


def start(crawl: Path | str, output: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "detector", "audit", str(crawl), "--output", str(output), "--no-config"]
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    return subprocess.Popen(
        [*command, "--page-seconds", "4", "--page-memory", "20000", *options],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> str:
    """What it told on standard error."""
    _, told = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, told
    return told


Tables = dict[str, pa.Table]


def tables(folder: Path) -> Tables:
    """All that a run has written, in an order of its own."""
    found = Results.open(folder)
    order = {
        "pages": "row",
        "verdicts": "row",
        "groups": '"group"',
        "members": '"group", row',
        "recurring": "ALL",
    }
    return {name: found.sql(f"SELECT * FROM {name} ORDER BY {by}") for name, by in order.items()}


@pytest.fixture(scope="module")
def alone(crawl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same crawl on one machine."""
    folder = tmp_path_factory.mktemp("local") / "out"
    finished(start(crawl, folder, "--workers", "2"))
    return folder


def wait_for(sign: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + SECONDS
    while not sign() and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_worker_killed_in_the_middle_changes_nothing(
    cluster: Running, crawl: Path, alone: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    process = start(crawl, output, "--engine", "spark", "--master", cluster.master)
    wait_for(lambda: any((output / "pages").glob(".part-*")), process)
    os.killpg(cluster.workers[0], signal.SIGKILL)
    told = finished(process)
    assert "Traceback" not in told
    assert "java" not in told.lower()
    one, other = tables(alone), tables(output)
    for name, table in one.items():
        assert other[name].equals(table), name
    # what was planted is there, so that there was something to be equal
    assert {"site_clone", "slot_template"} <= set(one["groups"]["kind"].to_pylist())
    errors = [row["error"] for row in one["verdicts"].to_pylist() if row["url"] == "https://endless.example/"]
    assert [error["kind"] for error in errors] == ["timeout"]
    facts = [Results.open(folder).info for folder in (alone, output)]
    assert facts[0]["counts"] == facts[1]["counts"]
    assert facts[0]["passed_over"] == facts[1]["passed_over"]
    assert not (output / ".work").exists()


def test_files_named_as_spark_names_them_and_a_driver_killed_in_the_middle(
    cluster: Running, crawl: Path, alone: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{file.as_uri()}\n" for file in sorted(crawl.iterdir())), "utf-8")
    output = tmp_path / "out"
    options = ("--engine", "spark", "--master", cluster.master)
    killed = start(listed, output, *options)
    wait_for(lambda: any((output / "pages").glob("part-*")), killed)
    killed.kill()
    killed.communicate()
    assert "going on with" in finished(start(listed, output, *options))
    here = f"{crawl.as_uri()}/"
    plain = f"replace(place, '{here}', '') AS place, replace(id, '{here}', '') AS id"
    expected = Results.open(alone).sql("SELECT * EXCLUDE (error) FROM verdicts ORDER BY row")
    found = Results.open(output).sql(f"SELECT * EXCLUDE (error) REPLACE ({plain}) FROM verdicts ORDER BY row")
    for name in expected.column_names:
        assert found[name].to_pylist() == expected[name].to_pylist(), name
