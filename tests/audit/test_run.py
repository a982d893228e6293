"""The folder of a run: pinned, whole, and safe from other runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from detector.audit.run import RunFolder, number_of, part_name, whole, write_table
from detector.errors import OutputError, UsageError

PINNED = {
    "version": "1",
    "model": {"name": "m", "version": "1", "sha256": "0"},
    "inputs": {"kind": "folder", "sha256": "1"},
    "options": {"base_rate": 0.5},
}


def begun(path: Path, **changed: Any) -> RunFolder:
    run = RunFolder(path)
    run.begin(PINNED | changed)
    return run


def test_a_new_folder_is_made(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "a" / "b")
    assert run.begin(PINNED) is False
    assert run.info["state"] == "mapping"
    assert json.loads((run.path / "run.json").read_text()) == run.info
    assert run.parts() == set()


def test_the_same_run_goes_on(tmp_path: Path) -> None:
    begun(tmp_path / "out").note(started="today")
    again = RunFolder(tmp_path / "out")
    assert again.begin(PINNED) is True
    assert again.info["started"] == "today"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"version": "2"}, "differs in the version of detector"),
        ({"model": {"name": "other"}}, "differs in the model"),
        ({"inputs": {"kind": "folder", "sha256": "2"}}, "differs in the files of the crawl"),
        ({"options": {"base_rate": 0.4}}, "differs in the options"),
        ({"model": {}, "options": {}}, "differs in the model and the options"),
    ],
)
def test_another_run_refuses_to_mix(changed: dict[str, Any], says: str, tmp_path: Path) -> None:
    before = begun(tmp_path / "out").info
    with pytest.raises(UsageError, match=says) as refused:
        begun(tmp_path / "out", **changed)
    assert "name another folder" in str(refused.value)
    assert json.loads((tmp_path / "out" / "run.json").read_text()) == before


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match="holds other files; name a new or an empty folder"):
        begun(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["photo.jpg"]


def test_fetched_pages_are_no_other_files(tmp_path: Path) -> None:
    (tmp_path / "fetched").mkdir()
    assert RunFolder(tmp_path).begin(PINNED) is False


@pytest.mark.parametrize("content", ["", "{", "\x00", "[" * 100])
def test_a_damaged_run_json(content: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(UsageError, match="damaged"):
        begun(tmp_path)


@pytest.mark.parametrize("content", ["[]", "3", '"x"', "null", "{}"])
def test_a_run_json_of_something_else(content: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(UsageError):
        begun(tmp_path)
    assert (tmp_path / "run.json").read_text() == content


def test_what_a_cut_off_run_left_is_removed(tmp_path: Path) -> None:
    run = begun(tmp_path)
    write_table(pa.table({"a": [1]}), run.pages / part_name(3))
    left = [run.pages / ".part-000004.parquet.123.new", run.verdicts / ".part-000000.parquet.9.new"]
    left.append(tmp_path / ".run.json.77.new")
    for file in left:
        file.write_bytes(b"half")
    (tmp_path / ".work").mkdir()
    (tmp_path / ".work" / "tables.duckdb").write_bytes(b"half")
    del run  # a run that is in use keeps others out
    again = begun(tmp_path)
    assert not any(file.exists() for file in left)
    assert not (tmp_path / ".work").exists()
    assert again.parts() == {3}


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    run = begun(tmp_path)
    with pytest.raises(UsageError, match="another audit writes to"):
        begun(tmp_path)
    del run
    begun(tmp_path)


def test_a_run_that_was_cut_off_before_it_began(tmp_path: Path) -> None:
    (tmp_path / ".run.json.77.new").write_text("{")
    assert RunFolder(tmp_path).begin(PINNED) is False
    assert not (tmp_path / ".run.json.77.new").exists()


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole(tmp_path / "a") as file:  # noqa: PT012  cut off in the middle
        file.write_bytes(b"half")
        (tmp_path / "nothing").read_bytes()
    assert list(tmp_path.iterdir()) == []
    with whole(tmp_path / "a") as file:
        file.write_bytes(b"all")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"all"


def test_parts_are_known_by_their_number() -> None:
    assert [number_of(Path(part_name(n))) for n in (0, 7, 1_234_567)] == [0, 7, 1_234_567]


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="cannot be written"):
        begun(tmp_path / "out")


def test_a_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for path in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(OutputError, match=r"cannot be written .*; name another folder"):
            begun(path)
