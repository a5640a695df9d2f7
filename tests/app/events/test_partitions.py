"""Partitions: days near today have their own, everything else shares one, and nothing is lost in between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread
from time import sleep

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from app.core.database import make_sessions, transaction
from app.events.event import Event
from app.events.partitions import drop_before, ensure_days, existing_days
from app.events.store import all_events, append_new, read_events
from app.schedule import Shop, keep_partitions
from app.settings import Settings
from tests.builders import NOW, an_event
from tests.stories.towers import wait_until

TODAY = NOW.date()
RETENTION = timedelta(days=90)


def where(session: Session) -> dict[str, int]:
    rows = session.execute(text("SELECT tableoid::regclass::text AS part, count(*) AS n FROM events GROUP BY 1"))
    return {row.part: row.n for row in rows}


def test_days_near_today_get_a_partition_and_others_do_not(session: Session) -> None:
    days = {TODAY, TODAY - timedelta(days=400), TODAY + timedelta(days=30)}
    assert ensure_days(session, days, TODAY, RETENTION) == {TODAY}
    append_new(session, [an_event(at=NOW), an_event(at=NOW - timedelta(days=400))])
    assert where(session) == {"events_20261123": 1, "events_other": 1}


def test_events_that_came_before_their_partition_move_into_it(session: Session) -> None:
    append_new(session, [an_event(id="early", at=NOW)])
    assert where(session) == {"events_other": 1}
    ensure_days(session, {TODAY}, TODAY, RETENTION)
    assert where(session) == {"events_20261123": 1}
    assert append_new(session, [an_event(id="early", at=NOW)]) == []


def test_making_a_day_twice_changes_nothing(session: Session) -> None:
    ensure_days(session, {TODAY}, TODAY, RETENTION)
    assert ensure_days(session, {TODAY}, TODAY, RETENTION) == set()


def test_old_days_are_dropped_wherever_they_lie(session: Session) -> None:
    ensure_days(session, {TODAY, TODAY - timedelta(days=10)}, TODAY, RETENTION)
    append_new(session, [an_event(at=NOW - timedelta(days=back)) for back in (0, 10, 200)])
    assert drop_before(session, TODAY - timedelta(days=5)) == [TODAY - timedelta(days=10)]
    assert existing_days(session) == {TODAY}
    assert where(session) == {"events_20261123": 1}


def test_a_repeat_without_a_time_is_known_on_another_day(session: Session) -> None:
    later = NOW + timedelta(days=1)
    first = an_event(id="untimed", at=NOW, is_timed=False)
    again = an_event(id="untimed", at=later, received_at=later, is_timed=False)
    assert append_new(session, [first]) == [first]
    assert append_new(session, [again]) == []


def test_events_read_back_whole(session: Session) -> None:
    event = an_event(id="whole", payload=b'{"a": 1}', attributes={"x": [1, "two"]}, error="no")
    append_new(session, [event, event])
    assert read_events(session, [(event.day, event.uid)]) == {event.uid: event}
    assert list(all_events(session)) == [[event]]


def test_a_partition_that_comes_between_takes_the_event(fresh_database: Engine) -> None:
    """A receiver on its way to the common partition, which waits for the day's own one to be made, goes there."""
    sessions, event, new = make_sessions(fresh_database), an_event(id="early", at=NOW), list[Event]()

    def receive() -> None:
        with transaction(sessions) as session:
            new.extend(append_new(session, [event]))

    receiver = Thread(target=receive)
    with transaction(sessions) as session:
        ensure_days(session, {TODAY}, TODAY, RETENTION)
        receiver.start()
        wait_until(lambda: is_anyone_waiting(session), "the receiver to wait for the partition", 10)
    receiver.join(10)
    assert new == [event]
    with sessions() as session:
        assert where(session) == {f"events_{TODAY:%Y%m%d}": 1}


def is_anyone_waiting(session: Session) -> bool:
    return bool(session.execute(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")).scalar())


def test_keeping_partitions_and_a_receiver_do_not_wait_for_each_other(fresh_database: Engine) -> None:
    """The receiver has written to a day and comes to the common partition while a day is made and another dropped."""
    now, sessions = utc_now(), make_sessions(fresh_database)
    old = (now - timedelta(days=100)).date()
    with sessions.begin() as session:
        ensure_days(session, {old, now.date()}, now.date(), timedelta(days=200))
    with ThreadPoolExecutor() as threads, sessions.begin() as receiver:
        append_new(receiver, [an_event(at=now)])
        kept = threads.submit(keep_partitions, Shop(Settings(), fresh_database, sessions))
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass")
        with fresh_database.connect() as other:
            while not other.execute(waits).scalar_one():
                sleep(0.01)
        append_new(receiver, [an_event(at=now - timedelta(days=300))])
        receiver.commit()
        kept.result(20)
    with sessions() as session:
        assert old not in existing_days(session)
