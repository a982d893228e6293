"""Learned word evidence: a weight for each word and pair of neighbours, with names, numbers and topics masked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.document import Document, Span
from detector.signals._reading import Reading, read
from detector.tables import Floats, Tables, mix, pack
from detector.verdict import Evidence

BUCKETS = 1 << 17  # hashed features: words and pairs share them
STRETCH = 300  # words
SHOWN = 6
CONTENT = 100  # ids from here on are content words, roughly


def columns(reading: Reading) -> NDArray[np.int32]:
    """Two columns for each place of the row: the hashed feature of its word, and of the word with the next one."""
    masked = np.asarray(reading.tables.arrays["wording_mask"])
    ids = masked[np.minimum(reading.ids, len(masked) - 1)].astype(np.int32)
    after = np.concatenate([ids[1:], ids[-1:]])
    hashed = mix(np.stack([pack(ids), pack(ids + 1, after + 1)])) % np.uint64(BUCKETS)
    return hashed.T.astype(np.int32)


def weights(document: Document, tables: Tables) -> tuple[Reading, Floats, float] | None:
    """The reading, the learned weight of each place, and the mean of the heaviest stretch; None without a model or
    words.
    """
    if "wording_weights" not in tables:
        return None
    kept = document.__dict__.get("_wording")
    if kept is not None and kept[0].tables is tables:
        return kept  # type: ignore[no-any-return]
    reading = read(document, tables)
    if len(reading) < 20:
        return None
    word, pair = np.asarray(tables.arrays["wording_weights"])[columns(reading).T].astype(np.float32)
    learned: Floats = word + pair
    found = document.__dict__["_wording"] = (reading, learned, heaviest_stretch(learned))
    return found


def heaviest_stretch(learned: Floats) -> float:
    """The largest mean weight over STRETCH neighbouring places (over all of them on a short page)."""
    if len(learned) <= STRETCH:
        return float(learned.mean())
    sums = np.concatenate([[0.0], np.cumsum(learned, dtype=np.float64)])
    return float((sums[STRETCH:] - sums[:-STRETCH]).max()) / STRETCH


def evidence(document: Document, tables: Tables, sign: int) -> Evidence:
    """The page's wording in one direction: +1 towards spam, -1 towards honest; the other direction gives 0."""
    found = weights(document, tables)
    if found is None:
        return Evidence()
    reading, learned, heaviest = found
    value = sign * (heaviest + float(tables.arrays["wording_bias"][0]))
    if value <= 0:
        return Evidence()
    # the strongest places, each with its next word, none twice
    places = _strongest(sign * learned, 6 * SHOWN)
    after = np.minimum(places + 1, len(reading) - 1)
    # "is a" may weigh, but tells an author nothing
    says_something = np.maximum(reading.ids[places], reading.ids[after]) >= CONTENT
    weighs = sign * learned[places] > 0
    spans: list[Span] = []
    last = -10
    for k, first, stop, shown in zip(
        places.tolist(),
        reading.token[places].tolist(),
        np.where(after > places, reading.token[after], -1).tolist(),
        (says_something & weighs).tolist(),
        strict=True,
    ):
        if first >= 0 and k - last >= 3 and shown:
            spans.append(document.token_span(first, max(first, stop) + 1))
            last = k
    return Evidence(value, tuple(spans[:SHOWN]))


def _strongest(values: Floats, count: int) -> NDArray[np.int64]:
    """Where the largest values stand, in order; of equal ones the first."""
    if len(values) > count:
        least = np.partition(values, -count)[-count]
        able = (values >= least).nonzero()[0]
    else:
        able = np.arange(len(values))
    return np.sort(able[np.argsort(-values[able], kind="stable")[:count]])
