"""Every template compiles, and every template, macro and part is used by something."""

import re
from functools import cache

import pytest
from jinja2 import nodes

from app.web.rendering import TEMPLATES, environment
from tests.sweeps.sources import files, read

NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file())
MACROS = [
    (name, macro.name)
    for name in NAMES
    for macro in environment().parse((TEMPLATES / name).read_text("utf-8")).find_all(nodes.Macro)
]


@cache
def python() -> str:
    return "\n".join(read(path) for folder in ("app", "collectors", "alerts") for path in files(".py", under=folder))


@cache
def tree(name: str) -> nodes.Template:
    return environment().parse((TEMPLATES / name).read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles(name: str) -> None:
    environment().get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_template_is_used(name: str) -> None:
    taken = {
        taken.template.value
        for other in NAMES
        for taken in tree(other).find_all((nodes.Extends, nodes.Include, nodes.FromImport, nodes.Import))
        if isinstance(taken.template, nodes.Const)
    }
    assert name in taken or f'"{name}"' in python() or name.startswith("notifications/")


@pytest.mark.parametrize(("name", "macro"), MACROS)
def test_macro_is_used(name: str, macro: str) -> None:
    elsewhere = [
        other
        for other in NAMES
        for taken in tree(other).find_all(nodes.FromImport)
        if isinstance(taken.template, nodes.Const) and taken.template.value == name and macro in imported(taken)
    ]
    at_home = [call for call in calls(name) if call == macro]
    assert elsewhere or at_home or re.search(rf"\.module\.{macro}\b", python())


@pytest.mark.parametrize("name", NAMES)
def test_imports_are_used(name: str) -> None:
    taken = {
        (each[1] if isinstance(each, tuple) else each)
        for found in tree(name).find_all(nodes.FromImport)
        for each in found.names
    }
    used = {found.name for found in tree(name).find_all(nodes.Name) if found.ctx == "load"}
    assert taken - used == set()


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".html")])
def test_no_inline_style_or_script(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")
    if not name.startswith("notifications/"):
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:|hx-on", text)
        assert not re.search(r"<script(?![^>]*(src=|application/json))", text)


def imported(taken: nodes.FromImport) -> set[str]:
    return {each[0] if isinstance(each, tuple) else each for each in taken.names}


def calls(name: str) -> list[str]:
    return [call.node.name for call in tree(name).find_all(nodes.Call) if isinstance(call.node, nodes.Name)]
