"""Story: the worker is killed while the ERP is down; nothing is lost, and nothing is told twice.

Real processes live in real time and the story's hours are played in seconds, so one rule is made quick, as somebody
edits it; test_first_minute.py asks the shipped rules at the story's own pace.
"""

import json
import threading
from datetime import datetime, timedelta
from email.message import EmailMessage
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from app.simulator.engine import simulate
from app.simulator.estate import build_estate
from app.simulator.faults import choose_story
from app.simulator.send import play
from tests.alerts.doors import Address, Mailbox
from tests.stories.hooks import verified
from tests.stories.journeys import an_estate, exported, read_events, work
from tests.stories.towers import Tower, wait_until

pytestmark = [pytest.mark.story, pytest.mark.timeout(150)]

STORY, SEED = "erp-outage", 5
BEFORE = timedelta(minutes=10)  # the outage begins so long after the start, and lasts 55 minutes
LENGTH = timedelta(minutes=110)
QUICK = {"when": {"above": 60}, "for": "1s", "clear": {"below": 40, "for": "1s"}, "stale_after": "1d"}


def test_a_killed_worker_loses_nothing_and_tells_nothing_twice(
    tower: Tower, session: Session, post_box: Mailbox, hook: Address
) -> None:
    start = utc_now().replace(microsecond=0) - LENGTH
    watch_only(tower, "revenue-at-risk", QUICK)
    token = tower.token("ingest")
    with tower.client("read") as reader:
        play(tower.base_url, token, STORY, start, start + timedelta(minutes=50), SEED, fault_after=BEFORE)
        tower.settle()
        wait_until(lambda: post_box.mails and hook.requests, "the alert to be told", 30, tower.log)

        told = threading.Thread(
            target=play,
            args=(tower.base_url, token, STORY, start, start + LENGTH, SEED),
            kwargs={"fault_after": BEFORE},
        )
        told.start()
        wait_until(lambda: tower.ask("SELECT count(*) FROM inbox"), "work to be under way", 20, tower.log)
        tower.kill("worker")
        told.join()
        tower.start("worker")
        tower.settle(60)
        wait_until(lambda: len(post_box.mails) > 1 and len(hook.requests) > 1, "the end to be told", 60, tower.log)
        assert open_failures(reader) == 0

    assert [subject_of(mail).partition(":")[0] for mail in post_box.mails] == ["Act", "Resolved"]
    bodies = [verified(request) for request in hook.requests]
    assert [body["kind"] for body in bodies] == ["firing", "resolved"]
    assert bodies[0]["orders"] > 50
    assert "NetSuite is unavailable" in bodies[0]["cause"]
    assert tower.export() == calmly_loaded(session, start)


def watch_only(tower: Tower, rule: str, changes: dict[str, Any]) -> None:
    """Leave one rule on, made quick, as somebody edited it."""
    put = text(
        "UPDATE alert_rules SET is_enabled = (name = :rule), is_edited = true,"
        " definition = CASE WHEN name = :rule THEN definition || CAST(:changes AS jsonb) ELSE definition END"
    )
    with tower.engine.begin() as connection:
        connection.execute(put, {"rule": rule, "changes": json.dumps(changes)})


def open_failures(reader: httpx.Client) -> int:
    """Orders that still wait because the ERP was down."""
    answer = reader.get("/api/v1/exceptions", params={"q": "NetSuite unavailable", "limit": 500})
    assert answer.status_code == 200, answer.text
    return len(answer.json()["rows"])


def subject_of(mail: EmailMessage) -> str:
    return str(mail["Subject"])


def calmly_loaded(session: Session, start: datetime) -> bytes:
    """The same events, each once and in one piece, worked by nobody who is killed."""
    story = choose_story(STORY, start + BEFORE)
    told = simulate(build_estate(Random(SEED)), story, start, start + LENGTH, SEED)
    events = read_events((message.event for message in told), utc_now())
    work(session, an_estate(), [events], utc_now())
    return exported(session)
