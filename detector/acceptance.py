"""What an editor has looked at and accepted: places listed in a baseline file, or pointed at by a comment on the page.

A finding is accepted when all its places are; a single new one keeps the whole finding counting. A finding without
places is accepted by signal and page. What is accepted stays listed, and pushes 0.

A place is known again by the words of the page and not by its offset, so that edits elsewhere do not bring it back:
by its signal, its words, and up to three words on either side of it in the same block.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from detector.document import WORD, Document, Span
from detector.errors import UsageError
from detector.score import known_signals
from detector.verdict import Evidence, Verdict

BASELINE = "baseline"  # in `Finding.accepted`; a comment names its line and its reason there
FORMAT = 1
LIMIT = 100_000_000  # bytes of a baseline file
CONTEXT, AROUND = (
    3,
    100,
)  # words on either side that belong to a place, and the characters they are looked for in
QUOTED = 80  # characters of a place that the file shows to its reader, and of a comment's reason
NOWHERE = ""  # the fingerprint of a finding without places
COMMENTS = 100  # of a page that are read


def fingerprint(document: Document, signal: str, span: Span) -> str:
    """What a place of a signal is known by in later runs: 20 hexadecimal digits."""
    text = document.text
    low, _ = _block(document, span.start)
    _, high = _block(document, span.end - 1)
    before = _words(text[max(low, span.start - AROUND) : span.start])[-CONTEXT:]
    after = _words(text[span.end : min(high, span.end + AROUND)])[:CONTEXT]
    inside = _words(text[span.start : span.end]) or text[span.start : span.end].split()
    key = "\n".join((signal, " ".join(before), " ".join(inside), " ".join(after)))
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower().replace("’", "'"))


def _block(document: Document, offset: int) -> tuple[int, int]:
    """Start and end of the block that text[offset] stands in; nothing but itself where it stands in none."""
    for at in range(bisect_right(document.blocks, offset, key=lambda b: b.start) - 1, -1, -1):
        block = document.blocks[at]
        if block.kind not in ("code", "hidden"):
            return (block.start, block.end) if offset < block.end else (offset, offset + 1)
    return offset, offset + 1


class Baseline:
    """A file of accepted places: for every page, by its id, the signals and the fingerprints of their places.

    Raises UsageError for a file that is missing or is no baseline.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._accepted: dict[str, dict[str, Counter[str]]] = {}
        self._met: dict[tuple[str, str], Counter[str]] = {}
        self._seen: set[str] = set()
        try:
            with path.open("rb") as file:
                data = file.read(LIMIT + 1)
            if len(data) > LIMIT:
                raise ValueError(f"it is larger than {LIMIT // 1_000_000} MB")
            raw = json.loads(data)
            if raw["format"] != FORMAT:
                raise ValueError(f"its format is {raw['format']!r}, this version reads {FORMAT}")
            for page, signals in raw["pages"].items():
                self._accepted[page] = {
                    signal: Counter(str(place["place"]) for place in places) or Counter({NOWHERE: 1})
                    for signal, places in signals.items()
                }
        except OSError as error:
            message = f"{path}: the baseline cannot be read ({error.strerror}); --write-baseline writes one."
            raise UsageError(message) from error
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            reason = error if isinstance(error, ValueError) else "it has another shape"
            message = f"{path}: this is no baseline ({reason}); --write-baseline writes one."
            raise UsageError(message) from error

    def accepted(self, page: str, signal: str, found: Sequence[str]) -> Counter[str]:
        """How often each of the `found` fingerprints is accepted there."""
        known = self._accepted.get(page, {}).get(signal, Counter()) & Counter(found)
        self._met[page, signal] = self._met.get((page, signal), Counter()) | known
        return known

    def seen(self, page: str) -> None:
        """Take note that a page was scored: what is accepted on it and not found is out of date."""
        if page in self._accepted:
            self._seen.add(page)

    def complaints(self) -> Iterator[str]:
        """What is wrong with the file, as this run has shown; a sentence each."""
        if self._accepted and not self._seen:
            yield (
                f"{self._path}: none of its {len(self._accepted)} pages is among the inputs; pages go by their id, so "
                "name the sources as they were named when it was written."
            )
        gone = sum(
            (places - self._met.get((page, signal), Counter())).total()
            for page in self._seen
            for signal, places in self._accepted[page].items()
        )
        if gone:
            places = "accepted place is" if gone == 1 else "accepted places are"
            yield f"{self._path}: {gone} {places} no longer found; --write-baseline writes it anew."


class Record:
    """The findings of a run, to be written as a baseline: those that push towards rejection, or are accepted."""

    def __init__(self) -> None:
        self._pages: dict[str, dict[str, list[dict[str, str]]]] = {}

    def add(self, verdict: Verdict, document: Document) -> None:
        """Take note of a page's findings."""
        for finding in verdict.findings:
            if finding.push > 0 or finding.accepted:
                places = self._pages.setdefault(document.id, {}).setdefault(finding.signal, [])
                places += (
                    {
                        "text": _shortened(document.text[span.start : span.end]),
                        "place": fingerprint(document, finding.signal, span),
                    }
                    for span in finding.spans
                )

    def write(self, out: TextIO) -> None:
        """Write the file: sorted, so that the same findings are the same bytes."""
        pages = {
            page: {s: sorted(places, key=lambda p: (p["text"], p["place"])) for s, places in signals.items()}
            for page, signals in self._pages.items()
        }
        json.dump({"format": FORMAT, "pages": pages}, out, ensure_ascii=False, indent=1, sort_keys=True)
        out.write("\n")


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1].rstrip()}…"


# A comment's end or the next one's beginning ends it, so that what nothing closes costs no second look.
_COMMENT = re.compile(r"<!--\s*detector:((?:(?!-->|<!--).)*)-->", re.DOTALL)
_ORDER = re.compile(
    r"\s*(?P<what>accept-page|accept)\s+(?P<signals>\w{1,40}(?:\s*,\s*\w{1,40})*)\s*(?:(?:--|—|–|\bbecause\b)\s*(?P<reason>.*))?",
    re.DOTALL,
)


class _Comment(NamedTuple):
    """A comment that asks to accept `signals`: all their places (`page`), or those within text[start:end]."""

    line: int
    signals: tuple[str, ...]
    start: int
    end: int
    page: bool
    reason: str

    def accepts(self, signal: str, span: Span | None) -> bool:
        within = span is not None and self.start <= span.start and span.end <= self.end
        return signal in self.signals and (self.page or within)

    def __str__(self) -> str:
        return f"comment on line {self.line}" + (f": {self.reason}" if self.reason else "")


class Acceptance:
    """Says which findings of a document are accepted, and by whom; a `detector.score.Accept`.

    baseline: accepted places of earlier runs. comments: whether Markdown comments of the form
    `<!-- detector: accept SIGNAL -->` are honoured. They may be the author's own, so without it they only cause a note.
    say: is given every note, a line for people.
    """

    def __init__(self, baseline: Baseline | None, *, comments: bool, say: Callable[[str], None]) -> None:
        self._baseline = baseline
        self._honoured = comments
        self._say = say

    def __call__(self, document: Document, evidence: Mapping[str, Evidence]) -> dict[str, tuple[str, ...]]:
        """The accepted signals among those of `evidence`."""
        if self._baseline is not None:
            self._baseline.seen(document.id)
        comments = self._comments(document)
        found = {signal: self._who(document, signal, e.spans, comments) for signal, e in evidence.items()}
        return {signal: who for signal, who in found.items() if who}

    def _who(
        self, document: Document, signal: str, spans: Sequence[Span], comments: Sequence[_Comment]
    ) -> tuple[str, ...]:
        """Who accepts all places of a signal; nobody, if one of them is accepted by nobody."""
        places: list[tuple[Span | None, str]] = [(None, NOWHERE)]
        left: Counter[str] = Counter()
        if self._baseline is not None:
            if spans:
                places = [(span, fingerprint(document, signal, span)) for span in spans]
            left = self._baseline.accepted(document.id, signal, [place for _, place in places])
        elif spans:
            places = [(span, NOWHERE) for span in spans]
        who: dict[str, None] = {}
        for span, place in places:
            comment = next((c for c in comments if c.accepts(signal, span)), None)
            if comment is not None:
                who[str(comment)] = None
            elif left[place] > 0:
                left[place] -= 1
                who[BASELINE] = None
            else:
                return ()
        return tuple(who)

    def _comments(self, document: Document) -> list[_Comment]:
        """The comments on a page that are to be honoured; those that are not are said."""
        if document.source != "markdown" or "detector:" not in document.text:
            return []
        orders = list(_orders(document))
        if orders and not self._honoured:
            first, several = (
                orders[0][0],
                f"{len(orders)} comments, the first" if len(orders) > 1 else "a comment",
            )
            self._say(
                f"{document.id}: the page itself asks to accept what is found on it ({several} on line {first}); "
                "it counts all the same without --allow-comments."
            )
            return []
        comments: list[_Comment] = []
        for line, start, end, order in orders:
            place = f"{document.id}: the comment on line {line}"
            asked = _ORDER.fullmatch(order)
            if asked is None:
                self._say(f"{place} is not understood; write <!-- detector: accept SIGNAL because ... -->")
                continue
            signals = tuple(name.strip() for name in asked["signals"].split(","))
            try:
                known_signals(signals)
            except UsageError as error:
                self._say(f"{place} has no effect: {error}")
                continue
            reason = _shortened(asked["reason"] or "")
            comments.append(_Comment(line, signals, start, end, asked["what"] == "accept-page", reason))
        return comments


def _orders(document: Document) -> Iterator[tuple[int, int, int, str]]:
    """Comments to the detector: line, start and end of the text each speaks of, and what it says."""
    text = document.text
    # what stands in a code block or between backticks shows a comment to readers, and is none
    real = {b.start for b in document.blocks if b.kind == "code"}
    blocks = [b for b in document.blocks if b.kind not in ("code", "hidden")]
    ends, words = [b.end for b in blocks], document.tokens.start
    for comment in islice(_COMMENT.finditer(text), COMMENTS):
        indent = text[text.rfind("\n", 0, comment.start()) + 1 : comment.start()]
        if comment.start() not in real or (indent.isspace() and len(indent.expandtabs(4)) >= 4):
            continue
        start = end = comment.end()
        next_block = bisect_right(ends, end)
        for block in blocks[next_block : next_block + COMMENTS]:
            start, end = max(block.start, comment.end()), block.end
            word = bisect_left(words, start)
            if block.kind == "table" or (word < len(words) and words[word] < end):
                break
        yield text.count("\n", 0, comment.start()) + 1, start, end, comment[1]
