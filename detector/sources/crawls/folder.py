"""Folders of pages, and what the names in a mirror say about the addresses of its pages."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from detector.sources.crawls.http import TOO_LARGE
from detector.sources.crawls.record import Record
from detector.sources.files import FOREIGN_ENDINGS, LIMIT, PAGE_ENDINGS

# example.org, 127.0.0.1, localhost, each with or without a port; wget writes "+8080" where names may have no colon
_HOST = re.compile(
    r"(?:(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.){1,8}(?P<top>[a-z]{2,24}|xn--[a-z0-9-]{2,60}|\d{1,3})|localhost)"
    r"(?:[:+](?P<port>\d{1,5}))?",
    re.IGNORECASE,
)
# What follows a point in the names of folders that are no hosts.
_NO_TOP = frozenset(
    "asp aspx bak bz2 cgi css csv d dir doc docx files gif git gz htm html jpeg jpg js json jsonl jsp md old orig pdf"
    " php png ppt py rar save svg tar tgz tmp txt warc xhtml xls xlsx xml zip".split()
)
# Wget writes "@" for "?" where names may have none.
_QUERY = re.compile(r"[?@](?=[^/=@?]{1,80}=)|\?")
_SCRIPT = re.compile(r"(\.(?:php\d?|aspx?|jsp|cgi|cfm|pl))\.html?$", re.IGNORECASE)
_BACKUP = ".orig"  # a page as it came, beside the one in which wget has changed the links


def leave_out(folder: Path) -> bool:
    """Whether the folder is what an audit has written."""
    try:
        with (folder / "run.json").open("rb") as file:
            run = json.loads(file.read(LIMIT))
        return isinstance(run, dict) and "detector" in run
    except (OSError, ValueError, RecursionError):
        return False


def without_twins(paths: list[Path]) -> tuple[list[Path], int]:
    """The files without second versions of the same pages, and how many these are.

    Of a page whose links wget has changed the one as it came is kept; of a page stored before and after its scripts
    have run, the one after.
    """
    names = {str(path) for path in paths}

    def has_better(path: Path) -> bool:
        if path.name.startswith("original_") and str(path.with_name("rendered_" + path.name[9:])) in names:
            return True
        # where wget has added ".html", it takes that away again for the name of the backup
        return str(path) + _BACKUP in names or str(path).removesuffix(".html") + _BACKUP in names

    kept = [path for path in paths if not has_better(path)]
    return kept, len(paths) - len(kept)


def ending_of(name: str) -> str:
    """The ending that says how a stored page is read, also in "a.php?b=1.html" and "a.pdf?v=2"; "" where none does."""
    name = name.removesuffix(_BACKUP)
    name = name[:-3] if name.lower().endswith(".gz") else name
    for candidate in (name, _QUERY.split(name, maxsplit=1)[0]):
        ending = PurePosixPath(candidate).suffix.lower()
        if ending in PAGE_ENDINGS | FOREIGN_ENDINGS:
            return ending
    return ""


def address_of(parts: tuple[str, ...]) -> str | None:
    """The address of a page by its path, from the folder that was named on; None where no folder looks like a host.

    Whether it was http or https shows only where the mirror has folders for these; a host alone is taken as https.
    """
    scheme = "https"
    for first in (0, 1):  # the folder named may be the host, or hold the hosts
        rest = parts[first:]
        if len(rest) > 2 and rest[0] in {"http", "https"} and _host(rest[1]):
            scheme, rest = rest[0], rest[1:]
        if len(rest) > 1 and (host := _host(rest[0])):
            return f"{scheme}://{host}/{_path('/'.join(rest[1:]))}"
    return None


def _host(name: str) -> str | None:
    found = _HOST.fullmatch(name)
    if found is None or (found["top"] or "").lower() in _NO_TOP:
        return None
    if (found["top"] or "").isdecimal() and name.count(".") != 3:
        return None  # "v1.2"
    return name.lower().replace("+", ":")


def _path(name: str) -> str:
    name = name.removesuffix(_BACKUP)
    split = _QUERY.search(name)
    path, query = (name[: split.start()], name[split.end() :]) if split else (name, "")
    if split:
        query = re.sub(r"\.html?$", "", query)  # added so that browsers open the file
    path = _SCRIPT.sub(r"\1", path)
    folder, _, last = path.rpartition("/")
    if last.lower() in {"index.html", "index.htm"}:
        path = f"{folder}/" if folder else ""
    address = quote(os.fsencode(path), safe="/%:@!$&'()*+,;=~")
    return f"{address}?{quote(os.fsencode(query), safe='/%:@!$&()*+,;=~?')}" if split else address


def read_page(name: str, stream: BinaryIO, url: str | None = None, id: str | None = None) -> Record:
    """The page that a file holds. Raises OSError when it cannot be read."""
    data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        return Record(id or name, name, url=url, problem=f"{name}: {TOO_LARGE}.")
    return Record(id or name, name, data, ending_of(PurePosixPath(name).name), url)
