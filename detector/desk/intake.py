"""What comes to the desk, and what becomes of it: a task in, a document with its verdict out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Literal

from detector.document import Document
from detector.errors import SourceError
from detector.sources.files import LIMIT, clean, read_bytes
from detector.sources.reading import Reading

Form = Literal["text", "html", "markdown", "file", "url"]
LONGEST_NAME = 255  # characters of a file's name


@dataclass(frozen=True)
class Task:
    """One text to be read and judged.

    content: as it came; of the forms text, html and markdown in UTF-8. form: "file" and "url" are read by the ending
    of `name`, else by the content. id: how the results name it. title: given by whoever sent it, apart from the text.
    charset: what the HTTP header said. traces: whether to make what it is found again by.
    """

    content: bytes
    form: Form
    name: str = ""
    id: str = ""
    title: str | None = None
    url: str | None = None
    charset: str | None = None
    site: str | None = None
    traces: bool = False


@dataclass(frozen=True)
class Answer:
    """The document as a dict, the verdict as a dict (spans with their text), and the traces if they were asked for."""

    document: dict[str, Any]
    verdict: dict[str, Any]
    traces: bytes = b""


def read(task: Task, reading: Reading) -> Document:
    """The document of a task. Raises SourceError with what to do."""
    called = task.url or task.name or "text"
    reading = replace(reading, site=task.site or reading.site)
    if task.form in ("file", "url"):
        ending = PurePosixPath(task.name).suffix.lower()
        document = read_bytes(
            task.content, ending, called, reading=reading, url=task.url, charset=task.charset
        )
        if task.form == "url":
            from detector.sources.web import turn_away_login

            turn_away_login(task.content, document)
        if task.title:
            document = replace(document, title=task.title)
    else:
        document = _read_text(task, called, reading)
    return replace(document, id=task.id or called, site=reading.site)


def _read_text(task: Task, called: str, reading: Reading) -> Document:
    if len(task.content) > LIMIT:
        raise SourceError(f"{called}: larger than the limit of {LIMIT // 1_000_000} MB; split it.")
    from detector.sources.html import read_html
    from detector.sources.markdown import read_markdown
    from detector.sources.text import read_text

    text = task.content.decode("utf-8", "replace").removeprefix("\ufeff")
    if task.form == "html":
        return read_html(text, url=task.url, id=called, title=task.title, careful=reading.careful)
    make = read_markdown if task.form == "markdown" else read_text
    return make(text, url=task.url, title=task.title, id=called)


def plain_name(name: str) -> str:
    """The last part of an uploaded file's name, on one line: no folder of whatever system, no control characters."""
    last = clean(name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(c if c.isprintable() else " " for c in last).strip().strip(".").strip()
    if len(shown) > LONGEST_NAME:  # the ending decides how it is read
        ending = PurePosixPath(shown).suffix[:20]
        shown = shown[: LONGEST_NAME - len(ending)] + ending
    return shown


def one_line(text: str) -> str:
    """What somebody typed into a field, as one line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in clean(text)).split())


def text_of(row: Mapping[str, Any]) -> tuple[Form, str]:
    """The one form and content of a request that may name several. Raises SourceError when it does not hold one."""
    given: list[tuple[Form, str]] = [
        (form, row[form]) for form in ("text", "markdown", "html", "url") if row.get(form) is not None
    ]
    if len(given) != 1:
        found = f"has {' and '.join(form for form, _ in given)}" if given else "has no content"
        raise SourceError(f"{found}; give exactly one of `text`, `markdown`, `html`, `url`.")
    return given[0]
