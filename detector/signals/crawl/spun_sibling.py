"""Another page tells the same article with other words in the same places.

Why it matters
    Whoever spins an article publishes it several times. Google's spam policies name text "transformed through
    techniques like synonymizing" among scaled content abuse. A single spun page may pass; next to its sibling
    every exchange shows, because spinners leave alone what a thesaurus does not know: names, figures, rare
    terms, and the order of the sentences. Pages meet by pairs of such words, in a bottom-k sketch.

Fires on
    Pages half of which, or more, is told by the other page sentence by sentence, a few words exchanged for as many
    in each. The value is the number of siblings with the page itself, in doublings. The spans are sentences with
    the exchanged words.

    Example:
        https://a.example/sourdough
        ⟦A sourdough starter needs flour, water and about six days of patience on a warm kitchen shelf.⟧
        ⟦Feed it each morning with fifty grams of rye flour, because rye carries plenty of wild yeast.⟧
        ⟦When the dough doubles within four hours, it is strong enough to raise a loaf of bread.⟧
        ⟦Keep the jar in the fridge between bakes and wake it the evening before with a spoon of honey.⟧
        https://b.example/starter
        ⟦A sourdough starter requires flour, water and around six days of patience on a cosy kitchen ledge.⟧
        ⟦Nourish it every morning with fifty grams of rye flour, since rye holds lots of wild yeast.⟧
        ⟦When the dough doubles inside four hours, it is mighty enough to lift a loaf of bread.⟧
        ⟦Store the jar in the fridge amid bakes and rouse it the night before with a spoon of honey.⟧

Quiet on
    Two articles on the same subject, a text and its summary, and a text rewritten by a person, who shortens and
    joins sentences; pages on two products or conditions that are built alike; pages that `slot_template` or
    `site_clone` explain.

    Example:
        https://a.example/sourdough
        A sourdough starter needs flour, water and about six days of patience on a warm kitchen shelf. Feed it each
        morning with fifty grams of rye flour, because rye carries plenty of wild yeast.
        https://b.example/starter
        Six days, a jar, some rye: more is not needed. My own starter is called Bruno and lives above the stove. Every
        morning he gets flour, and on Sundays we bake with him.

Blind spots
    A text that a person or a machine has told anew from beginning to end.
"""

from __future__ import annotations

from detector.signals.crawl._likeness import Page
from detector.signals.crawl._places import Comparison, Pair
from detector.signals.crawl._tables import Tables, best_partners, components, doublings
from detector.signals.crawl.site_clone import JACCARD

KIND = "crawl"
SAYS = "Another page tells the same article with other words in the same places."
AFTER = ("slot_template", "site_clone")

RETOLD = 0.5  # share of what is not verbatim that the other page has in other words
REST = 0.15  # share of the shorter page that is not verbatim
LEVEL = 0.55  # share of the changed words that were exchanged a few for about as many
SWAPS = 6
KEPT = 0.5  # share of names and figures that the other page has too: with fewer, it is about something else
REPEATED = 0.6  # from which share of exchanges that come back it is rather a slot


def across(tables: Tables) -> None:
    """See `detector.signals.crawl`."""
    tables.sql(
        "sibling_edges",
        f"""SELECT c.earlier AS earlier, c.later AS later, c.retold AS likeness FROM compared c
            LEFT JOIN slot_template a ON a.row = c.earlier LEFT JOIN slot_template b ON b.row = c.later
            WHERE c.jaccard < {JACCARD} AND c.retold >= {RETOLD} AND c.rest >= {REST} AND c.level >= {LEVEL}
              AND c.swaps >= {SWAPS} AND c.repeated < {REPEATED} AND c.kept >= {KEPT}
              AND (a.row IS NULL OR b.row IS NULL OR a.first <> b.first)""",
    )
    components(tables, "siblings", "sibling_edges")
    best_partners(tables, "sibling_partners", "sibling_edges")
    tables.sql(
        "spun_sibling",
        f"""WITH sizes AS (SELECT first, count(*) AS pages FROM siblings GROUP BY first)
           SELECT c.row AS row, c.first AS first, '' AS label, b.partner AS partner, b.likeness AS likeness,
                  {doublings("s.pages")} AS value
           FROM siblings c JOIN sizes s ON s.first = c.first JOIN sibling_partners b ON b.row = c.row""",
    )


def compare(page: Page, partner: Page) -> Comparison:
    """The sentences in which words were exchanged."""
    pair = Pair(page, partner)
    places = pair.retold_places("Here “{here}”, there “{there}”")
    return Comparison(places, pair.differences(), pair.slots(context=True))
