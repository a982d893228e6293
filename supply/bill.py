"""The bill of materials: what a user with every extra installs, as CycloneDX JSON."""

from __future__ import annotations

import json
from importlib.metadata import requires
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply.licences import Licensed, licence
from supply.locked import HERE, LOCKS, read_lock, requirements

FILE = HERE / "sbom.cdx.json"


def bill(packages: list[Licensed], project: str, version: str) -> dict[str, Any]:
    """The packages that users get, with licences and hashes, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).

    It holds no date and no random number, so that the same locks give the same bytes.
    """
    locked = read_lock("full")
    used = [p for p in packages if p.users != "test"]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project,
                "name": project,
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": _url(p),
                "name": p.name,
                "version": p.version,
                "purl": _url(p),
                # "required" is what every user gets, "optional" what an extra brings
                "scope": "required" if p.users == "base" else "optional",
                "licenses": [{"expression": licence(p)}],
                # of the files that a release consists of, one of which is installed
                "externalReferences": [
                    {
                        "type": "distribution",
                        "url": f"https://pypi.org/project/{p.name}/{p.version}/#files",
                        "hashes": [
                            {"alg": "SHA-256", "content": h.removeprefix("sha256:")}
                            for h in sorted(locked[p.name].hashes)
                        ],
                    }
                ],
            }
            for p in used
        ],
        "dependencies": [
            {"ref": project, "dependsOn": _refs(used, {r.name for r in requirements(LOCKS["full"])})},
            *({"ref": _url(p), "dependsOn": _refs(used, _asked_for(p.name))} for p in used),
        ],
    }


def _url(package: Licensed) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def _refs(packages: list[Licensed], names: set[str]) -> list[str]:
    wanted = {canonicalize_name(name) for name in names}
    return [_url(p) for p in packages if p.name in wanted]


def _asked_for(name: str) -> set[str]:
    """The packages that an installed package needs here; those of its extras are left out."""
    stated = map(Requirement, requires(name) or ())
    return {r.name for r in stated if r.marker is None or r.marker.evaluate({"extra": ""})}


def as_text(content: dict[str, Any]) -> str:
    """The bill as it stands in the file."""
    return json.dumps(content, indent=1) + "\n"
