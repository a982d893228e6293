"""The look across pages: crawl signals on shared tables, groups with what they show, and every page scored again.

The same steps and the same SQL for every engine; an engine is a `detector.signals.crawl._tables.Tables`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import groupby
from typing import Any, Protocol

import pyarrow as pa

from detector.audit.schema import DETAILS, GROUPS, RECURRING, VERDICT, VERDICTS
from detector.audit.worker import Settings
from detector.score import Detector
from detector.signals import crawl
from detector.signals.crawl._tables import Tables, pages_of, pairs_of, prepare, rows

MEMBERS_FOR_SLOTS = 50  # pages of a group whose slots are listed
VALUES = 12  # of a slot that are listed
SLOTS = 30  # of a group
RECURRING_SENTENCES = 5_000
SENTENCE_SHOWN = 300  # characters


class Engine(Tables, Protocol):
    """Tables that can be kept."""

    def save(self, name: str, query: str, renamed: Mapping[str, str] | None = None) -> None:
        """Write a query's rows to the run's folder, in their order; columns that SQL could not call so are renamed."""
        ...

    def save_rows(self, name: str, schema: pa.Schema, found: Iterable[dict[str, Any]]) -> None:
        """Write rows to the run's folder."""
        ...


def look_across(engine: Engine, settings: Settings) -> dict[str, int]:
    """Make groups, members, recurring sentences and final verdicts; returns how many groups of each kind there are."""
    prepare(engine)
    signals = crawl.registry()
    for signal in signals.values():
        signal.across(engine)
    seen = [name for name in signals if name not in settings.ignore]
    _number_groups(engine, seen)
    _details(engine)
    _save_groups(engine)
    _recurring(engine)
    _score_again(engine, settings)
    return {
        r["kind"]: r["groups"]
        for r in rows(engine, "SELECT kind, count(*) AS groups FROM numbered GROUP BY kind ORDER BY kind")
    }


def _number_groups(engine: Engine, names: Iterable[str]) -> None:
    """Tables `found`, one row for each page of a group, and `numbered`, the groups, the largest first."""
    each = [
        f"SELECT '{name}' AS kind, row, first, label, partner, likeness, value FROM {name}" for name in names
    ] or [
        "SELECT '' AS kind, row, row AS first, '' AS label, row AS partner, 0.0 AS likeness, 0.0 AS value "
        "FROM pages WHERE 1 = 0"
    ]
    engine.sql("found", " UNION ALL ".join(each))
    engine.sql(
        "numbered",
        """SELECT row_number() OVER (ORDER BY pages DESC, kind, first, label) AS number, * FROM (
               SELECT f.kind AS kind, f.first AS first, f.label AS label, CAST(count(DISTINCT f.row) AS INT) AS pages,
                      CAST(count(DISTINCT p.host) AS INT) AS hosts
               FROM found f JOIN pages p ON p.row = f.row GROUP BY f.kind, f.first, f.label) g""",
    )
    engine.sql(
        "member_rows",
        """SELECT g.number AS number, g.kind AS kind, f.row AS row, f.first AS first, f.label AS label,
                  f.partner AS partner,
                  f.likeness AS likeness, f.value AS value
           FROM found f JOIN numbered g ON g.kind = f.kind AND g.first = f.first AND g.label = f.label""",
    )


def _details(engine: Engine) -> None:
    """Table `details` (schema.DETAILS): what the comparison with its partner shows of each page of a group."""
    engine.sql(
        "member_pairs",
        "SELECT number, kind, row AS earlier, partner AS later, likeness FROM member_rows WHERE partner IS NOT NULL",
    )
    engine.map(
        "compared_details",
        pairs_of(engine, "member_pairs", "number, earlier"),
        _compare,
        DETAILS,
    )
    known = [
        f"SELECT '{name}' AS kind, row, label, begins, ends, says FROM ({signal.places(engine)}) {name}_places"
        for name, signal in crawl.registry().items()
        if hasattr(signal, "places")
    ]
    engine.sql("known_places", " UNION ALL ".join(known))
    engine.map(
        "known_details",
        f"""SELECT m.number, m.row, m.likeness, p.text, k.places FROM member_rows m JOIN pages p ON p.row = m.row
            LEFT JOIN (SELECT kind, row, label, {engine.collect}(concat_ws(' ', begins, ends, says)) AS places
                       FROM known_places GROUP BY kind, row, label) k
              ON k.kind = m.kind AND k.row = m.row AND k.label = m.label
            WHERE m.partner IS NULL ORDER BY m.number, m.row""",
        _known,
        DETAILS,
    )
    engine.sql("details", "SELECT * FROM compared_details UNION ALL SELECT * FROM known_details")


def _compare(batch: pa.RecordBatch) -> pa.RecordBatch:
    found = []
    for pair, page, partner in pages_of(batch):
        shown = crawl.registry()[pair["kind"]].compare(page, partner)  # type: ignore[attr-defined]
        spans = [
            _span(page.text, p.begins, p.ends, p.says)
            | {
                "partner": {
                    "id": pair["later_id"],
                    "url": pair["later_url"],
                    "start": p.there_begins,
                    "end": p.there_ends,
                }
            }
            for p in shown.places
        ]
        found.append(
            {
                "number": pair["number"],
                "row": pair["earlier"],
                "partner": pair["later"],
                "likeness": pair["likeness"],
                "spans": spans,
                "differences": [
                    {"left": d.left, "right": d.right, "same": d.same} for d in shown.differences
                ],
                "slots": [{"at": s.at, "there": s.there, "here": s.here} for s in shown.slots],
            }
        )
    return pa.RecordBatch.from_pylist(found, schema=DETAILS)


def _known(batch: pa.RecordBatch) -> pa.RecordBatch:
    found = []
    for r in batch.to_pylist():
        places = sorted(
            (int(begins), int(ends), says)
            for begins, ends, says in (p.split(" ", 2) for p in r["places"] or ())
        )
        spans = [_span(r["text"], *place) for place in places]
        found.append(
            {
                "number": r["number"],
                "row": r["row"],
                "partner": None,
                "likeness": r["likeness"],
                "spans": spans,
            }
            | {"differences": [], "slots": []}
        )
    return pa.RecordBatch.from_pylist(found, schema=DETAILS)


def _span(text: str, begins: int, ends: int, says: str) -> dict[str, Any]:
    return {
        "start": begins,
        "end": ends,
        "text": text[begins:ends],
        "says": says,
        "instead": [],
        "partner": None,
    }


def _save_groups(engine: Engine) -> None:
    """groups.parquet and members.parquet."""
    engine.sql(
        "hubs",  # the page of a group that most others are compared with: its places are where slots are counted
        """SELECT number, partner FROM (
               SELECT number, partner, row_number() OVER (PARTITION BY number ORDER BY count(*) DESC, partner) AS place
               FROM details WHERE partner IS NOT NULL GROUP BY number, partner) h WHERE place = 1""",
    )
    slots = _slots(
        rows(
            engine,
            f"""SELECT number, slots FROM (
                    SELECT d.number AS number, d.row AS row, d.slots AS slots,
                           row_number() OVER (PARTITION BY d.number ORDER BY d.row) AS place
                    FROM details d JOIN hubs h ON h.number = d.number AND h.partner = d.partner) s
                WHERE place <= {MEMBERS_FOR_SLOTS} ORDER BY number, row""",
        )
    )
    engine.sql(
        "labelled",
        """SELECT g.number AS number, g.kind AS kind, g.pages AS pages, g.hosts AS hosts,
                  CASE WHEN g.label <> '' AND g.kind <> 'duplicate_title' THEN g.label
                       WHEN trim(p.title) <> '' THEN p.title
                       ELSE substring(p.text, 1, 80) END AS label
           FROM numbered g JOIN pages p ON p.row = g.first""",
    )
    engine.save_rows(
        "groups", GROUPS, _with_slots(rows(engine, "SELECT * FROM labelled ORDER BY number"), slots)
    )
    engine.save(
        "members",
        "SELECT number, row, partner, likeness, differences FROM details ORDER BY number, row",
        renamed={"number": "group"},
    )


def _with_slots(
    groups: Iterator[dict[str, Any]], slots: dict[int, list[list[str]]]
) -> Iterator[dict[str, Any]]:
    for g in groups:
        yield {
            **{k: g[k] for k in ("kind", "label", "pages", "hosts")},
            "group": g["number"],
            "slots": slots.get(g["number"], []),
        }


def _slots(members: Iterator[dict[str, Any]]) -> dict[int, list[list[str]]]:
    """Per group its slots in their order, and per slot what stands there, the most frequent first."""
    found = {}
    for number, group in groupby(members, key=lambda m: m["number"]):
        at: dict[int, Counter[str]] = {}
        for slot in (slot for member in group for slot in member["slots"]):
            values = at.setdefault(slot["at"], Counter({slot["there"]: 1}))
            values[slot["here"]] += 1
        filled = sorted(at.items(), key=lambda item: (-len(item[1]), item[0]))[:SLOTS]
        found[number] = [[value for value, _ in values.most_common(VALUES)] for _, values in sorted(filled)]
    return found


def _recurring(engine: Engine) -> None:
    """recurring.parquet: sentences that come back, as furniture of a site or with slots."""
    engine.sql(
        "furniture",
        f"""SELECT s.host AS host, 'furniture' AS kind, s.exact AS hash, min(s.row) AS row,
                   count(DISTINCT s.row) AS pages
            FROM sentences s JOIN verbatim v ON v.exact = s.exact LEFT JOIN slot_template t ON t.row = s.row
            WHERE t.row IS NULL GROUP BY s.host, s.exact HAVING count(DISTINCT s.row) >= 5
            ORDER BY pages DESC, host, row, hash LIMIT {RECURRING_SENTENCES}""",
    )
    engine.sql(
        "patterns_used",
        f"""SELECT t.masked AS masked, t.pages AS pages FROM slotted t
            WHERE t.masked IN (SELECT s.masked FROM sentences s JOIN slot_template p ON p.row = s.row)
            ORDER BY pages DESC, masked LIMIT {RECURRING_SENTENCES}""",
    )
    text = f"substring(p.text, s.begins + 1, least(s.ends - s.begins, {SENTENCE_SHOWN}))"
    furniture = rows(
        engine,
        f"""SELECT f.host AS host, f.pages AS pages, min({text}) AS text FROM furniture f
            JOIN sentences s ON s.row = f.row AND s.exact = f.hash JOIN pages p ON p.row = f.row
            GROUP BY f.host, f.pages, f.hash ORDER BY pages DESC, host, text""",
    )
    patterns = rows(
        engine,
        f"""SELECT * FROM (
                SELECT u.masked AS masked, u.pages AS pages, p.host AS host, {text} AS text,
                       row_number() OVER (PARTITION BY u.masked ORDER BY s.row, s.begins) AS place
                FROM patterns_used u JOIN sentences s ON s.masked = u.masked JOIN pages p ON p.row = s.row) x
            WHERE place <= {VALUES} ORDER BY pages DESC, masked, place""",
    )
    engine.save_rows("recurring", RECURRING, _recurring_rows(furniture, patterns))


def _recurring_rows(
    furniture: Iterator[dict[str, Any]], patterns: Iterator[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for f in furniture:
        yield {
            "host": f["host"],
            "kind": "furniture",
            "text": " ".join(f["text"].split()),
            "pages": f["pages"],
            "slots": [],
        }
    for _, forms in groupby(patterns, key=lambda p: p["masked"]):
        first, *others = forms
        text = " ".join(first["text"].split())
        yield {"host": first["host"], "kind": "template", "text": text, "pages": first["pages"]} | {
            "slots": _slots_of_forms(text, [" ".join(o["text"].split()) for o in others])
        }


def _slots_of_forms(text: str, others: list[str]) -> list[list[str]]:
    """What stands in the slots of one sentence, from its other forms."""
    from detector.signals.crawl._likeness import opcodes

    here = text.split()
    at: dict[int, dict[str, None]] = {}
    for other in others:
        there = other.split()
        for op in opcodes(here, there):
            if op.tag == "replace":
                values = at.setdefault(op.src_start, {" ".join(here[op.src_start : op.src_end]): None})
                values[" ".join(there[op.dest_start : op.dest_end])] = None
    return [list(values) for _, values in sorted(at.items())]


# --- every page scored again ------------------------------------------------------------------------------------


def _score_again(engine: Engine, settings: Settings) -> None:
    """The verdicts with what only the crawl shows."""
    names = [name for name in crawl.registry() if name not in settings.ignore]
    columns = ", ".join(f"p.{field.name}" for field in VERDICT)
    joined = "".join(
        f""", e_{name}.value AS {name}_value, e_{name}.pages AS {name}_pages, e_{name}.hosts AS {name}_hosts,
             e_{name}.spans AS {name}_spans"""
        for name in names
    )
    for name in names:
        # a page of several groups: the largest says how strong it is and where
        engine.sql(
            f"evidence_{name}",
            f"""SELECT row, value, pages, hosts, spans FROM (
                    SELECT m.row AS row, m.value AS value, g.pages AS pages, g.hosts AS hosts, d.spans AS spans,
                           row_number() OVER (PARTITION BY m.row ORDER BY m.value DESC, m.number) AS place
                    FROM member_rows m JOIN details d ON d.number = m.number AND d.row = m.row
                    JOIN numbered g ON g.number = m.number WHERE m.kind = '{name}') x WHERE place = 1""",
        )
    joins = "".join(f" LEFT JOIN evidence_{name} e_{name} ON e_{name}.row = p.row" for name in names)
    query = f"SELECT {columns}{joined} FROM pages p{joins} ORDER BY p.row"
    engine.map("scored_again", query, partial(_again, settings, tuple(names)), VERDICTS)
    engine.save("verdicts", "SELECT * FROM scored_again ORDER BY row")


@cache
def _detector(settings: Settings) -> Detector:
    return settings.load()


def _again(settings: Settings, names: tuple[str, ...], batch: pa.RecordBatch) -> pa.RecordBatch:
    detector = _detector(settings)
    return pa.RecordBatch.from_pylist(
        [_verdict(detector, names, r) for r in batch.to_pylist()], schema=VERDICTS
    )


def _verdict(detector: Detector, names: tuple[str, ...], page: dict[str, Any]) -> dict[str, Any]:
    """The verdict of a page, its account made anew with what the crawl shows."""
    row = {field.name: page[field.name] for field in VERDICT}
    row |= {"page_outcome": page["outcome"], "page_score": page["score"]}
    seen = {name: page[f"{name}_value"] for name in names if page[f"{name}_value"] is not None}
    if page["score"] is None or not seen:
        return row
    values = {f["signal"]: f["value"] for f in page["findings"]} | seen
    score, pushes, outcome = detector.account(values)
    findings = [{**f, "push": pushes[f["signal"]]} for f in page["findings"]]
    findings += [
        {
            "signal": name,
            "value": value,
            "push": pushes[name],
            "says": _says(name, page[f"{name}_pages"], page[f"{name}_hosts"]),
            "spans": page[f"{name}_spans"] or [],
        }
        for name, value in seen.items()
    ]
    findings.sort(key=lambda f: (-abs(f["push"]), f["signal"]))
    return {**row, "score": score, "outcome": outcome, "findings": findings}


def _says(name: str, pages: int, hosts: int) -> str:
    sites = f" on {hosts} sites" if hosts > 1 else ""
    return f"{crawl.registry()[name].SAYS[:-1]} ({pages} pages{sites})."
