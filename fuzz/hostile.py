"""Hostile pages: what breaks readers of pages, by name, the same for the same seed.

for case in cases("nesting", seed=1):
    read_case(case.ending, case.data)
"""

# ruff: noqa: E501  markup reads better in one piece

from __future__ import annotations

import gzip
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

from fuzz.mutate import ODD
from fuzz.packing import PACKINGS, WHEN, packed, zipped
from fuzz.seeds import FRAGMENT, HTML, MARKDOWN, PROSE, SPOILED, TEXT, URL, seeds

MEGABYTE = 1_000_000
BOMB = 300 * MEGABYTE  # bytes that a small file unpacks to
LINE = 10 * MEGABYTE  # bytes of the longest lines
MANY = 50_000  # of whatever is nested or repeated
TRAP = 100_000  # characters of a text made from one example


@dataclass(frozen=True)
class Case:
    """One hostile page. ending: of the file that it would be."""

    name: str
    ending: str
    data: bytes


class Chance(random.Random):
    """The random numbers of a generator, and how large its cases are; scale 1 is full size."""

    def __init__(self, seed: str, scale: float) -> None:
        super().__init__(seed)
        self.scale = scale

    def of(self, number: int) -> int:
        """So many, in the scale."""
        return max(1, int(number * self.scale))


_Made = Iterator[tuple[str, str, str | bytes]]


def _nesting(chance: Chance) -> _Made:
    """Elements, marks and objects that are opened and never closed."""
    tags = "div p b a table ul select svg template font button form h1 span blockquote object details".split()
    for tag in tags:
        yield tag, ".html", f"<!doctype html><body>{f'<{tag}>' * chance.of(MANY)}{PROSE}"
    yield "adoption", ".html", "<!doctype html><body>" + "<a><b><p>" * chance.of(5_000) + PROSE
    yield (
        "misnested",
        ".html",
        "<p>"
        + "".join(
            chance.choice(("<i>", "</b>", "<b>", "</i>", "</p>", "<u>x")) for _ in range(chance.of(MANY))
        ),
    )
    yield "cells", ".html", "<table>" + "<tr><td><table>" * chance.of(5_000) + PROSE
    yield "lists", ".html", "<ul><li>" * chance.of(20_000) + PROSE
    yield "open-tags", ".html", "<p " * chance.of(MANY) + PROSE
    yield "comments", ".html", "<!--" * chance.of(MANY) + PROSE
    yield "cdata", ".html", "<svg><![CDATA[" * chance.of(20_000) + PROSE
    yield "attributes", ".html", "<p " + " ".join(f"a{n}='x'" for n in range(chance.of(MANY))) + f">{PROSE}"
    yield (
        "classes",
        ".html",
        "".join(f'<div class="c{n % 977} d{n}" id="i{n}">x</div>' for n in range(chance.of(20_000))) + PROSE,
    )
    yield (
        "styles",
        ".html",
        "<style>"
        + "".join(f".c{n},#d{n}>p{{display:none}}" for n in range(chance.of(20_000)))
        + f"</style><p class=c1>{PROSE}",
    )
    yield "style-open", ".html", "<style>" + "a{b:{" * chance.of(MANY) + f"</style><p>{PROSE}"
    yield "bulletin-board", ".html", "[b][url=x]" * chance.of(5_000) + f"<p>{PROSE}"
    yield "escaped", ".html", "&lt;p&gt;" * chance.of(20_000) + f"<br><br>{PROSE}"
    for mark in (
        ">",
        "[",
        "![",
        "*",
        "_",
        "`",
        "~",
        "#",
        "- ",
        "1. ",
        "  ",
        "<",
        "{{",
        "{%",
        "<!--",
        "(",
        "\\",
        "|",
        "[a](",
        "[a][",
        "[^a",
        "&",
        "``` \n",
        "---\n",
        "* a\n ",
    ):
        yield (
            f"markdown-{mark.strip().encode().hex() or 'space'}",
            ".md",
            f"{mark * chance.of(MANY)}\n{PROSE}",
        )
    yield "markdown-steps", ".md", "\n".join(" " * (n % 2_000) + "- a" for n in range(chance.of(4_000)))
    yield "markdown-backticks", ".md", " ".join("`" * (1 + n % 300) for n in range(chance.of(5_000)))
    yield (
        "markdown-references",
        ".md",
        "".join(f"[a{n}]: x\n" for n in range(chance.of(20_000))) + "[a1][a2] " * chance.of(20_000),
    )
    yield "json", ".jsonl", b"[" * chance.of(MANY) + b"\n" + b'{"text":' * chance.of(MANY)
    yield "array", ".json", b'[{"text": ' + b"[" * chance.of(MANY)
    yield "toml", ".toml", b"a = " + b"[" * chance.of(MANY)
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    for tag in ("tbl", "p", "r", "ins"):
        xml = f'<w:document xmlns:w="{word}"><w:body>' + f"<w:{tag}>" * chance.of(20_000)
        yield f"word-{tag}", ".docx", zipped(f"=== word/document.xml\n{xml}\n".encode())


def _entities(chance: Chance) -> _Made:
    """References to characters: very many, nested, out of range, and the bombs of XML."""
    for name, one in (("amp", "&amp;"), ("nested", "&" + "amp;" * 200), ("zero", "&#0;"), ("half", "&#xD800;&#xDC00;"), ("beyond", "&#x110000;"),
                      ("endless", "&#" + "9" * 200 + ";"), ("open", "&notit"), ("unknown", "&zzzz;"), ("two", "&NotEqualTilde;"), ("nbsp", "&nbsp;&shy;&zwj;")):  # fmt: skip
        yield (
            name,
            ".html",
            f"<!doctype html><title>{one}</title><body><p>{PROSE} {one * (chance.of(200_000) // len(one))} <a href='{one}'>{one}</a>",
        )
        yield f"{name}-markdown", ".md", f"{PROSE} {one * (chance.of(200_000) // len(one))}"
    yield "laughs", ".html", f"{_laughs()}<html><body><p>{PROSE} &z;"
    yield "laughs-sitemap", ".xml", f"{_laughs()}<urlset><url><loc>&z;</loc></url></urlset>"
    yield (
        "quadratic-sitemap",
        ".xml",
        f'<!DOCTYPE a [<!ENTITY z "{"x" * 50_000}">]><urlset><url><loc>{"&z;" * 50_000}</loc></url></urlset>',
    )
    yield (
        "outside-sitemap",
        ".xml",
        '<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ENTITY % z SYSTEM "http://192.0.2.1/">%z;]><urlset/>',
    )
    for name, ending in (
        ("word/document.xml", ".docx"),
        ("content.xml", ".odt"),
        ("xl/workbook.xml", ".xlsx"),
    ):
        yield f"laughs{ending}", ending, zipped(f"=== {name}\n{_laughs()}<a>&z;</a>\n".encode())


def _laughs() -> str:
    """A document type whose entity z is three billion characters."""
    letters = "abcdefghiz"
    lines = [f'<!ENTITY {now} "{f"&{before};" * 10}">' for before, now in pairwise(letters)]
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "lol">{"".join(lines)}]>'


def _encodings(chance: Chance) -> _Made:
    """Bytes in several encodings at once, under names of others."""
    accented = f"<p>Caf\u00e9, na\u00efve, \u201cquoted\u201d \u2014 {PROSE} \U0001f642</p>"
    names = "utf-8 windows-1252 utf-16le utf-16be utf-32 utf-7 iso-2022-jp shift_jis gb18030 big5 koi8-r cp037 latin-1".split()
    for name in names:
        body = accented.encode(name, "ignore")
        for said in (
            "utf-8",
            "utf-16",
            "x-user-defined",
            "iso-2022-jp",
            "utf-7",
            "hz-gb-2312",
            "replacement",
            "zlib",
            "idna",
            "\x00",
        ):
            yield (
                f"{name}-as-{said.encode().hex()}",
                ".html",
                f"<!doctype html><meta charset='{said}'><title>t</title>".encode() + body,
            )
        yield f"{name}-text", ".txt", accented.encode(name, "ignore")
    pieces = [accented.encode(name, "ignore") for name in names]
    for number in range(5):
        chance.shuffle(pieces)
        yield f"mixed-{number}", ".html", b"<!doctype html><body>" + b"".join(pieces)
        yield f"mixed-text-{number}", ".txt", b"\n\n".join(pieces)
    yield "marks", ".html", b"\xef\xbb\xbf\xff\xfe" + HTML.encode("utf-16-le") + b"\xef\xbb\xbf" * 1000
    yield "odd-utf16", ".txt", b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1]
    yield "lone-surrogates", ".txt", b"\xff\xfe" + b"\x00\xd8" * chance.of(20_000) + TEXT.encode("utf-16-le")
    yield (
        "overlong",
        ".txt",
        b"\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf\xed\xa0\x80" * chance.of(5_000) + TEXT.encode(),
    )
    yield "random", ".txt", chance.randbytes(chance.of(200_000))
    yield (
        "high-bytes",
        ".html",
        b"<!doctype html><body><p>" + bytes(chance.randrange(128, 256) for _ in range(chance.of(200_000))),
    )
    yield "nul", ".html", HTML.encode().replace(b" ", b"\x00 ")


def _characters(chance: Chance) -> _Made:
    """Direction marks, zero width, piles of accents, letters of other scripts, between and inside words."""
    for mark in ODD:
        name = "-".join(f"{ord(c):x}" for c in mark[:2]) or "space"
        between = mark.join(PROSE)
        around = " ".join(f"{mark}{word}{mark}" for word in PROSE.split())
        yield f"letters-{name}", ".txt", f"{between}\n\n{PROSE}"
        yield (
            f"words-{name}",
            ".html",
            f"<h1>{around}</h1><p>{around} <a href='https://x.example/{mark}'>{mark}best cream{mark}</a>",
        )
        yield f"many-{name}", ".md", mark * chance.of(MANY) + PROSE
    yield "piled", ".txt", "".join(c + "\u0301" * 300 for c in PROSE)
    yield "pile", ".txt", "a" + "\u0301" * chance.of(200_000) + PROSE
    yield "upside-down", ".txt", f"\u202e{PROSE[::-1]}\u202c {SPOILED}"
    yield "isolates", ".html", "<p>" + "\u2066" * chance.of(MANY) + PROSE + "\u2069" * chance.of(MANY)
    yield "other-digits", ".txt", PROSE.translate({48 + n: 0x660 + n for n in range(10)}) * 20
    yield "wide", ".txt", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in PROSE) * 5
    yield (
        "mathematical",
        ".txt",
        "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in PROSE) * 5,
    )
    yield (
        "growing",
        ".txt",
        "\u0130\u1e9e\ufb03\u0149\u01f0\u0390 " * chance.of(20_000) + PROSE,
    )  # longer in another case
    yield "controls", ".txt", "".join(f"\x1b[31m{word}\x07 " for word in SPOILED.split()) * 3
    yield (
        "controls-title",
        ".html",
        f"<title>\x1b]0;x\x07 a\rb\u2028::error::c</title><h1>a\u2029b</h1><p>{SPOILED * 3}",
    )
    yield "lines", ".txt", "\u2028".join(PROSE.split()) + "\x0b\x0c\x1c\x85".join(PROSE.split())
    yield (
        "any",
        ".txt",
        "".join(
            chr(chance.choice((chance.randrange(0x20, 0xD800), chance.randrange(0xE000, 0x110000))))
            for _ in range(chance.of(MANY))
        )
        + PROSE,
    )


_TWINS = str.maketrans("aceopxyiACEHKMOPTX", "асеорхуіАСЕНКМОРТХ")


def _anchors(chance: Chance) -> _Made:
    """Links whose words or addresses are not what they look like, and very many of them."""
    twins = "best cream near me, buy cheap cosmetics".translate(_TWINS)
    addresses = ("https://shop.example", "//\u0440\u0430y.example", "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "http://[", "http://[::1", "https://xn--a.example",
                 "https://user:pw@shop.example", "\x01javascript:alert(1)", "https://shop.example/" + "a/" * 1_000, "http://" + "a." * 500 + "example", "ht\ntps://x", "?" * 1_000, "#", "\\\\x\\y")  # fmt: skip
    for number, address in enumerate(addresses):
        quoted = address.replace("'", "&#39;").replace("<", "&lt;")
        yield (
            f"address-{number}",
            ".html",
            f"<!doctype html><base href='{quoted}'><link rel=canonical href='{quoted}'><body><article><p>{SPOILED} <a href='{quoted}'>{twins}</a> {SPOILED}</p></article>",
        )
        yield (
            f"address-{number}-markdown",
            ".md",
            f"# {twins}\n\n{SPOILED} [{twins}]({address}) {SPOILED}\n\n[{twins}][1]\n\n[1]: {address}\n",
        )
    yield (
        "twins",
        ".html",
        "".join(f"<p>{PROSE} <a href='https://shop.example'>{twins}</a>" for _ in range(20)),
    )
    yield (
        "twins-everywhere",
        ".txt",
        "".join(c.translate(_TWINS) if chance.random() < 0.3 else c for c in SPOILED * 5),
    )
    yield (
        "many",
        ".html",
        f"<p>{PROSE}"
        + "".join(
            f"<a href='https://s{n % 999}.example/{n}'>best cream {n}</a> " for n in range(chance.of(10_000))
        ),
    )
    yield (
        "same",
        ".html",
        f"<p>{PROSE}" + "<a href='https://shop.example'>best cream near me</a> " * chance.of(10_000),
    )
    yield (
        "long",
        ".html",
        f"<p><a href='https://shop.example/{'a' * chance.of(MEGABYTE)}'>{SPOILED * 200}</a>",
    )
    yield (
        "empty",
        ".html",
        f"<p>{PROSE}" + "<a href='https://shop.example'></a><a name=x> </a>" * chance.of(10_000),
    )
    yield (
        "bare",
        ".txt",
        "https://shop.example/a_(b) ann@mill.example www. http:// @ " * chance.of(5_000) + PROSE,
    )
    yield (
        "ats",
        ".txt",
        "a.b-c+" * chance.of(20_000) + "@" * chance.of(20_000) + "a." * chance.of(20_000) + PROSE,
    )


def _lines(chance: Chance) -> _Made:
    """Lines of ten megabytes, of one thing again and again."""
    for unit in (" ", "a", "a ", ".", "1", "1,", "“", '"', "'", "a.", "a-", "A", "http://a", "a@b.", "[", "[a](b)", "\n", "\t", "| ", "- \n", "é", "&", "\u0301", "<p>", "a|b\n", "? ", "€9 ", "a\tb\tc\n", "x:", "\r", "( ", "it's "):  # fmt: skip
        name = unit.encode().hex()
        yield (
            name,
            ".txt",
            (unit * chance.of(LINE))[: chance.of(LINE)].encode()[: chance.of(LINE)] + PROSE.encode(),
        )
    for name, ending, page in (
        ("prose", ".txt", PROSE),
        ("spoiled", ".md", SPOILED),
        ("html", ".html", HTML),
    ):
        yield name, ending, (f"{page} " * (chance.of(LINE) // len(page)))
    yield "word", ".html", f"<!doctype html><body><p>{PROSE} {'a' * chance.of(LINE)}"
    yield "attribute", ".html", f"<!doctype html><body><p title='{'a' * chance.of(LINE)}'>{PROSE}"
    yield "jsonl", ".jsonl", json.dumps({"id": "a", "text": "a " * (chance.of(LINE) // 2)})
    yield "too-long", ".jsonl", b'{"text":"' + b"a" * chance.of(21 * MEGABYTE) + b'"}\n{"id":"b","text":"x"}'
    yield "too-large", ".txt", b"a " * chance.of(11 * MEGABYTE)
    yield "csv", ".csv", f'url,html\n{URL},"{"a " * (chance.of(LINE) // 2)}"\n'
    yield "address", ".list", b"http://" + b"a" * chance.of(LINE)
    yield "toml", ".toml", b"site = '" + b"a" * (chance.of(9 * MEGABYTE)) + b"'"


def _traps(chance: Chance) -> _Made:
    """Texts on which patterns take too long, made of each signal's own examples: repeated, broken off, stretched."""
    from detector import explain, signals

    for name in signals.registry():
        examples = [example.text for example in explain.page(name).examples if example.kind == "fires"] or [
            SPOILED
        ]
        for number, text in enumerate(examples):
            for how, trap in traps(text, chance.of(TRAP)):
                yield f"{name}-{number}-{how}", ".txt", trap


def traps(text: str, size: int = TRAP) -> Iterator[tuple[str, str]]:
    """Texts of about `size` characters that nearly match again and again whatever the given one matches."""
    words = text.split()

    def filled(unit: str) -> str:
        return unit * (size // max(1, len(unit)))

    yield "repeated", filled(f"{text}\n\n")
    yield "one-line", filled(" ".join(words) + " ")
    yield "half", filled(" ".join(words[: (len(words) + 1) // 2]) + " ")
    yield "no-ends", filled("".join(c for c in text if c.isalnum() or c == " ") + " ")
    yield "starts", filled(" ".join(words[:2]) + " ")
    yield "one-word", filled(f"{max(words, key=len)} ")
    yield "gaps", (" " * (size // max(1, len(words)))).join(words)
    yield "breaks", ("\n" * (size // max(1, len(words)))).join(words)
    yield "quotes", filled("“" + " ".join(words[:6]) + " ")
    yield "letters", "".join(c * max(1, size // max(1, len(text))) for c in text)
    yield "capitals", filled(" ".join(words).upper() + " ")
    yield "commas", filled(", ".join(words) + ", ")


def _bombs(chance: Chance) -> _Made:
    """Small files that unpack to very large ones, and archives inside archives."""
    blank = b" " * max(40 * MEGABYTE, chance.of(BOMB))  # beyond the limits in any scale
    squeezed, gzipped = zlib.compress(blank, 9), gzip.compress(blank, 9, mtime=0)
    for name, ending in (
        ("word/document.xml", ".docx"),
        ("content.xml", ".odt"),
        ("xl/sharedStrings.xml", ".xlsx"),
        ("archive/a.warc", ".wacz"),
    ):
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for part, content in (("xl/workbook.xml", b"<workbook/>"), (name, blank)):
                archive.writestr(zipfile.ZipInfo(part, WHEN), content, zipfile.ZIP_DEFLATED, 9)
        yield f"zip{ending}", ending, out.getvalue()
        yield f"lying{ending}", ending, _lying_zip(name, squeezed[2:-4], 100)
    xml = (
        b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
        + b"<w:p/>" * chance.of(3 * MEGABYTE)
    )
    yield "elements", ".docx", zipped(b"=== word/document.xml\n" + xml + b"\n")
    yield (
        "members",
        ".docx",
        zipped(b"".join(b"=== word/a%d\n\n" % n for n in range(max(11_000, chance.of(20_000))))),
    )
    yield "overlap", ".docx", _overlapping(chance.of(3_000))
    yield "gzip", ".html", gzipped
    yield (
        "gzip-thrice",
        ".html",
        gzip.compress(gzip.compress(gzipped, mtime=0), mtime=0),
    )
    for how in PACKINGS[1:]:
        yield (
            f"warc-{chr(how)}",
            ".warc",
            packed(bytes([how]) + _warc_record("response", b"HTTP/1.1 200 OK\r\n\r\n" + blank)),
        )
        yield f"jsonl-{chr(how)}", ".jsonl", packed(bytes([how]) + b'{"text": "' + blank)
    codings = (("gzip", gzipped), ("deflate", squeezed), ("deflate", squeezed[2:]))
    for number, (coding, body) in enumerate(codings):
        answer = (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\n\r\n".encode()
            + body
        )
        yield f"answer-{coding}-{number}", ".warc", _warc_record("response", answer)
    yield (
        "answer-chain",
        ".warc",
        _warc_record(
            "response",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: " + b"gzip, " * chance.of(10_000) + b"\r\n\r\n\x1f\x8b",
        ),
    )
    yield "sitemap", ".xml", gzip.compress(b"<urlset>" + blank, 9, mtime=0)
    inner: bytes = _warc_record("response", b"HTTP/1.1 200 OK\r\n\r\n<p>x")
    for _ in range(6):
        inner = (
            zipped(b"=== !a.wacz\n" + inner + b"\n")
            if not inner.startswith(b"PK")
            else _stored_zip("a.wacz", inner)
        )
    yield "inside", ".wacz", inner
    sheet = '<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    book = seeds("xlsx")[0].partition(b"=== xl/worksheets/sheet1.xml\n")
    yield (
        "sheet",
        ".xlsx",
        zipped(book[0] + book[1] + sheet.encode() + b"\n" + book[2][book[2].find(b"=== ") :]),
    )


def _stored_zip(name: str, data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, WHEN), data)
    return out.getvalue()


def _lying_zip(name: str, raw: bytes, size: int) -> bytes:
    """An archive whose header says that its one file is small."""
    named = name.encode()
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, 0, len(raw), size, len(named), 0)
    local = b"PK\x03\x04" + common + named + raw
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + named
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def _overlapping(count: int) -> bytes:
    """An archive with many names for one and the same packed file."""
    raw = zlib.compress(b" " * 20 * MEGABYTE, 9)[2:-4]
    common = struct.pack("<HHHHHII", 20, 0, 8, 0, 0x21, 0, len(raw)) + struct.pack("<I", 20 * MEGABYTE)
    local = b"PK\x03\x04" + common + struct.pack("<HH", 17, 0) + b"word/document.xml" + raw
    names = [b"word/document.xml", *(b"word/%012d" % n for n in range(count))]
    central = b"".join(
        b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHHHII", len(n), 0, 0, 0, 0, 0, 0) + n
        for n in names
    )
    return (
        local
        + central
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(central), len(local), 0)
    )


def _truncated(chance: Chance) -> _Made:
    """Everything that can be read, broken off."""
    for ending, whole in whole_files().items():
        cuts = sorted(
            {
                1,
                2,
                3,
                5,
                len(whole) - 1,
                *(len(whole) * k // 8 for k in range(1, 8)),
                *(chance.randrange(len(whole)) for _ in range(4)),
            }
        )
        for cut in cuts:
            yield f"{cut}{ending}", ending, whole[:cut]
        yield f"doubled{ending}", ending, whole + whole
        yield f"tail{ending}", ending, whole[len(whole) // 2 :]


def whole_files() -> dict[str, bytes]:
    """A sound file of every kind, by its ending."""
    return {
        ".html": HTML.encode(), ".htm": FRAGMENT.encode(), ".md": MARKDOWN.encode(), ".txt": TEXT.encode(),
        ".docx": zipped(seeds("docx")[0]), ".odt": zipped(seeds("odt")[0]), ".pdf": seeds("pdf")[0],
        ".jsonl": seeds("jsonl")[0], ".json": seeds("array")[0][1:], ".csv": seeds("csv")[0][1:], ".xlsx": zipped(seeds("xlsx")[0]),
        ".parquet": seeds("parquet")[0], ".xml": seeds("sitemap")[0], ".list": seeds("url-list")[0], ".warc": packed(seeds("warc")[0]),
        ".warc.gz": packed(seeds("warc")[2]), ".warc.zst": packed(seeds("warc")[3]), ".warc.lz4": packed(seeds("warc")[4]),
        ".arc": packed(seeds("arc")[0]), ".wacz": zipped(seeds("wacz")[0]), ".toml": seeds("settings")[0],
    }  # fmt: skip


def _warc_record(kind: str, content: bytes, length: str | None = None, more: str = "") -> bytes:
    length = str(len(content)) if length is None else length
    head = f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {URL}\r\nContent-Type: application/http\r\n{more}Content-Length: {length}\r\n\r\n"
    return head.encode("utf-8", "replace") + content + b"\r\n\r\n"


def _lengths(chance: Chance) -> _Made:
    """Records and answers that lie about how long they are."""
    page = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{PROSE}".encode()
    sound = _warc_record("response", page)
    for length in ("0", "1", "-1", str(len(page) - 7), str(len(page) + 7), "999", "99999999999999999999", "9223372036854775807", "0x40", "1e3", "", " 12 ", "12 13", "٣", "NaN", "1,024"):  # fmt: skip
        for kind in ("response", "resource", "conversion", "warcinfo", "request"):
            for place, data in (("first", (length, None)), ("second", (None, length))):
                records = b"".join(_warc_record(kind, page, one) for one in data) + sound
                yield f"{kind}-{place}-{length.encode().hex()}", ".warc", records
                yield f"{kind}-{place}-{length.encode().hex()}-packed", ".warc.gz", packed(b"m" + records)
    yield "twice", ".warc", _warc_record("response", page, "5", "Content-Length: 900\r\n") + sound
    yield "none", ".warc", sound.replace(b"Content-Length", b"X-Length") + sound
    yield "header", ".warc", _warc_record("response", page, more="X: y\r\n" * chance.of(100_000)) + sound
    yield (
        "header-line",
        ".warc",
        _warc_record("response", page, more=f"X: {'y' * chance.of(MEGABYTE)}\r\n") + sound,
    )
    yield "no-end", ".warc", b"WARC/1.1\r\n" + b"WARC-Type: response\r\n" * 50_000
    yield "versions", ".warc", b"WARC/1.1\r\n" * chance.of(100_000) + sound
    for size in ("0", "5", "ffffffff", "fffffffffffffff", "-1", "5;x=y", "g", ""):
        chunked = (
            f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n<p>{PROSE}\r\n0\r\n\r\n".encode()
        )
        yield f"chunk-{size.encode().hex()}", ".warc", _warc_record("response", chunked) + sound
    yield (
        "chunks",
        ".warc",
        _warc_record(
            "response",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * chance.of(500_000),
        )
        + sound,
    )
    arc = seeds("arc")[0][1:]
    for length in ("0", "-1", "5", "99999999999999999999", "x"):
        yield (
            f"arc-{length}",
            ".arc",
            arc.replace(b"text/html 65", f"text/html {length}".encode()).replace(
                b"text/html 58", f"text/html {length}".encode()
            ),
        )


def _tables(chance: Chance) -> _Made:
    """Rows, columns and fields as no program writes them."""
    yield (
        "columns",
        ".csv",
        "url,html,"
        + ",".join(f"c{n}" for n in range(chance.of(MANY)))
        + f"\n{URL},<p>x"
        + "," * chance.of(MANY),
    )
    yield "quote", ".csv", f'url,html\n{URL},"{"a,b" * chance.of(100_000)}\n'
    yield "nul", ".csv", f"url,html\n{URL},<p>\0x\n"
    yield "rows", ".csv", "url,html\n" + "x,\n" * chance.of(20_000)
    yield "formulas", ".csv", f"url,html,id\n{URL},<p>{PROSE},=cmd|'/c calc'!A1\n"
    yield "keys", ".jsonl", json.dumps({f"k{n}": n for n in range(chance.of(MANY))} | {"text": PROSE})
    yield "same-key", ".jsonl", b'{"text":"a",' + b'"text":"a",' * chance.of(MANY) + b'"text":"a"}'
    yield (
        "numbers",
        ".jsonl",
        b'{"id":1e999,"text":"a"}\n{"id":'
        + b"9" * chance.of(5_000)
        + b',"text":"a"}\n{"text":NaN}\n{"id":-0,"text":'
        + b"1" * chance.of(MANY)
        + b"}",
    )
    yield "halves", ".jsonl", b'{"id":"\\ud800","text":"\\udc00 \\ud83d","url":"\\ud800","title":"\\udfff"}'
    yield (
        "types",
        ".jsonl",
        b'{"id":[],"text":"a"}\n{"text":{}}\n{"html":1}\n{"url":1,"text":"a"}\ntrue\n"a"\nnull\n{"id":true,"text":"a"}',
    )
    yield "blank", ".jsonl", b"\n \n\t\r\n" * chance.of(MANY)


GENERATORS: dict[str, Callable[[Chance], _Made]] = {
    "nesting": _nesting, "entities": _entities, "encodings": _encodings, "characters": _characters, "anchors": _anchors,
    "lines": _lines, "traps": _traps, "bombs": _bombs, "truncated": _truncated, "lengths": _lengths, "tables": _tables,
}  # fmt: skip


def cases(*names: str, seed: int = 0, scale: float = 1) -> Iterator[Case]:
    """The cases of the named generators, or of all; scale: how large they are."""
    for name in names or GENERATORS:
        for case, ending, data in GENERATORS[name](Chance(f"{name} {seed}", scale)):
            yield Case(
                f"{name}-{case}",
                ending,
                data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data,
            )


def of_name(wanted: Sequence[str], scale: float = 1) -> Iterator[Case]:
    """The cases whose names begin with one of those given, all when none is."""
    names = [name for name in GENERATORS if not wanted or any(one.startswith(name) for one in wanted)]
    return (case for case in cases(*names, scale=scale) if case.name.startswith(tuple(wanted) or ""))
