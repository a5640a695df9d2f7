"""The API of the work-queue: exceptions one by one, and their groups by cause."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from app.auth.dependencies import require_scope
from app.core.paging import Page
from app.exceptions.filters import read_filter
from app.exceptions.levels import Level
from app.exceptions.members import ExceptionRow, list_exceptions
from app.exceptions.queries import ExceptionGroup, list_groups
from app.exceptions.selection import as_of
from app.settings import Settings
from app.web.dependencies import AskedAtDep, SessionDep
from app.web.error_answers import READ_ERRORS
from app.web.listing import (
    CSV_TOO,
    AfterMark,
    Amount,
    AnswerFormat,
    Cell,
    FilterText,
    PageLimit,
    amount_of,
    csv_answer,
    read_pages,
    wants_csv,
)

router = APIRouter(
    prefix="/api/v1", tags=["exceptions"], dependencies=[Depends(require_scope("read"))], responses=READ_ERRORS
)
COLUMNS = [
    "journey_id",
    "anchor",
    "channel",
    "step",
    "kind",
    "cause",
    "title",
    "owner",
    "opened_at",
    "closed_at",
    "since_at",
    "value",
    "currency",
]
GROUP_COLUMNS = [
    "cause",
    "title",
    "kind",
    "step",
    "owner",
    "action",
    "orders",
    "at_risk",
    "gross",
    "currency",
    "oldest_at",
    "level",
    "channels",
]


class ExceptionListed(BaseModel):
    """One exception as it was known at the asked time; `closed_at` is null while it was open or to come."""

    journey_id: UUID
    anchor: str
    channel: str
    step: str
    kind: str
    cause: str
    title: str
    owner: str
    action: str
    opened_at: datetime
    closed_at: datetime | None
    since_at: datetime
    started_at: datetime
    value: Amount | None


class ExceptionPage(BaseModel):
    """A page of exceptions; ask again with `after` for the next one, null on the last."""

    at: datetime
    rows: list[ExceptionListed]
    after: str | None


class GroupListed(BaseModel):
    """Open exceptions of one cause; `at_risk` is the part of the total attributed to it."""

    cause: str
    title: str
    kind: str
    step: str
    system: str
    owner: str
    action: str
    channels: list[str]
    orders: int
    at_risk: Amount | None
    gross: Amount | None
    coverage: float
    oldest_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    level: Level


class GroupPage(BaseModel):
    """Every group that the filter finds, the most money at risk first."""

    at: datetime
    rows: list[GroupListed]


@router.get("/exceptions", response_model=ExceptionPage, responses=CSV_TOO)
def list_all(
    request: Request,
    session: SessionDep,
    asked: AskedAtDep,
    q: FilterText = "",
    after: AfterMark = None,
    limit: PageLimit = 50,
    wanted_format: AnswerFormat = None,
) -> ExceptionPage | Response:
    """List exceptions as of a time, the last to open first; `status:` open, late, due or closed."""
    settings: Settings = request.app.state.settings
    wanted = read_filter(q)
    moment = as_of(session, asked.at, settings.reporting_currency)

    def read(mark: str | None, size: int) -> Page[ExceptionRow]:
        return list_exceptions(session, wanted, moment, after=mark, limit=size)

    if wants_csv(request, wanted_format):
        return csv_answer("exceptions", COLUMNS, map(_cells, read_pages(read, after)))
    page = read(after, limit)
    return ExceptionPage(at=asked.at, rows=[_listed(row) for row in page.rows], after=page.after)


@router.get("/exceptions/groups", response_model=GroupPage, responses=CSV_TOO)
def list_by_cause(
    request: Request, session: SessionDep, asked: AskedAtDep, q: FilterText = "", wanted_format: AnswerFormat = None
) -> GroupPage | Response:
    """List what is open as of a time by cause."""
    settings: Settings = request.app.state.settings
    groups = list_groups(session, read_filter(q), as_of(session, asked.at, settings.reporting_currency))
    if wants_csv(request, wanted_format):
        return csv_answer("exception-groups", GROUP_COLUMNS, map(_group_cells, groups))
    return GroupPage(at=asked.at, rows=[_group_listed(group) for group in groups])


def _listed(row: ExceptionRow) -> ExceptionListed:
    named = {name: getattr(row, name) for name in ExceptionListed.model_fields if name != "value"}
    return ExceptionListed(**named, value=amount_of(row.value))


def _group_listed(group: ExceptionGroup) -> GroupListed:
    named = {name: getattr(group, name) for name in GroupListed.model_fields}
    money = {"at_risk": amount_of(group.at_risk), "gross": amount_of(group.gross)}
    return GroupListed(**{**named, **money, "channels": list(group.channels)})


def _cells(row: ExceptionRow) -> list[Cell]:
    currency = row.value.currency if row.value else None
    return [
        str(row.journey_id),
        *(getattr(row, name) for name in COLUMNS[1:-2]),
        row.value,
        currency,
    ]


def _group_cells(group: ExceptionGroup) -> list[Cell]:
    currency = next((money.currency for money in (group.at_risk, group.gross) if money), None)
    told = {name: getattr(group, name) for name in GROUP_COLUMNS if name not in ("currency", "channels")}
    told |= {"currency": currency, "channels": " ".join(group.channels)}
    return [told[name] for name in GROUP_COLUMNS]
