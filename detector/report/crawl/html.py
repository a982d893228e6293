"""A finished audit as one HTML file: the summary as plain HTML, everything else packed until somebody asks for it.

The columns of the table and the details of every 500 pages are chunks: JSON, compressed, in base64, in data blocks that
no browser runs. They are packed as the pages come and wait in a file, since the summary stands first and is known
last: writing takes no more memory for a hundred thousand pages than for five hundred, but for a few numbers a page.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from array import array
from base64 import b64encode
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from detector.report import layout, page
from detector.report.layout import shorten
from detector.report.words import shown_pushes
from detector.verdict import OUTCOMES, Finding

if TYPE_CHECKING:
    from detector.audit.compare import Change, Comparison, Kind
    from detector.audit.results import Results

ASSETS = Path(__file__).parent / "assets"
SCRIPT = ("elements", "grid", "tables", "drawer", "report")  # the files of the script, which become one

BLOCK = 500  # pages in a chunk of details
COLUMNS = 5_000  # pages in a chunk of columns
CHUNK = 400_000  # characters of JSON in a chunk of groups

PLACES = 8  # of a finding that are shown
AROUND = 120  # characters of context on either side of a place
LONGEST = 400  # characters of a place
TITLE, ADDRESS, LABEL, SENTENCE = 200, 1_000, 300, 600  # characters
# Characters of a page's text that its details may quote. A crawl of TYPICAL pages stays below 25 MB with these; a
# smaller one is shown in more, a larger one in less.
QUOTED = {"reject": 5_000, "review": 4_000, "publish": 1_500, "unscored": 0}
TYPICAL = 20_000

GROUPS, MEMBERS = 2_000, 200  # groups, and pages of each
SLOTS, VALUES = 24, 12  # of a group or a sentence, and values of each
RECURRING = 5_000  # sentences
CHANGES = 20_000  # rows of a comparison
_CHANGED: tuple[Kind, ...] = ("worse", "new", "fixed", "changed", "gone")
HOSTS = 1_000  # rows of the table of hosts
BINS = 40  # of the histogram of scores

KINDS = {  # of groups, as people call one of them
    "site_clone": "near-clone",
    "slot_template": "slot template",
    "spun_sibling": "spun sibling",
    "anchor_ring": "anchor ring",
    "duplicate_title": "duplicate title",
}

Json = Any
Row = dict[str, Any]


def write_html(results: Results, target: Path | TextIO, *, baseline: Comparison | None = None) -> None:
    """Write the report of a finished audit to a file or a stream.

    baseline: this run beside an earlier one; its changes get a table of their own.
    Raises OSError where the target cannot be written.
    """
    if isinstance(target, Path):
        with target.open("w", encoding="utf-8", newline="\n") as out:
            write_html(results, out, baseline=baseline)
        return
    with tempfile.TemporaryFile() as waiting:
        chunks = _Chunks(waiting)
        groups = results.groups()
        shown = groups[:GROUPS]
        pages = _Pages(chunks, len(results), _memberships(results, [group["group"] for group in shown]))
        for row in results.rows(with_text=True):
            pages.add(row)
        pages.close()
        _pack_groups(results, shown, pages, chunks)
        recurring = results.recurring()
        chunks.add("recurring", [_sentence(row, pages) for row in recurring[:RECURRING]])
        changes = baseline.changes(*_CHANGED) if baseline else iter(())
        chunks.add("changes", [_change(change, pages) for change in islice(changes, CHANGES)])
        chunks.add("meta", pages.meta(results.info))
        for piece in _page(results, pages, groups, recurring, baseline, chunks):
            target.write(piece)


class _Chunks:
    """Packed chunks on their way into the page; they wait in `file`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, name: str, data: Json) -> None:
        """Pack one chunk under a name."""
        # a lone surrogate has no UTF-8; the question mark keeps the offsets
        written = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        packed = b64encode(gzip.compress(written, 9, mtime=0))
        head = f'<script type="application/octet-stream" id="data-{name}">'
        self._file.write(head.encode() + packed + b"</script>\n")

    def __iter__(self) -> Iterator[Markup]:
        self._file.seek(0)
        while piece := self._file.read(1 << 20):
            yield Markup(piece.decode())  # noqa: S704  base64


@dataclass(slots=True)
class _Codes:
    """Numbers for names, in the order in which they come; with each name its count."""

    numbers: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, name: str, count: int = 1) -> int:
        self.counts[name] += count
        return self.numbers.setdefault(name, len(self.numbers))

    def listed(self) -> list[list[Json]]:
        """Name and count, in the order of the numbers."""
        return [[name, self.counts[name]] for name in self.numbers]


class _Pages:
    """The pages of the report: packs columns and details, and counts what the summary says."""

    def __init__(self, chunks: _Chunks, total: int, memberships: Iterator[tuple[int, int]]) -> None:
        self._chunks = chunks
        self._room = min(4.0, max(0.5, TYPICAL / max(1, total)))
        self._memberships = memberships
        self._next = next(memberships, None)
        self._columns: list[list[Json]] = []
        self._details: list[Json] = []
        self._tables = self._blocks = 0
        self._rows = array("q")  # the page's `row`, by its number in the report
        self.hosts, self.signals, self.reasons, self.languages = _Codes(), _Codes(), _Codes(), _Codes()
        self.outcomes: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()  # pages by signal
        self.scores: Counter[tuple[int, str]] = Counter()  # by bin and outcome
        self.raised: Counter[tuple[str, str]] = Counter()  # outcome of the page alone, and among all pages
        self.low_confidence = 0

    def __len__(self) -> int:
        return len(self._rows)

    def number(self, row: int | None) -> int | None:
        """The number in the report of the page with this `row`."""
        at = bisect_left(self._rows, row) if row is not None else len(self)
        return at if at < len(self) and self._rows[at] == row else None

    def add(self, row: Row) -> None:
        """Take one page, the next in the order of the crawl."""
        outcome, score, before = row["outcome"], row["score"], row["page_score"]
        self.outcomes[outcome] += 1
        if score is not None:
            self.scores[min(BINS - 1, int(score * BINS)), outcome] += 1
        alone = row["page_outcome"]
        if alone != outcome:
            self.raised[alone, outcome] += 1
        self.low_confidence += row["reason"] == "low_confidence"
        bias, *pushes = _pushes(row)
        reasons = []
        for finding, push in zip(row["findings"], pushes, strict=True):
            counted = push > 0
            code = self.signals(finding["signal"], counted)
            if counted:
                self.rejected[finding["signal"]] += outcome == "reject"
                reasons += [code, push]
        host = self.hosts(row["host"] or "")
        self._columns.append(
            [
                row["id"] if row["id"] != row["url"] else None,
                shorten(row["title"] or "", TITLE),
                (row["url"] or "")[:ADDRESS],
                host,
                OUTCOMES.index(outcome),
                None if score is None else round(score, 4),
                None if before is None or before == score else round(before, 4),
                OUTCOMES.index(alone) if alone != outcome else -1,
                row["words"],
                self.languages(row["language"] or ""),
                -1 if outcome != "unscored" else self.reasons(_reason(row)),
                reasons,
                self._groups_of(row["row"]),
            ]
        )
        self._details.append(_details(row, bias, pushes, self.signals.numbers, self._room))
        self._rows.append(row["row"])
        if len(self._columns) == COLUMNS:
            self._pack_columns()
        if len(self._details) == BLOCK:
            self._pack_details()

    def close(self) -> None:
        """Pack what is left."""
        if self._columns:
            self._pack_columns()
        if self._details:
            self._pack_details()

    def meta(self, info: Mapping[str, Any]) -> Json:
        """What the page needs to know before it opens a chunk."""
        about = {signal: layout.about_signal(signal) for signal in self.signals.numbers}
        return {
            "pages": len(self),
            "tables": self._tables,
            "block": BLOCK,
            "outcomes": OUTCOMES,
            "counts": [self.outcomes[outcome] for outcome in OUTCOMES],
            "thresholds": info.get("thresholds") or {},
            "hosts": self.hosts.listed(),
            "languages": self.languages.listed(),
            "reasons": self.reasons.listed(),
            "signals": [
                [signal, count, about[signal][0], about[signal][2]] for signal, count in self.signals.listed()
            ],
            "kinds": KINDS,
        }

    def _groups_of(self, row: int) -> list[int]:
        """The groups of a page; memberships come in the order of rows, as pages do."""
        groups: list[int] = []
        while self._next is not None and self._next[0] <= row:
            if self._next[0] == row:
                groups.append(self._next[1])
            self._next = next(self._memberships, None)
        return groups

    def _pack_columns(self) -> None:
        self._chunks.add(f"table-{self._tables}", list(zip(*self._columns, strict=True)))
        self._tables += 1
        self._columns = []

    def _pack_details(self) -> None:
        self._chunks.add(f"pages-{self._blocks}", self._details)
        self._blocks += 1
        self._details = []


def _memberships(results: Results, groups: list[int]) -> Iterator[tuple[int, int]]:
    """Pages by `row` and the groups they are in, by their numbers in the report; in the order of rows."""
    numbers = {group: number for number, group in enumerate(groups)}
    table = results.sql('SELECT "row", "group" FROM members ORDER BY "row", "group"')
    for batch in table.to_batches():
        for row, group in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if group in numbers:
                yield row, numbers[group]


# --- one page ---------------------------------------------------------------------------------------------------------


def _pushes(row: Row) -> list[int]:
    """The bias and the pushes of the findings, in hundredths that add up."""
    return shown_pushes(
        row["bias"] or 0.0, [Finding(f["signal"], f["value"], f["push"], "") for f in row["findings"]]
    )


def _reason(row: Row) -> str:
    """Why a page has no score, as one word for all such pages."""
    return row["error"]["kind"] if row["error"] else (row["reason"] or "unknown").partition(":")[0]


def _details(row: Row, bias: int, pushes: list[int], codes: Mapping[str, int], room: float) -> Json:
    """What the drawer shows of a page: [place, time, why, bias, findings, passages].

    why: the error or reason in words. findings: [signal, value, push, says, places, how many more there are]; a place
    is [start, end, says, instead, partner]. passages: [offset, text] of what the places need, in the order of the text.
    """
    text = row.get("text") or ""
    strongest = sorted(
        (k for k, finding in enumerate(row["findings"]) if finding["push"]), key=lambda k: -abs(pushes[k])
    )
    passages = _Passages(text, int(QUOTED[row["outcome"]] * room))
    shown: dict[int, list[Json]] = {}
    for turn in range(PLACES):  # the first place of every finding, then the second of every finding
        for k in strongest:
            for span in row["findings"][k]["spans"][turn : turn + 1]:
                if passages.take(span, row["id"]):
                    shown.setdefault(k, []).append(_place(span, row["id"]))
    findings = [
        [
            codes[finding["signal"]],
            round(finding["value"], 4),
            push,
            finding["says"],
            shown.get(k, []),
            len(finding["spans"]) - len(shown.get(k, [])),
        ]
        for k, (finding, push) in enumerate(zip(row["findings"], pushes, strict=True))
    ]
    why = row["error"]["message"] if row["error"] else row["reason"]
    return [row["place"], row["time"], why, bias, findings, passages.written()]


def _place(span: Row, id: str) -> Json:
    partner = span["partner"]
    if partner:  # the page itself goes without its name
        name = None if partner["id"] == id else partner["id"]
        partner = [name, partner["url"] if name else None, partner["start"], partner["end"]]
    return [span["start"], span["end"], span["says"], list(span["instead"] or ()), partner]


class _Passages:
    """The stretches of a text that are quoted, at most `room` characters of them."""

    def __init__(self, text: str, room: int) -> None:
        self._text = text
        self._room = room
        self._taken: list[tuple[int, int]] = []

    def take(self, span: Row, id: str) -> bool:
        """Quote a place in its context, and with it the other place of a pair on the same page, if there is room."""
        wanted = [self._around(span["start"], span["end"])]
        partner = span["partner"]
        if partner and partner["id"] == id:
            wanted.append((partner["start"], min(partner["end"], partner["start"] + LONGEST)))
        merged = _merged([*self._taken, *wanted])
        if sum(end - start for start, end in merged) > self._room:
            return False
        self._taken = merged
        return True

    def written(self) -> Json:
        return [[start, self._text[start:end]] for start, end in self._taken]

    def _around(self, start: int, end: int) -> tuple[int, int]:
        """The place and its context, to the borders of words."""
        start, end = min(start, len(self._text)), min(end, len(self._text))
        before, after = max(0, start - AROUND), min(len(self._text), min(end, start + LONGEST) + AROUND)
        if before:
            before = self._text.find(" ", before, start) + 1 or before
        if after < len(self._text) and end <= start + LONGEST:
            after = max(self._text.rfind(" ", end, after), end)
        return before, after


def _merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


# --- what only the crawl shows ----------------------------------------------------------------------------------------


def _pack_groups(results: Results, groups: list[Row], pages: _Pages, chunks: _Chunks) -> None:
    """Pack the list of groups and, in chunks of their own, their pages."""
    index: list[Json] = []
    waiting: list[Json] = []
    chunk = size = 0
    for group in groups:
        index.append(
            [
                group["kind"],
                shorten(group["label"] or "", LABEL),
                group["pages"],
                group["hosts"],
                _slots(group["slots"]),
                chunk,
                len(waiting),
            ]
        )
        members = [_member(member, pages) for member in results.members(group["group"], MEMBERS)]
        waiting.append(members)
        size += sum(len(left) + len(right) for member in members for left, right, _ in member[3])
        if size > CHUNK or len(waiting) == BLOCK:
            chunks.add(f"members-{chunk}", waiting)
            waiting, chunk, size = [], chunk + 1, 0
    chunks.add(f"members-{chunk}", waiting)
    chunks.add("groups", index)


def _member(member: Row, pages: _Pages) -> list[Json]:
    """A page of a group: its number, its partner's, their likeness, and what differs as [left, right, same]."""
    return [
        pages.number(member["row"]),
        pages.number(member["partner"]),
        None if member["likeness"] is None else round(member["likeness"], 3),
        [[part["left"], part["right"], int(part["same"])] for part in member["differences"] or ()],
    ]


def _slots(slots: list[list[str]] | None) -> Json:
    return [[shorten(value, LABEL) for value in slot[:VALUES]] for slot in (slots or [])[:SLOTS]]


def _sentence(row: Row, pages: _Pages) -> Json:
    host = pages.hosts(row["host"] or "", 0)
    return [row["kind"], shorten(row["text"], SENTENCE), host, row["pages"], _slots(row.get("slots"))]


def _change(change: Change, pages: _Pages) -> Json:
    scores = [None if score is None else round(score, 4) for score in (change.score_before, change.score)]
    return [
        change.kind,
        change.key[:ADDRESS],
        pages.number(change.row),
        change.outcome_before,
        scores[0],
        change.outcome,
        scores[1],
        change.came,
        change.went,
        change.text_changed,
    ]


# --- the summary ------------------------------------------------------------------------------------------------------


def _page(
    results: Results,
    pages: _Pages,
    groups: list[Row],
    recurring: list[Row],
    baseline: Comparison | None,
    chunks: _Chunks,
) -> Iterator[str]:
    """The file, piece by piece."""
    style = page.asset("report.css") + _asset("crawl.css")
    script = Markup("\n").join(_asset(f"{part}.js") for part in SCRIPT)
    hosts = results.hosts()
    info = {**dict.fromkeys(_FACTS), **results.info}
    signals = sorted(
        ((name, count) for name, count in pages.signals.counts.items() if count),
        key=lambda entry: (-entry[1], entry[0]),
    )
    kinds = Counter(group["kind"] for group in groups)
    return _environment().get_template("crawl.html.jinja").generate(
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {page.digest(style)}; script-src {page.digest(script)}; "
        "base-uri 'none'; form-action 'none'",
        info=info,
        inputs=[info["inputs"]] if info["inputs"] else [],
        seconds=info["seconds"] or sum(info.get(f"seconds_{stage}") or 0 for stage in ("mapping", "across")),
        options=_options(info["options"] or {}),
        total=len(pages),
        outcomes=_bar([(outcome, pages.outcomes[outcome]) for outcome in _WORST_FIRST]),
        histogram=_histogram(pages.scores, info.get("thresholds") or {}),
        signals=[(name, count, pages.rejected[name], layout.about_signal(name)) for name, count in signals],
        kinds=[(f"{KINDS.get(kind, kind)}s", kind, count) for kind, count in kinds.items()],
        raised=[(f"{before} to {now}", count) for (before, now), count in pages.raised.most_common()],
        reasons=pages.reasons.counts.most_common(),
        low_confidence=pages.low_confidence,
        passed_over=sorted((info.get("passed_over") or {}).items(), key=lambda entry: -entry[1]),
        hosts=hosts[:HOSTS],
        all_hosts=len(hosts),
        more_groups=max(0, len(groups) - GROUPS),
        more_recurring=max(0, len(recurring) - RECURRING),
        sentences=Counter(row["kind"] for row in recurring),
        changes=baseline.counts if baseline else {},
        warnings=baseline.warnings if baseline else [],
        compared=baseline is not None,
        chunks=chunks,
    )  # fmt: skip


_FACTS = ("inputs", "model", "thresholds", "options", "engine", "version", "started", "finished", "seconds")
_WORST_FIRST = ("reject", "review", "publish", "unscored")


def _bar(counts: list[tuple[str, int]]) -> list[tuple[str, int, float, float]]:
    """Each outcome with its count, where its part of the bar begins and how wide it is, in percent."""
    total, left, parts = max(1, sum(count for _, count in counts)), 0.0, []
    for outcome, count in counts:
        width = 100 * count / total
        parts.append((outcome, count, round(left, 2), round(width, 2)))
        left += width
    return parts


def _histogram(scores: Counter[tuple[int, str]], thresholds: Mapping[str, float]) -> Json:
    """Bars of the histogram, the outcomes of a bin on top of each other; heights grow with the square root."""
    highest = max((sum(scores[k, o] for o in OUTCOMES) for k in range(BINS)), default=0)
    bars = []
    for k in range(BINS):
        counts = [(outcome, scores[k, outcome]) for outcome in _WORST_FIRST if scores[k, outcome]]
        total = sum(count for _, count in counts)
        if not total:
            continue
        height = max(1.5, 100 * (total / highest) ** 0.5)
        top, parts = 100 - height, []
        for outcome, count in counts:
            part = height * count / total
            parts.append((outcome, round(top, 2), round(part, 2)))
            top += part
        bars.append({"low": k / BINS, "high": (k + 1) / BINS, "pages": total, "parts": parts, "bin": k})
    return {"bars": bars, "highest": highest, "bins": BINS, "thresholds": thresholds}


def _options(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The options that say something to people."""
    shown = []
    for name, value in options.items():
        listed = [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else [value]
        if listed and value not in (None, False, ""):
            shown.append(
                (name.replace("_", " ").capitalize(), ", ".join(map(str, listed)).replace("True", "yes"))
            )
    return shown


def _asset(name: str) -> Markup:
    return Markup((ASSETS / name).read_text("utf-8"))  # noqa: S704  a file of this package


@cache
def _environment() -> Environment:
    environment = page.environment().overlay(loader=FileSystemLoader(ASSETS))
    own = {"count": "{:,}".format, "plural": _plural, "size": _size, "date": _date, "duration": _duration}
    environment.filters = {**environment.filters, **own}
    return environment


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _size(octets: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if octets < 1000 or unit == "GB":
            return f"{octets:,.0f} {unit}" if unit == "bytes" else f"{octets:,.1f} {unit}"
        octets /= 1000
    raise AssertionError


def _date(written: str) -> str:
    """A time as people write it; what is no time stays as it is."""
    try:
        return f"{datetime.fromisoformat(written):%d %B %Y, %H:%M}".lstrip("0")
    except ValueError:
        return written


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "under a second"
