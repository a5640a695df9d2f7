"""Story: the worker is away and the inbox fills to its bound; senders are sent back, and all is there once."""

from pathlib import Path

import pytest

from app.core.clock import utc_now
from bench.workload import BATCH as BATCH_EVENTS
from bench.workload import batches
from tests.stories.senders import Senders, sending, times_exported
from tests.stories.towers import BATCH, tower_on, wait_until

pytestmark = [pytest.mark.story, pytest.mark.timeout(120)]

LIMIT, EVENTS, THREADS = 2_000, 10_000, 4


def test_a_full_inbox_sends_senders_back_and_loses_nothing(template: str, tmp_path: Path) -> None:
    bodies = list(batches(EVENTS, utc_now()))
    with tower_on(template, tmp_path, INBOX_LIMIT=str(LIMIT)) as tower, tower.client("ingest") as client:
        tower.kill("worker")
        senders = Senders(tower.doors, tower.token("ingest"), iter(bodies), pause=0.1, most_wait=1)
        with sending(senders, THREADS):
            wait_until(lambda: senders.answers[429] >= 2 * THREADS, "every sender to be sent back", 20, tower.log)
            refused = [client.post("/v1/events", headers=BATCH, content=b"[]") for _ in range(40)]
            waiting = tower.ask("SELECT sum(event_count) FROM inbox")
            tower.start("worker")
            wait_until(lambda: len(set(senders.taken)) == len(bodies), "every batch to be taken", 60, tower.log)
        tower.settle()
        exported = times_exported(tower.export())
    assert {answer.status_code for answer in refused} == {429}
    assert len({answer.headers["retry-after"] for answer in refused}) > 5
    assert LIMIT < waiting < LIMIT + 2 * THREADS * BATCH_EVENTS
    assert senders.faults == []
    assert set(exported.values()) == {1}
    assert sorted(exported) == senders.acknowledged
