"""Opens Word files with LibreOffice and tells which words each comment is about."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, parse

SOFFICE = shutil.which("soffice")
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def convert(files: Sequence[Path], to: str, folder: Path) -> list[Path]:
    """The files in another format, by a LibreOffice with a profile of its own in `folder`."""
    assert SOFFICE is not None
    out = folder / f"as {to}"
    profile = (folder / "profile").as_uri()
    command = [
        SOFFICE,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        to,
        "--outdir",
        str(out),
    ]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=300)
    made = [out / f"{file.stem}.{to}" for file in files]
    assert all(file.is_file() for file in made), done.stdout + done.stderr
    return made


def comments(file: Path) -> list[tuple[str, str, str]]:
    """Of a flat OpenDocument text: author, text (a line for each paragraph) and words of each comment, in order."""
    return _Comments(parse(file).getroot()).found


class _Comments:
    def __init__(self, root: Element) -> None:
        self._open: dict[str, list[str]] = {}
        self._said: dict[str, tuple[str, str]] = {}
        self._deletions = {
            str(region.get(f"{TEXT}id"))
            for region in root.iter(f"{TEXT}changed-region")
            if region.find(f"{TEXT}deletion") is not None
        }
        self._in_deletion = False
        self.found: list[tuple[str, str, str]] = []
        self._walk(root)
        self.found += [(*self._said[name], "") for name in self._open]  # those without an end

    def _add(self, text: str | None) -> None:
        if text and not self._in_deletion:
            for words in self._open.values():
                words.append(text)

    def _walk(self, element: Element) -> None:
        tag, name = element.tag, element.get(f"{OFFICE}name", "")
        if tag == f"{OFFICE}annotation":
            author = element.findtext("{http://purl.org/dc/elements/1.1/}creator", "")
            lines = ["".join(paragraph.itertext()) for paragraph in element.iter(f"{TEXT}p")]
            self._said[name], self._open[name] = (author, "\n".join(lines)), []
        elif tag == f"{OFFICE}annotation-end":
            self.found.append((*self._said[name], "".join(self._open.pop(name))))
        elif tag in (f"{TEXT}change-start", f"{TEXT}change-end"):
            if element.get(f"{TEXT}change-id") in self._deletions:
                self._in_deletion = tag.endswith("start")
        elif tag in (f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break"):
            self._add(" ")
        elif tag != f"{TEXT}note-citation":
            self._add(element.text)
            for child in element:
                self._walk(child)
                self._add(child.tail)
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                self._add("\n")
