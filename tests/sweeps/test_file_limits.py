"""Files and functions stay small enough to be read at one sitting."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sweeps.sources import files, read

FUNCTION_LINES = 40
Function = ast.FunctionDef | ast.AsyncFunctionDef

PYTHON = [path for path in files(".py") if not path.is_relative_to("migrations")]
MACROS = files(".html", under="app/templates/components")
TEMPLATES = [path for path in files(".html", ".txt", under="app/templates") if path not in MACROS]

LIMITS = [
    pytest.param(PYTHON, 300, id="python"),
    pytest.param(TEMPLATES, 120, id="templates"),
    pytest.param(MACROS, 60, id="macros"),
    pytest.param(files(".css"), 150, id="css"),
    pytest.param(files(".js", under="app"), 80, id="js"),
    pytest.param([path for path in PYTHON if path.name == "conftest.py"], 120, id="conftest"),
]


@pytest.mark.parametrize(("paths", "limit"), LIMITS)
def test_files_are_short(paths: list[Path], limit: int) -> None:
    assert paths, "nothing to measure: the folder was renamed or the pattern is wrong"
    too_long = {str(path): lines for path in paths if (lines := len(read(path).splitlines())) > limit}
    assert too_long == {}, f"longer than {limit} lines; split by noun"


def test_functions_are_short() -> None:
    too_long = {
        f"{path}:{function.lineno} {function.name}": lines
        for path in PYTHON
        for function in functions(path)
        if (lines := length(function)) > FUNCTION_LINES
    }
    assert too_long == {}, f"longer than {FUNCTION_LINES} lines; name the parts"


def test_a_function_is_measured_from_its_name_to_its_last_line() -> None:
    tree = ast.parse("@decorated\ndef outer():\n    def inner():\n        return 1\n    return inner\n")
    measured = {node.name: length(node) for node in ast.walk(tree) if isinstance(node, Function)}
    assert measured == {"outer": 4, "inner": 2}


def functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(read(path), filename=str(path))
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
