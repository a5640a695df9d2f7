"""The page of alerts: what fires, the rules in words, the log of deliveries, and the two changes one may make."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from alerts import commands, queries
from alerts.dispatch import outlet_of
from app.auth.dependencies import OperatorDep, ViewerDep
from app.settings import Settings
from app.web.dependencies import AskedAtDep, NowDep, SessionDep
from app.web.forms import see_other
from app.web.frame import FrameDep
from app.web.templating import fragment, page

router = APIRouter(prefix="/alerts", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Route:
    """Whom the default route tells, and what is missing for it to work."""

    receivers: tuple[str, ...]
    missing: str


@router.get("")
def alerts_page(
    request: Request, frame: FrameDep, session: SessionDep, user: ViewerDep, asked: AskedAtDep
) -> HTMLResponse:
    return page(
        request,
        "alerts/index.html",
        frame.titled("Alerts", area="alerts", topics=("alerts",)),
        board=queries.read_board(session, asked.at),
        rules=queries.list_rules(session),
        notifications=queries.list_notifications(session, asked.at),
        route=_route(request.app.state.settings),
        at=asked.at,
        may_change=user.role != "viewer" and not asked.is_past,
    )


@router.get("/_list")
def list_fragment(
    request: Request, frame: FrameDep, session: SessionDep, _user: ViewerDep, asked: AskedAtDep
) -> HTMLResponse:
    board = queries.read_board(session, asked.at)
    return fragment(request, "alerts/_list.html", frame, board=board, at=asked.at)


@router.get("/_rules")
def rules_fragment(
    request: Request, frame: FrameDep, session: SessionDep, user: ViewerDep, asked: AskedAtDep
) -> HTMLResponse:
    may_change = user.role != "viewer" and not asked.is_past
    rules = queries.list_rules(session)
    return fragment(request, "alerts/_rules.html", frame, rules=rules, at=asked.at, may_change=may_change)


@router.get("/_log")
def log_fragment(
    request: Request, frame: FrameDep, session: SessionDep, _user: ViewerDep, asked: AskedAtDep
) -> HTMLResponse:
    notifications = queries.list_notifications(session, asked.at)
    return fragment(request, "alerts/_log.html", frame, notifications=notifications, at=asked.at)


@router.post("/rules/{name}/switch")
def switch_rule(
    request: Request,
    session: SessionDep,
    user: OperatorDep,
    now: NowDep,
    name: str,
    is_enabled: Annotated[bool, Form()],
) -> RedirectResponse:
    outlet = outlet_of(request.app.state.settings)
    commands.set_rule_enabled(session, name, is_enabled, outlet, by=user.email, at=now)
    return see_other("/alerts#rules")


@router.post("/tests")
def send_test(request: Request, session: SessionDep, user: OperatorDep, now: NowDep) -> RedirectResponse:
    commands.send_test(session, outlet_of(request.app.state.settings), by=user.email, at=now)
    return see_other("/alerts#log")


def _route(settings: Settings) -> Route:
    missing = []
    if settings.mail_to and not settings.smtp_url.get_secret_value():
        missing.append("PHAROS_SMTP_URL is not set, so that no mail can be sent.")
    if settings.webhook_url and not settings.webhook_secret.get_secret_value():
        missing.append("PHAROS_WEBHOOK_SECRET is not set, so that posted alerts are not signed.")
    receivers = tuple(receiver.name for receiver in outlet_of(settings).receivers)
    if not receivers:
        missing.append("Nobody is told: set PHAROS_MAIL_TO with PHAROS_SMTP_URL, or PHAROS_WEBHOOK_URL.")
    return Route(receivers, " ".join(missing))
