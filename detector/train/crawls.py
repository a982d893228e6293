"""What the signals of a crawl weigh: learned from real farms and honest sites as one crawl, with planted pages in it.

The log-odds that a page has by itself, from a model that never saw its site, are taken as they are; fitted is only
what the crawl adds. A planted page is given those of the honest page whose place it takes, as though nothing showed
on it alone.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.audit.local import DuckTables
from detector.audit.page import Row, to_batch
from detector.audit.run import RunFolder, part_name, write_table
from detector.audit.sketch import plain_address, sketch
from detector.document import Document
from detector.model import Curve
from detector.signals import crawl
from detector.signals.crawl._tables import prepare, rows
from detector.tables import Tables
from detector.train import additive, data
from detector.train.data import FOLDS
from detector.train.fit import CrossFit, Judged, honest
from detector.verdict import ModelId, Thresholds, Verdict

SEED = 5
PART = 500  # pages of a part
PLANT_WORDS = (120, 1500)  # of honest pages that may be taken for planting
MEGABYTES = 2_000


@dataclass(frozen=True)
class Page:
    """A page of the crawl. kind: "" for a real one, else what was planted; place: number of the example."""

    document: Document
    place: int
    kind: str
    spam: bool


@dataclass(frozen=True)
class Learned:
    """Curves of the crawl signals, and what they do on sites that took no part in the fit."""

    curves: dict[str, Curve]
    figures: dict[str, Any]


def learn(cross: CrossFit, judged: Judged) -> Learned:
    """Build the crawl, look across it, fit the curves, and measure them by folds of sites."""
    pages = _crawl(cross)
    values = measure(pages, [_host(cross.examples[p.place].source) for p in pages], cross.tables)
    place = np.array([p.place for p in pages])
    alone = judged.logits[place]
    spam = np.array([p.spam for p in pages], dtype=np.int64)
    fold = cross.fold[place]
    kinds = dict.fromkeys(values, "place")
    total = np.zeros(len(pages))
    for f in range(FOLDS):
        seen, held = fold != f, fold == f
        fitted = additive.fit(
            {n: v[seen] for n, v in values.items()},
            kinds,
            spam[seen],
            np.ones(seen.sum()),
            offset=alone[seen],
        )
        total[held] = alone[held] + fitted.logits({n: v[held] for n, v in values.items()})
    final = additive.fit(values, kinds, spam, np.ones(len(pages)), offset=alone)
    return Learned(final.curves, _figures(cross, judged, pages, values, alone, total))


def _crawl(cross: CrossFit) -> list[Page]:
    """Real pages that are judged, with planted ones in the place of some honest ones."""
    rng = random.Random(SEED)
    usable = [i for i, e in enumerate(cross.examples) if not e.family and e.label is not None]
    least, most = PLANT_WORDS
    open_to = [
        i for i in np.flatnonzero(honest(cross)) if least <= len(cross.examples[i].document.tokens) <= most
    ]
    rng.shuffle(open_to)
    texts = [data.plain_text(cross.examples[i].document) for i in open_to]
    kinds = cross.material.spinners
    phrases = sorted({p for found in cross.material.phrases.values() for p in found if " " in p})

    def spin(text: str, rate: float, rng: random.Random) -> str:
        return cross.material.spin(text, rng.choice(kinds), rate, rng).text

    from detector.train.plant import plant

    planted: list[Page] = []
    gone: set[int] = set()
    for number, p in enumerate(plant(texts, spin, phrases, rng)):
        place = int(open_to[p.place])
        gone.add(place)
        if not p.text:
            continue
        host = _host(cross.examples[place].source)
        read = Document.from_markdown if p.kind == "ring" else Document.from_text
        planted.append(Page(read(p.text, url=f"https://{host}/planted-{number}"), place, p.kind, p.spam))
    real = [
        Page(cross.examples[i].document, i, "", bool(cross.examples[i].label))
        for i in usable
        if i not in gone
    ]
    return real + planted


def _host(source: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-")[:60] + ".example"


def measure(pages: Sequence[Page], hosts: Sequence[str], tables: Tables) -> dict[str, NDArray[np.float64]]:
    """The value of every crawl signal on every page, when all of them are looked at together."""
    found = {name: np.zeros(len(pages)) for name in crawl.registry()}
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder))
        run.pages.mkdir()
        for number, first in enumerate(range(0, len(pages), PART)):
            some = [_row(k, pages[k], hosts[k], tables) for k in range(first, min(first + PART, len(pages)))]
            write_table(_table(some), run.pages / part_name(number))
        with DuckTables(run, workers=1, megabytes=MEGABYTES) as duck:
            prepare(duck)
            for name, signal in crawl.registry().items():
                signal.across(duck)
                for r in rows(duck, f"SELECT row, max(value) AS value FROM {name} GROUP BY row"):
                    found[name][r["row"]] = r["value"]
    return found


def _row(number: int, page: Page, host: str, tables: Tables) -> Row:
    document = page.document
    url = document.url or f"https://{host}/{number}"
    verdict = Verdict(
        document.id,
        url,
        document.title,
        "publish",
        None,
        None,
        (),
        len(document.tokens),
        "en",
        _NOBODY,
        Thresholds(0.5, 0.5),
    )
    flat = verdict.to_dict()
    kept = {
        name: flat[name]
        for name in ("outcome", "score", "bias", "words", "language", "reason", "findings", "error")
    }
    return Row(
        kept
        | {
            "row": number,
            "id": document.id,
            "url": url,
            "host": host,
            "place": "",
            "time": None,
            "title": document.title,
        }
        | {"address": plain_address(url), "text": document.text.encode("utf-8", "replace").decode()},
        sketch(document, tables, verdict),
    )


_NOBODY = ModelId("", "", "")


def _table(some: Sequence[Row]) -> Any:
    import pyarrow as pa

    return pa.Table.from_batches([to_batch(some)])


def _figures(
    cross: CrossFit,
    judged: Judged,
    pages: Sequence[Page],
    values: dict[str, NDArray[np.float64]],
    alone: NDArray[np.float64],
    total: NDArray[np.float64],
) -> dict[str, Any]:
    """Pages flagged and rejected alone, and with what the crawl shows, by what they are."""
    is_honest = honest(cross)
    groups: dict[str, list[int]] = {}
    for k, page in enumerate(pages):
        example = cross.examples[page.place]
        if page.kind:
            groups.setdefault(f"planted: {page.kind}", []).append(k)
        elif example.label == 1:
            groups.setdefault("real: rejects", []).append(k)
        elif is_honest[page.place]:
            groups.setdefault("real: honest", []).append(k)
            groups.setdefault(f"honest: {example.group}", []).append(k)
    figures: dict[str, Any] = {}
    for name, places in sorted(groups.items()):
        at = np.array(places)
        figures[name] = {
            "pages": len(at),
            "flagged_alone": int((alone[at] >= judged.review).sum()),
            "flagged": int((total[at] >= judged.review).sum()),
            "rejected_alone": int((alone[at] >= judged.reject).sum()),
            "rejected": int((total[at] >= judged.reject).sum()),
            "seen": {n: int((v[at] > 0).sum()) for n, v in values.items() if (v[at] > 0).any()},
        }
    return figures
