"""What resembles what: a submission beside the site's own archive and everything that was sent in before."""

from __future__ import annotations

from detector.desk.similar.archive import Imported, import_archive, prefix_of
from detector.desk.similar.finding import Match, find
from detector.desk.similar.fingerprint import traces

__all__ = ["Imported", "Match", "find", "import_archive", "prefix_of", "traces"]
