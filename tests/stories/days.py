"""Simulated days, played into the store at once and looked at as of any moment; days that pass while one looks."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.commands import load_shipped_rules
from alerts.dispatch import Outlet
from alerts.evaluate import evaluate_rules
from app.events.event import Event
from app.metrics.money import seed_rates
from app.settings import Settings
from app.simulator.engine import simulate
from app.simulator.estate import build_estate
from app.simulator.faults import choose_story
from app.tower.board import Board
from app.tower.memory import Memory
from app.web.dependencies import AskedAt
from tests.app.tower.world import FRAME
from tests.stories.journeys import an_estate, read_events, work

WINDOW = timedelta(hours=4)
NOBODY = Outlet((), "http://testserver")


def play_day(session: Session, story: str, begins_at: datetime, until: datetime, fault_at: datetime, seed: int) -> None:
    """Work all of [begins_at, until) in one batch."""
    seed_rates(session)
    work(session, an_estate(), [[event for _, event in arrivals(story, begins_at, until, fault_at, seed)]], until)
    session.execute(text("ANALYZE"))


def arrivals(
    story: str, begins_at: datetime, until: datetime, fault_at: datetime, seed: int
) -> Sequence[tuple[datetime, Event]]:
    """The events of a story, each with the time at which it comes in."""
    told = list(simulate(build_estate(Random(seed)), choose_story(story, fault_at), begins_at, until, seed))
    events = read_events((message.event for message in told), until)
    return list(zip((message.arrives_at for message in told), events, strict=True))


def look(session: Session, at: datetime) -> Board:
    """The tower as of a moment."""
    return Board(session, Memory(), AskedAt(at, True, WINDOW, at), FRAME, Settings())


def lit(board: Board) -> list[str]:
    """Everything on the tower that is not grey, in words."""
    regions = board.regions("strip", "headline", "map", "first", "changes")
    found = [f"tile {tile.label}: {tile.word}, {tile.value}" for tile in regions["strip"] if tile.level != "ok"]
    found += [f"map {place}: {cell.state} {cell.word}" for place, cell in board.picture.cells.items() if is_lit(cell)]
    found += [f"do first {row.title}: {row.level}" for row, _ in regions["first"]["rows"] if row.level != "quiet"]
    found += [f"changed {change.text}: {change.level}" for change in regions["changes"] if change.level != "quiet"]
    headline = regions["headline"]
    return found + ([f"headline {headline.title}: {headline.level}"] if headline.level != "ok" else [])


def is_lit(cell: object) -> bool:
    """Whether a stretch of the map is in a state."""
    return getattr(cell, "state", "ok") != "ok"


def fired(session: Session, moments: Iterator[datetime]) -> list[tuple[str, str]]:
    """Evaluate the shipped rules at each moment, and say which began to fire, and when."""
    found = []
    for number, at in enumerate(moments):
        if number == 0:
            load_shipped_rules(session, at)
        changes = evaluate_rules(session, at, NOBODY)
        found += [(f"{at:%H:%M}", f"{one.rule} {dict(one.labels)}") for one in changes if one.after == "firing"]
    return found


def every(step: timedelta, since: datetime, until: datetime) -> Iterator[datetime]:
    """Moments from the first to the last, a step apart."""
    while since <= until:
        yield since
        since += step
