"""The sentence on top of a journey: where it is and why; and the line below it: what is next, by when, whose (pure)."""

from dataclasses import dataclass
from datetime import datetime

from app.exceptions.causes import system_name
from app.journeys.flow import Milestone
from app.journeys.journey import Trouble
from app.orders.rules import Expected, Level, Need, Situation
from app.orders.words import day, error_words, is_passing, lower_first, step_words, times, when
from app.web.filters import duration

SERIOUS = ("failed", "dead_lettered")
PAID = "payment.captured"
POSTED = "erp.order.posted"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the line below the headline; figures stand out."""

    text: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """The state, the sentence, and the line that says what is next."""

    level: Level
    word: str
    sentence: str
    parts: tuple[Part, ...]


def write_headline(situation: Situation) -> Headline:
    """Say in one sentence where it is and why, and in the next line what happens now."""
    level, word = situation.judgement
    return Headline(level, word, f"{_sentence(situation)}.", tuple(_next(situation)))


def _sentence(situation: Situation) -> str:
    journey = situation.journey
    if journey.ending == "cancelled" and journey.cancelled_at is not None:
        last = _last_stage(situation)
        is_begun = last is not None and last.order > 0
        after = f", after it was {step_words(situation.flow, last.name)}" if last and is_begun else ""
        return f"Cancelled {_ago(situation, journey.cancelled_at)}{after}"
    need = situation.first_need
    if need is not None:
        return f"{_opening(situation)}{_trouble(situation, need)}"
    if situation.retrying:
        step, troubles = situation.retrying
        tried = f"{_attempts(len(troubles))} to {_say(situation, step)} failed"
        return f"{_opening(situation)}, {tried} and {_again(troubles)}"
    if situation.is_over and journey.closed_at is not None:
        done = [step_words(situation.flow, step) for step in situation.flow.completed_by if step in journey.reached]
        words = _list(sorted(done)) or "completed"
        return f"{words[:1].upper()}{words[1:]} {_ago(situation, journey.closed_at)}"
    if situation.is_provisional:
        return f"{_opening(situation)}, but no event has said yet which {situation.flow.kind} this belongs to"
    close = situation.close_due
    if close is not None and close.due_at is not None:
        left = duration((close.due_at - situation.at).total_seconds())
        return f"{_opening(situation)}, not {step_words(situation.flow, close.milestone.name)} yet, due in {left}"
    return f"{_opening(situation)}, nothing is wrong"


def _opening(situation: Situation) -> str:
    """What was last achieved that a customer would care about: paid, then the stages from the ERP on."""
    reached = situation.journey.reached
    last = _last_stage(situation)
    posted = situation.flow.by_name.get(POSTED)
    if PAID in reached and (last is None or posted is None or last.order < posted.order):
        return f"Paid {_ago(situation, reached[PAID])}"
    if last is not None:
        return f"{last.label} {_ago(situation, reached[last.name])}"
    return f"First seen {_ago(situation, situation.journey.opened_at)}"


def _last_stage(situation: Situation) -> Milestone | None:
    """The furthest milestone that was reached; mere queueing, and where its money is, say less."""
    reached = [one for one in situation.flow.milestones if one.name in situation.journey.reached]
    telling = [one for one in reached if one.name != "order.accepted" and one.impact == "revenue"]
    return next(reversed(telling or reached), None)


def _trouble(situation: Situation, need: Need) -> str:
    serious = [trouble for trouble in need.troubles if trouble.outcome in SERIOUS]
    if not serious:
        return _silence(situation, need)
    last = serious[-1]
    what = f": {error_words(last.error)}" if last.error else ""
    say = _say(situation, need.step)
    if need.kind == "dead-lettered":
        tries = len([trouble for trouble in need.troubles if trouble.outcome != "dead_lettered"])
        gave_up = f"after {_attempts(tries)} to {say}" if tries else f"while trying to {say}"
        return f", parked {gave_up}{what}"
    if is_passing(last.error):
        return f", {_attempts(len(need.troubles))} to {say} failed{what}"
    who = f" by {system_name(last.system)}" if last.system else ""
    return f", rejected{who} {times(len(serious))}{what}"


def _silence(situation: Situation, need: Need) -> str:
    milestone = situation.flow.by_name[need.step]
    words = step_words(situation.flow, need.step)
    if milestone.by_promise and situation.promised_at is not None:
        at = situation.at
        promised = when(situation.promised_at, at)
        broken = situation.promised_at <= at
        return f", not {words}: {'the promise was' if broken else 'promised for'} {promised}"
    return f", not {words} since"


def _again(troubles: tuple[Trouble, ...]) -> str:
    what = f": {error_words(troubles[-1].error)}" if troubles[-1].error else ""
    return ("are" if len(troubles) > 1 else "is") + f" tried again{what}"


def _next(situation: Situation) -> list[Part]:
    need = situation.first_need
    parts = _next_step(situation, need)
    owner = _owner(situation, need)
    if owner:
        parts.append(Part(f" Owner: {owner}."))
    return parts + _promise(situation)


def _next_step(situation: Situation, need: Need | None) -> list[Part]:
    if situation.is_over:
        return [Part("Nothing further is expected.")]
    if need is not None:
        lead = Part(f"Next: {_say(situation, need.step)}")
        if need.due_at is None:
            due = next((one for one in situation.expected if one.milestone.name == need.step), None)
            return [lead, *_by(situation, due)]
        late = duration((situation.at - need.due_at).total_seconds())
        return [lead, Part(", was due "), Part(when(need.due_at, situation.at), True), Part(", "),
                Part(f"{late} late", True), Part(".")]  # fmt: skip
    following = situation.expected[0] if situation.expected else None
    if following is None:
        return [Part("Nothing further is expected.")]
    return [Part(f"Next: {following.milestone.say}"), *_by(situation, following)]


def _by(situation: Situation, one: Expected | None) -> list[Part]:
    if one is None or one.due_at is None:
        return [Part(", no deadline runs.")]
    return [Part(", due by "), Part(when(one.due_at, situation.at), True), Part(".")]


def _owner(situation: Situation, need: Need | None) -> str:
    if need is not None:
        return need.cause.owner
    return situation.expected[0].milestone.owner if situation.expected else ""


def _promise(situation: Situation) -> list[Part]:
    """Until when the promise can be kept: the deadline of the last step that the margin before it allows."""
    promised_at, at = situation.promised_at, situation.at
    kept_by = [one for one in situation.expected if one.milestone.by_promise and one.due_at is not None]
    if promised_at is None or not kept_by or situation.is_over:
        return []
    if promised_at <= at:
        late = duration((at - promised_at).total_seconds())
        return [Part(" The promise of "), Part(day(promised_at), True), Part(f" was missed {late} ago.")]
    first, need = kept_by[0], situation.first_need
    if first.due_at is None or first.due_at <= at or need is None or _is_behind(situation, need, first.milestone):
        return []
    words = step_words(situation.flow, first.milestone.name)
    return [Part(f" The promise still holds if it is {words} before "), Part(when(first.due_at, at), True), Part(".")]


def _is_behind(situation: Situation, need: Need, kept_by: Milestone) -> bool:
    """Whether the trouble comes after what the promise hangs on, so that it does not endanger it."""
    step = situation.flow.by_name.get(need.step)
    return step is not None and step.order > kept_by.order


def _say(situation: Situation, step: str) -> str:
    known = situation.flow.steps.get(step)
    return known.say if known else lower_first(step.replace(".", " "))


def _ago(situation: Situation, moment: datetime) -> str:
    return f"{duration((situation.at - moment).total_seconds())} ago"


def _attempts(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"


def _list(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""
