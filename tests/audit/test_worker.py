"""What goes over the pipe between a guard and its worker."""

from __future__ import annotations

import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.audit.worker import Settings, read_frames, to_stream, write_frame
from detector.errors import ModelError, UsageError
from detector.sources.reading import Reading

FRAMES = st.lists(st.tuples(st.sampled_from([b"S", b"B", b"."]), st.binary(max_size=300)), max_size=6)


@given(FRAMES)
def test_frames_come_out_as_they_went_in(frames: list[tuple[bytes, bytes]]) -> None:
    pipe = io.BytesIO()
    for letter, body in frames:
        write_frame(pipe, letter, body)
    pipe.seek(0)
    assert list(read_frames(pipe)) == frames


@given(FRAMES, st.integers(0, 2_000))
def test_a_pipe_that_is_cut_gives_whole_frames_only(frames: list[tuple[bytes, bytes]], at: int) -> None:
    pipe = io.BytesIO()
    for letter, body in frames:
        write_frame(pipe, letter, body)
    found = list(read_frames(io.BytesIO(pipe.getvalue()[:at])))
    assert found == frames[: len(found)]
    if at >= len(pipe.getvalue()):
        assert found == frames


def test_batches_as_one_stream() -> None:
    one, two = (pa.RecordBatch.from_pydict({"a": [n]}) for n in (1, 2))
    assert pa.ipc.open_stream(to_stream(one, two)).read_all()["a"].to_pylist() == [1, 2]


def test_settings_survive_the_pipe() -> None:
    settings = Settings("a model", 0.2, ("plug", "site_clone"), True, "clinic.example", 3, 4)
    assert Settings.from_json(settings.to_json()) == settings
    assert Settings.from_json(settings.to_json().encode()) == settings
    assert settings.reading == Reading(careful=True, site="clinic.example")


def test_settings_that_cannot_be(settings: Settings) -> None:
    with pytest.raises(ModelError):
        Settings(model="/nowhere").load()
    with pytest.raises(UsageError):
        Settings(model=settings.model, ignore=("nothing_such",)).load()
