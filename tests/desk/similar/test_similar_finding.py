"""What a submission resembles: texts of others, the author's own, the archive's; never itself, never by a notice."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from detector.desk.similar import find
from detector.desk.store import Store
from detector.document import Document
from detector.errors import NotFoundError

NOTICE = (
    "Ada Penrose has written about rivers and their locks since 2009. She lives in a narrow boat with two dogs and "
    "answers every letter. Nothing on this page takes the place of advice by somebody who has seen your boat, and no "
    "reader should act on it without asking. Sign up for our letter, which comes once a month and costs nothing at all."
)


def test_the_text_of_another_author_is_found_with_his_name(
    store: Store, send: Callable[..., str], article: Callable[..., str]
) -> None:
    first = send(article(1), author="Rosa", title="Three boats")
    for other in range(10, 30):
        send(article(other), author="Tom")
    second = send(f"{article(2)}\n\n{article(1)}", author="Max")
    (match,) = find(store, second)
    assert (match.kind, match.id, match.author, match.title) == ("submission", first, "Rosa", "Three boats")
    assert match.how == "copied"
    assert match.received == store.get(first).received
    assert 0.45 < match.likeness < 0.55
    assert "".join(p.left for p in match.passages).startswith(article(1)[:40])
    (back,) = find(store, first)
    assert back.id == second
    assert back.likeness == 1.0


def test_an_authors_own_second_version_is_found_and_itself_never(
    store: Store, send: Callable[..., str], article: Callable[..., str]
) -> None:
    first = send(article(1), author="Rosa")
    again = send(article(1) + "\n\n" + article(5, 4), author="Rosa")
    assert [(m.id, m.author) for m in find(store, again)] == [(first, "Rosa")]
    assert [m.id for m in find(store, first)] == [again]


def test_a_page_of_the_archive_is_found_by_two_paragraphs_of_it(
    store: Store, send: Callable[..., str], publish: Callable[..., None], article: Callable[..., str]
) -> None:
    for seed in range(40):
        publish(f"page{seed}", article(seed))
    taken = "\n\n".join(article(17).split("\n\n")[1:3])
    (match,) = find(store, send(f"{article(90)}\n\n{taken}\n\n{article(91)}", author="Max"))
    assert (match.kind, match.id, match.url) == ("archive", "page17", "https://site.example/page17")
    assert (match.title, match.author) == ("About page17", "")
    assert match.passages[0].left == match.passages[0].right == taken
    assert article(17)[match.passages[0].other_start :].startswith(taken)


def test_a_spun_text_is_found_and_called_reworded(
    store: Store,
    send: Callable[..., str],
    publish: Callable[..., None],
    article: Callable[..., str],
    spin: Callable[[str], str],
) -> None:
    for seed in range(40):
        publish(f"page{seed}", article(seed))
    (match,) = find(store, send(spin(article(7))))
    assert match.id == "page7"
    assert match.how == "reworded"
    assert match.likeness > 0.8
    swaps = [
        (piece.left.strip(" .\n").lower(), piece.right.strip(" .\n").lower())
        for passage in match.passages
        for piece in passage.pieces
        if not piece.same
    ]
    assert len(swaps) > 20
    assert all(here == f"{there[::-1]}y" for here, there in swaps if " " not in here + there), swaps


def test_the_likest_come_first_and_no_more_than_asked_for(
    store: Store, send: Callable[..., str], publish: Callable[..., None], article: Callable[..., str]
) -> None:
    mine = article(1, 40)
    for share in (4, 36, 12, 24):
        publish(f"with {share}", article(1, 40)[: len(mine) * share // 40] + "\n\n" + article(50 + share))
    id = send(mine)
    assert [m.id for m in find(store, id)] == ["with 36", "with 24", "with 12", "with 4"]
    assert [m.id for m in find(store, id, limit=2)] == ["with 36", "with 24"]


def test_a_notice_on_many_pages_makes_no_two_texts_alike(
    store: Store, send: Callable[..., str], publish: Callable[..., None], article: Callable[..., str]
) -> None:
    for seed in range(20):
        publish(f"page{seed}", f"{article(seed)}\n\n{NOTICE}")
    id = send(f"{article(99)}\n\n{NOTICE}", author="Ada")
    assert find(store, id) == []
    taken = article(3).split("\n\n")[2]
    (match,) = find(store, send(f"{article(98)}\n\n{taken}\n\n{article(97)}\n\n{NOTICE}", author="Ada"))
    assert match.id == "page3"
    assert [p.left for p in match.passages] == [taken]


def test_an_article_that_many_send_in_is_no_notice(
    store: Store, send: Callable[..., str], article: Callable[..., str]
) -> None:
    ids = [send(article(1), author=f"Name {n}") for n in range(12)]
    found = find(store, ids[0])
    assert len(found) == 10
    assert {m.likeness for m in found} == {1.0}
    assert ids[0] not in {m.id for m in found}


def test_nothing_is_found_for_texts_of_ones_own_and_short_ones(
    store: Store, send: Callable[..., str], publish: Callable[..., None], article: Callable[..., str]
) -> None:
    for seed in range(10):
        publish(f"page{seed}", article(seed))
    for text in (article(50), "", "Too short.", "…"):
        assert find(store, send(text)) == []


def test_what_was_removed_is_found_no_more(
    store: Store, send: Callable[..., str], publish: Callable[..., None], article: Callable[..., str]
) -> None:
    first = send(article(1), author="Rosa")
    publish("page", article(1))
    second = send(article(1), author="Max")
    assert {m.kind for m in find(store, second)} == {"submission", "archive"}
    store.remove(first, "ed")
    store.remove_archive()
    assert find(store, second) == []


def test_places_are_those_of_both_documents_whatever_they_were(
    store: Store, send: Callable[..., str], article: Callable[..., str]
) -> None:
    paragraphs = "".join(f"<p>{p} <b>Zoë</b> 😀</p>" for p in article(1).split("\n\n"))
    page = Document.from_html(f"<title>A</title><nav><a href=/>Home</a></nav><h1>Boats</h1>{paragraphs}")
    note = Document.from_markdown(f"---\ntitle: B\n---\n# Boats\n\n{article(2)}\n\n> hm\n\n{article(1)}\n")
    first, second = send(page), send(note)
    (match,) = find(store, second)
    for passage in match.passages:
        assert note.text[passage.start : passage.end] == passage.left
        assert page.text[passage.other_start : passage.other_end] == passage.right
    assert match.id == first


def test_a_match_is_plain_json(
    store: Store, send: Callable[..., str], article: Callable[..., str], spin: Callable[[str], str]
) -> None:
    send(article(1), author="Rosa")
    (match,) = find(store, send(spin(article(1))))
    row = json.loads(json.dumps(match.to_dict()))
    assert list(row) == "kind id title url author received likeness how passages".split()
    assert list(row["passages"][0]) == "start end other_start other_end left right pieces".split()
    assert list(row["passages"][0]["pieces"][0]) == ["left", "right", "same"]
    assert row["received"].endswith("+00:00")


def test_it_says_the_same_each_time(
    store: Store,
    send: Callable[..., str],
    publish: Callable[..., None],
    article: Callable[..., str],
    spin: Callable[[str], str],
) -> None:
    for seed in range(5):
        publish(f"page{seed}", article(1) + article(seed))
    id = send(spin(article(1)))
    assert find(store, id) == find(store, id)


def test_no_such_submission_is_said(store: Store) -> None:
    with pytest.raises(NotFoundError):
        find(store, "none")
    waiting = store.add(b"text", form="text", name="post.txt")
    with pytest.raises(NotFoundError):
        find(store, waiting.id)
