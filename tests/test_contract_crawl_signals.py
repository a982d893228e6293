"""The contract of the crawl signals, checked on every file in detector/signals/crawl: the docstring is the test.

The pages of an example are read as Markdown and looked at together, as an audit looks at them, with one exception: they
may have fewer words than a page that is scored. "Fires on" must give exactly the marked spans on exactly the marked
pages, "Quiet on" nothing of that signal.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from detector import explain, model, score
from detector.explain import Example
from detector.signals import crawl
from detector.sources.crawls.record import Record

NAMES = sorted(crawl.registry())

Look = Callable[..., Any]
every_signal = pytest.mark.parametrize("name", NAMES)


def examples() -> Iterator[object]:
    for name in NAMES:
        with contextlib.suppress(ValueError):  # `test_is_documented` says what is wrong
            for number, example in enumerate(explain.page(name).examples):
                yield pytest.param(name, example, id=f"{name}-{example.kind}-{number}")


@pytest.fixture(autouse=True)
def no_least_number_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples are for people, who would not read five pages of full length."""
    monkeypatch.setattr(score, "MIN_WORDS", 1)


@pytest.fixture
def current() -> Path:
    if not (model.models_folder() / "CURRENT").is_file():
        pytest.skip("there is no current model")
    return model.current_model()


def records(example: Example) -> Sequence[Record]:
    return [
        Record(f"{n}", f"example:{n}", page.text.encode(), ".md", page.url)
        for n, page in enumerate(example.pages)
    ]


def seen(results: Any, name: str) -> list[tuple[float | None, list[tuple[str, int, int]]]]:
    """Per page the signal's value and marked words, in the order of the crawl."""
    return [
        next(
            (
                (f["value"], [(s["text"], s["start"], s["end"]) for s in f["spans"]])
                for f in row["findings"]
                if f["signal"] == name
            ),
            (None, []),
        )
        for row in results.rows()
    ]


@every_signal
def test_is_documented(name: str) -> None:
    page = explain.page(name)
    assert page.kind == "crawl"
    assert page.summary.endswith(".")
    for heading, body in page.sections.items():
        assert body, heading
    assert {e.kind for e in page.examples} == {"fires", "quiet"}, "both sections need an example"
    for example in page.examples:
        assert len(example.pages) >= 2, "what one page shows alone is for a signal of a page"
        assert example.text.startswith("http")
    assert crawl.registry()[name].SAYS.endswith(".")


@pytest.mark.parametrize(("name", "example"), list(examples()))
def test_example(name: str, example: Example, look: Look, current: Path) -> None:
    found = seen(look(records(example), model=current), name)
    expected = [[(p.text[a:b], a, b) for a, b in sorted(p.spans)] for p in example.pages]
    assert [sorted(spans, key=lambda s: s[1]) for _, spans in found] == expected
    for (value, spans), page in zip(found, example.pages, strict=True):
        if example.kind == "quiet":
            assert value is None
        elif page.spans:
            assert value is not None
            assert math.isfinite(value)
            assert value > 0
        else:
            assert value is None or not spans


@every_signal
def test_an_empty_and_a_nearly_empty_crawl(name: str, look: Look, current: Path) -> None:
    for texts in ([], [""], ["word", "word"]):
        given = [
            Record(f"{n}", f"crawl:{n}", t.encode(), ".txt", f"https://a.example/{n}")
            for n, t in enumerate(texts)
        ]
        assert all(value is None for value, _ in seen(look(given, model=current), name))


def test_the_folder_is_the_registry() -> None:
    folder = Path(crawl.__file__).parent
    assert set(crawl.registry()) == {p.stem for p in folder.glob("*.py") if not p.stem.startswith("_")}


def test_signals_stand_behind_those_they_read() -> None:
    known: set[str] = set()
    for name, signal in crawl.registry().items():
        assert set(getattr(signal, "AFTER", ())) <= known
        known.add(name)
