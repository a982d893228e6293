"""LanguageTool's HTTP API, so that whatever can ask a LanguageTool server can ask the desk.

`/v2/check` answers with a match for every place of a finding that counts. Offsets count UTF-16 units of the text with
its markup, as LanguageTool's do, and errors are plain text that begins with "Error: ". Matches do not overlap:
LanguageTool's never do, and its clients rely on it.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse

from detector import __version__
from detector.desk.config import DeskConfig
from detector.desk.intake import Answer, Task
from detector.desk.pool import BusyError, Pool
from detector.document import Document, Span
from detector.errors import UsageError
from detector.report.ink import clean
from detector.report.words import why_unscored
from detector.verdict import Finding, Verdict

CATEGORY = {"id": "DETECTOR", "name": "What a careful editor would ask about"}
CONTEXT = 40  # characters on either side of a match
PASSAGE = 40  # characters that a longer place must keep for itself where it gives way to shorter ones
MARKUP = 4  # times as long as a text `data` may be; read, JSON takes far more memory than it is long
LONGEST_SENTENCE = 1000  # characters; a text without full stops is one sentence

# Names and codes of what can be asked for, and names of what can be met.
LANGUAGES = {
    "en": "English",
    "en-AU": "English (Australian)",
    "en-CA": "English (Canadian)",
    "en-GB": "English (GB)",
    "en-NZ": "English (New Zealand)",
    "en-US": "English (US)",
    "en-ZA": "English (South African)",
}
_CODES = {code.lower(): code for code in LANGUAGES}
_MET = {
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "pt": "Portuguese",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "sv": "Swedish",
    "id": "Indonesian",
    "tr": "Turkish",
    "und": "unknown",
}

_WIDE = re.compile(r"[\U00010000-\U0010ffff]")  # two units of UTF-16
# Halves of surrogate pairs have no UTF-8, and a byte order mark is not read as text. Each becomes one other character.
_UNREADABLE = re.compile(r"[\ud800-\udfff]|^\ufeff")


class TooLongError(UsageError):
    """The text is longer than the desk takes."""


@dataclass(frozen=True)
class Text:
    """A text as the client holds it, and as it is read.

    original: with its markup; matches count in it. plain: without, but with what markup stands for (a line break for
    `<p>`); it is what is judged. pieces: (where it starts in plain, where it starts in original, length of the markup
    that it stands for, None for text), in order.
    """

    original: str
    plain: str
    pieces: tuple[tuple[int, int, int | None], ...] = ((0, 0, None),)

    @classmethod
    def from_annotation(cls, parts: object) -> Text:
        """A text told from its markup. Raises UsageError when `parts` is no list of {"text"} and {"markup"}."""
        if not isinstance(parts, list):
            raise UsageError("'annotation' must be a list")
        original: list[str] = []
        plain: list[str] = []
        pieces: list[tuple[int, int, int | None]] = []
        read = held = 0
        for part in parts:
            stands, shown = _part(part)
            if shown:
                pieces.append((read, held, len(stands) if part.get("markup") is not None else None))
            original.append(stands)
            plain.append(shown)
            read, held = read + len(shown), held + len(stands)
        return cls("".join(original), "".join(plain), tuple(pieces))

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where plain[start:end], which is not empty, stands in `original`."""
        plain, first, markup = self._piece(start)
        if markup is None:
            first += start - plain
        plain, last, markup = self._piece(end - 1)
        return first, last + (end - plain if markup is None else markup)

    def _piece(self, at: int) -> tuple[int, int, int | None]:
        return self.pieces[bisect_right(self.pieces, at, key=lambda piece: piece[0]) - 1]


def _part(part: object) -> tuple[str, str]:
    """What a part of an annotation is, and what is to be read there; further keys are the client's own."""
    if isinstance(part, dict):
        match part.get("text"), part.get("markup"), part.get("interpretAs"):
            case str(text), None, None:
                return _readable(text), _readable(text)
            case None, str(markup), str() | None as stands_for:
                return _readable(markup), _readable(stands_for or "")
    shown = json.dumps(part)[:200]
    raise UsageError(f"an object in 'annotation' has either 'text' or 'markup' (with 'interpretAs'): {shown}")


def _readable(text: str) -> str:
    return _UNREADABLE.sub("\ufffd", text)


@dataclass(frozen=True)
class Question:
    """What a client asks, by LanguageTool's names.

    language, variants: codes; "auto" is answered with what the text turns out to be, in the preferred variant.
    picky: show descriptions too, which do not count. only: show nothing but what is enabled.
    """

    text: Text
    language: str = "auto"
    variants: tuple[str, ...] = ()
    picky: bool = False
    only: bool = False
    enabled_rules: frozenset[str] = frozenset()
    disabled_rules: frozenset[str] = frozenset()
    enabled_categories: frozenset[str] = frozenset()
    disabled_categories: frozenset[str] = frozenset()

    @classmethod
    def read(cls, form: bytes, *, longest: int) -> Question:
        """A request's parameters; `longest`: characters that a text may have.

        Raises UsageError, in LanguageTool's words where it has some, because clients look for them.
        """
        try:
            given = dict(
                parse_qsl(form.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000)
            )
        except ValueError as error:
            raise UsageError("too many parameters") from error
        _limit("data", given.get("data", ""), MARKUP * longest)
        text = _text(given)
        _limit("text", text.plain, longest)
        language = given.get("language", "")
        if not language:
            raise UsageError("Missing 'language' parameter, e.g. 'language=en-US' for American English")
        if (code := "auto" if language == "auto" else _CODES.get(language.lower())) is None:
            raise UsageError(
                f"'{clean(language)[:40]}' is not a language code known to LanguageTool. "
                f"Supported language codes are: {', '.join(LANGUAGES)}. The desk judges English alone."
            )
        if given.get("level", "default") not in ("default", "picky"):
            raise UsageError("If 'level' is set, it must be set to 'default' or 'picky'")
        names = {
            key: _names(given.get(key, ""))
            for key in ("enabledRules", "disabledRules", "enabledCategories", "disabledCategories")
        }
        only = given.get("enabledOnly") in ("true", "yes")
        if only and (names["disabledRules"] or names["disabledCategories"]):
            raise UsageError("You cannot specify disabled rules or categories using enabledOnly=true")
        if only and not (names["enabledRules"] or names["enabledCategories"]):
            raise UsageError("You must specify enabled rules or categories when using enabledOnly=true")
        return cls(
            text,
            code,
            tuple(_names(given.get("preferredVariants", ""), upper=False)),
            given.get("level") == "picky",
            only,
            *map(frozenset, names.values()),
        )

    def shows(self, finding: Finding) -> bool:
        """Whether the client wants to see a finding. What speaks for the page is no match."""
        rule = _rule_id(finding)
        if finding.push < 0 or rule in self.disabled_rules:
            return False
        if rule in self.enabled_rules:
            return True
        if self.only:
            chosen = CATEGORY["id"] in self.enabled_categories
        else:
            chosen = CATEGORY["id"] not in self.disabled_categories
        return chosen and (finding.push > 0 or self.picky)


def _text(given: Mapping[str, str]) -> Text:
    """The text of a request, from `text` or `data`."""
    if "text" in given and "data" in given:
        raise UsageError("Set only 'text' or 'data' parameter, not both")
    if "text" in given:
        text = _readable(given["text"])
        return Text(text, text)
    if "data" not in given:
        raise UsageError("Missing 'text' or 'data' parameter")
    try:
        data = json.loads(given["data"])
    except (ValueError, RecursionError) as error:
        raise UsageError("Could not parse JSON from 'data' parameter") from error
    keys = data.keys() & {"text", "annotation"} if isinstance(data, dict) else ()
    if len(keys) != 1:
        raise UsageError("'data' key in JSON requires 'text' or 'annotation' key, and not both")
    return Text.from_annotation(data["annotation"] if "annotation" in keys else [{"text": data["text"]}])


def _limit(what: str, given: str, longest: int) -> None:
    if (length := len(given)) > longest:
        raise TooLongError(
            f"Your {what} exceeds the limit of {longest} characters (it's {length} characters). "
            "Please submit a shorter text."
        )


def _names(value: str, *, upper: bool = True) -> list[str]:
    """The items of a list with commas."""
    return [item.strip().upper() if upper else item.strip() for item in value.split(",") if item.strip()]


@dataclass
class _Place:
    """A stretch of the document that one match marks, and what it says; `cut`: it has given way to others."""

    start: int
    end: int
    finding: Finding
    span: Span
    says: list[str] = field(default_factory=list)
    cut: bool = False


def check(document: Document, verdict: Verdict, question: Question | None = None) -> dict[str, Any]:
    """The answer to `/v2/check`, for a document that is the plain text of the question.

    Beside LanguageTool's fields stands `verdict`: outcome, score, reason and model.
    """
    asked = question or Question(Text(document.text, document.text))
    why = why_unscored(verdict) if verdict.outcome == "unscored" else None
    places = _apart(
        document.text,
        (
            _Place(span.start, span.end, finding, span)
            for finding in verdict.findings
            if asked.shows(finding)
            for span in finding.spans
            if span.start < span.end
        ),
    )
    write = _Writer(document, verdict, asked.text)
    return {
        "software": _software(),
        "warnings": {"incompleteResults": False}
        if why is None
        else {"incompleteResults": True, "incompleteResultsReason": why},
        "language": _language(asked, verdict),
        "matches": [write.match(place) for place in places],
        "verdict": {
            "outcome": verdict.outcome,
            "score": verdict.score,
            "reason": verdict.reason,
            "model": {"name": verdict.model.name, "version": verdict.model.version},
        },
    }


def _apart(text: str, places: Iterable[_Place]) -> list[_Place]:
    """The places in order, none over another; the shortest, which say most, keep what they mark.

    A passage with others inside keeps its longest free stretch. What is left without one is said at the place that
    took it.
    """
    kept: list[_Place] = []
    for place in sorted(places, key=lambda p: (p.end - p.start, not p.span.instead, -p.finding.push)):
        place.says = [s for s in dict.fromkeys(map(clean, (place.finding.says, place.span.says))) if s]
        low = bisect_right(kept, place.start, key=lambda k: k.end)
        high = bisect_left(kept, place.end, key=lambda k: k.start)
        if others := kept[low:high]:
            edges = [place.start, *(edge for k in others for edge in (k.start, k.end)), place.end]
            at = max(range(0, len(edges), 2), key=lambda n: edges[n + 1] - edges[n])
            words = text[edges[at] : edges[at + 1]]
            place.start = edges[at] + len(words) - len(words.lstrip())
            place.end = edges[at] + len(words.rstrip())
            place.cut = True
            low += at // 2
            if place.end - place.start < PASSAGE:
                others[0].says += [s for s in place.says if s not in others[0].says]
                continue
        kept.insert(low, place)
    return kept


class _Writer:
    """Writes the matches of one answer."""

    def __init__(self, document: Document, verdict: Verdict, text: Text) -> None:
        self._document = document
        self._text = text
        self._wide = [m.start() for m in _WIDE.finditer(text.original)]
        self._published = verdict.outcome == "publish"

    def match(self, place: _Place) -> dict[str, Any]:
        """One match."""
        start, end = self._text.place(place.start, place.end)
        finding = place.finding
        return {
            "message": " ".join(place.says),
            "shortMessage": finding.signal.replace("_", " ").capitalize(),
            "replacements": [{"value": form} for form in self._replacements(place)],
            "offset": self._units(0, start),
            "length": self._units(start, end),
            "context": self._context(start, end),
            "sentence": self._sentence(place.start),
            # a hint: something to look at on a page that may be published, or that does not count
            "type": {"typeName": "Hint" if self._published or finding.push <= 0 else "Other"},
            "rule": {
                "id": _rule_id(finding),
                "description": clean(finding.says),
                "issueType": "style",
                "category": CATEGORY,
            },
            # the whole text has been weighed, so nothing is sure of a piece of it
            "ignoreForIncompleteSentence": True,
            "contextForSureMatch": -1,
        }

    def _replacements(self, place: _Place) -> list[str]:
        """Honest forms for exactly what is marked, written as it is at its beginning."""
        if place.cut:
            return []
        capital = self._document.text[place.start].isupper()
        forms = [clean(form) for form in place.span.instead]
        return [form[:1].upper() + form[1:] if capital else form for form in forms]

    def _context(self, start: int, end: int) -> dict[str, Any]:
        text = self._text.original
        low, high = max(0, start - CONTEXT), min(len(text), end + CONTEXT)
        before, after = "..." if low else "", "..." if high < len(text) else ""
        return {
            "text": before + text[low:high].replace("\n", " ") + after,
            "offset": len(before) + self._units(low, start),
            "length": self._units(start, end),
        }

    def _sentence(self, at: int) -> str:
        """The sentence around a place of the document, or its line where that is no prose."""
        document = self._document
        sentences = document.sentences
        k = bisect_right(sentences, at, key=lambda s: s.start) - 1
        if k >= 0 and at < sentences[k].end:
            start, end = sentences[k].start, sentences[k].end
        else:
            start = document.text.rfind("\n", 0, at) + 1
            end = document.text.find("\n", at)
        return document.text[start : end if end >= 0 else None].strip()[:LONGEST_SENTENCE]

    def _units(self, start: int, end: int) -> int:
        """UTF-16 units of original[start:end]."""
        return end - start + bisect_left(self._wide, end) - bisect_left(self._wide, start)


def _rule_id(finding: Finding) -> str:
    return finding.signal.upper()


def _software() -> dict[str, Any]:
    return {
        "name": "detector",
        "version": __version__,
        "buildDate": "",
        "apiVersion": 1,
        "premium": False,
        "status": "",
    }


def _language(asked: Question, verdict: Verdict) -> dict[str, Any]:
    """The language asked for, and what the text is in. Nothing tells which English: the client's own is named."""
    found = verdict.language or "und"
    if found == "en":
        found = next((_CODES[v.lower()] for v in asked.variants if v.lower() in _CODES), "en-US")
    code = found if asked.language == "auto" else asked.language
    names = LANGUAGES | _MET
    return {
        "name": names.get(code, code),
        "code": code,
        "detectedLanguage": {
            "name": names.get(found, found),
            "code": found,
            "confidence": 0.0 if found == "und" else 1.0,
        },
    }


_PARAMETERS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "description": "The text; this or `data`."},
    "data": {
        "type": "string",
        "description": 'JSON: {"annotation": [{"text": …} or {"markup": …, "interpretAs": …}, …]}.',
    },
    "language": {"type": "string", "enum": [*LANGUAGES, "auto"]},
    "preferredVariants": {"type": "string", "description": "With auto: how English is called, like en-GB."},
    "level": {"type": "string", "enum": ["default", "picky"], "description": "picky: descriptions too."},
    "enabledRules": {"type": "string", "description": "Signals in capitals, with commas."},
    "disabledRules": {"type": "string"},
    "enabledCategories": {"type": "string", "description": "There is one: DETECTOR."},
    "disabledCategories": {"type": "string"},
    "enabledOnly": {"type": "string", "enum": ["true", "false"]},
}
_PLAIN: dict[str, Any] = {"content": {"text/plain": {"schema": {"type": "string"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"description": "Parameters are missing or wrong.", **_PLAIN},
    413: {"description": "The text is too long.", **_PLAIN},
    503: {"description": "Too many texts wait.", **_PLAIN},
}
_FORM = {
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": _PARAMETERS, "required": ["language"]}
            }
        },
        "required": True,
    }
}
_QUERY = {
    "parameters": [
        {"name": name, "in": "query", "required": name == "language", "schema": schema}
        for name, schema in _PARAMETERS.items()
    ]
}


def router(pool: Pool, config: DeskConfig) -> APIRouter:
    """The routes under /v2; `pool` judges, `config` says how long a text may be."""
    routes = APIRouter(prefix="/v2", tags=["LanguageTool"])

    @routes.get("/check", responses=_RESPONSES, openapi_extra=_QUERY, name="check_query")
    @routes.post("/check", responses=_RESPONSES, openapi_extra=_FORM, name="check")
    async def check_text(request: Request) -> Response:
        """The findings in a text, as LanguageTool answers."""
        # clients call the form by various media types, and not all escape it: it is read as LanguageTool reads it
        form = await request.body() + b"&" + request.scope["query_string"]
        try:
            question = await run_in_threadpool(Question.read, form, longest=config.max_text)
            answer = await pool.score(Task(question.text.plain.encode(), "text"))
        except TooLongError as error:
            return _error(413, error)
        except UsageError as error:
            return _error(400, error)
        except BusyError as error:
            return _error(503, error)
        return JSONResponse(await run_in_threadpool(_answer, question, answer))

    @routes.get("/languages")
    async def languages() -> list[dict[str, str]]:
        """What can be asked for: English, by whatever name a client knows it."""
        return [{"name": name, "code": "en", "longCode": code} for code, name in LANGUAGES.items()]

    @routes.get("/info")
    async def info() -> dict[str, Any]:
        """What answers here."""
        return {"software": _software()}

    @routes.get("/healthcheck", response_class=PlainTextResponse)
    async def healthcheck() -> str:
        """OK, as long as somebody is there to say it."""
        return "OK"

    return routes


def _answer(question: Question, answer: Answer) -> dict[str, Any]:
    return check(Document.from_dict(answer.document), Verdict.from_dict(answer.verdict), question)


def _error(status: int, error: Exception) -> Response:
    return PlainTextResponse(f"Error: {error}", status)
