"""Words and phrases that pages of this kind have far oftener than honest ones, learned from both.

Why it matters
    Word and pair frequencies with a linear model find most mass-produced pages (Ntoulas et al., "Detecting spam web
    pages through content analysis", WWW 2006, is the classic; a plain TF-IDF model is this project's baseline). The
    weights are learned without the page's own site; names, numbers and topic words are masked, so that neither a
    topic nor a source carries the verdict.

Fires on
    Pages whose densest 300 words lean to the wording of rejected pages. The value is the mean learned weight there.

Quiet on
    Pages whose wording leans to the honest side, whatever their topic.

Blind spots
    Spun, stitched or pasted pages made from honest text keep honest wording: other signals are there for those.
    Machine-written text of a new style has wording that no training page had.
"""

from __future__ import annotations

from detector.document import Document
from detector.signals import _wording
from detector.tables import Tables
from detector.verdict import Evidence

TABLES = ("wording_mask", "wording_weights")
KIND = "habit"
SAYS = "The wording is that of mass-produced pages."


def measure(document: Document, tables: Tables) -> Evidence:
    """Mean weight of the 300 words that lean most towards spam, where that is the side they lean to."""
    return _wording.evidence(document, tables, +1)
