"""A check that was passed is remembered until a file, what was said of it, or the day is another one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from detector.remembered import LONGEST, Stamp


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setattr("sys.platform", "linux")
    return folder / "detector"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "a", tmp_path / "b\udcff"]
    for file in made:
        file.write_text("123", "utf-8")
    return made


def test_a_check_is_remembered_once_it_was_passed(home: Path, files: list[Path]) -> None:
    stamp = Stamp("x", "v1", files)
    assert not stamp.holds()
    stamp.leave()
    assert Stamp("x", "v1", files).holds()
    assert not Stamp("y", "v1", files).holds()
    assert not Stamp("x", "v2", files).holds()
    assert not Stamp("x", "v1", files[:1]).holds()


def _same_size_same_time(file: Path) -> None:
    known = file.stat()
    time.sleep(0.02)  # the clock of a file system is coarse
    file.write_text("124", "utf-8")
    os.utime(file, ns=(known.st_atime_ns, known.st_mtime_ns))


def _another_file_in_its_place(file: Path) -> None:
    other = file.with_name("other")
    other.write_text("124", "utf-8")
    other.replace(file)


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_text("1234", "utf-8"),
        lambda file: os.utime(file, ns=(1, 1)),
        _same_size_same_time,
        _another_file_in_its_place,
        lambda file: file.unlink(),
    ],
    ids=["longer", "other time", "same size and time", "replaced", "gone"],
)
def test_any_change_of_a_file_makes_it_void(
    home: Path, files: list[Path], change: Callable[[Path], object]
) -> None:
    Stamp("x", "v1", files).leave()
    change(files[0])
    assert not Stamp("x", "v1", files).holds()


def test_a_change_during_the_check_is_not_covered(home: Path, files: list[Path]) -> None:
    stamp = Stamp("x", "v1", files)
    files[0].write_text("changed meanwhile", "utf-8")
    stamp.leave()
    assert not Stamp("x", "v1", files).holds()


@pytest.mark.parametrize("age", [LONGEST + 1, -3600])
def test_after_a_day_the_check_is_repeated(home: Path, files: list[Path], age: int) -> None:
    Stamp("x", "v1", files).leave()
    then = time.time() - age
    (note,) = home.iterdir()
    os.utime(note, (then, then))
    assert not Stamp("x", "v1", files).holds()


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"v1"])
def test_a_damaged_note_counts_for_nothing(home: Path, files: list[Path], content: bytes) -> None:
    Stamp("x", "v1", files).leave()
    (note,) = home.iterdir()
    note.write_bytes(content)
    assert not Stamp("x", "v1", files).holds()


def test_of_a_missing_file_nothing_is_remembered(home: Path, files: list[Path]) -> None:
    files[1].unlink()
    stamp = Stamp("x", "v1", files)
    stamp.leave()
    assert not stamp.holds()
    assert not home.exists()


def test_a_home_that_cannot_be_written_to_costs_time_only(home: Path, files: list[Path]) -> None:
    home.parent.write_text("a file, no folder", "utf-8")
    stamp = Stamp("x", "v1", files)
    stamp.leave()
    assert not stamp.holds()


def test_without_any_home_nothing_is_remembered(
    monkeypatch: pytest.MonkeyPatch, home: Path, files: list[Path]
) -> None:
    def unknown(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "expanduser", unknown)
    stamp = Stamp("x", "v1", files)
    stamp.leave()
    assert not stamp.holds()
