"""A finished run as reports read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from detector.audit.results import Results
from detector.errors import SourceError


def test_one_row_a_page_in_the_order_of_the_crawl(audited: Results, pages: list[Any]) -> None:
    rows = list(audited.rows())
    assert len(audited) == len(rows) == len(pages)
    assert [row["url"] for row in rows] == [page.url for page in pages]
    assert [row["row"] for row in rows] == sorted(row["row"] for row in rows)
    assert [Path(row["place"]).name for row in rows] == [f"feed.jsonl:{n}" for n in range(1, len(pages) + 1)]
    assert "text" not in rows[0]


def test_rows_are_verdicts(audited: Results) -> None:
    wanted = {"id", "url", "title", "outcome", "score", "bias", "words", "language", "reason", "findings"}
    wanted |= {"thresholds", "model", "error"}
    for row in audited.rows():
        assert wanted <= row.keys()
        assert row["model"] == audited.info["model"]
        assert row["thresholds"] == audited.info["thresholds"]
        json.dumps(row, allow_nan=False)


def test_the_text_on_demand(audited: Results) -> None:
    for row in audited.rows(with_text=True):
        for finding in row["findings"]:
            for span in finding["spans"]:
                assert row["text"][span["start"] : span["end"]] == span["text"]


def test_hosts_add_up(audited: Results) -> None:
    hosts = audited.hosts()
    assert sum(h["pages"] for h in hosts) == len(audited)
    for host in hosts:
        assert host["publish"] + host["review"] + host["reject"] + host["unscored"] == host["pages"]
    assert hosts[0]["host"] == "physio.example"
    assert [h["reject"] for h in hosts] == sorted((h["reject"] for h in hosts), reverse=True)
    (unread,) = [h for h in hosts if h["host"] == "short.example"]
    assert unread["mean_score"] is None


def test_members_can_be_limited(audited: Results) -> None:
    assert len(audited.members(1, limit=2)) == 2
    assert audited.members(10_000) == []


def test_counts_are_those_of_the_rows(audited: Results) -> None:
    outcomes = [row["outcome"] for row in audited.rows()]
    assert audited.info["counts"] == {o: outcomes.count(o) for o in sorted(set(outcomes))}
    assert audited.info["groups"] == {g["kind"]: 1 for g in audited.groups()}


def test_sql(audited: Results) -> None:
    for view in ("verdicts", "pages", "groups", "members", "recurring"):
        assert audited.sql(f"SELECT count(*) AS n FROM {view}")["n"][0].as_py() > 0


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"state": "mapping"}', "\x00"])
def test_no_finished_run(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(SourceError, match=r"run it again|no results of an audit"):
        Results.open(tmp_path)


def test_a_finished_run_whose_files_are_gone(audited: Results, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(audited.info))
    with pytest.raises(SourceError, match="damaged"):
        Results.open(tmp_path)
