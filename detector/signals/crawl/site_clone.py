"""The page stands elsewhere in the crawl too, word for word or nearly.

Why it matters
    Google's spam policies list "scraping": copies without anything of one's own. A sales letter that stands at seven
    hundred addresses looks like any other letter on each of them. Candidates are found by shared word triples
    (Broder, "On the resemblance and containment of documents", 1997); each pair is then compared in full.

Fires on
    Pages whose word triples agree to 80 % or more (Jaccard). The value is the number of addresses of the group, in
    doublings; one page under several spellings of its address (index.html, ?utm_source=...) is one. The spans
    are the longest stretches in common.

    Example:
        https://a.example/tea
        ⟦Water for green tea should not boil, because heat makes the leaves bitter. Let the kettle stand for three
        minutes with its lid open. A second cup from the same leaves is often better than the first, and a third
        does no harm. Keep the tin closed, dry and away from the stove.⟧
        https://b.example/green-tea
        ⟦Water for green tea should not boil, because heat makes the leaves bitter. Let the kettle stand for three
        minutes with its lid open. A second cup from the same leaves is often better than the first, and a third
        does no harm. Keep the tin closed, dry and away from the stove.⟧

Quiet on
    Pages that quote each other, or share the notices of their site.

    Example:
        https://a.example/tea
        Water for green tea should not boil, because heat makes the leaves bitter. Let the kettle stand for three
        minutes with its lid open. Keep the tin closed, dry and away from the stove.
        https://b.example/quote
        My neighbour brews by the clock and swears by her grandmother's brown pot. Water for green tea should not
        boil, because heat makes the leaves bitter. She read that in a book from Kyoto and has kept to it since.

Blind spots
    It does not know which copy was first, nor who was allowed to copy.
"""

from __future__ import annotations

from detector.signals.crawl._likeness import Page
from detector.signals.crawl._places import Comparison, Pair
from detector.signals.crawl._tables import Tables, best_partners, components, doublings

KIND = "crawl"
SAYS = "The same text stands on other pages, word for word or nearly."

JACCARD = 0.8


def across(tables: Tables) -> None:
    """See `detector.signals.crawl`."""
    tables.sql(
        "clone_edges",
        f"SELECT earlier, later, jaccard AS likeness FROM compared WHERE jaccard >= {JACCARD}",
    )
    components(tables, "clones", "clone_edges")
    best_partners(tables, "clone_partners", "clone_edges")
    tables.sql(
        "site_clone",
        f"""WITH sizes AS (SELECT c.first AS first, count(DISTINCT p.address) AS addresses FROM clones c
                          JOIN pages p ON p.row = c.row GROUP BY c.first)
           SELECT c.row AS row, c.first AS first, '' AS label, b.partner AS partner, b.likeness AS likeness,
                  {doublings("s.addresses")} AS value
           FROM clones c JOIN sizes s ON s.first = c.first JOIN clone_partners b ON b.row = c.row""",
    )


def compare(page: Page, partner: Page) -> Comparison:
    """The longest stretches that both have."""
    pair = Pair(page, partner)
    return Comparison(pair.copied_places(), pair.differences(), ())
