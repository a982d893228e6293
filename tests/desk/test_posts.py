"""Ten guest posts of unlike authors, from Word file to verdict to commented Word file as LibreOffice shows it."""

from __future__ import annotations

import runpy
from collections import Counter
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest

docx = pytest.importorskip("docx", reason="needs detector[desk]")

from detector import model  # noqa: E402
from detector.desk.letter import draft  # noqa: E402
from detector.document import Document, Span  # noqa: E402
from detector.report.word import write_word  # noqa: E402
from detector.score import Detector  # noqa: E402
from detector.verdict import Finding, Verdict  # noqa: E402

POSTS = Path(__file__).parent / "posts"
make = runpy.run_path(str(POSTS / "make.py"))
libreoffice = runpy.run_path(str(POSTS / "libreoffice.py"))
NAMES = sorted(make["LAYOUTS"])

# A signal that must speak up about each post that is at fault, and words that it must mark.
FAULTS = {
    "cold-hands.repeated": ("near_duplicate", "In the cold the little arteries in the fingers close."),
    "dry-lips.pasted": ("injected_anchor", "best online casino bonus no deposit"),
    "hiccups.spun": ("spun_phrase", "physique"),
    "ingrown-toenail.plug": ("plug", "Silverline Foot & Ankle Institute"),
    "jade-roller.hollow": ("hollow_prose", "embrace the best version of yourself"),
}

pytestmark = pytest.mark.skipif(
    not (model.models_folder() / "CURRENT").is_file(), reason="this checkout has no model"
)


@dataclass
class Post:
    """A post on its way through the desk."""

    path: Path
    document: Document
    verdict: Verdict
    marked: Path


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Post]:
    folder = tmp_path_factory.mktemp("posts")
    (folder / "marked").mkdir()
    detector = Detector.load()
    found: dict[str, Post] = {}
    for path in make["make"](folder):
        document = Document.from_file(path)
        post = Post(path, document, detector.score(document), folder / "marked" / path.name)
        with post.marked.open("wb") as out:
            write_word(post.verdict, document, out, original=path.read_bytes())
        found[path.stem] = post
    return found


@pytest.fixture(scope="module")
def shown(
    posts: dict[str, Post], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[str, str, str]]]:
    """The comments of each post as LibreOffice has them."""
    if libreoffice["SOFFICE"] is None:
        pytest.skip("soffice, of LibreOffice, is not installed")
    folder = tmp_path_factory.mktemp("office")
    files = libreoffice["convert"]([post.marked for post in posts.values()], "fodt", folder)
    return {file.stem: libreoffice["comments"](file) for file in files}


def squeezed(text: str) -> str:
    return "".join(text.split())


def places(post: Post) -> set[tuple[str, int, int]]:
    """Signal, start and end of whatever has a comment of its own."""
    descriptions = {"health_evidence", "thin_specifics", "readability"}
    return {
        (finding.signal, span.start, span.end)
        for finding in post.verdict.findings
        if finding.push > 0 or finding.signal in descriptions
        for span in finding.spans
    }


def test_ten_posts_of_four_hundred_and_fifty_to_nine_hundred_words(posts: dict[str, Post]) -> None:
    assert len(posts) == 10
    for post in posts.values():
        assert 450 <= len(post.document.text.split()) <= 950


def test_no_honest_post_is_rejected(posts: dict[str, Post]) -> None:
    honest = [post for name, post in posts.items() if name.endswith(".good")]
    assert len(honest) == 5
    assert "reject" not in {post.verdict.outcome for post in honest}


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_of_a_post_is_marked_at_its_words(posts: dict[str, Post], name: str) -> None:
    signal, words = FAULTS[name]
    post = posts[name]
    at = post.document.text.index(words)
    spans = [span for f in post.verdict.findings if f.signal == signal and f.push > 0 for span in f.spans]
    assert any(span.start < at + len(words) and at < span.end for span in spans)


@pytest.mark.parametrize("name", NAMES)
def test_libreoffice_shows_every_comment_at_its_words(
    posts: dict[str, Post], shown: dict[str, list[tuple[str, str, str]]], name: str
) -> None:
    post = posts[name]
    expected = Counter(
        (signal.replace("_", " "), squeezed(post.document.text[start:end]))
        for signal, start, end in places(post)
    )
    (summary,) = [comment for comment in shown[name] if comment[1].startswith(post.verdict.outcome.upper())]
    said = Counter(
        (says.partition("\n")[0], squeezed(words)) for _, says, words in shown[name] if says != summary[1]
    )
    assert said == expected
    assert "Without a place" not in summary[1]
    titles = [post.document.text[b.start : b.end] for b in post.document.blocks if b.kind == "title"]
    if titles:
        assert squeezed(summary[2]) == squeezed(titles[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_text_of_the_post_stays_as_it_was(posts: dict[str, Post], name: str) -> None:
    before, after = (docx.Document(str(path)) for path in (posts[name].path, posts[name].marked))
    assert [p.text for p in after.paragraphs] == [p.text for p in before.paragraphs]
    assert [p.style.name for p in after.paragraphs] == [p.style.name for p in before.paragraphs]
    again = Document.from_file(posts[name].marked)
    assert (again.text, again.blocks, again.links) == (
        posts[name].document.text,
        posts[name].document.blocks,
        posts[name].document.links,
    )


def test_a_place_in_a_text_box_or_a_footnote_is_shown_where_that_hangs(
    posts: dict[str, Post], tmp_path: Path
) -> None:
    if libreoffice["SOFFICE"] is None:
        pytest.skip("soffice, of LibreOffice, is not installed")
    post = posts["nickel.good"]
    at = [post.document.text.index(words) for words in ("Steroid ointment", "entry 27 of Annex XVII")]
    fault = Finding("plug", 1.0, 2.0, "A fault.", tuple(Span(start, start + 8) for start in at))
    with (tmp_path / "marked.docx").open("wb") as out:
        whole = replace(post.verdict, findings=(fault,))
        write_word(whole, post.document, out, original=post.path.read_bytes())
    (file,) = libreoffice["convert"]([tmp_path / "marked.docx"], "fodt", tmp_path)
    said = {says: words for _, says, words in libreoffice["comments"](file)}
    assert "The limits stand in entry 27" in said["plug\nA fault.\nIn the note here: “entry 27”"]
    assert "Ring us, not a website" in said["plug\nA fault.\nIn the text box here: “Steroid”"]


def test_comments_outlive_another_program(posts: dict[str, Post], tmp_path: Path) -> None:
    if libreoffice["SOFFICE"] is None:
        pytest.skip("soffice, of LibreOffice, is not installed")
    post = posts["dry-lips.pasted"]
    (saved,) = libreoffice["convert"]([post.marked], "docx", tmp_path)
    assert len(list(docx.Document(str(saved)).comments)) == len(places(post)) + 1
    (printed,) = libreoffice["convert"]([post.marked], "pdf", tmp_path)
    assert printed.read_bytes().startswith(b"%PDF")


def test_what_libreoffice_saved_is_marked_as_well(posts: dict[str, Post], tmp_path: Path) -> None:
    if libreoffice["SOFFICE"] is None:
        pytest.skip("soffice, of LibreOffice, is not installed")
    names = [name for name in NAMES if not name.startswith("jade")]
    for file in libreoffice["convert"]([posts[name].path for name in names], "docx", tmp_path):
        document = Document.from_file(file)
        out = BytesIO()
        write_word(posts[file.stem].verdict, document, out, original=file.read_bytes())
        says = ["".join(p.text for p in comment.paragraphs) for comment in docx.Document(out).comments]
        assert not [text for text in says if "could not be marked" in text or "Without a place" in text]


@pytest.mark.parametrize("name", NAMES)
def test_the_letter_tells_what_is_at_fault(posts: dict[str, Post], name: str) -> None:
    post = posts[name]
    submission = {"author": "Ruth Palmer", "state": "new", "title": ""}
    text = draft(submission, post.verdict.to_dict(post.document), post.document)
    assert text.startswith("Dear Ruth,\n\nThank you for sending us “")
    if name in FAULTS:
        assert "\n1. " in text
