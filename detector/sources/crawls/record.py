"""One input of a crawl as it was stored, before anything is read into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from detector.document import Document, Unreadable
from detector.errors import DetectorError, SourceError, one_line
from detector.sources.files import read_bytes, read_row
from detector.sources.reading import DEFAULT, Reading

ROW = "row"  # the `form` of a JSON line

_DIGITS = re.compile(r"\d{14}")  # 20261121180000, as old archives write times


def iso(when: object) -> str | None:
    """A time as records carry it, in UTC to the second; None where it is no time. One without a zone is in UTC."""
    if isinstance(when, str):
        try:
            when = (
                datetime.strptime(when[:14] + "Z", "%Y%m%d%H%M%S%z")
                if _DIGITS.match(when)
                else (datetime.fromisoformat(when.strip()))
            )
        except ValueError:
            return None
    if isinstance(when, date) and not isinstance(when, datetime):
        when = datetime.combine(when, time())
    if not isinstance(when, datetime):
        return None
    try:
        known = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError:
        return None
    return known.strftime("%Y-%m-%dT%H:%M:%SZ") if known.year >= 1000 else None


@dataclass(frozen=True, slots=True)
class Record:
    """A page of a crawl as its bytes, or why it has none.

    id: how results name it: the address of a crawl record, the `id` of a row, the path below a folder.
    place: where it lies, for people and messages: "a.warc.gz@1234" (byte offset), "site/page.html", "feed.jsonl:17".
    body: the page as it was stored, without HTTP header and without compression.
    form: ".html", ".md", ".txt" and the like where the source says what it is, "" to go by the content, "row" for a
        JSON line as `detector.sources.files.read_row` takes it.
    url, time, title, charset: what the source says; time as ISO 8601 in UTC ("2026-11-21T18:00:00Z").
    problem: why it cannot be read (body is then empty): one sentence that names the place and says what to do.
    fault: the word for machines that goes with the problem.
    """

    id: str
    place: str
    body: bytes = b""
    form: str = ""
    url: str | None = None
    time: str | None = None
    title: str | None = None
    charset: str | None = None
    problem: str | None = None
    fault: str = SourceError.kind

    def read(self, reading: Reading = DEFAULT) -> Document | Unreadable:
        """The document, or why there is none. Never raises for what the body contains."""
        if self.problem is not None:
            return Unreadable(self.id, self.fault, one_line(self.problem), self.url, self.title)
        if self.form == ROW:
            return read_row(self.body, self.place, reading)
        try:
            return read_bytes(
                self.body, self.form, self.id, reading=reading, url=self.url, charset=self.charset
            )
        except DetectorError as error:
            return Unreadable(self.id, error.kind, str(error), self.url, self.title)
