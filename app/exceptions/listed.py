"""Rows of the work-queue as people read them (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from markupsafe import Markup

from app.core.money import Money
from app.exceptions.members import ExceptionRow, Member
from app.exceptions.names import channel_name, place_phrase
from app.exceptions.queries import ExceptionGroup
from app.exceptions.resolved import Resolved
from app.exceptions.risk import impact_of
from app.journeys.flow import Flow
from app.web.filters import moment
from app.web.sparks import spark

WORDS = {"act": "Act", "watch": "Watch", "quiet": "In hand"}
NOW = timedelta(minutes=1)
NEW = timedelta(hours=1)
GROWN, FEWEST_MORE = 1.5, 10  # orders against those of the spark's point before


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One cause; `is_cash` when its money comes late instead of being at risk."""

    group: ExceptionGroup
    word: str
    where: str
    note: str
    is_cash: bool
    age_seconds: float
    first: str
    last: str
    spark_svg: Markup


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with what is wrong with it."""

    member: Member
    name: str
    channel: str
    title: str
    kind: str
    owner: str
    promise: str
    age_seconds: float
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class PlainRow:
    """One order that is out of trouble, or not yet in it: `until` is when it recovered, or when it will be late."""

    journey_id: UUID
    name: str
    channel: str
    title: str
    kind: str
    owner: str
    value: Money | None
    since: str
    until: str
    seconds: float
    outcome: str


def describe_groups(
    flow: Flow, groups: Iterable[ExceptionGroup], trends: Mapping[str, Sequence[int]], at: datetime
) -> list[GroupRow]:
    """Describe the causes of a page."""
    return [_describe_group(flow, group, trends.get(group.cause, ()), at) for group in groups]


def describe_orders(members: Iterable[Member], at: datetime) -> list[OrderRow]:
    """Describe the orders of a group, or of the flat list."""
    return [_describe_order(member, at) for member in members]


def describe_resolved(rows: Iterable[Resolved], at: datetime) -> list[PlainRow]:
    """Describe orders that are out of trouble."""
    return [
        PlainRow(
            journey_id=row.journey_id,
            name=order_name(row.anchor),
            channel=channel_name(row.channel),
            title=row.title,
            kind=", ".join(row.kinds),
            owner=row.owner,
            value=row.value,
            since=time_words(row.since_at, at),
            until=time_words(row.closed_at, at),
            seconds=(row.closed_at - row.since_at).total_seconds(),
            outcome="cancelled" if row.is_lost else "recovered",
        )
        for row in rows
    ]


def describe_due(rows: Iterable[ExceptionRow], at: datetime) -> list[PlainRow]:
    """Describe orders that will be late unless something happens."""
    return [
        PlainRow(
            journey_id=row.journey_id,
            name=order_name(row.anchor),
            channel=channel_name(row.channel),
            title=row.title,
            kind=row.kind,
            owner=row.owner,
            value=row.value,
            since=time_words(row.started_at, at),
            until=time_words(row.opened_at, at),
            seconds=(row.opened_at - at).total_seconds(),
            outcome="",
        )
        for row in rows
    ]


def order_name(anchor: str) -> str:
    """Name an order by its own number."""
    namespace, _, name = anchor.partition(":")
    return name if namespace == "order" else anchor.replace(":", " ", 1) or "no number yet"


def time_words(then: datetime, at: datetime) -> str:
    """Write a moment in a narrow column: now, the time of day, or the day too."""
    if timedelta(0) <= at - then < NOW:
        return "now"
    return f"{then:%H:%M}" if then.date() == at.date() else moment(then)


def _describe_group(flow: Flow, group: ExceptionGroup, trend: Sequence[int], at: datetime) -> GroupRow:
    return GroupRow(
        group=group,
        word=WORDS[group.level],
        where=place_phrase(group.channels, group.returns),
        note=_note(group, trend, at),
        is_cash=impact_of(flow, group.step) == "cash",
        age_seconds=(at - group.oldest_at).total_seconds(),
        first=time_words(group.first_seen_at, at),
        last=time_words(group.last_seen_at, at),
        spark_svg=spark(trend),
    )


def _note(group: ExceptionGroup, trend: Sequence[int], at: datetime) -> str:
    if at - group.first_seen_at < NEW:
        return "new"
    if len(trend) > 1 and trend[-1] > GROWN * trend[-2] and trend[-1] - trend[-2] >= FEWEST_MORE:
        return "escalating"
    return ""


def _describe_order(member: Member, at: datetime) -> OrderRow:
    more = f" and {len(member.titles) - 1} more" if len(member.titles) > 1 else ""
    return OrderRow(
        member=member,
        name=order_name(member.anchor),
        channel=channel_name(member.channel),
        title=f"{member.titles[0]}{more}",
        kind=", ".join(member.kinds),
        owner=", ".join(filter(None, member.owners)),
        promise=f"for {member.promised_at:%a} {member.promised_at.day}" if member.promised_at else "",
        age_seconds=(at - member.since_at).total_seconds(),
        first=time_words(member.first_seen_at, at),
        last=time_words(member.last_seen_at, at),
    )
