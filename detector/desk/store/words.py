"""Search by words: text is divided and folded here, so that both databases find the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from detector.desk.store.schema import found

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]+")  # accents, when they stand by themselves
_LONGEST = 40  # characters of a word that count
_ROOM = 900_000  # bytes of words of one text; PostgreSQL takes a million


def vocabulary(text: str) -> list[str]:
    """The different words of a text, in lower case and without accents."""
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFD", text))
    words = " ".join(dict.fromkeys(word[:_LONGEST] for word in _WORD.findall(text.casefold())))
    return words.encode()[:_ROOM].decode(errors="ignore").split()


def index(connection: sa.Connection, owner: int, text: str) -> None:
    """Let the text be found by its words."""
    connection.execute(sa.delete(found).where(found.c.rowid == owner))
    words: Any = vocabulary(text)
    if connection.dialect.name == "postgresql":
        words = sa.func.array_to_tsvector(sa.cast(words, ARRAY(sa.Text)))
    else:
        words = " ".join(words)
    connection.execute(sa.insert(found).values(rowid=owner, words=words))


def forget(connection: sa.Connection, owner: int) -> None:
    """Let the text be found no more, and leave none of its words in the file."""
    connection.execute(sa.delete(found).where(found.c.rowid == owner))
    if connection.dialect.name == "sqlite":  # which else keeps them until it tidies up by itself
        connection.execute(sa.text("INSERT INTO found (found) VALUES ('optimize')"))


def holding(connection: sa.Connection, words: list[str]) -> sa.ColumnElement[bool]:
    """The condition on `found` that a text holds all the words, or such as begin with them."""
    # what stands in quotes is letters and digits: nothing in it can end the quotes
    if connection.dialect.name == "postgresql":
        return found.c.words.op("@@")(sa.cast(" & ".join(f"'{word}':*" for word in words), TSQUERY))
    return sa.literal_column("found").op("MATCH")(" AND ".join(f'"{word}"*' for word in words))
