"""Orders out of trouble, and orders about to be in it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.errors import PayloadError
from app.core.money import Money
from app.exceptions.due import list_due
from app.exceptions.filters import read_filter
from app.exceptions.resolved import count_resolved, list_resolved
from app.exceptions.selection import AsOf, as_of
from app.metrics.catalogue import ask
from tests.app.metrics.rows import a_cause, a_rate, ago, an_exception, an_order
from tests.builders import NOW

HOURS = timedelta(hours=4)


@pytest.fixture
def now(session: Session) -> AsOf:
    """A and B are out of trouble, C was cancelled, D went from one trouble into another, E is long over."""
    a_rate(session, "USD", "0.9")
    a_cause(session)
    a_cause(session, "c2", title="Other", owner="Warehouse")
    for name in "ABCDEFGH":
        closed = {"closed_at": ago(20), "ending": "cancelled"} if name == "C" else {"closed_at": None, "ending": None}
        an_order(session, name, promised_at=None, **closed)
    an_exception(session, "A", opened=90, closed=30, cause="c2", kind="failed")
    an_exception(session, "A", opened=80, closed=10)
    an_exception(session, "B", opened=60, closed=40)
    an_exception(session, "C", opened=60, closed=20)
    an_exception(session, "D", opened=60, closed=30)
    an_exception(session, "D", opened=30, cause="c2")
    an_exception(session, "E", opened=900, closed=800)
    an_exception(session, "F", opened=-10)
    an_exception(session, "F", opened=-50, step="fulfilment.released")
    an_exception(session, "G", opened=-61)
    an_exception(session, "H", opened=-5, closed=-90)
    session.flush()
    return as_of(session, NOW, "GBP")


def resolved(session: Session, now: AsOf, text: str = "", after: str | None = None, limit: int = 50):
    return list_resolved(session, read_filter(text), now, now.at - HOURS, after=after, limit=limit)


def test_orders_that_left_trouble_are_listed_once(session: Session, now: AsOf) -> None:
    rows = resolved(session, now).rows
    assert [(row.anchor, row.closed_at, row.is_lost) for row in rows] == [
        ("order:A", ago(10), False),
        ("order:C", ago(20), True),
        ("order:B", ago(40), False),
    ]
    first = rows[0]
    assert (first.title, first.kinds, first.since_at) == ("Other", ("overdue",), ago(90))
    assert first.value == Money(10_000, "USD")
    assert count_resolved(session, NOW - HOURS, NOW) == 3


def test_past_resolutions_are_those_of_then(session: Session, now: AsOf) -> None:
    then = as_of(session, ago(15), "GBP")
    assert [(row.anchor, row.is_lost) for row in resolved(session, then).rows] == [
        ("order:C", True),
        ("order:B", False),
    ]
    assert count_resolved(session, ago(15) - HOURS, ago(15)) == 2


def test_resolved_are_filtered_and_paged(session: Session, now: AsOf) -> None:
    assert [row.anchor for row in resolved(session, now, "owner:warehouse").rows] == ["order:A"]
    first = resolved(session, now, limit=2)
    assert [row.anchor for row in resolved(session, now, after=first.after, limit=2).rows] == ["order:B"]
    with pytest.raises(PayloadError):
        resolved(session, now, after="nonsense")


def test_due_lists_what_the_metric_counts_the_nearest_first(session: Session, now: AsOf) -> None:
    rows = list_due(session, read_filter("status:due"), now).rows
    assert [(row.anchor, row.opened_at) for row in rows] == [("order:H", ago(-5)), ("order:F", ago(-10))]
    assert ask(session, "orders.due_soon", NOW).value == len(rows)


def test_due_are_filtered_and_paged(session: Session, now: AsOf) -> None:
    first = list_due(session, read_filter(""), now, limit=1)
    assert [row.anchor for row in list_due(session, read_filter(""), now, after=first.after).rows] == ["order:F"]
    assert list_due(session, read_filter("channel:walmart"), now).rows == ()
    with pytest.raises(PayloadError):
        list_due(session, read_filter(""), now, after="nonsense")
