"""The one sentence on top: what is wrong, since when, how much, and who has it (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.exceptions.names import channel_name, counted
from app.exceptions.queries import ExceptionGroup
from app.journeys.flow import Flow
from app.metrics.metric import Answer
from app.tower import rules
from app.tower.flow import FlowPicture
from app.tower.rules import State
from app.tower.strip import Queue, drain_phrase
from app.tower.usual import Place
from app.web.filters import count, duration, moment, money

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Headline:
    """A state, the sentence, and what else there is to say."""

    level: State
    title: str
    text: str

    @property
    def word(self) -> str:
        """The state in a word."""
        return {"act": "Act", "watch": "Watch", "unknown": "Unknown", "ok": "OK"}[self.level]


def headline_of(
    flow: Flow,
    groups: Sequence[ExceptionGroup],
    picture: FlowPicture,
    queues: Sequence[Queue],
    age: float | None,
    deadlines: Callable[[], Answer],
    at: datetime,
) -> Headline:
    """Say the worst of it: a cause, else a queue, else silence; or that nothing needs anybody.

    `age` is that of the newest event; the coming deadlines are asked for only when there is nothing else to say.
    """
    if age is None and not groups:
        return Headline("unknown", "Nothing is known yet: no event has come in", "Connect a system, or load a file.")
    if rules.is_stale(age):
        title = f"No news for {duration(age)}: what you see is of {short_time(at, at, age or 0.0)}"
        return Headline("unknown", title, _also(groups, None))
    worst = worst_group(groups)
    if worst is not None:
        return _of_cause(flow, worst, groups, picture, queues, at)
    queue = queues[0] if queues and queues[0].state == "act" else None
    if queue is not None:
        title = f"Queue {queue.name} fills faster than it is emptied: {count(queue.depth)} messages wait"
        parts = [f"At present rates it {drain_phrase(queue)}.", _silence(flow, picture)]
        return Headline("act", title, " ".join(filter(None, parts)))
    return _of_cells(flow, picture) or _calm(flow, groups, picture, deadlines(), at)


def worst_group(groups: Sequence[ExceptionGroup]) -> ExceptionGroup | None:
    """Pick the cause to speak of: first what asks to act, then the most money."""
    lit = [group for group in groups if group.level != "quiet"]
    return min(lit, key=urgency, default=None)


def urgency(group: ExceptionGroup) -> tuple[int, int, int, int]:
    """Order causes by what to do first: level, money at risk, money held back, orders."""
    at_risk = group.at_risk.minor if group.at_risk else 0
    gross = group.gross.minor if group.gross else 0
    return ("act", "watch", "quiet").index(group.level), -at_risk, -gross, -group.orders


def short_time(moment_at: datetime, at: datetime, back_seconds: float = 0.0) -> str:
    """Write the time of day, with the day when it is another one."""
    then = datetime.fromtimestamp(moment_at.timestamp() - back_seconds, at.tzinfo)
    return f"{then:%H:%M}" if then.date() == at.date() else moment(then)


def _of_cause(
    flow: Flow,
    worst: ExceptionGroup,
    groups: Sequence[ExceptionGroup],
    picture: FlowPicture,
    queues: Sequence[Queue],
    at: datetime,
) -> Headline:
    worth = f" worth {money(worst.gross)}" if worst.gross else ", value unknown,"
    since = short_time(worst.first_seen_at, at)
    title = f"{worst.title}: {counted(worst.orders, worst.returns)}{worth} held back since {since}"
    # Few orders yet, but nearly all of a stretch: the map asks to act before the sum does.
    is_choke = any(cell.state == "act" for (_, step), cell in picture.cells.items() if step == worst.step)
    level: State = "act" if worst.level == "act" or is_choke else "watch"
    parts = [_where(flow, worst, picture), _owner(worst), _behind(queues), _also(groups, worst)]
    return Headline(level, title, " ".join(filter(None, parts)))


def _where(flow: Flow, worst: ExceptionGroup, picture: FlowPicture) -> str:
    step = flow.steps.get(worst.step)
    say = f"could not {step.say}" if step and worst.kind != "overdue" else f"did not {step.say}" if step else "stopped"
    spared = [channel.name for channel in picture.channels if channel.id and channel.id not in worst.channels]
    names = [channel_name(channel) or "no channel" for channel in worst.channels]
    if not spared and len(names) > 2:
        return f"Orders of all {_number(len(names))} channels {say}."
    rest = f" {_list(spared)} {'is' if len(spared) == 1 else 'are'} not affected." if 0 < len(spared) <= 3 else ""
    return f"Orders of {_list(names)} {say}.{rest}"


def _owner(worst: ExceptionGroup) -> str:
    whose = f"{worst.owner} looks after it" if worst.owner else "Nobody looks after it"
    return f"{whose}: {worst.action[:1].lower()}{worst.action[1:]}." if worst.action else f"{whose}."


def _behind(queues: Sequence[Queue]) -> str:
    stuck = [queue for queue in queues if queue.state != "ok"]
    if not stuck:
        return ""
    where = _list([queue.name for queue in stuck])
    waits = "message waits" if sum(queue.depth for queue in stuck) == 1 else "messages wait"
    return f"{count(sum(queue.depth for queue in stuck))} {waits} in {where}."


def _also(groups: Sequence[ExceptionGroup], worst: ExceptionGroup | None) -> str:
    others = sum(group.level != "quiet" and group is not worst for group in groups)
    if not others:
        return ""
    return f"{_number(others).capitalize()} more {'cause needs' if others == 1 else 'causes need'} attention."


def loudest_place(picture: FlowPicture) -> Place | None:
    """Pick the stretch to speak of: one to act on before one to watch, and those before silence."""
    order: tuple[State, ...] = ("act", "watch", "unknown")
    lit = [(order.index(cell.state), place) for place, cell in picture.cells.items() if cell.state != "ok"]
    return min(lit)[1] if lit else None


def _of_cells(flow: Flow, picture: FlowPicture) -> Headline | None:
    """No single cause is large, but a stretch of the way is, or has gone silent."""
    place = loudest_place(picture)
    if place is None:
        return None
    cell, label, name = picture.cells[place], flow.by_name[place[1]].label, channel_name(place[0])
    if cell.state == "unknown":
        quiet = duration(picture.stretches[place].quiet_seconds)
        return Headline("unknown", f"{name} has been silent at {label} for {quiet}", _silence(flow, picture, place))
    held = f"{counted(cell.waiting)} {cell.word}, worth {cell.value or 'an unknown sum'}"
    more = sum(one.state != "ok" for one in picture.cells.values()) - 1
    others = f"{_number(more).capitalize()} more {'stretch needs' if more == 1 else 'stretches need'} a look."
    title = f"{name} is held back at {label}: {held}"
    return Headline(cell.state, title, f"No cause stands out. {others if more else ''}".strip())


def _silence(flow: Flow, picture: FlowPicture, told: Place | None = None) -> str:
    """Name the stretches that have gone silent, besides the one told of already."""
    silent = [place for place, cell in picture.cells.items() if cell.state == "unknown" and place != told]
    if not silent:
        return "Usually orders pass there all the time." if told else ""
    parts = []
    for step in dict.fromkeys(step for _, step in silent):
        names = [channel_name(channel) for channel, one in silent if one == step]
        parts.append(f"{_list(names)} {'is' if len(names) == 1 else 'are'} silent at {flow.by_name[step].label}.")
    return f"{'Also ' if told else ''}{' '.join(parts)}"


def _calm(
    flow: Flow, groups: Sequence[ExceptionGroup], picture: FlowPicture, deadlines: Answer, at: datetime
) -> Headline:
    rates = [channel.per_minute for channel in picture.channels if channel.per_minute is not None]
    flowing = sum(rate > 0 for rate in rates)
    channels = f"{_number(flowing)} {'channel flows' if flowing == 1 else 'channels flow'}"
    title = f"Nothing needs you: {channels}, {sum(rates):.1f} orders a minute"
    orders, returns = sum(group.orders for group in groups), sum(group.returns for group in groups)
    if not groups:
        open_text = "No exception is open."
    else:
        causes = f"{_number(len(groups))} {'cause' if len(groups) == 1 else 'causes'}"
        open_text = f"{_in_trouble(orders, returns)}, of {causes}, none of them large."
    return Headline("ok", title, f"{open_text} {_next_deadline(flow, deadlines, at)}".strip())


def _next_deadline(flow: Flow, deadlines: Answer, at: datetime) -> str:
    coming = [(group.extra["next_at"], group.by["step"]) for group in deadlines.groups if group.extra.get("next_at")]
    if not coming:
        return "No deadline falls within a day."
    due_at, step = min(coming)
    known = flow.steps.get(step)
    what = f"to {known.say}" if known else step
    left = duration((due_at - at).total_seconds())
    return f"The next deadline that could be missed is one {what} at {short_time(due_at, at)}, with {left} to spare."


def _in_trouble(both: int, returns: int) -> str:
    words = counted(both, returns)
    return f"{words[:1].upper()}{words[1:]} {'has' if both == 1 else 'have'} an open exception"


def _number(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else count(number)


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
