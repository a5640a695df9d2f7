"""Alerts and rules for programs."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from alerts import queries
from alerts.queries import AlertRow, RuleRow
from app.auth.dependencies import require_scope
from app.core.paging import MAX_LIMIT
from app.web.dependencies import AskedAtDep, SessionDep
from app.web.error_answers import READ_ERRORS

router = APIRouter(
    prefix="/api/v1", tags=["alerts"], dependencies=[Depends(require_scope("read"))], responses=READ_ERRORS
)


class AlertAnswer(BaseModel):
    """One alert; `value` is in the metric's own unit, and null when it was not kept or is unknown."""

    id: UUID
    rule: str
    title: str
    severity: str
    owner: str
    labels: Mapping[str, str]
    state: str
    sentence: str
    value: float | None
    unit: str
    began_at: datetime
    firing_at: datetime | None
    resolved_at: datetime | None


class AlertsAnswer(BaseModel):
    """A page of alerts, the latest to begin first."""

    at: datetime
    alerts: list[AlertAnswer]
    after: str | None


class RuleAnswer(BaseModel):
    """One rule with what its last evaluation said."""

    name: str
    title: str
    sentence: str
    severity: str
    owner: str
    metric: str
    is_enabled: bool
    is_edited: bool
    verdict: str
    parts: int
    evaluated_at: datetime | None
    error: str | None
    definition: Mapping[str, Any]


class RulesAnswer(BaseModel):
    """Every rule, as it stands now."""

    rules: list[RuleAnswer]


@router.get(
    "/alerts", response_model=AlertsAnswer, responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
)
def list_alerts(
    request: Request,
    session: SessionDep,
    asked: AskedAtDep,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    after: Annotated[str | None, Query(description="Where the page before ended.")] = None,
    format: Annotated[Literal["json", "csv"], Query()] = "json",
) -> AlertsAnswer | Response:
    """List alerts up to a time, as they stood then."""
    found = queries.list_alerts(session, asked.at, limit, after)
    answers = [_alert(row) for row in found.rows]
    if format == "csv" or request.headers.get("accept") == "text/csv":
        return _csv(answers, found.after)
    return AlertsAnswer(at=asked.at, alerts=answers, after=found.after)


@router.get("/rules")
def list_rules(session: SessionDep) -> RulesAnswer:
    """List the rules; what they said in the past is in the alerts they raised."""
    return RulesAnswer(rules=[_rule(row) for row in queries.list_rules(session)])


def _alert(row: AlertRow) -> AlertAnswer:
    return AlertAnswer(**{name: getattr(row, name) for name in AlertAnswer.model_fields})


def _rule(row: RuleRow) -> RuleAnswer:
    return RuleAnswer(**{name: getattr(row, name) for name in RuleAnswer.model_fields})


def _csv(answers: list[AlertAnswer], after: str | None) -> Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(AlertAnswer.model_fields))
    writer.writeheader()
    for answer in answers:
        plain = answer.model_dump(mode="json")
        plain["labels"] = " ".join(f"{name}:{value}" for name, value in sorted(answer.labels.items()))
        writer.writerow(plain)
    headers = {"X-Next-After": after} if after else {}
    return Response(text.getvalue(), media_type="text/csv", headers=headers)
