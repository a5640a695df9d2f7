"""The pages of the catalogue: all definition sheets, and one sheet with its present answer."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.auth.dependencies import ViewerDep
from app.core.money import Money
from app.metrics.catalogue import CATALOGUE, ask, find_metric
from app.metrics.metric import Group, Metric, Value
from app.web.dependencies import AskedAtDep, SessionDep
from app.web.frame import FrameDep
from app.web.templating import page

router = APIRouter(prefix="/metrics-catalogue", include_in_schema=False)
MOST_GROUPS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the answer's parts."""

    name: str
    value: Value | Money


@router.get("")
def index(
    request: Request, frame: FrameDep, user: ViewerDep, q: Annotated[str, Query(max_length=200)] = ""
) -> HTMLResponse:
    words = q.lower().split()
    found = [metric for metric in CATALOGUE.values() if all(word in _text_of(metric) for word in words)]
    return page(request, "metrics/index.html", frame.titled("Metrics"), metrics=found, q=q.strip())


@router.get("/{name}")
def show(
    request: Request, name: str, frame: FrameDep, session: SessionDep, asked: AskedAtDep, user: ViewerDep
) -> HTMLResponse:
    metric = find_metric(name)
    answer = ask(session, name, asked.at, by=metric.dimensions[:1])
    currency = frame.reporting_currency
    return page(
        request,
        "metrics/show.html",
        frame.titled(metric.sheet.title),
        metric=metric,
        answer=answer,
        value=_figure(metric, answer.value, currency),
        low=_figure(metric, answer.low, currency),
        high=_figure(metric, answer.high, currency),
        dimension=next(iter(metric.dimensions), ""),
        parts=[_part(metric, group, currency) for group in answer.groups[:MOST_GROUPS]],
    )


def _text_of(metric: Metric) -> str:
    sheet = metric.sheet
    return " ".join((metric.name, sheet.title, sheet.question, sheet.counts, *metric.dimensions)).lower()


def _part(metric: Metric, group: Group, currency: str) -> Part:
    return Part(", ".join(group.by.values()), _figure(metric, group.value, currency))


def _figure(metric: Metric, value: Value, currency: str) -> Value | Money:
    return Money(int(value), currency) if metric.unit == "money" and value is not None else value
