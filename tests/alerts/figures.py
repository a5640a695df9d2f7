"""A tiny catalogue of made-up figures, and rules to go with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from alerts.dispatch import Outlet, Receiver
from alerts.readings import Metrics
from alerts.rules import Limit, Rule
from app.core.errors import PayloadError
from app.metrics.metric import Answer, Group
from app.models.alerts import AlertRule

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UNITS = {"revenue.at_risk": "money:GBP", "orders.late": "orders", "queue.depth": "messages"}
OUTLET = Outlet(
    (Receiver("ops@example.com", "email"), Receiver("hooks.example.com", "webhook")), "https://tower.example"
)


@dataclass
class Figures:
    """What each metric says from now on: a number, None, or a number for each part."""

    says: dict[str, Any] = field(default_factory=dict)
    age_seconds: float | None = 5.0
    questions: list[str] = field(default_factory=list)

    @property
    def metrics(self) -> Metrics:
        return Metrics(self.ask, lambda name: UNITS.get(name, "orders"))

    def ask(
        self,
        session: Session,
        name: str,
        ats: Sequence[datetime],
        *,
        by: Sequence[str] = (),
        where: Mapping[str, str] | None = None,
    ) -> list[Answer]:
        self.questions.append(name)
        said = self.says.get(name)
        if isinstance(said, Exception):
            raise said
        return [self._answer(said, at, by) for at in ats]

    def _answer(self, said: Any, at: datetime, by: Sequence[str]) -> Answer:
        if not isinstance(said, Mapping):
            extra = {"orders": 12, "gross": 500_000} if said is not None else {}
            return Answer(at, said, data_age_seconds=self.age_seconds, extra=extra)
        groups = tuple(
            Group({by[0]: part}, value, {"reason": "never"} if value is None else {}) for part, value in said.items()
        )
        known = [value for value in said.values() if value is not None]
        return Answer(at, sum(known), data_age_seconds=self.age_seconds, groups=groups)


def refuse(reason: str = "no such dimension") -> Exception:
    return PayloadError(reason)


def a_rule(**given: Any) -> Rule:
    """More than £1,000 at risk for two minutes; over when below £800 for five."""
    facts: dict[str, Any] = {
        "name": "revenue",
        "title": "Revenue at risk is high",
        "metric": "revenue.at_risk",
        "limit": Limit("above", Decimal(1000)),
        "clear": Limit("below", Decimal(800)),
        "for_seconds": 120,
        "clear_seconds": 300,
        "severity": "act",
        "owner": "Retail operations",
        "summary": "Revenue at risk is {value}.",
        "runbook": "Look at the largest cause.",
        **given,
    }
    return Rule(**facts)


DEFINITION: dict[str, Any] = {
    "name": "revenue",
    "title": "Revenue at risk is high",
    "metric": "revenue.at_risk",
    "when": {"above": 1000},
    "for": "2m",
    "clear": {"below": 800, "for": "5m"},
    "severity": "act",
    "owner": "Retail operations",
    "summary": "Revenue at risk is {value}.",
    "runbook": "Look at the largest cause.",
}


def add_rule(session: Session, **changes: Any) -> AlertRule:
    """Store a rule, switched on."""
    definition = {**DEFINITION, **changes}
    row = AlertRule(name=definition["name"], definition=definition, is_enabled=True, is_edited=False, updated_at=NOON)
    session.add(row)
    session.flush()
    return row
