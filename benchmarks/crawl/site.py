"""Invented sites: a host, how it writes addresses, and the furniture around every page it serves."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.crawl.text import LINK, Block, Blocks

_FIRST = """alder amber arbor aspen bay birch bright bridge brook cedar clear clover coast cobalt copper coral crest
crown dale delta east elm ember fair fern field finch flint forest fox garden glen gold grand green grove harbor haven
hazel heath heron hill holly indigo iris ivory jade juniper keystone kind lake larch laurel lavender lily linden lotus
maple marble meadow mill mint moss new north oak ocean olive opal orchard park pearl pine plain plum poplar prime quarry
quill rain raven red reed ridge river robin rose rowan sage sand shore silver sky slate south spring star stone summit
sun swan tide timber trail upper vale velvet verde violet west white wild willow wind winter wood""".split()
_SECOND = """advice care clinic corner daily dental desk digest family file guide health herald house journal lab ledger
library life living magazine medical medicine mind notebook nutrition observer physio post practice press rehab report
review skin sleep spa spine sport studio times today tribune voice ward weekly wellbeing wellness women yoga""".split()
_GIVEN = """Anna Ben Carla David Elif Fiona George Hana Ines Jonas Karen Liam Maya Nils Olga Priya Quentin Rosa Samir
Tess Usha Victor Wanda Yusuf Zoe""".split()
_FAMILY = """Abbott Baxter Castell Dunne Eriksen Farrow Grant Hollis Imre Jansen Keane Lowell Marsh Novak Okafor Pryce
Quist Rahman Sorensen Tait Ulrich Varga Whitlock Yilmaz Zeller""".split()
_SECTIONS = """news health guides treatments conditions nutrition research advice features family""".split()
_MENU = """Home|About us|Services|Our team|Blog|News|Contact|FAQ|Prices|Book online|Resources|Locations|Careers|Press|
Newsletter|Shop|Events|Reviews|Partners|Privacy""".replace("\n", "").split("|")
_COOKIES = (
    "We use cookies to give you the best experience. By using this site you accept our cookie policy.",
    "This website stores cookies on your computer to remember your settings and count visits.",
    "Some cookies are needed for this site to work. With your consent we also measure how it is used.",
    "Your privacy matters: choose which cookies we may set.",
)
_FOOT = (
    "The information on this site is for general interest and does not replace advice from your own doctor.",
    "All content is reviewed once a year. Tell us if you find something that is out of date.",
    "Registered in England and Wales. Registered office as shown on our contact page.",
    "Opening hours: Monday to Friday 8.30 to 18.00, Saturday 9.00 to 13.00. Closed on public holidays.",
    "No part of these pages may be copied without permission in writing.",
    "If you are in danger or need help at once, call the emergency number of your country.",
)
CREDITS = ("Brightpixel Web", "Studio Nine", "Kitehawk Digital")  # who built several honest sites


@dataclass
class Site:
    """One host. The same seed gives the same site; `taken` keeps its paths apart."""

    host: str
    name: str
    shell: Callable[[Site, str, str, str, random.Random], str]
    style: str
    rng: random.Random
    css: str = ""
    script: str = ""
    menu: str = ""
    foot: str = ""
    cookie: str = ""
    authors: tuple[str, ...] = ()
    credit: str | None = None
    booking: str | None = None
    taken: set[str] = field(default_factory=set)
    titles: list[tuple[str, str]] = field(default_factory=list)  # (path, title) of pages for "related" lists

    def path(self, title: str) -> str:
        """A new path in this site's manner."""
        return self.claim(_path(self.style, _slug(title), self.rng))

    def claim(self, path: str) -> str:
        """The path, or with a number where the site has it already."""
        wanted, number = path, 1
        while wanted in self.taken:
            number += 1
            stem, dot, ending = path.rstrip("/").rpartition(".")
            wanted = (
                f"{stem}-{number}{dot}{ending}"
                if dot and "/" not in ending
                else f"{path.rstrip('/')}-{number}"
            )
            wanted += "/" if path.endswith("/") else ""
        self.taken.add(wanted)
        return wanted

    def page(self, path: str, title: str, blocks: Blocks, rng: random.Random) -> str:
        """The whole page as HTML."""
        return self.shell(self, title, _body(blocks, rng), path, rng)


class Sites:
    """Makes hosts that are all different."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._hosts: set[str] = set()

    def new(self, host: str | None = None) -> Site:
        """A site; its host is invented where none is given."""
        rng = random.Random(self._rng.random())
        name = f"{rng.choice(_FIRST).title()} {rng.choice(_SECOND).title()}"
        while host is None or host in self._hosts:
            first, second, third = rng.choice(_FIRST), rng.choice(_SECOND), rng.choice(_FIRST)
            name = rng.choice(
                (f"{first} {second}", f"{first} {third} {second}", f"{first}{third} {second}")
            ).title()
            host = name.lower().replace(" ", rng.choice(("", "-"))) + ".example"
            host = rng.choice(("", "", "www.")) + host
        self._hosts.add(host)
        site = Site(host, name, rng.choices(SHELLS, SHARES)[0], rng.choice(_STYLES), rng)
        site.css, site.script = _css(rng), _script(rng)
        site.menu = "".join(
            f'<li class="menu-item"><a href="/{_slug(m)}/">{m}</a></li>'
            for m in ["Home", *rng.sample(_MENU[1:], rng.randint(4, 11))]
        )
        site.foot = " ".join(rng.sample(_FOOT, rng.randint(1, 3)))
        site.cookie = rng.choice((*_COOKIES, ""))
        site.authors = tuple(f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}" for _ in range(rng.randint(1, 4)))
        return site


_STYLES = ("post", "html", "flat", "section", "dated", "query", "numbered")


def _path(style: str, slug: str, rng: random.Random) -> str:
    section = rng.choice(_SECTIONS)
    if style == "post":
        return f"/blog/{slug}/"
    if style == "html":
        return f"/{slug}.html"
    if style == "section":
        return f"/{section}/{slug}/"
    if style == "dated":
        return f"/{rng.randint(2012, 2024)}/{rng.randint(1, 12):02}/{slug}/"
    if style == "query":
        return f"/index.php?page={slug}"
    if style == "numbered":
        return f"/{section}/{rng.randint(1000, 99999)}-{slug}.html"
    return f"/{slug}/"


def _slug(text: str) -> str:
    found = re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))[:8]
    return "-".join(found)[:70].strip("-") or "page"


def _css(rng: random.Random) -> str:
    """Some style sheet: nobody reads it, every page carries it."""
    rules = []
    for _ in range(rng.randint(15, 170)):
        name = f".{rng.choice(_FIRST)}-{rng.choice(_SECOND)}"
        rules.append(
            f"{name}{{margin:{rng.randint(0, 40)}px {rng.randint(0, 40)}px;color:#{rng.randrange(16**6):06x};"
            f"font-size:{rng.randint(12, 40)}px;line-height:1.{rng.randint(1, 9)}}}"
        )
    return "".join(rules)


def _script(rng: random.Random) -> str:
    pairs = ",".join(
        f'"{rng.choice(_FIRST)}{rng.randint(1, 99)}":"{rng.randrange(16**12):x}"'
        for _ in range(rng.randint(10, 220))
    )
    return f"window.settings={{{pairs}}};(function(d){{d.documentElement.className+=' js';}})(document);"


def inline(text: str) -> str:
    """Text with its links as HTML."""
    return LINK.sub(r'<a href="\2">\1</a>', html.escape(text, quote=False))


def _body(blocks: Sequence[Block], rng: random.Random) -> str:
    level = rng.choice(("h2", "h2", "h3"))
    parts, in_list = [], False
    for kind, text in blocks:
        if (kind == "li") != in_list:
            parts.append("</ul>" if in_list else "<ul>")
            in_list = not in_list
        tag = {"h2": level, "quote": "blockquote"}.get(kind, kind)
        parts.append(f"<{tag}>{inline(text)}</{tag}>")
    return "\n".join([*parts, "</ul>"] if in_list else parts)


# --- the shells --------------------------------------------------------------------------------------------


def _head(site: Site, title: str, more: str = "") -> str:
    tail = (f" | {site.name}", f" - {site.name}", "")[len(site.css) % 3]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title + tail, quote=False)}</title>\n"
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="stylesheet" href="/assets/site.css?v={len(site.css)}">\n<style>{site.css}</style>\n'
        f"{more}<script>{site.script}</script>\n</head>\n"
    )


def _related(site: Site, rng: random.Random, count: int, tag: str = "li") -> str:
    chosen = rng.sample(site.titles, min(count, len(site.titles)))
    return "".join(
        f'<{tag}><a href="{html.escape(p)}">{html.escape(t, quote=False)}</a></{tag}>' for p, t in chosen
    )


def _credit(site: Site) -> str:
    if not site.credit:
        return ""
    host = site.credit.lower().replace(" ", "") + ".example"
    return f'<p class="credit">Website by <a href="https://www.{host}/">{site.credit}</a></p>'


def _cookie(site: Site, tag: str = "div") -> str:
    if not site.cookie:
        return ""
    return f'<{tag} class="cookie-notice" role="dialog"><p>{site.cookie}</p><button>Accept</button></{tag}>'


def _author(site: Site, rng: random.Random) -> str:
    name = rng.choice(site.authors)
    return f'<a class="author" rel="author" href="/author/{_slug(name)}/">{name}</a>'


def _date(rng: random.Random) -> str:
    month = "January February March April May June July August September October November December".split()
    return f"{rng.randint(1, 28)} {rng.choice(month)} {rng.randint(2013, 2024)}"


def _blog(site: Site, title: str, body: str, path: str, rng: random.Random) -> str:  # noqa: ARG001  all are called alike
    return (
        _head(site, title) + f'<body class="single post">\n<header id="masthead"><p class="site-title">'
        f'<a href="/">{site.name}</a></p><nav class="main-navigation"><ul>{site.menu}</ul></nav></header>\n'
        '<div id="content"><main id="main"><article class="post"><header class="entry-header">'
        '<h1 class="entry-title">'
        f'{html.escape(title, quote=False)}</h1><div class="entry-meta">Posted on <time>{_date(rng)}'
        f"</time> by {_author(site, rng)}</div>"
        f'</header><div class="entry-content">\n{body}\n</div></article></main>\n'
        '<aside id="secondary" class="widget-area">'
        f'<section class="widget"><h2>Recent posts</h2><ul>{_related(site, rng, 6)}</ul></section></aside></div>\n'
        f'<footer class="site-footer"><p>{site.foot}</p>{_credit(site)}</footer>{_cookie(site)}\n</body></html>\n'
    )


def _clinic(site: Site, title: str, body: str, path: str, rng: random.Random) -> str:  # noqa: ARG001  all are called alike
    book = site.booking or "/contact/"
    return (
        _head(site, title)
        + f'<body>\n<div class="topbar"><span>Call us: 01632 960{len(site.css) % 1000:03}</span> '
        f'<a class="btn" href="{book}">Book an appointment</a></div>\n<div class="header">'
        f'<a class="logo" href="/">{site.name}</a>'
        f'<ul class="nav">{site.menu}</ul></div>\n<div class="breadcrumb"><a href="/">Home'
        f"</a> &raquo; {html.escape(title, quote=False)}</div>\n"
        '<div class="container"><div class="row"><div class="col-md-8">'
        f"<h1>{html.escape(title, quote=False)}</h1>\n{body}\n</div>"
        f'<div class="col-md-4 sidebar"><h3>More about our work</h3><ul>{_related(site, rng, 5)}</ul>'
        "</div></div></div>\n"
        f'<div class="footer"><div class="container"><p>{site.foot}</p><p>&copy; {site.name}'
        f"</p>{_credit(site)}</div></div>"
        f"{_cookie(site)}\n</body></html>\n"
    )


def _magazine(site: Site, title: str, body: str, path: str, rng: random.Random) -> str:
    name = html.escape(title, quote=True).replace("\\", "")
    data = (
        f'<script type="application/ld+json">{{"@type":"Article","headline":"{name}",'
        f'"publisher":"{site.name}"}}</script>\n<link rel="canonical" href="https://{site.host}{html.escape(path)}">\n'
        f'<meta property="og:title" content="{name}">\n'
    )
    share = "".join(f'<a href="/share/{s}">{s.title()}</a> ' for s in ("facebook", "pinterest", "email"))
    return (
        _head(site, title, data)
        + f'<body>\n<a class="skip" href="#story">Skip to content</a>\n<header role="banner">'
        f'<a href="/">{site.name}</a><nav aria-label="Main"><ul>{site.menu}</ul></nav>'
        f"</header>\n{_cookie(site, 'section')}\n"
        f'<main><article id="story"><h1>{html.escape(title, quote=False)}</h1>'
        f'<p class="byline">By {_author(site, rng)}, {_date(rng)}</p>'
        f'<div class="share">{share}</div><div class="article-body">\n{body}\n</div><div class="tags">'
        '<a href="/tag/health">health</a> '
        f'<a href="/tag/research">research</a></div></article><section class="related"><h2>You may also like</h2>'
        f'<ul>{_related(site, rng, 8)}</ul></section></main>\n<footer role="contentinfo"><ul>{site.menu}'
        f"</ul><p>{site.foot}</p>"
        f"{_credit(site)}</footer>\n</body></html>\n"
    )


def _tables(site: Site, title: str, body: str, path: str, rng: random.Random) -> str:  # noqa: ARG001  all are called alike
    links = re.sub(r"</?li[^>]*>", " ", site.menu).strip()
    return (
        _head(site, title).replace("<!DOCTYPE html>\n", "")
        + f'<body bgcolor="#ffffff"><center><table width="760"><tr>'
        f'<td colspan="2"><font size="5"><b>{site.name}</b></font></td></tr><tr>'
        f'<td valign="top" width="140"><small>{links}</small></td>'
        f'<td valign="top"><h1>{html.escape(title, quote=False)}</h1>\n{body}\n<hr><small>{site.foot}'
        f"</small>{_credit(site)}</td></tr>"
        f"</table></center></body></html>\n"
    )


def _docs(site: Site, title: str, body: str, path: str, rng: random.Random) -> str:  # noqa: ARG001  all are called alike
    return (
        _head(site, title) + f'<body class="layout-docs">\n<header class="navbar"><a href="/">{site.name}</a>'
        f'<form action="/search"><input name="q"></form></header>\n<div class="wrapper"><aside class="menu"><ul>'
        f'{_related(site, rng, 14)}</ul></aside><main class="main-content">'
        f"<h1>{html.escape(title, quote=False)}</h1>\n{body}\n"
        f'<p class="updated">Last updated: {_date(rng)}</p></main></div>\n<footer><ul>{site.menu}</ul>'
        f"<p>{site.foot}</p>{_credit(site)}"
        f"</footer>{_cookie(site)}\n</body></html>\n"
    )


def _builder(site: Site, title: str, body: str, path: str, rng: random.Random) -> str:  # noqa: ARG001  all are called alike
    key = f"{rng.randrange(16**7):07x}"
    blocks = body.replace("<p>", f'<p class="font_{rng.randint(7, 9)}" style="line-height:1.7em">')
    return (
        _head(site, title)
        + f'<body class="responsive"><div id="SITE_CONTAINER"><div class="_{key}"><div id="SITE_HEADER">'
        f'<div class="menu-wrap"><ul>{site.menu}</ul></div></div><div id="PAGES">'
        f'<div id="c{key}" class="page"><section class="s1">'
        '<div class="bg"></div><div class="inner"><div class="title">'
        f"<h1>{html.escape(title, quote=False)}</h1></div></div></section>"
        f'<section class="s2"><div class="inner"><div class="rich-text">\n{blocks}\n</div></div></section>'
        '<section class="s3"><div class="inner">'
        '<h2>Newsletter</h2><form><input type="email"><button>Subscribe</button></form></div></section>'
        '</div></div><div id="SITE_FOOTER">'
        f"<p>{site.foot}</p>{_credit(site)}</div></div></div>{_cookie(site)}\n</body></html>\n"
    )


SHELLS = (_blog, _clinic, _magazine, _tables, _docs, _builder)
SHARES = (6, 5, 4, 1, 2, 3)  # few sites are still laid out with tables
