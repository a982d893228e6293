"""What the tests of likeness share: texts of their own, and submissions in a few words."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from detector.desk.similar import traces
from detector.desk.store import ArchivePage, Store
from detector.document import Document

Send = Callable[..., str]
Article = Callable[..., str]

LITTLE = "the of and to in is that for it was on with as be by are this at from or not but they which you can".split()


@pytest.fixture(scope="session")
def article() -> Article:
    """Makes texts of invented words: article(seed, sentences=20), in paragraphs of four sentences; with another seed
    nothing is the same."""

    def make(seed: int, sentences: int = 20) -> str:
        rng = random.Random(seed)

        def word() -> str:
            if rng.random() < 0.4:
                return rng.choice(LITTLE)
            return "".join(
                rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.choice((2, 3, 3, 4)))
            )

        told = [
            " ".join(word() for _ in range(rng.randrange(8, 20))).capitalize() + "." for _ in range(sentences)
        ]
        return "\n\n".join(" ".join(told[k : k + 4]) for k in range(0, sentences, 4))

    return make


@pytest.fixture(scope="session")
def spin() -> Callable[[str], str]:
    """Exchanges every third word that is no little one for another."""

    def spun(text: str) -> str:
        words = text.split(" ")
        told = [k for k, w in enumerate(words) if w.isalpha() and w.islower() and w not in LITTLE]
        for k in told[::3]:
            words[k] = words[k][::-1] + "y"
        return " ".join(words)

    return spun


@pytest.fixture
def send(store: Store) -> Send:
    """Sends a text in and answers it: send(text or document, author=..., title=...) gives the id."""

    def sent(text: str | Document, **more: str) -> str:
        document = text if isinstance(text, Document) else Document.from_text(text)
        id = store.add(b"", **{"form": "text", "name": "post.txt"} | more).id  # type: ignore[arg-type]
        verdict = {"outcome": "publish", "score": 0.1, "words": len(document.tokens), "findings": []}
        model = {"name": "tiny", "version": "1.0.0", "sha256": "0"}
        store.answer(
            id, document=document.to_dict(), verdict=verdict | {"model": model}, traces=traces(document)
        )
        return id

    return sent


@pytest.fixture
def publish(store: Store) -> Callable[[str, str], None]:
    """Puts a text into the archive: publish(key, text)."""

    def published(key: str, text: str) -> None:
        hashes = traces(Document.from_text(text))
        store.add_archive([ArchivePage(key, f"About {key}", f"https://site.example/{key}", text, hashes)])

    return published
