"""What was sent in: kept before anything else happens, answered, removed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detector.desk.store import words
from detector.desk.store.archive import keep_traces
from detector.desk.store.database import Database, now
from detector.desk.store.queries import (
    SUBMISSION,
    change,
    digest,
    get,
    live,
    log,
    new_id,
    owner_of,
    reindex,
    title_key,
    to_event,
)
from detector.desk.store.rows import Content, Form, Lesson, Submission
from detector.desk.store.schema import answers, contents, removals, submissions, texts
from detector.errors import ConflictError, NotFoundError

_DETECTOR = "detector"  # who answers

_LONGEST_HEADING = 300  # characters


class Submissions(Database):
    """Submissions on their way from sender to verdict."""

    def add(
        self,
        content: bytes,
        *,
        form: Form,
        name: str,
        author: str = "",
        url: str | None = None,
        title: str = "",
        note: str = "",
        key: str | None = None,
    ) -> Submission:
        """Keep what was sent in; it is on the disk when this returns.

        content: b"" for an address, until `fetched` brings it. key: the sender's own mark for this request; sent
        again with the same content it gives the same submission. Raises ConflictError when it came with another.
        """
        row = {
            "form": form, "name": name, "author": author, "url": url, "title": title, "note": note,
            "title_key": title_key(title), "stage": "waiting", "state": "new", "version": 1,
            "sha256": hashlib.sha256(content).hexdigest(),
            "key": digest(key) if key else None,
        }  # fmt: skip
        row["request"] = digest(json.dumps([form, url, row["sha256"]]))
        try:
            return self._add(row, content)
        except ConflictError:
            if not key:
                raise
            return self._add(row, content)  # another thread came first with this key: it is found now

    def _add(self, row: dict[str, Any], content: bytes) -> Submission:
        with self.write() as connection:
            if row["key"] is not None:
                known = connection.execute(
                    sa.select(submissions.c.id, submissions.c.request).where(submissions.c.key == row["key"])
                ).one_or_none()
                if known is not None and known.request != row["request"]:
                    raise ConflictError("this Idempotency-Key came with other content before; use a new one.")
                if known is not None:
                    return get(connection, known.id)
            at = now()
            id = new_id(at)
            blank = sa.insert(texts).values(text="", traces=b"").returning(texts.c.owner)
            owner = connection.execute(blank).scalar_one()
            connection.execute(
                sa.insert(submissions).values(id=id, owner=owner, received=at, changed=at, **row)
            )
            connection.execute(
                sa.insert(contents).values(submission=id, body=content, name=row["name"], url=row["url"])
            )
            after = {"form": row["form"], "name": row["name"]}
            log(connection, id, row["author"], "received", at, after=after)
            reindex(connection, id)
            return get(connection, id)

    def waiting(self, limit: int = 100) -> list[Submission]:
        """What has no verdict yet, oldest first: where a restart goes on."""
        statement = SUBMISSION.where(submissions.c.stage == "waiting").order_by(submissions.c.id).limit(limit)
        with self.read() as connection:
            return [Submission(**row._mapping) for row in connection.execute(statement)]

    def content(self, id: str) -> Content:
        """The bytes as they came, or as they were fetched. Raises NotFoundError."""
        with self.read() as connection:
            return _content(connection, id)

    def fetched(self, id: str, content: bytes, name: str, charset: str | None, url: str) -> None:
        """Keep the page that an address led to.

        name: with its ending ("page.html"); charset: as the server said; url: where the page stood in the end.
        Where a verdict stands already, the page that it speaks of stays. Raises NotFoundError.
        """
        with self.write() as connection:
            if get(connection, id, lock=True).stage == "answered":
                return
            values = {"body": content, "name": name, "charset": charset, "url": url}
            connection.execute(sa.update(contents).where(contents.c.submission == id).values(values))
            change(connection, id, now(), sha256=hashlib.sha256(content).hexdigest())

    def answer(
        self, id: str, *, document: dict[str, Any], verdict: dict[str, Any], traces: bytes | None = None
    ) -> None:
        """Keep what was found. A verdict of the same model, or of a newer version of it, stays unless it is an error.

        document: `Document.to_dict()`; verdict: `Verdict.to_dict(document)`; traces: little-endian int64.
        Raises NotFoundError.
        """
        with self.write() as connection:
            known = get(connection, id, lock=True)
            if known.stage == "answered" and known.error is None and _stays(known.model, verdict["model"]):
                return
            at = now()
            title = known.title or verdict.get("title") or document.get("title") or _heading(document)
            names = ("outcome", "score", "words", "reason", "error", "model")
            told = {name: verdict.get(name) for name in names}
            change(connection, id, at, stage="answered", title=title, title_key=title_key(title), **told)
            rest = {name: value for name, value in document.items() if name != "text"}
            connection.execute(sa.delete(answers).where(answers.c.submission == id))
            connection.execute(sa.insert(answers).values(submission=id, document=rest, verdict=verdict))
            owner = owner_of(connection, id)
            text = document.get("text", "")
            connection.execute(sa.update(texts).where(texts.c.owner == owner).values(text=text))
            keep_traces(connection, owner, traces or b"")
            after = {name: told[name] for name in ("outcome", "score", "model")}
            log(connection, id, _DETECTOR, "answered", at, after=after)
            reindex(connection, id)

    def get(self, id: str) -> Submission:
        """One submission. Raises NotFoundError."""
        with self.read() as connection:
            return get(connection, id)

    def document(self, id: str) -> dict[str, Any]:
        """The text that the verdict speaks of, as `answer` was given it. Raises NotFoundError, before that too."""
        with self.read() as connection:
            return _answer(connection, id)[0]

    def verdict(self, id: str) -> dict[str, Any]:
        """The verdict as `answer` was given it. Raises NotFoundError, before that too."""
        with self.read() as connection:
            return _answer(connection, id)[1]

    def remove(self, id: str, who: str) -> None:
        """Delete everything of a submission for good. Kept is only that it was removed, when and by whom.

        Raises NotFoundError.
        """
        with self.write() as connection:
            get(connection, id, lock=True)
            owner = owner_of(connection, id)
            keep_traces(connection, owner, b"")
            words.forget(connection, owner)
            connection.execute(sa.delete(submissions).where(submissions.c.id == id))
            connection.execute(sa.delete(texts).where(texts.c.owner == owner))
            connection.execute(sa.insert(removals).values(submission=id, at=now(), who=who))

    def lessons(self) -> Iterator[Lesson]:
        """Answered submissions that somebody decided about (whose state is not "new"), oldest first."""
        with self.read() as connection:
            decided = connection.scalars(
                sa.select(submissions.c.id)
                .where(submissions.c.state != "new", submissions.c.stage == "answered")
                .order_by(submissions.c.id)
            ).all()
        for id in decided:  # one at a time: their contents together may be more than fits in memory
            try:
                with self.read() as connection:
                    lesson = _lesson(connection, id)
            except NotFoundError:  # removed meanwhile
                continue
            yield lesson


def _content(connection: sa.Connection, id: str) -> Content:
    form = get(connection, id).form
    row = connection.execute(sa.select(contents).where(contents.c.submission == id)).one()
    return Content(row.body, form, row.name, row.charset, row.url)


def _answer(connection: sa.Connection, id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Document and verdict."""
    row = connection.execute(
        sa.select(answers, texts.c.text)
        .join(submissions, submissions.c.id == answers.c.submission)
        .join(texts, texts.c.owner == submissions.c.owner)
        .where(answers.c.submission == id)
    ).one_or_none()
    if row is None:
        get(connection, id)
        raise NotFoundError("this submission has no verdict yet; ask again in a moment.")
    return {"text": row.text, **row.document}, row.verdict


def _lesson(connection: sa.Connection, id: str) -> Lesson:
    feedback = connection.execute(live(id, "fine", "missed"))
    return Lesson(
        get(connection, id),
        *_answer(connection, id),
        _content(connection, id),
        tuple(to_event(row) for row in feedback),
    )


def _stays(known: dict[str, Any] | None, model: dict[str, Any]) -> bool:
    """Whether a verdict of `known` stays when one of `model` comes: it is the same, or a newer version of it."""
    if known is None or known["name"] != model["name"]:
        return False
    return known["sha256"] == model["sha256"] or _version(known) > _version(model)


def _version(model: dict[str, Any]) -> list[int]:
    return [int(number) for number in re.findall(r"\d{1,9}", model["version"])]


def _heading(document: dict[str, Any]) -> str:
    """What a text without a title of its own is known by: its first title or heading."""
    for start, end, kind in document.get("blocks", ()):
        if kind in ("title", "heading"):
            return " ".join(document["text"][start:end].split())[:_LONGEST_HEADING]
    return ""
