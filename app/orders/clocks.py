"""Marks for what was told to have happened after it was heard of, or very long before (pure)."""

from datetime import datetime, timedelta

from app.events.fact import Fact

SLACK = timedelta(minutes=1)
OLD = timedelta(days=366)
CLOCK_AHEAD, IS_OLD = "clock ahead", "old"


def mark_fact(fact: Fact) -> str:
    """Mark an event whose own time cannot be right, or was years ago when it came."""
    if is_ahead(fact):
        return CLOCK_AHEAD
    return IS_OLD if fact.received_at - fact.occurred_at > OLD else ""


def is_ahead(fact: Fact) -> bool:
    """Whether the sender's clock was ahead of ours by more than clocks differ."""
    return fact.occurred_at > fact.received_at + SLACK


def mark_order(opened_at: datetime, at: datetime, *, has_ahead: bool) -> str:
    """Mark an order of a list: some of it lies ahead, or it began years ago."""
    if has_ahead:
        return CLOCK_AHEAD
    return IS_OLD if at - opened_at > OLD else ""
