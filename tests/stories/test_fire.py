"""Story: processes are killed and the database falls while senders send; all that was acknowledged is there once.

PHAROS_STRESS_SECONDS says how long the senders send; 60 is the whole minute.
"""

import logging
import os
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from bench.workload import batches
from tests.stories.senders import Senders, calmly_worked, sending, times_exported
from tests.stories.servers import CRASH, FAST, OwnServer
from tests.stories.towers import Tower, tower_at

logger = logging.getLogger(__name__)
SECONDS = float(os.environ.get("PHAROS_STRESS_SECONDS", "8"))
KILL_EVERY = 2.0
FLEET = (*(f"web-{number}" for number in range(4)), *(f"worker-{number}" for number in range(3)))

pytestmark = [pytest.mark.story, pytest.mark.timeout(240 + 4 * int(SECONDS))]


def test_whoever_is_killed_every_acknowledged_event_is_there_once(
    own_server: OwnServer, tmp_path: Path, session: Session
) -> None:
    with tower_at(own_server.url, tmp_path, FLEET, POOL_SIZE="4") as tower:
        senders = Senders(tower.doors, tower.token("ingest"), batches(1_000_000, utc_now()), pause=1.0)
        with sending(senders, threads=4):
            killed = kill_and_restart(tower, own_server)
        tower.settle(60 + SECONDS)
        export = tower.export()
        logger.info(f"{killed} processes killed, PostgreSQL restarted twice: {senders.told()}")
        assert senders.faults == []
        assert set(times_exported(export).values()) == {1}
        assert sorted(times_exported(export)) == senders.acknowledged
        assert tower.verify()[-1] == "no differences"
        assert tower.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
    assert export == calmly_worked(session, senders.taken)


def kill_and_restart(tower: Tower, server: OwnServer) -> int:
    """Kill one process after the other and start it again; the database restarts once in order, and once crashes."""
    rng, began, rounds = Random(1), monotonic(), max(3, int(SECONDS / KILL_EVERY))
    falls = {rounds // 3: FAST, 2 * rounds // 3: CRASH}
    for number in range(rounds):
        victim = rng.choice(FLEET)
        tower.kill(victim)
        tower.start(victim)
        if how := falls.get(number):
            server.stop(how)
            server.start()
        sleep(max(0.0, began + (number + 1) * KILL_EVERY - monotonic()))
    return rounds
