"""Story: a warehouse sends what nobody can read; a mapping mends it, and a killed worker neither loses nor doubles."""

import json

import pytest
from sqlalchemy.orm import Session

from app.admin.commands import request_retake
from app.core.clock import utc_now
from app.core.database import make_sessions, transaction
from app.events.event import STEPS
from app.events.quarantine import Group
from collectors.mappings.commands import save_mapping
from tests.collectors.receivers.mappings import WMS, shipment
from tests.stories.towers import BATCH, Tower, wait_until

pytestmark = [pytest.mark.story, pytest.mark.timeout(150)]

MESSAGES, AT_ONCE = 3_000, 500
OPEN = "SELECT count(*) FROM quarantine WHERE settled_at IS NULL"
WORKED = "SELECT worked FROM long_jobs"


def test_group_heals_although_the_worker_is_killed(tower: Tower) -> None:
    send_shipments(tower)
    assert tower.ask(OPEN) == MESSAGES
    with transaction(make_sessions(tower.engine)) as session:
        mend_and_retake(session)
    wait_until(lambda: 0 < tower.ask(WORKED) < MESSAGES, "a first piece to be taken in", 30, tower.log)
    tower.kill("worker")
    half = tower.ask(WORKED)
    assert tower.ask(OPEN) == MESSAGES - half
    tower.start("worker")
    wait_until(lambda: tower.ask("SELECT state FROM long_jobs") == "done", "the job to be done", 60, tower.log)
    tower.settle(60)
    assert tower.ask(OPEN) == 0
    assert tower.ask("SELECT good FROM long_jobs") == MESSAGES
    # Two parcels a message, each an event of its own.
    assert tower.ask("SELECT count(*) FROM events") == 2 * MESSAGES


def send_shipments(tower: Tower) -> None:
    with tower.client("ingest") as warehouse:
        for first in range(0, MESSAGES, AT_ONCE):
            numbers = range(first, first + AT_ONCE)
            batch = [shipment(confirmation=f"C-{number}") | {"id": f"w-{number}"} for number in numbers]
            answer = warehouse.post("/v1/events", content=json.dumps(batch), headers=BATCH)
            assert answer.json()["received"] == 0


def mend_and_retake(session: Session) -> None:
    save_mapping(session, WMS, STEPS, by="kim", at=utc_now())
    kind = "unknown step 'com.northwind.wms.shipment.confirmed'"
    request_retake(session, Group(kind, "test", "/v1/events", "/wms/berlin"), by="kim", at=utc_now())
