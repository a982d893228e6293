"""Folders of pages, and mirrors that wget has made."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Document
from detector.sources.crawls import folder, open_crawl
from detector.sources.files import LIMIT

PAGE = "<!DOCTYPE html><html><body><p>The gate at Alder Lane squeaks.</p></body></html>"


def write(path: Path, content: str | bytes = PAGE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("e.org/index.html", "https://e.org/"),
        ("WWW.E.org/a/index.html", "https://www.e.org/a/"),
        ("e.org/a/b.html", "https://e.org/a/b.html"),
        ("e.org:8080/a", "https://e.org:8080/a"),
        ("e.org+8080/a", "https://e.org:8080/a"),
        ("http/e.org/a", "http://e.org/a"),
        ("mirror/e.org/a", "https://e.org/a"),
        ("mirror/http/e.org/a", "http://e.org/a"),
        ("localhost/a", "https://localhost/a"),
        ("127.0.0.1:80/a", "https://127.0.0.1:80/a"),
        ("e.org/p.php?id=7", "https://e.org/p.php?id=7"),
        ("e.org/p.php?id=7.html", "https://e.org/p.php?id=7"),
        ("e.org/p.php@id=7.html", "https://e.org/p.php?id=7"),
        ("e.org/index.html?x=a%2Fb&y", "https://e.org/?x=a%2Fb&y"),
        ("e.org/p.php.html", "https://e.org/p.php"),
        ("e.org/@name/post", "https://e.org/@name/post"),
        ("e.org/café & co", "https://e.org/caf%C3%A9%20&%20co"),
        ("e.org/a.html.orig", "https://e.org/a.html"),
        ("xn--caf-dma.fr/a", "https://xn--caf-dma.fr/a"),
        ("site/a.html", None),
        ("v1.2/a.html", None),
        ("pages.old/a.html", None),
        ("a/b/e.org/a.html", None),
        ("e.org", None),
    ],
)
def test_addresses_from_the_names_of_a_mirror(path: str, url: str | None) -> None:
    assert folder.address_of(tuple(path.split("/"))) == url


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5))
def test_any_path_has_an_address_or_none(parts: list[str]) -> None:
    url = folder.address_of(("e.org", *parts))
    assert url is None or url.startswith(("https://", "http://"))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.html", ".html"),
        ("a.HTM", ".htm"),
        ("a", ""),
        ("a.php?id=7", ""),
        ("a.php?id=7.html", ".html"),
        ("a.pdf?v=1.5", ".pdf"),
        ("a.html@v=2", ".html"),
        ("a.md.gz", ".md"),
        ("a.html.orig", ".html"),
        ("a.html.1", ""),
        ("a.doc", ".doc"),
    ],
)
def test_how_a_stored_page_is_read(name: str, form: str) -> None:
    assert folder.ending_of(name) == form


def test_a_folder_gives_its_pages_and_counts_the_rest(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a/z.html",
        "a.html",
        "about",
        "index.php",
        "a/x.html.1",
        "p.php?id=7",
        ".git/x.txt",
        "d.doc",
    ):
        write(tmp_path / name)
    write(tmp_path / "robots.txt", "User-agent: *")
    write(tmp_path / "style.css", "p { color: red }")
    write(tmp_path / "app.js", "var a = {};")
    write(tmp_path / "data.json", '{"a": 1}')
    write(tmp_path / "logo", b"\x89PNG\r\n\x1a\n" + bytes(50))
    write(tmp_path / "photo.jpg", b"\xff\xd8\xff")
    write(tmp_path / "sitemap.xml", "<?xml version='1.0'?><urlset></urlset>")
    crawl = open_crawl([str(tmp_path)])
    assert crawl.kind == "folder"
    records = list(crawl.records())
    assert [r.id for _, r in records] == [
        "a/x.html.1", "a/z.html", "a.html", "about", "b.txt", "d.doc", "index.php", "p.php?id=7",
    ]  # fmt: skip
    assert [row for row, _ in records] == [n << 32 for n in range(8)]
    assert crawl.passed_over == {
        "robots.txt": 1,
        "style sheets": 1,
        "scripts": 1,
        "data (JSON, XML, ...)": 2,
        "images": 1,
        "other files": 1,
    }
    assert all(r.url is None for _, r in records)


def test_what_an_audit_has_written_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.html")
    write(tmp_path / "out" / "run.json", json.dumps({"detector": "1.0", "state": "done"}))
    write(tmp_path / "out" / "report.html")
    write(tmp_path / "other" / "run.json", json.dumps({"speed": 3}))
    write(tmp_path / "other" / "b.html")
    assert [r.id for _, r in open_crawl([str(tmp_path)]).records()] == ["a.html", "other/b.html"]


def test_links_in_a_circle_and_to_nowhere(tmp_path: Path) -> None:
    write(tmp_path / "a" / "x.html")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "gone.html").symlink_to(tmp_path / "nothing")
    first, second = (r for _, r in open_crawl([str(tmp_path)]).records())
    assert (first.id, first.problem) == ("a/x.html", None)
    assert second.problem == "gone.html: cannot be read (No such file or directory); check its permissions."


def test_a_page_beyond_the_limit_is_a_row(tmp_path: Path) -> None:
    with write(tmp_path / "a.html").open("wb") as file:
        file.truncate(LIMIT + 1)
    write(tmp_path / "b.html")
    first, second = (r for _, r in open_crawl([str(tmp_path)]).records())
    assert (first.problem, first.body) == ("a.html: larger than the limit of 20 MB; split it.", b"")
    assert second.problem is None


def test_a_file_that_is_gone_when_it_is_read_is_a_row(tmp_path: Path) -> None:
    write(tmp_path / "a.html")
    write(tmp_path / "b.html")
    crawl = open_crawl([str(tmp_path)])
    (tmp_path / "a.html").unlink()
    first, second = (r for _, r in crawl.records())
    assert "cannot be read (No such file" in str(first.problem)
    assert second.problem is None


WGET = pytest.mark.skipif(shutil.which("wget") is None, reason="needs wget")
ADJUSTED = {"/about": "/about.html"}  # nothing in the name says that the ending was added


@WGET
@pytest.mark.parametrize(
    ("options", "scheme"),
    [
        ("-r", "https"),
        ("-r -E -k -K", "https"),
        ("-r --restrict-file-names=windows", "https"),
        ("-r -E --restrict-file-names=windows", "https"),
        ("-r --protocol-directories", "http"),
    ],
)
def test_a_mirror_that_wget_has_made(
    options: str, scheme: str, server: str, pages: dict[str, str], tmp_path: Path
) -> None:
    run = subprocess.run(
        ["wget", "-q", *options.split(), server + "/"], cwd=tmp_path, timeout=60, check=False
    )
    assert run.returncode in (0, 8), "8: the server has no robots.txt"
    crawl = open_crawl([str(tmp_path)])
    assert crawl.kind == "wget mirror"
    own = server.replace("http", scheme)
    found = {r.url: r.read() for _, r in crawl.records()}
    for path, html in pages.items():
        url = own + (ADJUSTED.get(path, path) if "-E" in options and "-K" not in options else path)
        document = found.pop(url)
        assert isinstance(document, Document)
        expected = Document.from_html(html, url)
        assert (document.text, document.blocks, document.links) == (
            expected.text,
            expected.blocks,
            expected.links,
        )
    assert not found


@WGET
def test_the_folder_of_one_host_and_pages_without_their_host(
    server: str, pages: dict[str, str], tmp_path: Path
) -> None:
    for options in (["-r"], ["-r", "-nH", "-P", "bare"]):
        subprocess.run(["wget", "-q", *options, server + "/"], cwd=tmp_path, timeout=60, check=False)
    host = open_crawl([str(tmp_path / server.removeprefix("http://"))])
    assert {r.url for _, r in host.records()} == {server.replace("http", "https") + path for path in pages}
    bare = open_crawl([str(tmp_path / "bare")])
    assert (bare.kind, {r.url for _, r in bare.records()}) == ("folder", {None})


@WGET
def test_an_archive_that_wget_has_written_beside_its_mirror(
    server: str, pages: dict[str, str], tmp_path: Path
) -> None:
    subprocess.run(["wget", "-q", "-r", "--warc-file=a", server + "/"], cwd=tmp_path, timeout=60, check=False)
    crawl = open_crawl([str(tmp_path)])
    assert crawl.kind == "WARC"
    found = {r.url: r.read() for _, r in crawl.records()}
    assert found == {
        server + path: Document.from_html(html, server + path, id=server + path)
        for path, html in pages.items()
    }
    assert crawl.passed_over["files beside the archives"] == len(pages)
