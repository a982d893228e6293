"""Where the links of a page lead, told once for each host."""

from __future__ import annotations

from detector.document import Document, Link


def outward(document: Document) -> list[tuple[Link, str]]:
    """The links that leave the page's own site, each with its host."""
    links, hosts = document.links, document.link_hosts
    address = dict(zip(hosts, links, strict=True))
    foreign = {host for host, link in address.items() if host and not document.is_own(link.href)}
    return [(link, host) for link, host in zip(links, hosts, strict=True) if host in foreign]
