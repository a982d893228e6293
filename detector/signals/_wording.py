"""Learned word evidence: a weight for each word and pair of neighbours, with names, numbers and topics masked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.document import Document
from detector.signals._reading import Reading, read
from detector.tables import Floats, Tables, mix, pack
from detector.verdict import Evidence

BUCKETS = 1 << 17  # hashed features: words and pairs share them
STRETCH = 300  # words
SHOWN = 6
CONTENT = 100  # ids from here on are content words, roughly


def columns(reading: Reading) -> NDArray[np.int32]:
    """Two columns for each place of the row: the hashed feature of its word, and of the word with the next one."""
    masked = reading.tables.arrays["wording_mask"]
    ids = masked[np.minimum(reading.ids, len(masked) - 1)].astype(np.int32)
    after = np.concatenate([ids[1:], ids[-1:]])
    single = mix(pack(ids))
    double = mix(pack(ids + 1, after + 1))
    return np.stack([single, double], axis=1).astype(np.uint64).__mod__(np.uint64(BUCKETS)).astype(np.int32)


def weights(document: Document, tables: Tables) -> tuple[Reading, Floats] | None:
    """The reading and the learned weight of each place; None without a model or words."""
    if "wording_weights" not in tables:
        return None
    kept = document.__dict__.get("_wording")
    if kept is not None and kept[0].tables is tables:
        return kept  # type: ignore[no-any-return]
    reading = read(document, tables)
    if len(reading) < 20:
        return None
    learned: Floats = tables.arrays["wording_weights"][columns(reading)].astype(np.float32).sum(axis=1)
    document.__dict__["_wording"] = (reading, learned)
    return reading, learned


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
    reading, learned = found
    value = sign * (heaviest_stretch(learned) + float(tables.arrays["wording_bias"][0]))
    if value <= 0:
        return Evidence()
    # the strongest places, each with its next word, none twice
    spans = []
    last = -10
    for k in sorted(np.argsort(-sign * learned, kind="stable")[: 6 * SHOWN].tolist()):
        first = int(reading.token[k])
        # "is a" may weigh, but tells an author nothing
        says_something = (reading.ids[k : k + 2] >= CONTENT).any()
        if first < 0 or k - last < 3 or sign * learned[k] <= 0 or not says_something:
            continue
        stop = int(reading.token[k + 1]) if k + 1 < len(reading) else -1
        spans.append(document.token_span(first, max(first, stop) + 1))
        last = k
    return Evidence(value, tuple(spans[:SHOWN]))
