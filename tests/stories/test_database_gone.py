"""Story: the database is gone, or its disk is full, while senders send; it comes back, and so does everything else.

PHAROS_OUTAGE_SECONDS says how long the database is away.
"""

import json
import os
from base64 import b64encode
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from app.core.clock import utc_now
from bench.workload import batches
from tests.stories.senders import Senders, sending, times_exported
from tests.stories.servers import CRASH, OwnServer
from tests.stories.towers import BATCH, Tower, tower_at, wait_until

SECONDS = float(os.environ.get("PHAROS_OUTAGE_SECONDS", "4"))
SOON = 6.0  # seconds within which a door says that it cannot
FULL = 20 * 2**20  # a little above the log's own files, which would stop the server as a whole
LARGE = 600_000
JSON = {"Content-Type": "application/json"}
DOORS = (
    ("/v1/events", BATCH, b"[]"),
    ("/v1/traces", JSON, b"{}"),
    ("/v1/metrics", JSON, b"{}"),
    ("/v1/logs", JSON, b"{}"),
    ("/v1/map/parcels", JSON, b"{}"),
)

pytestmark = [pytest.mark.story, pytest.mark.timeout(180 + 2 * int(SECONDS))]


def test_a_database_that_is_gone_costs_nothing_but_time(own_server: OwnServer, tmp_path: Path) -> None:
    with tower_at(own_server.url, tmp_path, ("web", "worker")) as tower, tower.client("ingest") as client:
        senders = Senders(tower.doors, tower.token("ingest"), batches(1_000_000, utc_now()), pause=0.2)
        with sending(senders, threads=3):
            wait_until(lambda: senders.taken, "the first batch to be taken", 10, tower.log)
            own_server.stop(CRASH)
            until = monotonic() + SECONDS
            while monotonic() < until:
                check_every_door_is_sorry(client)
                sleep(0.2)
            own_server.start()
            taken = len(senders.taken)
            wait_until(lambda: len(senders.taken) > taken, "batches to be taken again", 10, tower.log)
        check_all_is_there_once(tower, senders)


def test_a_full_disk_costs_nothing_but_time(own_server: OwnServer, tmp_path: Path) -> None:
    with tower_at(own_server.url, tmp_path, ("web", "worker")) as tower:
        senders = Senders(tower.doors, tower.token("ingest"), map(large_event, range(1_000_000)), pause=0.0)
        own_server.limit_files(FULL)
        with sending(senders, threads=2):
            wait_until(lambda: senders.answers[503] > 3, "the disk to be full", 30, tower.log)
            sleep(SECONDS / 2)
            own_server.limit_files()
            taken = len(senders.taken)
            wait_until(lambda: len(senders.taken) > taken + 3, "events to be taken again", 10, tower.log)
        check_all_is_there_once(tower, senders)


def check_every_door_is_sorry(client: httpx.Client) -> None:
    for path, headers, body in DOORS:
        answer = client.post(path, headers=headers, content=body)
        assert (answer.status_code, path) == (503, path), answer.text
        assert 5 <= int(answer.headers["retry-after"]) <= 15
        assert answer.elapsed.total_seconds() < SOON


def check_all_is_there_once(tower: Tower, senders: Senders) -> None:
    """Without any hand: the worker that ran before works off what was acknowledged."""
    tower.settle(60)
    exported = times_exported(tower.export())
    assert senders.faults == []
    assert senders.answers[503] > 0
    assert senders.slowest < SOON
    assert set(exported.values()) == {1}
    assert sorted(exported) == senders.acknowledged
    assert tower.ask("SELECT count(*) FROM quarantine") == 0
    assert tower.verify()[-1] == "no differences"


def large_event(number: int) -> bytes:
    """An order that says much, in noise that no compression makes small."""
    data = {"keys": {"order": f"SO-{number}"}, "attributes": {"noise": b64encode(os.urandom(LARGE)).decode()}}
    event = {"specversion": "1.0", "id": f"large-{number}", "source": "/large", "type": "retail.order.placed"}
    return json.dumps([{**event, "time": utc_now().isoformat(), "data": data}]).encode()
