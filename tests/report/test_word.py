"""The Word report: comments at the very words, the author's file otherwise as it was."""

from __future__ import annotations

import re
import runpy
import warnings
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

docx = pytest.importorskip("docx", reason="needs detector[desk]")
from lxml import etree  # noqa: E402  comes with python-docx

from detector.document import Block, Document, Link, Partner, Span  # noqa: E402
from detector.errors import SourceError  # noqa: E402
from detector.report.word import write_word  # noqa: E402
from detector.report.word.places import align  # noqa: E402
from detector.sources.office import read_docx  # noqa: E402
from detector.verdict import Failure, Finding, ModelId, Thresholds, Verdict  # noqa: E402

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
STRICT_R = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
NAMES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" mc:Ignorable="wps"'
)
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


# --- files, as Word writes them -------------------------------------------------------------------------------------


def run(text: str, look: str = "") -> str:
    return f'<w:r>{look and f"<w:rPr>{look}</w:rPr>"}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def par(*content: str, style: str = "") -> str:
    """A paragraph of runs and plain text."""
    runs = "".join(part if part.startswith("<") else run(part) for part in content)
    return f"<w:p><w:pPr>{style and f'<w:pStyle w:val={style!r}/>'}</w:pPr>{runs}</w:p>"


def word_file(
    body: str,
    relations: str = "",
    *,
    main: str = f"{TYPE}.document.main+xml",
    types: str = "",
    **parts: str | bytes,
) -> bytes:
    """A Word file. parts: by name, with an underscore for the point of "comments.xml"."""
    of_main = {
        "comments_xml": "comments", "footnotes_xml": "footnotes", "settings_xml": "settings", "vbaProject_bin": "vba"
    }  # fmt: skip
    links = "".join(
        f'<Relationship Id="p{n}" Type="{R}/{of_main[name]}" Target="{name.replace("_", ".")}"/>'
        for n, name in enumerate(parts)
        if name in of_main and of_main[name] != "vba"
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>'
        + "".join(
            f'<Override PartName="/word/{name.replace("_", ".")}" ContentType="{TYPE}.{of_main[name]}+xml"/>'
            for name in parts
            if name in of_main and name.endswith("xml")
        )
        + f"{types}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {NAMES}><w:body>{body}<w:sectPr/></w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}{relations}'
        "</Relationships>",
    }
    for name, content in parts.items():
        members[f"word/{name.replace('_', '.')}"] = content
    return archive(members)


def archive(members: dict[str, str | bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()


def link(text: str, id: str = "l1") -> str:
    return f'<w:hyperlink r:id="{id}">{run(text)}</w:hyperlink>'


def relation(kind: str, target: str, id: str = "l1") -> str:
    return f'<Relationship Id="{id}" Type="{R}/{kind}" Target="{target}" TargetMode="External"/>'


# --- what stands in a commented file --------------------------------------------------------------------------------


class Comment(NamedTuple):
    """A comment of a file: who says what (a line for each paragraph) about which words."""

    author: str
    says: str
    words: str


class Commented:
    """A commented file, opened."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.zip = zipfile.ZipFile(BytesIO(data))
        assert self.zip.testzip() is None
        names = self.zip.namelist()
        assert len(names) == len(set(names))
        self.root = etree.fromstring(self.zip.read("word/document.xml"))
        self.w = self.root.tag.removesuffix("document")
        self.part = next(name for name in names if name.startswith("word/comments"))
        self.comments = etree.fromstring(self.zip.read(self.part))

    def elements(self, name: str) -> list[Any]:
        return list(self.root.iter(self.w + name))

    @property
    def text(self) -> str:
        """All words, deleted ones too."""
        return "".join(
            element.text or ""
            for element in self.root.iter(self.w + "t", self.w + "delText")
            if not self._again(element)
        )

    def _again(self, element: Any) -> bool:
        return any(etree.QName(parent).localname == "Fallback" for parent in element.iterancestors())

    def __iter__(self) -> Iterator[Comment]:
        words: dict[str, str] = {}
        open_now: set[str] = set()
        for element in self.root.iter(etree.Element):
            name, id = etree.QName(element).localname, element.get(self.w + "id")
            if name == "commentRangeStart":
                assert id not in words, "an id used twice"
                words[id] = ""
                open_now.add(id)
            elif name == "commentRangeEnd":
                open_now.remove(id)
            elif name == "commentReference":
                assert id in words
                assert id not in open_now, "the reference follows the end"
            elif name in ("t", "noBreakHyphen") and not self._again(element):
                for one in open_now:
                    words[one] += element.text or "-"
        assert not open_now
        for comment in self.comments:
            lines = ["".join(p.itertext(self.w + "t")) for p in comment.iter(self.w + "p")]
            id = comment.get(self.w + "id")
            yield Comment(comment.get(self.w + "author"), "\n".join(lines), words.pop(id))
        assert not words, "a range without a comment"

    def about(self, words: str) -> list[Comment]:
        return [comment for comment in self if comment.words == words]


def squeezed(text: str) -> str:
    return "".join(text.split())


def finding(
    signal: str = "spun_phrase", *spans: Span, push: float = 2.0, says: str = "Odd words."
) -> Finding:
    return Finding(signal, 1.0, push, says, spans)


def verdict(*findings: Finding, **changes: Any) -> Verdict:
    fields: dict[str, Any] = {
        "id": "post.docx", "url": None, "title": None, "outcome": "review", "score": 0.881, "bias": 0.0,
        "findings": findings, "words": 300, "language": "en", "model": ModelId("small", "1.2.3", "0" * 64),
        "thresholds": Thresholds(0.7, 0.96),
    }  # fmt: skip
    return Verdict(**(fields | changes))


def span(document: Document, words: str, nth: int = 1, **more: Any) -> Span:
    start = -1
    for _ in range(nth):
        start = document.text.index(words, start + 1)
    return Span(start, start + len(words), **more)


def mark(original: bytes, *words: str, **options: Any) -> Commented:
    """The file with a comment on each of the words."""
    document = read_docx(original, id="post.docx")
    spans = [span(document, some) for some in words]
    return write(verdict(finding("spun_phrase", *spans)), document, original=original, **options)


def write(of: Verdict | dict[str, Any], document: Document, **options: Any) -> Commented:
    out = BytesIO()
    write_word(of, document, out, **options)
    return Commented(out.getvalue())


# --- at the very words ----------------------------------------------------------------------------------------------


def test_a_run_is_cut_at_the_words_and_keeps_its_looks() -> None:
    bold = '<w:b/><w:color w:val="FF0000"/>'
    marked = mark(
        word_file(par("The kettle ", run("belongs to Ruth, who is", bold), " fond of it.")), "to Ruth"
    )
    assert [c.words for c in marked][1:] == ["to Ruth"]
    looks = {run.findtext(f"{marked.w}t"): run.find(f"{marked.w}rPr") for run in marked.elements("r")}
    for piece in ("belongs ", "to Ruth", ", who is"):
        assert [etree.QName(look).localname for look in looks[piece]] == ["b", "color"]
    assert marked.text == "The kettle belongs to Ruth, who is fond of it."


def test_words_torn_into_many_runs_are_one_comment() -> None:
    torn = par("The ke", "tt", "le be", '<w:proofErr w:type="spellStart"/>', "longs", " to", " Ruth.")
    assert mark(word_file(torn), "kettle belongs to").about("kettle belongs to")


def test_a_sentence_that_stands_three_times_is_marked_where_it_was_found() -> None:
    file = word_file(
        par("Put it back.", style="x") + par("It is hot. Put it back.") + par("Put it back. Now.")
    )
    document = read_docx(file, id="post.docx")
    marked = write(verdict(finding("plug", span(document, "Put it back.", 2))), document, original=file)
    start = marked.elements("commentRangeStart")[1]
    assert start.getprevious().findtext(f"{marked.w}t") == "It is hot. "


def test_words_in_links_fields_tables_and_insertions_are_marked_there() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://a.example" </w:instrText>'
        f'</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("the shelf in the hall")}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    table = (
        f"<w:tbl><w:tr><w:tc>{par('a cup of tin')}</w:tc><w:tc>{par('a cup of clay')}</w:tc></w:tr></w:tbl>"
    )
    inserted = f'<w:ins w:id="1" w:author="Sam">{run("and a blue jug")}</w:ins>'
    deleted = '<w:del w:id="2" w:author="Sam"><w:r><w:delText>and a red one</w:delText></w:r></w:del>'
    body = (
        par("See ", link("the other kettle"), " on ", field, ".")
        + table
        + par("Milk ", inserted, deleted, " here.")
    )
    marked = mark(
        word_file(body, relation("hyperlink", "https://b.example")), "other", "shelf", "clay", "blue jug here"
    )
    assert [c.words for c in marked][1:] == ["other", "shelf", "clay", "blue jug here"]
    starts = marked.elements("commentRangeStart")[1:]
    assert [etree.QName(start.getparent()).localname for start in starts] == ["hyperlink", "p", "p", "ins"]


def test_what_hangs_elsewhere_is_marked_where_it_hangs_because_word_drops_comments_there() -> None:
    box = f"<w:txbxContent>{par('Ring the bell twice')}</w:txbxContent>"
    shape = f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>{box}</wps:txbx></mc:Choice>"
    shape += f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    note = run("") + '<w:r><w:footnoteReference w:id="3"/></w:r>'
    notes = f'<w:footnotes {NAMES}><w:footnote w:id="3">{par("Seen in 1911.")}</w:footnote></w:footnotes>'
    file = word_file(par("Before the door. ", shape) + par("After the door.", note), footnotes_xml=notes)
    marked = mark(file, "the bell", "in 1911", "After the")
    comments = list(marked)[1:]
    assert [c.words for c in comments] == ["Ring the bell twice", "After the", ""]
    assert comments[0].says.endswith("In the text box here: “the bell”")
    assert comments[2].says.endswith("In the note here: “in 1911”")
    assert all(
        etree.QName(element).localname not in ("txbxContent", "pict")
        for start in marked.elements("commentReference")
        for element in start.iterancestors()
    )


def test_comments_that_were_there_stay_and_no_id_comes_twice() -> None:
    there = f'<w:comment w:id="1" w:author="Ruth">{par("Is that so?")}</w:comment>'
    body = '<w:p><w:commentRangeStart w:id="1"/>' + run("The kettle is") + '<w:commentRangeEnd w:id="1"/>'
    body += f'<w:r><w:commentReference w:id="1"/></w:r>{run(" on the shelf.")}</w:p>'
    marked = mark(word_file(body, comments_xml=f"<w:comments {NAMES}>{there}</w:comments>"), "kettle is on")
    assert [(c.author, c.words) for c in marked] == [
        ("Ruth", "The kettle is"),
        ("detector", "The kettle is on the shelf."),
        ("detector", "kettle is on"),
    ]


def test_a_place_over_several_paragraphs_is_one_comment() -> None:
    file = word_file(par("One two three.") + par("Four five six.") + par("Seven eight nine."))
    document = read_docx(file, id="post.docx")
    long = Span(document.text.index("two"), document.text.index("eight") + 5)
    (_, comment) = write(verdict(finding("stitched", long)), document, original=file)
    assert comment.words == "two three.Four five six.Seven eight"


def test_words_that_the_file_does_not_have_are_told_at_their_paragraph_or_at_the_title() -> None:
    file = word_file(
        par("The kettle belongs to Ruth, who bought it in Leeds.") + par("Nobody else may fill it.")
    )
    text = "The kettle belongs to Ruth, who stole it in Leeds.\n\nBrand new words."
    document = Document("x", text, (Block(0, 50, "paragraph"), Block(52, len(text), "paragraph")))
    spans = (span(document, "who stole it"), span(document, "Brand new"))
    marked = write(verdict(finding("plug", *spans)), document, original=file)
    summary, comment = marked
    assert comment.words == "The kettle belongs to Ruth, who bought it in Leeds."
    assert comment.says.endswith(
        "These words could not be marked by themselves; they stand here: “who stole it”"
    )
    assert "Without a place: plug. “Brand new” Odd words." in summary.says


def test_places_of_white_space_or_beyond_the_end_are_told_all_the_same() -> None:
    file = word_file(par("The kettle is hot.") + par("It is old."))
    document = read_docx(file, id="post.docx")
    gap = document.text.index(" is hot")
    spans = (Span(gap, gap + 1), Span(9_000, 9_100), Span(4, 4), Span(18, 20))
    summary, *comments = write(verdict(finding("plug", *spans)), document, original=file)
    assert [comment.words for comment in comments] == ["k", "The kettle is hot."]
    assert summary.says.count("Without a place: plug.") == 2


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_stretch_of_any_file_is_found_and_no_word_of_it_changes(data: st.DataObject) -> None:
    words = st.text(st.sampled_from("ab c.é\u00a0🐝-"), min_size=1, max_size=12)
    paragraphs = data.draw(st.lists(st.lists(words, min_size=1, max_size=5), min_size=1, max_size=5))
    file = word_file("".join(par(*(run(piece) for piece in pieces)) for pieces in paragraphs))
    document = read_docx(file, id="post.docx")
    before = "".join(map("".join, paragraphs))
    spans = []
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, max(0, len(document.text) - 1)))
        end = data.draw(st.integers(start + 1, max(start + 1, len(document.text))))
        if document.text[start:end].strip():
            spans.append(Span(start, end))
    marked = write(verdict(finding("plug", *spans)), document, original=file)
    assert marked.text == before
    expected = [
        squeezed(document.text[s.start : s.end]) for s in sorted(set(spans), key=lambda s: (s.start, -s.end))
    ]
    assert [squeezed(comment.words) for comment in list(marked)[1:]] == expected


@given(st.text("abc", max_size=40), st.text("abc", max_size=10), st.text("abc", max_size=40))
def test_aligned_stretches_are_equal_and_in_order(before: str, between: str, after: str) -> None:
    ours, theirs = before + between + after, before + after
    at_i = at_j = 0
    for i, j, size in align(ours, theirs):
        assert ours[i : i + size] == theirs[j : j + size]
        assert i >= at_i
        assert j >= at_j
        at_i, at_j = i + size, j + size


def test_texts_part_and_meet_again_where_least_is_passed_over() -> None:
    page = "".join(f"sentence number {n} of the page. " for n in range(90))
    contents = "what helps 4 what harms 9 "
    assert align(page, contents + page) == [(0, len(contents), len(page))]
    assert align("menu home about " + page, page) == [(16, 0, len(page))]


# --- the author's file stays his ------------------------------------------------------------------------------------


def test_other_parts_are_copied_byte_for_byte() -> None:
    styles = f"<w:styles {NAMES}><!-- mine --></w:styles>"
    picture = bytes(range(256)) * 40
    file = word_file(par("The kettle is old."), **{"media/a_png": picture, "styles2_xml": styles})
    marked = mark(file, "kettle")
    assert marked.zip.read("word/media/a.png") == picture
    assert marked.zip.read("word/styles2.xml").decode() == styles
    assert marked.root.get("{http://schemas.openxmlformats.org/markup-compatibility/2006}Ignorable") == "wps"
    assert marked.root.nsmap["wps"]


def test_word_finds_the_comments_where_it_looks_for_them() -> None:
    marked = mark(
        word_file(par("The kettle is old."), relation("hyperlink", "https://b.example", "rId1")), "kettle"
    )
    types = etree.fromstring(marked.zip.read("[Content_Types].xml"))
    assert [t.get("ContentType") for t in types if t.get("PartName") == "/word/comments.xml"] == [
        f"{TYPE}.comments+xml"
    ]
    relations = etree.fromstring(marked.zip.read("word/_rels/document.xml.rels"))
    (found,) = [r for r in relations if r.get("Type") == f"{R}/comments"]
    assert found.get("Target") == "comments.xml"
    ids = [r.get("Id") for r in relations]
    assert len(ids) == len(set(ids)) == 2
    opened = docx.Document(BytesIO(marked.data))
    assert [comment.author for comment in opened.comments] == ["detector", "detector"]


def test_a_file_of_the_strict_standard_gets_strict_comments() -> None:
    file = word_file(par("The kettle is old."))
    with zipfile.ZipFile(BytesIO(file)) as old:
        members = {n: old.read(n).replace(W.encode(), STRICT_W.encode()).replace(R.encode(), STRICT_R.encode())
                   for n in old.namelist()}  # fmt: skip
    marked = mark(archive(members), "kettle")
    assert marked.about("kettle")
    assert marked.comments.tag == f"{{{STRICT_W}}}comments"
    assert f"{STRICT_R}/comments".encode() in marked.zip.read("word/_rels/document.xml.rels")


def test_macros_and_what_is_fetched_on_opening_are_taken_out() -> None:
    macros = f'<Relationship Id="m1" Type="{R}/vbaProject" Target="vbaProject.bin"/>'
    macros += relation("attachedTemplate", "https://evil.example/t.dotm", "m2")
    macros += relation("hyperlink", "https://b.example", "m3")
    file = word_file(
        par("The kettle is old."),
        macros,
        main="application/vnd.ms-word.document.macroEnabled.main+xml",
        types='<Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        vbaProject_bin=b"run me",
    )
    marked = mark(file, "kettle")
    everything = b"".join(marked.zip.read(name) for name in marked.zip.namelist() if name != marked.part)
    for trace in (b"vbaProject", b"macroEnabled", b"run me", b"evil.example"):
        assert trace not in everything
    assert b"https://b.example" in everything
    assert "word/vbaProject.bin" not in marked.zip.namelist()
    says = next(iter(marked)).says
    assert "The macros of this file were taken out." in says
    assert "no longer fetches anything (attachedTemplate) from https://evil.example/t.dotm" in says


BOMB = '<!DOCTYPE a [<!ENTITY e "boom">]><a>&e;&e;</a>'


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda file: file.replace(b"PK\x03\x04", b"PK\x03\x05"), "is damaged"),
        (lambda file: b"no archive at all", "is neither"),
        (lambda file: archive({"word/other.xml": "<a/>"}), "is a Word document"),
        (lambda file: archive({"word/document.xml": "<a/>"}), "is a Word document"),
        (lambda file: archive({"word/document.xml": BOMB}), "declares a document type"),
        (lambda file: word_file(par("The kettle is old."), **{"media/b_png": b"\0" * 251_000_000}), "250 MB"),
        (lambda file: word_file(par("x"), relation("comments", "document.xml")), "holds no comments"),
        (lambda file: word_file(par("x"), comments_xml=BOMB), "declares a document type"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_file_is_refused_in_one_line_and_nothing_is_written(
    damage: Any, says: str
) -> None:
    good = word_file(par("The kettle is old."))
    document = read_docx(good, id="post.docx")
    out = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile on a name that does not agree with its header
        with pytest.raises(SourceError, match=re.escape(says)) as refused:
            write_word(verdict(), document, out, original=damage(good))
    assert "\n" not in str(refused.value)
    assert not out.getvalue()


def test_a_file_without_a_word_gets_the_summary_all_the_same() -> None:
    for body in ("", "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"):
        file = word_file(body)
        document = Document("post.docx", "", ())
        failed = verdict(
            outcome="unscored", score=None, bias=None, reason="too_short: 0 words of running text"
        )
        (comment,) = write(failed, document, original=file)
        assert comment.says == "UNSCORED\nNot scored: 0 words of running text."


def test_the_same_input_gives_the_same_bytes() -> None:
    document = Document.from_markdown("# Kettles\n\nThe kettle is old.")
    files = [BytesIO(), BytesIO()]
    for file in files:
        write_word(verdict(finding("plug", span(document, "kettle"))), document, file, when=WHEN)
    assert files[0].getvalue() == files[1].getvalue()


# --- a document made from the text ----------------------------------------------------------------------------------

MARKDOWN = """# The kettle on the *second* shelf

It belongs to [Ruth](https://ruth.example/a?b=1&c=2), who bought it in **Leeds** for `12` pounds &amp; a
song, see <https://leeds.example>.

## How to fill it

- Not before seven.
- Ask [nobody](javascript:alert(1)).

> It is old.

| cup | price |
| --- | --- |
| tin | 3 |
| clay | 4 |
"""


def test_a_document_is_made_with_headings_lists_quotes_tables_and_links() -> None:
    document = Document.from_markdown(MARKDOWN)
    spans = [
        span(document, words)
        for words in ("second", "Ruth](https://ruth", "for `12` pounds", "seven", "clay")
    ]
    out = BytesIO()
    write_word(verdict(finding("plug", *spans)), document, out)
    assert [squeezed(c.words) for c in Commented(out.getvalue())][1:] == [
        "second", "Ruth", "for12pounds", "seven", "clay"
    ]  # fmt: skip
    made = docx.Document(out)
    assert [(p.style.name, p.text) for p in made.paragraphs] == [
        ("Title", "The kettle on the second shelf"),
        (
            "Normal",
            "It belongs to Ruth, who bought it in Leeds for 12 pounds &amp; a song, see https://leeds.example.",
        ),
        ("Heading 2", "How to fill it"),
        ("List Bullet", "Not before seven."),
        ("List Bullet", "Ask nobody."),
        ("Quote", "It is old."),
    ]
    assert [link.address for p in made.paragraphs for link in p.hyperlinks] == [
        "https://ruth.example/a?b=1&c=2", "https://leeds.example"
    ]  # fmt: skip
    (table,) = made.tables
    assert [[cell.text.strip() for cell in row.cells] for row in table.rows] == [
        ["cup", "price"], ["tin", "3"], ["clay", "4"]
    ]  # fmt: skip


def test_a_page_becomes_its_main_text_and_what_is_said_of_the_rest() -> None:
    html = (
        "<html><head><title>Kettles</title></head><body><nav><a href=/>Home of the brave</a></nav><main>"
        "<p>The kettle on the second shelf belongs to Ruth, who bought it in Leeds for twelve pounds, and she is fond "
        "of it.</p><table><tr><td>tin</td><td>3</td></tr><tr><td>clay</td><td>4</td></tr></table>"
        "<p>Nobody else may fill it before seven.</p></main>"
        "<div style='display:none'>cheap kettles here</div></body></html>"
    )
    document = Document.from_html(html)
    out = BytesIO()
    write_word(verdict(finding("hidden_text", span(document, "cheap kettles"))), document, out)
    made = docx.Document(out)
    texts = [p.text for p in made.paragraphs]
    assert texts[0] == "Kettles"
    assert "Home of the brave" not in texts
    assert "cheap kettles here" in texts
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [["tin", "3"], ["clay", "4"]]
    assert Commented(out.getvalue()).about("cheap kettles")


def test_a_title_from_elsewhere_that_begins_like_the_text_moves_no_comment() -> None:
    document = Document.from_text("Kettles are old. Kettles are hot.", title="Kettles are")
    marked = write(verdict(finding("plug", span(document, "Kettles are old"))), document)
    start = marked.elements("commentRangeStart")[-1]
    assert start.getparent().find(f"{marked.w}r/{marked.w}t").text == "Kettles are old"


def test_characters_that_xml_cannot_carry_are_spelled_out() -> None:
    text = "The ket\x00tle \ud800 is\ufffe old \x1b[31m."
    document = Document("a", text, (Block(0, len(text), "paragraph"),), title="A\x07 title\n\x08")
    bad = span(document, "\x00tle \ud800 is", says="\x00 here\u202e", instead=("\x0b",))
    event = {
        "kind": "missed",
        "who": "Ru\x00th\n",
        "note": "\x01",
        "start": 0,
        "end": 3,
        "signal": "plug\x02",
    }
    out = BytesIO()
    write_word(verdict(finding("plug", bad)), document, out, author="Ed\x00", when=WHEN, events=[event])
    marked = Commented(out.getvalue())
    assert (
        marked.about("⟨U+0000⟩tle ⟨U+D800⟩ is")[0].says == "plug\n⟨U+0000⟩ here⟨U+202E⟩\nInstead: “⟨U+000B⟩”"
    )
    assert docx.Document(out).paragraphs[1].text == "The ket⟨U+0000⟩tle ⟨U+D800⟩ is⟨U+FFFE⟩ old ⟨U+001B⟩[31m."
    assert {comment.author for comment in marked} == {"Ed⟨U+0000⟩", "Ru⟨U+0000⟩th"}


def test_a_large_table_and_an_endless_address_are_no_trouble() -> None:
    cells = [f"cell {n}" for n in range(900)]
    text = "\n".join(cells)
    starts = [text.index(cell + "\n" if n < 899 else cell) for n, cell in enumerate(cells)]
    blocks = tuple(Block(s, s + len(c), "table") for s, c in zip(starts, cells, strict=True))
    document = Document("a", text, blocks, links=(Link(0, 6, "https://a.example/" + "x" * 5000),))
    out = BytesIO()
    write_word(verdict(finding("plug", span(document, "cell 777"))), document, out)
    made = docx.Document(out)
    assert not made.tables
    assert not [link for p in made.paragraphs for link in p.hyperlinks]
    assert Commented(out.getvalue()).about("cell 777")


def test_a_paragraph_longer_than_parsers_of_xml_allow_is_written_and_marked() -> None:
    document = Document.from_text("kettle " * 1_500_000 + "the last word is lamp")
    out = BytesIO()
    write_word(verdict(finding("plug", span(document, "lamp"))), document, out)
    assert Commented(out.getvalue()).about("lamp")


@pytest.mark.parametrize("line", ["- item\n", "a\tb\tc\td\te\tf\tg\n"])
def test_more_paragraphs_or_cells_than_word_opens_are_refused_in_one_line(line: str) -> None:
    out = BytesIO()
    with pytest.raises(SourceError, match=r"^text: has more than the limit of paragraphs, cells and links"):
        write_word(verdict(), Document.from_text(line * 200_001), out)
    assert not out.getvalue()


# --- what the comments say ------------------------------------------------------------------------------------------


def says_of(document: Document, *findings: Finding, **options: Any) -> list[str]:
    return [comment.says for comment in write(verdict(*findings), document, **options)]


def test_the_summary_has_outcome_score_and_an_account_that_adds_up() -> None:
    document = Document.from_text("The bench by the canal\n\nHarold counts the boats.", title="The bench")
    trust = Finding("trust", 1.0, -0.5, "Somebody answers for it.", (Span(0, 9),))
    (comment,) = write(verdict(finding("plug", push=2.5), trust), document, base_rate=0.2)
    lines = comment.says.splitlines()
    assert lines[0] == "REVIEW 88 %"
    assert "if 20 % of all pages deserved it" in lines[1]
    assert lines[2:] == [
        "How the score adds up, in log-odds:",
        "+0.00 bias: Where every page starts.",
        "+2.50 plug: Odd words.",
        "−0.50 trust: Somebody answers for it.",
        "+2.00 = 88 %",
    ]


def test_a_failure_is_told_in_place_of_a_score() -> None:
    failed = verdict(outcome="unscored", score=None, bias=None, error=Failure("unreadable", "It is cut off."))
    (comment,) = write(failed, Document.from_text("The bench."))
    assert comment.says == "UNSCORED\nCould not be read: It is cut off."


def test_a_comment_names_the_signal_the_fault_the_better_words_and_the_other_place() -> None:
    document = Document.from_text(
        "One bench by the canal.\n\nTwo boats.\n\nOne bench near the canal.", id="post.docx"
    )
    there = span(document, "One bench near the canal.")
    other = Partner("post.docx", None, there.start, there.end)
    elsewhere = Partner("b", "https://b.example/x", 0, 4)
    spans = (
        span(document, "One bench by", says="Told twice.", partner=other),
        span(document, "Two boats", says="Boats is odd.", instead=("ships", "ferries")),
        span(document, "canal", says="Told there.", partner=elsewhere),
    )
    says = says_of(document, finding("near_duplicate", *spans))[1:]
    assert says == [
        "near duplicate\nTold twice.\nThe same is said in paragraph 3: “One bench near the canal.”",
        "near duplicate\nTold there.\nThe same is said at https://b.example/x",
        "near duplicate\nBoats is odd.\nInstead: “ships” or “ferries”",
    ]


def test_trust_is_no_fault_and_descriptions_are_shown() -> None:
    document = Document.from_text("One bench by the canal. Two boats.")
    trust = Finding("trust", 1.0, -0.5, "Somebody answers.", (span(document, "bench"),))
    thin = Finding("thin_specifics", 1.0, 0.0, "Nothing to check.", (span(document, "boats"),))
    assert [c.words for c in write(verdict(trust, thin), document)][1:] == ["boats"]


def test_what_editors_marked_is_told_with_their_names() -> None:
    document = Document.from_text("One bench by the canal. Two boats. Three swans.")
    bench, boats, swans = (span(document, words) for words in ("bench", "boats", "swans"))
    events = [
        {
            "kind": "fine",
            "who": "Ruth",
            "signal": "plug",
            "start": bench.start,
            "end": bench.end,
            "note": "Our own.",
        },
        {
            "kind": "fine",
            "who": "Ann",
            "signal": "plug",
            "start": boats.start,
            "end": boats.end,
            "undone_at": "2026",
        },
        {"kind": "missed", "who": "Ben", "signal": "doorway", "start": swans.start, "end": swans.end},
        {"kind": "fine", "who": "Cat", "signal": "trust", "start": 0, "end": 0},
        {"kind": "note", "who": "Dan", "text": "Nice."},
    ]
    summary, *comments = write(verdict(finding("plug", bench, boats)), document, events=events)
    assert [(c.author, c.words, c.says) for c in comments] == [
        ("detector", "bench", "plug\nOdd words.\nMarked as fine by Ruth.\nOur own."),
        ("detector", "boats", "plug\nOdd words."),
        ("Ben", "swans", "doorway\nMarked by Ben."),
    ]
    assert "Without a place: trust. Marked as fine by Cat." in summary.says


def test_too_many_places_are_counted_and_the_rest_is_not_lost_silently() -> None:
    text = "boat " * 2100
    document = Document("a", text, (Block(0, len(text), "paragraph"),))
    spans = [Span(5 * n, 5 * n + 4) for n in range(2100)]
    summary, *comments = write(verdict(finding("plug", *spans)), document)
    assert len(comments) == 2000
    assert "100 more places are marked in the report only." in summary.says


def test_a_verdict_as_plain_data_says_the_same() -> None:
    document = Document.from_text("One bench by the canal. Two boats.", id="post.docx")
    whole = verdict(finding("plug", span(document, "bench", says="Odd.", instead=("seat",))))
    plain = whole.to_dict(document)
    assert list(write(plain, document)) == list(write(whole, document))


def test_when_and_who_are_written_as_word_has_them() -> None:
    document = Document.from_text("One bench by the canal.")
    marked = write(verdict(), document, author="Ruth Anne Palmer", when=WHEN)
    (comment,) = marked.comments
    assert comment.get(f"{marked.w}date") == "2026-03-04T05:06:07Z"
    assert comment.get(f"{marked.w}initials") == "RAP"


# --- in another program ---------------------------------------------------------------------------------------------

libreoffice = runpy.run_path(str(Path(__file__).parents[1] / "desk" / "posts" / "libreoffice.py"))


@pytest.mark.skipif(libreoffice["SOFFICE"] is None, reason="soffice, of LibreOffice, is not installed")
def test_libreoffice_shows_the_comments_at_the_words(tmp_path: Path) -> None:
    document = Document.from_markdown(MARKDOWN)
    spans = [span(document, words) for words in ("second", "Ruth", "pounds", "seven", "It is old.", "clay")]
    with (tmp_path / "made.docx").open("wb") as out:
        write_word(verdict(finding("plug", *spans)), document, out)
    (flat,) = libreoffice["convert"]([tmp_path / "made.docx"], "fodt", tmp_path)
    words = [words.strip() for _, _, words in libreoffice["comments"](flat)]
    assert words == [
        "second",
        "The kettle on the second shelf",
        "Ruth",
        "pounds",
        "seven",
        "It is old.",
        "clay",
    ]
