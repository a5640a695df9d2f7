"""What attributes mean: which of them name keys, which count attempts, which are worth showing (pure)."""

import re
from functools import lru_cache

from app.core.errors import PayloadError
from collectors.receivers.business import KeyValue
from collectors.receivers.otlp_records import Value
from collectors.receivers.otlp_told import Told

# Attributes after the prefix, and the namespace of the key that each holds.
KEYS = {
    "order.id": "order",
    "order.ids": "order",
    "order.external_ref": "external_ref",
    "shipment.id": "fulfilment",
    "tracking.number": "tracking",
    "invoice.number": "invoice",
    "return.id": "return",
    "refund.id": "refund",
    "credit_memo.number": "creditmemo",
    "payment.reference": "payment",
    "item.sku": "sku",
    "item.gtin": "gtin",
    "store.id": "store",
    "location.id": "warehouse",
}
# The id inside a system is a key of that system's own namespace; `key.` and a namespace name any other.
INTERNAL_ID = "order.internal_id"
ANY_KEY = "key."

# What is worth showing beside an event; statements and addresses may hold personal data and are not.
SHOWN = (
    "db.collection.name",
    "db.namespace",
    "db.operation.name",
    "db.system.name",
    "deployment.environment.name",
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "messaging.consumer.group.name",
    "messaging.destination.name",
    "messaging.kafka.offset",
    "messaging.message.id",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.system",
    "service.namespace",
    "service.version",
)

# How many attempts there had been, in the words of one library or another: name, and what makes it count from 1.
ATTEMPTS = {"messaging.servicebus.message.delivery_count": 0, "http.request.resend_count": 1}

_UNFIT = re.compile(r"[^a-z0-9_-]+")


def read_keys(told: Told) -> dict[str, KeyValue | list[KeyValue]]:
    """Read the keys of a record by namespace."""
    beginning = f"{told.prefix}.{ANY_KEY}"
    others = {name: name.removeprefix(beginning) for name in told.values if name.startswith(beginning)}
    keys: dict[str, list[KeyValue]] = {}
    for name, namespace in (_namespaces(told.prefix, told.service) | others).items():
        if values := [_key_value(name, value) for value in told.all(name)]:
            keys.setdefault(namespace, []).extend(values)
    return {**keys}


@lru_cache(maxsize=1024)
def _namespaces(prefix: str, service: str) -> dict[str, str]:
    named = {f"{prefix}.{name}": namespace for name, namespace in KEYS.items()}
    return named | {f"{prefix}.{INTERNAL_ID}": f"{as_namespace(service)}.order"}


def read_attempt(told: Told) -> int | None:
    """Read which attempt it was, from 1."""
    names = {f"{told.prefix}.attempt": 0, **ATTEMPTS}
    for name, offset in names.items():
        value = told.first(name)
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
                raise PayloadError(f"{name} {value!r:.40} is not a number of attempts: send a whole number from 0")
            return value + offset
    return None


@lru_cache(maxsize=1024)
def as_namespace(service: str) -> str:
    """Write a service's name as the first word of a namespace: `NetSuite EU` is `netsuite-eu`."""
    word = _UNFIT.sub("-", service.lower()).strip("-_")
    return word if word[:1].isalpha() else f"service-{word}".rstrip("-")


def _key_value(name: str, value: Value) -> KeyValue:
    if isinstance(value, bool | dict | list):
        raise PayloadError(f"{name} is neither text nor a number, nor a list of them")
    return value
