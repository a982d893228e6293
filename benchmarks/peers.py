"""What the project is measured beside. A contestant is a function of the bytes of a page, decoding included.

Each is made by a function that imports what it needs, so that one whose packages are missing is left out and named.
Packages are imported by name, so that the type checker needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from detector.document import Document
from detector.score import Detector

Pipeline = Callable[[bytes], object]  # the bytes of a page to a verdict
Extractor = Callable[[bytes], str]  # the bytes of a page to its main text
T = TypeVar("T")

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


def pipelines(
    detector: Detector, texts: Sequence[str], labels: Sequence[int]
) -> dict[str, Callable[[], Pipeline]]:
    """The project and the stacks that are usually built for the job."""

    @cache
    def classifier() -> Any:
        """TF-IDF of words and pairs, logistic regression; only its inference is timed."""
        text = import_module("sklearn.feature_extraction.text")
        linear = import_module("sklearn.linear_model")
        join = import_module("sklearn.pipeline").make_pipeline
        model = join(text.TfidfVectorizer(ngram_range=(1, 2), min_df=2), linear.LogisticRegression())
        return model.fit(texts, labels)

    def own() -> Pipeline:
        return lambda html: detector.score(Document.from_html(html))

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

    return {
        "detector, all signals": own,
        "trafilatura fast + TF-IDF(1,2) + logistic regression": trafilatura_stack,
        f"bs4({_parser()}) text and links + 4 textstat formulas + TF-IDF(1,2) + logistic regression": soup_stack,
    }


# --- a page to its main text -----------------------------------------------------------------------------------------


def extractors() -> dict[str, Callable[[], Extractor]]:
    """Everything that says which of a page's words are the article."""
    return {
        "trafilatura fast": lambda: trafilatura(fast=True),
        "trafilatura default": lambda: trafilatura(fast=False),
        "resiliparse main content": resiliparse,
        "readability-lxml": readability,
        f"bs4({_parser()}) get_text, the whole page": bs4_text,
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
    soup, parser = import_module("bs4").BeautifulSoup, _parser()
    return lambda html: soup(html, parser)


@cache
def _parser() -> str:
    try:
        import_module("lxml")
    except ImportError:
        return "html.parser"
    return "lxml"
