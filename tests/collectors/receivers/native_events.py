"""Native events for the tests of receivers: one good event, and how to make it differ."""

import json
from datetime import UTC, datetime
from typing import Any

from app.events.event import STEPS
from collectors.receivers.cloudevents_normalise import Limits, Mode, Reading, normalise

NOW = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
LIMITS = Limits(STEPS, max_event_bytes=64 * 1024)


def native(**changes: Any) -> dict[str, Any]:
    """The example of the documentation; keyword arguments replace attributes of the envelope."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": "e-17",
        "source": "/middleware/orders",
        "type": "retail.erp.order.posted",
        "time": "2026-11-23T10:15:00Z",
        "subject": "SO-1001",
        "data": {
            "keys": {"order": "SO-1001", "netsuite.salesorder": 88121, "sku": ["A-1", "B-2"]},
            "channel": "shopify-us",
            "system": "netsuite",
            "connector": "orders-to-netsuite",
            "outcome": "ok",
            "error": None,
            "attempt": 1,
            "duration_ms": 840,
            "amount": {"value": "99.50", "currency": "USD"},
            "promised_at": "2026-11-26T22:00:00Z",
            "lines": [{"sku": "A-1", "quantity": 2, "unit_price": "24.75"}],
            "attributes": {"http.response.status_code": 201},
        },
    }
    return event | changes


def with_data(**changes: Any) -> dict[str, Any]:
    """The same event with fields of its data replaced."""
    event = native()
    event["data"] |= changes
    return event


def read(event: Any) -> Reading:
    """Read one event in structured mode."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return normalise(Mode.STRUCTURED, body, (), LIMITS, NOW)
