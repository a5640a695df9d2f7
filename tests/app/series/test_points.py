"""Queue samples: taken once, and what a broker cannot tell stays unknown."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.metrics import QueueSample
from app.series.points import append_samples
from tests.builders import a_fact


def test_a_sample_is_kept_once_and_unknown_is_not_nothing(session: Session) -> None:
    told = {
        "queue": "orders.us",
        "broker": "rabbitmq",
        "depth": 7,
        "oldest_age_seconds": 1.5,
        "consumed": -1,
        "published": True,
    }
    fact = a_fact("queue.sample", attributes=told)
    assert append_samples(session, [fact, fact]) == {"orders.us"}
    assert append_samples(session, [fact]) == {"orders.us"}
    sample = session.scalars(select(QueueSample)).one()
    assert (sample.depth, sample.oldest_seconds, sample.broker) == (7, 1.5, "rabbitmq")
    assert (sample.consumed, sample.published, sample.in_flight) == (None, None, None)


def test_a_sample_without_a_queue_is_left_out(session: Session) -> None:
    assert append_samples(session, [a_fact("queue.sample", attributes={"depth": 1})]) == set()
