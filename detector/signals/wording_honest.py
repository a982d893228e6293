"""Words and phrases that honest pages have far oftener than rejected ones, learned from both.

Why it matters
    The other side of `wording_spam`: people who know a subject use words that mass-produced pages do not. It pushes
    towards publishing, and with all other trust together it can never outweigh one certain fault.

Fires on
    Pages whose every 300 words lean to the wording of honest pages.

Quiet on
    Pages with a stretch that leans the other way: then `wording_spam` speaks.

Blind spots
    A spoiled honest page keeps this evidence. That is why a page that a certain fault brings to review stays there.
"""

from __future__ import annotations

from detector.document import Document
from detector.signals import _wording
from detector.tables import Tables
from detector.verdict import Evidence

TABLES = ("wording_mask", "wording_weights")
KIND = "trust"
SAYS = "The wording is that of people who know what they write about."


def measure(document: Document, tables: Tables) -> Evidence:
    """Mean weight towards honest of the stretch that leans least to it."""
    return _wording.evidence(document, tables, -1)
