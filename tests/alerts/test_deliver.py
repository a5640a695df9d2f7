"""The outbox: sent once, tried again, given up, and safe when a worker dies in the middle."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from alerts.deliver import LEASE, Delivered, deliver_due
from alerts.dispatch import Outlet, Receiver, dispatch
from alerts.notifier import Delivery, Notifier
from app.core.database import make_sessions, transaction
from app.core.errors import UnavailableError
from app.models.alerts import Notification
from tests.alerts.figures import NOON
from tests.alerts.messages import a_message, a_stake

OUTLET = Outlet((Receiver("ops@example.com", "email"),), "https://tower.example")
ALERT = uuid4()


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing below gets to run."""


class Box:
    """Keeps what it is given; `fails` are raised first, one for each attempt."""

    def __init__(self, *fails: BaseException) -> None:
        self.fails, self.got = list(fails), list[Delivery]()

    def send(self, delivery: Delivery, now: datetime) -> None:
        self.got.append(delivery)
        if self.fails:
            raise self.fails.pop(0)


@pytest.fixture
def sessions(fresh_database: Engine) -> sessionmaker[Session]:
    return make_sessions(fresh_database)


def put(sessions: sessionmaker[Session], kind: str = "firing", at: datetime = NOON, outlet: Outlet = OUTLET) -> None:
    message = a_message(kind, [a_stake(), a_stake()])
    with transaction(sessions) as session:
        dispatch(session, ALERT, message, outlet, at)


def run(sessions: sessionmaker[Session], box: Notifier, now: datetime = NOON) -> Delivered:
    return deliver_due(sessions, now, {"email": box})


def row(sessions: sessionmaker[Session]) -> Notification:
    with sessions() as session:
        return session.scalars(select(Notification)).one()


def test_message_is_sent_once_and_logged(sessions: sessionmaker[Session]) -> None:
    put(sessions)
    put(sessions)
    box = Box()
    assert run(sessions, box) == Delivered(sent=1)
    assert run(sessions, box, NOON + LEASE * 2) == Delivered()
    assert [delivery.message.sentence for delivery in box.got] == ["Revenue at risk is £29,417."]
    logged = row(sessions)
    assert (logged.state, logged.attempts, logged.error) == ("sent", 1, None)
    assert logged.sent_at is not None
    assert NOON <= logged.sent_at < NOON + timedelta(seconds=5)


def test_failure_is_tried_again_after_its_pause(sessions: sessionmaker[Session]) -> None:
    put(sessions)
    box = Box(UnavailableError("the receiver answered 503: later"))
    assert run(sessions, box) == Delivered(retried=1)
    logged = row(sessions)
    assert (logged.state, logged.attempts) == ("waiting", 1)
    assert logged.error == "the receiver answered 503: later"
    assert run(sessions, box, NOON + timedelta(seconds=4)) == Delivered()
    assert run(sessions, box, NOON + timedelta(seconds=7)) == Delivered(sent=1)
    assert row(sessions).error is None
    assert box.got[0] == box.got[1]


def test_permanent_failure_is_given_up_at_once(sessions: sessionmaker[Session]) -> None:
    put(sessions)
    assert run(sessions, Box(UnavailableError("gone", permanent=True))) == Delivered(failed=1)
    assert row(sessions).state == "failed"


def test_it_is_given_up_after_a_day(sessions: sessionmaker[Session]) -> None:
    put(sessions)
    box = Box(*(UnavailableError("no") for _ in range(200)))
    now = NOON
    while row(sessions).state == "waiting":
        now = max(now, row(sessions).next_attempt_at)
        run(sessions, box, now)
    assert row(sessions).state == "failed"
    assert timedelta(hours=23) < now - NOON < timedelta(hours=24)
    assert row(sessions).attempts == len(box.got)


def test_unforeseen_error_is_a_failed_attempt(sessions: sessionmaker[Session]) -> None:
    put(sessions)
    assert run(sessions, Box(RuntimeError("nul \0 inside"))) == Delivered(retried=1)
    assert row(sessions).error == "RuntimeError: nul  inside"


def test_notifier_that_is_not_set_up_is_said(sessions: sessionmaker[Session]) -> None:
    put(sessions)
    assert deliver_due(sessions, NOON, {}) == Delivered(retried=1)
    assert row(sessions).error == "email is not set up"


def test_worker_killed_between_sending_and_recording_repeats_one_message_of_the_same_number(
    sessions: sessionmaker[Session],
) -> None:
    put(sessions)
    box = Box(Killed())
    with pytest.raises(Killed):
        run(sessions, box)
    assert row(sessions).state == "sending"
    assert run(sessions, box, NOON + LEASE / 2) == Delivered()
    assert run(sessions, box, NOON + LEASE + timedelta(seconds=10)) == Delivered(sent=1)
    assert len(box.got) == 2
    assert box.got[0].number == box.got[1].number
    assert box.got[0] == box.got[1]


def test_worker_whose_lease_ran_out_has_no_say(sessions: sessionmaker[Session]) -> None:
    put(sessions)
    other = Box()

    class Slow(Box):
        def send(self, delivery: Delivery, now: datetime) -> None:
            assert run(sessions, other, NOON + LEASE + timedelta(seconds=10)) == Delivered(sent=1)
            raise UnavailableError("too late")

    run(sessions, Slow())
    assert (row(sessions).state, row(sessions).attempts) == ("sent", 2)


def test_two_workers_take_different_messages(sessions: sessionmaker[Session]) -> None:
    put(sessions, outlet=Outlet(tuple(Receiver(f"r{n}@example.com", "email") for n in range(4)), ""))
    inner = Box()

    class Interleaved(Box):
        def send(self, delivery: Delivery, now: datetime) -> None:
            super().send(delivery, now)
            deliver_due(sessions, NOON, {"email": inner})

    outer = Interleaved()
    run(sessions, outer)
    names = [delivery.receiver for delivery in (*outer.got, *inner.got)]
    assert sorted(names) == [f"r{n}@example.com" for n in range(4)]


def test_end_of_an_alert_waits_for_its_beginning_and_names_it(sessions: sessionmaker[Session]) -> None:
    put(sessions)
    put(sessions, "resolved", NOON + timedelta(minutes=1))
    box = Box(UnavailableError("not now"))
    assert run(sessions, box, NOON + timedelta(minutes=2)) == Delivered(retried=1)
    assert run(sessions, box, NOON + timedelta(minutes=3)) == Delivered(sent=2)
    kinds = [delivery.message.kind for delivery in box.got]
    assert kinds == ["firing", "firing", "resolved"]
    assert box.got[1].first_number is None
    assert box.got[2].first_number == box.got[1].number
