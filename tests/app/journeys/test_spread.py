"""A shared key that leads to more journeys than a batch follows: what names it is brought to them in pieces."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.event import Event
from app.journeys.catalogue import order_flow
from app.pipeline import Estate, work_events, work_piece
from app.verify.run import verify
from tests.builders import NOW, an_event
from tests.oracle.export import expected_export
from tests.stories.journeys import exported

ORDERS, PIECE = 40, 7
PAYOUT = ("payout", "P")


def small_estate() -> Estate:
    return Estate((order_flow(),), timedelta(days=90), room=PIECE, piece=PIECE)


def telling(name: str, *keys: tuple[str, str]) -> Event:
    return an_event("order.validated", id=name, keys=keys)


def tied_orders(first: int = 0, last: int = ORDERS) -> list[Event]:
    return [telling(f"o{number}", ("order", f"{number:03}"), PAYOUT) for number in range(first, last)]


def spread_all(session: Session, estate: Estate) -> int:
    pieces = 0
    while work_piece(session, estate).claimed:
        pieces += 1
    return pieces


def check(session: Session, estate: Estate, events: list[Event]) -> None:
    assert exported(session) == expected_export(estate.flows, events)
    assert verify(session, estate.flows, estate.retention, NOW).lines()[-1] == "no differences"
    assert session.execute(text("SELECT count(*) FROM waiting_events WHERE state = 'spreading'")).scalar_one() == 0


def holding(session: Session, events: int) -> int:
    """How many journeys hold so many events."""
    counted = session.execute(text("SELECT count(*) FROM journeys WHERE event_count = :events"), {"events": events})
    return int(counted.scalar_one())


def test_a_payout_over_many_orders_comes_to_them_in_pieces(session: Session) -> None:
    estate, orders, payout = small_estate(), tied_orders(), telling("p", PAYOUT)
    work_events(session, estate, orders, NOW)
    work_events(session, estate, [payout], NOW)
    assert holding(session, 2) == 0
    work_piece(session, estate)
    assert holding(session, 2) == PIECE
    assert spread_all(session, estate) == ORDERS // PIECE
    check(session, estate, [*orders, payout])


def test_orders_take_a_payout_over_that_came_first(session: Session) -> None:
    estate, orders, payout = small_estate(), tied_orders(), telling("p", PAYOUT)
    work_events(session, estate, [payout], NOW)
    for start in range(0, ORDERS, 3):
        work_events(session, estate, orders[start : start + 3], NOW)
    assert spread_all(session, estate) == 0
    check(session, estate, [*orders, payout])


def test_orders_that_are_tied_between_two_pieces_hold_it_once(session: Session) -> None:
    estate, payout, later = small_estate(), telling("p", PAYOUT), telling("later", PAYOUT)
    orders = tied_orders()
    work_events(session, estate, orders[:20], NOW)
    work_events(session, estate, [payout], NOW)
    work_piece(session, estate)
    work_events(session, estate, [*orders[20:], later], NOW)
    work_piece(session, estate)
    again = [telling(f"again{number}", ("order", f"{number:03}"), PAYOUT) for number in range(ORDERS)]
    work_events(session, estate, again, NOW)
    spread_all(session, estate)
    check(session, estate, [*orders, payout, later, *again])


def test_what_gets_an_owner_of_its_own_leaves_the_many_in_pieces(session: Session) -> None:
    invoice = ("invoice", "7")
    claims = [telling(f"c{name}", ("order", name), ("fulfilment", name)) for name in "AB"]
    claims += [telling(f"d{name}", ("fulfilment", name), invoice) for name in "AB"]
    estate, orders, payout = small_estate(), tied_orders(), telling("p", invoice, PAYOUT)
    work_events(session, estate, [*orders, *claims], NOW)
    work_events(session, estate, [payout], NOW)
    spread_all(session, estate)
    check(session, estate, [*orders, *claims, payout])
    nearer = telling("n", ("order", "C"), invoice)
    work_events(session, estate, [nearer], NOW)
    assert holding(session, 2) > ORDERS - 2 * PIECE
    assert spread_all(session, estate) == (ORDERS + 1) // PIECE + 1
    check(session, estate, [*orders, *claims, payout, nearer])


def test_a_tie_that_ends_on_the_way_is_not_followed(session: Session) -> None:
    """The orders come to be known by a number that belongs to two others: their ties go over to these."""
    estate, payout = small_estate(), telling("p", PAYOUT)
    ties = [telling(f"t{number}", ("invoice", f"{number:03}"), PAYOUT) for number in range(ORDERS)]
    work_events(session, estate, ties, NOW)
    work_events(session, estate, [payout], NOW)
    work_piece(session, estate)
    owners = [telling(f"a{number}", ("order", "A"), ("invoice", f"{number:03}")) for number in range(ORDERS)]
    for start in range(0, ORDERS, 9):
        work_events(session, estate, owners[start : start + 9], NOW)
        work_piece(session, estate)
    spread_all(session, estate)
    check(session, estate, [*ties, payout, *owners])


def test_what_is_on_its_way_waits_again_when_all_ties_end(session: Session) -> None:
    """Every invoice that tied the payout to an order turns out to be claimed by two."""
    numbers = [f"{number:03}" for number in range(ORDERS)]
    owned = [telling(f"o{number}", ("order", number), ("invoice", number)) for number in numbers]
    ties = [telling(f"t{number}", ("invoice", number), PAYOUT) for number in numbers]
    claims = [telling(f"c{number}", ("order", f"other {number}"), ("invoice", number)) for number in numbers]
    estate, payout, order = small_estate(), telling("p", PAYOUT), telling("z", ("order", "Z"), PAYOUT)
    work_events(session, estate, [*owned, *ties], NOW)
    work_events(session, estate, [payout], NOW)
    work_events(session, estate, claims, NOW)
    spread_all(session, estate)
    check(session, estate, [*owned, *ties, payout, *claims])
    work_events(session, estate, [order], NOW)
    spread_all(session, estate)
    check(session, estate, [*owned, *ties, payout, *claims, order])


def test_one_more_of_few_claimants_gets_what_the_others_have(session: Session) -> None:
    number = ("invoice", "N")
    claims = [telling(f"c{name}", ("order", name), number) for name in "ABC"]
    estate, bare = small_estate(), telling("b", number)
    work_events(session, estate, [*claims[:2], bare], NOW)
    work_events(session, estate, claims[2:], NOW)
    check(session, estate, [*claims, bare])


def test_what_names_a_number_that_many_claim_comes_to_all_of_them(session: Session) -> None:
    """One more claimant gets it at once; when the number turns out to be somebody's own, it leaves the others."""
    number = ("invoice", "N")
    claims = [telling(f"c{name}", ("order", f"{name:03}"), ("fulfilment", f"{name:03}")) for name in range(ORDERS)]
    claims += [telling(f"d{name}", ("fulfilment", f"{name:03}"), number) for name in range(ORDERS)]
    estate, bare, owner = small_estate(), telling("b", number), telling("n", ("order", "C"), number)
    work_events(session, estate, claims[: ORDERS - 1] + claims[ORDERS:-1], NOW)
    work_events(session, estate, [bare], NOW)
    assert work_piece(session, estate).claimed
    assert holding(session, 3) == PIECE
    work_events(session, estate, [claims[ORDERS - 1], claims[-1]], NOW)
    assert holding(session, 3) == PIECE + 1
    with session.begin_nested() as savepoint:
        spread_all(session, estate)
        check(session, estate, [*claims, bare])
        savepoint.rollback()
    work_events(session, estate, [owner], NOW)
    spread_all(session, estate)
    check(session, estate, [*claims, bare, owner])


def test_an_event_of_which_one_key_leads_nowhere_follows_it_later(session: Session) -> None:
    estate, parcel = small_estate(), ("tracking", "T")
    events = [telling("1", ("order", "A"), PAYOUT), telling("2", PAYOUT, parcel), telling("3", ("order", "B"), parcel)]
    for event in events:
        work_events(session, estate, [event], NOW)
    check(session, estate, events)


def test_what_lies_elsewhere_is_not_counted_as_unmatched(session: Session) -> None:
    estate, parcel = small_estate(), ("tracking", "T")
    work_events(session, estate, [telling("1", ("order", "A"), PAYOUT), telling("2", PAYOUT, parcel)], NOW)
    kept = session.execute(text("SELECT key, state FROM waiting_events")).all()
    assert [tuple(row) for row in kept] == [("tracking:T", "elsewhere")]


@dataclass
class Read:
    """How many rows statements have brought from the table of keys."""

    rows: int = 0


@contextmanager
def reading(session: Session) -> Iterator[Read]:
    """Let the server tell how many key rows it has given out; of a table that is not analysed it would read all."""
    session.execute(text("SET LOCAL enable_seqscan = off"))
    fetched = text("SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'journey_keys'")
    read, before = Read(), session.execute(fetched).scalar_one()
    yield read
    read.rows = session.execute(fetched).scalar_one() - before


@pytest.mark.parametrize("is_lonely", [False, True])
def test_one_more_order_reads_few_of_the_ties_that_there_are(session: Session, is_lonely: bool) -> None:
    estate = small_estate()
    work_events(session, estate, tied_orders(last=400), NOW)
    more = telling("p", PAYOUT) if is_lonely else telling("new", ("order", "new"), PAYOUT)
    with reading(session) as read:
        work_events(session, estate, [more], NOW)
    assert read.rows < 30
