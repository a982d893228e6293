"""The same page in every format has the same words and the same verdict; the same bytes have it by every way in.

ALL_PAGES=1 tries every text of the corpus.
"""

from __future__ import annotations

import functools
import http.server
import io
import json
import os
import re
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pytest

from detector import model
from detector.document import Document
from detector.score import Detector
from detector.sources import Reading, read_sources
from detector.sources.files import read_bytes
from detector.verdict import Verdict

TEXTS = Path(__file__).parents[2] / "corpus" / "texts"
FEW = [
    "cbd-oil.hollow",
    "knee-osteoarthritis.hollow",
    "sunscreen-daily.good",
    "hair-transplant.good",
    "sauna.hollow",
]
# Tables are written in another way in each format, and in plain text in none.
EVERY = [p.stem for p in sorted(TEXTS.glob("*.md")) if "\n|" not in p.read_text("utf-8")]
PAGES = EVERY if os.environ.get("ALL_PAGES") == "1" else FEW

Blocks = list[tuple[str, str]]  # kind ("h1", "h2", "li", "p") and words


def blocks(name: str) -> Blocks:
    """The blocks of a corpus text, without its inline markup."""
    text = (TEXTS / f"{name}.md").read_text("utf-8")
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", text))
    found: Blocks = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = part.split("\n")
        if match := re.match(r"(#+)\s+(.*)", lines[0]):
            found.append(("h1" if len(match[1]) == 1 else "h2", match[2]))
            lines = lines[1:]
        if lines and all(re.match(r"(?:[-*+]|\d+[.)])\s", line) for line in lines):
            found += [("li", re.sub(r"^(?:[-*+]|\d+[.)])\s+", "", line)) for line in lines]
        elif lines:
            found.append(("p", " ".join(" ".join(lines).split())))
    return found


def as_markdown(page: Blocks) -> bytes:
    marks = {"h1": "# ", "h2": "## ", "li": "- ", "p": ""}
    return "\n\n".join(marks[kind] + words for kind, words in page).encode()


def as_text(page: Blocks) -> bytes:
    return "\n\n".join(("- " if kind == "li" else "") + words for kind, words in page).encode()


def as_html(page: Blocks) -> bytes:
    body = "\n".join(f"<{kind}>{escape(words)}</{kind}>" for kind, words in page)
    lists = re.sub(r"((?:<li>.*</li>\n?)+)", r"<ul>\1</ul>", body)
    return f"<article>{lists}</article>".encode()


def as_docx(page: Blocks) -> bytes:
    style = {"h1": "Heading1", "h2": "Heading2", "li": "ListBullet", "p": "Normal"}
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    paragraphs = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style[kind]}"/></w:pPr><w:r><w:t>{escape(words)}</w:t></w:r></w:p>'
        for kind, words in page
    )
    return _zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {space}><w:body>{paragraphs}</w:body></w:document>",
        }
    )


def as_odt(page: Blocks) -> bytes:
    tags = {
        "h1": ('<text:h text:outline-level="1">', "</text:h>"),
        "h2": ('<text:h text:outline-level="2">', "</text:h>"),
        "li": ("<text:list><text:list-item><text:p>", "</text:p></text:list-item></text:list>"),
        "p": ("<text:p>", "</text:p>"),
    }
    body = "".join(tags[kind][0] + escape(words) + tags[kind][1] for kind, words in page)
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text")
    )
    inside = f"<office:body><office:text>{body}</office:text></office:body>"
    content = f"<office:document-content {names}>{inside}</office:document-content>"
    return _zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def _zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


FORMATS: dict[str, Callable[[Blocks], bytes]] = {
    ".html": as_html,
    ".txt": as_text,
    ".docx": as_docx,
    ".odt": as_odt,
}


@pytest.fixture(scope="module")
def detector() -> Detector:
    if not (model.models_folder() / "CURRENT").is_file():
        pytest.skip("there is no current model")
    return Detector.load()


def leading(verdict: Verdict) -> list[str]:
    """The finding that counts most, if one counts."""
    return [f.signal for f in verdict.findings if abs(f.push) > 0.3][:1]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_page_has_the_same_verdict_in_every_format(
    detector: Detector, name: str, ending: str
) -> None:
    page = blocks(name)
    expected = read_bytes(as_markdown(page), ".md", name)
    found = read_bytes(FORMATS[ending](page), ending, name)
    assert found.tokens.word == expected.tokens.word
    first, second = detector.score(expected), detector.score(found)
    assert second.outcome == first.outcome
    assert leading(second) == leading(first)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.mark.parametrize("ending", [".html", ".docx"])
def test_the_same_bytes_have_the_same_verdict_by_every_way_in(
    detector: Detector, server: str, tmp_path: Path, ending: str
) -> None:
    data = FORMATS[ending](blocks(FEW[0]))
    page = tmp_path / "pages" / f"page{ending}"
    page.parent.mkdir()
    page.write_bytes(data)
    shutil.copy(page, tmp_path / f"page{ending}")
    ways = [str(page), str(page.parent), f"{server}/page{ending}"]
    if ending == ".html":
        rows = tmp_path / "rows.jsonl"
        rows.write_text(json.dumps({"id": "row", "html": data.decode()}), "utf-8")
        ways.append(str(rows))
    verdicts = []
    for way in ways:
        (document,) = read_sources([way], None, Reading(allow_private=True))
        assert isinstance(document, Document)
        verdict = detector.score(document)
        verdicts.append(
            (
                verdict.outcome,
                verdict.score,
                [(f.signal, f.spans) for f in verdict.findings if not any(s.partner for s in f.spans)],
            )
        )
    assert all(v == verdicts[0] for v in verdicts[1:])
