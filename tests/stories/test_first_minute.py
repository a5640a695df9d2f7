"""Story: the ERP goes down; within a minute one manager is told what it costs, and once more when it is over.

Time is passed in: what the worker does every 15 seconds of real time is done here every 15 seconds of the story's,
with the rules as they are shipped, a mail server and an address that are real.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from alerts.deliver import deliver_due
from alerts.dispatch import outlet_of
from alerts.evaluate import evaluate_rules
from alerts.registry import notifiers_of
from app.boot import prepare
from app.core.database import make_sessions, transaction
from app.events.event import Event
from app.exceptions.filters import read_filter
from app.exceptions.queries import summarise
from app.exceptions.selection import as_of
from app.metrics.catalogue import ask
from app.settings import Settings
from tests.alerts.doors import Address, Mailbox
from tests.stories.conftest import MANAGER, SECRET
from tests.stories.days import arrivals, every
from tests.stories.hooks import verified
from tests.stories.journeys import an_estate, work

pytestmark = pytest.mark.timeout(150)

DOWN = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)  # for 55 minutes; some ten orders a minute reach NetSuite then
BEGINS, ENDS = DOWN - timedelta(hours=3), DOWN + timedelta(minutes=80)
TICK, MINUTE = timedelta(seconds=15), timedelta(minutes=1)
SEED = 5


class Worker:
    """The worker's jobs, each done when it is told to: take in what has arrived, evaluate, deliver."""

    def __init__(self, engine: Engine, settings: Settings, told: Sequence[tuple[datetime, Event]]) -> None:
        self.sessions: sessionmaker[Session] = make_sessions(engine)
        self.settings, self.told, self.estate = settings, list(told), an_estate()

    def take_in(self, now: datetime) -> None:
        arrived = [event for at, event in self.told if at <= now]
        self.told = self.told[len(arrived) :]
        with transaction(self.sessions) as session:
            work(session, self.estate, [arrived], now)

    def tick(self, now: datetime) -> None:
        self.take_in(now)
        with transaction(self.sessions) as session:
            evaluate_rules(session, now, outlet_of(self.settings))
        deliver_due(self.sessions, now, notifiers_of(self.settings))


@pytest.fixture
def worker(fresh_database: Engine, post_box: Mailbox, hook: Address) -> Worker:
    prepare(fresh_database)
    told = arrivals("erp-outage", BEGINS, ENDS, DOWN, SEED)
    settings = Settings(
        smtp_url=post_box.url,
        mail_to=MANAGER,
        webhook_url=hook.url,
        webhook_secret=SECRET,
        allow_private_addresses=True,
    )
    return Worker(fresh_database, settings, told)


def test_an_outage_is_told_within_a_minute_and_its_end_once(worker: Worker, post_box: Mailbox, hook: Address) -> None:
    worker.take_in(DOWN - 10 * MINUTE)
    for now in every(TICK, DOWN - 5 * MINUTE, DOWN):
        worker.tick(now)
    assert (post_box.mails, hook.requests) == ([], [])

    for now in every(TICK, DOWN + TICK, DOWN + MINUTE):
        worker.tick(now)
    with transaction(worker.sessions) as session:
        assert at_risk(session, DOWN + MINUTE) > at_risk(session, DOWN)
    (mail,), (body,) = post_box.mails, [verified(request) for request in hook.requests]
    assert (body["kind"], body["rule"], body["labels"]) == ("firing", "orders-failing", {"system": "netsuite"})
    says_what_matters(mail)

    for now in every(MINUTE, DOWN + 2 * MINUTE, ENDS):
        worker.tick(now)
    with transaction(worker.sessions) as session:
        assert summarise(session, read_filter("NetSuite unavailable"), as_of(session, ENDS, "GBP")).orders == 0
    bodies = [body for request in hook.requests if (body := verified(request))["rule"] == "orders-failing"]
    subjects = [str(mail["Subject"]) for mail in post_box.mails if "begin to fail" in str(mail["Subject"])]
    assert [body["kind"] for body in bodies] == ["firing", "resolved"]
    assert subjects == ["Resolved: Orders begin to fail at one system"]
    everything = sorted((body["rule"], body["kind"]) for body in map(verified, hook.requests))
    assert len(post_box.mails) == len(everything)


def at_risk(session: Session, at: datetime) -> int:
    return int(ask(session, "revenue.at_risk", at).value or 0)


def says_what_matters(mail: EmailMessage) -> None:
    """Money, orders, cause, owner and trend, in the mail's first words or in its lines."""
    part = mail.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    for words in ("began to fail at NetSuite within one minute", "at risk of £", "orders", "an hour ago"):
        assert words in text
    for words in ("NetSuite is unavailable", "ERP integration", "Trend"):
        assert words in text
