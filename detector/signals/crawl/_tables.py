"""What a crawl signal is given: the pages of a crawl as tables, in an SQL that DuckDB and Spark both speak.

Shared tables, made before the signals look (`prepare`):
    pages       one row a page (`detector.audit.schema.PAGES`)
    sentences   row, host, begins, ends, words, exact, masked: the longer sentences of scored pages
    compared    earlier, later (rows of two pages that have something in common), and their `Likeness`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from detector.signals.crawl._likeness import BEGINNING, LONGEST, Page, likeness

if TYPE_CHECKING:
    import pyarrow as pa

# Takes a batch of rows and gives a batch of rows; a module-level function, so that it can be sent to other processes.
Function = Callable[["pa.RecordBatch"], "pa.RecordBatch"]

LAG = (
    4  # holders of a hash that each of them is brought together with, beside the first: the cost stays linear
)
SHINGLES = 8  # of 64 that two pages share before they are compared
MARKS = 4
NOTICE = 5  # pages of a site from which on a sentence is taken for a notice of the site


class Tables(Protocol):
    """Tables by name, in memory or not."""

    explode: str  # the function that makes rows of a list
    collect: str  # the function that makes a list of rows
    slice: str  # the function that takes so many elements of a list, given the first, from 1 on

    def sql(self, name: str, query: str) -> None:
        """Make the table `name` of a query."""
        ...

    def map(self, name: str, query: str, function: Function, schema: pa.Schema) -> None:
        """Make the table `name` of what `function` makes of the query's rows, taken in batches."""
        ...

    def fetch(self, query: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query, batch by batch."""
        ...


def rows(tables: Tables, query: str) -> Iterator[dict[str, Any]]:
    """The rows of a query as dictionaries."""
    for batch in tables.fetch(query):
        yield from batch.to_pylist()


def prepare(tables: Tables) -> None:
    """Make the tables that all crawl signals look at."""
    tables.sql(
        "sentences",
        f"""SELECT row, host, s.begins AS begins, s.ends AS ends, s.words AS words, s.exact AS exact, s.masked AS masked
            FROM (SELECT row, host, {tables.explode}(sentences) AS s FROM pages)""",
    )
    tables.sql(
        "notices",  # cookies, newsletters, author boxes: what many pages of a site say
        f"""SELECT s.row AS row, {tables.collect}(s.exact) AS hashes FROM sentences s
            JOIN (SELECT host, exact FROM sentences GROUP BY host, exact HAVING count(DISTINCT row) >= {NOTICE}) n
              ON n.host = s.host AND n.exact = s.exact GROUP BY s.row""",
    )
    _meet(tables, "by_shingles", "shingles", SHINGLES)
    _meet(tables, "by_marks", "marks", MARKS)
    tables.sql("met", "SELECT earlier, later FROM by_shingles UNION SELECT earlier, later FROM by_marks")
    tables.map("compared", pairs_of(tables, "met"), _compare, _compared_schema())


def pairs_of(tables: Tables, name: str, order: str = "earlier, later") -> str:
    """A query for the pairs (earlier, later) of a table with what `pages_of` needs of both pages, in their order.

    Of a page no more comes along than is compared: a batch of pairs may hold a thousand of the longest.
    """
    page = f"""(SELECT row, id, url, left(text, {BEGINNING}) AS text,
                       {tables.slice}(sentences, 1, {LONGEST}) AS sentences FROM pages)"""
    return f"""SELECT p.*, a.text AS earlier_text, a.sentences AS earlier_sentences, m.hashes AS earlier_notices,
                      b.text AS later_text, b.sentences AS later_sentences, n.hashes AS later_notices, b.id AS later_id,
                      b.url AS later_url
               FROM {name} p JOIN {page} a ON a.row = p.earlier JOIN {page} b ON b.row = p.later
                    LEFT JOIN notices m ON m.row = p.earlier LEFT JOIN notices n ON n.row = p.later
               ORDER BY {order}"""


def _meet(tables: Tables, name: str, column: str, least: int) -> None:
    """Pairs of pages that share so many hashes of a sketch.

    Each holder of a hash meets the LAG holders before it and the first of all: two copies share rare hashes, which
    bring them together at once; of a thousand copies each meets five, which is enough to find them all.
    """
    lags = [f"lag(row, {k}) OVER w AS before_{k}" for k in range(1, LAG + 1)]
    first = f"CASE WHEN row_number() OVER w > {LAG + 1} THEN first_value(row) OVER w END AS before_{LAG + 1}"
    each = " UNION ALL ".join(f"SELECT row, before_{k} AS earlier FROM near" for k in range(1, LAG + 2))
    tables.sql(
        name,
        f"""WITH held AS (SELECT row, {tables.explode}({column}) AS hash FROM pages),
                 near AS (SELECT row, {", ".join(lags)}, {first} FROM held
                          WINDOW w AS (PARTITION BY hash ORDER BY row)),
                 met AS ({each})
            SELECT earlier, row AS later, count(*) AS shared FROM met WHERE earlier IS NOT NULL
            GROUP BY earlier, row HAVING count(*) >= {least}""",
    )


def _compared_schema() -> pa.Schema:
    import pyarrow as pa

    numbers = [(name, pa.float64()) for name in ("jaccard", "rest", "retold", "repeated", "level", "kept")]
    return pa.schema([("earlier", pa.int64()), ("later", pa.int64()), ("swaps", pa.int32()), *numbers])


def _compare(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    found = []
    for pair, one, two in pages_of(batch):
        like = likeness(one, two)
        numbers = {
            name: getattr(like, name)
            for name in ("jaccard", "rest", "retold", "swaps", "repeated", "level", "kept")
        }
        found.append({"earlier": pair["earlier"], "later": pair["later"], **numbers})
    return pa.RecordBatch.from_pylist(found, schema=_compared_schema())


def pages_of(batch: pa.RecordBatch) -> Iterator[tuple[dict[str, Any], Page, Page]]:
    """Each pair of a batch that `pairs_of` asked for, with both pages; a page that comes again is read once."""
    known: dict[int, Page] = {}
    for pair in batch.to_pylist():
        for side in ("earlier", "later"):
            if pair[side] not in known:
                given = (pair[f"{side}_{what}"] for what in ("text", "sentences", "notices"))
                known[pair[side]] = Page(*given)
        yield pair, known[pair["earlier"]], known[pair["later"]]


def components(tables: Tables, name: str, edges: str) -> None:
    """Make the table `name` (row, first): the pages that hang together by `edges` (earlier, later), by their first row.

    Labels spread along the edges and jump to the label of their label, so that a long chain takes few rounds.
    """
    tables.sql(
        f"{name}_ways",
        f"SELECT earlier AS a, later AS b FROM {edges} UNION SELECT later, earlier FROM {edges}",
    )
    tables.sql(f"{name}_0", f"SELECT a AS row, least(a, min(b)) AS first FROM {name}_ways GROUP BY a")
    before, turn = None, 0
    while (
        now := next(rows(tables, f"SELECT sum(CAST(first AS DECIMAL(38, 0))) AS s FROM {name}_{turn}"))["s"]
    ) != before:
        tables.sql(
            f"{name}_{turn + 1}",
            f"""WITH spread AS (SELECT w.a AS row, min(l.first) AS first FROM {name}_ways w
                                JOIN {name}_{turn} l ON l.row = w.b GROUP BY w.a),
                     least_of AS (SELECT s.row, least(s.first, l.first) AS first FROM spread s
                                  JOIN {name}_{turn} l ON l.row = s.row)
                SELECT x.row, least(x.first, j.first) AS first FROM least_of x
                JOIN {name}_{turn} j ON j.row = x.first""",
        )
        before, turn = now, turn + 1
    tables.sql(name, f"SELECT row, first FROM {name}_{turn}")


def doublings(pages: str) -> str:
    """How often one page was doubled to make so many, in SQL; rounded, so that every engine has the same number."""
    return f"CAST(round(log2({pages}), 6) AS DOUBLE)"


def quoted(values: Sequence[str]) -> str:
    """Values as a list in SQL."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def best_partners(tables: Tables, name: str, edges: str) -> None:
    """Make the table `name` (row, partner, likeness): for each page of `edges` the likest, the first of equals."""
    tables.sql(
        name,
        f"""WITH ways AS (SELECT earlier AS row, later AS partner, likeness FROM {edges}
                          UNION ALL SELECT later, earlier, likeness FROM {edges}),
                 ranked AS (SELECT row, partner, likeness,
                                   row_number() OVER (PARTITION BY row ORDER BY likeness DESC, partner) AS rank
                            FROM ways)
            SELECT row, partner, likeness FROM ranked WHERE rank = 1""",
    )
