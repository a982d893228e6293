"""Finding submissions: by words, by what was found and decided, page by page."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from detector.desk.store.queries import SUBMISSION
from detector.desk.store.rows import SORTS, STATES, Page, Sort, State, Submission
from detector.desk.store.schema import Words, found, submissions
from detector.desk.store.submissions import Submissions
from detector.desk.store.words import holding, vocabulary
from detector.errors import UsageError
from detector.verdict import OUTCOMES

_MOST = 1_000  # submissions of one page
_WORDS = 20  # of a question that count


class Search(Submissions):
    """The queue as lists and figures."""

    def search(
        self,
        *,
        q: str = "",
        state: Sequence[State] = (),
        outcome: Sequence[str] = (),
        assignee: str | None = None,
        author: str | None = None,
        sort: Sort = "received",
        descending: bool = True,
        limit: int = 50,
        after: str | None = None,
    ) -> Page:
        """Submissions that fit everything that is given.

        q: words, or their beginnings, that must all stand in title, author, name, address, notes or text; neither
        case nor accents count. state, outcome: any of them. assignee: "" for what is nobody's.
        Those without a score come last, whichever way they are sorted. after: `next` of the page before.
        Raises UsageError for an unknown order, and for an `after` of another list.
        """
        if sort not in SORTS:
            raise UsageError(f"there is no order by {sort!r}; use {', '.join(SORTS)}.")
        key = _key(sort, descending=descending)
        id = submissions.c.id
        with self.read() as connection:
            fits = _conditions(connection, q, state, outcome, assignee, author)
            total = connection.execute(
                sa.select(sa.func.count()).select_from(submissions).where(*fits)
            ).scalar_one()
            if after is not None:
                last = sa.tuple_(*_read_mark(after, sort, descending))
                place = sa.tuple_(key, id)
                fits.append(place < last if descending else place > last)
            order = (key.desc(), id.desc()) if descending else (key, id)
            size = min(max(limit, 1), _MOST)
            # only the rows of this page are read whole
            listed = connection.execute(
                sa.select(id, key).where(*fits).order_by(*order).limit(size + 1)
            ).all()
            ids = [row[0] for row in listed[:size]]
            rows = {row.id: row for row in connection.execute(SUBMISSION.where(id.in_(ids)))}
        mark = _mark(sort, descending, *listed[size - 1]) if len(listed) > size else None
        return Page([Submission(**rows[one]._mapping) for one in ids], total, mark)

    def counts(self) -> dict[str, Any]:
        """How many there are: {"states", "outcomes", "assignees": {name: n}, "waiting": n}."""
        columns = submissions.c
        kinds = (columns.state, columns.outcome, columns.assignee, columns.stage)
        tallies: tuple[Counter[str | None], ...] = tuple(Counter() for _ in kinds)
        with self.read() as connection:
            for *values, n in connection.execute(sa.select(*kinds, sa.func.count()).group_by(*kinds)):
                for tally, value in zip(tallies, values, strict=True):
                    tally[value] += n
        states, outcomes, assignees, stages = tallies
        return {
            "states": {name: states[name] for name in STATES},
            "outcomes": {name: outcomes[name] for name in OUTCOMES},
            "assignees": {name: n for name, n in sorted(assignees.items(), key=str) if name is not None},
            "waiting": stages["waiting"],
        }


def _conditions(
    connection: sa.Connection,
    q: str,
    state: Sequence[str],
    outcome: Sequence[str],
    assignee: str | None,
    author: str | None,
) -> list[sa.ColumnElement[bool]]:
    columns = submissions.c
    fits: list[sa.ColumnElement[bool]] = []
    if asked := vocabulary(q)[:_WORDS]:
        fits.append(columns.owner.in_(sa.select(found.c.rowid).where(holding(connection, asked))))
    if state:
        fits.append(columns.state.in_(state))
    if outcome:
        fits.append(columns.outcome.in_(outcome))
    if assignee is not None:
        fits.append(columns.assignee == assignee if assignee else columns.assignee.is_(None))
    if author is not None:
        fits.append(columns.author == author)
    return fits


def _key(sort: Sort, *, descending: bool) -> sa.ColumnElement[Any]:
    """What is sorted by; scores lie from 0 to 1, so that what has none comes last."""
    match sort:
        case "score":
            return sa.func.coalesce(submissions.c.score, -1.0 if descending else 2.0)
        case "title":
            return submissions.c.title_key
        case _:
            return sa.type_coerce(submissions.c[sort], sa.BigInteger)


def _mark(sort: Sort, descending: bool, id: str, key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, descending, key, id]).encode()).decode()


def _read_mark(
    mark: str, sort: Sort, descending: bool
) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[str]]:
    """The last row of the page before. The mark comes from a client and may be anything."""
    kind = {"score": float, "title": str}.get(sort, int)
    try:
        *order, key, id = json.loads(base64.b64decode(mark.encode(), altchars=b"-_", validate=True))
        if order != [sort, descending] or type(key) is not kind or type(id) is not str:
            raise ValueError("of another list")
        if isinstance(key, int) and not -(2**63) <= key < 2**63:
            raise ValueError("no time")
    except (ValueError, TypeError, RecursionError):
        raise UsageError("`after` is no mark of this list; ask for its first page.") from None
    return sa.literal(key, Words() if kind is str else None), sa.literal(id, Words())
