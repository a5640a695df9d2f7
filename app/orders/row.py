"""One order of a list, as it was at the asked time (pure)."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.core.money import Money
from app.core.terms import Limit, Terms
from app.events.fact import Fact
from app.journeys.flow import Flow
from app.journeys.fold import fold_at
from app.orders.clocks import is_ahead
from app.series.rates import Converter

_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order; `stage` is the last milestone reached, `troubles` the causes of its open exceptions in words.

    It `has_ahead` events that were told to happen after they came.
    """

    journey_id: UUID
    anchor: str
    is_provisional: bool
    channel: str
    stage: str | None
    value: Money | None
    opened_at: datetime
    promised_at: datetime | None
    closed_at: datetime | None
    ending: str | None
    last_at: datetime
    troubles: tuple[str, ...] = ()
    trouble_since_at: datetime | None = None
    has_ahead: bool = False


def as_it_was(flow: Flow, row: OrderRow, facts: Sequence[Fact], at: datetime) -> OrderRow:
    """Take an order back to an earlier time by folding what had happened by then."""
    then = fold_at(flow, facts, at)
    if then is None:
        return row
    stated = then.values[-1] if then.values else None
    return replace(
        row,
        stage=then.stage,
        value=Money(stated[1], stated[2]) if stated else None,
        promised_at=then.promises[-1][1] if then.promises else None,
        closed_at=then.closed_at,
        ending=then.ending,
        last_at=then.last_at,
        has_ahead=any(map(is_ahead, facts)),
    )


def stages_before(flow: Flow, waited_for: Sequence[str]) -> list[str]:
    """The milestones after which an order waits for one of these stages of the map."""
    before = []
    for place, milestone in enumerate(flow.milestones):
        following = next((later.name for later in flow.milestones[place + 1 :] if later.on_map), None)
        if following in waited_for:
            before.append(milestone.name)
    return before


def fits(flow: Flow, row: OrderRow, terms: Terms, converter: Converter) -> bool:
    """Check what may have changed since: stage and value."""
    values = terms.values
    if "stage" in values and row.stage not in values["stage"]:
        return False
    if "waiting" in values and (row.ending or row.stage not in stages_before(flow, values["waiting"])):
        return False
    return all(_within(row, limit, converter) for limit in terms.limits if limit.name == "value")


def _within(row: OrderRow, limit: Limit, converter: Converter) -> bool:
    worth = converter.convert(row.value)
    return worth is not None and bool(_SIGNS[limit.sign](worth.major, limit.amount))
