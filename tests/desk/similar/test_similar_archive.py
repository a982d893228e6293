"""The archive comes in from whatever holds pages, politely where it is fetched; what comes again takes its place."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from detector.desk.similar import archive, find, import_archive, prefix_of
from detector.desk.store import Store
from detector.errors import NotFoundError, SourceError
from detector.sources.crawls.live import Politeness
from detector.sources.reading import Reading

QUICK = Politeness(delay=0, backoff=0.001, allow_private=True)


def html(text: str, title: str = "A page") -> str:
    paragraphs = "".join(f"<p>{p}</p>" for p in text.split("\n\n"))
    return (
        f"<!doctype html><title>{title}</title><nav><a href=/>Home</a> <a href=/about>About us</a></nav>"
        f"<main><h1>{title}</h1>{paragraphs}</main><footer>All rights reserved by the harbour office.</footer>"
    )


@pytest.fixture
def folder(tmp_path: Path, article: Callable[..., str]) -> Path:
    """Five pages in a folder, one below another one."""
    pages = tmp_path / "pages"
    (pages / "blog").mkdir(parents=True)
    for seed in range(4):
        (pages / f"page{seed}.html").write_text(html(article(seed), f"Page {seed}"), "utf-8")
    (pages / "blog" / "note.md").write_text(f"# A note\n\n{article(4)}\n", "utf-8")
    return pages


def found(store: Store, send: Callable[..., str], text: str) -> list[str]:
    """The titles of what a text resembles."""
    id = send(text)
    try:
        return [match.title for match in find(store, id)]
    finally:
        store.remove(id, "test")


def test_a_folder_of_pages_is_found_again(
    store: Store, send: Callable[..., str], article: Callable[..., str], folder: Path
) -> None:
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 no document")
    (folder / "short.html").write_text(html("Just a few words."), "utf-8")
    done = import_archive(store, [str(folder)])
    assert (done.added, done.removed, store.archive_count()) == (5, 0, 5)
    assert found(store, send, article(2)) == ["Page 2"]
    assert found(store, send, article(4)) == ["A note"]
    told = "\n".join(done.passed_over)
    assert "broken.docx" in told
    assert "short.html: hardly any text." in told
    assert "1 images" in told or "1 image" in told


def test_only_running_text_is_kept(store: Store, article: Callable[..., str], folder: Path) -> None:
    import_archive(store, [str(folder)])
    kept = store.text_of("archive", f"{prefix_of(str(folder))}page1.html")
    assert kept.title == "Page 1"
    assert kept.text == f"Page 1\n\n{article(1)}"


def test_what_comes_again_takes_its_old_place_and_what_is_gone_goes(
    store: Store, send: Callable[..., str], article: Callable[..., str], folder: Path
) -> None:
    import_archive(store, [str(folder)])
    (folder / "page0.html").write_text(html(article(20), "Page 0, new"), "utf-8")
    (folder / "page1.html").unlink()
    (folder / "page9.html").write_text(html(article(9), "Page 9"), "utf-8")
    done = import_archive(store, [str(folder)])
    assert (done.added, done.removed, store.archive_count()) == (5, 1, 5)
    assert found(store, send, article(20)) == ["Page 0, new"]
    assert found(store, send, article(9)) == ["Page 9"]
    assert found(store, send, article(0)) == found(store, send, article(1)) == []


def test_a_page_that_cannot_be_read_this_time_stays_as_it_was(
    store: Store, send: Callable[..., str], article: Callable[..., str], folder: Path
) -> None:
    import_archive(store, [str(folder)])
    (folder / "page2.html").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x01\x02")
    done = import_archive(store, [str(folder)])
    assert (done.added, done.removed) == (5, 0)
    assert any("page2.html" in line for line in done.passed_over)
    assert found(store, send, article(2)) == ["Page 2"]


def test_a_source_that_cannot_be_read_changes_nothing(store: Store, tmp_path: Path, folder: Path) -> None:
    import_archive(store, [str(folder)])
    for page in folder.rglob("*.*"):
        page.unlink()
    with pytest.raises(SourceError, match="holds no pages"):
        import_archive(store, [str(folder)])
    with pytest.raises(SourceError, match="no such file"):
        import_archive(store, [str(tmp_path / "nowhere")])
    assert store.archive_count() == 5


def test_an_import_that_was_cut_short_loses_nothing(
    store: Store, folder: Path, article: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import_archive(store, [str(folder)])
    monkeypatch.setattr(archive, "CHUNK", 2)
    add, calls = store.add_archive, []

    def add_and_stop(pages: list[object]) -> int:
        if calls:
            raise KeyboardInterrupt
        calls.append(len(pages))
        return add(pages)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "add_archive", add_and_stop)
    (folder / "page3.html").unlink()
    with pytest.raises(KeyboardInterrupt):
        import_archive(store, [str(folder)])
    assert calls == [2]  # so many at a time, whatever the source holds
    assert store.archive_count() == 5


def test_sources_do_not_get_in_each_others_way(
    store: Store, folder: Path, tmp_path: Path, article: Callable[..., str]
) -> None:
    longer = tmp_path / "pages2"
    longer.mkdir()
    (longer / "page0.html").write_text(html(article(30)), "utf-8")
    assert import_archive(store, [str(folder), str(longer)]).added == 6
    assert import_archive(store, [str(folder)]).removed == 0
    assert store.archive_count() == 6
    assert store.remove_archive(prefix_of(str(longer))) == 1


def test_the_same_text_under_two_names_is_kept_once(
    store: Store, folder: Path, article: Callable[..., str]
) -> None:
    (folder / "print.html").write_text(html(article(1), "Page 1"), "utf-8")
    done = import_archive(store, [str(folder)])
    assert done.added == 5
    assert "print.html: the same text as another page." in done.passed_over


def test_an_upload_goes_by_its_name_wherever_it_lies(
    store: Store, folder: Path, tmp_path: Path, article: Callable[..., str]
) -> None:
    for n, seed in enumerate((1, 2)):
        upload = tmp_path / f"upload{n}" / "tmpfile.html"
        upload.parent.mkdir()
        upload.write_text(html(article(seed), f"Version {n}"), "utf-8")
        done = import_archive(store, [str(upload)], called={str(upload): "boats.html"})
        assert (done.added, done.removed) == (1, 0)
        kept = store.text_of("archive", f"{prefix_of('boats.html', named=True)}tmpfile.html")
        assert kept.title == f"Version {n}"


def test_a_zip_archive_of_pages(
    store: Store, send: Callable[..., str], folder: Path, tmp_path: Path, article: Callable[..., str]
) -> None:
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archived:
        for page in sorted(folder.rglob("*.*")):
            archived.write(page, f"export/{page.relative_to(folder)}")
        archived.writestr("../../outside.html", html(article(40), "Outside"))
        archived.writestr("__MACOSX/._page0.html", b"\x00\x05")
    assert import_archive(store, [str(packed)]).added == 6
    assert found(store, send, article(3)) == ["Page 3"]
    assert not list(tmp_path.parent.rglob("outside.html"))
    store.text_of("archive", f"{prefix_of(str(packed))}export/page0.html")


def test_a_zip_archive_that_unpacks_to_too_much_is_refused_before_it_is(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archived:
        archived.writestr("page.html", b"0" * 5_000_000)
    monkeypatch.setattr(archive, "ZIP_BYTES", 1_000_000)
    with pytest.raises(SourceError, match="give it in parts"):
        import_archive(store, [str(packed)])


def test_a_damaged_zip_archive_is_told(store: Store, folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archived:
        for page in sorted(folder.glob("*.html")):
            archived.write(page, page.name)
    data = packed.read_bytes()
    at = data.index(b"<title>Page 1")
    packed.write_bytes(data[:at] + b"#" + data[at + 1 :])
    done = import_archive(store, [str(packed)])
    assert done.added == 3
    assert any("page1.html" in line and "cannot be unpacked" in line for line in done.passed_over)


def record(url: str, page: str) -> bytes:
    """A page as a WARC file holds it."""
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}".encode()
    told = {
        "Type": "response",
        "Target-URI": url,
        "Date": "2026-01-02T03:04:05Z",
        "Record-ID": f"<urn:test:{len(url)}>",
    }
    header = "".join(f"WARC-{name}: {value}\r\n" for name, value in told.items())
    kind = f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}"
    return f"WARC/1.0\r\n{header}{kind}\r\n\r\n".encode() + body + b"\r\n\r\n"


def test_json_lines_warc_and_single_files(
    store: Store, send: Callable[..., str], tmp_path: Path, article: Callable[..., str]
) -> None:
    lines = tmp_path / "feed.jsonl"
    rows = [{"id": "a", "text": article(1), "title": "A"}, {"text": article(2), "title": "B"}, {"id": "c"}]
    lines.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    warc = tmp_path / "crawl.warc"
    warc.write_bytes(
        b"".join(record(f"https://site.example/{n}", html(article(ord(n)), f"Page {n}")) for n in "xy")
    )
    note = tmp_path / "note.txt"
    note.write_text(f"A plain note\n\n{article(3)}", "utf-8")
    done = import_archive(store, [str(lines), str(warc), str(note)])
    assert done.added == 5
    assert any("feed.jsonl:3" in line for line in done.passed_over)
    assert found(store, send, article(1)) == ["A"]
    assert found(store, send, article(2)) == ["B"]
    assert found(store, send, article(3)) == ["A plain note"]
    id = send(article(ord("y")))
    assert [(m.title, m.url) for m in find(store, id)] == [("Page y", "https://site.example/y")]
    assert import_archive(store, [str(lines), str(warc), str(note)]).removed == 0
    assert store.archive_count() == 5


class Site:
    """A site on loopback. pages: by path, its answers; asked: the paths in order, and whether "if it has changed"."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.asked: list[tuple[str, bool]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                tag = self.headers.get("If-None-Match")
                site.asked.append((self.path, tag is not None))
                body = site.pages.get(self.path, "").encode()
                name = f'"{hash(body)}"'
                self.send_response(404 if not body else 304 if tag == name else 200)
                self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html")
                self.send_header("ETag", name)
                self.end_headers()
                if body and tag != name:
                    self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def put(self, **pages: str) -> None:
        """Pages, and a sitemap that names them."""
        self.pages = {f"/{name}": body for name, body in pages.items()}
        names = "".join(f"<url><loc>{self.url}/{name}</loc></url>" for name in pages)
        self.pages["/sitemap.xml"] = f"<urlset>{names}</urlset>"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, args=(0.01,))
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


def test_a_sitemap_is_fetched_politely_and_the_second_time_only_what_changed(
    store: Store, send: Callable[..., str], article: Callable[..., str], site: Site, tmp_path: Path
) -> None:
    site.put(
        a=html(article(1), "A"), b=html(article(2), "B"), c=html(article(3), "C"), secret=html(article(4))
    )
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /secret\n"
    sitemap = f"{site.url}/sitemap.xml"
    done = import_archive(store, [sitemap], fetched=tmp_path / "fetched", politeness=QUICK)
    assert done.added == store.archive_count() == 3
    assert any("/secret" in line and "robots.txt" in line for line in done.passed_over)
    assert "/secret" not in {path for path, _ in site.asked}
    assert found(store, send, article(2)) == ["B"]

    site.put(a=html(article(1), "A"), b=html(article(12), "B, new"))
    site.asked.clear()
    done = import_archive(store, [sitemap], fetched=tmp_path / "fetched", politeness=QUICK)
    assert (done.added, done.removed, store.archive_count()) == (2, 1, 2)
    assert ("/a", True) in site.asked
    assert found(store, send, article(12)) == ["B, new"]
    assert found(store, send, article(3)) == []


def test_pages_that_fail_for_now_stay_in_the_archive(
    store: Store, send: Callable[..., str], article: Callable[..., str], site: Site
) -> None:
    site.put(a=html(article(1), "A"), b=html(article(2), "B"))
    import_archive(store, [f"{site.url}/sitemap.xml"], politeness=QUICK)
    del site.pages["/b"]
    done = import_archive(store, [f"{site.url}/sitemap.xml"], politeness=QUICK)
    assert (done.added, done.removed) == (2, 0)
    assert any("/b" in line for line in done.passed_over)
    assert found(store, send, article(2)) == ["B"]


def test_the_address_of_a_page_is_a_source_too(store: Store, article: Callable[..., str], site: Site) -> None:
    site.put(a=html(article(1), "A"))
    reading = Reading(allow_private=True)
    assert import_archive(store, [f"{site.url}/a"], reading=reading).added == 1
    assert import_archive(store, [f"{site.url}/a"], reading=reading).removed == 0
    with pytest.raises(SourceError):
        import_archive(store, [f"{site.url}/a"])  # this machine, and nobody allowed it
    assert store.archive_count() == 1


def test_progress_is_told(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "EVERY", 0.0)
    said: list[str] = []
    import_archive(store, [str(folder)], say=said.append)
    assert len(said) == 5
    assert said[-1].startswith(f"{folder}: 5 pages, ")


def test_of_very_many_pages_passed_over_the_first_are_told(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(9):
        (folder / f"short{n}.html").write_text(html("Just a few words."), "utf-8")
    monkeypatch.setattr(archive, "TOLD", 4)
    told = import_archive(store, [str(folder)]).passed_over
    assert len(told) == 5
    assert told[-1] == "and 5 more"


def test_keys_of_pages_that_are_gone_lead_nowhere(store: Store, folder: Path) -> None:
    import_archive(store, [str(folder)])
    (folder / "page0.html").unlink()
    import_archive(store, [str(folder)])
    with pytest.raises(NotFoundError):
        store.text_of("archive", f"{prefix_of(str(folder))}page0.html")
