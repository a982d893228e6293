"""The fuzzers' own room: seeds and found inputs are read without a fault, shapes are packed as said, runs add up."""

from __future__ import annotations

import hashlib
import zipfile
from collections import defaultdict
from io import BytesIO
from pathlib import Path

import pytest

from fuzz import packing
from fuzz.checks import check_message
from fuzz.child import Faults, dictionary, place_of, watched
from fuzz.corpus import restore, stored
from fuzz.ledger import Ledger, Tally
from fuzz.mutate import Mutator
from fuzz.run import _tally
from fuzz.targets import TARGETS

FOUND: defaultdict[str, list[bytes]] = defaultdict(list)
for _name, _data in stored():
    FOUND[_name].append(_data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_read_without_a_fault(name: str) -> None:
    target = TARGETS[name]
    assert target.seeds()
    for seed in target.seeds():
        target(seed)


@pytest.mark.parametrize("name", sorted(FOUND))
def test_what_fuzzing_kept_is_read_without_a_fault(name: str) -> None:
    """A sample of the corpus, another one with every change of it; `python -m fuzz run` reads it whole."""
    by_chance = sorted(FOUND[name], key=lambda data: hashlib.sha1(data, usedforsecurity=False).digest())
    for data in by_chance[:40]:
        TARGETS[name](data)


def test_seeds_of_archives_are_sound() -> None:
    for name in ("docx", "odt", "xlsx", "wacz"):
        for seed in TARGETS[name].seeds():
            archive = packing.zipped(seed)
            assert zipfile.ZipFile(BytesIO(archive)).testzip() is None
            assert packing.zipped(archive) == archive
            assert packing.zipped(packing.parts(archive)) == archive


def test_what_no_document_may_be_is_seen() -> None:
    with pytest.raises(AssertionError, match="more than one line"):
        check_message(ValueError("a\nb"))


def test_a_fault_is_kept_once_with_its_smallest_input_and_the_run_goes_on(tmp_path: Path) -> None:
    def read(data: bytes) -> None:
        if data:
            raise KeyError(data[0])

    one_input = watched(read, Faults(tmp_path))
    for data in (b"abc", b"ab", b"", b"xyz"):
        one_input(data)
    (kept,) = tmp_path.glob("*.input")
    assert kept.read_bytes() == b"ab"
    assert "KeyError" in kept.with_suffix(".txt").read_text("utf-8")


def test_the_place_of_a_fault_is_in_our_code() -> None:
    with pytest.raises(AssertionError) as caught:
        check_message(ValueError(""))
    assert place_of(caught.value).startswith("AssertionError fuzz/checks.py:")


def test_a_mutation_is_the_same_for_the_same_seed_and_within_its_size() -> None:
    change = Mutator(["best cream near me"])
    for seed in range(200):
        once = change(b"The kettle belongs to Ruth. \xff", 100, seed)
        assert once == change(b"The kettle belongs to Ruth. \xff", 100, seed)
        assert len(once) <= 100


def test_a_dictionary_is_what_libfuzzer_reads() -> None:
    assert dictionary(["a\n", "", "é", "x" * 61]) == '"\\x61\\x0A"\n"\\xC3\\xA9"\n'


def test_what_a_run_has_done_is_read_from_its_log() -> None:
    log = "fuzz: started after 2.5 s, 120 MB\n#2\tINITED ft: 10 x\n"
    log += "#7\tNEW    cov: 3 ft: 31 corp\n#9\tREDUCE cov: 3 ft: 31 x\n"
    assert _tally(log, 10.0) == Tally(executions=9, new_paths=1, cpu_seconds=7.5, features=31, starts=1)
    assert _tally(f"{log}stat::number_of_executed_units: 12\n", 10.0).executions == 12


def test_runs_add_up(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    for _ in range(2):
        ledger = Ledger.read(path)
        ledger.add("text", Tally(executions=5, new_paths=1, cpu_seconds=1.5, features=9, corpus=4, starts=1))
        ledger.write(path)
    assert Ledger.read(path).tallies["text"] == Tally(10, 2, 3.0, 9, 4, 2)


def test_a_new_folder_begins_with_what_is_kept(tmp_path: Path) -> None:
    restore(tmp_path)
    kept = sum(1 for _ in tmp_path.glob("inputs/*/*"))
    assert kept == len({(name, data) for name, data in stored()})
