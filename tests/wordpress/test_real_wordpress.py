"""`detector wordpress` against a real WordPress: what it reads, what it writes back, and who gets to see that."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from detector import cli
from detector.errors import SourceError
from detector.sources.wordpress import Post, WordPress

WORDS = (
    "The lock keeper at Brindle Mill counts eels on a Sunday and writes their number on a slate by the door. "
)
BLOCKS = """<!-- wp:heading -->
<h2>What the slate says</h2>
<!-- /wp:heading -->

<!-- wp:paragraph -->
<p>Every Tuesday my neighbour Harold walks to the mill by the canal and reads the slate. Last week there were nine eels,
and two of them had gone up the new ladder. He copies the number into a small notebook that his daughter gave him.</p>
<!-- /wp:paragraph -->

<!-- wp:paragraph {"align":"left"} -->
<p>In winter the canal freezes near the lock, so nobody counts, and Harold stays at home with the radio. He misses the
sound of the water more than the sun. <a href="https://shop.example/eels" rel="nofollow">Smoked eels</a> he leaves.</p>
<!-- /wp:paragraph -->"""


class Run(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Run]


@pytest.fixture
def command(
    site: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tiny_model: Path,
    tmp_path: Path,
) -> Command:
    """command("--note", user="editor") runs `detector wordpress` on the site."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")  # lines are told by their words, not by where they break

    def call(*options: str, user: str = "editor", password: str | None = None) -> Run:
        password = site.users.get(user, {}).get("password", "") if password is None else password
        monkeypatch.setenv("DETECTOR_WORDPRESS_PASSWORD", password)
        monkeypatch.setattr("sys.stdin", io.StringIO())
        code = cli.main(
            ["wordpress", site.url, "--user", user, "--allow-private", "--model", str(tiny_model), *options]
        )
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert len(password) < 8 or password not in captured.out + captured.err
        return Run(code, captured.out, captured.err)

    return call


@pytest.fixture
def editor(site: Any) -> WordPress:
    return log_in(site)


def log_in(site: Any, user: str = "editor", **options: bool) -> WordPress:
    return WordPress(site.url, user, site.users[user]["password"], allow_private=True, **options)


def read(wordpress: WordPress, id: int, kind: str = "posts") -> Post:
    return wordpress.read(wordpress.kind(kind), id)


def comments(site: Any) -> list[dict[str, Any]]:
    """All comments and notes that are not in the trash."""
    found: list[dict[str, Any]] = site.php(
        "return array_map( fn( $c ) => array( 'id' => (int) $c->comment_ID, 'post' => (int) $c->comment_post_ID,"
        " 'approved' => $c->comment_approved, 'type' => $c->comment_type, 'content' => $c->comment_content ),"
        " get_comments( array( 'status' => 'all', 'type__in' => array( 'comment', 'note' ), 'orderby' => 'comment_ID',"
        " 'order' => 'ASC' ) ) );"
    )
    return found


def state(site: Any) -> Any:
    """Everything that a run could change."""
    return site.php(
        'global $wpdb; return array( $wpdb->get_results( "SELECT * FROM wp_posts ORDER BY ID" ),'
        " $wpdb->get_results( 'SELECT * FROM wp_comments ORDER BY comment_ID' ) );"
    )


def status(site: Any, id: int) -> str:
    return str(site.php(f"return get_post_status( {id} );"))


def seen_by(site: Any, user: str | None, id: int) -> str:
    """All that somebody gets to see of a post's comments over the API."""
    who = None if user is None else (user, site.users[user]["password"])
    asked: dict[str, str | int] = {"rest_route": "/wp/v2/comments", "post": id}
    if user is not None:
        asked["status"] = "all"
    return httpx.get(site.url, params=asked, auth=who).text


# --- reading -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("permalinks", ["", "/%postname%/", "/index.php/%postname%/"])
def test_the_api_is_found_whatever_the_permalinks_are(site: Any, permalinks: str) -> None:
    site.php(f"global $wp_rewrite; $wp_rewrite->set_permalink_structure( '{permalinks}' ); return 1;")
    id = site.post("Eels", WORDS)
    wordpress = log_in(site)
    assert wordpress.waiting(wordpress.kind("posts"), ["pending"]) == [id]
    assert read(wordpress, id).title == "Eels"


def test_a_folder_or_a_missing_slash_in_the_address_is_fine(site: Any) -> None:
    site.php("global $wp_rewrite; $wp_rewrite->set_permalink_structure( '/%postname%/' ); return 1;")
    for address in (site.url + "/", site.url + "/?x=1", site.url + "/#top"):
        assert (
            WordPress(address, "editor", site.users["editor"]["password"], allow_private=True).host
            == "127.0.0.1"
        )


def test_a_post_of_blocks_becomes_what_its_reader_will_see(site: Any, editor: WordPress) -> None:
    id = site.post("Eels & “slates”", BLOCKS)
    document = read(editor, id).document(author="Carl Ibsen", site="mill.example")
    assert (document.id, document.title, document.site) == (f"posts/{id}", "Eels & “slates”", "mill.example")
    assert document.url == f"{site.url}/?p={id}"
    assert "wp:" not in document.text
    kinds = [(block.kind, document.text[block.start : block.end][:9]) for block in document.blocks]
    assert kinds == [
        ("title", "Eels & “s"), ("furniture", "By Carl I"), ("heading", "What the "), ("paragraph", "Every Tue"),
        ("paragraph", "In winter"),
    ]  # fmt: skip
    assert [(link.href, link.rel) for link in document.links] == [("https://shop.example/eels", "nofollow")]


def test_a_classic_post_keeps_its_paragraphs_and_loses_its_shortcodes(site: Any, editor: WordPress) -> None:
    content = f"{WORDS}\n\n{WORDS}<strong>It is</strong> so.\n\n"
    content += '[gallery ids="1,2"]\n\n[caption id="a" width="3"]Eels[/caption]'
    document = read(editor, site.post("Eels", content)).document(author="admin", site="mill.example")
    assert sum(block.kind == "paragraph" for block in document.blocks) >= 2
    assert "[" not in document.text
    assert "By admin" not in document.text


def test_the_rendered_text_does_where_the_stored_one_is_not_given(site: Any) -> None:
    id = site.post("Eels", BLOCKS, post_status="publish", post_author=1)
    post = read(log_in(site, "contributor"), id)
    assert "<h2" in post.content
    assert "wp:" not in post.content


def test_every_page_of_a_long_list_is_read_the_longest_waiting_first(site: Any, editor: WordPress) -> None:
    ids = site.php(
        "$ids = array(); for ( $i = 0; $i < 205; $i++ ) $ids[] = wp_insert_post( array( 'post_status' => 'pending',"
        " 'post_title' => \"n $i\", 'post_content' => 'x',"
        " 'post_date' => date( 'Y-m-d H:i:s', 1700000000 - 60 * $i ) ) );"
        " return $ids;"
    )
    kind = editor.kind("posts")
    assert editor.waiting(kind, ["pending"]) == ids[::-1]
    since = datetime.fromtimestamp(1700000000 - 60 * 9, UTC)
    assert editor.waiting(kind, ["pending"], since) == ids[9::-1]
    assert editor.waiting(kind, ["pending"], since + timedelta(days=1)) == []
    assert editor.waiting(kind, ["draft", "future"]) == []


def test_types_are_known_by_either_name_and_custom_ones_too(site: Any, editor: WordPress) -> None:
    id = site.post("Eel pie", WORDS, post_type="recipe")
    for name in ("recipe", "recipes"):
        assert editor.waiting(editor.kind(name), ["pending"]) == [id]
    assert editor.kind("pages") == editor.kind("page")
    with pytest.raises(SourceError, match=r"no type of posts called eels; there are .*pages, posts, recipes"):
        editor.kind("eels")


def test_the_author_is_known_though_nothing_of_theirs_is_published(site: Any, editor: WordPress) -> None:
    assert editor.author(read(editor, site.post("Eels", WORDS))) == "Carl Ibsen"


# --- the command -------------------------------------------------------------------------------------------------


def test_the_table_names_what_waits_and_nothing_is_changed(site: Any, command: Command) -> None:
    ids = [
        site.post("Eels", BLOCKS),
        site.post("Nothing", ""),
        site.post(
            "Aale", "Der Schleusenwärter zählt am Sonntag die Aale und schreibt ihre Zahl auf die Tafel. " * 9
        ),
        site.post("<script>alert(1)</script>\x1b]0;owned\x07\u202e", BLOCKS),
    ]
    before = state(site)
    run = command()
    assert run.code == 0
    assert state(site) == before
    for id, outcome in zip(ids, ("PUBLISH", "UNSCORED", "UNSCORED", "PUBLISH"), strict=True):
        (line,) = (line for line in run.out.splitlines() if f"posts/{id} " in line)
        assert line.startswith(outcome)
        assert "Carl Ibsen" in run.out
        assert f"{site.url}/wp-admin/post.php?post={id}&action=edit" in run.out
    assert not set(run.out) & set("\x1b\x07\u202e")
    assert "4 posts: 2 publish, 0 review, 0 reject, 2 unscored" in run.err


def test_a_dry_run_says_what_would_be_done_and_does_none_of_it(site: Any, command: Command) -> None:
    site.post("Eels", BLOCKS)
    before = state(site)
    run = command("--note", "--move", "publish=draft")
    assert "would leave a note as a held comment; would move it to draft" in run.out
    assert "nothing was written: --write does that" in run.err
    assert state(site) == before


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "html", "sarif"])
def test_other_formats_are_those_of_score_and_the_deeds_are_said_beside_them(
    site: Any, command: Command, form: str
) -> None:
    id = site.post("Eels", BLOCKS)
    run = command("--format", form, "--note")
    assert run.code == 0
    assert f"posts/{id}: would leave a note" in run.err
    assert "would leave a note" not in run.out
    if form == "html":
        assert run.out.startswith("<!doctype html>")
    elif form == "json":
        assert [(row["id"], row["url"], row["title"]) for row in json.loads(run.out)] == [
            (f"posts/{id}", f"{site.url}/?p={id}", "Eels")
        ]
    elif form in ("jsonl", "sarif"):
        json.loads(run.out)


def test_limit_and_type_choose_and_the_gate_stops(site: Any, command: Command) -> None:
    ids = [site.post(f"Eels {n}", BLOCKS, post_date=f"2026-01-0{n + 1} 10:00:00") for n in range(3)]
    site.post("Eel pie", BLOCKS, post_type="recipe")
    assert [row["id"] for row in command("--format", "jsonl", "--limit", "2").rows] == [
        f"posts/{id}" for id in ids[:2]
    ]
    assert len(command("--format", "jsonl", "--type", "posts,recipes").rows) == 4
    assert command("--fail-on", "review").code == 0
    site.post("Eels again", BLOCKS * 3)  # says one thing three times
    assert command("--fail-on", "review").code == 1


def test_one_broken_post_costs_its_row_only(site: Any, command: Command) -> None:
    site.switch("a broken post")
    good, bad = site.post("Eels", BLOCKS), site.post("a broken one", BLOCKS)
    run = command("--format", "jsonl", "--note", "--write")
    rows = {row["id"]: row for row in run.rows}
    assert run.code == 0
    assert rows[f"posts/{good}"]["outcome"] == "publish"
    assert rows[f"posts/{bad}"]["error"]["message"].startswith("the server has a problem (status 500)")
    assert [comment["post"] for comment in comments(site)] == [good]


# --- notes -------------------------------------------------------------------------------------------------------


def test_a_note_is_a_held_comment_that_no_visitor_ever_sees(site: Any, command: Command) -> None:
    id = site.post("Eels", BLOCKS)
    run = command("--note", "--write")
    assert run.code == 0
    assert "left a note as a held comment" in run.out
    (comment,) = comments(site)
    assert (comment["post"], comment["approved"]) == (id, "0")
    assert comment["content"].startswith("PUBLISH, ")
    assert site.mails() == []
    site.php(f"wp_publish_post( {id} ); return 1;")
    pages = [
        site.url,
        f"{site.url}/?p={id}",
        f"{site.url}/?feed=comments-rss2",
        f"{site.url}/?feed=rss2&p={id}",
    ]
    for text in [
        *(httpx.get(page).text for page in pages),
        seen_by(site, None, id),
        seen_by(site, "subscriber", id),
    ]:
        assert "PUBLISH, " not in text
    assert "PUBLISH, " in seen_by(site, "editor", id)


def test_a_second_run_leaves_no_second_note(site: Any, command: Command) -> None:
    id = site.post("Eels", BLOCKS)
    command("--note", "--write")
    before = comments(site)
    run = command("--note", "--write")
    assert run.code == 0
    assert "its note is up to date" in run.out
    assert comments(site) == before
    site.php(f"return wp_update_post( array( 'ID' => {id}, 'post_content' => 'Short.' ) );")
    assert "updated its note as a held comment" in command("--note", "--write").out
    (after,) = comments(site)
    assert after["id"] == before[0]["id"]
    assert after["content"].startswith("UNSCORED")
    assert after["approved"] == "0"


def test_a_note_that_somebody_let_through_is_held_again(site: Any, command: Command) -> None:
    site.post("Eels", BLOCKS)
    command("--note", "--write")
    (comment,) = comments(site)
    site.php(f"return wp_set_comment_status( {comment['id']}, 'approve' );")
    assert "updated its note" in command("--note", "--write").out
    assert [c["approved"] for c in comments(site)] == ["0"]


def test_words_of_the_post_do_no_harm_in_the_note(site: Any, editor: WordPress) -> None:
    post = read(editor, site.post("Eels", WORDS))
    text = "REJECT <script>alert(1)</script> & <b>bold</b> “quoted” 🐟 &lt; \\ % $"
    editor.write_note(post, text, None)
    note = editor.note(post)
    assert note is not None
    assert editor.says(note, post, text)
    assert not editor.says(note, post, text.replace("bold", "thin"))
    (comment,) = comments(site)
    assert "<script>" not in comment["content"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in comment["content"]


def test_new_posts_only_are_those_without_a_note_on_the_text_as_it_is(site: Any, command: Command) -> None:
    ids = [site.post("Eels", BLOCKS), site.post("Slates", BLOCKS)]
    command("--note", "--write", "--limit", "1")
    run = command("--format", "jsonl", "--only-new")
    assert [row["id"] for row in run.rows] == [f"posts/{ids[1]}"]
    assert "1 passed over, whose notes still hold" in run.err
    site.php(f"return wp_update_post( array( 'ID' => {ids[0]}, 'post_title' => 'Elvers' ) );")
    assert len(command("--format", "jsonl", "--only-new").rows) == 2


def test_a_note_that_the_author_has_changed_is_not_trusted(
    site: Any, command: Command, editor: WordPress
) -> None:
    """WordPress lets whoever may edit a post change the comments on it: the author of a pending post, too."""
    id = site.post("Eels", BLOCKS)
    command("--note", "--write")
    (comment,) = comments(site)
    changed = httpx.post(
        site.url,
        params={"rest_route": f"/wp/v2/comments/{comment['id']}"},
        json={"content": comment["content"].replace("PUBLISH, ", "PUBLISH, certainly ")},
        auth=("contributor", site.users["contributor"]["password"]),
    )
    assert changed.status_code == 200
    note = editor.note(read(editor, id))
    assert note is not None
    assert not note.is_valid
    assert len(command("--format", "jsonl", "--only-new").rows) == 1
    assert "updated its note" in command("--note", "--write").out
    assert "certainly" not in comments(site)[0]["content"]


def test_a_note_copied_to_another_post_holds_nothing(site: Any, editor: WordPress) -> None:
    one, other = (read(editor, site.post("Eels", BLOCKS)) for _ in range(2))
    editor.write_note(one, "PUBLISH", None)
    (comment,) = comments(site)
    site.php(
        f"return wp_insert_comment( array( 'comment_post_ID' => {other.id}, 'comment_approved' => 0, 'user_id' =>"
        f" {site.users['editor']['id']}, 'comment_content' => {comment['content']!r} ) );".replace(
            "\\n", "'.\"\\n\".'"
        )
    )
    note = editor.note(other)
    assert note is not None
    assert not note.is_valid


def test_closed_comments_are_said_and_the_post_stays_where_it_is(site: Any, command: Command) -> None:
    id = site.post("Eels", BLOCKS, comment_status="closed")
    run = command("--note", "--move", "publish=draft", "--write")
    assert run.code == 2
    assert "comments are closed" in " ".join(run.out.split())
    assert status(site, id) == "pending"


def test_where_the_editor_has_notes_they_can_be_asked_for_and_the_mail_is_foretold(
    site: Any, command: Command
) -> None:
    site.switch("notes")
    id = site.post("Eels", BLOCKS, comment_status="closed")
    run = command("--note", "--note-as", "note")
    assert "would leave a note in the editor" in run.out
    assert "mails a note in the editor to the author" in run.err
    assert command("--note", "--note-as", "note", "--write").code == 0
    (note,) = comments(site)
    assert (note["type"], note["approved"], note["post"]) == ("note", "0", id)
    assert site.mails() == ["contributor@example.org: New note"]
    site.php(
        f"global $wpdb; return $wpdb->update( 'wp_comments', array( 'comment_approved' => 1 ),"
        f" array( 'comment_ID' => {note['id']} ) );"
    )  # resolved by an editor
    assert "its note is up to date" in command("--note", "--note-as", "note", "--write").out
    assert site.mails() == ["contributor@example.org: New note"]
    assert command("--format", "jsonl", "--only-new", "--note-as", "note").rows == []
    site.php(f"return wp_update_post( array( 'ID' => {id}, 'post_content' => 'Short.' ) );")
    assert "updated its note in the editor" in command("--note", "--note-as", "note", "--write").out
    assert [comment["id"] for comment in comments(site)] == [note["id"]]


def test_nobody_is_mailed_unless_it_is_asked_for(site: Any, command: Command) -> None:
    site.switch("notes")
    site.post("Eels", BLOCKS)
    run = command("--note", "--write")
    assert "mails" not in run.err
    assert [comment["type"] for comment in comments(site)] == ["comment"]
    assert site.mails() == []


# --- moves -------------------------------------------------------------------------------------------------------


def test_posts_go_where_their_outcome_sends_them(site: Any, command: Command) -> None:
    good, empty = site.post("Eels", BLOCKS), site.post("Nothing", "")
    run = command("--note", "--move", "publish=in-edit,unscored=trash", "--write")
    assert run.code == 0
    assert (status(site, good), status(site, empty)) == ("in-edit", "trash")
    assert "left a note as a held comment; moved it to in-edit" in run.out
    assert site.mails() == []


def test_only_pending_posts_are_moved(site: Any, command: Command) -> None:
    future = site.post("Eels", BLOCKS, post_status="future", post_date="2099-01-01 10:00:00")
    run = command("--status", "future", "--move", "publish=draft", "--write")
    assert run.code == 0
    assert "stays future: only pending posts are moved" in run.out
    assert status(site, future) == "future"


@pytest.mark.parametrize("where", ["publish", "future", "private", "shown-early", "pending", "nowhere"])
def test_nothing_is_moved_to_where_readers_are(site: Any, command: Command, where: str) -> None:
    id = site.post("Eels", BLOCKS)
    run = command("--move", f"publish={where}", "--write", user="admin")
    assert run.code == 2
    assert f"no post is moved to {where}; there are draft, in-edit, trash." in run.err
    assert status(site, id) == "pending"


def test_a_post_that_changed_meanwhile_is_left_alone(
    site: Any, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = site.post("Eels", BLOCKS)
    look = WordPress.author

    def author(self: WordPress, post: Post) -> str:  # while the editor's own hands are at it
        site.php(f"return wp_update_post( array( 'ID' => {id}, 'post_content' => 'Better.' ) );")
        return look(self, post)

    monkeypatch.setattr(WordPress, "author", author)
    run = command("--note", "--move", "publish=draft", "--write")
    assert run.code == 0
    assert "left alone: it has been changed since it was read" in run.out
    assert status(site, id) == "pending"
    assert comments(site) == []


def test_a_post_that_was_published_meanwhile_is_left_alone(site: Any, editor: WordPress) -> None:
    post = read(editor, site.post("Eels", BLOCKS))
    assert editor.changed(post) == ""
    site.php(f"wp_publish_post( {post.id} ); return 1;")
    assert editor.changed(post) == "is publish now"


# --- what goes wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "options", "user", "password", "says"),
    [
        ("", (), "editor", "wrong", "this application password are not accepted"),
        ("", (), "editor", "editor", "this application password are not accepted"),  # that of the login form
        ("", (), "nobody", "wrong", "nobody and this application password are not accepted"),
        ("no application passwords", (), "editor", None, "takes no application passwords"),
        ("no authorization", (), "editor", None, "see docs/wordpress.md if it is right"),
        ("no api", (), "editor", None, "The API is off (rest_disabled)"),
        ("", (), "subscriber", None, "subscriber may not do that"),
        ("", ("--note",), "contributor", None, "contributor may not moderate comments"),
        ("", ("--status", "eels"), "editor", None, "is not one of publish, future, draft"),
        ("", ("--type", "eels"), "editor", None, "there is no type of posts called eels"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(
    site: Any,
    command: Command,
    mode: str,
    options: tuple[str, ...],
    user: str,
    password: str | None,
    says: str,
) -> None:
    site.post("Eels", BLOCKS)
    if mode:
        site.switch(mode)
    run = command(*options, user=user, password=password)
    *_, last = run.err.splitlines()
    assert (run.code, run.out) == (2, "")
    assert says in last
    assert last.startswith(f"detector: {site.url}: ")
    assert last.endswith(".")


def test_maintenance_is_said(site: Any, command: Command) -> None:
    (site.folder / "wordpress" / ".maintenance").write_text("<?php $upgrading = time();", "utf-8")
    run = command()
    assert run.code == 2
    assert "the server has a problem (status 503); try again after" in run.err


def test_a_contributor_is_told_that_the_posts_of_others_are_not_listed(site: Any, command: Command) -> None:
    own = site.post("Eels", BLOCKS)
    site.post("Slates", BLOCKS, post_author=1)
    run = command("--format", "jsonl", user="contributor")
    assert [row["id"] for row in run.rows] == [f"posts/{own}"]
    assert "contributor may only edit posts of their own; those of others are not listed" in run.err


def test_a_right_that_is_missing_for_one_post_costs_its_move_only(site: Any, command: Command) -> None:
    site.php("get_role( 'editor' )->remove_cap( 'delete_others_posts' ); return 1;")
    try:
        id = site.post("Eels", BLOCKS)
        run = command("--move", "publish=trash", "--write")
        assert run.code == 2
        assert "could not move it to trash: editor may not do that" in run.out
        assert status(site, id) == "pending"
    finally:
        site.php("get_role( 'editor' )->add_cap( 'delete_others_posts' ); return 1;")


def test_where_there_is_no_trash_nothing_is_deleted(site: Any, command: Command) -> None:
    config = site.folder / "wordpress" / "wp-config.php"
    text = config.read_text("utf-8")
    config.write_text(
        text.replace("$table_prefix", "define( 'EMPTY_TRASH_DAYS', 0 );\n$table_prefix"), "utf-8"
    )
    try:
        id = site.post("Eels", BLOCKS)
        run = command("--move", "publish=trash", "--write")
        assert run.code == 2
        assert "does not support trashing" in " ".join(run.out.split())
        assert status(site, id) == "pending"
    finally:
        config.write_text(text, "utf-8")
