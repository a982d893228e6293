"""Real pages and texts that a crawl is made of, grouped by site."""

from __future__ import annotations

import gzip
import json
import lzma
import random
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crawl.text import Blocks, blocks_of, prose, words
from benchmarks.pages import CORPUS, PAGES_OF_DATA
from detector.document import Document
from detector.sources.charset import decode

FEWEST, MOST = 60, 4000  # words of a text that becomes a page
CHUNK = (170, 900)  # words of a page cut from a long document
# Files whose rows are spun, or pairs of one text: they would be siblings that nobody planted.
_LEFT_OUT = ("detectrl", "fastdetect", "bino_pubmed", "wikispam")
_META_CHARSET = re.compile(r"(<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*)[A-Za-z0-9_.:-]{1,40}", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """One page's worth of real text. kind: "honest" | "farm". site: pages of one site share it.

    html: the page as it was, where it is known; else it is to be written around `blocks`.
    """

    id: str
    site: str
    kind: str
    title: str
    blocks: Blocks
    html: str | None = None
    name: str = ""  # path on its site, where it is known

    @property
    def prose(self) -> str:
        """The text that readers read."""
        return prose(self.blocks)


def texts(data: Path | None, rng: random.Random) -> Iterator[Text]:
    """Real pages first, then the corpus, then texts without HTML of their own; each once, in an order set by `rng`."""
    seen: set[str] = set()
    rows = list(_rows(data)) if data else []
    if data:
        yield from _real_pages(data, {row["id"]: row for row, _ in rows}, seen)
    yield from _corpus()
    rng.shuffle(rows)
    for row, file in rows:
        if row["id"] not in seen and (text := _text(row, file)):
            yield text
    if data and (data / "honest_english.txt.xz").is_file():
        yield from _long_documents(data, {row["id"] for row, _ in rows}, rng)


def _rows(data: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Every row of the public texts with the name of its file."""
    for file in sorted([*data.glob("legit/*.jsonl.gz"), *data.glob("spam/*.jsonl.gz")]):
        if file.name.startswith(_LEFT_OUT):
            continue
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line), f"{file.parent.name}/{file.name.partition('.')[0]}"


def _text(row: dict[str, str], file: str) -> Text | None:
    blocks = blocks_of(row["text"])
    if not FEWEST <= sum(len(b.text.split()) for b in blocks) <= MOST:
        return None
    kind = "honest" if file.startswith("legit/") else "farm"
    title = row.get("title") or _title(blocks)
    return Text(row["id"], file, kind, " ".join(title.split()), blocks)


def _title(blocks: Blocks) -> str:
    """A heading where there is one, else the first words."""
    head = next((b.text for b in blocks[:2] if b.kind == "h2"), None)
    if head is None:
        first = prose(blocks[:1]).split()
        head = " ".join(first[:9]).rstrip(".,;:")
    return head


def _real_pages(data: Path, rows: dict[str, dict[str, str]], seen: set[str]) -> Iterator[Text]:
    """Pages with the HTML they had; their text is what the project's own extraction makes of them."""
    for file in sorted(data.glob("raw_html*.jsonl.xz")):
        with lzma.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                page = json.loads(line)
                row = rows.get(page["id"])
                if row is None or page["id"] in seen:
                    continue
                seen.add(page["id"])
                site, _, path = row["source"].partition("@")
                kind = "honest" if "genuine" in row["genre"] else "farm"
                yield _real(
                    page["id"], site.removeprefix("github:"), kind, page["html"], path.partition(":")[2]
                )
    if (data / PAGES_OF_DATA).is_file():
        with tarfile.open(data / PAGES_OF_DATA) as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is not None and member.name.endswith(".html"):
                    html = decode(content.read())
                    yield _real(member.name, f"page {member.name}", "honest", html, Path(member.name).name)


def _real(id: str, site: str, kind: str, html: str, name: str) -> Text:
    """A real page that declares UTF-8, so that its bytes mean the same in every format."""
    html = _META_CHARSET.sub(r"\g<1>utf-8", html.encode("utf-8", "replace").decode().replace("\0", ""))
    document = Document.from_html(html)
    pieces = [document.text[start:end] for index, start, end in document.prose_pieces()
              if document.blocks[index].kind != "title"]  # fmt: skip
    return Text(id, site, kind, document.title or name, blocks_of("\n".join(pieces)), html, name)


def _corpus() -> Iterator[Text]:
    """The project's own texts."""
    for folder in (CORPUS, CORPUS / "unseen"):
        for file in sorted((folder / "texts").glob("*.md")):
            markdown = re.sub(r"\A---\n.*?\n---\n", "", file.read_text("utf-8"), flags=re.DOTALL)
            blocks = blocks_of(markdown)
            kind = "honest" if file.stem.endswith(".good") else "farm"
            yield Text(f"corpus/{file.stem}", f"corpus {kind}", kind, _title(blocks), blocks)


def _long_documents(data: Path, known: set[str], rng: random.Random) -> Iterator[Text]:
    """Pages cut at paragraphs from documents that are not among the rows already."""
    sources = (data / "honest_english.sources.tsv").read_text("utf-8").splitlines()[1:]
    about = [line.split("\t") for line in sources]
    documents = list(zip(_documents(data / "honest_english.txt.xz"), about, strict=False))
    rng.shuffle(documents)
    for paragraphs, facts in documents:
        if len(facts) > 3 and facts[3] in known:
            continue
        part: list[str] = []
        length, wanted = 0, rng.randint(*CHUNK)
        for i, paragraph in enumerate(paragraphs):
            part.append(paragraph)
            length += len(words(paragraph))
            if length >= wanted or (i + 1 == len(paragraphs) and length >= FEWEST * 2):
                blocks = blocks_of("\n".join(part))
                if length <= MOST:
                    yield Text(f"long/{facts[0]}/{i}", f"long {facts[1]}", "honest", _title(blocks), blocks)
                part, length, wanted = [], 0, rng.randint(*CHUNK)


def _documents(file: Path) -> Iterator[list[str]]:
    """Paragraphs of each document."""
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        document: list[str] = []
        for line in lines:
            if line.strip():
                document.append(line.rstrip("\n"))
            elif document:
                yield document
                document = []
        if document:
            yield document
