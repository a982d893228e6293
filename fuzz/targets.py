"""What is fuzzed: everything that reads what others wrote, with the errors it may answer with and its promises."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from detector import explain, language, signals
from detector.acceptance import Acceptance, Baseline
from detector.document import Document, Unreadable, host_of
from detector.errors import DetectorError, SourceError, UsageError
from detector.report import FORMATS
from detector.score import Detector
from detector.sources.charset import decode
from detector.sources.files import lines_of, read_bytes, read_jsonl
from detector.sources.html import read_html
from detector.sources.markdown import read_markdown
from detector.sources.reading import DEFAULT
from detector.sources.text import read_text
from detector.verdict import Verdict
from fuzz import packing
from fuzz.checks import (
    check_document,
    check_evidence,
    check_message,
    check_report,
    check_reports,
    check_verdict,
)
from fuzz.seeds import URL, seeds

Kind = Literal["reader", "signal", "whole"]
Within = AbstractContextManager[object]
_MOST = 200  # documents of one input that are looked at: its size bounds them, but for what was packed


@dataclass(frozen=True)
class Target:
    """One thing that is fuzzed.

    read: takes the input and checks what comes of it. allowed: what it may raise instead, with one line for people.
    limit: bytes of one input. text: whether inputs are text, which has mutations of its own. words: what the reader is
    known to look at.
    """

    name: str
    kind: Kind
    says: str
    read: Callable[[bytes], None]
    allowed: tuple[type[Exception], ...] = (SourceError,)
    limit: int = 8192
    text: bool = True
    words: Callable[[], Sequence[str]] = tuple

    def __call__(self, data: bytes) -> None:
        """Read one input. Raises whatever is a fault."""
        try:
            self.read(data)
        except self.allowed as error:
            check_message(error)

    def seeds(self) -> tuple[bytes, ...]:
        """Inputs to begin with."""
        if self.kind != "signal":
            return seeds(self.name)
        found = explain.page(self.name.removeprefix("signal-")).examples
        whole = "\n\n".join(example.text for example in found)
        return (
            tuple(b"t" + text.encode() for text in (whole, *(example.text for example in found)))
            + seeds("whole")[:6]
        )


@cache
def detector() -> Detector:
    """The current model, loaded once."""
    return Detector.load()


# --- pages ------------------------------------------------------------------------------------------------------


def _html(data: bytes, *, careful: bool = False) -> None:
    charset = None
    if data.startswith(b"charset="):
        head, _, data = data.partition(b"\n")
        charset = head[8:].decode("latin-1")
    check_document(read_html(data, url=URL, charset=charset, id="fuzz", careful=careful))


def _fragment(data: bytes) -> None:
    from detector.sources.fragment import meant

    text = data.decode("utf-8", "replace")
    meant(text)
    check_document(read_html(text, id="fuzz", title="A post"))


def _plain(data: bytes, read: Callable[..., Document]) -> None:
    text = decode(data)
    document = read(text, id="fuzz")
    assert document.text == text
    check_document(document)


def _words(data: bytes) -> None:
    document = read_text(decode(data), id="fuzz")
    check_document(document)
    spoken, share = language.detect(document.tokens.word)
    assert spoken is None or spoken.isalpha()
    assert 0 <= share <= 1


def _office(data: bytes, ending: str) -> None:
    check_document(read_bytes(packing.zipped(data), ending, "fuzz"))


def _pdf(data: bytes) -> None:
    """As the child process does that `read_pdf` starts for every file, without the process."""
    from detector.document import Block, Link
    from detector.sources.pdf import _read
    from detector.sources.pdf_layout import laid_out

    pages, title = _read(data)
    answer = json.loads(json.dumps(laid_out(pages)))
    blocks = tuple(Block(*block) for block in answer["blocks"])
    links = tuple(Link(*link) for link in answer["links"])
    check_document(Document("fuzz", answer["text"], blocks, links, title=title, source="pdf"))


# --- many pages -------------------------------------------------------------------------------------------------


def _check_item(item: Document | Unreadable) -> None:
    if isinstance(item, Document):
        check_document(item)
    else:
        check_message(SourceError(item.message))
        for text in (item.id, item.url, item.title):
            (text or "").encode("utf-8")


def _jsonl(data: bytes) -> None:
    given = sum(1 for line in lines_of(BytesIO(data)) if line.strip())
    found = 0
    for item in read_jsonl(lines_of(BytesIO(data)), "fuzz"):
        _check_item(item)
        found += 1
    assert found == given, f"{found} rows for {given} lines"


def _stored(data: bytes, kind: str | None = None, pack: Callable[[bytes], bytes] = packing.packed) -> None:
    """A stored crawl never raises for its content."""
    from detector.sources.crawls import read_stored

    passed_over: Counter[str] = Counter()
    last = -1
    for number, record in read_stored("fuzz", BytesIO(pack(data)), kind=kind, passed_over=passed_over):
        assert number > last, f"row {number} after {last}"
        last = number
        for text in (
            record.id,
            record.place,
            record.url,
            record.title,
            record.time,
            record.charset,
            record.problem,
        ):
            (text or "").encode("utf-8")
        _check_item(record.read())
        if number >= _MOST:
            break


def _addresses(data: bytes, pack: Callable[[bytes], bytes]) -> None:
    """A table of addresses, with the folder of its pages."""
    from detector.sources.crawls import tables

    page = _file(b"<p>One page.", "original_https_health.example_skin_moles.html")
    pages = tables.StoredPages([(page.name, page, None)])
    packed = pack(data)
    pages.fits("fuzz", BytesIO(packed))
    for record in pages.read("fuzz", BytesIO(packed), Counter()):
        _check_item(record.read())
    _stored(data, "table of pages", pack)


def _list(data: bytes) -> None:
    from detector.sources.crawls.sitemap import read_list

    for entry in read_list(BytesIO(packing.packed(data) if data[:1] in (b"g", b"-") else data)):
        entry.address.encode("utf-8")


def _address(data: bytes) -> None:
    from detector.sources import web
    from detector.sources.crawls.folder import address_of, ending_of

    text = data.decode("utf-8", "surrogateescape")
    host_of(text)
    address_of(tuple(text.split("/")))
    ending_of(text)
    assert len(web.shown(text).splitlines()) <= 1
    web.address(text)


def _wordpress(data: bytes) -> None:
    import httpx

    from detector.sources import web, wordpress

    status, _, body = data.partition(b"\n")
    answer = wordpress._parsed(body)

    class Site(wordpress.WordPress):
        """A site that gives the same answer to whatever it is asked."""

        def __init__(self) -> None:
            self.user, self._id, self._key, self._names, self._as_comment = "edith", 1, b"key", {}, False
            self.can: dict[str, Any] = {}

        def _call(self, *_: object, **__: object) -> Any:
            if not isinstance(answer, dict | list):
                raise self._refusal(int(status[:3]) if status.isdigit() else 200, httpx.Headers(), answer)
            return answer

    site = Site()
    kind = wordpress.Kind("post", "posts", "wp/v2/posts", True, {})
    asked: list[Callable[[], object]] = [
        lambda: site.kind("post"),
        lambda: site.waiting(kind, ["pending"]),
        lambda: _post(site, site.read(kind, 12)),
        site.destinations,
        lambda: wordpress._said(httpx.Headers([(b"link", body)]), body, web.address(URL)),
        lambda: (_ for _ in ()).throw(site._refusal(403, httpx.Headers(), answer)),
    ]
    for ask in asked:
        try:
            ask()
        except SourceError as error:
            check_message(error)


def _post(site: Any, post: Any) -> None:
    check_document(post.document(author=site.author(post), site="health.example"))
    site.note(post)
    site.changed(post)


# --- what users and programs give -------------------------------------------------------------------------------


def _from_dict(data: bytes) -> None:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        return
    check_verdict(detector().score(document := Document.from_dict(row)), document)


def _settings(data: bytes) -> None:
    from detector import settings

    read = settings.read(_file(data, "detector.toml"))
    settings.describe(settings.Settings(**read), {})
    settings.find(_file(data, "pyproject.toml").parent)


def _baseline(data: bytes) -> None:
    baseline = Baseline(_file(data, "accepted.json"))
    document = read_text(seeds("text")[1].decode() * 2, id="fuzz")
    evidence = _spoiled()
    Acceptance(baseline, comments=False, say=_said)(document, evidence)
    for complaint in baseline.complaints():
        _said(complaint)


@cache
def _spoiled() -> dict[str, Any]:
    return detector().measure(read_text(seeds("text")[1].decode() * 2, id="fuzz"))


def _comments(data: bytes) -> None:
    document = read_markdown(decode(data), id="fuzz")
    for honoured in (True, False):
        Acceptance(None, comments=honoured, say=_said)(document, detector().measure(document))


def _said(note: str) -> None:
    check_message(ValueError(note))


def _intake(data: bytes) -> None:
    """As the desk's worker does with a job and its bytes."""
    from detector.desk import intake

    head, _, content = data.partition(b"\n")
    try:
        row = json.loads(head)
        known = {
            key: row.get(key)
            for key in ("name", "id", "title", "url", "charset", "site")
            if isinstance(row.get(key), str)
        }
        form = row.get("form")
    except (ValueError, RecursionError, AttributeError):
        known, form = {}, "text"
    if isinstance(known.get("name"), str):
        known["name"] = intake.plain_name(known["name"])
        assert known["name"].isprintable()
    for text in known.values():
        assert intake.one_line(text).isprintable()
    if form in ("file", "url") and content.startswith(b"=== "):
        content = packing.zipped(content)
    task = intake.Task(
        content, form if form in ("text", "html", "markdown", "file", "url") else "text", **known
    )
    if b"%PDF-" in content[:1024] or known.get("name", "").lower().endswith(".pdf"):
        return  # a process of its own for every input
    check_document(intake.read(task, DEFAULT))


_ENDINGS = {b"h": ".html", b"t": ".txt", b"m": ".md", b"d": ".docx", b"o": ".odt"}


def _whole(data: bytes) -> None:
    """From bytes to every report."""
    how, data = data[:1], data[1:]
    if data.startswith(b"=== "):
        data = packing.zipped(data)
    if b"%PDF-" in data[:1024]:
        return  # a process of its own for every input; `pdf` has that reader
    try:
        document = read_bytes(data, _ENDINGS.get(how, ""), "fuzz", url=URL if how == b"h" else None)
    except SourceError as error:
        verdict = detector().answer(Unreadable("fuzz", error.kind, str(error)))
        check_verdict(verdict, None)
        check_reports(verdict, None)
        raise
    _judged(document)


def _judged(document: Document) -> None:
    check_document(document)
    verdict = detector().score(document)
    check_verdict(verdict, document)
    check_reports(verdict, document)


def _signal(data: bytes, name: str) -> None:
    how, text = data[:1], decode(data[1:])
    readers: dict[bytes, Callable[..., Document]] = {b"m": read_markdown, b"h": read_html}
    read = readers.get(how, read_text)
    document = read(text, id="fuzz", url=URL)
    if how == b"h":
        document = replace(document, site="mill.example")
    check_evidence(signals.registry()[name].measure(document, detector().tables), document)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def _file(data: bytes, name: str) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


# --- what readers look at ---------------------------------------------------------------------------------------

_MARKUP = tuple(
    '<p> </p> <div> <b> <a href="x"> </a> <br> <table> <td> <li> <svg> <math> <template> <script> </script> <style>'
    " <!-- -->"
    " <![CDATA[ ]]> &amp; &#0; &#xD800; &#x10FFFF; &nbsp &lt; <plaintext> <select> <iframe> <noscript> hidden style="
    " display:none font-size:0 class= id= <base href= <h1> <title> <main> <article> <meta charset= <?xml </".split()
)
_PLAIN = (
    "](",
    "[a](b)",
    "![",
    "```",
    "~~~",
    "---",
    "{{",
    "}}",
    "{%",
    "%}",
    "<!--",
    "[^1]",
    "http://",
    "www.",
    "a@b.c",
    "| a | b |",
    "> ",
    "# ",
)
_WARC = ("WARC/1.0\r\n", "WARC-Type: response\r\n", "Content-Length: 999999999999\r\n", "Content-Length: -1\r\n",
         "\r\n\r\n", "HTTP/1.1 200 OK\r\n",
         "Transfer-Encoding: chunked\r\n", "Content-Encoding: gzip\r\n", "ffffffff\r\n", "\x1f\x8b\x08")  # fmt: skip
_JSON = (
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "null",
    "NaN",
    "1e999",
    "-1",
    '"\\ud800"',
    '"id"',
    '"text"',
    '"html"',
    '"url"',
    '{"":',
    "[[[[[[[[",
)
_PARTS = (
    "\n=== a\n",
    "<w:p>",
    "<w:t>",
    "</w:t>",
    "<text:p>",
    "<!DOCTYPE a [<!ENTITY a 'b'>]>",
    "&a;",
    ' w:val="',
    "xmlns:w=",
    "<![CDATA[",
    "&#0;",
)
_PDF = ("obj", "endobj", "stream", "endstream", "<<", ">>", "/Length", "/Kids", "/Parent", "/Type", "/Page", "Tj", "TJ",
        "Tf", "Td", "Tm", "cm", "BDC", "/MCID", "/Rotate", "/Annots", "/Rect", "/URI", "R", "-1", "1e30", "nan",
        "99999999999", "/ToUnicode", "/Encrypt", "/ObjStm")  # fmt: skip


def _phrases(name: str) -> tuple[str, ...]:
    """Words and whole examples that a signal is documented with."""
    found = [example.text for example in explain.page(name).examples]
    words = Counter(word for text in found for word in re.findall(r"\S+(?: \S+)?", text))
    return (*found, *sorted(words), *_MARKUP[:12], *_PLAIN)


def _registry() -> Iterator[Target]:
    def reader(
        name: str, says: str, read: Callable[[bytes], None], words: Sequence[str] = (), **more: Any
    ) -> Target:
        return Target(name, more.pop("kind", "reader"), says, read, words=lambda: words, **more)

    archive = packing.zipped
    yield reader("html", "web pages, any charset", _html, _MARKUP)
    yield reader("html-careful", "web pages by the careful tier", partial(_html, careful=True), _MARKUP)
    yield reader(
        "fragment",
        "guest posts pasted as HTML",
        _fragment,
        (*_MARKUP, "mso-list", "[b]", "[/b]", "[url=", "\n\n", "<o:p>"),
    )
    yield reader("markdown", "Markdown", partial(_plain, read=read_markdown), _PLAIN)
    yield reader("text", "plain text", partial(_plain, read=read_text), _PLAIN)
    yield reader("words", "words, sentences, quotations, language", _words, _PLAIN)
    yield reader("docx", "Word files, mutated inside the archive", partial(_office, ending=".docx"), _PARTS)
    yield reader(
        "odt", "OpenDocument files, mutated inside the archive", partial(_office, ending=".odt"), _PARTS
    )
    yield reader("pdf", "PDF: PDFium and the layout", _pdf, _PDF, text=False)
    yield reader("jsonl", "JSON lines", _jsonl, _JSON)
    yield reader("array", "JSON arrays of pages, packed or not", partial(_stored, kind="JSON array"), _JSON)
    yield reader(
        "csv",
        "tables of addresses and of pages (CSV)",
        partial(_addresses, pack=packing.packed),
        (",", ";", '"', "\n", "Address", "html", "\0"),
    )
    yield reader(
        "xlsx",
        "tables of addresses (Excel), mutated inside the archive",
        partial(_addresses, pack=archive),
        ("<c r=", "<v>", "<row", *_PARTS),
        text=False,
    )
    yield reader("parquet", "Parquet", partial(_stored, kind="Parquet", pack=bytes), text=False)
    yield reader(
        "sitemap",
        "sitemaps and their indexes",
        _list,
        ("<loc>", "</loc>", "<url>", "<urlset>", "<!DOCTYPE a>", "&a;", "<![CDATA["),
    )
    yield reader("url-list", "lists of addresses", _list, ("http://", "#", "\n", "\r"))
    yield reader("warc", "WARC, plain and packed", partial(_stored, kind="WARC"), _WARC)
    yield reader("wet", "WET, plain and packed", partial(_stored, kind="WET"), _WARC)
    yield reader("arc", "ARC, plain and packed", partial(_stored, kind="ARC"), _WARC)
    yield reader(
        "wacz",
        "WACZ, mutated inside the archive",
        partial(_stored, kind="WACZ", pack=archive),
        ("\n=== archive/a.warc\n", "\n=== !b.wacz\n", *_WARC),
    )
    yield reader(
        "stored", "whatever a crawler has stored, told by its content", _stored, (*_WARC, *_JSON, *_MARKUP)
    )
    yield reader("wordpress", "answers of WordPress' REST API", _wordpress, _JSON)
    yield reader(
        "address",
        "web addresses and names of stored files",
        _address,
        ("http://", "//", "@", ":", "[::1]", "%00", "?", "#", ".html", "xn--"),
    )
    yield reader(
        "from-dict",
        "a document as JSON, and its verdict",
        _from_dict,
        _JSON,
        allowed=(ValueError, KeyError, TypeError),
    )
    yield reader(
        "settings",
        "files of settings (TOML)",
        _settings,
        ("[tool.detector]", "ignore", "= ", "[[", '"""', "1e999", "nan"),
        allowed=(UsageError,),
    )
    yield reader("baseline", "files of accepted places", _baseline, _JSON, allowed=(UsageError,))
    yield reader(
        "comments",
        "comments that accept what is found",
        _comments,
        ("<!-- detector:", "-->", "accept ", "accept-page", "because"),
    )
    yield reader(
        "intake",
        "what is sent to the desk",
        _intake,
        (*_MARKUP, '"form":', '"file"', '"url"', '"name":'),
        allowed=(DetectorError,),
    )
    yield reader("whole", "bytes to verdict to every report", _whole, (*_MARKUP, *_PLAIN), kind="whole")
    for name in signals.registry():
        yield Target(
            f"signal-{name}",
            "signal",
            f"the signal {name}",
            partial(_signal, name=name),
            words=partial(_phrases, name),
        )


TARGETS: dict[str, Target] = {target.name: target for target in _registry()}


# --- whole files, as `fuzz.hostile` makes them ------------------------------------------------------------------


CHECKS = (
    4  # times what a page may take in memory: a check holds the page, its JSON and what is read from that
)


def read_case(
    ending: str,
    data: bytes,
    *,
    reports: bool = True,
    within: Callable[[int], Within] = lambda _: nullcontext(),
) -> str:
    """Read a file by its ending, where it is a page to its verdict and the reports. Returns the answer in a few words.

    within: entered for each step, with how many times what a page may take the step may take. What checks a page makes
    several others of it.
    Raises AssertionError, or anything else that is no DetectorError, for a fault.
    """
    try:
        with within(1):
            answer = _read(ending, data)
    except DetectorError as error:
        check_message(error)
        return f"{error.kind}: {error}"
    if answer is None:
        return "read"
    document, verdict = answer
    with within(CHECKS):
        check_document(document)
        check_verdict(verdict, document)
    for format in (*FORMATS, "docx") if reports else ():
        with within(CHECKS):
            check_report(verdict, document, format)
    return verdict.reason or verdict.outcome


def _read(ending: str, data: bytes) -> tuple[Document, Verdict] | None:
    """A page and its verdict, or None for what holds pages. Raises DetectorError."""
    if ending in (".xml", ".list"):
        _list(b"-" + data)
    elif ending == ".toml":
        _settings(data)
    elif ending in (".jsonl", ".json", ".csv", ".xlsx", ".parquet", ".wacz", ".arc") or ".warc" in ending:
        if ending in (".csv", ".xlsx"):
            _addresses(data, bytes)
        if ending == ".jsonl":
            _jsonl(data)
        _stored(data, pack=bytes)
    else:
        document = read_bytes(data, ending, "fuzz")
        return document, detector().score(document)
    return None
