"""Files, folders, JSON lines and standard input together."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from detector.document import Document, Unreadable
from detector.errors import SourceError
from detector.sources import Reading, count_sources, files, read_sources

TEXT = "The gate at Alder Lane squeaks, and Tom oils it on the first Monday of the month.\n"


def write(path: Path, content: str | bytes = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ids(*names: object) -> list[str]:
    return [item.id for item in read_sources([str(name) for name in names])]


def test_a_folder_gives_its_pages_by_relative_path_in_order(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a/z.html",
        "a/b/c.md",
        "a.html",
        "index.php",
        "about",
        ".hidden.txt",
        ".git/x.txt",
    ):
        write(tmp_path / name, "<p>" + TEXT)
    write(tmp_path / "style.css", "p { color: red }")
    write(tmp_path / "logo.png", b"\x89PNG\r\n\x1a\n" + bytes(50))
    write(tmp_path / "font.unknown", bytes(range(256)))
    write(tmp_path / "bundle.zip", b"PK\x03\x04" + bytes(30))
    write(tmp_path / "empty")
    (tmp_path / "empty").write_bytes(b"")
    assert ids(tmp_path) == ["a/b/c.md", "a/z.html", "a.html", "about", "b.txt", "index.php"]
    assert count_sources([str(tmp_path)]) == pytest.approx(6, abs=2)


def test_rows_of_a_folder_and_of_a_file(tmp_path: Path) -> None:
    rows = write(tmp_path / "rows.jsonl", '{"text": "a"}\n\n{"id": "q", "text": "b"}\nbad\n')
    assert ids(tmp_path) == ["rows.jsonl:1", "q", "rows.jsonl:4"]
    assert ids(rows) == [f"{rows}:1", "q", f"{rows}:4"]
    assert count_sources([str(rows)]) == 4


def test_several_names_come_in_the_order_given(tmp_path: Path) -> None:
    b, a = write(tmp_path / "b.txt"), write(tmp_path / "a.txt")
    assert ids(b, a, b) == [str(b), str(a), str(b)]


def test_symbolic_links_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path / "a" / "x.txt")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert "a/x.txt" in ids(tmp_path)


def test_a_missing_name_is_found_before_anything_is_read(tmp_path: Path) -> None:
    good = write(tmp_path / "a.txt")
    for missing in (str(tmp_path / "nowhere"), "a\0b"):
        with pytest.raises(SourceError, match="no such file"):
            read_sources([str(good), missing])
        assert count_sources([missing]) is None


def test_a_folder_without_pages_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x.css")
    with pytest.raises(SourceError, match="no pages"):
        read_sources([str(tmp_path)])


def test_an_address_alone_is_an_error_and_among_others_a_row(tmp_path: Path) -> None:
    private = "http://name:secret@127.0.0.1:9/"
    with pytest.raises(SourceError, match=r"127\.0\.0\.1"):
        list(read_sources([private]))
    good = str(write(tmp_path / "good.txt"))
    first, second = read_sources([private, good])
    assert isinstance(first, Unreadable)
    assert first.id == first.url == "http://127.0.0.1:9/"
    assert "secret" not in first.message
    assert isinstance(second, Document)
    assert count_sources([private, good]) == 2


def test_a_folder_of_every_kind_of_page_gives_a_row_for_each(tmp_path: Path) -> None:
    for name in ("a.html", "b.md", "c.txt", "d.docx", "e.odt", "f.pdf", "g.doc", "h.rtf"):
        write(tmp_path / name, b"<p>Some words.</p>")
    write(tmp_path / "i.png", b"\x89PNG\r\n\x1a\n\0\0")
    rows = {item.id: item for item in read_sources([str(tmp_path)])}
    assert list(rows) == ["a.html", "b.md", "c.txt", "d.docx", "e.odt", "f.pdf", "g.doc", "h.rtf"]
    assert [id for id, item in rows.items() if isinstance(item, Unreadable)] == list(rows)[3:]


def test_what_somebody_said_of_the_site_goes_to_every_page(tmp_path: Path) -> None:
    write(tmp_path / "a.html", b"<p>One.</p>")
    write(tmp_path / "b.jsonl", b'{"text": "Two."}\nbroken\n')
    sites = [
        getattr(d, "site", "none")
        for d in read_sources([str(tmp_path)], None, Reading(site="clinic.example"))
    ]
    assert sites == ["clinic.example", "clinic.example", "none"]


def test_a_bad_file_alone_is_an_error_and_among_others_a_row(tmp_path: Path) -> None:
    bad, good = write(tmp_path / "bad.txt", bytes(200)), write(tmp_path / "good.txt")
    with pytest.raises(SourceError, match="binary"):
        list(read_sources([str(bad)]))
    first, second = read_sources([str(bad), str(good)])
    assert isinstance(first, Unreadable)
    assert isinstance(second, Document)
    from_folder = list(read_sources([str(tmp_path)]))
    assert [type(item) for item in from_folder] == [Unreadable, Document]
    assert from_folder[0].id == "bad.txt"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_answered(tmp_path: Path) -> None:
    write(tmp_path / "a.txt").chmod(0)
    write(tmp_path / "b.txt")
    assert [type(item) for item in read_sources([str(tmp_path)])] == [Unreadable, Document]


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (TEXT.encode(), "text"),
        (b"<p>" + TEXT.encode(), "html"),
        (b"", "text"),
        (TEXT.encode("utf-16"), "text"),
    ],
)
def test_standard_input_is_read_by_its_content(data: bytes, source: str) -> None:
    (item,) = read_sources(["-"], io.BytesIO(data))
    assert isinstance(item, Document)
    assert (item.id, item.source) == ("-", source)


def test_rows_on_standard_input() -> None:
    rows = b'\n{"text": "a"}\n{bad\n{"id": "c", "html": "b"}\n'
    assert [item.id for item in read_sources(["-"], io.BytesIO(rows))] == ["-:2", "-:3", "c"]
    assert count_sources(["-"]) is None
    with pytest.raises(SourceError, match="standard input"):
        read_sources(["-"], None)


def test_a_line_beyond_the_limit_costs_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("detector.sources", "detector.sources.files"):
        monkeypatch.setattr(f"{module}.LIMIT", 1000)
    assert files.LIMIT == 1000
    rows = write(tmp_path / "r.jsonl", b'{"text": "' + b"a" * 5000 + b'"}\n{"id": "b", "text": "x"}\n')
    first, second = read_sources([str(rows)])
    assert isinstance(first, Unreadable)
    assert "limit" in first.message
    assert second.id == "b"
