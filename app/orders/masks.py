"""Masks personal data in payloads: by the name of a field, by where it stands, and by how a value looks (pure)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MASK = "••••••"
MOST_SHOWN = 60_000

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+\d[\d\s().-]{6,}\d")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# A field is personal when the words of its name end like one of these; customerName and customer_name are the same.
_ENDINGS = tuple(
    tuple(ending.split("-"))
    for ending in re.findall(
        r"\S+",
        "email mail e-mail phone telephone tel mobile fax birthday dob first-name last-name full-name given-name "
        "family-name middle-name surname forename customer-name recipient-name contact-name user-name buyer-name "
        "addressee street address-1 address-2 address-3 addr-1 addr-2 line-1 line-2 zip postcode postal-code zip-code "
        "city town latitude longitude ip ip-address iban card-number gift-message note-attributes",
    )
)
# Everything inside these is about a person, but for the country, and what merely numbers or types it.
_PEOPLE = frozenset(
    {"address", "addresses", "customer", "buyer", "recipient", "consignee", "shipto", "billto", "contact", "shipping",
     "billing", "destination", "person"}
)  # fmt: skip
_HARMLESS = frozenset({"country", "currency", "type", "status", "locale", "language", "method", "carrier", "service"})
_KINDS = frozenset(
    {"stringValue", "boolValue", "intValue", "doubleValue", "bytesValue", "arrayValue", "kvlistValue", "values"}
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A payload as it may be read, and how many values were masked in it."""

    text: str
    hidden: int


class _Count:
    def __init__(self) -> None:
        self.hidden = 0

    def hide(self, _found: object = None) -> str:
        self.hidden += 1
        return MASK


def mask_payload(payload: bytes) -> Masked:
    """Mask a payload; what is not text is not shown at all."""
    count = _Count()
    try:
        content = payload.decode()
    except UnicodeDecodeError:
        return Masked(f"{len(payload):,} bytes that are not text", 0)
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return Masked(_cut(_mask_text(content, count)), count.hidden)
    masked = _mask(parsed, (), count, is_about_person=False)
    return Masked(_cut(json.dumps(masked, indent=2, ensure_ascii=False)), count.hidden)


def _mask(value: Any, name: tuple[str, ...], count: _Count, *, is_about_person: bool) -> Any:
    if isinstance(value, Mapping):
        inside = is_about_person or _is_person(name)
        return {
            key: _mask(one, _name_inside(value, key, name), count, is_about_person=inside) for key, one in value.items()
        }
    if isinstance(value, list):
        return [_mask(one, name, count, is_about_person=is_about_person) for one in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if _is_personal(name) or (is_about_person and not _is_harmless(name)) or _is_named_person(name, value):
        return count.hide()
    return _mask_text(value, count) if isinstance(value, str) else value


def _name_inside(value: Mapping[str, Any], key: str, name: tuple[str, ...]) -> tuple[str, ...]:
    """Name what stands under a key; an attribute of OpenTelemetry has its name beside it, and wraps it in its kind."""
    if key in _KINDS:
        return name
    beside = value.get("key") if key == "value" else None
    return _words(beside if isinstance(beside, str) else key)


def _mask_text(text: str, count: _Count) -> str:
    return _PHONE.sub(count.hide, _EMAIL.sub(count.hide, text))


def _words(key: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORDS.findall(key))


def _is_personal(name: tuple[str, ...]) -> bool:
    return any(name[-len(ending) :] == ending for ending in _ENDINGS)


def _is_person(name: tuple[str, ...]) -> bool:
    return "".join(name[-2:]) in _PEOPLE or (bool(name) and name[-1] in _PEOPLE)


def _is_named_person(name: tuple[str, ...], value: Any) -> bool:
    """A person or an address written out as one value; a short one is a country or a code."""
    return _is_person(name) and isinstance(value, str) and len(value) > 3 and not re.fullmatch(r"[0-9a-f]{8,}", value)


def _is_harmless(name: tuple[str, ...]) -> bool:
    return bool(_HARMLESS.intersection(name)) or name[-1:] == ("id",)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\n… {len(text) - MOST_SHOWN:,} more characters"
