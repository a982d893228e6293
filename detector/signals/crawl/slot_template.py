"""The page is cut from a pattern: many pages share its sentences, with another place or product in the slots.

Why it matters
    Google's spam policies call pages that are made for every town or product from one text "doorways", and many of
    them "scaled content abuse". One such page looks fine by itself; fifty of them say one thing fifty times. What
    tells a slot from a notice that every page of a site carries: in a slot something else stands each time, and
    the sentences around it are most of the page.

Fires on
    Pages of which a third or more stands on five pages or more, once names, figures and the words of each page's
    title are left open, or on four pages if they differ only in a few phrases that come back. The value is
    the number of pages, in doublings. The spans are sentences with a slot.

    Example:
        https://roof.example/leeds
        # Roof repair in Leeds
        ⟦Families in Leeds have trusted our ladders and our slate for twenty years.⟧ ⟦When a storm lifts the tiles,
        our crew in Leeds comes within a day and covers the hole.⟧ Moss holds water, and frost then breaks the slate.
        https://roof.example/york
        # Roof repair in York
        ⟦Families in York have trusted our ladders and our slate for twenty years.⟧ ⟦When a storm lifts the tiles,
        our crew in York comes within a day and covers the hole.⟧ A gutter that leaks wets the wall below it.
        https://roof.example/hull
        # Roof repair in Hull
        ⟦Families in Hull have trusted our ladders and our slate for twenty years.⟧ ⟦When a storm lifts the tiles,
        our crew in Hull comes within a day and covers the hole.⟧ Lead around a chimney lasts for sixty years.
        https://roof.example/bath
        # Roof repair in Bath
        ⟦Families in Bath have trusted our ladders and our slate for twenty years.⟧ ⟦When a storm lifts the tiles,
        our crew in Bath comes within a day and covers the hole.⟧ Flat roofs want a look in spring and in autumn.
        https://roof.example/ely
        # Roof repair in Ely
        ⟦Families in Ely have trusted our ladders and our slate for twenty years.⟧ ⟦When a storm lifts the tiles,
        our crew in Ely comes within a day and covers the hole.⟧ Old pegs of oak rot where the felt has gone.

Quiet on
    Notices, calls and headings that every page of a site carries around a text of its own; pages with the same
    headings and other answers.

    Example:
        https://farm.example/a
        Our hens lay from March to October, and the cockerel crows at five. Eggs from this farm are sold at the gate
        every Saturday morning. In winter they eat kale and the last of the barley from the loft above the stable.
        https://farm.example/b
        The orchard has forty trees, most of them older than the house. Eggs from this farm are sold at the gate
        every Saturday morning. We press the apples in October with a screw that my grandfather cut from elm.
        https://farm.example/c
        Bees came to us by chance when a swarm settled in the chimney. Eggs from this farm are sold at the gate
        every Saturday morning. The first honey was dark and tasted of ivy and of the lime trees by the church.
        https://farm.example/d
        Mending a dry stone wall takes patience and a good pair of gloves. Eggs from this farm are sold at the gate
        every Saturday morning. Set the long stones across, and keep the small ones for the heart of the wall.
        https://farm.example/e
        The pond froze twice last year, and both times the ducks walked home. Eggs from this farm are sold at the gate
        every Saturday morning. A plank from the bank to the island keeps the fox away from their nests.

Blind spots
    A pattern whose slots hold whole sentences of their own; fewer than four pages.
"""

from __future__ import annotations

from detector.signals.crawl._likeness import Page
from detector.signals.crawl._places import Comparison, Pair
from detector.signals.crawl._tables import Tables, components, doublings

KIND = "crawl"
SAYS = "Other pages are cut from the same pattern, with another place or product in its slots."

PAGES = 5  # that share a sentence with open slots
SLOTTED = 0.2  # share of a page's words in sentences whose slots are filled in other ways elsewhere
SHARED = 0.35  # the same, with sentences that come back as they are
PATTERNED = 4  # pages that differ in a few phrases only


def across(tables: Tables) -> None:
    """See `detector.signals.crawl`."""
    tables.sql(
        "slotted",  # the same with its slots open, and something else in them nearly every time
        f"""SELECT masked, count(DISTINCT row) AS pages, min(row) AS first FROM sentences GROUP BY masked
            HAVING count(DISTINCT row) >= {PAGES} AND 2 * count(DISTINCT exact) >= count(DISTINCT row)""",
    )
    tables.sql(
        "verbatim",
        f"""SELECT exact, count(DISTINCT row) AS pages FROM sentences GROUP BY exact
            HAVING count(DISTINCT row) >= {PAGES}""",
    )
    tables.sql(
        "from_pattern",
        f"""SELECT s.row AS row FROM sentences s LEFT JOIN slotted t ON t.masked = s.masked
                   LEFT JOIN verbatim v ON v.exact = s.exact
            GROUP BY s.row
            HAVING sum(CASE WHEN t.masked IS NOT NULL THEN s.words ELSE 0 END) >= {SLOTTED} * sum(s.words)
               AND sum(CASE WHEN t.masked IS NOT NULL OR v.exact IS NOT NULL THEN s.words ELSE 0 END)
                   >= {SHARED} * sum(s.words)""",
    )
    tables.sql(
        "pattern_edges",
        """WITH held AS (SELECT DISTINCT s.row AS row, s.masked AS masked FROM sentences s
                          JOIN from_pattern p ON p.row = s.row JOIN slotted t ON t.masked = s.masked),
                 met AS (SELECT min(row) OVER (PARTITION BY masked) AS earlier, row AS later FROM held)
            SELECT earlier, later FROM met WHERE earlier < later GROUP BY earlier, later HAVING count(*) >= 2
            UNION
            SELECT earlier, later FROM compared
            WHERE jaccard < .8 AND retold >= .7 AND rest >= .2 AND (repeated >= .5 OR kept < .5)
              AND level >= .6 AND swaps > 0""",
    )
    components(tables, "patterns", "pattern_edges")
    tables.sql(
        "slot_template",
        f"""WITH large AS (SELECT first, count(*) AS pages, min(CASE WHEN row > first THEN row END) AS second
                           FROM patterns GROUP BY first HAVING count(*) >= {PATTERNED})
            SELECT p.row AS row, p.first AS first, '' AS label,
                   CASE WHEN p.row = p.first THEN l.second ELSE p.first END AS partner,
                   {doublings("l.pages")} AS value, CAST(NULL AS DOUBLE) AS likeness
            FROM patterns p JOIN large l ON l.first = p.first""",
    )


def compare(page: Page, partner: Page) -> Comparison:
    """The places of a page that its partner has with something else in the slots."""
    pair = Pair(page, partner)
    places = pair.retold_places("“{there}” stands there instead of “{here}”")
    return Comparison(places or pair.copied_places(), pair.differences(), pair.slots(context=False))
