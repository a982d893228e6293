"""Public pages come from a mirror, are checked against their digests, and arrive as training reads them."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.errors import SourceError, UsageError
from detector.train import data, fetch

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CORPUS = Path(__file__).parents[2] / "corpus"
FILES = {
    "a.html": b"<title>Tea</title><p>Tea is a drink.</p>",
    "blog/b.md": b"# Coffee\n\nCoffee is a drink too.\n",
    "c.php": b"<?php include 'head'; ?><p>Cocoa.</p>",
    "d.xml": b"<Document><Focus>Milk</Focus><Answer>White.</Answer><Other>no</Other></Document>",
    "e.json": b'[{"q": "One?", "a": "Yes."}, {"q": "Two?", "a": "No."}]',
    "f.source": b"first line\nsecond line\n",
    "g/one.md": b"Part one.",
    "g/two.md": b"Part two.",
    "h.txt": b"Plain words.",
}


def digest(name: str, kind: str = "sha256") -> str:
    content = FILES[name]
    if kind == "git":
        return "git:" + hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    return "sha256:" + hashlib.sha256(content).hexdigest()


# data file, side, reader, fields, pages: (path, id, digest)
SOURCES = [
    ("farm", "spam", "html", [], [("a.html", "1", digest("a.html")), ("c.php", "2", "-")]),
    ("blog", "legit", "markdown", [], [("blog/b.md", "3", digest("blog/b.md", "git"))]),
    ("leaflets", "legit", "xml", ["Focus", "Answer"], [("d.xml", "4", "-")]),
    ("answers", "legit", "json", ["q", "a"], [("e.json#1", "5", "-"), ("e.json#0", "6", "-")]),
    ("reviews", "legit", "lines", [], [("f.source#1", "7", "-")]),
    ("folders", "legit", "folder", [], [("g", "8", "-")]),
    ("notes", "legit", "text", [], [("h.txt", "9", digest("h.txt")), ("none.txt", "10", "-")]),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "sources").mkdir(parents=True)
    tables = []
    for name, side, reader, fields, pages in SOURCES:
        lines = [f"owner/site\t{path}\t{id}\t{digest}" for path, id, digest in pages]
        (folder / "sources" / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
        sha256 = hashlib.sha256(("\n".join(lines) + "\n").encode()).hexdigest()
        tables.append(
            f'[[source]]\ndata = "{name}"\nside = "{side}"\nrepository = "owner/site"\ncommit = "{COMMIT}"\n'
            f'licence = "MIT"\nreader = "{reader}"\nfields = {json.dumps(fields)}\nfiles = {len(pages)}\n'
            f'sha256 = "{sha256}"\n'
        )
    (folder / "sources.toml").write_text("\n".join(tables), "utf-8")
    return folder


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    archive = folder / "owner" / "site" / f"{COMMIT}.tar.gz"
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as out:
        for name, content in FILES.items():
            member = tarfile.TarInfo(f"site-{COMMIT}/{name}")
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
    return folder


@pytest.fixture
def server(mirror: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(mirror))
    ) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def rows(to: Path, side: str, name: str) -> list[dict[str, str]]:
    with gzip.open(to / side / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def silent(_: str) -> None:
    pass


def test_every_kind_of_file_becomes_rows(corpus: Path, mirror: Path, tmp_path: Path) -> None:
    to = tmp_path / "data"
    fetch.fetch([], corpus=corpus, to=to, mirror=str(mirror), say=silent)
    assert rows(to, "spam", "farm") == [
        {
            "id": "1",
            "html": "<title>Tea</title><p>Tea is a drink.</p>",
            "source": f"github:owner/site@{COMMIT}:a.html",
            "license": "MIT",
        },
        {
            "id": "2",
            "html": "<p>Cocoa.</p>",
            "source": f"github:owner/site@{COMMIT}:c.php",
            "license": "MIT",
        },
    ]
    assert rows(to, "legit", "blog")[0]["markdown"] == "# Coffee\n\nCoffee is a drink too.\n"
    assert rows(to, "legit", "leaflets")[0]["text"] == "Milk\n\nWhite."
    assert [r["text"] for r in rows(to, "legit", "answers")] == ["Two?\n\nNo.", "One?\n\nYes."]
    assert rows(to, "legit", "reviews")[0]["text"] == "second line"
    assert rows(to, "legit", "folders")[0]["markdown"] == "Part one.\n\nPart two."


def test_what_is_not_there_is_counted_and_said(corpus: Path, mirror: Path, tmp_path: Path) -> None:
    said: list[str] = []
    counts = fetch.fetch(["notes"], corpus=corpus, to=tmp_path / "data", mirror=str(mirror), say=said.append)
    assert counts["notes"] == fetch.Count(pages=2, got=1, changed=0, missing=1)
    assert said == ["notes: 1 of 2 pages, 0 changed, 1 missing"]


def test_a_file_that_was_changed_is_left_out(
    corpus: Path, mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "decode", bytes.decode)
    archive = mirror / "owner" / "site" / f"{COMMIT}.tar.gz"
    with tarfile.open(archive, "w:gz") as out:
        for name in ("a.html", "c.php"):
            member = tarfile.TarInfo(f"site-{COMMIT}/{name}")
            member.size = 9
            out.addfile(member, io.BytesIO(b"<p>Other."))
    counts = fetch.fetch(["farm"], corpus=corpus, to=tmp_path / "data", mirror=str(mirror), say=silent)
    assert counts["farm"] == fetch.Count(pages=2, got=1, changed=1, missing=0)


def test_a_mirror_may_be_a_server(corpus: Path, server: str, tmp_path: Path) -> None:
    counts = fetch.fetch(
        ["blog"], corpus=corpus, to=tmp_path / "data", mirror=server, allow_private=True, say=silent
    )
    assert counts["blog"].got == 1


def test_a_server_on_this_machine_needs_leave(corpus: Path, server: str, tmp_path: Path) -> None:
    said: list[str] = []
    counts = fetch.fetch(["blog"], corpus=corpus, to=tmp_path / "data", mirror=server, say=said.append)
    assert counts["blog"].got == 0
    assert "owner/site cannot be had" in said[0]
    assert not (tmp_path / "data" / "legit" / "blog.jsonl.gz").exists()


def test_a_repository_that_cannot_be_had_costs_its_own_pages_only(
    corpus: Path, mirror: Path, tmp_path: Path
) -> None:
    archive = mirror / "owner" / "site" / f"{COMMIT}.tar.gz"
    archive.write_bytes(archive.read_bytes()[:60])
    said: list[str] = []
    counts = fetch.fetch(["blog"], corpus=corpus, to=tmp_path / "data", mirror=str(mirror), say=said.append)
    assert counts["blog"].missing == 1
    assert "cannot be had" in said[0]


def test_what_is_complete_is_not_fetched_again(corpus: Path, mirror: Path, tmp_path: Path) -> None:
    to = tmp_path / "data"
    fetch.fetch(["blog"], corpus=corpus, to=to, mirror=str(mirror), say=silent)
    said: list[str] = []
    fetch.fetch(["blog"], corpus=corpus, to=to, mirror=str(tmp_path / "gone"), say=said.append)
    assert said == ["blog: all 1 pages are there"]


def test_the_same_pages_give_the_same_bytes(corpus: Path, mirror: Path, tmp_path: Path) -> None:
    for to in ("one", "two"):
        fetch.fetch(["answers"], corpus=corpus, to=tmp_path / to, mirror=str(mirror), say=silent)
    first, second = ((tmp_path / to / "legit" / "answers.jsonl.gz").read_bytes() for to in ("one", "two"))
    assert first == second


def test_an_unknown_name_says_which_there_are(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no source is called nots; there are answers, blog, "):
        fetch.fetch(["nots"], corpus=corpus, to=tmp_path, say=silent)


def test_a_list_that_was_changed_is_refused(corpus: Path) -> None:
    with (corpus / "sources" / "farm.tsv").open("a", encoding="utf-8") as file:
        file.write("owner/site\tz.html\t99\t-\n")
    with pytest.raises(SourceError, match=r"farm\.tsv is not the list"):
        fetch.sources(corpus)


def test_training_reads_what_was_fetched(corpus: Path, mirror: Path, tmp_path: Path) -> None:
    to = tmp_path / "data"
    fetch.fetch([], corpus=corpus, to=to, mirror=str(mirror), say=silent)
    # a data file becomes examples when training knows its name
    (to / "spam" / "farm.jsonl.gz").rename(to / "spam" / "farm_misc.jsonl.gz")
    found = data.read_public(to)
    assert [(e.id, e.source, e.label) for e in found] == [("1", "owner/site", 1), ("2", "owner/site", 1)]


def test_the_sources_of_this_project_are_pinned() -> None:
    found = fetch.sources(CORPUS)
    assert {s.data for s in found} >= (set(data.HONEST) | set(data.SPAM) | set(data.UNSPOILED))
    for source in found:
        assert len(source.commit) == 40
        assert source.pages
        assert source.licence
        for page in source.pages:
            assert page.digest == "-" or page.digest.startswith(("sha256:", "git:"))


def test_what_is_missing_is_named(corpus: Path, mirror: Path, tmp_path: Path) -> None:
    to = tmp_path / "data"
    fetch.fetch(["blog"], corpus=corpus, to=to, mirror=str(mirror), say=silent)
    assert fetch.missing(corpus, to) == ["answers", "folders", "leaflets", "notes", "reviews", "farm"]
    assert fetch.missing(corpus, None) == [
        "answers",
        "blog",
        "folders",
        "leaflets",
        "notes",
        "reviews",
        "farm",
    ]
