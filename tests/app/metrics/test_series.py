"""Asking many times at once gives what asking one by one gives."""

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.core.clock import floor_minute
from app.metrics.catalogue import CATALOGUE, ask, ask_series
from app.series.maths import UNTIMED, bucket_of
from tests.app.metrics.rows import POSTED, a_cause, a_rate, a_sample, a_stake, ago, an_exception, count
from tests.builders import NOW

minutes = st.floats(-90, 3 * 24 * 60, allow_nan=False).map(lambda number: round(number, 3))
channels = st.sampled_from(["amazon-uk", "shopify-us"])
outcomes = st.sampled_from(["ok", "failed", "retrying", "skipped"])


@dataclass(frozen=True)
class Trouble:
    """One exception and its exposure."""

    opened: float
    lasts: float | None
    kind: str
    cause: str
    minor: int | None
    currency: str


troubles = st.builds(
    Trouble,
    minutes,
    st.none() | st.floats(1, 2_000).map(lambda number: round(number, 3)),
    st.sampled_from(["overdue", "failed"]),
    st.sampled_from(["c1", "c2", "unnamed"]),
    st.none() | st.integers(1, 10**9),
    st.sampled_from(["GBP", "USD", "BRL"]),
)
events = st.tuples(minutes, channels, outcomes, st.integers(1, 5))
samples = st.tuples(st.integers(0, 60), st.none() | st.integers(0, 99), st.integers(0, 20), st.integers(0, 40))


def fill(session: Session, wrong: list[Trouble], happened: list[tuple[float, str, str, int]]) -> None:
    """Write a small world."""
    for name in ("c1", "c2"):
        a_cause(session, name, owner=f"Owner of {name}")
    for currency, euros in (("GBP", "1.17"), ("USD", "0.92")):
        a_rate(session, currency, euros)
    for place, one in enumerate(wrong):
        closed = None if one.lasts is None else one.opened - one.lasts
        an_exception(
            session, f"O{place % 5}", opened=one.opened, closed=closed, kind=one.kind, cause=one.cause, step=f"s{place}"
        )
        a_stake(session, f"O{place}", one.minor, one.currency, opened=one.opened, closed=closed, cause=one.cause)
    for at, channel, outcome, number in happened:
        count(session, "events", at, number, channel=channel, connector=f"to-{channel}", step=POSTED, outcome=outcome)
        count(session, "reached", at, number, UNTIMED, channel=channel, step=POSTED)
        count(session, "reached", at, number, bucket_of(60 * number), channel=channel, step=POSTED)
        for level in ("open", "in_flight"):
            count(session, level, at, number - 3, channel=channel, step=POSTED if level == "in_flight" else "")
        count(session, "in_flight_value", at, 100 * number, channel=channel, step=POSTED, currency="USD")


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(troubles, max_size=8),
    st.lists(events, max_size=8),
    st.lists(samples, max_size=8, unique_by=lambda sample: sample[0]),
    st.lists(minutes.map(abs), min_size=1, max_size=4),
)
def test_a_series_is_its_answers_one_by_one(
    session: Session,
    wrong: list[Trouble],
    happened: list[tuple[float, str, str, int]],
    queued: list[tuple[int, int | None, int, int]],
    times: list[float],
) -> None:
    with session.begin_nested() as point:
        fill(session, wrong, happened)
        for at, depth, published, consumed in queued:
            a_sample(session, at=at, depth=depth, published=published, consumed=consumed)
        session.flush()
        ats = [ago(at) for at in times]
        for metric in CATALOGUE.values():
            by = metric.dimensions[-1:]
            one_by_one = [ask(session, metric.name, at, by=by) for at in ats]
            assert ask_series(session, metric.name, ats, by=by) == one_by_one, metric.name
        session.expunge_all()
        point.rollback()


def test_a_window_is_whole_minutes(session: Session) -> None:
    for minute in range(5):
        count(session, "events", minute, 6, step=POSTED, outcome="ok")
    answer = ask(session, "throughput", floor_minute(NOW), window=timedelta(seconds=90))
    assert (answer.value, answer.extra["count"]) == (6.0, 12)
