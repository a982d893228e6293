"""The report an editor opens: one HTML file that holds everything, asks nobody for anything and runs nothing of a page.

The templates escape every string and `visible` spells out characters that act or hide. A content security policy
allows the report's own style and script, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import IO, NamedTuple, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from detector.document import Document, Link, host_of
from detector.model import logit
from detector.report.layout import Shown, View, one_line, shorten, show_findings, signed, visible
from detector.report.readability import NEVER_A_REASON, readability
from detector.report.words import meaning, percent, shown_pushes, why_unscored
from detector.score import CONFIDENT_WORDS
from detector.verdict import OUTCOMES, Verdict

ASSETS = Path(__file__).parent / "assets"
LINKS = 200  # rows in a table of links
ADDRESS = 2000  # characters of an address there


class HtmlReport:
    """Verdicts as one HTML page: each with its text, marked and annotated; an index before them when they are several.

    many: whether the inputs may be several. base_rate: share of pages that deserve rejection, which is what the
    score has been computed for; it is named in the sentence that says what the score means.
    """

    def __init__(self, out: TextIO, *, many: bool = False, base_rate: float = 0.5) -> None:
        self._out = out
        self._many = many
        self._base_rate = base_rate
        self._entries: list[_Entry] = []
        # the index stands first and is known last, so the pages wait in a file
        self._bodies: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by close()

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Keep one verdict for the page that `close` writes."""
        key = f"p{len(self._entries) + 1}"
        shown = show_findings(verdict)
        body = environment().get_template("page.html.jinja").render(
            key=key,
            verdict=verdict,
            meaning="" if verdict.score is None else meaning(verdict, percent(verdict.score), self._base_rate),
            shown=shown,
            account=account(verdict, shown),
            view=None if document is None else View(document, shown, key),
            links=None if document is None else link_rows(document, key),
            readability=readability(document) if document is not None and verdict.language == "en" else None,
        )  # fmt: skip
        start = self._bodies.tell()
        self._bodies.write(body.encode())
        # places would keep every page's text in memory
        bare = replace(verdict, findings=tuple(replace(f, spans=()) for f in verdict.findings))
        self._entries.append(_Entry(key, bare, start, self._bodies.tell()))

    def close(self) -> None:
        """Write the page."""
        style, script = asset("report.css"), asset("report.js")
        tally = Counter(entry.verdict.outcome for entry in self._entries)
        page = environment().get_template("report.html.jinja").generate(
            style=style,
            script=script,
            policy=f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
            "base-uri 'none'; form-action 'none'",
            many=self._many or len(self._entries) != 1,
            entries=self._entries,
            ranked=sorted(self._entries, key=lambda e: (e.verdict.score is None, -(e.verdict.score or 0.0))),
            tally=[(outcome, tally[outcome]) for outcome in OUTCOMES if tally[outcome]],
            models=sorted({entry.verdict.model for entry in self._entries}, key=lambda m: (m.name, m.sha256)),
            body=self._body,
        )  # fmt: skip
        with self._bodies:
            for piece in page:
                self._out.write(piece)

    def _body(self, entry: _Entry) -> Markup:
        self._bodies.seek(entry.start)
        return Markup(self._bodies.read(entry.end - entry.start).decode())  # noqa: S704  what add() rendered


class _Entry(NamedTuple):
    """What is kept of a verdict until the end: the verdict without places, and where its body waits."""

    key: str
    verdict: Verdict
    start: int
    end: int

    @property
    def name(self) -> str:
        return one_line(self.verdict.url or self.verdict.id) or "-"

    @property
    def heading(self) -> str:
        return one_line(self.verdict.title or "") or self.name

    @property
    def strongest(self) -> list[str]:
        """The findings that count most, in words."""
        findings = self.verdict.findings
        pushes = shown_pushes(self.verdict.bias or 0.0, findings)[1:]
        counted = [(f.signal, push) for f, push in zip(findings, pushes, strict=True) if push]
        return [f"{signal.replace('_', ' ')} {signed(push)}" for signal, push in counted[:3]]


@cache
def environment() -> Environment:
    """Templates of all HTML reports: everything is escaped, and what cannot be seen is made visible."""
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters |= {"percent": _percent, "signed": signed, "why_unscored": why_unscored}
    environment.globals |= {
        "LINKS": LINKS,
        "CONFIDENT_WORDS": CONFIDENT_WORDS,
        "NEVER_A_REASON": NEVER_A_REASON,
    }
    return environment


def _percent(share: float) -> str:
    return percent(share).replace(" ", "\u00a0")  # on one line


@cache
def asset(name: str) -> Markup:
    """A style sheet or script of this package, to be written into a page."""
    return Markup((ASSETS / name).read_text("utf-8"))  # noqa: S704  a file of this package


def digest(text: str) -> str:
    """What a content security policy calls an inline style or script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# --- the account ----------------------------------------------------------------------------------------------------


class Line(NamedTuple):
    """A line of the account; its bar begins where the bar of the line before ended. Both in percent of the scale."""

    shown: Shown | None
    push: int
    left: float
    width: float


class Account(NamedTuple):
    """bias and pushes, one after the other, on one scale of log-odds; zero and thresholds in percent of the scale."""

    lines: list[Line]  # the first is the bias
    total: Line
    zero: float
    thresholds: list[float]


def account(verdict: Verdict, shown: Sequence[Shown]) -> Account | None:
    """The account of a scored page; `shown` are all its findings."""
    if verdict.score is None or verdict.bias is None:
        return None
    counted = [None, *(s for s in shown if s.finding.push)]
    ends = [0]
    for push in (shown_pushes(verdict.bias, ())[0], *(s.push for s in counted if s)):
        ends.append(ends[-1] + push)
    thresholds = [100 * logit(verdict.thresholds.review), 100 * logit(verdict.thresholds.reject)]
    low, high = min(*ends, *thresholds) - 10, max(*ends, *thresholds) + 10

    def at(hundredths: float) -> float:
        return round((hundredths - low) / (high - low) * 100, 1)

    def line(shown: Shown | None, start: int, end: int) -> Line:
        left, right = at(min(start, end)), at(max(start, end))
        return Line(shown, end - start, left, round(max(right - left, 0.6), 1))

    steps = zip(counted, pairwise(ends), strict=True)
    return Account(
        [line(shown, *step) for shown, step in steps],
        line(None, 0, ends[-1]),
        at(0),
        [at(threshold) for threshold in thresholds],
    )


# --- links ----------------------------------------------------------------------------------------------------------

_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)


class LinkRow(NamedTuple):
    """A link as text. place: where to find it on the page.

    belongs: "own", "external", "unknown" without a host of the page, or another scheme's name.
    """

    place: str
    anchor: str
    target: str
    rel: str
    belongs: str
    hidden: bool
    link: Link


def link_rows(document: Document, key: str) -> tuple[list[LinkRow], list[LinkRow]]:
    """The links of the text, hidden ones among them, and those of the furniture."""
    unseen, furniture = (
        [(b.start, b.end) for b in document.blocks if b.kind == kind] for kind in ("hidden", "furniture")
    )
    rows: tuple[list[LinkRow], list[LinkRow]] = ([], [])
    for k, link in enumerate(document.links, 1):
        hidden = _inside(unseen, link.start)
        rows[not hidden and _inside(furniture, link.start)].append(
            LinkRow(
                f"#{key}-a{k}",
                one_line(document.text[link.start : link.end]),
                shorten(link.href, ADDRESS),
                one_line(link.rel),
                _belongs(link, document),
                hidden,
                link,
            )
        )
    return rows


def _inside(stretches: list[tuple[int, int]], offset: int) -> bool:
    at = bisect_right(stretches, offset, key=lambda stretch: stretch[0]) - 1
    return at >= 0 and offset < stretches[at][1]


def _belongs(link: Link, document: Document) -> str:
    scheme = _SCHEME.match(link.href)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return scheme[1].lower()
    if host_of(link.href) and not document.hosts:
        return "unknown"
    return "own" if document.is_own(link.href) else "external"
