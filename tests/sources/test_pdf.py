"""PDF: the same words, blocks, order and links as the same content on a web page; hostile files cost one message."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

from detector.document import Document
from detector.errors import SourceError
from detector.sources import pdf
from detector.sources.pdf import read_pdf

rl_config.invariant = 1
pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))  # comes with reportlab

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=14, spaceAfter=7)
TITLE = ParagraphStyle("title", BODY, fontName="Times-Bold", fontSize=20, leading=24, spaceAfter=10)
HEADING = ParagraphStyle("heading", BODY, fontName="Times-Bold", spaceBefore=6, spaceAfter=3)
ITEM = ParagraphStyle("item", BODY, leftIndent=18, bulletIndent=6, spaceAfter=2)
FERRY = (
    "The ferry leaves the old pier at a quarter past nine, and Marta, who keeps the tickets in a biscuit tin, "
    "never lets it wait for anybody who is still talking on the stairs."
)
KITE = (
    "A kite needs less wind than people think. On the dunes behind the boathouse it rose in a breeze that hardly "
    "moved the grass, and it stayed up until the light was gone and the string was wet with dew."
)


def drawn(draw: Callable[[Canvas], None], **options: object) -> bytes:
    """A PDF that `draw` draws on a canvas."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=0, **options)
    draw(canvas)
    canvas.save()
    return out.getvalue()


def flowing(*parts: Flowable, **options: object) -> bytes:
    """A PDF of paragraphs as a typesetter breaks them into lines and pages."""
    out = BytesIO()
    SimpleDocTemplate(out, pagesize=A4, **options).build(list(parts))
    return out.getvalue()


def lines(canvas: Canvas, x: float, y: float, *texts: str, size: float = 11, step: float = 14) -> None:
    canvas.setFont("Times-Roman", size)
    for k, text in enumerate(texts):
        canvas.drawString(x, y - k * step, text)


def by_hand(objects: dict[int, bytes]) -> bytes:
    """A PDF from its objects; number 1 is the catalog."""
    out = BytesIO(b"%PDF-1.7\n")
    out.seek(0, 2)
    places = {}
    for number, body in objects.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start, size = out.tell(), max(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        out.write(b"%010d 00000 n \n" % places.get(number, 0))
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start))
    return out.getvalue()


def one_page(content: bytes, *, packed: bool = False, page: bytes = b"", **more: bytes) -> bytes:
    """A page by hand with Helvetica as /F; more: further objects, as o6=..., o7=..."""
    catalog = b"<</Type/Catalog/Pages 2 0 R" + more.pop("catalog", b"") + b">>"
    coding = b"/Filter/FlateDecode" if packed else b""
    objects = {
        1: catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>"
        b"/XObject<</X 6 0 R>>>>" + page + b">>",
        4: b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(content), coding, content),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    }
    return by_hand(objects | {int(name[1:]): body for name, body in more.items()})


def read(data: bytes) -> Document:
    return read_pdf(data, id="a.pdf")


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def texts(document: Document, kind: str) -> list[str]:
    return [text for found, text in kinds(document) if found == kind]


def anchors(document: Document) -> list[tuple[str, str]]:
    return [(document.text[link.start : link.end], link.href) for link in document.links]


# --- what a reader sees ------------------------------------------------------------------------------------


def test_a_page_comes_out_as_the_same_web_page_does() -> None:
    data = flowing(
        Paragraph("The Nine O'Clock Ferry", TITLE),
        Paragraph(FERRY, BODY),
        Paragraph("What to bring", HEADING),
        Paragraph("A ticket", ITEM, bulletText="•"),
        Paragraph(
            "A coat that keeps out the wind, for the upper deck is open on three sides", ITEM, bulletText="•"
        ),
        Paragraph("How to board", HEADING),
        Paragraph("Wait for the bell.", ITEM, bulletText="1."),
        Paragraph("Walk.", ITEM, bulletText="2."),
        Table([["Day", "First", "Last"], ["Monday", "9:15", "17:45"], ["Sunday", "10:15", "16:45"]]),
        Paragraph(f'{KITE} <a href="https://kites.example/dunes">Kites on the dunes</a> are welcome.', BODY),
    )
    html = (
        f"<h1>The Nine O'Clock Ferry</h1><p>{FERRY}</p><h2>What to bring</h2><ul><li>A ticket</li>"
        "<li>A coat that keeps out the wind, for the upper deck is open on three sides</li></ul>"
        "<h2>How to board</h2><ol><li>Wait for the bell.</li><li>Walk.</li></ol><table>"
        "<tr><td>Day</td><td>First</td><td>Last</td></tr><tr><td>Monday</td><td>9:15</td><td>17:45</td></tr>"
        "<tr><td>Sunday</td><td>10:15</td><td>16:45</td></tr></table>"
        f'<p>{KITE} <a href="https://kites.example/dunes">Kites on the dunes</a> are welcome.</p>'
    )
    document, page = read(data), Document.from_html(html)
    assert document.text == page.text
    assert document.blocks == page.blocks
    assert document.links == page.links
    assert document.tokens.word == page.tokens.word
    assert (document.id, document.source) == ("a.pdf", "pdf")


def test_paragraphs_go_on_over_the_page() -> None:
    long = " ".join(f"{KITE[:-1]}, and this was time number {k}." for k in range(40))
    assert texts(read(flowing(Paragraph(FERRY, BODY), Paragraph(long, BODY))), "paragraph") == [FERRY, long]


def test_bold_lines_and_large_lines_are_headings_but_not_a_bold_beginning() -> None:
    document = read(
        flowing(
            Paragraph(f"<b>Once.</b> {FERRY}", BODY),
            Paragraph("<b>Twice</b>", BODY),
            Paragraph(KITE, BODY),
            Paragraph("<b>cheap ferry tickets near me</b>", BODY),
            Paragraph(KITE, BODY),
        )
    )
    assert [kind for kind, _ in kinds(document)] == [
        "paragraph",
        "heading",
        "paragraph",
        "paragraph",
        "paragraph",
    ]


def test_words_divided_at_the_end_of_a_line_are_whole_again_and_compounds_stay() -> None:
    def draw(canvas: Canvas) -> None:
        lines(
            canvas, 72, 700, "The whole treat-", "ment of a long-", "term wound takes", "time, but no treat-"
        )
        lines(
            canvas,
            72,
            644,
            "ment is free. A low-",
            "dose tablet is best,",
            "as low-dose tablets",
            "are kinder. In the",
        )
        lines(
            canvas,
            72,
            588,
            "long run every term",
            "is a term, says the X-",
            "ray nurse of Ward 12-",
            "14 at her desk.",
        )

    assert texts(read(drawn(draw)), "paragraph") == [
        "The whole treatment of a long-term wound takes time, but no treatment is free. A low-dose tablet is best, as "
        "low-dose tablets are kinder. In the long run every term is a term, says the X-ray nurse of Ward 12-14 at her "
        "desk."
    ]


def test_a_hyphen_stays_where_nothing_shows_that_words_are_divided() -> None:
    text = f"{KITE} It was a slow-burning afternoon. {FERRY} " * 3
    narrow = ParagraphStyle("narrow", BODY, rightIndent=151)  # breaks after "slow-"
    assert "slow-burning" in read(flowing(Paragraph(text, narrow))).text


def test_ligatures_and_soft_hyphens_are_letters_again() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Vera", 11)
        canvas.drawString(72, 700, "The \ufb01rst \ufb02oor has no soft\u00adware.")

    assert read(drawn(draw)).text == "The first floor has no software."


def test_letters_beyond_the_basic_plane_keep_offsets_right() -> None:
    cmap = (
        b"/CIDInit/ProcSet findresource begin begincmap 1 begincodespacerange<00><FF>endcodespacerange "
        b"1 beginbfchar<41><D83DDE00>endbfchar endcmap end"
    )
    data = one_page(
        b"BT /F 12 Tf 72 700 Td (A smile) Tj ET",
        page=b"/Annots[<</Type/Annot/Subtype/Link/Rect[80 690 130 712]/A<</S/URI/URI(https://b.example/)>>>>]",
        o5=b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 7 0 R>>",
        o7=b"<</Length %d>>\nstream\n%b\nendstream" % (len(cmap), cmap),
    )
    document = read(data)
    assert document.text == "\U0001f600 smile"
    assert anchors(document) == [("smile", "https://b.example/")]


def test_an_indented_line_begins_a_paragraph() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 84, 700, "The ferry leaves the old pier at nine, quite full.")
        lines(canvas, 84, 686, "Marta keeps the tickets in a biscuit tin, and she")
        lines(canvas, 72, 672, "never lets it wait for anybody, however long the talk")

    assert texts(read(drawn(draw)), "paragraph") == [
        "The ferry leaves the old pier at nine, quite full.",
        "Marta keeps the tickets in a biscuit tin, and she never lets it wait for anybody, however long the talk",
    ]


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"Left line {k} of a story about a boat that sailed" for k in range(8)]
    right = [f"Right line {k} of a story about a kite that fell" for k in range(8)]

    def one_by_one(canvas: Canvas) -> None:
        lines(canvas, 60, 700, *left)
        lines(canvas, 320, 700, *right)

    def across(canvas: Canvas) -> None:
        for k, pair in enumerate(zip(left, right, strict=True)):
            lines(canvas, 60, 700 - 14 * k, pair[0])
            lines(canvas, 320, 700 - 14 * k, pair[1])

    for draw in (one_by_one, across):
        assert " ".join(read(drawn(draw)).text.split()) == " ".join(left + right)


def test_lines_that_are_torn_apart_under_a_whole_one_are_no_table() -> None:
    def draw(canvas: Canvas) -> None:
        for k in range(6):
            lines(
                canvas,
                50,
                700 - 22 * k,
                "The whole line runs from the left edge of the page to where it ends, far right.",
            )
            lines(canvas, 50, 689 - 22 * k, f"A line with a hole, number {k}, which")
            lines(canvas, 280, 689 - 22 * k, "goes on behind the hole in it.")

    document = read(drawn(draw))
    assert texts(document, "table") == []
    assert "far right. A line with a hole, number 0, which goes on behind" in " ".join(document.text.split())


def test_running_heads_and_page_numbers_are_furniture() -> None:
    def frame(canvas: Canvas, template: object) -> None:
        canvas.setFont("Times-Roman", 11)
        canvas.drawString(72, 790, "The Harbour Letter")
        canvas.drawRightString(523, 790, "Spring")
        canvas.drawCentredString(297, 40, f"{canvas.getPageNumber()}")

    out = BytesIO()
    story = [FERRY, *(f"{'Once ' * k}a day. {KITE}" for k in range(24))]
    parts: list[Flowable] = [Paragraph(text, BODY) for text in story]
    SimpleDocTemplate(out, pagesize=A4).build(parts, onFirstPage=frame, onLaterPages=frame)
    document = read(out.getvalue())
    assert texts(document, "paragraph") == story
    assert texts(document, "furniture") == [
        "The Harbour Letter Spring",
        "1",
        "The Harbour Letter Spring",
        "2",
    ]


def test_lists_that_begin_two_pages_are_no_running_heads() -> None:
    def draw(canvas: Canvas) -> None:
        for words in ("First thing of all", "Second thing of all"):
            lines(canvas, 72, 770, f"• {words}")
            lines(canvas, 72, 700, FERRY[:80])
            canvas.showPage()

    assert texts(read(drawn(draw)), "list_item") == ["First thing of all", "Second thing of all"]


def test_a_page_turned_on_its_side_and_a_watermark() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.rotate(90)
        lines(canvas, 72, -100, "This page lies on its side,", "and reads well all the same.")
        canvas.translate(200, -500)
        canvas.rotate(45)
        lines(canvas, 0, 0, "DRAFT", size=60)

    document = read(drawn(draw))
    assert texts(document, "paragraph") == ["This page lies on its side, and reads well all the same."]
    assert texts(document, "furniture") == ["DRAFT"]


# --- what a reader does not see ----------------------------------------------------------------------------


def without_ink(canvas: Canvas, text: str = "cheap pills") -> None:
    canvas.drawString(72, 600, text, mode=3)


def white_on_white(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(60, 500, 400, 200, stroke=0, fill=1)  # a white box is no ground to see it on
    canvas.drawString(72, 600, "cheap pills")


def too_small(canvas: Canvas) -> None:
    canvas.setFont("Times-Roman", 0.5)
    canvas.drawString(72, 600, "cheap pills")


def outside_the_page(canvas: Canvas) -> None:
    canvas.setCropBox((50, 50, 550, 750))
    canvas.drawString(72, 800, "cheap pills")


@pytest.mark.parametrize("hide", [without_ink, white_on_white, too_small, outside_the_page])
def test_text_that_nobody_sees_is_hidden(hide: Callable[[Canvas], None]) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 72, 700, FERRY[:80])
        hide(canvas)

    assert kinds(read(drawn(draw))) == [("paragraph", FERRY[:80]), ("hidden", "cheap pills")]


def test_white_text_on_a_dark_box_is_seen() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.1, 0.2, 0.5)
        canvas.rect(60, 590, 400, 30, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(72, 600, "The ferry leaves at nine")

    assert kinds(read(drawn(draw))) == [("paragraph", "The ferry leaves at nine")]


def test_the_words_under_a_scanned_page_are_its_text() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 0, 0, 595, 842)
        without_ink(canvas, FERRY[:80])
        canvas.drawString(72, 60, "Scan 7")

    assert ("paragraph", FERRY[:80]) in kinds(read(drawn(draw)))


def picture() -> ImageReader:
    from PIL import Image

    return ImageReader(Image.new("L", (8, 8), 200))


# --- the file's own structure ------------------------------------------------------------------------------


def test_the_structure_that_a_file_tells_is_believed() -> None:
    """Cells closer together than words, an item without a bullet, a heading in small type: only the tags know."""
    marked = [
        (b"72 700", b"A small heading"),
        (b"72 680", b"Price"),
        (b"102 680", b"low"),
        (b"72 660", b"1."),
        (b"90 660", b"Wait for the bell"),
        (b"72 640", b"The ferry leaves, and it"),
        (b"72 620", b"never waits"),
    ]
    content = b" ".join(
        b"/P <</MCID %d>> BDC BT /F 11 Tf %b Td (%b) Tj ET EMC" % (k, place, text)
        for k, (place, text) in enumerate(marked)
    )

    def element(name: bytes, kids: bytes, parent: int = 7) -> bytes:
        return b"<</Type/StructElem/S/%b/P %d 0 R/Pg 3 0 R/K[%b]>>" % (name, parent, kids)

    document = read(
        one_page(
            content,
            catalog=b"/MarkInfo<</Marked true>>/StructTreeRoot 6 0 R",
            page=b"/StructParents 0",
            o6=b"<</Type/StructTreeRoot/K 7 0 R/ParentTree 16 0 R>>",
            o7=element(b"Document", b"8 0 R 9 0 R 12 0 R 15 0 R", 6),
            o8=element(b"H1", b"0"),
            o9=element(b"TR", b"10 0 R 11 0 R"),
            o10=element(b"TD", b"1", 9),
            o11=element(b"TD", b"2", 9),
            o12=element(b"LI", b"13 0 R 14 0 R"),
            o13=element(b"Lbl", b"3", 12),
            o14=element(b"LBody", b"4", 12),
            o16=b"<</Nums[0[8 0 R 10 0 R 11 0 R 13 0 R 14 0 R 15 0 R 15 0 R]]>>",
            o15=element(b"P", b"5 6"),
        )
    )
    assert kinds(document) == [
        ("title", "A small heading"),
        ("table", "Price"),
        ("table", "low"),
        ("list_item", "Wait for the bell"),
        ("paragraph", "The ferry leaves, and it never waits"),
    ]
    assert "Price\tlow" in document.text


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("The Nine O'Clock Ferry", "The Nine O'Clock Ferry"),
        ("  Ferries:\nwhen they leave ", "Ferries: when they leave"),
        ("untitled", None),
        ("Microsoft Word - ferry.docx", None),
        ("ferry final (2).docx", None),
        ("Document1", None),
        ("https://ferry.example/", None),
        ("", None),
    ],
)
def test_the_title_is_the_files_own_unless_a_program_made_it_up(given: str, title: str | None) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setTitle(given)
        lines(canvas, 72, 700, FERRY[:80])

    assert read(drawn(draw)).title == title


# --- words and links survive -------------------------------------------------------------------------------

words = st.text("abcdefghijklmnoprstuvwyzABCDEFG", min_size=2, max_size=12)
paragraphs = st.lists(st.lists(words, min_size=8, max_size=70), min_size=1, max_size=6)


@settings(max_examples=15, deadline=None)
@given(paragraphs, st.integers(140, 450), st.data())  # no narrower than the widest word, which would be cut
def test_words_and_anchors_survive_any_layout(
    story: list[list[str]], width: int, data: st.DataObject
) -> None:
    parts, linked = [], []
    for k, prose in enumerate(story):
        first = data.draw(st.integers(0, len(prose) - 1))
        last = data.draw(st.integers(first + 1, min(len(prose), first + 6)))
        href = f"https://link.example/{k}"
        linked.append((" ".join(prose[first:last]), href))
        anchor = f'<a href="{href}">{" ".join(prose[first:last])}</a>'
        parts.append(Paragraph(" ".join([*prose[:first], anchor, *prose[last:]]), BODY))
    document = read(flowing(*parts, leftMargin=60, rightMargin=535 - width))
    assert document.text.split() == [word for prose in story for word in prose]
    joined: dict[str, str] = {}
    for anchor, href in anchors(document):  # a block may end inside an anchor; it goes on in the next one
        joined[href] = f"{joined[href]} {anchor}" if href in joined else anchor
    assert [(anchor, href) for href, anchor in joined.items()] == linked
    for block, after in zip(document.blocks, document.blocks[1:], strict=False):
        assert block.end < after.start


def test_a_page_full_of_links_is_read() -> None:
    rectangle = b"<</Type/Annot/Subtype/Link/Rect[72 690 99 712]/A<</S/URI/URI(https://c.example/)>>>>"
    document = read(
        one_page(b"BT /F 12 Tf 72 700 Td (Here and there) Tj ET", page=b"/Annots[" + rectangle * 9000 + b"]")
    )
    assert anchors(document) == [("Here", "https://c.example/")]


# --- files that cannot be read -----------------------------------------------------------------------------


def plain(**options: object) -> bytes:
    return drawn(lambda canvas: lines(canvas, 72, 700, FERRY[:80]), **options)


def blank(canvas: Canvas) -> None:
    canvas.rect(60, 590, 400, 30)


def scanned(canvas: Canvas) -> None:
    canvas.drawImage(picture(), 0, 0, 595, 842)


def without_map() -> bytes:
    """Letters are numbers of glyphs, and the font does not say which letters they are."""
    return one_page(
        b"BT /F 12 Tf 72 700 Td <00240025002600270028002900030024> Tj ET",
        o5=b"<</Type/Font/Subtype/Type0/BaseFont/G/Encoding/Identity-H/DescendantFonts[7 0 R]>>",
        o7=b"<</Type/Font/Subtype/CIDFontType2/BaseFont/G/FontDescriptor 8 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        o8=b"<</Type/FontDescriptor/FontName/G/Flags 4/Ascent 700/Descent -200/CapHeight 700/StemV 80>>",
    )


def page_tree(kids: bytes, count: int) -> bytes:
    return by_hand(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count),
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        }
    )


LOCKED = StandardEncryption("secret", "owner")
UNREADABLE = {
    "empty": (b"", "empty; check"),
    "no PDF": (b"PK\x03\x04 something else", "no PDF; check"),
    "cut off": (plain()[:-600], "ends too early; get the file again"),
    "noise": (b"%PDF-1.4\n" + bytes(range(256)) * 40 + b"%%EOF", "damaged"),
    "password": (plain(encrypt=LOCKED), "is protected by a password; save it without"),
    "no pages": (page_tree(b"", 0), "no pages"),
    "too many pages": (page_tree(b"3 0 R " * 501, 501), "501 pages, more than the limit of 500; split it"),
    "pages in a circle": (page_tree(b"2 0 R 2 0 R", 2), "damaged"),
    "scanned": (drawn(scanned), "holds pictures of pages and no text; run OCR first"),
    "blank": (drawn(blank), "holds no text; run OCR first"),
    "fonts without a map": (without_map(), "its letters cannot be read"),
}


@pytest.mark.parametrize(("data", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_says_what_to_do(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        read(data)
    assert str(caught.value).startswith("a.pdf: ")
    assert "\n" not in str(caught.value)


def test_protection_without_a_password_to_open_is_no_hindrance() -> None:
    assert read(plain(encrypt=StandardEncryption("", "owner", canCopy=0))).text == FERRY[:80]


def form(content: bytes) -> bytes:
    return (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>"
        b"/Length %d>>\nstream\n%b\nendstream" % (len(content), content)
    )


def zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system limits memory")
@pytest.mark.parametrize(
    "data",
    [one_page(zeros(1 << 30), packed=True), one_page(b"/X Do", o6=form(b"/X Do " * 10))],
    ids=["a gigabyte of zeros", "a form that draws itself ten times"],
)
def test_a_file_that_would_eat_all_memory_costs_one_message(data: bytes) -> None:
    with pytest.raises(SourceError, match="too much memory or time"):
        read(data)


def test_a_file_that_would_never_end_costs_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_SECONDS", 1)
    dots = b"".join(b"%d %d 1 1 re f " % (k % 590, k % 800) for k in range(20_000))
    letters = b"".join(b"1 0 0 1 %d %d Tm (w%d) Tj " % (k % 590, 820 - k % 19, k) for k in range(20_000))
    with pytest.raises(SourceError, match="takes longer than 1 s to read"):
        read(one_page(dots + b"1 1 1 rg BT /F 8 Tf " + letters + b"ET"))


def test_the_library_stays_in_the_child_and_no_module_comes_from_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(plain())
    for name in ("pypdfium2", "json", "detector"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('wrong module')\n", "utf-8")
    code = (
        "import sys; from detector.sources.files import read_file; document = read_file('a.pdf');"
        " assert not any(name.startswith('pypdfium2') for name in sys.modules); print(document.text)"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.returncode) == (FERRY[:80], 0), run.stderr
