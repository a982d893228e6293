"""SARIF 2.1.0, the format in which code hosts and editors take the findings of any tool.

Every place of a finding is a result, and every signal a rule with its documentation. A region is given only where it
is certain: for text and Markdown files; of other pages the message quotes the words.
"""

from __future__ import annotations

import heapq
import json
import math
import os
import textwrap
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TextIO
from urllib.parse import quote

from detector import __version__, explain, signals
from detector.acceptance import BASELINE, fingerprint
from detector.document import Document, Partner, Span
from detector.report import Run
from detector.report.places import Page, reasons, relative
from detector.report.words import why_unscored
from detector.verdict import Finding, Outcome, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RESULTS = 5_000  # that GitHub shows of one run
NOTIFICATIONS = 1_000  # of pages that were not scored
DESCRIPTION = 1_000  # characters; GitHub takes 1,024
LEVELS: dict[Outcome, str] = {"publish": "note", "review": "warning", "reject": "error"}  # the strongest last
RULE_LEVELS = {
    "crawl": "warning",
    "place": "warning",
    "habit": "warning",
    "trust": "none",
    "description": "none",
}
_STRENGTH = {outcome: at for at, outcome in enumerate(LEVELS)}
_ROOT = "%SRCROOT%"
_IN_ADDRESS = "%/:?#@!$&'()*+,;=~"  # may stand in an address as it is


class SarifReport:
    """One run with its strongest results, at most RESULTS; how many were left out is a notification.

    bases: the folders that places count from, by name.
    """

    bases: ClassVar[dict[str, Any]] = {
        _ROOT: {"description": {"text": "The checkout, or else the folder that detector ran in."}}
    }

    def __init__(self, out: TextIO, run: Run, known: Mapping[str, Any] | None = None) -> None:
        """known: the modules of the signals that may speak, by id; those of a single page where nothing is said."""
        self._out = out
        self._run = run
        self._known = signals.registry() if known is None else known
        self._rules = {name: at for at, name in enumerate(self._known)}
        self._results: list[tuple[tuple[int, float], int, dict[str, Any]]] = []  # a heap, the weakest first
        self._number = count()
        self._left_out = 0
        self._notifications: list[dict[str, Any]] = []
        self._not_told = 0
        self._model: dict[str, Any] = {}

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Keep the results of one verdict."""
        self.add_page(Page(verdict, document, self._run))

    def add_page(self, page: Page) -> None:
        """Keep the results of one page."""
        verdict = page.verdict
        model = verdict.model
        self._model = {"name": model.name, "version": model.version, "sha256": model.sha256}
        if verdict.outcome == "unscored":
            self._unscored(page)
        for finding in reasons(verdict):
            strength = (_STRENGTH[verdict.outcome], finding.push)
            for span in finding.spans or (None,):
                full = len(self._results) == RESULTS
                self._left_out += full
                if full and strength <= self._results[0][0]:
                    continue  # not worth the making
                if full:
                    heapq.heappop(self._results)
                item = (strength, -next(self._number), self._result(page, finding, span))
                heapq.heappush(self._results, item)

    def close(self) -> None:
        """Write the log."""
        code = self._run.exit_code
        notifications = self._notifications
        if self._not_told:
            notifications.append(_notification("note", f"{self._not_told} more pages were not scored."))
        if self._left_out:
            message = f"{self._left_out} weaker results were left out; the strongest {RESULTS} are here."
            notifications.append(_notification("note", message))
        if code == 2:
            message = "A source that was named could not be read; what it holds is not in these results."
            notifications.append(_notification("error", message))
        run = {
            "tool": {"driver": {"name": "detector", "version": __version__, "rules": _rules(self._known)}},
            "invocations": [
                {
                    "executionSuccessful": code != 2,
                    "exitCode": code,
                    "toolExecutionNotifications": notifications,
                }
            ],
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": self.bases,
            "results": [result for _, _, result in sorted(self._results, key=lambda item: -item[1])],
            "properties": {"model": self._model},
        }
        log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
        json.dump(log, self._out, ensure_ascii=False, allow_nan=False, indent=1)
        self._out.write("\n")

    def _unscored(self, page: Page) -> None:
        if len(self._notifications) == NOTIFICATIONS:
            self._not_told += 1
            return
        # level "error" is for runs that failed
        level = "warning" if page.verdict.error else "note"
        notification = _notification(level, why_unscored(page.verdict))
        self._notifications.append({**notification, "locations": [self._location(page)]})

    def _result(self, page: Page, finding: Finding, span: Span | None) -> dict[str, Any]:
        location = self._location(page, span)
        certain = "region" in location["physicalLocation"]
        result: dict[str, Any] = {
            "ruleId": finding.signal,
            "kind": "fail",
            "level": LEVELS[page.verdict.outcome],
            # the share of the odds of rejection that goes back to the finding
            "rank": round(100 * (1 - math.exp(-finding.push)), 1),
            "message": {"text": _escaped(page.says(finding, span, quote=not certain))},
            "locations": [location],
        }
        if finding.signal in self._rules:  # a run of another version may know others
            result["ruleIndex"] = self._rules[finding.signal]
        if span is not None:
            result |= self._identity(page, finding, span)
            if span.partner is not None:
                result["relatedLocations"] = [self._partner(page, span.partner)]
        if finding.accepted:
            result["suppressions"] = [
                {
                    "kind": "external" if who == BASELINE else "inSource",
                    "status": "accepted",
                    "justification": who,
                }
                for who in finding.accepted
            ]
        return result

    def _identity(self, page: Page, finding: Finding, span: Span) -> dict[str, Any]:
        """What a result is known by in later runs."""
        if page.document is None:
            return {}
        return {"partialFingerprints": {"place/v1": fingerprint(page.document, finding.signal, span)}}

    def _location(self, page: Page, place: Span | Partner | None = None) -> dict[str, Any]:
        """Where a page lies, and where in it a place does if that is certain."""
        physical: dict[str, Any] = {"artifactLocation": self._artifact(page)}
        region = None if place is None else page.region(place.start, place.end)
        if place is not None and region is not None:
            physical["region"] = {
                "startLine": region.line,
                "startColumn": region.column,
                "endLine": region.end_line,
                "endColumn": region.end_column,
                "charOffset": place.start,
                "charLength": place.end - place.start,
            }
        if page.path is not None:
            return {"physicalLocation": physical}
        return {
            "physicalLocation": physical,
            "logicalLocations": [{"fullyQualifiedName": page.verdict.id, "kind": "resource"}],
        }

    def _artifact(self, page: Page) -> dict[str, str]:
        if page.path is None and (address := _address(page.verdict.url)):
            return address
        return self._file(page)

    def _file(self, page: Page) -> dict[str, str]:
        """The file that a page is or stands in."""
        path = page.path or relative(Path(self._run.source))
        if Path(path).is_absolute():
            return {"uri": Path(path).as_uri()}
        return {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}

    def _partner(self, page: Page, partner: Partner) -> dict[str, Any]:
        if partner.id == page.verdict.id:
            location = self._location(page, partner)
            there = page.words(partner.start, partner.end).strip()
            says = (
                f"The other place: {page.quote(partner.start, partner.end)}" if there else "On the same page."
            )
        else:
            location = {"logicalLocations": [{"fullyQualifiedName": partner.id, "kind": "resource"}]}
            says = f"The other place is on another page: {partner.url or partner.id}"
            if address := _address(partner.url):
                location["physicalLocation"] = {"artifactLocation": address}
        return {**location, "message": {"text": _escaped(says)}}


def _address(url: str | None) -> dict[str, str] | None:
    """The artifact at an address of the web."""
    if url is None or not url.lower().startswith(("http://", "https://")):
        return None
    return {"uri": quote(url, safe=_IN_ADDRESS)}


def _rules(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every signal with its documentation, in the order of their numbers."""
    rules = []
    for name, signal in known.items():
        summary, sections = explain.parse(signal.__doc__ or "")
        why = " ".join(sections["Why it matters"].split())
        text = "\n\n".join(f"{heading}\n\n{body}" for heading, body in sections.items())
        markdown = "\n\n".join(f"## {heading}\n\n{body}" for heading, body in sections.items())
        rules.append(
            {
                "id": name,
                "shortDescription": {"text": _escaped(summary)},
                "fullDescription": {
                    "text": _escaped(textwrap.shorten(f"{summary} {why}", DESCRIPTION, placeholder=" …"))
                },
                "help": {"text": _escaped(text), "markdown": _escaped(markdown)},
                "defaultConfiguration": {"level": RULE_LEVELS[signal.KIND]},
                "properties": {"tags": [signal.KIND]},
            }
        )
    return rules


def _notification(level: str, message: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _escaped(message)}}


def _escaped(message: str) -> str:
    """A message with nothing in it that SARIF takes for a placeholder or a link."""
    return message.replace("{", "{{").replace("}", "}}").replace("](", "] (")
