"""The made-up crawl keeps its promises: what the truth says of a page is so, in every format, each time alike."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from benchmarks.crawl import __main__ as crawl
from benchmarks.crawl import fill, measure, spin
from benchmarks.crawl.text import jaccard

pq = pytest.importorskip("pyarrow.parquet")
archive = pytest.importorskip("warcio.archiveiterator")

PAGES = 300


def make(folder: Path, *more: str) -> Path:
    assert crawl.main(["make", "--pages", str(PAGES), "--to", str(folder), *more]) == 0
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("crawls") / "one")


@pytest.fixture(scope="module")
def truth(made: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (made / "truth" / "truth.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def texts(made: Path) -> dict[str, str]:
    with gzip.open(made / "truth" / "texts.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {row["url"]: row["text"] for row in map(json.loads, lines)}


def test_every_page_stands_once_in_every_format_with_the_same_bytes(
    made: Path, truth: list[dict[str, Any]]
) -> None:
    rows = [json.loads(line) for line in (made / "crawl.jsonl").read_text("utf-8").splitlines()]
    assert [row["url"] for row in rows] == [row["url"] for row in truth]
    assert len({row["url"] for row in truth}) == len({row["file"] for row in truth}) == PAGES
    table = pq.read_table(made / "crawl.parquet").to_pylist()
    assert [(row["url"], row["html"]) for row in rows] == [(row["url"], row["html"]) for row in table]
    for row, told in zip(rows, truth, strict=True):
        assert (made / "folder" / told["file"]).read_bytes() == row["html"].encode()
    assert len([f for f in (made / "folder").rglob("*") if f.is_file()]) == PAGES
    found = {}
    for file in sorted((made / "warc").iterdir()):
        with file.open("rb") as stream:
            for record in archive.ArchiveIterator(stream):
                if record.rec_type == "response" and record.http_headers.get_statuscode() == "200":
                    found[record.rec_headers.get_header("WARC-Target-URI")] = record.content_stream().read()
    assert {url: body for url, body in found.items() if not url.endswith(".gif")} == {
        row["url"]: row["html"].encode() for row in rows
    }


def test_the_same_seed_gives_the_same_crawl_and_another_seed_another(made: Path, tmp_path: Path) -> None:
    def files(folder: Path) -> dict[str, bytes]:
        return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}

    assert files(make(tmp_path / "again")) == files(made)
    other = make(tmp_path / "other", "--seed", "2", "--formats", "jsonl")
    assert (other / "crawl.jsonl").read_bytes() != (made / "crawl.jsonl").read_bytes()


def test_copies_are_near_and_half_rewritten_pages_are_not(
    truth: list[dict[str, Any]], texts: dict[str, str]
) -> None:
    kinds = Counter(row["kind"] for row in truth)
    assert kinds["clone"]
    for row in truth:
        if row["kind"] in ("clone", "half"):
            likeness = jaccard(texts[row["url"]], texts[row["partners"][0]])
            assert row["changed"]["jaccard"] == pytest.approx(likeness, abs=1e-4)
            assert likeness >= 0.8 if row["kind"] == "clone" else 0.4 <= likeness <= 0.6
        if row["kind"] == "technical":
            assert texts[row["url"]] == texts[row["partners"][0]]


def test_spun_pages_say_the_same_in_other_words(truth: list[dict[str, Any]], texts: dict[str, str]) -> None:
    groups: dict[str, list[str]] = {}
    for row in truth:
        if row["kind"] == "spun":
            groups.setdefault(row["group"], []).append(row["url"])
            assert 0.1 <= row["changed"]["share"] <= 0.65
    assert groups
    for urls in groups.values():
        assert len(urls) == 5
        assert all(jaccard(texts[one], texts[other]) < 0.7 for one, other in combinations(urls, 2))


def test_a_spinner_leaves_names_and_figures_and_keeps_the_form_of_a_word() -> None:
    table = spin.inventory()
    assert len(table) > 800
    assert "Warfarin" not in table
    assert "warfarin" not in table
    assert {"assisted", "aided", "supported"} <= set(table["helped"])
    assert {"grew", "evolved"} <= set(table["developed"])
    assert "signs" in table["symptoms"]


def test_pages_of_a_template_differ_in_their_slots(
    truth: list[dict[str, Any]], texts: dict[str, str]
) -> None:
    found = [row for row in truth if row["kind"] == "template"]
    assert len(found) == 50
    assert len({texts[row["url"]] for row in found}) == 50


def test_the_templates_are_many_and_unlike() -> None:
    templates = fill.templates()
    assert len({t.id for t in templates}) == len(templates) >= 40
    assert all(0.2 <= t.slotted <= 1 for t in templates)
    assert any(t.draw for t in templates)
    assert any(t.unique for t in templates)
    assert any(t.hosts > 1 for t in templates)


def test_a_ring_pushes_one_target_from_several_hosts(made: Path, truth: list[dict[str, Any]]) -> None:
    pages = {
        row["url"]: row["html"]
        for row in map(json.loads, (made / "crawl.jsonl").read_text("utf-8").splitlines())
    }
    ring = [row for row in truth if row["kind"] == "ring"]
    assert len(ring) >= 8
    assert len({row["changed"]["target"] for row in ring}) == 1
    assert len({row["url"].split("/")[2] for row in ring}) >= 3
    for row in ring:
        assert f'<a href="{row["changed"]["target"]}">{row["changed"]["anchor"]}</a>' in pages[row["url"]]


def test_a_crawl_is_never_written_over_and_never_larger_than_its_sources(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert crawl.main(["make", "--pages", "300", "--to", str(made)]) == 2
    assert "choose another folder" in capsys.readouterr().err
    assert crawl.main(["make", "--pages", "5000", "--to", str(tmp_path / "large")]) == 2
    assert "give --data or ask for fewer pages" in capsys.readouterr().err
    assert not (tmp_path / "large").exists()


def test_a_perfect_audit_measures_one_and_an_empty_one_zero(made: Path) -> None:
    truth = measure.Truth(made / "truth")
    copies = {
        tuple(sorted((u, r["partners"][0])))
        for u, r in truth.rows.items()
        if r["kind"] in ("clone", "technical")
    }
    full = measure.clones(truth, copies, copies)
    assert full["recall, planted copies"]["share"] == full["precision, all pairs of a group"]["share"] == 1
    assert measure.clones(truth, set(), set())["recall, planted copies"]["share"] == 0
    rings = truth.planted("ring")
    assert measure.rings(truth, rings.values(), set())["rings"]["share"] == 1
    honest = [url for url, row in truth.rows.items() if row["kind"] == "honest" and not row["role"]]
    assert measure.rings(truth, [honest], set()) | {"to read": []} == {
        "rings": measure.share(0, len(rings)),
        "pages": measure.share(0, sum(map(len, rings.values()))),
        "pages with the finding": measure.share(0, sum(map(len, rings.values()))),
        "false rings": 1,
        "missed": sorted(rings),
        "to read": [],
    }
    templates = truth.planted("template")
    assert measure.slot_templates(truth, templates.values(), set())["recall, pages"]["share"] == 1
    spun = {pair for urls in truth.planted("spun").values() for pair in combinations(sorted(urls), 2)}
    told = measure.siblings(truth, spun, spun)
    assert (
        told["recall, pairs"]["share"]
        == told["precision, pairs named"]["without pairs nobody planted"]["share"]
        == 1
    )
