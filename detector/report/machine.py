"""JSON and JSON lines: `Verdict.to_dict`, one object for every input."""

from __future__ import annotations

import json
from typing import TextIO

from detector.document import Document
from detector.verdict import Verdict


class JsonLinesReport:
    """One verdict a line, each written as soon as it is known."""

    def __init__(self, out: TextIO, *, with_text: bool = False) -> None:
        self._out = out
        self._with_text = with_text

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Write one line."""
        row = verdict.to_dict(document, with_text=self._with_text)
        self._out.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
        self._out.flush()

    def close(self) -> None:
        """Nothing stands at the end."""


class JsonReport:
    """Indented JSON: one object, or with `many` an array that is written as the verdicts come.

    Without `many` a second verdict still makes an array of them: standard input tells late how much it holds.
    """

    def __init__(self, out: TextIO, *, many: bool = False, with_text: bool = False) -> None:
        self._out = out
        self._many = many
        self._with_text = with_text
        self._held = ""
        self._between = "[\n"

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Write one object."""
        row = verdict.to_dict(document, with_text=self._with_text)
        body = json.dumps(row, ensure_ascii=False, allow_nan=False, indent=2)
        if not self._many and not self._held:
            self._held = body
            return
        if self._held:
            self._many = True
            self._write(self._held)
            self._held = ""
        self._write(body)

    def _write(self, body: str) -> None:
        self._out.write(self._between + body)
        self._out.flush()
        self._between = ",\n"

    def close(self) -> None:
        """Write the object that was held back, or the end of the array."""
        if not self._many:
            self._out.write(f"{self._held}\n")
        elif self._between == ",\n":
            self._out.write("\n]\n")
        else:
            self._out.write("[]\n")
