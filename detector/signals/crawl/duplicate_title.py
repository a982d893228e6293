"""Other pages of the site have the same title and another text.

Why it matters
    A title tells readers and search engines what this page has and others have not. Titles that come back are mostly
    a fault of the template; farms that shuffle one keyword through many texts have them too.

Fires on
    The same title on two pages or more of one host that are no copies of each other. The value is the number of
    pages, in doublings. The span is the title, where it stands as a line near the beginning of the text.

    Example:
        https://trees.example/oak
        # ⟦All about our trees⟧
        The oak by the ford was planted after a flood. Jays bury its acorns in the meadow and forget most of them.
        Its bark was once peeled for the tanners of the town.
        https://trees.example/lime
        # ⟦All about our trees⟧
        Lime blossom opens at the end of June, and the bees of three villages come for it. Cut the shoots at the
        foot every winter, or the stem will hide behind them.

Quiet on
    Copies and patterns, which their own signals tell; the same page under several spellings of its address; other
    sites, which may call a page what they like.

    Example:
        https://trees.example/oak
        # The oak
        The oak by the ford was planted after a flood. Jays bury its acorns in the meadow and forget most of them.
        Its bark was once peeled for the tanners of the town.
        https://pub.example/oak
        # The oak
        We open at noon and close when the last guest leaves. On Thursdays there is a quiz, and the winner pays for
        the next round. Dogs are welcome, children until eight.

Blind spots
    Titles that differ in a number or a separator.
"""

from __future__ import annotations

from detector.signals.crawl._tables import Tables, doublings

KIND = "crawl"
SAYS = "Other pages of the site have the same title and another text."
AFTER = ("slot_template", "site_clone")

# engines differ in the small letters of these three
PLAIN = "lower(translate(trim(p.title), 'İΣς', 'iσσ'))"

BEGINNING = 1_000  # characters in which the title is looked for


def across(tables: Tables) -> None:
    """See `detector.signals.crawl`."""
    tables.sql(
        "titled",
        f"""SELECT p.row AS row, p.host AS host, {PLAIN} AS title, p.address AS address FROM pages p
           LEFT JOIN slot_template t ON t.row = p.row LEFT JOIN site_clone c ON c.row = p.row
           WHERE p.host <> '' AND trim(p.title) <> '' AND p.outcome <> 'unscored' AND t.row IS NULL
             AND c.row IS NULL""",
    )
    tables.sql(
        "duplicate_title",
        f"""SELECT t.row AS row, g.first AS first, g.title AS label, CAST(NULL AS BIGINT) AS partner,
                  CAST(NULL AS DOUBLE) AS likeness,
                  {doublings("g.pages")} AS value
           FROM titled t JOIN (SELECT host, title, count(DISTINCT address) AS pages, min(row) AS first FROM titled
                               GROUP BY host, title HAVING count(DISTINCT address) >= 2) g
             ON g.host = t.host AND g.title = t.title""",
    )


def places(tables: Tables) -> str:
    """A query for the places that are known: row, label, begins, ends, says."""
    return f"""SELECT row, label, begins, begins + size AS ends, 'Other pages of the site have this title too.' AS says
               FROM (SELECT d.row AS row, d.label AS label, length(trim(p.title)) AS size, p.text AS text,
                            instr(substring(p.text, 1, {BEGINNING}), trim(p.title)) - 1 AS begins
                     FROM duplicate_title d JOIN pages p ON p.row = d.row) t
               WHERE begins >= 0 AND substring(text, begins + size + 1, 1) IN ('', chr(10))"""
