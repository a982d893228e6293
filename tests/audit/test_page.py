"""One record in, one row out, whatever the record holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from detector.audit import page, schema
from detector.audit.sketch import plain_address
from detector.audit.worker import Settings
from detector.score import Detector
from detector.sources.crawls.record import ROW, Record
from detector.sources.reading import DEFAULT


@pytest.fixture(scope="module")
def detector(settings: Settings) -> Detector:
    return settings.load()


def test_a_page(detector: Detector, plain_text: str) -> None:
    record = Record(
        "page",
        "a.warc@12",
        plain_text.encode(),
        ".txt",
        "https://www.a.example/x/?utm_source=y",
        "2026-01-02T03:04:05Z",
    )
    (row,) = page.to_batch([page.answer(5, record, detector, DEFAULT)]).to_pylist()
    verdict = detector.answer(record.read())  # type: ignore[arg-type]
    assert (row["row"], row["id"], row["place"], row["time"]) == (
        5,
        "page",
        "a.warc@12",
        "2026-01-02T03:04:05Z",
    )
    assert (row["url"], row["host"], row["address"]) == (record.url, "a.example", "a.example/x")
    assert (row["outcome"], row["score"]) == (verdict.outcome, verdict.score)
    assert row["text"] == plain_text
    for s in row["sentences"]:
        assert s["words"] >= 6
        assert plain_text[s["begins"] : s["ends"]].strip()


def test_a_copy_in_disguise_is_compared_as_it_is_read(detector: Detector, plain_text: str) -> None:
    text = plain_text.replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n")
    disguised = "".join(c + "\u200b" * (n % 7 == 3 and c.isalpha()) for n, c in enumerate(text))
    plain, hidden = (
        page.answer(0, Record("x", "x", written.encode(), ".txt"), detector, DEFAULT)
        for written in (text, disguised)
    )
    assert plain.sketch is not None
    assert hidden.sketch is not None
    for name in ("exact", "masked", "shingles", "marks"):
        assert getattr(plain.sketch, name).tolist() == getattr(hidden.sketch, name).tolist(), name
    assert hidden.verdict["text"] == disguised
    shown = [disguised[a:b] for a, b in zip(hidden.sketch.starts, hidden.sketch.ends, strict=True)]
    assert [there.replace("\u200b", "") for there in shown] == [
        text[a:b] for a, b in zip(plain.sketch.starts, plain.sketch.ends, strict=True)
    ]


def test_what_is_not_scored_leaves_no_sketch(detector: Detector) -> None:
    for record in (Record("a", "a:1", b"Too short.", ".txt"), Record("b", "b:1", problem="b:1: gone; look.")):
        (row,) = page.to_batch([page.answer(0, record, detector, DEFAULT)]).to_pylist()
        assert row["outcome"] == "unscored"
        assert row["sentences"] == row["shingles"] == row["marks"] == row["anchors"] == []


def test_a_page_without_an_address_goes_by_its_id(detector: Detector) -> None:
    row = page.answer(0, Record("folder/page.txt", "folder/page.txt", b"x", ".txt"), detector, DEFAULT)
    assert (row.verdict["url"], row.verdict["host"], row.verdict["address"]) == (None, "", "folder/page.txt")


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    form=st.sampled_from(["", ".html", ".md", ROW]),
)
def test_any_bytes_make_a_row(body: bytes, form: str, detector: Detector) -> None:
    record = Record("x", "crawl:1", body, form, "https://a.example/")
    batch = page.to_batch([page.answer(0, record, detector, DEFAULT)])
    assert batch.schema == schema.PAGES
    assert batch.num_rows == 1


def test_half_a_surrogate_pair(detector: Detector, plain_text: str) -> None:
    raw = {
        "id": "a\ud83d",
        "title": "t\ud83d",
        "url": "https://a.example/\ud83d",
        "text": plain_text + "\ud83d",
    }
    record = Record("x", "crawl:1", json.dumps(raw).encode(), ROW)
    assert page.to_batch([page.answer(0, record, detector, DEFAULT)]).num_rows == 1


def test_no_rows() -> None:
    assert page.to_batch([]).schema == schema.PAGES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.A.example/x/", "http://a.example/x"),
        ("https://a.example/", "https://a.example"),
        ("https://a.example/x/index.html", "https://a.example/x"),
        ("https://a.example/x?b=1&a=2", "https://a.example/x?a=2&b=1"),
        ("https://a.example/x?utm_source=z&fbclid=1&a=2", "https://a.example/x?a=2"),
        ("https://a.example/x#part", "https://a.example/x"),
    ],
)
def test_spellings_of_one_address(one: str, other: str) -> None:
    assert plain_address(one) == plain_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x?p=1", "https://a.example/x?p=2"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/x", "https://shop.a.example/x"),
    ],
)
def test_different_addresses(one: str, other: str) -> None:
    assert plain_address(one) != plain_address(other)


def test_a_file_name_that_is_no_utf_8(tmp_path: Path) -> None:
    from detector.sources.crawls import open_crawl

    folder = tmp_path / "site.example"
    folder.mkdir()
    try:
        (folder / "caf\udce9.html").write_bytes(b"<p>Coffee is served here.</p>")
    except (OSError, UnicodeEncodeError):
        pytest.skip("this disk takes no such names")
    ((_, record),) = open_crawl([str(tmp_path)]).records()
    assert record.id == "site.example/caf\N{REPLACEMENT CHARACTER}.html"
    assert record.url == "https://site.example/caf%E9.html"
