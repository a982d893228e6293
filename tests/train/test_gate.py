"""The gate: floors that a model must keep, and the current model keeping them."""

from __future__ import annotations

import gzip
import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from detector import model
from detector.cli import main
from detector.errors import UsageError
from detector.score import Detector
from detector.train import gate
from detector.train.gate import Floor, Result

ROOT = Path(__file__).parents[2]
FLOORS = ROOT / "models" / "floors.toml"
SHARED = ROOT.parent / "shared"


# --- the current model -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results() -> dict[Floor, Result]:
    """What the current model keeps."""
    if not (model.models_folder() / "CURRENT").is_file():
        pytest.skip("there is no current model")
    found = gate.gate(FLOORS, corpus=ROOT / "corpus", data=SHARED / "data", examples=SHARED / "source_set")
    return {result.floor: result for result in found}


@pytest.mark.parametrize("floor", gate.read(FLOORS), ids=lambda f: f"{f.part}: {f.figure}")
def test_the_current_model_keeps_the_floor(results: dict[Floor, Result], floor: Floor) -> None:
    result = results[floor]
    if result.skipped:
        pytest.skip(result.skipped)
    assert result.kept, str(result)


@pytest.mark.parametrize("part", gate.PARTS)
def test_every_part_has_floors(part: str) -> None:
    assert any(floor.part == part for floor in gate.read(FLOORS))


# --- how it works ----------------------------------------------------------------------------------------------------


def floors_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "floors.toml"
    path.write_text(text, "utf-8")
    return path


def test_floors_are_read_part_by_part(tmp_path: Path) -> None:
    path = floors_of(tmp_path, '[stored]\n"a.b" = ">= 0.5"\n[unseen]\npairs = "<= 7"\n')
    assert gate.read(path) == [Floor("stored", "a.b", ">= 0.5"), Floor("unseen", "pairs", "<= 7")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no floor"),
        ("[stored\n", "is no TOML"),
        ('[elsewhere]\na = ">= 1"\n', "there is no part [elsewhere]"),
        ("[stored]\na = 0.5\n", 'a must be a rule such as ">= 0.9", not 0.5'),
        ('[stored]\na = "> 0.5"\n', "must be a rule"),
        ('[stored]\na = ">= high"\n', "must be a rule"),
        ('stored = ">= 1"\n', "there is no part [stored]"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        gate.read(floors_of(tmp_path, text))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the floors cannot be read"):
        gate.read(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("rule", "value", "kept"),
    [(">= 0.5", 0.5, True), (">= 0.5", 0.49, False), ("<= 3", 3, True), ("<= 3", 3.01, False)],
)
def test_a_rule_holds_at_its_own_number(rule: str, value: float, kept: bool) -> None:
    found = {"stored": {"a": {"b": value}}}
    assert gate.held([Floor("stored", "a.b", rule)], found)[0].kept is kept


def test_a_figure_that_is_gone_breaks_its_floor() -> None:
    (result,) = gate.held([Floor("stored", "a.b", "<= 9")], {"stored": {"a": 1}})
    assert not result.kept
    assert "BROKEN" in str(result)
    assert "not there" in str(result)


def test_what_could_not_be_measured_is_skipped_with_the_reason() -> None:
    (result,) = gate.held([Floor("honest", "a", "<= 9")], {}, {"honest": "without --data"})
    assert result.kept
    assert str(result) == "skipped honest: a <= 9 (without --data)"


def test_floors_of_parts_that_nobody_looked_at_are_left_alone() -> None:
    assert gate.held([Floor("honest", "a", "<= 9")], {"stored": {}}) == []


@pytest.fixture
def measured(tiny_model: Path) -> Path:
    """The small model with figures."""
    sha256 = Detector.load(tiny_model).model.sha256
    figures = {"model": {"sha256": sha256}, "auc": 0.9}
    (tiny_model / "metrics.json").write_text(json.dumps(figures), "utf-8")
    return tiny_model


def data_of(tmp_path: Path, text: str) -> Path:
    data = tmp_path / "data"
    (data / "legit").mkdir(parents=True)
    with gzip.open(data / "legit" / "bbc_news.jsonl.gz", "wt", encoding="utf-8") as file:
        for k in range(40):
            file.write(json.dumps({"id": str(k), "text": text, "source": "s"}) + "\n")
    with tarfile.open(data / gate.HTML_PAGES, "w:xz") as archive:
        for name in ("pages/aeb_1.html", "pages/aeb_1.truth.txt", "pages/clinic_2.html"):
            page = "".join(f"<p>{p}</p>" for p in text.split("\n\n")).encode()
            member = tarfile.TarInfo(name)
            member.size = len(page)
            archive.addfile(member, BytesIO(page))
    return data


def test_all_parts_are_measured_with_the_model_itself(
    measured: Path, tmp_path: Path, plain_text: str
) -> None:
    examples = tmp_path / "examples"
    examples.mkdir()
    (examples / "a.txt").write_text(plain_text, "utf-8")
    unseen = tmp_path / "corpus" / "unseen"
    (unseen / "texts").mkdir(parents=True)
    (unseen / "texts" / "a.md").write_text(plain_text, "utf-8")
    (unseen / "labels.jsonl").write_text(json.dumps({"id": "a", "pair": "a", "verdict": "publish"}) + "\n")
    rules = "\n".join(
        [
            '[stored]\nauc = ">= 0.8"',
            '[unseen]\n"good.pages" = ">= 1"',
            f'[honest]\npages = ">= {gate.OF_A_FILE}"',
            '[news]\npages = "<= 1"',
            '[examples]\npages = ">= 2"',
        ]
    )
    found = gate.gate(
        floors_of(tmp_path, rules),
        model=measured,
        corpus=tmp_path / "corpus",
        data=data_of(tmp_path, plain_text),
        examples=examples,
    )
    assert [(r.floor.part, r.value, r.kept) for r in found] == [
        ("stored", 0.9, True),
        ("unseen", 1, True),
        ("honest", gate.OF_A_FILE, True),
        ("news", 1, True),
        ("examples", 1, False),
    ]


def test_figures_of_another_model_are_not_believed(measured: Path, tmp_path: Path) -> None:
    (measured / "metrics.json").write_text('{"model": {"sha256": "other"}, "auc": 1}', "utf-8")
    with pytest.raises(UsageError, match="figures of another model"):
        gate.gate(floors_of(tmp_path, '[stored]\nauc = ">= 0.8"\n'), model=measured, corpus=tmp_path)


def test_a_model_without_figures_keeps_no_stored_floor(tiny_model: Path, tmp_path: Path) -> None:
    (result,) = gate.gate(
        floors_of(tmp_path, '[stored]\nauc = ">= 0.8"\n'), model=tiny_model, corpus=tmp_path
    )
    assert not result.kept


@pytest.mark.parametrize(("floor", "code"), [(">= 0.8", 0), (">= 0.95", 1)])
def test_the_command_says_every_floor_and_fails_on_a_broken_one(
    measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], floor: str, code: int
) -> None:
    path = floors_of(tmp_path, f'[stored]\nauc = "{floor}"\n[honest]\npages = ">= 1"\n')
    assert main(["gate", str(path), "--model", str(measured), "--corpus", str(tmp_path)]) == code
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("BROKEN" if code else "kept")
    assert lines[1].endswith("(without --data)")


def test_a_folder_of_data_that_is_not_there_is_no_reason_to_fail(measured: Path, tmp_path: Path) -> None:
    found = gate.gate(
        floors_of(tmp_path, '[honest]\npages = ">= 1"\n[examples]\npages = ">= 1"\n'),
        model=measured,
        corpus=tmp_path,
        data=tmp_path / "none",
        examples=tmp_path / "none",
    )
    assert all(r.skipped and r.kept for r in found)
