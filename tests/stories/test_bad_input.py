"""Story: what senders get wrong. Each mistake gets its clear answer, and no good event is lost to a bad one."""

import json
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.core.clock import utc_now
from tests.stories.towers import BATCH, Tower

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]

STRUCTURED = {"Content-Type": "application/cloudevents+json"}


def an_event(number: int = 1, **changes: Any) -> dict[str, Any]:
    facts = {"keys": {"order": f"SO-{number}"}, "channel": "web", **changes.pop("facts", {})}
    event = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/bad",
        "type": "retail.order.placed",
        "time": (utc_now() - timedelta(minutes=2)).isoformat(),
        "data": facts,
    }
    return {**event, **changes}


WRONG = [
    ("an unknown step", an_event(type="retail.order.plased"), "did you mean 'retail.order.placed'"),
    ("a negative amount", an_event(facts={"amount": {"value": "-5", "currency": "USD"}}), "negative"),
    ("an unknown currency", an_event(facts={"amount": {"value": "5", "currency": "XQZ"}}), "unknown currency 'XQZ'"),
    ("the year 1970", an_event(time="1970-01-01T00:00:00Z"), "1970"),
    ("the year 2100", an_event(time="2100-01-01T00:00:00Z"), "2100"),
]


def test_every_mistake_is_explained_and_kept(tower: Tower) -> None:
    with tower.client("ingest", "read") as client:
        for name, event, words in WRONG:
            answer = client.post("/v1/events", content=json.dumps(event), headers=STRUCTURED)
            assert answer.status_code == 400, name
            assert words in answer.text, (name, answer.text)
        broken = client.post("/v1/events", content=b'{"specversion": "1.0", ', headers=STRUCTURED)
        assert broken.status_code == 400
        assert "JSON" in broken.text

        batch = [an_event(number) for number in range(100, 600)]
        batch[137]["type"] = "retail.order.plased"
        mixed = client.post("/v1/events", content=json.dumps(batch), headers=BATCH)
        assert mixed.status_code == 202
        assert mixed.json()["received"] == 499
        assert [one["index"] for one in mixed.json()["quarantined"]] == [137]
        tower.settle()
        assert client.get("/api/v1/journeys", params={"key": "order:SO-236"}).json()["rows"]
        assert not client.get("/api/v1/journeys", params={"key": "order:SO-237"}).json()["rows"]

        huge = client.post("/v1/events", content=b" " * 20_000_000, headers=BATCH)
        assert huge.status_code == 413
        assert "16" in huge.text

    kept = len(WRONG) + 2
    assert tower.ask("SELECT count(*) FROM quarantine") == kept
    assert tower.ask("SELECT count(*) FROM journeys") == 499
    assert b"plased" in tower.ask(
        "SELECT body FROM quarantine WHERE reason LIKE '%plased%' ORDER BY received_at LIMIT 1"
    )
    with closing(signed_in(tower)) as admin:
        page = admin.get("/admin/quarantine")
    assert page.status_code == 200
    for words in ("unknown currency", "negative", "plased"):
        assert words in page.text


def test_tokens_are_asked_for_and_have_scopes(tower: Tower) -> None:
    body = json.dumps(an_event())
    with httpx.Client(base_url=tower.base_url, trust_env=False) as nobody:
        assert nobody.post("/v1/events", content=body, headers=STRUCTURED).status_code == 401
        wrong = nobody.post("/v1/events", content=body, headers=STRUCTURED | {"Authorization": "Bearer phr_wrong"})
        assert wrong.status_code == 401
        assert wrong.json()["error"]
    with tower.client("read") as reader:
        refused = reader.post("/v1/events", content=body, headers=STRUCTURED)
        assert refused.status_code == 403
        assert "ingest" in refused.text
    assert tower.ask("SELECT count(*) FROM inbox") == 0
    assert tower.ask("SELECT count(*) FROM quarantine") == 0


def signed_in(tower: Tower) -> httpx.Client:
    client = httpx.Client(base_url=tower.base_url, trust_env=False)
    assert client.post(tower.sign_in_link("admin").removeprefix(tower.base_url)).status_code == 303
    return client
