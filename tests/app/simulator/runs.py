"""Played stories that several tests look at, and small ways to read them."""

from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from app.simulator.engine import TimedMessage, simulate
from app.simulator.estate import build_estate
from app.simulator.faults import choose_story

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FAULT_AT = START + timedelta(minutes=30)


@cache
def played(story: str = "calm-day", hours: float = 4, seed: int = 7, start: datetime = START) -> list[TimedMessage]:
    """Play a story whose fault begins half an hour after the start."""
    told = choose_story(story, start + timedelta(minutes=30))
    return list(simulate(build_estate(Random(seed)), told, start, start + timedelta(hours=hours), seed))


def events(messages: list[TimedMessage], step: str = "", **fields: object) -> list[dict]:
    """The distinct events of a step with these fields, in order of arrival."""
    found = {
        event_key(message): message.event
        for message in messages
        if message.event["type"].removeprefix("retail.").startswith(step)
        and all(message.event["data"].get(name) == value for name, value in fields.items())
    }
    return list(found.values())


def event_key(message: TimedMessage) -> tuple[str, str]:
    return message.event["source"], message.event["id"]


def time_of(event: dict) -> datetime:
    return datetime.fromisoformat(event["time"])


def order_of(event: dict) -> str:
    """The channel's order id, whatever the system that speaks may call the order."""
    return event["id"].partition("/")[0]
