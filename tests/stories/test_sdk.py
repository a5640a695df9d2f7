"""Story: another team sends with the official CloudEvents SDK, and sends again when in doubt."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from app.core.clock import utc_now
from tests.stories.towers import BATCH, Tower

pytestmark = [pytest.mark.story, pytest.mark.timeout(60)]

PLACED_AT = utc_now() - timedelta(minutes=3)


def an_sdk_event(number: str, step: str, order: str, **facts: Any) -> CloudEvent:
    attributes = {
        "id": number,
        "source": "/other-team/orders",
        "type": f"retail.{step}",
        "time": PLACED_AT,
        "datacontenttype": "application/json",
    }
    keys = {"order": order, **facts.pop("keys", {})}
    return CloudEvent(attributes=attributes, data={"keys": keys, "channel": "shopify-us", **facts})


def placed(number: str, order: str) -> CloudEvent:
    return an_sdk_event(number, "order.placed", order, amount={"value": "99.50", "currency": "USD"})


def post(client: httpx.Client, message: HTTPMessage) -> None:
    answer = client.post("/v1/events", content=message.body, headers=dict(message.headers))
    assert (answer.status_code, answer.json()) == (202, {"received": 1, "quarantined": []})


def post_batch(client: httpx.Client, *events: CloudEvent) -> None:
    body = b"[" + b",".join(JSONFormat().write(event) for event in events) + b"]"
    answer = client.post("/v1/events", content=body, headers=BATCH)
    assert (answer.status_code, answer.json()) == (202, {"received": len(events), "quarantined": []})


def test_every_mode_of_the_sdk_arrives_once(tower: Tower) -> None:
    with tower.client("ingest", "read") as client:
        post(client, to_binary_event(placed("e-1", "SO-1")))
        post(client, to_structured_event(placed("e-2", "SO-2")))
        post_batch(client, placed("e-3", "SO-3"), placed("e-4", "SO-4"))
        tower.settle()
        for order in ("SO-1", "SO-2", "SO-3", "SO-4"):
            (row,) = journeys(client, order)
            assert row["anchor"] == f"order:{order}"
            assert row["value"] == {"amount": "99.50", "currency": "USD", "minor": 9950}
        assert throughput(client) == 4
    assert events_by_order(tower.export()) == {
        f"order:SO-{number}": [f"/other-team/orders|e-{number}"] for number in (1, 2, 3, 4)
    }


def test_same_batch_three_times_counts_once(tower: Tower) -> None:
    accepted = an_sdk_event("e-2", "order.accepted", "SO-1", keys={"shopify.order": "5551"})
    with tower.client("ingest", "read") as client:
        post_batch(client, placed("e-1", "SO-1"), accepted)
        tower.settle()
        once, listed = tower.export(), journeys(client, "SO-1")
        for _ in range(2):
            post_batch(client, placed("e-1", "SO-1"), accepted)
        post(client, to_binary_event(accepted))
        tower.settle()
        assert journeys(client, "SO-1") == listed
        assert throughput(client) == 2
    assert tower.export() == once
    assert events_by_order(once) == {"order:SO-1": ["/other-team/orders|e-1", "/other-team/orders|e-2"]}
    assert tower.ask("SELECT count(*) FROM events") == 2


def journeys(client: httpx.Client, order: str) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/journeys", params={"key": f"order:{order}"})
    assert answer.status_code == 200, answer.text
    return answer.json()["rows"]


def throughput(client: httpx.Client) -> int:
    """Count the events of the last quarter of an hour as the metric catalogue does."""
    answer = client.get("/api/v1/metrics/throughput")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["extra"]["count"])


def events_by_order(exported: bytes) -> dict[str, list[str]]:
    lines = [json.loads(line) for line in exported.splitlines()]
    return {line["anchor"]: line["events"] for line in lines}
