"""What is planted in a crawl, and what only looks like it."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import combinations

from benchmarks.crawl.fill import pages as template_pages
from benchmarks.crawl.fill import templates, unique_paragraphs
from benchmarks.crawl.plan import (
    CITED,
    CLONES,
    HALVES,
    PAGES_OF_A_TEMPLATE,
    QUOTING,
    RINGS,
    SIBLINGS,
    SPINS,
    TECHNICAL,
    TITLES,
    Page,
    Plan,
)
from benchmarks.crawl.site import Site
from benchmarks.crawl.spin import spin
from benchmarks.crawl.text import Block, Blocks, jaccard, plain, prose, sentences, with_text

NEAR = 0.8  # a copy is a near-clone from this likeness on
HALF = (0.4, 0.6)  # half rewritten: neither a clone nor none
_NAMES = """Anderson Bianchi Clarke Dvorak Ellis Fischer Greene Hughes Ivanov Jensen Kaur Lopez Meyer Nolan Ortiz
Park""".split()
_MONTHS = "January February March April May June July August September October November December".split()
_ADDED = (
    "This page was last checked by our editors in spring.",
    "Please share this with anybody who might find it useful.",
    "We have written about this before and will do so again.",
    "Readers sent us many letters on this subject.",
    "Nothing here replaces a talk with your own doctor.",
    "A shorter version of this text appeared in our newsletter.",
    "More on this will follow in the coming weeks.",
    "The opening hours of our office have not changed.",
    "Questions about this page can be sent to the address below.",
    "Some of the details differ from one region to the next.",
    "Our thanks go to everybody who helped with this page.",
    "Prices and dates may change without notice.",
)
_PUSH_INSIDE = (
    ", and {a} can help with that",
    ", which is where {a} comes in",
    ", for example with {a}",
    " (see also {a})",
    ", much like {a}",
)
_PUSH_AFTER = (
    "Many readers have had good luck with {a}.",
    "If you are in a hurry, start with {a}.",
    "There is plenty of choice when it comes to {a}.",
    "Friends of mine swear by {a}.",
    "You will find more about {a} elsewhere.",
    "It also pays to look at {a}.",
)
_GOODS = (
    "cheap lip filler kit",
    "keto gummies online",
    "hair transplant istanbul",
    "buy kratom powder",
    "best weight loss pills",
    "teeth whitening strips",
    "payday loan no credit check",
    "online casino bonus",
    "cbd oil for dogs",
    "mesotherapy pen",
    "steroids for sale",
    "botox training course",
    "custom essay writing",
    "anti ageing serum",
    "private rehab centre",
    "semaglutide without prescription",
    "magnetic lashes",
    "massage chair deals",
    "viagra alternative",
    "crypto trading signals",
    "laser hair removal device",
    "forex robot",
    "detox foot pads",
    "invisible aligners price",
    "testosterone booster",
)
_AUTHORITIES = (
    ("NHS", "https://www.nhs.uk/"), ("World Health Organization", "https://www.who.int/"),
    ("Centers for Disease Control and Prevention", "https://www.cdc.gov/"),
    ("Royal Society of Hearing", "https://www.royal-hearing-society.example/advice"),
)  # fmt: skip


def plant(plan: Plan) -> None:
    """Everything that a crawl of this size has."""
    quoting(plan)
    rings(plan)
    cited(plan)
    booking(plan)
    siblings(plan)
    slot_templates(plan)
    clones(plan)
    halves(plan)
    same_titles(plan)
    technical(plan)


# --- copies ------------------------------------------------------------------------------------------------


def clones(plan: Plan) -> None:
    """Copies of honest pages with up to a dozen small edits, on the same host, another one, or a scraper's."""
    rng, wanted, number = plan.rng, plan.share(CLONES), 0
    originals = iter(plan.honest(real=True))
    while wanted > 0:
        original = next(originals, None)
        if original is None:
            break
        copies = min(wanted, rng.choices((1, 2, 3, 5, 8), (60, 20, 10, 6, 4))[0])
        group = f"clone-{number}"
        made = []
        for _ in range(copies):
            where = rng.random()
            if where < 0.2 and original.html is None:
                site = original.site
            else:
                site = plan.anywhere() if where < 0.8 else rng.choice(plan.farms)
            title = original.title if rng.random() < 0.5 else _retitled(original.title, site, rng)
            blocks, edits = _near(original, title, rng)
            page = plan.add(site, title, blocks, "clone", original.source, group=group, role="copy")
            page.partners = [original.url]
            page.changed = {"edits": edits, "jaccard": round(jaccard(original.prose, page.prose), 4)}
            made.append(page)
        original.group, original.role = group, "original"
        original.partners = [p.url for p in made]
        wanted -= len(made)
        number += 1


def _retitled(title: str, site: Site, rng: random.Random) -> str:
    return rng.choice(
        (f"{title} ({rng.randint(2015, 2024)})", f"{title}: what to know", f"{site.name}: {title}")
    )


def _near(original: Page, title: str, rng: random.Random) -> tuple[Blocks, list[str]]:
    """A copy with 0 to 12 edits, fewer where they would change too much, the headline counted or not."""
    before, wanted = original.prose, rng.randint(0, 12)
    while True:
        changed, edits = original.blocks, []
        for _ in range(wanted):
            changed, edit = _edited(changed, rng)
            edits.append(edit)
        after = prose(changed)
        headed = jaccard(f"{original.title}\n{before}", f"{title}\n{after}")
        if wanted == 0 or min(headed, jaccard(before, after)) >= NEAR:
            return changed, edits
        wanted -= 1


def _edited(blocks: Blocks, rng: random.Random) -> tuple[Blocks, str]:
    """One small change in one block, and its name."""
    at = rng.randrange(len(blocks))
    text = blocks[at].text
    parts = sentences(text)
    edit = rng.choice(("date", "drop", "add", "name", "number", "swap", "word", "case"))
    if edit == "date":
        parts.append(f"Updated on {rng.randint(1, 28)} {rng.choice(_MONTHS)} {rng.randint(2016, 2024)}.")
    elif edit == "drop" and len(parts) > 1:
        parts.pop(rng.randrange(len(parts)))
    elif edit == "add":
        parts.insert(rng.randint(0, len(parts)), rng.choice(_ADDED))
    elif edit == "swap" and len(parts) > 2:
        i = rng.randrange(len(parts) - 1)
        parts[i], parts[i + 1] = parts[i + 1], parts[i]
    elif edit == "name" and (names := re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}", text)):
        old, new = rng.choice(names), rng.choice(_NAMES)
        return tuple(Block(b.kind, re.sub(rf"\b{old}\b", new, b.text)) for b in blocks), edit
    elif (
        edit == "number"
        and (found := re.search(r"(?<![\d.,])\d{1,3}(?![\d.,])", plain(text)))
        and "](" not in text
    ):
        parts = [text.replace(found[0], str(int(found[0]) + rng.randint(1, 9)), 1)]
    elif edit == "case":
        parts = [text.rstrip(".")]
    else:
        edit = "word"
        parts = [_one_word(text, rng)]
    return with_text(blocks, at, " ".join(parts)), edit


def _one_word(text: str, rng: random.Random) -> str:
    """One word left out."""
    if "](" in text or len(text.split()) < 4:
        return text
    found = text.split(" ")
    found.pop(rng.randrange(len(found)))
    return " ".join(found)


def halves(plan: Plan) -> None:
    """Pages of which about half is another's and half is new: they count for neither side."""
    rng, done = plan.rng, 0
    for original in plan.honest((200, 1200)):
        if done == plan.share(HALVES) or (other := plan.spare((150, 1500))) is None:
            break
        blocks = _mixed(original.blocks, other.blocks, rng)
        likeness = jaccard(original.prose, prose(blocks))
        if not HALF[0] <= likeness <= HALF[1]:
            continue
        page = plan.add(plan.anywhere(), f"{other.title}", blocks, "half", original.source)
        page.group, page.role, page.partners = f"half-{done}", "rewritten", [original.url]
        page.changed = {"jaccard": round(likeness, 4), "other": other.id}
        original.group, original.role, original.partners = f"half-{done}", "original of half", [page.url]
        done += 1


def _mixed(blocks: Blocks, others: Blocks, rng: random.Random) -> Blocks:
    """About two thirds of a text's sentences, filled up with another's."""
    new = [s for b in others for s in sentences(b.text)]
    rng.shuffle(new)
    share = rng.uniform(0.6, 0.75)
    mixed = []
    for kind, text in blocks:
        parts = [s if rng.random() < share else (new.pop() if new else "") for s in sentences(text)]
        mixed.append(Block(kind, " ".join(p for p in parts if p)))
    return tuple(b for b in mixed if b.text)


def technical(plan: Plan) -> None:
    """The very same page under a second address of its site."""
    rng = plan.rng
    for number, page in enumerate(plan.honest((60, 3000), real=True)[: plan.share(TECHNICAL)]):
        ways = ["scheme", "utm"] + (["index", "index"] if page.path.endswith("/") else [])
        way = rng.choice(ways)
        path = page.path
        if way == "utm":
            path += ("&" if "?" in path else "?") + rng.choice(
                ("utm_source=newsletter", "utm_medium=social", "fbclid=IwAR0x")
            )
        elif way == "index":
            path += "index.html"
        twin = Page(page.site, path, page.title, page.blocks, "technical", page.source, page.html)
        twin.scheme = "http" if way == "scheme" else "https"
        twin.same_as, twin.group, twin.role, twin.partners = page, f"technical-{number}", way, [page.url]
        page.group, page.role, page.partners = twin.group, "original of technical", [twin.url]
        plan.pages.append(twin)


def quoting(plan: Plan) -> None:
    """Honest pages that quote two paragraphs of another page: no clones."""
    rng, done = plan.rng, 0
    found = plan.honest((200, 1500))
    for quoted, page in zip(found[::2], found[1::2], strict=False):
        long = [b for b in quoted.blocks if b.kind == "p" and 25 <= len(plain(b.text).split()) <= 160]
        if done == plan.share(QUOTING):
            break
        if len(long) < 2 or quoted.site is page.site:
            continue
        at = rng.randint(1, len(page.blocks))
        said = [
            Block("p", f"{quoted.site.name} puts it like this:"),
            *(Block("quote", plain(b.text)) for b in rng.sample(long, 2)),
        ]
        page.blocks = (*page.blocks[:at], *said, *page.blocks[at:])
        page.group, page.role, page.partners = f"quote-{done}", "quotes", [quoted.url]
        page.changed = {"jaccard": round(jaccard(page.prose, quoted.prose), 4)}
        quoted.group, quoted.role, quoted.partners = page.group, "quoted", [page.url]
        done += 1


# --- templates and spun texts ------------------------------------------------------------------------------


def slot_templates(plan: Plan) -> None:
    """Fifty pages of each template, on one host or spread over several."""
    rng = plan.rng
    chosen = list(templates())
    rng.shuffle(chosen)
    unique = unique_paragraphs([t.blocks for t in plan.reserve[-max(1, len(plan.reserve) // 3) :]])
    for template in chosen[: plan.templates]:
        hosts = [plan.sites.new() for _ in range(template.hosts)]
        made = []
        for title, blocks, values in template_pages(template, PAGES_OF_A_TEMPLATE, rng, unique):
            page = plan.add(
                rng.choice(hosts), title, blocks, "template", "", group=f"template-{template.id}", role="page"
            )
            page.changed = {
                "slots": values,
                "hosts": template.hosts,
                "draw": template.draw,
                "unique": template.unique,
            }
            made.append(page)
        for page in made:
            page.partners = [p.url for p in made if p is not page][:5]


def siblings(plan: Plan) -> None:
    """Five other wordings of a text; the original itself is published in every second group."""
    rng = plan.rng
    published = plan.honest((220, 1300))
    for number in range(plan.share(SIBLINGS)):
        group = f"spun-{number}"
        original = published.pop() if number % 2 and published else None
        spare = None if original else plan.spare((220, 1300))
        if original is None and spare is None:
            break
        title, blocks, source = (
            (original.title, original.blocks, original.source)
            if original
            else (spare.title, spare.blocks, spare.id)  # type: ignore[union-attr]
        )
        before, rate = prose(blocks), rng.uniform(0.2, 0.55)
        hosts = rng.choice((1, 3, 5))
        sites = [rng.choice(plan.farms) if hosts < 5 else plan.anywhere() for _ in range(hosts)]
        made = []
        for _ in range(SPINS):
            spun, share = spin(blocks, rng.uniform(0.9, 1.1) * rate, rng)
            new_title = spin((Block("h2", title),), rate, rng)[0][0].text
            page = plan.add(rng.choice(sites), new_title, spun, "spun", source, group=group, role="spun")
            page.changed = {
                "share": round(share, 3),
                "jaccard_original": round(jaccard(before, page.prose), 4),
            }
            made.append(page)
        _know(made)
        if original:
            original.group, original.role, original.partners = (
                group,
                "original of spun",
                [p.url for p in made],
            )


def _know(made: Sequence[Page]) -> None:
    """Tell the spun pages of a group of one another."""
    likeness = {p.url: {} for p in made}
    for one, other in combinations(made, 2):
        likeness[one.url][other.url] = likeness[other.url][one.url] = round(
            jaccard(one.prose, other.prose), 4
        )
    for page in made:
        page.partners = list(likeness[page.url])
        page.changed["jaccard"] = list(likeness[page.url].values())


# --- links -------------------------------------------------------------------------------------------------


def rings(plan: Plan) -> None:
    """Money sites pushed with exact-match anchors from honest pages of several hosts."""
    rng = plan.rng
    goods = rng.sample(_GOODS, min(len(_GOODS), plan.share(RINGS)))
    goods += [f"{rng.choice(_GOODS)} {i}" for i in range(plan.share(RINGS) - len(goods))]
    for number, words in enumerate(goods):
        host = (
            re.sub(r"[^a-z]+", rng.choice(("", "-")), words).strip("-")
            + rng.choice(("", "-store", "-hq"))
            + f"{number}.example"
        )
        target = f"https://{rng.choice(('', 'www.'))}{host}/{rng.choice(('', 'shop/', 'buy-now.html', 'offer?id=7'))}"
        anchors = [
            words,
            *rng.sample(
                (f"{words} uk", f"best {words}", f"{words} near me", f"order {words}"),
                rng.choice((0, 0, 1, 2)),
            ),
        ]
        found = plan.honest((100, 2500))
        hosts = list({p.site.host: None for p in found})[: rng.randint(3, 15)]
        pages = [p for p in found if p.site.host in hosts]
        pages = _spread(pages, rng.randint(8, 40))
        for page in pages:
            anchor = rng.choice(anchors)
            way = _push(page, f"[{anchor}]({target})", rng)
            page.kind, page.group, page.role = "ring", f"ring-{number}", "pushes"
            page.changed = {"anchor": anchor, "target": target, "way": way}
        for page in pages:
            page.partners = [p.url for p in pages if p is not page][:5]


def _spread(pages: Sequence[Page], count: int) -> list[Page]:
    """The first pages of each host in turn."""
    rank: dict[str, int] = {}
    order = []
    for page in pages:
        rank[page.site.host] = rank.get(page.site.host, 0) + 1
        order.append((rank[page.site.host], page))
    return [page for _, page in sorted(order, key=lambda one: one[0])][:count]


def _push(page: Page, link: str, rng: random.Random) -> str:
    """Put a link into a paragraph: inside a sentence, after one, or at the end of the paragraph."""
    at = rng.choice([i for i, b in enumerate(page.blocks) if b.kind == "p"] or [len(page.blocks) - 1])
    parts = sentences(page.blocks[at].text)
    way = rng.choice(("inside", "after", "end"))
    i = rng.randrange(len(parts))
    if way == "inside" and parts[i][-1] in ".!?":
        parts[i] = parts[i][:-1] + rng.choice(_PUSH_INSIDE).format(a=link) + parts[i][-1]
    elif way == "end":
        parts.append(link)
    else:
        parts.insert(i + 1, rng.choice(_PUSH_AFTER).format(a=link))
    page.blocks = with_text(page.blocks, at, " ".join(parts))
    return way


def cited(plan: Plan) -> None:
    """Honest pages that cite the same authority by its name: no ring."""
    found = plan.honest((100, 2500))
    for number, (name, address) in enumerate(_AUTHORITIES):
        count = plan.share(CITED // (number + 1))
        for page in found[:count]:
            said = plan.rng.choice((
                f"For more, see the pages of the [{name}]({address}).", f"Source: [{name}]({address}).",
                f"The [{name}]({address}) has more on this.", f"These figures are taken from the [{name}]({address}).",
            ))  # fmt: skip
            page.blocks = (*page.blocks, Block("p", said))
            page.group, page.role, page.changed = (
                f"cited-{number}",
                "cites",
                {"anchor": name, "target": address},
            )
        found = found[count:]


def booking(plan: Plan) -> None:
    """Sites on each of whose pages the same booking service is linked from the text: no ring."""
    sites = {p.site.host: p.site for p in plan.honest()}
    for host, site in list(sites.items())[: plan.share(6)]:
        site.booking = f"https://www.meet-online.example/{host.partition('.')[0]}"
        for page in plan.pages:
            if page.site is site and page.kind == "honest" and not page.role:
                page.blocks = (
                    *page.blocks,
                    Block("p", f"You can [book an appointment online]({site.booking}) at any hour."),
                )
                page.group, page.role = f"booking-{host}", "books"


def same_titles(plan: Plan) -> None:
    """Different pages of a site that bear one title."""
    rng, number = plan.rng, 0
    groups: dict[str, list[Page]] = {}
    for page in plan.honest((80, 3000)):
        groups.setdefault(page.site.host, []).append(page)
    for pages in groups.values():
        if number == plan.share(TITLES):
            break
        if len(pages) < 4:
            continue
        chosen = pages[: rng.randint(2, min(12, len(pages)))]
        title = rng.choice(
            (chosen[0].title, chosen[0].site.name, "Untitled document", "Health advice", "News")
        )
        for page in chosen:
            page.changed = {"title": page.title}
            page.title, page.kind, page.group, page.role = title, "same title", f"title-{number}", "page"
            page.partners = [p.url for p in chosen if p is not page]
        number += 1
