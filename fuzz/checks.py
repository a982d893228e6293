"""What every document, verdict and report promises, whatever it was made of. A broken promise is an AssertionError."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from functools import cache
from io import BytesIO, StringIO
from typing import Any, get_args

from detector.document import BlockKind, Document
from detector.errors import DetectorError
from detector.model import LOGIT_LIMIT, logit
from detector.report import FORMATS, SCHEMA, open_report
from detector.verdict import OUTCOMES, Evidence, Verdict

_KINDS = frozenset(get_args(BlockKind))
# What a terminal, or a program that reads line by line, would take for an order.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST_MESSAGE = 2000


def check_message(error: BaseException) -> None:
    """An error that people read is one line."""
    text = str(error)
    assert text.strip(), f"{type(error).__name__} says nothing"
    assert len(text.splitlines()) == 1, f"more than one line: {text[:200]!r}"
    assert len(text) <= _LONGEST_MESSAGE, f"{len(text)} characters: {text[:200]!r}"


def check_document(document: Document) -> None:
    """Offsets lie in the text and in order, what is counted fits the text, and the document survives JSON."""
    text, size = document.text, len(document.text)
    _encodable(document.id, text, document.url, document.title, document.language)
    _check_blocks(document)
    for link in document.links:
        assert 0 <= link.start <= link.end <= size, f"{link} of {size}"
        _encodable(link.href, link.rel)
    tokens = document.tokens
    assert len(tokens.word) == len(tokens.start) == len(tokens.end) == len(tokens.block)
    last = 0
    for word, start, end, owner in zip(tokens.word, tokens.start, tokens.end, tokens.block, strict=True):
        block = document.blocks[owner]
        assert word, f"an empty word at {start}"
        assert max(last, block.start) <= start < end <= block.end, f"{word!r} at {start}..{end} of {block}"
        last = end
    at = 0
    for sentence in document.sentences:
        assert 0 <= sentence.start < sentence.end <= size, f"{sentence} of {size}"
        assert sentence.first == at < sentence.last <= len(tokens), f"{sentence} after token {at}"
        assert sentence.start <= tokens.start[sentence.first] <= tokens.end[sentence.last - 1] <= sentence.end
        at = sentence.last
    assert at == len(tokens), f"{len(tokens) - at} words in no sentence"
    assert all(0 <= start < end <= size for start, end in document.quoted)
    row = json.loads(json.dumps(document.to_dict(), allow_nan=False))
    assert Document.from_dict(row) == document


def _check_blocks(document: Document) -> None:
    size, last, free = len(document.text), 0, 0
    for block in document.blocks:
        assert 0 <= block.start < block.end <= size, f"{block} of {size}"
        assert block.kind in _KINDS
        assert block.start >= last, f"{block} before {last}"
        last = block.start
        # code and hidden stretches may lie within prose; nothing else overlaps
        if block.kind not in ("code", "hidden"):
            assert block.start >= free, f"{block} overlaps what ends at {free}"
            free = block.end


def _encodable(*texts: str | None) -> None:
    for text in texts:
        if text is not None:
            text.encode("utf-8")


def check_evidence(evidence: Evidence, document: Document) -> None:
    """A finite value >= 0, and places in the text."""
    assert math.isfinite(evidence.value), evidence.value
    assert evidence.value >= 0, evidence.value
    size = len(document.text)
    for span in evidence.spans:
        assert 0 <= span.start < span.end <= size, f"{span} of {size}"
        assert span.partner is None or 0 <= span.partner.start < span.partner.end <= size, span.partner
        _encodable(span.says, *span.instead)


def check_verdict(verdict: Verdict, document: Document | None) -> None:
    """The account adds up, and the verdict is the JSON that its schema describes."""
    assert verdict.outcome in OUTCOMES
    if verdict.score is None or verdict.bias is None:
        assert verdict.outcome == "unscored"
        assert verdict.score is verdict.bias is None
        assert verdict.reason
        assert not verdict.findings
    else:
        total = verdict.bias + math.fsum(f.push for f in verdict.findings)
        assert abs(total) <= LOGIT_LIMIT + 1e-6
        assert abs(total - logit(verdict.score)) < 1e-6, (
            f"the account gives {total}, the score {verdict.score}"
        )
    for finding in verdict.findings:
        assert math.isfinite(finding.push)
        assert document is not None
        check_evidence(Evidence(finding.value, finding.spans), document)
    row = verdict.to_dict(document)
    text = json.dumps(row, allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    problem = next(_schema().iter_errors(json.loads(text)), None)
    assert problem is None, str(problem)[:300]
    accepted = tuple(replace(finding, accepted=()) for finding in verdict.findings)
    assert Verdict.from_dict(json.loads(text)) == replace(verdict, findings=accepted)


@cache
def _schema() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def check_reports(verdict: Verdict, document: Document | None) -> None:
    """Every format can be written, and nothing of the page acts in it."""
    for format in FORMATS if document is None else (*FORMATS, "docx"):
        check_report(verdict, document, format)


def check_report(verdict: Verdict, document: Document | None, format: str) -> None:
    """One format can be written, and nothing of the page acts in it."""
    if format == "docx":
        assert document is not None
        _check_word(verdict, document)
        return
    out = StringIO()
    report = open_report(format, out, with_text=format == "json")
    report.add(verdict, document)
    report.close()
    text = out.getvalue()
    text.encode("utf-8")
    if format in ("json", "sarif"):
        json.loads(text)
    elif format == "jsonl":
        assert len(text.splitlines()) >= 1
        assert text.count("\n") == 1
        json.loads(text)
    elif format == "html":
        _check_html(text)
    elif format == "github":
        assert all(line.startswith(("::error", "::warning", "::notice")) for line in text.split("\n") if line)
    if format in ("text", "github"):
        found = _CONTROL.search(text)
        assert found is None, (
            f"{format}: control character {found[0]!r} in {text[max(0, found.start() - 40) :][:80]!r}"
        )


def _check_word(verdict: Verdict, document: Document) -> None:
    """A file is written, or a document larger than Word files may be is refused as that."""
    from detector.report.word import write_word

    try:
        write_word(verdict, document, BytesIO())
    except DetectorError as error:
        if "more than the limit" not in str(error):
            raise AssertionError(f"no Word file: {error}") from error


def _check_html(text: str) -> None:
    """The page stays text: the report's elements are its own."""
    from selectolax.lexbor import LexborHTMLParser

    for node in LexborHTMLParser(text).css(
        "script, iframe, object, embed, form, base, meta, a, img, svg, link"
    ):
        attributes = node.attributes
        assert not any(name.startswith("on") for name in attributes), attributes
        address = attributes.get("href") or attributes.get("src") or ""
        scheme = address.partition(":")[0].strip().lower()
        assert scheme not in ("javascript", "vbscript"), address[:100]
        assert not (scheme == "data" and node.tag == "a"), address[:100]
        assert node.tag not in ("iframe", "object", "embed", "base", "form"), node.tag
