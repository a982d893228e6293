"""A Word file that is given comments and stays what it was otherwise, part by part.

It is hostile until shown otherwise: it is unpacked within limits, its XML is read by `sources.package` first, and what
would run or be fetched when somebody opens it is taken out.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from itertools import count, groupby
from typing import BinaryIO

from lxml import etree

from detector.report.layout import one_line, shorten, visible
from detector.report.word.places import Anchor, Places, Reader, Tree
from detector.sources.package import Package, Relations

_COMMENTS = 2_000  # Word opens no file with more than 32,767, and nobody reads so many
_LINES = 300  # of the summary
_NAME = 80  # characters of an author's name
_LIMIT = 250_000_000  # bytes unpacked while parts are copied, pictures and all
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
_MACROS = frozenset(("vbaProject", "wordVbaData", "attachedToolbars"))

_CONTENT_TYPES = "[Content_Types].xml"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_KINDS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(slots=True)
class Remark:
    """A comment on text[start:end] of a document, on all of it where both are 0. The first line is its heading."""

    start: int
    end: int
    author: str
    lines: list[str]


class WordFile:
    """A .docx, or what else Word writes. pieces: its words in reading order.

    data: the file. id: how errors name it. Raises SourceError with what to do when it cannot be used.
    """

    def __init__(self, data: bytes, id: str) -> None:
        self._guard, self._parts = Package(data, id), Package(data, id)
        self._zip = zipfile.ZipFile(BytesIO(data))
        self._changed: dict[str, Tree] = {}
        self._dropped: set[str] = set()
        self._main = _target(self._guard.relations(""), "officeDocument") or "word/document.xml"
        if self._main not in self._guard:
            self._guard.refuse_kind()
        self._root = self._changed[self._main] = self._parse(self._main)
        self._w = self._root.tag.removesuffix("document")
        if not self._w.endswith("}") or "/wordprocessingml/" not in self._w:
            self._guard.refuse_kind()
        self._relations = self._guard.relations(self._main)
        reader = Reader(self._w)
        reader.read(self._root)
        for kind in ("footnote", "endnote"):
            part = _target(self._relations, f"{kind}s")
            if part is not None and part in self._guard:
                reader.read_notes(self._parse(part), kind)
        self.pieces = reader.pieces

    def comment(
        self, summary: Remark, remarks: Sequence[Remark], places: Places, when: datetime | None
    ) -> None:
        """Puts the remarks at their places, and the summary, with whatever has no place, at the title."""
        names = ("commentRangeStart", "commentRangeEnd", "commentReference")
        comments = self._comments()
        used = {e.get(f"{self._w}id") for e in (*comments, *self._root.iter(*(self._w + n for n in names)))}
        numbers = (str(n) for n in count() if str(n) not in used)
        marker = _Marker(self._w)
        place = places.title()
        said = [(next(numbers), summary)]
        marker.put(said[0][0], self._first_paragraph() if place is None else place)
        for remark in remarks[:_COMMENTS]:
            place, note = places.find(remark.start, remark.end) if remark.end else (None, "")
            if place is None:
                heading, *lines = remark.lines
                summary.lines.append(" ".join(filter(None, (f"Without a place: {heading}.", note, *lines))))
                continue
            said.append((next(numbers), replace(remark, lines=[*remark.lines, *filter(None, [note])])))
            marker.put(said[-1][0], place)
        marker.cut()
        if len(remarks) > _COMMENTS:
            summary.lines.append(f"{len(remarks) - _COMMENTS:,} more places are marked in the report only.")
        summary.lines += dict.fromkeys(self._disarm())
        if len(summary.lines) > _LINES:
            summary.lines[_LINES:] = [f"And {len(summary.lines) - _LINES:,} lines more."]
        for number, remark in said:
            comments.append(self._comment(number, remark, when))

    def write(self, out: BinaryIO) -> None:
        """The file; what nobody changed is copied."""
        file = BytesIO()
        left = _LIMIT
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
            for name in dict.fromkeys((_CONTENT_TYPES, *self._zip.namelist(), *self._changed)):
                if name in self._changed:
                    tree = self._changed[name]
                    xml = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
                    new.writestr(zipfile.ZipInfo(name), xml, zipfile.ZIP_DEFLATED)
                elif name in self._guard and name not in self._dropped and not name.endswith("/"):
                    left = self._copy(name, new, left)
        out.write(file.getvalue())

    def _copy(self, name: str, new: zipfile.ZipFile, left: int) -> int:
        """Copies a part of at most `left` bytes; how many are left then."""
        try:
            old = self._zip.getinfo(name)
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED if old.compress_type else zipfile.ZIP_STORED
            with self._zip.open(old) as packed, new.open(info, "w") as member:
                while chunk := packed.read(_CHUNK):  # the size in the header may lie
                    left -= len(chunk)
                    if left < 0:
                        limit = f"{_LIMIT // 1_000_000} MB"
                        self._guard.refuse(
                            f"unpacks to more than the limit of {limit}; take pictures out of it"
                        )
                    member.write(chunk)
        except _DAMAGED as error:
            self._guard.refuse(f"is damaged ({name!r}: {error}); get the file again", error)
        return left

    def _parse(self, part: str) -> Tree:
        """An XML part that `sources.package` has read without complaint."""
        self._guard.tree(part)
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            return etree.fromstring(self._parts.whole(part), parser)
        except etree.XMLSyntaxError as error:
            self._guard.refuse(f"{part!r} is broken XML ({error}); save it again", error)

    def _part(self, name: str, root: str, prefix: str | None = None) -> Tree:
        """A part that is going to change, or a new one."""
        if name not in self._changed:
            space = root[1 : root.index("}")]
            known = name in self._guard
            self._changed[name] = self._parse(name) if known else etree.Element(root, nsmap={prefix: space})
        return self._changed[name]

    def _comments(self) -> Tree:
        """The part of the comments."""
        folder, file = posixpath.split(self._main)
        part = _target(self._relations, "comments")
        if part is None or part not in self._guard:
            names = (f"comments{n or ''}.xml" for n in count())
            name = next(name for name in names if posixpath.join(folder, name) not in self._guard)
            part = posixpath.join(folder, name)
            relations = self._part(
                posixpath.join(folder, "_rels", f"{file}.rels"), f"{_RELATIONS}Relationships"
            )
            relation = etree.SubElement(relations, f"{_RELATIONS}Relationship")
            relation.set("Id", next(f"rId{n}" for n in count(1) if f"rId{n}" not in self._relations))
            relation.set("Type", f"{_STRICT_KINDS if 'purl.oclc.org' in self._w else _KINDS}/comments")
            relation.set("Target", name)
            entry = etree.SubElement(self._part(_CONTENT_TYPES, f"{_TYPES}Types"), f"{_TYPES}Override")
            entry.set("PartName", f"/{part}")
            entry.set("ContentType", f"{_WORD}.comments+xml")
        comments = self._part(part, f"{self._w}comments", "w")
        if comments.tag != f"{self._w}comments":
            self._guard.refuse(f"is damaged ({part!r} holds no comments); save it again")
        return comments

    def _first_paragraph(self) -> Tree:
        """The first paragraph, made where there is none."""
        paragraph = next(self._root.iter(f"{self._w}p"), None)
        if paragraph is not None:
            return paragraph
        body = self._root.find(f"{self._w}body")
        body = etree.SubElement(self._root, f"{self._w}body") if body is None else body
        body.insert(0, etree.Element(f"{self._w}p"))
        return body[0]

    def _comment(self, number: str, remark: Remark, when: datetime | None) -> Tree:
        """The comment itself."""
        author = shorten(visible(remark.author), _NAME)
        comment = etree.Element(f"{self._w}comment", {f"{self._w}id": number, f"{self._w}author": author})
        if when is not None:
            comment.set(f"{self._w}date", when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        comment.set(f"{self._w}initials", "".join(word[0] for word in author.split())[:3].upper())
        for k, line in enumerate(remark.lines):
            paragraph = _add(comment, f"{self._w}p")
            _add(paragraph, f"{self._w}pPr", f"{self._w}pStyle").set(f"{self._w}val", "CommentText")
            if k == 0:
                paragraph.append(_styled_run(self._w, "annotationRef"))
            run = _add(paragraph, f"{self._w}r")
            if k == 0:
                _add(run, f"{self._w}rPr", f"{self._w}b")
            _add(run, f"{self._w}t").text = one_line(visible(line))
        return comment

    def _disarm(self) -> Iterator[str]:
        """Takes out macros, and points nowhere what Word would fetch on opening the file; says what that was."""
        for name in self._zip.namelist():
            if name.endswith(".rels"):
                tree = self._changed[name] if name in self._changed else self._parse(name)
                folder = posixpath.dirname(posixpath.dirname(name))
                for relation in tree.findall(f"{_RELATIONS}Relationship"):
                    kind = posixpath.basename(relation.get("Type", ""))
                    if kind in _MACROS:
                        tree.remove(relation)
                        target = posixpath.join("/", folder, relation.get("Target", ""))
                        self._dropped.add(posixpath.normpath(target).lstrip("/"))
                        yield "The macros of this file were taken out."
                    elif relation.get("TargetMode") == "External" and kind != "hyperlink":
                        address = relation.get("Target", "")
                        relation.set("Target", "about:blank")
                        yield f"This file no longer fetches anything ({kind}) from {address}"
                    else:
                        continue
                    self._changed[name] = tree
        types = self._part(_CONTENT_TYPES, f"{_TYPES}Types")
        for entry in types.findall(f"{_TYPES}Override"):
            part = entry.get("PartName", "").lstrip("/")
            if part in self._dropped:
                types.remove(entry)
            elif part == self._main:  # with macros or as a template Word would not open it under this ending
                entry.set("ContentType", f"{_WORD}.document.main+xml")


class _Marker:
    """Puts the marks of comments into the text. space: the namespace of WordprocessingML, in braces.

    Runs are cut at the end, so that all that was found stays where it is until then.
    """

    def __init__(self, space: str) -> None:
        self._w = space
        self._cuts: dict[int, tuple[Tree, list[tuple[int, bool, Tree]]]] = {}

    def put(self, number: str, place: Anchor | Tree) -> None:
        """Marks words, or a whole paragraph or run, as what the comment of that number is about."""
        start, end = (
            etree.Element(f"{self._w}commentRange{edge}", {f"{self._w}id": number})
            for edge in ("Start", "End")
        )
        reference = _styled_run(self._w, "commentReference")
        reference[-1].set(f"{self._w}id", number)
        if isinstance(place, Anchor):
            self._at(place.first.element).append((place.start, True, start))
            self._at(place.last.element).extend([(place.end, False, end), (place.end, False, reference)])
        elif place.tag == f"{self._w}p":
            first = len(place) > 0 and place[0].tag == f"{self._w}pPr"
            place.insert(int(first), start)
            place.extend([end, reference])
        else:
            place.addprevious(start)
            place.addnext(reference)
            place.addnext(end)

    def _at(self, element: Tree) -> list[tuple[int, bool, Tree]]:
        return self._cuts.setdefault(id(element), (element, []))[1]

    def cut(self) -> None:
        """Cuts the runs where comments begin and end."""
        for element, cuts in self._cuts.values():
            # from the last, so that offsets stay what they are; at one place comments end before others begin
            cuts.sort(key=lambda cut: (-cut[0], cut[1]))
            for offset, marks in groupby(cuts, key=lambda cut: cut[0]):
                _insert(element, offset, [mark for *_, mark in marks])


def _insert(element: Tree, offset: int, marks: Sequence[Tree]) -> None:
    """Puts marks before a character of a w:t, or after its last; cuts the run in two where they would stand inside."""
    run = element.getparent()
    if 0 < offset < len(element.text or ""):
        rest = deepcopy(element)
        rest.text, element.text = element.text[offset:], element.text[:offset]
        for part in (element, rest):
            part.set(_SPACE, "preserve")
        element.addnext(rest)
    else:
        rest = element.getnext() if offset else element
    properties = run.find(f"{run.tag}Pr")
    if rest is None:
        for mark in reversed(marks):
            run.addnext(mark)
        return
    if rest.getprevious() is not properties:
        second = run.makeelement(run.tag, dict(run.attrib))
        if properties is not None:
            second.append(deepcopy(properties))
        second.extend([rest, *rest.itersiblings()])
        run.addnext(second)
        run = second
    for mark in marks:
        run.addprevious(mark)


def _add(parent: Tree, *tags: str) -> Tree:
    """Adds an element, another one to that and so on; the innermost."""
    for tag in tags:
        parent = etree.SubElement(parent, tag)
    return parent


def _styled_run(space: str, content: str) -> Tree:
    """A run that refers to a comment, or to the text from there."""
    run = etree.Element(f"{space}r")
    _add(run, f"{space}rPr", f"{space}rStyle").set(f"{space}val", "CommentReference")
    _add(run, f"{space}{content}")
    return run


def _target(relations: Relations, kind: str) -> str | None:
    return next((target for found, target in relations.values() if found == kind), None)
