"""What the project is measured beside. A contestant is a function of the bytes of a page, decoding included.

Each is made by a function that imports what it needs, so that one whose packages are missing is left out and named.
Packages are imported by name, so that the type checker needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # the memory of a peer is measured without the project in it
    from detector.score import Detector

Pipeline = Callable[[bytes], object]  # the bytes of a page to a verdict
Extractor = Callable[[bytes], str]  # the bytes of a page to its main text
T = TypeVar("T")

OWN = "detector, all signals"
FAST = "trafilatura fast + TF-IDF(1,2) + logistic regression"
SOUP = "bs4 text and links + 4 textstat formulas + TF-IDF(1,2) + logistic regression"
READABILITY = ("flesch_reading_ease", "gunning_fog", "smog_index", "dale_chall_readability_score")


def available(makers: Mapping[str, Callable[[], T]]) -> tuple[dict[str, T], dict[str, str]]:
    """What can be made on this machine, and of the others the reason why not."""
    made: dict[str, T] = {}
    skipped: dict[str, str] = {}
    for name, make in makers.items():
        try:
            made[name] = make()
        except ImportError as error:
            skipped[name] = str(error).splitlines()[0]
    return made, skipped


# --- a page to a verdict ---------------------------------------------------------------------------------------------


def classifier(texts: Sequence[str], labels: Sequence[int]) -> Any:
    """TF-IDF of words and pairs, logistic regression, trained; only its inference is measured."""
    text = import_module("sklearn.feature_extraction.text")
    linear = import_module("sklearn.linear_model")
    join = import_module("sklearn.pipeline").make_pipeline
    model = join(text.TfidfVectorizer(ngram_range=(1, 2), min_df=2), linear.LogisticRegression())
    return model.fit(texts, labels)


def pipelines(
    detector: Callable[[], Detector], classifier: Callable[[], Any]
) -> dict[str, Callable[[], Pipeline]]:
    """The project and the stacks that are usually built for the job."""

    def own() -> Pipeline:
        from detector.document import Document

        score = detector().score
        return lambda html: score(Document.from_html(html))

    def trafilatura_stack() -> Pipeline:
        extract, model = trafilatura(fast=True), classifier()
        return lambda html: model.predict_proba([extract(html)])

    def soup_stack() -> Pipeline:
        soup_of, textstat, model = _soup(), import_module("textstat").textstat, classifier()

        def score(html: bytes) -> object:
            soup = soup_of(html)
            text = soup.get_text(" ", strip=True)
            links = [(a.get_text(" ", strip=True), a["href"]) for a in soup.find_all("a", href=True)]
            formulas = [getattr(textstat, name)(text) for name in READABILITY] if text else []
            return links, formulas, model.predict_proba([text])

        return score

    return {OWN: own, FAST: trafilatura_stack, SOUP: soup_stack}


# --- a page to its main text -----------------------------------------------------------------------------------------


def extractors() -> dict[str, Callable[[], Extractor]]:
    """Everything that says which of a page's words are the article."""
    return {
        "trafilatura fast": lambda: trafilatura(fast=True),
        "trafilatura default": lambda: trafilatura(fast=False),
        "resiliparse main content": resiliparse,
        "readability-lxml": readability,
        f"bs4({parser()}) get_text, the whole page": bs4_text,
    }


def trafilatura(*, fast: bool) -> Extractor:
    """trafilatura, comments left out."""
    extract = import_module("trafilatura").extract
    return lambda html: extract(html, fast=fast, include_comments=False) or ""


def resiliparse() -> Extractor:
    """resiliparse's main content, comments and alternative texts left out."""
    detect = import_module("resiliparse.parse.encoding").detect_encoding
    parse = import_module("resiliparse.parse.html").HTMLTree.parse_from_bytes
    extract = import_module("resiliparse.extract.html2text").extract_plain_text

    def text(html: bytes) -> str:
        tree = parse(html, detect(html, html5_compatible=True))
        return str(extract(tree, main_content=True, comments=False, alt_texts=False))

    return text


def readability() -> Extractor:
    """The Python port of Arc90's readability."""
    page, parse = import_module("readability").Document, import_module("lxml.html").fromstring
    return lambda html: str(parse(page(html).summary()).text_content())


def bs4_text() -> Extractor:
    """All text of the page: what one gets without an extractor."""
    soup_of = _soup()
    return lambda html: str(soup_of(html).get_text(" ", strip=True))


def _soup() -> Callable[[bytes], Any]:
    soup, how = import_module("bs4").BeautifulSoup, parser()
    return lambda html: soup(html, how)


@cache
def parser() -> str:
    """With what bs4 parses here."""
    try:
        import_module("lxml")
    except ImportError:
        return "html.parser"
    return "lxml"
