"""Word and OpenDocument files. The files are made by hand, as the programs write them."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from html import escape
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.errors import SourceError
from detector.sources.html import read_html
from detector.sources.office import read_docx, read_odt

PROSE = (
    "The kettle on the second shelf belongs to Ruth, who bought it in Leeds for twelve pounds, and she is fond of it. "
    "Nobody else may fill it before seven, although the porter has tried, twice, and was told to wait his turn."
)

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_R = "http://purl.oclc.org/ooxml/officeDocument/relationships"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
WORD = f'xmlns:w="{W}" xmlns:r="{R}" xmlns:mc="{MC}"'
ODF = "urn:oasis:names:tc:opendocument:xmlns"
OPEN = " ".join(
    [
        *(f'xmlns:{n}="{ODF}:{n}:1.0"' for n in ("office", "style", "text", "table")),
        f'xmlns:draw="{ODF}:drawing:1.0" xmlns:fo="{ODF}:xsl-fo-compatible:1.0"',
        f'xmlns:svg="{ODF}:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="m"',
    ]
)

WORD_STYLES = f"""<w:styles {WORD}>
<w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/><w:basedOn w:val="Standard"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/><w:basedOn w:val="Standard"/>
  <w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/>
  <w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Mine"><w:name w:val="House style"/>
  <w:basedOn w:val="berschrift2"/></w:style>
<w:style w:type="paragraph" w:styleId="Zitat"><w:name w:val="Quote"/></w:style>
<w:style w:type="paragraph" w:styleId="Intense"><w:name w:val="Intense Quote"/></w:style>
<w:style w:type="paragraph" w:styleId="Bullets"><w:name w:val="List Bullet"/>
  <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Source"><w:name w:val="HTML Preformatted"/></w:style>
<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Inhalt"><w:name w:val="TOC Heading"/><w:basedOn w:val="berschrift1"/>
  <w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
<w:style w:type="character" w:styleId="Fett"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Weg"><w:name w:val="Away"/><w:rPr><w:vanish/></w:rPr></w:style>
</w:styles>"""


def archive(members: dict[str, str | bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()


def document_xml(xml: str | bytes) -> bytes:
    return archive({"word/document.xml": xml})


def relationships(*targets: tuple[str, str, str]) -> str:
    """Of (id, kind, target)."""
    rows = "".join(
        f'<Relationship Id="{id}" Type="{R}/{kind}" Target="{escape(target)}"'
        + (' TargetMode="External"/>' if kind == "hyperlink" else "/>")
        for id, kind, target in targets
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def word_file(
    body: str, links: tuple[str, ...] = (), *, styles: str = WORD_STYLES, title: str = "", **more: str
) -> bytes:
    """A document with links rId0, rId1...; `more`: the content of footnotes.xml and endnotes.xml."""
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relationships(
            ("a", "officeDocument", "word/document.xml"),
            ("b", "metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": '<p xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title><dc:creator>Ruth</dc:creator></p>",
        "word/document.xml": f"<w:document {WORD}><w:body>{body}<w:sectPr/></w:body></w:document>",
        "word/_rels/document.xml.rels": relationships(
            ("s", "styles", "styles.xml"),
            *((f"n{k}", kind, f"/word/{kind}.xml") for k, kind in enumerate(more)),
            *((f"rId{k}", "hyperlink", href) for k, href in enumerate(links)),
        ),
        "word/styles.xml": styles,
    }
    for kind, content in more.items():
        members[f"word/{kind}.xml"] = f"<w:{kind} {WORD}>{content}</w:{kind}>"
    return archive(members)


def word(body: str, links: tuple[str, ...] = (), **more: str) -> Document:
    return read_docx(word_file(body, links, **more), id="a.docx")


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def par(content: str, properties: str = "") -> str:
    """A paragraph of Word's, of runs or of plain text."""
    runs = content if content.startswith("<") else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def styled(style: str, text: str) -> str:
    return par(text, f'<w:pStyle w:val="{style}"/>')


def open_file(
    body: str, automatic: str = "", *, styles: str = "", title: str = "", **members: str | bytes
) -> bytes:
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {OPEN}><office:automatic-styles>{automatic}"
            f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
            "styles.xml": f"<office:document-styles {OPEN}>{styles}</office:document-styles>",
            "meta.xml": f"<office:document-meta {OPEN}><dc:title>{title}</dc:title></office:document-meta>",
            **members,
        }
    )


def odt(body: str, automatic: str = "", **more: str) -> Document:
    return read_odt(open_file(body, automatic, **more), id="a.odt")


def open_style(name: str, family: str, properties: str, parent: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}" style:parent-style-name="{parent}">'
        f"<style:{family if family != 'table-cell' else 'table-cell'}-properties/>"
        f"<style:text-properties {properties}/></style:style>"
    )


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def anchors(document: Document) -> list[tuple[str, str]]:
    return [(document.text[k.start : k.end], k.href) for k in document.links]


# --- the same page whichever way it comes ------------------------------------------------------------------

_words = st.text(st.sampled_from("ab c,.<&é\u00a0"), min_size=1, max_size=12).filter(lambda t: t.strip())
_hrefs = st.sampled_from(["https://a.org/?x=1&y=2", "mailto:b@c.org", "d.html", "http://["])
_runs = st.lists(st.tuples(_words, st.none() | _hrefs), min_size=1, max_size=4)
_blocks = st.lists(st.tuples(st.sampled_from("title h2 h3 p li quote row".split()), _runs), max_size=8)
_Blocks = list[tuple[str, list[tuple[str, str | None]]]]


def as_html(blocks: _Blocks) -> str:
    def inline(runs: list[tuple[str, str | None]]) -> str:
        return "".join(f'<a href="{escape(to)}">{escape(t)}</a>' if to else escape(t) for t, to in runs)

    tags = {"h2": "h2", "h3": "h3", "p": "p", "li": "li", "quote": "blockquote"}
    titled = False
    parts = []
    for kind, runs in blocks:
        tag = tags.get(kind, "h2" if titled else "h1")
        if kind == "row":
            parts.append(f"<table><tr><td>{inline(runs)}</td><td>x</td></tr></table>")
        else:
            parts.append(f"<{tag}>{inline(runs)}</{tag}>")
        titled = titled or kind == "title"
    return "".join(parts)


def as_docx(blocks: _Blocks) -> bytes:
    links: list[str] = []
    parts = []
    styles = {"title": "berschrift1", "h2": "berschrift2", "h3": "Mine", "quote": "Zitat", "li": "Bullets"}
    for kind, runs in blocks:
        content = ""
        for text, href in runs:
            half = len(text) // 2  # editors cut words anywhere
            words = run(text[:half]) + run(text[half:])
            if href:
                content += f'<w:hyperlink r:id="rId{len(links)}">{words}</w:hyperlink>'
                links.append(href)
            else:
                content += words
        if kind == "row":
            cells = f"<w:tc>{par(content)}</w:tc><w:tc>{par('x')}</w:tc>"
            parts.append(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>")
        else:
            parts.append(styled(styles.get(kind, "Standard"), content))
    return word_file("".join(parts), tuple(links))


def as_odt(blocks: _Blocks) -> bytes:
    parts: list[str] = []
    for kind, runs in blocks:
        content = "".join(
            f'<text:a xlink:href="{escape(to)}"><text:span>{escape(t)}</text:span></text:a>'
            if to
            else escape(t)
            for t, to in runs
        )
        if kind in ("title", "h2", "h3"):
            level = {"title": 1, "h2": 2, "h3": 3}[kind]
            parts.append(f'<text:h text:outline-level="{level}">{content}</text:h>')
        elif kind == "li":
            item = f"<text:list-item><text:p>{content}</text:p></text:list-item>"
            if parts and parts[-1].endswith("</text:list>"):
                parts[-1] = parts[-1].removesuffix("</text:list>") + f"{item}</text:list>"
            else:
                parts.append(f"<text:list>{item}</text:list>")
        elif kind == "row":
            cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
            cells = cell.format(content) + cell.format("x")
            parts.append(f"<table:table><table:table-row>{cells}</table:table-row></table:table>")
        else:
            style = "Quotations" if kind == "quote" else "Standard"
            parts.append(f'<text:p text:style-name="{style}">{content}</text:p>')
    return open_file("".join(parts))


@given(_blocks)
@settings(max_examples=150, deadline=None)
def test_the_same_page_gives_the_same_document_as_web_page_and_in_both_formats(blocks: _Blocks) -> None:
    merged = [(kind, _merged(runs)) for kind, runs in blocks]
    expected = read_html(as_html(merged))
    for document in (read_docx(as_docx(blocks), id="x"), read_odt(as_odt(blocks), id="x")):
        assert document.text == expected.text
        assert document.blocks == expected.blocks
        assert document.links == expected.links


def _merged(runs: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Neighbours with one address are one link."""
    found: list[tuple[str, str | None]] = []
    for text, href in runs:
        if found and found[-1][1] == href:
            found[-1] = (found[-1][0] + text, href)
        else:
            found.append((text, href))
    return found


def test_both_formats_name_their_source_id_and_address() -> None:
    docx = read_docx(word_file(par(PROSE)), id="a.docx", url="https://a.org/p")
    other = read_odt(open_file(f"<text:p>{PROSE}</text:p>"), id="a.odt", url="https://a.org/p")
    assert (docx.id, docx.source, docx.url, docx.text) == ("a.docx", "docx", "https://a.org/p", PROSE)
    assert (other.id, other.source, other.url, other.text) == ("a.odt", "odt", "https://a.org/p", PROSE)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\t", "\n  "])
def test_white_space_collapses_as_in_a_web_page(space: str) -> None:
    assert word(par(f"one{space}{space}two")).text == "one two"
    assert odt(f"<text:p>one{space}<text:s text:c='3'/>two</text:p>").text == "one two"


def test_an_empty_document_is_an_empty_text() -> None:
    for document in (word(""), word("<w:p/>"), odt(""), odt("<text:p/>")):
        assert (document.text, document.blocks, document.links) == ("", (), ())


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Kettles  &amp; pans", "Kettles & pans"),
        ("The untitled kettle", "The untitled kettle"),
        ("", None),
        ("Microsoft Word - kettle_v2.doc", None),
        ("Untitled", None),
        ("Untitled document", None),
        ("Document1", None),
        ("kettle final.DOCX", None),
    ],
)
def test_the_title_is_the_one_somebody_gave(given: str, title: str | None) -> None:
    assert word(par("x"), title=given).title == title
    assert odt("<text:p>x</text:p>", title=given).title == title


# --- Word: blocks ------------------------------------------------------------------------------------------


def test_word_styles_say_the_kind_of_block_in_every_language() -> None:
    document = word(
        styled("Titel", "Kettles")
        + styled("berschrift1", "Rules")
        + styled("Mine", "Exceptions")
        + styled("Zitat", "Wait.")
        + styled("Intense", "Ask.")
        + styled("Bullets", "first")
        + styled("Source", "a = 1")
        + par("Outlined", '<w:outlineLvl w:val="2"/>')
        + styled("Titel", "Second title")
        + par(PROSE)
    )
    assert kinds(document) == [
        ("title", "Kettles"),
        ("heading", "Rules"),
        ("heading", "Exceptions"),
        ("quote", "Wait."),
        ("quote", "Ask."),
        ("list_item", "first"),
        ("code", "a = 1"),
        ("heading", "Outlined"),
        ("heading", "Second title"),
        ("paragraph", PROSE),
    ]


def test_without_a_title_the_first_heading_of_level_one_is_it() -> None:
    document = word(styled("berschrift2", "Before") + styled("berschrift1", "Kettles") + par(PROSE))
    assert [kind for kind, _ in kinds(document)] == ["heading", "title", "paragraph"]


def test_style_ids_are_enough_where_the_styles_are_missing() -> None:
    document = word(styled("Heading1", "Kettles") + styled("IntenseQuote", "Wait."), styles="<x/>")
    assert kinds(document) == [("title", "Kettles"), ("quote", "Wait.")]


def test_numbered_paragraphs_are_list_items_with_or_without_a_list_style() -> None:
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
    document = word(
        par("one", number.format(3))
        + par("two", number.format(3))
        + par("no number", '<w:pStyle w:val="Bullets"/>' + number.format(0))
        + par("Numbered heading", '<w:pStyle w:val="berschrift2"/>' + number.format(3))
    )
    assert kinds(document) == [
        ("list_item", "one"),
        ("list_item", "two"),
        ("paragraph", "no number"),
        ("heading", "Numbered heading"),
    ]
    assert document.text.startswith("one\ntwo\n\nno number")


BOLD = "<w:b/>"


def test_a_short_bold_line_over_text_is_a_heading_and_at_the_top_the_title() -> None:
    document = word(
        par(run("All about kettles", '<w:b w:val="1"/>'))
        + par(PROSE)
        + par(run(" ") + run("Before", BOLD) + run(" ") + run("seven", '<w:rStyle w:val="Fett"/>'))
        + par(PROSE)
        + par(run("Nobody may fill it.", BOLD))
        + par(run("Not ", BOLD) + run("wholly bold"))
        + par(run("Not bold", '<w:b w:val="0"/>'))
        + par(run(PROSE, BOLD))
        + par(run("Ruth, Leeds", BOLD))
    )
    assert [kind for kind, _ in kinds(document)] == [
        "title", "paragraph", "heading", "paragraph", "paragraph", "paragraph", "paragraph", "paragraph", "paragraph",
    ]  # fmt: skip


def test_many_bold_lines_in_a_row_and_bold_cells_head_nothing() -> None:
    lines = "".join(par(run(f"Line {k}", BOLD)) for k in range(4))
    table = f"<w:tbl><w:tr><w:tc>{par(run('Day', BOLD))}</w:tc><w:tc>{par('Mon')}</w:tc></w:tr></w:tbl>"
    document = word(lines + par(PROSE) + table)
    assert {kind for kind, _ in kinds(document)} == {"paragraph", "table"}


def test_tables_are_cells_in_rows_and_a_long_cell_is_a_paragraph() -> None:
    def row(*cells: str) -> str:
        return "<w:tr>" + "".join(f"<w:tc><w:tcPr/>{c}</w:tc>" for c in cells) + "</w:tr>"

    inner = f"<w:tbl>{row(par('inner'))}</w:tbl>"
    document = word(
        f"<w:tbl>{row(par('Day'), par('Hour'))}{row(par('Mon'), par('9'))}{row(par(PROSE * 2), inner)}</w:tbl>"
    )
    assert [kind for kind, _ in kinds(document)] == ["table"] * 4 + ["paragraph", "table"]
    assert document.text.startswith("Day\tHour\nMon\t9\n\nThe kettle")
    assert document.text.endswith("\n\ninner")


def test_breaks_tabs_and_hyphens_are_characters() -> None:
    document = word(
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/>"
        "<w:t>three</w:t><w:cr/><w:t>well</w:t><w:noBreakHyphen/><w:t>known</w:t><w:softHyphen/><w:t>ness</w:t></w:r></w:p>"
    )
    assert document.text == "one two\nthree\nwell-knownness"
    assert odt("<text:p>one<text:tab/>two<text:line-break/>three</text:p>").text == "one two\nthree"


def test_nothing_is_lost_in_content_controls_and_smart_tags() -> None:
    document = word(
        f"<w:sdt><w:sdtPr><w:rPr><w:vanish/></w:rPr></w:sdtPr><w:sdtContent>{par('a')}</w:sdtContent></w:sdt>"
        f"<w:customXml>{par('b')}</w:customXml><w:p><w:smartTag><w:r><w:t>c</w:t></w:r></w:smartTag>"
        "<w:sdt><w:sdtContent><w:r><w:t>d</w:t></w:r></w:sdtContent></w:sdt></w:p>"
        f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc>{par('e')}</w:tc></w:tr></w:sdtContent></w:sdt></w:tbl>"
    )
    assert document.text == "a\n\nb\n\ncd\n\ne"
    assert "hidden" not in [kind for kind, _ in kinds(document)]


def test_tables_of_contents_are_left_out() -> None:
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    document = word(
        styled("Inhalt", "Contents")
        + styled("TOC1", "Rules 3")
        + f"<w:sdt>{gallery}<w:sdtContent>{par('Rules')}</w:sdtContent></w:sdt>"
        + par(PROSE)
    )
    assert document.text == PROSE


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{par('boxed')}</w:txbxContent>"
    document = word(
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent><w:t>around</w:t></w:r></w:p>"
    )
    assert document.text == "boxed\n\naround"
    frame = "<draw:frame><svg:title>no</svg:title><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame>"
    assert odt(f"<text:p>{frame}around</text:p>").text == "boxed\n\naround"


def test_foot_and_endnotes_come_last_and_without_their_numbers() -> None:
    def note(kind: str, text: str, more: str = "") -> str:
        return f'<w:{kind} w:id="2" {more}>{par(f"<w:r><w:{kind}Ref/></w:r>" + text)}</w:{kind}>'

    document = word(
        par(run("Ruth") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run(" left.")) + par("End."),
        endnotes=note("endnote", run("Last.")),
        footnotes=note("footnote", "<w:r><w:separator/></w:r>", 'w:type="separator"')
        + note("footnote", run("Twice.")),
    )
    assert document.text == "Ruth left.\n\nEnd.\n\nTwice.\n\nLast."
    note_body = (
        "<text:note-citation>1</text:note-citation><text:note-body><text:p>Twice.</text:p></text:note-body>"
    )
    other = odt(f"<text:p>Ruth<text:note>{note_body}</text:note> left.</text:p><text:p>End.</text:p>")
    assert other.text == "Ruth left.\n\nEnd.\n\nTwice."


def test_a_dropped_capital_belongs_to_its_word() -> None:
    assert word(par("O", '<w:framePr w:dropCap="drop"/>') + par("nce only.")).text == "Once only."


def _style(id: str, name: str, more: str = "") -> str:
    return f'<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/>{more}</w:style>'


LINK = '<w:hyperlink r:id="rId0"{}>{}</w:hyperlink>'
GOOGLE_RUN = (
    '<w:r w:rsidRPr="00000000"><w:rPr>{}<w:rtl w:val="0"/></w:rPr><w:t xml:space="preserve">{}</w:t></w:r>'
)
PROGRAMS = {
    "Word": (
        _style("Title", "Title")
        + _style("Heading1", "heading 1")
        + _style("ListParagraph", "List Paragraph"),
        '<w:p w:rsidR="00A1"><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:bookmarkStart w:id="0" w:name="_Toc1"/>'
        '<w:proofErr w:type="spellStart"/><w:r><w:t>Kett</w:t></w:r><w:r w:rsidR="00B2"><w:t>les</w:t></w:r>'
        '<w:proofErr w:type="spellEnd"/><w:bookmarkEnd w:id="0"/></w:p>'
        '<w:p><w:r><w:t xml:space="preserve">See </w:t></w:r>'
        + LINK.format(
            ' w:history="1"', '<w:r><w:rPr><w:rStyle w:val="Hyperlink"/></w:rPr><w:t>tea</w:t></w:r>'
        )
        + "<w:r><w:lastRenderedPageBreak/><w:t>.</w:t></w:r></w:p>"
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Rules</w:t></w:r></w:p>'
        '<w:p><w:pPr><w:pStyle w:val="ListParagraph"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr>'
        "</w:pPr><w:r><w:t>Wait</w:t></w:r></w:p>",
    ),
    "Google Docs": (
        _style("Heading1", "heading 1") + _style("Title", "Title"),
        '<w:p w:rsidP="0"><w:pPr><w:pStyle w:val="Title"/><w:rPr/></w:pPr><w:bookmarkStart w:id="0" w:name="_x"/>'
        + GOOGLE_RUN.format("", "Kettles")
        + "</w:p><w:p><w:pPr><w:rPr/></w:pPr>"
        + GOOGLE_RUN.format("", "See ")
        + LINK.format("", GOOGLE_RUN.format('<w:color w:val="1155cc"/><w:u w:val="single"/>', "tea"))
        + GOOGLE_RUN.format("", ".")
        + '</w:p><w:p><w:pPr><w:rPr><w:b w:val="1"/></w:rPr></w:pPr>'
        + GOOGLE_RUN.format('<w:b w:val="1"/>', "Rules")
        + '</w:p><w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:ind w:left="720"/></w:pPr>'
        + GOOGLE_RUN.format('<w:u w:val="none"/>', "Wait")
        + "</w:p>",
    ),
    "LibreOffice": (
        _style("Heading", "Heading")
        + _style("Title", "Title", '<w:basedOn w:val="Heading"/>')
        + _style(
            "Heading1",
            "heading 1",
            '<w:basedOn w:val="Heading"/><w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>',
        )
        + _style("TextBody", "Body Text"),
        '<w:p><w:pPr><w:pStyle w:val="Title"/><w:bidi w:val="0"/><w:rPr></w:rPr></w:pPr><w:r><w:rPr></w:rPr>'
        '<w:t>Kettles</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val="TextBody"/></w:pPr><w:r><w:rPr></w:rPr>'
        '<w:t xml:space="preserve">See </w:t></w:r>'
        + LINK.format("", '<w:r><w:rPr><w:rStyle w:val="InternetLink"/></w:rPr><w:t>tea</w:t></w:r>')
        + "<w:r><w:t>.</w:t></w:r></w:p>"
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Rules</w:t></w:r></w:p>'
        '<w:p><w:pPr><w:pStyle w:val="TextBody"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr></w:pPr>'
        "<w:r><w:t>Wait</w:t></w:r></w:p>",
    ),
    "Pages": (
        _style("Title", "Title") + _style("Heading", "Heading") + _style("Body", "Body"),
        '<w:p><w:pPr><w:pStyle w:val="Title"/><w:bidi w:val="0"/></w:pPr><w:r><w:rPr><w:rtl w:val="0"/></w:rPr>'
        '<w:t>Kettles</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val="Body"/></w:pPr><w:r><w:t xml:space="preserve">See '
        '</w:t></w:r><w:r><w:fldChar w:fldCharType="begin" w:fldLock="0"/></w:r><w:r><w:instrText '
        'xml:space="preserve"> HYPERLINK "https://a.org/"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"'
        ' w:fldLock="0"/></w:r><w:r><w:t>tea</w:t></w:r><w:r><w:fldChar w:fldCharType="end" w:fldLock="0"/></w:r>'
        '<w:r><w:t>.</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val="Heading"/></w:pPr><w:r><w:t>Rules</w:t></w:r></w:p>'
        '<w:p><w:pPr><w:pStyle w:val="Body"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr></w:pPr>'
        "<w:r><w:t>Wait</w:t></w:r></w:p>",
    ),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_same_text_from_the_usual_programs_is_the_same_document(program: str) -> None:
    styles, body = PROGRAMS[program]
    document = word(body, ("https://a.org/",), styles=f"<w:styles {WORD}>{styles}</w:styles>")
    assert kinds(document) == [
        ("title", "Kettles"),
        ("paragraph", "See tea."),
        ("heading", "Rules"),
        ("list_item", "Wait"),
    ]
    assert anchors(document) == [("tea", "https://a.org/")]


# --- Word: revisions, hidden text, links -------------------------------------------------------------------


def test_insertions_are_text_and_deletions_and_comments_are_not() -> None:
    document = word(
        par(
            run("Ruth ")
            + f"<w:ins>{run('never ')}</w:ins><w:del><w:r><w:delText>often</w:delText><w:t>x</w:t></w:r></w:del>"
            + f"<w:moveFrom>{run('gone')}</w:moveFrom><w:moveTo>{run('came')}</w:moveTo>"
            + '<w:commentRangeStart w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>'
        )
        + par("joined ", "<w:rPr><w:del/></w:rPr>")
        + par("again"),
        comments=f'<w:comment w:id="0">{par("no")}</w:comment>',
    )
    assert document.text == "Ruth never came\n\njoined again"
    tracked = (
        "<text:tracked-changes><text:deletion><text:p>often</text:p></text:deletion></text:tracked-changes>"
    )
    note = "<office:annotation><dc:creator>x</dc:creator><text:p>no</text:p></office:annotation>"
    annotated = f"<text:p>Ruth {note}came</text:p>"
    assert odt(tracked + annotated).text == "Ruth came"


def test_text_after_a_deleted_last_paragraph_mark_is_kept() -> None:
    assert word(par("left", "<w:rPr><w:del/></w:rPr>")).text == "left"


@pytest.mark.parametrize(
    "properties",
    [
        "<w:vanish/>",
        '<w:rStyle w:val="Weg"/>',
        '<w:color w:val="FFFFFF"/>',
        '<w:color w:val="fefefe"/>',
        '<w:color w:val="FF0000"/><w:shd w:val="clear" w:fill="FF0000"/>',
        '<w:sz w:val="2"/>',
        '<w:sz w:val="1"/>',
    ],
)
def test_text_that_no_reader_sees_is_hidden_and_no_prose(properties: str) -> None:
    document = word(
        par(run("Seen ") + run("unseen", properties) + run(" on")) + par(run("all unseen", properties))
    )
    assert [text for kind, text in kinds(document) if kind == "hidden"] == ["unseen", "all unseen"]
    assert document.tokens.word == ["seen", "on"]


@pytest.mark.parametrize(
    "properties",
    [
        '<w:vanish w:val="0"/>',
        '<w:rStyle w:val="Weg"/><w:vanish w:val="false"/>',
        '<w:color w:val="auto"/>',
        '<w:color w:val="000000"/>',
        '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F3864"/>',
        '<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>',
        '<w:sz w:val="12"/>',
        "<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>",
    ],
)
def test_plain_formatting_hides_nothing(properties: str) -> None:
    assert kinds(word(par(run("seen", properties) + run(" on")))) == [("paragraph", "seen on")]


def test_white_text_is_seen_where_something_dark_may_be_behind_it() -> None:
    white = par(run("seen", '<w:color w:val="FFFFFF"/>'))
    boxed = f"<w:p><w:r><w:pict><w:txbxContent>{white}</w:txbxContent></w:pict></w:r></w:p>"
    shaded = par(run("seen", '<w:color w:val="FFFFFF"/>'), '<w:shd w:fill="000000"/>')
    cell = f"<w:tbl><w:tr><w:tc>{white}</w:tc></w:tr></w:tbl>"
    for body in (cell, boxed, shaded):
        assert [kind for kind, _ in kinds(word(body))] == ["table" if body is cell else "paragraph"]
    black_page = f'<w:document {WORD}><w:background w:color="000000"/><w:body>{white}</w:body></w:document>'
    assert read_docx(document_xml(black_page), id="x").tokens.word == ["seen"]


def test_links_know_their_exact_anchors() -> None:
    document = word(
        par(
            run("See ")
            + f'<w:hyperlink r:id="rId0">{run("our ")}{run("tea", BOLD)}</w:hyperlink>'
            + run(" ")
            + f'<w:hyperlink r:id="rId1">{run("today ")}</w:hyperlink>'
            + run("or ")
            + f'<w:hyperlink r:id="rId2" w:anchor="top">{run("there")}</w:hyperlink>'
            + f'<w:hyperlink w:anchor="below">{run(" below")}</w:hyperlink>'
            + f'<w:hyperlink r:id="missing">{run(" nowhere")}</w:hyperlink>'
        ),
        ("https://a.org/tea", "https://a.org/tea", "https://b.org/"),
    )
    assert document.text == "See our tea today or there below nowhere"
    assert anchors(document) == [("our tea today", "https://a.org/tea"), ("there", "https://b.org/")]


def test_links_of_notes_are_their_own() -> None:
    link = '<w:hyperlink r:id="rId0">{}</w:hyperlink>'
    data = word_file(
        par(link.format(run("text"))),
        ("https://a.org/",),
        footnotes=f"<w:footnote>{par(link.format(run('note')))}</w:footnote>",
    )
    with zipfile.ZipFile(file := BytesIO(data), "a") as packed:
        packed.writestr(
            "word/_rels/footnotes.xml.rels", relationships(("rId0", "hyperlink", "https://b.org/"))
        )
    assert anchors(read_docx(file.getvalue(), id="x")) == [
        ("text", "https://a.org/"),
        ("note", "https://b.org/"),
    ]


def field(*instruction: str, result: str) -> str:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    texts = "".join(f"<w:r><w:instrText>{escape(text)}</w:instrText></w:r>" for text in instruction)
    return mark("begin") + texts + mark("separate") + result + mark("end")


def test_fields_are_links_or_their_result() -> None:
    document = word(
        par(
            field(" HYPER", 'LINK "https://a.org/x" \\o "tip"', result=run("one ") + run("link"))
            + run(", ")
            + field("HYPERLINK https://b.org", result=field("PAGE", result=run("two")))
            + run(", ")
            + field('HYPERLINK \\l "mark"', result=run("three"))
            + run(", ")
            + f"<w:fldSimple w:instr='HYPERLINK \"https://c.org\"'>{run('four')}</w:fldSimple>"
            + '<w:r><w:fldChar w:fldCharType="begin"/><w:t>never shown</w:t></w:r>'
        )
        + par("five")
    )
    assert document.text == "one link, two, three, four\n\nfive"
    assert anchors(document) == [
        ("one link", "https://a.org/x"),
        ("two", "https://b.org"),
        ("four", "https://c.org"),
    ]


def test_the_redirection_of_google_docs_is_taken_off_links() -> None:
    long_way = (
        "https://www.google.com/url?q=https://a.org/tea?x%3D1%26y%3D2&sa=D&source=editors&ust=16&usg=AO"
    )
    document = word(par(f'<w:hyperlink r:id="rId0">{run("tea")}</w:hyperlink>'), (long_way,))
    other = odt(f'<text:p><text:a xlink:href="{escape(long_way)}">tea</text:a></text:p>')
    assert anchors(document) == anchors(other) == [("tea", "https://a.org/tea?x=1&y=2")]


def test_strict_documents_with_another_main_part_are_read() -> None:
    data = word_file(styled("berschrift1", "Kettles") + par(f'<w:hyperlink r:id="rId0">{run("tea")}</w:hyperlink>'),
                     ("https://a.org/",))  # fmt: skip
    members = {}
    with zipfile.ZipFile(BytesIO(data)) as packed:
        for name in packed.namelist():
            content = packed.read(name).decode()
            content = (
                content.replace(W, STRICT_W)
                .replace(R, STRICT_R)
                .replace("word/document.xml", "/word/document2.xml")
            )
            members[name.replace("document.xml", "document2.xml")] = content
    document = read_docx(archive(members), id="x")
    assert kinds(document) == [("title", "Kettles"), ("paragraph", "tea")]
    assert anchors(document) == [("tea", "https://a.org/")]


def test_other_prefixes_other_encodings_and_odd_member_names_do_no_harm() -> None:
    body = par("naïve").replace("w:", "v:")
    text = f'<?xml version="1.0" encoding="UTF-16"?><v:document xmlns:v="{W}"><v:body>{body}</v:body></v:document>'
    data = archive(
        {
            "word/document.xml": text.encode("utf-16"),
            "../../etc/x": "x",
            "/root": "x",
            "word/vbaProject.bin": b"\0",
        }
    )
    assert read_docx(data, id="x").text == "naïve"


# --- OpenDocument ------------------------------------------------------------------------------------------


def test_open_document_styles_say_the_kind_of_block() -> None:
    automatic = open_style("P1", "paragraph", "", "Quotations") + open_style("P2", "paragraph", "", "Title")
    document = odt(
        '<text:p text:style-name="P2">Kettles</text:p><text:h text:outline-level="1">Rules</text:h>'
        '<text:p text:style-name="P1">Wait.</text:p><text:p text:style-name="Preformatted_20_Text">a = 1</text:p>'
        "<text:list><text:list-header><text:p>Before</text:p></text:list-header><text:list-item><text:p>one</text:p>"
        "<text:list><text:list-item><text:p>nested</text:p></text:list-item></text:list></text:list-item>"
        '<text:list-item><text:h text:outline-level="2">Numbered heading</text:h></text:list-item></text:list>'
        "<text:table-of-content><text:index-body><text:p>Rules 3</text:p></text:index-body></text:table-of-content>",
        automatic,
    )
    assert kinds(document) == [
        ("title", "Kettles"),
        ("heading", "Rules"),
        ("quote", "Wait."),
        ("code", "a = 1"),
        ("paragraph", "Before"),
        ("list_item", "one"),
        ("list_item", "nested"),
        ("heading", "Numbered heading"),
    ]


def test_open_document_bold_lines_are_headings() -> None:
    automatic = open_style("P1", "paragraph", 'fo:font-weight="bold"') + open_style(
        "T1", "text", 'fo:font-weight="bold"'
    )
    document = odt(
        f'<text:p text:style-name="P1">Kettles</text:p><text:p>{PROSE}</text:p>'
        f'<text:p><text:span text:style-name="T1">Before </text:span><text:span text:style-name="T1">seven</text:span>'
        f"</text:p><text:p>{PROSE}</text:p>",
        automatic,
    )
    assert [kind for kind, _ in kinds(document)] == ["title", "paragraph", "heading", "paragraph"]


@pytest.mark.parametrize(
    "properties", ['text:display="none"', 'fo:color="#FFFFFF"', 'fo:font-size="1pt"', 'fo:font-size="0.5pt"',
                   'fo:color="#ff0000" fo:background-color="#FF0000"'],
)  # fmt: skip
def test_open_document_text_that_no_reader_sees_is_hidden(properties: str) -> None:
    document = odt(
        '<text:p>Seen <text:span text:style-name="T1"><text:span>unseen</text:span></text:span> on</text:p>'
        '<text:section text:display="none"><text:p>buy cheap</text:p></text:section>',
        open_style("T1", "text", properties),
    )
    assert [text for kind, text in kinds(document) if kind == "hidden"] == ["unseen", "buy cheap"]
    assert document.tokens.word == ["seen", "on"]


@pytest.mark.parametrize(
    "properties",
    [
        'text:display="true"',
        'fo:color="#000000"',
        'fo:font-size="10pt"',
        'fo:font-size="50%"',
        'fo:color="#ffffff" fo:background-color="#000000"',
    ],
)
def test_open_document_plain_formatting_hides_nothing(properties: str) -> None:
    document = odt(
        '<text:p><text:span text:style-name="T1">seen</text:span> on</text:p>',
        open_style("T1", "text", properties),
    )
    assert kinds(document) == [("paragraph", "seen on")]


def test_open_document_white_text_is_seen_on_a_dark_page_or_cell() -> None:
    white = '<text:p><text:span text:style-name="T1">seen</text:span></text:p>'
    style = open_style("T1", "text", 'fo:color="#ffffff"')
    page = (
        '<style:page-layout><style:page-layout-properties fo:background-color="#000000"/></style:page-layout>'
    )
    cell = f"<table:table-cell>{white}</table:table-cell>"
    table = f"<table:table><table:table-row>{cell}</table:table-row></table:table>"
    assert odt(white, style, styles=page).tokens.word == ["seen"]
    assert [kind for kind, _ in kinds(odt(table, style))] == ["table"]


def test_open_document_links() -> None:
    document = odt(
        '<text:p>See <text:a xlink:href="https://a.org/"><text:span>our </text:span>tea</text:a>, '
        '<text:a xlink:href="#below">below</text:a>, <text:a>nowhere</text:a>.</text:p>'
    )
    assert document.text == "See our tea, below, nowhere."
    assert anchors(document) == [("our tea", "https://a.org/")]


# --- what cannot be read -----------------------------------------------------------------------------------


ENTITIES = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    f"<w:document {WORD}><w:body>{par('<w:r><w:t>&b;</w:t></w:r>')}</w:body></w:document>"
)
EXTERNAL = (
    '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    f"<w:document {WORD}><w:body>{par('<w:r><w:t>&a;</w:t></w:r>')}</w:body></w:document>"
)
DEEP = f"<w:document {WORD}><w:body>{'<w:sdt>' * 10_000}{'</w:sdt>' * 10_000}</w:body></w:document>"
BOMB = f"<w:document {WORD}><w:body>{par('a' * 40_000_000)}</w:body></w:document>"
MANY = archive({f"word/media/{k}.png": b"" for k in range(10_001)} | {"word/document.xml": DEEP})
PLAIN = word_file(par(PROSE))


def encrypted(data: bytes) -> bytes:
    """The same archive with the mark that its members are encrypted."""
    return data.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01").replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    )


def lzma_packed() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("word/document.xml", "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "save it as one"),
        (b"{\\rtf1 Kettle}", "save it as one"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected by a password or an old .doc"),
        (encrypted(PLAIN), "protected by a password"),
        (PLAIN[: len(PLAIN) // 2], "cut off"),
        (PLAIN[:40] + b"\xff" * 40 + PLAIN[80:], "damaged"),
        (archive({"xl/workbook.xml": "<x/>"}), "Excel workbook"),
        (archive({"ppt/presentation.xml": "<x/>"}), "PowerPoint presentation"),
        (archive({"mimetype": "application/epub+zip"}), "e-book"),
        (archive({"Index/Document.iwa": b""}), "Pages document; export it"),
        (archive({"page1.html": "<p>x"}), "archive without a document"),
        (archive({}), "archive without a document"),
        (open_file("<text:p>x</text:p>"), "OpenDocument text"),
        (archive({"word/styles.xml": "<x/>"}), "without text or with another ending"),
        (document_xml(""), "broken XML"),
        (document_xml("<a><b></a>"), "broken XML"),
        (document_xml('<?xml version="1.0" encoding="klingon"?><a/>'), "broken XML"),
        (document_xml(b"<a>\xff\xfe\xfd</a>"), "broken XML"),
        (document_xml(ENTITIES), "document type"),
        (document_xml(EXTERNAL), "document type"),
        (document_xml(ENTITIES.encode("utf-16")), "document type"),
        (document_xml(DEEP), "deeper nesting"),
        (document_xml("<a>" + "<b/>" * 1_000_001 + "</a>"), "more elements"),
        (document_xml(BOMB), "more than the limit of 30 MB"),
        (MANY, "more than 10,000 files"),
        (lzma_packed(), "packed as no word processor packs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_word_document_is_named_and_refused(data: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=rf"^a\.docx: [^\n]*{says}[^\n]*\.$"):
        read_docx(data, id="a.docx")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xd0\xcf\x11\xe0", "save it as .docx"),
        (PLAIN, "Word document"),
        (open_file("", mimetype="application/vnd.oasis.opendocument.spreadsheet"), "of another kind"),
        (
            archive({"mimetype": "application/vnd.oasis.opendocument.text"}),
            "without text or with another ending",
        ),
        (open_file("", **{"META-INF/manifest.xml": "<m><manifest:encryption-data/></m>"}), "password"),
        (open_file("", **{"content.xml": "<a>"}), "broken XML"),
        (open_file("", **{"content.xml": ENTITIES}), "document type"),
        (open_file("<text:span>" * 10_000 + "</text:span>" * 10_000), "deeper nesting"),
        (open_file(f"<text:p>{'a' * 40_000_000}</text:p>"), "more than the limit"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_open_document_is_named_and_refused(data: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=rf"^a\.odt: [^\n]*{says}[^\n]*\.$"):
        read_odt(data, id="a.odt")


def test_the_limit_holds_for_all_parts_together_and_pictures_are_never_unpacked() -> None:
    half = "<!--" + "x" * 16_000_000 + "-->"
    with pytest.raises(SourceError, match="more than the limit"):
        word(par(PROSE), styles=half + WORD_STYLES, footnotes=half)
    data = word_file(par(PROSE))
    with zipfile.ZipFile(file := BytesIO(data), "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/media/image1.png", b"\0" * 40_000_000)
    assert read_docx(file.getvalue(), id="x").text == PROSE


def test_as_deep_as_is_allowed_can_be_read() -> None:
    assert word("<w:sdt>" * 120 + par("deep") + "</w:sdt>" * 120).text == "deep"
    assert odt("<text:section>" * 120 + "<text:p>deep</text:p>" + "</text:section>" * 120).text == "deep"


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_bytes_are_read_or_refused(data: st.DataObject) -> None:
    whole, read = data.draw(
        st.sampled_from([(PLAIN, read_docx), (open_file(f"<text:p>{PROSE}</text:p>"), read_odt)])
    )
    damaged = bytearray(whole)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=6)
    ):
        damaged[at] = byte
    with suppress(SourceError):
        document = read(bytes(damaged[: data.draw(st.just(len(whole)) | st.integers(0, len(whole)))]), id="x")
        assert document.tokens is not None


_MARKUP = (
    "w:p w:r w:t w:tbl w:tr w:tc w:hyperlink w:pPr w:rPr w:numPr w:sdt w:sdtPr w:txbxContent w:ins w:del w:footnote"
    " mc:AlternateContent mc:Choice mc:Fallback w:fldSimple w:tab w:br w:tcPr w:framePr"
).split()
_FIELD = "".join(f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("end", "separate", "begin"))
_tree = st.recursive(
    st.sampled_from(["word ", " ", "<w:vanish/>", "<w:b/>", '<w:pStyle w:val="Titel"/>', _FIELD, ""]),
    lambda inner: st.tuples(st.sampled_from(_MARKUP), st.lists(inner, max_size=4)).map(
        lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"
    ),
    max_leaves=40,
)


@given(_tree)
@settings(max_examples=300, deadline=None)
def test_any_nesting_of_elements_gives_offsets_that_hold(body: str) -> None:
    document = word(body)
    for thing in (*document.blocks, *document.links):
        assert 0 <= thing.start < thing.end <= len(document.text)
    assert word(body) == document
