"""Files and JSON lines: the same bytes give the same document, wherever they lie."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from detector.document import Document, Unreadable
from detector.errors import SourceError
from detector.patterns import regex
from detector.sources.charset import decode
from detector.sources.markdown import read_markdown
from detector.sources.reading import DEFAULT, Reading
from detector.sources.text import read_text

LIMIT = 20_000_000  # bytes of one file or JSON line
HTML_ENDINGS = frozenset({".html", ".htm", ".xhtml"})
MARKDOWN_ENDINGS = frozenset({".md", ".markdown"})
TEXT_ENDINGS = frozenset({".txt"})
OFFICE_ENDINGS = frozenset({".docx", ".odt", ".pdf"})
PAGE_ENDINGS = HTML_ENDINGS | MARKDOWN_ENDINGS | TEXT_ENDINGS | OFFICE_ENDINGS
# Documents that people write in, but that cannot be read: answered, not passed over.
FOREIGN_ENDINGS = frozenset({".doc", ".rtf", ".pages", ".epub", ".wps"})
JSONL_ENDINGS = frozenset({".jsonl", ".ndjson"})
# The endings that media types stand for.
FORMS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
}
# Types that servers give to whatever they do not know.
SAYS_LITTLE = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})
# Text files that are parts of a site but no pages; everything binary is told by its content.
NOT_PAGES = frozenset(
    ".css .js .mjs .ts .map .json .xml .rss .atom .svg .yml .yaml .toml .ini .cfg .csv .tsv .log .py .php .rb .sh .sql"
    " .vtt .srt .lock .conf .webmanifest .ics .vcf .scss .less .jsx .tsx".split()
)

_LOOKS_LIKE_HTML = regex(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*"
    r"<(?:!doctype\s+html|html|head|body|meta|title|div|p|h[1-6]|section|article|table|ul|ol|main|span|a|br|b)\b",
    re.IGNORECASE | re.DOTALL,
)
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_MAGIC = (
    b"%PDF",
    _ZIP,
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    _GZIP,
    b"BZh",
    b"\xfd7zXZ",
    b"wOF",
    b"\x7fELF",
)
_CONTROL = regex(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SURROGATE = regex("[\ud800-\udfff]")


def exists(name: str) -> bool:
    """Whether there is a file or folder of that name."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # a name too long, a NUL character in it
        return False


def walk(folder: Path, leave_out: Callable[[Path], bool] | None = None) -> Iterator[Path]:
    """All files under `folder`, sorted, without hidden ones; a folder reached twice through links is read once.

    leave_out: of a folder, whether nothing of it is wanted.
    """
    seen: set[str] = set()
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if not path.is_dir():
            if path.is_file() or path.is_symlink():
                yield path
            continue
        real = os.path.realpath(path)
        if real in seen or (leave_out is not None and leave_out(path)):
            continue
        seen.add(real)
        try:
            inside = sorted((p for p in path.iterdir() if not p.name.startswith(".")), reverse=True)
        except OSError:
            continue
        waiting.extend(inside)


def lines_of(handle: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of a line beyond the limit only so much that its reader sees it is too long."""
    while line := handle.readline(LIMIT + 2):
        rest = line
        while len(rest) == LIMIT + 2 and not rest.endswith(b"\n"):
            rest = handle.readline(LIMIT + 2)
        yield line


def is_binary(head: bytes) -> bool:
    """Whether the first bytes of a file are no text in any charset that `decode` knows."""
    if head.startswith(_MAGIC):
        return True
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    text = decode(head).encode("utf-8", "replace")  # UTF-16 without a mark has zero bytes but is text
    return len(_CONTROL.findall(text)) > 0.02 * len(text)


def looks_like_html(text: str) -> bool:
    """Whether the text begins with a tag that pages and fragments begin with."""
    return _LOOKS_LIKE_HTML.match(text[:5000]) is not None


def read_bytes(
    data: bytes,
    ending: str,
    id: str,
    *,
    reading: Reading = DEFAULT,
    url: str | None = None,
    charset: str | None = None,
) -> Document:
    """A page from its bytes; `ending` (".html") decides how it is read, or the content if it says nothing.

    url: where it was published. charset: what the HTTP header said. Raises SourceError with what to do.
    """
    if len(data) > LIMIT:
        raise SourceError(f"{id}: larger than the limit of {LIMIT // 1_000_000} MB; split it or use .jsonl.")
    if data.startswith(_GZIP):
        data = _unzipped(data, id)
    if ending in FOREIGN_ENDINGS:
        raise SourceError(f"{id}: {ending} files cannot be read; save it as .docx, .odt, .html or .txt.")
    if (office := office_ending(data, ending)) is not None:
        return _read_office(data, office, id, url)
    if is_binary(data[:8192]):
        kinds = "an .html, .md, .txt, .docx, .odt or .pdf file"
        raise SourceError(f"{id}: binary content, no text; give {kinds}.")
    if ending in HTML_ENDINGS:
        return _read_html(data, url=url, charset=charset, id=id, careful=reading.careful)
    text = decode(data, charset)
    if ending in MARKDOWN_ENDINGS:
        return read_markdown(text, url=url, id=id)
    if ending not in TEXT_ENDINGS and looks_like_html(text):
        return _read_html(data, url=url, charset=charset, id=id, careful=reading.careful)
    return read_text(text, url=url, id=id)


def _read_html(html: bytes | str, **known: Any) -> Document:
    from detector.sources.html import (
        read_html,  # and the parser of web pages with it, which other files do without
    )

    return read_html(html, **known)


def _unzipped(data: bytes, id: str) -> bytes:
    """What a server sent packed and somebody saved as it came."""
    unpack = zlib.decompressobj(wbits=31)
    try:
        whole = unpack.decompress(data, LIMIT + 1)
    except zlib.error as error:
        raise SourceError(f"{id}: gzip data that is damaged ({error}); get the file again.") from error
    if len(whole) > LIMIT:
        raise SourceError(f"{id}: unpacks to more than the limit of {LIMIT // 1_000_000} MB; split it.")
    if not unpack.eof:
        raise SourceError(f"{id}: gzip data that ends too early; get the file again.")
    return whole


def office_ending(data: bytes, ending: str) -> str | None:
    """The kind of office document or PDF, by its ending or its first bytes; None for everything else."""
    if b"%PDF-" in data[:1024]:
        return ".pdf"
    if ending in OFFICE_ENDINGS:
        return ending
    if data.startswith(_ZIP):
        if b"vnd.oasis.opendocument.text" in data[:200]:
            return ".odt"
        if b"word/" in data:
            return ".docx"
    return None


def _read_office(data: bytes, ending: str, id: str, url: str | None) -> Document:
    if ending == ".pdf":
        from detector.sources.pdf import read_pdf

        return read_pdf(data, id=id, url=url)
    from detector.sources import office

    return (office.read_docx if ending == ".docx" else office.read_odt)(data, id=id, url=url)


def read_file(path: str | Path, *, id: str | None = None, reading: Reading = DEFAULT) -> Document:
    """A file as a Document, read by what its ending and, where that says nothing, its content say.

    id: how results name it, the path as given when left out. Raises SourceError with what to do when it is missing,
    binary, larger than 20 MB or of a kind that is not supported.
    """
    path = Path(path)
    name = id or str(path)
    try:
        with path.open("rb") as handle:
            data = handle.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError(
            f"{name}: cannot be read ({reason}); check the path and its permissions."
        ) from error
    ending = path.suffix.lower()
    if ending == ".gz":
        ending = path.with_suffix("").suffix.lower()
    return read_bytes(data, ending, name, reading=reading)


def read_jsonl(
    lines: Iterable[bytes], name: str, *, reading: Reading = DEFAULT
) -> Iterator[Document | Unreadable]:
    """One Document or Unreadable for every line that is not blank.

    A row is an object with `id`, one of `html | markdown | text`, and perhaps `url` and `title`. A row without an id is
    called "name:line". name: what messages call the source.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield read_row(line, f"{name}:{number}", reading)


def read_row(line: bytes, place: str, reading: Reading = DEFAULT) -> Document | Unreadable:
    """One JSON line; place: "name:line", which messages call it, and rows without an id."""

    def unreadable(problem: str, id: str = place, **known: str | None) -> Unreadable:
        return Unreadable(id, SourceError.kind, f"{place}: {problem}", **known)

    if len(line) > LIMIT:
        return unreadable(f"longer than the limit of {LIMIT // 1_000_000} MB; split it.")
    try:
        row: Any = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return unreadable("not valid UTF-8; save the file as UTF-8.")
    except RecursionError:
        return unreadable("JSON nested too deep; a row is one flat object.")
    except ValueError as error:
        return unreadable(f"not valid JSON ({error}); write one object a line.")
    if not isinstance(row, dict):
        return unreadable('not a JSON object; write {"id": ..., "text": ...} on each line.')
    given = row.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if given is not None and not isinstance(given, str):
        return unreadable("`id` must be a string.")
    name = clean(given) if given else place
    url, title = row.get("url"), row.get("title")
    if not isinstance(url, str | None) or not isinstance(title, str | None):
        return unreadable("`url` and `title` must be strings.", name)
    url, title = (clean(url) if url else None), (clean(title) if title else None)
    contents = [key for key in ("html", "markdown", "text") if row.get(key) is not None]
    if len(contents) != 1:
        found = f"has {' and '.join(contents)}" if contents else "has no content"
        return unreadable(
            f"{found}; give exactly one of `html`, `markdown`, `text`.", name, url=url, title=title
        )
    content = row[contents[0]]
    if not isinstance(content, str):
        return unreadable(f"`{contents[0]}` must be a string.", name, url=url, title=title)
    content = clean(content).removeprefix("\ufeff")
    if contents[0] == "html":
        return _read_html(content, url=url, id=name, title=title, careful=reading.careful)
    read = read_markdown if contents[0] == "markdown" else read_text
    return read(content, url=url, title=title, id=name)


def clean(text: str) -> str:
    """Half a surrogate pair, which JSON can spell and no output can carry, becomes one replacement character."""
    return _SURROGATE.sub("\ufffd", text) if _SURROGATE.search(text) else text
