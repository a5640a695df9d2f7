"""The business facts of a native event: its keys, its amount and its lines (pure)."""

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from app.core.errors import PayloadError
from app.core.money import parse_minor
from app.events.event import Line

MAX_KEYS = 200
MAX_KEY_LENGTH = 200
MAX_NUMBER_LENGTH = 40
MAX_QUANTITY = 10**12

_NAMESPACE = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")

Number = str | int | float
KeyValue = str | int | float | None


class Amount(Struct, frozen=True, gc=False):
    """An amount as sent: a decimal, best as text, and its ISO 4217 currency."""

    value: Number | None = None
    currency: str | None = None


class LineItem(Struct, frozen=True, gc=False):
    """One line of an order as sent."""

    sku: str | int
    quantity: int | float
    unit_price: Number | None = None


def read_amount(amount: Amount | None) -> tuple[int | None, str | None]:
    """Read the event's amount in minor units; a missing value is unknown, not nothing."""
    if amount is None:
        return None, None
    if not amount.currency:
        raise PayloadError("data.amount has no currency: add an ISO 4217 code such as USD")
    if amount.value is None:
        return None, _currency(amount.currency)
    minor = _minor("data.amount", amount.value, amount.currency)
    if minor < 0:
        raise PayloadError(
            f"data.amount is negative ({amount.value}): send it positive; the step says which way it goes"
        )
    return minor, amount.currency


def read_lines(lines: list[LineItem], currency: str | None) -> tuple[Line, ...]:
    """Read order lines; their prices are in the currency of the event's amount."""
    return tuple(_line(position, line, currency) for position, line in enumerate(lines))


def read_keys(
    keys: Mapping[str, KeyValue | list[KeyValue]] | None, subject: str | None, step: str
) -> tuple[tuple[str, str], ...]:
    """Read keys as (namespace, value), each once; an order's event may name its order as the subject instead."""
    found: list[tuple[str, str]] = []
    for namespace, value in keys.items() if keys else ():
        _check_namespace(namespace)
        if isinstance(value, list):
            # Only a list can name a key twice.
            found += dict.fromkeys((namespace, text) for one in value if (text := _key_text(namespace, one)))
        elif text := _key_text(namespace, value):
            found.append((namespace, text))
    if len(found) > MAX_KEYS:
        raise PayloadError(f"data.keys holds {len(found):,} keys, at most {MAX_KEYS} are taken: split the event")
    if not found and step.startswith("order."):
        return (("order", _subject_key(subject)),)
    return tuple(found)


def _subject_key(subject: str | None) -> str:
    if text := _key_text("order", subject):
        return text
    raise PayloadError("the event names no order: give data.keys.order, or the order id as subject")


@lru_cache(maxsize=1024)
def _check_namespace(namespace: str) -> None:
    if len(namespace) > MAX_KEY_LENGTH or not _NAMESPACE.fullmatch(namespace):
        raise PayloadError(
            f"data.keys: {namespace[:60]!r} is not a namespace: use lower-case words joined by dots, "
            "such as netsuite.salesorder"
        )


def _key_text(namespace: str, value: KeyValue) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        # Spreadsheets and some languages write whole numbers as 88121.0; the document is 88121.
        value = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    text = value.strip()
    if len(text) > MAX_KEY_LENGTH:
        raise PayloadError(f"data.keys.{namespace} has a value of {len(text):,} characters, at most {MAX_KEY_LENGTH}")
    return text


def _line(position: int, line: LineItem, currency: str | None) -> Line:
    name = f"data.lines[{position}]"
    if not -MAX_QUANTITY <= line.quantity <= MAX_QUANTITY or line.quantity != int(line.quantity):
        raise PayloadError(f"{name}.quantity {line.quantity} is not a whole number: send pieces")
    sku = str(line.sku).strip()
    if not sku or len(sku) > MAX_KEY_LENGTH:
        raise PayloadError(f"{name}.sku has {len(sku):,} characters: send 1 to {MAX_KEY_LENGTH}")
    if line.unit_price is None:
        return Line(sku, int(line.quantity))
    if currency is None:
        raise PayloadError(f"{name}.unit_price has no currency: send data.amount with a currency")
    return Line(sku, int(line.quantity), _minor(f"{name}.unit_price", line.unit_price, currency))


def _minor(name: str, value: Number, currency: str) -> int:
    text = str(value).strip()
    if len(text) > MAX_NUMBER_LENGTH or not _DECIMAL.fullmatch(text):
        raise PayloadError(f"{name} {text[:MAX_NUMBER_LENGTH]!r} is not a decimal number: write it as '99.50'")
    try:
        return _cached_minor(text, currency[:MAX_NUMBER_LENGTH])
    except ValueError as error:
        raise PayloadError(f"{name}: {error}") from None


# Prices repeat: a shop has a few hundred of them.
_cached_minor = lru_cache(maxsize=8192)(parse_minor)


def _currency(currency: str) -> str:
    _minor("data.amount", "0", currency)
    return currency
