"""Verdicts over HTTP: one, a file's, many, and what the desk says of itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from detector import __version__
from detector.document import Document
from detector.report import SCHEMA
from detector.score import Detector

VERDICT = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["kind"]


def test_a_text_is_judged_as_the_library_judges_it(api: Any, plain_text: str, tiny_model: Path) -> None:
    answer = api.post("/v1/score", json={"text": plain_text, "id": "post 7", "title": "The bench"})
    document = Document.from_text(plain_text, id="post 7", title="The bench")
    assert answer.json() == Detector.load(tiny_model).score(document).to_dict(document)
    assert answer.headers["X-Model"] == "tiny 1.2.3"
    VERDICT.validate(answer.json())


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_form_is_read_as_what_it_is(api: Any, plain_text: str, form: str) -> None:
    content = f"<p>{plain_text}<p>A <a href='https://a.example/'>word</a>" if form == "html" else plain_text
    verdict = api.post("/v1/score", json={form: content, "with_text": True}).json()
    assert verdict["outcome"] == "publish"
    assert ("<p>" in verdict["text"]) is False
    VERDICT.validate(verdict)


def test_offsets_count_in_the_text_that_comes_along(api: Any, plain_text: str) -> None:
    text = f"{plain_text}\n\nContact us for buy cheap botox online today.\n\n" + plain_text[:400]
    verdict = api.post("/v1/score", json={"text": text, "with_text": True}).json()
    spans = [span for finding in verdict["findings"] for span in finding["spans"]]
    assert spans
    assert all(verdict["text"][s["start"] : s["end"]] == s["text"] for s in spans)


def test_a_site_may_advertise_itself(api: Any, plain_text: str) -> None:
    asked = {"html": f"<p>{plain_text}", "site": "clinic.example"}
    assert api.post("/v1/score", json=asked).status_code == 200


def test_what_cannot_be_read_is_answered_unscored(api: Any, tmp_path: Path) -> None:
    for files in ({"file": ("post.doc", b"old")}, {"file": ("x.docx", b"PK\x03\x04 broken")}):
        verdict = api.post("/v1/score/file", files=files).json()
        assert (verdict["outcome"], verdict["error"]["kind"]) == ("unscored", "unreadable")
        VERDICT.validate(verdict)


def test_a_file_is_judged_by_its_ending(api: Any, plain_text: str) -> None:
    files = {"file": ("C:\\posts\\bench.md", f"# Bench\n\n{plain_text}".encode())}
    verdict = api.post("/v1/score/file", files=files, params={"with_text": "true"}).json()
    assert (verdict["id"], verdict["outcome"]) == ("bench.md", "publish")
    assert verdict["text"].startswith("# Bench")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "has no content; give exactly one"),
        ({"text": "a", "html": "b"}, "has text and html; give exactly one"),
        ({"text": 7}, "text: Input should be a valid string"),
        ({"text": "a", "texts": "b"}, "texts: Extra inputs are not permitted"),
        ({"text": "a", "with_text": "yes"}, "with_text: Input should be a valid boolean"),
        ([], "the body: Input should be"),
    ],
)
def test_a_wrong_question_says_what_is_wrong(api: Any, asked: Any, says: str) -> None:
    answer = api.post("/v1/score", json=asked)
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]


def test_what_is_no_json_says_so(api: Any) -> None:
    for body in (b"{", b'{"text": "\xff"}', b"[" * 100_000):
        answer = api.post("/v1/score", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), body[:20]
        assert answer.json()["error"]["message"]
    for media_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = api.post("/v1/score", content=b"{}", headers={"Content-Type": media_type})
        assert kind(answer) == (415, "media_type")
    assert kind(api.post("/v1/score/file", json={})) == (415, "media_type")


def test_half_a_surrogate_pair_and_a_null_are_text_too(api: Any, plain_text: str) -> None:
    body = json.dumps({"text": f"\ud83d \0 {plain_text}", "with_text": True}).encode()
    answer = api.post("/v1/score", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["text"].startswith("\ufffd \ufffd The bench")
    assert answer.json()["outcome"] != "unscored"


def test_a_text_may_be_so_long_and_no_longer(make_api: Callable[..., Any], plain_text: str) -> None:
    api = make_api(max_text=2000)
    assert api.post("/v1/score", json={"text": "a" * 2000}).status_code == 200
    for asked in ({"text": "a" * 2001}, {"markdown": "a" * 2001}, {"html": "a" * 10_001}):
        answer = api.post("/v1/score", json=asked)
        assert kind(answer) == (413, "too_large")
    long = api.post("/v1/score", json={"html": f"<p>{'word ' * 900}"}).json()
    assert "2,000 characters; split it" in long["error"]["message"]
    assert kind(api.post("/v1/batch", json={"documents": [{"text": "a"}, {"text": "a" * 2001}]}))[0] == 413


def test_the_desk_says_how_it_is(api: Any) -> None:
    health = api.get("/v1/health").json()
    assert (health["status"], health["version"], health["database"]) == ("ok", __version__, "sqlite")
    assert (health["model"]["name"], health["model"]["version"]) == ("tiny", "1.2.3")
    assert (health["queue"], health["workers"]) == ({"waiting": 0, "batch": 0}, 1)


def test_what_is_nowhere_says_so(api: Any) -> None:
    for path in (
        "/v1/nowhere",
        "/v1/score/",
        "/docs",
        "/redoc",
        "/assets/../config.py",
        "/assets/nothing.js",
    ):
        assert api.get(path).status_code == 404, path
    answer = api.get("/v1/score")
    assert kind(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


# --- batches -----------------------------------------------------------------------------------------------


def finished(api: Any, where: str, **params: int) -> dict[str, Any]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        batch: dict[str, Any] = api.get(where, params=params).json()
        if batch["state"] != "running":
            return batch
        time.sleep(0.05)
    raise AssertionError(batch)


def test_a_batch_is_answered_in_order(api: Any, plain_text: str) -> None:
    documents = [{"text": f"{plain_text} {n}", "id": f"post {n}"} for n in range(40)]
    documents[7] = {"text": "too short", "with_text": True}
    answer = api.post("/v1/batch", json={"documents": documents})
    assert answer.status_code == 202
    batch = answer.json()
    assert (batch["total"], answer.headers["Location"]) == (40, f"/v1/batch/{batch['id']}")
    done = finished(api, answer.headers["Location"])
    assert (done["done"], done["state"], len(done["results"])) == (40, "done", 40)
    ids = [verdict["id"] for verdict in done["results"]]
    assert ids == [f"post {n}" if n != 7 else "7" for n in range(40)]
    assert done["results"][7]["text"] == "too short"
    for verdict in done["results"]:
        VERDICT.validate(verdict)
    part = api.get(answer.headers["Location"], params={"offset": 38, "limit": 5}).json()
    assert [verdict["id"] for verdict in part["results"]] == ["post 38", "post 39"]


def test_a_bad_text_in_a_batch_costs_itself_only(api: Any, plain_text: str) -> None:
    documents = [{"url": "http://127.0.0.1:9/"}, {"text": plain_text}, {"url": "no address"}]
    done = finished(api, api.post("/v1/batch", json={"documents": documents}).headers["Location"])
    assert [verdict["outcome"] for verdict in done["results"]] == ["unscored", "publish", "unscored"]
    assert "--allow-private" in done["results"][0]["error"]["message"]


def test_a_batch_can_be_stopped_and_removed(api: Any, plain_text: str) -> None:
    where = api.post("/v1/batch", json={"documents": [{"text": plain_text}] * 300}).headers["Location"]
    cancelled = api.ask("DELETE", where).json()
    assert cancelled["state"] == "cancelled"
    time.sleep(0.5)
    later = api.get(where, params={"limit": 1000}).json()
    assert later["state"] == "cancelled"
    assert later["done"] < 300
    assert sum(verdict is not None for verdict in later["results"]) == later["done"]
    assert api.ask("DELETE", where, params={"remove": "true"}).status_code == 200
    assert kind(api.get(where)) == (404, "not_found")


def test_a_batch_holds_so_many_and_no_more(make_api: Callable[..., Any]) -> None:
    api = make_api(max_batch=3)
    assert api.post("/v1/batch", json={"documents": [{"text": "a"}] * 3}).status_code == 202
    assert kind(api.post("/v1/batch", json={"documents": [{"text": "a"}] * 4})) == (413, "too_large")
    assert api.post("/v1/batch", json={"documents": []}).status_code == 422
    wrong = api.post("/v1/batch", json={"documents": [{"text": "a"}, {"text": "a", "html": "b"}]})
    assert "give exactly one" in wrong.json()["error"]["message"]


@pytest.mark.parametrize("id", ["0", "nothing", "é", "%00", "' or 1=1", "0" * 500])
def test_there_is_no_such_batch(api: Any, id: str) -> None:
    for method in ("GET", "DELETE"):
        assert api.ask(method, f"/v1/batch/{id}").status_code == 404
