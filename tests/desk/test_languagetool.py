"""LanguageTool's API: the words a client gets back are those that were found, whatever markup stands around."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("fastapi", reason="needs detector[desk]")
import httpx
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from detector.desk import languagetool
from detector.desk.config import DeskConfig
from detector.desk.intake import Answer, Task, read
from detector.desk.languagetool import LANGUAGES, Question, Text, TooLongError, check
from detector.desk.pool import BusyError
from detector.document import Document, Span
from detector.errors import UsageError
from detector.score import Detector
from detector.sources import Reading
from detector.verdict import Failure, Finding, ModelId, Outcome, Thresholds, Verdict

LONGEST = 20_000
# Written for this test: repeats itself, so that the small model rejects it.
REPEATS = """Looking after a wooden boat 🛶

A wooden boat needs a coat of varnish every spring, because the sun of the summer breaks the old coat and the water of
the winter creeps under it. Begin with the deck, where people walk, and leave the hull for a dry day in April.

Sand the old coat until it is dull, wipe the dust away with a damp cloth, and wait until the wood is dry again before
the brush comes out. Two thin coats hold longer than a thick one, and each of them wants a night to harden.

A wooden boat needs a coat of varnish each spring, since the sun of the summer breaks the old coat and the water of
the winter creeps under it. Begin with the deck, where people walk, and leave the hull for a dry day in April.

🛶 Sand the old coat until it is dull, wipe the dust away with a damp cloth, and wait until the wood is dry again before
the brush comes out. Two thin coats hold longer than a thick one, and each one wants a night to harden.
"""
MODEL = ModelId("tiny", "1.2.3", "0" * 64)


def verdict(*findings: Finding, outcome: Outcome = "reject", **changed: Any) -> Verdict:
    """A verdict with these findings."""
    fields: dict[str, Any] = {
        "id": "text",
        "url": None,
        "title": None,
        "outcome": outcome,
        "score": 0.9,
        "bias": 0.0,
        "findings": findings,
        "words": 140,
        "language": "en",
        "model": MODEL,
        "thresholds": Thresholds(0.5, 0.8),
    }
    return Verdict(**{**fields, **changed})


def finding(signal: str, *spans: Span, push: float = 1.0, says: str = "") -> Finding:
    return Finding(signal, 1.0, push, says or f"What {signal} says.", spans)


def span(text: str, words: str, says: str = "", *instead: str) -> Span:
    at = text.index(words)
    return Span(at, at + len(words), says, instead)


def cut(text: str, match: dict[str, Any]) -> str:
    """The words that a match marks, counted as clients count: in units of UTF-16."""
    units = text.encode("utf-16-le", "surrogatepass")
    part = units[2 * match["offset"] : 2 * (match["offset"] + match["length"])]
    return part.decode("utf-16-le", "surrogatepass")


def asked(text: str | Text = "x", **parameters: str) -> Question:
    """A question as a client puts it."""
    form = {"language": "en-US", **parameters}
    if isinstance(text, str) and "data" not in form:
        form["text"] = text
    return Question.read(urlencode(form).encode(), longest=LONGEST)


# --- matches -------------------------------------------------------------------------------------------------------

PAGE = "Rowing 🛶 at dawn\n\nThe boat 🛶 glides over leading sheet water. It is quiet."


def test_a_match_has_everything_that_clients_ask_for() -> None:
    document = Document.from_text(PAGE)
    place = span(PAGE, "leading sheet", "“leading” is odd here.", "top sheet", "upper\nsheet")
    answer = check(document, verdict(finding("spun_phrase", place, says="Words stand where others do.")))
    assert answer["matches"] == [
        {
            "message": "Words stand where others do. “leading” is odd here.",
            "shortMessage": "Spun phrase",
            "replacements": [{"value": "top sheet"}, {"value": "upper sheet"}],
            "offset": 43,
            "length": 13,
            "context": {
                "text": "...owing 🛶 at dawn  The boat 🛶 glides over leading sheet water. It is quiet.",
                "offset": 45,
                "length": 13,
            },
            "sentence": "The boat 🛶 glides over leading sheet water.",
            "type": {"typeName": "Other"},
            "rule": {
                "id": "SPUN_PHRASE",
                "description": "Words stand where others do.",
                "issueType": "style",
                "category": {"id": "DETECTOR", "name": "What a careful editor would ask about"},
            },
            "ignoreForIncompleteSentence": True,
            "contextForSureMatch": -1,
        }
    ]
    match = answer["matches"][0]
    assert cut(PAGE, match) == cut(match["context"]["text"], match["context"]) == "leading sheet"
    assert answer["warnings"] == {"incompleteResults": False}
    assert answer["software"].items() >= {"name": "detector", "apiVersion": 1, "premium": False}.items()
    assert answer["verdict"] == {
        "outcome": "reject",
        "score": 0.9,
        "reason": None,
        "model": {"name": "tiny", "version": "1.2.3"},
    }


def test_a_form_is_written_as_what_it_replaces() -> None:
    document = Document.from_text("Leading sheet it is.")
    place = span(document.text, "Leading sheet", "", "top sheet", "OH")
    values = check(document, verdict(finding("spun_phrase", place)))["matches"][0]["replacements"]
    assert values == [{"value": "Top sheet"}, {"value": "OH"}]


def test_what_a_page_says_cannot_act_in_a_terminal() -> None:
    document = Document.from_text("Some words here.")
    place = Span(0, 4, "\x1b[31mred\n\u202eback", ("\x07bell",))
    match = check(document, verdict(finding("plug", place, says="a\x00b")))["matches"][0]
    assert match["message"] == "a\ufffdb \ufffd[31mred \ufffdback"
    assert match["replacements"] == [{"value": "\ufffdbell"}]


def test_places_on_a_page_that_may_be_published_are_hints() -> None:
    document = Document.from_text(PAGE)
    place = finding("spun_phrase", span(PAGE, "glides"))
    types = [
        check(document, verdict(place, outcome=outcome))["matches"][0]["type"]["typeName"]
        for outcome in ("publish", "review", "reject")
    ]
    assert types == ["Hint", "Other", "Other"]


def test_matches_come_in_the_order_of_the_text_and_findings_without_a_place_are_none() -> None:
    document = Document.from_text(PAGE)
    answer = check(
        document,
        verdict(
            finding("hollow_prose", span(PAGE, "quiet"), span(PAGE, "Rowing"), push=2),
            finding("plug", span(PAGE, "boat"), Span(5, 5)),
            finding("thin_specifics"),
        ),
    )
    assert [cut(PAGE, m) for m in answer["matches"]] == ["Rowing", "boat", "quiet"]


def test_the_sentence_of_what_is_no_prose_is_its_line_and_never_a_book() -> None:
    table = "Name | Price\nOne | 2\n"
    document = Document("t", table, ())
    match = check(document, verdict(finding("plug", span(table, "One"))))["matches"][0]
    assert match["sentence"] == "One | 2"
    long = "word " * 2000
    match = check(Document("t", long, ()), verdict(finding("plug", Span(0, 4))))["matches"][0]
    assert len(match["sentence"]) == 1000


# --- places one over the other -------------------------------------------------------------------------------------


def test_the_shorter_place_keeps_its_words_and_the_passage_what_is_left() -> None:
    text = "It pays to look into the leading sheet, and it pays to look into it once more before the winter comes."
    document = Document.from_text(text)
    passage = finding("near_duplicate", Span(0, len(text), "", ("x",)), push=3)
    phrase = finding("spun_phrase", span(text, "leading sheet", "", "top sheet"))
    first, second = check(document, verdict(passage, phrase))["matches"]
    assert (first["rule"]["id"], cut(text, first)) == ("SPUN_PHRASE", "leading sheet")
    assert second["rule"]["id"] == "NEAR_DUPLICATE"
    assert cut(text, second) == ", and it pays to look into it once more before the winter comes."
    assert second["replacements"] == []  # they are for the whole passage


def test_what_has_no_words_of_its_own_left_is_said_where_they_went() -> None:
    text = "It pays to look into the leading sheet."
    document = Document.from_text(text)
    words = span(text, "leading sheet", "", "top sheet")
    answer = check(
        document,
        verdict(
            finding("wording_spam", span(text, "leading sheet"), push=3),
            finding("spun_phrase", words),
            finding("plug", span(text, "the leading sheet"), says="What spun_phrase says."),
        ),
    )
    [match] = answer["matches"]
    assert match["rule"]["id"] == "SPUN_PHRASE"
    assert match["message"] == "What spun_phrase says. What wording_spam says."


@given(
    st.lists(st.tuples(st.integers(0, 190), st.integers(1, 120), st.sampled_from("ab")), max_size=12),
    st.text(alphabet="ab 🛶é\n", min_size=310, max_size=310),
)
def test_matches_never_overlap_and_nothing_is_lost(places: list[tuple[int, int, str]], text: str) -> None:
    findings = [
        finding(name, Span(at, at + size, f"Place {n}.")) for n, (at, size, name) in enumerate(places)
    ]
    answer = check(Document("t", text, ()), verdict(*findings))
    end = 0
    for match in answer["matches"]:
        assert match["offset"] >= end
        assert match["length"] > 0
        end = match["offset"] + match["length"]
        assert cut(match["context"]["text"], match["context"]) == cut(text, match).replace("\n", " ")
    assert end <= len(text.encode("utf-16-le")) // 2
    said = " ".join(match["message"] for match in answer["matches"])
    assert all(f"Place {n}." in said for n in range(len(places)))


# --- text and markup -----------------------------------------------------------------------------------------------


def test_offsets_count_text_and_markup() -> None:
    parts = [
        {"markup": "<p>🛶", "interpretAs": "\n\n"},
        {"text": "The leading "},
        {"markup": "<b>"},
        {"text": "sheet"},
        {"markup": "</b>"},
        {"text": " & more."},
    ]
    text = asked(data=json.dumps({"annotation": parts})).text
    assert text.plain == "\n\nThe leading sheet & more."
    assert text.original == "<p>🛶The leading <b>sheet</b> & more."
    document = Document.from_text(text.plain)
    for words, expected in [
        ("leading sheet", "leading <b>sheet"),
        ("sheet", "sheet"),
        ("\nThe", "<p>🛶The"),
        ("& more.", "& more."),
    ]:
        answer = check(document, verdict(finding("plug", span(text.plain, words))), Question(text))
        assert cut(text.original, answer["matches"][0]) == expected


PART = st.one_of(
    st.builds(lambda t: {"text": t}, st.text(alphabet="ab🛶 ", max_size=8)),
    st.builds(lambda m: {"markup": m}, st.text(alphabet="<>🛶", max_size=4)),
    st.builds(
        lambda m, i: {"markup": m, "interpretAs": i, "offset": {"start": 0}},
        st.text(alphabet="<>", max_size=4),
        st.text(alphabet="\n.", max_size=3),
    ),
)


@given(st.lists(PART, max_size=10), st.data())
def test_every_stretch_read_is_found_in_the_original(
    parts: list[dict[str, Any]], data: st.DataObject
) -> None:
    text = Text.from_annotation(parts)
    assert text.original == "".join(p.get("text", p.get("markup")) for p in parts)
    if not text.plain:
        return
    start = data.draw(st.integers(0, len(text.plain) - 1))
    end = data.draw(st.integers(start + 1, len(text.plain)))
    first, last = text.place(start, end)
    assert 0 <= first <= last <= len(text.original)
    shown = re.sub("[<>]", "", text.original[first:last])
    read = text.plain[start:end].replace("\n", "").replace(".", "")
    assert read in shown or read.replace("🛶", "") == shown.replace("🛶", "")


@pytest.mark.parametrize("text", ["\ufeffA page", "half \ud83d of a pair", "\ud83d|\ude00"])
def test_what_has_no_utf_8_keeps_its_length(text: str) -> None:
    parts = [{"text": part} for part in text.split("|")]
    read_as = asked(data=json.dumps({"annotation": parts})).text
    assert len(read_as.plain) == len(read_as.original) == len(text.replace("|", ""))
    read_as.plain.encode()
    task = Task(read_as.plain.encode(), "text")
    assert read(task, Reading()).text == read_as.plain


# --- questions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"language": "en"}, "Missing 'text' or 'data' parameter"),
        ({"language": "en", "text": "x", "data": "{}"}, "Set only 'text' or 'data' parameter, not both"),
        ({"text": "x"}, "Missing 'language' parameter"),
        ({"text": "x", "language": "xx"}, "'xx' is not a language code known to LanguageTool. Supported"),
        ({"text": "x", "language": "de-DE"}, "The desk judges English alone"),
        ({"text": "x", "language": "en", "level": "high"}, "must be set to 'default' or 'picky'"),
        ({"text": "x", "language": "en", "enabledOnly": "true"}, "You must specify enabled rules"),
        (
            {
                "text": "x",
                "language": "en",
                "enabledOnly": "true",
                "enabledRules": "PLUG",
                "disabledRules": "A",
            },
            "You cannot specify disabled rules",
        ),
        ({"language": "en", "data": "{"}, "Could not parse JSON"),
        ({"language": "en", "data": "[" * 50_000}, "Could not parse JSON"),
        ({"language": "en", "data": "[]"}, "requires 'text' or 'annotation'"),
        ({"language": "en", "data": '{"text": "a", "annotation": []}'}, "and not both"),
        ({"language": "en", "data": '{"text": 1}'}, "either 'text' or 'markup'"),
        ({"language": "en", "data": '{"annotation": "x"}'}, "must be a list"),
        ({"language": "en", "data": '{"annotation": [{"text": "a", "markup": "b"}]}'}, "either 'text' or"),
        ({"language": "en", "data": '{"annotation": [{"text": "a", "interpretAs": "b"}]}'}, "either 'text'"),
        ({"language": "en", "data": '{"annotation": [{}, 1]}'}, "either 'text' or 'markup'"),
        ({"language": "en"} | {f"x{n}": "" for n in range(2000)}, "too many parameters"),
    ],
)
def test_a_wrong_question_is_refused_in_words_that_say_why(form: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError) as refused:
        Question.read(urlencode(form).encode(), longest=LONGEST)
    assert says in str(refused.value)
    assert not isinstance(refused.value, TooLongError)


def test_a_text_may_be_as_long_as_is_said_and_no_longer() -> None:
    assert len(asked("a" * LONGEST).text.plain) == LONGEST
    with pytest.raises(TooLongError) as refused:
        asked("a" * (LONGEST + 1))
    assert str(refused.value) == (
        "Your text exceeds the limit of 20000 characters (it's 20001 characters). Please submit a shorter text."
    )
    with pytest.raises(TooLongError, match="Your data exceeds the limit of 80000 characters"):
        asked(data="[" * 80_001)


def test_what_a_client_did_not_escape_is_read_as_it_stands() -> None:
    question = Question.read("text=90 % üb 🛶+x\n&language=en-US".encode(), longest=LONGEST)
    assert question.text.plain == "90 % üb 🛶 x\n"
    Question.read(b"text=\xff%ff&language=en", longest=LONGEST).text.plain.encode()


@pytest.mark.parametrize(
    ("parameters", "rules"),
    [
        ({}, "HOLLOW_PROSE PLUG"),
        ({"level": "picky"}, "HOLLOW_PROSE PLUG THIN_SPECIFICS"),
        ({"disabledRules": "plug, OTHER"}, "HOLLOW_PROSE"),
        ({"disabledRules": "PLUG", "level": "picky"}, "HOLLOW_PROSE THIN_SPECIFICS"),
        ({"enabledRules": "THIN_SPECIFICS"}, "HOLLOW_PROSE PLUG THIN_SPECIFICS"),
        ({"enabledRules": "THIN_SPECIFICS,TRUST", "enabledOnly": "true"}, "THIN_SPECIFICS"),
        ({"enabledCategories": "DETECTOR", "enabledOnly": "yes"}, "HOLLOW_PROSE PLUG"),
        ({"enabledCategories": "TYPOS", "enabledOnly": "true"}, ""),
        ({"disabledCategories": "DETECTOR"}, ""),
        ({"disabledCategories": "DETECTOR", "enabledRules": "PLUG"}, "PLUG"),
        ({"disabledCategories": "TYPOS", "motherTongue": "de", "useragent": "x"}, "HOLLOW_PROSE PLUG"),
    ],
)
def test_a_client_chooses_what_it_sees(parameters: dict[str, str], rules: str) -> None:
    document = Document.from_text(PAGE)
    findings = (
        finding("plug", span(PAGE, "boat")),
        finding("hollow_prose", span(PAGE, "quiet")),
        finding("thin_specifics", span(PAGE, "water"), push=0.0),
        finding("trust", span(PAGE, "dawn"), push=-0.5),
    )
    answer = check(document, verdict(*findings), asked(PAGE, **parameters))
    assert " ".join(sorted(m["rule"]["id"] for m in answer["matches"])) == rules


@pytest.mark.parametrize(
    ("parameters", "spoken", "code", "detected"),
    [
        ({"language": "en-gb"}, "en", "en-GB", ("en-US", 1.0)),
        ({"language": "auto"}, "en", "en-US", ("en-US", 1.0)),
        ({"language": "auto", "preferredVariants": "de-DE,en-AU"}, "en", "en-AU", ("en-AU", 1.0)),
        ({"language": "auto"}, "de", "de", ("de", 1.0)),
        ({"language": "en-US"}, "de", "en-US", ("de", 1.0)),
        ({"language": "auto"}, None, "und", ("und", 0.0)),
    ],
)
def test_the_language_is_told_as_it_is(
    parameters: dict[str, str], spoken: str | None, code: str, detected: tuple[str, float]
) -> None:
    told = check(Document.from_text("x"), verdict(language=spoken), asked("x", **parameters))["language"]
    assert told["code"] == code
    assert (told["detectedLanguage"]["code"], told["detectedLanguage"]["confidence"]) == detected
    assert told["name"]
    assert told["detectedLanguage"]["name"] not in ("", spoken)


def test_why_a_text_is_not_judged_is_a_warning() -> None:
    short = verdict(outcome="unscored", score=None, reason="too_short: 1 word of running text")
    lost = verdict(outcome="unscored", score=None, reason="unreadable", error=Failure("crash", "it ended."))
    for given_, says in ((short, "1 word of running text"), (lost, "it ended.")):
        answer = check(Document.from_text("x"), given_)
        assert answer["matches"] == []
        assert answer["warnings"]["incompleteResults"] is True
        assert says in answer["warnings"]["incompleteResultsReason"]


# --- over HTTP -----------------------------------------------------------------------------------------------------


class OneByOne:
    """Judges in this process, as the pool's workers do in theirs."""

    def __init__(self, model: Path) -> None:
        self._detector = Detector.load(model)
        self.busy = False

    async def score(self, task: Task, *, urgent: bool = True) -> Answer:
        if self.busy:
            raise BusyError("too many texts wait to be read; try again in a minute.")
        document = read(task, Reading())
        return Answer(document.to_dict(), self._detector.score(document).to_dict(document))


@pytest.fixture
def pool(tiny_model: Path) -> OneByOne:
    return OneByOne(tiny_model)


class Client:
    """Asks the routes without a socket."""

    def __init__(self, pool: OneByOne) -> None:
        app = FastAPI()
        app.include_router(languagetool.router(pool, DeskConfig(max_text=LONGEST)))  # type: ignore[arg-type]
        self._transport = httpx.ASGITransport(app)

    def __call__(self, method: str, path: str, **how: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://desk") as client:
                return await client.request(method, path, **how)

        return asyncio.run(ask())


@pytest.fixture
def client(pool: OneByOne) -> Client:
    return Client(pool)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", ""])
def test_a_form_is_read_whatever_a_client_calls_it(client: Client, kind: str) -> None:
    form = urlencode({"text": REPEATS, "language": "en-US"})
    answer = client("POST", "/v2/check", content=form, headers={"Content-Type": kind})
    assert answer.status_code == 200
    matches = answer.json()["matches"]
    assert "NEAR_DUPLICATE" in {m["rule"]["id"] for m in matches}
    assert all(cut(REPEATS, m) in REPEATS for m in matches)


def test_a_query_may_ask_too_and_wins_over_the_form(client: Client, plain_text: str) -> None:
    answer = client("GET", "/v2/check", params={"text": plain_text, "language": "auto"})
    assert answer.json()["matches"] == []
    assert answer.json()["language"]["code"] == "en-US"
    both = client("POST", "/v2/check?language=en-NZ", data={"text": plain_text, "language": "xx"})
    assert both.json()["language"]["code"] == "en-NZ"


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({}, 400, "Error: Missing 'text' or 'data' parameter"),
        ({"text": "a" * (LONGEST + 1), "language": "en"}, 413, "Error: Your text exceeds the limit of 20000"),
    ],
)
def test_errors_are_plain_text(client: Client, form: dict[str, str], status: int, says: str) -> None:
    answer = client("POST", "/v2/check", data=form)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith(says)


def test_a_busy_desk_says_so(client: Client, pool: OneByOne) -> None:
    pool.busy = True
    answer = client("POST", "/v2/check", data={"text": "x", "language": "en"})
    assert (answer.status_code, answer.text[:28]) == (503, "Error: too many texts wait t")


def test_what_else_clients_call(client: Client) -> None:
    languages = client("GET", "/v2/languages").json()
    assert {"name": "English (US)", "code": "en", "longCode": "en-US"} in languages
    assert [row["longCode"] for row in languages] == list(LANGUAGES)
    assert client("GET", "/v2/info").json()["software"]["name"] == "detector"
    health = client("GET", "/v2/healthcheck")
    assert (health.text, health.headers["content-type"][:10]) == ("OK", "text/plain")


def test_the_routes_describe_themselves(client: Client) -> None:
    check_path = client("GET", "/openapi.json").json()["paths"]["/v2/check"]
    form = check_path["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert {p["name"] for p in check_path["get"]["parameters"]} == set(form["properties"])
    assert check_path["get"]["operationId"] != check_path["post"]["operationId"]


def test_a_real_client_finds_the_words(desk: Any, plain_text: str) -> None:
    client = pytest.importorskip("language_tool_python")
    with client.LanguageTool("en-GB", remote_server=desk.url) as tool:
        matches = tool.check(REPEATS)
        found = [(m.rule_id, REPEATS[m.offset : m.offset + m.error_length], m.category) for m in matches]
        assert {rule for rule, _, _ in found} >= {"NEAR_DUPLICATE"}
        assert {category for _, _, category in found} == {"DETECTOR"}
        for _, words, _ in found:
            assert words == words.strip()
        assert {m.get_line_and_column(REPEATS)[0] for m in matches} <= set(range(1, 14))
        assert tool.correct(plain_text) == plain_text
        tool.disabled_rules = {rule for rule, _, _ in found}
        assert tool.check(REPEATS) == []
        too_long = "exceeds the limit of 1000000 characters"
        with pytest.raises(client.exceptions.LanguageToolError, match=too_long):
            tool.check("word " * 200_001)
    with pytest.raises(ValueError, match="unsupported language"):
        client.LanguageTool("de-DE", remote_server=desk.url)
