"""The pages of orders: the list, the search by any identifier, and the way to an order by one of its keys."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.auth.dependencies import ViewerDep
from app.core.errors import NotFoundError, PayloadError
from app.exceptions.names import channel_name
from app.journeys.catalogue import order_flow
from app.journeys.flow import Flow
from app.journeys.queries import find_by_key
from app.metrics.catalogue import ask
from app.orders import journey_pages
from app.orders.filters import read_filter
from app.orders.listed import describe_rows
from app.orders.queries import list_orders
from app.orders.search import search
from app.series.rates import load_converter
from app.settings import Settings
from app.web.dependencies import AskedAt, AskedAtDep, SessionDep
from app.web.forms import see_other
from app.web.frame import Frame, FrameDep
from app.web.templating import fragment, page

router = APIRouter(include_in_schema=False)

PAGE_ROWS = 50
SUGGESTED = ("status:exception", "status:late", "status:cancelled", "age:>1d", "value:>500")

FilterText = Annotated[str, Query(alias="q", max_length=500)]
AfterMark = Annotated[str | None, Query()]


@router.get("/orders")
def orders_page(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    _user: ViewerDep,
    asked: AskedAtDep,
    q: FilterText = "",
    after: AfterMark = None,
) -> HTMLResponse:
    framed = frame.titled("Orders", area="orders", topics=() if after else ("orders",))
    fault: PayloadError | None = None
    try:
        shown = _list(request, session, asked, q, after)
    except PayloadError as error:
        fault, shown = error, _no_rows(asked)
    shown |= {"q": q, "fault": fault, "suggestions": _suggest(frame, q)}
    return page(request, "orders/index.html", framed, status_code=422 if fault else 200, **shown)


@router.get("/orders/_list")
def list_fragment(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    _user: ViewerDep,
    asked: AskedAtDep,
    q: FilterText = "",
    after: AfterMark = None,
) -> HTMLResponse:
    return fragment(request, "orders/_list.html", frame, q=q, **_list(request, session, asked, q, after))


@router.get("/search")
def search_page(
    request: Request, frame: FrameDep, session: SessionDep, _user: ViewerDep, asked: AskedAtDep, q: FilterText = ""
) -> Response:
    found = search(session, q, asked.at, _flow(request))
    if found.journey_id is not None:
        return see_other(frame.link(f"/orders/{found.journey_id}"))
    return page(
        request,
        "orders/search.html",
        frame.titled("Search", area="orders"),
        found=found,
        at=asked.at,
        channel_name=channel_name,
    )


@router.get("/orders/by-key/{namespace}/{value:path}")
def redirect_by_key(
    frame: FrameDep, session: SessionDep, _user: ViewerDep, namespace: str, value: str
) -> RedirectResponse:
    found = find_by_key(session, f"{namespace}:{value}")
    if not found:
        raise NotFoundError(f"No order is known by {namespace} {value}", "Search for another of its numbers.")
    return see_other(frame.link(f"/orders/{found[0]}") if len(found) == 1 else frame.link("/search", q=value))


router.include_router(journey_pages.router)


def _list(request: Request, session: SessionDep, asked: AskedAt, q: str, after: str | None) -> dict[str, Any]:
    flow = _flow(request)
    converter = load_converter(session, asked.at, _settings(request).reporting_currency)
    found = list_orders(session, read_filter(q), asked.at, flow, converter, after=after, limit=PAGE_ROWS)
    rows = describe_rows(flow, found.rows, converter, asked.at)
    open_orders = ask(session, "orders.open", asked.at).value
    return {"rows": rows, "next": found.after, "after": after, "at": asked.at, "open_orders": open_orders}


def _no_rows(asked: AskedAt) -> dict[str, Any]:
    return {"rows": [], "next": None, "after": None, "at": asked.at, "open_orders": None}


def _suggest(frame: Frame, q: str) -> list[dict[str, Any]]:
    """Filters that are asked for every day, and teach the language."""
    wanted = {"": "All", **{term: term for term in SUGGESTED}}
    return [{"href": frame.link("/orders", q=term or None), "text": text, "current": term == q.strip()}
            for term, text in wanted.items()]  # fmt: skip


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _flow(request: Request) -> Flow:
    return order_flow(_settings(request).flow_dir)
