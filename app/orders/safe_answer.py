"""What may be said to the customer about an order: no system names, no personal data, a date (pure)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.orders.rules import Situation

PAID, SHIPPED, DELIVERED = "payment.captured", "fulfilment.shipped", "fulfilment.delivered"


@dataclass(frozen=True, slots=True)
class SafeAnswer:
    """Words to copy; they hold until `true_until`, unless something new is heard before (None: only that)."""

    text: str
    true_until: datetime | None


def write_answer(situation: Situation, name: str, tracking: str | None = None) -> SafeAnswer | None:
    """Answer "where is my order?"; None while nobody knows which order this is."""
    if situation.is_provisional:
        return None
    if situation.flow.kind == "return":
        return SafeAnswer(f"Your return {name} {_sent_back(situation)}", None)
    reached = situation.journey.reached
    words, until = _body(situation, tracking)
    refund = reached.get("refund.issued")
    if refund is not None:
        words += f" Your refund was issued on {_day(situation, refund)}."
    elif "return.received" in reached:
        words += " We have received your return and are dealing with your refund."
    return SafeAnswer(f"Your order {name} {words}", until)


def _sent_back(situation: Situation) -> str:
    """Where a return stands: only what was reached, for no date of a refund is promised to anyone."""
    reached = situation.journey.reached
    if "refund.issued" in reached:
        return f"is complete: your refund was issued on {_day(situation, reached['refund.issued'])}."
    if "return.received" in reached:
        return f"reached us on {_day(situation, reached['return.received'])}, and we are dealing with your refund."
    return "is registered. We will deal with your refund as soon as the parcel has reached us."


def _body(situation: Situation, tracking: str | None) -> tuple[str, datetime | None]:
    journey = situation.journey
    delivered, shipped = journey.reached.get(DELIVERED), journey.reached.get(SHIPPED)
    if journey.cancelled_at is not None and journey.ending == "cancelled":
        return _cancelled(situation, journey.cancelled_at), None
    if delivered is not None:
        return f"was delivered on {_day(situation, delivered)}.", None
    if shipped is not None:
        return _on_its_way(situation, shipped, tracking)
    if PAID not in journey.reached and PAID in journey.troubles:
        return "has reached us, but the payment has not gone through yet. Please check your payment details.", None
    return _in_the_making(situation)


def _cancelled(situation: Situation, cancelled_at: datetime) -> str:
    words = f"was cancelled on {_day(situation, cancelled_at)}."
    has_refund = situation.journey.reached.keys() & {"refund.issued", "return.received"}
    if PAID in situation.journey.reached and not has_refund:
        words += " Your refund has not been issued yet."
    return words


def _on_its_way(situation: Situation, shipped: datetime, tracking: str | None) -> tuple[str, datetime | None]:
    words = f"was handed to the carrier on {_day(situation, shipped)}."
    promised = situation.promised_at
    if promised is None:
        words += " We have no delivery date for it yet."
    elif promised > situation.at:
        words += f" Delivery is planned for {_day(situation, promised)}."
    else:
        words += f" It should have arrived by {_day(situation, promised)} and is late. We are sorry for the delay."
    if tracking:
        words += f" The tracking number is {tracking}."
    return words, promised if promised is not None and promised > situation.at else None


def _in_the_making(situation: Situation) -> tuple[str, datetime | None]:
    confirmed = "is confirmed and paid" if PAID in situation.journey.reached else "has reached us"
    words = f"{confirmed}. "
    promised, ship_by, at = situation.promised_at, _ship_by(situation), situation.at
    soon = "we will send the tracking number as soon as it leaves."
    if promised is None:
        return f"{words}We are preparing it now, and {soon}", None
    if promised <= at:
        late = f"It should have arrived by {_day(situation, promised)} and has not left us yet. We are sorry;"
        return f"{words}{late} {soon}", None
    if ship_by is not None and ship_by > at:
        plan = (
            f"We are preparing it now and expect to hand it to the carrier by {_day(situation, ship_by)}. "
            f"Delivery is still planned for {_day(situation, promised)}, and"
        )
        return f"{words}{plan} {soon}", ship_by
    delay = f"It has not left us yet, later than planned, so that delivery on {_day(situation, promised)} may not hold;"
    return f"{words}{delay} {soon}", promised


def _ship_by(situation: Situation) -> datetime | None:
    return next((one.due_at for one in situation.expected if one.milestone.name == SHIPPED), None)


def _day(situation: Situation, moment: datetime) -> str:
    """A date as a customer counts days, in the zone of the flow's calendar; the year only where it differs."""
    zone = ZoneInfo(situation.flow.calendar.zone)
    local = moment.astimezone(zone)
    year = f" {local.year}" if local.year != situation.at.astimezone(zone).year else ""
    return f"{local:%A} {local.day} {local:%B}{year}"
