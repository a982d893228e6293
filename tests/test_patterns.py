"""Patterns are compiled when they are used; every one that stands in the code can be."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
import re
from types import ModuleType

import pytest

import detector.signals
import detector.sources
from detector.patterns import _Pattern, regex


def test_a_pattern_does_what_a_compiled_one_does() -> None:
    word = regex(r"(\w)(\w+)", re.IGNORECASE)
    compiled = re.compile(r"(\w)(\w+)", re.IGNORECASE)
    for _ in range(2):  # the second time it is found at once
        assert word.findall("Ann met Ben") == compiled.findall("Ann met Ben")
        assert word.sub(r"\2\1", "Ann met") == "nnA etm"
        assert [m.span() for m in word.finditer("a bc", 1)] == [(2, 4)]
        assert (word.pattern, word.flags, word.groups) == (compiled.pattern, compiled.flags, compiled.groups)
    assert regex(rb"\d+").findall(b"a1b22") == [b"1", b"22"]


def test_nothing_is_compiled_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    monkeypatch.setattr(re, "compile", lambda pattern, flags: compiled.append(pattern))
    pattern = regex("never")
    assert compiled == []
    with pytest.raises(AttributeError):
        pattern.search("never")
    assert compiled == ["never"]


def test_a_pattern_can_be_copied_and_sent_to_a_worker() -> None:
    word = regex(r"\w+")
    assert copy.deepcopy(word).findall("a b") == pickle.loads(pickle.dumps(word)).findall("a b") == ["a", "b"]


def modules() -> list[ModuleType]:
    rooms = (detector.signals, detector.sources)
    return [
        importlib.import_module(f"{room.__name__}.{found.name}")
        for room in rooms
        for found in pkgutil.iter_modules(room.__path__)
    ]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_every_pattern_of_a_module_can_be_compiled(module: ModuleType) -> None:
    for value in vars(module).values():
        if isinstance(value, _Pattern):
            value.pattern  # noqa: B018  raises re.error
