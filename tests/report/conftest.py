"""A page about bees with findings of every kind, in a folder of pages: for the reports that programs read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from detector.document import Block, Document, Partner, Span
from detector.model import sigmoid
from detector.report import Run
from detector.verdict import Failure, Finding, ModelId, Outcome, Thresholds, Verdict


class Bees:
    """The page and verdicts on it."""

    text = """Keeping bees on a flat roof

A hive on a roof needs shade at noon, 100% of it. Before you read on the {0} [cheap](x) hive kits page 🐝, check
that the roof carries eighty kilograms.

In spring the colony grows quickly, so look in weekly.

As the colony grows fast in spring, look in each week.
"""

    def span(self, words: str, says: str = "", *instead: str, partner: str = "", on: str = "bees.md") -> Span:
        start = self.text.index(words)
        at = self.text.find(partner)
        other = Partner(on, None, at, at + len(partner)) if partner else None
        return Span(start, start + len(words), says, instead, other)

    def document(self, source: str = "markdown", id: str = "bees.md") -> Document:
        blocks = [
            Block(m.start(), m.end(), "paragraph") for m in re.finditer(r"\S(?:.|\n(?!\n))*", self.text)
        ]
        return Document(id, self.text, tuple(blocks), source=source)

    @property
    def findings(self) -> tuple[Finding, ...]:
        first, second = "In spring the colony grows quickly", "As the colony grows fast in spring"
        anchor = self.span("{0} [cheap](x) hive kits page 🐝, check\nthat", "Take them out.", "on", "further")
        return (
            Finding(
                "near_duplicate",
                1.2,
                1.684,
                "Two passages say the same.",
                (
                    self.span(first, "Told twice.", partner=second),
                    self.span(second, partner=first, on="other.md"),
                ),
            ),
            Finding("injected_anchor", 0.9, 1.204, "A link phrase stands where it does not fit.", (anchor,)),
            Finding("trust", 2.0, -0.4149, "Somebody answers for this page.", (self.span("on a roof"),)),
            Finding("thin_specifics", 0.1, 0.333, "Nothing here can be checked."),
            Finding(
                "plug",
                1.0,
                0.0,
                "A business. (accepted: baseline; comment on line 3: ours)",
                (self.span("hive kits"),),
                ("baseline", "comment on line 3: ours"),
            ),
            Finding("readability", 7.7, 0.0, "The school grade.", (self.span("eighty kilograms"),)),
        )

    def verdict(self, outcome: Outcome = "reject", **changes: object) -> Verdict:
        findings = self.findings
        fields: dict[str, object] = {
            "id": "bees.md",
            "url": None,
            "title": None,
            "outcome": outcome,
            "score": sigmoid(sum(f.push for f in findings)),
            "bias": 0.0,
            "findings": findings,
            "words": 130,
            "language": "en",
            "model": ModelId("tiny", "1.0.0", "0" * 64),
            "thresholds": Thresholds(0.5, 0.8),
        }
        if outcome == "unscored":
            fields |= {
                "score": None,
                "bias": None,
                "findings": (),
                "reason": "too_short: 1 word of running text",
            }
        return Verdict(**{**fields, **changes})  # type: ignore[arg-type]

    def unreadable(self, **changes: object) -> Verdict:
        failure = Failure("binary", "broken.md: this is a picture, not a page")
        return self.verdict(
            "unscored", **{"id": "broken.md", "error": failure, "reason": "unreadable", **changes}
        )


class Checkout(Run):
    """A run over the folder `drafts` of the working directory, in which files of any name can be put."""

    source = "drafts"
    code = 0

    def put(self, id: str, content: bytes) -> None:
        path = Path(self.source, id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def locate(self, id: str) -> Path | None:
        path = Path(self.source, id)
        return path if path.is_file() else None

    def summary(self) -> str:
        return "3 inputs: 1 reject"

    @property
    def exit_code(self) -> int:
        return self.code


@pytest.fixture
def bees() -> Bees:
    return Bees()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bees: Bees) -> Checkout:
    """The page lies in drafts/bees.md."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    run = Checkout()
    run.put("bees.md", bees.text.encode())
    return run


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare with a file in golden/; UPDATE_GOLDEN=1 writes it anew."""

    def compare(name: str, written: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(written, "utf-8", newline="\n")
        assert written == path.read_text("utf-8")

    return compare
