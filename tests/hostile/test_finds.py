"""What fuzzing has found, each as what a user needs instead."""

from __future__ import annotations

import contextlib
import zipfile
from collections import Counter
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from detector import settings
from detector.document import Document, Unreadable
from detector.errors import SourceError, UsageError
from detector.report import open_report
from detector.score import Detector
from detector.sources import html, web
from detector.sources.crawls import read_stored
from detector.sources.crawls.record import Record
from detector.sources.crawls.rows import read_array
from detector.sources.crawls.tables import StoredPages
from detector.sources.files import read_bytes
from fuzz.checks import check_document
from fuzz.seeds import SPOILED


def test_every_element_of_an_array_is_one_row() -> None:
    feed = b'[{"text": "a"}, 1, "x", [1, {"a": [2]}], null, {"text": "b"}]'
    items = [record.read() for record in read_array("feed", BytesIO(feed))]
    assert [isinstance(item, Document) for item in items] == [True, False, False, False, False, True]
    assert [item.id for item in items] == [f"feed[{number}]" for number in range(1, 7)]


@pytest.mark.parametrize("feed", [b"[[[", b"[[1", b'[{"text": [', b'{"a": [1]}', b"[1", b"[" * 500])
def test_an_array_that_is_none_is_answered(feed: bytes) -> None:
    last = [record for _, record in read_stored("feed", BytesIO(feed), kind="JSON array")][-1].read()
    assert isinstance(last, Unreadable)
    assert "cannot be read from here on" in last.message


def test_a_message_is_one_line_whatever_the_address_in_it() -> None:
    address = "https://mill.example/a\x0b\r\nWARC-Date: x\u2028" + "b" * 50_000
    (unread,) = (record.read() for record in StoredPages([]).read("t", BytesIO(_table(address)), Counter()))
    binary = Record(address, "a.warc@0", b"\x00\x01\x02" * 50, url=address).read()
    for item in (unread, binary):
        assert isinstance(item, Unreadable)
        assert len(item.message.splitlines()) == 1
        assert len(item.message) < 2_000
    assert binary.message.endswith("give an .html, .md, .txt, .docx, .odt or .pdf file.")


def test_what_to_do_stands_in_a_short_message_whatever_the_name() -> None:
    with pytest.raises(SourceError) as refused:
        read_bytes(b"\x00\x01\x02" * 50, "", f"https://mill.example/{'a' * 50_000}")
    message = str(refused.value)
    assert message.startswith("https://mill.example/aaa")
    assert message.endswith("give an .html, .md, .txt, .docx, .odt or .pdf file.")
    assert len(message) < 2_000


def test_an_address_of_a_megabyte_is_looked_up_like_any_other() -> None:
    page = Path("original_https_mill.example_" + "a" * 227)
    pages = StoredPages([(page.name, page, None)])
    assert pages.find(f"https://mill.example/{'a' * 1_000_000}") == (page.name, page)
    assert pages.find(f"https://mill.example/{'b' * 1_000_000}") is None


def _table(address: str) -> bytes:
    return f'Address,Status Code\n"{address}",200\n'.encode()


@pytest.mark.parametrize("address", ["http://[", "http://[::1", "https://a]b/", "//["])
def test_a_page_of_an_address_that_is_none_is_scored(address: str, tiny_model: Path) -> None:
    detector = Detector.load(tiny_model)
    quoted = f"<base href='{address}'><p>{SPOILED * 3} <a href='{address}'>best cream</a> {SPOILED}</p>"
    for document in (Document.from_html(quoted, url=address), Document.from_html(f"<html><body>{quoted}")):
        assert detector.score(document).score is not None


def test_an_annotation_carries_no_orders_to_a_terminal(tiny_model: Path) -> None:
    document = Document.from_text(f"{SPOILED * 3} \x1b[31m", url="\x1b]0;title\x07javascript:x\x9b31m")
    out = StringIO()
    report = open_report("github", out)
    report.add(Detector.load(tiny_model).score(document), document)
    report.close()
    assert "javascript" in out.getvalue()
    assert not any(character in out.getvalue() for character in "\x1b\x07\x9b")


@pytest.mark.parametrize("address", ["http://xn--", "https://xn--a.example/", "http://a.xn--/b"])
def test_a_host_that_cannot_be_decoded_is_no_address(address: str) -> None:
    with contextlib.suppress(SourceError):  # some of them are taken: no name server knows them
        assert web.address(address).host
    with contextlib.suppress(SourceError):  # where a server says that a page is there now
        assert web.address(address, base=web.address("https://mill.example")).host


def test_a_setting_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "detector.toml"
    file.write_text('ignore = ["pl\x85ug\\n"]', "utf-8")
    with pytest.raises(UsageError) as refused:
        settings.read(file)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    "page", ["><a href=><pre>)", "<p><a href=x>a<pre> b\n</a>c</pre>", "<pre><a href=x> </a><p>a"]
)
def test_a_link_around_preformatted_text_is_read(page: str) -> None:
    for whole in (page, f"<!doctype html><body>{page}"):
        check_document(Document.from_html(whole))


@pytest.mark.parametrize("gap", ["\x85", "\u2028", "\x0b", "\r\n"])
def test_a_file_is_refused_in_one_line_whatever_its_address(gap: str) -> None:
    with pytest.raises(SourceError) as refused:
        read_bytes(_zip(), ".docx", id=f"https://he{gap}alth.example/moles")
    assert str(refused.value).splitlines() == [str(refused.value)]
    assert "archive without a document" in str(refused.value)


def _zip() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes.txt", "nothing")
    return packed.getvalue()


def test_a_sheet_for_every_paragraph_does_not_cost_the_square_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[str] = []
    say = html._Rules.say
    monkeypatch.setattr(html._Rules, "say", lambda rules, name: [looks.append(name), *say(rules, name)][1:])
    page = "".join(
        f"<style>.x{n} {{display: none}}</style><p class=x{n}>Bread {n} is warm.</p>" for n in range(1_000)
    )
    document = Document.from_html(f"<body>{page}<p>The oven is cold.</p>")
    assert "The oven is cold." in document.text
    assert len(looks) < html._LOOKS + 1_000
