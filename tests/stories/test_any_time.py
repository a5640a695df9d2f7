"""Property (I9): whatever arrived in whatever order, every metric and list asked at T says what the facts up to T say.

What is kept by whole minutes is compared at whole minutes, for the facts of the minutes before. A normal run tries some
hundred estates, always the same; PHAROS_ESTATES=2000 tries as many as it says, other ones each time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from sqlalchemy.orm import Session

from app.exceptions.curves import current_losses
from app.exceptions.losses import EXPECTED, HASTY, PATIENT
from app.exceptions.rules import Interval
from app.metrics.catalogue import CATALOGUE, ask_series
from app.metrics.metric import Answer
from app.models.operations import ExchangeRate
from app.series.rates import Converter, load_converter
from tests.builders import NOW
from tests.oracle.as_of import (
    HOUR,
    INSTANT,
    QUARTER,
    Then,
    Told,
    World,
    a_world,
    count_journeys,
    data_age,
    latencies,
    levels,
    sum_at_risk,
    sum_gross,
    traffic,
    waited,
)
from tests.stories.journeys import work
from tests.stories.strategies import DAY_BEGINS, Arrival, arrivals
from tests.stories.test_any_estate import LONG_RUN, Prepared, fresh, prepared, rolled_back, tried

__all__ = ["prepared"]

MINUTES = (0, 1, 2, 17, 20, 21, 46, 300, 310, 595, 600, 900, 2900)
TIMES = [DAY_BEGINS + timedelta(minutes=minute) for minute in MINUTES]
BETWEEN = [*TIMES, *(at + timedelta(seconds=30, microseconds=7) for at in TIMES[1:4])]
DAY = timedelta(days=1)
PARTS = ("", "step", "channel", "cause", "owner")

pytestmark = [pytest.mark.story, pytest.mark.timeout(max(LONG_RUN, 600))]


@dataclass
class Asked:
    """A store, and what is to be said of it."""

    session: Session
    world: World
    converter: Converter

    def check(
        self,
        name: str,
        expected: Callable[[list[Then]], object],
        told: Callable[[Answer], object],
        ats: Sequence[datetime],
        *,
        back: timedelta = timedelta(0),
        by: str = "",
        window: timedelta | None = None,
    ) -> None:
        answers = ask_series(self.session, name, ats, by=(by,) if by else (), window=window)
        for at, answer in zip(ats, answers, strict=True):
            assert answer.data_age_seconds == data_age(self.world, at), (name, at)
            if answer.data_age_seconds is not None:
                assert told(answer) == expected(self.world.at(at - back)), (name, at, by)


@tried(60)
@given(arrived=arrivals())
def test_every_metric_as_of_any_time_is_what_the_facts_until_then_say(prepared: Prepared, arrived: Arrival) -> None:
    engine, estate = prepared
    with rolled_back(engine) as session:
        for currency, euros in (("GBP", "1.25"), ("USD", "0.875")):
            session.add(ExchangeRate(currency=currency, day=DAY_BEGINS.date(), euros=Decimal(euros)))
        session.flush()
        work(session, fresh(estate), arrived.batches, NOW)
        converter = load_converter(session, NOW, "GBP")
        asked = Asked(session, a_world(estate.flows, arrived.events), converter)
        for check in (
            check_troubles,
            check_due,
            check_money,
            check_levels,
            check_arrivals,
            check_traffic,
            check_unmatched,
        ):
            check(asked)


def check_troubles(asked: Asked) -> None:
    def late(one: Then) -> list[Interval]:
        return [it for it in one.open if it.kind == "overdue"] if one.flow.kind == "order" else []

    def failing(one: Then) -> list[Interval]:
        return [it for it in one.open if it.kind != "overdue" and it.since_at > one.at - timedelta(minutes=1)]

    def all_open(one: Then) -> list[Interval]:
        return one.open

    for name, wanted in (("exceptions.open", all_open), ("orders.late", late), ("orders.failing", failing)):
        for part in PARTS:
            check_count(asked, name, wanted, part)
        asked.check(
            name,
            lambda thens, wanted=wanted: sum_gross(thens, asked.converter, wanted),
            lambda answer: answer.extra["gross"],
            BETWEEN,
        )


def check_count(
    asked: Asked, name: str, wanted: Callable[[Then], list[Interval]], part: str, window: timedelta | None = None
) -> None:
    asked.check(
        name,
        lambda thens: count_journeys(thens, wanted, part) or ({} if part else {(): 0}),
        parted(part),
        BETWEEN,
        by=part,
        window=window,
    )


def parted(part: str) -> Callable[[Answer], Told]:
    """The groups that count anything, or the whole."""
    if not part:
        return lambda answer: {(): answer.value}
    return lambda answer: {tuple(group.by.values()): group.value for group in answer.groups if group.value}


def check_due(asked: Asked) -> None:
    for window in (HOUR, DAY):

        def due(one: Then, window: timedelta = window) -> list[Interval]:
            return [] if one.is_late or one.flow.kind != "order" else one.ahead(one.at + window)

        for part in PARTS:
            check_count(asked, "orders.due_soon", due, part, window)


def check_money(asked: Asked) -> None:
    losses = current_losses()
    for name, impact in (("revenue.at_risk", "revenue"), ("revenue.cash_delayed", "cash")):
        asked.check(
            name,
            lambda thens, impact=impact: [
                sum_at_risk(thens, asked.converter, losses, impact, pace) for pace in (EXPECTED, PATIENT, HASTY)
            ],
            lambda answer: [answer.value, answer.low, answer.high],
            BETWEEN,
        )


def check_levels(asked: Asked) -> None:
    def in_flight_value(thens: list[Then]) -> dict[tuple[str, ...], int]:
        factor = asked.converter.factor
        value = {stage: one for stage, one in levels(thens)[2].items() if any(one.values())}
        return {
            stage: round(sum((minor * (factor(unit) or 0) for unit, minor in one.items()), Fraction(0)))
            for stage, one in value.items()
        }

    asked.check("orders.open", lambda thens: levels(thens)[0], parted("channel"), TIMES, back=INSTANT, by="channel")
    asked.check("orders.in_flight", lambda thens: levels(thens)[1], parted("step"), TIMES, back=INSTANT, by="step")
    asked.check("orders.in_flight_value", in_flight_value, parted("step"), TIMES, back=INSTANT, by="step")


def check_arrivals(asked: Asked) -> None:
    def ended(thens: list[Then], window: timedelta) -> tuple[object, int, int]:
        at = thens[0].at + INSTANT if thens else DAY_BEGINS
        return latencies(thens, at - window, at)

    asked.check(
        "latency",
        lambda thens: ended(thens, HOUR)[:2],
        lambda answer: (answer.value, answer.extra.get("count", 0)),
        TIMES,
        back=INSTANT,
    )
    asked.check(
        "orders.reached",
        lambda thens: ended(thens, QUARTER)[2],
        lambda answer: answer.extra["count"],
        TIMES,
        back=INSTANT,
    )
    asked.check("arrivals.age", waited, lambda answer: (answer.value, answer.extra["median"]), BETWEEN)


def check_traffic(asked: Asked) -> None:
    for place, name in enumerate(("throughput", "failure.rate")):
        answers = ask_series(asked.session, name, TIMES, by=("channel",))
        for at, answer in zip(TIMES, answers, strict=True):
            counts, share = traffic(asked.world, at - QUARTER, at)
            if answer.data_age_seconds is not None:
                told = {tuple(group.by.values()): group.extra["count"] for group in answer.groups} if not place else {}
                assert (told, answer.value)[place] == (counts, share)[place], (name, at)


def check_unmatched(asked: Asked) -> None:
    for at, answer in zip(BETWEEN, ask_series(asked.session, "events.unmatched", BETWEEN), strict=True):
        waiting = [fact.occurred_at for fact in asked.world.unmatched.values() if fact.occurred_at <= at]
        if answer.data_age_seconds is not None:
            assert (answer.value, answer.extra["oldest_at"]) == (len(waiting), min(waiting, default=None)), at


def test_no_metric_of_the_catalogue_is_left_out() -> None:
    elsewhere = {"queue.depth", "queue.drain_time", "connector.last_seen", "connector.clock_skew"}
    here = {
        *("exceptions.open", "orders.late", "orders.failing", "orders.due_soon"),
        *("revenue.at_risk", "revenue.cash_delayed"),
        *("orders.open", "orders.in_flight", "orders.in_flight_value"),
        *("latency", "orders.reached", "arrivals.age", "throughput", "failure.rate", "events.unmatched"),
    }
    assert here | elsewhere == CATALOGUE.keys()
