"""The tower: the page, and its regions, each of which refreshes by itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from app.auth.dependencies import ViewerDep
from app.tower.board import Board
from app.web.dependencies import AskedAtDep, SessionDep
from app.web.frame import FrameDep
from app.web.templating import fragment, page

router = APIRouter(prefix="/tower", include_in_schema=False)


def board(request: Request, frame: FrameDep, session: SessionDep, asked: AskedAtDep, _user: ViewerDep) -> Board:
    """Get ready to ask what this page or region shows."""
    state = request.app.state
    return Board(session, state.tower_memory, asked, frame, state.settings)


BoardDep = Annotated[Board, Depends(board, scope="function")]


@router.get("")
def tower_page(request: Request, board: BoardDep) -> HTMLResponse:
    frame = board.frame.titled("Tower", area="tower", topics=("tower",))
    regions = board.regions("strip", "headline", "map", "first", "trend", "changes")
    return page(request, "tower/index.html", frame, **regions)


@router.get("/_strip")
def strip_fragment(request: Request, board: BoardDep) -> HTMLResponse:
    return fragment(request, "tower/_strip.html", board.frame, **board.regions("strip"))


@router.get("/_headline")
def headline_fragment(request: Request, board: BoardDep) -> HTMLResponse:
    return fragment(request, "tower/_headline.html", board.frame, **board.regions("headline"))


@router.get("/_map")
def map_fragment(request: Request, board: BoardDep) -> HTMLResponse:
    return fragment(request, "tower/_map.html", board.frame, **board.regions("map"))


@router.get("/_first")
def first_fragment(request: Request, board: BoardDep) -> HTMLResponse:
    return fragment(request, "tower/_first.html", board.frame, **board.regions("first"))


@router.get("/_trend")
def trend_fragment(request: Request, board: BoardDep) -> HTMLResponse:
    return fragment(request, "tower/_trend.html", board.frame, **board.regions("trend"))


@router.get("/_changes")
def changes_fragment(request: Request, board: BoardDep) -> HTMLResponse:
    return fragment(request, "tower/_changes.html", board.frame, **board.regions("changes"))
