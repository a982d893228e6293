"""Changes to text that bytes seldom make: phrases put in, repeated, moved, and characters that only look right."""

from __future__ import annotations

import random
from collections.abc import Sequence

# Direction overrides and isolates, zero width, soft hyphen, combining marks, other scripts' twins of Latin letters,
# what changes its length in another case, other white space and digits, astral letters, half of a pair written as text.
ODD = (
    "\u202e \u202a \u2066 \u2069 \u200b \u200d \u2060 \ufeff \u00ad \u0301\u0301\u0301 \u0430 \u0435 \u043e \u0440"
    " \u0441 \u0130 \u1e9e \ufb03 \u00a0 \u2028 \u0085 \u3000 \u0663 \u00bd \U0001d400"
    " \U0001f469\u200d\U0001f52c \ufffd \x00 \x1b[31m"
).split(" ")
MARKS = (
    *(". ! ? … , ; : - – — ' \" ’ “ ” ( ) [ ] { } < > | / \\ * _ # ` ~ = & % $ @ £ 0 1 9".split()),
    "\n",
    "\n\n",
    "\t",
    " ",
    "\r\n",
)


class Mutator:
    """Changes one input at a time, the same way for the same seed."""

    def __init__(self, phrases: Sequence[str]) -> None:
        """phrases: what the reader under test is known to look at."""
        self._stock = [*phrases, *MARKS, *ODD]

    def __call__(self, data: bytes, size: int, seed: int) -> bytes:
        """Another input of at most `size` bytes."""
        chance = random.Random(seed)
        text = data.decode("utf-8", "surrogateescape")
        for _ in range(chance.randint(1, 4)):
            text = self._changed(text, chance)
        return text.encode("utf-8", "surrogateescape")[:size]

    def _changed(self, text: str, chance: random.Random) -> str:
        start = chance.randint(0, len(text))
        end = min(len(text), start + int(chance.expovariate(1 / 30)))
        piece = text[start:end]
        kind = chance.randrange(7)
        if kind <= 1:
            return text[:start] + chance.choice(self._stock) + text[start:]
        if kind == 2:
            return text[:start] + chance.choice(self._stock) + text[end:]
        if kind == 3:
            return text[:start] + text[end:]
        if kind == 4:
            times = 2 ** chance.randint(1, 8)
            return text[:start] + (piece or chance.choice(self._stock)) * times + text[end:]
        if kind == 5:
            to = chance.randint(0, len(text))
            return text[:to] + piece + text[to:]
        cases = (piece.upper(), piece.lower(), piece.title())
        return text[:start] + chance.choice(cases) + text[end:]
