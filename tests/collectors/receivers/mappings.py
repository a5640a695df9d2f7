"""A mapping for the tests: the shipped example of a warehouse, a message that it takes, and how to make them differ."""

from datetime import UTC, datetime
from typing import Any

from app.core.documents import DocumentError
from app.events.event import STEPS
from collectors.mappings.queries import shipped_examples
from collectors.receivers.cloudevents_normalise import Limits
from collectors.receivers.mapping import Mapping
from collectors.receivers.mapping_file import read_mapping
from collectors.receivers.terms import Message
from collectors.receivers.translate import translate

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIMITS = Limits(STEPS)
WMS = shipped_examples()["wms-shipments"]
SHORT = "mapping: short\nevent:\n  step: order.placed\n"


def shipment(**changes: Any) -> dict[str, Any]:
    """What the warehouse sends; keyword arguments replace fields of its data."""
    parcels = [
        {"tracking": f"1Z{number}", "carrier": "UPS", "lines": [{"article": f"A-{number}", "pieces": "2"}]}
        for number in (1, 2)
    ]
    content = {
        "confirmation": "C-7",
        "order_no": "SO-1001",
        "shop": 10,
        "status": "CONFIRMED",
        "shipped_at": "23.11.2026 10:15",
        "parcels": parcels,
    }
    return {
        "specversion": "1.0",
        "id": "w-1",
        "source": "/wms/berlin",
        "type": "com.northwind.wms.shipment.confirmed",
        "time": "2026-11-23T09:16:00Z",
        "data": {**content, **changes},
    }


def message(**content: Any) -> Message:
    """A message as expressions see it."""
    known = {"id": "m-1", "source": "/shop", "type": "x", "time": None, "subject": None, "extensions": {}}
    return {**known, "data": content}


def mapping_of(*fields: str, head: str = "mapping: short\n") -> Mapping:
    """A mapping with these lines in its event, after the step."""
    return read_mapping(head + "event:\n  step: order.placed\n" + "".join(f"  {field}\n" for field in fields), STEPS)


def problems_of(text: str) -> list[str]:
    """What is wrong with a document."""
    try:
        read_mapping(text, STEPS)
    except DocumentError as error:
        return error.problems
    return []


def document_of(mapping: Mapping, given: Message) -> Message:
    """The one native document that a message becomes."""
    translation = translate(mapping, given)
    assert [problem.message for problem in translation.problems] == []
    ((_, document),) = translation.documents
    return document


def complaints(mapping: Mapping, given: Message) -> list[str]:
    """What a mapping says of a message that it cannot read."""
    return [problem.message for problem in translate(mapping, given).problems]
