"""Submissions over HTTP: taken in, found, decided, and out again as files."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

TOKENS = {"Ruth": "0123456789abcdef", "Sam": "fedcba9876543210"}
EDITOR = {"who": "Ruth"}


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["kind"]


@pytest.fixture
def post(api: Any, plain_text: str) -> dict[str, Any]:
    """A submission that is answered."""
    row: dict[str, Any] = api.submit(plain_text, author="Ann", title="The bench", note="My first!")
    return row


def at(post: dict[str, Any], rest: str = "") -> str:
    return f"/v1/submissions/{post['id']}{rest}"


# --- in ----------------------------------------------------------------------------------------------------


def test_a_submission_is_kept_and_answered(api: Any, post: dict[str, Any]) -> None:
    assert (post["stage"], post["state"], post["outcome"]) == ("answered", "new", "publish")
    assert (post["author"], post["title"], post["note"]) == ("Ann", "The bench", "My first!")
    assert post["model"]["name"] == "tiny"
    assert datetime.fromisoformat(post["received"]).tzinfo is not None
    whole = api.get(at(post)).json()
    assert {**whole, "verdict": None, "events": None, "letter": None} == {
        **post, "verdict": None, "events": None, "letter": None,
    }  # fmt: skip
    assert whole["verdict"]["outcome"] == "publish"
    assert [event["kind"] for event in whole["events"]] == ["received", "answered"]
    assert whole["letter"] is None


def test_who_does_not_wait_asks_again(api: Any, plain_text: str) -> None:
    answer = api.post("/v1/submissions", json={"text": plain_text}, params={"wait": 0})
    assert answer.status_code == 201
    end = time.monotonic() + 30
    while (row := api.get(answer.headers["Location"]).json())["stage"] == "waiting":
        assert time.monotonic() < end
        time.sleep(0.02)
    assert row["outcome"] == "publish"


def test_the_same_key_gives_the_same_submission(api: Any, plain_text: str) -> None:
    def send(text: str, key: str) -> Any:
        return api.post("/v1/submissions", json={"text": text}, headers={"Idempotency-Key": key})

    first, again = send(plain_text, "k1"), send(plain_text, "k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert kind(send(plain_text + " more", "k1")) == (409, "conflict")
    assert send(plain_text, "k2").json()["id"] != first.json()["id"]
    files = {"file": ("a.txt", plain_text.encode())}
    headers = {"Idempotency-Key": "k3"}
    ids = [api.post("/v1/submissions/files", files=files, headers=headers).json()["items"] for _ in range(2)]
    assert ids[0][0]["id"] == ids[1][0]["id"]


def test_each_persons_keys_are_his_own(make_api: Callable[..., Any], plain_text: str) -> None:
    api = make_api(tokens=TOKENS)
    ids = {
        api.post(
            "/v1/submissions",
            json={"text": plain_text},
            headers={"Idempotency-Key": "k1", "Authorization": f"Bearer {token}"},
        ).json()["id"]
        for token in TOKENS.values()
    }
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "give exactly one"),
        ({"text": " \n "}, "text: String should match"),
        ({"url": "ftp://a.example/"}, "not a web address"),
        ({"url": "http://ruth:s3cret@a.example/"}, "a user name or password stands in the address"),
        ({"text": "a", "author": "x" * 301}, "author: Value should have at most 300"),
    ],
)
def test_what_is_no_submission_says_why(api: Any, asked: dict[str, str], says: str) -> None:
    answer = api.post("/v1/submissions", json=asked)
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]
    assert "s3cret" not in answer.text


def test_names_are_one_line(api: Any, plain_text: str) -> None:
    row = api.submit(plain_text, author=" Ann\r\n\tof \u202eBath ", title="One\nline\0")
    assert (row["author"], row["title"]) == ("Ann of Bath", "One line \ufffd".replace(" \ufffd", "\ufffd"))


def test_files_are_taken_each_by_itself(api: Any, plain_text: str) -> None:
    uploads = [
        ("file", ("bench.md", f"# Bench\n\n{plain_text}".encode())),
        ("file", ("empty.txt", b" ")),
        ("file", ("old.doc", b"\xd0\xcf\x11\xe0")),
        ("file", ("broken.docx", b"PK\x03\x04 no")),
        ("file", ("bench.txt", plain_text.encode())),
    ]
    answer = api.post("/v1/submissions/files", files=uploads, data={"author": "Zoë"}, params={"wait": 30})
    bench, empty, old, broken, text = answer.json()["items"]
    assert answer.status_code == 201
    assert (bench["outcome"], bench["author"], bench["name"]) == ("publish", "Zoë", "bench.md")
    assert text["outcome"] == "publish"
    assert "empty file" in empty["error"]["message"]
    assert "save it as .docx" in old["error"]["message"]
    assert "id" not in empty | old
    assert (broken["outcome"], broken["error"]["kind"]) == ("unscored", "unreadable")
    assert broken["name"] in broken["error"]["message"]


def test_no_file_is_no_submission(api: Any) -> None:
    assert api.post("/v1/submissions/files", data={"author": "Ann"}).status_code in (415, 422)
    assert api.post("/v1/submissions/files", files={"file": ("", b"")}).status_code == 422


# --- found -------------------------------------------------------------------------------------------------


def test_submissions_are_found(api: Any, plain_text: str) -> None:
    ids = [api.submit(f"{plain_text} Zanzibar {n}.", author=f"Finder {n % 2}")["id"] for n in range(5)]
    found = api.get("/v1/submissions", params={"q": "zanzibar"}).json()
    assert ([row["id"] for row in found["items"]], found["total"]) == (ids[::-1], 5)
    some = api.get("/v1/submissions", params={"q": "zanzibar", "author": "Finder 0", "order": "asc"}).json()
    assert [row["id"] for row in some["items"]] == ids[::2]
    page = api.get("/v1/submissions", params={"q": "zanzibar", "limit": 2}).json()
    rest = api.get("/v1/submissions", params={"q": "zanzibar", "limit": 9, "after": page["next"]}).json()
    assert [row["id"] for row in page["items"] + rest["items"]] == ids[::-1]
    states = {"state": ["accepted", "rejected"], "q": "zanzibar"}
    assert api.get("/v1/submissions", params=states).json()["items"] == []


@pytest.mark.parametrize(
    "asked",
    [{"state": "gone"}, {"sort": "id"}, {"limit": 0}, {"limit": 1000}, {"after": "x"}, {"order": "up"}],
)
def test_a_question_that_makes_no_sense_is_told_so(api: Any, asked: dict[str, Any]) -> None:
    assert api.get("/v1/submissions", params=asked).status_code == 422


def test_submissions_are_counted(api: Any, post: dict[str, Any]) -> None:
    before = api.get("/v1/submissions/counts").json()
    api.ask("PATCH", at(post), json={**EDITOR, "state": "accepted", "assignee": "Cleo"})
    after = api.get("/v1/submissions/counts").json()
    assert after["states"]["accepted"] == before["states"]["accepted"] + 1
    assert after["assignees"]["Cleo"] == 1


# --- decided -----------------------------------------------------------------------------------------------


def test_a_decision_is_kept_and_taken_back(api: Any, post: dict[str, Any]) -> None:
    decided = api.ask("PATCH", at(post), json={**EDITOR, "state": "rejected", "version": post["version"]})
    assert (decided.json()["state"], decided.json()["version"]) == ("rejected", post["version"] + 1)
    late = api.ask("PATCH", at(post), json={"who": "Sam", "state": "accepted", "version": post["version"]})
    assert kind(late) == (409, "conflict")
    assert api.post(at(post, "/undo"), json=EDITOR).json()["kind"] == "undo"
    whole = api.get(at(post)).json()
    assert whole["state"] == "new"
    change = next(event for event in whole["events"] if event["kind"] == "state")
    assert (change["before"], change["after"], change["who"], change["undone_by"]) == (
        "new", "rejected", "Ruth", "Ruth",
    )  # fmt: skip
    assert kind(api.post(at(post, "/undo"), json=EDITOR)) == (409, "conflict")


def test_notes_are_kept_with_who_and_when(api: Any, post: dict[str, Any]) -> None:
    note = api.post(at(post, "/notes"), json={**EDITOR, "text": "Ask for\na source."})
    assert note.status_code == 201
    assert (note.json()["after"], note.json()["who"]) == ("Ask for\na source.", "Ruth")
    assert api.get(at(post)).json()["notes"] == 1


@pytest.mark.parametrize("who", [None, "", "  ", "x" * 81, 7])
def test_somebody_must_have_done_it(api: Any, post: dict[str, Any], who: object) -> None:
    asked = {} if who is None else {"who": who}
    for method, rest, more in (
        ("PATCH", "", {"state": "accepted"}), ("POST", "/notes", {"text": "a"}), ("POST", "/undo", {}),
        ("PUT", "/letter", {"text": "a"}), ("POST", "/feedback", {"kind": "fine", "signal": "plug"}),
    ):  # fmt: skip
        assert api.ask(method, at(post, rest), json=asked | more).status_code == 422, rest
    assert api.ask("DELETE", at(post)).status_code == 422
    assert api.get(at(post)).json()["state"] == "new"


def test_a_token_says_who_did_it(make_api: Callable[..., Any], plain_text: str) -> None:
    api = make_api(tokens=TOKENS)
    sam = {"Authorization": f"Bearer {TOKENS['Sam']}"}
    post = api.post("/v1/submissions", json={"text": plain_text}, headers=sam).json()
    for asked in ({"text": "a"}, {"text": "a", "who": "Ruth"}):
        assert api.post(at(post, "/notes"), json=asked, headers=sam).json()["who"] == "Sam"
    assert (
        api.get("/openapi.json", headers=sam).json()["components"]["schemas"]["ToUndo"].get("required")
        is None
    )


def test_a_missed_fault_is_found_by_its_words(api: Any, post: dict[str, Any], plain_text: str) -> None:
    def miss(quote: str, near: int = 0) -> Any:
        return api.post(
            at(post, "/feedback"), json={**EDITOR, "kind": "missed", "quote": quote, "near": near}
        )

    first, last = plain_text.index("the canal"), plain_text.rindex("the canal")
    assert first != last
    assert miss("the canal").json()["start"] == first
    event = miss("the  canal\n", near=last + 3)
    assert (event.status_code, event.json()["start"], event.json()["quote"]) == (201, last, "the canal")
    crossing = plain_text[plain_text.index("the boats") :][:40]
    assert "\n" in crossing
    assert miss(" ".join(crossing.split())).json()["quote"] == crossing.strip()
    assert kind(miss("words that stand nowhere")) == (422, "invalid")
    assert kind(miss("  ")) == (422, "invalid")


def test_a_finding_can_be_called_fine(api: Any, plain_text: str) -> None:
    post = api.submit(f"{plain_text}\n\nContact us for buy cheap botox online today.\n\n{plain_text[:300]}")
    finding = next(f for f in api.get(at(post)).json()["verdict"]["findings"] if f["spans"])
    span = finding["spans"][0]
    asked = {
        **EDITOR,
        "kind": "fine",
        "signal": finding["signal"],
        "start": span["start"],
        "end": span["end"],
    }
    event = api.post(at(post, "/feedback"), json=asked).json()
    assert (event["quote"], event["signal"]) == (span["text"], finding["signal"])
    assert len(event["fingerprint"]) == 20
    whole = api.post(
        at(post, "/feedback"), json={**EDITOR, "kind": "fine", "signal": "thin_specifics"}
    ).json()
    assert (whole["start"], whole["end"], whole["fingerprint"]) == (0, 0, "")
    for wrong in (
        {"start": 5, "end": 5},
        {"start": 9, "end": 3},
        {"start": 0, "end": 10**6},
        {"signal": None},
    ):
        assert api.post(at(post, "/feedback"), json=asked | wrong).status_code == 422, wrong


def test_the_letter_is_a_draft_until_it_is_written(api: Any, post: dict[str, Any]) -> None:
    draft = api.get(at(post, "/letter")).json()
    assert draft["draft"] is True
    assert draft["text"]
    written = api.ask("PUT", at(post, "/letter"), json={**EDITOR, "text": "Dear Ann,\n"})
    assert written.json() == {"text": "Dear Ann,\n", "draft": False} == api.get(at(post, "/letter")).json()
    assert api.get(at(post)).json()["letter"] == "Dear Ann,\n"


def test_what_was_sent_twice_is_shown(api: Any, plain_text: str) -> None:
    text = (
        f"{plain_text}\n\nThe ferry to Muckle Roe leaves at nine, and the skipper knows every seal by name."
    )
    first, second = api.submit(text, author="Ann"), api.submit(text, author="Bob")
    matches = api.get(at(second, "/similar")).json()["matches"]
    match = next(match for match in matches if match["id"] == first["id"])
    assert (match["author"], match["kind"]) == ("Ann", "submission")
    assert match["likeness"] > 0.9
    assert all(match["id"] != second["id"] for match in matches)


def test_a_removed_submission_is_gone(api: Any, post: dict[str, Any]) -> None:
    assert api.ask("DELETE", at(post), params=EDITOR).status_code == 204
    for rest in ("", "/letter", "/similar", "/original", "/export"):
        assert kind(api.get(at(post, rest))) == (404, "not_found"), rest
    assert api.ask("DELETE", at(post), params=EDITOR).status_code == 404


@pytest.mark.parametrize("id", ["0", "nothing", "é", "%00", "' or 1=1 --", "0" * 500])
def test_there_is_no_such_submission(api: Any, id: str) -> None:
    for rest in ("", "/letter", "/similar", "/original", "/export", "/export?format=html"):
        assert api.get(f"/v1/submissions/{id}{rest}").status_code == 404, rest
    assert api.get(f"/submissions/{id}/read").status_code == 404
    for method, rest, more in (
        ("PATCH", "", {"state": "accepted"}), ("POST", "/notes", {"text": "a"}), ("POST", "/undo", {}),
        ("PUT", "/letter", {"text": "a"}), ("POST", "/feedback", {"kind": "fine", "signal": "plug"}),
    ):  # fmt: skip
        answer = api.ask(method, f"/v1/submissions/{id}{rest}", json=EDITOR | more)
        assert answer.status_code == 404, (method, rest, answer.text)


# --- out ---------------------------------------------------------------------------------------------------


def test_a_submission_as_data(api: Any, post: dict[str, Any], plain_text: str) -> None:
    answer = api.get(at(post, "/export"), params={"format": "json"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    row = answer.json()
    assert (row["submission"]["id"], row["verdict"]["text"]) == (post["id"], plain_text)
    assert row["events"][0]["kind"] == "received"


def test_a_submission_as_a_page(api: Any, post: dict[str, Any]) -> None:
    answer = api.get(at(post, "/export"), params={"format": "html"})
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "The bench.html" in answer.headers["Content-Disposition"]
    assert "counts the boats" in answer.text


def test_a_submission_as_a_word_file(api: Any, post: dict[str, Any]) -> None:
    answer = api.get(at(post, "/export"))
    assert "The bench.docx" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as word:
        assert "counts the boats" in word.read("word/document.xml").decode()
        assert "word/comments.xml" in word.namelist()


def test_an_authors_word_file_keeps_its_layout(api: Any, plain_text: str) -> None:
    import docx

    made = docx.Document()
    for part in plain_text.split("\n\n"):
        made.add_paragraph(part, style="Intense Quote")
    out = io.BytesIO()
    made.save(out)
    post = api.submit_file("bench.docx", out.getvalue())
    marked = docx.Document(io.BytesIO(api.get(at(post, "/export")).content))
    assert {p.style.name for p in marked.paragraphs if p.text.strip()} == {"Intense Quote"}
    assert api.get(at(post, "/original")).content == out.getvalue()


def test_the_original_comes_back_as_it_was_and_is_never_shown(api: Any) -> None:
    page = b"\xef\xbb\xbf<p>caf\xe9<script>alert(1)</script>"
    post = api.submit_file("post.html", page)
    answer = api.get(at(post, "/original"))
    assert answer.content == page
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="post.html"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_while_it_waits_there_is_nothing_to_read(make_api: Callable[..., Any], plain_text: str) -> None:
    api = make_api()
    store = api.app.state.desk.store
    waiting = store.add(plain_text.encode(), form="text", name="").to_dict()
    assert api.get(at(waiting)).json()["verdict"] is None
    for path in (f"/submissions/{waiting['id']}/read", at(waiting, "/export")):
        assert kind(api.get(path)) == (409, "conflict")
    missed = {**EDITOR, "kind": "missed", "quote": "the"}
    assert kind(api.post(at(waiting, "/feedback"), json=missed)) == (409, "conflict")
    assert api.get(at(waiting, "/original")).text == plain_text


def test_the_text_is_shown(api: Any, post: dict[str, Any]) -> None:
    answer = api.get(f"/submissions/{post['id']}/read")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "counts the boats" in answer.text


# --- the archive -------------------------------------------------------------------------------------------


def test_pages_of_the_own_site_are_compared_with(make_api: Callable[..., Any], plain_text: str) -> None:
    api = make_api()
    assert api.get("/v1/archive").json() == {"pages": 0, "job": None}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("blog/ferry.md", "# Ferry\n\n" + "The ferry leaves at nine from the old pier. " * 8)
    uploads = [("file", ("bench.html", f"<title>Bench</title><p>{plain_text}".encode())),
               ("file", ("blog.zip", packed.getvalue())), ("file", ("photo.png", b"\x89PNG\r\n"))]  # fmt: skip
    answer = api.post("/v1/archive", files=uploads)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["added"], answer.json()["state"]) == (2, "done")
    assert [line.partition(":")[0] for line in answer.json()["passed_over"]] == ["photo.png"]
    assert api.get("/v1/archive").json()["pages"] == 2
    (match,) = api.get(at(api.submit(plain_text), "/similar")).json()["matches"]
    assert (match["kind"], match["title"]) == ("archive", "Bench")
    again = api.post("/v1/archive", files=uploads[:1])
    assert again.json()["added"] == 1
    assert api.get("/v1/archive").json()["pages"] == 2  # the page took its own place
    assert api.ask("DELETE", "/v1/archive").json() == {"removed": 2}


def test_what_is_no_archive_says_so(api: Any) -> None:
    assert api.post("/v1/archive", json={"sitemap": "no address"}).status_code == 422
    assert api.post("/v1/archive", json={}).status_code == 422
    assert kind(api.post("/v1/archive", content=b"x")) == (415, "media_type")
    assert api.post("/v1/archive", data={"file": "x"}, files={"other": ("a", b"b")}).status_code == 422
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(6):
            archive.writestr(f"{n}.txt", bytes(100_000_000))
    answer = api.post("/v1/archive", files={"file": ("blog.zip", bomb.getvalue())})
    assert (answer.status_code, "500 MB" in answer.text) == (422, True)


def test_a_sitemap_is_read_behind_the_scenes(api: Any) -> None:
    answer = api.post("/v1/archive", json={"sitemap": "http://127.0.0.1:9/sitemap.xml"})
    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    assert kind(api.post("/v1/archive", json={"sitemap": "http://127.0.0.1:9/"})) == (409, "conflict")
    end = time.monotonic() + 60
    while (job := api.get("/v1/archive").json()["job"])["state"] == "running":
        assert time.monotonic() < end
        time.sleep(0.1)
    assert job["state"] == "failed"
    assert "127.0.0.1" in job["message"]


def test_the_description_is_complete(api: Any) -> None:
    schema = api.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    text = json.dumps(schema)
    assert all(ref in schema["components"]["schemas"] for ref in ("Verdict", "Finding", "Span", "Partner"))
    assert "#/$defs" not in text
    assert "HTTPValidationError" not in text
