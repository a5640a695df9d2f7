"""One row of the order list as people read it (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.core.money import Money
from app.exceptions.names import channel_name
from app.journeys.flow import Flow
from app.orders.clocks import mark_order
from app.orders.row import OrderRow
from app.orders.rules import Level
from app.orders.words import when
from app.series.rates import Converter


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order of the list; `wrong` says what is wrong with it, `age_seconds` since when."""

    row: OrderRow
    name: str
    channel: str
    stage: str
    level: Level
    word: str
    wrong: str
    ours: Money | None
    promise: str
    is_promise_missed: bool
    age_seconds: float
    mark: str


def describe_rows(flow: Flow, rows: Iterable[OrderRow], converter: Converter, at: datetime) -> list[ListedOrder]:
    """Describe the rows of a page."""
    return [_describe(flow, row, converter, at) for row in rows]


def _describe(flow: Flow, row: OrderRow, converter: Converter, at: datetime) -> ListedOrder:
    level, word = row_state(row)
    namespace, _, name = row.anchor.partition(":")
    stage = flow.by_name.get(row.stage) if row.stage else None
    more = f" and {len(row.troubles) - 1} more" if len(row.troubles) > 1 else ""
    is_open = row.closed_at is None
    return ListedOrder(
        row=row,
        name=f"{namespace} {name}" if row.is_provisional else name,
        channel=channel_name(row.channel),
        stage=stage.label if stage else "",
        level=level,
        word=word,
        wrong=f"{row.troubles[0]}{more}" if row.troubles else "",
        ours=converter.convert(row.value),
        promise=when(row.promised_at, at) if row.promised_at else "",
        is_promise_missed=is_open and row.promised_at is not None and row.promised_at <= at and not _is_delivered(row),
        age_seconds=(at - (row.trouble_since_at or row.opened_at)).total_seconds(),
        mark=mark_order(row.opened_at, at, has_ahead=row.has_ahead),
    )


def row_state(row: OrderRow) -> tuple[Level, str]:
    """Level and word of an order in a list."""
    if row.troubles:
        return "act", "Act"
    if row.ending == "cancelled":
        return "quiet", "Cancelled"
    if row.ending == "completed":
        return "quiet", "Completed"
    return ("unknown", "No order yet") if row.is_provisional else ("ok", "On track")


def _is_delivered(row: OrderRow) -> bool:
    return row.stage in ("fulfilment.delivered", "payout.settled")
