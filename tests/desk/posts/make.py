"""Makes the ten guest posts beside this file into Word files, each laid out as another author would.

    python tests/desk/posts/make.py FOLDER

The sources look like Markdown. Besides, [^ text] is a footnote, {+text+} and {-text-} are tracked changes, and a line
that begins with ::: is a text box.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml

HERE = Path(__file__).parent
_INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|\*(?P<italic>.+?)\*|\[\^ (?P<note>.+?)\](?=\s|$)|\[(?P<anchor>[^\]]+)\]\((?P<href>[^)]+)\)"
    r"|\{\+(?P<added>.+?)\+\}|\{-(?P<deleted>.+?)-\}"
)
_CHANGE = 'w:author="Sam" w:date="2026-01-02T03:04:05Z"'
_BOX = """<w:r {words}><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
<mc:Choice Requires="wps"><w:drawing><wp:anchor
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" distT="0" distB="0" distL="0"
 distR="0" simplePos="0" relativeHeight="2" behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1">
<wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="column"><wp:posOffset>0</wp:posOffset></wp:positionH>
<wp:positionV relativeFrom="paragraph"><wp:posOffset>0</wp:posOffset></wp:positionV>
<wp:extent cx="5000000" cy="900000"/><wp:wrapTopAndBottom/><wp:docPr id="{number}" name="Box {number}"/>
<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="{wps}">
<wps:wsp xmlns:wps="{wps}"><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/>
<a:ext cx="5000000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr>
<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic>
</wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"
 id="box{number}" style="width:400pt;height:70pt"><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox>
</v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"""
_WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"


@dataclass(frozen=True)
class Layout:
    """How an author writes.

    title: a style, "bold" for a line in bold, "" for a title in the file's properties only. fields: links as fields
    rather than relations. torn: so many words to a run, as Word leaves them after corrections.
    """

    title: str = "Title"
    fields: bool = False
    torn: int = 0


LAYOUTS = {
    "altitude.good": Layout("Heading 1", torn=5),
    "blisters.good": Layout(),
    "cold-hands.repeated": Layout("bold"),
    "dry-lips.pasted": Layout(torn=7),
    "grey-hair.good": Layout("", fields=True),
    "hiccups.spun": Layout("Heading 1", torn=3),
    "ingrown-toenail.plug": Layout(),
    "jade-roller.hollow": Layout("Heading 1"),
    "nickel.good": Layout("bold", torn=4),
    "sensitive-teeth.good": Layout("Heading 1"),
}


class Post:
    """One post as a Word file."""

    def __init__(self, source: str, layout: Layout) -> None:
        self._docx = docx.Document()
        self._layout = layout
        self._notes: list[str] = []
        self._numbers = iter(range(1, 1000))
        lines = source.strip().splitlines()
        self._docx.core_properties.title = "" if layout.title else lines[0].removeprefix("# ")
        rows: list[list[str]] = []
        for line in lines:
            if line.startswith("| "):
                rows.append([cell.strip() for cell in line.strip("| ").split("|")])
                continue
            if rows:
                self._table(rows)
                rows = []
            if line:
                self._line(line)
        if self._notes:
            self._add_notes()

    def save(self, path: Path) -> None:
        self._docx.save(str(path))

    def _line(self, line: str) -> None:
        kind, text = re.fullmatch(r"(# |## |- |> |::: |\d+\. |)(.*)", line).groups()
        if kind == "# " and self._layout.title in ("", "bold"):
            if self._layout.title:
                self._write(self._docx.add_paragraph(), f"**{text}**")
            return
        styles = {"# ": self._layout.title, "## ": "Heading 2", "- ": "List Bullet", "> ": "Quote"}
        style = "List Number" if kind[:1].isdigit() else styles.get(kind)
        paragraph = self._docx.add_paragraph(style=style)
        if kind == "::: ":
            box = self._docx.add_paragraph()
            self._write(box, text)
            box._p.getparent().remove(box._p)
            xml = _BOX.format(words=nsdecls("w"), number=next(self._numbers), wps=_WPS, content="{content}")
            content = re.sub(r"^<\?xml.*?\?>", "", box._p.xml)
            paragraph._p.append(parse_xml(xml.replace("{content}", content)))
        else:
            self._write(paragraph, text)

    def _table(self, rows: list[list[str]]) -> None:
        columns = max(map(len, rows))
        table = self._docx.add_table(len(rows), columns, "Table Grid")
        for line, row in zip(table.rows, rows, strict=True):
            for cell, text in zip(line.cells, row, strict=False):
                self._write(cell.paragraphs[0], text)

    def _write(self, paragraph: Any, text: str) -> None:
        at = 0
        for match in _INLINE.finditer(text):
            self._runs(paragraph, text[at : match.start()])
            at = match.end()
            kind, words = match.lastgroup, match[match.lastgroup or 0]
            if kind in ("bold", "italic"):
                for run in self._runs(paragraph, words):
                    setattr(run.font, kind, True)
            elif kind == "note":
                self._notes.append(words)
                run = paragraph.add_run()
                run.font.superscript = True
                run._r.append(parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="{len(self._notes)}"/>'))
            elif kind == "href":
                self._link(paragraph, match["anchor"], words)
            else:
                self._change(paragraph, words, "ins" if kind == "added" else "del")
        self._runs(paragraph, text[at:])

    def _runs(self, paragraph: Any, text: str) -> list[Any]:
        size = self._layout.torn
        pieces = re.findall(rf"(?:\s*\S+){{1,{size}}}\s*", text) if size and text.strip() else [text]
        return [paragraph.add_run(piece) for piece in pieces if piece]

    def _link(self, paragraph: Any, anchor: str, href: str) -> None:
        runs = self._runs(paragraph, anchor)
        for run in runs:
            run.font.underline = True
        if self._layout.fields:
            first, last = runs[0]._r, runs[-1]._r
            for part in ("begin", f' HYPERLINK "{href}" ', "separate"):
                first.addprevious(_field(part))
            last.addnext(_field("end"))
            return
        number = paragraph.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = parse_xml(f'<w:hyperlink {nsdecls("w", "r")} r:id="{number}"/>')
        runs[0]._r.addprevious(link)
        link.extend([run._r for run in runs])

    def _change(self, paragraph: Any, text: str, tag: str) -> None:
        runs = self._runs(paragraph, text)
        change = parse_xml(f'<w:{tag} {nsdecls("w")} w:id="{900 + next(self._numbers)}" {_CHANGE}/>')
        runs[0]._r.addprevious(change)
        change.extend([run._r for run in runs])
        if tag == "del":
            for words in change.iter(qn("w:t")):
                words.tag = qn("w:delText")

    def _add_notes(self) -> None:
        separators = "".join(
            f'<w:footnote w:type="{kind}" w:id="{n}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
            for n, kind, mark in (
                (-1, "separator", "separator"),
                (0, "continuationSeparator", "continuationSeparator"),
            )
        )
        notes = "".join(
            f'<w:footnote w:id="{n}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> {note}</w:t></w:r>'
            "</w:p></w:footnote>"
            for n, note in enumerate(self._notes, 1)
        )
        xml = f"<w:footnotes {nsdecls('w')}>{separators}{notes}</w:footnotes>"
        part = self._docx.part
        name = PackURI("/word/footnotes.xml")
        notes_part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, xml.encode(), part.package)
        part.relate_to(notes_part, RELATIONSHIP_TYPE.FOOTNOTES)


def _field(part: str) -> Any:
    """A mark of a field, or its instruction."""
    inside = (
        f'<w:instrText xml:space="preserve">{part}</w:instrText>'
        if "HYPERLINK" in part
        else f'<w:fldChar w:fldCharType="{part}"/>'
    )
    return parse_xml(f"<w:r {nsdecls('w')}>{inside}</w:r>")


def make(folder: Path) -> Iterator[Path]:
    """Writes the ten files into a folder; their paths, in alphabetical order."""
    for name, layout in LAYOUTS.items():
        path = folder / f"{name}.docx"
        Post((HERE / f"{name}.md").read_text("utf-8"), layout).save(path)
        yield path


if __name__ == "__main__":
    for path in make(Path(sys.argv[1])):
        print(path)
