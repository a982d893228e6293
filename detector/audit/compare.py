"""Two runs over the same site, an earlier and a later one: which pages came, went, were mended or got worse.

A page is known again by its address in its plainest form, or by its id where it has none; pages of one address are
paired in the order of the crawl. The join runs in DuckDB, out of core: memory does not grow with the crawls.
"""

from __future__ import annotations

import glob
import tempfile
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from detector.errors import SourceError

if TYPE_CHECKING:
    from detector.audit.results import Results

Kind = Literal["new", "worse", "fixed", "changed", "gone", "same"]
KINDS: tuple[Kind, ...] = ("new", "worse", "fixed", "changed", "gone", "same")
SPEAKS = 0.1  # log-odds: a weaker push neither makes nor mends a page
MOVED = 0.01  # of the score: a smaller difference is none
LISTED = 10  # pages that a summary names
MEMORY = "1GB"  # of the join; beyond it DuckDB writes to the disk
_FETCHED = 2_000  # changes held at a time

# A page of one run: what it is known by, and what of it can change. Table by table, because a join of the two scans
# would carry all findings along. `nth` tells apart pages of one address.
_SAID = """
    CREATE OR REPLACE TABLE said AS
    SELECT row, coalesce(url, id) AS key, url, outcome, score,
           list_sort(list_distinct([f.signal FOR f IN findings IF f.push >= $speaks])) AS signals
    FROM read_parquet($parts)
"""
_WRITTEN = """
    CREATE OR REPLACE TABLE written AS SELECT row, address, hash(text) AS words FROM read_parquet($parts)
"""
_SIDE = """
    CREATE TABLE {side} AS
    SELECT row, key, outcome, score, signals, address, words,
           row_number() OVER (PARTITION BY address ORDER BY url, row) AS nth
    FROM said JOIN written USING (row)
"""
_CHANGES = """
    CREATE TABLE changes AS
    WITH pairs AS (
        SELECT coalesce(n.key, o.key) AS key, n.row AS row, o.row AS old_row,
               n.outcome AS outcome, o.outcome AS outcome_before, n.score AS score, o.score AS score_before,
               CASE WHEN o.row IS NULL OR n.row IS NULL THEN []
                    ELSE [s FOR s IN n.signals IF NOT list_contains(o.signals, s)] END AS came,
               CASE WHEN o.row IS NULL OR n.row IS NULL THEN []
                    ELSE [s FOR s IN o.signals IF NOT list_contains(n.signals, s)] END AS went,
               n.row IS NOT NULL AND o.row IS NOT NULL AND n.words <> o.words AS text_changed
        FROM later n FULL OUTER JOIN earlier o ON n.address = o.address AND n.nth = o.nth
    )
    SELECT CASE
               WHEN old_row IS NULL THEN 'new'
               WHEN row IS NULL THEN 'gone'
               WHEN outcome_before IN ('review', 'reject') AND outcome = 'publish' THEN 'fixed'
               WHEN outcome IN ('review', 'reject') AND outcome_before NOT IN (outcome, 'reject') THEN 'worse'
               WHEN outcome <> outcome_before OR text_changed OR came <> [] OR went <> []
                    OR abs(score - score_before) >= {moved} THEN 'changed'
               ELSE 'same'
           END AS kind, *
    FROM pairs
"""
_NEWLY = """
    SELECT count(*) FROM changes
    WHERE list_contains($outcomes::VARCHAR[], outcome)
      AND NOT list_contains($outcomes::VARCHAR[], coalesce(outcome_before, ''))
"""
_READ = """
    SELECT kind, key, row, old_row, outcome, outcome_before, score, score_before, came, went, text_changed
    FROM changes WHERE list_contains($kinds, kind) ORDER BY row NULLS LAST, old_row
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one page.

    kind: "new" and "gone" stand in one run only; "fixed" was review or reject and is publish; "worse" is review or
        reject and was better; "changed" has another outcome, score, text or other signals; "same" has not.
    key: its address, or its id. row, old_row: its place in the later and the earlier run.
    came, went: signals that speak for rejection in one of the two runs only. text_changed: whether its words differ.
    """

    kind: Kind
    key: str
    row: int | None
    old_row: int | None
    outcome: str | None
    outcome_before: str | None
    score: float | None
    score_before: float | None
    came: list[str]
    went: list[str]
    text_changed: bool


class Comparison:
    """A later run beside an earlier one. Made by `compare`."""

    def __init__(self, new: Results, old: Results) -> None:
        self.new = new
        self.old = old
        self._base = duckdb.connect()
        self._base.execute(f"SET memory_limit = '{MEMORY}'")
        # named, because without a name the working directory is written to
        self._base.execute("SET temp_directory = $folder", {"folder": _spill()})
        self._load("later", new)
        self._load("earlier", old)
        self._base.execute(_CHANGES.format(moved=MOVED))
        self._base.execute("DROP TABLE later; DROP TABLE earlier; DROP TABLE said; DROP TABLE written")

    def _load(self, side: str, results: Results) -> None:
        try:
            self._base.execute(_SAID, {"parts": _parts(results, "verdicts"), "speaks": SPEAKS})
            self._base.execute(_WRITTEN, {"parts": _parts(results, "pages")})
            self._base.execute(_SIDE.format(side=side))
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            message = f"{results.folder}: the run cannot be compared ({reason}); audit that crawl again."
            raise SourceError(message) from error

    @cached_property
    def counts(self) -> dict[Kind, int]:
        """How many pages are of each kind, in the order of KINDS."""
        found = dict(self._base.execute("SELECT kind, count(*) FROM changes GROUP BY kind").fetchall())
        return {kind: found.get(kind, 0) for kind in KINDS}

    @cached_property
    def warnings(self) -> list[str]:
        """Why a difference may lie in the runs and not in the pages; a sentence each."""
        new, old = self.new.info, self.old.info
        told = []
        if new["model"]["sha256"] != old["model"]["sha256"]:
            told.append(
                f"The two runs were judged by different models, {_model(old)} and {_model(new)}: a change may be the "
                "model's and not the page's. Audit the old crawl again with the new model to be sure."
            )
        elif new["thresholds"] != old["thresholds"]:
            told.append(
                "The two runs have different thresholds: an outcome may have changed while the page has not."
            )
        return told

    def newly(self, outcomes: Collection[str]) -> int:
        """How many pages are of these outcomes and were of none of them, or were not there."""
        found = self._base.execute(_NEWLY, {"outcomes": list(outcomes)}).fetchone()
        return int(found[0]) if found else 0

    def changes(self, *kinds: Kind) -> Iterator[Change]:
        """What became of every page, or of those of some kinds: in the order of the later run, then those gone."""
        # a cursor of its own, so that two may be read at a time
        with self._base.cursor() as cursor:
            cursor.execute(_READ, {"kinds": list(kinds or KINDS)})
            while fetched := cursor.fetchmany(_FETCHED):
                for values in fetched:
                    yield Change(*values)


def compare(new: Results, old: Results) -> Comparison:
    """What has changed from the earlier run to the later one. Raises SourceError for a run that is damaged."""
    return Comparison(new, old)


def summary_lines(comparison: Comparison) -> list[str]:
    """The comparison for a terminal: warnings, counts, and the pages that got worse."""
    counts = comparison.counts
    worse = counts["worse"]
    lines = [f"WARNING: {warning}" for warning in comparison.warnings]
    since = str(comparison.old.info.get("started") or "an earlier time")
    lines.append(
        f"Compared with the run of {since}: " + ", ".join(f"{n:,} {kind}" for kind, n in counts.items())
    )
    for change, _ in zip(comparison.changes("worse"), range(LISTED), strict=False):
        came = f" ({', '.join(change.came)})" if change.came else ""
        lines.append(f"  worse: {change.outcome_before} -> {change.outcome}  {change.key}{came}")
    if worse > LISTED:
        lines.append(f"  and {worse - LISTED:,} more that got worse")
    return lines


def _model(info: dict[str, Any]) -> str:
    return f"{info['model']['name']} {info['model']['version']} ({info['model']['sha256'][:8]})"


def _parts(results: Results, folder: str) -> str:
    """The Parquet parts of a run as DuckDB reads them; a bracket in the name of the folder is no pattern."""
    return str(Path(glob.escape(str(results.folder)), folder, "*.parquet"))


def _spill() -> str:
    """A folder that DuckDB makes when it needs it, and takes away."""
    return str(Path(tempfile.gettempdir(), f"detector-{uuid.uuid4().hex}"))
