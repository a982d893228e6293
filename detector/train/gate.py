"""The gate: floors that the figures of a model must keep, in a file of their own beside the models.

    [stored]                                     # where: see `PARTS`
    "judged.auc.value" = ">= 0.90"               # a figure, by its path, and what it must be

The stored figures are those that training wrote down, out of fold. The other parts are measured at once with the model
that ships, so that code which no longer does what the figures say is seen without training again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import operator
import re
import tarfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detector.document import Document, Unreadable
from detector.errors import SourceError, UsageError
from detector.score import Detector
from detector.sources.files import read_row
from detector.train import data as data_
from detector.train.measures import pairs
from detector.train.measures.shares import wilson

STORED, PAIRS, HONEST, NEWS, EXAMPLES = "stored", "unseen", "honest", "news", "examples"
PARTS = {
    STORED: "metrics.json of the model",
    PAIRS: "the pairs of the corpus that nothing is learned from, measured now",
    HONEST: "honest pages of the public data, measured now; the model has learned from them",
    NEWS: "news pages of the public data as HTML, measured now; the model has not learned from them",
    EXAMPLES: "pages that must be flagged (--examples), measured now",
}
OF_A_FILE = 25  # honest pages of each public file
HTML_PAGES, NEWS_PAGES = "html_pages.tar.xz", re.compile(r"aeb_\w+\.html$")

_RULE = re.compile(r"(>=|<=)\s*(\d+(?:\.\d+)?)")
_COMPARE = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Floor:
    """What one figure must be: `rule` is ">= NUMBER" or "<= NUMBER"."""

    part: str
    figure: str
    rule: str

    def keeps(self, value: float) -> bool:
        """Whether the value is on the right side."""
        sign, number = _parsed(self.rule)
        return bool(_COMPARE[sign](value, number))


@dataclass(frozen=True)
class Result:
    """A floor and what was found: value None where the figure is not there; skipped says why it was not looked at."""

    floor: Floor
    value: float | None
    skipped: str = ""

    @property
    def kept(self) -> bool:
        """Whether nothing speaks against the model. A figure that is gone does."""
        return bool(self.skipped) or (self.value is not None and self.floor.keeps(self.value))

    def __str__(self) -> str:
        value = "not there" if self.value is None else f"{self.value:.4g}"
        state = "skipped" if self.skipped else "kept" if self.kept else "BROKEN"
        end = f" ({self.skipped})" if self.skipped else f", is {value}"
        return f"{state:8}{self.floor.part}: {self.floor.figure} {self.floor.rule}{end}"


def read(path: Path) -> list[Floor]:
    """The floors of a file. Raises UsageError, with what to do, for one that cannot be used."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: the floors cannot be read ({error.strerror}); check the path, or run this in the checkout."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: this is no TOML ({error}).") from error
    floors = []
    for part, rules in raw.items():
        if part not in PARTS or not isinstance(rules, dict):
            raise UsageError(f"{path}: there is no part [{part}]; it may be {', '.join(PARTS)}.")
        for figure, rule in rules.items():
            if not isinstance(rule, str) or _RULE.fullmatch(rule) is None:
                raise UsageError(f'{path}: {figure} must be a rule such as ">= 0.9", not {rule!r}.')
            floors.append(Floor(part, figure, rule))
    if not floors:
        raise UsageError(f"{path}: holds no floor.")
    return floors


def held(
    floors: Iterable[Floor], found: Mapping[str, Any], skipped: Mapping[str, str] | None = None
) -> list[Result]:
    """Each floor of the parts that were measured, or skipped for a reason, with its figure."""
    why = skipped or {}
    return [
        Result(f, _figure(found.get(f.part, {}), f.figure), why.get(f.part, ""))
        for f in floors
        if f.part in found or f.part in why
    ]


def gate(
    floors: Path,
    *,
    model: Path | None = None,
    corpus: Path,
    data: Path | None = None,
    examples: Path | None = None,
) -> list[Result]:
    """Hold a model (default: the current one) against the floors. What is not at hand is skipped, with the reason.

    examples: a folder of text files that must be flagged.
    Raises UsageError for floors that cannot be read, ModelError for a model that cannot, SourceError for pages.
    """
    from detector.model import current_model

    kept = read(floors)
    folder = model or current_model()
    detector = Detector.load(folder)
    found: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    metrics = folder / "metrics.json"
    if metrics.is_file():
        found[STORED] = json.loads(metrics.read_text("utf-8"))
        if found[STORED].get("model", {}).get("sha256") != detector.model.sha256:
            raise UsageError(f"{metrics} are the figures of another model; train it again.")
    else:
        found[STORED] = {}
    if unseen := pairs.read(corpus / "unseen"):
        found[PAIRS] = pairs.measured(detector, unseen)
    else:
        skipped[PAIRS] = f"{corpus / 'unseen'} is not there"
    if data is None or not data.is_dir():
        skipped[HONEST] = skipped[NEWS] = "the public data are not there" if data else "without --data"
    else:
        found[HONEST] = outcomes(detector, _honest(data))
        if (data / HTML_PAGES).is_file():
            found[NEWS] = outcomes(detector, _news(data / HTML_PAGES))
        else:
            skipped[NEWS] = f"{data / HTML_PAGES} is not there"
    if examples is None or not examples.is_dir():
        skipped[EXAMPLES] = f"{examples} is not there" if examples else "without --examples"
    else:
        pages = (Document.from_file(path) for path in sorted(examples.glob("*.txt")))
        found[EXAMPLES] = outcomes(detector, pages)
    return held(kept, found, skipped)


def outcomes(detector: Detector, documents: Iterable[Document]) -> dict[str, Any]:
    """Number of pages that can be scored, and the shares rejected and flagged (review or reject)."""
    verdicts = [v.outcome for v in detector.score_many(documents)]
    pages = sum(v != "unscored" for v in verdicts)
    rejected = verdicts.count("reject")
    return {
        "pages": pages,
        "rejected": wilson(rejected, pages),
        "flagged": wilson(rejected + verdicts.count("review"), pages),
    }


def _honest(data: Path) -> Iterator[Document]:
    """Some pages of each honest file, chosen by a hash of their id."""
    for name in sorted(data_.HONEST):
        path = data / "legit" / f"{name}.jsonl.gz"
        if path.is_file():
            rows = [line for line in gzip.decompress(path.read_bytes()).split(b"\n") if line.strip()]
            items = (read_row(line, f"{path}:{name}") for line in sorted(rows, key=_drawn)[:OF_A_FILE])
            yield from (_readable(item) for item in items)


def _drawn(line: bytes) -> bytes:
    return hashlib.sha256(str(json.loads(line)["id"]).encode()).digest()


def _readable(item: Document | Unreadable) -> Document:
    if isinstance(item, Unreadable):
        raise SourceError(item.message)
    return item


def _news(path: Path) -> Iterator[Document]:
    with tarfile.open(path) as archive:
        for member in archive:
            if NEWS_PAGES.search(member.name) and (content := archive.extractfile(member)) is not None:
                yield Document.from_html(content.read(), id=member.name)


def _parsed(rule: str) -> tuple[str, float]:
    found = _RULE.fullmatch(rule)
    if found is None:
        raise ValueError(rule)
    return found[1], float(found[2])


def _figure(found: Any, path: str) -> float | None:
    """The number at a path of keys joined by points."""
    for key in path.split("."):
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return float(found) if isinstance(found, int | float) else None
