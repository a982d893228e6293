"""The whole of an audit: the same bytes give the same verdict, whatever they are kept in and however they are read."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from detector.audit.audit import audit, inputs_of
from detector.audit.results import Results
from detector.audit.worker import Settings
from detector.errors import ModelError
from detector.sources.crawls import open_crawl

Run = Callable[..., Results]

# Where a page lies and what it is called there; all else is the verdict.
PLACE = {"row", "id", "place", "time"}


def verdicts(results: Results) -> dict[str, dict[str, Any]]:
    """By address; partners by their address too."""
    found = {}
    for row in results.rows(with_text=True):
        for finding in row["findings"]:
            for span in finding["spans"]:
                if span["partner"]:
                    span["partner"].pop("id")
        found[row["url"]] = {name: value for name, value in row.items() if name not in PLACE}
    return found


def write_warc(pages: Sequence[Any], file: Path) -> Path:
    with file.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for page in pages:
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            payload = io.BytesIO(page.html.encode())
            record = writer.create_warc_record(page.url, "response", payload=payload, http_headers=headers)
            writer.write_record(record)
            record.raw_stream.close()
    return file


def write_parquet(pages: Sequence[Any], file: Path) -> Path:
    pq.write_table(pa.table({"url": [p.url for p in pages], "html": [p.html for p in pages]}), file)
    return file


def test_the_same_bytes_give_the_same_verdict(
    audited: Results, pages: list[Any], mirror: Path, run: Run, tmp_path: Path
) -> None:
    expected = verdicts(audited)
    assert len(expected) == len(pages)
    # in the order of a mirror, so that the first page of each group is the same one
    for kind, crawl in (
        ("folder", mirror),
        ("warc", write_warc(pages, tmp_path / "crawl.warc.gz")),
        ("parquet", write_parquet(pages, tmp_path / "crawl.parquet")),
    ):
        found = verdicts(run(crawl, tmp_path / kind))
        assert found.keys() == expected.keys()
        for url, verdict in found.items():
            assert verdict == expected[url], (kind, url)


def test_two_processes_give_what_one_gives(
    audited: Results, feed: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detector.audit.local.CHUNK_RECORDS", 10)
    told: list[int] = []
    said: list[str] = []
    audit(
        open_crawl([str(feed)]),
        tmp_path / "out",
        settings,
        workers=2,
        megabytes=200,
        mapped=told.append,
        say=said.append,
    )
    two = Results.open(tmp_path / "out")
    assert list(two.rows(with_text=True)) == list(audited.rows(with_text=True))
    for table in ("groups", "members", "recurring"):
        assert two.sql(f"SELECT * FROM {table}").equals(audited.sql(f"SELECT * FROM {table}"))
    assert sum(told) == len(audited)
    assert said == ["looking across the pages"]


def test_run_json_says_what_ran(audited: Results, settings: Settings, feed: Path) -> None:
    info = audited.info
    assert info["model"]["name"] == "tiny"
    assert info["inputs"] == inputs_of(open_crawl([str(feed)]))
    assert info["options"]["base_rate"] == settings.base_rate
    assert info["engine"] == "local"
    assert info["started"] <= info["finished"]


def test_inputs_are_pinned_by_name_size_and_time(pages: list[Any], mirror: Path, tmp_path: Path) -> None:
    before = inputs_of(open_crawl([str(mirror)]))
    assert before["files"] == len(pages)
    assert before == inputs_of(open_crawl([str(mirror)]))
    from shutil import copytree

    other = copytree(mirror, tmp_path / mirror.name)
    assert inputs_of(open_crawl([str(other)])) == before  # the same files in another place
    page = next(other.rglob("*.html"))
    page.write_bytes(page.read_bytes() + b" ")
    assert inputs_of(open_crawl([str(other)]))["sha256"] != before["sha256"]


def test_a_model_that_does_not_load_leaves_nothing(
    feed: Path, settings: Settings, run: Run, tmp_path: Path
) -> None:
    with pytest.raises(ModelError):
        run(feed, tmp_path / "out", replace(settings, model=str(tmp_path)))
    assert not (tmp_path / "out").exists()
