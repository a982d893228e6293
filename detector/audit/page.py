"""One page of a crawl: record in, row out. The same function for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from detector.audit.schema import PAGES
from detector.audit.sketch import Sketch, plain_address, sketch
from detector.document import Document, Unreadable, host_of
from detector.score import Detector, as_read
from detector.sources.crawls.record import Record
from detector.sources.reading import Reading
from detector.verdict import Verdict


@dataclass(frozen=True)
class Row:
    """A page as the map stage leaves it; `sketch` is None where nothing was read or it is no running English."""

    verdict: dict[str, Any]
    sketch: Sketch | None


def answer(row: int, record: Record, detector: Detector, reading: Reading) -> Row:
    """The row of one record."""
    document = record.read(reading)
    if not isinstance(document, Document):
        return Row(_flat(row, record, detector.answer(document), None), None)
    page = as_read(document, detector.tables)
    verdict = detector.judge(page)
    scored = verdict.outcome != "unscored"
    found = sketch(page.document, detector.tables, verdict, page.undone) if scored else None
    return Row(_flat(row, record, verdict, document), found)


def failed(row: int, record: Record, kind: str, message: str, detector: Detector) -> Row:
    """The row of a record that cost more than a page may cost, or broke what read it."""
    verdict = detector.answer(Unreadable(record.id, kind, message, record.url, record.title))
    return Row(_flat(row, record, verdict, None), None)


def _flat(row: int, record: Record, verdict: Verdict, document: Document | None) -> dict[str, Any]:
    found = verdict.to_dict(document)
    url = verdict.url or record.url
    return {
        **{
            name: found[name]
            for name in ("outcome", "score", "bias", "words", "language", "reason", "findings", "error")
        },
        "row": row,
        "id": _utf8(verdict.id),
        "url": _utf8(url),
        "host": host_of(url or ""),
        "address": _utf8(plain_address(url) if url else verdict.id),
        "place": _utf8(record.place),
        "time": record.time,
        "title": _utf8(verdict.title or record.title or (_first_title(document) if document else None)),
        "text": _utf8(document.text) if document else None,
    }


def _first_title(document: Document) -> str | None:
    """The title that stands in the text, where the source names none."""
    for block in document.blocks:
        if block.kind == "title":
            return document.text[block.start : block.end].strip()[:500]
    return None


def _utf8(text: str | None) -> str | None:
    """Half a surrogate pair has no place in a Parquet file; one character stays one character."""
    if text is None:
        return None
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def to_batch(rows: Sequence[Row]) -> pa.RecordBatch:
    """The rows as Arrow, with the columns of schema.PAGES."""
    verdicts = pa.Table.from_pylist([r.verdict for r in rows], schema=_VERDICT_AND_TEXT)
    sketches = [r.sketch for r in rows]
    columns = {name: verdicts[name].combine_chunks() for name in verdicts.column_names}
    columns["sentences"] = _structs(sketches, ("starts", "ends", "words", "exact", "masked"), "sentences")
    for name in ("shingles", "marks"):
        none = np.zeros(0, np.uint64)
        values = [getattr(s, name) if s else none for s in sketches]
        columns[name] = _lists(
            [len(v) for v in values], pa.array(np.concatenate([*values, none]).view(np.int64))
        )
    anchors = [
        [
            {
                "begins": a.start,
                "ends": a.end,
                "phrase": _utf8(a.phrase),
                "target": a.target,
                "address": a.address,
                "fits": a.fits,
                "named": a.named,
            }
            for a in (s.anchors if s else ())
        ]
        for s in sketches
    ]
    columns["anchors"] = pa.array(anchors, PAGES.field("anchors").type)
    return pa.RecordBatch.from_arrays([columns[name] for name in PAGES.names], schema=PAGES)


_VERDICT_AND_TEXT = pa.schema(
    [f for f in PAGES if f.name not in ("sentences", "shingles", "marks", "anchors")]
)


def _structs(sketches: Sequence[Sketch | None], names: Sequence[str], column: str) -> pa.Array:
    """A column of lists of structs, made from arrays without a Python object for each value."""
    lengths = [len(getattr(s, names[0])) if s else 0 for s in sketches]
    kinds = PAGES.field(column).type.value_type
    fields = []
    for name, field in zip(names, kinds, strict=True):
        values = np.concatenate([getattr(s, name) for s in sketches if s] or [np.zeros(0, np.int32)])
        fields.append(pa.array(values.view(np.int64) if values.dtype == np.uint64 else values, field.type))
    return _lists(lengths, pa.StructArray.from_arrays(fields, fields=list(kinds)))


def _lists(lengths: Sequence[int], values: pa.Array) -> pa.Array:
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)
