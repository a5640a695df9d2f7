"""What the frame around every page shows: who, when, where, and the counts of the rail."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Request

from app.settings import Settings
from app.web.dependencies import DEFAULT_WINDOW, AskedAtDep, NowDep, SessionDep
from app.web.filters import preferred_locale
from app.web.user import CurrentUser


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One page's surroundings; `at` is None unless the page is asked about the past."""

    path: str
    query: str
    now: datetime
    retailer: str
    reporting_currency: str
    simulated: bool
    locale: str
    theme: str | None
    at: datetime | None = None
    window: str = DEFAULT_WINDOW
    user: CurrentUser | None = None
    counts: Mapping[str, int | None] = field(default_factory=dict)
    title: str = "Pharos"
    area: str = ""
    topics: tuple[str, ...] = ()

    @property
    def csrf(self) -> str:
        """The token that forms of this page carry."""
        return self.user.csrf if self.user else ""

    def titled(self, title: str, area: str = "", topics: tuple[str, ...] = ()) -> "Frame":
        """Make the page's own copy: heading, place in the menu, what it listens to."""
        return replace(self, title=title, area=area, topics=topics)

    def url_with(self, **changes: object) -> str:
        """Address this page with other query parameters; None takes one away."""
        kept = [(name, value) for name, value in parse_qsl(self.query) if name not in changes]
        added = [(name, str(value)) for name, value in changes.items() if value is not None]
        query = urlencode(kept + added)
        return f"{self.path}?{query}" if query else self.path

    def link(self, path: str, **parameters: object) -> str:
        """Address another page about the same moment and window."""
        carried = {name: value for name, value in parse_qsl(self.query) if name in ("at", "from")}
        chosen = {**carried, **parameters}
        query = urlencode({name: str(value) for name, value in chosen.items() if value is not None})
        return f"{path}?{query}" if query else path


def bare_frame(request: Request, now: NowDep) -> Frame:
    """Frame a page that needs no database: sign-in and errors."""
    settings: Settings = request.app.state.settings
    theme = request.cookies.get("theme")
    return Frame(
        path=request.url.path,
        query=request.url.query,
        now=now,
        retailer=settings.retailer,
        reporting_currency=settings.reporting_currency,
        simulated=settings.simulated,
        locale=preferred_locale(request.headers.get("accept-language", "")),
        theme=theme if theme in ("light", "dark") else None,
    )


def build_frame(request: Request, session: SessionDep, now: NowDep, asked: AskedAtDep) -> Frame:
    """Frame a page with the signed-in user and the counts of the rail as of the asked time."""
    frame = bare_frame(request, now)
    user: CurrentUser | None = request.app.state.identify(request, session, now)
    if user is None:
        return frame
    return replace(
        frame,
        at=asked.at if asked.is_past else None,
        window=request.query_params.get("from", DEFAULT_WINDOW),
        user=user,
        counts=request.app.state.rail_counts(session, asked),
    )


FrameDep = Annotated[Frame, Depends(build_frame)]
BareFrameDep = Annotated[Frame, Depends(bare_frame)]
