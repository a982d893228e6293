"""Links are told apart by whether they leave the page's own site."""

from __future__ import annotations

from detector.document import Document
from detector.signals._links import outward

HTML = """<p>Lamps: <a href="/oil">oil</a>, <a href="https://shop.lamps.example/wick">wicks</a>,
<a href="https://WWW.zornel.example:8080/a">glass</a>, <a href="//zornel.example/b">shades</a>,
<a href="mailto:a@zornel.example">mail</a>, <a href="http://[">broken</a> and more for the dark half of the year.</p>"""


def leaving(url: str | None) -> list[tuple[str, str]]:
    document = Document.from_html(HTML, url=url)
    return [(document.text[link.start : link.end], host) for link, host in outward(document)]


def test_links_to_other_hosts_leave_the_site() -> None:
    assert leaving("https://lamps.example/") == [("glass", "zornel.example"), ("shades", "zornel.example")]


def test_without_an_address_every_absolute_link_leaves() -> None:
    assert [host for _, host in leaving(None)] == ["shop.lamps.example", "zornel.example", "zornel.example"]
