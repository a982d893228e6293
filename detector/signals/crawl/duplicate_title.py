"""Other pages of the site have the same title and another text.

Why it matters
    A title tells readers and search engines what this page has and others have not. Titles that come back are mostly
    a fault of the template; farms that shuffle one keyword through many texts have them too.

Fires on
    The same title on two pages or more of one host that are no copies of each other. The value is the number of
    pages, in doublings.

Quiet on
    Copies and patterns, which their own signals tell; the same page under several spellings of its address.

Blind spots
    Titles that differ in a number or a separator.
"""

from __future__ import annotations

from detector.signals.crawl._tables import Tables

KIND = "crawl"
SAYS = "Other pages of the site have the same title and another text."
AFTER = ("slot_template", "site_clone")


def across(tables: Tables) -> None:
    """See `detector.signals.crawl`."""
    tables.sql(
        "titled",
        """SELECT p.row AS row, p.host AS host, lower(trim(p.title)) AS title, p.address AS address FROM pages p
           LEFT JOIN slot_template t ON t.row = p.row LEFT JOIN site_clone c ON c.row = p.row
           WHERE p.host <> '' AND trim(p.title) <> '' AND p.outcome <> 'unscored' AND t.row IS NULL AND c.row IS NULL""",
    )
    tables.sql(
        "duplicate_title",
        """SELECT t.row AS row, g.first AS first, g.title AS label, CAST(NULL AS BIGINT) AS partner, CAST(NULL AS DOUBLE) AS likeness,
                  CAST(log2(g.pages) AS DOUBLE) AS value
           FROM titled t JOIN (SELECT host, title, count(DISTINCT address) AS pages, min(row) AS first FROM titled
                               GROUP BY host, title HAVING count(DISTINCT address) >= 2) g
             ON g.host = t.host AND g.title = t.title""",
    )
