"""The text filter language of lists, `channel:amazon-uk age:>4h value:>100`: reads it, and turns it into SQL (pure)."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Literal

from app.core.clock import parse_duration
from app.core.errors import PayloadError

Signs = Literal["<", "<=", ">", ">="]
_SIGNS: tuple[Signs, ...] = ("<=", ">=", "<", ">")


@dataclass(frozen=True, slots=True)
class Field:
    """A field that may be filtered by: text (choices limit it), age (a duration) or amount (a number)."""

    kind: Literal["text", "age", "amount"]
    example: str
    choices: tuple[str, ...] = ()
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """One bound of a quantity; ages are in seconds."""

    name: str
    sign: Signs
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """A filter, read: words without a field, values wanted of each field (any of them), and bounds (all of them)."""

    words: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()


def read_terms(text: str, fields: Mapping[str, Field]) -> Terms:
    """Read a filter; PayloadError says what is wrong with it and what was probably meant."""
    words: list[str] = []
    values: dict[str, tuple[str, ...]] = {}
    limits: list[Limit] = []
    for term in _split(text):
        name, colon, value = term.partition(":")
        if not colon:
            words.append(term)
        elif name not in fields:
            raise PayloadError(f"{name!r} is not something to filter by", _suggest(name, fields))
        elif not value:
            raise PayloadError(f"{name}: needs a value", f"For example {fields[name].example}")
        elif fields[name].kind == "text":
            values[name] = (*values.get(name, ()), _read_text(name, value, fields[name]))
        else:
            limits += _read_limits(name, value, fields[name])
    return Terms(tuple(words), values, tuple(limits))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word, or name them all."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    return f"Did you mean {close[0]}?" if close else f"Known are: {', '.join(names)}."


def conditions(terms: Terms, columns: Mapping[str, str]) -> tuple[list[str], dict[str, Any]]:
    """Write the filter as SQL conditions on the given expressions, with their parameters."""
    parts: list[str] = []
    parameters: dict[str, Any] = {}
    for name, values in terms.values.items():
        if name in columns:
            parts.append(_any_of(name, columns[name], values, parameters))
    for number, limit in enumerate(terms.limits):
        if limit.name in columns:
            parts.append(f"{columns[limit.name]} {limit.sign} :limit_{number}")
            parameters[f"limit_{number}"] = limit.amount
    return parts, parameters


def _split(text: str) -> list[str]:
    reader = shlex.shlex(text, posix=True, punctuation_chars=False)
    reader.whitespace_split, reader.commenters, reader.quotes, reader.escape = True, "", '"', ""
    try:
        return list(reader)
    except ValueError:
        raise PayloadError("a quotation mark is left open", 'For example owner:"ERP integration"') from None


def _suggest(name: str, fields: Mapping[str, Field]) -> str:
    close = get_close_matches(name, fields, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {fields[close[0]].example}?"
    return "You can filter by " + ", ".join(f"{known}:" for known in fields)


def _read_text(name: str, value: str, wanted: Field) -> str:
    clean = value.lower() if wanted.is_folded else value
    if wanted.choices and clean not in wanted.choices:
        raise PayloadError(f"{name}:{value} is not known", did_you_mean(clean, wanted.choices))
    return clean


def _read_limits(name: str, value: str, wanted: Field) -> list[Limit]:
    low, dots, high = value.partition("..")
    if dots:
        return [Limit(name, ">=", _amount(name, low, wanted)), Limit(name, "<", _amount(name, high, wanted))]
    sign = next((sign for sign in _SIGNS if value.startswith(sign)), None)
    if sign is None:
        raise PayloadError(f"{name}:{value} needs a comparison", f"For example {wanted.example}")
    return [Limit(name, sign, _amount(name, value[len(sign) :], wanted))]


def _amount(name: str, text: str, wanted: Field) -> Decimal:
    try:
        if wanted.kind == "age":
            return Decimal(parse_duration(text) // timedelta(microseconds=1)).scaleb(-6)
        amount = Decimal(text)
    except (ValueError, InvalidOperation, OverflowError):
        raise PayloadError(f"{name}: cannot read {text!r}", f"For example {wanted.example}") from None
    if not amount.is_finite():
        raise PayloadError(f"{name}: cannot read {text!r}", f"For example {wanted.example}")
    return amount


def _any_of(name: str, column: str, values: Sequence[str], parameters: dict[str, Any]) -> str:
    starts = [_escaped(value[:-1]) for value in values if value.endswith("*")]
    parameters[f"{name}_is"] = [value for value in values if not value.endswith("*")]
    if not starts:
        return f"{column} = ANY(CAST(:{name}_is AS text[]))"
    parameters[f"{name}_like"] = [f"{start}%" for start in starts]
    return f"({column} = ANY(CAST(:{name}_is AS text[])) OR {column} LIKE ANY(CAST(:{name}_like AS text[])))"


def _escaped(start: str) -> str:
    return start.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
