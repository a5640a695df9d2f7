"""The lock files name every package with its exact version and its hash, and no address."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.sweeps.sources import read

PYPROJECT = tomllib.loads(read(Path("pyproject.toml")))
RUNTIME = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["build-system"]["requires"]]
DEVELOPMENT = [*RUNTIME, *PYPROJECT["dependency-groups"]["dev"]]

PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; [^\\]+?)?(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)$",
    re.M,
)


@pytest.mark.parametrize(("lock", "wanted"), [("requirements.lock", RUNTIME), ("requirements-dev.lock", DEVELOPMENT)])
def test_python_lock_is_exact_and_complete(lock: str, wanted: list[str]) -> None:
    rest = PIN.sub("", read(Path(lock)))
    assert [line for line in rest.splitlines() if line and not line.startswith("#")] == []
    assert {project_name(requirement) for requirement in wanted} <= pins(lock).keys(), "run `make lock`"


def test_production_runs_what_was_tested() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_browser_lock_is_exact_and_has_no_addresses() -> None:
    wanted: dict[str, Any] = json.loads(read(Path("package.json")))
    locked: dict[str, Any] = json.loads(read(Path("package-lock.json")))["packages"]
    root = locked.pop("")
    assert root["dependencies"] == wanted["dependencies"]
    assert root["devDependencies"] == wanted["devDependencies"]
    assert [name for name, package in locked.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in locked.items() if "resolved" in package] == []


def pins(lock: str) -> dict[str, str]:
    return {project_name(found["name"]): found["version"] for found in PIN.finditer(read(Path(lock)))}


def project_name(requirement: str) -> str:
    """Take the name from a requirement, in its normal form."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()
