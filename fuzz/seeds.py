"""Inputs to begin with, small and whole, one of each form. All of it was written for this project."""

# ruff: noqa: E501  markup reads better in one piece

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from io import BytesIO

from fuzz.packing import parts

PROSE = (
    "The clinic on Mill Street opened in 2009, and Dr. Amara Okafor has seen about 4,000 patients there since. “Most of "
    "them wait too long,” she says. A mole that changes its colour, bleeds or grows beyond 6 mm should be looked at within "
    "two weeks; nine of ten turn out to be harmless. The check takes fifteen minutes and costs £40, or nothing with a "
    "letter from your doctor. Redness for a day or two is common after a small sample is taken, and infection is rare."
)
SPOILED = (
    "In today's fast-paced world, glowing skin is a must. best anti aging cream near me is a thing that many people ask "
    "for, and our revolutionary formula is clinically proven to guarantee results! Click here to buy now at "
    "https://shop.example/cream?ref=7. As a nurse for years I can say that it is very, very good. Visit Bright Smile Spa in "
    "Leeds today. Read more: Bright Smile Spa in Leeds, Bright Smile Spa in York, Bright Smile Spa in Hull."
)
URL = "https://health.example/skin/moles"

HTML = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>When to see a doctor | Mill</title>
<link rel="canonical" href="{URL}"><base href="/skin/"><style>.x{{display:none}} #y,p.z{{color:#fff;font-size:0}}</style>
<meta property="og:title" content="When to see a doctor"></head><body class="post"><header><nav><ul><li><a href="/">Home</a>
<li><a href="/about">About us</a></ul></nav></header><main><article><h1>When to see a doctor</h1><p>{PROSE}</p>
<h2>What it costs</h2><ul><li>Check: <b>£40</b><li>Sample: £120</ul><blockquote>Come early.</blockquote><p class="x">hidden
words</p><p style="display:none">{SPOILED}</p><table><tr><td>a<td>b</table><pre>code()</pre><p>Read <a rel="nofollow"
href="moles?a=1&amp;b=2">more about moles</a>&nbsp;here.<script>let a = "<p>";</script></p></article></main>
<footer>&copy; 2026 Mill Street</footer></body></html>"""
FRAGMENT = f"""<p class="MsoNormal"><span style="mso-list:l0 level1 lfo1;font-family:Symbol">·</span> First point<o:p></o:p></p>
<b>When to see a doctor</b><br><br>{PROSE}<br><br>[b]Costs[/b] [url=https://shop.example]best cream[/url] [caption id="a"]x
[/caption]&lt;p&gt;escaped&lt;/p&gt;<div class="gmail_quote">On Monday Ann wrote:<blockquote type="cite">{SPOILED}</blockquote>
<a href="https://www.google.com/url?q=https://shop.example/&amp;sa=D">best cream</a></div>-- <br>Ann"""
MARKDOWN = f"""---
title: When to see a doctor
tags: [skin, moles]
---

# When to see a doctor

{PROSE}

## What it costs ##

* Check: **£40**
  1. [ ] with a _letter_ `free`
> {SPOILED}
> [more][1] and ![a mole](mole.png "A mole") <https://shop.example> <span class="x">y</span>

| a | b |
|---|:-:|
| 1 | 2 |

```python
print("[x](y)")
```
{{% note %}}Come early.[^1]{{% endnote %}} <!-- detector: accept plug because our own -->

Setext
======

[1]: https://health.example/moles "Moles"
[^1]: Within two weeks.
"""
TEXT = f"When to see a doctor\n\n{PROSE}\n\n1. Check\n2) Sample\n- Letter\n\na\tb\tc\n1\t2\t3\n\n{SPOILED} ann@mill.example www.mill.example/a_(b)\n"

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def _docx() -> bytes:
    document = (
        f'<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body><w:p><w:pPr><w:pStyle w:val="H1"/></w:pPr><w:r><w:t>When to see a'
        f" doctor</w:t></w:r></w:p><w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{escape(PROSE)}</w:t><w:br/><w:t>b</w:t></w:r>"
        '<w:hyperlink r:id="r2"><w:r><w:t>moles</w:t></w:r></w:hyperlink></w:p><w:p><w:pPr><w:numPr><w:numId w:val="1"/>'
        "</w:numPr></w:pPr><w:r><w:rPr><w:vanish/><w:color w:val='FFFFFF'/><w:sz w:val='2'/></w:rPr><w:t>hidden</w:t></w:r>"
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p><w:p><w:r>"
        "<w:fldChar w:fldCharType='begin'/><w:instrText> HYPERLINK \"https://shop.example\" </w:instrText><w:fldChar"
        " w:fldCharType='separate'/><w:t>best cream</w:t><w:fldChar w:fldCharType='end'/></w:r></w:p><w:tbl><w:tr><w:tc><w:p>"
        "<w:r><w:t>a</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><w:r><w:footnoteReference w:id='1'/></w:r></w:p></w:body>"
        "</w:document>"
    )
    styles = (
        f'<w:styles xmlns:w="{_W}"><w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:basedOn w:val="N"/>'
        '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style><w:style w:styleId="N"><w:basedOn w:val="H1"/></w:style></w:styles>'
    )
    relations = (
        f'<Relationships xmlns="{_P}"><Relationship Id="r1" Type="{_R}/styles" Target="styles.xml"/><Relationship Id="r2"'
        f' Type="{_R}/hyperlink" Target="https://health.example/moles" TargetMode="External"/><Relationship Id="r3"'
        f' Type="{_R}/footnotes" Target="/word/footnotes.xml"/></Relationships>'
    )
    root = f'<Relationships xmlns="{_P}"><Relationship Id="r1" Type="{_R}/officeDocument" Target="word/document.xml"/></Relationships>'
    notes = f'<w:footnotes xmlns:w="{_W}"><w:footnote w:id="1"><w:p><w:r><w:t>Within two weeks.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    return as_parts({
        "[Content_Types].xml": "<Types/>", "_rels/.rels": root, "word/document.xml": document, "word/styles.xml": styles,
        "word/_rels/document.xml.rels": relations, "word/footnotes.xml": notes,
    })  # fmt: skip


def _odt() -> bytes:
    names = " ".join(f'xmlns:{n}="{_ODF}:{n}:1.0"' for n in ("office", "style", "text", "table"))
    names += f' xmlns:fo="{_ODF}:xsl-fo-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    content = (
        f'<office:document-content {names}><office:automatic-styles><style:style style:name="P1" style:parent-style-name="P1">'
        '<style:text-properties fo:color="#ffffff" text:display="none" fo:font-size="1pt"/></style:style></office:automatic-styles>'
        '<office:body><office:text><text:h text:outline-level="1">When to see a doctor</text:h><text:p text:style-name="P1">'
        f'{escape(PROSE)}<text:s text:c="3"/><text:tab/><text:line-break/><text:a xlink:href="https://shop.example">best'
        " cream</text:a><text:note><text:note-body><text:p>n</text:p></text:note-body></text:note></text:p><text:list>"
        "<text:list-item><text:p>one</text:p></text:list-item></text:list><table:table><table:table-row><table:table-cell>"
        "<text:p>a</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>"
    )
    styles = f"<office:document-styles {names}/>"
    return as_parts({
        "!mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, "styles.xml": styles,
        "meta.xml": "<a/>", "META-INF/manifest.xml": "<m/>",
    })  # fmt: skip


def as_parts(files: dict[str, str | bytes]) -> bytes:
    """Files in the form that `packing.zipped` takes."""
    return b"".join(
        f"=== {name}\n".encode() + (content if isinstance(content, bytes) else content.encode()) + b"\n"
        for name, content in files.items()
    )


def _pdf(content: str, more: str = "") -> bytes:
    """A page as nobody's program writes it, with a table of objects that fits."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 7 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>/Annots[6 0 R]"
        f"/StructParents 0{more}>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/Annot/Subtype/Link/Rect[50 690 200 710]/A<</S/URI/URI(https://shop.example)>>>>",
        "<</Type/StructTreeRoot/K<</S/P/Pg 3 0 R/K[0]>>>>",
        "<</Title(When to see a doctor)>>",
    ]
    out = "%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        f"{out}xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R/Info 8 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    ).encode("latin-1")


def _pdfs() -> Iterator[bytes]:
    lines = " ".join(
        f"0 -14 Td ({PROSE[k : k + 60].encode('ascii', 'ignore').decode()}) Tj" for k in range(0, 420, 60)
    )
    yield _pdf(f"BT /F 18 Tf 50 760 Td /P<</MCID 0>>BDC (When to see a doctor) Tj EMC /F 11 Tf {lines} ET")
    yield _pdf(
        f"BT 3 Tr /F 11 Tf 50 700 Td {lines} ET 1 1 1 rg BT /F 1 Tf 300 700 Td {lines} ET", "/Rotate 90"
    )
    yield _pdf(
        "BT /F 11 Tf 1 0 0.2 1 50 700 Tm 12 TL [(a) -250 (b)] TJ T* (micro-) Tj T* (needling \\223) Tj (1.) Tj ET"
    )


def _xlsx() -> Iterator[bytes]:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (
        ("Address", "Status Code", "Content Type"),
        (URL, 200, "text/html"),
        ("https://health.example/b", 404, ""),
    ):
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    yield re.sub(
        rb"\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z", b"2026-01-02T03:04:05Z", parts(out.getvalue())
    )  # when it was written


def _parquet() -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = {
        "url": [URL, None],
        "html": ["<p>One page.", "<p>Two pages."],
        "id": ["a", "b"],
        "date": ["20260102030405", "x"],
    }
    for table in (pa.table(rows), pa.table({"content": [b"<p>One", b"\xff\x00"], "id": [1, 2]})):
        for how in ({"compression": "none", "use_dictionary": False}, {"compression": "snappy"}):
            out = BytesIO()
            pq.write_table(table, out, write_statistics=False, store_schema=False, **how)
            yield out.getvalue()


def _warc() -> Iterator[bytes]:
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>On\r\n0\r\n\r\n<p>{PROSE}"
    whole = _record("warcinfo", "software: own\r\n", "application/warc-fields") + _record("response", body)
    whole += (
        _record("resource", "<p>One page.", "text/html")
        + _record("revisit", "")
        + _record("metadata", "a: b")
    )
    for how in b"-gmzl":
        yield bytes([how]) + whole
    yield b"-" + _record("conversion", PROSE, "text/plain") * 2
    packed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nContent-Length: 9\r\n\r\nnot packed"
    yield (
        b"-" + _record("response", packed) + _record("response", "HTTP/1.0 301 Moved\r\nLocation: /\r\n\r\n")
    )


def _record(kind: str, content: str, media: str = "application/http; msgtype=response") -> bytes:
    raw = content.encode()
    return (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {URL}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: {media}\r\n"
        f"WARC-Record-ID: <urn:uuid:0>\r\nContent-Length: {len(raw)}\r\n\r\n"
    ).encode() + raw + b"\r\n\r\n"  # fmt: skip


def _arc() -> Iterator[bytes]:
    head = (
        b"filedesc://a.arc 0.0.0.0 20260102030405 text/plain 76\n1 0 own\nURL IP-address Archive-date Content-type Archive-length\n"
        + b" " * 9
        + b"\n"
    )
    body = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>One page."
    record = f"{URL} 10.0.0.1 20260102030405 text/html {len(body)}\n".encode() + body + b"\n"
    for how in b"-g":
        yield bytes([how]) + head + record + record


def _wacz() -> Iterator[bytes]:
    warc = next(_warc())[1:]
    yield as_parts(
        {
            "!archive/data.warc": warc,
            "archive/more.warc": warc,
            "datapackage.json": "{}",
            "pages/pages.jsonl": "{}",
        }
    )
    yield as_parts({"!inside.wacz": b"PK\x03\x04", "archive/x.warc.gz": b"\x1f\x8b\x08"})


def _wordpress() -> Iterator[bytes]:
    post = {
        "id": 12, "status": "pending", "modified_gmt": "2026-01-02T03:04:05", "link": URL, "author": 3,
        "title": {"raw": "When to see a doctor"}, "content": {"raw": f"<!-- wp:paragraph --><p>{PROSE}</p>[gallery ids='1']"},
    }  # fmt: skip
    kind = {
        "post": {
            "slug": "post", "rest_base": "posts", "rest_namespace": "wp/v2", "supports": {"editor": [{"notes": True}]},
            "capabilities": {"edit_others_posts": "edit_others_posts"},
        }
    }  # fmt: skip
    note = {
        "id": 5,
        "author": 1,
        "status": "hold",
        "content": {"raw": "hm (detector 1.0, seal 0123456789abcdef0123456789abcdef)"},
    }
    for answer in (post, [post], kind, [note], {"draft": {"slug": "draft", "public": False}}, [{"id": 3, "name": "Ann Lee"}],
                   {"code": "rest_forbidden", "message": "Sorry, <b>you</b> may not.", "data": {"status": 403, "params": {"a": "b"}}}):  # fmt: skip
        yield b"200\n" + json.dumps(answer).encode()
    yield b'403\n{"code":"incorrect_password","message":"no"}'
    yield b'404\n<link rel="https://api.w.org/" href="https://health.example/wp-json/">'


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """What the fuzzer of that target begins with."""
    page, prose = HTML.encode(), [TEXT.encode(), SPOILED.encode(), PROSE.encode() * 2]
    rows = [
        {"id": "a", "html": "<p>One page."},
        {"id": 1, "markdown": "# One\n\npage", "url": URL},
        {"text": PROSE, "title": "One"},
    ]
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    csv = f'Screaming Frog\nAddress,Status Code,Content Type,html\n{URL},200,text/html,"<p>One, page."\n"x",301,,\n'.encode()
    known: dict[str, list[bytes]] = {
        "html": [page, b"charset=windows-1252\n" + HTML.encode("cp1252", "replace"), HTML.encode("utf-16"), FRAGMENT.encode()],
        "fragment": [FRAGMENT.encode(), *(piece.encode() for piece in FRAGMENT.split("<br><br>"))],
        "markdown": [MARKDOWN.encode(), *(piece.encode() for piece in MARKDOWN.split("\n\n"))],
        "text": prose,
        "words": prose,
        "docx": [_docx()],
        "odt": [_odt()],
        "pdf": list(_pdfs()),
        "jsonl": [lines, b'\xef\xbb\xbf{"id":"\\ud800","text":"x"}\n[]\n1\n{"html":"a","text":"b"}'],
        "array": [b"-" + json.dumps(rows).encode(), b"g" + json.dumps(rows).encode()],
        "csv": [b"-" + csv, b"-" + csv.replace(b",", b";"), b"g" + csv, b"-" + csv.decode().encode("utf-16")],
        "xlsx": list(_xlsx()),
        "parquet": list(_parquet()),
        "sitemap": [
            f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{URL}</loc>'
            "<image:image xmlns:image='i'><image:loc>x</image:loc></image:image><lastmod>2026</lastmod></url></urlset>".encode(),
            f"<sitemapindex><sitemap><loc><![CDATA[{URL}]]>&amp;a</loc></sitemap></sitemapindex>".encode(),
        ],
        "url-list": [f"# addresses\n{URL}\n\nhttps://health.example/b\n".encode(), f"{URL}\n".encode("utf-16")],
        "warc": list(_warc()),
        "arc": list(_arc()),
        "wacz": list(_wacz()),
        "wordpress": list(_wordpress()),
        "address": [URL.encode(), b"http://user:pw@[::1]:8080/a?b=%zz#c", "https://münchen.example/ü".encode(), b"example.org/x.php?y=1.html"],
        "from-dict": [json.dumps({
            "id": "a", "text": PROSE, "blocks": [[0, 100, "paragraph"], [110, 300, "quote"]], "links": [[4, 10, URL, ""]],
            "title": None, "url": URL, "language": "en", "source": "text", "site": None,
        }).encode()],
        "settings": [
            b'ignore = ["plug"]\nsite = "mill.example"\nformat = "json"\nfail-on = "reject"\nbase-rate = 0.1\ncareful = true\n',
            b'[tool.detector]\nbaseline = "accepted.json"\nmodel = "m"\nwith-text = false\nallow-comments = true\n',
        ],
        "baseline": [b'{"format": 1, "pages": {"fuzz": {"plug": [{"text": "x", "place": "0123456789abcdef0123"}], "trust": []}}}'],
        "comments": [
            f"# A\n\n<!-- detector: accept plug, spun_phrase because our own -->\n{SPOILED}\n\n<!-- detector: accept-page trust -->".encode()
        ],
        "intake": [
            json.dumps({"form": form, "name": name, "title": "A", "url": URL, "charset": None}).encode() + b"\n" + content
            for form, name, content in (("text", "", prose[0]), ("html", "", FRAGMENT.encode()), ("markdown", "", MARKDOWN.encode()),
                                        ("file", "a.docx", _docx()), ("file", "a.html", page), ("url", "a", page))
        ],
        "whole": [b"t" + TEXT.encode(), b"t" + SPOILED.encode() * 3, b"m" + MARKDOWN.encode(), b"h" + page, b"?" + page, b"h" + FRAGMENT.encode(),
                  b"d" + _docx(), b"o" + _odt(), b"?\x1f\x8b\x08"],
    }  # fmt: skip
    known["html-careful"] = known["html"]
    known["wet"] = known["warc"]
    known["stored"] = [
        b"-" + lines,
        b"-" + csv,
        *known["array"],
        *known["warc"][:2],
        *known["arc"],
        b"-" + page,
    ]
    return tuple(known[name])
