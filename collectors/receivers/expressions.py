"""Expressions of mappings: JMESPath behind an equals sign, checked when a mapping is saved (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError, LexerError, ParseError
from jmespath.functions import Functions
from jmespath.parser import ParsedResult

SIGN = "="
MESSAGE = frozenset({"id", "source", "type", "time", "subject", "data", "extensions"})
ITEM = frozenset({"item", "index"})
LINE = frozenset({"line"})
_FUNCTIONS = frozenset(Functions.FUNCTION_TABLE)
# What stands left of these is looked up in the message; what stands right, in what the left one found.
_CHAINS = {
    *("subexpression", "index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe"),
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A JMESPath expression, ready to be asked."""

    text: str
    parsed: ParsedResult

    def find(self, message: dict[str, Any]) -> Any:
        """Look up in a message; a ValueError says what is wrong."""
        try:
            return self.parsed.search(message)
        except JMESPathError as error:
            raise ValueError(_plain(str(error))) from None


def is_expression(value: object) -> bool:
    """Tell an expression from a literal: it begins with an equals sign, as in a spreadsheet."""
    return isinstance(value, str) and value.startswith(SIGN)


def read_expression(text: str, names: frozenset[str]) -> Expression:
    """Read `=…`; a ValueError says where it is wrong, and which function or name is not known here."""
    source = text.removeprefix(SIGN).strip()
    if not source:
        raise ValueError("nothing stands after the equals sign: write a path such as =data.order")
    try:
        parsed = jmespath.compile(source)
    except JMESPathError as error:
        raise ValueError(_explain(source, error)) from None
    for name in _functions(parsed.parsed):
        if name not in _FUNCTIONS:
            raise ValueError(f"there is no function {name}(){_meant(name, _FUNCTIONS)}")
    for name in _roots(parsed.parsed):
        if name not in names:
            advice = _meant(name, names) or f"; did you mean data.{name}?"
            raise ValueError(f"{name!r} is not known here, only {', '.join(sorted(names))}{advice}")
    return Expression(source, parsed)


def _explain(source: str, error: JMESPathError) -> str:
    if isinstance(error, LexerError):
        what = f"{str(error.message).lower()} at column {error.lexer_position + 1}"
        advice = ': put names with other signs in double quotes, such as data."order-no"'
        return f"{source!r}: {what}{advice if '-' in source else ''}"
    if not isinstance(error, ParseError):
        return f"{source!r}: {_plain(str(error))}"
    if error.lex_position >= len(source):
        return f"{source!r} ends too early"
    return f"{source!r}: {error.token_value!r} is not expected at column {error.lex_position + 1}"


def _plain(text: str) -> str:
    line = text.splitlines()[0].rstrip(":") if text else "it cannot be worked out"
    return line[:1].lower() + line[1:]


def _meant(name: str, known: frozenset[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _functions(node: Any) -> Iterator[str]:
    if node["type"] == "function_expression":
        yield node["value"]
    for child in _children(node):
        yield from _functions(child)


def _roots(node: Any) -> Iterator[str]:
    """Names that are looked up in the message itself."""
    if node["type"] == "field":
        yield node["value"]
    elif node["type"] != "expref":
        children = _children(node)
        for child in children[:1] if node["type"] in _CHAINS else children:
            yield from _roots(child)


def _children(node: Any) -> list[Any]:
    # The bounds of a slice are numbers, not nodes.
    return [child for child in node["children"] if isinstance(child, dict)]
