"""The small print of an order's page: notes, money, keys, lines and related orders, in words (pure)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.money import Money
from app.exceptions.names import channel_name
from app.journeys.queries import MOST_COUNTED, HeldKey, JourneyView, Related
from app.orders.headline import PAID
from app.orders.rules import Situation
from app.orders.safe_answer import SafeAnswer
from app.orders.words import day
from app.orders.worth import Worth
from app.web.filters import moment, money, money_exact, percent

# Facets whose values already stand in the lines of the order.
_SHOWN_ELSEWHERE = ("sku",)

Fact = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of the order; `is_named` when the last error speaks of it."""

    sku: str
    quantity: int
    price: Money | None
    is_named: bool


@dataclass(frozen=True, slots=True)
class Aside:
    """What the head and the right column say beside the journey itself."""

    channel: str
    promised_on: str
    payment: str
    answer_note: str
    needs_note: str
    money_note: str
    money: tuple[Fact, ...]
    keys: tuple[HeldKey, ...]
    lines: tuple[OrderLine, ...]
    lines_note: str
    more_related: tuple[str, ...]


def describe_aside(
    view: JourneyView, situation: Situation, worth: Worth, answer: SafeAnswer | None, related: Sequence[Related]
) -> Aside:
    """Put the small print into words."""
    needs = len(situation.needs)
    lines = tuple(_lines(situation, worth))
    return Aside(
        channel=channel_name(situation.journey.channel),
        promised_on=day(situation.promised_at) if situation.promised_at else "",
        payment=_payment(situation, worth),
        answer_note=_answer_note(answer),
        needs_note=f"{needs} open {'exception' if needs == 1 else 'exceptions'}" if needs else "",
        money_note=_rate(worth),
        money=tuple(_money(situation, worth)),
        keys=tuple(key for key in view.keys if not lines or key.namespace not in _SHOWN_ELSEWHERE),
        lines=lines,
        lines_note=_lines_note(lines, worth),
        more_related=tuple(_more(related)),
    )


def _payment(situation: Situation, worth: Worth) -> str:
    if not situation.flow.value_steps:
        return ""
    if PAID not in situation.journey.reached:
        return "payment failed" if PAID in situation.journey.troubles else "payment not seen"
    return "paid in full" if worth.captured is not None and worth.captured == worth.value else "paid"


def _answer_note(answer: SafeAnswer | None) -> str:
    if answer is None:
        return ""
    if answer.true_until is None:
        return "English. True until something new is heard."
    return f"English. True until {moment(answer.true_until)} UTC, unless something new is heard."


def _rate(worth: Worth) -> str:
    if not worth.is_foreign or worth.value is None or worth.rate is None:
        return ""
    return f"{worth.value.currency} at {worth.rate:.4f}"


def _money(situation: Situation, worth: Worth) -> Iterator[Fact]:
    given_back = [("Refunded", worth.refunded), ("Credited", worth.credited)]
    if not situation.flow.value_steps:
        yield from ((name, money_exact(amount) if amount else "nothing yet", "") for name, amount in given_back)
        return
    ours = money_exact(worth.ours) if worth.is_foreign else ""
    yield "Value", money_exact(worth.value) if worth.value else None, ours or _no_rate(worth)
    for name, amount in (("Captured", worth.captured), ("Invoiced", worth.invoiced), ("Settled", worth.settled)):
        if amount is not None:
            yield name, money_exact(amount), ""
        elif name != "Settled" or "payout.settled" in situation.journey.reached:
            yield name, _not_yet(situation, name), ""
    yield from ((name, money_exact(amount), "") for name, amount in given_back if amount is not None)
    if worth.at_risk is not None:
        risk = worth.at_risk
        span = f"{percent(risk.share)}, {money(risk.low)}–{money(risk.high)}"
        yield "At risk", money_exact(risk.expected), span
    elif situation.needs:
        yield "At risk", _unknown_risk(worth), ""
    if worth.delayed is not None:
        yield "Cash delayed", money_exact(worth.delayed), ""


def _no_rate(worth: Worth) -> str:
    return "no exchange rate" if worth.value is not None and worth.ours is None else ""


def _not_yet(situation: Situation, name: str) -> str:
    step = {"Captured": PAID, "Invoiced": "invoice.posted", "Settled": "payout.settled"}[name]
    return "amount not told" if step in situation.journey.reached else "nothing yet"


def _unknown_risk(worth: Worth) -> str | None:
    """Trouble that only delays the money puts no revenue at risk; without a value nobody knows."""
    return "nothing" if worth.delayed is not None else None


def _lines(situation: Situation, worth: Worth) -> Iterator[OrderLine]:
    need = situation.first_need
    errors = " ".join(trouble.error for trouble in need.troubles) if need else ""
    currency = worth.value.currency if worth.value else None
    for line in situation.journey.lines:
        minor = line.unit_price_minor
        price = Money(minor, currency) if minor is not None and currency is not None else None
        yield OrderLine(line.sku, line.quantity, price, bool(line.sku) and line.sku in errors)


def _lines_note(lines: Sequence[OrderLine], worth: Worth) -> str:
    """The total, and what of it the lines do not explain."""
    if worth.value is None or any(line.price is None for line in lines):
        return "Total"
    rest = worth.value.minor - sum(line.quantity * line.price.minor for line in lines if line.price)
    if not rest:
        return "Total"
    amount = money_exact(Money(abs(rest), worth.value.currency))
    return f"Total, with {amount} shipping and tax" if rest > 0 else f"Total, less {amount} discount"


def _more(related: Sequence[Related]) -> Iterator[str]:
    """Say how many orders of a key are not listed."""
    others = {one.key: one.others for one in related if one.others}
    shown = Counter(one.key for one in related)
    for key, number in others.items():
        namespace, _, value = key.partition(":")
        some = "more than " if number + shown[key] >= MOST_COUNTED else ""
        yield f"{namespace} {value}: {some}{number} more."
