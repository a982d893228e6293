"""The texts a model is trained and measured on: corpus/ of the project, and public data where a folder of it is given.

Every text is split by its source (a site, an author, a data set): sources have a fold, written down in
corpus/folds.json, and a page is only ever scored by what was learned without its whole fold.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import lzma
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detector.document import PROSE, Document, Link, Unreadable, host_of
from detector.errors import SourceError
from detector.sources.files import read_row
from detector.train.spoil import Mark, Spoiled

FOLDS = 10

# What each public file is worth: label, weight of a page, and how many pages of one source are used.
# data/README.md says why; files not named here are not used (machine-written but competent text, grey zones).
SPAM = {
    "farm_weightloss_agc": (1.0, 120),
    "farm_weightloss_injected": (0.9, 92),
    "farm_kohabe_health": (1.0, 120),
    "farm_mostquestion": (1.0, 100),
    "farm_topreviews": (1.0, 100),
    "farm_brightlane": (1.0, 40),
    "farm_vitalhealthhub": (1.0, 96),
    "farm_reviewandbuy": (1.0, 60),
    "farm_nutristructure": (0.9, 28),
    "farm_kato": (1.0, 2),
    "farm_misc": (1.0, 3),
    "farm_homefitguide": (0.5, 60),
    "farm_startknowledge": (0.7, 80),
    "farm_more": (0.8, 60),
    "llm_bariatric_doorway": (0.5, 76),
    "llm_goodgood_cbd": (0.8, 5),
}
HONEST = {
    "health_marketing_genuine": ("marketing", 300),
    "health_marketing_genuine_2": ("marketing", 300),
    "medquad": ("authority", 400),
    "nhs_betahealth": ("authority", 300),
    "gov_docs": ("authority", 300),
    "cochrane": ("scientific", 400),
    "doctor_qa": ("q&a", 400),
    "fakehealth_news": ("editorial", 400),
    "bbc_news": ("editorial", 300),
    "blog_18f": ("non-health", 300),
    "onestop_english": ("simplified", 510),
    "recipes": ("non-health", 250),
    "fiction_reviews": ("non-health", 300),
    "essays_liang": ("essays", 244),
}
# Not judged, but no spinner and no link seller touched them: what ordinary words in their places look like.
UNSPOILED = {
    "llm_rehabai": 150,
    "llm_vitalguide": 80,
    "detectrl.human": 150,
    "fastdetect_llm.human": 120,
    "bino_pubmed.human": 80,
}
# Farms whose titles are the search queries they were made for.
KEYWORD_TITLES = frozenset(
    {"farm_weightloss_agc", "farm_kohabe_health", "farm_mostquestion", "farm_keyword_titles"}
)

_SHORTCUTS = {
    # a line that names the source rather than shows a fault
    None: re.compile(
        r"^(?:Source|Image source|Credit)\s*:.*$|^.*\bfrom [\w.-]+\.(?:com|net|org|blogspot)\S*\s*$",
        re.M | re.I,
    ),
    "medquad": re.compile(r"^(?:What (?:is|are|causes)|How|Who|Is|Do you|Where)\b.*\?\s*$", re.M),
    "doctor_qa": re.compile(r"^Question:.*$", re.M),
    "farm_weightloss_agc": re.compile(r"\s+at Weightloss\b|^Best Weightloss Tips.*$", re.M),
    "farm_weightloss_injected": re.compile(r"\s+at Weightloss\b|^Best Weightloss Tips.*$", re.M),
    "farm_topreviews": re.compile(r"^Published on.*$", re.M),
}


@dataclass(frozen=True)
class Example:
    """A document with what is known of it.

    label: 1 an editor would reject it, 0 would publish it, None not judged. weight: trust in the label, 0 to 1.
    group: the genre figures are given for. family: the generator that spoiled it, "" for a real page.
    origin: the id of the honest page it was spoiled from. judged: what a reader said of a page, `named` the faults that
    he ticked; marks: the places he quoted, or those a generator damaged; fine: places that an editor looked at and
    found no fault in, an empty one where that is true of all that the signal marks.
    """

    document: Document
    source: str
    group: str
    label: int | None
    weight: float = 1.0
    family: str = ""
    marks: tuple[Mark, ...] = ()
    fine: tuple[Mark, ...] = ()
    origin: str = ""
    topic: str = ""
    judged: str = ""
    named: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The document's id."""
        return self.document.id


def read_corpus(folder: Path) -> list[Example]:
    """The texts written for this project, with their labels: corpus/texts/*.md, corpus/labels.jsonl.

    The two texts of a pair share a source, so that they never fall into different folds.
    """
    examples = []
    for line in (folder / "labels.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        text = (folder / "texts" / f"{row['id']}.md").read_text("utf-8")
        marks = tuple(
            Mark(at, at + len(q["text"]), q["signal"])
            for q in row.get("quotes", ())
            if (at := text.find(q["text"])) >= 0
        )
        examples.append(
            Example(
                Document.from_markdown(text, id=row["id"]),
                source=f"corpus/{row['pair']}",
                group="corpus",
                label={"reject": 1, "publish": 0}.get(row["verdict"]),
                marks=marks,
                topic=row["topic"],
            )
        )
    return examples


def read_public(data: Path) -> list[Example]:
    """The public pages of a data folder: honest, spam, and those judged by reading where gold_dev.jsonl is there.

    The folder is laid out as `detector corpus fetch` lays it out (corpus/README.md says how). A judged page carries its
    judgement whatever its file says; pages judged `review` have label None.
    """
    html = _raw_html(data)
    gold = data / "gold_dev.jsonl"
    judged = {row["id"]: row for row in _rows(gold)} if gold.exists() else {}
    examples: list[Example] = []
    for kind, files in (("legit", HONEST), ("spam", SPAM)):
        for path in sorted((data / kind).glob("*.jsonl.gz")):
            name = path.name.removesuffix(".jsonl.gz")
            examples += _public_file(path, name, files.get(name), kind, html, judged)
            examples += _unspoiled(path, name, html, judged)
    return examples


OWN = "own"  # the group of a user's own pages


def read_own(path: Path) -> list[Example]:
    """A user's own judged pages: JSON lines as `detector score` reads them, with `verdict` (publish, review or reject)
    and perhaps `site`; pages of one site never fall into different folds. Without `site` it is the host of `url`.

    `quotes` are the faults that an editor saw, `fine` the findings that he found no fault in: each {"signal", "text"},
    `text` being the words as they stand on the page, "" in `fine` for a whole finding. A desk writes the page as
    `document` (`Document.to_dict`) instead of its source.

    Raises SourceError with the line and what to do for a row that cannot be used: training must not lose pages.
    """
    examples = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            examples.append(_own_page(line, f"{path}:{number}", path.stem))
    return examples


def _own_page(line: bytes, place: str, site: str) -> Example:
    document, row = _own_document(line, place)
    if row.get("verdict") not in ("publish", "review", "reject"):
        raise SourceError(f'{place}: `verdict` must be "publish", "review" or "reject".')
    site = str(row.get("site") or "") or host_of(document.url or "") or site
    label = {"reject": 1, "publish": 0}.get(row["verdict"])
    try:
        marks, fine = (_quoted(document, row.get(key) or ()) for key in ("quotes", "fine"))
        fine += tuple(Mark(0, 0, q["signal"]) for q in row.get("fine") or () if not q["text"].strip())
    except (KeyError, TypeError, AttributeError) as error:
        problem = '`quotes` and `fine` are lists of {"signal": ..., "text": ...}.'
        raise SourceError(f"{place}: {problem}") from error
    return Example(document, f"{OWN}/{site}", OWN, label, marks=marks, fine=fine)


def _own_document(line: bytes, place: str) -> tuple[Document, dict[str, Any]]:
    with contextlib.suppress(ValueError, RecursionError):  # what is wrong with the line is told below
        row = json.loads(line.decode("utf-8-sig"))
        if isinstance(row, dict) and "document" in row:
            try:
                return Document.from_dict(row["document"]), row
            except (ValueError, KeyError, TypeError) as error:
                problem = f"`document` is none ({error}); write it out of the desk again."
                raise SourceError(f"{place}: {problem}") from error
    item = read_row(line, place)
    if isinstance(item, Unreadable):
        raise SourceError(item.message)
    return item, json.loads(line.decode("utf-8-sig"))


def judged_paragraphs(example: Example, signal: str) -> Iterator[tuple[Document, tuple[Mark, ...]]]:
    """The paragraphs in which an editor marked places of a signal, or found no fault in what it marked; with his marks.

    The rest of his page says nothing: he need not have marked every place.
    """
    marks = [m for m in example.marks if m.signal == signal]
    fine = [m for m in example.fine if m.signal == signal]
    document = example.document
    for block in document.blocks:
        inside, judged = (
            [m for m in found if block.start <= m.start < m.end <= block.end]
            for found in (marks, [*marks, *fine])
        )
        if block.kind in PROSE and judged:
            moved = tuple(Mark(m.start - block.start, m.end - block.start, signal) for m in inside)
            yield Document.from_text(document.text[block.start : block.end]), moved


def _unspoiled(
    path: Path, name: str, html: Mapping[str, str], judged: Mapping[str, Mapping[str, Any]]
) -> list[Example]:
    rows = (
        sorted(_rows(path), key=lambda r: hashlib.sha256(r["id"].encode()).digest())
        if name in UNSPOILED
        else []
    )
    kept = [r for r in rows if r["id"] not in judged][: UNSPOILED.get(name, 0)]
    return [
        Example(_document(r, name, html.get(r["id"])), source_name(r["source"]), "unspoiled", None, 0.0)
        for r in kept
    ]


def _public_file(
    path: Path,
    name: str,
    use: tuple[Any, int] | None,
    kind: str,
    html: Mapping[str, str],
    judged: Mapping[str, Mapping[str, Any]],
) -> Iterator[Example]:
    kept: dict[str, int] = {}
    # in an order that does not depend on the file's: rows of one site may be sorted by topic
    for row in sorted(_rows(path), key=lambda r: hashlib.sha256(r["id"].encode()).digest()):
        source = source_name(row["source"])
        judgement = judged.get(row["id"], {})
        verdict = judgement.get("verdict", "")
        if use is None or kept.get(source, 0) >= use[1] or row.get("quality") == "poor":
            if not verdict:
                continue
        else:
            kept[source] = kept.get(source, 0) + 1
        label = int(kind == "spam") if use is not None else None
        weight = 1.0 if use is None or kind == "legit" else float(use[0])
        if verdict:
            label, weight = {"reject": 1, "accept": 0}.get(verdict), 1.0
        group = str(use[0]) if use is not None and kind == "legit" else name
        document = _document(row, name, html.get(row["id"]))
        yield Example(
            document,
            source,
            group,
            label,
            weight,
            marks=_quoted(document, judgement.get("spans", ())),
            topic=str(row.get("topic") or ""),
            judged=verdict,
            named=frozenset(judgement.get("signals", ())),
        )


def _quoted(document: Document, quotes: Iterable[Mapping[str, str]]) -> tuple[Mark, ...]:
    """The places a reader quoted, as far as they are found: white space and link targets may differ."""
    found = []
    for quote in quotes:
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", quote["text"]).split()
        match = re.search(r"\s+".join(map(re.escape, words)), document.text) if words else None
        if match:
            found.append(Mark(*match.span(), quote["signal"]))
    return tuple(found)


def _document(row: Mapping[str, Any], name: str, html: str | None) -> Document:
    html = html or row.get("html")
    if html is not None:
        return Document.from_html(
            _without_shortcuts(html, name) if name in _SHORTCUTS else html, id=row["id"]
        )
    if "markdown" in row:
        return Document.from_markdown(_without_shortcuts(row["markdown"], name), id=row["id"])
    title = row.get("title")
    return Document.from_text(_without_shortcuts(row["text"], name), id=row["id"], title=title)


def _without_shortcuts(text: str, name: str) -> str:
    for key in (None, name):
        if key in _SHORTCUTS:
            text = _SHORTCUTS[key].sub("", text)
    return text


def _raw_html(data: Path) -> dict[str, str]:
    pages: dict[str, str] = {}
    for path in sorted(data.glob("raw_html*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                pages[row["id"]] = row["html"]
    return pages


def _rows(path: Path) -> list[dict[str, Any]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in raw.decode("utf-8").split("\n") if line]


def source_name(source: str) -> str:
    """ "github:owner/name@commit:path" -> "owner/name"."""
    name = source.removeprefix("github:").split("@")[0]
    return name if re.fullmatch(r"[\w.-]+(?:/[\w.-]+)?", name) else "unnamed"


def folds(examples: list[Example], written: Path | None) -> dict[str, int]:
    """The fold of each source: as written down, else by a stable hash of its name."""
    known: dict[str, int] = (
        json.loads(written.read_text("utf-8")) if written is not None and written.exists() else {}
    )
    return {e.source: known.get(e.source, hashed_fold(e.source)) for e in examples}


def hashed_fold(source: str) -> int:
    """A fold that depends on nothing but the name."""
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:4], "big") % FOLDS


def balanced_folds(examples: list[Example]) -> dict[str, int]:
    """Folds of near equal size on each side, for writing down once: big sources first, each to the emptiest fold."""
    sizes: dict[tuple[int, str], int] = {}
    for e in examples:
        key = (e.label if e.label is not None else 2, e.source)
        sizes[key] = sizes.get(key, 0) + 1
    load: dict[tuple[int, int], int] = {}
    assigned: dict[str, int] = {}
    for (side, source), size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        if source not in assigned:
            assigned[source] = min(range(FOLDS), key=lambda f: (load.get((side, f), 0), f))
        load[side, assigned[source]] = load.get((side, assigned[source]), 0) + size
    return dict(sorted(assigned.items()))


def seen_phrases(
    examples: list[Example], fold_of: Mapping[str, int], *, of_one_site: int = 60
) -> dict[int, list[str]]:
    """Phrases that spammers really paste, by fold: anchors of external links on rejected pages, and the keyword
    titles of pages that were made for a search query; at most `of_one_site` of a site.
    """
    sites: dict[str, dict[str, None]] = {}
    for e in examples:
        if e.label != 1 or e.family:
            continue
        found = sites.setdefault(e.source, {})
        text = e.document.text
        for link in e.document.links:
            if (
                link.href.startswith(("http:", "https:"))
                and 2 <= len(text[link.start : link.end].split()) <= 8
            ):
                found[" ".join(text[link.start : link.end].split())] = None
        if e.group in KEYWORD_TITLES and e.document.title and len(e.document.title.split()) <= 8:
            found[_without_shortcuts(e.document.title, e.group).strip().lower()] = None
    chosen: dict[int, list[str]] = {}
    for source in sorted(sites):
        ranked = sorted(sites[source], key=lambda p: hashlib.sha256(p.encode()).digest())
        chosen.setdefault(fold_of[source], []).extend(ranked[:of_one_site])
    return chosen


def plain_text(document: Document) -> str:
    """The prose of a document as plain paragraphs, for generators that damage text."""
    kinds = {"title", "heading", "paragraph", "list_item", "quote"}
    return "\n\n".join(document.text[b.start : b.end] for b in document.blocks if b.kind in kinds)


def spoiled_example(origin: Example, done: Spoiled, number: int) -> Example:
    """A spoiled page: it belongs to the source of the page it was made from."""
    id, title = f"{origin.id}#{done.family}{number}", origin.document.title
    if done.html:
        document = replace(Document.from_html(done.text, id=id), title=title)
    else:
        links = tuple(Link(m.start, m.end, target) for m, target in zip(done.marks, done.links, strict=False))
        document = replace(Document.from_text(done.text, id=id, title=title), links=links)
    return replace(
        origin,
        document=document,
        label=1,
        weight=1.0,
        family=done.family,
        marks=done.marks,
        origin=origin.id,
        judged="",
        named=frozenset(),
    )
