"""Which texts of the desk and of the archive a submission resembles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from detector.desk.similar.compare import Group, Passage, Text, compared, groups, size_of
from detector.desk.similar.fingerprint import fingerprint, rows
from detector.document import Document
from detector.errors import NotFoundError

if TYPE_CHECKING:
    from detector.desk.store import Original, OwnerKind, Store

CANDIDATES = 30  # texts that are compared in full
WORDS = 500_000  # of a text times candidates: of a book fewer texts are compared
ASKED = 5_000  # hashes of one text that are looked up: of more, the smallest
COMMON = 8  # other texts that may have a passage; what more of them have is a notice
PROBES = 5  # hashes of a passage that tell whether it is one
HALF = 0.5  # share of a text from which it is the text itself that goes round


@dataclass(frozen=True)
class Match:
    """A text that has something of the submission.

    kind, id: where it is kept. received: when it was sent in or imported. likeness: share of the submission's words
    that stand there, 0 to 1. how: "reworded" where words were exchanged. passages: in the submission's order.
    """

    kind: OwnerKind
    id: str
    title: str
    url: str | None
    author: str
    received: datetime
    likeness: float
    how: Literal["copied", "reworded"]
    passages: tuple[Passage, ...]

    def to_dict(self) -> dict[str, Any]:
        """The match as plain data, times as ISO 8601."""
        return {**asdict(self), "received": self.received.isoformat()}


def find(store: Store, submission_id: str, *, limit: int = 10) -> list[Match]:
    """The texts of earlier and later submissions, whoever sent them, and of the archive that share passages with a
    submission, the likest first. Raises NotFoundError where there is no such submission, or none that could be read.
    """
    document = Document.from_dict(store.document(submission_id))
    text, notices = Text(document), _Notices(store)
    candidates = min(CANDIDATES, max(limit, WORDS // max(1, len(text.word))))
    near = store.matches(sorted(fingerprint(text.word), key=abs)[:ASKED], candidates + 1)
    matches = []
    for kind, id, _ in near:
        if (kind, id) == ("submission", submission_id):
            continue
        for original, other in _kept(store, kind, id):
            comparison = compared(text, other, notices.without(text, groups(text, other)))
            if comparison is not None:
                title, url, author, received, _ = original
                how: Literal["copied", "reworded"] = "copied" if comparison.copied else "reworded"
                found = comparison.likeness, how, comparison.passages
                matches.append(Match(kind, id, title, url, author, received, *found))
    return sorted(matches, key=lambda m: (-m.likeness, m.received, m.id))[:limit]


def _kept(store: Store, kind: OwnerKind, id: str) -> Iterator[tuple[Original, Text]]:
    """What is known of another text, and itself; nothing where somebody has removed it meanwhile."""
    with suppress(NotFoundError):
        original = store.text_of(kind, id)
        archived = kind == "archive"
        document = Document.from_text(original.text) if archived else Document.from_dict(store.document(id))
        yield original, Text(document)


class _Notices:
    """Knows passages that many texts have: notices, author boxes, what everybody quotes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._common: dict[int, bool] = {}

    def without(self, text: Text, found: list[Group]) -> list[Group]:
        """What was found, without notices; all of it where it is half of the text: then the text itself goes round."""
        if size_of(found) >= HALF * len(text.word):
            return found
        return [group for group in found if not self._is_notice(text.word[group[0].first : group[-1].last])]

    def _is_notice(self, words: Sequence[str]) -> bool:
        hashes = rows(words)[:PROBES]
        return 2 * sum(map(self._is_common, hashes)) > len(hashes)

    def _is_common(self, hash: int) -> bool:
        if hash not in self._common:
            # the submission itself is one of its holders
            self._common[hash] = len(self._store.matches([hash], COMMON + 2)) > COMMON + 1
        return self._common[hash]
