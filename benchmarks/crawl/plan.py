"""Which pages a crawl has: real ones on their hosts, and what is planted among them."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.crawl.site import CREDITS, Site, Sites
from benchmarks.crawl.sources import Text, texts
from benchmarks.crawl.text import Blocks, plain, prose

FULL = 20_000  # pages of the crawl for which the counts below are meant; other sizes have their share of them
CLONES, TEMPLATES, SIBLINGS, RINGS = 500, 40, 60, 20  # copies, templates, groups, money sites
PAGES_OF_A_TEMPLATE, SPINS = 50, 5
HALVES, QUOTING, TECHNICAL, TITLES = 80, 200, 60, 30  # pages, pages, pages, groups of pages with one title
CITED = 300  # pages that cite the same authority
# Shares of the pages that are not planted, as far as the sources reach: real HTML, corpus, rows; the rest is cut from
# long documents.
SHARES = {"real": 0.14, "corpus": 0.024, "row": 0.56}
FARM_SHARE = 0.2  # of the rows
LONGEST_SITE = 400  # pages
RESERVE = 0.06  # texts kept back for what is planted, as a share of the pages


class TooFewTextsError(ValueError):
    """The sources do not hold enough texts for a crawl of that size."""


@dataclass
class Page:
    """A page of the crawl. `text` is where its words come from, None where they are made up.

    kind: "honest" | "farm" for pages as found, else what it was planted as. group, role: of the plant.
    changed: what was done to it. likeness: exact Jaccard of the prose to the page it was made from.
    """

    site: Site
    path: str
    title: str
    blocks: Blocks
    kind: str
    source: str
    html: str | None = None
    scheme: str = "https"
    group: str = ""
    role: str = ""
    partners: list[str] = field(default_factory=list)
    changed: dict[str, Any] = field(default_factory=dict)
    same_as: Page | None = None  # a technical duplicate is served the very same bytes

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.scheme}://{self.site.host}{self.path}"

    @property
    def prose(self) -> str:
        """The text that readers read, title left out."""
        return prose(self.blocks)

    def render(self, seed: int) -> str:
        """The page as HTML: always the same for the same seed."""
        page = self.same_as or self
        if page.html is not None:
            return page.html
        return page.site.page(page.path, page.title, page.blocks, random.Random(f"{seed} {page.url}"))


class Plan:
    """The pages of a crawl while it is being made up."""

    def __init__(self, data: Path | None, count: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.sites = Sites(self.rng)
        self.count, self.scale = count, count / FULL
        self.pages: list[Page] = []
        self.farms: list[Site] = []  # hosts for what is planted
        kept = int(count * RESERVE) + 12
        found = _chosen(data, max(20, count - self._planted()) + kept, random.Random(seed))
        ready = [t for t in found if t.html is None and t.kind == "honest"]
        self.reserve = ready[-min(kept, len(ready) // 3) :]
        published = {t.id for t in self.reserve}
        self._publish([t for t in found if t.id not in published])
        self.farms = [self.sites.new() for _ in range(2 + self.share(30))]

    def share(self, full: int, least: int = 1) -> int:
        """What a crawl of this size has of something."""
        return max(least, round(full * self.scale))

    @property
    def templates(self) -> int:
        """How many slot templates it has: no more than were written."""
        return min(TEMPLATES, self.share(TEMPLATES))

    def _planted(self) -> int:
        spun = self.share(SIBLINGS) * SPINS
        return (
            self.templates * PAGES_OF_A_TEMPLATE
            + self.share(CLONES)
            + spun
            + self.share(HALVES)
            + self.share(TECHNICAL)
        )

    def _publish(self, found: Iterable[Text]) -> None:
        """Put texts on hosts: real pages where they belong, others on invented sites of 5 to 400 pages."""
        groups: dict[str, list[Text]] = defaultdict(list)
        for text in found:
            groups[text.site].append(text)
        for name, members in groups.items():
            real = members[0].html is not None
            while members:
                size = (
                    len(members)
                    if real
                    else min(LONGEST_SITE, self.count // 12, max(5, int(self.rng.lognormvariate(3.6, 1.1))))
                )
                part, members = members[:size], members[size:]
                if len(part) < 5 and not real and self.pages and self.pages[-1].html is None:
                    site = self.pages[-1].site
                else:
                    site = self.sites.new()
                for text in part:
                    self.add(
                        site,
                        text.title,
                        text.blocks,
                        text.kind,
                        text.id,
                        html=text.html,
                        name=text.name or name,
                    )
        invented = sorted({p.site.host: p.site for p in self.pages if p.html is None}.items())
        for number, credit in enumerate(CREDITS):
            for _, site in invented[number::9]:
                site.credit = credit

    def add(self, site: Site, title: str, blocks: Blocks, kind: str, source: str, **more: Any) -> Page:
        """A new page on a site."""
        name, title = more.pop("name", ""), " ".join(plain(title).split())[:160]
        path = site.claim(_own_path(name)) if more.get("html") is not None else site.path(title)
        page = Page(site, path, title, blocks, kind, source, **more)
        self.pages.append(page)
        if page.html is None:
            site.titles.append((path, title))
        return page

    def honest(self, words: tuple[int, int] = (120, 1500), *, real: bool = False) -> list[Page]:
        """Untouched honest pages in a random order; pages with HTML of their own only where asked for."""
        found = [
            p for p in self.pages
            if p.kind == "honest" and not p.role and (real or p.html is None)
            and words[0] <= len(p.prose.split()) <= words[1]
        ]  # fmt: skip
        self.rng.shuffle(found)
        return found

    def spare(self, words: tuple[int, int] = (120, 1500)) -> Text | None:
        """A text that stands on no page; it is taken away."""
        for i, text in enumerate(self.reserve):
            if words[0] <= len(text.prose.split()) <= words[1]:
                return self.reserve.pop(i)
        return None

    def anywhere(self) -> Site:
        """Some host of honest pages."""
        return self.rng.choice([p for p in self.pages if p.html is None and p.kind == "honest"]).site


def _own_path(name: str) -> str:
    """The path of a real page on its invented host."""
    parts = [re.sub(r"[^A-Za-z0-9._-]+", "-", part).strip("-") for part in name.split("/")]
    path = "/" + "/".join(part[:80] for part in parts if part.strip("."))
    return path if re.search(r"\.(?:html?|php|aspx?)$", path) else re.sub(r"\.\w{1,8}$", "", path) + ".html"


def _chosen(data: Path | None, wanted: int, rng: random.Random) -> list[Text]:
    """The texts of a crawl, mixed by SHARES. Raises TooFewTextsError."""
    kinds: dict[str, list[Text]] = defaultdict(list)
    farm = 0
    limits = {name: int(share * wanted) for name, share in SHARES.items()} if data else {}
    total = 0
    for text in texts(data, rng):
        kind = "real" if text.html is not None else text.id.partition("/")[0]
        kind = kind if kind in ("real", "corpus", "long") else "row"
        if kind == "row" and text.kind == "farm":
            farm += 1
            if farm > FARM_SHARE * limits["row"]:
                continue
        if kind not in ("real", "corpus") and kind in limits and len(kinds[kind]) >= limits[kind]:
            continue
        kinds[kind].append(text)
        if kind == "long":
            total = sum(min(len(v), limits.get(k, len(v))) for k, v in kinds.items() if k != "long") + len(
                kinds["long"]
            )
            if total >= wanted:
                break
    rng.shuffle(kinds["corpus"])
    kinds["corpus"] = kinds["corpus"][: limits.get("corpus")]
    kinds["real"] = _some_sites(kinds["real"], limits.get("real", 0), rng)
    found = [text for members in kinds.values() for text in members][:wanted]
    if len(found) < wanted:
        raise TooFewTextsError(
            f"the sources hold only {len(found):,} texts, a crawl of this size needs {wanted:,}: "
            + ("ask for fewer pages" if data else "give --data or ask for fewer pages")
        )
    rng.shuffle(found)
    return found


def _some_sites(found: list[Text], limit: int, rng: random.Random) -> list[Text]:
    """As many texts as wanted, site by site."""
    groups: dict[str, list[Text]] = defaultdict(list)
    for text in found:
        groups[text.site].append(text)
    names = sorted(groups)
    rng.shuffle(names)
    most = max(5, limit // 8) if limit < len(found) else limit
    taken = [text for name in names for text in rng.sample(groups[name], min(len(groups[name]), most))]
    return taken[:limit]
