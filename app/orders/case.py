"""Everything that the page of one order shows, as of a time, in a handful of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.exceptions.curves import current_losses
from app.journeys.queries import HeldKey, JourneyView, Related, list_related
from app.metrics.catalogue import ask
from app.orders.aside import Aside, describe_aside
from app.orders.headline import Headline, write_headline
from app.orders.rules import Need, Situation, judge
from app.orders.safe_answer import SafeAnswer, write_answer
from app.orders.stages import StageNote, list_stages
from app.orders.timeline import EventLine, find_gap, list_dues, list_lines, list_steps
from app.orders.words import error_words, step_words, when
from app.orders.worth import Worth, read_worth
from app.series.rates import load_converter
from app.web.filters import duration
from app.web.lanes import Due, Gap, Step

USUAL_WINDOW = timedelta(hours=24)
_WORDS = {"failed": "Failed", "overdue": "Overdue", "dead-lettered": "Parked"}


@dataclass(frozen=True, slots=True)
class NeedNote:
    """A step that needs help, as the page tells it; `orders` have the same cause."""

    id: str
    need: Need
    word: str
    say: str
    age_seconds: float
    text: str
    orders: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """One order as of a time, ready to be shown."""

    view: JourneyView
    situation: Situation
    headline: Headline
    stages: list[StageNote]
    answer: SafeAnswer | None
    steps: list[Step]
    dues: list[Due]
    gap: Gap | None
    lines: list[EventLine]
    worth: Worth
    needs: list[NeedNote]
    related: list[Related]

    @property
    def title(self) -> str:
        """What the page is called."""
        if self.view.is_provisional:
            return self.view.anchor.replace(":", " ")
        return f"{self.view.kind.capitalize()} {self.view.name}"

    @property
    def aside(self) -> Aside:
        """What stands beside the journey."""
        return describe_aside(self.view, self.situation, self.worth, self.answer, self.related)

    @property
    def contended(self) -> tuple[HeldKey, ...]:
        """Keys that more than one order claims."""
        return self.view.keys_of("contended")


def read_case(session: Session, view: JourneyView, at: datetime, currency: str) -> Case:
    """Put together what the page shows of a journey."""
    situation = judge(view.flow, view.journey, at, is_provisional=view.is_provisional)
    facts = view.facts
    return Case(
        view=view,
        situation=situation,
        headline=write_headline(situation),
        stages=list_stages(situation),
        answer=write_answer(situation, view.name, _tracking(view)),
        steps=list_steps(situation, facts),
        dues=list_dues(situation, facts),
        gap=find_gap(situation, facts, _usual_seconds(session, situation)),
        lines=list_lines(situation, facts),
        worth=read_worth(situation, facts, load_converter(session, at, currency), current_losses()),
        needs=_need_notes(session, situation),
        related=list_related(session, view, at),
    )


def read_lines(view: JourneyView, at: datetime) -> list[EventLine]:
    """The lines of the event table alone."""
    return list_lines(judge(view.flow, view.journey, at, is_provisional=view.is_provisional), view.facts)


def _tracking(view: JourneyView) -> str | None:
    """The parcel's number, when there is just one parcel."""
    numbers = [key.value for key in view.keys_of("tied") if key.namespace == "tracking"]
    return numbers[0] if len(numbers) == 1 else None


def _usual_seconds(session: Session, situation: Situation) -> float | None:
    """How long the step that is waited for usually takes in this channel."""
    need = situation.first_need
    if need is None or need.step not in situation.flow.by_name:
        return None
    where = {"step": need.step, "channel": situation.journey.channel}
    usual = ask(session, "latency", situation.at, window=USUAL_WINDOW, where=where).extra.get("p50")
    return float(usual) if usual is not None else None


def _need_notes(session: Session, situation: Situation) -> list[NeedNote]:
    causes = {need.cause.id for need in situation.needs if not need.follows}
    orders = {cause: _orders(session, cause, situation.at) for cause in causes}
    return [_note(situation, need, orders.get(need.cause.id)) for need in situation.needs]


def _orders(session: Session, cause: str, at: datetime) -> int | None:
    value = ask(session, "exceptions.open", at, where={"cause": cause}).value
    return int(value) if value is not None else None


def _note(situation: Situation, need: Need, orders: int | None) -> NeedNote:
    step = situation.flow.steps.get(need.step)
    return NeedNote(
        id=f"need-{need.step.replace('.', '-')}",
        need=need,
        word=_WORDS[need.kind],
        say=step.say if step else need.step.replace(".", " "),
        age_seconds=(situation.at - need.since_at).total_seconds(),
        text=" ".join(_sentences(situation, need)),
        orders=None if need.follows else orders,
    )


def _sentences(situation: Situation, need: Need) -> Sequence[str]:
    if need.follows:
        earlier = situation.flow.steps.get(need.follows)
        first = earlier.say if earlier else step_words(situation.flow, need.follows)
        return (f"Follows from the trouble to {first}; closes by itself.",)
    told = [trouble for trouble in need.troubles if trouble.error]
    what = error_words(told[-1].error) if told else need.cause.title
    sentences = [f"{what[:1].upper()}{what[1:]}."]
    if need.due_at is not None:
        late = duration((situation.at - need.due_at).total_seconds())
        sentences.append(f"Was due {when(need.due_at, situation.at)}, {late} late.")
    return sentences
