"""The trained model as data: numbers in a folder, verified by sha256, mapped into memory, never unpickled.

A model folder holds
    model.json       name, version, bias, a curve per signal, thresholds, certain faults, canaries, sha256 of every file
    vocabulary.txt   one word a line; the line number is the word's id
    *.npy            the tables of `detector.tables.Tables`
    metrics.json     the figures of its evaluation; card.md says them in words
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from detector.errors import ModelError
from detector.remembered import Stamp
from detector.verdict import ModelId, Thresholds

if TYPE_CHECKING:
    from detector.tables import Tables

FORMAT = 2
LOGIT_LIMIT = math.log((1 - 1e-6) / 1e-6)
SURELY = 1e-9  # log-odds beyond a threshold that rounding does not take back
# What scoring needs; metrics and card describe the model and are not part of its identity.
DESCRIPTIONS = frozenset({"model.json", "metrics.json", "card.md"})


def sigmoid(x: float) -> float:
    """The probability of log-odds x."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    e = math.exp(x)
    return e / (1 + e)


def logit(p: float) -> float:
    """The log-odds of probability p (0 < p < 1)."""
    return math.log(p / (1 - p))


class Curve(NamedTuple):
    """Push of one signal by its value: straight lines between knots, flat beyond the last. Value 0 pushes 0."""

    knots: tuple[float, ...]
    pushes: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """The push in log-odds for a value >= 0."""
        knots, pushes = self.knots, self.pushes
        if value <= knots[0]:
            return pushes[0]
        if value >= knots[-1]:
            return pushes[-1]
        k = bisect_right(knots, value)
        share = (value - knots[k - 1]) / (knots[k] - knots[k - 1])
        return pushes[k - 1] + share * (pushes[k] - pushes[k - 1])


class Canary(NamedTuple):
    """A short text with the value each signal gave it when the model was trained."""

    text: str
    values: Mapping[str, float]


class Model(NamedTuple):
    """An additive model: `bias + sum(curve(value))` is the log-odds that an editor would reject the page.

    certain: faults any of which, where it reaches `review` by itself, holds the page there: trust cannot buy it free.
    """

    id: ModelId
    bias: float
    curves: Mapping[str, Curve]
    certain: tuple[str, ...]
    thresholds: Thresholds
    canaries: tuple[Canary, ...] = ()

    def account(self, values: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        """Score and push of each signal. The pushes and the bias add up to logit(score) exactly as computed.

        Signals without a curve (descriptions, newer signals) push 0.
        """
        pushes = {
            name: self.curves[name](v) if name in self.curves and v > 0 else 0.0 for name, v in values.items()
        }
        negative = -sum(p for p in pushes.values() if p < 0)
        if negative and negative > (most := self._most_trust(pushes)):
            shrink = most / negative
            pushes = {name: p * shrink if p < 0 else p for name, p in pushes.items()}
        total = math.fsum(pushes.values())
        # Beyond 1e-6 and 1 - 1e-6 nothing is claimed: all pushes shrink alike, so that the account still adds up.
        low, high = -LOGIT_LIMIT - self.bias, LOGIT_LIMIT - self.bias
        if not low <= total <= high:
            shrink = (high if total > high else low) / total
            pushes = {name: p * shrink for name, p in pushes.items()}
            total = math.fsum(pushes.values())
        return sigmoid(self.bias + total), pushes

    def _most_trust(self, pushes: Mapping[str, float]) -> float:
        """How much may speak for the page: what leaves the strongest certain fault at `review`, if it gets there."""
        strongest = max((pushes.get(name, 0.0) for name in self.certain), default=0.0)
        room = self.bias + strongest - logit(self.thresholds.review) - SURELY
        return room if room >= 0 else math.inf

    def with_base_rate(self, share: float) -> Model:
        """The same model for pages of which `share` (0 to 1) deserve rejection. Outcomes stay, scores move."""
        shift = logit(share)

        def move(threshold: float) -> float:
            return sigmoid(logit(threshold) + shift)

        thresholds = Thresholds(move(self.thresholds.review), move(self.thresholds.reject))
        return Model(self.id, self.bias + shift, self.curves, self.certain, thresholds, self.canaries)


def models_folder() -> Path:
    """Where the models that come with the package lie: beside the code in a wheel, beside `detector/` in a checkout."""
    inside = Path(__file__).parent / "models"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "models"


def current_model() -> Path:
    """The folder of the current model. Raises ModelError when there is none."""
    folder = models_folder()
    try:
        name = (folder / "CURRENT").read_text("utf-8").strip()
    except OSError:
        raise ModelError(f"no model found in {folder}: reinstall the package, or train one") from None
    return folder / name


def load(folder: str | Path | None = None) -> tuple[Model, Tables]:
    """Model and tables of a model folder (default: the current one).

    Raises ModelError when a file is missing, damaged or of another format.
    """
    from detector.tables import Tables

    path = current_model() if folder is None else Path(folder)
    try:
        raw = json.loads((path / "model.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"no readable model.json in {path}: name a model folder, or train one ({error})"
        ) from None
    try:
        if raw["format"] != FORMAT:
            raise ModelError(
                f"the model in {path} has format {raw['format']}, this version reads {FORMAT}: retrain it"
            )
        _check(path, raw)
        model = _from_json(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path / 'model.json'} is damaged ({type(error).__name__}: {error})") from None
    return model, Tables.load(path)


def _check(folder: Path, raw: Mapping[str, Any]) -> None:
    """Raise ModelError unless files and numbers are those that were trained. Passed, it is remembered."""
    here = folder.absolute()
    files = [
        here,
        *(here / name for name in ("model.json", *raw["files"])),
    ]  # the folder: a file that was added
    stamp = Stamp("whole", raw["sha256"], files)
    if stamp.holds():
        return
    verify(folder, raw["files"])
    if digest(raw["files"], raw["content"]) != raw["sha256"]:
        raise ModelError("model.json was changed after training: its sha256 does not fit its numbers")
    stamp.leave()


def verify(folder: Path, files: Mapping[str, str]) -> None:
    """Raise ModelError unless the folder's arrays are exactly those named, and each file has the sha256 named."""
    for file in sorted(folder.glob("*.npy")):
        if file.name not in files:
            raise ModelError(f"{file} is no part of the model: remove it, or reinstall the model")
    for name, expected in files.items():
        try:
            found = _sha256((folder / name).read_bytes())
        except OSError:
            raise ModelError(f"{folder / name} is missing: the model is incomplete, reinstall it") from None
        if found != expected:
            raise ModelError(
                f"{folder / name} does not have the sha256 of its model.json: damaged or exchanged"
            )


def digest(files: Mapping[str, str], content: Mapping[str, Any]) -> str:
    """The sha256 that names a model: over its files' digests and the numbers in model.json."""
    body = {"files": dict(files), "content": dict(content)}
    return _sha256(json.dumps(body, sort_keys=True).encode())


def _sha256(content: bytes) -> str:
    import hashlib  # loads a library of ciphers, and most starts hash nothing

    return hashlib.sha256(content).hexdigest()


def _from_json(raw: Mapping[str, Any]) -> Model:
    content = raw["content"]
    return Model(
        id=ModelId(raw["name"], raw["version"], raw["sha256"]),
        bias=float(content["bias"]),
        curves={
            name: Curve(tuple(map(float, c["knots"])), tuple(map(float, c["pushes"])))
            for name, c in content["curves"].items()
        },
        certain=tuple(map(str, content["certain"])),
        thresholds=Thresholds(**content["thresholds"]),
        canaries=tuple(Canary(c["text"], c["values"]) for c in content["canaries"]),
    )


def write(
    folder: Path,
    *,
    name: str,
    version: str,
    content: Mapping[str, Any],
    notes: Mapping[str, Any] | None = None,
) -> str:
    """Write model.json for the files that lie in the folder; returns the model's sha256."""
    files = {
        p.name: _sha256(p.read_bytes())
        for p in sorted(folder.iterdir())
        if p.is_file() and p.name not in DESCRIPTIONS
    }
    sha256 = digest(files, content)
    raw = {
        "format": FORMAT,
        "name": name,
        "version": version,
        "sha256": sha256,
        "files": files,
        "content": content,
        "notes": notes or {},
    }
    (folder / "model.json").write_text(json.dumps(raw, indent=1, sort_keys=True) + "\n", "utf-8")
    return sha256
