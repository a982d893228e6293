"""What of this folder a wheel carries: CURRENT and the model that it names, at detector/models/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CurrentModelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by the build backend for every wheel; an editable install reads models/ in the checkout instead."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the current model to the files of the wheel."""
        current = Path(self.root, "models", "CURRENT")
        if version == "editable" or not current.is_file():
            return
        name = current.read_text("utf-8").strip()
        for source in ("CURRENT", name):
            build_data["force_include"][str(current.parent / source)] = f"detector/models/{source}"
