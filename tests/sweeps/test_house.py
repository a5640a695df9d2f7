"""The rules of the house that no linter knows: what a file says first, what none says, what only one may do."""

import ast
import re
from pathlib import Path

import pytest

from tests.sweeps.sources import ROOT, files, kept_files, read

PYTHON = files(".py")
PRODUCT = [path for path in PYTHON if path.parts[0] in {"app", "collectors", "alerts"}]
PICTURES = {".png", ".jpg", ".webp", ".ico", ".gif"}
TEXTS = [path for path in kept_files() if path.suffix not in PICTURES]

# Spelt in pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")
REGISTRIES = re.compile(r"\b(pypi|pythonhosted|npmjs|yarnpkg|golang|docker|ghcr|debian)\.(org|com|io)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.:})/-])/(work|root|home|Users|tmp)/\w")

NAMES_THAT_SAY_NOTHING = {"data", "info", "manager", "helper", "helpers", "utils", "util", "misc", "common"}
ONLY_HERE = [
    pytest.param(r"\bos\.(environ|getenv)\b", {"app/settings.py"}, id="settings read the environment"),
    pytest.param(r"\bdatetime\.(now|utcnow|today)\(", {"app/core/clock.py"}, id="the clock tells the time"),
    pytest.param(r"\.commit\(\)", {"app/core/database.py"}, id="the database commits"),
]


def test_modules_open_with_what_they_own() -> None:
    assert [str(path) for path in PYTHON if not ast.get_docstring(parsed(path))] == []


def test_package_files_hold_only_their_docstring() -> None:
    assert [str(path) for path in PYTHON if path.name == "__init__.py" and len(parsed(path).body) != 1] == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED, TEXTS) == []


def test_nothing_names_a_registry_or_a_machine() -> None:
    assert lines_with(REGISTRIES, TEXTS) == []
    assert lines_with(MACHINE_PATHS, TEXTS) == []


def test_patterns_find_what_they_look_for() -> None:
    assert MACHINE_PATHS.search("see /" + "tmp/x")
    assert not MACHINE_PATHS.search("GET https://pharos.example/home/x")
    assert REGISTRIES.search("https://registry." + "npmjs" + ".org/htmx.org")
    assert UNFINISHED.search("# " + "TO" + "DO: later")


def test_names_say_something() -> None:
    vague = [str(path) for path in PYTHON if path.stem in NAMES_THAT_SAY_NOTHING or re.search(r"_v\d+$", path.stem)]
    assert vague == []


@pytest.mark.parametrize(("pattern", "allowed"), ONLY_HERE)
def test_only_one_place_may(pattern: str, allowed: set[str]) -> None:
    others = [path for path in PRODUCT if str(path) not in allowed]
    assert lines_with(re.compile(pattern), others) == []


def test_pages_use_the_assets_that_make_installs() -> None:
    installed = set(re.findall(r"/([\w.-]+\.js)$", read(Path("scripts/assets")), flags=re.MULTILINE))
    pages = "\n".join(read(path) for path in files(".html", ".js", under="app"))
    assert set(re.findall(r"vendor/([\w.-]+\.js)", pages)) <= installed
    assert {name for name in installed if name not in pages} == set()


def test_continuous_integration_runs_make_test_and_nothing_else() -> None:
    commands = [
        line for line in read(Path(".ci/run")).splitlines() if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["make --no-print-directory test"]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def parsed(path: Path) -> ast.Module:
    return ast.parse(read(path), filename=str(path))


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path}:{number} {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]
