"""The six figures over the map, each with its change, its state, and a link to the rows that it counts (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from app.core.money import Money
from app.metrics.metric import Answer, Group, Value
from app.tower import rules
from app.tower.links import definition_link
from app.tower.readings import StripReadings
from app.tower.rules import State
from app.tower.usual import Stock, beyond, share_beyond
from app.web.filters import clock, count, duration, money, percent, short_money
from app.web.frame import Frame
from app.web.sparks import spark

WORDS: dict[State, str] = {"act": "Act", "watch": "Watch", "unknown": "Unknown", "ok": "OK"}
NEVER = "never"
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Tile:
    """What the macro `tile` draws."""

    label: str
    value: str
    level: State
    word: str
    note: str
    age_seconds: float | None
    href: str
    info_href: str
    spark_svg: Markup
    status: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue that takes longest to drain."""

    name: str
    depth: int
    drain_seconds: float | None
    is_never: bool

    @property
    def state(self) -> State:
        """How it stands."""
        return rules.backlog_state(self.depth, self.drain_seconds, self.is_never)


def strip_of(readings: StripReadings, window: timedelta, currency: str, frame: Frame) -> list[Tile]:
    """Write the six tiles."""
    return [
        _at_risk(readings, window, currency, frame),
        _late(readings.late, readings.usual.late, window, frame),
        _due(readings.due, window, frame),
        _oldest(readings.open, frame),
        _backlog(readings, window, frame),
        _events(readings, window, frame),
    ]


def rank_queues(depth: Answer, drain: Answer) -> list[Queue]:
    """Put first the queue to speak of: one that never drains, then the slowest, then the deepest."""
    drains = {group.by["queue"]: group for group in drain.groups}
    queues = [_queue(group, drains.get(group.by["queue"])) for group in depth.groups if group.value is not None]
    return sorted(queues, key=lambda one: (not one.is_never, -(one.drain_seconds or 0.0), -one.depth, one.name))


def _queue(group: Group, drain: Group | None) -> Queue:
    is_never = drain is not None and drain.extra.get("reason") == NEVER
    return Queue(group.by["queue"], int(group.value or 0), drain.value if drain else None, is_never)


def _at_risk(readings: StripReadings, window: timedelta, currency: str, frame: Frame) -> Tile:
    answers = readings.at_risk
    now = answers[-1]
    worth = _money(now.value, currency)
    gross = _money(now.extra.get("gross"), currency)
    found = Stock(int(readings.open[-1].value or 0), _whole(_money(readings.open[-1].extra.get("gross"), currency)))
    share = share_beyond(found, readings.usual.total)
    state = rules.risk_state(int(_whole(worth) * share), int(_whole(gross) * share))
    parts = []
    if now.value and now.low is not None and now.high is not None:
        parts.append(_range(_money(now.low, currency), _money(now.high, currency)))
    if now.coverage is not None and now.coverage < 1:
        parts.append(f"{percent(now.coverage)} known")
    parts.append(_change(answers, window, lambda value: short_money(Money(round(value), currency))))
    return _tile("Revenue at risk", "revenue.at_risk", answers, money(worth), state, parts, frame.link("/exceptions"))


def _late(answers: Sequence[Answer], usual: int, window: timedelta, frame: Frame) -> Tile:
    now, link = answers[-1], frame.link("/exceptions", q="status:late")
    state = rules.late_state(beyond(int(now.value or 0), usual))
    parts = [_change(answers, window), f"usually {count(usual)}" if usual else ""]
    return _tile("Orders late now", "orders.late", answers, count(now.value), state, parts, link)


def _due(answers: Sequence[Answer], window: timedelta, frame: Frame) -> Tile:
    now = answers[-1]
    state, link = rules.due_state(int(now.value or 0)), frame.link("/exceptions", q="status:due")
    first = now.extra.get("next_at")
    parts = [f"first {clock(first)[:5]}" if first else "", _change(answers, window)]
    return _tile("Late within the hour", "orders.due_soon", answers, count(now.value), state, parts, link)


def _oldest(answers: Sequence[Answer], frame: Frame) -> Tile:
    now = answers[-1]
    ages = [_age(answer) for answer in answers]
    age = ages[-1]
    if age is None:
        link, value, parts = frame.link("/exceptions"), "None", ["nothing is open"]
    else:
        link, value = frame.link("/exceptions", q=f"age:>={int(age)}s"), _long(age)
        parts = [f"of {count(now.value)} open"]
        parts += [f"was {duration(ages[0])}"] if ages[0] is not None and ages[0] > age else []
    state = rules.age_state(age or 0.0)
    return _tile("Oldest open exception", "exceptions.open", answers, value, state, parts, link, ())


def _backlog(readings: StripReadings, window: timedelta, frame: Frame) -> Tile:
    now, link = readings.depth[-1], frame.link("/queues")
    queues = rank_queues(now, readings.drain)
    if not queues:
        return _tile("Backlog", "queue.depth", readings.depth, "", "unknown", [], link)
    queue = queues[0]
    depths = [_depth_of(answer, queue.name) for answer in readings.depth]
    parts = [drain_phrase(queue)]
    parts += [_difference(depths[0], depths[-1], window, count)] if queue.depth or depths[0] else []
    label = f"Backlog, {queue.name}"
    return _tile(label, "queue.drain_time", readings.depth, count(queue.depth), queue.state, parts, link, depths)


def drain_phrase(queue: Queue) -> str:
    """Say when a queue will be empty."""
    if queue.is_never:
        return "never drains"
    if queue.drain_seconds is None:
        return "drain time unknown"
    return f"drains in {duration(queue.drain_seconds)}" if queue.depth else "empty"


def _events(readings: StripReadings, window: timedelta, frame: Frame) -> Tile:
    now, failing = readings.events[-1], readings.failing
    state = rules.failing_state(failing.value, failing.extra.get("attempts", 0))
    share = f"{percent(failing.value)} fail" if failing.value is not None else "no attempts"
    value = "" if now.value is None else count(round(float(now.value), 1 if now.value < 10 else 0))
    parts = [share, _change(readings.events, window, lambda one: count(round(one)))]
    return _tile("Events a minute", "throughput", readings.events, value, state, parts, frame.link("/connectors"))


def _tile(
    label: str,
    metric: str,
    answers: Sequence[Answer],
    value: str,
    state: State,
    parts: Sequence[str],
    href: str,
    course: Sequence[Value] | None = None,
) -> Tile:
    now = answers[-1]
    is_known = now.value is not None
    return Tile(
        label=label,
        value=value,
        level=state,
        word=WORDS[state],
        note=", ".join(filter(None, parts)) if is_known else str(now.extra.get("reason", "no events yet")),
        age_seconds=now.data_age_seconds,
        href=href,
        info_href=definition_link(metric),
        spark_svg=spark(course if course is not None else [answer.value for answer in answers]),
        status="unknown" if not is_known else "stale" if rules.is_stale(now.data_age_seconds) else "normal",
    )


def _change(answers: Sequence[Answer], window: timedelta, write: Callable[[float], str] = count) -> str:
    return _difference(answers[0].value, answers[-1].value, window, write)


def _difference(before: Value, now: Value, window: timedelta, write: Callable[[float], str]) -> str:
    """Say how much more or less it is than the window before."""
    if before is None or now is None:
        return ""
    written = write(abs(now - before))
    if written == write(0):
        return f"as {duration(window)} ago"
    return f"{'+' if now > before else '−'}{written} in {duration(window)}"


def _range(low: Money | None, high: Money | None) -> str:
    """Write a range with its currency once: £166–465, £22.6k–37.9k."""
    least, most = short_money(low), short_money(high)
    sign = most[: next((place for place, mark in enumerate(most) if mark.isdigit()), 0)]
    return f"{least}–{most.removeprefix(sign)}"


def _long(seconds: float) -> str:
    """Write an age shortly: from ten hours on, minutes say nothing."""
    return duration(seconds // HOUR * HOUR if seconds >= 10 * HOUR else seconds)


def _age(answer: Answer) -> float | None:
    oldest: datetime | None = answer.extra.get("oldest_at")
    return (answer.at - oldest).total_seconds() if oldest else None


def _depth_of(answer: Answer, queue: str) -> Value:
    return next((group.value for group in answer.groups if group.by["queue"] == queue), None)


def _money(minor: Value, currency: str) -> Money | None:
    return None if minor is None else Money(int(minor), currency)


def _whole(amount: Money | None) -> int:
    return int(amount.major) if amount else 0
