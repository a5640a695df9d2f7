"""What rules ask: the questions of many rules put together, and the answers taken apart again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.rules import Number, Rule
from app.exceptions.bands import BANDS
from app.metrics.metric import Answer, Group

Labels = tuple[tuple[str, str], ...]
# metric, by, where
Question = tuple[str, tuple[str, ...], Labels]

# Sums, of which a part that is not listed is nothing; of everything else a missing part is unknown.
SUMS = (
    "revenue.at_risk",
    "revenue.cash_delayed",
    "orders.late",
    "orders.failing",
    "orders.due_soon",
    "orders.open",
    "exceptions.open",
)
# Counts that are nothing, and not unknown, where they are asked for one part alone in which nothing happens.
COUNTS = (*SUMS, "orders.in_flight", "orders.reached", "throughput")
# A group of these says what the metric says of that part alone. Not of queues and connectors, whose parts have an age
# of their own, nor of values in flight, of which a part without a rate is not listed.
PARTED = (*COUNTS, "arrivals.age", "failure.rate", "latency")
# An order's age is that of what is asked about, so it cannot be parted by age first and narrowed afterwards.
AGE = "age"
_BANDS = {band.name for band in BANDS}


@dataclass(frozen=True, slots=True)
class Parts:
    """An answer by labels; `rest` is the value of what is not listed."""

    by_labels: Mapping[Labels, Answer | Group]
    rest: Number | None
    age_seconds: float | None

    def value(self, labels: Labels) -> Number | None:
        """Read one part."""
        part = self.by_labels.get(labels)
        return part.value if part is not None else self.rest


def questions_of(rule: Rule) -> list[Question]:
    """What a rule asks: its own metric first, then its guards'."""
    guards = [guard.metric for guard in (rule.also, rule.enough) if guard is not None]
    return [(metric, rule.by, rule.where) for metric in (rule.metric, *guards)]


def put_together(questions: Iterable[Question]) -> dict[Question, list[Question]]:
    """Choose what to ask, with the questions that each answer holds: rules that differ only in their part share one."""
    held: dict[Question, list[Question]] = {}
    for question in dict.fromkeys(questions):
        held.setdefault(_widened(question), []).append(question)
    return {wide if len(narrow) > 1 else narrow[0]: narrow for wide, narrow in held.items()}


def take_apart(question: Question, asked: Question, answer: Answer) -> Parts:
    """Read a question's parts out of the answer to what was asked for it."""
    if question == asked:
        return _whole(question, answer)
    metric, by, where = question
    wanted = dict(where)
    # A part without a name is what the dimension does not apply to.
    parts: dict[Labels, Answer | Group] = {
        _labels({name: group.by[name] for name in by}): group
        for group in answer.groups
        if all(group.by[name] == value for name, value in wanted.items()) and all(group.by[name] for name in by)
    }
    has_facts = answer.data_age_seconds is not None
    if not by and () not in parts:
        parts[()] = Group({}, 0 if metric in COUNTS and has_facts else None)
    is_known = has_facts and (not parts or any(part.value is not None for part in parts.values()))
    return Parts(parts, 0 if metric in SUMS and is_known else None, answer.data_age_seconds)


def _widened(question: Question) -> Question:
    metric, by, where = question
    wanted = dict(where)
    if metric not in PARTED or not _is_parted_by_age(by, wanted):
        return question
    return metric, tuple(sorted({*by, *wanted})), ()


def _is_parted_by_age(by: tuple[str, ...], wanted: Mapping[str, str]) -> bool:
    """Whether age, where it is asked about, is parted by or narrowed to, with nothing narrowed beside it."""
    if AGE not in wanted:
        return AGE not in by or not wanted
    return AGE not in by and len(wanted) == 1 and wanted[AGE] in _BANDS


def _whole(question: Question, answer: Answer) -> Parts:
    metric, by, _ = question
    rest = 0 if metric in SUMS and answer.value is not None else None
    parts: dict[Labels, Answer | Group] = {(): answer}
    if by:
        parts = {_labels(group.by): group for group in answer.groups if all(group.by.values())}
    return Parts(parts, rest, answer.data_age_seconds)


def _labels(by: Mapping[str, str]) -> Labels:
    """Write the parts of a label set in one order."""
    return tuple(sorted(by.items()))
