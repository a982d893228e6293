"""Settings from a file: found where the work is, checked to the letter, and never silently passed over."""

from __future__ import annotations

import contextlib
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.errors import UsageError
from detector.settings import Settings, check, describe, find, read

EVERYTHING = """
ignore = ["readability", "plug"]
site = "example.org"
format = "jsonl"
fail-on = "review"
base-rate = 0.1
careful = true
baseline = "accepted.json"
model = "/models/mine"
with-text = true
allow-comments = true
"""


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


# Where it is found


def test_the_nearest_file_above_the_working_directory(tmp_path: Path) -> None:
    far = put(tmp_path / "detector.toml", "")
    assert find(tmp_path / "a" / "b") == far
    near = put(tmp_path / "a" / "pyproject.toml", "[tool.detector]\n")
    assert find(tmp_path / "a" / "b") == near


def test_detector_toml_wins_in_the_same_folder(tmp_path: Path) -> None:
    put(tmp_path / "pyproject.toml", "[tool.detector]\n")
    own = put(tmp_path / "detector.toml", "")
    assert find(tmp_path) == own


@pytest.mark.parametrize(
    "text", ["", "[project]\nname = 'x'\n", "[tool.other]\ndetector = 1\n", "tool = 3\n"]
)
def test_a_pyproject_that_says_nothing_is_passed_over(tmp_path: Path, text: str) -> None:
    put(tmp_path / "a" / "pyproject.toml", text)
    above = put(tmp_path / "detector.toml", "")
    assert find(tmp_path / "a") == above


def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path) -> None:
    put(tmp_path / "detector.toml", "")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    assert find(tmp_path / "repo" / "texts") is None
    inside = put(tmp_path / "repo" / "detector.toml", "")
    assert find(tmp_path / "repo" / "texts") == inside


def test_somebody_elses_broken_pyproject_is_none_of_our_business(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path / "pyproject.toml", "[project\n")
    assert find(tmp_path) is None
    put(tmp_path / "pyproject.toml", "[tool.detector\n")
    with pytest.raises(UsageError, match="not valid TOML"):
        find(tmp_path)


# What it says


@pytest.mark.parametrize("project", [False, True])
def test_every_key(tmp_path: Path, project: bool) -> None:
    name, head = ("pyproject.toml", "[tool.detector]\n") if project else ("detector.toml", "")
    assert Settings(**read(put(tmp_path / name, head + EVERYTHING))) == Settings(
        ignore=("readability", "plug"),
        site="example.org",
        format="jsonl",
        fail_on="review",
        base_rate=0.1,
        careful=True,
        baseline=tmp_path / "accepted.json",
        model=Path("/models/mine"),
        with_text=True,
        allow_comments=True,
    )


def test_a_partial_file_leaves_the_defaults(tmp_path: Path) -> None:
    assert Settings(**read(put(tmp_path / "detector.toml", "careful = true"))) == Settings(careful=True)
    assert Settings() == Settings(ignore=(), fail_on=None, baseline=None, allow_comments=False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ignor = []", "there is no key 'ignor'; did you mean ignore?"),
        ("fail_on = 'review'", "did you mean fail-on?"),
        ("[score]", "there is no key 'score'"),
        ("output = 'x'", "There are ignore, site, format, fail-on, base-rate,"),
        ("ignore = 'plug'", "ignore: must be a list of signals"),
        ("ignore = [1]", "ignore: must be a list of signals"),
        ("ignore = ['plugg']", "ignore: there is no signal 'plugg'; did you mean plug"),
        ("site = ''", "site: must be a string that is not empty"),
        ("format = 'xml'", "format: must be one of text, json, jsonl, html, sarif, github, not 'xml'"),
        ("fail-on = 'publish'", "fail-on: must be one of review, reject, not 'publish'"),
        ("base-rate = 1", "base-rate: must be a number between 0 and 1, not 1"),
        ("base-rate = nan", "base-rate: must be a number between 0 and 1"),
        ("base-rate = true", "base-rate: must be a number between 0 and 1"),
        ("careful = 1", "careful: must be true or false"),
        ("baseline = 3", "baseline: must be a string"),
        ("allow-private = true", "allow-private may not be set in a file: whoever can change the file"),
        ("careful = ", "not valid TOML"),
        ("careful = true\ncareful = false", "not valid TOML"),
        ("x = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(tmp_path: Path, line: str, message: str) -> None:
    file = put(tmp_path / "detector.toml", line + "\n")
    with pytest.raises(UsageError) as error:
        read(file)
    assert str(error.value).startswith(f"{file}: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    "line", [f"{'ignore' * 2000} = 1", f"format = '{'json' * 2000}'", f"ignore = ['{'x' * 9000}']"]
)
def test_a_message_repeats_only_the_beginning_of_what_is_long(tmp_path: Path, line: str) -> None:
    file = put(tmp_path / "detector.toml", line)
    with pytest.raises(UsageError) as caught:
        read(file)
    assert len(str(caught.value)) < 1_000


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "detector.toml").write_bytes(b"site = '\xff\xfe'")
    with pytest.raises(UsageError, match="not valid TOML"):
        read(tmp_path / "detector.toml")


def test_a_file_that_was_named_must_be_there_and_speak_to_us(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "detector.toml")
    with pytest.raises(UsageError, match=r"has no \[tool.detector\]"):
        read(put(tmp_path / "pyproject.toml", "[project]\n"))
    with pytest.raises(UsageError, match="must be a table"):
        read(put(tmp_path / "pyproject.toml", "[tool]\ndetector = 1\n"))


_KEYS = [line.split(" = ")[0] for line in EVERYTHING.split("\n") if line]
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()), st.just({"a": 1})
)


@settings(deadline=None)
@given(key=st.sampled_from([*_KEYS, "x", "allow-private"]), value=_VALUES)
def test_no_value_is_a_surprise(key: str, value: object) -> None:
    with contextlib.suppress(UsageError):
        Settings(**{key.replace("-", "_"): check(key, value, Path("folder"), "file: ")})


def test_described_settings_are_a_file_of_settings(tmp_path: Path) -> None:
    first = Settings(**read(put(tmp_path / "detector.toml", EVERYTHING)))
    shown = describe(first, {"careful": "detector.toml"})
    assert "careful = true  # detector.toml" in shown
    assert 'format = "jsonl"  # default' in shown
    assert Settings(**read(put(tmp_path / "again" / "detector.toml", shown))) == first
    assert "# site is not set" in describe(Settings(), {})
    assert tomllib.loads(describe(Settings(), {}))["base-rate"] == 0.5
