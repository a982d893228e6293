"""Guest posts pasted from other programs give the blocks and links of clean markup."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document
from detector.sources.fragment import meant
from detector.sources.html import read_html

LONG = "The kettle on the second shelf belongs to Ruth, who bought it in Leeds for twelve pounds."
OTHER = "Nobody else may fill it before seven, although the porter has tried, twice."


def seen(document: Document) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Blocks by kind and words, links by words and target."""
    blocks = [(b.kind, document.text[b.start : b.end]) for b in document.blocks]
    return blocks, [(document.text[k.start : k.end], k.href) for k in document.links]


WORD_BULLET = (
    "<!--[if !supportLists]--><span style='font-family:Symbol;mso-fareast-font-family:Symbol'>"
    "<span style='mso-list:Ignore'>·<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; </span></span></span>"
    "<!--[endif]-->"
)
WORD_ITEM = "<p class=MsoListParagraphCxSpMiddle style='text-indent:-18pt;mso-list:l0 level1 lfo1'>{}{}<o:p></o:p></p>"
DOCS_LINE = '<p dir="ltr"><span style="font-size:{};font-weight:{};white-space:pre-wrap">{}</span></p>'


@pytest.mark.parametrize(
    ("pasted", "clean"),
    [
        pytest.param(
            "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]--><p class=MsoTitle>Kettles<o:p></o:p></p>"
            f"<p class=MsoNormal>{LONG[:-7]}<st1:place w:st='on'>pounds</st1:place>.<o:p></o:p></p>",
            f"<h1>Kettles</h1><p>{LONG}</p>",
            id="Word: its own elements and styles",
        ),
        pytest.param(
            WORD_ITEM.format(WORD_BULLET, "Wait")
            + WORD_ITEM.format(WORD_BULLET, "Ask first")
            + f"<p>{LONG}</p>",
            f"<ul><li>Wait</li><li>Ask first</li></ul><p>{LONG}</p>",
            id="Word: a list of paragraphs",
        ),
        pytest.param(
            "<p><span style='font-family:Wingdings'>§</span><span>&nbsp; </span>Wait</p>"
            "<p><font face=Symbol>·</font> Ask first</p>" + f"<p>{LONG}</p>",
            f"<ul><li>Wait</li><li>Ask first</li></ul><p>{LONG}</p>",
            id="Word: bullets drawn with a font of symbols",
        ),
        pytest.param(
            f"<p>• Wait</p><p>• Ask first</p><p>{LONG}</p>",
            f"<ul><li>Wait</li><li>Ask first</li></ul><p>{LONG}</p>",
            id="typed bullets",
        ),
        pytest.param(
            '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1a2b">'
            + DOCS_LINE.format("16pt", "400", "Rules of the shelf")
            + DOCS_LINE.format("11pt", "400", LONG)
            + DOCS_LINE.format("11pt", "700", "Why seven?")
            + DOCS_LINE.format("11pt", "400", OTHER)
            + "</b><br>",
            f"<h2>Rules of the shelf</h2><p>{LONG}</p><h2>Why seven?</h2><p>{OTHER}</p>",
            id="Google Docs: larger and bold type is a heading",
        ),
        pytest.param(
            '<p>See <a href="https://www.google.com/url?q=https://a.org/tea?x%3D1&amp;sa=D&amp;usg=9">tea</a> and '
            '<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fb.org%2F&amp;data=1">milk</a>.</p>',
            '<p>See <a href="https://a.org/tea?x=1">tea</a> and <a href="https://b.org/">milk</a>.</p>',
            id="links through a redirect",
        ),
        pytest.param(
            '<!-- wp:heading {"level":3} -->\n<h3>Rules</h3>\n<!-- /wp:heading -->\n\n[gallery ids="1,2"]\n'
            f'[caption id="a_1" align="left"]<img src=k.png> Ruth\'s kettle[/caption]\n<p>{LONG} [sic]</p>',
            f"<h3>Rules</h3><figure><figcaption>Ruth's kettle</figcaption></figure><p>{LONG} [sic]</p>",
            id="WordPress: block comments and shortcodes",
        ),
        pytest.param(
            f'{LONG} See <a href="https://a.org">tea</a>.\n\n<strong>Why seven?</strong>\n\n{OTHER}\n<h2>End</h2>\n'
            '<p style="text-align:center">Bye.</p>',
            f'<p>{LONG} See <a href="https://a.org">tea</a>.</p><h2>Why seven?</h2><p>{OTHER}</p>'
            "<h2>End</h2><p>Bye.</p>",
            id="WordPress: blank lines for paragraphs",
        ),
        pytest.param(
            f"<div dir=ltr><div>{LONG}</div><div><br></div><div>{OTHER}</div><div>-- <br></div>"
            "<div class=gmail_signature>Ruth Vale<br>Boiler Ltd</div></div><div class=gmail_quote>"
            "<div class=gmail_attr>On Monday Ann wrote:</div><blockquote>Send it.</blockquote></div>",
            f"<p>{LONG}</p><p>{OTHER}</p>",
            id="mail: boxes, signature, the mail that was answered",
        ),
        pytest.param(
            f"<p>{LONG}</p><div style='border-top:solid'><p><b>From:</b> Ann<br><b>Sent:</b> Monday<br>"
            "<b>Subject:</b> Post</p></div>",
            f"<p>{LONG}</p>",
            id="mail: the head of the mail that was answered",
        ),
        pytest.param(
            f"<div class=gmail_quote><p>{LONG}</p><p>{OTHER}</p></div>",
            f"<p>{LONG}</p><p>{OTHER}</p>",
            id="mail: a forwarded post is the post",
        ),
        pytest.param(
            f"&lt;p&gt;{LONG} &lt;a href=&quot;https://a.org/?a=1&amp;amp;b=2&quot;&gt;tea&lt;/a&gt;&lt;/p&gt;"
            "&lt;h2&gt;End&lt;/h2&gt;&lt;p&gt;Bye.&lt;/p&gt;",
            f'<p>{LONG} <a href="https://a.org/?a=1&amp;b=2">tea</a></p><h2>End</h2><p>Bye.</p>',
            id="escaped once too often",
        ),
        pytest.param(
            f"[h2]Rules[/h2]\n[b]{LONG}[/b] [url=https://a.org/x]tea[/url]\n[list][*]Wait[*]Ask first[/list]"
            "[img]k.png[/img]",
            f'<h2>Rules</h2>{LONG} <a href="https://a.org/x">tea</a><ul><li>Wait<li>Ask first</ul>',
            id="bulletin board codes",
        ),
        pytest.param(
            f'ss="x" style="color:red">{LONG}</p><p>{OTHER} <a href="https://a.or',
            f"<p>{LONG}</p><p>{OTHER}</p>",
            id="cut in the middle of tags",
        ),
        pytest.param(
            f"<p><span>{LONG}<br>\n<br/>{OTHER}<br>Bye.</span></p><div>One.<br><br>Two.</div>",
            f"<p>{LONG}</p><p>{OTHER}<br>Bye.</p><p>One.</p><p>Two.</p>",
            id="two breaks divide paragraphs",
        ),
        pytest.param(
            f"<p><strong>Why seven?</strong></p><p>{LONG}</p><p><b>Since when</b><br>{OTHER}</p><p><b>Bye</b></p>",
            f"<h2>Why seven?</h2><p>{LONG}</p><h2>Since when</h2><p>{OTHER}</p><p>Bye</p>",
            id="bold paragraphs over text are headings",
        ),
        pytest.param(
            f"<table><tr><td><b>Rules</b><br><br>{LONG}</td><td>Aside</td></tr></table>",
            f"<p>Rules</p><p>{LONG}</p><p>Aside</p>",
            id="a table for layout",
        ),
        pytest.param(
            "<html xmlns:w='urn:schemas-microsoft-com:office:word'><head><style>p.MsoNormal{margin:0}</style></head>"
            f"<body><p class=MsoTitle>Kettles</p><p class=MsoNormal>{LONG}</p><p>Short.</p></body></html>",
            f"<h1>Kettles</h1><p>{LONG}</p><p>Short.</p>",
            id="saved from Word as a page",
        ),
    ],
)
def test_a_pasted_post_reads_like_clean_markup(pasted: str, clean: str) -> None:
    assert seen(read_html(pasted)) == seen(read_html(clean))


@pytest.mark.parametrize(
    "fragment",
    [
        f"<h1>Kettles</h1>\n\n<p>{LONG} <b>Twelve</b>!</p>\n\n<ul>\n<li>Wait</li>\n</ul>",
        f"<p>{LONG}<br>{OTHER}</p>",
        f"<p>Use &lt;p&gt; and [1], [citation needed], a &gt; b.</p><p>{LONG}</p>",
        f"<p>{LONG}</p><p><strong>Book your kettle now!</strong></p>",
        f"<p><strong>{LONG} {OTHER}</strong></p><p>{LONG}</p>",
        f"<p><strong>kettle repair near me cheap</strong></p><p>{LONG}</p>",
        f"<p><strong><a href=/a>Kettle repair</a></strong></p><p>{LONG}</p>",
        "<p><b>Wait</b></p><p><b>Ask first</b></p><p>Bye.</p>",
        f"<p>· {LONG}</p><p>{OTHER}</p>",
        f'[caption id="a" width="640"]<p>{LONG}</p>',
        "Only text",
        "",
    ],
)
def test_clean_markup_is_left_alone(fragment: str) -> None:
    assert meant(fragment) == fragment


def test_pages_do_not_load_the_forgiving_parser() -> None:
    code = (
        "import sys; from detector.sources.html import read_html; "
        "read_html('<title>x</title><p><b>Kettles</b></p><p>x</p>'); read_html('<p>plain</p>'); "
        "sys.exit('bs4' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


_BITS = st.sampled_from(
    (
        "<p>|</p>|<p class=MsoListParagraph>|<b>|</b>|<br>|<br><br>|\n\n|• |·|<span style='font-size:20pt'>|</span>"
        "|<o:p>|</o:p>|<!--[if !supportLists]-->|<!--[endif]-->|[b]|[/b]|[url=x]|[/url]|[caption a=b]|[/caption]"
        "|&lt;p&gt;|--|<div class=gmail_quote>|<div class=gmail_signature>|</div>|<td>|<table>|"
        "<a href='https://www.google.com/url?q=http://["
        '\'>|</a>|<xml>|<w:x>|<ul>|<li>|<blockquote type=cite>|<div>--</div>|a="b">|<strong>Ab</strong>|<'
    ).split("|")
)


@given(st.lists(_BITS | st.text(max_size=6), max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_soup_can_be_mended(fragment: str) -> None:
    document = read_html(fragment)
    for block in document.blocks:
        assert 0 <= block.start < block.end <= len(document.text)
    assert document.tokens is not None


@pytest.mark.parametrize(
    "fragment",
    [
        "<div>" * 250 + "<p>x</p>" * 2700 + "<b>deep",
        "<div>" + "a<br><br>" * 2900 + "deep",
        "<blockquote type=cite>" * 2900 + "<p>deep " + "deep " * 20_000,
        "<p class=MsoListParagraph>·x</p>" * 2900 + "deep",
        "<!--[if !supportLists]-->x" * 5900 + "<p>deep",
        "a\n\n" * 2900 + "deep",
        "[b]" * 100_000 + "[/b]deep",
        "[/url][url]" * 40_000 + "deep",
        "[a b=" * 90_000 + "deep",
        "&amp;lt;p " + "&x" * 200_000 + " deep",
        "• " * 200_000 + "deep",
        'a="x"' * 90_000 + ">deep",
        "<b>" * 5000 + "x<br><br>deep",
        "x\n\n" * 900_000 + "deep",
        "<p class=MsoNormal>deep</p><plaintext><![C",
        "<p class=MsoNormal>deep</p><xmp><![x y]</xmp>",
    ],
    ids=lambda fragment: fragment[:20],
)
def test_hostile_fragments_are_read(fragment: str) -> None:
    assert "deep" in read_html(fragment).text
