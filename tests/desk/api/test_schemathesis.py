"""Requests that the description allows, and many that it does not: never a fault, and never an answer that it does
not describe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("schemathesis")
# A batch that is deleted is stopped and can still be read. What is described as valid may still be refused with 422:
# a place that does not stand in the text, an address that is none, a mark of another list.
LEFT_OUT = "positive_data_acceptance,use_after_free"
# Whatever bytes a field holds that should be a file are one.
SETTINGS = """
[[operations]]
include-path-regex = "file|archive"
[operations.checks.negative_data_rejection]
enabled = false
"""


@pytest.mark.parametrize("phase", ["coverage,fuzzing", "stateful"])
def test_the_desk_answers_as_it_says(desk: Any, tmp_path: Path, phase: str) -> None:
    (tmp_path / "schemathesis.toml").write_text(SETTINGS)
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{desk.url}/openapi.json", "--no-color", "--seed", "1",
        "--max-examples", "8", "--phases", phase, "--exclude-checks", LEFT_OUT, "--warnings", "off",
        "--suppress-health-check", "all", "--generation-database", "none", "--request-timeout", "60",
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=600)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
    desk.stop()
    assert len(desk.said) == 1, desk.said  # where it listens, and no trouble
