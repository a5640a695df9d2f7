"""What the tower asks, as of a time: the catalogue's figures, and when each stretch and connector was last heard."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core.clock import floor_minute, floor_time
from app.core.money import exponent
from app.exceptions.filters import ExceptionFilter
from app.exceptions.queries import ExceptionGroup, list_groups
from app.exceptions.selection import AsOf
from app.metrics.catalogue import ask, ask_series
from app.metrics.metric import Answer
from app.models.alerts import Alert, AlertRule
from app.series.query import Wanted, last_seen
from app.tower.earlier import same_hours, usual_of
from app.tower.memory import Memory, ask_course
from app.tower.readings import AlertChange, Beats, FlowReadings, Shared, StripReadings
from app.tower.rhythm import find_silent, read_rhythm
from app.tower.silence import USUAL
from app.tower.usual import Stock, Usual, level_beyond

POINTS = 8  # of a sparkline, between its two ends
BUCKETS = 24  # of the trend
SHORT, DAY = timedelta(minutes=5), timedelta(hours=24)
USUAL_SECONDS = 15 * 60.0  # earlier days hardly change
CELL = ("channel", "step")


def read_strip(session: Session, memory: Memory, at: datetime, window: timedelta, shared: Shared) -> StripReadings:
    """Ask the six figures; those that other regions speak of too are given."""
    ats = moments(at, window)
    return StripReadings(
        at_risk=ask_course(session, memory, "revenue.at_risk", ats),
        late=ask_course(session, memory, "orders.late", ats),
        due=ask_course(session, memory, "orders.due_soon", ats),
        open=shared.open,
        depth=shared.depth,
        drain=shared.drain,
        events=ask_course(session, memory, "throughput", ats, window=SHORT),
        failing=shared.failing,
        usual=shared.usual,
    )


def read_usual(session: Session, memory: Memory, at: datetime, currency: str) -> Usual:
    """Ask what was held back at this hour of earlier days and weeks."""
    ats = same_hours(at)

    def read() -> Usual:
        opened = ask_series(session, "exceptions.open", ats, by=(*CELL, "cause"))
        return usual_of(opened, ask_series(session, "orders.late", ats), 10 ** exponent(currency))

    usual: Usual = memory.once(("usual", ats[0]), read, USUAL_SECONDS)
    return usual


@dataclass(frozen=True, slots=True)
class GroupJudge:
    """Tells other pages how loud groups are, as the tower has it."""

    memory: Memory
    currency: str

    def __call__(self, session: Session, at: datetime, groups: Iterable[ExceptionGroup]) -> tuple[ExceptionGroup, ...]:
        usual = read_usual(session, self.memory, at, self.currency)
        return tuple(judge(group, usual) for group in groups)


def read_groups(session: Session, asked: AsOf, usual: Usual) -> tuple[ExceptionGroup, ...]:
    """List everything open by cause, each as loud as it goes beyond what is usual."""
    return tuple(judge(group, usual) for group in list_groups(session, ExceptionFilter(), asked))


def judge(group: ExceptionGroup, usual: Usual) -> ExceptionGroup:
    """Make a group as loud as it goes beyond what is usual of its cause."""
    found = Stock(group.orders, int(group.gross.major) if group.gross else 0)
    at_risk = int(group.at_risk.major) if group.at_risk else 0
    return replace(group, level=level_beyond(at_risk, found, usual.of(group.cause)))


def read_open(session: Session, memory: Memory, at: datetime, window: timedelta) -> list[Answer]:
    """Ask how many orders needed help over the window."""
    return ask_course(session, memory, "exceptions.open", moments(at, window))


def read_depths(session: Session, memory: Memory, at: datetime, window: timedelta) -> list[Answer]:
    """Ask how deep each queue was over the window."""
    first, *ats = moments(at, window)
    # Asked by itself: together with the last time it would read every sample between.
    before = ask(session, "queue.depth", first, by=("queue",))
    return [before, *ask_course(session, memory, "queue.depth", ats, by=("queue",))]


def read_drains(session: Session, at: datetime) -> Answer:
    """Ask when each queue will be empty."""
    return ask(session, "queue.drain_time", at, by=("queue",))


def read_failing(session: Session, at: datetime) -> Answer:
    """Ask what share of attempts fails, altogether and by stretch."""
    return ask(session, "failure.rate", at, by=CELL)


def read_flow(
    session: Session, memory: Memory, at: datetime, window: timedelta, failing: Answer, usual: Usual
) -> FlowReadings:
    """Ask what else the map shows."""
    seen = last_seen(session, Wanted("reached", CELL), [at])[0]
    rhythm = memory.once(("reached", floor_time(at, SHORT)), lambda: read_rhythm(session, "reached", at))
    return FlowReadings(
        open=ask(session, "exceptions.open", at, by=(*CELL, "kind", "age")),
        in_flight=ask(session, "orders.in_flight", at, by=CELL),
        latency=ask(session, "latency", at, window=window, by=CELL),
        reached=ask(session, "orders.reached", at, by=CELL),
        failing=failing,
        day=memory.once(
            ("day", floor_time(at, SHORT)), lambda: ask(session, "orders.reached", at, window=DAY, by=CELL)
        ),
        seen=seen,
        silent=find_silent(session, "reached", seen, rhythm, at),
        usual=usual,
        systems=memory.once(("systems", floor_time(at, USUAL)), lambda: read_systems(session, at)),
    )


def read_systems(session: Session, at: datetime) -> dict[tuple[str, str], str]:
    """Find which system serves each channel at each step: the one that spoke most often in a day."""
    said = ask(session, "throughput", at, window=DAY, by=(*CELL, "system"))
    ranked = sorted(said.groups, key=lambda group: group.value or 0)
    return {(group.by["channel"], group.by["step"]): group.by["system"] for group in ranked if group.by["system"]}


def read_next_deadlines(session: Session, at: datetime) -> Answer:
    """Ask which deadlines come next, of a day's."""
    return ask(session, "orders.due_soon", at, window=DAY, by=("step",))


def read_attempts(session: Session, memory: Memory, step: str, at: datetime, window: timedelta) -> list[Answer]:
    """Ask how attempts at a step went over the window."""
    ends, width = buckets(at, window)
    return ask_course(session, memory, "failure.rate", ends, window=width, where={"step": step})


def read_reached(
    session: Session, memory: Memory, step: str, at: datetime, window: timedelta, back: timedelta = timedelta(0)
) -> list[Answer]:
    """Ask how many orders a minute reached a step over the window, or over one that lies further back."""
    ends, width = buckets(at, window)
    moved = [end - back for end in ends]
    return ask_course(session, memory, "orders.reached", moved, window=width, where={"step": step})


def read_beats(session: Session, memory: Memory, at: datetime) -> Beats:
    """Find when each connector was last heard, heartbeats included, and which have gone quiet."""
    wanted = Wanted("events", ("connector",), with_pulses=True)
    seen = {key: moment for key, moment in last_seen(session, wanted, [at])[0].items() if any(key)}
    rhythm = memory.once(("events", floor_time(at, SHORT)), lambda: read_rhythm(session, "events", at))
    silent = find_silent(session, "events", seen, rhythm, at)
    return Beats({name: moment for (name,), moment in seen.items()}, {name for (name,) in silent})


def read_connectors(session: Session, memory: Memory, at: datetime, window: timedelta) -> list[Answer]:
    """Ask how attempts through each connector went over the window."""
    ends, width = buckets(at, window)
    return ask_course(session, memory, "failure.rate", ends, window=width, by=("connector",))


def list_alert_changes(session: Session, since: datetime, until: datetime) -> list[AlertChange]:
    """List alerts that began or ended to fire in a stretch of time."""
    fired, resolved = Alert.firing_at.between(since, until), Alert.resolved_at.between(since, until)
    statement = select(Alert, AlertRule.definition).outerjoin(AlertRule, AlertRule.name == Alert.rule)
    changes = []
    for alert, definition in session.execute(statement.where(Alert.firing_at.is_not(None), or_(fired, resolved))):
        severity, title = (definition or {}).get("severity", "watch"), (definition or {}).get("title", alert.rule)
        for at, is_over in ((alert.firing_at, False), (alert.resolved_at, True)):
            if at is not None and since <= at <= until:
                sentence = title if is_over else alert.summary.get("fired") or alert.summary.get("sentence") or title
                changes.append(AlertChange(at, is_over, sentence, severity))
    return changes


def moments(at: datetime, window: timedelta) -> list[datetime]:
    """Begin and end of the window, and round times between; all but the end are those of many requests."""
    step, begin = window / POINTS, floor_minute(at - window)
    last = floor_time(at, step)
    between = [last - step * back for back in reversed(range(POINTS))]
    return [begin, *(moment for moment in between if begin < moment < at), at]


def buckets(at: datetime, window: timedelta) -> tuple[list[datetime], timedelta]:
    """Ends of the trend's buckets, the last one at the last whole minute, and how wide each is."""
    width = max(window / BUCKETS, timedelta(minutes=1))
    end = floor_minute(at)
    last = floor_time(end, width)
    ends = [last - width * back for back in reversed(range(BUCKETS))]
    return [moment for moment in ends if moment < end] + [end], width
