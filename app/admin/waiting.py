"""Pages of what waits: the keys that events wait under, for an order or a return that nobody knows yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.admin.sections import admin_tabs
from app.auth.dependencies import ViewerDep
from app.events.fact import Fact
from app.journeys.catalogue import SHIPPED, load_flows
from app.journeys.flow import Flow
from app.journeys.unmatched import (
    WaitingKey,
    count_by_namespace,
    find_waiting_key,
    list_waiting_events,
    list_waiting_keys,
)
from app.metrics.catalogue import ask
from app.orders.words import fact_words, step_words
from app.web.dependencies import AskedAtDep, SessionDep
from app.web.filters import count
from app.web.frame import Frame, FrameDep
from app.web.templating import page

PATH = "/admin/waiting"
MOST_NAMED = 3

router = APIRouter(prefix=PATH, include_in_schema=False)

Sort = Annotated[Literal["longest", "latest"], Query()]
AfterMark = Annotated[str | None, Query()]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as the list shows it: what its latest events say, and who sent them."""

    one: WaitingKey
    steps: str
    senders: str
    href: str


@router.get("")
def index(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: ViewerDep,
    asked: AskedAtDep,
    q: Annotated[str, Query(max_length=200)] = "",
    of: Annotated[str | None, Query(max_length=100)] = None,
    sort: Sort = "longest",
    after: AfterMark = None,
) -> HTMLResponse:
    words, namespace = clean(q), clean(of or "") or None
    newest_first = sort == "latest"
    found = list_waiting_keys(session, words, asked.at, namespace=namespace, newest_first=newest_first, after=after)
    unmatched, flows = ask(session, "events.unmatched", asked.at), _flows(request)
    return page(
        request,
        "admin/waiting.html",
        frame.titled("Unmatched events", area="admin"),
        tabs=admin_tabs(user.role, PATH),
        rows=[_row(frame, flows, one) for one in found.rows],
        total=unmatched.value,
        oldest_at=unmatched.extra.get("oldest_at"),
        at=asked.at,
        q=words,
        of=namespace,
        namespaces=_namespaces(frame, count_by_namespace(session, asked.at), namespace),
        sort=sort,
        sorts=_sorts(frame, sort),
        next_href=frame.url_with(after=found.after) if found.after else None,
    )


@router.get("/key")
def one_key(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: ViewerDep,
    asked: AskedAtDep,
    key: Annotated[str, Query(max_length=500)] = "",
    kind: Annotated[str, Query(max_length=50)] = "order",
    sort: Sort = "longest",
    after: AfterMark = None,
) -> HTMLResponse:
    key, kind = clean(key), clean(kind)
    found = list_waiting_events(session, key, kind, asked.at, newest_first=sort == "latest", after=after)
    flow = _flows(request).get(kind)
    return page(
        request,
        "admin/waiting_key.html",
        frame.titled("Unmatched events", area="admin"),
        tabs=admin_tabs(user.role, PATH),
        one=find_waiting_key(session, key, kind, asked.at),
        key=key,
        kind=kind,
        rows=[(uid, fact, fact_words(flow, fact) if flow else fact.step) for uid, fact in found.rows],
        at=asked.at,
        sort=sort,
        sorts=_sorts(frame, sort),
        next_href=frame.url_with(after=found.after) if found.after else None,
    )


def clean(words: str) -> str:
    """Take out what no key can hold."""
    return words.replace("\x00", "").strip()


def _namespaces(frame: Frame, counts: Mapping[str, int], chosen: str | None) -> list[dict[str, object]]:
    """What the keys are numbers of, as filters."""
    names: dict[str | None, str] = {
        None: "All keys",
        **{name: f"{name} {count(number)}" for name, number in counts.items()},
    }
    return [
        {"href": frame.url_with(of=name, after=None), "text": text, "current": name == chosen}
        for name, text in names.items()
    ]


def _row(frame: Frame, flows: Mapping[str, Flow], one: WaitingKey) -> KeyRow:
    flow = flows.get(one.kind)
    return KeyRow(
        one,
        steps=_few(_words(flow, fact) for fact in one.facts),
        senders=_few(fact.source for fact in one.facts),
        href=frame.link(f"{PATH}/key", key=one.key, kind=one.kind),
    )


def _words(flow: Flow | None, fact: Fact) -> str:
    return step_words(flow, fact.step) if flow else fact.step


def _few(names: Iterable[str]) -> str:
    """Each once, and no more than a few of them."""
    every = list(dict.fromkeys(names))
    return ", ".join(every[:MOST_NAMED]) + (f" and {len(every) - MOST_NAMED} more" if len(every) > MOST_NAMED else "")


def _sorts(frame: Frame, sort: str) -> list[dict[str, object]]:
    names = {"longest": "Longest first", "latest": "Latest first"}
    return [
        {"href": frame.url_with(sort=name, after=None), "text": text, "current": name == sort}
        for name, text in names.items()
    ]


def _flows(request: Request) -> dict[str, Flow]:
    return {flow.kind: flow for flow in load_flows(request.app.state.settings.flow_dir or SHIPPED)}
