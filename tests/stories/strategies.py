"""Strategies for small estates by noun: facts, orders, returns, documents of many orders, and ways of arriving."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from app.events.event import Event
from tests.builders import NOW, an_event

DAY_BEGINS = NOW.replace(hour=0)
# Few distinct minutes, so that many things happen at the same time.
MINUTES = (1, 2, 20, 45, 300, 900)
JUNK = ("N/A", "0", "unknown")

ORDERS, RETURNS = ("SO-1", "SO-2", "SO-3"), ("R-1", "R-2")
KEYS = {
    "order": ORDERS,
    "netsuite.salesorder": ("88121", "88122", *JUNK[:2]),
    "fulfilment": ("F-1", "F-2", "F-3", "tbd"),
    "invoice": ("I-1", "I-2", "0"),
    "tracking": ("1Z1", "1Z2", "1Z3", JUNK[2]),
    "payout": ("P-1", "P-2"),
    "return": RETURNS,
    "rma": ("RMA-1", "RMA-2", "N/A"),
    "creditmemo": ("CM-1", "CM-2"),
    "sku": ("A-1", "A-2"),
}

# What one system after the other knows of an order, or of a return: each only the names that it has learnt.
Life = tuple[tuple[str, tuple[str, ...]], ...]
ORDER_LIFE: Life = (
    ("order.placed", ("order", "sku")),
    ("order.accepted", ("order",)),
    ("erp.order.posted", ("order", "netsuite.salesorder")),
    ("fulfilment.released", ("netsuite.salesorder", "fulfilment")),
    ("fulfilment.shipped", ("fulfilment", "tracking")),
    ("fulfilment.delivered", ("tracking",)),
    ("invoice.posted", ("netsuite.salesorder", "invoice")),
    ("payout.settled", ("payout",)),
    ("order.amended", ("order",)),
    ("order.cancelled", ("order",)),
)
RETURN_LIFE: Life = (
    ("return.requested", ("return", "order", "sku")),
    ("return.requested", ("return", "rma", "order")),
    ("return.received", ("rma", "tracking")),
    ("return.received", ("tracking",)),
    ("return.inspected", ("rma",)),
    ("refund.approved", ("return", "rma")),
    ("refund.issued", ("return",)),
    ("refund.issued", ("order",)),
    ("creditmemo.posted", ("rma", "creditmemo", "netsuite.salesorder")),
    ("creditmemo.posted", ("creditmemo",)),
)
MESSAGES = ("message.dead_lettered", "message.replayed")
OUTCOMES = ("ok", "ok", "failed", "retrying", "dead_lettered", "skipped")
PROMISES = (None, DAY_BEGINS + timedelta(hours=10), DAY_BEGINS + timedelta(days=2))


@st.composite
def facts(draw: st.DrawFn, number: str, step: str, keys: Iterable[tuple[str, str]]) -> Event:
    """One event with chance particulars."""
    at = DAY_BEGINS + timedelta(minutes=draw(st.sampled_from(MINUTES)))
    amount = draw(st.sampled_from((None, 9950, 12000)))
    given: dict[str, Any] = {
        "outcome": draw(st.sampled_from(OUTCOMES)),
        "channel": draw(st.sampled_from((None, "shopify-us", "amazon-uk"))),
        "error": draw(st.sampled_from((None, "503: unavailable"))),
        "amount_minor": amount,
        "currency": "USD" if amount is not None else None,
        "promised_at": draw(st.sampled_from(PROMISES)),
    }
    return an_event(step, id=number, at=at, keys=tuple(keys), **given)


@st.composite
def lives(draw: st.DrawFn, namespace: str, name: str, life: Life) -> list[Event]:
    """One order or return, with names of its own or contradictory ones, split into parcels that others may share."""
    names = {other: draw(st.sampled_from(values)) for other, values in KEYS.items()}
    parcels = draw(st.lists(st.sampled_from(KEYS["tracking"]), min_size=1, max_size=2, unique=True))
    names[namespace] = name
    events = []
    for number, (step, namespaces) in enumerate(draw(st.lists(st.sampled_from(life), min_size=1, max_size=6))):
        for parcel in parcels if "tracking" in namespaces else parcels[:1]:
            keys = [(other, parcel if other == "tracking" else names[other]) for other in namespaces]
            events.append(draw(facts(f"{name}/{number}/{parcel}", step, keys)))
    return events


@st.composite
def documents(draw: st.DrawFn, number: int) -> Event:
    """A consolidated document or a payout: one event that names several orders, or returns, and what they share."""
    namespace, step = draw(
        st.sampled_from(
            (
                ("payout", "payout.settled"),
                ("netsuite.salesorder", "erp.order.posted"),
                ("invoice", "invoice.posted"),
                ("tracking", "fulfilment.shipped"),
                ("creditmemo", "creditmemo.posted"),
            )
        )
    )
    about, names = ("return", RETURNS) if namespace == "creditmemo" else ("order", ORDERS)
    named = draw(st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True))
    shared = draw(st.sampled_from(KEYS[namespace]))
    return draw(facts(f"document/{number}", step, [*((about, name) for name in named), (namespace, shared)]))


@st.composite
def links(draw: st.DrawFn, number: int) -> Event:
    """An event that ties any names together, too late perhaps: a wrong document number, a bare parcel."""
    namespaces = draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=3))
    keys = [(namespace, draw(st.sampled_from(KEYS[namespace]))) for namespace in namespaces]
    step, _ = draw(st.sampled_from((*ORDER_LIFE, *RETURN_LIFE)))
    return draw(facts(f"link/{number}", step, keys))


@st.composite
def scans(draw: st.DrawFn, number: int) -> Event:
    """An event that names no order, only what several may share."""
    namespaces = draw(st.sampled_from((("tracking",), ("payout",), ("tracking", "payout"), ("tracking", "invoice"))))
    keys = [(namespace, draw(st.sampled_from(KEYS[namespace]))) for namespace in namespaces]
    return draw(facts(f"scan/{number}", "fulfilment.delivered", keys))


@st.composite
def messages(draw: st.DrawFn, number: int) -> Event:
    """What the middleware says of a message that it gave up, or passed on after all."""
    about, namespaces = draw(st.sampled_from((*ORDER_LIFE, *RETURN_LIFE, ("no.step", ("order",)))))
    keys = [(namespace, draw(st.sampled_from(KEYS[namespace]))) for namespace in namespaces]
    at = DAY_BEGINS + timedelta(minutes=draw(st.sampled_from(MINUTES)))
    step = draw(st.sampled_from(MESSAGES))
    return an_event(step, id=f"message/{number}", at=at, keys=tuple(keys), channel=None, attributes={"step": about})


@st.composite
def estates(draw: st.DrawFn) -> list[Event]:
    """A few orders and returns, and what stands between them."""
    orders = draw(st.lists(st.sampled_from(ORDERS), min_size=1, max_size=3, unique=True))
    returns = draw(st.lists(st.sampled_from(RETURNS), max_size=2, unique=True))
    events = [event for order in orders for event in draw(lives("order", order, ORDER_LIFE))]
    events += [event for name in returns for event in draw(lives("return", name, RETURN_LIFE))]
    events += [draw(documents(number)) for number in range(draw(st.integers(0, 2)))]
    events += [draw(links(number)) for number in range(draw(st.integers(0, 4)))]
    events += [draw(scans(number)) for number in range(draw(st.integers(0, 2)))]
    return events + [draw(messages(number)) for number in range(draw(st.integers(0, 1)))]


@dataclass(frozen=True)
class Arrival:
    """An estate's events, and the batches in which they come, some twice."""

    events: list[Event]
    batches: list[list[Event]]

    def __repr__(self) -> str:
        """Short enough to be read: an estate written out whole is longer than what Hypothesis will print."""
        told = [f"{one.id} {one.occurred_at:%H:%M} {one.step} {one.outcome} {_named(one)}" for one in self.events]
        return "\n".join([*told, *(" ".join(event.id for event in batch) for batch in self.batches)])


def _named(event: Event) -> str:
    return " ".join(f"{namespace}:{value}" for namespace, value in event.keys)


@st.composite
def arrivals(draw: st.DrawFn) -> Arrival:
    """An estate's events, and one way in which they may come: shuffled, repeated, cut into batches."""
    events = draw(estates())
    repeats = draw(st.lists(st.sampled_from(events), max_size=4))
    shuffled = draw(st.permutations(events + repeats))
    ends = sorted(draw(st.sets(st.integers(1, len(shuffled)), max_size=6)) | {len(shuffled)})
    starts = [0, *ends[:-1]]
    return Arrival(events, [list(shuffled[start:end]) for start, end in zip(starts, ends, strict=True)])
