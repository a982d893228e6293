"""The pages and texts that the benchmarks run on."""

from __future__ import annotations

import gzip
import html
import itertools
import json
import lzma
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
PAGES_OF_DATA = "html_pages.tar.xz"
ANNOTATED = "aeb_"  # pages whose main text people marked; other truth files are weaker
SENTENCES_OF_DATA = "honest_english.txt.xz"
SHORTEST = 20  # words of a paragraph, or of a piece of one
ROWS_OF_A_FILE = 100  # of public texts, to train the peers' classifier on

_SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li></ul></nav>
<article>{body}</article>
<footer><p>All rights reserved. <a href="/privacy">Privacy</a></p></footer>
</body></html>
"""


@dataclass(frozen=True)
class Page:
    """A page as it comes from the network, and its main text where people marked it."""

    name: str
    html: bytes
    truth: str | None = None


def read_pages(path: Path) -> list[Page]:
    """The pages NAME.html of a folder or tar file; aeb_NAME.truth.txt beside one is its main text."""
    files = dict(_files(path))
    pages = []
    for name in sorted(files):
        stem, _, ending = Path(name).name.rpartition(".")
        if ending in ("html", "htm"):
            truth = files.get(f"{name.removesuffix(ending)}truth.txt") if stem.startswith(ANNOTATED) else None
            pages.append(Page(name, files[name], truth.decode("utf-8") if truth is not None else None))
    return pages


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in path.rglob("*"):
            if file.is_file():
                yield str(file.relative_to(path)), file.read_bytes()
        return
    with tarfile.open(path) as archive:
        for member in archive:
            if (content := archive.extractfile(member)) is not None:
                yield member.name, content.read()


def corpus_pages() -> list[Page]:
    """The corpus rendered to HTML: what there is without public data."""
    from markdown_it import MarkdownIt

    render = MarkdownIt("commonmark").enable("table").render
    pages = []
    for file in sorted((CORPUS / "texts").glob("*.md")):
        page = _SHELL.format(title=html.escape(file.stem), body=render(file.read_text("utf-8")))
        pages.append(Page(f"{file.stem}.html", page.encode()))
    return pages


def labelled_texts(data: Path | None) -> tuple[list[str], list[int]]:
    """Texts and labels (1: reject) for the peers' classifier: the corpus, and the head of every public file."""
    texts: list[str] = []
    labels: list[int] = []
    for line in (CORPUS / "labels.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        texts.append((CORPUS / "texts" / f"{row['id']}.md").read_text("utf-8"))
        labels.append(int(row["verdict"] == "reject"))
    if data is None:
        return texts, labels
    for label, folder in enumerate(("legit", "spam")):
        for path in sorted((data / folder).glob("*.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                head = [json.loads(line)["text"] for line in itertools.islice(file, ROWS_OF_A_FILE)]
            texts += head
            labels += [label] * len(head)
    return texts, labels


def honest_paragraphs(data: Path | None) -> list[str]:
    """The paragraphs of the public data's honest pages that are not too short; without it, of the corpus."""
    paragraphs: list[str] = []
    if data is not None:
        for path in sorted((data / "legit").glob("*.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                paragraphs += [p for line in file for p in json.loads(line)["text"].split("\n\n")]
    if not paragraphs:
        for own in sorted((CORPUS / "texts").glob("*.md")):
            paragraphs += own.read_text("utf-8").split("\n\n")
    return list(dict.fromkeys(p for p in paragraphs if len(p.split()) >= SHORTEST))


def honest_pieces(data: Path | None, count: int) -> list[str]:
    """So many short paragraphs, as far as there are any: those of honest pages, and for more plain honest English, cut
    at the ends of sentences."""
    pieces = _pieces(honest_paragraphs(data))
    if data is not None and (data / SENTENCES_OF_DATA).is_file():
        with lzma.open(data / SENTENCES_OF_DATA, "rt", encoding="utf-8") as lines:
            return list(dict.fromkeys(itertools.islice(itertools.chain(pieces, _pieces(lines)), count)))
    return list(itertools.islice(pieces, count))


def _pieces(paragraphs: Iterable[str]) -> Iterator[str]:
    """Paragraphs in pieces of whole sentences, as short as may be."""
    for paragraph in paragraphs:
        piece: list[str] = []
        for sentence in re.split(r"(?<=[.!?])\s+", paragraph):
            piece += sentence.split()
            if len(piece) >= SHORTEST:
                yield " ".join(piece)
                piece = []
