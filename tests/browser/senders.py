"""A system that tells the tower something while somebody looks."""

import json
from datetime import timedelta
from time import monotonic
from typing import Any

from app.core.clock import utc_now
from tests.stories.towers import BATCH, Tower


def send(shop: Tower, *events: tuple[str, str, dict[str, Any]]) -> float:
    """Send events; returns when the answer came."""
    told = [
        {
            "specversion": "1.0",
            "id": name,
            "source": "/browser",
            "type": f"retail.{step}",
            "time": (utc_now() - timedelta(seconds=5)).isoformat(),
            "data": facts,
        }
        for name, step, facts in events
    ]
    with shop.client("ingest") as client:
        answer = client.post("/v1/events", content=json.dumps(told), headers=BATCH)
    assert answer.status_code == 202, answer.text
    assert answer.json()["received"] == len(events)
    return monotonic()
