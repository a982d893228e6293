"""Where the links of a page lead, told once for each host."""

from __future__ import annotations

from detector.document import Document, Link


def outward(document: Document) -> list[tuple[Link, str]]:
    """The links that leave the page's own site, each with its host."""
    hosts = document.link_hosts
    foreign = {host for host in set(hosts) if host and not document.owns(host)}
    return [(link, host) for link, host in zip(document.links, hosts, strict=True) if host in foreign]
