"""What a terminal needs: colour where it has it, lines that fit, and nothing in them that a page could act with."""

from __future__ import annotations

import textwrap

BOLD, DIM, UNDERLINE = "1", "2", "4"
RED, GREEN, YELLOW, CYAN = "31", "32", "33", "36"

# Enclose a highlighted stretch while lines are being wrapped; `clean` keeps them out of everything else.
OPEN, CLOSE = "\ue000", "\ue001"

# A page may carry escape sequences that move the cursor, rename the window or turn the reading direction round.
_UNSAFE = dict.fromkeys(
    (
        *range(0x20),
        *range(0x7F, 0xA0),
        *(0x200E, 0x200F, 0x2028, 0x2029, 0x061C, ord(OPEN), ord(CLOSE)),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ),
    "\ufffd",
)


def clean(text: str) -> str:
    """Text on one line: white space runs become one space, control characters become U+FFFD."""
    return " ".join(text.split()).translate(_UNSAFE)


class Ink:
    """Writes in colour, or not at all."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, text: str, *codes: str) -> str:
        """`text` in the given colours."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self._on and codes and text else text

    def highlight(self, lines: list[str], *codes: str) -> list[str]:
        """Wrapped lines with what stood between OPEN and CLOSE in colour, or in ⟦brackets⟧ where there is none."""
        if not self._on:
            return [line.replace(OPEN, "⟦").replace(CLOSE, "⟧") for line in lines]
        on, off = f"\x1b[{';'.join(codes)}m", "\x1b[0m"
        painted: list[str] = []
        inside = False
        for line in lines:
            start = on if inside else ""
            if OPEN in line or CLOSE in line:
                inside = line.rfind(OPEN) > line.rfind(CLOSE)
            painted.append(start + line.replace(OPEN, on).replace(CLOSE, off) + (off if inside else ""))
        return painted


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters; an overlong word is broken rather than let through."""
    return textwrap.wrap(text, max(width, 20), break_on_hyphens=False)


def hang(label: str, lines: list[str]) -> list[str]:
    """Lines with a label before the first and as much space before the others."""
    return [(label if i == 0 else " " * len(label)) + line for i, line in enumerate(lines)]
