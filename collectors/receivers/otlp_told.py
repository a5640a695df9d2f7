"""The attributes that hold for one record: its own, its links', and those of its scope and resource (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from collectors.receivers.otlp_json import decode
from collectors.receivers.otlp_records import Carrier, Value, to_attributes

UNKNOWN_SERVICE = "unknown_service"

# Names that the semantic conventions have given up; where both are sent, the new one counts.
ALIASES = {
    "db.name": "db.namespace",
    "db.operation": "db.operation.name",
    "db.sql.table": "db.collection.name",
    "db.system": "db.system.name",
    "deployment.environment": "deployment.environment.name",
    "http.method": "http.request.method",
    "http.status_code": "http.response.status_code",
    "messaging.destination": "messaging.destination.name",
    "messaging.kafka.consumer.group": "messaging.consumer.group.name",
    "messaging.kafka.message.offset": "messaging.kafka.offset",
    "messaging.operation": "messaging.operation.type",
}

Attributes = Mapping[str, Value]
Place = Sequence[Attributes]
Values = Mapping[str, list[Value]]
_NOTHING: list[Value] = [None]
_SMALL = 64 * 1024


@dataclass(frozen=True, slots=True)
class Told:
    """The attributes that hold for a record, each as the first place in read order tells it.

    `own` are those of the record itself, `near` with its links; scope and resource speak for all that a process does.
    """

    prefix: str
    own: Attributes
    near: Values
    values: Values
    around: Place

    def all(self, name: str) -> list[Value]:
        """Read every value of an attribute."""
        return self.values.get(name, [])

    def first(self, name: str) -> Value:
        """Read one value."""
        return self.values.get(name, _NOTHING)[0]

    def text(self, name: str) -> str | None:
        """Read one value as text."""
        return _text(self.first(name))

    def retail(self, name: str) -> str | None:
        """Read one of the retail attributes as text."""
        return self.text(f"{self.prefix}.{name}")

    def near_retail(self, name: str) -> str | None:
        """Read one of the retail attributes as text, if it stands on the record or its links."""
        return _text(self.near.get(f"{self.prefix}.{name}", _NOTHING)[0])

    @property
    def service(self) -> str:
        """The system that speaks."""
        return _text(self.around[-1].get("service.name")) or UNKNOWN_SERVICE


def tell(prefix: str, near: Sequence[Place], scope: Attributes, resource: Attributes) -> Told:
    """Gather attributes: a nearer place hides what a farther one says; the links of a span are one place."""
    nearest = _gather(near)
    return Told(prefix, near[0][0], nearest, _gather(([scope], [resource])) | nearest, (scope, resource))


def _gather(places: Sequence[Place]) -> dict[str, list[Value]]:
    gathered: dict[str, list[Value]] = {}
    for place in reversed(places):
        here: dict[str, list[Value]] = {}
        for attributes in place:
            for name, value in attributes.items():
                if value is not None and value != "" and value != []:
                    here.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        gathered |= here
    return gathered


def _text(value: Value) -> str | None:
    return None if value is None else str(value).strip() or None


def modernise(attributes: dict[str, Value]) -> dict[str, Value]:
    """Add the new name of each attribute that has an old one."""
    for old in ALIASES.keys() & attributes.keys():
        attributes.setdefault(ALIASES[old], attributes[old])
    return attributes


def around_of(body: bytes) -> Attributes:
    """Read the attributes of a resource or a scope; those of one request are few, and large ones are not remembered."""
    return _remembered(body) if len(body) <= _SMALL else _around_of(body)


@lru_cache(maxsize=64)
def _remembered(body: bytes) -> Attributes:
    return _around_of(body)


def _around_of(body: bytes) -> Attributes:
    carrier: Carrier | None = decode(Carrier | None, body)
    return modernise(to_attributes(carrier.attributes if carrier else ()))
