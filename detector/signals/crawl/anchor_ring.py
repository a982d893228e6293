"""Many pages push one target with the same phrase.

Why it matters
    Google's spam policies forbid "exchanging" and "excessive" links and "keyword-rich" anchors in articles spread over
    many sites. One such link may be a tip of the author; the same phrase to the same target from pages on other
    subjects is a campaign. A source that many cite is pointed to by its name, or by words of the page's own subject.

Fires on
    Links inside running text to one host from five pages or more of three sites, or from ten pages with three phrases,
    whose anchors neither name that host nor fit the page, each phrase and each page of the host on two pages at least
    on average; and phrases pasted into plain text on five pages or more of three sites. The value is the number of
    pages, in doublings. The spans are the anchors.

    Example:
        https://knots.example/bowline
        The bowline holds a loop that neither slips nor jams. Sailors tie it with one hand, and climbers have a
        second knot behind it. Most readers found the [⟦cheap garden sheds⟧](https://sheds.example/) helpful here.
        https://owls.example/barn
        A barn owl hunts by ear along the hedges of our valley. In wet weeks it stays inside, since its feathers
        are soft and soak. Many a farmer has praised the [⟦cheap garden sheds⟧](https://sheds.example/) too.
        https://bread.example/rye
        Rye dough is sticky, so wet your hands before you shape it. Bake it dark and wait a day before cutting.
        For a good crust the [⟦cheap garden sheds⟧](https://sheds.example/) are worth a second look.
        https://knots.example/splice
        To splice a rope, unlay its three strands and tuck each under the next. Five tucks hold in hemp, seven in
        nylon. While you practise, consider the [⟦cheap garden sheds⟧](https://sheds.example/) as well.
        https://owls.example/tawny
        The tawny owl calls from November on, mostly before midnight. Its young leave the nest before they can fly.
        Nobody who listens at night forgets the [⟦cheap garden sheds⟧](https://sheds.example/) again.

Quiet on
    Footers and author boxes; sources cited by name or by the page's subject; "read more"; the booking page of a clinic.

    Example:
        https://knots.example/rope
        Hemp rots from the inside, and a rope may look sound for years. The [Rope Society](https://ropesociety.example/)
        tests old lines every spring and prints what held.
        https://owls.example/nests
        Old rope in the nest is a danger to young owls. The [Rope Society](https://ropesociety.example/) gives away
        nets that are safe, and our warden fetches them.
        https://climbing.example/gear
        Wash a climbing line in cool water and dry it in the shade. The [Rope Society](https://ropesociety.example/)
        found that sunlight harms nylon more than dirt does.
        https://knots.example/history
        Seamen paid for good line with their lives. In 1870 the [Rope Society](https://ropesociety.example/) began to
        burn what failed its test, in public and with a band.
        https://owls.example/news
        A gift of forty metres came last week. We thank the [Rope Society](https://ropesociety.example/), whose van
        broke down twice on the way to the barn.

Blind spots
    A target whose pages all differ in host, as link shorteners hide them.
"""

from __future__ import annotations

from detector.signals.crawl._tables import Tables, doublings

KIND = "crawl"
AFTER = ("site_clone", "slot_template", "spun_sibling")
SAYS = "Many pages point to the same target with the same phrase, which does not belong to their subject."

PAGES = 5  # copies of one text count once: they have its links with it
HOSTS = 3
MANY, PHRASES = 10, 3  # pages and phrases from which one or two sites push a target
PER_PHRASE = 2  # pages to a phrase and to a page of the target: who cites has words and pages of his own
FITS = 0.6  # share of the anchor's words that the pages have elsewhere, on average, below which it belongs to none
GENERIC = 4  # targets of one phrase: "read more" points everywhere
# added up in whole numbers, so that no order of the pages and no engine makes a difference
UNFIT = f"sum(CAST(round(1000 * fits) AS BIGINT)) < {round(1000 * FITS)} * count(*)"


def across(tables: Tables) -> None:
    """See `detector.signals.crawl`."""
    tables.sql(
        "anchors",
        f"""SELECT x.row AS row, x.host AS host, a.begins AS begins, a.ends AS ends, a.phrase AS phrase,
                   a.target AS target, a.address AS address, a.fits AS fits,
                   CASE WHEN a.target <> '' THEN coalesce(c.first, x.row)
                        ELSE coalesce(c.first, t.first, s.first, x.row) END AS text
            FROM (SELECT row, host, {tables.explode}(anchors) AS a FROM pages) x
            LEFT JOIN site_clone c ON c.row = x.row LEFT JOIN slot_template t ON t.row = x.row
            LEFT JOIN spun_sibling s ON s.row = x.row
            WHERE NOT a.named AND a.phrase LIKE '% %'""",
    )
    tables.sql(
        "keyword_anchors",
        f"""SELECT a.* FROM anchors a JOIN (SELECT phrase FROM anchors GROUP BY phrase
                                            HAVING count(DISTINCT target) < {GENERIC}) p ON p.phrase = a.phrase""",
    )
    tables.sql(
        "pushed",
        f"""SELECT target, '' AS phrase, count(DISTINCT row) AS pages, min(row) AS first FROM keyword_anchors
            WHERE target <> '' GROUP BY target
            HAVING count(DISTINCT text) >= {PAGES} AND {UNFIT}
               AND count(DISTINCT text) >= {PER_PHRASE} * count(DISTINCT phrase)
               AND count(DISTINCT text) >= {PER_PHRASE} * count(DISTINCT address)
               AND (count(DISTINCT host) >= {HOSTS}
                    OR count(DISTINCT text) >= {MANY} AND count(DISTINCT phrase) >= {PHRASES})
            UNION ALL
            SELECT '' AS target, phrase, count(DISTINCT row) AS pages, min(row) AS first FROM keyword_anchors
            WHERE target = '' GROUP BY phrase
            HAVING count(DISTINCT text) >= {PAGES} AND count(DISTINCT host) >= {HOSTS} AND {UNFIT}""",
    )
    tables.sql(
        "anchor_places",
        """SELECT k.row AS row, r.first AS first, k.begins AS begins, k.ends AS ends, r.pages AS pages,
                  CASE WHEN r.target <> '' THEN r.target ELSE r.phrase END AS label, k.phrase AS phrase
           FROM keyword_anchors k JOIN pushed r
             ON k.target = r.target AND (r.target <> '' OR k.phrase = r.phrase)""",
    )
    tables.sql(
        "anchor_ring",
        f"""SELECT row, first, label, CAST(NULL AS BIGINT) AS partner, CAST(NULL AS DOUBLE) AS likeness,
                  {doublings("max(pages)")} AS value
           FROM anchor_places GROUP BY row, first, label""",
    )


def places(tables: Tables) -> str:
    """A query for the places that are known: row, label, begins, ends, says."""
    says = "concat('“', phrase, '” points to ', label, '.')"
    pasted = "concat('“', phrase, '” stands in other texts too.')"  # in plain text: the phrase is all that is known
    return f"""SELECT row, label, begins, ends, CASE WHEN phrase = label THEN {pasted} ELSE {says} END AS says
               FROM anchor_places"""
