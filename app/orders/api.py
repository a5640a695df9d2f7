"""The API of journeys: a filtered list, and one journey whole."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.auth.dependencies import require_scope
from app.core.errors import NotFoundError
from app.core.paging import Page
from app.core.terms import Terms
from app.journeys.catalogue import SHIPPED, flow_of_kind, load_flows
from app.journeys.queries import journey_at
from app.orders import answers
from app.orders.answers import JourneyPage, JourneyShown
from app.orders.filters import OrderFilter, read_filter
from app.orders.queries import list_orders
from app.orders.row import OrderRow
from app.orders.troubles import list_troubles
from app.series.rates import load_converter
from app.settings import Settings
from app.web.dependencies import AskedAtDep, SessionDep, parse_at
from app.web.error_answers import READ_ERRORS
from app.web.listing import CSV_TOO, AfterMark, AnswerFormat, FilterText, PageLimit, csv_answer, read_pages, wants_csv

router = APIRouter(
    prefix="/api/v1", tags=["journeys"], dependencies=[Depends(require_scope("read"))], responses=READ_ERRORS
)

KeyText = Annotated[str | None, Query(description="A key with its namespace.", examples=["order:SO-1001"])]
JourneyKind = Annotated[Literal["order", "return"], Query(description="Which kind of journey to list.")]
KnownTime = Annotated[str | None, Query(description="Only what had been received by then, keys included.")]


@router.get("/journeys", response_model=JourneyPage, responses=CSV_TOO)
def list_journeys(
    request: Request,
    session: SessionDep,
    asked: AskedAtDep,
    q: FilterText = "",
    key: KeyText = None,
    after: AfterMark = None,
    limit: PageLimit = 50,
    wanted_format: AnswerFormat = None,
    kind: JourneyKind = "order",
) -> JourneyPage | Response:
    """List journeys of one kind as of a time, newest first, by key or by text filter."""
    settings: Settings = request.app.state.settings
    wanted = with_key(read_filter(q), key)
    flow = flow_of_kind(kind, settings.flow_dir)
    converter = load_converter(session, asked.at, settings.reporting_currency)

    def read(mark: str | None, size: int) -> Page[OrderRow]:
        return list_orders(session, wanted, asked.at, flow, converter, after=mark, limit=size)

    if wants_csv(request, wanted_format):
        return csv_answer("journeys", answers.COLUMNS, map(answers.cells, read_pages(read, after)))
    page = read(after, limit)
    return JourneyPage(at=asked.at, rows=[answers.listed(row) for row in page.rows], after=page.after)


@router.get("/journeys/{journey_id}")
def show_journey(
    request: Request, journey_id: UUID, session: SessionDep, asked: AskedAtDep, known: KnownTime = None
) -> JourneyShown:
    """Show one journey as it stood at a time; a provisional one that found its order leads there."""
    settings: Settings = request.app.state.settings
    known_at: datetime | None = parse_at(known) if known else None
    view = journey_at(session, load_flows(settings.flow_dir or SHIPPED), journey_id, asked.at, known_at)
    if view is None:
        raise NotFoundError(f"there was no journey {journey_id} at that time", "Search for one of its keys.")
    troubles = list_troubles(view.flow, view.journey, asked.at)
    return answers.shown(view, troubles, asked.at, known_at)


def with_key(wanted: OrderFilter, key: str | None) -> OrderFilter:
    """Hold a filter to one key as well."""
    if key is None:
        return wanted
    terms = wanted.terms
    return OrderFilter(Terms(terms.words, {**terms.values, "key": (key,)}, terms.limits), wanted.status)
