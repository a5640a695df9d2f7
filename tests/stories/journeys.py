"""Events of the simulated retailer as the pipeline takes them, and what it exports of them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

from sqlalchemy.orm import Session

from app.events.event import Event
from app.export import export_lines
from app.journeys.catalogue import load_flows
from app.pipeline import Estate, remember, work_events, work_piece
from app.simulator.engine import simulate
from app.simulator.estate import build_estate
from app.simulator.faults import choose_story
from app.simulator.messages import CloudEvent
from collectors.receivers.cloudevents_normalise import Limits, Mode, normalise
from collectors.receivers.steps import known_steps

BEGINS_AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SEED = 11


def order_events(orders: int, horizon: timedelta) -> list[CloudEvent]:
    """The life of the first orders of a troubled day, in the order of arrival, repeats included."""
    story = choose_story("demo", BEGINS_AT + timedelta(minutes=20))
    told = simulate(build_estate(Random(SEED)), story, BEGINS_AT, BEGINS_AT + horizon, SEED)
    first: dict[str, None] = {}
    kept = []
    for message in told:
        name = message.event["id"].split("/")[0]
        if message.event["type"] == "retail.order.placed" and len(first) < orders:
            first[name] = None
        if name in first:
            kept.append(message.event)
    assert len(first) == orders
    return kept


def read_events(sent: Iterable[CloudEvent], now: datetime) -> list[Event]:
    """Normalise what was sent as the receiver does."""
    remaining, events = iter(sent), []
    limits = Limits(known_steps(None))
    while batch := list(islice(remaining, 5_000)):
        reading = normalise(Mode.BATCHED, json.dumps(batch).encode(), (), limits, now)
        assert reading.refusals == []
        events += reading.events
    return events


def an_estate() -> Estate:
    """What the pipeline works with when nothing has been written yet."""
    return Estate(load_flows(), timedelta(days=90))


def work(session: Session, estate: Estate, batches: Iterable[Sequence[Event]], now: datetime) -> None:
    """Work batches one after the other, with a piece of what spreads after each, and all of it in the end."""
    for batch in batches:
        remember(estate, work_events(session, estate, batch, now))
        remember(estate, work_piece(session, estate))
    while (worked := work_piece(session, estate)).claimed:
        remember(estate, worked)


def cut(events: Sequence[Event], rng: Random, most: int) -> Iterator[Sequence[Event]]:
    """Cut events into batches of chance sizes."""
    start = 0
    while start < len(events):
        size = rng.randint(1, most)
        yield events[start : start + size]
        start += size


def exported(session: Session) -> bytes:
    """What `pharos export` prints."""
    return b"".join(line + b"\n" for line in export_lines(session))
