"""`detector wordpress` as its user meets it, with a site played by an object; tests/wordpress has a real one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from detector import cli
from detector.commands import wordpress as command
from detector.document import Document, Span
from detector.errors import SourceError
from detector.sources import web, wordpress
from detector.sources.wordpress import Kind, Note, Post
from detector.verdict import Finding, ModelId, Thresholds, Verdict

PASSWORD = "abcd efgh ijkl mnop qrst uvwx"
KINDS = {
    "posts": Kind("post", "posts", "wp/v2/posts", False, {}),
    "pages": Kind("page", "pages", "wp/v2/pages", False, {}),
}


class Run(NamedTuple):
    code: int
    out: str
    err: str


class Site:
    """What the client says, and what it was asked to do."""

    host, user = "mill.example", "edith"

    def __init__(self, text: str) -> None:
        self.posts = [self.post(n, f"Eels {n}", text) for n in (1, 2, 3)]
        self.given: tuple[Any, ...] = ()
        self.options: dict[str, bool] = {}
        self.done: list[tuple[Any, ...]] = []
        self.notes: dict[int, Note] = {}
        self.lacks: set[str] = set()
        self.has_notes = False
        self.fails: dict[tuple[str, int], Exception] = {}

    @staticmethod
    def post(n: int, title: str, text: str, status: str = "pending") -> Post:
        html = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
        return Post(
            KINDS["posts"], n, status, "2026-03-01T10:00:00", f"https://mill.example/?p={n}", 3, title, html
        )

    def __call__(self, *given: str, **options: bool) -> Site:
        self.given, self.options = given, options
        return self

    def _fail(self, what: str, n: int) -> None:
        if (what, n) in self.fails:
            raise self.fails[what, n]

    def kind(self, name: str) -> Kind:
        return KINDS[name]

    def may(self, right: str, kind: Kind) -> bool:
        return right not in self.lacks

    def note_type(self, kind: Kind) -> str:
        return "note" if self.has_notes else "comment"

    def destinations(self) -> frozenset[str]:
        return frozenset({"draft", "pending", "trash"})

    def waiting(self, kind: Kind, statuses: list[str], since: datetime | None) -> list[int]:
        self.done.append(("waiting", kind.base, statuses, since))
        return [post.id for post in self.posts if kind.base == "posts"]

    def read(self, kind: Kind, id: int) -> Post:
        self._fail("read", id)
        return next(post for post in self.posts if post.id == id)

    def author(self, post: Post) -> str:
        return "Carl Ibsen"

    def note(self, post: Post) -> Note | None:
        return self.notes.get(post.id)

    def says(self, note: Note, post: Post, text: str) -> bool:
        return note.seal == "same"

    def write_note(self, post: Post, text: str, earlier: Note | None) -> None:
        self._fail("note", post.id)
        self.done.append(("note", post.id, earlier and earlier.id))

    def changed(self, post: Post) -> str:
        self.done.append(("changed", post.id))
        return ""

    def move(self, post: Post, status: str) -> None:
        self._fail("move", post.id)
        self.done.append(("move", post.id, status))

    def edit_link(self, post: Post) -> str:
        return f"https://mill.example/wp-admin/post.php?post={post.id}&action=edit"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, plain_text: str) -> Site:
    site = Site(plain_text)
    monkeypatch.setattr(wordpress, "WordPress", site)
    return site


@pytest.fixture
def run(
    site: Site,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tiny_model: Path,
    tmp_path: Path,
) -> Callable[..., Run]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")  # lines are told by their words, not by where they break
    monkeypatch.setenv("DETECTOR_WORDPRESS_PASSWORD", PASSWORD)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def call(*options: str | Path) -> Run:
        try:
            code = cli.main(
                [
                    "wordpress",
                    "mill.example",
                    "--user",
                    "edith",
                    "--model",
                    str(tiny_model),
                    *map(str, options),
                ]
            )
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert PASSWORD not in captured.out + captured.err
        return Run(code, captured.out, captured.err)

    return call


def deeds(site: Site) -> list[tuple[Any, ...]]:
    return [deed for deed in site.done if deed[0] in ("note", "move")]


# --- the password ------------------------------------------------------------------------------------------------


def test_the_password_comes_from_the_environment(run: Callable[..., Run], site: Site) -> None:
    assert run("--insecure").code == 0
    assert site.given == ("mill.example", "edith", PASSWORD)
    assert site.options == {"allow_private": False, "insecure": True, "as_comment": True}


def test_a_file_that_is_named_wins(run: Callable[..., Run], site: Site, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from a file\nand more\n", "utf-8")
    run("--password-file", file)
    assert site.given[2] == "from a file"
    assert "cannot be read" in run("--password-file", tmp_path / "nowhere").err
    file.write_text("\n", "utf-8")
    assert "there is no password" in run("--password-file", file).err


def test_a_person_is_asked(run: Callable[..., Run], site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DETECTOR_WORDPRESS_PASSWORD")
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda prompt: f" {prompt}")
    run()
    assert site.given[2] == "application password of edith:"


def test_without_a_password_nobody_is_asked(
    run: Callable[..., Run], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DETECTOR_WORDPRESS_PASSWORD")
    answer = run()
    assert (answer.code, site.given) == (2, ())
    assert "there is no password; set DETECTOR_WORDPRESS_PASSWORD" in answer.err


def test_a_password_is_no_option(run: Callable[..., Run]) -> None:
    assert run("--password", PASSWORD.replace(" ", "")).code == 2


# --- what is asked for -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--write"], "--write has nothing to write"),
        (["--limit", "0"], "--limit must be 1 or more"),
        (["--since", "yesterday"], "no date"),
        (["--status", " , "], "--status names no status"),
        (["--type", ","], "--type names no type"),
        (["--move", "reject"], "is no OUTCOME=STATUS"),
        (["--move", "awful=draft"], "is no OUTCOME=STATUS"),
        (["--move", "reject=publish"], "no post is moved to publish; there are draft, trash."),
        (["--note-as", "mail"], "invalid choice"),
        (["--format", "github"], "invalid choice"),
        (["--ignore", "eels"], "eels"),
        (["--base-rate", "2"], "must be a number between 0 and 1"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_read(
    run: Callable[..., Run], site: Site, options: list[str], says: str
) -> None:
    answer = run(*options)
    assert (answer.code, answer.out, site.done) == (2, "", [])
    assert says in answer.err


def test_since_status_and_type_are_handed_on(run: Callable[..., Run], site: Site) -> None:
    run("--since", "2026-03-01", "--status", "draft, future", "--type", "posts,pages")
    when = datetime(2026, 3, 1, tzinfo=UTC)
    assert site.done == [("waiting", kind, ["draft", "future"], when) for kind in ("posts", "pages")]
    site.done.clear()
    run("--since", "2026-03-01T12:00+02:00", "--type", "pages", "--type", "pages")
    assert site.done == [("waiting", "pages", ["pending"], datetime(2026, 3, 1, 10, tzinfo=UTC))]


def test_a_file_of_settings_counts(
    run: Callable[..., Run], site: Site, tmp_path: Path, plain_text: str
) -> None:
    site.posts = [site.post(1, "Eels", "\n\n".join([plain_text] * 3))]  # says one thing three times
    (tmp_path / "detector.toml").write_text(
        'fail-on = "review"\nformat = "html"\nbase-rate = 0.99\n', "utf-8"
    )
    answer = run()
    assert answer.code == 1
    assert answer.out.startswith("REJECT    over 99 %")  # a table: the file's format is that of `score`
    assert run("--no-config").code == 0


# --- what is done ------------------------------------------------------------------------------------------------


def test_nothing_is_written_without_being_told_to(run: Callable[..., Run], site: Site) -> None:
    answer = run("--note", "--move", "publish=draft,review=draft,reject=trash,unscored=draft")
    assert answer.code == 0
    assert answer.out.count("would leave a note as a held comment; would move it to draft") == 3
    assert [deed[0] for deed in site.done] == ["waiting"]
    assert "nothing was written" in answer.err


def test_every_deed_is_preceded_by_another_look(run: Callable[..., Run], site: Site) -> None:
    answer = run("--note", "--move", "publish=draft", "--write", "--limit", "1")
    assert answer.code == 0
    assert site.done[1:] == [("changed", 1), ("note", 1, None), ("changed", 1), ("move", 1, "draft")]
    assert "left a note as a held comment; moved it to draft" in answer.out


def test_the_note_of_an_earlier_run_is_updated_or_left(run: Callable[..., Run], site: Site) -> None:
    site.notes = {1: Note(71, True, False, "other"), 2: Note(72, True, True, "same")}
    answer = run("--note", "--write")
    assert deeds(site) == [("note", 1, 71), ("note", 3, None)]
    assert answer.out.count("its note is up to date") == 1


def test_a_note_that_fails_keeps_the_post_where_it_is(run: Callable[..., Run], site: Site) -> None:
    site.fails[("note", 2)] = SourceError("no room.")
    answer = run("--note", "--move", "publish=draft", "--write")
    assert answer.code == 2
    assert "could not leave a note as a held comment: no room." in answer.out
    assert [deed for deed in deeds(site) if deed[1] == 2] == []
    assert deeds(site)[-1] == ("move", 3, "draft")


def test_only_new_passes_over_what_has_a_note_that_holds(run: Callable[..., Run], site: Site) -> None:
    site.notes = {
        1: Note(71, is_hidden=True, is_valid=True, seal="other"),  # of an older model, say
        2: Note(72, is_hidden=True, is_valid=False, seal="same"),
        3: Note(73, is_hidden=False, is_valid=True, seal="same"),
    }
    answer = run("--only-new", "--format", "jsonl", "--limit", "2")
    assert [json.loads(line)["id"] for line in answer.out.splitlines()] == ["posts/2", "posts/3"]
    assert "1 passed over" in answer.err


def test_what_is_no_longer_waiting_is_passed_over(run: Callable[..., Run], site: Site) -> None:
    site.posts[0] = site.post(1, "Eels", "x", status="publish")
    answer = run("--format", "jsonl")
    assert len(answer.out.splitlines()) == 2
    assert "posts/1: is publish by now; it is passed over" in answer.err
    assert len(run("--format", "jsonl", "--status", "any").out.splitlines()) == 3


def test_rights_that_are_missing_are_said_at_once(run: Callable[..., Run], site: Site) -> None:
    site.lacks = {"moderate_comments"}
    assert run().code == 0
    answer = run("--note")
    assert (answer.code, answer.out) == (2, "")
    assert "mill.example: edith may not moderate comments" in answer.err
    site.has_notes = True
    answer = run("--note", "--note-as", "note")
    assert answer.code == 0
    assert "mails a note" in answer.err
    site.lacks = {"edit_posts"}
    assert "edith may not edit posts; use an account that is an Editor." in run().err


def test_a_post_without_an_answer_is_a_row_and_three_in_a_row_are_the_end(
    run: Callable[..., Run], site: Site
) -> None:
    site.fails = {("read", 1): web.NoAnswerError("no answer in time."), ("read", 2): SourceError("odd.")}
    answer = run("--format", "jsonl")
    assert answer.code == 0
    assert [json.loads(line)["outcome"] for line in answer.out.splitlines()] == [
        "unscored",
        "unscored",
        "publish",
    ]
    assert "(of these 2 could not be read)" in answer.err
    site.fails = {("read", n): web.NoAnswerError("no answer in time.") for n in (1, 2, 3)}
    answer = run("--format", "jsonl")
    assert answer.code == 2
    assert "mill.example: 3 posts in a row got no answer; the last: no answer in time." in answer.err


def test_a_fault_of_ours_costs_one_verdict_and_writes_nothing(
    run: Callable[..., Run], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Post.document

    def document(self: Post, **options: str) -> Document:
        if self.id == 2:
            raise ZeroDivisionError("eels")
        return read(self, **options)

    monkeypatch.setattr(Post, "document", document)
    answer = run("--note", "--move", "unscored=trash", "--write")
    assert "posts/2: a fault of detector itself (ZeroDivisionError: eels)" in answer.err
    assert [deed[1] for deed in deeds(site)] == [1, 3]


def test_output_is_a_file_of_its_own(run: Callable[..., Run], site: Site, tmp_path: Path) -> None:
    file = tmp_path / "posts.html"
    answer = run("--format", "html", "--output", file)
    assert answer.out == ""
    assert file.read_text("utf-8").count("Eels 2") > 0
    assert run("--output", tmp_path).code == 2


def test_titles_and_names_cannot_act_on_the_terminal(run: Callable[..., Run], site: Site) -> None:
    site.posts[0] = site.post(1, "\x1b[2J\x1b]0;owned\x07 eels\n\u202e", "x")
    answer = run("--no-color")
    assert not set(answer.out) & set("\x1b\x07\u202e")
    assert "\x1b[1;32mPUBLISH" in run("--color").out


# --- the note ----------------------------------------------------------------------------------------------------


def verdict(findings: tuple[Finding, ...], score: float | None = 0.97, **more: Any) -> Verdict:
    return Verdict(
        "posts/1", None, "Eels", "reject", score, 0.0, findings, 300, "en", ModelId("tiny", "1", ""),
        Thresholds(0.5, 0.8), **more,
    )  # fmt: skip


def test_a_note_has_the_strongest_reasons_first_and_quotes_the_words() -> None:
    document = Document.from_text("Nine eels went up the ladder on a Sunday.")
    weak = Finding("plug", 1, 0.5, "A plug.", (Span(0, 4, "Says it."),))
    strong = Finding("spun_phrase", 1, 2.0, "Odd words.", (Span(5, 9, "Odd here.", ("fish", "elvers")),))
    honest = Finding("trust", 1, -1.0, "Somebody answers for it.")
    text = command.note_text(verdict((weak, honest, strong)), document)
    assert text.startswith("REJECT, 97 %. ")
    assert "- “eels” Odd here. Instead: “fish” or “elvers”." in text
    assert text.index("spun_phrase: Odd words.") < text.index("plug: A plug.")
    assert "trust" not in text


def test_a_note_stays_short_whatever_is_found() -> None:
    document = Document.from_text("eel " * 5000)
    findings = tuple(
        Finding(
            f"signal_{n}",
            1,
            1.0,
            "It says so. " * 40,
            tuple(Span(4 * k, 4 * k + 800, "x " * 300) for k in range(9)),
        )
        for n in range(40)
    )
    assert len(command.note_text(verdict(findings), document)) <= command.LONGEST + 2


def test_a_note_says_why_there_is_no_score() -> None:
    short = verdict((), None, reason="too_short: 4 words of running text, at least 50 are needed")
    text = command.note_text(short, Document.from_text("Nine eels."))
    assert text.endswith("Not scored: 4 words of running text, at least 50 are needed.")
