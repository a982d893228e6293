"""Rows that hold pages: JSON lines, and the lists that scrapers write as one JSON array."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from detector.sources.crawls.http import TOO_LARGE
from detector.sources.crawls.packed import DAMAGED, unpacked
from detector.sources.crawls.record import ROW, Record, iso
from detector.sources.files import LIMIT, clean, is_binary, lines_of, looks_like_html

# What scrapers and data sets call these, best first.
ADDRESSES = ("url", "link", "address", "uri", "page_url", "final_url")
CONTENTS = ("html", "body", "content", "raw_content", "markdown", "text")
TIMES = ("time", "timestamp", "date", "crawled_at", "fetched_at", "fetch_time", "crawl_date")
_DEPTH_OF = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}
_DEEPEST = 100
_OURS = ("html", "markdown", "text")


def read_lines(name: str, stream: BinaryIO) -> Iterator[Record]:
    """The page of every line that is not blank, packed or not."""
    number = 0
    try:
        for number, line in enumerate(lines_of(unpacked(stream)), 1):
            if line.strip():
                yield _line(line, f"{name}:{number}")
    except DAMAGED as error:
        yield breaks_off(f"{name}:{number + 1}", error)


def read_array(name: str, stream: BinaryIO) -> Iterator[Record]:
    """The page of every element of a JSON array, packed or not."""
    import ijson

    number = depth = 0
    source = _Bounded(unpacked(stream))
    try:
        for event, value in ijson.basic_parse(source, use_float=True):
            step = _DEPTH_OF.get(event, 0)
            depth += step
            if depth > _DEEPEST:
                raise ValueError("nested too deep; a row is one flat object")
            if depth == 2 and step > 0:
                builder = ijson.ObjectBuilder()
            elif depth == 1 and step > 0 and event != "start_array":
                raise ValueError("no array of rows")
            if depth > 1 or (depth == 1 and step < 0):
                builder.event(event, value)
            if depth == 1 and step <= 0:  # an element is over; one that is no object is answered too
                number += 1
                source.left = _Bounded.MOST
                yield page_of(builder.value if step else value, f"{name}[{number}]")
    except (ijson.JSONError, RecursionError, *DAMAGED) as error:
        yield breaks_off(f"{name}[{number + 1}]", error)


def breaks_off(place: str, error: Exception) -> Record:
    """The row that says that a file cannot be read from some place on."""
    why = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return Record(
        place, place, problem=f"{place}: the file cannot be read from here on ({why}); get it again."
    )


def page_of(row: Any, place: str) -> Record:
    """The page of one row as a scraper names its parts. What is wrong with it, `Record.read` will say."""
    known = (
        {key.lower(): _one(row[key]) for key in row if isinstance(key, str)} if isinstance(row, dict) else {}
    )
    url = next((known[key] for key in ADDRESSES if known.get(key)), None)
    key = next((key for key in CONTENTS if known.get(key)), None)
    content = known.get(key) if key else None
    given, title = known.get("id"), known.get("title")
    id = (
        str(given) if isinstance(given, str | int) and given != "" else url if isinstance(url, str) else place
    )
    text: dict[str, Any] = {
        "id": clean(id),
        "place": place,
        "url": clean(url) if isinstance(url, str) else None,
        "title": clean(title) if isinstance(title, str) else None,
    }
    time = next((found for key in TIMES if (found := iso(known.get(key)))), None)
    if isinstance(content, bytes):
        if len(content) > LIMIT:
            return Record(**text, time=time, problem=f"{place}: {TOO_LARGE}.")
        form = {"html": ".html", "markdown": ".md", "text": ".txt"}.get(key or "", "")
        return Record(**text, body=content, form="" if is_binary(content[:8192]) else form, time=time)
    if key is not None and key not in _OURS:
        key = "html" if isinstance(content, str) and looks_like_html(content) else "text"
    flat = {"id": id, "url": url, "title": title} | ({key: content} if key else {})
    try:
        body = json.dumps(flat if isinstance(row, dict) else row, default=str).encode("ascii")
    except (ValueError, RecursionError):
        return Record(**text, time=time, problem=f"{place}: JSON nested too deep; a row is one flat object.")
    if len(body) > LIMIT and isinstance(content, str):  # as escapes; as UTF-8 it may fit
        body = json.dumps(flat, default=str, ensure_ascii=False).encode("utf-8", "replace")
    if len(body) > LIMIT:
        return Record(**text, time=time, problem=f"{place}: {TOO_LARGE}.")
    return Record(**text, body=body, form=ROW, time=time)


def _line(line: bytes, place: str) -> Record:
    if len(line) > LIMIT:
        return Record(place, place, problem=f"{place}: {TOO_LARGE}.")
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return Record(place, place, body=line, form=ROW)  # `Record.read` says what is wrong
    return page_of(row, place)


def _one(value: Any) -> Any:
    """Item loaders make a list of every value."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


class _Bounded:
    """A stream that gives no more bytes than an element may have before somebody has taken the element."""

    MOST = 2 * LIMIT

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.left = self.MOST

    def read(self, size: int = -1) -> bytes:
        if self.left <= 0:
            raise ValueError(f"an element is {TOO_LARGE}")
        data = self._stream.read(min(1 << 16, size) if size >= 0 else 1 << 16)
        self.left -= len(data)
        return data
