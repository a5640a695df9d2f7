"""What stands at stake behind an alert, asked of the metric catalogue at the moments that its message speaks of."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.notifier import Stake
from alerts.readings import Metrics
from app.metrics.metric import Answer, Group
from app.models.exceptions import Cause

DIMENSIONS = ("channel", "step", "cause", "owner", "system", "age")
RISK, DELAYED = "revenue.at_risk", "revenue.cash_delayed"


def stakes_at(
    session: Session, metrics: Metrics, metric: str, labels: Mapping[str, str], times: Sequence[datetime]
) -> list[Stake]:
    """Ask for money, orders and the largest cause, within the labels that money knows of."""
    where = {name: value for name, value in labels.items() if name in DIMENSIONS}
    name = DELAYED if metric == DELAYED else RISK
    answers = metrics.ask(session, name, times, by=("cause",), where=where)
    is_whole = len(where) < len(labels)
    # The largest cause of all orders need have nothing to do with a queue or a connector.
    largest = [None if is_whole else _largest(answer) for answer in answers]
    causes = _causes(session, {group.by["cause"] for group in largest if group})
    currency = metrics.unit(name).partition(":")[2]
    return [
        _stake(answer, group, causes.get(group.by["cause"]) if group else None, currency, is_whole)
        for answer, group in zip(answers, largest, strict=True)
    ]


def _largest(answer: Answer) -> Group | None:
    return max(answer.groups, key=lambda group: (group.value or 0, group.extra.get("orders") or 0), default=None)


def _causes(session: Session, ids: set[str]) -> dict[str, Cause]:
    if not ids:
        return {}
    return {cause.id: cause for cause in session.scalars(select(Cause).where(Cause.id.in_(ids)))}


def _stake(answer: Answer, group: Group | None, cause: Cause | None, currency: str, is_whole: bool) -> Stake:
    return Stake(
        at=answer.at,
        currency=currency,
        risk_minor=_minor(answer.value),
        low_minor=_minor(answer.low),
        high_minor=_minor(answer.high),
        coverage=answer.coverage,
        gross_minor=answer.extra.get("gross"),
        orders=answer.extra.get("orders"),
        cause=cause.title if cause else None,
        cause_orders=group.extra.get("orders") if group else None,
        cause_minor=_minor(group.value) if group else None,
        cause_owner=cause.owner if cause else None,
        action=cause.action if cause else None,
        is_whole=is_whole,
    )


def _minor(value: int | float | None) -> int | None:
    return None if value is None else int(value)
