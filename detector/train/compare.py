"""What changes when one model takes the place of another: on the user's own pages, on everything that was measured."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from detector import model
from detector.model import logit
from detector.score import Detector
from detector.train.fit import OwnPage
from detector.train.measures import pairs
from detector.verdict import OUTCOMES, Outcome

# Figures that training wrote down, out of fold: their path in metrics.json, and what they are.
STORED = {
    "judged.auc.value": "pages judged by reading: AUC",
    "judged.recall_at_1_percent.value": "pages judged by reading: found at 1 % false alarms",
    "honest.all.rejected.share": "honest pages: rejected",
    "honest.all.flagged.share": "honest pages: flagged",
    "honest.own.rejected.share": "your published pages: rejected",
    "honest.own.flagged.share": "your published pages: flagged",
    "calibration_error": "calibration error",
}
SHOWN = 30  # pages and signals that are listed


class Change(NamedTuple):
    """A page of the user's, what his editors decided, and what both models say."""

    id: str
    title: str
    decided: str
    old: Outcome
    new: Outcome


@dataclass(frozen=True)
class Comparison:
    """Two models side by side.

    pages: the user's own. The old model may have learned from some of them if it was trained on them; what the new one
    says of a page comes from a model that never saw its site. figures: name, old and new value, None where one is not
    known. pushes: signal, and the most it can push in either model.
    """

    old: str
    new: str
    pages: list[Change]
    figures: list[tuple[str, float | None, float | None]]
    pushes: list[tuple[str, float, float]]

    @property
    def changed(self) -> list[Change]:
        """The pages whose outcome changes."""
        return [page for page in self.pages if page.old != page.new]

    def agreement(self, which: str) -> Counter[tuple[str, Outcome]]:
        """How often a decision met an outcome of the "old" or the "new" model."""
        return Counter((page.decided, getattr(page, which)) for page in self.pages)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "old": self.old,
            "new": self.new,
            "pages": [page._asdict() for page in self.pages],
            "figures": [dict(zip(("name", "old", "new"), figure, strict=True)) for figure in self.figures],
            "pushes": [dict(zip(("signal", "old", "new"), push, strict=True)) for push in self.pushes],
        }

    def lines(self) -> Iterator[str]:
        """The comparison for people."""
        yield f"{self.old} (in use) and {self.new} (just trained)"
        if self.pages:
            yield ""
            yield f"Your {len(self.pages)} decided pages: what editors decided, and what the models say"
            yield f"  {'':14}{'':10}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES)
            for decided in sorted({page.decided for page in self.pages}):
                for which, name in (("old", self.old), ("new", self.new)):
                    met = self.agreement(which)
                    counts = "".join(f"{met[decided, outcome]:>10}" for outcome in OUTCOMES)
                    yield f"  {decided if which == 'old' else '':14}{name[:9]:10}{counts}"
            yield from self._changed_pages()
        yield ""
        yield f"  {'measured':52}{self.old[:10]:>11}{self.new[:10]:>11}"
        for name, old, new in self.figures:
            yield f"  {name:52}{_number(old)}{_number(new)}"
        moved = [p for p in self.pushes if abs(p[1] - p[2]) >= 0.1]
        if moved:
            yield ""
            yield f"  {'most that a signal pushes, where it changes':52}{self.old[:10]:>11}{self.new[:10]:>11}"
            for signal, was, is_ in sorted(moved, key=lambda p: -abs(p[1] - p[2]))[:SHOWN]:
                yield f"  {signal:52}{was:>11.2f}{is_:>11.2f}"

    def _changed_pages(self) -> Iterator[str]:
        changed = self.changed
        yield ""
        yield f"{len(changed)} of them get another outcome" + (":" if changed else ".")
        for page in changed[:SHOWN]:
            name = " ".join((page.title or page.id).split())[:60]
            yield f"  {page.old} -> {page.new}, editors: {page.decided}  {name}"
        if len(changed) > SHOWN:
            yield f"  and {len(changed) - SHOWN} more"


def compare(old: Path, new: Path, own: Sequence[OwnPage], corpus: Path) -> Comparison:
    """Compare the models of two folders.

    own: the user's pages as training has judged them; corpus: where the pairs lie that nothing is learned from.
    Raises ModelError for a model that does not load.
    """
    detectors = Detector.load(old), Detector.load(new)
    return Comparison(
        detectors[0].model.name,
        detectors[1].model.name,
        _pages(*detectors, own),
        [*_stored(old, new), *_unseen(detectors, corpus)],
        _pushes(old, new),
    )


def _pages(old: Detector, new: Detector, own: Sequence[OwnPage]) -> list[Change]:
    changes = []
    for page in own:
        document = page.example.document
        before, after = old.score(document).outcome, new.score(document).outcome
        if after != "unscored":  # its score is replaced by that of a model which has not seen it
            after = _outcome(new, page.logit)
        decided = {1: "reject", 0: "publish", None: "review"}[page.example.label]
        changes.append(Change(document.id, document.title or "", decided, before, after))
    return changes


def _outcome(detector: Detector, value: float) -> Outcome:
    thresholds = detector.thresholds
    if value >= logit(thresholds.reject):
        return "reject"
    return "review" if value >= logit(thresholds.review) else "publish"


def _stored(old: Path, new: Path) -> Iterator[tuple[str, float | None, float | None]]:
    metrics = [_metrics(folder) for folder in (old, new)]
    for path, name in STORED.items():
        values = [_figure(found, path) for found in metrics]
        if values != [None, None]:
            yield name, values[0], values[1]


def _metrics(folder: Path) -> Any:
    file = folder / "metrics.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def _figure(found: Any, path: str) -> float | None:
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return float(found) if isinstance(found, int | float) else None


def _unseen(
    detectors: tuple[Detector, Detector], corpus: Path
) -> Iterator[tuple[str, float | None, float | None]]:
    if unseen := pairs.read(corpus / "unseen"):
        found = [pairs.measured(detector, unseen) for detector in detectors]
        for side in ("hollow", "good"):
            old, new = (f[side]["flagged"]["share"] for f in found)
            yield f"unseen pairs: {side} pages flagged", old, new


def _pushes(old: Path, new: Path) -> list[tuple[str, float, float]]:
    most = []
    for folder in (old, new):
        curves = model.load(folder)[0].curves
        most.append({name: max(curve.pushes, key=abs) for name, curve in curves.items()})
    return [(name, most[0].get(name, 0.0), most[1].get(name, 0.0)) for name in sorted(most[0] | most[1])]


def _number(value: float | None) -> str:
    return f"{'–':>11}" if value is None else f"{value:>11.3f}"
