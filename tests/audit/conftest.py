"""A small crawl with planted copies, patterns, siblings, rings and titles, and one finished run over it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from detector.audit.results import Results
from detector.audit.worker import Settings
from detector.sources.crawls import open_crawl

CORPUS = Path(__file__).parents[2] / "corpus" / "texts"
NOTICE = "Our practice on the harbour is open from Monday to Friday between eight and six."

TOWNS = ("Wexham", "Oldcastle", "Harrow Hill", "Pinner", "Ashby", "Kirkby")
OWN = (
    "Parking behind the bakery costs nothing after four in the afternoon.",
    "The number nine bus stops in front of our blue door every twenty minutes.",
    "Ask for Maria if you would rather be seen by a woman than by a man.",
    "On market days the square is closed, so come by the lane along the canal.",
    "There is a ramp on the left side, and the lift was mended last autumn.",
    "We share the house with a dentist, whose bell is the upper one.",
)
PATTERN = """Physiotherapy in {town}

Families in {town} have trusted our physiotherapists with sore backs, stiff necks and sprained ankles for years.
When you wake up in {town} and cannot turn your head, our friendly team sees you on the same day.
Every treatment in {town} begins with a long talk about your work, your sleep and the sports you do.
After six visits most people from {town} walk up the stairs again without holding on to the rail.
{own}
"""
# Each slot holds the words of three versions of one article.
ARTICLE = """{Caring for|Looking after|Tending} a cast iron pan

A cast iron pan {lasts|endures|survives} for generations when it is {dried|wiped dry|towelled} after every wash. My
aunt Philippa {bought|purchased|acquired} hers in 1962 and {fries|cooks|prepares} pancakes in it {each|every|any}
Sunday before church. She {rubs|wipes|smears} it with a {drop|bead|dab} of flaxseed oil while the metal is
{still|yet|even} {warm|hot|heated}, because rapeseed oil turns {sticky|gluey|tacky}. New pans {come|arrive|ship}
with a grey coat that {must|has to|needs to} be baked at 230 degrees for {an hour|one hour|sixty minutes}. Repeat
{this|that|the step} four times and the surface {becomes|turns|grows} black, {smooth|even|level} and hard. Tomatoes
and vinegar {attack|harm|damage} the seasoning, so {simmer|cook|stew} your ragout in {enamel|enamelware|an enamel
pot} {instead|rather|then}. {Rust|Corrosion|Red rust} is no {disaster|catastrophe|tragedy}: scrub it
{off|away|down} with coarse salt and half a potato, {rinse|wash|flush} the pan and {start|begin|set out} again. A
chain of {steel|metal|iron} rings {removes|lifts|strips} burnt rice {better|faster|quicker} than any brush. Lodge
in Tennessee has {made|built|produced} such pans since 1896.
"""


@dataclass(frozen=True)
class Page:
    """A page to be stored. kind: what was planted."""

    url: str
    title: str
    body: str  # of the document, as HTML
    kind: str = "honest"

    @property
    def html(self) -> str:
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{self.title}</title></head>'
            f"<body><main>{self.body}</main></body></html>"
        )


def paragraphs(text: str) -> str:
    first, *others = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    return "".join([f"<h1>{html.escape(first)}</h1>", *(f"<p>{html.escape(p)}</p>" for p in others)])


def honest_texts(count: int) -> Iterator[str]:
    """The first two hundred words of running text of so many pages of the corpus."""
    for file in sorted(CORPUS.glob("*.good.md"))[:count]:
        words = 0
        kept = [file.name.removesuffix(".good.md").replace("-", " ").capitalize()]
        for paragraph in re.split(r"\n\s*\n", file.read_text("utf-8")):
            plain = " ".join(re.sub(r"[#*_>`|\[\]()]", " ", paragraph).split())
            if len(plain.split()) > 12 and words < 200:
                kept.append(plain)
                words += len(plain.split())
        yield "\n\n".join(kept)


def version(text: str, number: int) -> str:
    return re.sub(r"\{([^}]*)\}", lambda slot: slot[1].split("|")[number], text)


def planted() -> list[Page]:
    """About forty pages, in the order of their addresses' hosts."""
    texts = honest_texts(24)
    pages: list[Page] = []  # as a mirror orders them, so that the first of a group is the same one everywhere

    def add(url: str, text: str, kind: str, more: str = "", title: str | None = None) -> None:
        pages.append(
            Page(f"https://{url}", title or text.partition("\n")[0].strip(), paragraphs(text) + more, kind)
        )

    for n in range(6):  # a site with a notice on every page
        add(f"practice.example/p{n}.html", next(texts), "notice", f"<p>{NOTICE}</p>")
    for n in range(6):
        add(f"alone{n}.example/page.html", next(texts), "honest")
    copied = next(texts)
    add("first.example/letter.html", copied, "clone")
    add("second.example/copy.html", copied, "clone")
    add("third.example/copy.html", copied + "\n\nThis page was printed on recycled paper.", "clone")
    for n, (town, own) in enumerate(zip(TOWNS, OWN, strict=True)):
        slug = town.lower().replace(" ", "-")
        add(f"physio.example/{n}-{slug}.html", PATTERN.format(town=town, own=own), "template")
    for n in range(3):
        add(f"pan{n}.example/iron.html", version(ARTICLE, n), "sibling")
    for n in range(5):
        link = '<p>Readers of this page liked the <a href="https://sheds.example/">cheap garden sheds</a> too.</p>'
        add(f"ring{n % 3}.example/r{n}.html", next(texts), "ring", link)
    for n in range(2):
        add(f"titles.example/t{n}.html", next(texts), "title", title="Everything you want to know")
    add("short.example/tiny.html", "Too short\n\nHardly a word.", "short")
    return sorted(pages, key=lambda page: page.url)


def write_folder(pages: Sequence[Page], folder: Path) -> Path:
    """As a mirror: a folder for each host."""
    for page in pages:
        file = folder / page.url.removeprefix("https://")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page.html.encode())
    return folder


def write_lines(pages: Sequence[Page], file: Path) -> Path:
    """As the feed of a crawler."""
    rows = [json.dumps({"id": page.url, "url": page.url, "html": page.html}) for page in pages]
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    return planted()


@pytest.fixture(scope="session")
def feed(pages: list[Page], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted crawl as one file."""
    return write_lines(pages, tmp_path_factory.mktemp("crawl") / "feed.jsonl")


@pytest.fixture(scope="session")
def settings(_tiny: Path) -> Settings:
    """Settings with the small model."""
    return Settings(model=str(_tiny))


Run = Callable[..., Results]


@pytest.fixture(scope="session")
def run(settings: Settings) -> Run:
    """Audits a stored crawl with one worker: run(crawl, output, settings) gives its results."""
    from detector.audit.audit import audit

    def results(crawl: Path, output: Path, given: Settings = settings) -> Results:
        audit(
            open_crawl([str(crawl)]),
            output,
            given,
            workers=1,
            megabytes=500,
            mapped=lambda _: None,
            say=lambda _: None,
        )
        return Results.open(output)

    return results


@pytest.fixture(scope="session")
def audited(feed: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A finished run over the planted crawl. Tests leave it as it is."""
    return run(feed, tmp_path_factory.mktemp("audited") / "out")


@pytest.fixture(scope="session")
def mirror(pages: list[Page], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted crawl as a folder for each host."""
    return write_folder(pages, tmp_path_factory.mktemp("mirror"))
