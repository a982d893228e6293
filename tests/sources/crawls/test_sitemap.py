"""Lists of addresses: whatever a site or a user calls a sitemap, and what tries to pass for one."""

from __future__ import annotations

import gzip
from contextlib import suppress
from io import BytesIO
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.errors import SourceError
from detector.sources.crawls import sitemap
from detector.sources.crawls.sitemap import Entry, read_list

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
EELS = "https://heron.test/eels?a=1&b=2"
OTTERS = "https://heron.test/otters"


def urlset(*addresses: str, attributes: str = NAMESPACE) -> bytes:
    urls = "".join(f"<url>\n<loc> {escape(a)} </loc><lastmod>2026-01-02</lastmod></url>" for a in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {attributes}>{urls}</urlset>'.encode()


def index(*addresses: str) -> bytes:
    inner = "".join(f"<sitemap><loc>{escape(a)}</loc></sitemap>" for a in addresses)
    return f"<sitemapindex {NAMESPACE}>{inner}</sitemapindex>".encode()


def addresses(data: bytes) -> list[str]:
    return [entry.address for entry in read_list(BytesIO(data))]


@pytest.mark.parametrize(
    "data",
    [
        urlset(EELS, OTTERS),
        urlset(EELS, OTTERS, attributes=""),
        b"\n  " + urlset(EELS, OTTERS),
        b"\xef\xbb\xbf" + urlset(EELS, OTTERS),
        urlset(EELS, OTTERS).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        urlset(EELS, OTTERS)
        .replace(b"urlset", b"s:urlset")
        .replace(b"url>", b"s:url>")
        .replace(b"loc>", b"s:loc>"),
        urlset(EELS, OTTERS).replace(
            b"</url>", b"<image:image><image:loc>https://heron.test/a.png</image:loc></image:image></url>"
        ),
        urlset(EELS, OTTERS).replace(escape(EELS).encode(), f"<![CDATA[{EELS}]]>".encode()),
        gzip.compress(urlset(EELS, OTTERS)),
        gzip.compress(gzip.compress(urlset(EELS, OTTERS))),
        f"{EELS}\n{OTTERS}".encode(),
        f"\ufeff# ours\r\n\r\n  {EELS}\r\n{OTTERS}\r\n".encode(),
        f"{EELS}\n{OTTERS}\n".encode("utf-16"),
        gzip.compress(f"{EELS}\n{OTTERS}\n".encode()),
    ],
    ids="plain|no namespace|blanks first|byte order mark|UTF-16|prefixes|images|CDATA|gzip|gzip twice|text|"
    "text with comments|text in UTF-16|text in gzip".split("|"),
)
def test_a_list_is_read_whatever_its_form(data: bytes) -> None:
    assert addresses(data) == [EELS, OTTERS]


def test_an_index_names_sitemaps() -> None:
    assert list(read_list(BytesIO(index(EELS)))) == [Entry(EELS, is_sitemap=True)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<!doctype html><title>Not found</title>", "a web page, no sitemap"),
        (b"<html><body>" + urlset(EELS) + b"</body></html>", "a web page, no sitemap"),
        (b"<rss><channel><item><link>x</link></item></channel></rss>", "<rss> is no sitemap"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "neither a sitemap nor text"),
        (gzip.compress(urlset(EELS))[:-30], "damaged or breaks off"),
        (b"\x1f\x8bnothing packed", "damaged or breaks off"),
        (b'<?xml version="1.0" encoding="klingon"?><urlset/>', "broken XML"),
        (b"<x>" * 60, "<x> is no sitemap"),
        (b"<urlset>" + b"<a>" * 60, "nested too deep"),
    ],
)
def test_what_is_no_list_says_so(data: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        addresses(data)
    assert str(caught.value).isprintable()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><urlset><url><loc>https://heron.test/&c;</loc></url></urlset>"""
OUTSIDE = b"""<!DOCTYPE urlset [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>&e;</loc></url></urlset>"""


@pytest.mark.parametrize(
    "data", [BOMB, OUTSIDE, b"<!DOCTYPE urlset SYSTEM 'http://heron.test/x.dtd'><urlset/>"]
)
def test_entities_are_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="DOCTYPE"):
        addresses(data)


@pytest.mark.parametrize("broken", ["</url><url>&nbsp;", "<loc>a & b</loc>", "</urlset>", ""])
def test_what_stands_before_a_break_is_given(broken: str) -> None:
    entries = read_list(BytesIO(urlset(EELS).replace(b"</urlset>", broken.encode()) + b"<urlset>"))
    assert next(entries) == Entry(EELS)
    with pytest.raises(SourceError, match="broken XML"):
        next(entries)


def test_a_list_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "LIMIT", 1_000_000)
    with pytest.raises(SourceError, match="larger than the limit of 1 MB"):
        addresses(gzip.compress(b"\n" * 30_000_000))
    with pytest.raises(SourceError, match="larger than the limit of 1 MB"):
        list(read_list(BytesIO(b"\n" * 2_000_000), limit=1_000_000))


def test_an_endless_line_is_cut() -> None:
    assert all(len(address) <= sitemap.LONGEST for address in addresses(b"h" * 1_000_000))
    assert len(addresses(urlset("h" * 1_000_000))[0]) < 2_000_000


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)))
def test_sitemap_and_text_name_the_same(paths: list[str]) -> None:
    wanted = [f"https://heron.test/{path}" for path in paths]
    assert addresses(urlset(*wanted)) == wanted
    assert addresses("\n".join(wanted).encode()) == wanted


@given(
    st.one_of(
        st.binary(), st.binary().map(lambda b: urlset(EELS)[: len(b) * 9] + b), st.binary().map(gzip.compress)
    )
)
def test_hostile_bytes_do_no_harm(data: bytes) -> None:
    with suppress(SourceError):
        addresses(data)
