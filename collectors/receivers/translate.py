"""Translates a message by a mapping: its values become native documents, its faults name line and field (pure)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from app.core.errors import PayloadError
from app.core.money import exponent
from collectors.receivers.mapping import Amount, Each, Lines, Mapping, Shape
from collectors.receivers.terms import MOST_SHOWN, Message, Place, Term, TimeTerm

PREFIX = "retail."
Found = TypeVar("Found")


class MappingError(PayloadError):
    """What a mapping could not read: where in its document, of which item, and why."""

    def __init__(self, mapping: str, place: Place, problem: str, item: int | None = None) -> None:
        which = "" if item is None else f"item {item}: "
        quoted = f"{place.text} " if place.text else ""
        super().__init__(f"mapping {mapping!r}, line {place.line}, {place.field}: {which}{quoted}{problem}")
        self.place, self.problem, self.item = place, problem, item


@dataclass(frozen=True, slots=True)
class Translation:
    """What a message became: native documents, each with the number of its item, and what could not be read."""

    documents: list[tuple[int | None, Message]] = field(default_factory=list)
    problems: list[MappingError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Look:
    """One message, or one item of it, under one mapping: asks terms, and says where they fail."""

    mapping: str
    message: Message
    item: int | None = None

    def text(self, term: Term | None) -> str | None:
        return None if term is None else self._ask(term.place, term.text)

    def texts(self, term: Term) -> list[str]:
        return self._ask(term.place, term.texts)

    def number(self, term: Term | None) -> Any:
        return None if term is None else self._ask(term.place, term.number)

    def value(self, term: Term | None) -> Any:
        return None if term is None else self._ask(term.place, term.find)

    def time(self, term: TimeTerm | None) -> str | None:
        return None if term is None else self._ask(term.place, term.time)

    def items(self, each: Each) -> list[Any]:
        return self._ask(each.place, each.items)

    def at(self, **more: Any) -> "Look":
        """Look closer: at a message in which more names are known."""
        return Look(self.mapping, {**self.message, **more}, self.item)

    def fail(self, place: Place, problem: str) -> MappingError:
        return MappingError(self.mapping, place, problem, self.item)

    def _ask(self, place: Place, read: Callable[[Message], Found]) -> Found:
        try:
            return read(self.message)
        except ValueError as error:
            raise self.fail(place, str(error)) from None


def translate(mapping: Mapping, message: Message) -> Translation:
    """Turn a message into native documents; an item that cannot be read takes nothing from the others."""
    made = Translation()
    first: dict[str, int | None] = {}
    try:
        looks = list(_looks(mapping, message))
    except MappingError as problem:
        return Translation(problems=[problem])
    for look in looks:
        try:
            document = _document(look, mapping.shape)
            other = first.setdefault(document["id"], look.item)
            if other != look.item:
                place = mapping.shape.id.place if mapping.shape.id else mapping.place_of("id")
                raise look.fail(place, f"gives the id of item {other} again: put something of the item into it")
            made.documents.append((look.item, document))
        except MappingError as problem:
            made.problems.append(problem)
    return made


def _looks(mapping: Mapping, message: Message) -> Iterator[Look]:
    whole = Look(mapping.name, message)
    if mapping.each is None:
        yield whole
        return
    for number, item in enumerate(whole.items(mapping.each)):
        yield Look(mapping.name, {**message, "item": item, "index": number}, number)


def _document(look: Look, shape: Shape) -> Message:
    step, message = look.text(shape.step), look.message
    if not step:
        raise look.fail(shape.step.place, "gives no step")
    own_id = message["id"] if look.item is None else f"{message['id']}/{look.item}"
    return {
        "specversion": "1.0",
        "type": PREFIX + step.removeprefix(PREFIX),
        "id": look.text(shape.id) if shape.id else own_id,
        "source": look.text(shape.source) if shape.source else message["source"],
        "subject": look.text(shape.subject) if shape.subject else message["subject"],
        "time": look.time(shape.time) if shape.time else message["time"],
        "data": {
            "keys": _keys(look, shape.keys),
            **{name: look.text(term) for name, term in shape.texts.items()},
            **{name: look.number(term) for name, term in shape.numbers.items()},
            "amount": _amount(look, shape.amount) if shape.amount else None,
            "promised_at": look.time(shape.promised_at),
            "lines": list(_lines(look, shape.lines)) if shape.lines else None,
            "attributes": {name: look.value(term) for name, term in shape.attributes.items()} or None,
        },
    }


def _keys(look: Look, terms: dict[str, Term]) -> dict[str, str | list[str]]:
    """Read the keys; one may be missing, but an event that nothing can be found by is an error."""
    given = {namespace: look.texts(term) for namespace, term in terms.items()}
    found = {namespace: texts if len(texts) > 1 else texts[0] for namespace, texts in given.items() if texts}
    if terms and not found:
        place = Place("event.keys", min(term.place.line for term in terms.values()))
        raise look.fail(place, f"none of {', '.join(terms)} gives a value")
    return found


def _amount(look: Look, amount: Amount) -> Message | None:
    currency = look.text(amount.currency)
    value = look.value(amount.value) if amount.value else _from_minor(look, amount.minor, currency or "")
    return None if value is None and currency is None else {"value": value, "currency": currency}


def _from_minor(look: Look, term: Term | None, currency: str) -> str | None:
    text = look.text(term)
    if term is None or text is None:
        return None
    try:
        minor = Decimal(text)
        if minor != int(minor):
            raise InvalidOperation
    except (InvalidOperation, ValueError, OverflowError):
        raise look.fail(term.place, f"gives {text[:MOST_SHOWN]!r}, not a whole number of minor units") from None
    return format(minor.scaleb(-exponent(currency)), "f")


def _lines(look: Look, lines: Lines) -> Iterator[Message]:
    for line in look.items(lines.each):
        closer = look.at(line=line)
        yield {
            "sku": closer.text(lines.sku),
            "quantity": closer.number(lines.quantity),
            "unit_price": closer.value(lines.unit_price),
        }
