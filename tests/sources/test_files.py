"""Files and JSON lines."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.document import Document, Unreadable
from detector.errors import SourceError
from detector.sources import files, read_sources
from detector.sources.files import LIMIT, read_file, read_jsonl
from detector.sources.html import read_html

TEXT = "The Heron\n\nA heron stands at a weir near Dorset Mill, and nobody has seen it catch a naïve fish since May.\n"
HTML = f"<!doctype html><title>Heron</title><p>{TEXT}</p>"


def one(row: object) -> Document | Unreadable:
    line = row if isinstance(row, bytes) else json.dumps(row).encode()
    (item,) = read_jsonl([line], "rows.jsonl")
    return item


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("a.html", HTML, "html"),
        ("a.HTM", HTML, "html"),
        ("a.xhtml", '<?xml version="1.0"?>' + HTML, "html"),
        ("a.md", TEXT, "markdown"),
        ("a.markdown", TEXT, "markdown"),
        ("a.txt", TEXT, "text"),
        ("a.txt", HTML, "text"),
        ("page", HTML, "html"),
        ("page.php", "\n <!-- x --><div>" + TEXT, "html"),
        ("page", TEXT, "text"),
        ("page.html?id=3", "<p>" + TEXT, "html"),
    ],
)
def test_ending_then_content_say_how_a_file_is_read(
    tmp_path: Path, name: str, content: str, source: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert read_file(path).source == source
    assert read_file(str(path)).id == str(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a"])
def test_every_encoding_gives_the_same_text(tmp_path: Path, name: str, encoding: str) -> None:
    (tmp_path / name).write_bytes(TEXT.replace("\n", "\r\n").encode(encoding))
    assert read_file(tmp_path / name).text == TEXT.replace("\n", "\r\n")


@pytest.mark.parametrize("name", ["a.html", "a.md", "a.txt", "a"])
def test_an_empty_file_is_an_empty_document(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert read_file(tmp_path / name).text == ""


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.docx", b"PK\x03\x04", "damaged"),
        ("a.odt", b"PK\x03\x04", "damaged"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "save it as .docx"),
        ("a.rtf", b"{\\rtf1 Hello.}", "save it as .docx"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        ("a.html", b"\x1f\x8b\x08\0\0", "ends too early"),
        ("a.bin", bytes(range(256)) * 9, "binary"),
        ("a.html", bytes(range(256)) * 9, "binary"),
    ],
)
def test_what_is_no_text_says_so(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError, match=says):
        read_file(tmp_path / name)


def test_a_missing_file_and_a_folder_are_errors_that_name_the_path(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.txt", tmp_path, "a\0b"):
        with pytest.raises(SourceError, match=r"cannot be read"):
            read_file(path)


def test_the_limit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LIMIT", 2_000_000)
    (tmp_path / "a.txt").write_bytes(b"a" * 2_000_001)
    with pytest.raises(SourceError, match="2 MB"):
        read_file(tmp_path / "a.txt")


@pytest.mark.parametrize(("key", "ending"), [("html", ".html"), ("markdown", ".md"), ("text", ".txt")])
def test_file_folder_and_row_give_the_same_document(tmp_path: Path, key: str, ending: str) -> None:
    content = (HTML if key == "html" else TEXT).replace("\n", "\r\n")
    path = tmp_path / f"a{ending}"
    path.write_bytes(content.encode())
    (from_folder,) = read_sources([str(tmp_path)])
    row = one({"id": f"a{ending}", key: content})
    assert row == from_folder == read_file(path, id=f"a{ending}")


def test_a_row_may_name_url_and_title() -> None:
    for key in ("html", "markdown", "text"):
        document = one({"id": 7, key: "Words", "url": "https://a.org/", "title": "T"})
        assert isinstance(document, Document)
        assert (document.id, document.url, document.title) == ("7", "https://a.org/", "T")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b"{broken", "not valid JSON"),
        (b'"text"', "not a JSON object"),
        (b'{"text": "caf\xe9"}', "UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"text": ' + b"9" * 5000 + b"}", "not valid JSON"),
        ({"id": "a"}, "no content"),
        ({"id": "a", "text": None}, "no content"),
        ({"id": "a", "text": "x", "html": "y"}, "exactly one"),
        ({"id": "a", "text": 5}, "`text` must be a string"),
        ({"id": ["a"], "text": "x"}, "`id` must be a string"),
        ({"id": True, "text": "x"}, "`id` must be a string"),
        ({"id": "a", "text": "x", "url": 5}, "`url` and `title`"),
    ],
)
def test_a_bad_row_says_where_it_is_and_what_to_do(row: object, says: str) -> None:
    item = one(row)
    assert isinstance(item, Unreadable)
    assert "rows.jsonl:1: " in item.message
    assert says in item.message
    assert item.kind == "unreadable"


def test_every_line_but_blank_ones_gives_one_item_in_order() -> None:
    lines = [b'\xef\xbb\xbf{"text": "a"}\r\n', b"\n", b"nonsense\n", b'  {"id": "z", "text": "b"}']
    assert [item.id for item in read_jsonl(lines, "r")] == ["r:1", "r:3", "z"]


def test_half_a_surrogate_pair_becomes_one_replacement_character() -> None:
    document = one(b'{"id": "\\ud800", "text": "a\\udfffb"}')
    assert isinstance(document, Document)
    assert (document.id, document.text) == ("\ufffd", "a\ufffdb")


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "text", "html", "markdown", "url", "title"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


def test_a_page_saved_as_the_server_packed_it_is_unpacked(tmp_path: Path) -> None:
    page = b"<title>Tea</title><p>Tea is a drink.</p>"
    for name in ("page.html", "page.html.gz"):
        (tmp_path / name).write_bytes(gzip.compress(page))
        assert read_file(tmp_path / name).text == read_html(page).text


def test_gzip_data_that_is_cut_damaged_or_a_bomb_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(bytes(range(256)) * 40)
    bomb = gzip.compress(bytes(LIMIT + 1))
    for data, said in (
        (whole[:-30], "ends too early"),
        (whole[:10] + b"\xff" * 40, "damaged"),
        (bomb, "limit"),
    ):
        (tmp_path / "a.html").write_bytes(data)
        with pytest.raises(SourceError, match=said):
            read_file(tmp_path / "a.html")


@given(_JSON)
def test_any_json_is_answered(row: object) -> None:
    assert isinstance(one(row), Document | Unreadable)


@given(st.binary(min_size=1, max_size=60).filter(bytes.strip))
def test_any_line_is_answered(line: bytes) -> None:
    assert isinstance(one(line), Document | Unreadable)
