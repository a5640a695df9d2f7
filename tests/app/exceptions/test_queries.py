"""The work-queue as of a time: groups, bands, members, rows and their filters."""

import pytest
from sqlalchemy.orm import Session

from app.core.errors import PayloadError
from app.core.money import Money
from app.exceptions.filters import read_filter
from app.exceptions.members import list_exceptions, list_members
from app.exceptions.queries import list_bands, list_groups, summarise, trend_by_cause
from app.exceptions.selection import AsOf, as_of
from tests.app.metrics.rows import a_cause, a_rate, a_stake, ago, an_exception, an_order
from tests.builders import NOW

DAY = 24 * 60


@pytest.fixture
def now(session: Session) -> AsOf:
    """Three orders in two groups: A is in both, B is the dearest, C has no known value."""
    for currency, euros in (("GBP", "1"), ("USD", "0.5")):
        a_rate(session, currency, euros)
    a_cause(session, "late", title="Waits to be posted to the ERP", owner="ERP integration")
    a_cause(session, "sku", title="NetSuite rejects unknown SKUs", owner="Catalogue", kind="failed")
    for name in "ABC":
        an_order(session, name, opened=5 * DAY)
    an_exception(session, "A", opened=4 * DAY, cause="sku", kind="failed", channel="amazon-uk")
    an_exception(session, "A", opened=60, cause="late", channel="amazon-uk")
    an_exception(session, "B", opened=30, cause="late")
    an_exception(session, "C", opened=20, cause="late")
    an_exception(session, "D", opened=90, closed=45, cause="late")
    an_exception(session, "E", opened=-20, cause="late")
    a_stake(session, "A", 10_000, "USD", opened=4 * DAY, cause="sku")
    a_stake(session, "B", 20_000, "GBP", opened=30, cause="late")
    a_stake(session, "C", None, None, opened=20, cause="late")
    session.flush()
    return as_of(session, NOW, "GBP")


def test_groups_rank_by_money_and_count_each_order_once(session: Session, now: AsOf) -> None:
    sku, late = list_groups(session, read_filter(""), now)
    assert (sku.title, sku.orders, sku.owner, sku.kind) == ("NetSuite rejects unknown SKUs", 1, "Catalogue", "failed")
    assert (sku.at_risk, sku.gross) == (Money(3_000, "GBP"), Money(5_000, "GBP"))
    assert (late.orders, late.gross, late.channels) == (3, Money(25_000, "GBP"), ("amazon-uk", "shopify-us"))
    assert late.coverage == pytest.approx(2 / 3)
    assert late.at_risk == Money(round(20_000 * (0.01 + 0.04 / 8)), "GBP")
    assert (late.oldest_at, late.last_seen_at) == (ago(60), ago(20))
    summary = summarise(session, read_filter(""), now)
    assert (summary.orders, summary.gross) == (3, Money(25_000, "GBP"))
    assert summary.at_risk == Money(3_000 + 300, "GBP")


def test_groups_of_the_past_are_those_of_then(session: Session, now: AsOf) -> None:
    then = as_of(session, ago(50), "GBP")
    assert {group.cause: group.orders for group in list_groups(session, read_filter(""), then)} == {"late": 2, "sku": 1}
    assert summarise(session, read_filter(""), as_of(session, ago(9 * DAY), "GBP")).orders == 0


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("channel:amazon-uk", {"A"}),
        ("channel:shop*", {"B", "C"}),
        ("age:>4h", {"A"}),
        ("age:15m..1h", {"B", "C"}),
        ("value:>100", {"B"}),
        ("value:<=50", {"A"}),
        ("cause:late", {"A", "B", "C"}),
        ("owner:catalogue", {"A"}),
        ('owner:"ERP integration" value:>=50', {"A", "B"}),
        ("owner:none", set()),
        ("kind:failed", {"A"}),
        ("system:netsuite kind:failed", {"A"}),
        ("status:late cause:late", {"A", "B", "C"}),
        ("unknown SKUs", {"A"}),
        ("cause:late cause:sku step:erp.order.posted", {"A", "B", "C"}),
    ],
)
def test_filters_find_the_same_orders_everywhere(session: Session, now: AsOf, text: str, orders: set[str]) -> None:
    wanted = read_filter(text)
    members = list_members(session, wanted, now)
    assert {member.anchor.removeprefix("order:") for member in members.rows} == orders
    assert summarise(session, wanted, now).orders == len(orders)
    assert sum(band.orders for band in list_bands(session, wanted, now)) == len(orders)
    rows = list_exceptions(session, wanted, now).rows
    assert {row.anchor.removeprefix("order:") for row in rows} == orders


def test_members_come_dearest_first_in_pages(session: Session, now: AsOf) -> None:
    seen, after = [], None
    for _ in range(3):
        page = list_members(session, read_filter("cause:late"), now, after=after, limit=1)
        seen += [(row.anchor, row.worth) for row in page.rows]
        after = page.after
    assert seen == [("order:B", Money(20_000, "GBP")), ("order:A", Money(5_000, "GBP")), ("order:C", None)]
    assert after is None


def test_a_member_shows_its_own_currency_and_its_share_of_the_risk(session: Session, now: AsOf) -> None:
    (member,) = list_members(session, read_filter("kind:failed"), now).rows
    assert (member.value, member.at_risk) == (Money(10_000, "USD"), Money(3_000, "GBP"))
    assert (member.titles, member.since_at) == (("NetSuite rejects unknown SKUs",), ago(4 * DAY))


def test_rows_by_status_know_nothing_of_the_future(session: Session, now: AsOf) -> None:
    def opened(text: str, asked: AsOf) -> list[tuple[object, ...]]:
        return [(row.opened_at, row.closed_at) for row in list_exceptions(session, read_filter(text), asked).rows]

    assert opened("status:closed", now) == [(ago(90), ago(45))]
    assert opened("status:due", now) == [(ago(-20), None)]
    then = as_of(session, ago(50), "GBP")
    assert (ago(90), None) in opened("", then)
    assert opened("status:closed", then) == []


def test_rows_are_paged_without_loss_or_repeat(session: Session, now: AsOf) -> None:
    whole = list_exceptions(session, read_filter(""), now).rows
    seen, after = [], None
    while True:
        page = list_exceptions(session, read_filter(""), now, after=after, limit=1)
        seen += page.rows
        after = page.after
        if after is None:
            break
    assert tuple(seen) == whole
    assert len(whole) == 4
    with pytest.raises(PayloadError, match="page marker"):
        list_exceptions(session, read_filter(""), now, after="nonsense")


def test_a_trend_counts_the_orders_of_each_cause(session: Session, now: AsOf) -> None:
    assert trend_by_cause(session, read_filter(""), now, [ago(5 * DAY), ago(70), ago(25), NOW]) == {
        "late": [0, 1, 2, 3],
        "sku": [0, 1, 1, 1],
    }
