"""The tables of a model: counts within their precision, and arrays that are read, never run."""

from __future__ import annotations

import json
import mmap
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from detector.errors import ModelError
from detector.tables import EDGE, NUMBER, SPECIAL, UNKNOWN, CountTable, Tables, mix, pack

WORDS = ["the", "and", "skin", "collagen"]
ids = st.integers(0, 2**21 - 1)


def some_keys(number: int, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Distinct keys as word triples give them."""
    rng = np.random.default_rng(seed)
    return np.unique(pack(*rng.integers(0, 2**21, size=(3, number), dtype=np.int64).astype(np.int32)))


# --- keys ------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(left=st.tuples(ids, ids, ids), right=st.tuples(ids, ids, ids))
def test_different_triples_have_different_keys(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    keys = [pack(*(np.array([i], dtype=np.int32) for i in triple))[0] for triple in (left, right)]
    assert (keys[0] == keys[1]) == (left == right)


def test_the_key_of_a_single_id_is_the_id() -> None:
    assert pack(np.array([7], dtype=np.int32)).tolist() == [7]


def test_keys_of_all_combinations_by_broadcasting() -> None:
    left, right = np.array([[5], [6]], dtype=np.int32), np.array([[7, 8, 9]], dtype=np.int32)
    assert pack(left, right).shape == (2, 3)
    assert pack(left, right)[1, 2] == (6 << 21) + 9


@settings(deadline=None)
@given(arrays.arrays(np.uint64, st.integers(1, 50), elements=st.integers(0, 2**63 - 1), unique=True))
def test_mixing_never_makes_two_keys_one(keys: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> None:
    assert len(np.unique(mix(keys))) == len(keys)


def test_neighbouring_keys_are_spread_evenly() -> None:
    spread = mix(np.arange(100_000, dtype=np.uint64)) >> np.uint64(60)
    share = np.bincount(spread.astype(np.int64), minlength=16) / 100_000
    assert abs(share - 1 / 16).max() < 0.005


# --- counts ----------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.floats(1, 2**20, width=32), min_size=1, max_size=200))
def test_a_count_comes_back_within_its_precision(counts: list[float]) -> None:
    expected = np.array(counts, dtype=np.float32)
    keys = some_keys(len(counts) + 20)[: len(counts)]
    found = CountTable.build(keys, expected, load=0.2)[keys]
    lost = found == 0  # of an overfull bucket
    assert lost.mean() <= 0.1
    # half a step of the logarithm of count + 1
    assert (np.abs(np.log2(found[~lost] + 1) - np.log2(expected[~lost] + 1)) <= 0.5 / 12 + 1e-4).all()


def test_counts_of_many_keys_hold_their_six_percent_and_few_are_lost() -> None:
    keys = some_keys(50_000)
    counts = np.exp(np.random.default_rng(1).uniform(0.7, 12, len(keys))).astype(np.float32)
    found = CountTable.build(keys, counts)[keys]
    kept = found > 0
    assert kept.mean() > 0.9
    assert (np.abs(found[kept] + 1 - (counts[kept] + 1)) / (counts[kept] + 1)).max() < 0.06


def test_unknown_keys_read_as_never_seen() -> None:
    keys = some_keys(40_000)
    table = CountTable.build(keys, np.full(len(keys), 9, dtype=np.float32))
    strange = np.setdiff1d(some_keys(300_000, seed=5), keys)
    assert (table[strange] > 0).mean() < 1e-5


def test_an_overfull_bucket_keeps_the_largest() -> None:
    keys = some_keys(10)
    counts = np.array([3, 900, 5, 70, 2, 8000, 11, 100, 1, 6][: len(keys)], dtype=np.float32)
    table = CountTable.build(keys, counts, load=10.0)  # one bucket of four
    assert table.slots.shape == (1, 4)
    assert sorted(np.flatnonzero(table[keys]).tolist()) == [1, 3, 5, 7]


def test_the_order_of_the_keys_does_not_matter() -> None:
    keys = some_keys(5_000)
    counts = np.random.default_rng(2).integers(1, 30, len(keys)).astype(np.float32)
    shuffled = np.random.default_rng(3).permutation(len(keys))
    first, second = CountTable.build(keys, counts), CountTable.build(keys[shuffled], counts[shuffled])
    assert (first.slots == second.slots).all()


def test_no_keys_at_all() -> None:
    table = CountTable.build(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.float32))
    assert table[some_keys(100)].tolist() == [0.0] * 100


def test_asking_for_a_block_of_keys_gives_a_block_of_counts() -> None:
    keys = some_keys(12)[:12]
    table = CountTable.build(keys, np.arange(1, 13, dtype=np.float32), load=0.1)
    assert table[keys.reshape(3, 4)].tolist() == table[keys].reshape(3, 4).tolist()


def test_of_two_counts_with_one_fingerprint_the_larger_is_read() -> None:
    keys = some_keys(1)[:1]
    low, high = (
        CountTable.build(keys, np.array([count], dtype=np.float32)).slots[0, 0] for count in (3, 500)
    )
    for row in ([low, high, 0, 0], [0, high, 0, low]):
        table = CountTable(np.array([row], dtype=np.uint32))
        assert table[keys] == pytest.approx(500, rel=0.06)


# --- the folder ------------------------------------------------------------------------------------------------------


def header(text: str) -> bytes:
    """How a .npy file begins."""
    return b"\x93NUMPY\x01\0" + (len(text) + 1).to_bytes(2, "little") + text.encode() + b"\n"


@pytest.fixture
def small() -> Tables:
    counts = np.array([0, 50, 100, 6000, 3000, 40, 2], dtype=np.float32)
    pairs = CountTable.build(
        pack(np.array([3, 5], dtype=np.int32), np.array([5, 6], dtype=np.int32)),
        np.array([12, 30], dtype=np.float32),
    ).slots
    vocabulary = {w: k for k, w in enumerate(WORDS, start=SPECIAL)}
    return Tables(vocabulary, {"word_counts": counts, "pairs": pairs})


def test_what_was_saved_is_loaded(small: Tables, tmp_path: Path) -> None:
    small.save(tmp_path)
    loaded = Tables.load(tmp_path)
    assert loaded.vocabulary == small.vocabulary
    assert loaded.arrays.keys() == small.arrays.keys()
    for name, array in small.arrays.items():
        assert (loaded.arrays[name] == array).all()
        assert loaded.arrays[name].dtype == array.dtype
    assert loaded.words == WORDS
    assert [loaded.word(k) for k in range(SPECIAL, SPECIAL + 4)] == WORDS
    assert "pairs" in loaded
    assert "triples" not in loaded


def test_loaded_arrays_are_mapped_and_cannot_be_written(small: Tables, tmp_path: Path) -> None:
    small.save(tmp_path)
    for array in Tables.load(tmp_path).arrays.values():
        base: Any = array
        while isinstance(base, np.ndarray):
            base = base.base
        assert isinstance(base.obj if isinstance(base, memoryview) else base, mmap.mmap)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_saving_twice_writes_the_same_bytes(small: Tables, tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        small.save(tmp_path / name)
        contents.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1]


class Harmful:
    """Writes a file when unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_an_array_with_objects_is_refused_and_never_unpickled(small: Tables, tmp_path: Path) -> None:
    small.save(tmp_path)
    proof = tmp_path / "was-run"
    np.save(tmp_path / "harmful.npy", np.array([Harmful(proof)], dtype=object), allow_pickle=True)
    with pytest.raises(ModelError, match="cannot be read"):
        Tables.load(tmp_path)
    assert not proof.exists()


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    arrays.arrays(
        st.sampled_from([np.dtype(kind) for kind in ("<f2", ">f4", "u1", "<i8", "?", "int8", "<u4")]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    st.booleans(),
)
def test_any_plain_array_is_read_as_numpy_reads_it(
    tmp_path: Path, array: np.ndarray[Any, Any], by_columns: bool
) -> None:
    (tmp_path / "vocabulary.txt").write_text("the", "utf-8")
    np.save(tmp_path / "any.npy", np.asfortranarray(array) if by_columns else array)
    loaded, expected = Tables.load(tmp_path).arrays["any"], np.load(tmp_path / "any.npy")
    assert (loaded.dtype, loaded.shape) == (expected.dtype, expected.shape)
    assert loaded.flags.f_contiguous == expected.flags.f_contiguous
    assert loaded.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"no array",
        b"\x80\x04N.",
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }") + bytes(15),
        header("{'descr': 'O', 'fortran_order': False, 'shape': (1,), }") + bytes(8),
        header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }") + bytes(4),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }") + bytes(4),
        header("{'descr': '<f1', 'fortran_order': False, 'shape': (1,), }") + bytes(1),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 99999999999999999999), }"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (" + "0, " * 99 + "0,), }"),
        header("{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }") + bytes(3),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }") + bytes(4),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n") + bytes(4),
    ],
)
def test_what_is_no_array_is_refused(small: Tables, tmp_path: Path, content: bytes) -> None:
    small.save(tmp_path)
    (tmp_path / "pairs.npy").write_bytes(content)
    with pytest.raises(ModelError):
        Tables.load(tmp_path)


@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data[:200], lambda data: data + b"\0"]
)
def test_an_array_that_is_cut_off_or_too_long_is_refused_by_name(
    small: Tables, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    big = Tables(small.vocabulary, {**small.arrays, "triples": np.zeros((100, 4), dtype=np.uint32)})
    big.save(tmp_path)
    file = tmp_path / "triples.npy"
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(ModelError, match=r"cannot be read: triples\.npy is not as long as its header says"):
        Tables.load(tmp_path)


def test_a_folder_without_a_word_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        Tables.load(tmp_path)


def test_reading_tables_needs_nothing_of_the_trainer(small: Tables, tmp_path: Path) -> None:
    small.save(tmp_path)
    code = (
        "import sys, json, pathlib; from detector.tables import Tables;"
        "Tables.load(pathlib.Path(sys.argv[1])); print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, check=True, text=True)
    assert not {"pickle", "sklearn", "scipy"} & (set(json.loads(done.stdout)) - {"pickle"})


# --- words -----------------------------------------------------------------------------------------------------------


def test_ids_of_words_numbers_and_strangers(small: Tables) -> None:
    found = small.ids(["the", "collagen", "12", "3rd", "zebra"]).tolist()
    assert found == [3, 6, NUMBER, NUMBER, UNKNOWN]
    assert small.ids([]).tolist() == []


def test_a_rarer_word_has_more_bits(small: Tables) -> None:
    the, skin, collagen, zebra = small.rarity(["the", "skin", "collagen", "zebra"]).tolist()
    assert the < skin < collagen < zebra == 20
    assert the == pytest.approx(-np.log2(6001 / 9192), abs=1e-3)
    assert small.rarity(["1999"]).tolist() == [8]


def test_what_is_derived_from_tables_is_made_once_for_each_of_them(small: Tables) -> None:
    asked: list[Tables] = []

    def words(tables: Tables) -> int:
        asked.append(tables)
        return len(tables.vocabulary)

    other = Tables({"one": SPECIAL})
    assert [small.once(words), other.once(words), small.once(words)] == [4, 1, 4]
    assert [tables is small for tables in asked] == [True, False]


def test_without_a_model_every_word_is_unknown_and_nothing_was_counted() -> None:
    empty = Tables({})
    assert empty.rarity(["the", "1999"]).tolist() == [20, 20]
    assert empty.total == 1
    assert empty.pairs[pack(np.array([3], dtype=np.int32), np.array([4], dtype=np.int32))].tolist() == [0]
    assert empty.triples[pack(np.array([EDGE], dtype=np.int32))].tolist() == [0]


def test_counts_of_neighbours(small: Tables) -> None:
    pair = pack(np.array([5, 6], dtype=np.int32), np.array([6, 5], dtype=np.int32))
    found = small.pairs[pair].tolist()
    assert found[0] == pytest.approx(30, rel=0.06)
    assert found[1] == 0
