"""The reading pane of the desk: a submission as its author laid it out, what was found in the margin, what was judged.

The pane is an HTML fragment in which everything is escaped. `assets/read.js` brings it to life: ways between account,
places and notes, and what an editor has to say of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from detector.acceptance import fingerprint
from detector.desk.links import LONG, Links
from detector.document import Document, Span
from detector.model import sigmoid
from detector.report import page
from detector.report.layout import UNSEEN, Shown, View, about_signal, compare, show_findings, visible
from detector.report.readability import readability
from detector.report.words import meaning, percent, where
from detector.signals import registry
from detector.tables import Tables
from detector.verdict import Finding, Verdict

ASSETS = Path(__file__).parent / "assets"
KEY = "r"  # what the HTML ids of the pane begin with
MISSED = "missed"  # stands for a signal where an editor has marked what none found
JUDGED = ("place", "habit")  # kinds of signals whose findings are faults, which may be none
TRIALS = 100  # sentences shown without their link
PIECES = (
    12_000  # blocks and links of a text that are shown; a browser would be busy with more for many seconds
)
OPENING = 60  # words of the beginning of an article

Event = Mapping[str, Any]


class Part(NamedTuple):
    """One of several articles in a text: where it begins, how many words it has, how it opens, and what it is about.

    opening: with the runs of words marked that the first one's opening has too.
    """

    place: str
    where: str
    words: int
    text: str
    opening: Markup
    topic: list[str]


class Spared(NamedTuple):
    """Signals of which everything was called fine, and the score without them; None where they do not count."""

    signals: list[str]
    score: float | None


def fragment(
    submission: Mapping[str, Any],
    verdict: Verdict,
    document: Document,
    events: Sequence[Event],
    *,
    tables: Tables | None = None,
    base_rate: float = 0.5,
) -> str:
    """The pane of a submission that was answered, as HTML to be put into the desk's page.

    submission, events: as the API gives them. tables: of the model, by which links are measured; without them what the
    signals found is shown, and nothing more. base_rate: the share of pages that deserve rejection that was assumed.
    """
    whole = len(document.text)
    verdict, document = _cut(verdict, document)
    live = [e for e in events if e["kind"] in ("fine", "missed") and not e.get("undone_at")]
    settled = _settled(verdict, document, [e for e in live if e["kind"] == "fine"])
    shown = show_findings(verdict)
    for one in shown:
        one.fine = {(start, end) for signal, start, end in settled if signal == one.signal}
    missed: dict[tuple[int, int], list[Event]] = {}
    for event in live:
        if event["kind"] == "missed" and event["start"] < len(document.text):
            missed.setdefault((event["start"], event["end"]), []).append(event)
    misses = _missed(missed)
    view = View(document, [*shown, *misses], KEY)
    for row in view.rows:
        row.texts = [
            Markup('<span data-start="{}">{}</span>').format(block.start, text)
            for block, text in zip(row.blocks, row.texts, strict=True)
        ]
    links = Links(document, shown, tables)
    in_text, in_furniture = page.link_rows(document, KEY)
    phrases = links.phrases(in_text)
    return _environment().get_template("read.html.jinja").render(
        submission=submission,
        verdict=verdict,
        meaning="" if verdict.score is None else meaning(verdict, percent(verdict.score), base_rate),
        key=KEY,
        shown=shown,
        marked=[one for one in [*shown, *misses] if one.places],
        account=page.account(verdict, shown),
        spared=_spared(verdict, shown, settled),
        view=view,
        left_out=whole - len(document.text),
        settled=settled,
        missed=missed,
        articles=_parts(document, shown, links),
        links=[(row, links.fit(row)) for row in in_text[: page.LINKS]],
        unlisted=len(in_text[page.LINKS :]),
        furniture=in_furniture,
        trials=[links.trial(phrase) for phrase in phrases[:TRIALS]],
        untried=len(phrases[TRIALS:]),
        readability=readability(document) if verdict.language == "en" and verdict.words <= LONG else None,
        faults=_faults(),
    )  # fmt: skip


def _cut(verdict: Verdict, document: Document) -> tuple[Verdict, Document]:
    """The beginning of a text that consists of too many pieces, and what was found there."""
    starts = sorted([b.start for b in document.blocks] + [link.start for link in document.links])
    if len(starts) <= PIECES:
        return verdict, document
    end = starts[PIECES]
    blocks = tuple(b._replace(end=min(b.end, end)) for b in document.blocks if b.start < end)
    links = tuple(link for link in document.links if link.end <= end)

    def shown(span: Span) -> Span:
        there = span.partner
        return (
            replace(span, partner=None) if there and there.id == document.id and there.start >= end else span
        )

    findings = tuple(
        replace(finding, spans=tuple(shown(span) for span in finding.spans if span.start < end))
        for finding in verdict.findings
    )
    return replace(verdict, findings=findings), replace(
        document, text=document.text[:end], blocks=blocks, links=links
    )


# --- what editors have said -----------------------------------------------------------------------------------------


def _settled(
    verdict: Verdict, document: Document, fine: Iterable[Event]
) -> dict[tuple[str, int, int], Event]:
    """What has been called fine: signal, start and end of each span (0, 0 without one), and the event that said so.

    A place is known by its offsets; where a newer model has it elsewhere, by its words (`acceptance.fingerprint`).
    A finding that was called fine as a whole is fine in all its places.
    """
    found: dict[tuple[str, int, int], Event] = {}
    spans = {finding.signal: finding.spans for finding in verdict.findings}
    for event in fine:
        signal, place = event["signal"], (event["start"] or 0, event["end"] or 0)
        here = spans.get(signal, ())
        if place == (0, 0):
            same = here or [Span(0, 0)]
        else:
            same = [s for s in here if (s.start, s.end) == place] or [
                s
                for s in here
                if event["fingerprint"] and fingerprint(document, signal, s) == event["fingerprint"]
            ]
        found |= {(signal, span.start, span.end): event for span in same}
    return found


def _missed(events: Mapping[tuple[int, int], Sequence[Event]]) -> list[Shown]:
    """What editors have marked, by its place, as a finding of their own."""
    if not events:
        return []
    spans = tuple(Span(*place, "; ".join(map(_remark, said))) for place, said in events.items())
    return [Shown(Finding(MISSED, 0.0, 0.0, "Marked by an editor.", spans), 0, MISSED, "", "", on=True)]


def _remark(event: Event) -> str:
    """What an editor says of a place: the kind of fault, and the note."""
    return ": ".join(
        part for part in ((event["signal"] or "").replace("_", " "), event["after"] or "") if part
    )


def _spared(
    verdict: Verdict, shown: Sequence[Shown], settled: Mapping[tuple[str, int, int], Event]
) -> Spared:
    """What is left of the score when the findings of which everything was called fine do not count."""
    fine = [one for one in shown if not one.open and (one.finding.spans or (one.signal, 0, 0) in settled)]
    push = sum(max(0.0, one.finding.push) for one in fine)
    score = None
    if push and verdict.bias is not None:
        score = sigmoid(verdict.bias + sum(f.push for f in verdict.findings) - push)
    return Spared([one.signal for one in fine], score)


@cache
def _faults() -> list[tuple[str, str, str]]:
    """The faults an editor can name: id, name and summary of the signals for them."""
    signals = ((signal, *about_signal(signal)) for signal in registry())
    return [
        (signal, signal.replace("_", " "), summary) for signal, kind, _, summary in signals if kind in JUDGED
    ]


# --- several articles -----------------------------------------------------------------------------------------------


def _parts(document: Document, shown: Sequence[Shown], links: Links) -> list[Part]:
    """The articles a text was put together from, where joins were found."""
    joins = next((one.places for one in shown if one.signal == "stitched"), [])
    places = [None, *(place for place in joins if not place.fine)]
    tokens = document.tokens
    if len(places) == 1:
        return []
    firsts = [bisect_left(tokens.start, place.start if place else 0) for place in places]
    found: list[Part] = []
    for place, (first, last) in zip(places, pairwise([*firsts, len(tokens)]), strict=True):
        if first >= last:
            continue
        start, end = tokens.start[first], tokens.end[min(first + OPENING, last) - 1]
        opening = links.prose(start, end).strip()
        begun = found[0].text if found else opening
        found.append(
            Part(
                f"#{place.id}" if place else "",
                where(document, start),
                last - first,
                opening,
                compare(begun, opening)[1] if found else escape(visible(opening)),
                links.topic(first, last),
            )
        )
    return found


# --- where a selection stands ---------------------------------------------------------------------------------------


def find_quote(text: str, quote: str, near: int = 0) -> tuple[int, int] | None:
    """Where words that were selected on the page stand in the text: the place that begins nearest to `near`.

    White space may differ, and characters may be spelled out as `layout.visible` does. None where they stand nowhere.
    """
    shown, at = _pressed(text)
    words, _ = _pressed(quote)
    if not words:
        return None
    here, size = bisect_left(at, near), len(words)
    # one search each way, both in the time it takes to read the text, whatever the words are
    head = shown[: max(0, here + size - 1)]
    after, back = shown.find(words, here), head[::-1].find(words[::-1])
    starts = [start for start, found in ((after, after), (len(head) - back - size, back)) if found >= 0]
    places = ((at[start], at[start + size - 1] + 1) for start in starts)
    return min(places, key=lambda place: abs(place[0] - near), default=None)


def _pressed(text: str) -> tuple[str, list[int]]:
    """The text as the page shows it, without white space, and where in the text each of its characters comes from."""
    source: list[int] = []
    done = 0
    for match in UNSEEN.finditer(text):
        source += range(done, match.start())
        source += [match.start()] * len(visible(match[0]))
        done = match.end()
    source += range(done, len(text))
    shown = visible(text)
    return "".join(shown.split()), [source[k] for k, c in enumerate(shown) if not c.isspace()]


# --- the page -------------------------------------------------------------------------------------------------------


@cache
def _environment() -> Environment:
    environment = page.environment().overlay(loader=FileSystemLoader([ASSETS, page.ASSETS]))
    environment.filters = {**environment.filters, "moment": _moment}
    environment.globals = {**environment.globals, "JUDGED": JUDGED, "LONG": LONG}
    return environment


def _moment(time: str | datetime) -> str:
    """A time as people write it."""
    at = datetime.fromisoformat(time) if isinstance(time, str) else time
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
