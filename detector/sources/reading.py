"""What a user may say about how pages are read: the same for files, folders, rows and addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """How pages are read.

    careful: web pages are read by the careful tier of extraction, slower and a little better.
    allow_private: addresses of this machine and of private networks may be fetched.
    site: whose pages they are, a host or the name of a business.
    """

    careful: bool = False
    allow_private: bool = False
    site: str | None = None


DEFAULT = Reading()
