"""Terms of a mapping: a literal or an expression, with a table of values, read as text, number or time (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from collectors.receivers.expressions import Expression

Scalar = str | int | float | bool | None
Message = dict[str, Any]
ISO = "iso"
UNIX = {"unix": 1, "unix_ms": 1000}
MOST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a mapping's document, its line, and the expression that stands there."""

    field: str
    line: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """What a field is filled with; a ValueError says why it cannot be."""

    place: Place
    literal: Scalar = None
    expression: Expression | None = None
    table: dict[str, Scalar] | None = None
    default: Scalar = None
    has_default: bool = False

    def find(self, message: Message) -> Any:
        """Look the value up, translate it by the table, and fall back on the default; None where nothing is said."""
        found = self.expression.find(message) if self.expression else self.literal
        if found is not None and self.table is not None:
            return self._translate(word(found))
        return self.default if found is None else found

    def text(self, message: Message) -> str | None:
        """Read text; numbers and truths are written as JSON writes them."""
        found = self.find(message)
        return None if found is None else word(found)

    def texts(self, message: Message) -> list[str]:
        """Read a text or a list of them; what is missing is left out."""
        found = self.find(message)
        return [word(one) for one in (found if isinstance(found, list) else [found]) if one is not None]

    def number(self, message: Message) -> Any:
        """Read a number that may be written as text; what is none is left for the native reading to refuse."""
        found = self.find(message)
        if isinstance(found, str):
            for kind in (int, float):
                try:
                    return kind(found)
                except ValueError:
                    continue
        return found

    def _translate(self, found: str) -> Scalar:
        table = self.table or {}
        if found in table:
            return table[found]
        if self.has_default:
            return self.default
        raise ValueError(f"gives {found[:MOST_SHOWN]!r}, which is not in its table: add it there, or a default")


@dataclass(frozen=True, slots=True)
class TimeTerm:
    """A term that is read as a time, in a form and, where it does not name its own, a zone."""

    term: Term
    form: str = ISO
    zone: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.term.place

    def time(self, message: Message) -> str | None:
        """Read a time and write it with its zone."""
        found = self.term.find(message)
        if found is None:
            return None
        text = word(found)
        return (_from_unix(text, UNIX[self.form]) if self.form in UNIX else self._from_text(text)).isoformat()

    def _from_text(self, text: str) -> datetime:
        try:
            # The zone is looked at next.
            moment = datetime.fromisoformat(text) if self.form == ISO else datetime.strptime(text, self.form)  # noqa: DTZ007
        except ValueError:
            wanted = "ISO 8601" if self.form == ISO else repr(self.form)
            raise ValueError(f"gives {text[:MOST_SHOWN]!r}, which is no time in the form {wanted}") from None
        if moment.tzinfo is None and self.zone is None:
            raise ValueError(f"gives {text!r}, a time without a zone: name it, such as zone: Europe/Berlin")
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.zone or ""))


def word(value: Any) -> str:
    """Write a value as text; a list or an object has no text."""
    if isinstance(value, dict | list):
        raise ValueError(f"gives {kind_of(value)}, not one value")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def kind_of(value: Any) -> str:
    """Name what a value is."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else repr(value if not isinstance(value, str) else value[:MOST_SHOWN])


def _from_unix(text: str, parts: int) -> datetime:
    try:
        return datetime.fromtimestamp(float(text) / parts, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"gives {text[:MOST_SHOWN]!r}, which is no number of seconds since 1970") from None
