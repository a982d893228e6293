"""A task in, a document out; and what people type and upload, made safe to keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.desk.intake import LONGEST_NAME, Task, one_line, plain_name, read, text_of
from detector.document import Document
from detector.errors import SourceError
from detector.sources.reading import DEFAULT, Reading

HTML = "<p>The ferry <a href='https://a.example/x'>leaves</a> at nine.</p>"


def test_each_form_is_read_as_what_it_is() -> None:
    assert read(Task(b"The *ferry*", "text", id="a"), DEFAULT) == Document.from_text("The *ferry*", id="a")
    assert read(Task(b"The *ferry*", "markdown", id="a"), DEFAULT) == Document.from_markdown(
        "The *ferry*", id="a"
    )
    html = read(Task(HTML.encode(), "html", id="a"), DEFAULT)
    assert (html.text, html.links[0].href) == ("The ferry leaves at nine.", "https://a.example/x")
    file = read(Task(HTML.encode(), "file", name="post.html", id="a"), DEFAULT)
    assert (file.text, file.id) == (html.text, "a")


def test_a_file_without_ending_is_read_by_its_content() -> None:
    assert read(Task(HTML.encode(), "file", name="post"), DEFAULT).source == "html"
    assert read(Task(b"The ferry", "file", name="post"), DEFAULT).source == "text"


def test_a_fetched_page_knows_its_address_and_its_charset() -> None:
    task = Task(
        "<p>café".encode("latin-1"), "url", name="page.html", url="https://a.example/", charset="latin-1"
    )
    document = read(task, DEFAULT)
    assert (document.text, document.url, document.id) == ("café", "https://a.example/", "https://a.example/")


def test_a_login_page_is_not_taken_for_the_page() -> None:
    form = b"<form><input type=password></form>"
    with pytest.raises(SourceError, match=r"^https://a\.example/: it asks for a login"):
        read(Task(form, "url", name="page.html", url="https://a.example/"), DEFAULT)
    assert read(Task(form, "file", name="page.html"), DEFAULT).text == ""


@pytest.mark.parametrize("form", ["text", "markdown", "html", "file"])
def test_a_title_that_was_given_counts(form: str) -> None:
    content = b"<title>Other</title><p>The ferry"
    assert read(Task(content, form, name="a.html", title="Ferry"), DEFAULT).title == "Ferry"  # type: ignore[arg-type]


def test_whose_page_it_is_may_be_said_for_one_or_for_all() -> None:
    assert read(Task(b"a", "text"), Reading(site="clinic.example")).site == "clinic.example"
    assert read(Task(b"a", "text", site="b.example"), Reading(site="clinic.example")).site == "b.example"


def test_messages_name_what_the_sender_knows() -> None:
    with pytest.raises(SourceError, match=r"^old\.doc: "):
        read(Task(b"x", "file", name="old.doc", id="0123"), DEFAULT)
    with pytest.raises(SourceError, match="20 MB"):
        read(Task(b"x" * 20_000_001, "text"), DEFAULT)


@given(st.binary(max_size=200), st.sampled_from(["text", "markdown", "html"]))
def test_any_bytes_are_read(content: bytes, form: str) -> None:
    document = read(Task(content, form, id="a"), DEFAULT)  # type: ignore[arg-type]
    assert Document.from_dict(document.to_dict()) == document


@given(st.text(max_size=400))
def test_a_name_is_one_part_of_a_path_and_one_line(name: str) -> None:
    kept = plain_name(name)
    assert len(kept) <= LONGEST_NAME
    assert not set("/\\\0\r\n") & set(kept)
    assert kept.isprintable()
    assert kept not in (".", "..")
    assert plain_name(kept) == kept
    kept.encode()


def test_a_long_name_keeps_its_ending() -> None:
    assert plain_name("x" * 400 + ".docx").endswith(".docx")


@given(st.text(max_size=100))
def test_what_is_typed_into_a_field_is_one_line(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert line == line.strip()
    assert one_line(line) == line
    line.encode()


def test_exactly_one_content_is_wanted() -> None:
    assert text_of({"html": "<p>", "text": None, "title": "a"}) == ("html", "<p>")
    for row in ({}, {"title": "a"}, {"text": "a", "url": "b"}):
        with pytest.raises(SourceError, match="give exactly one"):
            text_of(row)
