"""The pages of connectors and queues, and the regions of them that refresh themselves."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from app.auth.dependencies import viewer
from app.web.charts import Series, chart_rows, figure_json, line_chart
from app.web.dependencies import AskedAt, AskedAtDep, SessionDep
from app.web.frame import FrameDep
from app.web.templating import fragment, page
from collectors.findings import deepest, find_in_connectors, find_in_depths, find_in_queues
from collectors.queries import chart_depths, list_connectors, list_queues
from collectors.rules import STALE_SECONDS

router = APIRouter(dependencies=[Depends(viewer)], include_in_schema=False)


@router.get("/connectors")
def connectors_page(request: Request, session: SessionDep, frame: FrameDep, asked: AskedAtDep) -> HTMLResponse:
    """Show every connector with its lamp."""
    frame = frame.titled("Connectors", area="connectors", topics=("connectors",))
    return page(request, "connectors/index.html", frame, **_connectors(session, asked))


@router.get("/connectors/_table")
def connectors_table(request: Request, session: SessionDep, frame: FrameDep, asked: AskedAtDep) -> HTMLResponse:
    """Show the table alone."""
    return fragment(request, "connectors/_table.html", frame, **_connectors(session, asked))


@router.get("/queues")
def queues_page(request: Request, session: SessionDep, frame: FrameDep, asked: AskedAtDep) -> HTMLResponse:
    """Show every queue with its drain time, and how deep they were."""
    frame = frame.titled("Queues", area="queues", topics=("queues",))
    return page(request, "queues/index.html", frame, **_queues(session, asked), **_depths(session, asked))


@router.get("/queues/_table")
def queues_table(request: Request, session: SessionDep, frame: FrameDep, asked: AskedAtDep) -> HTMLResponse:
    """Show the table alone."""
    return fragment(request, "queues/_table.html", frame, **_queues(session, asked))


@router.get("/queues/_depth")
def queues_depth(request: Request, session: SessionDep, frame: FrameDep, asked: AskedAtDep) -> HTMLResponse:
    """Show the chart alone."""
    return fragment(request, "queues/_depth.html", frame, **_depths(session, asked))


def _connectors(session: SessionDep, asked: AskedAt) -> dict[str, Any]:
    rows = list_connectors(session, asked.at)
    silence = min((row.silence_seconds for row in rows), default=0.0)
    return {
        "rows": rows,
        "at": asked.at,
        "finding": find_in_connectors(rows) if rows else None,
        "stale_seconds": silence if silence > STALE_SECONDS else None,
    }


def _queues(session: SessionDep, asked: AskedAt) -> dict[str, Any]:
    rows = list_queues(session, asked.at)
    age = min(((asked.at - row.sampled_at).total_seconds() for row in rows), default=0.0)
    return {
        "rows": rows,
        "at": asked.at,
        "finding": find_in_queues(rows) if rows else None,
        "stale_seconds": age if age > STALE_SECONDS else None,
    }


def _depths(session: SessionDep, asked: AskedAt) -> dict[str, Any]:
    depths = chart_depths(session, asked.at, asked.window)
    lit = {row.name for row in list_queues(session, asked.at) if row.lamp.level == "act"}
    shown = [Series(name, depths[name], "act" if name in lit else "quiet") for name in deepest(depths)]
    return {
        "figure": figure_json(line_chart(shown, "", "")) if shown else None,
        "figure_title": find_in_depths(depths, asked.window),
        "figure_rows": chart_rows(shown, "") if shown else [],
    }
